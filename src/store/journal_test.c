/* store/journal_test.c - what is put comes back, in order and whole; what must
 * not be put is refused. */
#include "data/le.h"
#include "store/fixture.h"
#include "store/inside.h"

/* ------------------------------------------------------ what came back */

/* Rows as text, one after the other. */
static struct riv_buf seen;

static const char *seen_text(void)
{
    riv__buf_char(&seen, '\0');
    return seen.p;
}

static int see_batch(void *arg, const struct riv_batch_row *row,
                     struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(&seen, "%llu@%lld/%d ", (unsigned long long)row->number,
                    (long long)row->time_ms, (int)row->status);
    return 0;
}

static int see_bytes(void *arg, uint64_t number, riv_str bytes,
                     struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(&seen, "%llu:%.*s ", (unsigned long long)number,
                    (int)RIV__MIN(bytes.n, 20), bytes.p);
    return 0;
}

static int see_range(void *arg, const struct riv_range_row *row,
                     struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(&seen, "%u[%.*s,%.*s) ", row->source, (int)row->from.n,
                    row->from.p, (int)row->until.n, row->until.p);
    return 0;
}

static int see_node(void *arg, const struct riv_node_row *row,
                    struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(&seen, "%u:%d:%.*s:%.*s:%.*s:%.*s:%u:%d ", row->id,
                    (int)row->role, (int)row->uid.n, row->uid.p,
                    (int)row->kind.n, row->kind.p, (int)row->name.n,
                    row->name.p, (int)row->schema.n, row->schema.p,
                    row->version, row->gone);
    return 0;
}

static int see_note(void *arg, riv_str key, riv_str value, struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(&seen, "%.*s=%.*s ", (int)key.n, key.p, (int)value.n,
                    value.p);
    return 0;
}

static int see_block(void *arg, uint64_t from, riv_str bytes,
                     struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(&seen, "%llu+%zu ", (unsigned long long)from, bytes.n);
    return 0;
}

static int see_file(void *arg, const struct riv_file_row *row,
                    struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(
        &seen, "%llu/%d/%llu:%.*s/%.*s<-%.*s:%llu:%llx ",
        (unsigned long long)row->number, (int)row->status,
        (unsigned long long)row->batch, (int)row->folder.n, row->folder.p,
        (int)row->name.n, row->name.p, (int)row->temporary.n, row->temporary.p,
        (unsigned long long)row->bytes, (unsigned long long)row->sum);
    return 0;
}

static int see_letter(void *arg, const struct riv_letter_row *row,
                      struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(&seen, "%llu@%llu:%.*s:%.*s:%lld:%.*s:%.*s ",
                    (unsigned long long)row->id, (unsigned long long)row->batch,
                    (int)row->op.n, row->op.p, (int)row->source.n,
                    row->source.p, (long long)row->offset, (int)row->reason.n,
                    row->reason.p, (int)row->raw.n, row->raw.p);
    return 0;
}

static int see_counter(void *arg, riv_str name, int64_t value,
                       struct riv_err *err)
{
    (void)arg, (void)err;
    riv__buf_printf(&seen, "%.*s=%lld ", (int)name.n, name.p, (long long)value);
    return 0;
}

#define assert_seen(call, text) \
    do { \
        riv__buf_reset(&seen); \
        assert_fine(call); \
        assert_string_equal(seen_text(), text); \
    } while (0)

static uint32_t put_node(enum riv_node_role role, const char *uid)
{
    uint32_t id = 0;
    struct riv_node_row row = {
        .role = role,
        .uid = riv_cstr(uid),
        .kind = riv_cstr("riv_map_with_state"),
        .name = riv_cstr("f"),
        .schema = riv_cstr("count i64"),
        .version = 3,
    };
    assert_fine(riv__journal_put_node(shop.journal, &row, &id, &shop.err));
    return id;
}

static void close_and_open(void)
{
    shop_close();
    shop_open();
}

/* ------------------------------------------------------------ the tables */

