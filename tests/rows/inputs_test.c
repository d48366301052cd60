/* tests/rows/inputs_test.c - rows of the table "Inputs": folders, sockets and
 * queues as they really are. Jobs run in batches of a few milliseconds until
 * what is waited for has been seen; then a drain. That something is not read is
 * known when a file that was moved in after it has been read. */
#include "fixture.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rows/event.h"

/* ------------------------------------------------------------ what is read */

/* All lines so far, each in quotes. */
struct seen {
    struct event lines; /* how many */
    struct text text;   /* protected by its lock */
};

static struct seen seen = { .lines = EVENT };

static int add_lines(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time, (void)arg;
    int rc = riv_collect(rdd, &res);
    pthread_mutex_lock(&seen.lines.lock);
    for (size_t i = 0; rc == 0 && i < res.n; i++) {
        const riv_str *line = (const riv_str *)res.rows + i;
        char word[64];
        snprintf(word, sizeof word, "'" RIV_S "'", RIV_P(*line));
        text_add(&seen.text, word);
    }
    pthread_mutex_unlock(&seen.lines.lock);
    if (rc == 0)
        event_add(&seen.lines, (int64_t)res.n);
    riv_result_free(&res);
    return rc;
}

static atomic_llong received;

static void count_received(void *arg, const riv_batch_info *info)
{
    (void)arg;
    atomic_fetch_add(&received, info->records_in);
}

static const riv_listener counting_received = {
    .struct_size = sizeof counting_received,
    .batch_completed = count_received,
};

static void reset(void)
{
    event_set(&seen.lines, 0);
    seen.text = (struct text){ .n = 0 };
    atomic_store(&received, 0);
}

static riv *reading(const char *uri, const char *key, const char *value)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 2,
                                .listener = &counting_received));
    riv_set(r, "files.poll", "1ms");
    riv_set(r, "connect.retry_min", "1ms");
    if (key)
        riv_set(r, key, value);
    reset();
    riv_foreach_rdd(riv_text(r, uri, NULL), add_lines, NULL);
    if (riv_start(r) < 0)
        fail_msg("%s", riv_errmsg(r));
    return r;
}

/* Waits for so many lines, ends the job, and looks at all that was read. */
static void read_is(riv *r, int64_t lines, const char *want)
{
    event_wait(&seen.lines, lines);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, -1), 0);
    fine(r);
    riv_free(r);
    assert_string_equal(seen.text.p, want);
}

/* ----------------------------------------------------------------- folders */

struct folder {
    char path[64]; /* what is watched */
    char side[80]; /* beside it, for files that are moved in */
    char uri[160];
};

static void folder_make(struct folder *folder)
{
    snprintf(folder->side, sizeof folder->side, "/tmp/riv-rows-XXXXXX");
    assert_non_null(mkdtemp(folder->side));
    snprintf(folder->path, sizeof folder->path, "%.40s/in", folder->side);
    assert_int_equal(mkdir(folder->path, 0700), 0);
    snprintf(folder->uri, sizeof folder->uri, "dir:%s", folder->path);
}

static int remove_one(const char *path, const struct stat *st, int kind,
                      struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void folder_remove(struct folder *folder)
{
    assert_int_equal(nftw(folder->side, remove_one, 8, FTW_DEPTH | FTW_PHYS),
                     0);
}

static void write_file(const char *path, const char *text, int flags)
{
    int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

enum { NOW = 0 };

/* Written beside the folder and moved in whole; its time is so many seconds
 * from now. */
static void move_in(const struct folder *folder, const char *name,
                    const char *text, int64_t age_s)
{
    char from[128], to[128];
    snprintf(from, sizeof from, "%.60s/new", folder->side);
    snprintf(to, sizeof to, "%.60s/%.50s", folder->path, name);
    write_file(from, text, O_TRUNC);
    if (age_s != NOW) {
        struct stat st;
        assert_int_equal(stat(from, &st), 0);
        struct timespec times[2] = { st.st_mtim, st.st_mtim };
        times[0].tv_sec += age_s;
        times[1].tv_sec += age_s;
        assert_int_equal(utimensat(AT_FDCWD, from, times, 0), 0);
    }
    assert_int_equal(rename(from, to), 0);
}

RIV_MAP(byte_text, riv_str, riv_str);
static int byte_text(const riv_str *record, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%d", record->p[0]);
    return record->n == 1 ? 0 : riv_fail(t, "not one byte");
}

RIV_TEST(is_03_records_of_new_files_come_file_by_file)
{
    struct folder folder;
    folder_make(&folder);
    move_in(&folder, "old", "\x1", -2);
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 2));
    riv_set(r, "files.poll", "1ms");
    reset();
    riv_ds *records = riv_binary_records(r, folder.uri, 1, NULL);
    riv_foreach_rdd(riv_map(records, byte_text_fn, NULL), add_lines, NULL);
    assert_int_equal(riv_start(r), 0);
    for (int i = 0; i < 3; i++) {
        char name[4], bytes[6] = { 0 };
        for (int k = 0; k < 5; k++)
            bytes[k] = (char)(1 + i + k);
        snprintf(name, sizeof name, "%d", i);
        move_in(&folder, name, bytes, NOW);
        event_wait(&seen.lines, 5 * (i + 1));
    }
    read_is(r, 15, "'1''2''3''4''5''2''3''4''5''6''3''4''5''6''7'");
    folder_remove(&folder);
}

