/* obs/picture.c - finding things in a picture, and its end. */
#include "obs/picture.h"

#include <stdlib.h>

void riv__picture_free(struct riv_picture *picture)
{
    if (!picture)
        return;
    riv__arena_fini(&picture->arena);
    free(picture);
}

const char *riv__picture_text(const struct riv_picture *picture,
                              uint32_t number)
{
    for (size_t i = 0; number > 0 && i < picture->ntext; i++)
        if (picture->text[i].number == number)
            return picture->text[i].text;
    return "";
}

const struct riv_seen_batch *riv__picture_batch(
    const struct riv_picture *picture, int64_t time_ms)
{
    for (size_t i = 0; i < picture->nbatch; i++)
        if (picture->batch[i].time_ms == time_ms)
            return &picture->batch[i];
    return NULL;
}
