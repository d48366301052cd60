/* tests/letters/kafka_test.c - what is said of a record of Kafka that a function
 * refuses: topic, partition and offset of its message, and its line or record
 * there. Whole jobs against the client library's mock brokers, which leave no gaps
 * between offsets: src/connect/lanes_test.c and tests/kafka have those. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rivulet/kafka.h>

#include "base/test.h"
#include "connect/kafka_mock.h"

enum { TEXT_MAX = 1 << 14, FLUSH_MS = 60000 };

struct fix {
    rd_kafka_t *rk;
    rd_kafka_mock_cluster_t *brokers;
    char dir[32];
    char text[TEXT_MAX];
    size_t n;
};

static int start(void **state)
{
    struct fix *fix = calloc(1, sizeof *fix);
    fix->rk = kafka_mock(&fix->brokers);
    assert_int_equal(rd_kafka_mock_topic_create(fix->brokers, "t", 2, 1), 0);
    memcpy(fix->dir, "/tmp/rivXXXXXX", 15);
    assert_non_null(mkdtemp(fix->dir));
    *state = fix;
    return 0;
}

static int remove_one(const char *path, const struct stat *stat, int flag,
                      struct FTW *ftw)
{
    (void)stat, (void)flag, (void)ftw;
    return remove(path);
}

static int finish(void **state)
{
    struct fix *fix = *state;
    assert_int_equal(nftw(fix->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    rd_kafka_destroy(fix->rk);
    free(fix);
    return 0;
}

static void produce(struct fix *fix, int32_t partition, const char *key,
                    riv_str value)
{
    const rd_kafka_vu_t part[] = {
        { .vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = "t" },
        { .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition },
        { .vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY },
        { .vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = 1700000000123 },
        { .vtype = RD_KAFKA_VTYPE_VALUE,
          .u.mem = { (void *)(uintptr_t)value.p, value.n } },
        { .vtype = RD_KAFKA_VTYPE_KEY,
          .u.mem = { (void *)(uintptr_t)key, strlen(key) } },
    };
    assert_null(rd_kafka_produceva(fix->rk, part, sizeof part / sizeof *part));
    assert_int_equal(rd_kafka_flush(fix->rk, FLUSH_MS), 0);
}

static void put(struct fix *fix, int32_t partition, const char *value)
{
    produce(fix, partition, "", riv_cstr(value));
}

/* ------------------------------------------------------------------ the jobs */

RIV_PAIR(entry, riv_str, int64_t);

static int refuses = 'x', dies;

/* Refuses a line with the byte that is not wanted. */
RIV_MAP(parse, riv_str, entry);
static int parse(const riv_str *line, entry *out, riv_task *t)
{
    if (line->n > 0 && memchr(line->p, refuses, line->n))
        return riv_fail(t, "no \"%c\"", refuses);
    *out = (entry){ *line, (int64_t)line->n };
    return 0;
}

RIV_MAP(value_of, riv_kafka_record, riv_str);
static int value_of(const riv_kafka_record *in, riv_str *out, riv_task *t)
{
    if (in->value.n > 0 && *in->value.p == '!')
        return riv_fail(t, "an exclamation");
    *out = in->value;
    return 0;
}

RIV_MAP(key_of, riv_kafka_record, entry);
static int key_of(const riv_kafka_record *in, entry *out, riv_task *t)
{
    (void)t;
    *out = (entry){ in->key, (int64_t)in->value.n };
    return 0;
}

RIV_FILTER(short_keyed, entry);
static int short_keyed(const entry *in, riv_task *t)
{
    return in->val == 2 ? riv_fail(t, "two") : 1;
}

RIV_MAP(length_of, entry, int64_t);
static int length_of(const entry *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = in->val;
    return 0;
}

RIV_FILTER(not_three, int64_t);
static int not_three(const int64_t *in, riv_task *t)
{
    return *in == 3 ? riv_fail(t, "three") : 1;
}

RIV_FOREACH(act, entry);
static int act(const entry *in, riv_task *t)
{
    (void)in;
    return dies ? riv_die(t, "died") : 0;
}

