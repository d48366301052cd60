/* exec/where.c - a record is found by bytes that it points to: those of a line that
 * is being pushed, or of a message that rows of a log point to. One that has none
 * of them came, in a log, with the messages of the chunk in work. */
#include "exec/where.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "exec/refused.h"
#include "graph/ops.h"

static bool in_lines(const struct riv_chain *chain, const char *p)
{
    return chain->lines && (uintptr_t)p >= (uintptr_t)chain->lines &&
           (uintptr_t)p <= (uintptr_t)chain->end;
}

static uint32_t strings(const struct riv_where_of *of)
{
    return of->in ? of->in->nstr : 0;
}

static riv_str string_at(const struct riv_where_of *of, uint32_t i)
{
    return RIV__LOAD(riv_str, (const char *)of->row + of->in->str_offset[i]);
}

/* A place in the record's line. A row of other fields is found by its strings,
 * which point into its line; one without such has no place: NULL. */
static const char *place_of(const struct riv_chain *chain,
                            const struct riv_where_of *of)
{
    if (in_lines(chain, of->raw.p))
        return of->raw.p;
    for (uint32_t i = 0; i < strings(of); i++) {
        const riv_str s = string_at(of, i);
        if (in_lines(chain, s.p))
            return s.p;
    }
    return NULL;
}

/* The line around a place. */
static riv_str line_of(const struct riv_chain *chain, const char *at)
{
    const char *from = at;
    while (from > chain->lines && from[-1] != '\n')
        from--;
    const char *end = memchr(at, '\n', (size_t)(chain->end - at));
    return riv__str(from, (size_t)((end ? end : chain->end) - from));
}

static int64_t offset_of(const struct riv_chain *chain, const char *p)
{
    return (int64_t)chain->offset + (p - chain->lines);
}

/* ------------------------------------------------------------------ a log */

/* Adds up what one string says; the message's own bytes say more than those that
 * all of its records share. */
static bool better(struct riv_chain *chain, const void *p,
                   struct riv_message *best, bool found)
{
    struct riv_message message;
    if (!riv__log_origin_find(chain->origin, &chain->origin_at, p, &message))
        return found;
    if (!found || message.number > best->number)
        *best = message;
    return true;
}

/* A row that a log's source gave, or one that was made of it. */
static bool find_by_row(struct riv_chain *chain, const struct riv_where_of *of,
                        struct riv_message *ret)
{
    bool found = better(chain, of->row, ret, false);
    if (found)
        return true;
    if (of->raw.n > 0)
        found = better(chain, of->raw.p, ret, found);
    for (uint32_t i = 0; i < strings(of); i++) {
        const riv_str s = string_at(of, i);
        if (s.n > 0)
            found = better(chain, s.p, ret, found);
    }
    return found;
}

/* Rows may wait in a step longer than the chunk they came in. */
static bool keeps_rows(const struct riv_stage *stage)
{
    for (uint32_t i = 0; i < stage->nstep; i++)
        if (stage->step[i].ds->kind == &riv__kind_map_partitions)
            return true;
    return false;
}

/* What is in work. */
static bool find_span(const struct riv_chain *chain, struct riv_message *ret)
{
    if (chain->ending || keeps_rows(chain->stage))
        return false;
    if (chain->lines)
        return riv__log_origin_span(chain->origin, chain->lines, chain->end - 1,
                                    ret);
    return chain->chunk && riv__log_origin_span(chain->origin, chain->chunk,
                                                chain->chunk_last, ret);
}

static void tell_message(struct riv_chain *chain,
                         const struct riv_message *message,
                         struct riv_where *ret)
{
    riv__log_origin_show(chain->origin, message, ret->words, sizeof ret->words);
    riv__buf_str(&ret->text, chain->source ? chain->source : "");
    riv__log_origin_put(chain->origin, message, &ret->text);
    ret->source = riv__str(ret->text.p ? ret->text.p : "", ret->text.n);
    ret->offset = ret->line_offset =
        message->offset == message->last ? message->offset : -1;
}

static void find_message(struct riv_chain *chain, const struct riv_where_of *of,
                         struct riv_where *ret)
{
    struct riv_message message;
    if (ret->line.p ? better(chain, ret->line.p, &message, false)
                    : find_by_row(chain, of, &message)) {
        tell_message(chain, &message, ret);
        return;
    }
    if (!of->row || !find_span(chain, &message))
        message = (struct riv_message){ .offset = -1, .last = -1 };
    tell_message(chain, &message, ret);
}

/* --------------------------------------------------------------- the whole */

static void find_byte(struct riv_chain *chain, const char *at,
                      const struct riv_where_of *of, struct riv_where *ret)
{
    snprintf(ret->words, sizeof ret->words, "at or after byte %llu",
             (unsigned long long)chain->offset);
    ret->offset = ret->line_offset = -1;
    if (!at)
        return;
    ret->line_offset = offset_of(chain, ret->line.p);
    ret->offset = at == of->raw.p ? offset_of(chain, at) : ret->line_offset;
    ret->source = riv_cstr(chain->source ? chain->source : "");
}

void riv__where_find(struct riv_chain *chain, const struct riv_where_of *of,
                     struct riv_where *ret)
{
    const char *at = place_of(chain, of);
    ret->line = at ? line_of(chain, at) : (riv_str){ NULL, 0 };
    ret->source = riv_cstr("");
    riv__buf_init(&ret->text, 0);
    if (chain->origin)
        find_message(chain, of, ret);
    else
        find_byte(chain, at, of, ret);
}

void riv__where_line(struct riv_chain *chain, riv_str line,
                     struct riv_where *ret)
{
    const struct riv_where_of of = { .raw = line, .row = line.p };
    riv__where_find(chain, &of, ret);
    if (!chain->origin)
        snprintf(ret->words, sizeof ret->words, "the line at byte %lld",
                 (long long)ret->line_offset);
}

int riv__where_letter(struct riv_chain *chain, const struct riv_where *where,
                      const struct riv_letter_note *note)
{
    struct riv_letters *letters = &chain->refused->letters;
    struct riv_err err = { 0 };
    if (where->text.failed || riv__letters_add(letters, note) < 0)
        return riv__chain_fail(chain, RIV_ENOMEM, "no memory for dead letters");
    const int rc = riv__letters_limit(
        chain->exec->conf, chain->exec->letter_bytes + letters->bytes, &err);
    return rc < 0 ? riv__chain_fail(chain, rc, "%s", err.text) : 0;
}

void riv__where_fini(struct riv_where *where)
{
    riv__buf_fini(&where->text);
}
