/* rivulet/watch.h - for a program that runs a job in a process of its own and
 * starts it again when that dies, as `rivulet run JOB --state DIR` does; and for
 * what it tells a service manager. The two processes share some memory, in which
 * the one that works says what it is doing: a store a task and a chunk, nothing
 * a record. So whoever outlives it can say in which operator it died.
 *
 *   riv_watch *watch = mmap(NULL, riv_watch_bytes(), PROT_READ | PROT_WRITE,
 *                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
 *   pid_t pid = fork();
 *   if (pid == 0)
 *       return riv_cli_worker(watch, argc, argv, build);
 *   waitpid(pid, &status, 0);
 *   riv_watch_look(watch, &info);
 *   if (!info.ended && info.goes_on)
 *       ... riv_watch_doing(watch, text, sizeof text), and start it again
 *
 * No file or socket of the engine is opened by these functions in the process
 * that watches. @thread any, all of them. */
#ifndef RIVULET_WATCH_H
#define RIVULET_WATCH_H

#include <rivulet.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The memory: shared by both processes, riv_watch_bytes of it, aligned as a page
 * is, zeroed before the first start. */
typedef struct riv_watch riv_watch;

/* How much. */
RIV_API size_t riv_watch_bytes(void);

/* As riv_cli_main, in the process that is watched. It leaves the service manager
 * to the other one; SIGTERM, SIGINT and SIGHUP from there count as
 * riv_watch_ask says. On a fault the thread's calls go to standard error. */
RIV_API int riv_cli_worker(riv_watch *watch, int argc, char **argv,
                           riv_job_fn *build);

typedef struct riv_watch_info { /* grows at its end */
    size_t struct_size;
    bool goes_on; /* a stream with a state directory: another start goes on
                         where this one was */
    bool ready;   /* the inputs are open */
    bool ended;   /* it came to its end, with exit_code */
    int exit_code;
    int64_t batch; /* number of the batch that ran; 0: none, or not durable */
    int64_t batch_time; /* its time */
    int fault_signal;   /* a thread has caught this fault; 0: none */
    int64_t tick_ms;    /* how often riv_watch_tick should be called */
    int poison;         /* the setting poison.policy: RIV_POISON_* */
    /* Of a trial (riv_trial): it was applied; all of it has run. Places + 1, 0:
     * none or not known: of the line that was in work; the greatest of lines in
     * front of `from`; the least and the greatest of those that ran; the least
     * from `until` on. */
    bool tried, passed;
    uint64_t line, below, low, high, above;
    int64_t memory_max; /* bytes above which a task is ended; 0: no limit */
} riv_watch_info;

enum { RIV_POISON_FAIL, RIV_POISON_SKIP, RIV_POISON_LETTER };

/* What has become of it so far. */
RIV_API void riv_watch_look(const riv_watch *watch, riv_watch_info *info);

/* Writes which functions run, or ran when it died, as "riv_map(parse, job.c:12),
 * partition 3"; the one at fault when it is known, else all, with "or" between.
 * At most `room` bytes with NUL; "" when there was none. Returns text. */
RIV_API char *riv_watch_doing(const riv_watch *watch, char *text, size_t room);

/* Call it every tick_ms while the process runs, with the time that has passed
 * since the last call (of which a process that was itself stopped counts
 * little). Returns the system's number of a thread that has been in one task for
 * longer than the setting task.timeout, or 0. */
RIV_API int riv_watch_tick(riv_watch *watch, int64_t passed_ms);

/* Call it behind riv_watch_tick, with the memory that the process has in bytes.
 * Returns the system's number of the thread that has been in one task for
 * longest, when that is since the last tick at the least and the process has more
 * than memory_max: 4 MiB less than a tenth over the setting memory.limit; or 0.
 * Call it the sooner the less is missing. Between tasks the process itself sees
 * to the limit, and ends with 71. */
RIV_API int riv_watch_memory(const riv_watch *watch, int64_t bytes);

/* Somebody asks this process to stop: call it before the signal is sent on. The
 * worker drains when it has been asked once, by this or by a signal of its own,
 * and leaves at once when by either twice: so a signal for a whole process group
 * is one. */
RIV_API void riv_watch_ask(riv_watch *watch);

/* Writes which part of which input the batch reads, as far as that was written
 * down before it ran; at most `room` bytes with NUL. Returns text. */
RIV_API char *riv_watch_reads(const riv_watch *watch, char *text, size_t room);

typedef struct riv_skip { /* a line that is left out, and a dead letter */
    uint64_t place;
    const char *why;
} riv_skip;

/* How to find the lines that kill the process. The bytes of a batch are counted
 * through all its inputs; a line's place is that of its first one. */
typedef struct riv_trial { /* grows at its end */
    size_t struct_size;
    int64_t fixes; /* what batches up to this one contain is written down before
                      they run, so that another start has it again */
    int64_t batch; /* 0: no trial. This batch, if it had begun before: */
    bool probes;   /* nothing is committed: the process ends with info.passed */
    uint64_t from, until; /* only lines whose place is in [from, until) */
    size_t nskip;         /* and none of these; at most RIV_SKIPS_MAX */
    const riv_skip *skip;
} riv_trial;

enum { RIV_SKIPS_MAX = 32 };

/* Writes a line to standard error as the process at work does: by its settings
 * log.format and name, as soon as it has read them. level: RIV_LOG_ERROR .. */
RIV_API void riv_watch_log(const riv_watch *watch, int level, const char *text);

/* For the next start: after riv_watch_reset, before the process is made. */
RIV_API void riv_watch_try(riv_watch *watch, const riv_trial *trial);

/* Forgets the process that has died, before another is started. */
RIV_API void riv_watch_reset(riv_watch *watch);

/* Sends lines of NAME=VALUE to the service manager that started this process
 * (systemd's protocol: NOTIFY_SOCKET), "READY=1". RIV_OK, also when there is
 * none; RIV_EIO. */
RIV_API int riv_notify(const char *lines);

/* How often it wants to hear "WATCHDOG=1" from this process, in milliseconds; 0:
 * never. */
RIV_API int64_t riv_notify_ms(void);

#ifdef __cplusplus
}
#endif

#endif
