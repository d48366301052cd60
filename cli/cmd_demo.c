/* cli/cmd_demo.c - made-up streams, counted and shown: live on a terminal, in
 * lines elsewhere. The job runs on the library's threads; this one shows the
 * last picture and waits for keys, signals and the end. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cmd.h"
#include "demo.h"
#include "demo_text.h"
#include "say.h"
#include "term.h"

enum {
    PIPE_BATCHES = 5,
    LOOK_MS = 500,
    PRINT_ROOM = 4096,
    RATE = 20000,
    NUMBER_MAX = 1000000000
};

struct demo {
    int64_t batches_max; /* 0: until it is asked to end */
    int64_t rate;        /* lines a second of each stream */
    bool live;
    int wake; /* eventfd: a batch, a signal, the end */
    riv *r;
    pthread_mutex_t lock;
    struct demo_picture picture; /* protected by lock */
    char note[DEMO_NOTE];        /* protected by lock: of the state directory */
    atomic_bool gone;            /* nobody reads standard output any more */
};

/* ----- on the driver's thread */

static void wake(const struct demo *demo)
{
    const uint64_t one = 1;
    if (write(demo->wake, &one, sizeof one) < 0)
        return; /* full: awake already */
}

static void print(struct demo *demo, const struct demo_picture *picture)
{
    char text[PRINT_ROOM];
    size_t n = demo_print(text, sizeof text, picture);
    if (!term_write(text, n))
        demo->gone = true;
}

/* What becomes of a state directory is shown; of the rest only what is wrong, and
 * not into a picture. */
static void on_log(void *arg, int level, const char *line)
{
    struct demo *demo = arg;
    const bool is_note = strncmp(line, "state directory ", 16) == 0;
    if (is_note) {
        pthread_mutex_lock(&demo->lock);
        snprintf(demo->note, sizeof demo->note, "%s", line);
        pthread_mutex_unlock(&demo->lock);
    }
    if (demo->live)
        return;
    if (is_note) {
        term_write(line, strlen(line));
        term_write("\n", 1);
    } else if (level == RIV_LOG_WARN) {
        fprintf(stderr, "%s\n", line);
    }
}

/* Batches that come after the last one wanted belong to the stop. */
static void on_batch(void *arg, const struct demo_picture *picture)
{
    struct demo *demo = arg;
    int64_t max = demo->batches_max;
    if (demo->gone || (max > 0 && picture->batches > max))
        return;
    pthread_mutex_lock(&demo->lock);
    demo->picture = *picture;
    memcpy(demo->picture.note, demo->note, sizeof demo->note);
    pthread_mutex_unlock(&demo->lock);
    if (!demo->live)
        print(demo, picture);
    if (demo->gone || picture->batches == max)
        riv_stop(demo->r, RIV_DRAIN);
    wake(demo);
}

/* ----- on the main thread */

static void draw(struct demo *demo)
{
    struct demo_picture picture;
    struct frame frame;
    int cols, rows;
    size_t n = 0;
    pthread_mutex_lock(&demo->lock);
    picture = demo->picture;
    pthread_mutex_unlock(&demo->lock);
    term_size(&cols, &rows);
    if (!frame_init(&frame, cols, rows, term_is_utf8()))
        return;
    demo_draw(&frame, &picture);
    char *bytes =
        frame_paint(&frame, term_has_colour() ? PAINT_COLOUR : PAINT_MONO, &n);
    if (bytes && !term_write(bytes, n))
        demo->gone = true;
    free(bytes);
    frame_fini(&frame);
}

/* Waits for a key or a wake; true when somebody wants the end. */
static bool wait_for_news(struct demo *demo)
{
    struct pollfd fds[] = { { .fd = demo->wake, .events = POLLIN },
                            { .fd = term_input(), .events = POLLIN } };
    uint64_t count;
    bool end = false;
    if (poll(fds, 2, LOOK_MS) < 0 && errno != EINTR)
        return true;
    if ((fds[0].revents & POLLIN) && read(demo->wake, &count, sizeof count) < 0)
        return false;
    for (int key = term_key(); key != 0; key = term_key())
        end = end || key == 'q' || key == 'Q' || key == 3 || key == 27;
    return end || demo->gone || term_is_asked_to_end();
}

/* Until the job has ended; the first wish to end drains it, and is enough. */
static int watch(struct demo *demo)
{
    bool asked = false;
    int rc;
    while ((rc = riv_wait(demo->r, 0)) == RIV_ETIMEOUT) {
        if (wait_for_news(demo) && !asked) {
            asked = true;
            riv_stop(demo->r, RIV_DRAIN);
        }
        if (asked)
            return riv_wait(demo->r, -1);
        if (demo->live)
            draw(demo);
    }
    return rc;
}

static int run(struct demo *demo)
{
    int rc = riv_start(demo->r);
    if (rc == RIV_OK) {
        if (demo->live)
            term_enter(demo->wake);
        else
            term_watch(demo->wake);
        rc = watch(demo);
        term_leave();
    }
    if (rc != RIV_OK && rc != RIV_ESTOPPED)
        return say(say_status(rc), "%s", riv_errmsg(demo->r));
    return EXIT_FINE;
}

/* What stays on the screen when the picture is gone. */
static void print_summary(const struct demo_picture *picture)
{
    char batches[DEMO_NUMBER], records[DEMO_NUMBER];
    printf("%s batches, %s records. The same in a program of your own: "
           "rivulet help run\n",
           text_count(batches, picture->batches),
           text_count(records, picture->records));
}

/* ----- arguments */

/* The options of this command, each with a number behind it. */
struct number {
    const char *name;
    int64_t least, *value;
};

