/* cli/graph.c - the part of check and plan that both share. */
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

int graph_look(int argc, char **argv, graph_fn *look, void *arg)
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
    int rc = code == EXIT_FINE ? look(r, arg) : RIV_OK;
    if (rc != RIV_OK)
        code = say(say_status(rc), "%s: %s", argv[0], riv_errmsg(r));
    riv_free(r);
    return code;
}
