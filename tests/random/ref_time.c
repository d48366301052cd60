/* tests/random/ref_time.c - operators that look at several batches: windows and
 * states. */
#include "random/ref.h"

/* ----------------------------------------------------------------- windows */

/* All rows of the parent's batches in the window. */
static int window_bag(struct step *s, struct bag *bag)
{
    const int in = s->node->in[0];
    const int first = s->batch - s->node->length + 1;
    *bag = (struct bag){ .n = 0 };
    size_t n = 0;
    for (int b = first > 0 ? first : 0; b <= s->batch; b++)
        n += s->ref->bag[in][b].due ? s->ref->bag[in][b].n : 0;
    if (n > ROWS_MAX)
        return -1;
    bag->row = ref_room(s->ref, n, sizeof *bag->row);
    for (int b = first > 0 ? first : 0; b <= s->batch; b++) {
        const struct bag *from = &s->ref->bag[in][b];
        for (size_t i = 0; from->due && i < from->n; i++)
            bag->row[bag->n++] = from->row[i];
    }
    return 0;
}

/* The same operator over the window's rows, the order of which is free. */
static int over_window(struct step *s, int (*ref)(struct step *))
{
    struct bag *bag = ref_room(s->ref, 1, sizeof *bag);
    if (window_bag(s, bag) < 0)
        return -1;
    s->in[0] = bag;
    return ref(s);
}

int ref_window(struct step *s)
{
    return over_window(s, ref_bag);
}

int ref_reduce_by_window(struct step *s)
{
    return over_window(s, ref_reduce);
}

int ref_count_by_window(struct step *s)
{
    int rc = over_window(s, ref_count);
    if (rc == 0 && s->out->row[0].v == 0)
        s->out->n = 0;
    return rc;
}

int ref_count_by_value_and_window(struct step *s)
{
    return over_window(s, ref_count_by_value);
}

int ref_group_by_key_and_window(struct step *s)
{
    return over_window(s, ref_group_by_key);
}

/* With keep_empty (sums only) a key that was ever there stays, with 0. */
int ref_reduce_by_key_and_window(struct step *s)
{
    int rc = over_window(s, ref_reduce_by_key);
    if (rc < 0 || s->node->a % FOLDS != FOLD_SUM || s->node->b % 3 != 0 ||
        s->node->slide > s->node->length)
        return rc;
    const struct rec *now = ref_sorted(s->ref, s->out, ref_by_key, false);
    const size_t nnow = s->out->n;
    struct step all = *s;
    struct node whole = *s->node;
    struct bag ever = { .n = 0 };
    whole.length = s->batch + 1;
    all.node = &whole;
    if (window_bag(&all, &ever) < 0)
        return -1;
    const struct rec *row = ref_sorted(s->ref, &ever, ref_by_key, false);
    s->out->n = 0;
    if (ref_rows(s, nnow + ever.n) < 0)
        return -1;
    for (size_t i = 0; i < nnow; i++)
        ref_add(s, now[i].k, now[i].v);
    for (size_t i = 0; i < ever.n; i = ref_run_end(row, ever.n, i, ref_by_key))
        if (!ref_has(now, nnow, &row[i], ref_by_key))
            ref_add(s, row[i].k, 0);
    return 0;
}

/* ------------------------------------------------------------------- state */

static struct kept *kept_of(struct step *s, int64_t k)
{
    struct kept *kept = s->ref->kept[s->at];
    for (size_t i = 0; i < s->ref->nkept[s->at]; i++)
        if (kept[i].k == k)
            return &kept[i];
    return NULL;
}

static struct kept *kept_add(struct step *s, int64_t k)
{
    struct kept *found = kept_of(s, k);
    if (found)
        return found;
    if (!s->ref->kept[s->at])
        s->ref->kept[s->at] = ref_room(s->ref, ROWS_MAX, sizeof *found);
    if (s->ref->nkept[s->at] == ROWS_MAX)
        return NULL;
    found = &s->ref->kept[s->at][s->ref->nkept[s->at]++];
    *found = (struct kept){ .k = k };
    return found;
}

static void kept_drop(struct step *s, struct kept *kept)
{
    struct kept *last = &s->ref->kept[s->at][--s->ref->nkept[s->at]];
    *kept = *last;
}

/* The keys of this batch and of the state, each with the rows it has. */
int ref_update_state(struct step *s)
{
    const struct bag *in = s->in[0];
    const struct rec *row = ref_sorted(s->ref, in, ref_by_key, false);
    for (size_t i = 0; i < in->n; i = ref_run_end(row, in->n, i, ref_by_key))
        if (!kept_add(s, row[i].k))
            return -1;
    if (ref_rows(s, s->ref->nkept[s->at]) < 0)
        return -1;
    for (size_t i = s->ref->nkept[s->at]; i-- > 0;) {
        struct kept *kept = &s->ref->kept[s->at][i];
        const bool came =
            ref_has(row, in->n, &(struct rec){ kept->k, 0 }, ref_by_key);
        kept->state = wrap_add(kept->state, came ? 0 : 1);
        for (size_t r = 0; came && r < in->n; r++)
            if (in->row[r].k == kept->k)
                kept->state = wrap_add(kept->state, in->row[r].v);
        if (modulo(kept->state, 5) == s->node->a % 5)
            kept_drop(s, kept);
        else
            ref_add(s, kept->k, kept->state);
    }
    return 0;
}

/* Batches after which an idle key goes; 0: never. */
static int timeout_of(const struct node *node)
{
    return node->b % 2 ? node->length : 0;
}

static void time_out(struct step *s)
{
    const int timeout = timeout_of(s->node);
    for (size_t i = s->ref->nkept[s->at]; timeout > 0 && i-- > 0;) {
        struct kept *kept = &s->ref->kept[s->at][i];
        if (kept->touched >= s->batch - timeout)
            continue;
        ref_add(s, kept->k, wrap_add(kept->state, -1));
        kept_drop(s, kept);
    }
}

/* Running sums where the order of records is promised, and then a key goes when
 * its sum says so. */
int ref_map_with_state(struct step *s)
{
    const struct bag *in = s->in[0];
    const bool ordered = reference_ordered(s->ref, s->at);
    if (ref_rows(s, in->n + s->ref->nkept[s->at]) < 0)
        return -1;
    for (size_t i = 0; i < in->n; i++) {
        struct kept *kept = kept_add(s, in->row[i].k);
        if (!kept)
            return -1;
        kept->state = wrap_add(kept->state, in->row[i].v);
        kept->touched = s->batch;
        ref_add(s, kept->k, ordered ? kept->state : in->row[i].v);
        if (ordered && modulo(kept->state, 7) == s->node->a % 7)
            kept_drop(s, kept);
    }
    time_out(s);
    return 0;
}

int ref_snapshots(struct step *s)
{
    const int of = s->node->in[0];
    if (ref_rows(s, s->ref->nkept[of]) < 0)
        return -1;
    for (size_t i = 0; i < s->ref->nkept[of]; i++)
        ref_add(s, s->ref->kept[of][i].k, s->ref->kept[of][i].state);
    return 0;
}
