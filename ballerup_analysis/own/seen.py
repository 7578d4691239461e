"""Which cells of an own file that are read a person does not see as they are: merged, hidden, or headings that are broken; and which are too long."""

from __future__ import annotations

from collections.abc import Iterator

from ballerup_analysis.grids.grid import COLUMNS, RAISED, Grid, filled, letters
from ballerup_analysis.own.forms import LONGEST, in_quotes, tells_unit
from ballerup_analysis.own.heads import Head


def unseen_faults(grid: Grid, head: Head, lines: set[int]) -> Iterator[tuple[int, int | None, str]]:
    """Tell the cells among those read, the ``lines`` of the file, that are not seen as they are: line, place, what is right."""
    first, used = grid.lines[head.row], head.used
    above = [*zip(grid.lines[: head.row], map(filled, grid.rows), strict=False)]  # what stands there may tell a unit
    rows, headed = lines | {line for line, places in above if places}, grid.rows[head.row]
    columns = used.union(*(places for _, places in above), (p for p in filled(headed) if tells_unit(headed[p])))
    for top, left, low, right in grid.merged:
        met = used & set(range(left - 1, min(right, COLUMNS)))
        if top <= first <= low or (met and any(top <= line <= low for line in lines)):
            corners = f"{letters(left)}{top}:{letters(right)}{low}"
            yield top, left - 1, f"the cells {corners} are merged; unmerge them, one heading a column"
    for what, place in sorted(grid.hidden):
        if what == "row" and place in rows:
            yield place, None, "the row is hidden; show it or delete it"
        elif what == "column" and place - 1 in columns:
            yield first, place - 1, "the column is hidden; show it or delete it"
    for place in filled(grid.rows[head.row]):  # a mark at a year makes another heading of it
        told = grid.broken.get((first, place + 1), "")
        if told and (place in used or told == RAISED):
            yield first, place, f"here stands {told}"


def long_faults(grid: Grid) -> Iterator[tuple[int, int, str]]:
    """Tell the cells that hold more letters than are looked through: row, place and what is right."""
    for at, row in enumerate(grid.rows):
        for place in (p for p, cell in enumerate(row) if isinstance(cell, str) and len(cell) > LONGEST):
            yield at, place, f"{in_quotes(row[place])} has {len(row[place])} letters; say it in {LONGEST}"
