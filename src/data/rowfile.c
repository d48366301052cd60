/* data/rowfile.c - files of encoded rows. A reader trusts nothing: numbers are
 * compared with the size of the file before they are used, bytes with their
 * checksums before a row is made of them. */
#include "data/rowfile.h"

#include <string.h>

#include "base/str.h"
#include "data/encode.h"
#include "data/hash.h"

static const char head_magic[8] = "RIVROWS1", tail_magic[8] = "RIVROWSE";

void riv__rowfile_init(struct riv_rowfile *file,
                       const struct riv_layout *layout)
{
    *file = (struct riv_rowfile){ .layout = layout };
    riv__buf_init(&file->out, 0);
    riv__buf_init(&file->block, UINT32_MAX);
    riv__buf_init(&file->index, 0);
}

void riv__rowfile_fini(struct riv_rowfile *file)
{
    riv__buf_fini(&file->out);
    riv__buf_fini(&file->block);
    riv__buf_fini(&file->index);
}

static void put32(struct riv_buf *buf, uint32_t v)
{
    char *p = riv__buf_room(buf, 4);
    if (!p)
        return;
    riv__le_put32(p, v);
    buf->n += 4;
}

static void put64(struct riv_buf *buf, uint64_t v)
{
    char *p = riv__buf_room(buf, 8);
    if (!p)
        return;
    riv__le_put64(p, v);
    buf->n += 8;
}

void riv__rowfile_begin(struct riv_rowfile *file)
{
    char text[RIV__ROWFILE_TEXT_MAX];
    riv__buf_reset(&file->out);
    riv__buf_reset(&file->block);
    riv__buf_reset(&file->index);
    riv__type_show(file->layout->type, text, sizeof text);
    riv__buf_add(&file->out, head_magic, 8);
    put64(&file->out, riv__type_fingerprint(file->layout->type));
    put64(&file->out, strlen(text));
    riv__buf_str(&file->out, text);
    file->at = file->out.n;
    file->rows = 0;
    file->block_rows = 0;
}

static void block_close(struct riv_rowfile *file)
{
    if (file->block_rows == 0)
        return;
    put64(&file->index, file->at);
    put32(&file->out, file->block_rows);
    put32(&file->out, (uint32_t)file->block.n);
    put64(&file->out, riv__hash_bytes(file->block.p, file->block.n));
    riv__buf_add(&file->out, file->block.p, file->block.n);
    file->at += RIV__ROWFILE_BLOCK + file->block.n;
    file->rows += file->block_rows;
    file->block_rows = 0;
    riv__buf_reset(&file->block);
}

static int row_add(struct riv_rowfile *file, const void *row,
                   struct riv_err *err)
{
    const size_t n = riv__encode_bytes(file->layout, row);
    if (n >= UINT32_MAX)
        return riv__err_set(err, RIV_ERECORD,
                            "a record of %zu bytes; one of a file has less "
                            "than 4 GiB",
                            n);
    if (file->block_rows > 0 && file->block.n + n > RIV__ROWFILE_BLOCK_BYTES)
        block_close(file);
    char *to = riv__buf_room(&file->block, n);
    if (!to)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a block of rows");
    riv__encode_row(file->layout, row, to);
    file->block.n += n;
    file->block_rows++;
    return 0;
}

static int failed(const struct riv_rowfile *file, struct riv_err *err)
{
    if (!file->out.failed && !file->index.failed)
        return 0;
    return riv__err_set(err, RIV_ENOMEM, "no memory for encoded rows");
}

int riv__rowfile_add(struct riv_rowfile *file, const void *rows, size_t n,
                     struct riv_err *err)
{
    const char *at = rows;
    for (size_t i = 0; i < n; i++, at += file->layout->size)
        RIV__TRY(row_add(file, at, err));
    return failed(file, err);
}

