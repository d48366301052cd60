/* sim/actor.c - those who work with files; peers and servers are actor_net.c. */
#include "sim/actor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_MAX = 600, FILE_LINES_MAX = 40, PATH_BYTES = 96 };

static void later(struct world *w, struct actor *a)
{
    a->at_ns = sched_now() + 1 + rng_range(&w->rng_actors, 0, 2 * a->think_ns);
}

static bool is_late(const struct world *w)
{
    return sched_now() >= w->end_ns || w->nstream > STREAMS_MAX - 64;
}

static void append(struct world *w, const char *path, const char *p, size_t n)
{
    int fd = disk_open(w->disk, path,
                       RIV__OPEN_WRITE | RIV__OPEN_CREATE | RIV__OPEN_APPEND);
    if (fd < 0 || disk_write(w->disk, fd, p, n) != (int64_t)n)
        sched_fail("the test cannot write %s", path);
    disk_close(w->disk, fd);
}

/* ------------------------------------------------------- a file that grows */

static void write_more(struct world *w, struct actor *a, const char *path,
                       size_t room)
{
    char text[PIECE_MAX + LINE_MAX_BYTES];
    append(w, path, text, stream_make(w->seed, a->stream, text, room));
    disk_tie(w->disk, path, a->stream);
}

/* The rest of the line that has begun. */
static void end_line(struct world *w, struct actor *a, const char *path)
{
    if (a->stream->part > 0)
        write_more(w, a, path, stream_rest(w->seed, a->stream));
}

static uint64_t size_of(struct world *w, const char *path)
{
    struct riv_stat st;
    return disk_stat(w->disk, path, &st) == 0 ? st.bytes : 0;
}

static void moved_name(const struct actor *a, char dst[PATH_BYTES])
{
    snprintf(dst, PATH_BYTES, "%s.%" PRIu64, a->path, a->count);
}

/* Moved away; its writer may have a word more for the old file, and stop in the
 * middle of a line, before anybody writes to a new one. */
static void move_away(struct world *w, struct actor *a)
{
    char to[PATH_BYTES];
    a->count++;
    moved_name(a, to);
    disk_rename(w->disk, a->path, to);
    world_say(w, "%s is moved away", a->path);
    if (rng_one_in(&w->rng_actors, 2))
        write_more(w, a, to, (size_t)rng_log(&w->rng_actors, PIECE_MAX));
    a->stream->ended = true;
    a->stream = NULL;
}

/* Truncated when all of it has been read; nothing is written before the engine
 * has seen that, for it could not tell otherwise. */
static void cut_down(struct world *w, struct actor *a)
{
    int fd = disk_open(w->disk, a->path, RIV__OPEN_WRITE);
    disk_truncate(w->disk, fd, 0);
    disk_close(w->disk, fd);
    world_say(w, "%s is truncated", a->path);
    a->stream->dropped = true;
    a->stream = world_stream(w, STREAM_TAIL, a->input);
    disk_tie(w->disk, a->path, a->stream);
    a->waits = true;
}

/* Does the engine follow this very file? */
static bool is_followed(struct world *w, const struct actor *a)
{
    return disk_opened(w->disk, a->path) > 0;
}

/* A file that nobody has written down cannot be found again under another name:
 * the very first is left alone until a commit has surely had it. */
static bool is_known(struct world *w, struct actor *a)
{
    if (!(w->faults & (FAULT_KILL | FAULT_POWER)) || a->count > 0)
        return true;
    if (a->commits == 0)
        a->commits = w->commits + 2;
    return w->commits >= a->commits;
}

static void rotate(struct world *w, struct actor *a)
{
    if (!is_followed(w, a) || a->stream->taken_bytes == 0 || !is_known(w, a))
        return;
    if (rng_one_in(&w->rng_actors, 2))
        move_away(w, a);
    else if (a->stream->taken_bytes == size_of(w, a->path))
        cut_down(w, a);
}

/* Whoever writes the inputs syncs them: they are what is promised to be there. */
static void settled(struct world *w)
{
    disk_settle_folder(w->disk, "/in");
}