RIV_TEST(is_04_of_a_folder_new_files_are_read_each_in_turn)
{
    struct folder folder;
    folder_make(&folder);
    move_in(&folder, "0", "0\n", -2);
    riv *r = reading(folder.uri, NULL, NULL);
    for (int64_t i = 1; i <= 5; i++) {
        char name[4], text[4];
        snprintf(name, sizeof name, "%d", (int)i);
        snprintf(text, sizeof text, "%d\n", (int)i);
        move_in(&folder, name, text, NOW);
        event_wait(&seen.lines, i);
    }
    read_is(r, 5, "'1''2''3''4''5'");
    folder_remove(&folder);
}

RIV_TEST(is_05_old_files_are_read_too_where_that_is_asked)
{
    struct folder folder;
    folder_make(&folder);
    move_in(&folder, "0", "0\n", -2);
    riv *r = reading(folder.uri, "tail.from", "start");
    for (int64_t i = 1; i <= 5; i++) {
        char name[4], text[4];
        event_wait(&seen.lines, i);
        snprintf(name, sizeof name, "%d", (int)i);
        snprintf(text, sizeof text, "%d\n", (int)i);
        move_in(&folder, name, text, NOW);
    }
    read_is(r, 6, "'0''1''2''3''4''5'");
    folder_remove(&folder);
}

RIV_TEST(is_06_a_pattern_reads_files_of_the_folders_that_it_matches)
{
    struct folder folder, sub;
    char uri[160];
    folder_make(&folder);
    sub = folder;
    snprintf(uri, sizeof uri, "dir:%s/*/", folder.path);
    for (int i = 0; i < 2; i++) {
        snprintf(sub.path, sizeof sub.path, "%.40s/sub%d", folder.path, i);
        assert_int_equal(mkdir(sub.path, 0700), 0);
    }
    riv *r = reading(uri, NULL, NULL);
    for (int64_t i = 1; i <= 10; i++) {
        char name[4], text[4];
        snprintf(name, sizeof name, "%d", (int)i);
        snprintf(text, sizeof text, "%d\n", (int)i % 10);
        snprintf(sub.path, sizeof sub.path, "%.40s/sub%d", folder.path,
                 (int)i % 2);
        move_in(&folder, name, "not this\n", NOW);
        move_in(&sub, name, text, NOW);
        event_wait(&seen.lines, i);
    }
    read_is(r, 10, "'1''2''3''4''5''6''7''8''9''0'");
    folder_remove(&folder);
}

RIV_TEST(is_21_what_is_there_before_the_start_is_left_alone)
{
    struct folder folder;
    folder_make(&folder);
    move_in(&folder, "a", "120 s old\n", -120);
    move_in(&folder, "b", "30 s old\n", -30);
    move_in(&folder, "c", "of this moment\n", NOW);
    riv *r = reading(folder.uri, NULL, NULL);
    move_in(&folder, "d", "new\n", NOW);
    read_is(r, 1, "'new'");
    folder_remove(&folder);
}

RIV_TEST(is_22_a_file_that_is_moved_in_with_an_old_time_is_read_once)
{
    struct folder folder;
    folder_make(&folder);
    riv *r = reading(folder.uri, NULL, NULL);
    move_in(&folder, "a", "30 s\n", -30);
    event_wait(&seen.lines, 1);
    move_in(&folder, "b", "1 h\n", -3600);
    event_wait(&seen.lines, 2);
    move_in(&folder, "c", "now\n", NOW);
    read_is(r, 3, "'30 s''1 h''now'");
    folder_remove(&folder);
}

RIV_TEST(is_23_a_file_of_the_future_is_read_at_once)
{
    struct folder folder;
    folder_make(&folder);
    riv *r = reading(folder.uri, NULL, NULL);
    move_in(&folder, "a", "in an hour\n", 3600);
    read_is(r, 1, "'in an hour'");
    folder_remove(&folder);
}

