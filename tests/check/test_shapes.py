"""Looking at equal things once finds what looking at each of them finds: the same data, findings and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.check import CheckResult, check, contracts
from generator.check.events import parse
from generator.check.shapes import Shapes
from generator.model.tree import Tree
from generator.shapes import Values
from generator.shapes.expressions import compiled
from tests.conftest import REPOSITORY, examples

CLEAN = Path(__file__).parent / "clean"
KUBERNETES = {"cell": "1.34", "other": "1.34"}

LINES = st.sampled_from(
    ["a: b", "a: 12", 'a: "b c"', 'a: "b\\"c"', "a: [b]", 'a: [b, "c d"]', "- a", "- 7", "- b: c", "  - d: e", "  a: b",
     "    a: b", "a:", "  b:", "a: |", "a: >-", "a: |+", "  k: v", "  - x", 'a: "b', '  c: d"', "a: 'b", "  c: d'",
     "a: b c", "a: b #c", "a: b: c", "a: c:d", "a: true", "a: no", "a: ~", "a: 0x1f", "a: 1e3", "a: 012", "a: 1_0",
     "a: .5", "a: -", "? a", ": b", "a: {b: c}", "a: [", "  b: c", "]", "a: {", "}", "a: *b", "a: &b c", "a: !!str b",
     "--- a: b", "---", "...", "%YAML 1.1", "# a: b", "  # a: b", "", " ", "a: b ", "a: \ue000w1\ue001", "a: \x85",
     "a: \u2028b", "\ufeffa: b", "a: \x07", "a: \u00e4\u00f6", 'a: "\u00e4 \u6f22"', "<<: a", "on: a", "a: b\r",
     "- - a: b", "a: 2026-01-01", 'a: ""', "a: b, c", "a: [b", "  c]", "a: b'c", '"a": b', "kind: a", "apiVersion: b"]
)  # fmt: skip

WORDS = st.sampled_from(
    ["  word", "  two words", "   12", "  true", "  (a b) c", " a: b", "  - a", "  a:", '  "b c"', "  # note",
     "a: two words", "a: 12", "a: 0x1F", "a: 010", "a: yes", "a: 1:30", "a: word,", "  more: than, words", "  a#b",
     "  a #b", "  b:c", "a: >-", "a: |", "a: b # note", "---", "# head"]
)  # fmt: skip


def same(shapes: Shapes, text: str) -> None:
    documents = shapes.documents(text)
    if documents is not None:
        assert ([document for document, _ in documents], []) == parse(text)
        for document, form in documents:
            assert repr(compiled(form.shape.data)(form.values)) == repr(document.data)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.lists(LINES | WORDS, max_size=7), min_size=1, max_size=4))
@example([["? a", "  word"]])
@example([["a: |-", "  k: v"], ["a: |-", "  k: w"]])
@example([['a: "x', '  b: "c"', '  d"']])
@example([["a: |", "  k: [b, c]"]])
@example([["a: x", "  - b"], ["a: x", "  - 12"]])
def test_data_by_shape_is_what_the_parser_gives(pieces: list[list[str]]) -> None:
    shapes = Shapes()
    for _ in range(2):
        same(shapes, "\n---\n".join("\n".join(lines) for lines in pieces) + "\n")
    for lines in pieces:
        same(shapes, "# head\n" + "\n".join(lines) + "\n")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["a: {}", "- {}", "a: [{}]", 'a: "{}"', "a: |\n  k: {}", "a:\n  - b: {}\n    c: d"]), st.data())
def test_any_value_in_a_place_whose_shape_is_known_is_read_as_the_parser_reads_it(
    place: str, data: st.DataObject
) -> None:
    shapes = Shapes()
    same(shapes, place.format("word") + "\n")
    same(shapes, place.format("12") + "\n")
    value = st.text(st.sampled_from("abEXox019.:-_ #'\"[]{},&*!|>%@`/\\~\n=?+é"), max_size=9)
    for _ in range(3):
        same(shapes, place.format(data.draw(value)) + "\n")


@cache
def committed() -> dict[str, bytes]:
    folder = REPOSITORY / "rendered"
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*.yaml"))}


def test_every_file_of_the_example_is_read_by_shape_and_as_the_parser_reads_it() -> None:
    shapes = Shapes()
    made: dict[int, Callable[[Values], Any]] = {}  # once for each shape: to compile one takes as long as to read fifty
    documents = 0
    for path, body in committed().items():
        found = shapes.documents(body.decode())
        assert found is not None, path
        assert ([document for document, _ in found], []) == parse(body.decode()), path
        for document, form in found:
            if id(form.shape) not in made:
                made[id(form.shape)] = compiled(form.shape.data)
            assert made[id(form.shape)](form.values) == document.data, path
        documents += len(found)
    assert documents > 10 * shapes.count


def test_a_shape_of_many_documents_is_compiled_to_the_same_data() -> None:
    shapes = Shapes()
    for number in range(1, 150):
        text = f'a: [b, "c {number}"]\nb:\n  - {number}\n  - name: n{number}\n    fixed: [1, 2]\n'
        text += f"c: |\n  k: v{number}\n  l\nd: two words\n  more {number}\n"
        found = shapes.documents(text)
        assert found is not None
        assert ([document for document, _ in found], []) == parse(text)
    assert shapes.count == 1


@cache
def cells() -> dict[str, bytes]:
    """The clean cell twice under two names, beside a cell of the example with its policies."""
    clean = {file.relative_to(CLEAN).as_posix(): file.read_bytes() for file in sorted(CLEAN.rglob("*.yaml"))}
    other = {f"other{path.removeprefix('cell')}": body.replace(b"cell", b"other") for path, body in clean.items()}
    clusters = Counter(path.partition("/")[0] for path in committed() if path.endswith("/mesh.yaml"))
    name = next(name for name in sorted(clusters) if clusters[name] > 3)
    return {**clean, **other, **{path: body for path, body in committed().items() if path.startswith(f"{name}/")}}


def versions() -> dict[str, str]:
    return {path.partition("/")[0]: "1.34" for path in cells()}


def both(files: dict[str, bytes]) -> CheckResult:
    shared, exhaustive = (check(Tree(files), versions(), exhaustive=each) for each in (False, True))
    assert shared == exhaustive
    return shared


def test_what_is_not_mutated_is_the_same_both_ways() -> None:
    assert both(cells()).objects > 300


REPLACEMENTS = st.sampled_from(
    ["", "x", "Other", "12", '"12"', "true", "null", "{}", "[]", "[a, b]", "tenant-gone", "-x", "x" * 64, "a.b.c",
     "*", '"*"', "latest", "http://x/y", "ClusterIP", "LoadBalancer", "PERMISSIVE", "100", "default", "kube-system"]
)  # fmt: skip


@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_mutated_output_gives_the_same_findings_both_ways(data: st.DataObject) -> None:
    files = dict(cells())
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(sorted(files)))
        lines = files[path].decode().split("\n")
        at = data.draw(st.integers(0, len(lines) - 1))
        key, colon, value = lines[at].partition(": ")
        match data.draw(st.sampled_from(["value", "value", "value", "key", "drop", "double", "swap", "file"])):
            case "value" if colon:
                lines[at] = f"{key}: {data.draw(REPLACEMENTS)}"
            case "key" if colon:
                lines[at] = f"{key}x: {value}"
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                to = data.draw(st.integers(0, len(lines) - 1))
                lines[at], lines[to] = lines[to], lines[at]
            case "file":
                lines = []
        if lines:
            files[path] = "\n".join(lines).encode()
        else:
            del files[path]
    both(files)


def test_a_value_that_a_policy_reads_is_judged_in_every_object_and_at_its_own_line() -> None:
    files = dict(cells())
    spoilt = []
    for path, body in files.items():
        if (
            b"kind: PeerAuthentication" in body
            and b"mode: STRICT" in body
            and "/tenants/" in path
            and "cell" not in path
        ):
            files[path] = body.replace(b"mode: STRICT", b"mode: PERMISSIVE")
            spoilt.append(f"rendered/{path}")
    refused = [found for found in both(files).diagnostics if "policy mtls-strict refuses" in found.message]
    assert len(spoilt) > 1
    assert {found.location.path for found in refused} == set(spoilt)
    assert all(found.location.line for found in refused)


def test_a_namespace_without_a_label_and_one_with_an_empty_label_are_not_the_same_to_a_policy() -> None:
    policy = b"""\
