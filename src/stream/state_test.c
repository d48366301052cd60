/* stream/state_test.c - what a partition of states keeps when keys go and
 * strings change, over many batches. What functions see is tested with whole
 * jobs, in tests/stream. */
#include "stream/state.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

typedef struct {
    riv_str text;
    int64_t n;
} texts;
RIV_STRUCT(texts, text, n);

struct world {
    struct riv_arena arena;
    struct riv_state_param param;
    struct riv_state state;
};

static void world_of(struct world *w, const riv_type *val, int64_t timeout_ms)
{
    struct riv_err err = { 0 };
    *w = (struct world){ .param = { .timeout_ms = timeout_ms } };
    riv__arena_init(&w->arena, 1024);
    assert_int_equal(
        riv__layout_make(&w->arena, &riv__type_i64, &w->param.key, &err), 0);
    assert_int_equal(riv__layout_make(&w->arena, val, &w->param.state, &err),
                     0);
    assert_int_equal(riv__state_init(&w->state, &w->param, 1000, &err), 0);
}

static void world_init(struct world *w, int64_t timeout_ms)
{
    world_of(w, &riv_type_texts, timeout_ms);
}

static void world_fini(struct world *w)
{
    riv__state_fini(&w->state);
    riv__arena_fini(&w->arena);
}

static void set(struct world *w, int64_t key, const char *text)
{
    struct riv_err err = { 0 };
    const texts value = { riv_cstr(text), key };
    assert_int_equal(riv__state_set(&w->state, &key, &value, &err), 0);
}

static uint32_t slot_of(struct world *w, int64_t key)
{
    uint32_t slot;
    assert_int_equal(riv__table_slots(&w->state.slots.tab, &key, 0, 1, &slot),
                     0);
    return slot;
}

static void check(struct world *w, int64_t key, const char *text)
{
    const texts *v = riv__state_at(&w->state, slot_of(w, key));
    assert_int_equal(v->n, key);
    assert_text_n(v->text.p, v->text.n, text);
}

static void drop(struct world *w, int64_t key)
{
    riv__state_head(&w->state, slot_of(w, key))->touched = 0;
    w->state.slots.live--;
}

/* As its function would: the batch that runs has done it. */
static void forget(struct world *w, int64_t key)
{
    struct riv_err err = { 0 };
    char val[64] = { 0 };
    const int64_t gone = 0;
    assert_in_range(w->param.state->size, 1, sizeof val);
    assert_int_equal(riv__state_load(&w->state, &key, val, &gone, 1, &err), 0);
}

RIV_TEST(strings_that_were_replaced_give_their_memory_back)
{
    struct world w;
    struct riv_err err = { 0 };
    char text[128];
    size_t most = 0;
    world_init(&w, 0);
    for (int i = 0; i < 100000; i++) {
        w.state.time = i + 1;
        snprintf(text, sizeof text, "%0100d", i);
        set(&w, i % 7, text);
        assert_int_equal(riv__state_tidy(&w.state, 1, &err), 0);
        most = RIV__MAX(most, w.state.slots.strings.total_bytes);
    }
    check(&w, 99999 % 7, text);
    assert_in_range(most, 1, 2 << 20); /* of 10 MB */
    world_fini(&w);
}

/* A thousand keys stay, a hundred thousand go. */
RIV_TEST(keys_that_are_gone_give_their_slots_back)
{
    struct world w;
    struct riv_err err = { 0 };
    uint32_t most = 0;
    world_init(&w, 60000);
    w.state.time = 1000;
    for (int64_t k = 0; k < 1000; k++)
        set(&w, k, "stays");
    for (int64_t k = 1000; k < 101000; k++) {
        w.state.time = 1000 + k / 1000 * 1000;
        set(&w, k, "goes");
        drop(&w, k);
        assert_int_equal(riv__state_tidy(&w.state, 1, &err), 0);
        most = RIV__MAX(most, w.state.slots.tab.nslot);
    }
    assert_in_range(most, 1, 4000);
    assert_int_equal(w.state.slots.live, 1000);
    for (int64_t k = 0; k < 1000; k++)
        check(&w, k, "stays");
    world_fini(&w);
}

/* The wheel follows when slots are numbered anew: each living key is on it
 * once, where its time says. */
