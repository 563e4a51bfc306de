"""What every test file may use: expected outputs that stand in files, and how to renew them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

# A change must not fail in CI for what another change did: there the property tests try the same cases every time.
# Elsewhere they look for new ones; what they find becomes an @example.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

REPOSITORY = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what came out as the expectation")


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with a file of the case, or renews the file under `--accept`."""

    def compare(file: Path, actual: str) -> None:
        if request.config.getoption("--accept"):
            file.write_text(actual, encoding="utf-8")
        assert file.exists(), f"{file} is missing; run pytest --accept and review what it wrote:\n{actual}"
        assert actual == file.read_text(encoding="utf-8")

    return compare
