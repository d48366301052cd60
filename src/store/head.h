/* store/head.h - the head mark: a small file that says how far the journal had
 * come. A WAL that is damaged in the middle, missing, or older than the
 * database loses commits without a word from SQLite; a journal behind its mark
 * shows it (rule J9). The mark may lag behind the journal, never lead it.
 * @thread owner.
 *
 * Four slots: two take turns for marks that are not synced, one a commit; both
 * may be torn by a power cut. Two take turns for those that are synced, so of
 * them one is whole at any time. */
#ifndef RIV_STORE_HEAD_H
#define RIV_STORE_HEAD_H

#include "store/place.h"

enum { RIV__HEAD_BYTES = 4096, RIV__JOURNAL_ID_BYTES = 16 };

struct riv_mark {
    unsigned char id[RIV__JOURNAL_ID_BYTES];
    uint64_t commits; /* transactions of the journal so far */
    uint64_t batch;   /* the last one done */
    bool is_clean;    /* closed, nothing in the WAL */
};

enum { RIV__HEAD_SLOTS = 4 };

struct riv_head {
    const struct riv_place *place;
    int fd;                             /* -1: closed */
    uint64_t sequence[RIV__HEAD_SLOTS]; /* of what is in them; 0: not valid */
    struct riv_mark mark;               /* the newest */
};

/* A new file with one mark, synced; the folder is not. */
int riv__head_make(struct riv_head *head, const struct riv_place *place,
                   const struct riv_mark *mark, struct riv_err *err)
    RIV__MUST_USE;
/* The newest of the valid slots is in head->mark. RIV_ECHECKPOINT: the file is
 * missing, or has none. */
int riv__head_open(struct riv_head *head, const struct riv_place *place,
                   bool is_read_only, struct riv_err *err) RIV__MUST_USE;
/* Before the first write of a run: the newer of the synced slots is written
 * again and synced, as a run that was killed may have left it in the page cache
 * alone. */
int riv__head_settle(struct riv_head *head, struct riv_err *err) RIV__MUST_USE;
/* After a commit: not synced. */
int riv__head_write(struct riv_head *head, const struct riv_mark *mark,
                    struct riv_err *err) RIV__MUST_USE;
/* Durable when it returns. */
int riv__head_set(struct riv_head *head, const struct riv_mark *mark,
                  struct riv_err *err) RIV__MUST_USE;
void riv__head_close(struct riv_head *head); /* half open is fine */

#endif
