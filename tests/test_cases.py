"""A case pays when its flows say so, in calendar time, keeps what its paper leaves open, and can fail its promises."""

import datetime as dt
import math
from dataclasses import replace

import numpy as np
import pytest
import pyxirr
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis.cases import SMILEYS, Case, Milestone, cases, discount, grade, observations, simulate
from ballerup_analysis.sources import DataError, load

AGREED = cases()
NUMPY = Case.of([-100, 39, 59, 55, 20])
BUILDER = Case.of([-1.5, 0.1, 0.2, 0.5, 1.0])
RAMP = Case("ramp", 2018, (2.0, 0, 0), (0, 1.0, 2.0), persons=(None, 5, 10))
POOL = replace(RAMP, id="pool", share_pct=(70, 50, 0))
FLEKSJOB = AGREED["5.08.2"]
money = st.floats(0.01, 100)
flows = st.lists(money, min_size=1, max_size=12).flatmap(lambda s: money.map(lambda cost: [-cost, *s]))
rates = st.floats(-0.5, 1)
fewer = settings(max_examples=25)


def test_published_values_and_internal_rates_come_out():
    # Scottish value-for-money guide; numpy's own example; CBA Builder, which cuts -0.185130797; a gap
    gap = Case.of([-104, 0, 0, 0, 0, 0, 104])
    published = [
        (Case.of([1000] * 10 + [-500]), 0.035, 8253.227, 5e-4),
        (NUMPY, 0.281, -0.0084785916, 5e-11),
        (BUILDER, 0.05, 0.0312653, 5e-8),
        (BUILDER, 0.10, -0.185130797, 5e-10),
        (BUILDER, 0, 0.3, 1e-9),
        (gap, 0.04, -21.807, 5e-4),
    ]
    published.append((Case.of([-1, 4]), 1, 1.0, 1e-12))  # 100 pct. halves in a year
    assert [npv for _, _, npv, _ in published] == [
        pytest.approx(case.npv(rate), abs=tolerance) for case, rate, _, tolerance in published
    ]
    rates = [NUMPY.irr(), Case.of([-100, 0, 0, 74]).irr(), BUILDER.irr()]
    assert rates == pytest.approx([0.28095, -0.0955, 0.056601], abs=5e-5)


def test_no_internal_rate_is_picked_silently():
    # (1 - 1.1/x)(1 - 1.2/x) = 1 - 2.3/x + 1.32/x²; a double root at 10 pct.; no real root; no change of sign
    told = {(-1, 2.3, -1.32): r"2 times, not once; .* \[0.1, 0.2\]", (-1, 2.2, -1.21): r"2 times, .* \[0.1\]"}
    told |= {(-1, 1, -1): r"2 times, .* \[\]", (1, 1): "0 times"}
    told |= {(-1, 3, -2.1): r"\[0.1127, 0.8873\]"}  # (3 ± √0.6) / 2 - 1
    # a year of nothing adds no rate of -100 pct., and a factor 1 + 0.5/x none below that
    told |= {(-1, 2.3, -1.32, 0): r"\[0.1, 0.2\]", (-1, 1.8, -0.17, -0.66): r"\[0.1, 0.2\]"}
    for net, says in told.items():
        with pytest.raises(DataError, match=says):
            Case.of(net).irr()


@fewer
@given(flows, rates)
def test_net_present_value_is_the_library_s_and_zero_at_the_internal_rate(net, rate):
    assert Case.of(net).npv(rate) == pytest.approx(pyxirr.npv(rate, net), rel=1e-9, abs=1e-9)
    cost = pyxirr.npv(rate, [0, *net[1:]])
    assert Case.of([-cost, *net[1:]]).irr() == pytest.approx(rate, abs=1e-6)


