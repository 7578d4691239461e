"""What a set of changes to the 2017 frame costs, line by line and year by year, and who pays.

Prices of 2017, years 2017-2021; after 2020 the persons of the last estimate stay. Areas other than Ballerup have no
printed frame: functions of their accounts of 2017 stand in for it.
"""

from __future__ import annotations

import difflib
import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis import frame
from ballerup_analysis.gaps import population_on, yearly
from ballerup_analysis.rates import full_year_kr, rate
from ballerup_analysis.refusion import FIRST_WEEKS, step_shares
from ballerup_analysis.sources import DataError, load

YEARS = tuple(range(2017, 2022))
CYCLICAL = ("Dagpengemodtagere samt midlertidig arbejdsmarkedsydelse", "Kontanthjælp")
SICKNESS, INTEGRATION = "Sygedagpenge", "Integration"
STAND_INS = {"Kontanthjælp": "5.57.73", CYCLICAL[0]: "5.57.78", "Fleksjob": "5.58.81", frame.ACTIVATION: "5.68.90"}
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
    "country_points": Parameter(0, -1, 3.5, *POINTS, "unemployment in the country", "ledigheden i landet"),
    "gap_points": Parameter(0, -1, 1, *POINTS, "Ballerup's unemployment against the country's",
                            "Ballerups ledighed over for landets"),
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
    ``refund_rules_of`` a date.
    """

    parameter: str
    value: float | str
    start: int = 2018
    row: str = ""

    def __post_init__(self):
        if self.parameter == RULES:
            if not isinstance(self.value, str):
                raise ScenarioError(f"{RULES} is {self.value!r}; it must be a date such as '2015-06-30'")
        elif self.parameter not in PARAMETERS:
            near = difflib.get_close_matches(self.parameter, [*PARAMETERS, RULES], 1) or [*PARAMETERS, RULES]
            raise ScenarioError(f"no parameter {self.parameter!r}; nearest: {', '.join(near)}")
        else:
            p = PARAMETERS[self.parameter]
            low, high = p.low * p.widest, p.high * p.widest
            if not low <= self.amount <= high:
                raise ScenarioError(f"{self.parameter} is {self.value}; it must lie between {low} and {high}")
            if self.row and (not PARAMETERS[self.parameter].by_row or self.row not in frame.printed().index):
                rows = ", ".join(frame.printed().index) if PARAMETERS[self.parameter].by_row else "none"
                raise ScenarioError(f"{self.parameter} has no row {self.row!r}; rows: {rows}")
        if self.start not in YEARS:
            raise ScenarioError(f"{self.parameter} starts in {self.start}; it must be one of {YEARS[0]}-{YEARS[-1]}")

    @property
    def amount(self) -> float:
        """The value as a number."""
        if isinstance(self.value, str):
            first, _, last = self.value.partition("-")
            country = _country()
            if self.parameter != "country_points" or not {int(y) for y in (first, last) if y.isdigit()} <= set(
                country.index
            ):
                raise ScenarioError(f"{self.parameter} is {self.value!r}; it must be a number")
            return float(country[int(last)] - country[int(first)])
        return float(self.value)


@functools.cache
def _country() -> pd.Series:
    return yearly("gross_unemployment_pct")["000"]


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
def base(area: str = "151") -> Base:
    """Return the frame as printed for Ballerup, functions of the accounts of 2017 for another municipality."""
    prices = frame.prices()
    if area == "151":
        table = frame.expected()[list(YEARS)]
    else:
        accounts = load("regk31").query("area == @area and year == 2017").set_index("function")["kr_per_inhabitant"]
        if accounts.empty or area not in yearly("employed"):
            raise ScenarioError(f"no accounts of 2017 for area {area!r}; give the code of a municipality, such as 159")
        refunded = prices["municipal_share"].drop(CYCLICAL[0]).reindex(list(STAND_INS)).fillna(1.0)
        net = {row: accounts[f] * population_on("2017Q3")[area] / 1000 * refunded[row] for row, f in STAND_INS.items()}
        table = pd.DataFrame({year: net | {INTEGRATION: 0.0} for year in YEARS})
    ladder = {line.row: line.ladder for line in frame.LINES} | {
        INTEGRATION: "kontanthjaelp"
    }  # what integrationsydelse replaced; the same shares
    ladders = tuple(ladder.get(row) for row in table.index)
    gross = prices["gross_kr"].reindex(table.index)
    gross[INTEGRATION] = full_year_kr(rate("integrationsydelse", "2017-06-30", family="other"))
    share = [frame.stationary_share(one, frame.weekly_exit_hazard()) if one else 1.0 for one in ladders]
    paid = prices["net_kr"].reindex(table.index).to_numpy()[:, None]
    return Base(
        tuple(table.index), table.to_numpy(float), gross.fillna(0).to_numpy(), ladders, np.array(share),
        np.nan_to_num(table.to_numpy(float) * 1000 / paid),
        yearly("employed")[area][2017] / (1 - yearly("gross_unemployment_pct")[area][2017] / 100),
        yearly("net_unemployed_kontanthjaelp")[area][2016],
    )  # fmt: skip


def _stock(faster_pct: float, start: int) -> np.ndarray:
    """Return the stock, year × step of the ladder, against 1 in balance, when the exit rate changes on 1 January.

    t weeks later those who came since are thinned at the new rate; those from before were at the old one first.
    """
    old = frame.weekly_exit_hazard()
    new, spell = min(old * (1 + faster_pct / 100), 1.0), FIRST_WEEKS - 1.0
    t = np.maximum(WEEKS - 52 * (start - YEARS[0]) + 1, 0)[:, None]
    came = ((1 - new) ** np.minimum(spell, t) - (1 - new) ** t) * (old / new)
    at_least = came + (1 - new) ** t * (1 - old) ** np.maximum(spell - t, 0)
    steps = at_least - np.c_[at_least[:, 1:], np.zeros(len(t))]
    return steps.reshape(len(YEARS), 52, -1).mean(axis=1)


@functools.cache
def _ladder(benefit: str, on: str) -> np.ndarray:
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
    set_to = {(c.parameter, c.row): c for c in changes}
    on = np.array([one is not None for one in b.ladders])

    def path(name):
        found = set_to.get((name, ""))
        return (
            np.where(years >= found.start, found.amount, PARAMETERS[name].base)
            if found
            else np.full(5, PARAMETERS[name].base)
        )

    stocks, price, all_rows = [], np.ones_like(b.net_tkr), set_to.get(("exit_rate_pct", ""))
    for i, row in enumerate(b.rows):
        slower = set_to.get(("exit_rate_pct", row), all_rows)
        stocks.append(_stock(slower.amount, slower.start) if slower and on[i] else _balance())
        own_price = path("price_pct") * (row in frame.FORSOERGELSE)
        if dearer := set_to.get(("price_pct", row)):
            own_price = np.where(years >= dearer.start, dearer.amount, 0.0)
        price[i] += own_price / 100
    rules, stocks = set_to.get((RULES, "")), np.array(stocks)
    paid = np.ones_like(stocks)
    for i in np.flatnonzero(on):
        paid[i] = _ladder(b.ladders[i], "2017-06-30")
        if rules:
            paid[i, years >= rules.start] = _ladder(b.ladders[i], rules.value)
    heads, own = stocks.sum(axis=2), (stocks * paid).sum(axis=2)
    above = path("uprating_points")
    price[np.isin(b.rows, frame.FORSOERGELSE)] *= np.cumprod(1 + above / 100)
    extra, bought = _extra_persons(b, path, area)
    alone = np.where(heads > 0, own / heads, 0)
    net = b.net_tkr * own / b.share[:, None] * price + bought + extra * b.gross_kr[:, None] / 1000 * alone * price
    state = (b.persons * (heads - own) + extra * (1 - alone)) * b.gross_kr[:, None] / 1000 * price
    return net, state


@functools.cache
def _balance() -> np.ndarray:
    return _stock(0.0, YEARS[0])


def _extra_persons(b: Base, path, area: str) -> tuple[np.ndarray, np.ndarray]:
    """Return persons more on each line, and activation bought for them (tkr), rows × years."""
    extra, bought, at = np.zeros_like(b.net_tkr), np.zeros_like(b.net_tkr), b.rows.index
    unemployed = (path("country_points") + path("gap_points")) / 100 * b.labour_force
    among = np.array([b.persons[at(CYCLICAL[0]), 0], b.jobready])
    extra[[at(row) for row in CYCLICAL]] += unemployed * (among / among.sum())[:, None]
    extra[at(INTEGRATION)] += path("refugees_persons")
    if (taken := path("sickness_take_up")).any():
        if area != "151":
            raise ScenarioError(f"the sickness case is Ballerup's own; there is none for area {area}")
        reached = np.interp(np.array(YEARS) - path("sickness_delay_years"), [2017, 2021], [0, 1])
        extra[at(SICKNESS)] -= taken * reached * _sickness_persons()
    on = np.array([one is not None and row != INTEGRATION for one, row in zip(b.ladders, b.rows, strict=True)])
    more = path("activation_points") / 100 * b.persons.sum(axis=0)
    extra[on] -= path("activation_effect") * more * b.persons[on] / b.persons[on].sum(axis=0)
    bought[at(frame.ACTIVATION)] = more * b.net_tkr[at(frame.ACTIVATION)] / (_activated_share() * b.persons.sum(axis=0))
    return extra, bought


@functools.cache
def _sickness_persons() -> float:
    return load("minutes_2020.statements").set_index("row")["high"]["sickness_persons_target"]


@functools.cache
def _activated_share() -> float:
    return load("plan_2018.activation_share").query("status == 'F'")["value"].iloc[0] / 100


def forget() -> None:
    """Read everything anew the next time."""
    for kept in (_country, base, _ladder, _balance, _sickness_persons, _activated_share, frame.weekly_exit_hazard):
        kept.cache_clear()
