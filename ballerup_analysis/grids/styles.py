"""The styles of an OpenDocument workbook: what cells, and parts of their texts, are drawn in."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.archive import DAMAGED
from ballerup_analysis.grids.colours import WHITE, hexadecimal, is_unseen
from ballerup_analysis.grids.excel import LOWEST
from ballerup_analysis.grids.grid import FAINT, LOOKS, SMALLEST, STRUCK, TINY, TOO_MANY_LOOKS

TABLE, OFFICE, TEXT, STYLE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0}}" for kind in ("table", "office", "text", "style")
)
POINTS = {"in": 72, "cm": 28.35, "mm": 2.835, "pt": 1, "pc": 12}
DRAWN = ("color", "background-color", "text-line-through-style", "font-size", "text-position")
MOST_ABOVE = 100  # styles that one builds on


class Styles:
    """What the styles, with those they build on, make of a cell: hidden, struck through, not seen."""

    def __init__(self, named: ElementTree.Element, book: ElementTree.Element):
        self.styles, self.unseen, self.verdicts, self.wholes, self.pages = {}, set(), {}, {}, {}
        for node in (*named.iterfind("{*}styles/*"), *book.iter(f"{STYLE}style")):
            told = {key.rpartition("}")[2]: value for child in node for key, value in child.attrib.items()}
            if told.get("use-window-font-color") == "true":  # it is chosen by what it stands on
                told["color"] = ""
            kept = {key: told[key] for key in DRAWN if key in told}
            family, name = node.get(f"{STYLE}family", "table-cell"), node.get(f"{STYLE}name")
            if name or family == "table-cell":  # what has no name is what all of a family build on
                self.styles[family, name] = node.get(f"{STYLE}parent-style-name") if name else "", kept
            if family == "table":
                self.pages[name] = node.get(f"{STYLE}master-page-name")
            if len(self.styles) > LOOKS:
                raise DataError(TOO_MANY_LOOKS)
            sizes = [_points(told.get(size)) for size in ("row-height", "column-width")]
            if told.get("display") == "false" or min(sizes) < LOWEST:
                self.unseen.add(name)

    def told(self, look: str | None, fonts: frozenset[str] = frozenset()) -> str:
        """Return what is odd about a cell of this look, in which some text has styles of its own."""
        if (look, fonts) not in self.verdicts:
            self.verdicts[look, fonts] = self._told(look, fonts)
        return self.verdicts[look, fonts]

    def is_raised(self, font: str) -> bool | None:
        """Tell whether a part of a text in this style is raised or lowered; None where that is not told."""
        told = self._whole("text", font).get("text-position")
        return None if told is None else not re.match(r"[-+]?0+(\.0*)?%", told)

    def _told(self, look: str | None, fonts: frozenset[str]) -> str:
        cell = self._whole("table-cell", look if ("table-cell", look or "") in self.styles else "Default")
        texts = [cell, *(self._whole(family, font) for font in fonts for family in ("text", "paragraph"))]
        if any(one.get("text-line-through-style", "none") != "none" for one in texts):
            return STRUCK
        if any(_points(one.get("font-size")) < SMALLEST for one in texts):
            return TINY
        for one in texts:
            fill = hexadecimal(one.get("background-color", cell.get("background-color", ""))) or WHITE
            if is_unseen(hexadecimal(one.get("color", "")), (fill,)):
                return FAINT
        return ""

    def _whole(self, family: str, name: str | None) -> dict[str, str]:
        """Return what a style tells, and those it builds on where it is silent."""
        way = []
        while (family, name) in self.styles and (family, name) not in self.wholes:
            way.append(name)
            if len(way) > MOST_ABOVE:
                raise DataError(DAMAGED.format("styles that build on each other without end"))
            name = self.styles[family, name][0]
        told = self.wholes.get((family, name), {})
        for one in reversed(way):
            told = self.wholes[family, one] = told | self.styles[family, one][1]
        return told


def _points(length: str | None) -> float:
    """Return a length in points; one that is not told is long."""
    told = re.fullmatch(r"([\d.]+)(in|cm|mm|pt|pc)", length or "")
    return float(told[1]) * POINTS[told[2]] if told else math.inf
