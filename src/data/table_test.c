/* data/table_test.c - the table against a list that is searched from the
 * front, for keys of every class; then what only a table has: growth, limits,
 * order, partitions, emptying, and strings at the end of the world. */
#include "data/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "base/test.h"
#include "data/hash.h"

enum { GROUP = 256, ROW_BYTES = 64, DISTINCT = 700 };

static uint64_t seed = 1;

static uint64_t any(uint64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (seed >> 33) % below;
}

/* ---- keys of every class, made from a number: equal numbers, equal keys */

typedef struct one_text {
    riv_str s;
} one_text;
typedef struct code {
    char c[5];
} code;
typedef struct label {
    char c[40];
} label;
typedef struct place {
    int64_t x, y;
} place;
typedef struct mixed {
    riv_str s;
    int32_t i;
    double f;
    bool b;
} mixed;
RIV_STRUCT(one_text, s);
RIV_STRUCT(code, c);
RIV_STRUCT(label, c);
RIV_STRUCT(place, x, y);
RIV_STRUCT(mixed, s, i, f, b);

static const riv_type type_bool = {
    .struct_size = sizeof(riv_type),
    .kind = RIV_K_BOOL,
    .name = "bool",
    .size = sizeof(bool),
    .align = 1,
};

/* Strings of 0 to 100 bytes with zeros in them, many of which begin alike and
 * many of which are the beginning of another. */
static riv_str text_of(uint32_t i)
{
    static char pool[128 + DISTINCT];
    static bool made;
    for (uint32_t k = 0; !made && k < sizeof pool; k++)
        pool[k] = (char)(k < 100 ? k % 3 : any(4));
    made = true;
    if (i <= 100)
        return (riv_str){ pool, i };
    return (riv_str){ pool + i - 100, i % 101 };
}

static void put_str(void *row, uint32_t i)
{
    *(riv_str *)row = text_of(i);
}

static void put_i64(void *row, uint32_t i)
{
    *(int64_t *)row = i % 3 ? (int64_t)i << (i % 40) : -(int64_t)i;
}

static void put_i32(void *row, uint32_t i)
{
    *(int32_t *)row = i % 2 ? (int32_t)i : -(int32_t)i;
}

static void put_bool(void *row, uint32_t i)
{
    *(bool *)row = i % 2;
}

static void put_f64(void *row, uint32_t i)
{
    const double odd[] = { 0.0, -0.0, NAN, -NAN, INFINITY, -INFINITY };
    *(double *)row = i < 6 ? odd[i] : (double)i / 3 - 100;
}

static void put_f32(void *row, uint32_t i)
{
    const float odd[] = { 0.0F, -0.0F, NAN, -NAN, INFINITY };
    *(float *)row = i < 5 ? odd[i] : (float)i / 3 - 100;
}

static void put_code(void *row, uint32_t i)
{
    memcpy(row, (char[5]){ (char)i, 0, (char)(i >> 4), 0, 'x' }, 5);
}

static void put_label(void *row, uint32_t i)
{
    memset(row, 'a', sizeof(label));
    memcpy((char *)row + i % 30, &i, sizeof i);
}

static void put_place(void *row, uint32_t i)
{
    *(place *)row = (place){ i % 7, -(int64_t)(i / 7) };
}

static void put_mixed(void *row, uint32_t i)
{
    *(mixed *)row = (mixed){ .s = text_of(i % 50),
                             .i = (int32_t)(i % 5),
                             .f = i % 2 ? 0.0 : -0.0,
                             .b = i % 11 == 0 };
}

static const struct kind {
    const char *name;
    const riv_type *type;
    void (*put)(void *row, uint32_t i);
    enum riv_key_class class;
} kinds[] = {
    { "str", &riv_type_riv_str, put_str, RIV__KEY_STR },
    { "i64", &riv_type_int64_t, put_i64, RIV__KEY_I64 },
    { "u64", &riv_type_uint64_t, put_i64, RIV__KEY_I64 },
    { "i32", &riv_type_int32_t, put_i32, RIV__KEY_I32 },
    { "u32", &riv_type_uint32_t, put_i32, RIV__KEY_U32 },
    { "bool", &type_bool, put_bool, RIV__KEY_BOOL },
    { "f64", &riv_type_double, put_f64, RIV__KEY_F64 },
    { "f32", &riv_type_float, put_f32, RIV__KEY_F32 },
    { "struct of one str", &riv_type_one_text, put_str, RIV__KEY_STR },
    { "char[5]", &riv_type_code, put_code, RIV__KEY_CHARS },
    { "char[40]", &riv_type_label, put_label, RIV__KEY_CHARS },
    { "two i64", &riv_type_place, put_place, RIV__KEY_ENCODED },
    { "mixed", &riv_type_mixed, put_mixed, RIV__KEY_ENCODED },
};

