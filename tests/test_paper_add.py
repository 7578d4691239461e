"""A new paper or year is taken in by one command: as printed, recorded, checked, and at once usable."""

import hashlib
import io
import shutil

import openpyxl
import pytest
from openpyxl.chart import BarChart
from openpyxl.comments import Comment

from ballerup_analysis import cli, sources
from ballerup_analysis.files import TEXT_BYTES
from ballerup_analysis.paper import exhibits
from ballerup_analysis.paper.numbers import ledger
from ballerup_analysis.reconcile import reconcile
from ballerup_analysis.sources import DATA, load
from ballerup_analysis.upkeep import processed

# Made up: next year's frame, with the total of B2018 printed 100 too high.
PRINTED = [
    ["Budget 2018, 1.000 kr.", None, None, None],
    [None, "R2016", "B2018", "BO2019"],
    ["Sygedagpenge", 76269, 77000, 77000],
    ["Kontanthjælp", 100000.4, 99000, "-"],
    ["I alt", 176269, 176100, 77000],
    ["Kilde: økonomisystemet", None, None, None],
]
AS_PRINTED = "row,R2016,B2018,BO2019\nSygedagpenge,76.269,77.000,77.000\nKontanthjælp,100.000,99.000,-\nI alt,176.269,176.100,77.000\n"
TOLD = (
    "--paper",
    "budget_2018",
    "--table",
    "frame_2002",
    "--title",
    "Frame 20.02",
    "--source",
    "Ballerup Kommune, budget 2018",
)


