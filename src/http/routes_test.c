/* http/routes_test.c - the pages, without a server: what stands on them, that
 * nothing from outside gets out of its place, and what a wrong address gets. */
#include "http/routes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

static const char hostile[] = "<script>alert(\"1\")</script>&'\\";

/* Names and texts as bad as they can be. */
static struct riv_picture *picture(void *arg, size_t batches)
{
    static struct riv_seen_part part[2];
    static const char *output[1] = { hostile }, *trouble[1] = { hostile };
    static struct riv_seen_batch batch[2];
    static struct riv_seen_text text[1];
    static struct riv_seen_input input[1];
    static struct riv_seen_doing doing[1];
    struct riv_picture *p = calloc(1, sizeof *p);
    (void)arg;
    assert_non_null(p);
    riv__arena_init(&p->arena, 0);
    snprintf(p->name, sizeof p->name, "%s", hostile);
    snprintf(input[0].name, RIV__SEEN_NAME, "%s", hostile);
    snprintf(input[0].note, RIV__SEEN_NAME, "%s", hostile);
    snprintf(input[0].error, RIV__SEEN_TEXT, "%s", hostile);
    snprintf(doing[0].op, RIV__SEEN_NAME, "%s", hostile);
    snprintf(text[0].text, RIV__SEEN_TEXT, "%s", hostile);
    snprintf(part[0].name, RIV__SEEN_NAME, "%s", hostile);
    text[0].number = 1;
    part[0].end = 7;
    part[1].end = -1;
    input[0].part = part;
    input[0].nparts = 2;
    input[0].unit = "records";
    input[0].lag = 7;
    for (int i = 0; i < 2; i++)
        batch[i] = (struct riv_seen_batch){
            .time_ms = 2000 - 1000 * i,
            .interval_ms = 1000,
            .records = 3,
            .status = RIV__SEEN_HAS_FAILED,
            .failure = 1,
            .noutput = 1,
            .njob = 1,
            .jobs = 2,
            .jobs_failed = 1,
            .outputs = 1,
            .output = { { .status = RIV__SEEN_HAS_FAILED,
                          .failure = 1,
                          .jobs = 1,
                          .jobs_failed = 1 } },
            .job = { { .status = RIV__SEEN_HAS_FAILED,
                       .failure = 1,
                       .stages = 1,
                       .stages_failed = 1,
                       .tasks = 4,
                       .tasks_failed = 1 } },
        };
    p->state_dir = hostile;
    p->phase = RIV__PHASE_RUNS;
    p->running = 1;
    p->interval_ms = 1000;
    p->keys = 12;
    p->done = 2;
    p->doing = doing;
    p->ndoing = 1;
    p->input = input;
    p->ninput = 1;
    p->output = output;
    p->trouble = trouble;
    p->noutput = 1;
    p->batch = batch;
    p->nbatch = batches < 2 ? batches : 2;
    p->text = text;
    p->ntext = 1;
    return p;
}

struct params {
    const char *id, *page, *size, *order, *form, *op, *since;
};

/* The engine's side of a tap: what it was asked, and what it says. */
static struct riv_tap_ask tapped;
static char tapped_op[128];
static const char *no_tap;
static int tap_rc;

static int tap(void *arg, const struct riv_tap_ask *ask, struct riv_buf *to)
{
    (void)arg;
    tapped = *ask;
    snprintf(tapped_op, sizeof tapped_op, "%s", ask->op ? ask->op : "(none)");
    riv__buf_str(to, tap_rc == 0 ? "N7\n 1,2\n" : "the reason\n");
    return tap_rc;
}

static const char *param(void *arg, const char *name)
{
    const struct params *params = arg;
    return strcmp(name, "id") == 0      ? params->id
           : strcmp(name, "page") == 0  ? params->page
           : strcmp(name, "size") == 0  ? params->size
           : strcmp(name, "order") == 0 ? params->order
           : strcmp(name, "op") == 0    ? params->op
           : strcmp(name, "since") == 0 ? params->since
                                        : params->form;
}

static char said[65536];

static unsigned get(const char *path, struct params params)
{
    const struct riv_viewer viewer = { .picture = picture,
                                       .tap = tap,
                                       .no_tap = no_tap };
    const struct riv_http_ask ask = { path, param, &params };
    struct riv_http_reply reply = { .status = 0 };
    riv__buf_init(&reply.body, 0);
    riv__http_route(&viewer, &ask, &reply);
    assert_true(reply.body.n < sizeof said);
    memcpy(said, reply.body.p, reply.body.n);
    said[reply.body.n] = '\0';
    riv__buf_fini(&reply.body);
    return reply.status;
}

static void says(const char *words)
{
    if (!strstr(said, words))
        fail_msg("no \"%s\" in: %s", words, said);
}

RIV_TEST(nothing_from_outside_gets_out_of_its_place_on_a_page)
{
    static const char *const paths[] = { "/", "/batch" };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(get(paths[i], (struct params){ .id = "2000" }), 200);
        assert_null(strstr(said, "<script"));
        assert_null(strstr(said, "alert(\"1\")"));
        says("&lt;script&gt;alert(&quot;1&quot;)");
    }
    assert_int_equal(get("/batch", (struct params){ .id = hostile }), 404);
    assert_null(strstr(said, "<script"));
}

