#!/usr/bin/env python3
# check.py - compares what Kafka's own consumer has read of the output with the
# input. Usage: check.py exactly|atleast|files|copy RECORDS INPUT OUTPUT. Knows
# nothing of Rivulet but what tests/kafka/job.c says: for each record of the
# input one with its value and the count of its key; in a copy the record itself,
# so that each partition is, in its order, that of the input.
import collections
import sys

how, want, input_path, output_path = sys.argv[1:]


def consumed(path):
    """(partition, key, value) of lines "Partition:P<tab>KEY<tab>VALUE"."""
    with open(path, encoding='utf-8') as file:
        for line in file:
            part = line.rstrip('\n').split('\t')
            if len(part) == 3 and part[0].startswith('Partition:'):
                yield int(part[0][10:]), part[1], part[2]


def saved(path):
    """The same of lines "KEY,VALUE"."""
    with open(path, encoding='utf-8') as file:
        for line in file:
            key, _, value = line.rstrip('\n').partition(',')
            yield 0, key, value


def fail(text):
    print('check: ' + text)
    sys.exit(1)


came = list(consumed(input_path))
if len(came) != int(want):
    fail('the input has %d records, not %s: the test is wrong' %
         (len(came), want))
if how == 'copy':
    got, right = collections.defaultdict(list), collections.defaultdict(list)
    for partition, key, value in came:
        right[partition].append((key, value))
    for partition, key, value in consumed(output_path):
        got[partition].append((key, value))
    for partition in sorted(set(right) | set(got)):
        if got[partition] != right[partition]:
            at = next((i for i, (a, b) in enumerate(zip(got[partition],
                                                        right[partition]))
                       if a != b), None)
            fail('partition %d: %d records, not %d; the first that differs is '
                 '%s' % (partition, len(got[partition]),
                         len(right[partition]), at))
    print('%d records in, the same out, in order' % len(came))
    sys.exit(0)

order = collections.defaultdict(list)
place = {}
for partition, key, value in came:
    order[key].append(value)
    place[key] = partition

got = collections.defaultdict(list)
records = 0
for partition, key, value in (saved if how == 'files' else consumed)(
        output_path):
    records += 1
    got[key].append(value)
    if how != 'files' and place.get(key) != partition:
        fail('key %s is in partition %d, and by Kafka\'s hash in %s' %
             (key, partition, place.get(key)))
for key, values in order.items():
    right = ['%s %d' % (value, i + 1) for i, value in enumerate(values)]
    if how == 'atleast':
        if set(right) - set(got[key]):
            fail('key %s: lost %s' % (key, sorted(set(right) -
                                                  set(got[key]))[:5]))
        if set(got[key]) - set(right):
            fail('key %s: counted wrongly: %s' %
                 (key, sorted(set(got[key]) - set(right))[:5]))
    elif got[key] != right:
        for i, (a, b) in enumerate(zip(got[key], right)):
            if a != b:
                fail('key %s, record %d: "%s", not "%s"' % (key, i, a, b))
        fail('key %s: %d records, not %d' % (key, len(got[key]), len(right)))
if set(got) - set(order):
    fail('keys that never came: %s' % sorted(set(got) - set(order))[:5])
print('%d records in, %d out' % (len(came), records))
