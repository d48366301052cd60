/* sim/check.c - the records: each batch as the job wrote it, against the streams
 * they came from. What operators make of them is check_op.c. */
#include "sim/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/check_parts.h"

enum { CANARY_AFTER = 5 };

struct check *check_new(struct world *w, const struct check_conf *conf)
{
    struct check *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->w = w;
    c->conf = *conf;
    c->rng = rng_of(w->seed, 'c');
    return c;
}

void check_free(struct check *c)
{
    for (size_t i = 0; i < OPS; i++)
        free(c->rows[i].row);
    free(c->want.row);
    free(c);
}

struct rows *check_rows(struct check *c, unsigned op)
{
    return &c->rows[__builtin_ctz(op)];
}

void rows_add(struct rows *rows, int key, int64_t val)
{
    if (rows->n == rows->cap) {
        rows->cap = rows->cap ? 2 * rows->cap : 64;
        rows->row = realloc(rows->row, rows->cap * sizeof *rows->row);
        if (!rows->row)
            abort();
    }
    rows->row[rows->n++] = (struct row){ key, val };
}

void check_count_batch(struct check *c)
{
    c->batches++;
}

uint64_t check_batches(const struct check *c)
{
    return c->batches;
}

uint64_t check_records(const struct check *c)
{
    return c->records;
}

/* ---------------------------------------------------------------- records */

bool check_number(const char **p, const char *end, int64_t *ret)
{
    const bool minus = *p < end && **p == '-';
    int64_t v = 0;
    const char *from = *p += minus;
    while (*p < end && **p >= '0' && **p <= '9')
        v = 10 * v + (*(*p)++ - '0');
    *ret = minus ? -v : v;
    return *p > from;
}

static bool take_char(const char **p, const char *end, char c)
{
    if (*p == end || **p != c)
        return false;
    ++*p;
    return true;
}

/* "STREAM,SEQ,KEY,VAL" */
bool check_record_read(const char *p, const char *end, struct record *ret)
{
    int64_t stream, seq, val;
    if (!check_number(&p, end, &stream) || !take_char(&p, end, ',') ||
        !check_number(&p, end, &seq) || !take_char(&p, end, ','))
        return false;
    const char *comma = memchr(p, ',', (size_t)(end - p));
    int key = comma ? stream_key_of(p, (size_t)(comma - p)) : -1;
    if (key < 0)
        return false;
    p = comma + 1;
    if (!check_number(&p, end, &val) || p != end)
        return false;
    *ret =
        (struct record){ (uint32_t)stream, (uint64_t)seq, (unsigned)key, val };
    return true;
}

static void count_record(struct check *c, const struct record *rec)
{
    struct batch *b = &c->batch[0];
    b->n++;
    b->max[rec->key] = b->count[rec->key] == 0 || rec->val > b->max[rec->key]
                           ? rec->val
                           : b->max[rec->key];
    b->count[rec->key]++;
    b->sum[rec->key] += rec->val;
    c->records++;
}

/* Over lines that are too long to come. */
static void seen_skip(struct check *c, struct stream *s)
{
    const uint64_t may = stream_may(c->w->seed, s);
    while (s->seen < may &&
           stream_is_long(c->w->seed, s, s->seen, c->conf.line_max))
        s->seen++;
}

/* It is one that was made, and the next of its stream. */
static void record_is_next(struct check *c, const struct record *rec)
{
    struct world *w = c->w;
    if (rec->stream >= w->nstream)
        sched_fail("a record of stream %u, which there is not", rec->stream);
    struct stream *s = w->stream[rec->stream];
    const struct record want = stream_record(w->seed, s->id, rec->seq);
    if (rec->key != want.key || rec->val != want.val)
        sched_fail("record %" PRIu64 " of stream %u is not as it was made",
                   rec->seq, s->id);
    seen_skip(c, s);
    if (rec->seq != s->seen)
        sched_fail("record %" PRIu64 " of stream %u %s; %" PRIu64 " was next",
                   rec->seq, s->id,
                   rec->seq < s->seen ? "comes again" : "comes too early",
                   s->seen);
    if (rec->seq >= stream_may(w->seed, s))
        sched_fail("record %" PRIu64 " of stream %u was never sent", rec->seq,
                   s->id);
    s->seen++;
}

void check_record(struct check *c, const struct record *rec)
{
    record_is_next(c, rec);
    count_record(c, rec);
}

