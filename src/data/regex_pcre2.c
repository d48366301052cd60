/* data/regex_pcre2.c - regular expressions by PCRE2, compiled to machine code
 * where it can. Patterns are over bytes; steps and depth of a match are limited,
 * because a line from outside may be made to take for ever. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <stdlib.h>

#include "base/str.h"
#include "data/regex.h"

enum {
    STEPS_MAX = 1000 * 1000,
    DEPTH_MAX = 10 * 1000,
    HEAP_KIB_MAX = 16 * 1024,
    JIT_STACK_BYTES = 512 * 1024,
    SHOW_BYTES = 60,
};

struct riv_regex {
    pcre2_code *code;
    bool jit;
};

struct riv_regex_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

int riv__regex_new(riv_str pattern, struct riv_regex **ret, struct riv_err *err)
{
    char show[SHOW_BYTES];
    PCRE2_UCHAR why[128];
    int code = 0;
    PCRE2_SIZE at = 0;
    struct riv_regex *regex = calloc(1, sizeof *regex);
    if (!regex)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a pattern");
    regex->code = pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
                                PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!regex->code) {
        free(regex);
        pcre2_get_error_message(code, why, sizeof why);
        return riv__err_set(
            err, RIV_EINVAL, "the pattern '%s' is wrong at byte %zu: %s",
            riv__str_show(show, sizeof show, pattern), at, (const char *)why);
    }
    regex->jit = pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) == 0;
    *ret = regex;
    return 0;
}

void riv__regex_free(struct riv_regex *regex)
{
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    free(regex);
}

struct riv_regex_scratch *riv__regex_scratch_new(const struct riv_regex *regex)
{
    struct riv_regex_scratch *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->data = pcre2_match_data_create_from_pattern(regex->code, NULL);
    s->context = pcre2_match_context_create(NULL);
    s->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_BYTES, NULL);
    if (!s->data || !s->context || (regex->jit && !s->stack)) {
        riv__regex_scratch_free(s);
        return NULL;
    }
    pcre2_set_match_limit(s->context, STEPS_MAX);
    pcre2_set_depth_limit(s->context, DEPTH_MAX);
    pcre2_set_heap_limit(s->context, HEAP_KIB_MAX);
    if (s->stack)
        pcre2_jit_stack_assign(s->context, NULL, s->stack);
    return s;
}

void riv__regex_scratch_free(struct riv_regex_scratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->context);
    pcre2_jit_stack_free(scratch->stack);
    free(scratch);
}

int riv__regex_match(const struct riv_regex *regex,
                     struct riv_regex_scratch *scratch, riv_str s)
{
    PCRE2_SPTR p = (PCRE2_SPTR)(s.n ? s.p : "");
    const int rc = regex->jit ? pcre2_jit_match(regex->code, p, s.n, 0, 0,
                                                scratch->data, scratch->context)
                              : pcre2_match(regex->code, p, s.n, 0, 0,
                                            scratch->data, scratch->context);
    if (rc >= 0)
        return 1;
    return rc == PCRE2_ERROR_NOMATCH ? 0 : RIV_ERECORD;
}

const char *riv__regex_version(void)
{
    static const char version[] =
        "PCRE2 " RIV__STR(PCRE2_MAJOR) "." RIV__STR(PCRE2_MINOR);
    return version;
}
