"""New input files: a tenant's, ready for a pull request, and a whole fleet's."""

from generator.scaffold.fleet import PROVIDERS, SPARED, NewFleet, fleet_files, in_the_way
from generator.scaffold.tenant import chosen, tenant_file
from generator.scaffold.wish import NewPlacement, Wish

__all__ = [
    "PROVIDERS",
    "SPARED",
    "NewFleet",
    "NewPlacement",
    "Wish",
    "chosen",
    "fleet_files",
    "in_the_way",
    "tenant_file",
]
