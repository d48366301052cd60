/* stream/inspect_state.c - the state of an operator as CSV, by its schema alone
 * (docs/format.md, "State of operators"). Keys of a state once, with what the
 * last delta says; a window pane by pane. All of it is in memory meanwhile. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "data/csv.h"
#include "data/le.h"
#include "data/schema.h"
#include "stream/durable.h"
#include "stream/inspect.h"
#include "stream/segment.h"

enum { WRITE_BYTES = 64 << 10 };

/* A key with what was said of it last; or an entry of a pane. */
struct said {
    riv_str key, val; /* encoded rows; val NULL: the key is gone */
    int64_t time_ms;
    size_t order;
};

struct telling {
    const struct riv_inspect *inspect;
    struct riv_arena arena;
    struct riv_schema key, val;
    struct said *said;
    size_t n, cap;
    bool is_window, is_rows; /* it folds; it keeps rows as they are */
    bool is_piece;           /* a piece is read, not a delta */
    int64_t *piece_ms; /* of each partition: deltas up to there are in it */
    size_t npiece, piece_cap;
    struct riv_buf text;
    struct riv_err *err;
};

static int damaged(struct telling *t, const char *what)
{
    return riv__err_set(t->err, RIV_ECHECKPOINT, "the state is damaged: %s",
                        what);
}

static int add(struct telling *t, riv_str key, riv_str val, int64_t time_ms)
{
    if (RIV__VEC_ROOM(t->said, t->cap, t->n + 1) < 0)
        return riv__err_set(t->err, RIV_ENOMEM, "no memory for the state");
    t->said[t->n] = (struct said){
        .key = key, .val = val, .time_ms = time_ms, .order = t->n
    };
    t->n++;
    return 0;
}

/* ------------------------------------------------------------- reading it */

struct reader {
    const char *p, *end; /* p NULL: it ended too early */
};

static uint64_t get(struct reader *r, size_t bytes)
{
    if (!r->p || (size_t)(r->end - r->p) < bytes) {
        r->p = NULL;
        return 0;
    }
    r->p += bytes;
    return bytes == 8   ? riv__le_get64(r->p - 8)
           : bytes == 4 ? riv__le_get32(r->p - 4)
                        : (unsigned char)r->p[-1];
}

/* The bytes of a row. */
static riv_str get_row(struct reader *r, const struct riv_schema *schema)
{
    const char *from = r->p;
    riv_str leaf;
    for (uint32_t i = 0; r->p && i < schema->n; i++)
        r->p = riv__schema_leaf(&schema->leaf[i], r->p, r->end, &leaf);
    return riv__str(from, r->p ? (size_t)(r->p - from) : 0);
}

/* u8 lives, i64 touched, key, state. */
static int read_states(struct telling *t, struct reader *r)
{
    while (r->p < r->end) {
        bool lives = get(r, 1) != 0;
        int64_t touched = lives ? (int64_t)get(r, 8) : 0;
        riv_str key = get_row(r, &t->key), val = { NULL, 0 };
        if (lives && r->p)
            val = get_row(r, &t->val);
        if (!r->p)
            return damaged(t, "it ends within a key");
        RIV__TRY(add(t, key, val, touched));
    }
    return 0;
}

/* Rows that a batch brought into a window. */
static int read_rows(struct telling *t, struct reader *r, int64_t time_ms)
{
    while (r->p < r->end) {
        riv_str key = get_row(r, &t->key), val = { NULL, 0 };
        if (r->p)
            val = get_row(r, &t->val);
        if (!r->p)
            return damaged(t, "it ends within a row");
        RIV__TRY(add(t, key, val, time_ms));
    }
    return 0;
}

/* u32 stores, each u32 rows and the rows. */
static int read_stores(struct telling *t, struct reader *r, int64_t time_ms)
{
    for (uint64_t stores = get(r, 4); r->p && stores > 0; stores--) {
        for (uint64_t rows = get(r, 4); r->p && rows > 0; rows--) {
            riv_str val = get_row(r, &t->val);
            if (r->p)
                RIV__TRY(add(t, riv__str(NULL, 0), val, time_ms));
        }
    }
    return r->p == r->end ? 0 : damaged(t, "a window has another length");
}

/* Keys of the slots; accumulators are passed over. */
static riv_str *read_slots(struct telling *t, struct reader *r, unsigned accs,
                           uint32_t *ret_n)
{
    uint64_t n = get(r, 4);
    if (!r->p || n > (uint64_t)(r->end - r->p) / 8)
        return NULL;
    riv_str *key = riv__arena_alloc(&t->arena, (n + 1) * sizeof *key);
    for (uint64_t i = 0; key && r->p && i < n; i++) {
        key[i] = get_row(r, &t->key);
        int64_t life = (int64_t)get(r, 8);
        unsigned there = life != 0;
        if (accs == 2)
            there = (life >> 33 & 1) + (life >> 34 & 1);
        while (r->p && there-- > 0)
            (void)get_row(r, &t->val);
    }
    *ret_n = (uint32_t)n;
    return key;
}

/* A partition of a window that folds. How many accumulators a slot has the
 * bytes do not say; that they end where they must does. */