# 1.035^-10, 1.035^-35, 1.035^-35 / 1.025, 1.035^-35 / 1.025^35
def test_the_danish_rate_falls_after_year_35_and_is_unknown_after_70():
    known = [1, 0.708919, 0.299977, 0.292660, 0.126402]
    assert discount("danish", [0, 10, 35, 36, 70]) == pytest.approx(known, abs=1e-6)
    assert Case.of([0] * 36 + [1]).npv("danish") == pytest.approx(0.292660, abs=1e-6)
    with pytest.raises(DataError, match="known to year 70; year 71"):
        discount("danish", [0, 71])
    longest = Case.of([-1, 0.1], 2018, horizon=2088, goes_on=("saving_mio_kr",))
    assert longest.npv("danish") == pytest.approx(0.1 * discount("danish", range(1, 71)).sum() - 1)


def test_payback_is_the_day_the_money_is_back_for_good_its_year_s_flow_falling_evenly():
    # -1.5 -1.0 +0.5: two thirds of the 365 days of 2021 are 243. A fourth of 2020's 366 days is 92 (rounded to even).
    day = {
        (-1.5, 0, 0.5, 1.5): dt.date(2021, 9, 1),
        (-1, 0.5, 2.0): dt.date(2020, 4, 2),
        (-1, 2, -2, 2): dt.date(2021, 7, 2),  # a later cost starts the wait anew
        (-1, 1): dt.date(2020, 1, 1),
        (-1, 0.9): None,
        (-1, 0.9995): None,  # 500 kr. are not back
        (-0.8, *[0.1] * 8): dt.date(2027, 1, 1),  # all are, but for what binary arithmetic loses
        (0, 1): dt.date(2018, 1, 1),  # never behind
    }
    assert {net: Case.of(net, 2018).payback() for net in day} == day


def test_take_up_and_delay_shape_the_saving_and_what_falls_after_the_horizon_is_not_counted():
    # promised 0 8 8 8: half of it; a year late; half of each 8 half a year late; past the horizon; half and a year late
    told = [({"take_up": 0.5}, [0, 4, 4, 4]), ({"delay_years": 1}, [0, 0, 8, 8]), ({"delay_years": 0.5}, [0, 4, 8, 8])]
    told += [({"delay_years": 9}, [0, 0, 0, 0]), ({"take_up": 0.5, "delay_years": 1}, [0, 0, 4, 4])]
    told += [
        ({"horizon": 0}, [0]),
        ({"horizon": 2}, [0, 8, 8]),
        ({"horizon": 4, "goes_on": ("saving_mio_kr",)}, [0, 8, 8, 8, 8]),
    ]
    for known, comes in told:
        flow = Case.of([-9, 8, 8, 8], **known).cash_flow()
        assert flow["saving_mio_kr"].tolist() == comes, known
        assert flow["cumulated_mio_kr"].tolist() == (np.cumsum(comes) - 9).tolist(), known
        assert flow["year"].tolist() == list(range(len(comes)))


def test_after_the_printed_years_a_saving_is_open_and_an_investment_is_over_if_any_was_printed():
    late = Case.of([-1, 2], horizon=3).cash_flow()
    assert late["investment_mio_kr"].tolist() == [1, 0, 0, 0] and late["saving_mio_kr"].isna().tolist() == [0, 0, 1, 1]
    assert Case.of([0, 2], horizon=3, goes_on=("saving_mio_kr",)).npv() == 6  # nothing is printed too
    partly = Case("x", 2018, (2, None), (0, 1), horizon=2020).cash_flow()
    assert partly["investment_mio_kr"].tolist() == pytest.approx([2, math.nan, 0], nan_ok=True)
    assert replace(AGREED["5.02"], horizon=2023).cash_flow()["investment_mio_kr"].isna().all()  # nothing is not printed


def test_a_delay_moves_what_is_open_and_hides_none_of_it():
    assert Case.of([-1, None, 1, 1], delay_years=1).cash_flow()["saving_mio_kr"].isna().tolist() == [0, 0, 1, 0]
    with pytest.raises(DataError, match="saving_mio_kr is open in 0, 1"):
        Case("x", 0, (1, 0), (None, None), delay_years=2).npv(0, only_printed=True)


