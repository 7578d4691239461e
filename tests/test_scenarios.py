"""Scenarios: outside tests of the cost model, each change by hand, files lose nothing, differences and spread add up."""

import datetime as dt
import itertools
import tomllib
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis import baselines, costing, frame, scenarios
from ballerup_analysis.costing import PARAMETERS, RULES, Change, base_of, cost, entrants, rows_of
from ballerup_analysis.files import foreign
from ballerup_analysis.rates import known_until
from ballerup_analysis.refusion import stock
from ballerup_analysis.scenarios import (
    Scenario,
    ScenarioError,
    attack,
    diff,
    frame_of,
    read,
    run,
    shipped,
    simulate,
    stack,
    summary,
    sweep,
    tornado,
    write,
)
from ballerup_analysis.sources import DataError, load

BUDGET = baselines.budget_2017()
YEARS = BUDGET.years
DAGPENGE, KONTANTHJAELP = "Dagpengemodtagere samt midlertidig arbejdsmarkedsydelse", "Kontanthjælp"
SICK, INTEGRATION = "Sygedagpenge", "Integration"
AT = {row: i for i, row in enumerate(BUDGET.rows)}
NET_KR = {row: BUDGET.price_kr[i, 0] * BUDGET.share[i] for row, i in AT.items()}
STEPS = np.array([20, 60, 60, 70, 80]) / 100


def of(*changes):
    return Scenario("x", "y", "budget_2017", tuple(Change(*one) for one in changes))


def more(*changes, frame=BUDGET, what="own_tkr"):
    """What changes add to the baseline, row × year."""
    both = (getattr(cost(tuple(Change(*c) for c in some), frame), what) for some in (changes, ()))
    return pd.DataFrame(np.subtract(*both), frame.rows, frame.years).where(lambda t: t.abs() > 1e-6, 0)


MIXED = of(("gap_points", 0.5), ("exit_rate_pct", -50.0, 2018, "Ressourceforløb"), ("price_pct", 2.0, 2019))
LATE = of(("price_pct", -1.0, 2020), ("sickness_take_up", 1.0), (RULES, "2015-06-30"))


# What the model must give that it was not made from


def test_the_reform_of_2016_costs_what_the_paper_s_unit_prices_say():
    # 105 tkr. in the accounts of 2015, 107,8 in prices of 2017, against 117: 30 mio. kr. on 3.310 persons
    assert BUDGET.persons[[line.kind == "benefit" for line in BUDGET.lines], 0].sum() == pytest.approx(3310)
    assert -34 < more((RULES, "2015-06-30", 2017))[2017].sum() / 1000 < -26


def test_a_point_of_unemployment_costs_what_the_accounts_of_98_municipalities_show():
    # 22 to 30 mio. kr. in current prices in the second year, less in the first
    level = frame.uprating(YEARS)["benefits"]
    first, second = (more(("gap_points", 1.0)).sum() * level / 1000)[[2018, 2019]]
    assert 22 < second < 30 and first < 0.9 * second


# Each change by hand


def test_the_baseline_costs_what_it_says_and_state_and_municipality_pay_the_gross_price():
    paid = cost((), BUDGET)
    assert paid.own_tkr == pytest.approx(BUDGET.net_tkr) and paid.persons == pytest.approx(BUDGET.persons)
    gross = BUDGET.persons * BUDGET.price_kr / 1000
    on = BUDGET.on_ladder & (BUDGET.persons[:, 0] > 0)
    assert (paid.own_tkr + paid.state_tkr)[on] == pytest.approx(gross[on])
    assert (paid.state_tkr[~BUDGET.on_ladder] == 0).all()
    told = run(of(), BUDGET).query("payer == 'state'")  # what it pays off the ladder is not known, and not nothing
    assert set(told["row"]) == set(np.array(BUDGET.rows)[BUDGET.on_ladder])


def test_activation_is_bought_at_the_price_of_those_who_are_activated_however_many_of_them_count_as_active():
    few = replace(BUDGET, activated=0.1, active=0.15)
    extra = more(("activation_points", 5.0), ("activation_effect", 0.0), frame=few)
    bought = [row for row, line in zip(few.rows, few.lines, strict=True) if line.kind == "activation"]
    half = few.net_tkr[[AT[row] for row in bought], 1:] / 2  # from the second year on, as changes do
    assert bought and extra.loc[bought].to_numpy()[:, 1:] == pytest.approx(half)


@pytest.mark.parametrize("rate", [0.0315, 0.3])
def test_entrants_are_a_stock_that_begins_with_newcomers_and_is_kept_up_week_by_week(rate):
    weeks = 3 * 52
    inflow = np.r_[100.0, np.full(weeks - 1, 100 * rate)]
    walked = stock(inflow, rate) / 100
    assert walked.sum(axis=1) == pytest.approx(np.ones(weeks))
    told = entrants(rate, np.arange(-1, 3))
    assert told[1:] == pytest.approx(walked.reshape(3, 52, -1).mean(axis=1)) and (told[0] == 0).all()


def test_a_gap_is_persons_of_the_labour_force_from_their_own_first_week():
    # 22.789 employed and 3,79 pct. gross unemployed in 2017; (173 + 158 + 153 + 150) / 4 jobready on kontanthjælp
    persons, among = 0.005 * 22789 / (1 - 0.0379), np.array([22789 / (1 - 0.0379) * 0.0379 - 158.5, 158.5])
    found = more(("gap_points", 0.5, 2019))
    assert found[[2017, 2018]].eq(0).all(axis=None) and (found.ne(0).sum() == [0, 0, 2, 2, 2]).all()
    for row, part, rate in zip((DAGPENGE, KONTANTHJAELP), among / among.sum(), (0.0315, 0.008), strict=True):
        share = entrants(rate, np.array([0, 1])) @ STEPS
        wanted = persons * part * share * BUDGET.price_kr[AT[row], 0] / 1000
        assert found.loc[row, [2019, 2020]].to_numpy() == pytest.approx(wanted), row
    assert more(("gap_points", 0.5, 2019), what="persons").sum()[2020] == pytest.approx(persons)
    state = more(("gap_points", 0.5, 2019), what="state_tkr")
    gross = persons * among / among.sum() * BUDGET.price_kr[[AT[DAGPENGE], AT[KONTANTHJAELP]], 0] / 1000
    assert (found + state).loc[[DAGPENGE, KONTANTHJAELP], 2021].to_numpy() == pytest.approx(gross)


def test_a_change_in_the_country_comes_through_in_part_and_from_its_own_year():
    gap, country = more(("gap_points", 1.0, 2019)), more(("country_points", 1.0, 2019))
    slope = BUDGET.pass_through
    assert country.to_numpy() == pytest.approx(slope * gap.to_numpy())
    half = replace(BUDGET, pass_through=0.5)
    assert base_of("pass_through", half) == 0.5 and base_of("activation_effect", half) == 0.1
    assert more(("country_points", 1.0, 2019), frame=half).to_numpy() == pytest.approx(gap.to_numpy() / 2)
    whole = more(("country_points", 1.0, 2019), ("pass_through", 1.0, 2017))
    assert whole.to_numpy() == pytest.approx(gap.to_numpy())
    later = more(("country_points", 1.0, 2018), ("pass_through", 1.0, 2020), what="persons").sum()
    assert later.to_numpy() == pytest.approx(BUDGET.labour_force / 100 * np.array([0, slope, slope, 1, 1]))
    both = more(("country_points", 1.0, 2019), ("gap_points", -slope, 2020))
    assert both.loc[DAGPENGE, 2020] > 100  # those who came in 2019 are further on the ladder
    assert both[2021].sum() == 0  # by then both are


