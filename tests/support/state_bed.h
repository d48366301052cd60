/* support/state_bed.h - what tests of stream/ share: a state directory on a disk
 * in memory, and what was asked and said. Tests only. */
#ifndef RIV_SUPPORT_STATE_BED_H
#define RIV_SUPPORT_STATE_BED_H

#include <stdio.h>
#include <string.h>

#include "base/test.h"
#include "conf/conf.h"
#include "stream/durable.h"
#include "support/disk_sys.h"

struct bed {
    struct disk_sys disk;
    struct riv_conf conf;
    struct riv_exec exec;
    struct riv_durable durable; /* its journal is open behind bed_open */
    char trace[1024], said[1024];
    struct riv_err err;
};

#define FINE(bed, call) \
    do { \
        if ((call) < 0) \
            fail_msg("%s: %s", #call, (bed)->err.text); \
    } while (0)

static inline void bed_init(struct bed *bed)
{
    *bed = (struct bed){ .durable = { .exec = &bed->exec } };
    disk_sys_init(&bed->disk);
    riv__conf_init(&bed->conf);
    riv__arena_init(&bed->durable.arena, 4096);
    bed->exec =
        (struct riv_exec){ .sys = &bed->disk.sys, .conf = &bed->conf.settings };
}

static inline void bed_open(struct bed *bed)
{
    const struct riv_journal_spec spec = { .sys = &bed->disk.sys,
                                           .conf = &bed->conf.settings,
                                           .dir = "/state",
                                           .app = "job" };
    FINE(bed, riv__journal_open(&spec, &bed->durable.journal, &bed->err));
}

/* The storage thread of its journal, which is open. */
static inline void bed_start_writer(struct bed *bed)
{
    FINE(bed,
         riv__writer_start(bed->durable.journal,
                           &(struct riv_writer_spec){ .sys = &bed->disk.sys },
                           &bed->durable.writer, &bed->err));
}

static inline void bed_begin(struct bed *bed)
{
    FINE(bed, riv__journal_begin(bed->durable.journal, &bed->err));
}

static inline void bed_commit(struct bed *bed)
{
    FINE(bed, riv__journal_commit(bed->durable.journal, &bed->err));
}

/* In a transaction of its own; its number. */
static inline uint32_t bed_put_node(struct bed *bed, enum riv_node_role role,
                                    const char *uid)
{
    const struct riv_node_row row = { .role = role, .uid = riv_cstr(uid) };
    uint32_t id = 0;
    bed_begin(bed);
    FINE(bed,
         riv__journal_put_node(bed->durable.journal, &row, &id, &bed->err));
    bed_commit(bed);
    return id;
}

static inline void bed_fini(struct bed *bed)
{
    riv__journal_abandon(bed->durable.journal);
    riv__arena_fini(&bed->durable.arena);
    disk_sys_fini(&bed->disk);
}

/* One after another, until trace[0] is set to 0. Returns 0, as callbacks do. */
static inline int bed_see(struct bed *bed, const char *fmt, ...)
    RIV__FORMAT(2, 3);
static inline int bed_see(struct bed *bed, const char *fmt, ...)
{
    const size_t n = strlen(bed->trace);
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(bed->trace + n, sizeof bed->trace - n, fmt, ap);
    va_end(ap);
    return 0;
}

/* A log of lines; arg is the bed. */
static inline void bed_say(void *arg, int level, const char *text)
{
    struct bed *bed = arg;
    const size_t n = strlen(bed->said);
    (void)level;
    snprintf(bed->said + n, sizeof bed->said - n, "%s\n", text);
}

/* A sink that takes nothing: the base of those that write down what is asked. */
static inline int bed_sink_open(struct riv_sink *sink, struct riv_err *err)
{
    (void)sink, (void)err;
    return 0;
}

static inline void bed_sink_close(struct riv_sink *sink)
{
    (void)sink;
}

static inline struct riv_sink *bed_sink(struct bed *bed,
                                        const struct riv_sink_ops *const *kinds,
                                        const char *uri)
{
    struct riv_sink *sink = NULL;
    bed->exec.sinks = kinds;
    FINE(bed,
         riv__sink_new(&(struct riv_sink_spec){ .kinds = kinds,
                                                .sys = &bed->disk.sys,
                                                .conf = &bed->conf.settings,
                                                .owner = "me",
                                                .uri = uri },
                       &sink, &bed->err));
    return sink;
}

#endif
