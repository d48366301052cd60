/* times.h - processor time of batches, of a loop by hand and of the engine: for
 * keyed.c and window_paths.c. */
#ifndef BENCH_TIMES_H
#define BENCH_TIMES_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
    return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts ms; as members of a line of JSON. */
static void times_print(const char *name, double *ms, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += ms[i];
    qsort(ms, n, sizeof *ms, by_size);
    printf(",\"%s_ms\":%.3f,\"%s_mean_ms\":%.3f,\"%s_p99_ms\":%.3f,"
           "\"%s_worst_ms\":%.3f",
           name, ms[n / 2], name, sum / (double)n, name, ms[n * 99 / 100], name,
           ms[n - 1]);
}

#endif
