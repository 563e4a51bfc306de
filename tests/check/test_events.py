"""Text to data and back to places."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from generator.check.events import lines, parse, places
from generator.check.objects import File

printable = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
data = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | printable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(printable, inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(data, min_size=1, max_size=4))
def test_json_is_read_as_itself(documents: list[Any]) -> None:
    text = "".join(f"--- {json.dumps(document)}\n" for document in documents)
    parsed, _ = parse(text)
    assert [document.data for document in parsed] == documents


@given(st.lists(data, min_size=1, max_size=4), st.data())
def test_every_value_is_found_where_it_stands(documents: list[Any], choice: st.DataObject) -> None:
    text = "".join(f"---\n{json.dumps(document, indent=1)}\n" for document in documents)
    number = choice.draw(st.integers(0, len(documents) - 1))
    source = lines(text)
    file = File("a.yaml", text.encode(), None)
    for pointer in places(json.dumps(documents[number], indent=1)):
        value = documents[number]
        for step in pointer:
            value = value[step]
        place = file.locate(number, pointer)
        start = source[place.line - 1][place.column - 1 :]
        assert start.startswith(json.dumps(value) if not isinstance(value, dict | list) else json.dumps(value)[0])
