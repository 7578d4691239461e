"""What the cells of an Excel workbook, and parts of their texts, are drawn in; which of it is not read as it is seen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.archive import DAMAGED
from ballerup_analysis.grids.colours import BLACK, WHITE, Palette, is_unseen
from ballerup_analysis.grids.formats import inherited
from ballerup_analysis.grids.grid import (
    FAINT,
    LENGTH,
    LOOKS,
    RAISED,
    REPEATED,
    SIGNS,
    SIGNS_FONT,
    SMALLEST,
    STRUCK,
    TINY,
    TOO_MANY_LOOKS,
    Left,
    is_beside_figures,
)

NO = ("0", "false")
TEXTS = re.compile(rb"<(?:[^<>\s]*:)?sst\b")


class Looks:
    """The looks of the cells of a workbook: fonts and what they stand on."""

    def __init__(self, parts: dict[str, bytes]):
        styles = ElementTree.fromstring(parts.get("xl/styles.xml", b"<x/>"))
        looks = [[*map(int, one)] for one in inherited(styles, "fontId", "fillId", "borderId")]
        if len(looks) > LOOKS:
            raise DataError(TOO_MANY_LOOKS)
        self.styles, self.palette = styles, Palette(parts, styles)
        fonts, fills, borders = ([*styles.iterfind(f"{{*}}{what}/*")] for what in ("fonts", "fills", "borders"))
        used = {n: fonts[n] for n, _, _ in looks if 0 <= n < len(fonts)}
        crossed = {n for n, border in enumerate(borders) if _is_crossed(border)}
        unread = {n: unread_part(font) for n, font in used.items()}
        colors = {n: self.palette.color(font.find("{*}color"), BLACK) for n, font in used.items()}
        filled = {n: self.palette.fills(fills[n]) for _, n, _ in looks if 0 <= n < len(fills)}
        self.drawn = {
            str(n): (colors.get(font, BLACK), filled.get(fill, (WHITE,))) for n, (font, fill, _) in enumerate(looks)
        }
        aligned = (one.find("{*}alignment") for one in styles.iterfind("{*}cellXfs/*"))
        levels = ("" if one is None else one.get("indent", "") for one in aligned)
        self.indents = {str(n): int(level) for n, level in enumerate(levels) if re.fullmatch(r"[1-9]\d{0,2}", level)}
        why = (STRUCK if border in crossed else unread.get(font, "") for font, _, border in looks)
        told = zip(why, map(_is_repeated, styles.iterfind("{*}cellXfs/*")), strict=True)
        self.unread = {str(n): REPEATED if again else one for n, (one, again) in enumerate(told) if again or one}

    def of(self, look: str) -> tuple[str | None, tuple[str | None, ...]]:
        """Return the colour of the font of a look, and those of what it stands on."""
        return self.drawn.get(look, (BLACK, (WHITE,)))

    def unseen(self) -> dict[tuple[str, str], str]:
        """Return the looks of a cell that is crossed out, or whose font is struck through, tiny, of signs or of its cell's colour."""
        faint = {look: FAINT for look, drawn in self.drawn.items() if is_unseen(*drawn)}
        return {(look, ""): told for look, told in (faint | self.unread).items()}


@dataclass
class Run:
    """A part of a text with a font of its own: its colour, whether it is raised or lowered, and what it says."""

    ink: str = ""
    is_raised: bool = False
    text: str = ""

    def meet(self, name: str, told: dict[str, str], palette: Palette) -> None:
        """Meet an element of the font."""
        if name == "rPr":
            self.ink = BLACK  # unless it names another
        elif name == "color":
            self.ink = palette.color(ElementTree.Element(name, told), BLACK) or ""
        elif name == "vertAlign":
            self.is_raised = told.get("val") in ("superscript", "subscript")

    def say(self, text: str) -> None:
        """Meet what it says, of which no more than can be read is kept."""
        if len(self.text) <= LENGTH:
            self.text += text


