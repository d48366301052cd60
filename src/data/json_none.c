/* data/json_none.c - this build reads no JSON: libsimdjson was not there when it
 * was made (meson feature `json`). */
#include "data/json_simd.h"

const char *const riv__simd_name = NULL;

struct riv_simd *riv__simd_new(uint32_t n)
{
    (void)n;
    return NULL;
}

void riv__simd_free(struct riv_simd *simd)
{
    (void)simd;
}

enum riv_simd_result riv__simd_read(struct riv_simd *simd,
                                    const struct riv_simd_node *node,
                                    uint32_t nnode, const char *p, size_t n,
                                    char *row, struct riv_simd_fault *fault)
{
    (void)simd, (void)node, (void)nnode, (void)p, (void)n, (void)row;
    *fault = (struct riv_simd_fault){ .why = "this build reads no JSON" };
    return RIV__SIMD_NO_JSON;
}
