"""Rendered files that somebody edited, merged or replaced: findings, and never a traceback, a stall or a dead process.

All of them stand in one output, which `check` and `diff --committed` each look at in one process of bounded memory:
what one file does must not keep the others from being told of.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import REPOSITORY
from tests.fleets import small_fleet
from tests.repositories import committed

HEADER: Final = b"# Rendered by tenantry from fleet.yaml by tenant/workload/extra.yaml.\n# Do not edit.\n"
OBJECT: Final = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\n  namespace: b\n"
"""NAME stands for the name of the file."""
MEMORY: Final = 2 << 30
SECONDS: Final = 120

FILES: Final = {
    "a-key-given-twice": (HEADER + OBJECT + b"kind: Secret\n", "CHK004"),
    "a-list-at-the-root": (HEADER + b"- a\n- b\n", "CHK006"),
    "fifty-megabytes": (HEADER + OBJECT + b"data:\n" + b"  a: 0123456789\n" * 3_200_000, "CHK001"),
    "fifty-megabytes-on-one-line": (b"a: " + b"x" * 50_000_000, "CHK001"),
    "binary": (bytes(range(256)) * 40, "CHK001"),
    "an-executable": (b"\x7fELF\x02\x01\x01" + bytes(5000), "CHK002"),
    "a-nul-byte": (HEADER + OBJECT + b"data: {a: 'b\x00c'}\n", "CHK002"),
    "invalid-utf-8": (HEADER + OBJECT + b"data: {a: caf\xe9}\n", "CHK001"),
    "utf-16": ((HEADER + OBJECT).decode().encode("utf-16"), "CHK001"),
    "a-hundred-thousand-dashes": (HEADER + b"- " * 100_000, "CHK003"),
    "a-hundred-thousand-brackets": (HEADER + b"[" * 100_000, "CHK003"),
    "a-hundred-thousand-braces": (HEADER + b"{a: " * 100_000, "CHK003"),
    "a-hundred-thousand-lines-each-deeper": (
        HEADER + b"".join(b" " * depth + b"a:\n" for depth in range(2_000)),
        "CHK003",
    ),
    "a-chain-of-aliases": (
        HEADER + OBJECT + b"data:\n  a0: &a0 [x, x]\n"
        + b"".join(b"  a%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 60)),
        "CHK005",
    ),
    "an-alias-of-itself": (HEADER + OBJECT + b"data: &a {b: *a}\n", "CHK005"),
    "a-hundred-thousand-documents": (HEADER + b"---\n{}\n" * 100_000, "CHK006"),
    "nothing": (b"", "CHK007"),
    "a-conflict-marker": (HEADER + b"<<<<<<< HEAD\n" + OBJECT + b"=======\n>>>>>>> main\n", "CHK002"),
    "a-number-of-five-thousand-digits": (HEADER + OBJECT + b"data: {a: " + b"9" * 5000 + b"}\n", "CHK065"),
}  # fmt: skip


def make_a_pipe(place: Path) -> None:
    os.mkfifo(place)


def make_a_link_out_of_the_fleet(place: Path) -> None:
    place.symlink_to("/etc/hostname")


def make_a_link_to_nothing(place: Path) -> None:
    place.symlink_to("gone.yaml")


def make_a_link_to_itself(place: Path) -> None:
    place.symlink_to(place.name)


def make_a_link_to_the_folder_above(place: Path) -> None:
    place.symlink_to("..")


def make_a_file_that_nobody_may_read(place: Path) -> None:
    place.write_bytes(HEADER + OBJECT)
    place.chmod(0)


ODD: Final[dict[str, tuple[Callable[[Path], None], str]]] = {
    make.__name__.removeprefix("make_").replace("_", "-"): (make, code)
    for make, code in (
        (make_a_pipe, "WRT001"),
        (make_a_link_out_of_the_fleet, "WRT001"),
        (make_a_link_to_nothing, "WRT001"),
        (make_a_link_to_itself, "WRT001"),
        (make_a_link_to_the_folder_above, "WRT001"),
        (make_a_file_that_nobody_may_read, "WRT002"),
    )
}


@dataclass(frozen=True)
class Told:
    """What was found, as (code, file's name), and the names of the objects that differ, added ones among them."""

    findings: frozenset[tuple[str, str]]
    objects: frozenset[str]


def told(report: Any) -> Told:
    findings = ((each["code"], Path(each["location"]["path"]).name) for each in report["findings"])
    objects = (change["after"]["name"] for change in report.get("changes", ()) if change["after"])
    return Told(frozenset(findings), frozenset(objects))


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small fleet with its output, as one commit. A test leaves it as it was."""
    root = small_fleet(tmp_path_factory.mktemp("hostile"))
    assert call(root, "render").returncode == 0
    committed(root)
    return root


@pytest.fixture(scope="module")
def hostile(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fleet with every odd thing in one tenant's folder, each by its own name."""
    root = tmp_path_factory.mktemp("all") / "fleet"
    shutil.copytree(rendered, root)
    folder = next(root.glob("rendered/*/tenants/*"))
    for name, (content, _) in FILES.items():
        for encoding in ("utf-8", "utf-16-le"):
            content = content.replace("NAME".encode(encoding), name.encode(encoding))
        (folder / f"{name}.yaml").write_bytes(content)
    for name, (make, _) in ODD.items():
        if make is not make_a_file_that_nobody_may_read or os.geteuid() != 0:
            make(folder / f"{name}.yaml")
    (folder / "a-folder.yaml").mkdir()
    (folder / "a-folder.yaml" / "inner.yaml").write_bytes(HEADER + b"- a\n")
    return root


@pytest.fixture(scope="module")
def checked(hostile: Path) -> Told:
    """What `check` tells of them all."""
    return told(report(hostile, 1, "check", "--no-kubeconform"))


@pytest.fixture(scope="module")
def compared(hostile: Path) -> Told:
    """What `diff --committed` tells of them all."""
    return told(report(hostile, 1, "diff", "HEAD", "--committed"))


def call(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    return subprocess.run(
        [sys.executable, "-m", "generator", "-C", str(root), *words],
        capture_output=True,
        check=False,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        preexec_fn=bound,
    )


def report(root: Path, code: int, *words: str) -> Any:
    """The report of a run, which must have ended as one that found something."""
    done = call(root, *words, "--format", "json")
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "bug in tenantry" not in done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_holds_ends_in_a_finding(name: str, checked: Told, compared: Told) -> None:
    content, code = FILES[name]
    assert (code, f"{name}.yaml") in checked.findings
    assert ("GRD011", f"{name}.yaml") in compared.findings or name in compared.objects or not content


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_file_ends_in_a_finding(name: str, checked: Told, compared: Told) -> None:
    make, code = ODD[name]
    if make is make_a_file_that_nobody_may_read and os.geteuid() == 0:
        pytest.skip("root may read every file")
    assert (code, f"{name}.yaml") in checked.findings
    assert (code, f"{name}.yaml") in compared.findings


def test_a_folder_whose_name_is_that_of_a_file_is_gone_through(checked: Told) -> None:
    assert ("CHK006", "inner.yaml") in checked.findings


@pytest.mark.parametrize("format_", ["text", "json", "sarif", "github", "junit", "markdown"])
def test_a_file_name_that_is_no_text_is_shown_in_every_format(format_: str, rendered: Path) -> None:
    folder = next(rendered.glob("rendered/*/tenants/*"))
    file = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9|<b>\n.yaml"))
    file.write_bytes(b"- a\n")
    try:
        done = call(rendered, "check", "--no-kubeconform", "--format", format_)
        assert (done.returncode, "Traceback" in done.stderr, "bug in" in done.stderr) == (1, False, False)
        assert "caf" in done.stdout
    finally:
        file.unlink()
