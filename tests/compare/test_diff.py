"""`tenantry diff`: what it compares with, when, and in which form it answers."""

from __future__ import annotations

import json
import random
import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.cli import main
from generator.compare import Rules, Side, judge
from generator.compare.changes import ABSENT, Item, Key, Thing
from generator.compare.fields import differences
from generator.compare.markdown import markdown
from generator.compare.moves import beside
from generator.markup import COMMENT_LIMIT
from generator.model.tree import Tree
from generator.pipeline import inputs, output
from generator.pipeline.output import Rendered
from tests.compare.conftest import DAY, diff, edit
from tests.conftest import REPOSITORY
from tests.fleets import SMALL, small_fleet
from tests.repositories import committed, git

CASES = Path(__file__).parent / "cases"


def raise_replicas(root: Path) -> None:
    """One tenant's autoscalers may go further."""
    tenant = root / "tenants/anvil.yaml"
    tenant.write_text(tenant.read_text().replace("max: 12", "max: 14"))


def changes(*words: str) -> Any:
    result = diff("--format", "json", *words)
    return json.loads(result.stdout)["changes"]


# What it compares with


def test_the_base_is_where_the_branch_left_the_main_one(fleet: Path) -> None:
    git(fleet, "switch", "--quiet", "--create", "feature")
    raise_replicas(fleet)
    committed(fleet)
    assert {change["after"]["kind"] for change in changes()} >= {"HorizontalPodAutoscaler"}


def test_uncommitted_work_is_compared_as_it_is(fleet: Path) -> None:
    assert changes("HEAD") == []
    raise_replicas(fleet)
    assert changes("HEAD") != []
    assert changes("main~0") != []


def test_a_folder_is_a_base_too(fleet: Path) -> None:
    raise_replicas(fleet)
    assert {change["change"] for change in changes(str(SMALL))} == {"changed"}


def test_a_fleet_in_a_folder_of_its_repository_is_found_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = small_fleet(tmp_path)
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    committed(tmp_path)
    monkeypatch.chdir(root)
    assert changes("HEAD") == []
    raise_replicas(root)
    assert changes("HEAD") != []


def test_own_templates_of_the_base_are_used_for_the_base(fleet: Path) -> None:
    own = fleet / "templates/tenant/tenancy/network.yaml"
    own.parent.mkdir(parents=True)
    own.write_text("{# Nothing: an own template. #}\n")
    committed(fleet)
    assert changes("HEAD") == []
    assert {change["change"] for change in changes("HEAD~1")} == {"removed"}


def test_committed_output_is_compared_without_rendering(fleet: Path) -> None:
    rendered = output.render(fleet, jobs=1)
    assert rendered.tree is not None
    output.write(fleet, rendered.tree)
    committed(fleet)
    assert changes("HEAD", "--committed") == []
    file = fleet / "rendered/west-1/tenants/birch/tenancy/network.yaml"
    file.write_text(file.read_text().replace("policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]"))
    (only,) = changes("HEAD", "--committed")
    assert only["fields"] == [{"pointer": "spec.policyTypes[]", "old": "Egress"}]


@pytest.mark.parametrize(
    "content", ["a: [", "- 1", "1", "a: 1", "kind: A\napiVersion: v1\n1: 2\n", "a: !!binary YQ==", "\xff"]
)
def test_what_cannot_be_read_is_no_difference_of_nothing(fleet: Path, content: str) -> None:
    file = fleet / "rendered/north-1/x.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    committed(fleet)
    file.write_text(content, encoding="latin-1")
    result = diff("HEAD", "--committed")
    assert (result.exit_code, "error[GRD011]" in result.stdout) == (1, True)


@pytest.mark.parametrize(
    "broken", ["spec: 1", "spec: {template: [], replicas: x}", "spec: {template: {spec: {containers: {}}}}"]
)
def test_what_was_edited_into_nonsense_is_compared_all_the_same(fleet: Path, broken: str) -> None:
    file = fleet / "rendered/north-1/x.yaml"
    file.parent.mkdir(parents=True)
    head = "apiVersion: apps/v1\nkind: {}\nmetadata: {{name: a}}\n"
    kinds = ("Deployment", "HorizontalPodAutoscaler", "NetworkPolicy", "AuthorizationPolicy", "PeerAuthentication")
    file.write_text("".join(f"---\n{head.format(kind)}" for kind in kinds))
    committed(fleet)
    file.write_text("".join(f"---\n{head.format(kind)}{broken}\n" for kind in kinds))
    result = diff("HEAD", "--committed")
    assert (result.exit_code, result.stderr.count("5 objects differ")) == (0, 1)


