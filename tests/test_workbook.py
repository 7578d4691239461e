"""The workbook is alive: LibreOffice recalculates it to Python's øre, and an edited one is read back as a scenario."""

import shutil
import subprocess
from dataclasses import replace

import numpy as np
import openpyxl
import pytest

from ballerup_analysis import baselines, cli, costing, scenarios, sources
from ballerup_analysis import trend as gain
from ballerup_analysis.costing import PARAMETERS, RULES, Change, rows_of
from ballerup_analysis.paper import sheets, workbook
from ballerup_analysis.paper.sheets import CALCULATION, EXIT, INPUTS, RATES, RESULT, SOURCES
from ballerup_analysis.scenarios import Scenario

FRAMES = {"151": baselines.budget_2017(), "159": baselines.accounts("159")}
BUDGET, YEARS = FRAMES["151"], FRAMES["151"].years
HALF_ORE_TKR = 0.000005
# every parameter moved, from different years, so that no edit of one input stands alone
BUSY = Scenario("busy", "", "budget_2017", (
    Change("country_points", "2008-2010", 2019), Change("pass_through", 0.9, 2018), Change("gap_points", 0.5, 2018),
    Change("exit_rate_pct", 20, 2018), Change("price_pct", 1.5, 2020), Change("uprating_points", 0.3, 2017),
    Change("activation_points", 2, 2019), Change("activation_effect", 0.2, 2018), Change("sickness_take_up", 0.9, 2017),
    Change("sickness_delay_years", 0.5, 2018), Change(RULES, "2015-06-30", 2020), Change("persons", 120, 2018, "Integration"),
))  # fmt: skip
HOSTILE = Scenario('=HYPERLINK("http://x","y")', "@SUM(1)\n+1", "budget_2017")
OTHER = Scenario("other", "", changes=(Change("gap_points", 0.5, 2027), Change("persons", -20, 2027, "sygedagpenge")))
KEYS = [(name, "") for name in (*PARAMETERS, RULES) if name != "persons"]
KEYS += [(name, row) for name, p in PARAMETERS.items() if p.by != "frame" for row in rows_of(name, BUDGET)]
EDITS = {" ".join(key).strip(): [key] for key in KEYS if not key[1]}
EDITS |= {
    f"{name} by line": [k for k in KEYS if k[1] and k[0] == name] for name in ("exit_rate_pct", "price_pct", "persons")
}


def edited(key):
    """Return the change an edit makes: another value than before, from another year."""
    low, high, i = PARAMETERS[key[0]].low, PARAMETERS[key[0]].high, KEYS.index(key)
    old = next((c for c in BUSY.changes if (c.parameter, c.row) == key), Change("gap_points", 0))
    year = next(year for year in (YEARS * 2)[(i + 3) % 5 :] if year != old.start)
    new = Change(key[0], round(low + (high - low) * (i % 9 + 1) / 11, 3), year, key[1])
    assert new.value != old.value
    return new


def save_edited(book, path, cells):
    """Save a workbook with other values in some cells, and put the old ones back."""
    old = {(sheet, cell): book[sheet][cell].value for sheet, cell in cells}
    for values in (cells, old):
        for (sheet, cell), value in values.items():
            book[sheet][cell] = value
        if values is cells:
            book.save(path)
    return path


