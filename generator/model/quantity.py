"""Kubernetes resource quantities, as far as limits and quotas need them: CPU in millicores, memory in bytes."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_MEMORY_UNITS: Final = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


@lru_cache
def millicores(cpu: str) -> int:
    """`"4000m"` → 4000, `"2"` → 2000. The schemas let through only these two forms."""
    return int(cpu[:-1]) if cpu.endswith("m") else int(cpu) * 1000


def cpu(millis: int) -> str:
    """4000 → `"4"`, 250 → `"250m"`: the canonical form, which the API server would store as well."""
    return f"{millis}m" if millis % 1000 else str(millis // 1000)


@lru_cache
def mebibytes(memory: str) -> int:
    """`"8Gi"` → 8192. Units are Ki, Mi, Gi and Ti; what is smaller than a MiB is rounded up."""
    return -(-int(memory[:-2]) * _MEMORY_UNITS[memory[-2:]] // 2**20)


def memory(mebi: int) -> str:
    """8192 → `"8Gi"`, 1536 → `"1536Mi"`."""
    return f"{mebi}Mi" if mebi % 1024 else f"{mebi // 1024}Gi"
