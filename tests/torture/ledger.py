# ledger.py - what every run of every test found, one line each, for ever: counts
# of a release add up here. A line has the fields below, separated by tabs.
import os
import subprocess
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
FIELDS = ('when', 'commit', 'test', 'mode', 'engine', 'seed', 'passed', 'failed',
          'seconds', 'skipped', 'notes')


def commit():
    """The commit that was built, with a + when the tree has changes."""
    def git(*args):
        done = subprocess.run(['git', '-C', str(TOP), *args],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              stdin=subprocess.DEVNULL)
        return done.stdout.decode().strip() if done.returncode == 0 else ''
    head = git('rev-parse', '--short=12', 'HEAD') or 'unknown'
    return head + ('+' if git('status', '--porcelain') else '')


def append(path, **row):
    os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    row.setdefault('when', time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()))
    text = '\t'.join(str(row.get(field, '')).replace('\t', ' ').replace(
        '\n', '; ') for field in FIELDS)
    new = not os.path.exists(path)
    with open(path, 'a', encoding='utf-8') as f:
        if new:
            f.write('\t'.join(FIELDS) + '\n')
        f.write(text + '\n')


def read(path):
    with open(path, encoding='utf-8') as f:
        rows = [line.rstrip('\n').split('\t') for line in f]
    return [dict(zip(FIELDS, row)) for row in rows[1:]]
