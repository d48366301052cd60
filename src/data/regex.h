/* data/regex.h - regular expressions over slices: PCRE2 with its compiler, where
 * the build has it (regex_pcre2.c); else making one is an error that says so
 * (regex_none.c). A pattern is immutable and shared by threads; what a match
 * needs besides is a scratch for each thread. */
#ifndef RIV_DATA_REGEX_H
#define RIV_DATA_REGEX_H

#include <rivulet.h>

#include "base/err.h"

struct riv_regex;
struct riv_regex_scratch;

/* RIV_EINVAL: the pattern is wrong, with the place, or this build has none.
 * RIV_ENOMEM. */
int riv__regex_new(riv_str pattern, struct riv_regex **ret, struct riv_err *err)
    RIV__MUST_USE;
void riv__regex_free(struct riv_regex *regex);

/* NULL: no memory. */
struct riv_regex_scratch *riv__regex_scratch_new(const struct riv_regex *regex);
void riv__regex_scratch_free(struct riv_regex_scratch *scratch);

/* Is there a match anywhere in s? 1, 0, or below 0: it took more steps or depth
 * than is allowed (RIV_ERECORD). */
int riv__regex_match(const struct riv_regex *regex,
                     struct riv_regex_scratch *scratch, riv_str s);

/* For riv_features: the library's version, NULL without. */
const char *riv__regex_version(void);

#endif
