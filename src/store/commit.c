/* store/commit.c - the message of a batch: rows copied into its arena, blobs
 * whose buffers go from message to message. The batch's own row goes last,
 * because it holds the sums of what stands before it. */
#include "store/commit.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"

enum {
    ARENA_FIRST_BYTES = 4096,
    ARENA_KEEP_BYTES = 256 * 1024,
    PARTS = 64, /* blobs of a delta that are put into one row, if they fit */
};

void riv__commit_init(struct riv_commit *commit)
{
    *commit = (struct riv_commit){ .serial = 0 };
    riv__arena_init(&commit->arena, ARENA_FIRST_BYTES);
}

static struct riv_spares *spares_of(const struct riv_commit *commit,
                                    enum riv_blob_kind kind)
{
    return &commit->spares[kind == RIV__BLOB_DELTA ? 0 : 1];
}

void riv__commit_blob_drop(struct riv_commit *commit)
{
    struct riv_commit_blob *blob = &commit->blob[--commit->nblob];
    struct riv_buf *bytes = &blob->bytes;
    if (commit->spares)
        riv__spares_give(spares_of(commit, blob->kind), bytes);
    else
        riv__buf_fini(bytes);
}

static void blobs_reset(struct riv_commit *commit)
{
    while (commit->nblob > 0)
        riv__commit_blob_drop(commit);
}

void riv__commit_fini(struct riv_commit *commit)
{
    blobs_reset(commit);
    riv__arena_fini(&commit->arena);
    free(commit->range);
    free(commit->note);
    free(commit->blob);
    free(commit->file);
    free(commit->letter);
    free(commit->letter_drop);
    free(commit->counter);
    free(commit->used);
    *commit = (struct riv_commit){ .serial = 0 };
}

void riv__commit_reset(struct riv_commit *commit)
{
    blobs_reset(commit);
    riv__arena_reset(&commit->arena, ARENA_KEEP_BYTES);
    commit->batch = (struct riv_batch_row){ .number = 0 };
    commit->nrange = commit->nnote = commit->nfile = 0;
    commit->nletter = commit->ncounter = commit->nused = 0;
    commit->nletter_drop = 0;
    commit->prune_before = 0;
    commit->publishes = false;
    commit->next = NULL;
}

uint64_t riv__commit_bytes(const struct riv_commit *commit)
{
    uint64_t n = 0;
    for (size_t i = 0; i < commit->nblob; i++)
        n += commit->blob[i].bytes.n;
    return n;
}

static int copy(struct riv_commit *commit, riv_str *s)
{
    if (s->n == 0)
        return 0;
    s->p = riv__arena_copy(&commit->arena, s->p, s->n);
    return s->p ? 0 : RIV_ENOMEM;
}

int riv__commit_range(struct riv_commit *commit,
                      const struct riv_range_row *row)
{
    RIV__TRY(
        RIV__VEC_ROOM(commit->range, commit->range_cap, commit->nrange + 1));
    struct riv_range_row *to = &commit->range[commit->nrange];
    *to = *row;
    RIV__TRY(copy(commit, &to->from));
    RIV__TRY(copy(commit, &to->until));
    commit->nrange++;
    return 0;
}

int riv__commit_note(struct riv_commit *commit,
                     const struct riv_commit_note *note)
{
    RIV__TRY(RIV__VEC_ROOM(commit->note, commit->note_cap, commit->nnote + 1));
    struct riv_commit_note *to = &commit->note[commit->nnote];
    *to = *note;
    RIV__TRY(copy(commit, &to->key));
    RIV__TRY(copy(commit, &to->value));
    commit->nnote++;
    return 0;
}

int riv__commit_file(struct riv_commit *commit, const struct riv_file_row *row)
{
    RIV__TRY(RIV__VEC_ROOM(commit->file, commit->file_cap, commit->nfile + 1));
    struct riv_file_row *to = &commit->file[commit->nfile];
    *to = *row;
    RIV__TRY(copy(commit, &to->temporary));
    RIV__TRY(copy(commit, &to->name));
    RIV__TRY(copy(commit, &to->folder));
    commit->nfile++;
    return 0;
}

int riv__commit_letter(struct riv_commit *commit,
                       const struct riv_letter_row *row)
{
    RIV__TRY(
        RIV__VEC_ROOM(commit->letter, commit->letter_cap, commit->nletter + 1));
    struct riv_letter_row *to = &commit->letter[commit->nletter];
    *to = *row;
    RIV__TRY(copy(commit, &to->op));
    RIV__TRY(copy(commit, &to->source));
    RIV__TRY(copy(commit, &to->reason));
    RIV__TRY(copy(commit, &to->raw));
    commit->nletter++;
    return 0;
}

int riv__commit_letter_drop(struct riv_commit *commit, uint64_t id)
{
    RIV__TRY(RIV__VEC_ROOM(commit->letter_drop, commit->letter_drop_cap,
                           commit->nletter_drop + 1));
    commit->letter_drop[commit->nletter_drop++] = id;
    return 0;
}

