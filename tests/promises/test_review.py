"""A review finds, writes and shows what the four commands do one after another, whatever was edited."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.diagnostics import has_errors, in_order
from generator.load import cache
from generator.pipeline import changes, checks, output, settling, sides
from generator.pipeline.explaining import findings
from generator.pipeline.reviewing import Reviewed, Reviewing, review
from generator.write import read
from tests.conftest import examples
from tests.promises.test_since import EDITS, commit, shipped, start_of

__all__ = ["shipped"]

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
LOOKING = checks.Looking(kubeconform=False, jobs=1)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return start_of(tmp_path_factory.mktemp("review") / "fleet")


@pytest.fixture(scope="module", autouse=True)
def few_traced() -> Iterator[None]:
    """A part of the templates gives hundreds of findings in every fleet, and to trace two hundred of them again and
    again took nearly all of the time: here the first five are traced, and the others are not, as they are behind the
    first two hundred."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(findings, "FINDINGS", 5)
        yield


def reviewed(root: Path, *, check: bool = False) -> Reviewed:
    return review(root, "HEAD", Reviewing((NOON, NOON), NOON.date(), LOOKING, check))


def compared(root: Path, other: Path) -> None:
    """Both folders hold the same fleet and the same edits."""
    found = reviewed(root)
    inputs = sides.inspected(other)
    assert found.files == inputs.files
    if has_errors(inputs.diagnostics):
        assert (found.diagnostics, found.checked, found.diffed) == (inputs.diagnostics, None, None)
        return
    settled = settling.settle(other, output.Wanted("HEAD"), jobs=1)
    assert (found.settled.differences, found.settled.files) == (settled.differences, settled.files)
    assert read(root / "rendered")[0].files == read(other / "rendered")[0].files
    if settled.differences is None:
        assert found.diagnostics == settled.diagnostics
        return
    looking = checks.Looking(kubeconform=False, jobs=1, since="HEAD")
    checked = checks.check(other, today=NOON.date(), looking=looking)
    diffed = changes.diff(other, "HEAD", committed=False, when=(NOON, NOON), jobs=1)
    assert found.checked is not None
    assert found.diffed == diffed
    # What was put right is looked at again, though it is now what it was.
    if found.checked.clusters == checked.clusters:
        assert found.diagnostics == in_order([*settled.diagnostics, *checked.diagnostics, *diffed.diagnostics])
        assert found.checked.objects == checked.objects
    else:
        assert checked.clusters is not None
        assert found.checked.clusters is None or set(checked.clusters) < set(found.checked.clusters)


numbers = st.lists(st.sampled_from(range(len(EDITS))), max_size=3)


@given(before=numbers, after=numbers, cached=st.booleans())
@settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_what_the_four_commands_find(start: Path, before: list[int], after: list[int], cached: bool) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        root, other = Path(name) / "one/fleet", Path(name) / "other/fleet"
        patch.setattr(cache, "FEWEST", 0)
        patch.setenv(cache.VARIABLE, str(Path(name) / "cache") if cached else "off")
        shutil.copytree(start, root)
        for number in before:
            EDITS[number](root)
        if output.render(root, jobs=1).tree is not None:
            commit(root)
        sides.inspected(root)
        for number in after:
            EDITS[number](root)
        shutil.copytree(root, other)
        compared(root, other)


@given(after=numbers)
@settings(max_examples=examples(5), deadline=None, suppress_health_check=list(HealthCheck))
def test_with_check_nothing_is_written_and_what_is_stale_is_an_error(start: Path, after: list[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "fleet"
        shutil.copytree(start, root)
        for number in after:
            EDITS[number](root)
        before = read(root / "rendered")[0].files
        found = reviewed(root, check=True)
        assert read(root / "rendered")[0].files == before
        if found.settled.differences is None:
            assert has_errors(found.diagnostics)
            return
        written = reviewed(root)
        assert bool(found.stale) == bool(written.settled.differences)
        assert not reviewed(root, check=True).stale
