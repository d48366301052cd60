/* limit/nexmark_people.c - the queries of Nexmark that bring persons and their
 * auctions together, at the limit: q3 local items, for which auctions wait until
 * their seller has come, and q8 new users, who sell something in the batch in
 * which they come. Bids are passed over. */
#include "nexmark.h"
#include "table.h"

enum { PLACES = 1 << 18, PER = 4, PERSONS_MAX = 1 << 27, LOCAL_CATEGORY = 10 };
/* Address space for text that stays, or is of a batch. */
#define TEXT_BYTES ((size_t)1 << 32)

struct waiting { /* an auction, and the one before it in its seller's list */
    int64_t auction;
    uint32_t before; /* 0: none */
};

struct person {
    const char *text; /* what the answer says of him; NULL: nothing */
    uint32_t n;
    uint32_t waits; /* his auctions that wait; 0: none */
    int64_t came;   /* q3: whether; q8: in which batch, from 1 */
    int64_t sold;   /* q8: in which batch */
};

struct people {
    struct nexmark head;
    struct limit_iden tab;
    struct person *person;   /* of each slot */
    struct waiting *waiting; /* from 1 */
    uint32_t nwaiting;
    int64_t batch; /* from 1 */
    char *text;
    size_t used;
};

static void *people_new(const struct limit_run *run)
{
    struct people *self = nexmark_new(run, sizeof *self);
    limit_iden_init(&self->tab, PLACES, PER);
    self->person = limit_map(PERSONS_MAX * sizeof *self->person);
    self->waiting = limit_map(PERSONS_MAX * sizeof *self->waiting);
    self->text = limit_map(TEXT_BYTES);
    self->batch = 1;
    return self;
}

static void people_free(void *ctx)
{
    struct people *self = ctx;
    limit_iden_fini(&self->tab);
    limit_unmap(self->person, PERSONS_MAX * sizeof *self->person);
    limit_unmap(self->waiting, PERSONS_MAX * sizeof *self->waiting);
    limit_unmap(self->text, TEXT_BYTES);
    nexmark_free(self);
}

static void keep(struct people *self, struct person *person,
                 struct nexmark_text text)
{
    char *to = self->text + self->used;
    memcpy(to, text.p, text.n);
    if (!person->text)
        person->text = to;
    person->n += (uint32_t)text.n;
    self->used += text.n;
}

static struct person *find(struct people *self, const struct nexmark_line *line,
                           int column)
{
    const int64_t id = nexmark_i64(line, column);
    return &self->person[limit_iden_slot(&self->tab, id)];
}

/* ------------------------------------------------------------ q3: local items */

static void q3_tell(const struct people *self, const struct person *person,
                    int64_t auction)
{
    if (self->head.out)
        fprintf(self->head.out, "%.*s%lld\n", (int)person->n, person->text,
                (long long)auction);
}

static bool is_local(const char *state)
{
    return memcmp(state, "OR", 2) == 0 || memcmp(state, "ID", 2) == 0 ||
           memcmp(state, "CA", 2) == 0;
}

static void q3_person(struct people *self, const struct nexmark_line *line)
{
    struct person *person = find(self, line, PERSON_ID);
    person->came = 1;
    if (!is_local(nexmark_text(line, PERSON_STATE).p))
        return;
    for (int column = PERSON_NAME; column <= PERSON_STATE; column++) {
        struct nexmark_text text = nexmark_text(line, column);
        text.n++; /* with its comma */
        if (column == PERSON_NAME || column >= PERSON_CITY)
            keep(self, person, text);
    }
    for (uint32_t i = person->waits; i > 0; i = self->waiting[i].before)
        q3_tell(self, person, self->waiting[i].auction);
}

LIMIT_INLINE void q3_line(void *ctx, const struct nexmark_line *line)
{
    struct people *self = ctx;
    if (*line->p == 'B')
        return;
    if (*line->p == 'P') {
        q3_person(self, line);
        return;
    }
    if (nexmark_i64(line, AUCTION_CATEGORY) != LOCAL_CATEGORY)
        return;
    struct person *person = find(self, line, AUCTION_SELLER);
    const int64_t auction = nexmark_i64(line, AUCTION_ID);
    if (person->text)
        q3_tell(self, person, auction);
    if (person->came)
        return;
    self->waiting[++self->nwaiting] =
        (struct waiting){ auction, person->waits };
    person->waits = self->nwaiting;
}

static void q3_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, q3_line, NULL);
}

/* -------------------------------------------------------------- q8: new users */

static void q8_tell(const struct people *self, const struct person *person)
{
    if (self->head.out && person->came == self->batch &&
        person->sold == self->batch)
        fprintf(self->head.out, "%.*s\n", (int)person->n - 1, person->text);
}

LIMIT_INLINE void q8_line(void *ctx, const struct nexmark_line *line)
{
    struct people *self = ctx;
    if (*line->p == 'B')
        return;
    if (*line->p == 'A') {
        struct person *person = find(self, line, AUCTION_SELLER);
        if (person->sold == self->batch)
            return;
        person->sold = self->batch;
        q8_tell(self, person);
        return;
    }
    struct person *person = find(self, line, PERSON_ID);
    static const int columns[] = { PERSON_ID, PERSON_NAME, PERSON_TIME };
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        struct nexmark_text text = nexmark_text(line, columns[i]);
        text.n++; /* with its comma */
        keep(self, person, text);
    }
    person->came = self->batch;
    q8_tell(self, person);
}

static void q8_batch(void *ctx)
{
    struct people *self = ctx;
    self->batch++;
    self->used = 0;
}

static void q8_feed(void *self, const char *data, size_t n)
{
    nexmark_walk(self, data, n, q8_line, q8_batch);
}

const struct limit_ops limit_nexmark_q3 = {
    .name = "nexmark-q3",
    .new = people_new,
    .feed = q3_feed,
    .print = nexmark_print,
    .free = people_free,
    .records = nexmark_records,
};
const struct limit_ops limit_nexmark_q8 = {
    .name = "nexmark-q8",
    .new = people_new,
    .feed = q8_feed,
    .print = nexmark_print,
    .free = people_free,
    .records = nexmark_records,
};
