"""Files that are read by the shape of another give the data that reading each by itself gives, and no fault is lost."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.load import load_documents
from generator.load.reader import read
from generator.load.shapes import Shapes
from tests.check.test_shapes import LINES, WORDS
from tests.conftest import REPOSITORY, examples
from tests.fleets import SMALL


def same(shapes: Shapes, text: str) -> None:
    data = shapes.data(text)
    if data is not None:
        reading = read("tenants/a.yaml", text.encode())
        assert not reading.diagnostics
        assert (data, False) == (reading.data, reading.integral)
        assert repr(data) == repr(reading.data)


@settings(max_examples=600, deadline=None)
@given(st.lists(LINES | WORDS, min_size=1, max_size=8))
@example(["a: two words", "  and 12", "  more"])
@example(["? a", "  word"])
@example(["a: 12", "  12"])
@example(["a:", "  12"])
@example(["a:", "  true"])
@example(["a: |", "  two words"])
@example(["a: word,", "  word"])
@example(["---", "a: b"])
def test_data_by_shape_are_what_the_reader_gives(lines: list[str]) -> None:
    shapes = Shapes()
    for _ in range(3):
        same(shapes, "\n".join(lines) + "\n")


PLACES = st.sampled_from(
    ["a: {}", "- {}", "a:\n  - {}", 'a: "{}"', "a: |\n  k: {}", "a: b\n  {}", "a:\n  {}", "a: [{}]"]
)


@settings(max_examples=400, deadline=None)
@given(PLACES, st.data())
def test_any_value_in_a_place_whose_shape_is_known_is_read_as_the_reader_reads_it(
    place: str, data: st.DataObject
) -> None:
    shapes = Shapes()
    for known in ("word", "12", "two words"):
        for _ in range(2):
            same(shapes, f"k: v\n{place.format(known)}\n")
    value = st.text(st.sampled_from("abEXox019.:-_ #'\"[]{},&*!|>%@`/\\~\n=?+é"), max_size=9)
    for _ in range(3):
        same(shapes, f"k: v\n{place.format(data.draw(value))}\n")


def test_a_shape_is_known_from_the_second_file_on() -> None:
    shapes = Shapes()
    texts = [f"a: {word}\nb: a\n  longer {word} text\n" for word in ("one", "two", "three")]
    assert [shapes.data(text) for text in texts] == [
        None,
        {"a": "two", "b": "a longer two text"},
        {"a": "three", "b": "a longer three text"},
    ]


@pytest.mark.parametrize("line", ["a: 010", "a: 1_000", "a: &x b", "a: !t b", "<<: b", "a: 8.0", "a: b\na: c"])
def test_what_the_reader_finds_fault_with_has_no_shape(line: str) -> None:
    shapes = Shapes()
    assert [shapes.data(f"{line}\n") for _ in range(3)] == [None, None, None]


def test_every_tenant_of_the_example_is_read_the_same_by_shape() -> None:
    shapes = Shapes()
    texts = [file.read_text() for file in sorted((REPOSITORY / "tenants").rglob("*.yaml"))]
    for text in (*texts, *texts):
        same(shapes, text)
    assert all(shapes.data(text) is not None for text in texts)


ODD = st.sampled_from(
    ["", "x", "X y", "12", '"12"', "true", "null", "{}", "[]", "[a, b]", "010", "1_0", "8.0", "&a b", "*a", "!!str b",
     "a: b", "a #b", "- a", "'a'", '"a', "a.b", "https://x/y", "EU", "active", "\ta", "a\u0085", "a" * 300]
)  # fmt: skip


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_fault_in_one_of_many_alike_tenants_is_found_as_if_each_were_read_by_itself(data: st.DataObject) -> None:
    lines = (SMALL / "tenants" / "anvil.yaml").read_text().split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    key, colon, _ = lines[at].partition(": ")
    changed = f"{key}{colon}{data.draw(ODD)}" if data.draw(st.booleans()) else data.draw(ODD | LINES | WORDS)
    files = {f"tenants/t{number}.yaml": "\n".join(lines).replace("anvil", f"t{number}") for number in range(4)}
    broken = [*lines[:at], changed, *lines[at + data.draw(st.integers(0, 1)) :]]
    drafts = {path: text.encode() for path, text in files.items()}
    drafts["tenants/t4.yaml"] = "\n".join(broken).replace("anvil", "t4").encode(errors="surrogatepass")
    with pytest.MonkeyPatch.context() as patched:
        by_shape = load_documents(SMALL, drafts=drafts)
        patched.setattr(Shapes, "data", lambda *_: None)
        by_itself = load_documents(SMALL, drafts=drafts)
    assert by_shape == by_itself
    assert [repr(document.data) for document in by_shape[0]] == [repr(document.data) for document in by_itself[0]]
    for shaped, plain in zip(by_shape[0], by_itself[0], strict=True):
        assert shaped.locate(("spec", "title")) == plain.locate(("spec", "title"))
