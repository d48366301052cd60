/* exec/read_files.c - files that are not lines: records of one length, whole
 * files as records, encoded rows. A range has what begins in it, as with lines;
 * so a file of records is shared by several tasks at any byte, one of encoded
 * rows by its index. @thread worker */
#include <stdlib.h>
#include <string.h>

#include "data/encode.h"
#include "data/le.h"
#include "data/rowfile.h"
#include "exec/task.h"
#include "graph/ops.h"
#include "sys/file.h"

enum { READ_BYTES = RIV__BLOCK_BYTES };

/* A file being read, and the memory for it. */
struct reading {
    struct riv_chain *chain;
    const struct riv_range *range;
    const struct riv_layout *layout; /* of the rows */
    int fd;
    uint64_t bytes; /* of the file */
    char *p;
    size_t room;
};

/* In front of a message: the file's path. */
static int failed(struct reading *rd, int code, const char *why)
{
    riv__chain_fail(rd->chain, code, "%s: %s", rd->range->path, why);
    return riv__chain_unread(rd->chain, riv__read_why(code));
}

static int reading_open(struct reading *rd, struct riv_chain *chain,
                        const struct riv_range *range,
                        const struct riv_layout *layout)
{
    struct riv_sys *sys = chain->exec->sys;
    struct riv_err err = { 0 };
    struct riv_stat stat;
    *rd = (struct reading){
        .chain = chain, .range = range, .layout = layout, .fd = -1
    };
    chain->source = range->path;
    int rc = riv__file_open(sys, range->path, RIV__OPEN_READ, &rd->fd, &err);
    if (rc < 0) {
        riv__chain_fail(chain, rc, "%s", err.text);
        return riv__chain_unread(chain, riv__read_why(rc));
    }
    RIV__TRY(riv__read_check(chain, range, rd->fd));
    rc = sys->fstat(sys, rd->fd, &stat);
    if (rc < 0) {
        rc = riv__err_sys(&err, -rc, "fstat", range->path);
        return riv__chain_fail(chain, rc, "%s", err.text);
    }
    rd->bytes = stat.bytes;
    return 0;
}

static int reading_close(struct reading *rd)
{
    if (rd->fd >= 0)
        rd->chain->exec->sys->close(rd->chain->exec->sys, rd->fd);
    free(rd->p);
    rd->chain->lines = rd->chain->end = NULL;
    return rd->chain->rc;
}

static int room_make(struct reading *rd, size_t n)
{
    if (rd->room >= n)
        return 0;
    free(rd->p);
    rd->room = 0;
    rd->p = malloc(n + RIV__SLACK);
    if (!rd->p)
        return failed(rd, RIV_ENOMEM, "no memory for reading");
    rd->room = n;
    memset(rd->p + n, 0, RIV__SLACK);
    return 0;
}

/* n bytes at a place, all of them; else the file is shorter than it was. */
static int read_exact(struct reading *rd, size_t n, uint64_t at)
{
    struct riv_err err = { 0 };
    if (atomic_load_explicit(&rd->chain->exec->stop, memory_order_relaxed))
        return riv__chain_fail(rd->chain, RIV_ESTOPPED, "stopped");
    RIV__TRY(room_make(rd, n));
    int64_t got = riv__file_pread(rd->chain->exec->sys, rd->fd, rd->p, n, at,
                                  rd->range->path, &err);
    if (got < 0) {
        riv__chain_fail(rd->chain, (int)got, "%s", err.text);
        return riv__chain_unread(rd->chain, riv__read_why((int)got));
    }
    return (size_t)got == n ? 0
                            : failed(rd, RIV_EIO,
                                     "it became shorter while it "
                                     "was read");
}

/* ------------------------------------------------- records of one length */

