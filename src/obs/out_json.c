/* obs/out_json.c - a picture as JSON, for programs. Numbers are integers; times
 * are milliseconds since the epoch, spans microseconds. */
#include "obs/put.h"
#include "obs/why.h"
#include "obs/words.h"

/* A member: the comma, its name. */
static void key(struct riv_buf *to, const char *name)
{
    const char last = to->n > 0 ? to->p[to->n - 1] : '{';
    if (last != '{' && last != '[')
        riv__buf_char(to, ',');
    riv__buf_printf(to, "\"%s\":", name);
}

static void put_text(struct riv_buf *to, const char *name, const char *text)
{
    key(to, name);
    riv__put_json(to, text);
}

static void put_number(struct riv_buf *to, const char *name, int64_t value)
{
    key(to, name);
    riv__buf_i64(to, value);
}

static void put_bool(struct riv_buf *to, const char *name, bool value)
{
    key(to, name);
    riv__buf_str(to, value ? "true" : "false");
}

/* In a list: the comma, then '{'. */
static void begin(struct riv_buf *to)
{
    const char last = to->n > 0 ? to->p[to->n - 1] : '[';
    riv__buf_str(to, last == '[' ? "{" : ",{");
}

static void put_output(const struct riv_picture *p,
                       const struct riv_seen_batch *b, uint32_t i,
                       struct riv_buf *to)
{
    static const char *const status[] = { "done", "failed", "not run" };
    const struct riv_seen_output *o = &b->output[i];
    begin(to);
    put_text(to, "name", i < p->noutput ? p->output[i] : "");
    put_text(to, "status", status[RIV__MIN(o->status, 2u)]);
    put_number(to, "rows", o->rows);
    put_number(to, "us", o->us);
    put_number(to, "jobs", o->jobs);
    put_number(to, "jobs_failed", o->jobs_failed);
    put_text(to, "error", riv__picture_text(p, o->failure));
    riv__buf_char(to, '}');
}

static void put_job(const struct riv_picture *p, const struct riv_seen_job *j,
                    struct riv_buf *to)
{
    begin(to);
    put_number(to, "output", j->output);
    put_text(to, "status",
             j->status == RIV__SEEN_HAS_FAILED ? "failed" : "done");
    put_number(to, "us", j->us);
    put_number(to, "stages", j->stages);
    put_number(to, "stages_failed", j->stages_failed);
    put_number(to, "tasks", j->tasks);
    put_number(to, "tasks_failed", j->tasks_failed);
    put_text(to, "error", riv__picture_text(p, j->failure));
    riv__buf_char(to, '}');
}

static void put_lists(const struct riv_picture *p,
                      const struct riv_seen_batch *b, struct riv_buf *to)
{
    key(to, "outputs");
    riv__buf_char(to, '[');
    for (uint32_t i = 0; i < b->noutput; i++)
        put_output(p, b, i, to);
    riv__buf_char(to, ']');
    key(to, "actions");
    riv__buf_char(to, '[');
    for (uint32_t i = 0; i < b->njob; i++)
        put_job(p, &b->job[i], to);
    riv__buf_char(to, ']');
}

static void put_batch(const struct riv_picture *p,
                      const struct riv_seen_batch *b, struct riv_buf *to)
{
    begin(to);
    put_number(to, "number", b->number);
    put_number(to, "time_ms", b->time_ms);
    put_text(to, "status",
             b->status == RIV__SEEN_HAS_FAILED ? "failed" : "done");
    put_number(to, "interval_ms", b->interval_ms);
    put_number(to, "records", b->records);
    put_number(to, "bytes", b->bytes);
    put_number(to, "refused", b->bad);
    put_number(to, "out", b->out);
    put_number(to, "scheduling_us", b->scheduling_us);
    put_number(to, "processing_us", b->processing_us);
    put_number(to, "total_us", b->scheduling_us + b->processing_us);
    put_number(to, "waiting_bytes", b->waiting_bytes);
    put_number(to, "jobs", b->jobs);
    put_number(to, "jobs_failed", b->jobs_failed);
    put_number(to, "stages", b->stages);
    put_number(to, "stages_failed", b->stages_failed);
    put_number(to, "tasks", b->tasks);
    put_number(to, "tasks_failed", b->tasks_failed);
    put_text(to, "error", riv__picture_text(p, b->failure));
    put_lists(p, b, to);
    riv__buf_char(to, '}');
}

