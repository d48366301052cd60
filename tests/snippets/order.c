/* Order and partitions: where pairs go, and how they lie there.
 * prints
 * by key │ 1 2 │ 3 4
 * by key, descending │ 4 3 │ 2 1
 * by parity │ 4 2 │ 3 1
 * by parity, sorted │ 2 4 │ 1 3
 * ranges │ 1 2 │ 3 4
 * from 2 to 3 │ 3 2
 * three together │ 4 3 of 6
 * three together │ 2 1 of 6
 * four together 8
 * four together 8
 */
#include <rivulet.h>

RIV_PAIR(pair, int64_t, int64_t);

RIV_GLOM(keys_of, pair, riv_str);
static int keys_of(const pair *rows, size_t n, keys_of_out *out, riv_task *t)
{
    riv_str text = riv_fmt(t, "│");
    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        text = riv_fmt(t, RIV_S " %lld", RIV_P(text), (long long)rows[i].key);
    riv_emit(out, text);
    return 0;
}

/* A line for all partitions; the last of them in its one partition. */
RIV_GLOM(one_line, riv_str, riv_str);
static int one_line(const riv_str *rows, size_t n, one_line_out *out,
                    riv_task *t)
{
    riv_str text = riv_cstr(riv_arg(t, char));
    for (size_t i = 0; i < n; i++)
        text = riv_fmt(t, RIV_S " " RIV_S, RIV_P(text), RIV_P(rows[i]));
    riv_emit(out, text);
    return 0;
}

RIV_ZIP_PARTITIONS3(sizes3, pair, pair, pair, riv_str);
static int sizes3(const pair *a, size_t na, const pair *b, size_t nb,
                  const pair *c, size_t nc, sizes3_out *out, riv_task *t)
{
    (void)b, (void)c;
    riv_emit(out,
             riv_fmt(t, "three together │ %lld %lld of %zu",
                     (long long)a[0].key, (long long)a[1].key, na + nb + nc));
    return 0;
}

RIV_ZIP_PARTITIONS4(sizes4, pair, pair, pair, pair, riv_str);
static int sizes4(const pair *a, size_t na, const pair *b, size_t nb,
                  const pair *c, size_t nc, const pair *d, size_t nd,
                  sizes4_out *out, riv_task *t)
{
    (void)a, (void)b, (void)c, (void)d;
    riv_emit(out, riv_fmt(t, "four together %zu", na + nb + nc + nd));
    return 0;
}

static uint32_t parity(const void *key, uint32_t n, const void *arg)
{
    (void)arg;
    return (uint32_t)(*(const int64_t *)key % 2) % n;
}

static void show(riv_ds *pairs, const char *what)
{
    riv_ds *lines =
        riv_coalesce(riv_glom(pairs, keys_of_fn, NULL), 1, RIV_NO_SHUFFLE);
    riv_save_text(
        riv_glom(lines, one_line_fn, RIV_OPT(.arg = RIV_BORROW(what))), "-",
        NULL);
}

RIV_JOB(r, argc, argv)
{
    const pair rows[] = { { 4, 0 }, { 3, 0 }, { 2, 0 }, { 1, 0 } };
    const int64_t two = 2, three = 3;
    const riv_opt *o = RIV_OPT(.partitions = 2);
    riv_ds *in = riv_parallelize(r, &riv_type_pair, rows, 4, o);
    show(riv_sort_by_key(in, RIV_ASCENDING, o), "by key");
    show(riv_sort_by_key(in, RIV_DESCENDING, o), "by key, descending");
    show(riv_partition_by(in, parity, o), "by parity");
    show(riv_repartition_and_sort_within_partitions(in, parity, o),
         "by parity, sorted");
    show(riv_partition_by_range(in, RIV_ASCENDING, o), "ranges");
    show(riv_coalesce(riv_filter_by_range(in, &two, &three), 1, RIV_NO_SHUFFLE),
         "from 2 to 3");
    riv_save_text(riv_zip_partitions3(in, in, in, sizes3_fn, NULL), "-", NULL);
    riv_save_text(riv_zip_partitions4(in, in, in, in, sizes4_fn, NULL), "-",
                  NULL);
    return 0;
}
