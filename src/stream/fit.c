/* stream/fit.c - keys and values of two programs compared, and the words for
 * what does not fit. */
#include "stream/fit.h"

#include <string.h>

#include "base/str.h"
#include "data/convert.h"

/* "key" and "val." leaves of one text: the keys' schema, a line "--", the
 * values'. */
const char *riv__fit_schema(struct riv_arena *arena, const riv_ds *ds,
                            const struct riv_kept_ops *kept)
{
    const struct riv_layout *key, *val;
    struct riv_buf text;
    kept->layouts(ds, &key, &val);
    riv__buf_init(&text, 0);
    if (key && riv__type_version(key->type) > 0)
        riv__buf_printf(&text, "version %u\n", riv__type_version(key->type));
    if (key)
        riv__schema_write(key, &text);
    riv__buf_str(&text, "--\n");
    if (val)
        riv__schema_write(val, &text);
    riv__buf_char(&text, '\0');
    char *copy = text.failed ? NULL : riv__arena_copy(arena, text.p, text.n);
    riv__buf_fini(&text);
    return copy;
}

/* The halves of such a text; false: it is none. */
static bool schema_halves(riv_str text, riv_str *ret_key, riv_str *ret_val)
{
    for (const char *at = text.p; at < text.p + text.n;) {
        const char *nl = memchr(at, '\n', (size_t)(text.p + text.n - at));
        if (!nl)
            return false;
        if (nl - at == 2 && memcmp(at, "--", 2) == 0) {
            *ret_key = riv__str(text.p, (size_t)(at - text.p));
            *ret_val = riv__str(nl + 1, (size_t)(text.p + text.n - nl - 1));
            return true;
        }
        at = nl + 1;
    }
    return false;
}

/* What becomes of values of the old type: in match->val, the notes and *ret. */
static int convert_values(struct riv_arena *arena, struct riv_match *match,
                          riv_str old_val, const struct riv_layout *now,
                          struct riv_upgrade *upgrade, enum riv_change *ret,
                          struct riv_err *err)
{
    struct riv_schema old;
    struct riv_buf notes;
    riv__buf_init(&notes, 0);
    int rc = riv__schema_read(arena, old_val, &old, err);
    if (rc == 0 && upgrade)
        rc = riv__convert_upgrade(arena, &old, upgrade, ret, &match->val,
                                  &notes, err);
    else if (rc == 0)
        rc = riv__convert_make(arena, &old, now, ret, &match->val, &notes, err);
    riv__buf_char(&notes, '\0');
    match->note = notes.failed ? "" : riv__arena_strdup(arena, notes.p);
    riv__buf_fini(&notes);
    return rc;
}

/* The fields of the same version have changed. */
static int compare_fields(struct riv_arena *arena, struct riv_match *match,
                          riv_str old_val, const struct riv_layout *now,
                          struct riv_err *err)
{
    enum riv_change change;
    RIV__TRY(convert_values(arena, match, old_val, now, NULL, &change, err));
    match->verdict = change == RIV__CHANGE_NONE     ? RIV__MATCH_KEPT
                     : change == RIV__CHANGE_FIELDS ? RIV__MATCH_CHANGED
                                                    : RIV__MATCH_REFUSED;
    if (match->verdict == RIV__MATCH_REFUSED)
        match->note =
            riv__arena_printf(arena,
                              "%sgive the type a higher version (RIV_STRUCT_V) "
                              "and say what becomes of old values "
                              "(RIV_UPGRADE)\n",
                              match->note);
    return 0;
}