RIV_TEST(a_new_journal_is_new_and_empty)
{
    shop_open();
    const struct riv_journal_info *info = riv__journal_info(shop.journal);
    assert_true(info->is_new);
    assert_int_equal(info->batch, 0);
    uint64_t seed = info->hash_seed;
    close_and_open();
    info = riv__journal_info(shop.journal);
    assert_true(info->is_new && info->was_clean);
    assert_true(info->hash_seed == seed);
    assert_seen(
        riv__journal_each_batch(shop.journal, 0, see_batch, NULL, &shop.err),
        "");
}

RIV_TEST(batches_are_there_again)
{
    shop_open();
    for (uint64_t i = 1; i <= 100; i++)
        assert_fine(put_batch(i, 1, riv_cstr("some bytes")));
    shop_kill();
    shop_open();
    assert_false(riv__journal_info(shop.journal)->was_clean);
    assert_false(riv__journal_info(shop.journal)->is_new);
    assert_int_equal(riv__journal_info(shop.journal)->batch, 100);
    assert_int_equal(riv__journal_info(shop.journal)->time_ms, 100000);
    assert_seen(
        riv__journal_each_batch(shop.journal, 99, see_batch, NULL, &shop.err),
        "99@99000/2 100@100000/2 ");
}

/* Whoever took it away has set right the tally as well. */
RIV_TEST(a_batch_that_is_missing_is_refused)
{
    const struct riv_cell second[RIV__COLUMNS_MAX] = { [0].i = 2 };
    shop_open();
    for (uint64_t i = 1; i <= 3; i++)
        assert_fine(put_batch(i, 0, riv_cstr("")));
    begin();
    assert_int_equal(
        riv__ledger_drop(&shop.journal->ledger, RIV__BATCH, second, &shop.err),
        1);
    commit();
    assert_int_equal(
        riv__journal_each_batch(shop.journal, 0, see_batch, NULL, &shop.err),
        RIV_ECHECKPOINT);
    assert_string_equal(shop.err.text,
                        "table batch has number 3 where 2 must be");
}

RIV_TEST(a_batch_is_begun_then_done_then_published)
{
    struct riv_batch_row row = { .number = 1,
                                 .time_ms = 7,
                                 .status = RIV__BATCH_BEGUN };
    struct riv_range_row range = {
        .batch = 1, .source = 5, .from = riv_cstr("0"), .until = riv_cstr("99")
    };
    shop_open();
    begin();
    assert_fine(riv__journal_put_range(shop.journal, &range, &shop.err));
    assert_fine(riv__journal_put_batch(shop.journal, &row, &shop.err));
    commit();
    shop_kill();
    shop_open();
    assert_int_equal(riv__journal_info(shop.journal)->batch, 0);
    assert_seen(
        riv__journal_each_batch(shop.journal, 0, see_batch, NULL, &shop.err),
        "1@7/1 ");
    assert_seen(
        riv__journal_each_range(shop.journal, 1, see_range, NULL, &shop.err),
        "5[0,99) ");
    begin();
    row.status = RIV__BATCH_DONE;
    range.until = riv_cstr("77");
    assert_fine(riv__journal_put_range(shop.journal, &range, &shop.err));
    assert_fine(riv__journal_put_batch(shop.journal, &row, &shop.err));
    commit();
    assert_int_equal(riv__journal_info(shop.journal)->batch, 1);
    begin();
    assert_fine(riv__journal_set_published(shop.journal, 1, &shop.err));
    commit();
    close_and_open();
    assert_seen(
        riv__journal_each_batch(shop.journal, 0, see_batch, NULL, &shop.err),
        "1@7/3 ");
    assert_seen(
        riv__journal_each_range(shop.journal, 1, see_range, NULL, &shop.err),
        "5[0,77) ");
}

RIV_TEST(a_batch_needs_the_one_before)
{
    shop_open();
    assert_int_equal(put_batch(2, 0, riv_cstr("")), RIV_EFATAL);
    assert_non_null(strstr(shop.err.text, "please report"));
    assert_fine(put_batch(1, 0, riv_cstr("")));
    assert_int_equal(put_batch(1, 0, riv_cstr("")), RIV_EFATAL);
    assert_int_equal(put_batch(3, 0, riv_cstr("")), RIV_EFATAL);
    assert_fine(put_batch(2, 0, riv_cstr("")));
}

