/* stream/check.c - a report on a state directory and a program: what is kept,
 * converted, refused, new and gone. Decides nothing itself: match.c does, and
 * recovery.c asks the same. Inputs are not opened, so that a file that is no
 * longer there is found by the start alone. */
#include "stream/check.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "io/stand.h"
#include "stream/match.h"

struct checking {
    const struct riv_state_check *check;
    struct riv_arena arena;
    struct riv_journal *journal;
    struct riv_wants wants;
    struct riv_matches matches;
    uint64_t batch, begun; /* the last that is done; that had begun, or 0 */
    uint64_t interval_ms;
    struct riv_buf text;
};

static const char *const roles[] = { [RIV__NODE_SOURCE] = "input",
                                     [RIV__NODE_STATE] = "state",
                                     [RIV__NODE_OUTPUT] = "output" };

static const char *verdict_of(const struct riv_match *match)
{
    switch (match->verdict) {
    case RIV__MATCH_NEW: return "new";
    case RIV__MATCH_KEPT: return "kept";
    case RIV__MATCH_CHANGED: return "converted";
    case RIV__MATCH_REFUSED: return "refused";
    case RIV__MATCH_DROPPED: return "dropped";
    case RIV__MATCH_RESET: return "reset";
    case RIV__MATCH_GONE: break;
    }
    return match->role == RIV__NODE_STATE ? "refused" : "gone";
}

static void put_notes(struct riv_buf *text, const char *note)
{
    while (note && *note) {
        const size_t n = strcspn(note, "\n");
        riv__buf_printf(text, "                      %.*s\n", (int)n, note);
        note += n + (note[n] == '\n');
    }
}

/* "state   kept       sum  riv_map_with_state(sum)" */
static void put_match(struct checking *c, const struct riv_match *match)
{
    char uid[RIV__UID_MAX + 8], name[256];
    const struct riv_node_row *row = &match->row;
    const bool is_state = match->role == RIV__NODE_STATE;
    riv__buf_printf(&c->text, "  %-8s%-12s%s  %.*s%s%s%s\n", roles[match->role],
                    verdict_of(match), riv__str_show(uid, sizeof uid, row->uid),
                    (int)row->kind.n, row->kind.p, is_state ? "(" : " ",
                    riv__str_show(name, sizeof name, row->name),
                    is_state ? ")" : "");
    if (is_state && match->verdict == RIV__MATCH_GONE)
        put_notes(&c->text, "the program has no such operator");
    put_notes(&c->text, match->note);
}

static int see_batch(void *arg, const struct riv_batch_row *row,
                     struct riv_err *err)
{
    struct checking *c = arg;
    (void)err;
    if (row->status == RIV__BATCH_BEGUN) {
        c->begun = row->number;
        return 0;
    }
    c->batch = row->number;
    (void)riv__stand_get(row->body, "interval", &c->interval_ms);
    return 0;
}

static int compare(struct checking *c, struct riv_err *err)
{
    const struct riv_state_check *check = c->check;
    const struct riv_plan *plan = check->plan;
    RIV__TRY(
        riv__wants_make(&c->wants, plan, check->source, check->nsource, err));
    RIV__TRY(riv__journal_each_batch(
        c->journal, riv__journal_info(c->journal)->batch, see_batch, c, err));
    return riv__matches_make(&c->matches, &c->arena, c->journal,
                             plan->exec->conf, plan->exec->graph, &c->wants,
                             err);
}

static void put_head(struct checking *c)
{
    const struct riv_settings *conf = c->check->plan->exec->conf;
    if (c->batch == 0)
        riv__buf_printf(&c->text, "state directory %s: no batch is done yet\n",
                        conf->state_dir);
    else
        riv__buf_printf(&c->text, "state directory %s: %llu batches are done\n",
                        conf->state_dir, (unsigned long long)c->batch);
    if (c->begun > 0)
        riv__buf_printf(&c->text,
                        "batch %llu has begun: it is run again on the same "
                        "input\n",
                        (unsigned long long)c->begun);
}

static int report(struct checking *c, struct riv_err *err)
{
    put_head(c);
    for (size_t i = 0; i < c->matches.n; i++)
        put_match(c, &c->matches.match[i]);
    if (c->text.failed)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a report");
    c->check->write(c->check->arg, c->text.p, c->text.n);
    return 0;
}

static int verdict(const struct checking *c, struct riv_err *err)
{
    if (c->batch > 0)
        RIV__TRY(
            riv__match_interval(c->check->plan, (int64_t)c->interval_ms, err));
    return riv__matches_verdict(&c->matches, err);
}

/* Its name is a link that leads nowhere: a start makes no folder there. */
static bool leads_nowhere(const struct riv_exec *exec)
{
    char path[RIV__PATH_MAX], to[RIV__PATH_MAX];
    struct riv_stat st;
    snprintf(path, sizeof path, "%s", exec->conf->state_dir);
    for (size_t n = strlen(path); n > 1 && path[n - 1] == '/';)
        path[--n] = '\0';
    return exec->sys->read_link(exec->sys, path, to, sizeof to) >= 0 &&
           exec->sys->stat(exec->sys, path, &st) < 0;
}

static int run(struct checking *c, struct riv_err *err)
{
    const struct riv_exec *exec = c->check->plan->exec;
    const struct riv_journal_spec spec = {
        .sys = exec->sys,
        .conf = exec->conf,
        .dir = exec->conf->state_dir,
        .app = exec->conf->name[0] ? exec->conf->name : "job",
    };
    int rc = riv__journal_open_to_read(&spec, &c->journal, err);
    if (rc == RIV_ENOINPUT && !leads_nowhere(exec)) {
        riv__buf_printf(&c->text, "state directory %s: nothing is there yet\n",
                        exec->conf->state_dir);
        c->check->write(c->check->arg, c->text.p, c->text.n);
        return 0;
    }
    if (rc == 0)
        rc = compare(c, err);
    if (rc == 0)
        rc = report(c, err);
    return rc < 0 ? rc : verdict(c, err);
}

int riv__state_check(const struct riv_state_check *check, struct riv_err *err)
{
    struct checking c = { .check = check };
    riv__arena_init(&c.arena, 4096);
    riv__buf_init(&c.text, 0);
    int rc = run(&c, err);
    riv__journal_abandon(c.journal);
    riv__matches_fini(&c.matches);
    riv__wants_fini(&c.wants);
    riv__buf_fini(&c.text);
    riv__arena_fini(&c.arena);
    return rc;
}
