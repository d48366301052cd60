/* stream/outbox_test.c - what an earlier run had promised to send is sent in
 * order, and forgotten only when it was. The journal lies in memory. */
#include "stream/outbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "conf/conf.h"
#include "support/disk_sys.h"

enum { OUTPUT = 1 };

static struct world {
    struct disk_sys disk;
    struct riv_conf conf;
    struct riv_exec exec;
    struct riv_durable durable;
    struct riv_sink *sink;
    uint64_t fails_at; /* the batch that cannot be sent; 0: none */
    char trace[256];
    struct riv_err err;
} * world;

static void see(const char *what, uint64_t batch, riv_str bytes)
{
    const size_t n = strlen(world->trace);
    snprintf(world->trace + n, sizeof world->trace - n, "%s%llu:%.*s ", what,
             (unsigned long long)batch, (int)bytes.n, bytes.p);
}

static int sink_open(struct riv_sink *sink, struct riv_err *err)
{
    (void)sink, (void)err;
    return 0;
}

static void sink_close(struct riv_sink *sink)
{
    (void)sink;
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
    .open = sink_open,
    .close = sink_close,
    .send = sink_send,
};
static const struct riv_sink_ops *const kinds[] = { &kind, &kind, NULL };

#define FINE(call) \
    do { \
        if ((call) < 0) \
            fail_msg("%s: %s", #call, world->err.text); \
    } while (0)

static int make(void **state)
{
    (void)state;
    world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct world *w = world;
    disk_sys_init(&w->disk);
    riv__conf_init(&w->conf);
    w->exec = (struct riv_exec){ .sys = &w->disk.sys,
                                 .conf = &w->conf.settings,
                                 .sinks = kinds };
    w->durable = (struct riv_durable){ .exec = &w->exec };
    riv__arena_init(&w->durable.arena, 4096);
    const struct riv_journal_spec spec = { .sys = &w->disk.sys,
                                           .conf = &w->conf.settings,
                                           .dir = "/state",
                                           .app = "job" };
    FINE(riv__journal_open(&spec, &w->durable.journal, &w->err));
    FINE(riv__journal_begin(w->durable.journal, &w->err));
    for (uint64_t batch = 1; batch <= 3; batch++)
        FINE(riv__journal_put_outbox(w->durable.journal, OUTPUT, batch,
                                     riv_cstr(batch == 2 ? "b" : "a"),
                                     &w->err));
    FINE(riv__journal_commit(w->durable.journal, &w->err));
    FINE(riv__sink_new(&(struct riv_sink_spec){ .kinds = kinds,
                                                .sys = &w->disk.sys,
                                                .conf = &w->conf.settings,
                                                .uri = "topic" },
                       &w->sink, &w->err));
    return 0;
}

static int drop(void **state)
{
    (void)state;
    riv__sink_free(world->sink);
    riv__journal_abandon(world->durable.journal);
    riv__arena_fini(&world->durable.arena);
    disk_sys_fini(&world->disk);
    free(world);
    return 0;
}

static int finish(struct riv_sink *sink)
{
    world->trace[0] = '\0';
    return riv__outbox_finish(&world->durable, OUTPUT, sink, riv_cstr("topic"),
                              &world->err);
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
    world->trace[0] = '\0';
    FINE(riv__journal_each_outbox(world->durable.journal, OUTPUT, see_box, NULL,
                                  &world->err));
    assert_string_equal(world->trace, want);
}

static void boxes_are_sent_in_order_and_forgotten(void **state)
{
    (void)state;
    FINE(finish(world->sink));
    assert_string_equal(world->trace, "send1:a send2:b send3:a ");
    boxes_are("");
    FINE(finish(world->sink));
    assert_string_equal(world->trace, "");
}

static void what_could_not_be_sent_is_not_forgotten(void **state)
{
    (void)state;
    world->fails_at = 2;
    assert_int_equal(finish(world->sink), RIV_ETIMEOUT);
    assert_string_equal(world->trace, "send1:a send2:b ");
    boxes_are("2:b 3:a ");
    world->fails_at = 0;
    FINE(finish(world->sink));
    assert_string_equal(world->trace, "send2:b send3:a ");
    boxes_are("");
}

static void boxes_of_an_output_that_is_gone_are_sent_too(void **state)
{
    (void)state;
    FINE(finish(NULL));
    assert_string_equal(world->trace, "send1:a send2:b send3:a ");
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
