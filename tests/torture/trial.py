# trial.py - one job over a small, known input, run under a fault and then without
# it until all is out: what T2, T3, T4 and T6 have in common.
import os
import signal
import subprocess
import time

import engine as engines
import world
from oracle import generator, journal, outputs, reader, sentlog, verdict
from oracle import record as records
from t01_kill import reserve

RUNS_MAX = 30            # without a fault, until everything is out
STOP_S = 1               # stop.timeout; some jobs here cannot finish
ROUND_S = 0.05           # how long an endless source runs before it is stopped
TERMINATED = 128 + signal.SIGTERM
WINDOW, PIECE_MAX = 40, 800     # of a peer: many acks for few records
ENDLESS = ('tail', 'dir', 'listen')


class Trial:
    """where: a World. source: replay, which ends by itself, tail, dir, listen.
    lines: of a batch of replay; total: records. below: a folder in where's that
    holds outputs and state, but not the inputs. restarts: how often a supervisor
    may start the worker again; 0: there is none."""

    def __init__(self, context, where, job, source='replay', lines=40, total=320,
                 threads=2, settings=None, below='', restarts=None):
        self.context, self.where, self.job = context, where, job
        self.engine, self.source, self.total = context.engine, source, total
        self.threads = threads
        self.settings = ['stop.timeout=%ds' % STOP_S,
                         *(self.engine.shrunk(where.rng) if settings is None
                           else settings),
                         *(['restart.max=%d' % restarts]
                           if restarts is not None else [])]
        self.log = world.sent_log(where)
        self.maker = records.Maker(where.seed)
        self.outdir = where.folder(below, 'out')
        self.state = where.path(below, 'state')
        self.reader = reader.Reader(self.outdir, job.outputs())
        self.peer = None
        self.uri = self._input(lines)
        self.runs, self.round_s = 0, ROUND_S

    def place(self, state, out):
        """State and outputs in different folders of where's, before a run."""
        self.state = self.where.path(state, 'state')
        self.outdir = self.where.folder(out, 'out')
        self.reader = reader.Reader(self.outdir, self.job.outputs())

    def _input(self, lines):
        path = self.where.path('input')
        if self.source == 'dir':
            self.sender = generator.Dir(path, 'f', self.log, self.maker)
            for _ in range(4):
                self.sender.send(self.total // 4)
            return 'dir:' + path
        if self.source == 'listen':
            hold = reserve(self.where.seed)
            self.where.closers.append(hold.close)
            self.peer = generator.Peer(hold.getsockname(), 'p0', self.log,
                                       self.maker, self.where.seed,
                                       window=WINDOW, piece_max=PIECE_MAX)
            self.sender = self.peer
            self.where.closers.append(self.peer.close)
            self.peer.send(self.total)
            return 'listen://%s:%d' % hold.getsockname()
        self.sender = generator.Tail(path, 's0', self.log, self.maker)
        self.where.closers.append(self.sender.close)
        self.sender.send(self.total)
        return 'tail:' + path if self.source == 'tail' else \
            'replay:%d:%s' % (lines, path)

    def command(self):
        return self.engine.command(self.job, [self.uri], self.outdir,
                                   self.state, self.threads, self.settings)

    def run(self, before=(), limit_s=None, **env):
        """Runs the job behind `before` once; an endless source is stopped after
        a while. Returns its exit code as a shell says it; None: it hung."""
        self.runs += 1
        process = self.where.start([*before, *self.command()],
                                   self.engine.env(**env))
        code = self._until_end(process, limit_s)
        self.stderr = process.stderr()
        process.end()
        self.where.forget(process)
        return 128 - code if code is not None and code < 0 else code

    def _until_end(self, process, limit_s):
        if self.source not in ENDLESS:
            return process.wait(limit_s)
        if self.source == 'listen':
            world.wait_for(lambda: process.poll() is not None or self.peer.wrong
                           or self.peer.acked >= self.peer.limit, limit_s)
        world.wait_for(lambda: process.poll() is not None, self.round_s)
        process.kill(number=signal.SIGTERM)
        code = process.wait(limit_s)
        if code in (-signal.SIGTERM, TERMINATED):
            self.round_s *= 2    # it was not yet ready to be stopped
        return code

    def is_complete(self):
        lines = sum(1 for _ in outputs.lines(self.outdir, 'echo'))
        return lines >= sum(self.log.state.acked.values())

    def finish(self, found):
        """Runs without faults until all is out; says what is wrong."""
        for _ in range(RUNS_MAX):
            code = self.run()
            if code == TERMINATED and self.source in ENDLESS:
                continue
            if code != engines.DONE:
                found.bad('exit', 'without a fault it ends with %s\n%s', code,
                          self.stderr)
                return
            if self.source not in ENDLESS or self.is_complete():
                return

    def look(self, found):
        """At rest after a fault: what can be seen is whole, and right as far as
        it goes; the reader remembers it."""
        self.reader.look()
        v = verdict.Verdict()
        sent = sentlog.read(self.log.path)
        verdict.echo(v, outputs.lines(self.outdir, 'echo'), sent, self.maker,
                     False)
        found.add(v)
        if not self.engine.fakes:
            journal.check(found, self.state, self.job, self.outdir, sent,
                          self.maker)

    def verdict(self, found, complete=True):
        """Of what is there now."""
        found.add(self.reader.finish())
        if self.peer:
            for kind, text in self.peer.wrong:
                found.bad(kind, text)
        found.add(self.job.verdict(outputs.Out(self.outdir), self.log.state,
                                   self.maker, complete))
        return found

    # ---------------------------------------------------- the N-th system call

    def faultcall(self, *options):
        """What stands in front of the command, and the log it writes."""
        log = self.where.path('calls.%d' % self.runs)
        return [engines.tool('faultcall'), '-l', log, '-u', self.outdir, '-u',
                self.state, '-S', '-t', str(world.HANG_S), *map(str, options),
                '--'], log


def calls_of(log):
    """(calls, end) of a log of faultcall: [(pid, name, path, hit)], {word:
    number}."""
    calls, end = [], {}
    try:
        with open(log, encoding='utf-8', errors='replace') as f:
            for line in f:
                word = line.split()
                if word[:1] == ['end']:
                    end = {k: int(v) for k, v in
                           (each.split('=') for each in word[1:])}
                elif len(word) >= 5:
                    calls.append((int(word[1]), word[3], word[4],
                                  word[-1] == '*'))
    except FileNotFoundError:
        pass
    return calls, end


def can_count_calls():
    """Why faultcall cannot work here; '' when it can."""
    done = subprocess.run([engines.tool('faultcall'), '--', '/bin/true'],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, timeout=world.HANG_S)
    if done.returncode == 0:
        return ''
    return 'system calls cannot be watched here: ' + done.stdout.decode(
        errors='replace').strip()


def one_by_one(folder):
    """The names of what was left in a folder, for messages."""
    return ' '.join(sorted(os.listdir(folder)))


def pause(seconds):
    time.sleep(seconds)
