/* graph/op_decode.c - lines to records: riv_decode, its formats, and which
 * columns of CSV are wanted. Run by exec/step_decode.c. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "data/csv_names.h"
#include "data/json_read.h"
#include "graph/check.h"
#include "graph/ops.h"

enum { COLUMNS_MAX = 4096 };

const struct riv_kind riv__kind_decode = {
    .name = "riv_decode",
    .role = RIV__ROLE_STEP,
    .parts = RIV__PARTS_COUNTED,
    .traits = RIV__ONE_TO_ONE,
};

enum riv_format riv__format_of(const char *name)
{
    if (name && (strcmp(name, "csv") == 0 || strncmp(name, "csv:", 4) == 0))
        return RIV__FORMAT_CSV;
    if (name && strcmp(name, "json") == 0)
        return RIV__FORMAT_JSON;
    return RIV__FORMAT_UNKNOWN;
}

/* May this format be read, by this build and with these options? */
static int format_check(riv_ds *lines, const riv_type *type, const char *name,
                        const riv_opt *o)
{
    struct riv_graph *graph = lines->graph;
    const enum riv_format format = riv__format_of(name);
    if (format != RIV__FORMAT_CSV && format != RIV__FORMAT_JSON)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "riv_decode(%s): format \"%s\" is not known; "
                               "\"csv\" and \"json\" are",
                               type->name, name ? name : "(null)");
    if (format == RIV__FORMAT_JSON && !riv__json_reader_name())
        return riv__graph_fail(graph, RIV_EINVAL,
                               "riv_decode(%s): this build reads no JSON; "
                               "libsimdjson was not there when it was made",
                               type->name);
    if (format == RIV__FORMAT_JSON && riv__opt_read(o).header)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "riv_decode(%s): .header is a line of names "
                               "above CSV",
                               type->name);
    return 0;
}

static int decode_check(riv_ds *lines, const riv_type *type, const char *format,
                        const riv_opt *o)
{
    struct riv_graph *graph = lines->graph;
    char have[160];
    if (!type)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "riv_decode: no record type; pass "
                               "&riv_type_NAME, which RIV_STRUCT makes");
    if (!riv__type_equal(lines->layout->type, &riv__type_str))
        return riv__graph_fail(
            graph, RIV_ETYPE,
            "riv_decode(%s): takes riv_str lines, but its "
            "input gives %s",
            type->name, riv__type_show(lines->layout->type, have, sizeof have));
    return format_check(lines, type, format, o);
}

/* "3,1": the column of each field, from 1. */
static const char *columns_read(struct riv_graph *graph, riv_str list,
                                const struct riv_layout *layout,
                                struct riv_csv_columns *columns)
{
    uint16_t leaf[COLUMNS_MAX];
    uint32_t fields = 0;
    riv_str rest = list;
    for (const char *stop = list.p; stop; rest.p = stop + 1) {
        const size_t left = (size_t)(list.p + list.n - rest.p);
        uint64_t column;
        stop = memchr(rest.p, ',', left);
        rest.n = stop ? (size_t)(stop - rest.p) : left;
        if (!riv__num_u64(rest, &column) || column < 1 || column > COLUMNS_MAX)
            return "columns are numbers from 1, with commas between them";
        for (; columns->n < column; columns->n++)
            leaf[columns->n] = RIV__CSV_NO_LEAF;
        if (leaf[column - 1] != RIV__CSV_NO_LEAF)
            return "a column may be for one field only";
        if (fields == layout->nleaf)
            return "there are more columns than fields";
        leaf[column - 1] = (uint16_t)fields++;
    }
    if (fields < layout->nleaf)
        return "there are fewer columns than fields";
    columns->leaf = (const uint16_t *)(void *)riv__arena_copy(
        graph->arena, leaf, columns->n * sizeof *leaf);
    return columns->leaf ? NULL : "no memory";
}

static int columns_keep(riv_ds *ds, const char *format,
                        struct riv_decode_param *param)
{
    struct riv_graph *graph = ds->graph;
    struct riv_csv_columns columns = { .n = 0 };
    const char *why = columns_read(graph, riv_cstr(format + strlen("csv:")),
                                   ds->layout, &columns);
    if (why)
        return riv__graph_fail(graph, RIV_EINVAL,
                               "riv_decode(%s): format \"%s\": %s", ds->text,
                               format, why);
    param->columns = (const struct riv_csv_columns *)(void *)riv__arena_copy(
        graph->arena, &columns, sizeof columns);
    return param->columns ? 0 : riv__graph_fail(graph, RIV_ENOMEM, "no memory");
}

static int names_keep(riv_ds *ds, struct riv_decode_param *param)
{
    struct riv_csv_names names;
    riv__csv_names_init(&names, ds->layout, param->columns, ',');
    param->names = (const struct riv_csv_names *)(void *)riv__arena_copy(
        ds->graph->arena, &names, sizeof names);
    return param->names ? 0
                        : riv__graph_fail(ds->graph, RIV_ENOMEM, "no memory");
}

riv_ds *riv_decode(riv_ds *lines, const riv_type *type, const char *format,
                   const riv_opt *o)
{
    if (!riv__ds_usable(lines) || decode_check(lines, type, format, o) < 0)
        return riv__graph_refuse(lines, o);
    riv_ds *ds = riv__graph_add(
        lines->graph, &(struct riv_node_spec){ .kind = &riv__kind_decode,
                                               .in = &lines,
                                               .nin = 1,
                                               .out = type,
                                               .opt = o });
    struct riv_decode_param param = { .format = riv__format_of(format),
                                      .has_names = riv__opt_read(o).header };
    if (!riv__ds_usable(ds))
        return ds;
    ds->text = riv__arena_strdup(ds->graph->arena, type->name);
    if (strncmp(format, "csv:", 4) == 0 && columns_keep(ds, format, &param) < 0)
        return ds;
    if (names_keep(ds, &param) < 0)
        return ds;
    ds->param = riv__arena_copy(ds->graph->arena, &param, sizeof param);
    if (!ds->text || !ds->param)
        riv__graph_fail(ds->graph, RIV_ENOMEM, "no memory");
    return ds;
}
