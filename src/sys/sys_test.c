/* sys/sys_test.c - the table of the real world: clocks, waiting, files and
 * sockets as the kernel gives them. Nothing here depends on how long
 * something takes. */
#include "sys/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/test.h"
#include "sys/thread.h"

static struct riv_sys *sys;

/* ---- clocks, randomness, processors */

RIV_TEST(monotonic_time_never_goes_back)
{
    int64_t before = sys->mono_ns(sys);
    for (int i = 0; i < 1000; i++) {
        int64_t now = sys->mono_ns(sys);
        assert_true(now >= before);
        before = now;
    }
    assert_true(before > 0);
    assert_true(riv__sys_us(sys) >= before / 1000);
}

RIV_TEST(wall_time_is_in_milliseconds_since_1970)
{
    const int64_t year_2020 = 1577836800000, year_2200 = 7258118400000;
    assert_true(sys->wall_ms(sys) > year_2020);
    assert_true(sys->wall_ms(sys) < year_2200);
}

RIV_TEST(random_bytes_fill_all_and_differ)
{
    unsigned char a[1000] = { 0 }, b[1000] = { 0 };
    unsigned zeros = 0;
    assert_int_equal(sys->random(sys, a, sizeof a), 0);
    assert_int_equal(sys->random(sys, b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
    for (size_t i = sizeof a - 32; i < sizeof a; i++)
        zeros += a[i] == 0;
    assert_in_range(zeros, 0, 31);
    assert_int_equal(sys->random(sys, a, 0), 0);
}

RIV_TEST(memory_that_is_taken_is_counted)
{
    enum { BYTES = 64 << 20 };
    const int64_t before = sys->memory(sys, true);
    char *p = malloc(BYTES);
    assert_non_null(p);
    memset(p, 1, BYTES);
    assert_true(sys->memory(sys, false) >= before + BYTES / 2);
    assert_int_equal(p[BYTES / 2], 1);
    free(p);
}

RIV_TEST(there_is_at_least_one_processor)
{
    assert_in_range(sys->cores(sys), 1, 1 << 20);
}

/* ---- waiting */

struct pair {
    int in, out;
};

static struct pair pipe_open(void)
{
    int fd[2];
    assert_int_equal(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
    return (struct pair){ .in = fd[0], .out = fd[1] };
}

static void pipe_close(struct pair pipe)
{
    close(pipe.in);
    close(pipe.out);
}

RIV_TEST(a_time_that_has_passed_is_not_waited_for)
{
    assert_int_equal(sys->poll(sys, NULL, 0, NULL, 0), 0);
    assert_int_equal(sys->poll(sys, NULL, 0, NULL, -5), 0);
    assert_int_equal(sys->poll(sys, NULL, 0, NULL, INT64_MIN), 0);
}

RIV_TEST(a_wait_does_not_end_before_its_time)
{
    for (int i = 0; i < 20; i++) {
        int64_t until = sys->mono_ns(sys) + 100000;
        assert_int_equal(sys->poll(sys, NULL, 0, NULL, until), 0);
        assert_true(sys->mono_ns(sys) >= until);
    }
}

RIV_TEST(ready_descriptors_are_counted_and_marked)
{
    struct pair a = pipe_open(), b = pipe_open();
    struct riv_pollfd fds[] = {
        { .fd = a.in, .events = RIV__POLL_IN },
        { .fd = b.in, .events = RIV__POLL_IN },
        { .fd = b.out, .events = RIV__POLL_OUT },
        { .fd = -1, .events = RIV__POLL_IN, .revents = 99 },
    };
    assert_int_equal(write(a.out, "x", 1), 1);
    assert_int_equal(sys->poll(sys, fds, 4, NULL, INT64_MAX), 2);
    assert_int_equal(fds[0].revents, RIV__POLL_IN);
    assert_int_equal(fds[1].revents, 0);
    assert_int_equal(fds[2].revents, RIV__POLL_OUT);
    assert_int_equal(fds[3].revents, 0);
    pipe_close(a);
    close(b.out);
    assert_int_equal(sys->poll(sys, fds + 1, 1, NULL, INT64_MAX), 1);
    assert_int_equal(fds[1].revents, RIV__POLL_HUP);
    close(b.in);
}

RIV_TEST(a_raised_wake_ends_one_wait_and_is_not_counted)
{
    struct riv_wake wake;
    struct pair a = pipe_open();
    struct riv_pollfd in = { .fd = a.in, .events = RIV__POLL_IN };
    assert_int_equal(sys->wake_open(sys, &wake), 0);
    sys->wake_raise(sys, &wake);
    sys->wake_raise(sys, &wake);
    assert_int_equal(sys->poll(sys, &in, 1, &wake, INT64_MAX), 0);
    assert_int_equal(in.revents, 0);
    struct riv_pollfd lowered = { .fd = wake.fd, .events = RIV__POLL_IN };
    assert_int_equal(sys->poll(sys, &lowered, 1, NULL, 0), 0);
    sys->wake_raise(sys, &wake);
    assert_int_equal(write(a.out, "x", 1), 1);
    assert_int_equal(sys->poll(sys, &in, 1, &wake, INT64_MAX), 1);
    assert_int_equal(in.revents, RIV__POLL_IN);
    sys->wake_close(sys, &wake);
    assert_int_equal(wake.fd, -1);
    sys->wake_close(sys, &wake);
    pipe_close(a);
}

RIV_TEST(raising_a_wake_keeps_errno)
{
    struct riv_wake wake = { .fd = -1 };
    errno = EDOM;
    sys->wake_raise(sys, &wake); /* write fails with EBADF */
    assert_int_equal(errno, EDOM);
}

RIV_TEST(too_many_descriptors_are_refused)
{
    static struct riv_pollfd fds[RIV__POLL_FDS_MAX + 1];
    for (size_t i = 0; i < RIV__LEN(fds); i++)
        fds[i].fd = -1;
    assert_int_equal(sys->poll(sys, fds, RIV__POLL_FDS_MAX, NULL, 0), 0);
    assert_int_equal(sys->poll(sys, fds, RIV__POLL_FDS_MAX + 1, NULL, 0),
                     -EINVAL);
}

static _Atomic int signals;
static void count_signal(int signo)
{
    (void)signo;
    atomic_fetch_add(&signals, 1);
}

struct disturber {
    pthread_t waiter;
    struct riv_wake wake;
};

static void disturb(void *arg)
{
    struct disturber *self = arg;
    for (int i = 1; i <= 3; i++) {
        pthread_kill(self->waiter, SIGUSR1);
        while (atomic_load(&signals) < i)
            sched_yield();
    }
    sys->wake_raise(sys, &self->wake);
}

/* Were a signal to end the wait, poll would say -EINTR, or 0 with the wake
 * still raised. */
RIV_TEST(signals_do_not_end_a_wait)
{
    struct disturber other = { .waiter = pthread_self() };
    struct riv_thread thread;
    struct sigaction count = { .sa_handler = count_signal }, before;
    sigaction(SIGUSR1, &count, &before);
    atomic_store(&signals, 0);
    assert_int_equal(sys->wake_open(sys, &other.wake), 0);
    assert_int_equal(riv__thread_start(&thread, "x", disturb, &other, NULL), 0);
    assert_int_equal(sys->poll(sys, NULL, 0, &other.wake, INT64_MAX), 0);
    assert_int_equal(atomic_load(&signals), 3);
    riv__thread_join(&thread);
    sys->wake_close(sys, &other.wake);
    sigaction(SIGUSR1, &before, NULL);
}

/* ---- files */

static char dir[64];

static int dir_make(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "%s", "/tmp/riv-sys-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(void *arg, const char *name)
{
    char path[512];
    (void)arg;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    return remove(path) == 0 ? 0 : -errno;
}

static int dir_remove(void **state)
{
    (void)state;
    return sys->list(sys, dir, remove_one, NULL) == 0 ? rmdir(dir) : -1;
}

static const char *in_dir(const char *name)
{
    static char path[4][128];
    static unsigned next;
    char *p = path[next++ % 4];
    snprintf(p, sizeof path[0], "%s/%s", dir, name);
    return p;
}

enum { NEW = RIV__OPEN_WRITE | RIV__OPEN_CREATE };

static int file_make(const char *name, const char *text)
{
    int fd = sys->open(sys, in_dir(name), NEW | RIV__OPEN_READ);
    assert_true(fd >= 0);
    assert_int_equal(sys->write(sys, fd, text, strlen(text)), strlen(text));
    return fd;
}

RIV_TEST(what_was_written_is_read_at_any_place)
{
    char p[16];
    struct riv_stat st;
    int fd = file_make("a", "0123456789");
    assert_int_equal(sys->pread(sys, fd, p, 4, 3), 4);
    assert_text_n(p, 4, "3456");
    assert_int_equal(sys->pread(sys, fd, p, 4, 8), 2);
    assert_int_equal(sys->pread(sys, fd, p, 4, 10), 0);
    assert_int_equal(sys->pread(sys, fd, p, 4, UINT64_MAX), -EINVAL);
    assert_int_equal(sys->read(sys, fd, p, 4), 0); /* stands at the end */
    assert_int_equal(sys->truncate(sys, fd, 5), 0);
    assert_int_equal(sys->sync(sys, fd), 0);
    assert_int_equal(sys->fstat(sys, fd, &st), 0);
    assert_int_equal(st.kind, RIV__IS_FILE);
    assert_int_equal(st.bytes, 5);
    assert_true(st.mtime_ns > INT64_C(1577836800000000000));
    assert_int_equal(sys->close(sys, fd), 0);
    assert_int_equal(sys->close(sys, fd), -EBADF);
}

RIV_TEST(the_flags_of_open_mean_what_they_say)
{
    char p[16];
    assert_int_equal(sys->open(sys, in_dir("a"), RIV__OPEN_READ), -ENOENT);
    assert_int_equal(sys->open(sys, in_dir("a"), RIV__OPEN_WRITE), -ENOENT);
    assert_int_equal(sys->open(sys, in_dir("a"), RIV__OPEN_CREATE), -EINVAL);
    sys->close(sys, file_make("a", "old"));
    assert_int_equal(sys->open(sys, in_dir("a"), NEW | RIV__OPEN_EXCL),
                     -EEXIST);
    int fd = sys->open(sys, in_dir("a"), RIV__OPEN_WRITE | RIV__OPEN_APPEND);
    assert_int_equal(sys->read(sys, fd, p, 1), -EBADF);
    assert_int_equal(sys->write(sys, fd, "er", 2), 2);
    sys->close(sys, fd);
    fd = sys->open(sys, in_dir("a"), RIV__OPEN_READ);
    assert_int_equal(sys->write(sys, fd, "x", 1), -EBADF);
    assert_int_equal(sys->read(sys, fd, p, sizeof p), 5);
    assert_text_n(p, 5, "older");
    sys->close(sys, fd);
    fd = sys->open(sys, in_dir("a"),
                   RIV__OPEN_READ | RIV__OPEN_WRITE | RIV__OPEN_TRUNC);
    assert_int_equal(sys->read(sys, fd, p, sizeof p), 0);
    sys->close(sys, fd);
}

RIV_TEST(links_are_followed_unless_said_otherwise)
{
    sys->close(sys, file_make("a", "x"));
    assert_int_equal(symlink(in_dir("a"), in_dir("link")), 0);
    int fd = sys->open(sys, in_dir("link"), RIV__OPEN_READ);
    assert_true(fd >= 0);
    sys->close(sys, fd);
    assert_int_equal(
        sys->open(sys, in_dir("link"), RIV__OPEN_READ | RIV__OPEN_NOFOLLOW),
        -ELOOP);
}

RIV_TEST(descriptors_are_closed_on_exec)
{
    struct riv_wake wake;
    int fd = file_make("a", "");
    assert_int_equal(sys->wake_open(sys, &wake), 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_true(fcntl(wake.fd, F_GETFD) & FD_CLOEXEC);
    sys->wake_close(sys, &wake);
    sys->close(sys, fd);
}

/* A pipe that somebody put into a watched folder must not hold up the source;
 * without the flag this open would wait for ever. */
RIV_TEST(a_pipe_without_a_writer_can_be_opened_without_waiting)
{
    struct riv_stat st;
    assert_int_equal(mkfifo(in_dir("fifo"), 0600), 0);
    int fd =
        sys->open(sys, in_dir("fifo"), RIV__OPEN_READ | RIV__OPEN_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(sys->fstat(sys, fd, &st), 0);
    assert_int_equal(st.kind, RIV__IS_PIPE);
    sys->close(sys, fd);
}

RIV_TEST(stat_tells_the_kinds_apart)
{
    struct riv_stat st, again;
    assert_int_equal(sys->stat(sys, dir, &st), 0);
    assert_int_equal(st.kind, RIV__IS_DIR);
    assert_int_equal(sys->stat(sys, "/dev/null", &st), 0);
    assert_int_equal(st.kind, RIV__IS_CHAR);
    assert_int_equal(sys->stat(sys, in_dir("none"), &st), -ENOENT);
    assert_int_equal(st.kind, RIV__IS_CHAR); /* written on success only */
    sys->close(sys, file_make("a", ""));
    sys->close(sys, file_make("b", ""));
    assert_int_equal(sys->stat(sys, in_dir("a"), &st), 0);
    assert_int_equal(sys->stat(sys, in_dir("b"), &again), 0);
    assert_int_equal(st.device, again.device);
    assert_int_not_equal(st.inode, again.inode);
}

RIV_TEST(files_are_renamed_and_removed)
{
    struct riv_stat st;
    sys->close(sys, file_make("a", "x"));
    assert_int_equal(sys->rename(sys, in_dir("a"), in_dir("b")), 0);
    assert_int_equal(sys->stat(sys, in_dir("a"), &st), -ENOENT);
    assert_int_equal(sys->stat(sys, in_dir("b"), &st), 0);
    assert_int_equal(sys->unlink(sys, in_dir("b")), 0);
    assert_int_equal(sys->unlink(sys, in_dir("b")), -ENOENT);
    assert_int_equal(sys->rename(sys, in_dir("b"), in_dir("a")), -ENOENT);
}

RIV_TEST(a_folder_is_made_once_and_can_be_synced)
{
    assert_int_equal(sys->mkdir(sys, in_dir("d"), RIV__MODE_PUBLIC), 0);
    assert_int_equal(sys->mkdir(sys, in_dir("d"), RIV__MODE_PUBLIC), -EEXIST);
    int fd = sys->open(sys, in_dir("d"), RIV__OPEN_READ);
    assert_true(fd >= 0);
    assert_int_equal(sys->sync(sys, fd), 0);
    sys->close(sys, fd);
}

RIV_TEST(what_is_written_at_a_place_leaves_the_rest)
{
    char p[16];
    int fd = file_make("a", "0123456789");
    assert_int_equal(sys->pwrite(sys, fd, "xyz", 3, 2), 3);
    assert_int_equal(sys->pwrite(sys, fd, "end", 3, 12), 3);
    assert_int_equal(sys->pread(sys, fd, p, sizeof p, 0), 15);
    assert_memory_equal(p, "01xyz56789\0\0end", 15);
    assert_int_equal(sys->pwrite(sys, fd, "x", 1, UINT64_MAX), -EFBIG);
    assert_int_equal(sys->datasync(sys, fd), 0);
    sys->close(sys, fd);
    assert_int_equal(sys->datasync(sys, fd), -EBADF);
}

RIV_TEST(allocated_space_is_there_and_reads_as_zeros)
{
    char p[4];
    struct stat st;
    int fd = file_make("a", "ab");
    int rc = sys->allocate(sys, fd, 1 << 20);
    if (rc == -EOPNOTSUPP) {
        sys->close(sys, fd);
        RIV_TEST_SKIP("this file system cannot allocate");
    }
    assert_int_equal(rc, 0);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 1 << 20);
    assert_true(st.st_blocks * 512 >= 1 << 20);
    assert_int_equal(sys->pread(sys, fd, p, 4, 0), 4);
    assert_memory_equal(p, "ab\0\0", 4);
    assert_int_equal(sys->allocate(sys, fd, UINT64_MAX), -EFBIG);
    sys->close(sys, fd);
}

RIV_TEST(private_files_and_folders_are_for_the_owner)
{
    struct riv_stat st;
    sys->close(sys, sys->open(sys, in_dir("a"), NEW | RIV__OPEN_PRIVATE));
    assert_int_equal(sys->stat(sys, in_dir("a"), &st), 0);
    assert_int_equal(st.mode, 0600);
    assert_true(st.is_own);
    assert_int_equal(sys->mkdir(sys, in_dir("d"), RIV__MODE_PRIVATE), 0);
    assert_int_equal(sys->stat(sys, in_dir("d"), &st), 0);
    assert_int_equal(st.mode, 0700);
    assert_int_equal(chmod(in_dir("a"), 02664), 0);
    assert_int_equal(sys->stat(sys, in_dir("a"), &st), 0);
    assert_int_equal(st.mode, 02664);
    assert_true(st.mode & RIV__MODE_OTHERS_WRITE);
    assert_int_equal(sys->stat(sys, "/", &st), 0);
    assert_int_equal(st.is_own, geteuid() == 0);
}

RIV_TEST(a_lock_holds_against_other_descriptors_until_it_is_closed)
{
    int a = file_make("a", ""), b = sys->open(sys, in_dir("a"), NEW);
    assert_int_equal(sys->lock(sys, a, 0, 10), 0);
    assert_int_equal(sys->lock(sys, a, 0, 10), 0); /* its own */
    assert_int_equal(sys->lock(sys, b, 9, 1), -EAGAIN);
    assert_int_equal(sys->lock(sys, b, 10, 1), 0);
    assert_int_equal(sys->lock(sys, b, INT64_MAX, 1), -EINVAL);
    sys->close(sys, sys->open(sys, in_dir("a"), NEW)); /* a third does not */
    assert_int_equal(sys->lock(sys, b, 0, 10), -EAGAIN);
    sys->close(sys, a);
    assert_int_equal(sys->lock(sys, b, 0, 10), 0);
    sys->close(sys, b);
}

/* The child says through a pipe that it has the lock, and dies of SIGKILL. */
RIV_TEST(the_lock_of_a_dead_process_is_free_at_once)
{
    char c;
    struct pair ready = pipe_open();
    struct riv_pollfd in = { .fd = ready.in, .events = RIV__POLL_IN };
    sys->close(sys, file_make("a", ""));
    pid_t child = fork();
    if (child == 0) {
        int mine = sys->open(sys, in_dir("a"), NEW);
        c = sys->lock(sys, mine, 0, 10) == 0 ? 'y' : 'n';
        if (write(ready.out, &c, 1) == 1)
            pause();
        _exit(1);
    }
    int fd = sys->open(sys, in_dir("a"), NEW);
    assert_int_equal(sys->poll(sys, &in, 1, NULL, INT64_MAX), 1);
    assert_int_equal(read(ready.in, &c, 1), 1);
    assert_int_equal(c, 'y');
    assert_int_equal(sys->lock(sys, fd, 0, 10), -EAGAIN);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(sys->lock(sys, fd, 0, 10), 0);
    sys->close(sys, fd);
    pipe_close(ready);
}

RIV_TEST(a_rename_may_refuse_to_replace)
{
    sys->close(sys, file_make("a", "a"));
    sys->close(sys, file_make("b", "b"));
    assert_int_equal(sys->rename_new(sys, in_dir("a"), in_dir("b")), -EEXIST);
    assert_int_equal(sys->rename_new(sys, in_dir("a"), in_dir("c")), 0);
    assert_int_equal(sys->rename_new(sys, in_dir("a"), in_dir("d")), -ENOENT);
    struct riv_stat st;
    assert_int_equal(sys->stat(sys, in_dir("b"), &st), 0);
    assert_int_equal(sys->stat(sys, in_dir("c"), &st), 0);
    assert_int_equal(sys->stat(sys, in_dir("a"), &st), -ENOENT);
}

RIV_TEST(a_file_system_tells_its_space)
{
    struct riv_space space;
    assert_int_equal(sys->space(sys, dir, &space), 0);
    assert_true(space.total_bytes > 0);
    assert_true(space.free_bytes <= space.total_bytes);
    assert_int_equal(sys->space(sys, "/proc/self", &space), 0);
    assert_false(space.is_remote);
    assert_int_equal(sys->space(sys, in_dir("none"), &space), -ENOENT);
}

RIV_TEST(only_an_empty_folder_is_removed)
{
    assert_int_equal(sys->mkdir(sys, in_dir("d"), RIV__MODE_PUBLIC), 0);
    sys->close(sys, file_make("d/a", ""));
    assert_int_equal(sys->rmdir(sys, in_dir("d")), -ENOTEMPTY);
    assert_int_equal(sys->unlink(sys, in_dir("d/a")), 0);
    assert_int_equal(sys->rmdir(sys, in_dir("d")), 0);
    assert_int_equal(sys->rmdir(sys, in_dir("d")), -ENOENT);
}

static int count_name(void *arg, const char *name)
{
    int *count = arg;
    assert_string_not_equal(name, ".");
    assert_string_not_equal(name, "..");
    return ++*count == 2 ? -1234 : 0;
}

RIV_TEST(a_list_gives_names_until_it_is_ended)
{
    int count = 0;
    sys->close(sys, file_make("a", ""));
    assert_int_equal(sys->list(sys, dir, count_name, &count), 0);
    assert_int_equal(count, 1);
    sys->close(sys, file_make("b", ""));
    sys->close(sys, file_make("c", ""));
    count = 0;
    assert_int_equal(sys->list(sys, dir, count_name, &count), -1234);
    assert_int_equal(count, 2);
    assert_int_equal(sys->list(sys, in_dir("none"), count_name, &count),
                     -ENOENT);
    assert_int_equal(sys->list(sys, in_dir("a"), count_name, &count), -ENOTDIR);
}

/* ---- network */

static const char *port_text(int fd)
{
    static char text[16];
    int port = sys->local_port(sys, fd);
    assert_in_range(port, 1, 65535);
    snprintf(text, sizeof text, "%d", port);
    return text;
}

static void wait_for(int fd, short events)
{
    struct riv_pollfd one = { .fd = fd, .events = events };
    assert_int_equal(sys->poll(sys, &one, 1, NULL, INT64_MAX), 1);
}

static void talk(const char *listen_host, const char *connect_host)
{
    char p[8];
    int server = sys->listen(sys, listen_host, "0", 4);
    assert_true(server >= 0);
    assert_int_equal(sys->accept(sys, server), -EAGAIN);
    int client = sys->connect(sys, connect_host, port_text(server), 0);
    assert_true(client >= 0);
    wait_for(client, RIV__POLL_OUT);
    assert_int_equal(sys->so_error(sys, client), 0);
    wait_for(server, RIV__POLL_IN);
    int peer = sys->accept(sys, server);
    assert_true(peer >= 0);
    assert_true(fcntl(peer, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(sys->recv(sys, peer, p, sizeof p), -EAGAIN);
    assert_int_equal(sys->send(sys, client, "hello", 5), 5);
    wait_for(peer, RIV__POLL_IN);
    assert_int_equal(sys->recv(sys, peer, p, sizeof p), 5);
    assert_text_n(p, 5, "hello");
    sys->close(sys, client);
    wait_for(peer, RIV__POLL_IN);
    assert_int_equal(sys->recv(sys, peer, p, sizeof p), 0);
    sys->close(sys, peer);
    sys->close(sys, server);
}

RIV_TEST(two_sockets_talk_over_ipv4)
{
    talk("127.0.0.1", "127.0.0.1");
}

static bool has_ipv6(void)
{
    int fd = sys->listen(sys, "::1", "0", 1);
    if (fd >= 0)
        sys->close(sys, fd);
    return fd >= 0;
}

RIV_TEST(two_sockets_talk_over_ipv6)
{
    if (!has_ipv6())
        RIV_TEST_SKIP("no IPv6 here");
    talk("::1", "::1");
    talk("", "::1");
}

RIV_TEST(any_address_takes_ipv4_too)
{
    talk("", "127.0.0.1");
    talk(NULL, "127.0.0.1");
}

RIV_TEST(a_port_in_use_is_told)
{
    int server = sys->listen(sys, "127.0.0.1", "0", 4);
    assert_int_equal(sys->listen(sys, "127.0.0.1", port_text(server), 4),
                     -EADDRINUSE);
    sys->close(sys, server);
}

RIV_TEST(a_port_in_use_is_told_for_any_address_too)
{
    int server = sys->listen(sys, NULL, "0", 4);
    assert_int_equal(sys->listen(sys, NULL, port_text(server), 4), -EADDRINUSE);
    sys->close(sys, server);
}

/* The port was free a moment ago: bound, and not listened to. */
RIV_TEST(a_refused_connection_is_told)
{
    int server = sys->listen(sys, "127.0.0.1", "0", 4), rc = 0;
    char port[16];
    snprintf(port, sizeof port, "%s", port_text(server));
    sys->close(sys, server);
    int client = sys->connect(sys, "127.0.0.1", port, 0);
    if (client >= 0) {
        wait_for(client, RIV__POLL_OUT);
        rc = sys->so_error(sys, client);
        sys->close(sys, client);
    }
    assert_int_equal(client >= 0 ? rc : client, -ECONNREFUSED);
}

RIV_TEST(addresses_run_out)
{
    assert_int_equal(sys->connect(sys, "127.0.0.1", "1", 1), -ENXIO);
    assert_int_equal(sys->connect(sys, "127.0.0.1", "1", 1000), -ENXIO);
}

/* A label of 64 letters cannot be asked for, so no name server is. */
RIV_TEST(hosts_and_ports_that_are_none_are_told)
{
    char host[65];
    memset(host, 'x', 64);
    host[64] = '\0';
    assert_int_equal(sys->connect(sys, "127.0.0.1", "no-such-port", 0),
                     -EINVAL);
    assert_int_equal(sys->connect(sys, host, "80", 0), -ENOENT);
    assert_int_equal(sys->listen(sys, host, "80", 4), -ENOENT);
}

RIV_TEST(what_is_no_socket_has_no_port)
{
    int fd = sys->open(sys, "/dev/null", RIV__OPEN_READ);
    assert_int_equal(sys->local_port(sys, fd), -ENOTSOCK);
    assert_int_equal(sys->so_error(sys, fd), -ENOTSOCK);
    sys->close(sys, fd);
}

#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, dir_make, dir_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(monotonic_time_never_goes_back),
        RIV_CASE(wall_time_is_in_milliseconds_since_1970),
        RIV_CASE(random_bytes_fill_all_and_differ),
        RIV_CASE(memory_that_is_taken_is_counted),
        RIV_CASE(there_is_at_least_one_processor),
        RIV_CASE(a_time_that_has_passed_is_not_waited_for),
        RIV_CASE(a_wait_does_not_end_before_its_time),
        RIV_CASE(ready_descriptors_are_counted_and_marked),
        RIV_CASE(a_raised_wake_ends_one_wait_and_is_not_counted),
        RIV_CASE(raising_a_wake_keeps_errno),
        RIV_CASE(too_many_descriptors_are_refused),
        RIV_CASE(signals_do_not_end_a_wait),
        IN_DIR(what_was_written_is_read_at_any_place),
        IN_DIR(the_flags_of_open_mean_what_they_say),
        IN_DIR(links_are_followed_unless_said_otherwise),
        IN_DIR(descriptors_are_closed_on_exec),
        IN_DIR(a_pipe_without_a_writer_can_be_opened_without_waiting),
        IN_DIR(stat_tells_the_kinds_apart),
        IN_DIR(files_are_renamed_and_removed),
        IN_DIR(a_folder_is_made_once_and_can_be_synced),
        IN_DIR(what_is_written_at_a_place_leaves_the_rest),
        IN_DIR(allocated_space_is_there_and_reads_as_zeros),
        IN_DIR(private_files_and_folders_are_for_the_owner),
        IN_DIR(a_lock_holds_against_other_descriptors_until_it_is_closed),
        IN_DIR(the_lock_of_a_dead_process_is_free_at_once),
        IN_DIR(a_rename_may_refuse_to_replace),
        IN_DIR(a_file_system_tells_its_space),
        IN_DIR(only_an_empty_folder_is_removed),
        IN_DIR(a_list_gives_names_until_it_is_ended),
        RIV_CASE(two_sockets_talk_over_ipv4),
        RIV_CASE(two_sockets_talk_over_ipv6),
        RIV_CASE(any_address_takes_ipv4_too),
        RIV_CASE(a_port_in_use_is_told),
        RIV_CASE(a_port_in_use_is_told_for_any_address_too),
        RIV_CASE(a_refused_connection_is_told),
        RIV_CASE(addresses_run_out),
        RIV_CASE(hosts_and_ports_that_are_none_are_told),
        RIV_CASE(what_is_no_socket_has_no_port),
    };
    sys = riv__sys_real();
    return RIV_RUN(tests);
}
