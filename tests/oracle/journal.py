# journal.py - the oracle's own reader of a state directory (docs/format.md). At
# rest after a kill it says what was committed: the numbers and times of batches,
# the bytes of every output file, complete or not, and the state of operators. So
# the account of a job can be checked as of the very last commit, and nothing may
# be visible that was not committed. Checksums are another reader's work
# (tests/journal). It works on copies.
import os
import shutil
import sqlite3
import struct
import tempfile

from oracle import outputs

OPEN, COMPLETE, RENAMED = 1, 2, 3        # status of a file
BEGUN = 1                                # status of a batch
HEAD_SLOTS, HEAD_STEP = 4, 1024


class NoJournal(Exception):
    """There is none yet, or it is being made."""


class Journal:
    def __init__(self, folder):
        if os.path.exists(os.path.join(folder, 'unborn')) or \
                not os.path.exists(os.path.join(folder, 'journal.db')):
            raise NoJournal(folder)
        with tempfile.TemporaryDirectory() as work:
            for name in ('journal.db', 'journal.db-wal'):
                if os.path.exists(os.path.join(folder, name)):
                    shutil.copy(os.path.join(folder, name), work)
            db = sqlite3.connect(os.path.join(work, 'journal.db'))
            db.text_factory = lambda text: text.decode('latin-1')
            try:
                self._read(db)
            finally:
                db.close()
        self.head_commits = _head_commits(os.path.join(folder, 'head'))

    def _read(self, db):
        self.commits, self.tip = db.execute(
            'SELECT commits, batch FROM tip').fetchone()
        self.batches = db.execute(
            'SELECT number, time_ms, status FROM batch ORDER BY number').fetchall()
        self.files = db.execute(
            'SELECT folder, number, status, bytes, temporary, name FROM file '
            'ORDER BY number').fetchall()
        self.nodes = {uid: (number, schema) for number, uid, schema in
                      db.execute('SELECT id, uid, schema FROM node')}
        self.blobs = {number: list(_blobs(db, number))
                      for number, _ in self.nodes.values()}

    def done(self):
        """(number, time) of the batches that are committed and still listed."""
        return [(number, time) for number, time, status in self.batches
                if status != BEGUN]

    def state(self, uid):
        """{key: (numbers of its state)} of an operator with state whose key is
        one text and whose state is whole numbers."""
        number, schema = self.nodes[uid]
        count = len(schema.strip().split('--')[1].split('\n')) - 1
        if schema.split('--')[0].split()[1] != 'str' or \
                schema.split('--')[1].count(' i64') != count:
            raise ValueError('%s: a schema for somebody else: %r' % (uid, schema))
        state = {}
        for blob in self.blobs[number]:
            for segment in _segments(blob):
                _apply(state, segment, count)
        return state


def _blobs(db, op):
    """Newest complete snapshot, then the deltas behind it, each in order."""
    newest = db.execute('SELECT number, base FROM snapshot WHERE op = ? '
                        'ORDER BY number DESC LIMIT 1', (op,)).fetchone()
    snapshot, base = newest or (0, 0)
    yield b''.join(row[0] for row in db.execute(
        'SELECT bytes FROM piece WHERE op = ? AND snapshot = ? ORDER BY piece',
        (op, snapshot)))
    yield b''.join(row[0] for row in db.execute(
        'SELECT bytes FROM delta WHERE op = ? AND batch > ? '
        'ORDER BY batch, piece', (op, base)))


def _segments(blob):
    at = 0
    while at < len(blob):
        _, _, _, n = struct.unpack_from('<IIQQ', blob, at)
        yield blob[at + 24:at + 24 + n]
        at += 24 + n


def _apply(state, segment, count):
    """u8 lives, i64 touched if it lives, key, state if it lives."""
    at = 0
    while at < len(segment):
        lives = segment[at]
        at += 1 + 8 * (lives != 0)
        n, = struct.unpack_from('<I', segment, at)
        key = segment[at + 4:at + 4 + n].decode()
        at += 4 + n
        state.pop(key, None)
        if lives:
            state[key] = struct.unpack_from('<%dq' % count, segment, at)
            at += 8 * count


