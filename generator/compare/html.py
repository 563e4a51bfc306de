"""An impact as one page that needs nothing else: to be kept as an artifact of a pipeline and opened anywhere.

How far the change reaches comes first, then what the guards found, then the changes put together as in the other
reports, then each object with its fields, as in JSON. The page works without its script, which only searches.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from generator.compare.approving import Passed
from generator.compare.changes import ABSENT, Change, Kind, Thing, shown
from generator.compare.groups import SIGNS, Group, groups
from generator.compare.impact import Impact, Reach
from generator.compare.meaning import meanings, restarts
from generator.compare.overview import overview
from generator.compare.text import permitted
from generator.diagnostics import Diagnostic
from generator.markup import html as _text

_STYLE: Final = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --bad: #b3261e; --warn: #8a5a00; --good: #1a7f37;
  --move: #0969da }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --warn: #e3b341; --good: #56d364; --move: #79c0ff } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem }
h1, h2 { line-height: 1.2 } h2 { margin-top: 2rem }
code, pre, td, summary { font-family: ui-monospace, monospace; font-size: 13px; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
th { background: var(--soft); font-weight: 600 }
details { border: 1px solid var(--line); border-radius: 4px; margin: .4rem 0; padding: .3rem .6rem }
summary { cursor: pointer } li { margin: .2rem 0 }
.error, .removed > summary, .old { color: var(--bad) } .warning, .changed > summary { color: var(--warn) }
.added > summary, .new { color: var(--good) } .moved > summary { color: var(--move) }
input { font: inherit; padding: .3rem .5rem; width: 100%; box-sizing: border-box }
"""
_SCRIPT: Final = """
const box = document.getElementById("search"), entries = [...document.querySelectorAll("details")];
const texts = entries.map((entry) => entry.textContent.toLowerCase());
box.hidden = false;
box.addEventListener("input", () => {
  const wanted = box.value.toLowerCase();
  entries.forEach((entry, index) => { entry.hidden = !texts[index].includes(wanted); });
});
"""
_OPEN: Final = 20
"""Up to so many groups are shown open."""


def html(
    impact: Impact | None, findings: Sequence[Diagnostic], passed: Iterable[Passed], base: str, heading: str = "Guards"
) -> str:
    """The page; of the findings alone where nothing could be compared. Nothing is loaded from elsewhere, and only its
    own style and script are permitted to act."""
    return "".join(f"{line}\n" for line in _page(impact, findings, tuple(passed), base, heading))


def _page(
    impact: Impact | None, findings: Sequence[Diagnostic], passed: tuple[Passed, ...], base: str, heading: str
) -> Iterator[str]:
    policy = f"default-src 'none'; style-src '{_hash(_STYLE)}'; script-src '{_hash(_SCRIPT)}'; base-uri 'none'"
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>What this changes: against {_text(base)}</title>"
    yield f"<style>{_STYLE}</style>\n</head>\n<body>"
    yield f"<h1>What this changes</h1>\n<p>Compared with <code>{_text(base)}</code>.</p>"
    if impact is None:
        yield "<p>Nothing could be compared.</p>"
    else:
        yield from _table(overview(impact))
        yield from _named(impact)
    if findings or passed:
        yield f"<h2>{heading}</h2>\n<ul>"
        yield from map(_finding, findings)
        yield from (f"<li>approved: {_text(permitted(each))}</li>" for each in passed)
        yield "</ul>"
    if impact is not None and impact.changes:
        found = groups(impact.changes)
        yield '<h2>Changes</h2>\n<input id="search" type="search" placeholder="Search" aria-label="Search" hidden>'
        for group in found:
            yield from _group(group, len(found) <= _OPEN)
        yield f"<h2>Objects</h2>\n<p>{len(impact.changes)} differ.</p>"
        for change in impact.changes:
            yield from _change(change)
        yield f"<script>{_SCRIPT}</script>"
    yield "</body>\n</html>"


def _named(impact: Impact) -> Iterator[str]:
    """All that is touched, by name; the table above names the first only."""
    for name, reach in (("tenants", impact.tenants), ("clusters", impact.clusters), ("regions", impact.regions)):
        if reach.touched:
            yield f"<details><summary>{name}: {len(reach.touched)} of {reach.total}</summary>{_names(reach)}</details>"


def _names(reach: Reach) -> str:
    return f"<p>{', '.join(map(_text, reach.touched))}</p>"


def _finding(finding: Diagnostic) -> str:
    parts = [f"<strong>{_text(finding.code.id)}</strong> {_text(finding.message)}"]
    named = (("found", finding.found), ("expected", finding.expected), ("hint", finding.hint))
    parts += [f"{name}: {_text(value)}" for name, value in named if value]
    parts += [f"<code>{_text(str(each.location))}</code>: {_text(each.message)}" for each in finding.related]
    where = f"<code>{_text(str(finding.location))}</code>"
    return f'<li class="{finding.severity}">{finding.severity}: {"<br>".join([*parts, where])}</li>'


def _group(group: Group, is_open: bool) -> Iterator[str]:
    yield f'<details class="{group.kind}"{" open" if is_open else ""}><summary>{_text(group.heading)}</summary>'
    for title, lines in (("", group.lines), ("Meaning", group.meanings)):
        if lines:
            yield f"{title and f'<p>{title}</p>'}<ul>"
            yield from (f"<li><code>{_text(line)}</code></li>" for line in lines)
            yield "</ul>"
    yield "</details>"


def _change(change: Change) -> Iterator[str]:
    """One object: what and whose it is, what it comes from, and each field that differs."""
    label = f"{SIGNS[change.kind]} {change.key.label} on {change.key.cluster}"
    yield f'<details class="{change.kind}"><summary>{_text(label)}</summary>'
    thing = change.thing
    about = [("change", change.kind.value)]
    if change.kind is Kind.MOVED and change.before is not None:
        about.append(("before", _identity(change.before)))
    about += [("object", _identity(thing)), ("tenant", thing.tenant or "none"), ("from", ", ".join(thing.inputs))]
    about += [("restarts", "yes")] if restarts(change) else []
    about += [(f"means: {each.topic.value}", each.text) for each in meanings(change)]
    yield from _table(about)
    if change.fields:
        yield "<table>\n<tr><th>field</th><th>before</th><th>after</th></tr>"
        for field in change.fields:
            old, new = ("" if value is ABSENT else _text(shown(value)) for value in (field.old, field.new))
            yield f'<tr><td>{_text(field.way)}</td><td class="old">{old}</td><td class="new">{new}</td></tr>'
        yield "</table>"
    yield "</details>"


def _identity(thing: Thing) -> str:
    group = f" ({thing.key.group})" if thing.key.group else ""
    return f"{thing.key.label}{group} on {thing.key.cluster}"


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "<table>"
    yield from (f"<tr><th>{_text(name)}</th><td>{_text(content)}</td></tr>" for name, content in rows)
    yield "</table>"


def _hash(content: str) -> str:
    """What a content security policy calls one inline style or script by."""
    return f"sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}"
