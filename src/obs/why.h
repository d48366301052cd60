/* obs/why.h - "why is there no output?": the one thing that keeps a job from
 * giving results now, where it is, and the way out. A pure function of a
 * picture. */
#ifndef RIV_OBS_WHY_H
#define RIV_OBS_WHY_H

#include "obs/picture.h"

enum riv_mood { RIV__MOOD_GOOD, RIV__MOOD_WAITS, RIV__MOOD_BAD };

struct riv_why {
    const char *cause; /* one word: "source", "rate", ...; for programs */
    enum riv_mood mood;
    char text[768]; /* whole sentences */
};

/* The causes, in the order in which they are asked: the first that holds. */
void riv__why(const struct riv_picture *picture, struct riv_why *ret);

#endif
