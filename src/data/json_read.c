/* data/json_read.c - JSON lines to rows: the type as a tree, once, and the words
 * for what is wrong. What parses is behind json_simd.h. */
#include "data/json_read.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "data/block.h"
#include "data/json_simd.h"
#include "data/rows.h"

enum { NODES_MAX = RIV__LEAVES_MAX * (RIV__DEPTH_MAX + 1), SHOW_BYTES = 40 };

_Static_assert((int)RIV__SLACK >= (int)RIV__SIMD_PADDING,
               "blocks have too few bytes behind them");

struct riv_json_reader {
    const struct riv_layout *layout;
    struct riv_simd *simd;
    struct riv_simd_node *node;
    uint32_t *parent; /* of each node */
    uint32_t nnode;
    bool shaped; /* somebody asks for shapes */
    struct riv_json_shape shape;
    char *copy; /* of lines with nothing behind them */
    size_t copy_bytes;
};

const char *riv__json_reader_name(void)
{
    return riv__simd_name;
}

/* Level by level, so that the nodes of an object lie side by side. */
static int tree_make(struct riv_json_reader *reader)
{
    const riv_type *top = reader->layout->type;
    const riv_type **type = calloc(NODES_MAX, sizeof *type);
    if (!type)
        return RIV_ENOMEM;
    type[0] = top;
    reader->node[0] = (struct riv_simd_node){ .name = "",
                                              .kind = top->kind,
                                              .length = top->size };
    reader->nnode = 1;
    for (uint32_t i = 0; i < reader->nnode; i++) {
        struct riv_simd_node *node = &reader->node[i];
        node->first = reader->nnode;
        node->n = type[i] ? type[i]->nfields : 0;
        for (uint32_t k = 0; k < node->n; k++) {
            const riv_field *field = &type[i]->fields[k];
            const uint32_t at = reader->nnode++;
            RIV__ASSERT(at < NODES_MAX);
            type[at] = field->type;
            reader->parent[at] = i;
            reader->node[at] = (struct riv_simd_node){
                .name = field->name,
                .name_bytes = (uint32_t)strlen(field->name),
                .kind = field->kind ? field->kind : field->type->kind,
                .offset = node->offset + field->offset,
                .length = field->length,
            };
        }
    }
    free(type);
    return 0;
}

int riv__json_reader_new(const struct riv_layout *layout,
                         struct riv_json_reader **ret, struct riv_err *err)
{
    struct riv_json_reader *reader = calloc(1, sizeof *reader);
    if (reader) {
        reader->layout = layout;
        reader->node = calloc(NODES_MAX, sizeof *reader->node);
        reader->parent = calloc(NODES_MAX, sizeof *reader->parent);
    }
    if (reader && reader->node && reader->parent && tree_make(reader) == 0)
        reader->simd = riv__simd_new(reader->nnode);
    if (!reader || !reader->simd) {
        riv__json_reader_free(reader);
        return riv__simd_name
                   ? riv__err_set(err, RIV_ENOMEM, "no memory to read JSON")
                   : riv__err_set(err, RIV_EINVAL, "this build reads no JSON");
    }
    *ret = reader;
    return 0;
}

void riv__json_reader_free(struct riv_json_reader *reader)
{
    if (!reader)
        return;
    riv__simd_free(reader->simd);
    free(reader->node);
    free(reader->parent);
    free(reader->copy);
    free(reader);
}

/* ------------------------------------------------------ what is wrong, in words */

/* "val.temp" */
static void name_of(const struct riv_json_reader *reader, uint32_t at,
                    char *dst, size_t room)
{
    uint32_t path[RIV__DEPTH_MAX + 1];
    size_t n = 0, used = 0;
    for (; at > 0 && n < RIV__LEN(path); at = reader->parent[at])
        path[n++] = at;
    dst[0] = '\0';
    while (n > 0 && used < room) {
        const struct riv_simd_node *node = &reader->node[path[--n]];
        const size_t m = RIV__MIN((size_t)node->name_bytes, room - used - 1);
        memcpy(dst + used, node->name, m);
        used += m;
        dst[used] = '\0';
        if (n > 0 && used + 1 < room) {
            dst[used++] = '.';
            dst[used] = '\0';
        }
    }
}

static int wrong_value(const struct riv_json_reader *reader,
                       const struct riv_simd_fault *fault, struct riv_err *err)
{
    char name[160], show[SHOW_BYTES];
    name_of(reader, fault->node, name, sizeof name);
    riv__str_show(show, sizeof show, riv_cstr(fault->text));
    if (fault->node == 0)
        return riv__err_set(err, RIV_ERECORD, "'%s' %s", show, fault->why);
    return riv__err_set(err, RIV_ERECORD, "field %s: '%s' %s", name, show,
                        fault->why);
}

static int missing(const struct riv_json_reader *reader, uint32_t at,
                   struct riv_err *err)
{
    char name[160];
    name_of(reader, at, name, sizeof name);
    return riv__err_set(err, RIV_ERECORD, "field %s is missing", name);
}

