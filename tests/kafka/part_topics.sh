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
