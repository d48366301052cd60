/* stream/finishing_test.c - what becomes of the files that an earlier run had
 * promised: each is given to its output, what changed is written down, and what
 * is not as the journal says ends the start unless output.reset allows it. The
 * output writes down what it is asked; the journal lies in memory. */
#include "stream/finishing.h"

#include <stdlib.h>

#include "support/state_bed.h"

enum { KEPT = 1, GONE = 2 };

static struct world {
    struct bed bed;
    struct riv_durable_output output;
    struct riv_sink *sink;
    struct riv_match match[2];
    struct riv_recovering rec;
    const char *bad; /* the name of a file that is not what was written */
    bool has_later;  /* the folder has files of after the last batch */
    bool unreadable; /* the folder cannot be looked into */
} * world;

/* -------------------------------------------------------------- the output */

#define see(...) bed_see(&world->bed, __VA_ARGS__)

static int sink_write(struct riv_sink *sink, const char *p, size_t n,
                      struct riv_err *err)
{
    (void)sink, (void)p, (void)n, (void)err;
    return 0;
}

static int sink_commit(struct riv_sink *sink, uint32_t output,
                       struct riv_commit *commit, struct riv_err *err)
{
    (void)sink, (void)output, (void)commit, (void)err;
    return 0;
}

static int sink_sync(struct riv_sink *sink, const struct riv_file_row *row,
                     struct riv_err *err)
{
    (void)err;
    return see("%s:sync %.*s ", sink->uri, (int)row->name.n, row->name.p);
}

static int sink_resume(struct riv_sink *sink, struct riv_file_row *row,
                       struct riv_err *err)
{
    if (!row) {
        see("%s:end %lld ", sink->uri, (long long)sink->time_ms);
        if (world->unreadable)
            return riv__err_set(err, RIV_EIO, "cannot be read");
        return world->has_later && sink->time_ms < INT64_MAX
                   ? riv__err_set(err, RIV_ECHECKPOINT, "z is later")
                   : 0;
    }
    see("%s:%d %.*s ", sink->uri, row->status, (int)row->name.n, row->name.p);
    if (row->status != RIV__FILE_SHOWN && world->bad &&
        riv_eq(row->name, riv_cstr(world->bad)))
        return riv__err_set(err, RIV_ECHECKPOINT, "%s is torn", world->bad);
    if (row->status == RIV__FILE_CLOSED)
        row->status = RIV__FILE_SHOWN;
    return 0;
}

static int sink_send(struct riv_sink *sink, uint32_t output, uint64_t batch,
                     riv_str bytes, struct riv_err *err)
{
    (void)err;
    return see("%s:send %u %llu:" RIV_S " ", sink->uri, (unsigned)output,
               (unsigned long long)batch, RIV_P(bytes));
}

static const struct riv_sink_ops kind = {
    .name = "kind",
    .sink_size = sizeof(struct riv_sink),
    .open = bed_sink_open,
    .write = sink_write,
    .close = bed_sink_close,
    .commit = sink_commit,
    .sync = sink_sync,
    .resume = sink_resume,
    .send = sink_send,
};
static const struct riv_sink_ops *const kinds[] = { &kind, &kind, NULL };

/* --------------------------------------------------------------- the world */

static void make_journal(void)
{
    bed_open(&world->bed);
    assert_int_equal(bed_put_node(&world->bed, RIV__NODE_OUTPUT, "kept"), KEPT);
    assert_int_equal(bed_put_node(&world->bed, RIV__NODE_OUTPUT, "gone"), GONE);
}

