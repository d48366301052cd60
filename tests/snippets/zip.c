/* Partitions as wholes: numbering rows, pairing them, seeing them together.
 * prints
 * zip,10,a
 * zip,20,b
 * zip,30,c
 * index,a,0
 * index,b,1
 * index,c,2
 * unique,a,0
 * unique,b,1
 * unique,c,3
 * product,10,b
 * product,20,b
 * product,30,b
 * whole,0,1
 * whole,1,2
 * lengths,1,2
 * lengths,2,2
 */
#include <rivulet.h>

RIV_PAIR(number_text, int64_t, riv_str);
RIV_PAIR(text_number, riv_str, int64_t);
typedef struct {
    riv_str what;
    int64_t number;
    riv_str text;
} first;
RIV_STRUCT(first, what, number, text);
typedef struct {
    riv_str what, text;
    int64_t number;
} second;
RIV_STRUCT(second, what, text, number);
typedef struct {
    riv_str what;
    int64_t a, b;
} third;
RIV_STRUCT(third, what, a, b);

RIV_MAP(as_first, number_text, first);
static int as_first(const number_text *in, first *out, riv_task *t)
{
    *out = (first){ riv_cstr(riv_arg(t, char)), in->key, in->val };
    return 0;
}

RIV_MAP(as_second, text_number, second);
static int as_second(const text_number *in, second *out, riv_task *t)
{
    *out = (second){ riv_cstr(riv_arg(t, char)), in->key, in->val };
    return 0;
}

RIV_FILTER(only_b, riv_str);
static int only_b(const riv_str *in, riv_task *t)
{
    (void)t;
    return riv_eq(*in, riv_cstr("b"));
}

RIV_GLOM(whole, riv_str, third);
static int whole(const riv_str *rows, size_t n, whole_out *out, riv_task *t)
{
    (void)rows;
    riv_emit(out, (third){ riv_cstr("whole"), riv_partition(t), (int64_t)n });
    return 0;
}

RIV_ZIP_PARTITIONS(lengths, riv_str, int64_t, third);
static int lengths(const riv_str *l, size_t nl, const int64_t *r, size_t nr,
                   lengths_out *out, riv_task *t)
{
    (void)l;
    (void)r;
    (void)t;
    riv_emit(out, (third){ riv_cstr("lengths"), (int64_t)nl, (int64_t)nr });
    return 0;
}

static void show(riv_ds *in, const riv_fn *f, const char *what)
{
    riv_save_text(riv_map(in, f, RIV_OPT(.arg = RIV_BORROW(what))), "-", NULL);
}

RIV_JOB(r, argc, argv)
{
    const int64_t numbers[] = { 10, 20, 30, 40 };
    const riv_str texts[] = { riv_cstr("a"), riv_cstr("b"), riv_cstr("c") };
    const riv_opt *two = RIV_OPT(.partitions = 2);
    riv_ds *n = riv_parallelize(r, &riv_type_int64_t, numbers, 3, two);
    riv_ds *s = riv_parallelize(r, &riv_type_riv_str, texts, 3, two);
    riv_ds *n4 = riv_parallelize(r, &riv_type_int64_t, numbers, 4, two);
    show(riv_zip(n, s), as_first_fn, "zip");
    show(riv_zip_with_index(s), as_second_fn, "index");
    show(riv_zip_with_unique_id(s), as_second_fn, "unique");
    show(riv_cartesian(n, riv_filter(s, only_b_fn, NULL)), as_first_fn,
         "product");
    riv_save_text(riv_glom(s, whole_fn, NULL), "-", NULL);
    riv_save_text(riv_zip_partitions(s, n4, lengths_fn, NULL), "-", NULL);
    return 0;
}
