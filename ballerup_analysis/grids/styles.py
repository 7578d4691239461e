"""The styles of an OpenDocument workbook: what cells, and parts of their texts, are drawn in."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.archive import DAMAGED
from ballerup_analysis.grids.colours import WHITE, hexadecimal, is_unseen
from ballerup_analysis.grids.excel_sheet import LOWEST
from ballerup_analysis.grids.formats import BESIDE
from ballerup_analysis.grids.grid import (
    BY_CONDITION,
    FAINT,
    LOOKS,
    PERCENTAGE,
    REPEATED,
    SIGNS,
    SIGNS_FONT,
    SMALLEST,
    STRUCK,
    STYLE,
    TINY,
    TOO_MANY_LOOKS,
    WithUnit,
)

APPLIED = f"{STYLE}apply-style-name"
POINTS = {"in": 72, "cm": 28.35, "mm": 2.835, "pt": 1, "pc": 12}
NUMBER = "{urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0}"
KINDS = ("{*}styles", "{*}automatic-styles")
DIGITS = ("number", "text-content")
OTHERWISE = "a number that its format shows other than by its digits; choose another, and write its unit in the heading"
CROSSING = ("diagonal-bl-tr", "diagonal-tl-br")
FONTS = ("font-name", "font-family")
DRAWN = (
    *CROSSING,
    *FONTS,
    "repeat-content",
    "color",
    "background-color",
    "text-line-through-style",
    "font-size",
    "text-position",
)
MOST_ABOVE = 100  # styles that one builds on
MOST_MAPS = 50  # styles that conditions apply to cells of one


class Styles:
    """What the styles, with those they build on, make of a cell: hidden, struck through, not seen."""

    def __init__(self, named: ElementTree.Element, book: ElementTree.Element):
        self.styles, self.unseen, self.verdicts, self.wholes, self.pages, self.names = {}, set(), {}, {}, {}, {}
        self.form, self.shown = None, {}
        told = (one for where in (named, book) for kind in KINDS for one in where.iterfind(f"{kind}/*"))
        self.forms = {one.get(f"{STYLE}name"): one for one in told if one.tag.startswith(NUMBER)}
        for node in (*named.iterfind("{*}styles/*"), *book.iter(f"{STYLE}style")):
            told = {key.rpartition("}")[2]: value for child in node for key, value in child.attrib.items()}
            if told.get("use-window-font-color") == "true":  # it is chosen by what it stands on
                told["color"] = ""
            kept = {key: told[key] for key in DRAWN if key in told}
            if maps := {one.get(APPLIED) for one in node.iterfind(f"{STYLE}map")}:
                kept["maps"] = maps
                if len(maps) > MOST_MAPS:
                    raise DataError(TOO_MANY_LOOKS)
            form = node.get(f"{STYLE}data-style-name")
            if form and node.get(f"{STYLE}name") != "Default":  # on which all build
                kept["form"] = form
            elif form:
                self.form = form
            family, name = node.get(f"{STYLE}family", "table-cell"), node.get(f"{STYLE}name")
            if name or family == "table-cell":  # what has no name is what all of a family build on
                self.styles[family, name] = node.get(f"{STYLE}parent-style-name") if name else "", kept
            self.names[node.get(f"{STYLE}display-name")] = name  # by which conditions call it
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

    def shows(self, look: str | None, shown: str) -> str:
        """Return what the format of a cell of this look, which a program goes by, makes of a number said to be ``shown`` so."""
        if look not in self.shown:
            first = self.forms.get(self._cell(look).get("form", self.form))
            maps = [] if first is None else first.findall(f"{STYLE}map")
            told = [(first, bool(maps)), *((self.forms.get(one.get(APPLIED)), _of_negative(one)) for one in maps)]
            self.shown[look] = [_beside(form, signed) for form, signed in dict.fromkeys(told) if form is not None]
        for odd, words in self.shown[look]:
            if odd or words not in shown.casefold():
                return odd or WithUnit.of("a number that its format shows", words)
        return ""

    def is_raised(self, font: str) -> bool | None:
        """Tell whether a part of a text in this style is raised or lowered; None where that is not told."""
        told = self._whole("text", font).get("text-position")
        return None if told is None else not re.match(r"[-+]?0+(\.0*)?%", told)

    def _told(self, look: str | None, fonts: frozenset[str]) -> str:
        cell = self._cell(look)
        texts = [cell, *(self._whole(family, font) for font in fonts for family in ("text", "paragraph"))]
        if told := _unread(cell, texts):
            return told
        return BY_CONDITION if not fonts and any(self.is_odd(one, look) for one in cell.get("maps", ())) else ""

    def is_odd(self, applied: str | None, look: str | None) -> bool:
        """Tell whether a style, or a colour, that a condition applies may show a cell of a look otherwise; none shows no number."""
        if applied is None:
            return True
        is_color = applied.startswith("#")
        over = (
            {"background-color": applied} if is_color else self._whole("table-cell", self.names.get(applied, applied))
        )
        cell = self._cell(look)
        whole = cell | over
        return whole.get("form") != cell.get("form") or bool(_unread(whole, [whole]))

    def _cell(self, look: str | None) -> dict:
        return self._whole("table-cell", look if ("table-cell", look or "") in self.styles else "Default")

    def _whole(self, family: str, name: str | None) -> dict:
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


def _unread(cell: dict, texts: list[dict]) -> str:
    """Return why the text of a cell, or a part of it, is not read as it is seen."""
    struck = [one.get(line, "none") for one in texts for line in ("text-line-through-style", *CROSSING)]
    if {*struck} - {"none"}:
        return STRUCK
    if cell.get("repeat-content") == "true":
        return REPEATED
    if any(SIGNS_FONT.fullmatch(one.get(font, "")) for one in texts for font in FONTS):
        return SIGNS
    if any(_points(one.get("font-size")) < SMALLEST for one in texts):
        return TINY
    for one in texts:
        fill = hexadecimal(one.get("background-color", cell.get("background-color", ""))) or WHITE
        if is_unseen(hexadecimal(one.get("color", "")), (fill,)):
            return FAINT
    return ""


def _of_negative(told: ElementTree.Element) -> bool:
    """Tell whether a condition is about numbers below nought, whose format may write a sign."""
    return told.get(f"{STYLE}condition", "").replace(" ", "").startswith("value()<0")


def _beside(form: ElementTree.Element, signed: bool) -> tuple[str, str]:
    """Return what is wrong with the format of a number, which may write a sign or not, and the words it writes beside the digits."""
    kind, parts = form.tag.removeprefix(NUMBER).removesuffix("-style"), {one.tag.removeprefix(NUMBER) for one in form}
    written = (one for one in form if one.tag.removeprefix(NUMBER) in ("text", "currency-symbol"))
    beside = " ".join("".join(one.itertext()) for one in written).casefold()
    if kind == "percentage":
        return PERCENTAGE, ""
    if kind not in ("number", "currency", "text") or parts.isdisjoint(DIGITS) or re.search(r"\d", beside):
        return OTHERWISE, ""
    bare = BESIDE.sub("", beside)
    words = bare.strip("-–() ")
    return OTHERWISE if words != bare.strip() and not signed else "", words


def _points(length: str | None) -> float:
    """Return a length in points; one that is not told is long."""
    told = re.fullmatch(r"([\d.]+)(in|cm|mm|pt|pc)", length or "")
    return float(told[1]) * POINTS[told[2]] if told else math.inf
