/* job.c - the program that tests/upgrade/run edits: lines "key,number" become
 * running totals by key (with a uid), counts by key (without one), and sums
 * over a window. At the line "die,0" the old program takes its whole process
 * group down, after everything before that batch has become durable. */
#include <rivulet.h>
#include <signal.h>

RIV_PAIR(entry, riv_str, int64_t);

RIV_MAP(parse, riv_str, entry);
static int parse(const riv_str *line, entry *out, riv_task *t)
{
    riv_str rest = *line, number;
    if (!riv_cut(&rest, ',', &out->key) || !riv_cut(&rest, ',', &number) ||
        !riv_to_i64(number, &out->val))
        return riv_fail(t, "no \"key,number\"");
    return 0;
}

/* An output with effects: a batch runs when those before it are durable. */
RIV_FOREACH(die, entry);
static int die(const entry *in, riv_task *t)
{
    (void)t;
    if (OLD && riv_eq(in->key, riv_cstr("die")))
        kill(0, SIGKILL);
    return 0;
}

RIV_FILTER(named, entry);
static int named(const entry *in, riv_task *t)
{
    (void)t;
    return in->key.n > 0;
}

RIV_FILTER(small, entry);
static int small(const entry *in, riv_task *t)
{
    (void)t;
    return in->val < 1000;
}

typedef struct {
    int32_t n;
    float sum;
    char last[4];
} account;
RIV_STRUCT(account, n, sum, last);

RIV_MAP_WITH_STATE(total, entry, account, riv_str);
static int total(const riv_str *key, const int64_t *v, account *state,
                 total_out *out, riv_task *t)
{
    state->n++;
    state->sum += (float)*v;
    memset(state->last, 0, sizeof state->last);
    memcpy(state->last, key->p, key->n < 3 ? key->n : 3);
    riv_emit(out, riv_fmt(t, RIV_S " %d %.0f %s", RIV_P(*key), (int)state->n,
                          (double)state->sum, state->last));
    return 0;
}

RIV_MAP_WITH_STATE(count, entry, int64_t, entry);
static int count(const riv_str *key, const int64_t *v, int64_t *state,
                 count_out *out, riv_task *t)
{
    (void)v, (void)t;
    riv_emit(out, (entry){ *key, ++*state });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *in = riv_text(r, argv[1], RIV_OPT(.uid = "in"));
    riv_ds *parsed = riv_map(in, parse_fn, NULL);
    riv_foreach(parsed, die_fn, NULL);

    riv_ds *good =
        riv_filter(riv_filter(parsed, named_fn, NULL), small_fn, NULL);
    riv_ds *totals =
        riv_map_with_state(good, total_fn, RIV_OPT(.uid = "total"));
    riv_save_text(totals, "totals/", RIV_OPT(.uid = "totals"));

    riv_ds *counts = riv_map_with_state(parsed, count_fn, NULL);
    riv_save_text(counts, "counts/", NULL);

    riv_ds *recent = riv_reduce_by_key_and_window(
        parsed, riv_sum_i64, RIV_MIN(60), 0, RIV_OPT(.uid = "recent"));
    riv_save_text(recent, "recent/", RIV_OPT(.uid = "recent out"));
    return 0;
}
