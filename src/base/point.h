/* base/point.h - named places before and after every durable step, where a test
 * may stop the world: RIV_POINT("journal.before_commit"). Without a hook a
 * point is one predictable branch on a pointer that nobody writes, so points
 * stay in release builds. Whoever has durable steps sets them; the simulator
 * crashes and delays there. Not for the path of records. */
#ifndef RIV_BASE_POINT_H
#define RIV_BASE_POINT_H

#include "base/macro.h"

/* The name of a point is "noun.before_step" or "noun.after_step", unique in the
 * tree, static text. A hook may switch threads, end the process, or return; it
 * takes no lock of the engine's. A point is reached without a lock held, unless
 * its place says otherwise. */
struct riv_point_hook {
    void (*reached)(struct riv_point_hook *hook, const char *name);
};

/* NULL: nobody looks. Set before the first thread starts, by tests alone. */
extern struct riv_point_hook *riv__point_hook;

#define RIV_POINT(name) \
    do { \
        if (RIV__RARELY(riv__point_hook != NULL)) \
            riv__point_hook->reached(riv__point_hook, "" name ""); \
    } while (0)

#endif
