"""The grants move money between municipalities and make none; a krone saved is followed until the last of it is placed."""

import functools
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ballerup_analysis import grants
from ballerup_analysis.grants import (
    CASES,
    PAYERS,
    STAGES,
    SYSTEMS,
    TAX,
    beskaeftigelsestilskud,
    budgetgaranti,
    kept_by_case,
    tax_and_equalisation,
    who_keeps,
)
from ballerup_analysis.refusion import share_in_week
from ballerup_analysis.sources import DataError, load, municipalities
from ballerup_analysis.trend import yearly

few = settings(max_examples=10)
amounts, factors = st.floats(1, 1e6), st.floats(0.5, 2)
keys = functools.cache(grants.keys)


@st.composite
def worlds(draw):
    """Eight municipalities in three landsdele and three years."""
    figures = draw(arrays(float, (24, 3), elements=amounts))
    world = pd.DataFrame(figures, columns=["grant_before", "unemployed_before", "cost"])
    world = world.assign(year=[2012, 2015, 2020] * 8, landsdel=list("ABBCCCAB") * 3)
    by_year = draw(st.tuples(*[st.tuples(factors, st.floats(-1e5, 1e5))] * 3))
    return world.assign(price_factor=[f for f, _ in by_year] * 8, regulation=[r for _, r in by_year] * 8)


def landsdel(world, column):
    return world.groupby(["year", "landsdel"])[column].transform("sum")


def zero(world):
    return pytest.approx(np.zeros(len(world)), abs=1e-6 * world.select_dtypes("number").abs().to_numpy().max())


def table(**columns):
    return pd.DataFrame({"year": 2014, "landsdel": "L"} | columns)


def test_the_made_up_cases_of_the_worked_examples_give_10_and_15():
    rows = load("worked_examples").query("method.str.startswith('SYNTHETIC')")
    names = {"grant_before": "cost t-2:", "cost": "cost t:", "unemployed_before": "shares(?: t-2 =)?"}
    for text, gain in zip(rows["inputs"], [10, 15], strict=True):
        printed = {name: re.search(rf"{after} ([\d.,]+)", text)[1].split(",") for name, after in names.items()}
        assert beskaeftigelsestilskud(table(**printed).astype(dict.fromkeys(names, float)))["gain"][0] == pytest.approx(
            gain
        )
    assert rows["stated_result"].tolist() == [10, 15]


# Country: cost 220, grants 200, need 20. Stages 1 and 2 share 20 by 50, 30, 20: 10, 6, 4.
# Final: L needs 180 - 160 = 20, shared by 50, 30: 12.5, 7.5; M needs 40 - 40 = 0.
def test_the_country_shares_its_need_until_the_final_stage_gives_each_landsdel_its_own():
    world = table(grant_before=[100, 60, 40], unemployed_before=[50, 30, 20], cost=[120, 60, 40])
    for stage, grant in zip(STAGES, ([110, 66, 44], [110, 66, 44], [112.5, 67.5, 40]), strict=True):
        given_out = beskaeftigelsestilskud(world.assign(landsdel=["L", "L", "M"]), stage)
        assert given_out["tilskud"].tolist() == pytest.approx(grant), stage
        assert given_out["gain"].tolist() == pytest.approx((np.array(grant) - [120, 60, 40]).tolist()), stage


def test_a_law_change_is_shared_by_the_basis_and_not_by_unemployment():
    # Uprated 10 pct.: 110, 66, 44 of 220; of -22 they bear 11, 6.6, 4.4. Need 200 - 198 = 2, by 1, 1, 2: 0.5, 0.5, 1
    world = table(grant_before=[100, 60, 40], unemployed_before=[1, 1, 2], cost=[100, 60, 40])
    shared = beskaeftigelsestilskud(world.assign(price_factor=1.1, regulation=-22.0))
    assert shared["grundtilskud"].tolist() == pytest.approx([99, 59.4, 39.6])
    assert shared["merudgiftsbehov"].tolist() == pytest.approx([0.5, 0.5, 1])


