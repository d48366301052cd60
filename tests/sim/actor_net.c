/* sim/actor_net.c - peers and servers: they send in pieces of any size, stop,
 * hang up in the middle of a line, break. */
#include "sim/actor.h"

#include <errno.h>
#include <string.h>

enum { PIECE_MAX = 500, BUFFER_MAX = 4096 };

static void later(struct world *w, struct actor *a)
{
    a->at_ns = sched_now() + 1 + rng_range(&w->rng_actors, 0, 2 * a->think_ns);
}

static bool is_late(const struct world *w)
{
    return sched_now() >= w->end_ns || w->nstream > STREAMS_MAX - 64;
}

static size_t buffer(struct world *w)
{
    return (size_t)rng_range(&w->rng_actors, 16, BUFFER_MAX);
}

/* As much as the buffer takes. false: the engine has hung up. */
static bool send_more(struct world *w, struct actor *a, size_t most)
{
    char text[PIECE_MAX];
    int64_t room = net_room(w->net, a->conn);
    if (room < 0)
        return false;
    if ((size_t)room < most)
        most = (size_t)room;
    if (most > 0)
        net_say(w->net, a->conn, text,
                stream_make(w->seed, a->stream, text, most));
    return true;
}

static size_t line_rest(struct world *w, const struct stream *s)
{
    return s->part > 0 ? stream_rest(w->seed, s) : 0;
}

static void leave(struct world *w, struct actor *a)
{
    net_leave(w->net, a->conn);
    a->conn = -1;
    a->stream = NULL;
    a->waits = false;
}

/* No more from us, maybe in the middle of a line; then we wait until the engine
 * has read it. */
static void finish(struct world *w, struct actor *a)
{
    a->stream->ended = true;
    net_finish(w->net, a->conn);
    a->waits = true;
    world_say(w, "stream %u ends", a->stream->id);
}

/* With a line that is whole, at the end of the run. */
static void wind_up(struct world *w, struct actor *a)
{
    if (a->conn < 0) {
        a->at_ns = INT64_MAX;
        return;
    }
    if (!send_more(w, a, line_rest(w, a->stream)))
        leave(w, a);
    else if (line_rest(w, a->stream) == 0)
        finish(w, a);
}

static void talk(struct world *w, struct actor *a)
{
    if (!send_more(w, a, (size_t)rng_log(&w->rng_actors, PIECE_MAX))) {
        leave(w, a);
        return;
    }
    if ((w->faults & FAULT_RESET) && rng_one_in(&w->rng_actors, 12)) {
        world_say(w, "stream %u breaks", a->stream->id);
        net_reset(w->net, a->conn);
        leave(w, a);
    } else if (rng_one_in(&w->rng_actors, 10)) {
        finish(w, a);
    }
}

/* One who waits for the engine to read the end. */
static void await_end(struct world *w, struct actor *a)
{
    if (net_is_over(w->net, a->conn))
        leave(w, a);
}

static void step_talker(struct world *w, struct actor *a)
{
    later(w, a);
    if (a->waits) {
        await_end(w, a);
    } else if (is_late(w)) {
        wind_up(w, a);
    } else if (a->conn < 0) {
        struct stream *s = world_stream(w, STREAM_CONN, a->input);
        a->conn = net_knock(w->net, a->port, buffer(w), s);
        a->stream = a->conn < 0 ? NULL : s;
        w->nstream -= a->conn < 0;
    } else {
        talk(w, a);
    }
}

void actor_talker(struct world *w, uint32_t input, int port, int64_t think_ns)
{
    struct actor *a = world_actor(w, step_talker);
    a->input = input;
    a->port = port;
    a->think_ns = think_ns;
    a->at_ns = rng_range(&w->rng_actors, 0, think_ns);
}

/* ------------------------------------------------------------ the server */

static void doors(struct world *w, struct actor *a, bool open)
{
    const bool refuse = !open && (w->faults & FAULT_REFUSE) != 0;
    net_door(w->net, a->port, refuse ? NET_REFUSES : NET_OPENS,
             rng_range(&w->rng_actors, 0, a->think_ns / 4),
             1 + (unsigned)rng_below(&w->rng_actors, 3));
}

static void step_server(struct world *w, struct actor *a)
{
    later(w, a);
    if (a->waits) {
        await_end(w, a);
        doors(w, a, !rng_one_in(&w->rng_actors, 2));
        return;
    }
    if (is_late(w)) {
        wind_up(w, a);
        return;
    }
    if (a->conn >= 0) {
        talk(w, a);
        return;
    }
    doors(w, a, !rng_one_in(&w->rng_actors, 3));
    if (!a->stream)
        a->stream = world_stream(w, STREAM_CONN, a->input);
    a->conn = net_greet(w->net, a->port, buffer(w), a->stream);
}

void actor_server(struct world *w, uint32_t input, int port, int64_t think_ns)
{
    struct actor *a = world_actor(w, step_server);
    a->input = input;
    a->port = port;
    a->think_ns = think_ns;
    a->at_ns = rng_range(&w->rng_actors, 0, think_ns);
    doors(w, a, true);
}
