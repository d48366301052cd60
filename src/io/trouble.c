/* io/trouble.c - what an input says of itself to others: the trouble it has,
 * until it has passed, and its note. @thread any */
#include <stdio.h>

#include "io/source.h"

void riv__input_trouble(struct riv_input *input, const struct riv_err *err)
{
    riv__lock(&input->status_lock);
    if (err)
        input->status = *err;
    else
        input->status.code = 0;
    riv__unlock(&input->status_lock);
}

void riv__input_look(struct riv_input *input, char *note, size_t room,
                     struct riv_err *status)
{
    riv__lock(&input->status_lock);
    snprintf(note, room, "%s", input->note);
    *status = input->status;
    riv__unlock(&input->status_lock);
}
