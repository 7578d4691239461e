"""A number lists every cell it depends on and no other, and can be followed to the text as printed."""

import re
from dataclasses import replace
from functools import partial

import nbformat
import numpy as np
import pandas as pd
import pytest

from ballerup_analysis import counterfactual, nowcast, own, rates, sources
from ballerup_analysis.costing import Change
from ballerup_analysis.grants import kept_by_case
from ballerup_analysis.nowcast import price_per_person
from ballerup_analysis.paper import coming, numbers
from ballerup_analysis.paper.reading import Entry, NotAvailable, Reading, hashes
from ballerup_analysis.reconcile import reconcile
from ballerup_analysis.scenarios import Scenario
from ballerup_analysis.sources import DATA, DataError, load
from ballerup_analysis.trend import per_1000, population_on, yearly
from ballerup_analysis.upkeep import processed


@pytest.fixture(scope="module")
def book():
    return numbers.ledger()


@pytest.fixture(scope="module")
def neighbour():
    return numbers.ledger("159")


@pytest.fixture
def edit(monkeypatch):
    """Change text in raw files, as if it had been recorded so; return the line."""
    read, edits = sources.read_raw, {}

    def edited(name):
        lines = read(name).decode("utf-8").split("\n")
        for line, old, new in edits.get(name, []):
            assert old in lines[line - 1], lines[line - 1]
            lines[line - 1] = lines[line - 1].replace(old, new)
        return "\n".join(lines).encode()

    def change(name, starts, old, new, below=1):
        lines = edited(name).decode("utf-8").split("\n")
        line = next(i for i, text in enumerate(lines, start=1) if i >= below and text.startswith(starts))
        edits.setdefault(name, []).append((line, old, new))
        return line

    monkeypatch.setattr(sources, "read_raw", edited)
    monkeypatch.setattr(rates, "read_raw", edited)
    return change


def is_steady(entry):
    """A count, a rank or a share of thousands may stay where it is when one of its cells moves."""
    return entry.unit in ("", "pct.") or entry.unit.startswith("of ")


def listing(book, table, line):
    return {id for id, e in book.numbers.items() if any(at == line for at, _ in e.reading.lines.get(table, ()))}


CELLS = [  # computed anew once for each group: table, line, printed, another, a number that must move
    [
        ("minutes_2015.statements", "gain_2014,", "7,6", "9,9", "needed_price"),
        ("auk01", "151,2007Q1,", "131", "231", "gap_kontanthjaelp_low"),
        ("regk31", "151,2024,5.57.78,", "1524", "1624", "dagpenge_level"),
        ("budget_2017.frame_2002", "Fleksjob,", "45.043", "95.043", "figures_wrong"),
    ],
    [
        ("minutes_2020.followup_2021_2024", "De samlede", "66.588", "77.588", "budget_rise_2021"),
        ("auk01", "151,2014Q1,", "369", "469", "rank_kontanthjaelp_2014"),
        ("aup02", "151,2014,", "5.32", "9.32", "rank_gross_2014"),
        ("worked_examples", "B expected minus actual,Ballerup,2021,", ",250,17.8,", ",350,99.9,", "implied_price_2021"),
        ("folk1a", "151,2024Q3,", "52103", "53103", "dagpenge_2024"),
    ],
]


@pytest.mark.parametrize("cells", CELLS)
def test_changing_cells_changes_their_dependents_and_no_other(book, edit, cells):
    lines = {(name, starts): edit(name, starts, old, new) for name, starts, old, new, _ in cells}
    dependents = set().union(*(listing(book, name, line) for (name, _), line in lines.items()))
    after = numbers.ledger().numbers
    changed = {id for id, entry in after.items() if entry.value != book[id].value}
    assert changed <= dependents
    assert {also for *_, also in cells} <= changed
    for (name, starts), line in lines.items():
        listed = {
            id for id in listing(book, name, line) if len(book[id].reading.lines[name]) < 1000
        }  # not the whole table
        firm = {id for id in listed if not is_steady(book[id]) and not id.endswith(("_low", "_high"))}
        assert firm <= changed or "." in name, (name, starts, firm - changed)


def test_changing_a_rate_changes_the_numbers_that_use_it(book, edit, monkeypatch):
    entry = book["kept_dagpenge_active"]
    used = next(iter(entry.reading.rates.values()))
    edit("rates", "value =", f"= {used.value:g}", f"= {used.value + 5:g}", below=used.line)
    monkeypatch.setattr(
        numbers,
        "CALCULATIONS",
        [c for c in numbers.CALCULATIONS if getattr(c, "func", c) in (numbers.kept, numbers.net_gap)],
    )
    after = numbers.ledger().numbers
    changed = {id for id, one in after.items() if one.value != book[id].value}
    assert changed == {id for id in after if used.line in book[id].reading.rates} == {"kept_dagpenge_active"}


class Everything(Reading):
    """Hands out all of every table, whatever is asked for."""

    def __call__(self, name, corrected=False, **_):
        return super().__call__(name, corrected)


class Short(Reading):
    """Hands out what is asked for, less one row."""

    def __call__(self, name, corrected=False, **only):
        return super().__call__(name, corrected, **only).iloc[1:]


def test_a_number_that_leaves_out_a_cell_it_needs_would_be_found_out(book):
    """Computed from everything, a number must be what it is when computed from the cells it lists."""
    narrow = (
        numbers.net_gap,
        numbers.base_range,
        numbers.net_rank,
        numbers.gross_gap,
        numbers.gross_rank,
        numbers.excess,
    )
    for calculate in narrow:
        for one in calculate(Everything("151")):
            assert one.value == pytest.approx(book[one.name + one.suffix].value, rel=1e-12), one.name
    (short,) = numbers.net_gap(Short("151"))  # a quarter is missing
    assert short.value != pytest.approx(book["gap_kontanthjaelp_2014"].value, rel=1e-3)