def test_activation_costs_what_it_cost_per_share_and_frees_persons_by_line():
    # the line of 43.810 tkr. is for 38 pct. of the citizens; two points more, each 0,1 persons fewer on the ladder
    found = more(("activation_points", 2.0))[2018]
    persons = pd.Series(BUDGET.persons[:, 1], BUDGET.rows)
    ladder = persons[BUDGET.on_ladder]
    fewer = 0.1 * 0.02 * persons.sum() * ladder / ladder.sum()
    assert found["Aktivering"] == pytest.approx(43810 * 2 / 38)
    assert found[ladder.index].to_numpy() == pytest.approx([-n * NET_KR[row] / 1000 for row, n in fewer.items()])
    assert found.ne(0).sum() == 1 + (ladder > 0).sum()


@pytest.mark.parametrize(
    ("changes", "row", "tkr"),
    [
        # 5.923 kr. a month
        ([("persons", 100, 0, INTEGRATION)], INTEGRATION, [0, *[100 * 12 * 5.923 * BUDGET.share[AT[INTEGRATION]]] * 4]),
        # what is dearer is so for forsørgelse, and for another line where that is asked for
        ([("price_pct", 2.0), ("persons", 100, 0, INTEGRATION)], INTEGRATION,
         [0, *[100 * 12 * 5.923 * BUDGET.share[AT[INTEGRATION]]] * 4]),
        ([("persons", -20, 2020, "sygedagpenge")], SICK, [0, 0, 0, *[-20 * NET_KR[SICK] / 1000] * 2]),
        # 170 persons fewer by 2021 in three equal steps from 2018
        ([("sickness_take_up", 1.0)], SICK, [-170 * max(k - 1, 0) / 3 * NET_KR[SICK] / 1000 for k in range(5)]),
        (
            [("sickness_take_up", 1.0), ("sickness_delay_years", 0.5)],
            SICK,
            [-170 * k / 6 * NET_KR[SICK] / 1000 for k in (0, 0, 1, 3, 5)],
        ),
        # of 114.182, 114.054 and 114.054
        (
            [("uprating_points", 0.5, 2019)],
            KONTANTHJAELP,
            [0, 0, 114182 * 0.005, 114054 * (1.005**2 - 1), 114054 * (1.005**3 - 1)],
        ),
        ([("price_pct", 2.0, 2020)], KONTANTHJAELP, [0, 0, 0, *[114054 * 0.02] * 2]),
        ([("price_pct", 2.0), ("price_pct", 1.0, 2021, KONTANTHJAELP)], KONTANTHJAELP, [0, 0, 0, 0, 1140.54]),
        ([("price_pct", 2.0), ("price_pct", 1.0, 2021, "kontanthjaelp")], KONTANTHJAELP, [0, 0, 0, 0, 1140.54]),
        ([("price_pct", 2.0), ("uprating_points", 0.5)], "Aktivering", [0] * 5),  # forsørgelse only
        # dearer activation is dearer for those added too
        (
            [("price_pct", 3.0, 2021, "Aktivering"), ("activation_points", 2.0, 2021)],
            "Aktivering",
            [0, 0, 0, 0, 45070 * (1.03 * 40 / 38 - 1)],
        ),
        # a dearer price holds for those added
        ([("persons", 10, 2021, SICK), ("price_pct", 10, 2021, SICK)], SICK,
         [0, 0, 0, 0, 75381 * 0.1 + 11 * NET_KR[SICK] / 1000]),
    ],
    ids=str,
)  # fmt: skip
def test_a_change_by_hand(changes, row, tkr):
    assert more(*changes).loc[row].tolist() == pytest.approx(tkr)


def test_a_dearer_price_is_dearer_for_the_state_in_the_same_proportion():
    before = pd.DataFrame(cost((), BUDGET).state_tkr, BUDGET.rows, YEARS)
    found = more(("price_pct", 10.0, 2019, SICK), what="state_tkr")
    assert found.loc[SICK].tolist() == pytest.approx([0, 0, *(before.loc[SICK, 2019:] / 10)])
    assert found.ne(0).sum().sum() == 3


def test_persons_added_cost_the_share_of_those_who_are_there_by_then():
    row = "Ressourceforløb"
    faster, added = ("exit_rate_pct", 50.0, 2018, row), ("persons", 10, 2018, row)
    there = costing.stock(BUDGET.exit_rate[AT[row]], 50.0, np.array(YEARS) - 2018)
    share, gross = (there @ STEPS / there.sum(axis=1))[1:], 10 * BUDGET.price_kr[AT[row], 1:] / 1000
    for what, wanted in (("own_tkr", gross * share), ("state_tkr", gross * (1 - share))):
        found = (more(faster, added, what=what) - more(faster, what=what)).loc[row, 2018:]
        assert found.tolist() == pytest.approx(wanted)


def test_the_refund_rules_of_2015_by_hand_move_money_between_payers_only():
    def left(rate, *weeks):
        return [(1 - rate) ** week for week in weeks]

    d4 = left(0.0315, 4)[0]
    s4, s8, s52 = left(0.06, 4, 8, 52)
    active = {  # 15 pct. by the rules before 2016
        KONTANTHJAELP: (0.7, 0.5),
        "Fleksjob": (0.35, 0.35),
        DAGPENGE: (0.7 * d4, 0.5 * d4),
        SICK: (0.5 * (s4 - s8) + 0.7 * (s8 - s52) + s52, 0.5 * (s4 - s8) + 0.5 * (s8 - s52) + s52),
        "Ledighedsydelse": (0.7, 0.5),
    }
    own, state = (more((RULES, "2015-06-30"), what=what) for what in ("own_tkr", "state_tkr"))
    for row, (passive, at_work) in active.items():
        share = 0.85 * passive + 0.15 * at_work
        wanted = BUDGET.net_tkr[AT[row], 1] * (share / BUDGET.share[AT[row]] - 1)
        assert own.loc[row, 2018] == pytest.approx(wanted), row
    counted = BUDGET.on_ladder & (BUDGET.persons[:, 0] > 0)
    assert (own + state)[counted].abs().max(axis=None) < 1e-6
    assert own[~BUDGET.on_ladder].eq(0).all(axis=None) and own[2017].eq(0).all()


def test_a_delay_of_the_sickness_case_changes_nothing_before_the_year_it_starts():
    case = ("sickness_take_up", 1.0, 2018)
    prompt, late = (more(case, *delay).loc[SICK] for delay in ((), [("sickness_delay_years", 1.0, 2020)]))
    assert late[[2018, 2019]].tolist() == prompt[[2018, 2019]].tolist() and prompt[2019] < 0
    # a year late, as many are gone in 2020 as otherwise in 2019
    assert late[2020] == pytest.approx(prompt[2019])


def test_the_rules_before_2016_pay_for_as_many_active_as_the_frame_has():
    # kontanthjælp was paid by 50 pct. of who was active and 70 pct. of the others, in every week
    for active in (0.0, 0.6, 1.0):
        found = more((RULES, "2015-06-30"), frame=replace(BUDGET, active=active)).loc[KONTANTHJAELP, 2018]
        was = BUDGET.net_tkr[AT[KONTANTHJAELP], 1] / BUDGET.share[AT[KONTANTHJAELP]]
        assert found == pytest.approx(was * (0.7 - 0.2 * active - BUDGET.share[AT[KONTANTHJAELP]])), active


def test_a_price_changed_by_the_name_of_a_benefit_holds_for_its_line_though_that_is_no_forsoergelse():
    assert BUDGET.lines[AT[INTEGRATION]].kind == "other"
    for row in (INTEGRATION, "integrationsydelse"):
        found = more(("price_pct", 3.0, 2020, row))
        assert found.loc[INTEGRATION, [2019, 2020]].tolist() == pytest.approx(
            [0, 0.03 * BUDGET.net_tkr[AT[INTEGRATION], 3]]
        )
        assert found.drop(index=INTEGRATION).eq(0).all(axis=None)


def test_the_refund_rules_of_a_day_are_asked_for_as_far_as_rates_are_known():
    last = known_until()
    assert Change(RULES, last).value == last.isoformat()
    with pytest.raises(ScenarioError, match=f"no rate after {last} is known"):
        Change(RULES, last + dt.timedelta(days=1))


