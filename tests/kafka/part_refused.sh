# part_refused.sh - what a job is told when it may not go on: rights that it does
# not have, a second process of its name, an old copy of its state, a broker that
# is not there yet.
# shellcheck shell=bash disable=SC2154

# The job ends with this code and these words.
refused() { # CODE WORDS NAME IN OUT SETTING...
    local code=$1 words=$2 name=$3 in=$4 out=$5 rc
    shift 5
    timeout 30 "$rivulet" run -c name="$name" -c batch.interval=50ms -c stop.timeout=2s "$@" \
        "$here/job.c" "kafka://$b/$in" "$out" >"$T/refused" 2>&1
    rc=$?
    cat "$T/refused"
    echo "exit $rc"
    [ $rc = "$code" ] && grep -qe "$words" "$T/refused" && ! grep -q 'tried again' "$T/refused"
}
exactly() { printf -- '-c state.dir=%s -c kafka.delivery=exactly_once' "$T/$1"; }
rights() {
    topics may no-read no-write && produce may 0 100 && "$client" "$b" deny topic no-read read &&
        "$client" "$b" deny topic no-write write && "$client" "$b" deny group rivulet-no-group-3 read || return 1
    refused 77 '--operation Read --topic no-read' no-in no-read "$T/no-read/" &&
        refused 77 '--operation Write --topic no-write' no-out may "kafka://$b/no-write" &&
        refused 77 '--operation Write --topic no-write' no-exact may "kafka://$b/no-write" $(exactly no-exact) &&
        refused 77 '--operation Read --group rivulet-no-group-3' no-group may "kafka://$b/may-not" $(exactly no-group) &&
        refused 66 'topic none does not exist; create it first' no-topic may "kafka://$b/none" \
            -c kafka.topic.metadata.propagation.max.ms=200
}
topics may-not || exit 1
ok "a right that is missing, or a topic, ends the job at once with the line that gives it" rights

# Two processes of one name: one ends, the older unless the newer takes a second to
# write something.
named() { # STATE
    "$rivulet" run -c name=twice -c batch.interval=50ms $(exactly "$1") \
        "$here/job.c" "kafka://$b/twice" "kafka://$b/twice-out" >>"$T/$1.log" 2>&1 &
    job=$!
}
twice_read() { [ "$(lag twice twice)" = 0 ]; }
has_written() { # RECORDS [DIFFERENT]: a state of its own may write some again
    "$rivulet" run "$here/records.c" "kafka://$b/twice-out?until=end" - 2>/dev/null >"$T/twice"
    [ "$(cut -d' ' -f3 "$T/twice" | sort ${2:+-u} | wc -l)" = "$1" ]
}
one_has_ended() { # while there is something to write
    produce twice "$fed" $((fed += 100))
    ! kill -0 "$older" 2>/dev/null || ! kill -0 "$job" 2>/dev/null
}
second_process() {
    local older other rc fed
    topics twice twice-out && produce twice 0 100 || return 1
    named first
    until_true 40 has_written 100 && stop_job && cp -r "$T/first" "$T/copy" || return 1
    named first
    older=$job
    produce twice 100 200
    until_true 40 has_written 200 || return 1
    named copy # is behind: the topic has what it would write
    wait $job
    rc=$?
    cat "$T/copy.log"
    [ $rc = 65 ] && grep -q 'an older copy of one that is, or was, in use' "$T/copy.log" || return 1
    fed=200
    named second # a state of its own: reads on where the group stands
    until_true 60 one_has_ended || return 1
    kill -0 $older 2>/dev/null || { other=$job job=$older older=$other; }
    wait $job # that has ended
    rc=$?
    job=$older
    cat "$T/first.log" "$T/second.log"
    [ $rc = 73 ] && grep -q 'nother process writes .* job' "$T"/{first,second}.log || return 1
    until_true 40 twice_read && stop_job && has_written $fed different
}
ok "two processes of one name: an old copy of the state is refused, and the older process ends" second_process

# Started before its broker: it waits, says so, and goes on by itself.
says_away() { "$rivulet" status "$T/early-state" | grep -q 'inputs cannot be read: .*It is tried again'; }
early_read() { [ "$(lag early early)" = 0 ]; }
early() {
    topics early early-out && produce early 0 100 && "$k" stop || return 1
    "$rivulet" run -c name=early -c batch.interval=50ms -c state.dir="$T/early-state" \
        -c kafka.delivery=exactly_once "$here/job.c" "kafka://$b/early" "kafka://$b/early-out" 2>"$T/early.log" &
    job=$!
    until_true 40 says_away || { "$rivulet" status "$T/early-state"; return 1; }
    "$k" start && until_true 60 early_read && stop_job || return 1
    cat "$T/early.log"
    grep -q 'no broker answers: .*; it is tried again' "$T/early.log" &&
        [ "$("$rivulet" run "$here/records.c" "kafka://$b/early-out?until=end" - | wc -l)" = 100 ]
}
ok "a job that is started before its broker waits, says so, and goes on when it comes" early
