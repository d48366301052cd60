# recompute.py - the oracle's own account of every job in jobs/: what each output
# must say at every batch, from nothing but the records of each batch in the
# order of their arrival. Shares no code with the engine, and is written for
# being read, not for speed.
#
# `batches` is a list of (time, [Record]), in order, empty ones too; a result is
# {time: [row]}, the row with its batch_ms in front.
import collections

# The constants of jobs/*.c.
TIMEOUT_BATCHES = 8
SUM_BATCHES, MAX_BATCHES, MAX_SLIDE = 5, 4, 2
NEAR = 16
TOP = 5


def tallies(records):
    """(count, sum) of each key."""
    result = {}
    for record in records:
        n, total = result.get(record.key, (0, 0))
        result[record.key] = (n + 1, total + record.value)
    return result


def batch_rows(batches, _):
    return {time: [(time, len(records))] for time, records in batches}


def count(batches, _):
    return {time: [(time, key, n, total)
                   for key, (n, total) in tallies(records).items()]
            for time, records in batches}


def _running(batches):
    """Of each batch: its time, the keys it changed, the state of all keys."""
    state = {}
    for time, records in batches:
        changed = tallies(records)
        for key, (n, total) in changed.items():
            had = state.get(key, (0, 0))
            state[key] = (had[0] + n, had[1] + total)
        yield time, changed, state


def running(batches, _):
    return {time: [(time, key, *state[key]) for key in changed]
            for time, changed, state in _running(batches)}


def total(batches, _):
    return {time: [(time, key, *value) for key, value in state.items()]
            for time, _, state in _running(batches)}


def sums(batches, _):
    """Of examples/audit.c."""
    return {time: [(time, key, state[key][1]) for key in changed]
            for time, changed, state in _running(batches)}


def state(batches, job):
    """A key is forgotten in the first batch whose time is more than the timeout
    after its last record; records of that batch come first."""
    held, result = {}, {}
    timeout = TIMEOUT_BATCHES * job.interval_ms
    for time, records in batches:
        rows = result[time] = []
        for record in records:
            n, value, _ = held.get(record.key, (0, 0, 0))
            held[record.key] = (n + 1, value + record.value, time)
            rows.append((time, record.key, record.source, record.seq,
                         *held[record.key][:2]))
        for key in [k for k, v in held.items() if time - v[2] > timeout]:
            rows.append((time, key, '', -1, *held.pop(key)[:2]))
    return result


def _window(batches, time, length_ms):
    return [record for at, records in batches if time - length_ms < at <= time
            for record in records]


def window(batches, job):
    result = {}
    for i, (time, _) in enumerate(batches):
        near = batches[max(0, i - SUM_BATCHES):i + 1]
        held = _window(near, time, SUM_BATCHES * job.interval_ms)
        result[time] = [(time, key, n, total)
                        for key, (n, total) in tallies(held).items()]
    return result


def greatest(batches, job):
    """Windows are aligned to the first batch there ever was."""
    result = {}
    zero = batches[0][0] - job.interval_ms if batches else 0
    for i, (time, _) in enumerate(batches):
        rows = result[time] = []
        if (time - zero) % (MAX_SLIDE * job.interval_ms) != 0:
            continue
        near = batches[max(0, i - MAX_BATCHES):i + 1]
        most = {}
        for record in _window(near, time, MAX_BATCHES * job.interval_ms):
            most[record.key] = max(most.get(record.key, 0), record.value)
        rows += [(time, key, value) for key, value in most.items()]
    return result


def join(batches, job):
    result = {}
    for time, records in batches:
        sides = collections.defaultdict(lambda: ([], []))
        for record in records:
            pair = '%s/%d' % (record.key, record.seq // NEAR)
            sides[pair][job.is_right(record)].append(record)
        result[time] = [(time, pair, a.source, a.seq, b.source, b.seq)
                        for pair, (left, right) in sides.items()
                        for a in left for b in right]
    return result


def top(batches, _):
    result = {}
    for time, records in batches:
        ranked = sorted((-total, key)
                        for key, (_, total) in tallies(records).items())
        result[time] = [(time, rank, key, -less)
                        for rank, (less, key) in enumerate(ranked[:TOP])]
    return result


class Job:
    """A job of jobs/: its outputs beside echo and seen, and its arguments."""

    def __init__(self, name, outputs, interval_ms, second=()):
        self.name = name
        self.outputs = {'batches': batch_rows, **outputs}
        self.interval_ms = interval_ms
        self.second = frozenset(second)      # sources of the second input

    def is_right(self, record):
        """On which side of the join a record is."""
        if self.second:
            return record.source in self.second
        return record.seq % 2 == 1


OUTPUTS = {
    'echo': {},
    'count': {'count': count},
    'sum': {'running': running, 'total': total},
    'state': {'state': state},
    'window': {'window': window, 'greatest': greatest},
    'join': {'join': join},
    'top': {'top': top},
}
OUTPUTS['all'] = {name: f for job in list(OUTPUTS.values())
                  for name, f in job.items()}


def job(name, interval_ms, second=()):
    return Job(name, OUTPUTS[name], interval_ms, second)
