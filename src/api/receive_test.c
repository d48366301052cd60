/* api/receive_test.c - jobs whose input is a source of the program's own. */
#include "api/fixture.h"

/* Partition p of n gives the numbers p, p + n, p + 2 n ... below `until`. */
struct numbers {
    int64_t until;
    int64_t step;
    int code; /* what it returns at its end */
    int freed;
};

struct reader {
    const struct numbers *is;
    int64_t next;
};

static int numbers_open(const void *arg, uint32_t partition, riv_str offset,
                        void **self)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return RIV_ENOMEM;
    reader->is = arg;
    reader->next = partition;
    if (offset.n == sizeof reader->next)
        memcpy(&reader->next, offset.p, offset.n);
    *self = reader;
    return 0;
}

static int numbers_read(void *self, riv_task *t)
{
    struct reader *reader = self;
    for (int i = 0; i < 100; i++, reader->next += reader->is->step) {
        if (reader->next >= reader->is->until)
            return reader->is->code == RIV_ERECORD
                       ? riv_fail(t, "%d is enough", (int)reader->next)
                       : reader->is->code;
        riv_put(t, &reader->next, 1);
    }
    return 0;
}

static int numbers_offset(void *self, void *dst, size_t room, size_t *used)
{
    const struct reader *reader = self;
    assert_true(room >= sizeof reader->next);
    memcpy(dst, &reader->next, sizeof reader->next);
    *used = sizeof reader->next;
    return 0;
}

static const riv_source numbers = {
    .struct_size = sizeof numbers,
    .type = &riv_type_int64_t,
    .open = numbers_open,
    .read = numbers_read,
    .offset = numbers_offset,
    .close = free,
};

static void numbers_free(void *arg)
{
    ((struct numbers *)arg)->freed++;
}

RIV_MAP(one, int64_t, int64_t);
static int one(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)in, (void)t;
    *out = 1;
    return 0;
}

static int add_up(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    int64_t *sum = *(int64_t *const *)arg, n = 0;
    double s = 0;
    (void)r, (void)time;
    int rc = riv_sum(rdd, &s);
    if (rc == 0)
        rc = riv_count_now(rdd, &n);
    sum[0] += n;
    sum[1] += (int64_t)s;
    return rc;
}

static void a_job_ends_when_its_sources_have(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 4; threads *= 2) {
        for (int partitions = 0; partitions <= 3; partitions++) {
            int64_t sum[2] = { 0 }, *at = sum;
            struct numbers spec = { 5000, RIV__MAX(partitions, 1), RIV_ESTOPPED,
                                    0 };
            riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = 10));
            riv_ds *in =
                riv_receive(r, &numbers,
                            RIV_OPT(.uid = "numbers", .partitions = partitions,
                                    .arg = RIV_OWN(&spec, numbers_free)));
            riv_foreach_rdd(in, add_up, RIV_OPT(.arg = RIV_COPY(at)));
            assert_int_equal(riv_run(r), 0);
            assert_int_equal(sum[0], 5000);
            assert_int_equal(sum[1], 5000 * 4999 / 2);
            assert_int_equal(spec.freed, 0);
            riv_free(r);
            assert_int_equal(spec.freed, 1);
        }
    }
}

static void what_it_emits_goes_through_operators(void **state)
{
    int64_t sum[2] = { 0 }, *at = sum;
    const struct numbers spec = { 100000, 1, RIV_ESTOPPED, 0 };
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 10));
    riv_set(r, "input.buffer", "1M");
    riv_ds *in = riv_receive(r, &numbers, RIV_OPT(.arg = RIV_BORROW(&spec)));
    assert_ptr_equal(riv_ds_type(in), &riv_type_int64_t);
    riv_foreach_rdd(riv_reduce(riv_map(in, one_fn, NULL), riv_sum_i64, NULL),
                    add_up, RIV_OPT(.arg = RIV_COPY(at)));
    assert_int_equal(riv_run(r), 0);
    assert_int_equal(sum[1], 100000);
    riv_free(r);
}

static void a_source_that_fails_fails_the_job(void **state)
{
    const struct numbers spec = { 250, 1, RIV_ERECORD, 0 };
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 10));
    riv_print(riv_receive(r, &numbers,
                          RIV_OPT(.uid = "few", .arg = RIV_BORROW(&spec))),
              1);
    assert_int_equal(riv_run(r), RIV_ERECORD);
    error_has(r, RIV_ERECORD,
              "input receive:few: read() of the source returned -1: 250 is "
              "enough");
    riv_free(r);
}

static void a_source_that_stays_away_is_given_up(void **state)
{
    const struct numbers spec = { 0, 1, RIV_EUNAVAIL, 0 };
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 10));
    riv_set(r, "connect.retries", "3");
    riv_set(r, "connect.retry_min", "1ms");
    riv_print(riv_receive(r, &numbers, RIV_OPT(.arg = RIV_BORROW(&spec))), 1);
    assert_int_equal(riv_run(r), RIV_EUNAVAIL);
    error_has(r, RIV_EUNAVAIL,
              "given up after 4 failures in a row (connect.retries): read() of "
              "the source returned");
    riv_free(r);
}

/* A job that is stopped does not wait for what has no end. */
static void a_source_without_end_is_stopped(void **state)
{
    const struct numbers spec = { INT64_MAX, 1, 0, 0 };
    (void)state;
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 5));
    riv_set(r, "input.buffer", "1M");
    int64_t sum[2] = { 0 }, *at = sum;
    riv_ds *in = riv_receive(r, &numbers, RIV_OPT(.arg = RIV_BORROW(&spec)));
    riv_foreach_rdd(in, add_up, RIV_OPT(.arg = RIV_COPY(at)));
    assert_int_equal(riv_start(r), 0);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, -1), 0);
    assert_true(sum[1] == sum[0] * (sum[0] - 1) / 2);
    riv_free(r);
}

static void sources_that_cannot_be_are_refused(void **state)
{
    riv_source wrong[5] = { numbers, numbers, numbers, numbers, numbers };
    static const char *const words[] = { "the source has no type",
                                         "the source has no open()",
                                         "no read()", "struct_size",
                                         "no source" };
    (void)state;
    wrong[0].type = NULL;
    wrong[1].open = NULL;
    wrong[2].read = NULL;
    wrong[3].struct_size = 8;
    for (size_t i = 0; i < RIV__LEN(words); i++) {
        riv *r = riv_new(NULL);
        assert_non_null(riv_receive(r, i < 4 ? &wrong[i] : NULL, NULL));
        error_has(r, RIV_EINVAL, words[i]);
        riv_free(r);
    }
    riv *r = riv_new(NULL);
    riv_receive(r, &numbers, RIV_OPT(.partitions = 257));
    error_has(r, RIV_EINVAL, "257 partitions; each is a thread, at most 256");
    riv_free(r);
    r = riv_new(NULL);
    riv_receive(r, &numbers, RIV_OPT(.on_error = RIV_SKIP));
    error_has(r, RIV_EINVAL, "riv_receive: there is no on_error");
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_ends_when_its_sources_have),
        cmocka_unit_test(what_it_emits_goes_through_operators),
        cmocka_unit_test(a_source_that_fails_fails_the_job),
        cmocka_unit_test(a_source_that_stays_away_is_given_up),
        cmocka_unit_test(a_source_without_end_is_stopped),
        cmocka_unit_test(sources_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
