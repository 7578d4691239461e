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
from ballerup_analysis import trend as gaps
from ballerup_analysis.grants import STAGES, SYSTEMS, beskaeftigelsestilskud, budgetgaranti, who_keeps
from ballerup_analysis.sources import DataError, load

few = settings(max_examples=25)
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
@pytest.mark.parametrize(
    ("stage", "grant"),
    [("foreloebig", [110, 66, 44]), ("midtvejs", [110, 66, 44]), ("endelig", [112.5, 67.5, 40])],
)
def test_the_country_shares_its_need_until_the_final_stage_gives_each_landsdel_its_own(stage, grant):
    world = table(grant_before=[100, 60, 40], unemployed_before=[50, 30, 20], cost=[120, 60, 40])
    found = beskaeftigelsestilskud(world.assign(landsdel=["L", "L", "M"]), stage)
    assert found["tilskud"].tolist() == pytest.approx(grant)
    assert found["gain"].tolist() == pytest.approx((np.array(grant) - [120, 60, 40]).tolist())


def test_a_law_change_is_shared_by_the_basis_and_not_by_unemployment():
    # Uprated 10 pct.: 110, 66, 44 of 220; of -22 they bear 11, 6.6, 4.4. Need 200 - 198 = 2, by 1, 1, 2: 0.5, 0.5, 1
    world = table(grant_before=[100, 60, 40], unemployed_before=[1, 1, 2], cost=[100, 60, 40])
    found = beskaeftigelsestilskud(world.assign(price_factor=1.1, regulation=-22.0))
    assert found["grundtilskud"].tolist() == pytest.approx([99, 59.4, 39.6])
    assert found["merudgiftsbehov"].tolist() == pytest.approx([0.5, 0.5, 1])


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


@pytest.mark.parametrize(("key", "gain"), [("population", [7, 15, -22]), ("cost", [10, 15, -25])])
def test_the_budget_guarantee_by_hand(key, gain):
    found = budgetgaranti(GUARANTEED, 1.1, key)
    assert found["gain"].tolist() == pytest.approx(gain)
    assert found["key_difference"].tolist() == pytest.approx([-3, 0, 3])


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
@pytest.mark.parametrize(
    ("benefit", "year", "week", "rows"),
    [
        ("dagpenge", 2014, 27, [[700, 0, 0, 300], [-525, -175, 0, 700], [-315, -105, 420, 0], [315, 105, -420, 0]]),
        ("dagpenge", 2019, 60, [[800, 0, 0, 200], [-600, -200, 0, 800], [0] * 4, [0] * 4]),
        ("kontanthjaelp", 2014, 27, [[700, 0, 0, 300], [-350, -210, -140, 700], [0] * 4, [0] * 4]),
        ("sygedagpenge", 2014, 27, [[700, 0, 0, 300], [0] * 4, [0] * 4, [0] * 4]),
    ],
)
def test_a_thousand_kroner_saved_by_hand(benefit, year, week, rows):
    found = who_keeps(1000, benefit, year, week, area="a", table=MADE_UP)
    assert list(found) == grants.PAYERS and found.index.tolist() == list(range(year, year + 4))
    assert found.to_numpy() == pytest.approx(np.array(rows), abs=1e-9)


FIRST = dict.fromkeys(["uddannelseshjaelp", "integrationsydelse", "revalideringsydelse"], 2016)  # the first known share
FIRST["ressourceforloebsydelse"] = 2013  # the others 2011
CASE = {"foertidspension": "awarded before 2014-07-01"}  # its other case has no share before 2016


@pytest.mark.parametrize("grouping", ["statistical", "order_2021"])
@pytest.mark.parametrize("benefit", sorted(SYSTEMS))
def test_every_krone_saved_is_someones(benefit, grouping):
    for year in range(FIRST.get(benefit, 2011), 2020):
        found = who_keeps(1e6, benefit, year, table=keys(year, grouping), case=CASE.get(benefit))
        assert found.to_numpy().sum() == pytest.approx(1e6)
        municipalities = found.drop(columns="state").to_numpy().sum()
        kept = 0 if SYSTEMS[benefit] != "none" else found.loc[year, "municipality"]
        assert (municipalities, found["state"].sum()) == pytest.approx((kept, 1e6 - kept), abs=1e-3)


