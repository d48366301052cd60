/* connect/source_demo_test.c - made-up lines: the same for the same seed, at
 * the rate of the clock, in the form that the examples read. */
#include "connect/fixture.h"

#include "base/num.h"

static const char *const all[] = { "words", "access", "cards" };

/* Everything up to the end; the feed is emptied in between. */
static void run(struct fix *fix, const char *uri)
{
    fix->conf.line_bytes_max = 4096;
    fix_open(fix, uri);
    int rc = RIV__READ_MORE;
    while (rc != RIV__READ_END) {
        rc = fix_read(fix);
        assert_true(rc >= 0);
        assert_true(fix_cut(fix) >= 0);
    }
    riv__input_free(RIV__TAKE(fix->input));
}

static size_t count(const struct riv_buf *buf)
{
    size_t n = 0;
    for (size_t i = 0; i < buf->n; i++)
        n += buf->p[i] == '\n';
    return n;
}

static void the_same_seed_gives_the_same_lines(void **state)
{
    struct fix *fix = *state;
    char uri[64];
    for (size_t i = 0; i < RIV__LEN(all); i++) {
        struct riv_buf first;
        snprintf(uri, sizeof uri, "demo:%s?rate=0&limit=5000&seed=7", all[i]);
        run(fix, uri);
        assert_int_equal(count(&fix->text), 5000);
        first = fix->text;
        riv__buf_init(&fix->text, 0);
        run(fix, uri);
        fixture_equal(&fix->text, first.p, first.n);
        riv__buf_reset(&fix->text);
        snprintf(uri, sizeof uri, "demo:%s?rate=0&limit=5000&seed=8", all[i]);
        run(fix, uri);
        assert_true(fix->text.n != first.n ||
                    memcmp(fix->text.p, first.p, first.n) != 0);
        riv__buf_reset(&fix->text);
        riv__buf_fini(&first);
    }
}

static void lines_come_at_the_rate_of_the_clock(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "demo:words?rate=5000");
    assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
    fix_cut(fix);
    assert_int_equal(count(&fix->text), 0);
    for (size_t second = 1; second <= 4; second++) {
        riv__manual_clock_advance(&fix->clock, 999);
        assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
        riv__manual_clock_advance(&fix->clock, 1);
        assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
        fix_cut(fix);
        assert_int_equal(count(&fix->text), second * 5000);
    }
}

/* Nanoseconds times rate do not fit into 64 bits: computed so, these 18 s would
 * give 255,926 lines. */
static void the_rate_holds_when_the_product_is_large(void **state)
{
    struct fix *fix = *state;
    fix_open(fix, "demo:cards?rate=1000000000&limit=256000");
    assert_int_equal(fix_read_all(fix), RIV__READ_IDLE);
    riv__manual_clock_advance(&fix->clock, 18447);
    for (int i = 0; i < 250; i++) { /* 1,024 lines each */
        assert_int_equal(fix_read(fix), RIV__READ_MORE);
        fix_cut(fix);
    }
    assert_int_equal(fix_read(fix), RIV__READ_END);
    assert_int_equal(count(&fix->text), 256000);
}

/* Takes what stands before the next sep; false: nothing was left. */
static bool cut(riv_str *rest, char sep, riv_str *field)
{
    if (!rest->p)
        return false;
    char *end = memchr(rest->p, sep, rest->n);
    *field = riv__str(rest->p, end ? (size_t)(end - rest->p) : rest->n);
    *rest = end ? riv__str(end + 1, rest->n - field->n - 1) : riv__str(NULL, 0);
    return true;
}

static riv_str next_line(riv_str *rest)
{
    riv_str line;
    assert_true(cut(rest, '\n', &line));
    return line;
}

static void words_are_like_those_of_a_book(void **state)
{
    struct fix *fix = *state;
    size_t words = 0, the = 0, of = 0;
    run(fix, "demo:words?rate=0&limit=20000");
    riv_str rest = { fix->text.p, fix->text.n - 1 }, word;
    while (rest.p) {
        riv_str line = next_line(&rest);
        while (cut(&line, ' ', &word)) {
            assert_true(word.n > 0);
            for (size_t i = 0; i < word.n; i++)
                assert_in_range(word.p[i], 'a', 'z');
            words++;
            the += riv_eq(word, riv_cstr("the"));
            of += riv_eq(word, riv_cstr("of"));
        }
    }
    assert_in_range(words, 20000 * 8, 20000 * 11);
    /* 1/2.7 and 1/3.7 of about 5.0 in all */
    assert_in_range(the * 1000 / words, 68, 82);
    assert_in_range(of * 1000 / words, 49, 60);
}

