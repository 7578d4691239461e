"""A budget as data: lines × years, persons × price, the refund ladder they stand on, and how wide outcomes have spread.

A :class:`Frame` is the baseline a change is measured against. The paper prints the lines of 2017, and persons and unit
price for forsørgelse in all; persons by line are inferred.
"""

from __future__ import annotations

import functools
import hashlib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ballerup_analysis import movement
from ballerup_analysis.rates import Rate, full_year_kr, rate
from ballerup_analysis.refusion import FIRST_WEEKS, step_rates
from ballerup_analysis.sources import DataError, load, municipalities

if TYPE_CHECKING:
    from ballerup_analysis.own.unread import Unread

BUDGET_YEAR, LAST_YEAR = 2017, 2024
PUBLIC = ("5.57.73", "5.57.78", "5.58.81")  # their sum stands for the lines without a series of their own
BEFORE = "2015-12-27"  # the last day of the rules before the ladder, for every benefit
REPEATS = 8  # of every path, each with another upon it
BLOCK_YEARS = 4  # as far ahead as five origins of the accounts allow
ASSUMED = tomllib.loads(Path(__file__).with_name("parameters.toml").read_text(encoding="utf-8"))
BENEFITS = ASSUMED["benefit"]


@dataclass(frozen=True)
class Line:
    """A line of a budget: the benefit it pays, the function it has in the accounts, and what kind of cost it is.

    Parameters
    ----------
    benefit : str
        A benefit of ``parameters.toml``; empty where none is paid by rate.
    function : str
        The function of the accounts it moves as.
    kind : str
        benefit (forsørgelse), activation or other.

    Examples
    --------
    >>> Line("Ledighedsydelse", "ledighedsydelse").kind
    'benefit'
    """

    row: str
    benefit: str = ""
    function: str = ""
    kind: str = "benefit"


LINES = tuple(Line(row, **told) for row, told in ASSUMED["budget_2017"].items())
FORSOERGELSE = tuple(line.row for line in LINES if line.kind == "benefit")


@dataclass(frozen=True, eq=False)
class Frame:
    """A budget before any change: what each line costs the municipality, how many persons, at what price, and who pays.

    Parameters
    ----------
    name, area : str
        Name of the baseline, code of the municipality.
    years, status : tuple
        The years, and what the figures of each are: B budget, BO estimate, R accounts, F forecast, "as before" (assumed).
    lines : tuple of Line
    net_tkr : numpy.ndarray, (lines, years)
        What the municipality pays.
    persons : numpy.ndarray, (lines, years)
        0 where none are counted.
    price_kr : numpy.ndarray, (lines, years)
        A person's full year before refund; 0 where no benefit is paid by rate.
    exit_rate : numpy.ndarray, (lines,)
        Share that leaves each week; 0 off the ladder.
    paid_pct : numpy.ndarray, (lines, steps)
        The municipality's share by step of the refund ladder; 100 off it.
    off_ladder : numpy.ndarray, (lines,)
        Share that stood there before the ladder and keeps the refund of before.
    cyclical : numpy.ndarray, (lines,)
        Where one unemployed more is paid; adds up to 1.
    labour_force, inhabitants, activated, active, pass_through, promised : float
        Persons; persons on 1 July of the first year, or the last known; share in activation; share active by the rules before 2016; how much of a change in the country's
        unemployment comes through; persons fewer in the sickness case.
    price_level : str
        Such as "2017", or "current".
    source : str
    rates : tuple of Rate
        The rates it rests on.
    spread_tkr : numpy.ndarray, (quantiles, lines, years), optional
        What a forecast of the lines leaves open.
    unreconciled : bool
        Whether some of its amounts stand in an own file and in no total there.
    unread : tuple of ballerup_analysis.own.unread.Unread
        What else stands in that file.
    is_named : bool
        Whether that file tells whose it is.
    """

    name: str
    area: str
    years: tuple[int, ...]
    status: tuple[str, ...]
    lines: tuple[Line, ...]
    net_tkr: np.ndarray
    persons: np.ndarray
    price_kr: np.ndarray
    exit_rate: np.ndarray
    paid_pct: np.ndarray
    off_ladder: np.ndarray
    cyclical: np.ndarray
    labour_force: float
    inhabitants: float
    activated: float
    active: float
    pass_through: float
    promised: float
    price_level: str
    source: str
    rates: tuple[Rate, ...]
    spread_tkr: np.ndarray | None = None
    unreconciled: bool = False
    unread: tuple[Unread, ...] = ()
    is_named: bool = False

    # The lines below hold for a frame as it is: it cannot be changed.
    @functools.cached_property
    def rows(self) -> tuple[str, ...]:
        """The names of the lines."""
        return tuple(line.row for line in self.lines)

    @functools.cached_property
    def open_years(self) -> tuple[int, ...]:
        """The years a change may start in: those whose accounts are not closed; all, where nothing but accounts is told."""
        still = tuple(year for year, status in zip(self.years, self.status, strict=True) if status != "R")
        return still or self.years

    @property
    def start(self) -> int:
        """The year a change starts in where it tells none: the second, or the first one open after it."""
        return max(self.years[1], self.open_years[0])

    def row_of(self, name: str) -> str:
        """Return the line of a name, which may be that of the benefit it pays; the name itself where there is none."""
        return next((line.row for line in self.lines if name and name == line.benefit), name)

    @functools.cached_property
    def on_ladder(self) -> np.ndarray:
        """Which lines stand on the refund ladder."""
        return np.array([line.benefit != "" for line in self.lines])

    @functools.cached_property
    def balance(self) -> np.ndarray:
        """How each line is spread over the steps of the ladder in balance, lines × steps."""
        return in_balance(self.exit_rate)

    @functools.cached_property
    def share(self) -> np.ndarray:
        """The municipality's share of each line in balance, 0 to 1; 1 off the ladder."""
        return (self.balance * self.paid_pct).sum(axis=1) / 100

    @functools.cached_property
    def moves_as(self) -> np.ndarray:
        """Which of the movers each line moves as: by its function, or not at all; a forecast has a spread for every line."""
        told = [f"{line.kind == 'other' or line.function}" for line in self.lines]
        return pd.factorize(np.array(told))[0] if self.spread_tkr is None else np.arange(len(told))

    @functools.cached_property
    def movers(self) -> tuple[Line, ...]:
        """The first line of each movement."""
        return tuple(self.lines[i] for i in np.unique(self.moves_as, return_index=True)[1])

    @functools.cached_property
    def hash(self) -> str:
        """Twelve digits that change with any number a cost is computed from, and with what a line is."""
        arrays = [
            getattr(self, name)
            for name in self.__annotations__
            if name not in ("source", "rates", "lines", "unreconciled", "unread", "is_named")
        ]
        told = [np.asarray(one).tolist() for one in arrays] + [*map(repr, self.lines)]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:12]

    def table(self, what: str = "net_tkr") -> pd.DataFrame:
        """Return a quantity as lines × years."""
        return pd.DataFrame(getattr(self, what), self.rows, self.years)


