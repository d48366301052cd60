/* rivulet/functions.h - the macros that describe record types and turn a plain
 * C function over one record into a kernel over a chunk. rivulet.h includes it
 * for C programs (C11); other languages fill in riv_type and riv_fn by hand.
 *
 * A function macro stands before the function. It declares the prototype, so
 * that a wrong signature is a compile error that shows both, and makes NAME_fn,
 * which the graph builders take. The function is inlined into the kernel's
 * loop: no call per record crosses the library. Kernels know a task only by the
 * first seven members of riv_task, and the library only by the three kernel
 * signatures, so compiled jobs stay valid while RIV_ABI does.
 *
 * Names the macros make for a function f: f_fn, f_out (its collector), f__rows,
 * f__fold, f__merge, f__groups; for a type T: riv_type_T, riv__fields_T. Inside
 * they use names with riv__ only: nothing of the program is shadowed. */
#ifndef RIVULET_FUNCTIONS_H
#define RIVULET_FUNCTIONS_H

#include <rivulet.h>

/* The macros keep their own layout. */
/* clang-format off */

#define RIV__STR1(x) #x
#define RIV__STR(x) RIV__STR1(x)

/* ------------------------------------------------------------- in functions */

/* Puts one record into a collector: riv_emit(out, value), or
 * riv_emit(out, (T){ ... }). Costs a compare and a store. */
#define riv_emit(out, ...)                                                     \
    do {                                                                       \
        if (RIV_RARE((out)->cur == (out)->end))                                \
            riv_task_grow(&(out)->task);                                       \
        *(out)->cur = (__VA_ARGS__);                                           \
        (out)->cur++;                                                          \
    } while (0)

/* Puts one value into the collector of a RIV_FLAT_MAP_VALUES; its key is that of
 * the value the function was given. */
#define riv_emit_value(out, ...)                                               \
    do {                                                                       \
        if (RIV_RARE((out)->cur == (out)->end))                                \
            riv_task_grow(&(out)->task);                                       \
        memcpy(&(out)->cur->key, (out)->task.group->key,                       \
               sizeof (out)->cur->key);                                        \
        (out)->cur->val = (__VA_ARGS__);                                       \
        (out)->cur++;                                                          \
    } while (0)

/* The captured argument: const rule *limit = riv_arg(t, rule). Of a pointer that
 * was copied, RIV_COPY(counter): *riv_arg(t, riv_counter *). */
#define riv_arg(t, T) ((T const *)(t)->arg)

/* -------------------------------------------------------------------- types */

#define RIV__BUILTIN(T, K)                                                     \
    RIV_UNUSED static const riv_type riv_type_##T = {                          \
        sizeof(riv_type), K, #T, sizeof(T), _Alignof(T), 0, 0, NULL, NULL };

RIV__BUILTIN(int64_t, RIV_K_I64)
RIV__BUILTIN(int32_t, RIV_K_I32)
RIV__BUILTIN(uint64_t, RIV_K_U64)
RIV__BUILTIN(uint32_t, RIV_K_U32)
RIV__BUILTIN(double, RIV_K_F64)
RIV__BUILTIN(float, RIV_K_F32)
RIV__BUILTIN(bool, RIV_K_BOOL)
RIV__BUILTIN(riv_str, RIV_K_STR)

/* Other names that C has for the same types. */
#define riv_type__Bool riv_type_bool
#define riv_type_int riv_type_int32_t
#define riv_type_unsigned riv_type_uint32_t
#ifdef __LP64__
#define riv_type_long riv_type_int64_t
#define riv_type_size_t riv_type_uint64_t
#endif

#if defined __has_attribute
#if __has_attribute(unavailable)
extern const riv_type riv_type_char __attribute__((unavailable(
    "text in a record is riv_str; a struct may have char[N]")));
#endif
#endif

#define RIV__KIND(field)                                                       \
    _Generic(&(field),                                                         \
        int64_t *: RIV_K_I64, int32_t *: RIV_K_I32,                            \
        uint64_t *: RIV_K_U64, uint32_t *: RIV_K_U32,                          \
        double *: RIV_K_F64, float *: RIV_K_F32, bool *: RIV_K_BOOL,           \
        riv_str *: RIV_K_STR, char (*)[sizeof(field)]: RIV_K_CHARS,            \
        default: 0)

/* One row of a field table: of `f`, or of `(S, f)`, which is a struct S. The
 * assertion is in a struct because there a declaration may stand inside an
 * expression; it adds 0. */
#define RIV__FIELD(T, f)                                                       \
    RIV__CHOOSE(RIV__IS_PAIRED(f), RIV__INNER, RIV__LEAF)(T, f)

