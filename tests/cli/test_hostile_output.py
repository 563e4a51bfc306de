"""Rendered files that somebody edited, merged or replaced: findings, and never a traceback, a stall or a dead process.

Each runs in a process of its own with bounded memory, once by `check` and once by `diff --committed`.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import REPOSITORY
from tests.fleets import small_fleet

HEADER: Final = b"# Rendered by tenantry from fleet.yaml by tenant/workload/extra.yaml.\n# Do not edit.\n"
OBJECT: Final = b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: b\n"
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
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    place.write_bytes(HEADER + OBJECT)
    place.chmod(0)


ODD: Final = {
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


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small fleet with its output, as one commit. A test leaves it as it was."""
    root = small_fleet(tmp_path_factory.mktemp("hostile"))
    assert call(root, "render").returncode == 0
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "as it is"]):
        subprocess.run(["git", *identity, *words], cwd=root, check=True)
    return root


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


def findings(root: Path, *words: str) -> set[tuple[str, str]]:
    """Code and path of each finding; the run must have ended as one that found something."""
    done = call(root, *words, "--format", "json")
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "bug in tenantry" not in done.stderr
    return {(each["code"], each["location"]["path"]) for each in json.loads(done.stdout)["findings"]}


@pytest.mark.parametrize("name", FILES)
def test_what_a_file_holds_ends_in_a_finding(name: str, rendered: Path) -> None:
    content, code = FILES[name]
    file = next(rendered.glob("rendered/*/tenants/*")) / "extra.yaml"
    file.write_bytes(content)
    try:
        shown = file.relative_to(rendered).as_posix()
        assert (code, shown) in findings(rendered, "check", "--no-kubeconform")
        compared = call(rendered, "diff", "HEAD", "--committed", "--format", "json")
        assert compared.returncode in (0, 1), compared.stderr
        report = json.loads(compared.stdout)
        assert (
            ("GRD011", shown) in {(each["code"], each["location"]["path"]) for each in report["findings"]}
            or any(change["after"]["name"] == "a" for change in report["changes"])
            or not content
        )
    finally:
        file.unlink()


@pytest.mark.parametrize("name", ODD)
def test_what_is_no_file_ends_in_a_finding(name: str, rendered: Path) -> None:
    make: Callable[[Path], None]
    make, code = ODD[name]
    place = next(rendered.glob("rendered/*/tenants/*")) / "extra.yaml"
    try:
        make(place)
        shown = place.relative_to(rendered).as_posix()
        assert (code, shown) in findings(rendered, "check", "--no-kubeconform")
        assert (code, shown) in findings(rendered, "diff", "HEAD", "--committed")
    finally:
        place.unlink(missing_ok=True)


def test_a_folder_whose_name_is_that_of_a_file_is_gone_through(rendered: Path) -> None:
    folder = next(rendered.glob("rendered/*/tenants/*")) / "extra.yaml"
    folder.mkdir()
    try:
        (folder / "inner.yaml").write_bytes(HEADER + b"- a\n")
        shown = (folder / "inner.yaml").relative_to(rendered).as_posix()
        assert ("CHK006", shown) in findings(rendered, "check", "--no-kubeconform")
    finally:
        (folder / "inner.yaml").unlink()
        folder.rmdir()


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
