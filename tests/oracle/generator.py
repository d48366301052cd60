# generator.py - senders of records, one for each kind of reliable source: lines
# appended to a file (tail), files moved into a folder (dir), a peer that keeps
# what is not acked (listen). A sender logs "sent" before anything leaves it and
# "acked" after the promise: for files that is their own sync, for a peer the
# server's ACK.
#
# The protocol of listen.ack=on: the client says "HELLO ID\n", the server
# "ACK N\n" where N lines of this ID are durable; the client sends line N + 1 and
# on; the server says "ACK N\n" when more have become durable. A second
# connection with the same ID takes over. What was not acked is sent again after
# a reconnect, and the server takes each line once.
import os
import random
import re
import select
import socket
import threading
import time

ACK = re.compile(rb'ACK (\d{1,18})\Z')
WINDOW = 2000            # lines on their way to a server, not acked
PIECE_MAX = 16 * 1024    # bytes of one send
CONNECT_PAUSE_S = 0.01
LINE_MAX = 64            # bytes of an answer
GHOST_S = 20             # limit against hanging


def sync_folder(path):
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


class Tail:
    """Appends to a file; now and then a line arrives in two pieces."""

    def __init__(self, path, source, log, maker, seed=0):
        self.path, self.source, self.log, self.maker = path, source, log, maker
        self.rng = random.Random('tail/%d' % seed)
        self.n = log.state.sent.get(source, 0)
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        sync_folder(os.path.dirname(path) or '.')

    def send(self, n):
        data = self.maker.lines(self.source, self.n, self.n + n)
        self.n += n
        self.log.sent(self.source, self.n)
        cut = self.rng.randrange(len(data) + 1) if self.rng.random() < .5 else 0
        for piece in (data[:cut], data[cut:]):
            while piece:
                piece = piece[os.write(self.fd, piece):]
        os.fsync(self.fd)
        self.log.acked(self.source, self.n)

    def close(self):
        if self.fd >= 0:
            os.close(self.fd)
        self.fd = -1


class Dir:
    """Moves files into a folder, each a source of its own: that records keep
    their order is promised within a file."""

    def __init__(self, folder, source, log, maker):
        self.folder, self.source, self.log, self.maker = (folder, source, log,
                                                          maker)
        self.files = 0
        os.makedirs(folder, exist_ok=True)

    def send(self, n):
        name = '%s-%06d' % (self.source, self.files)
        self.files += 1
        self.log.sent(name, n)
        temporary = os.path.join(self.folder, '.%s.tmp' % name)
        with open(temporary, 'wb') as f:
            f.write(self.maker.lines(name, 0, n))
            f.flush()
            os.fsync(f.fileno())
        os.rename(temporary, os.path.join(self.folder, name + '.csv'))
        sync_folder(self.folder)
        self.log.acked(name, n)

    def close(self):
        pass


