/* store/content.h - a journal with something in every table, and all of it as
 * text again: two journals with the same text say the same to a recovery.
 * Tests only. */
#ifndef RIV_STORE_CONTENT_H
#define RIV_STORE_CONTENT_H

#include "base/buf.h"
#include "base/str.h"
#include "store/journal.h"

/* A test need not use all of this. */
#define MAYBE __attribute__((unused))

/* ------------------------------------------------------------ as text */

struct content {
    struct riv_journal *journal;
    struct riv_buf *text;
    uint32_t node[16];
    unsigned nodes;
};

static void content_bytes(struct content *c, riv_str s)
{
    riv__buf_printf(c->text, " %zu:", s.n);
    riv__buf_add(c->text, s.p, s.n);
}

static void content_number(struct content *c, uint64_t n)
{
    riv__buf_char(c->text, ' ');
    riv__buf_u64(c->text, n);
}

static int content_node(void *arg, const struct riv_node_row *row,
                        struct riv_err *err)
{
    struct content *c = arg;
    (void)err;
    riv__buf_printf(c->text, "\nnode %u %d %u %d", row->id, (int)row->role,
                    row->version, row->gone);
    content_bytes(c, row->uid);
    content_bytes(c, row->kind);
    content_bytes(c, row->name);
    content_bytes(c, row->schema);
    if (c->nodes < RIV__LEN(c->node))
        c->node[c->nodes++] = row->id;
    return 0;
}

static int content_range(void *arg, const struct riv_range_row *row,
                         struct riv_err *err)
{
    struct content *c = arg;
    (void)err;
    riv__buf_str(c->text, "\n range");
    content_number(c, row->batch);
    content_number(c, row->source);
    content_number(c, row->records);
    content_number(c, row->bytes);
    content_bytes(c, row->from);
    content_bytes(c, row->until);
    return 0;
}

static int content_batch(void *arg, const struct riv_batch_row *row,
                         struct riv_err *err)
{
    struct content *c = arg;
    riv__buf_str(c->text, "\nbatch");
    content_number(c, row->number);
    content_number(c, (uint64_t)row->time_ms);
    content_number(c, row->status);
    content_number(c, row->records_in);
    content_number(c, row->records_bad);
    content_number(c, row->records_out);
    content_number(c, (uint64_t)row->processing_us);
    content_bytes(c, row->body);
    return riv__journal_each_range(c->journal, row->number, content_range, c,
                                   err);
}

static int content_blob(void *arg, uint64_t number, riv_str bytes,
                        struct riv_err *err)
{
    struct content *c = arg;
    (void)err;
    riv__buf_str(c->text, "\n blob");
    content_number(c, number);
    content_bytes(c, bytes);
    return 0;
}

static int content_note(void *arg, riv_str key, riv_str value,
                        struct riv_err *err)
{
    struct content *c = arg;
    (void)err;
    riv__buf_str(c->text, "\n note");
    content_bytes(c, key);
    content_bytes(c, value);
    return 0;
}

static int content_file(void *arg, const struct riv_file_row *row,
                        struct riv_err *err)
{
    struct content *c = arg;
    (void)err;
    riv__buf_str(c->text, "\n file");
    content_number(c, row->number);
    content_number(c, row->status);
    content_number(c, row->batch);
    content_number(c, row->bytes);
    content_number(c, row->sum);
    content_number(c, (uint64_t)row->opened_ms);
    content_bytes(c, row->folder);
    content_bytes(c, row->temporary);
    content_bytes(c, row->name);
    return 0;
}

static int content_letter(void *arg, const struct riv_letter_row *row,
                          struct riv_err *err)
{
    struct content *c = arg;
    (void)err;
    riv__buf_str(c->text, "\nletter");
    content_number(c, row->id);
    content_number(c, row->batch);
    content_number(c, (uint64_t)row->offset);
    content_number(c, (uint64_t)row->time_ms);
    content_number(c, row->raw_bytes);
    content_bytes(c, row->op);
    content_bytes(c, row->source);
    content_bytes(c, row->reason);
    content_bytes(c, row->raw);
    return 0;
}

static int content_counter(void *arg, riv_str name, int64_t value,
                           struct riv_err *err)
{
    struct content *c = arg;
    (void)err;
    riv__buf_str(c->text, "\ncounter");
    content_bytes(c, name);
    content_number(c, (uint64_t)value);
    return 0;
}

static int content_of_node(struct content *c, uint32_t id, struct riv_err *err)
{
    struct riv_journal *journal = c->journal;
    struct riv_snapshot_row row;
    riv__buf_printf(c->text, "\nof node %u", id);
    RIV__TRY(riv__journal_find_snapshot(journal, id, &row, err));
    content_number(c, row.snapshot);
    content_number(c, row.base);
    content_number(c, row.last);
    RIV__TRY(riv__journal_each_piece(journal, &row, content_blob, c, err));
    RIV__TRY(
        riv__journal_each_delta(journal, id, row.base, content_blob, c, err));
    RIV__TRY(riv__journal_each_note(journal, id, content_note, c, err));
    RIV__TRY(riv__journal_each_block(journal, id, content_blob, c, err));
    RIV__TRY(riv__journal_each_file(journal, id, content_file, c, err));
    return riv__journal_each_outbox(journal, id, content_blob, c, err);
}

