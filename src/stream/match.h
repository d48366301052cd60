/* stream/match.h - the program's nodes against those in the journal: which is
 * which, by identity, and whether old state fits new types. Decides, in words,
 * and changes nothing; recovery.c and `rivulet check` act on it. */
#ifndef RIV_STREAM_MATCH_H
#define RIV_STREAM_MATCH_H

#include "exec/kept.h"
#include "exec/plan.h"
#include "store/journal.h"

enum riv_verdict {
    RIV__MATCH_NEW,     /* it begins empty */
    RIV__MATCH_KEPT,    /* as it was */
    RIV__MATCH_CHANGED, /* kept; its fields are converted */
    RIV__MATCH_REFUSED, /* cannot be kept */
    RIV__MATCH_GONE,    /* in the journal, and not in the program */
    RIV__MATCH_DROPPED, /* gone, and allowed to be deleted */
    RIV__MATCH_RESET,   /* a source that begins anew */
};

struct riv_match {
    enum riv_verdict verdict;
    enum riv_node_role role;
    const riv_ds *ds; /* of the program; NULL: gone */
    const char *identity;
    struct riv_node_row row; /* as the journal has it, or is to have it; its
                                  text is the arena's */
    const char *schema;      /* of the program */
    const struct riv_convert *val; /* CHANGED */
    const char *note;              /* in words, for people; lines */
};

struct riv_matches {
    struct riv_arena *arena;
    struct riv_match *match;
    size_t n, cap;
};

/* What of a program the journal knows. */
struct riv_match_want {
    enum riv_node_role role;
    const riv_ds *ds;
    const struct riv_kept_ops *kept; /* of STATE */
};

struct riv_wants {
    struct riv_match_want *want;
    size_t n, cap;
};

/* All of a plan: the sources in this order, then operators with state and
 * outputs of files in that of the plan. Nothing need be open. */
int riv__wants_make(struct riv_wants *wants, const struct riv_plan *plan,
                    const riv_ds *const *source, size_t nsource,
                    struct riv_err *err) RIV__MUST_USE;
void riv__wants_fini(struct riv_wants *wants);

/* Windows count panes by batches of one length: an error if the plan has some,
 * and the interval was another one. */
int riv__match_interval(const struct riv_plan *plan, int64_t was_ms,
                        struct riv_err *err) RIV__MUST_USE;

/* Is the word one of a setting's list with commas between? */
bool riv__match_is_listed(const char *list, riv_str word);

/* Compares. The list is to be freed with riv__matches_fini; its text is the
 * arena's. */
int riv__matches_make(struct riv_matches *matches, struct riv_arena *arena,
                      struct riv_journal *journal,
                      const struct riv_settings *conf,
                      const struct riv_graph *graph,
                      const struct riv_wants *wants, struct riv_err *err)
    RIV__MUST_USE;
void riv__matches_fini(struct riv_matches *matches);

/* The first that is refused, or gone without leave, as an error; else 0. */
int riv__matches_verdict(const struct riv_matches *matches, struct riv_err *err)
    RIV__MUST_USE;

#endif
