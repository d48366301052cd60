/* store/table.c - columns of every table. The sum stands before a blob, so that
 * reading it does not follow the blob's pages. Tables with one whole number as
 * key are SQLite's ordinary ones, others are sorted by their key; but not those
 * with long blobs, whose keys are in an index beside them: SQLite compares whole
 * rows of a table that is sorted by its key, blobs and all. */
#include "store/table.h"

#include "base/macro.h"

#define INT(name_) \
    { \
        .name = name_, .kind = RIV__COLUMN_INT \
    }
#define TEXT(name_) \
    { \
        .name = name_, .kind = RIV__COLUMN_TEXT \
    }
#define BLOB(name_) \
    { \
        .name = name_, .kind = RIV__COLUMN_BLOB \
    }
#define SUM \
    { \
        .name = "sum", .kind = RIV__COLUMN_SUM \
    }

static const struct riv_column meta[] = { TEXT("name"), TEXT("value"), SUM };
static const struct riv_column tip[] = {
    INT("one"),         INT("commits"), INT("batch"),   INT("time_ms"),
    INT("deltas_from"), INT("nodes"),   INT("letters"), SUM,
};
static const struct riv_column tally[] = {
    TEXT("table_name"), INT("node"),        INT("row_count"),
    INT("row_sums"),    INT("last_number"), SUM,
};
static const struct riv_column node[] = {
    INT("id"),      INT("role"),    TEXT("uid"), TEXT("kind"), TEXT("name"),
    TEXT("schema"), INT("version"), INT("gone"), SUM,
};
static const struct riv_column batch[] = {
    INT("number"),
    INT("time_ms"),
    INT("status"),
    INT("records_in"),
    INT("records_bad"),
    INT("records_out"),
    INT("processing_us"),
    INT("ranges"),
    INT("range_sums"),
    INT("pieces"),
    INT("piece_bytes"),
    INT("piece_sums"),
    SUM,
    BLOB("body"),
};
static const struct riv_column range[] = {
    INT("batch"), INT("source"),    INT("records"),    INT("bytes"),
    SUM,          BLOB("from_pos"), BLOB("until_pos"),
};
static const struct riv_column delta[] = {
    INT("op"), INT("batch"), INT("piece"), INT("more"), SUM, BLOB("bytes"),
};
static const struct riv_column snapshot[] = {
    INT("op"),          INT("number"),     INT("base"), INT("pieces"),
    INT("piece_bytes"), INT("piece_sums"), SUM,
};
static const struct riv_column piece[] = {
    INT("op"), INT("snapshot"), INT("piece"), INT("more"), SUM, BLOB("bytes"),
};
static const struct riv_column note[] = {
    INT("source"),
    BLOB("key"),
    SUM,
    BLOB("value"),
};
static const struct riv_column block[] = {
    INT("source"), INT("from_byte"), INT("length"), SUM, BLOB("bytes"),
};
static const struct riv_column file[] = {
    INT("output"),
    INT("number"),
    INT("status"),
    INT("batch"),
    INT("bytes"),
    INT("bytes_sum"),
    INT("opened_ms"),
    TEXT("folder"),
    TEXT("temporary"),
    TEXT("name"),
    SUM,
};
static const struct riv_column letter[] = {
    INT("id"),     INT("batch"),   INT("time_ms"),   TEXT("op"), TEXT("source"),
    INT("offset"), TEXT("reason"), INT("raw_bytes"), SUM,        BLOB("raw"),
};
static const struct riv_column outbox[] = {
    INT("output"), INT("batch"), INT("piece"), INT("more"), SUM, BLOB("bytes"),
};
static const struct riv_column counter[] = { TEXT("name"), INT("value"), SUM };

#define DEF(name_, keys_, by_node_) \
    { \
        .name = #name_, .keys = keys_, .n = RIV__LEN(name_), \
        .by_node = by_node_, .columns = name_ \
    }
