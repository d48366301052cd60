/* connect/source_receive.c - a source that the program brings (riv_source): its
 * read() runs on the input's thread and emits rows, which wait in stores for a
 * batch. Where it stands is counted in rows: the offset it gave after a read,
 * and how many rows behind that were cut. Opened again at that offset it gives
 * the same rows, of which so many are left out; so it does not matter where
 * batches and reads end, and a failure that passes loses nothing. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "connect/receive.h"
#include "connect/sources.h"
#include "connect/stores.h"
#include "exec/emitter.h"
#include "graph/ops.h"

/* A place in what the source gives: the offset, and the rows before it. */
struct place {
    uint64_t rows;
    size_t n;
    char offset[RIV__OFFSET_MAX];
};

struct receive_input {
    struct riv_input base;
    const struct riv_source *is;
    const void *arg;
    uint32_t partition;
    /* @thread source, once it runs */
    struct riv_emitter *emitter;
    void *self;
    bool is_open;
    uint64_t skip; /* rows that come again after it was opened */
    int64_t pause_ms;
    /* protected by lock */
    struct riv_lock lock;
    struct riv_stores stores;
    uint64_t pushed;   /* rows so far, over all runs */
    uint64_t want;     /* a batch that is run again waits for these: no limit */
    struct place last; /* where the source said it stands */
    /* @thread driver */
    uint64_t cut;     /* rows in batches so far, over all runs */
    struct place was; /* the last one that is not behind `cut` */
};

static struct receive_input *self_of(struct riv_input *input)
{
    return (struct receive_input *)input;
}

static bool replays(const struct receive_input *self)
{
    return self->is && self->is->offset;
}

/* -------------------------------------------------------- on its own thread */

static bool is_closed(struct receive_input *self)
{
    struct riv_feed *feed = &self->base.feed;
    riv__lock(&feed->lock);
    bool closed = feed->closed;
    riv__unlock(&feed->lock);
    return closed;
}

static void wake_driver(const struct receive_input *self)
{
    struct riv_sys *sys = self->base.sys;
    if (self->base.driver)
        sys->wake_raise(sys, self->base.driver);
}

/* 1: they are in; 0: no room now. @locks self->lock */
static int put(struct receive_input *self, const void *rows, size_t n,
               size_t bytes)
{
    const size_t limit = (size_t)self->base.conf->buffer_bytes;
    if (!riv__stores_room(&self->stores, bytes, limit) &&
        self->pushed >= self->want)
        return 0;
    RIV__TRY(riv__stores_add(&self->stores, rows, n, bytes, false));
    self->pushed += n;
    return 1;
}

/* Rows that the source emitted. Waits for room: that is the back-pressure. */
static int take_rows(void *arg, const void *rows, size_t n, struct riv_err *err)
{
    struct receive_input *self = arg;
    const size_t again = (size_t)RIV__MIN(self->skip, (uint64_t)n);
    self->skip -= again;
    rows = (const char *)rows + again * self->stores.layout->size;
    n -= again;
    if (n == 0)
        return 0;
    const size_t bytes = riv__stores_bytes(self->stores.layout, rows, n);
    for (;;) {
        riv__lock(&self->lock);
        int rc = put(self, rows, n, bytes);
        riv__unlock(&self->lock);
        if (rc < 0)
            return riv__err_set(err, rc, "no memory for rows");
        if (rc > 0)
            return 0;
        if (is_closed(self))
            return RIV_ESTOPPED;
        wake_driver(self);
        RIV__TRY(riv__input_wait(&self->base, NULL, 0, -1, err));
    }
}

static int said(int rc, const char *function, struct riv_err *err)
{
    struct riv_err why = { 0 };
    if (err && err->code < 0)
        why = *err;
    return riv__err_set(err, rc < 0 ? rc : RIV_EFATAL,
                        "%s of the source returned %d: %s", function, rc,
                        why.code < 0 ? why.text : riv__err_text(rc));
}

static int source_open(struct receive_input *self, struct riv_err *err)
{
    const struct place *at = &self->last;
    self->skip = replays(self) ? self->pushed - at->rows : 0;
    self->self = NULL;
    int rc = self->is->open(self->arg, self->partition,
                            riv__str(at->offset, at->n), &self->self);
    if (rc != 0)
        return said(rc, "open()", err);
    self->is_open = true;
    return 0;
}

static void source_close(struct receive_input *self)
{
    if (self->is_open && self->is->close)
        self->is->close(self->self);
    self->is_open = false;
}

