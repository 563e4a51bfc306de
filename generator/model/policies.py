"""The admission policies of a fleet (policies/admission/*.yaml), as every cluster gets them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class AdmissionBinding:
    """A ValidatingAdmissionPolicyBinding: where a policy holds, and what a refusal does. `spec` is as written."""

    name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AdmissionPolicy:
    """A ValidatingAdmissionPolicy with its bindings, sorted by name. `spec` is as written; `path` is its file."""

    name: str
    path: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: dict[str, Any]
    bindings: tuple[AdmissionBinding, ...]
