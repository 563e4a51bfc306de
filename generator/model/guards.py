"""What one change may do to the fleet, and what a reviewed approval lets through (policies/guards.yaml, approvals/)."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from generator.model.grant import Grant
from generator.source import Location


class Freeze(Struct, frozen=True):
    """A time in which nothing may change in some environments: from `start` to `end`, both with an offset."""

    name: str
    start: datetime
    end: datetime
    environments: frozenset[str]
    location: Location


class Guards(Struct, frozen=True):
    """The limits of one change. Shares are in percent of the tenants that there were before the change.

    `protected` are the kinds whose removal needs an approval. Locations are where the limits stand.
    """

    fleet_percent: int
    ring_percent: int
    minimum_tenants: int
    freezes: tuple[Freeze, ...]
    protected: frozenset[str]
    fleet_location: Location
    ring_location: Location


class Approval(Grant, frozen=True, kw_only=True):
    """One approval: it lets findings of `code` through that are about `subject`.

    `subject` is what kind of thing is named and its name: ("tenant", "acme"), ("object", "east-1", "Namespace", "",
    "tenant-acme"), ("ring", "stable"), ("release", "web", "production", "stable"), ("freeze", "year-end") or
    ("fleet",).
    """

    name: str
    code: str
    subject: tuple[str, ...]
