/* The job that the fault tests kill: each record of topic IN goes to OUT with
 * how many of its key there have been. In OUT each record must be once, those of
 * a key in order, the counts 1, 2, 3 ... without gap: so what is lost, doubled,
 * out of order, or counted twice in the state is seen in the output alone.
 *
 *   rivulet run job.c kafka://HOST:PORT/IN OUT [COPY]
 *
 * OUT is a topic or a folder. COPY, a topic, gets the records as they came: each
 * of its partitions must be that of IN. */
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
    riv_ds *in = riv_kafka(r, argv[1], NULL);
    riv_ds *pairs = riv_map(in, by_key_fn, NULL);
    riv_ds *out = riv_map_with_state(pairs, count_fn, RIV_OPT(.uid = "count"));
    if (strncmp(argv[2], "kafka:", 6) == 0)
        riv_save_kafka(out, argv[2], RIV_OPT(.uid = "out"));
    else
        riv_save_text(out, argv[2], RIV_OPT(.uid = "out"));
    if (argc > 3)
        riv_save_kafka(pairs, argv[3], RIV_OPT(.uid = "copy"));
    return 0;
}
