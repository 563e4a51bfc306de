"""The stages, in order. Nothing else chains them, so this is where the way of the data can be read.

    load → resolve → place → render → check → compare → write → publish

Each module here is one thing that a person wants done, and runs the stages that it needs: `inputs` (load, resolve,
place), `output` (and render, write), `checks`, `changes` (compare), `publishing`, `tenants`, `explaining`. They hand
back what came out together with every diagnostic. Nothing is printed and nobody is asked.
"""

from generator.pipeline.changes import Diffed, diff
from generator.pipeline.checks import Checked, check
from generator.pipeline.explaining import explain, reach
from generator.pipeline.inputs import FLEET_FILE, Validated, find_root, validate
from generator.pipeline.output import Rendered, compare, render, write
from generator.pipeline.publishing import publish
from generator.pipeline.tenants import Added, add_tenant

__all__ = [
    "FLEET_FILE",
    "Added",
    "Checked",
    "Diffed",
    "Rendered",
    "Validated",
    "add_tenant",
    "check",
    "compare",
    "diff",
    "explain",
    "find_root",
    "publish",
    "reach",
    "render",
    "validate",
    "write",
]
