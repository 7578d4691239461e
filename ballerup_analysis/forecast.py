"""Forecasts of counts for a panel of areas, with intervals measured on the model's own past errors.

A panel is an array, periods × areas, without gaps. Every model uses only the rows it is given. The pooled model: the
country's level stays where it is, an area's share of it moves back towards its own mean at a speed measured on all
areas, and half of the season is the area's own and half the panel's.
"""

from __future__ import annotations

import contextlib
import warnings

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
    freq = "Q" if "Q" in texts[0] else "M" if len(texts[0]) > 4 else "Y"
    found = pd.PeriodIndex([text.replace("M", "-") for text in texts], freq=freq)
    if len(found) > 1 and (np.diff(found.astype("int64")) != 1).any():
        after = found[:-1][np.diff(found.astype("int64")) != 1][0]
        raise DataError(f"the periods are not unbroken: after {after} comes another than {after + 1}")
    return found


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
    """Mean deviation from the centred moving average, season × area, summing to zero."""
    if season == 1:
        return np.zeros((1, x.shape[1]))
    sums = np.cumsum(np.vstack([np.zeros((1, x.shape[1])), x]), axis=0)
    means, half = (sums[season:] - sums[:-season]) / season, season // 2
    centred = x[half : len(x) - half] - (means[1:] + means[:-1])[: len(x) - 2 * half] / 2
    phase = np.arange(half, half + len(centred)) % season
    factors = np.array([centred[phase == j].mean(axis=0) for j in range(season)])
    return factors - factors.mean(axis=0)


def naive(y, horizon, season, driver=None):
    """Repeat the last value."""
    return np.repeat(y[-1:], horizon, axis=0)


def drift(y, horizon, season, driver=None):
    """Go on from the last value by the mean change so far, never below zero."""
    step = (y[-1] - y[0]) / max(len(y) - 1, 1)
    return np.maximum(y[-1] + np.arange(1, horizon + 1)[:, None] * step, np.minimum(y[-1], 0.0))


def seasonal_naive(y, horizon, season, driver=None):
    """Repeat the last value of the same season."""
    return y[-season:][np.arange(horizon) % season]


def adjusted_walk(y, horizon, season, driver=None):
    """Repeat the last seasonally adjusted value, in logs, with the area's own season."""
    x, n = np.log1p(np.maximum(y, 0.0)), len(y)
    season_of = _season_factors(x, season)
    ahead = season_of[(n + np.arange(horizon)) % season] - season_of[(n - 1) % season]
    return np.maximum(np.expm1(x[-1] + ahead), 0.0)


def pooled(y, horizon, season, driver=None, guard=None):
    """Country level, share returning to its own mean, season half pooled; ``guard`` see :func:`pooled_guarded`."""
    n, h = len(y), np.arange(1, horizon + 1)
    whole = np.log1p(y.sum(axis=1) if driver is None else driver[:n])[:, None]
    x, season_whole = np.log1p(np.maximum(y, 0.0)), _season_factors(whole, season)
    factors = (_season_factors(x, season) + season_whole) / 2
    phase = np.arange(n) % season
    country = (whole - season_whole[phase])[:, 0]
    share = x - factors[phase] - country[:, None]
    level = country[-1] if guard is None else guard(country, 2 * season)
    to_mean = np.cumsum(share, axis=0) / np.arange(1, n + 1)[:, None] - share
    weight = (y.mean(axis=0) / seasonal_scale(y, season)) ** 2
    back, speed = np.zeros(horizon), 0.0
    for k in h:
        if n - k > season:  # else: the speed of the horizon before
            moved, gap = share[season + k :] - share[season : n - k], to_mean[season : n - k]
            against = (weight * gap**2).sum()
            speed = np.clip((weight * gap * moved).sum() / against, 0, 1) if against else 0.0
        back[k - 1] = speed
    ahead = level + share[-1] + back[:, None] * to_mean[-1] + factors[(n + h - 1) % season]
    return np.maximum(np.expm1(ahead), 0.0)


