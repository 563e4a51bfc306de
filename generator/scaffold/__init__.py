"""New input files: one commented file, ready for a pull request."""

from generator.scaffold.tenant import NewPlacement, NewTenant, tenant_file
from generator.scaffold.wish import Wish

__all__ = ["NewPlacement", "NewTenant", "Wish", "tenant_file"]
