/* store/journal.h - the journal of an application: one SQLite database in its
 * state directory, and the head mark beside it. What a batch contained, what it
 * changed and that it is finished are rows here; recovery is reading them.
 * docs/format.md is the definition of every table and encoding.
 *
 * One owner: whoever opened it, or the storage thread it was handed to
 * (store/writer.h). No other thread or process touches the files. Blobs are
 * opaque here: stream/ and io/ say what is in them. Every row has a checksum
 * over its table's name, its key and all its columns, compared on each read.
 *
 * Errors: RIV_ECHECKPOINT damaged, foreign, newer or rolled back; RIV_EBUSY
 * another process has it; RIV_EIO a durable write failed and its outcome is
 * open: nothing more may be acked or published, the process must end and
 * recover; RIV_ENOMEM. After RIV_EIO every call returns it again. */
#ifndef RIV_STORE_JOURNAL_H
#define RIV_STORE_JOURNAL_H

#include "conf/settings.h"
#include "sys/sys.h"

enum {
    RIV__JOURNAL_FORMAT = 1,
    RIV__PIECE_BYTES_MAX = 1 << 20, /* of one blob; longer ones are cut */
    RIV__POSITION_BYTES_MAX = 1 << 16,
    RIV__LETTER_BYTES_MAX = 16
                            << 20, /* of a dead letter; longer ones are cut */
    RIV__LETTER_TEXT_MAX = 4096,
};

struct riv_journal;
struct riv_rest;

struct riv_journal_spec {
    struct riv_sys *sys;
    const struct riv_settings *conf;
    const char *dir; /* made when it is missing, with mode 0700 */
    const char *app; /* the application's name: one of another is refused; to
                        look only: NULL, whichever it is */
    bool fresh;      /* set what is there aside (DIR/old-N/) and begin anew */
    uint32_t page_bytes; /* of a new database; 0: the default. For tests */
};

/* What was found. */
struct riv_journal_info {
    bool is_new;    /* nothing has ever been committed */
    bool was_clean; /* the last run ended by a clean close */
    unsigned char id[16];
    uint64_t batch;     /* the last committed one; 0: none */
    int64_t time_ms;    /* its time */
    uint64_t hash_seed; /* random, of the application, for ever */
    char app[RIV__NAME_MAX];
};

/* Looks before SQLite does, takes the lock, checks format, application, head
 * mark; makes a new one where there is no trace of an earlier run. */
int riv__journal_open(const struct riv_journal_spec *spec,
                      struct riv_journal **ret, struct riv_err *err)
    RIV__MUST_USE;
/* To look only: no byte changes, `put` and `drop` fail. RIV_ENOINPUT: there is
 * none; RIV_EBUSY: a job is running on it. Only riv__journal_abandon follows. */
int riv__journal_open_to_read(const struct riv_journal_spec *spec,
                              struct riv_journal **ret, struct riv_err *err)
    RIV__MUST_USE;
/* Everything is committed: the next opening finds it clean; or, if the disk is
 * full, durable. */
int riv__journal_close(struct riv_journal *journal, struct riv_err *err);
/* Gives up: what is not committed is lost. NULL is fine. */
void riv__journal_abandon(struct riv_journal *journal);
const struct riv_journal_info *riv__journal_info(
    const struct riv_journal *journal);

/* ---------------------------------------------------------- transactions
 * All of `put`, `drop` and `set` below go into the open one. A transaction with
 * a batch fails unless the batch before is there. */
int riv__journal_begin(struct riv_journal *journal, struct riv_err *err)
    RIV__MUST_USE;
int riv__journal_commit(struct riv_journal *journal, struct riv_err *err)
    RIV__MUST_USE;
void riv__journal_rollback(struct riv_journal *journal);
/* Commits when rc is 0, else rolls back and returns rc: the end of a transaction
 * whose puts ended with rc. After a commit that failed it is rolled back, too. */
int riv__journal_end(struct riv_journal *journal, int rc, struct riv_err *err)
    RIV__MUST_USE;
/* True after RIV_EIO of a write that found the disk, or disk.limit, full: the
 * same transaction may be tried again when there is room. Until the next
 * begin. */
bool riv__journal_is_full(const struct riv_journal *journal);
/* Bytes on disk; and how many more rows may have before disk.limit or the end
 * of the disk, the checkpoint they need counted in, and pages that dropped rows
 * have left. Between transactions. */
uint64_t riv__journal_bytes(struct riv_journal *journal);
uint64_t riv__journal_room(struct riv_journal *journal);
/* The open transaction may use the last MiB of disk.limit as well: it drops what
 * is old, or begins a run. */
