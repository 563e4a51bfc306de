"""The file of a new tenant, with a comment at each thing that its owners will want to change."""

from __future__ import annotations

import io
import re
from typing import Any, Final

from generator.scaffold.wish import NewPlacement, Wish

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9._/@-]*(:/[A-Za-z0-9._/@-]*|[ ][A-Za-z0-9._/@-]+)*")
"""Text that every YAML reader takes for text, except a few words that the writer knows."""


def tenant_file(wish: Wish, placements: tuple[NewPlacement, ...]) -> str:
    """The text of the file. Its first line names its JSON Schema, for editors; the tenant begins as active."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    spec = CommentedMap(_quoted(_spec(wish, placements)))
    spec.yaml_set_comment_before_after_key("residency", "Where the data may stand: a jurisdiction, or any.", indent=2)
    spec.yaml_set_comment_before_after_key("ring", "How early releases arrive: canary, early or stable.", indent=2)
    spec.yaml_set_comment_before_after_key("placements", _placement_comment(placements), indent=2)
    if wish.domains:
        verified = "Set verified to true once the domain's owner has proven it; its certificate is ordered then."
        spec.yaml_set_comment_before_after_key("domains", verified, indent=2)
    document = CommentedMap(
        {"apiVersion": "tenantry.dev/v1", "kind": "Tenant", "metadata": {"name": wish.name}, "spec": spec}
    )
    document.yaml_set_start_comment(f"yaml-language-server: $schema={wish.schema}")
    writer = YAML()
    writer.version = (1, 2)
    writer.explicit_start = False
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = 4096
    text = io.StringIO()
    writer.dump(document, text)
    return text.getvalue().removeprefix("%YAML 1.2\n---\n")


def chosen(placements: tuple[NewPlacement, ...]) -> str:
    """The cells and why, a line each."""
    return "\n".join(f"{each.cluster} ({each.role}): {each.reason}" for each in placements)


def _quoted(value: Any) -> Any:
    """The same data with all strings in quotes that some reader could take for something else."""
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString

    if isinstance(value, dict):
        return {key: _quoted(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_quoted(item) for item in value]
    return DoubleQuotedScalarString(value) if isinstance(value, str) and not _PLAIN.fullmatch(value) else value


def _spec(wish: Wish, placements: tuple[NewPlacement, ...]) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "title": wish.title,
        "platform": wish.platform,
        "tier": wish.tier,
        "state": "active",
        "residency": wish.residency,
        "compliance": sorted(set(wish.frameworks)),
        "ring": wish.ring,
        "placements": [_placement(placement) for placement in placements],
    }
    if wish.domains:
        spec["domains"] = [{"name": name, "verified": False} for name in wish.domains]
    spec["identity"] = {"issuer": wish.issuer, "jwks": wish.jwks, "group": wish.group}
    spec["costCentre"] = wish.cost_centre
    spec["team"] = wish.team
    spec["contacts"] = dict(sorted(wish.contacts.items()))
    return spec


def _placement(placement: NewPlacement) -> dict[str, str]:
    data = {"cluster": placement.cluster, "role": str(placement.role)}
    return {**data, "identity": placement.identity} if placement.identity else data


def _placement_comment(placements: tuple[NewPlacement, ...]) -> str:
    return f"Chosen when the tenant was added; nothing moves it but a reviewed change.\n{chosen(placements)}"
