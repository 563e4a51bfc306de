"""What is known of the last run's output never changes what a run says or writes, whatever happened in between."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.load import cache
from generator.pipeline import narrow, settling, sides
from generator.write import Differences, marks
from generator.write.differences import content_of
from tests.conftest import examples
from tests.promises.test_narrow import AMONG, cached, start
from tests.promises.test_since import EDITS, replaced, shipped

__all__ = ["cached", "shipped", "start"]


PAUSE = 0.05
"""More than a tick of the file systems that tests run on."""


def files_of(root: Path) -> list[Path]:
    return sorted(path for path in (root / "rendered").rglob("*") if path.is_file())


def edited(root: Path) -> None:
    first, *_ = files_of(root)
    first.write_bytes(first.read_bytes() + b"# more\n")


def edited_without_a_trace(root: Path) -> None:
    """By as many bytes, and dated as before."""
    last = files_of(root)[-1]
    about = last.stat()
    last.write_bytes(last.read_bytes()[:-2] + b"#\n")
    os.utime(last, ns=(about.st_atime_ns, about.st_mtime_ns))


def cut(root: Path) -> None:
    files_of(root)[-1].write_bytes(b"")


def taken(root: Path) -> None:
    files_of(root)[len(files_of(root)) // 2].unlink()


def swapped(root: Path) -> None:
    one, other = (root / "rendered").rglob("anvil/tenancy/namespace.yaml"), (root / "rendered").rglob("mesh.yaml")
    for first, second in zip(one, other, strict=False):
        content = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(content)


def added(root: Path) -> None:
    for folder in ("", "more/", "south-1/tenants/nobody/"):
        (root / "rendered" / folder).mkdir(parents=True, exist_ok=True)
        (root / "rendered" / folder / "more.yaml").write_bytes(b"a: 1\n")


def linked(root: Path) -> None:
    folder = next(path for path in sorted((root / "rendered").rglob("tenancy")) if path.is_dir())
    elsewhere = root / f"elsewhere-{len(list(root.iterdir()))}"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)


def linked_as_a_whole(root: Path) -> None:
    folder = next(path for path in sorted((root / "rendered").iterdir()) if path.is_dir() and not path.is_symlink())
    elsewhere = root / f"whole-{len(list(root.iterdir()))}"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)


def replaced_by_a_folder(root: Path) -> None:
    file = files_of(root)[3]
    file.unlink()
    file.mkdir()
    (file / "a.yaml").write_bytes(b"")


def emptied(root: Path) -> None:
    shutil.rmtree(root / "rendered", ignore_errors=True)


def left_by_a_killed_run(root: Path) -> None:
    folder = files_of(root)[0].parent
    (folder / ".tenantry-mesh.yaml-1.tmp").write_bytes(b"half")


TAMPERING: tuple[Callable[[Path], None], ...] = (
    edited,
    edited_without_a_trace,
    cut,
    taken,
    swapped,
    added,
    linked,
    linked_as_a_whole,
    replaced_by_a_folder,
    emptied,
    left_by_a_killed_run,
)


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files_of(root)}


def compared(root: Path, folder: Path, jobs: int) -> None:
    """A run with the cache against one without it, first looking, then writing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FEWEST", 0)
        patch.setattr(marks, "PAUSE", PAUSE)
        time.sleep(2 * PAUSE)
        other = folder / "other"
        shutil.copytree(root, other, symlinks=True)
        patch.setenv(cache.VARIABLE, "off")
        looked, written = settling.settle(other, check=True, jobs=1), settling.settle(other, jobs=1)
        patch.setenv(cache.VARIABLE, str(folder / "cache"))
        for wanted, check in ((looked, True), (written, False)):
            found = settling.settle(root, check=check, jobs=jobs)
            assert (found.differences, found.diagnostics, found.files) == (
                wanted.differences,
                wanted.diagnostics,
                wanted.files,
            )
        assert contents(root) == contents(other)
        if written.differences is not None:
            time.sleep(2 * PAUSE)
            for _ in range(2):  # the second time by their marks
                assert settling.settle(root, check=True, jobs=jobs).differences == Differences((), (), ())
        shutil.rmtree(other)


