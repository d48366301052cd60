# t03_errors.py - T3: system calls fail, once or for ever, at any place where the
# job makes one; files are written short; the file system is full, descriptors
# run out. The job recovers or ends with a documented exit code and the error in
# words; it never crashes, hangs, or says that all is well when it is not. Without
# the fault it then goes on, and nothing is lost or doubled.
import collections
import errno
import os
import re
import signal

import engine as engines
import trial
import world
from harness import Result
from oracle import verdict

CI_TRIALS = 600
STOP_LIMIT_S = 20    # against hanging, of a stop that may take trial.STOP_S
SETTLE_S = 0.5       # how long a job that waits for room may go on waiting

WRITES = 'write,pwrite64,writev,pwritev,sendto'
SYNCS = 'fsync,fdatasync'
MAKES = 'openat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,' \
        'ftruncate,fallocate'
READS = 'read,pread64,getdents64,fstat,newfstatat'

# What can go wrong with which calls; whether it may go on for ever.
FAULTS = {
    'EIO': (','.join((WRITES, SYNCS, MAKES, READS, 'unlink,unlinkat')), True),
    'ENOSPC': (','.join((WRITES, SYNCS, MAKES)), True),
    'EDQUOT': (','.join((WRITES, SYNCS, MAKES)), True),
    'EACCES': ('openat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat',
               True),
    'EMFILE': ('openat,socket,accept4', True),
    'EINTR': (','.join((WRITES, SYNCS, 'read,pread64,openat')), False),
    'short': ('write,pwrite64', False),
}
WAITS = ('ENOSPC', 'EDQUOT')     # room may come: the job may wait for it

FINE = (engines.DONE, engines.NO_INPUT, engines.UNAVAILABLE, engines.NO_MEMORY,
        engines.BUSY, engines.IO, engines.STOPPED, engines.PERMISSION,
        engines.CONFIG)


def run_calls(context):
    """Every kind of error at a sample of places."""
    why = trial.can_count_calls()
    if why:
        return Result(skipped=why)
    items = places(context)
    result = context.sum(one_error, items)
    result.note('places', len(items))
    if not context.trial and result.notes.get('fired', 0) <= 0.8 * len(items):
        result.bad('fault: of %d faults only %d fired', len(items),
                   result.notes.get('fired', 0))
    return result


def places(context):
    """(fault, mode, n): all there are, or a sample with some of every kind of
    call on every kind of file."""
    kinds = collections.defaultdict(list)
    for fault, (calls, ever) in FAULTS.items():
        with world.World('t3-count', context.seed) as where:
            t = trial.Trial(context, where, engines.Job('audit', 1), restarts=0,
                            settings=context.engine.smallest())
            before, log = t.faultcall('-s', calls, '-a', fault, '-n', 0)
            code = t.run(before)
            if code != 0:
                raise RuntimeError('undisturbed it ends with %s\n%s' % (
                    code, t.stderr))
            for n, call in enumerate(trial.calls_of(log)[0], 1):
                kind = re.sub(r'\d+', '#', os.path.relpath(call[2], where.dir))
                for mode in ('once', 'ever')[:1 + ever]:
                    kinds[fault, mode, call[1], kind].append((fault, mode, n))
    total = sum(len(each) for each in kinds.values())
    want = min(total, total if context.long else context.count(CI_TRIALS, 0))
    rng = context.rng('t3')
    piles = [rng.sample(pile, len(pile)) for _, pile in sorted(kinds.items())]
    rng.shuffle(piles)
    chosen = []
    while len(chosen) < want:
        for pile in piles:
            if pile and len(chosen) < want:
                chosen.append(pile.pop())
    return chosen


def one_error(context, item):
    fault, mode, n = item
    result, found = Result(), verdict.Verdict()
    with world.World('t3', context.seed * 10000 + n,
                     keep=context.keep) as where:
        t = trial.Trial(context, where, engines.Job('audit', 1),
                        restarts=where.rng.choice((0, 0, 1)),
                        settings=context.engine.smallest())
        before, log = t.faultcall('-s', FAULTS[fault][0], '-a', fault, '-n', n,
                                  *(['-e'] if mode == 'ever' else []))
        code = run_or_stop(t, before, mode == 'ever' and fault in WAITS)
        _, end = trial.calls_of(log)
        result.note('fired', min(1, end.get('fired', 0)))
        ended_well(found, code, t.stderr, end.get('fired', 0) and
                   getattr(errno, fault, 0))
        if end.get('left'):
            found.bad('exit', '%d processes lived on for 10 s', end['left'])
        after(t, code, found)
    result.take(found, '%s %s at call %d' % (fault, mode, n))
    return result


def run_or_stop(t, before, waits):
    """Runs the job; one that may wait for ever is asked to stop."""
    if not waits:
        return t.run(before)
    process = t.where.start([*before, *t.command()], t.engine.env())
    world.wait_for(lambda: process.poll() is not None, SETTLE_S)
    process.kill(number=signal.SIGTERM)
    code = process.wait(STOP_LIMIT_S)
    t.stderr = process.stderr()
    process.end()
    return 128 - code if code is not None and code < 0 else code


def ended_well(found, code, stderr, number):
    """A documented exit code, and the error in words."""
    if code is None or code == 124:
        found.bad('exit', 'it hangs\n%s', stderr)
    elif code not in FINE:
        found.bad('exit', 'it ended with %s\n%s', code, stderr)
    elif code not in (engines.DONE, engines.STOPPED) and number and \
            os.strerror(number).lower() not in stderr.lower():
        found.bad('exit', 'it ended with %s and does not say "%s"\n%s', code,
                  os.strerror(number), stderr)


