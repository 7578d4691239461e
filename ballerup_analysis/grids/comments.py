"""Where the comments of an Excel sheet stand: a person sees them beside the cells, and no reader of cells does."""

from __future__ import annotations

import posixpath
import re
from xml.etree import ElementTree

from ballerup_analysis.grids.grid import COLUMNS, ROWS, place_of

ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")


class Comments:
    """The comments of a workbook, in parts that its sheets name."""

    def __init__(self, parts: dict[str, bytes]):
        self.parts, self.places = parts, {}

    def of(self, sheet: str) -> set[tuple[int, int]]:
        """Return the (row, column) of each comment of a sheet, which is told by its part."""
        folder, name = posixpath.split(sheet)
        links = self.parts.get(f"{folder}/_rels/{name}.rels", b"<x/>")
        told = {
            one.get("Target", "") for one in ElementTree.fromstring(links) if one.get("Type", "").endswith("/comments")
        }
        named = {posixpath.normpath(posixpath.join("/", folder, target))[1:] for target in told}
        return set().union(*(self._places(part) for part in named))

    def _places(self, part: str) -> set[tuple[int, int]]:
        """Return where the comments of a part stand, which is looked through once however many sheets name it."""
        if part not in self.places:
            root = ElementTree.fromstring(self.parts.get(part, b"<x/>"))
            refs = (ADDRESS.fullmatch(one.get("ref", "")) for one in root.iterfind("{*}commentList/{*}comment"))
            found = {(int(ref[2]), place_of(ref[1])) for ref in refs if ref}
            self.places[part] = {(row, column) for row, column in found if row <= ROWS and column <= COLUMNS}
        return self.places[part]
