# t01_kill.py - T1: a job is killed again and again at random moments while it
# runs, recovers or stops, by its worker, its supervisor or both; now and then it
# is stopped in mid-work while a second one is started on the same state, which
# must refuse. Records keep coming from a tail, a folder, or a peer that waits
# for acks; a reader looks all the time. At the end everything that was accepted
# is in the output once.
import errno
import os
import signal
import socket
import time

import engine as engines
import world
from harness import Clock, Result
from oracle import generator, journal, outputs, reader, sentlog, verdict
from oracle import record as records

CI_KILLS, LONG_KILLS = 300, 5000
CI_SECONDS, LONG_SECONDS = 900, 7200   # against hanging
SOURCES = ('tail', 'dir', 'listen')
DELAY_S = (0.001, 3.0)       # log-uniform
EARLY_S = (0.001, 0.1)       # kills meant for recovery or stop
CRASH_LOOP = engines.CRASHED  # a supervisor may give up on a crashing worker
CRASHES_MIN = 4              # before that it must not
STRUCK_MAX = 3               # workers of one supervisor, which waits longer each
                             # time before it starts another one
ROUNDS_MAX = 60              # of running and stopping, until all is out
CHECK_EVERY = 10             # kills, between two looks at what is there
STOPPED_S = (0.2, 1.0)       # how long a stopped job stays so


def run(context):
    """Three campaigns side by side, one for each kind of source."""
    kills = context.count(CI_KILLS, LONG_KILLS)
    share = max(1, kills // len(SOURCES))
    items = [(source, i, share) for i, source in enumerate(SOURCES)
             if source != 'listen' or context.engine.has('listen.ack')]
    result = context.sum(campaign, items, workers=len(items))
    if len(items) < len(SOURCES):
        result.skipped = 'listen: this build has no setting listen.ack'
    return result


class Input:
    """A source with its senders; `uri` is what the job reads."""

    def __init__(self, kind, where, log, maker, seed):
        self.kind = kind
        if kind == 'tail':
            path = where.path('input.log')
            self.uri = 'tail:' + path
            self.senders = [generator.Tail(path, 's0', log, maker, seed)]
        elif kind == 'dir':
            self.uri = 'dir:' + where.folder('input')
            self.senders = [generator.Dir(where.path('input'), 'f', log, maker)]
        else:
            self.hold = reserve(seed)
            where.closers.append(self.hold.close)
            address = self.hold.getsockname()
            self.uri = 'listen://%s:%d' % address
            self.senders = [generator.Peer(address, 'p%d' % i, log, maker,
                                           seed * 10 + i, 0.2, 0.2)
                            for i in range(2)]

    def wrong(self, v):
        for sender in self.senders:
            for kind, text in getattr(sender, 'wrong', ()):
                v.bad(kind, text)

    def close(self):
        for sender in self.senders:
            sender.close()


def reserve(seed):
    """A port of a loopback address of our own, which nobody else gets while the
    socket is bound, and which a job that listens with SO_REUSEADDR can take
    again and again."""
    for i in range(100):
        number = (os.getpid() * 131 + seed * 17 + i) % 62500
        host = '127.%d.%d.1' % (1 + number // 250, 1 + number % 250)
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, 0))
            return sock
        except OSError as error:
            sock.close()
            if error.errno != errno.EADDRINUSE:
                raise
    raise RuntimeError('no port is free')


