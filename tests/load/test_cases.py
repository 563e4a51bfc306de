"""Each folder of cases/ holds input files and, in expected.txt, the report on them; fleet.yaml is the example's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.load import load_documents
from generator.report.text import text

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").iterdir())


def completed(case: Path, folder: Path) -> Path:
    """A fleet in `folder` made of the files of a case and what it needs besides."""
    shutil.copy(HERE.parent.parent / "fleet.yaml", folder)
    shutil.copytree(case, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expected.txt"))
    return folder


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_report_on_each_case(case: Path, tmp_path: Path, expect: Callable[[Path, str], None]) -> None:
    documents, diagnostics = load_documents(completed(case, tmp_path))
    expect(case / "expected.txt", text(diagnostics))
    faulty = {diagnostic.location.path for diagnostic in diagnostics}
    assert {document.path for document in documents if not document.valid} <= faulty
