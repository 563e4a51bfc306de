"""Whatever is written is read back as what went in, by every reader that will see it, and changes nothing around it."""

from __future__ import annotations

import enum
import io
import math
import types
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from generator.render.scalars import (
    UnwritableError,
    behind_key,
    escaped,
    in_flow,
    in_list,
    is_ambiguous,
    scalar,
)
from tests.render.words import CORPUS, NUMBERS, TEXTS, VALUES


def old_reader(text: str) -> Any:
    """YAML 1.1, as PyYAML reads it."""
    return yaml.safe_load(text)


def new_reader(text: str) -> Any:
    """YAML 1.2, as ruamel reads it."""
    return YAML(typ="safe", pure=True).load(io.StringIO(text))


def same(found: object, expected: object) -> bool:
    """Equality that tells 1 from True and 1.0, and lists from mappings, at every depth."""
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and list(found) == list(expected)
            and all(same(found[key], value) for key, value in expected.items())
        )
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(same, found, expected))
    return type(found) is type(expected) and found == expected


def document(value: Any) -> str:
    """A value in each place an interpolation may stand in, with neighbours that must stay as they are."""
    return "\n".join(
        (
            "before: 1",
            "outer:",
            f"  key:{behind_key(value, 4)}",
            "  list:",
            f"    - {in_list(value, 6)}",
            f"    - - {in_list(value, 8)}",
            f"    - first:{behind_key(value, 8)}",
            "      second: 2",
            f"  flow: [{in_flow(value)}, {{a: {in_flow(value)}, b: 3}}]",
            "after: 4",
            "",
        )
    )


def expected_document(value: Any) -> Any:
    listed = [value, [value], {"first": value, "second": 2}]
    return {"before": 1, "outer": {"key": value, "list": listed, "flow": [value, {"a": value, "b": 3}]}, "after": 4}


@pytest.mark.parametrize("reader", [old_reader, new_reader])
def test_every_word_of_the_corpus_comes_back_from_every_place(reader: Any) -> None:
    for word in CORPUS:
        for value in (word, {word: word}, [word, {word: [word]}]):
            assert same(reader(document(value)), expected_document(value)), repr(word)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_comes_back_and_leaves_its_neighbours_alone(text: str) -> None:
    for value in (text, {text: text}):
        written = document(value)
        assert same(old_reader(written), expected_document(value))
        assert same(new_reader(written), expected_document(value))


@given(VALUES)
@settings(max_examples=200, deadline=None)
@example({"a": {}, "b": [], "c": [[]], "d": [{}], "e": [[[1]]], "f": [{"g": [{"h": 1, "i": 2}]}]})
@example({"x" * 1025: {"x" * 1025: [{"é" * 1025: "x"}]}})
def test_any_value_comes_back_from_every_place(value: Any) -> None:
    written = document(value)
    assert same(old_reader(written), expected_document(value))
    assert same(new_reader(written), expected_document(value))


@given(NUMBERS)
@settings(deadline=None)
@example(1e-07)
@example(1e16)
@example(1.5e300)
@example(-0.0)
def test_a_number_stays_a_number_of_its_kind(value: object) -> None:
    assert same(old_reader(scalar(value)), value)
    assert same(new_reader(scalar(value)), value)


@given(TEXTS)
@settings(deadline=None)
def test_a_text_stands_on_one_line_of_printable_characters(text: str) -> None:
    for written in (scalar(text), in_flow(text), behind_key(text, 2), in_list(text, 2), escaped(text)):
        assert len(written.splitlines()) <= 1
        assert not any(0xD800 <= ord(one) < 0xE000 or ord(one) < 0x20 for one in written)
        written.encode()


@given(st.text(st.sampled_from('ab"\\\n\r\t\0\x1f\x7f\x85\xad\u2028é '), max_size=8))
@settings(deadline=None)
def test_what_is_escaped_does_not_depend_on_what_stands_beside_it(text: str) -> None:
    beside = scalar(f"{text}\x01é")
    assert beside.endswith('\\x01é"')  # with these, each character is looked at by itself
    assert scalar(f": {text}") == f'": {beside[1:-6]}"'


@given(st.text(st.characters(categories=["Cs"]), min_size=1, max_size=3))
def test_half_a_surrogate_pair_is_refused_in_values_and_escaped_in_comments(text: str) -> None:
    with pytest.raises(UnwritableError, match="surrogate"):
        scalar(text)
    escaped(text).encode()


