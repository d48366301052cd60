/* api/status.c - pictures of a job. What the driver has put on the board is
 * copied; what changes without a batch - how long something takes already, what a
 * source says, how far it is behind - is asked for when somebody looks, on his
 * own thread: so a job that hangs can still be seen, and one that nobody looks at
 * pays a few stores a batch. */
#include "api/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "exec/tap.h"
#include "exec/watch.h"
#include "graph/ops.h"
#include "obs/words.h"

/* ------------------------------------------------------------- the board */

static void trouble_tell(void *arg, const char *output, const char *text)
{
    if (text[0])
        riv__context_log(arg, RIV_LOG_WARN, "output %s: %s; it is tried again",
                         output, text);
    else
        riv__context_log(arg, RIV_LOG_INFO, "output %s: goes on", output);
}

int riv__status_begin(riv *r)
{
    struct riv_board *board = calloc(1, sizeof *board);
    if (!board)
        return riv__graph_fail(&r->graph, RIV_ENOMEM, "no memory for a status");
    r->exec.tap = riv__tap_new(&r->exec);
    if (!r->exec.tap) {
        free(board);
        return riv__graph_fail(&r->graph, RIV_ENOMEM, "no memory for a status");
    }
    riv__board_init(board, r->sys);
    board->on_trouble = trouble_tell;
    board->trouble_arg = r;
    riv__lock(&r->lock);
    r->board = r->exec.board = board;
    riv__unlock(&r->lock);
    riv__board_phase(board, RIV__PHASE_STARTS, r->sys->mono_ns(r->sys));
    return 0;
}

void riv__status_free(riv *r)
{
    if (r->board)
        riv__board_fini(r->board);
    free(RIV__TAKE(r->board));
    riv__tap_free(RIV__TAKE(r->exec.tap));
}

/* The largest slide of what is above an output; 0: results in every batch. */
static int64_t slide_of(const riv_ds *output)
{
    int64_t slide_ms = 0;
    for (uint32_t i = 0; i < output->nparent; i++)
        slide_ms = RIV__MAX(slide_ms, output->parent[i]->slide_ms);
    return slide_ms;
}

/* A dataset of several branches is a step of several stages. */
static bool is_listed(const struct riv_board *board, uint32_t n, uint32_t id)
{
    for (uint32_t i = 0; i < n; i++)
        if (board->output[i] == id)
            return true;
    return false;
}

static void fill(struct riv_board *board, const riv *r,
                 const struct riv_plan *plan)
{
    char show[RIV__SEEN_NAME];
    uint32_t n = 0;
    for (size_t i = 0; i < board->nop; i++) {
        riv__ds_show(r->graph.node[i], show, sizeof show);
        riv__str_show(board->op[i], RIV__SEEN_NAME, riv_cstr(show));
    }
    for (uint32_t i = 0; i < plan->nop; i++)
        if (plan->op[i]->ds->output)
            board->output[n++] = plan->op[i]->ds->id;
    board->nended = n;
    for (uint32_t i = 0; i < plan->nstage; i++)
        for (uint32_t k = 0; k < plan->stage[i].nstep; k++) {
            const riv_ds *ds = plan->stage[i].step[k].ds;
            if (ds->output && !is_listed(board, n, ds->id))
                board->output[n++] = ds->id;
        }
    board->noutput = n;
    board->slide_ms = INT64_MAX;
    for (uint32_t i = 0; i < n; i++)
        board->slide_ms = RIV__MIN(board->slide_ms,
                                   slide_of(r->graph.node[board->output[i]]));
}

static struct riv_board_spec spec_of(const riv *r, const struct riv_plan *plan,
                                     const struct riv_generator *gen)
{
    struct riv_board_spec spec = {
        .rows = (size_t)r->conf.settings.status_batches,
        .nop = r->graph.n,
        .ninput = gen ? gen->ninput : 0,
    };
    for (uint32_t i = 0; i < plan->nop; i++)
        spec.has_jobs |= plan->op[i]->ds->kind == &riv__kind_foreach_rdd;
    for (size_t i = 0; i < r->graph.n; i++)
        spec.noutput += r->graph.node[i]->output; /* at most */
    return spec;
}

