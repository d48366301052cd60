/* data/convert.c - a plan for each leaf of the old type: where it goes in the
 * present row, and how. Made once; then a row costs a switch per leaf. */
#include "data/convert.h"

#include <string.h>

#include "base/str.h"
#include "data/encode.h"
#include "data/le.h"

enum how { DROP, COPY, STR, CHARS, BOOL, I32_I64, U32_U64, U32_I64, F32_F64 };

struct move {
    struct riv_schema_leaf from;
    enum how how;
    uint32_t offset; /* in the present row */
};

struct riv_convert {
    struct move *move; /* one for each old leaf; NULL: they are the same */
    uint32_t n;
    struct riv_upgrade *upgrade; /* the row is of its oldest type; or NULL */
};

/* How a number becomes another without a loss, or DROP: not at all. */
static enum how widening(uint32_t from, uint32_t to)
{
    if (from == RIV_K_I32 && to == RIV_K_I64)
        return I32_I64;
    if (from == RIV_K_U32 && to == RIV_K_U64)
        return U32_U64;
    if (from == RIV_K_U32 && to == RIV_K_I64)
        return U32_I64;
    return from == RIV_K_F32 && to == RIV_K_F64 ? F32_F64 : DROP;
}

static enum how way(const struct riv_schema_leaf *from,
                    const struct riv_leaf *to)
{
    if (from->kind == RIV_K_CHARS && to->kind == RIV_K_CHARS)
        return from->length <= to->length ? CHARS : DROP;
    if (from->kind != to->kind)
        return widening(from->kind, to->kind);
    if (from->kind == RIV_K_STR)
        return STR;
    return from->kind == RIV_K_BOOL ? BOOL : COPY;
}

static const struct riv_leaf *find(const struct riv_layout *now, riv_str name)
{
    for (uint32_t i = 0; i < now->nleaf; i++)
        if (riv_eq(name, riv_cstr(now->leaf[i].name)))
            return &now->leaf[i];
    return NULL;
}

static bool is_old(const struct riv_schema *old, const struct riv_leaf *leaf)
{
    for (uint32_t i = 0; i < old->n; i++)
        if (riv_eq(old->leaf[i].name, riv_cstr(leaf->name)))
            return true;
    return false;
}

static bool is_same(const struct riv_schema *old, const struct riv_layout *now)
{
    if (old->n != now->nleaf)
        return false;
    for (uint32_t i = 0; i < old->n; i++) {
        const struct riv_schema_leaf *a = &old->leaf[i];
        const struct riv_leaf *b = &now->leaf[i];
        if (!riv_eq(a->name, riv_cstr(b->name)) || a->kind != b->kind ||
            (a->kind == RIV_K_CHARS && a->length != b->length))
            return false;
    }
    return true;
}

/* Plans one old leaf; false: it cannot become what it is now. */
static bool plan(struct move *move, const struct riv_layout *now,
                 struct riv_buf *notes)
{
    char was[32], is[32];
    const struct riv_leaf *to = find(now, move->from.name);
    riv__schema_kind(move->from.kind, move->from.length, was, sizeof was);
    if (!to) {
        riv__buf_printf(notes, "field %.*s (%s) is dropped\n",
                        (int)move->from.name.n, move->from.name.p, was);
        return true;
    }
    riv__schema_kind(to->kind, to->length, is, sizeof is);
    move->offset = to->offset;
    move->how = way(&move->from, to);
    if (move->how == DROP) {
        riv__buf_printf(notes, "field %s: %s cannot become %s\n", to->name, was,
                        is);
        return false;
    }
    if (strcmp(was, is) != 0)
        riv__buf_printf(notes, "field %s: %s becomes %s\n", to->name, was, is);
    return true;
}

static void note_new(const struct riv_schema *old, const struct riv_layout *now,
                     struct riv_buf *notes)
{
    for (uint32_t i = 0; i < now->nleaf; i++)
        if (!is_old(old, &now->leaf[i]))
            riv__buf_printf(notes, "field %s is new, and zero\n",
                            now->leaf[i].name);
}