def pooled_guarded(y, horizon, season, driver=None):
    """Forecast as pooled, from a level that follows the country by at most three robust standard deviations a step.

    The guard first acts at 2020Q2, so no choice on earlier data can prefer it: it is a rule added with hindsight
    and stands outside ``CHOICE``.
    """

    def guard(country, warm_up):
        level, steps = country[0], np.zeros(len(country))
        for t in range(1, len(country)):  # each step is bounded by the steps before it
            steps[t] = country[t] - level
            if t > warm_up:
                bound = 3 * 1.4826 * np.median(np.abs(steps[1:t]))
                steps[t] = np.clip(steps[t], -bound, bound)
            level += steps[t]
        return level

    return pooled(y, horizon, season, driver, guard)


def combination(y, horizon, season, driver=None):
    """Mean of naive, adjusted walk and pooled."""
    return np.mean([model(y, horizon, season, driver) for model in (naive, adjusted_walk, pooled)], axis=0)


def ets(y, horizon, season, driver=None):
    """Fit statsmodels' ETS(A, Ad, A) area by area, each divided by its mean; NaN where it does not converge."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    seasonal = {"seasonal": "add", "seasonal_periods": season} if season > 1 else {}

    def fit(values):
        mean = values.mean()
        model = ETSModel(values / mean, trend="add", damped_trend=True, **seasonal)
        found = model.fit(disp=False, maxiter=200)
        return found.forecast(horizon) * mean if found.mle_retvals["converged"] else np.nan

    return _area_by_area(fit, y, horizon)


def sarimax(y, horizon, season, driver=None):
    """Fit statsmodels' SARIMAX(0,1,1)(0,1,1) in logs, with the log of the driver when given; NaN if it does not converge."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    n, seasonal = len(y), (0, 1, 1, season) if season > 1 else (0, 0, 0, 0)
    beside = None if driver is None else np.log1p(driver)[:, None]

    def fit(values):
        known = None if beside is None else beside[:n]
        found = SARIMAX(np.log1p(values), known, order=(0, 1, 1), seasonal_order=seasonal).fit(disp=False, maxiter=200)
        later = None if beside is None else beside[n : n + horizon]
        return np.expm1(found.forecast(horizon, exog=later)) if found.mle_retvals["converged"] else np.nan

    return _area_by_area(fit, y, horizon)


def _area_by_area(fit, y: np.ndarray, horizon: int) -> np.ndarray:
    found = np.full((horizon, y.shape[1]), np.nan)
    for i in range(y.shape[1]):
        with warnings.catch_warnings(), contextlib.suppress(ValueError, ZeroDivisionError, np.linalg.LinAlgError):
            warnings.simplefilter("ignore")  # what did not converge is told by the result
            found[:, i] = np.maximum(fit(y[:, i]), 0.0)
    return np.where(np.isfinite(found), found, np.nan)


MODELS = {
    f.__name__: f
    for f in (naive, drift, seasonal_naive, adjusted_walk, pooled, pooled_guarded, combination, ets, sarimax)
}
CHOICE = ("naive", "seasonal_naive", "adjusted_walk", "pooled")  # default takes the best of these on the past
SLOW = ("ets", "sarimax")  # fitted area by area: pseudo-origins a season apart


def past_forecasts(y, horizon, season, models, driver=None, origins=None) -> dict[str, np.ndarray]:
    """Forecast from every pseudo-origin: model to origin × horizon × area; row o uses y[:o] only, NaN where none is made.

    The slow models are fitted at ``origins`` only (a season apart, back from the last, unless given). A driver that
    goes beyond the origin is handed on as far as the horizon: give it only where its future is truly known.
    """
    found = {name: np.full((len(y) + 1, horizon, y.shape[1]), np.nan) for name in models}
    for name in models:
        fast = range(shortest(season), len(y) + 1)
        slow = range(len(y), shortest(season) - 1, -season) if origins is None else origins
        for origin in slow if name in SLOW else fast:
            known = None if driver is None else driver[: origin + horizon]
            if name != "sarimax" or known is None or len(known) == origin + horizon:
                found[name][origin] = MODELS[name](y[:origin], horizon, season, known)
    return found


def shortest(season: int) -> int:
    """Return the observations a forecast with an interval needs before its first pseudo-origin."""
    return max(12, 2 * season) if season > 1 else 4


def known_errors(y: np.ndarray, forecasts: np.ndarray) -> np.ndarray:
    """Return actual - forecast, origin × horizon × area, NaN where the actual is not in y."""
    errors = np.full(forecasts.shape, np.nan)
    for k in range(1, forecasts.shape[1] + 1):
        origins = np.arange(len(y) - k + 1)
        errors[origins, k - 1] = y[origins + k - 1] - forecasts[origins, k - 1]
    return errors


