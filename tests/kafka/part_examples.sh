# part_examples.sh - what the manual promises with Kafka, as a newcomer does it:
# the examples, the commands of the pages, the lag in Kafka's own tool.
# shellcheck shell=bash disable=SC2154
examples=$(cd "$here/../../examples" && pwd)

# Word count of what is there, then of what comes, through a kill.
sums() { awk -F, '{ n[$1] += $2 } END { for (w in n) print w "," n[w] }' | sort; }
count_lines() {
    "$rivulet" run -c restart.max=0 -c name=words-poem -c state.dir="$T/words-state" -c batch.interval=50ms \
        "$examples/wordcount.c" "kafka://$b/poem" "$T/words/" &
    job=$!
}
words_read() { [ "$(lag words-poem poem)" = 0 ]; }
# Kafka's own tool, for what a user sees of it.
shown_lag() { # GROUP: the lag of each partition
    "$k" tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
        --bootstrap-server "$b" --describe --group "$1" 2>/dev/null |
        awk '$2 ~ /^[a-z]/ && $6 ~ /^[0-9]+$/ { print $6 }' | tr '\n' ' '
}
word_count() {
    topics poem || return 1
    sed 's/^/:/' "$examples/data/words.txt" | put poem || return 1
    "$rivulet" run "$examples/wordcount.c" "kafka://$b/poem?until=end" - | sums >"$T/all.txt"
    "$rivulet" run "$examples/wordcount.c" "$examples/data/words.txt" - | sums >"$T/right.txt"
    cmp "$T/all.txt" "$T/right.txt" || return 1
    count_lines
    pause 700
    kill -9 $job && wait $job
    count_lines
    until_true 60 words_read && stop_job || return 1
    cat "$T"/words/*.csv | sums | cmp - "$T/right.txt" && [ "$(shown_lag words-poem)" = '0 0 0 0 ' ]
}
ok "word count of a topic, as a batch and live through a kill; Kafka's tool shows no lag" word_count

# From topic to topic: each alert once, whatever happens to the job.
fraud() {
    (cd "$T" && exec "$rivulet" run -c restart.max=0 -c name=fraud-paid -c state.dir="$T/fraud-state" \
        -c kafka.delivery=exactly_once -c batch.interval=50ms "$examples/fraud.c" \
        "kafka://$b/payments" "kafka://$b/warned") &
    job=$!
}
fraud_read() { [ "$(lag fraud-paid payments)" = 0 ]; }
fraud_topics() {
    "$client" "$b" topic payments 1 && "$client" "$b" topic warned 1 || return 1
    head -50 "$examples/data/transactions.csv" | sed 's/^/:/' | put payments
    fraud
    until_true 60 fraud_read || return 1
    kill -9 $job && wait $job
    tail -n +51 "$examples/data/transactions.csv" | sed 's/^/:/' | put payments
    fraud
    until_true 60 fraud_read && stop_job || return 1
    (cd "$T" && "$rivulet" run "$examples/fraud.c" "replay:1000:$examples/data/transactions.csv") |
        sort >"$T/alerts.right"
    "$rivulet" run "$here/records.c" "kafka://$b/warned?until=end" - |
        sed 's/^[0-9]* \([^ ]*\) /\1,/' | sort >"$T/alerts.txt"
    [ -s "$T/alerts.right" ] && diff "$T/alerts.txt" "$T/alerts.right"
}
ok "fraud from topic to topic: each alert once, as of the file" fraud_topics

# Files first, then the topic from where they end; started again it goes on.
totals() {
    "$rivulet" run -c name=totals -c state.dir="$T/totals-state" -c batch.interval=50ms \
        "$examples/history.c" "$T/archive.csv" "kafka://$b/entries" "$T/totals/" &
    job=$!
}
entries() { python3 -c "
for i in range($1, $2): print(f'a{i % 7}:a{i % 7},{i}')"; }
totals_read() { [ "$(lag totals entries)" = 0 ]; }
history_then_live() {
    topics entries && entries 0 500 | put entries || return 1
    "$rivulet" run "$here/archive.c" "kafka://$b/entries?until=end" "$T/archive.csv" || return 1
    [ "$(wc -l <"$T/archive.csv")" = 500 ] || return 1
    entries 500 700 | put entries
    totals
    until_true 60 totals_read && stop_job || return 1
    entries 700 1000 | put entries
    totals
    until_true 60 totals_read && stop_job || return 1
    cat "$T"/totals/*.csv | python3 -c "
import sys
last, n = {}, 0
for line in sys.stdin:
    account, total = line.strip().split(',')
    last[account] = max(last.get(account, 0), int(total))
    n += 1
right = {f'a{k}': sum(i for i in range(1000) if i % 7 == k) for k in range(7)}
assert n == 500, n
assert last == right, (last, right)"
}
ok "history from files and then the topic from the right offset: each entry counts once" history_then_live