/* After a read: all it emitted has been taken. */
static int look(struct receive_input *self, struct riv_err *err)
{
    char text[RIV__OFFSET_MAX];
    size_t n = 0;
    if (!replays(self) || self->skip > 0)
        return 0;
    int rc = self->is->offset(self->self, text, sizeof text, &n);
    if (rc != 0)
        return said(rc, "offset()", err);
    if (n > sizeof text)
        return riv__err_set(err, RIV_EINVAL,
                            "offset() of the source gave %zu bytes; at most "
                            "%zu are allowed",
                            n, sizeof text);
    riv__lock(&self->lock);
    self->last.rows = self->pushed;
    self->last.n = n;
    memcpy(self->last.offset, text, n);
    riv__unlock(&self->lock);
    return 0;
}

/* Nothing now: it is asked again after a pause that grows up to files.poll. */
static int idle(struct receive_input *self, struct riv_err *err)
{
    const int64_t most = self->base.conf->poll_ms;
    self->pause_ms = RIV__MIN(RIV__MAX(self->pause_ms * 2, 1), most);
    RIV__TRY(riv__input_wait(&self->base, NULL, 0, self->pause_ms, err));
    return RIV__READ_IDLE;
}

static int receive_read(struct riv_input *input, struct riv_err *err)
{
    struct receive_input *self = self_of(input);
    if (!self->is)
        return riv__err_set(err, RIV_EINVAL,
                            "no source belongs to this input: riv_receive "
                            "makes one");
    if (!self->is_open)
        RIV__TRY(source_open(self, err));
    int rc = riv__emitter_call(self->emitter, self->is->read, self->self, err);
    const bool good = rc == 0 || rc == RIV_EBUSY || rc == RIV_ESTOPPED;
    if (good) {
        RIV__TRY(look(self, err));
        if (rc == RIV_EBUSY)
            return idle(self, err);
        self->pause_ms = 0;
        return rc == 0 ? RIV__READ_MORE : RIV__READ_END;
    }
    source_close(self);
    return said(rc, "read()", err);
}

/* -------------------------------------------------------------- of batches */

/* Up to `most` rows, over stores. @locks self->lock */
static int cut_rows(struct receive_input *self, uint64_t most,
                    struct riv_cut *cut, struct riv_err *err)
{
    while (most > 0) {
        size_t n;
        RIV__TRY(riv__stores_cut(&self->stores, self->base.index,
                                 (size_t)RIV__MIN(most, (uint64_t)SIZE_MAX),
                                 cut, &n, err));
        if (n == 0)
            break;
        self->cut += n;
        most -= n;
    }
    return 0;
}

/* What the batch may still take. @locks self->lock */
static int cut_some(struct receive_input *self, struct riv_cut *cut,
                    struct riv_err *err)
{
    struct riv_rate *rate = &self->base.rate;
    while (self->stores.first && riv__rate_left(rate) > 0) {
        const struct riv_store *first = self->stores.first;
        const uint64_t before = self->cut;
        RIV__TRY(cut_rows(self,
                          riv__stores_fit(&self->stores, riv__rate_left(rate)),
                          cut, err));
        riv__rate_took(rate,
                       riv__stores_have(first, (size_t)(self->cut - before)));
    }
    return 0;
}

static size_t receive_waiting(struct riv_input *input)
{
    struct receive_input *self = self_of(input);
    riv__lock(&self->lock);
    const size_t bytes = self->stores.bytes;
    riv__unlock(&self->lock);
    return bytes;
}

static int receive_cut(struct riv_input *input, struct riv_cut *cut,
                       struct riv_err *err)
{
    struct receive_input *self = self_of(input);
    const bool is_limited = input->cut_is_limited;
    input->cut_is_limited = false;
    riv__lock(&self->lock);
    int rc = is_limited ? cut_rows(self, input->cut_most, cut, err)
                        : cut_some(self, cut, err);
    if (self->last.rows <= self->cut)
        self->was = self->last;
    riv__unlock(&self->lock);
    return rc < 0 ? rc : RIV__READ_MORE;
}

static void receive_release(struct riv_input *input)
{
    struct receive_input *self = self_of(input);
    riv__lock(&self->lock);
    riv__stores_release(&self->stores);
    riv__unlock(&self->lock);
    input->sys->wake_raise(input->sys, &input->wake); /* it may wait for room */
}

/* ---------------------------------------------------------- for the journal */

