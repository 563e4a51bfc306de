"""`python -m generator`: the same as the command `tenantry`."""

from __future__ import annotations

from generator.cli import main

main(prog_name="tenantry")
