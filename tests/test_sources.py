"""Every table is the recorded file, as printed, and any other file is refused with its place named."""

import csv
import hashlib
import json
import math
import re
import shutil
import subprocess
import sys
import time

import pandas as pd
import pytest
from loopback import contents
from markdown_it import MarkdownIt

from ballerup_analysis import bands, sources
from ballerup_analysis.files import DataError
from ballerup_analysis.reconcile import reconcile
from ballerup_analysis.sources import DATA, load
from ballerup_analysis.upkeep import processed
from ballerup_analysis.upkeep.refresh import leftovers

RESOURCES = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"]
PAPERS = [r["name"] for r in RESOURCES if r["path"].startswith("raw/papers/")]
PATHS = {r["name"]: r["path"] for r in RESOURCES}
TIDY = ["paper", "table", "row", "column", "year", "status", "value", "low", "high", "unit", "printed"]
FORSOERGELSE = "Forsørgelse ekskl. integration (helårspersoner)"


@pytest.mark.parametrize("name", PATHS)
def test_every_table_loads_and_names_its_source(name):
    assert len(load(name)) > 0
    assert re.fullmatch(r"\S.+ \(\S.+\)", sources.where_from(name))


def test_the_catalogue_lists_every_table_with_source_licence_and_evidence():
    catalogue = sources.catalogue()
    assert catalogue["name"].tolist() == list(PATHS)
    assert (catalogue[["title", "source", "licence", "path"]] != "").all(axis=None)
    assert set(catalogue["evidence"]) <= set(sources.EVIDENCE)


@pytest.mark.parametrize("name", PAPERS)
def test_a_printed_table_is_tidy_and_missing_is_not_zero(name):
    table = load(name)
    assert table.columns[:11].tolist() == TIDY
    assert (table["paper"] + "." + table["table"] == name).all()
    assert set(table["status"]) <= {"R", "B", "K", "BO", "F", "M", "P"}
    assert (table[["paper", "table", "row", "column", "status", "unit", "printed"]].dtypes == "str").all()
    assert pd.api.types.is_integer_dtype(table["year"]) and pd.api.types.is_integer_dtype(table["line"])
    figure, missing = table["value"].notna(), table["printed"].isin(["", "-"])
    assert (table["low"] <= table["value"])[figure].all() and (table["value"] <= table["high"])[figure].all()
    assert table.loc[missing, ["value", "low", "high"]].isna().all(axis=None)
    assert table.loc[~missing, ["low", "high"]].notna().all(axis=None)
    assert (table["unit"] != "")[~missing].all()


def test_a_line_not_yet_booked_in_2015_is_missing():
    cell = load("budget_2017.frame_2002").set_index(["row", "column"]).loc[("Ledighedsydelse", "R2015")]
    assert cell["printed"] == "-"
    assert math.isnan(cell["value"])


@pytest.mark.parametrize("name", PAPERS)
def test_cells_survive_as_printed(name):
    with (DATA / PATHS[name]).open(encoding="utf-8", newline="") as file:
        label, *columns = csv.DictReader(file).fieldnames
        file.seek(0)
        rows = list(csv.DictReader(file))
    if "printed" in columns:
        raw = [(row[label], row["measure"], row["printed"]) for row in rows]
    else:
        raw = [(row[label], column, row[column]) for column in columns for row in rows]
    assert list(load(name)[["row", "column", "printed"]].itertuples(index=False, name=None)) == raw


@pytest.mark.parametrize(("name", "unit", "first"), [("unit_price", "tkr", "105"), ("unit_count", "units", "3.294")])
def test_corrected_moves_the_swapped_rows_back_and_no_other(name, unit, first):
    printed, corrected = load(f"budget_2017.{name}"), load(f"budget_2017.{name}", corrected=True)
    own, moved = (table[table["row"] == FORSOERGELSE] for table in (printed, corrected))
    assert moved["printed"].iloc[0] == first != own["printed"].iloc[0]
    assert set(corrected["unit"]) == {unit} and set(moved["table"]) == {"unit_price", "unit_count"} - {name}
    rest = [table[table["row"] != FORSOERGELSE].reset_index(drop=True) for table in (printed, corrected)]
    pd.testing.assert_frame_equal(*rest)


@pytest.mark.parametrize("name", ["cases", "milestones"])
def test_corrected_leaves_out_the_first_wordings_and_nothing_else(name):
    printed, corrected = (load(f"agreement_2018.{name}", corrected=c) for c in (False, True))
    first = printed.loc[printed["wording"] == "first", "row"]
    assert set(printed["row"]) - set(corrected["row"]) == set(first) != set()


