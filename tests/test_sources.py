"""Every table is the recorded file, as printed, and any other file is refused with its place named."""

import csv
import hashlib
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from ballerup_analysis import sources
from ballerup_analysis.reconcile import reconcile
from ballerup_analysis.sources import DATA, DataError, load, load_local_accounts
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
    assert set(corrected["unit"]) == {unit} and set(corrected["table"]) == {name}
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


def test_the_record_is_a_valid_data_package():
    command = [Path(sys.executable).with_name("frictionless"), "validate", "data/datapackage.json"]
    done = subprocess.run(command, cwd=DATA.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_page_about_the_data_is_made_from_the_record():
    assert (DATA / "README.md").read_text(encoding="utf-8") == sources.describe()


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A copy of the data folder that a test may damage."""
    shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("accounts.csv", "processed"))
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


@pytest.mark.parametrize("ask", [load, sources.where_from, sources.accept], ids=lambda f: f.__name__)
def test_an_unknown_table_is_answered_with_the_nearest_and_all_names(ask):
    with pytest.raises(DataError, match=r"no table 'folk1': did you mean 'folk1a'\? the tables are") as error:
        ask("folk1")
    assert all(name in str(error.value) for name in PATHS)


HEAD = "area;year;benefit;fulltime_persons;net_cost_kr\n"


@pytest.fixture
def accounts(tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    return tmp_path / "accounts.csv"


def test_there_are_no_own_accounts_without_a_file_or_with_an_empty_variable(accounts, monkeypatch):
    assert load_local_accounts() is None
    monkeypatch.setenv("BALLERUP_LOCAL", "")
    monkeypatch.chdir(accounts.parent)  # where an empty folder name would lead
    accounts.write_text(f"{HEAD}151;2013;kontanthjælp;1;2\n", encoding="utf-8")
    assert load_local_accounts() is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_own_accounts_are_read_as_danish_numbers_and_missing_is_not_zero(accounts, encoding):
    accounts.write_text(f"{HEAD}151;2013;kontanthjælp;1.020,5;98.400.000\n000;2013;kontanthjælp;-;-1,25\n", encoding)
    found = load_local_accounts()
    assert found[["area", "year", "benefit"]].to_numpy().tolist() == [[a, 2013, "kontanthjælp"] for a in ("151", "000")]
    assert found["net_cost_kr"].tolist() == [98_400_000.0, -1.25]
    assert found["fulltime_persons"].tolist() == pytest.approx([1020.5, math.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{HEAD}151;2013;k;1;1\n151;2014;k;abc;1\n", 'abc.*row.*3.*"fulltime_persons"'),
        (f"{HEAD}151;2013;k;1;98400000.25\n", '98400000.25.*row.*2.*"net_cost_kr"'),  # an English decimal point
        (f"{HEAD}151;MMXIII;k;1;1\n", 'MMXIII.*row.*2.*"year"'),
        (f"{HEAD};2013;k;1;1\n", 'row.*2.*"area".*required'),
        (f"{HEAD}151;2013;k;1;1\n151;2013;k;2;2\n", '"3" violates the primary key.*position 2'),
        (HEAD.replace(";net_cost_kr", "") + "151;2013;k;1\n", 'missing label.*"net_cost_kr"'),
        (HEAD.replace("net_cost_kr", "net_cost_kr;note") + "151;2013;k;1;1;x\n", 'extra label "note"'),
        (HEAD.replace("fulltime_persons", "persons") + "151;2013;k;1;1\n", '"persons".*fulltime_persons'),
    ],
)
def test_bad_accounts_are_refused_with_file_row_and_column(accounts, text, says):
    accounts.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=says) as error:
        load_local_accounts()
    assert str(error.value).startswith(f"{accounts}:")
