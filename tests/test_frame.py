"""A budget as data: worked values from the paper, the ladder by hand, counts, and a spread that is what it says."""

from dataclasses import fields, replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from statsmodels.api import OLS, add_constant

from ballerup_analysis import accounts, baselines, benefits, frame, movement, rates
from ballerup_analysis.costing import Change, ScenarioError, cost
from ballerup_analysis.own import kinds as own_kinds
from ballerup_analysis.own.unread import Unread
from ballerup_analysis.refusion import share_in_week, split, stock
from ballerup_analysis.sources import DATA, DataError, load, municipalities
from ballerup_analysis.trend import yearly

BUDGET = baselines.budget_2017()
PAYING = np.array([line.kind == "benefit" for line in BUDGET.lines])
DAGPENGE, SICK = (BUDGET.rows.index(row) for row in (
    "Dagpengemodtagere samt midlertidig arbejdsmarkedsydelse", "Sygedagpenge"))  # fmt: skip


@pytest.fixture(scope="module")
def own():
    return baselines.accounts("151")


def test_the_printed_frame_is_the_baseline_to_the_thousand():
    cells = load("budget_2017.frame_2002").set_index(["row", "column"])["value"]
    assert (*BUDGET.rows, "I alt") == tuple(load("budget_2017.frame_2002")["row"].unique())  # in the order of the paper
    columns = {2017: "B2017", 2018: "BO2018", 2019: "BO2019", 2020: "BO2020", 2021: "BO2020"}
    for year, column in columns.items():
        assert BUDGET.table()[year].to_dict() == {row: cells[row, column] for row in BUDGET.rows}
        assert abs(BUDGET.table()[year].sum() - cells["I alt", column]) <= len(BUDGET.rows) / 2  # rounded to 1 tkr


def test_persons_are_the_printed_ones_in_all_and_stay_so_within_a_per_cent():
    persons = dict(zip(BUDGET.years, BUDGET.persons[PAYING].sum(axis=0), strict=True))
    assert persons[2017] == pytest.approx(3310)
    for year in (2018, 2019, 2020):  # not used in setting them
        assert persons[year] == pytest.approx(frame.units()["persons"][year], rel=0.01)


def test_dagpenge_and_sygedagpenge_are_within_their_counts():
    # 22.789 employed, 3,79 pct. gross unemployed; 158,5 of them net on kontanthjælp; 90 ± 5 persons are 14 ± 0,5 pct.
    count = 22789 / (1 - 0.0379) * 0.0379 - 158.5
    assert BUDGET.persons[DAGPENGE, 0] == pytest.approx(count, rel=0.05)
    assert 85 / 0.145 <= BUDGET.persons[SICK, 0] <= 95 / 0.135
    told = baselines.counted()
    assert told[["sygedagpenge_low", "sygedagpenge_high"]].tolist() == pytest.approx([85 / 0.145, 95 / 0.135])


def test_persons_at_the_price_of_a_year_and_the_municipal_share_cost_what_is_printed():
    for one in (BUDGET, baselines.accounts("159")):
        there = one.persons[:, 0] * (one.price_kr[:, 0] > 0)
        paid = there * one.price_kr[:, 0] * one.share / 1000
        assert paid[there > 0] == pytest.approx(one.net_tkr[there > 0, 0])


def test_fleksjob_and_ledighedsydelse_cost_their_rate_and_the_rest_what_closes_the_count():
    level = BUDGET.price_kr[:, 0] / np.maximum(frame.prices_on(BUDGET.lines, "2017-06-30")[0], 1)
    told = dict(zip(BUDGET.rows, level, strict=True))
    assert told["Fleksjob"] == pytest.approx(1) and told["Ledighedsydelse"] == pytest.approx(1)
    assert told["Kontanthjælp"] == pytest.approx(told["Ressourceforløb"]) and told["Kontanthjælp"] > 1.1
    assert told["Sygedagpenge"] == pytest.approx(1, abs=0.01)  # which is why 6 pct. a week is assumed


def test_the_exit_rate_of_dagpenge_is_that_of_the_minutes():
    told = load("minutes_2020.covid").set_index("row")["value"]
    weeks = 143 / 7  # 12 March to 2 August
    mean = told["dagpenge_stock"] - told["dagpenge_rise"] / 2
    assert told["dagpenge_outflow"] / weeks / mean == pytest.approx(0.045, abs=0.0005)
    assert frame.exit_rates(BUDGET.lines)[DAGPENGE] == pytest.approx(0.045 * 0.7)  # 30 pct. of them return


@pytest.mark.parametrize("rate", [0.02, 0.2])
def test_the_share_in_balance_is_that_of_a_stock_followed_week_by_week(rate):
    persons = stock(np.full(800, 10.0), rate)[-1:]
    total = split(persons, 1000.0, [[20, 60, 60, 70, 80]]).total_kr
    share = frame.in_balance(rate) @ [0.2, 0.6, 0.6, 0.7, 0.8]
    assert total["municipality"] / total["gross"] == pytest.approx(share, abs=1e-5)


def test_the_share_in_balance_by_hand_when_half_leave_each_week():
    held = [1 - 2.0**-4, 2.0**-4 - 2.0**-8, 2.0**-8 - 2.0**-26, 2.0**-26 - 2.0**-52, 2.0**-52]
    assert frame.in_balance(0.5) == pytest.approx(held, abs=1e-15)
    assert frame.in_balance([0.0, 1.0]).tolist() == [[0, 0, 0, 0, 1], [1, 0, 0, 0, 0]]


def test_who_stood_off_the_ladder_keeps_the_refund_of_before(own):
    # fleksjob: 20 pct. on the ladder, 80 pct. at 35 pct. municipal; ledighedsydelse: 15 pct. active at 50, the rest at 70
    paid = dict(zip(BUDGET.rows, BUDGET.paid_pct, strict=True))
    steps = np.array([20, 60, 60, 70, 80])
    assert paid["Fleksjob"] == pytest.approx(0.2 * steps + 0.8 * 35)
    assert paid["Ledighedsydelse"] == pytest.approx(0.6 * steps + 0.4 * (0.15 * 50 + 0.85 * 70))
    assert paid["Kontanthjælp"] == pytest.approx(steps) and paid["Andet"].tolist() == [100.0] * 5
    assert [share_in_week("kontanthjaelp", week, "2017-06-30").value for week in (1, 5, 9, 27, 53)] == steps.tolist()
    of_2024 = own.paid_pct[own.rows.index("Fleksjob")]  # fleksjob and ledighedsydelse together: by then a quarter
    assert of_2024 == pytest.approx(0.75 * steps + 0.25 * 35)


def test_the_refund_of_before_is_that_of_the_last_day_before_the_ladder():
    # at the end of 2015: dagpenge nothing in the first four weeks, sygedagpenge nothing, then 50, 70 and all after a year
    lines = frame.Line("a", "dagpenge"), frame.Line("b", "sygedagpenge")
    paid = frame.paid_on(lines, "2017-06-30", 0.0, np.ones(2))[0]
    assert paid.tolist() == [[0, 70, 70, 70, 70], [0, 50, 70, 70, 100]]


def test_active_before_2016_is_company_and_education_of_the_plan(own):
    assert BUDGET.active == pytest.approx((12 + 3) / 100) and BUDGET.activated == 0.38
    assert frame.ASSUMED["active"]["pct"][0] == 15 == 100 * own.active  # stands for other municipalities