class Runs:
    """The texts of a workbook that are written in runs: what is odd about each, in a cell of some look."""

    def __init__(self, looks: Looks, texts: Iterable[ElementTree.Element], left: Left):
        self.looks, self.left, self.odd, self.inks, self.verdicts = looks, left, {}, {}, {}
        for n, text in enumerate(texts):
            if len(text) > 1 or (len(text) and not text[0].tag.endswith("t")):  # most have but one element
                runs = [self._run(one) for one in text if one.tag.rpartition("}")[2] in ("r", "t")]
                self.inks[str(n)] = _inks(runs)
                if told := unread_part(text) or _raised(runs):
                    self.odd["s", str(n)] = told

    def _run(self, node: ElementTree.Element) -> Run:
        run = Run()
        for one in node.iter():
            name = one.tag.rpartition("}")[2]
            if name == "t":
                run.say(one.text or "")
            run.meet(name, one.attrib, self.looks.palette)
        return run

    def faint(self, text: str, look: str) -> str:
        """Return what is odd about a shared text in a cell of a look; nothing if it is seen."""
        return self._faint(self.inks[text], look) if text in self.inks else ""

    def told(self, runs: list[Run], look: str) -> str:
        """Return what is odd about a text in a cell of a look, which no other has."""
        return self._faint(_inks(runs), look) or _raised(runs)

    def _faint(self, inks: frozenset[str], look: str) -> str:
        if (inks, look) not in self.verdicts:
            fills = self.looks.of(look)[1]
            self.left.take(beside=len(inks) * len(fills))  # of many texts, each in many looks, none is looked at
            self.verdicts[inks, look] = FAINT if any(is_unseen(ink, fills) for ink in inks) else ""
        return self.verdicts[inks, look]


def _inks(runs: list[Run]) -> frozenset[str]:
    """Return the colours of those parts of a text that say something."""
    return frozenset(run.ink for run in runs if run.ink and run.text.strip())


def _raised(runs: list[Run]) -> str:
    return RAISED if is_beside_figures([(run.text, run.is_raised) for run in runs]) else ""


def unread(name: str, told: dict[str, str]) -> str:
    """Return why nobody reads a text with this in its font: a line through it, signs for its letters, or a size."""
    if name == "strike" and told.get("val") not in NO:
        return STRUCK
    if name in ("name", "rFont") and SIGNS_FONT.fullmatch(told.get("val", "")):
        return SIGNS
    return TINY if name == "sz" and float(told.get("val", SMALLEST)) < SMALLEST else ""


def unread_part(font: ElementTree.Element) -> str:
    """Return why a font, or a part of a text, is not to be read; nothing where it is."""
    return next(filter(None, (unread(node.tag.rpartition("}")[2], node.attrib) for node in font.iter())), "")


def _is_repeated(look: ElementTree.Element) -> bool:
    """Tell whether what a cell holds is repeated until it is full."""
    told = look.find("{*}alignment")
    return told is not None and told.get("horizontal") == "fill"


def _is_crossed(border: ElementTree.Element) -> bool:
    """Tell whether a border has a line from corner to corner."""
    line = border.find("{*}diagonal")
    is_drawn = line is not None and line.get("style", "none") != "none"
    return is_drawn and not {border.get("diagonalUp"), border.get("diagonalDown")}.isdisjoint(("1", "true"))


def texts_of(parts: dict[str, bytes]) -> list[ElementTree.Element]:
    """Return the texts that cells share, in the order in which every reader numbers them."""
    try:  # each reader finds the part in its own way, so that there must be one
        roots = [ElementTree.fromstring(part) for part in parts.values() if TEXTS.search(part)]
    except ElementTree.ParseError as error:
        raise DataError(DAMAGED.format(error)) from None
    texts = [one for root in roots for one in root if one.tag.endswith("si")]
    if len(roots) > 1 or len(texts) < sum(one.tag.endswith("si") for root in roots for one in root.iter()):
        raise DataError(DAMAGED.format("texts in two places"))
    return texts


def lengths(texts: list[ElementTree.Element]) -> list[int]:
    """Return the characters of each text."""
    return [sum(map(len, text.itertext())) for text in texts]
