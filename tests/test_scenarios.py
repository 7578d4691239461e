"""Scenarios: the printed frame comes back, each change by hand, files lose nothing, differences and spread add up."""

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis import costing, frame, rates, scenarios, sources
from ballerup_analysis import scenarios as sensitivity
from ballerup_analysis.costing import CYCLICAL, INTEGRATION, PARAMETERS, RULES, SICKNESS, YEARS, Change, cost
from ballerup_analysis.refusion import stock
from ballerup_analysis.scenarios import (
    Scenario,
    ScenarioError,
    attack,
    diff,
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

DAGPENGE, KONTANTHJAELP = CYCLICAL
PRICES = frame.prices()
SHARE, NET_TKR = PRICES.loc["Kontanthjælp", "municipal_share"], PRICES["net_kr"] / 1000


def of(*changes):
    return Scenario("x", "y", changes=tuple(Change(*one) for one in changes))


def paid(scenario, payer="municipality"):
    """What one payer pays, row × year, tkr."""
    table = run(scenario)
    return table[table["payer"] == payer].pivot_table("tkr", "row", "year", sort=False)


def more(*changes, payer="municipality"):
    """What changes add to the baseline, row × year, tkr."""
    return (paid(of(*changes), payer) - paid(of(), payer)).where(lambda t: t.abs() > 1e-6, 0)


MIXED = of(("gap_points", 0.5), ("exit_rate_pct", -50.0, 2018, "Ressourceforløb"), ("price_pct", 2.0, 2019))
LATE = of(("price_pct", -1.0, 2020), ("sickness_take_up", 1.0), (RULES, "2015-06-30"))


def test_the_baseline_is_every_printed_line():
    table = paid(shipped()["budget_2017"])
    cells = sources.load("budget_2017.frame_2002").set_index(["row", "column"])["value"]
    for year, column in {2017: "B2017", 2018: "BO2018", 2019: "BO2019", 2020: "BO2020", 2021: "BO2020"}.items():
        assert table[year].round(6).to_dict() == {row: cells[row, column] for row in frame.printed().index}
        assert abs(table[year].sum() - cells["I alt", column]) <= len(table) / 2  # lines are rounded to 1 tkr


def test_municipality_and_state_pay_the_gross_price_of_the_persons_on_the_ladder():
    own, state = paid(of()), paid(of(), "state")
    assert set(state.index) == {line.row for line in frame.LINES if line.ladder} | {INTEGRATION}
    assert (state.loc[INTEGRATION] == 0).all()  # the frame counts no persons on it
    counted = state.index.drop(INTEGRATION)
    gross = PRICES.loc[counted, ["persons_2017", "gross_kr"]].prod(axis=1) / 1000
    assert (own + state).loc[counted, 2017].to_numpy() == pytest.approx(gross.to_numpy())


def test_a_gap_is_persons_of_the_labour_force_at_the_net_price_of_their_benefit():
    # 22.789 employed and 3,79 pct. gross unemployed in 2017; (230 + 215 + 199 + 193) / 4 jobready on kontanthjælp in 2016
    persons, jobready = 0.005 * 22789 / (1 - 0.0379), 209.25
    on_dagpenge = 82181 / NET_TKR[DAGPENGE]
    share = on_dagpenge / (on_dagpenge + jobready)
    found = more(("gap_points", 0.5, 2019))
    assert found[[2017, 2018]].eq(0).all(axis=None) and (found.ne(0).sum() == [0, 0, 2, 2, 2]).all()
    assert found.loc[DAGPENGE, 2019] == pytest.approx(persons * share * NET_TKR[DAGPENGE])
    assert found.loc[KONTANTHJAELP, 2021] == pytest.approx(persons * (1 - share) * NET_TKR[KONTANTHJAELP])


def test_activation_costs_what_it_cost_per_share_and_frees_persons_by_line():
    # the line of 43.810 tkr. is for 38 pct. of the citizens; two points more, each 0,1 persons fewer on the ladder
    found = more(("activation_points", 2.0))[2018]
    persons = frame.printed().loc[list(frame.FORSOERGELSE), 2018] / NET_TKR
    ladder = persons[[line.row for line in frame.LINES if line.ladder]]
    fewer = 0.1 * 0.02 * persons.sum() * ladder / ladder.sum()
    assert found["Aktivering"] == pytest.approx(43810 * 2 / 38)
    assert found[ladder.index].to_numpy() == pytest.approx((-fewer * NET_TKR[ladder.index]).to_numpy())
    assert found.ne(0).sum() == 1 + len(ladder)


@pytest.mark.parametrize(
    ("changes", "row", "tkr"),
    [
        # 5.923 kr. a month
        ([("refugees_persons", 100)], INTEGRATION, [0, *[100 * 12 * 5.923 * SHARE] * 4]),
        # 170 persons fewer by 2021 in three equal steps from 2018
        ([("sickness_take_up", 1.0)], SICKNESS, [-170 * max(k - 1, 0) / 3 * NET_TKR[SICKNESS] for k in range(5)]),
        (
            [("sickness_take_up", 1.0), ("sickness_delay_years", 0.5)],
            SICKNESS,
            [-170 * k / 6 * NET_TKR[SICKNESS] for k in (0, 0, 1, 3, 5)],
        ),
        # of 114.182, 114.054 and 114.054
        (
            [("uprating_points", 0.5, 2019)],
            KONTANTHJAELP,
            [0, 0, 114182 * 0.005, 114054 * (1.005**2 - 1), 114054 * (1.005**3 - 1)],
        ),
        ([("price_pct", 2.0, 2020)], KONTANTHJAELP, [0, 0, 0, *[114054 * 0.02] * 2]),
        ([("price_pct", 2.0), ("price_pct", 1.0, 2021, KONTANTHJAELP)], KONTANTHJAELP, [0, 0, 0, 0, 1140.54]),
        ([("price_pct", 2.0), ("uprating_points", 0.5)], "Aktivering", [0] * 5),  # forsørgelse only
        # dearer activation is dearer for those added too
        (
            [("price_pct", 3.0, 2021, "Aktivering"), ("activation_points", 2.0, 2021)],
            "Aktivering",
            [0, 0, 0, 0, 45070 * (1.03 * 40 / 38 - 1)],
        ),
    ],
    ids=str,
)
def test_a_change_by_hand(changes, row, tkr):
    assert more(*changes).loc[row].tolist() == pytest.approx(tkr)


def test_the_refund_rules_of_2015_by_hand_move_money_between_payers_only():
    left = {week: (1 - frame.weekly_exit_hazard()) ** week for week in (4, 8, 52)}  # share past that week
    held = {
        KONTANTHJAELP: 0.7,
        "Fleksjob": 0.35,
        DAGPENGE: 0.7 * left[4],
        SICKNESS: 0.5 * (left[4] - left[8]) + 0.7 * (left[8] - left[52]) + left[52],
        INTEGRATION: SHARE,
    }
    own, state = (more((RULES, "2015-06-30"), payer=payer) for payer in ("municipality", "state"))
    printed = frame.printed()
    for row, share in held.items():
        assert own.loc[row, 2018] == pytest.approx(printed.loc[row, 2018] * (share / SHARE - 1))
    assert own.loc[state.index].add(state).abs().max(axis=None) < 1e-6
    assert own.drop(index=state.index).eq(0).all(axis=None) and own[2017].eq(0).all()


@pytest.mark.parametrize("faster", [-50.0, 50.0])
@pytest.mark.parametrize("start", [2017, 2019])
def test_the_stock_is_the_one_walked_week_by_week(faster, start):
    old, before = frame.weekly_exit_hazard(), 52 * (start - YEARS[0])
    new = old * (1 + faster / 100)
    there = old * (1 - old) ** np.arange(2000.0)  # in balance, by week of the spell; the weekly inflow is old
    first = np.r_[0.0, there[:-1] * (1 - new)]
    walked = np.empty((52 * len(YEARS), 5))
    walked[:before] = stock([old], old, np.r_[0.0, there[1:]])[0]
    walked[before:] = stock(np.full(52 * len(YEARS) - before, old), new, first)
    found = costing._stock(faster, start)
    assert found == pytest.approx(walked.reshape(len(YEARS), 52, -1).mean(axis=1), abs=1e-9)
    persons, weighed = found.sum(axis=1), costing._ladder("kontanthjaelp", "2017-06-30")
    now = more(("exit_rate_pct", faster, start, "Ressourceforløb")).loc["Ressourceforløb"]
    assert now.to_numpy() == pytest.approx(
        frame.expected().loc["Ressourceforløb", list(YEARS)] * (found @ weighed / SHARE - 1), abs=1e-6
    )
    assert ((persons - 1) * faster <= 1e-12).all() and abs(persons[-1] - 1) > 0.1


@st.composite
def any_scenario(draw):
    keys = draw(st.lists(st.sampled_from(sorted({*PARAMETERS, RULES})), unique=True, max_size=6))
    changes = []
    for name in keys:
        p = PARAMETERS.get(name)
        dates = st.dates(dt.date(2013, 1, 1), dt.date(2030, 1, 1))
        value = (
            st.floats(p.low * p.widest, p.high * p.widest) | st.integers(int(p.low), int(p.high))
            if p
            else dates | dates.map(str)
        )
        if name == "country_points":
            value |= st.sampled_from(["2008-2010", "2019-2020"])
        row = st.sampled_from(["", "Ressourceforløb"]) if p and p.by_row else st.just("")
        changes.append(Change(name, draw(value), draw(st.sampled_from(YEARS)), draw(row)))
    text, data = (
        st.text(st.characters(exclude_categories=["Cs"])),
        st.sampled_from(["current", scenarios.data_version()]),
    )
    baseline = st.sampled_from(["budget_2017", "behind_by_1"])
    return Scenario(draw(text), draw(text), draw(baseline), tuple(changes), draw(data), draw(st.integers(0, 2**70)))


@settings(max_examples=60)
@given(any_scenario())
def test_a_file_loses_nothing(tmp_path_factory, scenario):
    path = tmp_path_factory.getbasetemp() / "one.toml"
    assert read(write(scenario, path)) == scenario == read(path.read_bytes().decode("utf-8"))


def test_the_shipped_scenarios_load_and_the_shocks_are_those_of_the_series():
    assert len(shipped()) >= 8
    assert {s.baseline for s in shipped().values()} == {"budget_2017"}
    # aulp01, the country: 2,6 in 2008, 6,1 in 2010; 3,7 in 2019, 4,6 in 2020
    for name, points, start in (("shock_2009", 6.1 - 2.6, 2019), ("shock_covid", 4.6 - 3.7, 2020)):
        (change,) = shipped()[name].changes
        assert (change.amount, change.start) == (pytest.approx(points), start)
        assert more(("country_points", change.value, start)).equals(more(("country_points", points, start)))


def test_the_data_version_covers_every_table_a_scenario_is_computed_from(monkeypatch):
    seen = set()

    def spy(name, real=sources.read_raw):
        seen.add(name)
        return real(name)

    for module in (sources, rates):
        monkeypatch.setattr(module, "read_raw", spy)
    for module in (costing, frame, rates):
        for one in vars(module).values():
            if hasattr(one, "cache_clear"):
                one.cache_clear()
    for scenario in shipped().values():
        simulate(scenario, 1)
    run(of(), "159")
    assert seen == set(scenarios.TABLES)


@pytest.mark.parametrize(("language", "says"), [("en", "0.5 pct. points"), ("da", "+0,5 pct.point")])
def test_the_summary_tells_every_change_and_the_baseline(language, says):
    first, *told = summary(stack(MIXED, of((RULES, "2015-06-30"))), language)
    assert "budget_2017" in first and len(told) == 4
    assert says in told[0] and "Ressourceforløb" in told[1] and "2019" in told[2] and "2015-06-30" in told[3]


def test_stacking_keeps_all_changes_or_names_every_conflict():
    assert stack(MIXED, of(("refugees_persons", 5))).changes == (*MIXED.changes, Change("refugees_persons", 5))
    other = Scenario("z", "", "behind_by_1", (Change("gap_points", 1), *MIXED.changes[1:], Change(RULES, "2015-06-30")))
    with pytest.raises(ScenarioError) as e:
        stack(MIXED, other)
    for named in ("gap_points is 0.5 and 1;", "exit_rate_pct Ressourceforløb is -50.0", "price_pct", "baseline is"):
        assert named in str(e.value)
    assert RULES not in str(e.value)


def totals(changes):
    return cost(tuple(changes))[0].sum(axis=0)


def test_a_difference_is_the_mean_over_all_orders_of_making_the_changes():
    names = ["gap_points", "exit_rate_pct Ressourceforløb", "price_pct"]
    parts = {name: np.zeros(len(YEARS)) for name in names}
    for order in itertools.permutations(range(3)):
        for k, i in enumerate(order):
            steps = [totals(MIXED.changes[j] for j in order[:upto]) for upto in (k, k + 1)]
            parts[names[i]] += (steps[1] - steps[0]) / 6
    found = diff(of(), MIXED)
    assert sorted(found.index) == sorted(names)
    for name in names:
        assert found.loc[name].to_numpy() == pytest.approx(parts[name], abs=1e-6)


def test_differences_add_up_to_the_oere_whatever_the_order_and_side():
    there, back = diff(MIXED, LATE), diff(LATE, MIXED)
    assert set(there.index) == {
        *("gap_points", "exit_rate_pct Ressourceforløb", "price_pct", "sickness_take_up", RULES)
    }
    assert there.sum().to_numpy() == pytest.approx(totals(LATE.changes) - totals(MIXED.changes), abs=1e-6)
    assert there.to_numpy() == pytest.approx(-back.loc[there.index].to_numpy(), abs=1e-6)
    turned = Scenario("x", "y", changes=MIXED.changes[::-1])
    pd.testing.assert_frame_equal(diff(turned, LATE), there, rtol=0, atol=1e-6)
    assert diff(MIXED, turned).shape == (0, len(YEARS))


def wide(scenario, draws=2000, seed=None):
    return simulate(scenario, draws, seed).pivot_table("tkr", ["row", "year"], "quantile")


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others():
    one, again, other, own = (simulate(MIXED, 500, seed).to_csv() for seed in (3, 3, 4, None))
    assert one == again != other
    assert own == simulate(MIXED, 500, MIXED.seed).to_csv()


def test_quantiles_are_ordered_and_lines_that_hang_on_nothing_stand_still():
    found = wide(MIXED)
    assert (np.diff(found.to_numpy(), axis=1) >= 0).all()
    still = found.loc[["Jobcenter løn og drift", "Andet", "Integration"]]
    mine = paid(MIXED).stack()[still.index]
    assert still.sub(mine, axis=0).abs().max(axis=None) < 0.01  # drawn in single precision
    assert (found.loc[KONTANTHJAELP, 0.9] > found.loc[KONTANTHJAELP, 0.1]).all()


def test_lines_move_together_as_the_accounts_did(monkeypatch):
    monkeypatch.setattr(sensitivity, "SPREAD", {})
    found, fan = wide(of(), 100_000).loc["I alt"], frame.fan().loc[list(YEARS)]  # the fan takes every path, and pair
    assert ((found - fan).abs().div(fan[0.975] - fan[0.025], axis=0) < 0.02).all(axis=None)


def test_unit_price_and_effect_spread_as_stated_and_the_price_on_all_lines_at_once(monkeypatch):
    monkeypatch.setattr(frame, "past_paths", lambda: np.zeros((1, frame.BLOCK_YEARS, len(frame.FORSOERGELSE) + 1)))
    high = 1 - np.sqrt(0.2)  # nine in ten of a triangle from -1 by 0 to 1
    found, lines = wide(of(), 100_000), list(frame.FORSOERGELSE)
    total, moving = frame.printed()[2018].sum(), frame.printed().loc[lines, 2018].sum()
    assert found.loc[("I alt", 2018), 0.9] - total == pytest.approx(moving * high / 100, rel=0.02)
    assert found.loc["I alt"].loc[2017].sub(frame.printed()[2017].sum()).abs().max() < 0.1
    # effect 0 to 0,3, most likely 0,1: cost falls straight with it, its middle is where 0,3 - sqrt(0,3 · 0,2 / 2) is
    monkeypatch.setitem(sensitivity.SPREAD, "price_pct", (-1e-9, 0.0, 1e-9))
    ends = [totals([Change("activation_points", 4.0), Change("activation_effect", e)])[1] for e in (0, 1e-1)]
    middle = (0.3 - np.sqrt(0.03)) / 0.1
    found = wide(of(("activation_points", 4.0)), 100_000).loc[("I alt", 2018), 0.5]
    assert found - ends[0] == pytest.approx((ends[1] - ends[0]) * middle, rel=0.01)


@pytest.mark.parametrize("year", [None, 2019])
def test_the_tornado_holds_the_cost_at_either_end_and_the_widest_first(year):
    table = tornado(MIXED, year)
    assert {*PARAMETERS, "exit_rate_pct Ressourceforløb"} == set(table.index)
    assert (np.diff((table["tkr_high"] - table["tkr_low"]).abs()) <= 0).all()
    for label, end in itertools.product(
        ["price_pct", "exit_rate_pct Ressourceforløb", "refugees_persons"], ["low", "high"]
    ):
        name, _, row = label.partition(" ")
        start = {"price_pct": 2019}.get(name, 2018)  # a change keeps its year
        kept = [c for c in MIXED.changes if (c.parameter, c.row) != (name, row)]
        money = totals([*kept, Change(name, getattr(PARAMETERS[name], end), start, row)])
        expected = money.sum() if year is None else money[YEARS.index(year)]
        assert table.loc[label, f"tkr_{end}"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "margin",
    [
        lambda own: 520_000 - own[:, 2].sum(),
        lambda own: min(540_000 - own[:, 3].sum(), own[:, 3].sum() - 495_000),  # turns on both sides
    ],
    ids=["above", "either side"],
)
def test_an_attack_is_as_near_as_the_nearest_point_of_a_grid(margin):
    step, grid = 0.025, np.arange(-20, 21) / 40
    turned = [
        np.hypot(a, b)
        for a, b in itertools.product(grid, grid)
        if margin(cost((Change("gap_points", 2 * a), Change("exit_rate_pct", 20 * b)))[0]) <= 0
    ]
    found = attack(of(), margin, ("gap_points", "exit_rate_pct"))
    size = np.hypot(*found["share"])
    assert min(turned) - step * np.sqrt(2) <= size <= min(turned) + 1e-6
    assert found["becomes"].to_list() == pytest.approx((found["was"] + found["share"] * [2, 20]).tolist())
    at = [Change(name, value) for name, value in found["becomes"].items()]
    assert margin(cost(tuple(at))[0]) == pytest.approx(0, abs=1)


def test_an_attack_starts_from_where_the_scenario_stands_even_beyond_the_plausible_range():
    stands = of(("exit_rate_pct", 50.0))
    limit = totals(stands.changes)[2] + 1000
    found = attack(stands, lambda own: limit - own[:, 2].sum(), ("exit_rate_pct",)).loc["exit_rate_pct"]
    assert found["was"] == 50 and found["becomes"] == pytest.approx(50 + 20 * found["share"])
    assert totals([Change("exit_rate_pct", found["becomes"])])[2] == pytest.approx(limit, abs=1)


def test_an_attack_finds_nothing_where_nothing_turns_and_refuses_what_does_not_hold():
    assert attack(of(), lambda own: 1e6 - own[:, 2].sum(), ("gap_points", "price_pct")) is None
    with pytest.raises(ScenarioError, match="does not hold in 'x': its margin is -"):
        attack(of(), lambda own: 500_000 - own[:, 2].sum(), ("gap_points",))


def test_a_sweep_is_the_same_serial_on_all_cores_and_on_a_cluster():
    import joblib
    from distributed import Client, LocalCluster

    cases = [of(), MIXED, shipped()["sickness_late"]]

    def ask():
        return sweep((s for s in cases), ["151", "159", "101"])

    with joblib.parallel_config(backend="sequential"):
        serial = ask()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        pd.testing.assert_frame_equal(ask(), serial, check_exact=True)
    pd.testing.assert_frame_equal(ask(), serial, check_exact=True)
    assert len(serial) == 3 * 3 * len(YEARS)
    mine = serial.query("area == '151'")
    assert mine["tkr"].tolist() == [tkr for s in cases for tkr in totals(s.changes)]
    absent = serial.query("tkr.isna()")
    assert absent.equals(serial.query("note != ''")) and len(absent) == 2 * 2 * len(YEARS)
    assert set(absent["note"].str[:20]) == {"area 159 has no line", "area 101 has no line", "the sickness case is"}


def change(text):
    return f"name = 'x'\nwhy = 'y'\n[[change]]\n{text}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (change("parameter = 'gap_pionts'\nvalue = 1"), "'gap_pionts'; nearest: gap_points"),
        (change("parameter = 5\nvalue = 1"), "no parameter 5; nearest: country_points, .*refund_rules_of"),
        (change("parameter = 'gap_points'\nvalue = 2"), "gap_points is 2; it must lie between -1 and 1"),
        (change("parameter = 'exit_rate_pct'\nvalue = -51"), "must lie between -50 and 50"),
        (change("parameter = 'gap_points'\nvalue = nan"), "is nan; it must lie between -1 and 1"),
        (change("parameter = 'gap_points'\nvalue = true"), "is True; it must be a number"),
        (change("parameter = 'gap_points'\nvalue = '0.5'"), "is '0.5'; it must be a number"),
        (change("parameter = 'country_points'\nvalue = '2008-1910'"), "two years of the series 2007-2022"),
        (change("parameter = 'country_points'\nvalue = '2008'"), "two years of the series"),
        (change("parameter = 'country_points'\nvalue = [1]"), "two years of the series"),
        (change("parameter = 'price_pct'\nvalue = 1\nrow = 'Kontant'"), "no row 'Kontant'; rows: Sygedagpenge, "),
        (change("parameter = 'price_pct'\nvalue = 1\nrow = []"), "no row \\[\\]; rows: Sygedagpenge, "),
        (change("parameter = 'gap_points'\nvalue = 1\nrow = 'Fleksjob'"), "no row 'Fleksjob'; rows: none"),
        (change("parameter = 'exit_rate_pct'\nvalue = 1\nrow = 'Seniorjob'"), "no row 'Seniorjob'; rows: Syge"),
        (change("parameter = 'refund_rules_of'\nvalue = '2015-06-30'\nrow = 'Fleksjob'"), "rows: none"),
        (change("parameter = 'gap_points'\nvalue = 1\nfrom = 2016"), "starts in 2016; it must be one of 2017-2021"),
        (change("parameter = 'gap_points'\nvalue = 1\nstart = 2018"), "there may be from, row"),
        (change("parameter = 'gap_points'"), "there must be parameter and value"),
        (change("parameter = 'gap_points'\nvalue = 1\n") * 2, "is no scenario: "),  # the head twice: no TOML
        (change("parameter = 'gap_points'\nvalue = 1\n[[change]]\nparameter = 'gap_points'\nvalue = 1"), "gap_points twice"),
        (change("parameter = 'refund_rules_of'\nvalue = 'soon'"), "a date with refund rules, such as '2015-06-30'"),
        (change("parameter = 'refund_rules_of'\nvalue = 2015"), "a date with refund rules, such as '2015-06-30'"),
        (change("parameter = 'refund_rules_of'\nvalue = '2012-06-30'"), "before none, after 2013-01-01"),
        ("name = 'x", "f.toml is no scenario: "),
        ("a = " + "[" * 5000, "f.toml is no scenario: "),
        ("why = 'y'", "there must be name and why"),
        ("name = 'x'\nwhy = 'y'\ncolour = 1", "there may be baseline, data, seed, change"),
        ("name = 'x'\nwhy = 'y'\nchange = 1", "must be a table headed \\[\\[change\\]\\]"),
        ("name = 'x'\nwhy = 'y'\nchange = ['gap']", "found 'gap'; there must be parameter and value"),
        ("name = 5\nwhy = 'y'", "must be text"),
        ("name = 'x'\nwhy = 'y'\nseed = -1", "a whole number from 0"),
        ("name = 'x'\nwhy = 'y'\nseed = true", "a whole number from 0"),
        ("name = 'x'\nwhy = 'y'\nbaseline = '../x'", "baseline '../x'; it must be one of activation_met, .*budget_2017"),
        ("name = 'x'\nwhy = 'y'\ndata = 'abc'", f"data abc, which is no longer here; .*{scenarios.data_version()}"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_scenario_says_where_and_what_would_be_right(text, says):
    with pytest.raises(ScenarioError, match=says) as e:
        read(text, "f.toml")
    assert str(e.value).startswith("f.toml is no scenario: ")


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
    optional={"seed": values, "data": values, "baseline": values},
)


@settings(max_examples=150)
@given(files)
def test_whatever_a_file_holds_it_is_a_scenario_that_runs_or_a_scenario_error(told):
    try:
        scenario = read(tomli_w.dumps(told))
    except ScenarioError:
        return
    assert np.isfinite(cost(scenario.changes)[0]).all() and read(write(scenario)) == scenario


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: simulate(of(), 0), "draws is 0; it must be 1 or more"),
        (lambda: simulate(of(), 5, -1), "a whole number from 0"),
        (lambda: tornado(of(), 2022), "year is 2022; it must be one of 2017-2021"),
        (lambda: attack(of(), len, (RULES,)), "no parameter 'refund_rules_of' to move; there are country_points"),
        (lambda: run(of(), "999"), "no accounts of 2017 for area '999'; give the code of a municipality"),
        (lambda: diff(of(), of(*((name, p.low) for name, p in PARAMETERS.items()), ("price_pct", 1, 2018, "Andet"))),
         "11 changes differ; the exact explanation is for 10 at most"),
    ],
)  # fmt: skip
def test_a_question_that_cannot_be_answered_says_what_could(ask, says):
    with pytest.raises(ScenarioError, match=says):
        ask()