#define RIV__LEAF(T, f)                                                        \
    { #f, NULL,                                                                \
      RIV__KIND(((T *)0)->f) + 0 * sizeof(struct {                             \
          char riv__unused;                                                    \
          _Static_assert(RIV__KIND(((T *)0)->f) != 0,                          \
              "RIV_STRUCT(" #T "): field " #f " has a type that records "      \
              "cannot hold; use riv_str for text, or int64_t int32_t "         \
              "uint64_t uint32_t double float bool char[N]; a struct S "       \
              "that is described itself is written (S, " #f ")"); }),          \
      offsetof(T, f), sizeof(((T *)0)->f), 0 },

#define RIV__INNER(T, paired) RIV__STRUCT_FIELD(T, RIV__UNPAIRED paired)
#define RIV__UNPAIRED(S, f) S, f
#define RIV__STRUCT_FIELD(T, ...) RIV__STRUCT_FIELD2(T, __VA_ARGS__)
#define RIV__STRUCT_FIELD2(T, S, f)                                            \
    { #f, &riv_type_##S, 0,                                                    \
      offsetof(T, f) + 0 * sizeof(struct {                                     \
          char riv__unused;                                                    \
          _Static_assert(_Generic(&((T *)0)->f, S *: 1, default: 0),           \
              "RIV_STRUCT(" #T "): field " #f " is no " #S); }),               \
      sizeof(S), 0 },

/* 1 for something in parentheses, else 0; then one of two names. */
#define RIV__IS_PAIRED(x) RIV__SECOND(RIV__PAIRED x, 0, 0)
#define RIV__PAIRED(...) 0, 1
#define RIV__SECOND(...) RIV__SECOND2(__VA_ARGS__)
#define RIV__SECOND2(a, b, ...) b
#define RIV__CHOOSE(n, yes, no) RIV__CHOOSE2(n, yes, no)
#define RIV__CHOOSE2(n, yes, no) RIV__CHOOSE_##n(yes, no)
#define RIV__CHOOSE_1(yes, no) yes
#define RIV__CHOOSE_0(yes, no) no

#define RIV__F1(T, f) RIV__FIELD(T, f)
#define RIV__F2(T, f, ...) RIV__FIELD(T, f) RIV__F1(T, __VA_ARGS__)
#define RIV__F3(T, f, ...) RIV__FIELD(T, f) RIV__F2(T, __VA_ARGS__)
#define RIV__F4(T, f, ...) RIV__FIELD(T, f) RIV__F3(T, __VA_ARGS__)
#define RIV__F5(T, f, ...) RIV__FIELD(T, f) RIV__F4(T, __VA_ARGS__)
#define RIV__F6(T, f, ...) RIV__FIELD(T, f) RIV__F5(T, __VA_ARGS__)
#define RIV__F7(T, f, ...) RIV__FIELD(T, f) RIV__F6(T, __VA_ARGS__)
#define RIV__F8(T, f, ...) RIV__FIELD(T, f) RIV__F7(T, __VA_ARGS__)
#define RIV__F9(T, f, ...) RIV__FIELD(T, f) RIV__F8(T, __VA_ARGS__)
#define RIV__F10(T, f, ...) RIV__FIELD(T, f) RIV__F9(T, __VA_ARGS__)
#define RIV__F11(T, f, ...) RIV__FIELD(T, f) RIV__F10(T, __VA_ARGS__)
#define RIV__F12(T, f, ...) RIV__FIELD(T, f) RIV__F11(T, __VA_ARGS__)
#define RIV__F13(T, f, ...) RIV__FIELD(T, f) RIV__F12(T, __VA_ARGS__)
#define RIV__F14(T, f, ...) RIV__FIELD(T, f) RIV__F13(T, __VA_ARGS__)
#define RIV__F15(T, f, ...) RIV__FIELD(T, f) RIV__F14(T, __VA_ARGS__)
#define RIV__F16(T, f, ...) RIV__FIELD(T, f) RIV__F15(T, __VA_ARGS__)
#define RIV__PICK(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, N, ...) N
#define RIV__EACH(T, ...)                                                      \
    RIV__PICK(__VA_ARGS__, RIV__F16, RIV__F15, RIV__F14, RIV__F13, RIV__F12,   \
              RIV__F11, RIV__F10, RIV__F9, RIV__F8, RIV__F7, RIV__F6, RIV__F5, \
              RIV__F4, RIV__F3, RIV__F2, RIV__F1, 0)(T, __VA_ARGS__)

/* Describes an existing struct by the names of its fields, up to 16:
 *   RIV_STRUCT(reading, sensor, ts, temp);
 * Allowed are int64_t int32_t uint64_t uint32_t double float bool riv_str and
 * char[N]; anything else does not compile. A field that is a struct (or a pair)
 * which is described itself stands in parentheses, behind its type:
 *   RIV_STRUCT(trip, id, (place, from), (place, to));
 * up to 8 deep. Its fields are those of the record: they are compared, hashed and
 * written one after the other, and called "from.city" where names count; in JSON
 * it is an object. Makes riv_type_reading. */
#define RIV_STRUCT(T, ...) RIV__STRUCT(T, 0, NULL, __VA_ARGS__)

/* The same with a version, from 1 on: raise it when fields change their meaning,
 * or their kind otherwise than docs/upgrade.md has it; fields that come, go or
 * move need none. A state that an older program has left then needs
 * RIV_UPGRADE. */
#define RIV_STRUCT_V(T, version, ...)                                          \
    enum { riv__version_##T = (version) };                                     \
    static const riv_type_ops riv__ops_##T;                                    \
    RIV__STRUCT(T, riv__version_##T, &riv__ops_##T, __VA_ARGS__)

#define RIV__STRUCT(T, version, ops, ...)                                      \
    static const riv_field riv__fields_##T[] = { RIV__EACH(T, __VA_ARGS__) };  \
    RIV_UNUSED static const riv_type riv_type_##T = {                          \
        sizeof(riv_type), RIV_K_STRUCT, #T, sizeof(T), _Alignof(T),            \
        sizeof riv__fields_##T / sizeof riv__fields_##T[0], version,           \
        riv__fields_##T, ops }

RIV_STRUCT(riv_bad_record, raw, reason, uid, source, offset, time);

/* Declares a keyed record and describes it:
 *   RIV_PAIR(wc, riv_str, int64_t);
 * is struct wc { riv_str key; int64_t val; }, with the names wc_key and wc_val
 * for the types of its parts. K and V are described types, as those of functions
 * are: what RIV_STRUCT and RIV_PAIR have made, riv_str, double, float, bool,
 * int64_t, int32_t, uint64_t, uint32_t; int, unsigned, long and size_t are names
 * of these. */
#define RIV_PAIR(T, K, V)                                                      \
    enum { T##_must_be_a_RIV_PAIR = 1 };                                       \
    typedef K T##_key;                                                         \
    typedef V T##_val;                                                         \
    typedef struct T { K key; V val; } T;                                      \
    static const riv_field riv__fields_##T[] = {                               \
        { "key", &riv_type_##K, 0, offsetof(T, key), sizeof(K), 0 },           \
        { "val", &riv_type_##V, 0, offsetof(T, val), sizeof(V), 0 } };         \
    RIV_UNUSED static const riv_type riv_type_##T = {                          \
        sizeof(riv_type), RIV_K_PAIR, #T, sizeof(T), _Alignof(T), 2, 0,        \
        riv__fields_##T, NULL }

/* ------------------------------------------------------------------- pieces */

/* The collector: the task, whose cur and end are seen with their type. */
#define RIV__OUT(f, Out)                                                       \
    typedef union f##_out {                                                    \
        riv_task task;                                                         \
        struct { Out *cur, *end; };                                            \
    } f##_out;

#define RIV__FN(f, OP, In, In2, Out, State, ...)                               \
    RIV_UNUSED static const riv_fn f##_fn[1] = { {                             \
        .struct_size = sizeof(riv_fn), .op = OP,                               \
        .name = #f, .where = __FILE__ ":" RIV__STR(__LINE__),                  \
        .in = In, .in2 = In2, .out = Out, .state = State, __VA_ARGS__ } }

#define RIV__T(T) &riv_type_##T

/* Where a plain type stands for a pair, the compiler names what is not there. */
#define RIV__SAME_KEY(macro, f, A, B)                                          \
    _Static_assert(A##_must_be_a_RIV_PAIR && B##_must_be_a_RIV_PAIR, "");      \
    _Static_assert(_Generic((A##_key *)0, B##_key *: 1, default: 0),           \
        macro "(" #f "): the pairs " #A " and " #B                             \
        " have different types of key")

#define RIV__ROWS(f)                                                           \
    static int f##__rows(const void *riv__rows, size_t riv__n, riv_task *riv__t)

/* A failed row: the policy takes its output back, and says whether to go on. */
#define RIV__BAD(row)                                                          \
    if (RIV_RARE(riv__rc != 0)) {                                              \
        riv__rc = riv_task_bad(riv__t, row, riv__rc);                          \
        if (riv__rc != 0)                                                      \
            return riv__rc;                                                    \
    }

/* Rows in the buffer are handed over between two records, never within one, so
 * that a record that fails can be taken back. */
#define RIV__HAND_OVER                                                         \
    if (RIV_RARE((char *)riv__t->cur >= (char *)riv__t->soft))                 \
        riv_task_flush(riv__t);

#define RIV__FOLD(f, kernel, Acc, V)                                           \
    static void kernel(void *const *riv__acc, const void *riv__val,            \
                       size_t riv__stride, const uint32_t *riv__sel,           \
                       size_t riv__n, riv_task *riv__t)                        \
    {                                                                          \
        for (size_t riv__i = 0; riv__i < riv__n; riv__i++) {                   \
            const void *riv__v =                                               \
                (const char *)riv__val + riv__sel[riv__i] * riv__stride;       \
            f((Acc *)riv__acc[riv__i], (const V *)riv__v, riv__t);             \
        }                                                                      \
    }

#define RIV__GROUPS(f, ...)                                                    \
    static int f##__groups(riv_group *riv__g, size_t riv__n, riv_task *riv__t) \
    {                                                                          \
        for (; riv__n > 0; riv__n--, riv__g++) {                               \
            riv__t->mark = riv__t->cur;                                        \
            riv__t->group = riv__g;                                            \
            int riv__rc = f(__VA_ARGS__);                                      \
            if (riv__rc == RIV_REMOVE) {                                       \
                riv__g->flags |= RIV_STATE_REMOVE;                             \
                riv__rc = 0;                                                   \
            }                                                                  \
            RIV__BAD(riv__g)                                                   \
            RIV__HAND_OVER                                                     \
        }                                                                      \
        return 0;                                                              \
    }

/* ----------------------------------------------- functions over one record */

/* int f(const In *in, Out *out, riv_task *t): 0, or riv_fail. */
#define RIV_MAP(f, In, Out) RIV__MAP(f, RIV_OP_MAP, In, Out)

#define RIV__MAP(f, OP, In, Out)                                               \
    static int f(const In *, Out *, riv_task *);                               \
    RIV__ROWS(f)                                                               \
    {                                                                          \
        const In *restrict riv__r = riv__rows;                                 \
        Out *restrict riv__o = riv__t->cur;                                    \
        for (size_t riv__i = 0; riv__i < riv__n; riv__i++) {                   \
            int riv__rc = f(&riv__r[riv__i], riv__o, riv__t);                  \
            RIV__BAD(&riv__r[riv__i]) else riv__o++;                           \
        }                                                                      \
        riv__t->cur = riv__o;                                                  \
        return 0;                                                              \
    }                                                                          \
    RIV__FN(f, OP, RIV__T(In), NULL, RIV__T(Out), NULL, .rows = f##__rows)

/* int f(const In_key *key, const In_val *v, Out_val *out, riv_task *t); In and
 * Out are pairs with the same key, which stays. */
#define RIV_MAP_VALUES(f, In, Out)                                             \
    RIV__SAME_KEY("RIV_MAP_VALUES", f, In, Out);                               \
    static int f(const In##_key *, const In##_val *, Out##_val *, riv_task *); \
    RIV__ROWS(f)                                                               \
    {                                                                          \
        const In *restrict riv__r = riv__rows;                                 \
        Out *restrict riv__o = riv__t->cur;                                    \
        for (size_t riv__i = 0; riv__i < riv__n; riv__i++) {                   \
            const In *riv__in = &riv__r[riv__i];                               \
            riv__o->key = riv__in->key;                                        \
            int riv__rc = f(&riv__in->key, &riv__in->val, &riv__o->val,        \
                            riv__t);                                           \
            RIV__BAD(riv__in) else riv__o++;                                   \
        }                                                                      \
        riv__t->cur = riv__o;                                                  \
        return 0;                                                              \
    }                                                                          \
    RIV__FN(f, RIV_OP_MAP_VALUES, RIV__T(In), NULL, RIV__T(Out), NULL,         \
            .rows = f##__rows)

/* int f(const In *in, f_out *out, riv_task *t): riv_emit(out, ...) any number
 * of times; 0, or riv_fail. */
#define RIV_FLAT_MAP(f, In, Out)                                               \
    RIV__OUT(f, Out)                                                           \
    static int f(const In *, f##_out *, riv_task *);                           \
    RIV__ROWS(f)                                                               \
    {                                                                          \
        const In *riv__r = riv__rows;                                          \
        for (size_t riv__i = 0; riv__i < riv__n; riv__i++) {                   \
            riv__t->mark = riv__t->cur;                                        \
            int riv__rc = f(&riv__r[riv__i], (f##_out *)riv__t, riv__t);       \
            RIV__BAD(&riv__r[riv__i])                                          \
            RIV__HAND_OVER                                                     \
        }                                                                      \
        return 0;                                                              \
    }                                                                          \
    RIV__FN(f, RIV_OP_FLAT_MAP, RIV__T(In), NULL, RIV__T(Out), NULL,           \
            .rows = f##__rows)

/* int f(const In_key *key, const In_val *v, f_out *out, riv_task *t):
 * riv_emit_value(out, ...) any number of times; 0, or riv_fail. In and Out are
 * pairs with the same key, which stays. */
#define RIV_FLAT_MAP_VALUES(f, In, Out)                                        \
    RIV__SAME_KEY("RIV_FLAT_MAP_VALUES", f, In, Out);                          \
    RIV__OUT(f, Out)                                                           \
    static int f(const In##_key *, const In##_val *, f##_out *, riv_task *);   \
    RIV__ROWS(f)                                                               \
    {                                                                          \
        const In *riv__r = riv__rows;                                          \
        riv_group riv__g = { .key = NULL };                                    \
        for (size_t riv__i = 0; riv__i < riv__n; riv__i++) {                   \
            riv__t->mark = riv__t->cur;                                        \
            riv__g.key = &riv__r[riv__i].key;                                  \
            riv__t->group = &riv__g;                                           \
            int riv__rc = f(&riv__r[riv__i].key, &riv__r[riv__i].val,          \
                            (f##_out *)riv__t, riv__t);                        \
            riv__t->group = NULL;                                              \
            RIV__BAD(&riv__r[riv__i])                                          \
            RIV__HAND_OVER                                                     \
        }                                                                      \
        return 0;                                                              \
    }                                                                          \
    RIV__FN(f, RIV_OP_FLAT_MAP_VALUES, RIV__T(In), NULL, RIV__T(Out), NULL,    \
            .rows = f##__rows)

/* int f(const In *in, riv_task *t): 1 keep, 0 drop, or riv_fail. Each row is
 * written and kept by moving the end, without a branch. */
#define RIV_FILTER(f, In)                                                      \
    static int f(const In *, riv_task *);                                      \
    RIV__ROWS(f)                                                               \
    {                                                                          \
        const In *restrict riv__r = riv__rows;                                 \
        In *restrict riv__o = riv__t->cur;                                     \
        for (size_t riv__i = 0; riv__i < riv__n; riv__i++) {                   \
            int riv__rc = f(&riv__r[riv__i], riv__t);                          \
            *riv__o = riv__r[riv__i];                                          \
            if (RIV_RARE(riv__rc < 0)) {                                       \
                riv__rc = riv_task_bad(riv__t, &riv__r[riv__i], riv__rc);      \
                if (riv__rc != 0)                                              \
                    return riv__rc;                                            \
            } else                                                             \
                riv__o += riv__rc != 0;                                        \
        }                                                                      \
        riv__t->cur = riv__o;                                                  \
        return 0;                                                              \
    }                                                                          \
    RIV__FN(f, RIV_OP_FILTER, RIV__T(In), NULL, RIV__T(In), NULL,              \
            .rows = f##__rows)

/* int f(const In *in, riv_task *t): 0, or riv_fail. */
#define RIV_FOREACH(f, In)                                                     \
    static int f(const In *, riv_task *);                                      \
    RIV__ROWS(f)                                                               \
    {                                                                          \
        const In *riv__r = riv__rows;                                          \
        for (size_t riv__i = 0; riv__i < riv__n; riv__i++) {                   \
            int riv__rc = f(&riv__r[riv__i], riv__t);                          \
            RIV__BAD(&riv__r[riv__i])                                          \
        }                                                                      \
        return 0;                                                              \
    }                                                                          \
    RIV__FN(f, RIV_OP_FOREACH, RIV__T(In), NULL, NULL, NULL,                   \
            .rows = f##__rows)

/* ---------------------------------------------- functions over many records */

/* int f(const In *rows, size_t n, f_out *out, riv_task *t): the chunks of a
 * partition as they come, and n == 0 at its end. */
#define RIV_MAP_PARTITIONS(f, In, Out)                                         \
    RIV__OUT(f, Out)                                                           \
    static int f(const In *, size_t, f##_out *, riv_task *);                   \
    RIV__ROWS(f)                                                               \
    {                                                                          \
        riv__t->mark = riv__t->cur;                                            \
        int riv__rc = f(riv__rows, riv__n, (f##_out *)riv__t, riv__t);         \
        RIV__BAD(NULL)                                                         \
        riv_task_flush(riv__t);                                                \
        return 0;                                                              \
    }                                                                          \
    RIV__FN(f, RIV_OP_MAP_PARTITIONS, RIV__T(In), NULL, RIV__T(Out), NULL,     \
            .rows = f##__rows)

/* int f(const In *rows, size_t n, f_out *out, riv_task *t): a whole partition. */
#define RIV_GLOM(f, In, Out)                                                   \
    RIV__OUT(f, Out)                                                           \
    static int f(const In *, size_t, f##_out *, riv_task *);                   \
    RIV__GROUPS(f, riv__g->a, riv__g->na, (f##_out *)riv__t, riv__t)           \
    RIV__FN(f, RIV_OP_GLOM, RIV__T(In), NULL, RIV__T(Out), NULL,               \
            .groups = f##__groups)

/* int f(const L *l, size_t nl, const R *r, size_t nr, f_out *out, riv_task *t):
 * two partitions of the same number. */
#define RIV_ZIP_PARTITIONS(f, L, R, Out)                                       \
    RIV__OUT(f, Out)                                                           \
    static int f(const L *, size_t, const R *, size_t, f##_out *, riv_task *); \
    RIV__GROUPS(f, riv__g->a, riv__g->na, riv__g->b, riv__g->nb,               \
                (f##_out *)riv__t, riv__t)                                     \
    RIV__FN(f, RIV_OP_ZIP_PARTITIONS, RIV__T(L), RIV__T(R), RIV__T(Out), NULL, \
            .groups = f##__groups)

/* The same with three datasets. */
#define RIV_ZIP_PARTITIONS3(f, A, B, C, Out)                                   \
    RIV__OUT(f, Out)                                                           \
    static int f(const A *, size_t, const B *, size_t, const C *, size_t,      \
                 f##_out *, riv_task *);                                       \
    RIV__GROUPS(f, riv__g->a, riv__g->na, riv__g->b, riv__g->nb, riv__g->c,    \
                riv__g->nc, (f##_out *)riv__t, riv__t)                         \
    RIV__FN(f, RIV_OP_ZIP_PARTITIONS3, RIV__T(A), RIV__T(B), RIV__T(Out),      \
            NULL, .groups = f##__groups, .in3 = RIV__T(C))

/* The same with four datasets. */
#define RIV_ZIP_PARTITIONS4(f, A, B, C, D, Out)                                \
    RIV__OUT(f, Out)                                                           \
    static int f(const A *, size_t, const B *, size_t, const C *, size_t,      \
                 const D *, size_t, f##_out *, riv_task *);                    \
    RIV__GROUPS(f, riv__g->a, riv__g->na, riv__g->b, riv__g->nb, riv__g->c,    \
                riv__g->nc, riv__g->d, riv__g->nd, (f##_out *)riv__t, riv__t)  \
    RIV__FN(f, RIV_OP_ZIP_PARTITIONS4, RIV__T(A), RIV__T(B), RIV__T(Out),      \
            NULL, .groups = f##__groups, .in3 = RIV__T(C), .in4 = RIV__T(D))

/* void f(V *acc, const V *v, riv_task *t): fold v into acc; associative and
 * commutative. Also what adds and subtracts in windows. */
#define RIV_REDUCE(f, V)                                                       \
    static void f(V *, const V *, riv_task *);                                 \
    RIV__FOLD(f, f##__fold, V, V)                                              \
    RIV__FN(f, RIV_OP_REDUCE, RIV__T(V), NULL, RIV__T(V), NULL,                \
            .fold = f##__fold, .merge = f##__fold)

/* void f(Acc *acc, const V *v, riv_task *t), and
 * void f_merge(Acc *acc, const Acc *other, riv_task *t); In and Out are pairs
 * with the same key, V and Acc their values. An accumulator starts as zero
 * bytes. */
#define RIV_AGGREGATE(f, In, Out)                                              \
    RIV__SAME_KEY("RIV_AGGREGATE", f, In, Out);                                \
    static void f(Out##_val *, const In##_val *, riv_task *);                  \
    static void f##_merge(Out##_val *, const Out##_val *, riv_task *);         \
    RIV__FOLD(f, f##__fold, Out##_val, In##_val)                               \
    RIV__FOLD(f##_merge, f##__merge, Out##_val, Out##_val)                     \
    RIV__FN(f, RIV_OP_AGGREGATE, RIV__T(In), NULL, RIV__T(Out), NULL,          \
            .fold = f##__fold, .merge = f##__merge)

/* void f(Acc *acc, const In *in, riv_task *t), and
 * void f_merge(Acc *acc, const Acc *other, riv_task *t): of whole records, for
 * riv_aggregate. */
#define RIV_FOLD(f, In, Acc)                                                   \
    static void f(Acc *, const In *, riv_task *);                              \
    static void f##_merge(Acc *, const Acc *, riv_task *);                     \
    RIV__FOLD(f, f##__fold, Acc, In)                                           \
    RIV__FOLD(f##_merge, f##__merge, Acc, Acc)                                 \
    RIV__FN(f, RIV_OP_FOLD, RIV__T(In), NULL, RIV__T(Acc), NULL,               \
            .fold = f##__fold, .merge = f##__merge)

/* int f(const In *rows, size_t n, riv_task *t): the chunks of a partition as
 * they come, and n == 0 at its end; 0, or riv_fail. */
#define RIV_FOREACH_PARTITION(f, In)                                           \
    static int f(const In *, size_t, riv_task *);                              \
    RIV__ROWS(f)                                                               \
    {                                                                          \
        int riv__rc = f(riv__rows, riv__n, riv__t);                            \
        RIV__BAD(NULL)                                                         \
        return 0;                                                              \
    }                                                                          \
    RIV__FN(f, RIV_OP_FOREACH_PARTITION, RIV__T(In), NULL, NULL, NULL,         \
            .rows = f##__rows)

/* void f_create(Acc *acc, const V *v, riv_task *t) makes an accumulator of a
 * first value; f and f_merge as of RIV_AGGREGATE. */
#define RIV_COMBINE(f, In, Out)                                                \
    RIV__SAME_KEY("RIV_COMBINE", f, In, Out);                                  \
    static void f##_create(Out##_val *, const In##_val *, riv_task *);         \
    static void f(Out##_val *, const In##_val *, riv_task *);                  \
    static void f##_merge(Out##_val *, const Out##_val *, riv_task *);         \
    RIV__FOLD(f##_create, f##__create, Out##_val, In##_val)                    \
    RIV__FOLD(f, f##__fold, Out##_val, In##_val)                               \
    RIV__FOLD(f##_merge, f##__merge, Out##_val, Out##_val)                     \
    RIV__FN(f, RIV_OP_COMBINE, RIV__T(In), NULL, RIV__T(Out), NULL,            \
            .fold = f##__fold, .merge = f##__merge,                            \
            .create = f##__create)

/* int f(const In_key *key, const In_val *v, size_t n, f_out *out, riv_task *t):
 * a key with all its values. */
#define RIV_GROUP(f, In, Out)                                                  \
    RIV__OUT(f, Out)                                                           \
    static int f(const In##_key *, const In##_val *, size_t, f##_out *,        \
                 riv_task *);                                                  \
    RIV__GROUPS(f, riv__g->key, riv__g->a, riv__g->na, (f##_out *)riv__t,      \
                riv__t)                                                        \
    RIV__FN(f, RIV_OP_GROUP, RIV__T(In), NULL, RIV__T(Out), NULL,              \
            .groups = f##__groups)

/* int f(const L_key *key, const L_val *l, const R_val *r, f_out *out,
 *       riv_task *t): per two records with equal keys; NULL for the side
 * that has none, in outer joins. */
#define RIV_JOIN(f, L, R, Out)                                                 \
    RIV__SAME_KEY("RIV_JOIN", f, L, R);                                        \
    RIV__OUT(f, Out)                                                           \
    static int f(const L##_key *, const L##_val *, const R##_val *, f##_out *, \
                 riv_task *);                                                  \
    RIV__GROUPS(f, riv__g->key, riv__g->a, riv__g->b, (f##_out *)riv__t,       \
                riv__t)                                                        \
    RIV__FN(f, RIV_OP_JOIN, RIV__T(L), RIV__T(R), RIV__T(Out), NULL,           \
            .groups = f##__groups)

/* int f(const L_key *key, const L_val *l, size_t nl, const R_val *r, size_t nr,
 *       f_out *out, riv_task *t) */
#define RIV_COGROUP(f, L, R, Out)                                              \
    RIV__SAME_KEY("RIV_COGROUP", f, L, R);                                     \
    RIV__OUT(f, Out)                                                           \
    static int f(const L##_key *, const L##_val *, size_t, const R##_val *,    \
                 size_t, f##_out *, riv_task *);                               \
    RIV__GROUPS(f, riv__g->key, riv__g->a, riv__g->na, riv__g->b, riv__g->nb,  \
                (f##_out *)riv__t, riv__t)                                     \
    RIV__FN(f, RIV_OP_COGROUP, RIV__T(L), RIV__T(R), RIV__T(Out), NULL,        \
            .groups = f##__groups)

/* The same with three inputs. */
#define RIV_COGROUP3(f, A, B, C, Out)                                          \
    RIV__SAME_KEY("RIV_COGROUP3", f, A, B);                                    \
    RIV__SAME_KEY("RIV_COGROUP3", f, A, C);                                    \
    RIV__OUT(f, Out)                                                           \
    static int f(const A##_key *, const A##_val *, size_t, const B##_val *,    \
                 size_t, const C##_val *, size_t, f##_out *, riv_task *);      \
    RIV__GROUPS(f, riv__g->key, riv__g->a, riv__g->na, riv__g->b, riv__g->nb,  \
                riv__g->c, riv__g->nc, (f##_out *)riv__t, riv__t)              \
    RIV__FN(f, RIV_OP_COGROUP3, RIV__T(A), RIV__T(B), RIV__T(Out), NULL,       \
            .groups = f##__groups, .in3 = RIV__T(C))

/* The same with four inputs. */
#define RIV_COGROUP4(f, A, B, C, D, Out)                                       \
    RIV__SAME_KEY("RIV_COGROUP4", f, A, B);                                    \
    RIV__SAME_KEY("RIV_COGROUP4", f, A, C);                                    \
    RIV__SAME_KEY("RIV_COGROUP4", f, A, D);                                    \
    RIV__OUT(f, Out)                                                           \
    static int f(const A##_key *, const A##_val *, size_t, const B##_val *,    \
                 size_t, const C##_val *, size_t, const D##_val *, size_t,     \
                 f##_out *, riv_task *);                                       \
    RIV__GROUPS(f, riv__g->key, riv__g->a, riv__g->na, riv__g->b, riv__g->nb,  \
                riv__g->c, riv__g->nc, riv__g->d, riv__g->nd,                  \
                (f##_out *)riv__t, riv__t)                                     \
    RIV__FN(f, RIV_OP_COGROUP4, RIV__T(A), RIV__T(B), RIV__T(Out), NULL,       \
            .groups = f##__groups, .in3 = RIV__T(C), .in4 = RIV__T(D))

/* ------------------------------- functions of a key and what is kept for it */

/* int f(const In_key *key, const In_val *v, size_t n, Out_val *state,
 *       riv_task *t): 0, RIV_REMOVE or riv_fail. In and Out are pairs with the
 * same key; the state starts as zero bytes; called for every key that has
 * state, with n == 0 if nothing came. */
#define RIV_UPDATE_STATE(f, In, Out)                                           \
    RIV__SAME_KEY("RIV_UPDATE_STATE", f, In, Out);                             \
    static int f(const In##_key *, const In##_val *, size_t, Out##_val *,      \
                 riv_task *);                                                  \
    RIV__GROUPS(f, riv__g->key, riv__g->a, riv__g->na, riv__g->state, riv__t)  \
    RIV__FN(f, RIV_OP_UPDATE_STATE, RIV__T(In), NULL, RIV__T(Out),             \
            RIV__T(Out), .groups = f##__groups)

/* int f(const In_key *key, const In_val *v, State *state, f_out *out,
 *       riv_task *t): per record, in order of arrival; v is NULL when the key
 * timed out. 0, RIV_REMOVE or riv_fail. */
#define RIV_MAP_WITH_STATE(f, In, State, Out)                                  \
    RIV__OUT(f, Out)                                                           \
    static int f(const In##_key *, const In##_val *, State *, f##_out *,       \
                 riv_task *);                                                  \
    RIV__GROUPS(f, riv__g->key, riv__g->a, riv__g->state, (f##_out *)riv__t,   \
                riv__t)                                                        \
    RIV__FN(f, RIV_OP_MAP_WITH_STATE, RIV__T(In), NULL, RIV__T(Out),           \
            RIV__T(State), .groups = f##__groups)

/* ------------------------------------------------------- types that change */

/* int f(const Old *old, T *now, riv_task *t): 0, or riv_fail, which refuses the
 * start. What a state of type T is made of when the state directory holds Old,
 * an older version of it: a RIV_STRUCT (version 0) or RIV_STRUCT_V of a lower
 * version, under another name, with those fields of old that f reads. `now`
 * starts as zero bytes. T is a RIV_STRUCT_V, and has one such function; if Old
 * has one, too, they are called one after the other.
 *   typedef struct { int64_t cents; } balance_1;
 *   RIV_STRUCT_V(balance_1, 1, cents);
 *   typedef struct { double euros; } balance;
 *   RIV_STRUCT_V(balance, 2, euros);
 *   RIV_UPGRADE(in_euros, balance_1, balance); */
#define RIV_UPGRADE(f, Old, T)                                                 \
    _Static_assert(riv__version_##T > 0, "RIV_UPGRADE(" #f "): " #T            \
        " needs a version above 0: RIV_STRUCT_V(" #T ", version, fields)");    \
    RIV__MAP(f, RIV_OP_UPGRADE, Old, T);                                       \
    static const riv_type_ops riv__ops_##T = {                                 \
        .struct_size = sizeof(riv_type_ops), .from = f##_fn }

/* --------------------------------------------------------------------- jobs */

#ifdef RIV_STANDALONE
#define RIV__MAIN                                                              \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return riv_cli_main(argc, argv, riv__build);                           \
    }
#else
#define RIV__MAIN
#endif

/* The job of a file: RIV_JOB(r, argc, argv) { build the graph; return 0; }
 * It exports riv_job_entry; with RIV_STANDALONE it defines main as well. */
#define RIV_JOB(r, argc, argv)                                                 \
    static int riv__build(riv *, int, char **);                                \
    RIV_API extern const riv_job riv_job_entry;                                \
    const riv_job riv_job_entry = { sizeof(riv_job), RIV_ABI, riv__build };    \
    RIV__MAIN                                                                  \
    static int riv__build(RIV_UNUSED riv *r, RIV_UNUSED int argc,              \
                          RIV_UNUSED char **argv)

/* clang-format on */

#endif
