"""`tenantry evidence`: which rendered objects count for a control, which do not, and how that is written down."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from generator.check.evidence import standings
from generator.cli import main
from generator.model.evidence import Control, Evidence, Fact, Proof, Standing
from generator.model.tree import Tree
from generator.report.evidence import FORMATS, evidence_report
from generator.source import Location
from tests.conftest import REPOSITORY
from tests.fleets import Edit, small_fleet

EXPECTED = Path(__file__).parent / "expected"
FRAMEWORK = """\
apiVersion: tenantry.dev/v1
kind: ComplianceFramework
metadata:
  name: gdpr
spec:
  title: GDPR <b>|*
  floors:
    jurisdictions: [EU]
  controls:
    - id: Art.30
      title: Processing is recorded
      reference: https://example.com/gdpr?a=1&b=2
      evidence:
        - kind: ConfigMap
          says: it names a store & keeps it for <30 days or more
          expression: int(object.data['retention-days']) >= 30 && object.data.store != ''
    - id: Art.32
      title: Security of processing
      reference: https://example.com/gdpr
      evidence:
        - kind: ConfigMap
          says: it is kept for a thousand years
          expression: int(object.data['retention-days']) >= 365000
    - id: Art.17
      title: Erasure
      reference: https://example.com/gdpr
      evidence:
        - {kind: Job, says: it erases, expression: "true"}
    - id: Art.44
      title: Transfers
      reference: https://example.com/gdpr
  measures:
    - {name: immutableAudit, controls: [Art.30, Art.32]}
"""


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small fleet, rendered, with a framework that says how its controls are shown to be met."""
    root = small_fleet(tmp_path, [Edit("policies/compliance/gdpr.yaml", "", FRAMEWORK)])
    monkeypatch.chdir(root)
    assert run("render", "--jobs", "1").exit_code == 0
    return root


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), prog_name="tenantry")


def evidence(*words: str) -> Result:
    return run("evidence", "--framework", "gdpr", *words)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_report(format_: str, fleet: Path, expect: Callable[[Path, str], None]) -> None:
    result = evidence("--format", format_)
    assert result.exit_code == 0
    expect(EXPECTED / f"gdpr.{format_}", result.stdout)
    there = evidence("--format", format_, "--output", "report")
    assert (there.stdout, (fleet / "report").read_text(encoding="utf-8")) == ("", result.stdout)
    assert there.stderr == result.stderr


def test_strict_fails_when_a_tenant_lacks_an_object_and_not_otherwise(fleet: Path) -> None:
    assert evidence("--strict").exit_code == 1
    file = fleet / "policies/compliance/gdpr.yaml"
    cut = re.sub(r"    - id: Art.32.*(?=  measures)", "", FRAMEWORK, flags=re.DOTALL).replace(", Art.32]", "]")
    file.write_text(cut)
    assert evidence("--strict").exit_code == 0


def test_the_answer_is_read_from_the_output_and_not_from_the_inputs(fleet: Path) -> None:
    def met() -> int:
        controls = json.loads(evidence("--format", "json").stdout)["controls"]
        return sum(len(each["objects"]) for each in controls)

    before = met()
    assert before
    for file in fleet.glob("rendered/*/cluster/*/records/birch.yaml"):
        file.write_text(re.sub(r"retention-days: .*", 'retention-days: "1"', file.read_text()))
    assert met() == 0
    for file in fleet.glob("rendered/*/cluster/*/records/birch.yaml"):
        file.unlink()
    assert met() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--framework", "gdrp"], "did you mean 'gdpr'?"),
        (["--framework", "gdpr", "--tenant", "brich"], "did you mean 'birch'?"),
        (["--framework", "gdpr", "--cluster", "west-2"], "did you mean 'west-1'?"),
        (["--framework", "gdpr", "--tenant", "anvil"], "no such tenant is under gdpr"),
        (["--framework", "gdpr", "--cluster", "north-1"], "no such tenant is under gdpr"),
        ([], "Missing option '--framework'"),
    ],
)
def test_what_is_not_there_is_refused(fleet: Path, words: list[str], said: str) -> None:
    result = run("evidence", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_an_expression_that_cannot_be_evaluated_is_an_error_at_its_line(fleet: Path) -> None:
    file = fleet / "policies/compliance/gdpr.yaml"
    file.write_text(FRAMEWORK.replace('expression: "true"', 'expression: "object. =="'))
    result = evidence()
    assert result.exit_code == 1
    assert "error[CHK150]" in result.stderr
    line = FRAMEWORK.splitlines().index(next(each for each in FRAMEWORK.splitlines() if "it erases" in each)) + 1
    assert f"--> policies/compliance/gdpr.yaml:{line}:" in result.stderr


def test_without_output_there_is_nothing_to_show(fleet: Path) -> None:
    shutil.rmtree(fleet / "rendered")
    result = evidence()
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: rendered/ holds nothing to show; run tenantry render first\n",
    )


