"""The explorer: one state in the address, the same numbers as the library, a server for this machine alone, keys and axe."""

import contextlib
import html
import http.client
import io
import json
import re
import socket
import subprocess
import sys
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import numpy as np
import pandas as pd
import pytest
from chromium import AXE, PROGRAMS, Browser
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from ballerup_analysis import baselines, cli, scenarios
from ballerup_analysis.costing import PARAMETERS, RULES, Change, cost
from ballerup_analysis.explorer import page, server
from ballerup_analysis.explorer.answer import answer, as_csv
from ballerup_analysis.explorer.figures import Axis, ticks
from ballerup_analysis.explorer.state import State, parse, written
from ballerup_analysis.files import foreign
from ballerup_analysis.frame import factors
from ballerup_analysis.scenarios import Scenario, shipped
from ballerup_analysis.sources import DataError, load

BUDGET = baselines.budget_2017()
MOVES = factors(BUDGET)
ASKED = (Change("gap_points", 0.5, 2027), Change("persons", -20.0, 2027, "sygedagpenge"))
LINK = "area=159&" + written(ASKED)


def of(*changes, **other):
    return State(scenario=Scenario("", "", "budget_2017", tuple(Change(*c) for c in changes)), **other)


# The state in the address


@st.composite
def states(draw):
    names = draw(
        st.lists(st.sampled_from([n for n, p in PARAMETERS.items() if p.by != "each"]), unique=True, max_size=4)
    )
    made = [Change(n, float(f"{draw(st.floats(PARAMETERS[n].low, PARAMETERS[n].high)):g}"), draw(st.sampled_from([0, 2018])))
            for n in names]  # fmt: skip
    made += draw(
        st.sampled_from([[], [Change("persons", -20.0, 2019, "Sygedagpenge"), Change(RULES, "2015-06-30", 2020)]])
    )
    text = st.text(
        st.characters(max_codepoint=0x2FFF, exclude_categories=["Cc", "Z"]).filter(lambda c: not foreign(c)),
        max_size=30,
    )
    scenario = Scenario(
        draw(text),
        draw(text),
        draw(st.sampled_from(["accounts", "budget_2017"])),
        tuple(made),
        draw(st.sampled_from(["", "abc"])),
    )
    return State(
        draw(st.sampled_from(["da", "en"])), draw(st.sampled_from(["151", "159"])), draw(st.sampled_from(["mio_kr", "persons"])),
        draw(st.sampled_from(["municipality", "state"])), draw(st.sampled_from([0, 2019])), scenario,
        draw(st.sampled_from(["", written(ASKED)])), draw(text),
    )  # fmt: skip


@settings(max_examples=60)
@given(states())
def test_an_address_holds_the_whole_state(state):
    assert parse(state.query()) == state


def test_a_name_from_an_address_stands_in_quotation_marks_that_it_cannot_end(served):
    query = "?name=Regnskab.%C2%AB%20Besparelse%202014:%20500%20mio.%20kr.&pin=price_pct%3D1&pinned=Fra%C2%AB%202025"
    page = html.unescape(asked(served, "/" + query)[1])
    assert "Ballerup – »Regnskab.‹ Besparelse 2014: 500 mio. kr.«</h2>" in page and "»Fra‹ 2025«" in page


@pytest.mark.parametrize("value", [-123.4567, 1.125, -12.345, 1.23456789, 0.1, -1000.0, 123456.75])
def test_an_address_keeps_every_digit_of_a_change(value):
    state = State(
        "da",
        "151",
        "mio_kr",
        "municipality",
        0,
        Scenario("", "", "accounts", (Change("persons", value, 2027, "sygedagpenge"),)),
    )
    assert parse(state.query()) == state


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("gap_pionts=1", "holds 'gap_pionts', which is none of lang, area"),
        ("gap_points=meget", "gap_points is 'meget'; it must be a number, such as 0,5"),
        ("gap_points=%D9%A1", "gap_points is .\u0661.; it must be a number, such as 0,5"),
        ("gap_points=1_0", "gap_points is '1_0'; it must be a number, such as 0,5"),
        ("gap_points=1&gap_points.from=snart", "gap_points is from 'snart'; it must be a year"),
        ("gap_points=1e999", "gap_points is inf; it must be a number from"),
        ("area=Nørrebro", "there is no area 'Nørrebro'"),
        ("lang=sv", "lang is 'sv'; it must be one of da, en"),
        ("unit=euro", "unit is 'euro'; it must be one of mio_kr"),
        ("payer=regionen", "payer is 'regionen'"),
        ("year=nu", "year is 'nu'; it must be a year"),
        ("area=Balerup", r"there is no area 'Balerup'; did you mean Ballerup\?"),
        ("area=Vejl", r"did you mean Vejle or Vejen\?"),
        ("name=%00", r"name holds U\+0000, which"),
        ("pin=colour%3Dred", "holds 'colour'"),
        ("gap_points=" + "1" * 9000, "has 9011 characters; it may have 8000"),
        ("refund_rules_of=soon", "a date with refund rules"),
        ("&".join(f"x{i}=1" for i in range(300)), "cannot be read"),
        ("base=%ff", "cannot be read"),
        ("name=%E2%80%AE", r"name holds U\+202E"),
        ("pinned=%EE%80%80gap", r"pinned holds U\+E000"),
        (f"why={'a' * 4001}", "why has 4001 characters; at most 4000"),
        ("gap_pionts=", "holds 'gap_pionts', which is none of"),
        ("gap_points.from=2027", "holds 'gap_points.from' without 'gap_points'; give both or neither"),
        ("gap_pionts.from=2027", "holds 'gap_pionts.from' without 'gap_pionts'"),
        ("pin=price_pct.from%3D2027", "holds 'price_pct.from' without 'price_pct'"),
        ("gap_points=1&area=159&gap_points=2", "holds 'gap_points' twice"),
        ("area=159&area=159", "holds 'area' twice"),
        ("pin=price_pct%3D1%26price_pct%3D2", "holds 'price_pct' twice"),
        ("gap_points=-1.000", "gap_points is '-1.000'; write -1000, or -1 if the smaller is meant"),
        ("gap_points=%E2%88%921.500", "gap_points is '-1.500'; write -1500, or -1,5 if the smaller is meant"),
        ("gap_points=1.125", "gap_points is '1.125'; write 1125, or 1,125 if the smaller is meant"),
        ("persons%40Fleksjob=12.000.000", "persons is '12.000.000'; write 12000000$"),
        ("persons%40Fleksjob=1%C2%A0000", "persons is '1 000'; write 1000$"),
        ("persons%40Fleksjob=-1%E2%80%AF000,5", "persons is '-1 000,5'; write -1000,5$"),
        ("seed=-1", "seed is '-1'; it must be a whole number from 0"),
        ("seed=1000000000000000", r"seed is 1000000000000000; it must be a whole number from 0, below 1e\+15"),
        ("seed=" + "9" * 3000, "it must be a whole number from 0, below"),
        ("persons%40Fleksjob=1.234,5", "persons is '1.234,5'; write 1234,5$"),
        ("persons%40Fleksjob=-1+000", "persons is '-1 000'; write -1000$"),
        ("persons%40Fleksjob=1,000", "persons is '1,000'; write 1000, or 1 if the smaller is meant"),
        ("country_points=2008-2040", "two years of the series"),
        ("persons=1", "persons needs a row"),
        ("gap_points%40Fleksjob=1", "gap_points has no row 'Fleksjob'; it holds for the whole frame"),
        ("refund_rules_of=2099-01-01", "no rate after"),
    ],
)
def test_an_address_that_cannot_be_read_says_what_would_be_right(query, says):
    with pytest.raises(DataError, match=says) as wrong:
        parse(query)
    in_one_language(str(wrong.value))


def in_one_language(error):
    """Hold what the page tells of an error, in Danish and in English, to that language."""
    for lang, foreign_ in (
        ("da", "is|are|must|the|holds|has|which|there|give|of|write"),
        ("en", "er|skal|adressen|ikke|findes"),
    ):
        told = page.refused(error, lang)
        said = re.sub(r"'[^']*'", "", told["kept"] + told["first_shown"])
        assert told["lang"] == lang and not re.search(rf"\b({foreign_})\b", said, re.IGNORECASE), told


def test_a_case_of_another_budget_is_told_in_one_language():
    with pytest.raises(DataError, match="the sickness case is part of the budget of 2017") as wrong:
        cost((Change("sickness_take_up", 1.0),), baselines.accounts("151"))
    in_one_language(str(wrong.value))
    assert page.refused(str(wrong.value), "da")["lang"] == "da"


def test_a_wrong_name_or_year_is_told_in_danish_with_what_is_near():
    for query, says in (
        ("area=Balerup", "der findes intet område 'Balerup'; mente du Ballerup?"),
        ("area=Vejl", "der findes intet område 'Vejl'; mente du Vejle eller Vejen?"),
        ("area=Rude", "der findes intet område 'Rude'; mente du Varde, Rudersdal eller Struer?"),
        ("year=tyve", "year er 'tyve'; det skal være et årstal"),
        ("gap_points=1&gap_points.from=tyve", "gap_points gælder fra 'tyve'; det skal være et årstal"),
        ("name=%00", "name rummer U+0000, som ikke kan trykkes"),
    ):
        with pytest.raises(DataError) as wrong:
            parse(query)
        assert page.refused(str(wrong.value), "da")["kept"] == f"Det viste er uændret: {says}"


def test_a_fault_of_an_own_file_is_told_line_by_line_and_not_blamed_on_the_address(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "budget.csv").write_text("Post (mio. kr.);B2027;BO2028\nDagpenge;95;96\nLøn;1;1\n")
    for lang in ("da", "en"):
        status, told, _ = asked(served, f"/?base=own&lang={lang}")
        alert = html.unescape(told.partition('role="alert">')[2].partition("</div>")[0])
        assert status == 409 and "address could not" not in alert and "Adressen" not in alert
        assert ">The own budget cannot be used, so the accounts are shown: budget.csv: 2 lines do not tell" in alert
        assert "\n  row 2, line 'Dagpenge'" in alert and "\n  row 3, line 'Løn'" in alert
    css = asked(served, "/page.css")[1]
    assert "white-space: pre-line" in css[css.index("#alert p") :].partition("}")[0]  # each on a line of its own
    (tmp_path / "ramme.csv").touch()
    assert "Det egne budget kan ikke bruges" in asked(served, "/?base=own")[1]
    for path in tmp_path.iterdir():
        path.unlink()
    assert "Adressen kunne ikke bruges" in asked(served, "/?base=own")[1]


def test_an_error_without_danish_words_is_told_in_english_from_its_first_word():
    told = page.refused("budget.csv is odd", "da")
    assert told["lang"] == "en" and told["kept"] == "What is shown is kept: budget.csv is odd"
    assert page.refused("x is y; it must be a number, such as 0,5 " * 9000, "da")["lang"] == "en"  # in no time


def test_a_number_as_the_page_writes_it_is_read_as_it_was():
    for text, value in (
        ("1.1250", 1.125),
        ("-0.500", -0.5),
        ("1,125", 1.125),
        ("1,0", 1.0),
        ("1.0", 1.0),
        ("1.0000", 1.0),
    ):
        assert parse(f"gap_points={text}").scenario.changes[0].value == value
    for key in ("gap_points", "persons%40Fleksjob", "refund_rules_of"):  # a form without its script sends all it has
        assert parse(f"{key}=&{key}.from=2027").scenario.changes == ()


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_whatever_stands_in_an_address_it_is_a_state_or_a_sentence(text):
    for query in (text, f"gap_points={text}", f"area={text}"):
        try:
            assert isinstance(parse(query), State)
        except DataError as error:
            assert str(error)


def test_what_changes_nothing_is_left_out_and_a_baseline_s_own_start_is_its_start():
    settled = of(("gap_points", 0.0), ("pass_through", BUDGET.pass_through), ("price_pct", 1.0)).settled(BUDGET)
    assert [c.parameter for c in settled.scenario.changes] == ["price_pct"] and settled.scenario.hash == BUDGET.hash
    kept = of(("exit_rate_pct", 0.0, 0, "Fleksjob")).settled(BUDGET)  # a line's own stands instead of that of all lines
    assert len(kept.scenario.changes) == 1
    for state, says in ((of(("gap_points", 1.0, 2030)), "starts in 2030"), (replace(of(), year=2030), "year is 2030"),
                        (of(("gap_points", -40.0)), "persons would be left"),
                        (replace(of(), pin="price_pct@Fleks=1"), "has no row 'Fleks'")):  # fmt: skip
        with pytest.raises(DataError, match=says) as wrong:
            state.settled(BUDGET)
        in_one_language(str(wrong.value))


def test_a_pass_through_typed_as_of_another_municipality_is_a_change_and_one_s_own_is_none():
    gladsaxe = baselines.accounts("159")
    assert (gladsaxe.pass_through, BUDGET.pass_through) == (0.86, 0.8)
    for typed, kept in (("0.8", ["country_points", "pass_through"]), ("0,86", ["country_points"])):
        settled = parse(f"area=159&country_points=1&pass_through={typed}").settled(gladsaxe)
        assert [c.parameter for c in settled.scenario.changes] == kept, typed


def test_each_year_the_page_offers_can_be_shown_from_the_first_to_the_last():
    assert [replace(of(), year=year).settled(BUDGET).year for year in BUDGET.years] == [*BUDGET.years]


def test_a_line_changed_to_nought_is_marked_as_changed_and_to_reset_all_takes_name_and_reason_too():
    state = of(("exit_rate_pct", 0.0, 0, "Fleksjob"), ("gap_points", 0.5)).settled(BUDGET)
    state = replace(state, scenario=replace(state.scenario, name="Navn", why="Grund"))
    made = page.controls(state, BUDGET, found := answer(state, BUDGET, MOVES))
    assert {c.key for c in made if c.changed} == {"exit_rate_pct@Fleksjob", "gap_points"}
    cleared = re.search(r'id="clear" href="/\?([^"]*)"', page.render(state, BUDGET, found))[1].replace("&amp;", "&")
    assert parse(cleared).scenario == replace(state.scenario, name="", why="", changes=())


# The numbers


def test_every_panel_tells_the_library_s_cost_in_the_unit_of_the_state():
    state = of(("gap_points", 0.5), ("persons", -20.0, 2019, "Sygedagpenge"), year=2019, pin="price_pct=1", pinned="p")
    both = cost(state.scenario.changes, BUDGET), cost((), BUDGET)
    more = {"municipality": both[0].own_tkr - both[1].own_tkr, "state": both[0].state_tkr - both[1].state_tkr}
    persons = both[0].persons - both[1].persons
    for payer in ("municipality", "state"):
        for unit, factor in (("mio_kr", 1 / 1000), ("kr_per_inhabitant", 1000 / 48186)):
            found = answer(replace(state, unit=unit, payer=payer), BUDGET, MOVES)
            assert found.years["difference"].to_numpy() == pytest.approx(more[payer].sum(axis=0) * factor)
            assert found.lines["difference"].sum() == pytest.approx(more[payer][:, 2].sum() * factor)
            for one in more:
                assert found.payers[one].to_numpy() == pytest.approx(more[one].sum(axis=0) * factor)
            assert ("low" in found.years) == (payer == "municipality")
    found = answer(replace(state, unit="persons"), BUDGET, MOVES)
    assert found.years.loc[2019, "difference"] == pytest.approx(persons[:, 2].sum())
    assert found.payers["state"].to_numpy() == pytest.approx(more["state"].sum(axis=0) / 1000)
    found = answer(state, BUDGET, MOVES)
    pinned = cost((Change("price_pct", 1.0),), BUDGET).own_tkr - BUDGET.net_tkr
    assert found.years["pinned"].to_numpy() == pytest.approx(pinned.sum(axis=0) / 1000)
    drawn = scenarios.simulate(state.scenario, BUDGET, 2000, moves=MOVES).query("row == 'I alt'")
    wide = drawn.pivot_table("tkr", "year", "quantile")[[0.1, 0.9]].to_numpy()
    for unit, factor in (("mio_kr", 1 / 1000), ("kr_per_inhabitant", 1000 / 48186)):
        told = answer(replace(state, unit=unit), BUDGET, MOVES).years[["low", "high"]]
        assert told.to_numpy() == pytest.approx(wide * factor)


def test_a_step_and_the_ends_are_what_the_cost_becomes_in_the_year_of_the_state():
    state = of(("gap_points", 0.5, 2019), year=2020)
    found = answer(state, BUDGET, MOVES)

    def at(*changes):
        return cost(tuple(Change(*c) for c in changes), BUDGET).own_tkr[:, 3].sum() / 1000

    now = at(("gap_points", 0.5, 2019))
    assert found.steps["gap_points", ""] == pytest.approx(at(("gap_points", 0.6, 2019)) - now)
    assert found.steps["price_pct", ""] == pytest.approx(at(("gap_points", 0.5, 2019), ("price_pct", 0.1)) - now)
    assert found.ends.loc[("gap_points", ""), "at_high"] == pytest.approx(at(("gap_points", 1.0, 2019)) - now)
    assert found.ends.loc[("uprating_points", ""), "at_low"] == pytest.approx(
        at(("gap_points", 0.5, 2019), ("uprating_points", -0.5)) - now
    )
    width = (found.ends["at_high"] - found.ends["at_low"]).abs()
    assert width.is_monotonic_decreasing


