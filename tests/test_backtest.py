"""A backtest grades every forecast on what it could know, beside the naive one."""

import numpy as np
import pandas as pd
import pytest

from ballerup_analysis.forecast import (
    CHOICE,
    LEVELS,
    backtest,
    forecast,
    forecast_panel,
    past_forecasts,
    periods,
    score,
    seasonal_scale,
)
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.trend import municipalities

FIELD = {"first": 28, "last": 68, "every": 2, "horizon": 8}  # 21 origins, 2013Q4 to 2023Q4
ENDS = [f"{end}_{level}" for level in LEVELS for end in ("low", "high")]


@pytest.fixture(scope="module")
def field():
    table = load("auk01").pivot_table(index="quarter", columns="area", values="fulltime_persons")
    return table[municipalities()]


@pytest.fixture(scope="module")
def default(field):
    return backtest(field, **FIELD)


@pytest.mark.parametrize(("model", "mase"), [("naive", 0.900), ("adjusted_walk", 0.911), ("seasonal_naive", 1.038)])
def test_the_benchmarks_score_on_the_field_what_they_are_known_to(field, model, mase):
    total = score(backtest(field, model, **FIELD), None).iloc[0]
    assert round(total["mase"], 3) == mase
    assert total[["n", "first", "last"]].astype(str).tolist() == [str(21 * 8 * 98), "2014Q1", "2025Q4"]


def test_the_default_beats_the_bar_of_the_field(default):
    assert score(default, None)["mase"].iloc[0] <= 0.85 and score(default).loc[1, "mase"] <= 0.46


def test_the_80_pct_interval_covers_what_it_says_pooled_and_at_every_horizon(default):
    assert 0.77 <= score(default, None)["coverage_80"].iloc[0] <= 0.83
    assert score(default)["coverage_80"].between(0.72, 0.88).tolist() == [True] * 8


def test_the_default_takes_one_model_at_each_origin_and_none_added_with_hindsight(default):
    assert len(default[["vintage", "model"]].drop_duplicates()) == 21 and not default["fallback"].any()
    assert set(default["model"]) <= set(CHOICE) and "pooled_guarded" not in CHOICE


@pytest.mark.parametrize("poison", [1e9, np.nan])
@pytest.mark.parametrize("model", ["default", "pooled_guarded", "combination", "adjusted_walk"])
def test_poison_after_the_origin_moves_no_forecast_interval_choice_or_scale(field, model, poison):
    for origin in (28, 53, 54):  # 54: 2020Q2
        y = field.iloc[:, :20].astype(float)
        known = y.iloc[:origin].to_numpy()
        bare = forecast_panel(known, 4, 4, model)
        y.iloc[origin:] = poison
        past = past_forecasts(y.to_numpy(), 4, 4, CHOICE if model == "default" else (model,))
        longer = forecast_panel(known, 4, 4, model, past=past)
        assert longer["model"] == bare["model"]
        for part in ("forecast", *ENDS):
            assert longer[part].tolist() == bare[part].tolist()
        if np.isnan(poison):
            continue  # a backtest refuses a panel with gaps
        rows = backtest(y, model, horizon=4, first=origin, last=origin + 6)
        rows = rows[rows["vintage"] == rows["vintage"].iloc[0]]
        assert set(rows["model"]) == {bare["model"]}
        assert rows["scale"].tolist() == np.tile(seasonal_scale(known, 4), 4).tolist()
        for part in ("forecast", *ENDS):
            assert rows[part].tolist() == bare[part].ravel().tolist()


def test_poison_in_the_driver_after_the_origin_moves_nothing(field):
    one, driver = field[["151"]].iloc[:34], field.iloc[:34].sum(axis=1)
    drivers = (driver, driver.where(np.arange(34) < 28, 1e9))
    clean, found = (backtest(one, "pooled", 2, first=28, last=32, every=4, driver=each)[:2] for each in drivers)
    pd.testing.assert_frame_equal(clean, found)