/* The end of the string that begins at p, behind its quote. */
static const char *string_end(const char *p, const char *end)
{
    for (p++; p < end && *p != '"'; p++)
        p += *p == '\\';
    return p < end ? p + 1 : end;
}

static size_t number_length(const char *p, const char *end)
{
    const char *from = p;
    while (p < end && (isalnum((unsigned char)*p) || strchr("+-.", *p)))
        p++;
    return (size_t)(p - from);
}

/* As JSON writes them, and within range. */
static bool is_number(riv_str s)
{
    double f;
    int64_t i;
    uint64_t u;
    const char *digits = s.p + (*s.p == '-');
    const size_t n = s.n - (size_t)(digits - s.p);
    const bool whole = !memchr(s.p, '.', s.n) && !memchr(s.p, 'e', s.n) &&
                       !memchr(s.p, 'E', s.n);
    if (n == 0 || !isdigit((unsigned char)*digits) ||
        (n > 1 && digits[0] == '0' && isdigit((unsigned char)digits[1])))
        return false;
    return whole ? riv__num_i64(s, &i) || riv__num_u64(s, &u)
                 : s.p[s.n - 1] != '.' && riv__num_f64(s, &f);
}

/* The first number that is none, and the name in front of it. */
static int wrong_number(riv_str line, struct riv_err *err)
{
    char name[SHOW_BYTES], show[SHOW_BYTES];
    riv_str key = { NULL, 0 };
    const char *end = line.p + line.n;
    for (const char *p = line.p; p < end;) {
        if (*p == '"') {
            const char *from = p;
            p = string_end(p, end);
            key = riv__str(from, (size_t)(p - from));
            continue;
        }
        const bool begins = *p == '-' || isdigit((unsigned char)*p);
        const riv_str s = riv__str(p, begins ? number_length(p, end) : 1);
        p += s.n;
        if (!begins || is_number(s))
            continue;
        riv__str_show(name, sizeof name, key);
        riv__str_show(show, sizeof show, s);
        return riv__err_set(err, RIV_ERECORD,
                            "no JSON: %s%s%s is no number, or does not fit "
                            "into 64 bits",
                            key.p ? name : "", key.p ? ": " : "", show);
    }
    return riv__err_set(err, RIV_ERECORD, "no JSON: a number is wrong");
}

/* ------------------------------------------------------------------ reading */

static const char *copy_of(struct riv_json_reader *reader, riv_str line)
{
    if (line.n + RIV__SIMD_PADDING > reader->copy_bytes) {
        const size_t room = 2 * line.n + RIV__SIMD_PADDING;
        free(reader->copy);
        reader->copy = malloc(room);
        reader->copy_bytes = reader->copy ? room : 0;
    }
    if (!reader->copy)
        return NULL;
    if (line.n > 0)
        memcpy(reader->copy, line.p, line.n);
    memset(reader->copy + line.n, 0, RIV__SIMD_PADDING);
    return reader->copy;
}

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory to read JSON");
}

int riv__json_read(struct riv_json_reader *reader, riv_str line, bool padded,
                   void *row, struct riv_arena *arena, struct riv_err *err)
{
    struct riv_simd_fault fault;
    line = riv__str_unmarked(line);
    const char *p = padded ? line.p : copy_of(reader, line);
    if (!p)
        return no_memory(err);
    switch (riv__simd_read(reader->simd, reader->node, reader->nnode, p, line.n,
                           row, &fault)) {
    case RIV__SIMD_FINE:
        if (reader->shaped)
            riv__json_shape_learn(&reader->shape, reader->node, line);
        break;
    case RIV__SIMD_NO_JSON:
        return riv__err_set(err, RIV_ERECORD, "no JSON: %s", fault.why);
    case RIV__SIMD_NUMBER: return wrong_number(line, err);
    case RIV__SIMD_VALUE: return wrong_value(reader, &fault, err);
    case RIV__SIMD_MISSING: return missing(reader, fault.node, err);
    case RIV__SIMD_MEMORY: return no_memory(err);
    }
    if (reader->layout->nstr > 0 &&
        riv__rows_own(reader->layout, row, 1, arena) < 0)
        return no_memory(err);
    return 0;
}

bool riv__json_read_shaped(struct riv_json_reader *reader,
                           const struct riv_kernels *kernels, riv_str line,
                           void *row)
{
    struct riv_json_shape *shape = &reader->shape;
    riv_str value[RIV__SHAPE_VALUES];
    reader->shaped = true;
    if (shape->n == 0 ||
        !kernels->json(shape, line.p, line.p + line.n, value) ||
        !riv__json_shape_put(shape, value, row))
        return false;
    if (shape->settling > 0)
        riv__json_shape_settle(shape, value);
    shape->back_off = shape->wait = 0;
    return true;
}
