/* exec/tap.c - the taps of a context. What a tap holds is in memory of its own,
 * bounded, made when it is armed; workers add to it and whoever asks takes from
 * it, under one lock, which is taken only while some tap is armed. */
#include "exec/tap.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/text.h"
#include "obs/put.h"

enum { NS_A_MS = 1000000 };

/* A row, or how many more a batch had. */
struct line {
    int64_t time; /* of its batch; 0: a job over finite input */
    uint64_t more;
    uint32_t bytes; /* of its text; 0: it is a number of rows */
};

struct slot {
    const riv_ds *ds;
    bool json;
    int64_t asked_ns;
    uint64_t first; /* number of line[0] */
    size_t nline, used;
    struct line line[RIV__TAP_LINES];
    char text[RIV__TAP_BYTES]; /* of the lines, one after another */
    /* of the batch that runs */
    int64_t time;
    uint64_t rows, more;
    size_t bytes;
    /* scratch */
    struct riv_buf row, text_line;
    char *copy; /* of a row */
};

struct riv_tap {
    struct riv_exec *exec;
    struct riv_lock lock; /* of all below */
    const riv_ds **node;
    size_t nnode;
    uint64_t next; /* number of the first line of the next slot */
    struct slot *slot[RIV__TAPS_MAX];
};

struct riv_tap *riv__tap_new(struct riv_exec *exec)
{
    struct riv_tap *tap = calloc(1, sizeof *tap);
    if (!tap)
        return NULL;
    tap->exec = exec;
    riv__lock_init(&tap->lock);
    return tap;
}

static void slot_free(struct slot *slot)
{
    if (!slot)
        return;
    riv__buf_fini(&slot->row);
    riv__buf_fini(&slot->text_line);
    free(slot->copy);
    free(slot);
}

void riv__tap_free(struct riv_tap *tap)
{
    if (!tap)
        return;
    for (size_t i = 0; i < RIV__TAPS_MAX; i++)
        slot_free(tap->slot[i]);
    riv__lock_fini(&tap->lock);
    free(tap->node);
    free(tap);
}

/* @locks tap->lock */
static void disarm(struct riv_tap *tap, size_t i)
{
    const struct slot *slot = tap->slot[i];
    tap->next = RIV__MAX(tap->next, slot->first + slot->nline);
    slot_free(RIV__TAKE(tap->slot[i]));
    atomic_fetch_sub_explicit(&tap->exec->tapped, 1, memory_order_relaxed);
}

/* ---------------------------------------------------------- what there is */

static int by_id(const void *a, const void *b)
{
    const riv_ds *const *l = a, *const *r = b;
    return (*l)->id < (*r)->id ? -1 : (*l)->id > (*r)->id;
}

/* Rows come out of it. Of groups the step behind makes rows. */
static void node_add(const riv_ds **list, size_t *n, const riv_ds *ds)
{
    if (ds->layout)
        list[(*n)++] = ds;
}

static size_t nodes_of(const struct riv_plan *plan, const riv_ds **list)
{
    size_t n = 0, kept = 0;
    for (uint32_t i = 0; i < plan->nstage; i++) {
        const struct riv_stage *stage = &plan->stage[i];
        const riv_ds *input = riv__stage_input(stage);
        if (input->kind->role != RIV__ROLE_GROUPS)
            node_add(list, &n, input);
        for (uint32_t k = 0; k < stage->nstep; k++)
            node_add(list, &n, stage->step[k].ds);
    }
    qsort(list, n, sizeof *list, by_id);
    for (size_t i = 0; i < n; i++) /* a step may be of several stages */
        if (kept == 0 || list[kept - 1] != list[i])
            list[kept++] = list[i];
    return kept;
}