def test_a_year_that_a_delay_fills_half_from_an_open_one_is_open():
    half = Case("x", 2018, (1, 0, 0), (0.5, None, 1.0), delay_years=0.5)
    assert half.cash_flow()["saving_mio_kr"].tolist() == pytest.approx([0.25, math.nan, math.nan], nan_ok=True)


def test_what_never_costs_is_paid_back_on_the_first_day_of_its_own_first_year():
    assert Case.of([1, 1], 2022).payback() == dt.date(2022, 1, 1)


def test_break_even_by_hand():
    # RAMP saves 3 for 2 of cost: 2/3 of 10 persons and of 1; 1 in its first year, half of 2 in the next
    even = {"persons": 20 / 3, "take_up": 2 / 3, "years": 1.5}
    assert {name: RAMP.break_even(name) for name in even} == pytest.approx(even)
    assert Case.of([-5, 2]).break_even("years") == pytest.approx(2.5)  # longer than the case
    assert replace(RAMP, investment_mio_kr=(4.0, 0, 0)).break_even("years") == 2.5  # 1, 2 and then 2 a year
    assert Case.of([-0.8, *[0.1] * 8, 0]).break_even("years") == pytest.approx(8)  # 0.1 eight times over is 0.8
    assert (
        Case.of([-0.8005, 0.8, 0]).break_even("years") == math.inf
    )  # 500 kr. are missing, and no saving to bring them
    assert [Case.of(net).break_even(name) for net, name in (([0, 2], "years"), ([-5, 0], "years"))] == [0, math.inf]
    assert Case("x", 0, (0.95, 0), (1, 5)).break_even("years") == pytest.approx(0.95)
    assert [Case.of(net).break_even("take_up") for net in ([0, 0], [-5, 0])] == [0, math.inf]
    assert Case("x", 0, (1, 1, 0), (0, 4, 4)).break_even("take_up") == 0.25  # all that is invested counts
    half = replace(RAMP, take_up=0.5, investment_mio_kr=(1.0, 0, 0))  # 1.5 comes for 1 of cost: a third of it is enough
    assert half.break_even("take_up") == pytest.approx(1 / 3)


def test_where_a_pool_pays_a_share_of_each_person_hired_fewer_hires_cost_less():
    assert POOL.break_even("persons") == 0 and POOL.break_even("take_up") == pytest.approx(2 / 3)
    loses = replace(POOL, investment_mio_kr=(4.0, 0, 0))
    assert replace(POOL, investment_mio_kr=(3.0, 0, 0)).break_even("persons") == 0  # each gains as much as it costs
    assert loses.break_even("persons") == math.inf
    # each of 10 gains 0.1 or loses 0.1, however many they are; without a pool 5 of 10 save 1.5 for all of the 2
    for case, chance, mean in ((POOL, 1, 0.5), (loses, 0, -0.5), (RAMP, 1 / 3, -0.5)):
        gains, net = simulate(case, persons=(0, 10))
        assert (gains, net.mean()) == pytest.approx((chance, mean), abs=0.01), case.id


@fewer
@given(flows)
def test_at_break_even_the_value_is_zero(net):
    case = Case.of(net, persons=(4,) * len(net))
    even = replace(case, take_up=case.break_even("take_up"))
    assert even.npv() == pytest.approx(0, abs=1e-9 * case.investment_mio_kr[0])
    assert case.break_even("persons") == pytest.approx(4 * even.take_up)


