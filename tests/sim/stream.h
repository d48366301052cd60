/* sim/stream.h - what comes in, as the test knows it: a stream is one file, one
 * connection or one queue, and consists of lines that say who they are:
 *     STREAM SEQ KEY VALUE PADDING;
 * KEY, VALUE and PADDING follow from the first two, so any line can be checked
 * by itself, and a line that is whole ends with ';'. Streams live in the shared
 * region: they outlive the engine. */
#ifndef RIV_SIM_STREAM_H
#define RIV_SIM_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_MAX_BYTES = 160, KEYS = 24, KEY_BYTES = 40 };

enum stream_kind {
    STREAM_CONN,  /* one connection */
    STREAM_FILE,  /* a file of a folder */
    STREAM_TAIL,  /* a file that grows, until it is moved away or truncated */
    STREAM_QUEUE, /* rows the program pushes */
};

struct stream {
    uint32_t id;
    enum stream_kind kind;
    uint32_t input; /* which input of the job it comes in through */
    uint64_t made;  /* whole lines that were put out */
    uint64_t part;  /* bytes of the next one that were put out */
    bool lost;      /* the process that had it died: what came is a beginning */
    bool ended;     /* cleanly: the part counts as a line */
    bool dropped;   /* not: the part counts for nothing */
    uint64_t taken; /* of CONN and TAIL: whole lines the engine read ... */
    uint64_t taken_part;  /* ... and bytes of the next one */
    uint64_t taken_bytes; /* ... and of all */
    bool taken_end;       /* of CONN: it read that it ended */
    uint64_t read_bytes;  /* of TAIL: so far this life of it has read */
    bool looked;          /* of TAIL: it read at the start */
    uint64_t seen;        /* lines in the output, in order, without a gap */
    uint64_t cut;         /* lines that came cut at the limit */
    bool part_seen;       /* and the part */
};

struct record {
    uint32_t stream;
    uint64_t seq;
    unsigned key; /* 0 to KEYS - 1 */
    int64_t val;
};

/* The record of a place; seed: of the run. */
struct record stream_record(uint64_t seed, uint32_t stream, uint64_t seq);
/* Its line with '\n', into dst (LINE_MAX_BYTES + 2); the length. */
size_t stream_line(uint64_t seed, uint32_t stream, uint64_t seq, char *dst);
/* The text of a key into dst (KEY_BYTES). */
size_t stream_key(unsigned key, char *dst);
/* The number of a key's text; -1: none of ours. */
int stream_key_of(const char *p, size_t n);

/* Writes up to `room` bytes of what comes next, ending where it likes: moves
 * made and part. */
size_t stream_make(uint64_t seed, struct stream *s, char *dst, size_t room);
/* Bytes to the end of the line that is next, its '\n' included. */
size_t stream_rest(uint64_t seed, const struct stream *s);
/* n bytes of it have been read by the engine. */
void stream_take(struct stream *s, const char *p, size_t n);

/* How many whole lines must be in the output: a part that is all of a line but
 * its '\n' is one of them. early: the job was stopped, and only what the engine
 * had read must be there; of a file, what this life of it had: one that died may
 * have come further. */
uint64_t stream_must(uint64_t seed, const struct stream *s, bool early);
/* And at the most. */
uint64_t stream_may(uint64_t seed, const struct stream *s);
/* Lines longer than this are too long for the job: it leaves them out, or cuts
 * them. */
bool stream_is_long(uint64_t seed, const struct stream *s, uint64_t seq,
                    size_t line_max);
/* The line that is no line: its length, its text in dst; 0: there is none. */
size_t stream_fragment(uint64_t seed, const struct stream *s, char *dst);

#endif