int riv__convert_make(struct riv_arena *arena, const struct riv_schema *old,
                      const struct riv_layout *now, enum riv_change *ret_change,
                      const struct riv_convert **ret, struct riv_buf *notes,
                      struct riv_err *err)
{
    *ret = NULL;
    *ret_change = RIV__CHANGE_NONE;
    if (is_same(old, now))
        return 0;
    struct riv_convert *convert = riv__arena_zalloc(arena, sizeof *convert);
    if (convert)
        convert->move =
            riv__arena_zalloc(arena, (old->n + 1) * sizeof *convert->move);
    if (!convert || !convert->move)
        return riv__err_set(err, RIV_ENOMEM, "no memory to convert states");
    uint32_t kept = 0;
    *ret_change = RIV__CHANGE_FIELDS;
    for (; convert->n < old->n; convert->n++) {
        struct move *move = &convert->move[convert->n];
        move->from = old->leaf[convert->n];
        if (!plan(move, now, notes))
            *ret_change = RIV__CHANGE_REFUSED;
        kept += move->how != DROP;
    }
    if (kept == 0)
        *ret_change = RIV__CHANGE_REFUSED;
    note_new(old, now, notes);
    if (notes->n == 0)
        riv__buf_str(notes, "fields have moved\n");
    if (*ret_change == RIV__CHANGE_FIELDS)
        *ret = convert;
    return 0;
}

int riv__convert_upgrade(struct riv_arena *arena, const struct riv_schema *old,
                         struct riv_upgrade *upgrade,
                         enum riv_change *ret_change,
                         const struct riv_convert **ret, struct riv_buf *notes,
                         struct riv_err *err)
{
    const struct riv_convert *fields;
    *ret = NULL;
    RIV__TRY(riv__convert_make(arena, old, riv__upgrade_layout(upgrade),
                               ret_change, &fields, notes, err));
    if (*ret_change == RIV__CHANGE_REFUSED)
        return 0;
    struct riv_convert *convert = riv__arena_zalloc(arena, sizeof *convert);
    if (!convert)
        return riv__err_set(err, RIV_ENOMEM, "no memory to convert states");
    if (fields)
        *convert = *fields;
    convert->upgrade = upgrade;
    *ret_change = RIV__CHANGE_FIELDS;
    *ret = convert;
    return 0;
}

void riv__convert_user(const struct riv_convert *convert, riv__upgrade_fn *call,
                       void *arg)
{
    if (convert && convert->upgrade)
        riv__upgrade_user(convert->upgrade, call, arg);
}

/* ------------------------------------------------------------------- a row */

static void store_i64(void *at, int64_t v)
{
    memcpy(at, &v, sizeof v);
}

static void store_f64(void *at, uint32_t bits)
{
    float narrow;
    memcpy(&narrow, &bits, sizeof narrow);
    const double v = (double)narrow;
    memcpy(at, &v, sizeof v);
}

static void copy_word(riv_str bytes, void *at)
{
    if (bytes.n == 8)
        store_i64(at, (int64_t)riv__le_get64(bytes.p));
    else
        memcpy(at, &(uint32_t){ riv__le_get32(bytes.p) }, 4);
}

/* False: the bytes are none of the kind. */
static bool apply(const struct move *move, riv_str bytes, char *row)
{
    char *at = row + move->offset;
    switch (move->how) {
    case DROP: return true;
    case COPY: copy_word(bytes, at); return true;
    case STR: memcpy(at, &bytes, sizeof bytes); return true;
    case CHARS: memcpy(at, bytes.p, bytes.n); return true;
    case BOOL: *at = *bytes.p; return *bytes.p == 0 || *bytes.p == 1;
    case I32_I64: store_i64(at, (int32_t)riv__le_get32(bytes.p)); return true;
    case U32_U64:
    case U32_I64: store_i64(at, (int64_t)riv__le_get32(bytes.p)); return true;
    case F32_F64: store_f64(at, riv__le_get32(bytes.p)); return true;
    }
    return false;
}

static const char *read_fields(const struct riv_convert *convert, const char *p,
                               const char *end, void *row, struct riv_err *err)
{
    for (uint32_t i = 0; i < convert->n; i++) {
        const struct move *move = &convert->move[i];
        riv_str bytes;
        p = riv__schema_leaf(&move->from, p, end, &bytes);
        if (p && apply(move, bytes, row))
            continue;
        riv__err_set(err, RIV_ECHECKPOINT, "damaged row: field %.*s",
                     (int)move->from.name.n, move->from.name.p);
        return NULL;
    }
    return p;
}

static const char *read_older(const struct riv_convert *convert, const char *p,
                              const char *end, void *row, struct riv_err *err)
{
    struct riv_upgrade *upgrade = convert->upgrade;
    void *old = riv__upgrade_row(upgrade);
    p = convert->move
            ? read_fields(convert, p, end, old, err)
            : riv__decode_row(riv__upgrade_layout(upgrade), p, end, old, err);
    return p && riv__upgrade_run(upgrade, row, err) == 0 ? p : NULL;
}

const char *riv__convert_decode(const struct riv_convert *convert,
                                const struct riv_layout *now, const char *p,
                                const char *end, void *row, struct riv_err *err)
{
    if (!convert)
        return riv__decode_row(now, p, end, row, err);
    return convert->upgrade ? read_older(convert, p, end, row, err)
                            : read_fields(convert, p, end, row, err);
}
