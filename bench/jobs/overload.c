/* overload.c - a job that is slower than what comes in, for bench/overload:
 * lines "key,filling", and a function that takes its time for each. What is held
 * of a batch: "count" a sum for each key, "group" all its rows, "window" the rows
 * of three batches. The sums of what out/ says are the lines that were taken. */
#include <rivulet.h>

#include <stdlib.h>

RIV_PAIR(entry, riv_str, riv_str);
RIV_PAIR(total, riv_str, int64_t);

static int64_t turns;
static volatile uint64_t heat;

RIV_MAP(parse, riv_str, entry);
static int parse(const riv_str *line, entry *out, riv_task *t)
{
    riv_str rest = *line;
    if (!riv_cut(&rest, ',', &out->key))
        return riv_fail(t, "no \"key,filling\"");
    out->val = rest;
    uint64_t x = heat;
    for (int64_t i = 0; i < turns; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    heat = x;
    return 0;
}

RIV_MAP(one, entry, total);
static int one(const entry *in, total *out, riv_task *t)
{
    (void)t;
    *out = (total){ in->key, 1 };
    return 0;
}

RIV_GROUP(size_of, entry, total);
static int size_of(const riv_str *key, const riv_str *rows, size_t n,
                   size_of_out *out, riv_task *t)
{
    (void)rows, (void)t;
    riv_emit(out, (total){ *key, (int64_t)n });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    if (argc < 4)
        return riv_invalid(r, "usage: overload.c URI KIND TURNS");
    const riv_str kind = riv_cstr(argv[2]);
    turns = strtoll(argv[3], NULL, 10);
    riv_ds *rows =
        riv_map(riv_text(r, argv[1], RIV_OPT(.uid = "in")), parse_fn, NULL);
    if (riv_eq(kind, riv_cstr("window"))) {
        riv_ds *last = riv_window(rows, 3000, 1000);
        riv_save_text(riv_group_by_key(last, size_of_fn, NULL), "windows/",
                      RIV_OPT(.uid = "windows"));
    }
    riv_ds *totals =
        riv_eq(kind, riv_cstr("group"))
            ? riv_group_by_key(rows, size_of_fn, NULL)
            : riv_reduce_by_key(riv_map(rows, one_fn, NULL), riv_sum_i64, NULL);
    riv_save_text(totals, "out/", RIV_OPT(.uid = "out"));
    return 0;
}
