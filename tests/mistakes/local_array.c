/* EXPECT run: flat_map.*label.*local_array\.c:\d+.*: field "key" of an
 *   output record points into the worker's stack.*riv_dup; exit 70
 *
 * A record points to a local array, which is gone when the record is used. */
#include <rivulet.h>

RIV_PAIR(wc, riv_str, int64_t);

RIV_FLAT_MAP(label, riv_str, wc);
static int label(const riv_str *line, label_out *out, riv_task *t)
{
    char text[16] = "sensor ";
    size_t n = line->n < 6 ? line->n : 6;
    memcpy(text + 7, line->p, n);
#ifdef FIXED
    riv_emit(out, (wc){ riv_dup(t, text, 7 + n), 1 });
#else
    (void)t;
    riv_emit(out, (wc){ { text, 7 + n }, 1 });
#endif
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *labels = riv_flat_map(lines, label_fn, NULL);
    riv_print(riv_reduce_by_key(labels, riv_sum_i64, NULL), 10);
    return 0;
}
