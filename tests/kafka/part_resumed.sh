# part_resumed.sh - a batch that lies in the outbox while the job may not send it:
# the topic refuses a record until its limit is raised; the process was stopped for
# longer than a transaction may be open. Exactly once in the end.
# shellcheck shell=bash disable=SC2154

# The topic has these values, each once, and nothing is open.
values_once() { # TOPIC RECORDS
    "$rivulet" run "$here/records.c" "kafka://$b/$1?until=end" - 2>/dev/null | cut -d' ' -f3 >"$T/values"
    [ "$(wc -l <"$T/values")" = "$2" ] && [ "$(sort -u "$T/values" | wc -l)" = "$2" ]
}
once() { printf -- '-c name=%s -c batch.interval=50ms -c state.dir=%s -c kafka.delivery=exactly_once' "$1" "$T/$1"; }

# The page says: raise the limit, start it again.
is_too_large() {
    timeout 60 "$rivulet" run $(once large) "$here/job.c" "kafka://$b/large-in" "kafka://$b/large" >"$T/large.log" 2>&1
    local rc=$?
    cat "$T/large.log"
    echo "exit $rc"
    [ $rc = 78 ] && grep -q 'max.message.bytes of the topic' "$T/large.log"
}
large_read() { [ "$(lag large large-in)" = 0 ]; }
raised() {
    topics large-in && "$client" "$b" topic large 1 max.message.bytes=1000 && produce large-in 0 50 &&
        python3 -c "print('k0:' + 'x' * 4000)" | put large-in && produce large-in 50 100 || return 1
    is_too_large && is_too_large || return 1 # it is still there, and as large
    "$client" "$b" config large max.message.bytes=100000 || return 1
    "$rivulet" run $(once large) "$here/job.c" "kafka://$b/large-in" "kafka://$b/large" >"$T/large.log" 2>&1 &
    job=$!
    until_true 60 large_read && stop_job && values_once large 101 || { cat "$T/large.log" "$T/values"; return 1; }
}
ok "a record that was too large for its topic is written, once, when the limit is raised and the job started again" raised

# In front of the commit, when the transaction's number is on the broker, in the
# offsets of a group; its records may still be on their way.
is_stopped() { grep -q '^State:.T' "/proc/$job/status"; }
is_open() { [ "$("$client" "$b" open __consumer_offsets)" -gt 0 ]; }
is_closed() { [ "$("$client" "$b" open __consumer_offsets)" = 0 ]; }
halted_read() { [ "$(lag halted halted-in)" = 0 ]; }
halted() {
    topics halted-in halted && produce halted-in 0 100 || return 1
    RIVULET_TEST_POINT=kafka.before_commit:1:stop "$of_tests/kafka-job" $(once halted) \
        -c kafka.transaction.timeout.ms=1000 "kafka://$b/halted-in" "kafka://$b/halted" >"$T/halted.log" 2>&1 &
    job=$!
    until_true 60 is_stopped && is_open && until_true 60 is_closed && is_stopped || return 1
    produce halted-in 100 200 && kill -CONT $job || return 1
    until_true 60 halted_read && stop_job && values_once halted 200 || { cat "$T/halted.log" "$T/values"; return 1; }
    cat "$T/halted.log"
}
[ ! -x "$of_tests/kafka-job" ] ||
    ok "a process that was stopped until the broker had ended its transaction goes on, and writes each record once" halted
