/* io/source_test.c - finding kinds, and the life of an input with its thread:
 * start, cut, drain, stop, join. */
#include "io/source.h"

#include "io/fixture.h"

/* Gives numbered lines as fast as they are taken; ends after `limit`. */
struct count_input {
    struct riv_input base;
    uint64_t n, limit;
};

static int count_open(struct riv_input *input, struct riv_err *err)
{
    struct count_input *self = (struct count_input *)input;
    if (!strcmp(input->rest, "bad"))
        return riv__err_set(err, RIV_ENOINPUT, "no such thing");
    self->limit = strtoul(input->rest, NULL, 10);
    return 0;
}

static int count_read(struct riv_input *input, struct riv_err *err)
{
    struct count_input *self = (struct count_input *)input;
    char text[4096];
    size_t used = 0;
    if (self->n == self->limit)
        return RIV__READ_END;
    while (used < sizeof text - 32 && self->n < self->limit)
        used += (size_t)snprintf(text + used, 32, "%llu\n",
                                 (unsigned long long)self->n++);
    int rc = riv__feed_append(&input->feed, text, used, NULL);
    return rc < 0 ? riv__err_set(err, rc, "feed") : RIV__READ_MORE;
}

static void count_close(struct riv_input *input)
{
    (void)input;
}

/* Waits for ever, but for the wake. */
static int idle_read(struct riv_input *input, struct riv_err *err)
{
    int rc = riv__input_wait(input, NULL, 0, -1, err);
    return rc < 0 ? rc : RIV__READ_IDLE;
}

static int once_cut(struct riv_input *input, struct riv_cut *cut,
                    struct riv_err *err)
{
    struct riv_range range = { .kind = RIV__RANGE_FILE,
                               .path = input->rest,
                               .until = 3 };
    RIV__TRY(riv__cut_add(cut, &range, err));
    return RIV__READ_END;
}

static const struct riv_source_ops count_ops = {
    .name = "count",
    .input_size = sizeof(struct count_input),
    .open = count_open,
    .read = count_read,
    .close = count_close,
};
static const struct riv_source_ops idle_ops = {
    .name = "idle",
    .input_size = sizeof(struct count_input),
    .open = count_open,
    .read = idle_read,
    .close = count_close,
};
static const struct riv_source_ops file_ops = {
    .name = "file",
    .input_size = sizeof(struct count_input),
    .flags = RIV__SOURCE_FINITE,
    .open = count_open,
    .cut = once_cut,
    .close = count_close,
};
static const struct riv_source_ops *other_pick(struct riv_sys *sys,
                                               const char *rest)
{
    (void)sys;
    return *rest == 'c' ? &count_ops : &idle_ops;
}
static const struct riv_source_ops pick_ops = { .name = "pick",
                                                .pick = other_pick };
static const struct riv_source_ops *const kinds[] = { &count_ops, &idle_ops,
                                                      &file_ops, &pick_ops,
                                                      NULL };

static const struct riv_source_ops *find(const char *uri, const char **rest)
{
    return riv__source_find(kinds, riv__sys_real(), uri, rest, NULL);
}

static void a_word_before_a_colon_names_the_kind(void **state)
{
    (void)state;
    const char *rest;
    assert_ptr_equal(find("count:12", &rest), &count_ops);
    assert_string_equal(rest, "12");
    assert_ptr_equal(find("idle://h:1", &rest), &idle_ops);
    assert_string_equal(rest, "//h:1");
    assert_ptr_equal(find("file:a", &rest), &file_ops);
    assert_string_equal(rest, "a");
}

static void what_has_no_word_is_a_path(void **state)
{
    (void)state;
    static const char *const path[] = { "-",      "a.txt", "./count:1",
                                        "/x/a:b", "*.log", "[[:alpha:]]*",
                                        "Data:1", "a.b:c", "-:1" };
    for (size_t i = 0; i < RIV__LEN(path); i++) {
        const char *rest;
        assert_ptr_equal(find(path[i], &rest), &file_ops);
        assert_string_equal(rest, path[i]);
    }
}

static void a_kind_may_choose_another_by_the_world(void **state)
{
    (void)state;
    const char *rest;
    assert_ptr_equal(find("pick:c", &rest), &count_ops);
    assert_ptr_equal(find("pick:i", &rest), &idle_ops);
}

static void an_unknown_kind_names_the_nearest_and_all(void **state)
{
    (void)state;
    const char *rest;
    struct riv_err err;
    assert_null(
        riv__source_find(kinds, riv__sys_real(), "cuont:1\x1b", &rest, &err));
    assert_int_equal(err.code, RIV_EINVAL);
    assert_non_null(strstr(err.text, "called \"cuont\""));
    assert_non_null(strstr(err.text, "did you mean \"count\""));
    assert_non_null(strstr(err.text, "there are count, idle, file, pick"));
    assert_non_null(strstr(err.text, "./cuont:1"));
    assert_null(strchr(err.text, '\x1b'));
    assert_null(
        riv__source_find(kinds, riv__sys_real(), "zzzzzz:1", &rest, &err));
    assert_null(strstr(err.text, "did you mean"));
    assert_null(riv__source_find(kinds, riv__sys_real(), "", &rest, &err));
    assert_int_equal(err.code, RIV_EINVAL);
}

struct fix {
    struct riv_sys *sys;
    struct riv_wake driver;
    struct riv_settings conf;
    struct riv_cut cut;
    struct riv_input *input;
    uint64_t lines;
};

static void fix_init(struct fix *fix, const char *uri)
{
    *fix = (struct fix){ .sys = riv__sys_real(), .conf = fixture_conf() };
    assert_int_equal(fix->sys->wake_open(fix->sys, &fix->driver), 0);
    riv__cut_init(&fix->cut);
    assert_int_equal(riv__input_new(kinds, fix->sys, &fix->conf, &fix->driver,
                                    uri, 3, &fix->input, NULL),
                     0);
}

