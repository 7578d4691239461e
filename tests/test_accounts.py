"""Kroner ahead: persons × price where persons are known, a movement with a record where they are not."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis import accounts, movement, nowcast
from ballerup_analysis.accounts import ahead, gains_from_accounts, gap_to_expected, with_own
from ballerup_analysis.forecast import score
from ballerup_analysis.sources import DataError, load, municipalities

DAGPENGE, KONTANTHJAELP, PENSION = "5.57.78", "5.57.73", "5.48.66"


@pytest.fixture(scope="module")
def past():
    return movement.history(load("regk31"))


@pytest.fixture(scope="module")
def rows(past):
    graded = movement.graded(past, (*movement.CANDIDATES, movement.OLD), horizon=3)
    return pd.concat([graded, movement.chosen(graded)], ignore_index=True)


@pytest.fixture(scope="module")
def there():
    return nowcast.known()


@pytest.fixture(scope="module")
def own_and_country():
    return ahead(["151", "000"])


# Persons × price


def test_the_price_of_dagpenge_is_the_account_over_full_time_persons():
    # regk31: 1,524 kr. per inhabitant; folk1a: 52,103 on 1 July 2024; jobindsats: 548.8333 persons a month on average
    persons = load("jobindsats_monthly").query(
        "area == '151' and measure == 'gross_unemployed_dagpenge' and month.str.startswith('2024')"
    )["value"]
    assert len(persons) == 12
    by_hand = 1524 * 52_103 / persons.mean()
    assert (
        nowcast.price_per_person(DAGPENGE, "Ballerup", 2024) == pytest.approx(by_hand) == pytest.approx(144_680, abs=1)
    )
    assert [round(nowcast.price_per_person(DAGPENGE, "151", year)) for year in (2022, 2023)] == [149_863, 144_065]
    assert round(nowcast.price_per_person(DAGPENGE, "000", 2023)) == pytest.approx(140_923, abs=5)


def test_a_nowcast_is_persons_times_price_times_regulation(there):
    regulation = there.regulation.set_index("year")["benefit_rise_pct"]
    assert regulation[[2025, 2026]].tolist() == [3.6, 4.5]
    one = nowcast.nowcast("151", 2026).set_index("function").loc[DAGPENGE]
    price = nowcast.price_per_person(DAGPENGE, "151", 2024)
    assert one["mio_kr"] == pytest.approx(one["persons"] * price * 1.036 * 1.045 / 1e6)
    assert (one["months"], one["price_year"]) == (7, 2024)


def test_the_newest_month_is_raised_by_the_median_revision_and_no_other_month():
    raised = nowcast.monthly_persons()[DAGPENGE]
    table = load("jobindsats_monthly").query("measure == 'gross_unemployed_dagpenge'")
    printed = table.pivot_table("value", "month", "area")
    changed = load("jobindsats_revisions").query(
        "month == '2026M06' and measure == 'gross_unemployed_dagpenge' and area != '000'"
    )
    rise = (changed["value_after"] / changed["value_before"]).median()
    assert 1.015 < rise < 1.025
    assert (raised.iloc[-1] / printed.iloc[-1]).to_numpy() == pytest.approx(rise)
    pd.testing.assert_frame_equal(raised.iloc[:-1], printed.iloc[:-1], check_names=False)


def test_a_year_begun_is_forecast_to_its_end_and_a_shorter_piece_is_left_out():
    months = [f"{y}M{m:02}" for y in (2021, 2022, 2023, 2024) for m in range(1, 13)]
    flat = pd.DataFrame({"000": 300.0, "a": 100.0, "b": 200.0}, months)
    for kept, year in ((42, 2024), (41, 2023), (48, 2024)):
        found = nowcast.yearly_persons({"f": flat.iloc[:kept]})
        assert found["year"].max() == year and found["persons"].tolist() == pytest.approx(
            [300, 100, 200] * (year - 2020), rel=1e-9
        )
        assert found["months"].iloc[-1] == (6 if kept == 42 else 12)
    rising = flat * 1.0
    rising.iloc[36:] *= 2.0  # 2024 at twice the level: the rest of the year stays there
    found = nowcast.yearly_persons({"f": rising.iloc[:42]}).set_index(["year", "area"])["persons"]
    assert found[2023, "a"] == 100 and 180 < found[2024, "a"] <= 210
    assert found[2024, "000"] == pytest.approx(found[2024, "a"] + found[2024, "b"])


def test_uprating_multiplies_the_years_after_and_assumes_the_mean_of_the_last_five_beyond(there):
    rise = there.regulation.set_index("year")["benefit_rise_pct"]
    assert nowcast.uprating(there.regulation, 2023, 2025) == pytest.approx(1.032 * 1.036)
    assert nowcast.uprating(there.regulation, 2024, 2024) == 1
    mean = rise[[2022, 2023, 2024, 2025, 2026]].mean() / 100
    assert nowcast.uprating(there.regulation, 2026, 2028) == pytest.approx((1 + mean) ** 2)
    assert nowcast.uprating(there.regulation, 2026, 2024) == pytest.approx(1 / 1.036 / 1.045)


def test_the_nowcast_of_known_accounts_misses_by_less_than_no_change(there):
    tried = nowcast.nowcast_record(there).query("area != '000'")
    off = pd.DataFrame({name: (tried[name] / tried["actual"] - 1).abs() * 100 for name in ("forecast", "naive")})
    mape = off.groupby([tried["function"], tried["horizon"], tried["date"]]).mean()
    best = {(DAGPENGE, 2023): 5.6, (DAGPENGE, 2024): 2.7, (KONTANTHJAELP, 2023): 4.4, (KONTANTHJAELP, 2024): 3.3}
    for (function, year), most in best.items():
        assert mape.loc[(function, 1, year), "forecast"] <= most, (function, year)
    assert (mape["forecast"] < mape["naive"]).all()
    assert tried.groupby(["horizon", "date"])["area"].nunique().to_dict() == {
        (1, 2023): 98,
        (1, 2024): 98,
        (2, 2024): 98,
    }
    assert set(tried[tried["horizon"] == 2]["months"]) == {7}  # what one would have known


def test_inhabitants_are_those_of_july_and_the_newest_quarter_after_that(there):
    people = load("folk1a").set_index(["quarter", "area"])["persons"]
    assert there.inhabitants.loc[2024, "151"] == people["2024Q3", "151"]
    assert there.inhabitants.loc[2026, "151"] == there.inhabitants.loc[2029, "151"] == people["2026Q1", "151"]
    assert there.inhabitants.loc[2024, "000"] == sum(people["2024Q3", area] for area in municipalities())


# Movement


def made_up(values, functions=("5.58.81",)):
    kr = np.asarray(values, float)
    return movement.History(
        list(functions), list(range(2016, 2016 + kr.shape[1])), list("abcdefghijkl"[: kr.shape[2]]), kr
    )


def test_points_fill_the_cube_and_shocks_have_the_spread_and_tails_of_t():
    points = movement.cube_points(6)
    assert points.shape == (movement.DRAWS, 6) and np.abs(points.mean(axis=0) - 0.5).max() < 0.02
    residuals = np.array([[1.0, -1, 2, -2], [2.0, -2, 4, -4]])
    drawn = movement.shocks(residuals, 3, points[:, :5])
    scale = np.sqrt((residuals[0] ** 2).sum() / 3)
    # Student's t with 3 degrees: 10 and 25 pct. at 1.6377 and 0.7649
    assert np.quantile(drawn[:, 0], [0.1, 0.25, 0.5, 0.75, 0.9]) / scale == pytest.approx(
        [-1.638, -0.765, 0, 0.765, 1.638], abs=0.09
    )
    assert drawn[:, 1] == pytest.approx(2 * drawn[:, 0])  # what moves together stays together


def test_each_method_has_its_centre_and_a_drift_that_is_no_more_than_noise_is_none():
    steps = np.array([0.30, 0.10, 0.12, 0.08, 0.10])
    drift, residuals, years = movement._centre(steps, "drift")
    assert (drift, years) == (pytest.approx(0.14), 5) and residuals == pytest.approx(steps - 0.14)
    assert movement._centre(steps, "no change")[0] == 0 and movement._centre(steps, "no change")[2] == np.inf
    assert movement._centre(steps, "no change")[1].tolist() == steps.tolist()
    recent = 0.10  # of the last four
    shrunk = recent * (1 - steps.var(ddof=1) / 4 / recent**2)
    drift, residuals, years = movement._centre(steps, "movement")
    assert (drift, years) == (pytest.approx(shrunk), 4) and residuals == pytest.approx(steps - 0.14)
    assert movement._centre(np.array([0.3, -0.3, 0.2, -0.19]), "movement")[0] == 0
    assert movement._centre(np.zeros(4), "movement")[0] == 0


def test_changes_are_the_centre_the_country_and_the_area_beside_it():
    rng = np.random.default_rng(7)
    steps, own = np.array([0.02, 0.04, -0.02, 0.06, 0.05]), 0.05 * rng.normal(size=(6, 12))
    logs = 6 + np.concatenate([[0], np.cumsum(steps)])[:, None] + own - np.median(own, axis=1)[:, None]
    past = made_up(np.exp(logs)[None])
    years = np.array([[0, 1, 2]])
    country = movement.changes(past, years, own=False)
    both = movement.changes(past, years)
    assert country.shape == (movement.DRAWS, 3, 1, 3) and not country[..., 0].any() and not both[..., 0].any()
    medians = np.median(np.diff(logs, axis=0), axis=1)
    for method, centre in (("no change", 0.0), ("drift", medians.mean())):
        at = movement.CANDIDATES.index(method)
        assert np.median(country[:, at, 0], axis=0) == pytest.approx([0, centre, 2 * centre], abs=0.003)
    drift, still = (country[:, movement.CANDIDATES.index(m), 0] for m in ("drift", "no change"))
    wide = [np.quantile(np.abs(part[:, 2] - np.median(part[:, 2])), 0.8) / np.quantile(np.abs(part[:, 1] - np.median(part[:, 1])), 0.8)
            for part in (drift, still)]  # fmt: skip
    # two years: the root of 2 for shocks alone; with the drift's own doubt the root of (2 + 4/5) / (1 + 1/5)
    assert wide == pytest.approx([np.sqrt((2 + 4 / 5) / (1 + 1 / 5)), np.sqrt(2)], rel=0.01)
    scale = np.sqrt((medians**2).sum() / 4)  # five steps: Student's t of four degrees, 90 pct. at 1.5332
    assert np.quantile(still[:, 1], 0.9) / scale == pytest.approx(1.533, rel=0.06)
    beside = np.diff(logs, axis=0) - medians[:, None]
    drawn = (both - country)[:, 0, 0, 1]
    assert set(drawn.round(9)) <= set(beside.ravel().round(9)) and len(set(drawn.round(9))) == beside.size


def test_levels_move_by_share_or_by_kroner_and_small_ones_by_the_floor():
    assert movement.apply(200.0, np.log(0.5), False, 10.0) == pytest.approx(100)
    assert movement.apply(-50.0, np.log(2.0), False, 10.0) == pytest.approx(-40)
    assert movement.apply(5.0, -7.0, True, 10.0) == 0
    past = made_up([[[100.0] * 11 + [1.0]] * 5, [[100.0] * 11 + [1.0]] * 5], ("5.58.81", PENSION))
    assert past.moved[0, 0, -1] == pytest.approx(np.log(10)) and past.moved[1, 0, -1] == 1
    assert past.linear.tolist() == [False, True] and past.until(2017).kr.shape == (2, 2, 12)


def test_the_record_meets_its_bounds(rows):
    found = score(rows, "method")
    chosen = found.loc["chosen"]
    assert 0.75 <= chosen["coverage_80"] <= 0.85 and max(chosen["below_80"], chosen["above_80"]) <= 0.15
    assert (score(rows[rows["method"] == "chosen"], "function")["coverage_80"] >= 0.60).all()
    assert chosen["interval_80"] <= 0.65 * found.loc[movement.OLD, "interval_80"]
    assert found["n"].unique().tolist() == [98 * 5 * 12]  # origins 2019 to 2023, one to three years, as far as known
    assert round(found.loc[movement.OLD, "coverage_80"], 2) == 0.60  # as the first version was measured


def test_no_forecast_of_the_record_knows_what_came_after(past):
    poisoned = past.kr.copy()
    poisoned[:, 6:] *= 3  # from 2022
    changed = movement.graded(movement.History(past.functions, past.years, past.areas, poisoned))
    before = movement.graded(past)
    columns = [*movement.ENDS, "naive", "scale"]
    kept = before["vintage"] <= 2021
    pd.testing.assert_frame_equal(changed.loc[kept, columns], before.loc[kept, columns])
    assert not np.allclose(changed.loc[~kept, "forecast"], before.loc[~kept, "forecast"])
    for known in (2020, 2021):
        pd.testing.assert_series_equal(movement.choose(changed, known), movement.choose(before, known))


def test_a_method_is_chosen_by_its_interval_score_once_two_years_are_graded():
    common = {"function": "f", "area": "a", "actual": 100.0, "scale": 100.0}
    made = [
        common
        | {"method": method, "vintage": date - 1, "date": date, "horizon": 1, "low_80": 100 - w, "high_80": 100 + w}
        for method, w in (("no change", 5.0), ("drift", 20.0), ("movement", 10.0))
        for date in (2020, 2021)
    ]
    rows = pd.DataFrame(made)
    assert movement.choose(rows, 2019).unique().tolist() == ["movement"]
    assert movement.choose(rows, 2020)["f", 1] == "movement"
    assert movement.choose(rows, 2021).to_dict() == {
        ("f", 1): "no change",
        ("f", 2): "movement",
        ("f", 3): "movement",
        ("f", 4): "movement",
    }


# The years ahead


def test_the_years_ahead_stand_on_the_nowcast_and_go_on_from_it(own_and_country, there):
    middle = own_and_country.query("quantile == 0.5 and area == '151'").set_index(["function", "year"])
    now = nowcast.nowcast("151", 2025).set_index("function")["mio_kr"]
    for function in (DAGPENGE, KONTANTHJAELP):
        assert middle.loc[(function, 2025), "mio_kr"] == pytest.approx(now[function], rel=0.01)
    assert 95 < middle.loc[(DAGPENGE, 2025), "mio_kr"] < 99
    methods, count = (middle.reset_index().pivot_table(v, "function", "year", aggfunc="first") for v in ("method", "n"))
    assert methods.loc[DAGPENGE, [2025, 2026]].tolist() == ["nowcast"] * 2 and methods.loc["total"].eq("sum").all()
    assert methods.loc[DAGPENGE, [2027, 2028]].str.startswith("nowcast, then ").all()
    assert count.loc[DAGPENGE].tolist() == [2, 1, 5, 4]
    assert count.loc[PENSION].tolist() == [5, 4, 3, 1]
    people = there.inhabitants
    for year in (2025, 2028):
        one = middle.loc[("5.58.81", year)]
        assert one["mio_kr"] == pytest.approx(one["kr_per_inhabitant"] * people.loc[year, "151"] / 1e6)


def test_a_nowcast_misses_by_the_countrys_price_with_few_years_and_by_the_areas_own():
    areas, own = list("abcdefghijk"), np.linspace(-0.05, 0.05, 11)
    parts = [(1, 2023, 0.04, own), (1, 2024, -0.02, own**3 * 200), (2, 2024, 0.03, own * 2)]
    made = pd.concat(
        pd.DataFrame({"horizon": h, "date": date, "area": areas, "function": f, "forecast": 1.0, "actual": np.exp(size * shock + beside)})
        for h, date, shock, beside in parts
        for f, size in ((KONTANTHJAELP, 1), (DAGPENGE, 2))
    )  # fmt: skip
    horizons = np.array([[0, 0, 0], [1, 2, 2], [1, 2, 0]])
    functions = [PENSION, KONTANTHJAELP, DAGPENGE]
    country, both = (accounts._missed(made, functions, horizons, own=flag) for flag in (False, True))
    assert not both[:, 0].any() and not both[:, 2, 2].any()
    scale = np.sqrt((0.04**2 + 0.02**2) / 2)  # Student's t of two years: 10 pct. at 1.8856
    assert np.quantile(country[:, 1, 0], [0.1, 0.9]) / scale == pytest.approx([-1.886, 1.886], abs=0.15)
    assert country[:, 1, 1] == pytest.approx(np.sqrt(2) * country[:, 1, 0])  # two years of price
    assert country[:, 2, 0] == pytest.approx(2 * country[:, 1, 0])
    beside = {1: np.r_[own, own**3 * 200], 2: own * 2}
    for date, h in ((0, 1), (1, 2)):
        drawn = (both - country)[:, 1, date]
        assert set(drawn.round(9)) == set(beside[h].round(9))


def test_quantiles_are_in_order_and_the_total_is_narrower_than_its_parts_together(own_and_country):
    wide = own_and_country.pivot_table("mio_kr", ["area", "function", "year"], "quantile")
    assert (np.diff(wide.to_numpy(), axis=1) >= 0).all() and (wide > 0).all(axis=None)
    both = wide.assign(width=wide[0.9] - wide[0.1]).reset_index()
    width, middle = (both.pivot_table(v, ["area", "year"], "function") for v in ("width", 0.5))
    parts = width.drop(columns="total")
    assert (width["total"] < parts.sum(axis=1)).all() and (width["total"] > parts.max(axis=1)).all()
    assert (middle["total"] / middle.drop(columns="total").sum(axis=1)).between(0.97, 1.03).all()
    share = (width / middle)["total"]
    assert (share["000"] < share["151"]).all()  # the country has no municipality's own share of the spread


def test_one_municipality_is_the_same_alone_and_among_all(own_and_country):
    both = ahead(["159", "Ballerup"], [2026])
    alone = own_and_country.query("area == '151' and year == 2026").reset_index(drop=True)
    pd.testing.assert_frame_equal(both[both["area"] == "151"].reset_index(drop=True), alone)
    assert ahead(years=[2027])["area"].nunique() == 98


def test_fixed_prices_take_the_regulation_of_benefits_off(own_and_country):
    fixed = ahead("151", [2025], prices=2024)
    current = own_and_country.query("area == '151' and year == 2025")
    for unit in ("mio_kr", "kr_per_inhabitant"):
        assert (current[unit].to_numpy() / fixed[unit].to_numpy()) == pytest.approx(1.036)


def test_tables_may_be_handed_in_as_the_rows_of_some_functions():
    def read(name, *args):
        table = load(name, *args)
        if name == "regk31":
            return table[table["function"] == DAGPENGE]
        return table[table["measure"] == "gross_unemployed_dagpenge"] if name == "jobindsats_monthly" else table

    few = ahead("151", [2025, 2027], read=read)
    assert set(few["function"]) == {DAGPENGE, "total"}
    wide = few.pivot_table("mio_kr", ["year", "quantile"], "function")
    assert wide[DAGPENGE].to_numpy() == pytest.approx(wide["total"].to_numpy(), rel=1e-4)


def test_own_rows_replace_the_public_ones_and_no_others():
    own = pd.DataFrame(
        [
            ("151", 2024, DAGPENGE, 600.0, 90e6),
            ("151", 2025, DAGPENGE, 700.0, 105e6),
            ("151", 2024, "mit navn", 1.0, 1.0),
        ],
        columns=["area", "year", "benefit", "fulltime_persons", "net_cost_kr"],
    )
    read = with_own(own)
    assert nowcast.price_per_person(DAGPENGE, "151", 2024, read) == pytest.approx(90e6 / 600)
    assert nowcast.price_per_person(DAGPENGE, "159", 2024, read) == nowcast.price_per_person(DAGPENGE, "159", 2024)
    one = nowcast.nowcast("151", 2026, read).set_index("function").loc[DAGPENGE]
    assert (one["price_year"], one["price_kr"]) == (2025, pytest.approx(105e6 / 700))
    assert len(read("regk31")) == len(load("regk31")) + 1 and read("folk1a").equals(load("folk1a"))
    assert ahead("151", [2026], read=read).query("function == @DAGPENGE")["method"].unique().tolist() == ["nowcast"]


# The ministry's benchmark and the readings of "besparelse"


def test_the_gap_to_the_benchmark_is_recovered_from_the_shares():
    gaps = gap_to_expected(load("y30r21_shares")).query("area == '151' and benefit_group == 'Ydelsesgrupper i alt'")
    known = [-163, -186, -251, -240, -239, -261]
    assert (gaps["persons"] - known).abs().max() < 2
    assert ((gaps["high"] - gaps["low"]) / 2).between(2.5, 3.5).all()
    assert ((gaps["persons"] >= gaps["low"]) & (gaps["persons"] <= gaps["high"])).all()


def test_g2_values_persons_at_the_price_of_the_year_compared():
    table = pd.DataFrame(
        [
            ("151", 2013, 100.0, 1000.0),
            ("151", 2014, 90.0, 1800.0),
            ("000", 2013, 200.0, 1.0),
            ("000", 2014, 220.0, 1.0),
        ],
        columns=["area", "year", "fulltime_persons", "net_cost_kr"],
    ).assign(benefit="k")
    gains = gains_from_accounts(table).set_index("method")["gain_mio_kr"]
    assert gains["G2"] == pytest.approx((100 * 220 / 200 - 90) * 1800 / 90 / 1e6)  # 20 persons at 20 kr., not at 10


@settings(max_examples=30, deadline=None)
@given(st.floats(1, 1e4), st.floats(1, 1e4), st.floats(1, 1e4), st.floats(1, 1e4))
def test_an_area_that_is_the_reference_gains_nothing_by_any_reading(before, now, price, population):
    assert accounts.g1_cost_growth(before, now, before, now) == pytest.approx(0, abs=1e-6)
    assert accounts.g2_person_growth(before, now, before, now, price) == pytest.approx(0, abs=1e-2)
    assert accounts.g3_level(now, population, now, population) == pytest.approx(0, abs=1e-6)
    assert accounts.g4_budget_guarantee(before, now, before, now, share=1.0, uprating=1.02) == pytest.approx(
        0, abs=1e-6
    )


def test_what_cannot_be_answered_is_told_in_one_sentence():
    early = load("jobindsats_monthly").query("area != '151' or month < '2024M01'")
    stops = lambda name, *a: early if name == "jobindsats_monthly" else load(name, *a)  # noqa: E731
    few = lambda name, *a: load(name, *a).query("area < '160'") if name == "regk31" else load(name, *a)  # noqa: E731
    cases = {
        "the year 2024 cannot be forecast: the last accounts are of 2024; years are 2025 to 2028": lambda: ahead(
            "151", [2024]
        ),
        "the year 2029 cannot be forecast": lambda: ahead("151", [2029]),
        "the year 2025.5 cannot be forecast": lambda: ahead("151", [2025.5]),
        "Region Hovedstaden: no accounts; there are those of 98 municipalities": lambda: ahead("084"),
        "there is no area '999'": lambda: ahead("999"),
        "the regulation of benefits is known from 2012, not for 2000": lambda: ahead("151", [2025], prices=1999),
        "2024 cannot be nowcast for Ballerup: the accounts end in 2024, and persons are known for 2025, 2026": lambda: (
            nowcast.nowcast("151", 2024)
        ),
        "2027 cannot be nowcast for Ballerup": lambda: nowcast.nowcast("151", 2027),
        "Region Hovedstaden has no persons and accounts": lambda: nowcast.nowcast("084", 2025),
        "Ballerup has no persons and accounts": lambda: nowcast.nowcast("151", 2025, stops),
        "no price of '5.58.81': accounts and persons are both there for 5.57.73, 5.57.78": lambda: (
            nowcast.price_per_person("5.58.81", "151", 2024)
        ),
        "no price of 5.57.78 in 2016 for Ballerup; there is one for 2022, 2023, 2024": lambda: nowcast.price_per_person(
            DAGPENGE, "151", 2016
        ),
        "the accounts of 7 municipalities in 9 years are too few": lambda: ahead("151", read=few),
    }
    for says, ask in cases.items():
        with pytest.raises(DataError, match=says):
            ask()
