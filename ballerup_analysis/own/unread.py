"""What stands in an own file and is not read: it is told wherever the figures are used, as it may say that they are something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ballerup_analysis.files import printable
from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.amounts import as_shown
from ballerup_analysis.own.forms import whole
from ballerup_analysis.own.names import is_figure, is_inside
from ballerup_analysis.words import quote, words

LONG, MOST = 80, 200  # characters of a text, and texts of a file
OF_COLUMN, SAID = 3, 12  # texts that are told of a column, and places that are said


@dataclass(frozen=True)
class Unread:
    """A text that is not read.

    Parameters
    ----------
    kind : str
        What it stands in: cell, column, comment, sheet, or what a sheet has beside its cells, as a text box or a header.
    place : str
        The cell (B3; in a text file 3:2, line and column) or the column; nothing of what has no address.
    text : str
        What stands there, of a column its heading and some of its cells.
    """

    kind: str
    place: str
    text: str


def unread_of(
    grid: Grid, row: int, used: set[int], read: set[int], parts: set[int], sheets: Iterable[str]
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
    read, parts : set of int
        The rows that are read or held against what is, and those that are parts of the line above.
    sheets : iterable of str
        The other sheets of the file that a person sees.
    """
    found = [*_cells(grid, row, used, read, parts), *_columns(grid, row, used, read)]
    found += [Unread("comment", _address(grid, *at), "") for at in sorted(grid.comments)]
    found += [Unread(kind, "", _short(text)) for kind, text in grid.beside]
    return tuple((*found, *(Unread("sheet", "", _short(name)) for name in sheets))[:MOST])


def _cells(grid: Grid, row: int, used: set[int], read: set[int], parts: set[int]) -> Iterator[Unread]:
    """Yield the cells above, below and between the rows that are read, and beside them under no heading."""
    headed = used | {*filled(grid.rows[row])}
    for at, cells in enumerate(grid.rows):
        for place in filled(cells) if at != row else ():
            is_read = at in read or (at in parts and _is_told(cells[place]))
            if not (is_read and place in headed):
                yield Unread("cell", _address(grid, grid.lines[at], place + 1), _short(as_shown(whole(cells[place]))))


def _address(grid: Grid, line: int, place: int) -> str:
    """Return what a cell is called: B3; in a text file 3:2, its line and column."""
    column = grid.column(place)
    return f"{column}{line}" if grid.sheet else f"{line}:{column}"


def _is_told(cell) -> bool:
    """Tell whether a cell of a row that is a part of another is what makes it one, or a figure of it."""
    return not isinstance(cell, str) or is_figure(cell) or is_inside(cell)


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
    text = " ".join(printable(text).split())
    return text if len(text) <= LONG else text[: LONG - 1] + "…"


def said(some: Sequence[Unread], language: str = "en") -> str:
    """Say what a file holds unread, the first dozen places; nothing where it holds nothing.

    Examples
    --------
    >>> said([Unread("cell", "A1", "Beløb i mio. kr."), Unread("picture", "", "")])
    'The file also holds, unread: »Beløb i mio. kr.« (cell A1); picture.'
    """
    if not some:
        return ""
    told = words("unread", language)
    where = [told[one.kind].format(one.place) for one in some[:SAID]]
    texts = [f"{quote(one.text)} ({at})" if one.text else at for one, at in zip(some, where, strict=False)]
    more = [told["more"].format(len(some) - SAID)] if len(some) > SAID else []
    return told["lead"].format("; ".join(texts + more))
