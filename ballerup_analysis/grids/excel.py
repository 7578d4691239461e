"""Excel workbooks as grids: the sheets, what is broken, hidden and merged in them, and what a number format shows."""

from __future__ import annotations

import dataclasses
import re
from xml.etree import ElementTree
from xml.parsers import expat

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.archive import DAMAGED, repack
from ballerup_analysis.grids.beside import ADDRESS, MOST, Gathered, Linked, headers, hints
from ballerup_analysis.grids.conditions import Conditions, Formats
from ballerup_analysis.grids.formats import danish, decimals_by_look, looks_of, shown_otherwise
from ballerup_analysis.grids.grid import (
    BY_CONDITION,
    CELLS,
    COLUMNS,
    LENGTH,
    NO_VALUE,
    OF_ERROR,
    ROWS,
    TOO_MANY,
    YES,
    Grid,
    Left,
    Thousandths,
    letters,
    limit,
    place_of,
)
from ballerup_analysis.grids.looks import NO, Looks, Run, Runs, lengths, texts_of, unread

SHEETS = 50
WITHIN = frozenset(("row", "c", "f", "v", "is", "t"))  # elements of rows and cells
HINTS = ("dataValidation", "hyperlink")
GATHERED = ("headerFooter", "conditionalFormatting", *HINTS)  # what is looked at whole
# A value that is no plain run of text, or whose digits are references: its readers do not agree what it is.
PIECES = re.compile(
    rb"<(?:\w+:)?v(?:\s[^<>]*)?>(?:[^<&]++|&(?!#0*(?:4[89]|5[0-7]);|#x0*3\d;))*+(?:&|<[^/])", re.IGNORECASE
)
CHOICE = re.compile(rb"<(?:\w+:)?AlternateContent\b")
# Of a workbook, or of a sheet, whose formulas were not computed, or not anew, when it was saved.
STALE = {"fullCalcOnLoad": YES, "forceFullCalc": YES, "calcCompleted": NO}
STALE_SHEET = re.compile(rb"""<(?:\w+:)?sheetCalcPr\b[^>]*fullCalcOnLoad=["'](?:1|true)""")
LOWEST, NARROWEST = 1, 0.5  # a row in points, a column in characters: one that is less is not seen


