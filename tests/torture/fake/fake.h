/* fake.h - what the files of the fake share: what stands, and what each of them
 * does for the others. */
#ifndef FAKE_H
#define FAKE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum {
    DAMAGED = 65,
    NO_INPUT = 66,
    CRASHED = 70,
    NO_MEMORY = 71,
    BUSY = 73,
    IO = 74,
    STOPPED = 75,
    PEERS_MAX = 8,
    TAKE_MAX = 64 * 1024, /* bytes of a source in a batch */
    NAME_ROOM = 72,
    PATH_ROOM = 1024,
    CRASHES_MAX = 8, /* in a row, of lives shorter than */
    LONG_LIFE_MS = 1000,
    ID_ROOM = 65
};

struct key {
    char *name;
    long long sum;
    bool changed; /* by the batch */
};

/* Where a source stands: bytes taken, or for a folder files taken. */
struct source {
    char name[NAME_ROOM];
    long long taken;
};

struct peer {
    int fd;
    char id[ID_ROOM]; /* empty: no HELLO yet */
    char line[4096];
    size_t n;
    int file;       /* its lines */
    long long have; /* lines in it */
};

struct fake {
    const char *state, *input, *outdir;
    long interval_ms;
    int journal, out_fd[2];
    struct key *key;
    size_t nkey;
    struct source *source;
    size_t nsource;
    long long batch, time_ms;
    char *text[2]; /* of the batch: echo, sums */
    size_t used[2];
    int listener;
    struct peer peer[PEERS_MAX];
    size_t npeer;
    long replay_lines;
    bool ended;                  /* the input */
    volatile sig_atomic_t stops; /* it was told to, so often */
};

extern struct fake w;
extern const char *const output[2];

/* calls.c: a call that fails ends the program, unless that is its bug */
bool bug(const char *name);
void end(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
void *memory(void *p, size_t n);
void must(bool fine, const char *what, const char *name);
void sync_fd(int fd, const char *name);
void write_all(int fd, const char *p, size_t n, const char *name);
long long now_ms(clockid_t clock);
void path_of(char dst[PATH_ROOM], const char *folder, const char *name);

/* kept.c: made where there is none */
struct source *source_of(const char *name);
struct key *key_of(const char *name, size_t n);
void add_text(int which, const char *p, size_t n);

/* journal.c */
void journal_read(const char *path);
void journal_add(void);

/* output.c */
void out_open(int which);
void out_tidy(int which);
void out_write(int which);
void out_publish(int which);

/* batch.c */
void take_line(const char *line, size_t n);
void commit(void);

/* input.c, peers.c: whether anything was taken into the batch */
bool take_file(const char *path, struct source *source, bool to_end);
bool take_folder(const char *folder);
bool take_peers(void);
void listen_open(const char *at);
/* Waits until the tick, and listens meanwhile. */
void wait_until(long long until_ms);

#endif
