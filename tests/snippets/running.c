/* A job that is started, asked and stopped by its program.
 * prints
 * a version: 1, features: 1
 * --threads was taken, 2 are set; left is: mine
 * a plan of some lines: 1
 * it still runs: 1
 * it says what it does: 1
 * 3 records were seen, and it ended: 1
 */
#include <rivulet.h>
#include <stdatomic.h>
#include <stdio.h>

RIV_FOREACH(see, int64_t);
static int see(const int64_t *x, riv_task *t)
{
    (void)x;
    riv_counter_add(t, *riv_arg(t, riv_counter *), 1);
    return 0;
}

static void count_lines(void *arg, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *(int *)arg += text[i] == '\n';
}

int main(void)
{
    char *words[] = { "program", "--threads", "2", "mine", NULL };
    char **argv = words, value[16];
    int argc = 4, lines = 0;
    const int64_t rows[] = { 1, 2, 3 };
    riv *r = riv_new(RIV_CONFIG(.batch_ms = 10));
    printf("a version: %d, features: %d\n", riv_version() >= RIV_VERSION,
           riv_features()[0] != '\0');
    if (riv_cli_options(r, &argc, argv) == 0 &&
        riv_get(r, "threads", value, sizeof value) == 0)
        printf("--threads was taken, %s are set; left is: %s\n", value,
               argv[1]);
    riv_counter *seen = riv_counter_new(r, "seen");
    riv_ds *in = riv_queue(r, &riv_type_int64_t, NULL);
    riv_foreach(in, see_fn, RIV_OPT(.arg = RIV_COPY(seen)));
    if (riv_describe(r, RIV_PLAN_TEXT, count_lines, &lines) == 0)
        printf("a plan of some lines: %d\n", lines > 1);
    riv_start(r);
    printf("it still runs: %d\n", riv_wait(r, 0) == RIV_ETIMEOUT);
    lines = 0;
    if (riv_status(r, RIV_STATUS_TEXT, count_lines, &lines) == 0)
        printf("it says what it does: %d\n", lines > 1);
    riv_push(in, rows, 3);
    riv_stop(r, RIV_DRAIN); /* all that was pushed is finished first */
    const int rc = riv_wait(r, -1);
    printf("%lld records were seen, and it ended: %d\n",
           (long long)riv_counter_value(seen), rc == RIV_OK);
    riv_free(r);
    return rc != 0;
}
