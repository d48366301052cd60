/* api/token_test.c - tokens of outputs that act: the same for the same records,
 * whichever run writes them, others for others; refused where a run might deal
 * records to partitions in another way. Files are in memory. */
#include <stdio.h>

#include "api/context.h"
#include "base/test.h"
#include "exec/watch.h"
#include "support/disk_sys.h"

RIV_PAIR(hit, int64_t, int64_t);

enum { KEYS = 100, PARTS = 4, SEEN_MAX = 4096 };

static struct disk_sys world;
static struct riv_lock seen_lock;
static struct seen {
    int64_t key;
    char token[128];
} seen[SEEN_MAX];
static size_t nseen;
static char batches[512];
static atomic_bool fails;
static int code; /* of riv_batch_token */

static void note(int64_t key, const riv_token *token)
{
    riv__lock(&seen_lock);
    assert_true(nseen < SEEN_MAX);
    seen[nseen].key = key;
    snprintf(seen[nseen++].token, sizeof seen->token, "%.*s %.*s %llu %u",
             (int)token->app.n, token->app.p, (int)token->output.n,
             token->output.p, (unsigned long long)token->batch,
             token->partition);
    riv__unlock(&seen_lock);
}

RIV_FOREACH(look, hit);
static int look(const hit *in, riv_task *t)
{
    riv_token token = RIV_TOKEN;
    const int rc = riv_task_token(t, &token);
    if (rc < 0)
        return rc;
    note(in->key, &token);
    return atomic_load(&fails) && in->key == 7 ? riv_die(t, "pulled the plug")
                                               : 0;
}

static int each(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_token token = RIV_TOKEN;
    (void)time;
    const size_t n = strlen(batches);
    code = riv_batch_token(r, &token);
    if (code < 0)
        return code;
    snprintf(batches + n, sizeof batches - n, "%.*s %llu %u, ",
             (int)token.output.n, token.output.p,
             (unsigned long long)token.batch, token.partition);
    return arg ? riv_foreach_now(
                     riv_partition_by(rdd, NULL, RIV_OPT(.partitions = 3)),
                     look_fn, NULL)
               : 0;
}

static riv *context(riv_ds **ret_in)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000, .name = "job",
                                .checkpoint = "/state"));
    r->sys = &world.sys;
    *ret_in = riv_queue(r, &riv_type_hit, RIV_OPT(.uid = "in"));
    return r;
}

static void push(riv_ds *in)
{
    hit rows[KEYS];
    for (int64_t i = 0; i < KEYS; i++)
        rows[i] = (hit){ i, 1 };
    assert_int_equal(riv_push(in, rows, KEYS), 0);
}

static int make(void **state)
{
    (void)state;
    disk_sys_init(&world);
    riv__lock_init(&seen_lock);
    nseen = 0;
    batches[0] = '\0';
    code = 0;
    atomic_store(&fails, false);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riv__lock_fini(&seen_lock);
    disk_sys_fini(&world);
    return 0;
}

static void counts(riv_ds *in)
{
    riv_foreach(
        riv_reduce_by_key(in, riv_sum_i64, RIV_OPT(.partitions = PARTS)),
        look_fn, RIV_OPT(.uid = "counts"));
}

/* The first run ends within the first batch, the second does it again. */
RIV_TEST(a_batch_that_runs_again_writes_under_the_same_tokens)
{
    riv_ds *in;
    for (int run = 0; run < 2; run++) {
        riv *r = context(&in);
        counts(in);
        push(in);
        atomic_store(&fails, run == 0);
        const int rc = riv_step(r, 1);
        if ((rc < 0) != (run == 0))
            fail_msg("%d: %s", rc, riv_errmsg(r));
        if (run == 1) {
            push(in);
            assert_int_equal(riv_step(r, 1), 0);
        }
        riv_free(r);
    }
    size_t others = 0;
    for (size_t i = 0; i < nseen; i++) {
        char out[64];
        for (size_t k = 0; k < i; k++)
            if (seen[i].key == seen[k].key)
                others += strcmp(seen[i].token, seen[k].token) != 0;
        snprintf(out, sizeof out, " counts %d", i + KEYS < nseen ? 1 : 2);
        assert_non_null(strstr(seen[i].token, out));
        assert_int_equal(strcspn(seen[i].token, " "), 16);
    }
    assert_true(nseen > 2 * KEYS);
    assert_true(others >= KEYS); /* the second batch, against the first */
}

