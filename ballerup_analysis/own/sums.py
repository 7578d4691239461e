"""Which amounts of an own file are the sum of others, whatever they are called."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

import numpy as np
import pandas as pd

MOST_LINES = 500  # looked through for sums among neighbours
FEWER_DIGITS = 1e3  # of an amount that is the sum of all others, as rounded
DIGITS = 1e4  # and of its neighbours, to the last digit
# Of N amounts with D steps from nought about 4 N / D are the sum of neighbours by chance; at most this share of 4 is let
# in, which is a false question in 250 tables. What agrees in several years has as many times fewer chances.
CHANCE = 1e-3


def sums_among(values: pd.Series, names: pd.Series, groups: list[pd.Series]) -> list:
    """Return the index of the amounts that are the sum of others of their group.

    Of all others, as rounded, in more than half of its groups (years, areas), as a total is one in every year, or once with
    digits enough. Or of two or more right above or below, to the last digit, where more agrees than chance has it: the same line is that sum in other
    groups too, or has digits enough for all amounts there are.

    Examples
    --------
    >>> sums_among(pd.Series([5.0, 90_001, 60_001, 30_000, 7]), pd.Series([*"ABCDE"]), [pd.Series(["2027"] * 5)])
    [1]
    """
    found, whole, beside, asked = [], defaultdict(list), defaultdict(list), Counter()
    for _, some in values.groupby(groups):
        amounts = some.to_numpy()
        if not 2 < len(some) <= MOST_LINES or np.isnan(amounts).any():
            continue
        step = _step(amounts)
        asked.update(names[some.index])
        for i in some.index[_of_all(amounts, step)]:
            whole[names[i]].append((i, float(abs(values[i]) / step)))
        for i, end in _of_neighbours(amounts, step):
            key = (names[some.index[i]], names[some.index[end]], end > i)
            beside[key].append((some.index[i], float(abs(amounts[i]) / step)))
    for name, hits in whole.items():
        found += [i for i, steps in hits if steps >= DIGITS or 2 * len(hits) > asked[name]]
    for hits in beside.values():
        digits = {steps for _, steps in hits}  # a year that repeats the amounts of another shows nothing more
        if len(values) <= CHANCE * math.prod(digits):
            found += [i for i, _ in hits]
    return sorted({*found})


def _step(amounts: np.ndarray) -> float:
    """Return the coarsest step that all amounts are whole numbers of, else the finest."""
    steps = 10.0 ** np.arange(6, -5, -1)
    whole_in = (one for one in steps if np.isclose(amounts % one, [[0], [one]], atol=one * 1e-6).any(0).all())
    return next(whole_in, steps[-1])


def _of_all(amounts: np.ndarray, step: float) -> np.ndarray:
    """Tell which amounts are the sum of all others; one that is not the largest needs more digits, as it is one of many.

    Examples
    --------
    >>> _of_all(np.array([1001.5, 500.6, 300.4, 200.6]), 0.1), _of_all(np.array([-100.0, -200, -300]), 100)
    (array([ True, False, False, False]), array([False, False,  True]))
    """
    size, rest, far = len(amounts), amounts.sum() - amounts, np.abs(amounts)
    largest = far == far.max()
    found = (np.abs(rest - amounts) <= step * (size - 1) / 2) & (
        far >= FEWER_DIGITS * step * np.where(largest, 1, size)
    )
    return found | (np.isclose(rest, amounts, rtol=1e-9) & (far > 0) & (largest | (far >= step * size**2)))


def _of_neighbours(amounts: np.ndarray, step: float) -> list[tuple[int, int]]:
    """Return the places of amounts that are the sum of two or more right below or above, and of the last of these.

    Examples
    --------
    >>> _of_neighbours(np.array([5.0, 90_001, 60_001, 30_000, 7]), 1.0)
    [(1, 3)]
    """
    run = np.concatenate([[0.0], amounts.cumsum()])  # of the amounts before a place
    place, at = np.arange(len(run)), np.flatnonzero(np.abs(amounts) >= DIGITS * step)
    told = []
    below = (place >= at[:, None] + 3) & (np.abs(run - (run[at + 1] + amounts[at])[:, None]) <= step * 1e-3)
    above = (place <= at[:, None] - 2) & (np.abs(run - (run[at] - amounts[at])[:, None]) <= step * 1e-3)
    for i in np.flatnonzero(below.any(axis=1)):  # the shortest of several, which differ by lines of nought
        told.append((int(at[i]), int(np.flatnonzero(below[i])[0]) - 1))
    for i in np.flatnonzero(above.any(axis=1)):
        told.append((int(at[i]), int(np.flatnonzero(above[i])[-1])))
    return told
