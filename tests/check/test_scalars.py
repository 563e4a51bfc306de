"""Plain scalars mean what sigs.k8s.io/yaml takes them for (go-yaml 2, `resolve.go`)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.check.scalars import plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("y", True), ("n", False), ("yes", True), ("NO", False), ("on", True), ("Off", False), ("yEs", "yEs"),
        ("true", True), ("~", None), ("", None), ("Null", None), ("nULL", "nULL"),
        ("0", 0), ("42", 42), ("-7", -7), ("+7", 7), ("1_000", 1000), ("_1", "_1"),
        ("017", 15), ("0o17", 15), ("0x1F", 31), ("0b101", 5), ("-0b101", -5),
        ("08", 8.0), ("1e3", 1000.0), ("12345678e90", 12345678e90), ("+.5", 0.5), (".5", 0.5), ("1.", 1.0),
        ("1:30", "1:30"), ("2026-01-01", "2026-01-01"), ("1.2.3", "1.2.3"), ("10.0.0.0/8", "10.0.0.0/8"),
        ("1e999", "1e999"), ("18446744073709551615", 2**64 - 1), ("18446744073709551616", float(2**64)),
        ("0x", "0x"), ("-", "-"), (".", "."), ("e3", "e3"), ("250m", "250m"), ("4Gi", "4Gi"), ("٣", "٣"),
    ],
)  # fmt: skip
def test_value(text: str, value: Any) -> None:
    assert plain(text) == value
    assert type(plain(text)) is type(value)


@given(st.text())
def test_any_text_has_a_value(text: str) -> None:
    plain(text)


def test_endless_digits_are_no_number() -> None:
    assert isinstance(plain("9" * 100_000), str)
