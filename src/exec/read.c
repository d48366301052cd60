/* exec/read.c - a range of a file as chunks of lines: big reads into the
 * worker's own buffer, framing, pushing. The buffer is reused, because whoever
 * keeps rows copies them. A line belongs to the range it begins in. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "exec/ready.h"
#include "exec/sieve.h"
#include "exec/tap.h"
#include "exec/task.h"
#include "exec/where.h"
#include "sys/file.h"

enum { READ_BYTES = RIV__BLOCK_BYTES, AHEAD_BYTES = 4096 };

static void line_fail(struct riv_chain *chain, riv_str line, size_t most)
{
    struct riv_where where;
    riv__where_line(chain, line, &where);
    riv__where_fini(&where); /* the words stay */
    riv__chain_fail(chain, RIV_ERECORD,
                    "%s: %s is longer than %zu bytes; raise input.line_max, or "
                    "set input.long_line to cut or skip",
                    chain->source ? chain->source : "input", where.words, most);
}

/* A chunk that may hold a line over the limit: rare, so looked at only when
 * the whole chunk is longer than that. Returns the rows that remain. */
static size_t lines_limit(struct riv_chain *chain, riv_str *lines, size_t n)
{
    const struct riv_settings *conf = chain->exec->conf;
    const size_t most = (size_t)conf->line_bytes_max;
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (lines[i].n > most) {
            chain->long_lines++;
            if (conf->line_policy == RIV__LINE_SKIP)
                continue;
            if (conf->line_policy == RIV__LINE_FAIL) {
                line_fail(chain, lines[i], most);
                return 0;
            }
            lines[i].n = most;
        }
        lines[kept++] = lines[i];
    }
    return kept;
}

/* For messages and dead letters: what is pushed lies at `offset`. */
static void lines_at(struct riv_chain *chain, uint64_t offset, const char *p,
                     const char *end)
{
    chain->offset = offset;
    chain->lines = p;
    chain->end = end;
}

static int push_lines(struct riv_chain *chain, const riv_str *lines, size_t n)
{
    return RIV__RARELY(chain->is_sieved) ? riv__sieve_push(chain, lines, n)
                                         : riv__chain_push(chain, lines, n);
}

static int push_by_lines(struct riv_chain *chain, const char *p,
                         const char *end, uint64_t offset)
{
    const size_t most = (size_t)chain->exec->conf->line_bytes_max;
    riv_str *lines = chain->worker->lines;
    const char *begin = p;
    while (p < end && chain->rc == 0 && !chain->full) {
        const char *from = p;
        size_t n = riv__frame_lines(&p, end, lines, RIV__CHUNK_ROWS);
        lines_at(chain, offset + (uint64_t)(from - begin), from, p);
        if (n == 0)
            break;
        if (RIV__RARELY((size_t)(p - from) > most))
            n = lines_limit(chain, lines, n);
        if (n > 0)
            push_lines(chain, lines, n);
    }
    return chain->rc;
}

/* Over text there are no rows of the source, nor, where its step gives keys away,
 * of that one. */
static bool tap_wants_lines(const struct riv_chain *chain)
{
    const struct riv_stage *stage = chain->stage;
    return riv__tap_wants(chain->exec, stage->source) ||
           (stage->keys_to &&
            riv__tap_wants(chain->exec, stage->step[stage->root[0].to].ds));
}

int riv__read_lines(struct riv_chain *chain, const char *p, const char *end,
                    uint64_t offset)
{
    if (atomic_load_explicit(&chain->exec->stop, memory_order_relaxed))
        return riv__chain_fail(chain, RIV_ESTOPPED, "stopped");
    const char *rest = p;
    if (riv__text_takes(chain->stage) && !chain->is_sieved &&
        !(riv__tap_is_armed(chain->exec) && tap_wants_lines(chain)))
        rest = riv__text_push(chain, p, end, offset);
    return push_by_lines(chain, rest, end, offset + (uint64_t)(rest - p));
}

/* A range being read: the buffer holds file bytes [at, at + used). */
struct reading {
    struct riv_chain *chain;
    const struct riv_range *range;
    struct riv_worker *worker;
    int fd;
    uint64_t at;
    size_t used;
    bool skipping; /* in front of the first line that begins in the range */
    bool dropping; /* inside a line that is over the limit */
    bool end;      /* of the file */
};