def in_balance(exit_rate) -> np.ndarray:
    """Return how a stock in balance is spread over the steps of the ladder; adds up to 1.

    Parameters
    ----------
    exit_rate : float or array
        Share that leaves each week, 0 to 1; at 0 all are past a year.

    Examples
    --------
    >>> in_balance(0.5).round(4).tolist()
    [0.9375, 0.0586, 0.0039, 0.0, 0.0]
    """
    exit_rate = np.asarray(exit_rate, dtype=float)
    if not ((exit_rate >= 0) & (exit_rate <= 1)).all():
        raise DataError(f"exit_rate is {exit_rate}; it must lie between 0 and 1")
    reached = (1 - exit_rate[..., None]) ** (FIRST_WEEKS - 1.0)
    return reached - np.concatenate([reached[..., 1:], np.zeros_like(reached[..., :1])], axis=-1)


def printed(read=load) -> pd.DataFrame:
    """Return the frame as printed, lines × years 2016-2020, tkr; B2017 is the budget, 2018-2020 its estimates.

    Source: budget_2017.frame_2002.

    Examples
    --------
    >>> printed()[2017].sum()  # printed: 506.693, and lines are rounded
    np.float64(506692.0)
    """
    table = read("budget_2017.frame_2002").query("row != 'I alt' and column != 'R2015'")
    return table.pivot_table("value", "row", "year", sort=False)


def units(read=load) -> pd.DataFrame:
    """Return persons (helårspersoner) and unit price (tkr) of forsørgelse as printed, by year 2016-2020.

    Source: budget_2017.unit_count and unit_price, their first rows moved back to the right heading.

    Examples
    --------
    >>> units().loc[2017].tolist()
    [3310.0, 117.0]
    """
    tables = {"persons": "unit_count", "price_tkr": "unit_price"}
    told = {name: read(f"budget_2017.{table}", corrected=True) for name, table in tables.items()}
    kept = {name: t.query("row.str.startswith('Fors') and column != 'R2015'") for name, t in told.items()}
    return pd.DataFrame({name: t.set_index("year")["value"] for name, t in kept.items()})