def test_a_law_change_is_shared_by_grants_of_one_krone_too():
    shared = beskaeftigelsestilskud(table(grant_before=[0.75, 0.25], unemployed_before=1, cost=3.0, regulation=4.0))
    assert shared["grundtilskud"].tolist() == [3.75, 1.25]


def test_municipalities_without_a_grant_in_the_base_year_share_their_whole_cost_by_unemployment():
    world = table(grant_before=[0.0, 0], unemployed_before=[3, 1], cost=[50.0, 30])
    for one in (world, world.assign(regulation=0.0)):
        shared = beskaeftigelsestilskud(one)
        assert shared["grundtilskud"].tolist() == [0, 0] and shared["tilskud"].tolist() == [60, 20]


@few
@given(worlds())
def test_gains_in_a_landsdel_add_to_zero_at_the_final_stage(world):
    assert landsdel(beskaeftigelsestilskud(world), "gain").to_numpy() == zero(world)


@few
@given(worlds(), st.sampled_from(STAGES))
def test_an_unchanged_world_gains_nothing_at_any_stage(world, stage):
    unchanged = world.assign(cost=world["grant_before"] * world["price_factor"], regulation=0.0)
    assert beskaeftigelsestilskud(unchanged, stage)["gain"].to_numpy() == zero(world)


@few
@given(worlds())
def test_where_grant_and_unemployment_follow_cost_the_grant_is_own_cost_at_the_landsdels_growth(world):
    before = world.assign(unemployed_before=world["grant_before"] / landsdel(world, "cost"), regulation=0.0)
    ratio = before["grant_before"] * landsdel(world, "cost") / landsdel(world, "grant_before")
    assert beskaeftigelsestilskud(before)["tilskud"].tolist() == pytest.approx(ratio.tolist())


@few
@given(worlds(), st.sampled_from(STAGES), st.floats(-1e5, 1e5))
def test_cost_moved_within_a_landsdel_moves_no_grant(world, stage, moved):
    first, other = world.query("year == 2015 and landsdel == 'C'").index[:2]
    after = world.copy()
    after.loc[[first, other], "cost"] += [moved, -moved]
    change = beskaeftigelsestilskud(after, stage)["tilskud"] - beskaeftigelsestilskud(world, stage)["tilskud"]
    assert change.to_numpy() == zero(world)


@few
@given(worlds(), st.sampled_from(STAGES))
def test_all_years_in_one_table_are_the_same_as_year_by_year(world, stage):
    by_year = pd.concat([beskaeftigelsestilskud(year, stage) for _, year in world.groupby("year")])
    pd.testing.assert_frame_equal(beskaeftigelsestilskud(world, stage), by_year.loc[world.index])


# Uprated 132, 66, 22; change 250 - 220 = 30, by population 15, 9, 6, by cost 18, 9, 3; own change 8, -6, 28
GUARANTEED = pd.DataFrame({"population": [50, 30, 20], "cost_before": [120, 60, 20], "cost": [140, 60, 50]})


def test_the_budget_guarantee_by_hand():
    for key, gain, share in (("population", [7, 15, -22], [0.5, 0.3, 0.2]), ("cost", [10, 15, -25], [0.6, 0.3, 0.1])):
        settled = budgetgaranti(GUARANTEED, 1.1, key)
        assert settled["gain"].tolist() == pytest.approx(gain), key
        assert settled["share"].tolist() == pytest.approx(share), key
        assert settled["compensation"].tolist() == pytest.approx([30 * x for x in share]), key
        assert settled["key_difference"].tolist() == pytest.approx([-3, 0, 3]), key


