/* obs/put.h - numbers, times and texts into a buffer, as people and machines
 * read them. One escaper for each form; what is escaped is printable UTF-8
 * already (base/str.h, riv__str_show). */
#ifndef RIV_OBS_PUT_H
#define RIV_OBS_PUT_H

#include "base/buf.h"

void riv__put_json(struct riv_buf *to, const char *text); /* with its quotes */
void riv__put_html(struct riv_buf *to, const char *text);
/* The value of a label of Prometheus, without its quotes. */
void riv__put_label(struct riv_buf *to, const char *text);

enum { RIV__PUT_TEXT = 48 };

/* "1,234,567"; "12.3 MiB"; "1.25 ms"; "2 min 5 s" for what is longer than a
 * minute. Into RIV__PUT_TEXT bytes; return dst. */
char *riv__text_count(char *dst, int64_t n);
char *riv__text_bytes(char *dst, int64_t n);
char *riv__text_span(char *dst, int64_t us);
/* "2026-11-30 14:04:41.250", UTC; milliseconds only where they are not 0. */
char *riv__text_time(char *dst, int64_t ms);

#endif
