/* store/check.c - everything that is written down twice is compared: structure
 * by SQLite, checksums, tallies, numbers without gaps, heads with their pieces.
 * A finding does not end it. */
#include "store/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/open.h"

struct checker {
    struct riv_journal *journal;
    riv__finding_fn *report;
    void *arg;
    int findings;
};

enum { FINDINGS_MAX = 1000 }; /* a journal of rubbish is not listed whole */

static void find(struct checker *checker, const char *text)
{
    if (checker->findings < FINDINGS_MAX)
        checker->report(checker->arg, text);
    checker->findings++;
}

/* Damage is a finding, anything else ends the check. */
static int judge(struct checker *checker, int rc, struct riv_err *err)
{
    if (rc != RIV_ECHECKPOINT)
        return rc < 0 ? rc : 0;
    find(checker, err->text);
    return 0;
}

static int check_structure(struct checker *checker, struct riv_err *err)
{
    struct riv_db *db = &checker->journal->db;
    sqlite3_stmt *stmt;
    int rc;
    RIV__TRY(riv__db_sql(db, RIV__SQL_INTEGRITY_CHECK, &stmt, err));
    while ((rc = riv__db_step(db, stmt, err)) > 0) {
        const char *text;
        char shown[200];
        rc = riv__db_text(db, stmt, 0, &text, err);
        if (rc < 0)
            break;
        if (strcmp(text, "ok") != 0)
            find(checker, riv__str_show(shown, sizeof shown, riv_cstr(text)));
    }
    sqlite3_reset(stmt);
    return judge(checker, rc, err);
}

/* -------------------------------------------------------- rows and tallies */

/* The rows of one node so far; they come sorted by it. */
struct part {
    uint32_t node;
    uint64_t rows, sums;
};

static void end_part(struct checker *checker, enum riv_jtable table,
                     const struct part *part)
{
    char text[160];
    struct riv_tally tally =
        riv__ledger_tally(&checker->journal->ledger, table, part->node);
    if (tally.rows == part->rows && tally.sums == part->sums)
        return;
    snprintf(text, sizeof text,
             "table %s, node %u: %llu rows, and the tally speaks of %llu%s",
             riv__jtable_def(table)->name, part->node,
             (unsigned long long)part->rows, (unsigned long long)tally.rows,
             tally.rows == part->rows ? "; their sums differ" : "");
    find(checker, text);
}

static bool is_tallied(enum riv_jtable table)
{
    return table != RIV__META && table != RIV__TIP && table != RIV__TALLY;
}

/* What there must be, of nodes without a row as well. */
static uint64_t tallied_rows(const struct riv_ledger *ledger,
                             enum riv_jtable table)
{
    uint64_t n = 0;
    for (size_t i = 0; i < ledger->n; i++)
        if (ledger->tallies[i].table == table)
            n += ledger->tallies[i].rows;
    return n;
}

static int check_table(struct checker *checker, enum riv_jtable table,
                       struct riv_err *err)
{
    struct riv_ledger *ledger = &checker->journal->ledger;
    bool by_node = riv__jtable_def(table)->by_node;
    struct riv_cursor cursor = { .ledger = ledger, .table = table };
    struct part part = { 0 };
    uint64_t all = 0;
    int rc;
    RIV__TRY(riv__db_verb(ledger->db, table, RIV__DB_ALL, &cursor.stmt, err));
    while ((rc = riv__cursor_next(&cursor, err)) != 0) {
        if (rc < 0 &&
            (rc != RIV_ECHECKPOINT || !sqlite3_stmt_busy(cursor.stmt)))
            break;
        uint32_t node = by_node ? (uint32_t)cursor.cell[0].i : 0;
        if (rc < 0)
            find(checker, err->text);
        if (node != part.node) {
            if (part.rows > 0)
                end_part(checker, table, &part);
            part = (struct part){ .node = node };
        }
        part.rows++;
        part.sums += cursor.sum;
        all++;
    }
    riv__cursor_close(&cursor);
    if (part.rows > 0)
        end_part(checker, table, &part);
    if (rc == 0 && all != tallied_rows(ledger, table)) {
        char text[96];
        snprintf(text, sizeof text, "table %s: %llu rows, tallied %llu",
                 riv__jtable_def(table)->name, (unsigned long long)all,
                 (unsigned long long)tallied_rows(ledger, table));
        find(checker, text);
    }
    return judge(checker, rc, err);
}

/* ------------------------------------------------------ what hangs together */

static int pass_batch(void *arg, const struct riv_batch_row *row,
                      struct riv_err *err)
{
    (void)arg, (void)row, (void)err;
    return 0;
}

static int pass_range(void *arg, const struct riv_range_row *row,
                      struct riv_err *err)
{
    (void)arg, (void)row, (void)err;
    return 0;
}

static int pass_bytes(void *arg, uint64_t number, riv_str bytes,
                      struct riv_err *err)
{
    (void)arg, (void)number, (void)bytes, (void)err;
    return 0;
}

