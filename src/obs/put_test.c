/* obs/put_test.c - escaping, numbers and times for people. */
#include "obs/put.h"

#include "base/test.h"

static const char *text_of(struct riv_buf *buf)
{
    riv__buf_char(buf, '\0');
    return buf->p;
}

RIV_TEST(what_has_a_meaning_in_html_is_escaped)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    riv__put_html(&buf, "<b a=\"1\" c='2'>&amp;");
    assert_string_equal(text_of(&buf), "&lt;b a=&quot;1&quot; "
                                       "c=&#39;2&#39;&gt;&amp;amp;");
    riv__buf_fini(&buf);
}

RIV_TEST(what_has_a_meaning_in_json_is_escaped)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    riv__put_json(&buf, "a\"b\\c\n\x01<");
    assert_string_equal(text_of(&buf), "\"a\\\"b\\\\c\\u000a\\u0001<\"");
    riv__buf_fini(&buf);
}

RIV_TEST(what_has_a_meaning_in_a_label_of_metrics_is_escaped)
{
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    riv__put_label(&buf, "a\"b\\c\nd");
    assert_string_equal(text_of(&buf), "a\\\"b\\\\c\\nd");
    riv__buf_fini(&buf);
}

RIV_TEST(counts_have_commas_between_thousands)
{
    static const struct {
        int64_t n;
        const char *want;
    } cases[] = {
        { 0, "0" },
        { 999, "999" },
        { 1000, "1,000" },
        { -1000, "-1,000" },
        { -100, "-100" },
        { 1234567, "1,234,567" },
        { INT64_MIN, "-9,223,372,036,854,775,808" },
    };
    char text[RIV__PUT_TEXT];
    for (size_t i = 0; i < RIV__LEN(cases); i++)
        assert_string_equal(riv__text_count(text, cases[i].n), cases[i].want);
}

RIV_TEST(spans_grow_their_units)
{
    static const struct {
        int64_t us;
        const char *want;
    } cases[] = {
        { 59900000, "59.9 s" },
        { 60000000, "1 min 0 s" },
        { 3599000000, "59 min 59 s" },
        { INT64_C(3660000000), "1 h 1 min" },
    };
    char text[RIV__PUT_TEXT];
    for (size_t i = 0; i < RIV__LEN(cases); i++)
        assert_string_equal(riv__text_span(text, cases[i].us), cases[i].want);
}

/* The second is the batch time of Spark's UIUtilsSuite. */
RIV_TEST(times_are_dates_in_utc)
{
    static const struct {
        int64_t ms;
        const char *want;
    } cases[] = {
        { 0, "1970-01-01 00:00:00" },
        { 1431637480452, "2015-05-14 21:04:40.452" },
        { 1709164799000, "2024-02-28 23:59:59" },
        { 1709164800000, "2024-02-29 00:00:00" },
        { 4102444800000, "2100-01-01 00:00:00" },
        { -1, "1969-12-31 23:59:59.999" },
    };
    char text[RIV__PUT_TEXT];
    for (size_t i = 0; i < RIV__LEN(cases); i++)
        assert_string_equal(riv__text_time(text, cases[i].ms), cases[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(what_has_a_meaning_in_html_is_escaped),
        RIV_CASE(what_has_a_meaning_in_json_is_escaped),
        RIV_CASE(what_has_a_meaning_in_a_label_of_metrics_is_escaped),
        RIV_CASE(counts_have_commas_between_thousands),
        RIV_CASE(spans_grow_their_units),
        RIV_CASE(times_are_dates_in_utc),
    };
    return RIV_RUN(tests);
}