#define LONG(name_, keys_) \
    { \
        .name = #name_, .keys = keys_, .n = RIV__LEN(name_), .by_node = true, \
        .is_long = true, .columns = name_ \
    }

static const struct riv_jtable_def defs[RIV__TABLES] = {
    [RIV__META] = DEF(meta, 1, false),
    [RIV__TIP] = DEF(tip, 1, false),
    [RIV__TALLY] = DEF(tally, 2, false),
    [RIV__NODE] = DEF(node, 1, false),
    [RIV__BATCH] = DEF(batch, 1, false),
    [RIV__RANGE] = DEF(range, 2, false),
    [RIV__DELTA] = LONG(delta, 3),
    [RIV__SNAPSHOT] = DEF(snapshot, 2, true),
    [RIV__PIECE] = LONG(piece, 3),
    [RIV__NOTE] = DEF(note, 2, true),
    [RIV__BLOCK] = LONG(block, 2),
    [RIV__FILE] = DEF(file, 2, true),
    [RIV__LETTER] = DEF(letter, 1, false),
    [RIV__OUTBOX] = LONG(outbox, 3),
    [RIV__COUNTER] = DEF(counter, 1, false),
};

_Static_assert(RIV__LEN(batch) <= RIV__COLUMNS_MAX, "the widest table");

const struct riv_jtable_def *riv__jtable_def(enum riv_jtable table)
{
    return &defs[table];
}

static const char *type_of(char kind)
{
    switch (kind) {
    case RIV__COLUMN_TEXT: return "TEXT";
    case RIV__COLUMN_BLOB: return "BLOB";
    default: return "INTEGER";
    }
}

void riv__jtable_create_sql(enum riv_jtable table, struct riv_buf *buf)
{
    const struct riv_jtable_def *def = &defs[table];
    bool is_rowid = def->is_long ||
                    (def->keys == 1 && def->columns[0].kind == RIV__COLUMN_INT);
    riv__buf_printf(buf, "CREATE TABLE %s (\n", def->name);
    for (unsigned i = 0; i < def->n; i++)
        riv__buf_printf(buf, "    %s %s NOT NULL,\n", def->columns[i].name,
                        type_of(def->columns[i].kind));
    riv__buf_str(buf, "    PRIMARY KEY (");
    for (unsigned i = 0; i < def->keys; i++)
        riv__buf_printf(buf, "%s%s", i ? ", " : "", def->columns[i].name);
    riv__buf_printf(buf, ")\n) STRICT%s", is_rowid ? "" : ", WITHOUT ROWID");
}

void riv__jtable_put_sql(enum riv_jtable table, const char *verb,
                         struct riv_buf *buf)
{
    riv__buf_printf(buf, "%s INTO %s VALUES (?", verb, defs[table].name);
    for (unsigned i = 1; i < defs[table].n; i++)
        riv__buf_str(buf, ", ?");
    riv__buf_char(buf, ')');
}

void riv__jtable_drop_sql(enum riv_jtable table, struct riv_buf *buf)
{
    const struct riv_jtable_def *def = &defs[table];
    riv__buf_printf(buf, "DELETE FROM %s", def->name);
    for (unsigned i = 0; i < def->keys; i++)
        riv__buf_printf(buf, "%s %s = ?", i ? " AND" : " WHERE",
                        def->columns[i].name);
    riv__buf_str(buf, " RETURNING sum");
}

void riv__jtable_clear_sql(enum riv_jtable table, struct riv_buf *buf)
{
    riv__buf_printf(buf, "DELETE FROM %s WHERE %s = ? RETURNING sum",
                    defs[table].name, defs[table].columns[0].name);
}

void riv__jtable_all_sql(enum riv_jtable table, struct riv_buf *buf)
{
    const struct riv_jtable_def *def = &defs[table];
    riv__buf_printf(buf, "SELECT * FROM %s ORDER BY ", def->name);
    for (unsigned i = 0; i < def->keys; i++)
        riv__buf_printf(buf, "%s%s", i ? ", " : "", def->columns[i].name);
}
