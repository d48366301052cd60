/* api/cli_options_test.c - the options every job understands, taken out of its
 * arguments. */
#include "api/context.h"
#include "api/fixture.h"

/* Takes the options out of a line of words; the rest, joined by '|'. */
static int options(riv *r, const char *line, char rest[256])
{
    char text[256], *argv[32];
    int argc = 0;
    snprintf(text, sizeof text, "%s", line);
    char *save = NULL;
    for (char *p = text; (argv[argc] = strtok_r(p, " ", &save)); p = NULL)
        argc++;
    int rc = riv_cli_options(r, &argc, argv);
    rest[0] = '\0';
    for (int i = 0; rc == 0 && i < argc; i++)
        snprintf(rest + strlen(rest), 256 - strlen(rest), "%s%s", i ? "|" : "",
                 argv[i]);
    if (rc == 0)
        assert_null(argv[argc]);
    return rc;
}

static void leaves(const char *line, const char *want)
{
    char rest[256];
    riv *r = riv_new(NULL);
    assert_int_equal(options(r, line, rest), 0);
    assert_string_equal(rest, want);
    riv_free(r);
}

static void the_programs_own_words_stay(void **state)
{
    (void)state;
    leaves("job", "job");
    leaves("job a b", "job|a|b");
    leaves("job --threads 2 a --interval 5s b", "job|a|b");
    leaves("job a --threads=2 -c task.bytes=1M - b", "job|a|-|b");
    leaves("job -- --threads 2", "job|--threads|2");
    leaves("job --threads 1 -- -x -- y", "job|-x|--|y");
}

static void options_are_settings(void **state)
{
    char rest[256];
    riv *r = riv_new(NULL);
    (void)state;
    assert_int_equal(options(r,
                             "job --threads 3 --interval=20ms -c "
                             "shuffle.partitions=5",
                             rest),
                     0);
    assert_int_equal(r->conf.settings.threads, 3);
    assert_int_equal(r->conf.settings.interval_ms, 20);
    assert_int_equal(r->conf.settings.partitions, 5);
    riv_set(r, "threads", "7"); /* the command line wins */
    assert_int_equal(r->conf.settings.threads, 3);
    riv_free(r);
}

static void a_file_has_settings_too(void **state)
{
    static const char text[] = "threads = 6\nbatch.interval = 2s\n";
    char path[32], line[128], rest[256];
    riv *r = riv_new(NULL);
    (void)state;
    file_make(path, text, sizeof text - 1);
    snprintf(line, sizeof line, "job --config %s --threads 2 in", path);
    assert_int_equal(options(r, line, rest), 0);
    assert_string_equal(rest, "job|in");
    assert_int_equal(r->conf.settings.threads, 2);
    assert_int_equal(r->conf.settings.interval_ms, 2000);
    riv_free(r);
    unlink(path);
}

static void wrong_options_are_named(void **state)
{
    static const struct {
        const char *line;
        int code;
        const char *words;
    } wrong[] = {
        { "job --thread 2", RIV_EUSAGE, "unknown option --thread" },
        { "job -x", RIV_EUSAGE, "unknown option -x" },
        { "job --threads", RIV_EUSAGE, "a value is missing behind --threads" },
        { "job --threads two", RIV_EINVAL, "two" },
        { "job -c nonsense=1", RIV_EINVAL, "nonsense" },
        { "job -c threads", RIV_EINVAL, "threads" },
        /* "$DIR" of a script that was not set: the job ran, and nothing that it
         * did was written down */
        { "job --state= x", RIV_EUSAGE, "the value is empty behind --state" },
        { "job --config /nowhere/at/all", RIV_ENOINPUT, "/nowhere/at/all" },
    };
    char rest[256];
    (void)state;
    for (size_t i = 0; i < RIV__LEN(wrong); i++) {
        riv *r = riv_new(NULL);
        assert_int_equal(options(r, wrong[i].line, rest), wrong[i].code);
        error_has(r, wrong[i].code, wrong[i].words);
        riv_free(r);
    }
}

static void the_environment_comes_first(void **state)
{
    char rest[256];
    riv *r = riv_new(NULL);
    (void)state;
    setenv("RIVULET_THREADS", "9", 1);
    setenv("RIVULET_SHUFFLE_PARTITIONS", "4", 1);
    assert_int_equal(options(r, "job --threads 2", rest), 0);
    unsetenv("RIVULET_THREADS");
    unsetenv("RIVULET_SHUFFLE_PARTITIONS");
    assert_int_equal(r->conf.settings.threads, 2);
    assert_int_equal(r->conf.settings.partitions, 4);
    riv_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_programs_own_words_stay),
        cmocka_unit_test(options_are_settings),
        cmocka_unit_test(a_file_has_settings_too),
        cmocka_unit_test(wrong_options_are_named),
        cmocka_unit_test(the_environment_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
