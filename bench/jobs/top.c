/* W3: the ten URL paths that occur most often, the most frequent first, in one
 * access log. Of equal counts the greater path comes first.
 *   rivulet run top.c INPUT OUTPUT */
#include <rivulet.h>
#include <stdio.h>

RIV_PAIR(path, riv_str, int64_t);
RIV_PAIR(rank, int64_t, riv_str);

RIV_MAP(by_count, path, rank);
static int by_count(const path *in, rank *out, riv_task *t)
{
    (void)t;
    *out = (rank){ in->val, in->key };
    return 0;
}

static int save(riv *r, riv_ds *counts, int64_t time, const void *arg)
{
    riv_result top = { 0 };
    (void)r, (void)time;
    int rc = riv_top(counts, 10, by_count_fn, &top);
    if (rc < 0)
        return rc;
    FILE *out = fopen(*(const char *const *)arg, "w");
    if (!out)
        return RIV_EIO;
    for (size_t i = 0; i < top.n; i++) {
        const path *at = (const path *)top.rows + i;
        fprintf(out, "%.*s,%lld\n", (int)at->key.n, at->key.p,
                (long long)at->val);
    }
    riv_result_free(&top);
    return fclose(out) == 0 ? 0 : RIV_EIO;
}

RIV_JOB(r, argc, argv)
{
    const char *out = argc > 2 ? argv[2] : "/dev/stdout";
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *paths = riv_nth_field(lines, ' ', 7, NULL);
    riv_foreach_rdd(riv_count_by_value(paths, NULL), save,
                    RIV_OPT(.arg = RIV_COPY(out)));
    return 0;
}
