/* stream/match.c - identities and types of two programs compared: the table of
 * docs/upgrade.md as code. */
#include "stream/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "graph/identity.h"

struct matching {
    struct riv_matches *to;
    const struct riv_settings *conf;
    const char **identity; /* of all nodes */
};

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory to compare the program");
}

/* Is the word one of a list with commas between? */
static bool is_listed(const char *list, riv_str word)
{
    while (*list) {
        const size_t n = strcspn(list, ",");
        if (riv_eq(riv__str_trim(riv__str(list, n)), word))
            return true;
        list += n + (list[n] == ',');
    }
    return false;
}

/* In a list of OLD=NEW: the OLD of a NEW, or nothing. */
static riv_str old_name(const char *list, const char *now)
{
    while (*list) {
        const size_t n = strcspn(list, ",");
        const riv_str pair = riv__str_trim(riv__str(list, n));
        const char *sign = memchr(pair.p, '=', pair.n);
        const size_t at = sign ? (size_t)(sign - pair.p) : 0;
        if (sign && riv_eq(riv__str(sign + 1, pair.n - at - 1), riv_cstr(now)))
            return riv__str(pair.p, at);
        list += n + (list[n] == ',');
    }
    return riv__str("", 0);
}

static riv_str keep(struct riv_arena *arena, riv_str s)
{
    char *p = riv__arena_copy(arena, s.p, s.n);
    return riv__str(p, p ? s.n : 0);
}

static int add_row(void *arg, const struct riv_node_row *row,
                   struct riv_err *err)
{
    struct matching *m = arg;
    struct riv_matches *to = m->to;
    if (RIV__VEC_ROOM(to->match, to->cap, to->n + 1) < 0)
        return no_memory(err);
    struct riv_match *match = &to->match[to->n++];
    *match = (struct riv_match){ .verdict = RIV__MATCH_GONE,
                                 .role = row->role,
                                 .row = *row };
    match->row.uid = keep(to->arena, row->uid);
    match->row.kind = keep(to->arena, row->kind);
    match->row.name = keep(to->arena, row->name);
    match->row.schema = keep(to->arena, row->schema);
    return 0;
}

/* ------------------------------------------------------- one of the program */

/* "key" and "val." leaves of one text: the keys' schema, a line "--", the
 * values'. */
