# t15_user.py - T15: user code that crashes, hangs, leaks or ends the process. The
# supervisor starts the worker again; a record that does so each time is found,
# and by the policy ends the job with 70 and a message that names the operator, or
# is left out, or becomes a dead letter with its bytes: all others come out once.
import os
import subprocess
import time

import engine as engines
import world
from harness import Result
from oracle import journal, outputs, verdict
from oracle import record as records

KINDS = ('segv', 'stack', 'loop', 'leak', 'abort', 'exit', 'smash')
POLICIES = ('fail', 'skip', 'letter')
RECORDS, POISON_AT = 240, 130    # the poison stands in the middle of a batch
LINES = 40                       # of a batch
LONG_TIMES = 50
KILLED = 1000                    # from this number on it is killed as well
KILLS, KILL_S = 4, (0.001, 0.5)  # worker or both, with such pauses
NEEDS = {'loop': 'task.timeout', 'leak': 'memory.limit'}
SETTINGS = {'loop': ['task.timeout=1s'], 'leak': ['memory.limit=128M']}
OPERATOR = 'user_code'          # the function, or with a hyphen its uid


def run(context):
    engine = context.engine
    why = engine.lacks('supervisor')
    if engine.fakes:
        why = 'the fake runs no user code'
    if why:
        return Result(skipped=why)
    kinds = [k for k in KINDS if k not in NEEDS or engine.has(NEEDS[k])]
    policies = POLICIES if engine.has('poison') else POLICIES[:1]
    times = LONG_TIMES if context.long else 1
    result = context.sum(one, [(kind, policy, i) for kind in kinds
                               for policy in policies for i in range(times)] +
                         [('segv', policy, KILLED + i) for policy in policies[1:]
                          for i in range(context.count(5, LONG_TIMES))])
    left = ['%s: %s' % (k, engine.lacks(NEEDS[k])) for k in KINDS
            if k not in kinds] + ['%s: %s' % (p, engine.lacks('poison'))
                                  for p in POLICIES if p not in policies]
    result.skipped = ', '.join(left)
    return result


def one(context, item):
    kind, policy, number = item
    result, found = Result(), verdict.Verdict()
    with world.World('t15', context.seed * 100 + number,
                     keep=context.keep) as where:
        log = world.sent_log(where)
        maker = records.Maker(where.seed)
        poison = records.line(records.make('poison', 0, kind, 1)) + b'\n'
        data = maker.lines('s0', 0, POISON_AT) + poison + \
            maker.lines('s0', POISON_AT, RECORDS)
        with open(where.path('input'), 'wb') as f:
            f.write(data)
        log.sent('s0', RECORDS)
        job = engines.compiled(engines.TOP / 'tests/torture/jobs/fault.c',
                               engines.JOB_FLAGS)
        argv = [context.engine.exe, 'run', '--state', where.path('state'),
                '--interval', '1ms']
        for setting in ['output.roll_after=1ms',
                        *context.engine.known(['poison.policy=' + policy]),
                        'restart.max=%d' % (3 if policy == 'fail' else 50),
                        *SETTINGS.get(kind, ())]:
            argv += ['-c', setting]
        argv += [job, 'replay:%d:%s' % (LINES, where.path('input')),
                 where.folder('out')]
        process = where.start(argv, context.engine.env())
        if number >= KILLED:
            process = killed(where, process, result)
        code = process.wait(4 * world.HANG_S)
        judge(found, where, log, maker, policy, code, process.stderr(20000))
        if policy == 'letter' and letters(context, where) != poison:
            found.bad('lost', 'the dead letters are %.200r',
                      letters(context, where))
    result.take(found, '%s, policy %s' % (kind, policy))
    return result


def killed(where, process, result):
    """While it finds out which record it is: kills of the worker, which prove
    nothing about a record, and of both. Returns the last one started."""
    for _ in range(KILLS):
        time.sleep(world.log_uniform(where.rng, *KILL_S))
        workers = process.workers()
        for pid in workers:
            result.note('kills', int(process.kill(pid)))
        if where.rng.random() < 0.3 and process.poll() is None:
            process.kill()
            process.wait()
            for pid in workers:
                world.wait_for(lambda pid=pid: not world.is_alive(pid))
            where.forget(process)
            process = where.start(process.argv, process.env)
    return process


def letters(context, where):
    done = subprocess.run([context.engine.exe, 'letters', where.path('state'),
                           '--raw'], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=context.engine.env(), timeout=world.HANG_S)
    return done.stdout


def judge(found, where, log, maker, policy, code, stderr):
    out = outputs.Out(where.path('out'))
    if policy == 'fail':
        if code != engines.CRASHED:
            found.bad('exit', 'it ended with %s\n%s', code, stderr)
        if OPERATOR not in stderr.replace('user-code', OPERATOR):
            found.bad('exit', 'it does not name the operator\n%s', stderr)
        # the batches before, whole; of the poisoned one nothing
        log.acked('s0', POISON_AT // LINES * LINES)
        most = POISON_AT // LINES * LINES
        out = journal.Committed(journal.Journal(where.path('state')),
                                where.path('out'))
    else:
        if code != engines.DONE:
            found.bad('exit', 'it ended with %s\n%s', code, stderr)
        log.acked('s0', RECORDS)
        most = RECORDS
    echo = verdict.echo(found, out.lines('echo'), log.state, maker)
    if len(echo) > most:
        found.bad('early', '%d records are out; those of whole batches are %d',
                  len(echo), most)
    left = [name for name in os.listdir(where.path('out', 'echo'))
            if name.startswith('.')] if os.path.isdir(
                where.path('out', 'echo')) else []
    if code == engines.DONE and left:
        found.bad('partial', 'files that were never completed: %r', left)