def test_chosen_cells_give_the_formula_worked_by_hand(book):
    gap, price = book["gap_kontanthjaelp_2014"].value, book["needed_price"].value
    assert gap * price / 1e6 == pytest.approx(book["published_gain_2014"].value)
    # mean of the quarters of AUK01: Ballerup 383,25 and 301,5; country 30.184,25 and 28.217,75
    assert gap == pytest.approx(383.25 * 28217.75 / 30184.25 - 301.5)
    assert book["dagpenge_level"].value == pytest.approx((1819 - 1524) * 52103 / 1e6)
    # 17,8 mio. kr. / 250 persons = 71.200 kr.; 12,5 / 200 = 62.500
    assert [book[f"implied_price_{year}"].danish for year in (2018, 2021)] == ["62.500 kr.", "71.200 kr."]
    printed = ["1,1", "66,6", "55,7", "36,7", "24,4"]  # the minutes' own text
    assert [book[f"budget_rise_{year}"].danish for year in range(2020, 2025)] == [f"{x} mio. kr." for x in printed]
    assert [book[f"budget_rise_{year}"].sense for year in range(2020, 2025)] == ["up"] * 5
    assert book["gap_kontanthjaelp_low"].value <= gap <= book["gap_kontanthjaelp_high"].value
    assert [book[f"excess_dagpenge{end}"].danish for end in ("_low", "", "_high")] == [
        "62 persons",
        "100 persons",
        "147 persons",
    ]
    # a change below one per cent is told as none
    assert book["gap_kontanthjaelp_2014"].same == pytest.approx(383.25 * 28217.75 / 30184.25 / 100)


def test_the_ranges_and_the_prices_after_refund_are_worked_by_hand(book):
    value = {id: entry.value for id, entry in book.numbers.items()}
    # 10.689 kr. a month; the municipality paid 50 pct. of it for active and 70 pct. for passive in 2014
    assert value["year_of_help"] == 12 * 10_689
    assert value["gap_before_refund"] == pytest.approx(value["gap_kontanthjaelp_2014"] * 12 * 10_689 / 1e6)
    for end, amount in (("", 7.6e6), ("_low", 7.55e6), ("_high", 7.65e6)):  # what is printed as 7,6
        assert value[f"needed_price{end}"] == pytest.approx(amount / value["gap_kontanthjaelp_2014"])
    for activity, share in (("active", 0.5), ("passive", 0.7)):
        assert value[f"help_after_refund_{activity}"] == pytest.approx(share * 12 * 10_689)
        after = value["gap_kontanthjaelp_2014"] * share * 12 * 10_689 / 1e6
        assert value[f"gap_after_refund_{activity}"] == pytest.approx(after)
        kept = [value[f"kept_{benefit}_{activity}"] for benefit in ("dagpenge", "kontanthjaelp")]
        assert kept[0] < kept[1] <= share * 100  # dagpenge come back to the state through the grant of the landsdel
    # 6,03 pct. × (5,0 ± 0,05) / (5,8 ∓ 0,05) - 5,32, turned: lower is a gain
    assert value["gap_gross_low"] == pytest.approx(6.03 * 4.95 / 5.85 - 5.32)
    assert value["gap_gross_high"] == pytest.approx(6.03 * 5.05 / 5.75 - 5.32)
    # the account of 2024 over the persons of 2024, and what one more has cost in all municipalities
    own = value["dagpenge_2024"] / value["dagpenge_persons_2024"]
    ends = [value[f"cost_dagpenge_{end}"] / value[f"excess_dagpenge_{end}"] for end in ("low", "high")]
    assert ends[1] == pytest.approx(own) and 0.9 * own < ends[0] < own
    for end in ("", "_low", "_high"):
        rise = (value[f"forsoergelse_2026{end}"] / value["forsoergelse_2024"] - 1) * 100
        assert value[f"forsoergelse_rise_2026{end}"] == pytest.approx(rise)


@pytest.fixture(scope="module")
def accepted():
    return pd.read_csv(DATA / "processed" / "headline_numbers.csv", keep_default_na=False).set_index("id", drop=False)


@pytest.mark.parametrize("one", range(len(numbers.CALCULATIONS)))
def test_no_headline_number_moves_unseen(one, accepted, monkeypatch):
    monkeypatch.setattr(numbers, "CALCULATIONS", [numbers.CALCULATIONS[one]])
    found = processed.headline(numbers.ledger()).set_index("id", drop=False)
    advice = "look at the numbers; if they are meant, accept them with: ballerup data"
    pd.testing.assert_frame_equal(found, accepted.loc[found.index], check_dtype=False, rtol=1e-8, obj=advice)


def test_no_headline_number_comes_or_goes_unseen(book, accepted):
    assert [*book.numbers] == [*accepted.index]


def test_what_fails_at_home_stops_the_ledger_and_elsewhere_is_told(monkeypatch):
    def published(read):
        raise DataError("no such row")

    monkeypatch.setattr(numbers, "CALCULATIONS", (published,))
    with pytest.raises(DataError, match="no such row"):
        numbers.ledger()
    assert numbers.ledger("159").missing == {
        "Den offentliggjorte besparelse": "datagrundlaget har ingen tal for kommunen"
    }


TITLES = {
    "net_gap": "Nettoledige på kontanthjælp mod landets udvikling",
    "gross_gap": "Bruttoledigheden mod landets udvikling",
    "year_of_help": "Kontanthjælp for et helt år",
    "ministry": "Ministeriets opgørelse af, om kommunen har færre på offentlig forsørgelse end forventet, 2018",
    "followup": "Budgetopfølgningen for 2018",
}


