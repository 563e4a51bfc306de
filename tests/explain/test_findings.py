"""A finding of `tenantry check` names the template's line and the inputs' lines that made it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from generator.diagnostics import Diagnostic
from generator.pipeline import checks, output
from tests.fleets import small_fleet

BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: extra
  namespace: {{ tenant.namespace }}
  labels: {{ {"tenantry.dev/tenant": tenant.name} }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ "operator-" ~ tenant.ring }}
subjects:
  - kind: Group
    name: {{ tenant.issuer.group }}
    apiGroup: rbac.authorization.k8s.io
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The small fleet, rendered, with a template that binds a role that is not there."""
    folder = small_fleet(tmp_path)
    (folder / "templates/tenant/tenancy").mkdir(parents=True)
    (folder / "templates/tenant/tenancy/extra.yaml").write_text(BINDING, encoding="utf-8")
    tree = output.render(folder, jobs=1).tree
    assert tree is not None
    output.write(folder, tree)
    return folder


def told(finding: Diagnostic) -> list[tuple[str, str, int]]:
    return [(each.message, each.location.path, each.location.line) for each in finding.related]


def of(root: Path, code: str, tenant: str) -> Diagnostic:
    found = checks.check(root, today=date(2026, 1, 1), looking=checks.Looking(kubeconform=False)).diagnostics
    return next(each for each in found if each.code.id == code and f"/{tenant}/" in each.location.path)


def test_the_templates_line_and_the_input_are_named(root: Path) -> None:
    assert told(of(root, "CHK047", "anvil")) == [
        ("written by the template here", "templates/tenant/tenancy/extra.yaml", 10),
        ("from this input", "tenants/anvil.yaml", 12),
    ]


def test_a_line_edited_by_hand_is_said_to_be_one(root: Path) -> None:
    path = Path(of(root, "CHK047", "anvil").location.path)
    text = (root / path).read_text(encoding="utf-8")
    (root / path).write_text(text.replace("name: operator-stable", "name: by-hand"), encoding="utf-8")
    (message, place, _) = told(of(root, "CHK047", "anvil"))[0]
    assert message == "this line is not what the inputs render to; tenantry render puts it back"
    assert place == path.as_posix()


def test_lines_below_an_edit_keep_their_origin(root: Path) -> None:
    path = root / of(root, "CHK047", "anvil").location.path
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("metadata:\n", "# a comment\nmetadata:\n"), encoding="utf-8")
    assert told(of(root, "CHK047", "anvil"))[1] == ("from this input", "tenants/anvil.yaml", 12)


def test_a_file_that_nothing_renders_is_said_to_be_one(root: Path) -> None:
    path = root / of(root, "CHK047", "anvil").location.path
    path.rename(path.with_name("other.yaml"))
    (message, *_) = told(of(root, "CHK047", "anvil"))[0]
    assert message == "the inputs render to no such file; run tenantry render"


def test_a_template_that_fails_leaves_the_findings_as_they_are(root: Path) -> None:
    template = root / "templates/tenant/tenancy/extra.yaml"
    template.write_text(template.read_text(encoding="utf-8").replace("tenant.ring", "tenant.rnig"), encoding="utf-8")
    (message, *_) = told(of(root, "CHK047", "anvil"))[0]
    assert message == "the inputs render to no such file; run tenantry render"
