/* api/cli_options.c - the options every job understands, taken out of its
 * arguments: the same for `rivulet run JOB` and for a job that is a program. */
#include <stdlib.h>
#include <string.h>

#include "api/context.h"
#include "sys/file.h"

extern char **environ;

/* An option with a value, and the setting it is. */
struct option {
    const char *name;
    const char *setting; /* NULL: see take_option */
};

static const struct option options[] = {
    { "--interval", "batch.interval" },
    { "--threads", "threads" },
    { "--state", "state.dir" },
    { "--config", NULL },
    { "-c", NULL },
};

static int config_file(riv *r, const char *path)
{
    struct riv_err err = { 0 };
    struct riv_buf text;
    riv__buf_init(&text, RIV__CONF_FILE_MAX);
    int rc = riv__file_read_all(r->sys, path, &text, &err);
    if (rc == 0)
        rc = riv__conf_file(&r->conf, path, (riv_str){ text.p, text.n }, &err);
    riv__buf_fini(&text);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "%s", err.text) : 0;
}

static int assign(riv *r, const char *text)
{
    struct riv_err err = { 0 };
    int rc = riv__conf_assign(&r->conf, text, RIV__LAYER_COMMAND, "-c", &err);
    return rc < 0 ? riv__graph_fail(&r->graph, rc, "%s", err.text) : 0;
}

static int wrong_use(riv *r, const char *what, const char *option,
                     const char *rest)
{
    return riv__graph_fail(&r->graph, RIV_EUSAGE, "%s %s%s", what, option,
                           rest);
}

static int apply(riv *r, const struct option *opt, const char *value)
{
    if (!*value)
        return wrong_use(r, "the value is empty behind", opt->name, "");
    if (opt->setting)
        return riv__context_set(r, opt->setting, value, RIV__LAYER_COMMAND,
                                opt->name);
    return strcmp(opt->name, "-c") == 0 ? assign(r, value)
                                        : config_file(r, value);
}

/* How many arguments the option at argv[i] takes, 0: it is none; below 0: an
 * error. "--name value" and "--name=value" are both fine. */
static int take_option(riv *r, int argc, char **argv, int i)
{
    for (size_t k = 0; k < RIV__LEN(options); k++) {
        size_t n = strlen(options[k].name);
        if (strncmp(argv[i], options[k].name, n) != 0)
            continue;
        if (argv[i][n] == '=' && argv[i][1] == '-') {
            RIV__TRY(apply(r, &options[k], argv[i] + n + 1));
            return 1;
        }
        if (argv[i][n] != '\0')
            continue;
        if (i + 1 >= argc)
            return wrong_use(r, "a value is missing behind", argv[i], "");
        RIV__TRY(apply(r, &options[k], argv[i + 1]));
        return 2;
    }
    if (argv[i][0] == '-' && argv[i][1] != '\0' && strcmp(argv[i], "--") != 0)
        return wrong_use(
            r, "unknown option", argv[i],
            "; the engine's are --interval, --threads, --state, --config "
            "and -c KEY=VALUE, see --help; the job's own come "
            "after \"--\"");
    return 0;
}

int riv_cli_options(riv *r, int *argc, char **argv)
{
    struct riv_err err = { 0 };
    if (!argc || !argv)
        return riv_invalid(r, "riv_cli_options: no place for the arguments "
                              "that are left is given");
    int kept = RIV__MIN(*argc, 1);
    bool own = false; /* behind "--" */
    int rc = riv__conf_environ(&r->conf, environ, &err);
    if (rc < 0)
        return riv__graph_fail(&r->graph, rc, "%s", err.text);
    for (int i = kept; i < *argc;) {
        int taken = own ? 0 : take_option(r, *argc, argv, i);
        if (taken < 0)
            return taken;
        if (taken == 0 && !own && strcmp(argv[i], "--") == 0) {
            own = true;
            taken = 1;
        }
        if (taken == 0)
            argv[kept++] = argv[i++];
        else
            i += taken;
    }
    argv[kept] = NULL;
    *argc = kept;
    return 0;
}