def test_a_change_may_be_all_that_is_possible_and_no_more():
    for amount in (-100, 100):
        assert Change("gap_points", amount).amount == amount
        for beyond in (amount * 1.001, np.inf * amount, np.nan):
            with pytest.raises(ScenarioError, match="must be a number from -100 to 100: no other is possible"):
                Change("gap_points", beyond)


def test_the_refund_rules_hold_for_the_whole_frame_and_are_no_number():
    with pytest.raises(ScenarioError, match="refund_rules_of has no row 'Fleksjob'; it holds for the whole frame"):
        Change(RULES, "2015-06-30", row="Fleksjob")
    assert np.isnan(Change(RULES, "2015-06-30").amount)


@pytest.mark.parametrize("faster", [-100.0, -50.0, 50.0])  # the first: nobody leaves any more
@pytest.mark.parametrize("start", [2017, 2019])
def test_the_stock_is_the_one_walked_week_by_week(faster, start):
    row = "Ressourceforløb"
    old, before = BUDGET.exit_rate[AT[row]], 52 * (start - YEARS[0])
    new = old * (1 + faster / 100)
    there = old * (1 - old) ** np.arange(4000.0)  # in balance, by week of the spell; the weekly inflow is old
    first = np.r_[0.0, there[:-1] * (1 - new)]
    walked = np.empty((52 * len(YEARS), 5))
    walked[:before] = stock([old], old, np.r_[0.0, there[1:]])[0]
    walked[before:] = stock(np.full(52 * len(YEARS) - before, old), new, first)
    found = costing.stock(old, faster, np.array(YEARS) - start)
    assert found == pytest.approx(walked.reshape(len(YEARS), 52, -1).mean(axis=1), abs=1e-5)
    change = ("exit_rate_pct", faster, start, row)
    persons = found.sum(axis=1)
    assert more(change).loc[row].to_numpy() == pytest.approx(
        BUDGET.net_tkr[AT[row]] * (found @ STEPS / BUDGET.share[AT[row]] - 1), abs=1e-6
    )
    assert more(change, what="persons").loc[row].to_numpy() == pytest.approx(BUDGET.persons[AT[row]] * (persons - 1))
    both = more(change) + more(change, what="state_tkr")
    gross = BUDGET.persons[AT[row]] * BUDGET.price_kr[AT[row]] / 1000 * (persons - 1)
    assert both.loc[row].to_numpy() == pytest.approx(gross, abs=1e-6)


def test_a_line_whose_persons_are_not_counted_stays_when_all_leave_faster():
    found = more(("exit_rate_pct", 10.0))
    assert (found.loc[INTEGRATION] == 0).all() and (found.loc[KONTANTHJAELP, 2021:] < 0).all()


def test_nobody_leaves_and_everybody_leaves():
    assert costing.stock(0.02, -100.0, np.array([0])).sum() == pytest.approx(
        1 + 0.02 * 26.5
    )  # the mean of 1 to 52 weeks of inflow
    gone = costing.stock(0.02, 1e6, np.array([1]))
    assert gone.sum(axis=1) == pytest.approx([0.02])


# A baseline is any frame


def test_a_change_starts_in_no_year_whose_accounts_are_closed_unless_all_are():
    frame = replace(BUDGET, status=("R", "R", "B", "BO", "BO"))
    for year in (2017, 2018):
        with pytest.raises(ScenarioError, match=f"{year}, whose accounts are closed; it must be one of 2019-2021"):
            cost(of(("price_pct", 1, year)).changes, frame)
    told = cost(of(("price_pct", 1)).changes, frame).own_tkr.sum(axis=0)
    assert ((told > frame.net_tkr.sum(axis=0) + 1) == [False, False, True, True, True]).all()
    assert summary(of(("price_pct", 1)), frame)[1].startswith("From 2019 ")
    past = replace(BUDGET, status=("R",) * 5)
    assert (cost(of(("price_pct", 1, 2017)).changes, past).own_tkr.sum(axis=0) > past.net_tkr.sum(axis=0)).all()


@pytest.mark.parametrize(
    ("language", "change", "says"),
    [
        ("da", ("persons", 1, 0, SICK), ": +1 person ("), ("en", ("persons", -1, 0, SICK), ": −1 person ("),
        ("da", ("persons", 1.5, 0, SICK), ": +1,5 personer ("), ("en", ("persons", -2, 0, SICK), ": −2 persons ("),
        ("en", ("sickness_delay_years", 1), ": 1 year ("), ("en", ("gap_points", 1), ": +1 pct. point ("),
        ("da", ("price_pct", 1e-7), ": under 0,000001 pct. ("), ("en", ("price_pct", -1e-300), ": over −0,000001 pct. ("),
        ("da", ("price_pct", 5e-7), ": under 0,000001 pct. ("), ("da", ("price_pct", 4e-7), ": under 0,000001 pct. ("),
        ("da", ("price_pct", 1e-6), ": +0,000001 pct. ("), ("da", ("price_pct", 0.0), ": 0 pct. ("),
    ],
)  # fmt: skip
def test_one_is_told_in_the_singular_and_a_small_change_is_not_told_as_none(language, change, says):
    assert says in summary(of(change), BUDGET, language)[1]


def test_a_scenario_runs_on_the_accounts_of_any_municipality_from_any_of_its_years():
    own = baselines.accounts(159)
    point = more(("gap_points", 0.5, 2027), ("persons", -20, 2027, "sygedagpenge"), frame=own)
    assert (point[[2024, 2025, 2026]] == 0).all(axis=None) and point.loc["Sygedagpenge", 2027] < 0
    persons = more(("gap_points", 0.5, 2027), frame=own, what="persons").sum()
    assert persons[2028] == pytest.approx(0.005 * own.labour_force)
    tkr = point.loc["Dagpenge", 2028]
    share = entrants(own.exit_rate[0], np.array([1]))[0] @ STEPS
    assert tkr == pytest.approx(persons[2028] * own.cyclical[0] * own.price_kr[0, 4] * share / 1000)
    assert run(Scenario("x", ""), own)["area"].eq("159").all()


def test_the_shipped_scenarios_run_on_their_baseline_and_the_shocks_are_those_of_the_series():
    assert len(shipped()) >= 8
    # aulp01, the country: 2,6 in 2008, 6,1 in 2010; 3,7 in 2019, 4,6 in 2020
    for name, points in (("shock_2009", 6.1 - 2.6), ("shock_covid", 4.6 - 3.7)):
        (change,) = shipped()[name].changes
        assert change.amount == pytest.approx(points)
        assert more(("country_points", change.value)).equals(more(("country_points", change.amount)))
    other = baselines.accounts("101")
    for name, scenario in shipped().items():
        on = BUDGET if scenario.baseline == "budget_2017" else other
        moved = cost(scenario.changes, on).own_tkr.sum(axis=0) - on.net_tkr.sum(axis=0)
        assert name == "as_it_stands" or abs(moved[-1]) > 100, name


def test_a_moved_or_missing_baseline_is_told():
    kept = replace(MIXED, hash=BUDGET.hash)
    assert frame_of(kept).hash == BUDGET.hash
    with pytest.raises(ScenarioError, match=f"has moved since .*was 0123 and is {BUDGET.hash}"):
        frame_of(replace(MIXED, hash="0123"))
    with pytest.raises(ScenarioError, match="no baseline to stand on: there is no baseline 'budget_2016'"):
        frame_of(replace(MIXED, baseline="budget_2016"))
    with pytest.raises(ScenarioError, match="printed for Ballerup alone"):
        frame_of(MIXED, "159")


