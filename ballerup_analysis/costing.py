"""What a set of changes to the 2017 frame costs, line by line and year by year, and who pays.

Prices of 2017, years 2017-2021; after 2020 the persons of the last estimate stay. Areas other than Ballerup have no
printed frame: functions of their accounts of 2017 stand in for it.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis import frame
from ballerup_analysis.rates import as_date, full_year_kr, rate
from ballerup_analysis.refusion import FIRST_WEEKS, step_shares
from ballerup_analysis.sources import HOME, DataError, load, municipalities
from ballerup_analysis.trend import population_on, yearly

YEARS = tuple(range(2017, 2022))
CYCLICAL = ("Dagpengemodtagere samt midlertidig arbejdsmarkedsydelse", "Kontanthjælp")
SICKNESS, INTEGRATION = "Sygedagpenge", "Integration"
STAND_INS = {"Kontanthjælp": "5.57.73", CYCLICAL[0]: "5.57.78", "Fleksjob": "5.58.81", frame.ACTIVATION: "5.68.90"}
LADDER = {line.row: line.ladder for line in frame.LINES} | {
    INTEGRATION: "kontanthjaelp"
}  # which it replaced; same shares
WEEKS = np.arange(52 * len(YEARS))


@dataclass(frozen=True)
class Parameter:
    """What a scenario may change: its value in the baseline, its plausible range (assumed), its words."""

    base: float
    low: float
    high: float
    unit: str
    danish_unit: str
    english: str
    danish: str
    by_row: bool = False
    widest: float = 1.0  # a scenario may go so many times beyond the plausible range


POINTS = ("pct. points", "pct.point")
PARAMETERS = {
    "country_points": Parameter(0, -1, 3.5, *POINTS, "change in the country's unemployment", "ændring i landets ledighed"),
    "gap_points": Parameter(0, -1, 1, *POINTS, "change in Ballerup's unemployment against the country's",
                            "ændring i Ballerups ledighed over for landets"),
    "exit_rate_pct": Parameter(0, -10, 10, "pct.", "pct.", "persons leaving each week", "afgangen pr. uge", True, 5),
    "price_pct": Parameter(0, -3, 3, "pct.", "pct.", "unit price", "enhedsprisen", True),
    "uprating_points": Parameter(0, -0.5, 0.5, "pct. points a year", "pct.point om året", "uprating above the index",
                                 "regulering ud over satsen"),
    "activation_points": Parameter(0, -4, 4, *POINTS, "share of citizens in activation", "andelen i aktivering"),
    "activation_effect": Parameter(0.1, 0, 0.3, "persons", "personer", "persons fewer per person more in activation",
                                   "færre personer pr. ekstra aktiveret"),
    "refugees_persons": Parameter(0, -100, 200, "persons", "personer", "refugees on integrationsydelse",
                                  "flygtninge på integrationsydelse"),
    "sickness_take_up": Parameter(0, 0, 1.2, "of what was promised", "af det lovede", "persons of the sickness case reached",
                                  "nåede personer i sygedagpengecasen"),
    "sickness_delay_years": Parameter(0, 0, 2, "years", "år", "delay of the sickness case",
                                      "forsinkelse af sygedagpengecasen"),
}  # fmt: skip
RULES = "refund_rules_of"  # the one change that is a date: the ladder of that day


class ScenarioError(DataError):
    """A scenario that cannot be read, run or stacked."""


@dataclass(frozen=True)
class Change:
    """One change: a parameter's value from a year on, for one line of the frame where the parameter goes by line.

    ``value`` is a number; for ``country_points`` also two years, ``"2008-2010"``: the change between them in the series; for
    ``refund_rules_of`` a date. A line's own change stands instead of the one for all lines.
    """

    parameter: str
    value: float | str | dt.date
    start: int = 2018
    row: str = ""

    def __post_init__(self):
        name, told = self.parameter, f"{self.parameter} is {self.value!r}; it must"
        if name not in (known := [*PARAMETERS, RULES]):
            near = difflib.get_close_matches(str(name), known, 1) or known
            raise ScenarioError(f"no parameter {name!r}; nearest: {', '.join(near)}")
        if name == RULES:
            try:
                object.__setattr__(self, "value", as_date(self.value).isoformat())
                for line in filter(None, LADDER.values()):
                    _ladder(line, self.value)
            except (AttributeError, TypeError, ValueError) as e:
                raise ScenarioError(f"{told} be a date with refund rules, such as '2015-06-30': {e}") from None
        else:
            p = PARAMETERS[name]
            if not p.low * p.widest <= self.amount <= p.high * p.widest:
                raise ScenarioError(f"{told} lie between {p.low * p.widest:g} and {p.high * p.widest:g}")
        if self.row != "" and self.row not in rows_of(name):
            raise ScenarioError(f"{name} has no row {self.row!r}; rows: {', '.join(rows_of(name)) or 'none'}")
        if self.start not in YEARS:
            raise ScenarioError(f"{name} starts in {self.start!r}; it must be one of {YEARS[0]}-{YEARS[-1]}")

    @property
    def amount(self) -> float:
        """The value as a number; ScenarioError when it is none."""
        if isinstance(self.value, (int, float)) and not isinstance(self.value, bool):
            return self.value
        if self.parameter != "country_points":
            raise ScenarioError(f"{self.parameter} is {self.value!r}; it must be a number")
        country = _country()
        try:
            first, last = self.value.split("-")
            return float(country[int(last)] - country[int(first)])
        except (AttributeError, ValueError, KeyError):
            raise ScenarioError(
                f"country_points is {self.value!r}; it must be a number, or two years of the series "
                f"{country.index[0]}-{country.index[-1]} such as '2008-2010'"
            ) from None


def rows_of(parameter: str) -> tuple[str, ...]:
    """Return the lines a parameter can be changed for apart.

    Examples
    --------
    >>> rows_of("gap_points")
    ()
    """
    leaving = tuple(line.row for line in frame.LINES if line.ladder)
    return {"exit_rate_pct": leaving, "price_pct": base().rows}.get(parameter, ())


@functools.cache
def _country() -> pd.Series:
    return yearly("gross_unemployment_pct")["000"].dropna()


@dataclass(frozen=True)
class Base:
    """The frame of an area before any change: rows × years, and what a year on each line costs and who pays it."""

    rows: tuple[str, ...]
    net_tkr: np.ndarray
    gross_kr: np.ndarray  # 0 where no benefit is paid by rate
    ladders: tuple[str | None, ...]
    share: np.ndarray  # the municipality's, 1 off the ladder
    persons: np.ndarray  # rows × years, 0 where none are counted
    labour_force: float
    jobready: float


@functools.cache
def base(area: str = HOME) -> Base:
    """Return the frame as printed for Ballerup, functions of the accounts of 2017 for another municipality."""
    prices = _prices()
    if area == HOME:
        table = frame.expected()[list(YEARS)]
    elif area in _areas().index:
        own = _areas().loc[area, list(STAND_INS.values())].set_axis(list(STAND_INS))
        own *= prices["municipal_share"].drop(CYCLICAL[0]).reindex(own.index).fillna(1.0)
        own[INTEGRATION] = 0.0
        table = pd.DataFrame({year: own for year in YEARS})
    else:
        raise ScenarioError(f"no accounts of 2017 for area {area!r}; give the code of a municipality, such as 159")
    prices = prices.reindex(table.index)
    paid = prices["net_kr"].to_numpy()[:, None]
    return Base(
        tuple(table.index), table.to_numpy(float), prices["gross_kr"].fillna(0).to_numpy(),
        tuple(LADDER.get(row) for row in table.index), prices["municipal_share"].fillna(1).to_numpy(),
        np.nan_to_num(table.to_numpy(float) * 1000 / paid),
        *_areas().loc[area, ["labour_force", "jobready"]],
    )  # fmt: skip


@functools.cache
def _prices() -> pd.DataFrame:
    table = frame.prices()
    family = rate("integrationsydelse", "2017-06-30", family="other")
    share = frame.stationary_share(LADDER[INTEGRATION], frame.weekly_exit_hazard())
    table.loc[INTEGRATION, ["gross_kr", "municipal_share"]] = full_year_kr(family), share
    return table


@functools.cache
def _areas() -> pd.DataFrame:
    """Return by municipality: accounts of 2017 by function (tkr), labour force of 2017, jobready of 2016."""
    accounts = load("regk31").query("year == 2017").pivot_table("kr_per_inhabitant", "area", "function")
    unemployed = yearly("gross_unemployment_pct").loc[2017] / 100
    more = {
        "labour_force": yearly("employed").loc[2017] / (1 - unemployed),
        "jobready": yearly("net_unemployed_kontanthjaelp").loc[2016],
    }
    return accounts.mul(population_on("2017Q3") / 1000, axis=0).assign(**more).loc[municipalities()]


@functools.lru_cache(maxsize=256)
def _stock(faster_pct: float, start: int) -> np.ndarray:
    """Return the stock, year × step of the ladder, against 1 in balance, when the exit rate changes on 1 January.

    t weeks later those who came since are thinned at the new rate; those from before were at the old one first.
    """
    old = frame.weekly_exit_hazard()
    new, spell = old * (1 + faster_pct / 100), FIRST_WEEKS - 1.0
    t = np.maximum(WEEKS - 52 * (start - YEARS[0]) + 1, 0)[:, None]
    came = ((1 - new) ** np.minimum(spell, t) - (1 - new) ** t) * (old / new)
    at_least = came + (1 - new) ** t * (1 - old) ** np.maximum(spell - t, 0)
    steps = at_least - np.c_[at_least[:, 1:], np.zeros(len(t))]
    return steps.reshape(len(YEARS), 52, -1).mean(axis=1)


@functools.cache
def _ladder(benefit: str, on: str | dt.date) -> np.ndarray:
    return step_shares(benefit, on) / 100


def cost(changes: tuple[Change, ...], area: str = "151") -> tuple[np.ndarray, np.ndarray]:
    """Return what the municipality and the state pay, rows × years each, tkr at prices of 2017.

    Examples
    --------
    >>> own, state = cost(())
    >>> round(own[:, 0].sum())  # B2017 as printed, but for the rounding of its lines
    506692
    """
    b, years = base(area), np.array(YEARS)
    if absent := {c.row for c in changes} - {"", *b.rows}:
        raise ScenarioError(f"area {area} has no line {', '.join(sorted(absent))}; its lines: {', '.join(b.rows)}")
    set_to = {(c.parameter, c.row): c for c in changes}
    rules = set_to.get((RULES, ""))

    def find(name, row):
        return set_to.get((name, row)) or set_to.get((name, ""))

    def path(name, row=""):
        found, before = find(name, row), PARAMETERS[name].base
        return np.where(years >= found.start, found.amount, before) if found else np.full(len(years), before)

    heads, own, price = np.ones((3, *b.net_tkr.shape))
    for i, (row, ladder) in enumerate(zip(b.rows, b.ladders, strict=True)):
        if ladder:
            exits = find("exit_rate_pct", row)
            stock = _stock(exits.amount, exits.start) if exits else _stock(0.0, YEARS[0])
            paid = np.tile(_ladder(ladder, "2017-06-30"), (len(years), 1))
            if rules:
                paid[years >= rules.start] = _ladder(ladder, rules.value)
            heads[i], own[i] = stock.sum(axis=1), (stock * paid).sum(axis=1)
        if row in frame.FORSOERGELSE or ("price_pct", row) in set_to:
            price[i] += path("price_pct", row) / 100
        if row in frame.FORSOERGELSE:
            price[i] *= np.cumprod(1 + path("uprating_points") / 100)
    extra, bought = _extra_persons(b, path, area)
    extra_tkr = extra * b.gross_kr[:, None] / 1000 * own / heads
    moved = np.where(b.persons == 0, 1.0, own / b.share[:, None])  # of Integration the frame counts no persons
    net = (b.net_tkr * moved + bought + extra_tkr) * price
    state = (b.persons * (heads - own) + extra * (1 - own / heads)) * b.gross_kr[:, None] / 1000 * price
    return net, state


def _extra_persons(b: Base, path, area: str) -> tuple[np.ndarray, np.ndarray]:
    """Return persons more on each line, and activation bought for them (tkr), rows × years."""
    extra, bought, at = np.zeros_like(b.net_tkr), np.zeros_like(b.net_tkr), b.rows.index
    unemployed = (path("country_points") + path("gap_points")) / 100 * b.labour_force
    among = np.array([b.persons[at(CYCLICAL[0]), 0], b.jobready])
    extra[[at(row) for row in CYCLICAL]] += unemployed * (among / among.sum())[:, None]
    extra[at(INTEGRATION)] += path("refugees_persons")
    if (taken := path("sickness_take_up")).any():
        if area != HOME:
            raise ScenarioError(f"the sickness case is Ballerup's own; there is none for area {area}")
        reached = np.interp(np.array(YEARS) - path("sickness_delay_years"), [2018, 2021], [0, 1])
        extra[at(SICKNESS)] -= taken * reached * _sickness_persons()
    on = np.array([one is not None and row != INTEGRATION for one, row in zip(b.ladders, b.rows, strict=True)])
    more = path("activation_points") / 100
    extra[on] -= path("activation_effect") * more * b.persons.sum(axis=0) * b.persons[on] / b.persons[on].sum(axis=0)
    bought[at(frame.ACTIVATION)] = b.net_tkr[at(frame.ACTIVATION)] * more / _activated_share()
    return extra, bought


@functools.cache
def _sickness_persons() -> float:
    return load("minutes_2020.statements").set_index("row")["high"]["sickness_persons_target"]


@functools.cache
def _activated_share() -> float:
    return load("plan_2018.activation_share").query("status == 'F'")["value"].iloc[0] / 100


def forget() -> None:
    """Read everything anew the next time."""
    for kept in (*globals().values(), frame.weekly_exit_hazard):
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()