def inputs(path):
    """Return the row of every input, by parameter and line."""
    sheet = openpyxl.load_workbook(path)[INPUTS]
    told = {(sheet[f"J{n}"].value, sheet[f"B{n}"].value or ""): n for n in range(7, sheet.max_row + 1)}
    return {(name, "" if row == "alle linjer" else row): n for (name, row), n in told.items()}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Every workbook the tests look at: path, scenario and area by name, before LibreOffice has seen it."""
    folder, found = tmp_path_factory.mktemp("built"), {}
    told = {name: (replace(s, baseline="budget_2017"), "151") for name, s in scenarios.shipped().items()}
    told |= {"busy": (BUSY, "151"), "hostile": (HOSTILE, "151"), "159": (OTHER, "159")}
    for name, (scenario, area) in told.items():
        found[name] = workbook.build(folder / f"{name}.xlsx", scenario, area), scenario, area
    busy, rows = openpyxl.load_workbook(found["busy"][0]), inputs(found["busy"][0])
    assert set(rows) == set(KEYS)
    for name, keys in EDITS.items():
        changes = [edited(key) for key in keys if key[0] != RULES]
        cells = {(INPUTS, f"C{rows[c.parameter, c.row]}"): c.value for c in changes}
        cells |= {(INPUTS, f"D{rows[c.parameter, c.row]}"): c.start for c in changes}
        if name == RULES:  # the other one on the list
            cells = {(INPUTS, f"C{rows[RULES, '']}"): "regler pr. 2017-06-30"}
        kept = [c for c in BUSY.changes if (c.parameter, c.row) not in keys]
        path = save_edited(busy, folder / f"edit {name}.xlsx", cells)
        found[f"edit {name}"] = path, replace(BUSY, changes=(*kept, *changes)), "151"
    return found


@pytest.fixture(scope="module")
def recalculated(built, tmp_path_factory):
    """The same workbooks, opened, recalculated and saved by LibreOffice, in one call."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice (soffice) is not installed: the formulas have not been recalculated")
    folder = tmp_path_factory.mktemp("recalculated")
    busy = openpyxl.load_workbook(built["busy"][0])
    head = next(cell.row for cell in busy[RATES]["A"] if cell.value == "Pris pr. helårsperson før refusion")
    rate = next(cell.row for cell in busy[RATES]["A"][head:] if cell.value == "Kontanthjælp")
    dearer = save_edited(busy, built["busy"][0].with_name("dearer.xlsx"), {(RATES, f"D{rate}"): 150_000})
    files = [str(path) for path, *_ in built.values()] + [str(dearer)]
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", "--headless", profile, "--convert-to", "xlsx", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return {name: folder / path.name for name, (path, *_) in built.items()} | {"dearer": folder / dearer.name}


def page(path, sheet, values=False):
    return openpyxl.load_workbook(path, data_only=values)[sheet]


def block(sheet, title, rows, years=YEARS):
    """The numbers of a block: rows × years."""
    head = next(cell.row for cell in sheet["A"] if cell.value == title)
    assert [sheet.cell(head, k).value for k in range(3, 8)] == list(years)
    assert [sheet.cell(head + 1 + i, 1).value for i in range(len(rows))] == list(rows)
    return np.array([[sheet.cell(head + 1 + i, k).value for k in range(3, 8)] for i in range(len(rows))], float)


def compare(path, changes, area="151"):
    book, b = openpyxl.load_workbook(path, data_only=True), FRAMES[area]
    net, state, _ = costing.cost(changes, b)
    on = b.on_ladder
    ladder, calculation = np.array(b.rows)[on], book[CALCULATION]
    for title, rows, wanted in (
        ("Kommunens udgift i scenariet", b.rows, net),
        ("Statens udgift i scenariet", ladder, state[on]),
        ("Statens udgift før ændringer", ladder, costing.cost((), b).state_tkr[on]),
    ):
        found = block(calculation, title, rows, b.years)
        np.testing.assert_allclose(found, wanted, rtol=0, atol=HALF_ORE_TKR, err_msg=title)
    both = ["Kommunen i scenariet", "Kommunen før ændringer"]
    result = block(book[RESULT], "Kommunen", both, b.years)
    np.testing.assert_allclose(result, [net.sum(axis=0), b.net_tkr.sum(axis=0)], rtol=0, atol=HALF_ORE_TKR)


@pytest.mark.parametrize("name", [*scenarios.shipped(), "busy", "159"])
def test_shipped_scenarios_recalculate_to_the_ore(name, built, recalculated):
    _, scenario, area = built[name]
    compare(recalculated[name], scenario.changes, area)


@pytest.mark.parametrize("name", EDITS)
def test_each_edited_input_recalculates_to_the_ore_and_matters(name, built, recalculated):
    _, scenario, _ = built[f"edit {name}"]
    moved = np.abs(costing.cost(scenario.changes, BUDGET)[0] - costing.cost(BUSY.changes, BUDGET)[0]).max(axis=1)
    lines = [BUDGET.rows.index(row) for _, row in EDITS[name] if row]
    assert (moved[lines] > 1).all() and moved.max() > 1, "an edit without effect proves nothing"
    compare(recalculated[f"edit {name}"], scenario.changes)


