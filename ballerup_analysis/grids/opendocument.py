"""OpenDocument workbooks as grids."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from xml.etree import ElementTree

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.excel import BESIDE, SHEETS
from ballerup_analysis.grids.grid import CELLS, COLUMNS, NO_VALUE, PERCENTAGE, TOO_MANY, Grid, limit

BLANKS = {"s": " ", "tab": "\t", "line-break": "\n"}
NUMBERS = ("float", "currency", "percentage")
KINDS = (None, "string", "boolean", "date", *NUMBERS)  # of a cell that are read


def grids_of(parts: dict[str, bytes], name: str, printed: bool) -> list[Grid]:
    """Return the displayed sheets of an unpacked workbook."""
    space = {
        kind: f"{{urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0}}" for kind in ("table", "office", "text", "style")
    }
    table, office, text, style = space.values()
    book, grids, size = ElementTree.fromstring(parts["content.xml"]), [], 0
    unseen = {
        node.get(f"{style}name")
        for node in book.iter(f"{style}style")
        if any(child.get(f"{table}display") == "false" for child in node)
    }
    sheets = [s for s in _outermost(book, f"{table}table") if s.get(f"{table}style-name") not in unseen]
    if not printed and any(b"number:display-factor" in part for part in parts.values()):
        raise DataError("shows a thousandth of some numbers by their format; choose another format")
    if len(sheets) > SHEETS:
        raise DataError(f"has {len(sheets)} sheets; at most {SHEETS} are read")
    for sheet in sheets:
        grid = Grid(name, sheet.get(f"{table}name"), [], [])
        line, place = 0, 0
        for column in sheet.iter(f"{table}table-column"):
            times = _times(column, f"{table}number-columns-repeated")
            if column.get(f"{table}visibility", "visible") != "visible":
                grid.hidden.update(("column", n) for n in range(place + 1, min(place + times, COLUMNS) + 1))
            place += times
        for row, shown_row in _rows_of(sheet, table):
            cells, place, broken = [], 0, {}
            for cell in row:
                if not cell.tag.endswith("table-cell"):
                    continue
                times = _times(cell, f"{table}number-columns-repeated")
                if cell.tag.endswith("covered-table-cell"):  # by a merged one
                    place += times
                    continue
                shown = "\n".join(_words(part, text) for part in cell.findall(f"{text}p"))
                kind = cell.get(f"{office}value-type")
                if kind or shown:
                    limit(line + 1, place + times, f"sheet {grid.sheet!r}")  # before the cells are made
                    cells += [None] * (place - len(cells)) + [_value(cell, kind, shown, office, printed)] * times
                    if told := _broken(kind, shown, cell.get(f"{office}value"), printed):
                        broken |= {place + 1 + n: told for n in range(times)}
                elif cell.get(f"{table}formula"):
                    broken[place + 1] = NO_VALUE
                wide, high = (int(cell.get(f"{table}number-{what}-spanned", 1)) for what in ("columns", "rows"))
                if wide > 1 or high > 1:
                    grid.merged.append((line + 1, place + 1, line + high, place + wide))
                place += times
            times = _times(row, f"{table}number-rows-repeated")
            if cells or broken:
                limit(line + times, len(cells), f"sheet {grid.sheet!r}")
                if (size := size + times * len(cells)) > CELLS:
                    raise DataError(TOO_MANY)
                grid.broken.update({(line + 1 + n, at): told for at, told in broken.items() for n in range(times)})
                grid.rows.extend(list(cells) for _ in range(times))
                grid.lines.extend(range(line + 1, line + times + 1))
                if not shown_row or row.get(f"{table}visibility", "visible") != "visible":
                    grid.hidden.update(("row", n) for n in range(line + 1, line + times + 1))
            line += times
        grids.append(grid)
    return grids


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


def _words(node, text: str) -> str:
    """Return the text of a paragraph, with the spaces and line ends that are elements."""
    told = [node.text or ""]
    for child in node:
        told.append(BLANKS.get(child.tag.removeprefix(text)) or _words(child, text))
        told.append(child.tail or "")
    return "".join(told)


def _times(node, name: str) -> int:
    return max(1, int(node.get(name, 1)))


def _rows_of(node, table: str, shown: bool = True) -> Iterator[tuple]:
    """Yield the rows of a sheet, not those of a table in a cell, and whether their group is shown."""
    for child in node:
        if child.tag == f"{table}table-row":
            yield child, shown
        elif child.tag.removeprefix(table) in ("table-rows", "table-header-rows", "table-row-group"):
            yield from _rows_of(child, table, shown and child.get(f"{table}display") != "false")


def _broken(kind: str | None, shown: str, value: str | None, printed: bool) -> str | None:
    """Return what cannot be read of a cell, or is not what it shows."""
    if shown.startswith(("#", "Err:")):
        return shown
    if kind not in KINDS or (kind in NUMBERS and not _is_number(value)):
        return f"a value of the kind {kind!r} that is no number"
    if printed or kind not in NUMBERS:
        return None
    if kind == "percentage":
        return PERCENTAGE
    if BESIDE.sub("", re.sub(r"\d[eE]|[\d\N{MINUS SIGN}'’]", "", shown).casefold()):
        return f"a number shown as {shown!r}, with more than its digits; write that in the heading"
    return None


def _is_number(text: str | None) -> bool:
    try:
        return text is not None and math.isfinite(float(text))
    except ValueError:
        return False


def _value(cell, kind: str | None, shown: str, office: str, printed: bool):
    if printed or kind in (None, "string"):
        return shown
    if kind == "boolean":
        return cell.get(f"{office}boolean-value") == "true"
    if kind == "date":
        return dt.date.fromisoformat(cell.get(f"{office}date-value")[:10])
    return float(cell.get(f"{office}value")) if _is_number(cell.get(f"{office}value")) else None