def test_the_probability_of_a_gain_is_that_of_the_stated_ranges():
    # [-1, 1, 1] with take-up t is worth 2t - 1; late by d it is worth 1 - d; n persons of 4 count as n/4
    told = [({"take_up": (0, 1)}, 0.5, 0.0), ({"take_up": (0.25, 1)}, 2 / 3, 0.25)]
    told += [({"delay_years": (0, 2)}, 0.5, 0.0), ({"persons": (0, 4, 4)}, 0.75, 1 / 3)]
    told += [({"persons": (0, 0, 4)}, 0.25, -1 / 3)]
    case = Case.of([-1, 1, 1], persons=(None, 4, 4))
    for ranges, probability, mean in told:
        gains, net = simulate(case, **ranges)
        assert (gains, net.mean()) == pytest.approx((probability, mean), abs=0.01), ranges
        again, other = (simulate(case, seed=seed, **ranges)[1] for seed in (0, 1))
        assert (net == again).all() and (net != other).any()
    assert simulate(Case.of([-1, 1]))[0] == 0  # as large is not larger
    assert simulate(Case("x", 0, (1, 1, 0), (0, 2, 2)), 1)[1] == pytest.approx(2)  # all that is invested counts
    assert len(simulate(case, take_up=(0, 1))[1]) == 100_000  # draws, unless told otherwise


def test_a_draw_is_the_case_with_the_drawn_values():
    known = {"take_up": 0.7, "delay_years": 0.4}
    ranges = {name: (value, value + 1e-12) for name, value in known.items()}
    smaller = replace(RAMP, **known | {"take_up": 0.7 * 8 / 10})
    assert simulate(RAMP, 3, persons=(8, 8 + 1e-12), **ranges)[1] == pytest.approx([smaller.npv()] * 3)


PRINTED = {  # the paper: investment, saving, persons of the effect, by year from 2018
    "5.01": ((None,), (None,), ()),
    "5.02": ((None,) * 4, (None, None, 1.0, 2.0), ()),
    "5.08.1 kontanthjælp": ((None,), (5.7,), ()),
    "5.08.1 uddannelseshjælp": ((None,), (4.6,), ()),
    "5.08.2": ((2.0, None, None, 0.0), (2.0, 0.5, None, 1.0), (20.0, None, None, None)),
    "5.08.3": ((0.5, 0.4, 0.0, 0.0), (0.0, 0.0, 0.4, 0.4), (None, None, 4.0, 4.0)),
    "5.09": ((None, None), (0.0, 0.5), ()),
    "5.10": ((1.5, 0.0, 0.0, 0.0), (None, None, 0.5, 1.5), (None, None, 5.0, 15.0)),
    "5.11": ((None,), (None,), ()),
    "5.13": ((1.8,), (None,), ()),
}


def test_persons_are_drawn_of_those_the_effect_rests_on_and_not_of_all_who_take_part():
    case = Case.of([-1, 2], persons=(None, 10), participants=40)
    net = simulate(case, 10_000, persons=(5, 15))[1]  # half to one and a half of ten: 0 to 2
    assert net.min() >= 0 and net.max() <= 2 and net.mean() == pytest.approx(1, abs=0.02)


def test_the_agreement_s_cases_are_as_printed_and_open_stays_open():
    assert {id: (c.investment_mio_kr, c.saving_mio_kr, c.persons) for id, c in AGREED.items()} == PRINTED
    assert all(c.start == 2018 and c.open and c.title and c.responsible for c in AGREED.values())
    assert FLEKSJOB.share_pct == (70, 50, 25, 0) and AGREED["5.08.3"].responsible == "Arbejdsmarked"
    assert AGREED["5.08.3"].participants == FLEKSJOB.participants == 20
    prices = {id: round(c.price_kr) for id, c in AGREED.items() if c.price_kr}
    assert prices == dict.fromkeys(("5.08.2", "5.08.3", "5.10"), 100_000)
    assert Case.of([-1, 0], persons=(None, 4)).price_kr is None  # nothing saved is no price
    assert {id: c.goes_on for id, c in AGREED.items() if c.goes_on} == {
        "5.08.3": ("saving_mio_kr",),
        "5.09": ("saving_mio_kr",),
        "5.13": ("investment_mio_kr",),
    }
    assert "'neutral' is a word" in FLEKSJOB.readings[0]
    assert AGREED["5.08.1 kontanthjælp"].open[-1].endswith("the starting point of 2016 is not printed")
    assert AGREED["5.10"].open[0] == "saving of 2018, 2019 is not printed"  # and nothing of what is
    assert FLEKSJOB.open[:2] == ("investment of 2019, 2020 is not printed", "saving of 2020 is not printed")


