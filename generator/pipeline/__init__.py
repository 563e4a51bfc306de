"""The stages, in order. Nothing else chains them, so this is where the way of the data can be read.

    load → resolve → place → render → check → compare → write → publish

Each module here is one thing that a person wants done, and runs the stages that it needs: `inputs` (load, resolve,
place), `output` (and render, write), `checks`, `changes` (compare), `publishing`, `tenants`, `lifecycle`,
`placing` and `promoting` (`edits` of input files). They hand back what came out together with every diagnostic. Nothing
is printed and nobody is asked.
"""

from generator.pipeline.changes import Diffed, diff
from generator.pipeline.checks import Checked, check
from generator.pipeline.edits import Edited
from generator.pipeline.inputs import FLEET_FILE, Validated, find_root, validate
from generator.pipeline.lifecycle import NoTenant, enter_state, move, set_fields
from generator.pipeline.output import Rendered, compare, render, write
from generator.pipeline.placing import Failover, NoRegion, Ranked, failover, place, place_new
from generator.pipeline.promoting import NoPlatform, promote
from generator.pipeline.publishing import publish
from generator.pipeline.tenants import Added, add_tenant

__all__ = [
    "FLEET_FILE",
    "Added",
    "Checked",
    "Diffed",
    "Edited",
    "Failover",
    "NoPlatform",
    "NoRegion",
    "NoTenant",
    "Ranked",
    "Rendered",
    "Validated",
    "add_tenant",
    "check",
    "compare",
    "diff",
    "enter_state",
    "failover",
    "find_root",
    "move",
    "place",
    "place_new",
    "promote",
    "publish",
    "render",
    "set_fields",
    "validate",
    "write",
]
