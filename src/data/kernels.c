/* data/kernels.c - the choice of a level. */
#include "data/kernels.h"

#ifdef __x86_64__
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
           __builtin_cpu_supports("bmi2");
}

static bool has_avx512(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi2");
}
#else
static bool has_avx2(void)
{
    return false;
}

static bool has_avx512(void)
{
    return false;
}
#endif

const struct riv_kernels *riv__kernels(enum riv_cpu most)
{
    if (most >= RIV__CPU_AVX512 && riv__kernels_avx512 && has_avx512())
        return riv__kernels_avx512;
    if (most >= RIV__CPU_AVX2 && riv__kernels_avx2 && has_avx2())
        return riv__kernels_avx2;
    return &riv__kernels_plain;
}