static const riv_opt letters_opt = { .struct_size = sizeof letters_opt,
                                     .on_error = RIV_DEAD_LETTER };

static void lines_job(riv *r, const char *uri)
{
    riv_ds *in = riv_text(r, uri, RIV_OPT(.uid = "in"));
    riv_foreach(riv_map(in, parse_fn, &letters_opt), act_fn, NULL);
}

static void numbers_job(riv *r, const char *uri)
{
    riv_ds *in = riv_text(r, uri, RIV_OPT(.uid = "in"));
    riv_ds *lengths = riv_map(riv_map(in, parse_fn, NULL), length_of_fn, NULL);
    riv_print(riv_filter(lengths, not_three_fn, &letters_opt), 1);
}

static void rows_job(riv *r, const char *uri)
{
    riv_ds *in = riv_kafka(r, uri, RIV_OPT(.uid = "in"));
    riv_ds *values = riv_map(in, value_of_fn, &letters_opt);
    riv_print(riv_map(values, parse_fn, &letters_opt), 1);
    riv_print(
        riv_filter(riv_map(in, key_of_fn, NULL), short_keyed_fn, &letters_opt),
        1);
}

static void failing_job(riv *r, const char *uri)
{
    riv_print(riv_map(riv_text(r, uri, NULL), parse_fn, NULL), 1);
}

static void skipping_job(riv *r, const char *uri)
{
    riv_print(riv_map(riv_text(r, uri, NULL), parse_fn,
                      RIV_OPT(.on_error = RIV_SKIP)),
              1);
}

RIV_MAP(source_of, riv_bad_record, riv_str);
static int source_of(const riv_bad_record *in, riv_str *out, riv_task *t)
{
    const char *hash = memchr(in->source.p, '#', in->source.n);
    assert_non_null(hash);
    const int n = (int)(in->source.p + in->source.n - hash);
    *out = riv_fmt(t, "%.*s %lld", n, hash, (long long)in->offset);
    return 0;
}

static void bad_job(riv *r, const char *uri)
{
    riv_ds *in = riv_text(r, uri, NULL);
    riv_print(riv_map(riv_bad(riv_map(in, parse_fn, &letters_opt)),
                      source_of_fn, NULL),
              100);
}

/* -------------------------------------------------------------- running them */

static void add(struct fix *fix, const char *text, size_t n)
{
    assert_true(fix->n + n < TEXT_MAX);
    memcpy(fix->text + fix->n, text, n);
    fix->n += n;
    fix->text[fix->n] = '\0';
}

/* Printed lines that say where. */
static void hear(void *arg, int level, const char *line)
{
    if (level != RIV_LOG_OUTPUT || *line != '#')
        return;
    add(arg, line, strlen(line));
    add(arg, "\n", 1);
}

struct wish {
    void (*job)(riv *r, const char *uri);
    const char *rest; /* of the URI */
    const char *set, *value;
    bool stateless;
    int code;
    const char *says;
};

static void run(struct fix *fix, const struct wish *wish)
{
    char uri[256];
    fix->n = 0;
    riv *r = riv_new(
        RIV_CONFIG(.threads = 2, .batch_ms = 100, .log = hear, .log_arg = fix,
                   .checkpoint = wish->stateless ? NULL : fix->dir));
    if (wish->set)
        riv_set(r, wish->set, wish->value);
    snprintf(uri, sizeof uri, "kafka://%s/%s",
             rd_kafka_mock_cluster_bootstraps(fix->brokers), wish->rest);
    wish->job(r, uri);
    riv_run(r);
    if (riv_error(r) != wish->code)
        fail_msg("%d \"%s\"", riv_error(r), riv_errmsg(r));
    if (wish->says && !strstr(riv_errmsg(r), wish->says))
        fail_msg("\"%s\" has no \"%s\"", riv_errmsg(r), wish->says);
    riv_free(r);
}

static void run_job(struct fix *fix, void (*job)(riv *r, const char *uri),
                    const char *rest)
{
    run(fix, &(struct wish){ .job = job, .rest = rest });
}

