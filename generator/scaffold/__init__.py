"""New input files: one commented file, ready for a pull request."""

from generator.scaffold.tenant import chosen, tenant_file
from generator.scaffold.wish import NewPlacement, Wish

__all__ = ["NewPlacement", "Wish", "chosen", "tenant_file"]