RIV_TEST(is_24_hidden_files_copies_in_progress_and_folders_are_not_read)
{
    struct folder folder, sub;
    folder_make(&folder);
    sub = folder;
    snprintf(sub.path, sizeof sub.path, "%.40s/sub", folder.path);
    riv *r = reading(folder.uri, NULL, NULL);
    assert_int_equal(mkdir(sub.path, 0700), 0);
    move_in(&sub, "f", "in a folder\n", NOW);
    move_in(&folder, ".dot", "hidden\n", NOW);
    move_in(&folder, "x._COPYING_", "half a copy\n", NOW);
    for (int64_t i = 1; i <= 3; i++) { /* each needs a look at all the others */
        char name[8];
        snprintf(name, sizeof name, "good%d", (int)i);
        move_in(&folder, name, "good\n", NOW);
        event_wait(&seen.lines, i);
    }
    read_is(r, 3, "'good''good''good'");
    folder_remove(&folder);
}

RIV_TEST(is_25_a_name_with_an_underscore_harms_no_file_beside_it)
{
    struct folder folder;
    folder_make(&folder);
    riv *r = reading(folder.uri, NULL, NULL);
    move_in(&folder, "a_good", "good\n", -2);
    move_in(&folder, "_name", "underscore\n", -1);
    event_wait(&seen.lines, 2);
    move_in(&folder, "later", "later\n", NOW);
    event_wait(&seen.lines, 3);
    assert_non_null(strstr(seen.text.p, "'good'"));
    assert_non_null(strstr(seen.text.p, "'underscore'"));
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, -1), 0);
    riv_free(r);
    folder_remove(&folder);
}

/* As connect/README.md says: what was there when the file had come to rest. */
RIV_TEST(is_26_what_is_added_to_a_file_that_was_read_is_not_read)
{
    struct folder folder;
    char path[128];
    folder_make(&folder);
    riv *r = reading(folder.uri, NULL, NULL);
    snprintf(path, sizeof path, "%s/f", folder.path);
    write_file(path, "first\nhalf of a ", O_TRUNC);
    event_wait(&seen.lines, 2);
    write_file(path, "line\nand more\n", O_APPEND);
    move_in(&folder, "g", "new\n", NOW);
    read_is(r, 3, "'first''half of a ''new'");
    folder_remove(&folder);
}

/* A file that is renamed there is another name, and read again: an inode may be
 * another file's by the next look. */
RIV_TEST(is_27_what_is_appended_to_a_file_that_was_read_changes_nothing)
{
    struct folder folder;
    char path[128], other[128];
    folder_make(&folder);
    riv *r = reading(folder.uri, NULL, NULL);
    move_in(&folder, "f", "a\nno newline", NOW);
    event_wait(&seen.lines, 2);
    snprintf(path, sizeof path, "%s/f", folder.path);
    snprintf(other, sizeof other, "%s/g", folder.path);
    write_file(path, "appended\n", O_APPEND);
    move_in(&folder, "h", "b\n", NOW);
    event_wait(&seen.lines, 3);
    assert_int_equal(rename(path, other), 0);
    read_is(r, 5, "'a''no newline''b''a''no newlineappended'");
    folder_remove(&folder);
}

/* ----------------------------------------------------------------- sockets */

struct server {
    int fd;
    char uri[64];
};

static void server_open(struct server *server)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t n = sizeof at;
    server->fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(server->fd >= 0);
    assert_int_equal(bind(server->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(server->fd, 4), 0);
    assert_int_equal(getsockname(server->fd, (struct sockaddr *)&at, &n), 0);
    snprintf(server->uri, sizeof server->uri, "tcp://127.0.0.1:%d",
             ntohs(at.sin_port));
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

RIV_TEST(is_01_lines_of_a_socket_come_in_order_and_are_counted)
{
    struct server server;
    server_open(&server);
    riv *r = reading(server.uri, NULL, NULL);
    int fd = accept(server.fd, NULL, NULL);
    assert_true(fd >= 0);
    for (int64_t i = 1; i <= 5; i++) {
        char text[4];
        snprintf(text, sizeof text, "%d\n", (int)i);
        send_text(fd, text);
        event_wait(&seen.lines, i);
    }
    read_is(r, 5, "'1''2''3''4''5'");
    assert_int_equal(atomic_load(&received), 5);
    close(fd);
    close(server.fd);
}

static struct event batches = EVENT;

static void count_empty(void *arg, const riv_batch_info *info)
{
    (void)arg;
    if (info->records_in == 0)
        event_add(&batches, 1);
}

RIV_TEST(is_02_a_batch_of_a_socket_that_sent_nothing_completes)
{
    struct server server;
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .batch_completed = count_empty };
    server_open(&server);
    riv *r =
        riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 2, .listener = &listener));
    event_set(&batches, 0);
    event_set(&seen.lines, 0);
    riv_foreach_rdd(riv_text(r, server.uri, NULL), add_lines, NULL);
    assert_int_equal(riv_start(r), 0);
    event_wait(&batches, 3);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, -1), 0);
    fine(r);
    riv_free(r);
    close(server.fd);
}

