/* tests/rows/ui_test.c - rows of the table "Pages and their data": the facts that
 * Spark's pages show, from ours and from riv_status. A build without pages, or a
 * machine without their library, skips those that need them. */
#include "fixture.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static char said[1 << 18];

static void keep(void *arg, const char *text, size_t n)
{
    (void)arg;
    n = n < sizeof said - 1 ? n : sizeof said - 1;
    memcpy(said, text, n);
    said[n] = '\0';
}

static void look(riv *r)
{
    assert_int_equal(riv_status(r, RIV_STATUS_JSON, keep, NULL), 0);
}

static void says(const char *words)
{
    if (!strstr(said, words))
        fail_msg("no \"%s\" in: %s", words, said);
}

static void says_not(const char *words)
{
    if (strstr(said, words))
        fail_msg("there is \"%s\" in: %s", words, said);
}

static int times_said(const char *words)
{
    int n = 0;
    for (const char *at = said; (at = strstr(at, words)); at++)
        n++;
    return n;
}

/* ------------------------------------------------------------------- pages */

static int port;

static void note_port(void *arg, int level, const char *msg)
{
    static const char words[] = "http://127.0.0.1:";
    const char *at = strstr(msg, words);
    (void)arg, (void)level;
    if (at)
        port = (int)strtol(at + sizeof words - 1, NULL, 10);
}

static riv *with_pages(int64_t batch_ms)
{
    port = 0;
    riv *r = riv_new(
        RIV_CONFIG(.threads = 2, .batch_ms = batch_ms, .log = note_port));
    riv_set(r, "http.listen", ":0");
    return r;
}

/* No library: the first step says so, and nothing was run. */
static bool lacks_pages(riv *r)
{
    const bool lacks = strstr(riv_errmsg(r), "libmicrohttpd") != NULL;
    if (lacks)
        riv_free(r);
    return lacks;
}

static int dial(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr = { htonl(INADDR_LOOPBACK) } };
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    if (connect(fd, (const struct sockaddr *)&addr, sizeof addr) == 0)
        return fd;
    close(fd);
    return -1;
}

/* The status; the body is in `said`. */
static int get(const char *path)
{
    char ask[256];
    size_t have = 0;
    ssize_t got = 1;
    const int fd = dial();
    assert_true(fd >= 0);
    const int n =
        snprintf(ask, sizeof ask,
                 "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", path, port);
    assert_int_equal(send(fd, ask, (size_t)n, MSG_NOSIGNAL), n);
    while (got > 0 && have < sizeof said - 1) {
        got = recv(fd, said + have, sizeof said - 1 - have, 0);
        have += got > 0 ? (size_t)got : 0;
    }
    said[have] = '\0';
    close(fd);
    return have > 12 ? (int)strtol(said + 9, NULL, 10) : 0;
}

/* -------------------------------------- the job of Spark's UISeleniumSuite */

RIV_MAP(all_but_3, int64_t, int64_t);
static int all_but_3(const int64_t *x, int64_t *out, riv_task *t)
{
    *out = *x;
    return *x == 3 ? riv_fail(t, "an error on purpose") : 0;
}

/* Two jobs; the second one fails if `fails`. */
static int two_jobs(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    const bool fails = *(const int *)arg;
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time;
    int rc = riv_collect(rdd, &res);
    riv_result_free(&res);
    if (rc == 0)
        rc = riv_collect(fails ? riv_map(rdd, all_but_3_fn, NULL) : rdd, &res);
    riv_result_free(&res);
    return rc;
}

/* One batch of four records in four partitions, and two outputs with two jobs
 * each, of which the last fails in one task. NULL: no pages here. */
static riv *selenium(void)
{
    static const int64_t rows[] = { 1, 2, 3, 4 };
    const int no = 0, yes = 1;
    riv *r = with_pages(100);
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_ds *four = riv_repartition(in, 4);
    riv_foreach_rdd(four, two_jobs, RIV_OPT(.arg = RIV_COPY(no)));
    riv_foreach_rdd(four, two_jobs, RIV_OPT(.arg = RIV_COPY(yes)));
    assert_int_equal(riv_push(in, rows, 4), 0);
    riv_step(r, 1);
    return lacks_pages(r) ? NULL : r;
}