def grids_of(parts: dict[str, bytes], name: str, printed: bool) -> list[Grid]:
    """Return the visible sheets of an unpacked workbook."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    places, is_computed = _sheets(parts)
    if len(places) > SHEETS:
        raise DataError(f"has {len(places)} sheets; at most {SHEETS} are read")
    texts, forms, looks = texts_of(parts), looks_of(parts), Looks(parts)
    left = Left(lengths(texts))
    runs = Runs(looks, texts, left)
    odd = runs.odd | looks.unseen() | ({} if printed else shown_otherwise(forms))
    decimals = {} if printed else decimals_by_look(forms)
    scans = {s: _met(parts[p], s, odd, is_computed, left, decimals, runs) for s, p in places.items() if p in parts}
    if sum(one.size for one in scans.values()) > CELLS:
        raise DataError(TOO_MANY)
    book = load_workbook(repack(parts))
    grids, linked, formats = [], Linked(parts), Formats(looks, printed)
    conditions = Conditions(formats.is_odd, left)
    for sheet in book.sheets_metadata:
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.ChartSheet and not printed:
            grids.append(Grid(name, sheet.name, [], [], beside=(("chart", ""),)))
        if sheet.visible != SheetVisibleEnum.Visible or sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        met, part = scans[sheet.name], places[sheet.name]
        rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        rows = [[None if cell == "" else cell for cell in row] for row in rows]
        rows += [[] for _ in range(len(rows), max((line for line, _ in met.broken), default=0))]  # all broken
        for line, at in conditions.broken(formats.rules(met.gathered("conditionalFormatting")), met.looks):
            if line <= len(rows) and at <= len(rows[line - 1]) and rows[line - 1][at - 1] is not None:
                met.broken.setdefault((line, at), BY_CONDITION)
        grid = Grid(name, sheet.name, rows, list(range(1, len(rows) + 1)), *met.told(), linked.comments(part))
        grids.append(dataclasses.replace(grid, beside=(*met.said(), *linked.drawn(part))[:MOST]))
    return [_shown(grid, parts) for grid in grids] if printed else grids


def _sheets(parts: dict[str, bytes]) -> tuple[dict[str, str | None], bool]:
    """Return the part of each sheet by its name, and whether the formulas were computed when the workbook was saved."""
    links = [*ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])]
    targets = {one.get("Id"): "xl/" + one.get("Target").removeprefix("/xl/").removeprefix("xl/") for one in links}
    book = ElementTree.fromstring(parts["xl/workbook.xml"])
    nodes = [node for node in book.iter() if node.tag.endswith("}sheet")]
    ids = [value for node in nodes for key, value in node.attrib.items() if key.endswith("}id")]
    names = {node.get("name").casefold() for node in nodes}
    in_place = len(book.findall("{*}sheets/{*}sheet"))  # not where a reader has the choice of taking them
    if not len(links) == len(targets) or not len(nodes) == len(names) == len(ids) == in_place:
        raise DataError(DAMAGED.format("sheets that cannot be told apart"))
    choice = next(
        (part for part in ("xl/styles.xml", "xl/sharedStrings.xml") if CHOICE.search(parts.get(part, b""))), None
    )
    if choice:
        raise DataError(DAMAGED.format(f"{choice!r} may be read in two ways"))
    is_computed = not any(_is_stale(node) for node in book.iter())
    return {node.get("name"): targets.get(one) for node, one in zip(nodes, ids, strict=True)}, is_computed


def _is_stale(node: ElementTree.Element) -> bool:
    """Tell whether this says that formulas may have old values; one computed by hand is computed when it is saved."""
    by_hand = node.get("calcMode") == "manual" and node.get("calcOnSave") in NO
    return by_hand or any(node.get(key) in told for key, told in STALE.items())


class _Scan:
    """What is broken, hidden and merged in a sheet, met element by element: its text may be long and without end."""

    def __init__(self, sheet: str, odd: dict, is_computed: bool, left: Left, decimals: dict, texts: Runs):
        self.sheet, self.odd, self.is_computed, self.left, self.decimals = sheet, odd, is_computed, left, decimals
        self.texts, self.plain, self.runs = texts, "", []
        self.looks = {}
        self.unseen = {look: told for (look, sign), told in odd.items() if not sign}
        self.broken, self.hidden, self.columns, self.merged, self.thousandths = {}, set(), set(), [], Thousandths()
        self.row = self.last = self.column = self.widest = self.rows = self.cells = self.covered = self.choices = 0
        self.kind, self.look, self.formula, self.value, self.inside, self.part = "", "", False, "", "", ""
        self.began = self.over = False  # the part of a sheet that holds its cells
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
        match name:
            case "row":
                self._begin_row(told)
            case "c":
                self._begin_cell(told)
            case "f":
                self.formula = True
            case "v":
                self.inside, self.value = name, ""  # its reader takes the last
            case "t":
                self.inside = name
            case "is":
                pass  # many cells have one
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
        self.rows, self.row, self.column, self.filled = self.rows + 1, int(told.get("r", self.row + 1)), 0, {}
        if self.rows > ROWS:
            limit(self.rows, self.widest, f"sheet {self.sheet!r}")
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
        self.last = max(self.last, self.row)
        if self.column > self.widest:
            self.widest = self.column
            limit(max(self.row, self.rows), self.column, f"sheet {self.sheet!r}")
        self.kind, self.formula, self.value = told.get("t", ""), False, ""
        self.part, self.plain, self.runs = "", "", self.runs and []

    def _refuse(self, why: str) -> None:
        raise DataError(DAMAGED.format(f"sheet {self.sheet!r}: {why}"))

    @property
    def height(self) -> int:
        """Return the last row there is."""
        return max(self.last, self.row, self.rows)

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
            if self.inside == "v" and len(self.value) < LENGTH:
                self.value += text
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
        elif name in ("v", "t"):
            self.inside = ""
        elif name == "sheetData":
            self.over = True
        elif name == "AlternateContent":
            self.choices -= 1
        elif name == "r" and self.runs:
            self.runs.append(Run())  # what comes before the next is in none

    def _end_cell(self) -> None:
        if self.kind == "s" and self.value:
            self.left.take(self.left.texts[int(self.value)])
        if self.look in self.decimals and self.value and self.kind in ("", "n"):
            shown = f"{float(self.value):.{self.decimals[self.look]}f}".replace(".", ",")
            self.thousandths.take((self.row, self.column), shown, float(self.value))
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
    met = _met(xml, sheet, odd, is_computed, left, decimals or {}, Runs(Looks({}), (), left))
    return met.size, *met.told()


def _met(xml: bytes, sheet: str, odd: dict, is_computed: bool, left: Left, decimals: dict, texts: Runs) -> _Scan:
    """Return a sheet of which every element has been met; see :func:`scan`."""
    if PIECES.search(xml):
        raise DataError(DAMAGED.format(f"a value in pieces in sheet {sheet!r}"))
    is_computed = is_computed and not STALE_SHEET.search(xml)
    scan, parser = _Scan(sheet, odd, is_computed, left, decimals, texts), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = scan.start, scan.end
    parser.CharacterDataHandler, parser.buffer_text = scan.text, True
    try:
        parser.Parse(xml, True)
    except DataError:
        raise
    except Exception as error:  # of the parser, or of what stands where a number should
        raise DataError(DAMAGED.format(f"sheet {sheet!r}: {error}")) from None
    limit(scan.height, scan.widest, f"sheet {sheet!r}")
    return scan


def _shown(grid: Grid, parts: dict[str, bytes]) -> Grid:
    """Return the grid with numbers as their formats show them; one that is shown otherwise is broken."""
    from openpyxl import load_workbook

    sheet, rows = load_workbook(repack(parts))[grid.sheet], []
    for line, row in zip(grid.lines, grid.rows, strict=True):
        rows.append([])
        for place, cell in enumerate(row, start=1):
            shown = cell
            if cell is not None and not isinstance(cell, str):
                form = sheet.cell(line, place).number_format
                shown = danish(cell, form)
                if shown is None:
                    grid.broken[line, place] = f"a number shown by the format {form!r}; show its digits"
            rows[-1].append(shown)
    return dataclasses.replace(grid, rows=rows, thousandths={}, comments=set())