/* But for the "\r", which is a byte of the line like any other (SI1). */
RIV_TEST(is_28_a_peer_that_goes_is_connected_to_again_and_loses_no_line)
{
    struct server server;
    server_open(&server);
    riv *r = reading(server.uri, NULL, NULL);
    for (int64_t i = 1; i <= 3; i++) {
        int fd = accept(server.fd, NULL, NULL);
        assert_true(fd >= 0);
        send_text(fd, "a\r\n\n\xc3\xa9t\xc3\xa9\nlast");
        close(fd);
        event_wait(&seen.lines, 4 * i);
    }
    read_is(r, 12,
            "'a\r''''\xc3\xa9t\xc3\xa9''last'"
            "'a\r''''\xc3\xa9t\xc3\xa9''last'"
            "'a\r''''\xc3\xa9t\xc3\xa9''last'");
    close(server.fd);
}

/* ------------------------------------------------------------------ queues */

enum { PUSHERS = 10, PUSHES = 1000 };

static void *push_many(void *arg)
{
    const int64_t row = 1;
    for (int i = 0; i < PUSHES; i++)
        while (riv_push(arg, &row, 1) == RIV_EBUSY)
            continue;
    return NULL;
}

static atomic_llong total;

RIV_FOREACH(add, int64_t);
static int add(const int64_t *x, riv_task *t)
{
    (void)t;
    atomic_fetch_add(&total, *x);
    return 0;
}

RIV_TEST(is_08_many_threads_may_push_and_nothing_is_lost)
{
    pthread_t thread[PUSHERS];
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 2,
                                .listener = &counting_received));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    atomic_store(&total, 0);
    atomic_store(&received, 0);
    riv_foreach(in, add_fn, NULL);
    assert_int_equal(riv_start(r), 0);
    for (int i = 0; i < PUSHERS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, push_many, in), 0);
    for (int i = 0; i < PUSHERS; i++)
        pthread_join(thread[i], NULL);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, -1), 0);
    assert_int_equal(atomic_load(&total), PUSHERS * PUSHES);
    assert_int_equal(atomic_load(&received), PUSHERS * PUSHES);
    riv_free(r);
}

static void keep_warning(void *arg, int level, const char *msg)
{
    if (level == RIV_LOG_WARN)
        text_add(arg, msg);
}

RIV_TEST(ui_in_an_input_without_output_is_said_and_harms_nobody)
{
    static struct text text, log;
    const int64_t row[] = { 1, 2 };
    log = (struct text){ .n = 0 };
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000,
                                .log = keep_warning, .log_arg = &log));
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_ds *other =
        riv_queue(r, &riv_type_int64_t, RIV_OPT(.uid = "forgotten"));
    watch_batches(in, &text);
    assert_int_equal(riv_push(other, row, 1), 0);
    push_step(r, in, row, 1);
    push_step(r, in, row + 1, 1);
    assert_string_equal(text.p, "1 |2 |");
    assert_non_null(strstr(log.p, "forgotten"));
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(is_01_lines_of_a_socket_come_in_order_and_are_counted),
        RIV_CASE(is_02_a_batch_of_a_socket_that_sent_nothing_completes),
        RIV_CASE(is_03_records_of_new_files_come_file_by_file),
        RIV_CASE(is_04_of_a_folder_new_files_are_read_each_in_turn),
        RIV_CASE(is_05_old_files_are_read_too_where_that_is_asked),
        RIV_CASE(is_06_a_pattern_reads_files_of_the_folders_that_it_matches),
        RIV_CASE(is_08_many_threads_may_push_and_nothing_is_lost),
        RIV_CASE(ui_in_an_input_without_output_is_said_and_harms_nobody),
        RIV_CASE(is_21_what_is_there_before_the_start_is_left_alone),
        RIV_CASE(is_22_a_file_that_is_moved_in_with_an_old_time_is_read_once),
        RIV_CASE(is_23_a_file_of_the_future_is_read_at_once),
        RIV_CASE(
            is_24_hidden_files_copies_in_progress_and_folders_are_not_read),
        RIV_CASE(is_25_a_name_with_an_underscore_harms_no_file_beside_it),
        RIV_CASE(is_26_what_is_added_to_a_file_that_was_read_is_not_read),
        RIV_CASE(
            is_27_what_is_appended_to_a_file_that_was_read_changes_nothing),
        RIV_CASE(
            is_28_a_peer_that_goes_is_connected_to_again_and_loses_no_line),
    };
    return RIV_RUN(tests);
}