static int push_records(struct reading *rd, size_t n, size_t length,
                        uint64_t at)
{
    struct riv_chain *chain = rd->chain;
    riv_str *row = chain->worker->lines;
    for (size_t i = 0; i < n && chain->rc == 0 && !chain->full;) {
        size_t m = RIV__MIN(n - i, (size_t)RIV__CHUNK_ROWS);
        char *from = rd->p + i * length;
        for (size_t k = 0; k < m; k++)
            row[k] = (riv_str){ from + k * length, length };
        chain->lines = from; /* for messages and dead letters */
        chain->end = from + m * length;
        chain->offset = at + i * length;
        riv__chain_push(chain, row, m);
        i += m;
    }
    return chain->rc;
}

static int read_records(struct reading *rd)
{
    const struct riv_read_param *param = rd->chain->stage->source->param;
    const uint64_t length = param->length;
    const uint64_t many = RIV__MAX(READ_BYTES / length, (uint64_t)1);
    const uint64_t until = RIV__MIN(rd->range->until, rd->bytes);
    uint64_t at = (rd->range->from + length - 1) / length * length;
    while (at < until && rd->chain->rc == 0 && !rd->chain->full) {
        uint64_t n = RIV__MIN((until - at + length - 1) / length, many);
        if (at + n * length > rd->bytes)
            n = (rd->bytes - at) / length;
        if (n == 0) {
            riv__chain_fail(
                rd->chain, RIV_ERECORD,
                "%s: its last record, at byte %llu, has %llu of %llu bytes",
                rd->range->path, (unsigned long long)at,
                (unsigned long long)(rd->bytes - at),
                (unsigned long long)length);
            return riv__chain_unread(rd->chain, RIV__FILE_DAMAGED);
        }
        RIV__TRY(read_exact(rd, (size_t)(n * length), at));
        RIV__TRY(push_records(rd, (size_t)n, (size_t)length, at));
        at += n * length;
    }
    return rd->chain->rc;
}

/* ----------------------------------------------------------- whole files */

static int read_whole(struct reading *rd)
{
    struct riv_chain *chain = rd->chain;
    const riv_field *field = rd->layout->type->fields;
    const int64_t most = chain->exec->conf->file_bytes_max;
    if (rd->range->from > 0) /* its one record begins at byte 0 */
        return 0;
    if (rd->bytes > (uint64_t)most)
        return riv__chain_fail(chain, RIV_ERECORD,
                               "%s: has %llu bytes, and %lld are the most for "
                               "a record; raise input.file_max",
                               rd->range->path, (unsigned long long)rd->bytes,
                               (long long)most);
    RIV__TRY(read_exact(rd, (size_t)rd->bytes, 0));
    char *row = riv__chain_rows(chain, rd->layout->size);
    if (!row)
        return chain->rc;
    const riv_str path = riv_cstr(rd->range->path);
    const riv_str text = { rd->p, (size_t)rd->bytes };
    memcpy(row + field[0].offset, &path, sizeof path);
    memcpy(row + field[1].offset, &text, sizeof text);
    chain->offset = 0;
    return riv__chain_push(chain, row, 1);
}

/* ----------------------------------------------------------- encoded rows */

static int damaged(struct reading *rd, uint64_t at, const struct riv_err *err)
{
    riv__chain_fail(rd->chain, err->code, "%s: at byte %llu: %s",
                    rd->range->path, (unsigned long long)at, err->text);
    return riv__chain_unread(rd->chain, riv__read_why(err->code));
}

/* The index in memory of its own; NULL: the chain failed. */
static char *index_read(struct reading *rd, struct riv_rowfile_index *index)
{
    struct riv_err err = { 0 };
    const uint64_t tail = rd->bytes - RIV__ROWFILE_TAIL;
    if (rd->bytes < RIV__ROWFILE_HEAD + RIV__ROWFILE_TAIL) {
        failed(rd, RIV_EIO, "this is no file of encoded rows");
        return NULL;
    }
    if (read_exact(rd, RIV__ROWFILE_TAIL, tail) < 0)
        return NULL;
    if (riv__rowfile_tail(rd->p, rd->bytes, index, &err) < 0) {
        damaged(rd, tail, &err);
        return NULL;
    }
    if (read_exact(rd, (size_t)(index->blocks * 8 + 24), index->at) < 0)
        return NULL;
    if (riv__rowfile_index_check(index, rd->p, &err) < 0) {
        damaged(rd, index->at, &err);
        return NULL;
    }
    char *places = rd->p; /* the next read makes room anew */
    rd->p = NULL;
    rd->room = 0;
    return places;
}