static void fix_fini(struct fix *fix)
{
    riv__cut_fini(&fix->cut);
    riv__input_free(fix->input);
    fix->sys->wake_close(fix->sys, &fix->driver);
}

static void count_lines(struct fix *fix)
{
    for (size_t i = 0; i < fix->cut.n; i++) {
        const struct riv_range *range = &fix->cut.range[i];
        const char *p = range->block->bytes + range->from;
        const char *end = range->block->bytes + range->until;
        for (; p < end; p = (char *)memchr(p, '\n', (size_t)(end - p)) + 1)
            assert_int_equal(strtoul(p, NULL, 10), fix->lines++);
    }
}

/* Batches until the input has ended. */
static void drain(struct fix *fix)
{
    int rc = RIV__READ_MORE;
    while (rc == RIV__READ_MORE) {
        rc = riv__input_cut(fix->input, &fix->cut, NULL);
        assert_true(rc >= 0);
        assert_int_equal(fix->input->cut_bytes, fix->cut.bytes);
        count_lines(fix);
        riv__cut_reset(&fix->cut);
        riv__input_release(fix->input);
        if (rc == RIV__READ_MORE)
            fix->sys->poll(fix->sys, NULL, 0, &fix->driver, INT64_MAX);
    }
    assert_int_equal(riv__input_cut(fix->input, &fix->cut, NULL),
                     RIV__READ_END);
}

static void every_line_passes_once_through_the_thread(void **state)
{
    (void)state;
    struct fix fix;
    fix_init(&fix, "count:1000000");
    assert_int_equal(riv__input_start(fix.input, NULL), 0);
    drain(&fix);
    assert_int_equal(fix.lines, 1000000);
    fix_fini(&fix);
}

/* What the source had in hand when it was stopped is not lost. */
static void a_stopped_input_can_be_drained(void **state)
{
    (void)state;
    struct fix fix;
    fix_init(&fix, "count:100000000");
    assert_int_equal(riv__input_start(fix.input, NULL), 0);
    fix.sys->poll(fix.sys, NULL, 0, &fix.driver, INT64_MAX);
    riv__input_stop(fix.input);
    drain(&fix);
    assert_true(fix.lines > 0);
    assert_int_equal(fix.lines, ((struct count_input *)fix.input)->n);
    fix_fini(&fix);
}

static void a_waiting_source_stops_at_once(void **state)
{
    (void)state;
    struct fix fix;
    fix_init(&fix, "idle:0");
    assert_int_equal(riv__input_start(fix.input, NULL), 0);
    riv__input_join(fix.input);
    riv__input_join(fix.input);
    assert_int_equal(riv__input_cut(fix.input, &fix.cut, NULL), RIV__READ_END);
    fix_fini(&fix);
}

static void a_source_that_waits_for_room_can_be_joined(void **state)
{
    (void)state;
    struct fix fix;
    fix_init(&fix, "count:100000000");
    assert_int_equal(riv__input_start(fix.input, NULL), 0);
    fix.sys->poll(fix.sys, NULL, 0, &fix.driver, INT64_MAX);
    fix_fini(&fix);
}

static void a_finite_input_gives_all_in_one_cut(void **state)
{
    (void)state;
    struct fix fix;
    fix_init(&fix, "x.txt");
    assert_int_equal(riv__input_start(fix.input, NULL), 0);
    assert_false(fix.input->has_thread);
    assert_int_equal(riv__input_cut(fix.input, &fix.cut, NULL), RIV__READ_END);
    assert_int_equal(fix.cut.n, 1);
    assert_string_equal(fix.cut.range[0].path, "x.txt");
    assert_int_equal(riv__input_cut(fix.input, &fix.cut, NULL), RIV__READ_END);
    assert_int_equal(fix.cut.n, 1);
    fix_fini(&fix);
}

static void an_input_that_cannot_open_leaves_nothing(void **state)
{
    (void)state;
    struct riv_settings conf = fixture_conf();
    struct riv_input *input = NULL;
    struct riv_err err;
    assert_int_equal(riv__input_new(kinds, riv__sys_real(), &conf, NULL,
                                    "count:bad", 0, &input, &err),
                     RIV_ENOINPUT);
    assert_null(input);
    assert_string_equal(err.text, "input count:bad: no such thing");
}

static void a_note_is_shown_without_control_bytes(void **state)
{
    (void)state;
    struct fix fix;
    char note[64];
    struct riv_err status;
    fix_init(&fix, "idle:0");
    riv__input_note(fix.input, "%d connections\x1b[31m", 3);
    riv__input_look(fix.input, note, sizeof note, &status);
    assert_string_equal(note, "3 connections\\x1b[31m");
    assert_int_equal(status.code, 0);
    fix_fini(&fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_word_before_a_colon_names_the_kind),
        cmocka_unit_test(what_has_no_word_is_a_path),
        cmocka_unit_test(a_kind_may_choose_another_by_the_world),
        cmocka_unit_test(an_unknown_kind_names_the_nearest_and_all),
        cmocka_unit_test(every_line_passes_once_through_the_thread),
        cmocka_unit_test(a_stopped_input_can_be_drained),
        cmocka_unit_test(a_waiting_source_stops_at_once),
        cmocka_unit_test(a_source_that_waits_for_room_can_be_joined),
        cmocka_unit_test(a_finite_input_gives_all_in_one_cut),
        cmocka_unit_test(an_input_that_cannot_open_leaves_nothing),
        cmocka_unit_test(a_note_is_shown_without_control_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
