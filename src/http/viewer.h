/* http/viewer.h - where pictures come from: and what of the rows may be seen: all
 * that this folder is given of the engine. */
#ifndef RIV_HTTP_VIEWER_H
#define RIV_HTTP_VIEWER_H

#include "base/buf.h"
#include "obs/picture.h"
#include "sys/sys.h"

/* Which rows somebody wants to see. */
struct riv_tap_ask {
    const char *op; /* as people name it; NULL: which ones there are */
    bool json;
    bool begins;    /* from now on; else: */
    uint64_t since; /* what came after the answer that said so */
};

struct riv_viewer {
    struct riv_sys *sys;
    void *arg;
    /* A picture with at most so many batches, owned by the caller; NULL: no
     * memory. @thread any */
    struct riv_picture *(*picture)(void *arg, size_t batches);
    /* Appends rows that pass, a line each with a letter in front (exec/tap.h), or
     * the list. Below 0: what stands there says why not, in a line. @thread any */
    int (*tap)(void *arg, const struct riv_tap_ask *ask, struct riv_buf *to);
    const char
        *no_tap; /* why whoever comes this way sees no rows; NULL: he does */
};

#endif
