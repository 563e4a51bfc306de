"""Findings × the baseline → what is left: known findings pass until their last day, and nothing else does.

A fleet that adopts a new policy writes down what it finds today (baseline.yaml) and mends it in its own time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Code, Diagnostic, Related, Severity, in_order
from generator.model.known import Known

UNUSED: Final = Code(
    "BSL001",
    "a known finding that is not found",
    "It waits for the next mistake of its kind in this file, which would pass without a review.",
)
EXPIRED: Final = Code(
    "BSL002", "a known finding that has expired", "It lets nothing pass and hides that from its reader."
)
_RENDERED: Final = "rendered/"


class Settled(Struct, frozen=True):
    """What a baseline leaves of the findings, with its own; and the findings that are known, each with its entry."""

    left: tuple[Diagnostic, ...]
    known: tuple[tuple[Diagnostic, Known], ...]


def settle(findings: Iterable[Diagnostic], baseline: Sequence[Known], today: date, *, whole: bool = True) -> Settled:
    """Takes known findings out, and warns of entries that have expired or fit nothing. Notes are never known.

    `today` is a day in UTC. An expired entry is named beside the findings that it once let pass. Unless the `whole`
    output was looked at, an entry that fits nothing may fit what was left out.
    """
    entries = _Entries(baseline)
    left: list[Diagnostic] = []
    passed: list[tuple[Diagnostic, Known]] = []
    used: set[Known] = set()
    for finding in findings:
        fitting = entries.fitting(finding) if finding.severity is not Severity.NOTE else []
        valid = [each for each in fitting if each.holds(today)]
        if valid:
            used.update(valid)
            passed.append((finding, valid[0]))
        else:
            once = tuple(Related(f"this was known until {each.until}", each.location) for each in fitting)
            left.append(replace(finding, related=(*finding.related, *once)))
    idle = [each for each in baseline if each not in used and (whole or not each.holds(today))]
    warnings = [_idle(each, today) for each in idle]
    return Settled(in_order([*left, *warnings]), tuple(passed))


class _Entries:
    """The baseline's entries, found by code and file: there may be thousands of both entries and findings."""

    __slots__ = ("_exact", "_patterns")

    def __init__(self, baseline: Iterable[Known]) -> None:
        self._exact: dict[tuple[str, str], list[Known]] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], Known]]] = {}
        for each in baseline:
            if "*" in each.file:
                self._patterns.setdefault(each.code, []).append((_pattern(each.file), each))
            else:
                self._exact.setdefault((each.code, each.file), []).append(each)

    def fitting(self, finding: Diagnostic) -> list[Known]:
        """The entries that name a finding."""
        file = finding.location.path.removeprefix(_RENDERED)
        found = [*self._exact.get((finding.code.id, file), ())]
        found += [each for pattern, each in self._patterns.get(finding.code.id, ()) if pattern.fullmatch(file)]
        return [each for each in found if not each.message or _pattern(each.message).fullmatch(finding.message)]


def _pattern(text: str) -> re.Pattern[str]:
    """`*` is any characters, everything else itself. `re` keeps the compiled patterns that come again and again."""
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def _idle(known: Known, today: date) -> Diagnostic:
    """An entry that lets nothing pass."""
    if not known.holds(today):
        return Diagnostic(
            EXPIRED,
            Severity.WARNING,
            f"{known.code} in {known.file} is known no longer",
            known.location,
            found=f"until {known.until}",
            hint="mend what it names and remove the entry, or have it reviewed again with a new date",
        )
    return Diagnostic(
        UNUSED,
        Severity.WARNING,
        f"{known.code} is not found in {known.file}",
        known.location,
        hint="remove the entry: what it names is mended, or was never there",
    )
