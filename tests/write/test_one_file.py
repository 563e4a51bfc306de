"""One file is put in its place whole, or what was there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.write import put


def test_a_new_file_can_be_read_by_all_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    put(file, b"new")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"new", 0o644)
    file.chmod(0o600)
    put(file, b"newer")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (b"newer", 0o600)
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_and_what_it_leads_to_changes(tmp_path: Path) -> None:
    file, link = tmp_path / "a.yaml", tmp_path / "link.yaml"
    put(file, b"old")
    link.symlink_to("a.yaml")
    put(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to("gone.yaml")
    with pytest.raises(FileNotFoundError):
        put(link, b"new")
    assert list(tmp_path.iterdir()) == [link]


def test_what_was_there_stays_when_the_new_content_cannot_be_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.yaml"
    put(file, b"old")

    def full(_: Path, __: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        put(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