/* What is done to the first record after some batches, so that the check may
 * find it. */
static void record_tamper(struct check *c, struct record *rec)
{
    c->tampered = true;
    switch (c->conf.canary) {
    case CANARY_LOSE: return;
    case CANARY_DOUBLE: check_record(c, rec); break;
    case CANARY_ALTER: rec->val++; break;
    case CANARY_SWAP:
    case CANARY_LATE:
        c->held = *rec;
        c->holds = true;
        return;
    default: break;
    }
    check_record(c, rec);
}

static void line_take(struct check *c, const char *p, const char *end)
{
    struct record rec;
    if (!check_record_read(p, end, &rec))
        sched_fail("/out/all has the line \"%.*s\"", (int)(end - p), p);
    const bool canary = c->conf.canary && c->batches >= CANARY_AFTER;
    if (canary && !c->tampered)
        record_tamper(c, &rec);
    else
        check_record(c, &rec);
    if (c->holds && c->conf.canary == CANARY_SWAP &&
        rec.stream == c->held.stream && rec.seq > c->held.seq) {
        c->holds = false;
        check_record(c, &c->held);
    }
}

/* The new lines of a file the job appends to, one by one. */
static void lines_new(struct check *c, const char *path, size_t *from,
                      void (*take)(struct check *c, const char *p,
                                   const char *end))
{
    size_t n = 0;
    const char *p = disk_look(c->w->disk, path, &n);
    if (!p)
        sched_fail("%s is not there", path);
    for (const char *at = p + *from, *nl; at < p + n; at = nl + 1) {
        nl = memchr(at, '\n', (size_t)(p + n - at));
        if (!nl)
            sched_fail("%s ends in the middle of a line", path);
        take(c, at, nl);
        *from = (size_t)(nl + 1 - p);
    }
}

/* -------------------------------------------------- lines as they were read */

/* The part of a line that a stream ended with, as it must come; 0: it must
 * not. */
static size_t fragment_of(const struct check *c, const struct stream *s,
                          char *dst)
{
    const size_t n = stream_fragment(c->w->seed, s, dst);
    return n <= c->conf.line_max ? n : 0; /* else as a cut line, or not */
}

static bool fragment_is(struct check *c, struct stream *s, const char *p,
                        size_t n)
{
    char text[LINE_MAX_BYTES + 2];
    return !s->part_seen && s->input == c->input &&
           fragment_of(c, s, text) == n && memcmp(text, p, n) == 0;
}

/* The first bytes of a line that is too long: the next one of its stream, which
 * may not have come to its end yet. */
static bool is_cut_line(struct check *c, const char *p, size_t n)
{
    char line[LINE_MAX_BYTES + 2];
    const char *at = p, *end = p + n;
    int64_t stream, seq;
    if (!c->conf.cuts || n != c->conf.line_max ||
        !check_number(&at, end, &stream) || !take_char(&at, end, ' ') ||
        !check_number(&at, end, &seq) || (uint64_t)stream >= c->w->nstream)
        return false;
    struct stream *s = c->w->stream[stream];
    if ((uint64_t)seq < s->cut || (uint64_t)seq > s->made ||
        stream_line(c->w->seed, s->id, (uint64_t)seq, line) <= n + 1 ||
        memcmp(line, p, n) != 0)
        return false;
    while (s->cut < (uint64_t)seq)
        if (stream_is_long(c->w->seed, s, s->cut++, n))
            return false;
    s->cut++;
    return true;
}

/* A line that is not whole belongs to a stream that ended in it. */
static void raw_take(struct check *c, const char *p, const char *end)
{
    const size_t n = (size_t)(end - p);
    if (n > 0 && end[-1] == ';')
        return; /* /out/all has it, too */
    c->fragments++;
    for (size_t i = c->w->nstream; i-- > 0;) {
        if (fragment_is(c, c->w->stream[i], p, n)) {
            c->w->stream[i]->part_seen = true;
            return;
        }
    }
    if (is_cut_line(c, p, n))
        return;
    sched_fail("input %u: the line \"%.*s\" was never sent, or comes again",
               c->input, (int)n, p);
}

static void raw_new(struct check *c)
{
    for (c->input = 0; c->input < c->conf.ninput; c->input++) {
        char path[32];
        snprintf(path, sizeof path, "/out/raw.%u", c->input);
        if (c->conf.raw[c->input])
            lines_new(c, path, &c->raw_from[c->input], raw_take);
    }
}