int riv__status_open(riv *r, const struct riv_plan *plan,
                     struct riv_generator *gen)
{
    const struct riv_board_spec spec = spec_of(r, plan, gen);
    riv__lock(&r->lock);
    riv__board_close(r->board); /* of a finite plan that ran before */
    const int rc = riv__board_open(r->board, &spec);
    if (rc == 0) {
        fill(r->board, r, plan);
        r->shown = gen;
    }
    riv__unlock(&r->lock);
    return rc == 0 ? riv__tap_open(r->exec.tap, plan) : rc;
}

void riv__status_close(riv *r)
{
    riv__lock(&r->lock);
    r->shown = NULL;
    riv__unlock(&r->lock);
}

void riv__status_end(riv *r, int rc, const struct riv_err *err)
{
    if (r->board)
        riv__board_end(r->board, rc, err->text);
}

/* ------------------------------------------------------------ what is asked */

static int64_t read_i64(const _Atomic int64_t *at)
{
    return atomic_load_explicit(at, memory_order_relaxed);
}

static void take_numbers(struct riv_picture *p, const struct riv_board *b)
{
    p->phase = (enum riv_phase)atomic_load(&b->phase);
    p->started_ms = read_i64(&b->started_ms);
    p->batch_ms = read_i64(&b->batch_ms);
    p->done = read_i64(&b->done);
    p->failed = read_i64(&b->failed);
    p->records = read_i64(&b->records);
    p->bad = read_i64(&b->bad);
    p->out = read_i64(&b->out);
    p->bytes = read_i64(&b->bytes);
    p->last_in_ms = read_i64(&b->last_in_ms);
    p->last_out_ms = read_i64(&b->last_out_ms);
    p->keys = read_i64(&b->keys);
    p->disk_short = atomic_load(&b->disk_short);
    p->memory_tight = atomic_load(&b->memory_tight);
}

/* Since when, but not longer than it is up. */
static int64_t since_us(int64_t now_ns, int64_t then_ns, int64_t started_ns)
{
    return RIV__MAX(now_ns - (then_ns != 0 ? then_ns : started_ns), 0) / 1000;
}

static void take_times(struct riv_picture *p, const struct riv_board *b,
                       struct riv_sys *sys)
{
    const int64_t now_ns = sys->mono_ns(sys);
    const int64_t started_ns = read_i64(&b->started_ns);
    const int64_t slide_ms = b->slide_ms, zero_ms = read_i64(&b->zero_ms);
    p->wall_ms = sys->wall_ms(sys);
    if (started_ns == 0)
        return;
    p->up_us = since_us(now_ns, started_ns, started_ns);
    p->phase_us = since_us(now_ns, read_i64(&b->phase_ns), started_ns);
    p->idle_us = since_us(now_ns, read_i64(&b->last_in_ns), started_ns);
    p->silent_us = since_us(now_ns, read_i64(&b->last_out_ns), started_ns);
    if (slide_ms > p->interval_ms && p->batch_ms > zero_ms)
        p->next_result_ms =
            p->batch_ms + slide_ms - (p->batch_ms - zero_ms) % slide_ms;
}

static int take_batches(struct riv_picture *p, struct riv_board *b, size_t most)
{
    const uint64_t newest =
        atomic_load_explicit(&b->newest, memory_order_acquire);
    size_t n = (size_t)RIV__MIN(newest, (uint64_t)b->rows);
    n = RIV__MIN(n, most);
    if (!b->word || n == 0)
        return 0;
    p->batch = riv__arena_alloc(&p->arena, n * sizeof *p->batch);
    if (!p->batch)
        return RIV_ENOMEM;
    for (size_t i = 0; i < n; i++)
        p->nbatch += riv__board_row(b, i, &p->batch[p->nbatch]);
    return 0;
}

static int take_texts(struct riv_picture *p, struct riv_board *b)
{
    char failure[RIV__SEEN_TEXT];
    p->text = riv__arena_alloc(&p->arena, RIV__BOARD_TEXTS * sizeof *p->text);
    if (!p->text)
        return RIV_ENOMEM;
    p->ntext = riv__board_texts(b, p->text, failure);
    riv__str_show(p->failure, sizeof p->failure, riv_cstr(failure));
    for (size_t i = 0; i < p->ntext; i++) {
        memcpy(failure, p->text[i].text, sizeof failure);
        riv__str_show(p->text[i].text, sizeof failure, riv_cstr(failure));
    }
    return 0;
}

