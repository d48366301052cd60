/* The job that the fault tests kill: each record of topic IN goes to OUT with
 * how many of its key there have been. In OUT each record must be once, those of
 * a key in order, the counts 1, 2, 3 ... without gap: so what is lost, doubled,
 * out of order, or counted twice in the state is seen in the output alone.
 *
 *   rivulet run job.c kafka://HOST:PORT/IN[?records=lines] OUT [COPY]
 *
 * OUT is a topic or a folder. COPY, a topic, gets the records as they came: each
 * of its partitions must be that of IN. With records=lines a record is a line
 * "KEY VALUE" of a message. */
#include <rivulet/kafka.h>

RIV_PAIR(keyed, riv_str, riv_str);   /* key -> value */
RIV_PAIR(counted, riv_str, riv_str); /* key -> "value count" */

RIV_MAP(by_key, riv_kafka_record, keyed);
static int by_key(const riv_kafka_record *in, keyed *out, riv_task *t)
{
    (void)t;
    *out = (keyed){ in->key, in->value };
    return 0;
}

RIV_MAP(of_line, riv_str, keyed);
static int of_line(const riv_str *line, keyed *out, riv_task *t)
{
    const char *space = memchr(line->p, ' ', line->n);
    if (!space)
        return riv_task_bad(t, line, RIV_EINVAL);
    const size_t n = (size_t)(space - line->p);
    *out = (keyed){ { line->p, n }, { space + 1, line->n - n - 1 } };
    return 0;
}

/* Messages that lanes borrow are read as lines only. */
static riv_ds *pairs_of(riv *r, const char *uri)
{
    return strstr(uri, "records=lines")
               ? riv_map(riv_text(r, uri, NULL), of_line_fn, NULL)
               : riv_map(riv_kafka(r, uri, NULL), by_key_fn, NULL);
}

typedef struct {
    int64_t n;
} seen;
RIV_STRUCT(seen, n);

RIV_MAP_WITH_STATE(count, keyed, seen, counted);
static int count(const riv_str *key, const riv_str *value, seen *state,
                 count_out *out, riv_task *t)
{
    state->n++;
    riv_emit(out, (counted){ *key, riv_fmt(t, "%.*s %lld", (int)value->n,
                                           value->p, (long long)state->n) });
    return 0;
}

RIV_JOB(r, argc, argv)
{
    if (argc < 3)
        return RIV_EINVAL;
    riv_ds *pairs = pairs_of(r, argv[1]);
    riv_ds *out = riv_map_with_state(pairs, count_fn, RIV_OPT(.uid = "count"));
    if (strncmp(argv[2], "kafka:", 6) == 0)
        riv_save_kafka(out, argv[2], RIV_OPT(.uid = "out"));
    else
        riv_save_text(out, argv[2], RIV_OPT(.uid = "out"));
    if (argc > 3)
        riv_save_kafka(pairs, argv[3], RIV_OPT(.uid = "copy"));
    return 0;
}
