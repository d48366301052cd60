/* cli/cmd_tap.c - what passes here: rows of a running job, as they leave an
 * operator. The job keeps them as text and is asked for them again and again; it
 * stops keeping some when nobody asks. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cmd.h"
#include "say.h"
#include "target.h"
#include "term.h"

enum {
    COUNT = 20, /* rows, when nobody says how many */
    ASK_EVERY_MS = 200,
    QUIET_MS = 3000, /* with nothing, until that is said */
    GONE_MS = 5000,  /* a job that is started again may be away so long */
    OP_MAX = 400,    /* bytes of an operator's name */
    QUESTION_MAX = 4 * OP_MAX,
    BATCH_MAX = 160,
};

struct tap {
    struct target target;
    const char *op;  /* NULL: which ones there are */
    long long count; /* of rows; 0: until the end */
    /* what has come */
    char since[24];        /* for the next question */
    char batch[BATCH_MAX]; /* shown last */
    long long rows;
    int quiet_ms, gone_ms; /* nothing came, nobody was there, for so long */
};

/* ------------------------------------------------------------- its arguments */

static int count_read(struct tap *tap, const char *text)
{
    char *end;
    errno = 0;
    tap->count = strtoll(text, &end, 10);
    if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0)
        return EXIT_FINE;
    return say(EXIT_USAGE,
               "--count %s: a number of rows; 0 goes on until Ctrl-C", text);
}