static int take_outputs(struct riv_picture *p, struct riv_board *b)
{
    char text[RIV__SEEN_TEXT], shown[RIV__SEEN_TEXT];
    p->output =
        riv__arena_alloc(&p->arena, (b->noutput + 1) * sizeof *p->output);
    p->trouble =
        riv__arena_alloc(&p->arena, (b->noutput + 1) * sizeof *p->trouble);
    if (!p->output || !p->trouble)
        return RIV_ENOMEM;
    for (uint32_t i = 0; i < b->noutput; i++) {
        const uint32_t id = b->output[i];
        p->output[i] =
            riv__arena_strdup(&p->arena, id < b->nop ? b->op[id] : "");
        riv__board_troubled(b, i, text);
        p->trouble[i] = riv__arena_strdup(
            &p->arena, riv__str_show(shown, sizeof shown, riv_cstr(text)));
        if (!p->output[i] || !p->trouble[i])
            return RIV_ENOMEM;
    }
    p->noutput = b->noutput;
    return 0;
}

/* Threads that are in a task now, with the operator whose function they called
 * last. */
static int take_doing(struct riv_picture *p, const riv *r)
{
    const struct riv_board *b = r->board;
    p->doing = riv__arena_alloc(&p->arena, RIV__SEEN_DOING * sizeof *p->doing);
    if (!p->doing)
        return RIV_ENOMEM;
    for (unsigned i = 0; i < r->exec.nworker && p->ndoing < RIV__SEEN_DOING;
         i++) {
        const struct riv_now *now = r->exec.worker[i].now;
        const uint32_t op = atomic_load(&now->op);
        if (atomic_load(&now->task) % 2 == 0)
            continue;
        struct riv_seen_doing *doing = &p->doing[p->ndoing++];
        doing->partition = atomic_load(&now->partition);
        snprintf(doing->op, sizeof doing->op, "%s",
                 op == 0        ? "the engine"
                 : op <= b->nop ? b->op[op - 1]
                                : "a function of the batch's own graph");
    }
    return 0;
}

/* ------------------------------------------------------------------ inputs */

struct collecting {
    struct riv_seen_input *to;
    int64_t lag;
    bool knows;
};

static void collect_part(void *arg, const struct riv_input_part *part)
{
    struct collecting *c = arg;
    const int64_t lag = riv__lag(part->position, part->end);
    c->knows |= lag >= 0;
    c->lag += RIV__MAX(lag, 0);
    if (c->to->nparts++ >= RIV__SEEN_PARTS)
        return;
    struct riv_seen_part *to = &c->to->part[c->to->nparts - 1];
    riv__str_show(to->name, sizeof to->name, riv_cstr(part->name));
    to->position = part->position;
    to->end = part->end;
}

static int take_parts(struct riv_picture *p, struct riv_input *input,
                      struct riv_seen_input *to)
{
    struct collecting c = { .to = to };
    to->unit = input->ops->unit ? input->ops->unit : "";
    to->lag = -1;
    if (!input->ops->parts)
        return 0;
    to->part = riv__arena_alloc(&p->arena, RIV__SEEN_PARTS * sizeof *to->part);
    if (!to->part)
        return RIV_ENOMEM;
    input->ops->parts(input, collect_part, &c);
    if (c.knows)
        to->lag = c.lag;
    return 0;
}

static int take_input(struct riv_picture *p, const riv *r, size_t i)
{
    struct riv_input *input = r->shown->input[i];
    const riv_ds *source = r->shown->source[i];
    const struct riv_board_input *b = &r->board->input[i];
    struct riv_seen_input *to = &p->input[i];
    struct riv_err status;
    char note[sizeof input->note];
    riv__str_show(to->name, sizeof to->name,
                  riv_cstr(source->uid ? source->uid : input->shown));
    riv__input_look(input, note, sizeof note, &status);
    snprintf(to->note, sizeof to->note, "%s", note);
    if (status.code < 0)
        riv__str_show(to->error, sizeof to->error, riv_cstr(status.text));
    to->records = read_i64(&b->records);
    to->bytes = read_i64(&b->bytes);
    to->records_all = read_i64(&b->records_all);
    to->bytes_all = read_i64(&b->bytes_all);
    to->last_ms = read_i64(&b->last_ms);
    to->rate_limit = read_i64(&b->rate_limit);
    to->waiting_bytes = (int64_t)riv__input_waiting(input);
    to->buffer_bytes = input->ops->read ? (int64_t)input->feed.limit_bytes : 0;
    to->ended = atomic_load(&input->ended);
    p->is_limited |= atomic_load(&b->is_limited) && to->waiting_bytes > 0;
    return take_parts(p, input, to);
}

