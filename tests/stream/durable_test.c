/* tests/stream/durable_test.c - jobs with a state directory that end without a
 * word and are built anew: what comes out is what an undisturbed run gives. The
 * test pushes what was not in a batch yet again, as a peer would. */
#include "stream/fixture.h"

#include <ftw.h>
#include <unistd.h>

#define PAIRS &riv_type_count

enum { BATCHES = 50, TEXT_MAX = 1 << 16 };

/* -------------------------------------------------------------- functions */

RIV_MAP_WITH_STATE(sum, count, int64_t, count);
static int sum(const riv_str *key, const int64_t *v, int64_t *state,
               sum_out *out, riv_task *t)
{
    (void)t;
    if (v)
        *state += *v;
    riv_emit(out, (count){ *key, v ? *state : -*state });
    return v && *state % 7 == 0 ? RIV_REMOVE : 0;
}

typedef struct {
    riv_str longest;
    int64_t n;
} memo;
RIV_STRUCT(memo, longest, n);

/* A state with a string: the longest "value as text" so far. */
RIV_MAP_WITH_STATE(longest, count, memo, count);
static int longest(const riv_str *key, const int64_t *v, memo *s,
                   longest_out *out, riv_task *t)
{
    const riv_str text = riv_fmt(t, "%0*lld", (int)(*v % 40), (long long)*v);
    if (text.n > s->longest.n)
        s->longest = text;
    s->n++;
    riv_emit(out, (count){ *key, (int64_t)s->longest.n * 1000 + s->n });
    return 0;
}

RIV_UPDATE_STATE(total, count, count);
static int total(const riv_str *key, const int64_t *v, size_t n, int64_t *state,
                 riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        *state += v[i];
    return *state > 300 ? RIV_REMOVE : 0;
}

/* Has no inverse. */
RIV_REDUCE(least, int64_t);
static void least(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc = *v < *acc ? *v : *acc;
}

RIV_REDUCE(plus, int64_t);
static void plus(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc += *v;
}

RIV_REDUCE(minus, int64_t);
static void minus(int64_t *acc, const int64_t *v, riv_task *t)
{
    (void)t;
    *acc -= *v;
}

RIV_PAIR(measure, riv_str, double);

/* Sums of these depend on the order in which they are added. */
RIV_MAP(to_double, count, measure);
static int to_double(const count *in, measure *out, riv_task *t)
{
    (void)t;
    *out = (measure){ in->key, 0.1 * (double)in->val };
    return 0;
}

RIV_MAP(to_bits, measure, count);
static int to_bits(const measure *in, count *out, riv_task *t)
{
    (void)t;
    out->key = in->key;
    memcpy(&out->val, &in->val, sizeof out->val);
    return 0;
}

RIV_REDUCE(plus_f64, double);
static void plus_f64(double *acc, const double *v, riv_task *t)
{
    (void)t;
    *acc += *v;
}

RIV_REDUCE(minus_f64, double);
static void minus_f64(double *acc, const double *v, riv_task *t)
{
    (void)t;
    *acc -= *v;
}

/* ------------------------------------------------------------------- graphs */

static riv_ds *with_state(riv_ds *in)
{
    return riv_map_with_state(in, sum_fn,
                              RIV_OPT(.uid = "sum", .timeout_ms = RIV_SEC(3)));
}

static riv_ds *with_strings(riv_ds *in)
{
    return riv_map_with_state(in, longest_fn, NULL);
}

static riv_ds *with_updates(riv_ds *in)
{
    return riv_update_state_by_key(in, total_fn, NULL);
}

static riv_ds *window_exact(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, riv_sum_i64, RIV_SEC(5), RIV_SEC(2),
                                        NULL);
}

static riv_ds *window_greatest(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, riv_max_i64, RIV_SEC(6), 0, NULL);
}

static riv_ds *window_inverse(riv_ds *in)
{
    return riv_reduce_by_key_and_window(
        in, plus_fn, RIV_SEC(4), 0,
        RIV_OPT(.subtract = minus_fn, .keep_empty = true));
}

static riv_ds *window_stack(riv_ds *in)
{
    return riv_reduce_by_key_and_window(in, least_fn, RIV_SEC(4), 0, NULL);
}

/* The last digits tell whether the same additions were made. */
static riv_ds *window_doubles(riv_ds *in)
{
    riv_ds *m = riv_map(in, to_double_fn, NULL);
    return riv_map(
        riv_reduce_by_key_and_window(m, plus_f64_fn, RIV_SEC(7), 0,
                                     RIV_OPT(.subtract = minus_f64_fn)),
        to_bits_fn, NULL);
}

static riv_ds *window_doubles_stack(riv_ds *in)
{
    riv_ds *m = riv_map(in, to_double_fn, NULL);
    return riv_map(
        riv_reduce_by_key_and_window(m, plus_f64_fn, RIV_SEC(7), 0, NULL),
        to_bits_fn, NULL);
}

static riv_ds *window_of_records(riv_ds *in)
{
    return riv_reduce_by_key(riv_window(in, RIV_SEC(3), 0), riv_sum_i64, NULL);
}

