"""What holds for every file: values come back, nothing raises, and each diagnostic points into the file."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from generator.diagnostics import Diagnostic
from generator.load import load_documents
from generator.load.characters import LIMIT
from generator.load.reader import read
from generator.load.scalars import LARGEST, Ambiguous, plain
from generator.report.text import text
from generator.source import Pointer

HERE = Path(__file__).parent
REPOSITORY = HERE.parent.parent
TENANT = (HERE / "cases" / "a-date-is-a-string" / "tenants" / "acme.yaml").read_text()

REFUSED = "\x7f\u2028\u2029\ufeff\ufffe\uffff"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=REFUSED)) | st.sampled_from(
    [
        "no",
        "NO",
        "on",
        "y",
        "null",
        "~",
        "true",
        "010",
        "0x1F",
        "1_000",
        "12:30",
        "1e3",
        ".inf",
        "<<",
        "2026-01-31",
        "!x",
    ]
)
KEYS = TEXTS.filter(lambda key: len(key) < 100)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-LARGEST, LARGEST)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)
MAPPINGS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=3)
"""Few values: each may hold many, and to draw them takes longer than all that is done with them."""


def same(left: Any, right: Any) -> bool:
    """Equal in value and in type, all the way down."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def assert_reads_as(source: str, expected: dict[str, Any]) -> None:
    reading = read("x.yaml", source.encode())
    assert reading.diagnostics == ()
    assert same(reading.data, expected), (reading.data, expected)


@settings(max_examples=100, deadline=None)
@given(MAPPINGS)
def test_a_value_written_as_json_comes_back(value: dict[str, Any]) -> None:
    assert_reads_as(json.dumps(value, ensure_ascii=False), value)


def quoted(value: Any) -> Any:
    """The value with each of its strings marked for double quotes."""
    match value:
        case str():
            return DoubleQuotedScalarString(value)
        case list():
            return [quoted(item) for item in value]
        case dict():
            return {quoted(key): quoted(item) for key, item in value.items()}
        case _:
            return value


@settings(max_examples=100, deadline=None)
@given(MAPPINGS)
def test_a_value_written_in_blocks_with_quotes_comes_back(value: dict[str, Any]) -> None:
    stream = io.StringIO()
    YAML().dump(quoted(value), stream)
    assert_reads_as(stream.getvalue(), value)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_a_plain_word_is_a_string_unless_it_is_a_core_constant_or_looks_like_a_number(word: str) -> None:
    meaning = plain(word)
    if isinstance(meaning, str):
        assert meaning == word
    elif not isinstance(meaning, Ambiguous):
        assert word in ("", "~") or word.lower() in ("null", "true", "false") or same(float(word), float(str(meaning)))


