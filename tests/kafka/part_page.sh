# part_page.sh - what docs/from-kafka-streams.md and docs/kafka.md show is run, line
# by line as it stands there, by somebody who has only this tree.
# shellcheck shell=bash disable=SC2154
root=$(cd "$here/../.." && pwd)

# The sh blocks of a page as one script; its c block with a job as the file that
# the text names. What runs until it is stopped, and what starts a broker, is left
# out.
page() { # NAME
    mkdir -p "$T/page" && cd "$T/page" && ln -sfn "$root/tests" tests && ln -sfn "$root/examples" examples || return 1
    python3 - "$root/docs/$1" >script <<'PY' || return 1
import re, sys
text = open(sys.argv[1], encoding='utf-8').read()
for name, block in re.findall(r'in a file `(\w+\.c)`:\n\n```c\n(.*?)^```', text, re.S | re.M):
    open(name, 'w', encoding='utf-8').write(block)
print('set -euo pipefail')
for block in re.findall(r'^```sh\n(.*?)^```', text, re.S | re.M):
    for line in block.replace('\\\n', ' ').splitlines():
        if 'KAFKA_LOCAL_DIR=' in line or line.startswith(('b=', 'kafka=')):
            continue
        live = re.match(r'rivulet run .*kafka://', line) and 'until=end' not in line
        print(line + (' & job=$!' if live else ''))
        if live:
            print('for i in {1..100}; do [ "$($client $b lag %s %s)" = 0 ] && break; '
                  'python3 -c "import time; time.sleep(0.2)"; done; kill -TERM $job; wait $job'
                  % (re.search(r'name=(\w+)', line).group(1), re.search(r'\$b/(\w+)', line).group(1)))
PY
    cp "$root/examples/data/transactions.csv" .
    env PATH="$(dirname "$rivulet"):$PATH" CPATH="$root/include" kafka="$k" b="$b" client="$client" \
        bash script
}
moved() {
    (page from-kafka-streams.md) >"$T/page.out" 2>&1
    local rc=$?
    cat "$T/page.out"
    [ $rc = 0 ] && grep -q "^be$(printf '\t')2$" "$T/page.out" && grep -q '^counts *streams-lines ' "$T/page.out"
}
ok "the page for those who come from Kafka Streams or Spark: its job and its commands" moved
from_nothing() {
    # What the page leaves to the reader: topics of the second example.
    topics transactions alerts 2>/dev/null
    (page kafka.md) >"$T/page.out" 2>&1
    local rc=$?
    cat "$T/page.out"
    [ $rc = 0 ] && grep -q '^words *lines ' "$T/page.out"
}
ok "the page about Kafka: from nothing to the lag in Kafka's own tool" from_nothing
