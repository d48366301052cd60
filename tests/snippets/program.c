/* A whole program around a job, with the options of the command: riv_cli_main.
 * (-DRIV_STANDALONE makes the same of a file with RIV_JOB.)
 * prints in this order
 * 2
 * 4
 * the exit code is 0
 */
#include <rivulet.h>
#include <stdio.h>

RIV_FILTER(even, int64_t);
static int even(const int64_t *x, riv_task *t)
{
    (void)t;
    return *x % 2 == 0;
}

static int build(riv *r, int argc, char **argv)
{
    int64_t most;
    if (argc != 2 || !riv_to_i64(riv_cstr(argv[1]), &most))
        return riv_invalid(r, "usage: %s NUMBER", argv[0]);
    riv_ds *in = riv_range(r, 1, most + 1, 1, NULL);
    riv_print(riv_filter(in, even_fn, NULL), 10);
    return 0;
}

int main(void)
{
    char *argv[] = { "program", "--threads", "1", "5", NULL };
    const int code = riv_cli_main(4, argv, build);
    printf("the exit code is %d\n", code);
    return code;
}
