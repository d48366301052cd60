/* conf/ini.c - settings from the text of a file, read by libinih: lines "name =
 * value", comments that begin a line with # or ; and sections: "interval" below
 * "[batch]" is batch.interval. What libinih would pass over in silence is
 * looked for first: control characters, lines it cuts, values that go on in the
 * next line. */
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "conf/conf.h"

/* libinih reads lines into an array of INI_MAX_LINE bytes, end included. */
enum { LINE_MAX_BYTES = 190, PATH_SHOWN = 80, FULL_NAME = 128 };

struct reading {
    struct riv_conf *conf;
    const char *path;
    riv_str rest;             /* not yet given to libinih */
    int line;                 /* the last line given, from 1 */
    int seen[RIV__PROPS_MAX]; /* line of each setting, 0: not yet */
    struct riv_err *err;
    int rc; /* of the first error */
};

static int fail(struct reading *in, const char *what)
{
    return riv__err_set(in->err, RIV_EINVAL, "%s:%d: %s", in->path, in->line,
                        what);
}

static riv_str cut_line(riv_str *rest)
{
    const char *end = memchr(rest->p, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->p) + 1 : rest->n;
    riv_str line = riv__str(rest->p, n);
    *rest = riv__str(rest->p + n, rest->n - n);
    return line;
}

static bool has_control(riv_str line)
{
    for (size_t i = 0; i < line.n; i++) {
        unsigned char c = (unsigned char)line.p[i];
        if (c == 0x7f || (c < 0x20 && !strchr("\t\r\n", c)) || c == 0)
            return true;
    }
    return false;
}

/* A line that libinih would read otherwise than its writer meant. */
static int check_line(struct reading *in, riv_str line)
{
    riv_str text = riv__str_trim(line);
    if (line.n > LINE_MAX_BYTES)
        return fail(in, "the line is longer than 190 bytes");
    if (has_control(line))
        return fail(in, "a control character; settings are plain text");
    if (text.n == 0 || text.p[0] == '#' || text.p[0] == ';')
        return 0;
    if (text.p != line.p)
        return fail(in, "begins with a blank; a setting begins at the left");
    if (text.p[0] == '[')
        return memchr(text.p, ']', text.n) ? 0
                                           : fail(in, "\"[\" without \"]\"");
    if (!memchr(text.p, '=', text.n) && !memchr(text.p, ':', text.n))
        return fail(in, "no setting: lines are \"name = value\"");
    return 0;
}

static int check_lines(struct reading *in, riv_str text)
{
    while (text.n > 0) {
        in->line++;
        RIV__TRY(check_line(in, cut_line(&text)));
    }
    in->line = 0;
    return 0;
}

/* libinih's fgets. check_lines has seen that every line fits. */
static char *next_line(char *dst, int room, void *stream)
{
    struct reading *in = stream;
    if (in->rest.n == 0 || in->rc < 0 || room < 1)
        return NULL;
    riv_str line = cut_line(&in->rest);
    size_t n = RIV__MIN(line.n, (size_t)room - 1);
    memcpy(dst, line.p, n);
    dst[n] = '\0';
    in->line++;
    return dst;
}

/* A setting that stands there twice is a mistake: which one is meant? */
static int check_twice(struct reading *in, riv_str name)
{
    const struct riv_prop *prop = riv__prop_find(name);
    if (!prop)
        return 0; /* riv__conf_set says so, and better */
    int *seen = &in->seen[prop - riv__props];
    if (*seen > 0)
        return riv__err_set(in->err, RIV_EINVAL,
                            "%s:%d: %s is set already in line %d", in->path,
                            in->line, prop->name, *seen);
    *seen = in->line;
    return 0;
}

static int set(struct reading *in, riv_str name, const char *value)
{
    char place[RIV__ORIGIN_MAX];
    RIV__TRY(check_twice(in, name));
    snprintf(place, sizeof place, "%.*s:%d", PATH_SHOWN, in->path, in->line);
    return riv__conf_set(in->conf, name, riv_cstr(value), RIV__LAYER_FILE,
                         place, in->err);
}

static int on_value(void *user, const char *section, const char *name,
                    const char *value)
{
    struct reading *in = user;
    char full[FULL_NAME];
    int n = snprintf(full, sizeof full, "%s%s%s", section, *section ? "." : "",
                     name);
    if (in->rc == 0 && n > 0)
        in->rc = set(in, riv__str(full, RIV__MIN((size_t)n, sizeof full - 1)),
                     value);
    return in->rc == 0;
}

int riv__conf_file(struct riv_conf *conf, const char *path, riv_str text,
                   struct riv_err *err)
{
    struct reading in = {
        .conf = conf, .path = path, .rest = text, .err = err
    };
    if (text.n > RIV__CONF_FILE_MAX)
        return riv__err_set(err, RIV_EINVAL,
                            "%s: %zu bytes, 1 MiB is the limit for settings",
                            path, text.n);
    RIV__TRY(check_lines(&in, text));
    int line = ini_parse_stream(next_line, &in, on_value, &in);
    if (in.rc < 0)
        return in.rc;
    if (line == 0)
        return 0;
    in.line = RIV__MAX(line, 0);
    return fail(&in, "cannot be read");
}
