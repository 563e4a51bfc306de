"""What is rendered of policies/admission: the values as written, on every cluster, and nothing breaks out."""

from __future__ import annotations

from pathlib import Path

import yaml

from generator.check import check
from generator.diagnostics import Severity
from generator.pipeline import output
from tests.fleets import Edit, small_fleet

REPOSITORY = Path(__file__).parents[2]
ADMISSION = REPOSITORY / "policies" / "admission"
ODD = """\
# Text that would be something else if it were pasted.
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: odd
  annotations: {note: "a: b\\n---\\nkind: Namespace # {{ fleet }} {% if %}"}
spec:
  failurePolicy: Fail
  matchConstraints: {}
  validations:
    - expression: "'\\n---\\n' != '{{ x }}' && \\"#\\" != 'no'"
      message: "yes"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: odd}
spec: {policyName: odd, validationActions: [Audit]}
"""


def test_every_policy_reaches_every_cluster_as_it_is_written() -> None:
    rendered = output.render(REPOSITORY)
    assert rendered.tree is not None
    assert rendered.fleet is not None
    written = {}
    for file in sorted(ADMISSION.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            written[document["kind"], document["metadata"]["name"]] = document["spec"]
    first = None
    for cluster in rendered.fleet.clusters:
        body = rendered.tree.files[f"{cluster.name}/cluster/policies.yaml"]
        found = {(one["kind"], one["metadata"]["name"]): one["spec"] for one in yaml.safe_load_all(body)}
        assert found == written
        objects = body.partition(b"apiVersion")[2]
        first = first or objects
        assert objects == first
    result = check(rendered.tree, {cluster.name: cluster.kubernetes for cluster in rendered.fleet.clusters})
    assert (result.policies, result.unevaluated) == (len(list(ADMISSION.glob("*.yaml"))), 0)
    assert [each for each in result.diagnostics if each.severity is not Severity.NOTE] == []


def test_text_in_a_policy_stays_text(tmp_path: Path) -> None:
    root = small_fleet(tmp_path, [Edit("policies/admission/odd.yaml", "", ODD)])
    rendered = output.render(root)
    assert rendered.tree is not None, rendered.diagnostics
    bodies = [body for path, body in rendered.tree.files.items() if path.endswith("/cluster/policies.yaml")]
    assert bodies
    wanted = list(yaml.safe_load_all(ODD))
    for body in bodies:
        policy, binding = yaml.safe_load_all(body)
        assert (policy["spec"], binding["spec"]) == (wanted[0]["spec"], wanted[1]["spec"])
        assert policy["metadata"]["annotations"]["note"] == wanted[0]["metadata"]["annotations"]["note"]


def test_a_fleet_without_policies_renders_none(tmp_path: Path) -> None:
    rendered = output.render(small_fleet(tmp_path))
    assert rendered.tree is not None
    assert not [path for path in rendered.tree.files if path.endswith("/cluster/policies.yaml")]