static void put_file(uint32_t output, uint64_t number,
                     enum riv_file_status status, const char *folder,
                     const char *name)
{
    struct riv_journal *journal = world->bed.durable.journal;
    const struct riv_file_row row = { .output = output,
                                      .number = number,
                                      .status = status,
                                      .folder = riv_cstr(folder),
                                      .temporary = riv_cstr(".part"),
                                      .name = riv_cstr(name) };
    bed_begin(&world->bed);
    FINE(&world->bed, riv__journal_put_file(journal, &row, &world->bed.err));
    bed_commit(&world->bed);
}

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct world *w = world;
    bed_init(&w->bed);
    w->bed.durable.output = &w->output;
    w->bed.durable.noutput = 1;
    w->bed.durable.found = true;
    w->bed.durable.time_ms = 5000;
    make_journal();
    w->sink = bed_sink(&w->bed, kinds, "out/");
    w->output = (struct riv_durable_output){ .sink = w->sink,
                                             .id = KEPT,
                                             .identity = "kept" };
    w->match[0] = (struct riv_match){ .verdict = RIV__MATCH_KEPT,
                                      .role = RIV__NODE_OUTPUT,
                                      .row = { .id = KEPT } };
    w->match[1] = (struct riv_match){
        .verdict = RIV__MATCH_GONE,
        .role = RIV__NODE_OUTPUT,
        .row = { .id = GONE, .uid = riv_cstr("gone"), .name = riv_cstr("old/") }
    };
    w->rec = (struct riv_recovering){
        .durable = &w->bed.durable,
        .say = bed_say,
        .arg = &w->bed,
        .matches = { .arena = &w->bed.durable.arena, .match = w->match, .n = 2 }
    };
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riv__sink_free(world->sink);
    bed_fini(&world->bed);
    free(world);
    return 0;
}

static int finish(void)
{
    world->bed.trace[0] = '\0';
    world->bed.err = (struct riv_err){ 0 };
    return riv__finishing_all(&world->rec, &world->bed.err);
}

static int show_row(void *arg, const struct riv_file_row *row,
                    struct riv_err *err)
{
    (void)arg, (void)err;
    return see("%.*s=%d ", (int)row->name.n, row->name.p, row->status);
}

/* What the journal has of an output now. */
static void rows_are(uint32_t output, const char *want)
{
    world->bed.trace[0] = '\0';
    FINE(&world->bed, riv__journal_each_file(world->bed.durable.journal, output,
                                             show_row, NULL, &world->bed.err));
    assert_string_equal(world->bed.trace, want);
}

static void reset_list(const char *list)
{
    FINE(&world->bed, riv__conf_set(&world->bed.conf, riv_cstr("output.reset"),
                                    riv_cstr(list), RIV__LAYER_COMMAND, "-c",
                                    &world->bed.err));
}

/* --------------------------------------------------------------- the tests */

static void files_are_given_to_their_output_and_what_changed_is_kept(
    void **state)
{
    (void)state;
    put_file(KEPT, 1, RIV__FILE_SHOWN, "out/", "a");
    put_file(KEPT, 2, RIV__FILE_CLOSED, "out/", "b");
    put_file(KEPT, 3, RIV__FILE_OPEN, "out/", "c");
    FINE(&world->bed, finish());
    assert_string_equal(world->bed.trace,
                        "out/:3 a out/:2 b out/:1 c out/:end 5000 ");
    rows_are(KEPT, "a=3 b=3 c=1 ");
}

static void files_of_an_output_that_is_gone_are_completed(void **state)
{
    (void)state;
    put_file(GONE, 1, RIV__FILE_OPEN, "old/", "x");
    FINE(&world->bed, finish());
    assert_string_equal(world->bed.trace, "old/:1 x old/:sync x old/:2 x "
                                          "out/:end 5000 ");
    rows_are(GONE, "x=3 ");
}

static void a_file_in_a_folder_that_was_left_is_completed(void **state)
{
    (void)state;
    put_file(KEPT, 1, RIV__FILE_OPEN, "before/", "x");
    FINE(&world->bed, finish());
    assert_string_equal(world->bed.trace,
                        "before/:1 x before/:sync x before/:2 x out/:3 x "
                        "out/:end 5000 ");
    rows_are(KEPT, "x=3 ");
}

static void put_box(uint32_t output, uint64_t batch, const char *bytes)
{
    bed_begin(&world->bed);
    FINE(&world->bed,
         riv__journal_put_outbox(world->bed.durable.journal, output, batch,
                                 riv_cstr(bytes), &world->bed.err));
    bed_commit(&world->bed);
}

