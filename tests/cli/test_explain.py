"""`tenantry explain` as a person runs it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import REPOSITORY, Run
from tests.fleets import SMALL

EXPECTED = Path(__file__).parent / "expected" / "explain"
CASES = {
    "every-value-of-a-tenant": ("anvil",),
    "a-setting-that-two-layers-say": ("anvil", "replicas.max"),
    "a-setting-that-a-floor-raised": ("anvil", "retention.audit"),
    "a-field-of-an-object": ("anvil", "ResourceQuota/tenant", "spec.hard.pods", "--cluster", "north-1"),
    "an-object": ("anvil", "LimitRange/tenant"),
    "what-a-line-of-a-tier-reaches": ("--input", "policies/tiers/gold.yaml:11"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_printed(run: Run, expect: Callable[[Path, str], None], name: str) -> None:
    result = run("-C", str(SMALL), "explain", *CASES[name])
    assert result.exit_code == 0, result.output
    # The program's own templates lie outside of this fleet and are named in full, which moves the columns.
    told = re.sub(r"(?<=\S) {2,}", "  ", result.stdout.replace(f"{REPOSITORY}/", ""))
    expect(EXPECTED / f"{name}.txt", told)


def test_json_has_every_field(run: Run) -> None:
    told = json.loads(run("-C", str(SMALL), "explain", "anvil", "replicas.max", "--format", "json").stdout)
    assert (told["version"], told["subject"]) == (1, "anvil")
    field = told["fields"][0]
    assert (field["path"], field["value"], field["raisedFrom"]) == ("replicas.max", 12, None)
    assert field["decided"]["location"]["path"] == "tenants/anvil.yaml"
    assert {"cluster", "lines", "presence", "overrode", "held", "location", "template", "expressions"} <= field.keys()
    line = field["lines"][0]
    assert (line["said"]["value"], line["gone"]) == (12, False)
    assert line["became"] == line["instead"]


def test_json_of_a_line(run: Run) -> None:
    told = json.loads(run("-C", str(SMALL), "explain", "--input", "tenants/anvil.yaml:12", "--format", "json").stdout)
    assert told["said"][0]["value"] == "stable"
    assert {"tenant": "anvil", "cluster": "", "path": "ring"} in told["fields"]
    assert {"label", "location", "lines"} == told["objects"][0].keys()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("anvl",), "no tenant 'anvl': did you mean 'anvil'?"),
        (("anvil", "limit.cpu"), "anvil has no value 'limit.cpu': did you mean 'limits.cpu'?"),
        (("anvil", "limits", "--cluster", "west-1"), "anvil is on no cluster 'west-1'"),
        (("anvil", "ResourceQuota/tennant"), "did you mean 'ResourceQuota/tenant'?"),
        (("anvil", "Quota/tenant"), "ResourceQuota/tenant"),
        (("anvil", "ResourceQuota/tenant", "spec.hrd"), "spec has no 'hrd': did you mean 'hard'?"),
        (("anvil", "ResourceQuota/tenant", "kind.x"), "kind has no 'x': it is a single value"),
        (("anvil", "limits", "cpu"), "'limits' is no object: name one by its kind"),
        ((), "name a tenant, or a line"),
        (("anvil", "--input", "fleet.yaml:3"), "name a tenant, or a line"),
        (("--input", "fleet.yaml"), "is no file and line"),
        (("--input", "flet.yaml:3"), "no input file or template 'flet.yaml': did you mean 'fleet.yaml'?"),
        (("--input", "fleet.yaml:9999"), "fleet.yaml:9999 says no value"),
        (("--input", "rendered/north-1/bootstrap.yaml:3"), "rendered/north-1/bootstrap.yaml is rendered"),
    ],
)
def test_what_cannot_be_answered_is_said_with_what_can(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run("-C", str(SMALL), "explain", *words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_a_file_is_named_from_where_one_stands(run: Run, fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fleet / "tenants")
    result = run("explain", "--input", "a2z-soc/acme.yaml:13")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("tenants/a2z-soc/acme.yaml:13  stable\n")
