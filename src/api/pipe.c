/* api/pipe.c - riv_pipe: what the program asks for, copied into the graph. It runs
 * as a riv_glom with a function of the engine's (exec/pipe.c). */
#include "exec/pipe.h"

#include <stdlib.h>
#include <string.h>

#include "api/context.h"
#include "graph/check.h"
#include "graph/ops.h"

/* The command's words, cut at white space, in the arena; NULL: no memory. */
static char **words_of(struct riv_arena *arena, const char *command)
{
    char **word =
        riv__arena_zalloc(arena, (RIV__PIPE_WORDS_MAX + 1) * sizeof *word);
    char *at = riv__arena_copy(arena, command, strlen(command) + 1);
    static const char white[] = " \t\n\r\f\v";
    for (size_t n = 0; word && at && n < RIV__PIPE_WORDS_MAX; n++) {
        at += strspn(at, white);
        if (*at == '\0')
            break;
        word[n] = at;
        at += strcspn(at, white);
        if (*at != '\0')
            *at++ = '\0';
    }
    return at ? word : NULL;
}

static int env_copy(struct riv_arena *arena, const riv_pipe_spec *spec,
                    struct riv_pipe_arg *arg)
{
    while (spec->env && spec->env[arg->env_n])
        arg->env_n++;
    const char **env = riv__arena_zalloc(arena, (arg->env_n + 1) * sizeof *env);
    for (size_t i = 0; env && i < arg->env_n; i++) {
        env[i] = riv__arena_copy(arena, spec->env[i], strlen(spec->env[i]) + 1);
        if (!env[i])
            return RIV_ENOMEM;
    }
    arg->env = env;
    return env ? 0 : RIV_ENOMEM;
}

static int arg_make(struct riv_graph *graph, const char *command,
                    const riv_pipe_spec *spec, struct riv_pipe_arg *arg)
{
    struct riv_arena *arena = graph->arena;
    riv *r = graph->owner;
    const size_t first = spec->first ? strlen(spec->first) : 0;
    char *copy = riv__arena_copy(arena, first ? spec->first : "", first + 1);
    const char *folder = spec->folder;
    *arg = (struct riv_pipe_arg){ .exec = &r->exec,
                                  .argv = words_of(arena, command),
                                  .first = { copy, first },
                                  .own_folder = spec->own_folder };
    arg->command = riv__arena_copy(arena, command, strlen(command) + 1);
    if (folder)
        arg->folder = riv__arena_copy(arena, folder, strlen(folder) + 1);
    if (!copy || !arg->argv || !arg->command || (folder && !arg->folder))
        return RIV_ENOMEM;
    return env_copy(arena, spec, arg);
}

riv_ds *riv_pipe(riv_ds *lines, const char *command, const riv_pipe_spec *spec,
                 const riv_opt *o)
{
    riv_pipe_spec given = { .struct_size = sizeof given };
    struct riv_pipe_arg arg;
    if (!riv__ds_usable(lines))
        return lines;
    struct riv_graph *graph = lines->graph;
    if (spec)
        memcpy(&given, spec, RIV__MIN(spec->struct_size, sizeof given));
    if (!command || command[strspn(command, " \t\n")] == '\0') {
        riv__graph_fail(graph, RIV_EINVAL,
                        "riv_pipe: no command; give a program and its words");
        return lines;
    }
    if (riv__check_takes(lines, "riv_pipe", riv__pipe_fn(),
                         riv__pipe_fn()->in) < 0)
        return lines;
    void *copy = riv__arena_copy(graph->arena, riv__pipe_fn(), sizeof(riv_fn));
    riv_fn *fn = copy;
    if (!fn || arg_make(graph, command, &given, &arg) < 0) {
        riv__graph_fail(graph, RIV_ENOMEM, "riv_pipe: no memory");
        return lines;
    }
    fn->name = riv__kind_pipe.name; /* it is not the program's: riv__ds_show */
    fn->where = arg.command;
    riv_opt opt = riv__opt_read(o);
    opt.struct_size = sizeof opt;
    opt.arg = (riv_capture)RIV_COPY(arg);
    return riv__graph_add(graph,
                          &(struct riv_node_spec){ .kind = &riv__kind_pipe,
                                                   .in = &lines,
                                                   .nin = 1,
                                                   .out = fn->out,
                                                   .fn = fn,
                                                   .opt = &opt });
}
