/* data/tally.h - keys and what was added up for each of them in one batch: open
 * addressing with the key in the entry, which is a miss less than table.h needs
 * (docs/benchmarks.md has the figures). Two kinds of entries: *words* are
 * numbers and strings of 1 to 8 bytes, 16 bytes with a count; *wide* keys are all
 * other keys, up to 16 bytes inline, longer ones by pointer and hash. Entries
 * move when the tally grows, so keys have a number besides: their order of
 * arrival, which is the order of results. Accumulators that are large lie apart.
 * One owner thread. Made, filled and read by exec's reducers. */
#ifndef RIV_DATA_TALLY_H
#define RIV_DATA_TALLY_H

#include "base/pages.h"
#include "data/hash.h"
#include "data/key.h"

enum {
    RIV__KEYS_MAX = 1024, /* keys in work at a time */
    RIV__TALLY_NEAR = 40, /* larger accumulators lie apart */
    RIV__TALLY_SLOTS_MAX = 1 << 30,
};

/* A key of the second kind, as it is sought and as it stands in an entry. */
struct riv_wide_key {
    uint64_t lo,
        hi; /* n <= 16: the bytes; else a pointer and 64 bits of hash */
    uint32_t n;
    uint32_t hash; /* sought: where; in an entry: `part`, for partitions */
};

/* The keys of some rows, told apart by kind. Filled by riv__keys_make, or by a
 * kernel that finds keys in text; `row` says which row a key is of. There is
 * room for one key more of each kind, so that filling needs no branch. */
struct riv_keys {
    uint32_t nword, nwide;
    bool in_order; /* word i is of row i */
    uint64_t word[RIV__KEYS_MAX + 1];
    uint32_t hash[RIV__KEYS_MAX + 1]; /* riv__keys_hash of the word */
    uint32_t word_row[RIV__KEYS_MAX + 1];
    riv_str slice[RIV__KEYS_MAX + 1]; /* riv__keys_bytes makes keys of them */
    uint32_t wide_row[RIV__KEYS_MAX + 1];
    struct riv_wide_key wide[RIV__KEYS_MAX];
    uint32_t part[RIV__KEYS_MAX]; /* high half of the documented hash, by row */
    bool has_part;
    uint32_t nnew; /* keys that were new in the last call, and their rows */
    uint32_t new_row[RIV__KEYS_MAX];
    char *scratch; /* encoded keys */
    size_t scratch_cap;
};

struct riv_places { /* the entries of one kind */
    char *at;
    struct riv_pages pages;
    uint32_t mask; /* places in use less one; a power of two, at most cap */
    uint32_t cap;
    uint32_t used, grow_at;
    uint32_t head_bytes, entry_bytes;
    uint32_t large_bytes; /* with more, there are fewer places for each key */
};

struct riv_tally {
    const struct riv_layout *key; /* layout of the key alone */
    enum riv_key_class class;
    uint32_t key_offset; /* of the leaf, when there is one */
    uint32_t acc_bytes;
    uint32_t near_bytes; /* of them in the entry; else of a number */
    struct riv_places word, wide;
    uint32_t nslot;  /* keys so far */
    uint32_t *order; /* of slot s: place * 2, and 1 when it is a wide key */
    size_t order_cap;
    uint32_t peak;  /* most keys of the last fillings; fades */
    uint32_t group; /* most keys sought at once in this filling */
    bool fresh;     /* of the last words many were new */
    char *far;      /* accumulators that lie apart */
    size_t far_cap;
    struct riv_arena bytes; /* long keys; strings of accumulators */
};

/* acc_bytes: of an accumulator, which begins as zero bytes; 0: a set. */
void riv__tally_init(struct riv_tally *tab, const struct riv_layout *key,
                     uint32_t acc_bytes);
void riv__tally_fini(struct riv_tally *tab);
/* Empty again. Memory is kept unless it is far more than the last fillings
 * needed. */
void riv__tally_reset(struct riv_tally *tab);

void riv__keys_fini(struct riv_keys *keys);

/* The keys of n <= RIV__KEYS_MAX rows, `stride` bytes apart; asks for the places
 * where words will be sought. RIV_EINVAL: a key above RIV__KEY_BYTES_MAX. */