def test_every_stated_figure_is_checked_or_says_why_not():
    found = reconcile()
    checked = found.loc[found["kind"] != "single figure", "source"]
    tables = (found for source in checked for found in re.findall(r"([\w.]+)\[(.*?)\]", source))
    read = {(table, cell) for table, cells in tables for cell in cells.split("; ")}
    stated = pd.concat([load(n) for n in PAPERS if "not_checkable" in load(n)], ignore_index=True)
    named = list(zip(stated["paper"] + "." + stated["table"], stated["row"], strict=True))
    silent = [cell for cell, why in zip(named, stated["not_checkable"], strict=True) if not why and cell not in read]
    assert silent == []
    assert len(named) == len(set(named)) > 100
    figures = stated[stated["low"].notna() & ~stated["wording"].eq("first")]  # no name, no replaced wording
    told = zip(figures["paper"] + "." + figures["table"], figures["row"], figures["not_checkable"], strict=True)
    reasons = [why for table, row, why in told if why and (table, row) not in read]
    assert found.loc[found["kind"] == "single figure", "note"].tolist() == reasons


def test_the_record_names_exactly_the_files_there_are_with_their_hashes():
    there = {p for p in (DATA / "raw").rglob("*") if p.is_file()} - set(leftovers())  # of a refresh that was killed
    files = {p.relative_to(DATA).as_posix(): p.read_bytes() for p in there}
    recorded = {r["path"]: (r["hash"], r["bytes"]) for r in RESOURCES}
    assert recorded == {p: (f"sha256:{hashlib.sha256(raw).hexdigest()}", len(raw)) for p, raw in files.items()}


def test_the_page_about_the_data_is_made_from_the_record():
    assert (DATA / "README.md").read_text(encoding="utf-8") == sources.describe()


