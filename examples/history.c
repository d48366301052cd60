/* Running totals of accounts over files first and then the topic that they were
 * written from: one definition over what was and what comes.
 *
 *   rivulet run examples/history.c ARCHIVE kafka://HOST:PORT/TOPIC OUT \
 *       --state DIR -c name=totals
 *
 * Lines of ARCHIVE are "partition,offset,account,cents"; values of the topic are
 * "account,cents". The files say up to which offset of each partition they go, so
 * the topic is read from there: no record is missed, none counts twice. OUT gets
 * "account,total" for each record of the topic. Started again with its state
 * directory, the job goes on where it stood; what the files say is in it. */
#include <rivulet/kafka.h>
#include <stdio.h>

typedef struct {
    int64_t partition, offset;
    riv_str account;
    int64_t cents;
} entry;
RIV_STRUCT(entry, partition, offset, account, cents);
RIV_PAIR(amount, riv_str, int64_t);  /* account -> cents */
RIV_PAIR(place, int64_t, int64_t);   /* partition -> offset */
RIV_PAIR(balance, riv_str, int64_t); /* account -> total */

enum { PARTITIONS_MAX = 256, URI_BYTES = 8192 };

/* ----------------------------- the definition: what an entry adds to which sum */

RIV_MAP(amount_of, entry, amount);
static int amount_of(const entry *in, amount *out, riv_task *t)
{
    if (in->cents == 0)
        return riv_fail(t, "an entry of nothing");
    *out = (amount){ in->account, in->cents };
    return 0;
}

static riv_ds *amounts(riv_ds *entries)
{
    return riv_map(entries, amount_of_fn, RIV_OPT(.on_error = RIV_SKIP));
}

RIV_MAP_WITH_STATE(add, amount, int64_t, balance);
static int add(const riv_str *account, const int64_t *cents, int64_t *total,
               add_out *out, riv_task *t)
{
    (void)t;
    *total += *cents;
    riv_emit(out, (balance){ *account, *total });
    return 0;
}

/* ------------------------------------------------------------- what comes */

RIV_MAP(entry_of, riv_kafka_record, entry);
static int entry_of(const riv_kafka_record *in, entry *out, riv_task *t)
{
    riv_str rest = in->value, account;
    if (!riv_cut(&rest, ',', &account) || !riv_to_i64(rest, &out->cents))
        return riv_fail(t, "no \"account,cents\"");
    out->partition = in->partition;
    out->offset = in->offset;
    out->account = account;
    return 0;
}

/* --------------------------------------------------------------- what was */

RIV_MAP(place_of, entry, place);
static int place_of(const entry *in, place *out, riv_task *t)
{
    (void)t;
    *out = (place){ in->partition, in->offset };
    return 0;
}

/* The address with the offsets behind the files: "...?start=0:120,1:117". */
static int start_behind(riv_ds *history, const char *uri, char *to)
{
    riv_result last = { .struct_size = sizeof last };
    riv_ds *places = riv_map(history, place_of_fn, NULL);
    const int rc =
        riv_collect(riv_reduce_by_key(places, riv_max_i64, NULL), &last);
    if (rc < 0)
        return rc;
    size_t used = (size_t)snprintf(to, URI_BYTES, "%s", uri);
    for (size_t i = 0; i < last.n && i < PARTITIONS_MAX; i++) {
        const place *at = (const place *)last.rows + i;
        used += (size_t)snprintf(to + used, URI_BYTES - used, "%s%lld:%lld",
                                 i == 0 ? "?start=" : ",", (long long)at->key,
                                 (long long)at->val + 1);
    }
    riv_result_free(&last);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    static char uri[URI_BYTES];
    if (argc < 4 || strlen(argv[2]) > 1024)
        return riv_invalid(r, "usage: history.c ARCHIVE kafka://... OUT");
    riv_ds *lines = riv_text(r, argv[1], NULL);
    riv_ds *history = riv_decode(lines, &riv_type_entry, "csv", NULL);
    const int rc = start_behind(history, argv[2], uri);
    if (rc < 0)
        return rc;
    riv_ds *live = riv_map(riv_kafka(r, uri, RIV_OPT(.uid = "live")),
                           entry_of_fn, RIV_OPT(.on_error = RIV_SKIP));
    riv_ds *before = riv_reduce_by_key(amounts(history), riv_sum_i64, NULL);
    riv_ds *totals = riv_map_with_state(
        amounts(live), add_fn, RIV_OPT(.uid = "totals", .initial = before));
    riv_save_text(totals, argv[3], RIV_OPT(.uid = "out"));
    return 0;
}
