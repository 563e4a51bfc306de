"""What is behind a value and what a line reaches, as text for people and as JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import asdict

from generator.diagnostics import listing
from generator.model.explanation import Explained, Field, Reached, Said
from generator.report.text import visible
from generator.source import Location

VERSION: Final = 1
"""Raised when a field is renamed, removed or changes its meaning; new fields do not raise it."""
_WIDEST: Final = 44
"""The widest column of values; a longer value pushes what follows it aside."""
_SHOWN: Final = 100
"""The most characters of a source line."""
_UNSAID: Final = "no line of the inputs says it"
_TENANT: Final = re.compile(r"rendered/[^/]+/(?:tenants|argocd/tenants|cluster/[^/]+/records)/([^/]+?)(?:/|\.yaml)")


def table(explained: Explained) -> str:
    """Every value on a line of its own, with the line that decides it, what that overrode and what a floor raised."""
    lines: list[str] = []
    for cluster, fields in groupby(explained.fields, key=lambda field: field.cluster):
        lines += ["", _heading(explained.subject, cluster)] if lines else [_heading(explained.subject, cluster)]
        rows = [(field.path, _value(field.value), _decided(field)) for field in fields]
        path, value = (min(_WIDEST, max(len(row[column]) for row in rows)) for column in (0, 1))
        lines += [f"  {row[0]:{path}}  {row[1]:{value}}  {row[2]}" for row in rows]
    return "".join(f"{visible(line)}\n" for line in lines)


def details(explained: Explained) -> str:
    """Each value in a block of its own: all lines behind it, with their text."""
    return "\n".join("".join(f"{visible(line)}\n" for line in _block(field)) for field in explained.fields)


def structured(explained: Explained) -> str:
    """One JSON object: `version`, `subject` and `fields`, each with every attribute of a
    `generator.model.explanation.Field`, in camel case as inputs are."""
    data = {"version": VERSION, "subject": explained.subject, "fields": [_plain(f) for f in explained.fields]}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def reached(found: Reached) -> str:
    """What a line reaches: tenants, their values by path, objects by kind and name, each with its first place."""
    lines = [f"{_short(said.location)}  {_value(said.value)}" for said in found.said]
    lines += [
        f"{_short(said.location)}  {_value(said.value)}: no other value of it changes anything"
        for said in found.unmoved
    ]
    tenants = sorted({tenant for tenant, _, _ in found.fields})
    if tenants:
        lines += ["", f"tenants  {len(tenants)}: {listing(tenants, 12)}", "", f"values   {len(found.fields)}"]
        paths: dict[str, set[str]] = {}
        for tenant, _, path in found.fields:
            paths.setdefault(path, set()).add(tenant)
        lines += _columns((path, f"{len(names)}", listing(names, 5)) for path, names in paths.items())
    if found.objects:
        lines += ["", f"objects  {len(found.objects)}"]
        groups: dict[str, list[Location]] = {}
        for each in found.objects:
            groups.setdefault(_pattern(each.label, each.location), []).append(each.location)
        lines += _columns(
            (label, f"{len(places)}", f"{_short(places[0])}{_more(len(places) - 1)}")
            for label, places in groups.items()
        )
    return "".join(f"{visible(line)}\n" for line in lines)


def reached_structured(found: Reached) -> str:
    """One JSON object: `version`, `said`, `fields` (each `tenant`, `cluster`, `path`), `objects` (each `label`,
    `location`, `lines`) and `unmoved`."""
    data = {
        "version": VERSION,
        "said": [_plain(said) for said in found.said],
        "fields": [dict(zip(("tenant", "cluster", "path"), key, strict=True)) for key in found.fields],
        "objects": [_plain(each) for each in found.objects],
        "unmoved": [_plain(said) for said in found.unmoved],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _heading(subject: str, cluster: str) -> str:
    return f"{subject} on {cluster}" if cluster else subject


def _decided(field: Field) -> str:
    """The place that decides a value, in a few words."""
    # Another platform has other services: then the value's own line decides whether it is there at all.
    saying = [each for each in field.presence if each.said.value == field.value and not field.lines]
    if field.template is not None:
        told = [_short(field.template)]
        told += [f"from {_short(field.lines[0].said.location)}{_more(len(field.lines) - 1)}"] if field.lines else []
        told += [f"there by {_short(saying[0].said.location)}"] if saying else []
        return "; ".join(told)
    if field.decided is None and field.lines:
        return f"{_short(field.lines[0].said.location)}{_more(len(field.lines) - 1)}"
    if field.decided is None:
        return _short(saying[0].said.location) if saying else _UNSAID
    told = [_short(field.decided.location)]
    if field.raised_from is not None:
        told.append(f"raised from {_said(field.raised_from)}")
    told += [f"held by {', '.join(_short(each.location) for each in field.held)}"] if field.held else []
    told += [f"overrode {', '.join(map(_said, field.overrode))}"] if field.overrode else []
    return "; ".join(told)


def _block(field: Field) -> Iterator[str]:
    yield f"{_heading(field.path, field.cluster)}: {_value(field.value)}"
    rows = list(_rows(field))
    width = max((len(str(place)) for _, place, _ in rows), default=0)
    for word, place, text in rows:
        yield f"  {word:9} {place!s:{width}}  {text}".rstrip()
    if not field.lines and field.decided is None:
        yield f"  {_UNSAID}"


def _rows(field: Field) -> Iterator[tuple[str, Location, str]]:
    if field.location is not None:
        yield "rendered", field.location, _source(field.location)
    if field.template is not None:
        yield "template", field.template, _source(field.template)
    decided = field.decided
    if decided is not None:
        yield "floor" if field.raised_from is not None else "set", decided.location, _source(decided.location)
    if field.raised_from is not None:
        yield "raised", field.raised_from.location, _value(field.raised_from.value)
    for each in field.held:
        yield "held by", each.location, _source(each.location)
    for each in field.overrode:
        yield "overrode", each.location, _value(each.value)
    for line in field.lines:
        if decided is None or line.said.location != decided.location:
            yield "from" if decided is None else "by", line.said.location, _source(line.said.location)
    for line in field.presence:
        yield "there by", line.said.location, _source(line.said.location)


def _source(location: Location) -> str:
    text = location.text.strip()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _said(said: Said) -> str:
    return f"{_value(said.value)} ({_short(said.location)})"


def _short(location: Location) -> str:
    """The file and line: a column is for the details."""
    return f"{location.path}:{location.line}"


def _more(number: int) -> str:
    return f" and {number} more" if number > 0 else ""


def _value(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split()) if value else '""'
    return json.dumps(value, ensure_ascii=False)


def _columns(rows: Iterable[tuple[str, str, str]]) -> list[str]:
    listed = list(rows)
    widths = [max(len(row[column]) for row in listed) for column in (0, 1)]
    return [f"  {row[0]:{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]}" for row in listed]


def _pattern(label: str, place: Location) -> str:
    """An object's label with `<tenant>` and `<cluster>` for the names, so that what happens to many is said once."""
    cluster = place.path.split("/")[1] if place.path.count("/") else ""
    tenant = _TENANT.match(place.path)
    kind, _, name = label.partition(" ")
    for word, found in (("<cluster>", cluster), ("<tenant>", tenant[1] if tenant else "")):
        if found:
            name = re.sub(rf"(?<![a-z0-9]){re.escape(found)}(?![a-z0-9])", word, name)
    return f"{kind} {name}"


def _plain(value: Any) -> Any:
    """Values as JSON: names in camel case."""
    if isinstance(value, Struct):
        value = asdict(value)
    if isinstance(value, dict):
        return {re.sub(r"_(\w)", lambda found: found[1].upper(), key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value
