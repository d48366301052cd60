/* store/head.c - the four slots of the head mark as bytes (docs/format.md), and
 * which of them is written next. */
#include "store/head.h"

#include <errno.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "data/le.h"
#include "sys/file.h"

enum {
    SLOT_AT = RIV__HEAD_BYTES / RIV__HEAD_SLOTS,
    SLOT_BYTES = 64,
    SUM_AT = 56,
    SYNCED = 2, /* the first slot of those */
};

static const char magic[8] = "RIVHEAD1";

static void put_slot(unsigned char *p, unsigned slot,
                     const struct riv_mark *mark, uint64_t sequence)
{
    memset(p, 0, SLOT_BYTES);
    memcpy(p, magic, sizeof magic);
    memcpy(p + 8, mark->id, RIV__JOURNAL_ID_BYTES);
    riv__le_put64(p + 24, sequence);
    riv__le_put64(p + 32, mark->commits);
    riv__le_put64(p + 40, mark->batch);
    riv__le_put32(p + 48, mark->is_clean ? 1 : 0);
    riv__le_put32(p + 52, slot);
    riv__le_put64(p + SUM_AT, XXH3_64bits(p, SUM_AT));
}

/* A slot in the other's place is none. */
static bool get_slot(const unsigned char *p, unsigned slot,
                     struct riv_mark *mark, uint64_t *sequence)
{
    if (memcmp(p, magic, sizeof magic) != 0 ||
        riv__le_get64(p + SUM_AT) != XXH3_64bits(p, SUM_AT))
        return false;
    *sequence = riv__le_get64(p + 24);
    memcpy(mark->id, p + 8, RIV__JOURNAL_ID_BYTES);
    mark->commits = riv__le_get64(p + 32);
    mark->batch = riv__le_get64(p + 40);
    mark->is_clean = riv__le_get32(p + 48) & 1;
    return riv__le_get32(p + 52) == slot && *sequence > 0;
}

static const char *path_of(const struct riv_head *head)
{
    return head->place->path[RIV__PLACE_HEAD];
}

static int write_at(struct riv_head *head, const void *p, size_t n, uint64_t at,
                    struct riv_err *err)
{
    struct riv_sys *sys = head->place->sys;
    const char *bytes = p;
    while (n > 0) {
        int64_t rc = sys->pwrite(sys, head->fd, bytes, n, at);
        if (rc == -EINTR)
            continue;
        if (rc <= 0)
            return riv__err_sys(err, rc == 0 ? EIO : (int)-rc, "write",
                                path_of(head));
        bytes += rc;
        n -= (size_t)rc;
        at += (uint64_t)rc;
    }
    return 0;
}

static uint64_t newest(const struct riv_head *head)
{
    uint64_t sequence = 0;
    for (unsigned i = 0; i < RIV__HEAD_SLOTS; i++)
        sequence = RIV__MAX(sequence, head->sequence[i]);
    return sequence;
}

static unsigned older(const struct riv_head *head, unsigned pair)
{
    return head->sequence[pair] <= head->sequence[pair + 1] ? pair : pair + 1;
}

static int write_slot(struct riv_head *head, unsigned slot,
                      const struct riv_mark *mark, uint64_t sequence,
                      struct riv_err *err)
{
    unsigned char p[SLOT_BYTES];
    put_slot(p, slot, mark, sequence);
    return write_at(head, p, sizeof p, slot * SLOT_AT, err);
}

static void written(struct riv_head *head, unsigned slot,
                    const struct riv_mark *mark, uint64_t sequence)
{
    head->sequence[slot] = sequence;
    head->mark = *mark;
}

int riv__head_write(struct riv_head *head, const struct riv_mark *mark,
                    struct riv_err *err)
{
    unsigned slot = older(head, 0);
    uint64_t sequence = newest(head) + 1;
    RIV__TRY(write_slot(head, slot, mark, sequence, err));
    written(head, slot, mark, sequence);
    return 0;
}

static int sync(struct riv_head *head, struct riv_err *err)
{
    struct riv_sys *sys = head->place->sys;
    int rc = sys->datasync(sys, head->fd);
    return rc < 0 ? riv__err_sys(err, -rc, "sync", path_of(head)) : 0;
}

/* A slot counts as written when it is synced: one whose sync failed is the one
 * to write next, so the other of its pair stays. */
static int set_slot(struct riv_head *head, unsigned slot,
                    const struct riv_mark *mark, struct riv_err *err)
{
    uint64_t sequence = newest(head) + 1;
    RIV__TRY(write_slot(head, slot, mark, sequence, err));
    RIV__TRY(sync(head, err));
    written(head, slot, mark, sequence);
    return 0;
}

int riv__head_set(struct riv_head *head, const struct riv_mark *mark,
                  struct riv_err *err)
{
    return set_slot(head, older(head, SYNCED), mark, err);
}

int riv__head_settle(struct riv_head *head, struct riv_err *err)
{
    unsigned old = older(head, SYNCED);
    bool is_alone = head->sequence[old] == 0;
    unsigned slot = is_alone ? old : SYNCED + (old == SYNCED);
    return set_slot(head, slot, &head->mark, err);
}

int riv__head_make(struct riv_head *head, const struct riv_place *place,
                   const struct riv_mark *mark, struct riv_err *err)
{
    unsigned char whole[RIV__HEAD_BYTES] = { 0 };
    *head = (struct riv_head){ .place = place, .fd = -1, .mark = *mark };
    head->fd = riv__place_fd(
        place, RIV__PLACE_HEAD,
        RIV__OPEN_READ | RIV__OPEN_WRITE | RIV__OPEN_CREATE | RIV__OPEN_TRUNC,
        err);
    if (head->fd < 0)
        return head->fd;
    head->sequence[SYNCED] = 1;
    put_slot(whole + SYNCED * SLOT_AT, SYNCED, mark, 1);
    RIV__TRY(write_at(head, whole, sizeof whole, 0, err));
    return sync(head, err);
}

int riv__head_open(struct riv_head *head, const struct riv_place *place,
                   bool is_read_only, struct riv_err *err)
{
    unsigned char whole[RIV__HEAD_BYTES] = { 0 };
    int64_t bytes;
    unsigned how = RIV__OPEN_READ | (is_read_only ? 0 : RIV__OPEN_WRITE);
    *head = (struct riv_head){ .place = place, .fd = -1 };
    RIV__TRY(riv__place_stat(place, RIV__PLACE_HEAD, &bytes, err));
    if (bytes < 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "the head mark (the file head) is missing");
    head->fd = riv__place_fd(place, RIV__PLACE_HEAD, how, err);
    if (head->fd < 0)
        return head->fd;
    int64_t n = riv__file_pread(place->sys, head->fd, whole, sizeof whole, 0,
                                path_of(head), err);
    if (n < 0)
        return (int)n;
    for (unsigned slot = 0; slot < RIV__HEAD_SLOTS; slot++) {
        struct riv_mark mark;
        uint64_t sequence;
        if (!get_slot(whole + slot * SLOT_AT, slot, &mark, &sequence))
            continue;
        if (sequence > newest(head))
            head->mark = mark;
        head->sequence[slot] = sequence;
    }
    if (newest(head) == 0)
        return riv__err_set(err, RIV_ECHECKPOINT,
                            "the head mark (the file head) is damaged: none of "
                            "its slots is valid");
    return 0;
}

void riv__head_close(struct riv_head *head)
{
    if (head->place && head->fd >= 0)
        head->place->sys->close(head->place->sys, head->fd);
    head->fd = -1;
}