static int room_make(struct riv_worker *worker, size_t cap)
{
    if (worker->read_cap >= cap)
        return 0;
    char *p = realloc(worker->read, cap + RIV__SLACK);
    if (!p)
        return RIV_ENOMEM;
    memset(p + cap, 0, RIV__SLACK);
    worker->read = p;
    worker->read_cap = cap;
    return 0;
}

static int shrank(struct riv_chain *chain, const struct riv_range *range,
                  uint64_t found)
{
    chain->final = true; /* it will not grow back */
    riv__chain_fail(
        chain, RIV_EIO,
        "%s has %llu bytes; it had %llu when this batch began. A file must not "
        "shrink before it is read: write another one, and rename it",
        range->path, (unsigned long long)found,
        (unsigned long long)RIV__MAX(range->seen.bytes, range->until));
    return riv__chain_unread(chain, RIV__FILE_DAMAGED);
}

enum riv_unread riv__read_why(int code)
{
    return code == RIV_ENOINPUT ? RIV__FILE_GONE
           : code == RIV_EIO    ? RIV__FILE_DAMAGED
                                : RIV__READABLE;
}

/* Is it the file that was cut? With less of it, or another one, the result would
 * be wrong, and nobody would know. */
int riv__read_check(struct riv_chain *chain, const struct riv_range *range,
                    int fd)
{
    struct riv_sys *sys = chain->exec->sys;
    const struct riv_file_seen *seen = &range->seen;
    struct riv_stat now;
    struct riv_err err = { 0 };
    if (seen->inode == 0)
        return 0;
    int rc = sys->fstat(sys, fd, &now);
    if (rc < 0) {
        riv__err_sys(&err, -rc, "fstat", range->path);
        return riv__chain_fail(chain, err.code, "%s", err.text);
    }
    if (seen->inode == RIV__INODE_NONE) {
        riv__chain_fail(chain, RIV_ENOINPUT,
                        "%s was not there when the job started", range->path);
        return riv__chain_unread(chain, RIV__FILE_GONE);
    }
    if (now.inode != seen->inode || now.device != seen->device) {
        chain->final = true;
        riv__chain_fail(
            chain, RIV_EIO,
            "%s was replaced by another file, of %llu bytes, after this batch "
            "began; it had %llu",
            range->path, (unsigned long long)now.bytes,
            (unsigned long long)seen->bytes);
        return riv__chain_unread(chain, RIV__FILE_DAMAGED);
    }
    return now.bytes < seen->bytes ? shrank(chain, range, now.bytes) : 0;
}

/* What to read next: the range, and some bytes for the line that crosses its
 * end; what lies behind is another task's, or another batch's. */
static size_t fill_bytes(const struct reading *rd)
{
    const uint64_t next = rd->at + rd->used, until = rd->range->until;
    const uint64_t left = next < until ? until - next : 0;
    const size_t room = rd->worker->read_cap - rd->used;
    return left < room ? RIV__MIN((size_t)left + AHEAD_BYTES, room) : room;
}

static int fill(struct reading *rd)
{
    struct riv_worker *w = rd->worker;
    struct riv_err err = { 0 };
    size_t room = fill_bytes(rd);
    int64_t n =
        riv__file_pread(rd->chain->exec->sys, rd->fd, w->read + rd->used, room,
                        rd->at + rd->used, rd->range->path, &err);
    if (n < 0) {
        riv__chain_fail(rd->chain, (int)n, "%s", err.text);
        return riv__chain_unread(rd->chain, RIV__FILE_DAMAGED);
    }
    rd->used += (size_t)n;
    rd->end = (size_t)n < room;
    if (RIV__RARELY(rd->end && rd->at + rd->used < rd->range->until))
        return shrank(rd->chain, rd->range, rd->at + rd->used);
    return 0;
}

/* Forgets the first n bytes of the buffer. */
static void drop(struct reading *rd, size_t n)
{
    memmove(rd->worker->read, rd->worker->read + n, rd->used - n);
    rd->used -= n;
    rd->at += n;
}

/* Drops through the next line end; false when it is not in the buffer. */
static bool drop_line(struct reading *rd)
{
    char *p = rd->worker->read;
    char *nl = memchr(p, '\n', rd->used);
    drop(rd, nl ? (size_t)(nl - p) + 1 : rd->used);
    return nl != NULL;
}

/* Where the first line in the buffer begins. The mark that spreadsheets write in
 * front of UTF-8 is no part of it; Hadoop's text input, which Spark reads with,
 * leaves it out, too. */
static const char *first_line(const struct reading *rd)
{
    const riv_str text = riv__str(rd->worker->read, rd->used);
    return rd->at == 0 ? riv__str_unmarked(text).p : text.p;
}

