/* api/tap_test.c - rows of a job by the names of its operators: which ones there
 * are, which one is meant, and what a wrong name gets. */
#include "api/tap.h"

#include <stdlib.h>

#include "api/status.h"
#include "base/test.h"
#include "sys/clock.h"

RIV_MAP(twice, int64_t, int64_t);
static int twice(const int64_t *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = 2 * *in;
    return 0;
}

RIV_FILTER(small, int64_t);
static int small(const int64_t *in, riv_task *t)
{
    (void)t;
    return *in < 100;
}

RIV_FOREACH(forget, int64_t);
static int forget(const int64_t *in, riv_task *t)
{
    (void)in, (void)t;
    return 0;
}

struct world {
    struct riv_manual_clock clock;
    riv *r;
    riv_ds *queue;
    struct riv_buf told;
    bool has_asked;
    uint64_t next; /* then */
};

/* queue -> small -> twice (a uid) -> forget */
static void begin(struct world *w)
{
    *w = (struct world){ .has_asked = false };
    riv__manual_clock_init(&w->clock, riv__sys_real(), 1000000);
    w->r = riv_new(RIV_CONFIG(.threads = 1, .batch_ms = 1000));
    w->r->sys = &w->clock.sys;
    w->queue = riv_queue(w->r, &riv_type_int64_t, NULL);
    riv_ds *few = riv_filter(w->queue, small_fn, NULL);
    riv_foreach(riv_map(few, twice_fn, RIV_OPT(.uid = "doubled")), forget_fn,
                NULL);
    riv__buf_init(&w->told, 0);
    riv__manual_clock_advance(&w->clock, 1000);
    assert_int_equal(riv_step(w->r, 1), 0);
}

static void end(struct world *w)
{
    riv_free(w->r);
    riv__buf_fini(&w->told);
}

static const char *ask(struct world *w, const char *op, bool json, int want)
{
    const struct riv_tap_ask ask = {
        .op = op, .json = json, .begins = !w->has_asked, .since = w->next
    };
    riv__buf_reset(&w->told);
    riv__buf_char(&w->told, ':');
    assert_int_equal(riv__tap_answer(w->r, &ask, &w->told), want);
    riv__buf_char(&w->told, '\0');
    w->has_asked |= w->told.p[1] == 'N';
    if (w->has_asked)
        w->next = strtoull(w->told.p + 2, NULL, 10);
    return w->told.p + 1;
}

static void push(struct world *w, int64_t n)
{
    assert_int_equal(riv_push(w->queue, &n, 1), 0);
    riv__manual_clock_advance(&w->clock, 1000);
    assert_int_equal(riv_step(w->r, 1), 0);
}

static void has(const char *text, const char *words)
{
    if (!strstr(text, words))
        fail_msg("no \"%s\" in: %s", words, text);
}

RIV_TEST(the_list_has_number_name_type_and_uid)
{
    struct world w;
    begin(&w);
    const char *text = ask(&w, NULL, false, 0);
    has(text, "TOperators whose rows can be seen:\n #0 riv_queue");
    has(text, "\n #1 riv_filter(small, ");
    has(text, "\n #2 riv_map(twice, ");
    has(text, "gives i64  uid doubled\n");
    assert_null(strstr(text, "riv_foreach"));
    text = ask(&w, NULL, true, 0);
    has(text, "[{\"number\":0,\"name\":");
    has(text, "\"kind\":\"riv_map\",\"type\":\"i64\",\"uid\":\"doubled\"}]\n");
    end(&w);
}

RIV_TEST(an_operator_is_found_by_uid_number_function_and_kind)
{
    static const char *const names[] = { "doubled", "2", "#2", "map",
                                         "riv_map" };
    for (size_t i = 0; i < RIV__LEN(names); i++) {
        struct world w;
        begin(&w);
        ask(&w, names[i], false, 0);
        push(&w, 21);
        has(ask(&w, names[i], false, 0), "UTC ---\n 42\n");
        end(&w);
    }
    struct world w;
    begin(&w);
    ask(&w, "small", true, 0);
    push(&w, 21);
    push(&w, 210);
    const char *text = ask(&w, "small", true, 0);
    has(text, "\n 21\n");
    assert_null(strstr(text, "210"));
    end(&w);
}

RIV_TEST(a_name_that_is_not_there_is_told_the_nearest_first)
{
    struct world w;
    begin(&w);
    has(ask(&w, "doubld\033[2J", false, RIV_EINVAL),
        "no operator with rows is called \"doubld\\x1b[2J\"; there are: ");
    has(ask(&w, "doubld", false, RIV_EINVAL), "there are: #2 riv_map(twice");
    has(ask(&w, "smal", false, RIV_EINVAL), "there are: #1 riv_filter(small");
    has(ask(&w, "17", false, RIV_EINVAL), "#0 riv_queue");
    end(&w);
}

RIV_TEST(a_job_with_a_tap_is_the_same_when_it_is_over)
{
    struct world w;
    begin(&w);
    ask(&w, "doubled", false, 0);
    assert_int_equal(w.r->exec.tapped, 1);
    riv__manual_clock_advance(&w.clock, 60000);
    push(&w, 1);
    assert_int_equal(w.r->exec.tapped, 0);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(the_list_has_number_name_type_and_uid),
        RIV_CASE(an_operator_is_found_by_uid_number_function_and_kind),
        RIV_CASE(a_name_that_is_not_there_is_told_the_nearest_first),
        RIV_CASE(a_job_with_a_tap_is_the_same_when_it_is_over),
    };
    return RIV_RUN(tests);
}
