/* stream/inspect.c - the overview of a state directory and the lists of its
 * inputs and outputs. What the state of an operator looks like is in
 * inspect_state.c. */
#include "stream/inspect.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/str.h"
#include "base/vec.h"
#include "data/csv.h"

enum { BATCHES_SHOWN = 10, TEXT_MAX = 64 << 20 };

struct inspecting {
    const struct riv_inspect *inspect;
    struct riv_journal *journal;
    struct riv_arena arena;
    struct riv_node_row *node;
    size_t nnode, node_cap;
    struct riv_buf text;
    uint64_t first, last; /* batches that are there */
};

static int keep_node(void *arg, const struct riv_node_row *row,
                     struct riv_err *err)
{
    struct inspecting *i = arg;
    if (RIV__VEC_ROOM(i->node, i->node_cap, i->nnode + 1) < 0)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a list");
    struct riv_node_row *to = &i->node[i->nnode];
    *to = *row;
    riv_str *texts[] = { &to->uid, &to->kind, &to->name, &to->schema };
    for (size_t k = 0; k < RIV__LEN(texts); k++) {
        texts[k]->p = riv__arena_copy(&i->arena, texts[k]->p, texts[k]->n);
        if (!texts[k]->p)
            return riv__err_set(err, RIV_ENOMEM, "no memory for a list");
    }
    i->nnode++;
    return 0;
}

/* ------------------------------------------------------------- overview */

static int span(void *arg, const struct riv_batch_row *row, struct riv_err *err)
{
    struct inspecting *i = arg;
    (void)err;
    i->first = i->first ? i->first : row->number;
    i->last = row->number;
    return 0;
}

static const char *const statuses[] = { [RIV__BATCH_BEGUN] = "begun",
                                        [RIV__BATCH_DONE] = "done",
                                        [RIV__BATCH_PUBLISHED] = "published" };

static int put_batch(void *arg, const struct riv_batch_row *row,
                     struct riv_err *err)
{
    struct inspecting *i = arg;
    char took[RIV__NUM_TEXT];
    (void)err;
    riv__num_put_duration(took, row->processing_us);
    riv__buf_printf(&i->text,
                    "  %-8llu %lld  %-10s %llu in, %llu out, %llu bad, %s\n",
                    (unsigned long long)row->number, (long long)row->time_ms,
                    statuses[row->status], (unsigned long long)row->records_in,
                    (unsigned long long)row->records_out,
                    (unsigned long long)row->records_bad, took);
    return 0;
}

static int put_batches(struct inspecting *i, struct riv_err *err)
{
    RIV__TRY(riv__journal_each_batch(i->journal, 0, span, i, err));
    if (i->last == 0) {
        riv__buf_str(&i->text, "batches: none yet\n");
        return 0;
    }
    riv__buf_printf(&i->text, "batches: %llu to %llu, the newest:\n",
                    (unsigned long long)i->first, (unsigned long long)i->last);
    uint64_t from = i->last - RIV__MIN(i->last - i->first, BATCHES_SHOWN - 1U);
    return riv__journal_each_batch(i->journal, from, put_batch, i, err);
}

static int put_until(void *arg, const struct riv_range_row *row,
                     struct riv_err *err)
{
    struct inspecting *i = arg;
    char shown[256];
    (void)err;
    for (size_t k = 0; k < i->nnode; k++)
        if (i->node[k].id == row->source)
            riv__buf_printf(&i->text, "    stands at %s after batch %llu\n",
                            riv__str_show(shown, sizeof shown, row->until),
                            (unsigned long long)row->batch);
    return 0;
}

