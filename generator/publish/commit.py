"""Makes the new commits, from nothing but the tip's listing and the files that differ."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.publish.command import WorkspaceBroken
from generator.publish.origin import Source
from generator.publish.record import Mark, kept_ref
from generator.publish.target import Target, Tip
from generator.publish.trailers import trailer_lines

_FILE = "100644"


@dataclass(frozen=True, slots=True)
class Step:
    """What one branch needs: nothing, or one commit on `tip` (None: a first commit without a parent)."""

    branch: str
    tip: Tip | None
    files: Mapping[str, bytes]
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    @property
    def moves(self) -> bool:
        """Whether there is anything to commit."""
        return bool(self.added or self.changed or self.removed)


def step(branch: str, tip: Tip | None, files: Mapping[str, bytes], algorithm: str) -> Step:
    """Compares by blob id, so that not one file of the branch has to be fetched."""
    there = tip.files if tip else {}
    added, changed = [], []
    for path, content in files.items():
        known = there.get(path)
        if known is None:
            added.append(path)
        elif known != (_FILE, blob_id(content, algorithm)):
            changed.append(path)
    removed = there.keys() - files.keys()
    return Step(branch, tip, files, tuple(sorted(added)), tuple(sorted(changed)), tuple(sorted(removed)))


def blob_id(content: bytes, algorithm: str) -> str:
    """The id that git gives a file with this content."""
    digest = hashlib.new(algorithm, b"blob %d\0" % len(content), usedforsecurity=False)
    digest.update(content)
    return digest.hexdigest()


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


@dataclass(frozen=True, slots=True)
class Made:
    """The ids of the new commits: of the branches that move, and of the records, each by the branch's name."""

    commits: Mapping[str, str]
    records: Mapping[str, str]


def make(steps: Sequence[Step], marks: Sequence[Mark], target: Target, source: Source, fleet: str) -> Made:
    """Writes one commit for each step that moves, and one for each record.

    The commits carry the source commit's date and depend on nothing else that varies, so the same publish on the same
    tip by the same person has the same id wherever it runs. Raises WorkspaceBroken when git breaks off (a full disk).
    """
    moving = [step for step in steps if step.moves]
    count = len(moving) + len(marks)
    if not count:
        return Made({}, {})
    answer = target.git.feed(_stream(moving, marks, source, fleet), "fast-import", "--quiet", "--done", "--force")
    made = answer.text.split("\n")
    if answer.status or len(made) != count:
        raise WorkspaceBroken(f"git fast-import failed: {answer.error}")
    return Made(
        {step.branch: commit for step, commit in zip(moving, made[: len(moving)], strict=True)},
        {mark.branch: commit for mark, commit in zip(marks, made[len(moving) :], strict=True)},
    )


def _stream(steps: Sequence[Step], marks: Sequence[Mark], source: Source, fleet: str) -> Iterator[bytes]:
    yield b"feature done\nfeature get-mark\n"
    for number, step in enumerate(steps, 1):
        parent = step.tip.commit if step.tip else None
        yield from _commit(made_ref(step.branch), number, message(step, source, fleet), parent, source)
        # Removals come first: a path may be a file now and a folder then, and `D` takes either.
        for path in step.removed:
            yield b"D %s\n" % _quoted(path)
        for path in (*step.added, *step.changed):
            content = step.files[path]
            yield b"M %s inline %s\ndata %d\n" % (_FILE.encode(), _quoted(path), len(content))
            yield content
            yield b"\n"
        yield b"\nget-mark :%d\n" % number
    for number, mark in enumerate(marks, len(steps) + 1):
        yield from _commit(kept_ref(mark.branch), number, mark.message, mark.old, source)
        yield b"\nget-mark :%d\n" % number
    yield b"done\n"


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
    special = {ord('"'): b'\\"', ord("\\"): b"\\\\"}
    quoted = (
        special.get(byte) or (b"%c" if byte >= 32 else b"\\%03o") % byte
        for byte in path.encode(errors="surrogateescape")
    )
    return b'"' + b"".join(quoted) + b'"'
