/* base/num.h - numbers, sizes and durations from and to text, without locale.
 * Readers take the whole slice or say false; nothing is skipped. */
#ifndef RIV_BASE_NUM_H
#define RIV_BASE_NUM_H

#include <stdbool.h>

#include <rivulet.h>

bool riv__num_i64(riv_str s, int64_t *ret);   /* [+-]digits, in range */
bool riv__num_u64(riv_str s, uint64_t *ret);
bool riv__num_f64(riv_str s, double *ret);    /* also inf, nan, 1e9, .5 */
bool riv__num_size(riv_str s, int64_t *ret);  /* "256M", "64KiB", "1g" */
bool riv__num_duration_ms(riv_str s, int64_t *ret); /* "10ms" "1.5s" "2m" "1h";
                                                       a bare number is ms */
bool riv__num_bool(riv_str s, bool *ret);     /* true/false yes/no on/off 1/0 */

/* Text of at most 32 bytes, NUL-terminated; return the length. */
enum { RIV__NUM_TEXT = 32 };
size_t riv__num_put_i64(char *dst, int64_t v);
size_t riv__num_put_u64(char *dst, uint64_t v);
size_t riv__num_put_f64(char *dst, double v); /* shortest that reads back */
size_t riv__num_put_size(char *dst, uint64_t bytes);       /* "12.3 MiB" */
size_t riv__num_put_duration(char *dst, int64_t us);       /* "1.25 ms" */

#endif