@pytest.mark.parametrize(
    "plain",
    [
        "api", "kube-system", "100m", "2Gi", "/healthz/live", "v1.2.3", "1.30.0", "10.0.0.0/8", "30s", "80%",
        "registry.example.com/soc/api:1.2@sha256:0a1b2c", "https://id.example.com/a", "app.kubernetes.io/name",
        "arn:aws:iam::000000000000:role/a", "A2Z SOC", "postgresql.cnpg.io/v1",
    ],
)  # fmt: skip
def test_common_words_of_manifests_stay_plain(plain: str) -> None:
    assert scalar(plain) == plain


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", '""'),
        ("no", '"no"'),
        ("Müller 🙂", '"Müller 🙂"'),
        ('a "b" \\', '"a \\"b\\" \\\\"'),
        ("\x00\x7f\x85\u2028\ufeff\U0001fffe", '"\\x00\\x7f\\x85\\u2028\\ufeff\\U0001fffe"'),
        ("\t\r\n", '"\\t\\r\\n"'),
        (True, "true"),
        (None, "null"),
        (1, "1"),
        (1.0, "1.0"),
        (1e-07, "1.0e-07"),
        ({}, "{}"),
        ([], "[]"),
        ((), "[]"),
    ],
)
def test_the_written_form(value: object, written: str) -> None:
    assert scalar(value) == written


def test_a_mapping_and_a_list_are_laid_out_in_blocks() -> None:
    value = {"labels": {"a": "no"}, "list": ["x", ["y", "z"], {"k": 1, "l": {}}], "empty": []}
    assert f"key:{behind_key(value, 2)}\n" == (
        "key:\n"
        "  labels:\n"
        '    a: "no"\n'
        "  list:\n"
        "    - x\n"
        "    - - \"y\"\n"
        "      - z\n"
        "    - k: 1\n"
        "      l: {}\n"
        "  empty: []\n"
    )  # fmt: skip
    assert f"- {in_list({'a': 1, 'b': [2]}, 2)}\n" == "- a: 1\n  b:\n    - 2\n"
    assert in_flow(value) == '{labels: {a: "no"}, list: [x, ["y", z], {k: 1, l: {}}], empty: []}'


class Colour(enum.StrEnum):
    """A word that is a member of an enumeration."""

    OFF = "off"
    RED = "red"


def test_members_of_text_enumerations_are_their_text() -> None:
    assert scalar(Colour.RED) == "red"
    assert scalar(Colour.OFF) == '"off"'
    assert behind_key({Colour.OFF: Colour.RED}, 2) == '\n  "off": red'


def test_tuples_generators_and_read_only_mappings_are_lists_and_mappings() -> None:
    def words() -> Iterator[str]:
        yield "a"
        yield "no"

    assert behind_key(("a", "no"), 2) == behind_key(words(), 2) == '\n  - a\n  - "no"'
    assert behind_key(types.MappingProxyType({"a": 1}), 2) == "\n  a: 1"
    assert in_flow(words()) == '[a, "no"]'


def test_equal_numbers_and_booleans_are_not_confused_by_memory() -> None:
    for value, written in ((1, "1"), (True, "true"), (1.0, "1.0"), (0, "0"), (False, "false"), ("1", '"1"')):
        assert [scalar(value), in_flow(value), in_list(value, 0)] == [written] * 3


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.inf, "not a finite number"),
        (math.nan, "not a finite number"),
        (2**63, "does not fit in 64 bits"),
        ({"a", "b"}, "sort it"),
        (b"a", "type bytes"),
        (object(), "type object"),
    ],
)
def test_what_has_no_exact_form_is_refused_wherever_it_stands(value: object, message: str) -> None:
    for place in (value, [value], {"a": [value]}):
        for write in (in_flow, lambda each: behind_key(each, 2), lambda each: in_list(each, 2)):
            with pytest.raises(UnwritableError, match=message):
                write(place)


def test_a_key_that_is_not_a_text_is_refused() -> None:
    with pytest.raises(UnwritableError, match="key 1 of a mapping"):
        behind_key({1: "a"}, 2)
    with pytest.raises(UnwritableError, match="key None of a mapping"):
        in_flow({None: "a"})


@given(TEXTS.filter(lambda text: text.strip() == text))
@settings(max_examples=500, deadline=None)
@example("._")
@example("._0")
@example("+_")
def test_a_plain_word_of_a_template_that_passes_is_read_alike_by_old_and_new_readers(text: str) -> None:
    """`is_ambiguous` is asked about plain scalars only: what readers do not take for one is none of its business."""
    try:
        event = [one for one in yaml.parse(f"- {text}\n") if isinstance(one, yaml.ScalarEvent)]
    except yaml.YAMLError:
        return
    if len(event) != 1 or event[0].style is not None or event[0].value != text or event[0].tag or event[0].anchor:
        return
    if not is_ambiguous(text):
        assert same(old_reader(f"- {text}\n"), new_reader(f"- {text}\n"))


@pytest.mark.parametrize("word", ["no", "Yes", "OFF", "y", "N", "~", "08", "010", "1e3", "0x1F", "12:30", "1_000",
                                  "2026-01-01", ".inf", "=", "<<", "True", "NULL", ".5",
                                  "+1", "._", "-._0", "+_"])  # fmt: skip
def test_words_that_readers_disagree_on_are_ambiguous(word: str) -> None:
    assert is_ambiguous(word)


@pytest.mark.parametrize(
    "word", ["true", "false", "null", "", "80", "-1", "0.5", "v1", "1.30.0", "100m", "-c", "a", "None"]
)
def test_words_that_all_read_alike_are_not(word: str) -> None:
    assert not is_ambiguous(word)
