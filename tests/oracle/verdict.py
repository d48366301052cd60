# verdict.py - compares what a job wrote with what was sent. Every kind of wrong
# has a word, so that a test of this file can ask for it:
#
#   lost       acked, or in a batch, and not there      doubled    there twice
#   altered    no record, or not the one that was sent  unsent     never sent
#   order      records of a source, or batches, turned  early, late
#              round                                       in another batch
#   state      a result other than recomputed           batches    times or
#                                                          counts of batches
#   partial, changed, vanished, uncommitted             what a reader saw
#   fault      a planned fault that did not happen      exit       of a process
import collections

from oracle import record as records, recompute

SHOWN_MAX = 5          # findings of a kind that are spelled out


class Verdict:
    def __init__(self):
        self.count = collections.Counter()
        self.text = []

    def bad(self, kind, text, *args):
        self.count[kind] += 1
        if self.count[kind] <= SHOWN_MAX:
            self.text.append('%s: %s' % (kind, text % args if args else text))

    def add(self, other):
        self.count.update(other.count)
        self.text += [text for text in other.text if text not in self.text]

    def __bool__(self):
        """True when nothing is wrong."""
        return not self.count

    def __str__(self):
        if self:
            return 'nothing wrong'
        counts = ', '.join('%d %s' % (n, kind)
                           for kind, n in sorted(self.count.items()))
        return '\n'.join([counts] + self.text)


# --------------------------------------------------------------------- echo

def echo(v, lines, sent, maker=None, complete=True):
    """acked within output within sent, each once and as it was sent, those of a
    source in order. Returns the records, in order, each once.
    complete: whether everything acked must be there."""
    found, last, seen = [], {}, set()
    for text in lines:
        try:
            record = records.read(text)
        except records.NoRecord as error:
            v.bad('altered', 'echo: %s', error)
            continue
        name = (record.source, record.seq)
        if not sent.is_sent(record):
            v.bad('unsent', 'echo: %s,%d was never sent', *name)
            continue
        if maker and maker.record(*name) != record:
            v.bad('altered', 'echo: %s,%d is another record than was sent',
                  *name)
        if name in seen:
            v.bad('doubled', 'echo: %s,%d', *name)
            continue
        seen.add(name)
        if record.seq < last.get(record.source, -1):
            v.bad('order', 'echo: %s,%d comes after %s,%d', *name,
                  record.source, last[record.source])
        last[record.source] = max(record.seq, last.get(record.source, -1))
        found.append(record)
    if complete:
        for source, n in sorted(sent.acked.items()):
            for seq in range(n):
                if (source, seq) not in seen:
                    v.bad('lost', 'echo: %s,%d was acked', source, seq)
    holes(v, seen, last)
    return found


def holes(v, seen, last):
    """A source's records are taken in order: none is missing before one that is
    there, acked or not."""
    for source, most in sorted(last.items()):
        for seq in range(most):
            if (source, seq) not in seen:
                v.bad('lost', 'echo: %s,%d, but %s,%d is there', source, seq,
                      source, most)


# ------------------------------------------------------------------ batches

def batches(v, found, seen):
    """Puts the records of echo into their batches, as seen and batches say:
    [(time, [Record])]."""
    by_name = {(r.source, r.seq): r for r in found}
    inside, had, before = collections.OrderedDict(), {}, None
    for row in seen:
        if len(row) != 3 or not isinstance(row[0], int):
            v.bad('altered', 'seen: no row: %r', row)
            continue
        time, *name = row
        name = tuple(name)
        if name in had:
            v.bad('doubled', 'seen: %s,%s in batches %d and %d', *name,
                  had[name], time)
            continue
        had[name] = time
        if before is not None and time < before:
            v.bad('order', 'seen: batch %d comes after %d', time, before)
        before = time
        if name not in by_name:
            v.bad('early', 'seen: %s,%s in batch %d is not in echo', *name, time)
            continue
        inside.setdefault(time, []).append(by_name[name])
    for name in by_name:
        if name not in had:
            v.bad('late', 'seen: %s,%d of echo is in no batch', *name)
    _order_of_sources(v, inside)
    return inside


def _order_of_sources(v, inside):
    last = {}
    for time, batch in inside.items():
        for record in batch:
            if record.seq < last.get(record.source, -1):
                v.bad('order', 'seen: %s,%d in batch %d comes after seq %d',
                      record.source, record.seq, time, last[record.source])
            last[record.source] = record.seq