int riv__rowfile_end(struct riv_rowfile *file, struct riv_err *err)
{
    block_close(file);
    const uint64_t blocks = file->index.n / 8;
    const size_t from = file->out.n;
    riv__buf_add(&file->out, file->index.p, file->index.n);
    put64(&file->out, blocks);
    put64(&file->out, file->rows);
    put64(&file->out, file->at);
    RIV__TRY(failed(file, err));
    put64(&file->out, riv__hash_bytes(file->out.p + from, file->out.n - from));
    riv__buf_add(&file->out, tail_magic, 8);
    return failed(file, err);
}

/* ------------------------------------------------------------------ reading */

static int damaged(struct riv_err *err, const char *what)
{
    return riv__err_set(err, RIV_EIO, "%s", what);
}

int riv__rowfile_tail(const char *tail, uint64_t bytes,
                      struct riv_rowfile_index *ret, struct riv_err *err)
{
    if (bytes < RIV__ROWFILE_HEAD + RIV__ROWFILE_TAIL ||
        memcmp(tail + 32, tail_magic, 8) != 0)
        return damaged(err, "this is no file of encoded rows, or its end is "
                            "missing");
    const struct riv_rowfile_index index = {
        .blocks = riv__le_get64(tail),
        .rows = riv__le_get64(tail + 8),
        .at = riv__le_get64(tail + 16),
        .hash = riv__le_get64(tail + 24),
    };
    const uint64_t room = bytes - RIV__ROWFILE_TAIL;
    if (index.at < RIV__ROWFILE_HEAD || index.at > room ||
        (room - index.at) / 8 != index.blocks || (room - index.at) % 8 != 0)
        return damaged(err, "the index of its blocks is damaged");
    *ret = index;
    return 0;
}

int riv__rowfile_index_check(const struct riv_rowfile_index *index,
                             const char *bytes, struct riv_err *err)
{
    const size_t n = (size_t)index->blocks * 8 + 24;
    uint64_t before = 0;
    if (riv__hash_bytes(bytes, n) != index->hash)
        return damaged(err, "the index of its blocks is damaged (its checksum "
                            "is wrong)");
    for (uint64_t i = 0; i < index->blocks; i++) {
        const uint64_t at = riv__le_get64(bytes + i * 8);
        const bool fits = at >= before + RIV__ROWFILE_BLOCK &&
                          at <= index->at - RIV__ROWFILE_BLOCK;
        if (!fits)
            return damaged(err, "the index of its blocks makes no sense");
        before = at;
    }
    return 0;
}

/* The text tells people what the rows are; programs compare fingerprints. */
int riv__rowfile_head(const struct riv_layout *layout, const char *p, size_t n,
                      struct riv_err *err)
{
    char want[256], have[256];
    if (n < RIV__ROWFILE_HEAD || memcmp(p, head_magic, 8) != 0)
        return damaged(err, "this is no file of encoded rows");
    if (riv__le_get64(p + 8) == riv__type_fingerprint(layout->type))
        return 0;
    const uint64_t text = riv__le_get64(p + 16);
    const riv_str is = { p + RIV__ROWFILE_HEAD,
                         RIV__MIN(n - RIV__ROWFILE_HEAD, text) };
    return riv__err_set(err, RIV_ETYPE, "it holds %s, but %s is to be read",
                        riv__str_show(have, sizeof have, is),
                        riv__type_show(layout->type, want, sizeof want));
}

struct riv_rowfile_block riv__rowfile_block(const char *p)
{
    return (struct riv_rowfile_block){ .rows = riv__le_get32(p),
                                       .bytes = riv__le_get32(p + 4),
                                       .hash = riv__le_get64(p + 8) };
}

int riv__rowfile_block_check(const struct riv_rowfile_block *block,
                             const char *p, struct riv_err *err)
{
    return riv__hash_bytes(p, block->bytes) == block->hash
               ? 0
               : damaged(err, "a block is damaged (its checksum is wrong)");
}
