"""Strings that YAML readers have taken for something else, and strategies that make more of them."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

_RESERVED: Final = "y n yes no on off true false null nil none nan inf infinity".split()  # noqa: SIM905 - a table
_NUMBERS: Final = (
    "0 -0 00 08 010 -010 +5 0o17 0O17 0b101 0x1F 0X1f 1e3 1E3 1e+3 1e-3 .5 +.5 -.5 5. 1_000 1_0.0_1 12:30 12:30:45 "
    "-1:59 190:20:30.15 .inf -.inf +.INF .nan .NaN .NAN 1.5e7 12345678e90 0x1p-2 1e 1e+ 0x 0o 0b 9223372036854775808 "
    "18446744073709551616 123456789012345678901234567890 1.0 1.30 1.30.0 1..2 1,000 1/2 ٣ ١٢ １２ ² ½"
).split()
_DATES: Final = (
    "2026-01-01", "2026-1-1", "2026-01-01T00:00:00Z", "2026-01-01 00:00:00", "2026-01-01t00:00:00.1+01:00", "01-01-2026",
)  # fmt: skip
_SHAPES: Final = (
    "", " ", "  ", "a ", " a", "\t", "\ta", "a\t", "\n", "\n\n", "a\n", "\na", "a\nb", "a\n\nb\n", "\r", "a\r\nb", "\0", "\x1b[31m",
    "\x7f", "\x80", "\x85", "a\x85b", "\xa0", "\xa0a", "\xad", "\u2028", "a\u2029b", "\ufeff", "\ufeffa", "\ufffe", "\uffff", "\ufdd0", "\U0001fffe", "\U0010ffff",
    "\u202eabc", "\u200b", "\u200d", "👩\u200d🚀", "🙂", "Müller", "日本語", "שלום", "مرحبا", "e\u0301",
    "~", "=", "<<", "-", "--", "---", "--- a", "...", "?", "? a", ":", ": a", "a:", "a: b", "a:b", "a :b", "::", "#", "# a", "a #b", "a#b", "a # b",
    "&a", "*a", "!a", "!!str a", "|", "|-", ">", ">+", "%", "%YAML 1.2", "@a", "`a`", "{", "}", "{}", "[", "]", "[]", "[a, b]", "{a: b}", ",", "a,b", "a, b",
    "'", "''", "'a'", '"', '""', '"a"', "it's", "\\", "\\n", "a\\", '\\"', "{{ x }}", "{% if x %}", "{# x #}", "{{", "}}", "${x}", "$(x)", "<a>", "a & b", "a | b", "a > b",
    "- a", "-a", "-1a", "a - b", "a -", "/", "/healthz", "./a", "../a", ".", "..", ".a", "_", "_a", "__", "a_b", "+", "+a", "*", "a*",
    "---\nkind: Namespace", "a\n---\nb", "a: |\n  b", "x" * 300, "x" * 1025, "é" * 1025, "x y " * 400, "no\n", "1e3\n", "true ", " null",
    "100m", "2Gi", "1.5Gi", "30s", "720h", "80%", "1E", "1e", "5k", "1m30s", "10.0.0.0/8", "10.0.0.1", "1.2.3", "1.2.3-rc.1", "v1.2.3", "::1", "fe80::1", "[::1]:80",
    "registry.example.com/a/b:1.2@sha256:0a1b", "https://id.example.com/*", "https://id.example.com:8443/a?b=c&d=e#f", "app.kubernetes.io/name", "0 2 * * *",
    "*/15 * * * *", "arn:aws:iam::000000000000:role/a", "a@example.com", "request.auth.claims[tenant_id]", "0123456789abcdef", "12345678e9012345", "deadbeef", "e3", "1a",
    "a" * 63, "A2Z SOC", "A (b)", "a=b", "a+b", "100 000", "1 2", "x=1", "yes please", "on time", "null and void", "true-ish",
)  # fmt: skip

CORPUS: Final = tuple(
    dict.fromkeys(
        (
            *(form for word in _RESERVED for form in (word, word.upper(), word.title(), word[:-1] + word[-1].upper())),
            *_NUMBERS,
            *_DATES,
            *_SHAPES,
        )
    )
)

_CHARACTERS = st.characters(exclude_categories=("Cs",))
_PIECES = st.one_of(
    st.sampled_from(CORPUS), st.text(_CHARACTERS, max_size=5), st.sampled_from(" :#-,'\"\\\n\t&*!|>%@`{}[]~0_.eE+xX")
)

TEXTS = st.one_of(
    st.sampled_from(CORPUS),
    st.text(_CHARACTERS, max_size=60),
    st.text("0123456789_.:eExXoObB+-TZ ", max_size=12),
    st.lists(_PIECES, max_size=6).map("".join),
)
"""Any text that a file can hold."""

NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), st.booleans(), st.none()
)

VALUES = st.recursive(
    st.one_of(TEXTS, NUMBERS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
"""Whatever an interpolation may hold: scalars, and mappings and lists of them."""
