/* cli/inputs_test.c - the lists of inputs that gcc and clang write. */
#include "inputs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct inputs inputs;

static bool parse(const char *text)
{
    char *copy = strdup(text);
    assert_non_null(copy);
    return inputs_parse(&inputs, copy);
}

static void a_list_over_several_lines_is_read(void **state)
{
    (void)state;
    assert_true(parse("a.so: a.c \\\n  include/rivulet.h \\\n b.h\n"));
    assert_int_equal(inputs.count, 3);
    assert_string_equal(inputs.path[0], "a.c");
    assert_string_equal(inputs.path[1], "include/rivulet.h");
    assert_string_equal(inputs.path[2], "b.h");
    inputs_fini(&inputs);
}

static void names_with_blanks_and_dollars_are_unescaped(void **state)
{
    (void)state;
    assert_true(parse("x.so: my\\ job.c a$$b.h c\\#d.h e\\f.h"));
    assert_int_equal(inputs.count, 4);
    assert_string_equal(inputs.path[0], "my job.c");
    assert_string_equal(inputs.path[1], "a$b.h");
    assert_string_equal(inputs.path[2], "c#d.h");
    assert_string_equal(inputs.path[3], "e\\f.h");
    inputs_fini(&inputs);
}

static void a_text_without_inputs_is_refused(void **state)
{
    (void)state;
    assert_false(parse(""));
    assert_false(parse("x.so: "));
    assert_false(parse("\n"));
}

static void too_many_inputs_are_refused(void **state)
{
    (void)state;
    char *text = malloc(4 + 2 * (INPUTS_MAX + 1) + 1), *p = text;
    assert_non_null(text);
    memcpy(p, "x: ", 3);
    p += 3;
    for (int i = 0; i <= INPUTS_MAX; i++) {
        *p++ = 'a';
        *p++ = ' ';
    }
    *p = '\0';
    assert_false(inputs_parse(&inputs, text));
}

static void a_missing_file_is_no_list(void **state)
{
    (void)state;
    assert_false(inputs_read(&inputs, "/nonexistent/x.d"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_over_several_lines_is_read),
        cmocka_unit_test(names_with_blanks_and_dollars_are_unescaped),
        cmocka_unit_test(a_text_without_inputs_is_refused),
        cmocka_unit_test(too_many_inputs_are_refused),
        cmocka_unit_test(a_missing_file_is_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