static void access_lines_have_the_combined_form_and_a_burst(void **state)
{
    struct fix *fix = *state;
    size_t failed[60] = { 0 };
    /* a minute at 1,000 lines a second */
    fix->conf.buffer_bytes = 64 << 20;
    fix_open(fix, "demo:access?rate=1000&limit=60000");
    fix_read(fix);
    riv__manual_clock_advance(&fix->clock, 60000);
    assert_int_equal(fix_read_all(fix), RIV__READ_END);
    fix_cut(fix);
    riv_str rest = { fix->text.p, fix->text.n - 1 };
    while (rest.p) {
        char ip[32], stamp[32], method[8], path[64], more[300];
        int status, bytes;
        riv_str line = next_line(&rest);
        char text[512];
        assert_true(line.n < sizeof text);
        memcpy(text, line.p, line.n);
        text[line.n] = '\0';
        int n = sscanf(text,
                       "%31s - - [%31[^]]] \"%7s %63s HTTP/1.1\" %d %d "
                       "\"%299[^\"]\"",
                       ip, stamp, method, path, &status, &bytes, more);
        assert_int_equal(n, 7);
        assert_memory_equal(stamp, "01/Jan/2026:00:00:", 18);
        long second = strtol(stamp + 18, NULL, 10);
        assert_in_range(second, 0, 59);
        failed[second] += status >= 502;
    }
    for (int i = 0; i < 60; i++)
        if (i >= 10 && i < 20)
            assert_in_range(failed[i], 30, 90);
        else
            assert_int_equal(failed[i], 0);
}

static void card_lines_fit_the_type_of_the_example(void **state)
{
    struct fix *fix = *state;
    size_t large = 0;
    run(fix, "demo:cards?rate=0&limit=50000");
    riv_str rest = { fix->text.p, fix->text.n - 1 }, field[4];
    while (rest.p) {
        int64_t ts, cents;
        riv_str line = next_line(&rest);
        for (int i = 0; i < 4; i++)
            assert_true(cut(&line, ',', &field[i]));
        assert_null(line.p);
        assert_int_equal(field[0].n, 16);
        assert_int_equal(field[3].n, 3);
        assert_true(riv__num_i64(field[1], &ts));
        assert_true(riv__num_i64(field[2], &cents));
        assert_in_range(ts, INT64_C(1767225600000), INT64_C(1767225602500));
        assert_true(cents > 0);
        large += cents >= 150000;
    }
    assert_in_range(large, 5, 100);
}

/* A card that pays large sums does so in one country, and small ones in
 * another: what the fraud example looks for. */
static void stolen_cards_pay_abroad(void **state)
{
    struct fix *fix = *state;
    char last[17] = "", where[4] = "";
    size_t same = 0, thefts = 0;
    run(fix, "demo:cards?rate=0&limit=50000");
    riv_str rest = { fix->text.p, fix->text.n - 1 }, field[4];
    while (rest.p) {
        int64_t cents;
        riv_str line = next_line(&rest);
        for (int i = 0; i < 4; i++)
            assert_true(cut(&line, ',', &field[i]));
        assert_true(riv__num_i64(field[2], &cents));
        if (cents < 150000)
            continue;
        bool again = !memcmp(last, field[0].p, 16);
        if (again)
            assert_memory_equal(where, field[3].p, 3);
        same += again;
        thefts += !again;
        memcpy(last, field[0].p, 16);
        memcpy(where, field[3].p, 3);
    }
    assert_true(thefts > 1);
    assert_true(same >= 2 * (thefts - 1));
}

static void wrong_names_and_options_are_refused(void **state)
{
    struct fix *fix = *state;
    fix_fails(fix, "demo:", RIV_EINVAL, "demo:words, demo:access, demo:cards");
    fix_fails(fix, "demo:word", RIV_EINVAL, "demo:words");
    fix_fails(fix, "demo:words?", RIV_EINVAL, "rate=LINES");
    fix_fails(fix, "demo:words?speed=1", RIV_EINVAL, "\"speed=1\"");
    fix_fails(fix, "demo:words?rate=-1", RIV_EINVAL, "\"rate=-1\"");
    fix_fails(fix, "demo:words?rate=5&rate=2000000000", RIV_EINVAL, "at most");
    fix_fails(fix, "demo:words?limit=1k", RIV_EINVAL, "\"limit=1k\"");
}

static void another_run_goes_on_with_the_next_line(void **state)
{
    struct fix *fix = *state;
    struct riv_buf whole;
    riv__buf_init(&whole, 0);
    fix_open(fix, "demo:cards?rate=0&limit=3000");
    while (fix_read(fix) == RIV__READ_MORE)
        continue;
    assert_true(fix_cut(fix) >= 0);
    riv__buf_add(&whole, fix->text.p, fix->text.n);
    riv__buf_reset(&fix->text);
    riv__input_free(RIV__TAKE(fix->input));
    fix_open(fix, "demo:cards?rate=0&limit=3000");
    assert_int_equal(fix_read(fix), RIV__READ_MORE);
    assert_true(fix_cut(fix) >= 0);
    assert_int_equal(fix_read(fix), RIV__READ_MORE); /* in no batch */
    (void)fix_stand(fix);
    assert_int_equal(fix_seek(fix, "demo:cards?rate=0&limit=3000"), 0);
    while (fix_read(fix) == RIV__READ_MORE)
        continue;
    assert_true(fix_cut(fix) >= 0);
    fixture_equal(&fix->text, whole.p, whole.n);
    riv__buf_fini(&whole);
    fix_lost(fix, "demo:cards?rate=0&limit=3000&seed=2", "not what they were");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_same_seed_gives_the_same_lines),
        TEST(lines_come_at_the_rate_of_the_clock),
        TEST(the_rate_holds_when_the_product_is_large),
        TEST(words_are_like_those_of_a_book),
        TEST(access_lines_have_the_combined_form_and_a_burst),
        TEST(card_lines_fit_the_type_of_the_example),
        TEST(stolen_cards_pay_abroad),
        TEST(wrong_names_and_options_are_refused),
        TEST(another_run_goes_on_with_the_next_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
