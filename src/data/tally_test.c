/* data/tally_test.c - the tally against a list that is searched from the front,
 * for keys of every class and accumulators of every size; then what only a
 * tally has: growth, emptying, the order of arrival over both kinds of entries,
 * partitions, entries of another tally. */
#include "data/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "data/fixture.h"
#include "data/tally_key.h"
#include "data/tally_places.h"

enum { ROWS = 6000, CHUNK = 256, KEY_BYTES = 512 };

static uint64_t seed = 1;

typedef struct code {
    char c[6];
} code;
RIV_STRUCT(code, c);
typedef struct three {
    int64_t n, sum;
    char pad[48];
} three;

static const riv_type type_i32 = {
    sizeof(riv_type), RIV_K_I32, "i32", 4, 4, 0, 0, NULL, NULL
};
static const riv_type type_bool = {
    sizeof(riv_type), RIV_K_BOOL, "bool", 1, 1, 0, 0, NULL, NULL
};

static const riv_type *const types[] = {
    &riv__type_str, &riv__type_i64, &riv__type_f64,
    &type_i32,      &type_bool,     &riv_type_code,
    &riv_type_all,  &riv_type_wc,   &riv_type_reading,
};

/* What is known of the keys so far, by looking through all of them. */
struct list {
    const struct riv_layout *layout;
    char key[ROWS][KEY_BYTES];
    int64_t count[ROWS], sum[ROWS];
    uint32_t n;
};

static uint32_t list_find(struct list *list, const char *row)
{
    uint32_t i = 0;
    while (i < list->n && !riv__row_equal(list->layout, list->key[i], row))
        i++;
    if (i < list->n)
        return i;
    memcpy(list->key[i], row, list->layout->size);
    list->count[i] = list->sum[i] = 0;
    return list->n++;
}

struct world {
    struct riv_arena arena;
    const struct riv_layout *key;
    struct riv_tally tab;
    struct riv_keys keys;
    struct list list;
    char *rows; /* keys, each with an int64_t behind it */
    size_t stride;
};

static struct world *world_new(const riv_type *type, uint32_t acc_bytes)
{
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    riv__arena_init(&w->arena, 0);
    w->key = fixture_layout(&w->arena, type);
    w->list.layout = w->key;
    w->stride = RIV__ALIGN_UP(w->key->size, 8) + 8;
    w->rows = riv__arena_zalloc(&w->arena, ROWS * w->stride);
    riv__tally_init(&w->tab, w->key, acc_bytes);
    return w;
}

static void world_free(struct world *w)
{
    riv__tally_fini(&w->tab);
    riv__keys_fini(&w->keys);
    riv__arena_fini(&w->arena);
    free(w);
}

static int64_t *val_at(struct world *w, size_t i)
{
    return (int64_t *)(void *)(w->rows + (i + 1) * w->stride - 8);
}

/* Rows that repeat each other in the mean so many times. */
static void rows_draw(struct world *w, uint32_t repeats)
{
    for (size_t i = 0; i < ROWS; i++) {
        char *row = w->rows + i * w->stride;
        const uint64_t r = fixture_next(&seed);
        if (i > 0 && r % repeats != 0)
            memcpy(row, w->rows + r / repeats % i * w->stride, w->key->size);
        else
            fixture_row(w->key, row, &w->arena, &seed, i % 3 ? "ab" : "");
        *val_at(w, i) = (int64_t)(r >> 20) - (INT64_C(1) << 42);
    }
}

static void list_fill(struct world *w)
{
    w->list.n = 0;
    for (size_t i = 0; i < ROWS; i++) {
        const uint32_t at = list_find(&w->list, w->rows + i * w->stride);
        w->list.count[at]++;
        w->list.sum[at] += *val_at(w, i);
    }
}

static void keys_are_those_of_the_list(struct world *w)
{
    struct riv_err err = { 0 };
    assert_int_equal(w->tab.nslot, w->list.n);
    for (uint32_t slot = 0; slot < w->tab.nslot; slot++) {
        char row[KEY_BYTES];
        assert_int_equal(
            riv__tally_keys(&w->tab, &slot, 1, row, KEY_BYTES, &err), 0);
        assert_true(riv__row_equal(w->key, row, w->list.key[slot]));
    }
}

