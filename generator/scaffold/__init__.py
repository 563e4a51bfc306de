"""New input files, one commented file ready for a pull request; and edits of those that there are."""

from generator.scaffold.edit import Change, Drop, Put, changed, edited
from generator.scaffold.fields import field_changes
from generator.scaffold.moving import Move, Wanted, next_step
from generator.scaffold.promoting import Promotion, Step, promotion
from generator.scaffold.tenant import chosen, tenant_file
from generator.scaffold.wish import NewPlacement, Wish

__all__ = [
    "Change",
    "Drop",
    "Move",
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
    "next_step",
    "promotion",
    "tenant_file",
]
