"""Control totals: whether the rows of an own file come to the totals that stand among them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis import danish
from ballerup_analysis.own.sums import step_of

# What is called so is of all there is, or of its section; any other name tells of what.
WHOLE = re.compile(r"(?:alt )?i ?alt|(?:hoved ?)?total|sum|samlet|tilsammen")
MOST = 20_000_000  # comparisons of a row with a total; of more none are made, and no total covers anything
COARSE = 0.02  # of the amounts: what may hide in more rounding than that is not covered, unless it agrees to the digit
EXACT = 1e-6
ROUNDED = 1e-3  # of an amount, the most that is taken for the rounding that its last noughts show


@dataclass(frozen=True)
class Control:
    """What the totals of a column show.

    Parameters
    ----------
    covered : set
        The index of the rows that a total comes to.
    off : list of tuple
        Each total that nothing comes to: its position among the totals, what it tells, and the sum nearest to it.
    """

    covered: set
    off: list[tuple[int, float, float]]


def control(rows: pd.DataFrame, totals: pd.DataFrame, amount: str, keys: list[str], breaks=()) -> Control:
    """Hold the totals of a column against the rows that are read.

    A total is of the rows with the keys it tells, of all years where it tells no year. It agrees with all of them, with
    those of its section, or, where its name tells of what ("Forsørgelse i alt"), with any right above or below it.

    Parameters
    ----------
    rows, totals : pandas.DataFrame
        ``at`` (place in the file), the amount as typed, and the keys; None where a total does not tell one. Of totals
        the name.
    amount : str
        The column.
    keys : list of str
        Those that tell rows of one total from those of another.
    breaks : list of int
        Where a section ends: places of totals and headings.

    Examples
    --------
    >>> rows = pd.DataFrame({"at": [1, 2, 4], "year": 2027, "kr": [60.4, 30.4, 5.0]})
    >>> totals = pd.DataFrame({"at": [3, 5], "name": ["A i alt", "I alt"], "year": [2027, None], "kr": [90.8, 99.8]})
    >>> control(rows, totals, "kr", ["year"])
    Control(covered={0, 1}, off=[(1, 99.8, 95.8)])
    """
    covered, off = set(), []
    if len(rows) * len(totals) > MOST:
        return Control(covered, off)
    rows = rows.dropna(subset=amount).sort_values("at", kind="stable")
    told_by_all = totals.astype({amount: float}).to_dict("records")  # what could not be read of all of them is None
    for i, one in zip(totals.index, told_by_all, strict=True):
        told = [key for key in keys if pd.notna(one[key])]
        some = rows[(rows[told] == [one[key] for key in told]).all(axis=1)]
        if not len(some) or np.isnan(one[amount]):
            continue
        amounts = some[amount].to_numpy(float)
        place, *ends = np.searchsorted(some["at"], [one["at"], *breaks]).tolist()
        whole = WHOLE.fullmatch(one["name"].strip(" :*").casefold())
        ends = _runs(len(some), place, ends if whole else range(len(some)))
        sums = np.diff(np.concatenate([[0.0], amounts.cumsum()])[ends])[:, 0]
        gaps = np.abs(sums - one[amount])
        far = _rounding(amounts, one[amount], np.diff(ends)[:, 0])
        ties = np.flatnonzero(gaps <= far)
        if len(ties):
            run = max(ties, key=lambda run: ends[run, 1] - ends[run, 0])
            first, last = ends[run]
            sharp = min(far[run], gaps[run] / EXACT) <= COARSE * np.abs(amounts[first:last]).sum()
            covered.update(some.index[first:last] if sharp else ())
        else:
            off.append((i, one[amount], float(sums[gaps.argmin()])))
    return Control(covered, off)


def off(name: str, told: float, nearest: float) -> str:
    """Say what a total tells that no lines come to, with as many decimals as the figures have.

    Examples
    --------
    >>> off("I alt", 95.5, 185.25)[:76]
    "'I alt' tells 95,50, the lines come to 185,25, which is 89,75 off; mend a li"
    """
    decimals = max(0, round(-math.log10(step_of(np.array([told, nearest])))))
    told, nearest, gap = (danish.number(one, decimals) for one in (told, nearest, abs(nearest - told)))
    right = "mend a line that is left out, stands twice or has the wrong sign, or take the total out"
    return f"{name!r} tells {told}, the lines come to {nearest}, which is {gap} off; {right}"


def _runs(size: int, place: int, ends: Iterable[int]) -> np.ndarray:
    """Return first and last (exclusive) of all rows, and of those from a place to each of some ends above or below it.

    Examples
    --------
    >>> _runs(4, 2, [1, 3]).tolist()
    [[0, 2], [0, 4], [1, 2], [2, 3], [2, 4]]
    """
    runs = (sorted((place, end)) for end in {0, size, *ends} - {place})
    return np.array(sorted({(0, size), *map(tuple, runs)}))


def _rounding(amounts: np.ndarray, total: float, terms: np.ndarray) -> np.ndarray:
    """Return how far sums of so many amounts may be from a total, as all are rounded.

    Examples
    --------
    >>> _rounding(np.array([10.4, 20.3]), 30.8, np.array([1, 2])).round(3)
    array([0.1 , 0.15])
    """
    step, own, far = step_of(amounts), step_of(np.array([total])), np.abs(amounts).sum()
    each = np.minimum(terms / 2, np.sqrt(terms))
    lines = np.maximum(each * min(step, 1.0), np.minimum(each * step, far * ROUNDED))
    return lines + max(min(step, 1.0) / 2, min(own / 2, abs(total) * ROUNDED)) + far * 1e-9
