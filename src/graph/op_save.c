/* graph/op_save.c - outputs into files: lines into one file, or a folder of part
 * files, for the whole run or for every batch. Run by exec/run_save.c and
 * exec/run_save_parts.c. */
#include <string.h>

#include <rivulet/kafka.h>

#include "base/str.h"
#include "graph/ops.h"

const struct riv_kind riv__kind_save_text = { .name = "riv_save_text",
                                              .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_save_kafka = { .name = "riv_save_kafka",
                                               .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_save_parts = { .name = "riv_save_text",
                                               .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_save_encoded = { .name = "riv_save_encoded",
                                                 .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_save_text_files = { .name =
                                                        "riv_save_text_files",
                                                    .role = RIV__ROLE_OP };
const struct riv_kind riv__kind_save_encoded_files = {
    .name = "riv_save_encoded_files", .role = RIV__ROLE_OP
};

static void save(riv_ds *in, const struct riv_kind *kind, const char *path,
                 struct riv_save_param param, const riv_opt *o)
{
    struct riv_graph *graph = in->graph;
    param.header = riv__opt_read(o).header;
    if (param.header && param.format != RIV__FORMAT_CSV) {
        riv__graph_fail(graph, RIV_EINVAL,
                        "%s \"%s\": .header is a line of names above CSV",
                        kind->name, path);
        return;
    }
    riv_ds *ds = riv__graph_add(
        graph,
        &(struct riv_node_spec){ .kind = kind, .in = &in, .nin = 1, .opt = o });
    ds->output = true;
    if (!riv__ds_usable(ds))
        return;
    ds->text = riv__arena_strdup(graph->arena, path);
    ds->param = riv__arena_copy(graph->arena, &param, sizeof param);
}

/* Is there a dataset and a path? Else what the options own is given up. */
static bool given(riv_ds *in, const char *path, const char *name,
                  const riv_opt *o)
{
    if (riv__ds_usable(in) && path && *path)
        return true;
    riv__graph_refuse(in, o);
    if (riv__ds_usable(in))
        riv__graph_fail(in->graph, RIV_EINVAL, "%s: no path", name);
    return false;
}

/* kafka://HOST:PORT/TOPIC and what else is no place in a file system. */
static bool has_scheme(const char *uri)
{
    return strstr(uri, "://") != NULL;
}

/* The same for an output that writes folders: an address would be one, and all
 * that was to be sent would lie there. */
static bool given_path(riv_ds *in, const char *path, const char *name,
                       const riv_opt *o)
{
    if (!given(in, path, name, o))
        return false;
    if (has_scheme(path))
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "%s \"%s\": it writes files, and that is an address; "
                        "riv_save_text takes one",
                        name, path);
    return true;
}

static enum riv_format format_of_path(const char *path)
{
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/')
        n--;
    return riv__str_ends(riv__str(path, n), ".json") ? RIV__FORMAT_JSON
                                                     : RIV__FORMAT_CSV;
}

void riv_save_text(riv_ds *in, const char *uri, const riv_opt *o)
{
    if (riv__ds_usable(in) && (!uri || !*uri))
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_save_text: no path; \"-\" is the standard output");
    if (!given(in, uri, "riv_save_text", o))
        return;
    const bool folder = uri[strlen(uri) - 1] == '/' && !has_scheme(uri);
    if (folder && in->live && riv__opt_read(o).header)
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_save_text \"%s\": .header is not for the rolled "
                        "files of a stream",
                        uri);
    save(in, folder && !in->live ? &riv__kind_save_parts : &riv__kind_save_text,
         uri, (struct riv_save_param){ .format = format_of_path(uri) }, o);
}

/* Bytes as they are: a value, or a pair of a key and a value. */
static bool is_bytes(const riv_ds *in)
{
    const struct riv_layout *layout = in->layout;
    const size_t n = layout->nleaf;
    return layout->nstr == n && (n == 1 || n == 2);
}

void riv_save_kafka(riv_ds *in, const char *uri, const riv_opt *o)
{
    if (!given(in, uri, "riv_save_kafka", o))
        return;
    if (strncmp(uri, "kafka://", 8) != 0)
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_save_kafka: \"%s\" is no "
                        "kafka://HOST:PORT/TOPIC",
                        uri);
    if (!is_bytes(in))
        riv__graph_fail(in->graph, RIV_ETYPE,
                        "riv_save_kafka \"%s\": records are riv_str (values), "
                        "or pairs of two riv_str (a key and a value), not %s",
                        uri, in->layout->type->name);
    save(in, &riv__kind_save_kafka, uri,
         (struct riv_save_param){ .format = RIV__FORMAT_FRAMES }, o);
}

void riv_save_encoded(riv_ds *in, const char *path, const riv_opt *o)
{
    if (!given_path(in, path, "riv_save_encoded", o))
        return;
    if (in->live)
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "riv_save_encoded \"%s\": its input is a stream; "
                        "riv_save_encoded_files makes a folder for every batch",
                        path);
    save(in, &riv__kind_save_encoded, path,
         (struct riv_save_param){ .format = RIV__FORMAT_ENCODED }, o);
}

/* A folder for every batch: PREFIX-TIME.SUFFIX. */
static void save_files(riv_ds *in, const struct riv_kind *kind,
                       const char *prefix, const char *suffix,
                       enum riv_format format, const riv_opt *o)
{
    if (!given_path(in, prefix, kind->name, o))
        return;
    if (suffix && strchr(suffix, '/'))
        riv__graph_fail(in->graph, RIV_EINVAL,
                        "%s \"%s\": the suffix \"%s\" has a slash", kind->name,
                        prefix, suffix);
    const struct riv_save_param param = {
        .format = format,
        .every_batch = true,
        .suffix = riv__arena_strdup(in->graph->arena, suffix ? suffix : "")
    };
    save(in, kind, prefix, param, o);
}

void riv_save_text_files(riv_ds *in, const char *prefix, const char *suffix,
                         const riv_opt *o)
{
    const bool json = suffix && riv__str_ends(riv_cstr(suffix), "json");
    save_files(in, &riv__kind_save_text_files, prefix, suffix,
               json ? RIV__FORMAT_JSON : RIV__FORMAT_CSV, o);
}

void riv_save_encoded_files(riv_ds *in, const char *prefix, const char *suffix,
                            const riv_opt *o)
{
    save_files(in, &riv__kind_save_encoded_files, prefix, suffix,
               RIV__FORMAT_ENCODED, o);
}
