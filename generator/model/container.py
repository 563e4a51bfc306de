"""What containers are made of: image, CPU and memory, variables, writable folders."""

from __future__ import annotations

from msgspec import Struct


class Image(Struct, frozen=True):
    """A container image, pinned twice: the tag is for people, the digest is what runs."""

    repository: str
    tag: str
    digest: str

    @property
    def reference(self) -> str:
        """`repository:tag@sha256:…`, the form a pod template takes."""
        return f"{self.repository}:{self.tag}@{self.digest}"


class Amount(Struct, frozen=True):
    """CPU and memory of one container, as Kubernetes quantities (`500m`, `1Gi`)."""

    cpu: str
    memory: str


class Variable(Struct, frozen=True):
    """An environment variable with a fixed value."""

    name: str
    value: str


class SecretVariable(Struct, frozen=True):
    """An environment variable read from one key of one of the platform's secrets."""

    name: str
    secret: str
    key: str


class Scratch(Struct, frozen=True):
    """A writable folder of a container whose root file system is read-only: where, and how large it may grow."""

    path: str
    size: str
