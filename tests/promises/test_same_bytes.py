"""The same inputs give the same bytes: in any order, with any number of workers, whatever stood in rendered/ before."""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.model.tree import Tree
from generator.pipeline import output
from tests.conftest import REPOSITORY
from tests.fleets import SMALL

INPUTS = ("platforms", "regions", "tenants", "policies")


def tree_of(root: Path, jobs: int | None = None) -> Tree:
    """What a fleet renders to."""
    rendered = output.render(root, jobs=jobs)
    assert rendered.tree is not None, rendered.diagnostics
    return rendered.tree


@pytest.fixture(scope="module")
def example() -> Tree:
    return tree_of(REPOSITORY, jobs=1)


@pytest.fixture(scope="module")
def small() -> Tree:
    return tree_of(SMALL, jobs=1)


def test_the_committed_output_is_what_the_example_fleet_renders_to(example: Tree) -> None:
    assert not output.compare(REPOSITORY, example)


@pytest.mark.parametrize("jobs", [2, 4])
def test_workers_make_no_difference(example: Tree, jobs: int) -> None:
    assert dict(tree_of(REPOSITORY, jobs=jobs).files) == dict(example.files)


@given(seed=st.integers())
@settings(max_examples=5, deadline=None)
def test_the_order_in_which_files_were_made_makes_no_difference(small: Tree, seed: int) -> None:
    files = [file.relative_to(SMALL) for file in SMALL.rglob("*.yaml")]
    random.Random(seed).shuffle(files)
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            target = Path(folder) / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(SMALL / file, target)
        assert dict(tree_of(Path(folder)).files) == dict(small.files)


def test_a_tenants_folder_makes_no_difference_but_in_the_header(small: Tree, tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    shutil.copytree(SMALL, root)
    (root / "tenants" / "deep" / "er").mkdir(parents=True)
    (root / "tenants" / "anvil.yaml").rename(root / "tenants" / "deep" / "er" / "anvil.yaml")
    moved = tree_of(root)

    def bodies(tree: Tree) -> dict[str, bytes]:
        return {path: content.split(b"\n", 1)[1] for path, content in tree.files.items()}

    assert bodies(moved) == bodies(small)


@given(data=st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_losing_any_part_of_rendered_it_is_made_whole_again(small: Tree, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        output.write(root, small)
        lost = data.draw(st.lists(st.sampled_from(sorted(small.files)), unique=True))
        for path in lost:
            (root / "rendered" / path).unlink()
        spoilt = data.draw(st.lists(st.sampled_from(sorted(small.files)), unique=True, max_size=5))
        for path in set(spoilt) - set(lost):
            (root / "rendered" / path).write_bytes(data.draw(st.binary(max_size=50)))
        output.write(root, small)
        assert not output.compare(root, small)


def test_a_second_render_writes_no_byte(small: Tree, tmp_path: Path) -> None:
    output.write(tmp_path, small)
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "rendered").rglob("*")}
    assert not output.write(tmp_path, small)
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "rendered").rglob("*")} == before


def test_a_removed_tenants_files_go(tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    shutil.copytree(SMALL, root)
    output.write(root, tree_of(root))
    (root / "tenants" / "cedar.yaml").unlink()
    differences = output.write(root, tree_of(root))
    assert differences.removed
    assert all("cedar" in path for path in differences.removed)
    assert not list((root / "rendered").rglob("*cedar*"))
