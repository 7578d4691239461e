"""What the sign of an amount is: a cost is positive and income negative, or the file is asked."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.forms import in_quotes, named, plain, whole
from ballerup_analysis.own.kinds import SURE, WORDS
from ballerup_analysis.totals import counts_twice

if TYPE_CHECKING:
    from ballerup_analysis.own.heads import Head

INCOME_NAME = re.compile("|".join(WORDS["income_name"]))
NOT_INCOME = re.compile(rf"\b(?:{'|'.join(WORDS['not_income'])})\b")
DRANST = re.compile(WORDS["dranst"])
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
    told, name = set(), named(grid.rows[row][place])[0]
    for cells in grid.rows[row + 1 :]:
        if place < len(cells) and cells[place] is not None:
            if (side := _side(cells[place], name)) not in SIDES:
                return False
            told.add(side)
    # letters may number something: they are sides beside a cost, or under a heading that names both
    return bool(told - {"d", "k"} & {*WORDS["expenditure"]} or told - {"i", "n", "d", "k"} or name in WORDS["sides"])


def _side(cell, heading: str = "") -> str:
    """Return what a cell calls its amount, without a number before it; a number is one of the account plan's own.

    Examples
    --------
    >>> _side("2 Indtægter"), _side("2.0", "dranst"), _side("1 Drift", "dranst")
    ('indtægter', 'i', 'u')
    """
    text = plain(str(cell))
    if DRANST.fullmatch(heading):  # building and loans are neither
        number = re.match(r"0?(\d)", text)
        is_income = number[1] == "2" if number else re.search(r"indtægt|refusion", text)
        return "i" if is_income else "u" if (number and number[1] == "1") or re.search("drift|udgift", text) else "n"
    return re.sub(r"^\d+[ .:-]+", "", text).strip(".")


def sign_faults(kind: str, grid: Grid, head: Head, table: pd.DataFrame, money: str) -> Iterator[tuple[int, str]]:
    """Tell the amounts, by index, that have the sign of the other side, and what is right; ``money`` is their column."""
    row, called = head.row, "line" if kind == "budget" else "benefit"
    beyond = [place for place in filled(grid.rows[row]) if place not in head.used]
    sides = [
        place for place in beyond if named(grid.rows[row][place])[0] in WORDS["arts"] or tells_sides(grid, row, place)
    ]
    headed = {place: named(grid.rows[row][place])[0] for place in sides}
    beside = {at: _income_beside(grid.rows[at], headed) for at in table["at"].unique()}
    rows, amount = table["at"].tolist(), table[money].to_numpy(float)
    if len(table) and not _is_net(grid, head, kind) and not (amount < 0).any():
        for place, name in headed.items():
            told = {
                _side(cell, name)
                for cells in grid.rows[head.first :]
                for cell in cells[place : place + 1]
                if cell is not None
            }
            if (name in WORDS["sides"] or DRANST.fullmatch(name)) and told and told <= {"u", "udgift", "udgifter"}:
                right = "tells expenditure alone; are the amounts net of refund and other income? take the column out if they are"
                yield table.index[0], f"{in_quotes(grid.rows[row][place])} {right}{SURE}"
    names = ["" if pd.isna(name) else name for name in table[called]]
    by_name, below = {name: is_income(name) for name in {*names}}, _below_income(grid, head, head.places[called])
    income = [beside[at] or name * by_name[name] or below[at] for at, name in zip(rows, names, strict=True)]
    is_income_told = np.array([bool(one) for one in income], bool)
    is_cost = ~is_income_told & (amount != 0) & ~np.isnan(amount)
    # by its name alone an amount is of the wrong side only beside one of the other
    is_beside = np.array([bool(beside[at]) for at in rows], bool) | (amount[is_cost] > 0).any()
    asked = np.flatnonzero((amount > 0) & is_beside & is_income_told)
    for n in {rows[n]: n for n in asked[::-1]}.values():
        right = "write it with a minus, or take it off its line's expenditure"
        yield table.index[n], f"{income[n]!r} tells income, which is negative in a net amount; {right}{SURE}"
    if kind == "budget":
        yield from _turned(table, is_cost, amount)


def _is_net(grid: Grid, head: Head, kind: str) -> bool:
    """Tell whether every heading of an amount says that it is net."""
    return all("netto" in plain(str(grid.rows[head.row][head.places.get(one, one)])) for one in head.amounts(kind))


def _below_income(grid: Grid, head: Head, place: int) -> dict[int, str]:
    """Return for each row the title of income it stands below: a row of a name alone, to the next one or to a total."""
    below, title = {}, ""
    for at, cells in enumerate(grid.rows[head.first :], head.first):
        there = [one for one in filled(cells) if one in head.used]
        name = str(cells[place]) if place in there else ""
        if there == [place] or (name and counts_twice(name)):
            # a refund of no amount may be a line like others
            is_title = plain(name).startswith("indtægt") or name.endswith(":")
            title = name if there == [place] and is_income(name.rstrip(" :")) and is_title else ""
        below[at] = title
    return below


def _income_beside(cells: list, sides: dict[int, str]) -> str:
    """Return the cell of a row that says that its amount is income, or nothing."""
    told = (
        (str(whole(cells[place])), name)
        for place, name in sides.items()
        if place < len(cells) and cells[place] is not None
    )
    return next((cell for cell, name in told if _side(cell, name) in WORDS["income"]), "")


def _turned(table: pd.DataFrame, is_cost: np.ndarray, amount: np.ndarray) -> Iterator[tuple[int, str]]:
    """Tell a budget whose costs are all negative, or those of two lines and more in one of its years."""
    right = f"are negative; a cost is positive here and income negative; turn the signs{SURE}"
    costs, by_year = np.flatnonzero(is_cost), defaultdict(list)
    if len(costs) and (amount[costs] < 0).all():
        yield table.index[costs[0]], f"all amounts {right}"
        return
    told = [*zip(table["year"], table["status"], strict=True)]
    for n in costs:
        by_year[told[n]].append(n)
    for (year, status), some in by_year.items():
        if len(some) > 1 and (amount[some] < 0).all():
            yield table.index[some[0]], f"all amounts of {status}{year} {right}"
