/* data/json_simd.h - JSON by the simdjson library: three functions of C that
 * one file of C++ gives (json_simd.cc), or says that it is not in this build
 * (json_none.c). For json_read.c alone. */
#ifndef RIV_DATA_JSON_SIMD_H
#define RIV_DATA_JSON_SIMD_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RIV__SIMD_TEXT = 48, RIV__SIMD_PADDING = 64 };

/* A type as a tree in an array: a plain value, or an object of named nodes. */
struct riv_simd_node {
    const char *name;
    uint32_t name_bytes;
    uint32_t kind;           /* RIV_K_* */
    uint32_t offset, length; /* in the row */
    uint32_t first, n;       /* an object's nodes; n 0: a plain value */
};

enum riv_simd_result {
    RIV__SIMD_FINE = 0,
    RIV__SIMD_NO_JSON, /* `why` */
    RIV__SIMD_NUMBER,  /* no JSON, because of a number */
    RIV__SIMD_VALUE,   /* `text` is not what the field `node` takes: `why` */
    RIV__SIMD_MISSING, /* the field `node` */
    RIV__SIMD_MEMORY
};

struct riv_simd_fault {
    uint32_t node;
    const char *why;
    char text[RIV__SIMD_TEXT]; /* NUL at its end */
};

struct riv_simd;

/* For trees of up to n nodes. NULL: no memory, or no JSON in this build. */
struct riv_simd *riv__simd_new(uint32_t n);
void riv__simd_free(struct riv_simd *simd);

/* One value, n bytes at p and RIV__SIMD_PADDING readable ones behind them, into
 * a row of the tree at node[0]. Strings point into memory of `simd`, until the
 * next call. `why` is static. */
enum riv_simd_result riv__simd_read(struct riv_simd *simd,
                                    const struct riv_simd_node *node,
                                    uint32_t nnode, const char *p, size_t n,
                                    char *row, struct riv_simd_fault *fault);

/* "simdjson 3.0.1", or NULL: this build reads no JSON. */
extern const char *const riv__simd_name;

#ifdef __cplusplus
}
#endif

#endif