def test_with_two_lines_changed_apart_the_step_of_each_goes_on_from_its_own_value():
    alone, sick = ("persons", -50.0, 0, "dagpenge"), ("persons", -20.0, 0, "sygedagpenge")
    both = answer(of(sick, alone), BUDGET, MOVES).steps
    for one in (alone, sick):  # persons of one line cost the same whatever those of another are
        key = ("persons", one[3])
        assert both[key] == pytest.approx(answer(of(one), BUDGET, MOVES).steps[key]) and both[key] > 0


@pytest.mark.parametrize(
    ("lang", "more", "told", "aloud"),
    [
        ("da", 1, "giver +1 helårsperson i", "1 person"), ("da", -2, "giver −2 helårspersoner i", "−2 personer"),
        ("en", -1, "means −1 full-year person.", "−1 person"), ("en", 2, "means +2 full-year persons.", "2 persons"),
    ],
)  # fmt: skip
def test_one_person_is_told_and_read_aloud_in_the_singular(lang, more, told, aloud):
    state = of(("persons", more, 0, "Sygedagpenge"), lang=lang, unit="persons")
    html = page.render(state, BUDGET, answer(state, BUDGET, MOVES))
    assert told in html and f'aria-valuetext="{aloud}"' in html


def test_a_line_called_as_a_formula_is_none_in_a_spreadsheet_that_opens_the_csv():
    rows = ('=HYPERLINK("http://x")', "@SUM(1)", "+1", "-1", *BUDGET.rows[4:])
    lines = tuple(replace(line, row=name) for line, name in zip(BUDGET.lines, rows, strict=True))
    frame = replace(BUDGET, lines=lines)
    text = as_csv(of(("gap_points", 0.5)), frame, answer(of(("gap_points", 0.5)), frame, MOVES))
    table = pd.read_csv(pd.io.common.StringIO(text.split("\n", 1)[1]), sep=";", decimal=",")
    assert {"'@SUM(1)", "'+1"} <= {*table["item"]} and not table["item"].str.match("[=+@-]").any()


def test_the_csv_holds_every_number_shown_with_its_unit():
    state = of(("gap_points", 0.5), unit="kr_per_inhabitant")
    found = answer(state, BUDGET, MOVES)
    text = as_csv(state, BUDGET, found)
    head, rows = text.split("\n", 1)
    assert head == f"\ufeffbudget_2017;151;{BUDGET.hash};2017;municipality;2021;;"
    table = pd.read_csv(pd.io.common.StringIO(rows), sep=";", decimal=",")
    assert set(table["table"]) == {"years", "payers", "lines", "ends"} and set(table["unit"]) == {"kr_per_inhabitant"}
    told = table.query("table == 'years' and measure == 'difference'")["value"].to_numpy()
    assert told == pytest.approx(found.years["difference"].to_numpy(), abs=1e-6)
    state = replace(state, year=2019, pin="price_pct=1", scenario=replace(state.scenario, name="=Mit; navn"))
    text = as_csv(state, BUDGET, answer(state, BUDGET, MOVES))  # no pinned one, as on the page: it has no name
    assert text.split("\n")[0].endswith(';municipality;2019;"\'=Mit; navn";') and "pinned" not in text
    state = replace(state, pinned="Andet")
    text = as_csv(state, BUDGET, answer(state, BUDGET, MOVES))
    assert text.split("\n")[0].endswith(";Andet") and ";pinned;" in text


def test_explorer_file_and_library_agree_to_the_krone_for_every_baseline():
    every = {"budget_2017": BUDGET, "accounts": baselines.accounts("159")}
    for name, frame in every.items():
        moves = factors(frame)
        for scenario in shipped().values():
            if scenario.baseline == "budget_2017" and name != "budget_2017":
                continue
            state = parse(State(area=frame.area, scenario=replace(scenario, baseline=name)).query())
            kept = scenarios.read(scenarios.write(state.scenario))
            found = answer(state, frame, moves).years
            for changes in (scenario.changes, kept.changes):
                mio_kr = cost(changes, frame).own_tkr.sum(axis=0) / 1000
                assert np.abs(found["scenario"].to_numpy() - mio_kr).max() < 1e-6, (name, scenario.name)


def test_no_two_controls_have_one_id():
    rows = ("Syge <5 uger", "Syge >5 uger", "Syge-5", "Syge 5", "Syge_5", "Syge 5_", "Sygeæ", *BUDGET.rows[7:])
    lines = tuple(replace(line, row=name) for line, name in zip(BUDGET.lines, rows, strict=True))
    frame = replace(BUDGET, lines=lines)
    state = of(*((name, 1.0, 0, row) for name, row in page.choices(frame)))
    ids = [c.id for c in page.controls(state, frame, answer(state, frame, MOVES))]
    assert len(ids) > 30 and len(set(ids)) == len(ids) and not any(re.search(r"\s", id) for id in ids)


def test_ticks_are_round_and_hold_the_interval():
    for low, high in ((0, 7.3), (-12, 3), (506.7, 512.1), (0, 0), (-0.001, 0.0004)):
        found = ticks(low, high)
        assert found[0] <= low and found[-1] >= high and 2 <= len(found) <= 9
    assert Axis([5, 10], 0, 100, zero=True).at(0) == 0


def test_what_is_changed_is_marked_and_each_choice_of_refund_rules_is_called_what_it_chooses():
    for changes, chosen in (([], ""), ([(RULES, "2015-12-27"), ("gap_points", 0.5)], "2015-12-27")):
        state = of(*changes).settled(BUDGET)
        told = page.render(state, BUDGET, answer(state, BUDGET, MOVES))
        marked = re.findall(r'<fieldset id="box-([\w-]+)" class="control changed">', told)
        assert marked == re.findall(r'id="note-([\w-]+)"><strong>ændret', told) == ["gap-points"] * bool(chosen)
        assert ('class="control changed"><legend>Refusionsregler' in told) == bool(chosen)
        rules = re.search(r'<select name="refund_rules_of".*?</select>', told, re.DOTALL)[0]
        pairs = re.findall(r'<option value="([^"]*)"( selected)?>([^<]*)', rules)
        first, before = ("", "", "de gældende"), ("2015-12-27", " selected" * bool(chosen), "fra før 2016")
        assert pairs == [first, before]


def test_the_key_of_a_figure_names_what_is_drawn_in_that_colour():
    state = of(("gap_points", 0.5), pin="price_pct=1", pinned="Pris").settled(BUDGET)
    told = page.render(state, BUDGET, answer(state, BUDGET, MOVES))
    keys = [(mark, name.strip()) for mark, name in re.findall(r'<span class="(\w+)"></span>([^<]+)', told)]
    assert keys == [
        ("after", "Scenarie"), ("before", "Udgangspunkt"), ("pinned", "Fastholdt: »Pris«"), ("band", "80 pct."),
        ("municipality", "Kommunen"), ("state", "Staten"), ("lowest", "Ved laveste værdi"), ("highest", "Ved højeste værdi"),
    ]  # fmt: skip
    css = Path(page.__file__).with_name("page.css").read_text(encoding="utf-8")
    rules = {one.strip(): body for names, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css) for one in names.split(",")}
    drawn = dict.fromkeys(("after", "before", "pinned"), "polyline") | {"band": "polygon"}
    for mark, _ in keys:
        pair = [rules[one] for one in (f"{drawn.get(mark, 'rect')}.{mark}", f".key .{mark}")]
        colours = [re.search(r"#[0-9a-f]{3,6}|var\(--\w+\)", body)[0] for body in pair]
        assert colours[0] == colours[1], mark


# The words


@pytest.mark.parametrize("lang", ["da", "en"])
def test_the_page_is_in_one_language_and_escapes_every_text(lang):
    evil = Scenario('<img src=x onerror="alert(1)">', "</textarea><script>alert(1)</script>", "budget_2017", ASKED[:0])
    state = State(lang=lang, scenario=evil, pin="price_pct=1", pinned="<b>").settled(BUDGET)
    told = page.render(
        state, BUDGET, answer(state, BUDGET, MOVES), (2022,), True, shipped(), "<i>", page.refused("<u>", lang)
    )
    assert f'<html lang="{lang}">' in told
    assert "<script>alert" not in told and "<img" not in told and "<b>" not in told and "<i>" not in told
    other = page.words({"da": "en", "en": "da"}[lang])
    for key in ("assumptions", "undo", "pin", "save", "plausible", "lines_none"):
        assert other[key].split("{")[0] not in told, key
    assert {len(pair) for pair in page.TEXT["words"].values()} == {2}


def test_the_sentence_says_what_changed_and_how_sure_it_is():
    state = of(("gap_points", 0.5), year=2019).settled(BUDGET)
    found = answer(state, BUDGET, MOVES)
    mio_kr = page.plain(found.years.loc[2019, "difference"], 1, True)
    assert page.told(state, BUDGET, found, "Ballerup").startswith(
        f"Ballerup, 2019: scenariet koster kommunen {mio_kr} mio. kr. i forhold til udgangspunktet. 80 pct.-interval"
    )
    same = page.told(of(), BUDGET, answer(of(), BUDGET, MOVES), "Ballerup")
    assert "uændret" in same
    little = of(("gap_points", 0.0001))  # a thousandth of a million, where tenths are shown
    found = answer(little, BUDGET, MOVES)
    assert 0 < found.years["difference"].iloc[-1] < 0.05
    assert page.told(little, BUDGET, found, "Ballerup").partition(" 80 pct.")[0] == same.partition(" 80 pct.")[0]
    fewer = replace(of(("persons", -20.0, 2019, "Sygedagpenge")), unit="persons", lang="en")
    assert "means −20 full-year persons" in page.told(fewer, BUDGET, answer(fewer, BUDGET, MOVES), "Ballerup")


# The server


@pytest.fixture(scope="module")
def served():
    with server.Server() as one:
        one.baselines.frames["budget_2017", "151"] = BUDGET
        thread = threading.Thread(target=one.serve_forever, daemon=True)
        thread.start()
        yield one
        one.shutdown()