int riv__keys_make(struct riv_keys *keys, const struct riv_tally *tab,
                   const char *rows, size_t stride, size_t n) RIV__MUST_USE;

/* The same of n words that are riv__key_number of the keys. */
int riv__keys_numbers(struct riv_keys *keys, const struct riv_tally *tab,
                      const char *words, size_t stride, size_t n) RIV__MUST_USE;

/* The same of n strings, but slices stay slices, of which riv__keys_bytes makes
 * keys: for kernels that find keys in text. RIV_EINVAL: one is too long. */
void riv__keys_strs(struct riv_keys *keys, const struct riv_tally *tab,
                    const riv_str *strs, size_t n);
int riv__keys_bytes(struct riv_keys *keys) RIV__MUST_USE;

/* Without the first n keys; without one of the wide ones. Keys keep the numbers
 * of their rows. Only for keys that are counted, not in order (`in_order`). */
void riv__keys_drop(struct riv_keys *keys, uint32_t n);
void riv__keys_remove_wide(struct riv_keys *keys, uint32_t i);

/* For each key, found or added: one more; the int64_t at vals + row * stride
 * more; or acc[row] is where its accumulator lies until the next call, and
 * `fresh` has a bit set for each row whose key is new. New keys get the next
 * slots, in the order of their rows. `acc` and `fresh` have room for
 * RIV__KEYS_MAX rows. 0 or RIV_ENOMEM, then a part of the rows may be in. */
int riv__tally_count(struct riv_tally *tab, struct riv_keys *keys)
    RIV__MUST_USE;
int riv__tally_add_i64(struct riv_tally *tab, struct riv_keys *keys,
                       const char *vals, size_t stride) RIV__MUST_USE;
int riv__tally_find(struct riv_tally *tab, struct riv_keys *keys, void **acc,
                    uint64_t *fresh) RIV__MUST_USE;

/* As riv__keys_make, of n <= RIV__KEYS_MAX slots of another tally of the same
 * kind of key. */
void riv__keys_copy(struct riv_keys *keys, const struct riv_tally *tab,
                    const struct riv_tally *from, const uint32_t *slot,
                    size_t n);

/* The accumulator of a slot, until the tally changes. */
void *riv__tally_acc(const struct riv_tally *tab, uint32_t slot);

/* Writes the keys of n slots as the fields they were, rows `stride` apart;
 * strings point into the tally, valid until it changes. */
int riv__tally_keys(const struct riv_tally *tab, const uint32_t *slot, size_t n,
                    char *rows, size_t stride, struct riv_err *err)
    RIV__MUST_USE;

/* The same with the accumulators, `acc_offset` bytes behind the row's begin. */
struct riv_tally_out {
    char *rows;
    size_t stride, acc_offset;
};
int riv__tally_rows(const struct riv_tally *tab, const uint32_t *slot, size_t n,
                    const struct riv_tally_out *out, struct riv_err *err)
    RIV__MUST_USE;

/* Sorts the n slots from `first` on by partition (riv__hash_part), in order of
 * arrival within each: those of partition p are order[start[p]] up to
 * order[start[p + 1]]. `order` and `scratch` have room for n. */
struct riv_tally_parts {
    uint32_t nparts;
    uint32_t *order, *start, *scratch;
};
void riv__tally_by_part(const struct riv_tally *tab, uint32_t first, uint32_t n,
                        const struct riv_tally_parts *parts);

/* One wide multiplication: good on text, dense and strided integers. It is no
 * part of any format: partitions follow hash.h. */
static inline uint64_t riv__keys_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    const wide m = (wide)(a ^ RIV__HASH_K0) * (b ^ RIV__HASH_K1);
    return (uint64_t)m ^ (uint64_t)(m >> 64);
}

static inline uint32_t riv__keys_hash(uint64_t word)
{
    return (uint32_t)riv__keys_mix(word, 0);
}

/* Whether n bytes, zero-padded in `word`, are a word: not empty, not more than
 * 8, and not ending with a NUL, which padding would hide. */
static inline bool riv__keys_is_word(uint64_t word, size_t n)
{
    return (n - 1 < 8) & (le64toh(word) >> ((n - 1) * 8 & 63) != 0);
}

#endif
