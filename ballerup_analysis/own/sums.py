"""Which amounts of an own file are the sum of others, whatever they are called."""

from __future__ import annotations

import bisect
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from ballerup_analysis.own.kinds import WORDS
from ballerup_analysis.totals import is_total

MOST_LINES, WINDOW = 500, 200  # looked through for sums among neighbours at once; of more, so many at a time
MOST_ROUNDED = 10  # neighbours whose sum is looked at as rounded; of more, to the last digit
NEAR = 1e-6  # of a step: how near to whole ones a sum of decimals may lie
FEWER_DIGITS = 1e3  # of an amount that is the sum of all others, as rounded
DIGITS = 1e4  # and in one of many groups
# Of N amounts with D steps from nought about 4 N / D are the sum of neighbours by chance; at most this share of 4 is let
# in, which is a false question in 250 tables. What agrees in several years has as many times fewer chances.
CHANCE = 1e-3
BY_NAME = re.compile("|".join(WORDS["sums"]))
# 5.57.71 or 5 57 71 Sygedagpenge, but not 52 uger; or Sygedagpenge (5.57.71).
COUNTED = r"\.? (?:uger?|dage?|måned\w*|mdr|år|pct|procent|personer|kvartal|halvår)\b"  # what a number beside it counts
NUMBER = re.compile(
    r"[(\[]?(?:§ ?|(?:(?:hoved)?(?:konto|funktion)(?:nr)?|fkt|hk|gruppe|gruppering|ramme|udvalg|(?:politik|budget)område)\.? ?(?:nr\.? ?)?)?0*"
    rf"(?!\d{{1,3}}(?:[–-]\d+)?{COUNTED})(\d+(?:[. _/–-]\d++(?!{COUNTED}))*)[.:,)\]]*(?: |$)(?!%)",
    re.IGNORECASE,
)
AT_END = re.compile(r"[(\[ ]0*(\d{1,2}(?:\.\d\d)+)\.?[)\]]?\s*$")


def sums_among(values: pd.Series, names: pd.Series, groups: list[pd.Series]) -> list:
    """Return the index of the amounts that are the sum of others of their group.

    Of all others, as rounded, in more than half of its groups (years, areas), as a total is one in every year, or once with
    digits enough. Or of those right above or below, where its name may be that of a sum (:func:`is_called_sum`), or more
    agrees than chance has it: the same line is that sum in other groups too, or it and other such sums beside it, each of its
    own lines, have digits enough for all amounts there are.

    Examples
    --------
    >>> sums_among(pd.Series([5.0, 90_001, 60_001, 30_000, 7]), pd.Series([*"ABCDE"]), [pd.Series(["2027"] * 5)])
    [1]
    """
    found, whole, beside, alike = [], defaultdict(list), defaultdict(list), defaultdict(list)
    asked, runs = Counter(), {}
    for place, group in enumerate(zip(*groups, strict=True)):
        alike[group].append(place)
    numbers, called = values.to_numpy(), names.tolist()
    for some in alike.values():
        amounts = np.nan_to_num(numbers[some])
        step = step_of(amounts)
        asked.update(called[i] for i in some)
        # one of two that are alike may be the other's total where chance has it less
        for i in (some[n] for n in np.flatnonzero(_of_all(amounts, step)) if len(some) > 2):
            whole[called[i]].append((i, float(abs(numbers[i]) / step)))
        for n, end, steps in _near(amounts, step):
            run = [called[i] for i in (some[n + 1 : end + 1] if end > n else some[end:n])]
            if len(run) > 1 and is_called_sum(called[some[n]], run):
                found.append(some[n])
            key = (called[some[n]], called[some[end]], end > n)
            runs.setdefault(key, (min(n, end), max(n, end)))
            parts = (amounts[n + 1 : end + 1] if end > n else amounts[end:n]) / amounts[n]
            # where all are as much dearer, a year tells nothing new beside the one before
            new = min(steps, _moved(parts, beside[key][-1][2]) * steps) if beside[key] else steps
            beside[key].append((max(new, 1.0), some[n], parts))
    for name, hits in whole.items():
        found += [i for i, steps in hits if steps >= DIGITS or 2 * len(hits) > asked[name]]
    # beyond the sums that chance has among so many lines, in some of so many groups
    lines = 4 * max(map(len, alike.values()), default=1)
    beyond = {
        key: sum(math.log(new) for new, *_ in hits) - math.log(lines) - _log_choices(len(alike), len(hits))
        for key, hits in beside.items()
    }
    for key in _rarest(runs, beyond):
        found += [i for _, i, _ in beside[key]]
    return sorted({values.index[i] for i in found})