def test_texts_of_the_record_are_shown_as_they_are_on_the_page_about_the_data(monkeypatch):
    text = "_a_ __b__ *c* **d** ~~e~~ `f` <b>g</b> <!-- h --> [i](j) ![k](l) &lt; $m$ \\ \\| | n_o_p"
    entry = sources.record_of("areas") | {"title": text, "description": f"x\n\n{text}", "sources": [{"title": text}]}
    monkeypatch.setattr(sources, "_resources", lambda: {"a_b": entry})
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(sources.describe())
    cells = [one for one in shown if one.type == "inline"][-6:]
    told = ["".join(part.content for part in cell.children) for cell in cells]
    assert told == ["a_b", text, text, "CC BY 4.0", "official", f"x {text}"]
    assert all(part.type == "text" for cell in cells[1:] for part in cell.children)
    assert "\\$m\\$" in sources.describe()  # a formula, where it is shown on the web


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A copy of the data folder that a test may damage."""
    shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("local", "processed", ".*"))
    monkeypatch.setattr(sources, "DATA", tmp_path / "data")
    return tmp_path / "data"


def test_one_changed_byte_or_a_lost_file_is_noticed_and_the_file_named(data):
    for name, path in PATHS.items():
        raw = bytearray((data / path).read_bytes())
        raw[len(raw) // 2] ^= 1
        (data / path).write_bytes(raw)
        with pytest.raises(DataError, match=f"^{path} is not the recorded file"):
            load(name)
        (data / path).unlink()
        with pytest.raises(DataError, match=f"^{path} is recorded in datapackage.json but missing"):
            load(name)


FRAME, MINUTES = "budget_2017.frame_2002", "minutes_2015.statements"


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (FRAME, "B2017", "B-2017", r"frame_2002.csv: .*missing \['B2017'\], not expected \['B-2017'\]"),
        (MINUTES, ",unit,", ",enhed,", r"statements.csv: .*missing \['unit'\], not expected \['enhed'\]"),
        ("folk1a", ",persons", "", r"folk1a_2026Q1.csv: .*missing \['persons'\], not expected \[\]"),
        (FRAME, "76.406", "76.40", "frame_2002.csv, row 'Sygedagpenge', column 'B2017': '76.40' is not a Danish"),
        (
            "folk1a",
            "000,2011Q1,5560628",
            "000,2011Q1,5.560.628",
            "folk1a_2026Q1.csv, row 3, column 'persons': '5.560.628' is no int",
        ),
        ("folk1a", "000,2011Q1,5560628", "000,2011Q1,5560628.5", "row 3, column 'persons': '5560628.5' is no integer"),
        ("folk1a", "000,2011Q1,5560628", "000,2011Q1", "folk1a_2026Q1.csv, row 3: 2 cells instead of 3"),
        (FRAME, "-,23.698", "-,-,23.698", "frame_2002.csv, row 8: 8 cells instead of 7"),
        (MINUTES, '"7,6"', "7.6", "statements.csv, row 'gain_2014', column 'printed': '7.6' is not a Danish"),
    ],
)
def test_a_recorded_change_that_breaks_the_table_names_file_row_and_column(data, name, old, new, says):
    text = (data / PATHS[name]).read_text(encoding="utf-8")
    (data / PATHS[name]).write_text(text.replace(old, new, 1), encoding="utf-8")
    sources.accept(name)
    with pytest.raises(DataError, match=says):
        load(name)


@pytest.mark.parametrize(
    ("name", "raw", "says"),
    [
        (
            "areas",
            "code,name,level,region,landsdel\n400,Rønne,kommune,,\n".encode("latin-1"),
            "areas.csv is no CSV in UTF-8",
        ),
        ("areas", b'code,name,level,region,landsdel\n400,"R"x,kommune,,\n', "areas.csv is no CSV in UTF-8"),
        ("areas", b"", r"areas.csv: the columns must be \['code', .*\]; missing .*, not expected \[''\]$"),
        ("rates", b"rate = 5", "rates.toml is no list of tables"),
        ("rates", b"[[rate]]\nname =", "rates.toml is no list of tables"),
        ("rates", b'[[rate]]\nname = "a"\n[other]\n', "rates.toml is no list of tables"),
    ],
)
def test_a_recorded_file_of_another_form_is_refused_by_name(data, name, raw, says):
    (data / PATHS[name]).write_bytes(raw)
    sources.accept(name)
    with pytest.raises(DataError, match=f"^raw/.*{says}"):
        load(name)


@pytest.mark.parametrize("ask", [load, sources.where_from, sources.accept], ids=lambda f: f.__name__)
def test_an_unknown_table_is_answered_with_the_nearest_and_all_names(ask):
    with pytest.raises(DataError, match=r"no table 'folk1': did you mean 'folk1a'\? the tables are") as error:
        ask("folk1")
    assert all(name in str(error.value) for name in PATHS)
    with pytest.raises(DataError, match=r"no table 'xyz': the tables are"):
        ask("xyz")
    for told, near in (("adagpenge", "adagpenge_monthly"), ("worked", "worked_examples")):
        with pytest.raises(DataError, match=rf"no table '{told}': did you mean '{near}'\?"):
            ask(told)


def test_a_table_without_areas_needs_no_list_of_them_and_a_file_of_entries_may_be_tied_to_nothing(data):
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    del next(one for one in package["resources"] if one["name"] == "rates")["tied"]
    (data / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    (data / PATHS["areas"]).unlink()
    for name in (FRAME, "rates"):
        assert len(load(name))
    with pytest.raises(DataError, match=r"areas.csv is recorded in datapackage.json but missing"):
        load("folk1a")


def test_an_area_is_told_by_its_name_whatever_ends_it_and_the_three_nearest_are_asked_about():
    for told in ("Assens", "Assens Kommune", "assens", " Assens ", "420", "0420", " 420 ", 420):
        assert sources.area_code(told) == "420"
    assert sources.area_code("Gladsaxes kommune") == sources.area_code("gladsaxe kommune") == "159"
    assert sources.area_code("Høje-Taastrup") == sources.area_code("Høje Tåstrup") == "169"
    with pytest.raises(DataError, match=r"there is no area 'Rander'; did you mean Randers or Tønder\?"):
        sources.area_code("Rander")
    with pytest.raises(DataError, match=r"did you mean Nordfyns or Norddjurs or Solrød\?$"):
        sources.area_code("Nord")
    with pytest.raises(DataError, match="there is no area '1420'"):
        sources.area_code("1420")
    with pytest.raises(DataError, match=r"there is no area 'xyz'; give a code such as 151 or a name such as Ballerup$"):
        sources.area_code("xyz")


def test_rows_are_numbered_anew_where_some_are_left_out_or_tables_stand_under_one_another():
    for table in (load("agreement_2018.cases", True), load("agreement_2018.milestones", True), sources.load_papers()):
        assert table.index.equals(pd.RangeIndex(len(table))) and "index" not in table


def test_a_rate_tells_the_line_it_begins_at_and_a_row_put_back_is_numbered_anew():
    text = (DATA / PATHS["rates"]).read_text(encoding="utf-8").splitlines()
    assert {text[line - 1] for line in load("rates")["line"]} == {"[[rate]]"} and load("rates")["line"].is_unique
    for name in ("budget_2017.unit_price", "budget_2017.unit_count"):
        assert load(name, corrected=True).index.equals(pd.RangeIndex(len(load(name))))


def test_a_rate_s_value_and_days_are_numbers_and_dates_though_all_are_whole_and_some_are_open(data):
    rewrite(
        data,
        "rates",
        lambda text: "".join(f"[[rate]]{one}" for one in text.split("[[rate]]") if "seniorjob_tilskud" in one),
    )
    table = load("rates")
    assert table["value"].tolist() == [110_000, 163_801] and table["valid_to"].isna().tolist() == [True, False]
    kinds = table.dtypes[["value", "valid_from", "valid_to"]].astype(str).tolist()
    assert kinds == ["float64", "datetime64[s]", "datetime64[s]"]


def test_a_frame_tells_whose_it_is_and_is_of_the_home_municipality_unless_the_record_says_otherwise(data):
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    next(one for one in package["resources"] if one["name"] == "budget_2017.frame_2004")["area"] = "159"
    (data / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    listed = sources.frames().groupby("name")["area"].unique()
    assert {name: areas.tolist() for name, areas in listed.items()} == {
        FRAME: ["151"],
        "budget_2017.frame_2004": ["159"],
    }


def test_the_labels_of_a_column_are_its_own(data):
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    (table,) = [one for one in package["resources"] if one["name"] == "folk1a"]
    for field in table["schema"]["fields"]:
        field["labels"] = {"x": field["name"]}
    (data / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    assert sources.labels("folk1a", "area") == {"x": "area"} and sources.labels("folk1a", "quarter") == {"x": "quarter"}
    assert sources.labels("folk1a", "none") == sources.labels("none", "area") == {}


def test_a_table_that_is_accepted_changes_its_own_lines_of_the_record_and_no_other(data):
    before = (data / "datapackage.json").read_text(encoding="utf-8").splitlines()
    rewrite(data, "areas", lambda text: text.replace("Ballerup", "Ballerop"))
    after = (data / "datapackage.json").read_text(encoding="utf-8").splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_a_table_that_is_accepted_at_another_length_has_that_length_recorded(data):
    before = sources.record_of("areas")["bytes"]
    rewrite(data, "areas", lambda text: text.replace("Ballerup", "Ballerup by", 1))
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    assert next(r["bytes"] for r in package["resources"] if r["name"] == "areas") == before + 3


def rewrite(data, name, change):
    """Change the text of a table's file, and record that as intended."""
    path = data / PATHS[name]
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    sources.accept(name)


