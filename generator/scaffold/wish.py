"""What is asked for a new tenant, before a cell has been chosen."""

from __future__ import annotations

from msgspec import Struct

from generator.model.tenant import Role


class NewPlacement(Struct, frozen=True):
    """A cell for the new tenant, and why it was chosen. `identity` is "" where the provider derives it."""

    cluster: str
    role: Role
    identity: str
    reason: str


class Wish(Struct, frozen=True):
    """The words of `tenantry tenant add`.

    `cluster` is "" to have one chosen. `standby` asks for a second placement in another region. `identities` gives the
    cloud identity by cell, for providers that derive none. `folder` is where the file goes, below tenants/.
    """

    name: str
    title: str
    platform: str
    tier: str
    residency: str
    frameworks: tuple[str, ...]
    ring: str
    environment: str
    cluster: str
    standby: bool
    identities: dict[str, str]
    domains: tuple[str, ...]
    issuer: str
    jwks: str
    group: str
    cost_centre: str
    team: str
    contacts: dict[str, str]
    folder: str

    @property
    def path(self) -> str:
        """Where the file goes, relative to the fleet's folder."""
        return "/".join(part for part in ("tenants", self.folder, f"{self.name}.yaml") if part)

    @property
    def schema(self) -> str:
        """The way from the file to its schema."""
        return "../" * self.path.count("/") + "schemas/tenant.schema.json"

    def on(self, cluster: str, role: Role, reason: str) -> NewPlacement:
        """A placement on a cell, with the identity that was given for it."""
        return NewPlacement(cluster, role, self.identities.get(cluster, ""), reason)