int riv__tap_open(struct riv_tap *tap, const struct riv_plan *plan)
{
    size_t most = plan->nstage;
    for (uint32_t i = 0; i < plan->nstage; i++)
        most += plan->stage[i].nstep;
    const riv_ds **list = calloc(most + 1, sizeof *list);
    if (!list)
        return RIV_ENOMEM;
    const size_t n = nodes_of(plan, list);
    riv__lock(&tap->lock);
    for (size_t i = 0; i < RIV__TAPS_MAX; i++)
        if (tap->slot[i])
            disarm(tap, i);
    free(tap->node);
    tap->node = list;
    tap->nnode = n;
    riv__unlock(&tap->lock);
    return 0;
}

int riv__tap_list(struct riv_tap *tap, const riv_ds ***ret, size_t *ret_n)
{
    riv__lock(&tap->lock);
    const size_t n = tap->nnode;
    const riv_ds **list = calloc(n + 1, sizeof *list);
    if (list && n > 0)
        memcpy(list, tap->node, n * sizeof *list);
    riv__unlock(&tap->lock);
    if (!list)
        return RIV_ENOMEM;
    *ret = list;
    *ret_n = n;
    return 0;
}

/* ------------------------------------------------------------- what passes */

/* The older half goes when there is no room. */
static void room_make(struct slot *slot, size_t bytes)
{
    size_t gone = 0, n = 0;
    if (slot->nline < RIV__TAP_LINES && slot->used + bytes <= RIV__TAP_BYTES)
        return;
    while (n < slot->nline &&
           (n < slot->nline / 2 || slot->used - gone > RIV__TAP_BYTES / 2))
        gone += slot->line[n++].bytes;
    memmove(slot->line, slot->line + n, (slot->nline - n) * sizeof *slot->line);
    memmove(slot->text, slot->text + gone, slot->used - gone);
    slot->first += n;
    slot->nline -= n;
    slot->used -= gone;
}

static void line_add(struct slot *slot, const char *p, size_t bytes,
                     uint64_t more)
{
    room_make(slot, bytes);
    if (bytes > 0)
        memcpy(slot->text + slot->used, p, bytes);
    slot->line[slot->nline++] = (struct line){ .time = slot->time,
                                               .more = more,
                                               .bytes = (uint32_t)bytes };
    slot->used += bytes;
    slot->bytes += bytes;
}

/* A copy of the row whose strings are no longer together than what is shown of
 * it: a string may have gigabytes. */
static const char *clip(struct slot *slot, const char *row)
{
    const struct riv_layout *layout = slot->ds->layout;
    size_t left = RIV__TAP_ROW_BYTES;
    memcpy(slot->copy, row, layout->size);
    for (uint32_t i = 0; i < layout->nstr; i++) {
        char *at = slot->copy + layout->str_offset[i];
        riv_str s = RIV__LOAD(riv_str, at);
        s.n = RIV__MIN(s.n, left);
        left -= s.n;
        memcpy(at, &s, sizeof s);
    }
    return slot->copy;
}

/* JSON without what steers a terminal. */
static void put_json(riv_str text, struct riv_buf *to)
{
    uint32_t c = 0;
    for (size_t i = 0, n; i < text.n; i += RIV__MAX(n, (size_t)1)) {
        n = riv__str_tricky(riv__str(text.p + i, text.n - i), &c);
        if (n > 0)
            riv__buf_printf(to, "\\u%04x", c);
        else
            riv__buf_char(to, text.p[i]);
    }
}

/* A text that is too long would be no JSON when it is cut: its beginning becomes
 * a string. */
static void row_json(struct slot *slot, const char *row)
{
    char shown[RIV__TAP_ROW_BYTES / 2];
    struct riv_buf *line = &slot->text_line;
    riv__json_write(slot->ds->layout, row, &slot->row);
    const riv_str text = riv__str(slot->row.p, slot->row.n - 1);
    riv__buf_char(line, ' ');
    put_json(text, line);
    if (line->n <= RIV__TAP_ROW_BYTES)
        return;
    riv__buf_reset(line);
    riv__buf_char(line, 'c');
    riv__put_json(line, riv__str_show(shown, sizeof shown, text));
}