RIV_TEST(ui_01_the_overview_shows_what_became_of_batches)
{
    riv *r = selenium();
    if (!r)
        RIV_TEST_SKIP("no libmicrohttpd");
    assert_int_equal(get("/"), 200);
    says("batch interval 100 ms");
    says("The last 1 batches (0 active, 1 completed, 4 records)");
    says("Input rate (records/s)");
    says("<td>Scheduling delay</td>");
    says("<td>Processing time</td>");
    says("<td>Total delay</td>");
    says("<th>timeline</th><th>histogram</th>");
    says("Completed batches (last 1 out of 1)");
    says("<a href=\"/batch?id=100\">1970-01-01 00:00:00.100</a>");
    says("<td class=\"n\">4</td>");           /* records */
    says("<td class=\"n bad\">1/2 (failed)"); /* outputs */
    assert_int_equal(get("/metrics"), 200);
    says("rivulet_batches_total{status=\"failed\"} 1\n");
    says("rivulet_records_in_total 4\n");
    riv_free(r);
}

RIV_TEST(ui_02_completed_batches_come_page_by_page_and_sorted)
{
    riv *r = with_pages(1000);
    riv_foreach_rdd(riv_queue(r, &riv_type_int64_t, NULL), two_jobs,
                    RIV_OPT(.arg = RIV_COPY((int){ 0 })));
    riv_step(r, 3);
    if (lacks_pages(r))
        RIV_TEST_SKIP("no libmicrohttpd");
    assert_int_equal(get("/?size=1"), 200);
    assert_int_equal(times_said("<a href=\"/batch?id="), 1);
    says("/batch?id=3000");
    says("page 1 of 3");
    get("/?size=1&page=3");
    says("/batch?id=1000");
    get("/?size=1&order=up");
    says("/batch?id=1000");
    get("/?order=up");
    assert_true(strstr(said, "id=1000") < strstr(said, "id=2000"));
    get("/");
    assert_true(strstr(said, "id=3000") < strstr(said, "id=2000"));
    riv_free(r);
}

RIV_TEST(ui_03_the_page_of_a_batch_shows_outputs_jobs_and_the_reason)
{
    riv *r = selenium();
    if (!r)
        RIV_TEST_SKIP("no libmicrohttpd");
    assert_int_equal(get("/batch?id=100"), 200);
    says("<td>Batch duration</td><td>100 ms</td>");
    says("<td>Input data size (records)</td><td>4</td>");
    says("<td>Scheduling delay</td>");
    says("<td>Processing time</td>");
    says("<td>Total delay</td>");
    assert_int_equal(times_said("rowspan=\"2\">riv_foreach_rdd #"), 2);
    for (int job = 0; job < 4; job++) {
        char id[64];
        snprintf(id, sizeof id, "<td class=\"n\">%d</td>", job);
        says(id);
    }
    assert_int_equal(times_said("<td class=\"n\">1/1</td>"), 3);
    assert_int_equal(times_said("<td class=\"n bad\">0/1 (1 failed)</td>"), 1);
    assert_int_equal(times_said("<td class=\"n\">4/4</td>"), 3);
    assert_int_equal(times_said("<td class=\"n bad\">3/4 (1 failed)</td>"), 1);
    says(">succeeded</td>");
    says(">failed: ");
    says("an error on purpose");
    says("all_but_3");
    riv_free(r);
}

RIV_TEST(ui_04_a_wrong_page_is_said_and_none_is_left_after_the_end)
{
    riv *r = selenium();
    if (!r)
        RIV_TEST_SKIP("no libmicrohttpd");
    assert_int_equal(get("/batch"), 400);
    says("The id is missing");
    assert_int_equal(get("/batch?id=12345"), 404);
    says("does not exist");
    assert_int_equal(get("/stages"), 404);
    riv_free(r);
    assert_int_equal(dial(), -1);

    r = with_pages(3600000);
    riv_foreach_rdd(riv_queue(r, &riv_type_int64_t, NULL), two_jobs,
                    RIV_OPT(.arg = RIV_COPY((int){ 0 })));
    assert_int_equal(riv_start(r), 0);
    assert_int_equal(get("/readyz"), 200);
    riv_stop(r, RIV_DRAIN);
    assert_int_equal(riv_wait(r, -1), 0);
    assert_int_equal(dial(), -1);
    riv_free(r);
}