/* Nobody else would: the batch is done, and its records are nowhere. */
static void boxes_are_sent_whether_their_output_is_there_or_not(void **state)
{
    (void)state;
    put_box(KEPT, 5, "a");
    put_box(GONE, 4, "b");
    FINE(&world->bed, finish());
    assert_string_equal(world->bed.trace,
                        "old/:send 2 4:b out/:end 5000 out/:send 1 5:a ");
    FINE(&world->bed, finish());
    assert_string_equal(world->bed.trace, "out/:end 5000 ");
}

static void what_was_promised_and_is_not_there_is_refused(void **state)
{
    (void)state;
    put_file(KEPT, 1, RIV__FILE_CLOSED, "out/", "a");
    put_file(KEPT, 2, RIV__FILE_OPEN, "out/", "b");
    world->bad = "b";
    for (int again = 0; again < 2; again++) {
        assert_int_equal(finish(), RIV_ECHECKPOINT);
        assert_non_null(strstr(world->bed.err.text, "b is torn"));
        assert_non_null(strstr(world->bed.err.text, "-c output.reset=kept"));
    }
    reset_list("other,gone");
    assert_int_equal(finish(), RIV_ECHECKPOINT);
    rows_are(KEPT, "a=3 b=1 ");
}

static void output_reset_gives_up_what_is_not_there(void **state)
{
    static const char *const lists[] = { "kept", "other,out/" };
    (void)state;
    put_file(KEPT, 1, RIV__FILE_CLOSED, "out/", "a");
    world->bad = "a";
    for (size_t i = 0; i < RIV__LEN(lists); i++) {
        put_file(KEPT, 2, RIV__FILE_OPEN, "out/", "b");
        put_file(KEPT, 1, RIV__FILE_CLOSED, "out/", "a");
        reset_list(lists[i]);
        FINE(&world->bed, finish());
        assert_int_equal(world->bed.err.code, 0);
        assert_string_equal(world->bed.trace,
                            "out/:2 a out/:3 a out/:1 b out/:end 5000 ");
        rows_are(KEPT, "a=3 b=1 ");
    }
    assert_non_null(
        strstr(world->bed.said, "a is torn; what it held is given up"));
}

static void what_was_shown_after_the_last_batch_is_refused(void **state)
{
    (void)state;
    world->has_later = true;
    assert_int_equal(finish(), RIV_ECHECKPOINT);
    assert_non_null(strstr(world->bed.err.text, "z is later"));
    assert_non_null(strstr(world->bed.err.text, "-c output.reset=kept"));
    reset_list("kept");
    FINE(&world->bed, finish());
    assert_string_equal(world->bed.trace,
                        "out/:end 5000 out/:end 9223372036854775807 ");
    assert_non_null(strstr(world->bed.said, "its lines may come again"));
}

/* What nobody could look at is not taken for fine, whatever the user allows. */
static void a_folder_that_cannot_be_looked_into_ends_the_start(void **state)
{
    (void)state;
    world->unreadable = true;
    reset_list("kept");
    assert_int_equal(finish(), RIV_EIO);
    assert_non_null(strstr(world->bed.err.text, "cannot be read"));
}

/* What lies in its folder is older than it, or nobody's business. */
static void an_output_that_was_not_there_has_shown_nothing(void **state)
{
    (void)state;
    world->has_later = true;
    world->output.is_new = true;
    FINE(&world->bed, finish());
    assert_string_equal(world->bed.trace, "out/:end 9223372036854775807 ");
    world->output.is_new = false;
    world->bed.durable.found = false;
    FINE(&world->bed, finish());
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_are_given_to_their_output_and_what_changed_is_kept),
        TEST(files_of_an_output_that_is_gone_are_completed),
        TEST(a_file_in_a_folder_that_was_left_is_completed),
        TEST(boxes_are_sent_whether_their_output_is_there_or_not),
        TEST(what_was_promised_and_is_not_there_is_refused),
        TEST(output_reset_gives_up_what_is_not_there),
        TEST(what_was_shown_after_the_last_batch_is_refused),
        TEST(a_folder_that_cannot_be_looked_into_ends_the_start),
        TEST(an_output_that_was_not_there_has_shown_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
