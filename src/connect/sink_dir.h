/* connect/sink_dir.h - a "FOLDER/" output, for sink_dir.c (the contract),
 * sink_dir_file.c (one of its files) and sink_dir_resume.c (what another run
 * left). */
#ifndef RIV_CONNECT_SINK_DIR_H
#define RIV_CONNECT_SINK_DIR_H

#include "connect/sinks.h"
#include "data/sum.h"
#include "sys/thread.h"

enum {
    RIV__DIR_TIME_BYTES = 64,
    RIV__DIR_NAME_BYTES = 128,
    RIV__DIR_HIDDEN_BYTES = 192
};

struct riv_dir_file {
    struct riv_dir_file *next;
    uint64_t number;
    int fd;
    char temporary[RIV__DIR_HIDDEN_BYTES]; /* within the folder */
    char name[RIV__DIR_NAME_BYTES];
    uint64_t bytes;
    int64_t opened_ms;
    struct riv_sum *sum;
    /* Its name in the folder is not durable yet. @thread storage */
    bool is_new;
    bool written; /* since the last commit */
};

struct riv_dir_sink {
    struct riv_sink base;
    struct riv_dir_file *open; /* is written to. @thread driver */
    uint64_t number;           /* of the newest file */
    bool was_elsewhere;        /* an earlier run wrote into another folder */
    char nobody[9];            /* in temporary names, without a journal */
    struct riv_lock lock;
    bool has_lock;
    struct riv_dir_file *file; /* all that have no final name. @locks lock */
};

static inline struct riv_dir_sink *riv__dir_of(struct riv_sink *sink)
{
    return (struct riv_dir_sink *)sink;
}

/* ------------------------------------------------------------ the folder */

/* The folder, durable with a journal: else a power cut takes it, files and
 * all. */
int riv__dir_make(struct riv_dir_sink *self, struct riv_err *err) RIV__MUST_USE;
/* A name within it. Returns owned, NULL: no memory. */
char *riv__dir_path(struct riv_dir_sink *self, const char *name,
                    struct riv_err *err);
/* What was created or renamed in it stays. */
int riv__dir_sync_names(struct riv_dir_sink *self, struct riv_err *err)
    RIV__MUST_USE;
/* A time as the names of files begin with it, in UTC. */
void riv__dir_time(char text[RIV__DIR_TIME_BYTES], int64_t ms);

/* ------------------------------------------------------------ its files */

struct riv_dir_file *riv__dir_file_new(struct riv_err *err);
void riv__dir_file_free(struct riv_dir_sink *self, struct riv_dir_file *file);
int riv__dir_file_open(struct riv_dir_sink *self, struct riv_dir_file *file,
                       unsigned flags, struct riv_err *err) RIV__MUST_USE;
/* The list of those without a final name. */
void riv__dir_file_add(struct riv_dir_sink *self, struct riv_dir_file *file);
struct riv_dir_file *riv__dir_file_find(struct riv_dir_sink *self,
                                        uint64_t number);
void riv__dir_file_drop(struct riv_dir_sink *self, struct riv_dir_file *file);
/* The next one, which is then written to. */
int riv__dir_file_begin(struct riv_dir_sink *self, struct riv_err *err)
    RIV__MUST_USE;
int riv__dir_file_sync(struct riv_dir_sink *self, struct riv_dir_file *file,
                       struct riv_err *err) RIV__MUST_USE;
/* Under its final name, for everybody; durable. */
int riv__dir_file_show(struct riv_dir_sink *self, const char *temporary,
                       const char *name, struct riv_err *err) RIV__MUST_USE;
/* A file that lines were promised in has lost its name: the next start says
 * what can be done, so this is an error of the disk and no missing input. */
int riv__dir_file_gone(struct riv_dir_file *file, int rc, struct riv_err *err);

/* As riv_sink_ops has it. */
int riv__dir_resume(struct riv_sink *sink, struct riv_file_row *row,
                    struct riv_err *err) RIV__MUST_USE;

#endif
