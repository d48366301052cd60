/* cli/state.c - the arguments of fsck and inspect, and a context without a graph
 * that knows nothing but the directory. */
#include "state.h"

#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "say.h"

static void print(void *arg, const char *text, size_t n)
{
    (void)arg;
    fwrite(text, 1, n, stdout); /* main.c looks whether it arrived */
}

static int look_at(const char *dir, const char *uid, state_fn *look)
{
    int code = EXIT_FINE;
    riv *r = riv_new(NULL);
    if (!r)
        return say(EXIT_SYSTEM, "out of memory");
    riv_set(r, "state.dir", dir);
    int rc = riv_error(r);
    if (rc == RIV_OK)
        rc = look(r, uid, print, NULL);
    if (rc != RIV_OK)
        code = say(say_status(rc), "%s", riv_errmsg(r));
    riv_free(r);
    return code;
}

int state_look(const struct cmd *cmd, int argc, char **argv, bool more,
               state_fn *look)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return cmd_usage(cmd);
        if (argv[i][0] == '-')
            return say(EXIT_USAGE,
                       "unknown option %s; \"rivulet help %s\" says what %s "
                       "takes",
                       argv[i], cmd->name, cmd->name);
    }
    if (argc < 2 || argc > (more ? 3 : 2))
        return say(EXIT_USAGE, "usage: rivulet %s %s", cmd->name, cmd->args);
    return look_at(argv[1], argc > 2 ? argv[2] : NULL, look);
}
