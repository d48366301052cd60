# signals.py - signals by the thousand while a job works. Those that mean nothing
# to it change nothing; it can be stopped and continued; SIGTERM, SIGINT and
# SIGHUP let it finish and end with 0, a second one at once with 75; and whatever
# ended it, the next run goes on.
import signal
import subprocess
import time

import engine as engines
import trial
import world
from harness import Result
from oracle import generator, verdict

COUNT = 1000
HARMLESS = ('PIPE', 'CHLD', 'TTOU', 'TTIN', 'URG', 'WINCH', 'CONT', 'STOP')
STOPS = ('TERM', 'INT', 'HUP')
STOPS_EACH, LONG_STOPS = 8, 200
ROUNDS = '1000000'       # a millisecond for each record: no time to finish
PAUSE_S = 0.0005
PAUSE = (signal.SIGSTOP, signal.SIGTTOU, signal.SIGTTIN)   # then CONT


def run(context):
    return context.sum(one, [(name, 'harmless', 0) for name in HARMLESS] +
                       [(name, how, i) for name in STOPS
                        for how in ('once', 'twice')
                        for i in range(context.count(STOPS_EACH, LONG_STOPS))])


def one(context, item):
    name, how, i = item
    number = getattr(signal, 'SIG' + name)
    result, found = Result(), verdict.Verdict()
    with world.World('signals', context.seed * 1000 + i, keep=context.keep) as where:
        if how == 'harmless':
            harmless(context, where, number, found, result)
        else:
            stopping(context, where, number, how, found, result)
    result.take(found, 'SIG%s, %s' % (name, how))
    return result


def harmless(context, where, number, found, result):
    """A job gets so many, every process of it, while records come."""
    t = trial.Trial(context, where, engines.Job('audit', 5), 'tail')
    process = where.start(t.command(), t.engine.env())
    pump = generator.Pump([t.sender], 10 ** 9, portion_max=50, pause_s=0.005)
    world.wait_for(lambda: shown(t) or process.poll() is not None)
    for _ in range(COUNT):
        for pid in [process.pid] + process.workers():
            process.kill(pid, number)
            if number in PAUSE:
                process.kill(pid, signal.SIGCONT)
        if process.poll() is not None:
            break
        result.note('signals', 1)
        time.sleep(PAUSE_S)
    pump.stop()
    if process.poll() is not None:
        found.bad('exit', 'it ended with %s\n%s', process.poll(),
                  process.stderr())
    process.kill(number=signal.SIGTERM)
    if process.wait() not in (engines.DONE, -signal.SIGTERM):
        found.bad('exit', 'SIGTERM ended it with %s\n%s', process.poll(),
                  process.stderr())
    t.finish(found)
    t.verdict(found)


def shown(t):
    """It is up: before, a signal does what it does to any process."""
    t.reader.look()
    return t.reader.all_seen()


def by_another(pid, number):
    """A signal from a process of its own: two of one sender within a moment
    count as one. Fine when there is nobody any more."""
    subprocess.run(['kill', '-%d' % number, str(pid)], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   timeout=world.HANG_S)


def stopping(context, where, number, how, found, result):
    """A job without end is told to end, once or twice; then it has so much to do
    that it cannot finish."""
    job = engines.slow(context.engine, 10) if how == 'twice' else \
        engines.Job('audit', 10)
    t = trial.Trial(context, where, job, 'tail', total=4000)
    process = where.start(t.command(), t.engine.env(SLOW_ROUNDS=ROUNDS))
    time.sleep(where.rng.uniform(0.05, 0.3))
    process.kill(number=number)
    if how == 'twice':
        time.sleep(where.rng.uniform(0, 0.01))
        by_another(process.pid, number)
    code = process.wait()
    result.note('signals', 1 + (how == 'twice'))
    result.note('left at once', int(code == engines.STOPPED))
    fine = [engines.DONE, -number] + [engines.STOPPED] * (how == 'twice')
    if code not in fine:
        found.bad('exit', 'it ended with %s\n%s', code, process.stderr())
    t.look(found)
    t.finish(found)
    t.verdict(found)