RIV_TEST(nothing_is_put_outside_a_transaction)
{
    struct riv_err *err = &shop.err;
    uint32_t id;
    struct riv_node_row row = { .role = RIV__NODE_SOURCE };
    shop_open();
    assert_int_equal(riv__journal_put_note(shop.journal, 1, riv_cstr("a"),
                                           riv_cstr("b"), err),
                     RIV_EFATAL);
    assert_int_equal(riv__journal_put_node(shop.journal, &row, &id, err),
                     RIV_EFATAL);
    assert_int_equal(riv__journal_commit(shop.journal, err), RIV_EFATAL);
    begin();
    assert_int_equal(riv__journal_begin(shop.journal, err), RIV_EFATAL);
    riv__journal_rollback(shop.journal);
}

RIV_TEST(what_is_rolled_back_was_never_there)
{
    shop_open();
    begin();
    assert_int_equal(put_node(RIV__NODE_STATE, "a"), 1);
    riv__journal_rollback(shop.journal);
    begin();
    assert_int_equal(put_node(RIV__NODE_STATE, "b"), 1);
    commit();
    assert_seen(riv__journal_each_node(shop.journal, see_node, NULL, &shop.err),
                "1:2:b:riv_map_with_state:f:count i64:3:0 ");
}

RIV_TEST(nodes_keep_their_numbers_for_ever)
{
    struct riv_node_row row = { .id = 1,
                                .role = RIV__NODE_STATE,
                                .uid = riv_cstr("new"),
                                .version = 4,
                                .gone = true };
    shop_open();
    begin();
    assert_int_equal(put_node(RIV__NODE_STATE, "a"), 1);
    assert_int_equal(put_node(RIV__NODE_SOURCE, "b"), 2);
    assert_fine(riv__journal_drop_node(shop.journal, 2, &shop.err));
    assert_fine(riv__journal_set_node(shop.journal, &row, &shop.err));
    commit();
    close_and_open();
    begin();
    assert_int_equal(put_node(RIV__NODE_OUTPUT, "c"), 3);
    commit();
    assert_seen(riv__journal_each_node(shop.journal, see_node, NULL, &shop.err),
                "1:2:new::::4:1 3:3:c:riv_map_with_state:f:count i64:3:0 ");
}

RIV_TEST(a_dropped_node_takes_everything_with_it)
{
    shop_open();
    begin();
    uint32_t a = put_node(RIV__NODE_STATE, "a");
    uint32_t b = put_node(RIV__NODE_STATE, "b");
    assert_fine(riv__journal_put_note(shop.journal, a, riv_cstr("k"),
                                      riv_cstr("v"), &shop.err));
    assert_fine(
        riv__journal_put_piece(shop.journal, a, 1, riv_cstr("p"), &shop.err));
    assert_fine(riv__journal_put_block(shop.journal, a, 0, riv_cstr("bytes"),
                                       &shop.err));
    commit();
    assert_fine(put_batch(1, a, riv_cstr("A")));
    assert_fine(put_batch(2, b, riv_cstr("B")));
    begin();
    assert_fine(riv__journal_drop_node(shop.journal, a, &shop.err));
    commit();
    close_and_open();
    assert_seen(
        riv__journal_each_note(shop.journal, a, see_note, NULL, &shop.err), "");
    assert_seen(
        riv__journal_each_block(shop.journal, a, see_block, NULL, &shop.err),
        "");
    assert_seen(
        riv__journal_each_delta(shop.journal, a, 0, see_bytes, NULL, &shop.err),
        "");
    assert_seen(
        riv__journal_each_delta(shop.journal, b, 0, see_bytes, NULL, &shop.err),
        "2:B ");
}