def test_a_public_series_with_an_impossible_row_is_refused_though_it_was_accepted(data):
    wrong = {
        "000,2011Q1,5560628": [
            ("000,2011Q1,5560628\n000,2011Q1,5560629", r"row 4, column 'area': 000 stands in a second row of the same"),
            ("999,2011Q1,5560628", "row 3, column 'area': 999 is no code of an area"),
            (",2011Q1,5560628", "row 3, column 'area': nan is no code of an area"),
            ("000,2011Q5,5560628", "row 3, column 'quarter': 2011Q5 is not of the form"),
            ("000,2081Q1,5560628", "row 3, column 'quarter': 2081Q1 is not of the form"),
            ("000,,5560628", "row 3, column 'quarter': nan is missing; every row has area, quarter"),
            ("000,2011Q1,55606280", "row 3, column 'persons': 55606280 is not between 1 and 8000000"),
            ("000,2011Q1,-1", "row 3, column 'persons': -1 is not between 1 and 8000000"),
        ]
    }
    failed = []
    for old, cases in wrong.items():
        for new, says in cases:
            rewrite(data, "folk1a", lambda text, old=old, new=new: text.replace(old, new, 1))
            try:
                load("folk1a")
                failed.append(f"{new}: accepted")
            except DataError as error:
                failed += [] if re.search(says, str(error)) else [f"{new}: {error}"]
            rewrite(data, "folk1a", lambda text, old=old, new=new: text.replace(new, old, 1))
    assert failed == []
    rewrite(
        data,
        "jobindsats_monthly",
        lambda text: text.replace("gross_unemployed_pct_labour_force,3.3", "gross_unemployed_pct_labour_force,33", 1),
    )
    with pytest.raises(DataError, match=r"column 'value': .* is out of the band of its measure"):
        load("jobindsats_monthly")


ENTRY = {
    "name": "a", "title": "t", "path": "raw/a.csv", "format": "csv", "evidence": "official",
    "sources": [{"title": "s"}], "licenses": [{"title": "l"}], "schema": {"fields": [{"name": "x", "type": "number"}]},
}  # fmt: skip
LABEL, COLUMN = (
    {"name": "row", "type": "string"},
    {"name": "B2017", "type": "string", "status": "B", "year": 2017, "unit": "tkr"},
)
PAPER = ENTRY | {"path": "raw/papers/p/t.csv", "schema": {"fields": [LABEL, COLUMN]}}
STATED = PAPER | {"status": "R", "schema": {"fields": [LABEL, {"name": "printed", "type": "string"}, LABEL]}}