def test_an_edited_price_goes_all_the_way_to_the_cost(recalculated):
    i = BUDGET.rows.index("Kontanthjælp")
    price = BUDGET.price_kr.copy()
    price[i, 1] = 150_000
    dearer = costing.cost(BUSY.changes, replace(BUDGET, price_kr=price))
    found = block(page(recalculated["dearer"], CALCULATION, True), "Kommunens udgift i scenariet", BUDGET.rows)
    np.testing.assert_allclose(found, dearer.own_tkr, rtol=0, atol=HALF_ORE_TKR)


def test_the_gap_of_2014_and_its_price_are_those_of_the_analysis(recalculated):
    told = {row[0].value: row[2].value for row in page(recalculated["as_it_stands"], RESULT, True)}
    gap = gain.fewer(gain.yearly("net_unemployed_kontanthjaelp"), "151", base=2013, year=2014).iloc[0]
    published = sources.load("minutes_2015.statements").set_index("row")["value"]["gain_2014"]
    assert told["Færre end det"] == pytest.approx(gap["fewer"])
    assert told["Pris pr. person, der giver den"] == pytest.approx(published * 1e6 / gap["fewer"])
    # 10.689 kr. a month, as printed: × 12 × 56,8 persons
    assert told["Værdi til den pris, før refusion"] == pytest.approx(10_689 * 12 * gap["fewer"] / 1e6)
    other = {row[0].value: row[2].value for row in page(recalculated["159"], RESULT, True)}
    gap = gain.fewer(gain.yearly("net_unemployed_kontanthjaelp"), "159", base=2013, year=2014).iloc[0]
    assert (
        other["Færre end det"] == pytest.approx(gap["fewer"]) and "Offentliggjort besparelse, uden formel" not in other
    )


def test_what_libreoffice_saved_reads_back_as_the_same_scenario_without_warning(built, recalculated):
    for name, (path, scenario, _) in built.items():
        if name in ("activation_met", "ahead_by_1", "behind_by_1", "shock_covid", "sickness_late", "sickness_on_time"):
            continue  # nothing in them that the others lack
        for file in [recalculated[name], path][: 1 + (name in ("busy", "159"))]:
            found, warnings = workbook.read_back(file)
            same = {(c.parameter, c.row): c for c in scenario.changes}
            assert {(c.parameter, c.row): c for c in found.changes} == same, name
            assert (found.name, found.why, warnings) == (scenario.name, scenario.why, [])


def test_text_from_a_scenario_is_never_a_formula(built, recalculated):
    for file in (built["hostile"][0], recalculated["hostile"]):
        sheet = page(file, INPUTS)
        for cell, text in (("C3", HOSTILE.name), ("C4", HOSTILE.why)):
            assert (sheet[cell].value, sheet[cell].data_type) == (text, "s")
    changed = workbook.build(built["hostile"][0].with_name("control.xlsx"), replace(HOSTILE, name="a\x07b"))
    assert page(changed, INPUTS)["C3"].value == "ab"


def test_every_number_is_an_input_a_sourced_figure_or_a_formula(built):
    book = openpyxl.load_workbook(built["busy"][0])
    typed = {(s, c.coordinate): c.value for s in (CALCULATION, RESULT, EXIT) for row in book[s] for c in row if c.data_type == "n"
             and c.value is not None}  # fmt: skip
    years = {k: v for k, v in typed.items() if k[0] != EXIT}
    assert set(years.values()) == set(YEARS)
    exit_rate = [v for (sheet, _), v in typed.items() if sheet == EXIT]  # by line, then the weeks of a year
    assert exit_rate == [*BUDGET.exit_rate[BUDGET.exit_rate > 0], *range(1, 53)]
    tables, cited = sources.catalogue().set_index("name"), set()
    for row in book[SOURCES].iter_rows(min_row=5, values_only=True):
        assert row[2] == "parameters" or row[4] == f"data/{tables['path'][row[2]]}"
        assert (sources.DATA.parent / row[4]).exists()
        assert row[6] in sheets.DANISH_EVIDENCE.values() and all(row[:7])
        name, _, cells = row[1].partition("!")
        cited |= {cell.coordinate for line in book[name][cells] for cell in line if name == RATES}
    figures = {c.coordinate for row in book[RATES] for c in row if c.data_type in "nf" and c.value is not None}
    heads = {c.coordinate for row in book[RATES] for c in row if c.value in YEARS}
    assert len(cited) > 150 and figures - heads <= cited


