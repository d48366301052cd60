/* support/failing.h - a world whose n-th call of a kind fails: with an errno,
 * once or from then on. It counts all calls, so that a test first runs without
 * a fault and then once for every call there was. Over any other world. Tests
 * only. */
#ifndef RIV_SUPPORT_FAILING_H
#define RIV_SUPPORT_FAILING_H

#include "sys/sys.h"

/* FAIL_ANY stands for all of them. */
enum fail_kind {
    FAIL_OPEN,
    FAIL_READ,  /* read and pread */
    FAIL_WRITE, /* write and pwrite */
    FAIL_TRUNCATE,
    FAIL_ALLOCATE,
    FAIL_SYNC, /* sync and datasync */
    FAIL_LOCK,
    FAIL_STAT,   /* stat and fstat */
    FAIL_RENAME, /* rename and rename_new */
    FAIL_UNLINK,
    FAIL_MKDIR,
    FAIL_LIST,
    FAIL_SPACE,
    FAIL_CONNECT, /* connect and so_error */
    FAIL_LISTEN,
    FAIL_ACCEPT,
    FAIL_RECV,
    FAIL_SEND,
    FAIL_POLL,
    FAIL_WAKE, /* wake_open */
    FAIL_RANDOM,
    FAIL_ANY,
    FAIL_KINDS
};

struct failing {
    struct riv_sys sys; /* give &failing->sys */
    struct riv_sys *under;
    enum fail_kind kind;
    int64_t first, last; /* the calls of that kind that fail */
    int errnum;          /* with this errno, a positive number ... */
    size_t at_most;      /* ... or, where not 0, read and write that few bytes
                            instead */
    /* Called for a sync that fails; NULL: nobody wants to know. A disk in memory
     * loses then what was on its way. */
    void (*sync_failed)(struct failing *f, int fd);
    void *arg; /* of the test */
    _Atomic int64_t calls[FAIL_KINDS];
    _Atomic int64_t fired; /* since the fault was set */
};

/* Nothing fails. `under` is borrowed until the last use. */
void failing_init(struct failing *f, struct riv_sys *under);
/* The n-th call of the kind from now on (1: the next) fails, and none after. */
void failing_once(struct failing *f, enum fail_kind kind, int64_t n,
                  int errnum);
/* That one and all after. */
void failing_from(struct failing *f, enum fail_kind kind, int64_t n,
                  int errnum);
/* Nothing fails any more. */
void failing_mend(struct failing *f);
const char *failing_name(enum fail_kind kind);

#endif
