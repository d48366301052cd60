# world.py - what every torture test needs: a folder of its own, processes that
# never outlive it, mounts that are taken down, and limits against hanging.
import ctypes
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

from oracle import sentlog

# No verdict depends on it: only a hang takes so long. Shorter in tests of hangs.
HANG_S = float(os.environ.get('TORTURE_HANG_S', 60))
PR_SET_CHILD_SUBREAPER = 36
TEAM = set()             # processes that harness.py waits for
# In the names of folders: of this run, and of those that it starts.
MARK = 'torture-%s-' % os.environ.setdefault('TORTURE_MARK', str(os.getpid()))


def become_subreaper():
    """Orphans below us come to us, so that they can be found and ended."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(pid):
    try:
        with open('/proc/%d/task/%d/children' % (pid, pid),
                  encoding='ascii') as f:
            return [int(word) for word in f.read().split()]
    except OSError:
        return []


def below(pid):
    """All processes below pid, itself not."""
    found = []
    for child in children(pid):
        found += [child] + below(child)
    return found


def state_of(pid):
    """One letter: R running, S waiting, T stopped, Z dead; '' when gone."""
    try:
        with open('/proc/%d/stat' % pid, encoding='latin-1') as f:
            return f.read().rpartition(')')[2].split()[0]
    except (OSError, IndexError):
        return ''


def is_alive(pid):
    return state_of(pid) not in ('', 'Z', 'X')


def rss_bytes(pid):
    try:
        with open('/proc/%d/statm' % pid, encoding='ascii') as f:
            return int(f.read().split()[1]) * os.sysconf('SC_PAGE_SIZE')
    except (OSError, IndexError):
        return 0


def holds(pid, folder):
    """Does the process have a file below the folder open?"""
    fds = '/proc/%d/fd' % pid
    try:
        return any(os.readlink(os.path.join(fds, fd)).startswith(folder)
                   for fd in os.listdir(fds))
    except OSError:
        return False


def wait_for(what, limit_s=None, pause_s=0.005):
    """Waits until what() is true. False: the limit against hanging passed."""
    until = time.monotonic() + (HANG_S if limit_s is None else limit_s)
    while not what():
        if time.monotonic() > until:
            return bool(what())
        time.sleep(pause_s)
    return True


def log_uniform(rng, least, most):
    return least * (most / least) ** rng.random()


def scratch_folder(kind):
    """Where test folders go. memory: fast, if there is such a place; disk: a
    file system with real syncs, which $TORTURE_TMP or $TMPDIR names."""
    if kind == 'memory' and os.access('/dev/shm', os.W_OK):
        return '/dev/shm'
    return os.environ.get('TORTURE_TMP') or tempfile.gettempdir()


class Process:
    """A process below us, with its output in files."""

    def __init__(self, argv, env, where, name):
        self.argv, self.env, self.name = argv, env, name
        self.err_path = os.path.join(where, name + '.err')
        self.began = time.monotonic()
        with open(os.path.join(where, name + '.out'), 'ab') as out, \
                open(self.err_path, 'ab') as err:
            self.popen = subprocess.Popen(argv, env=env, stdout=out, stderr=err,
                                          stdin=subprocess.DEVNULL,
                                          start_new_session=True)
        self.pid = self.popen.pid

    def workers(self):
        """The processes below; none when there is no supervisor."""
        return below(self.pid)

    def kill(self, pid=None, number=signal.SIGKILL):
        """A signal for one of ours; fine when it is gone already."""
        try:
            os.kill(pid or self.pid, number)
            return True
        except ProcessLookupError:
            return False

    def poll(self):
        return self.popen.poll()

    def wait(self, limit_s=None):
        """The exit code, below 0 for a signal; None: it hangs."""
        try:
            return self.popen.wait(HANG_S if limit_s is None else limit_s)
        except subprocess.TimeoutExpired:
            return None

    def stderr(self, last=2000):
        with open(self.err_path, 'rb') as f:
            f.seek(0, os.SEEK_END)
            f.seek(max(0, f.tell() - last))
            return f.read().decode(errors='replace')

    def end(self):
        """Kills what is left of it, and takes it."""
        for pid in [self.pid] + self.workers():
            self.kill(pid)
        self.popen.wait()


def sent_log(where):
    """What is sent and acked, in this world; closed with it."""
    log = sentlog.SentLog(where.path('sent.log'))
    where.closers.append(log.close)
    return log


class World:
    """A folder, and whatever a test has started. Use it with `with`: nothing
    stays behind, but the folder when keep is set."""

    def __init__(self, name, seed, kind='memory', keep=False):
        self.name, self.seed, self.keep = name, seed, keep
        self.rng = random.Random('%s/%s' % (name, seed))
        self.dir = tempfile.mkdtemp(prefix=MARK + name + '-',
                                    dir=scratch_folder(kind))
        self.dir = os.path.realpath(self.dir)
        self.processes, self.mounts, self.closers = [], [], []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            for process in self.processes:
                process.end()
            reap()
            for close in reversed(self.closers):
                close()
            for where in reversed(self.mounts):
                if is_mounted(where):
                    unmount(where)
        finally:
            if not self.keep:
                shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, *names):
        return os.path.join(self.dir, *names)

    def folder(self, *names):
        os.makedirs(self.path(*names), exist_ok=True)
        return self.path(*names)

    def start(self, argv, env, name='job'):
        process = Process(argv, env, self.dir, name)
        self.processes.append(process)
        return process

    def forget(self, process):
        """A process that has ended and whose output is not needed."""
        self.processes.remove(process)

    def mount(self, where, *args):
        """mount ARGS WHERE; taken down at the end."""
        os.makedirs(where, exist_ok=True)
        self.mounts.append(where)
        run_tool(['mount', *args, where])

    def unmount(self, where):
        unmount(where)
        self.mounts.remove(where)


def cannot_mount():
    """Why nothing can be mounted here; '' when it can."""
    try:
        with World('probe', 0) as where:
            where.mount(where.path('disk'), '-t', 'tmpfs', 'torture')
    except (RuntimeError, OSError) as error:
        return first_line(error)
    return ''


def first_line(error):
    return str(error).partition('\n')[0].rstrip('.')


def run_tool(argv):
    """A tool of the system; its words when it fails. Whoever ends us waits until
    it has done its work: half a mount is none that could be taken down."""
    ends = (signal.SIGTERM, signal.SIGINT)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=HANG_S,
                              stdin=subprocess.DEVNULL)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if done.returncode != 0:
        raise RuntimeError('%s: %s' % (' '.join(argv), done.stdout.decode(
            errors='replace').strip()))


def is_mounted(where):
    """Also of a file system that has been shut down, of which stat() fails."""
    with open('/proc/mounts', encoding='utf-8', errors='replace') as f:
        return any(line.split()[1] == where for line in f)


def unmount(where):
    """A file system that is busy for a moment, or for ever: then lazily."""
    for _ in range(50):
        try:
            run_tool(['umount', where])
            return
        except RuntimeError:
            time.sleep(0.1)
    run_tool(['umount', '-l', where])


def reap():
    """Ends and takes orphans that have come to us. Those of TEAM are no orphans."""
    for pid in set(children(os.getpid())) - TEAM:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            continue
