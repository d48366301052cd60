/* W5 from text: sums by integer key, lines "key,value".
 *   rivulet run intsum.c INPUT [OUTPUT] */
#include <rivulet.h>

RIV_PAIR(sum, int64_t, int64_t);

RIV_MAP(parse, riv_str, sum);
static int parse(const riv_str *line, sum *out, riv_task *t)
{
    riv_str rest = *line, key, val;
    if (!riv_cut(&rest, ',', &key) || !riv_cut(&rest, ',', &val) ||
        !riv_to_i64(key, &out->key) || !riv_to_i64(val, &out->val))
        return riv_fail(t, "not a line \"key,value\"");
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *pairs = riv_map(lines, parse_fn, NULL);
    riv_save_text(riv_reduce_by_key(pairs, riv_sum_i64, NULL),
                  argc > 2 ? argv[2] : "-", NULL);
    return 0;
}