def test_what_is_implausible_is_told_and_only_the_impossible_refused():
    assert Change("gap_points", 0.5).implausible == ""
    for name, p in PARAMETERS.items():
        row = SICK if p.by == "each" else ""
        for end, beyond in ((p.low, -1e-6), (p.high, 1e-6)):
            assert Change(name, end, row=row).implausible == ""
            assert end in (p.least, p.most) or Change(name, end + beyond, row=row).implausible
        for end, beyond in ((p.least, -1e-6), (p.most, 1e-6)):
            if np.isfinite(end):
                assert Change(name, end, row=row).amount == end
                with pytest.raises(ScenarioError, match="no other is possible"):
                    Change(name, end + beyond, row=row)
    with pytest.raises(ScenarioError, match="from -1000000 to 1000000: no other is possible"):
        Change("persons", -1_000_001, row=SICK)
    assert Change("exit_rate_pct", -50, row="Fleksjob").implausible == (
        "exit_rate_pct of Fleksjob is -50; plausible is -10 to 10"
    )
    assert Change("gap_points", 1.01).implausible == "gap_points is 1.01; plausible is -1 to 1"
    assert Change(RULES, "2015-06-30").implausible == ""
    for change, says in (
        (("gap_points", -50), "−1\\.159 persons would be left of Kontanthjælp in 2018"),
        (("persons", -1000, 0, SICK), "−36. persons would be left of Sygedagpenge in 2018"),
        (("activation_points", 63), "activation_points is 63, but 38 pct. are in activation already"),
        (("activation_points", -39), "activation_points is -39, but 38 pct. are in activation already"),
        (("gap_points", 1, 2022), "starts in 2022; it must be one of 2017-2021"),
        (("price_pct", 1, 0, "Bloktilskud"), "has no row 'Bloktilskud'; rows: Sygedagpenge, "),
        (("exit_rate_pct", 1, 0, "Seniorjob"), "has no row 'Seniorjob'; rows: Sygedagpenge, "),
    ):
        with pytest.raises(ScenarioError, match=says):
            cost((Change(*change),), BUDGET)
    with pytest.raises(ScenarioError, match="part of the budget of 2017; it is not in accounts"):
        cost((Change("sickness_take_up", 1),), replace(BUDGET, name="accounts", promised=0))
    none = cost(
        (Change("activation_points", -38.0), Change("activation_effect", 0.0)), BUDGET
    )  # the last that is possible
    assert none.own_tkr[AT["Aktivering"], 1:] == pytest.approx(0, abs=1e-6)
    every = cost((Change("activation_points", 62.0), Change("activation_effect", 0.0)), BUDGET)  # and on the other side
    assert every.own_tkr[AT["Aktivering"], 1:] == pytest.approx(BUDGET.net_tkr[AT["Aktivering"], 1:] / 0.38)
    assert cost((Change("persons", -20, 0, INTEGRATION),), BUDGET)  # whose persons are not counted


@pytest.mark.parametrize("row", [row for row, i in AT.items() if BUDGET.on_ladder[i] and BUDGET.persons[i, 0]])
def test_a_line_may_be_left_by_everybody_and_by_no_more(row):
    everybody = float(BUDGET.persons[AT[row], 1:].min())
    for more_than_all in (0.0, 3e-7):  # what computers make of zero, and less than a millionth of a person
        left = cost((Change("persons", -everybody - more_than_all, 2018, row),), BUDGET)
        assert left.persons[AT[row], 1:].min() == pytest.approx(0, abs=1e-6)
        assert left.own_tkr[AT[row], 1:].min() == pytest.approx(0, abs=1e-4)
    with pytest.raises(ScenarioError, match=f"persons would be left of {row} in "):
        cost((Change("persons", -everybody - 0.001, 2018, row),), BUDGET)


def test_half_a_person_can_leave_a_line_and_a_whole_one_cannot():
    small = replace(BUDGET, persons=np.where(BUDGET.persons > 0, 0.5, 0.0))
    assert cost((Change("persons", -0.5, 0, SICK),), small).persons[AT[SICK], 1] == pytest.approx(0)
    with pytest.raises(ScenarioError, match=f"persons would be left of {SICK}"):
        cost((Change("persons", -1, 0, SICK),), small)


# Files, words, stacking, differences


@st.composite
def any_scenario(draw):
    keys = draw(st.lists(st.sampled_from(sorted({*PARAMETERS, RULES})), unique=True, max_size=6))
    changes = []
    for name in keys:
        p = PARAMETERS.get(name)
        dates = st.dates(dt.date(2013, 1, 1), known_until())
        value = st.floats(p.low, p.high) | st.integers(int(p.low), int(p.high)) if p else dates | dates.map(str)
        if name == "country_points":
            value |= st.sampled_from(["2008-2010", "2019-2020"])
        row = {"line": st.sampled_from(["", "Ressourceforløb"]), "each": st.just("sygedagpenge")}
        row = row.get(p.by, st.just("")) if p else st.just("")
        changes.append(Change(name, draw(value), draw(st.sampled_from([0, *YEARS])), draw(row)))
    text = st.text(st.characters(max_codepoint=0x2FFF).filter(lambda letter: not foreign(letter)))
    baseline, hash = (
        st.sampled_from(["budget_2017", "accounts", "accounts 2022"]),
        st.sampled_from(["", "0123456789ab"]),
    )
    return Scenario(
        draw(text.filter(str.strip)),
        draw(text),
        draw(baseline),
        tuple(changes),
        draw(hash),
        draw(st.integers(0, 10**15)),
    )


@settings(max_examples=60)
@given(any_scenario())
def test_a_file_loses_nothing(tmp_path_factory, scenario):
    path = tmp_path_factory.getbasetemp() / "one.toml"
    assert read(write(scenario, path)) == scenario == read(path.read_bytes().decode("utf-8"))


def test_a_file_holds_no_hash_year_or_line_that_is_not_told():
    told = tomllib.loads(write(of(("gap_points", 0.0), ("persons", 5, 2019, SICK))))
    assert told == {"name": "x", "why": "y", "baseline": "budget_2017", "seed": 0, "change": [
        {"parameter": "gap_points", "value": 0.0}, {"parameter": "persons", "value": 5, "from": 2019, "row": SICK}]}  # fmt: skip


@pytest.mark.parametrize(("language", "says"), [("en", "+0,5 pct. points"), ("da", "+0,5 procentpoint")])
def test_the_summary_tells_every_change_and_the_baseline(language, says):
    first, *told = summary(stack(MIXED, of((RULES, "2015-06-30"))), BUDGET, language)
    assert ("the budget of 2017" if language == "en" else "budget 2017") in first and len(told) == 4
    assert says in told[0] and "Ressourceforløb" in told[1] and "2019" in told[2] and "2015-06-30" in told[3]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("gap_points", 0.0), "0 pct. points (assumed range −1 to +1)"),
        (("activation_effect", 0.25), ": 0,25 "),
        (("activation_effect", 0.0), "(assumed range 0 to 0,3)"),
        (("country_points", "2008-2010", 2019), "From 2019 "),
        (("persons", -20, 0, "sygedagpenge"), ", Sygedagpenge: −20 "),
        (("price_pct", 999_999.5), ": +999.999,5 pct."),  # never 1e+06
        (("price_pct", -0.0), ": 0 pct."),
        (("price_pct", 0.0000015), ": +0,000002 pct."),
    ],
)
def test_a_sentence_shows_the_sign_of_what_may_go_either_way_and_of_nothing_else(change, told):
    (sentence,) = summary(of(change), BUDGET)[1:]
    assert told in sentence
    assert ("+" in sentence) == (PARAMETERS[change[0]].low < 0)


