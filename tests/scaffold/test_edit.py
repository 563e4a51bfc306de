"""An edit changes what it must and nothing else: not a comment, an order, a quote, a blank line or a line's end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from generator.load.reader import read
from generator.scaffold import Change, Drop, Put, changed, edited
from tests.conftest import REPOSITORY

FILES = sorted((REPOSITORY / "tenants").rglob("*.yaml"))
TEXTS = [file.read_text(encoding="utf-8") for file in FILES]
VALUES = st.text(max_size=20)


def data(text: str) -> dict[str, Any]:
    reading = read("tenants/x.yaml", text.encode())
    assert reading.diagnostics == ()
    return reading.data


def made(text: str, *changes: Change) -> str:
    result = edited(text, changes)
    assert result is not None
    assert data(result) == changed(data(text), changes)
    return result


@st.composite
def files(draw: st.DrawFn) -> str:
    """An example tenant's file as people leave them: comments, blank lines, line ends, no last line end."""
    text = draw(st.sampled_from(TEXTS))
    lines = text.splitlines()
    for _ in range(draw(st.integers(0, 4))):
        number = draw(st.integers(0, len(lines)))
        lines.insert(number, draw(st.sampled_from(["", "   # why", "# - a: [b", "          # 'far'"])))
    for _ in range(draw(st.integers(0, 3))):
        number = draw(st.integers(0, len(lines) - 1))
        if lines[number].strip() and "#" not in lines[number]:
            lines[number] += draw(st.sampled_from(["   # a reason", "  ", " # {not: this}"]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    made = end.join(lines) + draw(st.sampled_from(["", end]))
    # A line within a text of several lines is no comment, and may end it.
    assume(not read("tenants/x.yaml", made.encode()).diagnostics)
    return made


def leaves(value: Any, pointer: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*pointer, key))]
    if isinstance(value, list):
        return [leaf for number, inner in enumerate(value) for leaf in leaves(inner, (*pointer, number))]
    return [pointer]


@settings(deadline=None)
@given(text=files(), pick=st.randoms(use_true_random=False), value=VALUES | st.integers(0, 10**6) | st.booleans())
def test_a_value_changes_on_its_line_only(text: str, pick: Any, value: Any) -> None:
    pointer = pick.choice([leaf for leaf in leaves(data(text)) if leaf])
    result = made(text, Put(pointer, value))
    old, new = text.split("\n"), result.split("\n")
    assert len(old) == len(new)
    different = [number for number, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    assert len(different) <= 1
    for number in different:
        # What stands behind the value on its line stays as well.
        _, mark, comment = old[number].partition("   # a reason")
        assert new[number].endswith(mark + comment)


@settings(deadline=None)
@given(text=files(), value=VALUES)
def test_a_new_field_is_one_new_line(text: str, value: str) -> None:
    said = made(text, Put(("spec", "phase"), value, after="state"))
    lines = said.splitlines(keepends=True)
    (at,) = [number for number, line in enumerate(lines) if line.startswith("  phase: ")]
    assert lines[at - 1].startswith("  state: ")
    rest = "".join(lines[:at] + lines[at + 1 :])
    assert rest.rstrip("\r\n") == text.rstrip("\r\n")


def same(one: str, other: str) -> int:
    """How many characters are the same at the beginning of both."""
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


@settings(deadline=None)
@given(text=files(), pick=st.randoms(use_true_random=False))
def test_what_is_dropped_takes_nobody_elses_line_along(text: str, pick: Any) -> None:
    pointer = pick.choice([leaf for leaf in leaves(data(text)) if len(leaf) > 1])
    result = made(text, Drop(pointer))
    start = same(text, result)
    end = same(text[start:][::-1], result[start:][::-1])
    # One span goes, and at most an empty pair of brackets comes.
    assert result[start : len(result) - end].strip() in ("", "{", "}", "{}", "[", "]", "[]")
    gone = [line for line in text[start : len(text) - end].splitlines() if line.strip()]
    assert not gone[-1].lstrip().startswith("#")


def test_comments_below_the_first_key_of_an_item_stay_when_it_goes() -> None:
    text = "a:\n  - b: c  # gone\n    # why\n\n    d: e\n"
    assert made(text, Drop(("a", 0, "b"))) == "a:\n  -\n    # why\n\n    d: e\n"
    assert made(text.replace("\n", "\r\n"), Drop(("a", 0, "b"))) == "a:\r\n  -\r\n    # why\r\n\r\n    d: e\r\n"


@settings(deadline=None)
@given(text=files(), name=VALUES)
def test_an_item_is_added_in_the_manner_of_the_others(text: str, name: str) -> None:
    placements = data(text)["spec"]["placements"]
    item = {"cluster": name, "role": "standby"}
    result = made(text, Put(("spec", "placements", len(placements)), item))
    assert made(result, Drop(("spec", "placements", len(placements)))).rstrip("\r\n") == text.rstrip("\r\n")


@pytest.mark.parametrize(
    ("text", "change", "expected"),
    [
        ("a: {}\n", Put(("a", "b", "c"), "1"), 'a: {b: {c: "1"}}\n'),
        ("a: []  # none\n", Put(("a", 0), "x"), "a: [x]  # none\n"),
        ("a: [x]\nb: 1\n", Drop(("a", 0)), "a: []\nb: 1\n"),
        ("a: [x, y, z]\n", Drop(("a", 1)), "a: [x, z]\n"),
        ("a: [x, y]\n", Drop(("a", 1)), "a: [x]\n"),
        ("a: {x: 1, y: 2}\n", Drop(("a", "x")), "a: {y: 2}\n"),
        ("a:\n- x\n# why y\n- y\n", Put(("a", 2), "z"), "a:\n- x\n# why y\n- y\n- z\n"),
        ("a:\n-   k: x\n    r: y\n", Put(("a", 1), {"k": "z"}), "a:\n-   k: x\n    r: y\n-   k: z\n"),
        ("a: |\n  old\n\n# after\nb: 1\n", Put(("a",), "new"), "a: new\n\n# after\nb: 1\n"),
        ("a: 'old' # x\n", Put(("a",), "it's"), "a: 'it''s' # x\n"),
        ('a: "old"\n', Put(("a",), "new"), 'a: "new"\n'),
        ("a: old", Put(("b",), "no"), 'a: old\nb: "no"'),
        ("a:\n  b:\n    c: 1\nd: 2\n", Drop(("a", "b", "c")), "a: {}\nd: 2\n"),
        ("z: 1\na:\n  b:\n    c: 1\n  e: 2\n", Drop(("a", "b", "c")), "z: 1\na:\n  e: 2\n"),
    ],
)
def test_edits_by_example(text: str, change: Change, expected: str) -> None:
    assert made(text, change) == expected


@pytest.mark.parametrize("text", ["a: &x old\nb: *x\n", "a: old\na: {\n"])
def test_what_cannot_be_cut_is_noticed(text: str) -> None:
    change = Put(("a",), "new")
    result = edited(text, [change])
    reading = read("x.yaml", text.encode())
    assert result is None or read("x.yaml", result.encode()).data != changed(reading.data, [change])
