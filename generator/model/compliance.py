"""What frameworks ask of a tenant's objects, and how a platform answers: the section `compliance` of its file."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from generator.model.task import Task


class Measure(StrEnum):
    """Something rendered that controls of a framework are met by (A2Z SOC, "Multi-Tenant Compliance")."""

    ACCESS_LOGGING = "accessLogging"
    """Every request is logged: the floor under `accessLogs`."""
    PORTABILITY_EXPORT = "portabilityExport"
    """The tenant's data is exported in a portable form on a schedule."""
    CONSENT_RECORDS = "consentRecords"
    """Consent given and withdrawn is written down."""
    ERASURE = "erasureOnOffboarding"
    """A tenant that leaves has its data erased, and the proof of it kept."""
    IMMUTABLE_AUDIT = "immutableAudit"
    """The audit trail stands in storage that nobody can change before its time is over."""
    ENCRYPTION = "encryption"
    """Data at rest is encrypted with the region's key."""


class Demand(Struct, frozen=True):
    """One measure that a framework asks for, and the ids of the controls that it serves."""

    measure: Measure
    controls: tuple[str, ...]


class Scheduled(Struct, frozen=True):
    """A task that runs on a schedule: five cron fields, in UTC."""

    task: Task
    schedule: str


class Compliance(Struct, frozen=True):
    """The work that a platform does for its tenants' frameworks.

    `final_export` and `final_backup` run for every tenant that leaves, `erasure` after them where a framework asks.
    `exports` is the bucket of the platform that exports go to.
    """

    exports: str
    portability: Scheduled
    consent: Scheduled
    final_export: Task
    final_backup: Task
    erasure: Task

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All of them."""
        return (self.portability.task, self.consent.task, self.final_export, self.final_backup, self.erasure)
