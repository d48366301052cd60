/* connect/source_dir.h - what the files of "dir:" share: which files were found, and
 * which of them batches have. source_dir.c finds and takes them, source_dir_stand.c
 * remembers them for another run. */
#ifndef RIV_CONNECT_SOURCE_DIR_H
#define RIV_CONNECT_SOURCE_DIR_H

#include "connect/watch.h"
#include "io/source.h"

struct riv_source_dir {
    struct riv_input base;
    struct riv_watch watch;
    struct riv_lock lock;
    bool has_lock;
    struct riv_found *ready; /* protected by lock */
    size_t nready, ready_cap;
    uint64_t had;    /* bytes of the first of them that batches have. Protected
                        by lock */
    uint64_t inside; /* the same, also before that one is there. @thread
                        driver */
    struct riv_paths gone; /* have left the folder. Protected by lock */
    uint64_t handed;       /* ever put into `ready`. Protected by lock */
    uint64_t files;        /* found so far */
    /* for the journal. @thread driver */
    struct riv_found *taken; /* by batches since the last stand */
    size_t ntaken, taken_cap;
    uint64_t batch_files;    /* in all batches */
    bool started;            /* what was there at the start is written down */
    struct riv_found *again; /* of a batch that is run again */
    size_t nagain, again_cap;
    bool only_again;       /* the next cut is that batch, */
    uint64_t again_inside; /* which has so much of the last; 0: all of it */
    bool has_more;         /* the last one left files */
};

/* As the members of struct riv_source_ops say. */
int riv__source_dir_stand(struct riv_input *input, struct riv_stand *to,
                          struct riv_err *err) RIV__MUST_USE;
int riv__source_dir_recall(struct riv_input *input, riv_str key, riv_str value,
                           struct riv_err *err) RIV__MUST_USE;
int riv__source_dir_seek(struct riv_input *input, riv_str words,
                         struct riv_err *err) RIV__MUST_USE;
int riv__source_dir_reach(struct riv_input *input, riv_str words,
                          struct riv_err *err) RIV__MUST_USE;

#endif