/* Everything that a recovery reads, appended to `text`. */
static MAYBE int content_read(struct riv_journal *journal, struct riv_buf *text,
                              struct riv_err *err)
{
    struct content c = { .journal = journal, .text = text };
    RIV__TRY(riv__journal_each_node(journal, content_node, &c, err));
    RIV__TRY(riv__journal_each_batch(journal, 0, content_batch, &c, err));
    for (unsigned i = 0; i < c.nodes; i++)
        RIV__TRY(content_of_node(&c, c.node[i], err));
    RIV__TRY(riv__journal_each_letter(journal, 0, content_letter, &c, err));
    RIV__TRY(riv__journal_each_counter(journal, content_counter, &c, err));
    return text->failed;
}

/* ------------------------------------------------------------ something */

static int nodes_rows(struct riv_journal *journal, struct riv_err *err)
{
    static const char *const uids[] = { "lines", "words", "out" };
    RIV__TRY(riv__journal_begin(journal, err));
    for (unsigned i = 0; i < 3; i++) {
        uint32_t id;
        struct riv_node_row row = {
            .role = (enum riv_node_role)(i + 1),
            .uid = riv_cstr(uids[i]),
            .kind = riv_cstr("riv_map_with_state"),
            .name = riv_cstr("count_words"),
            .schema = riv_cstr(i == 1 ? "key str, state i64" : ""),
            .version = i,
        };
        RIV__TRY(riv__journal_put_node(journal, &row, &id, err));
    }
    return riv__journal_commit(journal, err);
}

/* What belongs to no batch: snapshot, received bytes, and the like. */
static int rest_rows(struct riv_journal *journal, uint64_t batch,
                     struct riv_err *err)
{
    struct riv_letter_row letter = {
        .batch = batch,
        .op = riv_cstr("count_words"),
        .source = riv_cstr("lines"),
        .reason = riv_cstr("no number"),
        .raw = riv_cstr("12x"),
        .offset = 77,
        .time_ms = 5,
    };
    RIV__TRY(riv__journal_begin(journal, err));
    RIV__TRY(
        riv__journal_put_piece(journal, 2, batch, riv_cstr("all of it"), err));
    RIV__TRY(
        riv__journal_put_piece(journal, 2, batch, riv_cstr("and more"), err));
    RIV__TRY(riv__journal_put_snapshot(journal, 2, batch, batch - 1, err));
    RIV__TRY(riv__journal_put_block(journal, 1, batch * 8, riv_cstr("received"),
                                    err));
    RIV__TRY(riv__journal_put_note(journal, 1, riv_cstr("a.log"),
                                   riv_cstr("read"), err));
    RIV__TRY(
        riv__journal_put_outbox(journal, 3, batch, riv_cstr("to send"), err));
    RIV__TRY(riv__journal_put_counter(journal, riv_cstr("bad"), (int64_t)batch,
                                      err));
    RIV__TRY(riv__journal_put_letter(journal, &letter, err));
    return riv__journal_commit(journal, err);
}

static int batch_rows(struct riv_journal *journal, uint64_t number,
                      struct riv_err *err)
{
    struct riv_range_row range = { .batch = number,
                                   .source = 1,
                                   .from = riv_cstr("100"),
                                   .until = riv_cstr("200"),
                                   .records = 10,
                                   .bytes = 100 };
    struct riv_file_row file = {
        .output = 3,
        .number = number,
        .status = RIV__FILE_CLOSED,
        .batch = number,
        .temporary = riv_cstr(".0001.part"),
        .name = riv_cstr("0001"),
        .folder = riv_cstr("out"),
        .bytes = 100,
        .sum = UINT64_C(0xf123456789abcdef),
        .opened_ms = 1000,
    };
    struct riv_batch_row batch = { .number = number,
                                   .time_ms = (int64_t)number * 1000,
                                   .status = RIV__BATCH_DONE,
                                   .records_in = 10,
                                   .records_out = 3,
                                   .processing_us = 900,
                                   .body = riv_cstr("rates") };
    RIV__TRY(riv__journal_begin(journal, err));
    RIV__TRY(riv__journal_put_range(journal, &range, err));
    RIV__TRY(riv__journal_put_delta(journal, number, 2,
                                    riv_cstr("the=3 a=2 of=1"), err));
    RIV__TRY(riv__journal_put_file(journal, &file, err));
    RIV__TRY(riv__journal_put_batch(journal, &batch, err));
    return riv__journal_commit(journal, err);
}

static int publish_rows(struct riv_journal *journal, uint64_t number,
                        struct riv_err *err)
{
    RIV__TRY(riv__journal_begin(journal, err));
    RIV__TRY(riv__journal_set_published(journal, number, err));
    return riv__journal_commit(journal, err);
}

/* Each is one transaction; after a failure it has been rolled back. */
static int content_end(struct riv_journal *journal, int rc)
{
    if (rc < 0)
        riv__journal_rollback(journal);
    return rc;
}

static MAYBE int content_put_nodes(struct riv_journal *journal,
                                   struct riv_err *err)
{
    return content_end(journal, nodes_rows(journal, err));
}

static MAYBE int content_put_batch(struct riv_journal *journal, uint64_t number,
                                   struct riv_err *err)
{
    return content_end(journal, batch_rows(journal, number, err));
}

static MAYBE int content_publish(struct riv_journal *journal, uint64_t number,
                                 struct riv_err *err)
{
    return content_end(journal, publish_rows(journal, number, err));
}

static MAYBE int content_put_rest(struct riv_journal *journal, uint64_t number,
                                  struct riv_err *err)
{
    return content_end(journal, rest_rows(journal, number, err));
}

#endif
