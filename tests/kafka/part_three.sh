# part_three.sh - the same through the deaths and pauses of one of three brokers:
# replication 3, two must be in step, leaders change.
# shellcheck shell=bash disable=SC2154
. "$here/torment.sh"
one=$b
export KAFKA_LOCAL_DIR=$T/three
brokers=3
start_broker --brokers 3 || { echo "Bail out! three brokers do not start"; exit 1; }
topics in3 out3 copy3 || exit 1

leaders() { # of the partitions of in3, and who is in step with them
    "$k" topic --describe --topic in3 | sed -n 's/.*Leader: \([0-9]*\).*Isr: \([0-9,]*\).*/\1 (\2)/p' | tr '\n' ' '
}
replicated() { [ "$("$k" topic --describe --topic in3 | grep -c 'Isr: [0-9],[0-9],[0-9]')" = 4 ]; }

echo "# leaders $(leaders)"
(produce in3 0 $((records / 2)); produce in3 $((records / 2)) "$records") &
producer=$!
of_in=in3 of_out=("kafka://$b/copy3")
torment "kafka://$b/out3" -c kafka.delivery=exactly_once
wait $producer
ok "three brokers: the last life drains and ends well" finish
echo "# $faults; leaders $(leaders)"
ok "three brokers: each of these faults has come" all_fired
ok "three brokers: all replicas are in step again" until_true 60 replicated
consume in3 "$records" >"$T/in3.txt"
consume out3 >"$T/out3.txt"
ok "three brokers: the topic has each record once, in order, counted once" \
    python3 "$here/check.py" exactly "$records" "$T/in3.txt" "$T/out3.txt"
consume copy3 >"$T/copy3.txt"
ok "three brokers: each partition of the copy is that of the input" \
    python3 "$here/check.py" copy "$records" "$T/in3.txt" "$T/copy3.txt"
"$k" stop --wipe >/dev/null 2>&1
export KAFKA_LOCAL_DIR=$T/broker
b=$one of_in=in of_out=() brokers=1