def test_pass_through_is_the_slope_of_yearly_changes_and_its_standard_error_by_least_squares():
    pct = yearly("gross_unemployment_pct")
    country, area = (pct[code].loc[2007:2022].dropna() for code in ("000", "151"))
    fitted = OLS(area.loc[country.index].diff().dropna(), add_constant(country.diff().dropna())).fit()
    slope, error = fitted.params.iloc[1], fitted.bse.iloc[1]
    assert baselines.pass_through().loc["151"].tolist() == pytest.approx([slope, error])
    assert frame.ASSUMED["change"]["pass_through"]["base"] == BUDGET.pass_through == round(slope, 2)


def test_every_assumption_has_a_range_around_it_and_a_reason_in_two_languages():
    for name, told in frame.BENEFITS.items():
        for key in ("exit_pct", "returning_pct", "off_ladder_pct"):
            value, low, high = told[key]
            assert low <= value <= high, (name, key)
        assert len(told["reason"]) == len(told["words"]) == 2, name
    for name, told in frame.ASSUMED["change"].items():
        assert told["low"] <= told["base"] <= told["high"], name
        assert len(told["unit"]) == len(told["words"]) == len(told["reason"]) == 2, name


def test_a_municipality_s_accounts_are_its_baseline(own):
    costs = load("regk31").query("area == '151' and year == 2024").set_index("function")["kr_per_inhabitant"]
    people = load("folk1a").query("area == '151' and quarter == '2024Q3'")["persons"].item()
    first = dict(zip(own.rows, own.net_tkr[:, 0], strict=True))
    assert first["Dagpenge"] == pytest.approx(costs["5.57.78"] * people / 1000)
    share = own.share[own.rows.index("Kontant- og uddannelseshjælp")]
    assert first["Kontant- og uddannelseshjælp"] == pytest.approx(costs["5.57.73"] * people / 1000 * share)
    share = own.share[own.rows.index("Fleksjob")]  # told before refund too; pension and effort are told as paid
    assert first["Fleksjob"] == pytest.approx(costs["5.58.81"] * people / 1000 * share)
    for row, function in (("Førtidspension fra 1. juli 2014", "5.48.66"), ("Beskæftigelsesindsats", "5.68.90")):
        assert first[row] == pytest.approx(costs[function] * people / 1000)
    months = load("jobindsats_monthly").query("area == '151' and month.str.startswith('2024')")
    persons = months.groupby("measure")["value"].mean()
    assert own.persons[0, 0] == pytest.approx(persons["gross_unemployed_dagpenge"])
    assert own.persons[1, 0] == pytest.approx(persons["kontanthjaelp_fulltime_persons"])
    among = persons[["gross_unemployed_dagpenge", "gross_unemployed_kontanthjaelp"]]
    assert own.cyclical[:2] == pytest.approx((among / among.sum()).to_numpy())
    force = persons["gross_unemployed"] / persons["gross_unemployed_pct_labour_force"] * 100
    assert own.labour_force == pytest.approx(force)
    assert own.activated == pytest.approx(persons["kontanthjaelp_activated_share_pct"] / 100)
    assert own.inhabitants == people
    assert own.years == (2024, 2025, 2026, 2027, 2028) and own.status == ("R", "F", "F", "F", "F")


def test_a_line_the_accounts_do_not_show_has_none_of_their_functions(own):
    told = {line.row: line.function for line in own.lines}
    assert [row for row, function in told.items() if not function] == [
        "Sygedagpenge",
        "Ressourceforløb",
        "Integrationsydelse",
    ]
    assert set(told.values()) - {""} <= set(load("regk31")["function"])


def test_a_baseline_of_earlier_accounts_knows_those_and_the_persons_of_then():
    read = baselines._until(2023, load)
    assert read("jobindsats_revisions").empty and read("folk1a").equals(load("folk1a"))
    assert (read("regk31")["year"].max(), read("jobindsats_monthly")["month"].max()) == (2023, "2023M12")


@pytest.mark.parametrize(
    ("table", "period", "number", "moved"),
    [
        ("regk31", "year", "kr_per_inhabitant", ()),
        ("jobindsats_monthly", "month", "value", ()),
        ("jobindsats_revisions", "month", "value_after", ()),
        ("aup02", "year", "pct", ()),  # the country's series, which it is held against, ends in 2022
        ("folk1a", "quarter", "persons", ("net_tkr", "persons", "spread_tkr")),
        ("satsregulering", "year", "benefit_rise_pct", ("persons", "price_kr")),
    ],
)
def test_earlier_accounts_are_carried_ahead_by_what_was_counted_then_and_inhabitants_and_regulation_of_today(
    table, period, number, moved
):
    def later_doubled(name, *args, **kwargs):
        rows = load(name, *args, **kwargs)
        if name == table:
            later = rows[period].astype(str).str[:4] > "2022"
            rows = rows.assign(**{number: rows[number].mask(later, 2 * rows[number])})
        return rows

    then, other = (baselines.accounts("151", 2022, read) for read in (load, later_doubled))
    changed = [f.name for f in fields(then) if not np.array_equal(getattr(then, f.name), getattr(other, f.name))]
    assert tuple(changed) == moved
    assert np.array_equal(then.net_tkr[:, 0], other.net_tkr[:, 0])  # what is closed stays


def test_the_accounts_of_a_year_are_refunded_by_the_rules_of_its_30_june(monkeypatch):
    told = []
    for r in rates._read():  # as if the municipality's share were 2 points larger from 1 July 2023
        if r.name == "refusion_municipal_share" and r.valid_to is None:
            told += [replace(r, valid_to=date(2023, 6, 30)), replace(r, valid_from=date(2023, 7, 1), value=r.value + 2)]
        else:
            told.append(r)
    dearer = {None: 2, 2023: 0}  # points, by the last accounts: those of 2024 unless told
    before = {last: baselines.accounts("151", last).paid_pct for last in dearer}
    monkeypatch.setattr(rates, "_read", lambda: tuple(told))
    for last, points in dearer.items():
        now = baselines.accounts("151", last).paid_pct
        assert now[0] - before[last][0] == pytest.approx(np.full(5, points)), last  # dagpenge


def test_an_own_budget_is_refunded_by_the_rules_of_its_first_year():
    """Until the reform of 2016 the share of kontanthjælp was the same in every week; since then it rises by steps."""
    table = OWN.assign(benefit=OWN["benefit"].replace("dagpenge", "kontanthjaelp"))
    before, after = (baselines.own(table.assign(year=table["year"] - by)).paid_pct[0] for by in (11, 10))
    assert np.ptp(before) == pytest.approx(0) and np.ptp(after) > 1


def test_a_baseline_tells_its_prices_its_source_and_the_rates_it_rests_on(tmp_path, monkeypatch, own):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "budget.csv").write_text(
        "linje;ydelse;B2027 (1.000 kr.);BO2028 (1.000 kr.)\nDagpenge;dagpenge;100;110\n\nLøst anslået;;;\n",
        encoding="utf-8",
    )
    mine = baselines.baseline("own")
    told = {
        BUDGET: ("budget_2017", "2017", "budget_2017.frame_2002"),
        own: ("accounts", "current", "StatBank REGK31, jobindsats"),
        mine: ("own", "own", "BALLERUP_LOCAL/budget"),
    }
    for one, wanted in told.items():
        assert (one.name, one.price_level, one.source) == wanted
        assert len(one.rates) > 7 and all(isinstance(rate, rates.Rate) for rate in one.rates)
    assert [one.text for one in mine.unread] == ["Løst anslået"] and own.unread == ()


