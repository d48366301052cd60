/* http/viewer.h - where pictures come from: the one thing this folder is given of
 * the engine. */
#ifndef RIV_HTTP_VIEWER_H
#define RIV_HTTP_VIEWER_H

#include "obs/picture.h"
#include "sys/sys.h"

struct riv_viewer {
    struct riv_sys *sys;
    void *arg;
    /* A picture with at most so many batches, owned by the caller; NULL: no
     * memory. @thread any */
    struct riv_picture *(*picture)(void *arg, size_t batches);
};

#endif
