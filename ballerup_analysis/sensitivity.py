"""What a scenario's answer hangs on: how widely it may turn out, and the smallest change that turns a conclusion."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace

import numpy as np
import pandas as pd

from ballerup_analysis import frame
from ballerup_analysis.costing import PARAMETERS, YEARS, ScenarioError, base, cost
from ballerup_analysis.scenarios import Scenario, with_change
from ballerup_analysis.sources import HOME

SPREAD = {"price_pct": (-1.0, 0.0, 1.0), "activation_effect": (0.0, 0.1, 0.3)}  # low, likely, high: assumed
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
CHUNK = 10_000  # draws at a time: what fits in the processor's cache


def simulate(scenario: Scenario, draws: int = 10_000, seed: int | None = None, area: str = HOME) -> pd.DataFrame:
    """Return how widely a scenario may turn out: quantiles by line and for the total, tkr.

    Every draw takes four years of how the accounts of one municipality moved, all lines together, and the first of
    another's after that (:func:`frame.past_paths`); the unit price by ``SPREAD``, and the effect of activation, whose part in the
    cost is taken as straight. The same seed gives the same numbers.

    Returns
    -------
    pandas.DataFrame
        row (with "I alt"), year, quantile, tkr.

    Examples
    --------
    >>> simulate(Scenario("as printed", ""), 100).query("row == 'I alt' and year == 2020").shape
    (7, 4)
    """
    if draws < 1:
        raise ScenarioError(f"draws is {draws}; it must be 1 or more")
    scenario = scenario if seed is None else replace(scenario, seed=seed)
    middle, rows = cost(scenario.changes, area)[0], base(area).rows
    rng, moving = np.random.default_rng(scenario.seed), (*frame.FORSOERGELSE, frame.ACTIVATION)
    paths = np.exp(frame.past_paths())
    factors = np.ones((*paths.shape[:2], len(rows)))
    for i, row in enumerate(rows):
        if row in moving:
            factors[..., i] = paths[..., moving.index(row)]
    slopes = []
    for name, (low, likely, high) in SPREAD.items():
        ends = [cost(with_change(scenario, name, x).changes, area)[0] for x in (low, high)]
        slopes.append(((ends[1] - ends[0]).T / (high - low), rng.triangular(low, likely, high, draws) - likely))
    first, second = rng.integers(len(factors), size=(2, draws))
    out = np.empty((len(YEARS), len(rows) + 1, draws), dtype=np.float32)
    for at in range(0, draws, CHUNK):
        some = slice(at, at + CHUNK)
        for y in range(len(YEARS)):
            moved = factors[first[some], min(y, frame.BLOCK_YEARS - 1)]
            if y >= frame.BLOCK_YEARS:
                moved = moved * factors[second[some], y - frame.BLOCK_YEARS]
            value = moved * middle[:, y]
            for slope, drawn in slopes:
                value += drawn[some, None] * slope[y]
            out[y, :-1, some], out[y, -1, some] = value.T, value.sum(axis=1)
    out.sort(axis=2)
    at = np.array(QUANTILES) * (draws - 1)
    low, part = at.astype(int), at % 1
    values = out[..., low] * (1 - part) + out[..., np.minimum(low + 1, draws - 1)] * part
    index = pd.MultiIndex.from_product([YEARS, [*rows, "I alt"], QUANTILES], names=["year", "row", "quantile"])
    return pd.Series(values.ravel().astype(float), index, name="tkr").reset_index()[["row", "year", "quantile", "tkr"]]


def ranges(scenario: Scenario) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the plausible range (assumed) of every parameter, and of the lines the scenario changes apart."""
    keys = [*((name, "") for name in PARAMETERS), *((c.parameter, c.row) for c in scenario.changes if c.row)]
    return {(name, row): (PARAMETERS[name].low, PARAMETERS[name].high) for name, row in keys}