def test_the_price_of_a_person_is_from_the_years_that_tell_both_saving_and_persons():
    # 0.4 + 2.0 mio. kr. for 2 + 10 persons; 1.0 saved by none, and persons or saving alone, tell no price
    told = Case("x", 0, (1, 0, 0, 0, 0), (1.0, None, 0.4, 2.0, 3.0), persons=(0, 4, 2, 10, None))
    assert told.price_kr == pytest.approx(200_000)


def test_a_year_of_more_persons_weighs_more_in_the_price_of_one():
    # 1 + 4 mio. kr. for 2 + 4 persons, not the mean of 0.5 and 1
    assert Case.of([-1, 1, 4], persons=(None, 2, 4)).price_kr == pytest.approx(5e6 / 6)


def test_full_effect_is_the_most_persons_of_any_year_not_those_of_the_last():
    case = Case.of([-1, 1, 4, 1], persons=(None, 2, 4, 1))
    assert case.size == 4 and case.break_even("persons") == pytest.approx(4 / 6)  # 1 of the 6 saved


def test_every_printed_milestone_belongs_to_a_case_with_its_deadline():
    goals = load("agreement_2018.milestones", corrected=True).query("column != 'no milestone printed'")
    of_cases = {m.id: m for case in AGREED.values() for m in case.milestones}
    assert {id: m.deadline for id, m in of_cases.items()} == dict(zip(goals["row"], goals["deadline"], strict=True))
    assert [m.target for m in AGREED["5.11"].milestones] == [None, 60, 75, 80, None]
    assert [m.id[-2:] for m in AGREED["5.08.1 kontanthjælp"].milestones] == ["1c", "2c", "3c", "4d"]


def test_the_figures_come_from_the_tables_handed_in():
    def doubled(name, corrected=False):
        table = load(name, corrected)
        return table.assign(value=table["value"] * 2)

    double = cases(doubled)["5.08.3"]
    assert double.investment_mio_kr == (1.0, 0.8, 0, 0) and double.size == 8 and double.participants == 40


def test_what_a_sum_of_two_years_has_beyond_the_first_is_put_in_the_second():
    def more(name, corrected=False):
        table = load(name, corrected)
        return table.assign(value=table["value"].where(~table["row"].isin(["5.10_pool", "5.08.3_investment"]), 2.0))

    changed = cases(more)
    assert changed["5.10"].investment_mio_kr == (1.5, 0.5, 0, 0)
    assert changed["5.08.3"].investment_mio_kr == (0.5, 1.5, 0, 0)


# 5.08.3: -0.5 -0.4 +0.4 +0.4 = -0.1, and 0.4 a year "fra 2020". 5.10 as printed: -1.5 +0.5 +1.5. 5.08.2: 0.5 + 1.0.
def test_the_values_to_2021_stand_and_a_horizon_moves_what_is_printed_from_a_year_on():
    by = {2018: [0, -0.5, -1.5], 2020: [0.5, -0.5, -1.0], 2021: [1.5, -0.1, 0.5], 2024: [1.5, 1.1, 0.5]}
    three = [AGREED[id] for id in ("5.08.2", "5.08.3", "5.10")]
    for year, worth in by.items():
        assert [replace(c, horizon=year).npv(0, True) for c in three] == pytest.approx(worth), year
    assert [c.npv(0, True) for c in three] == pytest.approx(by[2021])  # unless told otherwise
    women = three[-1]
    assert women.cash_flow(True)["cumulated_mio_kr"].tolist()[-2] == -1.0
    assert women.payback(True) == dt.date(2021, 9, 1)  # 3.67 years after January 2018
    assert replace(three[1], horizon=2022).payback(True) == dt.date(2022, 4, 2)
    assert replace(women, horizon=2023, goes_on=("saving_mio_kr",)).npv(0, True) == pytest.approx(3.5)