static int show_letter(void *arg, const riv_letter *letter)
{
    char line[512];
    const int n = snprintf(
        line, sizeof line, RIV_S "/%d %lld %s%lld %lld-%lld " RIV_S "|%.*s\n",
        RIV_P(letter->topic), (int)letter->partition, (long long)letter->offset,
        letter->is_row ? "record" : "line", (long long)letter->number,
        (long long)letter->offset_first, (long long)letter->offset_last,
        RIV_P(letter->uid), (int)(letter->raw.n < 20 ? letter->raw.n : 20),
        letter->raw.p);
    assert_non_null(memmem(letter->source.p, letter->source.n, "kafka://", 8));
    assert_null(memchr(letter->source.p, '#', letter->source.n));
    add(arg, line, (size_t)n);
    return 0;
}

static int by_line(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Letters of two operators, or inputs, come as their tasks end. */
static void sort_lines(struct fix *fix)
{
    enum { LINES_MAX = 64 };
    static char copy[TEXT_MAX];
    char *line[LINES_MAX], *rest;
    size_t n = 0;
    memcpy(copy, fix->text, fix->n + 1);
    for (char *p = strtok_r(copy, "\n", &rest); p && n < LINES_MAX;
         p = strtok_r(NULL, "\n", &rest))
        line[n++] = p;
    qsort(line, n, sizeof *line, by_line);
    fix->n = 0;
    for (size_t i = 0; i < n; i++) {
        add(fix, line[i], strlen(line[i]));
        add(fix, "\n", 1);
    }
}

static void letters_are(struct fix *fix, const char *want)
{
    fix->n = 0;
    fix->text[0] = '\0';
    riv *r = riv_new(RIV_CONFIG(.checkpoint = fix->dir));
    assert_int_equal(riv_letters(r, show_letter, fix), RIV_OK);
    riv_free(r);
    sort_lines(fix);
    assert_string_equal(fix->text, want);
}

/* ----------------------------------------------------------------- the tests */

static void a_line_has_its_message_and_its_line_there(void **state)
{
    struct fix *fix = *state;
    put(fix, 1, "fine");
    put(fix, 1, "x1");
    put(fix, 1, "fine\nx2\nfine\nx3");
    put(fix, 1, "x4\n");
    refuses = 'x';
    run_job(fix, lines_job, "t?until=end");
    letters_are(fix, "t/1 1 line0 -1--1 parse|x1\n"
                     "t/1 2 line2 -1--1 parse|x2\n"
                     "t/1 2 line4 -1--1 parse|x3\n"
                     "t/1 3 line0 -1--1 parse|x4\n");
}

/* Read where the library has put it, but for its last bytes. */
static void a_line_of_a_large_message_is_counted(void **state)
{
    enum { LINES = 3000, BYTES = 10 };
    struct fix *fix = *state;
    static char value[LINES * BYTES];
    for (size_t i = 0; i < LINES; i++)
        memcpy(value + i * BYTES, "123456789\n", BYTES);
    put(fix, 0, "x0");
    value[0] = value[(LINES - 1) * BYTES] = value[1500 * BYTES] = 'x';
    for (int i = 0; i < 3; i++)
        produce(fix, 0, "", (riv_str){ value, sizeof value });
    refuses = 'x';
    run_job(fix, lines_job, "t?until=end");
    letters_are(fix, "t/0 0 line0 -1--1 parse|x0\n"
                     "t/0 1 line1 -1--1 parse|x23456789\n"
                     "t/0 1 line1501 -1--1 parse|x23456789\n"
                     "t/0 1 line3000 -1--1 parse|x23456789\n"
                     "t/0 2 line1 -1--1 parse|x23456789\n"
                     "t/0 2 line1501 -1--1 parse|x23456789\n"
                     "t/0 2 line3000 -1--1 parse|x23456789\n"
                     "t/0 3 line1 -1--1 parse|x23456789\n"
                     "t/0 3 line1501 -1--1 parse|x23456789\n"
                     "t/0 3 line3000 -1--1 parse|x23456789\n");
}

static void records_with_lengths_are_counted_too(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "fine");
    produce(fix, 0, "k",
            (riv_str){ "\0\0\0\1a\0\0\0\2bx\0\0\0\0\0\0\0\1x", 20 });
    refuses = 'x';
    run(fix, &(struct wish){ .job = lines_job,
                             .rest = "t?until=end&records=length32",
                             .set = "kafka.damaged",
                             .value = "skip" });
    letters_are(fix, "t/0 1 line2 -1--1 parse|bx\n"
                     "t/0 1 line4 -1--1 parse|x\n");
}

