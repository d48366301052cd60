/* What a topic holds, as a job sees it: a line "OFFSET KEY VALUE" for each
 * record.
 *
 *   rivulet run records.c kafka://HOST:PORT/TOPIC OUT */
#include <rivulet/kafka.h>

RIV_MAP(line_of, riv_kafka_record, riv_str);
static int line_of(const riv_kafka_record *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%lld " RIV_S " " RIV_S, (long long)in->offset,
                   RIV_P(in->key), RIV_P(in->value));
    return 0;
}

RIV_JOB(r, argc, argv)
{
    if (argc < 3)
        return riv_invalid(r, "usage: records.c kafka://HOST:PORT/TOPIC OUT");
    riv_ds *in = riv_kafka(r, argv[1], RIV_OPT(.uid = "in"));
    riv_save_text(riv_map(in, line_of_fn, NULL), argv[2],
                  RIV_OPT(.uid = "out"));
    return 0;
}
