/* base/macro.h - the few macros of the tree: attributes, sizes, ownership,
 * early return, assertions. Included by everybody, includes only libc. */
#ifndef RIV_BASE_MACRO_H
#define RIV_BASE_MACRO_H

#include <stddef.h>
#include <stdint.h>

#define RIV__LEN(array) (sizeof(array) / sizeof((array)[0]))
#define RIV__MIN(a, b) ((a) < (b) ? (a) : (b))
#define RIV__MAX(a, b) ((a) > (b) ? (a) : (b))
#define RIV__CONTAINER(ptr, type, member) \
    ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#define RIV__MUST_USE __attribute__((warn_unused_result))
#define RIV__FORMAT(a, b) __attribute__((format(printf, a, b)))
#define RIV__LIKELY(x) __builtin_expect(!!(x), 1)
#define RIV__RARELY(x) __builtin_expect(!!(x), 0)
enum { RIV__CACHE_LINE = 64 }; /* bytes */

#define RIV__ALIGN_UP(n, a) (((n) + ((a)-1)) & ~((size_t)(a)-1))

/* Hands a pointer over and empties the place it came from. */
#define RIV__TAKE(var) \
    __extension__({ \
        __typeof__(var) riv__taken = (var); \
        (var) = NULL; \
        riv__taken; \
    })

/* Returns what the call returned when that is an error (below 0). */
#define RIV__TRY(call) \
    do { \
        int riv__rc = (call); \
        if (RIV__RARELY(riv__rc < 0)) \
            return riv__rc; \
    } while (0)

/* For our own mistakes, in debug builds; the world's get an error. */
#ifdef RIV_DEBUG
#define RIV__ASSERT(x) \
    do { \
        if (!(x)) \
            __builtin_trap(); \
    } while (0)
#else
#define RIV__ASSERT(x) ((void)sizeof(!(x)))
#endif

#endif
