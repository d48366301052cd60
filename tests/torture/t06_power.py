# t06_power.py - T6: the power goes while a job runs: its state and outputs are on
# a file system of their own (ext4, xfs; an image, mounted), which is shut down in
# mid-work as the kernel's own tests do it, without writing out its log. From then
# on every write fails, and the job must end with 74; the file system is mounted
# again, which replays its log; the job goes on and has lost nothing it promised.
# The acks are logged elsewhere. Those that come while the shutdown is under way
# bind nobody: a sync that returns 0 in that moment may be lost all the same.
import ctypes
import fcntl
import os
import shutil
import struct
import time

import engine as engines
import trial
import world
from harness import Result
from oracle import generator, verdict

CI_CUTS, LONG_CUTS = 100, 2000
SHUTDOWN = 0x8004587d        # _IOR('X', 125, uint32_t)
NO_LOG_FLUSH = 2
SYSTEMS = {                  # name: its maker, options of it, bytes of the image
    'ext4': ('mkfs.ext4', ['-q', '-F'], 64 << 20),
    'xfs': ('mkfs.xfs', ['-q', '-f'], 320 << 20),
}
DELAY_S = (0.001, 0.4)       # from the job's start to the cut
SOURCES = ('listen', 'tail')


def run(context):
    why = world.cannot_mount()
    if why:
        return Result(skipped=why)
    systems, missing = [], []
    for name in SYSTEMS:
        reason = cannot(name)
        if reason:
            missing.append('%s: %s' % (name, reason))
        else:
            systems.append(name)
    if not systems:
        return Result(skipped='; '.join(missing))
    cuts = context.count(CI_CUTS, LONG_CUTS)
    items = [(systems[i % len(systems)], i, cuts // context.workers or 1)
             for i in range(context.workers)]
    result = context.sum(series, items)
    result.skipped = '; '.join(missing)
    return result


def cannot(name):
    """Why the file system cannot be tested here; '' when it can."""
    maker, _, _ = SYSTEMS[name]
    if not shutil.which(maker):
        return maker + ' is missing'
    try:
        with world.World('t6-probe', 0, 'disk') as where:
            Disk(where, name).cut()
    except (RuntimeError, OSError) as error:
        return world.first_line(error)
    return ''


def sync_system(path):
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(fd) != 0:
            raise OSError(ctypes.get_errno(), 'syncfs', path)
    finally:
        os.close(fd)


class Disk:
    """An image with a file system, mounted below a World."""

    def __init__(self, where, name):
        maker, options, bytes_ = SYSTEMS[name]
        self.where, self.image = where, where.path('image')
        self.at = where.path('disk')
        with open(self.image, 'wb') as f:
            f.truncate(bytes_)
        world.run_tool([maker, *options, self.image])
        self.mount()

    def mount(self):
        self.where.mount(self.at, '-o', 'loop', self.image)

    def cut(self):
        fd = os.open(self.at, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(fd, SHUTDOWN, struct.pack('I', NO_LOG_FLUSH))
        finally:
            os.close(fd)

    def mount_again(self):
        self.where.unmount(self.at)
        self.mount()


def series(context, item):
    """Cuts one after the other on one file system."""
    name, number, cuts = item
    result = Result()
    with world.World('t6-' + name, context.seed * 10 + number, 'disk',
                     context.keep) as where:
        disk = Disk(where, name)
        for i in range(cuts):
            source = SOURCES[i % len(SOURCES)]
            if source == 'listen' and not context.engine.has('listen.ack'):
                source = 'tail'
            found = one_cut(context, where, disk, source, i)
            result.take(found, 'cut %d, %s on %s' % (i, source, name))
            if not found:
                break
        result.fired(cuts, result.passed + result.failed, 'cuts')
        result.note('cuts on ' + name, result.passed + result.failed)
    return result


def one_cut(context, where, disk, source, number):
    found = verdict.Verdict()
    below = os.path.join('disk', str(number))
    inside = Inside(where, 'cut-%d' % number)
    t = trial.Trial(context, inside, engines.Job('audit', 5), source, total=100,
                    below=os.path.join('..', below))
    sync_system(disk.at)         # the empty folders are there in any case
    process = where.start(t.command(), t.engine.env(), 'cut%d' % number)
    pump = generator.Pump([t.sender], 10 ** 9, pause_s=0.003)
    if where.rng.random() < 0.8:
        world.wait_for(lambda: process.poll() is not None or any(
            world.holds(pid, t.state)
            for pid in [process.pid] + process.workers()))
    time.sleep(world.log_uniform(where.rng, *DELAY_S))
    t.log.loose('power')
    if t.peer:
        t.peer.loose = True
    disk.cut()
    code = process.wait()
    pump.stop()
    # one that had not begun yet cannot make its folders
    said = 'Input/output error' in process.stderr()
    if code != engines.IO and not (code == engines.BUSY and said):
        found.bad('exit', 'it ended with %s after the cut\n%s', code,
                  process.stderr())
    process.end()
    where.forget(process)
    world.reap()
    disk.mount_again()
    if t.peer:
        t.peer.lose_from(t.log.state.acked.get('p0', 0))
        t.peer.loose = False
    t.log.tight('power')
    t.finish(found)
    t.verdict(found)
    inside.close()
    shutil.rmtree(where.path(below))
    return found


class Inside:
    """A folder of a World that has its own inputs and logs, for one trial."""

    def __init__(self, where, name):
        self.where, self.name = where, name
        self.rng, self.seed = where.rng, where.rng.randrange(10 ** 6)
        self.dir = where.folder(name)
        self.closers = []

    def path(self, *names):
        return os.path.normpath(self.where.path(self.name, *names))

    def folder(self, *names):
        os.makedirs(self.path(*names), exist_ok=True)
        return self.path(*names)

    def start(self, *args, **more):
        return self.where.start(*args, **more)

    def forget(self, process):
        self.where.forget(process)

    def close(self):
        for close in reversed(self.closers):
            close()
        shutil.rmtree(self.dir, ignore_errors=True)
