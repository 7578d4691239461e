"""What the sign of an amount is: a cost is positive and income negative, or the file is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.forms import named, plain
from ballerup_analysis.own.kinds import SURE, WORDS
from ballerup_analysis.totals import counts_twice

if TYPE_CHECKING:
    from ballerup_analysis.own.heads import Head

INCOME_NAME, NOT_INCOME = re.compile("|".join(WORDS["income_name"])), re.compile(WORDS["not_income"])
SIDES = {*WORDS["expenditure"], *WORDS["income"], *WORDS["net"]}


def is_income(name: str) -> bool:
    """Tell whether a line's name says that it is income alone.

    Examples
    --------
    >>> [is_income(name) for name in ("Sygedagpenge, refusion", "Indtægter", "Sygedagpenge med 50 pct. refusion")]
    [True, True, False]
    """
    text = plain(name)
    return INCOME_NAME.search(text) is not None and not NOT_INCOME.search(text)


def tells_sides(grid: Grid, row: int, place: int) -> bool:
    """Tell whether a column below a row says of each amount whether it is a cost or income, and nothing else."""
    told = set()
    for cells in grid.rows[row + 1 :]:
        if place < len(cells) and cells[place] is not None:
            if (side := _side(cells[place])) not in SIDES:
                return False
            told.add(side)
    # letters may number something: they are sides beside a cost, or under a heading that names both
    return bool(
        told - {"d", "k"} & {*WORDS["expenditure"]}
        or told - {"i", "n", "d", "k"}
        or named(grid.rows[row][place])[0] in WORDS["sides"]
    )


def _side(cell) -> str:
    """Return what a cell calls its amount, without a number before it."""
    return re.sub(r"^\d+[ .:-]+", "", plain(str(cell))).strip(".")


def sign_faults(kind: str, grid: Grid, head: Head, table: pd.DataFrame, money: str) -> Iterator[tuple[int, str]]:
    """Tell the amounts, by index, that have the sign of the other side, and what is right; ``money`` is their column."""
    row, called = head.row, "line" if kind == "budget" else "benefit"
    beyond = [place for place in filled(grid.rows[row]) if place not in head.used]
    sides = [
        place for place in beyond if named(grid.rows[row][place])[0] in WORDS["arts"] or tells_sides(grid, row, place)
    ]
    beside = {at: _income_beside(grid.rows[at], sides) for at in table["at"].unique()}
    names, amount = table[called], table[money].astype(float)
    by_name = {name for name in names.dropna().unique() if is_income(name)}
    below = _below_income(grid, head, head.places[called])
    told = [
        beside[at] or name * (name in by_name) or below[at]
        for at, name in zip(table["at"], names.fillna(""), strict=True)
    ]
    income = pd.Series(told, table.index, dtype=object)
    costs = table.assign(amount=amount)[income.eq("") & amount.ne(0) & amount.notna()]
    # by its name alone an amount is of the wrong side only beside one of the other
    asked = amount.gt(0) & (table["at"].map(beside).ne("") | (income.ne("") & costs["amount"].gt(0).any()))
    for i in table[asked].drop_duplicates("at").index:
        right = "write it with a minus, or take it off its line's expenditure"
        yield i, f"{income[i]!r} tells income, which is negative in a net amount; {right}{SURE}"
    if kind == "budget":
        yield from _turned(costs)


def _below_income(grid: Grid, head: Head, place: int) -> dict[int, str]:
    """Return for each row the title of income it stands below: a row of a name alone, to the next one or to a total."""
    below, title = {}, ""
    for at, cells in enumerate(grid.rows[head.first :], head.first):
        there = [one for one in filled(cells) if one in head.used]
        name = str(cells[place]) if place in there else ""
        if there == [place] or (name and counts_twice(name)):
            # a refund of no amount may be a line like others
            title = name if there == [place] and is_income(name) and plain(name).startswith("indtægt") else ""
        below[at] = title
    return below


def _income_beside(cells: list, sides: list[int]) -> str:
    """Return the cell of a row that says that its amount is income, or nothing."""
    told = (str(cells[place]) for place in sides if place < len(cells) and cells[place] is not None)
    return next((cell for cell in told if _side(cell) in WORDS["income"]), "")


def _turned(costs: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Tell a budget whose costs are all negative, or those of two lines and more in one of its years."""
    right = f"are negative; a cost is positive here and income negative; turn the signs{SURE}"
    if len(costs) and costs["amount"].lt(0).all():
        yield costs.index[0], f"all amounts {right}"
        return
    for (year, status), some in costs.groupby(["year", "status"]):
        if len(some) > 1 and some["amount"].lt(0).all():
            yield some.index[0], f"all amounts of {status}{year} {right}"