static void row_csv(struct slot *slot, const char *row)
{
    char shown[RIV__TAP_ROW_BYTES];
    riv__csv_write(slot->ds->layout, row, ',', &slot->row);
    riv__str_show(shown, sizeof shown, riv__str(slot->row.p, slot->row.n - 1));
    riv__buf_char(&slot->text_line, ' ');
    riv__buf_str(&slot->text_line, shown);
}

/* Without memory it is one of those that are only counted. */
static void row_add(struct slot *slot, const char *row)
{
    riv__buf_reset(&slot->row);
    riv__buf_reset(&slot->text_line);
    if (!riv__buf_room(&slot->row, RIV__TAP_ROW_BYTES)) {
        slot->more++;
        return;
    }
    if (slot->json)
        row_json(slot, clip(slot, row));
    else
        row_csv(slot, clip(slot, row));
    if (slot->row.failed || slot->text_line.failed)
        slot->more++;
    else
        line_add(slot, slot->text_line.p, slot->text_line.n, 0);
}

/* The batch is over. */
static void batch_end(struct slot *slot)
{
    if (slot->more > 0)
        line_add(slot, NULL, 0, slot->more);
    slot->rows = slot->more = 0;
    slot->bytes = 0;
}

static void rows_add(struct slot *slot, const char *rows, size_t n)
{
    const size_t size = slot->ds->layout->size;
    size_t i = 0;
    for (; i < n && slot->rows < RIV__TAP_ROWS &&
           slot->bytes < RIV__TAP_BATCH_BYTES;
         i++, slot->rows++)
        row_add(slot, rows + i * size);
    slot->more += n - i;
}

/* What a source of the program's own emits is looked at when it is pushed. */
static bool is_emitter(const struct riv_chain *chain)
{
    return chain->stage->nroot == 0;
}

void riv__tap_take(const struct riv_chain *chain, const riv_ds *ds,
                   const void *rows, size_t n)
{
    struct riv_tap *tap = chain->exec->tap;
    if (is_emitter(chain))
        return;
    riv__lock(&tap->lock);
    for (size_t i = 0; i < RIV__TAPS_MAX; i++) {
        struct slot *slot = tap->slot[i];
        if (!slot || slot->ds != ds)
            continue;
        if (slot->time != chain->time)
            batch_end(slot);
        slot->time = chain->time;
        rows_add(slot, rows, n);
    }
    riv__unlock(&tap->lock);
}

bool riv__tap_wants(const struct riv_exec *exec, const riv_ds *ds)
{
    struct riv_tap *tap = exec->tap;
    bool any = false;
    riv__lock(&tap->lock);
    for (size_t i = 0; i < RIV__TAPS_MAX; i++)
        any |= tap->slot[i] && tap->slot[i]->ds == ds;
    riv__unlock(&tap->lock);
    return any;
}

static bool is_stale(const struct slot *slot, int64_t now_ns)
{
    return now_ns - slot->asked_ns > (int64_t)RIV__TAP_ARMED_MS * NS_A_MS;
}

void riv__tap_between(struct riv_exec *exec)
{
    struct riv_tap *tap = exec->tap;
    const int64_t now_ns = exec->sys->mono_ns(exec->sys);
    riv__lock(&tap->lock);
    for (size_t i = 0; i < RIV__TAPS_MAX; i++)
        if (tap->slot[i] && is_stale(tap->slot[i], now_ns))
            disarm(tap, i);
        else if (tap->slot[i])
            batch_end(tap->slot[i]);
    riv__unlock(&tap->lock);
}

/* ----------------------------------------------------------- what is asked */

static struct slot *slot_new(const struct riv_tap *tap,
                             const struct riv_tap_want *want)
{
    struct slot *slot = calloc(1, sizeof *slot);
    if (!slot)
        return NULL;
    slot->ds = want->ds;
    slot->json = want->json;
    slot->first = tap->next;
    riv__buf_init(&slot->row, 0);
    riv__buf_init(&slot->text_line, 0);
    slot->copy = malloc(want->ds->layout->size);
    if (slot->copy)
        return slot;
    slot_free(slot);
    return NULL;
}