def prices_on(lines: tuple[Line, ...], on, benefits=BENEFITS) -> tuple[np.ndarray, list[Rate]]:
    """Return what a full year costs before refund at the rates of a day, kr. by line (0 without a rate), and the rates."""
    told = [benefits[line.benefit] if line.benefit else None for line in lines]
    used = [rate(one["rate"], on, **one.get("when", {})) if one else None for one in told]
    return np.array([full_year_kr(one) if one else 0.0 for one in used]), [one for one in used if one]


def exit_rates(lines: tuple[Line, ...], benefits=BENEFITS) -> np.ndarray:
    """Return the share that leaves the count of weeks each week, by line; 0 off the ladder.

    Who returns before the count starts anew goes on where they were, so that they have not left it.

    Examples
    --------
    >>> exit_rates(LINES)[2].round(4)  # dagpenge: 4,5 pct. a week, of whom 30 pct. return
    np.float64(0.0315)
    """
    told = [benefits.get(line.benefit) for line in lines]
    return np.array([t["exit_pct"][0] / 100 * (1 - t["returning_pct"][0] / 100) if t else 0.0 for t in told])


def off_ladder(lines: tuple[Line, ...], benefits=BENEFITS) -> np.ndarray:
    """Return the share of each line that stood there before the ladder and keeps the refund of before, 0 to 1.

    Examples
    --------
    >>> off_ladder(LINES)[[1, 4]].tolist()  # kontanthjælp, fleksjob
    [0.0, 0.8]
    """
    told = [benefits.get(line.benefit) for line in lines]
    return np.array([one["off_ladder_pct"][0] / 100 if one else 0.0 for one in told])


def paid_on(lines: tuple[Line, ...], on, active: float, off: np.ndarray) -> tuple[np.ndarray, list[Rate]]:
    """Return the municipality's share by line and step of the ladder of a day, pct. (100 off it), and the rates.

    Parameters
    ----------
    on : datetime.date or str
        The day whose rules hold.
    active : float
        Share who were active by the rules before 2016, 0 to 1; those rules also hold for who stood there before.
    off : numpy.ndarray
        How many did (:func:`off_ladder`).
    """
    shares, used = np.full((len(lines), len(FIRST_WEEKS)), 100.0), []
    for i, line in enumerate(lines):
        if line.benefit:
            ladder, shares[i] = BENEFITS[line.benefit]["ladder"], 0.0
            for day, kept in ((on, 1 - off[i]), (BEFORE, off[i])):
                for how, part in (("passive", 1 - active), ("active", active)) if kept else ():
                    steps = step_rates(ladder, day, how)
                    shares[i] += part * kept * np.array([one.value for one in steps])
                    used += steps
    return shares, used


def uprating(years) -> pd.DataFrame:
    """Return price levels with 2017 = 1, by year: benefits (dagpenge's maximum), other (the state's general index).

    The general index is known to 2022; after that it is assumed to grow as the benefits.

    Examples
    --------
    >>> uprating([2020]).round(3).to_dict("list")
    {'benefits': [1.037], 'other': [1.044]}
    """
    known = pd.Index(range(BUDGET_YEAR, max(years) + 1), name="year")
    month = np.array([rate("dagpenge_max", f"{year}-06-30", per="month").value for year in known])
    table = pd.DataFrame({"benefits": month / month[0], "other": 1.0}, known)
    for year in known[1:]:
        step = table["benefits"][year] / table["benefits"][year - 1]
        if year <= 2022:
            step = 1 + rate("pl_state_general", f"{year}-06-30").value / 100
        table.loc[year, "other"] = table.loc[year - 1, "other"] * step
    return table.loc[list(years)]


def past_paths(lines: tuple[Line, ...], read=load) -> np.ndarray:
    """Return how the accounts of 98 municipalities moved over four years: log change less its median; 0 for other lines.

    Source: regk31, kr. per inhabitant in current prices, origins 2016-2020; a municipality with a value of zero or less
    is left out of that origin.

    Returns
    -------
    numpy.ndarray, (paths, years ahead, lines)

    Examples
    --------
    >>> past_paths(LINES).shape[1:]
    (4, 14)
    """
    wide = read("regk31").pivot_table("kr_per_inhabitant", ["function", "year"], "area")[municipalities()]
    kr = {function: wide.loc[function].to_numpy(float) for function in wide.index.unique("function")}
    kr[""] = sum(kr[function] for function in PUBLIC)
    needed = [line.function for line in (*LINES, *lines)]  # the same municipalities, whichever lines are asked for
    logs = np.stack([np.log(np.where(kr[one] > 0, kr[one], np.nan)) for one in needed], axis=-1)
    origins = range(len(logs) - BLOCK_YEARS)
    moved = np.concatenate([logs[o + 1 : o + 1 + BLOCK_YEARS] - logs[o] for o in origins], axis=1)
    moved = moved[:, ~np.isnan(moved).any(axis=(0, 2)), len(LINES) :]
    still = np.array([line.kind == "other" for line in lines])
    return np.where(still, 0.0, moved - np.median(moved, axis=1, keepdims=True)).swapaxes(0, 1)