def test_a_municipality_without_inhabitants_has_no_share_by_population():
    # Change 250 - 200 = 50, by 0, 30, 20 of 50
    settled = budgetgaranti(GUARANTEED.assign(population=[0, 30, 20]))
    assert settled["compensation"].tolist() == pytest.approx([0, 30, 20])


@few
@given(arrays(float, (6, 3), elements=amounts), factors)
def test_the_keys_of_the_budget_guarantee_move_money_and_make_none(figures, factor):
    country = pd.DataFrame(figures, columns=["population", "cost_before", "cost"])
    by = {key: budgetgaranti(country, factor, key) for key in ("population", "cost")}
    assert [found["gain"].sum() for found in by.values()] == pytest.approx([0, 0], abs=1e-2)
    difference = (by["population"]["gain"] - by["cost"]["gain"]).to_numpy()
    assert by["cost"]["key_difference"].to_numpy() == pytest.approx(difference, abs=1e-2)


MADE_UP = pd.DataFrame(
    {"landsdel": ["L", "L", "M"], "unemployed_before": [30, 10, 60], "population": [50, 30, 20]}, index=list("abc")
)


# 1,000 kr. gross at 70 pct. (week 27, passive) or 80 (week 60, 2019), the state has the rest. Columns: a, b, c, state.
# Dagpenge, t+1: L's need falls 700, by 30, 10 of 40. t+2: those grants are the basis, and the country's need is up 700,
# by 30, 10, 60 of 100: 210 - 525, 70 - 175, 420. t+3: each landsdel meets its own need, which undoes t+2.
# From 2019 only the final grant, 800 by 30, 10 of 40: that of 2021 does not exist. Kontanthjælp: by 50, 30, 20 of 100.
# A share of 0 pct. leaves nothing to hand on, of any system; one of 100 leaves the state nothing until t+1.
BY_HAND = [
    ("dagpenge", 2010, 70, [[700, 0, 0, 300], [-525, -175, 0, 700], [-315, -105, 420, 0], [315, 105, -420, 0]]),
    ("dagpenge", 2014, 70, [[700, 0, 0, 300], [-525, -175, 0, 700], [-315, -105, 420, 0], [315, 105, -420, 0]]),
    ("dagpenge", 2018, 70, [[700, 0, 0, 300], [-525, -175, 0, 700], [-315, -105, 420, 0], [315, 105, -420, 0]]),
    ("dagpenge", 2019, 80, [[800, 0, 0, 200], [-600, -200, 0, 800], [0] * 4, [0] * 4]),
    ("kontanthjaelp", 2014, 70, [[700, 0, 0, 300], [-350, -210, -140, 700], [0] * 4, [0] * 4]),
    ("sygedagpenge", 2014, 70, [[700, 0, 0, 300], [0] * 4, [0] * 4, [0] * 4]),
    ("dagpenge", 2014, 0, [[0, 0, 0, 1000], [0] * 4, [0] * 4, [0] * 4]),
    ("kontanthjaelp", 2014, 0, [[0, 0, 0, 1000], [0] * 4, [0] * 4, [0] * 4]),
    ("kontanthjaelp", 2014, 100, [[1000, 0, 0, 0], [-500, -300, -200, 1000], [0] * 4, [0] * 4]),
]


def test_a_thousand_kroner_saved_by_hand():
    for benefit, year, share, rows in BY_HAND:
        kept = who_keeps(1000, benefit, year, share, area="a", table=MADE_UP)
        assert list(kept) == PAYERS and kept.index.tolist() == list(range(year, year + 4))
        assert kept.to_numpy() == pytest.approx(np.array(rows), abs=1e-9), (benefit, year)


