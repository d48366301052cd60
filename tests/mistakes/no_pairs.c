/* EXPECT build: riv_reduce_by_key\(.*\): its input .* gives (riv_)?str, not
 *   pairs \(RIV_PAIR\); exit 78
 *
 * reduce_by_key gets words, not pairs of word and one. */
#include <rivulet.h>

RIV_FLAT_MAP(fields, riv_str, riv_str);
static int fields(const riv_str *line, fields_out *out, riv_task *t)
{
    (void)t;
    riv_str rest = *line, field;
    while (riv_cut(&rest, ',', &field))
        riv_emit(out, field);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *words = riv_flat_map(lines, fields_fn, NULL);
#ifdef FIXED
    riv_print(riv_count_by_value(words, NULL), 10);
#else
    riv_print(riv_reduce_by_key(words, riv_sum_i64, NULL), 10);
#endif
    return 0;
}
