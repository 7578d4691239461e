"""Empty workbooks for the analyst's own figures."""

from __future__ import annotations

import io
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from ballerup_analysis import own, sources
from ballerup_analysis.files import DataError, write_aside
from ballerup_analysis.grids.grid import letters

CONTROL = "Skriv summen fra jeres eget system i en række for hvert år (og hver kommune): linjerne holdes op mod den, og tal, som ingen total dækker, mærkes »ikke afstemt«"


def write(kind: str, path: Path | None = None) -> Path:
    """Write an empty workbook with the columns of a kind, and a second sheet that explains them.

    Parameters
    ----------
    kind : str
        accounts, persons, budget or observations.
    path : pathlib.Path, optional
        ``accounts.xlsx`` in the folder of own files unless given; a file that is there already is not touched.
    """
    path = path or (own.folder() or sources.DATA / "local") / f"{own.known(kind)}.xlsx"
    if path.exists():
        raise DataError(f"{path} is there already; move it away or name another file")
    if path.suffix.lower() != ".xlsx":
        raise DataError(f"{path}: a template is an Excel workbook; name it .xlsx")
    book = Workbook()
    sheet, guide = book.active, book.create_sheet("Vejledning")
    sheet.title, sheet.freeze_panes = kind, "A2"
    guide.append(["Kolonne", "Hvad der står i den", "Eksempel"])
    columns = own.KINDS[kind]["columns"]
    unit = columns.get("unit", {"example": "kr."})["example"]
    for place, spec in enumerate(columns.values(), start=1):
        danish_head = spec["heads"][1] + (f" ({unit})" if spec.get("unit") else "")
        sheet.cell(1, place, danish_head).font = Font(bold=True)
        sheet.column_dimensions[letters(place)].width = 24
        if spec["form"] in ("code", "observed", "period"):  # or Excel makes 5.10 a date
            for row in range(2, 202):
                sheet.cell(row, place).number_format = "@"
        guide.append([danish_head, spec["about"], spec["example"]])
    if any(spec["form"] == "number" for spec in columns.values()):
        key = own.KINDS[kind]["key"]
        told = ((c, columns[c]["example"]) for c in key if c != "status")
        guide.append(
            ["Rækken I alt", CONTROL, "; ".join("I alt" if c in ("line", "benefit") else one for c, one in told)]
        )
    for row in guide.iter_rows():
        for cell in row:
            cell.number_format, cell.alignment = "@", Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABC", (26, 60, 20), strict=True):
        guide[f"{letter}1"].font, guide.column_dimensions[letter].width = Font(bold=True), width
    held = io.BytesIO()
    book.save(held)
    write_aside(path, held.getvalue())
    return path
