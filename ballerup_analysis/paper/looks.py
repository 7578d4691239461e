"""How the cells of a workbook look: what makes one unseen, and the formats that come with a condition."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from ballerup_analysis.grids.colours import BLACK, Palette, hexadecimal, is_unseen

SMALLEST = 3  # points: letters below that are dots


def palette_of(book) -> Palette:
    """Return the colours of a workbook as it was read."""
    parts = {"xl/theme/theme1.xml": book.loaded_theme} if book.loaded_theme else {}
    found, own = Palette(parts, ElementTree.Element("styles")), [hexadecimal(str(one)) for one in book._colors]
    found.indexed[: len(own)] = own
    return found


def unseen(sheet, palette: Palette) -> dict[str, str]:
    """Return why the text of a cell is not seen, or seems not to count, by cell; empty cells have none.

    Examples
    --------
    >>> import openpyxl
    >>> book = openpyxl.Workbook()
    >>> book.active["A1"], book.active["B2"] = 1, 2
    >>> book.active["B2"].font = openpyxl.styles.Font(size=1)
    >>> unseen(book.active, palette_of(book))
    {'B2': 'its letters are of 1 point'}
    """
    cells, found = [cell for row in sheet for cell in row if cell.value is not None], {}
    looks = {cell.style_id: cell for cell in cells}  # many cells share a look
    why = {style: _why_unseen(cell, palette) for style, cell in looks.items()}
    for cell in cells:
        if why[cell.style_id]:
            found[cell.coordinate] = why[cell.style_id]
    return found


def _why_unseen(cell, palette: Palette) -> str:
    font = cell.font
    if font.sz is not None and font.sz < SMALLEST:
        return f"its letters are of {font.sz:g} point{'s' * (font.sz != 1)}"
    if font.strike:
        return "it is struck through"
    if cell.alignment.horizontal == "fill":
        return "it is repeated until its cell is full"
    color = palette.color(_tree(font.color), BLACK)
    return "its letters have the colour of the cell" if is_unseen(color, palette.fills(cell.fill.to_tree())) else ""


def conditions(sheet, palette: Palette) -> dict[str, list[tuple]]:
    """Return the formats by condition of a sheet, in one spelling, by range: each rule and its look, the first that counts first.

    A table, whose style is one too, stands by its range.
    """
    return {table.ref: [table.name] for table in sheet.tables.values()} | {
        str(one.sqref): [
            (rule.type, rule.operator, *(re.sub(r"[\s$]", "", text) for text in rule.formula), bool(rule.stopIfTrue), *_look(rule.dxf, palette))
            for rule in sorted(one.rules, key=lambda rule: rule.priority)
        ]
        for one in sheet.conditional_formatting
    }  # fmt: skip


def _look(told, palette: Palette) -> tuple:
    """Return what of a look a condition may change; a program that saves the file leaves out what is usual."""
    if told is None:
        return ()
    font, fill, form = told.font, told.fill, told.numFmt
    letters = font and (
        *map(bool, (font.b, font.i, font.strike, font.u)),
        font.sz,
        palette.color(_tree(font.color), None),
    )
    ground = palette.fills(fill.to_tree()) if fill else ()
    if fill and getattr(fill, "patternType", "gradient") in (
        None,
        "solid",
    ):  # here the colour of a whole cell is the back
        ground = (palette.color(_tree(fill.bgColor), None),)
    return letters, ground, form and form.formatCode


def _tree(color) -> ElementTree.Element | None:
    return None if color is None else color.to_tree("color")
