/* store/node.c - table node: sources, operators with state and outputs, each
 * with a number for ever. */
#include "store/inside.h"

static void cells_of(const struct riv_node_row *row, struct riv_cell *cells)
{
    cells[0].i = row->id;
    cells[1].i = row->role;
    cells[2].s = row->uid;
    cells[3].s = row->kind;
    cells[4].s = row->name;
    cells[5].s = row->schema;
    cells[6].i = row->version;
    cells[7].i = row->gone;
}

static struct riv_node_row row_of(const struct riv_cell *cells)
{
    return (struct riv_node_row){
        .id = (uint32_t)cells[0].i,
        .role = (enum riv_node_role)cells[1].i,
        .uid = cells[2].s,
        .kind = cells[3].s,
        .name = cells[4].s,
        .schema = cells[5].s,
        .version = (uint32_t)cells[6].i,
        .gone = cells[7].i != 0,
    };
}

int riv__journal_put_node(struct riv_journal *journal,
                          const struct riv_node_row *row, uint32_t *ret_id,
                          struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = { { 0 } };
    RIV__TRY(riv__journal_may_put(journal, err));
    RIV__CHECK(journal->tip.nodes < UINT32_MAX, err);
    cells_of(row, cells);
    cells[0].i = journal->tip.nodes + 1;
    RIV__TRY(riv__ledger_put(&journal->ledger, RIV__NODE, cells, err));
    *ret_id = ++journal->tip.nodes;
    return 0;
}

int riv__journal_set_node(struct riv_journal *journal,
                          const struct riv_node_row *row, struct riv_err *err)
{
    struct riv_cell cells[RIV__COLUMNS_MAX] = { { 0 } };
    RIV__TRY(riv__journal_may_put(journal, err));
    cells_of(row, cells);
    int rc = riv__ledger_drop(&journal->ledger, RIV__NODE, cells, err);
    RIV__CHECK(rc != 0, err); /* a node that was never put */
    return rc < 0 ? rc
                  : riv__ledger_put(&journal->ledger, RIV__NODE, cells, err);
}

/* The deltas of other operators stay, so the sums of their batches no longer
 * fit: they hold from the next batch on. */
int riv__journal_drop_node(struct riv_journal *journal, uint32_t id,
                           struct riv_err *err)
{
    struct riv_cell key[RIV__COLUMNS_MAX] = { { .i = id } };
    RIV__TRY(riv__journal_may_put(journal, err));
    for (int i = 0; i < RIV__TABLES; i++) {
        enum riv_jtable table = (enum riv_jtable)i;
        if (!riv__jtable_def(table)->by_node)
            continue;
        int64_t n = riv__ledger_clear(&journal->ledger, table, id, err);
        if (n < 0)
            return (int)n;
        if (table == RIV__DELTA && n > 0)
            journal->tip.deltas_from = journal->tip.batch + 1;
    }
    int rc = riv__ledger_drop(&journal->ledger, RIV__NODE, key, err);
    RIV__CHECK(rc != 0, err);
    return rc < 0 ? rc : 0;
}

int riv__journal_each_node(struct riv_journal *journal, riv__node_fn *each,
                           void *arg, struct riv_err *err)
{
    struct riv_cursor cursor;
    int rc;
    RIV__TRY(riv__cursor_open(&cursor, &journal->ledger, RIV__NODE,
                              RIV__SQL_ALL_NODES, err));
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        struct riv_node_row row = row_of(cursor.cell);
        rc = each(arg, &row, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    return rc < 0 ? rc : riv__cursor_whole(&cursor, 0, err);
}
