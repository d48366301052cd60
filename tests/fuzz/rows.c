/* tests/fuzz/rows.c - bytes as encoded rows, as a type in text, and as a file of
 * rows: read within their bounds or refused; what is read can be written, and
 * read again as the same; rows of an older type become rows of this one. */
#include "data/convert.h"
#include "data/le.h"
#include "data/rowfile.h"
#include "data/schema.h"
#include "fuzz/types.h"

static void decode(const struct riv_layout *layout, struct fuzz_bytes in)
{
    const char *p = (const char *)in.p, *end = p + in.n;
    union types_row row, again;
    struct riv_err err = { 0 };
    while (p < end) {
        memset(&row, 0, sizeof row);
        memset(&again, 0, sizeof again);
        const char *next = riv__decode_row(layout, p, end, &row, &err);
        if (!next)
            break;
        FUZZ_CHECK(next > p && next <= end);
        struct riv_buf bytes;
        riv__buf_init(&bytes, 0);
        types_encode(layout, &row, &bytes);
        FUZZ_CHECK(riv__decode_row(layout, bytes.p, bytes.p + bytes.n, &again,
                                   &err) == bytes.p + bytes.n);
        types_same(layout, &row, &again);
        riv__buf_fini(&bytes);
        p = next;
    }
}

/* As exec/read.c reads it, without the file. */
static void rowfile(const struct riv_layout *layout, struct fuzz_bytes in)
{
    const char *p = (const char *)in.p;
    struct riv_rowfile_index index;
    struct riv_err err = { 0 };
    if (in.n < RIV__ROWFILE_HEAD + RIV__ROWFILE_TAIL ||
        riv__rowfile_head(layout, p, in.n, &err) < 0 ||
        riv__rowfile_tail(p + in.n - RIV__ROWFILE_TAIL, in.n, &index, &err) < 0)
        return;
    FUZZ_CHECK(index.at <= in.n);
    FUZZ_CHECK(index.blocks <= (in.n - index.at) / 8);
    if (riv__rowfile_index_check(&index, p + index.at, &err) < 0)
        return;
    for (uint64_t i = 0; i < index.blocks; i++) {
        const uint64_t at = riv__le_get64(p + index.at + 8 * i);
        if (at > in.n - RIV__ROWFILE_BLOCK)
            return;
        const struct riv_rowfile_block block = riv__rowfile_block(p + at);
        if (block.bytes <= in.n - at - RIV__ROWFILE_BLOCK &&
            riv__rowfile_block_check(&block, p + at + RIV__ROWFILE_BLOCK,
                                     &err) == 0)
            decode(layout, (struct fuzz_bytes){ in.p + at + RIV__ROWFILE_BLOCK,
                                                block.bytes });
    }
}

/* The first part is the text of an older type, up to a NUL; then its rows. */
static void convert(const struct riv_layout *layout, struct fuzz_bytes in)
{
    const unsigned char *nul = in.n ? memchr(in.p, '\0', in.n) : NULL;
    const size_t text = nul ? (size_t)(nul - in.p) : in.n;
    struct riv_arena arena;
    struct riv_schema old;
    struct riv_buf notes;
    struct riv_err err = { 0 };
    const struct riv_convert *change = NULL;
    enum riv_change how = RIV__CHANGE_NONE;
    riv__arena_init(&arena, 0);
    riv__buf_init(&notes, 0);
    if (riv__schema_read(&arena, (riv_str){ (const char *)in.p, text }, &old,
                         &err) == 0 &&
        riv__convert_make(&arena, &old, layout, &how, &change, &notes, &err) ==
            0 &&
        how != RIV__CHANGE_REFUSED && nul) {
        const char *p = (const char *)nul + 1;
        const char *end = (const char *)in.p + in.n;
        union types_row row, again;
        memset(&row, 0, sizeof row);
        p = riv__convert_decode(change, layout, p, end, &row, &err);
        FUZZ_CHECK(!p || p <= end);
        if (p) {
            again = row;
            types_same(layout, &row, &again);
        }
    } else {
        FUZZ_CHECK(err.code == 0 || err.text[0] != '\0');
    }
    riv__buf_fini(&notes);
    riv__arena_fini(&arena);
}

static void one(const unsigned char *p, size_t n)
{
    struct fuzz_bytes in = { p, n };
    const unsigned what = fuzz_byte(&in);
    const struct riv_layout *layout = types_layout(fuzz_byte(&in));
    switch (what % 3) {
    case 0: decode(layout, in); break;
    case 1: rowfile(layout, in); break;
    default: convert(layout, in);
    }
}

const struct fuzz_target fuzz_target = { "rows", 20000, one };
