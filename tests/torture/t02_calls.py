# t02_calls.py - T2: a job is killed at every system call that changes something,
# one after the other, by its process or with its supervisor; in half of the
# trials it is killed once more while it recovers. Then it runs to its end, and
# nothing is lost, doubled or turned round.
import os

import engine as engines
import trial
import world
from harness import Result
from oracle import verdict

CI_SAMPLES, CI_LISTEN = 40, 120     # where not all are gone through
CI_STOPS, EARLY = 150, 40            # half of them at the first calls
STOP_CALLS = 'change,rt_sigprocmask,clone,clone3'
ENOUGH = 8               # kills, of which one must fire
WRITES = 4               # the first ones, before which no ack may have gone out
BEYOND = 4               # trials behind the last call, which must not fire
JOBS = ('audit', 'echo', 'count', 'sum', 'state', 'window', 'join', 'top')


def run_replay(context):
    """A source that ends by itself: every call there is."""
    if trial.can_count_calls():
        return Result(skipped=trial.can_count_calls())
    result = Result()
    jobs = ['audit'] if context.engine.fakes or not context.long else JOBS
    for job in jobs:
        result.add(every_call(context, job))
    return result


def run_all(context):
    """All jobs of the oracle in one; in CI a sample."""
    why = trial.can_count_calls() or ('the fake only knows the audit'
                              if context.engine.fakes else '')
    if why:
        return Result(skipped=why)
    return some_calls(context, 'replay', CI_SAMPLES, 'all')


def run_files(context):
    if trial.can_count_calls():
        return Result(skipped=trial.can_count_calls())
    result = some_calls(context, 'tail', CI_SAMPLES)
    result.add(some_calls(context, 'dir', CI_SAMPLES))
    return result


def run_listen(context):
    why = trial.can_count_calls() or context.engine.lacks('listen.ack')
    if why:
        return Result(skipped=why)
    result = some_calls(context, 'listen', CI_LISTEN)
    result.add(context.sum(one_kill, [('audit', 'listen', n, 'write,pwrite64')
                                      for n in range(1, WRITES + 1)]))
    return result


