"""What a set of changes to a frame costs, line by line and year by year, and who pays.

Everything a change rests on is in the frame it is measured against (:class:`ballerup_analysis.frame.Frame`) and in
``parameters.toml``; nothing is read here but the refund rules of another day.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ballerup_analysis.danish import number
from ballerup_analysis.files import as_typed
from ballerup_analysis.frame import ASSUMED, BENEFITS, Frame, paid_on
from ballerup_analysis.rates import as_date, known_until
from ballerup_analysis.refusion import FIRST_WEEKS, step_rates
from ballerup_analysis.sources import DataError, load, read_raw

WEEKS = 52
CASE = (2018, 2021)  # the sickness case: nobody yet, everybody


@dataclass(frozen=True)
class Parameter:
    """What a scenario may change: its value in the baseline, what is plausible and possible, its unit and words.

    Unit, words and reason are in Danish and English.

    Examples
    --------
    >>> PARAMETERS["gap_points"].unit
    ('procentpoint', 'pct. points')
    """

    base: float
    low: float
    high: float
    step: float
    unit: tuple[str, str]
    words: tuple[str, str]
    reason: tuple[str, str]
    least: float = -1_000_000
    most: float = 1_000_000
    by: str = "frame"  # or "line": may be changed for a line apart; "each": for a line only


def _parameter(told: dict) -> Parameter:
    return Parameter(**{name: tuple(value) if isinstance(value, list) else value for name, value in told.items()})


PARAMETERS = {name: _parameter(told) for name, told in ASSUMED["change"].items()}
RULES = "refund_rules_of"  # the one change that is a date: the ladder of that day


class ScenarioError(DataError):
    """A scenario that cannot be read, run or stacked."""


@dataclass(frozen=True)
class Change:
    """One change: a parameter's value from a year on, for one line of the frame where the parameter goes by line.

    Parameters
    ----------
    parameter : str
        A key of ``PARAMETERS``, or ``refund_rules_of``.
    value : float, str or datetime.date
        A number; for ``country_points`` also two years, ``"2008-2010"``: the change between them in the series; for
        ``refund_rules_of`` a date.
    start : int
        The first year it holds, one whose accounts are not closed; 0 for the second year of the baseline, or the first
        such year after it.
    row : str
        A line, or the benefit it pays; its own change stands instead of the one for all lines.

    Examples
    --------
    >>> round(Change("country_points", "2008-2010").amount, 1)
    3.5
    """

    parameter: str
    value: float | str | dt.date
    start: int = 0
    row: str = ""

    def __post_init__(self):
        name, told = self.parameter, f"{self.parameter} is {as_typed(self.value)}; it must"
        if name not in (known := [*PARAMETERS, RULES]):
            near = difflib.get_close_matches(str(name), known, 1) or known
            raise ScenarioError(f"no parameter {name!r}; nearest: {', '.join(near)}")
        if name == RULES:
            try:
                if not isinstance(self.value, str | dt.date):
                    raise TypeError("a number is no date")
                object.__setattr__(self, "value", as_date(self.value).isoformat())
                for one in BENEFITS.values():
                    step_rates(one["ladder"], self.value)
                if as_date(self.value) > (last := known_until()):
                    raise ValueError(f"no rate after {last} is known")
            except (AttributeError, TypeError, ValueError) as e:
                raise ScenarioError(f"{told} be a date with refund rules, such as '2015-06-30': {e}") from None
        else:
            p = PARAMETERS[name]
            if not p.least <= self.amount <= p.most:  # as nan
                raise ScenarioError(f"{told} be a number from {p.least} to {p.most}: no other is possible")
        if not isinstance(self.row, str):
            raise ScenarioError(f"{name} has the row {as_typed(self.row)}; write the line's name in quotation marks")
        if self.row and not (name in PARAMETERS and PARAMETERS[name].by != "frame"):
            raise ScenarioError(f"{name} has no row {self.row!r}; it holds for the whole frame")
        if name in PARAMETERS and PARAMETERS[name].by == "each" and not self.row:
            raise ScenarioError(f"{name} needs a row: the line it is about")
        if type(self.start) is not int:
            raise ScenarioError(f"{name} starts in {as_typed(self.start)}; it must be a year")

    @functools.cached_property
    def amount(self) -> float:
        """The value as a number; none for a date."""
        if self.parameter == RULES:
            return math.nan
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return self.value
        if self.parameter != "country_points":
            raise ScenarioError(f"{self.parameter} is {as_typed(self.value)}; it must be a number")
        country = load("aulp01").query("area == '000'").set_index("year")["pct"]
        try:
            first, last = self.value.split("-")
            return float(country[int(last)] - country[int(first)])
        except (AttributeError, ValueError, KeyError):
            raise ScenarioError(
                f"country_points is {as_typed(self.value)}; it must be a number, or two years of the series "
                f"{country.index[0]}-{country.index[-1]} such as '2008-2010'"
            ) from None

    @property
    def implausible(self) -> str:
        """Why the value is beyond what is plausible; empty where it is not."""
        p = PARAMETERS.get(self.parameter)
        if not p or p.low <= self.amount <= p.high:
            return ""
        of = f" of {self.row}" if self.row else ""
        return f"{self.parameter}{of} is {self.amount:g}; plausible is {p.low:g} to {p.high:g}"


def base_of(parameter: str, frame: Frame) -> float:
    """Return what a parameter is in the baseline: its own where the frame has one, such as the pass-through."""
    return frame.pass_through if parameter == "pass_through" else float(PARAMETERS[parameter].base)


def rows_of(parameter: str, frame: Frame) -> tuple[str, ...]:
    """Return the lines of a frame a parameter can be changed for apart.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> rows_of("gap_points", budget_2017())
    ()
    """
    if parameter not in PARAMETERS or PARAMETERS[parameter].by == "frame":
        return ()
    rows = np.array(frame.rows)
    if parameter == "persons":
        return tuple(rows[frame.on_ladder].tolist())
    return (
        tuple(rows[frame.on_ladder & (frame.persons[:, 0] != 0)].tolist())
        if parameter == "exit_rate_pct"
        else frame.rows
    )


@dataclass(frozen=True)
class Course:
    """The values that some changes give the parameters over the years of a frame.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> Course((Change("price_pct", 2.0, 2020),), budget_2017()).path("price_pct").tolist()
    [0.0, 0.0, 0.0, 2.0, 2.0]
    """

    changes: tuple[Change, ...]
    frame: Frame

    def __post_init__(self):
        years, seen = self.frame.open_years, {}
        for c in self.changes:
            other = seen.setdefault((c.parameter, self.frame.row_of(c.row)), c)
            if other is not c:  # a line may be told by the benefit it pays too
                raise ScenarioError(
                    f"{c.parameter} is changed twice for one line, as {other.row!r} and {c.row!r}; keep one"
                )
            if len(paid := [line.row for line in self.frame.lines if c.row and c.row == line.benefit]) > 1:
                raise ScenarioError(f"{c.parameter} of {c.row!r} may be of any of {', '.join(paid)}; name the line")
            if c.row and self.frame.row_of(c.row) not in (rows := rows_of(c.parameter, self.frame)):
                raise ScenarioError(f"{c.parameter} has no row {c.row!r}; rows: {', '.join(rows) or 'none'}")
            if c.start and c.start not in years:
                why = ", whose accounts are closed" * (c.start in self.frame.years)
                raise ScenarioError(
                    f"{c.parameter} starts in {c.start!r}{why}; it must be one of {years[0]}-{years[-1]}"
                )

    def find(self, parameter: str, row: str = "") -> Change | None:
        """Return the change of a parameter that holds for a line."""
        mine = {self.frame.row_of(c.row): c for c in self.changes if c.parameter == parameter}
        return mine.get(row) or mine.get("")

    def since(self, change: Change) -> np.ndarray:
        """Return whole years since a change began, by year; below 0 before."""
        return np.array(self.frame.years) - (change.start or self.frame.start)

    def path(self, parameter: str, row: str = "") -> np.ndarray:
        """Return the value of a parameter by year."""
        change, before = self.find(parameter, row), base_of(parameter, self.frame)
        if not change:
            return np.full(len(self.frame.years), before)
        return np.where(self.since(change) >= 0, change.amount, before)

    def by_line(self, parameter: str) -> np.ndarray:
        """Return the value of a parameter, lines × years."""
        if not any(c.parameter == parameter for c in self.changes):
            return np.full(self.frame.net_tkr.shape, base_of(parameter, self.frame))
        return np.array([self.path(parameter, row) for row in self.frame.rows])


class Cost(NamedTuple):
    """What the municipality and the state pay (tkr), and how many persons there are: lines × years each."""

    own_tkr: np.ndarray
    state_tkr: np.ndarray
    persons: np.ndarray


def cost(changes: tuple[Change, ...], frame: Frame) -> Cost:
    """Return what a frame costs with some changes, at its price level.

    Raises
    ------
    ScenarioError
        For a line or year the frame does not have, or fewer persons on a line than nobody.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> round(cost((), budget_2017()).own_tkr[:, 0].sum())  # B2017 as printed, but for the rounding of its lines
    506692
    """
    course = Course(tuple(changes), frame)
    paid, factor = _paid(course), _price(course)
    there, own = _stock(course, paid)
    came, came_own = _entrants(course, paid)
    extra, bought_tkr = _extra(course)
    gross_tkr, share = frame.price_kr / 1000, own / there
    moved = np.where(frame.persons == 0, 1.0, own / frame.share[:, None])  # a line whose persons are not counted stays
    persons = frame.persons * there + came + extra
    gone = (persons.round(6) < 0) & (frame.persons > 0)  # of those not counted there may be fewer
    if gone.any():
        i, y = np.argwhere(gone)[0]
        raise ScenarioError(f"{number(persons[i, y])} persons would be left of {frame.rows[i]} in {frame.years[y]}")
    own_tkr = (frame.net_tkr * moved + bought_tkr + (extra * share + came_own) * gross_tkr) * factor
    state_tkr = (frame.persons * (there - own) + extra * (1 - share) + came - came_own) * gross_tkr * factor
    return Cost(own_tkr, state_tkr, persons)


def _stock(course: Course, paid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return persons there against 1 in balance, and the part the municipality pays, lines × years."""
    frame = course.frame
    steps = np.empty((*frame.net_tkr.shape, len(FIRST_WEEKS)))
    steps[:] = frame.balance[:, None]
    for i in np.flatnonzero(frame.exit_rate):
        if change := course.find("exit_rate_pct", frame.rows[i]):
            steps[i] = stock(frame.exit_rate[i], change.amount, course.since(change))
    return steps.sum(axis=-1), (steps * paid).sum(axis=-1) / 100