@pytest.mark.parametrize("base", ["nowhere", "HEAD~9", "regions"])
def test_a_base_that_is_not_there_is_refused(fleet: Path, base: str) -> None:
    result = diff(base)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"Error: no revision '{base}' to compare with: git knows none\n"


def test_without_a_repository_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.chdir(small_fleet(tmp_path))
    result = diff()
    assert result.exit_code == 2
    assert "there is no main branch to compare with" in result.stderr


def test_a_base_that_cannot_be_rendered_is_no_empty_base(fleet: Path) -> None:
    tier = fleet / "policies/tiers/silver.yaml"
    sound = tier.read_text()
    tier.write_text(sound.replace("priority: 2000", "priority: high"))
    committed(fleet)
    tier.write_text(sound)
    result = diff("HEAD")
    assert result.exit_code == 1
    assert "error[GRD012]: HEAD cannot be rendered: 1 error" in result.stdout
    assert "in the base: SCH" in result.stdout


# When


@pytest.mark.parametrize(
    ("date", "code"),
    [
        ("2026-12-17", 0),
        ("2026-12-18", 1),
        ("2026-12-18T17:59:59Z", 0),
        ("2026-12-18T18:00:00Z", 1),
        ("2026-12-18T18:30:00+01:00", 0),
        ("2027-01-04", 1),
        ("2027-01-04T06:00:00Z", 0),
    ],
)
def test_a_freeze_holds_from_its_first_moment_to_its_last(fleet: Path, date: str, code: int) -> None:
    raise_replicas(fleet)
    result = diff("HEAD", "--date", date)
    assert (result.exit_code, "GRD007" in result.stdout) == (code, bool(code))


@pytest.mark.parametrize("date", ["tomorrow", "2026-12-18T18:00:00", "2026-13-01", ""])
def test_a_date_that_is_none_is_wrong_use(fleet: Path, date: str) -> None:
    assert diff("HEAD", "--date", date).exit_code == 2


def test_a_fleet_without_guards_is_warned(fleet: Path) -> None:
    (fleet / "policies/guards.yaml").unlink()
    committed(fleet)
    result = diff("HEAD")
    assert (result.exit_code, "warning[GRD010]" in result.stdout) == (0, True)


def test_data_that_leaves_its_jurisdiction_is_found_whatever_its_residency_says(fleet: Path) -> None:
    tenant = fleet / "tenants/cedar.yaml"
    west = "{cluster: west-1, role: primary, identity: 00000000-0000-4000-8000-000000000009}"
    tenant.write_text(tenant.read_text().replace("{cluster: south-1, role: primary}", west))
    assert "error[GRD003]: tenant cedar: moves from US to EU" in diff("HEAD").stdout


def test_a_renamed_tenant_that_changes_as_well_shows_what_else_changes(fleet: Path) -> None:
    tenant = fleet / "tenants/anvil.yaml"
    text = tenant.read_text().replace("name: anvil", "name: axle").replace("max: 12", "max: 14")
    tenant.unlink()
    (fleet / "tenants/axle.yaml").write_text(text)
    moved = changes("HEAD")
    assert {change["change"] for change in moved} == {"moved"}
    scaler = next(change for change in moved if change["after"]["kind"] == "HorizontalPodAutoscaler")
    assert scaler["fields"] == [{"pointer": "spec.maxReplicas", "old": 12, "new": 14}]
    assert [change["fields"] for change in moved if change["after"]["kind"] == "Namespace"] == [[], []]


def test_a_renamed_tenant_keeps_what_says_its_name_and_is_not_it() -> None:
    name = "anvil"
    before = {
        "hosts": ["anvil.tiny.example.com", "www.anvil.example"],
        "note": "anvil",
        "ports": [{"name": name, "port": 1}],
    }
    after = {
        "hosts": ["axle.tiny.example.com", "www.anvil.example"],
        "note": "anvil",
        "ports": [{"name": "axle", "port": 2}],
    }
    renamed = json.loads(json.dumps(before).replace(name, "axle"))
    key = Key("west-1", "", "ConfigMap", "tenant-anvil", "x")
    old, plain, twin = (Thing(key, name, "x.yaml", (), "", data) for data in (before, renamed, after))
    (only,) = beside(old, plain, twin, name, "axle")
    assert (only.way, only.old, only.new) == ("ports[axle].port", 1, 2)


