"""Names of rendered objects: one home for how they are put together and cut to length."""

from __future__ import annotations

import hashlib
from typing import Final

LABEL_LIMIT: Final = 63
"""Namespaces, Services, label values (RFC 1123 label)."""
CRON_JOB_LIMIT: Final = 52
OBJECT_LIMIT: Final = 253


def fit(name: str, limit: int = LABEL_LIMIT) -> str:
    """The name itself when it fits, else its head and 8 hexadecimal digits of its SHA-256.

    Plain truncation makes two tenants share an object (argo-cd#5595); the digest keeps them apart.
    """
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('-.')}-{digest}"


def slug(name: str, limit: int = 40) -> str:
    """A DNS name as one label: dashes for dots, and 8 digits of the name's SHA-256 that keep like ones apart."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name.replace('.', '-')[: limit - 9].rstrip('-')}-{digest}"


def tenant_namespace(tenant: str) -> str:
    """The namespace of a tenant. The prefix keeps a tenant named `kube-system` out of the cluster's own namespaces."""
    return f"tenant-{tenant}"
