"""How accounts move by themselves: one shock for the whole country, an area's own beside it, and the record of saying so.

A forecast is the last account moved by a centre and a spread. The spread is drawn once for all functions, so that a total
keeps what moves together together: the country's shock from Student's t, because the years are few; the area's own from
what municipalities have moved beside the country. The draws are an even filling of the unit cube, so nothing is random.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis.forecast import interval_score
from ballerup_analysis.sources import DataError
from ballerup_analysis.words import written

START_UP = ("5.48.66",)  # holds awards from 1 July 2014 only: rises by kroner a year, not by a share
CANDIDATES = ("no change", "drift", "movement")
OLD = "version 0.1.0"
HORIZON, FIRST, RECENT, ENOUGH = 4, 4, 4, 2  # years ahead; accounts and years of drift a forecast needs; graded years
FLOOR = 0.1  # of the median account: what is below moves by kroner
FEW_AREAS = 10
DRAWS = 2048
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
ENDS = ("low_95", "low_80", "low_50", "forecast", "high_50", "high_80", "high_95")
_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
DIMENSIONS = len(_PRIMES)


@dataclass(frozen=True)
class History:
    """Accounts of all municipalities, kr. per inhabitant.

    Parameters
    ----------
    functions, years, areas : list
        The axes; every area has every year.
    kr : numpy.ndarray
        Functions × years × areas.
    """

    functions: list[str]
    years: list[int]
    areas: list[str]
    kr: np.ndarray

    def until(self, year: int) -> History:
        """Return what was known when the accounts of a year were the last."""
        known = self.years.index(year) + 1
        return History(self.functions, self.years[:known], self.areas, self.kr[:, :known])

    @property
    def linear(self) -> np.ndarray:
        """Whether a function moves by kroner, by function."""
        return np.isin(self.functions, START_UP)

    @property
    def least(self) -> np.ndarray:
        """The size from which an account moves by a share, functions × years; a smaller one moves by a share of this."""
        return FLOOR * np.median(self.kr, axis=2)

    @property
    def moved(self) -> np.ndarray:
        """What is followed over time: kroner where a function is linear, else logs from a floor up."""
        return np.where(self.linear[:, None, None], self.kr, np.log(np.maximum(self.kr, self.least[..., None])))


def history(costs: pd.DataFrame) -> History:
    """Arrange accounts by function, year and municipality; the country is left out.

    Parameters
    ----------
    costs : pandas.DataFrame
        area, year, function, kr_per_inhabitant (``load("regk31")``).

    Raises
    ------
    DataError
        When the accounts of too few areas or years are there to tell what the country does.
    """
    wide = costs[costs["area"] != "000"].pivot_table("kr_per_inhabitant", "year", ["function", "area"])
    functions, areas = (wide.columns.unique(level).tolist() for level in ("function", "area"))
    known = wide.reindex(columns=pd.MultiIndex.from_product([functions, areas])).dropna()
    if len(areas) < FEW_AREAS or len(known) <= FIRST:
        raise DataError(
            f"the accounts of {len(areas)} municipalities in {written(len(known), unit='years')} are too few; {FEW_AREAS} municipalities "
            f"and {FIRST + 1} years are needed to tell what the country does and how well that was told"
        )
    cube = known.to_numpy(float).reshape(len(known), len(functions), len(areas)).transpose(1, 0, 2)
    return History(functions, known.index.tolist(), areas, cube)


def cube_points(dimensions: int) -> np.ndarray:
    """Return ``DRAWS`` points that fill the unit cube evenly, draws × dimensions.

    Examples
    --------
    >>> points = cube_points(3)
    >>> points.mean(axis=0).round(2).tolist()
    [0.5, 0.5, 0.5]
    """
    return np.mod(np.arange(1, DRAWS + 1)[:, None] * np.sqrt(_PRIMES[:dimensions]), 1)


def shocks(residuals: np.ndarray, freedom: int, points: np.ndarray) -> np.ndarray:
    """Draw Student's t with the spread, and what moves together, of some yearly residuals.

    Parameters
    ----------
    residuals : numpy.ndarray
        Functions × years.
    freedom : int
        Degrees of freedom; the variance is the sum of squares over it.
    points : numpy.ndarray
        Draws × (years + 1), from :func:`cube_points`.

    Returns
    -------
    numpy.ndarray
        Draws × functions.
    """
    from scipy.special import chdtri, ndtri  # for those who forecast only

    normal = ndtri(points[:, :-1]) @ residuals.T / np.sqrt(freedom)
    return normal * np.sqrt(freedom / chdtri(freedom, points[:, -1]))[:, None]


def _centre(steps: np.ndarray, method: str) -> tuple[float, np.ndarray, float]:
    """Yearly centre of a method, the residuals around it, and the years its drift rests on (endless for none)."""
    if method == "no change":
        return 0.0, steps, np.inf
    recent = steps[-RECENT:] if method == "movement" else steps
    drift = recent.mean()
    if method == "movement" and drift:  # a drift the years cannot tell from nothing is taken for nothing
        drift *= max(0.0, 1 - steps.var(ddof=1) / len(recent) / drift**2)
    return drift, steps - steps.mean(), len(recent)


def changes(past: History, years: np.ndarray, own: bool = True) -> np.ndarray:
    """Draw how far each function moves over some years, by each method.

    Parameters
    ----------
    past : History
        What is known.
    years : numpy.ndarray
        Functions × dates: years moved; 0 for none.
    own : bool
        Whether the area moves beside the country.

    Returns
    -------
    numpy.ndarray
        Draws × ``CANDIDATES`` × functions × dates, in logs, or in kroner where the function is linear.
    """
    moved = past.moved
    steps = np.median(np.diff(moved, axis=1), axis=2)
    parts = [_centre(row, method) for method in CANDIDATES for row in steps]
    centre, residuals, drift_years = (np.array(part) for part in zip(*parts, strict=True))
    count = steps.shape[1]
    points = cube_points(count + 2)
    shape = (len(CANDIDATES), len(steps), 1)
    country = shocks(residuals, count - 1, points[:, : count + 1]).reshape(DRAWS, *shape)
    spread = np.sqrt(years + years**2 / drift_years.reshape(shape))
    drawn = centre.reshape(shape) * years + country * spread
    return drawn + _own(moved, years, points[:, -1])[:, None] if own else drawn


def _own(moved: np.ndarray, years: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Draw what one municipality moved beside the country: the same one, to the same year, in every function."""
    found = np.zeros((len(point), *years.shape))
    for date in range(years.shape[1]):
        ends = np.arange(years[:, date].max(), moved.shape[1])
        for f, k in enumerate(years[:, date]):
            beside = moved[f, ends] - moved[f, ends - k]
            beside = (beside - np.median(beside, axis=1, keepdims=True)).ravel()
            found[:, f, date] = beside[(point * beside.size).astype(int)]
    return found


