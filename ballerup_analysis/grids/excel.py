"""Excel workbooks as grids: the sheets, what is broken, hidden and merged in them, and what a number format shows."""

from __future__ import annotations

import dataclasses
import math
import re
from xml.etree import ElementTree

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.archive import DAMAGED, repack
from ballerup_analysis.grids.beside import MOST, Linked
from ballerup_analysis.grids.conditions import Conditions, Formats
from ballerup_analysis.grids.excel_sheet import VOLATILE_CALL, meet
from ballerup_analysis.grids.formats import danish, decimals_by_look, looks_of, shown_otherwise
from ballerup_analysis.grids.grid import (
    BY_CONDITION,
    CELLS,
    TOO_MANY,
    VOLATILE,
    YES,
    Grid,
    Left,
    Old,
)
from ballerup_analysis.grids.looks import NO, Looks, Runs, lengths, texts_of

SHEETS = 50
CHOICE = re.compile(rb"<(?:\w+:)?AlternateContent\b")
WRITTEN_ODDLY = re.compile(
    rb"<(?:\w+:)?workbookPr\b[^<>]*&"
)  # of which the readers of dates may see another than is meant
# Of a workbook, or of a sheet, whose formulas were not computed, or not anew, when it was saved.
STALE = {"fullCalcOnLoad": YES, "forceFullCalc": YES, "calcCompleted": NO}


def grids_of(parts: dict[str, bytes], name: str, printed: bool) -> list[Grid]:
    """Return the visible sheets of an unpacked workbook."""
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    places, is_computed = _sheets(parts)
    if len(places) > SHEETS:
        raise DataError(f"has {len(places)} sheets; at most {SHEETS} are read")
    texts, forms, looks = texts_of(parts), looks_of(parts), Looks(parts)
    left = Left(lengths(texts))
    runs = Runs(looks, texts, left)
    told = {at: why for at, why in shown_otherwise(forms).items() if not printed or at[1] == "@"}  # a text of any
    odd = runs.odd | looks.unseen() | told
    decimals = {} if printed else decimals_by_look(forms)
    scans = {s: meet(parts[p], s, odd, is_computed, left, decimals, runs) for s, p in places.items() if p in parts}
    if sum(one.size for one in scans.values()) > CELLS:
        raise DataError(TOO_MANY)
    volatile = next((one.volatile for one in scans.values() if one.volatile), "")
    if volatile or VOLATILE_CALL.search(parts["xl/workbook.xml"].decode()):
        for one in scans.values():
            one.broken |= dict.fromkeys(one.formulas, Old(VOLATILE.format(volatile)))
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
        rows = [[_read(cell) for cell in row] for row in rows]
        rows += [[] for _ in range(len(rows), max((line for line, _ in met.broken), default=0))]  # all broken
        rules = formats.rules(met.gathered("conditionalFormatting")) | formats.of_styles(linked.tables(part))
        for line, at in conditions.broken(rules, met.looks):
            if line <= len(rows) and at <= len(rows[line - 1]) and rows[line - 1][at - 1] is not None:
                met.broken.setdefault((line, at), BY_CONDITION)
        grid = Grid(
            name, sheet.name, rows, list(range(1, len(rows) + 1)), *met.told(), linked.comments(part), met.formulas
        )
        if looks.indents:
            grid.indented.update(
                ((line, at), looks.indents[look])
                for line, row in met.looks.items()
                for at, look in row.items()
                if look in looks.indents
            )
        grids.append(dataclasses.replace(grid, beside=(*met.said(), *linked.drawn(part))[:MOST]))
    return [_shown(grid, scans[grid.sheet].looks, forms) for grid in grids] if printed else grids


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
    if WRITTEN_ODDLY.search(parts["xl/workbook.xml"]):
        raise DataError(DAMAGED.format("properties that are not written as Excel writes them"))
    choice = next(
        (part for part in ("xl/styles.xml", "xl/sharedStrings.xml") if CHOICE.search(parts.get(part, b""))), None
    )
    if choice:
        raise DataError(DAMAGED.format(f"{choice!r} may be read in two ways"))
    is_computed = not any(_is_stale(node) for node in book.iter())
    return {node.get("name"): targets.get(one) for node, one in zip(nodes, ids, strict=True)}, is_computed


def _read(cell):
    """Return what a cell holds; what is no number, though the workbook calls it one, as a text."""
    if isinstance(cell, float) and not math.isfinite(cell):
        return str(cell)
    return None if cell == "" else cell


def _is_stale(node: ElementTree.Element) -> bool:
    """Tell whether this says that formulas may have old values; one computed by hand is computed when it is saved."""
    by_hand = node.get("calcMode") == "manual" and node.get("calcOnSave") in NO
    return by_hand or any(node.get(key) in told for key, told in STALE.items())


def _shown(grid: Grid, looks: dict[int, dict[int, str]], forms: dict[str, str]) -> Grid:
    """Return the grid with numbers as their formats show them; one that is shown otherwise is broken."""
    rows = []
    for line, row in zip(grid.lines, grid.rows, strict=True):
        rows.append([])
        for place, cell in enumerate(row, start=1):
            shown = cell
            if cell is not None and not isinstance(cell, str):
                form = forms.get(looks[line][place], "General")
                shown = danish(cell, form)
                if shown is None:
                    grid.broken[line, place] = f"a number shown by the format {form!r}; show its digits"
            rows[-1].append(None if shown == "" else shown)
    return dataclasses.replace(grid, rows=rows, thousandths={})