/* A row, a string of it in the next step, and a key that all of a message share. */
static void a_row_has_its_message_and_its_number_there(void **state)
{
    struct fix *fix = *state;
    produce(fix, 0, "key", riv_cstr("!a"));
    produce(fix, 0, "key", riv_cstr("fine\n!b!\nx"));
    produce(fix, 0, "key", riv_cstr("xx\nfine"));
    refuses = 'x';
    run_job(fix, rows_job, "t?until=end&records=lines");
    letters_are(fix, "t/0 0 line0 -1--1 short_keyed|key,2\n"
                     "t/0 0 line0 -1--1 value_of|key,!a,,t,0,17000000\n"
                     "t/0 1 record2 -1--1 value_of|key,!b!,,t,1,1700000\n"
                     "t/0 1 record3 -1--1 parse|x\n"
                     "t/0 2 line0 -1--1 short_keyed|key,2\n"
                     "t/0 2 record1 -1--1 parse|xx\n");
}

/* A number has no place; but it came with these. */
static void what_has_no_bytes_of_a_message_has_those_of_its_chunk(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "a");
    put(fix, 0, "bcd\ne");
    put(fix, 0, "f");
    refuses = 'x';
    run_job(fix, numbers_job, "t?until=end");
    letters_are(fix, "t/0 -1 line0 0-2 not_three|3\n");
}

static const char *rivulet; /* the command */

/* What `rivulet letters` prints. */
static void list(struct fix *fix)
{
    char path[64], line[512];
    int status;
    snprintf(path, sizeof path, "%s/list", fix->dir);
    assert_non_null(rivulet);
    const pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (freopen(path, "w", stdout))
            execl(rivulet, rivulet, "letters", fix->dir, (char *)NULL);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    for (fix->n = 0; fgets(line, sizeof line, in);)
        add(fix, line, strlen(line));
    fclose(in);
}

static void the_command_shows_message_and_line(void **state)
{
    struct fix *fix = *state;
    put(fix, 1, "x1");
    put(fix, 1, "fine\nx2");
    refuses = 'x';
    run_job(fix, lines_job, "t?until=end");
    list(fix);
    assert_non_null(strstr(fix->text, "/t?until=end t/1 offset 0\n"));
    assert_non_null(
        strstr(fix->text, "/t?until=end t/1 offset 1, line 2 of it\n"));
}

static void the_error_of_a_job_names_the_message(void **state)
{
    struct fix *fix = *state;
    put(fix, 1, "fine");
    put(fix, 1, "fine\nx");
    refuses = 'x';
    run(fix,
        &(struct wish){ .job = failing_job,
                        .rest = "t?until=end",
                        .stateless = true,
                        .code = RIV_ERECORD,
                        .says = "/t?until=end, t/1 offset 1, line 2 of it);"
                                " .on_error" });
    run(fix, &(struct wish){ .job = skipping_job,
                             .rest = "t?until=end",
                             .set = "errors.max",
                             .value = "0",
                             .stateless = true });
    put(fix, 1, "x2");
    run(fix, &(struct wish){ .job = skipping_job,
                             .rest = "t?until=end",
                             .set = "errors.max",
                             .value = "1",
                             .stateless = true,
                             .code = RIV_ERECORD,
                             .says = "the record: x2 (source kafka://" });
    run(fix, &(struct wish){ .job = skipping_job,
                             .rest = "t?until=end",
                             .set = "errors.max",
                             .value = "1",
                             .stateless = true,
                             .code = RIV_ERECORD,
                             .says = ", t/1 offset 2)" });
}

