"""`tenantry doctor`: whether everything that the other commands need is here, and what to do where it is not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import click
from msgspec import Struct

from generator.cli.group import FINDINGS, FINE
from generator.cli.session import Session, put

PYTHON: Final = (3, 11)
GIT: Final = (2, 31)
"""What publishing relies on."""
DEPENDENCIES: Final = {
    "cel-expr-python": "cel_expr_python.cel",
    "click": "click",
    "Jinja2": "jinja2",
    "jsonschema-rs": "jsonschema_rs",
    "kubernetes-validate": "kubernetes_validate",
    "msgspec": "msgspec",
    "PyYAML": "yaml",
    "rich": "rich",
    "ruamel.yaml": "ruamel.yaml",
}
"""Each distribution that tenantry requires, and the module it is imported by."""


class Line(Struct, frozen=True):
    """One thing looked at. `missing` is something that is not here but need not be; a `problem` stops some command."""

    status: Literal["ok", "missing", "problem"]
    subject: str
    said: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.status:7}  {self.subject:19}  {self.said}" + (f"; {self.remedy}" if self.remedy else "")


@click.command("doctor")
@click.pass_obj
def command(session: Session) -> int:
    """Look whether all that is needed is here.

    Looks at Python, git, the libraries, kubeconform and the fleet. A line for each, with a remedy where
    one is needed. Exits with 1 when there is a problem; what is missing need not be there.
    """
    lines = [_python(), _git(), *_dependencies(), _kubeconform(), *_fleet(session)]
    put("".join(f"{line}\n" for line in lines))
    return FINDINGS if any(line.status == "problem" for line in lines) else FINE


def _python() -> Line:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < PYTHON:
        return Line("problem", "Python", version, "install Python 3.11 or newer")
    return Line("ok", "Python", version)


def _git() -> Line:
    import re

    said = _output("git", "--version")
    found = re.search(r"(\d+)\.(\d+)(\.\d+)*", said or "")
    if said is None or found is None:
        return Line("problem", "git", "not found", "install git 2.31 or newer; publishing needs it")
    if (int(found[1]), int(found[2])) < GIT:
        return Line("problem", "git", found[0], "too old to publish with: install git 2.31 or newer")
    return Line("ok", "git", found[0])


def _dependencies() -> Iterator[Line]:
    """Imported, not only looked up: a broken binary wheel has a version as well."""
    import importlib
    from importlib import metadata

    for distribution, module in DEPENDENCIES.items():
        try:
            importlib.import_module(module)
            yield Line("ok", distribution, metadata.version(distribution))
        except (ImportError, metadata.PackageNotFoundError) as failure:
            yield Line("problem", distribution, str(failure), f"pip install {distribution}")


def _kubeconform() -> Line:
    import shutil

    purpose = "tenantry check runs it as well, with the schemas of kubernetes-validate"
    if shutil.which("kubeconform") is None:
        return Line("missing", "kubeconform", "not installed", f"optional: {purpose}")
    return Line("ok", "kubeconform", f"{_output('kubeconform', '-v') or 'installed'}; {purpose}")


def _fleet(session: Session) -> Iterator[Line]:
    from generator.pipeline.inputs import find_root

    start = (session.start or Path()).resolve()
    root = find_root(start)
    if root is None:
        status: Literal["missing", "problem"] = "problem" if session.start else "missing"
        yield Line(status, "fleet", f"no fleet.yaml in {start} or above", "go to a fleet's folder, or name it with -C")
        return
    yield Line("ok", "fleet", str(root))
    yield _lock(root)
    yield _rendered(root)


def _lock(root: Path) -> Line:
    """Takes the lock and gives it back: that shows whether the file system has locks, and whether another run works."""
    from generator.write import Busy, exclusive

    try:
        with exclusive(root):
            return Line("ok", "lock", "free")
    except Busy as busy:
        return Line("missing", "lock", str(busy))
    except OSError as failure:
        return Line("problem", "lock", str(failure))


def _rendered(root: Path) -> Line:
    """Whether rendered/ is there and in git as it stands: Argo CD and reviewers see nothing else."""
    if not (root / "rendered").is_dir():
        return Line("missing", "rendered/", "not there yet", "run tenantry render")
    changes = _output("git", "-C", str(root), "status", "--porcelain", "--untracked-files=all", "--", "rendered")
    if changes is None:
        return Line("missing", "rendered/", "not in a git repository", "git init, then commit it with the inputs")
    ignored = _output("git", "-C", str(root), "check-ignore", "rendered")
    if ignored:
        return Line("problem", "rendered/", "ignored by git, so never committed", "take it out of .gitignore")
    if changes:
        number = len(changes.splitlines())
        said = "1 file differs from the last commit" if number == 1 else f"{number} files differ from the last commit"
        return Line("missing", "rendered/", said, "commit rendered/ together with the inputs")
    return Line("ok", "rendered/", "committed")


def _output(*command: str) -> str | None:
    """What a program prints, or None where it is missing or fails."""
    import subprocess

    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=60, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace").strip()