/* A part of a batch that killed the process is tried: what it would write is
 * not all of the batch, and must not stand under its token. */
RIV_TEST(a_trial_of_a_part_of_a_batch_has_no_token)
{
    static struct riv_watch watch;
    for (int how = 0; how < 2; how++) {
        riv_ds *in;
        riv *r = context(&in);
        counts(in);
        push(in);
        atomic_store(&fails, true);
        assert_true(riv_step(r, 1) < 0);
        riv_free(r);
        watch = (struct riv_watch){ 0 };
        watch.sieve.batch = 1;
        watch.sieve.until = UINT64_MAX;
        watch.sieve.probes = true;
        r = context(&in);
        r->watch = &watch;
        if (how == 0)
            counts(in);
        else
            riv_foreach_rdd(in, each, RIV_OPT(.uid = "rdd"));
        push(in);
        atomic_store(&fails, false);
        nseen = 0;
        assert_int_equal(riv_step(r, 1), RIV_ESTOPPED);
        assert_non_null(strstr(riv_errmsg(r), "a part of batch 1 was tried"));
        assert_true(atomic_load(&watch.sieve.passed));
        assert_int_equal(nseen, 0);
        assert_string_equal(batches, "");
        riv_free(r);
    }
}

RIV_TEST(a_function_over_rdds_has_the_token_of_the_batch)
{
    riv_ds *in;
    riv *r = context(&in);
    const int any = 1;
    riv_foreach_rdd(in, each, RIV_OPT(.uid = "a"));
    riv_foreach_rdd(in, each, RIV_OPT(.uid = "b", .arg = RIV_COPY(any)));
    for (int i = 0; i < 2; i++) {
        push(in);
        if (riv_step(r, 1) < 0)
            fail_msg("%s", riv_errmsg(r));
    }
    assert_string_equal(batches, "a 1 0, b 1 0, a 2 0, b 2 0, ");
    assert_int_equal(nseen, 2 * KEYS);
    assert_non_null(strstr(seen[0].token, " b 1 "));
    assert_non_null(strstr(seen[nseen - 1].token, " b 2 "));
    riv_free(r);
}

static void refused(riv *r, riv_ds *in, const char *want)
{
    push(in);
    assert_true(riv_step(r, 1) < 0);
    if (!strstr(riv_errmsg(r), want))
        fail_msg("\"%s\" does not say \"%s\"", riv_errmsg(r), want);
    assert_int_equal(nseen, 0);
    riv_free(r);
}

RIV_TEST(partitions_that_may_be_others_next_time_have_none)
{
    riv_ds *in;
    riv *r = context(&in);
    riv_foreach(in, look_fn, RIV_OPT(.uid = "x"));
    refused(r, in, "not the same in every run");
    r = context(&in);
    riv_foreach(riv_reduce_by_key(in, riv_sum_i64, NULL), look_fn,
                RIV_OPT(.uid = "x"));
    refused(r, in, "not the same in every run");
    r = context(&in);
    riv_foreach(riv_repartition(in, 4), look_fn, RIV_OPT(.uid = "x"));
    refused(r, in, "not the same in every run");
    r = context(&in);
    riv_foreach(
        riv_union(in, riv_partition_by(in, NULL, RIV_OPT(.partitions = 2))),
        look_fn, RIV_OPT(.uid = "x"));
    refused(r, in, "not the same in every run");
}

RIV_TEST(without_a_name_or_a_number_there_is_none)
{
    riv_ds *in;
    riv *r = context(&in);
    riv_foreach_rdd(in, each, NULL);
    refused(r, in, "needs a .uid");
    assert_int_equal(code, RIV_EINVAL);
    r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 1000));
    in = riv_queue(r, &riv_type_hit, NULL);
    riv_foreach_rdd(in, each, RIV_OPT(.uid = "x"));
    refused(r, in, "a state directory");
    r = riv_new(NULL);
    riv_token token = RIV_TOKEN;
    assert_int_equal(riv_batch_token(r, &token), RIV_EINVAL);
    riv_free(r);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_batch_that_runs_again_writes_under_the_same_tokens),
        IN_WORLD(a_trial_of_a_part_of_a_batch_has_no_token),
        IN_WORLD(a_function_over_rdds_has_the_token_of_the_batch),
        IN_WORLD(partitions_that_may_be_others_next_time_have_none),
        IN_WORLD(without_a_name_or_a_number_there_is_none),
    };
    return RIV_RUN(tests);
}