static void put_parts(const struct riv_seen_input *in, struct riv_buf *to)
{
    const size_t n = RIV__MIN(in->nparts, (size_t)RIV__SEEN_PARTS);
    key(to, "partitions");
    riv__buf_char(to, '[');
    for (size_t i = 0; i < n; i++) {
        const struct riv_seen_part *part = &in->part[i];
        begin(to);
        put_text(to, "name", part->name);
        put_number(to, "position", part->position);
        put_number(to, "end", part->end);
        put_number(to, "lag", riv__lag(part->position, part->end));
        riv__buf_char(to, '}');
    }
    riv__buf_char(to, ']');
}

static void put_input(const struct riv_seen_input *in, struct riv_buf *to)
{
    begin(to);
    put_text(to, "name", in->name);
    put_text(to, "note", in->note);
    put_text(to, "error", in->error);
    put_bool(to, "ended", in->ended);
    put_number(to, "records", in->records);
    put_number(to, "records_all", in->records_all);
    put_number(to, "bytes", in->bytes);
    put_number(to, "bytes_all", in->bytes_all);
    put_number(to, "last_ms", in->last_ms);
    put_number(to, "waiting_bytes", in->waiting_bytes);
    put_number(to, "buffer_bytes", in->buffer_bytes);
    put_number(to, "rate_limit", in->rate_limit);
    put_text(to, "unit", in->unit);
    put_number(to, "lag", in->lag);
    put_parts(in, to);
    riv__buf_char(to, '}');
}

static void put_whole(const struct riv_picture *p, struct riv_buf *to)
{
    put_text(to, "name", p->name);
    put_text(to, "doing", riv__phase_words(p->phase));
    put_number(to, "doing_us", p->phase_us);
    put_bool(to, "stopping", p->drains);
    put_number(to, "time_ms", p->wall_ms);
    put_number(to, "started_ms", p->started_ms);
    put_number(to, "up_us", p->up_us);
    put_number(to, "interval_ms", p->interval_ms);
    put_number(to, "batch_ms", p->batch_ms);
    put_number(to, "waiting", p->waiting);
    put_number(to, "running", p->running);
    put_number(to, "done", p->done);
    put_number(to, "failed", p->failed);
    put_number(to, "records", p->records);
    put_number(to, "refused", p->bad);
    put_number(to, "out", p->out);
    put_number(to, "bytes", p->bytes);
    put_number(to, "last_in_ms", p->last_in_ms);
    put_number(to, "last_out_ms", p->last_out_ms);
    put_number(to, "memory_bytes", p->memory_bytes);
    put_number(to, "memory_limit", p->memory_limit);
    put_number(to, "keys", p->keys);
    put_number(to, "threads", p->threads);
    put_text(to, "state_dir", p->state_dir);
    put_number(to, "retained", (int64_t)p->nbatch);
    put_number(to, "retained_max", p->retained_max);
}

static void put_why(const struct riv_picture *p, struct riv_buf *to)
{
    struct riv_why why;
    riv__why(p, &why);
    put_text(to, "cause", why.cause);
    put_bool(to, "well", why.mood != RIV__MOOD_BAD);
    put_text(to, "why", why.text);
}

static void put_texts(const struct riv_picture *p, struct riv_buf *to)
{
    key(to, "texts");
    riv__buf_char(to, '[');
    for (size_t i = 0; i < p->ntext; i++) {
        begin(to);
        put_number(to, "time_ms", p->text[i].wall_ms);
        put_text(to, "text", p->text[i].text);
        riv__buf_char(to, '}');
    }
    riv__buf_char(to, ']');
}

void riv__picture_json(const struct riv_picture *picture, size_t batches,
                       struct riv_buf *to)
{
    riv__buf_char(to, '{');
    put_why(picture, to);
    put_whole(picture, to);
    key(to, "inputs");
    riv__buf_char(to, '[');
    for (size_t i = 0; i < picture->ninput; i++)
        put_input(&picture->input[i], to);
    riv__buf_char(to, ']');
    key(to, "outputs");
    riv__buf_char(to, '[');
    for (size_t i = 0; i < picture->noutput; i++) {
        begin(to);
        put_text(to, "name", picture->output[i]);
        put_text(to, "error", picture->trouble[i]);
        riv__buf_char(to, '}');
    }
    riv__buf_char(to, ']');
    key(to, "batches");
    riv__buf_char(to, '[');
    for (size_t i = 0; i < picture->nbatch && i < batches; i++)
        put_batch(picture, &picture->batch[i], to);
    riv__buf_char(to, ']');
    put_texts(picture, to);
    riv__buf_str(to, "}\n");
}
