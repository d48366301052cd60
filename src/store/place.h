/* store/place.h - the state directory: its files by name, who may write them,
 * the lock that makes one process its owner, and the steps in which a journal
 * comes to be there or is set aside. Knows nothing of what is in the files.
 * @thread owner. */
#ifndef RIV_STORE_PLACE_H
#define RIV_STORE_PLACE_H

#include "sys/sys.h"

enum { RIV__PLACE_DIR_MAX = 400, RIV__PLACE_PATH_MAX = 512 };
/* For the lock, 10 ms apart: about a second. */
enum { RIV__PLACE_LOCK_TRIES_MAX = 100 };

enum riv_place_file {
    RIV__PLACE_DB,
    RIV__PLACE_WAL,
    RIV__PLACE_ROLLBACK, /* of SQLite; there is none in a whole journal */
    RIV__PLACE_HEAD,
    RIV__PLACE_BALLAST,
    RIV__PLACE_LOCK,
    RIV__PLACE_UNBORN, /* mark: the files beside it are not a journal yet */
    RIV__PLACE_ASIDE,  /* mark: they are being moved to the folder it names */
    RIV__PLACE_FILES,
};

struct riv_place {
    struct riv_sys *sys;
    int lock_fd; /* -1: none */
    char dir[RIV__PLACE_DIR_MAX];
    char path[RIV__PLACE_FILES][RIV__PLACE_PATH_MAX];
    struct {
        uint64_t device, inode; /* inode 0: not seen yet */
    } seen[RIV__PLACE_FILES];
};

struct riv_place_spec {
    struct riv_sys *sys;
    const char *dir;
    bool fresh;        /* what is there goes to DIR/old-N/ */
    bool on_network;   /* allowed */
    bool is_read_only; /* nothing is made or changed; the lock is looked at */
};

/* Makes the folder, checks owner and mode, takes the lock. *ret_is_new: there
 * is no journal, and the mark is set that one is being made here; call
 * riv__place_born when it is. Errors: RIV_EBUSY somebody has it; RIV_EPERM
 * owner, mode, or a file system of another machine; RIV_ECHECKPOINT files of a
 * journal without the database; RIV_ENOINPUT read only, and there is none.
 * riv__place_close is needed after a failure too. */
int riv__place_open(struct riv_place *place, const struct riv_place_spec *spec,
                    bool *ret_is_new, struct riv_err *err) RIV__MUST_USE;
/* All files are whole and synced: makes their names durable, then takes the
 * mark away. */
int riv__place_born(struct riv_place *place, struct riv_err *err) RIV__MUST_USE;
/* Gives the lock back. */
void riv__place_close(struct riv_place *place);

/* A regular file of ours that others may not write; *ret_bytes -1: there is
 * none. */
int riv__place_stat(const struct riv_place *place, enum riv_place_file file,
                    int64_t *ret_bytes, struct riv_err *err) RIV__MUST_USE;
/* With O_NOFOLLOW; new files are private. Returns the descriptor. */
int riv__place_fd(const struct riv_place *place, enum riv_place_file file,
                  unsigned flags, struct riv_err *err) RIV__MUST_USE;
/* Fine when there is none. */
int riv__place_unlink(const struct riv_place *place, enum riv_place_file file,
                      struct riv_err *err) RIV__MUST_USE;
int riv__place_sync(const struct riv_place *place, struct riv_err *err)
    RIV__MUST_USE; /* the folder */
/* Do database, WAL and head have their names still? What is written to files
 * that somebody has deleted or replaced is gone with the process. The first call
 * sees which they are. RIV_ECHECKPOINT: one is not there, or is another. */
int riv__place_is_whole(struct riv_place *place, struct riv_err *err)
    RIV__MUST_USE;

#endif
