"""What the house tests share: the files of the project and how a test reports."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Not ours to check: what is built, and what is there to be wrong.
_OUTSIDE = {".git", ".cache", "build", "node_modules"}
_NOT_PART = ("tests/house/data/", "tests/packaging/")


def files(*suffixes):
    """The paths below the root with one of the suffixes, as text with `/`, sorted."""
    found = []
    pending = [ROOT]
    while pending:
        for entry in pending.pop().iterdir():
            if entry.is_dir():
                if entry.name not in _OUTSIDE:
                    pending.append(entry)
            elif entry.suffix in suffixes or entry.name in suffixes:
                path = entry.relative_to(ROOT).as_posix()
                if not path.startswith(_NOT_PART):
                    found.append(path)
    return sorted(found)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


_COMMENT_OR_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.DOTALL)


def without_comments(source):
    """C++ source without its comments; string literals stay."""
    return _COMMENT_OR_TEXT.sub(lambda m: m.group() if m.group()[0] == '"' else " ", source)


def report(name, problems):
    """Prints the problems and ends the program: with status 0 if there is none."""
    for problem in problems:
        print(f"{name}: {problem}", file=sys.stderr)
    if problems:
        sys.exit(f"{name}: {len(problems)} found")
    print(f"{name}: ok")
    sys.exit(0)
