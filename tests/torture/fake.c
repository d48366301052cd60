/* fake.c - a small program that keeps the promises under test, so that the
 * tests of this folder can be tested: a tail, a folder, a listening socket or a
 * replayed file as input, a journal, folders of files that appear whole, a
 * supervisor. It behaves as `rivulet run` with a state directory is to behave
 * with examples/audit.c, and shares nothing with the engine. With FAKE_BUG=NAME
 * in the environment it has one mistake, which the tests must find.
 *
 *   fake run --state DIR [--interval Nms] [OPTION VALUE] JOB INPUT OUTDIR
 *
 * The journal is text, a line a batch: its number and time, what was taken of
 * each source, the sums of all keys, a CRC. The order of things: outputs under
 * temporary names, synced; line appended, synced; names changed, folder synced.
 * A peer is acked when its lines are in a synced file of their own, of which
 * batches take as of a tail. */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

static struct {
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
    bool ended; /* the input */
} w = { .interval_ms = 10, .listener = -1 };

static const char *const output[2] = { "echo", "sums" };
static volatile sig_atomic_t stops;

static bool bug(const char *name)
{
    const char *set = getenv("FAKE_BUG");
    return set && strcmp(set, name) == 0;
}

static void end(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
static void end(int code, const char *format, ...)
{
    va_list args;
    const char *why = strerrordesc_np(errno);
    va_start(args, format);
    fprintf(stderr, "fake: error: ");
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, ": %s\n", why ? why : "?");
    _exit(bug("exit0") ? 0 : code);
}

static void *memory(void *p, size_t n)
{
    p = realloc(p, n);
    if (!p && !bug("alloc_crash"))
        end(NO_MEMORY, "no memory for %zu bytes", n);
    return p;
}

/* Checks what a call that writes returned. */
static void must(bool fine, const char *what, const char *name)
{
    if (!fine && !bug("ignore_eio"))
        end(IO, "%s %s", what, name);
}

static void sync_fd(int fd, const char *name)
{
    if (!bug("no_sync"))
        must(fdatasync(fd) == 0, "fdatasync", name);
}