/* ---- a table with its layout, and the list it is compared with */

struct bench {
    struct riv_arena arena;
    const struct riv_layout *layout;
    const struct kind *kind;
    struct riv_table tab;
    char list[DISTINCT][ROW_BYTES]; /* distinct keys in order of arrival */
    int64_t sum[DISTINCT];
    uint32_t nlist;
};

static struct bench *bench_new(const struct kind *kind)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    riv__arena_init(&b->arena, 1024);
    b->kind = kind;
    assert_int_equal(riv__layout_make(&b->arena, kind->type, &b->layout, NULL),
                     0);
    assert_int_equal(riv__table_init(&b->tab, b->layout, sizeof(int64_t), NULL),
                     0);
    return b;
}

static void bench_free(struct bench *b)
{
    riv__table_fini(&b->tab);
    riv__arena_fini(&b->arena);
    free(b);
}

static uint32_t list_slot(struct bench *b, const char *row)
{
    for (uint32_t i = 0; i < b->nlist; i++)
        if (riv__row_equal(b->layout, b->list[i], row))
            return i;
    memcpy(b->list[b->nlist], row, ROW_BYTES);
    return b->nlist++;
}

static int64_t *sum_at(const struct riv_table *tab, uint32_t slot)
{
    return riv__table_val(tab, slot);
}

/* n rows with keys below `distinct`, both ways. */
static void feed(struct bench *b, size_t n, uint32_t distinct)
{
    char rows[GROUP][ROW_BYTES];
    uint32_t slot[GROUP];
    assert_true(n <= GROUP && distinct <= DISTINCT);
    memset(rows, 0, sizeof rows);
    for (size_t i = 0; i < n; i++)
        b->kind->put(rows[i], (uint32_t)any(distinct));
    assert_int_equal(riv__table_slots(&b->tab, rows, ROW_BYTES, n, slot), 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(slot[i], list_slot(b, rows[i]));
        b->sum[slot[i]] += (int64_t)i;
        *sum_at(&b->tab, slot[i]) += (int64_t)i;
    }
}

static void check(struct bench *b, const struct riv_table *tab)
{
    assert_int_equal(tab->nslot, b->nlist);
    for (uint32_t i = 0; i < b->nlist; i++) {
        char row[ROW_BYTES] = { 0 };
        assert_int_equal(riv__table_keys(tab, i, 1, row, sizeof row, NULL), 0);
        assert_true(riv__row_equal(b->layout, row, b->list[i]));
        assert_int_equal(riv__table_hash(tab, i),
                         riv__hash_row(b->layout, b->list[i]));
        assert_int_equal(*sum_at(tab, i), b->sum[i]);
    }
}

static void a_key_has_one_slot_and_slots_come_in_order_of_arrival(void **state)
{
    (void)state;
    for (size_t k = 0; k < RIV__LEN(kinds); k++) {
        struct bench *b = bench_new(&kinds[k]);
        assert_int_equal(b->tab.class, kinds[k].class);
        for (int round = 0; round < 40; round++)
            feed(b, any(GROUP + 1), 1 + (uint32_t)any(DISTINCT));
        check(b, &b->tab);
        bench_free(b);
    }
}

static void a_reset_table_is_empty_and_works_as_a_new_one(void **state)
{
    (void)state;
    for (size_t k = 0; k < RIV__LEN(kinds); k++) {
        struct bench *b = bench_new(&kinds[k]);
        for (int round = 0; round < 30; round++) {
            uint32_t distinct = round % 5 ? 20 : DISTINCT;
            for (int i = 0; i < 4; i++)
                feed(b, GROUP, distinct);
            check(b, &b->tab);
            riv__table_reset(&b->tab);
            b->nlist = 0;
            memset(b->sum, 0, sizeof b->sum);
        }
        assert_int_equal(b->tab.nslot, 0);
        bench_free(b);
    }
}

