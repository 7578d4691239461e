"""Forecasts of counts for a panel of areas, with intervals measured on the model's own past errors, and their grading.

A panel is an array, periods × areas, without gaps. Every model uses only the rows it is given. The pooled model: the
country's level stays where it is, an area's share of it moves back towards its own mean at a speed measured on all
areas, and half of the season is the area's own and half the panel's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ballerup_analysis.sources import DataError

LEVELS = (50, 80, 95)
FEW_ORIGINS = 16  # with fewer past origins the interval takes split conformal's finite-sample step


def periods(labels) -> pd.PeriodIndex:
    """Return periods written 2014, 2014Q1 or 2014M08.

    Examples
    --------
    >>> periods(["2013Q4", "2014Q1"]).freqstr
    'Q-DEC'
    """
    texts = [str(label) for label in labels]
    freq = "Q" if "Q" in texts[0] else "Y" if len(texts[0]) == 4 else "M"
    index = pd.PeriodIndex([text.replace("M", "-") for text in texts], freq=freq)
    if (wrong := np.diff(index.astype("int64")) != 1).any():
        after = index[:-1][wrong][0]
        raise DataError(f"the periods are not unbroken: after {after} comes another than {after + 1}")
    return index


def _season_of(index: pd.PeriodIndex) -> int:
    return {"Q": 4, "M": 12}.get(index.freqstr[0], 1)


def seasonal_scale(y: np.ndarray, season: int) -> np.ndarray:
    """Mean absolute change on the same season a year before, by area; 1 where nothing ever changed.

    Examples
    --------
    >>> seasonal_scale(np.array([[1.0], [2.0], [3.0], [4.0]]), 2).tolist()
    [2.0]
    """
    scale = np.abs(y[season:] - y[:-season]).mean(axis=0)
    return np.where(scale > 0, scale, 1.0)


def _season_factors(x: np.ndarray, season: int) -> np.ndarray:
    """Mean deviation from the centred moving average, season × area; what all seasons have in common cancels in a forecast."""
    if season == 1:
        return np.zeros_like(x[:season])
    sums = np.cumsum(np.vstack([np.zeros((1, x.shape[1])), x]), axis=0)
    means, half = (sums[season:] - sums[:-season]) / season, season // 2
    centred = x[half:-half] - (means[1:] + means[:-1]) / 2
    phase = np.arange(half, half + len(centred)) % season
    return np.array([centred[phase == j].mean(axis=0) for j in range(season)])


def naive(y, horizon, season):
    """Repeat the last value."""
    return np.repeat(y[-1:], horizon, axis=0)


def drift(y, horizon, season):
    """Go on from the last value by the mean change so far, never below zero."""
    step = (y[-1] - y[0]) / (len(y) - 1)
    return np.maximum(y[-1] + np.arange(1, horizon + 1)[:, None] * step, 0.0)


def seasonal_naive(y, horizon, season):
    """Repeat the last value of the same season."""
    return y[-season:][np.arange(horizon) % season]


def adjusted_walk(y, horizon, season):
    """Repeat the last seasonally adjusted value, in logs, with the area's own season."""
    x, n = np.log1p(y), len(y)
    season_of = _season_factors(x, season)
    ahead = season_of[(n + np.arange(horizon)) % season] - season_of[(n - 1) % season]
    return np.maximum(np.expm1(x[-1] + ahead), 0.0)