static int read_number(const struct number *number, const char *text)
{
    char *end = NULL;
    errno = 0;
    long long n = text ? strtoll(text, &end, 10) : 0;
    if (!text || end == text || *end || errno != 0 || n < number->least ||
        n > NUMBER_MAX)
        return say(EXIT_USAGE, "%s needs a number from %lld to %lld",
                   number->name, (long long)number->least,
                   (long long)NUMBER_MAX);
    *number->value = n;
    return EXIT_FINE;
}

/* Takes "--name N" or "--name=N" at argv[*i]. False: it is something else. */
static bool take_number(const struct number *number, char **argv, int *i,
                        int *ret_exit)
{
    size_t n = strlen(number->name);
    const char *arg = argv[*i];
    if (strncmp(arg, number->name, n) != 0 || (arg[n] && arg[n] != '='))
        return false;
    if (arg[n] == '\0' && argv[*i + 1])
        *ret_exit = read_number(number, argv[++*i]);
    else
        *ret_exit = read_number(number, arg[n] ? arg + n + 1 : NULL);
    return true;
}

/* Takes the command's own options out; what is left is for the engine.
 * Returns -1 when all is said. */
static int take_own(struct demo *demo, int *argc, char **argv, int *ret_exit)
{
    const struct number batches = { "--batches", 1, &demo->batches_max };
    const struct number rate = { "--rate", 0, &demo->rate };
    int n = 1;
    for (int i = 1; i < *argc; i++) {
        int code = EXIT_FINE;
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return *ret_exit = cmd_usage(&cmd_demo), -1;
        if (!take_number(&batches, argv, &i, &code) &&
            !take_number(&rate, argv, &i, &code))
            argv[n++] = argv[i];
        if (code != EXIT_FINE)
            return *ret_exit = code, -1;
    }
    argv[n] = NULL;
    *argc = n;
    return 0;
}

/* The name, or NULL after a message. */
static const char *name_of(int argc, char **argv)
{
    static const char *const names[] = { "words", "access", "cards", NULL };
    const char *name = argc > 1 ? argv[1] : "cards";
    if (argc > 2) {
        say(EXIT_USAGE, "demo takes one name, and got \"%s\" as well", argv[2]);
        return NULL;
    }
    for (const char *const *each = names; *each; each++) {
        if (strcmp(*each, name) == 0)
            return name;
    }
    const char *near = say_nearest(name, names);
    say(EXIT_USAGE, "no demo \"%s\"; %s%s%s", name,
        near ? "did you mean \"" : "there are words, access and cards",
        near ? near : "", near ? "\"?" : "");
    return NULL;
}

/* The engine's options, the name, the graph. */
static int prepare(struct demo *demo, struct demo_job *job, int argc,
                   char **argv)
{
    int rc = riv_cli_options(demo->r, &argc, argv);
    if (rc != RIV_OK)
        return say(say_status(rc), "%s", riv_errmsg(demo->r));
    const char *name = name_of(argc, argv);
    if (!name)
        return EXIT_USAGE;
    demo_job_build(job, demo->r, name, demo->rate);
    rc = riv_error(demo->r);
    if (rc == RIV_OK)
        return EXIT_FINE;
    return say(say_status(rc), "%s", riv_errmsg(demo->r));
}

static int demo_run(int argc, char **argv)
{
    struct demo demo = { .live = term_is_live(), .wake = -1, .rate = RATE };
    int code = EXIT_FINE;
    if (take_own(&demo, &argc, argv, &code) < 0)
        return code;
    if (demo.batches_max == 0 && !demo.live)
        demo.batches_max = PIPE_BATCHES;
    demo.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct demo_job *job = demo_job_new(on_batch, &demo);
    if (demo.wake < 0 || !job) {
        demo_job_free(job);
        return say(EXIT_SYSTEM, "no memory or descriptors for the demo");
    }
    pthread_mutex_init(&demo.lock, NULL);
    demo.r = riv_new(RIV_CONFIG(.name = "demo", .log = on_log, .log_arg = &demo,
                                .listener = demo_job_listener(job)));
    code = prepare(&demo, job, argc, argv);
    if (code == EXIT_FINE)
        code = run(&demo);
    riv_free(demo.r);
    if (code == EXIT_FINE && demo.live)
        print_summary(&demo.picture);
    demo_job_free(job);
    pthread_mutex_destroy(&demo.lock);
    close(demo.wake);
    return code;
}

const struct cmd cmd_demo = {
    .name = "demo",
    .args = "[words|access|cards] [OPTIONS]",
    .line = "counts a made-up stream, live on the screen",
    .help =
        "Words of a made-up text, counted as they come, and beside them alerts "
        "of stolen\n"
        "cards among payments (cards) or the requests of a web server "
        "(access). Needs no\n"
        "file and no compiler.\n"
        "On a terminal it runs until q or Ctrl-C; in a pipe it prints a few "
        "lines for\n"
        "each batch and ends after 5.\n"
        "\n"
        "  --batches N       ends after so many batches\n"
        "  --rate N          lines a second of each stream; 0: as fast as they "
        "are taken\n"
        "  --state DIR       where it writes down what it has counted, and goes "
        "on, also\n"
        "                    after kill -9\n"
        "  --interval TIME   length of a batch: 100ms, 1s; 5 is 5ms\n"
        "  --threads N       threads that work; 0: one for each core\n"
        "  -c NAME=VALUE     any setting; rivulet help settings lists them\n"
        "\n"
        "Examples:\n"
        "  rivulet demo\n"
        "  rivulet demo access --interval 200ms\n"
        "  rivulet demo words --batches 3 | cat",
    .run = demo_run,
};
