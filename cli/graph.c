/* cli/graph.c - the part of check and plan that both share. Describing makes
 * the library plan the stages, so mistakes that show only there are found. */
#include "graph.h"

#include "job.h"
#include "say.h"

/* Status of the build: what stuck to the context, else what it returned. */
static int build(riv *r, const riv_job *job, int argc, char **argv)
{
    int rc = job->build(r, argc, argv);
    int stuck = riv_error(r);
    if (stuck != RIV_OK)
        return say(say_status(stuck), "%s: %s", argv[0], riv_errmsg(r));
    if (rc != 0)
        return say(EXIT_GRAPH,
                   "%s: its RIV_JOB returned %d without saying "
                   "why; return riv_invalid(r, \"why\")",
                   argv[0], rc);
    return EXIT_FINE;
}

static int describe(riv *r, const char *name, int how, riv_write_fn *write,
                    void *arg)
{
    int rc = riv_describe(r, how, write, arg);
    if (rc == RIV_OK)
        return EXIT_FINE;
    return say(say_status(rc), "%s: %s", name, riv_errmsg(r));
}

int graph_describe(int argc, char **argv, int how, riv_write_fn *write,
                   void *arg)
{
    const riv_job *job = NULL;
    int code = job_open(argv[0], &job);
    if (code != EXIT_FINE)
        return code;
    riv *r = riv_new(NULL);
    if (riv_cli_options(r, &argc, argv) != RIV_OK)
        code = say(say_status(riv_error(r)), "%s", riv_errmsg(r));
    if (code == EXIT_FINE)
        code = build(r, job, argc, argv);
    if (code == EXIT_FINE)
        code = describe(r, argv[0], how, write, arg);
    riv_free(r);
    return code;
}
