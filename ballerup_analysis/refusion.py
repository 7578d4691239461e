"""The refund ladder as a moving stock: persons enter a benefit, grow older on it, leave, and are paid for in shares.

Duration is counted in weeks on public support, the first week being week 1. The steps are the finest ones that any
regime in ``rates.toml`` uses, so that one stock serves the rules before and after 2016.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis.rates import Rate, RateError, as_date, change_dates, in_force
from ballerup_analysis.sources import DataError

NAME = "refusion_municipal_share"
ACTIVITIES = ("active", "guidance", "passive")
STEPS = ("1-4", "5-8", "9-26", "27-52", "53+")
FIRST_WEEKS = np.array([int(step.rstrip("+").split("-")[0]) for step in STEPS])  # a test compares them with the rates


@dataclass(frozen=True)
class Split:
    """What a stock costs and who pays, in whole øre: state + municipality is gross, exactly.

    Parameters
    ----------
    gross_ore, state_ore, municipality_ore : numpy.ndarray of int64
        By series (if any) and week.
    """

    gross_ore: np.ndarray
    state_ore: np.ndarray
    municipality_ore: np.ndarray

    @property
    def total_kr(self) -> pd.Series:
        """Gross, state and municipality over all weeks and series, kr."""
        parts = {"gross": self.gross_ore, "state": self.state_ore, "municipality": self.municipality_ore}
        return pd.Series({name: part.sum() / 100 for name, part in parts.items()})


def step_rates(benefit: str, on: dt.date | str, activity: str = "passive", case: str | None = None) -> list[Rate]:
    """Return the rate of the municipality's share that holds on each step, in the order of ``STEPS``.

    Parameters
    ----------
    benefit : str
        Such as ``kontanthjaelp`` or ``sygedagpenge``.
    on : datetime.date or str
        The day.
    activity : str
        active, guidance or passive: told apart before 2016 only.
    case : str, optional
        A special case named in the rates, such as ``job begun before 2013-01-01``.

    Raises
    ------
    RateError
        When no rate is in force for a step.

    Examples
    --------
    >>> [r.evidence for r in step_rates("kontanthjaelp", "2014-06-30")][:2]
    ['unverified', 'unverified']
    """
    if activity not in ACTIVITIES:
        raise DataError(f"no activity {activity!r}; the activities are {', '.join(ACTIVITIES)}")
    rated = in_force(NAME, on, benefit=benefit)
    cases = sorted({r.when["case"] for r in rated if "case" in r.when})
    rated = [r for r in rated if r.when.get("activity") in (None, activity) and r.when.get("case") == case]
    chosen = np.full(len(STEPS), None)
    for one in sorted(rated, key=lambda r: "weeks" in r.when):  # a share by weeks overrides one for all weeks
        first, last = _weeks(one.when.get("weeks", "1+"))
        chosen[(first <= FIRST_WEEKS) & (last >= FIRST_WEEKS)] = one
    if missing := [step for step, one in zip(STEPS, chosen, strict=True) if one is None]:
        hint = f"; give a case: {', '.join(cases)}" if cases else ""
        raise RateError(f"no {NAME} on {on} for weeks {', '.join(missing)} of {benefit}, {activity}{hint}")
    return chosen.tolist()


def step_shares(benefit: str, on: dt.date | str, activity: str = "passive", case: str | None = None) -> np.ndarray:
    """Return the municipality's share of each step in pct.; parameters as for :func:`step_rates`.

    Examples
    --------
    >>> step_shares("kontanthjaelp", "2016-01-01").tolist()
    [20.0, 60.0, 60.0, 70.0, 80.0]
    >>> step_shares("sygedagpenge", "2014-06-30").tolist()
    [0.0, 50.0, 70.0, 70.0, 100.0]
    """
    return np.array([one.value for one in step_rates(benefit, on, activity, case)], dtype=float)


def share_in_week(benefit: str, week: int, on, activity: str = "passive", case: str | None = None) -> Rate:
    """Return the rate of the municipality's share for a person in a week of the spell, from 1.

    Examples
    --------
    >>> [share_in_week("kontanthjaelp", week, "2016-01-01").value for week in (4, 5, 60)]
    [20, 60, 80]
    """
    if not week >= 1:
        raise DataError(f"week is {week}; a spell starts in week 1")
    return step_rates(benefit, on, activity, case)[_step(week)]


def weekly_shares(benefit: str, start_on, weeks: int, activity: str = "passive", case: str | None = None) -> np.ndarray:
    """Return the municipality's share in pct. by calendar week and step; the rules change on their dates on the way.

    Parameters
    ----------
    start_on : datetime.date or str
        Monday of the first week.
    weeks : int
        Calendar weeks.

    Examples
    --------
    >>> weekly_shares("kontanthjaelp", "2015-12-28", 2)[:, 0].tolist()
    [70.0, 20.0]
    """
    first = as_date(start_on)
    last = first + dt.timedelta(weeks=int(weeks) - 1)
    begins = [first, *(day for day in change_dates(NAME, benefit=benefit) if first < day <= last)]
    by_regime = np.array([step_shares(benefit, day, activity, case) for day in begins])
    week_of = np.array([(day - first).days / 7 for day in begins])
    return by_regime[np.searchsorted(week_of, np.arange(weeks), side="right") - 1]


def _weeks(text: str) -> tuple[int, float]:
    first, _, last = text.removesuffix("+").partition("-")
    return int(first), int(last) if last else np.inf


def _step(week):
    return np.searchsorted(FIRST_WEEKS, week, side="right") - 1


def survival(exit_hazard, weeks: int) -> np.ndarray:
    """Return the share of entrants still there in week 1, 2, … of their spell.

    Parameters
    ----------
    exit_hazard : float or sequence of float
        Share that leaves after each week of the spell, 0 to 1; the last value holds from then on.
    weeks : int
        Weeks to return.

    Examples
    --------
    >>> survival([0.5, 0.0], 3).tolist()
    [1.0, 0.5, 0.5]
    """
    return np.r_[1.0, np.cumprod(1 - _hazard(exit_hazard, np.arange(weeks - 1)))]


def _hazard(exit_hazard, week) -> np.ndarray:
    # by week, counted from 0; the last value holds from then on
    hazard = np.atleast_1d(np.asarray(exit_hazard, dtype=float))
    if not hazard.size or not ((hazard >= 0) & (hazard <= 1)).all():
        raise DataError(f"exit_hazard must lie between 0 and 1; it has {hazard.tolist()}")
    return hazard[np.minimum(week, len(hazard) - 1)]


def stock(inflow, exit_hazard, start=None, weeks: int | None = None) -> np.ndarray:
    """Return the persons on a benefit by week and step.

    Parameters
    ----------
    inflow : array, (..., weeks)
        Persons who enter in each week; one row a series (an area, a group, a cohort).
    exit_hazard : float or sequence of float
        See :func:`survival`.
    start : array, (..., durations), optional
        Persons already there in the first week, by the week of their spell, from week 1.
    weeks : int, optional
        Weeks to follow; those of inflow unless given (no one enters after inflow ends).

    Returns
    -------
    numpy.ndarray, (..., weeks, steps)
        Persons, steps in the order of ``STEPS``.

    Examples
    --------
    >>> stock([10, 0, 0, 0, 0, 0], 0.0)[:, :2].tolist()  # ten persons, walking from step 1-4 to step 5-8
    [[10.0, 0.0], [10.0, 0.0], [10.0, 0.0], [10.0, 0.0], [0.0, 10.0], [0.0, 10.0]]
    """
    inflow = np.asarray(inflow, dtype=float)
    weeks = inflow.shape[-1] if weeks is None else weeks
    if weeks < 1:
        raise DataError(f"weeks is {weeks}; it must be 1 or more")
    _check_persons("inflow", inflow)
    alive = survival(exit_hazard, weeks)
    entered, week = np.arange(min(weeks, inflow.shape[-1]))[:, None], np.arange(weeks)
    spell = week - entered + 1  # week of the spell, by week of entry and calendar week
    walk = _by_step(alive[spell - 1], spell)  # a week before the entry is in no step, whatever stands there
    persons = inflow[..., : len(entered)] @ walk
    if start is not None:
        began = np.asarray(start, dtype=float)
        _check_persons("start", began)
        first = np.arange(1, began.shape[-1] + 1)[:, None]
        stay = np.cumprod(1 - _hazard(exit_hazard, first - 1 + week[:-1]), axis=1)
        persons = persons + began @ _by_step(np.hstack([np.ones_like(first, dtype=float), stay]), first + week)
    return persons.reshape(*persons.shape[:-1], weeks, len(STEPS))


def _check_persons(name: str, persons: np.ndarray) -> None:
    fine = (persons >= 0) & np.isfinite(persons)
    if not fine.all():
        worst = persons[~fine].ravel()[0]
        raise DataError(f"{name} has {worst} persons; it must be 0 or more in every week, without a gap")


def _by_step(share: np.ndarray, spell: np.ndarray) -> np.ndarray:
    """Spread shares (entry, week) over the step that each week of the spell is in, none before week 1: (entry, week × step)."""
    steps = _step(spell)[..., None] == np.arange(len(STEPS))
    return (share[..., None] * steps).reshape(len(share), share.shape[1] * len(STEPS))


def split(persons, price_kr: float, shares_pct) -> Split:
    """Return what a stock costs each week and who pays it.

    Parameters
    ----------
    persons : array, (..., weeks, steps)
        From :func:`stock`.
    price_kr : float
        Gross kroner per person and week.
    shares_pct : array, (steps,) or (weeks, steps)
        The municipality's share, from :func:`step_shares` or :func:`weekly_shares`.

    Examples
    --------
    >>> split(stock([10.0] * 5, 0.0), 1000.0, step_shares("kontanthjaelp", "2016-01-04")).total_kr.tolist()
    [150000.0, 116000.0, 34000.0]
    """
    persons = np.asarray(persons, dtype=float)
    _check_persons("persons", persons)
    if not price_kr >= 0:
        raise DataError(f"price_kr is {price_kr}; it must be 0 or more")
    gross = np.rint(persons.sum(axis=-1) * price_kr * 100).astype(np.int64)
    own = np.rint(np.einsum("...s,...s->...", persons, shares_pct) * price_kr).astype(np.int64)
    own = np.minimum(own, gross)  # the two sums round apart by a øre at 100 pct.
    return Split(gross, gross - own, own)
