"""Findings → baseline.yaml, in which they are known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, TypeAlias

from msgspec import Struct

from generator.check.known import Settled
from generator.check.objects import Rendered
from generator.check.owners import owners
from generator.diagnostics import Diagnostic, Severity
from generator.model.tree import Tree

BASELINE: Final = "baseline.yaml"
_LONGEST: Final = 500
"""The most characters of a message; a longer one is cut and ends in `*`. The schema has the same number."""
_RENDERED: Final = "rendered/"
_ODD: Final = re.compile(r"[^A-Za-z0-9._/-]")
"""What the schema does not permit in a path; no template makes such a name."""

_Entry: TypeAlias = tuple[str, str, str, str, str]
"""Code, message, last day, who, why."""


class Terms(Struct, frozen=True):
    """Until when new entries hold, on whose word and why."""

    until: date
    approved_by: str
    reason: str


def baseline(tree: Tree, settled: Settled, terms: Terms, limit: int) -> tuple[str, int]:
    """The text of baseline.yaml, and how many findings it makes known.

    Entries that are in use stay as they are; errors and warnings that are left of the findings get new ones.

    An object's own name in a message becomes `*`, so that one entry says the same of many files. Where the text would
    have more than `limit` bytes, files of a cell are named as `<cell>/*`.
    """
    entries: dict[_Entry, set[str]] = {}
    for _, known in settled.known:
        key = (known.code, known.message, known.until.isoformat(), known.approved_by, known.reason)
        entries.setdefault(key, set()).add(known.file)
    found = [each for each in settled.left if each.severity is not Severity.NOTE and _is_rendered(each)]
    names = owners(tree, found)
    for finding in found:
        message = _general(finding.message, names.get(finding))
        key = (finding.code.id, message, terms.until.isoformat(), terms.approved_by, terms.reason)
        entries.setdefault(key, set()).add(_ODD.sub("*", finding.location.path.removeprefix(_RENDERED)))
    count = len(settled.known) + len(found)
    text = _text(entries)
    if len(text.encode()) <= limit:
        return text, count
    return _text({key: {f"{file.partition('/')[0]}/*" for file in files} for key, files in entries.items()}), count


def _is_rendered(finding: Diagnostic) -> bool:
    return finding.location.path.startswith(_RENDERED)


def _general(message: str, rendered: Rendered | None) -> str:
    """A message as a pattern: without the object's name, and without what no line of text can hold."""
    if rendered is not None:
        message = message.replace(rendered.label, "*")
    message = "".join(letter if letter.isprintable() else "*" for letter in message)
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}*"


def _text(entries: Mapping[_Entry, set[str]]) -> str:
    return "".join(f"{line}\n" for line in _lines(entries))


def _lines(entries: Mapping[_Entry, set[str]]) -> Iterator[str]:
    """JSON's texts are YAML's too, as long as nothing in them is escaped but quotes and backslashes."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    yield "# yaml-language-server: $schema=schemas/baseline.schema.json"
    yield "# What `tenantry check` is known to find. `tenantry check --write-baseline` renews it."
    yield "apiVersion: tenantry.dev/v1"
    yield "kind: Baseline"
    yield "metadata:"
    yield "  name: baseline"
    yield "spec:"
    yield "  known:" if entries else "  known: []"
    for (code, message, until, approved_by, reason), files in sorted(entries.items()):
        yield f"    - code: {code}"
        if message:
            yield f"      message: {quoted(message)}"
        yield "      files:"
        yield from (f"        - {quoted(file)}" for file in sorted(files))
        yield f"      until: {quoted(until)}"
        yield f"      approvedBy: {quoted(approved_by)}"
        yield f"      reason: {quoted(reason)}"
