"""Rolling-origin backtests: every forecast is graded on what it could know, beside the naive one.

Errors are actual - forecast. Horizon 1 is the first period after the origin, or after those not yet published at it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ballerup_analysis.forecast import (
    CHOICE,
    LEVELS,
    MODELS,
    check_counts,
    forecast_panel,
    past_forecasts,
    periods,
    seasonal_scale,
    shortest,
)
from ballerup_analysis.sources import DataError


def backtest(
    panel, model="default", horizon=8, first=28, last=None, every=2, lag=0, law_changes=None, driver=None
) -> pd.DataFrame:
    """Forecast a panel from rolling origins and set the actual values beside.

    Parameters
    ----------
    panel : pandas.DataFrame
        Periods (2014Q1, 2021M08 or years) by area, without gaps.
    model : str
        A key of ``forecast.MODELS``.
    horizon : int
        Periods ahead.
    first, last : int
        Observations at the first and last origin; last leaves one period to grade unless given.
    every : int
        Periods from one origin to the next.
    lag : int
        Periods that are not yet published at the origin: the forecast has to bridge them.
    law_changes : pandas.Series, optional
        Effect of dated and priced laws on the level, by period, in the unit of the panel. What was added since the
        origin is taken off the actual values before grading.
    driver : pandas.Series, optional
        The country's series over the same periods; only its past is used, so sarimax may have none.

    Returns
    -------
    pandas.DataFrame
        One row an origin, period and area: vintage, date, horizon, area, forecast, actual, naive, scale (the mean
        absolute seasonal difference up to the origin), low_80, high_80 and so on, model, fallback.

    Examples
    --------
    >>> panel = pd.DataFrame(
    ...     {"a": [1.0, 2.0] * 8, "b": [3.0, 5.0] * 8},
    ...     index=periods(f"{y}Q{q}" for y in range(2010, 2014) for q in (1, 2, 3, 4)),
    ... )
    >>> bool((backtest(panel, "seasonal_naive", horizon=2, first=12).eval("actual - forecast") == 0).all())
    True
    """
    if model != "default" and model not in MODELS:
        raise DataError(f"no model {model!r}; the models are default, {', '.join(MODELS)}")
    if model == "sarimax" and driver is not None:
        raise DataError("sarimax would need the driver's future, which no origin knows: backtest it without a driver")
    check_counts(panel, negative=True)
    panel = panel.set_axis(periods(panel.index))
    season = {"Q": 4, "M": 12}.get(panel.index.freqstr[0], 1)
    values, found = panel.to_numpy(float), []
    ends = range(first, (len(panel) - lag - 1 if last is None else last) + 1, every)
    if not len(ends) or ends[-1] + lag >= len(panel):
        raise DataError(
            f"{len(panel)} periods are too few for origins {first} to {last or first} and one period to grade"
        )
    if first < shortest(season):
        raise DataError(f"first is {first}; the first origin needs {shortest(season)} observations")
    beside = None if driver is None else driver.set_axis(periods(driver.index))[panel.index].to_numpy(float)
    names = CHOICE if model == "default" else (model,)
    seen = values[: ends[-1]]
    past = past_forecasts(seen, horizon + lag, season, names, None if beside is None else beside[: ends[-1]], ends)
    for end in ends:
        known = values[:end]
        ahead = forecast_panel(known, horizon + lag, season, model, past=past)
        scale = seasonal_scale(known, season)
        steps = min(horizon, len(panel) - end - lag)
        later = panel.index[end + lag : end + lag + steps]
        actual = panel.loc[later]
        if law_changes is not None:
            effect = law_changes.set_axis(periods(law_changes.index)).reindex(panel.index, fill_value=0.0)
            actual = actual.sub(effect[later] - effect.iloc[end - 1], axis=0)
        rows = {"actual": actual.to_numpy(), "naive": np.broadcast_to(known[-1], actual.shape)}
        rows |= {name: part[lag : lag + steps] for name, part in ahead.items() if name not in ("model", "fallback")}
        index = pd.MultiIndex.from_product([later, panel.columns], names=["date", "area"])
        table = pd.DataFrame({name: np.asarray(part).ravel() for name, part in rows.items()}, index=index).reset_index()
        table.insert(0, "vintage", panel.index[end - 1])
        found.append(
            table.assign(
                horizon=np.repeat(np.arange(1, steps + 1), len(panel.columns)),
                scale=np.tile(scale, steps),
                fallback=np.tile(ahead["fallback"], steps),
                model=ahead["model"],
            )
        )
    return pd.concat(found, ignore_index=True)


def score(rows: pd.DataFrame, by="horizon") -> pd.DataFrame:
    """Grade a backtest.

    Parameters
    ----------
    rows : pandas.DataFrame
        From :func:`backtest`.
    by : str or list of str or None
        Columns to group by; None for one row.

    Returns
    -------
    pandas.DataFrame
        n, first, last (dates graded), bias, mae, rmse, two_thirds (half the width that holds the middle two
        thirds of the errors), mase, wape_pct, skill (1 - mae / mae of naive), pinball, coverage_50, _80, _95.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"date": [1, 2], "actual": [3.0, 5.0], "forecast": [2.0, 7.0], "naive": [1.0, 1.0], "scale": 2.0}
    ... )
    >>> rows = rows.assign(**{f"{end}_{level}": rows["actual"] for level in LEVELS for end in ("low", "high")})
    >>> score(rows, None)[["n", "bias", "mae", "mase", "skill"]].iloc[0].tolist()
    [2.0, -0.5, 1.5, 0.75, 0.5]
    """
    rows = rows[rows["actual"].notna()].assign(error=lambda t: t["actual"] - t["forecast"])

    def grade(g: pd.DataFrame) -> pd.Series:
        size, share = g["error"].abs(), g["error"].quantile([1 / 6, 5 / 6])
        known = g[g[[f"low_{level}" for level in LEVELS]].notna().all(axis=1)]  # no interval before any past error
        ends = [
            (known[f"{end}_{lv}"], (50 + sign * lv / 2) / 100)
            for lv in LEVELS
            for end, sign in (("low", -1), ("high", 1))
        ]
        losses = [np.maximum(q * (known["actual"] - c), (q - 1) * (known["actual"] - c)) for c, q in ends]
        held = {lv: known["actual"].between(known[f"low_{lv}"], known[f"high_{lv}"]).mean() for lv in LEVELS}
        total, naive = g["actual"].abs().sum(), (g["actual"] - g["naive"]).abs().sum()
        return pd.Series(
            {
                "n": len(g),
                "first": g["date"].min(),
                "last": g["date"].max(),
                "bias": g["error"].mean(),
                "mae": size.mean(),
                "rmse": np.sqrt((g["error"] ** 2).mean()),
                "two_thirds": (share.iloc[1] - share.iloc[0]) / 2,
                "mase": (size / g["scale"]).mean(),
                "wape_pct": size.sum() / total * 100 if total else np.nan,
                "skill": 1 - size.sum() / naive if naive else np.nan,
                "pinball": np.mean(losses) if len(known) else np.nan,
                **{f"coverage_{level}": share for level, share in held.items()},
            }
        )

    if by is None:
        return grade(rows).to_frame().T
    return rows.groupby(by)[[c for c in rows if c != by]].apply(grade)
