/* stream/replay.c - which letters, and their lines as ranges of a block. A line
 * is given to its input's whole graph; so only those letters are replayed where
 * that means the same as the refused record: each operator on the way makes at
 * most one record of one, and each is all that the one before leads to. A line
 * that was left out because it killed the process has reached nothing. */
#include "stream/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "graph/ops.h"

struct loading {
    struct riv_durable *durable;
    const riv_ds *const *source;
    struct riv_buf text; /* their lines */
    uint64_t kept;       /* letters that stay */
};

static int no_memory(struct riv_err *err)
{
    return riv__err_set(err, RIV_ENOMEM, "no memory for dead letters");
}

/* -------------------------------------------------- may it be given again? */

/* Does a dataset lead to this operator alone? Its own letters are no way on. */
static bool leads_only_to(const struct riv_graph *graph, const riv_ds *from,
                          const riv_ds *to)
{
    for (size_t i = 0; i < graph->n; i++) {
        const riv_ds *ds = graph->node[i];
        for (uint32_t k = 0; k < ds->nparent; k++)
            if (ds->parent[k] == from && ds != to && ds->kind != &riv__kind_bad)
                return false;
    }
    return true;
}

/* The source of an operator that takes all of it, record for record. */
static const riv_ds *sole_source(const struct riv_graph *graph,
                                 const riv_ds *ds)
{
    bool is_first = true;
    while (ds->kind->role != RIV__ROLE_SOURCE) {
        if (ds->nparent != 1 || !leads_only_to(graph, ds->parent[0], ds) ||
            (!is_first && !riv__kind_has(ds->kind, RIV__ONE_TO_ONE)))
            return NULL;
        is_first = false;
        ds = ds->parent[0];
    }
    return ds;
}

static const riv_ds *find_op(const struct riv_graph *graph, riv_str name)
{
    const riv_ds *found = NULL;
    for (size_t i = 0; i < graph->n; i++) {
        if (!riv_eq(name, riv_cstr(riv__ds_name(graph->node[i]))))
            continue;
        if (found)
            return NULL; /* two of one name: which was it? */
        found = graph->node[i];
    }
    return found;
}

/* A letter's source is the URI, with a place behind it in a log, or a file of it:
 * PATH of "replay:9:PATH", "FOLDER/x" of "dir:FOLDER". */
static bool is_of(riv_str source, const char *uri)
{
    const char *colon = strrchr(uri, ':');
    const riv_str rest = riv_cstr(colon ? colon + 1 : uri);
    struct riv_log_name name;
    return riv_eq(source, riv_cstr(uri)) ||
           (riv__log_origin_read(source, &name) &&
            riv_eq(name.uri, riv_cstr(uri))) ||
           (source.n >= rest.n && rest.n > 0 &&
            memcmp(source.p, rest.p, rest.n) == 0);
}

/* The number of the input that takes it, or -1. */
static int64_t input_of(const struct loading *load,
                        const struct riv_letter_row *row)
{
    const struct riv_durable *d = load->durable;
    const bool whole = riv_eq(row->op, riv_cstr(RIV__LETTER_CRASH));
    const riv_ds *op = whole ? NULL : find_op(d->exec->graph, row->op);
    const riv_ds *from = op ? sole_source(d->exec->graph, op) : NULL;
    if ((!from && !whole) || row->offset < 0 || row->raw_bytes > row->raw.n)
        return -1;
    for (size_t i = 0; i < d->ninput; i++)
        if ((whole || load->source[i] == from) && load->source[i]->text &&
            load->source[i]->layout->type->kind == RIV_K_STR &&
            is_of(row->source, load->source[i]->text))
            return load->source[i]->number;
    return -1;
}

/* ------------------------------------------------------------- the journal */

/* What is refused again is to have its old place. */
static int take_origin(const struct loading *load,
                       const struct riv_letter_row *row,
                       struct riv_replay_line *line)
{
    struct riv_log_name name;
    if (!riv__log_origin_read(row->source, &name))
        return 0;
    char *topic =
        riv__arena_copy(&load->durable->arena, name.topic.p, name.topic.n);
    if (!topic)
        return RIV_ENOMEM;
    line->is_of_log = true;
    line->origin = (struct riv_log_origin){
        .topic = riv__str(topic, name.topic.n),
        .partition = name.partition,
        .only = { row->offset, row->offset, name.message.number },
    };
    return 0;
}