def apply(start: np.ndarray, change: np.ndarray, linear: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Move a level: by kroner and never below zero where linear, else by logs of the level or of ``least``.

    Examples
    --------
    >>> apply(100.0, np.log(1.1), False, 10.0).round(6), apply(100.0, 7.0, True, 10.0)
    (np.float64(110.0), array(107.))
    """
    by_share = start + np.maximum(start, least) * np.expm1(np.where(linear, 0.0, change))
    return np.where(linear, np.maximum(start + change, 0.0), by_share)


def _as_before(past: History, horizons: np.ndarray) -> np.ndarray:
    """Quantiles of version 0.1.0: what all municipalities' accounts have moved by over as many years, as factors."""
    logs = np.log(np.where(past.kr > 0, past.kr, np.nan))
    pooled = [logs[:, h:] - logs[:, :-h] for h in horizons]
    return np.stack([np.nanquantile(p, QUANTILES, axis=(1, 2)) for p in pooled], axis=2)


def graded(past: History, methods=CANDIDATES, horizon: int = HORIZON) -> pd.DataFrame:
    """Forecast from every year's accounts what was then unknown, and set what came beside.

    Parameters
    ----------
    past : History
        From :func:`history`.
    methods : tuple of str
        Of ``CANDIDATES`` and ``OLD``.
    horizon : int
        Years ahead.

    Returns
    -------
    pandas.DataFrame
        A row a method, function, area, vintage (the last account known) and date: horizon, forecast, low_80, high_80
        and so on, actual, naive and scale (the size of the last
        account, at least a tenth of the median), kr. per inhabitant.
    """
    found, linear = [], past.linear[:, None, None]
    for at, vintage in list(enumerate(past.years))[FIRST - 1 : -1]:
        known = past.until(vintage)
        horizons = np.arange(1, min(horizon, len(past.years) - 1 - at, at) + 1)
        last = known.kr[:, -1]
        least = known.least[:, -1, None, None]
        actual = past.kr[:, at + horizons]
        years = np.tile(horizons, (len(past.functions), 1))
        names = ["function", "horizon", "area"]
        index = pd.MultiIndex.from_product([past.functions, horizons, past.areas], names=names)
        change = np.quantile(changes(known, years), QUANTILES, axis=0)
        for method in methods:
            if method == OLD:
                ends = apply(last[:, None], _as_before(known, horizons)[..., None], False, last[:, None])
            else:
                ends = apply(last[:, None], change[:, CANDIDATES.index(method), ..., None], linear, least)
            seen = np.broadcast_to(last[:, None], actual.shape).ravel()
            columns = dict(zip(ENDS, map(np.ravel, ends), strict=True))
            table = pd.DataFrame(columns | {"actual": actual.ravel(), "naive": seen}, index=index).reset_index()
            found.append(
                table.assign(
                    method=method,
                    vintage=vintage,
                    scale=np.maximum(np.abs(last[:, None]), least).repeat(len(horizons), 1).ravel(),
                )
            )
    rows = pd.concat(found, ignore_index=True)
    return rows.assign(date=rows["vintage"] + rows["horizon"])


def choose(rows: pd.DataFrame, known: int) -> pd.Series:
    """Choose a method by its interval score on what was known; ``movement`` where fewer than two years are.

    Parameters
    ----------
    rows : pandas.DataFrame
        From :func:`graded`.
    known : int
        Year of the last account.

    Returns
    -------
    pandas.Series
        Method by function and horizon, for all horizons.
    """
    seen = rows[(rows["date"] <= known) & rows["method"].isin(CANDIDATES)]
    keys = pd.MultiIndex.from_product([rows["function"].unique(), range(1, HORIZON + 1)], names=["function", "horizon"])
    seen = seen.assign(score=interval_score(seen, 80) / seen["scale"])
    best = seen.pivot_table("score", ["function", "horizon"], "method").idxmin(axis=1)
    years = seen.groupby(["function", "horizon"])["date"].nunique()
    return best.where(years >= ENOUGH, "movement").reindex(keys, fill_value="movement").rename("method")


def chosen(rows: pd.DataFrame) -> pd.DataFrame:
    """Return, of the graded forecasts, those of the method that was chosen when each was made."""
    parts = []
    for vintage, made in rows.groupby("vintage"):
        pick = choose(rows, vintage)
        at = pd.MultiIndex.from_frame(made[["function", "horizon"]])
        parts.append(made[made["method"].to_numpy() == pick.reindex(at).to_numpy()])
    return pd.concat(parts, ignore_index=True).assign(method="chosen")
