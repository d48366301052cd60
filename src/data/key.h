/* data/key.h - what tables of both kinds need of a key: its class, numbers of
 * every kind as one word, and the bytes of short strings as two words. The
 * tables are table.h (numbers for keys, over many batches) and tally.h (what
 * was added up for each key, in one batch). */
#ifndef RIV_DATA_KEY_H
#define RIV_DATA_KEY_H

#include "data/layout.h"
#include "data/le.h"

enum {
    RIV__KEY_BYTES_MAX = 64 << 10, /* of one key; callers refuse more */
    RIV__KEY_SHORT = 16,           /* bytes that two words hold */
    RIV__KEY_PAGE = 4096,
};

/* How keys of a layout are brought into the form of an entry. A key of one
 * leaf has the class of the leaf; of several: RIV__KEY_ENCODED. */
enum riv_key_class {
    RIV__KEY_STR,
    RIV__KEY_CHARS,
    RIV__KEY_I64, /* and u64 */
    RIV__KEY_I32,
    RIV__KEY_U32,
    RIV__KEY_BOOL,
    RIV__KEY_F64,
    RIV__KEY_F32,
    RIV__KEY_ENCODED,
};

enum riv_key_class riv__key_class(const struct riv_layout *key);

static inline bool riv__key_class_is_number(enum riv_key_class class)
{
    return class >= RIV__KEY_I64 && class <= RIV__KEY_F32;
}

/* A number of one of the classes as 8 bytes that are equal when it is, and
 * back. */
uint64_t riv__key_number(enum riv_key_class class, const char *at);
void riv__key_number_put(enum riv_key_class class, uint64_t v, char *at);

#ifdef __has_feature
#define RIV__HAS_FEATURE(x) __has_feature(x)
#else
#define RIV__HAS_FEATURE(x) 0
#endif

/* The sanitizers rightly object to loads past the end of a string: what lies
 * there may be free, or another thread's. */
#if defined(__SANITIZE_ADDRESS__) || RIV__HAS_FEATURE(address_sanitizer) || \
    defined(__SANITIZE_THREAD__) || RIV__HAS_FEATURE(thread_sanitizer) || \
    RIV__HAS_FEATURE(memory_sanitizer)
enum { RIV__LOAD_PAST_END = 0 };
#else
enum { RIV__LOAD_PAST_END = 1 };
#endif

/* The 16 bytes from riv__key_ones + 16 - n on keep the first n bytes. */
extern const unsigned char riv__key_ones[2 * RIV__KEY_SHORT];

static inline uint64_t riv__load8(const void *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* May 16 bytes be loaded from p, whatever follows the string there? Not when
 * they might reach into the next page. */
static inline bool riv__key_loads(const char *p)
{
    return RIV__LOAD_PAST_END && ((uintptr_t)p & (RIV__KEY_PAGE - 1)) <=
                                     RIV__KEY_PAGE - RIV__KEY_SHORT;
}

/* The first n <= 16 bytes as two words, padded with zeros; where 16 may be
 * loaded. p may be wild if n is 0. */
static inline void riv__key_words(const char *p, size_t n, uint64_t word[2])
{
    const char *from = n ? p : (const char *)riv__key_ones;
    word[0] = riv__load8(from) & riv__load8(riv__key_ones + RIV__KEY_SHORT - n);
    word[1] = riv__load8(from + 8) &
              riv__load8(riv__key_ones + RIV__KEY_SHORT + 8 - n);
}

/* The same anywhere. */
static inline void riv__key_words_slow(const char *p, size_t n,
                                       uint64_t word[2])
{
    word[0] = word[1] = 0;
    if (n > 0)
        memcpy(word, p, n);
}

#endif