def test_the_keys_are_those_of_98_municipalities_two_years_before():
    found, merged = keys(2014), keys(2014, "order_2021")["landsdel"]
    assert sorted(found.index) == sorted(gaps.municipalities()) and len(found) == 98
    unemployed = gaps.yearly("gross_unemployed_derived").loc[2012, "151"]
    assert found.loc["151"].tolist() == ["02", unemployed, 48_514]
    together = found["landsdel"].groupby(merged).unique().map(sorted).map(tuple)
    assert {codes for codes in together if len(codes) > 1} == {("01", "02", "05"), ("04", "06")}


WORLD = table(grant_before=[9.0, 6], unemployed_before=[3, 2], cost=[8.0, 7])
WITHOUT_DRAGOER = table(area=["101", "147", "185"], grant_before=1, unemployed_before=1, cost=1)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda: beskaeftigelsestilskud(WORLD.assign(year=2009)), "no .* for 2009: it began in 2010"),
        (lambda: beskaeftigelsestilskud(WORLD.assign(year=[2020, 2021])), "for 2021: .* ended by L 196 of 26 May 2020"),
        (lambda: beskaeftigelsestilskud(WORLD.assign(unemployed_before=-1)), "persons 0 or more"),
        (lambda: beskaeftigelsestilskud(WORLD.assign(cost=np.nan)), "cost must be given for every row"),
        (lambda: beskaeftigelsestilskud(WORLD.drop(columns="cost")), r"lacks \['cost'\]; it needs \['year'"),
        (lambda: beskaeftigelsestilskud(WORLD, "final"), "no stage 'final'; .* foreloebig, midtvejs, endelig"),
        (
            lambda: beskaeftigelsestilskud(WITHOUT_DRAGOER),
            "landsdel L, 2014: every municipality must be there once; missing 155",
        ),
        (lambda: budgetgaranti(GUARANTEED, key="area"), "no key 'area'; the keys are population, cost"),
        (lambda: grants.keys(2014, "region"), "no grouping 'region'; the groupings are statistical, order_2021"),
        (lambda: grants.keys(2009), "grant year 2009: .* gives 2010 to 2019"),
        (lambda: who_keeps(1, "dagpenge", 2021, table=MADE_UP, area="a"), "ended by L 196"),
        (lambda: who_keeps(1, "su", 2014), "no system for 'su'; the benefits are dagpenge, sygedagpenge"),
        (lambda: who_keeps(1, "dagpenge", 2014, area="999", table=MADE_UP), "no municipality '999' .*have a, b, c"),
        (lambda: who_keeps(1, "dagpenge", 2014, week=0, table=MADE_UP, area="a"), "week is 0"),
        (lambda: who_keeps(np.nan, "dagpenge", 2014, table=MADE_UP, area="a"), "saving_kr is nan"),
        (lambda: who_keeps(1, "kontanthjaelp", 2014, table=keys(2014).drop("165")), "the country.*missing 165"),
        (lambda: budgetgaranti(GUARANTEED.assign(population=-1)), "population 0 or more"),
        (lambda: budgetgaranti(GUARANTEED.drop(columns="cost")), r"lacks \['cost'\]"),
        (lambda: beskaeftigelsestilskud(WORLD.assign(price_factor=np.nan)), "price_factor must be given for every row"),
        (lambda: beskaeftigelsestilskud(WITHOUT_DRAGOER, "midtvejs"), "the country, 2014: .* missing 151, 153"),
        (lambda: beskaeftigelsestilskud(pd.concat([WITHOUT_DRAGOER] * 2)), "twice 101, 147, 185"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_impossible_question_is_answered_with_the_valid_range(ask, says):
    with pytest.raises(DataError, match=says):
        ask()
