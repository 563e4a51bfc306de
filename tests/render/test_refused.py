"""What is refused when templates are loaded: each case is a templates folder and exactly what is reported."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from generator.diagnostics import has_errors
from generator.render import load_templates
from generator.report.text import text

CASES = sorted((Path(__file__).parent / "refused").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_reported(case: Path, expect: Callable[[Path, str], None]) -> None:
    templates, diagnostics = load_templates([case / "templates"])
    assert templates is None
    assert has_errors(diagnostics)
    expect(case / "expected.txt", text(diagnostics))