static int see_letter(void *arg, const struct riv_letter_row *row,
                      struct riv_err *err)
{
    struct loading *load = arg;
    struct riv_replay *replay = &load->durable->replay;
    const int64_t input = input_of(load, row);
    if (input < 0) {
        load->kept++;
        return 0;
    }
    if (RIV__VEC_ROOM(replay->line, replay->cap, replay->n + 1) < 0)
        return no_memory(err);
    struct riv_replay_line *line = &replay->line[replay->n++];
    *line = (struct riv_replay_line){ .id = row->id,
                                      .source = (uint32_t)input,
                                      .offset = (uint64_t)row->offset,
                                      .from = load->text.n };
    if (take_origin(load, row, line) < 0)
        return no_memory(err);
    riv__buf_add(&load->text, row->raw.p, row->raw.n);
    line->bytes = row->raw.n;
    riv__buf_char(&load->text, '\n');
    line->until = load->text.n;
    return load->text.failed ? no_memory(err) : 0;
}

static void tell(const struct loading *load, riv__replay_say_fn *say, void *arg)
{
    char text[256];
    if (!say)
        return;
    snprintf(text, sizeof text, "%zu dead letters are given to the job again",
             load->durable->replay.n);
    say(arg, RIV_LOG_INFO, text);
    if (load->kept == 0)
        return;
    snprintf(text, sizeof text,
             "%llu dead letters stay: no operator of this job would take them "
             "alone, or their lines are not known (rivulet letters shows them)",
             (unsigned long long)load->kept);
    say(arg, RIV_LOG_WARN, text);
}

static int fill_block(struct riv_replay *replay, const struct riv_buf *text,
                      struct riv_err *err)
{
    if (text->n == 0)
        return 0;
    replay->block = riv__block_new(text->n);
    if (!replay->block)
        return no_memory(err);
    memcpy(replay->block->bytes, text->p, text->n);
    replay->block->used = text->n;
    return 0;
}

int riv__replay_load(struct riv_durable *d, const riv_ds *const *source,
                     riv__replay_say_fn *say, void *arg, struct riv_err *err)
{
    struct loading load = { .durable = d, .source = source };
    if (!d->exec->conf->letters_replay)
        return 0;
    riv__buf_init(&load.text, 0);
    int rc = riv__journal_each_letter(d->journal, 1, see_letter, &load, err);
    if (rc == 0)
        rc = fill_block(&d->replay, &load.text, err);
    riv__buf_fini(&load.text);
    if (rc == 0)
        tell(&load, say, arg);
    return rc;
}

/* --------------------------------------------------------------- the batch */

int riv__replay_cut(struct riv_durable *d, struct riv_cut *cut,
                    struct riv_err *err)
{
    struct riv_replay *replay = &d->replay;
    if (!replay->block || replay->is_cut)
        return 0;
    replay->is_cut = true;
    for (size_t i = 0; i < replay->n; i++) {
        const struct riv_replay_line *line = &replay->line[i];
        const struct riv_range range = {
            .kind = RIV__RANGE_BLOCK,
            .source = line->source,
            .from = line->from,
            .until = line->until,
            .block = riv__block_ref(replay->block),
            .offset = line->offset,
            .origin = line->is_of_log ? &line->origin : NULL,
        };
        RIV__TRY(riv__cut_add(cut, &range, err));
    }
    return 0;
}

int riv__replay_commit(struct riv_durable *d, struct riv_err *err)
{
    struct riv_replay *replay = &d->replay;
    if (!replay->is_cut)
        return 0;
    for (size_t i = 0; i < replay->n; i++) {
        if (riv__commit_letter_drop(d->open, replay->line[i].id) < 0)
            return no_memory(err);
        d->exec->letter_bytes -= replay->line[i].bytes;
    }
    riv__replay_fini(d);
    return 0;
}

void riv__replay_fini(struct riv_durable *d)
{
    riv__block_unref(d->replay.block);
    free(d->replay.line);
    d->replay = (struct riv_replay){ .block = NULL };
}