RIV_TEST(the_wheel_knows_the_new_slots)
{
    struct world w;
    struct riv_err err = { 0 };
    world_init(&w, 5000);
    w.state.time = 1000;
    for (int64_t k = 0; k < 4000; k++)
        set(&w, k, "x");
    for (int64_t k = 0; k < 4000; k++)
        if (k % 4)
            drop(&w, k);
    assert_int_equal(riv__state_tidy(&w.state, 1, &err), 0);
    assert_int_equal(w.state.slots.tab.nslot, 1000);
    assert_null(riv__wheel_turn(&w.state.wheel, 6000));
    const struct riv_spoke *list = riv__wheel_turn(&w.state.wheel, 7000);
    assert_non_null(list);
    assert_int_equal(list->n, 1000);
    for (size_t i = 0; i < list->n; i++)
        assert_int_equal(list->slot[i], i);
    assert_null(riv__wheel_turn(&w.state.wheel, 7000));
    world_fini(&w);
}

typedef struct {
    int64_t a;
    double b;
} plain;
RIV_STRUCT(plain, a, b);

/* The next entry is this key's, and says this value; NULL: that it is gone. */
static const char *read_next(const struct world *w, const char *p,
                             const char *end, int64_t key, const plain *want)
{
    struct riv_err err = { 0 };
    int64_t is = 0, touched = -1;
    plain val = { 0, 0 };
    p = riv__state_read(&w->param, NULL, p, end, &is, &val, &touched, &err);
    assert_non_null(p);
    assert_int_equal(is, key);
    assert_int_equal(touched, want ? w->state.time : 0);
    assert_int_equal(val.a, want ? want->a : 0);
    assert_true(val.b == (want ? want->b : 0));
    return p;
}

/* Such states are written by a loop of their own: the bytes are those that the
 * reader of all others knows. Each changed key once; one that has gone too. */
RIV_TEST(states_without_strings_are_written_as_all_others_are)
{
    enum { KEYS = 3000 };
    struct world w;
    struct riv_err err = { 0 };
    struct riv_buf buf;
    world_of(&w, &riv_type_plain, 0);
    w.state.lists = true;
    w.state.time = 77;
    for (int64_t i = 0; i < 2 * KEYS; i++) {
        const int64_t key = i % KEYS * -7;
        const plain val = { i, (double)i / 4 };
        assert_int_equal(riv__state_set(&w.state, &key, &val, &err), 0);
    }
    forget(&w, 5 * -7);
    riv__buf_init(&buf, 0);
    assert_int_equal(riv__state_delta(&w.state, &buf, &err), 0);
    const char *p = buf.p, *end = buf.p + buf.n;
    for (int64_t i = 0; i < KEYS; i++) {
        const plain want = { i + KEYS, (double)(i + KEYS) / 4 };
        p = read_next(&w, p, end, i * -7, i == 5 ? NULL : &want);
    }
    assert_ptr_equal(p, end);
    assert_int_equal(riv__state_delta(&w.state, &buf, &err), 0);
    assert_int_equal(buf.n, end - buf.p);
    riv__buf_reset(&buf);
    uint64_t at = 0;
    int64_t pieces = 0, n = 0, sum = 0;
    for (int more = 1; more; pieces++) {
        more = riv__state_piece(&w.state, &at, 10000, &buf, &err);
        assert_in_range(more, 0, 1);
    }
    for (p = buf.p; p < buf.p + buf.n; n++) {
        int64_t key = 0, touched = 0;
        plain val = { 0, 0 };
        p = riv__state_read(&w.param, NULL, p, buf.p + buf.n, &key, &val,
                            &touched, &err);
        assert_non_null(p);
        assert_int_equal(touched, 77);
        sum += val.a + key / 7;
    }
    assert_true(pieces > 1);
    assert_int_equal(n, KEYS - 1);
    assert_int_equal(sum, (int64_t)KEYS * (KEYS - 1));
    riv__buf_fini(&buf);
    world_fini(&w);
}

static void set_plain(struct world *w, int64_t key, int64_t a)
{
    struct riv_err err = { 0 };
    const plain val = { a, 0 };
    assert_int_equal(riv__state_set(&w->state, &key, &val, &err), 0);
}

/* Its place is where it was first, and its last word counts; a place of the
 * batch before is another key's by now. */
