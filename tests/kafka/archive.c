/* Writes a topic down as examples/history.c reads it: lines
 * "partition,offset,value".
 *
 *   rivulet run archive.c kafka://HOST:PORT/TOPIC?until=end FILE */
#include <rivulet/kafka.h>

RIV_MAP(line_of, riv_kafka_record, riv_str);
static int line_of(const riv_kafka_record *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, "%d,%lld," RIV_S, (int)in->partition,
                   (long long)in->offset, RIV_P(in->value));
    return 0;
}

RIV_JOB(r, argc, argv)
{
    if (argc < 3)
        return riv_invalid(r, "usage: archive.c kafka://HOST:PORT/TOPIC FILE");
    riv_save_text(riv_map(riv_kafka(r, argv[1], NULL), line_of_fn, NULL),
                  argv[2], NULL);
    return 0;
}
