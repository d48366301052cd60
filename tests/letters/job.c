/* job.c - running sums of lines "key,number", for tests/letters/run. Lines that
 * are none are dead letters, and so are numbers above the limit. */
#include <rivulet.h>

#include <stdlib.h>

RIV_PAIR(entry, riv_str, int64_t);

RIV_MAP(parse, riv_str, entry);
static int parse(const riv_str *line, entry *out, riv_task *t)
{
    riv_str rest = *line, number;
    if (!riv_cut(&rest, ',', &out->key) || !riv_cut(&rest, ',', &number))
        return riv_fail(t, "no comma");
    if (!riv_to_i64(number, &out->val))
        return riv_fail(t, "\"" RIV_S "\" is no number", RIV_P(number));
    return 0;
}

RIV_FILTER(small, entry);
static int small(const entry *in, riv_task *t)
{
    if (in->val > LIMIT)
        return riv_fail(t, "%lld is too much", (long long)in->val);
    return 1;
}

RIV_MAP_WITH_STATE(sum, entry, int64_t, entry);
static int sum(const riv_str *key, const int64_t *v, int64_t *state,
               sum_out *out, riv_task *t)
{
    (void)t;
    if (*v == DIES)
        abort();
    *state += *v;
    riv_emit(out, (entry){ *key, *state });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    const riv_opt *o = RIV_OPT(.on_error = RIV_DEAD_LETTER);
    riv_ds *in = riv_text(r, argv[1], RIV_OPT(.uid = "in"));
    riv_ds *parsed = riv_map(in, parse_fn, o);
    riv_ds *kept = riv_filter(
        parsed, small_fn, RIV_OPT(.uid = "small", .on_error = RIV_DEAD_LETTER));
    if (argc > 2)
        riv_save_text(parsed, "beside/", RIV_OPT(.uid = "beside"));
    riv_ds *sums = riv_map_with_state(kept, sum_fn, RIV_OPT(.uid = "sum"));
    riv_save_text(sums, "out/", RIV_OPT(.uid = "out"));
    return 0;
}
