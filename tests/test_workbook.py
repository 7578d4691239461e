"""The workbook is alive: its formulas give the model's øre, in Python and in LibreOffice, and an edited one is read back."""

import io
import random
import re
import shutil
import subprocess
import zipfile
from copy import copy
from dataclasses import replace
from datetime import datetime

import numpy as np
import openpyxl
import pytest
from openpyxl.chart import BarChart
from openpyxl.drawing.image import Image as Picture
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Color, Font, PatternFill
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import range_boundaries
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.views import Pane
from packed import zipped
from PIL import Image

from ballerup_analysis import baselines, cli, costing, files, scenarios, sources, trend
from ballerup_analysis.costing import PARAMETERS, RULES, Change
from ballerup_analysis.paper import formulas, sheets, workbook
from ballerup_analysis.paper.calculator import Calculator, save
from ballerup_analysis.paper.formulas import NAME, WHY
from ballerup_analysis.paper.givens import givens
from ballerup_analysis.paper.sheets import CALCULATION, CHECKS, INPUTS, LAYOUT, RATES, RESULT, SOURCES, START, TOLD
from ballerup_analysis.scenarios import Scenario
from ballerup_analysis.words import words

HALF_ORE_TKR = 0.000005
BUDGET = baselines.budget_2017()
YEARS = BUDGET.years
# every parameter moved, from different years, so that no edit of one input stands alone
BUSY = Scenario("busy", "", "budget_2017", (
    Change("country_points", "2008-2010", 2019), Change("pass_through", 0.9, 2018), Change("gap_points", 0.5, 2018),
    Change("exit_rate_pct", 20, 2018), Change("price_pct", 1.5, 2020), Change("uprating_points", 0.3, 2017),
    Change("activation_points", 2, 2019), Change("activation_effect", 0.2, 2018), Change("sickness_take_up", 0.9, 2017),
    Change("sickness_delay_years", 0.5, 2018), Change(RULES, "2015-06-30", 2020), Change("persons", 120, 2018, "Integration"),
))  # fmt: skip
HOSTILE = Scenario('=HYPERLINK("http://x","y")', "@SUM(1)\n+1", "budget_2017")
OTHER = Scenario("anden", "", changes=(Change("gap_points", 0.5, 2027), Change("persons", 20, 2027, "sygedagpenge")))
OWN = Scenario("egen", "", "own", (Change("exit_rate_pct", -100, 2027), Change("price_pct", 2, 2028, "Løn {1}")))
LOOKED_AT = {"busy": (BUSY, "151"), "hostile": (HOSTILE, "151"), "159": (OTHER, "159"), "own": (OWN, "159")}
OWN_CSV = "Linje;År;Beløb (1.000 kr.);Ydelse\n" + "".join(
    f"{line};{year};{amount + year};{benefit}\n"
    for line, amount, benefit in (
        ("Dagpenge", 1000, "Dagpenge"),
        ("Hjælp", 900, "kontanthjaelp"),
        ("Løn {1}", 300, "other"),
    )
    for year in (2026, 2027, 2028)
)
KEYS = [(one.parameter, one.row) for one in formulas.inputs(BUDGET, ())]
EDITS = {name: [(name, "")] for name, row in KEYS if not row}
EDITS |= {f"{name} by line": [k for k in KEYS if k[1] and k[0] == name] for name in dict(k for k in KEYS if k[1])}


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A folder with a budget of one's own, of three years."""
    folder = tmp_path_factory.mktemp("local")
    (folder / "budget.csv").write_text(OWN_CSV, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BALLERUP_LOCAL", str(folder))
        yield folder


@pytest.fixture(scope="module", params=LOOKED_AT)
def filled(request, local):
    """The name of a workbook, and the workbook not yet saved: one after the other."""
    scenario, area = LOOKED_AT[request.param]
    return request.param, workbook._fill(scenario, scenarios.frame_of(scenario, area))[0]


@pytest.fixture(scope="module")
def built(tmp_path_factory, local):
    """Path, scenario and area of every workbook, by name."""
    folder = tmp_path_factory.mktemp("built")
    return {name: (workbook.build(folder / f"{name}.xlsx", *one), *one) for name, one in LOOKED_AT.items()}


@pytest.fixture(scope="module")
def opened(built):
    """The formulas and the values of every workbook, by name."""
    return {
        name: [openpyxl.load_workbook(path, data_only=values) for values in (False, True)]
        for name, (path, *_) in built.items()
    }


@pytest.fixture(scope="module")
def busy():
    """The busy workbook, and the row of each of its inputs."""
    return workbook._fill(BUSY, BUDGET)


@pytest.fixture(scope="module")
def recalculated(built, tmp_path_factory):
    """The workbooks without their values, computed and saved by LibreOffice in one call."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice (soffice) is not installed: the formulas have not been recalculated")
    folder, bare = tmp_path_factory.mktemp("recalculated"), tmp_path_factory.mktemp("bare")
    for path, *_ in built.values():
        openpyxl.load_workbook(path).save(bare / path.name)  # what openpyxl saves has no values
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "xlsx", "--outdir", str(folder)]
    subprocess.run([*command, *map(str, bare.iterdir())], check=True, capture_output=True, timeout=300)
    return {name: folder / path.name for name, (path, *_) in built.items()}


def typed(book, cells):
    """Return what the workbook gives with other values in some cells, and put the old ones back."""
    old = {(sheet, cell): book[sheet][cell].value for sheet, cell in cells}
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    values = Calculator(book).formulas()
    for (sheet, cell), value in old.items():
        book[sheet][cell] = value
    return values


def test_what_cannot_be_computed_is_written_as_an_error_and_empty_cells_have_no_least_and_no_most(tmp_path):
    book = openpyxl.Workbook()
    for formula in ("=1/0", "=A1+1", '="a"+1', "=MIN(B1:B9)", "=MAX(B1:B9)", "=MIN(C1:C2)", "=IF(B1=0,2,1/0)"):
        book.active.append([formula])
    for formula in ("=AVERAGE(C1:C3)", "=IF(ISNUMBER(C3),1,0)", "=IF(ISNUMBER(C1),1,0)"):  # an empty cell is no number
        book.active.append([formula])
    for formula in ("=D9", "=IF(ISNUMBER(A11),1,0)"):  # a formula gives nought for an empty cell
        book.active.append([formula])
    book.active["C1"], book.active["C2"] = 3, -4
    (tmp_path / "x.xlsx").write_bytes(save(book, "Arial", 10))
    kept = openpyxl.load_workbook(tmp_path / "x.xlsx", data_only=True)
    assert [cell.value for cell in kept.active["A"]] == ["#VALUE!"] * 3 + [0, 0, -4, 2, -0.5, 0, 1, 0, 1]
    assert [*Calculator(book).formulas()["Sheet"]] == [f"A{n}" for n in range(1, 13)]
    assert kept.properties.created == kept.properties.modified == datetime(2017, 1, 1)


def test_a_text_beside_a_formula_or_on_a_chart_is_kept_to_the_letter(tmp_path):
    book, drawn = openpyxl.Workbook(), BarChart()
    book.active["A1"] = '="a & b <c>"'
    drawn.title = "2030-05-05T10:00:00Z"  # no time of the file
    book.active.add_chart(drawn, "E1")
    (tmp_path / "x.xlsx").write_bytes(save(book, "Arial", 10))
    kept = openpyxl.load_workbook(tmp_path / "x.xlsx", data_only=True).active
    assert kept["A1"].value == "a & b <c>"
    assert kept._charts[0].title.tx.rich.p[0].r[0].t == drawn.title.tx.rich.p[0].r[0].t == "2030-05-05T10:00:00Z"


def block(book, values, sheet, title, years):
    """The values of a block: rows × years."""
    page, found = book[sheet], []
    row = next(cell.row for cell in page["A"] if cell.value == title) + 1
    while page.cell(row, 1).value:
        found.append([values[sheet][page.cell(row, 3 + k).coordinate] for k in range(years)])
        row += 1
    return np.array(found, float)


def compare(book, values, changes, frame):
    """Hold every line and year of a workbook against the model, to half an øre."""
    told, on, n = costing.cost(changes, frame), frame.on_ladder, len(frame.years)
    for title, wanted in (
        ("Kommunens udgift i scenariet", told.own_tkr),
        ("Statens udgift i scenariet", told.state_tkr[on]),
        ("Statens udgift før ændringer", costing.cost((), frame).state_tkr[on]),
        ("Personer i scenariet", told.persons[on]),
    ):
        found = block(book, values, CALCULATION, title, n)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=HALF_ORE_TKR, err_msg=title)
    result = block(book, values, RESULT, "Kommunen", n)
    totals = [frame.net_tkr.sum(axis=0), told.own_tkr.sum(axis=0)]
    np.testing.assert_allclose(result[:2] * 1000, totals, rtol=0, atol=HALF_ORE_TKR)
    np.testing.assert_allclose(result[3], (totals[1] - totals[0]) * 1000 / frame.inhabitants, rtol=1e-9, atol=1e-6)
    state = [costing.cost(some, frame).state_tkr.sum(axis=0) for some in ((), changes)]
    result = block(book, values, RESULT, "Staten", n)
    np.testing.assert_allclose(result[:2] * 1000, state, rtol=0, atol=HALF_ORE_TKR)
    np.testing.assert_allclose(result[3], (state[1] - state[0]) * 1000 / frame.inhabitants, rtol=1e-9, atol=1e-6)
    both = block(book, values, RESULT, "Kommunen og staten under ét", n)
    np.testing.assert_allclose(both[0] * 1000, sum(b - a for a, b in (totals, state)), rtol=0, atol=3 * HALF_ORE_TKR)
    by_line = block(book, values, RESULT, "Merudgift linje for linje, kommunen", n)
    np.testing.assert_allclose(by_line * 1000, told.own_tkr - frame.net_tkr, rtol=0, atol=HALF_ORE_TKR)
    more = block(book, values, RESULT, "Personer flere eller færre", n)
    np.testing.assert_allclose(more, (told.persons - frame.persons)[on], rtol=0, atol=1e-6)
    side_by_side = block(book, values, RESULT, "Scenarier side om side (de øvrige er faste)", n)
    np.testing.assert_allclose(side_by_side[0] * 1000, totals[1] - totals[0], rtol=0, atol=2 * HALF_ORE_TKR)


def test_every_value_beside_a_formula_is_libreoffice_s(opened, recalculated):
    off, count = [], 0
    for name, (told, kept) in opened.items():
        there = openpyxl.load_workbook(recalculated[name], data_only=True)
        for page in told:
            for cell in (c for row in page for c in row if c.data_type == "f"):
                ours, theirs = (book[page.title][cell.coordinate].value for book in (kept, there))
                same = ours == theirs or {ours, theirs} <= {None, ""}
                if not same and not (
                    isinstance(ours, float | int) and ours == pytest.approx(theirs, rel=1e-9, abs=1e-7)
                ):
                    off.append((name, page.title, cell.coordinate, ours, theirs))
                count += 1
    assert not off and count > 8_000


def test_every_scenario_and_baseline_gives_the_model_s_numbers(built, opened, local):
    for name, (_, scenario, area) in built.items():
        frame, (book, kept) = scenarios.frame_of(scenario, area), opened[name]
        values = {page.title: {c.coordinate: c.value for row in page for c in row} for page in kept}
        compare(book, values, scenario.changes, frame)
        assert values[CHECKS]["C6"] == "OK", name


@pytest.mark.parametrize("area", ["151", "159"])
def test_nothing_changed_is_nothing_more_and_starts_from_the_accounts(tmp_path, area):
    kept = openpyxl.load_workbook(workbook.build(tmp_path / "x.xlsx", area=area), data_only=True)
    for name in ("kommunens_merudgift", "statens_merudgift"):
        sheet, cells = kept.defined_names[name].attr_text.replace("$", "").split("!")
        assert {cell.value for row in kept[sheet][cells] for cell in row} == {0}, (
            name
        )  # a chart would show 1e-14 as bars
    assert "Regnskab 2024" in kept[INPUTS]["A3"].value


def test_fewer_persons_than_there_are_is_wrong_on_an_empty_line_too():
    book, rows = workbook._fill(OTHER, scenarios.frame_of(OTHER, "159"))
    cell = (INPUTS, f"C{rows['persons', 'Sygedagpenge']}")
    assert [typed(book, {cell: persons})[CHECKS]["C6"] for persons in (20, -20)] == ["OK", "FEJL"]


@pytest.mark.parametrize(("name", "area"), [("budget_2017", "151"), ("accounts", "159")])
def test_a_shipped_scenario_typed_into_the_workbook_gives_its_cost(name, area):
    frame, tried = baselines.baseline(name, area), 0
    book, rows = workbook._fill(Scenario("tom", "", name), frame)
    for key, one in scenarios.shipped().items():
        if "sickness" in key and not frame.promised:
            continue
        cells = {}
        for c in one.changes:
            line = next((line.row for line in frame.lines if c.row and line.benefit == c.row), c.row)
            n = rows[c.parameter, line]
            cells[INPUTS, f"C{n}"] = workbook._rules(c.value) if c.parameter == RULES else c.amount
        compare(book, typed(book, cells), one.changes, frame)
        tried += 1
    assert tried == (11 if frame.promised else 9)


@pytest.mark.parametrize("name", EDITS)
def test_each_input_moves_the_result_as_the_model_does(name, busy):
    book, rows = busy
    changes, cells = [], {}
    for i, key in enumerate(EDITS[name]):
        n, old = rows[key], next((c for c in BUSY.changes if (c.parameter, c.row) == key), None)
        if key[0] == RULES:
            cells[INPUTS, f"C{n}"] = workbook._rules("2017-06-30")
            continue
        p = PARAMETERS[key[0]]
        year = next(year for year in (YEARS * 2)[(i + 3) % 5 :] if not old or year != old.start)
        changes.append(Change(key[0], round(p.low + (p.high - p.low) * (i % 9 + 1) / 11, 3), year, key[1]))
        cells |= {(INPUTS, f"C{n}"): changes[-1].value, (INPUTS, f"D{n}"): year}
    after = (*(c for c in BUSY.changes if (c.parameter, c.row) not in EDITS[name]), *changes)
    moved = np.abs(costing.cost(after, BUDGET).own_tkr - costing.cost(BUSY.changes, BUDGET).own_tkr).max(axis=1)
    lines = [BUDGET.rows.index(row) for _, row in EDITS[name] if row]
    assert (moved[lines] > 1).all() and moved.max() > 1, "an edit without effect proves nothing"
    compare(book, typed(book, cells), after, BUDGET)


def test_the_price_of_a_person_is_the_cost_of_those_there(busy):
    changes = (Change("exit_rate_pct", 20, 2018), Change("price_pct", 2, 2019))
    cells = {(INPUTS, f"C{n}"): None for n in busy[1].values()}
    cells |= {
        (INPUTS, f"{c}{busy[1][one.parameter, '']}"): v
        for one in changes
        for c, v in (("C", one.value), ("D", one.start))
    }
    found = block(busy[0], typed(busy[0], cells), CALCULATION, "Kommunens udgift pr. helårsperson i scenariet", 5)
    told, counted = costing.cost(changes, BUDGET), BUDGET.persons[BUDGET.on_ladder, 0] > 0
    own, persons = told.own_tkr[BUDGET.on_ladder][counted], told.persons[BUDGET.on_ladder][counted]
    np.testing.assert_allclose(found[counted], own * 1000 / persons, rtol=1e-9)


def test_an_edited_price_goes_all_the_way_to_the_cost(busy):
    i, book = BUDGET.rows.index("Kontanthjælp"), busy[0]
    price = BUDGET.price_kr.copy()
    price[i, 1] = 150_000
    page = book[RATES]
    head = next(cell.row for cell in page["A"] if cell.value == "Pris pr. helårsperson før refusion")
    row = next(cell.row for cell in page["A"][head:] if cell.value == "Kontanthjælp")
    found = block(book, typed(book, {(RATES, f"D{row}"): 150_000}), CALCULATION, "Kommunens udgift i scenariet", 5)
    dearer = costing.cost(BUSY.changes, replace(BUDGET, price_kr=price))
    np.testing.assert_allclose(found, dearer.own_tkr, rtol=0, atol=HALF_ORE_TKR)


def test_the_gap_of_2014_and_its_price_are_those_of_the_analysis(opened):
    for name, area in (("busy", "151"), ("159", "159")):
        page = opened[name][1][RESULT]
        told = {row[0].value: row[2].value for row in page}
        gap = trend.fewer(trend.yearly("net_unemployed_kontanthjaelp"), area, base=2013, year=2014).iloc[0]
        assert told["Færre end det (− er flere)"] == pytest.approx(gap["fewer"])
        # 10.689 kr. a month, as printed, × 12
        assert told["Værdi til den pris, før refusion"] == pytest.approx(10_689 * 12 * gap["fewer"] / 1e6)
        published = [label for label in told if label and "Besparelse ifølge referatet" in label]
        assert bool(published) == (area == "151")
        if published:
            assert told["Pris pr. person, der giver den besparelse"] == pytest.approx(7.6e6 / gap["fewer"])


@pytest.mark.parametrize(("spoil", "what"), [
    ({"C": -150}, "exit_rate_pct"),  # beyond what is possible
    ({"C": "meget"}, "gap_points"),
    ({"D": 2031}, "price_pct"),
    ({"C": 90}, "activation_points"),  # more than all are in activation
    ({"C": -90}, "activation_points"),  # fewer than none
    ({"C": "regler pr. i går"}, RULES),
])  # fmt: skip
def test_what_is_not_possible_shows_as_an_error_on_every_sheet(spoil, what, busy):
    book, rows = busy
    values = typed(book, {(INPUTS, f"{column}{rows[what, '']}"): value for column, value in spoil.items()})
    assert {values[title]["B2"] for title in sheets.TOLD} == {"FEJL"}


def test_an_overwritten_formula_a_wrong_total_and_too_few_persons_fail_the_check(busy):
    book, rows = busy
    assert typed(book, {})[START]["B2"] == "OK"
    page = book[CALCULATION]
    net = next(cell.row for cell in page["A"] if cell.value == "Kommunens udgift i scenariet") + 1
    total = next(cell.row for cell in book[RATES]["A"] if cell.value == "Trykt sum") + 1
    for cell in ((CALCULATION, f"D{net}"), (RATES, f"C{total}"), (INPUTS, f"C{rows['persons', 'Fleksjob']}")):
        assert typed(book, {cell: -5_000})[START]["B2"] == "FEJL", cell
    printed, lines = page.parent[RATES][f"C{total}"].value, len(BUDGET.rows)  # each line is rounded by a half at most
    for off, verdict in ((lines / 2 - 2, "OK"), (lines / 2 + 2, "FEJL")):
        off += BUDGET.net_tkr[:, 0].sum() - printed
        assert typed(book, {(RATES, f"C{total}"): printed + off})[START]["B2"] == verdict
    beyond = typed(book, {(INPUTS, f"C{rows['gap_points', '']}"): 1.2})
    assert beyond[START]["B2"] == "OK" and beyond[INPUTS][f"I{rows['gap_points', '']}"] == "uden for det plausible"


def test_every_value_beyond_the_plausible_is_counted_from_the_first_to_the_last(busy):
    book, rows = busy
    label = next(cell.row for cell in book[CHECKS]["A"] if cell.value == "Værdier uden for det plausible")
    cells = {(INPUTS, f"C{rows[key]}"): 99 for key in (KEYS[0], ("price_pct", BUDGET.rows[3]), KEYS[-1])}
    assert KEYS[-1] == ("persons", "Integration")  # 120 of them and 20 pct. more who leave are beyond it already
    assert [typed(book, some)[CHECKS][f"C{label}"] for some in ({}, cells)] == [2, 4]


def test_the_verdict_on_all_counts_from_the_first_verdict_to_the_last(busy):
    page = busy[0][CHECKS]
    first, last = map(int, re.search(r"COUNTIF\(\$I\$(\d+):\$I\$(\d+),ok\)", page["C6"].value).groups())
    verdicts = [cell.row for cell in page["I"] if cell.data_type == "f"]
    years = next(cell.row for cell in page["C"] if cell.value == YEARS[0])
    assert years + 1 == first <= verdicts[0] and last == verdicts[-1] and len(verdicts) > len(busy[1])


def test_the_figures_and_what_is_typed_begin_a_page_of_their_own_and_every_verdict_is_coloured(busy):
    book = busy[0]
    begin = {}
    for page in book:
        for one in page.row_breaks.brk:
            begin.setdefault(page.title, []).append(page[f"A{one.id + 2}"].value)
    assert begin == {RESULT: ["Figurer"], CHECKS: ["Det indtastede"]}
    verdicts = re.search(r"COUNTIF\((.*?),ok\)", book[CHECKS]["C6"].value)[1].replace("$", "")
    assert {str(one.sqref) for one in book[CHECKS].conditional_formatting} == {"B2", "C6", verdicts}
    assert {str(one) for one in book[INPUTS].merged_cells.ranges} == {f"B{row}:H{row}" for row in (9, 10, 11)}


def test_what_a_baseline_does_not_have_has_no_heading_either(busy):
    scenario, area = LOOKED_AT["159"]
    accounts = workbook._fill(scenario, scenarios.frame_of(scenario, area))[0]
    titles = {"Beregning": "Færre personer ved sygedagpengeinvesteringen", CHECKS: "Linjernes sum mod den trykte sum"}
    for book, times in ((busy[0], 1), (accounts, 0)):
        assert [[cell.value for cell in book[page]["A"]].count(title) for page, title in titles.items()] == [times] * 2


def test_inputs_stand_in_groups_and_one_of_the_whole_budget_has_a_name(busy):
    book, rows = busy
    heads = [cell.value for cell in book[INPUTS]["A"]]
    groups = ["For hele budgettet", *(name for name in heads if str(name).endswith(" enkelt linje"))]
    assert [heads.count(name) for name in groups] == [1, 1, 1, 1]
    named = [name for name, told in book.defined_names.items() if told.attr_text.startswith(f"{INPUTS}!$C")]
    assert len(named) == sum(not row for _, row in rows) < len(rows)


def test_the_results_stay_in_sight_above_what_is_typed(busy):
    page = busy[0][INPUTS]
    last = next(cell.row for cell in page["A"] if cell.value == "Statens merudgift")
    assert page.freeze_panes == f"B{last + 1}" and last + 1 < page[NAME].row
    label = next(cell.row for cell in page["A"] if cell.value == "Forudsætning")
    assert page.print_title_rows.replace("$", "") == f"{label}:{label}"


def test_a_number_of_no_year_stands_alone_in_its_row(busy):
    page = busy[0][RESULT]
    row = next(cell.row for cell in page["A"] if cell.value == "Færre end det (− er flere)")
    assert page.cell(row, 3).value and not any(page.cell(row, column).value for column in range(4, 12))


def test_the_rules_to_choose_from_are_read_in_full_at_the_side_of_the_numbers(busy):
    page, rows = busy[0][INPUTS], busy[1]
    cell = page[f"C{rows[RULES, '']}"]
    assert cell.alignment.horizontal == "right" and cell.alignment.wrap_text
    assert page.row_dimensions[cell.row].height == 2 * sheets.LINE_HEIGHT
    numbers = [page[f"C{n}"] for (name, _), n in rows.items() if name != RULES]
    assert not any(one.alignment.wrap_text for one in numbers)


def test_formulas_are_short_hold_no_constant_and_name_their_units(filled):
    _, book = filled
    cells = [(page.title, c.coordinate, c.value) for page in book for row in page for c in row if c.data_type == "f"]
    assert max(len(formula) for *_, formula in cells) <= 120
    numbers = re.compile(r"(?<![\w$.])\d+(?:\.\d+)?(?![\w.:!])")
    found = {n for *_, formula in cells for n in numbers.findall(re.sub(r"\$?[A-Z]{1,2}\$?\d+", "", formula))}
    assert found <= {"0", "1"}
    assert {
        "uger",
        "procent",
        "tusind",
        "mio",
        "uge",
        "kontrol",
        "kommunens_merudgift",
        "ændring_i_landets_ledighed",
    } <= set(book.defined_names)
    assert LAYOUT["units"]["uger"][2] == costing.WEEKS


def test_only_yellow_cells_are_open_and_no_sheet_has_a_password(busy):
    book, rows = busy
    free = {NAME, WHY, *(f"{c}{n}" for n in rows.values() for c in "CD")}
    for page in book:
        assert page.protection.sheet and not page.protection.password
        open_cells = {c.coordinate for row in page for c in row if not c.protection.locked}
        assert open_cells == (free if page.title == INPUTS else set())
        yellow = {c.coordinate for row in page for c in row if c.fill.fgColor.rgb == sheets.YELLOW.fgColor.rgb}
        assert yellow == open_cells


def test_every_sheet_prints_on_a4_and_stays_in_sight_in_one_font(built, opened):
    path, book = built["busy"][0], opened["busy"][0]
    for page in (book[title] for title in sheets.TOLD):
        assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
        assert page.print_area and sum(d.width for d in page.column_dimensions.values()) <= 185
        assert page.title in (START, RATES) or (page.freeze_panes and page.print_title_rows)
    with zipfile.ZipFile(path) as archive:
        named = re.findall(
            rb'(?:<name val|<(?:\w+:)?latin typeface)="([^"]+)"',
            archive.read("xl/styles.xml") + archive.read("xl/theme/theme1.xml"),
        )
        sizes = set(re.findall(rb'<sz val="(\d+)"', archive.read("xl/styles.xml")))
        charts = [archive.read(name) for name in archive.namelist() if "charts/chart" in name]
    assert set(named) == {b"Arial"} and sizes == {b"10", b"15"} and len(charts) == 2
    assert all(chart.count(b"<numCache>") + chart.count(b"<c:numCache>") == 4 for chart in charts)


def test_a_previewer_sees_a_number_beside_every_formula_and_the_bytes_do_not_change(built, opened, tmp_path):
    (path, scenario, area), (told, shown) = built["busy"], opened["busy"]
    empty = [
        c.coordinate
        for page in told
        for row in page
        for c in row
        if c.data_type == "f" and shown[page.title][c.coordinate].value is None
    ]
    assert set(empty) <= {f"I{n}" for n in range(99)}  # remarks that say nothing
    series = [one for page in told for chart in page._charts for one in chart.series]
    for drawn in (some for one in series for some in (one.val.numRef, one.cat.numRef)):
        title, _, cells = drawn.f.replace("'", "").rpartition("!")
        values, kept = [cell.value for row in shown[title][cells] for cell in row], drawn.numCache
        assert (kept.formatCode, kept.ptCount) == ("General", len(values))
        assert [(one.idx, float(one.v)) for one in kept.pt] == [*enumerate(values)]
    assert len(series) == 4
    assert workbook.build(tmp_path / "again.xlsx", scenario, area).read_bytes() == path.read_bytes()


def test_a_chart_draws_the_rows_it_names_over_all_years_and_stands_clear_of_what_is_below(busy):
    page, drawn = busy[0][RESULT], {}
    head = next(cell.row for cell in page["A"] if cell.value == "Figurer")
    below = next(cell.row for cell in page["A"][head:] if cell.value)
    for chart in page._charts:
        assert not chart.x_axis.delete and not chart.y_axis.delete
        assert chart.height / 2.54 * 72 < (below - head - 1) * 15  # rows of 15 points
        for one in chart.series:
            where = [reference.f.replace("'", "") for reference in (one.val.numRef, one.cat.numRef)]
            drawn[one.tx.v], years = (re.fullmatch(rf"{RESULT}!\$C\$(\d+):\$G\$\1", text)[1] for text in where)
            assert [page.cell(int(years), 3 + k).value for k in range(5)] == list(YEARS) and not one.smooth
    lines = {one.tx.v: one.graphicalProperties.line.dashStyle for chart in page._charts for one in chart.series}
    assert [name for name, style in lines.items() if style == "dash"] == ["I scenariet"]
    assert [chart.anchor for chart in page._charts] == [f"A{head + 1}", f"C{head + 1}"]
    labels = {name: page.cell(int(row), 1).value for name, row in drawn.items()}
    more = "Merudgift (+) eller mindreudgift (−)"
    assert labels == {"Før ændringer": "Før ændringer", "I scenariet": "I scenariet", "Kommunen": more, "Staten": more}
    payers = [cell.row for cell in page["A"] if cell.value in ("Kommunen", "Staten")]
    assert [chart.title.tx.rich.p[0].r[0].t.rpartition(", ")[2] for chart in page._charts] == ["mio. kr."] * 2
    assert {page.cell(int(row), 2).value for row in drawn.values()} == {"mio. kr."}
    assert payers[0] < int(drawn["I scenariet"]) < int(drawn["Kommunen"]) < payers[1] < int(drawn["Staten"])


def test_a_yellow_cell_takes_what_is_possible_and_says_what_is_plausible(busy):
    book, rows = busy
    rules = book[INPUTS].data_validations.dataValidation
    for (name, row), n in rows.items():
        value, year = (next(rule for rule in rules if f"{column}{n}" in str(rule.sqref).split()) for column in "CD")
        assert (year.type, year.formula1, year.formula2) == ("whole", "2017", "2021")
        assert year.prompt == "Første år, værdien gælder: 2017 til 2021"
        assert all(
            rule.showErrorMessage and len(rule.prompt or "") <= 255 for rule in (value, year)
        )  # Excel shows no more
        if name == RULES:
            options = [book[RATES][cell].value for cell in re.findall(r"C\d+", value.formula1.replace("$", ""))]
            assert (value.type, value.allow_blank) == ("list", False)
            assert options == [workbook._rules(day) for day in ("2017-06-30", "2015-06-30")]
            continue
        p = PARAMETERS[name]
        label = p.words[0][0].upper() + p.words[0][1:] + ", alle linjer" * (p.by == "line")
        assert book[INPUTS][f"A{n}"].value == (row or label)
        assert (value.type, value.allow_blank) == ("decimal", False)
        assert (float(value.formula1), float(value.formula2)) == (p.least, p.most)
        ends = [f"{end:.1f}".replace(".", ",").replace("-", "−") for end in (p.low, p.high)]
        assert value.prompt == f"Plausibelt: {ends[0]} til {ends[1]}. {p.reason[0]}"
        cells = {column: book[INPUTS][f"{column}{n}"].value for column in "BCDEFG"}
        change = next((c for c in BUSY.changes if (c.parameter, c.row) == (name, row)), None)
        base = None if row else costing.base_of(name, BUDGET)
        told = (p.unit[0], change.amount if change else base, change.start if change else 2018, base, p.low, p.high)
        assert tuple(cells.values()) == told, (name, row)


def test_sources_are_numbered_from_1_and_each_number_leads_to_its_source_and_back(filled):
    _, book = filled
    numbered = {c.value: c.row for c in book[SOURCES]["A"] if isinstance(c.value, int)}
    assert list(numbered) == list(range(1, len(numbered) + 1))
    links = {c.coordinate: (c.value, c.hyperlink.location) for row in book[RATES] for c in row if c.hyperlink}
    assert {number for number, _ in links.values()} == set(numbered)
    assert all(to == f"{SOURCES}!A{numbered[number]}" for number, to in links.values())
    for number, row in numbered.items():
        cells = book[SOURCES][f"C{row}"].value
        assert book[SOURCES][f"C{row}"].hyperlink.location == cells
        area = book[RATES][cells.partition("!")[2]]
        rows = [line[0].row for line in area] if isinstance(area, tuple) else [area.row]
        assert {links[place][0] for place in links if int(re.search(r"\d+", place)[0]) in rows} == {number}
        first, last = (book[RATES].cell(n, 1).value for n in (rows[0], rows[-1]))
        place = book[SOURCES][f"D{row}"].value
        assert place.startswith("projektets satsfil, linje ") or place == (
            first if first == last else f"{first} til {last}"
        )
        page, ends = book[RATES], range_boundaries(cells.partition("!")[2])
        heading = next(page.cell(n, 1).value for n in range(rows[0] - 1, 0, -1) if page.cell(n, 1).font.bold)
        line = first.partition(", uge ")[0]
        alike = ", uge " in first and all(page.cell(n, 1).value.startswith(f"{line}, uge ") for n in rows)
        assert book[SOURCES][f"B{row}"].value == (
            first if len(rows) == 1 else f"{heading}: {line}" if alike else heading
        )
        # from the first figure to the last: numbers or their formulas, and no more to the right
        shown = [[page.cell(n, column) for n in rows] for column in range(ends[0], ends[2] + 2)]
        assert not [c for column in shown[:-1] for c in column if c.data_type == "s"]
        assert all(c.value is None for c in shown[-1])
    kilde = {c.column_letter for row in book[RATES] for c in row if c.value == TOLD[RATES]["told"][1]}
    assert {re.match("[A-Z]+", place)[0] for place in links} == kilde and len(kilde) == 1
    heading, *rules = TOLD[RATES]["rules"]
    at = next(c.row for c in book[RATES]["A"] if c.value == rules[0])
    assert [book[RATES].cell(n, 1).value for n in range(at - 1, at + 2)] == [heading, *rules]


def test_the_weeks_of_a_year_stand_once_each_where_their_name_says(busy):
    sheet, _, cells = busy[0].defined_names["uge"].attr_text.partition("!")
    weeks = [cell.value for row in busy[0][sheet][cells.replace("$", "")] for cell in row]
    assert weeks == list(range(1, 53))


def test_every_word_is_danish_and_a_neighbour_s_workbook_is_the_neighbour_s(filled):
    name, book = filled
    english = re.compile(
        r"\b(the|and|of|with|persons|years?|change|share|baseline|scenario|cost|unemployment|read|budget_2017|none)\b",
        re.I,
    )
    texts = [
        (page.title, c.coordinate, c.value)
        for page in book
        if page.title != workbook.HIDDEN
        for row in page
        for c in row
        if c.data_type == "s" and c.value not in (HOSTILE.name, HOSTILE.why)
    ]
    assert not [one for one in texts if english.search(re.sub(r"https?://\S+", "", one[2]))]
    home = LOOKED_AT[name][1] == "151"
    assert home == any("Ballerup" in text for *_, text in texts) != any("Gladsaxe" in text for *_, text in texts)
    assert "Kun de gule celler kan ændres" in book[INPUTS]["A3"].value
    assert "+ = merudgift, − = mindreudgift" in book[RESULT]["A3"].value


def test_a_shipped_scenario_has_its_danish_name():
    shipped = workbook._fill(scenarios.shipped()["shock_2009"], BUDGET)[0]
    assert shipped[INPUTS][NAME].value == "Ledigheden stiger som efter finanskrisen"
    assert set(words("scenario_names")) == set(words("scenario_reasons")) == set(scenarios.shipped())
    for key, one in scenarios.shipped().items():  # the years and figures of the Danish reason stand in the English one
        assert set(re.findall(r"\d+", words("scenario_reasons")[key])) <= set(re.findall(r"\d+", one.why)), key
        name = words("scenario_names")[key]
        assert ("better" in one.name, "worse" in one.name) == ("bedre" in name, "dårligere" in name), key


def test_every_number_is_an_input_a_sourced_figure_or_a_formula(filled):
    _, book = filled
    years = {c.value for c in book[CALCULATION][5] if c.data_type == "n" and c.value}
    typed_in = {
        c.value
        for title in (CALCULATION, RESULT)
        for row in book[title]
        for c in row
        if c.data_type == "n" and c.value is not None
    }
    assert typed_in == years
    cited = set()
    for row in book[SOURCES].iter_rows(min_row=5, values_only=True):
        if isinstance(row[0], int):
            assert all(row[:6]) and row[5] in sources.DANISH_EVIDENCE.values()
            cited |= {c.row for line in book[RATES][row[2].partition("!")[2]] for c in line}
    with_status = {c.row for row in book[RATES] for c in row if c.value in sources.DANISH_EVIDENCE.values()}
    assert cited == with_status and len(cited) > 60


def test_what_libreoffice_saved_reads_back_as_the_same_scenario_without_warning(built, recalculated):
    for name, (path, scenario, area) in built.items():
        for file in [recalculated[name], path][: 1 + (name == "busy")]:
            found, warnings = workbook.read_back(file)
            same = {(c.parameter, c.row): c for c in scenario.changes}
            assert {(c.parameter, c.row): c for c in found.changes} == same, name
            assert (found.name, found.why, found.baseline) == (scenario.name, scenario.why, scenario.baseline)
            assert [w for w in warnings if "a scenario names no municipality" not in w] == []
            assert len(warnings) == (area != "151")


def test_text_from_a_scenario_is_never_a_formula_and_fits_a_cell(opened, tmp_path):
    page = opened["hostile"][0][INPUTS]
    for cell, text in ((NAME, HOSTILE.name), (WHY, HOSTILE.why)):
        assert (page[cell].value, page[cell].data_type) == (text, "s")
    longest = Scenario(*["x" * files.LENGTH] * 2, "budget_2017", BUSY.changes)
    assert workbook.read_back(workbook.build(tmp_path / "long.xlsx", longest)) == (longest, [])


def test_reading_back_warns_of_overwritten_formulas_and_values_out_of_range(busy, built, tmp_path, capsys):
    n = busy[1]
    cells = {
        (CALCULATION, "D8"): 7,
        (RATES, "C18"): 5_000,
        (INPUTS, f"C{n['exit_rate_pct', '']}"): -40,  # beyond the plausible, within what a scenario may hold
        (INPUTS, f"C{n['gap_points', '']}"): -99,
        (INPUTS, f"C{n['price_pct', '']}"): "meget",
        (INPUTS, f"C{n['uprating_points', '']}"): "=1+1",  # not typed
        (INPUTS, f"D{n['activation_points', '']}"): 2031,
        (INPUTS, f"C{n['sickness_take_up', '']}"): None,  # empty counts as zero, as in the formulas
        (INPUTS, NAME): "Min egen",
        (INPUTS, "B11"): "159 Gladsaxe",  # the municipality is that of the workbook
        (INPUTS, "L30"): "a note of one's own is nobody's business",
    }
    book = openpyxl.load_workbook(built["busy"][0])
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    book.save(tmp_path / "edited.xlsx")
    found, warnings = workbook.read_back(tmp_path / "edited.xlsx")
    left = {c.parameter: c.value for c in found.changes}
    assert found.name == "Min egen" and left["exit_rate_pct"] == -40 and left["country_points"] == "2008-2010"
    assert not left.keys() & {"gap_points", "price_pct", "uprating_points", "activation_points", "sickness_take_up"}
    told = sorted(w.partition(":")[0] for w in warnings)
    silent = (NAME, f"C{n['sickness_take_up', '']}")
    assert told == sorted(f"{sheet}!{cell}" for sheet, cell in cells if cell not in silent)
    assert "formula =IF(" in next(w for w in warnings if w.startswith(f"{CALCULATION}!D8"))
    assert cli.main(["scenario", "from-workbook", str(tmp_path / "edited.xlsx")]) == 0
    said = capsys.readouterr()
    assert scenarios.read(said.out) == found and said.err.splitlines() == [f"warning: {w}" for w in warnings]


def test_rules_are_those_on_the_list_and_names_sheets_and_kinds_of_cells_are_looked_at(built, busy, tmp_path):
    row = busy[1][RULES, ""]
    for typed_in in ("regler pr. 30. JUNI 2015", "regler pr. 1. januar 2099", "regler  pr. 30. juni 2017 x"):
        book = openpyxl.load_workbook(built["busy"][0])
        book[INPUTS][f"C{row}"] = typed_in
        book.save(tmp_path / "rules.xlsx")
        assert any(
            "it must be one on the list; left out" in w for w in workbook.read_back(tmp_path / "rules.xlsx")[1]
        ), typed_in
    book = openpyxl.load_workbook(built["busy"][0])
    book.defined_names["mio"].attr_text = "1"
    book.copy_worksheet(book[INPUTS])
    book[RESULT].defined_names["mio"] = DefinedName("mio", attr_text="1")
    cell = next(c for line in book[RATES] for c in line if c.data_type == "n" and c.value and c.value > 1000)
    cell.value = str(cell.value)
    book.save(tmp_path / "names.xlsx")
    told = workbook.read_back(tmp_path / "names.xlsx")[1]
    assert any(w.startswith("the name mio now means 1, not Satser!C9") for w in told)
    assert f"{RESULT}: the name mio is of this sheet alone; not in the scenario" in told
    assert any("a sheet that was not built" in w for w in told) and any(
        w.startswith(f"{RATES}!{cell.coordinate}") for w in told
    )
    told = workbook.read_back(built["159"][0])[1]
    assert told == ["the workbook is of Gladsaxe; a scenario names no municipality, so choose 159 again"]


def test_an_input_that_is_seen_otherwise_than_it_counts_is_told(built, busy, tmp_path):
    n = busy[1]["price_pct", ""]

    def told(changes):
        book = openpyxl.load_workbook(built["busy"][0])
        for change in changes:
            change(book, book[INPUTS])
        book.save(tmp_path / "seen.xlsx")
        return workbook.read_back(tmp_path / "seen.xlsx")

    def percent(_, page):
        page[f"C{n}"], page[f"C{n}"].number_format = 0.02, "0%"

    form = openpyxl.load_workbook(built["busy"][0])[RESULT]["E10"].number_format

    def look(sheet, cell, form):
        return lambda book, _: setattr(book[sheet][cell], "number_format", form)

    def error(_, page):
        page[NAME], page[NAME].data_type = "#N/A", "e"

    def size(sheet, kind, of, what, how):
        return lambda book, _: setattr(getattr(book[sheet], kind)[of], what, how)

    def frozen(sheet, first, state):
        def change(book, _):
            view = book[sheet].sheet_view
            view.topLeftCell, view.pane = first, Pane(xSplit=1, ySplit=1, topLeftCell="C3", state=state)

        return change

    for changes in (
        [
            (percent, f"{INPUTS}!C{n}: the format is now 0%; what counts is 0.02"),
            (lambda _, page: setattr(page.row_dimensions[n], "hidden", True), f"{INPUTS}: row {n} is hidden, and counts"),
            (lambda _, page: setattr(page.column_dimensions["D"], "hidden", True), f"{INPUTS}: column D is hidden, and counts"),
            (lambda _, page: page.merge_cells("A1:B1"), f"{INPUTS}: the merged cells are not as built; what counts is what stands in the cells"),
            (lambda _, page: page.__setitem__("J20", 1), f"{INPUTS}!J20: not built; not in the scenario"),
            (lambda _, page: page.__setitem__(NAME, '="A"&"B"'), f"{INPUTS}!{NAME}: a formula is no text; left out"),
            (size(RESULT, "row_dimensions", 10, "hidden", True), f"{RESULT}: row 10 is hidden"),
            (size(CHECKS, "column_dimensions", "B", "width", 0.9), f"{CHECKS}: column B is hidden"),
            (frozen(RESULT, "A2", "frozen"), f"{RESULT}: row 1 is hidden"),
            (lambda _, page: setattr(page[f"C{n}"], "alignment", Alignment(horizontal="fill")), f"{INPUTS}!C{n}: it is repeated until its cell is full; what counts is 0.02"),
            (look(RESULT, "E10", '"−7,6"'), f'{RESULT}!E10: the format is now "−7,6"; what is shown is not what was computed'),
        ],
        [
            (lambda _, page: setattr(page, "sheet_state", "veryHidden"), f"{INPUTS}: the sheet is hidden, and counts"),
            (lambda book, _: setattr(book[RESULT], "sheet_state", "hidden"), f"{RESULT}: the sheet is hidden"),
            (lambda _, page: page.__setitem__(NAME, 7.6), f"{INPUTS}!{NAME}: 7.6 is no text; left out"),
            (lambda _, page: page.__setitem__(WHY, 0), f"{INPUTS}!{WHY}: 0 is no text; left out"),
        ],
        [
            (size(INPUTS, "row_dimensions", n, "height", 2.9), f"{INPUTS}: row {n} is hidden, and counts"),
            (size(INPUTS, "column_dimensions", "C", "width", 0.1), f"{INPUTS}: column C is hidden, and counts"),
            (look(RESULT, "E10", '"−7,6"#'), f'{RESULT}!E10: the format is now "−7,6"#; what is shown is not what was computed'),
            (lambda _, page: page.__setitem__(NAME, None), f"{INPUTS}!{NAME}: nothing is no text; left out"),
            (lambda _, page: page.__setitem__(f"D{n}", 0), f"{INPUTS}!D{n}: starts in 0; it must be one of 2017, 2018, 2019, 2020, 2021; left out"),
        ],
        [(error, f"{INPUTS}!{NAME}: #N/A is no text; left out")],
        [
            (look(RESULT, "E10", form.replace('"−"', "\\−")), None),  # as LibreOffice writes it
            (size(INPUTS, "row_dimensions", n, "height", 3), None),
            (size(INPUTS, "column_dimensions", "C", "width", 1), None),
            (size(RESULT, "row_dimensions", 400, "hidden", True), None),
            (frozen(RESULT, "B2", "split"), None), (frozen(CHECKS, "A1", "frozen"), None),
            (frozen(INPUTS, "A1:C3", "frozen"), None), (frozen(START, "x", "frozen"), None),
            (lambda _, page: page.__setitem__(WHY, "fordi"), None),
        ],
    ):  # fmt: skip
        found, warned = told([change for change, _ in changes])
        assert set(warned) == {says for _, says in changes if says}
        assert (found.name, found.why in ("", "fordi")) == ("busy", True)
    page = openpyxl.load_workbook(built["busy"][0])[INPUTS]
    page.row_dimensions[n].height = 0  # which openpyxl does not save, but reads
    assert workbook._hidden(page, page) == [f"row {n}"]


def test_what_cannot_be_seen_or_is_shown_by_another_condition_is_told(built, busy, tmp_path):
    n = busy[1]["price_pct", ""]
    yellow, points = Color(rgb="FFFFF3CD"), "{}: its letters are of {:g} points"
    alike = "{}: its letters have the colour of the cell"
    conditional = "{}: the formats by condition are not as built; what {} is what stands in the cells"

    def letters(at, **how):
        return lambda book: setattr(book[at[0]][at[1]], "font", Font(name="Arial", **how))

    def ground(at, color):
        return lambda book: setattr(book[at[0]][at[1]], "fill", PatternFill("solid", color, color))

    def rule(sheet, at, **how):
        def change(book):
            (told,) = [one for one in book[sheet].conditional_formatting if str(one.sqref) == at]
            told.rules[0].dxf = copy(told.rules[0].dxf)  # which the sheets share
            for name, value in how.items():
                where, _, what = name.rpartition("_")
                setattr(told.rules[0].dxf if where else told.rules[0], what or name, value)

        return change

    def more(book):
        book[INPUTS].conditional_formatting.add("B2", CellIsRule("greaterThan", ["1"], font=Font(color="FFFFFF")))

    def tabled(book):  # whose style may be white on white
        book[CHECKS].add_table(Table(displayName="T", ref="A12:B14"))

    value, label, note, shown = (INPUTS, f"C{n}"), (INPUTS, f"A{n}"), (INPUTS, WHY), (RESULT, "E10")
    said, counts = "!".join, "; what counts is 1.5"
    for changes in (
        [
            (letters(value, color=yellow), alike.format(said(value)) + counts), (letters(shown, color="FFFFFF"), alike.format(said(shown))),
            (letters(label, color=Color(indexed=1)), alike.format(said(label))),
            (rule(INPUTS, "B2", formula=['"FEJL"']), conditional.format(INPUTS, "counts")), (rule(CHECKS, "C6", operator="notEqual"), conditional.format(CHECKS, "holds")),
        ],
        [
            (letters(value, color=Color(theme=0)), alike.format(said(value)) + counts), (letters(label, size=2.5), points.format(said(label), 2.5)),
            (letters((INPUTS, f"D{n}"), strike=True), f"{INPUTS}!D{n}: it is struck through; what counts is 2020"),
            (letters((INPUTS, NAME), size=1), f"{INPUTS}!{NAME}: its letters are of 1 point; what counts is busy"),
            (rule(INPUTS, "B2", dxf_font=Font(color="FFFFFF")), conditional.format(INPUTS, "counts")), (rule(RESULT, "B2", dxf_fill=PatternFill(bgColor="F8C9C4")), conditional.format(RESULT, "holds")),
        ],
        [(ground(value, "FF000000"), alike.format(said(value)) + counts), (rule(RESULT, "B2", stopIfTrue=True), conditional.format(RESULT, "holds")), (more, conditional.format(INPUTS, "counts"))],
        [(tabled, conditional.format(CHECKS, "holds"))],
        [(letters(value, size=2), points.format(said(value), 2) + counts), (rule(INPUTS, "B2", dxf_numFmt=NumberFormat(199, '"OK"')), conditional.format(INPUTS, "counts"))],
        [
            (letters(value, color="C00000"), None), (letters(label, size=3), None), (letters(note, color="FFF2CC"), None),  # nothing stands there
            (ground(value, "DDDDDD"), None), (rule(INPUTS, "B2", priority=1), None),
        ],
    ):  # fmt: skip
        book = openpyxl.load_workbook(built["busy"][0])
        for change, _ in changes:
            change(book)
        book.save(tmp_path / "unseen.xlsx")
        assert set(workbook.read_back(tmp_path / "unseen.xlsx")[1]) == {says for _, says in changes if says}


@pytest.mark.parametrize(("way", "shows"), [({"calcMode": "manual"}, False), ({"fullPrecision": False}, False), ({"calcMode": "auto", "fullPrecision": True}, True)])  # fmt: skip
def test_a_way_of_computing_or_showing_that_hides_what_counts_is_told(way, shows, built, tmp_path):
    book = openpyxl.load_workbook(built["busy"][0])
    for what, value in way.items():
        setattr(book.calculation, what, value)
    for title in (INPUTS, RESULT):
        book[title].sheet_view.showZeros = shows
    book[CHECKS].sheet_view.showFormulas = not shows
    book.save(tmp_path / "way.xlsx")
    told = {f"{INPUTS}: each 0 is hidden, and counts", f"{RESULT}: each 0 is hidden", f"{CHECKS}: the value of each formula is hidden", workbook.BY_HAND}  # fmt: skip
    assert set(workbook.read_back(tmp_path / "way.xlsx")[1]) == (set() if shows else told)


def test_formats_by_condition_of_later_programs_are_told(built, tmp_path):
    later = '<extLst><ext uri="later" xmlns:x14="urn:later"><x14:conditionalFormatting/></ext></extLst></worksheet>'
    with zipfile.ZipFile(built["busy"][0]) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace("</worksheet>", later)
    (tmp_path / "later.xlsx").write_bytes(zipped(parts))
    assert workbook.read_back(tmp_path / "later.xlsx")[1] == [workbook.LATER_FORMATS]


def test_what_is_drawn_over_cells_or_draws_others_is_told_and_a_picture_refused(built, tmp_path):
    def changed(change):
        book = openpyxl.load_workbook(built["busy"][0])
        change(book)
        book.save(tmp_path / "drawn.xlsx")
        return workbook.read_back(tmp_path / "drawn.xlsx")[1]

    def other(book):
        book[RESULT]._charts[0].series[0].val.numRef.f = "'Satser'!$C$10:$G$10"

    for change, page in ((other, RESULT), (lambda book: book[INPUTS].add_chart(BarChart(), "C16"), INPUTS)):
        assert changed(change) == [f"{page}: the figures are not as built; {workbook.STANDS}"]
    with pytest.raises(
        sources.DataError, match=r"drawn.xlsx holds a picture, which may cover a number or show another"
    ):
        Image.new("RGB", (9, 9)).save(drawn := io.BytesIO(), "png")
        changed(lambda book: book[INPUTS].add_image(Picture(drawn), "C16"))
    shape = with_part(built["busy"][0], tmp_path / "x.xlsx", "xl/drawings/drawing1.xml",
        lambda text: re.sub(rb"<(\w+:)?(?=oneCellAnchor|twoCellAnchor|absoluteAnchor)", rb"<\1sp/><\1", text, count=1))  # fmt: skip
    assert workbook.read_back(shape)[1] == [workbook.SHAPES]


def test_a_name_and_a_reason_are_read_as_they_are_typed_to_the_last_sign(built, tmp_path):
    for typed_in, read in ((("$bu sy' ", "It's 5 $ "), ("$bu sy' ", "It's 5 $ ")), ((" ", None), ("busy", ""))):
        book = openpyxl.load_workbook(built["busy"][0])
        book[INPUTS][NAME], book[INPUTS][WHY] = typed_in
        book.save(tmp_path / "named.xlsx")
        found, told = workbook.read_back(tmp_path / "named.xlsx")
        assert (found.name, found.why) == read
        assert told == ([] if read == typed_in else [f"{INPUTS}!{NAME}:   is no text; left out"])


def test_a_figure_off_by_one_thousandth_is_told_and_an_input_off_by_as_much_is_another_input(busy, built, tmp_path):
    book = openpyxl.load_workbook(built["busy"][0])
    figures = [c for row in book[RATES] for c in row if c.data_type == "n" and c.value and c.value > 1000][:3]
    for cell in figures:
        cell.value *= 1.001
    price = book[INPUTS][f"C{busy[1]['price_pct', '']}"]
    price.value *= 1.001
    book.save(tmp_path / "near.xlsx")
    found, warnings = workbook.read_back(tmp_path / "near.xlsx")
    assert [w.partition(":")[0] for w in warnings] == [f"{RATES}!{cell.coordinate}" for cell in figures]
    assert next(c.value for c in found.changes if c.parameter == "price_pct") == pytest.approx(1.5015, rel=1e-12)


def test_a_warning_repeats_no_text_without_end(built, tmp_path):
    book = openpyxl.load_workbook(built["busy"][0])
    book[INPUTS]["A1"] = "x" * 30_000
    book.save(tmp_path / "long.xlsx")
    (warning,) = workbook.read_back(tmp_path / "long.xlsx")[1]
    assert (
        warning.startswith(f"{INPUTS}!A1: ") and warning.endswith("xxx; not in the scenario") and len(warning) == 1003
    )
    assert workbook._short("x" * 1000) == "x" * 1000 and workbook._short("x" * 1001) == f"{'x' * 700} … {'x' * 300}"


def test_formulas_turned_into_text_are_told(built, tmp_path):
    book = openpyxl.load_workbook(built["159"][0])
    for page in book:
        for cell in (c for row in page for c in row if c.data_type == "f"):
            cell.data_type = "s"
    book.save(tmp_path / "text.xlsx")
    _, warnings = workbook.read_back(tmp_path / "text.xlsx")
    assert len(warnings) < 90 and sum("holds it as text" in w for w in warnings) >= 50
    assert any(re.fullmatch(rf"{CALCULATION}: [\d.]+ more cells are not as built", w) for w in warnings)


@pytest.mark.parametrize(("spoil", "message"), [
    (lambda book: book.remove(book[RATES]), "no sheet Satser"),
    (lambda book: book[INPUTS].insert_rows(14), "rows have been moved"),
    (lambda book: book[workbook.HIDDEN].__setitem__("A1", "name ="), "is no scenario"),
    (lambda book: book[workbook.HIDDEN].__setitem__("A2", None), "the sheet Scenarie has been emptied"),
])  # fmt: skip
def test_a_workbook_that_is_not_ours_is_one_clear_error(spoil, message, built, tmp_path, capsys):
    book = openpyxl.load_workbook(built["busy"][0])
    spoil(book)
    book.save(tmp_path / "spoilt.xlsx")
    assert cli.main(["scenario", "from-workbook", str(tmp_path / "spoilt.xlsx")]) == 1
    told = capsys.readouterr()
    assert message in told.err and told.err.count("\n") == 1 and not told.out


@pytest.mark.parametrize(("content", "says"), [
    (b"no zip", "is no workbook"), (None, "cannot be read"), (b"PK\x03\x04rest", "is a damaged workbook"), (b"x" * 5_100_000, "at most 5,0 MB"),
    (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
])  # fmt: skip
def test_a_file_that_is_no_workbook_is_one_clear_error(content, says, tmp_path, capsys):
    path = tmp_path / "x.xlsx"
    if content:
        path.write_bytes(content)
    assert cli.main(["scenario", "from-workbook", str(path)]) == 1
    told = capsys.readouterr().err
    assert says in told and "x.xlsx" in told and told.count("\n") == 1


def test_a_damaged_workbook_is_one_line_or_its_scenario_never_a_traceback(built, tmp_path):
    whole, chance, ends = built["159"][0].read_bytes(), random.Random(16), set()
    for _ in range(25):
        raw = bytearray(whole)
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        (tmp_path / "x.xlsx").write_bytes(raw)
        try:
            workbook.read_back(tmp_path / "x.xlsx")
            ends.add("read")
        except sources.DataError as error:
            assert "\n" not in str(error)
            ends.add("refused")
    assert "refused" in ends


def test_a_folder_that_cannot_be_written_keeps_the_previous_file(tmp_path, monkeypatch):
    path = workbook.build(tmp_path / "bilag.xlsx")
    before = path.read_bytes()

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.replace", refuse)
    monkeypatch.setattr(type(path), "replace", refuse)
    with pytest.raises(sources.DataError, match=r"bilag\.xlsx cannot be written \(Permission denied\)"):
        workbook.build(path, BUSY)
    assert path.read_bytes() == before


def test_a_scenario_of_ballerup_alone_is_refused_for_a_neighbour(tmp_path):
    with pytest.raises(costing.ScenarioError, match="printed for Ballerup alone"):
        workbook.build(tmp_path / "x.xlsx", scenarios.shipped()["sickness_late"], "159")
    assert workbook.read_back(workbook.build(tmp_path / "x.xlsx", area="159"))[0].baseline == "accounts"


def test_numbers_of_an_own_budget_that_no_total_covers_are_not_reconciled_and_no_others_are_doubted_for_it(
    local, monkeypatch
):
    frame = scenarios.frame_of(OWN, "159")
    assert frame.unreconciled
    for unreconciled in (True, False):
        other = {"anden": (Change("gap_points", 0.5, 2027),)}
        told = givens(replace(frame, unreconciled=unreconciled), ("2026-06-30", "2015-06-30"), other)
        doubted = {name for name, rows in told.items() if {one.evidence for one in rows} == {"ikke afstemt"}}
        assert doubted == ({"net0", "persons0", "gross", "other_scenario"} & {*told} if unreconciled else set())
    monkeypatch.setitem(LAYOUT["origins"], "gross", {"any": ["own", "assumed"]})
    (told,) = {one.evidence for one in givens(frame, ("2026-06-30", "2015-06-30"), {})["gross"]}
    assert told == "antaget"  # what is surer does not make it so


def test_figures_of_an_own_budget_are_told_as_that_and_only_its_amounts_as_published(local, opened):
    frame = replace(scenarios.frame_of(OWN, "159"), unreconciled=False)
    told = givens(frame, ("2026-06-30", "2015-06-30"), {})
    origin = {name: {(one.source, one.evidence) for one in told[name]} for name in ("net0", "persons0", "gross")}
    mine = "Kommunens eget budget"
    assert origin == {"net0": {(mine, "offentliggjort")}, "persons0": {(mine, "udledt")}, "gross": {(mine, "udledt")}}
    said = [cell.value for cell in opened["own"][0][START]["A"] if cell.value]
    assert "Linjerne er dem i kommunens eget budget." in said
    assert any("Udgangspunkt: Eget budget. Budgettets egne priser" in one for one in said)


def test_what_is_less_than_half_of_the_last_decimal_shown_is_shown_as_none_and_less_has_a_minus(busy):
    for name, form in sheets.FORMS.items():
        if form in ("General", "0"):
            continue
        more, less, *none = form.split(";")
        shown = more.rpartition("]")[2]
        assert less.rpartition("]")[2] == '"−"' + shown.removeprefix("+"), name
        if none:
            half = 0.5 / 10 ** len(shown.partition(".")[2])
            limits = [float(re.match(r"\[[<>]=(-?[\d.]+)\]", one)[1]) for one in (more, less)]
            assert (limits, none) == ([half, -half], ['"0"']), name
    page = busy[0][RATES]
    cell = next(page.cell(c.row, 3) for c in page["A"] if c.value == "Besparelse i 2014 ifølge referatet")
    assert (cell.value, cell.number_format) == (7.6, sheets.FORMS["tenth"])


def test_a_named_row_of_results_is_the_row_its_name_says(opened):
    book = opened["busy"][0]
    page, heads = book[RESULT], {"kommunens": "Kommunen", "statens": "Staten"}
    labels = {"udgift": "I scenariet", "merudgift": "Merudgift (+) eller mindreudgift (−)"}
    for name in sheets.LAYOUT["row_names"].values():
        payer, what = name.split("_")
        row = int(re.search(r"\d+", book.defined_names[name].attr_text)[0])
        above = next(page.cell(n, 1).value for n in range(row, 0, -1) if page.cell(n, 1).font.bold)
        assert (page.cell(row, 1).value, above) == (labels[what], heads[payer])


def test_a_share_that_mixes_active_and_passive_says_how_many_are_taken_as_active():
    told = givens(replace(BUDGET, active=0.5), ("2017-06-30", "2015-06-30"), {})["step"]
    mixed = [one.source for one in told if "aktive og passive vægtet" in one.source]
    assert mixed and all("vægtet med 50 pct. aktive, som er antaget" in one for one in mixed)


def test_a_line_with_persons_in_one_year_alone_has_its_persons_among_the_numbers():
    persons, there = BUDGET.persons.copy(), BUDGET.rows.index("Revalidering")
    persons[there, 1:] = 0
    told = givens(replace(BUDGET, persons=persons), ("2017-06-30", "2015-06-30"), {})["persons0"]
    assert persons[there, 0] and [one.values for one in told if one.key == "Revalidering"] == [(*persons[there],)]


def test_what_other_scenarios_cost_is_given_to_the_oere():
    other = {"anden": (Change("exit_rate_pct", 7, 2018),)}
    (told,) = givens(BUDGET, ("2017-06-30", "2015-06-30"), other)["other_scenario"]
    before, after = (costing.cost(changes, BUDGET).own_tkr.sum(axis=0) for changes in ((), other["anden"]))
    assert [*told.values] == [*np.round((after - before) / 1000, 8)] and any(told.values)


def with_part(path, to, part, change):
    """Write a workbook in which one part is changed."""
    with zipfile.ZipFile(path) as book, zipfile.ZipFile(to, "w") as other:
        for name in book.namelist():
            whole = book.read(name)
            text = change(whole) if name == part else whole
            assert name != part or text != whole
            other.writestr(name, text)
    return to


def in_c16(value):
    cell = rb'(<c r="C16"[^>]*>)<v>[^<]*</v>'
    return "xl/worksheets/sheet2.xml", lambda text: re.sub(cell, lambda found: found[1] + value.encode(), text)


DAMAGED = {
    **{digits: (*in_c16(f"<v>{digits}</v>"), "a number as no program writes it") for digits in ("0_1", "2_5", "\uff12", "\u0662")},
    "two values": (*in_c16("<v>0.5</v><v>0.9</v>"), "cell C16 has two values"),
    "half a theme": ("xl/theme/theme1.xml", lambda text: text[:-20], r"is a damaged workbook \(ParseError\)"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGED)
def test_what_readers_do_not_agree_on_and_no_program_writes_is_damaged(built, tmp_path, what):
    part, change, says = DAMAGED[what]
    with pytest.raises(sources.DataError, match=says):
        workbook.read_back(with_part(built["busy"][0], tmp_path / "x.xlsx", part, change))


def test_a_name_of_nothing_is_told_and_no_text_of_a_workbook_makes_a_line_of_its_own(built, tmp_path, capsys):
    path = with_part(built["busy"][0], tmp_path / "x.xlsx", "xl/workbook.xml",
        lambda text: text.replace(b"</definedNames>", b'<definedName name="tom"/></definedNames>'))  # fmt: skip
    cell = b'<c r="A9" t="inlineStr"><is><t>A&#10;warning: gap_points is 99&#x202e;</t></is></c>'
    other = with_part(path, tmp_path / "y.xlsx", "xl/worksheets/sheet2.xml",
        lambda text: re.sub(rb'<c r="A9".*?</c>', lambda _: cell, text, count=1))  # fmt: skip
    assert cli.main(["scenario", "from-workbook", str(other)]) == 0
    told = capsys.readouterr().err
    assert "now holds A warning: gap_points is 99‹U+202E›; not in the scenario" in told
    assert all(line.startswith("warning: Indtastning!") for line in told.splitlines())
