"""What a report is made of, whatever its format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from msgspec import Struct

from generator.diagnostics import Diagnostic, Severity


class Report(Struct, frozen=True):
    """The findings in their order, and what the call around them adds.

    `command` is the command as it is typed (`tenantry check`). `counts` are its own numbers for the summary, `data`
    what it adds to the top level of JSON. `folder` is the fleet's folder within the checked-out repository (forward
    slashes, "" for its top). `color` is for text alone. `strict` is whether warnings fail the run.
    """

    findings: tuple[Diagnostic, ...]
    command: str
    counts: Mapping[str, int]
    data: Mapping[str, object]
    folder: str
    color: bool
    strict: bool

    @property
    def summary(self) -> dict[str, int]:
        """The numbers of `errors`, `warnings` and `notes`, and the command's own."""
        severities = Counter(finding.severity for finding in self.findings)
        return {**{f"{severity}s": severities[severity] for severity in Severity}, **self.counts}

    def path(self, path: str) -> str:
        """A path below the fleet's folder, from the repository's top."""
        return f"{self.folder}/{path}" if self.folder else path

    def fails(self, finding: Diagnostic) -> bool:
        """Whether the finding fails the run."""
        return finding.severity is Severity.ERROR or (self.strict and finding.severity is Severity.WARNING)


def told(finding: Diagnostic) -> Iterator[str]:
    """A finding in plain lines, without its place: the message, and what is found, expected, to be seen and done."""
    yield finding.message
    if finding.found:
        yield f"found: {finding.found}"
    if finding.expected:
        yield f"expected: {finding.expected}" + (f" (by {finding.declared})" if finding.declared else "")
    for related in finding.related:
        yield f"{related.location}: {related.message}"
    if finding.hint:
        yield f"hint: {finding.hint}"


def sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
