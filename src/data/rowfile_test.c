/* data/rowfile_test.c - files of encoded rows: fixed bytes, round trips in any
 * number of blocks, and damage that is found. */
#include "data/rowfile.h"

#include <stdlib.h>

#include "data/encode.h"
#include "data/fixture.h"
#include "data/le.h"
#include "data/rows.h"

static struct riv_arena arena;
static struct riv_rowfile file;
static struct riv_buf bytes; /* of a file */

static int start(void **state)
{
    (void)state;
    riv__arena_init(&arena, 4096);
    riv__buf_init(&bytes, 0);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    riv__rowfile_fini(&file);
    riv__buf_fini(&bytes);
    riv__arena_fini(&arena);
    return 0;
}

static void take_out(void)
{
    riv__buf_add(&bytes, file.out.p, file.out.n);
    riv__buf_reset(&file.out);
}

/* A file of n rows, its bytes taken out now and then. */
static void write_rows(const struct riv_layout *layout, const char *rows,
                       size_t n)
{
    riv__rowfile_init(&file, layout);
    riv__rowfile_begin(&file);
    for (size_t i = 0; i < n;) {
        size_t m = RIV__MIN(n - i, (size_t)100);
        assert_int_equal(
            riv__rowfile_add(&file, rows + i * layout->size, m, NULL), 0);
        i += m;
        if (i % 300 == 0)
            take_out();
    }
    assert_int_equal(riv__rowfile_end(&file, NULL), 0);
    take_out();
}

/* As a reader of the whole file does it, never outside of its n bytes. */
static int read_block(const struct riv_layout *layout, const char *p,
                      size_t room, struct riv_rows *into)
{
    struct riv_err err = { 0 };
    struct riv_rowfile_block block = riv__rowfile_block(p);
    if (block.bytes > room - RIV__ROWFILE_BLOCK)
        return RIV_EIO;
    p += RIV__ROWFILE_BLOCK;
    RIV__TRY(riv__rowfile_block_check(&block, p, &err));
    const char *end = p + block.bytes;
    char *row = riv__arena_alloc(&arena, layout->size);
    for (uint32_t i = 0; i < block.rows; i++) {
        p = riv__decode_row(layout, p, end, row, &err);
        if (!p || riv__rows_append(into, row, 1) < 0)
            return RIV_EIO;
    }
    return p == end ? 0 : RIV_EIO;
}

static int read_rows(const struct riv_layout *layout, const char *p, size_t n,
                     struct riv_rows *into)
{
    struct riv_rowfile_index index;
    struct riv_err err = { 0 };
    if (n < RIV__ROWFILE_HEAD + RIV__ROWFILE_TAIL)
        return RIV_EIO;
    RIV__TRY(riv__rowfile_head(layout, p, n, &err));
    RIV__TRY(riv__rowfile_tail(p + n - RIV__ROWFILE_TAIL, n, &index, &err));
    RIV__TRY(riv__rowfile_index_check(&index, p + index.at, &err));
    for (uint64_t i = 0; i < index.blocks; i++) {
        uint64_t at = riv__le_get64(p + index.at + 8 * i);
        RIV__TRY(read_block(layout, p + at, index.at - at, into));
    }
    return into->n == index.rows ? 0 : RIV_EIO;
}

static void the_bytes_of_a_file_are_fixed(void **state)
{
    static const char want[] = "RIVROWS1"
                               "\x28\x46\xa3\x2c\x02\xaa\x36\x4d"
                               "\3\0\0\0\0\0\0\0"
                               "i64"
                               /* the block */
                               "\2\0\0\0"
                               "\x10\0\0\0"
                               "\x14\x16\x59\xe6\xea\x44\x9c\x70"
                               "\7\0\0\0\0\0\0\0"
                               "\xff\xff\xff\xff\xff\xff\xff\xff"
                               /* the index, and its numbers */
                               "\x1b\0\0\0\0\0\0\0"
                               "\1\0\0\0\0\0\0\0"
                               "\2\0\0\0\0\0\0\0"
                               "\x3b\0\0\0\0\0\0\0"
                               "\x73\xd4\x17\x08\x5d\x57\xee\xc9"
                               "RIVROWSE";
    const int64_t rows[] = { 7, -1 };
    (void)state;
    write_rows(fixture_layout(&arena, &riv__type_i64), (const char *)rows, 2);
    assert_int_equal(bytes.n, sizeof want - 1);
    assert_memory_equal(bytes.p, want, bytes.n);
}

