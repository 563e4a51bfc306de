"""Whether ports and environment variables have names that the API server takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from generator.check.fields import items, string
from generator.check.findings import finding, shown
from generator.check.index import Index
from generator.check.objects import Rendered
from generator.check.pods import Pods
from generator.diagnostics import Code, Diagnostic
from generator.source import Pointer

PORT_NAME: Final = Code(
    "CHK015",
    "a port's name is not allowed",
    "The API server refuses the whole object.",
)
VARIABLE: Final = Code(
    "CHK016",
    "an environment variable's name is not allowed",
    "The API server refuses the whole object.",
)

_CONTAINER_PORT: Final = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?")
_SERVICE_PORT: Final = re.compile(r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?")
_VARIABLE: Final = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


def check(index: Index) -> Iterator[Diagnostic]:
    """Every container of every pod template, and the ports of every Service."""
    for pods in index.workloads:
        yield from _containers(pods)
    for service in index.of("", "Service"):
        for pointer, port in items(service.data, "spec", "ports"):
            name = string(port, "name")
            if name and not _SERVICE_PORT.fullmatch(name):
                yield _port(service, (*pointer, "name"), name, "at most 63 lower-case letters, digits and '-'")


def _containers(pods: Pods) -> Iterator[Diagnostic]:
    for at, container in pods.containers():
        for pointer, port in items(container, "ports"):
            name = string(port, "name")
            if name and not _CONTAINER_PORT.fullmatch(name):
                words = "at most 15 lower-case letters, digits and single '-', with a letter among them"
                yield _port(pods.owner, (*at, *pointer, "name"), name, words)
        for pointer, variable in items(container, "env"):
            name = string(variable, "name")
            if name and not _VARIABLE.fullmatch(name):
                yield finding(
                    VARIABLE,
                    pods.owner,
                    (*at, *pointer, "name"),
                    "no environment variable may have this name",
                    found=shown(name),
                    expected="letters, digits, '_', '-' and '.', with no digit first",
                    hint="rename the variable in the platform's file",
                )


def _port(rendered: Rendered, pointer: Pointer, name: str, words: str) -> Diagnostic:
    return finding(
        PORT_NAME,
        rendered,
        pointer,
        "no port may have this name",
        found=f"{shown(name)} ({len(name)} characters)",
        expected=words,
        hint="shorten the port's name in the template",
    )
