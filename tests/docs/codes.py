"""Makes docs/codes.md: every code of a diagnostic, with what it means and why it matters."""

from __future__ import annotations

from generator.diagnostics import Code

FAMILIES = {
    "INP": "Reading input files",
    "SCH": "Input files against their schemas",
    "REF": "Links between input files",
    "PLC": "Placement of tenants on cells",
    "ADD": "New files",
    "LIF": "Steps of a tenant's life",
    "RND": "Templates and rendering",
    "CHK": "Checks of rendered output",
    "BSL": "Known findings",
    "ISO": "Isolation of tenants",
    "WRT": "Writing",
    "GRD": "Guards of a change",
    "PUB": "Publishing",
}


def page(known: list[Code]) -> str:
    """The page, families in the order of the stages, codes by number."""
    lines = [
        "# Codes",
        "",
        "Every finding has a code that never changes its meaning. Made from the code; a test fails when it is stale",
        "(`pytest --accept` renews it).",
        "",
    ]
    for family, title in FAMILIES.items():
        of_family = sorted((code for code in known if code.id.startswith(family)), key=lambda code: code.id)
        if of_family:
            lines += [f"## {family}: {title}", ""]
            for code in of_family:
                lines += [f"### {code.id}", "", f"{_sentence(code.title)} {_sentence(code.why)}", ""]
    return "\n".join(lines)


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].rstrip('.')}."
