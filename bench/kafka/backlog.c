/* kafka/backlog.c - a job that finds a backlog: a function that takes its time
 * for each record, a count for each partition. A line for each batch that had
 * records:
 *
 *   backlog URI TURNS [SETTING=VALUE...]
 *       "RECORDS BYTES BUSY_MS LATE_MS COUNT COUNT ...", a count a partition */
#include <inttypes.h>
#include <rivulet/kafka.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTS_MAX = 64 };

RIV_PAIR(counted, int64_t, int64_t); /* partition -> records */

static long turns;
static volatile uint64_t heat;
static int64_t count[PARTS_MAX];
static int parts;

RIV_MAP(work, riv_kafka_record, counted);
static int work(const riv_kafka_record *in, counted *out, riv_task *t)
{
    uint64_t x = (uint64_t)in->offset;
    (void)t;
    for (long i = 0; i < turns; i++)
        x = x * 6364136223846793005u + 1442695040888963407u;
    if (x == 1)
        heat = x;
    *out = (counted){ in->partition, 1 };
    return 0;
}

static int keep(riv *r, riv_ds *rdd, int64_t time, const void *arg)
{
    riv_result res = { .struct_size = sizeof res };
    (void)r, (void)time, (void)arg;
    const int rc = riv_collect(rdd, &res);
    const counted *row = res.rows;
    memset(count, 0, sizeof count);
    for (size_t i = 0; rc == 0 && i < res.n; i++)
        if (row[i].key < PARTS_MAX) {
            count[row[i].key] = row[i].val;
            parts = row[i].key >= parts ? (int)row[i].key + 1 : parts;
        }
    riv_result_free(&res);
    return rc;
}

static void told(void *arg, const riv_batch_info *info)
{
    (void)arg;
    if (info->records_in == 0)
        return;
    printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, info->records_in,
           info->input_bytes, info->processing_us / 1000, info->late_ms);
    for (int i = 0; i < parts; i++)
        printf(" %" PRId64, count[i]);
    puts("");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const riv_listener listener = { .struct_size = sizeof listener,
                                    .batch_completed = told };
    if (argc < 3)
        return 64;
    turns = strtol(argv[2], NULL, 10);
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .listener = &listener));
    for (int i = 3; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            return 64;
        *equals = '\0';
        riv_set(r, argv[i], equals + 1);
    }
    riv_ds *in = riv_kafka(r, argv[1], NULL);
    riv_ds *sums =
        riv_reduce_by_key(riv_map(in, work_fn, NULL), riv_sum_i64, NULL);
    riv_foreach_rdd(sums, keep, NULL);
    const int rc = riv_run(r);
    if (rc < 0)
        fprintf(stderr, "backlog: %s\n", riv_errmsg(r));
    riv_free(r);
    return rc < 0;
}