/* 1 to CHUNK, no more than `most`. */
static size_t some(size_t most)
{
    const size_t n = 1 + fixture_next(&seed) % CHUNK;
    return RIV__MIN(n, most);
}

/* Rows of keys and accumulators, all at once. */
static void rows_are_keys_and_accumulators(struct world *w)
{
    struct riv_err err = { 0 };
    const size_t at = RIV__ALIGN_UP(w->key->size, 8);
    const struct riv_tally_out out = {
        .rows = calloc(w->tab.nslot + 1, at + w->tab.acc_bytes),
        .stride = at + w->tab.acc_bytes,
        .acc_offset = at,
    };
    uint32_t slot[ROWS];
    for (uint32_t i = 0; i < w->tab.nslot; i++)
        slot[i] = w->tab.nslot - 1 - i;
    assert_int_equal(riv__tally_rows(&w->tab, slot, w->tab.nslot, &out, &err),
                     0);
    for (uint32_t i = 0; i < w->tab.nslot; i++) {
        const char *row = out.rows + i * out.stride;
        assert_true(riv__row_equal(w->key, row, w->list.key[slot[i]]));
        assert_memory_equal(row + at, riv__tally_acc(&w->tab, slot[i]),
                            w->tab.acc_bytes);
    }
    free(out.rows);
}

static void keys_make(struct world *w, size_t at, size_t n)
{
    assert_int_equal(riv__keys_make(&w->keys, &w->tab, w->rows + at * w->stride,
                                    w->stride, n),
                     0);
    assert_int_equal(w->keys.nword + w->keys.nwide, n);
}

static void count(struct world *w)
{
    for (size_t i = 0, n; i < ROWS; i += n) {
        n = some(ROWS - i);
        keys_make(w, i, n);
        assert_int_equal(riv__tally_count(&w->tab, &w->keys), 0);
    }
}

static void add(struct world *w)
{
    for (size_t i = 0, n; i < ROWS; i += n) {
        n = some(ROWS - i);
        keys_make(w, i, n);
        assert_int_equal(riv__tally_add_i64(&w->tab, &w->keys,
                                            (char *)val_at(w, i), w->stride),
                         0);
    }
}

static int64_t acc_i64(const struct world *w, uint32_t slot)
{
    return RIV__LOAD(int64_t, riv__tally_acc(&w->tab, slot));
}

static void keys_of_every_class_are_counted(void **state)
{
    (void)state;
    for (size_t t = 0; t < RIV__LEN(types); t++)
        for (uint32_t repeats = 1; repeats <= 64; repeats *= 8) {
            struct world *w = world_new(types[t], 8);
            rows_draw(w, repeats);
            list_fill(w);
            count(w);
            keys_are_those_of_the_list(w);
            for (uint32_t slot = 0; slot < w->tab.nslot; slot++)
                assert_int_equal(acc_i64(w, slot), w->list.count[slot]);
            rows_are_keys_and_accumulators(w);
            world_free(w);
        }
}

static void values_of_every_class_are_summed(void **state)
{
    (void)state;
    for (size_t t = 0; t < RIV__LEN(types); t++) {
        struct world *w = world_new(types[t], 8);
        rows_draw(w, 4);
        list_fill(w);
        add(w);
        keys_are_those_of_the_list(w);
        for (uint32_t slot = 0; slot < w->tab.nslot; slot++)
            assert_int_equal(acc_i64(w, slot), w->list.sum[slot]);
        world_free(w);
    }
}

/* Folds by hand, as a user's reducer would: fresh accumulators are zero. */
static void fold(struct world *w, size_t acc_bytes)
{
    void *acc[RIV__KEYS_MAX];
    uint64_t fresh[RIV__KEYS_MAX / 64];
    for (size_t i = 0, n; i < ROWS; i += n) {
        n = some(ROWS - i);
        keys_make(w, i, n);
        assert_int_equal(riv__tally_find(&w->tab, &w->keys, acc, fresh), 0);
        for (size_t k = 0; k < n; k++) {
            three *a = acc[k];
            const bool is_new = fresh[k / 64] >> k % 64 & 1;
            assert_true(!is_new || a->n == 0);
            a->n += 1;
            a->sum += *val_at(w, i + k);
            if (acc_bytes == sizeof *a)
                a->pad[47] = (char)a->n;
        }
    }
}

