"""What every test file may use: expected outputs that stand in files, and how to renew them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.fleets.example import Example

# A change must not fail in CI for what another change did: there the property tests try the same cases every time.
# Elsewhere they look for new ones; what they find becomes an @example. None has a deadline: a busy machine is no fault,
# and speed is measured in benchmarks/.
settings.register_profile("usual", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("ci" if os.environ.get("CI") else "usual")

REPOSITORY = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what came out as the expectation")
    parser.addoption("--thorough", action="store_true", help="try ten times as many examples, and all that is alike")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: is like another test, and runs with --thorough only")
    if config.getoption("--thorough"):
        settings.load_profile("thorough")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--thorough"):
        left_out = [item for item in items if item.get_closest_marker("thorough")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def examples(number: int) -> int:
    """How many examples a property test tries that takes long for each: so many, or ten times that with --thorough."""
    return number * settings().max_examples // 100


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compares a text with a file of the case, or renews the file under `--accept`."""

    def compare(file: Path, actual: str) -> None:
        if request.config.getoption("--accept"):
            file.write_text(actual, encoding="utf-8")
        assert file.exists(), f"{file} is missing; run pytest --accept and review what it wrote:\n{actual}"
        assert actual == file.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def example() -> Example:
    """The example fleet as rendered and parsed. Tests only read it."""
    from tests.fleets.example import rendered_example

    return rendered_example()