static int take_inputs(struct riv_picture *p, const riv *r)
{
    const size_t n = r->shown ? r->shown->ninput : 0;
    if (n == 0)
        return 0;
    p->input = riv__arena_zalloc(&p->arena, n * sizeof *p->input);
    if (!p->input)
        return RIV_ENOMEM;
    for (size_t i = 0; i < n; i++)
        RIV__TRY(take_input(p, r, i));
    p->ninput = n;
    p->drains = atomic_load(&r->shown->how) != RIV__RUNNING;
    return 0;
}

/* ---------------------------------------------------------------- the whole */

static void take_settings(struct riv_picture *p, const riv *r)
{
    const struct riv_settings *conf = &r->conf.settings;
    riv__str_show(p->name, sizeof p->name,
                  riv_cstr(conf->name[0] ? conf->name : "job"));
    p->interval_ms = conf->interval_ms;
    p->hang_us = conf->task_timeout_ms * 1000;
    p->retained_max = conf->status_batches;
    p->memory_limit = conf->memory_bytes_max;
    p->disk_limit = conf->disk_bytes_max;
    p->threads = r->exec.nworker;
    char shown[RIV__PATH_MAX];
    p->state_dir = riv__arena_strdup(
        &p->arena,
        riv__str_show(shown, sizeof shown, riv_cstr(conf->state_dir)));
    if (r->sys->memory)
        p->memory_bytes = RIV__MAX(r->sys->memory(r->sys, false), 0);
}

static void count_batches(struct riv_picture *p)
{
    bool any = false;
    for (size_t i = 0; i < p->ninput; i++)
        any |= p->input[i].waiting_bytes > 0 || p->input[i].lag > 0;
    p->running = p->phase == RIV__PHASE_RUNS || p->phase == RIV__PHASE_COMMITS;
    p->waiting = any || p->phase == RIV__PHASE_REDOES;
}

/* @locks r->lock */
static int take_all(struct riv_picture *p, const riv *r, size_t batches)
{
    if (!r->board)
        return 0; /* nothing is fixed yet */
    take_settings(p, r);
    if (!p->state_dir)
        return RIV_ENOMEM;
    take_numbers(p, r->board);
    take_times(p, r->board, r->sys);
    RIV__TRY(take_batches(p, r->board, batches));
    RIV__TRY(take_texts(p, r->board));
    RIV__TRY(take_outputs(p, r->board));
    RIV__TRY(take_doing(p, r));
    RIV__TRY(take_inputs(p, r));
    count_batches(p);
    return 0;
}

struct riv_picture *riv__status_picture(riv *r, size_t batches)
{
    struct riv_picture *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    riv__arena_init(&p->arena, 16 * 1024);
    p->state_dir = "";
    p->keys = -1;
    snprintf(p->name, sizeof p->name, "job");
    riv__lock(&r->lock);
    const int rc = take_all(p, r, batches);
    riv__unlock(&r->lock);
    if (rc == 0)
        return p;
    riv__picture_free(p);
    return NULL;
}

/* Without the letters in front of lines. */
static void marks_drop(struct riv_buf *text)
{
    size_t to = 0;
    for (size_t i = 0; i < text->n; i++)
        if (i > 0 && text->p[i - 1] != '\n')
            text->p[to++] = text->p[i];
    text->n = to;
}

int riv_status(riv *r, int form, riv_write_fn *write, void *arg)
{
    struct riv_buf text;
    if (!write || form < RIV_STATUS_TEXT || form > RIV_STATUS_LINES)
        return RIV_EINVAL;
    struct riv_picture *p =
        riv__status_picture(r, (size_t)r->conf.settings.status_batches);
    if (!p)
        return RIV_ENOMEM;
    riv__buf_init(&text, 0);
    if (form == RIV_STATUS_JSON)
        riv__picture_json(p, p->nbatch, &text);
    else
        riv__picture_words(p, &text);
    if (form == RIV_STATUS_TEXT)
        marks_drop(&text);
    riv__picture_free(p);
    const int rc = text.failed ? RIV_ENOMEM : RIV_OK;
    if (rc == RIV_OK)
        write(arg, text.p, text.n);
    riv__buf_fini(&text);
    return rc;
}
