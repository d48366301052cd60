/* exec/spill.h - bytes that wait on disk: one file without a name in cache.dir,
 * made when the first bytes come, gone with its descriptor or the process. Any
 * number of workers put pieces into it; each gets its place back. */
#ifndef RIV_EXEC_SPILL_H
#define RIV_EXEC_SPILL_H

#include "exec/exec.h"

struct riv_spill_piece {
    uint64_t at, n;
};

struct riv_spill {
    struct riv_exec *exec;
    struct riv_lock lock; /* protects the rest */
    int fd;               /* below 0: nothing was put yet */
    uint64_t bytes;       /* in the file */
    bool broken;          /* it may be longer than that */
};

void riv__spill_init(struct riv_spill *spill, struct riv_exec *exec);
void riv__spill_fini(struct riv_spill *spill);
/* Empty again: gives the disk its room back. Nobody else uses it now. */
void riv__spill_reset(struct riv_spill *spill);

/* Appends n bytes. RIV_EIO and the like, in words. @thread any */
int riv__spill_put(struct riv_spill *spill, const void *p, size_t n,
                   struct riv_spill_piece *ret, struct riv_err *err)
    RIV__MUST_USE;
/* Reads n bytes from `at` of a piece. @thread any */
int riv__spill_get(struct riv_spill *spill, const struct riv_spill_piece *piece,
                   uint64_t at, void *p, size_t n, struct riv_err *err)
    RIV__MUST_USE;

/* A new file in cache.dir, open to write and read, whose name is gone again. */
int riv__spill_file(struct riv_exec *exec, int *ret_fd, struct riv_err *err)
    RIV__MUST_USE;

#endif