def run_stop(context):
    """SIGTERM instead, to the process whose call it is or to the command: it
    drains and ends with 0, at whatever call it comes."""
    if trial.can_count_calls():
        return Result(skipped=trial.can_count_calls())
    calls = count_calls(context, 'audit', 'replay', STOP_CALLS)
    n = min(calls, context.count(CI_STOPS, calls))
    early = range(1, min(n // 2, EARLY, calls) + 1)
    chosen = sorted({*early, *context.rng('t2/stop').sample(
        range(1, calls + 1), n - len(early))})
    result = context.sum(one_stop, [(how, n) for how in ('term', 'ask')
                                    for n in chosen])
    result.note('calls', calls)
    if result.notes.get('stops', 0) < len(chosen):
        result.bad('fault: of %d signals only %d were sent', 2 * len(chosen),
                   result.notes.get('stops', 0))
    return result


def one_stop(context, item):
    how, n = item
    result, found = Result(), verdict.Verdict()
    with world.World('t2-stop', context.seed * 100000 + n,
                     keep=context.keep) as where:
        t = new_trial(context, where, 'audit', 'replay')
        t.settings.append('stop.timeout=10m')
        before, log = t.faultcall('-s', STOP_CALLS, '-a', how, '-n', n)
        code = t.run(before)
        result.note('stops', min(1, trial.calls_of(log)[1].get('fired', 0)))
        # before there is a worker the signal does what it does to any process
        if code != engines.DONE and not (code == trial.TERMINATED and
                                         not os.path.exists(t.state)):
            found.bad('exit', 'it ended with %s\n%s', code, t.stderr)
        t.look(found)
        t.finish(found)
        t.verdict(found)
    result.take(found, 'SIGTERM (%s) at call %d' % (how, n))
    return result


def count_calls(context, job, source, names='change'):
    """How many calls an undisturbed run makes."""
    with world.World('t2-count', context.seed) as where:
        t = new_trial(context, where, job, source)
        before, log = t.faultcall('-s', names, '-a', 'kill', '-n', 0)
        found = verdict.Verdict()
        code = t.run(before)
        while code == trial.TERMINATED and t.runs < trial.RUNS_MAX:
            code = t.run(before)
        if code != 0:
            raise RuntimeError('undisturbed it ends with %s\n%s' % (code,
                                                                  t.stderr))
        if source == 'replay' and not t.verdict(found):
            raise RuntimeError('undisturbed: %s' % found)
        return trial.calls_of(log)[1]['calls']


def new_trial(context, where, job, source):
    """Where every call is gone through, every run makes the same."""
    same = context.engine.smallest() if source == 'replay' and job != 'all' \
        else None
    return trial.Trial(context, where, engines.Job(job, 1), source,
                       settings=same)


def every_call(context, job):
    calls = count_calls(context, job, 'replay')
    chosen = range(1, calls + BEYOND + 1)
    if context.scale < 1:
        chosen = sorted(context.rng('t2').sample(
            chosen, max(1, int(len(chosen) * context.scale))))
    result = context.sum(one_kill, [(job, 'replay', n) for n in chosen])
    result.note('calls', calls)
    # threads take turns, so a run may have some calls fewer than another
    if context.scale >= 1 and result.notes.get('kills', 0) < 0.9 * calls:
        result.bad('fault: %d calls, but only %d kills fired', calls,
                   result.notes.get('kills', 0))
    return result


def some_calls(context, source, samples, job='audit'):
    calls = count_calls(context, job, source)
    n = min(calls, context.count(samples, calls))
    chosen = sorted(context.rng('t2/' + source).sample(range(1, calls + 1), n))
    result = context.sum(one_kill, [(job, source, n) for n in chosen])
    result.note('calls', calls)
    if n >= ENOUGH and not result.notes.get('kills'):
        result.bad('fault: %s: no kill of %d fired', source, n)
    return result


def one_kill(context, item):
    """The kill at call number n, of all or of those that are named, perhaps a
    second one in the recovery, the rest of the run, the verdict."""
    job, source, n, *names = item
    result, found = Result(), verdict.Verdict()
    with world.World('t2', context.seed * 100000 + n,
                     keep=context.keep) as where:
        rng = where.rng
        t = new_trial(context, where, job, source)
        fired = strike(t, rng.choice(('kill', 'killall')), n, found, *names)
        result.note('kills', fired)
        if fired and rng.random() < 0.5:
            again = strike(t, 'killall', rng.randint(1, max(2, n)), found)
            result.note('kills in recovery', again)
        t.finish(found)
        t.verdict(found)
    result.take(found, 'kill -9 at call %d%s, %s of %s' % (
        n, ''.join(' of ' + each for each in names), job, source))
    return result


def strike(t, action, n, found, names='change'):
    """Runs the job with a kill at its n-th call. Returns whether it fired."""
    fault = '-s', names, '-a', action, '-n', n
    before, log = t.faultcall(*fault)
    code = t.run(before)
    while code == trial.TERMINATED and not trial.calls_of(log)[1] and \
            t.runs < trial.RUNS_MAX:
        before, log = t.faultcall(*fault)
        code = t.run(before)     # stopped before it had begun
    t.look(found)
    calls, end = trial.calls_of(log)
    if not end:
        found.bad('fault', 'faultcall ended with %s\n%s', code, t.stderr)
        return 0
    if end['left']:
        found.bad('exit', '%d processes lived on for 10 s', end['left'])
    if code is None or code == 124:
        found.bad('exit', 'it hangs')
    elif end['fired'] and action == 'killall' and code != 137:
        found.bad('fault', 'it ended with %d after kill -9', code)
    elif end['fired'] and action == 'kill' and t.engine.has('supervisor') and \
            end['command'] not in [pid for pid, *_, hit in calls if hit]:
        if code not in (engines.DONE, engines.STOPPED):
            found.bad('exit', 'its worker was killed, and it ended with %d\n%s',
                      code, t.stderr)
    elif code not in (engines.DONE, engines.STOPPED, engines.CRASHED, 137, 143):
        found.bad('exit', 'it ended with %d\n%s', code, t.stderr)
    return min(1, end['fired'])
