/* sim/fiber.c - ucontext, and what the address sanitizer wants to know of it. */
#include "sim/fiber.h"

#include <stdlib.h>

/* There in sanitized builds only. */
void __sanitizer_start_switch_fiber(void **fake, const void *stack,
                                    size_t bytes) __attribute__((weak));
void __sanitizer_finish_switch_fiber(void *fake, const void **stack,
                                     size_t *bytes) __attribute__((weak));
void __asan_unpoison_memory_region(void const volatile *p, size_t n)
    __attribute__((weak));

static struct fiber *entering; /* makecontext passes no pointers */
static struct fiber *left;

/* On the new stack: the old one's place is known from here on. */
static void arrive(struct fiber *self)
{
    if (__sanitizer_finish_switch_fiber)
        __sanitizer_finish_switch_fiber(self->fake, &left->stack, &left->bytes);
}

static void enter(void)
{
    struct fiber *self = entering;
    arrive(self);
    self->fn(self->arg);
    abort();
}

/* A stack may hold the poison of a fiber that was dropped in mid-function. */
void fiber_init(struct fiber *fiber, void *stack, size_t bytes,
                void (*fn)(void *arg), void *arg)
{
    *fiber =
        (struct fiber){ .stack = stack, .bytes = bytes, .fn = fn, .arg = arg };
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(stack, bytes);
    getcontext(&fiber->at);
    fiber->at.uc_stack.ss_sp = stack;
    fiber->at.uc_stack.ss_size = bytes;
    fiber->at.uc_link = NULL;
    makecontext(&fiber->at, enter, 0);
}

void fiber_switch(struct fiber *from, struct fiber *to, int last)
{
    entering = to;
    left = from;
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(last ? NULL : &from->fake, to->stack,
                                       to->bytes);
    /* what swapcontext does, which the address sanitizer warns of */
    volatile int back = 0;
    getcontext(&from->at);
    if (!back) {
        back = 1;
        setcontext(&to->at);
    }
    arrive(from);
}