def test_the_baseline_is_told_with_its_vintage_years_and_prices():
    older = replace(BUDGET, name="accounts 2022", years=(2022, 2023, 2024, 2025, 2026), price_level="current")
    told = "Målt mod regnskabet, fremskrevet (2022), 2022-2026; løbende priser; "
    assert scenarios.frame_words(older, "da").startswith(told)
    counted = (
        "personer pr. linje er talt, hvor der er offentlige tal, ellers udledt.",
        "persons by line are counted where there are public counts, else inferred.",
    )
    told = {
        ("accounts", "current"): ("Målt mod regnskabet, fremskrevet, 2017-2021; løbende priser; " + counted[0],
                                  "Measured against the accounts, carried ahead, 2017-2021; current prices; " + counted[1]),
        ("own", "own"): ("Målt mod eget budget, 2017-2021; budgettets egne priser; personer pr. linje er budgettets egne, hvor det har dem, ellers udledt.",
                         "Measured against an own budget, 2017-2021; the budget's own prices; persons by line are the budget's own where it has them, else inferred."),
        ("budget_2017", "2017"): ("Målt mod budget 2017, 2017-2021; 2017-priser; " + counted[0],
                                  "Measured against the budget of 2017, 2017-2021; prices of 2017; " + counted[1]),
    }  # fmt: skip
    for (name, level), both in told.items():
        one = replace(BUDGET, name=name, price_level=level)
        assert tuple(scenarios.frame_words(one, language) for language in ("da", "en")) == both
    doubted = replace(BUDGET, unreconciled=True)
    told = {
        "en": "the budget of 2017 (not reconciled with a total of the file), ",
        "da": "budget 2017 (ikke afstemt med en total i filen), ",
    }
    assert all(words in scenarios.frame_words(doubted, language) for language, words in told.items())


def test_a_scenario_that_names_no_seed_has_seed_0():
    assert read("name = 'x'\nwhy = 'y'").seed == 0
    assert simulate(of(), BUDGET, 50, moves=MOVES).equals(simulate(of(), BUDGET, 50, 0, MOVES))


def test_scenarios_come_in_the_order_of_their_names_whatever_that_of_the_folder(monkeypatch):
    files = sorted(scenarios.FOLDER.glob("*.toml"))
    monkeypatch.setattr(scenarios, "FOLDER", SimpleNamespace(glob=lambda _: files[::-1]))
    assert list(shipped()) == [path.stem for path in files]


def test_stacking_keeps_all_changes_or_names_every_conflict():
    assert stack(MIXED, of(("persons", 5, 0, SICK))).changes == (*MIXED.changes, Change("persons", 5, 0, SICK))
    other = Scenario("z", "", "accounts", (Change("gap_points", 1), *MIXED.changes[1:], Change(RULES, "2015-06-30")))
    with pytest.raises(ScenarioError) as e:
        stack(MIXED, other)
    for named in ("gap_points is 0.5 and 1;", "exit_rate_pct Ressourceforløb is -50.0", "price_pct", "baseline is"):
        assert named in str(e.value)
    assert RULES not in str(e.value)


@pytest.mark.parametrize(
    ("first", "second", "both"), [("a", "b", "a; b"), ("", "b", "b"), ("a", "", "a"), ("", "", "")]
)
def test_what_is_stacked_tells_why_for_both(first, second, both):
    told = stack(Scenario("x", first), Scenario("z", second))
    assert (told.name, told.why) == ("x + z", both)


def test_a_parameter_set_anew_starts_in_the_year_asked_for_or_the_one_it_had():
    set_anew = scenarios.with_change
    assert set_anew(MIXED, "price_pct", 3.0).changes == (*MIXED.changes[:2], Change("price_pct", 3.0, 2019))
    assert set_anew(MIXED, "price_pct", 3.0, start=2020).changes[2] == Change("price_pct", 3.0, 2020)
    added = Change("exit_rate_pct", 5.0, 0, "Fleksjob")  # of another line
    assert set_anew(MIXED, "exit_rate_pct", 5.0, "Fleksjob").changes == (*MIXED.changes, added)


def totals(changes, on=BUDGET):
    return cost(tuple(changes), on).own_tkr.sum(axis=0)


def test_a_difference_is_the_mean_over_all_orders_of_making_the_changes():
    names = ["gap_points", "exit_rate_pct Ressourceforløb", "price_pct"]
    parts = {name: np.zeros(len(YEARS)) for name in names}
    for order in itertools.permutations(range(3)):
        for k, i in enumerate(order):
            steps = [totals(MIXED.changes[j] for j in order[:upto]) for upto in (k, k + 1)]
            parts[names[i]] += (steps[1] - steps[0]) / 6
    found = diff(of(), MIXED, BUDGET)
    assert sorted(found.index) == sorted(names)
    for name in names:
        assert found.loc[name].to_numpy() == pytest.approx(parts[name], abs=1e-6)


def test_differences_add_up_to_the_oere_whatever_the_order_and_side():
    there, back = diff(MIXED, LATE, BUDGET), diff(LATE, MIXED, BUDGET)
    assert set(there.index) == {
        *("gap_points", "exit_rate_pct Ressourceforløb", "price_pct", "sickness_take_up", RULES)
    }
    assert there.sum().to_numpy() == pytest.approx(totals(LATE.changes) - totals(MIXED.changes), abs=1e-6)
    assert there.to_numpy() == pytest.approx(-back.loc[there.index].to_numpy(), abs=1e-6)
    turned = replace(MIXED, changes=MIXED.changes[::-1])
    pd.testing.assert_frame_equal(diff(turned, LATE, BUDGET), there, rtol=0, atol=1e-6)
    assert diff(MIXED, turned, BUDGET).shape == (0, len(YEARS))


def test_ten_changes_are_explained_to_the_oere_and_eleven_refused():
    rows = [row for row in BUDGET.rows if BUDGET.net_tkr[AT[row], 0]][:11]
    ten, eleven = (of(*(("price_pct", 1.0, 2018, row) for row in rows[:n])) for n in (10, 11))
    found = diff(of(), ten, BUDGET)
    wanted = BUDGET.net_tkr[[AT[row] for row in rows[:10]], 1] / 100
    assert found.loc[[f"price_pct {row}" for row in rows[:10]], 2018].tolist() == pytest.approx(wanted, abs=1e-6)
    with pytest.raises(ScenarioError, match="11 changes differ; the exact explanation is for 10 at most"):
        diff(of(), eleven, BUDGET)


# Spread, sensitivity, the smallest change that turns a conclusion


STILL = np.ones((1, len(YEARS), len(BUDGET.lines)))
MOVES = frame.factors(BUDGET)


def wide(scenario, draws=2000, seed=None, moves=MOVES):
    return simulate(scenario, BUDGET, draws, seed, moves).pivot_table("tkr", ["row", "year"], "quantile")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    one, again, other, own = (simulate(MIXED, BUDGET, 500, seed).to_csv() for seed in (3, 3, 4, None))
    assert one == again != other
    assert own == simulate(MIXED, BUDGET, 500, MIXED.seed).to_csv()


def test_quantiles_are_ordered_and_lines_that_hang_on_nothing_stand_still():
    found = wide(MIXED)
    assert (np.diff(found.to_numpy(), axis=1) >= 0).all()
    still = found.loc[["Jobcenter løn og drift", "Andet", "Integration"]]
    mine = pd.DataFrame(cost(MIXED.changes, BUDGET).own_tkr, BUDGET.rows, YEARS).stack()[still.index]
    assert still.sub(mine, axis=0).abs().max(axis=None) < 0.01  # drawn in single precision
    assert (found.loc[KONTANTHJAELP, 0.9] > found.loc[KONTANTHJAELP, 0.1]).all()


@pytest.mark.parametrize("drawn", [[1.0], [1.0, 1.5], [1.0, 1.5, 4.0]], ids=len)
def test_quantiles_of_few_draws_lie_evenly_between_them(drawn, monkeypatch):
    monkeypatch.setattr(scenarios, "SPREAD", ())
    asked, total = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975], totals(())[1]
    wanted = total * np.interp(np.array(asked) * (len(drawn) - 1), range(len(drawn)), drawn)
    moves = np.array(drawn)[:, None, None] * STILL
    seeds = (wide(of(), len(drawn), seed, moves).loc[("I alt", 2018)] for seed in range(50))
    found = next(
        one for one in seeds if np.allclose(one, wanted, rtol=1e-6)
    )  # of the seeds that draw each of them once
    assert found.index.tolist() == asked


