/* Joins: who bought what, and who bought nothing.
 * prints
 * inner,ann,pen
 * inner,ann,ink
 * inner,bob,cup
 * full,ann,pen
 * full,ann,ink
 * full,bob,cup
 * full,cleo,nothing
 * full,nobody,hat
 * left,cleo,nothing
 * counts,ann,2
 * counts,bob,1
 * counts,cleo,0
 * counts,nobody,1
 * idle,3,cleo
 */
#include <rivulet.h>

RIV_PAIR(by_id, int64_t, riv_str);
typedef struct {
    riv_str how, who, what;
} bought;
RIV_STRUCT(bought, how, who, what);
typedef struct {
    riv_str how, who;
    int64_t n;
} counted;
RIV_STRUCT(counted, how, who, n);
typedef struct {
    riv_str how;
    int64_t id;
    riv_str who;
} idle;
RIV_STRUCT(idle, how, id, who);

RIV_JOIN(both, by_id, by_id, bought);
static int both(const int64_t *id, const riv_str *who, const riv_str *what,
                both_out *out, riv_task *t)
{
    (void)id;
    riv_emit(out, (bought){ riv_cstr(riv_arg(t, char)),
                            who ? *who : riv_cstr("nobody"),
                            what ? *what : riv_cstr("nothing") });
    return 0;
}

RIV_COGROUP(count, by_id, by_id, counted);
static int count(const int64_t *id, const riv_str *who, size_t nwho,
                 const riv_str *what, size_t nwhat, count_out *out, riv_task *t)
{
    (void)id;
    (void)what;
    (void)t;
    riv_emit(out,
             (counted){ riv_cstr("counts"), nwho ? who[0] : riv_cstr("nobody"),
                        (int64_t)nwhat });
    return 0;
}

RIV_MAP(as_idle, by_id, idle);
static int as_idle(const by_id *in, idle *out, riv_task *t)
{
    (void)t;
    *out = (idle){ riv_cstr("idle"), in->key, in->val };
    return 0;
}

RIV_FILTER(without, bought);
static int without(const bought *in, riv_task *t)
{
    (void)t;
    return riv_eq(in->what, riv_cstr("nothing"));
}

RIV_JOB(r, argc, argv)
{
    const by_id names[] = { { 1, riv_cstr("ann") },
                            { 2, riv_cstr("bob") },
                            { 3, riv_cstr("cleo") } };
    const by_id things[] = { { 1, riv_cstr("pen") },
                             { 2, riv_cstr("cup") },
                             { 1, riv_cstr("ink") },
                             { 9, riv_cstr("hat") } };
    riv_ds *who = riv_parallelize(r, &riv_type_by_id, names, 3, NULL);
    riv_ds *what = riv_parallelize(r, &riv_type_by_id, things, 4, NULL);
    riv_ds *left = riv_join(who, what, both_fn, RIV_LEFT,
                            RIV_OPT(.arg = RIV_BORROW("left")));
    riv_save_text(riv_join(who, what, both_fn, RIV_INNER,
                           RIV_OPT(.arg = RIV_BORROW("inner"))),
                  "-", NULL);
    riv_save_text(riv_join(who, what, both_fn, RIV_FULL,
                           RIV_OPT(.arg = RIV_BORROW("full"))),
                  "-", NULL);
    riv_save_text(riv_filter(left, without_fn, NULL), "-", NULL);
    riv_save_text(riv_cogroup(who, what, count_fn, NULL), "-", NULL);
    riv_save_text(
        riv_map(riv_subtract_by_key(who, what, NULL), as_idle_fn, NULL), "-",
        NULL);
    return 0;
}
