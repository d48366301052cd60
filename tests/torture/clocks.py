# clocks.py - the wall clock is set forward and back by hours and days while the
# job runs and between its runs (libfaketime). Batch times only grow, by whole
# intervals, nothing is lost or doubled, and no storm of batches makes up for
# time that never was.
import glob
import os
import time

import engine as engines
import trial
import world
from harness import Result
from oracle import outputs, verdict

CI_TRIALS, LONG_TRIALS = 12, 500
START = 1_600_000_000            # where every trial's clock begins: 2020
STEPS_S = (-86400, 86400, -3600, 3600, -60, 60, -1, 1)
LIBRARY = '/usr/lib/*/faketime/libfaketimeMT.so.1'
SAID_S = 30 * 86400              # a first batch later than this is of no trial


def run(context):
    found = glob.glob(LIBRARY)
    if not found:
        return Result(skipped='libfaketime is missing')
    trials = context.count(CI_TRIALS, LONG_TRIALS)
    result = context.sum(one, [(found[0], n) for n in range(trials)])
    if not result.notes.get('steps'):
        result.bad('fault: no step of the clock was seen by a job')
    return result


class Clock:
    """The clock that the job sees."""

    def __init__(self, where, library):
        self.path, self.shift = where.path('clock'), START - time.time()
        self.env = {'LD_PRELOAD': library, 'FAKETIME_NO_CACHE': '1',
                    'FAKETIME_TIMESTAMP_FILE': self.path,
                    'FAKETIME_DONT_FAKE_MONOTONIC': '1'}
        self.step(0)

    def step(self, seconds):
        self.shift += seconds
        with open(self.path + '.new', 'w', encoding='ascii') as f:
            f.write('%+d' % self.shift)
        os.replace(self.path + '.new', self.path)


def one(context, item):
    """Three runs of a tail; steps within and between them."""
    library, number = item
    result, found = Result(), verdict.Verdict()
    with world.World('clock', context.seed * 1000 + number,
                     keep=context.keep) as where:
        job = 'audit' if context.engine.fakes else 'all'
        t = trial.Trial(context, where, engines.Job(job, 10), 'tail')
        clock = Clock(where, library)
        for _ in range(3):
            process = where.start(t.command(), t.engine.env(**clock.env))
            for _ in range(3):
                t.sender.send(20)
                time.sleep(where.rng.uniform(0.02, 0.08))
                clock.step(where.rng.choice(STEPS_S))
                result.note('steps', 1)
                t.sender.send(20)
                if not world.wait_for(lambda: t.is_complete() or
                                      process.poll() is not None):
                    result.bad('late: after a step no batch comes')
                    return result
            t.sender.send(20)
            process.kill(number=15)
            code = process.wait()
            if code not in (engines.DONE, -15):
                found.bad('exit', 'it ended with %s\n%s', code, process.stderr())
            process.end()
            where.forget(process)
            clock.step(where.rng.choice(STEPS_S))
        finish(t, clock, found)
        times = [row[0] for row in outputs.rows(
            t.outdir, 'sums' if job == 'audit' else 'batches')]
        if times and not START - SAID_S < times[0] / 1000 < START + SAID_S:
            found.bad('fault', 'the job does not see the clock: its first batch '
                      'is at %d', times[0])
        if len(times) > 20000:
            found.bad('batches', 'a storm of %d batches', len(times))
        t.verdict(found)
    result.take(found, 'steps of the clock, trial %d' % number)
    return result


def finish(t, clock, found):
    for _ in range(trial.RUNS_MAX):
        code = t.run(**clock.env)
        if code not in (engines.DONE, trial.TERMINATED):
            found.bad('exit', 'it ends with %s\n%s', code, t.stderr)
            return
        if t.is_complete():
            return