def test_ten_thousand_draws_are_made_where_no_number_is_asked_for():
    assert simulate(MIXED, BUDGET, moves=MOVES).equals(simulate(MIXED, BUDGET, 10_000, moves=MOVES))


def test_lines_move_together_as_the_accounts_did(monkeypatch):
    monkeypatch.setattr(scenarios, "SPREAD", ())
    found, fan = wide(of(), 100_000).loc["I alt"], frame.fan().loc[list(YEARS)]  # the fan takes every path, and pair
    assert ((found - fan).abs().div(fan[0.975] - fan[0.025], axis=0) < 0.02).all(axis=None)


def test_a_forecast_frame_spreads_as_its_forecast_does(monkeypatch):
    monkeypatch.setattr(scenarios, "SPREAD", ())
    own = baselines.accounts("151")
    table = simulate(Scenario("x", ""), own, 50_000).pivot_table("tkr", ["row", "year"], "quantile")
    width = own.spread_tkr[-1, 0] - own.spread_tkr[0, 0]
    told = table.loc["Dagpenge"].to_numpy() - own.spread_tkr[:, 0].T
    assert (np.abs(told[1:]) / width[1:, None]).max() < 0.02
    assert np.ptp(table.loc[("I alt", 2024)]) == 0  # accounts are known


def test_unit_price_and_effect_spread_as_stated_and_the_price_on_all_lines_at_once(monkeypatch):
    low, high = -3.0, 3 - np.sqrt(0.1 * 6 * 3)  # nine in ten of a triangle from -3 by 0 to 3
    found = wide(of(), 100_000, moves=STILL)
    moving = BUDGET.net_tkr[[line.kind == "benefit" for line in BUDGET.lines], 1].sum()
    assert PARAMETERS["price_pct"].low == low
    assert found.loc[("I alt", 2018), 0.9] - totals(())[1] == pytest.approx(moving * high / 100, rel=0.02)
    assert found.loc["I alt"].loc[2017].sub(totals(())[0]).abs().max() < 0.1
    # effect 0 to 0,3, most likely 0,1: cost falls straight with it, its middle is where 0,3 - sqrt(0,3 · 0,2 / 2) is
    monkeypatch.setattr(scenarios, "SPREAD", ("activation_effect",))
    ends = [totals([Change("activation_points", 4.0), Change("activation_effect", e)])[1] for e in (0, 1e-1)]
    middle = (0.3 - np.sqrt(0.03)) / 0.1
    found = wide(of(("activation_points", 4.0)), 100_000, moves=STILL).loc[("I alt", 2018), 0.5]
    assert found - ends[0] == pytest.approx((ends[1] - ends[0]) * middle, rel=0.01)


def test_unit_price_and_effect_are_drawn_apart_and_each_as_far_wherever_the_scenario_stands(monkeypatch):
    active, dear = ("activation_points", 40.0), ("price_pct", 2.0)
    found = wide(of(active), 100_000, moves=STILL).loc[("I alt", 2018)]
    ends = [
        totals([Change(*active), Change(name, x)])[1] for name, x in (("price_pct", 3.0), ("activation_effect", 0.3))
    ]
    price, effect = np.array(ends) - totals([Change(*active)])[1]  # of the whole way up
    rng = np.random.default_rng(7)
    drawn = price * rng.triangular(-1, 0, 1, 100_000) + effect * (rng.triangular(0, 0.1, 0.3, 100_000) - 0.1) / 0.2
    asked = np.quantile(drawn, found.index) + totals([Change(*active)])[1]
    assert (np.abs(found.to_numpy() - asked) / np.ptp(asked)).max() < 0.01
    monkeypatch.setattr(scenarios, "SPREAD", ("price_pct",))
    plain, dearer = (wide(of(*some), 10_000, moves=STILL).loc[("I alt", 2018)] for some in ((), (dear,)))
    assert np.diff(dearer) == pytest.approx(np.diff(plain), rel=1e-3)


@pytest.mark.parametrize("year", [None, 2019])
def test_the_tornado_holds_the_cost_at_either_end_and_the_widest_first(year):
    table = tornado(MIXED, BUDGET, year)
    assert {*PARAMETERS, "exit_rate_pct Ressourceforløb"} - {"persons"} == set(table.index)
    assert (np.diff((table["tkr_high"] - table["tkr_low"]).abs()) <= 0).all()
    ranges = {"gap_points": [-1, 1], "exit_rate_pct Ressourceforløb": [-10, 10]}
    assert {label: table.loc[label, ["low", "high"]].tolist() for label in ranges} == ranges
    for label, end in itertools.product(
        ["price_pct", "exit_rate_pct Ressourceforløb", "uprating_points"], ["low", "high"]
    ):
        name, _, row = label.partition(" ")
        start = {"price_pct": 2019}.get(name, 2018)  # a change keeps its year
        kept = [c for c in MIXED.changes if (c.parameter, c.row) != (name, row)]
        money = totals([*kept, Change(name, getattr(PARAMETERS[name], end), start, row)])
        expected = money.sum() if year is None else money[YEARS.index(year)]
        assert table.loc[label, f"tkr_{end}"] == pytest.approx(expected, abs=1e-6)
    whole = [(name, "") for name, p in PARAMETERS.items() if p.by != "each"]
    assert scenarios.movable(LATE, BUDGET) == whole  # the rules of a day are no range
    assert not any("sickness" in name for name in tornado(Scenario("x", ""), replace(BUDGET, promised=0)).index)


@pytest.mark.parametrize(
    "margin",
    [
        lambda own: 520_000 - own[:, 2].sum(),
        lambda own: min(540_000 - own[:, 3].sum(), own[:, 3].sum() - 495_000),  # turns on both sides
    ],
    ids=["above", "either side"],
)
def test_an_attack_is_as_near_as_the_nearest_point_of_a_grid(margin):
    step, grid = 0.05, np.arange(-10, 11) / 20
    turned = [
        np.hypot(a, b)
        for a, b in itertools.product(grid, grid)
        if margin(cost((Change("gap_points", 2 * a), Change("exit_rate_pct", 20 * b)), BUDGET).own_tkr) <= 0
    ]
    found = attack(of(), BUDGET, margin, ("gap_points", "exit_rate_pct"))
    size = np.hypot(*found["share"])
    assert min(turned) - step * np.sqrt(2) <= size <= min(turned) + 1e-6
    assert found["becomes"].to_list() == pytest.approx((found["was"] + found["share"] * [2, 20]).tolist())
    at = [Change(name, value) for name, value in found["becomes"].items()]
    assert margin(cost(tuple(at), BUDGET).own_tkr) == pytest.approx(0, abs=1)


def test_an_attack_starts_from_where_the_scenario_stands_even_beyond_the_plausible_range():
    stands = of(("exit_rate_pct", 50.0))
    limit = totals(stands.changes)[2] + 1000
    found = attack(stands, BUDGET, lambda own: limit - own[:, 2].sum(), ("exit_rate_pct",)).loc["exit_rate_pct"]
    assert found["was"] == 50 and found["becomes"] == pytest.approx(50 + 20 * found["share"])
    assert totals([Change("exit_rate_pct", found["becomes"])])[2] == pytest.approx(limit, abs=1)


def test_an_attack_moves_the_parameter_of_all_lines_not_that_of_one():
    limit = totals(MIXED.changes)[2] + 1000
    found = attack(MIXED, BUDGET, lambda own: limit - own[:, 2].sum(), ("exit_rate_pct",)).loc["exit_rate_pct"]
    assert found["was"] == 0 and found["becomes"] < 0