def test_a_municipality_alone_in_its_landsdel_shares_with_the_country_for_one_year_only():
    # c saves 700: M's need falls 700, all of it c's. t+2: its basis is 700 lower, the country's need 700 higher, 420 of
    # it c's. t+3: M's own need is 700 higher, all of it c's, which undoes t+2.
    kept = who_keeps(1000, "dagpenge", 2014, 70, area="c", table=MADE_UP)
    rows = [[700, 0, 0, 300], [-700, 0, 0, 700], [-280, 0, 280, 0], [280, 0, -280, 0]]
    assert list(kept) == PAYERS and kept.to_numpy() == pytest.approx(np.array(rows), abs=1e-9)


def test_local_tax_and_equalisation_are_a_line_of_their_own_and_only_where_asked_for():
    # The ministry: saved 68,200, tax 30,000, equalisation -49,300, so 48,900 (72 pct.) are kept
    example = tax_and_equalisation(68_200)
    assert example.to_dict() == {"local tax": 30_000, "equalisation": -49_300} and 68_200 + example.sum() == 48_900
    plain, into_work = (
        who_keeps(1000, "kontanthjaelp", 2014, 70, area="a", table=MADE_UP, into_work=asked) for asked in (False, True)
    )
    assert list(into_work) == [*PAYERS, TAX] and into_work[PAYERS].equals(plain)
    assert into_work[TAX].tolist() == pytest.approx([700 * (30_000 - 49_300) / 68_200, 0, 0, 0])


# Ledighedsydelse is budget-guaranteed (§ 14 stk. 2 nr. 5); sygedagpenge stand in neither system; dagpenge in the other
def test_each_benefit_is_settled_by_the_system_the_law_names():
    assert {benefit for benefit, system in SYSTEMS.items() if system == "none"} == {"sygedagpenge"}
    assert {b for b, system in SYSTEMS.items() if system == "beskaeftigelsestilskud"} == {"dagpenge"}
    of_the_law = {"kontanthjaelp", "uddannelseshjaelp", "integrationsydelse", "ledighedsydelse", "revalideringsydelse"}
    of_the_law |= {"ressourceforloebsydelse", "foertidspension"}
    assert {b for b, system in SYSTEMS.items() if system == "budgetgaranti"} == of_the_law
    for benefit, system in SYSTEMS.items():
        for year in (2014, 2019):
            kept = who_keeps(1e6, benefit, year, 50.0, table=keys(year))
            municipalities_keep = kept.drop(columns="state").to_numpy().sum()
            own = 0 if system != "none" else 5e5
            assert (municipalities_keep, kept["state"].sum()) == pytest.approx((own, 1e6 - own), abs=1e-3), benefit


def test_a_case_is_what_its_name_says():
    words = {"dagpenge": "dagpenge", "kontanthjaelp": "kontanthjælp", "sygedagpenge": "sygedagpenge"}
    after_half_a_year = {2014: 27}  # where the name tells no week
    for name, (benefit, year, week, activity) in CASES.items():
        told = activity if week == after_half_a_year.get(year) else f"week {week}"
        assert name == f"{words[benefit]} {year}, {told}"


def test_the_cases_of_the_paper_rest_on_the_shares_in_force_in_the_middle_of_the_year():
    kept = kept_by_case(CASES)
    assert list(kept) == [*PAYERS, "evidence"] and kept[PAYERS].sum(axis=1).tolist() == pytest.approx([100] * 8)
    assert kept["evidence"].eq("unverified").sum() == 3  # dagpenge, and kontanthjælp when passive, of 2014
    first = {"x": ("sygedagpenge", 2015, 60, "passive"), "y": ("kontanthjaelp", 2016, 60, "passive")}
    state = kept_by_case(first)["state"]
    assert state["x"] == pytest.approx(0)  # week 60 in June 2015: all is the municipality's, at no grant
    assert share_in_week("sygedagpenge", 60, "2016-01-01").value == 80  # the next rule began on 28 December
    assert state["y"] == pytest.approx(100)
    day = kept_by_case({"z": ("dagpenge", 2016, 27, "active")}).loc["z"]  # 1 and 3 January: the rule before, 50 pct.
    assert who_keeps(100, "dagpenge", 2016, 70, table=keys(2016)).sum()["municipality"] == pytest.approx(
        day["municipality"]
    )


