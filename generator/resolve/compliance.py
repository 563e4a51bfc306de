"""What frameworks ask for and how platforms answer: their sections, and the audit record that stays of a tenant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from generator.diagnostics import Code, Diagnostic, Severity
from generator.model.cell import Cluster
from generator.model.compliance import Compliance, Demand, Measure, Scheduled
from generator.model.document import Document
from generator.model.names import LABEL_LIMIT, fit
from generator.model.tenant import Record, Tenant
from generator.resolve.buckets import account_name
from generator.resolve.index import Index, Reference, unknown
from generator.resolve.tasks import task

TOO_MANY = Code(
    "REF022",
    "more controls than a label holds",
    "The object could not be labelled, and the API server would refuse it.",
)

UNANSWERED = Code(
    "REF023",
    "a measure that the platform has no work for",
    "The tenant would be reported as compliant while nothing exports, records or erases its data.",
)
_WORK = frozenset((Measure.PORTABILITY_EXPORT, Measure.CONSENT_RECORDS, Measure.ERASURE))
"""Measures that a platform's section `compliance` answers; the others are objects of every platform."""
_BUCKET: Final = "<bucket>"
"""What stands for a bucket's name; none has such characters."""


def demands(spec: dict[str, Any]) -> tuple[Demand, ...]:
    """What a framework asks for, by measure."""
    found = (Demand(Measure(data["name"]), tuple(sorted(data["controls"]))) for data in spec.get("measures", ()))
    return tuple(sorted(found, key=lambda demand: demand.measure))


def compliance(spec: dict[str, Any]) -> Compliance | None:
    """The section `compliance` of a platform; None where it has none."""
    data = spec.get("compliance")
    if data is None:
        return None
    return Compliance(
        exports=data["exports"],
        portability=Scheduled(task("portability-export", data["portability"]["task"]), data["portability"]["schedule"]),
        consent=Scheduled(task("consent-records", data["consent"]["task"]), data["consent"]["schedule"]),
        final_export=task("final-export", data["finalExport"]),
        final_backup=task("final-backup", data["finalBackup"]),
        erasure=task("erasure", data["erasure"]),
    )


def demand_faults(index: Index) -> list[Diagnostic]:
    """Measures that name a control which their framework does not list, or more than a label holds."""
    found = []
    for document in index.valid("ComplianceFramework"):
        spec = document.data["spec"]
        known = [control["id"] for control in spec["controls"]]
        for number, data in enumerate(spec.get("measures", ())):
            for at, name in enumerate(data["controls"]):
                if name not in known:
                    reference = Reference(document, ("spec", "measures", number, "controls", at), "Control", name)
                    found.append(unknown(reference, known, f"spec.controls of {document.path}"))
            if len("_".join(data["controls"])) > LABEL_LIMIT:
                found.append(_too_many(document, number))
    return [*found, *_unanswered(index)]


def _unanswered(index: Index) -> Iterator[Diagnostic]:
    frameworks, platforms = index.of("ComplianceFramework"), index.of("Platform")
    for document in index.valid("Tenant"):
        spec = document.data["spec"]
        platform = platforms.get(spec["platform"])
        if platform is None or not platform.valid or "compliance" in platform.data["spec"]:
            continue
        for number, name in enumerate(spec["compliance"]):
            framework = frameworks.get(name)
            asked = demands(framework.data["spec"]) if framework is not None and framework.valid else ()
            if work := [demand.measure.value for demand in asked if demand.measure in _WORK]:
                yield Diagnostic(
                    code=UNANSWERED,
                    severity=Severity.ERROR,
                    message=f"platform '{platform.name}' has no work for {', '.join(work)}",
                    location=document.locate(("spec", "compliance", number)),
                    expected=f"a section `compliance` in {platform.path}",
                    declared=framework.locate(("spec", "measures")) if framework is not None else None,
                    hint="add the section, or place the tenant on a platform that has it",
                )


def record(tenant: Tenant, cluster: Cluster, retention: int, inputs: tuple[str, ...]) -> Record | None:
    """The audit record of a tenant on a cell; None where no framework asks for one. `retention` is in days."""
    if not tenant.asks(Measure.IMMUTABLE_AUDIT):
        return None
    bucket = fit(f"{tenant.name}-audit-{cluster.name}-{cluster.region.account}", LABEL_LIMIT)
    policy = _policy(retention).replace(_BUCKET, bucket) if cluster.provider.name == "aws" else ""
    # Only a platform with data has storage accounts in its regions.
    account = account_name(cluster, tenant.platform.namespace, locked=True) if tenant.platform.data else ""
    return Record(tenant, cluster, retention, bucket, account, policy, inputs)


@cache
def _policy(retention: int) -> str:
    """An S3 bucket policy by which nothing is written that is not locked for the whole retention, nor over plain HTTP.
    `_BUCKET` stands for the bucket.

    ACK's Bucket switches Object Lock on and has no field for a default retention, so the writer names it and this
    refuses a writer that does not. The same holds for later changes of an object's retention.
    """
    everything = [f"arn:aws:s3:::{_BUCKET}", f"arn:aws:s3:::{_BUCKET}/*"]
    objects = everything[1]

    def deny(name: str, actions: list[str], resources: Any, condition: dict[str, Any]) -> dict[str, Any]:
        return {
            "Sid": name,
            "Effect": "Deny",
            "Principal": "*",
            "Action": actions,
            "Resource": resources,
            "Condition": condition,
        }

    statements = [
        deny("PlainHttp", ["s3:*"], everything, {"Bool": {"aws:SecureTransport": "false"}}),
        deny(
            "Unlocked",
            ["s3:PutObject"],
            objects,
            {"StringNotEquals": {"s3:object-lock-mode": "COMPLIANCE"}},
        ),
        deny(
            "TooShort",
            ["s3:PutObject", "s3:PutObjectRetention"],
            objects,
            {"NumericLessThan": {"s3:object-lock-remaining-retention-days": str(retention)}},
        ),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))


def _too_many(document: Document, number: int) -> Diagnostic:
    return Diagnostic(
        code=TOO_MANY,
        severity=Severity.ERROR,
        message="these controls do not fit into one label",
        location=document.locate(("spec", "measures", number, "controls")),
        expected=f"at most {LABEL_LIMIT} characters, joined by `_`",
        hint="name the controls that the measure serves most directly",
    )