def told_again(values: pd.Series, names: pd.Series, groups: list[pd.Series]) -> list:
    """Return the index of the first amount of a block that comes to as much as the one above it, where two or three are all.

    So it is with a summary and its details, exactly or each rounded. In every group (years, areas), and nearer than chance has
    it: among so many lines, and in each further group as far as the shares of its lines have moved.

    Examples
    --------
    >>> amounts = pd.Series([43_211, 31_877.0, 11_876, 21_002, 42_210])
    >>> told_again(amounts, pd.Series([*"ABCDE"]), [pd.Series(["2027"] * 5)])
    [2]
    """
    found = (_blocks(values, names, groups, most) for most in (0, MOST_ROUNDED))
    return next(filter(None, found), [])


def _blocks(values: pd.Series, names: pd.Series, groups: list[pd.Series], most: int) -> list:
    """Return what :func:`told_again` does, with so many rounded amounts at most."""
    starts, chance, before = [], 1.0, np.array([])
    for _, some in values.fillna(0).groupby(groups, sort=False):
        run, size, name = some.cumsum().to_numpy(), len(some), names[some.index].to_numpy()
        step, total = step_of(some.to_numpy()), abs(run[-1])
        far = min(size, most) // 2 * step if total else 0.0
        ends = {of: [np.flatnonzero(np.abs(run - run[-1] * n / of) <= far + step * NEAR) + 1 for n in range(1, of)]
                for of in (2, 3)}  # fmt: skip
        told = next((np.concatenate(of) for of in ends.values() if all(map(len, of))), np.array([], int))
        starts.append({name[n]: some.index[n] for n in told if 1 < n < size - 1})
        share = some.to_numpy() / (total or 1)
        new = _moved(share, before) if len(starts) > 1 else 1.0 / size
        chance *= min(1.0, (2 * far + step) / max(new * total, step))
        before = share
    alike = set.intersection(*map(set, starts)) if starts and chance <= 4 * CHANCE else ()
    return [i for name, i in (starts or [{}])[0].items() if name in alike][:1]


def _moved(parts: np.ndarray, was: np.ndarray) -> float:
    """Return how far the shares of a sum's parts have moved: where all are as much dearer, one year tells nothing of another.

    Examples
    --------
    >>> float(_moved(np.array([0.6, 0.4]), np.array([0.55, 0.45])).round(2)), _moved(np.array([1.0]), np.array([]))
    (0.05, 1.0)
    """
    return np.abs(parts - was).max() if len(parts) == len(was) else 1.0


def _log_choices(groups: int, hits: int) -> float:
    """Return the logarithm of in how many ways so many groups may be chosen.

    Examples
    --------
    >>> round(math.exp(_log_choices(4, 3)), 6), _log_choices(1, 3)
    (4.0, 0.0)
    """
    hits = min(hits, groups)  # the same lines may stand twice in one
    return math.lgamma(groups + 1) - math.lgamma(hits + 1) - math.lgamma(groups - hits + 1)


def _rarest(runs: dict[tuple, tuple[int, int]], beyond: dict[tuple, float]) -> set[tuple]:
    """Return the sums that chance does not have, alone or together with others of other lines.

    Parameters
    ----------
    runs : dict of tuple
        First and last place of each sum and its parts.
    beyond : dict of float
        The logarithm of how many times as many digits each has as chance would give it.

    Examples
    --------
    >>> sorted(_rarest({"A": (0, 2), "B": (3, 5), "C": (1, 4)}, {"A": 3.0, "B": 2.7, "C": 3.4}))
    ['A', 'B']
    """
    least = -math.log(4 * CHANCE)
    order = sorted((key for key, times in beyond.items() if times > 0), key=lambda key: runs[key][1])
    ends = [runs[key][1] for key in order]
    best = [(0.0, None, 0)]  # of the first so many: what they come to, the last that is taken, how many before it
    for n, key in enumerate(order):
        before = bisect.bisect_left(ends, runs[key][0], hi=n)
        best.append(max(best[n], (best[before][0] + beyond[key], key, before), key=lambda one: one[0]))
    rare, at = {key for key in order if beyond[key] >= least}, len(order)
    while best[-1][0] >= least and at:
        _, key, at = best[at]
        rare |= {key} - {None}
    return rare