int riv__commit_counter(struct riv_commit *commit, riv_str name, int64_t value)
{
    RIV__TRY(RIV__VEC_ROOM(commit->counter, commit->counter_cap,
                           commit->ncounter + 1));
    struct riv_commit_counter *to = &commit->counter[commit->ncounter];
    *to = (struct riv_commit_counter){ .name = name, .value = value };
    RIV__TRY(copy(commit, &to->name));
    commit->ncounter++;
    return 0;
}

int riv__commit_used(struct riv_commit *commit, uint32_t source, uint64_t until)
{
    RIV__TRY(RIV__VEC_ROOM(commit->used, commit->used_cap, commit->nused + 1));
    commit->used[commit->nused++] =
        (struct riv_commit_used){ .source = source, .until = until };
    return 0;
}

struct riv_commit_blob *riv__commit_blob(struct riv_commit *commit,
                                         enum riv_blob_kind kind, uint32_t op)
{
    if (RIV__VEC_ROOM(commit->blob, commit->blob_cap, commit->nblob + 1) < 0)
        return NULL;
    struct riv_commit_blob *blob = &commit->blob[commit->nblob++];
    *blob = (struct riv_commit_blob){ .kind = kind, .op = op };
    if (commit->spares)
        blob->bytes = riv__spares_take(spares_of(commit, kind));
    return blob;
}

/* ------------------------------------------------------ into the journal */

/* Blobs of one delta, as many as are put at once; *ret_n: how many. */
static int put_delta(const struct riv_commit *commit, size_t first,
                     struct riv_journal *journal, size_t *ret_n,
                     struct riv_err *err)
{
    const struct riv_commit_blob *blob = &commit->blob[first];
    const size_t most = RIV__MIN(commit->nblob - first, (size_t)PARTS);
    riv_str part[PARTS];
    size_t n = 0;
    for (;
         n < most && blob[n].kind == RIV__BLOB_DELTA && blob[n].op == blob->op;
         n++)
        part[n] = (riv_str){ blob[n].bytes.p, blob[n].bytes.n };
    RIV__TRY(riv__journal_put_parts(journal, commit->batch.number, blob->op,
                                    (struct riv_parts){ part, n }, err));
    *ret_n = n;
    return 0;
}

static int put_blob(const struct riv_commit *commit,
                    const struct riv_commit_blob *blob,
                    struct riv_journal *journal, struct riv_err *err)
{
    const riv_str bytes = { blob->bytes.p, blob->bytes.n };
    switch (blob->kind) {
    case RIV__BLOB_DELTA: break; /* several at once: put_delta */
    case RIV__BLOB_PIECE:
        return riv__journal_put_piece(journal, blob->op, blob->snapshot, bytes,
                                      err);
    case RIV__BLOB_SNAPSHOT:
        return riv__journal_put_snapshot(journal, blob->op, blob->snapshot,
                                         blob->base, err);
    case RIV__BLOB_OUTBOX:
        return riv__journal_put_outbox(journal, blob->op, commit->batch.number,
                                       bytes, err);
    }
    return RIV_EFATAL;
}

static int put_blobs(const struct riv_commit *commit,
                     struct riv_journal *journal, struct riv_err *err)
{
    for (size_t i = 0, n; i < commit->nblob; i += n) {
        n = 1;
        if (commit->blob[i].kind == RIV__BLOB_DELTA)
            RIV__TRY(put_delta(commit, i, journal, &n, err));
        else
            RIV__TRY(put_blob(commit, &commit->blob[i], journal, err));
    }
    return 0;
}

static int put_note(const struct riv_commit_note *note,
                    struct riv_journal *journal, struct riv_err *err)
{
    return note->drop
               ? riv__journal_drop_note(journal, note->source, note->key, err)
               : riv__journal_put_note(journal, note->source, note->key,
                                       note->value, err);
}

int riv__commit_put(const struct riv_commit *commit,
                    struct riv_journal *journal, struct riv_err *err)
{
    for (size_t i = 0; i < commit->nrange; i++)
        RIV__TRY(riv__journal_put_range(journal, &commit->range[i], err));
    for (size_t i = 0; i < commit->nnote; i++)
        RIV__TRY(put_note(&commit->note[i], journal, err));
    RIV__TRY(put_blobs(commit, journal, err));
    for (size_t i = 0; i < commit->nfile; i++)
        RIV__TRY(riv__journal_put_file(journal, &commit->file[i], err));
    for (size_t i = 0; i < commit->nletter_drop; i++)
        RIV__TRY(
            riv__journal_drop_letter(journal, commit->letter_drop[i], err));
    for (size_t i = 0; i < commit->nletter; i++)
        RIV__TRY(riv__journal_put_letter(journal, &commit->letter[i], err));
    for (size_t i = 0; i < commit->ncounter; i++)
        RIV__TRY(riv__journal_put_counter(journal, commit->counter[i].name,
                                          commit->counter[i].value, err));
    for (size_t i = 0; i < commit->nused; i++)
        RIV__TRY(riv__journal_drop_blocks(journal, commit->used[i].source,
                                          commit->used[i].until, err));
    if (commit->batch.number == 0)
        return 0;
    return riv__journal_put_batch(journal, &commit->batch, err);
}
