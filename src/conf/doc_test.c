/* conf/doc_test.c - every setting stands in the help and on the page, and the
 * help fits a terminal. */
#include "conf/doc.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "conf/prop.h"

static void text_of(void (*write)(struct riv_buf *), struct riv_buf *buf)
{
    riv__buf_init(buf, 0);
    write(buf);
    riv__buf_char(buf, '\0');
    assert_int_equal(buf->failed, 0);
}

static void the_help_has_every_setting_with_its_default(void **state)
{
    (void)state;
    struct riv_buf buf;
    text_of(riv__conf_doc_help, &buf);
    for (size_t i = 0; i < riv__prop_count; i++)
        assert_non_null(strstr(buf.p, riv__props[i].name));
    assert_non_null(strstr(buf.p, "  batch.interval = 1s    1ms to 24h\n"));
    assert_non_null(strstr(buf.p, "  threads = 0    0 to 1024 threads\n"));
    riv__buf_fini(&buf);
}

static void no_line_of_the_help_is_wider_than_a_terminal(void **state)
{
    (void)state;
    struct riv_buf buf;
    text_of(riv__conf_doc_help, &buf);
    for (const char *p = buf.p; *p; p += strcspn(p, "\n") + 1)
        assert_in_range(strcspn(p, "\n"), 1, 79);
    riv__buf_fini(&buf);
}

static void the_page_has_a_row_and_a_section_for_every_setting(void **state)
{
    (void)state;
    struct riv_buf buf;
    char env[RIV__PROP_ENV_MAX];
    text_of(riv__conf_doc_page, &buf);
    for (size_t i = 0; i < riv__prop_count; i++) {
        assert_non_null(strstr(buf.p, riv__prop_env(&riv__props[i], env)));
        assert_non_null(strstr(buf.p, riv__props[i].text));
    }
    assert_non_null(strstr(buf.p, "\n### batch.interval\n"));
    assert_non_null(strstr(buf.p, "(#batchinterval)"));
    riv__buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_help_has_every_setting_with_its_default),
        cmocka_unit_test(no_line_of_the_help_is_wider_than_a_terminal),
        cmocka_unit_test(the_page_has_a_row_and_a_section_for_every_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
