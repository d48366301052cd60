/* sys/thread_test.c - threads, locks, conditions and the generation counter;
 * meant to be run under the thread sanitizer as well. A wake-up that is lost
 * shows as a test that never ends, which the test runner's limit catches. */
#include "sys/thread.h"

#include <sched.h>
#include <signal.h>
#include <string.h>

#include "base/test.h"
#include "sys/sys.h"

static void run(struct riv_thread *thread, riv__thread_fn *fn, void *arg)
{
    struct riv_err err = { 0 };
    if (riv__thread_start(thread, "test", fn, arg, &err) < 0)
        fail_msg("%s", err.text);
}

static void put_one(void *arg)
{
    *(int *)arg = 1;
}

RIV_TEST(what_a_thread_wrote_is_seen_after_the_join)
{
    struct riv_thread thread;
    int value = 0;
    run(&thread, put_one, &value);
    assert_true(thread.started);
    riv__thread_join(&thread);
    assert_int_equal(value, 1);
    assert_false(thread.started);
}

RIV_TEST(a_thread_that_never_started_can_be_joined)
{
    struct riv_thread thread = { .started = false };
    riv__thread_join(&thread);
    riv__thread_join(&thread);
}

static void get_name(void *arg)
{
    pthread_getname_np(pthread_self(), arg, 16);
}

RIV_TEST(a_name_is_cut_to_fifteen_bytes)
{
    struct riv_thread thread;
    char name[16] = "";
    assert_int_equal(
        riv__thread_start(&thread, "riv-worker-12345", get_name, name, NULL),
        0);
    riv__thread_join(&thread);
    assert_string_equal(name, "riv-worker-1234");
}

static void get_mask(void *arg)
{
    pthread_sigmask(SIG_SETMASK, NULL, arg);
}

RIV_TEST(signals_but_faults_are_blocked_in_a_thread_and_not_in_ours)
{
    struct riv_thread thread;
    sigset_t before, theirs, ours;
    get_mask(&before);
    run(&thread, get_mask, &theirs);
    riv__thread_join(&thread);
    get_mask(&ours);
    assert_int_equal(sigismember(&theirs, SIGINT), 1);
    assert_int_equal(sigismember(&theirs, SIGTERM), 1);
    assert_int_equal(sigismember(&theirs, SIGPIPE), 1);
    assert_int_equal(sigismember(&theirs, SIGCHLD), 1);
    assert_int_equal(sigismember(&theirs, SIGSEGV), 0);
    assert_int_equal(sigismember(&theirs, SIGBUS), 0);
    assert_int_equal(sigismember(&theirs, SIGFPE), 0);
    for (int signo = 1; signo < 32; signo++)
        assert_int_equal(sigismember(&ours, signo),
                         sigismember(&before, signo));
}

struct stack {
    uintptr_t lo, hi, here, rc;
};

static void get_stack(void *arg)
{
    struct stack *self = arg;
    volatile char local = 0;
    self->rc = (uintptr_t)riv__thread_stack(&self->lo, &self->hi);
    self->here = (uintptr_t)&local;
}

RIV_TEST(every_thread_knows_its_own_stack)
{
    struct riv_thread thread;
    struct stack theirs;
    uintptr_t lo = 0, hi = 0;
    /* The frame itself, for under ASan locals may live on the heap. */
    const uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
    assert_int_equal(riv__thread_stack(&lo, &hi), 0);
    assert_in_range(frame, lo, hi - 1);
    run(&thread, get_stack, &theirs);
    riv__thread_join(&thread);
    assert_int_equal(theirs.rc, 0);
    assert_true(theirs.lo < theirs.hi);
    assert_true(theirs.hi <= lo || theirs.lo >= hi);
}

/* ---- locks and conditions */

struct counter {
    struct riv_lock lock;
    struct riv_cond cond;
    int value, limit;
};

static void counter_init(struct counter *counter)
{
    *counter = (struct counter){ .value = 0 };
    riv__lock_init(&counter->lock);
    riv__cond_init(&counter->cond);
}

static void counter_fini(struct counter *counter)
{
    riv__cond_fini(&counter->cond);
    riv__lock_fini(&counter->lock);
}

static void count_1000(void *arg)
{
    struct counter *self = arg;
    for (int i = 0; i < 1000; i++) {
        riv__lock(&self->lock);
        self->value++;
        riv__unlock(&self->lock);
    }
}

RIV_TEST(a_lock_lets_one_in_at_a_time)
{
    struct riv_thread thread[4];
    struct counter counter;
    counter_init(&counter);
    for (size_t i = 0; i < RIV__LEN(thread); i++)
        run(&thread[i], count_1000, &counter);
    for (size_t i = 0; i < RIV__LEN(thread); i++)
        riv__thread_join(&thread[i]);
    assert_int_equal(counter.value, 4000);
    counter_fini(&counter);
}

/* Makes odd values even; the test makes even values odd. */
static void make_even(void *arg)
{
    struct counter *self = arg;
    riv__lock(&self->lock);
    while (self->value < self->limit) {
        if (self->value % 2 == 1) {
            self->value++;
            riv__cond_signal(&self->cond);
        } else {
            riv__cond_wait(&self->cond, &self->lock);
        }
    }
    riv__unlock(&self->lock);
}

RIV_TEST(a_signal_wakes_the_one_that_waits)
{
    struct riv_thread thread;
    struct counter counter;
    counter_init(&counter);
    counter.limit = 2000;
    run(&thread, make_even, &counter);
    riv__lock(&counter.lock);
    while (counter.value < counter.limit) {
        if (counter.value % 2 == 0) {
            counter.value++;
            riv__cond_signal(&counter.cond);
        }
        if (counter.value < counter.limit && counter.value % 2 == 1)
            riv__cond_wait(&counter.cond, &counter.lock);
    }
    riv__unlock(&counter.lock);
    riv__thread_join(&thread);
    assert_int_equal(counter.value, 2000);
    counter_fini(&counter);
}