static const char *schema_of(struct riv_arena *arena, const riv_ds *ds,
                             const struct riv_kept_ops *kept)
{
    const struct riv_layout *key, *val;
    struct riv_buf text;
    kept->layouts(ds, &key, &val);
    riv__buf_init(&text, 0);
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

static const char *note_of(struct riv_arena *arena, const char *fmt, ...)
    RIV__FORMAT(2, 3);
static const char *note_of(struct riv_arena *arena, const char *fmt, ...)
{
    char text[RIV__ERR_TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    return riv__arena_strdup(arena, text);
}

/* The values' fields have changed, perhaps so that they can be converted. */
static int compare_values(struct matching *m, struct riv_match *match,
                          riv_str old_val, const struct riv_layout *now,
                          struct riv_err *err)
{
    struct riv_schema old;
    enum riv_change change;
    struct riv_buf notes;
    riv__buf_init(&notes, 0);
    int rc = riv__schema_read(m->to->arena, old_val, &old, err);
    if (rc == 0)
        rc = riv__convert_make(m->to->arena, &old, now, &change, &match->val,
                               &notes, err);
    riv__buf_char(&notes, '\0');
    match->note = notes.failed ? "" : riv__arena_strdup(m->to->arena, notes.p);
    riv__buf_fini(&notes);
    RIV__TRY(rc);
    match->verdict = change == RIV__CHANGE_NONE     ? RIV__MATCH_KEPT
                     : change == RIV__CHANGE_FIELDS ? RIV__MATCH_CHANGED
                                                    : RIV__MATCH_REFUSED;
    return 0;
}

static int compare_schemas(struct matching *m, struct riv_match *match,
                           const struct riv_kept_ops *kept, struct riv_err *err)
{
    const struct riv_layout *key, *val;
    riv_str old_key, old_val, now_key, now_val;
    match->verdict = RIV__MATCH_KEPT;
    match->note = "";
    if (riv_eq(match->row.schema, riv_cstr(match->schema)))
        return 0;
    kept->layouts(match->ds, &key, &val);
    if (!schema_halves(match->row.schema, &old_key, &old_val) ||
        !schema_halves(riv_cstr(match->schema), &now_key, &now_val))
        return riv__err_set(err, RIV_ECHECKPOINT, "the schema of %s is damaged",
                            match->identity);
    if (!riv_eq(old_key, now_key)) {
        match->verdict = RIV__MATCH_REFUSED;
        match->note =
            note_of(m->to->arena,
                    "the key was\n%.*sand is\n%.*sKeys cannot "
                    "change.\n",
                    (int)old_key.n, old_key.p, (int)now_key.n, now_key.p);
        return 0;
    }
    RIV__TRY(compare_values(m, match, old_val, val, err));
    if (match->verdict == RIV__MATCH_CHANGED && kept->flags != 0) {
        match->verdict = RIV__MATCH_REFUSED;
        match->note =
            note_of(m->to->arena, "%sWindows keep no values of another type.\n",
                    match->note);
    }
    return 0;
}

/* A source that was found is where it was, unless it is another one now. */
static void compare_source(struct matching *m, struct riv_match *match)
{
    const riv_str name = riv_cstr(match->ds->text ? match->ds->text : "queue");
    const bool reset =
        is_listed(m->conf->source_reset, riv_cstr(match->identity)) ||
        is_listed(m->conf->source_reset, name);
    match->note = "";
    match->verdict = RIV__MATCH_KEPT;
    if (reset) {
        match->verdict = RIV__MATCH_RESET;
    } else if (!riv_eq(match->row.name, name)) {
        match->verdict = RIV__MATCH_REFUSED;
        match->note = note_of(m->to->arena,
                              "it was %.*s and is %.*s: begin there anew with "
                              "source.reset=%s\n",
                              (int)match->row.name.n, match->row.name.p,
                              (int)name.n, name.p, match->identity);
    }
}

static struct riv_match *find(struct riv_matches *matches,
                              enum riv_node_role role, riv_str identity)
{
    for (size_t i = 0; i < matches->n; i++) {
        struct riv_match *match = &matches->match[i];
        if (!match->ds && match->role == role &&
            riv_eq(match->row.uid, identity))
            return match;
    }
    return NULL;
}

static struct riv_match *add_new(struct matching *m,
                                 const struct riv_match_want *want,
                                 const char *identity)
{
    struct riv_matches *to = m->to;
    if (RIV__VEC_ROOM(to->match, to->cap, to->n + 1) < 0)
        return NULL;
    struct riv_match *match = &to->match[to->n++];
    *match = (struct riv_match){ .verdict = RIV__MATCH_NEW,
                                 .role = want->role,
                                 .note = "",
                                 .row = { .role = want->role,
                                          .uid = riv_cstr(identity) } };
    return match;
}

/* What the journal is to have of it from now on. */
static void describe(struct riv_match *match, const struct riv_kept_ops *kept)
{
    const riv_ds *ds = match->ds;
    const char *name = ds->fn && ds->fn->name ? ds->fn->name : "";
    if (match->role != RIV__NODE_STATE)
        name = ds->text ? ds->text : "queue";
    match->row.uid = riv_cstr(match->identity);
    match->row.kind = riv_cstr(ds->kind->name);
    match->row.name = riv_cstr(name);
    match->row.schema = riv_cstr(kept ? match->schema : "");
    match->row.version = 0;
    match->row.gone = false;
}

static int match_one(struct matching *m, const struct riv_match_want *want,
                     struct riv_err *err)
{
    const char *identity = m->identity[want->ds->id];
    struct riv_match *match = find(m->to, want->role, riv_cstr(identity));
    if (!match)
        match =
            find(m->to, want->role, old_name(m->conf->state_rename, identity));
    const bool found = match != NULL;
    if (!found)
        match = add_new(m, want, identity);
    if (!match)
        return no_memory(err);
    match->ds = want->ds;
    match->identity = identity;
    match->schema = "";
    if (want->kept)
        match->schema = schema_of(m->to->arena, want->ds, want->kept);
    if (!match->schema)
        return no_memory(err);
    if (found && want->kept)
        RIV__TRY(compare_schemas(m, match, want->kept, err));
    else if (found && want->role == RIV__NODE_SOURCE)
        compare_source(m, match);
    else if (found)
        match->verdict = RIV__MATCH_KEPT, match->note = "";
    describe(match, want->kept);
    return 0;
}

static void settle_gone(struct matching *m)
{
    for (size_t i = 0; i < m->to->n; i++) {
        struct riv_match *match = &m->to->match[i];
        if (match->ds)
            continue;
        match->note = "";
        if (is_listed(m->conf->state_drop, match->row.uid))
            match->verdict = RIV__MATCH_DROPPED;
    }
}

static int check_uid(const struct matching *m, const riv_ds *ds,
                     struct riv_err *err)
{
    char show[256];
    if (!m->conf->uids_required || ds->uid)
        return 0;
    return riv__err_set(err, RIV_EINVAL,
                        "%s has no uid, and uids.required is on: give it "
                        "RIV_OPT(.uid = \"...\")",
                        riv__ds_show(ds, show, sizeof show));
}

int riv__matches_make(struct riv_matches *matches, struct riv_arena *arena,
                      struct riv_journal *journal,
                      const struct riv_settings *conf,
                      const struct riv_graph *graph,
                      const struct riv_match_want *want, size_t nwant,
                      struct riv_err *err)
{
    struct matching m = { .to = matches, .conf = conf };
    *matches = (struct riv_matches){ .arena = arena };
    RIV__TRY(riv__identities(graph, arena, &m.identity, err));
    RIV__TRY(riv__journal_each_node(journal, add_row, &m, err));
    for (size_t i = 0; i < nwant; i++) {
        RIV__TRY(check_uid(&m, want[i].ds, err));
        RIV__TRY(match_one(&m, &want[i], err));
    }
    settle_gone(&m);
    return 0;
}

void riv__matches_fini(struct riv_matches *matches)
{
    free(matches->match);
    matches->match = NULL;
}

/* ---------------------------------------------------------------- in words */

static int refused(const struct riv_match *match, struct riv_err *err)
{
    char show[256];
    return riv__err_set(err, RIV_ECHECKPOINT,
                        "%s cannot go on with its state (%s): %s",
                        riv__ds_show(match->ds, show, sizeof show),
                        match->identity, match->note);
}

/* State that nobody takes up: perhaps the operator is there under another
 * identity, because something above it has changed. */
static int gone(const struct riv_match *match, struct riv_err *err)
{
    const bool named = match->row.uid.n > 0 && match->row.uid.p[0] != '#';
    return riv__err_set(
        err, RIV_ECHECKPOINT,
        "the state of %.*s(%.*s), %.*s, belongs to no operator of this "
        "program%s: give it to one with state.rename=%.*s=UID, or delete it "
        "with state.drop=%.*s",
        (int)match->row.kind.n, match->row.kind.p, (int)match->row.name.n,
        match->row.name.p, (int)match->row.uid.n, match->row.uid.p,
        named ? ""
              : " (without a uid it is known by its function's name and what "
                "stands above it, and one of these has changed)",
        (int)match->row.uid.n, match->row.uid.p, (int)match->row.uid.n,
        match->row.uid.p);
}

int riv__matches_verdict(const struct riv_matches *matches, struct riv_err *err)
{
    for (size_t i = 0; i < matches->n; i++) {
        const struct riv_match *match = &matches->match[i];
        if (match->verdict == RIV__MATCH_REFUSED)
            return refused(match, err);
        if (match->verdict == RIV__MATCH_GONE && match->role == RIV__NODE_STATE)
            return gone(match, err);
    }
    return 0;
}