static void accumulators_of_any_size_keep_what_is_in_them(void **state)
{
    (void)state;
    const uint32_t sizes[] = { 16, 24, 40, sizeof(three) };
    for (size_t t = 0; t < RIV__LEN(types); t++)
        for (size_t s = 0; s < RIV__LEN(sizes); s++) {
            struct world *w = world_new(types[t], sizes[s]);
            rows_draw(w, 3);
            list_fill(w);
            fold(w, sizes[s]);
            keys_are_those_of_the_list(w);
            for (uint32_t slot = 0; slot < w->tab.nslot; slot++) {
                const three *a = riv__tally_acc(&w->tab, slot);
                assert_int_equal(a->n, w->list.count[slot]);
                assert_int_equal(a->sum, w->list.sum[slot]);
            }
            rows_are_keys_and_accumulators(w);
            world_free(w);
        }
}

static void an_emptied_tally_is_as_good_as_new(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_str, 8);
    for (uint32_t round = 0; round < 20; round++) {
        rows_draw(w, round % 5 ? 1 + 40 * round : 1);
        list_fill(w);
        riv__tally_reset(&w->tab);
        assert_int_equal(w->tab.nslot, 0);
        add(w);
        keys_are_those_of_the_list(w);
        for (uint32_t slot = 0; slot < w->tab.nslot; slot++)
            assert_int_equal(acc_i64(w, slot), w->list.sum[slot]);
    }
    world_free(w);
}

/* Numbers that all belong to the last places of a table, so that they go on at its
 * begin, and growing finds no place for some before it has looked through all. */
static void keys_at_the_end_of_a_table_are_found_when_it_has_grown(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_i64, 8);
    uint64_t v = 0;
    for (size_t i = 0; i < ROWS; i++, v++) {
        while (i < 300 && (riv__keys_hash(v ^ RIV__TALLY_VEIL) & 1023) < 1016)
            v++;
        memcpy(w->rows + i * w->stride, &v, sizeof v);
    }
    count(w);
    count(w);
    assert_int_equal(w->tab.nslot, ROWS);
    for (uint32_t slot = 0; slot < ROWS; slot++) {
        struct riv_err err = { 0 };
        int64_t key;
        assert_int_equal(
            riv__tally_keys(&w->tab, &slot, 1, (char *)&key, 8, &err), 0);
        assert_memory_equal(&key, w->rows + slot * w->stride, 8);
        assert_int_equal(*(int64_t *)riv__tally_acc(&w->tab, slot), 2);
    }
    world_free(w);
}

/* Bytes of addresses that this process has. */
static rlim_t addresses(void)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu", &pages), 1);
    fclose(file);
    return pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/* Makes place for a million keys, with so much more than the process has. */
static int grow_within(struct world *w, rlim_t more)
{
    enum { KEYS = 1000000 };
    struct rlimit before, now;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    now = before;
    now.rlim_cur = addresses() + more;
    assert_int_equal(setrlimit(RLIMIT_AS, &now), 0);
    const int rc = riv__places_grow(&w->tab, &w->tab.word, KEYS);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    return rc;
}

/* It asks for addresses for several times its size, then for as many as it needs;
 * and where there are none it is as it was. */
static void a_tally_that_cannot_grow_keeps_what_it_has(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_i64, 8);
    rows_draw(w, 2);
    count(w);
    const struct riv_places before = w->tab.word;
    assert_int_equal(grow_within(w, 1 << 20), RIV_ENOMEM);
    assert_memory_equal(&w->tab.word, &before, sizeof before);
    count(w);
    assert_int_equal(grow_within(w, 100 << 20), 0);
    assert_true(w->tab.word.cap > before.cap);
    count(w);
    list_fill(w);
    keys_are_those_of_the_list(w);
    for (uint32_t slot = 0; slot < w->tab.nslot; slot++)
        assert_int_equal(acc_i64(w, slot), 3 * w->list.count[slot]);
    world_free(w);
}

