/* io/parts.h - a folder of part files that appears whole: the files are written
 * into a hidden folder beside it, which is renamed when all are there. Made and
 * published by the driver; files are made and written by any task. */
#ifndef RIV_IO_PARTS_H
#define RIV_IO_PARTS_H

#include "base/err.h"
#include "sys/sys.h"

struct riv_parts {
    struct riv_sys *sys;
    char *path, *temp; /* owned; temp NULL: nothing is begun */
    bool replaces;     /* an existing folder, else it is an error */
};

/* Makes the hidden folder. RIV_EEXISTS when there is something at the path and
 * it is not to be replaced; what is no folder never is. Slashes at the end of
 * the path mean nothing. @thread driver */
int riv__parts_begin(struct riv_parts *parts, struct riv_sys *sys,
                     const char *path, bool replaces, struct riv_err *err)
    RIV__MUST_USE;

/* A new file, of a number of the caller's; *ret_fd is to be closed with
 * riv__parts_close, which sees to it that its bytes are on disk. @thread any */
int riv__parts_open(const struct riv_parts *parts, uint32_t number, int *ret_fd,
                    struct riv_err *err) RIV__MUST_USE;
int riv__parts_write(const struct riv_parts *parts, int fd, const char *p,
                     size_t n, struct riv_err *err) RIV__MUST_USE;
/* Removes a file that is open or closed; not there is fine. @thread any */
void riv__parts_drop(const struct riv_parts *parts, uint32_t number);
int riv__parts_close(const struct riv_parts *parts, int fd, struct riv_err *err)
    RIV__MUST_USE;

/* File number[k] becomes part-k, an empty _SUCCESS is laid beside them, and the
 * folder gets its name. @thread driver */
int riv__parts_publish(struct riv_parts *parts, const uint32_t *number,
                       size_t n, struct riv_err *err) RIV__MUST_USE;

/* Nothing of what was not published remains. A zeroed one is fine.
 * @thread driver */
void riv__parts_fini(struct riv_parts *parts);

/* Removes a folder of files that was published. @thread driver */
void riv__parts_remove(struct riv_sys *sys, const char *path);

#endif
