/* data/kernels_plain.c - the plain level, byte by byte: any machine has it. */
#include "data/kernels.h"

#include <string.h>

#include "base/macro.h"
#include "data/digits.h"

static uint32_t blanks(const char *p, uint32_t n, uint32_t *at, uint64_t *lines)
{
    uint32_t count = 0, newlines = 0;
    for (uint32_t i = 0; i < n; i++) {
        at[count] = i;
        count += (unsigned char)p[i] <= ' ';
        newlines += p[i] == '\n';
    }
    *lines += newlines;
    return count;
}

static uint32_t marks(const char *p, uint32_t n, char a, char b, uint32_t *at)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        at[count] = i;
        count += (p[i] == a) | (p[i] == b);
    }
    return count;
}

static uint32_t csv(const char *p, uint32_t n, char sep, uint32_t *at,
                    bool *quotes)
{
    *quotes = n > 0 && memchr(p, '"', n) != NULL;
    return marks(p, n, sep, '\n', at);
}

static bool numbers(const struct riv_texts *texts, char *to, size_t size)
{
    for (uint32_t i = 0; i < texts->n; i++, to += size) {
        const riv_str s = riv__texts_at(texts, i);
        int64_t v;
        if (s.n == 0 || !riv__digits(s.p, s.n, &v))
            return false;
        memcpy(to, &v, sizeof v);
    }
    return true;
}

static const char *find(const char *p, const char *end, riv_str literal)
{
    const char *hit = memmem(p, (size_t)(end - p), literal.p, literal.n);
    return hit ? hit : end;
}

static bool json_same(const char *a, const char *b, size_t n)
{
    return memcmp(a, b, n) == 0;
}

static const char *json_text(const char *p, const char *end)
{
    while (p < end && *p != '"' && *p != '\\' && *p >= ' ' &&
           (unsigned char)*p < 128)
        p++;
    return p;
}

/* To look is as quick. */
static bool json_is(const char *p, uint32_t n)
{
    (void)p;
    (void)n;
    return false;
}

static bool json(const struct riv_json_shape *shape, const char *p,
                 const char *end, riv_str *value)
{
    static const struct riv_json_looks looks = { json_same, json_text,
                                                 riv__json_number_end, json_is,
                                                 json_is };
    return riv__json_match(shape, p, end, value, &looks);
}

static uint64_t newlines(const char *p, const char *end)
{
    uint64_t n = 0;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        p++;
        n++;
    }
    return n;
}

static size_t contains(const char **p, const char *end, riv_str literal,
                       riv_str *row, size_t max, uint64_t *lines)
{
    const char *line = *p;
    size_t n = 0;
    while (n < max && line < end) {
        const char *hit = find(line, end, literal);
        if (hit == end) {
            line = end;
            break;
        }
        const char *from = memrchr(line, '\n', (size_t)(hit - line));
        const char *nl = memchr(hit, '\n', (size_t)(end - hit));
        from = from ? from + 1 : line;
        row[n++] = (riv_str){ from, (size_t)(nl - from) };
        line = nl + 1;
    }
    *lines += newlines(*p, line);
    *p = line;
    return n;
}

bool riv__kernels_field(const char *line, const char *end, char sep, uint32_t n,
                        riv_str *field)
{
    for (; n > 1 && line < end; n--) {
        line = memchr(line, sep, (size_t)(end - line));
        if (!line)
            return false;
        line++;
    }
    if (n > 1)
        return false;
    const char *stop =
        line < end ? memchr(line, sep, (size_t)(end - line)) : NULL;
    *field = (riv_str){ line, (size_t)((stop ? stop : end) - line) };
    return true;
}

static size_t fields(const char **p, const char *end, char sep, uint32_t n,
                     riv_str *row, size_t max, uint64_t *lines)
{
    const char *line = *p;
    size_t found = 0;
    for (; found < max && line < end; ++*lines) {
        const char *nl = memchr(line, '\n', (size_t)(end - line));
        found += riv__kernels_field(line, nl, sep, n, &row[found]);
        line = nl + 1;
    }
    *p = line;
    return found;
}

const struct riv_kernels riv__kernels_plain = {
    .cpu = RIV__CPU_PLAIN,
    .blanks = blanks,
    .marks = marks,
    .csv = csv,
    .numbers = numbers,
    .find = find,
    .json = json,
    .contains = contains,
    .fields = fields,
};
