"""kubeconform's findings among ours. Its own verdicts are tested where it is installed, and skipped elsewhere."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from generator.check import kubeconform
from generator.check.kubeconform import INVALID, NOT_RUN, check, installed, write_schemas
from generator.model.tree import Tree

KUBERNETES = {"cell": "1.34"}
HEADER = "# Rendered by tenantry from fleet.yaml by cluster/extra.yaml.\n# Do not edit.\n"
BROKEN = f"""{HEADER}apiVersion: apps/v1
kind: Deployment
metadata: {{name: api, namespace: shop}}
spec:
  replicas: "3"
  selector: {{}}
  template: {{}}
  flavour: sweet
---
apiVersion: v1
kind: Service
metadata: {{name: api, namespace: shop}}
spec:
  ports: [{{port: 80}}]
---
apiVersion: example.com/v1
kind: Widget
metadata: {{name: api, namespace: shop}}
"""
TREE = Tree({"cell/cluster/extra.yaml": BROKEN.encode()})

PROGRAM = os.environ.get("TENANTRY_TEST_KUBECONFORM") or installed() or ""
needs_kubeconform = pytest.mark.skipif(not PROGRAM, reason="kubeconform is not installed")


def fake(folder: Path, script: str) -> str:
    """A program that stands in for kubeconform."""
    program = folder / "kubeconform"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


@needs_kubeconform
def test_good_objects_pass_faults_are_found_at_their_lines_and_kinds_without_a_schema_are_counted() -> None:
    outcome = check(TREE, KUBERNETES, PROGRAM)
    assert (outcome.objects, outcome.unchecked) == (3, 1)
    assert {each.code for each in outcome.diagnostics} == {INVALID}
    messages = [each.message for each in outcome.diagnostics]
    assert {each.location.line for each in outcome.diagnostics} == {7}
    assert any("got string, want" in message for message in messages)
    assert any("'flavour' not allowed" in message for message in messages)


@needs_kubeconform
def test_kubeconform_and_our_own_schemas_agree_on_a_clean_cluster() -> None:
    clean = Path(__file__).parent / "clean"
    files = {file.relative_to(clean).as_posix(): file.read_bytes() for file in sorted(clean.rglob("*.yaml"))}
    outcome = check(Tree(files), KUBERNETES, PROGRAM)
    assert outcome.diagnostics == ()
    from generator.check import check as check_tree

    ours = check_tree(Tree(files), KUBERNETES)
    assert (outcome.objects, outcome.unchecked) == (ours.objects, ours.unchecked)


def test_what_it_says_becomes_findings_whatever_its_order(tmp_path: Path) -> None:
    msg = "problem: failed with 'x' - at '/spec': validation failed   - at '/spec/replicas': got string, want integer"
    said = [
        {"filename": "@/extra.yaml", "kind": "Deployment", "name": "api", "version": "apps/v1",
         "status": "statusInvalid", "msg": msg},
        {"filename": "@/extra.yaml", "kind": "Rollout", "name": "api", "status": "statusError",
         "msg": "could not find schema for Rollout"},
        {"filename": "@/extra.yaml", "kind": "", "name": "", "status": "statusError", "msg": "cannot be read"},
        {"filename": "@/extra.yaml", "kind": "Service", "name": "api", "status": "statusValid", "msg": ""},
    ]  # fmt: skip
    script = 'for last; do :; done\nsed "s#@#$last/cluster#g" "$0.json"\nexit 1'
    for order in (said, said[::-1]):
        program = fake(tmp_path, script)
        (tmp_path / "kubeconform.json").write_text(json.dumps({"resources": order}), encoding="utf-8")
        outcome = check(TREE, KUBERNETES, program)
        assert (outcome.objects, outcome.unchecked) == (4, 1)
        assert [(each.location.line, each.message) for each in outcome.diagnostics] == [
            (0, "kubeconform refuses the file: cannot be read"),
            (7, "kubeconform refuses Deployment api: got string, want integer"),
        ]
        assert outcome.diagnostics[1].related


def test_a_program_that_fails_or_talks_nonsense_is_an_error_and_never_a_pass(tmp_path: Path) -> None:
    for script, words in (("echo oops >&2; exit 3", "no result: oops"), ("echo '[]'", "no list of resources")):
        outcome = check(TREE, KUBERNETES, fake(tmp_path, script))
        assert outcome.objects == 0
        assert [each.code for each in outcome.diagnostics] == [NOT_RUN]
        assert words in outcome.diagnostics[0].message
    gone = check(TREE, KUBERNETES, str(tmp_path / "gone"))
    assert [each.code for each in gone.diagnostics] == [NOT_RUN]
    old = check(TREE, {"cell": "1.2"}, str(tmp_path / "gone"))
    assert "no schemas of Kubernetes 1.2" in old.diagnostics[0].message


def test_the_schemas_it_gets_refer_to_nothing_outside_of_themselves(tmp_path: Path) -> None:
    assert write_schemas(tmp_path, "1.34")
    files = list((tmp_path / "v1.34.0-standalone-strict").iterdir())
    assert {"deployment-apps-v1.json", "service-v1.json", "networkpolicy-networking-v1.json"} <= {
        file.name for file in files
    }
    for file in files:
        data = json.loads(file.read_text(encoding="utf-8"))
        assert "$id" not in data
        assert set(kubeconform._REFERENCE.findall(json.dumps(data))) <= set(data["$defs"])
