/* http/local.h - the socket of a state directory: a line comes in ("lines",
 * "json", or "tap ..."), the answer goes out, the connection is closed. There without a port
 * and without a library, for rivulet status and tap; the job's user and root may ask. It
 * is no file, so that the folder can be copied, and nothing of it is left behind
 * a process that was killed. One thread, one peer at a time. */
#ifndef RIV_HTTP_LOCAL_H
#define RIV_HTTP_LOCAL_H

#include "http/viewer.h"

enum {
    RIV__LOCAL_ASK_MAX = 512,      /* bytes of a question */
    RIV__LOCAL_ASK_MS_MAX = 2000,  /* until all of it has come */
    RIV__LOCAL_TELL_MS_MAX = 5000, /* until all of the answer has gone */
};

struct riv_local;

/* The socket's name: of the folder's device and inode. */
#define RIV__LOCAL_NAME "rivulet-status-%llx-%llx"
enum { RIV__LOCAL_NAME_BYTES = 64 };

/* Listens for a state directory: only for the owner of the folder's lock. */
int riv__local_start(const struct riv_viewer *viewer, const char *dir,
                     struct riv_local **ret, struct riv_err *err) RIV__MUST_USE;
/* Ends within the time of an answer, and takes the name away. NULL is fine. */
void riv__local_stop(struct riv_local *local);

#endif