void riv__journal_use_spare(struct riv_journal *journal);
/* Gives the ballast up (16 MiB, allocated when the journal was opened), so that
 * a stop can be written down on a full disk. Opening again takes it back. */
int riv__journal_give_ballast(struct riv_journal *journal, struct riv_err *err)
    RIV__MUST_USE;
/* What the move of the WAL pauses by, until the journal is closed. */
void riv__journal_set_rest(struct riv_journal *journal, struct riv_rest *rest);
/* The WAL moved into the database when it is large; call it between
 * transactions, where nothing waits. A full disk is no failure of it. */
int riv__journal_checkpoint(struct riv_journal *journal, struct riv_err *err)
    RIV__MUST_USE;
/* However small it is: where room is short, the WAL's is used again. */
int riv__journal_move_wal(struct riv_journal *journal, struct riv_err *err)
    RIV__MUST_USE;

/* ---------------------------------------------------------------- nodes
 * Sources, operators with state, and outputs by their identity. */
enum riv_node_role { RIV__NODE_SOURCE = 1, RIV__NODE_STATE, RIV__NODE_OUTPUT };

struct riv_node_row {
    uint32_t id; /* given by the journal, for ever */
    enum riv_node_role role;
    riv_str uid;      /* given by the program, or made of its place in the graph
                        (then it begins with '#') */
    riv_str kind;     /* "riv_map_with_state" */
    riv_str name;     /* of the function, or the URI: for people */
    riv_str schema;   /* of key and state: data/schema.h; "" else */
    uint32_t version; /* of the state's type */
    bool gone;        /* no longer part of the program, kept */
};

int riv__journal_put_node(struct riv_journal *journal,
                          const struct riv_node_row *row, uint32_t *ret_id,
                          struct riv_err *err) RIV__MUST_USE;
/* Same id, new uid, name, schema, version or gone. */
int riv__journal_set_node(struct riv_journal *journal,
                          const struct riv_node_row *row, struct riv_err *err)
    RIV__MUST_USE;
/* With everything of it: deltas, snapshots, notes, blocks, files. */
int riv__journal_drop_node(struct riv_journal *journal, uint32_t id,
                           struct riv_err *err) RIV__MUST_USE;
typedef int riv__node_fn(void *arg, const struct riv_node_row *row,
                         struct riv_err *err); /* below 0 ends it */
int riv__journal_each_node(struct riv_journal *journal, riv__node_fn *each,
                           void *arg, struct riv_err *err) RIV__MUST_USE;

/* --------------------------------------------------------------- batches */
enum riv_batch_status {
    RIV__BATCH_BEGUN = 1, /* its content is fixed, it may run (again) */
    RIV__BATCH_DONE,      /* its effects are in this journal */
    RIV__BATCH_PUBLISHED, /* and outside */
};

struct riv_batch_row {
    uint64_t number; /* 1, 2, ... without gaps, for ever */
    int64_t time_ms;
    enum riv_batch_status status;
    uint64_t records_in, records_bad, records_out;
    int64_t processing_us;
    riv_str body; /* of stream/commit.c: what belongs to the batch and to no
                     node, at most RIV__PIECE_BYTES_MAX */
};

/* Where a source stood before and after the batch: what it read is between. */
struct riv_range_row {
    uint64_t batch;
    uint32_t source;
    riv_str from, until; /* at most RIV__POSITION_BYTES_MAX each */
    uint64_t records, bytes;
};

/* BEGUN inserts; DONE inserts, or replaces the BEGUN row of the same number.
 * Last in its transaction: it holds number, bytes and sum of the deltas that
 * were put before it. */
int riv__journal_put_batch(struct riv_journal *journal,
                           const struct riv_batch_row *row, struct riv_err *err)
    RIV__MUST_USE;
/* The same (batch, source) again replaces. */
int riv__journal_put_range(struct riv_journal *journal,
                           const struct riv_range_row *row, struct riv_err *err)
    RIV__MUST_USE;
int riv__journal_set_published(struct riv_journal *journal, uint64_t batch,
                               struct riv_err *err) RIV__MUST_USE;
/* Batches below `before` lose their rows and ranges, but for the last. */
int riv__journal_prune(struct riv_journal *journal, uint64_t before,
                       struct riv_err *err) RIV__MUST_USE;

typedef int riv__batch_fn(void *arg, const struct riv_batch_row *row,
                          struct riv_err *err);
typedef int riv__range_fn(void *arg, const struct riv_range_row *row,
                          struct riv_err *err);
