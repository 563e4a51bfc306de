"""How a platform proves tenants' own domains and certifies them: the section `domains` of its file."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from generator.model.task import Task


class KeyAlgorithm(StrEnum):
    """The private key of a custom domain's certificate, as its tenant asks for it."""

    RSA = "RSA"
    ECDSA = "ECDSA"


class Domains(Struct, frozen=True):
    """OAMS, "Domain & SSL Management".

    `method` is the seed's VERIFICATION_METHOD. `secret` and `key` say where the token stands among the tenant's own
    secrets. `key_sizes` are bits by algorithm. `renew_before` is a percentage of a certificate's lifetime: lifetimes
    are going to shrink, and a number of days would one day exceed them.
    """

    verification: Task
    method: str
    secret: str
    key: str
    key_sizes: dict[KeyAlgorithm, int]
    renew_before: int
