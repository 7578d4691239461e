"""Years of an own file that may be of another status: what is spent so far is called accounts too, a follow-up BO2 as an estimate is."""

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
NUMBERED = re.compile(r"\bbo ?([1-4])\b")  # the estimate of one to four years after the budget, or a follow-up on it


def year_faults(
    kind: str, grid: Grid, head: Head, table: pd.DataFrame, unsure: pd.DataFrame
) -> Iterator[tuple[int, int, str]]:
    """Tell years whose status may be another: row, place, what is right.

    ``unsure`` are the rows of the table of which the file does not say that they are right as they stand.
    """
    yield from _closed(kind, grid, head, unsure)
    if kind == "budget":
        yield from _estimates(grid, head, table)


def _closed(kind: str, grid: Grid, head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Tell accounts of a year that is not over, or of one later than any known that is called what is spent."""
    if kind not in ("budget", "accounts"):
        return
    last = int(sources.load("regk31")["year"].max())
    table = table[table["year"] > last]
    closed = table[table["status"] == "R"] if kind == "budget" else table
    month = str(sources.load("jobindsats_monthly")["month"].max()) if len(closed) else ""
    for at, place, year in _places(head, closed):
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


def _estimates(grid: Grid, head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Tell estimates numbered as follow-ups are, unless they follow a budget of the file, or each other, as estimates do."""
    told = []
    for at, place, year in _places(head, table[table["status"] == "BO"]):
        numbers = [(text, one[1]) for text in _called(grid, head, at, place) if (one := NUMBERED.search(plain(text)))]
        told += [(at, place, year, text, year - int(number)) for text, number in numbers]
    budgets = {year for year, status in zip(table["year"], table["status"], strict=True) if status in ("B", "K")}
    base, years = {one[4] for one in told}, {one[2] for one in told}
    if not told or (len(base) == 1 and not years & budgets and (base <= budgets or len(years) > 1)):
        return
    at, place, year, text, _ = told[0]
    right = f"write BO{year} if it is an estimate, F{year} if it is a follow-up on the budget"
    yield at, place, f"{in_quotes(text)} may be either; {right}"


def _places(head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, int]]:
    """Yield where the years of some rows are told: row, place, year; of years across each once."""
    if head.years:
        there = {*zip(table["year"], table["status"], strict=True)}
        yield from ((head.row, place, told[0]) for place, told in head.years.items() if told in there)
    else:
        yield from zip(table["at"], [head.places["year"]] * len(table), table["year"], strict=True)


def _called(grid: Grid, head: Head, at: int, place: int) -> list[str]:
    """Return what the figures of a year are called: in its heading and above it, or in the row's year and status."""
    if head.years:
        over = ((row, across(grid, row, [place]).get(place)) for row in range(head.row + 1))
        cells = [grid.rows[row][first] for row, first in over if first is not None]
    else:
        places = (head.places[one] for one in ("year", "status") if one in head.places)
        cells = [grid.rows[at][one] for one in places if one < len(grid.rows[at])]
    return [str(whole(cell)) for cell in cells]
