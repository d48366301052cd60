/* connect/trail.h - the files that a tail: input went through, known by device,
 * inode and a sum of their first bytes: so that another run finds the one it
 * was in, though it was renamed meanwhile, and takes no other file for it.
 * connect/source_tail.c is the user. */
#ifndef RIV_CONNECT_TRAIL_H
#define RIV_CONNECT_TRAIL_H

#include "connect/paths.h"
#include "io/stand.h"

enum { RIV__TRAIL_HEAD_BYTES = 1024 };

struct riv_trail_file {
    uint32_t number; /* 1, 2, ... in the order they were read */
    uint64_t device, inode;
    uint64_t head_bytes, head_sum; /* of the first bytes, when last looked */
};

/* Looks at an open file. */
int riv__trail_look(struct riv_sys *sys, int fd, const char *path,
                    struct riv_trail_file *ret, struct riv_err *err)
    RIV__MUST_USE;
/* Is the open file the one that was looked at? 1, 0, or an error. */
int riv__trail_same(struct riv_sys *sys, int fd, const char *path,
                    const struct riv_trail_file *was, struct riv_err *err)
    RIV__MUST_USE;

/* One file at two times: the later look may have seen more of its head. */
bool riv__trail_is(const struct riv_trail_file *a,
                   const struct riv_trail_file *b);

/* As words of a stand, and back; false: the words are not whole. */
void riv__trail_put(struct riv_stand *to, const struct riv_trail_file *file);
bool riv__trail_get(riv_str words, struct riv_trail_file *ret);

/* Where the file that was followed as `path` is now: itself, or one of
 * "path.*", "path-*" in its folder; then, in the order of their times, those of
 * these names that were changed after it, and `path` at last. n is 0 when the
 * file is gone. */
int riv__trail_find(struct riv_sys *sys, const char *path,
                    const struct riv_trail_file *was, struct riv_paths *ret,
                    struct riv_err *err) RIV__MUST_USE;

#endif