def test_the_keys_are_those_of_98_municipalities_two_years_before():
    shared, merged = keys(2014), keys(2014, "order_2021")["landsdel"]
    assert sorted(shared.index) == sorted(municipalities()) and len(shared) == 98
    unemployed = yearly("gross_unemployed_derived").loc[2012, "151"]
    assert shared.loc["151"].tolist() == ["02", unemployed, 48_514]
    years = yearly("gross_unemployed_derived").index
    for year in (years[0] + 2, years[-1] + 2):  # the first and last that unemployment gives
        assert len(keys(year)) == 98
    together = shared["landsdel"].groupby(merged).unique().map(sorted).map(tuple)
    assert {codes for codes in together if len(codes) > 1} == {("01", "02", "05"), ("04", "06")}


WORLD = table(grant_before=[9.0, 6], unemployed_before=[3, 2], cost=[8.0, 7])
TWO = WORLD.assign(year=[2014, 2015], landsdel=["L", "M"])
BORNHOLM = table(area=["400"] * 2, grant_before=1.0, unemployed_before=1, cost=1)
WITHOUT_DRAGOER = table(area=["101", "147", "185"], grant_before=1, unemployed_before=1, cost=1)


WRONG = {
    "no .* for 2009: it began in 2010": lambda: beskaeftigelsestilskud(WORLD.assign(year=2009)),
    "for 2021: .* ended by L 196 of 26 May 2020": lambda: beskaeftigelsestilskud(WORLD.assign(year=[2020, 2021])),
    "unemployed_before, .* persons 0 or more": lambda: beskaeftigelsestilskud(WORLD.assign(unemployed_before=[-1, 3])),
    "cost must be given for every row": lambda: beskaeftigelsestilskud(WORLD.assign(cost=[np.nan, 1])),
    "no stage 'final'; .* foreloebig, midtvejs, endelig": lambda: beskaeftigelsestilskud(WORLD, "final"),
    "landsdel L, 2014: every .* must be there once; missing 155": lambda: beskaeftigelsestilskud(WITHOUT_DRAGOER),
    "the country, 2014: .* missing 151, 153": lambda: beskaeftigelsestilskud(WITHOUT_DRAGOER, "midtvejs"),
    "missing 155, twice 101, 147, 185": lambda: beskaeftigelsestilskud(pd.concat([WITHOUT_DRAGOER] * 2)),
    "missing none, twice 400": lambda: beskaeftigelsestilskud(BORNHOLM),
    "the country, 2014: every .* missing 151": lambda: beskaeftigelsestilskud(
        WITHOUT_DRAGOER.assign(regulation=[1, 0, 0])
    ),
    "price_factor must be given": lambda: beskaeftigelsestilskud(WORLD.assign(price_factor=np.nan)),
    "no unemployed in t-2": lambda: beskaeftigelsestilskud(TWO.assign(unemployed_before=[0, 2])),
    "regulation cannot be shared": lambda: beskaeftigelsestilskud(TWO.assign(grant_before=[0, 1], regulation=1.0)),
    "no key 'area'; the keys are population, cost": lambda: budgetgaranti(GUARANTEED, key="area"),
    "population 0 or more": lambda: budgetgaranti(GUARANTEED.assign(population=[-1, 1, 1])),
    "population, cost_before and cost must be given": lambda: budgetgaranti(GUARANTEED.assign(cost=[np.nan, 1, 1])),
    "no grouping 'region'; .* statistical, order_2021": lambda: grants.keys(2014, "region"),
    "grant year 2009: .* gives 2010 to 2019": lambda: grants.keys(2009),
    "grant year 2020: .* gives 2010 to 2019": lambda: grants.keys(2020),
    "2021: .*ended by L 196": lambda: who_keeps(1, "dagpenge", 2021, 70, table=MADE_UP, area="a"),
    "no beskæftigelsestilskud for 2021: it began in 2010": lambda: who_keeps(1, "dagpenge", 2021, 70),
    "no system for 'su'; the benefits are dagpenge, sygedagpenge": lambda: who_keeps(1, "su", 2014, 70),
    "no municipality '101' .*have a, b, c": lambda: who_keeps(1, "dagpenge", 2014, 70, area="101", table=MADE_UP),
    "saving_kr is nan": lambda: who_keeps(np.nan, "dagpenge", 2014, 70, table=MADE_UP, area="a"),
    "share_pct is 101": lambda: who_keeps(1, "dagpenge", 2014, 101, table=MADE_UP, area="a"),
    "for kontanthjaelp only, not for dagpenge": lambda: who_keeps(
        1, "dagpenge", 2014, 70, table=MADE_UP, area="a", into_work=True
    ),
    "the country.*missing 165": lambda: who_keeps(1, "kontanthjaelp", 2014, 70, table=keys(2014).drop("165")),
}


