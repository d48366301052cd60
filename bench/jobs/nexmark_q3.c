/* Nexmark q3, local items: the auctions of category 10 whose sellers live in
 * Oregon, Idaho or California. What is known of a person is kept as state, and so
 * are auctions of somebody who has not come yet.
 *   rivulet run nexmark_q3.c replay:100000:EVENTS [OUTPUT]
 * Lines of the result: name, city, state, auction. */
#include "nexmark.h"

enum { CATEGORY = 10 };

typedef struct {
    int64_t id;
    riv_str name, city, state;
} person;
RIV_STRUCT(person, id, name, city, state);

typedef struct {
    int64_t id, seller, category;
} auction;
RIV_STRUCT(auction, id, seller, category);

typedef struct { /* a person, or an auction of his: then only its id */
    int64_t auction;
    riv_str name, city, state;
} news;
RIV_STRUCT(news, auction, name, city, state);
RIV_PAIR(news_of, int64_t, news);

typedef struct {
    bool has_come, is_local;
    riv_str name, city, state; /* of those who are local */
    riv_str waiting;           /* auctions, until the seller comes */
} seller;
RIV_STRUCT(seller, has_come, is_local, name, city, state, waiting);

typedef struct {
    riv_str name, city, state;
    int64_t auction;
} local_item;
RIV_STRUCT(local_item, name, city, state, auction);

RIV_MAP(of_person, person, news_of);
static int of_person(const person *in, news_of *out, riv_task *t)
{
    (void)t;
    *out = (news_of){ in->id, { 0, in->name, in->city, in->state } };
    return 0;
}

RIV_FLAT_MAP(of_auction, auction, news_of);
static int of_auction(const auction *in, of_auction_out *out, riv_task *t)
{
    (void)t;
    if (in->category == CATEGORY)
        riv_emit(out, (news_of){ in->seller, { .auction = in->id } });
    return 0;
}

static void wait_for_seller(seller *s, int64_t auction, riv_task *t)
{
    char *list = riv_alloc(t, s->waiting.n + sizeof auction);
    if (s->waiting.n > 0)
        memcpy(list, s->waiting.p, s->waiting.n);
    memcpy(list + s->waiting.n, &auction, sizeof auction);
    s->waiting = (riv_str){ list, s->waiting.n + sizeof auction };
}

static bool is_local(riv_str state)
{
    return riv_eq(state, riv_cstr("OR")) || riv_eq(state, riv_cstr("ID")) ||
           riv_eq(state, riv_cstr("CA"));
}

static local_item item(const seller *s, int64_t auction, riv_task *t)
{
    return (local_item){ riv_dup(t, s->name.p, s->name.n),
                         riv_dup(t, s->city.p, s->city.n),
                         riv_dup(t, s->state.p, s->state.n), auction };
}

RIV_MAP_WITH_STATE(meet, news_of, seller, local_item);
static int meet(const int64_t *id, const news *v, seller *s, meet_out *out,
                riv_task *t)
{
    (void)id;
    if (v->auction != 0 && !s->has_come)
        wait_for_seller(s, v->auction, t);
    else if (v->auction != 0 && s->is_local)
        riv_emit(out, item(s, v->auction, t));
    if (v->auction != 0)
        return 0;
    const riv_str waiting = s->waiting;
    *s = (seller){ .has_come = true, .is_local = is_local(v->state) };
    if (!s->is_local)
        return 0;
    s->name = v->name;
    s->city = v->city;
    s->state = v->state;
    for (size_t i = 0; i < waiting.n; i += sizeof(int64_t)) {
        int64_t auction;
        memcpy(&auction, waiting.p + i, sizeof auction);
        riv_emit(out, item(s, auction, t));
    }
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = nexmark_lines(r, argc, argv);
    riv_ds *persons = riv_decode(riv_starts_with(lines, "P,", NULL),
                                 &riv_type_person, "csv:2,3,6,7", NULL);
    riv_ds *auctions = riv_decode(riv_starts_with(lines, "A,", NULL),
                                  &riv_type_auction, "csv:2,9,10", NULL);
    riv_ds *all = riv_union(riv_map(persons, of_person_fn, NULL),
                            riv_flat_map(auctions, of_auction_fn, NULL));
    nexmark_save(riv_map_with_state(all, meet_fn, NULL), argc, argv);
    return 0;
}