@pytest.fixture
def data(tmp_path, monkeypatch):
    shutil.copytree(DATA, tmp_path / "data", ignore=shutil.ignore_patterns("local", ".*"))
    monkeypatch.setattr(sources, "DATA", tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def unbuilt(monkeypatch):
    """The processed tables take a second to build; one test looks at them."""
    monkeypatch.setattr(processed, "build", lambda: None)


def workbook(folder, rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for row in book.active.iter_rows():
        for cell in row:
            cell.number_format = "#,##0"
    book.save(folder / "budget.xlsx")
    return str(folder / "budget.xlsx")


def everything(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


def test_a_new_year_is_taken_in_checked_and_used_without_a_hand_edit(data, tmp_path, capsys):
    assert cli.main(["paper", "add", workbook(tmp_path, PRINTED), *TOLD, "--frame"]) == 0
    name, fault = "budget_2018.frame_2002: I alt", "100 too low if the total is right: the paper does not tell"
    assert [line for line in capsys.readouterr().out.splitlines() if not line.startswith("wrote ")] == [
        "budget_2018.frame_2002: 3 rows as printed, data/raw/papers/budget_2018/frame_2002.csv",
        "  R2016: 2016, R (regnskab), tkr, 3 figures",
        "  B2018: 2018, B (vedtaget budget), tkr, 3 figures",
        "  BO2019: 2019, BO (overslag), tkr, 2 figures",
        f"  {name}, R2016: ties.",
        f"  {name}, B2018: does not tie. Correction: 176.000 instead of 176.100; {fault}."
        " Effect: the step to the next column is −99.000, not −99.100.",
        f"  {name}, BO2019: ties.",
        "  not taken in: A1 'Budget 2018, 1.000 kr.'",
        "  not taken in: A6 'Kilde: økonomisystemet'",
    ]
    assert (data / "raw/papers/budget_2018/frame_2002.csv").read_bytes() == AS_PRINTED.encode()
    table = load("budget_2018.frame_2002")
    assert table.groupby(["column", "year", "status", "unit"]).ngroups == 3 and table["value"].sum() == 858_638
    assert "| `budget_2018.frame_2002` | Frame 20.02 | Ballerup Kommune, budget 2018 |" in sources.describe()
    frame = sources.frames().query("name == 'budget_2018.frame_2002'")
    assert frame[["area", "column", "year", "status", "unit"]].to_numpy().tolist() == [
        ["151", "R2016", 2016, "R", "tkr"],
        ["151", "B2018", 2018, "B", "tkr"],
        ["151", "BO2019", 2019, "BO", "tkr"],
    ]
    verdicts = reconcile().set_index("check")["verdict"]
    assert verdicts["budget_2018.frame_2002: I alt, R2016"] == "ties"
    assert verdicts["budget_2018.frame_2002: I alt, B2018"] == "does not tie"
    assert "budget_2018" in (data / "processed/papers.csv").read_text(encoding="utf-8")
    assert "Ballerup Kommune, budget 2018" in str(
        exhibits.tables(ledger())["wrong"]["rows"]
    )  # in the committee's paper


def test_text_copied_from_a_sheet_is_taken_in_from_standard_input(data, unbuilt, monkeypatch):
    copied = "Post\tRegnskab 2016\tVedtaget budget 2017 (mio. kr.)\nA\t1,5\t2\nB\t1\t2,5\n"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(copied.encode())))
    assert cli.main(["paper", "add", "-", *TOLD, "--unit", "mio_kr"]) == 0
    table = load("budget_2018.frame_2002")
    assert table[["year", "status", "unit"]].drop_duplicates().to_numpy().tolist() == [
        [2016, "R", "mio_kr"],
        [2017, "B", "mio_kr"],
    ]
    assert sources.frames().query("name == 'budget_2018.frame_2002'").empty


def test_nobody_is_asked_while_the_table_comes_from_standard_input(data, unbuilt, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Post;B2030\nA;5\n")))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail(question))
    assert cli.main(["paper", "add", "-", *TOLD]) == 1
    assert "column 'B2030': unit is not told" in capsys.readouterr().err


def test_what_the_headings_do_not_tell_is_told_by_options_or_asked_for(data, unbuilt, tmp_path, monkeypatch):
    file = tmp_path / "x.csv"
    file.write_text("Post;Realiseret;2017\nA;1;2\nB;3;4\n", encoding="utf-8")
    answers, asked = iter(["2016", "R", "persons", "B", "tkr"]), []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or next(answers))
    assert cli.main(["paper", "add", str(file), *TOLD]) == 0
    status, unit = "R, B, K, BO, F, M, P", "such as tkr, kr, mio_kr, pct, persons, units"
    assert asked == [
        "Column 'Realiseret': year (a year): ", f"Column 'Realiseret': status ({status}): ", f"Column 'Realiseret': unit ({unit}): ",
        f"Column '2017': status ({status}): ", f"Column '2017': unit ({unit}): ",
    ]  # fmt: skip
    table = load("budget_2018.frame_2002").drop_duplicates("column")
    assert table[["year", "status", "unit"]].to_numpy().tolist() == [[2016, "R", "persons"], [2017, "B", "tkr"]]
    told = [*TOLD[:3], "other", *TOLD[4:], "--column", "Realiseret=2015,F,pct", "--unit", "tkr", "--status", "K"]
    assert cli.main(["paper", "add", str(file), *told]) == 0
    table = load("budget_2018.other").drop_duplicates("column")
    assert table[["year", "status", "unit"]].to_numpy().tolist() == [[2015, "F", "pct"], [2017, "K", "tkr"]]


def test_a_table_that_cannot_be_taken_in_is_refused_with_every_fault_and_nothing_is_written(
    data, unbuilt, tmp_path, capsys
):
    before = everything(data)
    wrong = [
        ["Post", "R2016", "B2017", "Hvornår", None],
        ["Løn", "76.26", 5, 1, None],
        ["Løn", "2014/15", 5, 1, 9],
        [None, 1, "a\u202eb", 1, None],
    ]
    assert cli.main(["paper", "add", workbook(tmp_path, wrong), *TOLD[2:], "--paper", "Budget 2018"]) == 1
    told = capsys.readouterr().err
    for fault in (
        "row 2, column B 'R2016': '76.26' is not a Danish number",
        "row 3, column B 'R2016': '2014/15'",
        "row 3: 'Løn' stands in row 2 too",
        "row 3, column E: a figure under no heading",
        "row 4: no label stands in the first column",
        "row 4, column C 'B2017': U+202E (RIGHT-TO-LEFT OVERRIDE), which cannot be printed",
        "column 'Hvornår': year, status, unit is not told",
        "--paper 'Budget 2018': write small letters",
    ):
        assert fault in told, fault
    assert everything(data) == before
    assert cli.main(["paper", "add", workbook(tmp_path, PRINTED), *TOLD]) == 0
    before = everything(data)
    assert cli.main(["paper", "add", workbook(tmp_path, PRINTED), *TOLD]) == 1
    assert "budget_2018.frame_2002 is there already" in capsys.readouterr().err and everything(data) == before


@pytest.mark.parametrize(("text", "options", "says"), [
    ("Post;B2030 (mio. kr.)\nA;76,4\nB;77,1\n", ["--unit", "tkr"], "--unit tkr: the sheet tells mio_kr of column 'B2030 (mio. kr.)'; tell other"),
    ("Mio. kr.;\nPost;B2030\nA;76,4\nB;77,1\n", ["--unit", "tkr"], "--unit tkr: the sheet tells mio_kr of column 'B2030'"),
    ("Post;B2030\nA;98,4 mio. kr.\nB;76.406\n", ["--unit", "tkr"], "row 2, column 'B2030': '98,4 mio. kr.' is of mio_kr, its column of tkr"),
    ("Post;B2030\nA;700 personer\nB;12 pct.\n", ["--unit", "tkr"], "row 3, column 'B2030': '12 pct.' is of pct, its column of tkr"),
    ("Post;B2030\nA (mio. kr.);98,4\nB;76.406\n", ["--unit", "tkr"], "row 2, column 'B2030': '98,4' is of mio_kr, its column of tkr"),
    ('Post,B2030\nA,"76,406"\nB,"77,100"\n', ["--unit", "tkr"], "row 2, column 'B2030': '76,406' may be a thousand or one"),
    ("Post;B2030\nA;76,406\nB;77,100\n", ["--unit", "persons"], "row 3, column 'B2030': '77,100' may be a thousand or one"),
    ("Post;B2030\nA;76,406\nB;77,1\n", ["--unit", "tkr"], ""), ("Post;B2030\nA;76,406\nB;77,100\n", ["--unit", "mio_kr"], ""),
    ("Post;B2030\nA;76.406\nB;77.100\n", ["--unit", "tkr"], ""), ("Post;B2030\nA;76.406 kr.\nB;77.100\n", ["--unit", "kr"], ""),
    ("1.000 kr.;\nPost;B2030;Antal personer 2030\nA;76.406;5\nB;77.100;6\n", ["--status", "B"], "column 'Antal personer 2030': year, unit is not told"),
    ("Mio. kr.;\nPost;B2030\nA;76,4\nB;77,1\n", ["--column", "B2030=2030,B,tkr"], ""),
    ("1.000 kr.;\nPost;B2030\nA;76.406\nAntal helårspersoner;652\n", [], "row 4, column 'B2030': '652': 'Antal helårspersoner' is no money; take the row in as a table of its own"),
    ("Post;B2030\nA;5\nAntal helårspersoner;652\n", ["--unit", "kr"], "'652': 'Antal helårspersoner' is no money"),
    ("Post;B2030\nA;5\nAntal helårspersoner;652\n", ["--unit", "mio_kr"], "'652': 'Antal helårspersoner' is no money"),
    ("Post;B2030\nA;5\nAntal helårspersoner;652\n", ["--unit", "persons"], ""),
    ("1.000 kr.;\nPost;B2030;Pladser 2030\nA;76.406;5\n", ["--status", "B"], "column 'Pladser 2030': year, unit is not told"),
    ("1.000 kr.;\nPost;B2030;Budget 2031, LEDIGE\nA;76.406;5\n", [], "column 'Budget 2031, LEDIGE': year, status, unit is not told"),
    ("1.000 kr.;\nPost;B2030;Budget 2031, PLADSER\nA;76.406;5\n", [], "column 'Budget 2031, PLADSER': year, status, unit is not told"),
    ("1.000 kr.;\nPost;B2030;Dækningsgrad 2030\nA;76.406;5\n", ["--status", "B"], "column 'Dækningsgrad 2030': year, unit is not told"),
    ("1.000 kr.;;\nPost;B2030;BO2031\nÅr;2030;2031\nA;76.406;5\n", [], "row 3: a second row of headings"),
    ("1.000 kr.;\nPost;B2030\n" + "".join(f"P{n};5\nP{n} i alt;6\n" for n in range(81)), [], "162 rows, 81 of them totals by their names; at most 2000 and 80 are read: divide it"),
    ("1.000 kr.;\nPost;B2030\n" + "".join(f"P{n};5\nNetto, P{n};6\n" for n in range(81)), [], "162 rows, 81 of them totals by their names"),
    ("1.000 kr.;B2030\nA;76.406\n", [], ""), ("Post;B2030\nA;76,406\nB;77,1\n", ["--unit", "kr"], "row 2, column 'B2030': '76,406' may be a thousand or one"),
    ("Post;B2030\nA;1.234\nB;77\n", ["--unit", "mio_kr"], "row 2, column 'B2030': '1.234' may be a thousand or one"),
    ("Post;B2030;B2030\nA;5;6\n", ["--unit", "tkr"], "row 1: two columns are named 'B2030'"), ("", [], "no sheet holds cells that can be seen"),
    ("1.000 kr.;;\nPost;B2030;BO2031\nDrift\nA;5;6\nObs-projekt;5;6\nB;2015;2016\nÅr;5;2031\nYear;20304;20314\n", [], ""),
    ("1.000 kr.;\nPost;B2030\n" + "".join(f"P{n};5\nP{n} i alt;6\n" for n in range(80)) + "P;5\n" * 1, [], ""),
    ("1.000 kr.;\nPost;B2030\n" + "".join(f"P{n};5\n" for n in range(2_000)), [], ""),
    ("1.000 kr.;\nPost;B2030;B2031;B2032\n" + "".join(f"P{n};5;5;5\n" for n in range(1_800)) + "".join(f"{'-' * n};5;5;5\n" for n in range(1, 60)), [],
     "1859 rows, 59 of them totals by their names, in 4 columns, are more sums than are tried; divide it"),
    ("1.000 kr.;\nPost;B2030\n" + "".join(f"P{n};5\n" for n in range(2_001)), [], "2001 rows, 0 of them totals by their names; at most 2000 and 80 are read"),
])  # fmt: skip
def test_a_unit_is_what_the_sheet_tells_and_one_told_otherwise_is_a_fault(
    data, unbuilt, tmp_path, capsys, text, options, says
):
    file = tmp_path / "x.csv"
    file.write_text(text, encoding="utf-8")
    assert cli.main(["paper", "add", str(file), *TOLD, *options]) == bool(says)
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(("text", "options", "columns"), [
    ("Post;B2030\nA;5\n", ["--column", "B2030=,K,", "--unit", "tkr"], [[2030, "K", "tkr"]]),
    ("Post;B2030;2031\nA;5;6\n", ["--status", "F", "--unit", "tkr"], [[2030, "B", "tkr"], [2031, "F", "tkr"]]),
    ("1.000 kr.;;\nPost;B2030 (mio. kr.);BO2031\nA;5;6\n", [], [[2030, "B", "mio_kr"], [2031, "BO", "tkr"]]),
    ("Post;B2030 (mio. kr.)\nA;5\n", ["--unit", "tkr", "--column", "B2030 (mio. kr.)=,,tkr"], [[2030, "B", "tkr"]]),
    ("Post;B2030\nA;5\n", ["--column", " B2030 = , K , tkr "], [[2030, "K", "tkr"]]),
    ("Post;I alt = netto\nA;5\n", ["--column", "I alt = netto=2030,B,tkr"], [[2030, "B", "tkr"]]),
    ("Post;;B2030;;;;;;BO2031\nA;;5;;;;;;6\n", ["--unit", "tkr"], [[2030, "B", "tkr"], [2031, "BO", "tkr"]]),
])  # fmt: skip
def test_of_a_column_what_is_told_of_it_goes_first_then_its_heading_then_the_sheet_then_what_is_told_of_all(
    data, unbuilt, tmp_path, text, options, columns
):
    file = tmp_path / "x.csv"
    file.write_text(text, encoding="utf-8")
    assert cli.main(["paper", "add", str(file), *TOLD, *options]) == 0
    table = load("budget_2018.frame_2002").drop_duplicates("column")
    assert table[["year", "status", "unit"]].to_numpy().tolist() == columns


@pytest.mark.parametrize(("text", "options", "says"), [
    ("1.000 kr.;\nMio. kr.;\nPost;B2030\nA;5\n", [], "column 'B2030': unit is not told"),
    ("Post;B2030\nA;5\n", ["--unit", "tkr", "--column", "B2031=2031,B,tkr"], "--column 'B2031': there is no such heading"),
    ("Post;B2030\nA;5\n", ["--unit", "tkr", "--column", "B2030"], "column 'B2030': year is not told; give --column 'B2030=YEAR,STATUS,UNIT' (now B2030,B,tkr)"),
    ("Post;Budget\nA;5\n", ["--unit", "tkr", "--column", "Budget=203,B,tkr"], "column 'Budget': year is not told"),
    ("Post;Budget\nA;5\n", ["--unit", "tkr", "--column", "Budget=20300,B,tkr"], "column 'Budget': year is not told"),
    ("Post;Budget\nA;5\n", ["--unit", "tkr", "--column", "Budget=2030,V,tkr"], "column 'Budget': status is not told"),
    ("Post;B2030\nA;5\n", ["--unit", "1.000 kr."], "column 'B2030': unit is not told"),
])  # fmt: skip
def test_what_is_told_of_no_column_or_is_no_year_status_or_unit_is_a_fault(
    data, unbuilt, tmp_path, capsys, text, options, says
):
    file, before = tmp_path / "x.csv", everything(data)
    file.write_text(text, encoding="utf-8")
    assert cli.main(["paper", "add", str(file), *TOLD, *options]) == 1
    assert says in capsys.readouterr().err and everything(data) == before


@pytest.mark.parametrize(("text", "options", "told"), [
    ("1.000 kr.;\nPost;B2030\nA;5\n", [], [
        "Name of the paper, such as budget_2018: not told; give --paper",
        "Name of the table, such as frame_2002: not told; give --table",
        "What the table holds: not told; give --title",
        "Whose paper, and of what day: not told; give --source",
    ]),
    ("1.000 kr.;\nPost;B2030\nA;5\n", ["--paper", "budget 2018", "--table", "frame 20.02", "--title", " ", "--source", "x"], [
        "What the table holds: not told; give --title",
        "--paper 'budget 2018': write small letters a-z, digits and _, beginning with a letter",
        "--table 'frame 20.02': write small letters a-z, digits and _, beginning with a letter",
    ]),
    ("1.000 kr.;\nPost;B2030\n", TOLD, ["no row stands below the headings of row 2"]),
    ("1.000 kr.\nPost\n", TOLD, ["no row with headings for two columns or more was found"]),
    ("1.000 kr.;;\nPost;B2030;BO2031\nYear;2030;2031\nÅr;2030;\n;2030;2031\nA;5;6\n", TOLD, [
        "row 3: a second row of headings; write year and status in one, as B2027",
        "row 4: a second row of headings; write year and status in one, as B2027",
        "row 5: no label stands in the first column",
        "row 5: a second row of headings; write year and status in one, as B2027",
    ]),
])  # fmt: skip
def test_all_that_is_to_be_mended_is_told_at_once_and_each_thing_once(
    data, unbuilt, tmp_path, capsys, text, options, told
):
    file = tmp_path / "x.csv"
    file.write_text(text, encoding="utf-8")
    assert cli.main(["paper", "add", str(file), *options]) == 1
    lines = [f"{file}: {len(told)} to mend", *(f"  {one}" for one in told)]
    assert capsys.readouterr().err == "".join(f"ballerup paper: {line}\n" for line in lines)


def test_a_second_sheet_and_a_hidden_row_are_asked_about_and_not_passed_over(data, unbuilt, tmp_path, capsys):
    def second(book):
        book.create_sheet("Ark2").append(["Post", "B2019"])

    def hidden(book):
        for row in (6, 5, 4, 3):
            book.active.row_dimensions[row].hidden = True
        book.active.column_dimensions["C"].hidden = True

    gone = [f"{what} is hidden; show it or delete it" for what in ("column C", "row 3", "row 4", "row 5", "row 6")]
    for change, says in (
        (second, "'Sheet', 'Ark2' holds cells that can be seen; keep the one sheet with the table"),
        (hidden, "".join(f"ballerup paper:   {one}\n" for one in gone)),
    ):
        book = openpyxl.load_workbook(workbook(tmp_path, PRINTED))
        change(book)
        book.save(tmp_path / "budget.xlsx")
        assert cli.main(["paper", "add", str(tmp_path / "budget.xlsx"), *TOLD]) == 1
        assert says in capsys.readouterr().err, says


def test_the_record_of_a_paper_has_what_was_told_or_answered_of_it_as_published_and_of_no_licence(
    data, unbuilt, tmp_path, monkeypatch
):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: f" {question[:-2]} ")
    told = ["--paper", "new", "--table", "made", "--address", "https://example.org/a.pdf"]
    assert cli.main(["paper", "add", workbook(tmp_path, PRINTED), *told]) == 0
    paper = data / "raw/papers/new/made.csv"
    fields = [("R2016", 2016, "R"), ("B2018", 2018, "B"), ("BO2019", 2019, "BO")]
    figures = [{"name": h, "type": "string", "year": y, "status": s, "unit": "tkr"} for h, y, s in fields]
    record = {
        "name": "new.made",
        "title": "What the table holds",
        "path": "raw/papers/new/made.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": "",
        "sources": [{"title": "Whose paper, and of what day", "path": "https://example.org/a.pdf"}],
        "licenses": [
            {"name": "notspecified", "title": "terms not stated; figures from a public committee paper"},
        ],
        "evidence": "published",
        "schema": {"fields": [{"name": "row", "type": "string"}, *figures], "missingValues": [""]},
        "hash": f"sha256:{hashlib.sha256(paper.read_bytes()).hexdigest()}",
        "bytes": paper.stat().st_size,
    }
    assert sources.record_of("new.made") == record
    assert cli.main(["paper", "add", workbook(tmp_path, PRINTED), *told[:3], "other", "--title", " A title "]) == 0
    other = sources.record_of("new.other")
    assert (other["title"], other["sources"]) == ("A title", [{"title": "Whose paper, and of what day"}])