@pytest.mark.parametrize(
    ("entry", "change", "says"),
    [
        (ENTRY, {}, ""),
        *((ENTRY, {key: 5}, f"{key} must be text") for key in ("name", "title", "path", "format", "evidence")),
        (ENTRY, {"name": "", "title": ""}, "name must be text"),
        (ENTRY, {"licenses": [{"title": ""}]}, "sources and licenses: licenses must be text"),
        (ENTRY, {"sources": [{"title": None}]}, "sources and licenses: sources must be text"),
        (ENTRY, {"path": "/raw/a.csv"}, "path '/raw/a.csv' leads out of data/"),
        (ENTRY, {"path": "raw/../../a.csv"}, "path 'raw/../../a.csv' leads out of data/"),
        (ENTRY, {"path": "raw\\a.csv"}, "path 'raw.*a.csv' leads out of data/"),
        (ENTRY, {"format": "toml", "schema": None}, ""),
        (ENTRY, {"format": "xml"}, "format must be csv or toml, evidence one of statute"),
        (ENTRY, {"evidence": "sure"}, "format must be csv or toml, evidence one of statute"),
        (ENTRY, {"schema": {"fields": [{"name": "x", "type": "text"}]}}, "type 'text' must be string, integer or number"),
        (PAPER, {}, ""),
        (PAPER, {"schema": {"fields": [LABEL | {"name": ""}, COLUMN]}}, "the first column has no name"),
        (PAPER, {"schema": {"fields": [LABEL, COLUMN | {"status": "X"}]}}, "column 'B2017': status must be one of R, B"),
        (PAPER, {"schema": {"fields": [LABEL, COLUMN | {"year": "2017"}]}}, "column 'B2017': .*, year a number, unit text"),
        (PAPER, {"schema": {"fields": [LABEL, COLUMN | {"unit": None}]}}, "column 'B2017': .*, year a number, unit text"),
        (STATED, {}, ""),
        (STATED, {"status": "X"}, "column 'the table': status must be one of R, B"),
    ],
)  # fmt: skip
def test_an_entry_of_the_record_is_held_to_its_form(entry, change, says):
    wrong = bands.misdescribed(entry | change)
    assert re.match(says, wrong) if says else not wrong


SERIES = {
    "path": "x.csv",
    "schema": {
        "fields": [
            {"name": "area", "type": "string", "constraints": {"pattern": "[0-9]{3}"}},
            {"name": "year", "type": "integer", "constraints": {"minimum": 2007, "maximum": 2030}},
            {"name": "measure", "type": "string"},
            {"name": "value", "type": "number", "step": {"factor": 2, "from": 100}},
        ],
        "primaryKey": ["area", "year", "measure"],
        "foreignKeys": [{"fields": "area"}],
    },
    "bands": {"measure": {"pct": [0, 100], "persons": [1, 50_000]}},
}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("151", 2007, "pct", 0.0), ("151", 2030, "pct", 100.0), ("151", 2030, "persons", 1.0)], ""),
        ([], ""),
        ([("151", 2007, "persons", math.nan)], ""),  # what is missing is not nobody
        ([("151", 2006, "pct", 5.0)], "row 2, column 'year': 2006 is not between 2007 and 2030"),
        ([("151", 2007, "pct", 5.0), ("151", 2031, "pct", 5.0)], "row 3, column 'year': 2031 is not between 2007 and 2030"),
        ([("151", 2007, "pct", -0.1)], "row 2, column 'value': -0.1 is out of the band of its measure"),
        ([("151", 2007, "pct", 100.1)], "row 2, column 'value': 100.1 is out of the band of its measure"),
        ([("151", 2007, "pct", 5.0), ("151", 2007, "persons", 0.5)], "row 3, column 'value': 0.5 is out of the band"),
        ([("151", 2007, "kr", 5.0)], "row 2, column 'measure': kr is none of pct, persons"),
        ([("15x", 2007, "pct", 5.0)], "row 2, column 'area': 15x is not of the form"),
        ([("159", 2007, "pct", 5.0)], "row 2, column 'area': 159 is no code of an area"),
        ([(None, 2007, "pct", 5.0)], "row 2, column 'area': None is no code of an area"),
        ([("151", 2007, "pct", 5.0)] * 2, "row 3, column 'area': 151 stands in a second row of the same area, year, measure"),
    ],
)  # fmt: skip
def test_a_series_is_held_to_its_bands_both_ends_of_which_are_in_them(rows, says):
    table = pd.DataFrame(rows, columns=["area", "year", "measure", "value"]).assign(line=range(2, 2 + len(rows)))
    if not says:
        return bands.series(table, SERIES, frozenset({"151"}))
    with pytest.raises(DataError, match=f"^x.csv, {re.escape(says)}"):
        bands.series(table, SERIES, frozenset({"151"}))


