/* stream/outbox_test.c - what an earlier run had promised to send is sent in
 * order, and forgotten only when it was. The journal lies in memory. */
#include "stream/outbox.h"

#include <stdlib.h>

#include "support/state_bed.h"

enum { OUTPUT = 1 };

static struct world {
    struct bed bed;
    struct riv_sink *sink;
    uint64_t fails_at; /* the batch that cannot be sent; 0: none */
} * world;

static void see(const char *what, uint64_t batch, riv_str bytes)
{
    bed_see(&world->bed, "%s%llu:%.*s ", what, (unsigned long long)batch,
            (int)bytes.n, bytes.p);
}

static int sink_send(struct riv_sink *sink, uint32_t output, uint64_t batch,
                     riv_str bytes, struct riv_err *err)
{
    (void)sink;
    assert_int_equal(output, OUTPUT);
    see("send", batch, bytes);
    return batch == world->fails_at
               ? riv__err_set(err, RIV_ETIMEOUT, "nobody answers")
               : 0;
}

static const struct riv_sink_ops kind = {
    .name = "kind",
    .sink_size = sizeof(struct riv_sink),
    .open = bed_sink_open,
    .close = bed_sink_close,
    .send = sink_send,
};
static const struct riv_sink_ops *const kinds[] = { &kind, &kind, NULL };

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct world *w = world;
    bed_init(&w->bed);
    bed_open(&w->bed);
    bed_begin(&world->bed);
    for (uint64_t batch = 1; batch <= 3; batch++)
        FINE(&world->bed, riv__journal_put_outbox(
                              w->bed.durable.journal, OUTPUT, batch,
                              riv_cstr(batch == 2 ? "b" : "a"), &w->bed.err));
    bed_commit(&world->bed);
    w->sink = bed_sink(&w->bed, kinds, "topic");
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

static int finish(struct riv_sink *sink)
{
    world->bed.trace[0] = '\0';
    return riv__outbox_finish(&world->bed.durable, OUTPUT, sink,
                              riv_cstr("topic"), &world->bed.err);
}

static int see_box(void *arg, uint64_t batch, riv_str bytes,
                   struct riv_err *err)
{
    (void)arg, (void)err;
    see("", batch, bytes);
    return 0;
}

static void boxes_are(const char *want)
{
    world->bed.trace[0] = '\0';
    FINE(&world->bed,
         riv__journal_each_outbox(world->bed.durable.journal, OUTPUT, see_box,
                                  NULL, &world->bed.err));
    assert_string_equal(world->bed.trace, want);
}

static void boxes_are_sent_in_order_and_forgotten(void **state)
{
    (void)state;
    FINE(&world->bed, finish(world->sink));
    assert_string_equal(world->bed.trace, "send1:a send2:b send3:a ");
    boxes_are("");
    FINE(&world->bed, finish(world->sink));
    assert_string_equal(world->bed.trace, "");
}

static void what_could_not_be_sent_is_not_forgotten(void **state)
{
    (void)state;
    world->fails_at = 2;
    assert_int_equal(finish(world->sink), RIV_ETIMEOUT);
    assert_string_equal(world->bed.trace, "send1:a send2:b ");
    boxes_are("2:b 3:a ");
    world->fails_at = 0;
    FINE(&world->bed, finish(world->sink));
    assert_string_equal(world->bed.trace, "send2:b send3:a ");
    boxes_are("");
}

static void boxes_of_an_output_that_is_gone_are_sent_too(void **state)
{
    (void)state;
    FINE(&world->bed, finish(NULL));
    assert_string_equal(world->bed.trace, "send1:a send2:b send3:a ");
    boxes_are("");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(boxes_are_sent_in_order_and_forgotten),
        TEST(what_could_not_be_sent_is_not_forgotten),
        TEST(boxes_of_an_output_that_is_gone_are_sent_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