RIV_TEST(deltas_come_back_as_they_were_put)
{
    char *long_one = calloc(1, 3 * RIV__PIECE_BYTES_MAX);
    struct riv_batch_row row = { .number = 1, .status = RIV__BATCH_DONE };
    assert_non_null(long_one);
    memset(long_one, 'x', 3 * RIV__PIECE_BYTES_MAX);
    shop_open();
    begin();
    assert_fine(
        riv__journal_put_delta(shop.journal, 1, 1, riv_cstr("one"), &shop.err));
    assert_fine(riv__journal_put_delta(
        shop.journal, 1, 1, riv__str(long_one, 3 * RIV__PIECE_BYTES_MAX),
        &shop.err));
    assert_fine(riv__journal_put_delta(shop.journal, 1, 2, riv_cstr("other"),
                                       &shop.err));
    assert_fine(
        riv__journal_put_delta(shop.journal, 1, 1, riv_cstr(""), &shop.err));
    memset(long_one, 'y', 3 * RIV__PIECE_BYTES_MAX);
    assert_fine(riv__journal_put_delta(
        shop.journal, 1, 1, riv__str(long_one, 2 * RIV__PIECE_BYTES_MAX + 1),
        &shop.err));
    assert_fine(riv__journal_put_batch(shop.journal, &row, &shop.err));
    commit();
    assert_fine(put_batch(2, 1, riv_cstr("two")));
    shop_kill();
    shop_open();
    assert_seen(
        riv__journal_each_delta(shop.journal, 1, 0, see_bytes, NULL, &shop.err),
        "1:one 1:xxxxxxxxxxxxxxxxxxxx 1: 1:yyyyyyyyyyyyyyyyyyyy 2:two ");
    assert_seen(
        riv__journal_each_delta(shop.journal, 1, 1, see_bytes, NULL, &shop.err),
        "2:two ");
    free(long_one);
}

RIV_TEST(a_delta_without_its_batch_is_not_committed)
{
    shop_open();
    begin();
    assert_fine(
        riv__journal_put_delta(shop.journal, 1, 1, riv_cstr("x"), &shop.err));
    assert_int_equal(riv__journal_commit(shop.journal, &shop.err), RIV_EFATAL);
    assert_fine(put_batch(1, 1, riv_cstr("y")));
    assert_seen(
        riv__journal_each_delta(shop.journal, 1, 0, see_bytes, NULL, &shop.err),
        "1:y ");
}

static void put_snapshot(uint32_t op, uint64_t number, uint64_t base,
                         const char *bytes)
{
    begin();
    assert_fine(riv__journal_put_piece(shop.journal, op, number,
                                       riv_cstr(bytes), &shop.err));
    assert_fine(riv__journal_put_piece(shop.journal, op, number,
                                       riv_cstr("end"), &shop.err));
    assert_fine(
        riv__journal_put_snapshot(shop.journal, op, number, base, &shop.err));
    commit();
}

RIV_TEST(a_snapshot_counts_once_its_head_is_there)
{
    struct riv_snapshot_row row;
    shop_open();
    for (uint64_t i = 1; i <= 5; i++)
        assert_fine(put_batch(i, 1, riv_cstr("delta")));
    assert_fine(riv__journal_find_snapshot(shop.journal, 1, &row, &shop.err));
    assert_int_equal(row.snapshot, 0);
    assert_int_equal(row.delta_bytes, 25);
    put_snapshot(1, 1, 3, "first");
    begin();
    assert_fine(riv__journal_put_piece(shop.journal, 1, 2, riv_cstr("half"),
                                       &shop.err));
    commit();
    close_and_open();
    assert_fine(riv__journal_find_snapshot(shop.journal, 1, &row, &shop.err));
    assert_int_equal(row.snapshot, 1);
    assert_int_equal(row.base, 3);
    assert_int_equal(row.last, 2);
    assert_int_equal(row.pieces, 2);
    assert_int_equal(row.bytes, 8);
    assert_int_equal(row.delta_bytes, 10);
    assert_seen(
        riv__journal_each_piece(shop.journal, &row, see_bytes, NULL, &shop.err),
        "3:first 3:end ");
    begin();
    assert_fine(riv__journal_drop_pieces(shop.journal, 1, 2, &shop.err));
    commit();
    assert_fine(riv__journal_find_snapshot(shop.journal, 1, &row, &shop.err));
    assert_int_equal(row.last, 2); /* it is not used again */
}

static void tidy(uint32_t op)
{
    bool more = true;
    for (int i = 0; more && i < 100; i++) {
        begin();
        assert_fine(riv__journal_tidy(shop.journal, op, &more, &shop.err));
        commit();
    }
    assert_false(more);
}