def pooled(y, horizon, season):
    """Country level stays, share returns to its own mean, season half the area's and half the panel's."""
    n, h = len(y), np.arange(1, horizon + 1)
    whole = np.log1p(y.sum(axis=1))[:, None]
    x, season_whole = np.log1p(y), _season_factors(whole, season)
    factors = (_season_factors(x, season) + season_whole) / 2
    phase = np.arange(n) % season
    country = (whole - season_whole[phase])[:, 0]
    share = x - factors[phase] - country[:, None]
    to_mean = np.cumsum(share, axis=0) / np.arange(1, n + 1)[:, None] - share
    weight = (y.mean(axis=0) / seasonal_scale(y, season)) ** 2
    back = []
    for k in np.minimum(h, n - season - 1):  # further than the past shows: the speed of the farthest it does
        moved, gap = share[season + k :] - share[season : n - k], to_mean[season : n - k]
        against = (weight * gap**2).sum()
        back.append(np.clip((weight * gap * moved).sum() / against, 0, 1) if against else 0.0)
    ahead = country[-1] + share[-1] + np.array(back)[:, None] * to_mean[-1] + factors[(n + h - 1) % season]
    return np.maximum(np.expm1(ahead), 0.0)


MODELS = {f.__name__: f for f in (naive, drift, seasonal_naive, adjusted_walk, pooled)}
CHOICE = ("naive", "seasonal_naive", "adjusted_walk", "pooled")  # default takes the best of these on the past


def shortest(season: int) -> int:
    """Return the observations a forecast with an interval needs before its first pseudo-origin."""
    return 4 if season == 1 else max(12, 2 * season)


def past_forecasts(y, horizon, season, models, newest=1.0) -> dict[str, np.ndarray]:
    """Forecast from every pseudo-origin: model to origin × horizon × area; row o uses y[:o] only, NaN where none is made."""
    made = {name: np.full((len(y) + 1, horizon, y.shape[1]), np.nan) for name in models}
    for origin in range(shortest(season), len(y) + 1):
        known = np.vstack([y[: origin - 1], y[origin - 1] * newest])
        for name in models:
            made[name][origin] = MODELS[name](known, horizon, season)
    return made


def known_errors(y: np.ndarray, forecasts: np.ndarray) -> np.ndarray:
    """Return actual - forecast, origin × horizon × area, NaN where the actual is not in y."""
    errors = np.full(forecasts.shape, np.nan)
    for k in range(1, forecasts.shape[1] + 1):
        origins = np.arange(len(y) - k + 1)
        errors[origins, k - 1] = y[origins + k - 1] - forecasts[origins, k - 1]
    return errors


def _sum_of_means(errors: np.ndarray) -> float:
    """Sum of the horizons' means, each horizon with an error counting the same."""
    count = (~np.isnan(errors)).sum(axis=(0, 2))
    return (np.nansum(errors, axis=(0, 2)) / np.maximum(count, 1)).sum()


def reach(errors: np.ndarray, levels=LEVELS) -> np.ndarray:
    """Return how far the interval of each level reaches to either side, from past errors; NaN where there are none.

    Errors of one origin share the country's surprise, so origins count and not cells: with few of them the share of
    errors held is raised, and where it would pass one, Student's t takes over.

    Parameters
    ----------
    errors : numpy.ndarray
        Origins × areas.
    levels : tuple of int
        Pct.

    Examples
    --------
    >>> reach(np.arange(-10.0, 11.0)[:, None], (50, 80)).tolist(), reach(np.array([[1.0]]), (80,)).round(2).tolist()
    ([5.0, 8.0], [3.08])
    """
    from scipy.special import stdtrit  # for those who forecast only

    count, share = len(errors), np.array(levels) / 100
    if not count:
        return np.full(len(share), np.nan)
    held = share * (count + 1) / count if count < FEW_ORIGINS else share
    spread = np.sqrt((errors**2).mean()) * stdtrit(count, (1 + share) / 2)
    size = np.abs(errors)  # wider than every error seen, so that intervals nest
    return np.where(held > 1, np.maximum(spread, size.max()), np.quantile(size, np.minimum(held, 1)))


