/* stream/match.c - identities and types of two programs compared: the table of
 * docs/upgrade.md as code. */
#include "stream/match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "graph/identity.h"
#include "io/sink.h"

struct matching {
    struct riv_matches *to;
    const struct riv_settings *conf;
    const char **identity; /* of all nodes */
};

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory to compare the program");
}

/* --------------------------------------------------------------- a program's */

static int want_add(struct riv_wants *wants, struct riv_match_want want,
                    struct riv_err *err)
{
    if (RIV__VEC_ROOM(wants->want, wants->cap, wants->n + 1) < 0)
        return no_memory(err);
    wants->want[wants->n++] = want;
    return 0;
}

static bool shows_files(const struct riv_op *op)
{
    return op->ops->sink && op->ds->text &&
           riv__sink_would_be_exact(op->exec->sinks, op->exec->conf,
                                    op->ds->text);
}

int riv__wants_make(struct riv_wants *wants, const struct riv_plan *plan,
                    const riv_ds *const *source, size_t nsource,
                    struct riv_err *err)
{
    *wants = (struct riv_wants){ .want = NULL };
    for (size_t i = 0; i < nsource; i++)
        RIV__TRY(want_add(
            wants, (struct riv_match_want){ RIV__NODE_SOURCE, source[i], NULL },
            err));
    for (uint32_t i = 0; i < plan->nop; i++) {
        const struct riv_op *op = plan->op[i];
        if (op->ops->kept)
            RIV__TRY(want_add(wants,
                              (struct riv_match_want){ RIV__NODE_STATE, op->ds,
                                                       op->ops->kept },
                              err));
        if (shows_files(op))
            RIV__TRY(want_add(
                wants,
                (struct riv_match_want){ RIV__NODE_OUTPUT, op->ds, NULL },
                err));
    }
    return 0;
}

void riv__wants_fini(struct riv_wants *wants)
{
    free(wants->want);
    wants->want = NULL;
}