def test_a_fleet_with_mistakes_is_refused(fleet: Path) -> None:
    (fleet / "tenants/birch.yaml").write_text("a: [")
    assert (evidence().exit_code, "run tenantry validate" in evidence().stderr) == (2, True)


HEAD = "# Rendered by tenantry from fleet.yaml by x.yaml.\n# Do not edit.\n"


def rendered(labels: str, spec: str = "ok: true") -> Tree:
    body = f"{HEAD}apiVersion: v1\nkind: Thing\nmetadata: {{name: a, labels: {{{labels}}}}}\nspec: {{{spec}}}\n"
    return Tree({"cell/x.yaml": body.encode()})


def shown(tree: Tree, expression: str = "object.spec.ok", kind: str = "Thing") -> tuple[int, int]:
    """How many objects meet a control, and how many are labelled with it only."""
    control = Control("C.1", "t", "https://example.com", (Proof(kind, expression, "it is ok", Location("p")),))
    (standing,), _ = standings(tree, "f", [control], ["t"])
    return len(standing.facts), len(standing.unshown)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (rendered("tenantry.dev/tenant: t, controls.tenantry.dev/f: C.1"), (1, 0)),
        (rendered("tenantry.dev/tenant: t, controls.tenantry.dev/f: C.0_C.1_C.2"), (1, 0)),
        (rendered("tenantry.dev/tenant: t, controls.tenantry.dev/f: C.11_AC.1"), (0, 0)),
        (rendered("tenantry.dev/tenant: u, controls.tenantry.dev/f: C.1"), (0, 0)),
        (rendered("controls.tenantry.dev/f: C.1"), (0, 0)),
        (rendered("tenantry.dev/tenant: t, controls.tenantry.dev/g: C.1"), (0, 0)),
        (rendered("tenantry.dev/tenant: t, controls.tenantry.dev/f: C.1", "ok: false"), (0, 1)),
        (rendered("tenantry.dev/tenant: t, controls.tenantry.dev/f: C.1", "ok: yes-it-is"), (0, 1)),
        (rendered("tenantry.dev/tenant: t, controls.tenantry.dev/f: C.1", "other: 1"), (0, 1)),
        (Tree({"cell/x.yaml": b"controls.tenantry.dev/f: [\n"}), (0, 0)),
        (Tree({"cell/x.yaml": b"\xff controls.tenantry.dev/f"}), (0, 0)),
    ],
)
def test_an_object_counts_by_its_labels_and_by_what_it_does(tree: Tree, expected: tuple[int, int]) -> None:
    assert shown(tree) == expected


def test_an_expression_is_for_one_kind() -> None:
    tree = rendered("tenantry.dev/tenant: t, controls.tenantry.dev/f: C.1")
    assert shown(tree, kind="Other") == (0, 1)


NASTY = "</td><script>alert(1)</script> | `x` **b** [a](javascript:b) \"q' & \n# h \x1b[31m\u202e"