/* One that is free, or that nobody has asked for a while: the driver may be in
 * the middle of a long batch. RIV__TAPS_MAX: there is none. */
static size_t place_free(struct riv_tap *tap, int64_t now_ns)
{
    size_t i = 0;
    while (i < RIV__TAPS_MAX && tap->slot[i] && !is_stale(tap->slot[i], now_ns))
        i++;
    if (i < RIV__TAPS_MAX && tap->slot[i])
        disarm(tap, i);
    return i;
}

static int arm(struct riv_tap *tap, const struct riv_tap_want *want,
               int64_t now_ns, struct slot **ret)
{
    for (size_t i = 0; i < RIV__TAPS_MAX; i++) {
        *ret = tap->slot[i];
        if (*ret && (*ret)->ds == want->ds && (*ret)->json == want->json)
            return 0;
    }
    const size_t i = place_free(tap, now_ns);
    if (i == RIV__TAPS_MAX)
        return RIV_EBUSY;
    *ret = tap->slot[i] = slot_new(tap, want);
    if (!*ret)
        return RIV_ENOMEM;
    atomic_fetch_add_explicit(&tap->exec->tapped, 1, memory_order_relaxed);
    return 0;
}

static void put_batch(const struct slot *slot, int64_t time, struct riv_buf *to)
{
    char text[RIV__PUT_TEXT];
    if (slot->json || time == 0)
        riv__buf_printf(to, "B%lld\n", (long long)time);
    else
        riv__buf_printf(to, "B--- time %lld ms, %s UTC ---\n", (long long)time,
                        riv__text_time(text, time));
}

static void put_more(const struct slot *slot, uint64_t more, struct riv_buf *to)
{
    char text[RIV__PUT_TEXT];
    if (slot->json)
        riv__buf_printf(to, "M%llu\n", (unsigned long long)more);
    else
        riv__buf_printf(to, "M... and %s more\n",
                        riv__text_count(text, (int64_t)more));
}

/* The lines from number `since` on. */
static void put_lines(const struct slot *slot, uint64_t since,
                      struct riv_buf *to)
{
    const char *text = slot->text;
    bool any = false;
    int64_t time = 0;
    for (size_t i = 0; i < slot->nline; text += slot->line[i++].bytes) {
        const struct line *line = &slot->line[i];
        if (slot->first + i < since)
            continue;
        if (!any || line->time != time)
            put_batch(slot, line->time, to);
        any = true;
        time = line->time;
        if (line->bytes == 0) {
            put_more(slot, line->more, to);
            continue;
        }
        riv__buf_add(to, text, line->bytes);
        riv__buf_char(to, '\n');
    }
}

/* A number beyond the end is one of a process before this one. */
static void put_all(const struct slot *slot, const struct riv_tap_want *want,
                    struct riv_buf *to)
{
    const uint64_t next = slot->first + slot->nline;
    uint64_t since = want->begins ? next : want->since;
    riv__buf_printf(to, "N%llu\n", (unsigned long long)next);
    if (since > next)
        since = slot->first;
    if (since < slot->first)
        riv__buf_printf(to, "G%llu\n",
                        (unsigned long long)(slot->first - since));
    put_lines(slot, since, to);
}

int riv__tap_ask(struct riv_tap *tap, const struct riv_tap_want *want,
                 struct riv_buf *to)
{
    struct riv_sys *sys = tap->exec->sys;
    const int64_t now_ns = sys->mono_ns(sys);
    struct slot *slot = NULL;
    riv__lock(&tap->lock);
    const int rc = arm(tap, want, now_ns, &slot);
    if (rc == 0) {
        slot->asked_ns = now_ns;
        put_all(slot, want, to);
    }
    riv__unlock(&tap->lock);
    return rc;
}
