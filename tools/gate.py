# gate.py - what the check-* scripts share: finding files, reading C without
# comments and strings, and ending with "name: ok" or with the list of findings.
# Every check takes an optional directory, so that tests can give it bad ones.
import os
import re
import sys

sys.dont_write_bytecode = True

TOKEN = re.compile(
    r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def root():
    """The directory to check: the argument, or the one this file lies in."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return sys.argv[1] if len(sys.argv) > 1 else here


def files(top, folders, endings):
    """Paths relative to top, sorted; folders that do not exist are skipped."""
    found = []
    for folder in folders:
        for at, dirs, names in os.walk(os.path.join(top, folder)):
            dirs[:] = sorted(d for d in dirs if not d.startswith(('.', 'build')))
            found += [os.path.relpath(os.path.join(at, n), top)
                      for n in sorted(names) if n.endswith(endings)]
    return found


def read(top, path):
    """The file's text; None when it is no text, or vanished meanwhile."""
    try:
        with open(os.path.join(top, path), encoding='utf-8') as f:
            return f.read()
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def code_only(text):
    """Comments and strings become blanks; line numbers stay."""
    def blank(match):
        return re.sub(r'[^\n]', ' ', match.group())
    return TOKEN.sub(blank, text)


def finish(name, findings, note=''):
    """Prints the result of a check and ends the program."""
    for line in findings:
        print(line)
    if findings:
        print(f'{name}: {len(findings)} findings')
        sys.exit(1)
    print(f'{name}: ok{" (" + note + ")" if note else ""}')
    sys.exit(0)
