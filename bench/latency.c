/* latency.c - W9, from the time for which a record was due to the time when it
 * has gone through a batch: a thread sends lines over TCP, so many a second, each
 * with the time at which it was scheduled in front, which does not move when the
 * sender or the engine is late (no coordinated omission); the job counts what
 * arrives and looks at the clock behind its reduction. Both share the machine.
 *   latency RATE INTERVAL_MS SECONDS [THREADS]
 * Prints a line of JSON, times in milliseconds. The first second is left out. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <rivulet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 100, BUCKETS = 2000000, OUT_LINES = 4096 };

static atomic_uint bucket[BUCKETS]; /* of a microsecond; the last: above */
static atomic_llong received;
static int64_t count_from_ns;

struct sender {
    int fd;
    int64_t rate, seconds, start_ns, sent;
    int64_t late_ns; /* most that a write came behind its schedule */
};

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void until(int64_t ns)
{
    const struct timespec ts = { ns / 1000000000, ns % 1000000000 };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) != 0)
        continue;
}

/* ------------------------------------------------------------- the sender */

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        const ssize_t got = write(fd, p, n);
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static void line_put(char *to, int64_t due_ns)
{
    memset(to, 'x', LINE);
    for (int i = 18; i >= 0; i--, due_ns /= 10)
        to[i] = (char)('0' + due_ns % 10);
    to[19] = ' ';
    to[LINE - 1] = '\n';
}

/* Every millisecond the lines that are due; when it is late, all that were. */
static void *send_lines(void *arg)
{
    static char lines[OUT_LINES * LINE];
    struct sender *s = arg;
    const int64_t all = s->rate * s->seconds;
    s->start_ns = now_ns() + 50000000;
    count_from_ns = s->start_ns + 1000000000;
    for (int64_t tick = 0; s->sent < all; tick++) {
        until(s->start_ns + tick * 1000000);
        const int64_t now = now_ns() - s->start_ns;
        for (size_t n = 0;; n = 0) {
            while (n < OUT_LINES && s->sent < all &&
                   s->sent * 1000000000 / s->rate <= now)
                line_put(lines + LINE * n++,
                         s->start_ns + s->sent++ * 1000000000 / s->rate);
            if (n == 0)
                break;
            if (!write_all(s->fd, lines, n * LINE))
                return NULL;
        }
        const int64_t late =
            now_ns() - s->start_ns - s->sent * 1000000000 / s->rate;
        s->late_ns = late > s->late_ns ? late : s->late_ns;
    }
    shutdown(s->fd, SHUT_WR);
    return NULL;
}

static int listen_on(int *ret_port)
{
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t n = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, n) < 0 ||
        listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)&at, &n) < 0) {
        perror("latency: socket");
        exit(71);
    }
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static void *accept_and_send(void *arg)
{
    struct sender *s = arg;
    const int fd = accept(s->fd, NULL, NULL);
    close(s->fd);
    s->fd = fd;
    /* Or the kernel keeps lines for up to 7 ms, until others were acknowledged. */
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    return fd < 0 ? NULL : send_lines(s);
}

/* ---------------------------------------------------------------- the job */

RIV_PAIR(due, int64_t, int64_t);

RIV_MAP(due_of, riv_str, due);
static int due_of(const riv_str *line, due *out, riv_task *t)
{
    (void)t;
    int64_t ns = 0;
    for (int i = 0; i < 19; i++)
        ns = ns * 10 + (line->p[i] - '0');
    *out = (due){ ns / 1000, 1 };
    return 0;
}

/* Records of one microsecond are one row; all of them are through now. */
static int see_rows(const void *rows, size_t n, riv_task *t)
{
    const due *row = rows;
    const int64_t now_us = now_ns() / 1000;
    (void)t;
    for (size_t i = 0; i < n; i++) {
        int64_t us = now_us - row[i].key;
        us = us < 0 ? 0 : us >= BUCKETS ? BUCKETS - 1 : us;
        if (row[i].key * 1000 >= count_from_ns)
            atomic_fetch_add(&bucket[us], (unsigned)row[i].val);
        atomic_fetch_add(&received, row[i].val);
    }
    return 0;
}

static double quantile_ms(double q)
{
    uint64_t all = 0, sum = 0;
    for (int i = 0; i < BUCKETS; i++)
        all += bucket[i];
    for (int i = 0; i < BUCKETS; i++) {
        sum += bucket[i];
        if (all > 0 && (double)sum >= q * (double)all)
            return i / 1e3;
    }
    return 0;
}

static int run(struct sender *s, int64_t interval_ms, int threads, int port)
{
    char uri[64];
    const riv_fn see = { .struct_size = sizeof see,
                         .op = RIV_OP_FOREACH,
                         .name = "see",
                         .where = __FILE__,
                         .in = &riv_type_due,
                         .rows = see_rows };
    snprintf(uri, sizeof uri, "tcp://127.0.0.1:%d", port);
    riv *r = riv_new(RIV_CONFIG(.threads = threads, .batch_ms = interval_ms));
    riv_ds *dues = riv_map(riv_text(r, uri, NULL), due_of_fn, NULL);
    riv_foreach(riv_reduce_by_key(dues, riv_sum_i64, NULL), &see, NULL);
    int rc = riv_start(r);
    const int64_t all = s->rate * s->seconds;
    for (int64_t i = 0; rc == RIV_OK && received < all && i < s->seconds * 30;
         i++)
        until(now_ns() + 100000000);
    riv_stop(r, RIV_NOW);
    riv_wait(r, -1);
    if (rc != RIV_OK)
        fprintf(stderr, "latency: %s\n", riv_errmsg(r));
    riv_free(r);
    return rc;
}

int main(int argc, char **argv)
{
    struct sender s = { .rate = argc > 1 ? strtoll(argv[1], NULL, 10) : 0,
                        .seconds = argc > 3 ? strtoll(argv[3], NULL, 10) : 0 };
    const int64_t interval_ms = argc > 2 ? strtoll(argv[2], NULL, 10) : 0;
    int port;
    pthread_t thread;
    if (s.rate < 1 || s.seconds < 2 || interval_ms < 1) {
        fprintf(stderr, "usage: latency RATE INTERVAL_MS SECONDS [THREADS]\n");
        return 64;
    }
    s.fd = listen_on(&port);
    if (pthread_create(&thread, NULL, accept_and_send, &s) != 0)
        return 71;
    if (run(&s, interval_ms, argc > 4 ? (int)strtol(argv[4], NULL, 10) : 1,
            port) != RIV_OK)
        return 70;
    pthread_join(thread, NULL);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"bench\":\"latency\",\"rate\":%lld,\"interval_ms\":%lld,"
           "\"received\":%lld,\"sent\":%lld,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
           "\"p9999_ms\":%.3f,\"max_ms\":%.3f,\"sender_late_ms\":%.3f,"
           "\"rss_kib\":%ld}\n",
           (long long)s.rate, (long long)interval_ms, (long long)received,
           (long long)s.sent, quantile_ms(0.5), quantile_ms(0.99),
           quantile_ms(0.9999), quantile_ms(1), (double)s.late_ns / 1e6,
           usage.ru_maxrss);
    return received == s.rate * s.seconds ? 0 : 70;
}
