/* exec/spill.c - the file behind what waits on disk. Writing is under the lock:
 * pieces are large, and the disk takes them one after another anyway. */
#include "exec/spill.h"

#include "base/buf.h"
#include "sys/file.h"

enum { PATH_BYTES_MAX = 4096 };

int riv__spill_file(struct riv_exec *exec, int *ret_fd, struct riv_err *err)
{
    struct riv_sys *sys = exec->sys;
    struct riv_buf path;
    uint64_t number = 0;
    sys->random(sys, &number, sizeof number);
    riv__buf_init(&path, PATH_BYTES_MAX);
    riv__buf_printf(&path, "%s/.rivulet-%016llx.part", exec->conf->cache_dir,
                    (unsigned long long)number);
    riv__buf_char(&path, '\0');
    int rc = path.failed
                 ? riv__err_set(err, RIV_EINVAL, "cache.dir is too long a path")
                 : riv__file_open(sys, path.p,
                                  RIV__OPEN_READ | RIV__OPEN_WRITE |
                                      RIV__OPEN_APPEND | RIV__OPEN_CREATE |
                                      RIV__OPEN_EXCL,
                                  ret_fd, err);
    if (rc >= 0)
        sys->unlink(sys, path.p);
    riv__buf_fini(&path);
    return rc < 0 ? rc : 0;
}

void riv__spill_init(struct riv_spill *spill, struct riv_exec *exec)
{
    *spill = (struct riv_spill){ .exec = exec, .fd = -1 };
    riv__lock_init(&spill->lock);
}

void riv__spill_reset(struct riv_spill *spill)
{
    if (spill->fd >= 0)
        spill->exec->sys->close(spill->exec->sys, spill->fd);
    spill->fd = -1;
    spill->bytes = 0;
    spill->broken = false;
}

void riv__spill_fini(struct riv_spill *spill)
{
    riv__spill_reset(spill);
    riv__lock_fini(&spill->lock);
}

/* @locks spill->lock. What a failed write left behind is cut off again. */
static int append(struct riv_spill *spill, const void *p, size_t n,
                  struct riv_err *err)
{
    struct riv_sys *sys = spill->exec->sys;
    if (spill->fd < 0)
        RIV__TRY(riv__spill_file(spill->exec, &spill->fd, err));
    if (spill->broken)
        return riv__err_set(err, RIV_EIO, "%s: an earlier write failed there",
                            spill->exec->conf->cache_dir);
    int rc = riv__file_write(sys, spill->fd, p, n, spill->exec->conf->cache_dir,
                             err);
    if (rc < 0) {
        spill->broken = sys->truncate(sys, spill->fd, spill->bytes) < 0;
        return rc;
    }
    spill->bytes += n;
    return 0;
}

int riv__spill_put(struct riv_spill *spill, const void *p, size_t n,
                   struct riv_spill_piece *ret, struct riv_err *err)
{
    riv__lock(&spill->lock);
    const uint64_t at = spill->bytes;
    int rc = append(spill, p, n, err);
    riv__unlock(&spill->lock);
    if (rc == 0)
        *ret = (struct riv_spill_piece){ at, n };
    return rc;
}

int riv__spill_get(struct riv_spill *spill, const struct riv_spill_piece *piece,
                   uint64_t at, void *p, size_t n, struct riv_err *err)
{
    RIV__ASSERT(at + n <= piece->n);
    int64_t got = riv__file_pread(spill->exec->sys, spill->fd, p, n,
                                  piece->at + at, "a file in cache.dir", err);
    if (got < 0)
        return (int)got;
    return (size_t)got == n
               ? 0
               : riv__err_set(err, RIV_EIO, "a file in cache.dir is cut short");
}
