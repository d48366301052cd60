/* What is kept is computed once; what is given back, again.
 * prints in this order
 * as rows: 4 calls for two actions
 * given back: 8 calls after a third
 * encoded: 4 calls
 * in a file: 4 calls
 * a checkpoint: 4 calls, 1 line of lineage
 * a local checkpoint: 4 calls, 1 line of lineage
 */
#define _POSIX_C_SOURCE 200809L
#include <rivulet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

RIV_MAP(counted, int64_t, int64_t);
static int counted(const int64_t *x, int64_t *out, riv_task *t)
{
    riv_counter_add(t, *riv_arg(t, riv_counter *), 1);
    *out = *x;
    return 0;
}

static void count_lines(void *arg, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        *(int *)arg += text[i] == '\n';
}

static int lineage_of(riv_ds *ds)
{
    int lines = 0;
    return riv_to_debug_string(ds, count_lines, &lines) == 0 ? lines : -1;
}

struct made {
    riv_ds *ds;
    riv_counter *calls;
};

static struct made four_numbers(riv *r, const char *name)
{
    struct made made = { .calls = riv_counter_new(r, name) };
    made.ds = riv_map(riv_range(r, 0, 4, 1, NULL), counted_fn,
                      RIV_OPT(.arg = RIV_COPY(made.calls)));
    return made;
}

static long long twice(struct made made)
{
    int64_t n;
    riv_count_now(made.ds, &n);
    riv_count_now(made.ds, &n);
    return (long long)riv_counter_value(made.calls);
}

int main(void)
{
    char folder[] = "/tmp/rivulet-keeping-XXXXXX";
    int64_t n;
    if (!mkdtemp(folder))
        return 71;
    riv *r = riv_new(RIV_CONFIG(.threads = 2));
    riv_set(r, "checkpoint.dir", folder);
    struct made rows = four_numbers(r, "rows");
    riv_cache(rows.ds);
    printf("as rows: %lld calls for two actions\n", twice(rows));
    riv_unpersist(rows.ds);
    riv_count_now(rows.ds, &n);
    printf("given back: %lld calls after a third\n",
           (long long)riv_counter_value(rows.calls));
    struct made encoded = four_numbers(r, "encoded");
    riv_persist(encoded.ds, RIV_MEMORY_ENCODED);
    printf("encoded: %lld calls\n", twice(encoded));
    struct made file = four_numbers(r, "file");
    riv_persist(file.ds, RIV_DISK);
    printf("in a file: %lld calls\n", twice(file));
    struct made saved = four_numbers(r, "saved");
    riv_checkpoint(saved.ds, 0);
    long long calls = twice(saved);
    printf("a checkpoint: %lld calls, %d line of lineage\n", calls,
           lineage_of(saved.ds));
    struct made local = four_numbers(r, "local");
    riv_local_checkpoint(local.ds);
    calls = twice(local);
    printf("a local checkpoint: %lld calls, %d line of lineage\n", calls,
           lineage_of(local.ds));
    const int rc = riv_error(r);
    if (rc != 0)
        printf("%s\n", riv_errmsg(r));
    riv_free(r); /* the checkpoint goes with its context */
    return rmdir(folder) != 0 || rc != 0;
}
