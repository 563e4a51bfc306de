"""Amounts of CPU and memory, as every kind of file says them."""

from __future__ import annotations

from generator.model.container import Amount


def amount(data: dict[str, str]) -> Amount:
    """CPU and memory."""
    return Amount(data["cpu"], data["memory"])
