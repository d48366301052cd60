# record.py - records that describe themselves: "source,seq,key,value". The
# value is a number whose upper part is the amount and whose lower 32 bits are
# the CRC of all the rest: a record that was altered anywhere shows it, whoever
# sums up values sums up the CRCs too, and a job that knows nothing of this reads
# four plain fields. Sequences of a source begin with 0 and have no gaps. Any
# record can be made again from the seed, its source and its number, so nobody
# has to keep what was sent.
import collections
import hashlib
import re
import zlib

AMOUNT_MAX = 250                  # sums of 10^6 records stay below 2^60
HOT_PERCENT = 70                  # of the records have one of the hot keys

Record = collections.namedtuple('Record', 'source seq key value')

SHAPE = re.compile(rb'([A-Za-z0-9._-]{1,64}),(\d{1,18}),([^,\s]{1,64}),'
                   rb'(\d{1,18})\Z')


class NoRecord(ValueError):
    """A line that is no record, or an altered one."""


def crc(source, seq, key, amount):
    return zlib.crc32(('%s,%d,%s,%d' % (source, seq, key, amount)).encode())


def make(source, seq, key, amount):
    value = amount << 32 | crc(source, seq, key, amount)
    return Record(source, seq, key, value)


def line(record):
    """As bytes, without newline."""
    return b'%s,%d,%s,%d' % (record.source.encode(), record.seq,
                             record.key.encode(), record.value)


def read(text):
    """The record of a line without its newline; NoRecord says what is wrong."""
    found = SHAPE.match(text)
    if not found:
        raise NoRecord('no record: %.80r' % text)
    source, seq, key, value = found.groups()
    try:
        record = Record(source.decode(), int(seq), key.decode(), int(value))
    except UnicodeDecodeError as error:
        raise NoRecord('no record: %.80r' % text) from error
    good = crc(record.source, record.seq, record.key, record.value >> 32)
    if record.value & 0xffffffff != good or line(record) != text:
        raise NoRecord('altered: %.80r' % text)
    return record


class Maker:
    """The records of a seed: few keys that are hot, many that are rare. wide:
    bytes that are put behind each key, to have more bytes in fewer records."""

    def __init__(self, seed, hot=8, rare=40, wide=0):
        self.seed, self.hot, self.rare, self.wide = seed, hot, rare, 'x' * wide

    def record(self, source, seq):
        what = '%d/%s/%d' % (self.seed, source, seq)
        digest = hashlib.blake2b(what.encode(), digest_size=8).digest()
        draw = int.from_bytes(digest, 'big')
        draw, percent = divmod(draw, 100)
        draw, amount = divmod(draw, AMOUNT_MAX)
        if percent < HOT_PERCENT or self.rare == 0:
            key = 'h%d' % (draw % self.hot)
        else:
            key = 'r%d' % (draw % self.rare)
        return make(source, seq, key + self.wide, amount + 1)

    def lines(self, source, first, end):
        """The lines of the records from first up to end, with newlines."""
        return b''.join(line(self.record(source, seq)) + b'\n'
                        for seq in range(first, end))
