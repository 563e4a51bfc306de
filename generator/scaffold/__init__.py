"""New input files, ready for a pull request: a tenant's, a whole fleet's; and edits of those that there are."""

from generator.scaffold.edit import Change, Drop, Put, changed, edited
from generator.scaffold.fields import field_changes
from generator.scaffold.fleet import PROVIDERS, SPARED, NewFleet, fleet_files, in_the_way
from generator.scaffold.moving import Move, Wanted, next_step
from generator.scaffold.promoting import Promotion, Step, promotion
from generator.scaffold.tenant import chosen, tenant_file
from generator.scaffold.wish import NewPlacement, Wish

__all__ = [
    "PROVIDERS",
    "SPARED",
    "Change",
    "Drop",
    "Move",
    "NewFleet",
    "NewPlacement",
    "Promotion",
    "Put",
    "Step",
    "Wanted",
    "Wish",
    "changed",
    "chosen",
    "edited",
    "field_changes",
    "fleet_files",
    "in_the_way",
    "next_step",
    "promotion",
    "tenant_file",
]
