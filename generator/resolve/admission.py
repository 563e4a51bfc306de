"""Admission policies with their bindings, and the faults between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.diagnostics import Code, Diagnostic, Related, Severity, did_you_mean, listing
from generator.model.document import Document
from generator.model.policies import AdmissionBinding, AdmissionPolicy

TWICE = Code("REF060", "an admission policy or binding of one name twice", "One would overwrite the other.")
UNBOUND = Code("REF061", "an admission policy without a binding", "The API server takes it and enforces nothing.")
UNKNOWN_POLICY = Code("REF062", "a binding to an admission policy that no file declares", "It enforces nothing.")

_POLICY, _BINDING = "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"


def admission(documents: Iterable[Document]) -> tuple[tuple[AdmissionPolicy, ...], list[Diagnostic]]:
    """The policies by name, each with its bindings; and what is wrong between them."""
    found: list[Diagnostic] = []
    policies: dict[str, Document] = {}
    bindings: dict[str, Document] = {}
    for document in documents:
        named = {_POLICY: policies, _BINDING: bindings}.get(document.kind)
        if named is None or not document.name:
            continue
        if document.name in named and document.valid and named[document.name].valid:
            found.append(_twice(named[document.name], document))
        named.setdefault(document.name, document)
    found += _unmatched(policies, bindings)
    made = tuple(
        _policy(policies[name], [bindings[each] for each in sorted(bindings) if _binds(bindings[each], name)])
        for name in sorted(policies)
        if policies[name].valid
    )
    return made, found


def _policy(document: Document, bindings: list[Document]) -> AdmissionPolicy:
    metadata = document.data["metadata"]
    return AdmissionPolicy(
        name=document.name,
        path=document.path,
        labels=metadata.get("labels", {}),
        annotations=metadata.get("annotations", {}),
        spec=document.data["spec"],
        bindings=tuple(_binding(binding) for binding in bindings),
    )


def _binding(document: Document) -> AdmissionBinding:
    metadata = document.data["metadata"]
    labels, annotations = metadata.get("labels", {}), metadata.get("annotations", {})
    return AdmissionBinding(document.name, labels, annotations, document.data["spec"])


def _binds(binding: Document, policy: str) -> bool:
    return binding.valid and binding.data["spec"]["policyName"] == policy


def _unmatched(policies: dict[str, Document], bindings: dict[str, Document]) -> Iterator[Diagnostic]:
    if all(binding.valid for binding in bindings.values()):
        for name, document in policies.items():
            if document.valid and not any(_binds(binding, name) for binding in bindings.values()):
                yield Diagnostic(
                    UNBOUND,
                    Severity.ERROR,
                    f"no binding puts policy '{name}' into force",
                    document.locate(("metadata", "name")),
                    hint=f"add a {_BINDING} with policyName: {name} to the file",
                )
    for document in bindings.values():
        name = document.data["spec"]["policyName"] if document.valid else ""
        if name and name not in policies:
            yield Diagnostic(
                UNKNOWN_POLICY,
                Severity.ERROR,
                f"no admission policy is named '{name}'",
                document.locate(("spec", "policyName")),
                found=f"'{name}'",
                expected=f"one of {listing(policies)}" if policies else f"a {_POLICY} in policies/admission/",
                hint=did_you_mean(name, policies) or "add the policy, or remove the binding",
            )


def _twice(first: Document, again: Document) -> Diagnostic:
    return Diagnostic(
        TWICE,
        Severity.ERROR,
        f"there are two of kind {again.kind} named '{again.name}'",
        again.locate(("metadata", "name")),
        related=(Related("the first one", first.locate(("metadata", "name"))),),
        hint="rename one, or remove it",
    )
