# reader.py - somebody who reads the outputs while the job runs and is killed: a
# file that can be seen is whole, never changes and never goes away. It looks
# again and again from a thread of its own, and once more over everything at the
# end.
import hashlib
import os
import threading

from oracle import outputs, record as records
from oracle.verdict import Verdict

AGAIN_MAX = 100          # known files that are compared at a look, an output


class File:
    """What was seen of a file when it appeared."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            self.identity = identity(os.fstat(f.fileno()))
            self.data = f.read()
        self.digest = hashlib.sha256(self.data).digest()
        self.size = len(self.data)


def identity(stat):
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


class Reader:
    """outdir: of a job; names: its outputs, folders of files."""

    def __init__(self, outdir, names, pause_s=0.02):
        self.outdir, self.names, self.pause_s = outdir, names, pause_s
        self.verdict = Verdict()
        self.seen = {name: {} for name in names}   # path -> File, no data
        self.turn = 0
        self.looks = 0
        self.stopping = threading.Event()
        self.thread = None
        self.error = None

    def start(self):
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        return self

    def _run(self):
        try:
            while not self.stopping.is_set():
                self.look()
                self.stopping.wait(self.pause_s)
        except Exception as error:  # told by finish(), not lost with the thread
            self.error = error

    def look(self):
        """One look: new files are read, known ones are there, and some of them
        in turn must be as they were."""
        self.looks += 1
        for name in self.names:
            known = self.seen[name]
            there = set(outputs.files(self.outdir, name, in_order=False))
            for path in there.difference(known):
                self._new(name, path)
            for path in set(known).difference(there):
                self.verdict.bad('vanished', '%s', path)
                del known[path]
            self._look_again(known)

    def _look_again(self, known):
        paths = list(known)
        for _ in range(min(len(paths), AGAIN_MAX)):
            self.turn += 1
            self._same(paths[self.turn % len(paths)], known)

    def _new(self, name, path):
        try:
            file = File(path)
        except FileNotFoundError:
            self.verdict.bad('vanished', '%s, while it was opened', path)
            return
        self._whole(name, path, file.data)
        file.data = None
        self.seen[name][path] = file

    def _whole(self, name, path, data):
        if not data.endswith(b'\n'):
            self.verdict.bad('partial', '%s: %d bytes, the last is no newline',
                             path, len(data))
        elif name == 'echo':
            for line in data.split(b'\n')[:-1]:
                try:
                    records.read(line)
                except records.NoRecord as error:
                    self.verdict.bad('partial', '%s: %s', path, error)
                    return

    def _same(self, path, known):
        try:
            now = identity(os.stat(path))
        except FileNotFoundError:
            return               # the listing of the next look will tell
        if now != known[path].identity:
            self.verdict.bad('changed', '%s: inode, size, time %r, was %r', path,
                             now, known[path].identity)
            known[path].identity = now

    def all_seen(self):
        return [each for known in self.seen.values() for each in known.items()]

    def finish(self):
        """Stops, looks once more, compares every byte. Returns the verdict."""
        self.stopping.set()
        if self.thread:
            self.thread.join()
        if self.error:
            raise self.error
        self.look()
        for path, file in self.all_seen():
            with open(path, 'rb') as f:
                data = f.read()
            if hashlib.sha256(data).digest() != file.digest:
                self.verdict.bad('changed', '%s: other bytes than at first',
                                 path)
        return self.verdict
