"""What a commit made here says of where it comes from."""

from __future__ import annotations

import re
from typing import Final

SOURCE_TRAILER: Final = "Tenantry-Source"
FLEET_TRAILER: Final = "Tenantry-Fleet"
TIP_TRAILER: Final = "Tenantry-Tip"
PROGRAM_TRAILER: Final = "Tenantry-Program"
INPUTS_TRAILER: Final = "Tenantry-Inputs"
FILES_TRAILER: Final = "Tenantry-Files"


def trailers(message: str) -> dict[str, str]:
    """The `Name: value` lines of a commit message's last paragraph, when that holds nothing else."""
    lines = message.strip().rpartition("\n\n")[2].split("\n")
    pairs = [re.fullmatch(r"([A-Za-z][A-Za-z-]*): (.+)", line) for line in lines]
    return {pair[1]: pair[2] for pair in pairs if pair} if all(pairs) else {}


def source_of(message: str) -> str:
    """The fleet's commit that the message names, "" where it names none."""
    named = trailers(message).get(SOURCE_TRAILER, "")
    return named if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", named) else ""


def trailer_lines(source: str, fleet: str) -> str:
    """The last paragraph of a message, with its line break."""
    return f"{SOURCE_TRAILER}: {source}\n" + (f"{FLEET_TRAILER}: {fleet}\n" if fleet else "")