def test_a_new_vintage_takes_over_what_it_does_not_name_itself():
    told = {
        "bands": {"b": 1},
        "schema": {"primaryKey": ["new"], "fields": [{"name": "year", "type": "integer", "constraints": 5}]},
    }
    bare = {
        "schema": {
            "fields": [{"name": n, "type": t} for n, t in (("year", "integer"), ("value", "number"), ("x", "string"))]
        }
    }
    held = bands.held_as(bare, SERIES)
    assert held["bands"] == SERIES["bands"] and held["schema"]["primaryKey"] == ["area", "year", "measure"]
    assert held["schema"]["foreignKeys"] == [{"fields": "area"}]
    year, _, value = SERIES["schema"]["fields"][1:]
    assert held["schema"]["fields"] == [year, value, {"name": "x", "type": "string"}]
    kept = bands.held_as(told, SERIES)
    assert (kept["bands"], kept["schema"]["primaryKey"]) == ({"b": 1}, ["new"])
    assert kept["schema"]["fields"] == told["schema"]["fields"]
    assert bands.held_as(bare, {"schema": {"fields": []}}) == bare


def test_a_jump_is_a_step_beyond_the_factor_from_the_level_on_in_one_area():
    def jumps(*steps):
        rows = [(area, year, value) for area, values in enumerate(steps) for year, value in enumerate(values)]
        table = pd.DataFrame(rows, columns=["area", "year", "value"]).assign(line=range(2, 2 + len(rows)))
        schema = {
            "primaryKey": ["area", "year"],
            "fields": [{"name": "area"}, {"name": "value", "step": {"factor": 2, "from": 100}}],
        }
        return bands.jumps(table.sample(frac=1, random_state=1), schema).to_numpy().tolist()

    assert jumps([100, 200, 100, 50], [1000, 1000], [99, 1, 99], [math.nan, 500]) == []
    assert jumps([100, 201, 100]) == [[3, "value", 100.0, 201.0], [4, "value", 201.0, 100.0]]
    assert jumps([100, 49], [30, 100]) == [[3, "value", 100.0, 49.0], [5, "value", 30.0, 100.0]]
    empty = bands.jumps(
        pd.DataFrame({"area": ["151"], "line": [2]}), {"primaryKey": ["area"], "fields": [{"name": "area"}]}
    )
    assert empty.columns.tolist() == ["line", "column", "before", "after"] and empty.empty


@pytest.mark.parametrize(
    ("values", "step"),
    [
        ([100, 995], {"factor": 10.0, "from": 548}),
        ([100, 1000], {}),  # more than tenfold bounds nothing
        ([200, 200, 300], {"factor": 1.6, "from": 200}),
        ([400, 300, 400, 200], {"factor": 2.1, "from": 350}),  # a fall to half is a move by 2
        ([200, 200], {"factor": 1.1, "from": 200}),
        ([-5, 0, 0, 0, 0], {}),  # nor does a move from less than nothing
        ([100, -5, 100, 100], {}),  # however near the others are
        ([0, 400, 400], {}),  # nor does one from nothing
        ([100], {}),
    ],
)
def test_the_step_a_series_shows_is_its_furthest_move_in_its_upper_half(values, step):
    table = pd.DataFrame({"area": "151", "year": range(len(values)), "value": values})
    assert bands.step_of(table, ["area", "year"], "value") == step
    mixed = pd.concat([table[::2], table[1::2]])  # the order of the rows is no matter
    assert bands.step_of(mixed, ["area", "year"], "value") == step


def test_nought_that_stays_nought_is_no_jump():
    zero, one = pd.Series([0.0, 0.0]), pd.Series([0.0, 1.0])
    assert bands.far(zero, one, {"factor": 1.1, "from": 0}).tolist() == [False, True]


def test_a_step_of_just_the_factor_is_not_too_far_up_or_down():
    some = [(tenths, lower) for tenths in range(11, 101) for lower in (5, 10, 20, 100)]
    lower = pd.Series([float(lower) for _, lower in some])
    higher = pd.Series([tenths * lower / 10 for tenths, lower in some])
    for at, (tenths, _) in enumerate(some):
        step, one = {"factor": tenths / 10, "from": 0}, slice(at, at + 1)
        assert not bands.far(lower[one], higher[one], step).any() and not bands.far(higher[one], lower[one], step).any()
        assert (
            bands.far(lower[one], higher[one] + 0.01, step).all()
            and bands.far(higher[one] + 0.01, lower[one], step).all()
        )


