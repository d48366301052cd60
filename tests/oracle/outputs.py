# outputs.py - reads what a job wrote: an output is a folder of files that appear
# whole. Names with a leading dot are not there yet and nobody's business. The
# files are read in the order of their names, numbers by value: that is the order
# of batches.
import os
import re

NUMBER = re.compile(r'(\d+)')
NUMERIC = re.compile(r'-?\d+')


def order(name):
    """A key to sort names by: texts as they are, numbers by value."""
    return [(1, int(part)) if part.isdigit() else (0, part)
            for part in NUMBER.split(name)]


def visible(folder, in_order=True):
    """The names a reader of the folder sees; none: no folder."""
    try:
        names = [n for n in os.listdir(folder) if not n.startswith('.')]
    except FileNotFoundError:
        return []
    return sorted(names, key=order) if in_order else names


def files(outdir, name, in_order=True):
    """The paths of an output."""
    folder = os.path.join(outdir, name)
    paths = []
    for each in visible(folder, in_order):
        path = os.path.join(folder, each)
        # several parts of a batch are one folder that appears at once
        if os.path.isdir(path):
            paths += [os.path.join(path, part) for part in visible(path, in_order)]
        else:
            paths.append(path)
    return paths


def cut(data):
    """The lines of a file's bytes, without newlines. What follows the last
    newline gives a last line b'...<cut>', which is no record."""
    rows = data.split(b'\n')
    if rows[-1]:
        rows[-1] += b'<cut>'
    else:
        rows.pop()
    return rows


class Out:
    """What a reader sees of a job's outputs."""

    def __init__(self, outdir):
        self.outdir = outdir

    def pieces(self, name):
        """The bytes of an output's files, in order."""
        for path in files(self.outdir, name):
            with open(path, 'rb') as f:
                yield f.read()

    def lines(self, name):
        for data in self.pieces(name):
            yield from cut(data)

    def rows(self, name):
        """The lines as tuples of fields: numbers where they look like it."""
        for text in self.lines(name):
            yield tuple(int(field) if NUMERIC.fullmatch(field) else field
                        for field in text.decode('latin-1').split(','))


def lines(outdir, name):
    return Out(outdir).lines(name)


def rows(outdir, name):
    return Out(outdir).rows(name)