def test_what_is_missing_is_called_what_it_is(monkeypatch):
    def fails(read, year="2018"):
        raise DataError("no such row")

    for name, title in TITLES.items():
        calculate = partial(fails, year="2018")
        fails.__name__ = name
        monkeypatch.setattr(numbers, "CALCULATIONS", (calculate,))
        assert [*numbers.ledger("159").missing] == [title]


NET_2014, NET_HELP = "auk01[area 000, 151; quarter 2013Q1, …, 2014Q4: 16 cells]", "rates[kontanthjaelp]"
SHARE, PLACES, EVERYONE = "rates[refusion_municipal_share]", "areas[all: 115 cells]", "area 101, …, 851"
PEOPLE_2014 = f"folk1a[{EVERYONE}; quarter 2014Q1: 98 cells]"
KEPT = {PLACES, "aup02[year 2012: 98 cells]", f"employed[{EVERYONE}; year 2012: 98 cells]", PEOPLE_2014, SHARE}
ACCOUNTS = {"folk1a[all: 7.286 cells]", "regk31[all: 4.455 cells]", "jobindsats_monthly[all: 93.310 cells]"}
ACCOUNTS |= {"jobindsats_revisions[all: 1.366 cells]", "satsregulering[all: 15 cells]"}
QUOTED = "worked_examples[area Ballerup; unit mio_kr; period "
RESTS = {
    "published_gain_2014": {"minutes_2015.statements[gain_2014]"}, "gap_kontanthjaelp_2014": {NET_2014},
    "gap_kontanthjaelp_low": {"auk01[area 000, 151; quarter 2007Q1, …, 2014Q4: 64 cells]"},
    "rank_kontanthjaelp_2014": {PLACES, PEOPLE_2014, "auk01[area 000, …, 851; quarter 2013Q1, …, 2014Q4: 792 cells]"},
    "rank_kontanthjaelp_best": {PLACES, PEOPLE_2014, "auk01[area 000, …, 851; quarter 2007Q1, …, 2014Q4: 3.168 cells]"},
    "sdid_persons_2014": {PLACES, PEOPLE_2014, f"auk01[{EVERYONE}; quarter 2007Q1, …, 2014Q4: 3.136 cells]"},
    **{name: {"aup02[area 151; year 2013, 2014: 2 cells]", "aulp01[area 000; year 2013, 2014: 2 cells]"} for name in ("gap_gross_2014", "gap_gross_low", "gap_gross_high")},
    "rank_gross_2014": {PLACES, f"aup02[{EVERYONE}; year 2013, 2014: 196 cells]", "aulp01[area 000; year 2013, 2014: 2 cells]"},
    "gaps_tried": {
        *(f"{name}[area 151, …, 02; year 2010, …, 2014: {cells} cells]" for name, cells in {"aup02": 5, "aulp01": 10, "employed": 20, "neet2": 20}.items()),
        *(f"{name}[area 151, …, 02; quarter 2010Q1, …, 2014Q4: 80 cells]" for name in ("auk01", "lbesk69")),
        # the price of 2015 and 2016, printed in the columns of the counts
        "budget_2017.unit_count[Forsørgelse ekskl. integration (helårspersoner), B2016; Forsørgelse ekskl. integration (helårspersoner), R2015]",
        "worked_examples[all: 17 cells]", "beskaeftigelsestilskud_figures[item mean net cost per unemployed: 1 cells]",
        "minutes_2015.statements[gain_2014]", "rates[dagpenge_max]", NET_HELP, SHARE, "rates[satsregulering_implied]",
    },
    "needed_price": {NET_2014, "minutes_2015.statements[gain_2014]"}, "year_of_help": {NET_HELP},
    "gap_before_refund": {NET_2014, NET_HELP}, "help_after_refund_active": {NET_HELP, SHARE}, "gap_after_refund_active": {NET_2014, NET_HELP, SHARE},
    "ministry_gain_2018": {"areas[code 151: 1 cells]", f"{QUOTED}2. halvaar 2018, news of Nov 2018: 1 cells]"},
    "ministry_gain_2021": {"areas[code 151: 1 cells]", f"{QUOTED}2021: 1 cells]"},
    "excess_dagpenge": {"jobindsats_monthly[area 000, 151; measure gross_unemployed_dagpenge: 120 cells]"},
    "cost_dagpenge_low": ACCOUNTS, "dagpenge_2024": ACCOUNTS,
    "dagpenge_level": {"regk31[area 000, 151; function 5.57.78; year 2024: 2 cells]", "folk1a[area 151; quarter 2024Q3: 1 cells]"},
    "kept_dagpenge_active": KEPT, "kept_kontanthjaelp_passive": KEPT,
    "budget_rise_2021": {"minutes_2020.followup_2021_2024[De samlede ændringer, 2021]"},
}  # fmt: skip


def test_a_number_rests_on_what_its_calculation_asks_for_and_on_nothing_more(book):
    told = {id: {re.sub(r", line \d+", "", one) for one in book[id].reading.addresses()} for id in RESTS}
    assert told == RESTS


def test_a_municipality_that_no_newspaper_tells_of_has_no_number_of_the_ministry():
    with pytest.raises(NotAvailable, match="ingen avis i materialet gengiver ministeriets beløb for kommunen"):
        list(numbers.ministry(Reading("101"), "2018"))


def test_a_ledger_is_stale_where_a_file_is_no_longer_the_recorded_one(monkeypatch):
    def changed(name):
        raise DataError(f"{name} is not what its record says")

    monkeypatch.setattr(sources, "read_raw", changed)
    with pytest.raises(DataError, match="auk01 is not what its record says"):
        hashes(["auk01"])


