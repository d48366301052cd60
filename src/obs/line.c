/* obs/line.c - lines of the log in three forms. */
#include "obs/line.h"

#include "base/macro.h"
#include "base/str.h"
#include "obs/put.h"

enum { SHOWN_MAX = 4 * 1024 };

/* By RIV_LOG_*; priorities are syslog's. */
static const struct {
    const char *name;
    int priority;
} levels[] = {
    { "notice", 5 }, { "error", 3 }, { "warning", 4 },
    { "info", 6 },   { "debug", 7 },
};

static size_t level_of(const struct riv_line *line)
{
    return RIV__MIN((size_t)line->level, RIV__LEN(levels) - 1);
}

static void put_text(struct riv_buf *to, const struct riv_line *line,
                     const char *shown)
{
    const char *name = line->level ? levels[level_of(line)].name : "";
    riv__buf_printf(to, "rivulet: %s%s%s", name, *name ? ": " : "", shown);
}

/* RFC 3339, always with milliseconds: programs like it the same every time. */
static void put_time(struct riv_buf *to, int64_t ms)
{
    char text[RIV__PUT_TEXT];
    riv__text_time(text, ms - ms % 1000);
    text[10] = 'T';
    riv__buf_printf(to, "%s.%03dZ", text, (int)(ms % 1000));
}

static void put_json(struct riv_buf *to, const struct riv_line *line,
                     const char *shown)
{
    riv__buf_str(to, "{\"time\":\"");
    put_time(to, RIV__MAX(line->wall_ms, 0));
    riv__buf_printf(
        to, "\",\"level\":\"%s\",\"job\":", levels[level_of(line)].name);
    riv__put_json(to, line->job);
    riv__buf_str(to, ",\"message\":");
    riv__put_json(to, shown);
    riv__buf_char(to, '}');
}

void riv__line_put(struct riv_buf *to, enum riv_line_form form,
                   const struct riv_line *line)
{
    char shown[SHOWN_MAX] = "";
    if (form != RIV__LINE_TEXT)
        riv__str_show(shown, sizeof shown, riv_cstr(line->text));
    if (form == RIV__LINE_SYSTEMD)
        riv__buf_printf(to, "<%d>", levels[level_of(line)].priority);
    if (form == RIV__LINE_JSON)
        put_json(to, line, shown);
    else
        put_text(to, line, *shown ? shown : line->text);
    riv__buf_char(to, '\n');
}