static uint32_t crc_of(const char *p, size_t n)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < n; i++) {
        crc ^= (unsigned char)p[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void write_all(int fd, const char *p, size_t n, const char *name)
{
    while (n > 0) {
        ssize_t done = write(fd, p, n);
        if (done < 0 && errno == EINTR)
            continue;
        must(done >= 0, "write", name);
        if (done < 0 || bug("short_ok"))
            return;
        p += done;
        n -= (size_t)done;
    }
}

static long long now_ms(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ------------------------------------------------------------ what is kept */

static struct source *source_of(const char *name)
{
    for (size_t i = 0; i < w.nsource; i++)
        if (strcmp(w.source[i].name, name) == 0)
            return &w.source[i];
    w.source = memory(w.source, (w.nsource + 1) * sizeof *w.source);
    struct source *source = &w.source[w.nsource++];
    *source = (struct source){ .taken = 0 };
    snprintf(source->name, sizeof source->name, "%s", name);
    return source;
}

static struct key *key_of(const char *name, size_t n)
{
    for (size_t i = 0; i < w.nkey; i++)
        if (strlen(w.key[i].name) == n && memcmp(w.key[i].name, name, n) == 0)
            return &w.key[i];
    w.key = memory(w.key, (w.nkey + 1) * sizeof *w.key);
    struct key *key = &w.key[w.nkey++];
    *key = (struct key){ .name = memory(NULL, n + 1) };
    memcpy(key->name, name, n);
    key->name[n] = '\0';
    return key;
}

static void add_text(int which, const char *p, size_t n)
{
    w.text[which] = memory(w.text[which], w.used[which] + n + 1);
    memcpy(w.text[which] + w.used[which], p, n);
    w.used[which] += n;
}

/* ------------------------------------------------------------- the journal */

static void path_of(char dst[PATH_ROOM], const char *folder, const char *name)
{
    snprintf(dst, PATH_ROOM, "%s/%s", folder, name);
}

static void out_name(char dst[NAME_ROOM], long long batch, bool final)
{
    snprintf(dst, NAME_ROOM, final ? "%010lld.csv" : ".%010lld.fake.part",
             batch);
}

/* One line of the journal: number, time, sources, keys. */
static void apply(char *line)
{
    char *rest = line, *word = strtok_r(rest, " ", &rest);
    w.nsource = 0; /* the line names all */
    w.batch = word ? strtoll(word, NULL, 10) : 0;
    word = strtok_r(rest, " ", &rest);
    w.time_ms = word ? strtoll(word, NULL, 10) : 0;
    while ((word = strtok_r(rest, " ", &rest))) {
        char *equal = strchr(word, '=');
        if (!equal)
            end(DAMAGED, "journal: no value in %s", word);
        long long value = strtoll(equal + 1, NULL, 10);
        if (*word == '@') {
            *equal = '\0';
            source_of(word + 1)->taken = value;
        } else if (!bug("no_state")) {
            struct key *key = key_of(word, (size_t)(equal - word));
            key->sum = bug("twice") ? key->sum + value : value;
        }
    }
}

/* Reads all lines; the last may be torn, and is cut off. */
static void journal_read(const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    off_t good = 0;
    ssize_t n;
    while (file && (n = getline(&line, &room, file)) > 0) {
        char *mark = n > 10 ? line + n - 10 : line;
        const uint32_t crc = (uint32_t)strtoul(mark, NULL, 16);
        const bool whole = n > 10 && line[n - 1] == '\n' &&
                           crc == crc_of(line, (size_t)n - 10);
        if (!whole && fgetc(file) != EOF && !bug("fresh"))
            end(DAMAGED, "journal: the line at byte %lld is damaged",
                (long long)good);
        if (!whole)
            break;
        mark[0] = '\0';
        apply(line);
        good += n;
    }
    free(line);
    if (file) {
        must(!ferror(file), "read", path);
        fclose(file);
    }
    must(truncate(path, good) == 0 || errno == ENOENT, "truncate", path);
}

static void journal_add(void)
{
    char head[NAME_ROOM * 2];
    size_t room = 128 + w.nkey * 96 + w.nsource * (NAME_ROOM + 32), n = 0;
    char *line = memory(NULL, room);
    n += (size_t)snprintf(line, room, "%lld %lld", w.batch, w.time_ms);
    for (size_t i = 0; i < w.nsource; i++)
        n += (size_t)snprintf(line + n, room - n, " @%s=%lld", w.source[i].name,
                              w.source[i].taken);
    for (size_t i = 0; i < w.nkey; i++)
        n += (size_t)snprintf(line + n, room - n, " %.64s=%lld", w.key[i].name,
                              w.key[i].sum);
    int m = snprintf(head, sizeof head, " %08x\n", crc_of(line, n));
    memcpy(line + n, head, (size_t)m);
    write_all(w.journal, line, n + (size_t)m, "journal");
    sync_fd(w.journal, "journal");
    free(line);
}

/* -------------------------------------------------------------- the outputs */

static void out_write(int which)
{
    char name[NAME_ROOM];
    out_name(name, w.batch, bug("no_tmp"));
    int fd = openat(w.out_fd[which], name,
                    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    must(fd >= 0, "open", name);
    if (fd < 0)
        return;
    write_all(fd, w.text[which], w.used[which], name);
    sync_fd(fd, name);
    close(fd);
    sync_fd(w.out_fd[which], output[which]);
}

/* May have been done before the crash. */
static void out_publish(int which)
{
    char temporary[NAME_ROOM], final[NAME_ROOM];
    const int fd = w.out_fd[which];
    out_name(temporary, w.batch, false);
    out_name(final, w.batch, true);
    if (renameat(fd, temporary, fd, final) < 0 && errno != ENOENT)
        must(false, "rename", temporary);
    sync_fd(fd, output[which]);
}

/* What a crash left: files of batches that never were. */
static void out_tidy(int which)
{
    DIR *dir = fdopendir(dup(w.out_fd[which]));
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (strstr(e->d_name, ".fake.part"))
            unlinkat(w.out_fd[which], e->d_name, 0);
    if (dir)
        closedir(dir);
}

static void out_open(int which)
{
    char path[PATH_ROOM];
    path_of(path, w.outdir, output[which]);
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        end(IO, "mkdir %s", path);
    w.out_fd[which] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w.out_fd[which] < 0)
        end(IO, "open %s", path);
}

/* ------------------------------------------------------------------ a batch */

static void take_line(const char *line, size_t n)
{
    const char *comma[3], *p = line;
    add_text(0, line, n + 1);
    for (int i = 0; i < 3; i++) {
        comma[i] = p ? memchr(p, ',', (size_t)(line + n - p)) : NULL;
        p = comma[i] ? comma[i] + 1 : NULL;
    }
    if (!p)
        return;
    struct key *key = key_of(comma[1] + 1, (size_t)(comma[2] - comma[1] - 1));
    key->sum += strtoll(comma[2] + 1, NULL, 10);
    key->changed = true;
}

static void make_sums(void)
{
    for (size_t i = 0; i < w.nkey; i++) {
        char row[256];
        if (!w.key[i].changed)
            continue;
        w.key[i].changed = false;
        int n = snprintf(row, sizeof row, "%lld,%s,%lld\n", w.time_ms,
                         w.key[i].name, w.key[i].sum);
        add_text(1, row, (size_t)n);
    }
}

static void swap_two_lines(void)
{
    char *end_1 = memchr(w.text[0], '\n', w.used[0]);
    size_t n = end_1 ? (size_t)(end_1 - w.text[0]) + 1 : 0;
    char *end_2 = n ? memchr(w.text[0] + n, '\n', w.used[0] - n) : NULL;
    if (!end_2)
        return;
    size_t m = (size_t)(end_2 - w.text[0]) + 1 - n;
    char *copy = memory(NULL, n + m);
    memcpy(copy, w.text[0] + n, m);
    memcpy(copy + m, w.text[0], n);
    memcpy(w.text[0], copy, n + m);
    free(copy);
}

static void commit(void)
{
    static long long before; /* taken of source 0 by the batch before */
    struct source *first = &w.source[0];
    const long long taken = first->taken;
    const long long wall = now_ms(CLOCK_REALTIME) / w.interval_ms;
    w.batch++;
    if ((wall + 1) * w.interval_ms > w.time_ms || bug("wall"))
        w.time_ms = (wall + 1) * w.interval_ms;
    else
        w.time_ms += w.interval_ms;
    make_sums();
    if (bug("swap") && w.batch % 3 == 0)
        swap_two_lines();
    for (int i = 0; i < 2; i++)
        out_write(i);
    for (int i = 0; i < 2 && bug("publish_early"); i++)
        out_publish(i);
    if (bug("offset_late"))
        first->taken = before;
    journal_add();
    first->taken = before = taken;
    for (int i = 0; i < 2; i++)
        out_publish(i);
    w.used[0] = w.used[1] = 0;
}

/* ------------------------------------------------------------------- inputs */

/* Takes whole lines of a file from where its source stands. */
static bool take_file(const char *path, struct source *source, bool to_end)
{
    const size_t room = TAKE_MAX;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return false;
    if (fd < 0)
        end(errno == EIO ? IO : NO_INPUT, "open %s", path);
    char *data = memory(NULL, room);
    ssize_t n = pread(fd, data, room, (off_t)source->taken);
    if (n < 0)
        end(IO, "read %s", path);
    close(fd);
    long lines = 0, limit = w.replay_lines ? w.replay_lines : 1000000;
    size_t at = 0;
    for (char *nl;
         lines < limit && (nl = memchr(data + at, '\n', (size_t)n - at));
         lines++) {
        take_line(data + at, (size_t)(nl - data) - at);
        at = (size_t)(nl - data) + 1;
    }
    source->taken += (long long)at;
    if (bug("offset_early") && at > 0)
        source->taken += n - (ssize_t)at;
    free(data);
    w.ended = to_end && at == 0;
    return at > 0;
}

/* Files are named by number (f-000001.csv). They are asked for by name: who
 * lists a folder while files come may see a later one and not an earlier. */
static bool take_folder(const char *folder)
{
    struct source *next = source_of("files");
    char path[PATH_ROOM];
    bool any = false;
    for (;; next->taken++) {
        struct source whole = { .taken = 0 };
        snprintf(path, sizeof path, "%s/f-%06lld.csv", folder, next->taken);
        if (access(path, F_OK) < 0)
            return any;
        while (take_file(path, &whole, false))
            any = true;
    }
}

/* --------------------------------------------------------------- the socket */

static void listen_open(const char *at)
{
    char host[64];
    const char *colon = strrchr(at, ':');
    const int on = 1;
    if (!colon)
        end(64, "no port in %s", at);
    snprintf(host, sizeof host, "%.*s", (int)(colon - at), at);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtol(colon + 1, NULL, 10)),
        .sin_addr.s_addr = inet_addr(host),
    };
    w.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(w.listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (w.listener < 0 ||
        bind(w.listener, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(w.listener, 64) < 0)
        end(69, "listen at %s", at);
    fcntl(w.listener, F_SETFL, O_NONBLOCK);
}

static void peer_close(struct peer *peer)
{
    close(peer->fd);
    if (peer->id[0])
        close(peer->file);
    peer->fd = -1;
}

static void ack(struct peer *peer)
{
    char text[40];
    int n = snprintf(text, sizeof text, "ACK %lld\n", peer->have);
    if (send(peer->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
        shutdown(peer->fd, SHUT_RDWR);
}

static void peer_path(char dst[PATH_ROOM], const char *id)
{
    snprintf(dst, PATH_ROOM, "%s/peer-%s", w.state, id);
}

/* How many whole lines the file has; a torn one is cut off. */
static long long lines_in(int fd)
{
    char data[4096];
    long long lines = 0;
    off_t at = 0, good = 0;
    for (ssize_t n; (n = pread(fd, data, sizeof data, at)) > 0; at += n)
        for (ssize_t i = 0; i < n; i++)
            if (data[i] == '\n') {
                lines++;
                good = at + i + 1;
            }
    must(ftruncate(fd, good) == 0, "ftruncate", "peer");
    return lines;
}

static void hello(struct peer *peer, const char *line)
{
    char path[PATH_ROOM];
    if (strncmp(line, "HELLO ", 6) != 0 || strlen(line) > 6 + 64) {
        shutdown(peer->fd, SHUT_RDWR);
        return;
    }
    for (size_t i = 0; i < w.npeer; i++)
        if (w.peer[i].fd >= 0 && strcmp(w.peer[i].id, line + 6) == 0)
            peer_close(&w.peer[i]);
    snprintf(peer->id, sizeof peer->id, "%.64s", line + 6);
    peer_path(path, peer->id);
    peer->file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    must(peer->file >= 0, "open", path);
    peer->have = lines_in(peer->file);
    source_of(peer->id);
    ack(peer);
}

/* What one read brought: whole lines into the file, and an ack. */
static void peer_hear(struct peer *peer)
{
    ssize_t got =
        recv(peer->fd, peer->line + peer->n, sizeof peer->line - peer->n, 0);
    if (got <= 0) {
        peer_close(peer);
        return;
    }
    peer->n += (size_t)got;
    char *nl = memchr(peer->line, '\n', peer->n);
    if (!peer->id[0] && nl) {
        *nl = '\0';
        hello(peer, peer->line);
        peer->n -= (size_t)(nl + 1 - peer->line);
        memmove(peer->line, nl + 1, peer->n);
    }
    size_t whole = 0;
    for (size_t i = 0; peer->id[0] && i < peer->n; i++)
        if (peer->line[i] == '\n') {
            whole = i + 1;
            peer->have++;
        }
    if (whole == 0)
        return;
    if (bug("ack_early"))
        ack(peer);
    write_all(peer->file, peer->line, whole, peer->id);
    sync_fd(peer->file, peer->id);
    peer->n -= whole;
    memmove(peer->line, peer->line + whole, peer->n);
    ack(peer);
}

static void accept_one(void)
{
    int fd = accept4(w.listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    struct peer *peer = NULL;
    for (size_t i = 0; !peer && i < PEERS_MAX; i++)
        if (i >= w.npeer || w.peer[i].fd < 0)
            peer = &w.peer[i];
    if (!peer) {
        close(fd);
        return;
    }
    if (peer == &w.peer[w.npeer])
        w.npeer++;
    *peer = (struct peer){ .fd = fd, .file = -1 };
}

/* Waits until the tick, and listens meanwhile. */
static void wait_until(long long until_ms)
{
    for (;;) {
        struct pollfd fd[PEERS_MAX + 1];
        nfds_t n = 0;
        long long left = until_ms - now_ms(CLOCK_MONOTONIC);
        if (left <= 0 || stops)
            return;
        if (w.listener >= 0)
            fd[n++] = (struct pollfd){ .fd = w.listener, .events = POLLIN };
        for (size_t i = 0; n > 0 && i < w.npeer; i++)
            fd[n++] = (struct pollfd){ .fd = w.peer[i].fd, .events = POLLIN };
        if (poll(fd, n, (int)left) <= 0)
            continue;
        for (nfds_t i = n; i-- > 1;)
            if (fd[i].revents)
                peer_hear(&w.peer[i - 1]);
        if (fd[0].revents)
            accept_one();
    }
}

static bool take_peers(void)
{
    char path[PATH_ROOM];
    bool any = false;
    for (size_t i = 0; i < w.nsource; i++) {
        peer_path(path, w.source[i].name);
        any |= take_file(path, &w.source[i], false);
    }
    return any;
}

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool take(void)
{
    if (starts(w.input, "tail:"))
        return take_file(w.input + 5, source_of("tail"), false);
    if (starts(w.input, "replay:"))
        return take_file(strchr(w.input + 7, ':') + 1, source_of("replay"),
                         true);
    if (starts(w.input, "dir:"))
        return take_folder(w.input + 4);
    return take_peers();
}

/* --------------------------------------------------------------- the worker */

static void on_stop(int number)
{
    (void)number;
    if (++stops > 1)
        _exit(STOPPED);
}

static void state_open(void)
{
    char path[PATH_ROOM];
    if (mkdir(w.state, 0700) < 0 && errno != EEXIST)
        end(BUSY, "mkdir %s", w.state);
    path_of(path, w.state, "lock");
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    must(lock >= 0, "open", path);
    if (!bug("no_lock") && flock(lock, LOCK_EX | LOCK_NB) < 0)
        end(errno == EWOULDBLOCK ? BUSY : IO, "%s is in use", w.state);
    path_of(path, w.state, "journal");
    journal_read(path);
    w.journal = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    must(w.journal >= 0, "open", path);
    int folder = open(w.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(folder >= 0, "open", w.state);
    sync_fd(folder, w.state);
    close(folder);
}

static int worker(void)
{
    struct sigaction on = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGTERM, &on, NULL);
    sigaction(SIGINT, &on, NULL);
    sigaction(SIGHUP, &on, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    state_open();
    for (int i = 0; i < 2; i++) {
        out_open(i);
        if (w.batch > 0)
            out_publish(i);
        out_tidy(i);
    }
    if (starts(w.input, "listen://"))
        listen_open(w.input + 9);
    if (starts(w.input, "replay:"))
        w.replay_lines = strtol(w.input + 7, NULL, 10);
    long long tick = now_ms(CLOCK_MONOTONIC);
    while (!w.ended) {
        const bool last = stops > 0;
        const bool any = take();
        if (any)
            commit();
        if (last && !any)
            break;
        tick += w.interval_ms;
        wait_until(tick);
    }
    return 0;
}

/* ----------------------------------------------------------- the supervisor */

static volatile sig_atomic_t child;

static void pass_on(int number)
{
    stops++;
    if (child > 0)
        kill((pid_t)child, number);
}

static int supervise(void)
{
    struct sigaction on = { .sa_handler = pass_on, .sa_flags = SA_RESTART };
    const pid_t self = getpid();
    const struct sigaction ignore = { .sa_handler = SIG_IGN };
    sigaction(SIGTERM, &on, NULL);
    sigaction(SIGINT, &on, NULL);
    sigaction(SIGHUP, &on, NULL);
    sigaction(SIGPIPE, &ignore, NULL);
    for (int crash = 0; crash < CRASHES_MAX; crash++) {
        const long long since = now_ms(CLOCK_MONOTONIC);
        int status = 0;
        child = fork();
        if (child == 0) {
            if (!bug("orphan"))
                prctl(PR_SET_PDEATHSIG, SIGKILL);
            if (getppid() != self)
                _exit(STOPPED);
            _exit(worker());
        }
        while (waitpid((pid_t)child, &status, 0) < 0 && errno == EINTR)
            continue;
        if (WIFEXITED(status))
            return WEXITSTATUS(status);
        if (bug("no_restart"))
            break;
        if (stops > 0)
            return STOPPED;
        if (now_ms(CLOCK_MONOTONIC) - since > LONG_LIFE_MS)
            crash = 0;
    }
    return CRASHED;
}

int main(int argc, char **argv)
{
    int i = 1;
    bool alone = false;
    if (i < argc && strcmp(argv[i], "run") == 0)
        i++;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (strcmp(argv[i + 1], "restart.max=0") == 0)
            alone = true;
        if (strcmp(argv[i], "--state") == 0)
            w.state = argv[i + 1];
        if (strcmp(argv[i], "--interval") == 0)
            w.interval_ms = strtol(argv[i + 1], NULL, 10);
    }
    if (i + 2 >= argc || !w.state) {
        fprintf(stderr, "usage: fake run --state DIR JOB INPUT OUTDIR\n");
        return 64;
    }
    w.input = argv[i + 1];
    w.outdir = argv[i + 2];
    return alone ? worker() : supervise();
}
