/* cli/query_name.c - what the parts of a query are called: fields and folds where
 * they are shown, and all of it in a state directory. */
#include "query.h"

#include <stdio.h>

const char *query_field_name(const struct query *q, int field, char *dst,
                             size_t room)
{
    if (field < q->names)
        return q->name[field];
    snprintf(dst, room, "$%d", field + 1);
    return dst;
}

const char *query_fold_name(const struct query *q, int fold, char *dst,
                            size_t room)
{
    const struct query_fold *f = &q->fold[fold];
    char field[QUERY_NAME_MAX];
    if (q->folds == 1 || f->kind == QUERY_COUNT)
        return query_fold_word(f->kind);
    snprintf(dst, room, "%s_%s", query_fold_word(f->kind),
             query_field_name(q, f->field, field, sizeof field));
    return dst;
}

/* A text that grows up to its room, and the hash of all of it (FNV-1a, as Fowler,
 * Noll and Vo have published it). */
struct identity {
    char *dst;
    size_t n, room;
    uint64_t hash;
    bool is_part; /* the hash knows more than the text */
};

static void add_hash(struct identity *to, unsigned char c)
{
    to->hash = (to->hash ^ c) * UINT64_C(0x100000001b3);
}

static void add_char(struct identity *to, char c)
{
    if (to->n + 1 < to->room)
        to->dst[to->n++] = c;
    else
        to->is_part = true;
}

static void add(struct identity *to, riv_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char c = (unsigned char)s.p[i];
        const bool is_plain = (c | 32) >= 'a' && (c | 32) <= 'z';
        const bool fits = is_plain || (c >= '0' && c <= '9') || c == '_';
        add_hash(to, c);
        to->is_part |= !fits;
        add_char(to, fits ? (char)c : '_');
    }
}

static void add_word(struct identity *to, const char *word)
{
    add_hash(to, '.');
    add_char(to, '.');
    add(to, riv_cstr(word));
}

/* Columns by their places, whatever they are called. */
static void add_field(struct identity *to, const struct query *q, int field)
{
    char column[QUERY_NAME_MAX];
    const bool has_name =
        q->format == QUERY_COMBINED || q->format >= QUERY_JSON;
    snprintf(column, sizeof column, "%d", field + 1);
    add_word(to, has_name && field < q->names ? q->name[field] : column);
}

static void add_condition(struct identity *to, const struct query *q,
                          const struct query_condition *c)
{
    static const char *const words[] = { "eq", "ne", "lt",  "le",
                                         "gt", "ge", "has", "lacks" };
    double number;
    add_word(to, "where");
    add_field(to, q, c->field);
    add_word(to, words[c->relation]);
    add_word(to, "");
    add(to, c->text);
    if (!c->is_number && riv_to_f64(c->text, &number)) { /* "5" is not 5 */
        to->is_part = true;
        add_hash(to, '"');
    }
}

char *query_identity(const struct query *q, char *dst, size_t room)
{
    enum { HASH_BYTES = 17 }; /* with a point */
    struct identity to = { dst, 0, room - HASH_BYTES,
                           UINT64_C(0xcbf29ce484222325), false };
    add(&to, riv_cstr(query_format_word(q->format)));
    for (int i = 0; i < q->conditions; i++)
        add_condition(&to, q, &q->condition[i]);
    for (int i = 0; i < q->folds; i++) {
        add_word(&to, query_fold_word(q->fold[i].kind));
        if (q->fold[i].field >= 0)
            add_field(&to, q, q->fold[i].field);
    }
    for (int i = 0; i < q->keys; i++) {
        add_word(&to, "by");
        add_field(&to, q, q->key[i]);
    }
    dst[to.n] = '\0';
    if (to.is_part)
        snprintf(dst + to.n, HASH_BYTES + 1, ".%016llx",
                 (unsigned long long)to.hash);
    return dst;
}