def forecast_panel(y, horizon, season, model="default", past=None, newest=1.0) -> dict:
    """Forecast a panel; the fast core of :func:`forecast` and of the backtest.

    Parameters
    ----------
    y : numpy.ndarray
        Periods × areas, 0 or more, no gaps.
    horizon, season : int
        Periods ahead, and in a year.
    model : str
        ``default`` or a key of ``MODELS``.
    past : dict, optional
        From :func:`past_forecasts` of a longer panel; rows after the origin are not looked at.
    newest : float or numpy.ndarray
        What the newest value is worth of the one that will stand, by area: 1 unless it is preliminary.

    Returns
    -------
    dict
        model (its name), forecast and low_50, high_50 … (horizon × area).
    """
    n, first = len(y), shortest(season)
    choice = CHOICE if y.shape[1] > 1 else CHOICE[:-1]  # pooled with nobody is the adjusted walk
    names = choice if model == "default" else (model,)
    past = past_forecasts(y, horizon, season, names, newest) if past is None else past
    if model == "default":
        scales = np.array([seasonal_scale(y[:o], season) for o in range(first, n + 1)])[:, None]
        errors = {name: np.abs(known_errors(y, past[name][: n + 1])[first:]) for name in names}
        model = min(names, key=lambda name: _sum_of_means(errors[name] / scales))
    point = past[model][n]
    # The errors are those of logs, the same to both sides: the sign of past surprises says nothing of the next. Between
    # a spread in proportion to the level and one with its root, the log's goes with the fourth root.
    level_then = np.array([y[o - season : o].mean(axis=0) for o in range(first, n + 1)])
    unit = (level_then + 1) ** -0.25
    relative = known_errors(np.log1p(y), np.log1p(past[model][: n + 1]))[first:] / unit[:, None]
    ahead = {"model": model, "forecast": point}
    seen = [relative[~np.isnan(relative[:, k, 0]), k] for k in range(horizon)]  # known of all areas or of none
    for level, away in zip(LEVELS, np.array([reach(errors) for errors in seen]).T, strict=True):
        away = away[:, None] * unit[-1]
        ahead[f"low_{level}"] = np.minimum(np.maximum(np.expm1(np.log1p(point) - away), 0.0), point)
        ahead[f"high_{level}"] = np.maximum(np.expm1(np.log1p(point) + away), point)
    return ahead


def forecast(series, horizon, model="default", levels=LEVELS) -> pd.DataFrame:
    """Forecast one series or a panel of areas.

    Parameters
    ----------
    series : pandas.Series or pandas.DataFrame
        Counts by period (2014, 2014Q1 or 2014M08), one column an area; the pooled model needs the panel.
    horizon : int
        Periods ahead.
    model : str
        ``default`` (of ``CHOICE`` the one with the smallest past errors at the last period) or a key of ``MODELS``.
    levels : tuple of int
        Intervals, of 50, 80 and 95 pct.

    Returns
    -------
    pandas.DataFrame
        area, vintage (last period known), date, horizon, quantile, value, model. Nothing is random.

    Raises
    ------
    DataError
        For gaps, negative or non-numeric values, too few periods, an unknown model.

    Examples
    --------
    >>> flat = pd.Series(5.0, index=[f"{y}Q{q}" for y in range(2010, 2015) for q in range(1, 5)])
    >>> forecast(flat, 2).query("quantile == 0.5")["value"].round(6).tolist()
    [5.0, 5.0]
    """
    panel = series.to_frame() if isinstance(series, pd.Series) else series
    if panel.empty:
        raise DataError("the series is empty")
    index = periods(panel.index)
    season = _season_of(index)
    _check(panel, model, horizon)
    if not set(levels) <= set(LEVELS):
        raise DataError(f"the levels are {levels}; they must be of {LEVELS}")
    if len(panel) < (needed := shortest(season) + horizon):
        raise DataError(f"{len(panel)} periods are too few; a forecast with intervals {horizon} ahead needs {needed}")
    ahead = forecast_panel(panel.to_numpy(float), horizon, season, model)
    ends = {
        (50 + sign * level / 2) / 100: f"{end}_{level}" for level in levels for end, sign in (("low", -1), ("high", 1))
    }
    quantiles = dict(sorted(({0.5: "forecast"} | ends).items()))
    dates = pd.period_range(index[-1] + 1, periods=horizon)
    order = pd.MultiIndex.from_product([quantiles, dates, panel.columns], names=["quantile", "date", "area"])
    values = np.array([ahead[part] for part in quantiles.values()])
    table = pd.Series(values.ravel(), order, name="value").reset_index()
    table = table.assign(vintage=index[-1], model=ahead["model"])
    table["horizon"] = table["date"].astype("int64") - index.astype("int64")[-1]
    return table[["area", "vintage", "date", "horizon", "quantile", "value", "model"]]