/* --------------------------------------------------- the progress listener */

static int look_inside(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    (void)rdd, (void)time, (void)arg;
    look(r);
    return 0;
}

static void push_300(riv_ds *queue)
{
    int64_t rows[300] = { 0 };
    assert_int_equal(riv_push(queue, rows, 300), 0);
}

RIV_TEST(ui_05_a_batch_waits_runs_and_is_retained)
{
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in[2];
    for (int i = 0; i < 2; i++)
        in[i] = riv_queue(r, &riv_type_int64_t,
                          RIV_OPT(.uid = i ? "second" : "first"));
    riv_foreach_rdd(riv_union(in[0], in[1]), look_inside, NULL);
    riv_step(r, 1);
    fine(r);
    push_300(in[0]);
    push_300(in[1]);
    look(r); /* submitted */
    says("\"waiting\":1,\"running\":0,\"done\":1,");
    says("\"records\":0,");
    riv_step(r, 1); /* looks from within: started */
    fine(r);
    says("\"waiting\":0,\"running\":1,\"done\":1,");
    says("\"batch_ms\":2000,");
    assert_int_equal(times_said("\"position\":300,\"end\":300,"), 2);
    look(r); /* completed */
    says(
        "\"waiting\":0,\"running\":0,\"done\":2,\"failed\":0,\"records\":600,");
    says("\"last_in_ms\":2000,");
    says("\"retained\":2,");
    says("{\"name\":\"first\",");
    says("{\"name\":\"second\",");
    says("\"batches\":[{\"number\":2,\"time_ms\":2000,\"status\":\"done\",");
    riv_free(r);
}

RIV_TEST(ui_06_as_many_batches_are_retained_as_the_setting_says)
{
    enum { LIMIT = 7 };
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 1000));
    riv_set(r, "status.batches", "7");
    riv_foreach_rdd(riv_queue(r, &riv_type_int64_t, NULL), two_jobs,
                    RIV_OPT(.arg = RIV_COPY((int){ 0 })));
    riv_step(r, LIMIT + 10);
    fine(r);
    look(r);
    says("\"done\":17,");
    says("\"retained\":7,\"retained_max\":7,");
    assert_int_equal(times_said("{\"number\":"), LIMIT);
    says("{\"number\":17,");
    says("{\"number\":11,");
    says_not("{\"number\":10,");
    riv_free(r);
}

/* An action before the first batch belongs to none, and confuses nothing; twice
 * as many batches as are retained take no more memory than once as many. */
RIV_TEST(ui_07_jobs_of_other_times_do_no_harm_and_memory_is_bounded)
{
    enum { LIMIT = 50 };
    size_t before;
    int64_t n;
    riv *r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 1000));
    riv_set(r, "status.batches", "50");
    riv_ds *rows = numbers(r, 1, 10, 2);
    assert_int_equal(riv_count_now(rows, &n), 0);
    riv_foreach_rdd(riv_queue(r, &riv_type_int64_t, NULL), two_jobs,
                    RIV_OPT(.arg = RIV_COPY((int){ 0 })));
    riv_step(r, LIMIT + 10);
    fine(r);
    before = heap_bytes();
    riv_step(r, LIMIT);
    fine(r);
    assert_in_range(heap_bytes(), 1, before + 4096);
    look(r);
    says("\"done\":110,");
    says("\"retained\":50,");
    assert_int_equal(times_said("\"jobs\":3,\"jobs_failed\":0,"), LIMIT);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(ui_01_the_overview_shows_what_became_of_batches),
        RIV_CASE(ui_02_completed_batches_come_page_by_page_and_sorted),
        RIV_CASE(ui_03_the_page_of_a_batch_shows_outputs_jobs_and_the_reason),
        RIV_CASE(ui_04_a_wrong_page_is_said_and_none_is_left_after_the_end),
        RIV_CASE(ui_05_a_batch_waits_runs_and_is_retained),
        RIV_CASE(ui_06_as_many_batches_are_retained_as_the_setting_says),
        RIV_CASE(ui_07_jobs_of_other_times_do_no_harm_and_memory_is_bounded),
    };
    return RIV_RUN(tests);
}
