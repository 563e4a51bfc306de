"""States that are edited by hand are held against the steps of a tenant's life, and their day against the base's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.compare.conftest import diff
from tests.repositories import committed

ANVIL, CEDAR = "tenants/anvil.yaml", "tenants/cedar.yaml"
"""A tenant under a framework that keeps backups for a while, and one under none."""


@pytest.fixture(autouse=True)
def keeps_backups(fleet: Path) -> None:
    """The framework of the small fleet asks for no backups; here it does."""
    file = fleet / "policies/compliance/soc2.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("{audit: 2555}") == 1
    file.write_text(text.replace("{audit: 2555}", "{audit: 2555, backups: 30}"), encoding="utf-8")


def state(fleet: Path, file: str, value: str, since: str = "") -> None:
    """Puts a tenant into a state, since a day or nobody knows when."""
    lines = (fleet / file).read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("  since: ")]
    at = next(number for number, line in enumerate(kept) if line.startswith("  state: "))
    kept[at : at + 1] = [f"  state: {value}", *([f'  since: "{since}"'] if since else [])]
    (fleet / file).write_text("\n".join(kept) + "\n", encoding="utf-8")


def codes(*words: str) -> set[str]:
    found = json.loads(diff("HEAD", "--format", "json", *words).stdout)["findings"]
    return {each["code"] for each in found} & {"GRD014", "GRD015"}


def going(fleet: Path, file: str, before: tuple[str, str], after: tuple[str, str], day: str) -> set[str]:
    state(fleet, file, *before)
    committed(fleet)
    state(fleet, file, *after)
    return codes("--date", day)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("active", "suspended", set()),
        ("suspended", "active", set()),
        ("suspended", "offboarding", set()),
        ("active", "offboarding", {"GRD014"}),
        ("active", "offboarded", {"GRD014"}),
        ("suspended", "offboarded", {"GRD014"}),
        ("offboarding", "active", {"GRD014"}),
        ("offboarding", "suspended", {"GRD014"}),
        ("offboarded", "active", {"GRD014"}),
    ],
)
def test_a_state_follows_the_one_before(before: str, after: str, found: set[str], fleet: Path) -> None:
    assert going(fleet, ANVIL, (before, "2026-01-01"), (after, "2026-06-01"), "2026-06-01") == found


@pytest.mark.parametrize(
    ("file", "since", "found"),
    [
        (ANVIL, "2026-06-01", {"GRD015"}),
        (ANVIL, "2026-01-01", set()),
        (ANVIL, "", {"GRD015"}),
        (CEDAR, "2026-06-01", {"GRD015"}),
        (CEDAR, "2026-05-31", set()),
    ],
)
def test_nobody_is_offboarded_before_the_time(file: str, since: str, found: set[str], fleet: Path) -> None:
    assert going(fleet, file, ("offboarding", since), ("offboarded", "2026-06-01"), "2026-06-01") == found


def test_a_change_cannot_date_itself_back(fleet: Path) -> None:
    assert going(fleet, ANVIL, ("offboarding", "2026-06-01"), ("offboarded", "2025-01-01"), "2026-06-02") == {"GRD015"}


def test_nor_leave_the_framework_behind(fleet: Path) -> None:
    state(fleet, ANVIL, "offboarding", "2026-06-01")
    committed(fleet)
    state(fleet, ANVIL, "offboarded", "2026-06-03")
    text = (fleet / ANVIL).read_text(encoding="utf-8")
    (fleet / ANVIL).write_text(text.replace("compliance: [soc2]", "compliance: []"), encoding="utf-8")
    assert codes("--date", "2026-06-03") == {"GRD015"}


def test_an_approval_names_the_tenant(fleet: Path) -> None:
    state(fleet, ANVIL, "active")
    committed(fleet)
    state(fleet, ANVIL, "offboarding", "2026-06-01")
    (fleet / "approvals").mkdir(exist_ok=True)
    (fleet / "approvals/fraud.yaml").write_text(
        "apiVersion: tenantry.dev/v1\nkind: Approval\nmetadata:\n  name: fraud\nspec:\n  code: GRD014\n"
        "  for: {tenant: anvil}\n  approvedBy: platform-team\n  until: '2026-12-31'\n"
        "  reason: A court wants it closed today.\n",
        encoding="utf-8",
    )
    assert codes("--date", "2026-06-01") == set()
