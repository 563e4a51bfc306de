"""What files, YAML and git ask of any program: the same output, handled by hand-made processes that do nothing else.

    python benchmarks/floors.py hash|parse|look FLEET

`hash` reads all of rendered/ for git's ids, `parse` reads every twentieth file of it with libyaml's loader, both in two
processes; `look` asks git what of it is not as HEAD has it. To write all of it takes what `cp -r` takes, at least: two
processes that create files are in each other's way. A goal that is less than its floor cannot be met on that machine.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import repository
from benchmarks.measure import Row, cost

PROCESSES = 2
PARSED = 20
"""Of so many files one is parsed: all of them take minutes."""
WORDS = {
    "hash": "floor: read and hash everything",
    "parse": f"floor: parse 1/{PARSED} of everything",
    "look": "floor: git looks at everything",
}


def rows(fleet: Path) -> Iterator[Row]:
    """Each floor of a fleet that is rendered and committed."""
    for word, name in WORDS.items():
        yield Row(name, cost([sys.executable, str(Path(__file__)), word, str(fleet)], fleet))


def hashed(source: Path, paths: Sequence[str]) -> None:
    """Reads files for git's ids of them."""
    for path in paths:
        content = _content(f"{source}/{path}")
        hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).digest()


def parsed(source: Path, paths: Sequence[str]) -> None:
    """Reads some of the files as YAML."""
    for path in paths[::PARSED]:
        for _document in yaml.load_all(_content(f"{source}/{path}"), yaml.CSafeLoader):
            pass


def look(fleet: Path) -> None:
    """Asks git what has changed, and what it does not know."""
    questions = (("diff", "--name-only", "HEAD", "--", "rendered"), ("ls-files", "--others", "--", "rendered"))
    asked = [subprocess.Popen(["git", *words], cwd=fleet, stdout=subprocess.DEVNULL) for words in questions]
    if any(each.wait() for each in asked):
        raise SystemExit("git cannot look")


JOBS: dict[str, Callable[[Path, Sequence[str]], None]] = {"hash": hashed, "parse": parsed}


def main(words: Sequence[str]) -> None:
    """One floor, by forked processes that each take a part of the files."""
    word, fleet = words[0], Path(words[1])
    if word == "look":
        look(fleet)
        return
    paths = list(repository.files(fleet / "rendered"))
    size = -(-len(paths) // PROCESSES)
    children = []
    for start in range(0, len(paths), size):
        child = os.fork()
        if not child:
            JOBS[word](fleet / "rendered", paths[start : start + size])
            os._exit(0)
        children.append(child)
    if any(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children):
        raise SystemExit(f"{word} failed")


def _content(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path for each file would not be minimal
        return file.read()


if __name__ == "__main__":
    main(sys.argv[1:])
