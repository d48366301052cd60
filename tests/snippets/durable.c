/* A job with a state directory, and what is in that afterwards.
 * prints
 * before: it would begin
 * sum,1,3
 * batch 1, partition ok
 * the whole of batch 1 has its token, too
 * after: it would go on
 * nothing is wrong with it
 * inspected: the overview has lines, and so has "sums"
 * a letter: no threes
 * dropped: 0 are left
 */
#define _XOPEN_SOURCE 700
#include <ftw.h>
#include <rivulet.h>
#include <stdio.h>
#include <stdlib.h>

RIV_PAIR(one, int64_t, int64_t);

RIV_MAP(keyed, int64_t, one);
static int keyed(const int64_t *x, one *out, riv_task *t)
{
    if (*x == 3)
        return riv_fail(t, "no threes");
    *out = (one){ 1, *x };
    return 0;
}

RIV_MAP_WITH_STATE(sums, one, int64_t, one);
static int sums(const int64_t *key, const int64_t *v, int64_t *sum,
                sums_out *out, riv_task *t)
{
    (void)t;
    *sum += *v;
    if (*sum == 3)
        riv_emit(out, (one){ *key, *sum });
    return 0;
}

/* What it writes outside has the token beside it: the next run would know that
 * it has been there. */
RIV_FOREACH(store, one);
static int store(const one *in, riv_task *t)
{
    riv_token token = RIV_TOKEN;
    if (riv_task_token(t, &token) != 0)
        return RIV_EFATAL;
    printf("sum,%lld,%lld\nbatch %llu, partition %s\n", (long long)in->key,
           (long long)in->val, (unsigned long long)token.batch,
           token.partition < 4 ? "ok" : "wrong");
    return 0;
}

static int store_all(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_token token = RIV_TOKEN;
    (void)rdd, (void)time, (void)arg;
    int rc = riv_batch_token(r, &token);
    if (rc == 0 && token.app.n == 16)
        printf("the whole of batch %llu has its token, too\n",
               (unsigned long long)token.batch);
    return rc;
}

static riv_ds *build(riv *r)
{
    riv_ds *in = riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "in"));
    riv_ds *pairs = riv_map(
        in, keyed_fn, RIV_OPT(.uid = "keyed", .on_error = RIV_DEAD_LETTER));
    riv_ds *all = riv_map_with_state(pairs, sums_fn, RIV_OPT(.uid = "sums"));
    riv_foreach(riv_partition_by(all, NULL, RIV_OPT(.partitions = 4)), store_fn,
                RIV_OPT(.uid = "store"));
    riv_foreach_rdd(all, store_all, RIV_OPT(.uid = "all"));
    return in;
}

static void count_lines(void *arg, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *(int *)arg += text[i] == '\n';
}

static int show_letter(void *arg, const riv_letter *letter)
{
    ++*(int *)arg;
    printf("a letter: " RIV_S "\n", RIV_P(letter->reason));
    return 0;
}

static riv *context(const char *folder)
{
    return riv_new(
        RIV_CONFIG(.threads = 2, .batch_ms = 1000, .checkpoint = folder));
}

static void check(const char *folder, const char *when)
{
    int lines = 0;
    riv *r = context(folder);
    build(r);
    if (riv_check_state(r, count_lines, &lines) == 0 && lines > 0)
        printf("%s\n", when);
    riv_free(r);
}

static void look(const char *folder)
{
    int tables = 0, overview = 0, rows = 0, letters = 0;
    riv *r = context(folder);
    if (riv_fsck_state(r, count_lines, &tables) == 0)
        printf("nothing is wrong with it\n");
    if (riv_inspect_state(r, NULL, count_lines, &overview) == 0 &&
        riv_inspect_state(r, "sums", count_lines, &rows) == 0 && overview > 0 &&
        rows == 2)
        printf("inspected: the overview has lines, and so has \"sums\"\n");
    riv_letters(r, show_letter, &letters);
    if (riv_letters_drop(r, UINT64_MAX) == 0) {
        letters = 0;
        riv_letters(r, show_letter, &letters);
        printf("dropped: %d are left\n", letters);
    }
    if (riv_error(r) != 0)
        printf("%s\n", riv_errmsg(r));
    riv_free(r);
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

int main(void)
{
    const int64_t rows[] = { 1, 2, 3 };
    char folder[] = "/tmp/rivulet-durable-XXXXXX";
    if (!mkdtemp(folder))
        return 71;
    check(folder, "before: it would begin");
    riv *r = context(folder);
    riv_ds *in = build(r);
    riv_push(in, rows, 3);
    riv_step(r, 1);
    const int rc = riv_error(r);
    if (rc != 0)
        printf("%s\n", riv_errmsg(r));
    riv_free(r);
    check(folder, "after: it would go on");
    look(folder);
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0 || rc != 0;
}