def test_nothing_is_told_of_the_persons_behind_the_accounts_where_either_end_is_not_known():
    there = nowcast.known(load)
    assert [*coming._behind(there, "no such area")] == []
    closed = replace(there, persons=there.persons[there.persons["year"] <= 2024])
    assert [*coming._behind(closed, "151")] == []


def test_what_is_there_of_one_year_is_not_missing_of_another(monkeypatch):
    both = [partial(numbers.ministry, year=year) for year in ("2018", "2021")]
    monkeypatch.setattr(numbers, "CALCULATIONS", both)
    book = numbers.ledger("159")
    assert book.missing == {} and book["ministry_gain_2018"].value == 31.1
    assert book["ministry_gain_2018"].period == "avisomtale i november 2018"
    monkeypatch.setattr(numbers, "CALCULATIONS", both[1:])
    book = numbers.ledger("159")
    assert [*book.numbers] == [] and [title[-6:] for title in book.missing] == [", 2021"]


def test_the_cost_of_a_scenario_is_entered_with_its_name_its_rates_and_where_it_is_explained(monkeypatch):
    monkeypatch.setattr(numbers, "CALCULATIONS", ())
    scenario = Scenario("Dyrere", "", "accounts", (Change("price_pct", 1),))
    book = numbers.ledger("159", scenario)
    assert (book.area, book.name, book.missing, book.scenario) == ("159", "Gladsaxe", {}, scenario)
    entry = book["scenario_2025"]
    assert entry.text == "cost of »Dyrere« in 2025 against the baseline" and entry.formula.startswith("Rammens linjer")
    assert (entry.notebook, entry.scenario, entry.period) == ("09_scenarios", "Dyrere", "2025")
    assert {"kontanthjaelp", "refusion_municipal_share"} < {one.name for one in entry.reading.rates.values()}


def test_the_definitions_rest_on_the_five_years_they_compare(book):
    lines = {name: len(lines) for name, lines in book["gaps_tried"].reading.lines.items()}
    # one municipality and three areas it is compared with, of which two stand in another table of the rates
    years = {"auk01": 4 * 4 * 5, "lbesk69": 4 * 4 * 5, "employed": 4 * 5, "neet2": 4 * 5, "aup02": 5, "aulp01": 2 * 5}
    assert {name: lines[name] for name in years} == years


def test_a_gain_half_way_between_two_targets_hits_the_upper_one_alone(monkeypatch):
    # 50 persons at 105.000 kr. are 5,25 mio. kr., which is printed as 5,3
    gaps = pd.DataFrame({"measure": "net_unemployed_kontanthjaelp", "fewer": [50.0]})
    price = pd.DataFrame({"benefit": "all", "price_kr": [105_000.0], "rates": [()]})
    monkeypatch.setattr(numbers, "gaps", lambda *_: gaps)
    monkeypatch.setattr(numbers, "prices", lambda *_: price)
    found = {one.name: one.value for one in numbers.definitions(Reading("151"))}
    assert (found["definitions_tried"], found["targets_hit"]) == (1, 1)


def test_the_ledger_keeps_the_hash_of_every_table_it_read_and_of_the_rates(book):
    read = {name for entry in book.numbers.values() for name in entry.reading.lines}
    assert set(book.data) == read | {"rates", "areas"} and len(read) > 20 and [*book.data] == sorted(book.data)


