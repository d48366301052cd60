/* api/tap.c - rows that pass: the list of operators, and the one that a name or a
 * number means. Whoever asks has a thread of his own; of the graph he reads only
 * nodes of a plan, which do not change while it runs. */
#include "api/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "exec/tap.h"
#include "obs/put.h"

enum {
    SHOW = 320,
    LIST_MAX = 1000, /* operators that are listed */
    NEAR_MAX = 8,    /* that an error names */
    FAR = 63         /* more letters apart than any name has */
};

struct nodes {
    const riv_ds **list;
    size_t n;
};

/* ----------------------------------------------------------------- the list */

static const char *show(const riv_ds *ds, char dst[SHOW])
{
    char text[SHOW];
    riv__ds_show(ds, text, sizeof text);
    return riv__str_show(dst, SHOW, riv_cstr(text));
}

static const char *type_show(const riv_ds *ds, char dst[SHOW])
{
    char text[SHOW];
    riv__type_show(ds->layout->type, text, sizeof text);
    return riv__str_show(dst, SHOW, riv_cstr(text));
}

/* As rivulet plan has it. */
static void put_node(const riv_ds *ds, struct riv_buf *to)
{
    char text[SHOW];
    riv__buf_printf(to, " #%u %s", ds->id, show(ds, text));
    riv__buf_printf(to, "  gives %s", type_show(ds, text));
    if (ds->uid)
        riv__buf_printf(to, "  uid %s",
                        riv__str_show(text, SHOW, riv_cstr(ds->uid)));
    riv__buf_char(to, '\n');
}

static void put_node_json(const riv_ds *ds, struct riv_buf *to)
{
    char text[SHOW];
    riv__buf_printf(to, "{\"number\":%u,\"name\":", ds->id);
    riv__put_json(to, show(ds, text));
    riv__buf_str(to, ",\"kind\":");
    riv__put_json(to, ds->kind->name);
    riv__buf_str(to, ",\"type\":");
    riv__put_json(to, type_show(ds, text));
    if (ds->uid) {
        riv__buf_str(to, ",\"uid\":");
        riv__put_json(to, riv__str_show(text, SHOW, riv_cstr(ds->uid)));
    }
    riv__buf_char(to, '}');
}

static void put_list(const struct nodes *nodes, bool json, struct riv_buf *to)
{
    const size_t n = RIV__MIN(nodes->n, (size_t)LIST_MAX);
    riv__buf_str(to, json ? "[" : "TOperators whose rows can be seen:\n");
    for (size_t i = 0; i < n; i++) {
        if (json && i > 0)
            riv__buf_char(to, ',');
        if (json)
            put_node_json(nodes->list[i], to);
        else
            put_node(nodes->list[i], to);
    }
    if (!json && n < nodes->n)
        riv__buf_printf(to, "D... and %zu more, by their numbers\n",
                        nodes->n - n);
    riv__buf_str(to, json ? "]\n" : "");
}

/* ----------------------------------------------------------- which is meant */

/* "3" or "#3", as in a plan. */
static bool is_number_of(const riv_ds *ds, const char *op)
{
    char text[16];
    snprintf(text, sizeof text, "#%u", ds->id);
    return strcmp(op, text) == 0 || strcmp(op, text + 1) == 0;
}

static bool is_uid_of(const riv_ds *ds, const char *op)
{
    return ds->uid && strcmp(op, ds->uid) == 0;
}

static bool is_shown_as(const riv_ds *ds, const char *op)
{
    char text[SHOW], safe[SHOW];
    riv__ds_show(ds, text, sizeof text);
    return strcmp(op, text) == 0 ||
           strcmp(op, riv__str_show(safe, SHOW, riv_cstr(text))) == 0;
}

/* The function's name, what it reads, or the kind with and without riv_. */
static bool is_called(const riv_ds *ds, const char *op)
{
    const char *kind = ds->kind->name;
    return strcmp(op, riv__ds_name(ds)) == 0 ||
           (ds->text && strcmp(op, ds->text) == 0) || strcmp(op, kind) == 0 ||
           (strncmp(kind, "riv_", 4) == 0 && strcmp(op, kind + 4) == 0);
}

/* What is surer comes first. */
static bool (*const ways[])(const riv_ds *ds, const char *op) = {
    is_uid_of,
    is_number_of,
    is_shown_as,
    is_called,
};

