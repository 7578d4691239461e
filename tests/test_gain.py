"""A gap is what following the reference would have given, less what was; a gain is that gap at a stated price."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis import accounts
from ballerup_analysis import trend as gain
from ballerup_analysis import trend as gaps
from ballerup_analysis.accounts import gains_from_accounts
from ballerup_analysis.danish import Interval
from ballerup_analysis.sources import EVIDENCE, DataError, load
from ballerup_analysis.trend import search_definitions, trend_gap

NET = "net_unemployed_kontanthjaelp"
MORE_IS_BETTER = {"employed", "fulltime_employees"}
amounts, sizes = st.floats(1, 1e9), st.floats(0.01, 100)


# AUK01, sums of four quarters, 2013 -> 2014: Ballerup 1,533 -> 1,206, country 120,737 -> 112,871, omegn 15,942 -> 14,922
@pytest.mark.parametrize(
    ("reference", "growth", "fewer"), [("000", 112_871 / 120_737, 56.8), ("02", 14_922 / 15_942, 57.2)]
)
def test_the_gap_of_2014_in_net_unemployed_on_kontanthjaelp(reference, growth, fewer):
    gap = trend_gap(NET, reference=reference).iloc[0]
    assert (gap["before"], gap["actual"]) == (1533 / 4, 1206 / 4)
    assert gap["expected"] == pytest.approx(1533 / 4 * growth)
    assert round(gap["fewer"], 1) == fewer


@pytest.mark.parametrize(("measure", "place"), [(NET, 14), ("gross_unemployment_pct", 61)])
def test_ballerups_place_among_98_depends_on_the_measure(measure, place):
    better = trend_gap(measure, area=None).set_index("area")["fewer_pct"]
    assert len(better) == 98
    assert (better > better["151"]).sum() + 1 == place


@pytest.mark.parametrize("measure", gaps.MEASURES)
def test_fewer_is_positive_where_the_area_did_better(measure):
    last = gaps.yearly(measure)[["151", "000"]].dropna().index[-1]
    gap = trend_gap(measure, base=last - 1, year=last).iloc[0]
    better = (gap["actual"] - gap["expected"]) * (1 if measure in MORE_IS_BETTER else -1)
    assert (gap["fewer"], gap["fewer_pct"]) == pytest.approx((better, 100 * better / gap["expected"]))


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(sorted(gaps.MEASURES)), st.data())
def test_the_reference_has_no_gap_to_itself(measure, data):
    years = st.sampled_from(gaps.yearly(measure)["000"].dropna().index.tolist())
    gap = trend_gap(measure, "000", "000", data.draw(years), data.draw(years))
    assert gap["fewer"].abs().max() < 1e-6


@given(then=amounts, now=amounts, size=sizes)
def test_an_area_that_follows_the_reference_exactly_gains_nothing(then, now, size):
    nothing = pytest.approx(0, abs=1e-9 * size * now)
    assert accounts.g1_cost_growth(size * then, size * now, then, now) == nothing
    assert accounts.g3_level(size * now, size, now, 1) == nothing


@given(amounts, amounts, amounts, amounts, sizes, sizes)
def test_scaling_area_and_reference_scales_the_gap_by_the_area_alone(before, now, then, later, k, m):
    gap = accounts.g1_cost_growth(before, now, then, later)
    scaled = accounts.g1_cost_growth(k * before, k * now, m * then, m * later)
    assert scaled == pytest.approx(k * gap, abs=1e-9 * k * max(now, before * later / then))


def test_windows_average_their_quarters_and_months_run_from_august_to_july():
    # AUK01, Ballerup 2014: 369, 323, 270, 244
    assert [gaps.yearly(NET, window).loc[2014, "151"] for window in gaps.WINDOWS] == [1206 / 4, 514 / 2, 244]
    # Gross unemployed 2021M08-2022M07
    months = [725, 687, 658, 597, 503, 586, 579, 585, 581, 532, 520, 471]
    assert gaps.yearly("gross_unemployed")["151"].iloc[0] == pytest.approx(np.mean(months))


def test_the_ministry_expected_250_more_persons_than_there_were_in_2021():
    row = load("y30r21").query("area == '151' and period == '2021QMAT02' and benefit_group == 'Ydelsesgrupper i alt'")
    assert (row["expected"] - row["actual"]).tolist() == [250]  # 3,210 - 2,960, as in the press


def test_the_candidate_formulas_by_hand():
    # own cost 100 -> 95, reference 200 -> 220: 110 - 95 = 15
    assert accounts.g1_cost_growth(100, 95, 200, 220) == pytest.approx(15)
    # persons 50 -> 40, reference 400 -> 440: 55 - 40 = 15 persons at 1,000 kr.
    assert accounts.g2_person_growth(50, 40, 400, 440, 1000) == pytest.approx(15_000)
    # reference 600 kr. over 100 inhabitants = 6 each; 12 inhabitants: 72 - 70 = 2
    assert accounts.g3_level(70, 12, 600, 100) == pytest.approx(2)
    # uprating 2 pct.: reference 220 - 204 = 16, a tenth is 1.6; own 95 - 102 = -7; 1.6 + 7 = 8.6
    assert accounts.g4_budget_guarantee(100, 95, 200, 220, share=0.1, uprating=1.02) == pytest.approx(8.6)


@given(amounts, amounts, amounts, amounts)
def test_the_budget_guarantee_is_the_cost_growth_when_the_share_is_the_cost_share(before, now, then, later):
    guarantee = accounts.g4_budget_guarantee(before, now, then, later, share=before / then)
    scale = max(before, now, before / then * later)
    assert guarantee == pytest.approx(accounts.g1_cost_growth(before, now, then, later), abs=1e-9 * scale)


W = int(gaps.population_on("2014Q1")["000"])
MADE_UP = pd.DataFrame(  # not real accounts: round numbers, the country's as kr. per inhabitant
    [
        ("151", 2013, "k", 500, 50e6), ("151", 2014, "k", 480, 48e6),
        ("000", 2013, "k", 10_000, 1000.0 * W), ("000", 2014, "k", 11_000, 1100.0 * W),
        ("151", 2013, "d", 100, 20e6), ("151", 2014, "d", 100, 20e6),
        ("000", 2013, "d", 8000, 500.0 * W), ("000", 2014, "d", 8000, 500.0 * W),
    ],
    columns=["area", "year", "benefit", "fulltime_persons", "net_cost_kr"],
)  # fmt: skip


def test_made_up_accounts_give_the_gains_worked_by_hand():
    # G1: 50 x 1.1 - 48 = 7; d 0.  G2: (550 - 480) persons x 48 mio / 480 = 7; d 0.
    # G3, 48,514 inhabitants: 1,100 x 48,514 - 48 mio = 5.3654; 500 x 48,514 - 20 mio = 4.257.
    # G4: 100 x 48,514 + 2 mio = 6.8514; d 0.  Uprated 10 pct.: k 0 + 7; d -50 x 48,514 + 2 mio = -0.4257.
    found = gains_from_accounts(MADE_UP).set_index("method")
    assert found["gain_mio_kr"].to_dict() == pytest.approx({"G1": 7, "G2": 7, "G3": 9.6224, "G4": 6.8514})
    assert set(found["missing"]) == {""}
    assert gains_from_accounts(MADE_UP, uprating=1.1)["gain_mio_kr"].iloc[3] == pytest.approx(7 - 0.4257)


@pytest.mark.parametrize(
    ("rows", "persons", "missing"),
    [
        ([], 1, ["all benefits"] * 4),
        ([0, 1, 2, 3, 4, 5, 6], 1, ["d"] * 4),  # without the country's d of 2014
        ([0, 1, 2, 3, 4, 5, 7], 1, ["d", "d", "", "d"]),  # without its d of 2013, which the level does not need
        (range(8), np.nan, ["", "d, k", "", ""]),
    ],
)
def test_what_the_accounts_lack_is_named_and_not_counted_as_zero(rows, persons, missing):
    own = MADE_UP.iloc[rows].assign(fulltime_persons=lambda table: table["fulltime_persons"] * persons)
    found = gains_from_accounts(own)
    assert [", ".join(sorted(names.split(", "))) for names in found["missing"]] == missing
    assert found["gain_mio_kr"].isna().tolist() == [bool(names) for names in missing]


@pytest.mark.parametrize(
    ("expected", "actual", "price", "mio", "low", "high"),
    [
        (2870, 2670, 62_500, 12.5, 11.875, 13.125),  # 200 +- 10 persons
        (3210, 2960, 71_200, 17.8, 17.088, 18.512),  # 250 +- 10 persons
    ],
)
def test_the_ministrys_gain_at_the_price_it_implies(expected, actual, price, mio, low, high):
    found = gain.benchmark_gain(expected, actual, price)
    assert (found.value, found.low, found.high) == pytest.approx((mio, low, high))
    persons = expected - actual
    implied = gain.implied_price(Interval(persons, persons - 10, persons + 10), Interval(mio, mio - 0.05, mio + 0.05))
    least, most = (mio - 0.05) * 1e6 / (persons + 10), (mio + 0.05) * 1e6 / (persons - 10)
    assert (implied.value, implied.low, implied.high) == pytest.approx((price, least, most))


@pytest.fixture(scope="module")
def definitions():
    return search_definitions()


def test_prices_of_a_later_year_come_as_printed_and_at_the_level_of_2014():
    prices = gain.prices_per_person().set_index(["price", "share_pct"])["price_kr"]
    assert prices["kontanthjaelp, 30+, other", 50] == 10_689 * 12 / 2
    assert prices["forsørgelse R2015", 100] == 105_000  # printed as a count, moved back under its heading
    assert prices["forsørgelse R2015, at 2014", 100] == pytest.approx(105_000 / 1.015)  # satsregulering 2015: 1.5 pct.


def test_hits_are_exactly_the_definitions_that_round_to_the_published_figure(definitions):
    value = definitions["fewer"] * definitions["price_kr"] / 1e6
    assert definitions["gain_mio_kr"].to_numpy() == pytest.approx(value.to_numpy())
    assert (definitions["hit"] == ((value >= 7.55) & (value < 7.65))).all()
    assert definitions["hit"].any()


def test_another_target_has_other_hits(definitions):
    other = search_definitions(target=5.0, half=0.1)
    assert other.loc[other["hit"], "gain_mio_kr"].between(4.9, 5.1, inclusive="left").all()
    assert other["hit"].any() and not (other["hit"] & definitions["hit"]).any()


def test_the_missing_ingredient_would_give_the_published_figure(definitions):
    fewer, positive = definitions["fewer"], definitions["fewer"] > 0
    assert (definitions["needed_price_kr"] * fewer)[positive].to_numpy() == pytest.approx(7.6e6)
    assert definitions.loc[~positive, "needed_price_kr"].isna().all() and not positive.all()
    assert (definitions["needed_fewer"] * definitions["price_kr"]).to_numpy() == pytest.approx(7.6e6)


def test_a_definition_is_as_good_as_its_weakest_ingredient_and_its_rivals_are_the_misses_no_weaker(definitions):
    prices = gain.prices_per_person().set_index(["price", "share_pct"])["evidence"].map(EVIDENCE.index)
    of_price = [prices[key] for key in zip(definitions["price"], definitions["share_pct"], strict=True)]
    of_measure = [EVIDENCE.index(gaps.measures()[name].evidence) for name in definitions["measure"]]
    weakest = definitions["evidence"].map(EVIDENCE.index)
    assert weakest.tolist() == np.maximum(of_price, of_measure).tolist()
    gains = ~definitions["hit"] & (definitions["gain_mio_kr"] > 0)
    misses, measure = weakest[gains].to_numpy(), definitions.loc[gains, "measure"].to_numpy()
    pairs = zip(weakest, definitions["measure"], strict=True)
    assert definitions["rivals"].tolist() == [((misses <= level) & (measure == name)).sum() for level, name in pairs]
    assert (definitions["described"] == (definitions["reference"] == "000")).all()


def test_the_placebo_ranks_ballerup_2014_among_all_municipalities_and_years():
    found = gain.placebo()
    assert len(found) == 98 * 17 and set(found["year"]) == set(range(2008, 2025))
    assert found.set_index(["area", "year"]).loc[("151", 2014), "rank"] == 14
    assert found["share_as_good"].min() == pytest.approx(1 / len(found))
    better = found["fewer_pct"].to_numpy()
    assert found["share_as_good"].to_numpy() == pytest.approx((better[:, None] <= better).mean(axis=1))
    within = found["year"].to_numpy()[:, None] == found["year"].to_numpy()
    assert found["rank"].tolist() == (1 + ((better[:, None] < better) & within).sum(axis=1)).tolist()


ONE = pd.DataFrame({"units": [1.0], "cost_kr": [1.0]}, index=["k"])


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: trend_gap("ledighed"), "no measure 'ledighed'; the measures are net_unemployed_kontanthjaelp, gross"),
        (lambda: trend_gap(NET, area="999"), "auk01 has no fulltime_persons for area '999'; it has 000, 01, .*151"),
        (lambda: trend_gap(NET, reference="DK"), "for area 'DK'; it has 000, "),
        (lambda: trend_gap(NET, year=2050), "auk01 has no 2050 .*; it has 2007, 2008, .*2025"),
        (lambda: trend_gap(NET, base=[1999, 2013], year=[2014, 2014]), "auk01 has no 1999 "),
        (lambda: trend_gap("gross_unemployment_pct", reference="02"), "aup02 has no pct for area '02'; it has 000, 08"),
        (lambda: gain.gain(trend_gap("gross_unemployment_pct"), 1), "percentage points has no price per person"),
        (lambda: gaps.population_on("1999Q1"), "folk1a has no 1999Q1; it has 2008Q1 to 2026Q1"),
        (lambda: gaps.yearly(NET, "Q3"), "no window 'Q3'; the windows are year, H2, Q4"),
        (lambda: gains_from_accounts(MADE_UP, reference="DK"), "no area DK; the areas are 000, 081"),
        (lambda: gain.placebo("gross_unemployed"), "jobindsats_monthly has no value for area '101'"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_question_without_an_answer_lists_what_there_is(ask, says):
    with pytest.raises(DataError, match=says):
        ask()
