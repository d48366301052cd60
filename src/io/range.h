/* io/range.h - what a batch contains, as data: byte ranges of files, pieces of
 * received blocks, rows given by the program. A cut is the list of them for one
 * batch (or for the part of it that is run early). exec splits ranges into
 * shares; reading a range again gives the same records: that is lineage. */
#ifndef RIV_IO_RANGE_H
#define RIV_IO_RANGE_H

#include "base/arena.h"
#include "base/err.h"
#include "data/block.h"

struct riv_log_origin;

enum riv_range_kind {
    RIV__RANGE_FILE,  /* the lines that begin in [from, until) of a file */
    RIV__RANGE_BLOCK, /* whole lines in bytes [from, until) of a block */
    RIV__RANGE_ROWS,  /* n rows at `rows`, of the source's type */
    RIV__RANGE_COUNT, /* places [from, until) of a row of numbers */
};

/* The file of a range as it was when it was cut: it may grow, but not shrink or
 * be another one before it is read. All 0: not known. */
struct riv_file_seen {
    uint64_t bytes, device, inode; /* RIV__INODE_NONE: it was not there */
};
#define RIV__INODE_NONE UINT64_MAX

struct riv_range {
    enum riv_range_kind kind;
    uint32_t source; /* index of the input in its context */
    uint32_t part; /* of the input, where it has parts that stay apart: no task
                      reads two of them; 0: it has none */
    uint64_t from, until; /* ROWS: 0 and n * size */
    const char *path;     /* FILE: lives as long as the cut or the input */
    struct riv_file_seen seen;
    struct riv_block *block; /* BLOCK: counted; riv__cut_reset gives it back */
    const void *rows;        /* ROWS: borrowed until the batch is done */
    size_t n;
    uint64_t offset; /* of `from` in the source, for messages */
    const struct riv_log_origin
        *origin; /* for those, of a log: borrowed as rows are;
                                        NULL: there is none */
    uint64_t
        place; /* added to the offset of a line: its place in the batch.. */
    bool has_places; /* ..if this is set: the batch goes through a sieve */
};

struct riv_cut {
    struct riv_range *range;
    size_t n, cap;
    uint64_t bytes;         /* sum of until - from */
    uint64_t long_lines;    /* that were cut or left out on the way */
    struct riv_arena arena; /* for paths; reset with the cut */
};

void riv__cut_init(struct riv_cut *cut);
void riv__cut_fini(struct riv_cut *cut);
void riv__cut_reset(struct riv_cut *cut); /* gives blocks back, keeps memory */
/* Takes the block's ref, also when it fails (RIV_ENOMEM). The path is borrowed:
 * a copy in cut->arena lives long enough. */
int riv__cut_add(struct riv_cut *cut, const struct riv_range *range,
                 struct riv_err *err) RIV__MUST_USE;

#endif
