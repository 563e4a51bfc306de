"""New input files: one commented file, ready for a pull request."""

from generator.scaffold.tenant import NewPlacement, NewTenant, chosen, tenant_file
from generator.scaffold.wish import Wish

__all__ = ["NewPlacement", "NewTenant", "Wish", "chosen", "tenant_file"]
