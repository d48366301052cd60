/* tests/stream/redo_test.c - a batch that had begun when a job ended is run
 * again with the same time and the same records, whatever has come since; the
 * next batch begins behind it. Outputs here act while a batch runs. */
#include "stream/fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STEPS_MAX = 1000000 };

static char home[4096], dir[64];

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

/* Works inside a fresh folder. */
static int start(void **state)
{
    (void)state;
    snprintf(dir, sizeof dir, "/tmp/riv-redo-XXXXXX");
    assert_non_null(getcwd(home, sizeof home));
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chdir(dir), 0);
    return 0;
}

static int finish(void **state)
{
    (void)state;
    assert_int_equal(chdir(home), 0);
    nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}

static void put(const char *path, const char *text, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void move_in(const char *path, const char *text)
{
    put("outside", text, O_TRUNC);
    assert_int_equal(rename("outside", path), 0);
}

/* What the last batch that had records was. */
struct look {
    struct seen seen;
    int64_t time;
    bool fail; /* the next batch that has some */
};

static int see_and_fail(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    struct look *look = *(struct look *const *)arg;
    const size_t had = look->seen.n;
    int rc = see(r, rdd, time, &(struct seen *){ &look->seen });
    if (rc == 0 && strcmp(look->seen.text + had, "| ") == 0) {
        look->seen.n = had; /* an empty batch */
        look->seen.text[had] = '\0';
        return 0;
    }
    look->time = time;
    return look->fail ? RIV_EUNAVAIL : rc;
}

/* A source of the program's own that gives what has been set free, one record a
 * read: a, b, c ... */
static atomic_int letters;

static int own_open(const void *arg, uint32_t partition, riv_str offset,
                    void **self)
{
    (void)arg, (void)partition;
    char *at = calloc(1, 2);
    assert_non_null(at);
    *at = offset.n ? *offset.p : 'a';
    *self = at;
    return 0;
}

static int own_read(void *self, riv_task *t)
{
    char *at = self;
    if (*at - 'a' >= atomic_load(&letters))
        return RIV_EBUSY;
    const riv_str row = riv_dup(t, at, 1);
    riv_put(t, &row, 1);
    ++*at;
    return 0;
}

static int own_offset(void *self, void *dst, size_t room, size_t *used)
{
    (void)room;
    memcpy(dst, self, 1);
    *used = 1;
    return 0;
}

static const riv_source own = {
    .struct_size = sizeof own,
    .type = &riv_type_riv_str,
    .open = own_open,
    .read = own_read,
    .offset = own_offset,
    .close = free,
};

static riv *job(const char *uri, struct look *look)
{
    riv *r = riv_new(
        RIV_CONFIG(.threads = 1, .batch_ms = 1000, .checkpoint = "state"));
    riv_set(r, "tail.from", "start");
    riv_set(r, "files.poll", "1ms");
    riv_ds *in = strcmp(uri, "own") == 0
                     ? riv_receive(r, &own, RIV_OPT(.uid = "in"))
                     : riv_text(r, uri, RIV_OPT(.uid = "in"));
    riv_foreach_rdd(in, see_and_fail, RIV_OPT(.arg = RIV_COPY(look)));
    return r;
}

/* Steps until a batch has records, or fails. */
static int step_until(riv *r, const struct look *look)
{
    const size_t had = look->seen.n;
    for (int i = 0; i < STEPS_MAX && look->seen.n == had; i++) {
        int rc = riv_step(r, 1);
        if (rc < 0)
            return rc;
        sched_yield();
    }
    return 0;
}

/* The first batch with records fails after it was seen. */
static int64_t fail_once(const char *uri, const char *want)
{
    static struct look look;
    look = (struct look){ .fail = true };
    riv *r = job(uri, &look);
    assert_int_equal(step_until(r, &look), RIV_EUNAVAIL);
    assert_string_equal(look.seen.text, want);
    riv_free(r);
    return look.time;
}

/* The same again, and then what came since. */
static void go_on(const char *uri, int64_t time, const char *again,
                  const char *then)
{
    static struct look look;
    look = (struct look){ .fail = false };
    riv *r = job(uri, &look);
    if (step_until(r, &look) < 0)
        fail_msg("%s", riv_errmsg(r));
    assert_string_equal(look.seen.text, again);
    assert_int_equal(look.time, time);
    look.seen.n = 0;
    if (step_until(r, &look) < 0)
        fail_msg("%s", riv_errmsg(r));
    assert_string_equal(look.seen.text, then);
    assert_true(look.time > time);
    riv_free(r);
}

static void a_followed_file_gives_the_same_lines_again(void **state)
{
    (void)state;
    put("x", "a\nb\n", 0);
    const int64_t time = fail_once("tail:x", "a b | ");
    put("x", "c\nd\n", O_APPEND);
    go_on("tail:x", time, "a b | ", "c d | ");
}

static void a_file_that_was_rotated_gives_them_too(void **state)
{
    (void)state;
    put("x", "a\nb\n", 0);
    const int64_t time = fail_once("tail:x", "a b | ");
    put("x", "c\n", O_APPEND);
    assert_int_equal(rename("x", "x.1"), 0);
    put("x", "d\n", 0);
    go_on("tail:x", time, "a b | ", "c d | ");
}

static void a_file_that_was_cut_short_is_said(void **state)
{
    static struct look look;
    (void)state;
    put("x", "a\n", 0);
    riv *r = job("tail:x", &look);
    look = (struct look){ .fail = false };
    assert_int_equal(step_until(r, &look), 0);
    riv_free(r);
    put("x", "b\n", O_APPEND);
    (void)fail_once("tail:x", "b | ");
    assert_int_equal(truncate("x", 2), 0);
    r = job("tail:x", &look);
    assert_int_equal(step_until(r, &look), RIV_ENOINPUT);
    assert_non_null(strstr(riv_errmsg(r), "source.reset"));
    riv_free(r);
}

static void a_folder_gives_the_same_files_again(void **state)
{
    (void)state;
    assert_int_equal(mkdir("in", 0777), 0);
    move_in("in/a", "a\nb\n");
    const int64_t time = fail_once("dir:in", "a b | ");
    move_in("in/0", "c\n");
    go_on("dir:in", time, "a b | ", "c | ");
}

static void a_recording_gives_the_same_lines_again(void **state)
{
    (void)state;
    put("x", "a\nb\nc\nd\n", 0);
    const int64_t time = fail_once("replay:2:x", "a b | ");
    go_on("replay:2:x", time, "a b | ", "c d | ");
}

static void made_up_data_is_the_same_again(void **state)
{
    static struct look one, two;
    (void)state;
    one = (struct look){ .fail = true };
    riv *r = job("demo:cards?rate=0&limit=40", &one);
    assert_int_equal(step_until(r, &one), RIV_EUNAVAIL);
    riv_free(r);
    r = job("demo:cards?rate=0&limit=40", &two);
    assert_int_equal(step_until(r, &two), 0);
    assert_string_equal(one.seen.text, two.seen.text);
    assert_int_equal(one.time, two.time);
    riv_free(r);
}

/* A peer that sends lines to whoever connects. */
static int serve(char *uri, size_t room)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t n = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    snprintf(uri, room, "tcp://127.0.0.1:%d", ntohs(at.sin_port));
    return fd;
}

