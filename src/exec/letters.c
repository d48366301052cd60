/* exec/letters.c - a list in an arena of its own. */
#include "exec/letters.h"

#include <string.h>

enum { FIRST_BYTES = 1024 };

int riv__letters_add(struct riv_letters *letters,
                     const struct riv_letter_note *note)
{
    struct riv_arena *arena = &letters->arena;
    if (arena->total_bytes == 0)
        riv__arena_init(arena, FIRST_BYTES);
    struct riv_letter_note *own = riv__arena_alloc(arena, sizeof *own);
    char *raw = riv__arena_copy(arena, note->raw.p, note->raw.n);
    char *source = riv__arena_copy(arena, note->source.p, note->source.n);
    char *why = riv__arena_strdup(arena, note->why);
    if (!own || !raw || !source || !why)
        return RIV_ENOMEM;
    *own = *note;
    own->next = NULL;
    own->raw.p = raw;
    own->source.p = source;
    own->why = why;
    if (letters->last)
        letters->last->next = own;
    else
        letters->first = own;
    letters->last = own;
    letters->bytes += note->raw.n;
    return 0;
}

int riv__letters_append(struct riv_letters *letters,
                        const struct riv_letters *from)
{
    for (const struct riv_letter_note *at = from->first; at; at = at->next)
        RIV__TRY(riv__letters_add(letters, at));
    return 0;
}

int riv__letters_limit(const struct riv_settings *conf, uint64_t bytes,
                       struct riv_err *err)
{
    if (bytes <= (uint64_t)conf->letter_bytes_max)
        return 0;
    return riv__err_set(
        err, RIV_ERECORD,
        "dead letters take more than letters.max (%lld bytes): see them with "
        "\"rivulet letters %s\", and drop them there or raise letters.max",
        (long long)conf->letter_bytes_max, conf->state_dir);
}

void riv__letters_fini(struct riv_letters *letters)
{
    riv__arena_fini(&letters->arena);
    *letters = (struct riv_letters){ .first = NULL };
}
