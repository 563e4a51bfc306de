"""Reading rendered files before it is certain that they have to be checked, while something else is waited for."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from generator.check.objects import Reading, read
from generator.check.shapes import Shapes
from generator.model.tree import Tree


class Ahead(Struct, frozen=True):
    """Files that were read, by their paths, and the shapes of their documents."""

    shapes: Shapes
    readings: Mapping[str, Reading]

    def read(self, path: str, body: bytes) -> Reading:
        """A file: as it was read, unless it has been written since."""
        known = self.readings.get(path)
        return known if known is not None and known.file.body == body else read(path, body, self.shapes)


def read_ahead(tree: Tree) -> Ahead:
    """Reads all files of a tree."""
    shapes = Shapes()
    return Ahead(shapes, {path: read(path, body, shapes) for path, body in tree.files.items()})