class Campaign:
    def __init__(self, context, where, source, kills):
        self.context, self.where, self.kills = context, where, kills
        self.engine, self.rng = context.engine, where.rng
        self.job = engines.Job(pick_job(self.engine, source),
                               self.rng.choice((10, 20, 50)))
        self.log = world.sent_log(where)
        self.maker = records.Maker(where.seed)
        self.outdir = where.folder('out')
        self.result, self.found = Result(), verdict.Verdict()
        self.input = Input(source, where, self.log, self.maker, context.seed)
        self.reader = reader.Reader(self.outdir, self.job.outputs()).start()
        self.pump = generator.Pump(self.input.senders, 10 ** 9,
                                   seed=where.seed_number)
        where.closers.append(self.abort)
        self.process, self.fired, self.starts = None, 0, 0
        self.threads = self.rng.choice((1, 2, 5))
        self.settings = self.engine.shrunk(self.rng)

    def abort(self):
        """Ends its threads, whatever has happened."""
        self.pump.stopping.set()
        self.reader.stopping.set()
        self.pump.thread.join()
        self.reader.thread.join()
        self.input.close()

    # ------------------------------------------------------------ processes

    def command(self):
        return self.engine.command(
            self.job, [self.input.uri], self.outdir, self.where.path('state'),
            threads=self.threads, settings=self.settings)

    def start(self):
        self.starts += 1
        self.struck = 0          # workers killed of this supervisor
        if self.process:
            self.where.forget(self.process)
        self.process = self.where.start(self.command(), self.engine.env())

    def worker(self):
        """The process that does the work; the only one without supervisor."""
        found = self.process.workers()
        return found[0] if found else self.process.pid

    def ended_itself(self, code):
        """Nobody killed it, and it is not there any more. A supervisor may give
        up after many crashes; anything else needs a repair by hand."""
        if code == CRASH_LOOP and self.struck > CRASHES_MIN:
            self.result.note('supervisor gave up', 1)
        else:
            self.result.bad('exit: ended with %s by itself\n%s', code,
                            self.process.stderr())
        self.start()

    # ---------------------------------------------------------------- kills

    def cycle(self):
        """One kill, with what goes before it."""
        draw = self.rng.random()
        if draw < 0.1:
            self.zombie()
        stop = 0.25 < draw < 0.5
        early = draw <= 0.25
        delay = world.log_uniform(self.rng, *(EARLY_S if early or stop
                                              else DELAY_S))
        if stop:
            self.process.kill(self.worker(), signal.SIGTERM) \
                if self.rng.random() < 0.3 else \
                self.process.kill(number=signal.SIGTERM)
        time.sleep(delay)
        whom = self.rng.choice(('worker', 'supervisor', 'both'))
        self.strike(whom, stop)

    def strike(self, whom, stop):
        """Kills, and sees to it that the job runs again. Counts the kill when
        the kernel says that the process died of it."""
        process, worker = self.process, self.worker()
        if process.poll() is not None:
            self.gone(stop)
            return
        if worker == process.pid or (whom == 'worker' and
                                     self.struck >= STRUCK_MAX):
            whom = 'both'
        victims = {'worker': [worker], 'supervisor': [process.pid],
                   'both': [process.pid, worker]}[whom]
        for pid in victims:
            process.kill(pid)
        if whom == 'worker':
            self.worker_struck(worker, stop)
        else:
            self.supervisor_struck(worker, stop)

    def worker_struck(self, worker, stop):
        """Its supervisor starts another one, or ends when it was stopping."""
        process = self.process
        if not world.wait_for(lambda: not world.is_alive(worker)):
            self.result.bad('fault: the worker survived SIGKILL')
        self.count('worker')
        self.struck += 1
        if not world.wait_for(lambda: process.poll() is not None or
                              (process.workers() and
                               process.workers() != [worker])):
            self.result.bad('exit: a killed worker was not started again')
            self.kill_both()
        if process.poll() is not None:
            self.gone(stop)

    def supervisor_struck(self, worker, stop):
        """Nobody may go on alone: the worker ends, and a new job can start."""
        code = self.process.wait()
        if code == -signal.SIGKILL:
            self.count('supervisor' if world.is_alive(worker) else 'both')
        elif not stop:
            self.result.bad('exit: %s before it was killed', code)
        if not world.wait_for(lambda: not world.is_alive(worker)):
            self.result.bad('exit: the worker lives on without its supervisor')
            self.process.kill(worker)
        world.reap()
        self.look()
        self.start()

    def gone(self, stop):
        """It ended before the kill: a stop was quicker, or something is wrong."""
        code = self.process.wait()
        if stop and code in (engines.DONE, engines.STOPPED, -signal.SIGTERM):
            self.result.note('stops that were quicker', 1)
            self.look()
            self.start()
        else:
            self.ended_itself(code)

    def kill_both(self):
        for pid in [self.process.pid] + self.process.workers():
            self.process.kill(pid)
        self.process.wait()

    def count(self, whom):
        self.fired += 1
        self.result.note('kills of ' + whom, 1)

    # ------------------------------------------------------ a second instance

    def zombie(self):
        """Stops the worker in mid-work; a second job on the same state must be
        refused; then the first goes on."""
        if self.engine.has('supervisor'):
            world.wait_for(lambda: self.process.workers() or
                           self.process.poll() is not None)
        worker = self.worker()
        if self.process.poll() is not None or not self.settled(worker):
            return
        self.process.kill(worker, signal.SIGSTOP)
        since = time.monotonic()
        second = self.where.start(self.command(), self.engine.env(), 'second')
        code = second.wait()
        if code != engines.BUSY:
            self.result.bad('exit: a second instance ended with %s, not %d\n%s',
                            code, engines.BUSY, second.stderr())
        second.end()
        self.where.forget(second)
        rest = self.rng.uniform(*STOPPED_S) - (time.monotonic() - since)
        time.sleep(max(0, rest))
        self.process.kill(worker, signal.SIGCONT)
        self.result.note('second instances refused', 1)

    def settled(self, worker):
        """Does the worker hold the state? It does when it has published
        something since it was started, or holds files below it open."""
        state = self.where.path('state')
        seen = len(self.reader.all_seen())
        return world.wait_for(lambda: not world.is_alive(worker) or (
            world.holds(worker, state) and len(self.reader.all_seen()) > seen), 20) and \
            world.is_alive(worker)

    # --------------------------------------------------------------- the end

    def look(self):
        """Nobody writes now: what is there must be right as far as it goes."""
        self.result.note('looks at rest', 1)
        if self.result.notes['looks at rest'] % CHECK_EVERY == 1:
            v = verdict.Verdict()
            sent = sentlog.read(self.log.path)
            verdict.echo(v, outputs.lines(self.outdir, 'echo'), sent, self.maker,
                         False)
            if not self.engine.fakes:
                journal.check(v, self.where.path('state'), self.job, self.outdir,
                              sent, self.maker)
            self.found.add(v)

    def is_complete(self):
        v = verdict.Verdict()
        verdict.echo(v, outputs.lines(self.outdir, 'echo'), self.log.state)
        return not v.count['lost']

    def drain(self):
        """Lets the job run and stop cleanly until all is out."""
        self.pump.stop()
        for sender in self.input.senders:
            if isinstance(sender, generator.Peer) and not world.wait_for(
                    lambda s=sender: s.wrong or s.acked >= s.limit):
                self.result.bad('exit: %s: acks stop at %d of %d', sender.source,
                                sender.acked, sender.limit)
        for i in range(ROUNDS_MAX):
            if i > 0:
                self.start()
            time.sleep(0.3)
            self.process.kill(number=signal.SIGTERM)
            code = self.process.wait()
            if code != engines.DONE:
                self.result.bad('exit: SIGTERM ended it with %s\n%s', code,
                                self.process.stderr())
                return
            if self.is_complete():
                return

    def conclude(self):
        """The verdict over everything; one passed trial for each kill."""
        self.input.wrong(self.found)
        self.input.close()
        self.found.add(self.reader.finish())
        self.found.add(self.job.verdict(outputs.Out(self.outdir),
                                        self.log.state, self.maker))
        if self.input.kind == 'tail' and self.found:
            self.compare_bytes()
        if not self.found:
            self.result.bad('%s: %s', self.input.kind, str(self.found))
        self.result.note('starts', self.starts)
        self.result.note('records', self.log.state.total())
        if self.result.failed == 0:
            self.result.good(self.fired)

    def compare_bytes(self):
        """One source: the output is that of an undisturbed run, to the byte."""
        got = b''.join(outputs.Out(self.outdir).pieces('echo'))
        if got != self.maker.lines('s0', 0, self.log.state.sent['s0']):
            self.found.bad('altered', 'echo is not equal to the input')


def pick_job(engine, source):
    """The fake only knows the audit; of the engine all jobs are checked."""
    return 'audit' if engine.fakes or source == 'dir' else 'all'


def campaign(context, item):
    source, number, kills = item
    clock = Clock(LONG_SECONDS if context.long else CI_SECONDS)
    with world.World('t1-' + source, context.seed * 10 + number, 'disk',
                     context.keep) as where:
        where.seed_number = context.seed * 10 + number
        c = Campaign(context, where, source, kills)
        c.start()
        # the first kill finds something to lose
        world.wait_for(lambda: c.reader.all_seen() or c.process.poll() is not
                       None)
        while c.fired < kills and not clock.is_over() and not c.result.failed:
            c.cycle()
        c.result.note('kills planned', kills)
        c.drain()
        c.conclude()
        if c.fired < kills and not c.result.failed:
            c.result.bad('fault: only %d of %d kills fired in %d s', c.fired,
                         kills, LONG_SECONDS if context.long else CI_SECONDS)
        return c.result