def _paid(course: Course) -> np.ndarray:
    """Return the municipality's share, lines × years × steps, pct."""
    rules = course.find(RULES)
    today = np.repeat(course.frame.paid_pct[:, None], len(course.frame.years), axis=1)
    if rules is None:
        return today
    frame = course.frame
    other = _paid_by_rules(frame.lines, rules.value, frame.active, tuple(frame.off_ladder), read_raw("rates"))
    return np.where((course.since(rules) >= 0)[:, None], other[:, None], today)


@functools.lru_cache(maxsize=64)  # by content: the rates are part of the key
def _paid_by_rules(lines, on: str, active: float, off: tuple[float, ...], raw: bytes) -> np.ndarray:
    return paid_on(lines, on, active, np.array(off))[0]


def stock(exit_rate: float, faster_pct: float, since: np.ndarray) -> np.ndarray:
    """Return the stock, year × step of the ladder, against 1 in balance, when the exit rate changes on 1 January.

    t weeks later those who came since are thinned at the new rate; those from before were at the old one first.

    Examples
    --------
    >>> (
    ...     stock(0.02, 0.0, np.array([0])).sum().round(6),
    ...     stock(0.02, 50.0, np.array([-1, 9])).sum(axis=1).round(2).tolist(),
    ... )
    (np.float64(1.0), [1.0, 0.67])
    """
    new, spell = min(exit_rate * (1 + faster_pct / 100), 1.0), FIRST_WEEKS - 1.0
    t = np.maximum(since[:, None] * WEEKS + np.arange(1, WEEKS + 1), 0).ravel()[:, None]
    came = _came(new, spell, t) * exit_rate
    at_least = came + (1 - new) ** t * (1 - exit_rate) ** np.maximum(spell - t, 0)
    steps = at_least - np.c_[at_least[:, 1:], np.zeros(len(t))]
    return steps.reshape(len(since), WEEKS, len(FIRST_WEEKS)).mean(axis=1)