def test_what_is_open_is_refused_until_asked_to_count_the_printed_alone():
    assert AGREED["5.10"].cash_flow()["cumulated_mio_kr"].isna().all()
    for ask in ("npv", "payback", "irr"):
        with pytest.raises(DataError, match=r"case 5.10: saving_mio_kr is open in 2018, 2019; only_printed=True"):
            getattr(AGREED["5.10"], ask)()
    with pytest.raises(DataError, match=r"case 5.10: saving_mio_kr is open in 2018, 2019; only_printed=True"):
        AGREED["5.10"].break_even("take_up")
    open_ = (
        r"investment_mio_kr is open in 2018; investment of 2018 is not printed; .*starting point of 2016 is not printed"
    )
    with pytest.raises(DataError, match=open_):  # no year is printed that could be counted alone
        AGREED["5.08.1 kontanthjælp"].npv(0, only_printed=True)


def test_each_promise_gets_the_grade_of_the_paper_s_definition():
    told = [("5.08.2_1a", (10, None), "met"), ("5.08.2_1a", (9, True), "still realistic")]
    told += [("5.08.2_1a", (9, False), "not met"), ("5.08.2_1a", (math.nan, None), "not observed")]
    told += [("persons", (20, None), "reached"), ("persons", (19, None), "not reached")]
    told += [("saving_2019", (0.5, None), "kept"), ("saving_2019", (0.4, None), "not kept")]
    told += [("saving_2020", (0.4, None), "not promised"), ("investment_2018", (2.0, None), "kept")]
    told += [("investment_2018", (2.1, None), "not kept"), ("saving_2019", (-0.1, None), "not kept")]
    for item, seen, is_graded in told:
        table = grade(FLEKSJOB, {item: seen}).set_index("item")
        assert (table.at[item, "grade"], table.at[item, "smiley"]) == (is_graded, SMILEYS.get(is_graded, "")), item
        assert (table["grade"].drop(item) == "not observed").all()


def test_every_grade_but_of_what_is_not_seen_has_the_sign_of_the_paper():
    assert {grade: words[0] for grade, words in SMILEYS.items()} == {
        "met": "☺", "still realistic": "☹", "not met": "☹", "kept": "☺", "not kept": "☹",
    }  # fmt: skip


def test_a_year_end_milestone_without_a_figure_is_met_or_not():
    case, last = AGREED["5.13"], Milestone("late", "a figure", 2.0, "31.12.2018")
    case = replace(case, milestones=(*case.milestones, last))
    table = grade(case, {"5.13_1a": (True, None), "late": (1, None)}).set_index("item")
    assert table["grade"][["5.13_1a", "late"]].tolist() == ["met", "not met"]
    assert table.loc["late", ["promised", "observed"]].tolist() == [2, 1]


def test_25_in_fleksjob_by_august_2020_are_more_than_the_20_promised():
    table = grade(FLEKSJOB, observations("5.08.2")).set_index("item")
    assert table.loc["persons", ["promised", "observed", "grade"]].tolist() == [20, 25, "reached"]
    assert table.at["5.08.2_1a", "grade"] == "not observed"  # a count of 2020 says nothing of a day in 2018
    assert observations("5.10") == {}


def test_own_observations_are_read_from_the_local_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    path, head = tmp_path / "observations.csv", "case;item;observed;still_realistic\n"
    path.write_text(f"{head}5.10;saving_2020;0,4;\n5.10;5.10_2b;nej;ja\n", encoding="utf-8")
    assert observations("5.10") == {"saving_2020": (0.4, None), "5.10_2b": (False, True)}
    assert observations("5.08.2") == {"persons": (25.0, None)}
    path.write_text(f"{head}5.10;saving_2020;0,4;\n5.1;saving_2020;0,4;\n", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"observations.csv, row 3: there is no case '5.1'; there are 5.01, .*, 5.10, 5.11, 5.13$"
    ):
        observations("5.10")


