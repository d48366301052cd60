# t05_sim.py - T5 and T7: the simulator (tests/sim) at length: states that a power
# cut at any write can leave, and seeds of all faults at once. Each share of the
# seeds is a process; what failed is in its own words, with the line that replays
# it. Small runs of the same are in sim_test.
import re
import subprocess

import engine as engines
from harness import Result

CI_STATES, LONG_STATES = 20000, 300000
CI_SEEDS, LONG_SEEDS = 2000, 200000
SHARES = 4                       # of a run, one after the other per worker
SEEDS_OF_A_RUN = 10 ** 6         # so that two runs have none in common
ROUNDS_DOWN = 64                 # its processes get a share each, without rest
LIMIT_S = 3600 * 4
COUNTS = re.compile(r'^(\d+) passed, (\d+) failed$', re.M)
LIVES = re.compile(r'^(\d+) lives, (\d+) batches, (\d+) records', re.M)
CUTS = re.compile(r'^(\d+) power cuts, (\d+) distinct states run$', re.M)


def beside(context, name):
    """A program of the same build as the engine."""
    return engines.Path(context.engine.exe).parent / name


def simulator(context):
    return beside(context, 'tests/sim/sim')


def lacks(context):
    if context.engine.fakes or not simulator(context).exists():
        return 'this engine has no simulator'
    return ''


def share_of(context, ci, full):
    """Of each share; below a scale of 1 little, for sim_test runs as well."""
    scale = context.scale if context.scale >= 1 else context.scale / 10
    return max(1, int((full if context.long else ci) * scale) // SHARES)


def simulate(context, *words):
    """Runs it. Returns its words and the result with what they count."""
    done = subprocess.run([simulator(context), *map(str, words)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S)
    text, result = done.stdout.decode(errors='replace'), Result()
    counts = COUNTS.search(text)
    if not counts:
        result.bad('it ended with %d\n%s', done.returncode, text[-2000:])
        return text, result
    result.good(int(counts.group(1)))
    if int(counts.group(2)) or done.returncode:
        result.bad('%s', text[-4000:])
        result.failed += max(0, int(counts.group(2)) - 1)
    return text, result


def first_of(context, share, each):
    return context.seed % 1000 * SEEDS_OF_A_RUN + share * each + 1


def run_cuts(context):
    why = lacks(context)
    if why:
        return Result(skipped=why)
    result = context.sum(cuts, range(SHARES))
    if result.notes.get('states', 0) < SHARES * share_of(context, CI_STATES,
                                                         LONG_STATES):
        result.bad('fault: %d states were run', result.notes.get('states', 0))
    return result


def cuts(context, share):
    want = share_of(context, CI_STATES, LONG_STATES)
    many = SEEDS_OF_A_RUN // SHARES     # it ends with the states it is to run
    first = first_of(context, share, many)
    text, result = simulate(
        context, '--cuts', want + ROUNDS_DOWN, '--seeds',
        '%d..%d' % (first, first + many - 1), '--batches', 5, '--faults', 'none')
    found = CUTS.search(text)
    result.note('power cuts', int(found.group(1)) if found else 0)
    result.note('states', int(found.group(2)) if found else 0)
    return result


def run_seeds(context):
    why = lacks(context)
    if why:
        return Result(skipped=why)
    result = context.sum(seeds, range(SHARES))
    if result.notes.get('lives that ended early', 0) < result.passed:
        result.bad('fault: of %d seeds only %d lives were cut off',
                   result.passed, result.notes.get('lives that ended early', 0))
    return result


def seeds(context, share):
    n = share_of(context, CI_SEEDS, LONG_SEEDS)
    first = first_of(context, share, n)
    text, result = simulate(context, '--seeds', '%d..%d' % (first, first + n - 1))
    found = LIVES.search(text)
    if found:
        result.note('lives that ended early', int(found.group(1)) - n)
        result.note('batches', int(found.group(2)))
        result.note('records', int(found.group(3)))
    return result