def test_a_number_is_taken_in_with_what_its_format_writes_and_the_table_ties_as_it_is_seen(data, unbuilt, tmp_path):
    book = openpyxl.Workbook()
    rows = [("Post", "B2030"), ("A", 76.4), ("B", 60.2), ("Besparelse", 5.0), ("I alt", 131.6)]
    for row, form in zip(rows, ("General", "0.0", "0.0", '"-"0.0', "0.0"), strict=True):
        book.active.append(row)
        book.active.cell(book.active.max_row, 2).number_format = form
    book.save(tmp_path / "x.xlsx")
    assert cli.main(["paper", "add", str(tmp_path / "x.xlsx"), *TOLD, "--unit", "mio_kr"]) == 0
    table = load("budget_2018.frame_2002").set_index("row")
    assert (table["printed"]["Besparelse"], table["value"]["Besparelse"]) == ("-5,0", -5)
    assert reconcile().set_index("check")["verdict"]["budget_2018.frame_2002: I alt, B2030"] == "ties"


def test_what_stands_around_a_table_is_told_as_it_is_not_taken_in(data, unbuilt, tmp_path, capsys):
    book = openpyxl.load_workbook(workbook(tmp_path, PRINTED))
    for cell in ("D5", "C5", "D4", "B4", "C3", "B3"):
        book.active[cell].comment = Comment("halvår", "x")
    book.active.add_chart(BarChart(), "H1")
    book.active.oddHeader.left.text = "Bruttoudgifter"
    book.save(tmp_path / "budget.xlsx")
    assert cli.main(["paper", "add", str(tmp_path / "budget.xlsx"), *TOLD]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if "not taken in" in line]
    assert told == [
        "  not taken in: A1 'Budget 2018, 1.000 kr.'", "  not taken in: A6 'Kilde: økonomisystemet'",
        "  not taken in: header Bruttoudgifter", "  not taken in: chart",
        *(f"  not taken in: comment on {cell}" for cell in ("B3", "C3", "B4", "D4", "C5", "D5")),
    ]  # fmt: skip


