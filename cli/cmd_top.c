/* cli/cmd_top.c - what rivulet status says, once a second, on the whole screen. */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cmd.h"
#include "frame.h"
#include "say.h"
#include "target.h"
#include "term.h"

enum { LOOK_MS = 1000, LINE_MAX_BYTES = 1024 };

static enum style style_of(char mark)
{
    switch (mark) {
    case 'T': return STYLE_TITLE;
    case '+': return STYLE_GOOD;
    case '-': return STYLE_BAD;
    case '~': return STYLE_WARN;
    case 'D': return STYLE_DIM;
    default: return STYLE_PLAIN;
    }
}

/* A line over as many rows as it needs: the answer to "why" may be long. */
static void draw_line(struct frame *frame, struct area *area, char mark,
                      const char *text)
{
    char part[LINE_MAX_BYTES];
    const size_t room = (size_t)frame->cols < sizeof part ? (size_t)frame->cols
                                                          : sizeof part - 1;
    do {
        size_t n = strlen(text);
        if (n > room) {
            n = room;
            while (n > room / 2 && text[n] != ' ')
                n--;
        }
        memcpy(part, text, n);
        part[n] = '\0';
        frame_text(frame, area_line(area), style_of(mark), part);
        text += n;
        text += *text == ' ';
    } while (*text && area->rows > 0);
}

static void draw_answer(struct frame *frame, char *text)
{
    struct area area = frame_area(frame);
    while (*text && area.rows > 0) {
        char *end = strchr(text, '\n');
        if (end)
            *end = '\0';
        if (*text)
            draw_line(frame, &area, text[0], text + 1);
        text = end ? end + 1 : text + strlen(text);
    }
}

/* False: nobody reads any more. */
static bool draw(struct answer *answer)
{
    struct frame frame;
    int cols, rows;
    size_t n = 0;
    bool well = true;
    term_size(&cols, &rows);
    if (!frame_init(&frame, cols, rows, term_is_utf8()))
        return false;
    draw_answer(&frame, answer->p);
    char *bytes =
        frame_paint(&frame, term_has_colour() ? PAINT_COLOUR : PAINT_MONO, &n);
    if (bytes)
        well = term_write(bytes, n);
    free(bytes);
    frame_fini(&frame);
    return well;
}

/* Until the next look; true when somebody wants the end. */
static bool wants_end(int wake)
{
    struct pollfd fds[] = { { .fd = wake, .events = POLLIN },
                            { .fd = term_input(), .events = POLLIN } };
    uint64_t count;
    bool end = false;
    if (poll(fds, 2, LOOK_MS) < 0 && errno != EINTR)
        return true;
    if ((fds[0].revents & POLLIN) && read(wake, &count, sizeof count) < 0)
        return false;
    for (int key = term_key(); key != 0; key = term_key())
        end = end || key == 'q' || key == 'Q' || key == 3 || key == 27;
    return end || term_is_asked_to_end();
}

/* Every second, while the job answers. */
static int watch(const struct target *target, struct answer *answer, int wake)
{
    int code = EXIT_FINE;
    term_enter(wake);
    do {
        const bool well = draw(answer);
        free(answer->p);
        *answer = (struct answer){ NULL, 0 };
        if (!well || wants_end(wake))
            break;
        code = target_status(target, answer);
    } while (code == EXIT_FINE);
    term_leave();
    return code;
}

static int no_job(const struct target *target)
{
    return say(EXIT_UNAVAIL,
               "no job runs on %s; rivulet status shows what the last one has "
               "left",
               target->job);
}

static int top_run(int argc, char **argv)
{
    struct target target = { .json = false };
    struct answer answer = { NULL, 0 };
    int code = target_read(&target, &cmd_top, argc, argv);
    if (code != EXIT_FINE)
        return code == -1 ? EXIT_FINE : code;
    if (!term_is_live())
        return say(EXIT_USAGE,
                   "top needs a terminal; \"rivulet status\" prints "
                   "the same once");
    code = target_status(&target, &answer);
    const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (code == EXIT_FINE && wake >= 0)
        code = watch(&target, &answer, wake);
    free(answer.p);
    if (wake >= 0)
        close(wake);
    return code == -1 ? no_job(&target) : code;
}

const struct cmd cmd_top = {
    .name = "top",
    .args = "[--token-file FILE] [STATE-DIR | ADDRESS]",
    .line = "shows what a running job does, live",
    .help =
        "What rivulet status says, on the whole screen and once a second. q "
        "or Ctrl-C\n"
        "ends it, and the job goes on. Arguments are those of status.\n"
        "\n"
        "Exit code 69: no job runs there, or it has ended.\n"
        "\n"
        "Example:\n"
        "  rivulet top /var/lib/job",
    .run = top_run,
};
