/* exec/leave.c - the only setjmp and longjmp of the tree. Each call of a user's
 * function has a place to come back to, on this file's frame: a longjmp passes
 * over the function and its kernel, never over code of the engine that holds
 * something. Costs some nanoseconds a chunk. */
#include "exec/leave.h"

#include <setjmp.h>

#include "exec/watch.h"

struct riv_leave {
    jmp_buf to;
};

/* Whoever asks what ran when the process died gets this operator. */
static void tell(const struct riv_step *step)
{
    if (step->chain)
        riv__now_op(step->chain->worker->now, step->ds);
}

/* Apart from its caller: what that holds in registers outlives the jump. */
__attribute__((noinline)) int riv__leave_rows(struct riv_step *step,
                                              const void *rows, size_t n)
{
    struct riv_leave leave;
    tell(step);
    if (setjmp(leave.to) != 0)
        return step->chain->rc;
    step->leave = &leave;
    int rc = step->rows(rows, n, &step->t);
    step->leave = NULL;
    return rc;
}

__attribute__((noinline)) int riv__leave_fold(struct riv_step *step,
                                              riv_fold_fn *fn, void *const *acc,
                                              const void *val, size_t stride,
                                              const uint32_t *sel, size_t n)
{
    struct riv_leave leave;
    tell(step);
    if (setjmp(leave.to) != 0)
        return RIV_ENOMEM;
    step->leave = &leave;
    fn(acc, val, stride, sel, n, &step->t);
    step->leave = NULL;
    return 0;
}

__attribute__((noinline)) int riv__leave_call(struct riv_step *step,
                                              int (*call)(void *arg), void *arg)
{
    struct riv_leave leave;
    tell(step);
    if (setjmp(leave.to) != 0)
        return RIV_ENOMEM;
    step->leave = &leave;
    int rc = call(arg);
    step->leave = NULL;
    return rc;
}

_Noreturn void riv__leave_now(struct riv_step *step)
{
    struct riv_leave *leave = step->leave;
    RIV__ASSERT(leave);
    step->leave = NULL;
    longjmp(leave->to, 1);
}