def test_an_own_budget_alone_is_unreconciled_where_no_total_of_the_file_is_of_its_amounts(tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    rows = "linje;ydelse;B2027 (1.000 kr.);BO2028 (1.000 kr.)\nDagpenge;dagpenge;100;110\n"
    for total, weak in (("", True), ("I alt;;100;\n", True), ("I alt;;100;110\n", False)):
        (tmp_path / "budget.csv").write_text(rows + total, encoding="utf-8")
        assert baselines.baseline("own").unreconciled == weak
    assert not BUDGET.unreconciled and not baselines.baseline("accounts").unreconciled


def test_the_pass_through_of_a_baseline_has_two_decimals_and_the_sickness_case_is_that_of_2017(monkeypatch):
    told = pd.DataFrame({"slope": 0.8049}, index=municipalities())
    monkeypatch.setattr(baselines, "pass_through", lambda read: told)
    frames = (baselines.budget_2017(), baselines.accounts("159"), baselines.own(OWN, "159"))
    assert [(one.pass_through, one.promised) for one in frames] == [(0.8, 170), (0.8, 0), (0.8, 0)]


def test_the_pass_through_of_accounts_is_the_municipality_s_own():
    slopes = baselines.pass_through()["slope"].round(2)
    found = {area: one.pass_through for area, one in baselines.accounts_of(["151", "265"]).items()}
    assert found == {"151": slopes["151"], "265": slopes["265"]} == {"151": 0.8, "265": 0.72}


@pytest.mark.parametrize(
    ("net_tkr", "counted", "rate_kr", "share", "persons", "price_kr"),
    [
        (100, np.nan, 200_000, 0.5, 1, 200_000),  # not counted: as many as the rate implies
        (100, np.nan, 0, 0.5, 0, 0),  # without a rate, too, nothing is implied
        (100, 0.5, 200_000, 0.5, 0.5, 400_000),  # counted: what they cost
        (100, 0.5, 0, 0.5, 0.5, 400_000),
        (100, 0, 200_000, 0.5, 0, 200_000),  # nobody: the rate
    ],
)
def test_persons_are_those_counted_or_those_the_rate_implies(net_tkr, counted, rate_kr, share, persons, price_kr):
    given = (np.array([float(one)]) for one in (net_tkr, counted, rate_kr, share))
    assert [one.item() for one in baselines._persons_and_price(*given)] == pytest.approx([persons, price_kr])


def test_a_line_without_a_rate_has_the_persons_of_the_printed_unit_price_and_no_price_of_its_own():
    rate, unit_tkr = frame.prices_on(BUDGET.lines, "2017-06-30")[0], frame.units().loc[2017].iloc[1]
    without = [
        i for i, one in enumerate(BUDGET.lines) if one.kind == "benefit" and not rate[i] and one.row != "Integration"
    ]
    assert without and BUDGET.persons[without, 0] == pytest.approx(BUDGET.net_tkr[without, 0] / unit_tkr)
    assert (BUDGET.price_kr[without] == 0).all()


def test_the_years_ahead_are_the_medians_of_the_forecast_and_the_spread_its_quantiles(own):
    forecast = accounts.ahead("151").query("function == '5.57.78'").pivot_table("mio_kr", "quantile", "year") * 1000
    assert own.net_tkr[0, 1:] == pytest.approx(forecast.loc[0.5].to_numpy())
    assert own.spread_tkr[:, 0, 1:] == pytest.approx(forecast.to_numpy())
    assert own.spread_tkr[:, 0, 0] == pytest.approx(np.full(len(forecast), own.net_tkr[0, 0]))


def test_amounts_ahead_are_whole_ore_and_persons_whole_millionths_so_that_every_processor_agrees(own):
    for told, digits in ((own.spread_tkr, 5), (own.net_tkr, 5), (own.persons, 6)):
        assert np.array_equal(told, told.round(digits)) and not np.array_equal(told, told.round(digits - 1))


def test_what_jobindsats_has_no_row_of_is_nobody():
    def without(name, *args, **kwargs):
        table = load(name, *args, **kwargs)
        if name != "jobindsats_monthly":
            return table
        return table[~((table["area"] == "741") & (table["measure"] == "gross_unemployed_kontanthjaelp"))]

    samso = baselines.accounts("741", read=without)
    assert samso.cyclical[0] == 1 and samso.cyclical.sum() == 1


def test_a_person_costs_more_each_year_by_what_benefits_rise(own):
    rises = load("satsregulering").set_index("year")["benefit_rise_pct"]
    assert own.price_kr[0, 1] / own.price_kr[0, 0] == pytest.approx(1 + rises[2025] / 100)
    assert own.price_kr[0, 2] / own.price_kr[0, 1] == pytest.approx(1 + rises[2026] / 100)


def test_a_benefit_whose_persons_are_not_counted_costs_the_rate_of_2017_and_its_rises_since(own):
    i = own.rows.index("Fleksjob")
    rises = 1 + load("satsregulering").set_index("year")["benefit_rise_pct"].loc[2018:2024] / 100
    price = frame.prices_on(own.lines, "2017-06-30")[0][i] * rises.prod()
    assert price > 100_000 and own.price_kr[i, 0] == pytest.approx(price)
    assert own.persons[i, 0] == pytest.approx(own.net_tkr[i, 0] * 1000 / (price * own.share[i]))


def test_dagpenge_costs_what_the_ladder_says_in_every_municipality():
    # the account ÷ persons ÷ the municipality's share is a full year at the highest rate, 20.359 kr. a month
    level = [f.price_kr[0, 0] / (20_359 * 12) for f in baselines.accounts_of().values()]
    assert len(level) == 98 and np.median(level) == pytest.approx(1, abs=0.02) and np.std(level) < 0.05


def test_an_older_vintage_has_the_years_and_the_persons_of_its_own_year():
    old = baselines.baseline("accounts 2022", "Ballerup")
    assert old.years == (2022, 2023, 2024, 2025, 2026) and old.name == "accounts 2022"
    months = load("jobindsats_monthly").query("area == '151' and month.str.startswith('2022')")
    persons = months.query("measure == 'gross_unemployed_dagpenge'")["value"].mean()
    assert old.persons[0, 0] == pytest.approx(persons)


def test_a_line_is_found_by_its_benefit_and_stands_on_the_ladder_if_it_has_one():
    assert BUDGET.row_of("dagpenge") == BUDGET.rows[DAGPENGE] and BUDGET.row_of("Andet") == "Andet"
    assert BUDGET.row_of("") == ""  # no line, though some pay no benefit
    off = [row for row, on in zip(BUDGET.rows, BUDGET.on_ladder, strict=True) if not on]
    assert off[:3] == ["Revalidering", "Seniorjob", "Forsørgelse andet"] and len(off) == 7
    gross, rates = frame.prices_on(BUDGET.lines, "2017-06-30")
    alone = [part[BUDGET.rows.index("Andet")] for part in (gross, frame.exit_rates(BUDGET.lines), BUDGET.off_ladder)]
    assert alone == [0, 0, 0] and len(rates) == 7  # a rate for each on the ladder, none for the others
    assert BUDGET.share[BUDGET.rows.index("Andet")] == 1


def test_the_rates_of_before_the_ladder_are_used_where_someone_stood_there_alone():
    for off, both in ((0.0, False), (0.8, True), (1.0, True)):
        used = frame.paid_on((frame.Line("x", "fleksjob"),), "2017-06-30", 0.15, np.array([off]))[1]
        old = [one for one in used if one.valid_to and one.valid_to < date(2017, 6, 30)]
        assert bool(old) == both and (len(old) < len(used)) == (off < 1)


def test_the_hash_changes_with_any_number_and_with_nothing_else(own):
    assert baselines.budget_2017().hash == BUDGET.hash != own.hash and len(BUDGET.hash) == 12
    for change in ({"net_tkr": BUDGET.net_tkr + 1e-6}, {"exit_rate": BUDGET.exit_rate * 1.01}, {"years": (1, 2, 3, 4, 5)},
                   {"pass_through": 0.7}, {"lines": BUDGET.lines[::-1]}):  # fmt: skip
        assert replace(BUDGET, **change).hash != BUDGET.hash
    unread = (Unread("Ark1", "a picture", ""),)
    for told in ({"source": "another"}, {"rates": ()}, {"unreconciled": True}, {"unread": unread}, {"is_named": True}):
        assert replace(BUDGET, **told).hash == BUDGET.hash, told
    for what in ({"function": "x"}, {"kind": "x"}, {"benefit": "x"}):  # what a line is: its movement, price and payer
        lines = (*BUDGET.lines[:-1], replace(BUDGET.lines[-1], **what))
        assert replace(BUDGET, lines=lines).hash != BUDGET.hash, what


def test_the_hash_changes_with_a_number_in_any_field(own):
    told = {one.name: np.asarray(getattr(own, one.name)) for one in fields(own)}
    numbers = {name: values for name, values in told.items() if values.dtype.kind in "if" and name != "unread"}
    assert len(numbers) == 15 and {"off_ladder", "spread_tkr", "paid_pct", "active", "inhabitants"} <= {*numbers}
    for name, values in numbers.items():
        other = values.astype(float)
        other.flat[-1] += 1e-6
        assert replace(own, **{name: other if other.ndim else other.item()}).hash != own.hash, name


def test_beyond_the_published_index_other_prices_rise_as_benefits_do():
    level = frame.uprating([2021, 2022, 2023, 2024])
    rise = level / level.shift()
    assert rise.loc[2022, "other"] == pytest.approx(1.043)  # the last one published
    assert rise["other"][[2023, 2024]].tolist() == pytest.approx(rise["benefits"][[2023, 2024]].tolist())
    assert level.index.tolist() == [2021, 2022, 2023, 2024]
    # 22.041 kr. a month in 2026, a year after which none is published
    assert frame.uprating([2026]).loc[2026, "benefits"] == pytest.approx(22_041 / 18_403)


def test_an_index_and_the_rates_of_the_budget_are_those_of_30_june(monkeypatch):
    level, price = frame.uprating(range(2017, 2025)), BUDGET.price_kr
    told = []
    for r in rates._read():  # as if every rate of a calendar year held from April to September alone
        if r.valid_from and (r.valid_from.month, r.valid_from.day) == (1, 1) and r.name != "refusion_municipal_share":
            ends = r.valid_to and r.valid_to.replace(month=9, day=30)
            r = replace(r, valid_from=r.valid_from.replace(month=4), valid_to=ends)
        told.append(r)
    monkeypatch.setattr(rates, "_read", lambda: tuple(told))
    assert frame.uprating(range(2017, 2025)).equals(level)
    assert np.array_equal(baselines.budget_2017().price_kr, price)


def test_uprating_is_the_published_maximum_of_dagpenge():
    # 18.403 kr. a month in 2017 and 19.083 in 2020; the state's index 1,9, 1,3 and 1,1 pct.
    level = frame.uprating([2017, 2020])
    assert level.loc[2017].tolist() == [1.0, 1.0]
    assert level.loc[2020, "benefits"] == pytest.approx(19083 / 18403)
    assert level.loc[2020, "other"] == pytest.approx(1.019 * 1.013 * 1.011)


def test_paths_are_what_the_accounts_did_less_the_middle():
    paths = frame.past_paths(frame.LINES)
    assert np.abs(np.median(paths, axis=0)).max() < 1e-12
    first, second = municipalities()[:2]  # both are in every series, so theirs are the first two paths, from 2016
    wide = load("regk31").pivot_table("kr_per_inhabitant", ["function", "year"], "area")
    for row, function in (("Kontanthjælp", "5.57.73"), ("Ledighedsydelse", "5.58.81"), ("Aktivering", "5.68.90")):
        logs = np.log(wide.loc[function, [first, second]])
        moved = logs.loc[2017:2020] - logs.loc[2016]
        column = [line.row for line in frame.LINES].index(row)
        assert paths[0, :, column] - paths[1, :, column] == pytest.approx((moved[first] - moved[second]).to_numpy())
    assert (paths[..., [line.kind == "other" for line in frame.LINES]] == 0).all()
    # a line without a function of its own moves as kontanthjælp, dagpenge, fleksjob and ledighedsydelse together
    together = np.log(sum(wide.loc[function, [first, second]] for function in ("5.57.73", "5.57.78", "5.58.81")))
    moved = together.loc[2017:2020] - together.loc[2016]
    for row in ("Sygedagpenge", "Revalidering", "Ressourceforløb"):
        column = [line.row for line in frame.LINES].index(row)
        assert paths[0, :, column] - paths[1, :, column] == pytest.approx((moved[first] - moved[second]).to_numpy())


def test_each_line_moves_as_the_function_its_benefit_is_booked_on():
    of = {line.row: line.function for line in BUDGET.lines if line.function}
    assert {name: of[name] for name in BUDGET.rows if name in of} == {
        "Kontanthjælp": "5.57.73",
        BUDGET.rows[DAGPENGE]: "5.57.78",
        "Fleksjob": "5.58.81",
        "Ledighedsydelse": "5.58.81",
        "Aktivering": "5.68.90",
    }
    booked = {told["row"]: function for function, told in frame.ASSUMED["accounts"].items()}
    assert (booked["Dagpenge"], booked["Kontant- og uddannelseshjælp"], booked["Fleksjob"]) == (
        "5.57.78",
        "5.57.73",
        "5.58.81",
    )


def test_a_municipality_that_was_at_nought_is_left_out_of_that_origin_and_a_small_one_is_not():
    def read(name):
        table = load(name).astype({"kr_per_inhabitant": float})
        table.loc[table.eval("area == '159' and year == 2020 and function == '5.57.73'"), "kr_per_inhabitant"] = value
        return table

    paths = len(frame.past_paths(frame.LINES))
    value = 0.5
    assert len(frame.past_paths(frame.LINES, read)) == paths
    value = 0.0  # 2020 is the end of the first origin's path, in the middle of three others', and the last one's start
    assert len(frame.past_paths(frame.LINES, read)) == paths - 5


def test_the_fan_of_one_line_is_its_cost_times_the_quantiles_of_its_paths():
    line = "Kontanthjælp"
    cost, found = frame.expected().loc[line], frame.fan("fixed", (line,))
    column = [one.row for one in frame.LINES].index(line)
    high = np.quantile(np.exp(frame.past_paths(frame.LINES)[:, 3, column]), 0.9) * cost[2020]
    assert found.loc[2020, 0.9] == pytest.approx(high)
    assert found.loc[2024, 0.9] > found.loc[2020, 0.9]


def test_the_fan_over_years_five_to_eight_is_one_path_upon_another_every_pair():
    line = "Kontanthjælp"
    cost, found = frame.expected().loc[line], frame.fan("fixed", (line,))
    logs = frame.past_paths(frame.LINES)[..., [one.row for one in frame.LINES].index(line)]
    for year, after in ((2021, 0), (2024, 3)):
        pairs = np.exp(logs[:, None, 3] + logs[None, :, after]).ravel() * cost[year]
        assert found.loc[year].to_numpy() == pytest.approx(np.quantile(pairs, movement.QUANTILES))
    assert found.index.tolist() == list(range(2017, 2025)) and found.columns.tolist() == list(movement.QUANTILES)


def test_a_printed_frame_moves_as_a_path_does_and_after_four_years_one_upon_another_the_same_each_time():
    logs, paths = np.log(frame.factors(BUDGET)), frame.past_paths(BUDGET.movers)
    assert len(logs) == 8 * len(paths)  # each path with eight others, in turn
    pairs = np.random.default_rng(0).permutation(np.tile(np.arange(len(paths)), 8))
    near = np.tile(paths, (8, 1, 1))
    assert logs[:, :4] == pytest.approx(near)
    assert logs[:, 4] == pytest.approx(near[:, 3] + near[pairs, 0])


def test_years_of_accounts_do_not_move():
    begun = replace(BUDGET, status=("R", "R", "B", "BO", "BO"))
    found = frame.factors(begun)
    assert (found[:, :2] == 1).all() and found.shape == frame.factors(BUDGET).shape
    assert found[:, 2:] == pytest.approx(frame.factors(BUDGET)[:, :3])


@pytest.mark.parametrize(
    ("status", "still", "start"),
    [
        (BUDGET.status, (2017, 2018, 2019, 2020, 2021), 2018),
        (("R", "B", "B", "BO", "BO"), (2018, 2019, 2020, 2021), 2018),
        (("R", "R", "B", "BO", "BO"), (2019, 2020, 2021), 2019),
        (("R",) * 5, (2017, 2018, 2019, 2020, 2021), 2018),
    ],
)
def test_a_change_starts_in_the_second_year_or_the_first_one_open_after_it(status, still, start):
    begun = replace(BUDGET, status=status)
    assert (begun.open_years, begun.start) == (still, start)


def test_lines_without_caseload_do_not_move():
    rows = ("Jobcenter løn og drift",)
    assert (frame.fan("fixed", rows).to_numpy() == frame.expected().loc[list(rows)].T.to_numpy()).all()


def test_current_prices_are_fixed_prices_times_the_level_of_each_kind():
    ratio = frame.expected("current") / frame.expected("fixed")
    level = frame.uprating([2024])
    assert ratio.loc["Kontanthjælp", 2024] == pytest.approx(level["benefits"].item())
    assert ratio.loc["Jobcenter løn og drift", 2024] == pytest.approx(level["other"].item())


def test_factors_give_each_line_the_quantiles_of_its_forecast_and_move_lines_as_the_accounts_do(own):
    found = frame.factors(own)
    for i in (0, 1, 4):
        wanted = own.spread_tkr[:, i, 3] / own.net_tkr[i, 3]
        assert np.quantile(found[:, 3, i], movement.QUANTILES) == pytest.approx(wanted, rel=0.01)
        middle = (np.arange(2048) + 0.5) / 2048  # each draw stands for a 2048th
        assert np.sort(found[:, 3, i]) == pytest.approx(np.interp(middle, movement.QUANTILES, wanted))
    assert (found[:, 0] == 1).all() and (found[..., 5:] == 1).all()
    drawn = movement.changes(movement.history(load("regk31")), np.full((5, 1), 3))[:, 2, :, 0]
    at = movement.history(load("regk31")).functions
    ranks = [drawn[:, at.index(f)].argsort().argsort() for f in ("5.57.78", "5.57.73")]
    mine = [found[:, 3, i].argsort().argsort() for i in (0, 1)]
    assert np.corrcoef(*mine)[0, 1] == pytest.approx(np.corrcoef(*ranks)[0, 1], abs=0.1)


def test_in_each_year_ahead_a_line_is_dearer_in_the_draws_where_the_accounts_of_that_year_are(own):
    past, found = movement.history(load("regk31")), frame.factors(own)
    drawn = movement.changes(past, np.tile(np.arange(1, 5), (5, 1)))[:, movement.CANDIDATES.index("movement")]
    for i, line in enumerate(own.lines[:4]):
        for y in range(4):
            cheapest_first = drawn[:, past.functions.index(line.function), y].argsort()
            assert (np.diff(found[cheapest_first, y + 1, i]) >= 0).all(), (line.row, y)


def test_the_spread_around_older_accounts_rests_on_no_account_of_a_later_year(own):
    def only(name):
        return load(name).query("year <= 2022")

    older = replace(own, years=tuple(range(2022, 2027)))
    assert np.array_equal(frame.factors(older), frame.factors(older, only))
    assert not np.array_equal(frame.factors(older), frame.factors(own))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: frame.expected("nominal"), "fixed or current"),
        (lambda: frame.in_balance(1.2), "between 0 and 1"),
        (lambda: frame.in_balance([0.5, 1.2]), "between 0 and 1"),
        (lambda: baselines.accounts("000"), "Hele landet: no accounts here"),
        (lambda: baselines.accounts("999"), "no area '999'"),
        (lambda: baselines.accounts("151", 2099), "no accounts of 2099; there are those of 2016 to 2024"),
        (lambda: baselines.accounts("151", 2010), "no accounts of 2010; there are those of 2016 to 2024"),
        (
            lambda: baselines.accounts("151", 2021),
            "Ballerup: no persons of 2021 are counted; those of whole years begin in 2022",
        ),
        (lambda: baselines.accounts_of(last=2021), "^København, Frederiksberg, Dragør: no persons of 2021"),
        (lambda: baselines.baseline("budget_2017", 159), "printed for Ballerup alone; for Gladsaxe there are accounts"),
        (lambda: baselines.baseline("budget 2017"), "no baseline 'budget 2017'; there are accounts"),
        (lambda: baselines.baseline("accounts 2022 all"), "no baseline 'accounts 2022 all'; there are accounts"),
    ],
)
def test_bad_input_says_what_would_be_right(call, says):
    with pytest.raises(DataError, match=says):
        call()