/* A folder, or HOST:PORT. Names of operators have colons, too. */
static bool is_job(const char *arg)
{
    struct stat st;
    const char *colon = strrchr(arg, ':');
    if (stat(arg, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    if (strncmp(arg, "http://", 7) == 0)
        return true;
    return colon && colon[1] && !strpbrk(arg, " (\"") &&
           colon[1 + strspn(colon + 1, "0123456789")] == '\0';
}

static bool takes_value(const char *arg)
{
    return strcmp(arg, "--token-file") == 0 || strcmp(arg, "--state") == 0;
}

/* What one argument that is no option means. */
static int word_read(struct tap *tap, const char **job, const char *arg)
{
    if (tap->op)
        return say(EXIT_USAGE, "usage: rivulet tap %s", cmd_tap.args);
    if (!*job && (is_job(arg) || !target_of_environment()))
        *job = arg;
    else
        tap->op = arg;
    return EXIT_FINE;
}

/* Options of its own and the operator; the others are those of status. */
static int args_split(struct tap *tap, int argc, char **argv, int *ret_n,
                      char **rest)
{
    const char *job = NULL;
    int n = 0, code = EXIT_FINE;
    for (int i = 0; i < argc && code == EXIT_FINE; i++) {
        const char *was = job;
        if (strcmp(argv[i], "--count") == 0) {
            code = i + 1 < argc
                       ? count_read(tap, argv[++i])
                       : say(EXIT_USAGE, "a value is missing behind --count");
            continue;
        }
        if (i > 0 && argv[i][0] != '-')
            code = word_read(tap, &job, argv[i]);
        if (i == 0 || argv[i][0] == '-' || job != was)
            rest[n++] = argv[i];
        if (takes_value(argv[i]) && i + 1 < argc) {
            if (strcmp(argv[i], "--state") == 0)
                job = argv[i + 1];
            rest[n++] = argv[++i];
        }
    }
    *ret_n = n;
    return code;
}

/* --------------------------------------------------------------- a question */

/* For a URL. */
static void encode(const char *text, char *to, size_t room)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;
    for (; *text && n + 4 < room; text++) {
        const unsigned char c = (unsigned char)*text;
        const bool is_plain =
            (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!is_plain)
            to[n++] = '%';
        to[n++] = is_plain ? (char)c : hex[c >> 4];
        if (!is_plain)
            to[n++] = hex[c & 15];
    }
    to[n] = '\0';
}

static int ask(const struct tap *tap, struct answer *ret)
{
    char line[QUESTION_MAX], path[QUESTION_MAX], op[3 * OP_MAX + 8];
    const char *form = tap->target.json ? "json" : "lines";
    const char *name = tap->op ? tap->op : "";
    encode(name, op, sizeof op);
    snprintf(line, sizeof line, "tap %s %s %s\n", form, tap->since, name);
    snprintf(path, sizeof path, "/tap?form=%s&since=%s&op=%s", form, tap->since,
             op);
    return target_ask(&tap->target,
                      &(struct question){ .line = line, .path = path }, ret);
}

/* ---------------------------------------------------------------- an answer */

/* What is no row: dim on a terminal, else a comment. */
static void put_aside(riv_str text)
{
    const bool has_colour = term_has_colour();
    fputs(has_colour ? "\033[2m" : "# ", stdout);
    say_put(stdout, text);
    fputs(has_colour ? "\033[0m\n" : "\n", stdout);
}

static void put_json(const struct tap *tap, const char *field, riv_str value)
{
    printf("{\"time\":%s,\"%s\":", tap->batch, field);
    say_put(stdout, value);
    puts("}");
}

/* Its time, once. */
static void batch_take(struct tap *tap, riv_str text)
{
    char batch[BATCH_MAX];
    snprintf(batch, sizeof batch, RIV_S, RIV_P(text));
    if (strcmp(batch, tap->batch) == 0)
        return;
    memcpy(tap->batch, batch, sizeof batch);
    if (!tap->target.json && strcmp(batch, "0") != 0)
        put_aside(text);
}

static void row_take(struct tap *tap, char mark, riv_str row)
{
    tap->rows++;
    tap->quiet_ms = 0;
    if (tap->target.json) {
        put_json(tap, mark == 'c' ? "cut" : "row", row);
        return;
    }
    say_put(stdout, row);
    putchar('\n');
}

static void more_take(struct tap *tap, riv_str text)
{
    if (tap->target.json)
        put_json(tap, "more", text);
    else
        put_aside(text);
}

static void line_take(struct tap *tap, riv_str line)
{
    const riv_str text = { line.p + 1, line.n - 1 };
    switch (line.p[0]) {
    case 'N':
        snprintf(tap->since, sizeof tap->since, RIV_S, RIV_P(text));
        break;
    case 'G':
        fprintf(stderr,
                "rivulet: " RIV_S " lines of the sample came too fast to be "
                "fetched\n",
                RIV_P(text));
        break;
    case 'B': batch_take(tap, text); break;
    case 'M': more_take(tap, text); break;
    default: row_take(tap, line.p[0], text); break;
    }
}

static bool has_all(const struct tap *tap)
{
    return tap->count > 0 && tap->rows >= tap->count;
}

static void answer_take(struct tap *tap, const struct answer *answer)
{
    riv_str rest = { answer->p, answer->n }, line;
    while (!has_all(tap) && riv_cut(&rest, '\n', &line)) {
        if (line.n > 0)
            line_take(tap, line);
    }
}

/* The question was wrong, or, behind a "!", nobody has an answer. */
static int refused(const struct tap *tap, const struct answer *answer)
{
    const size_t n = strcspn(answer->p + 1, "\n");
    char text[4096];
    snprintf(text, sizeof text, "%.*s", (int)n, answer->p + 1);
    return say(
        strncmp(text, "no operator", 11) == 0 ? EXIT_USAGE : EXIT_UNAVAIL,
        "%s: %s", tap->target.job, text);
}

/* ----------------------------------------------------------- the whole of it */

static int list_show(const struct tap *tap, const struct answer *answer)
{
    riv_str rest = { answer->p, answer->n }, line;
    if (tap->target.json) {
        say_put(stdout, (riv_str){ rest.p, rest.n > 0 ? rest.n - 1 : 0 });
        putchar('\n');
        return EXIT_FINE;
    }
    while (riv_cut(&rest, '\n', &line)) {
        if (line.n <= 1)
            continue;
        say_put(stdout, (riv_str){ line.p + 1, line.n - 1 });
        putchar('\n');
    }
    return EXIT_FINE;
}

static void wait_ms(int ms)
{
    const struct timespec pause = { .tv_nsec = ms * 1000000L };
    nanosleep(&pause, NULL);
}

/* Once each time it begins. */
static void quiet_say(struct tap *tap)
{
    tap->quiet_ms += ASK_EVERY_MS;
    if (tap->quiet_ms != QUIET_MS)
        return;
    fprintf(stderr,
            "rivulet: nothing has left %s for %d s; waiting (Ctrl-C ends; "
            "rivulet status says what holds the job up)\n",
            tap->op, QUIET_MS / 1000);
}

static int no_job(const struct tap *tap)
{
    if (tap->since[0] != '-')
        return say(EXIT_UNAVAIL, "%s: the job has ended", tap->target.job);
    return say(EXIT_UNAVAIL,
               "no job runs on %s; rivulet status shows what the last one has "
               "left",
               tap->target.job);
}

/* True: ask again. A job that a supervisor starts again is away for a moment. */
static bool is_away(struct tap *tap, int code)
{
    const bool was_there = tap->since[0] != '-';
    if (code != -1 || !was_there || tap->gone_ms >= GONE_MS)
        return false;
    tap->gone_ms += ASK_EVERY_MS;
    return true;
}

/* One question. True: there is to be another. */
static bool look(struct tap *tap, int *ret_code)
{
    struct answer answer = { NULL, 0 };
    const int code = ask(tap, &answer);
    *ret_code = code;
    if (code != EXIT_FINE) {
        free(answer.p);
        return is_away(tap, code);
    }
    tap->gone_ms = 0;
    bool goes_on = false;
    if (answer.n > 0 && (answer.p[0] == '-' || answer.p[0] == '!')) {
        *ret_code = refused(tap, &answer);
    } else if (!tap->op) {
        *ret_code = list_show(tap, &answer);
    } else {
        answer_take(tap, &answer);
        goes_on = !has_all(tap) && fflush(stdout) == 0;
    }
    free(answer.p);
    return goes_on;
}

static int tap_run(int argc, char **argv)
{
    struct tap tap = { .target = { .wants_json = true },
                       .count = COUNT,
                       .since = "-" };
    char **rest = calloc((size_t)argc + 1, sizeof *rest);
    int n = 0, code;
    if (!rest)
        return say(EXIT_SYSTEM, "no memory");
    code = args_split(&tap, argc, argv, &n, rest);
    if (code == EXIT_FINE)
        code = target_read(&tap.target, &cmd_tap, n, rest);
    free(rest);
    if (code != EXIT_FINE)
        return code == -1 ? EXIT_FINE : code;
    if (tap.op && (strlen(tap.op) > OP_MAX || strpbrk(tap.op, "\r\n")))
        return say(EXIT_USAGE,
                   "that is no name of an operator; rivulet tap %s "
                   "lists them",
                   tap.target.job);
    while (look(&tap, &code)) {
        quiet_say(&tap);
        wait_ms(ASK_EVERY_MS);
    }
    return code == -1 ? no_job(&tap) : code;
}

const struct cmd cmd_tap = {
    .name = "tap",
    .args = "[--count N] [--json] [STATE-DIR | ADDRESS] [OPERATOR]",
    .line = "shows rows of a running job as they pass an operator",
    .help =
        "What passes here? Rows as they leave an operator of a running job, which goes\n"
        "on as it is. Without OPERATOR: the list of those whose rows can be seen. An\n"
        "OPERATOR is a uid, a name as the list has it, the name of a function, or a\n"
        "number as in rivulet plan.\n"
        "\n"
        "A row is a line of CSV, what is no row begins with \"# \": the time of a batch,\n"
        "and how many more rows it had. It is a sample: the first 64 rows of a batch,\n"
        "32 KiB of their text, 4 KiB of one. Control characters are shown as \\xNN, a\n"
        "backslash as two. A task that is tried again shows its rows again.\n"
        "\n"
        "  --count N          ends after N rows (20); 0: goes on until Ctrl-C\n"
        "  --json             an object a line: {\"time\":T,\"row\":ROW},\n"
        "                     {\"time\":T,\"more\":N}; a row that is too long: \"cut\"\n"
        "  --token-file FILE  the file that the job has as http.token_file\n"
        "\n"
        "The job is found as by rivulet status. At an ADDRESS it shows rows only with a\n"
        "token, or if it has http.tap=yes.\n"
        "\n"
        "Exit code 69: no job runs there, it has ended, or it shows no rows; 64: there\n"
        "is no such operator.\n"
        "\n"
        "Examples:\n"
        "  rivulet tap /var/lib/job\n"
        "  rivulet tap --count 5 /var/lib/job 3\n"
        "  rivulet tap --count 0 /var/lib/job by_sensor | grep sensor-7",
    .run = tap_run,
};