static void absorbing_adds_the_keys_in_the_order_picked(void **state)
{
    (void)state;
    for (size_t k = 0; k < RIV__LEN(kinds); k++) {
        struct bench *b = bench_new(&kinds[k]);
        struct riv_table into;
        uint32_t pick[DISTINCT], slot[DISTINCT];
        for (int round = 0; round < 10; round++)
            feed(b, GROUP, DISTINCT);
        assert_int_equal(
            riv__table_init(&into, b->layout, sizeof(int64_t), NULL), 0);
        uint32_t n = b->tab.nslot;
        for (uint32_t i = 0; i < n; i++)
            pick[i] = i / 2;
        assert_int_equal(riv__table_absorb(&into, &b->tab, pick, n, slot), 0);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(slot[i], i / 2);
        for (uint32_t i = 0; i < n; i++)
            pick[i] = i;
        assert_int_equal(riv__table_absorb(&into, &b->tab, pick, n, slot), 0);
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(slot[i], i);
            *sum_at(&into, i) = *sum_at(&b->tab, i);
        }
        riv__table_reset(&b->tab); /* long keys must not point there */
        feed(b, 0, 1);
        check(b, &into);
        riv__table_fini(&into);
        bench_free(b);
    }
}

/* ---- sizes */

static void add_range(struct riv_table *tab, int64_t from, int64_t to)
{
    int64_t row[GROUP];
    uint32_t slot[GROUP];
    for (int64_t at = from; at < to; at += GROUP) {
        size_t n = (size_t)RIV__MIN(to - at, (int64_t)GROUP);
        for (size_t i = 0; i < n; i++)
            row[i] = at + (int64_t)i;
        assert_int_equal(riv__table_slots(tab, row, sizeof row[0], n, slot), 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(slot[i], row[i]);
    }
}

static void half_a_million_keys_keep_their_slots(void **state)
{
    (void)state;
    struct bench *b = bench_new(&kinds[1]);
    add_range(&b->tab, 0, 500000);
    assert_int_equal(b->tab.nslot, 500000);
    add_range(&b->tab, 0, 500000);
    assert_int_equal(b->tab.nslot, 500000);
    bench_free(b);
}

static void equal_fillings_need_no_new_memory(void **state)
{
    (void)state;
    struct bench *b = bench_new(&kinds[1]);
    add_range(&b->tab, 0, 20000);
    const void *entries = b->tab.entry_mem, *cells = b->tab.index.mem;
    for (int i = 0; i < 50; i++) {
        riv__table_reset(&b->tab);
        add_range(&b->tab, 0, i % 2 ? 20000 : 6000);
        assert_ptr_equal(b->tab.entry_mem, entries);
        assert_ptr_equal(b->tab.index.mem, cells);
    }
    bench_free(b);
}

static void a_table_gives_back_what_it_has_long_not_used(void **state)
{
    (void)state;
    struct bench *b = bench_new(&kinds[1]);
    add_range(&b->tab, 0, 200000);
    assert_true(b->tab.index.cap >= 400000);
    for (int i = 0; i < 60; i++) {
        riv__table_reset(&b->tab);
        add_range(&b->tab, 0, 1000);
    }
    assert_true(b->tab.index.cap <= 65536);
    assert_true(b->tab.slot_cap <= 16384);
    bench_free(b);
}

static void a_full_table_refuses_new_keys_and_serves_the_old(void **state)
{
    (void)state;
    struct bench *b = bench_new(&kinds[1]);
    b->tab.slot_max = 1000;
    add_range(&b->tab, 0, 1000);
    int64_t row[3] = { 5, 1000, 6 };
    uint32_t slot[3];
    assert_int_equal(riv__table_slots(&b->tab, row, 8, 3, slot), RIV_ENOMEM);
    assert_int_equal(b->tab.nslot, 1000);
    add_range(&b->tab, 0, 1000);
    riv__table_reset(&b->tab);
    add_range(&b->tab, 0, 1000);
    bench_free(b);
}

/* Sanitizers need the address space themselves. */
enum { LIMITS_WORK = RIV_TEST_SLOWNESS == 1 };

/* Real memory runs out: at every size, at entries, index or long keys. */
static void without_memory_the_keys_that_were_there_stay(void **state)
{
    (void)state;
    if (!LIMITS_WORK)
        skip();
    struct bench *b = bench_new(&kinds[0]);
    struct rlimit was, low;
    assert_int_equal(getrlimit(RLIMIT_AS, &was), 0);
    low = (struct rlimit){ (rlim_t)256 << 20, was.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_AS, &low), 0);
    char text[40] = "a key that is longer than two words: ";
    riv_str s = { text, sizeof text };
    uint32_t slot, n = 0;
    int rc = 0;
    for (; rc == 0 && n < 100000000; n++) {
        memcpy(text + 36, &n, sizeof n);
        rc = riv__table_slots(&b->tab, &s, sizeof s, 1, &slot);
    }
    assert_int_equal(setrlimit(RLIMIT_AS, &was), 0);
    assert_int_equal(rc, RIV_ENOMEM);
    assert_int_equal(b->tab.nslot, n - 1);
    for (uint32_t i = 0; i < n + 1000; i++) {
        memcpy(text + 36, &i, sizeof i);
        assert_int_equal(riv__table_slots(&b->tab, &s, sizeof s, 1, &slot), 0);
        assert_int_equal(slot, i);
    }
    bench_free(b);
}

