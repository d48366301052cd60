/* conf/settings.c - the table of all settings, in the order in which the manual
 * shows them. A new setting is a member of struct riv_settings and a row here;
 * nothing else. Who obeys a setting is the module that reads its member. */
#include "conf/settings.h"

#include "base/macro.h"
#include "conf/prop.h"

#define MEMBER(m) \
    .offset = offsetof(struct riv_settings, m), \
    .member_bytes = sizeof(((struct riv_settings *)0)->m)

#define KIB(n) ((int64_t)(n) << 10)
#define MIB(n) ((int64_t)(n) << 20)
#define GIB(n) ((int64_t)(n) << 30)
#define SECONDS(n) ((int64_t)(n)*1000)
#define DAY SECONDS(86400)

const struct riv_prop riv__props[] = {
    { "name", RIV__PROP_TEXT, 0, RIV__NAME_MAX - 1, "", NULL, NULL,
      "The name of the job, as the log and its state directory have it: a job of "
      "another name is refused there. Empty: \"job\".",
      MEMBER(name) },
    { "threads", RIV__PROP_INT, 0, 1024, "0", "threads", NULL,
      "Threads that work on a batch, the one that runs the job included. 0: "
      "one for each core the process may use.",
      MEMBER(threads) },
    { "batch.interval", RIV__PROP_DURATION, 1, DAY, "1s", NULL, NULL,
      "The length of a batch of live input. Shorter shows results earlier; a "
      "batch that takes longer than this makes the next one larger.",
      MEMBER(interval_ms) },
    { "stop.timeout", RIV__PROP_DURATION, 0, DAY, "30s", NULL, NULL,
      "How long a graceful stop may take to finish what was received. After "
      "that the job ends as stopped, without it.",
      MEMBER(stop_timeout_ms) },
    { "task.timeout", RIV__PROP_DURATION, 0, DAY, "1m", NULL, NULL,
      "How long one task may take under the supervisor of rivulet run (with "
      "state.dir). After that the function that runs counts as hanging: its "
      "calls are logged, and the process that works is ended and started again. "
      "0: without limit.",
      MEMBER(task_timeout_ms) },
    { "restart.max", RIV__PROP_INT, 0, 1000000, "5", "crashes", NULL,
      "Crashes of the job's functions within a minute that rivulet run (with "
      "state.dir) answers with a restart; one more ends it. 0: no supervisor, "
      "one process, as without state.dir.",
      MEMBER(restarts_max) },
    { "poison.policy", RIV__PROP_WORD, 0, 2, "fail", NULL, "fail skip letter",
      "What a batch costs in which the job has crashed or hung three times under "
      "rivulet run with state.dir. fail: the job. Else its lines are tried until "
      "those that do it are found; they are left out and counted, or become dead "
      "letters, and all others of the batch come out once.",
      MEMBER(poison_policy) },
    { "shuffle.partitions", RIV__PROP_INT, 0, 65536, "0", "partitions", NULL,
      "Partitions of the result of operators that bring equal keys together, "
      "where the program names none. 0: chosen by the size of the input.",
      MEMBER(partitions) },
    { "task.bytes", RIV__PROP_SIZE, KIB(64), GIB(1), "4M", NULL, NULL,
      "The smallest share of an input that is worth a task of its own. An "
      "input below it is read by one thread. An eighth of it where rows are "
      "only dealt out by key: states, groups, joins.",
      MEMBER(share_bytes) },
    { "task.bytes_max", RIV__PROP_SIZE, KIB(64), GIB(4), "64M", NULL, NULL,
      "The largest share of an input that one task reads where keys are summed "
      "up before they are exchanged. Larger shares sum up more, smaller ones "
      "spread better over the threads.",
      MEMBER(combine_share_bytes_max) },
    { "task.attempts", RIV__PROP_INT, 1, 1000, "4", "attempts", NULL,
      "How often a task may run before its failure ends the job. Only failures "
      "that may pass are tried again: of reading, of what is kept on disk, and "
      "those of functions that return RIV_EIO, RIV_EBUSY, RIV_ETIMEOUT or "
      "RIV_EUNAVAIL.",
      MEMBER(attempts) },
    { "input.buffer", RIV__PROP_SIZE, MIB(1), GIB(64), "32M", NULL, NULL,
      "Memory that holds what one live input has received and no batch has "
      "taken yet. Full means that reading stops until a batch has made room.",
      MEMBER(buffer_bytes) },
    { "rate.control", RIV__PROP_BOOL, 0, 1, "yes", NULL, NULL,
      "A batch takes no more of a live input than the last batches show can be "
      "worked off within 85 % of one interval, and stops earlier when it is "
      "slower than they were; the rest waits in input.buffer, and the source "
      "behind it. no: a batch takes all there is. Files of a folder and "
      "rows that are pushed are not divided by it.",
      MEMBER(rate_control) },
    { "rate.initial", RIV__PROP_SIZE, 0, GIB(1024), "0", NULL, NULL,
      "Bytes a second that the first batches take of a live input, until their "
      "speed is known. 0: what has come by then.",
      MEMBER(rate_initial) },
    { "rate.max", RIV__PROP_SIZE, 0, GIB(1024), "0", NULL, NULL,
      "Bytes a second that batches take of a live input at most. 0: no limit.",
      MEMBER(rate_max) },
    { "rate.min", RIV__PROP_SIZE, 1, GIB(1024), "64K", NULL, NULL,
      "Bytes a second below which rate.control never goes.", MEMBER(rate_min) },
    { "input.line_max", RIV__PROP_SIZE, 64, MIB(256), "1M", NULL, NULL,
      "The longest line an input may have. What happens to longer ones is "
      "input.long_line.",
      MEMBER(line_bytes_max) },
    { "input.long_line", RIV__PROP_WORD, 0, 2, "fail", NULL, "fail cut skip",
      "What happens to a line longer than input.line_max. fail: the job fails; "
      "but nobody at the other end of a connection may stop a job, so there "
      "the connection is closed, which is logged: that of a listen:// input "
      "for good, that of a tcp:// input to be made again. cut: the line is "
      "cut to that length. skip: it is left out. Cut and skipped lines are "
      "counted.",
      MEMBER(line_policy) },
    { "input.file_max", RIV__PROP_SIZE, 1, GIB(4), "256M", NULL, NULL,
      "The largest file that may be one record, where whole files are read.",
      MEMBER(file_bytes_max) },
    { "listen.connections", RIV__PROP_INT, 1, 1023, "256", "connections", NULL,
      "Connections that a listen:// input serves at once. Further ones wait "
      "until one ends.",
      MEMBER(connections_max) },
    { "listen.ack", RIV__PROP_BOOL, 0, 1, "no", NULL, NULL,
      "Peers of a listen:// input say who they are and are told which of their "
      "lines are durable, so that none is lost or taken twice, whoever dies: "
      "docs/listen.md. Needs state.dir.",
      MEMBER(listen_ack) },
    { "listen.idle_timeout", RIV__PROP_DURATION, 0, DAY, "0", NULL, NULL,
      "Closes a connection to a listen:// input that has sent nothing for so "
      "long. 0: never.",
      MEMBER(idle_timeout_ms) },
    { "listen.connections_per_peer", RIV__PROP_INT, 0, 1023, "0", "connections",
      NULL,
      "Connections that a listen:// input serves at once from one address. "
      "Further ones are closed, which is logged. 0: any number up to "
      "listen.connections, which suits peers behind a proxy.",
      MEMBER(peer_connections_max) },
    { "listen.line_timeout", RIV__PROP_DURATION, 0, DAY, "0", NULL, NULL,
      "Closes a connection to a listen:// input whose line takes longer than "
      "this from its first byte to its end, however often it sends a byte; "
      "which is logged. 0: never.",
      MEMBER(line_timeout_ms) },
    { "listen.unfinished", RIV__PROP_SIZE, KIB(64), GIB(64), "16M", NULL, NULL,
      "Memory, beside input.buffer, for lines that the connections of a "
      "listen:// input have begun and not ended; at least input.line_max and "
      "64K. Beyond it the connection with the longest of them is closed, which "
      "is logged.",
      MEMBER(unfinished_bytes_max) },
    { "connect.retry_min", RIV__PROP_DURATION, 1, DAY, "100ms", NULL, NULL,
      "The first pause before a tcp:// input connects again. It doubles with "
      "each failure.",
      MEMBER(retry_ms_min) },
    { "connect.retry_max", RIV__PROP_DURATION, 1, DAY, "10s", NULL, NULL,
      "The longest pause before a tcp:// input connects again.",
      MEMBER(retry_ms_max) },
    { "connect.retries", RIV__PROP_INT, 0, 1000000000, "0", "attempts", NULL,
      "Failed attempts in a row after which a tcp:// input, or a source of the "
      "program, gives up and the job fails. 0: it never gives up.",
      MEMBER(retries_max) },
    { "files.poll", RIV__PROP_DURATION, 1, SECONDS(3600), "50ms", NULL, NULL,
      "How often a tail: input looks for new lines, a dir: input for new files, "
      "and a source of the program that had nothing is asked again.",
      MEMBER(poll_ms) },
    { "files.missing", RIV__PROP_WORD, 0, 1, "fail", NULL, "fail skip",
      "What a file costs that is not there: a path or pattern that gives none "
      "when the job starts, a file that is gone when it is read. fail: the job "
      "fails. skip: it is left out, which is logged, and counted as a bad "
      "record; a batch that is run again may then have less than before. A lookup "
      "table whose file is gone later keeps what it has.",
      MEMBER(files_missing) },
    { "files.damaged", RIV__PROP_WORD, 0, 1, "fail", NULL, "fail skip",
      "What a file costs that cannot be read to its end: the disk has an "
      "error, it became shorter or another file since the batch began, blocks "
      "of encoded rows do not fit their checksums, the last record of a fixed "
      "length is cut off. fail: the job fails. skip: what was read of it "
      "counts, the rest is left out, as with files.missing.",
      MEMBER(files_damaged) },
    { "tail.from", RIV__PROP_WORD, 0, 1, "end", NULL, "end start",
      "Where a tail: input begins in a file that is there at the start, and "
      "whether a dir: input has those too: start. Files that appear later are "
      "read from their start.",
      MEMBER(tail_from_start) },
    { "record.emit_max", RIV__PROP_SIZE, MIB(1), GIB(16), "64M", NULL, NULL,
      "Memory for what one call of a function emits and allocates. A function "
      "that takes more ends the job.",
      MEMBER(emit_bytes_max) },
    { "errors.max", RIV__PROP_INT, 0, INT64_MAX, "0", "records", NULL,
      "Bad records that operators may skip or set aside before the job fails. "
      "0: any number.",
      MEMBER(letters_max) },
    { "letters.max", RIV__PROP_SIZE, 0, GIB(16), "64M", NULL, NULL,
      "Bytes of dead letters that the state directory may hold: records that an "
      "operator with RIV_DEAD_LETTER refused. More end the job; rivulet letters "
      "reads and drops them.",
      MEMBER(letter_bytes_max) },
    { "letters.replay", RIV__PROP_BOOL, 0, 1, "no", NULL, NULL,
      "Gives the dead letters of state.dir to the job again, with its first "
      "batch, and drops them with it: rivulet replay.",
      MEMBER(letters_replay) },
    { "state.dir", RIV__PROP_TEXT, 0, RIV__PATH_MAX - 1, "", NULL, NULL,
      "The state directory: where the job writes down what it has read, its "
      "state and its output files, so that it goes on there when it is started "
      "again. Made when it is missing. Empty: nothing is written down.",
      MEMBER(state_dir) },
    { "state.fresh", RIV__PROP_BOOL, 0, 1, "no", NULL, NULL,
      "Sets what an earlier run has written into state.dir aside there, in a "
      "folder old-N, and begins anew.",
      MEMBER(state_fresh) },
    { "state.drop", RIV__PROP_TEXT, 0, RIV__PATH_MAX - 1, "", NULL, NULL,
      "Operators, by uid and with commas between, whose state in state.dir is "
      "deleted because the program has them no more.",
      MEMBER(state_drop) },
    { "state.rename", RIV__PROP_TEXT, 0, RIV__PATH_MAX - 1, "", NULL, NULL,
      "Operators whose identity has changed, as OLD=NEW with commas between: "
      "NEW is the uid the program gives, or what the message of a refused start "
      "names. Needed once.",
      MEMBER(state_rename) },
    { "source.reset", RIV__PROP_TEXT, 0, RIV__PATH_MAX - 1, "", NULL, NULL,
      "Inputs, by uid or URI and with commas between, that begin anew where an "
      "input begins, and not where they stood.",
      MEMBER(source_reset) },
    { "output.reset", RIV__PROP_TEXT, 0, RIV__PATH_MAX - 1, "", NULL, NULL,
      "Outputs, by uid or folder and with commas between, that go on without a "
      "file that was taken away or changed before it was complete: what it held "
      "is lost. Files that are whole stay as they are. Or that go on beside "
      "files that are later than the state directory: their lines come again.",
      MEMBER(output_reset) },
    { "receive.group", RIV__PROP_DURATION, 1, SECONDS(60), "10ms", NULL, NULL,
      "With a state directory, how long what was received from a source that "
      "cannot give it again (sockets, pipes) may wait until it is written down, "
      "together with what came since. A peer is told after that.",
      MEMBER(group_ms) },
    { "uids.required", RIV__PROP_BOOL, 0, 1, "no", NULL, NULL,
      "Refuses a job in which an input, an operator with state or an output of "
      "files has no uid of its own.",
      MEMBER(uids_required) },
    { "output.roll_bytes", RIV__PROP_SIZE, KIB(4), GIB(64), "128M", NULL, NULL,
      "A file in a folder of files (riv_save_text to a path that ends in /) is "
      "completed when it has so many bytes.",
      MEMBER(roll_bytes) },
    { "output.roll_after", RIV__PROP_DURATION, 1, DAY, "1m", NULL, NULL,
      "And when so long has passed since the batch that began it, also "
      "with the next batch that has nothing for it.",
      MEMBER(roll_ms) },
    { "memory.limit", RIV__PROP_SIZE, 0, GIB(1024), "0", NULL, NULL,
      "Memory the process may have, at least 32M. Inputs hold at most a 16th of it "
      "in their buffers, persisted datasets a quarter; while more than half is "
      "taken a batch takes nothing in before its tick, so that sources wait. What "
      "cannot wait, a batch's rows and state beyond the limit, ends the process "
      "(71), which rivulet run with state.dir starts again; a task in which it "
      "has a tenth more than the limit is ended as one that hangs. 0: no limit.",
      MEMBER(memory_bytes_max) },
    { "cache.memory", RIV__PROP_SIZE, 0, GIB(1024), "512M", NULL, NULL,
      "Memory for persisted datasets. Beyond it the least recently used "
      "partitions are dropped, or written to cache.dir when they were "
      "persisted with a level that has the disk.",
      MEMBER(cache_bytes) },
    { "cache.dir", RIV__PROP_TEXT, 1, RIV__PATH_MAX - 1, "/tmp", NULL, NULL,
      "The folder for what does not stay in memory: persisted partitions that "
      "are kept on disk, large text that waits to be written. Its files have "
      "no name and vanish with the process.",
      MEMBER(cache_dir) },
    { "disk.limit", RIV__PROP_SIZE, 0, GIB(65536), "0", NULL, NULL,
      "Disk space the state directory may take, of which 16 MiB are kept for a "
      "stop. When less is left than a batch and all state, written down once "
      "more, may need, inputs are not read on until old state has been "
      "dropped. Wants six times the state and 64 MiB. 0: all of the disk.",
      MEMBER(disk_bytes_max) },
    { "journal.wal_max", RIV__PROP_SIZE, KIB(64), GIB(1), "32M", NULL, NULL,
      "What the journal's log may hold before it is moved into the database. "
      "Larger writes less in all and takes longer to open after a crash.",
      MEMBER(wal_bytes_max) },
    { "journal.snapshot_min", RIV__PROP_SIZE, KIB(1), GIB(64), "1M", NULL, NULL,
      "An operator's state is written down whole when the changes since the "
      "last time have so many bytes, and as many as the state itself.",
      MEMBER(snapshot_bytes_min) },
    { "journal.snapshot_step", RIV__PROP_SIZE, 1, GIB(1), "8M", NULL, NULL,
      "So much of it goes with one batch at most, in the time that is left before "
      "the next one; at least a piece, of about a megabyte.",
      MEMBER(snapshot_step_bytes) },
    { "journal.check_limit", RIV__PROP_SIZE, 0, GIB(65536), "1G", NULL, NULL,
      "Up to this size the structure of a journal is checked as a whole when "
      "the last run did not end by itself. Larger ones are left to fsck.",
      MEMBER(check_bytes_max) },
    { "state.network", RIV__PROP_BOOL, 0, 1, "false", NULL, NULL,
      "Allows a state directory on a file system of another machine. Its locks "
      "and syncs must hold; those of many do not.",
      MEMBER(state_on_network) },
    { "checkpoint.dir", RIV__PROP_TEXT, 0, RIV__PATH_MAX - 1, "", NULL, NULL,
      "The folder where riv_checkpoint writes RDDs. It is made when it is "
      "missing; what is written goes with the context. Empty: such a job is "
      "refused.",
      MEMBER(checkpoint_dir) },
    { "cpu.level", RIV__PROP_WORD, 0, 2, "avx512", NULL, "plain avx2 avx512",
      "The newest instructions that loops over text may use. What the machine "
      "lacks is not used anyway; results are the same.",
      MEMBER(cpu_level) },
    { "plan.fuse", RIV__PROP_BOOL, 0, 1, "true", NULL, NULL,
      "Whether ready-made operators run over blocks of text and in one loop "
      "with what follows. Results are the same; it is for comparing.",
      MEMBER(fuse) },
    { "kafka.start", RIV__PROP_TEXT, 0, RIV__KAFKA_START_MAX - 1, "committed",
      NULL, NULL,
      "Where a kafka:// input begins that has no state of its own: committed "
      "(where its group stands, kafka.group.id or else the name of the job; else "
      "the earliest), earliest, latest, or a time "
      "in milliseconds since 1970. Behind the URI: ?start=latest.",
      MEMBER(kafka_start) },
    { "kafka.buffer", RIV__PROP_SIZE, MIB(1), GIB(64), "128M", NULL, NULL,
      "What input.buffer is for other inputs is this for a kafka:// input, where "
      "a backlog is the rule: what waits for the job waits on the broker, and "
      "batches of it are the cheaper the larger they are.",
      MEMBER(kafka_buffer_bytes) },
    { "kafka.gone", RIV__PROP_WORD, 0, 2, "stop", NULL, "stop earliest latest",
      "What happens when a topic no longer has the records where a kafka:// "
      "input stands: the job stops and says so, or goes on with the earliest or "
      "the latest there is.",
      MEMBER(kafka_gone) },
    { "kafka.damaged", RIV__PROP_WORD, 0, 1, "fail", NULL, "fail skip",
      "What happens to a message of a kafka:// input with records=length32 or "
      "records=varint whose lengths do not fit: fail: the job ends and says "
      "where it is; skip: it is left out, and the log says so.",
      MEMBER(kafka_damaged) },
    { "kafka.delivery", RIV__PROP_WORD, 0, 1, "at_least_once", NULL,
      "at_least_once exactly_once",
      "How a kafka:// output writes: each batch at least once, with its number "
      "in headers, or exactly once, as one transaction (needs state.dir). Other "
      "settings that begin with kafka. go to the client library as they are: "
      "docs/kafka.md.",
      MEMBER(kafka_delivery) },
    { "status.batches", RIV__PROP_INT, 1, 100000, "1000", "batches", NULL,
      "Batches that are done and can still be looked at: by rivulet status, on "
      "the pages of http.listen. One takes some hundred bytes.",
      MEMBER(status_batches) },
    { "http.listen", RIV__PROP_TEXT, 0, RIV__PATH_MAX - 1, "", NULL, NULL,
      "Where the job shows itself while it runs: HOST:PORT, or :PORT for this "
      "machine alone; port 0 is a free one, which the log names. Pages, "
      "/metrics, /livez, /readyz, /api/status: docs/operations.md. Any host but "
      "this machine needs http.token_file. Empty: nowhere.",
      MEMBER(http_listen) },
    { "http.token_file", RIV__PROP_TEXT, 0, RIV__PATH_MAX - 1, "", NULL, NULL,
      "A file with the token, 16 bytes or more, that a request to http.listen "
      "has to bring: Authorization: Bearer TOKEN, or as a browser's password. "
      "/livez and /readyz need none.",
      MEMBER(http_token_file) },
    { "http.tap", RIV__PROP_WORD, 0, 2, "token", NULL, "token yes no",
      "Who may see the rows that pass, by rivulet tap. token: the job's user and "
      "root at the state directory, and at http.listen whoever has the token of "
      "http.token_file; without a token nobody there, since every user of the "
      "machine reaches that address. yes: without a token, too. no: nobody.",
      MEMBER(http_tap) },
    { "log.level", RIV__PROP_WORD, 0, 3, "info", NULL,
      "error warning info debug",
      "The least important messages that are logged.", MEMBER(log_level) },
    { "log.format", RIV__PROP_WORD, 0, 2, "text", NULL, "text json systemd",
      "How a job that is a process of its own writes its log to standard error. "
      "text: a line for people. json: an object a line, with time (UTC), level, "
      "job and message. systemd: as text, with the priority in front that the "
      "journal takes away and keeps. What is said before the job begins, and "
      "the calls of a function that has crashed, are text always.",
      MEMBER(log_format) },
};

const size_t riv__prop_count = RIV__LEN(riv__props);

_Static_assert(RIV__LEN(riv__props) <= RIV__PROPS_MAX,
               "raise RIV__PROPS_MAX for more settings");
