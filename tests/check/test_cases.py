"""Every fault of rendered output, and what is said of it.

`clean/` is the output of a small cluster in which nothing is wrong. A case lays one or more files over it, and
`expected.txt` is all that is then found.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.check import CheckResult, check
from generator.model.tree import Tree
from generator.report.text import text

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").iterdir())


def files(folder: Path) -> dict[str, bytes]:
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*.yaml"))}


def checked(folder: Path | None) -> CheckResult:
    overlay = files(folder / "rendered") if folder is not None else {}
    versions = folder / "kubernetes.json" if folder is not None else HERE / "nothing"
    kubernetes = json.loads(versions.read_text(encoding="utf-8")) if versions.exists() else {"cell": "1.34"}
    return check(Tree(dict(sorted({**files(HERE / "clean"), **overlay}.items()))), kubernetes)


def test_a_clean_tree_gives_nothing() -> None:
    result = checked(None)
    assert (text(result.diagnostics), result.unchecked) == ("", 0)
    assert result.objects == result.checked


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path, expect: Callable[[Path, str], None]) -> None:
    result = checked(folder)
    assert result.objects == result.checked + result.unchecked
    expect(folder / "expected.txt", text(result.diagnostics))


def test_every_diagnostic_of_every_case_has_a_remedy_and_a_place_below_rendered() -> None:
    for folder in CASES:
        for diagnostic in checked(folder).diagnostics:
            assert diagnostic.hint, diagnostic
            assert diagnostic.location.path.startswith("rendered/"), diagnostic


def test_every_code_of_the_checks_is_given_by_a_case() -> None:
    import importlib
    import pkgutil

    import generator.check
    from generator.diagnostics import Code

    codes = {
        value.id
        for module in pkgutil.iter_modules(generator.check.__path__)
        for value in vars(importlib.import_module(f"generator.check.{module.name}")).values()
        if isinstance(value, Code)
    }
    given = {diagnostic.code.id for folder in CASES for diagnostic in checked(folder).diagnostics}
    # Files of 3 MB are made by test_promises.py; kubeconform has test_kubeconform.py, the baseline test_baseline.py; a
    # fleet's own schemas have tests/schemas, evidence has tests/evidence, cells without output test_scope.py.
    elsewhere = {
        "CHK067",
        "CHK071",
        "CHK085",
        "CHK130",
        "CHK131",
        "CHK140",
        "CHK141",
        "CHK142",
        "CHK143",
        "CHK144",
        "CHK150",
    }
    assert codes - given == elsewhere | {"BSL001", "BSL002"}