def entrants(exit_rate: float, since: np.ndarray) -> np.ndarray:
    """Return how persons more are spread over the steps, years × steps, when all came as new entrants since a year began.

    Who leaves is followed by another new one, so that the number holds and the weeks grow.

    Examples
    --------
    >>> entrants(0.0, np.array([-1, 0, 1])).round(2).tolist()  # nobody leaves
    [[0.0, 0.0, 0.0, 0.0, 0.0], [0.08, 0.08, 0.35, 0.5, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0]]
    """
    spell = FIRST_WEEKS - 1.0
    of_year = (
        np.clip(WEEKS * (since[:, None] + 1) - spell, 0, WEEKS) / WEEKS
    )  # the part in which some are there so long
    at_least = of_year * (1 - exit_rate) ** spell
    return at_least - np.c_[at_least[:, 1:], np.zeros(len(since))]


def _came(rate: float, spell: np.ndarray, t: np.ndarray) -> np.ndarray:
    # weeks of entrants still there, of those who came within t weeks and have been there `spell` weeks: nobody leaves at 0
    if not rate:
        return np.maximum(t - spell, 0.0)
    return ((1 - rate) ** np.minimum(spell, t) - (1 - rate) ** t) / rate


def _price(course: Course) -> np.ndarray:
    """Return the price factor, lines × years."""
    lines = course.frame.lines
    paying = np.array([line.kind == "benefit" for line in lines])[:, None]
    apart = {c.row for c in course.changes if c.parameter == "price_pct" and c.row}
    own = np.array([line.row in apart or line.benefit in apart for line in lines])
    dearer = 1 + np.where(paying | own[:, None], course.by_line("price_pct"), 0.0) / 100
    return dearer * np.where(paying, np.cumprod(1 + course.path("uprating_points") / 100), 1.0)