static void a_line_that_is_too_long_is_named_by_its_message(void **state)
{
    struct fix *fix = *state;
    static char value[3000];
    memset(value, 'a', sizeof value);
    value[9] = '\n';
    put(fix, 0, "fine");
    produce(fix, 0, "", (riv_str){ value, sizeof value });
    run(fix, &(struct wish){ .job = failing_job,
                             .rest = "t?until=end",
                             .set = "input.line_max",
                             .value = "1024",
                             .stateless = true,
                             .code = RIV_ERECORD,
                             .says = ": t/0 offset 1, line 2 of it is longer "
                                     "than 1024 bytes" });
}

static void a_dataset_of_letters_has_the_message_too(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "x");
    put(fix, 0, "fine\nx");
    refuses = 'x';
    run(fix, &(struct wish){
                 .job = bad_job, .rest = "t?until=end", .stateless = true });
    assert_string_equal(fix->text, "#t/0 0\n"
                                   "#t/0:line=2 1\n");
}

static void a_letter_that_is_refused_again_keeps_its_place(void **state)
{
    struct fix *fix = *state;
    put(fix, 1, "fine");
    put(fix, 1, "fine\nxy\nx");
    refuses = 'x';
    run_job(fix, lines_job, "t?until=end");
    refuses = 'y';
    put(fix, 1, "later\ny");
    const struct wish again = { .job = lines_job,
                                .rest = "t?until=end",
                                .set = "letters.replay",
                                .value = "yes" };
    run(fix, &again);
    letters_are(fix, "t/1 1 line2 -1--1 parse|xy\n"
                     "t/1 2 line2 -1--1 parse|y\n");
    refuses = 'z';
    run(fix, &again);
    letters_are(fix, "");
}

/* They are no lines: their text must not become records. */
static void rows_of_records_are_not_given_again(void **state)
{
    struct fix *fix = *state;
    produce(fix, 0, "key", riv_cstr("!a"));
    refuses = 'x';
    run_job(fix, rows_job, "t?until=end");
    run(fix, &(struct wish){ .job = rows_job,
                             .rest = "t?until=end",
                             .set = "letters.replay",
                             .value = "yes" });
    letters_are(fix, "t/0 0 line0 -1--1 short_keyed|key,2\n"
                     "t/0 0 line0 -1--1 value_of|key,!a,,t,0,17000000\n");
}

/* What the batch had is written down before it acts; the next run has it again,
 * though more has come, in pieces that may be others. */
static void a_batch_that_runs_again_names_the_same_messages(void **state)
{
    struct fix *fix = *state;
    put(fix, 0, "fine");
    put(fix, 0, "fine\nx\nfine");
    refuses = 'x';
    dies = 1;
    run(fix, &(struct wish){ .job = lines_job,
                             .rest = "t?until=end",
                             .code = RIV_EFATAL,
                             .says = "died" });
    dies = 0;
    letters_are(fix, "");
    put(fix, 0, "x");
    run_job(fix, lines_job, "t?until=end");
    letters_are(fix, "t/0 1 line2 -1--1 parse|x\n"
                     "t/0 2 line0 -1--1 parse|x\n");
}

#define ON_BROKERS(test) cmocka_unit_test_setup_teardown(test, start, finish)

int main(int argc, char **argv)
{
    rivulet = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        ON_BROKERS(a_line_has_its_message_and_its_line_there),
        ON_BROKERS(a_line_of_a_large_message_is_counted),
        ON_BROKERS(records_with_lengths_are_counted_too),
        ON_BROKERS(a_row_has_its_message_and_its_number_there),
        ON_BROKERS(what_has_no_bytes_of_a_message_has_those_of_its_chunk),
        ON_BROKERS(the_command_shows_message_and_line),
        ON_BROKERS(the_error_of_a_job_names_the_message),
        ON_BROKERS(a_line_that_is_too_long_is_named_by_its_message),
        ON_BROKERS(a_dataset_of_letters_has_the_message_too),
        ON_BROKERS(a_letter_that_is_refused_again_keeps_its_place),
        ON_BROKERS(rows_of_records_are_not_given_again),
        ON_BROKERS(a_batch_that_runs_again_names_the_same_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