def _check(panel: pd.DataFrame, model: str, horizon: int) -> None:
    if model != "default" and model not in MODELS:
        raise DataError(f"no model {model!r}; the models are default, {', '.join(MODELS)}")
    if not isinstance(horizon, int | np.integer) or horizon < 1:
        raise DataError(f"the horizon is {horizon}; it must be a whole number of periods, 1 or more")
    if not all(pd.api.types.is_numeric_dtype(dtype) for dtype in panel.dtypes):
        raise DataError("the series must be numbers")
    for what, wrong in (("missing", ~np.isfinite(panel.to_numpy(float))), ("negative", panel.to_numpy() < 0)):
        if wrong.any():
            row, column = np.argwhere(wrong)[0]
            raise DataError(f"a value is {what}: {panel.index[row]}, column {panel.columns[column]}")


def backtest(panel, model="default", horizon=8, first=28, last=None, every=2, lag=0, newest=1.0) -> pd.DataFrame:
    """Forecast a panel from rolling origins and set the actual values beside.

    Parameters
    ----------
    panel : pandas.DataFrame
        Periods (2014Q1, 2021M08 or years) by area, without gaps.
    model : str
        ``default`` or a key of ``MODELS``.
    horizon : int
        Periods ahead.
    first, last : int
        Observations at the first and last origin; last leaves one period to grade unless given.
    every : int
        Periods from one origin to the next.
    lag : int
        Periods that are not yet published at the origin: the forecast has to bridge them.
    newest : float or numpy.ndarray
        What the newest value is worth of the one that will stand, by area.

    Returns
    -------
    pandas.DataFrame
        One row an origin, period and area: vintage, date, horizon, area, forecast, actual, naive, scale (the mean
        absolute seasonal difference up to the origin), low_80, high_80 and so on, model.

    Examples
    --------
    >>> panel = pd.DataFrame(
    ...     {"a": [1.0, 2.0] * 8, "b": [3.0, 5.0] * 8},
    ...     index=periods(f"{y}Q{q}" for y in range(2010, 2014) for q in (1, 2, 3, 4)),
    ... )
    >>> bool((backtest(panel, "seasonal_naive", horizon=2, first=12).eval("actual - forecast") == 0).all())
    True
    """
    _check(panel, model, horizon)
    if lag < 0:
        raise DataError(f"lag is {lag}; give 0 or the number of periods that are not yet published")
    panel = panel.set_axis(periods(panel.index))
    season, values, parts = _season_of(panel.index), panel.to_numpy(float), []
    ends = range(first, (len(panel) - lag - 1 if last is None else last) + 1, every)
    if not len(ends) or ends[-1] + lag >= len(panel):
        raise DataError(f"{len(panel)} periods are too few for origins {first} to {last or first} and one to grade")
    if first < shortest(season):
        raise DataError(f"first is {first}; the first origin needs {shortest(season)} observations")
    names = CHOICE if model == "default" else (model,)
    past = past_forecasts(values[: ends[-1]], horizon + lag, season, names, newest)
    for end in ends:
        known = values[:end]
        ahead = forecast_panel(known, horizon + lag, season, model, past)
        steps = min(horizon, len(panel) - end - lag)
        later = panel.index[end + lag : end + lag + steps]
        actual = panel.loc[later].to_numpy()
        rows = {"actual": actual, "naive": np.broadcast_to(known[-1] * newest, actual.shape)}
        rows |= {name: part[lag : lag + steps] for name, part in ahead.items() if name != "model"}
        index = pd.MultiIndex.from_product([later, panel.columns], names=["date", "area"])
        table = pd.DataFrame({name: part.ravel() for name, part in rows.items()}, index=index).reset_index()
        scale = np.tile(seasonal_scale(known, season), steps)
        steps_ahead = np.repeat(np.arange(1, steps + 1), len(panel.columns))
        table.insert(0, "vintage", panel.index[end - 1])
        parts.append(table.assign(horizon=steps_ahead, scale=scale, model=ahead["model"]))
    return pd.concat(parts, ignore_index=True)


