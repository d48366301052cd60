/* http/metrics.c - /metrics as Prometheus reads it (text, 0.0.4), and what livez
 * and readyz say. Names follow its rules: base units, _total for what only grows. */
#include "http/page.h"
#include "obs/put.h"
#include "obs/why.h"

enum { SERIES_MAX = 1000 }; /* of one name: partitions, causes */

static void name(struct riv_buf *to, const char *metric, const char *type,
                 const char *help)
{
    riv__buf_printf(to, "# HELP rivulet_%s %s\n# TYPE rivulet_%s %s\n", metric,
                    help, metric, type);
}

static void whole(struct riv_buf *to, const char *metric, int64_t value)
{
    riv__buf_printf(to, "rivulet_%s %lld\n", metric, (long long)value);
}

/* A number of microseconds, in seconds. */
static void seconds(struct riv_buf *to, const char *metric, const char *label,
                    int64_t us)
{
    riv__buf_printf(to, "rivulet_%s%s ", metric, label);
    riv__buf_f64(to, (double)us / 1e6);
    riv__buf_char(to, '\n');
}

static void totals(const struct riv_picture *p, struct riv_buf *to)
{
    name(to, "batches_total", "counter", "Batches of this run.");
    riv__buf_printf(to,
                    "rivulet_batches_total{status=\"done\"} %lld\n"
                    "rivulet_batches_total{status=\"failed\"} %lld\n",
                    (long long)p->done, (long long)p->failed);
    name(to, "records_in_total", "counter", "Records that batches had.");
    whole(to, "records_in_total", p->records);
    name(to, "records_out_total", "counter", "Records that outputs took.");
    whole(to, "records_out_total", p->out);
    name(to, "records_refused_total", "counter",
         "Records that functions refused, skipped or set aside.");
    whole(to, "records_refused_total", p->bad);
    name(to, "bytes_in_total", "counter", "Bytes of the records in.");
    whole(to, "bytes_in_total", p->bytes);
}

static void last_batch(const struct riv_picture *p, struct riv_buf *to)
{
    name(to, "batch_interval_seconds", "gauge", "The length of a batch.");
    seconds(to, "batch_interval_seconds", "", p->interval_ms * 1000);
    name(to, "last_batch_seconds", "gauge", "Times of the last batch.");
    if (p->nbatch > 0) {
        const struct riv_seen_batch *b = &p->batch[0];
        seconds(to, "last_batch_seconds", "{part=\"scheduling\"}",
                b->scheduling_us);
        seconds(to, "last_batch_seconds", "{part=\"processing\"}",
                b->processing_us);
        seconds(to, "last_batch_seconds", "{part=\"total\"}",
                b->scheduling_us + b->processing_us);
    }
    name(to, "batch_running_seconds", "gauge",
         "How long the batch that runs has been running; 0: none does.");
    seconds(to, "batch_running_seconds", "", p->running ? p->phase_us : 0);
    name(to, "last_input_seconds", "gauge", "Since a batch had records.");
    seconds(to, "last_input_seconds", "", p->idle_us);
    name(to, "last_output_seconds", "gauge", "Since a batch had results.");
    seconds(to, "last_output_seconds", "", p->silent_us);
}

/* One number of each input. */
static void of_inputs(const struct riv_picture *p, struct riv_buf *to,
                      const char *metric,
                      int64_t (*value)(const struct riv_seen_input *in))
{
    for (size_t i = 0; i < p->ninput && i < SERIES_MAX; i++) {
        riv__buf_printf(to, "rivulet_%s{input=\"", metric);
        riv__put_label(to, p->input[i].name);
        riv__buf_printf(to, "\"} %lld\n", (long long)value(&p->input[i]));
    }
}

static int64_t records_of(const struct riv_seen_input *in)
{
    return in->records_all;
}

static int64_t waiting_of(const struct riv_seen_input *in)
{
    return in->waiting_bytes;
}

static int64_t is_up(const struct riv_seen_input *in)
{
    return !in->error[0];
}

static size_t lags_of(const struct riv_seen_input *in, size_t room,
                      struct riv_buf *to)
{
    const size_t have = RIV__MIN(in->nparts, (size_t)RIV__SEEN_PARTS);
    size_t n = 0;
    for (size_t i = 0; i < have && n < room; i++) {
        const struct riv_seen_part *part = &in->part[i];
        const int64_t lag = riv__lag(part->position, part->end);
        if (lag < 0)
            continue;
        riv__buf_str(to, "rivulet_input_lag{input=\"");
        riv__put_label(to, in->name);
        riv__buf_str(to, "\",partition=\"");
        riv__put_label(to, part->name);
        riv__buf_printf(to, "\",unit=\"%s\"} %lld\n", in->unit, (long long)lag);
        n++;
    }
    return n;
}

static void inputs(const struct riv_picture *p, struct riv_buf *to)
{
    size_t room = SERIES_MAX;
    name(to, "input_records_total", "counter", "Records of each input.");
    of_inputs(p, to, "input_records_total", records_of);
    name(to, "input_waiting_bytes", "gauge", "Received, and in no batch yet.");
    of_inputs(p, to, "input_waiting_bytes", waiting_of);
    name(to, "input_up", "gauge", "1: it can be read; 0: it has an error.");
    of_inputs(p, to, "input_up", is_up);
    name(to, "input_lag", "gauge",
         "How far batches are behind the end of a partition, in its unit.");
    for (size_t i = 0; i < p->ninput && room > 0; i++)
        room -= lags_of(&p->input[i], room, to);
}

void riv__metrics(const struct riv_picture *p, struct riv_buf *to)
{
    struct riv_why why;
    riv__why(p, &why);
    totals(p, to);
    last_batch(p, to);
    inputs(p, to);
    name(to, "memory_bytes", "gauge", "Memory of the process (resident).");
    whole(to, "memory_bytes", p->memory_bytes);
    name(to, "memory_limit_bytes", "gauge", "memory.limit; 0: none.");
    whole(to, "memory_limit_bytes", p->memory_limit);
    if (p->keys >= 0) {
        name(to, "state_keys", "gauge", "Keys in state and windows.");
        whole(to, "state_keys", p->keys);
    }
    name(to, "up_seconds", "gauge", "Since the run began.");
    seconds(to, "up_seconds", "", p->up_us);
    name(to, "stalled", "gauge",
         "1: something keeps results from coming; the cause says what.");
    riv__buf_printf(to, "rivulet_stalled{cause=\"%s\"} %d\n", why.cause,
                    why.mood == RIV__MOOD_BAD);
}

/* A batch that hangs for as long as a task may (task.timeout) is dead. */
const char *riv__not_alive(const struct riv_picture *p)
{
    if (p->phase == RIV__PHASE_FAILED)
        return "the job has failed";
    if (p->hang_us > 0 && p->phase == RIV__PHASE_RUNS &&
        p->phase_us > p->hang_us)
        return "a batch hangs: it runs for longer than task.timeout";
    return NULL;
}

const char *riv__not_ready(const struct riv_picture *p)
{
    const bool runs = p->phase == RIV__PHASE_WAITS ||
                      p->phase == RIV__PHASE_RUNS ||
                      p->phase == RIV__PHASE_COMMITS;
    if (!runs)
        return "its inputs are not open, or its state is not loaded";
    return p->drains ? "it stops" : NULL;
}