def _entrants(course: Course, paid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return newly unemployed on each line, and the part of them the municipality pays, lines × years."""
    frame = course.frame
    came, own = np.zeros((2, *frame.net_tkr.shape))
    points = {"country_points": course.path("country_points") * course.path("pass_through")}
    points["gap_points"] = course.path("gap_points")
    for name, point in points.items():
        for i in np.flatnonzero(frame.cyclical) if point.any() else ():
            persons = point / 100 * frame.labour_force * frame.cyclical[i]
            steps = entrants(frame.exit_rate[i], course.since(course.find(name)))
            came[i] += persons
            own[i] += persons * (steps * paid[i]).sum(axis=1) / 100
    return came, own


def _extra(course: Course) -> tuple[np.ndarray, np.ndarray]:
    """Return other persons more on each line, and activation bought for them (tkr), lines × years.

    They are spread over the ladder as those who are there.
    """
    frame = course.frame
    benefit = np.array([line.benefit for line in frame.lines])
    extra = course.by_line("persons")
    if (taken := course.path("sickness_take_up")).any():
        if not frame.promised:
            raise ScenarioError(f"the sickness case is part of the budget of 2017; it is not in {frame.name}")
        reached = np.interp(np.array(frame.years) - course.path("sickness_delay_years"), CASE, [0, 1])
        extra[benefit == "sygedagpenge"] -= taken * reached * frame.promised
    more = course.path("activation_points") / 100
    if not ((-frame.activated <= more) & (more <= 1 - frame.activated)).all():
        share, most = (100 * one for one in (frame.activated, more[np.abs(more).argmax()]))
        raise ScenarioError(f"activation_points is {most:g}, but {share:.0f} pct. are in activation already")
    laddered = np.where(frame.on_ladder[:, None], frame.persons, 0.0)
    everyone = frame.persons.sum(axis=0)
    together = laddered.sum(axis=0)  # none in a budget of other lines, or in a year without one
    extra -= course.path("activation_effect") * more * everyone * laddered / np.where(together > 0, together, 1.0)
    active = np.array([line.kind == "activation" for line in frame.lines])[:, None]
    return extra, np.where(active, frame.net_tkr * more / frame.activated, 0.0)
