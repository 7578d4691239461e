"""The rest of a sheet: what a person sees there beside what is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.amounts import as_shown
from ballerup_analysis.own.forms import ALONE, FORMS, attempt, named, whole
from ballerup_analysis.own.kinds import KINDS
from ballerup_analysis.own.names import is_figure, is_inside, is_sum
from ballerup_analysis.own.unread import Unread, short

if TYPE_CHECKING:
    from ballerup_analysis.own.heads import Head

OF_COLUMN, PLACES = 20, 10  # texts of a column, and places of comments, that are told


def unread_of(
    kind: str, grid: Grid, head: Head, read: set[int], sums: set[int], sheets: Iterable[str]
) -> tuple[Unread, ...]:
    """Return what is not read of a sheet.

    Parameters
    ----------
    kind : str
        Of the file.
    grid, head : Grid, Head
        The sheet and its headings.
    read, sums : set of int
        The rows that are read, and those whose figures are told as sums or parts of others.
    sheets : iterable of str
        The other sheets of the file that a person sees.
    """
    computed = sorted((line, place) for line, place in grid.formulas if place - 1 in head.used)
    found = [Unread("formula", _address(grid, *at), "") for at in computed[:1]]
    headed, above = head.used | {*filled(grid.rows[head.row])}, range(head.row, head.first)
    form = {place: KINDS[kind]["columns"][column]["form"] for column, place in head.places.items()}
    for at, cells in enumerate(grid.rows):
        told = headed if at in read or at in sums or at in above else set()
        for place in filled(cells):
            is_plain = place in told and (place not in form or at in read)
            if not is_plain and (place not in told or _says_more(kind, cells[place], form[place], at in above)):
                address = _address(grid, grid.lines[at], place + 1)
                found.append(Unread("cell", address, short(as_shown(whole(cells[place])))))
    # what may say the most comes first, as the first alone are said everywhere
    beside = [Unread(what, "", short(text)) for what, text in grid.beside]
    found += [one for one in beside if one.text]
    found += _columns(grid, head.row, head.used, read | sums)
    comments = [_address(grid, *at) for at in sorted(grid.comments)]
    more = f" (+{len(comments) - PLACES})" * (len(comments) > PLACES)
    found += [Unread("comment", ", ".join(comments[:PLACES]) + more, "")] if comments else []
    found += [Unread("sheet", "", short(name)) for name in sheets]
    return (*found, *(one for one in beside if not one.text))


def _says_more(kind: str, cell, form: str, is_heading: bool) -> bool:
    """Tell whether a heading, or a cell beside a total, says more than is read of it."""
    if not is_heading:
        return says_more(cell, form)
    name = named(cell)[0]
    called = (name in (*one["heads"], *one.get("also", ())) for one in KINDS[kind]["columns"].values())
    return not (any(called) or ALONE.fullmatch(name))


def says_more(cell, form: str) -> bool:
    """Tell whether a cell beside a total says something that is not understood.

    Examples
    --------
    >>> says_more("1. halvår", "year"), says_more("I alt", "year"), says_more("2026", "year"), says_more(None, "year")
    (True, False, False, False)
    """
    if not isinstance(cell, str) or is_sum(cell) or is_inside(cell) or is_figure(cell):
        return False
    return form == "text" or attempt(FORMS[form], cell) is None


def is_unclear(kind: str, cells: list, head: Head) -> bool:
    """Tell whether a total's row tells an area, a time or a status that is not understood: it is not known of what it is."""
    columns = KINDS[kind]["columns"]
    told = ((cells[place], columns[column]["form"]) for column, place in head.places.items() if place < len(cells))
    return any(says_more(cell, form) for cell, form in told if form not in ("text", "number"))


def _address(grid: Grid, line: int, place: int) -> str:
    """Return what a cell is called: B3; in a text file 3:2, its line and column."""
    column = grid.column(place)
    return f"{column}{line}" if grid.sheet else f"{line}:{column}"


def _columns(grid: Grid, row: int, used: set[int], read: set[int]) -> Iterator[Unread]:
    """Yield the columns that have a heading and are not read, with what stands in the rows that are."""
    for place in filled(grid.rows[row]):
        if place not in used:
            cells = (grid.rows[at][place] for at in sorted(read) if place < len(grid.rows[at]))
            texts = [*dict.fromkeys(as_shown(whole(cell)) for cell in cells if cell is not None)]
            more = f" (+{len(texts) - OF_COLUMN})" if len(texts) > OF_COLUMN else ""
            text = ": ".join(filter(None, (str(grid.rows[row][place]), ", ".join(texts[:OF_COLUMN]) + more)))
            yield Unread("column", grid.column(place + 1), short(text))
