# t09_overload.py - T9: records come through sockets many times faster than the
# job can work on them. Its memory stays within a bound, its state directory too;
# it reads no more than it can hold, which the senders see as sockets that do not
# take anything; nothing is dropped; when they have sent everything, it is all
# worked off.
import os
import signal
import socket
import threading
import time

import engine as engines
import t01_kill
import world
from harness import Result
from oracle import generator, outputs, verdict
from oracle import record as records

CI_RECORDS, LONG_RECORDS = 240000, 3000000
SENDERS = 4
WIDE = 60                        # bytes more in a record
ROUNDS = 30000                   # of work on a record: some 30 us
BUFFER = 1 << 20                 # input.buffer, and what the bound is made of
SPARE = 24 << 20                 # of memory, beside two buffers
LIMIT = 96 << 20                 # memory.limit, where there is one
DISK_LIMIT = 256 << 20
SAMPLE_S = 0.1
SEND_BUFFER = 64 << 10           # of a sender's socket


def run(context):
    engine = context.engine
    kinds = [] if engine.fakes else ['plain']
    if engine.has('listen.ack'):
        kinds.append('acked')
    result = context.sum(overload, kinds, workers=1)
    if not engine.has('memory.limit'):
        result.skipped = 'memory.limit: this build has no such setting; the ' \
            'bound is the memory at rest, two input.buffer and %d MiB' % (
                SPARE >> 20)
    return result


class Flood:
    """Sends what it has as fast as the socket takes it, then closes."""

    def __init__(self, address, source, log, data, n):
        self.address, self.data, self.blocked = address, data, 0
        log.sent(source, n)
        self.log, self.source, self.n = log, source, n
        self.error = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _connect(self):
        for _ in range(2000):
            try:
                return socket.create_connection(self.address, timeout=5)
            except OSError:
                time.sleep(0.01)
        raise OSError('nobody listens at %s:%d' % self.address)

    def _run(self):
        try:
            with self._connect() as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
                sock.setblocking(False)
                self._send(sock, memoryview(self.data))
                sock.setblocking(True)
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(4096):
                    pass             # until the other side has read all
            self.log.acked(self.source, self.n)
        except OSError as error:
            self.error = error

    def _send(self, sock, data):
        while data:
            try:
                data = data[sock.send(data[:1 << 16]):]
            except BlockingIOError:
                self.blocked += 1
                time.sleep(0.005)


def overload(context, kind):
    result, found = Result(), verdict.Verdict()
    with world.World('t9-' + kind, context.seed, 'memory',
                     context.keep) as where:
        o = Overload(context, where, kind)
        o.start()
        at_rest = o.settle()
        o.flood(context.count(CI_RECORDS, LONG_RECORDS))
        o.wait(found, result)
        bound = int(1.1 * LIMIT) if context.engine.has('memory.limit') else \
            at_rest + 2 * BUFFER + SPARE
        result.most('max RSS MiB', o.rss_max >> 20)
        result.most('max state MiB', o.disk_max >> 20)
        result.note('times blocked', o.blocked())
        if o.rss_max > bound:
            found.bad('exit', 'it took %d MiB of memory; the bound is %d',
                      o.rss_max >> 20, bound >> 20)
        if o.disk_max > DISK_LIMIT:
            found.bad('exit', 'its state took %d MiB', o.disk_max >> 20)
        if kind == 'plain' and not o.blocked():
            found.bad('fault', 'no sender was ever held up: this was no overload')
        o.finish(found)
    result.take(found, 'overload, %s' % kind)
    return result


class Overload:
    def __init__(self, context, where, kind):
        self.where, self.kind, self.engine = where, kind, context.engine
        self.job = engines.slow(self.engine, 50)
        self.log = world.sent_log(where)
        self.maker = records.Maker(where.seed, wide=WIDE)
        self.hold = t01_kill.reserve(where.seed)
        where.closers.append(self.hold.close)
        self.address = self.hold.getsockname()
        self.senders, self.rss_max, self.disk_max = [], 0, 0

    def start(self):
        settings = ['input.buffer=%d' % BUFFER, 'stop.timeout=10m',
                    'output.roll_after=50ms']
        if self.engine.has('disk.limit'):
            settings.append('disk.limit=%d' % DISK_LIMIT)
        if self.engine.has('memory.limit'):
            settings.append('memory.limit=%d' % LIMIT)
        argv = self.engine.command(
            self.job, ['listen://%s:%d' % self.address],
            self.where.folder('out'), self.where.path('state'),
            settings=settings)
        if self.kind == 'plain' and 'listen.ack=on' in argv:
            at = argv.index('listen.ack=on')
            del argv[at - 1:at + 1]
        self.process = self.where.start(
            argv, self.engine.env(SLOW_ROUNDS=str(ROUNDS)))

    def look(self):
        """Memory of all its processes, disk of its state."""
        rss = sum(world.rss_bytes(pid)
                  for pid in [self.process.pid] + self.process.workers())
        self.rss_max = max(self.rss_max, rss)
        used = 0
        for folder, _, names in os.walk(self.where.path('state')):
            for name in names:
                try:
                    used += os.stat(os.path.join(folder, name)).st_blocks * 512
                except FileNotFoundError:
                    continue
        self.disk_max = max(self.disk_max, used)
        return rss

    def settle(self):
        """Its memory when it has worked on a little."""
        self.add(0, 200)
        world.wait_for(lambda: self.out_lines() >= 200 or
                       self.process.poll() is not None)
        return self.look()

    def out_lines(self):
        return sum(1 for _ in outputs.lines(self.where.path('out'), 'echo'))

    def add(self, number, n):
        source = 's%d' % number
        if self.kind == 'acked':
            peer = generator.Peer(self.address, source, self.log, self.maker,
                                  number)
            peer.send(n)
            self.where.closers.append(peer.close)
            self.senders.append(peer)
        else:
            self.senders.append(Flood(self.address, source, self.log,
                                      self.maker.lines(source, 0, n), n))

    def flood(self, n):
        for i in range(1, SENDERS + 1):
            self.add(i, n // SENDERS)

    def is_sent(self):
        if self.kind == 'acked':
            return all(s.wrong or s.acked >= s.limit for s in self.senders)
        return not any(s.thread.is_alive() for s in self.senders)

    def blocked(self):
        return sum(getattr(s, 'blocked', 0) for s in self.senders)

    def wait(self, found, result):
        """Until all has been taken, looking at memory all the time."""
        since, until = time.monotonic(), time.monotonic() + 3600
        while not self.is_sent() and time.monotonic() < until and \
                self.process.poll() is None:
            self.look()
            time.sleep(SAMPLE_S)
        result.note('records', self.log.state.total())
        result.most('max seconds', time.monotonic() - since)
        if not self.is_sent():
            found.bad('exit', 'it does not take what is sent: %s\n%s',
                      self.process.poll(), self.process.stderr())

    def finish(self, found):
        for sender in self.senders:
            for kind, text in getattr(sender, 'wrong', ()):
                found.bad(kind, text)
            if getattr(sender, 'error', None):
                found.bad('exit', 'a sender: %s', sender.error)
        self.process.kill(number=signal.SIGTERM)
        code = self.process.wait(600)
        if code != engines.DONE:
            found.bad('exit', 'SIGTERM ended it with %s\n%s', code,
                      self.process.stderr())
        found.add(self.job.verdict(outputs.Out(self.where.path('out')),
                                   self.log.state, self.maker))
