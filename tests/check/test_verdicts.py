"""A cluster that was found to be sound is counted and not looked at again, until anything at all is another."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.check import Contracts, Verdicts, check
from generator.check.verdicts import Sound, key_of
from generator.model.policies import AdmissionPolicy
from generator.model.tree import Tree
from generator.pipeline import verdicts as kept
from tests.conftest import examples

CLEAN = Path(__file__).parent / "clean"
KUBERNETES = {"cell": "1.34", "other": "1.34"}


@cache
def cells() -> dict[str, bytes]:
    clean = {file.relative_to(CLEAN).as_posix(): file.read_bytes() for file in sorted(CLEAN.rglob("*.yaml"))}
    return {
        **clean,
        **{f"other{path.removeprefix('cell')}": body.replace(b"cell", b"other") for path, body in clean.items()},
    }


@cache
def sound() -> dict[str, Sound]:
    verdicts = Verdicts("this", {})
    check(Tree(cells()), KUBERNETES, verdicts=verdicts)
    return dict(verdicts.found)


def test_what_is_known_is_counted_as_if_it_had_been_looked_at() -> None:
    verdicts = Verdicts("this", sound())
    assert len(sound()) == 2
    assert check(Tree(cells()), KUBERNETES, verdicts=verdicts) == check(Tree(cells()), KUBERNETES)


def test_processes_find_and_know_the_same() -> None:
    verdicts = Verdicts("this", {})
    assert check(Tree(cells()), KUBERNETES, verdicts=verdicts, jobs=2) == check(Tree(cells()), KUBERNETES)
    assert verdicts.found == sound()


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_changed_output_gives_the_same_findings_whatever_is_known(data: st.DataObject) -> None:
    files = dict(cells())
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(files)))
        lines = files[path].split(b"\n")
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "value", "file", "name"])):
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "value":
                lines[at] = (
                    lines[at].partition(b":")[0] + b": " + data.draw(st.sampled_from([b"x", b"12", b'""', b"[]"]))
                )
            case "file":
                del files[path]
                continue
            case "name":
                files[f"{path}.yaml"] = files.pop(path)
                continue
        files[path] = b"\n".join(lines)
    verdicts = Verdicts("this", sound())
    expected = check(Tree(files), KUBERNETES)
    assert check(Tree(files), KUBERNETES, verdicts=verdicts) == expected
    assert check(Tree(files), KUBERNETES, verdicts=Verdicts("this", verdicts.found)) == expected


def test_a_cluster_with_any_finding_is_not_remembered() -> None:
    for path, old, new in (
        ("cell/tenants/acme/workload/services.yaml", b"kind: Service\n", b"kind: Sevice\n"),
        ("cell/tenants/acme/workload/services.yaml", b"kind: Service\n", b"kind: Odd\n"),
    ):
        body = cells().get(path, b"")
        path, body = (
            (path, body) if old in body else next((p, b) for p, b in cells().items() if old in b and p[:4] == "cell")
        )
        verdicts = Verdicts("this", {})
        result = check(Tree({**cells(), path: body.replace(old, new, 1)}), KUBERNETES, verdicts=verdicts)
        assert result.diagnostics
        assert len(verdicts.found) == 1


def test_an_exhaustive_check_knows_nothing_and_remembers_nothing() -> None:
    lie = {key: Sound(1, ()) for key in sound()}
    verdicts = Verdicts("this", lie)
    assert check(Tree(cells()), KUBERNETES, verdicts=verdicts).objects == 2
    assert check(Tree(cells()), KUBERNETES, verdicts=verdicts, exhaustive=True).objects > 2
    assert not verdicts.found


def test_every_rule_counts() -> None:
    policy = AdmissionPolicy("p", "policies/admission/p.yaml", {}, {}, {}, ())
    own = Contracts({"example.com/widget_v1.json": json.dumps({"type": "object"}).encode()})
    verdicts = Verdicts("this", {})
    rules = [
        verdicts.rules(Contracts(), ()),
        Verdicts("other", {}).rules(Contracts(), ()),
        verdicts.rules(own, ()),
        verdicts.rules(Contracts(), (policy,)),
    ]
    assert len(set(rules)) == 4
    files = [("a", b"b")]
    keys = [
        key_of(rules[0], "cell", "1.34", files),
        key_of(rules[1], "cell", "1.34", files),
        key_of(rules[0], "cel", "l1.34", files),
        key_of(rules[0], "cell", "1.33", files),
        key_of(rules[0], "cell", "1.34", [("a", b"b"), ("c", b"")]),
        key_of(rules[0], "cell", "1.34", [("ab", b"")]),
    ]
    assert len(set(keys)) == 6


def test_what_is_kept_is_read_again_and_anything_odd_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANTRY_CACHE", str(tmp_path / "cache"))
    assert kept.remembered(kept.FEWEST - 1) is None
    verdicts = kept.remembered(kept.FEWEST)
    assert verdicts is not None
    assert not verdicts.known
    verdicts.found.update(sound())
    kept.remember(verdicts)
    again = kept.remembered(kept.FEWEST)
    assert again is not None
    assert again.known == sound()
    file = tmp_path / "cache" / "parsed.sqlite"
    file.chmod(0o666)
    assert kept.remembered(kept.FEWEST) is None
    file.chmod(0o600)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE parsed SET value = CAST(replace(CAST(value AS TEXT), '[', '[9') AS BLOB)")
    spoilt = kept.remembered(kept.FEWEST)
    assert spoilt is not None
    assert not spoilt.known
    file.write_bytes(b"\x00")
    spoilt = kept.remembered(kept.FEWEST)
    assert spoilt is None or not spoilt.known
    monkeypatch.setenv("TENANTRY_CACHE", "off")
    assert kept.remembered(kept.FEWEST) is None
