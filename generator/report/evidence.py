"""Evidence as Markdown, as JSON and as one HTML page that needs nothing else. Every value is escaped for its format."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from generator.markup import html, visible
from generator.model.evidence import Control, Evidence, Fact, Standing

FORMATS: Final = ("md", "json", "html")
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>|~&])")
"""What means something to Markdown inside a line. No value stands at the start of one."""
_HOW: Final = (
    "An object counts for a control when it is labelled with it and what is said of its kind holds for the object "
    "itself, as it stands in rendered/. What runs in the clusters, and what people do, is not looked at."
)
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border:1px solid #bbb;padding:.3rem .5rem;text-align:left;"
    "vertical-align:top}code{font-size:90%;overflow-wrap:anywhere}.lacks{color:#a00}"
)


def evidence_report(evidence: Evidence, format: str) -> str:  # noqa: A002
    """The evidence in one of `FORMATS`."""
    makers = {"md": _markdown, "json": _json, "html": _html}
    return makers[format](evidence)


def _summary(evidence: Evidence) -> str:
    whole = sum(not each.lacking for each in evidence.standings)
    tenants = evidence.tenants[0] if len(evidence.tenants) == 1 else f"each of {len(evidence.tenants)} tenants"
    place = f" on {evidence.cluster}" if evidence.cluster else ""
    return f"{whole} of {len(evidence.standings)} controls are met for {tenants}{place}"


def _lacks(standing: Standing, tenants: tuple[str, ...]) -> str:
    who = "any tenant" if standing.lacking == tenants and len(tenants) > 1 else ", ".join(standing.lacking)
    return f"not met for {who}: {standing.reason}"


def _markdown(evidence: Evidence) -> str:
    lines = [f"# Evidence: {_plain(evidence.title)}", "", f"{_plain(_summary(evidence))}.", "", _HOW, ""]
    lacking = [each for each in evidence.standings if each.lacking]
    if lacking:
        lines += ["## Not met", ""]
        lines += [
            f"- **{_plain(each.control.id)}** {_plain(each.control.title)}: {_plain(_lacks(each, evidence.tenants))}"
            for each in lacking
        ]
        lines.append("")
    for each in evidence.standings:
        lines += _markdown_control(each)
    return "\n".join(lines).rstrip("\n") + "\n"


def _markdown_control(standing: Standing) -> Iterator[str]:
    control = standing.control
    yield f"## {_plain(control.id)}: {_plain(control.title)}"
    yield ""
    yield f"<{control.reference}>"
    yield ""
    for proof in control.proofs:
        yield f"- {_plain(proof.kind)}: {_plain(proof.says)} ({_code(proof.expression)})"
    if control.proofs:
        yield ""
    if standing.facts or standing.unshown:
        yield "| tenant | cluster | object | where | shows |"
        yield "| --- | --- | --- | --- | --- |"
        for fact in (*standing.facts, *standing.unshown):
            yield "| " + " | ".join(_plain(cell) for cell in _cells(fact)) + " |"
        yield ""


def _cells(fact: Fact) -> tuple[str, ...]:
    where = f"{fact.place.path}:{fact.place.line}"
    return (fact.tenant, fact.cluster, fact.label, where, "; ".join(fact.shows) or "nothing: it is labelled only")


def _plain(text: str) -> str:
    """Text in which Markdown sees nothing but text, on one line."""
    return _MARKS.sub(r"\\\1", visible(" ".join(text.split())))


def _text(text: str) -> str:
    """Text in which HTML sees nothing but text, on one line."""
    return html(" ".join(text.split()))


def _code(text: str) -> str:
    """Code in as many backticks as it takes, on one line."""
    line = visible(" ".join(text.split()))
    fence = "`" * (max((len(run) for run in re.findall(r"`+", line)), default=0) + 1)
    return f"{fence}{line}{fence}" if fence == "`" else f"{fence} {line} {fence}"


def _json(evidence: Evidence) -> str:
    data = {
        "version": 1,
        "framework": evidence.framework,
        "title": evidence.title,
        "cluster": evidence.cluster or None,
        "tenants": list(evidence.tenants),
        "controls": [_json_control(each) for each in evidence.standings],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _json_control(standing: Standing) -> dict[str, object]:
    control: Control = standing.control
    return {
        "id": control.id,
        "title": control.title,
        "reference": control.reference,
        "evidence": [{"kind": each.kind, "expression": each.expression, "says": each.says} for each in control.proofs],
        "lacking": list(standing.lacking),
        "reason": standing.reason,
        "objects": [_json_fact(each) for each in standing.facts],
        "labelledOnly": [_json_fact(each) for each in standing.unshown],
    }


def _json_fact(fact: Fact) -> dict[str, object]:
    return {
        "tenant": fact.tenant,
        "cluster": fact.cluster,
        "object": fact.label,
        "path": fact.place.path,
        "line": fact.place.line,
        "shows": list(fact.shows),
    }


def _html(evidence: Evidence) -> str:
    title = _text(f"Evidence: {evidence.title}")
    body = [f"<h1>{title}</h1>", f"<p>{_text(_summary(evidence))}.</p>", f"<p>{_text(_HOW)}</p>"]
    lacking = [each for each in evidence.standings if each.lacking]
    if lacking:
        body += ["<h2>Not met</h2>", "<ul>"]
        body += [
            f'<li class="lacks"><b>{_text(each.control.id)}</b> {_text(each.control.title)}: '
            f"{_text(_lacks(each, evidence.tenants))}</li>"
            for each in lacking
        ]
        body.append("</ul>")
    for each in evidence.standings:
        body += _html_control(each)
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head><body>',
            *body,
            "</body></html>",
            "",
        ]
    )


def _html_control(standing: Standing) -> Iterator[str]:
    control = standing.control
    yield f"<h2>{_text(control.id)}: {_text(control.title)}</h2>"
    yield f'<p><a href="{_text(control.reference)}">{_text(control.reference)}</a></p>'
    if control.proofs:
        yield "<ul>"
        for proof in control.proofs:
            yield f"<li>{_text(proof.kind)}: {_text(proof.says)} (<code>{_text(proof.expression)}</code>)</li>"
        yield "</ul>"
    if standing.facts or standing.unshown:
        yield "<table><tr><th>tenant</th><th>cluster</th><th>object</th><th>where</th><th>shows</th></tr>"
        for fact in (*standing.facts, *standing.unshown):
            mark = "" if fact.shows else ' class="lacks"'
            yield f"<tr{mark}>" + "".join(f"<td>{_text(cell)}</td>" for cell in _cells(fact)) + "</tr>"
        yield "</table>"