RIV_TEST(what_two_snapshots_cover_is_dropped)
{
    struct riv_snapshot_row row;
    shop_open();
    for (uint64_t i = 1; i <= 9; i++)
        assert_fine(put_batch(i, 1, riv_cstr("d")));
    put_snapshot(1, 1, 2, "a");
    put_snapshot(1, 2, 4, "b");
    tidy(1);
    assert_seen(
        riv__journal_each_delta(shop.journal, 1, 0, see_bytes, NULL, &shop.err),
        "3:d 4:d 5:d 6:d 7:d 8:d 9:d ");
    put_snapshot(1, 3, 6, "c");
    tidy(1);
    close_and_open();
    assert_seen(
        riv__journal_each_delta(shop.journal, 1, 0, see_bytes, NULL, &shop.err),
        "5:d 6:d 7:d 8:d 9:d ");
    assert_fine(riv__journal_find_snapshot(shop.journal, 1, &row, &shop.err));
    assert_int_equal(row.snapshot, 3);
}

RIV_TEST(tidying_goes_on_in_bounded_steps)
{
    bool more = false;
    shop_open();
    for (uint64_t i = 1; i <= 600; i++)
        assert_fine(put_batch(i, 1, riv_cstr("d")));
    put_snapshot(1, 1, 590, "a");
    put_snapshot(1, 2, 599, "b");
    begin();
    assert_fine(riv__journal_tidy(shop.journal, 1, &more, &shop.err));
    commit();
    assert_true(more);
    tidy(1);
    assert_seen(
        riv__journal_each_delta(shop.journal, 1, 0, see_bytes, NULL, &shop.err),
        "591:d 592:d 593:d 594:d 595:d 596:d 597:d 598:d 599:d 600:d ");
}

RIV_TEST(pruned_batches_leave_the_last_and_those_with_deltas)
{
    struct riv_range_row range = { .source = 1 };
    shop_open();
    begin();
    uint32_t op = put_node(RIV__NODE_STATE, "a");
    commit();
    for (uint64_t i = 1; i <= 6; i++)
        assert_fine(put_batch(i, i >= 3 ? op : 0, riv_cstr("d")));
    begin();
    range.batch = 7;
    assert_fine(riv__journal_put_range(shop.journal, &range, &shop.err));
    assert_fine(riv__journal_prune(shop.journal, 6, &shop.err));
    commit();
    assert_seen(
        riv__journal_each_batch(shop.journal, 0, see_batch, NULL, &shop.err),
        "3@3000/2 4@4000/2 5@5000/2 6@6000/2 ");
    put_snapshot(op, 1, 6, "a");
    put_snapshot(op, 2, 6, "b");
    tidy(op);
    begin();
    assert_fine(riv__journal_prune(shop.journal, 100, &shop.err));
    commit();
    assert_seen(
        riv__journal_each_batch(shop.journal, 0, see_batch, NULL, &shop.err),
        "6@6000/2 ");
    assert_fine(put_batch(7, op, riv_cstr("d")));
    assert_seen(riv__journal_each_delta(shop.journal, op, 6, see_bytes, NULL,
                                        &shop.err),
                "7:d ");
}

RIV_TEST(notes_are_replaced_and_dropped)
{
    shop_open();
    begin();
    for (const char *key = "cabc"; *key; key++)
        assert_fine(riv__journal_put_note(shop.journal, 1, riv__str(key, 1),
                                          riv_cstr(key), &shop.err));
    assert_fine(riv__journal_put_note(shop.journal, 2, riv_cstr("other"),
                                      riv_cstr(""), &shop.err));
    assert_fine(
        riv__journal_drop_note(shop.journal, 1, riv_cstr("b"), &shop.err));
    assert_fine(
        riv__journal_drop_note(shop.journal, 1, riv_cstr("none"), &shop.err));
    commit();
    close_and_open();
    assert_seen(
        riv__journal_each_note(shop.journal, 1, see_note, NULL, &shop.err),
        "a=abc c=c ");
    assert_seen(
        riv__journal_each_note(shop.journal, 2, see_note, NULL, &shop.err),
        "other= ");
}