def after(t, code, found):
    """What is there is right; the rest comes without the fault. Success is
    believed only when all is there."""
    t.look(found)
    if code == engines.DONE:
        t.verdict(found)
    t.finish(found)
    t.verdict(found)


# ------------------------------------------------------------------ no room

SIZES = ((64 << 10, 16), (1 << 20, 64), (20 << 20, 200))   # bytes, names


MORE = 20000         # records that come when there is no room


def run_full(context):
    """State and outputs on a file system that is too small, then large enough."""
    why = world.cannot_mount()
    return Result(skipped=why) if why else context.sum(one_full, SIZES)


def one_full(context, item):
    bytes_, names = item
    result, found = Result(), verdict.Verdict()
    with world.World('t3-full', context.seed, keep=context.keep) as where:
        disk = where.path('disk')
        where.mount(disk, '-t', 'tmpfs', '-o', 'size=%d,nr_inodes=%d' % item,
                    'torture')
        t = trial.Trial(context, where, engines.Job('audit', 1), total=20000,
                        below='disk', restarts=0)
        code = run_or_stop(t, [], True)
        ended_well(found, code, t.stderr, 0)
        if code not in (engines.DONE, engines.STOPPED) and not any(
                os.strerror(e).lower() in t.stderr.lower()
                for e in (errno.ENOSPC, errno.EDQUOT)):
            found.bad('exit', 'it ended with %s and does not say why\n%s', code,
                      t.stderr)
        t.look(found)
        world.run_tool(['mount', '-o', 'remount,size=1g,nr_inodes=100000', disk])
        t.finish(found)
        t.verdict(found)
    result.take(found, 'a file system of %d bytes and %d names' % item)
    return result


ROOMS = [(source, full) for source in ('listen', 'tail')
         for full in ('both', 'state', 'out')]


def run_room(context):
    """A file system gets full while the job runs, by somebody else; then there
    is room again. A job whose state has no room waits for it and goes on by
    itself; one whose output has none may end with 74. The next start goes on in
    any case."""
    why = world.cannot_mount()
    if why:
        return Result(skipped=why)
    return context.sum(one_room, [
        item for item in ROOMS
        if item[0] != 'listen' or context.engine.has('listen.ack')])


def one_room(context, item):
    source, full = item
    result, found = Result(), verdict.Verdict()
    with world.World('t3-room-%s-%s' % item, context.seed,
                     keep=context.keep) as where:
        disk = where.path('disk')
        where.mount(disk, '-t', 'tmpfs', '-o', 'size=64m', 'torture')
        t = trial.Trial(context, where, engines.Job('audit', 5), source,
                        below='disk', restarts=0)
        t.place(state='disk' if full != 'out' else '',
                out='disk' if full != 'state' else '')
        process = where.start(t.command(), t.engine.env())
        world.wait_for(lambda: has_begun(t) or process.poll() is not None)
        fill(os.path.join(disk, 'filler'))
        t.sender.send(MORE)
        world.wait_for(lambda: says_full(process) or
                       process.poll() is not None)
        if not says_full(process):
            found.bad('exit', 'it does not say that it has no room\n%s',
                      process.stderr())
        result.note('times full', 1)
        os.unlink(os.path.join(disk, 'filler'))
        world.wait_for(lambda: is_taken(t) or process.poll() is not None)
        process.kill(number=signal.SIGTERM)
        code = process.wait()
        result.note('ended for want of room', int(code == engines.IO))
        if code != engines.DONE and not (code == engines.IO and (
                full != 'state' or context.engine.fakes)):
            found.bad('exit', 'it ended with %s\n%s', code, process.stderr())
        process.end()
        t.look(found)
        t.finish(found)
        t.verdict(found)
    result.take(found, '%s, no room for %s' % item)
    return result


def has_begun(t):
    """It has recovered: a start without room is refused with 74."""
    return sum(t.log.state.acked.values()) > 0 and t.is_complete()


def fill(path):
    """Takes all the room that there is."""
    with open(path, 'wb', buffering=0) as f:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    f.write(bytes(size))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


def says_full(process):
    return os.strerror(errno.ENOSPC).lower() in process.stderr().lower()


def is_taken(t):
    if t.peer:
        return t.peer.wrong or t.peer.acked >= t.peer.limit
    return t.is_complete()


# ------------------------------------------------------------ no descriptors

CI_NOFILE, LONG_NOFILE = range(6, 34, 3), range(5, 64)
CPU_S = 20           # a job that spins for want of descriptors uses them up


def run_nofile(context):
    chosen = LONG_NOFILE if context.long else CI_NOFILE
    sources = ['replay'] + ['listen'] * context.engine.has('listen.ack')
    result = context.sum(one_nofile, [(s, n) for s in sources for n in chosen])
    if not result.notes.get('refused for want of descriptors'):
        result.bad('fault: descriptors never ran out')
    return result


def one_nofile(context, item):
    source, limit = item
    result, found = Result(), verdict.Verdict()
    with world.World('t3-nofile', context.seed + limit,
                     keep=context.keep) as where:
        t = trial.Trial(context, where, engines.Job('audit', 1), source,
                        restarts=0)
        before = ['prlimit', '--nofile=%d' % limit, '--cpu=%d' % CPU_S, '--']
        code = t.run(before)
        if code in (137, 128 + signal.SIGXCPU):
            found.bad('exit', 'it spins\n%s', t.stderr)
        elif source == 'replay' or code != trial.TERMINATED:
            ended_well(found, code, t.stderr, errno.EMFILE)
        result.note('refused for want of descriptors',
                    int(code != engines.DONE))
        after(t, code if source == 'replay' else engines.STOPPED, found)
    result.take(found, '%s with %d descriptors' % (source, limit))
    return result
