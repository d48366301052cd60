/* data/regex_none.c - for builds without PCRE2. */
#include "data/regex.h"

int riv__regex_new(riv_str pattern, struct riv_regex **ret, struct riv_err *err)
{
    (void)pattern, (void)ret;
    return riv__err_set(err, RIV_EINVAL,
                        "this build has no regular expressions (PCRE2); build "
                        "it with -Dregex=enabled, or use riv_contains");
}

void riv__regex_free(struct riv_regex *regex)
{
    (void)regex;
}

struct riv_regex_scratch *riv__regex_scratch_new(const struct riv_regex *regex)
{
    (void)regex;
    return NULL;
}

void riv__regex_scratch_free(struct riv_regex_scratch *scratch)
{
    (void)scratch;
}

int riv__regex_match(const struct riv_regex *regex,
                     struct riv_regex_scratch *scratch, riv_str s)
{
    (void)regex, (void)scratch, (void)s;
    return RIV_ERECORD;
}

const char *riv__regex_version(void)
{
    return NULL;
}
