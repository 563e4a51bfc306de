"""The file of a new tenant, with a comment at each thing that its owners will want to change."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from generator.model.fleet import Role


@dataclass(frozen=True, slots=True)
class NewPlacement:
    """A cell for the new tenant, and why it was chosen. `identity` is "" where the provider derives it."""

    cluster: str
    role: Role
    identity: str
    reason: str


@dataclass(frozen=True, slots=True)
class NewTenant:
    """Everything that a tenant's file says at its beginning. The state is always active."""

    name: str
    title: str
    platform: str
    tier: str
    residency: str
    frameworks: tuple[str, ...]
    ring: str
    placements: tuple[NewPlacement, ...]
    domains: tuple[str, ...]
    issuer: str
    jwks: str
    group: str
    cost_centre: str
    team: str
    contacts: dict[str, str]


def tenant_file(new: NewTenant, schema: str) -> str:
    """The text of the file. `schema` is the way from the file's folder to its JSON Schema, for editors."""
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap

    spec = CommentedMap(_spec(new))
    spec.yaml_set_comment_before_after_key("residency", "Where the data may stand: a jurisdiction, or any.", indent=2)
    spec.yaml_set_comment_before_after_key("ring", "How early releases arrive: canary, early or stable.", indent=2)
    spec.yaml_set_comment_before_after_key("placements", _placement_comment(new), indent=2)
    if new.domains:
        verified = "Set verified to true once the domain's owner has proven it; its certificate is ordered then."
        spec.yaml_set_comment_before_after_key("domains", verified, indent=2)
    document = CommentedMap(
        {"apiVersion": "tenantry.dev/v1", "kind": "Tenant", "metadata": {"name": new.name}, "spec": spec}
    )
    document.yaml_set_start_comment(f"yaml-language-server: $schema={schema}")
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


def _spec(new: NewTenant) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "title": new.title,
        "platform": new.platform,
        "tier": new.tier,
        "state": "active",
        "residency": new.residency,
        "compliance": list(new.frameworks),
        "ring": new.ring,
        "placements": [_placement(placement) for placement in new.placements],
    }
    if new.domains:
        spec["domains"] = [{"name": name, "verified": False} for name in new.domains]
    spec["identity"] = {"issuer": new.issuer, "jwks": new.jwks, "group": new.group}
    spec["costCentre"] = new.cost_centre
    spec["team"] = new.team
    spec["contacts"] = dict(sorted(new.contacts.items()))
    return spec


def _placement(placement: NewPlacement) -> dict[str, str]:
    data = {"cluster": placement.cluster, "role": str(placement.role)}
    return {**data, "identity": placement.identity} if placement.identity else data


def _placement_comment(new: NewTenant) -> str:
    return f"Chosen when the tenant was added; nothing moves it but a reviewed change.\n{chosen(new.placements)}"