class Peer:
    """Sends to a listen:// input with listen.ack=on, from a thread of its own.
    What it may send is raised by send(); what went wrong with the protocol is
    in `wrong`, as (kind, text)."""

    def __init__(self, address, source, log, maker, seed=0, break_percent=0,
                 takeover_percent=0, window=WINDOW, piece_max=PIECE_MAX):
        self.address, self.source, self.log, self.maker = (address, source, log,
                                                           maker)
        self.rng = random.Random('peer/%d/%s' % (seed, source))
        self.break_percent = break_percent   # of rounds that hang up
        self.takeover_percent = takeover_percent   # that connect once more
        self.ghost = None    # a connection that another has taken over
        self.window, self.piece_max = window, piece_max
        self.limit = log.state.sent.get(source, 0)
        self.acked = log.state.acked.get(source, 0)
        self.loose = False   # a power cut may take back what was acked
        self.wrong, self.connections, self.broken = [], 0, 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def send(self, n):
        self.limit += n

    def close(self):
        self.stopping.set()
        self.thread.join()
        if self.ghost:
            self.ghost.close()

    def lose_from(self, acked):
        """After a power cut: only the first `acked` records stay promised."""
        self.acked = min(self.acked, acked)

    def _run(self):
        while not self.stopping.is_set():
            try:
                with socket.create_connection(self.address, timeout=5) as sock:
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self.connections += 1
                    if self._serve(sock) == 'takeover':
                        self.ghost = sock.dup()
            except OSError:
                self.broken += 1
            self.stopping.wait(CONNECT_PAUSE_S)

    def _serve(self, sock):
        """One connection, until it breaks or we do. 'takeover': it stays open,
        and another one takes its place."""
        sock.sendall(b'HELLO %s\n' % self.source.encode())
        sock.setblocking(False)
        state = _Connection()
        try:
            return self._exchange(sock, state)
        except OSError:
            self._last_words(sock, state)
            raise

    def _last_words(self, sock, state):
        """It broke while we sent: what was acked before counts."""
        try:
            while self._hear(sock, state):
                pass
        except OSError:
            pass

    def _exchange(self, sock, state):
        while not self.stopping.is_set():
            room = state.acked is not None and (
                state.rest or state.next < min(self.limit,
                                             state.acked + self.window))
            ready, writable, _ = select.select([sock], [sock] if room else [],
                                               [], 0.02)
            if ready and not self._hear(sock, state):
                return None
            if writable:
                self._say(sock, state)
            if state.acked is not None and self.ghost:
                self._bury()
            if self.rng.random() * 100 < self.break_percent:
                return None
            if self.rng.random() * 100 < self.takeover_percent and \
                    state.acked is not None:
                return 'takeover'
        return None

    def _bury(self):
        """The server has answered our new connection: it closes the old one."""
        ghost, self.ghost = self.ghost, None
        with ghost:
            ghost.settimeout(GHOST_S)
            try:
                while ghost.recv(4096):
                    pass
            except ConnectionError:
                pass
            except TimeoutError:
                self.wrong.append(('exit', '%s: the connection that was taken '
                                   'over stays open' % self.source))

    def _hear(self, sock, state):
        data = sock.recv(4096)
        state.heard += data
        *texts, state.heard = state.heard.split(b'\n')
        for text in texts:
            found = ACK.match(text)
            if not found:
                self.wrong.append(('exit', 'the server said %.80r' % text))
                return False
            self._ack(int(found.group(1)), state)
        if len(state.heard) > LINE_MAX:
            self.wrong.append(('exit', 'an answer without end'))
            return False
        return bool(data)

    def _ack(self, n, state):
        first = state.acked is None
        if n > self.log.state.sent.get(self.source, 0):
            self.wrong.append(('unsent', '%s: ACK %d, but only %d were sent' % (
                self.source, n, self.log.state.sent.get(self.source, 0))))
        elif n < self.acked and not (first and self.loose):
            self.wrong.append(('lost', '%s: ACK %d after ACK %d' % (
                self.source, n, self.acked)))
        state.acked = n
        if first:
            state.next = n
        self.acked = max(n, self.acked) if not self.loose else n
        self.log.acked(self.source, n)

    def _say(self, sock, state):
        if not state.rest:
            end = min(self.limit, state.acked + self.window, state.next + 200)
            self.log.sent(self.source, end)
            state.rest = self.maker.lines(self.source, state.next, end)
            state.next = end
        piece = state.rest[:self.rng.randrange(1, self.piece_max)]
        try:
            state.rest = state.rest[sock.send(piece):]
        except BlockingIOError:
            pass


class _Connection:
    def __init__(self):
        self.acked = None    # by this connection; None: no answer yet
        self.next = 0        # the record that follows `rest`
        self.rest = b''      # what is being sent
        self.heard = b''


class Pump:
    """Lets senders send, in small random portions, until all have sent what
    they are to send, or until stop()."""

    def __init__(self, senders, total, portion_max=20, pause_s=0.01, seed=0):
        self.senders, self.left = senders, [total] * len(senders)
        self.portion_max, self.pause_s = portion_max, pause_s
        self.rng = random.Random('pump/%d' % seed)
        self.stopping = threading.Event()
        self.error = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        try:
            while any(self.left) and not self.stopping.is_set():
                for i, sender in enumerate(self.senders):
                    n = min(self.left[i], self.rng.randint(1, self.portion_max))
                    if n:
                        sender.send(n)
                        self.left[i] -= n
                self.stopping.wait(self.rng.random() * 2 * self.pause_s)
        except Exception as error:  # told by join(), not lost with the thread
            self.error = error

    def more(self, total):
        """Raises what each sender is to send; for a pump that still runs."""
        self.left = [n + total for n in self.left]

    def stop(self):
        self.stopping.set()
        self.join()

    def join(self):
        self.thread.join()
        if self.error:
            raise self.error


def wait_for(what, limit_s, pause_s=0.01):
    """Waits until what() is true; False when the limit against hanging, which
    is no measure of anything, has passed."""
    until = time.monotonic() + limit_s
    while not what():
        if time.monotonic() > until:
            return False
        time.sleep(pause_s)
    return True
