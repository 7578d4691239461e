"""Frame 20.02 line by line: persons × net price, who pays, benefit uprating, and how wide the outcomes have spread.

The paper prints the lines, and persons and unit price for forsørgelse in all. Persons by line are inferred: the net
price of a line is a full year of its benefit × the municipality's share by the refund ladder, with one weekly exit rate
for all lines, set so that the persons of 2017 are those printed. That rate and the household types are assumed.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from ballerup_analysis.forecast import LEVELS
from ballerup_analysis.rates import Rate, full_year_kr, rate
from ballerup_analysis.refusion import FIRST_WEEKS, step_shares
from ballerup_analysis.sources import DataError, load, municipalities

BUDGET_YEAR, LAST_YEAR = 2017, 2024
PUBLIC = ("5.57.73", "5.57.78", "5.58.81")  # their sum stands for the lines without a series of their own
BLOCK_YEARS = 4  # as far ahead as five origins of the accounts allow


@dataclass(frozen=True)
class Line:
    """A line of forsørgelse: its benefit's rate, its place on the refund ladder, its function in the accounts.

    Examples
    --------
    >>> Line("Ledighedsydelse", "ledighedsydelse").function is None
    True
    """

    row: str
    ladder: str | None = None
    rate: str | None = None
    household: tuple[tuple[str, str], ...] = ()
    function: str | None = None


LINES = (
    Line("Sygedagpenge", "sygedagpenge", "sygedagpenge_max", (("per", "week"),)),
    Line("Kontanthjælp", "kontanthjaelp", "kontanthjaelp", (("age", "30+"), ("family", "other")), "5.57.73"),
    Line(
        "Dagpengemodtagere samt midlertidig arbejdsmarkedsydelse",
        "dagpenge",
        "dagpenge_max",
        (("per", "month"),),
        "5.57.78",
    ),
    Line("Revalidering"),
    Line("Fleksjob", "fleksloentilskud", "ledighedsydelse", function="5.58.81"),
    Line("Ressourceforløb", "ressourceforloebsydelse", "ressourceforloebsydelse", (("family", "other"),)),
    Line("Ledighedsydelse", "ledighedsydelse", "ledighedsydelse", function="5.58.81"),
    Line("Seniorjob"),
    Line("Forsørgelse andet"),
)
FORSOERGELSE = tuple(line.row for line in LINES)
ACTIVATION = "Aktivering"
OWN_FUNCTION = {line.row: line.function for line in LINES if line.function} | {ACTIVATION: "5.68.90"}


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


def units() -> pd.DataFrame:
    """Return persons (helårspersoner) and unit price (tkr) of forsørgelse as printed, by year 2016-2020.

    Source: budget_2017.unit_count and unit_price, their first rows moved back to the right heading.

    Examples
    --------
    >>> units().loc[2017].tolist()
    [3310.0, 117.0]
    """
    tables = {"persons": "unit_count", "price_tkr": "unit_price"}
    found = {name: load(f"budget_2017.{table}", corrected=True) for name, table in tables.items()}
    kept = {name: t.query("row.str.startswith('Fors') and column != 'R2015'") for name, t in found.items()}
    return pd.DataFrame({name: t.set_index("year")["value"] for name, t in kept.items()})


def stationary_share(ladder: str, exit_hazard: float, on="2017-06-30") -> float:
    """Return the municipality's share of a stock in balance, 0 to 1, when a given share leaves each week.

    Parameters
    ----------
    ladder : str
        A benefit on the refund ladder.
    exit_hazard : float
        Share that leaves each week, 0 to 1; at 0 all are past a year.

    Examples
    --------
    >>> stationary_share("kontanthjaelp", 0.0), round(stationary_share("kontanthjaelp", 0.02), 3)
    (0.8, 0.663)
    """
    if not 0 <= exit_hazard <= 1:
        raise DataError(f"exit_hazard is {exit_hazard}; it must lie between 0 and 1")
    reached = (1 - exit_hazard) ** (FIRST_WEEKS - 1.0)
    return float((reached - np.r_[reached[1:], 0]) @ step_shares(ladder, on)) / 100


def prices(exit_hazard: float | None = None, on="2017-06-30") -> pd.DataFrame:
    """Return what a full year costs, line by line, at the benefit rates of 2017.

    Parameters
    ----------
    exit_hazard : float, optional
        Weekly; the one that gives the printed persons unless given.
    on : str
        The day whose refund ladder holds (the rates stay those of 2017).

    Returns
    -------
    pandas.DataFrame
        By row of forsørgelse: gross_kr, municipal_share, net_kr, persons_2017. A line without a rate of its own takes
        the printed unit price as net price; its gross price is not known.

    Examples
    --------
    >>> round(prices()["persons_2017"].sum())  # as printed
    3310
    """
    hazard = weekly_exit_hazard() if exit_hazard is None else exit_hazard
    table = pd.DataFrame(index=pd.Index(FORSOERGELSE, name="row"))
    table["gross_kr"] = [
        full_year_kr(rate(line.rate, "2017-06-30", **dict(line.household))) if line.rate else np.nan for line in LINES
    ]
    table["municipal_share"] = [stationary_share(line.ladder, hazard, on) if line.ladder else np.nan for line in LINES]
    table["net_kr"] = (table["gross_kr"] * table["municipal_share"]).fillna(units()["price_tkr"][BUDGET_YEAR] * 1000)
    table["persons_2017"] = printed()[BUDGET_YEAR][list(FORSOERGELSE)] * 1000 / table["net_kr"]
    return table


@functools.cache
def weekly_exit_hazard() -> float:
    """Return the weekly exit rate, one for all lines, at which the lines of 2017 hold the printed persons.

    Examples
    --------
    >>> round(weekly_exit_hazard(), 3)
    0.016
    """
    persons = units()["persons"][BUDGET_YEAR]
    return brentq(lambda hazard: prices(hazard)["persons_2017"].sum() - persons, 0.0, 1.0)


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


def uprating_rates(years) -> list[Rate]:
    """Return the rates that the price levels of :func:`uprating` rest on."""
    known = range(BUDGET_YEAR, max(years) + 1)
    months = [rate("dagpenge_max", f"{year}-06-30", per="month") for year in known]
    return months + [rate("pl_state_general", f"{year}-06-30") for year in known[1:] if year <= 2022]


def past_paths(read=load) -> np.ndarray:
    """Return how the accounts of 98 municipalities moved over four years: log change less its median.

    Source: regk31, kr. per inhabitant in current prices, origins 2016-2020; a municipality with a value of zero or less
    is left out of that origin.

    Returns
    -------
    numpy.ndarray, (paths, years ahead, rows of forsørgelse and activation)

    Examples
    --------
    >>> past_paths().shape[1:]
    (4, 10)
    """
    wide = read("regk31").pivot_table("kr_per_inhabitant", ["function", "year"], "area")[municipalities()]
    functions = {f: wide.loc[f].to_numpy(float) for f in wide.index.unique("function")}
    whole = sum(functions[f] for f in PUBLIC)
    series = np.stack([functions.get(OWN_FUNCTION.get(row), whole) for row in (*FORSOERGELSE, ACTIVATION)], axis=-1)
    logs = np.log(np.where(series > 0, series, np.nan))
    moved = np.concatenate(
        [logs[o + 1 : o + 1 + BLOCK_YEARS] - logs[o] for o in range(len(logs) - BLOCK_YEARS)], axis=1
    )
    moved = moved[:, ~np.isnan(moved).any(axis=(0, 2))]
    return (moved - np.median(moved, axis=1, keepdims=True)).swapaxes(0, 1)


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
    moving = [row for row in (*FORSOERGELSE, ACTIVATION) if row in table.index]
    still = table.drop(index=moving).sum()
    paths = np.exp(past_paths(read)[..., [(*FORSOERGELSE, ACTIVATION).index(row) for row in moving]])
    tails = sorted({(50 + sign * level / 2) / 100 for level in LEVELS for sign in (-1, 1)} | {0.5})
    cost = table.loc[moving].T.to_numpy()
    near = np.einsum("phl,hl->hp", paths, cost[:BLOCK_YEARS])
    far = np.einsum("pl,qhl,hl->hpq", paths[:, -1], paths, cost[BLOCK_YEARS:]).reshape(len(cost) - BLOCK_YEARS, -1)
    quantiles = np.hstack([np.quantile(part, tails, axis=1) for part in (near, far)])
    return pd.DataFrame(quantiles.T, table.columns, tails).add(still, axis=0)
