/* cli/demo_text.c - numbers as text for the demo. */
#include "demo_text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *text_count(char *dst, int64_t n)
{
    char digits[DEMO_NUMBER];
    unsigned long long value =
        n < 0 ? 0ULL - (unsigned long long)n : (unsigned long long)n;
    int len = snprintf(digits, sizeof digits, "%llu", value);
    char *p = dst;
    if (n < 0)
        *p++ = '-';
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            *p++ = ',';
        *p++ = digits[i];
    }
    *p = '\0';
    return dst;
}

char *text_cents(char *dst, int64_t n)
{
    text_count(dst, n / 100);
    size_t len = strlen(dst);
    snprintf(dst + len, DEMO_NUMBER - len, ".%02d",
             (int)(n < 0 ? -(n % 100) : n % 100));
    return dst;
}

char *text_bytes(char *dst, int64_t n)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    double value = (double)n;
    size_t unit = 0;
    while (value >= 1024 && unit < 4) {
        value /= 1024;
        unit++;
    }
    snprintf(dst, DEMO_NUMBER, unit > 0 && value < 10 ? "%.1f %s" : "%.0f %s",
             value, units[unit]);
    return dst;
}

char *text_time(char *dst, int64_t us)
{
    if (us < 1000)
        snprintf(dst, DEMO_NUMBER, "%lld us", (long long)us);
    else if (us < 10000)
        snprintf(dst, DEMO_NUMBER, "%.1f ms", (double)us / 1e3);
    else if (us < 1000000)
        snprintf(dst, DEMO_NUMBER, "%lld ms", (long long)(us + 500) / 1000);
    else
        snprintf(dst, DEMO_NUMBER, us % 1000000 ? "%.1f s" : "%.0f s",
                 (double)us / 1e6);
    return dst;
}

char *text_percent(char *dst, double part)
{
    double value = part * 100;
    snprintf(dst, DEMO_NUMBER, value < 10 ? "%.1f %%" : "%.0f %%", value);
    return dst;
}

int64_t text_memory_now(void)
{
    long long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    int n = fscanf(file, "%lld %lld", &size, &resident);
    fclose(file);
    return n == 2 ? resident * sysconf(_SC_PAGESIZE) : 0;
}