/* In ascending order, from batch `from` on. Gaps are damage. */
int riv__journal_each_batch(struct riv_journal *journal, uint64_t from,
                            riv__batch_fn *each, void *arg, struct riv_err *err)
    RIV__MUST_USE;
int riv__journal_each_range(struct riv_journal *journal, uint64_t batch,
                            riv__range_fn *each, void *arg, struct riv_err *err)
    RIV__MUST_USE;

/* ------------------------------------------------- deltas and snapshots
 * A delta is what one batch changed in one operator's state; a snapshot is all
 * of it, in pieces written over many batches: first all pieces, then the deltas
 * of batches above `base` bring it up to date. It counts once its head row is
 * there. Those of an operator are numbered 1, 2, ... */
int riv__journal_put_delta(struct riv_journal *journal, uint64_t batch,
                           uint32_t op, riv_str bytes, struct riv_err *err)
    RIV__MUST_USE;
/* Bytes that lie in several places, one behind the other. */
struct riv_parts {
    const riv_str *part;
    size_t n;
};
int riv__journal_put_parts(struct riv_journal *journal, uint64_t batch,
                           uint32_t op, struct riv_parts parts,
                           struct riv_err *err) RIV__MUST_USE;
int riv__journal_put_piece(struct riv_journal *journal, uint32_t op,
                           uint64_t snapshot, riv_str bytes,
                           struct riv_err *err) RIV__MUST_USE;
/* The head row; base: the last batch that no piece of it needs. */
int riv__journal_put_snapshot(struct riv_journal *journal, uint32_t op,
                              uint64_t snapshot, uint64_t base,
                              struct riv_err *err) RIV__MUST_USE;
/* Pieces of a snapshot without a head: a run ended in the middle. */
int riv__journal_drop_pieces(struct riv_journal *journal, uint32_t op,
                             uint64_t snapshot, struct riv_err *err)
    RIV__MUST_USE;
/* What two complete snapshots cover goes: older snapshots, and deltas up to the
 * base of the older of the two. In a transaction of its own. *ret_more: there
 * is more to do; a call drops at most some MiB. */
int riv__journal_tidy(struct riv_journal *journal, uint32_t op, bool *ret_more,
                      struct riv_err *err) RIV__MUST_USE;

struct riv_snapshot_row {
    uint32_t op;
    uint64_t snapshot, base; /* 0, 0: there is none */
    uint64_t last;           /* the highest number ever used, complete or not */
    uint64_t pieces, bytes;
    uint64_t delta_bytes; /* of deltas above base */
};

typedef int riv__bytes_fn(void *arg, uint64_t batch, riv_str bytes,
                          struct riv_err *err);
/* The newest complete one. */
int riv__journal_find_snapshot(struct riv_journal *journal, uint32_t op,
                               struct riv_snapshot_row *ret,
                               struct riv_err *err) RIV__MUST_USE;
/* Its pieces in order (`batch` is its base); fails unless all are there. What
 * was put as one piece or delta comes back as one, however it was cut. */
int riv__journal_each_piece(struct riv_journal *journal,
                            const struct riv_snapshot_row *row,
                            riv__bytes_fn *each, void *arg, struct riv_err *err)
    RIV__MUST_USE;
/* Deltas of batches above `base`, in order; fails unless the batches' sums
 * agree. */
int riv__journal_each_delta(struct riv_journal *journal, uint32_t op,
                            uint64_t base, riv__bytes_fn *each, void *arg,
                            struct riv_err *err) RIV__MUST_USE;

/* ----------------------------------------------- what a source remembers
 * Names of a dir: that were read, lines of a peer that are durable: small rows
 * by key, replaced when put again. */
int riv__journal_put_note(struct riv_journal *journal, uint32_t source,
                          riv_str key, riv_str value, struct riv_err *err)
    RIV__MUST_USE;
int riv__journal_drop_note(struct riv_journal *journal, uint32_t source,
                           riv_str key, struct riv_err *err) RIV__MUST_USE;
typedef int riv__note_fn(void *arg, riv_str key, riv_str value,
                         struct riv_err *err);
int riv__journal_each_note(struct riv_journal *journal, uint32_t source,
                           riv__note_fn *each, void *arg, struct riv_err *err)
    RIV__MUST_USE;

/* ----------------------------------------------------- received blocks
 * Bytes [from, from + n) of a source that cannot give them again. */
int riv__journal_put_block(struct riv_journal *journal, uint32_t source,
                           uint64_t from, riv_str bytes, struct riv_err *err)
    RIV__MUST_USE;