def test_every_public_series_is_held_to_a_key_and_every_number_in_it_to_a_band():
    loose = {
        "worked_examples",
        "beskaeftigelsestilskud_figures",
        "national_benefit_totals",
        "national_sums",
        "reforms",
    }  # figures of many kinds
    for name in (name for name, path in PATHS.items() if "statbank" in path and name not in loose):
        resource = sources.record_of(name)
        free = [f["name"] for f in resource["schema"]["fields"] if f["type"] != "string" and "constraints" not in f]
        assert resource["schema"]["primaryKey"] and free == (["value"] if "bands" in resource else []), name


def test_no_shipped_series_jumps_and_a_jump_is_told(data):
    assert list(processed.jumps()) == []
    rewrite(data, "folk1a", lambda text: text.replace("151,2014Q1,4", "151,2014Q1,8", 1))
    up, down = processed.jumps()
    assert up.startswith("folk1a, row ") and ": persons goes from 48." in up and " to 88." in up, up
    assert ": persons goes from 88." in down and " to 48." in down, down


def test_a_rate_whose_unit_or_evidence_is_changed_is_refused_by_name(data):
    for old, new, says in (
        (
            'unit = "kr_per_month"',
            'unit = "kr_per_week"',
            "aktivitetstillaeg: unit 'kr_per_week'; the record ties the name to kr_per_month$",
        ),
        ('evidence = "official"', 'evidence = "statute"', "aktivitetstillaeg: evidence 'statute'; .* ties the name to"),
        (
            'name = "aktivitetstillaeg"',
            'name = "aktivitet"',
            "aktivitet: unit 'kr_per_month'; .* ties the name to nothing, for it knows no such name$",
        ),
    ):
        rewrite(data, "rates", lambda text, old=old, new=new: text.replace(old, new, 1))
        with pytest.raises(DataError, match=f"raw/rates.toml, line [0-9]+, {says}"):
            sources.entries("rates")
        rewrite(data, "rates", lambda text, old=old, new=new: text.replace(new, old, 1))


def test_a_broken_record_is_one_line_that_names_file_and_place(data):
    whole = (data / "datapackage.json").read_text(encoding="utf-8")
    first = '"name": "areas"'
    cases = [
        ("", "datapackage.json is no JSON"),
        ("[" * 100_000, "datapackage.json is no JSON"),
        ("[]", "no list of resources"),
        ("{}", "no list of resources"),
        ('{"resources": "areas"}', "no list of resources"),
        ('{"resources": [3]}', "resource 1 '': not the form"),
        (whole.replace('"title"', '"titel"', 20), "resource 1 'areas': 'title' is missing"),
        (whole.replace(first, '"name": ["areas"]'), "resource 1 .*: name must be text"),
        (whole.replace("raw/statbank/areas.csv", "../areas.csv"), "resource 1 'areas': path '../areas.csv' leads out"),
        (
            whole.replace('"evidence": "official"', '"evidence": "sure"', 1),
            "resource 1 'areas': .*evidence one of statute",
        ),
        (whole.replace('"name": "auk01"', first), "describes 'areas' twice"),
        (whole.replace('"status": "R"', '"status": "X"', 1), "column 'R2015': status must be one of R, B, K"),
        (whole.replace('"type": "string"', '"type": "text"', 1), "resource 1 'areas': type 'text' must be"),
    ]
    for text, says in cases:
        (data / "datapackage.json").write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=says) as error:
            load("areas")
        assert "\n" not in str(error.value) and "datapackage.json" in str(error.value)
    (data / "datapackage.json").unlink()
    with pytest.raises(DataError, match=r"datapackage.json cannot be read"):
        load("areas")


def test_line_endings_that_were_changed_are_told_apart_and_not_to_be_accepted(data):
    path = data / PATHS["folk1a"]
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    for _ in ("\r\n", "\n"):  # instead of what is recorded, and the other way round
        with pytest.raises(DataError, match="is the recorded file but for its line endings") as error:
            load("folk1a")
        assert "--accept" not in str(error.value)
        sources.accept("folk1a")
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))


def test_a_table_without_a_hash_says_how_to_record_it_and_then_loads(data):
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    del package["resources"][0]["hash"]
    (data / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(
        DataError, match=r"has no hash in datapackage.json yet; record it with: ballerup data --accept areas"
    ):
        load("areas")
    sources.accept("areas")
    assert len(load("areas")) == 115


def test_a_clone_as_windows_makes_it_loads_every_table(tmp_path, monkeypatch):
    def git(*command, at=tmp_path):
        own = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *own, *command], cwd=at, check=True, capture_output=True)

    one, two = tmp_path / "one", tmp_path / "two"
    shutil.copytree(DATA / "raw", one / "data" / "raw")
    for name in ("data/datapackage.json", ".gitattributes"):
        shutil.copy(DATA.parent / name, one / name)
    git("init", "--quiet", at=one)
    git("add", ".", at=one)
    git("commit", "--quiet", "-m", "x", at=one)
    git("clone", "--quiet", "-c", "core.autocrlf=true", str(one), str(two))
    monkeypatch.setattr(sources, "DATA", two / "data")
    assert all(len(load(name)) for name in PATHS)