def test_what_is_approved_is_coloured_and_not_escaped(fleet: Path) -> None:
    edit(fleet, CASES / "approvals_for_all_let_the_change_through")
    told = CliRunner().invoke(main, ["--color", "diff", "--jobs", "1", "--date", DAY, "HEAD"], color=True).stdout
    assert "\x1b[1mapproved\x1b[0m [GRD" in told
    assert "\\x1b" not in told


def test_guards_that_a_change_removes_still_hold(fleet: Path) -> None:
    (fleet / "policies/guards.yaml").unlink()
    (fleet / "tenants/cedar.yaml").unlink()
    assert "error[GRD001]" in diff("HEAD").stdout


# How it answers


def test_json_says_everything(fleet: Path) -> None:
    raise_replicas(fleet)
    report = json.loads(diff("HEAD", "--format", "json").stdout)
    assert report["base"] == "HEAD"
    assert report["summary"] == {"errors": 0, "warnings": 0, "notes": 0, "changes": len(report["changes"])}
    assert report["reach"]["tenants"] == {"touched": ["anvil"], "total": 3}
    assert report["reach"]["requests"]["before"]["pods"] == {"minimum": "12", "maximum": "48"}
    assert report["reach"]["requests"]["after"]["pods"] == {"minimum": "12", "maximum": "56"}
    scaler = next(change for change in report["changes"] if change["after"]["kind"] == "HorizontalPodAutoscaler")
    assert scaler["fields"] == [{"pointer": "spec.maxReplicas", "old": 12, "new": 14}]
    assert scaler["meanings"] == [{"topic": "replicas", "text": "changes replicas: maxReplicas 12 → 14"}]
    assert scaler["before"] == scaler["after"]


def test_colour_is_for_terminals(fleet: Path) -> None:
    raise_replicas(fleet)
    assert "\x1b[" not in diff("HEAD").stdout


def test_markdown_begins_with_the_summary_and_shows_the_changes_in_a_code_block(fleet: Path) -> None:
    raise_replicas(fleet)
    text = diff("HEAD", "--format", "markdown").stdout
    assert text.startswith("## What this changes\n\n| | |\n| --- | --- |\n| tenants | 1 of 3: anvil |\n")
    assert "```diff\n~ HorizontalPodAutoscaler tenant-anvil/api" in text


def test_markdown_never_exceeds_what_a_comment_holds_and_says_what_it_leaves_out() -> None:
    side = rendered(SMALL)
    head = "---\napiVersion: v{0}\nkind: ConfigMap\nmetadata: {{name: c{0}, namespace: n{0}}}\n"
    documents = "".join(f"{head.format(n)}data: {{a: '{'é`' * 90}{n}'}}\n" for n in range(2000))
    before = Side(side.fleet, Tree({**side.tree.files, "north-1/x.yaml": documents.encode()}))
    after = Side(side.fleet, Tree({**side.tree.files, "north-1/x.yaml": documents.replace("é`", "``` @x").encode()}))
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    impact, found, passed = judge(before, after, Rules(None, (), (), frozenset(), moment, moment))
    text = markdown(impact, found * 3000, passed)
    assert 60_000 < len(text.encode()) <= COMMENT_LIMIT
    assert text.startswith("## What this changes")
    left = 2000 - text.count("\n~ ConfigMap ")
    assert f"**{left} more kinds of change left out here**" in text
    assert "more findings left out here" in text


def test_annotations_stand_at_what_causes_them(fleet: Path) -> None:
    (fleet / "tenants/cedar.yaml").unlink()
    assert "::error file=tenants/cedar.yaml,title=GRD004" in diff("HEAD", "--format", "github").stdout


# Objects


def rendered(root: Path) -> Side:
    result: Rendered = output.render(root, jobs=1)
    assert result.fleet is not None
    assert result.tree is not None, result.diagnostics
    return Side(result.fleet, result.tree)