static size_t find(const struct nodes *nodes, const char *op,
                   const riv_ds **ret)
{
    for (size_t w = 0; w < RIV__LEN(ways); w++) {
        size_t found = 0;
        for (size_t i = 0; i < nodes->n; i++) {
            if (!ways[w](nodes->list[i], op))
                continue;
            *ret = nodes->list[i];
            found++;
        }
        if (found > 0)
            return found;
    }
    return 0;
}

/* ------------------------------------------------------------ what is wrong */

static unsigned distance(const riv_ds *ds, const char *op)
{
    const char *kind = ds->kind->name;
    char text[SHOW];
    unsigned best = riv__str_distance(op, riv__ds_name(ds), FAR);
    best = RIV__MIN(best, riv__str_distance(op, kind, FAR));
    return RIV__MIN(best, riv__str_distance(op, show(ds, text), FAR));
}

/* A node among the nearest ones, behind those that are as near. */
static size_t near_add(const riv_ds **near, unsigned *far, size_t n,
                       const riv_ds *ds, unsigned d)
{
    size_t at = n;
    while (at > 0 && far[at - 1] > d)
        at--;
    if (at == NEAR_MAX)
        return n;
    n = RIV__MIN(n + 1, (size_t)NEAR_MAX);
    for (size_t i = n - 1; i > at; i--) {
        near[i] = near[i - 1];
        far[i] = far[i - 1];
    }
    near[at] = ds;
    far[at] = d;
    return n;
}

/* The nearest ones first; of those that are as near, in the order of the graph. */
static void put_near(const struct nodes *nodes, const char *op,
                     struct riv_buf *to)
{
    const riv_ds *near[NEAR_MAX];
    unsigned far[NEAR_MAX];
    size_t n = 0;
    char text[SHOW];
    for (size_t i = 0; i < RIV__MIN(nodes->n, (size_t)LIST_MAX); i++)
        n = near_add(near, far, n, nodes->list[i],
                     distance(nodes->list[i], op));
    for (size_t i = 0; i < n; i++)
        riv__buf_printf(to, "%s#%u %s", i > 0 ? ", " : "", near[i]->id,
                        show(near[i], text));
    if (n < nodes->n)
        riv__buf_printf(to, ", and %zu more", nodes->n - n);
}

static int not_one(const struct nodes *nodes, const char *op, size_t found,
                   struct riv_buf *to)
{
    char text[SHOW];
    riv__str_show(text, sizeof text, riv_cstr(op));
    if (nodes->n == 0)
        riv__buf_printf(to, "no operator runs yet\n");
    else if (found > 1)
        riv__buf_printf(to,
                        "%zu operators are called \"%s\"; name one by its "
                        "number: ",
                        found, text);
    else
        riv__buf_printf(
            to, "no operator with rows is called \"%s\"; there are: ", text);
    put_near(nodes, op, to);
    riv__buf_char(to, '\n');
    return RIV_EINVAL;
}

/* ----------------------------------------------------------------- an answer */

static int ask_rows(riv *r, const riv_ds *ds, const struct riv_tap_ask *ask,
                    struct riv_buf *to)
{
    const struct riv_tap_want want = {
        .ds = ds, .json = ask->json, .begins = ask->begins, .since = ask->since
    };
    const int rc = riv__tap_ask(r->exec.tap, &want, to);
    if (rc == RIV_EBUSY)
        riv__buf_printf(
            to,
            "%d operators are looked at already, which is the most; "
            "end one of the others, and ask again\n",
            (int)RIV__TAPS_MAX);
    else if (rc < 0)
        riv__buf_str(to, "no memory for rows\n");
    return rc;
}

int riv__tap_answer(riv *r, const struct riv_tap_ask *ask, struct riv_buf *to)
{
    struct nodes nodes = { .n = 0 };
    const riv_ds *ds = NULL;
    int rc = 0;
    if (!r->exec.tap || riv__tap_list(r->exec.tap, &nodes.list, &nodes.n) < 0) {
        riv__buf_str(to, "no memory for rows\n");
        return RIV_ENOMEM;
    }
    if (!ask->op) {
        put_list(&nodes, ask->json, to);
    } else {
        const size_t found = find(&nodes, ask->op, &ds);
        rc = found == 1 ? ask_rows(r, ds, ask, to)
                        : not_one(&nodes, ask->op, found, to);
    }
    free(nodes.list);
    return rc;
}