def _mean_by_horizon(errors: np.ndarray) -> float:
    """Mean of the horizons' means, each horizon with an error counting the same; 0 where none is known."""
    known = ~np.isnan(errors)
    count = known.sum(axis=(0, 2))
    means = np.where(known, errors, 0.0).sum(axis=(0, 2))[count > 0] / count[count > 0]
    return means.mean() if len(means) else 0.0


def forecast_panel(y, horizon, season, model="default", driver=None, past=None) -> dict:
    """Forecast a panel; the fast core of :func:`forecast` and of the backtest.

    Parameters
    ----------
    y : numpy.ndarray
        Periods × areas, 0 or more, no gaps.
    horizon, season : int
        Periods ahead, and in a year.
    model : str
        ``default`` or a key of ``MODELS``.
    driver : numpy.ndarray, optional
        The country's series; through the horizon for sarimax.
    past : dict, optional
        From :func:`past_forecasts` of a longer panel; rows after the origin are not looked at.

    Returns
    -------
    dict
        model (its name), forecast and low_50, high_50 … (horizon × area), fallback (by area: naive was used
        because the model did not converge).
    """
    n = len(y)
    names = CHOICE if model == "default" else (model,)
    past = past_forecasts(y, horizon, season, names, driver) if past is None else past
    errors = {name: known_errors(y, past[name][: n + 1]) for name in names}
    scales = np.array([seasonal_scale(y[:o], season) if o > season else np.ones(y.shape[1]) for o in range(n + 1)])
    if model == "default":
        mase = {name: _mean_by_horizon(np.abs(e) / scales[:, None]) for name, e in errors.items()}
        model = min(mase, key=mase.get)
    point = past[model][n].copy()
    fallback = np.isnan(point).any(axis=0)
    plain = forecast_panel(y[:, fallback], horizon, season, "naive") if fallback.any() and model != "naive" else {}
    # A count's spread goes with the root of its level; the means are of the data up to each origin.
    means = np.cumsum(y, axis=0) / np.arange(1, n + 1)[:, None]
    year = np.array([y[max(0, o - season) : o].mean(axis=0) if o else y[0] for o in range(n + 1)])
    unit = scales * np.sqrt((np.maximum(year, 0) + 1) / (np.maximum(np.vstack([y[:1], means]), 0) + 1))
    relative, found = errors[model] / unit[:, None], {"model": model, "forecast": point, "fallback": fallback}
    for level in LEVELS:
        ends = np.empty((2, *point.shape))
        for k in range(horizon):
            seen = relative[~np.isnan(relative[:, k]).all(axis=1), k]
            tail = (50 - level / 2) / 100
            if len(seen) < FEW_ORIGINS:  # errors of one origin share the country's surprise: origins count, not cells
                tail = max(0.0, tail - (1 - tail) / max(len(seen), 1))
            cut = np.nanquantile(seen, (tail, 1 - tail)) if len(seen) else (np.nan, np.nan)
            ends[:, k] = point[k] + np.array(cut)[:, None] * unit[n]
        # Errors that were all to one side would leave the point outside its own interval.
        found[f"low_{level}"] = np.maximum(np.minimum(ends[0], point), 0.0)
        found[f"high_{level}"] = np.maximum(np.maximum(ends[1], point), 0.0)
    for name, part in plain.items():
        if name not in ("model", "fallback"):
            found[name][:, fallback] = part
    return found


