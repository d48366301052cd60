/* cli/pipe_print_test.c - results of queries as text. */
#include "pipe_print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

static void prints(const char *query, int64_t time, const result *row, size_t n,
                   const char *want)
{
    struct query q;
    char why[256], *text = NULL;
    size_t bytes = 0;
    assert_true(query_read(query, &q, why, sizeof why));
    FILE *to = open_memstream(&text, &bytes);
    pipe_rows(to, &q, time, row, n, false);
    fclose(to);
    assert_string_equal(text, want);
    free(text);
}

static const result rows[] = { { { "a\"b\tc,\x1b", 7 }, { { 3, 1.5 }, 2 } },
                               { { "x\t", 2 }, { { -0.5, 7 }, 1 } } };

static void a_table_is_safe_for_a_terminal(void **state)
{
    (void)state;
    prints("csv k,l | sum k by k,l", 0, rows, 2,
           "           3  a\"b c,?\n        -0.5  x ");
    prints("csv k,l | sum k by k,l", 0, rows, 0, "");
}

static void csv_and_json_keep_every_byte(void **state)
{
    (void)state;
    prints("csv k,l | sum k by k,$2 | csv", 0, rows, 2,
           "\"a\"\"b\",\"c,\x1b\",3\nx,,-0.5");
    prints("csv k,l | sum k by k,$2 | csv", 1500, rows + 1, 1, "1500,x,,-0.5");
    prints("csv k | sum k by k,$3 | json", 1500, rows, 2,
           "{\"time\":1500,\"k\":\"a\\\"b\",\"$3\":\"c,\\u001b\",\"sum\":3}\n"
           "{\"time\":1500,\"k\":\"x\",\"$3\":\"\",\"sum\":-0.5}");
}

/* A count of nothing is 0; a greatest of nothing is nothing. */
static void a_count_of_all_says_zero(void **state)
{
    (void)state;
    prints("lines | count | csv", 0, NULL, 0, "0");
    prints("lines | count", 0, NULL, 0, "           0");
    prints("csv a | max a | csv", 0, NULL, 0, "");
    prints("lines | count by line | csv", 0, NULL, 0, "");
}

static void whole_numbers_have_no_point(void **state)
{
    const result big = { { "", 0 }, { { 123456789012345 }, 1 } };
    const result huge = { { "", 0 }, { { 1e300 }, 1 } };
    (void)state;
    prints("csv a | sum a | json", 0, &big, 1, "{\"sum\":123456789012345}");
    prints("csv a | avg a | json", 0, &huge, 1, "{\"avg\":1e+300}");
}

static void several_folds_have_names(void **state)
{
    (void)state;
    prints("csv k,l | sum $3, avg l by k,l", 0, rows, 2,
           "      sum_$3         avg_l\n"
           "           3           1.5  a\"b c,?\n"
           "        -0.5             7  x ");
    prints("csv k,l | count, avg l by k,l | csv", 0, rows + 1, 1, "x,,-0.5,7");
    prints("csv k | count, avg k | json", 1500, rows + 1, 1,
           "{\"time\":1500,\"count\":-0.5,\"avg_k\":7}");
    prints("csv k | count, avg k", 0, NULL, 0, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_safe_for_a_terminal),
        cmocka_unit_test(csv_and_json_keep_every_byte),
        cmocka_unit_test(a_count_of_all_says_zero),
        cmocka_unit_test(several_folds_have_names),
        cmocka_unit_test(whole_numbers_have_no_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