static void equal_fillings_need_no_new_memory(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_str, 8);
    rows_draw(w, 2);
    count(w);
    riv__tally_reset(&w->tab);
    count(w);
    const void *words = w->tab.word.at, *wides = w->tab.wide.at;
    const void *order = w->tab.order;
    for (int round = 0; round < 5; round++) {
        riv__tally_reset(&w->tab);
        count(w);
    }
    assert_ptr_equal(w->tab.word.at, words);
    assert_ptr_equal(w->tab.wide.at, wides);
    assert_ptr_equal(w->tab.order, order);
    world_free(w);
}

static void memory_shrinks_after_a_large_filling(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_i64, 8);
    for (int64_t i = 0; i < ROWS; i++)
        memcpy(w->rows + (size_t)i * w->stride, &i, sizeof i);
    count(w);
    const uint32_t large = w->tab.word.cap;
    for (int round = 0; round < 40; round++) {
        riv__tally_reset(&w->tab);
        keys_make(w, 0, 10);
        assert_int_equal(riv__tally_count(&w->tab, &w->keys), 0);
    }
    assert_true(w->tab.word.cap < large);
    world_free(w);
}

static void slots_come_by_partition_in_order_of_arrival(void **state)
{
    (void)state;
    uint32_t order[ROWS], start[65], scratch[ROWS];
    for (size_t t = 0; t < RIV__LEN(types); t++) {
        struct world *w = world_new(types[t], 8);
        rows_draw(w, 4);
        list_fill(w);
        count(w);
        const uint32_t first = w->tab.nslot / 3;
        riv__tally_by_part(
            &w->tab, first, w->tab.nslot - first,
            &(struct riv_tally_parts){ 64, order, start, scratch });
        assert_int_equal(start[64], w->tab.nslot - first);
        for (uint32_t p = 0; p < 64; p++)
            for (uint32_t i = start[p]; i < start[p + 1]; i++) {
                const uint64_t hash =
                    riv__hash_row(w->key, w->list.key[order[i]]);
                assert_int_equal(riv__hash_part(hash, 64), p);
                assert_true(i == start[p] || order[i] > order[i - 1]);
            }
        world_free(w);
    }
}

static void keys_of_another_tally_are_the_same_keys(void **state)
{
    (void)state;
    for (size_t t = 0; t < RIV__LEN(types); t++) {
        struct world *w = world_new(types[t], 8);
        struct riv_tally from = w->tab;
        rows_draw(w, 2);
        list_fill(w);
        count(w);
        from = w->tab; /* and an empty one to take from it, twice */
        riv__tally_init(&w->tab, w->key, 8);
        for (int twice = 0; twice < 2; twice++)
            for (uint32_t slot = 0; slot < from.nslot; slot++) {
                riv__keys_copy(&w->keys, &w->tab, &from, &slot, 1);
                assert_int_equal(riv__tally_count(&w->tab, &w->keys), 0);
            }
        keys_are_those_of_the_list(w);
        for (uint32_t slot = 0; slot < w->tab.nslot; slot++)
            assert_int_equal(acc_i64(w, slot), 2);
        riv__tally_fini(&from);
        keys_are_those_of_the_list(w); /* long keys are copies */
        uint32_t order[ROWS], start[9], scratch[ROWS];
        riv__tally_by_part(
            &w->tab, 0, w->tab.nslot,
            &(struct riv_tally_parts){ 8, order, start, scratch });
        for (uint32_t i = start[5]; i < start[6]; i++)
            assert_int_equal(
                riv__hash_part(riv__hash_row(w->key, w->list.key[order[i]]), 8),
                5);
        world_free(w);
    }
}

/* Every number is a key, also the one that would look like an empty place. */
static void any_number_is_a_key(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_i64, 8);
    static const uint64_t edge[] = { 0, UINT64_MAX, UINT64_C(1) << 63,
                                     UINT64_C(0x8ebc6af09c88c6e3) };
    for (size_t i = 0; i < ROWS; i++) {
        const uint64_t v = edge[i % RIV__LEN(edge)];
        memcpy(w->rows + i * w->stride, &v, sizeof v);
    }
    list_fill(w);
    count(w);
    keys_are_those_of_the_list(w);
    for (uint32_t slot = 0; slot < w->tab.nslot; slot++)
        assert_int_equal(acc_i64(w, slot), ROWS / (int)RIV__LEN(edge));
    rows_are_keys_and_accumulators(w);
    world_free(w);
}

