/* sys/file.h - files with messages: what the table of the world returns as a
 * number becomes an error that names call, path and reason. */
#ifndef RIV_SYS_FILE_H
#define RIV_SYS_FILE_H

#include <stdbool.h>

#include "base/buf.h"
#include "sys/sys.h"

int riv__file_open(struct riv_sys *sys, const char *path, unsigned flags,
                   int *ret_fd, struct riv_err *err) RIV__MUST_USE;
/* The same without words, for who decides by the number: a descriptor or a
 * negative errno, never -EINTR. */
int riv__file_open_plain(struct riv_sys *sys, const char *path, unsigned flags);
/* Writes all n bytes, or fails; waits when the descriptor is a full pipe that
 * does not wait by itself. */
int riv__file_write(struct riv_sys *sys, int fd, const void *p, size_t n,
                    const char *path, struct riv_err *err) RIV__MUST_USE;
/* The whole file into buf, which is emptied first and has a maximum (then
 * RIV_EINVAL: too long). */
int riv__file_read_all(struct riv_sys *sys, const char *path,
                       struct riv_buf *buf, struct riv_err *err) RIV__MUST_USE;
/* Up to n bytes at `at`; fewer only at the end of the file. */
int64_t riv__file_pread(struct riv_sys *sys, int fd, void *p, size_t n,
                        uint64_t at, const char *path, struct riv_err *err);
/* Names of a directory, sorted by bytes; *ret is one allocation of pointers
 * (NULL after the last) and names, free it with free(). */
int riv__file_list(struct riv_sys *sys, const char *path, char ***ret,
                   size_t *ret_n, struct riv_err *err) RIV__MUST_USE;
bool riv__file_exists(struct riv_sys *sys, const char *path);
/* mkdir -p; fine when it is there. */
int riv__file_mkdirs(struct riv_sys *sys, const char *path, struct riv_err *err)
    RIV__MUST_USE;

/* What was made, renamed or removed in the folder is durable. */
int riv__file_sync_folder(struct riv_sys *sys, const char *path,
                          struct riv_err *err) RIV__MUST_USE;
/* The names on the way to `path`, its own too, are durable: also those of
 * folders that were there, for whoever made them may have been killed before
 * this. A folder that may not be read is not ours and is passed over. */
int riv__file_sync_way(struct riv_sys *sys, const char *path,
                       struct riv_err *err) RIV__MUST_USE;

#endif
