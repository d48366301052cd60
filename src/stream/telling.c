/* stream/telling.c - what the driver says of a batch when it is over: to the rates
 * of its inputs, to the listener, and to whoever looks at the job. */
#include "stream/telling.h"

#include "exec/kept.h"
#include "obs/board.h"

uint64_t riv__inputs_waiting(const struct riv_generator *gen, size_t from)
{
    uint64_t sum = 0;
    for (size_t i = from; i < gen->ninput; i++)
        sum += riv__input_waiting(gen->input[i]);
    return sum;
}

/* What the batch had of each input. */
static void inputs_count(struct riv_generator *gen)
{
    for (size_t i = 0; gen->info && i < gen->ninput; i++) {
        riv_input_info *info = &gen->info[i];
        const struct riv_plan *plan = gen->plan;
        *info = (riv_input_info){ .name = gen->source[i]->uid
                                              ? gen->source[i]->uid
                                              : gen->input[i]->shown };
        for (uint32_t k = 0; k < plan->nstage; k++) {
            if (plan->stage[k].source != gen->source[i])
                continue;
            info->records += (int64_t)plan->stage[k].records;
            info->bytes += (int64_t)plan->stage[k].bytes;
        }
    }
}

/* What everybody may see of the batch. */
static void board_fill(struct riv_generator *gen, const riv_batch_info *info)
{
    struct riv_seen_batch *seen = &gen->exec->board->open;
    seen->interval_ms = info->interval_ms;
    seen->records = info->records_in;
    seen->bytes = info->input_bytes;
    seen->bad = info->records_bad;
    seen->out = info->records_out;
    seen->scheduling_us = info->scheduling_us;
    seen->processing_us = info->processing_us;
    seen->waiting_bytes = info->waiting_bytes;
    for (size_t i = 0; i < info->ninputs && i < gen->exec->board->ninput; i++)
        riv__board_input(gen->exec->board, i, info->inputs[i].records,
                         info->inputs[i].bytes);
}

/* What the next batch may take of each input, and whether this one could have
 * taken more. */
static void rates_tell(struct riv_generator *gen)
{
    struct riv_board *board = gen->exec->board;
    for (size_t i = 0; i < gen->ninput && i < board->ninput; i++) {
        const struct riv_rate *rate = &gen->input[i]->rate;
        const double limit = riv__rate_limit(rate);
        riv__board_rate(board, i, limit < 0x1p62 ? (int64_t)limit : 0,
                        limit > 0 && riv__rate_left(rate) == 0);
    }
    atomic_store_explicit(&board->zero_ms, gen->plan->zero,
                          memory_order_relaxed);
}

/* Over all that keeps keys; nothing is stored where nothing does. */
static void keys_tell(struct riv_generator *gen)
{
    const struct riv_plan *plan = gen->plan;
    uint64_t n = 0;
    bool any = false;
    for (uint32_t i = 0; i < plan->nop; i++) {
        const struct riv_kept_ops *kept = plan->op[i]->ops->kept;
        if (!kept || !kept->keys)
            continue;
        any = true;
        n += kept->keys(plan->op[i]);
    }
    if (any)
        atomic_store_explicit(&gen->exec->board->keys, (int64_t)n,
                              memory_order_relaxed);
}

/* How long after its tick it was begun; began_ns: its last part was. */
static int64_t late_of(const struct riv_generator *gen, int64_t began_ns)
{
    return RIV__MAX(began_ns - gen->pieces_ns - gen->tick_ns, 0);
}

void riv__telling_failed(struct riv_generator *gen, int64_t began_ns, int rc,
                         const struct riv_err *err)
{
    struct riv_board *board = gen->exec->board;
    const struct riv_job_stats *stats = &gen->plan->stats;
    if (!board || rc == RIV_ESTOPPED)
        return;
    const int64_t now_ns = gen->exec->sys->mono_ns(gen->exec->sys);
    board_fill(
        gen, &(riv_batch_info){ .records_in = (int64_t)stats->records_in,
                                .records_bad = (int64_t)stats->records_bad,
                                .input_bytes = (int64_t)stats->bytes,
                                .scheduling_us = late_of(gen, began_ns) / 1000,
                                .processing_us =
                                    (now_ns - began_ns + gen->busy_ns) / 1000,
                                .interval_ms = gen->length_ms });
    board->open.status = RIV__SEEN_HAS_FAILED;
    board->open.jobs_failed++;
    board->open.failure = riv__board_text(board, err ? err->text : "");
    riv__board_publish(board, now_ns);
}

void riv__telling_done(struct riv_generator *gen, int64_t began_ns,
                       int64_t end_ns)
{
    const struct riv_job_stats *stats = &gen->plan->stats;
    const int64_t late_ns = late_of(gen, began_ns);
    const int64_t busy_ns = end_ns - began_ns + gen->busy_ns;
    for (size_t i = 0; i < gen->ninput; i++)
        riv__input_batch_done(gen->input[i], end_ns, busy_ns, late_ns);
    if (!gen->completed)
        return;
    inputs_count(gen);
    const riv_batch_info info = {
        .struct_size = sizeof(riv_batch_info),
        .time = gen->time,
        .records_in = (int64_t)stats->records_in,
        .records_bad = (int64_t)stats->records_bad,
        .scheduling_us = late_ns / 1000,
        .processing_us = busy_ns / 1000,
        .records_out = (int64_t)stats->records_out,
        .late_ms = late_ns / 1000000,
        .interval_ms = gen->length_ms,
        .input_bytes = (int64_t)stats->bytes,
        .waiting_bytes = (int64_t)riv__inputs_waiting(gen, 0),
        .inputs = gen->info,
        .ninputs = gen->info ? gen->ninput : 0,
    };
    if (gen->exec->board) {
        board_fill(gen, &info);
        rates_tell(gen);
        keys_tell(gen);
        riv__board_publish(gen->exec->board, end_ns);
    }
    gen->completed(gen->arg, &info);
}
