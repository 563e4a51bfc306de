"""Faults between region and platform files and what they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.model.document import Document
from generator.resolve.cells import Place, all_places
from generator.resolve.data import data_faults
from generator.resolve.index import Index, Reference, unknown
from generator.resolve.releases import release_faults
from generator.resolve.settings import Layer
from generator.resolve.tasks import task_faults
from generator.source import Pointer

TWICE = Code(
    "REF002",
    "a name declared twice",
    "Two cells of one name would render over each other; two regions of one label would answer to the same hosts.",
)
NO_IDENTITY = Code(
    "REF003",
    "a cloud identity is missing",
    "The provider gives identities no predictable name, so the file that needs one has to say it.",
)
BACKWARDS = Code("REF004", "a range whose minimum exceeds its maximum", "The autoscaler would be refused.")
NO_VAULT = Code("REF005", "a secret store is missing", "Without the store's URL no secret of the region can be read.")


def region_faults(index: Index) -> list[Diagnostic]:
    """What is wrong between region files and what they refer to."""
    found = index.unresolved(_references(index))
    found += _repeated(index)
    for document in index.valid("Region"):
        provider = index.of("Provider").get(document.data["spec"]["provider"])
        found += _lacking(document, provider)
    return found


def _references(index: Index) -> Iterator[Reference]:
    for document in index.valid("Region"):
        spec = document.data["spec"]
        yield Reference(document, ("spec", "provider"), "Provider", spec["provider"])
        for number, name in enumerate(spec["failover"]):
            yield Reference(document, ("spec", "failover", number), "Region", name)
        for number, data in enumerate(spec["clusters"]):
            here: Pointer = ("spec", "clusters", number)
            for at, name in enumerate(data["platforms"]):
                yield Reference(document, (*here, "platforms", at), "Platform", name)
            for at, name in enumerate(data["tiers"]):
                yield Reference(document, (*here, "tiers", at), "Tier", name)


def _repeated(index: Index) -> list[Diagnostic]:
    """Cells of one name, and regions of one label."""
    declared: list[tuple[str, str, Document, Pointer]] = [
        ("cell", place.data["name"], place.document, (*place.pointer, "name")) for place in all_places(index)
    ]
    declared += [
        ("DNS label", document.data["spec"]["label"], document, ("spec", "label")) for document in index.valid("Region")
    ]
    first: dict[tuple[str, str], tuple[Document, Pointer]] = {}
    found = []
    for word, name, document, pointer in declared:
        if (word, name) not in first:
            first[word, name] = (document, pointer)
            continue
        earlier, at = first[word, name]
        found.append(
            Diagnostic(
                code=TWICE,
                severity=Severity.ERROR,
                message=f"the {word} '{name}' is declared twice",
                location=document.locate(pointer),
                related=(Related("first declared here", earlier.locate(at)),),
                hint="rename one of them",
            )
        )
    return found


def _lacking(document: Document, provider: Document | None) -> list[Diagnostic]:
    """What a region lacks that its provider asks for."""
    if provider is None or not provider.valid:
        return []
    found = []
    spec = document.data["spec"]
    if provider.data["spec"]["secrets"].get("perRegion") and not spec.get("secretStore"):
        found.append(
            Diagnostic(
                code=NO_VAULT,
                severity=Severity.ERROR,
                message=f"a region of provider '{provider.name}' has to name its secret store",
                location=document.locate(("spec",), key=True),
                expected="spec.secretStore",
                declared=provider.locate(("spec", "secrets", "perRegion")),
                hint="add secretStore: <the store's URL>",
            )
        )
    for number, data in enumerate(spec["clusters"]):
        if not data.get("identity") and not provider.data["spec"]["identity"].get("pattern"):
            found.append(missing_identity(document, ("spec", "clusters", number), provider))
    return found


def missing_identity(document: Document, pointer: Pointer, provider: Document) -> Diagnostic:
    """What to say where a provider without a naming pattern is used and no identity is given."""
    return Diagnostic(
        code=NO_IDENTITY,
        severity=Severity.ERROR,
        message=f"provider '{provider.name}' has no pattern for identities, so one must stand here",
        location=document.locate(pointer),
        expected="identity: <client id>",
        declared=provider.locate(("spec", "identity"), key=True),
        hint="add the identity that the infrastructure made for it",
    )


def identity_faults(document: Document, index: Index, declared: Mapping[str, Place]) -> list[Diagnostic]:
    """Placements of a tenant on cells whose provider cannot derive the identity that its namespace needs."""
    found = []
    for number, placement in enumerate(document.data["spec"]["placements"]):
        place = declared.get(placement["cluster"])
        if place is None or not place.document.valid or placement.get("identity"):
            continue
        provider = index.of("Provider").get(place.document.data["spec"]["provider"])
        if provider is not None and provider.valid and not provider.data["spec"]["identity"].get("pattern"):
            found.append(missing_identity(document, ("spec", "placements", number), provider))
    return found


def platform_faults(platforms: Sequence[Document]) -> list[Diagnostic]:
    """Services that use a flow or a secret which their platform does not declare, and replica ranges that are empty."""
    found = []
    for document in platforms:
        spec = document.data["spec"]
        flows = [flow["name"] for flow in spec["flows"]]
        secrets = {owner: [secret["name"] for secret in spec["secrets"][owner]] for owner in ("platform", "tenant")}
        for number, data in enumerate(spec["services"]):
            here: Pointer = ("spec", "services", number)
            for at, name in enumerate(data.get("uses", ())):
                if name not in flows:
                    reference = Reference(document, (*here, "uses", at), "Flow", name)
                    found.append(unknown(reference, flows, f"spec.flows of {document.path}"))
            for at, variable in enumerate(data.get("secrets", ())):
                reference = Reference(document, (*here, "secrets", at, "secret"), "Secret", variable["secret"])
                found += [
                    unknown(reference, known, f"spec.secrets.{owner} of {document.path}")
                    for owner, known in secrets.items()
                    if reference.name not in known
                ]
            found += backwards(document, (*here, "shared", "replicas"))
        found += data_faults(document)
        found += backwards(document, ("spec", "settings", "replicas"))
        found += task_faults(document)
        found += release_faults(document)
    return found


def fleet_faults(document: Document) -> list[Diagnostic]:
    """Namespaces that what the fleet asks for needs, and that its cells do not have."""
    spec = document.data["spec"]
    names = [namespace["name"] for namespace in spec["namespaces"]]
    references = []
    if "autoscaling" in spec:
        pointer: Pointer = ("spec", "autoscaling", "namespace")
        references.append(Reference(document, pointer, "Namespace", spec["autoscaling"]["namespace"]))
    if "observability" in spec:
        references.append(Reference(document, ("spec", "observability"), "Namespace", "observability"))
    declared = f"spec.namespaces of {document.path}"
    return [unknown(each, names, declared) for each in references if each.name not in names]


def backwards(document: Document, pointer: Pointer) -> list[Diagnostic]:
    """A fault when a `{min, max}` block of one file is upside down."""
    layer = Layer(document, pointer)
    minimum, maximum = layer.get(("min",)), layer.get(("max",))
    if minimum is None or maximum is None or minimum <= maximum:
        return []
    return [
        Diagnostic(
            code=BACKWARDS,
            severity=Severity.ERROR,
            message=f"the minimum of {minimum} exceeds the maximum of {maximum}",
            location=document.locate((*pointer, "min")),
            related=(Related("the maximum", document.locate((*pointer, "max"))),),
            hint="swap them, or lower the minimum",
        )
    ]
