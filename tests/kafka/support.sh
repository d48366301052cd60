# support.sh - what the parts of the test share: one broker, topics, records, a
# job that runs beside the script. Sourced by `run`, which has set $rivulet and
# $here.
# shellcheck shell=bash disable=SC2034,SC2154
k=$here/kafka-local
client=$(dirname "$rivulet")/tests/kafka/kafka-client
of_tests=$(dirname "$rivulet")/tests/kafka

skip() {
    echo "1..0 # SKIP $*"
    exit 77
}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
command -v "$java" >/dev/null || skip "no JDK 17 (default-jdk-headless)"
command -v python3 >/dev/null || skip "no python3"
"$k" fetch >/dev/null 2>/tmp/kafka-fetch.$$ ||
    skip "Kafka's jars are not to be had: $(tail -1 /tmp/kafka-fetch.$$; rm -f /tmp/kafka-fetch.$$)"
rm -f /tmp/kafka-fetch.$$
[ -x "$rivulet" ] && "$rivulet" --features 2>/dev/null | grep -q 'kafka (librdkafka' ||
    skip "this build has no Kafka (librdkafka-dev)"
[ -x "$client" ] || skip "$client is not built"

T=$(mktemp -d) || exit 71
job=
end_all() {
    [ -z "$job" ] || kill -9 $job 2>/dev/null
    for other in "$T/three" "$T/secure/broker"; do
        [ ! -d "$other" ] || "$k" stop --wipe --dir "$other" >/dev/null 2>&1
    done
    "$k" stop --wipe --dir "$T/broker" >/dev/null 2>&1
    rm -rf "$T"
}
trap end_all EXIT
export KAFKA_LOCAL_DIR=$T/broker

count=0 bad=0
ok() { # NAME COMMAND...
    local name=$1
    shift
    count=$((count + 1))
    if "$@" >"$T/said" 2>&1; then
        echo "ok $count - $name"
    else
        bad=$((bad + 1))
        echo "not ok $count - $name"
        tail -20 "$T/said" | sed 's/^/# /'
    fi
}

# The brokers of all parts; a part that needs others sets $b and the folder.
start_broker() {
    b=$("$k" start --port 0 --set log.cleaner.backoff.ms=200 "$@")
}
topics() { for t; do "$client" "$b" topic "$t" 4 || return 1; done; }
put() { "$client" "$b" put "$@"; }
produce() { # TOPIC FROM UNTIL: keys k0..k96, values are numbers, in order
    python3 -c "
for i in range($2, $3): print(f'k{i % 97}:{i}')" | put "$1"
}
consume() { # TOPIC [RECORDS]: lines "Partition:P KEY VALUE", as read_committed readers see them
    local most=() quiet_ms=8000 # a JVM may take some seconds to begin
    [ $# -lt 2 ] || most=(--max-messages "$2") quiet_ms=60000
    "$k" tool org.apache.kafka.tools.consumer.ConsoleConsumer --bootstrap-server "$b" --topic "$1" \
        --from-beginning --timeout-ms $quiet_ms "${most[@]}" --isolation-level read_committed \
        --formatter-property print.key=true --formatter-property print.partition=true 2>/dev/null
}
lag() { "$client" "$b" lag "$1" "$2"; } # GROUP TOPIC

pause() { python3 -c "import time; time.sleep($1 / 1000)"; }
# Until the command is true; so many looks of half a second.
until_true() { # LOOKS COMMAND...
    local i looks=$1
    shift
    for ((i = 0; i < looks; i++)); do
        "$@" && return
        pause 500
    done
    return 1
}
# Ends the job as an operator does. Its exit code.
stop_job() {
    kill -TERM $job 2>/dev/null
    wait $job
    local rc=$?
    job=
    return $rc
}
