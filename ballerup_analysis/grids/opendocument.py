"""OpenDocument workbooks as grids."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree

from babel.dates import get_day_names, get_month_names

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.beside import MOST, drawings, pages, spoken_hints
from ballerup_analysis.grids.colours import hexadecimal
from ballerup_analysis.grids.conditions import Conditions, between
from ballerup_analysis.grids.excel import SHEETS
from ballerup_analysis.grids.excel_sheet import VOLATILE_CALL
from ballerup_analysis.grids.formats import BESIDE, parted, unit_of
from ballerup_analysis.grids.grid import (
    BY_CONDITION,
    CELLS,
    COLUMNS,
    ERROR,
    NO_VALUE,
    OF_ERROR,
    OFFICE,
    PERCENTAGE,
    RAISED,
    TABLE,
    TEXT,
    TOO_MANY,
    VOLATILE,
    Grid,
    Left,
    Old,
    Thousandths,
    WithUnit,
    is_beside_figures,
    limit,
)
from ballerup_analysis.grids.styles import Styles

BLANKS = {"s": " ", "tab": "\t", "line-break": "\n"}
NUMBERS = ("float", "currency", "percentage")
# A number with its sign, and its digits by what stands between thousands: as in Danish, or in English.
FIGURE = re.compile(r"(\()?([-–])?(\d[\d.,]*)([-–])?(?(1)\))")
GROUPS = {o: re.compile(rf"(\d+|\d{{1,3}}(?:[{o}]\d{{3}})+)(?:[{mark}](\d*))?") for mark, o in (",.", ".,")}
SIGNS = str.maketrans({"\N{MINUS SIGN}": "-", "'": None, "’": None})
LANGUAGES = ("da", "en")
MONTHS = [[get_month_names("wide", locale=one)[month].casefold() for one in LANGUAGES] for month in range(1, 13)]
DAYS = [name.casefold() for one in LANGUAGES for name in get_day_names("wide", locale=one).values()] + ["t", "den"]
SHADES = ("color", "positive-color", "negative-color")  # of a scale, or of bars
KINDS = (None, "string", "boolean", "date", *NUMBERS)  # of a cell that are read


def grids_of(parts: dict[str, bytes], name: str, printed: bool) -> list[Grid]:
    """Return the displayed sheets of an unpacked workbook."""
    book, styles = (
        ElementTree.fromstring(parts["content.xml"]),
        ElementTree.fromstring(parts.get("styles.xml", b"<x/>")),
    )
    looks = Styles(styles, book)
    sheets = [one for one in _outermost(book, f"{TABLE}table") if one.get(f"{TABLE}style-name") not in looks.unseen]
    if not printed and any(b"number:display-factor" in part for part in parts.values()):
        raise DataError("shows a thousandth of some numbers by their format; choose another format")
    if len(sheets) > SHEETS:
        raise DataError(f"has {len(sheets)} sheets; at most {SHEETS} are read")
    reading = _Reading(parts, looks, pages(styles), [*itertools.islice(spoken_hints(book), MOST)], printed)
    return [reading.grid(name, sheet) for sheet in sheets]


@dataclass
class _Row:
    """The cells of a row, how often it is repeated, and what is odd about its cells, by column from 1."""

    line: int
    rows: int
    cells: list = field(default_factory=list)
    broken: dict[int, str] = field(default_factory=dict)
    shown: dict[int, tuple[str, float]] = field(default_factory=dict)
    comments: set[int] = field(default_factory=set)
    formulas: set[int] = field(default_factory=set)
    looks: dict[int, str | None] = field(default_factory=dict)


class _Reading:
    """The reading of the sheets of a workbook, as far as their cells and texts are read in all."""

    def __init__(self, parts: dict[str, bytes], looks: Styles, pages: dict[str, tuple], hints: list, printed: bool):
        self.parts, self.looks, self.pages, self.hints, self.printed = parts, looks, pages, hints, printed
        self.titles, self.drawn, self.left, self.size = {}, [], Left(), 0
        self.conditions = Conditions(looks.is_odd, self.left)
        self.is_volatile = VOLATILE_CALL.search(parts["content.xml"].decode()) is not None

    def grid(self, name: str, sheet: ElementTree.Element) -> Grid:
        """Return a sheet."""
        grid, line, thousandths = Grid(name, sheet.get(f"{TABLE}name", ""), [], []), 0, Thousandths()
        defaults, self.drawn = self._columns(grid, sheet), []
        rules, cells = _rules(sheet), {}
        for shapes in sheet.iterfind(f"{TABLE}shapes"):
            self._draw(shapes)
        for node, is_shown in _rows_of(sheet):
            row = _Row(line, _times(node, "rows"))
            self._read(grid, node, row, defaults)
            if row.cells or row.broken:
                limit(line + row.rows, len(row.cells), f"sheet {grid.sheet!r}")
                self._add(grid, row, thousandths)
                if rules:
                    cells.update(dict.fromkeys(range(line + 1, line + row.rows + 1), row.looks))
                is_seen = is_shown and node.get(f"{TABLE}style-name") not in self.looks.unseen
                if not is_seen or node.get(f"{TABLE}visibility", "visible") != "visible":
                    grid.hidden.update(("row", n) for n in range(line + 1, line + row.rows + 1))
            line += row.rows
        for at in self.conditions.broken(rules, cells):
            grid.broken.setdefault(at, BY_CONDITION)
        grid.thousandths.update(thousandths.unsure())
        headers = self.pages.get(self.looks.pages.get(sheet.get(f"{TABLE}style-name")) or "Default", ())
        return dataclasses.replace(grid, beside=(*headers, *self.hints, *self.drawn)[:MOST])

    def _draw(self, node: ElementTree.Element) -> None:
        """Note what is drawn in a cell or on the sheet."""
        self.drawn += itertools.islice(drawings(node, self.parts, self.titles), max(0, MOST - len(self.drawn)))

    def _columns(self, grid: Grid, sheet: ElementTree.Element) -> dict[int, str | None]:
        """Return the look of each column, by place; note those that are hidden."""
        defaults, place = {}, 0
        folded = {
            one
            for group in sheet.iter(f"{TABLE}table-column-group")
            if group.get(f"{TABLE}display") == "false"
            for one in group.iter()
        }
        for column in sheet.iter(f"{TABLE}table-column"):
            end = place + _times(column, "columns")
            is_seen = column.get(f"{TABLE}style-name") not in self.looks.unseen and column not in folded
            if not is_seen or column.get(f"{TABLE}visibility", "visible") != "visible":
                grid.hidden.update(("column", n) for n in range(place + 1, min(end, COLUMNS) + 1))
            look = column.get(f"{TABLE}default-cell-style-name")
            defaults.update(dict.fromkeys(range(place, min(end, COLUMNS)), look))
            place = end
        return defaults

    def _read(self, grid: Grid, node: ElementTree.Element, row: _Row, defaults: dict[int, str | None]) -> None:
        """Read the cells of a row."""
        place = 0
        for cell in node:
            if not cell.tag.endswith("table-cell"):
                continue
            times, paragraphs = _times(cell, "columns"), cell.findall(f"{TEXT}p")
            if len(cell) > len(paragraphs):
                self._draw(cell)
            if not cell.tag.endswith("covered-table-cell"):  # by a merged one
                shown = "\n".join(map(_words, paragraphs))
                if cell.get(f"{OFFICE}value-type") or shown:
                    limit(row.line + 1, place + times, f"sheet {grid.sheet!r}")  # before the cells are made
                    self.left.take(times * row.rows * len(shown))
                    row.cells += [None] * (place - len(row.cells))
                    look = cell.get(f"{TABLE}style-name", node.get(f"{TABLE}default-cell-style-name"))
                    looks = [look or defaults.get(n) for n in range(place, place + times)]
                    self._take(row, cell, shown, paragraphs, looks)
                elif cell.get(f"{TABLE}formula"):
                    row.broken[place + 1] = NO_VALUE
                wide, high = (int(cell.get(f"{TABLE}number-{what}-spanned", 1)) for what in ("columns", "rows"))
                if wide > 1 or high > 1:
                    grid.merged.append((row.line + 1, place + 1, row.line + high, place + wide))
            place += times

    def _take(
        self, row: _Row, cell: ElementTree.Element, shown: str, paragraphs: list, looks: list[str | None]
    ) -> None:
        """Take a cell that holds something as often as it is repeated, each with its look, and note what is odd."""
        kind, first = cell.get(f"{OFFICE}value-type"), len(row.cells) + 1
        value = cell.get(f"{OFFICE}date-value" if kind == "date" else f"{OFFICE}value")
        row.cells += [_value(cell, kind, shown, self.printed)] * len(looks)
        text = cell.get(f"{OFFICE}string-value")
        odd = _broken(kind, shown, value, text, self.printed, bool(paragraphs))
        if cell.get(f"{TABLE}formula"):
            row.formulas.update(range(first, first + len(looks)))
            odd = Old(VOLATILE.format("")) if self.is_volatile else odd
        fonts = frozenset(one.get(f"{TEXT}style-name") for part in paragraphs for one in part.iter()) - {None}
        if fonts:  # what a part of a text looks like is told once, however often it is repeated
            odd = self.looks.told(looks[0], fonts) or self._raised(paragraphs, fonts) or odd
        for n, look in enumerate(looks, start=first):
            row.looks[n] = look
            is_number = kind in NUMBERS and not self.printed
            if told := self.looks.told(look) or odd or (self.looks.shows(look, shown) if is_number else ""):
                row.broken[n] = told
        if cell.find(f"{OFFICE}annotation") is not None:
            row.comments.update(range(first, first + len(looks)))
        if kind in NUMBERS and not self.printed and _is_number(value) and ("," in shown or "." in shown):
            digits = BESIDE.sub("", parted(shown.casefold())[0]), float(value)
            row.shown.update(dict.fromkeys(range(first, first + len(looks)), digits))

    def _raised(self, paragraphs: list[ElementTree.Element], fonts: frozenset[str]) -> str:
        """Return what is odd about a text of which a part is raised or lowered."""
        raised = {font: self.looks.is_raised(font) for font in fonts}
        if not any(raised.values()):
            return ""
        return RAISED if any(is_beside_figures(_parts(one, raised, False)) for one in paragraphs) else ""

    def _add(self, grid: Grid, row: _Row, thousandths: Thousandths) -> None:
        """Add a row to a sheet as often as it is repeated."""
        self.size += row.rows * len(row.cells)
        if self.size > CELLS:
            raise DataError(TOO_MANY)
        lines = range(row.line + 1, row.line + row.rows + 1)
        grid.lines.extend(lines)
        for line in lines:
            grid.rows.append(list(row.cells))
            grid.comments.update((line, at) for at in row.comments)
            grid.formulas.update((line, at) for at in row.formulas)
            grid.broken.update({(line, at): told for at, told in row.broken.items()})
            for at, digits in row.shown.items():
                thousandths.take((line, at), *digits)


def _rules(sheet) -> set[tuple[str | None, str]]:
    """Return the styles, or colours, that conditions apply in a sheet, and where; none for what shows no number."""
    found = set()
    for one in sheet.iterfind("{*}conditional-formats/{*}conditional-format"):
        told = [(key.rpartition("}")[2], value) for node in one.iter() for key, value in node.attrib.items()]
        where = next((value for key, value in told if key == "target-range-address"), "")
        found |= {(value, where) for key, value in told if key in ("apply-style-name", "style")}
        found |= {(f"#{color}", where) for color in between(hexadecimal(value) for key, value in told if key in SHADES)}
        if ("show-value", "false") in told:
            found.add((None, where))
    return found


def _outermost(root, tag: str) -> Iterator:
    """Yield the elements of a kind that stand in no other of that kind."""
    waiting = [root]
    while waiting:
        for child in reversed(waiting.pop()):
            if child.tag == tag:
                waiting.append([child])
            else:
                waiting.append(child)
        while waiting and isinstance(waiting[-1], list):
            yield waiting.pop()[0]


def _words(node) -> str:
    """Return the text of a paragraph, with the spaces and line ends that are elements."""
    told = [node.text or ""]
    for child in node:
        told.append(BLANKS.get(child.tag.removeprefix(TEXT)) or _words(child))
        told.append(child.tail or "")
    return "".join(told)


def _parts(node, raised: dict[str, bool | None], is_raised: bool) -> Iterator[tuple[str, bool]]:
    """Yield the parts of a paragraph, and whether each is raised or lowered."""
    own = raised.get(node.get(f"{TEXT}style-name"))
    is_raised = is_raised if own is None else own
    yield node.text or "", is_raised
    for child in node:
        blank = BLANKS.get(child.tag.removeprefix(TEXT))
        yield from [(blank, is_raised)] if blank else _parts(child, raised, is_raised)
        yield child.tail or "", is_raised


def _times(node, what: str) -> int:
    return max(1, int(node.get(f"{TABLE}number-{what}-repeated", 1)))


def _rows_of(node, shown: bool = True) -> Iterator[tuple]:
    """Yield the rows of a sheet, not those of a table in a cell, and whether their group is shown."""
    for child in node:
        if child.tag == f"{TABLE}table-row":
            yield child, shown
        elif child.tag.removeprefix(TABLE) in ("table-rows", "table-header-rows", "table-row-group"):
            yield from _rows_of(child, shown and child.get(f"{TABLE}display") != "false")


def _broken(
    kind: str | None, shown: str, value: str | None, text: str | None, printed: bool, is_shown: bool
) -> str | None:
    """Return what cannot be read of a cell, or is not what it shows; some writers leave out what it shows."""
    if ERROR.fullmatch(shown):
        return OF_ERROR.format(shown)
    if text is not None and " ".join(text.split()) != " ".join(shown.split()):
        return f"{text[:40]!r} shown as {shown[:40]!r}; write it anew"
    if kind not in KINDS or (kind in NUMBERS and not _is_number(value)):
        return f"a value of the kind {kind!r} that is no number"
    if kind == "percentage" and not printed:
        return PERCENTAGE
    if printed or not is_shown:
        return None
    if kind == "date" and not _shows_day(shown, dt.date.fromisoformat(value[:10])):
        return f"the day {value[:10]} shown as {shown[:40]!r}; show its month and year, or write the period as text"
    if kind in NUMBERS:
        bare, unit = parted(shown.casefold())
        if not _shows_number(bare, float(value)):
            told = f"the number {value} shown as {shown[:40]!r}, not as its digits"
            return f"{told}; write what it is, and its unit in the heading"
        if unit := unit_of(bare, unit):
            return WithUnit.of(f"the number {value} shown as {shown[:40]!r},", unit)
    return None


def _shows_number(shown: str, value: float) -> bool:
    """Tell whether a text is a number as rounded in Danish, or in English, with no more than its sign and unit.

    Examples
    --------
    >>> [_shows_number(*one) for one in (("1.234,5 kr.", 1234.52), ("98.000", 98.0), ("98,4 mio.", 98.4))]
    [True, False, False]
    """
    bare = BESIDE.sub("", shown.casefold()).translate(SIGNS)
    if bare in ("", "-", "–"):  # nought, as accounts print it
        return value == 0
    told = FIGURE.fullmatch(bare)
    if not told:
        return False
    sign = -1 if any(told.group(1, 2, 4)) else 1
    for other, groups in GROUPS.items():
        if there := groups.fullmatch(told[3]):
            number = float(f"{there[1].replace(other, '')}.{there[2] or ''}")
            if abs(sign * number - value) <= 0.5001 * 10.0 ** -len(there[2] or ""):
                return True
            if other in there[1] and bare != repr(value):  # thousands in Danish; some write 1.234 as Python does
                return False
    return False


def _shows_day(shown: str, day: dt.date) -> bool:
    """Tell whether a text shows the month and the year of a day, and nothing that it is not.

    Examples
    --------
    >>> [_shows_day(shown, dt.date(2026, 1, 1)) for shown in ("1. jan", "01-2026", "202601", "2026", "1. kvt. 2026")]
    [False, True, True, False, False]
    """
    dated = re.sub(r"(?<!\d)\d++(:\d++)+(\.\d+)?", "", shown.casefold())  # without its hour
    dated = re.sub(r"\b(20\d\d)(\d\d)(\d\d)?\b", r"\1 \2 \3", dated)
    numbers = [int(one) for one in re.findall(r"\d+", dated)]
    if not {*numbers} <= {day.day, day.month, day.year, day.year % 100}:
        return False
    names, words = MONTHS[day.month - 1], re.findall(r"[^\W\d_]+", dated)
    months = [word for word in words if len(word) > 2 and any(name.startswith(word) for name in names)]
    if any(not any(day.startswith(word) for day in DAYS) for word in words if word not in months):
        return False
    is_year = not {day.year, day.year % 100}.isdisjoint(numbers)
    return is_year and len(numbers) + len(months) > 1 and bool(months or day.month in numbers)


def _is_number(text: str | None) -> bool:
    try:
        return text is not None and math.isfinite(float(text))
    except ValueError:
        return False


def _value(cell, kind: str | None, shown: str, printed: bool):
    if printed or kind in (None, "string"):
        return shown
    if kind == "boolean":
        return cell.get(f"{OFFICE}boolean-value") == "true"
    if kind == "date":
        return dt.date.fromisoformat(cell.get(f"{OFFICE}date-value")[:10])
    return float(cell.get(f"{OFFICE}value")) if _is_number(cell.get(f"{OFFICE}value")) else None
