"""The check never raises, whatever the bytes are, and counts everything that it saw."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.check import CheckResult, check
from generator.check.applications import SIZE_LIMIT, TOO_LARGE
from generator.check.events import parse
from generator.model.tree import Tree

CLEAN = Path(__file__).parent / "clean"
FILE = "cell/tenants/acme/workload/extra.yaml"
KUBERNETES = {"cell": "1.34"}
HEADER = b"# Rendered by tenantry from fleet.yaml by tenant/workload/extra.yaml.\n# Do not edit.\n"


@cache
def clean() -> dict[str, bytes]:
    return {file.relative_to(CLEAN).as_posix(): file.read_bytes() for file in sorted(CLEAN.rglob("*.yaml"))}


def checked(path: str, body: bytes) -> CheckResult:
    result = check(Tree({**clean(), path: body}), KUBERNETES)
    assert result.objects == result.checked + result.unchecked
    return result


words = st.sampled_from(
    ["- ", "  ", "a: ", "? ", "[", "{", "]", "}", ", ", "&x ", "*x ", "!!int ", "!x ", "|", ">", '"', "'", "\n",
     "---\n", "...\n", "kind: Service\n", "apiVersion: v1\n", "metadata: {name: a}\n", "<<: ", "#", "%YAML 1.1\n",
     "\t", "\x85", "\ufeff", "\u2028", "\r", "yes", "0o17", "1e999", ".nan", "~", "null: "]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
@example(b"\x00")
@example(b"\xff\xfea\x00")
@example(b"\xef\xbb\xbfa: b")
def test_arbitrary_bytes_never_raise(body: bytes) -> None:
    checked(FILE, body)


@settings(max_examples=250, deadline=None)
@given(st.lists(words, max_size=40).map("".join))
def test_arbitrary_yaml_never_raises(text: str) -> None:
    checked(FILE, HEADER + text.encode())


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_line_deleted_or_doubled_anywhere_never_raises(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(clean())))
    lines = clean()[path].splitlines(keepends=True)
    line = data.draw(st.integers(0, len(lines) - 1))
    copies = data.draw(st.sampled_from([0, 2]))
    checked(path, b"".join([*lines[:line], *[lines[line]] * copies, *lines[line + 1 :]]))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.data(), values)
def test_a_value_of_any_shape_in_any_place_never_raises(data: st.DataObject, value: Any) -> None:
    path = data.draw(st.sampled_from(sorted(clean())))
    documents = [document.data for document in parse(clean()[path].decode())[0]]
    at: Any = data.draw(st.sampled_from(documents))
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = value
    checked(path, HEADER + "".join(f"---\n{json.dumps(document)}\n" for document in documents).encode())


@pytest.mark.parametrize("target", ["[]", "{a: b}", "true", "1.5"])
def test_a_port_that_is_none_never_raises(target: str) -> None:
    path = "cell/tenants/acme/workload/services.yaml"
    body = clean()[path].replace(b"targetPort: http", f"targetPort: {target}".encode())
    assert body != clean()[path]
    assert checked(path, body).diagnostics


@given(st.randoms())
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_files_changes_nothing(random: Random) -> None:
    files = {**clean(), FILE: HEADER + b"---\napiVersion: v1\nkind: Secret\nmetadata: {name: api, namespace: gone}\n"}
    paths = list(files)
    random.shuffle(paths)
    assert check(Tree({path: files[path] for path in paths}), KUBERNETES) == check(Tree(files), KUBERNETES)


def test_collections_nested_100_000_deep_are_refused_and_end_no_process() -> None:
    for opening in ("- ", "[", "{a: ", "? ", "- [{a: "):
        result = checked(FILE, HEADER + opening.encode() * 100_000)
        assert result.diagnostics


def test_a_chain_of_aliases_is_refused_before_it_grows() -> None:
    lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))]
    result = checked(FILE, HEADER + "\n".join(lines).encode())
    assert "CHK005" in {diagnostic.code.id for diagnostic in result.diagnostics}


def test_files_too_large_for_one_application_are_found() -> None:
    line = b"#" * 999 + b"\n"
    document = (
        b"---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: large\n  namespace: tenant-acme\ndata: {a: b}\n"
    )
    result = checked(FILE, HEADER + document + line * (SIZE_LIMIT // 1000))
    assert [diagnostic.location.path for diagnostic in result.diagnostics if diagnostic.code is TOO_LARGE] == [
        "rendered/cell/argocd/tenants/acme.yaml"
    ]


def test_a_file_over_ten_megabytes_is_not_read() -> None:
    result = checked(FILE, HEADER + b"a" * 10_000_000)
    assert "CHK001" in {diagnostic.code.id for diagnostic in result.diagnostics}
