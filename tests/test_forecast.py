"""A forecast knows the past only, says how wrong it may be on both sides, and is graded on what it could know."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis.forecast import (
    CHOICE,
    LEVELS,
    MODELS,
    backtest,
    forecast,
    forecast_panel,
    interval_score,
    known_errors,
    past_forecasts,
    periods,
    reach,
    score,
    seasonal_scale,
)
from ballerup_analysis.sources import DataError, load, municipalities

QUARTERS = [f"{year}Q{quarter}" for year in range(2008, 2016) for quarter in (1, 2, 3, 4)]
FIELD = {"first": 28, "last": 68, "every": 2, "horizon": 8}  # 21 origins, 2013Q4 to 2023Q4
ENDS = [f"{end}_{level}" for level in LEVELS for end in ("low", "high")]
counts = st.lists(st.lists(st.integers(0, 5000), min_size=3, max_size=3), min_size=16, max_size=30)


def series(values):
    return pd.Series(np.asarray(values, float), index=QUARTERS[: len(values)])


UP = series(np.arange(1, 25) * 10)


@pytest.fixture(scope="module")
def field():
    table = load("auk01").pivot_table(index="quarter", columns="area", values="fulltime_persons")
    return table[municipalities()]


@pytest.fixture(scope="module")
def default(field):
    return backtest(field, **FIELD)


def test_years_quarters_and_months_go_on_over_new_year():
    cases = [([2014, 2015], "Y-DEC"), (["2014Q4", "2015Q1"], "Q-DEC"), (["2014M12", "2015M01"], "M")]
    assert [(labels, periods(labels).freqstr) for labels, _ in cases] == cases
    assert all(periods(labels)[1] - periods(labels)[0] == periods(labels)[0].freq for labels, _ in cases)
    assert [periods([label]).freqstr for label in (2014, "2014Q4", "2014M12")] == ["Y-DEC", "Q-DEC", "M"]


def test_the_table_has_a_row_for_every_area_date_and_quantile(field):
    panel = field.iloc[:40, [5, 3, 9]]  # 2007Q1 to 2016Q4
    table = forecast(panel, 3)
    assert table.columns.tolist() == ["area", "vintage", "date", "horizon", "quantile", "value", "model"]
    assert table["quantile"].unique().tolist() == [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
    dates = table[["vintage", "date", "horizon"]].drop_duplicates().astype(str).to_numpy().tolist()
    assert dates == [["2016Q4", f"2017Q{h}", str(h)] for h in (1, 2, 3)]
    assert len(table) == 3 * 3 * 7 == len(table.drop_duplicates(["area", "date", "quantile"]))
    core = forecast_panel(panel.to_numpy(float), 3, 4)
    for quantile, part in ((0.025, "low_95"), (0.25, "low_50"), (0.5, "forecast"), (0.9, "high_80")):
        rows = table[table["quantile"] == quantile].set_index(["area", "horizon"])["value"]
        assert [[rows[area, h] for area in panel] for h in (1, 2, 3)] == core[part].tolist()
    one = forecast(UP.rename("151"), 2, "naive", levels=(80,))
    assert set(one["area"]) == {"151"} and one["quantile"].unique().tolist() == [0.1, 0.5, 0.9]


def test_as_many_periods_as_are_needed_are_enough():
    assert forecast(UP[:13], 1, "naive")["value"].between(0, 500).all()
    assert len(forecast(UP[:5].set_axis(range(2014, 2019)), 1, "naive")) == 7


def test_a_constant_series_is_forecast_as_itself_with_no_width():
    for value in (0, 5):
        for model in ("default", *MODELS):
            assert forecast(series([value] * 20), 5, model)["value"].to_numpy() == pytest.approx(value), (model, value)


def test_the_simple_models_by_hand():
    y = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [9.0]])
    assert MODELS["naive"](y, 2, 4).ravel().tolist() == [9, 9]
    assert MODELS["drift"](y, 2, 4).ravel() == pytest.approx([9 + 8 / 5, 9 + 16 / 5])
    assert MODELS["drift"](y[::-1], 2, 4).ravel().tolist() == [0, 0]  # never below zero
    assert MODELS["seasonal_naive"](y, 5, 4).ravel().tolist() == [3, 4, 5, 9, 3]
    assert seasonal_scale(y, 4).tolist() == [(4 + 7) / 2]
    assert seasonal_scale(np.array([[3.0, 1.0]] * 6), 4).tolist() == [1, 1]  # what never changed counts as one
    beside = np.array([[1.0, 5], [4, 5], [7, 5], [10, 5]])  # also beside one that did
    assert seasonal_scale(beside, 2).tolist() == [6, 1]
    assert seasonal_scale(np.array([[1.0], [1.5], [1.0]]), 1).tolist() == [0.5]  # and what hardly did as what it did
    assert MODELS["drift"](y[:2], 2, 4).ravel().tolist() == [3, 4]
    gone = np.array([[0.0, 0], [10, 9]] * 7 + [[0, 0], [0, 0]])  # nobody where many used to be: the next are not fewer
    assert [MODELS[name](gone, 1, 2).tolist() for name in ("adjusted_walk", "pooled")] == [[[0, 0]]] * 2
    # a season of logs: every year 1 3 1 3, so the adjusted walk goes on with it
    wave = np.tile([[1.0], [3.0]], (8, 1))
    assert MODELS["adjusted_walk"](wave, 3, 2).ravel() == pytest.approx([1, 3, 1])


def test_what_swings_between_few_and_many_may_come_to_nobody_and_to_no_fewer():
    ahead = forecast_panel(np.tile([[6.0], [1.0]], (12, 1)), 1, 4, "naive")
    assert (ahead["forecast"].item(), ahead["low_95"].item()) == (1, 0)


def test_the_pooled_model_keeps_the_country_and_moves_shares_back_to_their_mean():
    rng = np.random.default_rng(4)
    shares = 1000 * np.exp(0.3 * rng.normal(size=(40, 30)))  # each quarter anew: all of a gap goes back at once
    point = MODELS["pooled"](shares, 1, 4)[0]
    last, mean = np.log(shares[-1]), np.log(shares).mean(axis=0)
    back = np.polyfit(mean - last, np.log(point) - last, 1)[0]
    assert 0.7 < back < 1.1
    walk = np.vstack([np.arange(1, 41) * 10.0] * 3).T
    assert MODELS["pooled"](walk, 1, 4)[0] == pytest.approx(walk[-1], rel=0.02)  # equal shares: nothing to go back to
    empty_till_now = np.array([[0.0, 0]] * 6 + [[3, 1]])  # no share has ever gone back, so these stay
    assert MODELS["pooled"](empty_till_now, 2, 1) == pytest.approx(np.array([[3, 1], [3, 1]]))
    swapped = np.array(
        [[100.0, 300], [300, 100]] * 4
    )  # goes back twice the way each year; the forecast never past the mean
    assert MODELS["pooled"](swapped, 1, 1) == pytest.approx(np.array([[np.sqrt(101 * 301) - 1] * 2]))


def season_by_hand(x):
    n, away = len(x), {j: [] for j in range(4)}
    for t in range(2, n - 2):  # centred mean of a year: half of the quarters at both ends
        away[t % 4].append(x[t] - (x[t - 2] / 2 + x[t - 1] + x[t] + x[t + 1] + x[t + 2] / 2) / 4)
    factors = np.array([np.mean(away[j]) for j in range(4)])
    return factors - factors.mean()


def test_the_pooled_model_is_what_plain_loops_over_areas_and_quarters_give():
    rng = np.random.default_rng(39)
    y = np.exp(rng.normal(0, 0.2, (21, 3)).cumsum(axis=0) + 0.3 * np.sin(np.arange(21))[:, None]) * [500, 50, 5]
    n, logs, country = len(y), np.log1p(y), np.log1p(y.sum(axis=1))
    whole = season_by_hand(country)
    level = country[-1] - whole[(n - 1) % 4]
    factors = [(season_by_hand(logs[:, a]) + whole) / 2 for a in range(3)]
    share = np.array([[logs[t, a] - factors[a][t % 4] - country[t] + whole[t % 4] for a in range(3)] for t in range(n)])
    weight = [(y[:, a].mean() / np.mean([abs(y[t, a] - y[t - 4, a]) for t in range(4, n)])) ** 2 for a in range(3)]
    speeds, point = [], MODELS["pooled"](y, 18, 4)
    for k in range(1, 17):
        over = under = 0.0
        for t in range(4, n - k):
            for a in range(3):
                gap = share[: t + 1, a].mean() - share[t, a]
                over += weight[a] * gap * (share[t + k, a] - share[t, a])
                under += weight[a] * gap**2
        speeds.append(min(max(over / under, 0), 1))
    speeds += speeds[-1:] * 2  # no share of a year on is seen 17 quarters later: the speed of 16
    assert 0 < speeds[0] < speeds[14] < speeds[15] < 1
    for k, back in enumerate(speeds, start=1):
        for a in range(3):
            log = level + share[-1, a] + back * (share[:, a].mean() - share[-1, a]) + factors[a][(n - 1 + k) % 4]
            assert point[k - 1, a] == pytest.approx(np.expm1(log)), (k, a)


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


def test_the_last_of_the_past_forecasts_is_from_all_that_is_known(field):
    y = field.iloc[:14, :3].to_numpy(float)
    made = past_forecasts(y, 2, 4, ("naive", "pooled"))
    for name, forecasts in made.items():
        assert forecasts[-1].tolist() == MODELS[name](y, 2, 4).tolist()
        assert np.isnan(forecasts[:12]).all() and forecasts[12].tolist() == MODELS[name](y[:12], 2, 4).tolist()


def test_an_interval_from_few_origins_is_widened_and_from_none_is_none():
    many = np.arange(1.0, 21.0)[:, None] * [1, -1]  # twenty origins, two areas, sizes 1 to 20
    assert reach(many).tolist() == pytest.approx(np.quantile(np.abs(many), [0.5, 0.8, 0.95]).tolist())
    nine = many[:9]  # conformal: 0.8 x 10 / 9 of nine, and 0.95 x 10 / 9 > 1: Student's t with nine degrees
    rms = np.sqrt((np.arange(1, 10) ** 2).mean())
    assert reach(nine).tolist() == pytest.approx(
        [np.quantile(np.abs(nine), 0.5 * 10 / 9), np.quantile(np.abs(nine), 0.8 * 10 / 9), rms * 2.262157], rel=1e-5
    )
    assert reach(many[:1]).tolist() == pytest.approx([1, 3.077684, 12.706205])  # t of one degree, the error being 1
    assert np.isnan(reach(many[:0])).all()
    lone = np.eye(3)[:, :1] * 9  # one large error of three: t would be narrower than what was seen
    assert reach(lone, (50, 80)).tolist() == [pytest.approx(np.quantile(lone, 0.5 * 4 / 3)), 9]
    assert reach(many[:4], (80,)).tolist() == [4]  # 0.8 x 5 / 4 is all of four, which conformal still holds
    assert reach(many[:16])[1] == pytest.approx(np.quantile(np.abs(many[:16]), 0.8))  # sixteen are enough


def test_an_interval_reaches_equally_far_to_both_sides_in_logs():
    y = np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.2, (40, 5)), axis=0)) * 400
    found = forecast_panel(y, 3, 4, "naive")
    up, down = (np.log1p(found[end]) - np.log1p(found["forecast"]) for end in ("high_80", "low_80"))
    assert up == pytest.approx(-down)
    # by hand, one step on: errors of logs in units of the yearly mean's fourth root, of all origins and areas
    unit = np.array([(y[o - 4 : o].mean(axis=0) + 1) ** -0.25 for o in range(12, 41)])
    errors = np.abs(np.diff(np.log1p(y), axis=0)[11:] / unit[:-1])
    assert up[0] == pytest.approx(np.quantile(errors, 0.8) * unit[-1])


def test_what_never_changed_is_inside_its_own_interval_to_the_last_bit():
    found = forecast_panel(np.tile(np.arange(200.0), (20, 1)), 2, 4, "naive")
    assert all((found[f"low_{level}"] <= found["forecast"]).all() for level in LEVELS)
    assert all((found["forecast"] <= found[f"high_{level}"]).all() for level in LEVELS)


@settings(max_examples=25, deadline=None)
@given(y=counts, model=st.sampled_from(["default", *MODELS]))
def test_intervals_nest_hold_the_point_and_are_never_negative(y, model):
    found = forecast_panel(np.array(y, float), 3, 4, model)
    ends = [found[f"low_{level}"] for level in LEVELS[::-1]] + [found[f"high_{level}"] for level in LEVELS]
    assert (np.diff([*ends[:3], found["forecast"], *ends[3:]], axis=0) >= -1e-9).all() and np.min(ends) >= 0


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


def test_every_horizon_counts_the_same_in_the_choice_however_many_errors_are_known():
    # Yearly, up by one: scale 1. Known errors: one ahead two, two ahead one, three ahead none.
    y = np.arange(6.0)[:, None]
    missed = {"naive": (1.0, 4.0), "seasonal_naive": (2.0, 2.9), "adjusted_walk": (9.0, 9.0)}  # sums 5 and 4.9
    past = {name: np.full((7, 3, 1), np.nan) for name in missed}
    for name, (near, far) in missed.items():
        past[name][4:6, 0, 0], past[name][4, 1, 0], past[name][6] = y[4:, 0] + near, y[5, 0] + far, 5.0
    assert forecast_panel(y, 3, 1, past=past)["model"] == "seasonal_naive"


def test_an_error_is_measured_in_the_scale_known_at_its_origin():
    # Yearly, up by one until 2013 -> 2014, which is ten: scale 1 at the first origin, 13/4 at the next. Errors of naive
    # are 2/1 and 6/3.25, of seasonal_naive 3/1 and 3/3.25: naive is better, though in one scale for all it is not.
    y = np.array([0.0, 1, 2, 3, 13, 14])[:, None]
    missed = {"naive": (2.0, 6.0), "seasonal_naive": (3.0, 3.0), "adjusted_walk": (9.0, 9.0)}
    past = {name: np.full((7, 1, 1), 14.0) for name in missed}
    for name, errors in missed.items():
        past[name][4:6, 0, 0] = y[4:, 0] + errors
    assert forecast_panel(y, 1, 1, past=past)["model"] == "naive"


def test_two_areas_have_each_other_to_be_pooled_with():
    y = np.arange(6.0)[:, None] + [0, 9]
    right, wrong = np.vstack([y, y[-1:]])[:, None], np.full((7, 1, 2), 9.0)
    past = {name: right if name == "pooled" else wrong for name in CHOICE}
    assert forecast_panel(y, 1, 1, past=past)["model"] == "pooled"


def test_one_series_is_never_told_to_be_pooled_as_it_has_nobody_to_be_pooled_with(field):
    y = np.arange(6.0)[:, None]
    right, wrong = np.vstack([y, y[-1:]])[:, None], np.full((7, 1, 1), 9.0)
    past = {name: right if name in ("adjusted_walk", "pooled") else wrong for name in CHOICE}
    assert forecast_panel(y, 1, 1, past=past)["model"] == "adjusted_walk"
    for area in field.columns[:10]:
        assert forecast(field[area], 4)["model"].iloc[0] in CHOICE[:3]
        alone = field[[area]].to_numpy(float)
        assert MODELS["pooled"](alone, 4, 4) == pytest.approx(MODELS["adjusted_walk"](alone, 4, 4))


def test_the_benchmarks_score_on_the_field_what_they_are_known_to(field):
    for model, mase in (("naive", 0.900), ("adjusted_walk", 0.911), ("seasonal_naive", 1.038)):
        total = score(backtest(field, model, **FIELD), None).iloc[0]
        assert round(total["mase"], 3) == mase, model
        assert total[["n", "first", "last"]].astype(str).tolist() == [str(21 * 8 * 98), "2014Q1", "2025Q4"]


def test_the_default_beats_the_bar_of_the_field(default):
    assert score(default, None)["mase"].iloc[0] <= 0.85 and score(default).loc[1, "mase"] <= 0.46
    assert len(default[["vintage", "model"]].drop_duplicates()) == 21 and set(default["model"]) <= set(CHOICE)


def test_the_80_pct_interval_covers_what_it_says_and_neither_tail_is_left_out(default):
    total = score(default, None).iloc[0]
    assert 0.77 <= total["coverage_80"] <= 0.83 and total[["below_80", "above_80"]].max() < 0.15
    assert score(default)["coverage_80"].between(0.72, 0.88).all()


def test_poison_after_the_origin_moves_no_forecast_interval_choice_or_scale(field):
    for model in ("default", "adjusted_walk"):
        for origin in (28, 54):  # 54: 2020Q2
            y = field.iloc[:, :20].astype(float)
            known = y.iloc[:origin].to_numpy()
            bare = forecast_panel(known, 4, 4, model)
            y.iloc[origin:] = 1e9
            past = past_forecasts(y.to_numpy(), 4, 4, CHOICE if model == "default" else (model,))
            longer = forecast_panel(known, 4, 4, model, past)
            rows = backtest(y, model, horizon=4, first=origin, last=origin + 6)
            rows = rows[rows["vintage"] == rows["vintage"].iloc[0]]
            assert longer["model"] == bare["model"] == rows["model"].iloc[0]
            assert rows["scale"].tolist() == np.tile(seasonal_scale(known, 4), 4).tolist()
            for part in ("forecast", *ENDS):
                assert longer[part].tolist() == bare[part].tolist()
                assert rows[part].tolist() == bare[part].ravel().tolist()


# Years, naive: 8 10 8 10 | 11 13 16 20, errors 1 2 3 4. Scale is the mean |change| of the years up to the origin:
# (2 + 2 + 2) / 3 = 2, then 7/4, 9/5 and 12/6 = 2
TINY = pd.DataFrame({"a": [8.0, 10, 8, 10, 11, 13, 16, 20]}, index=range(2010, 2018))


def test_scores_by_hand():
    rows = backtest(TINY, "naive", horizon=1, first=4, every=1)
    assert rows["scale"].tolist() == pytest.approx([2, 7 / 4, 9 / 5, 2])
    # Intervals at forecast + 0 to 2, 2 to 3 and -2 to 4; the errors 1 2 3 4 are in them 2, 2 and 4 times
    ends = {"low_50": 0, "high_50": 2, "low_80": 2, "high_80": 3, "low_95": -2, "high_95": 4}
    rows = rows.assign(**{end: rows["forecast"] + away for end, away in ends.items()}, naive=rows["actual"] - 5)
    found = score(rows, None).iloc[0]
    assert found[["n", "first", "last"]].astype(str).tolist() == ["4", "2014", "2017"]
    wanted = {
        "bias": 2.5,  # actual - forecast: the forecasts were too low
        "mae": 2.5,
        "rmse": np.sqrt((1 + 4 + 9 + 16) / 4),
        "mase": (1 / 2 + 2 / (7 / 4) + 3 / (9 / 5) + 4 / 2) / 4,
        "skill": 1 - 10 / 20,
        "coverage_50": 2 / 4,
        "coverage_80": 2 / 4,
        "coverage_95": 1,
        "below_80": 1 / 4,
        "above_80": 1 / 4,
        # width 1, and ten times what is outside: 1 below and 1 above
        "interval_80": (11 / 2 + 1 / (7 / 4) + 1 / (9 / 5) + 11 / 2) / 4,
    }
    assert found[list(wanted)].to_dict() == pytest.approx(wanted)
    assert interval_score(rows, 95).tolist() == pytest.approx([6, 6, 6, 6])
    assert interval_score(rows, 50).tolist() == pytest.approx([2, 2, 2 + 4, 2 + 8])


def test_scores_are_of_the_rows_whatever_they_are_numbered():
    rows = backtest(TINY, "naive", horizon=1, first=4, every=1)
    twice = score(pd.concat([rows, rows]), "horizon")
    assert twice["n"].tolist() == [8] and twice["mae"].tolist() == [2.5]
    small = rows.assign(**{part: rows[part] / 100 for part in ("actual", "forecast", "naive")})
    assert score(small.assign(naive=small["actual"] - 0.05), None)["skill"].tolist() == pytest.approx([0.5])
    right = score(rows.assign(naive=rows["actual"]), None)["skill"]  # nothing is better than no error
    assert right.isna().all()


def test_the_field_of_a_backtest_is_eight_quarters_from_every_second_after_seven_years(field):
    rows = backtest(field.iloc[:, :2], "naive")
    assert rows.columns[:4].tolist() == ["vintage", "date", "area", "actual"] and rows["horizon"].max() == 8
    assert rows["vintage"].unique().astype(str).tolist()[:2] == ["2013Q4", "2014Q2"]
    assert rows["vintage"].astype(str).max() == "2025Q2"  # the last even one that leaves a quarter to grade


def test_n_and_period_stand_in_each_row_and_the_skill_of_naive_is_zero(field):
    table = score(backtest(field.iloc[:, :5], "naive", first=60, horizon=8))  # origins 60, 62 ... 74 of 76 quarters
    assert table["n"].tolist() == [5 * origins for origins in (8, 8, 7, 7, 6, 6, 5, 5)]
    assert table["first"].astype(str).tolist() == [f"{year}Q{q}" for year in (2022, 2023) for q in (1, 2, 3, 4)]
    assert table["last"].astype(str).tolist() == ["2025Q3", "2025Q4"] * 4
    assert (table["skill"] == 0).all()


def test_a_lag_is_the_forecast_of_periods_earlier_at_as_many_horizons_more(field):
    for lag in (0, 1, 2):
        rows = backtest(TINY, "naive", horizon=2, first=4, every=1, lag=lag)
        assert (rows["date"].dt.year - rows["vintage"].dt.year == rows["horizon"] + lag).all()
        assert rows["horizon"].tolist() == ([1, 2] * 4)[: 2 * (4 - lag) - 1]  # the last origin has one year to grade
    part = field.iloc[:, 10:20]
    late = backtest(part, horizon=3, first=40, last=60, lag=1)
    early = backtest(part, horizon=4, first=40, last=60).query("horizon > 1").reset_index(drop=True)
    pd.testing.assert_frame_equal(late, early.assign(horizon=early["horizon"] - 1))


def test_a_model_that_is_not_among_those_chosen_from_can_be_graded_too():
    rows = backtest(TINY, "drift", horizon=1, first=4, every=1)
    assert rows["forecast"].tolist() == pytest.approx([10 + 2 / 3, 11 + 3 / 4, 13 + 5 / 5, 16 + 8 / 6])


def test_a_preliminary_newest_value_is_what_the_forecast_starts_from_and_no_other_is_touched():
    rows = backtest(TINY, "naive", horizon=1, first=4, every=1, newest=0.9)
    assert rows["forecast"].tolist() == rows["naive"].tolist() == pytest.approx([9, 9.9, 11.7, 14.4])
    assert rows["actual"].tolist() == [11, 13, 16, 20]


def test_origins_without_past_errors_are_graded_but_hold_no_interval():
    rows = backtest(TINY, "naive", horizon=1, first=4, every=1)
    assert rows[ENDS].isna().all(axis=1).tolist() == [True, False, False, False]
    found = score(rows.assign(high_95=99.0, low_95=[np.nan, 0, 0, 0]), None).iloc[0]
    assert found["n"] == 4 and found["coverage_95"] == 1
    held = rows.assign(**dict.fromkeys(ENDS[::2], 0.0), **dict.fromkeys(ENDS[1::2], 99.0))
    for end in ENDS:  # of three intervals: actual 13, 16 and 20
        parts = held.assign(**{"low_80": [0, 14, 0, 0.0], "high_80": [99, 99, 99, 19.0]})
        found = score(parts.assign(**{end: parts[end].where(parts.index > 0)}), None).iloc[0]
        assert found[["coverage_95", "coverage_80", "below_80", "above_80"]].tolist() == pytest.approx(
            [1, *[1 / 3] * 3]
        ), end


def test_a_date_that_has_not_come_yet_is_not_graded_as_nobody():
    rows = backtest(TINY, "naive", horizon=1, first=4, every=1)
    coming = rows.iloc[[-1]].assign(date=pd.Period("2018"), actual=np.nan)
    pd.testing.assert_frame_equal(score(pd.concat([rows, coming], ignore_index=True), None), score(rows, None))


def test_the_monthly_field_of_all_municipalities_has_a_season_of_twelve():
    table = load("jobindsats_monthly").query("measure == 'kontanthjaelp_fulltime_persons' and area != '000'")
    panel = table.pivot_table(index="month", columns="area", values="value")
    assert panel.shape == (60, 98)
    rows = backtest(panel, "seasonal_naive", horizon=8, first=36, last=52)
    assert rows["vintage"].iloc[[0, -1]].astype(str).tolist() == ["2024-07", "2025-11"]
    assert rows["scale"].iloc[:98].tolist() == panel.iloc[:36].diff(12).abs().mean().tolist()
    ahead = forecast(panel, 12, "seasonal_naive").query("quantile == 0.5")
    assert ahead["value"].tolist() == panel.iloc[-12:].to_numpy().ravel().tolist()
    assert str(ahead["date"].iloc[0]) == "2026-08"


def test_what_cannot_be_forecast_or_graded_is_told_why():
    cases = {
        "not unbroken: after 2010Q1 comes another than 2010Q2": lambda: forecast(UP.drop("2010Q2"), 2),
        "after 2014-11 comes another than 2014-12": lambda: periods(["2014M11", "2015M01"]),
        "after 2015 comes another than 2016": lambda: periods([2014, 2015, 2017]),
        "a value is missing: 2009Q1, column 0": lambda: forecast(UP.replace(50, np.nan), 2),
        "a value is negative: 2009Q1, column 151": lambda: forecast(UP.rename("151").replace(50, -1), 2),
        "the series must be numbers": lambda: forecast(UP.astype(str), 2),
        "series must be numbers": lambda: forecast(pd.DataFrame({"a": UP, "b": UP.astype(str)}), 2),
        "the series is empty": lambda: forecast(UP.iloc[:0], 2),
        "12 periods are too few; .* needs 13": lambda: forecast(UP[:12], 1),
        "13 periods are too few; .* needs 20": lambda: forecast(UP[:13], 8),
        "4 periods are too few; .* needs 5": lambda: forecast(UP[:4].set_axis(range(2014, 2018)), 1),
        "24 periods .* needs 25": lambda: forecast(UP.set_axis(pd.period_range("2014-01", periods=24, freq="M")), 1),
        "no model 'prophet'; the models are default, naive, .*pooled": lambda: forecast(UP, 2, "prophet"),
        "no model 'ets'": lambda: backtest(TINY, "ets", first=4),
        "17 periods are too few; .* needs 18": lambda: forecast(UP[:17], 6),
        "the horizon is 0; it must be a whole number": lambda: forecast(UP, 0),
        "the horizon is 1.5; it must be a whole number": lambda: forecast(UP, 1.5),
        "lag is -1; give 0 or the number of periods": lambda: backtest(TINY, first=4, lag=-1),
        "the levels are": lambda: forecast(UP, 2, levels=(90,)),
        "8 periods are too few for origins 8 to 8": lambda: backtest(TINY, first=8),
        "8 periods are too few for origins 7 to 7": lambda: backtest(TINY, first=7, lag=1),
        "8 periods are too few for origins 4 to 7": lambda: backtest(TINY, first=4, last=7, every=1, lag=1),
        "8 periods are too few for origins 5 to 8": lambda: backtest(TINY, first=5, last=8, every=1),
        "first is 3; the first origin needs 4 observations": lambda: backtest(TINY, first=3),
    }
    for says, ask in cases.items():
        with pytest.raises(DataError, match=says):
            ask()