RIV_TEST(a_key_that_goes_and_comes_back_is_written_once)
{
    struct world w;
    struct riv_err err = { 0 };
    struct riv_buf buf;
    world_of(&w, &riv_type_plain, 0);
    riv__buf_init(&buf, 0);
    w.state.lists = true;
    for (w.state.time = 1; w.state.time <= 3; w.state.time++) {
        const int64_t t = w.state.time;
        const plain last = { 100 + t, 0 }, other = { t, 0 };
        set_plain(&w, 10 * t, t);
        set_plain(&w, 7, t); /* in the first batch it is new */
        set_plain(&w, 8, t);
        forget(&w, 7);
        forget(&w, 8);
        forget(&w, 8);
        set_plain(&w, 9, t);
        set_plain(&w, 7, 100 + t);
        riv__buf_reset(&buf);
        assert_int_equal(riv__state_delta(&w.state, &buf, &err), 0);
        const char *p = buf.p, *end = buf.p + buf.n;
        p = read_next(&w, p, end, 10 * t, &other);
        p = read_next(&w, p, end, 7, &last);
        p = read_next(&w, p, end, 8, NULL);
        p = read_next(&w, p, end, 9, &other);
        assert_ptr_equal(p, end);
    }
    riv__buf_fini(&buf);
    world_fini(&w);
}

static size_t delta_of(struct world *w, struct riv_buf *buf)
{
    struct riv_err err = { 0 };
    riv__buf_reset(buf);
    assert_int_equal(riv__state_delta(&w->state, buf, &err), 0);
    return buf->n;
}

/* States with strings as well: each time those of its batch, and no others. */
RIV_TEST(what_was_written_is_not_written_again)
{
    struct world w;
    struct riv_buf buf;
    world_init(&w, 0);
    riv__buf_init(&buf, 0);
    w.state.lists = true;
    w.state.time = 1;
    set(&w, 1, "some text");
    const size_t one = delta_of(&w, &buf);
    assert_true(one > 0);
    assert_int_equal(delta_of(&w, &buf), 0);
    set(&w, 2, "some text");
    assert_int_equal(delta_of(&w, &buf), one);
    assert_int_equal(w.state.nchanged, 0);
    riv__buf_fini(&buf);
    world_fini(&w);
}

/* Between two pieces of a snapshot keys may get other slots: those that moved to
 * where it has been already are in it all the same. */
RIV_TEST(a_piece_begins_again_where_slots_were_numbered_anew)
{
    enum { KEYS = 4000 };
    static bool seen[KEYS];
    struct world w;
    struct riv_err err = { 0 };
    struct riv_buf buf;
    uint64_t at = 0;
    world_of(&w, &riv_type_plain, 0);
    w.state.time = 77;
    for (int64_t key = 0; key < KEYS; key++) {
        const plain val = { key, 0 };
        assert_int_equal(riv__state_set(&w.state, &key, &val, &err), 0);
    }
    riv__buf_init(&buf, 0);
    assert_int_equal(riv__state_piece(&w.state, &at, 30000, &buf, &err), 1);
    for (int64_t key = 0; key < KEYS; key++)
        if (key % 4)
            drop(&w, key);
    assert_int_equal(riv__state_tidy(&w.state, 1, &err), 0);
    assert_int_equal(w.state.slots.tab.nslot, KEYS / 4);
    for (int more = 1; more;) {
        more = riv__state_piece(&w.state, &at, 30000, &buf, &err);
        assert_in_range(more, 0, 1);
    }
    memset(seen, 0, sizeof seen);
    for (const char *p = buf.p; p < buf.p + buf.n;) {
        int64_t key = 0, touched = 0;
        plain val = { 0, 0 };
        p = riv__state_read(&w.param, NULL, p, buf.p + buf.n, &key, &val,
                            &touched, &err);
        assert_non_null(p);
        assert_in_range(key, 0, KEYS - 1);
        seen[key] = true;
    }
    for (int64_t key = 0; key < KEYS; key += 4)
        assert_true(seen[key]);
    riv__buf_fini(&buf);
    world_fini(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(strings_that_were_replaced_give_their_memory_back),
        RIV_CASE(keys_that_are_gone_give_their_slots_back),
        RIV_CASE(the_wheel_knows_the_new_slots),
        RIV_CASE(states_without_strings_are_written_as_all_others_are),
        RIV_CASE(a_key_that_goes_and_comes_back_is_written_once),
        RIV_CASE(what_was_written_is_not_written_again),
        RIV_CASE(a_piece_begins_again_where_slots_were_numbered_anew),
    };
    return RIV_RUN(tests);
}