def test_a_row_without_figures_or_called_as_a_note_with_some_stays_a_row_as_printed(data, unbuilt, tmp_path, capsys):
    file = tmp_path / "x.csv"
    text = ";1.000 kr.;\nPost;B2030;BO2031\nDrift, note 2\nA;5\nNote 3;7;8\nNote: a\n" + ";;\n" * 4 + "Kilde: b\n"
    file.write_text(text, encoding="utf-8")
    assert cli.main(["paper", "add", str(file), *TOLD]) == 0
    rows = load("budget_2018.frame_2002").pivot(index="row", columns="column", values="printed")
    assert rows.loc[["Drift, note 2", "A", "Note 3"]].fillna("").to_numpy().tolist() == [
        ["", ""],
        ["5", ""],
        ["7", "8"],
    ]
    told = [("row 1, column 2", "1.000 kr."), ("row 6, column 1", "Note: a"), ("row 11, column 1", "Kilde: b")]
    out = [f"  not taken in: {place} {text!r}" for place, text in told]
    assert capsys.readouterr().out.splitlines()[-3:] == out


def test_a_paper_of_another_municipality_is_recorded_as_its_own(data, unbuilt, tmp_path):
    for n, (area, held) in enumerate([("Gladsaxe", "159"), ("Ballerup", None)]):
        told = [*TOLD[:3], f"other_{n}", *TOLD[4:], "--area", area]
        assert cli.main(["paper", "add", workbook(tmp_path, PRINTED), *told]) == 0
        assert sources.record_of(f"budget_2018.other_{n}").get("area") == held


