# part_topics.sh - what a topic may be: compacted, transactional, shortened by
# retention, with more partitions than at the start.
# shellcheck shell=bash disable=SC2154

# Retention overtakes a job that does not run.
history() { # SETTING...: what is there now, into $T/gone/
    "$rivulet" run -c name=gone -c state.dir="$T/gone-state" "$@" "$here/job.c" \
        "kafka://$b/gone?until=end" "$T/gone/"
}
retention() {
    "$client" "$b" topic gone 1 && produce gone 0 100 && history || return 1
    produce gone 100 200
    echo '{"partitions": [{"topic": "gone", "partition": 0, "offset": 150}], "version": 1}' >"$T/delete"
    "$k" tool org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$b" \
        --offset-json-file "$T/delete" || return 1
    history >"$T/gone-said" 2>&1
    [ $? = 66 ] && grep -q 'records 100 to 149 are gone' "$T/gone-said" || {
        cat "$T/gone-said"
        return 1
    }
    history -c kafka.gone=earliest && [ "$(cat "$T"/gone/*.csv | wc -l)" = 150 ]
}
ok "records that retention took end the job, or are passed over when told so" retention

# A topic that was made again while the job was away, and has more in it by then
# than the job had read: its place is there, and is one of another log.
away() { # SETTING...
    "$rivulet" run -c name=again -c state.dir="$T/again-state" "$@" "$here/job.c" \
        "kafka://$b/again?until=end" "$T/again/"
}
made_again() {
    "$client" "$b" topic again 1 && produce again 0 100 && away || return 1
    "$client" "$b" delete again && "$client" "$b" topic again 1 && produce again 1000 1200 || return 1
    away >"$T/again-said" 2>&1
    [ $? = 66 ] && grep -q 'topic again, partition 0 was created anew' "$T/again-said" || {
        cat "$T/again-said"
        return 1
    }
    away -c kafka.gone=earliest && [ "$(cat "$T"/again/*.csv | wc -l)" = 300 ] && away
}
ok "a topic that was made again and has grown beyond the job's place is not taken for the old one" made_again

# A topic that is deleted under a job ends it, with words; the client library
# hung for ever then when it was to end.
deleted() {
    local i rc
    "$client" "$b" topic doomed 2 && produce doomed 0 100 || return 1
    timeout -s KILL 60 "$rivulet" run -c name=doomed -c batch.interval=50ms "$here/records.c" \
        "kafka://$b/doomed" "$T/doomed/" >"$T/doomed-said" 2>&1 &
    job=$!
    until_true 40 stands_doomed && "$client" "$b" delete doomed || return 1
    wait $job
    rc=$?
    job=
    cat "$T/doomed-said"
    [ $rc = 66 ] && grep -Eq 'topic does not exist|no longer available' "$T/doomed-said"
}
stands_doomed() { [ "$(lag doomed doomed)" = 0 ]; }
ok "a topic that is deleted under a job ends it" deleted

# More partitions than at the start.
grown() { [ "$(cat "$T"/grow/.[0-9]* "$T"/grow/*.csv 2>/dev/null | wc -l)" = 200 ]; }
growth() {
    "$client" "$b" topic grow 1 && produce grow 0 100 || return 1
    "$rivulet" run -c name=grow -c state.dir="$T/grow-state" -c batch.interval=100ms "$here/job.c" \
        "kafka://$b/grow" "$T/grow/" &
    job=$!
    "$k" topic --alter --topic grow --partitions 3 >/dev/null && produce grow 100 200
    until_true 40 grown
    stop_job && grown
}
ok "partitions that are added are read from their start" growth

# Brokers come and go; the input is the same by its uid and its topics.
at_brokers() { # BROKERS OPTIONS
    "$rivulet" run -c name=moves -c state.dir="$T/moves-state" "$here/records.c" "kafka://$1/moves?$2" "$T/moves/"
}
other_brokers() {
    "$client" "$b" topic moves 1 && produce moves 0 100 && at_brokers "$b" until=end || return 1
    produce moves 100 200
    at_brokers "localhost:${b#*:},$b" 'until=end&start=latest' || return 1
    [ "$(cut -d' ' -f3 "$T"/moves/*.csv | sort -n | tr '\n' ' ')" = "$(seq 0 199 | tr '\n' ' ')" ]
}
ok "an input with a uid goes on where it was by way of other brokers, with other options" other_brokers

# The records of a topic as a job reads them, "OFFSET KEY VALUE|" one behind
# another; the topic's name with what stands behind it.
read_topic() { # TOPIC SETTING...
    local of=$1
    shift
    "$rivulet" run "$@" "$here/records.c" "kafka://$b/$of" - | tr '\n' '|'
}

# KR-02. The cleaner works when it likes; what it has left is what is read.
compacted() { # what is left, whatever the offset of the last
    [ "$(read_topic 'compact?until=end')" = '1 a 2|4 c 2|6 b 3|7 z 1|' ]
}
kr_02_compacted() {
    "$client" "$b" topic compact 1 cleanup.policy=compact segment.ms=100 \
        min.cleanable.dirty.ratio=0.01 || return 1
    printf '%s\n' a:1 a:2 b:1 c:1 c:2 b:2 b:3 | put compact
    pause 200
    echo z:1 | put compact # begins another segment: the last is never cleaned
    until_true 120 compacted || { read_topic 'compact?until=end'; return 1; }
}
ok "KR-02: a compacted topic gives the last record of each key" kr_02_compacted

# Aborted transactions, and the marks at the end of each, are no records; the
# last offsets of the log are such.
transactions() {
    local all
    "$client" "$b" topic tx 1 || return 1
    printf 'k:%s\n' 1 2 3 | put tx commit && printf 'k:%s\n' no-1 no-2 | put tx abort &&
        echo k:4 | put tx && printf 'k:%s\n' no-3 | put tx abort || return 1
    all=$(read_topic 'tx?until=end')
    echo "committed: $all"
    [ "$all" = '0 k 1|1 k 2|2 k 3|7 k 4|' ] || return 1
    all=$(read_topic 'tx?until=end' -c kafka.isolation.level=read_uncommitted)
    echo "all: $all"
    [ "$all" = '0 k 1|1 k 2|2 k 3|4 k no-1|5 k no-2|7 k 4|8 k no-3|' ]
}
ok "aborted transactions are not read, and their marks are no end" transactions

# A live job stands behind the marks, and goes on there.
live_tx() {
    "$rivulet" run -c name=live-tx -c state.dir="$T/tx-state" -c batch.interval=50ms \
        "$here/records.c" "kafka://$b/tx" "$T/tx/" &
    job=$!
}
stands_at_end() { [ "$(lag live-tx tx)" = 0 ]; }
read_in_lives() {
    live_tx
    until_true 60 stands_at_end && stop_job || return 1
    printf 'k:%s\n' no-4 | put tx abort && echo k:5 | put tx commit || return 1
    live_tx
    until_true 60 stands_at_end && stop_job || return 1
    cat "$T"/tx/*.csv
    [ "$(cat "$T"/tx/*.csv | cut -d' ' -f3 | sort | tr '\n' ' ')" = '1 2 3 4 5 ' ]
}
ok "a job that is started again behind marks and aborted records reads each once" read_in_lives
