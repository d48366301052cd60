/* tests/fuzz/lines.c - lines out of reads of any size: whatever the pieces are,
 * what comes out is what a loop over the whole text gives. */
#include <string.h>

#include "base/buf.h"
#include "conf/settings.h"
#include "fuzz/fuzz.h"
#include "io/lines.h"

enum { LINE_MAX = 64, FEED_BYTES = 1 << 20 };

/* What must be in the feed; false: a line is too long for the policy. */
static bool naive(enum riv_line_policy policy, bool ends, const char *p,
                  size_t n, struct riv_buf *to)
{
    while (n > 0) {
        const char *at = memchr(p, '\n', n);
        const size_t line = at ? (size_t)(at - p) : n;
        const bool is_long = line > LINE_MAX;
        if (is_long && policy == RIV__LINE_FAIL)
            return false;
        /* A broken stream drops its last piece; but what is cut is whole. */
        const bool counts = at || ends || (is_long && policy == RIV__LINE_CUT);
        if (counts && !(is_long && policy == RIV__LINE_SKIP)) {
            riv__buf_add(to, p, is_long ? LINE_MAX : line);
            riv__buf_char(to, '\n');
        }
        p += line + (at != NULL);
        n -= line + (at != NULL);
    }
    return true;
}

static void drain(struct riv_feed *feed, struct riv_buf *to)
{
    struct riv_cut cut;
    size_t held = 0;
    riv__cut_init(&cut);
    FUZZ_CHECK(riv__feed_cut(feed, 0, 0, &cut, &held, NULL) == 0);
    for (size_t i = 0; i < cut.n; i++)
        riv__buf_add(to, cut.range[i].block->bytes + cut.range[i].from,
                     (size_t)(cut.range[i].until - cut.range[i].from));
    riv__cut_reset(&cut);
    riv__feed_release(feed, held);
    riv__cut_fini(&cut);
}

static int take(struct riv_lines *lines, struct riv_feed *feed,
                const struct riv_settings *conf, size_t seed,
                struct fuzz_bytes text)
{
    int rc = 0;
    while (rc == 0 && text.n > 0) {
        size_t piece = 1 + seed % 37;
        piece = piece < text.n ? piece : text.n;
        rc = riv__lines_take(lines, feed, conf, (const char *)text.p, piece,
                             NULL);
        text.p += piece;
        text.n -= piece;
        seed = seed * 31 + 7;
    }
    return rc;
}

static void one(const unsigned char *p, size_t n)
{
    struct fuzz_bytes text = { p, n };
    const enum riv_line_policy policy = fuzz_byte(&text) % 3;
    const bool ends = fuzz_byte(&text) & 1;
    const size_t seed = fuzz_byte(&text);
    const struct riv_settings conf = { .buffer_bytes = FEED_BYTES,
                                       .line_bytes_max = LINE_MAX,
                                       .line_policy = policy };
    struct riv_feed feed;
    struct riv_lines lines;
    struct riv_buf want, got;
    riv__buf_init(&want, 0);
    riv__buf_init(&got, 0);
    FUZZ_CHECK(riv__feed_init(&feed, riv__sys_real(), NULL, FEED_BYTES, NULL) ==
               0);
    riv__lines_init(&lines, &conf);
    int rc = take(&lines, &feed, &conf, seed, text);
    if (rc == 0 && ends)
        rc = riv__lines_end(&lines, &feed, NULL);
    else
        riv__lines_drop(&lines);
    const bool fits = naive(policy, ends, (const char *)text.p, text.n, &want);
    drain(&feed, &got);
    FUZZ_CHECK((rc == 0) == fits);
    FUZZ_CHECK(rc == 0 || rc == RIV_ERECORD);
    FUZZ_CHECK(got.n == want.n);
    FUZZ_CHECK(got.n == 0 || memcmp(got.p, want.p, got.n) == 0);
    riv__lines_fini(&lines);
    riv__feed_fini(&feed);
    riv__buf_fini(&want);
    riv__buf_fini(&got);
}

const struct fuzz_target fuzz_target = { "lines", 20000, one };