OWN = pd.DataFrame(
    [(line, year, 1000.0 * i + year, "tkr", benefit)
     for i, (line, benefit) in enumerate((("Dagpenge", "dagpenge"), ("Aktivering", "activation"), ("Løn", "other")), 1)
     for year in (2026, 2027, 2028)],
    columns=["line", "year", "amount", "unit", "benefit"],
)  # fmt: skip


def test_a_budget_of_one_s_own_is_a_baseline_like_any_other():
    found = baselines.own(OWN, "Gladsaxe")
    assert found.years == (2026, 2027, 2028) and found.rows[:3] == ("Dagpenge", "Aktivering", "Løn")
    assert found.net_tkr[:3].ravel().tolist() == OWN["amount"].tolist() and (found.net_tkr[3:] == 0).all()
    assert [line.kind for line in found.lines[:3]] == ["benefit", "activation", "other"]
    assert "Sygedagpenge" in found.rows and found.cyclical.sum() == pytest.approx(1)
    # at the rate of 2017 and the regulation since, 220.836 kr. a year and the share of the ladder
    rise = np.prod(1 + load("satsregulering").query("2018 <= year <= 2026")["benefit_rise_pct"] / 100)
    price = 220_836 * rise
    assert found.persons[0, 1] == pytest.approx((1000 + 2027) * 1000 / (price * found.share[0]))
    counted = baselines.own(OWN.assign(persons=OWN["benefit"].map({"dagpenge": 20.0})), "Gladsaxe")
    assert counted.persons[0].tolist() == [20] * 3
    assert counted.price_kr[0] * counted.share[0] == pytest.approx(counted.net_tkr[0] * 1000 / 20)
    for unit, factor in (("kr", 1000), ("mio_kr", 0.001)):
        same = baselines.own(OWN.assign(amount=OWN["amount"] * factor, unit=unit), "159")
        assert same.net_tkr == pytest.approx(found.net_tkr)
    assert (frame.factors(found)[:, :, 2] == 1).all() and frame.factors(found)[:, :, 0].std() > 0


