/* job.c - running sums by key of lines "key,number", for tests/supervise/run. A
 * line "fault,NAME" makes the function do NAME: once, as a file in the current
 * folder remembers, or with "NAME!" each time it is reached. Lines "state,..."
 * make the function with state abort at the third of them in its batch. */
#include <rivulet.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

RIV_PAIR(entry, riv_str, int64_t);

static volatile int zero, *nowhere;

static int deep(int n)
{
    volatile char frame[4096];
    frame[0] = (char)n;
    return n < 0 ? 0 : deep(n + 1) + frame[0];
}

/* For ever, without the loop being taken for none. */
static int spin(void)
{
    while (zero == 0)
        continue;
    return 0;
}

static int smash(void)
{
    char *p = malloc(16);
    memset(p - 16, 0x55, 64);
    free(p);
    abort();
}

static bool first_time(void)
{
    int fd = open("fault", O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static char *volatile leaked;

static int leak(void)
{
    enum { BYTES = 4 << 20 };
    char *p = malloc(BYTES);
    if (p)
        memset(p, 1, BYTES);
    leaked = p;
    return 0;
}

static int crash(void)
{
    return *nowhere;
}

static int divide(void)
{
    return raise(SIGFPE);
}

static int give_up(void)
{
    abort();
}

static int exit_0(void)
{
    exit(0);
}

static int leave_0(void)
{
    _exit(0);
}

static int leave_0_as_c99(void)
{
    _Exit(0);
}

static int exit_0_quickly(void)
{
    quick_exit(0);
}

static int leave_a_child(void)
{
    if (fork() == 0)
        _exit(0);
    return 0;
}

static int leave_3(void)
{
    _exit(3);
}

static int overflow(void)
{
    return deep(0);
}

static const struct {
    const char *name;
    int (*act)(void);
} faults[] = {
    { "segv", crash },
    { "fpe", divide },
    { "abort", give_up },
    { "exit0", exit_0 },
    { "left0", leave_0 },
    { "Left0", leave_0_as_c99 },
    { "quick0", exit_0_quickly },
    { "forked", leave_a_child },
    { "exit3", leave_3 },
    { "stack", overflow },
    { "smash", smash },
    { "loop", spin },
    { "leak", leak },
};

static int fault(riv_str name)
{
    const riv_str n = { name.p, name.n - (name.p[name.n - 1] == '!') };
    if (n.n == name.n && !first_time())
        return 0;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (riv_eq(n, riv_cstr(faults[i].name)))
            return faults[i].act();
    return 0;
}

RIV_MAP(parse, riv_str, entry);
static int parse(const riv_str *line, entry *out, riv_task *t)
{
    riv_str rest = *line, number;
    if (!riv_cut(&rest, ',', &out->key) || !riv_cut(&rest, ',', &number))
        return riv_fail(t, "no \"key,number\"");
    out->val = 1;
    if (riv_eq(out->key, riv_cstr("fault")))
        (void)fault(number);
    return 0;
}

RIV_MAP_WITH_STATE(sum, entry, int64_t, entry);
static int sum(const riv_str *key, const int64_t *v, int64_t *state,
               sum_out *out, riv_task *t)
{
    (void)t;
    *state += *v;
    if (*state == 3 && riv_eq(*key, riv_cstr("state")))
        abort();
    riv_emit(out, (entry){ *key, *state });
    return 0;
}

/* Only records, so that whoever does not read holds up nothing. */
RIV_FOREACH(show, entry);
static int show(const entry *in, riv_task *t)
{
    (void)t;
    dprintf(1, RIV_S ",%lld\n", RIV_P(in->key), (long long)in->val);
    return 0;
}

RIV_JOB(r, argc, argv)
{
    if (argc > 2 && riv_eq(riv_cstr(argv[2]), riv_cstr("early")) &&
        first_time())
        raise(SIGKILL);
    riv_ds *in = riv_text(r, argv[1], RIV_OPT(.uid = "in"));
    riv_ds *parsed = riv_map(in, parse_fn, NULL);
    if (argc > 2 && riv_eq(riv_cstr(argv[2]), riv_cstr("finite"))) {
        riv_print(riv_reduce_by_key(parsed, riv_sum_i64, NULL), 100);
        return 0;
    }
    riv_ds *sums = riv_map_with_state(parsed, sum_fn, RIV_OPT(.uid = "sum"));
    if (argc > 2)
        riv_foreach(sums, show_fn, NULL);
    riv_save_text(sums, "out/", RIV_OPT(.uid = "out"));
    return 0;
}