def factors(frame: Frame, read=load) -> np.ndarray:
    """Return how far the lines of a frame may turn out from it, together: factors, draws × years × movers of the frame.

    A forecast frame has its quantiles for every line and year; between them the lines move together as the draws of
    :func:`ballerup_analysis.movement.changes` do. A printed frame moves as the accounts of all municipalities did
    (:func:`past_paths`), after four years one such path upon another. Years of accounts do not move.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> factors(budget_2017()).shape[1:]
    (5, 6)
    """
    if frame.spread_tkr is not None:
        return _around(frame, read)
    near = past_paths(frame.movers, read)
    again = np.random.default_rng(0).permutation(np.tile(np.arange(len(near)), REPEATS))
    near = np.tile(near, (REPEATS, 1, 1))
    logs = np.concatenate([near, near[:, -1:] + near[again]], axis=1)
    known = sum(status == "R" for status in frame.status)
    still = np.zeros((len(logs), known, len(frame.movers)))
    return np.exp(np.concatenate([still, logs], axis=1)[:, : len(frame.years)])


def _around(frame: Frame, read) -> np.ndarray:
    past = movement.history(read("regk31")).until(frame.years[0])
    ahead = np.tile(np.arange(1, len(frame.years)), (len(past.functions), 1))
    drawn = movement.changes(past, ahead)[:, movement.CANDIDATES.index("movement")]
    ranks = (drawn.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable") + 0.5) / len(drawn)
    found = np.ones((len(drawn), len(frame.years), len(frame.lines)))
    for i, line in enumerate(frame.lines):
        if line.function in past.functions:
            apart = frame.spread_tkr[:, i, 1:] / frame.net_tkr[i, 1:]
            f = past.functions.index(line.function)
            for y, some in enumerate(apart.T):
                found[:, y + 1, i] = np.interp(ranks[:, f, y], movement.QUANTILES, some)
    return found


def expected(prices_of: str = "fixed", read=load) -> pd.DataFrame:
    """Return the frame as the budget expects it, lines × years 2017-2024, tkr.

    To 2020 the printed lines, taken to be in prices of 2017 because every printed unit price stays the same; after that
    the persons of 2020 stay.

    Parameters
    ----------
    prices_of : str
        fixed (prices of 2017) or current.

    Examples
    --------
    >>> expected().sum()[[2020, 2024]].tolist()  # printed: 504.119, and lines are rounded
    [504118.0, 504118.0]
    """
    if prices_of not in ("fixed", "current"):
        raise DataError(f"prices_of is {prices_of!r}; it must be fixed or current")
    years = range(BUDGET_YEAR, LAST_YEAR + 1)
    table = printed(read).reindex(columns=years).ffill(axis=1)
    if prices_of == "current":
        level = uprating(years)
        kind = np.where(table.index.isin(FORSOERGELSE), "benefits", "other")
        table = table * level[kind].T.to_numpy()
    return table


def fan(prices_of: str = "fixed", rows: tuple[str, ...] | None = None, read=load) -> pd.DataFrame:
    """Return the fan of the frame, or of some of its lines, 2017-2024.

    The middle is the budget; the spread is that of the accounts of all municipalities over four years, lines moving
    together as they did, and over years five to eight one such path after another, every pair. Lines without accounts of
    their own move as the three that have them; lines that are neither forsørgelse nor activation do not move.

    Returns
    -------
    pandas.DataFrame
        By year: quantiles 0.025 … 0.975, tkr.

    Examples
    --------
    >>> bool((fan().diff(axis=1).iloc[:, 1:] >= 0).all(axis=None))
    True
    """
    table = expected(prices_of, read)
    table = table.loc[list(rows)] if rows else table
    by_row, cost = {line.row: line for line in LINES}, table.T.to_numpy()
    paths = np.exp(past_paths(tuple(by_row[row] for row in table.index), read))
    near = np.einsum("phl,hl->hp", paths, cost[:BLOCK_YEARS])
    far = np.einsum("pl,qhl,hl->hpq", paths[:, -1], paths, cost[BLOCK_YEARS:])
    parts = [np.quantile(near, movement.QUANTILES, axis=1), np.quantile(far, movement.QUANTILES, axis=(1, 2))]
    return pd.DataFrame(np.hstack(parts).T, table.columns, movement.QUANTILES)