/* "str -> a i64, b str": a line "value str" is a str by itself. */
static void put_schema(struct riv_buf *text, riv_str schema)
{
    const char *between = "";
    char shown[64];
    for (size_t at = 0; at < schema.n;) {
        const char *line = schema.p + at;
        const char *nl = memchr(line, '\n', schema.n - at);
        size_t n = nl ? (size_t)(nl - line) : schema.n - at;
        riv_str field = riv__str(line, n);
        at += n + 1;
        if (riv_eq(field, riv_cstr("--"))) {
            between = " -> ";
            continue;
        }
        if (riv__str_starts(field, "value "))
            field = riv__str(field.p + 6, field.n - 6);
        riv__buf_printf(text, "%s%s", between,
                        riv__str_show(shown, sizeof shown, field));
        between = ", ";
    }
}

static int put_state(struct inspecting *i, const struct riv_node_row *row,
                     struct riv_err *err)
{
    struct riv_snapshot_row snapshot;
    char size[RIV__NUM_TEXT], deltas[RIV__NUM_TEXT];
    RIV__TRY(riv__journal_find_snapshot(i->journal, row->id, &snapshot, err));
    riv__num_put_size(size, snapshot.bytes);
    riv__num_put_size(deltas, snapshot.delta_bytes);
    riv__buf_str(&i->text, "    ");
    put_schema(&i->text, row->schema);
    if (snapshot.snapshot > 0)
        riv__buf_printf(&i->text, "\n    snapshot %llu of batch %llu, %s",
                        (unsigned long long)snapshot.snapshot,
                        (unsigned long long)snapshot.base, size);
    else
        riv__buf_str(&i->text, "\n    no snapshot");
    riv__buf_printf(&i->text, "; deltas %s\n", deltas);
    return 0;
}

static int put_node(struct inspecting *i, const struct riv_node_row *row,
                    struct riv_err *err)
{
    static const char *const roles[] = { [RIV__NODE_SOURCE] = "input",
                                         [RIV__NODE_STATE] = "state",
                                         [RIV__NODE_OUTPUT] = "output" };
    char uid[128], kind[64], name[256];
    riv__buf_printf(&i->text, "%s %s: %s %s%s\n", roles[row->role],
                    riv__str_show(uid, sizeof uid, row->uid),
                    riv__str_show(kind, sizeof kind, row->kind),
                    riv__str_show(name, sizeof name, row->name),
                    row->gone ? " (no longer in the program)" : "");
    if (row->role == RIV__NODE_STATE)
        return put_state(i, row, err);
    if (row->role != RIV__NODE_SOURCE || i->last == 0)
        return 0;
    struct inspecting one = *i; /* of whose nodes only this is asked for */
    one.node = &i->node[row - i->node];
    one.nnode = 1;
    int rc = riv__journal_each_range(i->journal, i->last, put_until, &one, err);
    i->text = one.text;
    return rc;
}

static int put_counter(void *arg, riv_str name, int64_t value,
                       struct riv_err *err)
{
    struct inspecting *i = arg;
    char shown[128];
    (void)err;
    riv__buf_printf(&i->text, "counter %s: %lld\n",
                    riv__str_show(shown, sizeof shown, name), (long long)value);
    return 0;
}

static int overview(struct inspecting *i, struct riv_err *err)
{
    char size[RIV__NUM_TEXT];
    const struct riv_journal_info *info = riv__journal_info(i->journal);
    riv__num_put_size(size, riv__journal_bytes(i->journal));
    riv__buf_printf(&i->text, "application %s, %s, %s\n", info->app, size,
                    info->was_clean ? "stopped in good order"
                                    : "not stopped in good order");
    RIV__TRY(put_batches(i, err));
    for (size_t k = 0; k < i->nnode; k++)
        RIV__TRY(put_node(i, &i->node[k], err));
    return riv__journal_each_counter(i->journal, put_counter, i, err);
}

/* -------------------------------------------------------- one node's rows */

