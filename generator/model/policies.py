"""The admission policies of a fleet (policies/admission/*.yaml), as every cluster gets them."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class AdmissionBinding(Struct, frozen=True):
    """A ValidatingAdmissionPolicyBinding: where a policy holds, and what a refusal does. `spec` is as written."""

    name: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: dict[str, Any]


class AdmissionPolicy(Struct, frozen=True):
    """A ValidatingAdmissionPolicy with its bindings, sorted by name. `spec` is as written; `path` is its file."""

    name: str
    path: str
    labels: dict[str, str]
    annotations: dict[str, str]
    spec: dict[str, Any]
    bindings: tuple[AdmissionBinding, ...]
