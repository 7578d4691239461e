"""Accounts of a year that may not be over: what is spent so far is called accounts too."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from ballerup_analysis import sources
from ballerup_analysis.grids.grid import Grid
from ballerup_analysis.own.forms import in_quotes, plain, whole
from ballerup_analysis.own.heads import Head
from ballerup_analysis.own.kinds import SURE
from ballerup_analysis.own.titles import across

SO_FAR = re.compile(r"\b(?:realiser|forbrug)")


def closed_faults(kind: str, grid: Grid, head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Tell accounts of a year that is not over, or of one later than any known that is called what is spent: row, place, what is right.

    ``table`` holds the rows of which the file does not say that they are right as they stand.
    """
    if kind not in ("budget", "accounts"):
        return
    last, month = int(sources.load("regk31")["year"].max()), str(sources.load("jobindsats_monthly")["month"].max())
    table = table[table["year"] > last]
    closed = table[table["status"] == "R"] if kind == "budget" else table
    if head.years:
        told = ((head.row, place, year) for place, (year, status) in head.years.items() if status == "R")
        told = [one for one in told if one[2] in set(closed["year"])]
    else:
        told = zip(closed["at"], [head.places["year"]] * len(closed), closed["year"], strict=True)
    for at, place, year in told:
        so_far = [text for text in _called(grid, head, at, place) if SO_FAR.search(plain(text))]
        if year >= int(month[:4]):
            yield (
                at,
                place,
                f"{year} is not over in the newest counts, of {month}; this may be what is spent so far{SURE}",
            )
        elif so_far:
            right = f"may be what is spent so far, as the last accounts known are those of {last}"
            yield at, place, f"{in_quotes(so_far[0])} {right}; write R{year} if the year is closed"


def _called(grid: Grid, head: Head, at: int, place: int) -> list[str]:
    """Return what the figures of a year are called: in its heading and above it, or in the row's year and status."""
    if head.years:
        over = ((row, across(grid, row, [place]).get(place)) for row in range(head.row + 1))
        cells = [grid.rows[row][first] for row, first in over if first is not None]
    else:
        places = (head.places[one] for one in ("year", "status") if one in head.places)
        cells = [grid.rows[at][one] for one in places if one < len(grid.rows[at])]
    return [str(whole(cell)) for cell in cells]
