"""A sheet of an Excel workbook, met element by element: what is broken, hidden and merged in it."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.parsers import expat

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.archive import DAMAGED
from ballerup_analysis.grids.beside import ADDRESS, Gathered, headers, hints
from ballerup_analysis.grids.grid import (
    CELLS,
    COLUMNS,
    LENGTH,
    NO_VALUE,
    OF_ERROR,
    ROWS,
    TOO_MANY,
    YES,
    Left,
    Thousandths,
    letters,
    limit,
    place_of,
)
from ballerup_analysis.grids.looks import Looks, Run, Runs, unread

WITHIN = frozenset(("row", "c", "f", "v", "is", "t"))  # elements of rows and cells
FROZEN = ("frozen", "frozenSplit")  # what stands before the first cell shown can then not be reached
HINTS = ("dataValidation", "hyperlink")
GATHERED = ("headerFooter", "conditionalFormatting", *HINTS)  # what is looked at whole
# A value that is no plain run of text, or whose digits are references: its readers do not agree what it is.
PIECES = re.compile(rb"<(?:\w+:)?v(?:\s[^<>]*)?>[^<]*(?:&(?:#0*(?:4[89]|5[0-7]);|#x0*3\d;)|<[^/])", re.IGNORECASE)
STALE_SHEET = re.compile(rb"""<(?:\w+:)?sheetCalcPr\b[^<]*fullCalcOnLoad\s*=\s*["'](?:1|true|[^"'<]*&)""")
LOWEST, NARROWEST = 3, 1  # a row in points, a column in characters: one that is less is not seen
# Of the day, of chance, or fetched from elsewhere: another value at each opening.
VOLATILE_CALL = re.compile(r"\b(?:TODAY|NOW|RAND\w*|WEBSERVICE|STOCKHISTORY|RTD|DDE|CUBE\w+)\(", re.IGNORECASE)


class Scan:
    """What is broken, hidden and merged in a sheet, met element by element: its text may be long and without end."""

    def __init__(self, sheet: str, odd: dict, is_computed: bool, left: Left, decimals: dict, texts: Runs):
        self.sheet, self.odd, self.is_computed, self.left, self.decimals = sheet, odd, is_computed, left, decimals
        self.texts, self.plain, self.runs = texts, "", []
        self.looks = {}
        self.unseen = {look: told for (look, sign), told in odd.items() if not sign}
        self.broken, self.hidden, self.columns, self.merged, self.thousandths = {}, set(), set(), [], Thousandths()
        self.row = self.column = self.widest = self.cells = self.covered = self.choices = 0
        self.kind, self.look, self.formula, self.value, self.inside, self.part = "", "", False, "", "", ""
        self.began = self.over = False  # the part of a sheet that holds its cells
        self.formulas, self.volatile, self.written, self.shared, self.masters = set(), "", [], "", {}
        self.corner, self.prefix, self.has_value, self.has_text = "", None, False, False
        self.beside = Gathered(GATHERED)
        self.lowest, self.narrowest, self.filled, self.sized = LOWEST, NARROWEST, {}, set()

    def start(self, tag: str, told: dict[str, str]) -> None:
        """Meet the start of an element."""
        name = tag.rpartition(":")[2]
        if name not in WITHIN or self.over:
            self.left.take(beside=1)
            self.beside.start(name, told)
        if name in WITHIN and self.over:  # as of a drawing: no reader takes it for a cell
            return
        if name in WITHIN:
            prefix = tag.rpartition(":")[0]
            self.prefix = prefix if self.prefix is None else self.prefix
            if prefix != self.prefix or "xmlns" in told:
                self._refuse(f"row {self.row} holds what no reader knows")
        match name:
            case "row":
                self._begin_row(told)
            case "c":
                self._begin_cell(told)
            case "f":
                self.formula, self.inside, self.shared = True, name, told.get("si", "")
                self.left.take(
                    self.masters.get(self.shared, 0)
                )  # one reader writes it out for each cell that shares it
            case "v":
                if self.has_value:  # one reader takes the first, another the last
                    self._refuse(f"cell {letters(self.column)}{self.row} has two values")
                self.inside, self.value, self.has_value = name, "", True
            case "t":
                self.inside = name
            case "is":
                self.has_text = True
            case "r":
                self.runs += [Run()] if self.runs else [Run(text=self.plain), Run()]
            case "rPr" | "color" | "vertAlign" if self.runs:
                self.runs[-1].meet(name, told, self.texts.looks.palette)
            case "strike" | "sz" | "rFont":
                self.part = self.part or unread(name, told)
            case "col" if told:  # that of a drawing has none
                places = range(max(1, int(told["min"])), min(int(told["max"]), COLUMNS) + 1)
                self.sized.update(places)
                if told.get("hidden") in YES or float(told.get("width", NARROWEST)) < NARROWEST:
                    self.columns.update(places)
            case "mergeCell" | "hyperlink":
                self._cover(tag, told.get("ref", ""))
            case "sheetView":
                self.corner = told.get("topLeftCell", "")
            case "pane" if told.get("state") in FROZEN and (corner := ADDRESS.fullmatch(self.corner)):
                self.hidden.update(("row", n) for n in range(1, min(int(corner[2]), ROWS)))
                self.columns.update(range(1, min(place_of(corner[1]), COLUMNS)))
            case "sheetFormatPr":
                if told.get("customHeight") in YES:  # else rows are as high as what they hold
                    self.lowest = float(told.get("defaultRowHeight", LOWEST))
                self.narrowest = float(told.get("defaultColWidth", NARROWEST))
            case "sheetData":
                if self.began or self.choices:
                    self._refuse("its cells stand in two places")
                self.began = True
            case "AlternateContent":
                if self.began and not self.over:
                    self._refuse(f"row {self.row} may be read in two ways")
                self.choices += 1

    def _begin_row(self, told: dict[str, str]) -> None:
        self.row, self.column, self.filled = int(told.get("r", self.row + 1)), 0, {}
        limit(self.row, self.widest, f"sheet {self.sheet!r}")
        if self.row in self.looks:
            self._refuse(f"row {self.row} stands there twice")
        self.looks[self.row] = self.filled
        if told.get("hidden") in YES or float(told.get("ht", self.lowest)) < LOWEST:
            self.hidden.add(("row", self.row))

    def _begin_cell(self, told: dict[str, str]) -> None:
        place = ADDRESS.fullmatch(told["r"]) if "r" in told else None
        if "r" in told and (not place or int(place[2]) != self.row):
            self._refuse(f"cell {told['r'][:20]!r} in row {self.row}")
        self.column = place_of(place[1]) if place else self.column + 1
        if self.column in self.filled:  # one reader shows the first, another the last
            self._refuse(f"cell {letters(self.column)}{self.row} stands there twice")
        self.look = self.filled[self.column] = told.get("s", "0")
        self.cells += 1
        if self.cells > CELLS:
            raise DataError(TOO_MANY)
        if self.column > self.widest:
            self.widest = self.column
            limit(self.row, self.column, f"sheet {self.sheet!r}")
        self.kind, self.formula, self.value, self.has_value, self.has_text = told.get("t", ""), False, "", False, False
        self.part, self.plain, self.runs = "", "", self.runs and []

    def _refuse(self, why: str) -> None:
        raise DataError(DAMAGED.format(f"sheet {self.sheet!r}: {why}"))

    @property
    def height(self) -> int:
        """Return the last row there is."""
        return max(self.looks, default=0)

    @property
    def size(self) -> int:
        """Return how many cells the sheet has, those between among them."""
        return self.height * self.widest

    def told(self) -> tuple[dict, set, list, dict]:
        """Return what is broken, hidden and merged, and numbers that may be thousands."""
        hidden = self.hidden | {("column", n) for n in self.unseen_columns()}
        return self.broken, hidden, self.merged, self.thousandths.unsure()

    def said(self) -> list[tuple[str, str]]:
        """Return what the sheet's headers and footers say, and its hints."""
        return [
            *(one for node in self.gathered("headerFooter") for one in headers(node)),
            *hints(self.gathered(*HINTS)),
        ]

    def gathered(self, *names: str) -> list[ElementTree.Element]:
        """Return the elements of some names that stand beside the cells."""
        return [one for one in self.beside.found if one.tag in names]

    def unseen_columns(self) -> set[int]:
        """Return the columns that are hidden, those among them that have no width of their own where none is the rule."""
        return self.columns | ({*range(1, self.widest + 1)} - self.sized if self.narrowest < NARROWEST else set())

    def _cover(self, tag: str, cells: str) -> None:
        corners = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?", cells)
        if not corners:
            return
        left, top, right, low = corners.groups()
        rows, columns = sorted((int(top), int(low or top))), sorted((place_of(left), place_of(right or left)))
        ends = rows[0], columns[0], rows[1], columns[1]
        self.covered += (ends[2] - ends[0] + 1) * (ends[3] - ends[1] + 1)
        if self.covered > ROWS:  # its reader makes a cell of each
            raise DataError(f"merges or links more than {ROWS} cells in sheet {self.sheet!r}; keep the table alone")
        if tag.endswith("mergeCell"):
            self.merged.append(ends)

    def text(self, text: str) -> None:
        """Meet text."""
        if self.inside:
            self.left.take(len(text))
            if self.inside == "v":
                self.value += text[:LENGTH] * (len(self.value) < LENGTH)
            elif self.inside == "f":
                self.written.append(text)
            elif self.runs:
                self.runs[-1].say(text)
            else:
                self.plain = text[-1:]  # before a run
        elif self.beside.builder:
            self.left.take(len(text))
            self.beside.builder.data(text)

    def end(self, tag: str) -> None:
        """Meet the end of an element."""
        name = tag.rpartition(":")[2]
        if name not in WITHIN or self.over:
            self.beside.end(name)
        if name == "c":
            self._end_cell()
        elif name in ("v", "t", "f"):
            self._end_formula() if name == "f" else None
            self.inside = ""
        elif name == "sheetData":
            self.over = True
        elif name == "AlternateContent":
            self.choices -= 1
        elif name == "r" and self.runs:
            self.runs.append(Run())  # what comes before the next is in none

    def _end_formula(self) -> None:
        self.formulas.add((self.row, self.column))
        written, self.written = "".join(self.written), []
        if not self.volatile and VOLATILE_CALL.search(written):
            self.volatile = f" ({self.sheet}!{letters(self.column)}{self.row})"
        if self.shared and written:
            self.masters[self.shared] = len(written)

    def _end_cell(self) -> None:
        if self.has_value and self.has_text:
            self._refuse(f"cell {letters(self.column)}{self.row} has two values")
        if self.kind == "s" and self.value:
            self.left.take(self.left.texts[int(self.value)])
        if self.look in self.decimals and self.value and self.kind in ("", "n"):
            value, decimals = float(self.value), self.decimals[self.look]
            shown = f"{value:.{decimals}f}" if decimals > 0 else f"{value:.10f}".rstrip("0")
            self.thousandths.take((self.row, self.column), shown.replace(".", ","), value)
        if self.kind == "e":
            self.broken[self.row, self.column] = OF_ERROR.format(self.value or "nothing")
        elif self.formula and not (self.is_computed and (self.value or self.kind == "str")):
            self.broken[self.row, self.column] = NO_VALUE
        elif told := self.part or self._told():
            self.broken[self.row, self.column] = told

    def _told(self) -> str | None:
        """Return what is odd about the value of a cell as it is shown."""
        if self.look in self.unseen and (self.value or self.kind == "inlineStr"):
            return self.unseen[self.look]
        if self.runs:
            return self.texts.told(self.runs, self.look)
        if not self.value or self.kind not in ("", "n"):
            is_text = self.kind in ("s", "str", "inlineStr") and bool(self.value or self.kind == "inlineStr")
            told = self.odd.get((self.kind, self.value)) or (self.odd.get((self.look, "@")) if is_text else None)
            return told or (self.texts.faint(self.value, self.look) if self.kind == "s" else None)
        value = float(self.value)
        return self.odd.get((self.look, "+" if value > 0 else "-" if value < 0 else "0"))


def scan(
    xml: bytes, sheet: str, odd: dict, is_computed: bool = True, left: Left | None = None, decimals: dict | None = None
) -> tuple[int, dict, set, list, dict]:
    """Return the size of a sheet, what is broken, hidden and merged in it, and numbers that may be thousands.

    ``odd`` tells what a cell shows that is not its value, by its look and sign, its look and nothing, or its kind and value;
    ``decimals`` how many are shown of it, by its look.
    """
    left = left or Left()
    told = meet(xml, sheet, odd, is_computed, left, decimals or {}, Runs(Looks({}), (), left))
    return told.size, *told.told()


def meet(xml: bytes, sheet: str, odd: dict, is_computed: bool, left: Left, decimals: dict, texts: Runs) -> Scan:
    """Return a sheet of which every element has been met; see :func:`scan`."""
    if PIECES.search(xml):
        raise DataError(DAMAGED.format(f"a value in pieces in sheet {sheet!r}"))
    is_computed = is_computed and not STALE_SHEET.search(xml)
    scan, parser = Scan(sheet, odd, is_computed, left, decimals, texts), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = scan.start, scan.end
    parser.CharacterDataHandler, parser.buffer_text = scan.text, True
    try:
        parser.Parse(xml, True)
    except DataError:
        raise
    except Exception as error:  # of the parser, or of what stands where a number should
        raise DataError(DAMAGED.format(f"sheet {sheet!r}: {error}")) from None
    return scan