struct peer {
    int server;
    const char *first, *second; /* to the first and the second that connect */
};

static void *answer(void *arg)
{
    const struct peer *peer = arg;
    for (int i = 0; i < 2; i++) {
        const char *text = i == 0 ? peer->first : peer->second;
        int fd = accept(peer->server, NULL, NULL);
        char wait;
        assert_true(fd >= 0);
        assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL),
                         strlen(text));
        (void)recv(fd, &wait, 1, 0); /* until it hangs up */
        close(fd);
    }
    return NULL;
}

/* A socket gives nothing again: the journal does. */
static void received_lines_are_kept(void **state)
{
    char uri[64];
    pthread_t thread;
    struct peer peer = { .first = "a\nb\n", .second = "c\n" };
    (void)state;
    peer.server = serve(uri, sizeof uri);
    assert_int_equal(pthread_create(&thread, NULL, answer, &peer), 0);
    const int64_t time = fail_once(uri, "a b | ");
    go_on(uri, time, "a b | ", "c | ");
    pthread_join(thread, NULL);
    close(peer.server);
}

/* One letter a batch: the same is given again, and the next behind it. */
static void a_source_of_the_program_gives_the_same_again(void **state)
{
    (void)state;
    atomic_store(&letters, 1);
    const int64_t time = fail_once("own", "a | ");
    atomic_store(&letters, 2);
    go_on("own", time, "a | ", "b | ");
}

/* ----------------------------------------------- where a run before it stood */

static riv *follows(const char *uri, const char *from, struct look *look)
{
    *look = (struct look){ .fail = false };
    riv *r = job(uri, look);
    riv_set(r, "tail.from", from);
    return r;
}

/* It decided where to begin, and was killed before it had a batch. */
static void a_run_without_a_batch_has_decided_where_to_begin(void **state)
{
    static struct look look;
    (void)state;
    put("x", "old\n", 0);
    riv *r = follows("tail:x", "end", &look);
    assert_int_equal(riv_step(r, 0), 0);
    riv_free(r);
    put("x", "new\n", O_APPEND);
    r = follows("tail:x", "end", &look);
    assert_int_equal(step_until(r, &look), 0);
    assert_string_equal(look.seen.text, "new | ");
    riv_free(r);
}

static int rows_of(const struct look *look)
{
    int n = 0;
    for (const char *at = look->seen.text; *at; at++)
        n += *at == ' ' && at[-1] != '|';
    return n;
}

/* Two files, of which batches read different lengths. */
static void run_both(struct look *look, int rows)
{
    riv *r = follows("tail:x", "start", look);
    riv_ds *other = riv_text(r, "tail:y", RIV_OPT(.uid = "other"));
    riv_foreach_rdd(other, see_and_fail, RIV_OPT(.arg = RIV_COPY(look)));
    for (int i = 0; i < STEPS_MAX && rows_of(look) < rows; i++) {
        if (riv_step(r, 1) < 0)
            fail_msg("%s", riv_errmsg(r));
        sched_yield();
    }
    riv_free(r);
}

static void each_of_two_inputs_goes_on_where_it_stood(void **state)
{
    static struct look look, *const to = &look;
    (void)state;
    put("x", "a\n", 0);
    put("y", "bb\ncc\n", 0);
    run_both(to, 3);
    put("x", "d\n", O_APPEND);
    put("y", "ee\n", O_APPEND);
    run_both(to, 2);
    assert_int_equal(rows_of(to), 2);
    assert_non_null(strstr(look.seen.text, "d "));
    assert_non_null(strstr(look.seen.text, "ee "));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, finish)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_followed_file_gives_the_same_lines_again),
        TEST(a_file_that_was_rotated_gives_them_too),
        TEST(a_file_that_was_cut_short_is_said),
        TEST(a_folder_gives_the_same_files_again),
        TEST(a_recording_gives_the_same_lines_again),
        TEST(made_up_data_is_the_same_again),
        TEST(received_lines_are_kept),
        TEST(a_source_of_the_program_gives_the_same_again),
        TEST(a_run_without_a_batch_has_decided_where_to_begin),
        TEST(each_of_two_inputs_goes_on_where_it_stood),
    };
    return RIV_RUN(tests);
}