RIV_TEST(nothing_from_outside_gets_out_of_its_place_in_metrics_and_json)
{
    assert_int_equal(get("/metrics", (struct params){ 0 }), 200);
    says("rivulet_input_lag{input=\"<script>alert(\\\"1\\\")</script>&'\\\\\","
         "partition=\"<script>alert(\\\"1\\\")</script>&'\\\\\","
         "unit=\"records\"} 7\n");
    says("rivulet_batches_total{status=\"done\"} 2\n");
    says("rivulet_state_keys 12\n");
    assert_int_equal(get("/api/status", (struct params){ 0 }), 200);
    says("\"cause\":\"sink\"");
    says("\"outputs\":[{\"name\":\"<script>alert(\\\"1\\\")</script>&'\\\\\","
         "\"error\":\"<script>");
    says("\"name\":\"<script>alert(\\\"1\\\")</script>&'\\\\\"");
}

RIV_TEST(a_batch_shows_its_outputs_and_their_jobs)
{
    assert_int_equal(get("/batch", (struct params){ .id = "1000" }), 200);
    says("Batch of 1970-01-01 00:00:01 UTC");
    says("0/1 (1 failed)");
    says("3/4 (1 failed)");
}

RIV_TEST(batches_come_page_by_page_in_either_order)
{
    get("/", (struct params){ .size = "1" });
    says("id=2000");
    assert_null(strstr(said, "id=1000"));
    says("page 1 of 2");
    get("/", (struct params){ .size = "1", .page = "2" });
    says("id=1000");
    assert_null(strstr(said, "id=2000"));
    get("/", (struct params){ .size = "1", .order = "up" });
    says("id=1000");
    get("/", (struct params){ .size = "-3", .page = "99999999999999999999" });
    says("page 1 of 1");
}

RIV_TEST(a_wrong_address_is_told_what_there_is)
{
    assert_int_equal(get("/nothing", (struct params){ 0 }), 404);
    says("/metrics\n");
    assert_int_equal(get("/batch", (struct params){ 0 }), 400);
    says("The id is missing");
    assert_int_equal(get("/batch", (struct params){ .id = "77" }), 404);
    says("does not exist");
    assert_int_equal(get("/../etc/passwd", (struct params){ 0 }), 404);
}

RIV_TEST(rows_are_asked_for_by_an_operators_name_whatever_it_is)
{
    tap_rc = 0;
    assert_int_equal(
        get("/tap",
            (struct params){ .op = hostile, .since = "41", .form = "json" }),
        200);
    assert_string_equal(said, "N7\n 1,2\n");
    assert_string_equal(tapped_op, hostile);
    assert_int_equal(tapped.since, 41);
    assert_true(tapped.json && !tapped.begins);
    assert_int_equal(get("/tap", (struct params){ .op = "" }), 200);
    assert_string_equal(tapped_op, "(none)");
    assert_true(tapped.begins && !tapped.json);
    get("/tap", (struct params){ .op = "x", .since = "-" });
    assert_true(tapped.begins);
}

RIV_TEST(a_question_for_rows_that_is_wrong_is_refused)
{
    static const char *const since[] = { "x", "-1", "1x", "",
                                         "99999999999999999999" };
    for (size_t i = 0; i < RIV__LEN(since); i++) {
        tapped_op[0] = '\0';
        assert_int_equal(
            get("/tap", (struct params){ .op = "x", .since = since[i] }), 400);
        assert_string_equal(tapped_op, "");
    }
    assert_int_equal(get("/tap", (struct params){ .form = hostile }), 400);
    tap_rc = RIV_EINVAL;
    assert_int_equal(get("/tap", (struct params){ .op = "x" }), 404);
    assert_string_equal(said, "-the reason\n");
    tap_rc = RIV_EBUSY;
    assert_int_equal(get("/tap", (struct params){ .op = "x" }), 503);
    tap_rc = 0;
}

RIV_TEST(rows_are_not_shown_to_those_who_may_not_see_them)
{
    no_tap = "not here";
    tapped_op[0] = '\0';
    assert_int_equal(get("/tap", (struct params){ .op = "x" }), 403);
    assert_string_equal(said, "!not here\n");
    assert_int_equal(get("/tap", (struct params){ 0 }), 403);
    assert_string_equal(tapped_op, "");
    assert_false(riv__http_is_open("/tap"));
    no_tap = NULL;
}

RIV_TEST(a_job_that_runs_is_alive_and_ready)
{
    assert_int_equal(get("/livez", (struct params){ 0 }), 200);
    assert_int_equal(get("/readyz", (struct params){ 0 }), 200);
    assert_true(riv__http_is_open("/livez"));
    assert_false(riv__http_is_open("/metrics"));
    assert_false(riv__http_is_open("/nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(nothing_from_outside_gets_out_of_its_place_on_a_page),
        RIV_CASE(
            nothing_from_outside_gets_out_of_its_place_in_metrics_and_json),
        RIV_CASE(a_batch_shows_its_outputs_and_their_jobs),
        RIV_CASE(batches_come_page_by_page_in_either_order),
        RIV_CASE(a_wrong_address_is_told_what_there_is),
        RIV_CASE(rows_are_asked_for_by_an_operators_name_whatever_it_is),
        RIV_CASE(a_question_for_rows_that_is_wrong_is_refused),
        RIV_CASE(rows_are_not_shown_to_those_who_may_not_see_them),
        RIV_CASE(a_job_that_runs_is_alive_and_ready),
    };
    return RIV_RUN(tests);
}
