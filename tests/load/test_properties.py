"""What holds for every file: values come back, nothing raises, and each diagnostic points into the file."""

from __future__ import annotations

import io
import json
import math
import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from generator.diagnostics import Diagnostic
from generator.load import load_documents
from generator.load.characters import LIMIT
from generator.load.reader import Reading, read
from generator.load.scalars import LARGEST, Ambiguous, plain
from generator.report.text import text
from generator.source import Pointer

HERE = Path(__file__).parent
TENANT = (HERE / "cases" / "a-date-is-a-string" / "tenants" / "acme.yaml").read_text()

REFUSED = "\x7f\u2028\u2029\ufeff\ufffe\uffff"
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters=REFUSED)) | st.sampled_from(
    ["no", "NO", "on", "y", "null", "~", "true", "010", "0x1F", "1_000", "12:30", "1e3", ".inf", "<<", "2026-01-31", "!x"]
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
MAPPINGS = st.dictionaries(KEYS, VALUES, min_size=1)


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


@given(MAPPINGS)
def test_a_value_written_as_json_comes_back(value: dict[str, Any]) -> None:
    assert_reads_as(json.dumps(value, ensure_ascii=False), value)


@given(MAPPINGS)
def test_a_value_written_in_blocks_with_quotes_comes_back(value: dict[str, Any]) -> None:
    stream = io.StringIO()
    writer = YAML(pure=True)
    writer.version = None
    writer.dump(value, stream) if False else yaml.dump(
        value, stream, default_flow_style=False, default_style='"', allow_unicode=True, Dumper=_Quoting, sort_keys=False
    )
    assert_reads_as(stream.getvalue(), value)


class _Quoting(yaml.SafeDumper):
    """Quotes strings and nothing else; writes numbers as JSON does."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_scalar(self, tag: str, value: Any, style: str | None = None) -> yaml.ScalarNode:
        return super().represent_scalar(tag, value, '"' if tag.endswith(":str") else "")


_Quoting.add_representer(
    float, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:float", json.dumps(value))
)
