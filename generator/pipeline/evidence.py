"""check: what in rendered/ meets the controls of a compliance framework."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.diagnostics import Diagnostic, has_errors
from generator.pipeline.inputs import RENDERED, validate

if TYPE_CHECKING:
    from generator.model.evidence import Evidence
    from generator.model.fleet import Fleet


class Evident(Struct, frozen=True):
    """The evidence, read from so many `files` of rendered/; None when the inputs have errors or the framework is not
    one of the fleet's. `frameworks` are those."""

    fleet: Fleet | None
    frameworks: tuple[str, ...]
    evidence: Evidence | None
    diagnostics: tuple[Diagnostic, ...]
    files: int = 0


def evidence(root: Path, framework: str, *, tenant: str | None = None, cluster: str | None = None) -> Evident:
    """The objects in rendered/, as they stand there, that meet the controls of a framework.

    The inputs say what is asked: the controls, and which tenants are under the framework. What is answered is read from
    the output alone.
    """
    from generator.check.evidence import standings
    from generator.model.evidence import Evidence
    from generator.model.tenant import State
    from generator.resolve.evidence import controls_of
    from generator.write import read

    validated = validate(root)
    fleet = validated.fleet
    asked = {each.name: each for each in validated.documents if each.kind == "ComplianceFramework" and each.valid}
    names = tuple(sorted(asked))
    if fleet is None or has_errors(validated.diagnostics):
        return Evident(None, names, None, validated.diagnostics)
    document = asked.get(framework)
    if document is None:
        return Evident(fleet, names, None, validated.diagnostics)
    tenants = [
        each.name
        for each in fleet.tenants
        if each.state is not State.OFFBOARDED
        and tenant in (None, each.name)
        and framework in {one.name for one in each.frameworks}
        and (cluster is None or any(at.tenant is each and at.cluster.name == cluster for at in fleet.assignments))
    ]
    tree, unread = read(root / RENDERED)
    found, faults = standings(tree, framework, controls_of(document), tenants, cluster or "")
    title = document.data["spec"]["title"]
    made = Evidence(framework, title, tuple(sorted(tenants)), cluster or "", found)
    return Evident(fleet, names, made, (*validated.diagnostics, *unread, *faults), len(tree.files))