static int read_fold(struct telling *t, struct reader *r, unsigned accs)
{
    uint32_t nslot = 0;
    for (uint64_t units = get(r, 4); r->p && units > 0; units--)
        (void)get(r, 8);
    const riv_str *key = read_slots(t, r, accs, &nslot);
    uint64_t panes = key ? get(r, 4) : 0;
    for (; key && r->p && panes > 0; panes--) {
        int64_t time_ms = (int64_t)get(r, 8);
        for (uint64_t n = get(r, 4); r->p && n > 0; n--) {
            uint64_t slot = get(r, 4) & 0x7fffffff;
            riv_str val = get_row(r, &t->val);
            if (!r->p || slot >= nslot)
                return damaged(t, "a pane has a key that is not there");
            RIV__TRY(add(t, key[slot], val, time_ms));
        }
    }
    return key && r->p == r->end ? 0
                                 : damaged(t, "a window has another length");
}

static int read_piece(struct telling *t, riv_str bytes)
{
    size_t before = t->n;
    for (unsigned accs = 1; accs <= 2; accs++) {
        struct reader r = { bytes.p, bytes.p + bytes.n };
        t->n = before;
        if (read_fold(t, &r, accs) == 0)
            return 0;
    }
    return RIV_ECHECKPOINT;
}

/* Which deltas a piece has in it already. */
static int note_piece(struct telling *t, const struct riv_segment *segment)
{
    if (segment->part >= t->npiece) {
        size_t n = segment->part + 1U;
        if (RIV__VEC_ROOM(t->piece_ms, t->piece_cap, n) < 0)
            return riv__err_set(t->err, RIV_ENOMEM, "no memory for the state");
        while (t->npiece < n)
            t->piece_ms[t->npiece++] = INT64_MIN;
    }
    t->piece_ms[segment->part] = segment->time_ms;
    return 0;
}

static int read_segment(struct telling *t, const struct riv_segment *segment)
{
    struct reader r = { segment->bytes.p, segment->bytes.p + segment->bytes.n };
    if (!t->is_window)
        return read_states(t, &r);
    if (t->is_piece) {
        RIV__TRY(note_piece(t, segment));
        return read_piece(t, segment->bytes);
    }
    if (segment->part < t->npiece &&
        segment->time_ms <= t->piece_ms[segment->part])
        return 0;
    return t->is_rows ? read_stores(t, &r, segment->time_ms)
                      : read_rows(t, &r, segment->time_ms);
}

static int take_blob(void *arg, uint64_t batch, riv_str bytes,
                     struct riv_err *err)
{
    struct telling *t = arg;
    struct riv_segment segment;
    int rc;
    (void)batch;
    char *copy = riv__arena_copy(&t->arena, bytes.p, bytes.n);
    riv_str rest = riv__str(copy, bytes.n);
    if (!copy)
        return riv__err_set(err, RIV_ENOMEM, "no memory for the state");
    while ((rc = riv__segment_next(&rest, &segment, err)) > 0)
        RIV__TRY(read_segment(t, &segment));
    return rc;
}

/* ------------------------------------------------------------- telling it */

static void put_number(struct riv_buf *text, uint32_t kind, const char *p)
{
    float f;
    double d;
    switch (kind) {
    case RIV_K_I64: riv__buf_i64(text, (int64_t)riv__le_get64(p)); break;
    case RIV_K_U64: riv__buf_u64(text, riv__le_get64(p)); break;
    case RIV_K_I32: riv__buf_i64(text, (int32_t)riv__le_get32(p)); break;
    case RIV_K_U32: riv__buf_u64(text, riv__le_get32(p)); break;
    case RIV_K_BOOL: riv__buf_str(text, *p ? "true" : "false"); break;
    case RIV_K_F32: {
        uint32_t bits = riv__le_get32(p);
        memcpy(&f, &bits, sizeof f);
        riv__buf_f64(text, (double)f);
        break;
    }
    default: {
        uint64_t bits = riv__le_get64(p);
        memcpy(&d, &bits, sizeof d);
        riv__buf_f64(text, d);
    }
    }
}

static void put_row(struct riv_buf *text, const struct riv_schema *schema,
                    riv_str row)
{
    const char *p = row.p, *end = row.p + row.n;
    for (uint32_t i = 0; i < schema->n; i++) {
        const struct riv_schema_leaf *leaf = &schema->leaf[i];
        riv_str bytes = { NULL, 0 };
        p = riv__schema_leaf(leaf, p, end, &bytes);
        if (!p)
            return; /* it was read once already */
        if (leaf->kind == RIV_K_CHARS)
            bytes.n = strnlen(bytes.p, bytes.n);
        if (leaf->kind == RIV_K_CHARS || leaf->kind == RIV_K_STR)
            riv__csv_field(text, bytes, ',');
        else
            put_number(text, leaf->kind, bytes.p);
        riv__buf_char(text, ',');
    }
}

