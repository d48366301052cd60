# harness.py - what a torture test gets and gives: its context (engine, seed, how
# long), the work spread over processes, and the result with its counts.
import multiprocessing
import os
import pickle
import random
import select
import signal
import sys
import time
import traceback

import world

PROBLEMS_MAX = 10        # that a result spells out


class Result:
    """Counts of trials, and what failed in words."""

    def __init__(self, skipped=''):
        self.passed = self.failed = 0
        self.skipped = skipped       # why it could not run, or a part of it
        self.problems, self.notes = [], {}

    def good(self, n=1):
        self.passed += n

    def bad(self, text, *args):
        self.failed += 1
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(text % args if args else text)

    def take(self, verdict, what):
        """One trial: passed when the verdict found nothing."""
        if verdict:
            self.good()
        else:
            self.bad('%s: %s' % (what, str(verdict)))

    def note(self, name, n):
        """Adds a number to one of the figures that are told."""
        self.notes[name] = self.notes.get(name, 0) + n

    def most(self, name, n):
        self.notes[name] = max(self.notes.get(name, n), n)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped = self.skipped or other.skipped
        self.problems += other.problems
        del self.problems[PROBLEMS_MAX:]
        for name, n in other.notes.items():
            if name.startswith('max '):
                self.most(name, n)
            else:
                self.note(name, n)

    def fired(self, planned, fired, what='faults'):
        """A test whose planned faults did not happen has shown nothing."""
        self.note(what + ' planned', planned)
        self.note(what + ' fired', fired)
        if fired != planned:
            self.bad('fault: %d %s were planned, %d fired', planned, what, fired)


class Context:
    """What a test is to do: with which engine, from which seed, how long."""

    def __init__(self, engine, seed, long=False, keep=False, scale=1.0,
                 workers=None, trial=None, first=False):
        self.engine, self.seed, self.long, self.keep = engine, seed, long, keep
        self.scale = scale           # of the counts; below 1 in tests of tests
        self.workers = workers or max(2, os.cpu_count() or 2)
        self.trial = trial           # the only one to run, from a message
        self.first = first           # stop at the first failure

    def rng(self, what):
        return random.Random('%s/%d' % (what, self.seed))

    def count(self, ci, long):
        """How many trials."""
        return max(1, round((long if self.long else ci) * self.scale))

    def parallel(self, function, items, workers=None):
        """function(self, item) for every item, in processes of their own; each
        gives a Result. Yields them as they come."""
        items = [self.trial] if self.trial else list(items)
        n = min(len(items), workers or self.workers)
        for result in Team(n, lambda item: _call(function, self, item),
                           items, self.first).results():
            yield result

    def sum(self, function, items, workers=None):
        result = Result()
        for each in self.parallel(function, items, workers):
            result.add(each)
        return result


def leave(number, _):
    """Tidies up on the way out, and is not disturbed in it."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _open_files():
    return len(os.listdir('/proc/self/fd'))


def _call(function, context, item):
    before = _open_files()
    try:
        result = function(context, item)
        if _open_files() > before:    # some thousand trials run in one process
            result.bad('the trial leaves %d files open',
                       _open_files() - before)
    except Exception:
        result = Result()
        result.bad(traceback.format_exc())
    # what `run --trial` takes, with the seed
    result.problems = ['--trial "%r": %s' % (item, problem)
                       for problem in result.problems]
    return result


class Team:
    """Processes that take items one after the other. multiprocessing's pool may
    hang when it is told to end in mid-work, and its processes end untidily."""

    def __init__(self, n, function, items, first):
        self.function, self.items, self.first = function, items, first
        self.next = multiprocessing.Value('q', 0)
        self.n, self.pipes = n, {}       # reading end -> process

    def _start(self):
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid:
            os.close(theirs)
            self.pipes[ours] = pid
            world.TEAM.add(pid)
            return
        code = 1
        try:
            for each in [ours, *self.pipes]:
                os.close(each)
            world.TEAM.clear()
            signal.signal(signal.SIGINT, signal.SIG_IGN)   # the parent ends us
            signal.signal(signal.SIGTERM, leave)
            world.become_subreaper()
            self._work(theirs)
            code = 0
        finally:
            os._exit(code)

    def _take(self):
        with self.next.get_lock():
            self.next.value += 1
            return self.next.value - 1

    def _work(self, pipe):
        with os.fdopen(pipe, 'wb') as out:
            while (i := self._take()) < len(self.items):
                pickle.dump(self.function(self.items[i]), out)
                out.flush()

    def results(self):
        """Each result as it comes. Nobody is left when this is left."""
        try:
            for _ in range(self.n):
                self._start()
            while self.pipes:
                ready, _, _ = select.select(list(self.pipes), [], [])
                for pipe in ready:
                    yield from self._read(pipe)
        finally:
            self._end()

    def _read(self, pipe):
        """One result; or the end of a process, which may be untimely."""
        with os.fdopen(os.dup(pipe), 'rb', buffering=0) as f:
            try:
                result = pickle.load(f)
            except EOFError:
                result = None
        if result is None:
            pid = self.pipes.pop(pipe)
            os.close(pipe)
            _, status = os.waitpid(pid, 0)
            world.TEAM.discard(pid)
            if status != 0:
                result = Result()
                result.bad('a process of the test ended with %d', status)
        elif self.first and result.failed:
            self.next.value = len(self.items)    # nothing more is begun
        if result is not None:
            yield result

    def _end(self):
        for pid in self.pipes.values():
            os.kill(pid, signal.SIGTERM)
        for pipe, pid in self.pipes.items():
            until = time.monotonic() + world.HANG_S
            while os.waitpid(pid, os.WNOHANG)[0] == 0:
                if time.monotonic() > until:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.01)
            os.close(pipe)
            world.TEAM.discard(pid)
        self.pipes = {}


class Clock:
    """A budget of seconds: no more trials are begun when it is used up. It
    shortens a campaign, and never changes a verdict."""

    def __init__(self, seconds):
        self.until = time.monotonic() + seconds

    def is_over(self):
        return time.monotonic() > self.until
