"""Processes that each read and render a part of the tenants write and say what one process does."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.load import cache
from generator.pipeline import abreast, narrow, settling
from generator.pipeline.output import Wanted
from generator.pipeline.output import planned as plain
from generator.render import rendering
from generator.write import Differences
from tests.conftest import examples
from tests.promises.test_narrow import AMONG, cached, start
from tests.promises.test_sealed import contents
from tests.promises.test_since import EDITS, shipped, written

__all__ = ["cached", "shipped", "start"]

NOTHING = Differences((), (), ())
numbers = st.lists(st.integers(0, len(AMONG) - 1), max_size=3, unique=True)


def found(root: Path, *, check: bool, jobs: int) -> tuple[object, ...]:
    settled = settling.settle(root, check=check, jobs=jobs)
    return settled.differences, settled.diagnostics, settled.files


@given(
    edits=numbers,
    more=st.lists(st.sampled_from(range(len(EDITS))), max_size=2),
    there=st.booleans(),
    kept=st.booleans(),
    jobs=st.sampled_from((2, 3)),
)
@settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_what_one_process_does(
    start: Path, edits: list[int], more: list[int], there: bool, kept: bool, jobs: int
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        root, other = Path(name) / "fleet", Path(name) / "other"
        shutil.copytree(start, root)
        if not there:
            shutil.rmtree(root / "rendered")
        for number in edits:
            AMONG[number](root)
        for number in more:
            EDITS[number](root)
        shutil.copytree(root, other, symlinks=True)
        patch.setenv(cache.VARIABLE, "off")
        wanted = [found(other, check=check, jobs=1) for check in (True, False)]
        patch.setattr(narrow, "FEWEST_A_PROCESS", 1)
        patch.setattr(cache, "FEWEST", 0)
        if kept:
            patch.setenv(cache.VARIABLE, str(Path(name) / "cache"))
        for check, its in zip((True, False), wanted, strict=True):
            assert found(root, check=check, jobs=jobs) == its
        assert contents(root) == contents(other)
        if wanted[1][0] is not None:
            assert found(root, check=True, jobs=jobs)[0] == NOTHING


@pytest.fixture
def fleet(cached: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet of which several processes each take a part."""
    monkeypatch.setattr(narrow, "FEWEST_A_PROCESS", 1)
    return cached


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is planned in one process."""
    planned: list[str] = []

    def watched(root: Path, *rest: object) -> object:
        planned.append(root.name)
        return plain(root, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(settling, "planned", watched)
    return planned


def test_no_process_reads_the_whole_fleet(fleet: Path, whole: list[str]) -> None:
    done: list[tuple[int, int]] = []
    settled = settling.settle(fleet, jobs=2, progress=lambda *each: done.append(each))
    assert settled.differences == NOTHING
    assert settled.fleet is not None
    assert not settled.fleet.tenants
    assert not whole
    totals = {total for _, total in done}
    assert done[-1] == (max(totals), max(totals))
    assert len(totals) == 1
    # What is known from then on is what one process would have kept.
    assert settling.settle(fleet, check=True, jobs=1).differences == NOTHING
    assert not whole


def test_a_tenant_that_is_at_fault_leaves_everything_as_it_was(fleet: Path, whole: list[str]) -> None:
    before = contents(fleet)
    AMONG[6](fleet)  # a tier that is not there
    assert settling.settle(fleet, jobs=2).differences is None
    assert whole == ["fleet"]
    assert contents(fleet) == before
    assert not list((fleet / ".tenantry").glob("staged-*"))


def test_a_template_that_fails_is_said_once(fleet: Path, whole: list[str]) -> None:
    written("templates/cluster/own.yaml", "kind: ConfigMap\nmetadata:\n  name: {{ cluster.nmae }}\n")(fleet)
    settled = settling.settle(fleet, jobs=2)
    assert [each.code.id for each in settled.diagnostics] == ["RND014"]
    assert settled.differences is None
    assert whole == ["fleet"]


def test_a_template_that_reads_all_tenants_is_rendered_by_who_has_them(fleet: Path, whole: list[str]) -> None:
    written(
        "templates/cluster/own.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\ndata:\n"
        '  tenants: {{ fleet.tenants | map(attribute="name") | join(",") }}\n',
    )(fleet)
    assert settling.settle(fleet, jobs=2).differences
    assert whole == ["fleet"]
    assert "anvil,birch,cedar" in next((fleet / "rendered/south-1").rglob("own.yaml")).read_text()


def test_a_process_that_is_killed_leaves_everything_as_it_was(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(fleet)
    parent = os.getpid()
    plain = rendering.render_batch

    def killed(*given: object, **words: object) -> object:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return plain(*given, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(rendering, "render_batch", killed)
    shutil.rmtree(fleet / "rendered" / "south-1")
    left = contents(fleet)
    with pytest.raises(ChildProcessError, match="killed"):
        settling.settle(fleet, jobs=2)
    assert contents(fleet) == left != before


@pytest.mark.parametrize("jobs", [1, None])
def test_a_small_fleet_and_one_job_take_one_process(
    cached: Path, whole: list[str], monkeypatch: pytest.MonkeyPatch, jobs: int | None
) -> None:
    if jobs == 1:
        monkeypatch.setattr(narrow, "FEWEST_A_PROCESS", 1)
    monkeypatch.setattr(abreast, "in_step", None)
    assert settling.settle(cached, jobs=jobs).differences == NOTHING
    assert whole == ["fleet"]


def test_a_part_is_not_everything(fleet: Path, whole: list[str]) -> None:
    assert settling.settle(fleet, Wanted(tenants=frozenset(["anvil"])), jobs=2).differences == NOTHING
    assert whole == ["fleet"]