/* How many bytes of the buffer are whole lines of this range; *last: the range
 * ends with them. */
static size_t whole_lines(const struct reading *rd, bool *last)
{
    const char *p = rd->worker->read;
    const uint64_t until = rd->range->until;
    *last = false;
    if (rd->at + rd->used < until)
        return riv__frame_last(p, rd->used);
    size_t from = until - 1 > rd->at ? (size_t)(until - 1 - rd->at) : 0;
    const char *nl = memchr(p + from, '\n', rd->used - from);
    if (!nl)
        return riv__frame_last(p, from);
    *last = true;
    return (size_t)(nl - p) + 1;
}

/* The buffer is full and holds no line end: make room, or apply the policy. */
static int long_line(struct reading *rd)
{
    const struct riv_settings *conf = rd->chain->exec->conf;
    struct riv_worker *w = rd->worker;
    size_t most = (size_t)conf->line_bytes_max;
    if (rd->used <= most) {
        if (room_make(w, RIV__MIN(2 * w->read_cap, most + READ_BYTES)) == 0)
            return 0;
        return riv__chain_fail(rd->chain, RIV_ENOMEM, "no memory for a line");
    }
    if (conf->line_policy == RIV__LINE_FAIL)
        return riv__chain_fail(
            rd->chain, RIV_ERECORD,
            "%s: the line at byte %llu is longer than "
            "%zu bytes; raise input.line_max, or set input.long_line to cut or "
            "skip",
            rd->range->path, (unsigned long long)rd->at, most);
    rd->chain->long_lines++;
    if (conf->line_policy == RIV__LINE_CUT) {
        riv_str line = { w->read, most };
        lines_at(rd->chain, rd->at, w->read, w->read + most);
        push_lines(rd->chain, &line, 1);
    }
    rd->dropping = true;
    return rd->chain->rc;
}

/* The file ends without a line end: its last piece is a line, too. */
static int last_line(struct reading *rd)
{
    if (rd->used == 0 || rd->at >= rd->range->until)
        return 0;
    const char *p = first_line(rd), *end = rd->worker->read + rd->used;
    riv_str line = { p, (size_t)(end - p) };
    if (line.n == 0)
        return 0;
    lines_at(rd->chain, rd->at, line.p, end);
    if (lines_limit(rd->chain, &line, 1) == 0)
        return rd->chain->rc;
    return push_lines(rd->chain, &line, 1);
}

/* One buffer's worth. 1: there is more, 0: the range is done. */
static int step(struct reading *rd)
{
    RIV__TRY(fill(rd));
    if (rd->skipping || rd->dropping) {
        if (!drop_line(rd))
            return !rd->end;
        rd->skipping = rd->dropping = false;
        if (rd->at >= rd->range->until)
            return 0;
    }
    bool last;
    size_t n = whole_lines(rd, &last);
    if (n > 0) {
        const char *p = first_line(rd);
        RIV__TRY(riv__read_lines(rd->chain, p, rd->worker->read + n,
                                 rd->at + (uint64_t)(p - rd->worker->read)));
        drop(rd, n);
    }
    if (last || rd->chain->full)
        return 0;
    if (rd->end)
        return last_line(rd);
    if (rd->used == rd->worker->read_cap ||
        rd->used > (size_t)rd->chain->exec->conf->line_bytes_max)
        RIV__TRY(long_line(rd));
    return 1;
}

int riv__read_file(struct riv_chain *chain, const struct riv_range *range)
{
    struct riv_err err = { 0 };
    struct riv_sys *sys = chain->exec->sys;
    struct reading rd = { .chain = chain,
                          .range = range,
                          .worker = chain->worker,
                          .at = range->from > 0 ? range->from - 1 : 0,
                          .skipping = range->from > 0 };
    chain->source = range->path;
    if (room_make(rd.worker, READ_BYTES) < 0)
        return riv__chain_fail(chain, RIV_ENOMEM, "no memory for reading");
    int rc = riv__file_open(sys, range->path, RIV__OPEN_READ, &rd.fd, &err);
    if (rc < 0) {
        riv__chain_fail(chain, rc, "%s", err.text);
        return riv__chain_unread(chain, riv__read_why(rc));
    }
    rc = riv__read_check(chain, range, rd.fd);
    if (rc == 0)
        do
            rc = step(&rd);
        while (rc > 0);
    sys->close(sys, rd.fd);
    return rc;
}
