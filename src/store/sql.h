/* store/sql.h - every statement of the journal that is not made of a table's
 * description: prepared once, kept, found by name. */
#ifndef RIV_STORE_SQL_H
#define RIV_STORE_SQL_H

/* Sums are taken modulo 2^64 and SQL's sum() fails beyond 2^63: two halves. */
#define RIV__SQL_SUMS "sum(sum & 4294967295), sum((sum >> 32) & 4294967295)"

#define RIV__SQLS(X) \
    X(SCHEMA, "SELECT type, name, sql FROM sqlite_schema WHERE NOT " \
              "(type = 'index' AND sql IS NULL)") \
    X(QUICK_CHECK, "PRAGMA quick_check(1)") \
    X(INTEGRITY_CHECK, "PRAGMA integrity_check(20)") \
    X(PAGE_COUNT, "PRAGMA page_count") \
    X(FREE_PAGES, "PRAGMA freelist_count") \
    X(BEGIN, "BEGIN IMMEDIATE") \
    X(COMMIT, "COMMIT") \
    X(ROLLBACK, "ROLLBACK") \
    X(ALL_META, "SELECT * FROM meta ORDER BY name") \
    X(ALL_TIPS, "SELECT * FROM tip") \
    X(ALL_TALLIES, "SELECT * FROM tally ORDER BY table_name, node") \
    X(ALL_NODES, "SELECT * FROM node ORDER BY id") \
    X(ALL_BATCHES, "SELECT * FROM batch ORDER BY number") \
    X(BATCH_SPAN, "SELECT min(number), max(number) FROM batch") \
    X(ONE_BATCH, "SELECT * FROM batch WHERE number = ?") \
    X(DROP_BATCHES, "DELETE FROM batch WHERE number < ? RETURNING sum") \
    X(RANGES, "SELECT * FROM range WHERE batch = ? ORDER BY source") \
    X(RANGE_SUMS, \
      "SELECT count(*), " RIV__SQL_SUMS " FROM range WHERE batch = ?") \
    X(DROP_RANGES, "DELETE FROM range WHERE batch < ? RETURNING sum") \
    X(DELTAS_ABOVE, \
      "SELECT * FROM delta WHERE op = ? AND batch > ? ORDER BY batch, piece") \
    X(DELTAS_UPTO, \
      "SELECT op, batch, sum FROM delta WHERE op = ? AND batch <= ?") \
    X(DELTA_OLDEST, "SELECT min(batch) FROM delta WHERE op = ?") \
    X(DELTA_LAST, "SELECT max(piece) FROM delta WHERE op = ? AND batch = ?") \
    X(DELTA_KEYS, \
      "SELECT batch, piece, length(bytes) FROM delta WHERE op = ? AND " \
      "batch <= ? ORDER BY batch, piece") \
    X(DROP_DELTAS, \
      "DELETE FROM delta WHERE op = ?1 AND (batch < ?2 OR (batch = ?2 AND " \
      "piece <= ?3)) RETURNING sum") \
    X(DELTA_BYTES, \
      "SELECT sum(length(bytes)) FROM delta WHERE op = ? AND batch > ?") \
    X(DELTA_SUMS, "SELECT batch, count(*), sum(length(bytes)), " RIV__SQL_SUMS \
                  " FROM delta GROUP BY batch ORDER BY batch") \
    X(SNAPSHOTS, "SELECT * FROM snapshot WHERE op = ? ORDER BY number DESC") \
    X(ONE_SNAPSHOT, "SELECT * FROM snapshot WHERE op = ? AND number = ?") \
    X(DROP_SNAPSHOTS, \
      "DELETE FROM snapshot WHERE op = ? AND number < ? RETURNING sum") \
    X(PIECES, \
      "SELECT * FROM piece WHERE op = ? AND snapshot = ? ORDER BY piece") \
    X(PIECE_SUMS, "SELECT count(*), sum(length(bytes)), " RIV__SQL_SUMS \
                  " FROM piece WHERE op = ? AND snapshot = ?") \
    X(PIECE_LAST, \
      "SELECT max(piece) FROM piece WHERE op = ? AND snapshot = ?") \
    X(PIECE_KEYS, \
      "SELECT snapshot, piece, length(bytes) FROM piece WHERE op = ? AND " \
      "snapshot <= ? ORDER BY snapshot, piece") \
    X(DROP_PIECES, \
      "DELETE FROM piece WHERE op = ?1 AND (snapshot < ?2 OR (snapshot = ?2 " \
      "AND piece <= ?3)) RETURNING sum") \
    X(DROP_SNAPSHOT_PIECES, \
      "DELETE FROM piece WHERE op = ? AND snapshot = ? RETURNING sum") \
    X(NOTES, "SELECT * FROM note WHERE source = ? ORDER BY key") \
    X(BLOCKS, "SELECT * FROM block WHERE source = ? ORDER BY from_byte") \
    X(BLOCK_LAST, "SELECT from_byte + length FROM block WHERE source = ? " \
                  "ORDER BY from_byte DESC LIMIT 1") \
    X(DROP_BLOCKS, \
      "DELETE FROM block WHERE source = ?1 AND from_byte < ?2 AND " \
      "from_byte + length <= ?2 RETURNING sum") \
    X(FILES, "SELECT * FROM file WHERE output = ? ORDER BY number") \
    X(DROP_FILES, \
      "DELETE FROM file WHERE output = ?1 AND number < ?2 AND status = 3 AND " \
      "number < (SELECT max(number) FROM file WHERE output = ?1) " \
      "RETURNING sum") \
    X(LETTERS, "SELECT * FROM letter WHERE id >= ? ORDER BY id") \
    X(DROP_LETTERS, "DELETE FROM letter WHERE id <= ? RETURNING sum") \
    X(OUTBOXES, "SELECT * FROM outbox WHERE output = ? ORDER BY batch, piece") \
    X(OUTBOX_LAST, \
      "SELECT max(piece) FROM outbox WHERE output = ? AND batch = ?") \
    X(DROP_OUTBOXES, \
      "DELETE FROM outbox WHERE output = ? AND batch <= ? RETURNING sum") \
    X(COUNTERS, "SELECT * FROM counter ORDER BY name")

enum riv_sql {
#define RIV__SQL_NAME(name, text) RIV__SQL_##name,
    RIV__SQLS(RIV__SQL_NAME)
#undef RIV__SQL_NAME
        RIV__SQL_COUNT
};

#endif