def interval_score(rows: pd.DataFrame, level: int) -> pd.Series:
    """Return the width of each interval plus what lies outside, times 2 over the share that may (Gneiting and Raftery 2007).

    Examples
    --------
    >>> interval_score(pd.DataFrame({"low_80": [1.0, 1.0], "high_80": [3.0, 3.0], "actual": [2.0, 4.0]}), 80).tolist()
    [2.0, 12.0]
    """
    low, high, actual = rows[f"low_{level}"], rows[f"high_{level}"], rows["actual"]
    outside = (low - actual).clip(lower=0) + (actual - high).clip(lower=0)
    return high - low + outside * 200 / (100 - level)


def score(rows: pd.DataFrame, by="horizon") -> pd.DataFrame:
    """Grade a backtest.

    Parameters
    ----------
    rows : pandas.DataFrame
        From :func:`backtest`, or with the same columns.
    by : str or list of str or None
        Columns to group by; None for one row, ``all``.

    Returns
    -------
    pandas.DataFrame
        n, first, last (dates graded), bias, mae, rmse, mase (mae in units of scale), skill (1 - mae / mae of naive),
        coverage_50, _80, _95, below_80, above_80 (shares outside the 80 pct. interval, either side), interval_80
        (interval score in units of scale). Origins without an interval count for the errors alone.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"date": [1, 2], "actual": [3.0, 5.0], "forecast": [2.0, 7.0], "naive": [1.0, 1.0], "scale": 2.0}
    ... )
    >>> rows = rows.assign(**{f"{end}_{level}": rows["actual"] for level in LEVELS for end in ("low", "high")})
    >>> score(rows, None)[["n", "bias", "mae", "mase", "skill"]].iloc[0].tolist()
    [2.0, -0.5, 1.5, 0.75, 0.5]
    """
    rows = rows[rows["actual"].notna()]
    actual, error = rows["actual"], rows["actual"] - rows["forecast"]
    known = rows[[f"{end}_{level}" for level in LEVELS for end in ("low", "high")]].notna().all(axis=1)
    size = {"bias": error, "mae": error.abs(), "rmse": error**2, "mase": error.abs() / rows["scale"]}
    parts = {"skill": (actual - rows["naive"]).abs()}
    for level in LEVELS:
        parts[f"coverage_{level}"] = (
            actual.between(rows[f"low_{level}"], rows[f"high_{level}"]).where(known).astype(float)
        )
    parts["below_80"] = (actual < rows["low_80"]).where(known).astype(float)
    parts["above_80"] = (actual > rows["high_80"]).where(known).astype(float)
    parts["interval_80"] = interval_score(rows, 80) / rows["scale"]
    names = [by] if isinstance(by, str) else by
    keys = [rows[name] for name in names] if names else pd.Series("all", rows.index)
    means = pd.DataFrame(size | parts).groupby(keys).mean()
    means["rmse"] = np.sqrt(means["rmse"])
    means["skill"] = 1 - means["mae"] / means["skill"].where(means["skill"] > 0)
    dates = rows["date"].groupby(keys)
    head = {"n": dates.size(), "first": dates.min(), "last": dates.max()}
    return pd.concat([pd.DataFrame(head), means], axis=1)
