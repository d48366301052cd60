/* tests/rows/pipe_test.c - the rows PI of the table "RDDs of any element":
 * partitions through programs. Each test is named by its row's id. */
#include "fixture.h"

#include <dirent.h>
#include <unistd.h>

RIV_MAP(text_of, int64_t, riv_str);
static int text_of(const int64_t *x, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld", (long long)*x);
    return 0;
}

RIV_MAP(with_mark, riv_str, riv_str);
static int with_mark(const riv_str *line, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, RIV_S "_", RIV_P(*line));
    return 0;
}

static riv_ds *lines(riv *r, int64_t from, int64_t until, int parts)
{
    return riv_map(numbers(r, from, until, parts), text_of_fn, NULL);
}

static const riv_pipe_spec none = { .struct_size = sizeof none };

RIV_TEST(pi_02_a_program_gets_what_is_printed_for_each_partition)
{
    riv_pipe_spec spec = none;
    spec.first = "0\n\001\n";
    FOR_THREADS(r)
    {
        riv_ds *marked = riv_map(lines(r, 1, 4, 2), with_mark_fn, NULL);
        gives(riv_pipe(marked, "cat", &spec, NULL),
              "0 \001 1_ 2_ 0 \001 3_ 4_");
    }
}

RIV_TEST(pi_02_it_runs_for_an_empty_partition_too)
{
    FOR_THREADS(r)
    {
        gives(riv_pipe(lines(r, 1, 2, 3), "wc -l", NULL, NULL), "0 1 1");
    }
}

RIV_TEST(pi_02_much_goes_in_and_out_at_once)
{
    enum { N = 200000 };
    FOR_THREADS(r)
    {
        riv_ds *out = riv_pipe(lines(r, 1, N, 2), "cat", NULL, NULL);
        int64_t n = 0;
        assert_int_equal(riv_count_now(out, &n), 0);
        assert_int_equal(n, N);
    }
}

RIV_TEST(pi_02_a_program_may_read_less_than_there_is)
{
    FOR_THREADS(r)
    {
        gives(riv_pipe(lines(r, 1, 100000, 2), "head -n 1", NULL, NULL),
              "1 50001");
    }
}

RIV_TEST(pi_03_a_command_that_is_missing_or_fails_is_named)
{
    static const char *const command[] = { "no-such-program-here x", "false" };
    static const char *const words[] = {
        "riv_pipe(no-such-program-here x): ",
        "riv_pipe(false): record failed: \"false\" ended with status 1"
    };
    for (size_t i = 0; i < 2; i++) {
        riv *r = riv_new(RIV_CONFIG(.threads = 2));
        riv_result res = { .struct_size = sizeof res };
        riv_ds *out = riv_pipe(lines(r, 1, 4, 2), command[i], NULL, NULL);
        assert_int_equal(riv_collect(out, &res), RIV_ERECORD);
        error_says(r, RIV_ERECORD, words[i]);
        riv_free(r);
    }
}

RIV_MAP(refuses_3, int64_t, riv_str);
static int refuses_3(const int64_t *x, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld", (long long)*x);
    return *x == 3 ? riv_fail(t, "no threes here") : 0;
}

RIV_TEST(pi_03_input_that_fails_fails_the_job)
{
    FOR_THREADS(r)
    {
        riv_result res = { .struct_size = sizeof res };
        riv_ds *in = riv_map(numbers(r, 1, 4, 2), refuses_3_fn, NULL);
        assert_int_equal(riv_collect(riv_pipe(in, "cat", NULL, NULL), &res),
                         RIV_ERECORD);
        error_says(r, RIV_ERECORD, "no threes here");
    }
}

RIV_TEST(pi_03_a_failed_program_may_be_left_out)
{
    FOR_THREADS(r)
    {
        gives(riv_pipe(lines(r, 1, 4, 2), "false", NULL,
                       RIV_OPT(.on_error = RIV_SKIP)),
              "");
    }
}

RIV_TEST(pi_04_a_variable_is_passed_and_the_partition_is_known)
{
    static const char *const env[] = { "RIV_ROW=a", NULL };
    riv_pipe_spec spec = none;
    spec.env = env;
    FOR_THREADS(r)
    {
        gives(riv_pipe(lines(r, 1, 2, 2), "printenv RIV_ROW RIVULET_PARTITION",
                       &spec, NULL),
              "a 0 a 1");
    }
}

static int left_in(const char *folder)
{
    int n = 0;
    DIR *d = opendir(folder);
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        n += strncmp(e->d_name, ".rivulet-pipe", 13) == 0;
    closedir(d);
    return n;
}

RIV_TEST(pi_04_a_folder_of_its_own_is_made_and_removed)
{
    char dir[] = "/tmp/riv-rows-XXXXXX";
    riv_pipe_spec spec = none;
    spec.own_folder = true;
    assert_non_null(mkdtemp(dir));
    FOR_THREADS(r)
    {
        riv_set(r, "cache.dir", dir);
        riv_ds *made =
            riv_pipe(lines(r, 1, 2, 2), "mkdir -p a/b/c", &spec, NULL);
        gives(made, "");
        int64_t n = 0;
        riv_ds *where =
            riv_distinct(riv_pipe(lines(r, 1, 2, 2), "pwd", &spec, NULL), NULL);
        assert_int_equal(riv_count_now(where, &n), 0);
        assert_int_equal(n, 2); /* another for each partition */
        assert_int_equal(left_in(dir), 0);
    }
    assert_int_equal(rmdir(dir), 0);
}

RIV_TEST(pi_04_a_given_folder_is_where_it_runs)
{
    riv_pipe_spec spec = none;
    spec.folder = "/";
    FOR_THREADS(r)
    {
        gives(riv_pipe(lines(r, 1, 1, 1), "pwd", &spec, NULL), "/");
    }
}

RIV_TEST(pi_03_nonsense_is_refused)
{
    riv *r = riv_new(NULL);
    riv_pipe(lines(r, 1, 1, 1), " ", NULL, NULL);
    error_says(r, RIV_EINVAL, "riv_pipe: no command");
    riv_free(r);
    r = riv_new(NULL);
    riv_pipe(numbers(r, 1, 1, 1), "cat", NULL, NULL);
    error_says(r, RIV_ETYPE, "riv_pipe");
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(pi_02_a_program_gets_what_is_printed_for_each_partition),
        RIV_CASE(pi_02_it_runs_for_an_empty_partition_too),
        RIV_CASE(pi_02_much_goes_in_and_out_at_once),
        RIV_CASE(pi_02_a_program_may_read_less_than_there_is),
        RIV_CASE(pi_03_a_command_that_is_missing_or_fails_is_named),
        RIV_CASE(pi_03_input_that_fails_fails_the_job),
        RIV_CASE(pi_03_a_failed_program_may_be_left_out),
        RIV_CASE(pi_03_nonsense_is_refused),
        RIV_CASE(pi_04_a_variable_is_passed_and_the_partition_is_known),
        RIV_CASE(pi_04_a_folder_of_its_own_is_made_and_removed),
        RIV_CASE(pi_04_a_given_folder_is_where_it_runs),
    };
    return RIV_RUN(tests);
}
