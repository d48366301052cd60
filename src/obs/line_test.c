/* obs/line_test.c - a line of the log in its three forms. */
#include "obs/line.h"

#include "base/test.h"

static void puts_line(enum riv_line_form form, int level, const char *text,
                      const char *want)
{
    const struct riv_line line = { .level = level,
                                   .wall_ms = 1796047481250,
                                   .job = "cards \"2\"",
                                   .text = text };
    struct riv_buf buf;
    riv__buf_init(&buf, 0);
    riv__line_put(&buf, form, &line);
    riv__buf_char(&buf, '\0');
    assert_string_equal(buf.p, want);
    riv__buf_fini(&buf);
}

RIV_TEST(people_read_the_level_and_what_happened)
{
    puts_line(RIV__LINE_TEXT, RIV_LOG_WARN, "it \"hangs\"",
              "rivulet: warning: it \"hangs\"\n");
    puts_line(RIV__LINE_TEXT, 0, "stopped", "rivulet: stopped\n");
    puts_line(RIV__LINE_TEXT, 99, "odd", "rivulet: debug: odd\n");
}

RIV_TEST(programs_read_an_object_a_line)
{
    puts_line(RIV__LINE_JSON, RIV_LOG_ERROR, "a \"file\"",
              "{\"time\":\"2026-11-30T14:04:41.250Z\",\"level\":\"error\","
              "\"job\":\"cards \\\"2\\\"\",\"message\":\"a \\\"file\\\"\"}\n");
    puts_line(RIV__LINE_JSON, 0, "stopped",
              "{\"time\":\"2026-11-30T14:04:41.250Z\",\"level\":\"notice\","
              "\"job\":\"cards \\\"2\\\"\",\"message\":\"stopped\"}\n");
}

RIV_TEST(the_journal_reads_a_priority_in_front)
{
    puts_line(RIV__LINE_SYSTEMD, RIV_LOG_ERROR, "x", "<3>rivulet: error: x\n");
    puts_line(RIV__LINE_SYSTEMD, RIV_LOG_INFO, "x", "<6>rivulet: info: x\n");
    puts_line(RIV__LINE_SYSTEMD, 0, "x", "<5>rivulet: x\n");
}

/* A record that is told of may hold anything. */
RIV_TEST(a_line_for_machines_is_one_line_whatever_is_in_it)
{
    puts_line(RIV__LINE_TEXT, RIV_LOG_INFO, "a\n  b",
              "rivulet: info: a\n  b\n");
    for (int form = RIV__LINE_JSON; form <= RIV__LINE_SYSTEMD; form++) {
        const struct riv_line line = { .level = RIV_LOG_INFO,
                                       .job = "",
                                       .text = "a\nb\x1b[2J\xff" };
        struct riv_buf buf;
        riv__buf_init(&buf, 0);
        riv__line_put(&buf, (enum riv_line_form)form, &line);
        for (size_t i = 0; i + 1 < buf.n; i++)
            assert_in_range((unsigned char)buf.p[i], 0x20, 0x7e);
        assert_int_equal(buf.p[buf.n - 1], '\n');
        riv__buf_fini(&buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_read_the_level_and_what_happened),
        cmocka_unit_test(programs_read_an_object_a_line),
        cmocka_unit_test(the_journal_reads_a_priority_in_front),
        cmocka_unit_test(a_line_for_machines_is_one_line_whatever_is_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