static int put_range(void *arg, const struct riv_range_row *row,
                     struct riv_err *err)
{
    struct inspecting *i = arg;
    (void)err;
    if (row->source != i->node->id)
        return 0;
    riv__buf_printf(&i->text, "%llu,", (unsigned long long)row->batch);
    riv__csv_field(&i->text, row->from, ',');
    riv__buf_char(&i->text, ',');
    riv__csv_field(&i->text, row->until, ',');
    riv__buf_printf(&i->text, ",%llu,%llu\n", (unsigned long long)row->records,
                    (unsigned long long)row->bytes);
    return 0;
}

static int list_ranges(struct inspecting *i, struct riv_err *err)
{
    riv__buf_str(&i->text, "batch,from,until,records,bytes\n");
    RIV__TRY(riv__journal_each_batch(i->journal, 0, span, i, err));
    for (uint64_t n = i->first; n > 0 && n <= i->last; n++)
        RIV__TRY(riv__journal_each_range(i->journal, n, put_range, i, err));
    return 0;
}

static int put_file(void *arg, const struct riv_file_row *row,
                    struct riv_err *err)
{
    static const char *const words[] = { [RIV__FILE_OPEN] = "open",
                                         [RIV__FILE_CLOSED] = "closed",
                                         [RIV__FILE_SHOWN] = "shown" };
    struct inspecting *i = arg;
    (void)err;
    riv__buf_printf(&i->text, "%llu,%s,%llu,%llu,",
                    (unsigned long long)row->number, words[row->status],
                    (unsigned long long)row->batch,
                    (unsigned long long)row->bytes);
    riv__csv_field(&i->text, row->folder, ',');
    riv__buf_char(&i->text, ',');
    riv__csv_field(&i->text, row->name, ',');
    riv__buf_char(&i->text, '\n');
    return 0;
}

static int list_one(struct inspecting *i, struct riv_err *err)
{
    const struct riv_node_row *node = i->node;
    if (node->role == RIV__NODE_STATE)
        return riv__inspect_state(i->inspect, i->journal, node, err);
    if (node->role == RIV__NODE_SOURCE)
        return list_ranges(i, err);
    riv__buf_str(&i->text, "file,status,batch,bytes,folder,name\n");
    return riv__journal_each_file(i->journal, node->id, put_file, i, err);
}

/* The node to the front. */
static int choose(struct inspecting *i, const char *uid, struct riv_err *err)
{
    uint64_t id = 0;
    bool is_id = riv__num_u64(riv_cstr(uid), &id);
    for (size_t k = 0; k < i->nnode; k++) {
        struct riv_node_row *node = &i->node[k];
        if (riv_eq(node->uid, riv_cstr(uid)) || (is_id && node->id == id)) {
            i->node[0] = *node;
            return 0;
        }
    }
    return riv__err_set(err, RIV_ENOINPUT,
                        "there is no input, operator with state or output "
                        "\"%s\"; without a name all are listed",
                        uid);
}

static int look(struct inspecting *i, struct riv_err *err)
{
    RIV__TRY(riv__journal_each_node(i->journal, keep_node, i, err));
    if (!i->inspect->uid)
        return overview(i, err);
    RIV__TRY(choose(i, i->inspect->uid, err));
    return list_one(i, err);
}

int riv__inspect(const struct riv_inspect *inspect, struct riv_err *err)
{
    struct inspecting i = { .inspect = inspect };
    struct riv_journal_spec spec = {
        .sys = inspect->sys,
        .conf = inspect->conf,
        .dir = inspect->conf->state_dir,
    };
    riv__arena_init(&i.arena, 0);
    riv__buf_init(&i.text, TEXT_MAX);
    int rc = riv__journal_open_to_read(&spec, &i.journal, err);
    if (rc == 0)
        rc = look(&i, err);
    if (rc == 0 && i.text.failed)
        rc = riv__err_set(err, RIV_ENOMEM, "no memory for a list");
    if (rc == 0 && i.text.n > 0)
        inspect->write(inspect->arg, i.text.p, i.text.n);
    riv__journal_abandon(i.journal);
    riv__buf_fini(&i.text);
    riv__arena_fini(&i.arena);
    free(i.node);
    return rc;
}
