"""`tenantry tenant list` and `tenant show`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_validate import misspell_tier

EXPECTED = Path(__file__).parent / "expected"


def names(output: str) -> list[str]:
    return [line.split()[0] for line in output.splitlines()[1:]]


def test_the_list_is_a_table_of_every_tenant(fleet: Path, run: Run, expect: Callable[[Path, str], None]) -> None:
    result = run("tenant", "list")
    files = list((fleet / "tenants").rglob("*.yaml"))
    assert result.exit_code == 0
    assert names(result.stdout) == sorted(file.stem for file in files)
    assert result.stderr == f"{len(files)} tenants\n"
    expect(EXPECTED / "tenant-list.txt", result.stdout)


@pytest.mark.parametrize(
    ("words", "column"),
    [(("--platform", "oams"), 1), (("--tier", "starter"), 2), (("--state", "suspended"), 3)],
    ids=["platform", "tier", "state"],
)
def test_the_list_keeps_to_what_is_asked_for(words: tuple[str, str], column: int, fleet: Path, run: Run) -> None:
    everyone = run("tenant", "list").stdout.splitlines()[1:]
    chosen = [line.split()[0] for line in everyone if line.split()[column] == words[1]]
    assert 0 < len(chosen) < len(everyone)
    assert names(run("tenant", "list", *words).stdout) == chosen


def test_the_list_of_a_cluster_has_its_standbys_too(fleet: Path, run: Run) -> None:
    listed = run("tenant", "list", "--cluster", "aws-us-east-1-prod-1", "--format", "json")
    roles = {
        tenant["name"]: at["role"]
        for tenant in json.loads(listed.stdout)["tenants"]
        for at in tenant["clusters"]
        if at["name"] == "aws-us-east-1-prod-1"
    }
    assert roles["acme"] == "primary"
    assert "standby" in roles.values()


def test_a_list_of_nobody_is_its_header(fleet: Path, run: Run) -> None:
    result = run("tenant", "list", "--platform", "oams", "--cluster", "gcp-asia-east1-prod-1")
    assert (result.exit_code, names(result.stdout), result.stderr) == (0, [], "0 tenants\n")


def test_the_list_in_json_has_the_columns_and_the_file(fleet: Path, run: Run) -> None:
    report = json.loads(run("tenant", "list", "--format", "json").stdout)
    assert report["version"] == 1
    assert report["tenants"][0] == {
        "name": "acme",
        "platform": "a2z-soc",
        "tier": "enterprise",
        "state": "active",
        "ring": "stable",
        "residency": "US",
        "clusters": [{"name": "aws-us-east-1-prod-1", "role": "primary"}],
        "path": "tenants/a2z-soc/acme.yaml",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--tier", "enterprize"), "Error: no tier 'enterprize': did you mean 'enterprise'?\n"),
        (("list", "--platform", "xyz"), "Error: no platform 'xyz': there is a2z-soc, oams\n"),
        (
            ("list", "--cluster", "aws-eu-west-1-prod"),
            "Error: no cluster 'aws-eu-west-1-prod': did you mean 'aws-eu-west-1-prod-1'?\n",
        ),
        (("show", "acmee"), "Error: no tenant 'acmee': did you mean 'acme'?\n"),
    ],
    ids=["tier", "platform", "cluster", "tenant"],
)
def test_a_name_that_the_fleet_does_not_have_is_wrong_use(
    words: tuple[str, ...], said: str, fleet: Path, run: Run
) -> None:
    result = run("tenant", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(said)


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_tenant_is_shown_as_resolved(
    format_: str, fleet: Path, run: Run, expect: Callable[[Path, str], None]
) -> None:
    result = run("tenant", "show", "acme", "--format", format_)
    assert (result.exit_code, result.stderr) == (0, "")
    expect(EXPECTED / f"tenant-show-acme.{format_}", result.stdout)


def test_a_tenant_on_two_clusters_shows_both(fleet: Path, run: Run) -> None:
    shown = run("tenant", "show", "brightfiles").stdout
    assert "\naws-us-west-2-prod-1 (primary, serving)\n" in shown
    assert "\naws-us-east-1-prod-1 (standby, not serving)\n" in shown


def test_a_tenant_that_has_left_has_no_placement(fleet: Path, run: Run) -> None:
    shown = json.loads(run("tenant", "show", "harbourline", "--format", "json").stdout)
    assert (shown["state"], shown["placements"]) == ("offboarded", [])


def test_a_note_of_several_lines_stays_in_its_column(fleet: Path, run: Run) -> None:
    file = fleet / "tenants/a2z-soc/acme.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    note = next(number for number, line in enumerate(lines) if line.startswith("  note:"))
    lines[note] = '  note: "first\\nsecond"'
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert "note        first\n            second\n" in run("tenant", "show", "acme").stdout


@pytest.mark.parametrize("words", [("list",), ("show", "brightfiles")], ids=" ".join)
def test_in_a_fleet_with_mistakes_the_exit_code_says_so(words: tuple[str, ...], fleet: Path, run: Run) -> None:
    misspell_tier(fleet)
    result = run("tenant", *words)
    assert result.exit_code == 1
    assert "tenant: the fleet has mistakes, see tenantry validate: 1 error, 0 warnings\n" in result.stderr
