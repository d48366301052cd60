/* data/upgrade.c - a chain of versions: each type knows the function that makes
 * it of the one before, and with it that one's type. */
#include "data/upgrade.h"

struct step {
    const riv_fn *fn;
    const struct riv_layout *from;
    void *row; /* of `from` */
};

struct riv_upgrade {
    struct step *step; /* from the oldest on */
    uint32_t n;
    riv__upgrade_fn *call;
    void *arg;
};

uint32_t riv__type_version(const riv_type *type)
{
    for (uint32_t depth = 0; depth < RIV__DEPTH_MAX; depth++) {
        if (type->kind == RIV_K_STRUCT)
            return type->version;
        if (type->kind != RIV_K_PAIR || !type->fields[1].type)
            return 0;
        type = type->fields[1].type;
    }
    return 0;
}

const riv_fn *riv__type_from(const riv_type *type)
{
    const riv_type_ops *ops = type->kind == RIV_K_STRUCT ? type->ops : NULL;
    if (!ops ||
        ops->struct_size < offsetof(riv_type_ops, from) + sizeof ops->from)
        return NULL;
    return ops->from;
}

static const char *fault_of(const riv_type *type, const riv_fn *fn)
{
    if (fn->op != RIV_OP_UPGRADE || !fn->rows || !fn->in)
        return "is no RIV_UPGRADE function";
    if (fn->out != type)
        return "makes another type";
    if (riv__type_version(fn->in) >= type->version)
        return "takes no older version: its type needs a lower one "
               "(RIV_STRUCT_V)";
    return NULL;
}

int riv__upgrade_check(const riv_type *type, struct riv_err *err)
{
    const riv_fn *fn = riv__type_from(type);
    for (uint32_t n = 0; fn; n++) {
        const char *fault = n < RIV__UPGRADES_MAX ? fault_of(type, fn)
                                                  : "has too many before it";
        if (fault)
            return riv__err_set(err, RIV_ETYPE, "type %s: %s (%s) %s",
                                type->name ? type->name : "without a name",
                                fn->name, fn->where ? fn->where : "?", fault);
        type = fn->in;
        fn = riv__type_from(type);
    }
    return 0;
}

/* How many functions lead from the version to the type; 0: none does. */
static uint32_t count_steps(const riv_type *type, uint32_t version)
{
    for (uint32_t n = 1; n <= RIV__UPGRADES_MAX; n++) {
        const riv_fn *fn = riv__type_from(type);
        if (!fn)
            return 0;
        if (riv__type_version(fn->in) == version)
            return n;
        type = fn->in;
    }
    return 0;
}

static int step_make(struct riv_arena *arena, struct step *step,
                     const riv_fn *fn, struct riv_err *err)
{
    step->fn = fn;
    RIV__TRY(riv__layout_make(arena, fn->in, &step->from, err));
    step->row = riv__arena_zalloc(arena, step->from->size);
    return step->row ? 0
                     : riv__err_set(err, RIV_ENOMEM, "no memory for a version");
}

int riv__upgrade_make(struct riv_arena *arena, const riv_type *type,
                      uint32_t version, struct riv_upgrade **ret,
                      struct riv_err *err)
{
    const uint32_t n = count_steps(type, version);
    *ret = NULL;
    if (n == 0)
        return 0;
    struct riv_upgrade *upgrade = riv__arena_zalloc(arena, sizeof *upgrade);
    if (upgrade)
        upgrade->step = riv__arena_zalloc(arena, n * sizeof *upgrade->step);
    if (!upgrade || !upgrade->step)
        return riv__err_set(err, RIV_ENOMEM, "no memory for a version");
    upgrade->n = n;
    for (uint32_t i = n; i-- > 0;) {
        const riv_fn *fn = riv__type_from(type);
        RIV__TRY(step_make(arena, &upgrade->step[i], fn, err));
        type = fn->in;
    }
    *ret = upgrade;
    return 0;
}

void riv__upgrade_user(struct riv_upgrade *upgrade, riv__upgrade_fn *call,
                       void *arg)
{
    upgrade->call = call;
    upgrade->arg = arg;
}

const struct riv_layout *riv__upgrade_layout(const struct riv_upgrade *upgrade)
{
    return upgrade->step[0].from;
}

void *riv__upgrade_row(struct riv_upgrade *upgrade)
{
    const struct step *first = &upgrade->step[0];
    memset(first->row, 0, first->from->size);
    return first->row;
}

int riv__upgrade_run(struct riv_upgrade *upgrade, void *row,
                     struct riv_err *err)
{
    RIV__CHECK(upgrade->call, err);
    for (uint32_t i = 0; i < upgrade->n; i++) {
        const struct step *step = &upgrade->step[i];
        const bool is_last = i + 1 == upgrade->n;
        void *to = is_last ? row : upgrade->step[i + 1].row;
        if (!is_last)
            memset(to, 0, upgrade->step[i + 1].from->size);
        RIV__TRY(upgrade->call(upgrade->arg, step->fn, step->row, to, err));
    }
    return 0;
}