numbers = st.lists(st.integers(0, len(AMONG) - 1), max_size=3, unique=True)
tampering = st.lists(st.sampled_from(TAMPERING), max_size=2, unique=True)


@given(
    first=numbers,
    second=numbers,
    other=st.none() | st.sampled_from(range(len(EDITS))),
    between=tampering,
    after=tampering,
    jobs=st.sampled_from((1, 3)),
)
@settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_what_a_run_without_it_gives(
    start: Path,
    first: list[int],
    second: list[int],
    other: int | None,
    between: list[Callable[[Path], None]],
    after: list[Callable[[Path], None]],
    jobs: int,
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = folder / "fleet"
        shutil.copytree(start, root)
        compared(root, folder, jobs)
        for edits, acts in ((first, between), (second, after)):
            for number in edits:
                AMONG[number](root)
            if edits is second and other is not None:
                EDITS[other](root)
            for act in acts:
                if len(files_of(root)) > 10:
                    act(root)
            compared(root, folder, jobs)


@pytest.fixture
def known(cached: Path) -> Path:
    """The fleet, rendered once."""
    assert settling.settle(cached, jobs=1).differences is not None
    return cached


@pytest.fixture
def rendered_for(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of those for whom anything is rendered."""
    found: list[str] = []
    plain = settling.rendered_into

    def watched(intake: object, task: settling.Task) -> settling.Settled:
        found.extend(work.subject.words.get("tenant", work.subject.words["cluster"]) for work in task.works)
        return plain(intake, task)  # type: ignore[arg-type]

    monkeypatch.setattr(settling, "rendered_into", watched)
    return found


def test_nothing_is_rendered_of_what_has_not_changed(known: Path, rendered_for: list[str]) -> None:
    assert settling.settle(known, check=True, jobs=1).differences == Differences((), (), ())
    assert rendered_for == []
    replaced("tenants/anvil.yaml", "title: ", "title: New ")(known)
    assert settling.settle(known, check=True, jobs=1).differences
    assert set(rendered_for) == {"anvil"}
    rendered_for.clear()
    assert settling.settle(known, jobs=1).differences
    assert set(rendered_for) == {"anvil"}
    rendered_for.clear()
    assert settling.settle(known, jobs=1).differences == Differences((), (), ())
    assert rendered_for == []


def test_whose_files_are_not_as_they_were_is_rendered_again(known: Path, rendered_for: list[str]) -> None:
    file = next(path for path in files_of(known) if "tenants/birch/" in path.as_posix())
    file.write_bytes(b"edited: by hand\n")
    assert settling.settle(known, check=True, jobs=1).differences == Differences(
        (), (file.relative_to(known / "rendered").as_posix(),), ()
    )
    assert set(rendered_for) == {"birch"}


def test_who_was_read_since_but_not_rendered_is_rendered(
    known: Path, rendered_for: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced("tenants/anvil.yaml", "title: ", "title: New ")(known)
    with monkeypatch.context() as patch:
        patch.setattr(narrow, "MOST", 0)
        assert sides.inspected(known).others == 0  # the whole fleet is read, and known from then on
    assert sides.inspected(known).others == 3
    assert settling.settle(known, jobs=1).differences
    assert set(rendered_for) == {"anvil"}


def test_cells_in_which_nobody_has_written_are_not_read(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "PAUSE", PAUSE)
    time.sleep(2 * PAUSE)
    read: list[str] = []

    def watched(path: str) -> bytes | None:
        read.append(Path(path).relative_to(known / "rendered").as_posix())
        return content_of(path)

    monkeypatch.setattr("generator.write.proving.content_of", watched)
    for _ in range(2):
        assert settling.settle(known, check=True, jobs=1).differences == Differences((), (), ())
    assert sorted(read) == [path.relative_to(known / "rendered").as_posix() for path in files_of(known)]
    read.clear()
    edited_without_a_trace(known)
    changed = files_of(known)[-1].relative_to(known / "rendered").as_posix()
    assert settling.settle(known, check=True, jobs=1).differences == Differences((), (changed,), ())
    assert {path.partition("/")[0] for path in read} == {changed.partition("/")[0]}