int riv__match_interval(const struct riv_plan *plan, int64_t was_ms,
                        struct riv_err *err)
{
    const int64_t now_ms = plan->exec->conf->interval_ms;
    if (was_ms == now_ms)
        return 0;
    for (uint32_t i = 0; i < plan->nop; i++) {
        const struct riv_kept_ops *kept = plan->op[i]->ops->kept;
        if (kept && kept->flags != 0)
            return riv__err_set(err, RIV_ECHECKPOINT,
                                "the batch interval was %lld ms and is %lld "
                                "ms: with windows it cannot change",
                                (long long)was_ms, (long long)now_ms);
    }
    return 0;
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

/* What becomes of values of the old type: in match->val, the notes and *ret. */
static int convert_values(struct matching *m, struct riv_match *match,
                          riv_str old_val, const struct riv_layout *now,
                          struct riv_upgrade *upgrade, enum riv_change *ret,
                          struct riv_err *err)
{
    struct riv_arena *arena = m->to->arena;
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
static int compare_fields(struct matching *m, struct riv_match *match,
                          riv_str old_val, const struct riv_layout *now,
                          struct riv_err *err)
{
    enum riv_change change;
    RIV__TRY(convert_values(m, match, old_val, now, NULL, &change, err));
    match->verdict = change == RIV__CHANGE_NONE     ? RIV__MATCH_KEPT
                     : change == RIV__CHANGE_FIELDS ? RIV__MATCH_CHANGED
                                                    : RIV__MATCH_REFUSED;
    if (match->verdict == RIV__MATCH_REFUSED)
        match->note = note_of(m->to->arena,
                              "%sgive the type a higher version (RIV_STRUCT_V) "
                              "and say what becomes of old values "
                              "(RIV_UPGRADE)\n",
                              match->note);
    return 0;
}

/* Another version: the program says what becomes of the values. */
static int compare_versions(struct matching *m, struct riv_match *match,
                            riv_str old_val, const struct riv_layout *now,
                            struct riv_err *err)
{
    struct riv_arena *arena = m->to->arena;
    const uint32_t was = match->row.version;
    const uint32_t is = riv__type_version(now->type);
    const char *name = now->type->name;
    struct riv_upgrade *upgrade;
    enum riv_change change;
    RIV__TRY(riv__upgrade_make(arena, now->type, was, &upgrade, err));
    match->verdict = RIV__MATCH_REFUSED;
    if (!upgrade) {
        match->note = note_of(
            arena,
            was > is
                ? "type %s had version %u and has %u: the state is a later "
                  "program's\n"
                : "type %s had version %u and has %u: say what becomes of "
                  "old values (RIV_UPGRADE)\n",
            name, was, is);
        return 0;
    }
    RIV__TRY(convert_values(m, match, old_val, now, upgrade, &change, err));
    if (change == RIV__CHANGE_FIELDS)
        match->verdict = RIV__MATCH_CHANGED;
    match->note = note_of(arena, "type %s: version %u becomes %u\n%s", name,
                          was, is, match->note);
    return 0;
}

static int compare_values(struct matching *m, struct riv_match *match,
                          riv_str old_val, const struct riv_layout *now,
                          struct riv_err *err)
{
    if (!now) {
        match->verdict = RIV__MATCH_REFUSED;
        match->note = "it had values, and has none\n";
        return 0;
    }
    return match->row.version == riv__type_version(now->type)
               ? compare_fields(m, match, old_val, now, err)
               : compare_versions(m, match, old_val, now, err);
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

static int compare_schemas(struct matching *m, struct riv_match *match,
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
        match->note = key_note(m->to->arena, old_key, now_key);
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

/* An output without a uid has its identity from what stands above it, too; but
 * it is the same as long as it writes into the same folder. */
static struct riv_match *find_folder(struct riv_matches *matches,
                                     const riv_ds *ds)
{
    for (size_t i = 0; i < matches->n; i++) {
        struct riv_match *match = &matches->match[i];
        if (!match->ds && match->role == RIV__NODE_OUTPUT && ds->text &&
            riv_eq(match->row.name, riv_cstr(ds->text)))
            return match;
    }
    return NULL;
}

/* The journal's row of a node of the program, by identity. */
static void find_one(struct matching *m, const struct riv_match_want *want)
{
    const char *identity = m->identity[want->ds->id];
    struct riv_match *match = find(m->to, want->role, riv_cstr(identity));
    if (!match)
        match =
            find(m->to, want->role, old_name(m->conf->state_rename, identity));
    if (match)
        match->ds = want->ds;
}

static struct riv_match *found(const struct riv_matches *matches,
                               const struct riv_match_want *want)
{
    for (size_t i = 0; i < matches->n; i++)
        if (matches->match[i].ds == want->ds &&
            matches->match[i].role == want->role)
            return &matches->match[i];
    return NULL;
}

static int add_new(struct matching *m, const struct riv_match_want *want,
                   struct riv_match **ret, struct riv_err *err)
{
    struct riv_matches *to = m->to;
    if (RIV__VEC_ROOM(to->match, to->cap, to->n + 1) < 0)
        return no_memory(err);
    *ret = &to->match[to->n++];
    **ret = (struct riv_match){ .verdict = RIV__MATCH_NEW,
                                .role = want->role,
                                .ds = want->ds,
                                .note = "",
                                .row = { .role = want->role } };
    return 0;
}

/* What the journal is to have of it from now on. */
static void describe(struct riv_match *match, const struct riv_kept_ops *kept)
{
    const riv_ds *ds = match->ds;
    const struct riv_layout *key, *val = NULL;
    const char *name = ds->fn && ds->fn->name ? ds->fn->name : "";
    if (match->role != RIV__NODE_STATE)
        name = ds->text ? ds->text : "queue";
    match->row.uid = riv_cstr(match->identity);
    match->row.kind = riv_cstr(ds->kind->name);
    match->row.name = riv_cstr(name);
    match->row.schema = riv_cstr(kept ? match->schema : "");
    if (kept)
        kept->layouts(ds, &key, &val);
    match->row.version = val ? riv__type_version(val->type) : 0;
    match->row.gone = false;
}

static int match_one(struct matching *m, const struct riv_match_want *want,
                     struct riv_err *err)
{
    struct riv_match *match = found(m->to, want);
    if (!match && want->role == RIV__NODE_OUTPUT)
        match = find_folder(m->to, want->ds);
    const bool is_old = match != NULL;
    if (!is_old)
        RIV__TRY(add_new(m, want, &match, err));
    match->ds = want->ds;
    match->identity = m->identity[want->ds->id];
    match->schema = "";
    if (want->kept)
        match->schema = schema_of(m->to->arena, want->ds, want->kept);
    if (!match->schema)
        return no_memory(err);
    if (is_old && want->kept)
        RIV__TRY(compare_schemas(m, match, want->kept, err));
    else if (is_old && want->role == RIV__NODE_SOURCE)
        compare_source(m, match);
    else if (is_old)
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
                      const struct riv_wants *wants, struct riv_err *err)
{
    struct matching m = { .to = matches, .conf = conf };
    *matches = (struct riv_matches){ .arena = arena };
    RIV__TRY(riv__identities(graph, arena, &m.identity, err));
    RIV__TRY(riv__journal_each_node(journal, add_row, &m, err));
    for (size_t i = 0; i < wants->n; i++) {
        RIV__TRY(check_uid(&m, wants->want[i].ds, err));
        find_one(&m, &wants->want[i]);
    }
    for (size_t i = 0; i < wants->n; i++)
        RIV__TRY(match_one(&m, &wants->want[i], err));
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