def asked(served, path, method="GET", body=None, **headers):
    port = served.server_address[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        connection.putrequest(method, path, skip_host=True)
        headers = {"Host": f"127.0.0.1:{port}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        headers |= {"Content-Length": str(len(body))} if body is not None and "Content-Length" not in headers else {}
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answered = connection.getresponse()
        return answered.status, answered.read().decode(), answered.headers
    finally:
        connection.close()


def sent(served, text):
    """What is answered to a text, on a connection of its own."""
    with socket.create_connection(served.server_address, timeout=60) as one:
        one.sendall(text.encode("latin-1"))
        with contextlib.suppress(ConnectionResetError), one.makefile("rb") as answer:
            return answer.read()


def test_a_link_gives_a_colleague_the_same_numbers(served):
    status, told, headers = asked(served, "/?" + LINK)
    frame = served.baselines.frames["accounts", "159"]
    more = cost(ASKED, frame).own_tkr.sum(axis=0)[-1] - frame.net_tkr.sum(axis=0)[-1]
    assert (
        status == 200
        and f"Gladsaxe, 2028: scenariet koster kommunen {page.plain(more / 1000, 1, True)} mio. kr." in told
    )
    assert "default-src 'none'" in headers["Content-Security-Policy"] and headers["Cache-Control"] == "no-store"
    assert asked(served, "/?" + LINK)[1] == told
    status, text, _ = asked(served, "/scenario.toml?" + LINK)
    kept = scenarios.read(text)
    assert status == 200 and (kept.changes, kept.hash) == (ASKED, frame.hash)
    assert asked(served, "/numbers.csv?" + LINK)[1].startswith(f"\ufeffaccounts;159;{frame.hash}")


def test_a_moved_baseline_is_told(served):
    assert "har ændret sig, siden linket" in asked(served, "/?base=budget_2017&hash=0123")[1]
    assert "har ændret sig, siden linket" not in asked(served, f"/?base=budget_2017&hash={BUDGET.hash}")[1]


def test_no_file_is_of_another_baseline_than_the_page_it_is_asked_for_from(served):
    for lang, says in (("da", "udgangspunktet har ændret sig"), ("en", "the baseline has changed")):
        for file in ("numbers.csv", "scenario.toml"):
            status, told, _ = asked(served, f"/{file}?lang={lang}&base=budget_2017&hash=0123&price_pct=1")
            assert status == 400 and says in told and "price_pct" not in told


def test_an_address_without_a_hash_is_of_the_baseline_as_it_is_and_the_two_years_before_the_last_are_offered(served):
    assert not served.baselines.shown(of(("gap_points", 0.5)))[3]
    assert served.baselines.shown(parse("base=budget_2017&hash=abc"))[3]
    last = max(load("regk31")["year"])
    assert served.baselines.vintages == [last - 2, last - 1]


@pytest.mark.parametrize(
    "query", ["gap_pionts=1", "base=budget_2016", "base=own", "base=budget_2017&area=159", "year=1", "%ff"]
)
def test_a_bad_address_shows_the_baseline_and_says_why(served, query):
    for lang, says in (("en", "The address could not be used, so the baseline is shown: "), ("da", "Adressen kunne ikke bruges, så udgangspunktet vises: ")):  # fmt: skip
        status, told, _ = asked(served, f"/?lang={lang}&{query}")
        alert = told.partition('role="alert">')[2].partition("</div>")[0]
        assert status == (409 if query == "base=own" else 400) and says in alert and f'<p lang="{lang}"' in alert
        if lang == "en":
            in_one_language(html.unescape(alert.partition(says)[2].removesuffix("</p>")))
    assert asked(served, "/numbers.csv?" + query)[0] == 400


def test_an_address_that_is_too_long_is_told_how_long_it_may_be_however_long_it_is(served):
    for length in (8_001, 8_101, 8_300, 60_000):
        query = "lang=en&why=" + "a" * (length - 12)
        says = f"the address has {length} characters; it may have 8000"
        for path in ("/", "/numbers.csv", "/scenario.toml"):
            status, told, _ = asked(served, f"{path}?{query}")
            assert status == 400 and says in told, (path, length)
        status, told, _ = asked(served, f"/?{query}", "POST", b"name = 'x'\nwhy = 'y'", X_Ballerup="file")
        assert status == 400 and says in told


def test_only_this_machine_s_own_page_is_answered(served):
    port = served.server_address[1]
    for host in ("ballerup.example", f"ballerup.example:{port}", "127.0.0.1", "", f"127.0.0.1:{port}.evil.example"):
        assert asked(served, "/", Host=host)[0] == 403
    for origin in ("http://ballerup.example", f"http://localhost:{port}", f"https://127.0.0.1:{port}", "null", ""):
        assert asked(served, "/", Origin=origin)[0] == 403
    own = f"http://127.0.0.1:{port}"
    assert asked(served, "/page.css", Origin=own)[0] == 200
    for name, first, second in (
        ("Origin", own, own),
        ("Origin", own, "null"),
        ("Sec-Fetch-Site", "none", "cross-site"),
    ):
        twice = f"GET /page.css HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{name}: {first}\r\n{name}: {second}\r\n\r\n"
        assert sent(served, twice).split()[1] == b"403", name
    for site, status in (("same-origin", 200), ("none", 200), ("same-site", 403), ("cross-site", 403), ("", 403)):
        assert asked(served, "/page.css", Sec_Fetch_Site=site)[0] == status, site
    assert asked(served, "/?area=159", Sec_Fetch_Site="cross-site")[1].count("\n") == 1
    followed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert asked(served, "/page.css", **followed)[0] == 200  # a link in a colleague's mail
    for other in ({"Sec_Fetch_Dest": "iframe"}, {"Sec_Fetch_Mode": "no-cors"}, {"Origin": "http://evil.example"}):
        assert asked(served, "/page.css", **followed | other)[0] == 403
    assert asked(served, "/?area=151", "POST", b"name = 'x'", X_Ballerup="file", **followed)[0] == 403
    assert asked(served, "/page.js", Host=f"localhost:{port}")[0] == 200
    assert asked(served, "/../state.py")[0] == asked(served, "/server.py")[0] == 404
    assert asked(served, "/", method="DELETE")[0] == 501
    assert served.server_address[0] == "127.0.0.1"


def test_every_answer_tells_the_browser_to_take_nothing_from_elsewhere_and_to_show_it_in_no_frame(served):
    answers = {"/": 200, "/page.js": 200, "/numbers.csv": 200, "/?year=1": 400, "/x": 404}
    answers = [(asked(served, path), status) for path, status in answers.items()]
    answers += [
        (asked(served, "/", "BREW"), 501),
        (asked(served, "/", Host="x"), 403),
        (asked(served, "/", "POST"), 400),
    ]
    for (status, _, headers), right in answers:
        assert (
            status == right and headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
        )
        policy = headers["Content-Security-Policy"]
        assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(policy.split("; ")) and "//" not in policy


def test_whatever_is_sent_costs_its_own_connection_alone_and_is_told_in_one_line(served, capfd, monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 0.2)
    port, answers = served.server_address[1], []
    host = f"Host: 127.0.0.1:{port}\r\n"
    for sent in (
        "\x16\x03\x01\x02", "GET", "GET / HTTP/9.9\r\n\r\n", f"GET http://[::1 HTTP/1.1\r\n{host}\r\n",
        f"GET /{'a' * 70_000} HTTP/1.1\r\n", "GET / HTTP/1.1\r\n" + "A: b\r\n" * 200 + "\r\n", f"<b> /../.. HTTP/1.1\r\n{host}\r\n",
        f"POST / HTTP/1.1\r\n{host}X-Ballerup: file\r\nContent-Length: 99\r\n\r\nabc",
        f"POST / HTTP/1.1\r\n{host}X-Ballerup: file\r\nContent-Length: -1\r\n\r\n",
        f"POST / HTTP/1.1\r\n{host}X-Ballerup: file\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        "\x00\xff\r\n\r\n",
    ):  # fmt: skip
        with socket.create_connection(("127.0.0.1", port)) as one:
            one.sendall(sent.encode("latin-1"))
            one.settimeout(60)
            with contextlib.suppress(ConnectionResetError), one.makefile("rb") as answer:
                head, _, body = answer.read().partition(b"\r\n\r\n")
                assert not head or (head.startswith(b"HTTP/1.1 ") and b"nosniff" in head and b"POST /x" not in body)
                answers.append(body)
    with socket.create_connection(("127.0.0.1", port)) as gone:
        gone.sendall(f"GET / HTTP/1.1\r\n{host}\r\n".encode())
    monkeypatch.undo()
    assert asked(served, "/page.css")[0] == 200
    assert capfd.readouterr().err == "" and max(answer.count(b"\n") for answer in answers) == 1


def test_what_is_sent_with_a_request_is_never_the_next_one(served):
    port = served.server_address[1]
    host, second = f"Host: 127.0.0.1:{port}\r\n", "GET /page.js HTTP/1.1\r\nHost: evil\r\n\r\n"
    for head, status in (
        (f"GET /page.css HTTP/1.1\r\n{host}Content-Length: {len(second)}\r\n\r\n", b"200"),
        (f"GET /page.css HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", b"403"),
        (f"GET /page.css HTTP/1.1\r\n{host}Host: evil\r\n\r\n", b"403"),
    ):
        with socket.create_connection(("127.0.0.1", port)) as one:
            one.sendall((head + second).encode())
            with contextlib.suppress(ConnectionResetError), one.makefile("rb") as answer:
                told = answer.read()
                assert told.split()[1] == status and told.count(b"HTTP/1.1") == 1


def test_what_stands_before_a_request_is_bounded_and_so_is_what_128_visitors_hold(served):
    head = f"GET /page.css HTTP/1.1\r\nHost: 127.0.0.1:{served.server_address[1]}\r\n"
    for lines, status in ((1, {b"200"}), (3, {b"431", b""})):  # nothing where the rest of it meets a closed door
        answered = b""
        with socket.create_connection(served.server_address, timeout=60) as one, contextlib.suppress(ConnectionError):
            one.sendall((head + f"A: {'a' * 60_000}\r\n" * lines + "Connection: close\r\n\r\n").encode())
            answered = b"".join(iter(partial(one.recv, 65_536), b""))
        assert answered[9:12] in status
    one, other = socket.socketpair()
    with one, other:
        other.sendall(b"x" * 10)
        arriving = server._InTime(one)
        arriving.end, arriving.most = time.monotonic() + 600, 5
        assert arriving.readinto(bytearray(5)) == 5
        with pytest.raises(http.client.HTTPException):
            arriving.readinto(bytearray(5))
    raw = (shipped()["sickness_late"].name * 10_000).encode()[: server.LARGEST]
    assert asked(served, "/", "POST", raw, **{"X-Ballerup": "file"})[0] == 400, "the body comes on top"


def test_a_request_must_have_arrived_in_time_however_often_a_byte_comes(served, monkeypatch):
    told, clocks = f"GET /page.css HTTP/1.1\r\nHost: 127.0.0.1:{served.server_address[1]}\r\n", {}

    def clock():  # of each connection: it goes on between its first read and its second
        return next(clocks.setdefault(threading.current_thread(), iter([0.0, 0.0])), 1000.0)

    monkeypatch.setattr(server, "monotonic", clock)
    with socket.create_connection(served.server_address) as one:
        one.sendall(f"{told}A: {'a' * 20_000}\r\n\r\n".encode())
        with contextlib.suppress(ConnectionResetError):
            assert one.recv(99) == b""


def test_what_is_over_the_connections_at_once_is_refused_until_one_ends():
    with server.Server() as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        one.places = threading.Semaphore(2)
        with socket.create_connection(one.server_address), socket.create_connection(one.server_address):
            assert asked(one, "/page.css")[0] == 503
        assert one.places.acquire(timeout=60) and one.places.acquire(timeout=60)
        one.places.release()
        assert asked(one, "/page.css")[0] == 200
        one.shutdown()


@pytest.fixture
def held():
    """A server whose computations wait: what was asked for, and what lets them go on."""
    with server.Server() as one:
        one.turns, begun, go_on, shown = server.Turns(2), [], threading.Event(), one.baselines.shown

        def wait(state):
            begun.append(state.area)
            assert go_on.wait(60)
            return shown(replace(state, area="151", scenario=replace(state.scenario, baseline="budget_2017")))

        one.baselines.frames["budget_2017", "151"], one.baselines.shown = BUDGET, wait
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield one, begun, go_on
        go_on.set()
        one.shutdown()


def until(true):
    """Wait for what another thread does."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_few_pages_are_computed_at_once_and_who_has_waited_for_a_turn_is_told_in_one_line(held, monkeypatch):
    one, begun, go_on = held
    monkeypatch.setattr(server, "TURN", 0.2)
    text = scenarios.write(replace(shipped()["sickness_late"], name="x")).encode()
    with ThreadPoolExecutor(2) as pool:
        first = [pool.submit(asked, one, path) for path in ("/", "/numbers.csv")]
        until(lambda: len(begun) == 2)
        for path, how in (
            ("/", {}),
            ("/scenario.toml", {}),
            ("/", {"method": "POST", "body": text, "X_Ballerup": "file"}),
        ):
            status, told, headers = asked(one, path, **how)
            assert (status, told.count("\n")) == (503, 1) and headers["X-Frame-Options"] == "DENY"
            assert told.startswith("Serveren er optaget") and headers["Content-Language"] == "da"
        status, told, headers = asked(one, "/numbers.csv?lang=en")
        assert told.startswith("The server is busy") and headers["Content-Language"] == "en"
        assert asked(one, "/page.css")[0] == 200 and len(begun) == 2  # what is not computed waits for nobody
        go_on.set()
        assert [each.result()[0] for each in first] == [200, 200]
    assert asked(one, "/")[0] == 200


def test_turns_are_given_in_the_order_they_were_asked_for():
    turns, got = server.Turns(1), []
    assert turns.acquire(timeout=0)
    with ThreadPoolExecutor(1) as pool:
        for _ in range(50):
            waits = pool.submit(lambda: turns.acquire(timeout=60))
            until(lambda: turns.waiting)
            turns.release()
            got.append(turns.acquire(timeout=0))  # a newcomer
            assert waits.done() or waits.result()
    assert got == [False] * 50 and not turns.acquire(timeout=0)
    turns.release()
    assert turns.acquire(timeout=0)


def test_nothing_is_computed_for_a_visitor_who_has_gone(held):
    one, begun, go_on = held
    host = f"Host: 127.0.0.1:{one.server_address[1]}\r\n\r\n"
    with ThreadPoolExecutor(3) as pool:
        first = [pool.submit(asked, one, "/") for _ in range(2)]
        until(lambda: len(begun) == 2)
        for at in range(20):
            with socket.create_connection(one.server_address) as gone:
                gone.sendall(f"GET /?area={('159', '253')[at % 2]} HTTP/1.1\r\n{host}".encode())
        stays = pool.submit(asked, one, "/?area=101")
        until(lambda: one.places._value == server.MOST - 23)
        go_on.set()
        assert [each.result()[0] for each in (*first, stays)] == [200] * 3
        until(lambda: one.places._value == server.MOST)
    assert begun == ["151", "151", "101"]


def test_a_second_request_on_the_way_is_answered_too(served):
    host = f"Host: 127.0.0.1:{served.server_address[1]}\r\n"
    told = sent(
        served,
        f"GET /?base=budget_2017 HTTP/1.1\r\n{host}\r\nGET /page.css HTTP/1.1\r\n{host}Connection: close\r\n\r\n",
    )
    assert told.count(b"HTTP/1.1 200") == 2


def test_tables_that_cannot_be_read_are_one_line_without_a_folder(served, monkeypatch, capfd):
    def refuse(*_):
        raise DataError(f"{cli.ROOT / 'data' / 'raw' / 'areas.csv'} is not there")

    monkeypatch.setattr(served.baselines, "shown", refuse)
    status, told, headers = asked(served, "/")
    assert (status, told) == (500, "data/raw/areas.csv is not there") and headers["X-Frame-Options"] == "DENY"
    assert capfd.readouterr().err == ""


def test_a_scenario_is_shown_though_an_end_of_a_range_cannot_be(served):
    for query, area in (("area=400&gap_points=-1", "Bornholm"), ("area=779&gap_points=-0,5", "Skive")):
        status, page_, _ = asked(served, f"/?{query}")
        assert status == 200 and f"{area}, " in page_
        assert "Ikke vist, da et af yderpunkterne ville give færre end nul personer på en linje: " in page_
    status, page_, _ = asked(served, "/?area=400")
    assert status == 200 and "Ikke vist, da" not in page_


def test_persons_of_an_own_budget_are_called_its_own_and_no_text_is_escaped_twice(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    rows = (
        "Post (mio. kr.);ydelse;personer;B2027;BO2028\nDagpenge;dagpenge;20;4;4\nKontanthjælp;kontanthjælp;900;95;96\n"
    )
    (tmp_path / "budget.csv").write_text(rows, encoding="utf-8")
    told = {
        "da": ("Personer pr. linje er budgettets egne, hvor det har dem", "er talt, hvor"),
        "en": ("Persons by line are the budget&#39;s own where", "are counted where"),
    }
    for lang, (own_, public) in told.items():
        status, page_, _ = asked(served, f"/?base=own&lang={lang}")
        assert status == 200 and own_ in page_ and "&amp;#39;" not in page_
        assert public.replace("er talt", "er talt") in asked(served, f"/?lang={lang}")[1] and public not in page_


@pytest.mark.parametrize(("query", "says"), [
    ("activation_points=99", "activation_points er 99, men "), ("base=accounts+2016", "98 kommuners regnskaber i 1 år er for få"),
    ("gap_points=-30", "der ville være −"),
])  # fmt: skip
def test_what_cannot_be_is_told_in_danish_on_the_danish_page(served, query, says):
    status, page_, _ = asked(served, f"/?{query}")
    assert (
        status == 400 and says in page_ and "jobindsats, accounts" not in page_ and "Kilder: Statistikbanken" in page_
    )


def test_an_area_that_is_no_municipality_is_refused_before_anything_is_computed():
    for area, name in (("000", "Hele landet"), ("084", "Region Hovedstaden"), ("02", "Københavns omegn")):
        with pytest.raises(DataError, match=f"{name}: no accounts here; there are those of the 98 municipalities"):
            parse(f"area={area}")
        assert page.refused(f"{name}: no accounts here; there are those of the 98 municipalities", "da")["lang"] == "da"


def test_a_benefit_that_several_lines_of_an_own_budget_pay_is_asked_about_in_danish(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    rows = "Syge kort;sygedagpenge;40;41\nSyge lang;sygedagpenge;30;31\nI alt;;70;72\n"
    (tmp_path / "budget.csv").write_text(f"Post (mio. kr.);ydelse;B2027;BO2028\n{rows}")
    status, page_, _ = asked(served, "/?base=own&persons@sygedagpenge=-20")
    assert status == 409 and "kan være for Syge kort, Syge lang; skriv linjens navn" in page_
    assert asked(served, "/?base=own&persons@Syge+kort=-20")[0] == 200


def test_an_own_budget_that_tells_whose_it_is_stands_for_no_other_municipality(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    head = "Kommunenr;Post (mio. kr.);ydelse;B2027;BO2028\n"
    (tmp_path / "budget.csv").write_text(f"{head}151;Dagpenge;dagpenge;95;96\n151;I alt;;95;96\n")
    status, told, _ = asked(served, "/?base=own")
    assert status == 200 and "filen siger ikke" not in told
    status, told, _ = asked(served, "/?base=own&area=159")
    assert (
        status == 409
        and "det egne budget er efter en kolonne, en overskrift eller arkets navn for Ballerup, ikke for Gladsaxe"
        in told
    )


def test_the_page_says_whose_an_own_budget_is_taken_to_be(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "budget.csv").write_text("Post (mio. kr.);ydelse;B2027;BO2028\nDagpenge;dagpenge;95;96\nI alt;;95;96\n")
    for query, told in (
        ("base=own&area=159", "filen siger ikke, hvilken kommune budgettet er for; her regnes det for Gladsaxe"),
        ("base=own", "her regnes det for Ballerup"),
        ("base=own&area=159&lang=en", "the file does not say whose budget it is; here it counts as that of Gladsaxe"),
    ):
        assert told in asked(served, f"/?{query}")[1]
    assert "her regnes det for" not in asked(served, "/?area=159")[1]


def test_an_own_budget_that_no_total_covers_says_so_on_the_page(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    for total, said in (("", True), ("I alt;;95;96;97\n", False)):
        (tmp_path / "budget.csv").write_text(
            f"<b>Tal</b>\nPost (mio. kr.);ydelse;B2027;BO2028;BO2029\nDagpenge;dagpenge;95;96;97\n{total}"
        )
        for lang, words in (
            ("da", "ikke afstemt med en total i filen"),
            ("en", "not reconciled with a total of the file"),
        ):
            status, page, _ = asked(served, f"/?base=own&lang={lang}")
            assert (status, (f"BALLERUP_LOCAL/budget ({words})" in page)) == (200, said)
            beside = {
                "da": "I filen står også, uden at være læst: »{}« (celle 1:1).",
                "en": "The file also holds, unread: »{}« (cell 1:1).",
            }
            assert beside[lang].format("&lt;b&gt;Tal&lt;/b&gt;") in page


def test_no_answer_names_a_folder_of_this_machine(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "budget.csv").write_text("Post;B2027\nA;x\n")
    for path, answered in (("/?base=own", 409), ("/numbers.csv?base=own", 400)):
        status, told, _ = asked(served, path)
        assert status == answered and "budget.csv" in told and str(tmp_path) not in told and str(cli.ROOT) not in told


def test_the_folder_of_own_files_is_told_by_what_it_is_called_and_by_no_place_on_this_machine(
    served, tmp_path, monkeypatch
):
    place = tmp_path / "egne"
    monkeypatch.setenv("BALLERUP_LOCAL", str(place))
    place.write_text("no folder")
    for lang, says in (("da", "BALLERUP_LOCAL er ingen mappe"), ("en", "BALLERUP_LOCAL is no folder")):
        told = asked(served, f"/?base=own&lang={lang}")[1]
        assert says in told and str(tmp_path) not in told
    place.unlink()
    place.mkdir()
    for name in ("budget.csv", "budget.xlsx"):
        (place / name).touch()
    for lang, word, and_ in (("da", "rummer", "og"), ("en", "holds", "and")):
        told = asked(served, f"/?base=own&lang={lang}")[1]
        assert f"BALLERUP_LOCAL {word} budget.csv {and_} budget.xlsx" in told and str(tmp_path) not in told
        assert f'<p lang="{lang}" data-kept=' in told
    monkeypatch.setattr(server.own, "folder", lambda: Path("."))  # what is no place alone is left as it is
    assert server.told(DataError("budget.csv: 1.5 mio. kr.")) == "budget.csv: 1.5 mio. kr."


def test_a_file_is_opened_only_from_the_page_and_only_if_it_is_a_scenario(served):
    text = scenarios.write(replace(shipped()["sickness_late"], name="Æble")).encode()
    status, told, _ = asked(served, "/?area=151", "POST", text, X_Ballerup="file", X_Name="a.toml")
    assert status == 200 and parse(told).scenario.changes == shipped()["sickness_late"].changes
    status, told, _ = asked(served, "/?area=159", "POST", text, X_Ballerup="file")
    assert status == 400 and "kun trykt for Ballerup" in told
    assert asked(served, "/", "POST", text)[0] == 400  # another site cannot set the header
    for body, says in ((b"\xff", "is no scenario"), (b"name = ", "a.toml is no scenario"), (b"", "there must be name and why"),
                       (b"x" * 70_000, "for stor")):  # fmt: skip
        status, told, headers = asked(served, "/", "POST", body, X_Ballerup="file", X_Name="a.toml")
        assert status == 400 and says in told, says
        lang, kept = ("da", "Det viste er") if says == "for stor" else ("en", "What is shown is")
        assert headers["Content-Language"] == lang and told.startswith(f"{kept} ")
    assert "too large" in asked(served, "/?lang=en", "POST", b"x" * 70_000, X_Ballerup="file", X_Name="a.toml")[1]


def test_every_seed_that_an_address_may_have_can_be_saved_and_opened_again(served):
    for seed, status in (("999999999999999", 200), ("1000000000000000", 400), ("999999999999999999", 400)):
        found, text, _ = asked(served, f"/scenario.toml?base=budget_2017&seed={seed}")
        assert found == status
        if found == 200:
            found, told, _ = asked(served, "/", "POST", text.encode(), X_Ballerup="file", X_Name="a.toml")
            assert found == 200 and parse(told).scenario.seed == int(seed)


def test_a_scenario_file_opened_while_another_year_is_shown_opens_at_its_own_years(served):
    text = scenarios.write(shipped()["sickness_late"]).encode()  # of 2017 to 2021, over accounts of 2024 to 2028
    status, told, _ = asked(served, "/?area=151&year=2027", "POST", text, X_Ballerup="file", X_Name="a.toml")
    assert status == 200 and parse(told).scenario.baseline == "budget_2017" and parse(told).year == 0


def test_a_port_that_is_taken_is_one_sentence(served, capsys):
    assert cli.main(["explore", "--port", str(served.server_address[1])]) == 1
    told = capsys.readouterr().err
    assert "cannot be used" in told and told.count("\n") == 1


# Chromium, by keyboard alone

browsing = pytest.mark.skipif(not all(PROGRAMS), reason="Chromium and its driver are not installed")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    downloads = tmp_path_factory.mktemp("downloads")
    with Browser(downloads) as one:
        one.downloads = downloads
        yield one


def to(browser, served, query=""):
    browser.get(served.address + (f"?{query}" if query else ""))
    browser.until(lambda: browser.count("#panels"))


@browsing
def test_the_analyst_s_question_by_keyboard_alone(browser, served):
    to(browser, served)
    browser.tab_to("area")
    browser.keys("Gladsaxe")
    browser.until(lambda: "Gladsaxe" in browser.text("#result-title"))
    assert browser.run("return document.activeElement.id") == "area"
    browser.tab_to("range-gap-points")
    browser.keys(*[Keys.ARROW_RIGHT] * 5)
    browser.until(lambda: "gap_points=0.5" in browser.driver.current_url)
    browser.tab_to("from-gap-points")
    browser.keys("fra 2027")
    browser.until(lambda: "gap_points.from=2027" in browser.driver.current_url)
    browser.tab_to("choice")
    browser.keys("Sygedagpenge: p")  # "personer flere på ydelsen" comes after "enhedsprisen"
    browser.until(lambda: browser.run("return document.getElementById('choice').value") == "persons@Sygedagpenge")
    browser.keys(Keys.TAB, Keys.ENTER)
    browser.until(lambda: browser.count("#persons-Sygedagpenge"))
    browser.run("document.getElementById('range-gap-points').focus()")
    browser.tab_to("persons-Sygedagpenge")
    browser.fill("-20")
    browser.keys("fra 2027")
    browser.until(lambda: "persons%40Sygedagpenge.from=2027" in browser.driver.current_url)
    found, link = browser.text("#told"), browser.driver.current_url
    frame = served.baselines.frames["accounts", "159"]
    more = cost(ASKED, frame).own_tkr.sum(axis=0)[-1] - frame.net_tkr.sum(axis=0)[-1]
    assert f"{page.plain(more / 1000, 1, True)} mio. kr." in found
    browser.get(link)  # the colleague's
    assert browser.text("#told") == found
    assert parse(urlsplit(link).query).scenario.changes == (
        ASKED[0], Change("persons", -20.0, 2027, "Sygedagpenge"))  # fmt: skip


@browsing
def test_what_half_of_a_refused_number_showed_goes(browser, served):
    to(browser, served, "base=budget_2017")
    told = browser.text("#told")
    browser.tab_to("gap-points")
    browser.keys(Keys.END, Keys.BACKSPACE, "5")
    browser.until(lambda: browser.text("#told") != told)
    browser.keys("x", Keys.TAB)
    browser.until(lambda: "skal være et tal" in browser.text("#alert") and browser.text("#told") == told)
    assert "gap_points" not in browser.driver.current_url


@browsing
def test_a_municipality_that_was_refused_is_not_chosen_and_no_result_stands_under_the_name_of_another(browser, served):
    to(browser, served, "persons%40Kontant-%20og%20uddannelseshj%C3%A6lp=-300")
    browser.tab_to("area")
    browser.keys("Dragør")
    browser.until(lambda: "der ville være" in browser.text("#alert"))
    browser.until(lambda: browser.run("return document.getElementById('area').value") == "151")
    assert "Ballerup" in browser.text("#result-title")
    browser.tab_to("persons-Kontant_2d_-og-uddannelseshjælp")
    browser.fill("-10")
    browser.until(lambda: "=-10" in browser.driver.current_url)
    assert "area" not in browser.driver.current_url and "Ballerup" in browser.text("#result-title")
    browser.tab_to("area")
    browser.keys("Dragør")
    browser.until(lambda: "area=155" in browser.driver.current_url)
    assert "Dragør" in browser.text("#result-title") and "Dragør" in browser.driver.title


# The answer to a request with this in its address, or to its first or second, comes later than those asked for after it.
LATE = (
    "const [text, which] = arguments, first = window.fetch; let n = 0; window.underway = 0;"
    " window.fetch = async (...asked) => { window.underway += 1;"
    " const late = asked[0].includes(text) && (which === null || n++ === which), answer = await first(...asked);"
    " if (late) await new Promise(done => setTimeout(done, 1500)); window.underway -= 1; return answer; }"
)


def at_rest(browser):
    """Wait until nothing is on its way; return what is shown, which is what the address and the box of the gap say."""
    for _ in range(2):  # an answer may bring another request with it
        browser.until(lambda: browser.run("return window.underway") == 0)
        browser.driver.execute_async_script("setTimeout(arguments[0], 500)")
    shown = parse(browser.run("return document.getElementById('panels').dataset.query"))
    assert parse(urlsplit(browser.driver.current_url).query).scenario.changes == shown.scenario.changes
    box = browser.run("return document.getElementById('gap-points').value").replace(",", ".")
    gap = [c.value for c in shown.scenario.changes if c.parameter == "gap_points"]
    assert gap == [float(box)] * (box != "0")
    return shown


@browsing
@pytest.mark.parametrize("button", ["[data-reset=gap-points]", "#clear"])
def test_what_is_chosen_after_a_refused_number_stands_though_the_page_was_on_its_way_back(browser, served, button):
    to(browser, served, "base=budget_2017&gap_points=0.5")
    browser.run(LATE, "gap_points=0.5", None)  # the state, to which the page goes back
    browser.tab_to("gap-points")
    browser.keys(Keys.END, *[Keys.BACKSPACE] * 3, *"1.250")
    browser.run("document.activeElement.blur(); document.querySelector(arguments[0]).click()", button)
    assert at_rest(browser).scenario.changes == ()


@browsing
@pytest.mark.parametrize("which", [0, 1])
def test_a_slider_that_is_let_go_stands_as_it_is_whichever_answer_comes_first(browser, served, which):
    to(browser, served, "base=budget_2017")
    browser.run(LATE, "gap_points=0%2C2", which)
    browser.tab_to("range-gap-points")
    browser.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    browser.until(lambda: browser.run("return document.getElementById('gap-points').value") == "0,2")
    assert [c.value for c in at_rest(browser).scenario.changes] == [0.2]


@browsing
def test_a_link_and_a_pinned_scenario_are_of_the_number_just_typed(browser, served):
    for button in ("link", "pin-this"):
        to(browser, served, "base=budget_2017&gap_points=0.2")
        told = browser.text("#told")
        browser.run(LATE, "gap_points=0%2C7", None)
        browser.run(
            "Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => { window.copied = text; return Promise.resolve(); }}});"
        )
        browser.tab_to("gap-points")
        browser.keys(Keys.END, Keys.BACKSPACE, "7")
        browser.run("const b = document.activeElement; b.blur(); document.getElementById(arguments[0]).click()", button)
        browser.until(lambda told=told: browser.text("#told") != told)
        browser.until(
            lambda button=button: (
                browser.run("return window.copied") if button == "link" else "pin=" in browser.driver.current_url
            )
        )
        shown = at_rest(browser)
        assert [c.value for c in shown.scenario.changes] == [0.7]
        if button == "link":
            assert parse(urlsplit(browser.run("return window.copied")).query) == shown
        else:
            assert parse(shown.pin).scenario.changes == shown.scenario.changes


@browsing
@pytest.mark.parametrize("back", ["document.getElementById('undo').click()", "history.back()"])
def test_undo_while_a_number_is_on_its_way_leaves_page_and_address_the_same(browser, served, back):
    to(browser, served, "base=budget_2017")
    browser.tab_to("gap-points")
    browser.fill("0,5")
    browser.until(lambda: "gap_points=0.5" in browser.driver.current_url)
    browser.run(LATE, "gap_points=0%2C7", None)
    browser.tab_to("gap-points")
    browser.keys(Keys.END, Keys.BACKSPACE, "7")
    browser.run("document.activeElement.blur();" + back)
    # undone is what was typed, or, where the browser goes back at once, what was there before
    assert [c.value for c in at_rest(browser).scenario.changes] == ([0.5] if "undo" in back else [])


# Sets a box as a person does, and presses a button.
BY_HAND = (
    "const put = (id, value) => { const box = document.getElementById(id); box.value = value; box.dispatchEvent(new Event('change', {bubbles: true})); };"
    " const press = what => document.querySelector(what).click(); "
)


@browsing
@pytest.mark.parametrize(
    ("start", "at_once", "told"),
    [
        ("base=budget_2017&gap_points=0.5&price_pct=1", "press('[data-reset=gap-points]'); press('[data-reset=price-pct]')", {}),
        ("base=budget_2017", "press('#add'); put('gap-points', '0,7')", {"gap_points": 0.7, "exit_rate_pct": 0}),
        ("base=budget_2017&gap_points=0.7", "press('#pin-this'); put('price-pct', '1')", {"gap_points": 0.7, "price_pct": 1}),
        ("gap_points=0.7", "put('base', 'budget_2017'); put('price-pct', '1')", {"gap_points": 0.7, "price_pct": 1}),
        ("gap_points=0.7", "put('area', '159'); put('price-pct', '1')", {"gap_points": 0.7, "price_pct": 1}),
        ("base=budget_2017", "put('gap-points', '0,7'); put('price-pct', '1'); put('unit', 'persons'); press('#undo')", {"gap_points": 0.7, "price_pct": 1}),
        ("base=budget_2017&gap_points=0.7", "put('price-pct', '1'); put('gap-points', '')", {"price_pct": 1}),
    ],
)  # fmt: skip
def test_choices_made_at_once_all_stand_each_on_top_of_those_before(browser, served, start, at_once, told):
    to(browser, served, start)
    browser.run(LATE, "/?", 0)
    browser.run(BY_HAND + at_once)
    shown = at_rest(browser)
    assert {c.parameter: c.amount for c in shown.scenario.changes} == told
    assert not browser.text("#alert") and not browser.count("#panels .message")
    assert shown.area == ("159" if "159" in at_once else "151") and (shown.pin != "") == ("pin" in at_once)
    assert shown.scenario.baseline == ("budget_2017" if "budget" in start + at_once else "accounts")
    assert float(browser.run("return document.getElementById('range-gap-points').value")) == told.get("gap_points", 0)


@browsing
def test_to_undo_more_than_there_is_stays_on_the_page_and_a_link_waits_for_what_is_undone(browser, served):
    to(browser, served, "base=budget_2017")
    for typed in ("0,5", "0,7"):
        browser.tab_to("gap-points")
        browser.fill(typed)
        browser.until(lambda typed=typed: f"gap_points={typed.replace(',', '.')}" in browser.driver.current_url)
    browser.run("given = (made, name) => made.text().then(text => { window.made = text; });")
    browser.run(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => { window.copied = text; return Promise.resolve(); }}});"
    )
    browser.run(LATE, "gap_points", None)
    browser.run(BY_HAND + "press('#undo'); press('#link'); press('[href^=\"/scenario.toml\"]')")
    assert [c.value for c in at_rest(browser).scenario.changes] == [0.5]
    assert parse(urlsplit(browser.run("return window.copied")).query).scenario.changes[0].value == 0.5
    assert scenarios.read(browser.run("return window.made")).changes[0].value == 0.5
    browser.run(BY_HAND + "for (let n = 0; n < 4; n++) press('#undo')")
    assert at_rest(browser).scenario.changes == () and browser.driver.current_url.startswith(served.address)
    assert browser.run("return [document.getElementById('undo').disabled, document.getElementById('redo').disabled]") == [True, False]  # fmt: skip


# Every answer comes late, so many milliseconds.
SLOW = (
    "const [ms] = arguments, first = window.fetch; window.fetch = async (...asked) => {"
    " const answer = await first(...asked); await new Promise(done => setTimeout(done, ms)); return answer; }"
)


def typed(browser, text, pace=0.08):
    """Type as a person does, one letter after another."""
    keys = ActionChains(browser.driver)
    for letter in text:
        keys.send_keys(letter).pause(pace)
    keys.perform()


def pressed(browser, id):
    """Press a button with the mouse, and let it go as a person does."""
    button = browser.driver.find_element("id", id)
    browser.run("arguments[0].scrollIntoView({block: 'center'})", button)
    ActionChains(browser.driver, duration=0).move_to_element(button).click_and_hold().pause(0.12).release().perform()


def shown_of(browser):
    """Wait until nothing is on its way; return what is shown, which is what the state and the form say."""
    browser.until(lambda: browser.run("return underway === 0 && !glancing && !glance"))
    query = browser.run("return document.getElementById('panels').dataset.query")
    shown = parse(query)
    assert query == browser.run("return state")
    value = browser.run("return Object.fromEntries([...$('form').elements].map(e => [e.id, e.value]))")
    gap = [c.value for c in shown.scenario.changes if c.parameter == "gap_points"] or [0]
    assert [float(value[id].replace(",", ".")) for id in ("gap-points", "range-gap-points")] == gap * 2
    now = (shown.area, shown.unit, shown.scenario.baseline)
    assert tuple(value[one] for one in ("area", "unit", "base")) == now
    return shown


def settled(browser):
    """Wait until nothing is on its way; return what is shown, which is what the address says too."""
    shown, address = shown_of(browser), parse(urlsplit(browser.driver.current_url).query)
    assert replace(address, scenario=replace(address.scenario, hash=shown.scenario.hash)) == shown
    return shown


def focus(browser, id):
    """Give the focus as Tab does: what a box holds is selected."""
    browser.run("document.getElementById(arguments[0]).focus({preventScroll: true})", id)
    browser.run("if (document.activeElement.matches('input:not([type=range])')) document.activeElement.select()")


@browsing
def test_what_is_in_hand_stays_as_it_is_while_answers_come(browser, served):
    to(browser, served, "base=budget_2017&gap_points=1")
    browser.run(SLOW, 500)
    focus(browser, "unit")
    typed(browser, "h")
    focus(browser, "name")
    typed(browser, "Mit scenarie", 0.1)
    browser.keys(Keys.TAB)
    shown = settled(browser)
    assert (shown.unit, shown.scenario.name) == ("persons", "Mit scenarie")
    browser.run("document.getElementById('table-years').open = true")
    focus(browser, "unit")
    typed(browser, "k")
    focus(browser, "price-pct")
    browser.until(lambda: browser.run("return underway === 0"))  # what is selected is selected still
    typed(browser, "2,5")
    browser.keys(Keys.HOME)
    browser.run("show(told => { told.set('payer', 'state'); return told; })")
    browser.until(lambda: browser.run("return underway === 0"))  # and the next letter goes where it would
    typed(browser, "1")
    assert browser.run("return document.getElementById('price-pct').value") == "12,5"
    browser.keys(Keys.TAB)
    shown = settled(browser)
    assert [c.value for c in shown.scenario.changes] == [1, 12.5] and shown.unit == "kr_per_inhabitant"
    assert browser.run("return document.getElementById('table-years').open")
    to(browser, served)
    browser.run(SLOW, 250)
    focus(browser, "area")
    typed(browser, "Gladsaxe", 0.15)
    assert settled(browser).area == "159" and browser.run("return document.activeElement.id") == "area"
    focus(browser, "range-gap-points")
    typed(browser, [Keys.ARROW_RIGHT] * 6, 0.06)
    assert settled(browser).scenario.changes[0].value == 0.6
    browser.run("const first = put; window.seen = []; put = page => { first(page); seen.push($('price-pct').value); }")
    browser.run(BY_HAND + "put('gap-points', '0,4'); put('price-pct', '1'); put('unit', 'persons')")
    settled(browser)  # nor does what waits for its turn go back in between
    assert browser.run("return seen") == ["1"] * 3


@browsing
def test_what_is_refused_is_told_until_something_else_is_chosen_after_it(browser, served):
    to(browser, served, "base=budget_2017")
    focus(browser, "gap-points")
    typed(browser, "1.250")
    focus(browser, "price-pct")
    typed(browser, "1,25", 0.15)  # a look at this says nothing of the gap
    browser.until(lambda: "price_pct=1.25" in browser.run("return document.getElementById('panels').dataset.query"))
    assert "1.250" in browser.text("#alert")
    browser.keys(Keys.TAB)
    assert [c.value for c in settled(browser).scenario.changes] == [1.25] and not browser.text("#alert")
    browser.run(BY_HAND + "put('gap-points', '1.250'); put('unit', 'persons')")  # chosen before it was told
    assert settled(browser).unit == "persons" and "1.250" in browser.text("#alert")
    browser.run("window.fetched_ = fetch; window.fetch = async () => new Response('x', {status: 503})")
    focus(browser, "why")
    typed(browser, "Grund", 0.05)
    browser.keys(Keys.TAB)
    browser.until(lambda: browser.text("#alert").startswith("Serveren er optaget"))
    assert browser.run("return $('why').value") == "Grund"  # what is to be mended stands, and what is told of it
    browser.run("window.fetch = fetched_")
    focus(browser, "why")
    browser.keys(Keys.TAB)  # is asked once more
    browser.until(lambda: settled(browser).scenario.why == "Grund" and not browser.text("#alert"))


def refuse(browser, id, text):
    """Give a text that holds a sign it may not have, as a person does, and wait for what is told of it."""
    focus(browser, id)
    browser.run(f"document.execCommand('insertText', false, arguments[0]); $('{id}').blur()", text)
    browser.until(lambda: "U+" in browser.text("#alert"))
    settled(browser)


@browsing
@pytest.mark.parametrize("answers", ["Promise.reject(new TypeError())", "Promise.resolve(new Response('', {status: 503}))"])  # fmt: skip
def test_a_text_that_the_server_has_not_read_is_asked_for_once_more_when_it_answers_another_choice(
    browser, served, answers
):
    to(browser, served, "base=budget_2017")
    browser.run(f"window.first = fetch; window.fetch = () => {answers}")
    for id in ("name", "why"):
        focus(browser, id)
        typed(browser, f"Min {id}", 0.03)
        browser.keys(Keys.TAB)
        browser.until(lambda: "Serveren" in browser.text("#alert"))
    settled(browser)
    browser.run("window.fetch = first;" + BY_HAND + "put('lang', 'en'); put('unit', 'persons')")
    browser.until(lambda: settled(browser).scenario.why)
    shown = settled(browser)
    assert (shown.lang, shown.unit, shown.scenario.name, shown.scenario.why) == ("en", "persons", "Min name", "Min why")
    assert not browser.text("#alert") and "Min name" in browser.text("#result-title")


@browsing
def test_what_is_told_of_a_refused_text_is_true_as_long_as_it_stands(browser, served, tmp_path):
    to(browser, served, "base=budget_2017&gap_points=0.5")
    file = tmp_path / "god.toml"
    file.write_text(scenarios.write(Scenario("Fra fil", "Derfor", "budget_2017", (Change("price_pct", 2.0),))), encoding="utf-8")  # fmt: skip
    box = "return [$('name').value, $('why').value]"
    refuse(browser, "name", "x\u202ey")
    assert browser.text("#alert").startswith("Navn er ikke ændret: name rummer U+202E")
    browser.run(BY_HAND + "put('gap-points', '0,7'); put('unit', 'persons')")
    settled(browser)  # it says nothing of what is shown, which is another now
    assert browser.text("#alert").startswith("Navn er ikke ændret: name rummer U+202E")
    refuse(browser, "why", "z\u202e")
    for lang, says in (("en", "Name is not changed: name holds"), ("da", "Navn er ikke ændret: name rummer")):
        browser.run(BY_HAND + "put('lang', arguments[0])", lang)
        browser.until(lambda says=says: says in browser.text("#alert"))
        settled(browser)
        told = "return [...document.querySelectorAll('#alert p')].map(p => p.lang)"
        assert browser.run(told) == [lang] * 2 and browser.run(box) == ["x\u202ey", "z\u202e"]
    for choice in ("press('#undo')", "press('#redo')", "history.back()", "put('example', $('example').options[2].value)", "press('#clear')"):  # fmt: skip
        browser.run(BY_HAND + choice)
        browser.until(lambda: not browser.text("#alert"))
        shown = settled(browser)
        assert browser.run(box) == [shown.scenario.name, shown.scenario.why] == ["", ""], choice
        browser.run(BY_HAND + "put('gap-points', '0,4')")
        settled(browser)
        browser.run(BY_HAND + "put('gap-points', '0,3'); press('#undo')")
        settled(browser)
        refuse(browser, "name", "x\u202ey")
    browser.driver.find_element("id", "file").send_keys(str(file))
    browser.until(lambda: "Fra fil" in browser.text("#result-title"))
    settled(browser)
    assert browser.run(box) == ["Fra fil", "Derfor"] and not browser.text("#alert")
    refuse(browser, "name", "\u202e")
    focus(browser, "name")
    browser.keys("Fra fil", Keys.TAB)  # as it was
    assert settled(browser).scenario.name == "Fra fil" and not browser.text("#alert")
    browser.run(SLOW, 400)
    browser.run(BY_HAND + "put('name', 'x\u202ey'); put('name', 'Godt')")  # before the first is answered
    assert settled(browser).scenario.name == "Godt" and not browser.text("#alert")


@browsing
def test_what_was_refused_is_not_carried_out_later_whatever_is_chosen_after_it(browser, served, tmp_path):
    bad = tmp_path / "daarlig.toml"
    bad.write_text(scenarios.write(Scenario("x", "", "budget_2017")), encoding="utf-8")
    to(browser, served, "area=159")
    browser.run(SLOW, 400)
    browser.driver.find_element("id", "file").send_keys(str(bad))
    browser.run(BY_HAND + "put('area', '151')")
    browser.run(BY_HAND + "put('lang', 'en'); put('gap-points', '1')")
    state = settled(browser)
    assert (state.lang, state.area, state.scenario.baseline) == ("en", "151", "accounts")
    assert [c.value for c in state.scenario.changes] == [1.0]
    browser.run(BY_HAND + "put('gap-points', '5x'); put('lang', 'da')")
    browser.until(lambda: "must be a number" in browser.text("#alert"))
    assert (
        settled(browser).lang == "da" and browser.run("return $('alert').lastChild.lang") == "en"
    )  # as it is read out


@browsing
def test_what_is_saved_has_the_name_that_was_typed_while_the_server_was_gone(browser, served):
    to(browser, served, "gap_points=1")
    browser.run("window.first = fetch; window.fetch = () => Promise.reject(new TypeError())")
    browser.run(BY_HAND + "put('name', 'Hej')")
    browser.until(lambda: "svarer ikke" in browser.text("#alert"))
    browser.run(
        "window.fetch = window.first; window.files = []; HTMLAnchorElement.prototype.click = function () { files.push(this.download); }"
    )
    browser.run("$('save').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))")
    browser.until(lambda: browser.run("return files.length"))
    assert browser.run("return files[0]") == "Hej.toml" and not browser.text("#alert")
    assert settled(browser).scenario.name == "Hej"


@browsing
def test_nothing_is_saved_without_a_name_that_the_server_has_not_read(browser, served):
    to(browser, served, "gap_points=1")
    browser.run(
        "window.first = fetch; window.urls = []; window.files = []; HTMLAnchorElement.prototype.click = function () { files.push(this.download); }"
    )
    browser.run("window.fetch = () => Promise.reject(new TypeError())")
    browser.run(BY_HAND + "put('name', 'Hej')")
    browser.until(lambda: "svarer ikke" in browser.text("#alert"))
    browser.run(
        "window.fetch = (...told) => { urls.push(told[0]); return told[0].includes('name=Hej')"
        " ? Promise.resolve(new Response('', {status: 503})) : first(...told); }"
    )
    click = "$('save').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}))"
    browser.run(click)
    browser.until(lambda: "optaget" in browser.text("#alert"))
    assert settled(browser).scenario.name == "" and browser.run("return [files.length, urls.length]") == [0, 1]
    browser.run("window.fetch = first")
    browser.run(click)
    browser.until(lambda: browser.run("return files.length"))
    assert browser.run("return files") == ["Hej.toml"]


@browsing
def test_a_state_that_could_not_be_shown_for_a_moment_is_one_step_back(browser, served, tmp_path, monkeypatch):
    (tmp_path / "budget.csv").write_text("Linje;B2026 (1.000 kr.", encoding="utf-8")
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    browser.get(f"{served.address}?base=own&price_pct=3")
    assert browser.text("#alert") and browser.driver.current_url.endswith("?base=own&price_pct=3")
    (tmp_path / "budget.csv").write_text(
        "Linje;Ydelse;B2026 (1.000 kr.);BO2027 (1.000 kr.)\nA;dagpenge;98.250;99.111\n", encoding="utf-8"
    )
    browser.run("$('undo').click()")
    state = settled(browser)
    assert state.scenario.baseline == "own" and [c.value for c in state.scenario.changes] == [3.0]


@browsing
def test_an_address_whose_own_budget_is_half_written_waits_to_be_loaded_anew_or_gone_back_to(
    browser, served, tmp_path, monkeypatch
):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    file, rows = (
        tmp_path / "budget.csv",
        "Linje;Ydelse;B2026 (1.000 kr.);BO2027 (1.000 kr.)\nA;dagpenge;98.250;99.111\n",
    )
    file.write_text(rows[:20], encoding="utf-8")
    browser.get(f"{served.address}?base=own&price_pct=3")
    assert browser.text("#alert")
    file.write_text(rows, encoding="utf-8")
    browser.driver.refresh()
    assert settled(browser).scenario.baseline == "own" and not browser.text("#alert")
    browser.run(BY_HAND + "put('base', 'accounts')")
    assert settled(browser).scenario.baseline == "accounts"
    file.write_text(rows[:20], encoding="utf-8")
    browser.run("history.back()")
    browser.until(lambda: browser.text("#alert"))
    assert shown_of(browser).scenario.baseline == "accounts"  # what is shown is kept
    file.write_text(rows, encoding="utf-8")
    browser.run("history.forward()")
    browser.until(lambda: not browser.text("#alert"))
    browser.run("history.back()")
    browser.until(lambda: "base=own" in browser.run("return state"))
    assert [c.value for c in settled(browser).scenario.changes] == [3.0]


@browsing
@pytest.mark.parametrize("button", ["link", "print"])
def test_nothing_is_linked_or_printed_without_a_name_that_the_server_has_not_read(browser, served, button):
    to(browser, served, "gap_points=1")
    browser.run(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => { window.done = text; return Promise.resolve(); }}});"
        "window.print = () => { window.done = state; }; window.first = fetch; window.fetch = () => Promise.reject(new TypeError())"
    )
    browser.run(BY_HAND + "put('name', 'Hej')")
    browser.until(lambda: "svarer ikke" in browser.text("#alert"))
    browser.run("window.asks = 0; window.fetch = () => { asks += 1; return Promise.reject(new TypeError()); }")
    browser.run(BY_HAND + "press(arguments[0])", f"#{button}")
    browser.until(lambda: browser.run("return asks"))
    settled(browser)
    assert not browser.run("return window.done")
    browser.run("window.fetch = first;" + BY_HAND + "press(arguments[0])", f"#{button}")
    browser.until(lambda: browser.run("return window.done"))
    assert "name=Hej" in browser.run("return window.done") and not browser.text("#alert")


@browsing
def test_a_reset_calls_nobody_back_a_slider_keeps_its_ends_in_hand_and_a_year_stays_where_the_baseline_does(
    browser, served
):
    to(browser, served, "base=budget_2017&gap_points=0.5")
    browser.run(SLOW, 600)
    browser.run("document.querySelector('[data-reset=gap-points]').click()")
    focus(browser, "price-pct")
    typed(browser, "1,25", 0.3)
    browser.keys(Keys.TAB)
    assert [(c.parameter, c.value) for c in settled(browser).scenario.changes] == [("price_pct", 1.25)]
    to(browser, served, "gap_points=50&gap_points.from=2027&year=2026")
    ends = "const range = document.getElementById('range-gap-points'); return [range.min, range.max]"
    first = browser.run(ends)
    browser.run("$('range-gap-points').focus()")
    browser.run("const r = $('range-gap-points'); r.value = 45; r.dispatchEvent(new Event('input', {bubbles: true}))")
    browser.until(lambda: "gap_points=45" in browser.run("return document.getElementById('panels').dataset.query"))
    assert browser.run(ends) == first
    browser.run("$('range-gap-points').dispatchEvent(new Event('change', {bubbles: true}))")
    settled(browser)
    browser.run(BY_HAND + "put('area', '159')")
    shown = settled(browser)
    assert (shown.area, shown.year, shown.scenario.changes[0].start) == ("159", 2026, 2027)
    browser.run(BY_HAND + "put('base', 'budget_2017')")
    shown = settled(browser)
    assert (shown.area, shown.year, shown.scenario.changes[0].start) == ("151", 0, 0)


@browsing
def test_a_state_that_cannot_be_shown_any_more_blocks_no_undo_and_a_server_that_hangs_is_asked_once(browser, served):
    to(browser, served, "base=budget_2017")
    for value in ("0,1", "0,2", "0,3"):
        browser.run(BY_HAND + "put('gap-points', arguments[0])", value)
        settled(browser)
    browser.run(
        "window.first = fetch; window.asked_ = 0; window.fetch = (...told) => { asked_ += 1;"
        " return told[0].includes('=0.2') ? Promise.resolve(new Response('nej', {status: 400})) : first(...told); }"
    )
    for _ in range(2):
        browser.run("document.getElementById('undo').click()")
        settled(browser)
    assert settled(browser).scenario.changes[0].value == 0.1
    browser.run("window.asked_ = 0; window.fetch = () => { asked_ += 1; return Promise.reject(new TypeError()); }")
    browser.run(BY_HAND + "put('gap-points', '1'); put('price-pct', '2'); put('unit', 'persons')")
    shown = settled(browser)
    assert (shown.unit, [c.value for c in shown.scenario.changes]) == ("mio_kr", [0.1])
    assert browser.run("return asked_") == 1 and browser.text("#alert").startswith("Serveren svarer ikke")


@browsing
def test_a_reset_takes_the_focus_to_its_own_box_and_only_where_nobody_has_gone_on_and_it_was_done(browser, served):
    focused = "const one = document.activeElement; return one.dataset.reset ? 'reset ' + one.dataset.reset : one.id"
    at = "document.querySelector(`[data-reset=${arguments[0]}]`)"
    for second in (
        "focus",
        "click",
        "press",
    ):  # reached by Tab, pressed, and pressed where a browser gives a button no focus
        to(browser, served, "base=budget_2017&gap_points=1&price_pct=2")
        browser.run(SLOW, 400)
        if second == "press":
            browser.run("document.activeElement.blur();" + BY_HAND + "press('[data-reset=gap-points]'); press('[data-reset=price-pct]')")  # fmt: skip
        else:
            for id in ("gap-points", "price-pct"):
                browser.run(f"{at}.focus({{preventScroll: true}})", id)
                if id == "gap-points" or second == "click":
                    browser.keys(Keys.ENTER)
        shown = settled(browser)
        if second == "focus":
            assert [c.parameter for c in shown.scenario.changes] == ["price_pct"]
            assert browser.run(focused) == "reset price-pct"
            browser.keys(Keys.ENTER)
        assert settled(browser).scenario.changes == () and browser.run(focused) == "price-pct", second
    to(browser, served, "base=budget_2017&gap_points=1")
    browser.run("window.fetch = () => Promise.reject(new TypeError())")
    browser.run(f"{at}.focus()", "gap-points")
    browser.keys(Keys.ENTER)
    browser.until(lambda: browser.text("#alert"))
    settled(browser)
    assert browser.run(focused) == "reset gap-points"


@browsing
def test_no_step_is_lost_while_an_own_budget_cannot_be_read_for_a_moment(browser, served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    file, rows = tmp_path / "budget.csv", "Post (mio. kr.);ydelse;B2027;BO2028\nDagpenge;dagpenge;95;96\nI alt;;95;96\n"
    file.write_text(rows)
    to(browser, served, "base=own")
    for value in ("1", "2", "3"):
        browser.run(BY_HAND + "put('price-pct', arguments[0])", value)
        settled(browser)
    browser.run(BY_HAND + "press('#undo')")
    settled(browser)
    for broken in (rows[:40], None):  # half of it is saved, or it is being put in place
        file.unlink() if broken is None else file.write_text(broken)
        for button in ("#undo", "#redo"):
            browser.run("$('alert').replaceChildren();" + BY_HAND + "press(arguments[0])", button)
            assert settled(browser).scenario.changes[0].value == 2 and browser.text("#alert")
    file.write_text(rows)
    for button, value in (("#redo", 3), ("#undo", 2), ("#undo", 1)):
        browser.run(BY_HAND + "press(arguments[0])", button)
        assert settled(browser).scenario.changes[0].value == value and not browser.text("#alert")


@browsing
def test_a_page_that_was_changed_where_it_stands_is_as_one_made_anew(browser, served):
    to(browser, served, "base=budget_2017")
    browser.run(
        BY_HAND + "for (const line of ['persons@Fleksjob', 'persons@Sygedagpenge', 'exit_rate_pct@Fleksjob'])"
        " { $('choice').value = line; press('#add'); } put('lang', 'en'); put('gap-points', '7'); press('#pin-this');"
        " put('base', 'accounts'); put('unit', 'persons'); put('area', '159')"
    )
    assert settled(browser).lang == "en"
    browser.run(BY_HAND + "press('#unpin'); put('payer', 'state')")
    settled(browser)
    made = browser.run(
        "const told = page => [...page.querySelectorAll('body *')].filter(one => !one.closest('#alert, noscript')).map(one => one.tagName"
        " + [...one.attributes].filter(a => !['selected', 'value', 'disabled', 'open'].includes(a.name)).map(a => a.name + '=' + a.value).sort()"
        " + (one.children.length ? '' : one.textContent)); return [told(document), told(settled)]"
    )
    assert made[0] == made[1] and len(made[0]) > 500


@browsing
def test_a_button_is_pressed_and_a_slider_held_though_what_was_typed_is_answered_meanwhile(browser, served):
    to(browser, served, "base=budget_2017&gap_points=0.2")
    focus(browser, "name")
    typed(browser, "Navn", 0.06)
    browser.run("$('clear').addEventListener('click', () => { window.clicked = true; })")
    browser.run(BY_HAND + "put('gap-points', '1.000')")  # an alert, which goes while the button is pressed
    browser.until(lambda: browser.text("#alert"))
    for id in ("add", "pin-this", "clear"):
        pressed(browser, id)
        shown = settled(browser)
        if id == "add":
            assert len(shown.scenario.changes) == 2 and shown.scenario.name == "Navn"
            focus(browser, "name")
            typed(browser, "s", 0.06)
    assert shown.scenario.changes == () and shown.pinned == "s" and browser.run("return window.clicked")
    focus(browser, "name")
    typed(browser, "Nyt", 0.06)
    slider = browser.driver.find_element("id", "range-gap-points")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", slider)
    drag = ActionChains(browser.driver, duration=80).move_to_element(slider).click_and_hold()
    for _ in range(5):
        drag.move_by_offset(6, 0)
    drag.perform()
    moved = browser.run("return document.getElementById('gap-points').value")
    ActionChains(browser.driver).release().perform()
    shown = settled(browser)
    assert shown.scenario.name == "Nyt" and [c.value for c in shown.scenario.changes] == [
        float(moved.replace(",", "."))
    ] != [0]
    # a button that is never let go, as far as the page is told, holds nothing for ever
    browser.run("$('add').dispatchEvent(new PointerEvent('pointerdown', {bubbles: true}))")
    browser.run(BY_HAND + "put('price-pct', '1')")
    browser.until(lambda: "price_pct=1" in browser.driver.current_url)


@browsing
def test_undo_and_redo_are_the_page_s_own_and_go_back_is_a_choice(browser, served):
    to(browser, served, "base=budget_2017")
    enabled = "return ['undo', 'redo'].map(id => !document.getElementById(id).disabled)"
    for n in range(1, 4):
        browser.run(BY_HAND + "put('gap-points', arguments[0])", f"0,{n}")
    settled(browser)
    browser.run("for (let n = 0; n < 60; n++) location.hash = 'result' + n % 2")  # more than a browser keeps
    browser.run(BY_HAND + "for (let n = 0; n < 5; n++) press('#undo')")
    assert settled(browser).scenario.changes == () and browser.run(enabled) == [False, True]
    browser.run(BY_HAND + "press('#redo'); press('#redo')")
    assert settled(browser).scenario.changes[0].value == 0.2
    focus(browser, "range-gap-points")
    browser.run("document.querySelector('.skip').click()")  # an entry that is none of ours
    assert settled(browser).scenario.changes[0].value == 0.2 and browser.run(enabled) == [True, True]
    browser.driver.back()
    browser.run(BY_HAND + "press('#undo')")
    assert settled(browser).scenario.changes[0].value == 0.1
    browser.run("window.first = window.fetch; window.fetch = () => Promise.reject(new TypeError())")
    for choice in ("press('#undo')", "press('#redo')", "history.back()"):
        browser.run(BY_HAND + "$('alert').replaceChildren(); " + choice)
        browser.until(lambda: "Serveren svarer ikke" in browser.text("#alert"))
        of = settled if "press" in choice else shown_of  # the place gone back to waits for the server
        assert of(browser).scenario.changes[0].value == 0.1 and browser.run(enabled) == [True, True]
    browser.run("window.fetch = window.first")
    browser.run(BY_HAND + "press('#redo'); press('#undo'); press('#undo')")
    assert settled(browser).scenario.changes == () and browser.run(enabled) == [False, True]
    browser.run(BY_HAND + "put('unit', 'persons')")
    assert settled(browser).unit == "persons"
    browser.driver.back()
    browser.until(lambda: browser.run("return document.getElementById('unit').value") == "mio_kr")
    settled(browser)
    browser.run(BY_HAND + "press('#undo')")  # undone is the going back
    assert settled(browser).unit == "persons"
    was = browser.run("return past.length")
    browser.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", button := browser.driver.find_element("id", "pin-this"))  # fmt: skip
    ActionChains(browser.driver).double_click(button).perform()
    assert settled(browser).pinned and browser.run("return past.length") == was + 1


@browsing
@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ("Promise.reject(new TypeError())", "Serveren svarer ikke"),
        ("Promise.resolve(new Response('<p>hello', {headers: {'Content-Type': 'text/html'}}))", "Serveren svarer ikke"),
        ("Promise.resolve(new Response('busy', {status: 503}))", "Serveren er optaget"),
        ("new Promise((_, no) => { if (how && how.signal) how.signal.onabort = no; })", "Serveren svarer ikke"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_leaves_form_result_and_address_of_one_state(browser, served, answers, told):
    to(browser, served, "base=budget_2017")
    before, title = settled(browser), browser.text("#result-title")
    browser.run("AbortSignal.timeout = ms => { window.patience = ms; const made = new AbortController(); setTimeout(() => made.abort(), 300); return made.signal; }")  # fmt: skip
    browser.run(
        f"window.first = window.fetch; window.n = 0; window.fetch = (address, how) => {{ n += 1; return {answers}; }}"
    )
    browser.run(
        BY_HAND + "put('base', 'accounts'); put('area', '159'); put('unit', 'persons'); put('gap-points', '0,5')"
    )
    browser.until(lambda: told in browser.text("#alert"))
    assert settled(browser) == before and browser.text("#result-title") == title
    asked = (
        1 if "Promise.reject" in answers or "onabort" in answers else 4
    )  # where nobody answers the others are not asked for
    assert browser.run("return n") == asked
    focus(browser, "gap-points")
    typed(browser, "7")  # nor does a look stay
    browser.until(lambda: browser.run("return n === arguments[0] && !glancing", asked + 1))
    assert browser.run("return of(document) === state && $('gap-points').value === '7'")
    browser.keys(Keys.TAB)
    assert settled(browser) == before and told in browser.text("#alert")
    for button in ("numbers", "save"):
        browser.run("$('alert').replaceChildren(); $(arguments[0]).click()", button)
        browser.until(lambda: told in browser.text("#alert"))
        assert browser.run("return document.querySelector('#alert p').lang") == "da"
    assert browser.run("return window.patience") >= 30_000
    browser.run("window.fetch = window.first")
    browser.run(BY_HAND + "put('unit', 'persons')")
    assert settled(browser).unit == "persons" and not browser.text("#alert")


@browsing
def test_a_look_that_is_taken_back_leaves_nothing_and_a_box_left_as_it_was_is_in_hand_no_more(browser, served):
    to(browser, served, "base=budget_2017&gap_points=0.5")
    told = browser.text("#told")
    browser.run("window.print = () => { window.printed = document.getElementById('told').innerText; }")
    focus(browser, "gap-points")
    typed(browser, "0,7")
    browser.until(lambda: browser.text("#told") != told and not browser.run("return glancing"))
    browser.run(SLOW, 800)
    typed(browser, [Keys.BACKSPACE, "5"])  # as it was: the browser tells no change
    pressed(browser, "print")
    browser.until(lambda: browser.run("return window.printed"))
    assert browser.run("return window.printed") == told and settled(browser).scenario.changes[0].value == 0.5
    slider = browser.driver.find_element("id", "range-gap-points")
    browser.run("window.printed = null; arguments[0].scrollIntoView({block: 'center'})", slider)
    there = ActionChains(browser.driver, duration=60).move_to_element(slider).click_and_hold().move_by_offset(40, 0)
    there.pause(0.1).move_by_offset(-40, 0).release().perform()
    value = browser.run("return document.getElementById('gap-points').value")
    browser.run("document.getElementById('print').click()")
    browser.until(lambda: browser.run("return window.printed"))
    assert settled(browser).scenario.changes == tuple(Change("gap_points", float(value.replace(",", ".")), 0) for _ in [0] if value != "0")  # fmt: skip
    for button in ("press('#clear')", "press('#undo')", "put('example', $('example').options[2].value)"):
        focus(browser, "gap-points")
        browser.keys(*browser.run("return document.getElementById('gap-points').value"), Keys.TAB)
        browser.run(BY_HAND + button)
        settled(browser)
    value = browser.run("return document.getElementById('gap-points').value")
    focus(browser, "gap-points")
    typed(browser, "-40")  # which is refused, but nobody has chosen it
    focus(browser, "gap-points")
    browser.keys(*value, Keys.TAB)
    assert settled(browser).scenario.changes and not browser.text("#alert")
    focus(browser, "gap-points")
    browser.keys(Keys.DELETE, " ", Keys.TAB)  # a blank is what counts without it
    assert "gap_points" not in settled(browser).query()


@browsing
def test_a_year_is_kept_until_its_number_is_given_and_a_refused_name_to_be_mended(browser, served):
    to(browser, served)
    browser.run(BY_HAND + "put('from-price-pct', '2027'); put('unit', 'persons'); put('payer', 'state')")
    settled(browser)
    browser.run(BY_HAND + "put('price-pct', '2')")
    assert settled(browser).scenario.changes == (Change("price_pct", 2.0, 2027),)
    browser.run(BY_HAND + "press('[data-reset=price-pct]'); put('from-gap-points', '2027'); put('area', '159')")
    settled(browser)
    for id, year in (("from-price-pct", "2025"), ("from-gap-points", "2027")):  # reset, and kept
        assert browser.run("return document.getElementById(arguments[0]).value", id) == year
    title = browser.text("#result-title")
    for id in ("name", "why"):
        browser.run(  # no key of this driver is an emoji
            "const box = $(arguments[0]); box.focus(); document.execCommand('insertText', false, 'Godt \\u{1F642}'); box.blur()",
            id,
        )
        browser.until(lambda: "ikke kan trykkes" in browser.text("#alert"))
        assert browser.run("return document.getElementById(arguments[0]).value", id) == "Godt \U0001f642"
        assert settled(browser).scenario.name == "" and browser.text("#result-title") == title
        focus(browser, id)
        browser.keys(Keys.END, Keys.BACKSPACE, Keys.BACKSPACE, Keys.TAB)
        assert getattr(settled(browser).scenario, id) == "Godt" and not browser.text("#alert")
        browser.run(BY_HAND + "put(arguments[0], '')", id)
        settled(browser)


@browsing
@pytest.mark.parametrize("waits", [True, False])
def test_a_year_stands_through_a_change_of_municipality_and_goes_with_the_years_of_its_baseline(browser, served, waits):
    for at_once, start in (
        (("put('area', '159')", "put('from-gap-points', '2027'); put('gap-points', '1')"), 2027),
        (("put('from-gap-points', '2027')", "put('area', '159')", "put('gap-points', '1')"), 2027),
        (("put('from-gap-points', '2027')", "put('base', 'budget_2017')", "put('gap-points', '1')"), BUDGET.start),
    ):
        to(browser, served)
        browser.run(SLOW, 300)
        for one in at_once:
            browser.run(BY_HAND + one)
            if waits:
                settled(browser)
        shown = settled(browser)
        assert [c.start or BUDGET.start for c in shown.scenario.changes] == [start] and not browser.text("#alert")
        assert int(browser.run("return document.getElementById('from-gap-points').value")) == start


@browsing
def test_a_file_that_is_gone_is_told_as_such_and_one_of_another_baseline_too(browser, served, tmp_path):
    to(browser, served, "base=budget_2017")
    file = tmp_path / "god.toml"
    scenario = Scenario("Fra fil", "Hvorfor", "budget_2017", (Change("price_pct", 2.0),), hash="0" * 8, seed=7)
    file.write_text(scenarios.write(scenario), encoding="utf-8")
    browser.driver.find_element("id", "file").send_keys(str(file))
    browser.until(lambda: "Fra fil" in browser.text("#result-title"))
    assert "har ændret sig" in browser.text("#panels .message")
    browser.run("given = (made, name) => made.text().then(text => { window.made = text; }); $('save').click()")
    browser.until(lambda: browser.run("return window.made"))
    assert scenarios.read(browser.run("return window.made")) == replace(scenario, hash=BUDGET.hash)
    browser.run(BY_HAND + "press('#clear')")
    assert settled(browser).scenario.seed == 0
    browser.run("const read = Blob.prototype.arrayBuffer; window.n = 0; window.unread = false; Blob.prototype.arrayBuffer = function () { return unread ? Promise.reject() : read.call(this).finally(() => { n += 1; }); }")  # fmt: skip
    browser.run(SLOW, 600)
    browser.run(BY_HAND + "put('unit', 'persons')")
    browser.driver.find_element("id", "file").send_keys(str(file))
    browser.until(lambda: browser.run("return n"))
    file.write_text("andet", encoding="utf-8")  # while it waits for its turn
    browser.until(lambda: "Fra fil" in browser.text("#result-title"))
    settled(browser)
    browser.run("window.unread = true")
    browser.driver.find_element("id", "file").send_keys(str(file))
    browser.until(lambda: browser.text("#alert"))
    assert "Filen kan ikke læses" in browser.text("#alert") and settled(browser).scenario.name == "Fra fil"


@browsing
def test_an_address_that_was_refused_gives_way_to_that_of_what_is_shown(browser, served):
    to(browser, served, "base=budget_2017&gap_pionts=1")
    assert browser.text("#alert") and "gap_pionts" not in browser.driver.current_url
    assert parse(urlsplit(browser.driver.current_url).query) == parse(browser.run("return of(document)"))


# Names of lines that mean something else to a page, an address or a file.
ODD = ("<b>x</b>", '" onclick="x"', "@b=c&d%20+#", "Fleks.from", "Fleks", "Fleks.from.")


def test_a_line_is_read_back_from_an_address_as_itself_whatever_it_is_called():
    for start in (0, 2028):
        changes = tuple(Change("persons", -1.0 - at, start, row) for at, row in enumerate(ODD))
        state = State(scenario=Scenario("", "", "own", changes), pin=written(changes), pinned="p")
        assert parse(state.query()) == state and page.changes_of(state.pin) == changes


@browsing
def test_a_line_is_changed_shown_pinned_and_saved_as_itself_whatever_it_is_called(
    browser, served, tmp_path, monkeypatch
):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    benefits = ("dagpenge", "kontanthjælp", "sygedagpenge", "fleksjob", "ressourceforløb", "ledighedsydelse")
    lines = ['"' + row.replace('"', '""') + f'";{one};{at}5;{at}6' for at, (row, one) in enumerate(zip(ODD, benefits, strict=True), start=1)]  # fmt: skip
    text = "\n".join(["Post (mio. kr.);ydelse;B2027;BO2028", *lines, "I alt;;240;246"])
    (tmp_path / "budget.csv").write_text(text, encoding="utf-8")
    to(browser, served, "base=own")
    browser.run("given = (made, name) => made.text().then(text => { window.made = text; })")
    for at, row in enumerate(ODD, start=1):
        browser.run(
            BY_HAND + "$('choice').selectedIndex = [...$('choice').options].findIndex(o => o.text === arguments[0]); press('#add')",
            f"{row}: {PARAMETERS['persons'].words[0]}",
        )  # fmt: skip
        settled(browser)
        box = "[...document.querySelectorAll('.control [data-range]')].at(-1).id"
        browser.run(BY_HAND + f"const id = {box}; put(id, arguments[0]); put('from-' + id, '2028')", str(-at))
        assert settled(browser).scenario.changes[-1] == Change("persons", float(-at), 2028, row)
    browser.run(BY_HAND + "press('#pin-this'); press('#save')")
    shown = settled(browser)
    changes = tuple(Change("persons", float(-at), 2028, row) for at, row in enumerate(ODD, start=1))
    assert shown.scenario.changes == page.changes_of(shown.pin) == changes
    browser.until(lambda: browser.run("return window.made"))
    saved = browser.run("return window.made")
    assert scenarios.read(saved).changes == changes
    told = browser.text("#panels")
    assert all(row in told for row in ODD) and not browser.count("b") and not browser.text("#alert")
    browser.run(BY_HAND + "press('#clear')")
    settled(browser)
    (tmp_path / "god.toml").write_text(saved, encoding="utf-8")
    browser.driver.find_element("id", "file").send_keys(str(tmp_path / "god.toml"))
    browser.until(lambda: browser.count(".control.changed"))
    assert settled(browser).scenario.changes == changes
    browser.run(BY_HAND + "document.querySelectorAll('.reset:not([hidden])').forEach(one => one.click())")
    assert settled(browser).scenario.changes == ()


@browsing
def test_an_own_budget_that_is_another_meanwhile_is_told_and_shown_whole(browser, served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    rows = "Post (mio. kr.);ydelse;B2027;BO2028\nDagpenge;dagpenge;{};96\n"
    (tmp_path / "budget.csv").write_text(rows.format(95) + "I alt;;95;96\n")
    to(browser, served, "base=own")
    footer = browser.text("footer")
    (tmp_path / "budget.csv").write_text(f"Kun dem under 30\n{rows.format(85)}")
    browser.tab_to("price-pct")
    browser.fill("1")
    browser.until(lambda: "price_pct=1" in browser.driver.current_url)
    assert "har ændret sig" in browser.text("#panels .message")
    assert footer != browser.text("footer") and "Kun dem under 30" in browser.text("footer")
    browser.tab_to("price-pct")
    browser.fill("2")  # told once
    browser.until(lambda: "price_pct=2" in browser.driver.current_url)
    assert not browser.count("#panels .message")


@browsing
def test_undo_redo_back_and_reset(browser, served):
    to(browser, served, "base=budget_2017")
    first = browser.text("#told")
    browser.tab_to("price-pct")
    browser.fill("2")
    browser.until(lambda: "price_pct=2" in browser.driver.current_url)
    changed = browser.text("#told")
    assert changed != first and browser.count("#box-price-pct.changed") == 1
    assert "ændret" in browser.text("#note-price-pct")
    browser.run("document.getElementById('undo').focus()")
    browser.keys(Keys.ENTER)
    browser.until(lambda: browser.text("#told") == first)
    assert browser.run("return document.getElementById('price-pct').value") == "0"
    browser.tab_to("redo")
    browser.keys(Keys.ENTER)
    browser.until(lambda: browser.text("#told") == changed)
    assert browser.run("return document.getElementById('price-pct').value") == "2"
    browser.driver.back()
    browser.until(lambda: browser.text("#told") == first)
    browser.driver.forward()
    browser.until(lambda: browser.text("#told") == changed)
    browser.tab_to("from-price-pct")
    browser.keys(Keys.TAB, Keys.ENTER)  # its reset
    browser.until(lambda: browser.text("#told") == first)
    assert browser.run("return document.activeElement.id") == "price-pct" and not browser.count(".changed")


@browsing
@pytest.mark.parametrize(
    ("typed", "amount"), [("0,5", 0.5), ("0.5", 0.5), ("-0,5", -0.5), ("\u22120,5", -0.5), (" 1 ", 1)]
)
def test_a_number_is_typed_as_danes_write_it(browser, served, typed, amount):
    to(browser, served, "base=budget_2017")
    browser.tab_to("gap-points")
    browser.fill(typed)
    browser.until(lambda: "gap_points=" in browser.driver.current_url)
    assert parse(urlsplit(browser.driver.current_url).query).scenario.changes == (Change("gap_points", amount, 2018),)
    assert float(browser.run("return document.getElementById('range-gap-points').value")) == amount


@browsing
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("0,5 pct", "skal være et tal"),
        ("1.000", "skriv 1000, eller 1 hvis"),
        ("1.234,5", "skriv 1234,5"),
        ("-", "skal være et tal"),
    ],
)
def test_what_is_no_number_or_may_be_two_is_told_and_what_is_shown_is_kept(browser, served, typed, says):
    to(browser, served, "base=budget_2017")
    told = browser.text("#told")
    browser.tab_to("gap-points")
    browser.fill(typed)
    browser.until(lambda: says in browser.text("#alert"))
    assert browser.text("#told") == told and "gap_points" not in browser.driver.current_url


@browsing
def test_pin_compare_units_language_and_files(browser, served):
    to(browser, served, "base=budget_2017&price_pct=1&name=Dyrere")
    browser.tab_to("pin-this")
    browser.keys(Keys.ENTER)
    browser.until(lambda: "pinned=Dyrere" in browser.driver.current_url)
    browser.tab_to("gap-points")
    browser.fill("0.5")
    browser.until(lambda: "gap_points=0.5" in browser.driver.current_url)
    assert browser.count("polyline.pinned") == 1 and "Dyrere" in browser.text("#panels")
    browser.run("document.getElementById('unit').focus()")
    browser.keys("helår")
    browser.until(lambda: "helårspersoner" in browser.text("#told"))
    browser.run("document.getElementById('lang').focus()")
    browser.keys("English")
    browser.until(lambda: "full-year persons" in browser.text("#told"))
    assert browser.run("return document.documentElement.lang") == "en"
    assert browser.count("#unpin") == 1 and "1 step (0.1)".replace(".", ",") in browser.text("#note-gap-points")
    for kind in ("svg", "png"):
        browser.run(f"document.querySelector('#years [data-save={kind}]').focus()")
        browser.keys(Keys.ENTER)
        browser.until(lambda kind=kind: (browser.downloads / f"years.{kind}").exists())
    assert 'paint-order="' in (browser.downloads / "years.svg").read_text(encoding="utf-8")
    drawn = (browser.downloads / "years.svg").read_text(encoding="utf-8")
    assert "<svg" in drawn
    assert " ".join(re.findall(r">([^<]*)</text>", drawn)).endswith(browser.text("#years-title"))
    assert (browser.downloads / "years.png").read_bytes().startswith(b"\x89PNG")


@browsing
def test_no_line_of_a_grid_strikes_through_a_name(browser, served):
    to(browser, served, "base=budget_2017&gap_points=0.5")
    browser.run(
        "document.querySelectorAll('svg .label').forEach(t => t.style.fill = 'none')"
    )  # what stays is what lies below
    names = [
        (name, of) for of in ("lines", "ends") for name in browser.driver.find_elements("css selector", f"#{of} .label")
    ]
    below = {of: browser.driver.find_element("id", of) for of in ("lines", "ends")}
    shots = {of: np.array(Image.open(io.BytesIO(one.screenshot_as_png)).convert("L")) for of, one in below.items()}
    assert len(names) > 6
    for name, of in names:
        x, y, wide, high = (
            round(name.rect[key] - below[of].rect.get(key, 0) * (key in "xy")) for key in ("x", "y", "width", "height")
        )
        assert shots[of][y + 5 : y + high - 5, x : x + wide].min() > 250, name.text


@browsing
def test_a_file_opens_and_one_that_is_none_leaves_what_is_shown(browser, served, tmp_path):
    to(browser, served, "base=budget_2017")
    good, bad = tmp_path / "god.toml", tmp_path / "daarlig.toml"
    good.write_text(
        scenarios.write(Scenario("Fra fil", "", "budget_2017", (Change("price_pct", 2.0),))), encoding="utf-8"
    )
    bad.write_text("name = ", encoding="utf-8")
    box = browser.driver.find_element("id", "file")
    box.send_keys(str(good))
    browser.until(lambda: "Fra fil" in browser.text("#result-title"))
    told = browser.text("#told")
    browser.driver.find_element("id", "file").send_keys(str(bad))
    browser.until(lambda: "What is shown is kept: " in browser.text("#alert"))
    assert browser.text("#told") == told and "is no scenario" in browser.text("#alert")


def choose(browser, id, value):
    browser.run(
        "const box = document.getElementById(arguments[0]); box.value = arguments[1];"
        "box.dispatchEvent(new Event('change', {bubbles: true}))",
        id,
        value,
    )


def shown(browser):
    return parse(urlsplit(browser.driver.current_url).query)


@browsing
def test_another_baseline_or_area_is_shown_from_its_own_start_in_its_own_last_year(browser, served):
    to(browser, served, "base=budget_2017&unit=persons&gap_points=0.5&gap_points.from=2019&year=2019")
    for id, value, area, baseline in (
        ("base", "accounts", "151", "accounts"), ("area", "159", "159", "accounts"),
        ("base", "budget_2017", "151", "budget_2017"), ("area", "159", "159", "accounts"),
    ):  # fmt: skip
        last = browser.driver.current_url
        choose(browser, id, value)
        browser.until(lambda last=last: browser.driver.current_url != last)
        state = shown(browser)
        assert (state.area, state.scenario.baseline, state.year, state.unit) == (area, baseline, 0, "persons"), value
        assert state.scenario.changes == (Change("gap_points", 0.5),) and browser.text("#alert") == "", value
    assert "Gladsaxe" in browser.driver.title


@browsing
def test_an_example_takes_the_place_of_all_changes_on_its_own_baseline_and_leaves_the_rest(browser, served):
    every = shipped()
    for name, area in (("ahead_by_1", "159"), ("sickness_late", "151")):
        to(
            browser,
            served,
            "area=159&unit=persons&year=2027&exit_rate_pct=5&gap_points=0.3&pin=price_pct%3D1&pinned=Pris&name=Mit",
        )
        choose(browser, "example", written(every[name].changes))
        browser.until(lambda: "exit_rate_pct" not in browser.driver.current_url)
        state = shown(browser)
        assert (state.scenario.changes, state.scenario.baseline) == (every[name].changes, every[name].baseline)
        assert (state.area, state.unit, state.year, state.pinned) == (area, "persons", 0, "Pris")
        assert state.scenario.name == ""


@browsing
def test_the_examples_are_walked_with_keys_and_the_same_may_be_chosen_again_with_the_mouse(browser, served):
    options = "return [...$('example').options].map(o => o.value)"
    to(browser, served, "gap_points=0.3")
    every, chosen = browser.run(options), "return $('example').selectedIndex"

    def stands(at):
        shown = settled(browser)
        assert written(shown.scenario.changes) == every[at] and not browser.text("#alert")
        return browser.run(chosen)

    focus(browser, "example")
    for at in range(1, len(every)):
        browser.keys(Keys.ARROW_DOWN)
        assert stands(at) == at and browser.run("return document.activeElement.id") == "example"
    browser.keys(*[Keys.ARROW_UP] * len(every))  # all the way to what is no example
    assert stands(1) == 0
    browser.keys(Keys.ARROW_DOWN, Keys.TAB)
    assert stands(1) == 0  # who comes back begins anew
    listed = browser.driver.find_element("id", "example")
    for _ in range(2):
        browser.run(BY_HAND + "press('#clear')")
        assert settled(browser).scenario.changes == ()
        browser.run("arguments[0].scrollIntoView({block: 'center'})", listed)
        ActionChains(browser.driver).click(listed).send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER).perform()
        assert stands(2) == 2
    browser.driver.back()
    settled(browser)
    assert browser.run(chosen) == 0
    browser.run("window.fetch = () => Promise.reject(new TypeError())")
    browser.keys(Keys.ARROW_DOWN)
    browser.until(lambda: browser.text("#alert"))
    settled(browser)
    assert browser.run(chosen) == 1  # keys go on from it
    browser.keys(Keys.TAB)
    assert browser.run(chosen) == 0  # it is not what is shown


@browsing
def test_a_line_is_added_once_and_stays_when_it_is_changed_to_nought(browser, served):
    to(browser, served, "base=budget_2017&persons@Sygedagpenge=-20")
    browser.run("document.getElementById('choice').value = 'persons@Sygedagpenge'")
    browser.run("document.getElementById('add').click()")
    browser.until(lambda: "hash=" in browser.driver.current_url)
    assert [(c.value, c.row) for c in shown(browser).scenario.changes] == [(-20.0, "Sygedagpenge")]
    browser.tab_to("persons-Sygedagpenge")
    browser.fill("0")
    browser.until(lambda: "Sygedagpenge=0" in browser.driver.current_url)
    assert browser.count("#box-persons-Sygedagpenge.changed") == 1


@browsing
def test_a_value_beyond_the_range_moves_the_slider_and_one_that_cannot_be_leaves_what_is_shown(browser, served):
    to(browser, served, "base=budget_2017")
    opened = ["why-gap-points", "table-years", "table-ends"]  # the panel of lines comes between with the first change
    browser.run("arguments[0].forEach(id => { document.getElementById(id).open = true; })", opened)
    choices = "[document.getElementById('undo').disabled, document.getElementById('redo').disabled]"
    assert browser.run(f"return {choices}") == [True, True]
    for more in ("5", "6"):
        browser.tab_to("gap-points")
        browser.fill(more)
        browser.until(lambda more=more: f"gap_points={more}" in browser.driver.current_url)
        at = "const box = document.getElementById('range-gap-points'); return [box.value, box.getAttribute('aria-valuetext')]"
        assert browser.run(at) == [more, f"{more} procentpoint"]
        assert browser.run(f"return {choices}") == [False, True]
        assert browser.run("return !document.querySelector('[data-reset=gap-points]').hidden")
        assert browser.run("return [...document.querySelectorAll('details[open]')].map(d => d.id)") == opened
    assert "Uden for det plausible" in browser.text("#note-gap-points")
    assert shown(browser).scenario.hash == BUDGET.hash
    told = browser.text("#told")
    browser.tab_to("gap-points")
    browser.fill("-40")
    browser.until(lambda: browser.text("#alert"))
    assert browser.text("#alert").startswith("Det viste er uændret: ") and browser.text("#told") == told
    browser.driver.back()
    browser.until(lambda: "gap_points=5" in browser.driver.current_url and browser.text("#told") != told)
    assert browser.run(f"return {choices}") == [False, True]  # to go back is a choice, which can be undone
    assert browser.run("return document.getElementById('range-gap-points').value") == "5"
    assert browser.run("return [...document.querySelectorAll('details[open]')].map(d => d.id)") == opened
    browser.driver.forward()
    browser.until(lambda: browser.text("#told") == told)
    assert browser.run(f"return {choices}") == [False, True]
    for back in ("gap_points=5", "base=budget_2017"):
        browser.driver.back()
        browser.until(
            lambda back=back: browser.driver.current_url.endswith(back) or f"{back}&" in browser.driver.current_url
        )
    browser.until(lambda: not browser.count(".changed"))
    browser.tab_to("price-pct")
    browser.fill("-30")  # and below the range
    browser.until(lambda: "price_pct=-30" in browser.driver.current_url)
    assert browser.run("return document.getElementById('range-price-pct').value") == "-30"
    assert browser.run(f"return {choices}") == [False, True]  # what was undone is gone


@browsing
def test_a_slider_shows_its_numbers_while_it_moves_and_takes_a_step_once_it_is_let_go(browser, served):
    to(browser, served, "base=budget_2017&country_points=1")
    link, told = browser.driver.current_url, browser.text("#told")
    move = "const box = document.getElementById('range-pass-through'); box.value = arguments[1]; box.dispatchEvent(new Event(arguments[0], {bubbles: true}))"
    for value in ("0.95", "0.85"):  # and when it moves on
        browser.run(move, "input", value)
        browser.until(lambda told=told: browser.text("#told") != told)
        told = browser.text("#told")
        assert browser.run("return document.getElementById('pass-through').value") == value.replace(".", ",")
    assert browser.driver.current_url == link and browser.run("return document.getElementById('undo').disabled")
    browser.run(move, "change", "0.85")
    browser.until(lambda: "pass_through=0.85" in browser.driver.current_url)


@browsing
def test_an_answer_that_comes_after_a_newer_one_is_not_shown(browser, served):
    to(browser, served, "base=budget_2017")
    browser.run(
        "const first = window.fetch; let n = 0; window.fetch = async (...asked) => { const late = n++ === 0, answer = await first(...asked);"
        " if (late) { await new Promise(done => setTimeout(done, 1000)); setTimeout(() => { window.late = true; }, 500); } return answer; }"
    )
    for id, value in (("price-pct", "1"), ("gap-points", "0.5")):
        browser.run("const box = document.getElementById(arguments[0]); box.value = arguments[1]", id, value)
        browser.run("document.getElementById(arguments[0]).dispatchEvent(new Event('change', {bubbles: true}))", id)
    browser.until(lambda: "gap_points=0.5" in browser.driver.current_url)
    told, link = browser.text("#told"), browser.driver.current_url
    browser.until(lambda: browser.run("return window.late"))
    assert (browser.text("#told"), browser.driver.current_url) == (told, link) and "price_pct=1" in link


@browsing
def test_a_link_is_copied_as_it_stands_and_messages_follow_the_language(browser, served):
    to(browser, served, "base=budget_2017&gap_points=0.5")
    choose(browser, "lang", "en")
    browser.until(lambda: browser.run("return document.documentElement.lang") == "en")
    word = page.words("en")
    assert browser.run("return {...document.body.dataset}") == {
        one: word[one] for one in ("gone", "busy", "unread", "kept", "apart", "linked")
    }
    browser.run(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: text => { window.copied = text; return Promise.resolve(); }}});"
        "document.getElementById('link').click()"
    )
    browser.until(lambda: browser.text("#linked") == word["linked"])
    assert browser.run("return window.copied") == browser.driver.current_url


@browsing
def test_a_file_is_opened_for_what_is_shown_and_may_be_opened_again(browser, served, tmp_path):
    file, bad = tmp_path / "god.toml", tmp_path / "daarlig.toml"
    scenario = Scenario("Fra fil", "", "accounts", (Change("price_pct", 2.0),))
    file.write_text(scenarios.write(scenario), encoding="utf-8")
    bad.write_text(scenarios.write(replace(scenario, baseline="budget_2017")), encoding="utf-8")
    to(browser, served, "area=159&unit=persons&pin=price_pct%3D1&pinned=Pris")
    for _ in range(2):
        browser.driver.find_element("id", "file").send_keys(str(file))
        browser.until(lambda: "Gladsaxe – »Fra fil«" in browser.text("#result-title"))
        state = shown(browser)
        assert (state.area, state.unit, state.pinned) == ("159", "persons", "Pris")
        browser.run("document.getElementById('clear').click()")
        browser.until(lambda: "Fra fil" not in browser.text("#result-title"))
    for more in ("1", "2"):
        browser.driver.find_element("id", "file").send_keys(str(bad))
        browser.until(lambda: "kun trykt for Ballerup" in browser.text("#alert"))
        assert browser.run("return document.querySelector('#alert p').lang") == "da"
        browser.tab_to("price-pct")
        browser.fill(more)
        browser.until(lambda: not browser.text("#alert"))


@browsing
def test_a_file_is_sent_as_it_is_saved_and_its_name_is_shown_on_one_line(browser, served, tmp_path):
    to(browser, served, "base=budget_2017")
    old, odd = tmp_path / "gammel.toml", tmp_path / "\u202e7,6 mio. kr. lov.toml"
    old.write_bytes(scenarios.write(Scenario("Færre på Ærø", "", "budget_2017")).encode("cp1252"))
    odd.write_text("name = ", encoding="utf-8")
    browser.driver.find_element("id", "file").send_keys(str(old))
    browser.until(lambda: "Færre på Ærø" in browser.text("#result-title"))
    browser.driver.find_element("id", "file").send_keys(str(odd))
    browser.until(lambda: "‹U+202E›7,6 mio. kr. lov.toml" in browser.text("#alert"))


@browsing
def test_a_server_that_is_gone_is_told_and_what_is_shown_is_kept(browser):
    command = [sys.executable, "-c", "from ballerup_analysis.explorer import serve; serve()"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        browser.get(process.stdout.readline().split()[0] + "?base=budget_2017")
        told = browser.text("#told")
        process.terminate()
    browser.tab_to("range-price-pct")
    browser.keys(Keys.ARROW_RIGHT)
    browser.until(lambda: "Serveren svarer ikke" in browser.text("#alert"))
    assert browser.text("#told") == told


STATES = {
    "as it stands": "base=budget_2017",
    "english": "lang=en&base=budget_2017&unit=persons",
    "changed": "base=budget_2017&gap_points=5&persons%40Sygedagpenge=-20&refund_rules_of=2015-12-27&year=2019",
    "pinned": "base=budget_2017&price_pct=2&pin=gap_points%3D1&pinned=Andet&payer=state",
    "accounts": LINK,
    "wrong": "gap_pionts=1",
}


@browsing
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not in node_modules: the page has not been checked with it")
def test_axe_finds_nothing_in_any_state(browser, served):
    found = {}
    for name, query in STATES.items():
        to(browser, served, query)
        browser.run("document.querySelectorAll('details').forEach(d => d.open = true)")
        found[name] = browser.faults()
    assert not any(found.values()), json.dumps(found, indent=1)


@browsing
def test_the_page_reflows_targets_are_large_and_nothing_is_clipped(browser, served):
    for width in (320, 1280):
        browser.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False},
        )
        for name, query in STATES.items():
            to(browser, served, query)
            assert browser.run("return document.documentElement.scrollWidth") <= width, (name, width)
            small = browser.run(
                "return [...document.querySelectorAll('button, a.button, select, input:not([type=hidden]), summary')]"
                ".filter(e => e.offsetParent && (e.getBoundingClientRect().height < 24 || e.getBoundingClientRect().width < 24))"
                ".map(e => e.id || e.outerHTML.slice(0, 80))"
            )
            assert small == [], (name, width)
            clipped = browser.run(
                "return [...document.querySelectorAll('svg text')].filter(t => { const b = t.getBBox(), v = t.ownerSVGElement.viewBox.baseVal;"
                " return b.x < -1 || b.x + b.width > v.width + 1 || b.y + b.height > v.height + 1; }).map(t => t.textContent)"
            )
            assert clipped == [], (name, width)
    browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@browsing
def test_every_control_has_a_name_and_no_error_is_logged(browser, served):
    browser.driver.get_log("browser")
    to(browser, served, STATES["changed"])
    assert browser.driver.get_log("browser") == []
    nameless = browser.run(
        "return [...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter(e =>"
        " !(e.labels && e.labels.length) && !e.getAttribute('aria-label')).map(e => e.outerHTML)"
    )
    assert nameless == []
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") is not None
    assert browser.count("main") == browser.count("header") == browser.count("footer") == browser.count("h1") == 1


def test_the_page_s_own_files_are_part_of_the_package():
    folder = Path(page.__file__).parent
    assert {"page.js", "page.css", "page.html.jinja", "words.toml"} <= {p.name for p in folder.iterdir()}
    assert tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))["words"]


GONE, BACK = "window.first ??= fetch; window.fetch = () => Promise.reject(new TypeError());", "window.fetch = first;"
OWN = "Post (mio. kr.);ydelse;B2027;BO2028\nSyge;sygedagpenge;95;96\nDag;dagpenge;50;50\nI alt;;145;146\n"


@pytest.fixture
def own_file(tmp_path, monkeypatch):
    """An own budget that is there, and may be replaced."""
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    file = tmp_path / "budget.csv"
    file.write_text(OWN)
    return file


@browsing
@pytest.mark.parametrize(("choices", "query"), [
    ([["area", "159"]], "area=159&country_points=1&price_pct=2&price_pct.from=2027&year=2027"),
    ([["base", "accounts 2022"]], "base=accounts+2022&country_points=1&price_pct=2"),
    ([["area", "159"], ["gap-points", "0,5"]], "area=159&country_points=1&price_pct=2&price_pct.from=2027&year=2027&gap_points=0.5"),
    ([["base", "budget_2017"]], "base=budget_2017&country_points=1&price_pct=2"), ([["unit", "persons"]], "unit=persons&country_points=1&price_pct=2&price_pct.from=2027&year=2027"),
])  # fmt: skip
def test_a_whole_form_without_scripts_chooses_nothing_that_stood_there_before(browser, served, choices, query):
    to(browser, served, "country_points=1&price_pct=2&price_pct.from=2027&year=2027")
    form = browser.run(
        "for (const [id, value] of arguments[0]) $(id).value = value; return String(new URLSearchParams(new FormData($('form'))))",
        choices,
    )
    sent, typed = (
        parse(html.unescape(re.search(r'data-query="([^"]*)', asked(served, f"/?{one}")[1])[1]))
        for one in (form, query)
    )
    first = baselines.baseline(typed.scenario.baseline, typed.area).start
    some = [{(c.parameter, c.amount, c.start or first) for c in one.scenario.changes} for one in (sent, typed)]
    assert some[0] == some[1] and (sent.area, sent.unit, sent.scenario.hash) == (
        typed.area,
        typed.unit,
        typed.scenario.hash,
    )


def test_a_form_of_what_there_is_not_is_refused(served):
    for wrong in ("x", "", "999 accounts", "151 nothing", "084 own", "000 own"):
        assert asked(served, f"/?shown={quote(wrong)}&gap_points=1")[0] == (400 if wrong else 200), wrong


def test_a_state_is_no_longer_than_its_own_address_may_be(served):
    for letter, says in (("*", "adressen har 81"), ("x", "")):  # which is written as three
        status, told, _ = asked(served, f"/?gap_points=1&name={letter * 2700}")
        assert (status, says in told) == (400 if says else 200, True)


def test_a_file_has_a_name_that_every_system_can_keep(served):
    for name, kept in (("Æ" * 120, "Æ" * 75), ("x" * 300, "x" * 150), ("Æx", "Æx")):
        for path in ("/scenario.toml", "/numbers.csv"):
            head = asked(served, f"{path}?name={quote(name)}")[2]["Content-Disposition"]
            assert unquote(head.partition("''")[2]) == kept + path[-len(path.partition(".")[2]) - 1 :]


def test_own_budgets_are_read_one_at_a_time(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "budget.csv").write_text(OWN)
    at_once, most, read = [], [], server.baseline

    def slow(*told):
        at_once.append(1)
        most.append(len(at_once))
        time.sleep(0.05)
        at_once.pop()
        return read(*told)

    monkeypatch.setattr(server, "baseline", slow)
    with ThreadPoolExecutor(4) as pool:
        assert [one[0] for one in pool.map(lambda _: asked(served, "/?base=own"), range(4))] == [200] * 4
    assert max(most) == 1


@browsing
def test_steps_over_an_own_budget_that_is_another_for_a_moment_or_gone_are_kept_and_passed(browser, served, own_file):
    to(browser, served, "base=own&persons@Syge=-1")
    for value in ("-2", "-3"):
        browser.run(BY_HAND + "put('persons-Syge', arguments[0])", value)
        settled(browser)
    browser.run(BY_HAND + "put('persons-Syge', '')")
    own_file.write_text(OWN.replace("Syge;", "Syg;"))
    for _ in range(3):
        browser.run(BY_HAND + "press('#undo')")
        assert settled(browser).scenario.changes == () and "kan ikke ændres for linjen" in browser.text("#alert")
    browser.run(BY_HAND + "put('name', 'Navn')")  # which is no fault of the name
    own_file.write_text(OWN)
    browser.run(BY_HAND + "press('#undo'); press('#undo')")
    assert [c.value for c in settled(browser).scenario.changes] == [-3.0] and not browser.text("#alert")
    to(browser, served)
    browser.run(BY_HAND + "put('gap-points', '1'); put('base', 'own'); put('base', 'accounts')")
    assert settled(browser).scenario.baseline == "accounts"
    own_file.unlink()
    browser.run(BY_HAND + "press('#undo')")  # over what cannot be shown
    state = settled(browser)
    assert state.scenario.baseline == "accounts" and not browser.text("#alert")  # it is not what was
    own_file.write_text(OWN)
    browser.run(BY_HAND + "press('#redo')")
    assert settled(browser).scenario.baseline == "own" and not browser.text("#alert")


@browsing
def test_a_name_that_was_not_read_for_the_own_budget_s_sake_is_asked_for_again_and_saved(browser, served, own_file):
    to(browser, served, "base=own&persons@Syge=-5")
    own_file.write_text(OWN.replace("Syge;", "Syg;"))
    browser.run(BY_HAND + "put('name', 'Mit navn')")
    browser.until(lambda: browser.text("#alert"))
    own_file.write_text(OWN)
    browser.run(BY_HAND + "put('unit', 'persons')")
    browser.until(lambda: "name=Mit" in browser.run("return state"))
    assert settled(browser).scenario.name == "Mit navn" and not browser.text("#alert")


@browsing
@pytest.mark.parametrize("button", ["pin-this", "undo", "clear"])
def test_a_name_that_was_not_read_is_pinned_undone_and_reset_as_any(browser, served, button):
    to(browser, served, "gap_points=1")
    browser.run(BY_HAND + "put('gap-points', '2')")
    settled(browser)
    browser.run(GONE + BY_HAND + "put('name', 'Navn')")
    browser.until(lambda: browser.text("#alert"))
    browser.run(BACK + BY_HAND + "press(arguments[0])", f"#{button}")
    state = settled(browser)
    assert (state.pinned, state.scenario.name) == (("Navn", "Navn") if button == "pin-this" else ("", ""))
    browser.run(BY_HAND + "press(arguments[0])", "#redo" if button == "undo" else "#undo")
    assert settled(browser).scenario.name == "Navn"


@browsing
def test_examples_after_one_that_is_refused_are_reached_with_keys(browser, served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "budget.csv").write_text(OWN)  # without kontanthjælp
    to(browser, served, "base=own")
    last = browser.run("return $('example').options.length") - 1
    refused = set()
    focus(browser, "example")
    for at in range(1, last + 1):
        browser.keys(Keys.ARROW_DOWN)
        settled(browser)
        assert browser.run("return $('example').selectedIndex") == at
        refused |= {at} if browser.text("#alert") else set()
    assert refused and max(refused) < last


@browsing
def test_a_copied_link_and_a_refused_reset_leave_what_is_shown(browser, served):
    to(browser, served, "gap_points=1")
    result = browser.text("#told")
    browser.run(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: () => Promise.resolve()}});"
        + BY_HAND
        + "press('#link')"
    )
    browser.until(lambda: browser.text("#linked"))
    assert browser.text("#told") == result and browser.run("return $('linked').closest('.tools') !== null")
    to(browser, served, "price_pct=1")
    browser.run("$('from-gap-points').value = '2028';" + BY_HAND + "put('from-gap-points', '2028');" + GONE)
    settled(browser)
    for button in ("#clear", "[data-reset=price-pct]"):
        browser.run(BY_HAND + "press(arguments[0])", button)
        browser.until(lambda: browser.text("#alert"))
        settled(browser)
        assert browser.run("return $('from-gap-points').value") == "2028"
    browser.run(BACK + BY_HAND + "press('#clear')")
    settled(browser)
    assert browser.run("return $('from-gap-points').value") != "2028"


def test_an_own_budget_without_a_benefit_or_in_some_year_is_shown_as_it_is_written(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    head = "Post (mio. kr.);ydelse;B2027;BO2028;BO2029\n"
    for lines, last in (
        ("Vejledning;aktivering;5;6;7\nTilskud;aktivering;3;3;4\nI alt;;8;9;11\n", "11,0"), ("Løn;andet;5;6;7\nI alt;;5;6;7\n", "7,0"),
        ("Syge;sygedagpenge;10;5;0\nLøn;andet;1;1;2\nI alt;;11;6;2\n", "2,0"),
    ):  # fmt: skip
        (tmp_path / "budget.csv").write_text(head + lines)
        status, told, _ = asked(served, "/?base=own")
        assert status == 200 and f"{last} mio. kr." in told and not re.search(r"\bnan\b", told)
        assert asked(served, "/numbers.csv?base=own")[1].count(last) > 1


def test_a_form_of_an_own_budget_that_cannot_be_read_any_more_says_so(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "budget.csv").write_text(OWN[:30])
    status, told, _ = asked(served, "/?shown=151+own&base=accounts&area=159&gap_points=1")
    assert status == 409 and "Det egne budget kan ikke bruges" in told


def test_a_form_takes_the_last_year_of_what_it_showed_to_the_last_of_another(served):
    for year, kept in ((2028, ""), (2027, "year=2027")):
        told = asked(served, f"/?shown=151+accounts&base=accounts&area=159&year={year}")[1]
        assert (f"year={year}" in re.search(r'data-query="([^"]*)', told)[1]) == bool(kept)


def test_an_address_too_long_is_no_fault_of_an_own_budget_and_none_grows_in_the_browser(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "budget.csv").write_text(OWN)
    for letter in "*~":
        assert asked(served, f"/?base=own&why={letter * 2_700}")[0] == 400, letter
    assert "~" not in State(scenario=Scenario("a~b", "")).query()


@browsing
@pytest.mark.parametrize("step", ["redo", "example"])
def test_a_name_that_was_not_read_is_a_step_of_its_own_whatever_comes_next(browser, served, step):
    to(browser, served, "gap_points=1")
    for value in ("2", "3"):
        browser.run(BY_HAND + "put('gap-points', arguments[0])", value)
    settled(browser)
    browser.run(BY_HAND + "press('#undo')")
    settled(browser)
    browser.run(GONE + BY_HAND + "put('name', 'Navn')")
    browser.until(lambda: browser.text("#alert"))
    browser.run(
        BACK + BY_HAND + {"redo": "press('#redo')", "example": "put('example', $('example').options[3].value)"}[step]
    )
    browser.until(lambda: "Navn" in browser.run("return state + past.join()"))
    shown = settled(browser)
    assert not browser.text("#alert") and "undefined" not in browser.run("return state")
    if step == "redo":
        assert shown.scenario.changes[0].value == 3
    browser.run(BY_HAND + "press('#undo')")
    shown = settled(browser)
    assert shown.scenario.name == "Navn" and shown.scenario.changes[0].value == 2


@browsing
def test_what_takes_the_place_of_all_is_not_kept_from_it_by_a_name(browser, served, own_file):
    for button in ("#clear", "#unpin"):
        own_file.write_text(OWN)
        to(
            browser,
            served,
            "base=own" + ("&persons@Syge=-5" if button == "#clear" else "&pin=persons%40Syge%3D-5&pinned=A"),
        )
        own_file.write_text(OWN.replace("Syge;", "Syg;"))
        browser.run(BY_HAND + "put('name', 'Navn')")
        browser.until(lambda: browser.text("#alert"))
        browser.run(BY_HAND + "press(arguments[0])", button)
        browser.until(lambda: "Syge" not in browser.run("return state"))
        assert settled(browser).scenario.changes == () and not settled(browser).pin


@browsing
def test_an_address_that_waits_is_kept_while_other_choices_are_refused(browser, served, own_file):
    own_file.write_text(OWN[:30])
    browser.get(f"{served.address}?base=own&price_pct=3")
    assert browser.text("#alert")
    for choice in ("press('#undo')", "put('gap-points', 'x')"):
        browser.run("$('alert').replaceChildren();" + BY_HAND + choice)
        browser.until(lambda: browser.text("#alert"))
        shown_of(browser)
    assert browser.driver.current_url.endswith("?base=own&price_pct=3")
    own_file.write_text(OWN)
    browser.driver.refresh()
    assert settled(browser).scenario.baseline == "own"


@browsing
def test_nothing_is_told_to_be_copied_that_was_not(browser, served):
    to(browser, served, "gap_points=1")
    clip = (
        "Object.defineProperty(navigator, 'clipboard', {configurable: true, value: {writeText: () => Promise.%s()}});"
    )
    browser.run(clip % "resolve" + BY_HAND + "press('#link')")
    browser.until(lambda: browser.text("#linked"))
    browser.run(clip % "reject" + BY_HAND + "press('#link')")
    browser.until(lambda: "http" in browser.text("#alert"))
    assert not browser.text("#linked")


@browsing
def test_a_refusal_just_before_a_step_back_is_told_and_a_name_that_is_busy_keeps_it_waiting(browser, served):
    to(browser, served, "price_pct=1")
    browser.run(BY_HAND + "put('gap-points', '1')")
    settled(browser)
    browser.run(BY_HAND + "put('price-pct', 'abc'); press('#undo')")
    browser.until(lambda: "gap_points" not in browser.run("return state"))
    settled(browser)
    assert "abc" in browser.text("#alert")
    to(browser, served, "price_pct=1")
    browser.run(BY_HAND + "put('gap-points', '1')")
    settled(browser)
    browser.run(
        "window.first = fetch; window.fetch = (...told) => told[0].includes('name=')"
        " ? Promise.resolve(new Response('', {status: 503})) : first(...told);" + BY_HAND + "put('name', 'Navn')"
    )
    browser.until(lambda: browser.text("#alert"))
    for button in ("#undo", "#clear"):
        browser.run(BY_HAND + "press(arguments[0])", button)
        state = settled(browser)
        assert state.scenario.changes[-1].value == 1 and browser.run("return $('name').value") == "Navn"
        assert "optaget" in browser.text("#alert")


def test_an_own_budget_that_is_taken_away_while_it_is_read_is_told_as_such(served, tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    file, found = tmp_path / "budget.csv", baselines.own

    def taken(*told):
        file.unlink()
        return found(*told)

    monkeypatch.setattr(baselines, "own", taken)
    file.write_text(OWN)
    assert asked(served, "/?base=own")[0] == 200  # it was read once
    assert asked(served, "/?base=own")[0] == 409
