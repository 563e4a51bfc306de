"""Fleet → Tree: Jinja2 templates, written so that no value can change the structure of a manifest."""

from generator.render.reach import Reach, Side, Work, bundles, everything, owners, path_of, reach, reads_all_tenants
from generator.render.rendering import joined, render, render_each, render_part, render_steps
from generator.render.templates import Templates, load_templates

__all__ = [
    "Reach",
    "Side",
    "Templates",
    "Work",
    "bundles",
    "everything",
    "joined",
    "load_templates",
    "owners",
    "path_of",
    "reach",
    "reads_all_tenants",
    "render",
    "render_each",
    "render_part",
    "render_steps",
]
