/* base/num.h - numbers, sizes and durations from and to text, without locale.
 * Readers take the whole slice or say false; nothing is skipped. */
#ifndef RIV_BASE_NUM_H
#define RIV_BASE_NUM_H

#include <stdbool.h>

#include <rivulet.h>

bool riv__num_i64(riv_str s, int64_t *ret);  /* [+-]digits, in range */
bool riv__num_u64(riv_str s, uint64_t *ret); /* [+]digits, in range */
/* [+-] digits with a point or without, exponent or none; inf, infinity, nan in
 * any case. Rounded to the nearest double, exactly, for any number of digits;
 * what is too large for a double is refused, what is too small becomes 0. */
bool riv__num_f64(riv_str s, double *ret);
/* Refused by riv__num_f64 for that reason alone? For messages. */
bool riv__num_is_too_large(riv_str s);
/* "256M", "64KiB", "1.5g", "512": k m g t are powers of 1024, with B or iB
 * after them or not; a part of a byte is dropped. */
bool riv__num_size(riv_str s, int64_t *ret);
/* "10ms" "1.5s" "2m" or "2min" "1h" "1d"; a bare number is ms. Whole
 * milliseconds only. */
bool riv__num_duration_ms(riv_str s, int64_t *ret);
bool riv__num_bool(riv_str s, bool *ret); /* true/false yes/no on/off 1/0 */

/* Text of at most 32 bytes, NUL-terminated; return the length. dst has room
 * for RIV__NUM_TEXT bytes. */
enum { RIV__NUM_TEXT = 32 };
size_t riv__num_put_i64(char *dst, int64_t v);
size_t riv__num_put_u64(char *dst, uint64_t v);
/* The fewest digits that read back as v: "5", "0.1", "1e-05", "1e+16", "inf",
 * "-0". Exponents from 1e16 on and below 0.0001. */
size_t riv__num_put_f64(char *dst, double v);
/* Three digits and a unit, for people. */
size_t riv__num_put_size(char *dst, uint64_t bytes); /* "12.3 MiB" */
size_t riv__num_put_duration(char *dst, int64_t us); /* "1.25 ms" */

/* The multiples of step that are nearest to v, for errors: "3000 or 6000", of what
 * is below step only that. Both above 0; dst has room for RIV__NUM_NEAREST bytes.
 * Returns dst. */
enum { RIV__NUM_NEAREST = 2 * RIV__NUM_TEXT + 4 };
char *riv__num_nearest(char *dst, int64_t v, int64_t step);

#endif