static void a_key_above_the_limit_is_refused(void **state)
{
    (void)state;
    struct bench *b = bench_new(&kinds[0]);
    char *big = calloc(1, RIV__KEY_BYTES_MAX + 1);
    riv_str row[2] = { { "a", 1 }, { big, RIV__KEY_BYTES_MAX + 1 } };
    uint32_t slot[2];
    assert_int_equal(riv__table_slots(&b->tab, row, sizeof row[0], 2, slot),
                     RIV_EINVAL);
    row[1].n--;
    assert_int_equal(riv__table_slots(&b->tab, row, sizeof row[0], 2, slot), 0);
    assert_int_equal(slot[1], 1);
    free(big);
    bench_free(b);
}

/* ---- strings at the end of a page with nothing after it */

static void strings_may_end_where_memory_ends(void **state)
{
    (void)state;
    enum { PAGE = 4096, LENGTHS = 41 };
    struct bench *b = bench_new(&kinds[0]);
    char *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(map != MAP_FAILED);
    assert_int_equal(mprotect(map + PAGE, PAGE, PROT_NONE), 0);
    memset(map, 'x', PAGE);
    riv_str row[LENGTHS];
    uint32_t slot[LENGTHS];
    for (uint32_t n = 0; n < LENGTHS; n++)
        row[n] = (riv_str){ map + PAGE - n, n };
    assert_int_equal(
        riv__table_slots(&b->tab, row, sizeof row[0], LENGTHS, slot), 0);
    for (uint32_t n = 0; n < LENGTHS; n++) {
        assert_int_equal(slot[n], n);
        row[n].p = map + n; /* the same bytes in the middle */
    }
    row[0].p = NULL;
    assert_int_equal(
        riv__table_slots(&b->tab, row, sizeof row[0], LENGTHS, slot), 0);
    for (uint32_t n = 0; n < LENGTHS; n++)
        assert_int_equal(slot[n], n);
    munmap(map, 2 * PAGE);
    bench_free(b);
}

/* What follows a short string in memory is loaded with it. */
static void bytes_after_a_string_do_not_count(void **state)
{
    (void)state;
    struct bench *b = bench_new(&kinds[0]);
    char text[64];
    riv_str s[17];
    uint32_t slot[17];
    for (int fill = 0; fill < 3; fill++) {
        memset(text, fill, sizeof text);
        memcpy(text, "0123456789abcdef", 16);
        for (size_t n = 0; n <= 16; n++) {
            s[n] = (riv_str){ text, n };
            memset(text + n, fill, sizeof text - n);
            assert_int_equal(
                riv__table_slots(&b->tab, &s[n], sizeof s[0], 1, &slot[n]), 0);
            assert_int_equal(slot[n], n);
            memcpy(text, "0123456789abcdef", 16);
        }
    }
    bench_free(b);
}

static void a_set_has_no_values(void **state)
{
    (void)state;
    struct bench *b = bench_new(&kinds[1]);
    struct riv_table set;
    assert_int_equal(riv__table_init(&set, b->layout, 0, NULL), 0);
    add_range(&set, 0, 5000);
    assert_int_equal(set.nslot, 5000);
    assert_int_equal(set.entry_bytes, 8);
    riv__table_fini(&set);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_has_one_slot_and_slots_come_in_order_of_arrival),
        cmocka_unit_test(a_reset_table_is_empty_and_works_as_a_new_one),
        cmocka_unit_test(absorbing_adds_the_keys_in_the_order_picked),
        cmocka_unit_test(half_a_million_keys_keep_their_slots),
        cmocka_unit_test(equal_fillings_need_no_new_memory),
        cmocka_unit_test(a_table_gives_back_what_it_has_long_not_used),
        cmocka_unit_test(a_full_table_refuses_new_keys_and_serves_the_old),
        cmocka_unit_test(without_memory_the_keys_that_were_there_stay),
        cmocka_unit_test(a_key_above_the_limit_is_refused),
        cmocka_unit_test(strings_may_end_where_memory_ends),
        cmocka_unit_test(bytes_after_a_string_do_not_count),
        cmocka_unit_test(a_set_has_no_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