def test_a_frame_of_another_municipality_is_listed_as_its_own(data, unbuilt, tmp_path):
    assert cli.main(["paper", "add", workbook(tmp_path, PRINTED), *TOLD, "--area", "Gladsaxe", "--frame"]) == 0
    assert sources.frames().query("name == 'budget_2018.frame_2002'")["area"].tolist() == ["159"] * 3


def test_merged_headings_are_asked_for_apart_and_a_merged_title_is_a_title(data, unbuilt, tmp_path, capsys):
    for cells, code in (("C2:D2", 1), ("B1:B2", 1), ("A1:D1", 0)):
        book = openpyxl.load_workbook(workbook(tmp_path, PRINTED))
        book.active.merge_cells(cells)
        book.save(tmp_path / "budget.xlsx")
        assert cli.main(["paper", "add", str(tmp_path / "budget.xlsx"), *TOLD]) == code
        assert (f"cells {cells} are merged; unmerge them" in capsys.readouterr().err) == code


def test_a_megabyte_of_copied_text_is_read_and_a_byte_more_is_refused(data, unbuilt, monkeypatch, capsys):
    table = b"1.000 kr.;\nPost;B2030\nA;5\n"
    for more, code in ((1, 1), (0, 0)):
        rest = TEXT_BYTES - len(table) + more
        copied = table + (b" " * 99 + b"\n") * (rest // 100) + b"\n" * (rest % 100)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(copied)))
        assert cli.main(["paper", "add", "-", *TOLD]) == code
    assert f"standard input holds more than {TEXT_BYTES} bytes" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "text", "says"), [
    ("--title", "B\udce6r", "--title holds U+DCE6, which cannot be printed"), ("--title", "\x1b[31m", "--title holds U+001B"),
    ("--source", "\ue000", "--source holds U+E000"), ("--title", "x" * 5_001, "--title has 5001 characters; at most"),
    ("--address", "javascript:alert(1)", "--address 'javascript:alert(1)': write where the paper can be read, as https"),
])  # fmt: skip
def test_what_is_told_of_a_table_is_text_a_paper_prints_and_else_nothing_is_written(
    data, unbuilt, tmp_path, capsys, option, text, says
):
    file = tmp_path / "x.csv"
    file.write_text("1.000 kr.;\nPost;B2030\nA;76.406\n", encoding="utf-8")
    before = sorted(data.rglob("*"))
    assert cli.main(["paper", "add", str(file), *TOLD, option, text]) == 1
    assert says in capsys.readouterr().err and sorted(data.rglob("*")) == before
