# t08_fuzz.py - T8: any bytes into what reads bytes (tests/fuzz). The corpus,
# changed at random from the seed of the campaign; with --long libFuzzer searches,
# where clang is. A run of the tests changes it once, in every shape of the build.
import os
import shutil
import subprocess

from engine import TOP
from harness import Result
from t05_sim import beside

TARGETS = TOP / 'tests/fuzz/corpus'
CI_TIMES = 100           # as many changes as in a run of the tests
LONG_SECONDS = 1200
LIMIT_S = 3600


def run(context):
    names = sorted(os.listdir(TARGETS))
    if context.engine.fakes or not program(context, names[0]).exists():
        return Result(skipped='this engine has no targets')
    if context.long and not shutil.which('clang-14'):
        return Result(skipped='clang-14 is missing')
    return context.sum(search if context.long else change, names)


def program(context, name):
    return beside(context, 'tests/fuzz/fuzz_' + name)


def change(context, name):
    return judged(name, [program(context, name),
                         '--times', max(1, int(CI_TIMES * context.scale)),
                         '--seed', context.seed,
                         *sorted((TARGETS / name).iterdir())])


def search(context, name):
    return judged(name, [TOP / 'dev', 'fuzz', name,
                         max(1, int(LONG_SECONDS * context.scale))])


def judged(name, command):
    result = Result()
    done = subprocess.run([str(word) for word in command],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT_S)
    if done.returncode:
        result.bad('%s ended with %d\n%s', name, done.returncode,
                   done.stdout.decode(errors='replace')[-4000:])
    else:
        result.good()
    return result