def test_reading_back_warns_of_overwritten_formulas_and_values_out_of_range(built, tmp_path, capsys):
    n = inputs(built["busy"][0])
    cells = {
        (CALCULATION, "D6"): 7,
        (RATES, "C5"): 5_000,
        (INPUTS, f"C{n['exit_rate_pct', '']}"): -40,  # beyond the plausible, within what a scenario may hold
        (INPUTS, f"C{n['gap_points', '']}"): -99,
        (INPUTS, f"C{n['price_pct', '']}"): "meget",
        (INPUTS, f"C{n['uprating_points', '']}"): "=1+1",  # not typed
        (INPUTS, f"D{n['activation_points', '']}"): 2031,
        (INPUTS, f"C{n['sickness_take_up', '']}"): None,  # empty counts as zero, as in the formulas
        (INPUTS, "C3"): "Min egen",
        (INPUTS, "L30"): "a note of one's own is nobody's business",
    }
    book = openpyxl.load_workbook(built["busy"][0])
    found, warnings = workbook.read_back(save_edited(book, tmp_path / "edited.xlsx", cells))
    left = {c.parameter: c.value for c in found.changes}
    assert found.name == "Min egen" and left["exit_rate_pct"] == -40 and left["country_points"] == "2008-2010"
    assert not left.keys() & {"gap_points", "price_pct", "uprating_points", "activation_points", "sickness_take_up"}
    started = [w.partition(":")[0] for w in warnings]
    assert sorted(started) == sorted(
        f"{sheet}!{cell}" for sheet, cell in cells if cell not in ("C3", "L30", f"C{n['sickness_take_up', '']}")
    )
    assert "formula =IF(" in next(w for w in warnings if w.startswith(f"{CALCULATION}!D6"))
    assert cli.main(["scenario", "from-workbook", str(tmp_path / "edited.xlsx")]) == 0
    told = capsys.readouterr()
    assert scenarios.read(told.out) == found and told.err.splitlines() == [f"warning: {w}" for w in warnings]


@pytest.mark.parametrize(("spoil", "message"), [
    (lambda book: book.remove(book[RATES]), "no sheet Satser"),
    (lambda book: book[INPUTS].insert_rows(9), "rows have been moved"),
    (lambda book: book[SOURCES].__setitem__("B3", "name ="), "is no scenario"),
])  # fmt: skip
def test_a_workbook_that_is_not_ours_is_one_clear_error(spoil, message, built, tmp_path, capsys):
    book = openpyxl.load_workbook(built["as_it_stands"][0])
    spoil(book)
    book.save(tmp_path / "spoilt.xlsx")
    assert cli.main(["scenario", "from-workbook", str(tmp_path / "spoilt.xlsx")]) == 1
    told = capsys.readouterr()
    assert message in told.err and told.err.count("\n") == 1 and not told.out


@pytest.mark.parametrize("content", [b"no zip", None])
def test_a_file_that_is_no_workbook_is_one_clear_error(content, tmp_path):
    path = tmp_path / "x.xlsx"
    if content:
        path.write_bytes(content)
    with pytest.raises(sources.DataError, match=r"x\.xlsx cannot be read as a workbook"):
        workbook.read_back(path)


def test_a_folder_that_cannot_be_written_keeps_the_previous_file(tmp_path, monkeypatch):
    path = workbook.build(tmp_path / "bilag.xlsx")
    before = path.read_bytes()

    def refuse(self, content):  # half of it is on the disk by then
        with open(self, "wb") as file:
            file.write(content[:99])
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "write_bytes", refuse)
    with pytest.raises(sources.DataError, match=r"bilag\.xlsx cannot be written \(Permission denied\)"):
        workbook.build(path, BUSY)
    assert path.read_bytes() == before


def test_a_scenario_of_ballerup_alone_is_refused_for_a_neighbour(tmp_path):
    with pytest.raises(costing.ScenarioError, match="printed for Ballerup alone"):
        workbook.build(tmp_path / "x.xlsx", scenarios.shipped()["sickness_late"], "159")
