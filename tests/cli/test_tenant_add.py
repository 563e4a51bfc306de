"""`tenantry tenant add`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.cli.conftest import Run

GIVEN: Final = {
    "--platform": "a2z-soc",
    "--tier": "professional",
    "--title": "Newcomer Ltd",
    "--residency": "US",
    "--issuer": "https://login.newcomer.example/",
    "--jwks": "https://login.newcomer.example/keys",
    "--group": "newcomer-admins",
    "--cost-centre": "CC-9001",
    "--team": "security",
    "--contact": "technical=ops@newcomer.example",
}


def words(**changed: str) -> list[str]:
    """The words of the command, with some options changed: `words(tier="starter")`."""
    given = {**GIVEN, **{f"--{name}": value for name, value in changed.items()}}
    return ["tenant", "add", "newcomer", *(word for pair in given.items() for word in pair)]


def tenants(fleet: Path) -> set[str]:
    return {file.stem for file in (fleet / "tenants").rglob("*.yaml")}


def test_a_new_tenant_gets_a_file_that_is_valid_at_once(fleet: Path, run: Run) -> None:
    result = run(*words(), "--compliance", "soc2", "--domain", "soc.newcomer.example")
    assert result.exit_code == 0, result.output
    assert result.stdout == "tenants/a2z-soc/newcomer.yaml\n"
    assert "a node hour" in result.stderr
    assert run("validate").exit_code == 0
    shown = run("tenant", "show", "newcomer").stdout
    assert "(primary, serving)" in shown
    assert "soc.newcomer.example (not verified)" in shown


def test_a_cluster_and_a_folder_may_be_named(fleet: Path, run: Run) -> None:
    result = run(*words(cluster="aws-us-east-1-prod-1", folder="new/ones"))
    assert result.exit_code == 0, result.output
    assert result.stdout == "tenants/new/ones/newcomer.yaml\n"
    assert "\naws-us-east-1-prod-1 (primary" in run("tenant", "show", "newcomer").stdout


def test_a_standby_is_chosen_when_asked_for(fleet: Path, run: Run) -> None:
    result = run(*words(tier="enterprise"), "--standby")
    assert result.exit_code == 0, result.output
    assert "(standby, not serving)" in run("tenant", "show", "newcomer").stdout


@pytest.mark.parametrize(
    "changed",
    [
        {"tier": "enterprize"},
        {"platform": "none"},
        {"residency": "Atlantis"},
        {"cluster": "nowhere"},
        {"cluster": "az-westeurope-prod-1"},
        {"contact": "technical=nobody"},
    ],
    ids=str,
)
def test_a_tenant_that_would_not_be_valid_is_not_written(changed: dict[str, str], fleet: Path, run: Run) -> None:
    before = {file for file in fleet.parent.rglob("*") if ".tenantry" not in file.parts}
    result = run(*words(**changed))
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error[" in result.stderr
    assert "tenant: nothing written: " in result.stderr
    assert {file for file in fleet.parent.rglob("*") if ".tenantry" not in file.parts} == before


def test_a_name_that_is_taken_is_refused_and_its_file_kept(fleet: Path, run: Run) -> None:
    acme = fleet / "tenants/a2z-soc/acme.yaml"
    before = acme.read_bytes()
    taken = words()
    taken[2] = "acme"
    result = run(*taken)
    assert (result.exit_code, result.stdout) == (1, "")
    assert acme.read_bytes() == before


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (("--contact", "security"), "'security' is not ROLE=EMAIL"),
        (("--contact", "technical=a@b.example"), "'technical' is given twice"),
        (("--identity", "=x"), "'=x' is not CLUSTER=ID"),
        (("--folder", "../outside"), "'../outside' is not a folder below tenants/"),
        (("--folder", "/etc"), "'/etc' is not a folder below tenants/"),
    ],
    ids=["contact", "twice", "identity", "outside", "absolute"],
)
def test_a_value_of_another_form_is_wrong_use(extra: tuple[str, str], said: str, fleet: Path, run: Run) -> None:
    result = run(*words(), *extra)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "newcomer" not in tenants(fleet)
