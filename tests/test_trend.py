"""A gap is what the reference's growth would have given, less what was; what it shows is told by all the others."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis import counterfactual, rates, trend
from ballerup_analysis.danish import Interval
from ballerup_analysis.sources import EVIDENCE, DataError, load, municipalities

NET = "net_unemployed_kontanthjaelp"
MORE_IS_BETTER = {"employed", "fulltime_employees"}
# Packs of cigarettes a head, 39 states × 1970-2000, of Abadie, Diamond and Hainmueller (2010), as published with synthdid
PACKS = Path(__file__).parent / "data" / "cigarette_packs_per_capita.csv"


@pytest.fixture(scope="module")
def net():
    return trend.yearly(NET)


@pytest.fixture(scope="module")
def panel():
    table = load("auk01").pivot_table("fulltime_persons", "quarter", "area")[municipalities()]
    return trend.per_1000(table[:"2014Q4"], 2014)


@pytest.fixture(scope="module")
def estimates(panel):
    return counterfactual.counterfactuals(panel, "2014Q1")


@pytest.fixture(scope="module")
def prices():
    return trend.prices()


def test_the_gap_of_2014_in_net_unemployed_on_kontanthjaelp(net):
    # AUK01, sums of four quarters, 2013 -> 2014: Ballerup 1,533 -> 1,206, country 120,737 -> 112,871, omegn 15,942 -> 14,922
    for reference, growth, fewer in (("000", 112_871 / 120_737, 56.8), ("02", 14_922 / 15_942, 57.2)):
        gap = trend.fewer(net, "151", reference).iloc[0]
        assert (gap["before"], gap["actual"]) == (1533 / 4, 1206 / 4)
        assert gap["expected"] == pytest.approx(1533 / 4 * growth)
        assert round(gap["fewer"], 1) == fewer
        assert gap["fewer_pct"] == pytest.approx(100 * gap["fewer"] / gap["expected"])


def test_the_gap_hangs_on_the_base_year(net):
    by_base = trend.fewer(net, "151", "000", range(2007, 2014), [2014] * 7)["fewer"].round(1)
    assert by_base.tolist() == [-125.6, -86.1, -17.2, -105.1, -94.8, 10.3, 56.8]


def test_within_2014_ballerup_is_tenth_per_inhabitant_and_sixty_first_on_gross_unemployment(net):
    people = trend.population_on("2014Q1")[municipalities()]
    per_head = trend.fewer(net).set_index("area")["fewer"] / people
    assert trend.placebo_p(per_head, "151").round(2).tolist() == [10, 0.10, 0.16]
    gross = trend.fewer(trend.yearly("gross_unemployment_pct")).set_index("area")["fewer_pct"]
    assert trend.placebo_p(gross, "151")["rank"] == 61


def test_fewer_is_positive_where_the_area_did_better():
    wrong = []
    for name, m in trend.MEASURES.items():
        wide = trend.yearly(name)
        last = wide[["151", "000"]].dropna().index[-1]
        gap = trend.fewer(wide, "151", "000", last - 1, last, m.sign).iloc[0]
        better = (gap["actual"] - gap["expected"]) * (1 if name in MORE_IS_BETTER else -1)
        wrong += [name] if gap["fewer"] != pytest.approx(better) else []
    assert not wrong


@settings(max_examples=15)
@given(st.sampled_from(sorted(trend.MEASURES)), st.data())
def test_the_reference_has_no_gap_to_itself(measure, data):
    wide = trend.yearly(measure)
    years = st.sampled_from(wide["000"].dropna().index.tolist())
    gap = trend.fewer(wide, "000", "000", data.draw(years), data.draw(years))
    assert gap["fewer"].abs().max() < 1e-6


amounts, sizes = st.floats(1, 1e9), st.floats(0.01, 100)


@given(amounts, amounts, amounts, amounts, sizes, sizes)
def test_scaling_area_and_reference_scales_what_is_expected_by_the_area_alone(before, then, now, k, m, _):
    expected = trend.at_reference_growth(before, then, now)
    assert trend.at_reference_growth(k * before, m * then, m * now) == pytest.approx(k * expected)


def test_windows_average_their_quarters_and_months_run_from_august_to_july():
    # AUK01, Ballerup 2014: 369, 323, 270, 244
    assert [trend.yearly(NET, window).loc[2014, "151"] for window in trend.WINDOWS] == [1206 / 4, 514 / 2, 244]
    # Gross unemployed 2021M08-2022M07
    months = [725, 687, 658, 597, 503, 586, 579, 585, 581, 532, 520, 471]
    assert trend.yearly("gross_unemployed")["151"].iloc[0] == pytest.approx(np.mean(months))


def test_a_year_that_lacks_one_quarter_or_one_month_is_left_out_and_no_other():
    def read(name):
        return load(name).query("quarter != '2014Q2'" if name == "auk01" else "month != '2023M01'")

    for measure, lacks in ((NET, 2014), ("gross_unemployed", 2023)):  # the second from August 2022 to July 2023
        whole = trend.yearly(measure)
        assert lacks in whole.index
        pd.testing.assert_frame_equal(trend.yearly(measure, read=read), whole.drop(index=lacks))
    assert trend.yearly(NET, "H2", read).loc[2014, "151"] == 514 / 2  # 270 and 244: of a half-year none is lacking


def test_a_rate_of_the_country_that_was_fetched_with_those_of_municipalities_goes_before_the_older_table():
    newer = pd.DataFrame([("000", 2014, 9.9)], columns=["area", "year", "pct"])

    def read(name):
        return pd.concat([newer, load(name)]) if name == "aup02" else load(name)

    was, now = (trend.yearly("gross_unemployment_pct", read=one)["000"] for one in (load, read))
    assert now[2014] == 9.9 and now.drop(2014).equals(was.drop(2014))


def test_each_benefit_of_auk01_is_a_measure_of_its_own_once_it_is_fetched(monkeypatch):
    texts = {"7": "Sygedagpenge", "8": "Nettoledige dagpengemodtagere", "9": "Nettoledige kontanthjælpsmodtagere"}
    monkeypatch.setattr(trend, "labels", lambda *asked: texts if asked == ("auk01_all", "benefit") else {})
    more = {name: m.suits for name, m in trend.measures().items() if name not in trend.MEASURES}
    assert more == {"auk01_7": ("all",), "auk01_8": ("all", "dagpenge")}  # the last is one already
    quarters = [f"2014Q{q}" for q in (1, 2, 3, 4)]
    rows = [(q, "151", code, n) for q in quarters for code, n in (("7", 5.0), ("8", 80.0))]
    table = pd.DataFrame(rows, columns=["quarter", "area", "benefit", "fulltime_persons"])
    assert trend.yearly("auk01_7", read=lambda _: table).loc[2014, "151"] == 5


def test_unemployed_over_the_labour_force_are_the_published_pct():
    pct, unemployed = (trend.yearly(f"gross_{name}") for name in ("unemployment_pct", "unemployed_derived"))
    force = trend.yearly("employed") + unemployed
    both = (100 * unemployed / force).stack().dropna()
    assert both.to_numpy() == pytest.approx(pct.stack().reindex(both.index).to_numpy()) and len(both) > 900


def test_the_ministry_expected_250_more_persons_than_there_were_in_2021_at_a_price_it_implies():
    row = load("y30r21").query("area == '151' and period == '2021QMAT02' and benefit_group == 'Ydelsesgrupper i alt'")
    assert (row["expected"] - row["actual"]).tolist() == [250]  # 3,210 - 2,960, as in the press
    for persons, mio, price in ((200, 12.5, 62_500), (250, 17.8, 71_200)):
        implied = trend.implied_price(
            Interval(persons, persons - 10, persons + 10), Interval(mio, mio - 0.05, mio + 0.05)
        )
        least, most = (mio - 0.05) * 1e6 / (persons + 10), (mio + 0.05) * 1e6 / (persons - 10)
        assert (implied.value, implied.low, implied.high) == pytest.approx((price, least, most))


def test_prices_of_a_later_year_come_as_printed_and_at_the_level_asked_for(prices):
    table = prices.set_index(["price", "share_pct"])
    assert prices.index.tolist() == list(range(len(prices)))
    assert prices[["share_pct", "price_kr"]].dtypes.eq(float).all()
    assert table.loc[("kontanthjaelp, 30+, other", 50), "price_kr"] == 10_689 * 12 / 2
    assert table.loc[("forsørgelse R2015", 100), "price_kr"] == 105_000  # printed as a count, moved back
    at_2014 = table.loc[("forsørgelse R2015, at 2014", 100)]
    assert at_2014["price_kr"] == pytest.approx(105_000 / 1.015)  # satsregulering 2015: 1.5 pct.
    assert at_2014["level"] == 2014 and at_2014["evidence"] == "derived"
    quoted = table.loc[table["group"].isin(["printed", "press", "press, other municipalities"])]
    assert set(quoted.index.get_level_values("share_pct")) == {100}
    before = trend.prices(2015)
    assert set(before.loc[before["benefit"] == "dagpenge", "share_pct"]) == {
        100,
        50,
        70,
    }  # not the 0 of the first weeks
    other = trend.prices(2016, "159")
    assert set(other.loc[other["benefit"] == "kontanthjaelp", "share_pct"]) == {100, 20, 60, 70, 80}
    assert {"Gladsaxe 2018, B expected minus actual", "Ballerup 2018, unit cost"} <= set(other["price"])
    assert not other["price"].str.startswith("forsørgelse").any()  # printed for Ballerup alone
    assert (other["group"] == "press").sum() == 4 and other["rates"].map(len).max() == 5  # Gladsaxe and the mean, twice


def test_a_printed_price_is_of_its_own_year_and_comes_to_the_year_asked_for_by_the_rises_between(prices):
    # thousand kr. in the accounts of 2015 and the budget of 2016; kontanthjælp rose 1.5 pct. in 2015 and 1.1 in 2016
    table = prices.set_index("price")[["level", "price_kr"]]
    for name, year, kr, rise in (("R2015", 2015, 105_000, 1.015), ("B2016", 2016, 117_000, 1.015 * 1.011)):
        assert table.loc[f"forsørgelse {name}"].tolist() == [year, kr]
        assert table.loc[f"forsørgelse {name}, at 2014"].tolist() == [2014, pytest.approx(kr / rise)]


def test_a_price_of_the_press_is_of_the_press_at_another_level_too_and_a_printed_one_is_derived_there(prices):
    brought = prices[prices["price"].str.endswith(", at 2014")]
    press = brought["group"].str.startswith("press")
    assert press.sum() >= 5 and set(brought.loc[press, "evidence"]) == {"press"}
    assert set(brought.loc[~press, "group"]) == {"printed"} and set(brought.loc[~press, "evidence"]) == {"derived"}


def test_a_rate_a_share_and_a_rise_of_a_year_are_those_of_30_june(monkeypatch):
    table = trend.prices(2016)
    assert set(table.loc[table["benefit"] == "dagpenge", "share_pct"]) == {100, 20, 60, 70, 80}  # from 4 January 2016
    told = []
    for r in rates._read():
        begins = r.valid_from and (r.valid_from.month, r.valid_from.day) == (1, 1)
        told.append(replace(r, valid_from=r.valid_from.replace(month=4)) if begins else r)
    monkeypatch.setattr(rates, "_read", lambda: tuple(told))
    assert trend.prices(2016)[["price", "price_kr"]].equals(table[["price", "price_kr"]])  # were 1 January 1 April


def test_a_price_is_as_good_as_its_weakest_ingredient(prices):
    for r in prices.itertuples():
        weakest = max((EVIDENCE.index(one.evidence) for one in r.rates), default=0)
        assert EVIDENCE.index(r.evidence) >= weakest, r.price


def test_every_target_between_five_and_ten_is_hit_by_the_list_of_prices_six_times_on_average(prices):
    gaps = trend.gaps()
    pairs = trend.suited(gaps, prices)
    mio_kr = np.outer(gaps["fewer"], prices["price_kr"] / 1e6)[pairs]
    targets = np.arange(51, 101) / 10
    hits = ((mio_kr >= targets[:, None] - 0.05) & (mio_kr < targets[:, None] + 0.05)).sum(axis=1)
    assert (len(gaps), (gaps["fewer"] > 0).sum(), len(mio_kr), (mio_kr > 0).sum()) == (104, 30, 3080, 843)
    assert (hits.min(), hits.max(), hits.mean().round(1), hits[25]) == (1, 14, 5.9, 5)  # hits[25]: 7,6


def test_counts_by_month_are_of_persons_on_a_benefit_whose_price_may_value_them():
    monthly = {name: (m.unit, *m.suits) for name, m in trend.MEASURES.items() if m.table == "jobindsats_monthly"}
    assert monthly == {
        "gross_unemployed": ("fuldtidspersoner", "all", "kontanthjaelp", "dagpenge"),
        "gross_unemployed_dagpenge": ("fuldtidspersoner", "all", "dagpenge"),
        "gross_unemployed_kontanthjaelp": ("fuldtidspersoner", "all", "kontanthjaelp"),
        "kontanthjaelp_fulltime_persons": ("fuldtidspersoner", "all", "kontanthjaelp"),
    }


def test_the_inhabitants_of_a_landsdel_a_region_and_the_country_are_those_of_their_municipalities():
    people, areas = trend.population_on("2014Q1"), load("areas").query("level == 'kommune'").set_index("code")
    assert people["000"] == people[municipalities()].sum() == 5_627_235 - 90  # Christiansø is no municipality
    for code, level in (("02", "landsdel"), ("084", "region")):
        assert people[code] == people[areas.index[areas[level] == code]].sum() > people["101"] / 2


def test_the_needed_price_gives_the_target_and_lies_inside_or_not():
    found = trend.search(7.6)
    gain = found["fewer"] > 0
    assert (found["needed_price_kr"] * found["fewer"])[gain].to_numpy() == pytest.approx(7.6e6)
    assert found.loc[~gain, "needed_price_kr"].isna().all() and not found.loc[~gain, "inside"].any()
    kr = found[gain]
    inside = (kr["lowest_kr"] <= kr["needed_price_kr"]) & (kr["needed_price_kr"] <= kr["highest_kr"])
    assert (kr["inside"] == inside).all() and inside.sum() == 20
    assert kr["off_pct"].to_numpy() == pytest.approx(((kr["nearest_kr"] / kr["needed_price_kr"] - 1) * 100).to_numpy())
    plain = kr.query("measure == @NET and window == 'year' and reference == '000' and base == 2013").iloc[0]
    assert (round(plain["needed_price_kr"]), plain["nearest"]) == (133_847, "mean net cost per unemployed")
    assert kr["lowest_kr"].min() == pytest.approx(56_579, abs=1) and kr["highest_kr"].max() == 211_900


def test_a_needed_price_at_either_end_of_the_list_lies_inside_it_and_no_gap_needs_no_price(monkeypatch):
    # 5 mio. kr. for 100, 50, 49, half a, 0 and -1 persons fewer, and for as many that each is worth 72.000 kr., which is
    # more than the root of 50.000 x 100.000, and so nearer to 100.000 as a ratio though not in kroner
    gaps = pd.DataFrame({"measure": NET, "fewer": [100.0, 50.0, 49.0, 0.5, 0.0, -1.0, 5e6 / 72_000]})
    listed = pd.DataFrame({"price": ["low", "high"], "benefit": "all", "price_kr": [50_000.0, 100_000.0]})
    monkeypatch.setattr(trend, "gaps", lambda *_: gaps)
    monkeypatch.setattr(trend, "prices", lambda *_: listed)
    found = trend.search(5)
    needed = [50_000, 100_000, 5e6 / 49, 10e6, np.nan, np.nan, 72_000]
    assert found["needed_price_kr"].tolist() == pytest.approx(needed, nan_ok=True)
    assert found["inside"].tolist() == [True, True, *[False] * 4, True]
    assert found["nearest"].tolist() == ["low", "high", "high", "high", "", "", "high"]
    nearest_kr = [50_000, 100_000, 100_000, 100_000, np.nan, np.nan, 100_000]
    assert found["nearest_kr"].tolist() == pytest.approx(nearest_kr, nan_ok=True)
    split = listed.assign(benefit=["kontanthjaelp", "all"])  # another measure has its own lowest price
    monkeypatch.setattr(trend, "gaps", lambda *_: gaps.assign(measure=[NET, *["fulltime_employees"] * 6]))
    monkeypatch.setattr(
        trend, "prices", lambda *_: pd.concat([split, split.assign(benefit="dagpenge", price_kr=[2e4, 2e5])])
    )
    of_each = trend.search(5)[["lowest_kr", "highest_kr"]].to_numpy().tolist()
    assert of_each == [[50_000, 100_000], *[[20_000, 200_000]] * 6]
    assert trend.search(0.5)["needed_price_kr"].tolist() == pytest.approx([n / 10 for n in needed], nan_ok=True)


def test_a_search_answers_for_any_municipality_and_year():
    assert len(trend.search(2.0, "Læsø", 2019)) == 84
    assert trend.search(7.6, "101", 2024)["year"].eq(2024).all()
    gaps = trend.gaps("159", 2014)
    assert set(gaps["area"]) == {"159"} and set(gaps["base"]) == {2010, 2011, 2012, 2013}
    assert gaps.columns.tolist() == ["measure", "window", *trend.fewer(trend.yearly(NET), "159").columns]
    assert gaps.index.tolist() == list(range(len(gaps)))


def test_a_benefit_that_began_within_the_years_has_gaps_from_its_first_persons_on(monkeypatch):
    monkeypatch.setattr(trend, "MEASURES", {"x": trend.Measure("t", "persons", "year", "persons", ("all",))})
    rows = [
        (area, year, n) for area in ("151", "000") for year, n in zip(range(2010, 2015), (0, 0, 0.5, 9, 8), strict=True)
    ]
    table = pd.DataFrame(rows, columns=["area", "year", "persons"])
    gaps = trend.gaps("151", 2014, lambda _: table)
    assert gaps["base"].tolist() == [2012, 2013] and gaps["fewer"].tolist() == [0, 0]  # as the country


def test_persons_derived_of_a_rate_are_of_the_employed_of_the_tables_handed_in():
    was = trend.yearly("gross_unemployed_derived")
    now = trend.yearly("gross_unemployed_derived", read=lambda n: _doubled(n, "employed", "persons"))
    assert now.equals(2 * was) and list(now) == list(trend.yearly("employed"))


def _doubled(name, which, column):
    table = load(name)
    return table.assign(**{column: 2 * table[column]}) if name == which else table


def _without_persons(name):
    table = load(name)
    return (
        table.assign(persons=table["persons"].mask(table["area"].isin(["151", "163"]))) if name == "folk1a" else table
    )


@pytest.mark.parametrize(("lacking", "ends"), [(5, "\\w+ in 2014Q1$"), (6, "\\w+ … in 2014Q1$")])
def test_five_municipalities_without_persons_are_named_and_more_are_hinted_at(lacking, ends):
    def read(name):
        table = load(name)
        return (
            table.assign(persons=table["persons"].mask(table["area"].isin(municipalities()[:lacking])))
            if name == "folk1a"
            else table
        )

    with pytest.raises(DataError, match=f"no persons of (?:\\w+, ){{4}}{ends}"):
        trend.population_on("2014Q1", read)


def test_an_example_without_a_price_is_no_price():
    def read(name, corrected=False):
        table = load(name, corrected)
        return table.assign(implied_kr_per_person=np.nan) if name == "worked_examples" else table

    assert set(trend.prices(read=read).query("group.str.startswith('press')")["benefit"]) == {"all"}
    assert trend.prices(read=read)["price_kr"].notna().all()


def test_areas_and_references_may_be_several_and_all_municipalities_are_those_of_the_series(net):
    several = trend.fewer(net, ["151", 159], ["000", "02"])
    alone = [trend.fewer(net, area, reference) for reference in ("000", "02") for area in ("151", "159")]
    key = ["area", "reference"]
    assert several.sort_values(key, ignore_index=True).equals(pd.concat(alone).sort_values(key, ignore_index=True))
    assert trend.fewer(net[["000", "159", "151"]], None)["area"].tolist() == ["151", "159"]


def test_a_series_without_the_area_or_without_persons_in_the_year_has_no_gap(monkeypatch):
    measures = {name: trend.Measure(name, "persons", "year", "persons", ("all",)) for name in ("none", "zero", "some")}
    monkeypatch.setattr(trend, "MEASURES", measures)
    monkeypatch.setattr(trend, "labels", lambda *_: {})
    series = {
        "none": {"000": (9, 9, 9)},
        "zero": {"000": (9, 9, 9), "151": (9, 9, 0)},
        "some": {"000": (9, 9, 9), "151": (9, 9, 8)},
    }

    def read(name):
        rows = [(area, 2012 + i, n) for area, ns in series[name].items() for i, n in enumerate(ns)]
        return pd.DataFrame(rows, columns=["area", "year", "persons"])

    found = trend.gaps(read=read)
    assert found[["measure", "base", "fewer"]].to_numpy().tolist() == [["some", 2012, 1], ["some", 2013, 1]]


def test_a_benefit_is_valued_by_the_price_of_that_one_or_of_all():
    told = {
        "Kontanthjælpsmodtagere": ("all", "kontanthjaelp"),
        "Barselsdagpenge": ("all",),
        "dagpenge": ("all", "dagpenge"),
    }
    assert {text: trend._suits(text) for text in told} == told


def test_counts_by_month_whose_years_begin_in_august_are_no_gaps_of_a_year(monkeypatch):
    monkeypatch.setattr(
        trend, "MEASURES", {"x": replace(trend.MEASURES["gross_unemployed"], table="auk01", column="fulltime_persons")}
    )
    with pytest.raises(DataError, match="no series holds persons of Ballerup in 2014"):
        trend.gaps()


def test_persons_per_1000_are_of_the_inhabitants_of_1_january():
    panel = pd.DataFrame({"151": [48.514, 97.028]}, index=["2014Q1", "2014Q2"])
    assert trend.per_1000(panel, 2014)["151"].tolist() == pytest.approx([1, 2])  # of 48,514
    later = trend.per_1000(pd.DataFrame({"151": [100.0], "101": [1000.0]}), 2022)
    assert later.iloc[0].tolist() == pytest.approx([2.0295, 1.5518], abs=5e-5)  # of 49,274 and 644,431


def test_a_municipality_is_compared_with_its_own_region_and_landsdel():
    assert trend.references("Aalborg") == {"000": "Hele landet", "081": "Region Nordjylland", "11": "Nordjylland"}
    assert [*trend.references("461")] == ["000", "083", "07"]  # Odense, Fyn


def test_synthetic_did_gives_what_was_published_for_california():
    packs = pd.read_csv(PACKS, index_col="year")
    found = counterfactual.counterfactuals(packs, 1989, season=1).set_index(["method", "area"])["fewer"]
    assert -found["synthetic difference-in-differences", "California"] == pytest.approx(-15.604, abs=0.005)
    assert -found["synthetic control", "California"] == pytest.approx(-19.5, abs=0.4)  # published: about -19.6


def test_the_estimators_agree_with_diff_diff_on_ballerup(panel, estimates):
    from diff_diff import SyntheticControl, SyntheticDiD

    found = estimates.query("area == '151'").set_index("method")["fewer"]
    long = panel.stack().rename("y").reset_index()
    post = [f"2014Q{q}" for q in range(1, 5)]
    long["treated"] = (long["area"] == "151").astype(int)
    with warnings.catch_warnings(action="ignore"):
        sdid = SyntheticDiD(variance_method="jackknife").fit(long, "y", "treated", "area", "quarter", post)
        long["treated"] *= long["quarter"].isin(post)
        unit = {"v_method": "custom", "custom_v": np.ones(28), "standardize": "none"}
        control = SyntheticControl(**unit).fit(long, "y", "treated", "area", "quarter", post_periods=post)
    assert found["synthetic difference-in-differences"] == pytest.approx(-sdid.att, rel=1e-3)
    assert found["synthetic control"] == pytest.approx(-control.att, rel=1e-3)


def test_each_method_tells_of_each_area_once(estimates):
    assert not estimates.duplicated(["method", "area"]).any() and len(estimates) == 5 * len(municipalities())
    assert estimates.index.tolist() == list(range(len(estimates)))


def test_no_counterfactual_for_2014_lies_beyond_one_municipality_in_ten(estimates):
    people = trend.population_on("2014Q1")["151"]
    told = {m: t.set_index("area")["fewer"] for m, t in estimates.groupby("method", sort=False)}
    persons = [round(effect["151"] * people / 1000, 1) for effect in told.values()]
    assert persons == [66.8, -50.5, 4.3, 21.3, 38.3]
    p = [trend.placebo_p(effect, "151").round(2).tolist()[1:] for effect in told.values()]
    assert p == [[0.09, 0.14], [0.87, 0.35], [0.43, 0.90], [0.17, 0.48], [0.12, 0.24]]
    fit = estimates[estimates["area"] == "151"].set_index("method")["fit_before"] * people / 1000
    assert fit.round(1).tolist() == [131.3, 59.0, 25.2, 22.3, 23.9]


def test_equal_effects_share_the_better_place():
    tied = pd.Series({"a": 3.0, "b": 3.0, "c": -3.0, "d": 1.0})
    assert [trend.placebo_p(tied, area).tolist() for area in "abcd"] == [
        *[[1, 0.5, 0.75]] * 2,
        [4, 1, 0.75],
        [3, 0.75, 1],
    ]


def test_an_effect_put_into_a_panel_is_found_by_every_method():
    rng = np.random.default_rng(3)
    common = np.cumsum(rng.normal(size=(24, 2)), axis=0)
    y = common @ rng.uniform(0.5, 1.5, (2, 12)) + 30
    y[:, 0] = y[:, 1:4].mean(axis=1) + 2  # a mixture of others, two higher
    y[20:, 0] -= 5
    table = pd.DataFrame(y, index=[f"{2008 + i // 4}Q{i % 4 + 1}" for i in range(24)])
    found = counterfactual.counterfactuals(table, "2013Q1").query("area == 0").set_index("method")
    assert found.loc["synthetic control, levels removed", "fewer"] == pytest.approx(5, abs=0.05)
    assert found.loc["synthetic control, levels removed", "fit_before"] < 0.01 < 0.1 < found["fit_before"].max()
    assert found.loc["synthetic difference-in-differences", "fewer"] == pytest.approx(5, abs=0.5)
    gap = table[0] - table.drop(columns=0).mean(axis=1)
    assert found.loc["difference, all years before", "fewer"] == pytest.approx(gap[:20].mean() - gap[20:].mean())
    assert found.loc["difference, one year before", "fewer"] == pytest.approx(gap[16:20].mean() - gap[20:].mean())
    level = gap[16:20].mean()
    assert found.loc["difference, one year before", "fit_before"] == pytest.approx(
        ((gap[:20] - level) ** 2).mean() ** 0.5
    )


@given(st.lists(st.floats(-50, 50), min_size=8, max_size=8), st.integers(0, 4))
def test_weights_are_shares_and_a_column_is_its_own_best_mixture(values, which):
    columns = np.array(values).reshape(8, 1) + np.arange(5) * np.arange(8).reshape(8, 1)
    weights = counterfactual.convex_weights(columns, columns[:, which])
    assert (weights >= 0).all() and weights.sum() == pytest.approx(1)
    assert columns @ weights == pytest.approx(columns[:, which], abs=1e-3)


def test_weights_keep_to_their_sum_however_large_the_columns_and_however_far_the_target():
    columns, target = np.array([[1.0, 3.0], [2.0, 5.0]]), np.array([2.0, 3.5])
    for unit in (1e-9, 1, 1e9):
        assert counterfactual.convex_weights(unit * columns, unit * target) == pytest.approx([0.5, 0.5])
    assert counterfactual.convex_weights(columns, 1e4 * target).tolist() == pytest.approx([0, 1], abs=1e-12)
    assert counterfactual.convex_weights(0 * columns, target).sum() == pytest.approx(1)  # nothing to choose by
    below = 1e6 * np.array([[-1.0, -1.0], [0.0, -1.0], [0.0, 0.0]])  # of any sum twice the first and the second fit
    assert counterfactual.convex_weights(below, 1e6 * np.array([-3.0, -1.0, 0.0])) == pytest.approx([0, 1], abs=1e-6)


def mixed(columns, target, ridge):
    """Weights of any sign with the sum 1, by elimination of the last: those of least squares where none is below 0."""
    n = columns.shape[1]
    away, last = np.vstack([np.eye(n - 1), -np.ones(n - 1)]), np.eye(n)[-1]
    rows = np.vstack([columns, ridge * np.eye(n)])
    return last + away @ np.linalg.lstsq(rows @ away, np.r_[target, np.zeros(n)] - rows @ last, rcond=None)[0]


def test_the_weights_of_synthetic_did_spread_as_its_authors_say():
    # Arkhangelsky et al. (2021), as in synthdid: noise is the deviation of first differences, the spread of the areas'
    # weights (periods after)^(1/4) × noise, of the periods' weights 1e-6 × noise, each times the root of what is fitted
    rng = np.random.default_rng(23)
    was = rng.normal(size=(4, 6)).cumsum(axis=0)
    was[3] = was[2] + 2e-6 * rng.normal(size=6)  # so alike that the spread tells them apart
    own = was.mean(axis=1) + rng.normal(size=4) / 10
    after = [0.2, 0.3, 0.4, 0.1] @ was + [[1.0], [2.0]]
    on_areas, on_periods = counterfactual._synthetic_did(np.vstack([was, after]), np.r_[own, 0, 0], 4)
    noise = np.diff(was, axis=0).std(ddof=1)
    areas = mixed(was - was.mean(axis=0), own - own.mean(), 2**0.25 * noise * 4**0.5)
    periods = mixed((was - was.mean(axis=1, keepdims=True)).T, after.mean(axis=0), 1e-6 * noise * 6**0.5)
    assert areas.min() > 0.1 and periods.min() > 0.1
    assert on_areas == pytest.approx(areas, abs=1e-6) and on_periods == pytest.approx(periods, abs=1e-3)


def test_what_is_asked_wrongly_is_told_with_what_there_is(net, panel):
    few = panel.iloc[-6:]
    assert (
        len(counterfactual.counterfactuals(panel.iloc[-8:, :3], "2014Q1")) == 5 * 3
    )  # a year before is enough, and three areas
    wrong = {
        "no measure 'ledighed'; the measures are net_unemployed_kontanthjaelp, gross": lambda: trend.yearly("ledighed"),
        "no window 'Q3'; the windows are year, H2, Q4": lambda: trend.yearly(NET, "Q3"),
        "there is no area '999'": lambda: trend.fewer(net, "999"),
        "the series has no Byen København (01); it has Hele landet, Københavns omegn, Nordsjælland, Bornholm, Østsjælland and 109 more": lambda: (
            trend.fewer(net.drop(columns="01"), "151", "01")
        ),
        "the series has no Ballerup (151)": lambda: trend.fewer(net.assign(**{"151": np.nan}), "151"),
        "the series has no 2050 for all of these areas; it has 2007": lambda: trend.fewer(net, year=2050),
        "the series has no 1999, 2050 for all": lambda: trend.fewer(net, base=[2050, 2013], year=[2014, 1999]),
        "the series has no 2013 for all": lambda: trend.fewer(net.assign(**{"02": net["02"].drop(2013)}), "151", "02"),
        "the series has no 1999": lambda: trend.fewer(net, base=[1999, 2013], year=[2014, 2014]),
        "there is no base year to compare with": lambda: trend.fewer(net, base=[], year=[]),
        "folk1a has no persons of Ballerup, Herlev in 2014Q1": lambda: trend.population_on("2014Q1", _without_persons),
        "folk1a has no 1999Q1; it has 2008Q1 to 2026Q1": lambda: trend.population_on("1999Q1"),
        "the target is 0 mio. kr.": lambda: trend.search(0),
        "the target is inf mio. kr.": lambda: trend.search(np.inf),
        "no series holds persons of Ballerup in 1990": lambda: trend.gaps(year=1990),
        "2 periods before 2014Q1 and 4 after; it needs 4 and 1": lambda: counterfactual.counterfactuals(few, "2014Q1"),
        "8 periods before 2015Q1 and 0 after": lambda: counterfactual.counterfactuals(panel.iloc[-8:], "2015Q1"),
        "needs three areas or more": lambda: counterfactual.counterfactuals(panel.iloc[:, :2], "2014Q1"),
        "without gaps": lambda: counterfactual.counterfactuals(panel.mask(panel > 5), "2014Q1"),
    }
    for says, ask in wrong.items():
        with pytest.raises(DataError) as told:
            ask()
        assert says in str(told.value)
    five = ["000", "02", "03", "04", "05"]  # told in full
    for there, end in ((five, "Østsjælland$"), ([*five, "06"], "Østsjælland and 1 more$")):
        with pytest.raises(DataError, match=f"it has Hele landet, Københavns omegn, Nordsjælland, Bornholm, {end}"):
            holes = {"159": np.nan, "000": net["000"].drop(2007)}  # one area without a year, and one with a gap
            trend.fewer(net[there].assign(**holes), "151")