static void put_offset(struct riv_stand *to, const struct place *at)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * RIV__OFFSET_MAX];
    for (size_t i = 0; i < at->n; i++) {
        const unsigned char c = (unsigned char)at->offset[i];
        text[2 * i] = digits[c >> 4];
        text[2 * i + 1] = digits[c & 15];
    }
    riv__stand_put_text(to, "offset", riv__str(text, 2 * at->n));
}

static int receive_stand(struct riv_input *input, struct riv_stand *to,
                         struct riv_err *err)
{
    struct receive_input *self = self_of(input);
    (void)err;
    riv__stand_put(to, "rows", self->cut);
    if (!replays(self))
        return 0;
    riv__stand_put(to, "behind", self->cut - self->was.rows);
    put_offset(to, &self->was);
    return 0;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_offset(riv_str words, struct place *to)
{
    riv_str text;
    if (!riv__stand_get_text(words, "offset", &text) || text.n % 2 != 0 ||
        text.n > 2 * (size_t)RIV__OFFSET_MAX)
        return false;
    to->n = text.n / 2;
    for (size_t i = 0; i < to->n; i++) {
        const int high = digit(text.p[2 * i]), low = digit(text.p[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        to->offset[i] = (char)(high << 4 | low);
    }
    return true;
}

static int receive_seek(struct riv_input *input, riv_str words,
                        struct riv_err *err)
{
    struct receive_input *self = self_of(input);
    uint64_t behind = 0;
    if (!riv__stand_get(words, "rows", &self->cut))
        return riv__stand_damaged(words, err);
    self->pushed = self->cut;
    if (!replays(self))
        return 0;
    if (!riv__stand_get(words, "behind", &behind) || behind > self->cut ||
        !get_offset(words, &self->was))
        return riv__stand_damaged(words, err);
    self->was.rows = self->cut - behind;
    self->last = self->was;
    return 0;
}

/* What it had given to a batch that is run again, by the number of rows. What
 * cannot be had again is lost: then the batch has what has come. */
static int receive_reach(struct riv_input *input, riv_str words,
                         struct riv_err *err)
{
    struct receive_input *self = self_of(input);
    const bool ended =
        atomic_load_explicit(&input->ended, memory_order_acquire);
    uint64_t rows;
    if (!riv__stand_get(words, "rows", &rows) || rows < self->cut)
        return riv__stand_damaged(words, err);
    if (!replays(self))
        return 1;
    riv__lock(&self->lock);
    const uint64_t pushed = self->pushed;
    self->want = rows;
    riv__unlock(&self->lock);
    input->cut_is_limited = pushed >= rows;
    input->cut_most = rows - self->cut;
    if (pushed >= rows)
        return 1;
    if (ended && !atomic_load_explicit(&input->failed, memory_order_acquire))
        return riv__err_set(err, RIV_ENOINPUT,
                            "the source gave %llu rows of a batch that had "
                            "%llu, and ended",
                            (unsigned long long)(pushed - self->cut),
                            (unsigned long long)(rows - self->cut));
    input->sys->wake_raise(input->sys, &input->wake);
    return 0;
}

/* ------------------------------------------------------------------- life */

int riv__receive_tie(struct riv_input *input, struct riv_exec *exec,
                     const riv_ds *ds, struct riv_err *err)
{
    struct receive_input *self = self_of(input);
    const struct riv_receive_param *param = ds->param;
    RIV__ASSERT(input->ops == &riv__source_receive);
    self->is = param->source;
    self->arg = ds->arg;
    self->partition = param->partition;
    riv__stores_init(&self->stores, ds->layout);
    return riv__emitter_new(
        &(struct riv_emitter_spec){ .exec = exec,
                                    .ds = ds,
                                    .partition = param->partition,
                                    .take = take_rows,
                                    .arg = self },
        &self->emitter, err);
}

/* The rest of the URI is its name, for messages. */
static int receive_open(struct riv_input *input, struct riv_err *err)
{
    (void)err;
    riv__lock_init(&self_of(input)->lock);
    return 0;
}

static void receive_close(struct riv_input *input)
{
    struct receive_input *self = self_of(input);
    source_close(self);
    riv__emitter_free(self->emitter);
    riv__stores_fini(&self->stores);
    riv__lock_fini(&self->lock);
}

const struct riv_source_ops riv__source_receive = {
    .name = "receive",
    .input_size = sizeof(struct receive_input),
    .flags = RIV__SOURCE_ROWS,
    .open = receive_open,
    .read = receive_read,
    .cut = receive_cut,
    .waiting = receive_waiting,
    .close = receive_close,
    .release = receive_release,
    .stand = receive_stand,
    .seek = receive_seek,
    .reach = receive_reach,
};
