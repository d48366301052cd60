/* http/fixture.h - the picture that tests of sockets and servers show: a job that
 * waits, called shop. Tests only. */
#ifndef RIV_HTTP_FIXTURE_H
#define RIV_HTTP_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "http/viewer.h"

static inline struct riv_picture *shop_picture(void *arg, size_t batches)
{
    struct riv_picture *p = calloc(1, sizeof *p);
    assert_non_null(p);
    (void)arg, (void)batches;
    riv__arena_init(&p->arena, 0);
    snprintf(p->name, sizeof p->name, "shop");
    p->state_dir = "";
    p->phase = RIV__PHASE_WAITS;
    p->keys = -1;
    return p;
}

#endif