def test_the_persons_of_each_year_of_a_budget_of_one_s_own_are_those_of_that_year():
    counted = {2026: 1000.0, 2027: 900.0, 2028: 800.0}
    rows = [("Kontanthjælp", year, 70_000.0, "tkr", "kontanthjaelp", persons) for year, persons in counted.items()]
    found = baselines.own(pd.DataFrame(rows, columns=["line", "year", "amount", "unit", "benefit", "persons"]))
    assert found.persons[0].tolist() == [1000, 900, 800]
    assert found.price_kr[0] * found.share[0] == pytest.approx([70_000, 70_000 / 0.9, 70_000 / 0.8])


def test_a_budget_file_is_read_from_data_local_and_its_absence_told(tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    with pytest.raises(DataError, match="no budget of your own with figures in it: put one in BALLERUP_LOCAL/budget"):
        baselines.baseline("own", "159")
    rows = [f"{r.line};{r.year};{r.amount:g};{r.benefit}".replace(".", ",") for r in OWN.itertuples()]
    text = "\n".join(["Linje;År;Beløb (1.000 kr.);Ydelse", *rows]).replace(";dagpenge", ";Dagpenge")
    (tmp_path / "budget.csv").write_text(text, encoding="utf-8")
    found = baselines.baseline("own", "159")
    assert found.net_tkr == pytest.approx(baselines.own(OWN, "159").net_tkr) and found.name == "own"
    assert found.lines == baselines.own(OWN, "159").lines and found.status == ("B", "B", "B")


def test_every_line_that_does_not_tell_what_it_pays_is_told_at_once_with_file_and_row(tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    text = "Post (mio. kr.);Ydelse;B2027;BO2028\nLedighedsydelse;;1;1\nLøn;løn;2;2,5\nHjælp;Kontanthjælp;4,1;4,1\n"
    (tmp_path / "budget.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as error:
        baselines.baseline("own", "159")
    first, *told = str(error.value).splitlines()
    assert first.startswith(
        "budget.csv: 2 lines do not tell what is paid; write it in a column 'ydelse', one of dagpenge"
    )
    assert told == [
        "  row 2, line 'Ledighedsydelse': nothing stands there; it may be ledighedsydelse",
        "  row 3, line 'Løn': 'løn' stands there",
    ]
    table = _with([("Løn", 2029, 1.0, "tkr", "dagpenge")])
    with pytest.raises(DataError, match="line 'Løn': 'andet' and 'dagpenge' stand there"):
        baselines.own(table)


def test_the_inhabitants_of_a_baseline_are_the_municipality_s_own():
    told = load("folk1a").set_index(["quarter", "area"])["persons"]
    assert (told["2024Q3", "151"], told["2024Q3", "159"]) == (52_103, 70_902)
    assert [baselines.accounts(area).inhabitants for area in ("151", "159")] == [52_103, 70_902]
    every = {code: one.inhabitants for code, one in baselines.accounts_of().items()}
    assert (every["151"], every["159"], every["825"]) == (52_103, 70_902, told["2024Q3", "825"])


def test_a_change_of_a_benefit_that_several_lines_pay_names_the_lines():
    two = OWN.assign(benefit=OWN["benefit"].replace("activation", "dagpenge"))
    frame_ = baselines.own(two)
    told = "price_pct of 'dagpenge' may be of any of Dagpenge, Aktivering; name the line"
    with pytest.raises(ScenarioError, match=told):
        cost((Change("price_pct", 3, row="dagpenge"),), frame_)
    assert cost((Change("price_pct", 3, row="Aktivering"),), frame_).own_tkr.sum() > cost((), frame_).own_tkr.sum()


def test_a_baseline_has_one_status_a_year():
    assert baselines.own(OWN).status == ("B", "B", "B")
    with pytest.raises(DataError, match="2027 has lines of the statuses F and B; a baseline has one status a year"):
        baselines.own(OWN.assign(status=["F" if n == 1 else "B" for n in range(len(OWN))]))
    statuses = OWN["year"].map({2026: "R", 2027: "B", 2028: "BO"})
    assert baselines.own(OWN.assign(status=statuses)).status == ("R", "B", "BO")


@pytest.mark.parametrize("lines", [1, 40, 42])
def test_forty_lines_without_a_benefit_are_told_in_the_order_of_the_file_each_with_its_first_row(lines):
    names = [f"linje {n}" for n in reversed(range(lines))]
    table = pd.DataFrame({"line": np.repeat(names, 2)[: 2 * lines - 1], "benefit": "", "file": "b.csv"})
    with pytest.raises(DataError) as error:
        benefits.with_benefits(table.assign(file_line=range(2, 2 * lines + 1)))
    first, *told = str(error.value).splitlines()
    assert first.startswith(f"b.csv: {lines} line{'s do' if lines > 1 else ' does'} not tell what is paid; write it in")
    whole = [f"  row {2 * n + 2}, line {name!r}: nothing stands there" for n, name in enumerate(names)]
    assert told == whole[:40] + ["  and 2 more"] * (lines == 42)


@pytest.mark.parametrize(
    ("told", "code"),
    [("Kontanthjælp", "kontanthjaelp"), ("RESSOURCEFORLØB", "ressourceforloeb"), ("ressourceforloeb", "ressourceforloeb"),
     ("Forsørgelse", "forsoergelse"), ("Førtidspension", "forsoergelse"), ("Foertidspension", "forsoergelse"), ("(andet)", "other"), ("Fleksjob- og ledighedsydelse", "fleksjob_ledighedsydelse"),
     ("Fleksjob og ledighedsydelse", "fleksjob_ledighedsydelse"), ("fleksjob", "fleksjob"), ("Aktivering", "activation"),
     ("activation", "activation"), ("Andet", "other"), ("other", "other"), ("andet godt", "andet godt"), ("", "")],
)  # fmt: skip
def test_a_benefit_is_known_as_people_write_it_and_by_its_code(told, code):
    assert benefits.benefit_of(told) == code


@pytest.mark.parametrize(
    ("line", "code"),
    [("Fleksjob og ledighedsydelse mv.", "fleksjob_ledighedsydelse"), ("Fleksjob, løntilskud", "fleksjob"),
     ("Activation of the young", "activation"), ("Other", ""), ("Andet", ""), ("Løn", "")],
)  # fmt: skip
def test_the_longest_name_that_stands_in_a_line_is_suggested(line, code):
    assert benefits.suggest(line) == code


def test_what_may_be_written_of_a_line_stands_in_the_template_and_the_readme():
    about = own_kinds.KINDS["budget"]["columns"]["benefit"]["about"]
    readme = (DATA / "local/README.md").read_text(encoding="utf-8")
    for name in (*benefits.DANISH.values(), "førtidspension"):
        assert name in about and name in " ".join(readme.split()) and name in benefits.WRITTEN, name


def in_mio_kr(*lines):
    """Return a budget of two years in mio. kr. with the same amounts in both."""
    benefits = ("dagpenge", "activation", "other", "other")
    rows = [(f"Linje {n}", year, one, "mio_kr", benefits[n]) for n, one in enumerate(lines) for year in (2026, 2027)]
    return pd.DataFrame(rows, columns=OWN.columns)


@pytest.mark.parametrize(
    ("lines", "total"),
    [
        ((1.0, 0.6, 0.9), False),  # in mio. kr. half a unit is half a million
        ((1.6, 0.6, 0.9), True),  # 1,6 against 1,5: each rounded to 0,1
        ((1.7, 0.6, 0.9), False),  # the rounding of three amounts is 0,15 at most
        ((3.0, 1.0, 1.0), True),
        ((4.0, 1.0, 1.0), False),
        ((0.8, 0.2, 0.2, 0.6), True),  # 0,8 against 1,0: the rounding of four
        ((2.0, 1.0, 1.0, 1.0), True),
        ((5.0, 1.0, 1.0, 1.0), True),
        ((6.0, 1.0, 1.0, 1.0), False),
        ((1.0, 1.0), False),  # of two, neither is a total
    ],
)
def test_a_line_is_taken_for_a_total_within_the_rounding_of_the_amounts_as_typed(lines, total):
    if total:
        with pytest.raises(DataError, match="is the total of the others; leave it out"):
            baselines.own(in_mio_kr(*lines))
    else:
        found = baselines.own(in_mio_kr(*lines)).net_tkr[: len(lines)]
        assert found == pytest.approx(np.repeat(np.array(lines)[:, None] * 1000, 2, axis=1))


def test_a_line_that_is_the_sum_of_the_others_in_one_year_alone_is_no_total():
    table = in_mio_kr(3.0, 1.0, 2.0)
    table.loc[table["year"] == 2027, "amount"] = [5.0, 1.0, 2.0]
    assert baselines.own(table).net_tkr[:3].tolist() == [[3000, 5000], [1000, 1000], [2000, 2000]]


def test_an_own_budget_has_a_line_for_each_benefit_it_lacks_and_none_for_two_of_them_together():
    made = baselines.own(OWN[OWN["line"] == "Dagpenge"])
    told = [line.benefit for line in made.lines]
    assert sorted(told) == sorted({*frame.BENEFITS} - {"fleksjob_ledighedsydelse"})


def test_an_own_budget_has_at_most_five_hundred_lines():
    rows = [(f"line {n}", year, 1.5, "tkr", "other") for n in range(501) for year in (2026, 2027)]
    table = pd.DataFrame(rows, columns=["line", "year", "amount", "unit", "benefit"])
    assert len(baselines.own(table.iloc[:1000]).rows) >= 500
    with pytest.raises(DataError, match="has 501 lines; it may have 500"):
        baselines.own(table)


def test_the_municipality_of_an_own_budget_is_that_of_its_last_twelve_months():
    found, months = baselines.own(OWN, "Gladsaxe"), load("jobindsats_monthly").query("area == '159'")
    last = sorted(months["month"].unique())[-12:]
    assert last[0][4:] != last[-1][4:] and len(last) == 12
    mean = months[months["month"].isin(last)].groupby("measure")["value"].mean()
    assert found.labour_force == pytest.approx(
        mean["gross_unemployed"] / mean["gross_unemployed_pct_labour_force"] * 100
    )
    assert found.activated == pytest.approx(mean["kontanthjaelp_activated_share_pct"] / 100)
    among = mean[["gross_unemployed_dagpenge", "gross_unemployed_kontanthjaelp"]]
    told = dict(zip(found.rows, found.cyclical, strict=True))
    assert told["Dagpenge"] == pytest.approx(among.iloc[0] / among.sum())
    assert sorted(told.values())[-2:] == pytest.approx(sorted(among / among.sum()))
    assert sum(told.values()) == pytest.approx(1)
    assert found.pass_through == round(baselines.pass_through().loc["159", "slope"], 2) and found.promised == 0
    people = load("folk1a").query("area == '159'").sort_values("quarter")["persons"]
    assert found.inhabitants == people.iloc[-1]  # the newest stands for the coming July
    assert found.active == 0.15


def test_the_unemployed_of_a_benefit_are_counted_once_however_its_lines_are_split():
    def shares(*lines):
        rows = [(name, year, amount, "tkr", paid) for name, amount, paid in lines for year in (2026, 2027)]
        frame = baselines.own(pd.DataFrame(rows, columns=["line", "year", "amount", "unit", "benefit"]))
        return dict(zip(frame.rows, frame.cyclical, strict=True))

    dagpenge = ("Dagpenge", 110_000, "dagpenge")
    one = shares(dagpenge, ("Kontanthjælp", 90_000, "kontanthjaelp"))
    two = shares(dagpenge, ("Unge", 30_000, "kontanthjaelp"), ("Voksne", 60_000, "kontanthjaelp"))
    assert two["Dagpenge"] == pytest.approx(one["Dagpenge"])
    assert (two["Unge"], two["Voksne"]) == pytest.approx((one["Kontanthjælp"] / 3, one["Kontanthjælp"] * 2 / 3))


def test_a_benefit_that_is_split_over_lines_costs_the_same_more_with_more_unemployed():
    def cost_of(*dagpenge):
        lines = [(f"D{n}", net, persons, "dagpenge") for n, (net, persons) in enumerate(dagpenge)] + [
            ("K", 90_000, 600, "kontanthjaelp")
        ]
        rows = [(name, year, net, "tkr", paid, persons) for name, net, persons, paid in lines for year in (2026, 2027)]
        frame = baselines.own(pd.DataFrame(rows, columns=["line", "year", "amount", "unit", "benefit", "persons"]))
        gap = cost((Change("gap_points", 0.5),), frame).own_tkr - frame.net_tkr
        return gap.sum(axis=0)

    whole = cost_of((110_000, 700))
    for parts in (((55_000, 350), (55_000, 350)), ((20_000, 350), (90_000, 350)), ((20_000, 500), (90_000, 200))):
        assert cost_of(*parts) == pytest.approx(whole, rel=1e-3)


@pytest.mark.parametrize(("years", "right"), [(1, False), (2, True), (8, True), (9, False)])
def test_a_budget_of_two_to_eight_years_is_taken(years, right):
    rows = [("Dagpenge", 2026 + y, 1000.0, "tkr", "dagpenge") for y in range(years)]
    table = pd.DataFrame(rows, columns=OWN.columns)
    if right:
        assert len(baselines.own(table).years) == years
    else:
        with pytest.raises(DataError, match=rf"has {years} year\(s\); it must have 2 to 8"):
            baselines.own(table)


def test_an_own_line_is_named_by_its_benefit_and_a_text_that_only_holds_the_name_of_one_is_asked_about():
    told = {
        "dagpenge": "dagpenge",
        "Sygedagpenge": "sygedagpenge",
        "Fleksjob og ledighedsydelse": "fleksjob_ledighedsydelse",
        "aktivering": "activation",
    }
    for benefit, known in told.items():
        table = OWN.assign(benefit=OWN["benefit"].replace("dagpenge", benefit))
        line = baselines.own(table).lines[0]
        assert (line.benefit or "activation") == known, benefit
    for text, near in {
        "Fleksjob mv.": "fleksjob",
        "Barselsdagpenge": "dagpenge",
        "Tilbagebetaling af kontanthjælp": "kontanthjælp",
        "Aktivering af kontanthjælpsmodtagere": "kontanthjælp",
        "Leje": "dagpenge",  # by the line
    }.items():
        table = OWN.assign(benefit=OWN["benefit"].replace("dagpenge", text))
        with pytest.raises(DataError, match=rf"line 'Dagpenge': '{text}' stands there; it may be {near}$"):
            baselines.own(table)


@pytest.mark.parametrize(
    ("benefit", "function"),
    [("dagpenge", "5.57.78"), ("kontanthjaelp", "5.57.73"), ("sygedagpenge", ""), ("fleksjob", "5.58.81"),
     ("ledighedsydelse", "5.58.81"), ("activation", "5.68.90"), ("other", ""), ("forsoergelse", "")],
)  # fmt: skip
def test_an_own_line_moves_as_its_function_of_the_accounts_did(benefit, function):
    line = baselines.own(OWN.assign(benefit=OWN["benefit"].replace("dagpenge", benefit))).lines[0]
    assert line.function == function


def _with(rows, **columns):
    return pd.concat([OWN, pd.DataFrame(rows, columns=OWN.columns)], ignore_index=True).assign(**columns)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (OWN.drop(columns="unit"), "no column unit; it must have line"),
        (OWN[[]], "no column line, year, amount, unit, benefit; it must have line, year, amount, unit, benefit$"),
        (OWN.assign(unit=["kr", *["tkr"] * 8]), "the unit is kr and tkr; it must be one of kr, tkr, mio_kr in every row"),
        (OWN.assign(unit="EUR"), "the unit is EUR"),
        (OWN.assign(benefit=OWN["benefit"].replace("dagpenge", None)), "'Dagpenge': nothing stands there; it may be dagpenge"),
        (OWN.assign(benefit=OWN["benefit"].replace("other", "")), "1 line does not tell what is paid; .* one of dagpenge, .*\n  line 'Løn': nothing stands there$"),
        (OWN.assign(benefit=OWN["benefit"].replace("other", "SU")), "one of dagpenge, sygedagpenge, kontanthjælp, .*\n  line 'Løn': 'SU' stands there$"),
        (OWN.iloc[[1, 0, *range(2, 9)]], "'Dagpenge' has the years 2027, 2026, 2028; every line must have 2026 to 2028"),
        (OWN.drop(index=8), "'Løn' has the years 2026, 2027; every line must have 2026 to 2028 once"),
        (OWN.drop(index=[2, 5]), "'Dagpenge' has the years 2026, 2027; every line must have 2026 to 2028 once"),
        (_with([("Løn", 2028, 1.0, "tkr", "other")]), "'Løn' has the years 2026, 2027, 2028, 2028"),
        *((_with([(total, y, 1.0, "tkr", "other") for y in (2026, 2027, 2028)]), f"'{total}' is the total of the others")
          for total in ("I alt", "ialt", " TOTAL", "Sum:", "Samlet ")),
        (_with([("Ramme 20.02", y, 6000.0 + 3 * y + 1, "tkr", "other") for y in (2026, 2027, 2028)]),
         "'Ramme 20.02' is the total of the others; leave it out"),
        (OWN.assign(amount=OWN["amount"].mask(OWN["year"] == 2027)), "'Dagpenge' lacks an amount"),
        (OWN.assign(amount=["mange", *OWN["amount"][1:]]), "amount is 'mange'; it must be a number"),
        (OWN.assign(persons=["mange", *[1.0] * 8]), "persons is 'mange'; it must be a number"),
        (OWN.assign(persons=[1.0, *[np.nan] * 8]), "'Dagpenge' lacks an amount, or persons in some"),
        (OWN.assign(persons=[1.0, 1.0, *[np.nan] * 7]), "'Dagpenge' lacks an amount, or persons in some"),
        (OWN.query("year == 2026"), "has 1 year"),
        (_with([("Refusion af sygedagpenge", y, -400.0, "tkr", "other") for y in (2026, 2027, 2028)]), "^'Refusion af sygedagpenge': income of a benefit, whose price is that after refund; subtract it"),
        *((_with([(name, y, -400.0, "tkr", paid) for y in (2026, 2027, 2028)]), f"^'{name}': income of a benefit")
          for name, paid in (("Indtægt", "dagpenge"), ("Kontanthjælpsrefusion", "other"), ("Statsrefusion", "other"), ("Statsrefusion, forsørgelse", "other"), ("Refusioner", "other"),
                             ("Ref. sygedagpenge", "other"), ("Refundering, kontanthjælp", "other"), ("Statstilskud sygedagpenge", "other"), ("Medfinansiering fra staten, sygedagpenge", "other"),
                             ("Refusion fra staten", "other"), ("Statens refusion", "other"), ("80 pct. refusion", "other"), ("5.57.71 refusion", "other"), ("Samlet refusion", "other"),
                             ("Refusion, overførsler", "other"), ("Hjemtaget refusion", "other"), ("Refus. sygedagpenge", "other"), ("Sygedagpenge - ref", "other"), ("Statens tilskud til fleksjob", "other"),
                             ("Kontanthjælp, indt.", "other"), ("Kontanthjælp, statsandel", "dagpenge"),
                             ("Kontanthjælp refusion, efter omlægning", "other"), ("Refusion, afregning sygedagpenge", "other"), ("Refusion barselsdagpenge", "other"))),
    ],
)  # fmt: skip
def test_an_own_budget_that_cannot_be_used_says_why(table, says):
    with pytest.raises(DataError, match=says):
        baselines.own(table)


def test_income_that_is_no_refund_of_a_benefit_is_a_line_like_any_other():
    for name, paid in (
        ("Refusion af tilbud", "other"),
        ("Mellemkommunale betalinger, kontanthjælp", "other"),
        ("Refusion af sygedagpenge til egne ansatte", "other"),
        ("Besparelse, tidlig indsats", "dagpenge"),
        ("Tilbagebetalt dagpenge", "dagpenge"),
        ("Færre på sygedagpenge pga. refusionsomlægning", "dagpenge"),
        ("Mindre refusion, sygedagpenge (korrektion)", "other"),
        ("Indtægter fra salg", "dagpenge"),
        ("Barselsrefusion", "dagpenge"),
        ("Pulje fra staten: ledige dagpenge", "other"),
        ("Tilskud fra staten til jobrotation", "dagpenge"),
    ):
        table = _with([(name, y, -400.0, "tkr", paid) for y in (2026, 2027, 2028)])
        made = baselines.own(table)
        assert made.net_tkr[3].tolist() == [-400] * 3 and made.cyclical[3] == 0