def assert_within(source: str, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Each place lies in the file, and shows its line."""
    lines = re.split(r"\r\n|\r|\n", source.removeprefix("\ufeff"))
    for diagnostic in diagnostics:
        for place in (diagnostic.location, *(related.location for related in diagnostic.related)):
            if place.line:
                assert place.text == lines[place.line - 1]
                assert 1 <= place.column <= len(place.text) + 1
                assert 1 <= place.width <= max(1, len(place.text) - place.column + 1)
    shown = text(diagnostics)
    assert shown == "" or shown.endswith("\n")
    assert all(character == "\n" or character.isprintable() for character in shown)


def assert_explained(raw: bytes) -> None:
    """Reading neither raises nor stays silent about what it leaves out."""
    reading = read("x.yaml", raw)
    assert_within(raw.decode(errors="replace"), reading.diagnostics)
    assert reading.diagnostics or reading.data or b"{" in raw
    assert reading.diagnostics or not reading.broken
    json.dumps(reading.data, allow_nan=False)


PIECES = st.lists(
    st.sampled_from(
        [*"-?:,[]{}#&*!|>'\"%@`~\\/ \n\t\r", "  ", ": ", "- ", "a", "1", "é", "&a", "*a", "!!x", "---\n", "...\n", "<<"]
    )
    | st.text(max_size=3),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"{}")
@example(b"? ")
@example(b"a: &a {? *a : *a}")
def test_any_bytes_are_read_or_explained(raw: bytes) -> None:
    assert_explained(raw)


@settings(max_examples=400, deadline=None)
@given(PIECES)
def test_any_pieces_of_yaml_are_read_or_explained(pieces: list[str]) -> None:
    assert_explained("".join(pieces).encode("utf-8", "replace"))


def delete_a_character(line: str, at: int) -> list[str]:
    return [line[: at % max(1, len(line))] + line[at % max(1, len(line)) + 1 :]]


def insert_a_tab(line: str, at: int) -> list[str]:
    return [line[: at % (len(line) + 1)] + "\t" + line[at % (len(line) + 1) :]]


def write_the_line_twice(line: str, at: int) -> list[str]:
    return [line, line]


def indent_by_one(line: str, at: int) -> list[str]:
    return [" " + line]


def indent_by_two(line: str, at: int) -> list[str]:
    return ["  " + line]


def take_indentation_away(line: str, at: int) -> list[str]:
    return [line[2:] if line.startswith("  ") else line.lstrip()]


def open_something(line: str, at: int) -> list[str]:
    return [line + " " + "\"'[{&*!|>%@`"[at % 12]]


def leave_the_line_out(line: str, at: int) -> list[str]:
    return []


def cut_the_line(line: str, at: int) -> list[str]:
    return [line[: at % (len(line) + 1)]]


MUTATIONS = [
    delete_a_character,
    insert_a_tab,
    write_the_line_twice,
    indent_by_one,
    indent_by_two,
    take_indentation_away,
    open_something,
    leave_the_line_out,
    cut_the_line,
]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(MUTATIONS),
    st.integers(0, TENANT.count("\n") - 1),
    st.integers(0, 80),
    st.sampled_from(["\n", "\r\n"]),
)
def test_a_tenant_with_one_broken_line_is_valid_or_explained(
    tmp_path: Path, mutation: Callable[[str, int], list[str]], line: int, at: int, line_break: str
) -> None:
    lines = TENANT.splitlines()
    lines[line : line + 1] = mutation(lines[line], at)
    broken = line_break.join(lines) + line_break
    folder = tmp_path / "tenants"
    folder.mkdir(exist_ok=True)
    (tmp_path / "fleet.yaml").write_bytes((REPOSITORY / "fleet.yaml").read_bytes())
    (folder / "acme.yaml").write_bytes(broken.encode())
    documents, diagnostics = load_documents(tmp_path)
    assert [document.path for document in documents] == ["fleet.yaml", "tenants/acme.yaml"]
    assert documents[1].valid == (not diagnostics)
    assert {diagnostic.location.path for diagnostic in diagnostics} <= {"tenants/acme.yaml"}
    assert_within(broken, diagnostics)


def pointers(value: Any, pointer: Pointer = ()) -> Iterator[tuple[Pointer, Any]]:
    """Every value with the pointer to it."""
    yield pointer, value
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from pointers(item, (*pointer, step))


@pytest.mark.parametrize(
    "path",
    sorted(REPOSITORY.glob("tenants/*/*.yaml"))[:8]
    + sorted(REPOSITORY.glob("regions/*.yaml"))
    + [REPOSITORY / "fleet.yaml"],
    ids=lambda path: path.stem,
)
def test_every_pointer_of_a_file_leads_to_what_it_says(path: Path) -> None:
    reading = read(path.name, path.read_bytes())
    assert reading.diagnostics == ()
    for pointer, value in pointers(reading.data):
        place = reading.positions(pointer)
        start = place.text[place.column - 1 :]
        underlined = start[: place.width]
        if not isinstance(value, dict | list):
            assert read("x.yaml", f"v: {underlined}".encode()).data["v"] == value
        elif pointer:
            assert start.startswith(("-", "[") if isinstance(value, list) else ("{", str(next(iter(value), "{"))))
        if pointer and isinstance(pointer[-1], str):
            key = reading.positions(pointer, True)
            assert key.text[key.column - 1 : key.column - 1 + key.width] == pointer[-1]
            assert key.line <= place.line


@settings(max_examples=100, deadline=None)
@given(MAPPINGS)
def test_every_pointer_of_any_value_leads_to_its_text(value: dict[str, Any]) -> None:
    reading = read("x.yaml", json.dumps(value, ensure_ascii=False, indent=1).encode())
    for pointer, item in pointers(reading.data):
        place = reading.positions(pointer)
        underlined = place.text[place.column - 1 : place.column - 1 + place.width]
        if isinstance(item, dict | list):
            assert underlined[0] in "[{"
        else:
            assert underlined == json.dumps(item, ensure_ascii=False)


def test_a_pointer_that_leads_nowhere_gives_the_key_of_its_nearest_parent() -> None:
    positions = read("x.yaml", TENANT.encode()).positions
    assert positions(("spec", "placements", 4, "cluster")) == positions(("spec", "placements"), True)
    assert positions(("spec", "contacts", "billing"), True) == positions(("spec", "contacts"), True)
    assert positions(("nothing",)) == positions(())
    assert (positions(()).line, positions(()).column) == (1, 1)


def test_a_pointer_through_an_alias_leads_to_the_text_it_repeats() -> None:
    positions = read("x.yaml", b"a: &x\n  b: [1, &y {c: 2}]\nd: *x\ne: [*y]\n").positions
    assert positions(("d",)).line == 3
    assert positions(("d", "b", 1, "c")) == positions(("a", "b", 1, "c"))
    assert positions(("e", 0, "c")) == positions(("a", "b", 1, "c"))
    assert (positions(("a", "b", 1, "c")).line, positions(("a", "b", 1, "c")).column) == (2, 17)


def test_the_largest_permitted_file_is_read() -> None:
    assert read("x.yaml", b"a: b\n#" + b"x" * (LIMIT - 6)).data == {"a": "b"}
