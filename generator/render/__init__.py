"""Fleet → Tree: Jinja2 templates, written so that no value can change the structure of a manifest."""

from generator.render.rendering import render
from generator.render.templates import Templates, load_templates

__all__ = ["Templates", "load_templates", "render"]
