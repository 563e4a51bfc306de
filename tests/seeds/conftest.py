"""The example fleet as rendered, shared with the templates' own tests."""

from __future__ import annotations

from tests.render.templates.conftest import example

__all__ = ["example"]