def test_an_own_observation_takes_the_place_of_the_paper_s(tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "observations.csv").write_text("case;item;observed\n5.08.2;persons;18\n", encoding="utf-8")
    assert observations("5.08.2") == {"persons": (18.0, None)}


ONE = Case.of([-1, 2], id="one", persons=(None, 4))
WRONG = {
    "case by hand has no flows": lambda: Case.of([]),
    "saving_mio_kr has 1 years, not 2": lambda: Case("x", 0, (1, 2), (1,)),
    "saving_mio_kr has 0 years, not 2": lambda: Case("x", 0, (1, 2), ()),
    "persons has 2 years, not 1": lambda: Case("x", 0, (1,), (1,), persons=(1, 2)),
    "investment_mio_kr has -1; it must be 0 or more": lambda: Case("x", 0, (-1,), (1,)),
    "saving_mio_kr has nan; it must be 0 or more": lambda: Case("x", 0, (1,), (math.nan,)),
    "saving_mio_kr has inf; it must be 0 or more": lambda: Case("x", 0, (1,), (math.inf,)),
    "take_up is inf; it must be 0 or more": lambda: replace(ONE, take_up=math.inf),
    "take_up is -0.1; it must be 0 or more": lambda: replace(ONE, take_up=-0.1),
    "delay_years is -1": lambda: replace(ONE, delay_years=-1),
    "horizon is 2017; it must lie between 2018 and 2088": lambda: replace(RAMP, horizon=2017),
    "horizon is 2089": lambda: replace(RAMP, horizon=2089),
    "the rate is -1; give a share": lambda: ONE.npv(-1),
    "the rate is nan": lambda: ONE.npv(math.nan),
    "the rate is 1.5; give a share": lambda: ONE.npv(1.5),
    "the rate is 3.5; give a share such as 0.035": lambda: ONE.npv(3.5),
    "the rate is 'dansk'; .* or 'danish'": lambda: ONE.npv("dansk"),
    "no break-even for 'luck'; there is one for take_up, persons, years": lambda: ONE.break_even("luck"),
    "no break-even for 'persons'; there is one for take_up, years$": lambda: NUMPY.break_even("persons"),
    "milestone 5.08.2_1a: .* '31.02.2018' is not a date": lambda: Milestone("5.08.2_1a", "", 10.0, "31.02.2018"),
    "'soon' is not a date; write 31.12.2018": lambda: Milestone("5.08.2_1a", "", 10.0, "soon"),
    "'2018-12-31' is not a date": lambda: Milestone("5.08.2_1a", "", 10.0, "2018-12-31"),
    "'1. budgetopfølgning 2018 or so' is not": lambda: Milestone(
        "5.08.2_1a", "", 10.0, "1. budgetopfølgning 2018 or so"
    ),
    "case one has no luck that could vary": lambda: simulate(ONE, luck=(0, 1)),
    "has no persons that could vary": lambda: simulate(NUMPY, persons=(0, 1)),
    r"take_up is \(1, 0.5\); give \(low, high\)": lambda: simulate(ONE, take_up=(1, 0.5)),
    r"take_up is \(1, 1\); give": lambda: simulate(ONE, take_up=(1, 1)),
    r"take_up is \(0, 3, 2\)": lambda: simulate(ONE, take_up=(0, 3, 2)),
    r"take_up is \(0, 1, 2, 3\); give \(low, high\) or": lambda: simulate(ONE, take_up=(0, 1, 2, 3)),
    r"persons is \(-1, 1\); .* rising from 0 or more": lambda: simulate(ONE, persons=(-1, 1)),
    "saving_mio_kr is open in 2018, 2019": lambda: simulate(AGREED["5.10"], take_up=(0, 1)),
    "case 5.08.2 promises no 5.10_1b; it has": lambda: grade(FLEKSJOB, {"5.10_1b": (True, None)}),
    "5.08.2_1a is observed as True": lambda: grade(FLEKSJOB, {"5.08.2_1a": (True, None)}),
    "5.08.2_1a is not met; say whether": lambda: grade(FLEKSJOB, {"5.08.2_1a": (9, None)}),
    "5.13_1a is observed as 1": lambda: grade(AGREED["5.13"], {"5.13_1a": (1, None)}),
}