WRITER = """
import sys
from pathlib import Path
from ballerup_analysis import files, sources
sources.DATA = Path(sys.argv[1])
for number in range(6):
    name = f"new_{sys.argv[2]}_{number}"
    entry = dict(sources.record_of("aulp01"), name=name, path=f"raw/statbank/{name}.csv")
    sources.record(entry, "area,year,pct\\n000,2007,3.6\\n")
    files.write_aside(sources.DATA / "one.txt", sys.argv[2] * 100_000)
    sources.accept("areas")
"""


def test_two_commands_that_write_at_once_lose_nothing(data):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(data), which]) for which in "ab"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        time.sleep(0.01)
        if (data / "one.txt").exists():
            seen.add((data / "one.txt").read_text())
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {"a" * 100_000, "b" * 100_000} and seen
    assert {f"new_{which}_{number}" for which in "ab" for number in range(6)} <= set(sources._resources())
    assert not list(data.rglob("*.new"))


def test_a_new_vintage_is_held_to_what_the_old_one_was(data):
    old = sources.record_of("aup02")
    bare = {
        "fields": [{"name": f["name"], "type": f["type"]} for f in old["schema"]["fields"]],
        "primaryKey": ["area", "year"],
    }
    new, before = old | {"path": "raw/statbank/aup02_2025.csv", "schema": bare}, contents(data)
    with pytest.raises(DataError, match="99 is not between 0 and 25"):
        sources.record(new, "area,year,pct\n151,2025,99\n")
    assert contents(data) == before  # what the record would refuse does not get into it
    sources.record(new, "area,year,pct\n151,2025,9\n")
    assert load("aup02")["pct"].tolist() == [9] and len(load("aup02_2024")) == 1764


def test_a_table_of_a_new_paper_gets_its_folder_its_record_and_its_line_on_the_page(data):
    before = [one["name"] for one in json.loads((data / "datapackage.json").read_text(encoding="utf-8"))["resources"]]
    new = PAPER | {"name": "p.t.u", "title": "Brand new", "path": "raw/papers/p/t.csv"}
    for text in ("row,B2017\nA,5\nB,7\n", "row,B2017\nA,50\n"):  # then anew, in the same file: in place of the first
        sources.record(new, text)
        entries = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))["resources"]
        assert [one["name"] for one in entries] == [*before, "p.t.u"]
        raw = text.encode()
        assert entries[-1] == new | {"hash": f"sha256:{hashlib.sha256(raw).hexdigest()}", "bytes": len(raw)}
        assert "| `p.t.u` | Brand new |" in (data / "README.md").read_text(encoding="utf-8")
    assert load("p.t.u")[["paper", "table", "value"]].to_numpy().tolist() == [["p", "t.u", 50]]


def test_a_table_without_a_row_has_the_columns_and_kinds_of_one_with_rows(data):
    new = PAPER | {"name": "p.t", "path": "raw/papers/p/t.csv"}
    kinds = []
    for text in ("row,B2017\nA,5\n", "row,B2017\n"):
        sources.record(new, text)
        kinds.append(load("p.t").dtypes[["row", "column", "printed", "status", "unit", "value", "line"]].tolist())
    assert kinds[0] == kinds[1] and len(load("p.t")) == 0


def test_an_old_vintage_goes_on_under_the_name_of_its_file_in_small_letters(data):
    old = sources.record_of("folk1a")
    sources.record(old | {"path": "raw/statbank/folk1a_2026Q2.csv"}, "area,quarter,persons\n151,2026Q2,52000\n")
    assert load("folk1a")["persons"].tolist() == [52000]
    assert sources.record_of("folk1a_2026q1") == old | {"name": "folk1a_2026q1"}


def test_a_record_that_nothing_changes_stays_as_it_is_laid_out_and_its_page_is_made_anew(data):
    path = data / "datapackage.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=4), encoding="utf-8")
    (data / "README.md").write_text("edited", encoding="utf-8")
    as_it_was = path.read_bytes()
    with sources.changing():
        pass
    assert path.read_bytes() == as_it_was
    assert (data / "README.md").read_text(encoding="utf-8") == sources.describe()


def test_a_series_of_refunds_is_held_to_no_step():
    table = pd.DataFrame({"area": "151", "year": [2013, 2014, 2015], "tkr": [-100.0, -120.0, -110.0]})
    assert bands.step_of(table, ["area", "year"], "tkr") == {}
