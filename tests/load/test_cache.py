"""Parsed files are kept by their content: a run with the cache says and reads what a run without it does."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.installed import schema_folder
from generator.load import cache, load_documents
from generator.source import Location
from tests.fleets import SMALL
from tests.load.test_cases import CASES, completed


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache's folder; every run uses it, however few files it reads."""
    folder = tmp_path / "kept"
    monkeypatch.setenv(cache.VARIABLE, str(folder))
    monkeypatch.setattr(cache, "FEWEST", 0)
    return folder


def off(root: Path) -> object:
    """What a run without the cache reads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.VARIABLE, "off")
        return read(root)


def read(root: Path) -> object:
    documents, diagnostics = load_documents(root)
    places: list[Location] = [each.locate(("spec",), key=True) for each in documents]
    return documents, [repr(each.data) for each in documents], places, diagnostics


def rows(place: Path) -> int:
    with closing(sqlite3.connect(place / "parsed.sqlite")) as connection, connection:
        return int(connection.execute("SELECT count(*) FROM parsed").fetchone()[0])


def test_a_second_run_reads_the_same(place: Path) -> None:
    wanted = off(SMALL)
    assert not place.exists()
    assert read(SMALL) == wanted
    kept = rows(place)
    assert kept
    assert read(SMALL) == wanted
    assert rows(place) == kept


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fault_is_found_with_the_cache_as_without_it(case: Path, tmp_path: Path) -> None:
    root = completed(case, tmp_path)
    wanted = off(root)
    assert [read(root), read(root)] == [wanted, wanted]


@given(
    file=st.sampled_from(
        sorted(file.relative_to(SMALL) for file in SMALL.rglob("*.yaml") if "rendered" not in file.parts)
    ),
    cut=st.floats(0, 1),
    text=st.text(alphabet="ab:- \n#'\"{}[]&*0.1\t\r", max_size=8),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_edited_file_is_read_anew(file: Path, cut: float, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "fleet"
        shutil.copytree(SMALL, root, ignore=shutil.ignore_patterns("rendered"))
        read(root)
        before = (root / file).read_text()
        at = int(cut * len(before))
        (root / file).write_text(before[:at] + text + before[at:])
        wanted = off(root)
        assert [read(root), read(root)] == [wanted, wanted]


@pytest.mark.parametrize("damage", [b"", b"no database at all", None])
def test_a_damaged_file_is_as_none(place: Path, damage: bytes | None) -> None:
    wanted = off(SMALL)
    read(SMALL)
    file = place / "parsed.sqlite"
    whole = file.read_bytes()
    file.write_bytes(damage if damage is not None else whole[:5000] + b"x" * 3000 + whole[8000:])
    assert [read(SMALL), read(SMALL)] == [wanted, wanted]


def test_a_changed_value_is_not_believed(place: Path) -> None:
    wanted = off(SMALL)
    read(SMALL)
    with closing(sqlite3.connect(place / "parsed.sqlite")) as connection, connection:
        connection.execute("UPDATE parsed SET value = substr(value, 1, 16) || CAST('{}' AS BLOB)")
    assert read(SMALL) == wanted


def test_a_folder_that_others_can_write_to_is_not_used(place: Path) -> None:
    place.mkdir()
    place.chmod(0o777)
    assert read(SMALL) == off(SMALL)
    assert not list(place.iterdir())


@pytest.mark.parametrize("umask", [0o002, 0o077])
def test_what_is_kept_is_the_users_alone(place: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        read(SMALL)
    finally:
        os.umask(before)
    assert (place.stat().st_mode & 0o777, (place / "parsed.sqlite").stat().st_mode & 0o777) == (0o700, 0o600)
    kept = rows(place)
    read(SMALL)
    assert rows(place) == kept > 0


def test_two_runs_at_once_do_not_disturb_each_other(place: Path) -> None:
    wanted = off(SMALL)
    read(SMALL)
    with closing(sqlite3.connect(place / "parsed.sqlite")) as other, other:
        other.execute("BEGIN EXCLUSIVE")
        assert read(SMALL) == wanted


def test_the_oldest_go_first(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST", 5)
    read(SMALL)
    assert rows(place) == 5


def test_whatever_reads_a_file_is_in_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed source of the reader or a changed schema makes other keys: nothing has to be remembered."""
    before = cache._reader.__wrapped__()
    schemas = tmp_path / "schemas"
    shutil.copytree(str(schema_folder()), schemas)
    monkeypatch.setattr(cache, "schema_folder", lambda: schemas)
    assert cache._reader.__wrapped__() == before
    file = next(iter(sorted(schemas.glob("*.json"))))
    file.write_text(file.read_text() + "\n")
    assert cache._reader.__wrapped__() != before
    package = tmp_path / "generator"
    shutil.copytree(Path(cache.__file__).parents[1], package, ignore=shutil.ignore_patterns("templates", "__pycache__"))
    monkeypatch.setattr(cache, "schema_folder", lambda: tmp_path / "none")
    os.mkdir(tmp_path / "none")  # noqa: PTH102
    here = cache._reader.__wrapped__()
    monkeypatch.setattr(cache, "__file__", str(package / "load" / "cache.py"))
    assert cache._reader.__wrapped__() == here
    walk = package / "load" / "walk.py"
    walk.write_text(walk.read_text() + "\n")
    assert cache._reader.__wrapped__() != here