# Years, naive: 8 10 8 10 | 11 13 16 20, errors 1 2 3 4. Scale is the mean |change| of the years up to the origin:
# (2 + 2 + 2) / 3 = 2, then 7/4, 9/5 and 12/6 = 2
TINY = pd.DataFrame({"a": [8.0, 10, 8, 10, 11, 13, 16, 20]}, index=range(2010, 2018))


def test_scores_by_hand():
    rows = backtest(TINY, "naive", horizon=1, first=4, every=1)
    assert rows["scale"].tolist() == pytest.approx([2, 7 / 4, 9 / 5, 2])
    # Intervals at forecast + 0 to 2, -1 to 3 and -2 to 4; the errors 1 2 3 4 are in them 2, 3 and 4 times
    ends = {"low_50": 0, "high_50": 2, "low_80": -1, "high_80": 3, "low_95": -2, "high_95": 4}
    rows = rows.assign(**{end: rows["forecast"] + away for end, away in ends.items()}, naive=rows["actual"] - 5)
    found = score(rows, None).iloc[0]
    assert found[["n", "first", "last"]].astype(str).tolist() == ["4", "2014", "2017"]
    wanted = {
        "bias": 2.5,  # actual - forecast: the forecasts were too low
        "mae": 2.5,
        "rmse": np.sqrt((1 + 4 + 9 + 16) / 4),
        "two_thirds": (3.5 - 1.5) / 2,  # the first and last sixth of 1 2 3 4 end half a step in
        "mase": (1 / 2 + 2 / (7 / 4) + 3 / (9 / 5) + 4 / 2) / 4,
        "wape_pct": 100 * 10 / (11 + 13 + 16 + 20),
        "skill": 1 - 10 / 20,
        # .25 (1 + 2 + 3 + 4); .25 x 1 + .75 (1 + 2); .1 (2 + 3 + 4 + 5); .1 (2 + 1) + .9 x 1; .025 (3 + 4 + 5 + 6);
        # .025 (3 + 2 + 1): of 4 errors at 6 ends
        "pinball": (2.5 + 2.5 + 1.4 + 1.2 + 0.45 + 0.15) / 24,
        **{"coverage_50": 2 / 4, "coverage_80": 3 / 4, "coverage_95": 1},
    }
    assert found[list(wanted)].to_dict() == pytest.approx(wanted)


def test_n_and_period_stand_in_each_row_and_the_skill_of_naive_is_zero(field):
    table = score(backtest(field.iloc[:, :5], "naive", first=60, horizon=8))  # origins 60, 62 ... 74 of 76 quarters
    assert table["n"].tolist() == [5 * origins for origins in (8, 8, 7, 7, 6, 6, 5, 5)]
    assert table["first"].astype(str).tolist() == [f"{year}Q{q}" for year in (2022, 2023) for q in (1, 2, 3, 4)]
    assert table["last"].astype(str).tolist() == ["2025Q3", "2025Q4"] * 4
    assert (table["skill"] == 0).all()


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_the_first_date_after_vintage_and_lag_is_horizon_1(lag):
    rows = backtest(TINY, "naive", horizon=2, first=4, every=1, lag=lag)
    assert (rows["date"].dt.year - rows["vintage"].dt.year == rows["horizon"] + lag).all()
    assert rows["horizon"].tolist() == ([1, 2] * 4)[: 2 * (4 - lag) - 1]  # the last origin has one year to grade


@pytest.mark.parametrize("model", ["default", "pooled"])
def test_a_lag_of_one_is_the_forecast_of_a_period_earlier_at_one_horizon_more(field, model):
    part = field.iloc[:, 10:20]
    late = backtest(part, model, horizon=3, first=40, last=60, lag=1)
    early = backtest(part, model, horizon=4, first=40, last=60).query("horizon > 1").reset_index(drop=True)
    pd.testing.assert_frame_equal(late, early.assign(horizon=early["horizon"] - 1))


