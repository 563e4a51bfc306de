"""Input files are opened only when they may hold something else than the last time."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.load import cache, listing
from generator.load.files import InputFile, content, input_files
from generator.revision import blob_id
from tests.fleets import SMALL

MODULE = sys.modules[listing.__module__]
TENANT = "tenants/anvil.yaml"


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet whose files were written long before they are read, and a cache that is used for so few."""
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "kept"))
    monkeypatch.setattr(cache, "FEWEST", 0)
    monkeypatch.setattr(MODULE, "_SETTLED", -(10**12))
    return Path(shutil.copytree(SMALL, tmp_path / "fleet"))


@pytest.fixture
def opened(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The files that are opened by a listing, which has the ids of all of them."""
    paths: list[str] = []

    def watched(file: InputFile) -> object:
        paths.append(file.path)
        return content(file)

    def asked() -> list[str]:
        paths.clear()
        found = listing(fleet)
        assert found.blobs == {file.path: blob_id(Path(file.place).read_bytes()) for file in input_files(fleet)[0]}
        return list(paths)

    monkeypatch.setattr(MODULE, "content", watched)
    return asked


def test_what_is_known_is_not_opened(fleet: Path, opened: Callable[[], list[str]]) -> None:
    assert opened() == [file.path for file in input_files(fleet)[0]]
    assert opened() == []
    (fleet / TENANT).unlink()
    assert opened() == []


def test_a_file_that_may_have_changed_is_opened(fleet: Path, opened: Callable[[], list[str]]) -> None:
    opened()
    file = fleet / TENANT
    about, text = file.stat(), file.read_bytes()
    file.write_bytes(text + b"# more\n")
    assert opened() == [TENANT]
    other = fleet.parent / "other.yaml"
    other.write_bytes(b"#" + text[1:])
    os.utime(other, ns=(about.st_atime_ns, about.st_mtime_ns))
    other.replace(file)
    assert opened() == [TENANT]
    assert opened() == []


def test_what_a_link_leads_to_counts(fleet: Path, opened: Callable[[], list[str]]) -> None:
    (fleet / "linked").mkdir()
    (fleet / TENANT).rename(fleet / "linked" / "anvil.yaml")
    (fleet / TENANT).symlink_to("../linked/anvil.yaml")
    opened()
    assert opened() == []
    with (fleet / "linked" / "anvil.yaml").open("ab") as file:
        file.write(b"# more\n")
    assert opened() == [TENANT]


def test_a_file_as_young_as_its_reading_is_opened_again(
    fleet: Path, opened: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MODULE, "_SETTLED", 10**12)
    everything = opened()
    assert everything
    assert opened() == everything


def test_without_a_cache_every_file_is_opened(opened: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    opened()
    monkeypatch.setenv(cache.VARIABLE, "off")
    everything = opened()
    assert everything
    assert opened() == everything


def test_a_file_that_cannot_be_had_is_not_known(fleet: Path, opened: Callable[[], list[str]]) -> None:
    (fleet / TENANT).unlink()
    os.mkfifo(fleet / TENANT)
    for _ in range(2):
        found = listing(fleet)
        assert TENANT not in found.blobs
        assert TENANT in {file.path for file in found.files}
