# t10_soak.py - T10: a job runs for hours, killed every five minutes: memory and
# descriptors at the end of each life do not grow, the state directory stays
# bounded, and at the end everything is there once. Only with --long.
import os
import signal
import time

import engine as engines
import world
from harness import Result
from t01_kill import Campaign

LONG_LIVES, LIFE_S = 24, 300
SLOPE_MAX = 1 << 20              # bytes of memory in an hour
FDS_MAX = 4                      # descriptors more at the end than at first
STATE_MAX = 256 << 20
WARM = 2                         # lives before the first that counts


def run(context):
    if not context.long:
        return Result(skipped='only with --long')
    return context.sum(soak, ['tail'])


def soak(context, source):
    """The lives of one job. scale shortens each life, in tests of this."""
    with world.World('t10', context.seed, 'disk', context.keep) as where:
        where.seed_number = context.seed
        c = Campaign(context, where, source, LONG_LIVES)
        c.pump.portion_max, c.pump.pause_s = 4, 0.02
        c.start()
        ends = []
        for _ in range(LONG_LIVES):
            time.sleep(LIFE_S * context.scale)
            ends.append(measure(c))
            c.strike('both', False)
        c.result.note('lives', len(ends))
        c.drain()
        c.conclude()
        judge(c.result, ends)
        return c.result


def measure(c):
    pids = [c.process.pid] + c.process.workers()
    size = sum(os.stat(os.path.join(folder, name)).st_blocks * 512
               for folder, _, names in os.walk(c.where.path('state'))
               for name in names if os.path.exists(os.path.join(folder, name)))
    return (time.monotonic(), sum(map(world.rss_bytes, pids)),
            sum(len(os.listdir('/proc/%d/fd' % pid)) for pid in pids), size)


def slope(points):
    """Of a straight line through (hours, bytes)."""
    n = len(points)
    mean_x = sum(x for x, _ in points) / n
    mean_y = sum(y for _, y in points) / n
    over = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / over if over \
        else 0.0


def judge(result, ends):
    ends = ends[WARM:]
    per_hour = slope([(t / 3600, rss) for t, rss, _, _ in ends])
    result.most('max RSS MiB', max(rss for _, rss, _, _ in ends) >> 20)
    result.most('max KiB of RSS per hour', int(per_hour) >> 10)
    result.most('max state MiB', max(size for *_, size in ends) >> 20)
    if per_hour > SLOPE_MAX and ends[-1][1] - ends[0][1] > SLOPE_MAX:
        result.bad('memory grows by %d KiB an hour', int(per_hour) >> 10)
    if ends[-1][2] > ends[0][2] + FDS_MAX:
        result.bad('descriptors: %d at first, %d at the end', ends[0][2],
                   ends[-1][2])
    if max(size for *_, size in ends) > STATE_MAX:
        result.bad('the state directory has %d MiB', max(
            size for *_, size in ends) >> 20)
