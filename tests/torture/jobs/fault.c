/* fault.c - a job whose function does what user code must not: for the records
 * of source "poison" it crashes, hangs or leaks, as the key says.
 *
 *   fault INPUT OUTDIR
 *
 * writes OUTDIR/echo, the lines of all records that the function let pass. */
#include "../../oracle/jobs/record.h"

#include <stdlib.h>
#include <unistd.h>

/* What compilers cannot know. */
static volatile int never;
static volatile uintptr_t nowhere = 16;

static int deep(const volatile char *above, int n)
{
    volatile char here[4096];
    here[0] = above ? above[0] : 0;
    here[n % 4096] = 1;
    return never ? n : deep(here, n + 1) + here[0];
}

static void leak(void)
{
    for (;;) {
        volatile char *p = malloc(1 << 20);
        for (size_t i = 0; p && i < 1 << 20; i += 4096)
            p[i] = 1;
    }
}

static void smash(void)
{
    char *volatile a = malloc(40), *volatile b = malloc(40);
    volatile char *at = a;
    for (int i = -64; i < 128; i++)
        at[i] = 0x55;
    free(b);
    free(a);
}

static void misbehave(riv_str key)
{
    if (riv_eq(key, riv_cstr("segv")))
        *(volatile int *)nowhere = 1;
    if (riv_eq(key, riv_cstr("stack")))
        deep(NULL, 0);
    if (riv_eq(key, riv_cstr("loop")))
        for (volatile int i = 0;; i++)
            continue;
    if (riv_eq(key, riv_cstr("leak")))
        leak();
    if (riv_eq(key, riv_cstr("abort")))
        abort();
    if (riv_eq(key, riv_cstr("exit")))
        exit(0);
    if (riv_eq(key, riv_cstr("smash")))
        smash();
}

RIV_MAP(user_code, record, record);
static int user_code(const record *in, record *out, riv_task *t)
{
    (void)t;
    if (riv_eq(in->source, riv_cstr("poison")))
        misbehave(in->key);
    *out = *in;
    return 0;
}

RIV_MAP(to_line, record, riv_str);
static int to_line(const record *in, riv_str *out, riv_task *t)
{
    *out = riv_fmt(t, RIV_S ",%lld," RIV_S ",%lld", RIV_P(in->source),
                   (long long)in->seq, RIV_P(in->key), (long long)in->value);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    if (argc < 3)
        return riv_invalid(r, "usage: fault INPUT OUTDIR");
    struct job job = { .dir = argv[2] };
    riv_ds *lines = riv_text(r, argv[1], RIV_OPT(.uid = "lines"));
    riv_ds *good = riv_map(decode(lines, "records"), user_code_fn,
                           RIV_OPT(.uid = "user-code"));
    save(&job, riv_map(good, to_line_fn, NULL), "echo");
    return 0;
}
