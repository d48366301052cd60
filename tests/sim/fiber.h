/* sim/fiber.h - stacks to switch between inside one thread, over ucontext. A
 * switch costs two system calls (0.16 us measured): nothing beside what a
 * batch costs, so there is no assembly. */
#ifndef RIV_SIM_FIBER_H
#define RIV_SIM_FIBER_H

#include <stddef.h>
#include <ucontext.h>

struct fiber {
    ucontext_t at;
    const void *stack; /* NULL: the thread's own, until it is known */
    size_t bytes;
    void *fake; /* of the address sanitizer */
    void (*fn)(void *arg);
    void *arg;
};

/* `fn` must not return: it ends with a last switch. */
void fiber_init(struct fiber *fiber, void *stack, size_t bytes,
                void (*fn)(void *arg), void *arg);
/* Goes on where `to` was left. from is never come back to when `last`. */
void fiber_switch(struct fiber *from, struct fiber *to, int last);

#endif
