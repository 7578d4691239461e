"""A forecast knows the past only, says how wrong it may be, and says when it fell back to naive."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis.forecast import CHOICE, LEVELS, MODELS, SLOW, forecast, forecast_panel, known_errors, periods
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.trend import municipalities

FAST = sorted(set(MODELS) - set(SLOW))
QUARTERS = [f"{year}Q{quarter}" for year in range(2008, 2016) for quarter in (1, 2, 3, 4)]
counts = st.lists(st.lists(st.integers(0, 5000), min_size=3, max_size=3), min_size=16, max_size=30)


def series(values):
    return pd.Series(np.asarray(values, float), index=QUARTERS[: len(values)])


UP, FLAT = series(np.arange(1, 25) * 10), series([7] * 20)


@pytest.fixture(scope="module")
def field():
    table = load("auk01").pivot_table(index="quarter", columns="area", values="fulltime_persons")
    return table[municipalities()]


@pytest.mark.parametrize(
    ("labels", "freq"), [([2014, 2015], "Y-DEC"), (["2014Q4", "2015Q1"], "Q-DEC"), (["2014M12", "2015M01"], "M")]
)
def test_years_quarters_and_months_go_on_over_new_year(labels, freq):
    found = periods(labels)
    assert (found.freqstr, found[1] - found[0]) == (freq, found[0].freq)


def test_the_table_has_a_row_for_every_area_date_and_quantile(field):
    panel = field.iloc[:40, [5, 3, 9]]  # 2007Q1 to 2016Q4
    table = forecast(panel, 3)
    assert table.columns.tolist() == ["area", "vintage", "date", "horizon", "quantile", "value", "model", "fallback"]
    assert sorted(set(table["quantile"])) == [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    dates = table[["vintage", "date", "horizon"]].drop_duplicates().astype(str).to_numpy().tolist()
    assert dates == [["2016Q4", f"2017Q{h}", str(h)] for h in (1, 2, 3)]
    assert len(table) == 3 * 3 * 7 == len(table.drop_duplicates(["area", "date", "quantile"]))
    core = forecast_panel(panel.to_numpy(float), 3, 4)
    for quantile, part in ((0.025, "low_95"), (0.25, "low_50"), (0.5, "forecast"), (0.9, "high_80")):
        rows = table[table["quantile"] == quantile].set_index(["area", "horizon"])["value"]
        assert [[rows[area, h] for area in panel] for h in (1, 2, 3)] == core[part].tolist()


def test_one_series_keeps_its_name_and_fewer_levels_can_be_asked_for():
    table = forecast(UP.rename("151"), 2, "naive", levels=(80,))
    assert set(table["area"]) == {"151"} and set(table["quantile"]) == {0.1, 0.5, 0.9}


@pytest.mark.parametrize("value", [0, 5])
@pytest.mark.parametrize("model", ["default", *MODELS])
def test_a_constant_series_is_forecast_as_itself(model, value):
    point = forecast(series([value] * 20), 5, model).query("quantile == 0.5")["value"]
    assert point.to_numpy() == pytest.approx(value)


@given(y=counts, k=st.floats(0.01, 1000))
def test_a_forecast_without_logs_scales_exactly_with_the_series(y, k):
    y = np.array(y, float)
    for name in ("naive", "seasonal_naive"):
        assert (MODELS[name](k * y, 6, 4) == k * MODELS[name](y, 6, 4)).all()


def test_known_errors_are_actual_less_forecast_and_missing_beyond_the_data():
    forecasts = (10.0 * np.arange(4)[:, None] + [1, 2])[:, :, None]  # from origin o at horizon k: 10 o + k
    errors = known_errors(np.array([[100.0], [200.0], [400.0]]), forecasts)[:, :, 0]
    # 100 - 1, 200 - 2; 200 - 11, 400 - 12; 400 - 21, none; none, none
    np.testing.assert_array_equal(errors, [[99, 198], [189, 388], [379, np.nan], [np.nan, np.nan]])


@settings(max_examples=25)
@given(y=counts, model=st.sampled_from(["default", *FAST]))
def test_intervals_nest_and_are_never_negative(y, model):
    found = forecast_panel(np.array(y, float), 3, 4, model)
    ends = [found[f"low_{level}"] for level in LEVELS[::-1]] + [found[f"high_{level}"] for level in LEVELS]
    assert (np.diff(ends, axis=0) >= 0).all() and np.min([found["forecast"], *ends]) >= 0


def test_intervals_contain_the_point_even_where_every_past_error_has_one_sign():
    value = forecast(UP, 2, "naive").pivot_table(index="horizon", columns="quantile", values="value")
    assert (np.diff(value.to_numpy(), axis=1) >= 0).all()


def brute_force_mase(y, name, first=12):
    by_horizon = [[], [], [], []]
    for origin in range(first, len(y)):
        ahead = MODELS[name](y[:origin], 4, 4)
        for k in range(min(4, len(y) - origin)):
            for area in range(y.shape[1]):
                scale = np.mean([abs(y[t, area] - y[t - 4, area]) for t in range(4, origin)])
                by_horizon[k].append(abs(y[origin + k, area] - ahead[k, area]) / scale)
    return np.mean([np.mean(errors) for errors in by_horizon])


def test_the_default_is_the_model_with_the_smallest_past_mase(field):
    noise, winners = np.random.default_rng(1).normal(0, 20, (28, 4)), set()
    walk, four_walks = 1000 + np.cumsum(noise, axis=0), 1000 + np.cumsum(3 * noise.reshape(7, 4, 4), axis=0)
    for y in (field.iloc[:28, 40:44].to_numpy(float), walk, four_walks.reshape(28, 4)):
        best = min(CHOICE, key=lambda name: brute_force_mase(y, name))
        assert set(forecast(pd.DataFrame(y, QUARTERS[:28]), 4)["model"]) == {best}
        winners.add(best)
    assert len(winners) == 3


@pytest.mark.parametrize("model", SLOW)
def test_a_model_that_does_not_converge_falls_back_to_naive_and_says_so(model):
    wave = 300 + 40 * np.sin(np.arange(24)) + 5 * np.random.default_rng(2).normal(size=24)
    panel = pd.DataFrame({"flat": 7.0, "moves": wave}, QUARTERS[:24])  # a flat series has nothing to estimate
    table = forecast(panel, 2, model).groupby("area")[["model", "fallback"]].first()
    assert table.to_numpy().tolist() == [["naive", True], [model, False]]


def test_a_fallback_has_the_interval_of_naive():
    pd.testing.assert_series_equal(forecast(FLAT, 2, "sarimax")["value"], forecast(FLAT, 2, "naive")["value"])


def test_sarimax_follows_its_driver():
    rng = np.random.default_rng(3)
    driver = series(1000 * np.exp(np.cumsum(rng.normal(0, 0.2, 28))))
    own = series(driver.iloc[:24] / 10 * np.exp(rng.normal(0, 0.01, 24)))
    point = forecast(own, 4, "sarimax", driver).query("quantile == 0.5")
    assert not point["fallback"].any()
    assert point["value"].to_numpy() == pytest.approx(driver.iloc[24:].to_numpy() / 10, rel=0.05)


def test_a_series_too_short_for_the_horizons_intervals_is_refused():
    with pytest.raises(DataError, match="13 periods are too few"):
        forecast(UP[:13], 8)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: forecast(UP.drop("2010Q2"), 2), "not unbroken: after 2010Q1 comes another than 2010Q2"),
        (lambda: periods(["2014M11", "2015M01"]), "after 2014-11 comes another than 2014-12"),
        (lambda: periods([2014, 2015, 2017]), "after 2015 comes another than 2016"),
        (lambda: forecast(UP.replace(50, np.nan), 2), "a value is missing: 2009Q1, column 0"),
        (lambda: forecast(UP.rename("151").replace(50, -1), 2), "a value is negative: 2009Q1, column 151"),
        (lambda: forecast(UP.astype(str), 2), "the series must be numbers"),
        (lambda: forecast(UP[:12], 1), "12 periods are too few; .* needs 13"),
        (lambda: forecast(UP[:4].set_axis(range(2014, 2018)), 1), "4 periods are too few; .* needs 5"),
        (lambda: forecast(UP.set_axis(pd.period_range("2014-01", periods=24, freq="M")), 1), "24 periods .* needs 25"),
        (lambda: forecast(UP, 2, "prophet"), "no model 'prophet'; the models are default, naive, .*sarimax"),
        (lambda: forecast(UP, 2, "sarimax", series(range(25))), "no value for 2014Q2; it must go to 2014Q2"),
        (lambda: forecast(UP, 2, "pooled", UP[1:]), "no value for 2008Q1; it must go to 2013Q4"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_series_that_cannot_be_forecast_is_told_why(ask, says):
    with pytest.raises(DataError, match=says):
        ask()
