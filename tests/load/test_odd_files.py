"""Files that git would change, refuse or not carry to every machine: made here, their reports in reports/."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.load import load_documents
from generator.load.characters import LIMIT
from generator.load.reader import read
from generator.report.text import text

HERE = Path(__file__).parent
TENANT = (HERE / "cases" / "a-date-is-a-string" / "tenants" / "acme.yaml").read_bytes()

FILES = {
    "bytes-that-are-no-utf-8": TENANT.replace(b"Acme Corp", "Åcmé ".encode() + b"\xe9 Corp"),
    "utf-16": "\ufeffkind: Tenant\n".encode("utf-16"),
    "utf-8-cut-off-at-the-end-of-the-file": b"title: caf\xc3",
    "a-surrogate-in-utf-8": b"title: \xed\xa0\x80\n",
    "a-nul-byte": TENANT.replace(b"Acme", b"Ac\0me"),
    "an-escape-character": TENANT.replace(b"Acme", b"Ac\x1b[2Jme"),
    "a-next-line-character": TENANT.replace(b"Acme Corp", "Acme\u0085Corp".encode()),
    "a-line-separator": TENANT.replace(b"Acme Corp", "Acme\u2028Corp".encode()),
    "a-byte-order-mark-inside": TENANT.replace(b"Acme", "\ufeffAcme".encode()),
    "a-file-of-257-kib": TENANT + b"# " + b"x" * (LIMIT + 1024),
    "a-hundred-thousand-dashes": b"- " * 100_000,
    "a-hundred-thousand-open-brackets": b"[" * 100_000,
    "a-hundred-thousand-open-braces": b"{a: " * 50_000,
    "a-hundred-thousand-question-marks": b"? " * 100_000,
    "a-number-of-five-thousand-digits": TENANT.replace(b"2026-01-31", b"9" * 5000),
    "faults-behind-a-byte-order-mark-and-windows-line-ends": b"\xef\xbb\xbf"
    + TENANT.replace(b"apiVersion: tenantry.dev/v1", b"apiVersion: tenantry.dev/v2")
    .replace(b"active", b"actve")
    .replace(b"\n", b"\r\n"),
}


def fleet(folder: Path) -> Path:
    (folder / "tenants").mkdir(parents=True)
    shutil.copy(HERE.parent.parent / "fleet.yaml", folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_report_on_each_odd_file(name: str, tmp_path: Path, expect: Callable[[Path, str], None]) -> None:
    root = fleet(tmp_path)
    (root / "tenants" / "acme.yaml").write_bytes(FILES[name])
    documents, diagnostics = load_documents(root)
    expect(HERE / "reports" / f"{name}.txt", text(diagnostics))
    assert [(document.name, document.valid) for document in documents] == [("example", True), ("acme", False)]


@pytest.mark.parametrize("change", [lambda raw: b"\xef\xbb\xbf" + raw, lambda raw: raw.replace(b"\n", b"\r\n")])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(change: Callable[[bytes], bytes]) -> None:
    plain, changed = read("acme.yaml", TENANT), read("acme.yaml", change(TENANT))
    assert changed.data == plain.data
    assert changed.diagnostics == plain.diagnostics == ()
    for pointer in (("apiVersion",), ("metadata", "name"), ("spec", "placements", 0, "role")):
        assert changed.positions(pointer) == plain.positions(pointer)


def make_links_that_leave(root: Path) -> None:
    outside = root.parent / "outside"
    outside.mkdir()
    (outside / "acme.yaml").write_bytes(TENANT)
    (root / "tenants" / "acme.yaml").symlink_to(outside / "acme.yaml")
    (root / "tenants" / "more").symlink_to(outside)
    (root / "regions").symlink_to(outside)


def make_links_that_stay(root: Path) -> None:
    (root / "shared").mkdir()
    (root / "shared" / "acme.yaml").write_bytes(TENANT)
    (root / "shared" / "bolt.yaml").write_bytes(
        TENANT.replace(b": acme\n", b": bolt\n").replace(b"soc.acme", b"soc.bolt")
    )
    (root / "tenants" / "acme.yaml").symlink_to("../shared/acme.yaml")
    (root / "tenants" / "more").mkdir()
    (root / "tenants" / "more" / "bolt.yaml").symlink_to(root / "shared" / "bolt.yaml")


def make_a_link_to_nothing(root: Path) -> None:
    (root / "tenants" / "acme.yaml").symlink_to("../gone.yaml")


def make_links_in_a_circle(root: Path) -> None:
    (root / "tenants" / "a").mkdir()
    (root / "tenants" / "a" / "acme.yaml").write_bytes(TENANT)
    (root / "tenants" / "a" / "up").symlink_to("..")
    (root / "tenants" / "b").mkdir()
    (root / "tenants" / "b" / "a").symlink_to("../a")
    (root / "tenants" / "self.yaml").symlink_to("self.yaml")


def make_a_named_pipe(root: Path) -> None:
    os.mkfifo(root / "tenants" / "acme.yaml")


def make_a_file_where_a_folder_belongs(root: Path) -> None:
    (root / "regions").write_text("x\n")


def make_names_that_are_not_permitted(root: Path) -> None:
    (root / "tenants" / "two\nlines.yaml").write_bytes(TENANT)
    (root / "tenants" / "café").mkdir()
    (root / "tenants" / "\u202etxt.yaml").write_bytes(TENANT)
    (root / "tenants" / os.fsdecode(b"caf\xe9.yaml")).write_bytes(TENANT)


def make_no_fleet_file(root: Path) -> None:
    (root / "fleet.yaml").unlink()


def make_a_fleet_file_that_ends_in_yml(root: Path) -> None:
    (root / "fleet.yaml").rename(root / "fleet.yml")


FOLDERS = {
    make.__name__.removeprefix("make_").replace("_", "-"): make
    for make in (
        make_links_that_leave,
        make_links_that_stay,
        make_a_link_to_nothing,
        make_links_in_a_circle,
        make_a_named_pipe,
        make_a_file_where_a_folder_belongs,
        make_names_that_are_not_permitted,
        make_no_fleet_file,
        make_a_fleet_file_that_ends_in_yml,
    )
}


@pytest.mark.parametrize("name", FOLDERS)
def test_the_report_on_each_odd_folder(name: str, tmp_path: Path, expect: Callable[[Path, str], None]) -> None:
    root = fleet(tmp_path / "fleet")
    FOLDERS[name](root)
    documents, diagnostics = load_documents(root)
    listed = "".join(f"{document.path} {document.name} {document.valid}\n" for document in documents)
    expect(HERE / "reports" / f"{name}.txt", f"{text(diagnostics)}\n{listed}")


def test_a_file_that_the_system_refuses_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fleet(tmp_path)
    (root / "tenants" / "acme.yaml").write_bytes(TENANT)

    def refuse(place: str) -> os.stat_result:
        raise PermissionError(13, "Permission denied", place)

    monkeypatch.setattr(os, "stat", refuse)
    documents, diagnostics = load_documents(root)
    assert [diagnostic.code.id for diagnostic in diagnostics] == ["INP005", "INP005"]
    assert diagnostics[1].message == "it cannot be read: permission denied"
    assert not any(document.valid for document in documents)


def test_a_folder_that_does_not_exist_is_no_fleet(tmp_path: Path) -> None:
    documents, diagnostics = load_documents(tmp_path / "nowhere")
    assert documents == ()
    assert [diagnostic.code.id for diagnostic in diagnostics] == ["INP001"]


def test_the_order_of_the_file_system_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = fleet(tmp_path)
    for name in ("acme", "bolt", "core"):
        (root / "tenants" / name).mkdir()
        (root / "tenants" / name / "acme.yaml").write_bytes(TENANT)
    forwards = load_documents(root)
    scandir = os.scandir

    class Backwards:
        def __init__(self, place: str) -> None:
            with scandir(place) as entries:
                self.entries = sorted(entries, key=lambda entry: entry.name, reverse=True)

        def __enter__(self) -> list[os.DirEntry[str]]:
            return self.entries

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(os, "scandir", Backwards)
    assert load_documents(root) == forwards
    assert [diagnostic.code.id for diagnostic in forwards[1]] == ["INP032", "INP033"] * 2
