# t04_memory.py - T4: an allocation fails, once, or it and every one after it, at
# a sample of the places in the program that allocate, each known by the calls
# that lead to it. The job ends with 71 and says so, or does without; then it goes
# on where it was. Places that are passed only in a recovery count too.
import errno
import os

import engine as engines
import trial
import world
from harness import Result
from oracle import verdict

CI_TRIALS, LONG_TRIALS = 500, 20000
FINE = (engines.DONE, engines.NO_MEMORY)
NOT_LOADED = 'is no job that can be loaded'
WORDS = ('memory', os.strerror(errno.ENOMEM).lower())


def run(context):
    job = 'audit' if context.engine.fakes else 'all'
    items = [(job, restarts, site, mode) for restarts in (0, 1)
             for site in sites(context, job, restarts)
             for mode in ('once', 'ever')]
    rng = context.rng('t4')
    chosen = rng.sample(items, min(len(items), context.count(CI_TRIALS,
                                                             LONG_TRIALS)))
    result = context.sum(one_failure, chosen)
    result.note('sites', len(items) // 2)
    if not context.trial and result.notes.get('fired', 0) <= 0.5 * len(chosen):
        result.bad('fault: of %d allocations only %d failed', len(chosen),
                   result.notes.get('fired', 0))
    return result


def sites(context, job, restarts):
    """The places that allocate in an undisturbed run, and in the one after;
    with a supervisor (restarts: 1), a worker is called from elsewhere."""
    with world.World('t4-sites', context.seed) as where:
        t = trial.Trial(context, where, engines.Job(job, 1), restarts=restarts)
        path = where.path('sites')
        code = t.run(LD_PRELOAD=engines.preload('failalloc'),
                     FAILALLOC_SITES=path)
        if code != 0:
            raise RuntimeError('undisturbed it ends with %s\n%s' % (code,
                                                                    t.stderr))
        t.run(LD_PRELOAD=engines.preload('failalloc'), FAILALLOC_SITES=path)
        with open(path, encoding='ascii') as f:
            return sorted(set(f.read().split()))


def one_failure(context, item):
    job, restarts, site, mode = item
    result, found = Result(), verdict.Verdict()
    with world.World('t4-%s-%s' % (site, mode), context.seed,
                     keep=context.keep) as where:
        t = trial.Trial(context, where, engines.Job(job, 1), restarts=restarts)
        mark = where.path('fired')
        env = {'FAILALLOC_EVERY': '1'} if mode == 'ever' else {}
        code = t.run(LD_PRELOAD=engines.preload('failalloc'),
                     FAILALLOC_SITE=site, FAILALLOC_FIRED=mark, **env)
        fired = os.path.exists(mark)
        result.note('fired', int(fired))
        if code == engines.CONFIG and NOT_LOADED in t.stderr and fired:
            pass                 # dlopen does not say why it failed
        elif code not in FINE:
            found.bad('exit', 'it ended with %s\n%s', code, t.stderr)
        elif code == engines.NO_MEMORY and not any(
                word in t.stderr.lower() for word in WORDS):
            found.bad('exit', 'it does not say that memory is out\n%s', t.stderr)
        elif code == engines.NO_MEMORY and not fired:
            found.bad('fault', 'it ended with 71, and nothing had failed')
        t.look(found)
        t.finish(found)
        t.verdict(found)
    result.take(found, 'allocation %s fails %s' % (site, mode))
    return result

