/* Audits a stream: repeats every record and keeps a sum for each key, so that
 * whoever knows what was sent can tell whether anything was lost or doubled.
 *
 *   rivulet run --state STATE examples/audit.c tail:records.csv OUTDIR
 *   rivulet run examples/audit.c replay:20:examples/data/audit.csv OUTDIR
 *
 * reads lines "source,seq,key,value" and writes two folders of files, which
 * appear whole: OUTDIR/echo/ has every line once, unchanged, those of a source
 * in their order; OUTDIR/sums/ has a line "batch_ms,key,sum" for each key that a
 * batch changed. With a state directory this holds whatever ends the job, if it
 * is started again. A line that is no record has no part in the sums. */
#include <rivulet.h>
#include <stdio.h>

typedef struct {
    riv_str source;
    int64_t seq;
    riv_str key;
    int64_t value;
} record;
RIV_STRUCT(record, source, seq, key, value);
RIV_PAIR(amount, riv_str, int64_t);
typedef struct {
    int64_t batch_ms;
    riv_str key;
    int64_t sum;
} total;
RIV_STRUCT(total, batch_ms, key, sum);

RIV_MAP(by_key, record, amount);
static int by_key(const record *in, amount *out, riv_task *t)
{
    (void)t;
    *out = (amount){ in->key, in->value };
    return 0;
}

RIV_MAP_WITH_STATE(add_up, amount, int64_t, total);
static int add_up(const riv_str *key, const int64_t *value, int64_t *sum,
                  add_up_out *out, riv_task *t)
{
    *sum += *value;
    riv_emit(out, (total){ t->time, *key, *sum });
    return 0;
}

static void save(riv_ds *ds, const char *outdir, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%.4000s/%s/", outdir, name);
    riv_save_text(ds, path, RIV_OPT(.uid = name));
}

RIV_JOB(r, argc, argv)
{
    if (argc < 3)
        return riv_invalid(r, "usage: audit INPUT OUTDIR");
    riv_ds *lines = riv_text(r, argv[1], RIV_OPT(.uid = "lines"));
    riv_ds *records =
        riv_decode(lines, &riv_type_record, "csv",
                   RIV_OPT(.uid = "records", .on_error = RIV_SKIP));
    riv_ds *amounts = riv_map(records, by_key_fn, NULL);
    /* one pair for each key of a batch, so one line for each that it changed */
    riv_ds *changes = riv_reduce_by_key(amounts, riv_sum_i64, NULL);
    riv_ds *totals =
        riv_map_with_state(changes, add_up_fn, RIV_OPT(.uid = "totals"));
    save(lines, argv[2], "echo");
    save(totals, argv[2], "sums");
    return 0;
}
