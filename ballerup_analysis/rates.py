"""Dated, referenced rates from ``data/raw/rates.toml``: benefits, refusion, price and benefit uprating."""

import datetime as dt
import difflib
import functools
from dataclasses import dataclass, field

from ballerup_analysis.sources import EVIDENCE, DataError, entries, read_raw

PERIODS_PER_YEAR = {"kr_per_day": 260, "kr_per_week": 52, "kr_per_month": 12, "kr_per_year": 1}


class RateError(DataError, LookupError):
    """No rate, or more than one, answers the question."""


@dataclass(frozen=True)
class Rate:
    """One rate, with the period and conditions it holds for and where it was read.

    Examples
    --------
    >>> Rate("dagpenge_max", 815, "kr_per_day").value
    815
    """

    name: str
    value: float
    unit: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    when: dict[str, str] = field(default_factory=dict, hash=False)
    reference: str = ""
    address: str = ""
    evidence: str = "assumed"
    note: str = ""
    line: int | None = None  # of data/raw/rates.toml


def _read() -> tuple[Rate, ...]:
    return _parsed(read_raw("rates"))


@functools.lru_cache(maxsize=2)  # by content: a changed file is read anew
def _parsed(raw: bytes) -> tuple[Rate, ...]:
    told = ({key: value for key, value in entry.items() if value is not None} for entry in entries("rates"))
    return tuple(Rate(**entry) for entry in told)


def weakest(*rates: Rate) -> str:
    """Return the weakest evidence among some rates.

    Examples
    --------
    >>> weakest(Rate("a", 1, "pct", evidence="statute"), Rate("b", 1, "pct", evidence="press"))
    'press'
    """
    return max((one.evidence for one in rates), key=EVIDENCE.index)


def in_force(name: str, on: dt.date | str, **conditions: str) -> list[Rate]:
    """Return all rates of a name in force on a date that have the given conditions.

    Parameters
    ----------
    name : str
        Name in the file, such as ``"dagpenge_max"``.
    on : datetime.date or str
        A date, or its ISO text.
    **conditions : str
        What tells rates of the name apart, such as ``benefit="sygedagpenge", weeks="5-8"``.

    Raises
    ------
    RateError
        If the name or a condition is unknown, or none is in force; then with the nearest dates.

    Examples
    --------
    >>> [r.when["weeks"] for r in in_force("refusion_state_share", "2017-01-01", benefit="sygedagpenge")]
    ['1-4', '5-26', '27-52', '53+']
    """
    day = as_date(on)
    named = [r for r in _read() if r.name == name]
    if not named:
        names = sorted({r.name for r in _read()})
        nearest = difflib.get_close_matches(name, names) or names
        raise RateError(f"no rate is named {name!r}; nearest: {_listed(nearest)}")
    valid = _values(named)
    for key, value in conditions.items():
        if key not in valid:
            raise RateError(f"{name} has no condition {key!r}; its conditions: {_listed(valid)}")
        if value not in valid[key]:
            raise RateError(f"{name} has no {key} {value!r}; valid: {_listed(valid[key])}")
    asked = _asked(name, conditions)
    fitting = [r for r in named if conditions.items() <= r.when.items()]
    if not fitting:
        raise RateError(f"no rate has all of these conditions: {asked}")
    found = [r for r in fitting if (r.valid_from or day) <= day <= (r.valid_to or day)]
    if not found:
        before = max((r.valid_to for r in fitting if r.valid_to and r.valid_to < day), default="none")
        after = min((r.valid_from for r in fitting if r.valid_from and r.valid_from > day), default="none")
        raise RateError(f"no rate on {day}: {asked}; nearest dates with one: before {before}, after {after}")
    return found


def rate(name: str, on: dt.date | str, **conditions: str) -> Rate:
    """Return the one rate in force on a date; parameters as for :func:`in_force`.

    Raises
    ------
    RateError
        As :func:`in_force`, and when more than one is in force; then with what tells them apart.

    Examples
    --------
    >>> rate("kontanthjaelp", "2014-06-01", age="30+", family="other").value
    10689
    >>> rate("refusion_state_share", "2014-06-01", benefit="sygedagpenge", weeks="5-8").value
    50
    """
    found = in_force(name, on, **conditions)
    if len(found) > 1:
        differ = {k: v for k, v in _values(found).items() if {r.when.get(k) for r in found} != {v[0]}}
        apart = "; ".join(f"{k}: {_listed(v)}" for k, v in differ.items())
        raise RateError(f"{len(found)} rates on {on}: {_asked(name, conditions)}; what tells them apart: {apart}")
    return found[0]


def as_date(on: dt.date | str) -> dt.date:
    """Return the day of a date, a datetime or an ISO text."""
    day = dt.date.fromisoformat(on) if isinstance(on, str) else on
    return day.date() if isinstance(day, dt.datetime) else day


def known_until() -> dt.date:
    """Return the last day any rate tells of: that one still open then goes on is not known.

    Examples
    --------
    >>> known_until() > dt.date(2025, 1, 1)
    True
    """
    return max(day for r in _read() for day in (r.valid_from, r.valid_to) if day)


def change_dates(name: str, **conditions: str) -> list[dt.date]:
    """Return the days on which a rate of a name and with the given conditions begins or no longer applies.

    Examples
    --------
    >>> change_dates("refusion_state_share", benefit="kontanthjaelp")
    [datetime.date(2011, 1, 1), datetime.date(2016, 1, 1)]
    """
    fitting = [r for r in _read() if r.name == name and conditions.items() <= r.when.items()]
    begins = {r.valid_from for r in fitting if r.valid_from}
    return sorted(begins | {r.valid_to + dt.timedelta(days=1) for r in fitting if r.valid_to})


def full_year_kr(rate: Rate) -> float:
    """Kroner for a full year of a benefit: 260 days, 52 weeks or 12 months.

    Examples
    --------
    >>> day = rate("dagpenge_max", "2012-06-01", per="day")
    >>> full_year_kr(day), round(full_year_kr(day) / 12)  # the published month is 17,073
    (204880, 17073)
    """
    if rate.unit not in PERIODS_PER_YEAR:
        raise ValueError(f"{rate.name} is in {rate.unit}; a full year needs {_listed(PERIODS_PER_YEAR)}")
    return rate.value * PERIODS_PER_YEAR[rate.unit]


def _asked(name: str, conditions: dict[str, str]) -> str:
    return name + "".join(f", {k}={v!r}" for k, v in conditions.items())


def _listed(items) -> str:
    return ", ".join(items) or "none"


def _values(some: list[Rate]) -> dict[str, list[str]]:
    """Return the conditions of some rates, each with its values in the order of the file."""
    keys = dict.fromkeys(k for r in some for k in r.when)
    return {k: list(dict.fromkeys(r.when[k] for r in some if k in r.when)) for k in keys}
