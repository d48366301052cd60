/* stream/match.c - who is who of two programs, by identity: with fit.c the table
 * of docs/upgrade.md as code. */
#include "stream/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "graph/identity.h"
#include "io/sink.h"
#include "stream/fit.h"

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

bool riv__match_is_listed(const char *list, riv_str word)
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

/* Of "KIND://HOSTS/PATH?OPTIONS" what is read: hosts are a way there, which may
 * change, and options say how to begin and end. Of any other name all of it. */
static void what_is_read(riv_str name, riv_str *kind, riv_str *path)
{
    const char *hosts = memmem(name.p, name.n, "://", 3);
    *kind = name;
    *path = riv__str("", 0);
    if (!hosts)
        return;
    const size_t n = (size_t)(hosts - name.p) + 3;
    const char *slash = memchr(name.p + n, '/', name.n - n);
    if (!slash)
        return;
    const size_t left = name.n - (size_t)(slash - name.p);
    const char *options = memchr(slash, '?', left);
    *kind = riv__str(name.p, n);
    *path = riv__str(slash, options ? (size_t)(options - slash) : left);
}

static bool is_same_source(riv_str a, riv_str b)
{
    riv_str kind_a, kind_b, path_a, path_b;
    what_is_read(a, &kind_a, &path_a);
    what_is_read(b, &kind_b, &path_b);
    return riv_eq(kind_a, kind_b) && riv_eq(path_a, path_b);
}

/* A source that was found is where it was, unless it is another one now. */
static void compare_source(struct matching *m, struct riv_match *match)
{
    const riv_str name = riv_cstr(match->ds->text ? match->ds->text : "queue");
    const bool reset = riv__match_is_listed(m->conf->source_reset,
                                            riv_cstr(match->identity)) ||
                       riv__match_is_listed(m->conf->source_reset, name);
    match->note = "";
    match->verdict = RIV__MATCH_KEPT;
    if (reset) {
        match->verdict = RIV__MATCH_RESET;
    } else if (!is_same_source(match->row.name, name)) {
        match->verdict = RIV__MATCH_REFUSED;
        match->note =
            riv__arena_printf(m->to->arena,
                              "it was %.*s and is %.*s: begin there anew with "
                              "-c source.reset=%s\n",
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
        match->schema = riv__fit_schema(m->to->arena, want->ds, want->kept);
    if (!match->schema)
        return no_memory(err);
    if (is_old && want->kept)
        RIV__TRY(riv__fit(m->to->arena, match, want->kept, err));
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
        if (riv__match_is_listed(m->conf->state_drop, match->row.uid))
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
        "program%s: give it to one with -c state.rename=%.*s=UID, or delete it "
        "with -c state.drop=%.*s",
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
