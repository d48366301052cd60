/* A source of the program's own: 1,000 measurements, made up; two of them at
 * once, on threads of their own. Opened behind an offset it goes on there.
 * prints
 * even,500
 * odd,500
 */
#include <rivulet.h>
#include <stdlib.h>
#include <string.h>

enum { MEASUREMENTS = 1000 };

RIV_PAIR(seen, riv_str, int64_t);

typedef struct {
    int64_t next; /* 0, 2, 4 ... or 1, 3, 5 ... */
} meter;

static int meter_open(const void *arg, uint32_t partition, riv_str offset,
                      void **self)
{
    (void)arg;
    meter *m = malloc(sizeof *m);
    if (!m)
        return RIV_ENOMEM;
    m->next = partition;
    if (offset.n == sizeof *m)
        memcpy(m, offset.p, sizeof *m);
    *self = m;
    return RIV_OK;
}

static int meter_read(void *self, riv_task *t)
{
    meter *m = self;
    for (int i = 0; i < 100 && m->next < MEASUREMENTS; i++, m->next += 2)
        riv_put(t, &m->next, 1);
    return m->next < MEASUREMENTS ? RIV_OK : RIV_ESTOPPED;
}

static int meter_offset(void *self, void *dst, size_t room, size_t *used)
{
    (void)room; /* 4,096 bytes */
    memcpy(dst, self, sizeof(meter));
    *used = sizeof(meter);
    return RIV_OK;
}

static const riv_source meters = {
    .struct_size = sizeof meters,
    .type = &riv_type_int64_t,
    .open = meter_open,
    .read = meter_read,
    .offset = meter_offset,
    .close = free,
};

RIV_MAP(name, int64_t, seen);
static int name(const int64_t *in, seen *out, riv_task *t)
{
    (void)t;
    *out = (seen){ riv_cstr(*in % 2 ? "odd" : "even"), 1 };
    return 0;
}

RIV_UPDATE_STATE(total, seen, seen);
static int total(const riv_str *key, const int64_t *v, size_t n, int64_t *sum,
                 riv_task *t)
{
    (void)key, (void)t;
    for (size_t i = 0; i < n; i++)
        *sum += v[i];
    return 0;
}

/* Says it once: when all are there. */
RIV_FILTER(complete, seen);
static int complete(const seen *in, riv_task *t)
{
    (void)t;
    return in->val == MEASUREMENTS / 2;
}

RIV_JOB(r, argc, argv)
{
    riv_set(r, "batch.interval", "1h"); /* it ends before, with its sources */
    riv_ds *in = riv_receive(r, &meters, RIV_OPT(.partitions = 2));
    riv_ds *sums =
        riv_update_state_by_key(riv_map(in, name_fn, NULL), total_fn, NULL);
    riv_save_text(riv_filter(sums, complete_fn, NULL), "-", NULL);
    return 0;
}