@pytest.mark.parametrize("dates", [periods([2015, 2016]), [2015, 2016]])
def test_a_dated_law_is_taken_off_the_actual_values_and_nothing_else(dates):
    ask = {"model": "naive", "horizon": 2, "first": 5, "last": 5}
    without, rows = (backtest(TINY, **ask, law_changes=laws) for laws in (None, pd.Series([-3.0, -4.0], index=dates)))
    assert rows["actual"].tolist() == [13 + 3, 16 + 4]
    pd.testing.assert_frame_equal(rows.drop(columns="actual"), without.drop(columns="actual"))


def test_a_law_the_origin_already_knows_is_not_taken_off_again():
    law = pd.Series([-3.0] * 5, index=range(2013, 2018))
    rows = backtest(TINY, "naive", horizon=1, first=4, every=1, law_changes=law.iloc[2:])  # from 2015
    # Origin 2014 does not know it: 13 + 3; the later origins' data hold it
    assert rows["actual"].tolist() == [11, 13 + 3, 16, 20]


def test_origins_without_past_errors_are_graded_but_hold_no_interval():
    rows = backtest(TINY, "naive", horizon=1, first=4, every=1).assign(
        low_95=[np.nan, 0, 0, 0], high_95=[np.nan, 99, 99, 99]
    )
    found = score(rows, None).iloc[0]
    assert found["n"] == 4 and found["coverage_95"] == 1 and np.isfinite(found["pinball"])


def test_every_origin_of_a_model_fitted_area_by_area_is_that_models_own(field):
    rows = backtest(field[["151"]].iloc[:34], "ets", horizon=2, first=28, last=32, every=2)
    assert not rows["fallback"].any()


def test_the_monthly_field_is_graded_and_forecast_with_a_season_of_twelve():
    table = load("jobindsats_monthly").query("measure == 'kontanthjaelp_fulltime_persons' and area != '000'")
    panel = table.pivot_table(index="month", columns="area", values="value")
    assert panel.shape == (60, 13)
    rows = backtest(panel, "seasonal_naive", horizon=8, first=36, last=52)
    assert rows["vintage"].iloc[[0, -1]].astype(str).tolist() == ["2024-07", "2025-11"]
    assert rows["scale"].iloc[:13].tolist() == panel.iloc[:36].diff(12).abs().mean().tolist()
    assert round(score(rows, None)["mase"].iloc[0], 3) == 0.810
    ahead = forecast(panel, 12, "seasonal_naive").query("quantile == 0.5")
    assert ahead["value"].tolist() == panel.iloc[-12:].to_numpy().ravel().tolist()
    assert str(ahead["date"].iloc[0]) == "2026-08" and len(forecast(panel, 12)) == 12 * 13 * 7


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: backtest(TINY.drop(2013)), "not unbroken: after 2012 comes another than 2013"),
        (lambda: backtest(TINY, first=8), "8 periods are too few for origins 8 to 8 and one period to grade"),
        (lambda: backtest(TINY, first=7, lag=1), "8 periods are too few for origins 7 to 7"),
        (lambda: backtest(TINY, first=5, last=8, every=1), "8 periods are too few for origins 5 to 8"),
        (lambda: backtest(TINY, first=3), "first is 3; the first origin needs 4 observations"),
        (lambda: backtest(TINY.assign(a=np.nan), first=5), "a value is missing: 2010, column a"),
        (lambda: backtest(TINY, "sarimax", first=5, driver=TINY["a"]), "sarimax would need the driver's future"),
    ],
)
def test_a_panel_that_cannot_be_graded_is_told_why(ask, says):
    with pytest.raises(DataError, match=says):
        ask()


def test_an_unknown_model_is_told_so():
    with pytest.raises(DataError, match="no model 'prophet'"):
        backtest(TINY, "prophet", first=4)
