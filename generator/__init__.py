"""Tenantry: renders declarative tenant and region files into Kubernetes manifests that Argo CD syncs."""

from typing import Final

VERSION: Final = "0.1.0"
