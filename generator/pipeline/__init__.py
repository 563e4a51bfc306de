"""The stages, in order. Nothing else chains them, so this is where the way of the data can be read.

    load → resolve → place → render → check → compare → write → publish

Each module here is one thing that a person wants done, and runs the stages that it needs: first `inputs` (load,
resolve, place), `output` and `settling` (and render, write), `checks`, `changes` (compare) and `publishing`, then what
is built of them. They hand back what came out together with every diagnostic. Nothing is printed and nobody is asked.
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
from generator.pipeline.publishing import Published, Where, publish, publish_joined
from generator.pipeline.remote import render_on, settle_on
from generator.pipeline.schemas import Imports, Known, import_schemas, known_schemas
from generator.pipeline.settling import Settled, Unknown, settle
from generator.pipeline.sharding import PARTS, Part, join_parts, make_part, render_shard, settle_shard
from generator.pipeline.sides import inspected
from generator.pipeline.tenants import Added, add_tenant

__all__ = [
    "FLEET_FILE",
    "PARTS",
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
    "Part",
    "Published",
    "Ranked",
    "Rendered",
    "Settled",
    "Unknown",
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
    "inspected",
    "join_parts",
    "known_schemas",
    "make_part",
    "move",
    "place",
    "place_new",
    "promote",
    "publish",
    "publish_joined",
    "reach",
    "render",
    "render_on",
    "render_part",
    "render_shard",
    "set_fields",
    "settle",
    "settle_on",
    "settle_shard",
    "validate",
    "write",
]
