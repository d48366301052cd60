# torment.sh - the job of the fault tests: starts it, kills it at times that nobody
# chose and at every step of a commit, kills and pauses brokers, counts each fault,
# and waits for the end. Sourced by part_faults.sh and part_three.sh, which say
# how many brokers there are.
# shellcheck shell=bash disable=SC2154,SC2034
torments=${torments:-0} of_in=in of_how=

program=("$rivulet" run) of_job=("$here/job.c") of_out=()
start_job() { # OUT SETTING...
    local out=$1
    shift
    "${program[@]}" -c name="$group" -c batch.interval=50ms -c state.dir="$T/state" \
        -c restart.max=0 -c rate.max=$((records * 8 / rounds)) "$@" \
        "${of_job[@]}" "kafka://$b/$of_in$of_how" "$out" "${of_out[@]}" >>"$T/log" 2>&1 &
    job=$!
}

begin_torment() {
    group=test-$((++torments)) # each begins where the topic begins
    rm -rf "$T/state"
    : >"$T/log" && fired=0 killed=0 paused=0
}

# One of the brokers dies or hangs for a while; the job perhaps with it.
hurt_broker() { # kill|pause
    local of=$((1 + RANDOM % brokers))
    "$k" "$1" $of || return
    if [ "$1" = kill ]; then
        killed=$((killed + 1))
        pause $((RANDOM % 500))
    else
        paused=$((paused + 1))
        pause $((RANDOM % 1500))
    fi
    ((RANDOM % 2)) && kill -9 $job 2>/dev/null
    if [ "$1" = kill ]; then
        "$k" start >/dev/null
    else
        "$k" resume $of
    fi
}

torment() { # OUT SETTING...
    local i
    begin_torment
    for ((i = 0; i < rounds; i++)); do
        start_job "$@"
        pause $((200 + RANDOM % 1200))
        case $((i % 4)) in
        1) hurt_broker kill ;;
        3) hurt_broker pause ;;
        esac
        kill -9 $job 2>/dev/null
        { wait $job; } 2>/dev/null
        [ $? = 137 ] && fired=$((fired + 1)) || echo "life $i ended by itself" >>"$T/log"
    done
    start_job "$@"
}

job_ends_within() { timeout "$1" tail --pid=$job -s 0.1 -f /dev/null; } # SECONDS

# Dies by itself at every step between a batch and its being seen, some times.
die_everywhere() { # OUT SETTING...
    local point n rc
    begin_torment
    for point in writer.synced writer.before_commit writer.committed kafka.before_commit \
        kafka.committed writer.published outbox.before_send outbox.sent kafka.committed; do
        for ((n = 1; n <= deaths; n++)); do
            RIVULET_TEST_POINT=$point:$n start_job "$@"
            case $point in # reached only where the life before has left a box
            outbox.*) job_ends_within 2 || kill -9 $job 2>/dev/null ;;
            *) job_ends_within 30 ;;
            esac
            { wait $job; } 2>/dev/null
            rc=$?
            [ $rc = 137 ] && fired=$((fired + 1)) || echo "# $point:$n ended with $rc"
            # Leaves a box behind for the next.
            RIVULET_TEST_POINT=writer.committed:1 start_job "$@"
            job_ends_within 30
            { wait $job; } 2>/dev/null
        done
    done
    start_job "$@"
}

has_read_all() { [ "$(lag "$group" "$of_in")" = 0 ] || ! kill -0 $job; }

# Waits until the group stands at the end, then stops the job and waits for it.
finish() {
    until_true 240 has_read_all
    local left rc
    left=$(lag "$group" "$of_in")
    stop_job
    rc=$?
    cat "$T/log"
    faults="$fired kills of the job, $killed of a broker, $paused pauses of one"
    echo "exit $rc, lag $left, $faults"
    [ $rc = 0 ] && [ "$left" = 0 ] && [ "$fired" -gt 0 ] &&
        ! grep -q 'ended by itself' "$T/log"
}

# As many as there were to be: one that did not come proves nothing.
all_fired() {
    echo "$faults"
    [ "$fired" -ge "$rounds" ] && [ $killed = $(((rounds + 2) / 4)) ] &&
        [ $paused = $((rounds / 4)) ]
}