RIV_TEST(blocks_are_one_range_without_gaps)
{
    char *bytes = calloc(1, 2 * RIV__PIECE_BYTES_MAX);
    assert_non_null(bytes);
    shop_open();
    begin();
    assert_fine(riv__journal_put_block(shop.journal, 1, 100,
                                       riv__str(bytes, 50), &shop.err));
    assert_fine(riv__journal_put_block(
        shop.journal, 1, 150, riv__str(bytes, RIV__PIECE_BYTES_MAX + 10),
        &shop.err));
    assert_int_equal(riv__journal_put_block(shop.journal, 1, 151,
                                            riv__str(bytes, 5), &shop.err),
                     RIV_EFATAL);
    commit();
    assert_seen(
        riv__journal_each_block(shop.journal, 1, see_block, NULL, &shop.err),
        "100+50 150+1048576 1048726+10 ");
    begin();
    assert_fine(riv__journal_drop_blocks(shop.journal, 1, 1048725, &shop.err));
    assert_seen(
        riv__journal_each_block(shop.journal, 1, see_block, NULL, &shop.err),
        "150+1048576 1048726+10 "); /* its last byte is not used yet */
    assert_fine(riv__journal_drop_blocks(shop.journal, 1, 1048726, &shop.err));
    assert_seen(
        riv__journal_each_block(shop.journal, 1, see_block, NULL, &shop.err),
        "1048726+10 ");
    assert_fine(riv__journal_drop_blocks(shop.journal, 1, 1048730, &shop.err));
    commit();
    close_and_open();
    assert_seen(
        riv__journal_each_block(shop.journal, 1, see_block, NULL, &shop.err),
        "1048726+10 ");
    free(bytes);
}

RIV_TEST(files_are_replaced_and_the_shown_ones_forgotten)
{
    struct riv_file_row row = {
        .output = 1,
        .status = RIV__FILE_SHOWN,
        .batch = 4,
        .temporary = riv_cstr(".a.part"),
        .name = riv_cstr("a"),
        .folder = riv_cstr("out"),
        .bytes = 17,
        .sum = UINT64_C(0xfedcba9876543210),
    };
    shop_open();
    begin();
    for (row.number = 1; row.number <= 4; row.number++)
        assert_fine(riv__journal_put_file(shop.journal, &row, &shop.err));
    row.number = 2;
    row.status = RIV__FILE_CLOSED;
    assert_fine(riv__journal_put_file(shop.journal, &row, &shop.err));
    assert_fine(riv__journal_drop_files(shop.journal, 1, 100, &shop.err));
    commit();
    close_and_open();
    assert_seen(
        riv__journal_each_file(shop.journal, 1, see_file, NULL, &shop.err),
        "2/2/4:out/a<-.a.part:17:fedcba9876543210 "
        "4/3/4:out/a<-.a.part:17:fedcba9876543210 ");
}

RIV_TEST(letters_get_numbers_that_do_not_come_again)
{
    struct riv_letter_row row = {
        .batch = 3,
        .op = riv_cstr("parse"),
        .source = riv_cstr("tail:x"),
        .reason = riv_cstr("no number"),
        .raw = riv_cstr("abc"),
        .offset = -1,
    };
    shop_open();
    begin();
    for (int i = 0; i < 3; i++)
        assert_fine(riv__journal_put_letter(shop.journal, &row, &shop.err));
    assert_fine(riv__journal_drop_letters(shop.journal, 3, &shop.err));
    commit();
    close_and_open();
    begin();
    assert_fine(riv__journal_put_letter(shop.journal, &row, &shop.err));
    commit();
    assert_seen(
        riv__journal_each_letter(shop.journal, 0, see_letter, NULL, &shop.err),
        "4@3:parse:tail:x:-1:no number:abc ");
}

RIV_TEST(outboxes_and_counters_come_back)
{
    shop_open();
    begin();
    assert_fine(
        riv__journal_put_outbox(shop.journal, 1, 1, riv_cstr("a"), &shop.err));
    assert_fine(
        riv__journal_put_outbox(shop.journal, 1, 1, riv_cstr("b"), &shop.err));
    assert_fine(
        riv__journal_put_outbox(shop.journal, 1, 2, riv_cstr("c"), &shop.err));
    assert_fine(riv__journal_put_counter(shop.journal, riv_cstr("words"), 1,
                                         &shop.err));
    assert_fine(riv__journal_put_counter(shop.journal, riv_cstr("words"), -5,
                                         &shop.err));
    commit();
    close_and_open();
    assert_seen(
        riv__journal_each_outbox(shop.journal, 1, see_bytes, NULL, &shop.err),
        "1:a 1:b 2:c ");
    assert_seen(
        riv__journal_each_counter(shop.journal, see_counter, NULL, &shop.err),
        "words=-5 ");
    begin();
    assert_fine(riv__journal_drop_outbox(shop.journal, 1, 1, &shop.err));
    commit();
    assert_seen(
        riv__journal_each_outbox(shop.journal, 1, see_bytes, NULL, &shop.err),
        "2:c ");
}