static void put_names(struct riv_buf *text, const struct riv_schema *schema,
                      const char *alone)
{
    for (uint32_t i = 0; i < schema->n; i++) {
        riv_str name = schema->leaf[i].name;
        bool is_scalar = schema->n == 1 && riv_eq(name, riv_cstr("value"));
        riv__csv_field(text, is_scalar ? riv_cstr(alone) : name, ',');
        riv__buf_char(text, ',');
    }
}

static void hand_over(struct telling *t, size_t when)
{
    if (t->text.n < when || t->text.failed)
        return;
    t->inspect->write(t->inspect->arg, t->text.p, t->text.n);
    riv__buf_reset(&t->text);
}

/* Bytes, then what was said later. */
static int by_key(const void *a, const void *b)
{
    const struct said *x = a, *y = b;
    int rc = memcmp(x->key.p, y->key.p, RIV__MIN(x->key.n, y->key.n));
    if (rc == 0 && x->key.n != y->key.n)
        rc = x->key.n < y->key.n ? -1 : 1;
    if (rc == 0)
        rc = x->order < y->order ? -1 : 1;
    return rc;
}

static int by_time(const void *a, const void *b)
{
    const struct said *x = a, *y = b;
    if (x->time_ms != y->time_ms)
        return x->time_ms < y->time_ms ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static bool is_last_of_key(const struct telling *t, size_t i)
{
    return i + 1 == t->n || !riv_eq(t->said[i].key, t->said[i + 1].key);
}

static int tell(struct telling *t)
{
    if (t->n > 0)
        qsort(t->said, t->n, sizeof *t->said, t->is_window ? by_time : by_key);
    put_names(&t->text, &t->key, "key");
    put_names(&t->text, &t->val, "value");
    riv__buf_str(&t->text, "time_ms\n");
    for (size_t i = 0; i < t->n; i++) {
        const struct said *said = &t->said[i];
        if (!t->is_window && (!said->val.p || !is_last_of_key(t, i)))
            continue;
        put_row(&t->text, &t->key, said->key);
        put_row(&t->text, &t->val, said->val);
        riv__buf_i64(&t->text, said->time_ms);
        riv__buf_char(&t->text, '\n');
        hand_over(t, WRITE_BYTES);
    }
    hand_over(t, 1);
    return t->text.failed ? riv__err_set(t->err, RIV_ENOMEM, "out of memory")
                          : 0;
}

/* ------------------------------------------------------------- the schema */

/* The line "--" that parts key and value; NULL: there is none. */
static const char *find_half(riv_str schema)
{
    const char *end = schema.p + schema.n;
    for (const char *at = schema.p; at && end - at >= 3; at++) {
        if (memcmp(at, "--\n", 3) == 0)
            return at;
        at = memchr(at, '\n', (size_t)(end - at));
        if (!at)
            return NULL;
    }
    return NULL;
}

/* "version 3" in front of the fields is of the type, not a field. */
static riv_str without_version(riv_str fields)
{
    const char *nl = fields.n > 0 ? memchr(fields.p, '\n', fields.n) : NULL;
    if (!nl || !riv__str_starts(fields, "version ") || fields.p[8] < '0' ||
        fields.p[8] > '9')
        return fields;
    return riv__str(nl + 1, fields.n - (size_t)(nl + 1 - fields.p));
}

static int read_schema(struct telling *t, riv_str schema)
{
    const char *half = find_half(schema);
    if (!half)
        return damaged(t, "its schema has no line \"--\"");
    riv_str key = riv__str(schema.p, (size_t)(half - schema.p));
    riv_str val = riv__str(half + 3, schema.n - (size_t)(half + 3 - schema.p));
    RIV__TRY(
        riv__schema_read(&t->arena, without_version(key), &t->key, t->err));
    return riv__schema_read(&t->arena, without_version(val), &t->val, t->err);
}

static int read_all(struct telling *t, struct riv_journal *journal,
                    const struct riv_node_row *node)
{
    struct riv_snapshot_row snapshot;
    RIV__TRY(read_schema(t, node->schema));
    RIV__TRY(riv__journal_find_snapshot(journal, node->id, &snapshot, t->err));
    t->is_piece = true;
    RIV__TRY(riv__journal_each_piece(journal, &snapshot, take_blob, t, t->err));
    t->is_piece = false;
    return riv__journal_each_delta(journal, node->id, snapshot.base, take_blob,
                                   t, t->err);
}

int riv__inspect_state(const struct riv_inspect *inspect,
                       struct riv_journal *journal,
                       const struct riv_node_row *node, struct riv_err *err)
{
    struct riv_err own;
    struct telling t = {
        .inspect = inspect,
        .err = err ? err : &own,
        .is_rows = riv_eq(node->kind, riv_cstr("riv_window")),
        .is_window = !riv_eq(node->kind, riv_cstr("riv_map_with_state")) &&
                     !riv_eq(node->kind, riv_cstr("riv_update_state_by_key")),
    };
    riv__arena_init(&t.arena, 0);
    riv__buf_init(&t.text, 0);
    int rc = read_all(&t, journal, node);
    if (rc == 0)
        rc = tell(&t);
    riv__buf_fini(&t.text);
    riv__arena_fini(&t.arena);
    free(t.said);
    free(t.piece_ms);
    return rc;
}
