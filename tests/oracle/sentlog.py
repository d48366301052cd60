# sentlog.py - what was sent and what was acked, in a file outside the tree under
# test, synced before the sender goes on. So each record is known to be absent
# (never sent), pending (sent, and nobody promised anything) or acked. A line is
#
#   sent SOURCE N     the first N records of the source are on their way
#   acked SOURCE N    the first N are promised
#   loose WORD        acks from here on bind nobody, until `tight`: a power cut
#   tight WORD        is under way, and a sync that returned 0 may be lost
import os
import threading


class SentLog:
    """Written by any number of senders of one process."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.state = read(path)

    def close(self):
        os.close(self.fd)

    def _add(self, text):
        with self.lock:
            os.write(self.fd, text.encode())
            os.fdatasync(self.fd)
            _take(self.state, text)

    def sent(self, source, n):
        if n > self.state.sent.get(source, 0):
            self._add('sent %s %d\n' % (source, n))

    def acked(self, source, n):
        if n > self.state.said.get(source, 0):
            self._add('acked %s %d\n' % (source, n))

    def loose(self, why):
        self._add('loose %s\n' % why)

    def tight(self, why):
        self._add('tight %s\n' % why)


class Sent:
    """What a log says: counts by source."""

    def __init__(self):
        self.sent = {}       # handed over, or about to be
        self.acked = {}      # promised, and binding
        self.said = {}       # promised, binding or not
        self.is_loose = False

    def is_sent(self, record):
        return 0 <= record.seq < self.sent.get(record.source, 0)

    def total(self):
        return sum(self.sent.values())


def _take(state, text):
    word = text.split()
    if word[0] == 'sent':
        state.sent[word[1]] = max(state.sent.get(word[1], 0), int(word[2]))
    elif word[0] == 'acked':
        state.said[word[1]] = int(word[2])
        if not state.is_loose:
            state.acked[word[1]] = int(word[2])
    elif word[0] == 'loose':
        state.is_loose = True
    elif word[0] == 'tight':
        # What was said in between binds nobody: it is said again or not.
        state.is_loose = False
        state.said = dict(state.acked)
    else:
        raise ValueError('no line of a log: %r' % text)


def read(path):
    """The log's Sent; a last line without newline was never finished."""
    state = Sent()
    with open(path, encoding='utf-8') as f:
        for text in f:
            if text.endswith('\n'):
                _take(state, text)
    return state
