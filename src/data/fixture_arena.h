/* data/fixture_arena.h - an arena for each test: `start` and `finish` are its
 * set-up and its end. Only *_test.c files include it. */
#ifndef RIV_DATA_FIXTURE_ARENA_H
#define RIV_DATA_FIXTURE_ARENA_H

#include "data/fixture.h"

static struct riv_arena arena;

static int start(void **state)
{
    (void)state;
    riv__arena_init(&arena, 4096);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    riv__arena_fini(&arena);
    return 0;
}

#endif