def test_a_wrong_question_is_answered_with_what_would_be_right():
    for says, ask in WRONG.items():
        with pytest.raises(DataError, match=says):
            ask()


def test_an_amount_of_which_nothing_is_promised_may_be_in_kroner_and_persons_may_be_many():
    case = cases()["5.02"]
    graded = grade(case, {"saving_2018": (20.0, None), "persons": (400.0, None)}).set_index("item")["grade"]
    assert graded[["saving_2018", "persons"]].tolist() == ["not promised"] * 2
    for item, value, unit in (("saving_2018", 400_000.0, " mio. kr."), ("persons", -1.0, "")):
        with pytest.raises(DataError, match=rf"{item} is observed as {value:g}{unit}; are number and unit right"):
            grade(case, {item: (value, None)})


def test_an_amount_of_twenty_times_what_is_promised_may_be_in_thousands():
    case = cases()["5.10"]  # 0,5 mio. kr. saved in 2020, 1,5 invested in 2018
    assert grade(case, {"saving_2020": (10.0, None)}).set_index("item").at["saving_2020", "grade"] == "kept"
    assert grade(case, {"investment_2019": (20.0, None)}).set_index("item").at["investment_2019", "grade"] == "not kept"
    for item, value, promised in (
        ("saving_2020", 10.1, "0.5"),
        ("saving_2020", -10.1, "0.5"),
        ("investment_2018", 1500.0, "1.5"),
        ("investment_2019", 20.1, "0"),  # of nothing promised, a million counts
    ):
        with pytest.raises(
            DataError,
            match=rf"{item} is observed as {value:g} mio. kr., promised as {promised}; are number and unit right",
        ):
            grade(case, {item: (value, None)})


@pytest.mark.parametrize(("value", "told"), [(2500, True), (401, True), (400, False), (0, False), (-1, True)])
def test_persons_are_none_or_more_and_no_more_than_twenty_times_what_is_promised(value, told):
    for item, times in (("persons", 1), ("5.08.2_1a", 0.5)):  # 20 persons, and 10 pct. of something
        value = value * times
        if told:
            with pytest.raises(DataError, match=rf"{item} is observed as {value:g}, promised as {20 * times:g}; are"):
                grade(FLEKSJOB, {item: (value, False)})
        else:
            assert grade(FLEKSJOB, {item: (value, False)}).set_index("item").at[item, "observed"] == value


@pytest.mark.parametrize("item", ["personer", "Personer", "persons"])
def test_what_is_observed_may_be_called_in_danish(item, tmp_path, monkeypatch):
    (tmp_path / "observations.csv").write_text(
        f"case;item;observed\n5.08.2;{item};21\n5.08.2;besparelse_2019;0,4\n5.08.2;Investering_2018;1\n"
    )
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    assert observations("5.08.2") == {
        "persons": (21.0, None),
        "saving_2019": (0.4, None),
        "investment_2018": (1.0, None),
    }


def test_what_is_printed_comes_late_beside_an_open_year_and_draws_count_as_the_flow_does():
    case = Case("x", 2018, (1, 0, 0), (0.5, None, 1.0), delay_years=0.5)
    assert case.cash_flow(only_printed=True)["saving_mio_kr"].tolist() == [0.25, 0.25, 0.5]
    assert case.npv(only_printed=True) == pytest.approx(0)
    _, net = simulate(case, 1, only_printed=True)
    assert net == pytest.approx(0)
