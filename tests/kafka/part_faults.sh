# part_faults.sh - the job is killed at times that nobody chose and at every step
# of a commit, the broker is killed and paused. Each fault is counted.
# RIVULET_TEST_KAFKA_FAULTS says which of these, for runs that are too long as one.
# shellcheck shell=bash disable=SC2154
. "$here/torment.sh"

wants() {
    case " ${RIVULET_TEST_KAFKA_FAULTS:-topic steps files once${long:+ blocks}} " in
    *" $1 "*) ;;
    *) return 1 ;;
    esac
}
brokers=1
topics in out copy once || exit 1
(produce in 0 $((records / 2)); produce in $((records / 2)) "$records") &
producer=$! readers=

if wants topic; then
    of_out=("kafka://$b/copy")
    torment "kafka://$b/out" -c kafka.delivery=exactly_once
    wait $producer
    ok "to a topic, exactly once: the last life drains and ends well" finish
    echo "# $faults"
    ok "each of these faults has come" all_fired
    # They wait for silence at the end, which the next test may use: no broker dies in it.
    consume out >"$T/out.txt" &
    readers=$!
    consume copy >"$T/copy.txt" &
    readers="$readers $!"
    of_out=()
fi
wait $producer
consume in "$records" >"$T/in.txt"

if wants steps && [ -x "$of_tests/kafka-job" ]; then
    program=("$of_tests/kafka-job") of_job=()
    topics died
    die_everywhere "kafka://$b/died" -c kafka.delivery=exactly_once
    ok "dead at every step of a commit: the last life drains and ends well" finish
    ok "most of these deaths have come" [ "$fired" -ge $((7 * deaths)) ] # a slow machine may miss some
    consume died >"$T/died.txt"
    ok "the topic has each record once after each of these" \
        python3 "$here/check.py" exactly "$records" "$T/in.txt" "$T/died.txt"
    program=("$rivulet" run) of_job=("$here/job.c")
fi

if wants topic; then
    wait $readers
    ok "the topic has each record once, in order, counted once, by Kafka's hash" \
        python3 "$here/check.py" exactly "$records" "$T/in.txt" "$T/out.txt"
    ok "each partition of the copy is that of the input" \
        python3 "$here/check.py" copy "$records" "$T/in.txt" "$T/copy.txt"
fi

if wants files; then
    torment "$T/files/"
    ok "to files, exactly once: the last life drains and ends well" finish
    cat "$T"/files/*.csv >"$T/files.txt" 2>/dev/null
    ok "the files have each record once, in order, counted once" \
        python3 "$here/check.py" files "$records" "$T/in.txt" "$T/files.txt"
fi

if wants once; then
    torment "kafka://$b/once"
    ok "to a topic, at least once: the last life drains and ends well" finish
    consume once "$("$client" "$b" ends once)" >"$T/once.txt" # no transactions: each offset is a record
    ok "the topic has each record at least once" \
        python3 "$here/check.py" atleast "$records" "$T/in.txt" "$T/once.txt"
fi

# Messages of 50 KB, 250 lines of a key each, which are read where the library has
# them: all but the first of a life, so answers are of few.
blocks() { # RECORDS
    python3 -c "
for i in range(0, $1, 250):
    k = 'k%d' % (i // 250 % 97)
    print(k + ':' + '\t'.join('%s %0200d' % (k, n) for n in range(i, i + 250)))"
}
lines_of() { # what consume says of such a message is its first line, then the others
    awk -F'\t' '/^Partition:/ { where = $1 "\t" $2; $0 = $3 } { print where "\t" substr($0, index($0, " ") + 1) }'
}
if wants blocks; then
    topics blocks lines || exit 1
    (blocks "$records" | put blocks) &
    producer=$!
    of_in=blocks of_how='?records=lines'
    torment "kafka://$b/lines" -c kafka.delivery=exactly_once -c rate.max=$((records * 200 / rounds)) \
        -c kafka.fetch.message.max.bytes=200000
    wait $producer
    ok "lines of large messages, exactly once: the last life drains and ends well" finish
    echo "# $faults"
    ok "each of these faults has come to lines of large messages" all_fired
    consume blocks $((records / 250)) | lines_of >"$T/blocks.txt"
    consume lines >"$T/lines.txt"
    ok "the topic has each line of large messages once, in order, counted once" \
        python3 "$here/check.py" exactly "$records" "$T/blocks.txt" "$T/lines.txt"
    of_in=in of_how=
fi