static void append_or_rotate(struct world *w, struct actor *a)
{
    later(w, a);
    if (a->waits) {
        /* the engine reads from the start again when it has noticed */
        a->waits = !a->stream->looked;
        return;
    }
    if (!a->stream) {
        a->stream = world_stream(w, STREAM_TAIL, a->input);
        if (rng_one_in(&w->rng_actors, 4)) {
            append(w, a->path, "", 0);
            return;
        }
    }
    if (is_late(w)) {
        /* only a new file with something in it ends the one before */
        if (a->stream->made == 0 && a->stream->part == 0)
            write_more(w, a, a->path, 1);
        end_line(w, a, a->path);
        a->at_ns = INT64_MAX;
        return;
    }
    write_more(w, a, a->path, (size_t)rng_log(&w->rng_actors, PIECE_MAX));
    if ((w->faults & FAULT_ROTATE) && rng_one_in(&w->rng_actors, 6))
        rotate(w, a);
}

static void step_appender(struct world *w, struct actor *a)
{
    append_or_rotate(w, a);
    settled(w);
}

void actor_appender(struct world *w, uint32_t input, const char *path,
                    int64_t think_ns)
{
    struct actor *a = world_actor(w, step_appender);
    a->input = input;
    a->think_ns = think_ns;
    a->at_ns = rng_range(&w->rng_actors, 0, think_ns);
    snprintf(a->path, sizeof a->path, "%s", path);
}

/* --------------------------------------------------------- files in folders */

/* The whole text of a file; its last line may have no end, or be a part. */
static size_t file_text(struct world *w, struct actor *a, char *dst)
{
    const uint64_t lines = rng_log(&w->rng_actors, FILE_LINES_MAX);
    size_t n = 0;
    a->stream = world_stream(w, STREAM_FILE, a->input);
    while (a->stream->made < lines)
        n += stream_make(w->seed, a->stream, dst + n,
                         stream_rest(w->seed, a->stream));
    if (rng_one_in(&w->rng_actors, 3))
        n += stream_make(w->seed, a->stream, dst + n,
                         (size_t)rng_log(&w->rng_actors, 30));
    a->stream->ended = true;
    return n;
}

/* Written under another name in pieces, then renamed. */
static void drop_renamed(struct world *w, const char *path, const char *p,
                         size_t n)
{
    const char *last = strrchr(path, '/') + 1;
    const unsigned k = (unsigned)rng_below(&w->rng_actors, 3);
    char name[2 * PATH_BYTES];
    if (k == 0)
        snprintf(name, sizeof name, "/in/drop.tmp.%s", last);
    else
        snprintf(name, sizeof name, "%s.%s", path, k == 1 ? "tmp" : "part");
    size_t half = (size_t)rng_below(&w->rng_actors, n + 1);
    append(w, name, p, half);
    append(w, name, p + half, n - half);
    disk_rename(w->disk, name, path);
}

/* What is no file to be read. */
static void drop_other(struct world *w, struct actor *a)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/.hidden %" PRIu64, a->path, a->count);
    append(w, path, "not to be read\n", 15);
    snprintf(path, sizeof path, "%s/folder %" PRIu64, a->path, a->count);
    disk_mkdir(w->disk, path, 0755);
    snprintf(path, sizeof path, "%s/empty %" PRIu64, a->path, a->count);
    append(w, path, "", 0);
}

static void step_dropper(struct world *w, struct actor *a)
{
    char text[(FILE_LINES_MAX + 1) * LINE_MAX_BYTES], path[PATH_BYTES];
    later(w, a);
    if (is_late(w)) {
        a->at_ns = INT64_MAX;
        return;
    }
    a->count++;
    if (rng_one_in(&w->rng_actors, 20))
        drop_other(w, a);
    size_t n = file_text(w, a, text);
    snprintf(path, sizeof path, "%s/%c %" PRIu64, a->path,
             (int)('a' + rng_below(&w->rng_actors, 26)), a->count);
    if (rng_one_in(&w->rng_actors, 2))
        append(w, path, text, n);
    else
        drop_renamed(w, path, text, n);
    world_say(w, "%s is there, %zu bytes: stream %" PRIu32, path, n,
              a->stream->id);
    settled(w);
}

void actor_dropper(struct world *w, uint32_t input, const char *folder,
                   int64_t think_ns)
{
    struct actor *a = world_actor(w, step_dropper);
    a->input = input;
    a->think_ns = 4 * think_ns;
    a->at_ns = rng_range(&w->rng_actors, 0, think_ns);
    disk_mkdir(w->disk, folder, 0755);
    snprintf(a->path, sizeof a->path, "%s", folder);
}
