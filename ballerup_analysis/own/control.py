"""Control totals: whether the rows of an own file come to the totals that stand among them."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field, fields

import numpy as np
import pandas as pd

from ballerup_analysis import danish
from ballerup_analysis.own.forms import in_short
from ballerup_analysis.own.kinds import KINDS
from ballerup_analysis.own.names import has_stars, total_fault
from ballerup_analysis.own.sums import step_of

# What is called so is of all there is, or of a section of it; any other name tells of what.
WHOLE = re.compile(r"(?:alt )?i ?alt|(?:hoved ?)?total|sum|summa(?: summarum)?|samlet|tilsammen")
MOST = 8_000_000  # comparisons of a row with a total; so many take some ten seconds
COARSE = 0.02  # of a total: what may hide in more rounding than that is not covered, unless it agrees to the digit
ROUNDED, SHORTER = 1e-3, 5e-3  # of a total, the most that noughts, and decimals it has fewer of, are taken to hide
NAMES = ("line", "benefit")  # what a row is of
YEAR = r"(?<!\d)(20\d\d)(?!\d)"
MEND = "mend a line that is left out, stands twice or has the wrong sign, or the total"
MANY = "more totals than can be held against so many lines; leave out subtotals, or lines that are not used"
LINE = "; if it is a line, name it otherwise"
SOME = "name it by what it is of, as 'Forsørgelse i alt', or take out the lines it leaves out"


@dataclass
class Control:
    """What the totals of a column show.

    Parameters
    ----------
    covered : set
        The index of the rows of which a total tells the sum.
    off : dict
        What is wrong with a total, by its index.
    """

    covered: set = field(default_factory=set)
    off: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Lines:
    """The rows that are read, in their order: their index, their place in the file, name, amount and unit (NaN where none is told)."""

    index: np.ndarray
    at: np.ndarray
    name: np.ndarray
    amount: np.ndarray
    unit: np.ndarray

    def some(self, places: list[int]) -> _Lines:
        """Return the rows of some places among these."""
        return _Lines(*(getattr(self, one.name)[places] for one in fields(self)))


def _lines(rows: pd.DataFrame, amount: str) -> _Lines:
    columns = [rows[one].to_numpy() for one in ("at", "name")]
    numbers = [rows[one].to_numpy(float) if one in rows else np.full(len(rows), np.nan) for one in (amount, "unit")]
    return _Lines(rows.index.to_numpy(), *columns, *numbers)


@dataclass(frozen=True)
class Held:
    """A total held against the rows of its keys.

    Parameters
    ----------
    is_whole : bool
        Whether its name tells nothing of what it is of.
    ties : set of tuple
        The runs of rows, first and last (exclusive), that come to it.
    is_sharp : bool
        Whether rounding hides little of all of them.
    nearest : float
        The sum that comes nearest, of what is called after all rows that of all.
    """

    is_whole: bool
    ties: set[tuple[int, int]]
    is_sharp: bool
    nearest: float


def of_the_lines(kind: str, totals: pd.DataFrame, units: set[float]) -> pd.DataFrame:
    """Return the totals that may be of the lines: not those whose name tells something else, as gross amounts or another year.

    A year in a name is that of a total that tells none elsewhere. ``units`` are those of the amounts.
    """
    totals = totals[~totals["name"].map(lambda name: total_fault(kind, name, units)).astype(bool)]
    if "year" not in totals:
        return totals
    told = totals["name"].astype(str).str.extract(YEAR)[0].astype(float)
    totals = totals.assign(year=totals["year"].astype(float).fillna(told))
    return totals[told.isna() | (totals["year"] == told)]


def held_against(kind: str, table: pd.DataFrame, totals: pd.DataFrame, breaks: list[int]) -> dict[str, Control]:
    """Hold each column of numbers that a table has against totals; see :func:`control`."""
    columns, keys = KINDS[kind]["columns"], _keys(kind)
    rows = table.assign(name=next((table[name] for name in NAMES if name in table), ""))
    if "status" in keys:
        rows["status"] = rows["status"].fillna("B")
    numbers = [column for column, spec in columns.items() if spec["form"] == "number"]
    time = "period" if "period" in keys else "year"
    return {one: control(rows, totals, one, keys, breaks, "" if columns[one].get("unit") else time) for one in numbers}


def uncovered(kind: str, table: pd.DataFrame, held: dict[str, Control]) -> dict[str, str]:
    """Return the columns with a number that no total covers, and of which years or areas, where it is some of them."""
    found = {}
    for column, one in held.items():
        there = table.index[table[column].notna()]
        rows = [i for i in there if i not in one.covered]
        if rows and len(rows) < len(there):
            keys = table.loc[rows, _keys(kind)].itertuples(index=False)
            found[column] = in_short([*dict.fromkeys(" ".join(map(str, key)) for key in keys)])
        elif rows:
            found[column] = ""
    return found


def _keys(kind: str) -> list[str]:
    return [key for key in KINDS[kind]["key"] if key not in NAMES]


def control(rows: pd.DataFrame, totals: pd.DataFrame, amount: str, keys: list[str], breaks=(), mean_of="") -> Control:
    """Hold the totals of a column against the rows that are read.

    A total is of the rows with the keys it tells, of all years where it tells no year. Rows are covered where a total
    comes to all of them, and none that is called "I alt" tells otherwise: that may be of a section if all sections have
    one. Where nothing covers them, a total must at least come to some rows right above or below it.

    Parameters
    ----------
    rows, totals : pandas.DataFrame
        ``at`` (place in the file), name, the amount as typed, its unit where rows have their own, and the keys; None
        where a total does not tell one.
    amount : str
        The column.
    keys : list of str
        Those that tell rows of one total from those of another.
    breaks : list of int
        Where a section ends: places of totals and headings.
    mean_of : str
        A key, years, of which a total that tells none may be the mean, as of persons.

    Raises
    ------
    ValueError
        Where there are more totals than can be held against the rows.

    Examples
    --------
    >>> rows = pd.DataFrame({"at": [1, 2, 4], "name": [*"ABC"], "year": 2027, "kr": [60.4, 30.4, 5.0]})
    >>> totals = pd.DataFrame({"at": [3, 5], "name": ["A i alt", "I alt"], "year": [2027, 2027], "kr": [90.8, 99.8]})
    >>> control(rows, totals, "kr", ["year"]).off
    {1: "'I alt' tells 99,8, the lines come to 95,8, which is 4,0 off; mend a line that is left out, stands twice or has the wrong sign, or the total"}
    """
    found, alike, left = Control(), defaultdict(list), MOST
    rows = rows.iloc[np.argsort(rows["at"].to_numpy(), kind="stable")]
    lines, rows = _lines(rows, amount), {key: rows[key].tolist() for key in keys}
    for i, one in zip(totals.index, totals.to_dict("records"), strict=True):
        one["amount"] = float("nan" if one[amount] is None else one[amount])
        if not np.isnan(one["amount"]):
            alike[tuple(key for key in keys if pd.notna(one[key]))].append((i, one))
    for told, some_totals in alike.items():
        places, by_keys = defaultdict(list), defaultdict(list)
        for place, values in enumerate(zip(*(rows[key] for key in told), strict=True)):
            places[values].append(place)
        for i, one in some_totals:
            by_keys[tuple(one[key] for key in told)].append((i, one))
        for values, group in by_keys.items():
            here = places[values] if told else [*range(len(lines.at))]
            some = lines.some(here)
            left -= len(some.at) * len(group)
            if left < 0:
                raise ValueError(MANY)
            if len(some.at):
                times = len({rows[mean_of][place] for place in here} - {None}) if mean_of in rows else 1
                _judge(found, some, dict(group), breaks, times)
            else:
                of = ", ".join(one if isinstance(one, str) else f"{one:.0f}" for one in values)
                found.off |= {i: f"{one['name']!r} is of {of}, of which there is no line" for i, one in group}
    return found


def _judge(found: Control, some: _Lines, totals: dict[int, dict], breaks, times: int) -> None:
    """Tell what the totals of the same rows show together."""
    size = len(some.at)
    every, edges = (0, size), {0, size, *np.searchsorted(some.at, list(breaks)).tolist()}
    held = {i: _held(some, one, times) for i, one in totals.items()}
    wholes = {i: one for i, one in held.items() if one.is_whole}
    agreed = [one for one in held.values() if every in one.ties and (one.is_whole or not wholes)]
    sections = {i: max(runs, key=lambda run: len(range(*run))) for i, one in wholes.items()
                if every not in one.ties and (runs := [run for run in one.ties if edges.issuperset(run)])}  # fmt: skip
    is_split = {row for run in sections.values() for row in range(*run)} == {*range(size)}
    # where some rows have no number a total may tell more
    asked = () if np.isnan(some.amount).any() else (i for i, one in held.items() if every not in one.ties)
    for i in asked:
        if i in sections and not (agreed and is_split):
            first, last = sections[i]
            found.off[i] = f"{totals[i]['name']!r} comes to {last - first} of the {size} lines; {SOME}"
        elif (i in wholes and i not in sections) or not (held[i].ties or agreed):
            lines = dict(zip(some.name, np.abs(some.amount).tolist(), strict=True))
            lines |= {one["name"]: abs(one["amount"]) for k, one in totals.items() if k != i}  # it may be a line
            name, told = totals[i]["name"], totals[i]["amount"]
            hint = "" if i in wholes else LINE + ", without a star" * has_stars(name)
            found.off[i] = off(name, told, held[i].nearest, lines) + hint
    if any(one.is_sharp for one in agreed) and found.off.keys().isdisjoint(wholes):
        found.covered.update(some.index.tolist())


def _held(some: _Lines, one: dict, times: int) -> Held:
    """Hold one total against rows: their sum, or so many times what it tells."""
    amounts = np.nan_to_num(some.amount)
    if one.get("unit"):
        amounts = amounts * np.nan_to_num(some.unit / one["unit"], nan=1.0)
    runs = _runs(len(some.at), int(np.searchsorted(some.at, one["at"])))
    total, ties, is_sharp = one["amount"], set(), False
    sums, terms = np.diff(np.concatenate([[0.0], amounts.cumsum()])[runs])[:, 0], np.diff(runs)[:, 0]
    for told in {total, total * times}:
        gaps, far = np.abs(sums - told), _rounding(amounts, told, terms)
        fits = gaps <= far
        ties |= {tuple(run) for run in runs[fits].tolist()}
        is_exact = gaps[-1] < min(step_of(amounts), 1.0) / 1e3
        is_sharp |= fits[-1] and (is_exact or far[-1] <= COARSE * abs(told))
    whole = is_whole(one["name"])
    return Held(whole, ties, bool(is_sharp), float(sums[-1] if whole else sums[np.abs(sums - total).argmin()]))


def is_whole(name: str) -> bool:
    """Tell whether a total's name tells nothing of what it is of.

    Examples
    --------
    >>> is_whole("I alt:"), is_whole("Samlet indsats")
    (True, False)
    """
    return WHOLE.fullmatch(name.strip(" :*()").casefold()) is not None


def off(name: str, told: float, nearest: float, lines: dict[str, float]) -> str:
    """Say what a total tells that no lines come to, with as many decimals as the figures have, and which line is as much.

    Examples
    --------
    >>> off("I alt", 95.5, 185.25, {"A": 89.75})[:79]
    "'I alt' tells 95,50, the lines come to 185,25, which is 89,75 off, what 'A' tel"
    """
    gap, step = abs(nearest - told), step_of(np.array([told, nearest]))
    shown = [danish.number(one, round(-math.log10(step))) for one in (told, nearest, gap)]
    alike = [f", {words} {line!r} tells" for times, words in ((1, "what"), (2, "twice what"))
             for line, amount in lines.items() if abs(times * amount - gap) < min(step, 1.0) / 2]  # fmt: skip
    hint = alike[0] if len(alike) == 1 else ""
    return f"{name!r} tells {shown[0]}, the lines come to {shown[1]}, which is {shown[2]} off{hint}; {MEND}"


def _runs(size: int, place: int) -> np.ndarray:
    """Return first and last (exclusive) of the rows from a place to each row above or below it, and of all.

    Examples
    --------
    >>> _runs(3, 2).tolist()
    [[0, 2], [1, 2], [2, 3], [0, 3]]
    """
    ends = np.delete(np.arange(size + 1), place)
    return np.vstack([np.column_stack([np.minimum(ends, place), np.maximum(ends, place)]), [0, size]])


def _rounding(amounts: np.ndarray, total: float, terms: np.ndarray) -> np.ndarray:
    """Return how far sums of so many amounts may be from a total, as all are rounded.

    Examples
    --------
    >>> _rounding(np.array([10.4, 20.3]), 30.8, np.array([1, 2])).round(3)
    array([0.1 , 0.15])
    """
    step, own, most = step_of(amounts), step_of(np.array([total])), abs(total) * ROUNDED
    least, each = min(step, 1.0), np.minimum(terms / 2, np.sqrt(terms))
    lines = np.maximum(each * least, np.minimum(each * step, most))
    fewer = min(own, 1.0) / 2  # decimals than the lines
    whole = max(least / 2, fewer if fewer <= abs(total) * SHORTER else 0, min(step / 2, own / 2, most))
    return lines + whole + np.abs(amounts).sum() * 1e-9