static void strings_that_end_with_zeros_differ(void **state)
{
    (void)state;
    static const char bytes[32] = "a";
    struct world *w = world_new(&riv__type_str, 8);
    for (size_t i = 0; i < ROWS; i++) {
        riv_str s = { bytes, i % 20 };
        memcpy(w->rows + i * w->stride, &s, sizeof s);
    }
    list_fill(w);
    count(w);
    assert_int_equal(w->tab.nslot, 20);
    keys_are_those_of_the_list(w);
    world_free(w);
}

static void rows_in_front_may_be_dropped(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_str, 8);
    rows_draw(w, 3);
    list_fill(w);
    for (size_t i = 0, n; i < ROWS; i += n) {
        riv_str strs[CHUNK];
        n = some(ROWS - i);
        for (size_t k = 0; k < n; k++)
            memcpy(&strs[k], w->rows + (i + k) * w->stride, sizeof *strs);
        for (size_t from = 0, m; from < n; from += m) {
            m = some(n - from);
            riv__keys_strs(&w->keys, &w->tab, strs, from + m);
            assert_int_equal(riv__keys_bytes(&w->keys), 0);
            riv__keys_drop(&w->keys, (uint32_t)from);
            assert_int_equal(w->keys.nword + w->keys.nwide, m);
            assert_int_equal(riv__tally_count(&w->tab, &w->keys), 0);
        }
    }
    keys_are_those_of_the_list(w);
    world_free(w);
}

static void a_key_may_end_where_memory_ends(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_str, 8);
    for (size_t i = 0; i < 40; i++) {
        char *end = malloc(i + 1); /* a sanitizer sees what is behind it */
        assert_non_null(end);
        memset(end, 'x', i + 1);
        riv_str s = { end, i };
        memcpy(w->rows, &s, sizeof s);
        keys_make(w, 0, 1);
        assert_int_equal(riv__tally_count(&w->tab, &w->keys), 0);
        free(end);
    }
    assert_int_equal(w->tab.nslot, 40);
    world_free(w);
}

static void a_key_above_the_limit_is_refused(void **state)
{
    (void)state;
    struct world *w = world_new(&riv__type_str, 8);
    char *p = calloc(1, RIV__KEY_BYTES_MAX + 1);
    riv_str s = { p, RIV__KEY_BYTES_MAX };
    memcpy(w->rows, &s, sizeof s);
    assert_int_equal(riv__keys_make(&w->keys, &w->tab, w->rows, w->stride, 1),
                     0);
    s.n++;
    memcpy(w->rows, &s, sizeof s);
    assert_int_equal(riv__keys_make(&w->keys, &w->tab, w->rows, w->stride, 1),
                     RIV_EINVAL);
    free(p);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_every_class_are_counted),
        cmocka_unit_test(values_of_every_class_are_summed),
        cmocka_unit_test(accumulators_of_any_size_keep_what_is_in_them),
        cmocka_unit_test(an_emptied_tally_is_as_good_as_new),
        cmocka_unit_test(
            keys_at_the_end_of_a_table_are_found_when_it_has_grown),
        cmocka_unit_test(a_tally_that_cannot_grow_keeps_what_it_has),
        cmocka_unit_test(equal_fillings_need_no_new_memory),
        cmocka_unit_test(memory_shrinks_after_a_large_filling),
        cmocka_unit_test(slots_come_by_partition_in_order_of_arrival),
        cmocka_unit_test(keys_of_another_tally_are_the_same_keys),
        cmocka_unit_test(any_number_is_a_key),
        cmocka_unit_test(strings_that_end_with_zeros_differ),
        cmocka_unit_test(rows_in_front_may_be_dropped),
        cmocka_unit_test(a_key_may_end_where_memory_ends),
        cmocka_unit_test(a_key_above_the_limit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