def _head_commits(path):
    """Of the newest of its valid-looking slots."""
    with open(path, 'rb') as f:
        data = f.read()
    marks = [struct.unpack_from('<QQ', data, at + 24)
             for at in range(0, HEAD_SLOTS * HEAD_STEP, HEAD_STEP)
             if data[at:at + 8] == b'RIVHEAD1']
    return max(marks)[1] if marks else 0


class Committed(outputs.Out):
    """The outputs as of the last commit: the bytes that count of every file,
    whatever its name is by now."""

    def __init__(self, journal, outdir):
        super().__init__(outdir)
        self.journal = journal

    def pieces(self, name):
        known = {}
        for folder, number, _, size, temporary, final in self.journal.files:
            if os.path.basename(folder.rstrip('/')) == name:
                known[final] = (number, size, os.path.join(folder, temporary))
        before = [path for path in outputs.files(self.outdir, name)
                  if os.path.basename(path) not in known]
        for path in before:              # the journal has forgotten these
            with open(path, 'rb') as f:
                yield f.read()
        for final, (_, size, temporary) in sorted(known.items(),
                                                  key=lambda each: each[1][0]):
            path = os.path.join(self.outdir, name, final)
            with open(path if os.path.exists(path) else temporary, 'rb') as f:
                yield f.read(size)


def check(v, folder, job, outdir, sent, maker):
    """At rest: the journal holds together, what can be seen was committed, and
    all outputs as of the last commit are right. job: engine.Job."""
    try:
        journal = Journal(folder)
    except NoJournal:
        return
    numbers(v, journal, job.interval_ms)
    visible(v, journal, outdir, job.outputs())
    try:
        committed = Committed(journal, outdir)
        v.add(job.verdict(committed, sent, maker, complete=False))
        states(v, journal, job, committed)
    except FileNotFoundError as error:
        v.bad('lost', 'a file of the journal is not there: %s', error)


def numbers(v, journal, interval_ms):
    done = journal.done()
    for (number, time), (after, later) in zip(done, done[1:]):
        if after != number + 1:
            v.bad('batches', 'journal: batch %d comes after %d', after, number)
        if later <= time or (later - time) % interval_ms:
            v.bad('batches', 'journal: batch %d at %d, %d at %d', number, time,
                  after, later)
    if done and done[-1][0] != journal.tip:
        v.bad('batches', 'journal: the last batch is %d, the tip says %d',
              done[-1][0], journal.tip)
    if journal.commits < journal.head_commits:
        v.bad('lost', 'journal: %d commits, the head mark says %d',
              journal.commits, journal.head_commits)


def visible(v, journal, outdir, names):
    """Of a file that can be seen the journal knows that it is complete, or has
    forgotten it long ago."""
    for name in names:
        rows = {final: (number, status, size)
                for folder, number, status, size, _, final in journal.files
                if os.path.basename(folder.rstrip('/')) == name}
        oldest = min((number for number, _, _ in rows.values()), default=None)
        for path in outputs.files(outdir, name):
            number, status, size = rows.get(os.path.basename(path), (0, 0, 0))
            if status == 0:
                number = int(path.rsplit('-', 1)[1].split('.')[0])
                if oldest is None or number >= oldest:
                    v.bad('uncommitted', '%s is not in the journal', path)
            elif status == OPEN:
                v.bad('uncommitted', '%s is not complete by the journal', path)
            elif os.path.getsize(path) != size:
                v.bad('partial', '%s has %d bytes, by the journal %d', path,
                      os.path.getsize(path), size)
        for final, (_, status, _) in rows.items():
            if status == RENAMED and not os.path.exists(
                    os.path.join(outdir, name, final)):
                v.bad('vanished', '%s/%s was shown, by the journal', name, final)


def states(v, journal, job, committed):
    """The running sums in the journal are those that the outputs said last."""
    for uid, output in (('running', 'running'), ('total', 'total'),
                        ('totals', 'sums')):
        if uid not in journal.nodes or output not in job.outputs():
            continue
        said = {}
        for row in committed.rows(output):
            said[row[1]] = tuple(row[2:])
        have = journal.state(uid)
        for key in sorted(set(said) | set(have)):
            if said.get(key) != have.get(key):
                v.bad('state', 'journal: %s of %s is %r, the output said %r',
                      key, uid, have.get(key), said.get(key))

