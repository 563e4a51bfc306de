"""Every code that a finding may have, from the modules that define them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import generator
from generator.diagnostics import Code


def codes() -> Iterator[tuple[str, Code]]:
    """Every code, with the module that defines it; a code that another module imports comes with that one, too."""
    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        if module.name == "generator.__main__":
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Code):
                yield module.name, value
