"""`tenantry place` and `tenantry failover`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.place.lost import seconds
from generator.place.telling import span
from tests.cli.conftest import Run

EXPECTED = Path(__file__).parent / "expected" / "place"
REGION = "regions/westeurope.yaml"


def test_the_cells_for_a_tenant_are_ranked_with_reasons(
    fleet: Path, run: Run, expect: Callable[[Path, str], None]
) -> None:
    result = run("place", "acme")
    assert (result.exit_code, result.stderr) == (0, "place: 4 clusters may hold acme, 9 may not\n")
    expect(EXPECTED / "acme.txt", result.stdout)


def test_a_tenant_that_stands_where_it_may_not_is_told_where_it_may(fleet: Path, run: Run) -> None:
    tenant = fleet / "tenants/a2z-soc/acme.yaml"
    tenant.write_text(
        tenant.read_text(encoding="utf-8").replace("cluster: aws-us-east-1-prod-1", "cluster: aws-eu-west-1-prod-1")
    )
    assert "`tenantry place acme` ranks those that may hold it" in run("validate").stdout
    result = run("place", "acme", "--format", "json")
    assert result.exit_code == 0
    assert {each["jurisdiction"] for each in json.loads(result.stdout)["candidates"]} == {"US"}


def test_a_standby_is_looked_for_elsewhere(fleet: Path, run: Run) -> None:
    found = json.loads(run("place", "acme", "--standby", "--format", "json").stdout)
    assert "us-east-1" not in {each["region"] for each in found["candidates"]}
    reasons = {each["cluster"]: each["reasons"] for each in found["refused"]}
    assert "cell 'aws-us-east-1-prod-1' is in the primary's region" in reasons["aws-us-east-1-prod-1"]


def test_the_order_is_price_then_share(fleet: Path, run: Run) -> None:
    found = json.loads(run("place", "acme", "--format", "json").stdout)["candidates"]
    assert len(found) > 2
    keys = [(each["price"], each["share"]) for each in found]
    assert keys == sorted(keys)


@pytest.mark.parametrize("placed", [True, False])
def test_a_new_tenant_is_ranked_whether_it_says_where_or_not(placed: bool, fleet: Path, run: Run) -> None:
    text = (fleet / "tenants/a2z-soc/acme.yaml").read_text(encoding="utf-8").replace("acme", "newcomer")
    if not placed:
        text = re.sub(r"  placements:\n(    .*\n)+", "", text)
    (fleet / "new.yaml").write_text(text, encoding="utf-8")
    result = run("place", "--new", "new.yaml", "--format", "json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["tenant"] == "newcomer"
    assert {each["role"] for each in found["candidates"]} == {""}
    assert not list(fleet.rglob("newcomer*"))


def test_the_mistakes_of_a_new_tenant_are_shown_in_its_own_file(fleet: Path, run: Run) -> None:
    text = (fleet / "tenants/a2z-soc/acme.yaml").read_text(encoding="utf-8").replace("acme", "newcomer")
    (fleet / "new.yaml").write_text(text.replace("tier: enterprise", "tier: enterprize"), encoding="utf-8")
    result = run("place", "--new", "new.yaml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--> new.yaml:9:9" in result.stderr
    assert "did you mean 'enterprise'?" in result.stderr


def test_where_no_cell_may_hold_it_the_exit_code_says_so(fleet: Path, run: Run) -> None:
    result = run("place", "harbourline")
    assert result.exit_code == 1
    assert result.stderr == "place: 0 clusters may hold harbourline, 13 may not\n"


@pytest.mark.parametrize(
    ("case", "words", "code"),
    [
        ("served-elsewhere", ("us-east-1",), 0),
        ("one-is-stranded", ("australiaeast",), 1),
        ("a-standby-serves", ("eu-west-1", "--to", "westeurope"), 1),
        ("markdown", ("westeurope", "--format", "markdown"), 0),
        ("json", ("westeurope", "--format", "json"), 0),
    ],
)
def test_the_loss_of_a_region(
    case: str, words: tuple[str, ...], code: int, fleet: Path, run: Run, expect: Callable[[Path, str], None]
) -> None:
    before = (fleet / f"regions/{words[0]}.yaml").read_bytes()
    result = run("failover", *words)
    assert result.exit_code == code, result.output
    assert (fleet / f"regions/{words[0]}.yaml").read_bytes() == before
    expect(EXPECTED / f"failover-{case}.txt", result.stdout)


def test_who_goes_where_is_what_the_written_file_renders_to(fleet: Path, run: Run) -> None:
    found = json.loads(run("failover", "westeurope", "--write", "--format", "json").stdout)
    listed = json.loads(run("tenant", "list", "--format", "json").stdout)["tenants"]
    cells = {each["name"]: [at["name"] for at in each["clusters"]] for each in listed}
    assert found["tenants"]
    for each in found["tenants"]:
        assert each["to"] in cells[each["name"]]
        assert f"{each['to']} (standby, serving)" in run("tenant", "show", each["name"]).stdout


def test_writing_changes_the_state_and_nothing_else(fleet: Path, run: Run) -> None:
    before = (fleet / REGION).read_text(encoding="utf-8")
    result = run("failover", "westeurope", "--write")
    assert result.stderr == f"failover: {REGION} is changed; its merge brings it into force\n"
    assert (fleet / REGION).read_text(encoding="utf-8") == before.replace("state: active", "state: failed")
    assert run("failover", "westeurope", "--write").stderr == "failover: nothing to change\n"


def test_another_region_may_come_first(fleet: Path, run: Run) -> None:
    found = json.loads(run("failover", "us-east-1", "--to", "us-central1", "--write", "--format", "json").stdout)
    assert {each["to"] for each in found["tenants"] if not each["standby"]} == {"gcp-us-central1-prod-1"}
    text = (fleet / "regions/us-east-1.yaml").read_text(encoding="utf-8")
    assert "  failover: [us-central1, us-west-2, eastus]\n" in text


def test_a_cell_that_would_be_too_full_takes_nobody_in(fleet: Path, run: Run) -> None:
    file = fleet / "regions/eu-west-1.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("tenants: 500") == 1
    file.write_text(text.replace("tenants: 500", "tenants: 2"), encoding="utf-8")
    result = run("failover", "westeurope")
    assert result.exit_code == 1
    assert "would be over its capacity: 3 tenants of 2" in result.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("failover", "westeurop"), "no region 'westeurop': did you mean 'westeurope'?"),
        (("failover", "westeurope", "--to", "westeurope"), "'westeurope' is the region that is lost"),
        (("failover", "westeurope", "--to", "eu-west-2"), "no region 'eu-west-2': did you mean 'us-west-2'?"),
        (("place",), "name a tenant, or the file of a new one: --new FILE"),
        (("place", "acmee"), "no tenant 'acmee': did you mean 'acme'?"),
        (("place", "--new", "fleet.yaml", "--standby"), "--standby is for a tenant that has a primary"),
    ],
    ids=["region", "itself", "to", "nobody", "tenant", "standby"],
)
def test_wrong_use(words: tuple[str, ...], said: str, fleet: Path, run: Run) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize(
    ("setting", "expected"),
    [("55s", 55), ("15min", 900), ("1h", 3600), ("30", 30), ("0", None), ("0s", None), ("5 min", 300), ("x", None)],
)
def test_how_postgres_writes_a_time(setting: str, expected: int | None) -> None:
    assert seconds(setting) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [(55, "55 s"), (0, "0 s"), (900, "15 min"), (21600, "6 h"), (90, "90 s"), (None, "everything")],
)
def test_how_a_time_is_told(number: int | None, expected: str) -> None:
    assert span(number) == expected
