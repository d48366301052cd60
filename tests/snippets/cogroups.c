/* Three and four datasets by key at once.
 * prints
 * 1: 1 name, 2 things, 0 towns
 * 2: 1 name, 0 things, 1 towns
 * 1 has 4 values in all
 * 2 has 3 values in all
 */
#include <rivulet.h>

RIV_PAIR(by_id, int64_t, riv_str);

RIV_COGROUP3(three, by_id, by_id, by_id, riv_str);
static int three(const int64_t *id, const riv_str *a, size_t na,
                 const riv_str *b, size_t nb, const riv_str *c, size_t nc,
                 three_out *out, riv_task *t)
{
    (void)a, (void)b, (void)c;
    riv_emit(out, riv_fmt(t, "%lld: %zu name, %zu things, %zu towns",
                          (long long)*id, na, nb, nc));
    return 0;
}

RIV_COGROUP4(four, by_id, by_id, by_id, by_id, riv_str);
static int four(const int64_t *id, const riv_str *a, size_t na,
                const riv_str *b, size_t nb, const riv_str *c, size_t nc,
                const riv_str *d, size_t nd, four_out *out, riv_task *t)
{
    (void)a, (void)b, (void)c, (void)d;
    riv_emit(out, riv_fmt(t, "%lld has %zu values in all", (long long)*id,
                          na + nb + nc + nd));
    return 0;
}

RIV_JOB(r, argc, argv)
{
    const by_id names[] = { { 1, riv_cstr("ann") }, { 2, riv_cstr("bob") } };
    const by_id things[] = { { 1, riv_cstr("pen") }, { 1, riv_cstr("ink") } };
    const by_id towns[] = { { 2, riv_cstr("oslo") } };
    riv_ds *a = riv_parallelize(r, &riv_type_by_id, names, 2, NULL);
    riv_ds *b = riv_parallelize(r, &riv_type_by_id, things, 2, NULL);
    riv_ds *c = riv_parallelize(r, &riv_type_by_id, towns, 1, NULL);
    riv_save_text(riv_cogroup3(a, b, c, three_fn, NULL), "-", NULL);
    riv_save_text(riv_cogroup4(a, b, c, a, four_fn, NULL), "-", NULL);
    return 0;
}
