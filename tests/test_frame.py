"""The frame line by line: worked values from the paper, the ladder by hand, and a fan that is what it says."""

import numpy as np
import pytest

from ballerup_analysis import frame
from ballerup_analysis.refusion import split, stock
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.trend import municipalities


def test_persons_by_line_add_to_the_printed_ones_and_follow_them_within_three_per_mille():
    # budget_2017.unit_count: 3.310 for 2017 is what the exit rate is set by; 2018-2020 are not used in setting it
    persons = (frame.printed().loc[list(frame.FORSOERGELSE)] * 1000).div(frame.prices()["net_kr"], axis=0).sum()
    assert round(persons[2017]) == 3310
    off = (persons / frame.units()["persons"] - 1)[[2018, 2019, 2020]]
    assert off.abs().max() < 0.003


def test_the_lines_of_forsoergelse_are_the_ones_the_printed_persons_and_price_multiply_to():
    lines = frame.printed().loc[list(frame.FORSOERGELSE), 2017].sum()
    persons, price = frame.units().loc[2017]
    assert abs(persons * price - lines) < persons / 2 + price / 2  # both are rounded to 1


@pytest.mark.parametrize("hazard", [0.005, 0.02, 0.2])
def test_the_share_in_balance_is_that_of_a_stock_followed_week_by_week(hazard):
    weeks = 3000
    persons = stock(np.full(weeks, 10.0), hazard)[-1:]
    total = split(persons, 1000.0, "kontanthjaelp", "2017-01-02").total_kr
    assert total["municipality"] / total["gross"] == pytest.approx(
        frame.stationary_share("kontanthjaelp", hazard), abs=1e-5
    )


def test_the_share_in_balance_by_hand_when_half_leave_each_week():
    # weeks 1-4 hold 1 - 1/16, weeks 5-26 the rest but 2**-26, and so on: 0.2, 0.6, 0.7, 0.8
    held = [1 - 2.0**-4, 2.0**-4 - 2.0**-26, 2.0**-26 - 2.0**-52, 2.0**-52]
    assert frame.stationary_share("kontanthjaelp", 0.5) == pytest.approx(np.dot(held, [0.2, 0.6, 0.7, 0.8]), abs=1e-12)


def test_uprating_is_the_published_maximum_of_dagpenge():
    # 18.403 kr. a month in 2017 and 19.083 in 2020; the state's index 1,9, 1,3 and 1,1 pct.
    level = frame.uprating([2017, 2020])
    assert level.loc[2017].tolist() == [1.0, 1.0]
    assert level.loc[2020, "benefits"] == pytest.approx(19083 / 18403)
    assert level.loc[2020, "other"] == pytest.approx(1.019 * 1.013 * 1.011)


def test_paths_are_what_the_accounts_did_less_the_middle():
    paths = frame.past_paths()
    assert np.abs(np.median(paths, axis=0)).max() < 1e-12
    first, second = municipalities()[:2]  # both are in every series, so theirs are the first two paths, from 2016
    wide = load("regk31").pivot_table("kr_per_inhabitant", ["function", "year"], "area")
    for row, function in (("Kontanthjælp", "5.57.73"), ("Ledighedsydelse", "5.58.81"), ("Aktivering", "5.68.90")):
        logs = np.log(wide.loc[function, [first, second]])
        moved = logs.loc[2017:2020] - logs.loc[2016]
        column = (*frame.FORSOERGELSE, frame.ACTIVATION).index(row)
        assert paths[0, :, column] - paths[1, :, column] == pytest.approx((moved[first] - moved[second]).to_numpy())


def test_the_fan_of_one_line_is_its_cost_times_the_quantiles_of_its_paths():
    line, column = "Kontanthjælp", frame.FORSOERGELSE.index("Kontanthjælp")
    cost = frame.expected().loc[line]
    found = frame.fan("fixed", (line,))
    high = np.quantile(np.exp(frame.past_paths()[:, 3, column]), 0.9) * cost[2020]
    assert found.loc[2020, 0.9] == pytest.approx(high)
    assert found.loc[2024, 0.9] > found.loc[2020, 0.9]


def test_lines_without_caseload_do_not_move():
    rows = ("Jobcenter løn og drift",)
    assert (frame.fan("fixed", rows).to_numpy() == frame.expected().loc[list(rows)].T.to_numpy()).all()


def test_current_prices_are_fixed_prices_times_the_level_of_each_kind():
    ratio = frame.expected("current") / frame.expected("fixed")
    level = frame.uprating([2024])
    assert ratio.loc["Kontanthjælp", 2024] == pytest.approx(level["benefits"].item())
    assert ratio.loc["Jobcenter løn og drift", 2024] == pytest.approx(level["other"].item())


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: frame.expected("nominal"), "fixed or current"),
        (lambda: frame.stationary_share("kontanthjaelp", 1.2), "between 0 and 1"),
    ],
)
def test_bad_input_says_what_would_be_right(call, says):
    with pytest.raises(DataError, match=says):
        call()
