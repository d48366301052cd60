/* Nexmark q8, new users: who came and offered something within the same 10
 * seconds of events. A batch is 10 seconds of events, so that the window is the
 * batch.
 *   rivulet run nexmark_q8.c replay:100000:EVENTS [OUTPUT]
 * Lines of the result: person, name, when he came. */
#include "nexmark.h"

typedef struct {
    int64_t id;
    riv_str name;
    int64_t time;
} person;
RIV_STRUCT(person, id, name, time);
RIV_PAIR(person_by_id, int64_t, person);
RIV_PAIR(auction_by_seller, int64_t, int64_t);

RIV_MAP(by_id, person, int64_t);
static int by_id(const person *in, int64_t *out, riv_task *t)
{
    (void)t;
    *out = in->id;
    return 0;
}

RIV_COGROUP(both, person_by_id, auction_by_seller, person);
static int both(const int64_t *id, const person *came, size_t ncame,
                const int64_t *auction, size_t nauction, both_out *out,
                riv_task *t)
{
    (void)id, (void)auction, (void)t;
    if (ncame > 0 && nauction > 0)
        riv_emit(out, *came);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    riv_ds *lines = nexmark_lines(r, argc, argv);
    riv_ds *persons = riv_decode(riv_starts_with(lines, "P,", NULL),
                                 &riv_type_person, "csv:2,3,8", NULL);
    riv_ds *auctions = riv_decode(riv_starts_with(lines, "A,", NULL),
                                  &riv_type_auction_by_seller, "csv:9,2", NULL);
    riv_ds *came = riv_key_by(persons, by_id_fn, &riv_type_person_by_id, NULL);
    nexmark_save(riv_cogroup(came, auctions, both_fn, NULL), argc, argv);
    return 0;
}