static int check_batches(struct checker *checker, struct riv_err *err)
{
    struct riv_journal *journal = checker->journal;
    struct riv_db *db = &journal->db;
    sqlite3_stmt *stmt;
    int64_t span[2];
    RIV__TRY(judge(checker,
                   riv__journal_each_batch(journal, 0, pass_batch, NULL, err),
                   err));
    RIV__TRY(judge(checker, riv__deltas_check(journal, err), err));
    RIV__TRY(riv__db_sql(db, RIV__SQL_BATCH_SPAN, &stmt, err));
    int rc = riv__db_numbers(db, stmt, span, 2, err);
    for (int64_t i = span[0]; rc == 0 && i > 0 && i <= span[1]; i++)
        rc = judge(checker,
                   riv__journal_each_range(journal, (uint64_t)i, pass_range,
                                           NULL, err),
                   err);
    return judge(checker, rc, err);
}

static int check_snapshots(struct checker *checker, uint32_t op,
                           struct riv_err *err)
{
    struct riv_journal *journal = checker->journal;
    struct riv_snapshot_row row;
    int rc = riv__journal_find_snapshot(journal, op, &row, err);
    if (rc == 0)
        rc = riv__journal_each_piece(journal, &row, pass_bytes, NULL, err);
    return judge(checker, rc, err);
}

/* Heads of older ones: their pieces are there, whether read or not. */
static int check_heads(struct checker *checker, struct riv_err *err)
{
    struct riv_journal *journal = checker->journal;
    struct riv_cursor cursor = { .ledger = &journal->ledger,
                                 .table = RIV__SNAPSHOT };
    int rc;
    RIV__TRY(riv__db_verb(&journal->db, RIV__SNAPSHOT, RIV__DB_ALL,
                          &cursor.stmt, err));
    while ((rc = riv__cursor_next(&cursor, err)) > 0) {
        rc = riv__snapshot_check(journal, (uint32_t)cursor.cell[0].i,
                                 (uint64_t)cursor.cell[1].i, err);
        rc = judge(checker, rc, err);
        if (rc < 0)
            break;
    }
    riv__cursor_close(&cursor);
    return judge(checker, rc, err);
}

static int pass_block(void *arg, uint64_t from, riv_str bytes,
                      struct riv_err *err)
{
    (void)arg, (void)from, (void)bytes, (void)err;
    return 0;
}

static int check_part(struct checker *checker, enum riv_jtable table,
                      uint32_t node, struct riv_err *err)
{
    struct riv_journal *journal = checker->journal;
    switch (table) {
    case RIV__DELTA:
        return judge(
            checker,
            riv__journal_each_delta(journal, node, 0, pass_bytes, NULL, err),
            err);
    case RIV__SNAPSHOT: return check_snapshots(checker, node, err);
    case RIV__BLOCK:
        return judge(
            checker,
            riv__journal_each_block(journal, node, pass_block, NULL, err), err);
    case RIV__OUTBOX:
        return judge(
            checker,
            riv__journal_each_outbox(journal, node, pass_bytes, NULL, err),
            err);
    default: return 0;
    }
}

int riv__journal_check(struct riv_journal *journal, riv__finding_fn *report,
                       void *arg, struct riv_err *err)
{
    struct checker checker = { journal, report, arg, 0 };
    struct riv_err own; /* findings are told from its words */
    struct riv_err *why = err ? err : &own;
    RIV__TRY(check_structure(&checker, why));
    for (int i = 0; i < RIV__TABLES; i++)
        if (is_tallied((enum riv_jtable)i))
            RIV__TRY(check_table(&checker, (enum riv_jtable)i, why));
    RIV__TRY(check_batches(&checker, why));
    RIV__TRY(check_heads(&checker, why));
    for (size_t i = 0; i < journal->ledger.n; i++)
        RIV__TRY(check_part(&checker, journal->ledger.tallies[i].table,
                            journal->ledger.tallies[i].node, why));
    return checker.findings;
}

static void tell_tables(const struct riv_check_spec *spec,
                        const struct riv_journal *journal)
{
    for (int i = 0; spec->table && i < RIV__TABLES; i++) {
        enum riv_jtable table = (enum riv_jtable)i;
        if (is_tallied(table))
            spec->table(spec->arg, riv__jtable_def(table)->name,
                        tallied_rows(&journal->ledger, table));
    }
}

int riv__check_dir(const struct riv_check_spec *spec, struct riv_err *err)
{
    struct riv_err why = { 0 };
    struct riv_journal_spec open = {
        .sys = spec->sys,
        .conf = spec->conf,
        .dir = spec->dir,
    };
    struct riv_journal *journal = calloc(1, sizeof *journal);
    if (!journal)
        return riv__err_set(err, RIV_ENOMEM, "out of memory");
    int rc = riv__open_to_read(journal, &open, &why);
    if (rc == 0)
        tell_tables(spec, journal);
    if (rc == 0)
        rc = riv__journal_check(journal, spec->report, spec->arg, &why);
    riv__journal_abandon(journal);
    if (rc == RIV_ECHECKPOINT) {
        spec->report(spec->arg, why.text);
        return 1;
    }
    return rc < 0 ? riv__open_refuse(spec->dir, rc, &why, err) : rc;
}
