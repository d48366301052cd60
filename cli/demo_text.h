/* cli/demo_text.h - numbers as people read them. Each writes at most
 * DEMO_NUMBER bytes with NUL and returns dst. */
#ifndef DEMO_TEXT_H
#define DEMO_TEXT_H

#include <stdint.h>

enum { DEMO_NUMBER = 32 };

char *text_count(char *dst, int64_t n);     /* "1,234,567" */
char *text_cents(char *dst, int64_t n);     /* "1,234.56" */
char *text_bytes(char *dst, int64_t n);     /* "9.1 MiB" */
char *text_time(char *dst, int64_t us);     /* "850 us", "12 ms", "1.5 s" */
char *text_percent(char *dst, double part); /* "0.6 %", "93 %" */

/* The memory of this process that is in use (RSS); 0: unknown. */
int64_t text_memory_now(void);

#endif
