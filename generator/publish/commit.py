"""Makes the new commits, from nothing but the tip's listing and the files that differ."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct

from generator.publish.command import WorkspaceBroken
from generator.publish.held import blob_of
from generator.publish.origin import Source
from generator.publish.record import Mark, kept_ref
from generator.publish.target import Target, Tip
from generator.publish.trailers import trailer_lines

_FILE = "100644"


class Step(Struct, frozen=True):
    """What one branch needs: nothing, or one commit on `tip` (None: a first commit without a parent).

    `files` has the contents; `count` is how many files the branch has after it, those that were not rendered among
    them.
    """

    branch: str
    tip: Tip | None
    files: Mapping[str, bytes]
    count: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.added or self.changed or self.removed)


def step(
    branch: str,
    tip: Tip | None,
    there: Mapping[str, tuple[str, str]],
    paths: Collection[str],
    files: Mapping[str, bytes],
    algorithm: str,
    others: int = 0,
) -> Step:
    """Compares by blob id, so that not one file of the branch has to be fetched.

    `there` are mode and blob id of the branch's files by their paths, but for `others` files that stay as they are.
    `paths` are those of `files` that go to the branch.
    """
    added, changed = [], []
    for path in paths:
        known = there.get(path)
        if known is None:
            added.append(path)
        elif known != (_FILE, blob_of(files, path, algorithm)):
            changed.append(path)
    removed = there.keys() - set(paths)
    count = len(paths) + others
    return Step(branch, tip, files, count, tuple(sorted(added)), tuple(sorted(changed)), tuple(sorted(removed)))


def message(step: Step, source: Source, fleet: str) -> str:
    """The commit's message: how much changed, where, and the trailers that later publishes go by."""
    count = len(step.added) + len(step.changed) + len(step.removed)
    subject = f"Publish {count} changed {'file' if count == 1 else 'files'} from {source.commit[:12]}"
    kinds = {"added": step.added, "changed": step.changed, "removed": step.removed}
    by_cluster: dict[str, list[str]] = {}
    for kind, paths in kinds.items():
        for cluster, number in sorted(Counter(path.partition("/")[0] for path in paths).items()):
            by_cluster.setdefault(cluster, []).append(f"{number} {kind}")
    body = "\n".join(f"{cluster}: {', '.join(counts)}" for cluster, counts in sorted(by_cluster.items()))
    return f"{subject}\n\n{body}\n\n{trailer_lines(source.commit, fleet)}"


def make(steps: Sequence[Step], target: Target, source: Source, fleet: str) -> dict[str, str]:
    """Writes one commit for each step that moves; their ids by the branch.

    The commits carry the source commit's date and depend on nothing else that varies, so the same publish on the same
    tip by the same person has the same id wherever it runs. Raises WorkspaceBroken when git breaks off (a full disk).
    """
    moving = [step for step in steps if step.moves]
    made = _imported(target, len(moving), _steps(moving, source, fleet))
    return {step.branch: commit for step, commit in zip(moving, made, strict=True)}


def make_records(marks: Sequence[Mark], target: Target, source: Source) -> dict[str, str]:
    """Writes one commit for each record; their ids by the branch. Raises WorkspaceBroken as `make` does."""
    made = _imported(target, len(marks), _marks(marks, source))
    return {mark.branch: commit for mark, commit in zip(marks, made, strict=True)}


def _imported(target: Target, count: int, commits: Iterator[bytes]) -> list[str]:
    """The ids of so many commits, each of which is asked for at its end."""
    if not count:
        return []
    stream = chain((b"feature done\nfeature get-mark\n",), commits, (b"done\n",))
    answer = target.git.feed(stream, "fast-import", "--quiet", "--done", "--force")
    made = answer.text.split("\n")
    if answer.status or len(made) != count:
        raise WorkspaceBroken(f"git fast-import failed: {answer.error}")
    return made


def _steps(steps: Sequence[Step], source: Source, fleet: str) -> Iterator[bytes]:
    for number, step in enumerate(steps, 1):
        parent = step.tip.commit if step.tip else None
        yield from _commit(made_ref(step.branch), number, message(step, source, fleet), parent, source)
        # Removals come first: a path may be a file now and a folder then, and `D` takes either.
        for path in step.removed:
            yield b"D %s\n" % _quoted(path)
        # git keeps a file by how it differs from the one that came before, if that is less: tenants' files of one name
        # are much alike.
        for path in sorted((*step.added, *step.changed), key=_by_name):
            content = step.files[path]
            yield b"M %s inline %s\ndata %d\n" % (_FILE.encode(), _quoted(path), len(content))
            yield content
            yield b"\n"
        yield b"\nget-mark :%d\n" % number


def _by_name(path: str) -> tuple[str, str]:
    return path.rpartition("/")[2], path


def _marks(marks: Sequence[Mark], source: Source) -> Iterator[bytes]:
    for number, mark in enumerate(marks, 1):
        yield from _commit(kept_ref(mark.branch), number, mark.message, mark.old, source)
        yield b"\nget-mark :%d\n" % number


def _commit(ref: str, number: int, message: str, parent: str | None, source: Source) -> Iterator[bytes]:
    """A commit up to its files."""
    text = message.encode()
    yield b"commit %s\nmark :%d\n" % (ref.encode(), number)
    yield b"author %s %s\ncommitter %s %s\n" % (source.identity, source.date, source.identity, source.date)
    yield b"data %d\n%s\n" % (len(text), text)
    if parent:
        yield b"from %s\n" % parent.encode()


def made_ref(branch: str) -> str:
    """Where the working repository keeps the commit it made, so that the next publish need not fetch it."""
    return f"refs/made/{hashlib.sha256(branch.encode()).hexdigest()}"


def _quoted(path: str) -> bytes:
    if path.isascii() and path.isprintable() and '"' not in path and "\\" not in path:
        return b'"%s"' % path.encode()
    special = {ord('"'): b'\\"', ord("\\"): b"\\\\"}
    quoted = (
        special.get(byte) or (b"%c" if byte >= 32 else b"\\%03o") % byte
        for byte in path.encode(errors="surrogateescape")
    )
    return b'"' + b"".join(quoted) + b'"'