static int head_check(struct reading *rd)
{
    struct riv_err err = { 0 };
    const size_t n = (size_t)RIV__MIN(
        rd->bytes, (uint64_t)RIV__ROWFILE_HEAD + RIV__ROWFILE_TEXT_MAX);
    RIV__TRY(read_exact(rd, n, 0));
    if (riv__rowfile_head(rd->layout, rd->p, n, &err) < 0)
        return failed(rd, err.code, err.text);
    return 0;
}

static int push_block(struct reading *rd, const struct riv_rowfile_block *block,
                      uint64_t at)
{
    struct riv_chain *chain = rd->chain;
    const struct riv_layout *layout = rd->layout;
    const char *p = rd->p + RIV__ROWFILE_BLOCK, *end = p + block->bytes;
    char *rows = riv__chain_rows(chain, layout->size);
    struct riv_err err = { 0 };
    if (!rows)
        return chain->rc;
    for (uint32_t left = block->rows; left > 0 && !chain->full;) {
        const uint32_t n = RIV__MIN(left, (uint32_t)RIV__CHUNK_ROWS);
        for (uint32_t i = 0; i < n; i++) {
            p = riv__decode_row(layout, p, end, rows + i * layout->size, &err);
            if (!p)
                return damaged(rd, at, &err);
        }
        RIV__TRY(riv__chain_push(chain, rows, n));
        left -= n;
    }
    return 0;
}

static int read_block(struct reading *rd, uint64_t at, uint64_t next)
{
    struct riv_err err = { .code = RIV_EIO, .text = "a block makes no sense" };
    RIV__TRY(read_exact(rd, (size_t)(next - at), at));
    const struct riv_rowfile_block block = riv__rowfile_block(rd->p);
    if (block.bytes != next - at - RIV__ROWFILE_BLOCK ||
        riv__rowfile_block_check(&block, rd->p + RIV__ROWFILE_BLOCK, &err) < 0)
        return damaged(rd, at, &err);
    return push_block(rd, &block, at);
}

static int read_encoded(struct reading *rd)
{
    struct riv_rowfile_index index;
    char *places = index_read(rd, &index);
    int rc = places ? head_check(rd) : rd->chain->rc;
    for (uint64_t i = 0; rc == 0 && i < index.blocks && !rd->chain->full; i++) {
        const uint64_t at = riv__le_get64(places + i * 8);
        const uint64_t next =
            i + 1 < index.blocks ? riv__le_get64(places + i * 8 + 8) : index.at;
        if (at >= rd->range->from && at < rd->range->until)
            rc = read_block(rd, at, next);
    }
    free(places);
    return rc;
}

int riv__read_files(struct riv_chain *chain, const struct riv_range *range)
{
    const struct riv_read_param *param = chain->stage->source->param;
    struct reading rd;
    if (reading_open(&rd, chain, range, chain->stage->source->layout) == 0) {
        switch (param->how) {
        case RIV__READ_RECORDS: read_records(&rd); break;
        case RIV__READ_WHOLE: read_whole(&rd); break;
        case RIV__READ_ENCODED: read_encoded(&rd); break;
        }
    }
    return reading_close(&rd);
}

int riv__read_rows_of(struct riv_chain *chain, const char *path,
                      const struct riv_layout *layout)
{
    const struct riv_range whole = { .kind = RIV__RANGE_FILE,
                                     .until = UINT64_MAX,
                                     .path = path };
    const char *was = chain->source;
    struct reading rd;
    if (reading_open(&rd, chain, &whole, layout) == 0)
        read_encoded(&rd);
    chain->source = was;
    return reading_close(&rd);
}
