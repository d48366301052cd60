/* obs/put.c - texts and numbers for people and machines. */
#include "obs/put.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum { DAY_S = 86400 };

/* ----------------------------------------------------------------- escaping */

void riv__put_json(struct riv_buf *to, const char *text)
{
    riv__buf_char(to, '"');
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            riv__buf_char(to, '\\');
        if (c < 0x20)
            riv__buf_printf(to, "\\u%04x", c);
        else
            riv__buf_char(to, (char)c);
    }
    riv__buf_char(to, '"');
}

void riv__put_html(struct riv_buf *to, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '&': riv__buf_str(to, "&amp;"); break;
        case '<': riv__buf_str(to, "&lt;"); break;
        case '>': riv__buf_str(to, "&gt;"); break;
        case '"': riv__buf_str(to, "&quot;"); break;
        case '\'': riv__buf_str(to, "&#39;"); break;
        default: riv__buf_char(to, *text);
        }
    }
}

void riv__put_label(struct riv_buf *to, const char *text)
{
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            riv__buf_char(to, '\\');
        if (*text == '\n')
            riv__buf_str(to, "\\n");
        else
            riv__buf_char(to, *text);
    }
}

/* ------------------------------------------------------------------ numbers */

char *riv__text_count(char *dst, int64_t n)
{
    char digits[RIV__NUM_TEXT];
    const size_t length = riv__num_put_i64(digits, n);
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        const size_t left = length - i;
        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
            dst[at++] = ',';
        dst[at++] = digits[i];
    }
    dst[at] = '\0';
    return dst;
}

char *riv__text_bytes(char *dst, int64_t n)
{
    riv__num_put_size(dst, (uint64_t)RIV__MAX(n, 0));
    return dst;
}

char *riv__text_span(char *dst, int64_t us)
{
    const long long s = us / 1000000;
    if (s < 60)
        riv__num_put_duration(dst, RIV__MAX(us, 0));
    else if (s < 3600)
        snprintf(dst, RIV__PUT_TEXT, "%lld min %lld s", s / 60, s % 60);
    else
        snprintf(dst, RIV__PUT_TEXT, "%lld h %lld min", s / 3600,
                 s % 3600 / 60);
    return dst;
}

/* Days since 1970 to a date, after "chrono-Compatible Low-Level Date
 * Algorithms", H. Hinnant, 2013: years begin in March. */
static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
    const int64_t shifted = days + 719468;
    const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const int64_t doe = shifted - era * 146097;
    const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

char *riv__text_time(char *dst, int64_t ms)
{
    int64_t year;
    int month, day;
    const int64_t s = ms >= 0 ? ms / 1000 : (ms - 999) / 1000;
    const int64_t days = s >= 0 ? s / DAY_S : (s - DAY_S + 1) / DAY_S;
    const int rest = (int)(s - days * DAY_S), part = (int)(ms - s * 1000);
    date_of(days, &year, &month, &day);
    int n = snprintf(dst, RIV__PUT_TEXT, "%04lld-%02d-%02d %02d:%02d:%02d",
                     (long long)year, month, day, rest / 3600, rest / 60 % 60,
                     rest % 60);
    if (part != 0 && n > 0 && n < RIV__PUT_TEXT)
        snprintf(dst + n, RIV__PUT_TEXT - (size_t)n, ".%03d", part);
    return dst;
}