/* ------------------------------------------------------ WAL and its size */

RIV_TEST(the_log_is_moved_when_it_is_large)
{
    struct stat st;
    char bytes[10000];
    memset(bytes, 'x', sizeof bytes);
    shop.conf.settings.wal_bytes_max = 256 << 10;
    shop_open();
    for (uint64_t i = 1; i <= 200; i++) {
        assert_fine(put_batch(i, 1, riv__str(bytes, sizeof bytes)));
        assert_fine(riv__journal_checkpoint(shop.journal, &shop.err));
    }
    assert_int_equal(stat(in_state("journal.db-wal"), &st), 0);
    assert_in_range(st.st_size, 1, 400 << 10);
    assert_int_equal(stat(in_state("journal.db"), &st), 0);
    assert_in_range(st.st_size, 1800000, 4000000);
    assert_true(riv__journal_bytes(shop.journal) > (16 << 20) + 1800000);
    shop_kill();
    shop_open();
    assert_int_equal(riv__journal_info(shop.journal)->batch, 200);
}

/* The number of commits in a slot of the head mark. */
static uint64_t mark_of(int slot)
{
    unsigned char p[8];
    const int fd = open(in_state("head"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, p, sizeof p, slot * 1024 + 32), sizeof p);
    close(fd);
    return riv__le_get64(p);
}

/* The others may be torn by a power cut. */
RIV_TEST(moving_the_log_leaves_a_mark_that_is_synced)
{
    shop_open();
    for (uint64_t i = 1; i <= 3; i++)
        assert_fine(put_batch(i, 1, riv_cstr("x")));
    const uint64_t commits = RIV__MAX(mark_of(0), mark_of(1));
    assert_true(RIV__MAX(mark_of(2), mark_of(3)) < commits);
    assert_fine(riv__journal_move_wal(shop.journal, &shop.err));
    assert_int_equal(RIV__MAX(mark_of(2), mark_of(3)), commits);
}

RIV_TEST(a_clean_stop_leaves_no_log)
{
    struct stat st;
    shop_open();
    assert_fine(put_batch(1, 1, riv_cstr("x")));
    shop_close();
    if (stat(in_state("journal.db-wal"), &st) == 0)
        assert_int_equal(st.st_size, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_new_journal_is_new_and_empty),
        IN_SHOP(batches_are_there_again),
        IN_SHOP(a_batch_that_is_missing_is_refused),
        IN_SHOP(a_batch_is_begun_then_done_then_published),
        IN_SHOP(a_batch_needs_the_one_before),
        IN_SHOP(nothing_is_put_outside_a_transaction),
        IN_SHOP(what_is_rolled_back_was_never_there),
        IN_SHOP(nodes_keep_their_numbers_for_ever),
        IN_SHOP(a_dropped_node_takes_everything_with_it),
        IN_SHOP(deltas_come_back_as_they_were_put),
        IN_SHOP(a_delta_without_its_batch_is_not_committed),
        IN_SHOP(a_snapshot_counts_once_its_head_is_there),
        IN_SHOP(what_two_snapshots_cover_is_dropped),
        IN_SHOP(tidying_goes_on_in_bounded_steps),
        IN_SHOP(pruned_batches_leave_the_last_and_those_with_deltas),
        IN_SHOP(notes_are_replaced_and_dropped),
        IN_SHOP(blocks_are_one_range_without_gaps),
        IN_SHOP(files_are_replaced_and_the_shown_ones_forgotten),
        IN_SHOP(letters_get_numbers_that_do_not_come_again),
        IN_SHOP(outboxes_and_counters_come_back),
        IN_SHOP(the_log_is_moved_when_it_is_large),
        IN_SHOP(moving_the_log_leaves_a_mark_that_is_synced),
        IN_SHOP(a_clean_stop_leaves_no_log),
    };
    int rc = RIV_RUN(tests);
    riv__buf_fini(&seen);
    return rc;
}