/* ------------------------------------------------------------------ batches */

static void time_is_right(struct check *c)
{
    const int64_t time = c->batch[0].time;
    if (time <= c->batch[1].time && c->batches > 0)
        sched_fail("batch time %" PRId64 " after %" PRId64, time,
                   c->batch[1].time);
    if (time % c->conf.interval_ms != 0)
        sched_fail("batch time %" PRId64 " is no multiple of the interval",
                   time);
    if (c->batches == 0)
        c->zero_ms = time - c->conf.interval_ms;
}

static void counts_are_right(const struct check *c, const riv_batch_info *info,
                             uint64_t fragments)
{
    const int64_t want = (int64_t)(c->batch[0].n + fragments);
    if (info->records_in != want)
        sched_fail("the batch says %" PRId64 " records, %" PRId64 " came",
                   info->records_in, want);
    /* long lines are found before their end, so not always in this batch */
    const bool long_lines = c->conf.line_max < LINE_MAX_BYTES;
    if (info->records_bad != (int64_t)fragments && !long_lines)
        sched_fail("the batch says %" PRId64 " bad records, %" PRIu64 " were",
                   info->records_bad, fragments);
}

void check_begin(struct check *c, int64_t time)
{
    memmove(&c->batch[1], &c->batch[0],
            (RIV__LEN(c->batch) - 1) * sizeof c->batch[0]);
    c->batch[0] = (struct batch){ .time = time };
    time_is_right(c);
}

void check_batch(struct check *c, const riv_batch_info *info)
{
    const uint64_t fragments = c->fragments;
    riv_batch_info told = *info;
    if (c->conf.canary == CANARY_TIME && c->batches == CANARY_AFTER)
        told.time = c->batch[0].time;
    info = &told;
    check_begin(c, told.time);
    if (c->holds && c->conf.canary == CANARY_LATE) {
        c->holds = false;
        check_record(c, &c->held);
    }
    lines_new(c, "/out/all", &c->all_from, line_take);
    raw_new(c);
    counts_are_right(c, info, c->fragments - fragments);
    check_ops(c);
    c->batches++;
    sched_mix(c->batch[0].n, (uint64_t)info->time);
    world_say(c->w, "batch %" PRIu64 " of %" PRId64 ": %" PRIu64 " records",
              c->batches, info->time, c->batch[0].n);
}

/* All long lines up to where it was seen came cut. */
static bool has_cut_lines(const struct check *c, const struct stream *s)
{
    const bool looked = c->conf.cuts && c->conf.raw[s->input];
    for (uint64_t i = s->cut; i < s->seen && looked; i++)
        if (stream_is_long(c->w->seed, s, i, c->conf.line_max))
            return false;
    return true;
}

static bool stream_has_all(struct check *c, struct stream *s, bool early)
{
    char text[LINE_MAX_BYTES + 2];
    const uint64_t must = stream_must(c->w->seed, s, early);
    uint64_t seen = s->seen;
    while (seen < must && stream_is_long(c->w->seed, s, seen, c->conf.line_max))
        seen++;
    if (seen < must || !has_cut_lines(c, s))
        return false;
    if ((early && s->kind != STREAM_CONN) || !c->conf.raw[s->input])
        return true;
    return s->part_seen || fragment_of(c, s, text) == 0;
}

bool check_has_all(struct check *c)
{
    for (size_t i = 0; i < c->w->nstream; i++)
        if (!stream_has_all(c, c->w->stream[i], false))
            return false;
    return true;
}

void check_end(struct check *c, bool early, bool lax)
{
    for (size_t i = 0; i < c->w->nstream && !lax; i++) {
        struct stream *s = c->w->stream[i];
        if (!stream_has_all(c, s, early))
            sched_fail(
                "stream %u of input %u: %" PRIu64 " records came of %" PRIu64
                " that had to%s (made %" PRIu64 "+%" PRIu64 " taken %" PRIu64
                "+%" PRIu64 " end %d, cut %" PRIu64 ")",
                s->id, s->input, s->seen, stream_must(c->w->seed, s, early),
                s->part_seen ? "" : ", or the part of a line behind", s->made,
                s->part, s->taken, s->taken_part, s->taken_end, s->cut);
    }
}
