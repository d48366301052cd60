/* cli/restart.c - counting crashes in a ring of their times. */
#include "restart.h"

#include "say.h"

void restart_init(struct restart *restart, unsigned limit)
{
    *restart = (struct restart){
        .limit = limit < RESTART_COUNTED ? limit : RESTART_COUNTED - 1,
        .pause_ms = RESTART_PAUSE_MIN_MS,
    };
}

static struct restart_step stay(int code)
{
    return (struct restart_step){ .again = false, .code = code };
}

static unsigned crashes_since(const struct restart *restart, int64_t ms)
{
    const unsigned kept =
        restart->n < RESTART_COUNTED ? restart->n : RESTART_COUNTED;
    unsigned n = 0;
    for (unsigned i = 0; i < kept; i++)
        n += restart->crash_ms[i] > ms;
    return n;
}

/* One after a quiet window begins with the shortest pause again. */
static struct restart_step crashed(struct restart *restart, int64_t now_ms,
                                   int code)
{
    const int64_t since_ms = now_ms - RESTART_WINDOW_MS;
    struct restart_step step = { .again = true };
    if (crashes_since(restart, since_ms) == 0)
        restart->pause_ms = RESTART_PAUSE_MIN_MS;
    restart->crash_ms[restart->n++ % RESTART_COUNTED] = now_ms;
    if (crashes_since(restart, since_ms) > restart->limit)
        return (struct restart_step){ .too_often = true, .code = code };
    step.pause_ms = restart->pause_ms;
    restart->pause_ms *= 2;
    if (restart->pause_ms > RESTART_PAUSE_MAX_MS)
        restart->pause_ms = RESTART_PAUSE_MAX_MS;
    return step;
}

static struct restart_step io_failed(struct restart *restart, int64_t now_ms)
{
    if (restart->had_io && now_ms - restart->io_ms < RESTART_WINDOW_MS)
        return stay(EXIT_IO);
    restart->had_io = true;
    restart->io_ms = now_ms;
    return (struct restart_step){ .again = true,
                                  .pause_ms = RESTART_PAUSE_MIN_MS };
}

struct restart_step restart_after(struct restart *restart,
                                  const struct restart_end *end)
{
    const bool is_final =
        end->finished && end->code != EXIT_SYSTEM && end->code != EXIT_IO;
    if (is_final)
        return stay(end->code);
    if (end->asked)
        return stay(end->finished ? end->code : EXIT_AGAIN);
    if (!end->goes_on)
        return stay(end->finished ? end->code : EXIT_PROGRAM);
    if (end->finished && end->code == EXIT_IO)
        return io_failed(restart, end->at_ms);
    return crashed(restart, end->at_ms,
                   end->finished ? EXIT_SYSTEM : EXIT_PROGRAM);
}
