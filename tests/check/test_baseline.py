"""Known findings: what passes until when, what is said of idle entries, and the file that makes findings known."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.check import Settled, Terms, baseline, check, failed, settle
from generator.check.known import EXPIRED, UNUSED
from generator.check.owners import owners
from generator.diagnostics import Code, Diagnostic, Severity
from generator.load import LIMIT, load_documents
from generator.model.known import Known
from generator.model.tree import Tree
from generator.resolve.known import known_of
from generator.source import Location
from tests.check.test_promises import KUBERNETES, clean
from tests.conftest import REPOSITORY

TODAY = date(2026, 3, 1)
TERMS = Terms(TODAY, "platform-team", "The new policy came on Monday.")
HEADER = "# Rendered by tenantry from fleet.yaml by tenant/workload/extra.yaml.\n# Do not edit.\n"
OBJECT = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: tenant-acme\n{rest}"


def finding(
    code: str = "CHK901",
    message: str = "Service a/b is wrong",
    path: str = "rendered/cell/a.yaml",
    severity: Severity = Severity.ERROR,
) -> Diagnostic:
    return Diagnostic(Code(code, "a", "b"), severity, message, Location(path, 7, 3, "  name: a"), hint="mend it")


def known(code: str = "CHK901", message: str = "", file: str = "cell/a.yaml", until: date = TODAY) -> Known:
    return Known(
        code=code,
        message=message,
        file=file,
        until=until,
        approved_by="team",
        reason="because of that",
        location=Location("baseline.yaml", 9, 1, "x"),
    )


def left(findings: Sequence[Diagnostic], *entries: Known) -> list[str]:
    return [each.code.id for each in settle(findings, entries, TODAY).left]


def test_what_is_named_passes_to_its_last_day_and_is_counted() -> None:
    settled = settle([finding()], [known()], TODAY)
    assert settled == Settled((), ((finding(), known()),))


def test_nothing_else_passes() -> None:
    for entry in (
        known(code="CHK902"),
        known(file="cell/b.yaml"),
        known(file="cell"),
        known(file="*/b.yaml"),
        known(message="Service a/b"),
        known(message="* is right"),
    ):
        assert left([finding()], entry) == [UNUSED.id, "CHK901"]


def test_a_star_stands_for_any_characters_and_everything_else_for_itself() -> None:
    for entry in (known(file="*"), known(file="cell/*"), known(file="*/a.yaml"), known(message="Service * is wrong")):
        assert left([finding()], entry) == []
    assert left([finding(message="x(y)[z]")], known(message="x(y)[*]")) == []
    assert left([finding(message="xyz")], known(message="x.z")) == [UNUSED.id, "CHK901"]


def test_an_expired_entry_lets_nothing_pass_and_is_named_beside_what_it_let_pass() -> None:
    (about, again) = settle([finding()], [known(until=date(2026, 2, 28))], TODAY).left
    assert (about.code, about.severity, about.location.line) == (EXPIRED, Severity.WARNING, 9)
    assert (again.code.id, again.related[0].message) == ("CHK901", "this was known until 2026-02-28")


def test_notes_are_never_known_but_warnings_are() -> None:
    note, warning = finding(severity=Severity.NOTE), finding(severity=Severity.WARNING)
    assert left([note], known()) == [UNUSED.id, "CHK901"]
    assert left([warning], known()) == []


def test_objects_with_an_error_are_counted_once_and_others_not() -> None:
    several = HEADER + "".join(
        OBJECT.format(name=name, rest=rest)
        for name, rest in (("one", "data: {a: 1, b: 2}\n"), ("two", "data: {a: b}\n"), ("three", "specc: {}\n"))
    )
    tree = Tree({**clean(), "cell/tenants/acme/workload/extra.yaml": several.encode()})
    found = check(tree, KUBERNETES).diagnostics
    assert failed(tree, found) == 2
    assert {rendered.name for rendered in owners(tree, found).values()} == {"one", "three"}


def read(folder: Path, text: str) -> tuple[Known, ...]:
    """The entries of a baseline.yaml, which must have no fault."""
    (folder / "fleet.yaml").write_bytes((REPOSITORY / "fleet.yaml").read_bytes())
    (folder / "baseline.yaml").write_text(text, encoding="utf-8")
    documents, faults = load_documents(folder)
    assert faults == ()
    return known_of(documents)


def test_an_objects_own_name_is_left_out_so_that_one_entry_speaks_of_many(tmp_path: Path) -> None:
    body = HEADER + OBJECT
    files = {f"cell/{name}.yaml": body.format(name=name, rest="").encode() for name in ("one", "two")}
    found = [
        finding(message=f"policy p refuses ConfigMap tenant-acme/{name}: no", path=f"rendered/cell/{name}.yaml")
        for name in ("one", "two")
    ]
    text, count = baseline(Tree(files), settle(found, (), TODAY), TERMS, LIMIT)
    assert (count, text.count("- code:")) == (2, 1)
    assert 'message: "policy p refuses *: no"' in text
    assert settle(found, read(tmp_path, text), TODAY).left == ()


def test_entries_in_use_keep_their_day_and_idle_ones_go() -> None:
    entries = [known(until=date(2026, 4, 1)), known(file="cell/gone.yaml")]
    found = [finding(), finding(path="rendered/cell/b.yaml")]
    text, count = baseline(Tree({}), settle(found, entries, TODAY), TERMS, LIMIT)
    assert count == 2
    assert "gone" not in text
    assert 'until: "2026-04-01"\n      approvedBy: "team"\n      reason: "because of that"\n' in text
    assert 'until: "2026-03-01"\n      approvedBy: "platform-team"\n' in text


def test_what_would_be_too_large_to_be_read_names_the_files_of_a_cell_at_once(tmp_path: Path) -> None:
    found = [finding(path=f"rendered/cell-{number % 3}/tenants/{number}/a.yaml") for number in range(9000)]
    text, count = baseline(Tree({}), settle(found, (), TODAY), TERMS, LIMIT)
    assert count == 9000
    assert len(text.encode()) <= LIMIT
    assert {each.file for each in read(tmp_path, text)} == {"cell-0/*", "cell-1/*", "cell-2/*"}
    assert settle(found, read(tmp_path, text), TODAY).left == ()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=20)), max_size=5))
def test_whatever_is_found_is_known_once_it_is_written(several: list[tuple[str, str]]) -> None:
    found = [finding(message=message, path=f"rendered/cell/{name}") for message, name in several]
    text, _ = baseline(Tree({}), settle(found, (), TODAY), TERMS, LIMIT)
    with tempfile.TemporaryDirectory() as folder:
        assert settle(found, read(Path(folder), text), TODAY).left == ()
