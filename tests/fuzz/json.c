/* tests/fuzz/json.c - JSON lines: what is read can be written and read again as
 * the same; and a line that looks like the one before gives by its shape what
 * the parser gives. */
#include "data/json.h"
#include "data/json_read.h"
#include "fuzz/types.h"

static struct riv_json_reader *reader[TYPES];

static void round_trip(unsigned type, const union types_row *row,
                       struct riv_arena *arena)
{
    const struct riv_layout *layout = types_layout(type);
    union types_row again;
    struct riv_buf out;
    struct riv_err err = { 0 };
    memset(&again, 0, sizeof again);
    riv__buf_init(&out, 0);
    riv__json_write(layout, row, &out);
    FUZZ_CHECK(out.n > 0 && out.p[out.n - 1] == '\n');
    if (riv__json_read(reader[type], (riv_str){ out.p, out.n - 1 }, false,
                       &again, arena, &err) != 0)
        fuzz_fail("%s of %.*s", err.text, (int)out.n, out.p);
    types_same(layout, row, &again);
    riv__buf_fini(&out);
}

static void line(unsigned type, riv_str text, struct riv_arena *arena)
{
    const struct riv_layout *layout = types_layout(type);
    union types_row row, shaped;
    struct riv_err err = { 0 };
    memset(&row, 0, sizeof row);
    memset(&shaped, 0, sizeof shaped);
    const bool has_shape = riv__json_read_shaped(
        reader[type], riv__kernels(RIV__CPU_AVX512), text, &shaped);
    const int rc = riv__json_read(reader[type], text, true, &row, arena, &err);
    FUZZ_CHECK(rc == 0 || rc == RIV_ERECORD);
    FUZZ_CHECK(rc == 0 || err.text[0] != '\0');
    FUZZ_CHECK(!has_shape || rc == 0);
    if (has_shape)
        types_same(layout, &row, &shaped);
    if (rc == 0)
        round_trip(type, &row, arena);
}

static void one(const unsigned char *p, size_t n)
{
    struct fuzz_bytes in = { p, n };
    const unsigned type = fuzz_byte(&in) % TYPES;
    struct riv_arena arena;
    if (!riv__json_reader_name())
        return;
    riv__arena_init(&arena, 0);
    if (!reader[type])
        FUZZ_CHECK(
            riv__json_reader_new(types_layout(type), &reader[type], NULL) == 0);
    riv_str text = types_padded(&arena, in);
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        const size_t m = end ? (size_t)(end - text.p) : text.n;
        line(type, (riv_str){ text.p, m }, &arena);
        text.p += m + (end != NULL);
        text.n -= m + (end != NULL);
    }
    riv__arena_fini(&arena);
    riv__json_reader_free(reader[type]); /* no run knows the one before */
    reader[type] = NULL;
}

const struct fuzz_target fuzz_target = { "json", 10000, one };
