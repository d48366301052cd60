/* data/fold.c - built-in reducers over slots: plain loops, the entries have
 * just been touched by the search for the slots. */
#include "data/fold.h"

#include <string.h>

static inline void *val_at(char *val, uint32_t slot, size_t entry_bytes)
{
    return val + slot * entry_bytes;
}

static inline int64_t get_i64(const char *p)
{
    int64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline double get_f64(const char *p)
{
    double v;
    memcpy(&v, p, sizeof v);
    return v;
}

void riv__fold_count(struct riv_table *tab, const uint32_t *slot, size_t n)
{
    char *val = riv__table_val(tab, 0);
    size_t bytes = tab->entry_bytes;
    for (size_t i = 0; i < n; i++)
        *(uint64_t *)val_at(val, slot[i], bytes) += 1;
}

void riv__fold_add_i64(struct riv_table *tab, const uint32_t *slot, size_t n,
                       const void *vals, size_t stride)
{
    char *val = riv__table_val(tab, 0);
    const char *p = vals;
    size_t bytes = tab->entry_bytes;
    for (size_t i = 0; i < n; i++, p += stride)
        *(uint64_t *)val_at(val, slot[i], bytes) += (uint64_t)get_i64(p);
}

void riv__fold_add_f64(struct riv_table *tab, const uint32_t *slot, size_t n,
                       const void *vals, size_t stride)
{
    char *val = riv__table_val(tab, 0);
    const char *p = vals;
    size_t bytes = tab->entry_bytes;
    for (size_t i = 0; i < n; i++, p += stride)
        *(double *)val_at(val, slot[i], bytes) += get_f64(p);
}

/* New slots come in order, so the next one is recognised by its number. */
#define FOLD_BEST(name, type, get, wins) \
    void name(struct riv_table *tab, const uint32_t *slot, size_t n, \
              const void *vals, size_t stride, uint32_t next) \
    { \
        char *val = riv__table_val(tab, 0); \
        const char *p = vals; \
        size_t bytes = tab->entry_bytes; \
        for (size_t i = 0; i < n; i++, p += stride) { \
            type *old = val_at(val, slot[i], bytes); \
            type v = get(p); \
            bool is_new = slot[i] == next; \
            next += is_new; \
            *old = is_new || (wins) ? v : *old; \
        } \
    }

FOLD_BEST(riv__fold_min_i64, int64_t, get_i64, v < *old)
FOLD_BEST(riv__fold_max_i64, int64_t, get_i64, v > *old)
FOLD_BEST(riv__fold_min_f64, double, get_f64, v < *old || *old != *old)
FOLD_BEST(riv__fold_max_f64, double, get_f64, v > *old || *old != *old)