def tornado(scenario: Scenario, year: int | None = None, area: str = HOME) -> pd.DataFrame:
    """Return what the cost would be with one parameter at either end of its plausible range, widest first.

    Returns
    -------
    pandas.DataFrame
        By parameter: low, high, tkr_low, tkr_high (the municipality's cost in ``year``, the sum of all unless given).

    Examples
    --------
    >>> tornado(Scenario("as printed", "")).index[:2].tolist()
    ['country_points', 'gap_points']
    """
    if year not in (None, *YEARS):
        raise ScenarioError(f"year is {year!r}; it must be one of {YEARS[0]}-{YEARS[-1]}")
    kept = slice(None) if year is None else [YEARS.index(year)]
    found = {}
    for (name, row), (low, high) in ranges(scenario).items():
        if name.startswith("sickness") and area != HOME:
            continue
        ends = [cost(with_change(scenario, name, x, row).changes, area)[0][:, kept].sum() for x in (low, high)]
        found[f"{name} {row}".strip()] = {"low": low, "high": high, "tkr_low": ends[0], "tkr_high": ends[1]}
    table = pd.DataFrame.from_dict(found, "index")
    return table.loc[(table["tkr_high"] - table["tkr_low"]).abs().sort_values(ascending=False, kind="stable").index]


def attack(scenario: Scenario, conclusion, names: tuple[str, ...], area: str = "151") -> pd.DataFrame | None:
    """Return the smallest joint change that turns a conclusion, in shares of the plausible ranges; None if none does.

    Parameters
    ----------
    conclusion : callable
        From the municipality's cost (rows × years, tkr) to a margin that is above 0 while the conclusion holds.
    names : tuple of str
        Parameters that may move.

    Returns
    -------
    pandas.DataFrame
        By parameter: was, becomes, share (of its range); the shares are smallest as the root of the sum of their squares.

    Examples
    --------
    >>> margin = lambda own: 1000 * 1000 - own[:, :2].sum() + 10_000
    >>> attack(Scenario("as printed", ""), margin, ("price_pct",))["share"].abs().round(2).tolist()
    [0.07]
    """
    from scipy.optimize import minimize

    if unknown := [n for n in names if n not in PARAMETERS]:
        raise ScenarioError(f"no parameter {unknown[0]!r} to move; there are {', '.join(PARAMETERS)}")
    changed = {c.parameter: c.amount for c in scenario.changes if c.parameter in names and not c.row}
    was = np.array([changed.get(n, PARAMETERS[n].base) for n in names], float)
    low, high = (np.array([getattr(PARAMETERS[n], end) for n in names], float) for end in ("low", "high"))
    width, low, high = high - low, np.minimum(low, was), np.maximum(high, was)  # a scenario may stand beyond the range
    bounds = list(zip((low - was) / width, (high - was) / width, strict=True))

    def margin(shares):
        values = np.clip(was + shares * width, low, high)
        moved = functools.reduce(
            lambda s, pair: with_change(s, *pair), zip(names, values.tolist(), strict=True), scenario
        )
        return float(conclusion(cost(moved.changes, area)[0]))

    if (scale := margin(np.zeros(len(names)))) <= 0:
        raise ScenarioError(f"the conclusion does not hold in {scenario.name!r}: its margin is {scale:g}")
    found = []
    for corner in itertools.product(*bounds):  # one start in each corner, as the margin need not be straight
        tried = minimize(lambda x: x @ x, np.array(corner) / 2, bounds=bounds, method="SLSQP",
                         constraints={"type": "ineq", "fun": lambda x: -margin(x) / scale})  # fmt: skip
        if tried.success and margin(tried.x) <= 1e-6 * scale:
            found.append(tried.x)
    if not found:
        return None
    best = min(found, key=lambda x: x @ x)
    return pd.DataFrame({"was": was, "becomes": was + best * width, "share": best}, names)


def sweep(scenarios, areas) -> pd.DataFrame:
    """Run scenarios for areas on all cores joblib has, or on the backend of ``joblib.parallel_config``.

    Returns
    -------
    pandas.DataFrame
        scenario, area, year, tkr (the municipality's total), note (why there is none).

    Examples
    --------
    >>> sweep([Scenario("as printed", "")], ["151"])["tkr"].iloc[0].round()
    np.float64(506692.0)
    """
    from joblib import Parallel, delayed

    scenarios = tuple(scenarios)
    found = Parallel(n_jobs=-1)(delayed(_sweep_one)(scenarios, area) for area in areas)
    return pd.DataFrame(itertools.chain(*found), columns=["scenario", "area", "year", "tkr", "note"])


def _sweep_one(scenarios, area: str) -> list[tuple]:
    rows = []
    for s in scenarios:
        try:
            totals, note = cost(s.changes, area)[0].sum(axis=0), ""
        except ScenarioError as e:
            totals, note = [np.nan] * len(YEARS), str(e)
        rows += [(s.name, area, year, tkr, note) for year, tkr in zip(YEARS, totals, strict=True)]
    return rows