def clock(v, rows, interval_ms):
    """Times of batches only grow, by whole intervals. Returns them, each once,
    in order."""
    times = []
    for row in rows:
        if len(row) != 2 or not isinstance(row[0], int):
            v.bad('altered', 'batches: no row: %r', row)
        elif row[0] in times[-1:]:
            v.bad('doubled', 'batches: %d', row[0])
        elif times and row[0] < times[-1]:
            v.bad('order', 'batches: %d comes after %d', row[0], times[-1])
        else:
            times.append(row[0])
            if row[0] % interval_ms != 0:
                v.bad('batches', '%d is no multiple of %d', row[0], interval_ms)
    return times


# ------------------------------------------------------------------ results

def compare(v, name, want, got):
    """want: {time: [row]}; got: rows, in the order of the file. Within a batch
    the order is nobody's promise."""
    have, before = collections.defaultdict(collections.Counter), None
    for row in got:
        time = row[0]
        if not isinstance(time, int):
            v.bad('altered', '%s: no row: %r', name, row)
            continue
        if before is not None and time < before:
            v.bad('order', '%s: batch %d comes after %d', name, time, before)
        before = time
        have[time][row] += 1
    missing, surplus = [], []
    for time in sorted(set(want) | set(have)):
        expected = collections.Counter(want.get(time, ()))
        missing += list((expected - have[time]).elements())
        surplus += list((have[time] - expected).elements())
    _explain(v, name, want, missing, surplus)


def _explain(v, name, want, missing, surplus):
    """Says of each row too many or too few what it may have become."""
    by_rest = collections.defaultdict(list)
    by_key = collections.defaultdict(list)
    for row in missing:
        by_rest[row[1:]].append(row)
        by_key[row[:2]].append(row)
    explained = collections.Counter()
    for row in surplus:
        moved = [m for m in by_rest[row[1:]] if not explained[m]]
        other = [m for m in by_key[row[:2]] if not explained[m]]
        if row in want.get(row[0], ()):
            v.bad('doubled', '%s: %r', name, row)
        elif moved and moved[0][0] != row[0]:
            explained[moved[0]] += 1
            v.bad('early' if row[0] < moved[0][0] else 'late',
                  '%s: %r belongs into batch %d', name, row, moved[0][0])
        elif other:
            explained[other[0]] += 1
            v.bad('state', '%s: %r, not %r', name, row, other[0])
        else:
            v.bad('state', '%s: %r is wrong', name, row)
    for row in missing:
        if explained[row] > 0:
            explained[row] -= 1
        else:
            v.bad('lost', '%s: %r', name, row)


# ---------------------------------------------------------------- whole jobs

def check(job, out, sent, maker=None, complete=True):
    """The verdict over a job of jobs/ that has stopped; out: its outputs."""
    v = Verdict()
    found = echo(v, out.lines('echo'), sent, maker, complete)
    inside = batches(v, found, out.rows('seen'))
    times = clock(v, out.rows('batches'), job.interval_ms)
    known = set(times)
    for time in inside:
        if time not in known:
            v.bad('batches', 'batch %d has records, and is not in batches', time)
    times = sorted(known | set(inside))
    account = [(time, inside.get(time, [])) for time in times]
    for name, compute in job.outputs.items():
        compare(v, name, compute(account, job), out.rows(name))
    return v


def audit(out, sent, maker=None, complete=True):
    """The verdict over examples/audit.c, whose outputs do not say which batch
    took what. Values are positive, so a key's sums name the records they end
    with, and the batches follow."""
    v = Verdict()
    found = echo(v, out.lines('echo'), sent, maker, complete)
    sums(v, found, list(out.rows('sums')))
    return v


def sums(v, found, rows):
    cuts = _cuts(v, found, rows)
    account, start = [], 0
    for time, end in cuts:
        account.append((time, found[start:max(start, end)]))
        start = max(start, end)
    if start < len(found):
        v.bad('late', 'sums: %d records of echo are in no batch, first %s,%d',
              len(found) - start, found[start].source, found[start].seq)
    compare(v, 'sums', recompute.sums(account, None), rows)


def _cuts(v, found, rows):
    """[(time, how many records of echo up to then)], from the sums alone."""
    at, reached = {}, collections.OrderedDict()
    sum_of = collections.Counter()
    for i, record in enumerate(found):
        sum_of[record.key] += record.value
        at[record.key, sum_of[record.key]] = i + 1
    for row in rows:
        if len(row) != 3 or not isinstance(row[0], int):
            v.bad('altered', 'sums: no row: %r', row)
            continue
        where = at.get(row[1:])
        if where is None:
            v.bad('state', 'sums: %r is the sum of no records', row)
        reached[row[0]] = max(reached.get(row[0], 0), where or 0)
    return list(reached.items())
