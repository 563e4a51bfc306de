"""Clusters that were looked at before and had no finding, known again by all that a check of them depends on.

That is: the bytes and paths of its output, its Kubernetes version, the schemas of custom resources, the admission
policies that it is to get, and the program itself. No check asks for anything else, not even for the day: what is known
until some day is taken away from the findings later. So what came out once comes out again.

Only a cluster that is sound in every way is remembered: no finding of any severity, nothing unchecked, no policy that
was not evaluated. Everything that has to be told is found anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from msgspec import Struct

from generator.check.contracts import Contracts
from generator.model.policies import AdmissionPolicy


class Sound(Struct, frozen=True):
    """What was counted in a cluster without findings: objects, each of which was compared with a schema, and the
    policies that were evaluated."""

    objects: int
    policies: tuple[str, ...]


class Verdicts:
    """The clusters that are `known` to be sound, by key, and those that were `found` to be so. `program` says which
    program looks: another one may see more."""

    __slots__ = ("_program", "found", "known")

    def __init__(self, program: str, known: Mapping[str, Sound]) -> None:
        self._program = program
        self.known = known
        self.found: dict[str, Sound] = {}

    def keep(self, key: str, sound: Sound) -> None:
        """Remembers a cluster, if it is not known."""
        if key not in self.known:
            self.found[key] = sound

    def rules(self, contracts: Contracts, admission: Sequence[AdmissionPolicy]) -> bytes:
        """A digest of what every cluster is held against."""
        digest = hashlib.sha256(_framed(self._program.encode()))
        for (version, kind), text in sorted(contracts.own_texts()):
            digest.update(_framed(version.encode()) + _framed(kind.encode()) + _framed(text))
        digest.update(_framed(repr(tuple(admission)).encode()))
        return digest.digest()


def key_of(rules: bytes, cluster: str, kubernetes: str, files: Sequence[tuple[str, bytes]]) -> str:
    """What a cluster is known by: the digest of all that its findings depend on."""
    digest = hashlib.sha256(rules + _framed(cluster.encode()) + _framed(kubernetes.encode()))
    for path, body in files:
        digest.update(_framed(path.encode(errors="surrogateescape")))
        digest.update(b"%d:" % len(body))
        digest.update(body)
    return digest.hexdigest()


def _framed(part: bytes) -> bytes:
    """A part with its length, so that parts beside each other cannot be read in another way."""
    return b"%d:%b" % (len(part), part)
