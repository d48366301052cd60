/* Counts requests by status, and shows the ten paths with the most requests,
 * from a web server's log in the "combined" format.
 *
 *   rivulet run examples/access_log.c examples/data/access.log
 *   rivulet run --interval 1s examples/access_log.c tail:access.log
 *
 * prints lines "status,requests" and "path,requests", on live input for each
 * batch. Lines of another form are skipped and counted. */
#include <rivulet.h>

enum { TOP = 10, PATH_MAX_BYTES = 200 };

typedef struct {
    riv_str path;
    int64_t status;
} request;
RIV_STRUCT(request, path, status);
RIV_PAIR(path_count, riv_str, int64_t);

/* Splits 1.2.3.4 - - [time] "GET /path HTTP/1.1" 200 512 "referrer" "agent". */
RIV_MAP(parse, riv_str, request);
static int parse(const riv_str *line, request *out, riv_task *t)
{
    riv_str rest = *line, client, what, verb, blank, status;
    if (!riv_cut(&rest, '"', &client) || !riv_cut(&rest, '"', &what) ||
        !riv_cut(&what, ' ', &verb) || !riv_cut(&what, ' ', &out->path))
        return riv_fail(t, "no request in quotes");
    if (!riv_cut(&rest, ' ', &blank) || !riv_cut(&rest, ' ', &status) ||
        !riv_to_i64(status, &out->status))
        return riv_fail(t, "no status behind the request");
    return 0;
}

RIV_MAP(status_of, request, int64_t);
static int status_of(const request *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = in->status;
    return 0;
}

RIV_MAP(by_path, request, path_count);
static int by_path(const request *in, path_count *out, riv_task *t)
{
    (void)t;
    *out = (path_count){ in->path, 1 };
    return 0;
}

/* The best so far; paths are copied, as input records go after each call. */
struct best {
    struct place {
        int64_t requests;
        size_t n;
        char path[PATH_MAX_BYTES];
    } place[TOP + 1];
    size_t count;
};

static void best_insert(struct best *best, const path_count *in)
{
    size_t i = best->count;
    for (; i > 0 && best->place[i - 1].requests < in->val; i--)
        best->place[i] = best->place[i - 1];
    size_t n = in->key.n < PATH_MAX_BYTES ? in->key.n : PATH_MAX_BYTES;
    best->place[i].requests = in->val;
    best->place[i].n = n;
    memcpy(best->place[i].path, in->key.p, n);
    if (best->count < TOP)
        best->count++;
}

RIV_MAP_PARTITIONS(top, path_count, path_count);
static int top(const path_count *rows, size_t n, top_out *out, riv_task *t)
{
    struct best *best = riv_local(t, sizeof *best, NULL);
    for (size_t i = 0; i < n; i++)
        best_insert(best, &rows[i]);
    if (n > 0)
        return 0;
    for (size_t i = 0; i < best->count; i++) { /* the partition's end */
        struct place *place = &best->place[i];
        riv_emit(out, (path_count){ riv_dup(t, place->path, place->n),
                                    place->requests });
    }
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = riv_text(r, argc > 1 ? argv[1] : "-", NULL);
    riv_ds *requests = riv_map(lines, parse_fn, RIV_OPT(.on_error = RIV_SKIP));
    riv_ds *statuses = riv_map(requests, status_of_fn, NULL);
    riv_print(riv_count_by_value(statuses, NULL), 20);
    riv_ds *paths = riv_map(requests, by_path_fn, NULL);
    riv_ds *counts = riv_reduce_by_key(paths, riv_sum_i64, NULL);
    riv_ds *one = riv_repartition(counts, 1); /* so that there is one best */
    riv_print(riv_map_partitions(one, top_fn, NULL), TOP);
    return 0;
}