def test_an_end_of_a_range_that_would_leave_fewer_than_no_persons_has_no_cost():
    persons = BUDGET.persons.copy()
    persons[AT[SICK]] = 30  # 50 more or fewer are plausible
    few = replace(BUDGET, persons=persons)
    found = tornado(of(("persons", 1, 2018, SICK)), few).loc[f"persons {SICK}"]
    assert found[["low", "high"]].tolist() == [-50, 50] and np.isnan(found["tkr_low"])
    assert found["tkr_high"] == pytest.approx(totals([Change("persons", 50, 2018, SICK)], few).sum())


@pytest.mark.parametrize(
    ("success", "left", "taken"),
    [(True, 8e-6, True), (True, 8.8e-6, False), (True, 0.0, True), (True, -1.0, True), (False, 0.0, False)],
)
def test_what_is_found_turns_the_conclusion_to_a_millionth_of_its_margin(success, left, taken, monkeypatch):
    # the search begins half-way to either end of -1 to 1 points, in shares of that range, and stops where `left` is left
    starts, margins = [], itertools.chain([8.0], itertools.repeat(left))

    def found(_, start, constraints, bounds, **__):
        starts.append(start.tolist())
        assert bounds == [(-0.5, 0.5)]
        assert constraints["fun"](start) == -left / 8
        return SimpleNamespace(success=success, x=np.array([0.1 if start[0] < 0 else -0.2]))

    monkeypatch.setattr("scipy.optimize.minimize", found)
    told = attack(of(), BUDGET, lambda own: next(margins), ("gap_points",))
    assert starts == [[-0.25], [0.25]] and (told is not None) == taken
    if taken:
        assert told.loc["gap_points"].tolist() == pytest.approx([0, 0.2, 0.1])  # the nearer of the two


def test_the_search_stays_within_the_range_wherever_the_scenario_stands(monkeypatch):
    looked = []

    def found(_, start, bounds, **__):
        looked.extend(bounds)
        return SimpleNamespace(success=False)

    monkeypatch.setattr("scipy.optimize.minimize", found)
    for stands in (0.5, -3.0):  # of -1 to 1, and beyond it
        attack(of(("gap_points", stands)), BUDGET, lambda own: 1.0, ("gap_points",))
    assert {*looked} == {(-0.75, 0.25), (0.0, 2.0)}


def test_what_a_search_asks_for_beyond_the_range_is_what_the_end_of_the_range_costs(monkeypatch):
    costs = []

    def found(_, start, constraints, **__):
        for shares in (-5.0, 5.0):  # far below −3 pct. and above 3 pct.
            constraints["fun"](np.array([shares]))
        return SimpleNamespace(success=False)

    monkeypatch.setattr("scipy.optimize.minimize", found)
    attack(of(), BUDGET, lambda own: costs.append(own.sum()) or 1.0, ("price_pct",))
    ends = [totals([Change("price_pct", value)]).sum() for value in (-3.0, 3.0)]
    assert costs[1:3] == pytest.approx(ends)


def test_a_line_told_by_its_name_and_by_its_benefit_is_one():
    twice = Change("persons", -50.0, row="dagpenge"), Change("persons", 5.0, row="Dagpenge")
    for changes in (twice, twice[::-1]):
        with pytest.raises(
            ScenarioError, match=r"persons is changed twice for one line, as '[dD]agpenge' and '[dD]agpenge'"
        ):
            costing.cost(changes, baselines.accounts())
    costing.cost((twice[0], Change("persons", 5.0, row="Sygedagpenge")), baselines.accounts())


def test_a_scenario_that_changes_two_parameters_twice_is_told_of_the_first():
    with pytest.raises(ScenarioError, match="scenario 'x' changes gap_points twice"):
        of(("gap_points", 1), ("price_pct", 1), ("gap_points", 2), ("price_pct", 2))


def test_a_conclusion_that_hangs_by_a_hair_holds_and_one_that_is_even_does_not():
    limit = totals(())[2] + 0.5  # tkr
    assert attack(of(), BUDGET, lambda own: limit - own[:, 2].sum(), ("gap_points",))["share"].item() > 0
    with pytest.raises(ScenarioError, match="does not hold in 'x': its margin is 0"):
        attack(of(), BUDGET, lambda own: 0.0, ("gap_points",))


def test_an_attack_finds_nothing_where_nothing_turns_and_refuses_what_does_not_hold():
    assert attack(of(), BUDGET, lambda own: 1e6 - own[:, 2].sum(), ("gap_points", "price_pct")) is None
    with pytest.raises(ScenarioError, match="does not hold in 'x': its margin is -"):
        attack(of(), BUDGET, lambda own: 500_000 - own[:, 2].sum(), ("gap_points",))


def test_a_sweep_holds_every_scenario_on_every_frame_and_says_why_there_is_none():
    found = sweep([of(), MIXED, LATE], [BUDGET, replace(BUDGET, area="159", promised=0.0)])
    assert found.groupby(["scenario", "area"]).size().eq(len(YEARS) * 3).all()
    assert found.query("area == '151'")["tkr"].tolist() == [x for s in (of(), MIXED, LATE) for x in totals(s.changes)]
    absent = found.query("tkr.isna()")
    assert absent.equals(found.query("note != ''")) and len(absent) == len(YEARS)
    assert absent["note"].str.startswith("the sickness case is part of").all()


# Bad input


