/* conf/settings.h - every setting of a context in one struct, filled from the
 * table in settings.c: defaults < file < environment < program < command line.
 * Modules get a const pointer to it. */
#ifndef RIV_CONF_SETTINGS_H
#define RIV_CONF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RIV__NAME_MAX = 128,
    RIV__PATH_MAX = 256,
    RIV__KAFKA_START_MAX = 32,
    RIV__PASS_BYTES = 8192, /* of all settings kafka.* for the client library */
};

/* Below it memory.limit would be less than an idle engine takes. */
enum { RIV__MEMORY_MIN = 32 << 20 };

enum riv_kafka_gone { RIV__GONE_STOP, RIV__GONE_EARLIEST, RIV__GONE_LATEST };
enum riv_kafka_damaged { RIV__DAMAGED_FAIL, RIV__DAMAGED_SKIP };
enum riv_kafka_delivery { RIV__AT_LEAST_ONCE, RIV__EXACTLY_ONCE };
enum riv_file_policy { RIV__FILE_FAIL, RIV__FILE_SKIP };
enum riv_tap_policy { RIV__TAP_TOKEN, RIV__TAP_YES, RIV__TAP_NO };
enum riv_line_policy { RIV__LINE_FAIL, RIV__LINE_CUT, RIV__LINE_SKIP };

struct riv_settings {
    char name[RIV__NAME_MAX]; /* name */
    int64_t threads;          /* threads; 0: one per core */
    int64_t interval_ms;      /* batch.interval */
    int64_t stop_timeout_ms;  /* stop.timeout */
    int64_t task_timeout_ms;  /* task.timeout; 0: none */
    int64_t restarts_max;     /* restart.max */
    int64_t poison_policy;    /* poison.policy: RIV_POISON_* */
    int64_t partitions;       /* shuffle.partitions; 0: by size */
    int64_t share_bytes;      /* task.bytes: smallest share of an input */
    int64_t combine_share_bytes_max; /* task.bytes_max: largest share */
    int64_t attempts;                /* task.attempts */
    int64_t buffer_bytes;            /* input.buffer: ring per input */
    bool rate_control;               /* rate.control */
    int64_t rate_initial;            /* rate.initial: bytes/s; 0: none */
    int64_t rate_max;                /* rate.max: bytes/s; 0: none */
    int64_t rate_min;                /* rate.min: bytes/s */
    int64_t line_bytes_max;          /* input.line_max */
    int64_t line_policy;             /* input.long_line: fail, cut, skip */
    int64_t file_bytes_max;          /* input.file_max */
    int64_t files_missing;           /* files.missing: fail, skip */
    int64_t files_damaged;           /* files.damaged: fail, skip */
    int64_t connections_max;         /* listen.connections */
    bool listen_ack;                 /* listen.ack */
    int64_t idle_timeout_ms;         /* listen.idle_timeout; 0: none */
    int64_t peer_connections_max;    /* listen.connections_per_peer; 0: any */
    int64_t line_timeout_ms;         /* listen.line_timeout; 0: none */
    int64_t unfinished_bytes_max;    /* listen.unfinished */
    int64_t retry_ms_min;            /* connect.retry_min */
    int64_t retry_ms_max;            /* connect.retry_max */
    int64_t retries_max;             /* connect.retries; 0: no limit */
    int64_t poll_ms;          /* files.poll: tail and dir look this often */
    bool tail_from_start;     /* tail.from: start or end */
    int64_t emit_bytes_max;   /* record.emit_max: output of one record */
    int64_t letters_max;      /* errors.max: bad records before failing;
                                    0: no limit */
    int64_t letter_bytes_max; /* letters.max */
    bool letters_replay;      /* letters.replay */
    char state_dir[RIV__PATH_MAX];    /* state.dir; empty: none */
    bool state_fresh;                 /* state.fresh */
    char state_drop[RIV__PATH_MAX];   /* state.drop: uids */
    char state_rename[RIV__PATH_MAX]; /* state.rename: OLD=NEW */
    char source_reset[RIV__PATH_MAX]; /* source.reset: uids */
    char output_reset[RIV__PATH_MAX]; /* output.reset: uids */
    int64_t group_ms;                 /* receive.group */
    bool uids_required;               /* uids.required */
    int64_t roll_bytes;               /* output.roll_bytes */
    int64_t roll_ms;                  /* output.roll_after */
    int64_t memory_bytes_max;         /* memory.limit; 0: none */
    int64_t cache_bytes;              /* cache.memory */
    char cache_dir[RIV__PATH_MAX];    /* cache.dir */
    int64_t disk_bytes_max;     /* disk.limit of the state directory; 0: none */
    int64_t wal_bytes_max;      /* journal.wal_max */
    int64_t check_bytes_max;    /* journal.check_limit */
    int64_t snapshot_bytes_min; /* journal.snapshot_min */
    int64_t snapshot_step_bytes;            /* journal.snapshot_step */
    bool state_on_network;                  /* state.network */
    char checkpoint_dir[RIV__PATH_MAX];     /* checkpoint.dir; empty: none */
    int64_t cpu_level;                      /* cpu.level: plain, avx2, avx512 */
    bool fuse;                              /* plan.fuse */
    char kafka_start[RIV__KAFKA_START_MAX]; /* kafka.start */
    int64_t kafka_buffer_bytes;             /* kafka.buffer */
    int64_t kafka_gone;                     /* kafka.gone: riv_kafka_gone */
    int64_t kafka_damaged;       /* kafka.damaged: riv_kafka_damaged */
    int64_t kafka_delivery;      /* kafka.delivery: riv_kafka_delivery */
    char kafka[RIV__PASS_BYTES]; /* kafka.*, as conf/pass.c has them */
    size_t kafka_bytes;
    char http_listen[RIV__PATH_MAX];     /* http.listen; empty: nowhere */
    char http_token_file[RIV__PATH_MAX]; /* http.token_file */
    int64_t http_tap;                    /* http.tap: riv_tap_policy */
    int64_t status_batches; /* status.batches: how many are retained */
    int64_t log_level;      /* log.level: error, warning, info, debug */
    int64_t log_format;     /* log.format: enum riv_line_form */
};

#endif
