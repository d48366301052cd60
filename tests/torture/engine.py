# engine.py - how the program under test is started: the command of a build, or
# the fake (fake/), which may have a known bug. The tests ask what it can do and
# leave out, by name, what it cannot.
import functools
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from oracle import recompute, verdict

TOP = Path(__file__).resolve().parents[2]
JOBS = TOP / 'tests' / 'oracle' / 'jobs'
TOOL_FLAGS = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-g', '-Wall', '-Wextra']
JOB_FLAGS = ['-std=gnu11', '-O2', '-g', '-fPIC', '-shared',
             '-fvisibility=hidden', '-I', str(TOP / 'include')]

# Exit codes (docs and rivulet.h): what a fault may lead to.
DONE, DAMAGED, NO_INPUT, UNAVAILABLE, CRASHED, NO_MEMORY, BUSY, IO, STOPPED, \
    PERMISSION, CONFIG = 0, 65, 66, 69, 70, 71, 73, 74, 75, 77, 78


def build_folder():
    return os.environ.get('TORTURE_BUILD') or str(TOP / 'build' / 'torture')


def made(name, sources, inputs, flags):
    """A program or library of these sources, made again when one of the inputs
    is newer."""
    os.makedirs(build_folder(), exist_ok=True)
    target = os.path.join(build_folder(), name)
    newest = max(each.stat().st_mtime_ns for each in inputs)
    if os.path.exists(target) and os.stat(target).st_mtime_ns > newest:
        return target
    temporary = '%s.%d' % (target, os.getpid())
    done = subprocess.run([os.environ.get('CC', 'cc'), *flags, '-o', temporary,
                           *map(str, sources)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError('%s does not compile:\n%s' % (
            sources[0], done.stdout.decode(errors='replace')))
    os.replace(temporary, target)
    return target


def compiled(source, flags):
    """A library of a C file of ours, which may include what is beside it."""
    source = Path(source)
    beside = [each for each in source.parent.iterdir()
              if each.suffix in ('.h', '.c')]
    return made(source.stem + '.so', [source], beside, flags)


def tool(name):
    """One of the programs of this folder, a file or a folder of its own:
    faultcall, fake."""
    folder = Path(__file__).with_name(name)
    if not folder.is_dir():
        source = folder.with_suffix('.c')
        return made(name, [source], [source], TOOL_FLAGS)
    return made(name, sorted(folder.glob('*.c')), list(folder.iterdir()),
                TOOL_FLAGS)


def preload(name):
    return compiled(Path(__file__).with_name(name + '.c'),
                    TOOL_FLAGS + ['-fPIC', '-shared'])


class Job:
    """A job with its verdict: the audit, or one of the oracle's. source: another
    file that has the same outputs, at the least."""

    def __init__(self, name, interval_ms, second=(), source=None):
        self.name, self.interval_ms, self.second = name, interval_ms, second
        self.source = source or (TOP / 'examples' / 'audit.c'
                                 if name == 'audit' else JOBS / (name + '.c'))

    def outputs(self):
        if self.name == 'audit':
            return ['echo', 'sums']
        job = recompute.job(self.name, self.interval_ms)
        return ['echo', 'seen'] + list(job.outputs)

    def args(self, inputs, outdir):
        if self.name == 'audit':
            return [inputs[0], outdir]
        return [inputs[0], outdir, str(self.interval_ms), *inputs[1:]]

    def verdict(self, out, sent, maker, complete=True):
        """Over what it has written: an outputs.Out."""
        if self.name == 'audit':
            return verdict.audit(out, sent, maker, complete)
        return verdict.check(
            recompute.job(self.name, self.interval_ms, self.second), out, sent,
            maker, complete)


def slow(engine, interval_ms):
    """A job that works $SLOW_ROUNDS on each record; the fake has its own way."""
    if engine.fakes:
        return Job('audit', interval_ms)
    return Job('count', interval_ms,
               source=TOP / 'tests' / 'torture' / 'jobs' / 'slow.c')


class Engine:
    """The command of a build."""

    name = 'rivulet'
    fakes = False
    CHOICES = {'output.roll_after': ('1ms', '20ms', '100ms'),
               'output.roll_bytes': ('4K', '128M'),
               'journal.wal_max': ('64K', '256K', '32M'),
               'journal.snapshot_min': ('1K', '16K', '1M'),
               'journal.snapshot_step': ('1', '8K', '8M'),
               'receive.group': ('1ms', '10ms')}

    def __init__(self, exe):
        self.exe = os.path.abspath(exe)

    @functools.cached_property
    def _help(self):
        texts = []
        for args in (['run', '--help'], ['help', 'settings'], ['help']):
            done = subprocess.run([self.exe, *args], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=60,
                                  stdin=subprocess.DEVNULL)
            texts.append(done.stdout.decode(errors='replace'))
        return '\n'.join(texts)

    def says(self, word):
        return word in self._help

    def lacks(self, *needs):
        """Why a test cannot run with this build; '' when it can."""
        if 'supervisor' in needs and not self.says('restart.max'):
            return 'this build has no supervisor'
        if 'poison' in needs and not self.says('poison'):
            return 'this build does not look for records that kill'
        for need in needs:
            if '.' in need and not self.says(need):
                return 'this build has no setting ' + need
        return ''

    def has(self, *needs):
        return not self.lacks(*needs)

    def env(self, **more):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith(('RIVULET_', 'FAKE_', 'FAILALLOC_'))}
        env.update(LC_ALL='C', NO_COLOR='1', **more)
        return env

    def shrunk(self, rng):
        """Settings that make everything happen often: small logs, snapshots of
        little, files that are completed soon. Any of them or none."""
        return self._known({name: rng.choice(values)
                            for name, values in self.CHOICES.items()})

    def smallest(self):
        """The same settings, each at its smallest: every run does the same."""
        return self._known({name: values[0]
                            for name, values in self.CHOICES.items()})

    def _known(self, settings):
        return self.known(['%s=%s' % each for each in settings.items()])

    def known(self, settings):
        """Those that this build has."""
        return [each for each in settings if self.says(each.split('=')[0])]

    def compiled(self, job):
        return compiled(job.source, JOB_FLAGS)

    def command(self, job, inputs, outdir, state, threads=2, settings=()):
        argv = [self.exe, 'run', '--state', state, '--interval',
                '%dms' % job.interval_ms, '--threads', str(threads)]
        quick = ['files.poll=5ms', 'tail.from=start']
        if any(each.startswith('listen://') for each in inputs):
            quick.append('listen.ack=on')
        for setting in [*quick, *settings]:
            argv += ['-c', setting]
        return argv + [self.compiled(job), *job.args(inputs, outdir)]


class Fake(Engine):
    """The fake, which only knows the audit."""

    name = 'fake'
    fakes = True

    def __init__(self, bug=''):
        super().__init__(tool('fake'))
        self.bug = bug

    def lacks(self, *needs):
        return ''

    def env(self, **more):
        return super().env(**({'FAKE_BUG': self.bug} if self.bug else {}),
                           **more)

    def compiled(self, job):
        if job.name != 'audit':
            raise ValueError('the fake does not know ' + job.name)
        return 'audit'


def engine(words):
    """"fake", "fake:BUG", or the path of the command."""
    if words.split(':')[0] == 'fake':
        return Fake(words.partition(':')[2])
    return Engine(words)