def change(text):
    return f"name = 'x'\nwhy = 'y'\n[[change]]\n{text}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (change("parameter = 'gap_pionts'\nvalue = 1"), "'gap_pionts'; nearest: gap_points$"),
        (change("parameter = 'activation_point'\nvalue = 1"), "'activation_point'; nearest: activation_points$"),
        (change("parameter = 5\nvalue = 1"), "no parameter 5; nearest: country_points, .*refund_rules_of"),
        (change("parameter = 'gap_points'"), "there must be parameter and value, there may be from, row"),
        (change("parameter = 'gap_points'\nvalue = 1\nrow = 'Fleksjob'"), "no row 'Fleksjob'; it holds for the whole"),
        (change("parameter = 'persons'\nvalue = 1"), "persons needs a row"),
        (change("parameter = 'gap_points'\nvalue = true"), "True; it must be a number"),
        (change("parameter = 'gap_points'\nvalue = nan"), "must be a finite number"),
        (change("parameter = 'gap_points'\nvalue = 0,5"), r"line 5, column 10\): value = 0,5; write 0\.5, with a point$"),
        (change("parameter = 'gap_points'\nvalue = -1000,25 # ca."), r"write -1000\.25, with a point$"),
        (change("parameter = 'persons'\nvalue = 1.200\nrow = 'x'"), r"scenario: it holds 1\.200, which may be a thousand or one; write 1200 or 1\.2$"),
        (change("parameter = 'persons'\nvalue = -20.000\nrow = 'x'"), r"write -20000 or -20$"),
        (change("parameter = 'exit_rate_pct'\nvalue = -101"), "be a number from -100 to 1000000: no other is possible"),
        (change("parameter = 'price_pct'\nvalue = '2008-2010'"), "price_pct is '2008-2010'; it must be a number$"),
        (change("parameter = 'country_points'\nvalue = '2008'"), "two years of the series 2007-2022 such as '2008-2010'"),
        (change("parameter = 'country_points'\nvalue = '2008-2030'"), "two years of the series 2007-2022"),
        (change("parameter = 'gap_points'\nvalue = 1\nfrom = 2018.5"), "starts in 2018.5; it must be a year"),
        (change("parameter = 'gap_points'\nvalue = 1\n[[change]]\nparameter = 'gap_points'\nvalue = 1"), "gap_points twice"),
        (change("parameter = 'refund_rules_of'\nvalue = 'soon'"), "a date with refund rules, such as '2015-06-30'"),
        (change("parameter = 'refund_rules_of'\nvalue = 2015"), "is 2015; .* such as '2015-06-30': a number is no date$"),
        (change("parameter = 'gap_points'\nvalue = 2020-01-01"), "is 2020-01-01; it must be a number"),
        (change("parameter = 'gap_points'\nvalue = 1\nfrom = 2020-01-01"), "starts in 2020-01-01; it must be a year"),
        (change("parameter = 'persons'\nvalue = 1\nrow = 1"), "has the row 1; write the line's name in quotation marks"),
        (change("parameter = 'refund_rules_of'\nvalue = '2012-06-30'"), "before none, after 2013-01-01"),
        (change("parameter = 'refund_rules_of'\nvalue = '2099-01-01'"), f"'2015-06-30': no rate after {known_until()} is known"),
        ("name = 'x", "f.toml is no scenario: "),
        ("a = " + "[" * 5000, "f.toml is no scenario: it is nested more than 8 deep"),
        ("a." * 40_000 + "b = 1", "it is nested more than 8 deep"),
        ("name = 'x\u202ey'\nwhy = 'y'", r"name holds U\+202E \(RIGHT-TO-LEFT OVERRIDE\)"),
        ("name = '\ue000gain\ue0019.999 mio. kr.\ue002'\nwhy = 'y'", r"name holds U\+E000"),
        (f"name = '{'x' * 32_768}'\nwhy = 'y'", "name has 32768 characters; at most 4000"),
        ("name = 'x'\nwhy = '😀'", r"why holds U\+1F600"),
        ("why = 'y'", "there must be name and why"),
        ("name = 'x'\nwhy = 'y'\ncolour = 1", "scenario: there is no 'colour' in it; there must be name and why, there may be baseline, hash, seed, change$"),
        ("name = 'x'\nwhy = 'y'\nchange = 1", "must be a table headed \\[\\[change\\]\\]"),
        ("name = 'x'\nwhy = 'y'\nchange = ['gap']", "found 'gap', parameter is not told, value is not told; there must be"),
        ("name = 'x'\nwhy = 'y'\nchange = [{}]", "scenario: parameter is not told, value is not told; there must be"),
        ("name = 'x'\nwhy = 'y'\nname = 'z'\n", r"Cannot overwrite a value \(at line 3, column 11\): name = 'z'$"),
        (f"name = 'x'\nwhy = 'y'\nseed = {'1' * 5000}", "a number has more digits than any amount"),
        ("name = '\xa0'\nwhy = 'y'", "name is empty; say in a few words what is asked"),
        ("name = 2020-01-01\nwhy = 'y'", "name is 2020-01-01; it must be text"),
        ("name = 'x _x001B_'\nwhy = 'y'", "name holds _x001B_, which a workbook shows as another sign"),
        ("name = 5\nwhy = 'y'", "must be text"),
        ("name = 'x'\nwhy = 'y'\nseed = -1", "a whole number from 0"),
        ("name = 'x'\nwhy = 'y'\nseed = true", "a whole number from 0"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_scenario_says_where_and_what_would_be_right(text, says):
    with pytest.raises(ScenarioError, match=says) as e:
        read(text, "f.toml")
    assert str(e.value).startswith("f.toml is no scenario: ")


def test_a_text_that_cannot_be_shown_is_refused_by_field_wherever_the_scenario_comes_from():
    for sign in "\x00\u202e\u200b\ue000\uffff\U0001f600漢\u2029\x85\xad":
        for field in ("name", "why", "baseline", "hash"):
            with pytest.raises(ScenarioError, match=rf"^{field} holds U\+{ord(sign):04X}"):
                Scenario(**{"name": "a", "why": "b", field: f"x{sign}"})
    with pytest.raises(ScenarioError, match="name has 32768 characters"):
        Scenario("x" * 32_768, "")
    assert Scenario("Det går dårligt. Flere ledige – «½» ≥ 7,6 ☹", "").name


def test_a_file_that_cannot_be_read_is_no_scenario_either(tmp_path):
    (tmp_path / "large.toml").write_text("#" * scenarios.TOML_BYTES + "\n", encoding="utf-8")
    for name, says in (("none.toml", "none.toml"), ("large.toml", "large.toml")):
        with pytest.raises(ScenarioError, match=says):
            scenarios.load_file(tmp_path / name)


values = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.datetimes() | st.times()
    | st.sampled_from([*PARAMETERS, RULES, "2008-2010", "2015-06-30", "Fleksjob"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
tables = st.fixed_dictionaries(
    {"parameter": st.sampled_from([*PARAMETERS, RULES]) | values, "value": values},
    optional={"from": st.sampled_from(YEARS) | values, "row": values},
)
files = st.fixed_dictionaries(
    {"name": st.just("x"), "why": st.just("y") | values, "change": st.lists(tables, max_size=2) | values},
    optional={"seed": values, "hash": values, "baseline": values},
)


@settings(max_examples=150)
@given(files)
def test_whatever_a_file_holds_it_is_a_scenario_that_runs_or_a_scenario_error(told):
    try:
        scenario = read(tomli_w.dumps(told))
        paid = cost(scenario.changes, BUDGET)
    except ScenarioError:
        return
    assert np.isfinite(paid.own_tkr).all() and read(write(scenario)) == scenario


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: simulate(of(), BUDGET, 0), "draws is 0; it must be 1 or more"),
        (lambda: simulate(of(), BUDGET, 5, -1), "a whole number from 0"),
        (lambda: tornado(of(), BUDGET, 2022), "year is 2022; it must be one of 2017-2021"),
        (lambda: attack(of(), BUDGET, len, (RULES,)), "no parameter 'refund_rules_of' to move; there are country_points"),
        (lambda: attack(of(), BUDGET, len, ("persons",)), "no parameter 'persons' to move"),
        (lambda: diff(of(), of(*((n, p.low) for n, p in PARAMETERS.items() if n != "persons"), ("price_pct", 1, 2018, "Andet"),
                               ("persons", 1, 2018, SICK)), BUDGET),
         "1[12] changes differ; the exact explanation is for 10 at most"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_says_what_could(ask, says):
    with pytest.raises(DataError, match=says):
        ask()


def test_rows_are_those_of_the_frame():
    on_ladder = tuple(line.row for line in BUDGET.lines if line.benefit)
    assert (
        rows_of("persons", BUDGET) == on_ladder and on_ladder[:2] == (SICK, KONTANTHJAELP) and INTEGRATION in on_ladder
    )
    assert INTEGRATION not in rows_of("exit_rate_pct", BUDGET) and "Fleksjob" in rows_of("exit_rate_pct", BUDGET)
    assert rows_of("price_pct", BUDGET) == BUDGET.rows and rows_of(RULES, BUDGET) == ()
    later = BUDGET.persons.copy()
    later[AT[SICK], 0] = 0  # counted from the second year on alone
    assert SICK not in rows_of("exit_rate_pct", replace(BUDGET, persons=later))
    assert load("aulp01").query("area == '000'")["year"].max() == 2022


def test_a_line_whose_own_change_starts_later_than_that_of_all_lines_is_said_to_follow_neither_before():
    general = Change("price_pct", 2.0)
    for start, told in ((0, False), (2020, True)):
        changes = (general, Change("price_pct", 3.0, start, "Kontanthjælp"))
        frame = baselines.budget_2017()
        assert costing.Course(changes, frame).path("price_pct", "Kontanthjælp")[1] == (0.0 if told else 3.0)
        for language, words in (("da", "heller ikke før 2020."), ("en", "nor did it before 2020.")):
            said = summary(Scenario("x", "", changes=changes), frame, language)
            assert [words in one for one in said] == [False, False, told]


def test_a_budget_without_persons_in_some_year_costs_what_it_says():
    for gone in (slice(None), slice(-1, None)):
        persons = BUDGET.persons.copy()
        persons[:, gone] = 0
        bare = replace(BUDGET, persons=persons)
        assert cost((), bare).own_tkr == pytest.approx(BUDGET.net_tkr)
        assert np.isfinite(cost((Change("activation_points", 2),), bare).own_tkr).all()