def shuffled(value: Any, order: random.Random) -> Any:
    """The same data with its keys in another order."""
    if isinstance(value, dict):
        keys = [*value]
        order.shuffle(keys)
        return {key: shuffled(value[key], order) for key in keys}
    return [shuffled(item, order) for item in value] if isinstance(value, list) else value


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.randoms(use_true_random=False), style=st.sampled_from([None, '"', "'"]), flow=st.booleans())
def test_a_fleet_written_otherwise_is_the_same_fleet(
    tmp_path_factory: pytest.TempPathFactory, order: random.Random, style: str | None, flow: bool
) -> None:
    root = small_fleet(tmp_path_factory.mktemp("other"))
    files = [*root.rglob("*.yaml")]
    order.shuffle(files)
    for file in files:
        data = shuffled(yaml.safe_load(file.read_text()), order)
        file.unlink()
        file.write_text(yaml.safe_dump(data, sort_keys=False, default_flow_style=flow, width=10_000))
    if style:
        tenant = root / "tenants/cedar.yaml"
        tenant.rename(root / "tenants/moved.tmp")
        (root / "tenants/below").mkdir()
        (root / "tenants/moved.tmp").rename(root / "tenants/below/cedar.yaml")
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    impact, _, _ = judge(rendered(SMALL), rendered(root), Rules(None, (), (), frozenset(), moment, moment))
    assert impact.changes == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": True}, [("a", 1, True)]),
        ({"a": "1"}, {"a": 1}, [("a", "1", 1)]),
        ({"a": None}, {}, [("a", None, ABSENT)]),
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "B"}]},
            {"env": [{"name": "B"}, {"name": "A", "value": "1"}]},
            [],
        ),
        (
            {"containers": [{"name": "a", "image": "x"}]},
            {"containers": [{"name": "b", "image": "y"}, {"name": "a", "image": "z"}]},
            [("containers[a].image", "x", "z"), ("containers[b]", ABSENT, {"name": "b", "image": "y"})],
        ),
        (
            {"initContainers": [{"name": "a"}, {"name": "b"}]},
            {"initContainers": [{"name": "b"}, {"name": "a"}]},
            [("initContainers[order]", ["a", "b"], ["b", "a"])],
        ),
        ({"hosts": ["a", "b"]}, {"hosts": ["b", "a"]}, []),
        ({"hosts": ["a", "b"]}, {"hosts": ["b", "c"]}, [("hosts[]", "a", ABSENT), ("hosts[]", ABSENT, "c")]),
        ({"args": ["a", "b"]}, {"args": ["b", "a"]}, [("args[0]", "a", "b"), ("args[1]", "b", "a")]),
        (
            {"ingress": [{"x": 1}, {"x": 2}]},
            {"ingress": [{"x": 0}, {"x": 1}, {"x": 2}]},
            [("ingress[0]", ABSENT, {"x": 0})],
        ),
        ({"rules": [{"hosts": ["a", "b"]}]}, {"rules": [{"hosts": ["b", "a"]}]}, []),
        (
            {"volumes": [{"name": "a"}, {"name": "a"}]},
            {"volumes": [{"name": "a"}, {"name": "a", "x": 1}]},
            [("volumes[1].x", ABSENT, 1)],
        ),
        ({"l": {"a.b/c": "x"}}, {"l": {"a.b/c": "y"}}, [('l["a.b/c"]', "x", "y")]),
    ],
)
def test_how_fields_are_compared(old: Any, new: Any, expected: list[Any]) -> None:
    assert [(field.way, field.old, field.new) for field in differences(old, new)] == expected


def test_a_name_cannot_reach_the_terminal() -> None:
    assert Item("\x1b[31m").text not in "".join(field.way for field in differences({"\x1b[31m": 1}, {}))


# What is written about it


def test_every_guard_is_documented_and_no_other() -> None:
    text = (REPOSITORY / "docs/diff.md").read_text(encoding="utf-8")
    written = set(re.findall(r"^\| (GRD\d{3}) \|", text, re.MULTILINE))
    sources = [*(REPOSITORY / "generator/compare").glob("*.py")]
    known = {code for file in sources for code in re.findall(r'"(GRD\d{3})"', file.read_text(encoding="utf-8"))}
    assert written == known


def test_only_what_stops_a_change_can_be_approved() -> None:
    schema = json.loads((REPOSITORY / "schemas/approval.schema.json").read_text(encoding="utf-8"))
    codes = schema["properties"]["spec"]["properties"]["code"]["enum"]
    assert codes == [*(f"GRD{number:03}" for number in range(1, 8)), *(f"GRD{number:03}" for number in range(13, 18))]


def test_the_approval_that_the_documentation_shows_is_valid(fleet: Path) -> None:
    text = (REPOSITORY / "docs/diff.md").read_text(encoding="utf-8")
    shown = text[text.index("    # yaml-language-server") : text.index("`for` holds one of")]
    (fleet / "approvals").mkdir()
    (fleet / "approvals/remove-acme.yaml").write_text(textwrap.dedent(shown).rstrip() + "\n", encoding="utf-8")
    assert inputs.validate(fleet).diagnostics == ()