/* Another version: the program says what becomes of the values. */
static int compare_versions(struct riv_arena *arena, struct riv_match *match,
                            riv_str old_val, const struct riv_layout *now,
                            struct riv_err *err)
{
    const uint32_t was = match->row.version;
    const uint32_t is = riv__type_version(now->type);
    const char *name = now->type->name;
    struct riv_upgrade *upgrade;
    enum riv_change change;
    RIV__TRY(riv__upgrade_make(arena, now->type, was, &upgrade, err));
    match->verdict = RIV__MATCH_REFUSED;
    if (!upgrade) {
        match->note = riv__arena_printf(
            arena,
            was > is
                ? "type %s had version %u and has %u: the state is a later "
                  "program's\n"
                : "type %s had version %u and has %u: say what becomes of "
                  "old values (RIV_UPGRADE)\n",
            name, was, is);
        return 0;
    }
    RIV__TRY(convert_values(arena, match, old_val, now, upgrade, &change, err));
    if (change == RIV__CHANGE_FIELDS)
        match->verdict = RIV__MATCH_CHANGED;
    match->note = riv__arena_printf(arena, "type %s: version %u becomes %u\n%s",
                                    name, was, is, match->note);
    return 0;
}

static int compare_values(struct riv_arena *arena, struct riv_match *match,
                          riv_str old_val, const struct riv_layout *now,
                          struct riv_err *err)
{
    if (!now) {
        match->verdict = RIV__MATCH_REFUSED;
        match->note = "it had values, and has none\n";
        return 0;
    }
    return match->row.version == riv__type_version(now->type)
               ? compare_fields(arena, match, old_val, now, err)
               : compare_versions(arena, match, old_val, now, err);
}

/* A key's schema in a line: "str", "a i64, b char[4]", "version 2, a i64". */
static void put_key(struct riv_buf *to, riv_str schema)
{
    const char *between = "";
    for (const char *at = schema.p; at < schema.p + schema.n;) {
        const size_t left = (size_t)(schema.p + schema.n - at);
        const char *nl = memchr(at, '\n', left);
        const riv_str line = riv__str(at, nl ? (size_t)(nl - at) : left);
        const bool is_plain = riv__str_starts(line, "value ");
        riv__buf_str(to, between);
        riv__buf_add(to, line.p + (is_plain ? 6 : 0),
                     line.n - (is_plain ? 6 : 0));
        between = ", ";
        at += line.n + 1;
    }
}

static const char *key_note(struct riv_arena *arena, riv_str was, riv_str is)
{
    struct riv_buf text;
    riv__buf_init(&text, RIV__ERR_TEXT_MAX);
    riv__buf_str(&text, "the key was ");
    put_key(&text, was);
    riv__buf_str(&text, " and is ");
    put_key(&text, is);
    riv__buf_str(&text, "; keys cannot change\n");
    riv__buf_char(&text, '\0');
    const char *note =
        text.failed ? "keys cannot change\n" : riv__arena_strdup(arena, text.p);
    riv__buf_fini(&text);
    return note ? note : "";
}

int riv__fit(struct riv_arena *arena, struct riv_match *match,
             const struct riv_kept_ops *kept, struct riv_err *err)
{
    const struct riv_layout *key, *val;
    riv_str old_key, old_val, now_key, now_val;
    match->verdict = RIV__MATCH_KEPT;
    match->note = "";
    kept->layouts(match->ds, &key, &val);
    if (riv_eq(match->row.schema, riv_cstr(match->schema)) &&
        match->row.version == (val ? riv__type_version(val->type) : 0))
        return 0;
    if (!schema_halves(match->row.schema, &old_key, &old_val) ||
        !schema_halves(riv_cstr(match->schema), &now_key, &now_val))
        return riv__err_set(err, RIV_ECHECKPOINT, "the schema of %s is damaged",
                            match->identity);
    if (!riv_eq(old_key, now_key)) {
        match->verdict = RIV__MATCH_REFUSED;
        match->note = key_note(arena, old_key, now_key);
        return 0;
    }
    RIV__TRY(compare_values(arena, match, old_val, val, err));
    if (match->verdict == RIV__MATCH_CHANGED && kept->flags != 0) {
        match->verdict = RIV__MATCH_REFUSED;
        match->note = riv__arena_printf(
            arena, "%sWindows keep no values of another type.\n", match->note);
    }
    return 0;
}