static void what_was_written_is_read_back(void **state)
{
    uint64_t seed = 17;
    (void)state;
    for (size_t k = 0; k < RIV__LEN(fixture_types); k++) {
        const struct riv_layout *layout =
            fixture_layout(&arena, fixture_types[k]);
        for (size_t n = 0; n < 20000; n = 5 * n + 1) {
            char *rows = calloc(n + 1, layout->size);
            struct riv_rows back;
            for (size_t i = 0; i < n; i++)
                fixture_row(layout, rows + i * layout->size, &arena, &seed, "");
            write_rows(layout, rows, n);
            riv__rows_init(&back, layout);
            assert_int_equal(read_rows(layout, bytes.p, bytes.n, &back), 0);
            assert_int_equal(back.n, n);
            for (size_t i = 0; i < n; i++) {
                char *a = rows + i * layout->size, *b = riv__rows_at(&back, i);
                size_t m = riv__encode_bytes(layout, a);
                char *ea = riv__arena_alloc(&arena, m + 1);
                char *eb = riv__arena_alloc(&arena, m + 1);
                assert_int_equal(riv__encode_bytes(layout, b), m);
                riv__encode_row(layout, a, ea);
                riv__encode_row(layout, b, eb);
                assert_memory_equal(ea, eb, m);
            }
            riv__rows_fini(&back);
            riv__rowfile_fini(&file);
            riv__buf_reset(&bytes);
            free(rows);
        }
    }
}

/* A flipped bit is found, or does not matter: the text of the type is for
 * people. */
static void damage_anywhere_is_found(void **state)
{
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_wc);
    wc rows[] = { { { "abc", 3 }, 1 }, { { "", 0 }, -1 }, { { "x", 1 }, 7 } };
    (void)state;
    write_rows(layout, (const char *)rows, 3);
    const size_t text = strlen("wc {key str, val i64}");
    for (size_t i = 0; i < bytes.n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            struct riv_rows back;
            riv__rows_init(&back, layout);
            bytes.p[i] = (char)(bytes.p[i] ^ 1 << bit);
            int rc = read_rows(layout, bytes.p, bytes.n, &back);
            bytes.p[i] = (char)(bytes.p[i] ^ 1 << bit);
            riv__rows_fini(&back);
            if (i < 16 || i >= RIV__ROWFILE_HEAD + text)
                assert_true(rc < 0);
        }
    }
}

static void a_file_that_was_cut_short_is_found(void **state)
{
    const struct riv_layout *layout = fixture_layout(&arena, &riv_type_wc);
    wc rows[] = { { { "abc", 3 }, 1 }, { { "x", 1 }, 7 } };
    (void)state;
    write_rows(layout, (const char *)rows, 2);
    for (size_t n = 0; n < bytes.n; n++) {
        struct riv_rows back;
        char *cut = malloc(n + 1); /* so that a sanitizer sees its end */
        memcpy(cut, bytes.p, n);
        riv__rows_init(&back, layout);
        assert_true(read_rows(layout, cut, n, &back) < 0);
        riv__rows_fini(&back);
        free(cut);
    }
}

static void another_type_is_refused_in_words(void **state)
{
    struct riv_err err = { 0 };
    (void)state;
    write_rows(fixture_layout(&arena, &riv_type_reading), NULL, 0);
    assert_int_equal(riv__rowfile_head(fixture_layout(&arena, &riv_type_wc),
                                       bytes.p, bytes.n, &err),
                     RIV_ETYPE);
    assert_string_equal(err.text,
                        "it holds reading {sensor str, temp f64}, but wc {key "
                        "str, val i64} is to be read");
    assert_int_equal(riv__rowfile_head(fixture_layout(&arena, &riv_type_wc),
                                       "some other text of 24 bytes", 24, &err),
                     RIV_EIO);
}

static void blocks_are_closed_at_their_size(void **state)
{
    enum { ROWS = 100 };
    const struct riv_layout *layout = fixture_layout(&arena, &riv__type_str);
    char *text = calloc(1, RIV__ROWFILE_BLOCK_BYTES);
    (void)state;
    riv__rowfile_init(&file, layout);
    riv__rowfile_begin(&file);
    for (size_t i = 0; i < ROWS; i++) {
        riv_str s = { text, RIV__ROWFILE_BLOCK_BYTES / 10 };
        assert_int_equal(riv__rowfile_add(&file, &s, 1, NULL), 0);
    }
    riv_str whole = { text, RIV__ROWFILE_BLOCK_BYTES }; /* more than a block */
    assert_int_equal(riv__rowfile_add(&file, &whole, 1, NULL), 0);
    assert_int_equal(riv__rowfile_end(&file, NULL), 0);
    assert_int_equal(file.index.n / 8, ROWS / 9 + 2);
    free(text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, finish)
    const struct CMUnitTest tests[] = {
        TEST(the_bytes_of_a_file_are_fixed),
        TEST(what_was_written_is_read_back),
        TEST(damage_anywhere_is_found),
        TEST(a_file_that_was_cut_short_is_found),
        TEST(another_type_is_refused_in_words),
        TEST(blocks_are_closed_at_their_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
