"""What each area would have had without whatever began in a period, by differences and by synthetic comparisons."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ballerup_analysis.sources import DataError


def counterfactuals(panel: pd.DataFrame, first: str, season: int = 4) -> pd.DataFrame:
    """Return what several methods say that each area has fewer than without whatever began in a period.

    Every area is treated in turn, the others are its controls: the placebos of any one of them.

    Parameters
    ----------
    panel : pandas.DataFrame
        Periods × areas, comparable in size (such as per 1,000 inhabitants), without gaps.
    first : str
        The first period after; there must be a year or more before it.
    season : int
        Periods in a year.

    Returns
    -------
    pandas.DataFrame
        One row a method and area: method, area, fewer (mean of the periods after, in the unit of the panel), fit_before
        (root mean squared error of the counterfactual before; NaN where it fits by construction).

    Raises
    ------
    DataError
        When there are too few periods before, or a gap.

    Examples
    --------
    >>> flat = pd.DataFrame(
    ...     5.0, index=[f"{y}Q{q}" for y in (2012, 2013, 2014) for q in (1, 2, 3, 4)], columns=list("abc")
    ... )
    >>> flat.loc["2014Q1":, "a"] = 4.0
    >>> counterfactuals(flat, "2014Q1").query("area == 'a'")["fewer"].round(6).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    if panel.isna().any(axis=None) or len(panel.columns) < 3:
        raise DataError("a counterfactual needs three areas or more, without gaps")
    before = int((panel.index < first).sum())
    if before < season or before == len(panel):
        raise DataError(f"{before} periods before {first} and {len(panel) - before} after; it needs {season} and 1")
    y, parts = panel.to_numpy(float), {}
    parts["difference, one year before"] = _difference(y, before, season)
    parts["difference, all years before"] = _difference(y, before, before)
    parts["synthetic control"] = _controls(y, before, _synthetic_control)
    parts["synthetic control, levels removed"] = _controls(y - y[:before].mean(axis=0), before, _synthetic_control)
    parts["synthetic difference-in-differences"] = _controls(y, before, _synthetic_did)
    tables = [
        pd.DataFrame({"method": method, "area": panel.columns, "fewer": -effect, "fit_before": fit})
        for method, (effect, fit) in parts.items()
    ]
    return pd.concat(tables, ignore_index=True)


def _difference(y: np.ndarray, before: int, span: int) -> tuple[np.ndarray, np.ndarray]:
    """Own change less the mean change of the others, and how well their movement fits before."""
    n = y.shape[1]
    others = (y.sum(axis=1, keepdims=True) - y) / (n - 1)
    gap = y - others
    level = gap[before - span : before].mean(axis=0)
    return gap[before:].mean(axis=0) - level, np.sqrt(((gap[:before] - level) ** 2).mean(axis=0))


def _controls(y: np.ndarray, before: int, weigh) -> tuple[np.ndarray, np.ndarray]:
    """Own path less the weighted path of the others, after less before, and the fit before."""
    effects, fits = np.empty((2, y.shape[1]))
    for i in range(y.shape[1]):  # one small quadratic programme an area
        others = np.delete(y, i, axis=1)
        on_areas, on_periods = weigh(others, y[:, i], before)
        gap = y[:, i] - others @ on_areas
        effects[i] = gap[before:].mean() - on_periods @ gap[:before]
        level = 0.0 if not on_periods.any() else gap[:before].mean()
        fits[i] = np.sqrt(((gap[:before] - level) ** 2).mean())
    return effects, fits


def convex_weights(columns: np.ndarray, target: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """Return the weights, 0 or more and 1 in all, with which columns come closest to a target.

    Parameters
    ----------
    columns : numpy.ndarray
        What is mixed, rows × columns.
    target : numpy.ndarray
        What the mixture should be, by row.
    ridge : float
        The root of what the sum of squared weights costs, which spreads them.

    Examples
    --------
    >>> convex_weights(np.array([[1.0, 3.0], [2.0, 5.0]]), np.array([2.0, 3.5])).round(3).tolist()
    [0.5, 0.5]
    """
    from scipy.optimize import nnls

    n = columns.shape[1]
    heavy = 1e4 * (np.abs(columns).max() or 1.0)  # the sum of the weights counts this much more than the fit
    rows = np.vstack([columns, ridge * np.eye(n), np.full(n, heavy)])
    weights = nnls(rows, np.r_[target, np.zeros(n), heavy], maxiter=50 * n)[0]
    return weights / weights.sum()


def _synthetic_control(others: np.ndarray, own: np.ndarray, before: int) -> tuple[np.ndarray, np.ndarray]:
    return convex_weights(others[:before], own[:before]), np.zeros(before)


def _synthetic_did(others: np.ndarray, own: np.ndarray, before: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights on areas and on periods of Arkhangelsky et al. (2021), solved exactly."""
    was, after = others[:before], others[before:]
    noise = np.diff(was, axis=0).std(ddof=1)
    spread = len(after) ** 0.25 * noise * before**0.5
    on_areas = convex_weights(was - was.mean(axis=0), own[:before] - own[:before].mean(), spread)
    like_after = after.mean(axis=0) - after.mean()
    on_periods = convex_weights(
        (was - was.mean(axis=1, keepdims=True)).T, like_after, 1e-6 * noise * was.shape[1] ** 0.5
    )
    return on_areas, on_periods
