/* tests/fuzz/fuzz.h - what a target gives: a function that takes any bytes and
 * says when a promise is broken. main.c drives it, with libFuzzer or without. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>

enum { FUZZ_BYTES_MAX = 4096 }; /* of one input */

struct fuzz_target {
    const char *name;
    unsigned runs; /* of changed bytes in one run of the tests */
    /* The bytes may be read up to their end, not one further. */
    void (*one)(const unsigned char *p, size_t n);
};

/* Each program has one. */
extern const struct fuzz_target fuzz_target;

/* Says why, and what the bytes are; does not return. */
_Noreturn void fuzz_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#define FUZZ_CHECK(x) \
    do { \
        if (!(x)) \
            fuzz_fail("%s:%d: not so: %s", __FILE__, __LINE__, #x); \
    } while (0)

/* Bytes that decide something, from the front: 0 when there are none left. */
struct fuzz_bytes {
    const unsigned char *p;
    size_t n;
};

static inline unsigned fuzz_byte(struct fuzz_bytes *from)
{
    if (from->n == 0)
        return 0;
    from->n--;
    return *from->p++;
}

#endif
