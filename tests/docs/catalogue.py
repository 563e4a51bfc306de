"""Makes docs/catalogue.md: every template with what it renders, and every section of the seeds with where it went."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from generator.check.objects import Rendered, read
from generator.model.tree import Tree
from generator.render.layout import Scope, place

TEMPLATES = Path("generator/templates")
EACH = {
    Scope.CLUSTER: "cell",
    Scope.INSTALLATION: "platform on a cell",
    Scope.ASSIGNMENT: "tenant on a cell",
    Scope.RECORD: "tenant ever placed on a cell",
}
CONTROLS = "controls.tenantry.dev/"
HEADER = re.compile(r"# Rendered by tenantry from (?P<inputs>.*) by (?P<template>\S+)\.\n")


@dataclass(frozen=True, slots=True)
class Made:
    """What one template gave in the example fleet: kinds with their number, inputs by folder, and controls served."""

    kinds: dict[str, int]
    inputs: tuple[str, ...]
    controls: tuple[str, ...]


def catalogue(tree: Tree, templates: dict[str, str], documents: list[dict[str, Any]]) -> str:
    """The page. `templates` is name → text; `documents` is docs/sections.yaml."""
    objects = [each for path, body in tree.files.items() for each in read(path, body).objects]
    return "\n".join(
        [
            "# What is rendered",
            "",
            "Made from the templates, `docs/sections.yaml` and the example fleet; a test fails when it is stale",
            "(`pytest --accept` renews it). The numbers count objects of the example fleet.",
            "",
            "## Templates",
            "",
            *_templates(templates, _made(tree)),
            "## Sections of the architecture documents",
            "",
            "Where each section went. The object named is the first of its kind in `rendered/`.",
            "",
            *_sections(documents, objects),
        ]
    )


def _made(tree: Tree) -> dict[str, Made]:
    """What each template gave, read off the headers of the files."""
    kinds: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    inputs: dict[str, set[str]] = defaultdict(set)
    controls: dict[str, set[str]] = defaultdict(set)
    for path, body in tree.files.items():
        header = HEADER.match(body.decode())
        assert header is not None, path
        for each in read(path, body).objects:
            kinds[header["template"]][each.kind] += 1
            for label, ids in each.data["metadata"].get("labels", {}).items():
                if label.startswith(CONTROLS):
                    controls[header["template"]].add(f"{label.removeprefix(CONTROLS)} {ids.replace('_', ', ')}")
        for one in header["inputs"].split(", "):
            folder = one.rpartition("/")[0]
            inputs[header["template"]].add(
                "tenants/" if one.startswith("tenants/") else f"{folder}/" if folder else one
            )
    return {
        name: Made(dict(sorted(found.items())), tuple(sorted(inputs[name])), tuple(sorted(controls[name])))
        for name, found in kinds.items()
    }


def _templates(templates: dict[str, str], made: dict[str, Made]) -> Iterator[str]:
    for name in sorted(templates):
        where = place(name)
        if where is None:
            continue
        about = made.get(name, Made({}, (), ()))
        listed = ", ".join(f"{kind} ({count})" for kind, count in about.kinds.items()) or "nothing in the example fleet"
        yield f"### {name}"
        yield ""
        yield _comment(templates[name])
        yield ""
        yield f"- once for each {EACH[where.scope]}: `rendered/{where.pattern}`"
        yield f"- objects: {listed}"
        yield f"- from: {', '.join(f'`{one}`' for one in about.inputs)}"
        if about.controls:
            yield f"- controls: {'; '.join(about.controls)}"
        yield ""


def _comment(text: str) -> str:
    """What the template says of itself: its first comment, as one paragraph."""
    found = re.match(r"\{#(.*?)#\}", text, re.DOTALL)
    assert found is not None, text[:80]
    return " ".join(found[1].split())


def _sections(documents: list[dict[str, Any]], objects: Iterable[Rendered]) -> Iterator[str]:
    first: dict[str, Rendered] = {}
    for each in objects:
        first.setdefault(each.kind, each)
    for document in documents:
        yield f"### {document['document']}"
        yield ""
        yield "| section | objects | for instance |"
        yield "| --- | --- | --- |"
        for section in document["sections"]:
            kinds = section.get("kinds", [])
            missing = [kind for kind in kinds if kind not in first]
            assert not missing, f"{section['title']}: nothing of kind {missing} is rendered"
            shown = ", ".join(kinds) if kinds else f"not a cluster's: {section['reason']}"
            note = f" ({section['note']})" if "note" in section else ""
            place_ = f"`rendered/{first[kinds[0]].path}`" if kinds else ""
            yield f"| {section['title']} | {shown}{note} | {place_} |"
        yield ""


def sections(root: Path) -> list[dict[str, Any]]:
    """docs/sections.yaml."""
    listed: list[dict[str, Any]] = yaml.safe_load((root / "docs" / "sections.yaml").read_text(encoding="utf-8"))
    return listed


def templates_of(root: Path) -> dict[str, str]:
    """Every template by its name."""
    folder = root / TEMPLATES
    return {file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8") for file in folder.rglob("*.yaml")}
