"""Whether every Certificate has its issuer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.fields import string
from generator.check.findings import finding
from generator.check.index import Index
from generator.diagnostics import Code, Diagnostic, did_you_mean, listing

NO_ISSUER: Final = Code(
    "CHK049",
    "a Certificate's issuer is not rendered",
    "The certificate is never issued, and the gateway that names its Secret does not listen.",
)

_GROUP: Final = "cert-manager.io"


def check(index: Index) -> Iterator[Diagnostic]:
    """Every Certificate; issuers of other groups are left to those who run them."""
    for certificate in index.of(_GROUP, "Certificate"):
        reference = ("spec", "issuerRef")
        if string(certificate.data, *reference, "group") not in {"", _GROUP}:
            continue
        kind = string(certificate.data, *reference, "kind") or "Issuer"
        name = string(certificate.data, *reference, "name")
        namespace = certificate.namespace if kind == "Issuer" else ""
        if index.get(_GROUP, kind, namespace, name) is None:
            known = index.names(_GROUP, kind, namespace)
            where = namespace or index.cluster
            yield finding(
                NO_ISSUER,
                certificate,
                (*reference, "name"),
                f"no {kind} {name} is rendered in {where}",
                found=f"{kind} {name}",
                expected=listing(known) or f"one rendered in {where}",
                hint=did_you_mean(name, known)
                or "name an issuer that is rendered; the kind is Issuer if none is given",
            )