static riv_ds *window_counted(riv_ds *in)
{
    return riv_count_by_window(in, RIV_SEC(4), 0, RIV_OPT(.keep_empty = true));
}

static riv_ds *state_of_a_window(riv_ds *in)
{
    return with_updates(window_exact(in));
}

static const struct {
    const char *name;
    build_fn *build;
} graphs[] = {
    { "with_state", with_state },
    { "with_strings", with_strings },
    { "with_updates", with_updates },
    { "window_exact", window_exact },
    { "window_greatest", window_greatest },
    { "window_inverse", window_inverse },
    { "window_stack", window_stack },
    { "window_doubles", window_doubles },
    { "window_doubles_stack", window_doubles_stack },
    { "window_of_records", window_of_records },
    { "window_counted", window_counted },
    { "state_of_a_window", state_of_a_window },
};

/* --------------------------------------------------------------- running it */

static char dir[64];

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* In memory where there is such a place: no case here is about the disk. */
static void dir_new(void)
{
    snprintf(dir, sizeof dir, "/dev/shm/riv-durable-XXXXXX");
    if (mkdtemp(dir))
        return;
    snprintf(dir, sizeof dir, "/tmp/riv-durable-XXXXXX");
    assert_non_null(mkdtemp(dir));
}

static void dir_drop(void)
{
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return *seed >> 33;
}

/* Batches of up to 20 records, some of them empty; keys come and go. */
static void make_batches(char *text, uint64_t seed)
{
    size_t at = 0;
    for (int b = 0; b < BATCHES; b++) {
        uint64_t n = next_random(&seed) % 4 ? next_random(&seed) % 20 : 0;
        for (; n > 0; n--)
            at += (size_t)snprintf(
                text + at, TEXT_MAX - at, "k%llu:%llu ",
                (unsigned long long)(next_random(&seed) % 12 + (uint64_t)b / 8),
                (unsigned long long)(next_random(&seed) % 90));
        at += (size_t)snprintf(text + at, TEXT_MAX - at, "%s",
                               b + 1 < BATCHES ? "| " : "");
    }
    assert_true(at + 1 < TEXT_MAX);
}

/* As many batches as `batches` says, of those left in *text; partitions differ
 * from run to run if they may. */
static void run_some(build_fn *build, const char **text, int batches,
                     struct seen *seen, const char *state, int partitions)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 1 + batches % 3, .batch_ms = 1000,
                                .checkpoint = state));
    char number[16];
    snprintf(number, sizeof number, "%d", partitions);
    riv_set(r, "shuffle.partitions", number);
    riv_set(r, "journal.snapshot_min", "1K");
    /* every other run: a piece a batch, so that pieces are as of several */
    riv_set(r, "journal.snapshot_step", batches % 2 ? "1" : "8M");
    riv_ds *in = riv_queue(r, PAIRS, RIV_OPT(.uid = "in"));
    riv_foreach_rdd(build(in), see, RIV_OPT(.arg = RIV_COPY(seen)));
    int rc = riv_error(r);
    for (int i = 0; rc == 0 && i < batches && push_batch(in, text); i++)
        rc = riv_step(r, 1);
    if (rc < 0)
        fail_msg("%s", riv_errmsg(r));
    riv_free(r);
}

static void restart_about(build_fn *build, const char *text, uint64_t seed,
                          bool deal_anew, struct seen *seen)
{
    const char *rest = text;
    *seen = (struct seen){ .n = 0 };
    dir_new();
    for (int i = 0; rest; i++)
        run_some(build, &rest, 1 + (int)(next_random(&seed) % 9), seen, dir,
                 deal_anew ? 1 + i % 5 : 3);
    dir_drop();
}

/* The sums of doubles are the same only if the additions are. */
static bool has_doubles(build_fn *build)
{
    return build == window_doubles || build == window_doubles_stack;
}

static void check(bool deal_anew)
{
    static struct seen want, have;
    char *text = malloc(TEXT_MAX);
    for (size_t g = 0; g < sizeof graphs / sizeof *graphs; g++) {
        for (uint64_t seed = 1; seed <= 2; seed++) {
            const char *rest = text;
            if (deal_anew && has_doubles(graphs[g].build))
                continue;
            make_batches(text, seed * 100 + g);
            want = (struct seen){ .n = 0 };
            run_some(graphs[g].build, &rest, BATCHES, &want, NULL, 3);
            restart_about(graphs[g].build, text, seed, deal_anew, &have);
            size_t same = 0;
            while (want.text[same] && want.text[same] == have.text[same])
                same++;
            if (want.n != have.n || want.text[same])
                fail_msg("%s, seed %llu, from byte %zu on: \"%.200s\" is not "
                         "\"%.200s\"",
                         graphs[g].name, (unsigned long long)seed, same,
                         have.text + same, want.text + same);
        }
    }
    free(text);
}

RIV_TEST(a_job_goes_on_where_the_last_one_ended)
{
    check(false);
}

RIV_TEST(another_number_of_partitions_changes_nothing)
{
    check(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_job_goes_on_where_the_last_one_ended),
        RIV_CASE(another_number_of_partitions_changes_nothing),
    };
    return RIV_RUN(tests);
}
