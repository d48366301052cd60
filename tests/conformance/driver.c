/* driver.c - runs lines of conformance data (README.md) on 1, 2 and 4 threads,
 * prints each that is not as expected, and ends with "N passed, N failed".
 *
 *   driver [--known COVERAGE.tsv] [--only ID] FILE.jsonl ...
 *
 * With --known it is a test: a line must do what the table says of it. "pass"
 * and "different" must pass, "missing" must not any more when it passes. */
#include "conformance.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORDS_MAX = 240 };

static const int threads[] = { 1, 2, 4 };

struct tally {
    int passed, failed, different;
    int missing; /* of the failed: the table says so */
    int stale;   /* missing by the table, but they pass */
    int broken;  /* not missing by the table, but they fail */
};

static json_t *known; /* id -> word of the table; NULL: no table */
static const char *only;

/* ------------------------------------------------------------------ a run */

int64_t param(const struct run *run, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(run->params, name);
    return json_is_integer(v) ? (int64_t)json_integer_value(v) : otherwise;
}

const json_t *member(const struct run *run, const char *name)
{
    return json_object_get(run->line, name);
}

void wrong(struct run *run, const char *fmt, ...)
{
    va_list ap;
    if (run->why[0])
        return;
    va_start(ap, fmt);
    vsnprintf(run->why, sizeof run->why, fmt, ap);
    va_end(ap);
}

static char *words_of(const json_t *v)
{
    char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text && strlen(text) > WORDS_MAX)
        snprintf(text + WORDS_MAX - 3, 4, "...");
    return text;
}

void wrong_values(struct run *run, const char *what, const json_t *want,
                  const json_t *got)
{
    char *a = words_of(want), *b = words_of(got);
    wrong(run, "%s\n    expected %s\n    found    %s", what, a ? a : "nothing",
          b ? b : "nothing");
    free(a);
    free(b);
}

static void run_fini(struct run *run)
{
    json_decref(run->got);
    json_decref(run->normal);
    json_decref(run->snapshots);
    json_decref(run->partitions);
    riv_free(run->r);
    pool_fini(&run->pool);
}

static void run_line(struct run *run)
{
    const char *op = json_string_value(member(run, "op"));
    bool stream = member(run, "batch_ms") != NULL;
    if (!stream)
        run->line = run->normal = line_normal(run->line);
    run->params = member(run, "params");
    if (!op || !member(run, "in"))
        wrong(run, "no op, or no in");
    else if (!run_rates(run, op) &&
             !(stream ? run_stream(run, op) : run_rdd(run, op)))
        wrong(run, "not in this version, or unknown");
}

/* ---------------------------------------------------------------- reports */

/* A line "RD-06.2" of rows.jsonl belongs to the row RD-06, which stands in the
 * table as "RD-06 row" where there is a line of that name, too. */
static const char *known_as(const char *id)
{
    const char *word = json_string_value(json_object_get(known, id));
    const char *dot = strchr(id, '.');
    char name[64];
    if (word || !dot)
        return word;
    snprintf(name, sizeof name, "%.*s row", (int)(dot - id), id);
    word = json_string_value(json_object_get(known, name));
    name[dot - id] = '\0';
    return word ? word : json_string_value(json_object_get(known, name));
}

/* As a test it speaks TAP, where other lines are comments. */
static void say(const char *id, const char *op, int on, const char *why)
{
    const char *mark = known ? "# " : "";
    printf("%s%s %s", mark, id, op);
    if (on > 0)
        printf(" (%d threads)", on);
    printf(": ");
    for (; *why; why++) {
        putchar(*why);
        if (*why == '\n')
            fputs(mark, stdout);
    }
    putchar('\n');
}

static void count(struct tally *tally, const char *id, const char *op,
                  const struct run *run, int on)
{
    const char *word = known_as(id);
    bool missing = word && strcmp(word, "missing") == 0;
    bool failed = run->why[0] != '\0';
    tally->passed += !failed;
    tally->failed += failed;
    tally->different += !failed && run->weaker;
    if (failed && missing)
        tally->missing++;
    else if (failed)
        tally->broken++;
    if (failed && !missing)
        say(id, op, on, run->why);
    if (!failed && missing) {
        tally->stale++;
        say(id, op, 0, "passes; the table still says missing");
    }
    if (known && !word)
        tally->broken++, say(id, op, 0, "not in the table");
}

static void run_case(struct tally *tally, const json_t *line)
{
    const char *id = json_string_value(json_object_get(line, "id"));
    const char *op = json_string_value(json_object_get(line, "op"));
    struct run last = { 0 };
    int on = 0;
    id = id ? id : "?";
    if (only && strcmp(only, id) != 0)
        return;
    for (size_t i = 0; i < 3 && !last.why[0]; i++) {
        struct run run = { .line = line, .threads = threads[i] };
        run_line(&run);
        run_fini(&run);
        last = run;
        on = strncmp(run.why, "not in", 6) == 0 ? 0 : threads[i];
    }
    count(tally, id, op ? op : "?", &last, on);
}

/* ------------------------------------------------------------------- files */

static bool run_file(struct tally *tally, const char *path)
{
    char *text = NULL;
    size_t room = 0, number = 0;
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "conformance: cannot read %s\n", path);
        return false;
    }
    while (getline(&text, &room, f) > 0) {
        json_error_t err;
        number++;
        if (text[strspn(text, " \t\r\n")] == '\0')
            continue;
        json_t *line = json_loads(text, JSON_ALLOW_NUL, &err);
        if (line) {
            run_case(tally, line);
        } else {
            printf("%s:%zu: %s\n", path, number, err.text);
            tally->failed++, tally->broken++;
        }
        json_decref(line);
    }
    free(text);
    fclose(f);
    return true;
}

static bool read_known(const char *path)
{
    char *text = NULL;
    size_t room = 0;
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "conformance: cannot read %s\n", path);
        return false;
    }
    known = json_object();
    while (getline(&text, &room, f) > 0) {
        riv_str rest = riv_cstr(text), id, word;
        rest.n -= rest.n > 0;
        if (riv_cut(&rest, '\t', &id) && riv_cut(&rest, '\t', &word)) {
            char name[64];
            snprintf(name, sizeof name, RIV_S, RIV_P(id));
            json_object_set_new(known, name, json_stringn(word.p, word.n));
        }
    }
    free(text);
    fclose(f);
    return true;
}

static int finish(const struct tally *tally)
{
    const char *mark = known ? "# " : "";
    bool as_said = !tally->broken && !tally->stale && tally->passed;
    if (tally->different)
        printf("%s%d of those that passed are held to what the notes ask for\n",
               mark, tally->different);
    if (known)
        printf("1..1\n%sok 1 - lines_do_what_the_table_says\n"
               "# %d missing, %d regressions, %d to be marked pass\n",
               as_said ? "" : "not ", tally->missing, tally->broken,
               tally->stale);
    printf("%s%d passed, %d failed\n", mark, tally->passed, tally->failed);
    return known ? !as_said : tally->failed || !tally->passed;
}

int main(int argc, char **argv)
{
    struct tally tally = { 0 };
    bool fine = true;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 1; i < argc && fine; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--known") == 0 && more)
            fine = read_known(argv[++i]);
        else if (strcmp(argv[i], "--only") == 0 && more)
            only = argv[++i];
        else
            fine = run_file(&tally, argv[i]);
    }
    int rc = fine ? finish(&tally) : 66;
    json_decref(known);
    return rc;
}