/* Blocks that end at or below `until`. */
int riv__journal_drop_blocks(struct riv_journal *journal, uint32_t source,
                             uint64_t until, struct riv_err *err) RIV__MUST_USE;
typedef int riv__block_fn(void *arg, uint64_t from, riv_str bytes,
                          struct riv_err *err);
/* In ascending order; a gap is damage. */
int riv__journal_each_block(struct riv_journal *journal, uint32_t source,
                            riv__block_fn *each, void *arg, struct riv_err *err)
    RIV__MUST_USE;

/* ------------------------------------------------------- output files */
enum riv_file_status {
    RIV__FILE_OPEN = 1, /* has its temporary name; valid up to `bytes` */
    RIV__FILE_CLOSED,   /* complete; is to be renamed */
    RIV__FILE_SHOWN,    /* has its final name */
};

struct riv_file_row {
    uint32_t output;
    uint64_t number; /* 1, 2, ... of the output */
    enum riv_file_status status;
    uint64_t batch;          /* the last that wrote into it */
    riv_str temporary, name; /* within the output's folder */
    riv_str folder;
    uint64_t bytes;    /* committed length */
    uint64_t sum;      /* XXH3-64 of these bytes */
    int64_t opened_ms; /* batch time of its first bytes */
};

int riv__journal_put_file(struct riv_journal *journal,
                          const struct riv_file_row *row, struct riv_err *err)
    RIV__MUST_USE; /* the same (output, number) again replaces */
/* SHOWN files but the last of each output. */
int riv__journal_drop_files(struct riv_journal *journal, uint32_t output,
                            uint64_t below, struct riv_err *err) RIV__MUST_USE;
typedef int riv__file_fn(void *arg, const struct riv_file_row *row,
                         struct riv_err *err);
int riv__journal_each_file(struct riv_journal *journal, uint32_t output,
                           riv__file_fn *each, void *arg, struct riv_err *err)
    RIV__MUST_USE;

/* ------------------------------------- dead letters, outbox, counters */
struct riv_letter_row {
    uint64_t id; /* given by the journal, ascending */
    uint64_t batch;
    riv_str op, source, reason;
    riv_str raw;
    uint64_t raw_bytes; /* of the record; more than raw.n: raw was cut */
    int64_t offset, time_ms;
};
/* Ignores id and raw_bytes. */
int riv__journal_put_letter(struct riv_journal *journal,
                            const struct riv_letter_row *row,
                            struct riv_err *err) RIV__MUST_USE;
typedef int riv__letter_fn(void *arg, const struct riv_letter_row *row,
                           struct riv_err *err);
int riv__journal_each_letter(struct riv_journal *journal, uint64_t from_id,
                             riv__letter_fn *each, void *arg,
                             struct riv_err *err) RIV__MUST_USE;
int riv__journal_drop_letters(struct riv_journal *journal, uint64_t upto_id,
                              struct riv_err *err) RIV__MUST_USE;
/* One, which is there. */
int riv__journal_drop_letter(struct riv_journal *journal, uint64_t id,
                             struct riv_err *err) RIV__MUST_USE;

int riv__journal_put_outbox(struct riv_journal *journal, uint32_t output,
                            uint64_t batch, riv_str bytes, struct riv_err *err)
    RIV__MUST_USE;
int riv__journal_drop_outbox(struct riv_journal *journal, uint32_t output,
                             uint64_t upto_batch, struct riv_err *err)
    RIV__MUST_USE;
int riv__journal_each_outbox(struct riv_journal *journal, uint32_t output,
                             riv__bytes_fn *each, void *arg,
                             struct riv_err *err) RIV__MUST_USE;

int riv__journal_put_counter(struct riv_journal *journal, riv_str name,
                             int64_t value, struct riv_err *err) RIV__MUST_USE;
typedef int riv__counter_fn(void *arg, riv_str name, int64_t value,
                            struct riv_err *err);
int riv__journal_each_counter(struct riv_journal *journal,
                              riv__counter_fn *each, void *arg,
                              struct riv_err *err) RIV__MUST_USE;

/* ------------------------------------------------------------- checking */
/* Goes through everything: structure, checksums, gaps, heads. Reports each
 * finding in words; the number of findings, or an error. For fsck: on a copy
 * (opening may change files), see store/check.h. */
typedef void riv__finding_fn(void *arg, const char *text);
int riv__journal_check(struct riv_journal *journal, riv__finding_fn *report,
                       void *arg, struct riv_err *err) RIV__MUST_USE;

#endif