def test_an_impossible_question_is_answered_with_the_valid_range():
    for says, ask in WRONG.items():
        with pytest.raises(DataError, match=says):
            ask()


@pytest.mark.parametrize("settle", [beskaeftigelsestilskud, budgetgaranti])
def test_each_column_that_is_needed_is_told_when_it_is_not_there(settle):
    whole = WORLD if settle is beskaeftigelsestilskud else GUARANTEED
    for column in whole.columns:
        with pytest.raises(DataError, match=rf"lacks \['{column}'\]; it needs \['{whole.columns[0]}'"):
            settle(whole.drop(columns=column))


def test_a_benefit_of_another_system_outlives_the_grant_and_a_municipality_may_be_named():
    kept = who_keeps(1000, "kontanthjaelp", 2021, 70, "a", MADE_UP)
    assert kept.loc[2022, "municipality"] == pytest.approx(-350)
    by = [who_keeps(1000, "dagpenge", 2014, 70, area, keys(2014)) for area in ("Gladsaxe", "159")]
    assert by[0].equals(by[1])


def test_the_keys_are_those_of_the_tables_handed_in():
    def read(name):
        table, columns = load(name), {"employed": "persons", "folk1a": "persons"}
        at_home = table["area"].eq("151") if name in columns else None
        return table.assign(persons=table["persons"] * (1 + at_home)) if name in columns else table

    was, now = keys(2014), grants.keys(2014, read=read)
    for key in ("unemployed_before", "population"):
        assert (now[key] / was[key]).groupby(now.index == "151").mean().tolist() == pytest.approx([1, 2])
    case = {"x": ("kontanthjaelp", 2014, 27, "passive")}
    country, own = (
        was["population"].sum(),
        was.loc["151", "population"],
    )  # 70 kr. saved, less the share of the country's
    for one, share in ((kept_by_case(case), own / country), (kept_by_case(case, read=read), 2 * own / (country + own))):
        assert one["municipality"].tolist() == pytest.approx([70 * (1 - share)])


def test_the_keys_hold_the_country_while_the_scheme_lasts_and_whole_landsdele_after():
    for year, needs_all in ((2018, True), (2019, False)):  # the grant of t is the basis of t+2 until 2020
        table = grants.keys(year)
        others = table[table["landsdel"] == table.loc["151", "landsdel"]]
        kept = lambda some, year=year: grants.who_keeps(100.0, "dagpenge", year, 50.0, "151", some)  # noqa: E731
        if needs_all:
            with pytest.raises(DataError, match="every municipality must be there once"):
                kept(others)
        else:
            assert kept(others).to_numpy().sum() == pytest.approx(100)
        with pytest.raises(DataError, match="every municipality must be there once"):
            kept(others.iloc[1:] if others.index[0] != "151" else others.iloc[:-1])