def forecast(series, horizon, model="default", driver=None, levels=LEVELS) -> pd.DataFrame:
    """Forecast one series or a panel of areas.

    Parameters
    ----------
    series : pandas.Series or pandas.DataFrame
        Counts by period (2014, 2014Q1 or 2014M08), one column an area; the pooled model needs the panel.
    horizon : int
        Periods ahead.
    model : str
        ``default`` (of ``CHOICE`` the one with the smallest past errors at the last period) or a key of ``MODELS``.
    driver : pandas.Series, optional
        The country's series, by period; must go through the horizon for sarimax, whose intervals then take that
        future as known.
    levels : tuple of int
        Intervals, of 50, 80 and 95 pct.

    Returns
    -------
    pandas.DataFrame
        area, vintage (last period known), date, horizon, quantile, value, model, fallback. Nothing is random, so
        there is no seed.

    Raises
    ------
    DataError
        For gaps, negative or non-numeric values, too few periods, a driver that ends too early, an unknown model.

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
    season = {"Q": 4, "M": 12}.get(index.freqstr[0], 1)
    if model != "default" and model not in MODELS:
        raise DataError(f"no model {model!r}; the models are default, {', '.join(MODELS)}")
    if horizon < 1 or not set(levels) <= set(LEVELS):
        raise DataError(f"horizon is {horizon} and levels {levels}; 1 or more, and of {LEVELS}")
    check_counts(panel)
    if len(panel) < (needed := shortest(season) + horizon):
        raise DataError(f"{len(panel)} periods are too few; a forecast with intervals {horizon} ahead needs {needed}")
    if driver is not None:
        needed = index.union(pd.period_range(index[-1] + 1, periods=horizon)) if model == "sarimax" else index
        driver = driver.set_axis(periods(driver.index)).reindex(needed)
        check_counts(driver.dropna().to_frame())
        if driver.isna().any():
            raise DataError(f"the driver has no value for {driver.index[driver.isna()][0]}; it must go to {needed[-1]}")
        driver = driver.to_numpy(float)
    found = forecast_panel(panel.to_numpy(float), horizon, season, model, driver)
    quantiles = {0.5: found["forecast"]}
    for level in levels:
        quantiles[(50 - level / 2) / 100] = found[f"low_{level}"]
        quantiles[(50 + level / 2) / 100] = found[f"high_{level}"]
    dates = pd.period_range(index[-1] + 1, periods=horizon)
    shape = (len(quantiles), horizon, len(panel.columns))
    order = pd.MultiIndex.from_product([sorted(quantiles), dates, panel.columns], names=["quantile", "date", "area"])
    values = np.array([quantiles[q] for q in sorted(quantiles)]).reshape(shape)
    table = pd.Series(values.ravel(), order, name="value").reset_index()
    used = dict(zip(panel.columns, np.where(found["fallback"], "naive", found["model"]), strict=True))
    fell = dict(zip(panel.columns, found["fallback"], strict=True))
    table = table.assign(vintage=index[-1], horizon=table["date"].astype("int64") - index.astype("int64")[-1])
    table = table.assign(model=table["area"].map(used), fallback=table["area"].map(fell))
    return table[["area", "vintage", "date", "horizon", "quantile", "value", "model", "fallback"]]


def check_counts(panel: pd.DataFrame, negative: bool = False) -> None:
    """Raise DataError where a value is no finite number, or negative unless that is allowed."""
    if not all(pd.api.types.is_numeric_dtype(dtype) for dtype in panel.dtypes):
        raise DataError("the series must be numbers")
    finite = np.isfinite(panel.to_numpy(float))
    for what, wrong in (("missing", ~finite), ("negative", panel.to_numpy() < 0)):
        if wrong.any() and not (what == "negative" and negative):
            row, column = np.argwhere(wrong)[0]
            raise DataError(f"a value is {what}: {panel.index[row]}, column {panel.columns[column]}")


def add_up(base: pd.DataFrame, groups: dict[str, list[str]]) -> pd.DataFrame:
    """Make the forecasts of groups the sums of their areas' forecasts, so that all levels agree.

    Least-squares reconciliation with weights by number of areas, level or scale was tried on the test field: it costs
    the municipalities accuracy and serves the country less well than the sum does.

    Parameters
    ----------
    base : pandas.DataFrame
        One row a forecast, one column an area or group.
    groups : dict
        Group to its areas.

    Examples
    --------
    >>> add_up(pd.DataFrame({"a": [4.0], "b": [6.0], "all": [13.0]}), {"all": ["a", "b"]})["all"].tolist()
    [10.0]
    """
    return base.assign(**{group: base[members].sum(axis=1) for group, members in groups.items()})


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
                "below_80": (known["actual"] < known["low_80"]).mean(),
                "above_80": (known["actual"] > known["high_80"]).mean(),
                "interval_80": interval_score(known, 80).div(known["scale"]).mean(),
            }
        )

    if by is None:
        return grade(rows).to_frame().T
    return rows.groupby(by)[[c for c in rows if c != by]].apply(grade)
