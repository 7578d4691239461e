"""Which prices an own file says that its amounts are told in: they are read in those of their year."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ballerup_analysis.grids.grid import Grid
from ballerup_analysis.own.forms import LEVEL, in_quotes, named, plain
from ballerup_analysis.own.kinds import WORDS
from ballerup_analysis.own.titles import anchors

if TYPE_CHECKING:
    from ballerup_analysis.own.heads import Head

CURRENT = re.compile(WORDS["current"])
BARE_YEAR = re.compile(r"b? ?(?:20)?(2\d)")  # a percentage is less
# From one year's prices to another's: in two numbers, or in words on either side of the other.
TO_LAST = re.compile(r"(?<!\d)(?:20)?\d\d ?(?:[-–/]|til) ?((?:20)?\d\d)(?![\d.,]|-p| p/l)")
OLD = r"(?:20)?\d\d-?(?:pl|p/l|priser|niveau)"
FROM = re.compile(rf"\bfra {OLD}(?= til)|\b{OLD}(?= (?:er )?(?:fremskrevet|omregnet|opregnet|reguleret) til)")
TO_FROM = re.compile(rf"(\btil {OLD}) fra {OLD}")
WRONG = {
    "accounts": "prices of another year than the accounts; write what was spent in the year",
    "budget": "amounts are read in the prices of their year, estimates in those of the budget; write them so",
}


def price_levels(grid: Grid, row: int, heads: set[int]) -> Iterator[tuple[int, int | None, float]]:
    """Return where a price level is told: row, place (None: the sheet's name) and year, NaN where it is not told.

    Of the headings those of ``heads`` tell it; a column called by the level may hold the year alone.
    """
    names = [named(cell)[0] for cell in grid.rows[row]]
    by_year = {place for place, name in enumerate(names) if name in WORDS["level_heads"]}
    for at, cells in ((row, {None: grid.sheet}), *((at, dict(enumerate(cells))) for at, cells in enumerate(grid.rows))):
        for place, cell in cells.items():
            if place in by_year and (year := BARE_YEAR.fullmatch(str(cell).casefold().removesuffix(".0"))):
                yield at, place, 2000 + int(year[1])
            elif isinstance(cell, str) and (at != row or place is None or place in heads):
                for year in _levels(cell):
                    yield at, place, 2000 + year % 100 if year else math.nan


@functools.lru_cache(maxsize=4096)  # most texts stand in many rows
def _levels(text: str) -> tuple[int, ...]:
    """Return the years whose prices a text tells, 0 where it does not tell which; not those that amounts were brought from.

    None beside current prices, which may be those of other columns.

    Examples
    --------
    >>> _levels("PL 2026-27"), _levels("Omregnet fra 26-pl til 27-pl"), _levels("2026-priser, ikke 2027-priser")
    ((27,), (27,), (2026, 2027))
    """
    text = TO_FROM.sub(r"\1", FROM.sub(" ", TO_LAST.sub(r"\1", plain(text))))
    return (
        () if CURRENT.search(text) else tuple(int(told["year"] or told["after"] or 0) for told in LEVEL.finditer(text))
    )


def level_faults(kind: str, grid: Grid, head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int | None, str]]:
    """Tell the price levels that are not those of the years they are told of: row, place and what is right.

    The estimates of a budget may be told in the prices of its year, or of the first, as Danish budgets print them.
    """
    status = table["status"].to_numpy() if kind == "budget" else np.full(len(table), "R")
    years, rows = pd.to_numeric(table["year"]).to_numpy(float), table.groupby("at").indices
    pairs = pd.Series([*zip(table["year"], status, strict=True)], dtype=object)
    is_ahead, is_estimate = status != "R", status == "BO"
    first = min(years[is_ahead], default=math.nan)
    budgets = {*years[is_ahead & ~is_estimate]}
    money = {*head.years} or {head.places[one] for one in head.amounts(kind)}
    for at, place, level in price_levels(grid, head.row, money | head.corners):
        over = anchors(grid, at, head.years)
        told = [year for one, year in head.years.items() if over.get(one) == place]
        of = np.flatnonzero(pairs.isin(told)) if told else rows.get(at, slice(None))
        text = f"the sheet is called {grid.sheet!r}" if place is None else in_quotes(grid.rows[at][place])
        ahead = (is_estimate[of] & (level in budgets)) | (is_ahead[of] & (level == first))
        if not ((years[of] == level) | (ahead & (years[of] > level))).all():
            yield at, place, f"{text}: {WRONG[kind]}"
