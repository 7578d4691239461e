"""What stands in an own file and is not read: it is told wherever the figures are used, as it may say that they are something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.amounts import as_shown
from ballerup_analysis.own.forms import in_short, whole

LONG, MOST = 80, 200  # characters of a text, and texts of a file
OF_COLUMN = 3  # texts that are told of a column


@dataclass(frozen=True)
class Unread:
    """A text that is not read.

    Parameters
    ----------
    kind : str
        What it stands in: cell, column, sheet, or what a sheet has beside its cells, as a text box or a header.
    place : str
        The cell (B3; in a text file 3:2, line and column) or the column; nothing of what has no address.
    text : str
        What stands there, of a column its heading and some of its cells.

    Examples
    --------
    >>> str(Unread("cell", "A1", "Beløb i mio. kr.")), str(Unread("sheet", "", "Noter"))
    ("A1 'Beløb i mio. kr.'", "sheet 'Noter'")
    """

    kind: str
    place: str
    text: str

    def __str__(self) -> str:
        what = {"cell": self.place, "column": f"column {self.place}"}.get(self.kind, self.kind)
        return f"{what} {self.text!r}" if self.text else what


def unread_of(
    grid: Grid, row: int, used: set[int], read: set[int], told: set[int], sheets: Iterable[str]
) -> tuple[Unread, ...]:
    """Return what is not read of a sheet.

    Parameters
    ----------
    grid : Grid
        The sheet.
    row : int
        The place of its headings.
    used : set of int
        The columns that are read.
    read, told : set of int
        The rows that are read, and those whose figures are told as sums or parts of others.
    sheets : iterable of str
        The other sheets of the file that a person sees.
    """
    found = [*_cells(grid, row, used, read | told), *_columns(grid, row, used, read)]
    found += [Unread(kind, "", _short(text)) for kind, text in grid.beside]
    return tuple((*found, *(Unread("sheet", "", _short(name)) for name in sheets))[:MOST])


def _cells(grid: Grid, row: int, used: set[int], read: set[int]) -> Iterator[Unread]:
    """Yield the cells above, below and between the rows that are read, and beside them under no heading."""
    headed = {*filled(grid.rows[row])}
    for at, cells in enumerate(grid.rows):
        for place in filled(cells) if at != row else ():
            if not (at in read and place in used | headed):
                line, column = grid.lines[at], grid.column(place + 1)
                address = f"{column}{line}" if grid.sheet else f"{line}:{column}"
                yield Unread("cell", address, _short(as_shown(whole(cells[place]))))


def _columns(grid: Grid, row: int, used: set[int], read: set[int]) -> Iterator[Unread]:
    """Yield the columns that have a heading and are not read, with what stands in the rows that are."""
    for place in filled(grid.rows[row]):
        if place not in used:
            cells = (grid.rows[at][place] for at in sorted(read) if place < len(grid.rows[at]))
            texts = [*dict.fromkeys(as_shown(whole(cell)) for cell in cells if cell is not None)]
            more = f" (+{len(texts) - OF_COLUMN})" if len(texts) > OF_COLUMN else ""
            text = ": ".join(filter(None, (str(grid.rows[row][place]), ", ".join(texts[:OF_COLUMN]) + more)))
            yield Unread("column", grid.column(place + 1), _short(text))


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONG else text[: LONG - 1] + "…"


def in_a_line(some: tuple[Unread, ...]) -> str:
    """Return what is not read as one text, the first dozen.

    Examples
    --------
    >>> in_a_line((Unread("cell", "A1", "Budget 2026"), Unread("picture", "", "")))
    "A1 'Budget 2026', picture"
    """
    return in_short([str(one) for one in some])
