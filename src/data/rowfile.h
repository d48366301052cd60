/* data/rowfile.h - files of encoded rows, as bytes: a head that says what the
 * rows are, blocks with checksums, an index by which several readers share a
 * file (docs/format.md). Whoever writes and reads the bytes is above. */
#ifndef RIV_DATA_ROWFILE_H
#define RIV_DATA_ROWFILE_H

#include "base/buf.h"
#include "data/layout.h"

enum {
    RIV__ROWFILE_HEAD = 24,  /* bytes, and then the text of the type */
    RIV__ROWFILE_BLOCK = 16, /* bytes in front of a block's rows */
    RIV__ROWFILE_TAIL = 40,
    RIV__ROWFILE_TEXT_MAX = 4096,
    RIV__ROWFILE_BLOCK_BYTES = 256 * 1024, /* a block is closed at this size */
};

/* Writing: rows go into blocks, blocks into `out`, from where the owner takes
 * them whenever he likes (and resets the buffer). One thread. */
struct riv_rowfile {
    const struct riv_layout *layout;
    struct riv_buf out;   /* finished, to be written */
    struct riv_buf block; /* being filled */
    struct riv_buf index; /* a word for each block */
    uint64_t at;          /* bytes of the file before `block` */
    uint64_t rows;
    uint32_t block_rows;
};

/* layout is borrowed as long as the writer lives. */
void riv__rowfile_init(struct riv_rowfile *file,
                       const struct riv_layout *layout);
void riv__rowfile_fini(struct riv_rowfile *file);
/* A new file: its head is in `out`. Keeps the memory. */
void riv__rowfile_begin(struct riv_rowfile *file);
/* 0, RIV_ENOMEM, or RIV_ERECORD for a row of 4 GiB or more. */
int riv__rowfile_add(struct riv_rowfile *file, const void *rows, size_t n,
                     struct riv_err *err) RIV__MUST_USE;
/* The last block, the index and the tail are in `out`. */
int riv__rowfile_end(struct riv_rowfile *file, struct riv_err *err)
    RIV__MUST_USE;

/* Reading. What the tail says: blocks, and where their index begins. `tail` is
 * the last RIV__ROWFILE_TAIL bytes of a file of `bytes` bytes. */
struct riv_rowfile_index {
    uint64_t blocks, rows, at; /* of the file: the index begins here */
    uint64_t hash;             /* of the index and the numbers before it */
};
int riv__rowfile_tail(const char *tail, uint64_t bytes,
                      struct riv_rowfile_index *ret, struct riv_err *err)
    RIV__MUST_USE;
/* Are these the index's bytes? */
int riv__rowfile_index_check(const struct riv_rowfile_index *index,
                             const char *bytes, struct riv_err *err)
    RIV__MUST_USE;

/* The head: n bytes from the file's beginning, at least RIV__ROWFILE_HEAD, and
 * the text of the type as far as it is there. RIV_ETYPE when the rows are of
 * another type. */
int riv__rowfile_head(const struct riv_layout *layout, const char *p, size_t n,
                      struct riv_err *err) RIV__MUST_USE;

/* The numbers in front of a block's rows. */
struct riv_rowfile_block {
    uint32_t rows, bytes;
    uint64_t hash;
};
struct riv_rowfile_block riv__rowfile_block(const char *p);
/* Is the block whole? p: its rows' bytes. */
int riv__rowfile_block_check(const struct riv_rowfile_block *block,
                             const char *p, struct riv_err *err) RIV__MUST_USE;

#endif
