"""Persons walk through the refund ladder and none is lost; each krone is paid once, by the share of its week and day."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ballerup_analysis.rates import RateError, rate
from ballerup_analysis.refusion import (
    FIRST_WEEKS,
    NAME,
    STEPS,
    share_in_week,
    split,
    step_rates,
    step_shares,
    stock,
    survival,
    weekly_shares,
)
from ballerup_analysis.sources import DataError, entries

SHARES = [row for row in entries("rates") if row["name"] == NAME]
ON_LADDER = {row["when"]["benefit"]: row["when"].get("case") for row in SHARES if row["when"].get("weeks") == "5-26"}
LADDER_2017 = step_shares("kontanthjaelp", "2017-01-02")
inflows, hazards = st.lists(st.floats(0, 1e4), min_size=1, max_size=70), st.lists(st.floats(0, 0.9), min_size=1)
fewer = settings(max_examples=25)

# The state's share in weeks 1-4, 5-8, 9-26, 27-52, 53+ on the first and the last day of each rule (laws in rates.toml)
LADDER = [80, 40, 40, 30, 20]
STATE = [
    ("kontanthjaelp", "active", ["2011-01-01", "2015-12-31"], [50] * 5),
    ("kontanthjaelp", "guidance", ["2011-01-01", "2015-12-31"], [30] * 5),
    ("kontanthjaelp", "passive", ["2011-01-01", "2015-12-31"], [30] * 5),
    ("kontanthjaelp", "passive", ["2016-01-01", "2026-01-01"], LADDER),
    ("sygedagpenge", "active", ["2011-01-01", "2015-12-27"], [100, 50, 50, 50, 0]),
    ("sygedagpenge", "passive", ["2011-01-01", "2015-12-27"], [100, 50, 30, 30, 0]),
    ("sygedagpenge", "active", ["2015-12-28", "2026-01-01"], LADDER),
    ("dagpenge", "active", ["2011-01-01", "2014-12-31"], [50] * 5),
    ("dagpenge", "passive", ["2011-01-01", "2014-12-31"], [30] * 5),
    ("dagpenge", "active", ["2015-01-01", "2016-01-03"], [100, 50, 50, 50, 50]),
    ("dagpenge", "passive", ["2015-01-01", "2016-01-03"], [100, 30, 30, 30, 30]),
    ("dagpenge", "passive", ["2016-01-04", "2026-01-01"], LADDER),
]


def test_the_state_pays_by_week_activity_and_day():
    for benefit, activity, days, state in STATE:
        for on in days:
            ends = [share_in_week(benefit, w, on, activity).value for w in (1, 4, 5, 8, 9, 26, 27, 52, 53, 999)]
            assert [100 - own for own in ends] == np.repeat(state, 2).tolist(), (benefit, activity, on)


def test_the_share_of_a_week_is_that_of_the_case_it_is_asked_for():
    # insured unemployed: nothing while ill for 14 days, or else 70 pct. of who is passive in 2015; a pension awarded
    # before July 2014 is off the ladder
    assert [share_in_week("dagpenge", 5, "2015-06-30", case=case).value
            for case in (None, "first 14 days of illness")] == [70, 0]  # fmt: skip
    for case, own in (("awarded before 2014-07-01", [65, 65, 65, 65]), ("awarded from 2014-07-01", [20, 60, 70, 80])):
        weeks = [share_in_week("foertidspension", week, "2017-01-02", case=case).value for week in (4, 5, 27, 53)]
        assert weeks == own, case


def test_the_steps_are_exactly_those_that_the_rates_tell_apart():
    firsts = {1}
    for text in (row["when"]["weeks"] for row in SHARES if "weeks" in row["when"]):
        first, _, last = text.rstrip("+").partition("-")
        firsts |= {int(first), int(last) + 1} if last else {int(first)}
    assert FIRST_WEEKS.tolist() == sorted(firsts)
    assert [f"{first}-{after - 1}" for first, after in pairwise(FIRST_WEEKS)] + ["53+"] == list(STEPS)


def test_municipality_and_state_pay_everything_on_the_ladder():
    for benefit, case in ON_LADDER.items():
        told = {"benefit": benefit} | ({"case": case} if case else {})
        rated = ("1-4", "5-26", "5-26", "27-52", "53+")
        state = [rate("refusion_state_share", "2016-01-04", weeks=weeks, **told).value for weeks in rated]
        assert (step_shares(benefit, "2016-01-04", case=case) + state).tolist() == [100] * 5, benefit


def test_two_cohorts_of_six_weeks_by_hand():
    # Half leave after week 1, a quarter after week 4. Of 8: 8 4 4 4 | 3 3; of 4, two weeks later: 4 2 2 2
    persons = stock([8, 0, 4, 0, 0, 0], [0.5, 0, 0, 0.25, 0])
    assert persons[:, 0].tolist() == [8, 4, 4 + 4, 4 + 2, 2, 2]
    assert persons[:, 1].tolist() == [0, 0, 0, 0, 3, 3]
    assert stock([1], 0, weeks=60).sum(axis=0).tolist() == [4, 4, 18, 26, 8]  # one who stays: weeks in each step


@fewer
@given(inflows)
def test_no_one_is_lost_when_no_one_leaves(inflow):
    assert stock(inflow, 0.0).sum(axis=-1) == pytest.approx(np.cumsum(inflow))


@fewer
@given(inflows, hazards, st.lists(st.floats(0, 1e4), min_size=1, max_size=70))
def test_inflow_less_exits_is_the_stock_in_every_step(inflow, hazard, start):
    by_week, left = np.array(start), 0.0  # persons by the week of their spell; all who have left
    for week, (came, there) in enumerate(zip(inflow, stock(inflow, hazard, start), strict=True)):
        if week:
            leaving = by_week * np.resize([*hazard, *[hazard[-1]] * len(by_week)], len(by_week))
            by_week, left = np.r_[0.0, by_week - leaving], left + leaving.sum()
        by_week[0] += came
        step = np.digitize(np.arange(1, len(by_week) + 1), [5, 9, 27, 53])
        assert there == pytest.approx(np.bincount(step, by_week, minlength=5), abs=1e-6)
        assert there.sum() == pytest.approx(sum(start) + sum(inflow[: week + 1]) - left, abs=1e-6)


@fewer
@given(inflows, inflows, hazards)
def test_a_start_is_the_later_weeks_of_those_who_entered_earlier(earlier, later, hazard):
    start = np.r_[0.0, np.array(earlier)[::-1] * survival(hazard, len(earlier) + 1)[1:]]
    whole = stock([*earlier, *later], hazard)
    assert stock(later, hazard, start) == pytest.approx(whole[len(earlier) :], abs=1e-6)


def test_someone_who_is_there_is_there_in_the_first_week_whatever_the_hazard_before():
    for week, hazard in ((60, [0.0] * 51 + [1.0]), (200, 0.99)):
        assert stock([0.0] * 3, hazard, np.eye(week)[-1])[0].sum() == 1


@fewer
@given(arrays(float, (3, 60), elements=st.floats(0, 1e4)), hazards, st.floats(0, 9))
def test_many_series_are_the_same_as_one_by_one_and_stocks_add_as_inflows_do(inflow, hazard, k):
    persons, one_by_one = stock(inflow, hazard), [stock(series, hazard) for series in inflow]
    assert persons == pytest.approx(np.array(one_by_one))
    assert stock(inflow[0] + k * inflow[1], hazard) == pytest.approx(persons[0] + k * persons[1], abs=1e-6)
    paid = [split(some, 2500.0, LADDER_2017) for some in (persons, *persons)]
    assert (paid[0].municipality_ore == [one.municipality_ore for one in paid[1:]]).all()


@fewer
@given(
    arrays(float, (8, 5), elements=st.floats(0, 1e5)),
    st.floats(0, 1e4),
    st.sampled_from(["kontanthjaelp", "sygedagpenge", "dagpenge", "ledighedsydelse"]),
    st.dates(dt.date(2015, 10, 1), dt.date(2016, 1, 31)) | st.dates(dt.date(2011, 1, 1), dt.date(2019, 1, 1)),
)
def test_state_and_municipality_add_to_gross_to_the_oere_across_any_change_of_rules(persons, price, benefit, day):
    paid = split(persons, price, weekly_shares(benefit, day, 8))
    assert (paid.state_ore + paid.municipality_ore == paid.gross_ore).all() and (paid.state_ore >= 0).all()
    assert paid.gross_ore == pytest.approx(persons.sum(axis=1) * price * 100, abs=0.51)
    shares = np.array([step_shares(benefit, day + dt.timedelta(weeks=week)) for week in range(8)])
    assert paid.municipality_ore == pytest.approx((persons * shares).sum(axis=1) * price, abs=0.51)
    total = paid.total_kr
    assert total["state"] + total["municipality"] == pytest.approx(total["gross"]) == paid.gross_ore.sum() / 100


def test_a_week_is_paid_by_the_rules_of_its_monday():
    # Week 53+ of kontanthjælp: 70 pct. on 21 and 28 December 2015, 80 pct. on 4 and 11 January 2016
    persons = stock([0] * 4, 0, start=[0] * 59 + [1])
    paid = split(persons, 1000.0, weekly_shares("kontanthjaelp", "2015-12-21", 4))
    assert paid.municipality_ore.tolist() == [70_000, 70_000, 80_000, 80_000]
    assert weekly_shares("kontanthjaelp", "2015-01-05", 60)[:, 4].tolist() == [70] * 52 + [80] * 8
    # a rule that begins on a Monday holds from that Monday; the day before the first one is not asked for
    assert weekly_shares("sygedagpenge", "2015-12-21", 2)[:, 0].tolist() == [0, 20]
    assert weekly_shares("kontanthjaelp", "2011-01-03", 1)[:, 0].tolist() == [70]
    # nor is a day after the last one: this case has no rule from 4 January 2016
    ill = weekly_shares("dagpenge", "2015-12-21", 2, case="first 14 days of illness")
    assert ill.tolist() == [[0] * 5] * 2
    # and a pension awarded before July 2014 keeps its share when the ladder begins for others
    assert weekly_shares("foertidspension", "2015-12-28", 2, case="awarded before 2014-07-01")[:, 4].tolist() == [
        65,
        65,
    ]


def test_the_share_of_a_week_is_that_of_the_activity_asked_for_until_the_rules_are_the_same():
    # kontanthjælp to 2015: the state pays 50 pct. of who is active, 30 of who is passive; then 80 of both
    told = {how: weekly_shares("kontanthjaelp", "2015-12-28", 2, how)[:, 0].tolist() for how in ("active", "passive")}
    assert told == {"active": [50, 20], "passive": [70, 20]}
    # dagpenge in the fifth week, over the change of 1 January 2015: who is active stays so
    told = {how: weekly_shares("dagpenge", "2014-12-29", 2, how)[:, 1].tolist() for how in ("active", "passive")}
    assert told == {"active": [50, 50], "passive": [70, 70]}


def test_no_one_pays_less_than_nothing():
    persons, shares = np.array([[0, 0, 0, 0, 67.25]]), step_shares("sygedagpenge", "2014-01-06")
    assert split(persons, 4075.1, shares).state_ore.min() >= 0


STAYED = 0.95 ** np.array([0, 4, 26, 52])  # 5 pct. leave each week: the share of entrants that sees each step of 2016
MEAN = -np.diff([*STAYED, 0]) @ [20, 60, 70, 80]  # municipal share of a stationary stock, pct.
LONG_THERE = np.r_[0, 100 * 0.95 ** np.arange(1, 2000)]  # of 100 who entered each week; with this week's 100: 2,000


def test_in_a_stationary_stock_the_ladder_is_the_average_price():
    steady = split(stock([100] * 104, 0.05, LONG_THERE), 2500.0, LADDER_2017)
    assert steady.gross_ore / 100 == pytest.approx(np.full(104, 2000 * 2500.0))
    assert steady.municipality_ore / 100 == pytest.approx(np.full(104, 2000 * 2500.0 * MEAN / 100))


def test_after_a_drop_in_inflow_the_average_price_is_too_low_until_the_stock_is_stationary_again():
    dropped = split(stock([50] * 520, 0.05, LONG_THERE), 2500.0, LADDER_2017)
    share = 100 * dropped.municipality_ore / dropped.gross_ore
    assert (share[:104] > MEAN + 0.01).all() and share[4:27].min() > MEAN + 1
    assert share[-1] == pytest.approx(MEAN, abs=1e-6)


# 2,500 kr. a week. From week 10 for 52 weeks: 10-26 at 60 pct., 27-52 at 70, 53-61 at 80. From 60: all at 80.
def test_ten_weeks_differ_from_sixty_by_the_steps_they_cross():
    for week, weeks, municipality in (
        (10, 52, 17 * 1500 + 26 * 1750 + 9 * 2000),
        (60, 52, 52 * 2000),
        (1, 5, 4 * 500 + 1500),
    ):
        paid = split(stock([0.0] * weeks, 0.0, np.eye(week)[-1]), 2500.0, LADDER_2017).total_kr
        assert paid.tolist() == [2500 * weeks, 2500 * weeks - municipality, municipality], week


def test_what_rests_on_unverified_shares_can_be_listed():
    weak = {
        (benefit, on): [one.evidence for one in step_rates(benefit, on)].count("unverified")
        for benefit in ("kontanthjaelp", "dagpenge", "sygedagpenge")
        for on in ("2014-01-06", "2017-01-02")
    }
    assert {asked for asked, count in weak.items() if count} == {
        (b, "2014-01-06") for b in ("kontanthjaelp", "dagpenge")
    }
    assert all(one.name == NAME for one in step_rates("kontanthjaelp", "2014-01-06"))


WRONG = {
    "inflow has -2.0 persons; it must be 0 or more": lambda: stock([1, -2], 0),
    "inflow has nan persons; it must be 0 or more in every week, without a gap": lambda: stock([1, np.nan], 0),
    "start has -1.0 persons": lambda: stock([1], 0, start=[-1]),
    "weeks is 0; it must be 1 or more": lambda: stock([1], 0, weeks=0),
    "exit_hazard must lie between 0 and 1; it has \\[0.0, 1.5\\]": lambda: stock([1], [0, 1.5]),
    "exit_hazard must lie between 0 and 1; it has \\[-0.1\\]": lambda: survival(-0.1, 2),
    "exit_hazard must lie between 0 and 1; it has \\[\\]": lambda: survival([], 2),
    "exit_hazard must lie between 0 and 1; it has \\[nan\\]": lambda: survival(np.nan, 2),
    "week is 0; a spell starts in week 1": lambda: share_in_week("kontanthjaelp", 0, "2017-01-02"),
    "price_kr is -1.0; it must be 0 or more": lambda: split([[1.0]], -1.0, [20.0]),
    "persons has -2.0 persons; it must be 0 or more": lambda: split([[1.0, -2.0]], 1.0, [20.0, 20.0]),
    "of kontanthjaelp, passive$": lambda: step_rates("kontanthjaelp", "2014-01-01", case="awarded"),
    "no activity 'idle'; the activities are active, guidance": lambda: step_rates("dagpenge", "2017-01-02", "idle"),
    "no benefit 'sygeløn'; valid: .*sygedagpenge": lambda: step_shares("sygeløn", "2017-01-02"),
    "on 2010-12-27: .*kontanthjaelp.*after 2011-01-01": lambda: weekly_shares("kontanthjaelp", "2010-12-27", 3),
    "for weeks 1-4, 5-8, .* of foertidspension, passive; give a case: awarded": lambda: step_shares(
        "foertidspension", "2014-01-01"
    ),
    "of foertidspension, passive; give a case: awarded": lambda: step_shares(
        "foertidspension", "2014-01-01", case="granted long ago"
    ),
}


def test_an_impossible_question_is_answered_with_the_valid_range():
    for says, ask in WRONG.items():
        with pytest.raises(DataError, match=says):
            ask()
    with pytest.raises(RateError):
        step_shares("foertidspension", "2014-01-01")


def test_the_bounds_themselves_are_allowed():
    assert split([[0.0] * 5], 0.0, LADDER_2017).gross_ore.tolist() == [0]
    assert survival(1.0, 3).tolist() == [1, 0, 0] and survival(0.0, 1).tolist() == [1]
    assert share_in_week("kontanthjaelp", 1, "2017-01-02").value == 20


def test_who_enters_after_the_weeks_that_are_followed_is_not_counted():
    assert stock([1.0, 2.0, 4.0], 0.0, weeks=2)[:, 0].tolist() == [1, 3]
