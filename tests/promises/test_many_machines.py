"""One process, several, what can differ since a revision, shards put together and Dask give the same bytes and
findings, whatever was edited."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.model.fleet import Fleet
from generator.model.shard import Shard, cells_by_shard, cells_of
from generator.pipeline import inputs, remote, settling, sharding
from generator.pipeline.output import Wanted, compare, render
from generator.publish.parts import Origin, join, write_part
from generator.write import read
from tests.conftest import REPOSITORY, examples
from tests.fleets import SMALL
from tests.promises.test_since import EDITS, commit, shipped, start_of

__all__ = ["shipped"]

ORIGIN = Origin("small", "0" * 40, "this one")
SINCE = Wanted("HEAD")
numbers = st.sampled_from(range(len(EDITS)))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The scheduler of a cluster of two worker processes."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster:
        yield cluster.scheduler_address


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return start_of(tmp_path_factory.mktemp("many") / "fleet")


def settled(source: Path, name: str, wanted: Wanted | None = None, jobs: int = 1) -> settling.Settled:
    """What rendering does to the output of a copy of a fleet. Everything is rendered where nothing is yet, a part in
    place."""
    root = source.with_name(name)
    shutil.copytree(source, root, ignore=None if wanted else shutil.ignore_patterns(".git", "rendered"))
    return settling.settle(root, wanted or Wanted(), jobs=jobs)


def output(root: Path) -> dict[str, bytes]:
    return dict(read(root / "rendered")[0].files)


@given(
    before=st.lists(numbers, max_size=2),
    edits=st.lists(numbers, max_size=5),
    of=st.integers(min_value=1, max_value=6),
    chance=st.randoms(use_true_random=False),
    cold=st.booleans(),
)
@settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
def test_however_it_is_rendered_it_is_the_same(
    start: Path, address: str, before: list[int], edits: list[int], of: int, chance: random.Random, cold: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "fleet"
        shutil.copytree(start, root)
        for number in before:
            EDITS[number](root)
        if before and render(root, jobs=1).tree is not None:
            commit(root)
        for number in edits:
            EDITS[number](root)
        whole = render(root, jobs=1)
        assert render(root, jobs=3) == whole
        assert remote.render_on(root, address) == whole
        written = {
            "one": settled(root, "one"),
            "several": settled(root, "several", jobs=3),
            "since": settled(root, "since", SINCE),
            "since-by-several": settled(root, "since-by-several", SINCE, jobs=3),
        }
        assert {each.diagnostics for each in written.values()} == {whole.diagnostics}
        if cold:
            shutil.rmtree(root / "rendered", ignore_errors=True)
        shards = [Shard(number, of) for number in range(1, of + 1)]
        chance.shuffle(shards)
        rendered = {shard: sharding.render_shard(root, shard, jobs=1) for shard in shards}
        if whole.tree is None or whole.fleet is None:
            assert {each.tree for each in rendered.values()} == {None}
            apart = [sharding.settle_shard(root, shard, jobs=1) for shard in shards]
            everyone = (*written.values(), remote.settle_on(root, address), *apart)
            assert {each.differences for each in everyone} == {None}
            return
        expected = dict(whole.tree.files)
        for name in written:
            assert output(root.with_name(name)) == expected, name
            assert not (root.with_name(name) / "rendered" / "nobody").exists()
        differences = compare(root, whole.tree)
        assert remote.settle_on(root, address, check=True).differences == differences
        by_shard = [compare(root, each.tree, each.part) for each in rendered.values() if each.tree]
        for kind in ("added", "changed", "removed"):
            assert sorted(path for each in by_shard for path in getattr(each, kind)) == list(getattr(differences, kind))
        for shard, each in rendered.items():
            assert each.tree is not None
            assert each.diagnostics == whole.diagnostics
            write_part(Path(folder), shard, ORIGIN, each.tree)
            wanted = compare(root, each.tree, each.part)
            assert sharding.settle_shard(root, shard, check=True, jobs=1).differences == wanted
            done = sharding.settle_shard(root, shard, jobs=2)
            assert (done.differences, done.files) == (wanted, len(each.tree.files))
        assert output(root) == expected
        assert not (root / "rendered" / "nobody").exists()
        joined, faults = join(Path(folder), "parts", ORIGIN, cells_by_shard(whole.fleet, of), jobs=2)
        assert (joined, faults) == (whole.tree, ())
        shutil.rmtree(root / "rendered")
        remote.settle_on(root, address)
        assert output(root) == expected


@cache
def fleet_of(root: Path) -> Fleet:
    fleet = inputs.validate(root).fleet
    assert fleet is not None
    return fleet


@given(of=st.integers(min_value=1, max_value=40))
@settings(deadline=None)
def test_every_cell_is_in_one_shard_and_no_shard_has_much_more_than_another(of: int) -> None:
    fleet = fleet_of(REPOSITORY if of % 2 else SMALL)
    shards = cells_by_shard(fleet, of)
    assert [cells_of(fleet, Shard(number, of)) for number in range(1, of + 1)] == list(shards)
    assert sorted(name for cells in shards for name in cells) == sorted(cluster.name for cluster in fleet.clusters)
    weights = {cluster.name: 1 for cluster in fleet.clusters}
    for assignment in fleet.assignments:
        weights[assignment.cluster.name] += 1
    loads = [sum(weights[name] for name in cells) for cells in shards]
    assert max(loads) - min(loads) <= max(weights.values())