# Rendered by tenantry from fleet.yaml by odd.yaml.
# Do not edit.
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: odd}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}]
  validations:
    - expression: namespaceObject.metadata.labels.odd == null
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: odd}
spec: {policyName: odd, validationActions: [Deny]}
"""
    files = {"cell/cluster/odd.yaml": policy}
    for name, labels in (("a", "{odd: null}"), ("b", "{}")):
        files[f"cell/{name}.yaml"] = (
            f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels: {labels}\n---\n"
        ).encode()
        files[f"cell/{name}c.yaml"] = (
            f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  namespace: {name}\n"
        ).encode()
    refused = [found for found in both(files).diagnostics if found.code.id == "CHK121"]
    assert [found.location.path for found in refused] == ["rendered/cell/bc.yaml"]


def test_processes_make_no_difference() -> None:
    files = dict(cells())
    odd = b"# Rendered by tenantry from fleet.yaml by odd.yaml.\n# Do not edit.\n"
    odd += b"apiVersion: odd.example/v1\nkind: Odd\nmetadata: {name: odd, namespace: tenant-acme}\n"
    policy = b"""\
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: live}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [services]}]
  validations:
    - expression: authorizer.group('').resource('pods').check('get').allowed()
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: live}
spec: {policyName: live, validationActions: [Deny]}
"""
    for cluster in ("cell", "other"):
        files[f"{cluster}/tenants/acme/workload/odd.yaml"] = odd + policy
    one = both(files)
    assert (one.unchecked, one.unevaluated) == (2, 1)
    assert len([found for found in one.diagnostics if found.code.id == "CHK122"]) == 1
    assert check(Tree(files), versions(), jobs=3) == one
    # On a cluster that is alone they share the checks.
    alone = Tree({path: body for path, body in files.items() if path.startswith("cell/")})
    assert check(alone, versions(), jobs=2) == check(alone, versions())


def test_a_policy_that_is_taken_away_is_missed() -> None:
    path = next(path for path in cells() if path.endswith("/cluster/policies.yaml"))
    documents = cells()[path].split(b"\n---\n")
    gone = next(
        number for number, text in enumerate(documents) if b"kind: ValidatingAdmissionPolicy\n" in text and number
    )
    before, after = both(cells()), both({**cells(), path: b"\n---\n".join(documents[:gone] + documents[gone + 1 :])})
    assert after.policies == before.policies - 1
    assert {found.code.id for found in after.diagnostics} - {found.code.id for found in before.diagnostics} == {
        "CHK124"
    }


def test_a_contract_that_is_taken_away_leaves_its_objects_unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {key: file for key, file in contracts.contract_files().items() if key[1] != "virtualservice"}
    count = sum(body.count(b"\nkind: VirtualService\n") for body in cells().values())
    before = both(cells())
    monkeypatch.setattr(contracts, "contract_files", lambda: known)
    contracts._compiled.cache_clear()
    try:
        after = both(cells())
    finally:
        contracts._compiled.cache_clear()
    assert (after.unchecked, after.checked) == (before.unchecked + count, before.checked - count)
    assert count > 0


def test_leaks_between_tenants_are_the_same_both_ways() -> None:
    files = {
        path: body.replace(b"kind: NetworkPolicy\n", b"kind: ConfigMap\n").replace(b"mode: STRICT", b"mode: DISABLE")
        for path, body in cells().items()
    }
    codes = {found.code.id for found in both(files).diagnostics if found.code.id.startswith("ISO")}
    assert len(codes) > 2


@cache
def alike() -> tuple[dict[str, bytes], str, tuple[str, ...]]:
    """A cell of the example with one of its tenants several times, its name, and the tenants' names, which hold each
    other."""
    cluster = next(path.partition("/")[0] for path in sorted(cells()) if path.endswith("/cluster/policies.yaml"))
    files = {path: body for path, body in cells().items() if path.startswith(f"{cluster}/")}
    first = next(path.split("/")[2] for path in sorted(files) if path.endswith("/tenancy/mesh.yaml"))
    names = (first, f"{first}-a", f"{first}a", f"a-{first}")
    own = [path for path in files if first in path]
    for name in names[1:]:
        files |= {path.replace(first, name): files[path].replace(first.encode(), name.encode()) for path in own}
    return files, cluster, names


@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_breaks_one_of_many_alike_tenants_is_found_both_ways(data: st.DataObject) -> None:
    files, cluster, names = alike()
    name, other = data.draw(st.permutations(names))[:2]
    path = data.draw(st.sampled_from([each for each in sorted(files) if each.startswith(f"{cluster}/tenants/{name}/")]))
    lines = files[path].decode().split("\n")
    at = data.draw(st.sampled_from([number for number, line in enumerate(lines) if ": " in line]))
    key, _, value = lines[at].partition(": ")
    changed = data.draw(REPLACEMENTS | st.sampled_from([value.replace(name, other), f"{value}-a", value[:-1]]))
    lines[at] = f"{key}: {changed}"
    both({**files, path: "\n".join(lines).encode()})


def test_a_label_of_another_tenant_is_found_in_the_one_tenant_that_has_it() -> None:
    files, cluster, names = alike()
    before = {found.location.path for found in both(files).diagnostics if found.code.id == "ISO001"}
    for name, other in pairwise(names):
        path = f"{cluster}/tenants/{name}/tenancy/mesh.yaml"
        body = files[path].replace(
            f"tenantry.dev/tenant: {name}\n".encode(), f"tenantry.dev/tenant: {other}\n".encode()
        )
        assert body != files[path]
        found = [each for each in both({**files, path: body}).diagnostics if each.code.id == "ISO001"]
        assert {each.location.path for each in found} - before == {f"rendered/{path}"}
