/* Pairs: folded, counted, looked up, by key and over all.
 * prints
 * ann has 5 and 2
 * bob has 7
 * ann: 2 values, 5 the greatest
 * bob: 1 values, 7 the greatest
 * least,ann,2
 * least,bob,7
 * most,ann,5
 * most,bob,7
 * doubled,ann,10
 * doubled,ann,4
 * doubled,bob,14
 * about,ann,2
 * about,bob,1
 * different,5
 * different,2
 * different,7
 * records,3
 * ann occurs 2 times
 * bob occurs 1 times
 * the map has 2 pairs
 * looked up: 5 2
 * sums: 2 pairs
 */
#include <rivulet.h>
#include <stdio.h>

RIV_PAIR(score, riv_str, int64_t);
typedef struct {
    riv_str what, key;
    int64_t val;
} told;
RIV_STRUCT(told, what, key, val);
typedef struct {
    riv_str what;
    int64_t n;
} number;
RIV_STRUCT(number, what, n);

RIV_GROUP(listed, score, riv_str);
static int listed(const riv_str *key, const int64_t *v, size_t n,
                  listed_out *out, riv_task *t)
{
    riv_str text = riv_fmt(t, RIV_S " has %lld", RIV_P(*key), (long long)v[0]);
    for (size_t i = 1; i < n; i++)
        text = riv_fmt(t, RIV_S " and %lld", RIV_P(text), (long long)v[i]);
    riv_emit(out, text);
    return 0;
}

/* The same values in memory of its own, sorted. */
RIV_GROUP(highest, score, riv_str);
static int highest(const riv_str *key, const int64_t *v, size_t n,
                   highest_out *out, riv_task *t)
{
    int64_t *copy = riv_alloc(t, n * sizeof *copy), most = INT64_MIN;
    memcpy(copy, v, n * sizeof *copy);
    for (size_t i = 0; i < n; i++)
        most = copy[i] > most ? copy[i] : most;
    riv_emit(out, riv_fmt(t, RIV_S ": %zu values, %lld the greatest",
                          RIV_P(*key), n, (long long)most));
    return 0;
}

RIV_MAP_VALUES(twice, score, score);
static int twice(const riv_str *key, const int64_t *v, int64_t *out,
                 riv_task *t)
{
    (void)key, (void)t;
    *out = 2 * *v;
    return 0;
}

RIV_MAP(tell, score, told);
static int tell(const score *in, told *out, riv_task *t)
{
    *out = (told){ riv_cstr(riv_arg(t, char)), in->key, in->val };
    return 0;
}

RIV_MAP(tell_number, int64_t, number);
static int tell_number(const int64_t *in, number *out, riv_task *t)
{
    *out = (number){ riv_cstr(riv_arg(t, char)), *in };
    return 0;
}

static void show(riv_ds *pairs, const char *what)
{
    riv_save_text(riv_map(pairs, tell_fn, RIV_OPT(.arg = RIV_BORROW(what))),
                  "-", NULL);
}

static void show_numbers(riv_ds *in, const char *what)
{
    riv_save_text(riv_map(in, tell_number_fn, RIV_OPT(.arg = RIV_BORROW(what))),
                  "-", NULL);
}

static void now(riv_ds *in)
{
    const riv_str ann = riv_cstr("ann");
    riv_result res = { .struct_size = sizeof res };
    if (riv_count_by_key(in, &res) == 0) {
        const score *row = res.rows; /* { key; int64_t } */
        for (size_t i = 0; i < res.n; i++)
            printf(RIV_S " occurs %lld times\n", RIV_P(row[i].key),
                   (long long)row[i].val);
        riv_result_free(&res);
    }
    if (riv_collect_as_map(in, &res) == 0)
        printf("the map has %zu pairs\n", res.n);
    riv_result_free(&res);
    if (riv_lookup(in, &ann, &res) == 0 && res.n == 2) {
        const int64_t *v = res.rows;
        printf("looked up: %lld %lld\n", (long long)v[0], (long long)v[1]);
    }
    riv_result_free(&res);
    if (riv_reduce_by_key_locally(in, riv_sum_i64, &res) == 0)
        printf("sums: %zu pairs\n", res.n);
    riv_result_free(&res);
    fflush(stdout);
}

RIV_JOB(r, argc, argv)
{
    const score rows[] = { { riv_cstr("ann"), 5 },
                           { riv_cstr("bob"), 7 },
                           { riv_cstr("ann"), 2 } };
    riv_ds *in = riv_parallelize(r, &riv_type_score, rows, 3, NULL);
    if (riv_ds_type(in)->nfields != 2)
        return riv_invalid(r, "a pair has two fields");
    now(in);
    riv_save_text(riv_group_by_key(in, listed_fn, NULL), "-", NULL);
    riv_save_text(riv_group_by_key(in, highest_fn, NULL), "-", NULL);
    show(riv_reduce_by_key(in, riv_min_i64, NULL), "least");
    show(riv_reduce_by_key(in, riv_max_i64, NULL), "most");
    show(riv_map_values(in, twice_fn, NULL), "doubled");
    show(riv_count_approx_distinct_by_key(in, 0.05, NULL), "about");
    show_numbers(riv_distinct(riv_values(riv_union(in, in)), NULL),
                 "different");
    show_numbers(riv_count(in), "records");
    return 0;
}