def test_the_cost_of_a_scenario_on_one_s_own_budget_rests_on_its_cells(tmp_path, monkeypatch):
    (tmp_path / "budget.csv").write_text(
        "Linje;Ydelse;B2027 (1.000 kr.);BO2028 (1.000 kr.)\nA;dagpenge;100;110\nB;kontanthjaelp;70;80\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    for baseline, cells in (("own", 4), ("accounts", 0)):
        read = Reading("151")
        told = list(numbers.scenario_cost(read, Scenario("s", "", baseline, (Change("price_pct", 1),))))
        assert [table for table, *_ in read.own] == ["local/budget"] * cells
        if baseline == "own":  # one pct. of 190.000 kr. in the second year, in mio. kr. of one decimal
            assert [(round(v.value, 9), v.same) for v in told] == [(0, 0.05), (0.0019, 0.05)]


def test_persons_of_one_s_own_budget_are_cells_a_cost_rests_on_as_amounts_are(tmp_path, monkeypatch):
    text = "Linje;Ydelse;År;Beløb (1.000 kr.);Helårspersoner\nA;dagpenge;2027;100;5\nA;dagpenge;2028;110;5\n"
    text += "B;kontanthjaelp;2027;70;\nB;kontanthjaelp;2028;70;\n"  # persons are not told
    (tmp_path / "budget.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    read = Reading("151")
    list(numbers.scenario_cost(read, Scenario("s", "", "own", (Change("price_pct", 1),))))
    assert [printed for *_, printed in read.own] == ["100", "110", "70", "70", "5", "5"]
    assert [line for _, _, line, *_ in read.own] == [2, 3, 4, 5, 2, 3]
    assert {file.endswith("/budget.csv") for _, file, *_ in read.own} == {True}
    totals = "I alt;;2027;170;\nI alt;;2028;180;\n"  # of the amounts, not of the persons
    for more, unheld in (("", {"budget"}), (totals, set())):
        (tmp_path / "budget.csv").write_text(text + more, encoding="utf-8")
        read = Reading("151")
        list(numbers.scenario_cost(read, Scenario("s", "", "own", (Change("price_pct", 1),))))
        assert read.unheld == unheld
        assert Reading("151", own=read.own, unheld=unheld).evidence == ("unreconciled" if unheld else "derived")


def test_a_cell_of_one_s_own_accounts_is_told_by_the_name_of_its_place_its_year_its_benefit_and_its_heading(
    tmp_path, monkeypatch
):
    text = "Kommune;År;Ydelse;Fuldtidspersoner;Nettoudgift (1.000 kr.)\n151;2014;Dagpenge;1.020,5;98.400\n"
    text += "Hele landet;2014;Dagpenge;90.000;9.000.000\n"
    (tmp_path / "accounts.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    read, accounts = Reading("151"), own.read("accounts")
    read.note_own("accounts", accounts, "net_cost_kr", marks=True)
    where = ("local/accounts", "BALLERUP_LOCAL/accounts.csv")
    assert read.own == [
        (*where, 2, "Ballerup, 2014, Dagpenge, Nettoudgift (1.000 kr.)", "98.400"),
        (*where, 3, "Hele landet, 2014, Dagpenge, Nettoudgift (1.000 kr.)", "9.000.000"),
    ]


def test_what_a_row_of_an_own_file_tells_that_is_not_read_stands_with_its_cell_and_such_cells_go_first(
    tmp_path, monkeypatch
):
    text = "Linje;Ydelse;B2027 (1.000 kr.);BO2028 (1.000 kr.);Center;Bemærkning\n"
    text += "A;dagpenge;100;110;;\nB;kontanthjaelp;70;80;Job;aftalt\u202e med\tSTAR\n"
    (tmp_path / "budget.csv").write_text(text, encoding="utf-8")
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    read = Reading("151")
    list(numbers.scenario_cost(read, Scenario("s", "", "own", (Change("price_pct", 1),))))
    cells = read.trace().query("table == 'local/budget'")
    assert cells["printed"].tolist() == ["70", "80", "100", "110"]
    said = "[Center: Job; Bemærkning: aftalt‹U+202E› med STAR]"
    assert cells["address"].tolist()[1:3] == [
        f"B, 2028, BO, BO2028 (1.000 kr.) {said}",
        "A, 2027, B, B2027 (1.000 kr.)",
    ]


def test_what_is_found_of_a_neighbour_is_of_its_own_inhabitants_and_its_own_part_of_the_grants(neighbour):
    table = sources.load("auk01").pivot_table("fulltime_persons", "quarter", "area")[sources.municipalities()]
    effects = counterfactual.counterfactuals(per_1000(table[:"2014Q4"], 2014), "2014Q1")
    (per_head,) = effects.query("area == '159' and method == 'synthetic difference-in-differences'")["fewer"] / 1000
    assert neighbour["sdid_persons_2014"].value == pytest.approx(per_head * population_on("2014Q1")["159"])
    shares = {area: kept_by_case({"": ("kontanthjaelp", 2014, 27, "active")}, area)["municipality"].item()
              for area in ("151", "159")}  # fmt: skip
    assert neighbour["kept_kontanthjaelp_active"].value == pytest.approx(shares["159"]) != pytest.approx(shares["151"])


def test_the_best_and_the_worst_rank_are_places_counted_among_the_98(book):
    net = yearly("net_unemployed_kontanthjaelp").drop(columns="000")
    country, people = yearly("net_unemployed_kontanthjaelp")["000"], population_on("2014Q1")
    gap = {base: (net.loc[base] * country[2014] / country[base] - net.loc[2014]) / people for base in range(2007, 2014)}
    codes = sources.municipalities()
    place = {base: 1 + int((one[codes] > one["151"]).sum()) for base, one in gap.items()}
    told = [book[f"rank_kontanthjaelp_{end}"] for end in ("best", "2014", "worst")]
    assert [entry.value for entry in told] == [min(place.values()), place[2013], max(place.values())] == [10, 10, 94]
    assert told[2].period == f"fra {max(place, key=place.get)} til 2014"


@pytest.fixture(scope="module")
def one_more_kr():
    """What one more on dagpenge costs: the slope through nought of yearly changes of 98 municipalities, per inhabitant."""
    codes, years = sources.municipalities(), [2022, 2023, 2024]
    months = sources.load("jobindsats_monthly").query("measure == 'gross_unemployed_dagpenge' and area in @codes")
    persons = months.assign(year=months["month"].str[:4].astype(int)).pivot_table("value", "area", "year")[years]
    people = pd.DataFrame({year: population_on(f"{year}Q3")[codes] for year in years})
    accounts = sources.load("regk31").query("function == '5.57.78' and area in @codes")
    kr = accounts.pivot_table("kr_per_inhabitant", "area", "year")[years].loc[codes].to_numpy()
    more, dearer = np.diff((persons.loc[codes] / people).to_numpy()), np.diff(kr)
    return (more * dearer).sum() / (more**2).sum()


# where the least and the most are of other years than Ballerup's
@pytest.mark.parametrize("area", ["101", "159", "185", "400"])
def test_the_ends_of_a_range_are_the_least_and_the_most_of_each_municipality(area, one_more_kr):
    told = {}
    for calculate in (numbers.base_range, numbers.net_ranks, numbers.excess, numbers.excess_cost):
        told |= {one.id: one for one in calculate(Reading(area))}
    net, people = yearly("net_unemployed_kontanthjaelp"), population_on("2014Q1")
    country, codes = net["000"], sources.municipalities()
    gap = {base: net.loc[base] * country[2014] / country[base] - net.loc[2014] for base in range(2007, 2014)}
    mine = {base: one[area] for base, one in gap.items()}
    for end, pick in (("low", min), ("high", max)):
        one = told[f"gap_kontanthjaelp_{end}"]
        base = pick(mine, key=mine.get)
        assert (one.value, one.period) == (pytest.approx(mine[base]), f"fra {base} til 2014")
    per_head = {base: (one / people)[codes] for base, one in gap.items()}
    place = {base: 1 + int((one > one[area]).sum()) for base, one in per_head.items()}
    for end, pick in (("best", min), ("worst", max)):
        one = told[f"rank_kontanthjaelp_{end}"]
        assert one.value == pick(place.values()) and place[int(one.period[4:8])] == one.value
    lately = yearly("gross_unemployed_dagpenge")
    *bases, year = lately.index
    more = {
        base: lately.loc[year, area] - lately.loc[base, area] * lately.loc[year, "000"] / lately.loc[base, "000"]
        for base in bases
    }
    assert told["excess_dagpenge"].value == pytest.approx(more[bases[0]])
    for end, pick in (("low", min), ("high", max)):
        one = told[f"excess_dagpenge_{end}"]
        base = pick(more, key=more.get)
        assert one.value == pytest.approx(more[base]) and f"juli {base}" in one.period
    costs = [
        persons * kr / 1e6 for persons in more.values() for kr in (price_per_person("5.57.78", area, 2024), one_more_kr)
    ]
    assert told["cost_dagpenge_low"].value == pytest.approx(min(costs))
    assert told["cost_dagpenge_high"].value == pytest.approx(max(costs))


def test_every_number_names_a_notebook_that_there_is(book):
    there = {path.stem for path in (sources.DATA.parent / "notebooks").glob("*.ipynb")}
    assert {entry.notebook for entry in book.numbers.values()} <= there


# What the cells of the notebook compute that a number is explained in; the level of dagpenge is the third reading of accounts.
COMPUTED = {
    "gap_kontanthjaelp_2014": r"trend\.fewer\(", "sdid_persons_2014": "counterfactual", "definitions_hit": "suited|prices",
    "implied_price_2018": "implied_price", "cost_dagpenge_low": r"ahead\(|nowcast", "dagpenge_2026": r"ahead\(|nowcast",
    "dagpenge_level": r"g3|gains_from_accounts", "kept_dagpenge_active": "kept_by_case|grants", "figures_wrong": r"reconcile\(",
    "budget_rise_2021": "followup_2021_2024",
}  # fmt: skip


def test_no_words_of_a_number_are_left_to_be_filled_in(book, neighbour):
    for one in (*book.numbers.values(), *neighbour.numbers.values()):
        assert one.text and one.formula and not set("{}") & set(one.text + one.formula), one.id


def test_the_notebook_a_number_names_computes_its_like(book):
    for id, told in COMPUTED.items():
        path = sources.DATA.parent / "notebooks" / f"{book[id].notebook}.ipynb"
        cells = nbformat.read(path, as_version=4).cells
        assert re.search(told, "\n".join(one.source for one in cells if one.cell_type == "code")), id


# In 2014 Ballerup had 301,5 net unemployed, at the country's growth 358,3; Gladsaxe had 41 more than that. Gross
# unemployment was 5,32 pct. against 5,2. The ministry expected 250 persons more than there were in 2021.
DIRECTIONS = {
    "gap_kontanthjaelp_2014": ("fewer", "down", "up"),
    "gap_gross_2014": ("lower", "up", "up"),
    "ministry_persons_2018": ("fewer", "down", "down"),
    "excess_dagpenge": ("more", "up", "up"),
    "dagpenge_level": ("below", "down", "down"),  # 1.524 kr. per inhabitant against 1.819 in the country
}


def test_a_number_points_the_way_its_words_and_the_figures_behind_it_do(book, neighbour):
    for id, (word, home, theirs) in DIRECTIONS.items():
        assert re.search(r"fewer|lower|more|below|above", book[id].text)[0] == word, id
        assert (book[id].sense, neighbour[id].sense) == (home, theirs), id


def test_what_counts_fewer_of_something_is_less_and_what_counts_more_of_it_more():
    less, more = r"fewer|lower|below|the same gap", r"more|change of|cost of"
    told = [entry for words in numbers.WORDS.values() if isinstance(words, dict) for entry in words.values()]
    directed = [entry for entry in told if isinstance(entry, dict) and "up" in entry]
    assert len(directed) == 19
    for entry in directed:
        first = re.search(f"(?P<less>{less})|(?P<more>{more})", entry["text"])
        assert {"less": -1, "more": 1}[first.lastgroup] == entry["up"], entry["text"]


@pytest.mark.parametrize(
    ("value", "up", "sense"),
    [(3, 1, "up"), (-3, 1, "down"), (3, -1, "down"), (-3, -1, "up"), (3, 0, ""), (1.9, 1, "same"), (-1.9, -1, "same"), (2, 1, "up"), (-2, 1, "down")],
)  # fmt: skip
def test_a_change_is_told_from_none_at_its_threshold_and_fewer_persons_are_less(value, up, sense):
    assert Entry("x", value, 0, "persons", "", "", "", up=up, same=2).sense == sense
    assert Entry("x", 0, 0, "persons", "", "", "", up=1).sense == "same", (
        "none is no less, whatever counts as a difference"
    )


def test_every_traced_cell_is_the_text_that_stands_in_the_file_at_its_line(book):
    files, wrong = {}, []
    for reading in {id(e.reading): e.reading for e in book.numbers.values()}.values():
        cells = reading.trace()
        assert len(cells)
        for cell in cells.iloc[:: max(1, len(cells) // 40)].itertuples():
            if cell.address.startswith("all "):
                assert sources.record_of(cell.table)["hash"].startswith(cell.printed)
                continue
            lines = files.setdefault(cell.file, (DATA.parent / cell.file).read_text(encoding="utf-8").splitlines())
            there = "\n".join(lines[cell.line - 1 : cell.line + 3]) if cell.table == "rates" else lines[cell.line - 1]
            shown = cell.printed.split(" ")[0] if cell.table == "rates" else cell.printed.replace('"', '""')
            wrong += [cell for text in shown.split("; ") if text not in there]
    assert not wrong
    assert all(e.evidence in sources.EVIDENCE and e.scenario is None for e in book.numbers.values())


@pytest.mark.parametrize(("value", "up", "nearly"), [
    (1.9, 1, True), (-1.9, -1, True), (0, 1, False), (1e-9, 1, False), (1.1e-9, 1, True), (2, 1, False), (1.9, 0, False),
])  # fmt: skip
def test_a_difference_that_is_less_than_shown_is_nearly_none_and_none_is_none(value, up, nearly):
    assert Entry("x", value, 0, "persons", "", "", "", up=up, same=2).is_nearly == nearly


@pytest.mark.parametrize(("name", "only", "cells", "address"), [
    ("budget_2017.frame_2002", {"row": ["Sygedagpenge"], "column": ["B2017", "R2015"]},
     [(2, "Sygedagpenge, B2017", "76.406"), (2, "Sygedagpenge, R2015", "76.269")],
     "budget_2017.frame_2002[Sygedagpenge, B2017; Sygedagpenge, R2015]"),
    ("minutes_2015.statements", {"row": ["gain_2014", "revus_structural_funds_years"]},
     [(6, "revus_structural_funds_years", "syv"), (13, "gain_2014", "7,6")],
     "minutes_2015.statements[revus_structural_funds_years; gain_2014]"),
    ("auk01", {"area": ["151"], "quarter": ["2014Q1", "2014Q2"]}, [(714, "151, 2014Q1", "369"), (715, "151, 2014Q2", "323")],
     "auk01[area 151; quarter 2014Q1, 2014Q2: 2 cells]"),
    ("auk01", {"area": ["151"], "quarter": ["2014Q1", "2014Q2", "2014Q3"]}, None, "auk01[area 151; quarter 2014Q1, 2014Q2, 2014Q3: 3 cells]"),
    ("auk01", {"area": ["151"], "quarter": ["2014Q1", "2014Q2", "2014Q3", "2014Q4"]}, None, "auk01[area 151; quarter 2014Q1, …, 2014Q4: 4 cells]"),
    ("aup02", {"area": ["151"], "year": [2014]}, [(45, "151, 2014", "5.32")], "aup02[area 151; year 2014: 1 cells]"),
    ("areas", {"code": ["151"]}, [(11, "151", "Ballerup; kommune; 084; 02")], "areas[code 151: 1 cells]"),
    ("jobindsats_monthly", {"area": ["151"], "month": ["2021M07"], "measure": ["kontanthjaelp_with_ordinary_hours"]},
     [(2846, "151, kontanthjaelp_with_ordinary_hours, 2021M07", "64")],
     "jobindsats_monthly[area 151; month 2021M07; measure kontanthjaelp_with_ordinary_hours: 1 cells]"),
    ("beskaeftigelsestilskud_figures", {"item": ["statens bloktilskud til kommuner"]},
     [(2, "statens bloktilskud til kommuner, 2014, DK", "71453.7")],
     "beskaeftigelsestilskud_figures[item statens bloktilskud til kommuner: 1 cells]"),
    ("folk1a", {}, [(2, "all 7.286 rows", "sha256:a9ed5f2beb03")], "folk1a[all: 7.286 cells]"),
    ("budget_2017.frame_2002", {"column": ["B2017"]}, None, "budget_2017.frame_2002[column B2017: 15 cells]"),
    ("minutes_2020.covid", {}, None, "minutes_2020.covid[all: 12 cells]"),
    ("causes_2020", {"cause": ["Øgede udgifter til Særligt Tilrettelagt Uddannelse (STU) på beskæftigelsesområdet"]}, [(2, "Øgede udgifter til Særligt Tilrettelagt Uddannelse (STU) på beskæftigelsesområdet", "2020-21; 20.02; ")], "causes_2020[cause Øgede udgifter til Særligt Tilrettelagt Uddannelse (STU) på beskæftigelsesområdet: 1 cells]"),
])  # fmt: skip
def test_each_kind_of_table_is_addressed_by_what_names_its_cells(name, only, cells, address):
    read = Reading("151")
    read(name, **only)
    (said,) = read.addresses()
    assert said == address
    if cells:
        assert read.trace()[["line", "address", "printed"]].to_numpy().tolist() == [[*one] for one in cells]


def test_a_long_table_read_whole_is_one_line_of_a_trace_and_any_other_is_traced_cell_by_cell():
    folk1a, statements = load("folk1a"), load("minutes_2015.statements")
    others = [area for area in folk1a["area"].unique() if area != "151"]
    for name, only, cells in (
        ("folk1a", {"area": others}, (folk1a["area"] != "151").sum()),
        ("folk1a", {}, 1),
        ("minutes_2015.statements", {}, len(statements)),
    ):
        read = Reading("151")
        read(name, **only)
        assert len(read.trace()) == cells, name


def test_twelve_cells_of_a_printed_table_are_addressed_one_by_one_and_more_are_counted():
    some = load("minutes_2015.statements")["row"].drop_duplicates().tolist()
    for many, address in ((12, "; ".join(some[:12])), (13, f"row {some[0]}, …, {some[12]}: 13 cells")):
        read = Reading("151")
        read("minutes_2015.statements", row=some[:many])
        assert read.addresses() == (f"minutes_2015.statements[{address}]",)


def test_a_trace_has_own_files_and_rates_before_tables_few_cells_before_many_and_names_of_places_last():
    read = Reading("151")
    for name, only in (
        ("areas", {}),
        ("folk1a", {}),
        ("auk01", {"area": ["151"]}),
        ("minutes_2015.statements", {"row": ["gain_2014"]}),
    ):
        read(name, **only)
    read.note(rates.Rate("x", 815, "kr_per_day", line=7))
    order = ["rates", "minutes_2015.statements", "auk01", "folk1a", "areas"]
    assert read.trace()["table"].drop_duplicates().tolist() == order


def test_numbers_are_the_same_where_they_say_the_same_whatever_was_read_for_them():
    one, other = (Entry("x", 1, 0, "persons", "", "", "", reading=Reading(area)) for area in ("151", "159"))
    assert one == other and "Reading" not in repr(one)
    assert (
        Entry("x", 1, 0, "persons", "", "", "").sense == ""
        and Entry("x", 0.5, 0, "persons", "", "", "", up=1).sense == "up"
    )


def test_the_rise_of_benefits_ahead_is_that_since_the_account_it_is_told_of_though_one_function_has_none():
    there = nowcast.known(load)
    late = there.accounts[(there.accounts["function"] != "5.57.73") | (there.accounts["year"] < 2024)]
    for known in (there, replace(there, accounts=late)):
        (rise,) = [one for one in coming._behind(known, "151") if one.name == "outlook_uprating"]
        assert rise.value == pytest.approx((1.036 * 1.045 - 1) * 100) and rise.period == "2024–2026"


def test_a_table_read_twice_is_traced_with_the_rows_of_both_readings():
    read = Reading("151")
    for quarters in (["2014Q1"], ["2014Q2"], ["2014Q1"]):
        read("auk01", area=["151"], quarter=quarters)
    assert read.trace()[["line", "printed"]].to_numpy().tolist() == [[714, "369"], [715, "323"]]
    assert read.addresses() == ("auk01[area 151; quarter 2014Q1, 2014Q2: 2 cells]",)
    read("auk01", area=["151"])
    assert read.addresses() == (f"auk01[area 151: {(load('auk01')['area'] == '151').sum()} cells]",)


def test_a_rate_is_traced_by_its_conditions_and_the_days_it_holds_or_none():
    read = Reading("151")
    first, last = rates.as_date("2014-01-01"), rates.as_date("2014-12-31")
    read.note(
        rates.Rate("x", 815, "kr_per_day", first, last, {"age": "30+"}, line=7), rates.Rate("y", 0.5, "pct", line=9)
    )
    told = [("rates", "data/raw/rates.toml", 7, "x, 30+, 2014-01-01 – 2014-12-31", "815 kr_per_day")]
    told += [("rates", "data/raw/rates.toml", 9, "y, … – …", "0.5 pct")]
    assert [*read.trace().itertuples(index=False, name=None)] == told
    assert read.addresses() == ("rates[x, line 7]", "rates[y, line 9]")
    turned = Reading("151")
    turned.note(*[*read.rates.values()][::-1])
    assert turned.addresses() == read.addresses()


def test_a_reader_of_some_rows_hands_out_what_is_printed_unless_asked_for_what_is_corrected():
    table = "budget_2017.unit_price"
    rows = Reading("151").only({table: {"row": load(table)["row"].unique()}})
    assert rows(table).equals(load(table)) and rows(table, True).equals(load(table, True))
    assert Reading("151")(table).equals(load(table))
    assert not load(table).equals(load(table, True))


def test_the_rates_noted_for_the_checks_are_those_the_checks_compute_with(book):
    noted = {r.name: rates.full_year_kr(r) / 1000 for r in book["figures_wrong"].reading.rates.values()}
    assert noted == pytest.approx({"dagpenge_max": 827 * 260 / 1000, "kontanthjaelp": 14_993 * 12 / 1000})
    found = reconcile()
    by_rate = found[found["source"].str.contains("rates[kontanthjaelp, 2018]", regex=False)]
    assert len(by_rate) == 2 and by_rate["computed"].tolist() == pytest.approx([noted["kontanthjaelp"]] * 2)
    assert f"{noted['dagpenge_max']:.0f} tkr. (dagpenge, 2015)" in " ".join(found["note_da"])


def test_a_weak_rate_makes_its_number_weak(book):
    # the municipal shares of dagpenge before 2016 are press (active) and unverified (passive); the press share's dates are too
    for id in ("kept_dagpenge_active", "kept_dagpenge_passive"):
        weakest = max((r.evidence for r in book[id].reading.rates.values()), key=sources.EVIDENCE.index)
        assert book[id].evidence == weakest == "unverified"
    assert book["implied_price_2021"].evidence == "press" and book["gap_kontanthjaelp_2014"].evidence == "official"


def test_a_neighbour_gets_no_number_of_ballerups_papers_and_is_told_which(neighbour):
    assert neighbour["gap_kontanthjaelp_2014"].danish == "−41,0 persons" and "published_gain_2014" not in neighbour
    assert not any("." in table for entry in neighbour.numbers.values() for table in entry.reading.lines)
    assert "Ballerup" not in " ".join([*neighbour.missing, *neighbour.missing.values()])
    assert "Afprøvede definitioner af besparelsen" in neighbour.missing
    with pytest.raises(NotAvailable, match="kommunens egne regnskaber"):
        Reading("159")("minutes_2015.statements")


def test_an_unknown_id_or_area_is_one_error_that_names_the_nearest(book):
    with pytest.raises(DataError, match="did you mean 'needed_price'"):
        book["need_price"]
    with pytest.raises(DataError, match="is no municipality"):
        numbers.ledger("084")


def test_a_ledger_is_stale_once_a_table_it_read_has_changed(book):
    book.check_fresh()
    with pytest.raises(DataError, match="stale: auk01 changed"):
        replace(book, data=book.data | {"auk01": "sha256:other"}).check_fresh()
