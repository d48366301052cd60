/* cli/term.c - taking the terminal and giving it back, whatever happens. The
 * handlers call only what POSIX allows in them: write, tcsetattr, raise. */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static const char enter[] = "\033[?1049h\033[?25l\033[2J";
static const char leave[] = "\033[0m\033[?25h\033[?1049l";

/* One terminal, one state; handlers read it. */
static struct {
    volatile sig_atomic_t taken, keys, ending;
    struct termios before, live;
    int wake;
} state = { .wake = -1 };

/* ----- questions */

static bool is_set(const char *name)
{
    const char *value = getenv(name);
    return value && *value;
}

bool term_is_live(void)
{
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

bool term_has_colour(void)
{
    return term_is_live() && !is_set("NO_COLOR");
}

bool term_is_utf8(void)
{
    static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (is_set(names[i])) {
            const char *value = getenv(names[i]);
            return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
        }
    }
    return false;
}

static int number_of(const char *name)
{
    const char *value = getenv(name);
    long n = value ? strtol(value, NULL, 10) : 0;
    return n > 0 && n < 10000 ? (int)n : 0;
}

void term_size(int *ret_cols, int *ret_rows)
{
    struct winsize size = { 0 };
    int cols = 0, rows = 0;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        cols = size.ws_col;
        rows = size.ws_row;
    }
    if (cols <= 0)
        cols = number_of("COLUMNS");
    if (rows <= 0)
        rows = number_of("LINES");
    *ret_cols = cols > 0 ? cols : 80;
    *ret_rows = rows > 0 ? rows : 24;
}

/* ----- signals */

static void tell(void)
{
    const unsigned long long one = 1;
    if (state.wake >= 0 && write(state.wake, &one, sizeof one) < 0)
        return; /* full: it will wake anyhow */
}

static void restore(void)
{
    if (!state.taken)
        return;
    state.taken = 0;
    if (state.keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &state.before);
    if (write(STDOUT_FILENO, leave, sizeof leave - 1) < 0)
        return; /* the terminal is gone */
}

static void take(void)
{
    if (state.keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &state.live);
    state.taken = 1;
    if (write(STDOUT_FILENO, enter, sizeof enter - 1) < 0)
        state.ending = 1;
}

static void on_end(int number)
{
    int saved = errno;
    (void)number;
    state.ending = 1;
    tell();
    errno = saved;
}

static void on_resize(int number)
{
    int saved = errno;
    (void)number;
    tell();
    errno = saved;
}

/* The signal's own effect, now that the screen is back. */
static void on_crash(int number)
{
    restore();
    struct sigaction plain = { .sa_handler = SIG_DFL };
    sigaction(number, &plain, NULL);
    raise(number);
}

static void on_suspend(int number)
{
    int saved = errno;
    (void)number;
    restore();
    raise(SIGSTOP); /* here it stands until SIGCONT */
    take();
    tell();
    errno = saved;
}

static void handle(int number, void (*handler)(int), int flags)
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

void term_watch(int wake)
{
    static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
    state.wake = wake;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        handle(ends[i], on_end, SA_RESTART);
    handle(SIGPIPE, SIG_IGN, 0);
}

bool term_is_asked_to_end(void)
{
    return state.ending;
}

/* ----- the screen */

/* Keys one by one and unseen; Ctrl-C and Ctrl-Z stay signals. */
static void prepare_keys(void)
{
    state.keys = 0;
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &state.before) != 0)
        return;
    if (tcgetpgrp(STDIN_FILENO) != getpgrp())
        return; /* in the background: setting it would stop the process */
    state.live = state.before;
    state.live.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    state.live.c_cc[VMIN] = 0;
    state.live.c_cc[VTIME] = 0;
    state.keys = 1;
}

void term_enter(int wake)
{
    static const int crashes[] = { SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
                                   SIGABRT, SIGTRAP, SIGQUIT };
    term_watch(wake);
    prepare_keys();
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        handle(crashes[i], on_crash, (int)SA_RESETHAND);
    handle(SIGWINCH, on_resize, SA_RESTART);
    handle(SIGTSTP, on_suspend, SA_RESTART);
    take();
}

void term_leave(void)
{
    restore();
}

int term_input(void)
{
    return state.keys ? STDIN_FILENO : -1;
}

int term_key(void)
{
    unsigned char key = 0;
    if (!state.keys || read(STDIN_FILENO, &key, 1) != 1)
        return 0;
    return key;
}

bool term_write(const char *p, size_t n)
{
    while (n > 0) {
        ssize_t put = write(STDOUT_FILENO, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        p += put;
        n -= (size_t)put;
    }
    return true;
}
