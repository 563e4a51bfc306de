"""A framework's controls, and how each is shown to be met."""

from __future__ import annotations

from generator.model.document import Document
from generator.model.evidence import Control, Proof


def controls_of(document: Document) -> tuple[Control, ...]:
    """The controls of a valid ComplianceFramework, in its order."""
    return tuple(
        Control(
            id=data["id"],
            title=data["title"],
            reference=data["reference"],
            proofs=tuple(
                Proof(
                    kind=proof["kind"],
                    expression=proof["expression"],
                    says=proof["says"],
                    location=document.locate(("spec", "controls", number, "evidence", at, "expression")),
                )
                for at, proof in enumerate(data.get("evidence", ()))
            ),
        )
        for number, data in enumerate(document.data["spec"]["controls"])
    )
