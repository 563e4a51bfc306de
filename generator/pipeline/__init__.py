"""The stages, in order. Nothing else chains them, so this is where the way of the data can be read.

    load → resolve → place → render → check → compare → write → publish

Each module here is one thing that a person wants done, and runs the stages that it needs: first `inputs` (load,
resolve, place), `output` (and render, write), `checks`, `changes` (compare) and `publishing`, then what is built of
them. They hand back what came out together with every diagnostic. Nothing is printed and nobody is asked.
"""

from generator.pipeline.changes import Diffed, diff
from generator.pipeline.checks import Adopted, Checked, Looking, adopt, check
from generator.pipeline.codes import codes
from generator.pipeline.edits import Edited
from generator.pipeline.evidence import Evident, evidence
from generator.pipeline.explaining import explain, reach
from generator.pipeline.fleets import Begun, begin_fleet
from generator.pipeline.inputs import FLEET_FILE, Validated, find_root, validate
from generator.pipeline.lifecycle import NoTenant, enter_state, move, set_fields
from generator.pipeline.output import Rendered, Wanted, compare, render, render_part, write
from generator.pipeline.placing import Failover, NoRegion, Ranked, failover, place, place_new
from generator.pipeline.promoting import NoPlatform, promote
from generator.pipeline.publishing import Published, Where, publish
from generator.pipeline.schemas import Imports, Known, import_schemas, known_schemas
from generator.pipeline.tenants import Added, add_tenant

__all__ = [
    "FLEET_FILE",
    "Added",
    "Adopted",
    "Begun",
    "Checked",
    "Diffed",
    "Edited",
    "Evident",
    "Failover",
    "Imports",
    "Known",
    "Looking",
    "NoPlatform",
    "NoRegion",
    "NoTenant",
    "Published",
    "Ranked",
    "Rendered",
    "Validated",
    "Wanted",
    "Where",
    "add_tenant",
    "adopt",
    "begin_fleet",
    "check",
    "codes",
    "compare",
    "diff",
    "enter_state",
    "evidence",
    "explain",
    "failover",
    "find_root",
    "import_schemas",
    "known_schemas",
    "move",
    "place",
    "place_new",
    "promote",
    "publish",
    "reach",
    "render",
    "render_part",
    "set_fields",
    "validate",
    "write",
]