static void wait_for_one(void *arg)
{
    struct counter *self = arg;
    riv__lock(&self->lock);
    while (self->value == 0)
        riv__cond_wait_until(&self->cond, &self->lock, INT64_MAX);
    riv__unlock(&self->lock);
}

RIV_TEST(a_broadcast_wakes_all)
{
    struct riv_thread thread[3];
    struct counter counter;
    counter_init(&counter);
    for (size_t i = 0; i < RIV__LEN(thread); i++)
        run(&thread[i], wait_for_one, &counter);
    riv__lock(&counter.lock);
    counter.value = 1;
    riv__cond_broadcast(&counter.cond);
    riv__unlock(&counter.lock);
    for (size_t i = 0; i < RIV__LEN(thread); i++)
        riv__thread_join(&thread[i]);
    counter_fini(&counter);
}

RIV_TEST(a_wait_ends_when_its_time_has_passed)
{
    struct riv_sys *sys = riv__sys_real();
    struct counter counter;
    counter_init(&counter);
    riv__lock(&counter.lock);
    assert_false(riv__cond_wait_until(&counter.cond, &counter.lock, 0));
    assert_false(riv__cond_wait_until(&counter.cond, &counter.lock, -5));
    int64_t until = sys->mono_ns(sys) + 1000000;
    while (riv__cond_wait_until(&counter.cond, &counter.lock, until))
        continue;
    assert_true(sys->mono_ns(sys) >= until);
    riv__unlock(&counter.lock);
    counter_fini(&counter);
}

/* ---- the generation counter */

RIV_TEST(a_counter_that_has_moved_is_not_waited_for)
{
    struct riv_gen gen = { 0 };
    assert_int_equal(riv__gen_read(&gen), 0);
    riv__gen_bump(&gen);
    assert_int_equal(riv__gen_read(&gen), 1);
    riv__gen_wait(&gen, 0, 0);
    riv__gen_wait(&gen, 0, 100);
    riv__gen_wait(&gen, UINT32_MAX, 0);
    assert_int_equal(gen.sleepers, 0);
}

RIV_TEST(a_counter_goes_round_at_its_end)
{
    struct riv_gen gen = { .value = UINT32_MAX };
    riv__gen_bump(&gen);
    assert_int_equal(riv__gen_read(&gen), 0);
    riv__gen_wait(&gen, UINT32_MAX, 0);
}

/* Driver and workers as in a pool: each round the driver writes a plain word
 * and bumps; the workers add it up and the last bumps back. */
enum { ROUNDS = 3000, WORKERS = 3 };

struct rounds {
    struct riv_gen work, done;
    _Atomic unsigned busy;
    uint64_t word, sum[WORKERS];
    unsigned spins;
};

struct round_worker {
    struct rounds *rounds;
    unsigned index;
};

static void work_rounds(void *arg)
{
    struct round_worker *self = arg;
    struct rounds *rounds = self->rounds;
    for (uint32_t seen = 0; seen < ROUNDS; seen++) {
        riv__gen_wait(&rounds->work, seen, rounds->spins);
        rounds->sum[self->index] += rounds->word;
        if (atomic_fetch_sub(&rounds->busy, 1) == 1)
            riv__gen_bump(&rounds->done);
    }
}

static void play_rounds(unsigned spins)
{
    struct rounds rounds = { .spins = spins };
    struct round_worker worker[WORKERS];
    struct riv_thread thread[WORKERS];
    for (unsigned i = 0; i < WORKERS; i++) {
        worker[i] = (struct round_worker){ &rounds, i };
        run(&thread[i], work_rounds, &worker[i]);
    }
    for (uint32_t round = 0; round < ROUNDS; round++) {
        rounds.word = round;
        atomic_store(&rounds.busy, WORKERS);
        riv__gen_bump(&rounds.work);
        riv__gen_wait(&rounds.done, round, spins);
    }
    for (unsigned i = 0; i < WORKERS; i++) {
        riv__thread_join(&thread[i]);
        assert_int_equal(rounds.sum[i], (uint64_t)ROUNDS * (ROUNDS - 1) / 2);
    }
    assert_int_equal(rounds.work.sleepers, 0);
    assert_int_equal(rounds.done.sleepers, 0);
}

RIV_TEST(no_wake_up_is_lost_among_sleepers)
{
    play_rounds(0);
}

RIV_TEST(no_wake_up_is_lost_among_spinners)
{
    play_rounds(200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIV_CASE(what_a_thread_wrote_is_seen_after_the_join),
        RIV_CASE(a_thread_that_never_started_can_be_joined),
        RIV_CASE(a_name_is_cut_to_fifteen_bytes),
        RIV_CASE(signals_but_faults_are_blocked_in_a_thread_and_not_in_ours),
        RIV_CASE(every_thread_knows_its_own_stack),
        RIV_CASE(a_lock_lets_one_in_at_a_time),
        RIV_CASE(a_signal_wakes_the_one_that_waits),
        RIV_CASE(a_broadcast_wakes_all),
        RIV_CASE(a_wait_ends_when_its_time_has_passed),
        RIV_CASE(a_counter_that_has_moved_is_not_waited_for),
        RIV_CASE(a_counter_goes_round_at_its_end),
        RIV_CASE(no_wake_up_is_lost_among_sleepers),
        RIV_CASE(no_wake_up_is_lost_among_spinners),
    };
    return RIV_RUN(tests);
}
