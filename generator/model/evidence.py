"""What auditors ask: which rendered objects meet a control, where they stand, and how that was decided."""

from __future__ import annotations

from msgspec import Struct

from generator.source import Location


class Proof(Struct, frozen=True):
    """How an object of a kind shows that it meets a control: an expression in CEL that must give true for it.

    `says` is in words what the expression looks at. `location` is where the expression stands.
    """

    kind: str
    expression: str
    says: str
    location: Location


class Control(Struct, frozen=True):
    """A control of a framework: its id there, what it demands, where to read that, and how it is shown to be met."""

    id: str
    title: str
    reference: str
    proofs: tuple[Proof, ...]


class Fact(Struct, frozen=True):
    """One object of a tenant that is labelled with a control. `place` is its line in rendered/.

    `shows` are the words of the proofs that hold for it; it meets the control when there is one.
    """

    tenant: str
    cluster: str
    label: str
    place: Location
    shows: tuple[str, ...]


class Standing(Struct, frozen=True):
    """One control: the objects that meet it, those that are labelled with it and do not, and who lacks it: tenants
    that have no object which meets it, or have nothing but labelled ones on one of their clusters."""

    control: Control
    facts: tuple[Fact, ...]
    unshown: tuple[Fact, ...]
    lacking: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why tenants lack an object, in a sentence; "" where none does."""
        if not self.lacking:
            return ""
        if not self.control.proofs:
            return "the framework's file does not say how an object would show it"
        lacking = set(self.lacking)
        shown = {(fact.tenant, fact.cluster) for fact in self.facts}
        labelled = [
            fact for fact in self.unshown if fact.tenant in lacking and (fact.tenant, fact.cluster) not in shown
        ]
        if labelled:
            count = "1 object is" if len(labelled) == 1 else f"{len(labelled)} objects are"
            places = ", ".join(sorted({fact.cluster for fact in labelled}))
            return f"{count} labelled with it on {places}, and none shows it there"
        return "no object of theirs is labelled with it"


class Evidence(Struct, frozen=True):
    """All controls of a framework, those without an object first. `tenants` are those under it that were looked at."""

    framework: str
    title: str
    tenants: tuple[str, ...]
    cluster: str
    standings: tuple[Standing, ...]