def is_called_sum(name: str, others: list[str]) -> bool:
    """Tell whether a name may be that of the sum of some others, or begins with the number that all theirs begin with.

    Examples
    --------
    >>> (
    ...     is_called_sum("Netto", ["A", "B"]),
    ...     is_called_sum("5 Forsørgelse", ["5.1 A", "5.2 B"]),
    ...     is_called_sum("C", ["A", "B"]),
    ... )
    (True, True, False)
    """
    text, number = without_number(str(name)).casefold(), number_of(name)
    parts = [number_of(one) for one in others]
    is_account = max(_digits(number), min(map(_digits, parts), default=0)) > 2  # 1 and 10 are no account and its parts
    own = number if is_account else f"{number}."
    is_above = bool(number) and all(one.startswith(own) and one != number for one in parts)
    return is_above or is_total(text) or BY_NAME.fullmatch(text.strip(" :*()")) is not None


def without_number(name: str) -> str:
    """Return a name without the number of an account before it.

    Examples
    --------
    >>> [without_number(name) for name in ("5.57.71 Sygedagpenge", "52 uger", "5.57")]
    ['Sygedagpenge', '52 uger', '5.57']
    """
    return NUMBER.sub("", name, count=1).strip() or name


def _digits(number: str) -> int:
    return sum(map(str.isdigit, number))


def number_of(name: str) -> str:
    """Return the number of an account that a name begins with, or nothing.

    Examples
    --------
    >>> [
    ...     number_of(name)
    ...     for name in ("5.57.71 Sygedagpenge", "05 57-71 A", "Konto nr. 5.57 A", "A [5.57]", "52 uger+", "100 pct.")
    ... ]
    ['5.57.71', '5.57.71', '5.57', '5.57', '', '']
    """
    told = NUMBER.match(str(name)) or AT_END.search(str(name))
    number = re.sub(r"[ _/–-]", ".", told[1]) if told else ""
    return re.sub(r"(?:\.00)+$|(?<=\d{3})(?:000|00)$", "", number)  # filled up to the length of its parts


def _near(amounts: np.ndarray, step: float) -> Iterator[tuple[int, int, float]]:
    """Yield what :func:`_of_neighbours` finds, of many amounts in windows that overlap."""
    if len(amounts) <= MOST_LINES:
        yield from _of_neighbours(amounts, step)
        return
    told = {}
    for first in range(0, len(amounts), WINDOW // 2):
        for n, end, steps in _of_neighbours(amounts[first : first + WINDOW], step):
            told[first + n, first + end] = steps
    yield from ((*places, steps) for places, steps in told.items())


def step_of(amounts: np.ndarray) -> float:
    """Return the coarsest step that all amounts are whole numbers of, else the finest."""
    steps = 10.0 ** np.arange(6, -5, -1)
    steps = steps[steps <= max(np.abs(amounts).max(), steps[-1])]
    left = ((one, amounts % one) for one in steps)
    return next((one for one, over in left if np.minimum(over, one - over).max() <= one * NEAR), steps[-1])


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


def _of_neighbours(amounts: np.ndarray, step: float) -> list[tuple[int, int, float]]:
    """Return the places of amounts that are the sum of those right below or above, of the last of these, and the steps they agree in.

    A sum as rounded agrees in as many times fewer as there are sums that would do.

    Examples
    --------
    >>> _of_neighbours(np.array([5.0, 90_001, 60_001, 30_000, 7]), 1.0)
    [(1, 3, 90001.0)]
    >>> _of_neighbours(np.array([90_002.0, 60_001, 30_000]), 1.0), _of_neighbours(np.array([7.0, 76_406, 76_406]), 1.0)
    ([(0, 2, 30000.666666666668)], [(1, 2, 76406.0), (2, 1, 76406.0)])
    """
    run = np.concatenate([[0.0], amounts.cumsum()])  # of the amounts before a place
    place, at = np.arange(len(run)), np.flatnonzero(np.abs(amounts) > 0)
    told = []
    for terms, beside, back in (
        (place - at[:, None] - 1, run - run[at + 1][:, None], 1),
        (at[:, None] - place, run[at][:, None] - run, 0),
    ):
        off = np.round(np.abs(beside - amounts[at][:, None]) / step)
        may = np.where(terms <= MOST_ROUNDED, terms // 2, 0)
        found = (terms > 0) & (off <= may)
        for i in np.flatnonzero(found.any(axis=1)):
            # the shortest of several, which differ by lines of nought
            n = min(np.flatnonzero(found[i]), key=lambda n, i=i: (off[i, n] > 0, terms[i, n]))
            alike = 2 * may[i, n] + 1 if off[i, n] else 1
            told.append((int(at[i]), int(n - back), float(abs(amounts[at[i]]) / step / alike)))
    return told
