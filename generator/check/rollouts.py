"""Whether the Services that a Rollout switches between are rendered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from generator.check.fields import string
from generator.check.findings import finding
from generator.check.index import Index
from generator.diagnostics import Code, Diagnostic, did_you_mean, listing
from generator.source import Pointer

NO_SERVICE: Final = Code(
    "CHK035",
    "a Rollout's Service is not rendered",
    "Argo Rollouts refuses the Rollout and starts no pods.",
)

_SERVICES: Final[tuple[Pointer, ...]] = (
    ("spec", "strategy", "blueGreen", "activeService"),
    ("spec", "strategy", "blueGreen", "previewService"),
    ("spec", "strategy", "canary", "stableService"),
    ("spec", "strategy", "canary", "canaryService"),
)


def check(index: Index) -> Iterator[Diagnostic]:
    """Active and preview Services of blue-green, stable and canary Services of canary Rollouts."""
    for rollout in index.of("argoproj.io", "Rollout"):
        for pointer in _SERVICES:
            name = string(rollout.data, *pointer)
            if name and index.get("", "Service", rollout.namespace, name) is None:
                known = index.names("", "Service", rollout.namespace)
                yield finding(
                    NO_SERVICE,
                    rollout,
                    pointer,
                    f"no Service {name} is rendered in {rollout.namespace}",
                    found=name,
                    expected=listing(known) or "a Service in the same namespace",
                    hint=did_you_mean(name, known) or f"render the Service beside the Rollout, or change {pointer[-1]}",
                )
