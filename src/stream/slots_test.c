/* stream/slots_test.c - keys that come and go in one partition: their slots,
 * their strings, and building anew. SM-: the state map of the conformance data.
 */
#include "stream/slots.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

struct value {
    int64_t life;
    riv_str text;
};

static const riv_field fields[] = {
    { "text", NULL, RIV_K_STR, 0, sizeof(riv_str), 0 },
};
static const riv_type text_type = {
    sizeof(riv_type), RIV_K_STRUCT, "text", sizeof(riv_str), 8, 1, 0,
    fields,           NULL,
};

struct world {
    struct riv_arena arena;
    const struct riv_layout *key, *text;
    struct riv_slots slots;
};

static void world_init(struct world *w)
{
    struct riv_err err = { 0 };
    riv__arena_init(&w->arena, 1024);
    assert_int_equal(riv__layout_make(&w->arena, &riv__type_str, &w->key, &err),
                     0);
    assert_int_equal(riv__layout_make(&w->arena, &text_type, &w->text, &err),
                     0);
    assert_int_equal(
        riv__slots_init(&w->slots, w->key, sizeof(struct value), &err), 0);
}

static void world_fini(struct world *w)
{
    riv__slots_fini(&w->slots);
    riv__arena_fini(&w->arena);
}

static uint32_t slot_of(struct world *w, const char *key)
{
    const riv_str s = { key, strlen(key) };
    uint32_t slot;
    assert_int_equal(riv__table_slots(&w->slots.tab, &s, sizeof s, 1, &slot),
                     0);
    return slot;
}

static struct value *at(struct world *w, const char *key)
{
    return riv__table_val(&w->slots.tab, slot_of(w, key));
}

/* The text is gone when this returns: the slots have their own. */
static void put(struct world *w, const char *key, int64_t life,
                const char *text)
{
    struct value *v = at(w, key);
    char *copy = strdup(text);
    riv_str now = { copy, strlen(copy) };
    w->slots.live += v->life == 0;
    assert_int_equal(
        riv__slots_adopt(&w->slots, w->text, &now, v->life ? &v->text : NULL),
        0);
    v->life = life;
    v->text = now;
    free(copy);
}

static void drop(struct world *w, const char *key)
{
    struct value *v = at(w, key);
    w->slots.live -= v->life != 0;
    v->life = 0;
}

static void build(struct world *w, uint32_t **map)
{
    const struct riv_slot_field field = {
        .layout = w->text,
        .offset = offsetof(struct value, text),
    };
    struct riv_err err = { 0 };
    assert_int_equal(riv__slots_build(&w->slots, &field, 1, map, &err), 0);
}

RIV_TEST(a_key_that_comes_back_finds_its_slot_without_a_life)
{
    struct world w;
    world_init(&w);
    put(&w, "a", 1, "one");
    put(&w, "b", 1, "two");
    uint32_t slot = slot_of(&w, "a");
    drop(&w, "a");
    assert_int_equal(slot_of(&w, "a"), slot);
    assert_int_equal(at(&w, "a")->life, 0);
    assert_int_equal(w.slots.live, 1);
    world_fini(&w);
}

RIV_TEST(building_anew_keeps_the_living_in_their_order)
{
    struct world w;
    uint32_t *map;
    world_init(&w);
    put(&w, "a", 1, "one");
    put(&w, "a key that is longer than sixteen bytes", 2, "two");
    put(&w, "c", 3, "three");
    drop(&w, "a");
    build(&w, &map);
    assert_int_equal(map[0], UINT32_MAX);
    assert_int_equal(map[1], 0);
    assert_int_equal(map[2], 1);
    assert_int_equal(w.slots.tab.nslot, 2);
    assert_int_equal(w.slots.live, 2);
    struct value *v = at(&w, "a key that is longer than sixteen bytes");
    assert_int_equal(v->life, 2);
    assert_text_n(v->text.p, v->text.n, "two");
    assert_text_n(at(&w, "c")->text.p, at(&w, "c")->text.n, "three");
    assert_int_equal(at(&w, "a")->life, 0); /* a new slot, the third */
    free(map);
    world_fini(&w);
}

RIV_TEST(a_string_that_stays_is_not_copied_again)
{
    struct world w;
    world_init(&w);
    put(&w, "a", 1, "text");
    size_t bytes = w.slots.string_bytes;
    struct value *v = at(&w, "a");
    riv_str same = { v->text.p, 3 };
    assert_int_equal(riv__slots_adopt(&w.slots, w.text, &same, &v->text), 0);
    assert_ptr_equal(same.p, v->text.p);
    assert_int_equal(w.slots.string_bytes, bytes);
    world_fini(&w);
}

RIV_TEST(dead_slots_and_dead_strings_ask_for_building)
{
    struct world w;
    char key[32];
    static char text[1000];
    world_init(&w);
    for (int i = 0; i < 1100; i++) {
        snprintf(key, sizeof key, "key %d", i);
        put(&w, key, 1, "");
        drop(&w, key);
    }
    assert_true(riv__slots_wants_build(&w.slots, 1));
    build(&w, NULL);
    assert_false(riv__slots_wants_build(&w.slots, 1));
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 300; i++)
        put(&w, "a", 1, text);
    assert_true(riv__slots_wants_build(&w.slots, 1));
    build(&w, NULL);
    assert_false(riv__slots_wants_build(&w.slots, 1));
    assert_int_equal(at(&w, "a")->text.n, 999);
    world_fini(&w);
}

/* [SM-10], wider: random puts and drops with builds in between, against an
 * array. */
RIV_TEST(random_lives_are_as_an_array_says)
{
    enum { KEYS = 700 };
    static int64_t life[KEYS];
    struct world w;
    uint64_t seed = 7;
    char key[32], text[64];
    world_init(&w);
    memset(life, 0, sizeof life);
    for (int64_t step = 1; step <= 30000; step++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        int k = (int)((seed >> 40) % KEYS);
        snprintf(key, sizeof key, k % 3 ? "%d" : "a rather long key: %d", k);
        assert_int_equal(at(&w, key)->life, life[k]);
        snprintf(text, sizeof text, "%d at %lld", k, (long long)life[k]);
        if (life[k])
            assert_text_n(at(&w, key)->text.p, at(&w, key)->text.n, text);
        life[k] = (seed >> 33) % 2 ? step : 0;
        snprintf(text, sizeof text, "%d at %lld", k, (long long)step);
        if (life[k])
            put(&w, key, step, text);
        else
            drop(&w, key);
        if (step % 997 == 0)
            build(&w, NULL);
    }
    uint32_t live = 0;
    for (int k = 0; k < KEYS; k++)
        live += life[k] != 0;
    assert_int_equal(w.slots.live, live);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(a_key_that_comes_back_finds_its_slot_without_a_life),
        RIV_CASE(building_anew_keeps_the_living_in_their_order),
        RIV_CASE(a_string_that_stays_is_not_copied_again),
        RIV_CASE(dead_slots_and_dead_strings_ask_for_building),
        RIV_CASE(random_lives_are_as_an_array_says),
    };
    return RIV_RUN(tests);
}
