/* State by key: begun with an RDD, told when it is new, removed, and all of it
 * after each batch.
 * prints
 * hello,ann
 * known,bob
 * known,ann
 * bye,bob
 * snapshot,bob,1
 * snapshot,ann,1
 * snapshot,bob,1
 * snapshot,ann,2
 * snapshot,ann,2
 */
#include <rivulet.h>

RIV_PAIR(visit, riv_str, int64_t);
typedef struct {
    riv_str what, who;
} said;
RIV_STRUCT(said, what, who);
typedef struct {
    riv_str what, who;
    int64_t n;
} told;
RIV_STRUCT(told, what, who, n);

/* 0: the visitor leaves for ever. */
RIV_MAP_WITH_STATE(greet, visit, int64_t, said);
static int greet(const riv_str *who, const int64_t *v, int64_t *visits,
                 greet_out *out, riv_task *t)
{
    if (*v == 0) {
        riv_emit(out, (said){ riv_cstr("bye"), *who });
        return RIV_REMOVE;
    }
    riv_emit(out,
             (said){ riv_cstr(riv_state_is_new(t) ? "hello" : "known"), *who });
    *visits += *v;
    return 0;
}

RIV_MAP(tell, visit, told);
static int tell(const visit *in, told *out, riv_task *t)
{
    (void)t;
    *out = (told){ riv_cstr("snapshot"), in->key, in->val };
    return 0;
}

int main(void)
{
    const visit before = { riv_cstr("bob"), 0 };
    const visit first[] = { { riv_cstr("ann"), 1 }, { riv_cstr("bob"), 1 } };
    const visit later[] = { { riv_cstr("ann"), 1 } };
    const visit last[] = { { riv_cstr("bob"), 0 } };
    riv *r = riv_new(RIV_CONFIG(.threads = 2, .batch_ms = 1000));
    riv_ds *in = riv_queue(r, &riv_type_visit, NULL);
    riv_ds *known = riv_parallelize(r, &riv_type_visit, &before, 1, NULL);
    riv_ds *greeted = riv_map_with_state(
        in, greet_fn, RIV_OPT(.uid = "visits", .initial = known));
    riv_save_text(greeted, "-", NULL);
    riv_save_text(riv_map(riv_state_snapshots(greeted), tell_fn, NULL), "-",
                  NULL);
    riv_push(in, first, 2);
    riv_step(r, 1);
    riv_push(in, later, 1);
    riv_step(r, 1);
    riv_push(in, last, 1);
    riv_step(r, 1);
    const int rc = riv_error(r);
    riv_free(r);
    return rc != 0;
}