class Tags(HTMLParser):
    """Every tag of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_no_value_breaks_out_of_its_place() -> None:
    fact = Fact(NASTY, NASTY, NASTY, Location(NASTY, 1), (NASTY,))
    plain = Fact("t", "c", "o", Location("p", 1), ("s",))

    def made(value: str, each: Fact) -> Evidence:
        control = Control(value, value, "https://example.com", (Proof(value, value, value, Location("p")),))
        return Evidence(value, value, (value,), value, (Standing(control, (each,), (each,), (value,)),))

    pages = []
    for evidence_ in (made(NASTY, fact), made("v", plain)):
        page = Tags()
        page.feed(evidence_report(evidence_, "html"))
        pages.append(page)
    assert pages[0].tags == pages[1].tags
    assert "<script>alert(1)</script>" in pages[0].text
    lines = [evidence_report(each, "md").splitlines() for each in (made(NASTY, fact), made("v", plain))]
    assert len(lines[0]) == len(lines[1])
    for nasty, sound in zip(*lines, strict=True):
        assert len(re.findall(r"(?<!\\)\|", re.sub(r"`+.*?`+", "", nasty))) == sound.count("|")
        assert "<script>" not in re.sub(r"(`+).*\1", "", nasty)
    for format_ in ("md", "html"):
        assert not {"\x1b", "\u202e"} & set(evidence_report(made(NASTY, fact), format_))
    assert json.loads(evidence_report(made(NASTY, fact), "json"))["title"] == NASTY


# The example fleet


def test_the_page_shows_what_is_printed() -> None:
    page = (REPOSITORY / "docs/compliance.md").read_text(encoding="utf-8")
    ((command, lines, shown_),) = re.findall(r"```console\n\$ tenantry (.*) \| head -(\d+)\n(.*?)```", page, re.DOTALL)
    result = run("--root", str(REPOSITORY), *command.split())
    assert "".join(result.stdout.splitlines(keepends=True)[: int(lines)]) == shown_


WITHOUT = {
    "gdpr": {"Art.17", "Art.44"},
    "hipaa": {"164.308-a-7", "164.312-a-1", "164.312-e-1"},
    "soc2": {"CC6.6", "CC8.1", "A1.2"},
}
"""Controls that no object of the example fleet shows; docs/compliance.md says why."""


@pytest.mark.parametrize("framework", sorted(WITHOUT))
def test_the_controls_of_the_example_fleet_that_no_object_shows(framework: str) -> None:
    result = run("--root", str(REPOSITORY), "evidence", "--framework", framework, "--format", "json")
    assert result.exit_code == 0, result.stderr
    controls = json.loads(result.stdout)["controls"]
    assert {each["id"] for each in controls if not each["objects"]} == WITHOUT[framework]
    assert [bool(each["objects"]) for each in controls] == sorted(bool(each["objects"]) for each in controls)
    page = (REPOSITORY / "docs/compliance.md").read_text(encoding="utf-8")
    for control in WITHOUT[framework]:
        assert control in page


def test_the_erasure_of_a_tenant_that_leaves_is_evidence(tmp_path: Path) -> None:
    from tests.fleets.changed import example_fleet

    data = yaml.safe_load((REPOSITORY / "tenants/a2z-soc/lindgren.yaml").read_text())
    root = example_fleet(
        tmp_path, ("tenants/a2z-soc/lindgren.yaml", f"state: {data['spec']['state']}", "state: offboarding")
    )
    assert run("--root", str(root), "render").exit_code == 0
    result = run("--root", str(root), "evidence", "--framework", "gdpr", "--tenant", "lindgren", "--format", "json")
    found = {each["id"]: each for each in json.loads(result.stdout)["controls"]}
    assert [each["object"] for each in found["Art.17"]["objects"]] == ["Job tenant-lindgren/erasure"]


RECORD = """\
apiVersion: storage.azure.com/v1api20230101
kind: StorageAccountsBlobServicesContainer
metadata:
  name: record
  namespace: data
  labels: {{tenantry.dev/tenant: acme, controls.tenantry.dev/made-up: C.1}}
spec:
  owner: {{armId: /subscriptions/0/resourceGroups/a/providers/Microsoft.Storage/storageAccounts/{account}}}
"""
ACCOUNT = """\
apiVersion: storage.azure.com/v1api20230101
kind: StorageAccount
metadata: {{name: account, namespace: data}}
spec: {{azureName: locked, supportsHttpsTrafficOnly: {secured}}}
"""


def _lacking(files: dict[str, str]) -> tuple[tuple[str, ...], str]:
    proof = Proof(
        "StorageAccountsBlobServicesContainer",
        "variables.account.spec.supportsHttpsTrafficOnly",
        "it wants TLS",
        Location("made-up.yaml", 1, 1),
    )
    tree = Tree({path: body.encode() for path, body in files.items()})
    (standing,), faults = standings(tree, "made-up", [Control("C.1", "A title", "", (proof,))], ["acme"])
    assert not faults
    return standing.lacking, standing.reason


def test_a_container_shows_what_its_storage_account_on_the_same_cluster_does() -> None:
    record = RECORD.format(account="locked")
    assert _lacking({"a/record.yaml": record, "a/account.yaml": ACCOUNT.format(secured="true")}) == ((), "")
    for other in (
        {"a/record.yaml": record, "a/account.yaml": ACCOUNT.format(secured="false")},
        {"a/record.yaml": record, "b/account.yaml": ACCOUNT.format(secured="true")},
        {"a/record.yaml": RECORD.format(account="other"), "a/account.yaml": ACCOUNT.format(secured="true")},
    ):
        assert _lacking(other)[0] == ("acme",)


def test_what_one_cluster_shows_does_not_stand_for_another() -> None:
    record = RECORD.format(account="locked")
    shown = {"a/record.yaml": record, "a/account.yaml": ACCOUNT.format(secured="true")}
    said = "1 object is labelled with it on b, and none shows it there"
    assert _lacking({**shown, "b/record.yaml": record}) == (("acme",), said)
