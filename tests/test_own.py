"""Own files are read as people save them, or refused with all that is to be mended; no file can hurt or mislead."""

import contextlib
import datetime as dt
import io
import math
import re
import time
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.comments import Comment
from openpyxl.styles.numbers import BUILTIN_FORMATS
from packed import zipped

from ballerup_analysis import cli, files, grids, own
from ballerup_analysis.files import DataError
from ballerup_analysis.own import forms, names, sheets
from ballerup_analysis.own.sums import _of_all, _of_neighbours, step_of, sums_among
from ballerup_analysis.sources import load, load_local_accounts, load_papers

HEAD = ["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Nettoudgift (1.000 kr.)"]
ROWS = [["Ballerup", 2013, "Kontanthjælp", 1020.5, 98400], ["Hele landet", 2013, "Kontanthjælp", 100000, 9500000]]
READ = [["151", 2013, "Kontanthjælp", 1020.5, 98_400_000.0], ["000", 2013, "Kontanthjælp", 100_000.0, 9_500_000_000.0]]
TIDY = ["area", "year", "benefit", "fulltime_persons", "net_cost_kr"]


def book(rows, change=None):
    """Return the bytes of a workbook with these rows, after a change to it."""
    workbook, held = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        workbook.active.append(row)
    if change:
        change(workbook)
    workbook.save(held)
    return held.getvalue()


def danish(rows, separator=";"):
    """Return rows as text with Danish numbers."""
    texts = [
        "" if c is None else f"{c:_}".replace(".", ",").replace("_", ".") if isinstance(c, float) else str(c)
        for row in rows
        for c in row
    ]
    width = len(rows[0])
    return "\r\n".join(separator.join(texts[i : i + width]) for i in range(0, len(texts), width)) + "\r\n"


def ods(rows, extra=""):
    """Return the bytes of an OpenDocument sheet with these rows."""
    spaces = " ".join(
        f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{k}:1.0"' for k in ("office", "table", "text", "style")
    )

    def cell(value):
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    far = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    sheet = f'<table:table table:name="Ark1">{lines}{extra}{far}</table:table>'
    content = f"<office:document-content {spaces}><office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body></office:document-content>"
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def parts_of(raw):
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def replaced(raw, part, old, new):
    parts = parts_of(raw)
    assert old in parts[part]
    return zipped(parts | {part: parts[part].replace(old, new)})


def read(folder, kind, name, raw):
    for old in folder.iterdir():
        old.unlink()
    (folder / name).write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return own.read(kind, folder)


SAVED = {
    "UTF-8": ("accounts.csv", danish([HEAD, *ROWS]).encode()),
    "UTF-8 with BOM": ("accounts.csv", danish([HEAD, *ROWS]).encode("utf-8-sig")),
    "cp1252": ("accounts.csv", danish([HEAD, *ROWS]).encode("cp1252")),
    "DOS": ("accounts.csv", danish([HEAD, *ROWS]).encode("cp850")),
    "Macintosh": ("accounts.csv", danish([HEAD, *ROWS]).encode("mac_roman")),
    "UTF-16 with tabs": ("accounts.txt", danish([HEAD, *ROWS], "\t").encode("utf-16")),
    "UTF-16 without BOM": ("accounts.csv", danish([HEAD, *ROWS]).encode("utf-16-le")),
    "commas": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "Kontanthjælp", '"1020,5"', 98400], ROWS[1]], ",")),
    "headings without Danish letters": ("accounts.csv", danish([[{"År": "Aar"}.get(one, one) for one in HEAD], *ROWS])),
    "sep=": ("accounts.csv", "sep=;\r\n" + danish([HEAD, *ROWS])),
    "blank and total rows, a title and a source": (
        "REGNSKAB.CSV",
        danish([["Regnskab 2013", "", "", "", ""], [""] * 5, HEAD, ROWS[0], [""] * 5, ["Ballerup", 2013, "I alt", 1020.5, 98400], ROWS[1], ["Kilde: eget system", "", "", "", ""], [""] * 5]),
    ),
    "English headings, numbers for areas": (
        "accounts.csv",
        "area;year;benefit;fulltime_persons;net_cost_kr\n151;2013;Kontanthjælp;1.020,5;98.400.000\n0;2013;kontanthjælp;100.000;9.500.000.000\n",
    ),
    "unit by row": (
        "accounts.csv",
        "Kommune;År;Ydelse;Fuldtidspersoner;Nettoudgift;Enhed\nBallerup;2013;Kontanthjælp;1.020,5;98,4;mio. kr.\nDanmark;2013;Kontanthjælp;100.000;9.500.000;1.000 kr.\n",
    ),
    "unit above": ("accounts.csv", danish([["1.000 kr.", "", "", "", ""], [*HEAD[:4], "Nettoudgift"], *ROWS])),
    "xlsx": ("accounts.xlsx", book([["Regnskab"], [], HEAD, *ROWS])),
    "xlsx with text numbers": ("accounts.xlsx", book([HEAD, ["151", "2013", "Kontanthjælp", "1.020,5", "98.400"], ["0", *ROWS[1][1:]]])),
    "ods": ("accounts.ods", ods([HEAD, *ROWS])),
    "other column order, a column of remarks": (
        "accounts.xlsx",
        book([[*reversed(HEAD), "Bemærkning"], *[[*reversed(row), "x"] for row in ROWS]]),
    ),
    "a hidden sheet beside": ("accounts.xlsx", book([HEAD, *ROWS], lambda b: setattr(b.create_sheet("lister"), "sheet_state", "hidden"))),
    "a merged title above": ("accounts.xlsx", book([["Regnskab"], HEAD, *ROWS], lambda b: b.active.merge_cells("A1:E1"))),
}  # fmt: skip


def test_accounts_are_read_however_they_were_saved(tmp_path):
    failed = {}
    for how, (name, raw) in SAVED.items():
        try:
            told = read(tmp_path, "accounts", name, raw)[TIDY].to_numpy().tolist()
        except DataError as error:
            told = str(error)
        if told != READ:
            failed[how] = told
    assert failed == {}


def test_what_was_read_and_what_was_left_out_is_reported(tmp_path):
    name, raw = SAVED["blank and total rows, a title and a source"]
    read(tmp_path, "accounts", name, raw)
    (tmp_path / "Regnskab endelig.xlsx").write_bytes(b"")
    (tmp_path / "~$accounts.xlsx").write_bytes(b"")
    first, second = own.report(tmp_path).to_dict("records")
    assert (first["kind"], first["file"], first["rows"], first["first"], first["last"]) == (
        "accounts",
        name,
        2,
        "2013",
        "2013",
    )
    assert (first["persons"], first["mio_kr"]) == (101_020.5, 9598.4)
    assert first["left_out"] == "row 6 'I alt'; row 8 'Kilde: eget system'"
    assert (second["kind"], second["file"], second["rows"]) == (
        "",
        "Regnskab endelig.xlsx",
        0,
    ) and "not used" in second["left_out"]


def test_a_missing_figure_is_not_zero_and_needs_no_price(tmp_path):
    table = read(
        tmp_path,
        "accounts",
        "accounts.csv",
        danish([HEAD, ["Ballerup", 2013, "A", "-", "1,25-"], ["Ballerup", 2013, "B", "i.a.", ".."]]),
    )
    assert table["net_cost_kr"].tolist() == pytest.approx([-1250, math.nan], nan_ok=True)
    assert table["fulltime_persons"].isna().all()


def test_persons_budget_and_observations_are_tidy(tmp_path):
    periods = {
        "2026M03": "2026M03",
        "marts 2026": "2026M03",
        "03-2026": "2026M03",
        "1. kvartal 2025": "2025Q1",
        "2024": "2024",
        "2025K2": "2025Q2",
    }
    text = "Kommune;Måned;Ydelse;Helårspersoner\n" + "".join(f"151;{p};x{i};5,5\n" for i, p in enumerate(periods))
    table = read(tmp_path, "persons", "personer.csv", text)
    assert table[["area", "period", "fulltime_persons"]].to_numpy().tolist() == [
        ["151", p, 5.5] for p in periods.values()
    ]
    dated = book([["Kommune", "Måned", "Ydelse", "Fuldtidspersoner"], [151, dt.date(2026, 3, 1), "x", 5]])
    assert read(tmp_path, "persons", "persons.xlsx", dated)["period"].tolist() == ["2026M03"]

    wide = book(
        [
            ["Ramme 20.02, 1.000 kr."],
            [None, "R2025", "Vedtaget budget 2026", "BO2027"],
            ["Sygedagpenge", 76269, 76406, None],
            ["heraf over 52 uger", 1, 1, 1],
            ["I alt", 76269, 76406, 1],
        ]
    )
    budget = read(tmp_path, "budget", "budget.xlsx", wide)
    assert budget[["line", "year", "status", "amount_tkr"]].to_numpy().tolist() == [
        ["Sygedagpenge", 2025, "R", 76269.0],
        ["Sygedagpenge", 2026, "B", 76406.0],
    ]
    long = "Linje;År;Beløb i mio. kr.;Personer;Status\nSygedagpenge;2026;76,4;652;K\nKontanthjælp;BO2027;0,5;;\nFleksjob;2026;1;;B\n"
    budget = read(tmp_path, "budget", "budget.csv", long)
    assert budget[["line", "year", "status", "amount_tkr"]].to_numpy().tolist() == [
        ["Sygedagpenge", 2026, "K", 76400.0], ["Kontanthjælp", 2027, "BO", 500.0], ["Fleksjob", 2026, "B", 1000.0]
    ]  # fmt: skip
    assert budget["persons"].tolist() == pytest.approx([652, math.nan, math.nan], nan_ok=True)

    seen = read(
        tmp_path,
        "observations",
        "observations.csv",
        "case;item;observed;still_realistic\n5.10;saving_2020;0,4;\n5.10;5.10_2b;nej;ja\n",
    )
    assert seen[["case", "item", "observed", "still_realistic"]].to_numpy().tolist() == [
        ["5.10", "saving_2020", 0.4, None],
        ["5.10", "5.10_2b", False, True],
    ]


@pytest.mark.parametrize(("head", "value", "says"), [
    ("Resultat", "0,25", None), ("Resultat (mio. kr.)", "0,25", None), ("Resultat (mio. kr.)", "1.250,5", None), ("Resultat", "1250", None),
    ("Resultat (1.000 kr.)", "250", r"no heading for observed .*; not understood: 'Resultat \(1.000 kr.\)'"), ("Observeret (kr.)", "250000", "no heading for observed"),
    ("Resultat", "1.250", "'1.250' may be a thousand or one"), ("Resultat", "1,200", "'1,200' may be a thousand or one"),
])  # fmt: skip
def test_an_observation_is_persons_or_mio_kr_and_of_one_size(head, value, says, tmp_path):
    text = f"case;item;{head}\n5.02;saving_2020;{value}\n"
    if says is None:
        assert len(read(tmp_path, "observations", "observations.csv", text)) == 1
        return
    with pytest.raises(DataError, match=says):
        read(tmp_path, "observations", "observations.csv", text)


def test_every_fault_is_told_at_once_with_row_column_what_stands_there_and_what_would_be_right(tmp_path):
    rows = [
        ["Ballerup", 2013, "A", 100, 10_000],
        ["Balerup", "MMXIII", None, "abc", 98400000.25],
        ["Ballerup", 2013, "a", 100, 11_000],
        [999, 2013.5, "B", "300-320", "5.000 kr."],
        [151, 1013, "C", -1, True],
        ["Ballerup", 2013, "E", 1000, 5],
    ]
    with pytest.raises(DataError) as error:
        read(tmp_path, "accounts", "accounts.xlsx", book([HEAD, *rows]))
    first, *told = str(error.value).splitlines()
    assert first == f"{tmp_path / 'accounts.xlsx'}: 13 to mend"
    assert [line.partition("row ")[2][0] for line in told] == list("3333455556667")
    for fault in (
        "row 3, column A 'Kommune': 'Balerup' stands there; there is no area 'Balerup'; did you mean Ballerup",
        "row 3, column B 'År': 'MMXIII' stands there; write a year such as 2014",
        "row 3, column C 'Ydelse': nothing stands there; write a name",
        "row 3, column D 'Fuldtidspersoner': 'abc' stands there; write a Danish number such as 1.020,5",
        "row 4: the same area, year, benefit as in row 2; keep one of them",
        "row 5, column A 'Kommune': 999 stands there; there is no area",
        "row 5, column B 'År': 2013.5 stands there; write a year",
        "row 5, column D 'Fuldtidspersoner': '300-320' stands there; write one number, not a range",
        "row 5, column E 'Nettoudgift (1.000 kr.)': '5.000 kr.' stands there; write a Danish number",
        "row 6, column B 'År': 1013 stands there",
        "row 6, column D 'Fuldtidspersoner': -1 stands there; it must lie between 0 and 6.000.000",
        "row 6, column E 'Nettoudgift (1.000 kr.)': True stands there",
        "row 7, column E 'Nettoudgift (1.000 kr.)': 5 kr. a person and year is not between 20.000 and 400.000",
    ):
        assert any(f"sheet 'Sheet', {fault}" in line for line in told), fault


RANGE = {"minimum": 0, "maximum": 6_000_000}
CELLS = {
    "number": [(0, 0.0), (6_000_000, 6e6), ("1.020,5", 1020.5), (6_000_001, None), (-0.5, None), (True, None), ("5 pct.", None)],
    "truth": [("ja", True), ("Yes", True), ("x", True), ("nej", False), ("no", False), (True, True), (False, False), ("ja nej", None)],
    "observed": [("ja", True), ("nej", False), ("0,4", 0.4), (1e9, 1e9), (-1e9, -1e9), (1.1e9, None), (-1.1e9, None), ("-", None), (None, None)],
    "status": [("Korrigeret budget", "K"), ("Vedtaget budget", "B"), ("bo", "BO"), ("Forventet regnskab", "F"), ("budget for alle", None), ("P", None), ("M", None), ("budgetforslag", "F"), ("forslag", "F")],
    "budget_year": [("B2027", (2027, "B")), ("Regnskab 2025", (2025, "R")), (2027.0, (2027, "")), ("Budget 27", (2027, "B")), ("BO-27", (2027, "BO")), ("R '24 (1.000 kr.)", (2024, "R")), ("Budget 12", None), ("27", None), ("Budget 40", None), ("Uge 27", None), ("B2027 og B2028", None), ("M2027", None), ("P2027", None), ("BO2028 [t.kr]", (2028, "BO"))],
    "year": [(2014.0, 2014), ("2014", 2014), ("R2014", 2014), ("Regnskab 2014", 2014), ("B2014", None), (1999, None), (2100, None), (None, None)],
    "period": [("2026Q4", "2026Q4"), ("2026Q5", None), ("12.2026", "2026M12"), ("13.2026", None), ("2026-01", "2026M01"), ("juni 2026", "2026M06"),
        ("31-03-2026", "2026M03"), ("1.3.2026", "2026M03"), ("2024-02-29", "2024M02"), ("2026-04-01", "2026M04"), ("2025.2", "2025M02")],
    "text": [("Løn  og drift", "Løn og drift"), (557.0, "557"), (True, None), (None, None), (dt.date(2026, 1, 1), None)],
    "code": [("5.10", "5.10"), (5.1, None), (None, None), (dt.date(2026, 10, 5), None)],
    "area": [("gladsaxe kommune", "159"), ("Ballerup (151)", "151"), ("Ballerup Kommune (151)", "151"), ("Gladsaxe (151)", None), (0, "000"), (151.0, "151"), ("DK", "000"), (True, None), (None, None), ("Atlantis", None)],
    "unit": [("1.000 kr.", 1e3), ("tkr", 1e3), ("t.kr.", 1e3), ("mill. kr.", 1e6), ("Kroner", 1.0), ("EUR", None)],
}  # fmt: skip


def test_a_cell_is_read_by_its_form_or_refused():
    wrong = []
    for form, cases in CELLS.items():
        for cell, right in cases:
            told = forms.attempt(lambda cell, _, form=form: forms.FORMS[form](cell, RANGE), cell)
            if told != right or type(told) is not type(right):
                wrong.append((form, cell, told, right))
    assert wrong == []


@pytest.mark.parametrize(
    ("form", "cell", "says"),
    [
        ("area", None, "write the municipality's name or number"),
        ("area", True, "write the municipality's name or number"),
        ("area", "Atlantis", "there is no area 'Atlantis'"),
        ("text", None, "write a name"),
        ("text", dt.date(2026, 1, 1), "write a name"),
        ("status", "M", "write B, K, BO, R or F"),
        ("budget_year", "P2026", "write B, K, BO, R or F before the year"),
        ("period", "15-03-2026", "a day within a month is no period"),
        ("period", "2026-04-17", "a day within a month is no period"),
        ("period", "99-05-2026", "there is no such day"),
        ("period", "2026-06-99", "there is no such day"),
        ("period", "2025.1", "it may be January or October; write 2025M01 or 2025M10"),
        ("number", "n/a", "write - where there is no number, or leave the cell empty$"),
        ("number", "a/b", "or - for missing"),
        ("number", "½", "'½' is no part of one$"),
        ("number", "1.020,5¹", "write the number alone; the mark '¹' belongs in a note or a column of remarks$"),
        ("number", "1’020,5", "'’' is no part of one$"),
        ("number", "5 pct.", "for missing; the unit belongs in the heading$"),
        ("number", "5 %", "for missing; the unit belongs in the heading$"),
        ("number", "1.0205", "for missing$"),
    ],
)
def test_a_cell_that_cannot_be_read_says_what_to_write(form, cell, says):
    with pytest.raises(ValueError, match=says):
        forms.FORMS[form](cell, {})


def test_a_name_that_may_be_left_out_is_missing_where_it_is(tmp_path):
    table = read(tmp_path, "budget", "budget.csv", "Post;År;Beløb (kr.);Ydelse\nA;2027;5;\nB;2027;6;sygedagpenge\n")
    assert table["benefit"].fillna("").tolist() == ["", "sygedagpenge"]


def test_a_magnitude_that_cannot_be_is_asked_about_and_used_once_it_is_confirmed(tmp_path):
    rows = [
        ["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Nettoudgift (kr.)"],
        ["Ballerup", 2013, "A", 1020.5, 98400],
    ]
    with pytest.raises(
        DataError,
        match=r"96 kr. a person .* a thousand times as much would be 96.423 kr.; is the unit right\? if .* 'bekræftet'",
    ):
        read(tmp_path, "accounts", "accounts.csv", danish(rows))
    rows = [[*rows[0], "bekræftet"], [*rows[1], "ja"]]
    assert read(tmp_path, "accounts", "accounts.csv", danish(rows))["net_cost_kr"].tolist() == [98400.0]
    with pytest.raises(
        DataError, match=r"no unit is told, or more than one; write kr., 1.000 kr. or mio. kr. in the heading"
    ):
        read(tmp_path, "accounts", "accounts.csv", danish([[*HEAD[:4], "Nettoudgift"], *ROWS]))


def test_a_total_never_doubles_whatever_it_is_called(tmp_path):
    lines = [["Ballerup", 2013, name, 100, 10_000 + i] for i, name in enumerate("ABC")]
    for total in ("I alt", "Total", "Forsørgelse i alt", "SUM", "Hovedtotal"):
        table = read(
            tmp_path, "accounts", "accounts.csv", danish([HEAD, *lines, ["Ballerup", 2013, total, 300, 30_003]])
        )
        assert table["net_cost_kr"].sum() == 30_003_000, total
    with pytest.raises(
        DataError, match=r"row 5, column 5 .*'Forsørgelse' is the sum of others; if it is a total, call it I alt"
    ):
        read(
            tmp_path, "accounts", "accounts.csv", danish([HEAD, *lines, ["Ballerup", 2013, "Forsørgelse", 300, 30_003]])
        )


def accounts(*rows, head=HEAD):
    """Return accounts of Ballerup in 2013 as text: benefit, persons and amount of each row."""
    return danish([head, *[["Ballerup", 2013, *row] for row in rows]])


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        ([100, 200, 300], True),
        ([300, 100, 200], True),
        ([0.0003, 0.0002, 0.0001], True),
        ([100, 200, 301], False),
        ([1000, 2000, 3001], True),  # as rounded
        ([1000, 2000, 3002], False),
        ([100, 200, 301, 5], False),
        ([90_001, 60_001, 30_000, 500], True),  # of those below it
        ([7, 60_001, 30_000, 90_001], True),  # of those above
        ([60_001, 30_000, 90_001, 7], True),  # of the first two
        ([90_001, 60_001, 500, 30_000], False),
        ([4_000, 3_001, 999, 500], True),
        ([3_999, 3_001, 998, 500], False),  # so few digits agree by chance
        ([12_002, 9_001, 3_000, 500], True),  # as rounded
        ([11_999, 9_000, 3_000, 500], False),  # which more sums would do
        ([90_003, 60_001, 30_000, 500], False),
        ([76_406, 76_406, 500], True),  # a group of one
        ([2_406, 2_406, 500], False),
        ([0, 0, 0], False),  # nought is no sum
        ([100, 100], False),  # of two, neither is a total
        ([100, -100, 0], False),
        ([-100, -200, -300], True),  # of refunds
        ([-60_001, -30_000, -90_001, 7], True),
        ([200, -50, 150], True),
        ([30, -20, 6, 16], True),  # not the largest, but sixteen steps among four amounts
        ([31, -20, 4, 15], False),
    ],
)
def test_a_line_is_asked_about_that_is_the_sum_of_at_least_two_others_of_its_area_and_year(tmp_path, amounts, told):
    rows = [[name, "-", amount] for name, amount in zip("ABCD", amounts, strict=False)]
    if told:
        with pytest.raises(DataError, match=r"[12] to mend\n.* is the sum of others; if it is a total, call it I alt"):
            read(tmp_path, "accounts", "accounts.csv", accounts(*rows))
    else:
        assert len(read(tmp_path, "accounts", "accounts.csv", accounts(*rows))) == len(amounts)


def test_a_sum_among_neighbours_is_one_in_several_years_or_to_more_digits_than_chance_has(tmp_path):
    rows = [
        ["1.000 kr.", *range(2020, 2030)],
        *[[f"L{i}", *[1001 + 7919 * i * (y + 3) % 30_011 for y in range(10)]] for i in range(8)],
    ]
    rows[3][1] = rows[4][1] + rows[5][1]  # once, among eighty amounts
    assert len(budget_of(tmp_path, rows)[1]) == 80
    rows[3][2] = rows[4][2] + rows[5][2]
    with pytest.raises(
        DataError, match=r"2 to mend\n.*row 4, column B .*'L2' is the sum of others.*\n.*row 4, column C"
    ):
        budget_of(tmp_path, rows)
    for row in (3, 4, 5):  # the same amounts again
        rows[row][2] = rows[row][1]
    assert len(budget_of(tmp_path, rows)[1]) == 80


@pytest.mark.parametrize(("digits", "told"), [(80_000, True), (79_999, False)])
def test_an_amount_that_is_a_sum_once_has_a_thousand_steps_for_each_amount_there_is(digits, told):
    lines = [5.0, digits, digits - 30_001, 30_001, *[1000.0 + 7 * i * i for i in range(76)]]
    found = sums_among(pd.Series(lines), pd.Series([f"L{i}" for i in range(80)]), [pd.Series(["2027"] * 80)])
    assert found == [1] * told


@pytest.mark.parametrize(("amounts", "told"), [
    ([1_000, 333, 333, 333], [0]), ([999, 333, 333, 332], []),  # the largest, as rounded
    ([10_000, -3_000, -2_999, 4_000], [3]), ([9_998, -3_000, -2_998, 3_999], []),  # one of four
    ([50.24686123, 20.12345012, 30.12341111, 9.0], [0]),  # more decimals than are looked at
    ([50.24686131, 20.12345012, 30.12341111, 9.0], [0]), ([9.0, 20.12345012, 30.12341111, 50.24686131], [3]),
    ([1_000, 333, 333, 332], []), ([10_002, 3_333, 3_333, 3_334], []), ([4_000.5, 3_000.5, 1_000, 9], [0]),
    ([3_001, 1_000, 4_001, 500], [2]),  # from the first line on
    ([0.9001, 0.6001, 0.3, 0.05], [0]), ([0.50241, 0.20121, 0.3012, 0.09], [0]),
])  # fmt: skip
def test_how_many_steps_from_nought_an_amount_lies_decides_whether_it_is_a_sum(amounts, told):
    assert sums_among(pd.Series(amounts, dtype=float), pd.Series([*"ABCD"]), [pd.Series(["2027"] * 4)]) == told


@pytest.mark.parametrize(("terms", "off", "steps"), [
    (1, 0, 100_000), (2, 0, 100_000), (2, 1, 100_000 / 3), (3, 1, 100_000 / 3), (4, 2, 20_000), (10, 5, 100_000 / 11), (11, 0, 100_000),
    (1, 1, 0), (2, 2, 0), (10, 6, 0), (11, 1, 0),
])  # fmt: skip
def test_a_sum_of_ten_neighbours_may_be_off_by_half_a_step_for_each(terms, off, steps):
    parts = [100_000.0 // terms] * (terms - 1)
    below = np.array([100_000, *parts, 100_000 - sum(parts) - off, 77_777])
    assert [one for one in _of_neighbours(below, 1) if one[0] == 0] == [(0, terms, steps)] * (steps > 0)
    above = [one for one in _of_neighbours(below[::-1], 1) if one[0] == terms + 1]
    assert above == [(terms + 1, 1, steps)] * (steps > 0)


def test_a_sum_to_the_last_digit_goes_before_a_shorter_one_as_rounded_and_a_step_is_no_coarser_than_the_amounts():
    assert _of_neighbours(np.array([100_000.0, 60_000, 39_999, 1, 7]), 1)[0] == (0, 3, 100_000)
    assert step_of(np.array([0.0801, 0.05])) == 1e-4 and step_of(np.array([1000.0, 0, 500])) == 100
    ((at, last, steps),) = _of_neighbours(np.array([90.3, 60.2, 30.1]), 0.1)  # 60,2 + 30,1 is off by a last digit
    assert (at, last) == (0, 2) and steps == pytest.approx(903)
    assert not _of_all(np.array([100_000_000.0, 60_000_000, 40_000_500]), 100).any()


def test_shares_that_agree_in_three_digits_are_those_of_one_year():
    years = [2_250, 1_500, 750, 9_999, 2_297, 1_531, 766, 9_001]
    groups = [pd.Series([2026] * 4 + [2027] * 4)]
    assert sums_among(pd.Series(years, dtype=float), pd.Series([*"ABCD"] * 2), groups) == []
    years[4:7] = 2_250, 1_490, 760
    assert sums_among(pd.Series(years, dtype=float), pd.Series([*"ABCD"] * 2), groups) == [0, 4]


@pytest.mark.parametrize(("first", "told"), [(10_000, [0]), (9_999, [])])
def test_the_rounded_sum_of_all_others_in_one_of_two_years_has_ten_thousand_steps(first, told):
    amounts = pd.Series([first, 3_333, 3_333, first - 6_667, 5, 1, 9, 2], dtype=float)
    assert sums_among(amounts, pd.Series([*"ABCD"] * 2), [pd.Series([2026] * 4 + [2027] * 4)]) == told


def test_five_hundred_lines_of_sixty_years_are_looked_through_at_once_and_chance_is_no_sum():
    chance = np.random.default_rng(7).integers(1_000, 200_000, 30_000).astype(float)
    names, years = pd.Series([f"L{i}" for i in range(500)] * 60), pd.Series(np.repeat(np.arange(60), 500).astype(str))
    started = time.process_time()
    assert sums_among(pd.Series(chance), names, [years]) == []
    assert time.process_time() - started < 10


def test_a_budget_of_more_amounts_than_are_read_is_refused_before_they_are(tmp_path):
    head = "1.000 kr.;" + ";".join(f"B{year}" for year in range(2001, 2099))
    text = head + "".join(f"\nL{n};{';'.join(['5'] * 98)}" for n in range(1531))
    start = time.process_time()
    with pytest.raises(DataError, match="has more than 150000 amounts; keep the years and lines that are used"):
        read(tmp_path, "budget", "budget.csv", text)
    assert time.process_time() - start < 5
    assert 98 * 1532 > sheets.MOST_AMOUNTS == 150_000


def test_one_of_two_lines_that_are_alike_is_asked_about_where_chance_has_it_less(tmp_path):
    text = "linje;B2027 (kr.);BO2028 (kr.){}\nA;90001;70003;{}\nB;90001;70003;{}\n"
    with pytest.raises(DataError, match=r"4 to mend\n.*'A' is the sum of others"):
        read(tmp_path, "budget", "budget.csv", text.format("", "", ""))
    assert len(read(tmp_path, "budget", "budget.csv", text.format(";bekræftet", "ja", "ja"))) == 4
    few = "linje;B2027 (mio. kr.);BO2028 (mio. kr.)\nA;90;70\nB;90;71\n"
    assert len(read(tmp_path, "budget", "budget.csv", few)) == 4


def test_the_sum_of_another_year_is_no_sum(tmp_path):
    rows = accounts(["A", "-", 100], ["B", "-", 200]) + danish([["Ballerup", 2014, "A", "-", 300]])
    assert len(read(tmp_path, "accounts", "accounts.csv", rows)) == 3


@pytest.mark.parametrize(
    ("persons", "tkr", "hint"),
    [
        (1, 20, None),
        (1, 400, None),
        (0, 5, None),  # nobody has no price
        (1, 19.99, "19.990 kr. a person and year is not between 20.000 and 400.000; if it is right"),
        (1, 400.01, "400.010 kr. a person and year is not between 20.000 and 400.000; if it is right"),
        (1, 20_000, "; a thousandth would be 20.000 kr.; is the unit right? if"),
        (1, 400_000, "; a thousandth would be 400.000 kr.; is the unit right? if"),
        (1, 0.02, "; a thousand times as much would be 20.000 kr.; is the unit right? if"),
        (1, 0.4, "; a thousand times as much would be 400.000 kr.; is the unit right? if"),
        (1, 20_000_000, "; a millionth would be 20.000 kr.; is the unit right? if"),
        (1000, 0.4, "; a million times as much would be 400.000 kr.; is the unit right? if"),
    ],
)
def test_a_price_is_plausible_from_20_000_to_400_000_kr_and_a_wrong_unit_is_guessed(tmp_path, persons, tkr, hint):
    text = accounts(["A", float(persons), float(tkr)])
    if hint is None:
        assert read(tmp_path, "accounts", "accounts.csv", text)["net_cost_kr"].item() == tkr * 1000
        return
    with pytest.raises(DataError) as error:
        read(tmp_path, "accounts", "accounts.csv", text)
    assert hint in str(error.value)


def test_one_wrong_heading_is_told_once_with_its_first_row_and_how_many_more(tmp_path):
    rows = [[name, 1.0, 96.471 + n] for n, name in enumerate("ABCDE")] + [
        ["F", 1.0, 0.096],
        ["G", 1.0, 5.0],
        ["H", 1.0, 5.0],
    ]
    text = accounts(*rows).replace("(1.000 kr.)", "(mio. kr.)")
    with pytest.raises(DataError) as error:
        read(tmp_path, "accounts", "accounts.csv", text)
    _, *told = str(error.value).splitlines()
    assert (
        "row 2, " in told[0] and "a thousandth would be 96.471 kr., and so of 4 more; is the unit right? if" in told[0]
    )
    assert ["row 8, " in told[1], "row 9, " in told[2], len(told)] == [True, True, 3]  # no unit mends them
    with pytest.raises(
        DataError, match=r"a thousand times as much would be 20.000 kr., and so of 1 more; is the unit right\? if"
    ):
        read(tmp_path, "accounts", "accounts.csv", accounts(["A", 1.0, 0.02], ["B", 1.0, 0.03]))


def test_kroner_with_three_decimals_may_be_english_thousands_and_are_asked_about(tmp_path):
    text = "Kommune;År;Ydelse;Fuldtidspersoner;Nettoudgift ({})\n151;2013;A;-;{}\n"
    for unit, amount, kr in (("mio. kr.", "98,400", 98.4e6), ("kr.", "98.400", 98_400), ("kr.", "98,40", 98.4)):
        assert read(tmp_path, "accounts", "accounts.csv", text.format(unit, amount))["net_cost_kr"].item() == kr
    for amount in ("98,400", "-1,000"):
        with pytest.raises(DataError, match=f"row 2, column 5 .*'{amount}' may be a thousand or one"):
            read(tmp_path, "accounts", "accounts.csv", text.format("kr.", amount))


def test_persons_with_three_decimals_are_asked_about_with_or_without_money(tmp_path):
    text = "Kommune;Periode;Ydelse;Fuldtidspersoner\n151;jan-26;A;{}\n"
    assert read(tmp_path, "persons", "persons.csv", text.format("1.020"))["fulltime_persons"].item() == 1020
    assert read(tmp_path, "persons", "persons.csv", text.format("1,02"))["period"].item() == "2026M01"
    with pytest.raises(DataError, match=r"row 2, column 4 .*'1,020' may be a thousand or one"):
        read(tmp_path, "persons", "persons.csv", text.format("1,020"))


def test_a_status_written_across_merged_cells_holds_for_every_year_below(tmp_path):
    rows = [["1.000 kr.", "Regnskab", "Budget", "Overslag"], ["Post", 2025, 2026, 2027, 2028], ["A", 9, 9, 9, 9]]
    table = read(tmp_path, "budget", "budget.xlsx", book(rows, lambda b: b.active.merge_cells("D1:E1")))
    assert table.set_index("year")["status"].to_dict() == {2025: "R", 2026: "B", 2027: "BO", 2028: "BO"}
    rows = [["Regnskab"], ["1.000 kr.", 2024, 2025], ["A", 9, 9]]  # a title above all of it
    assert set(budget_of(tmp_path, rows, lambda b: b.active.merge_cells("A1:C1"))[0].values()) == {"R"}
    with pytest.raises(DataError, match="no status is told above 2025"):
        budget_of(tmp_path, rows, lambda b: b.active.merge_cells("A1:B1"))


def budget_of(folder, rows, change=None):
    """Return year and status of a wide budget, and its amounts, as read of a workbook."""
    table = read(folder, "budget", "budget.xlsx", book(rows, change))
    return dict(zip(table["year"], table["status"], strict=True)), table["amount_tkr"].tolist()


@pytest.mark.parametrize(("heading", "status"), [
    ("Budget 2025 korrigeret", "K"), ("Budget 2025 vedtaget", "B"), ("Regnskab 2025 forventet", "F"), ("B2025 korr.", "K"),
    ("Forventet regnskab 2025", "F"), ("Budgetoverslag 2025", "BO"),
])  # fmt: skip
def test_the_status_of_a_year_is_told_by_all_the_words_beside_it(tmp_path, heading, status):
    assert budget_of(tmp_path, [["1.000 kr.", heading], ["A", 5]]) == ({2025: status}, [5.0])


@pytest.mark.parametrize(
    "heading", ["Budget 2026 helårspersoner", "Budget 2026 afvigelse", "Budget 2026 pct.", "Regnskab korrigeret 2026"]
)
def test_a_year_beside_another_word_is_no_column_of_the_budget_and_that_is_said(tmp_path, heading):
    assert budget_of(tmp_path, [["1.000 kr.", 2025, heading], ["A", 5, 652]]) == ({2025: "B"}, [5.0])
    assert f"»{heading}: 652«" in own.report(tmp_path)["unread"].item()


YEARS = ["1.000 kr.", 2024, 2025, 2026, 2027]


@pytest.mark.parametrize(("above", "wanted"), [
    ([["", "Regnskab:", "Korr. budget", "Budget (1.000 kr.)", "Overslagsår 1"], YEARS], "R K B BO"),
    ([["", "R", "K", "B", "BO1"], [None, None, None, None, "note"], YEARS], "R K B BO"),  # a row between
    ([["Budget for jobcentret"], [], YEARS], "B B B B"),  # nothing is told: adopted
    ([["", "Regnskab", "", "Overslag", ""], YEARS], None),  # across cells that are not merged
    ([["", "Regnskab", "Ændring", "Budget", "Overslag"], YEARS], None),
])  # fmt: skip
def test_a_status_above_the_years_is_read_or_asked_for(tmp_path, above, wanted):
    rows = [*above, ["A", 1, 2, 3, 4]]
    if wanted:
        assert [*budget_of(tmp_path, rows)[0].values()] == wanted.split()
    else:
        with pytest.raises(
            DataError,
            match="column C '2025': no status is told above 2025; write it in the heading, as R2025, B2025 or BO2025",
        ):
            budget_of(tmp_path, rows)


def test_a_status_in_the_format_of_a_year_or_in_a_column_beside_years_across_is_asked_about(tmp_path):
    def shown(workbook):
        workbook.active["B1"].number_format = '"R"0'

    with pytest.raises(
        DataError,
        match="row 1, column B '2024': here stands a number that the format '\"R\"0' shows other than by its digits",
    ):
        budget_of(tmp_path, [YEARS, ["A", 1, 2, 3, 4]], shown)
    with pytest.raises(DataError, match="row 1, column F 'Status': each year tells its status; leave the column out"):
        budget_of(tmp_path, [[*YEARS, "Status"], ["A", 1, 2, 3, 4, "R"]])


@pytest.mark.parametrize("unit", ["Beløb i kr. x 1.000", "Alle beløb i kr./1000", "Beløb i DKK'000", "Beløb i kr., tusinder",
    "kr. * 1000", "Amounts in DKK thousand", "Beløb i DKK m", "kr. i mia.", "Beløb i kroner (hele tusinde)"])  # fmt: skip
def test_kroner_beside_a_word_that_is_not_understood_are_no_unit(tmp_path, unit):
    with pytest.raises(DataError, match="no unit is told"):
        read(tmp_path, "budget", "budget.csv", f"{unit};;\nLinje;2026;2027\nA;70000;71000\n")
    with pytest.raises(DataError, match=r"no unit is told|write kr"):
        read(tmp_path, "budget", "budget.csv", f"Linje;År;Beløb;Enhed\nA;2026;70000;{unit}\n")


def test_the_unit_of_a_budget_may_stand_beside_the_heading_of_its_lines_and_not_among_them(tmp_path):
    assert budget_of(tmp_path, [["Linje (1.000 kr.)", 2026], ["A", 5]])[1] == [5.0]
    with pytest.raises(DataError, match=r"row 3, column A 'Linje': 'Anlæg .mio. kr..' tells a unit below the headings"):
        budget_of(tmp_path, [["1.000 kr."], ["Linje", 2026], ["Anlæg (mio. kr.)"], ["A", 5]])


def test_thousands_of_another_country_are_asked_about_unless_the_file_shows_its_own(tmp_path):
    tkr = "Linje;År;Beløb (1.000 kr.)\nA;2026;{}\nB;2026;{}\n"
    assert read(tmp_path, "budget", "budget.csv", tkr.format("76,406", "1.234,5"))["amount_tkr"].tolist() == [
        76.406,
        1234.5,
    ]
    with pytest.raises(DataError, match="'76,406' may be a thousand or one"):
        read(tmp_path, "budget", "budget.csv", tkr.format("76,406", "12"))
    commas = "Kommune,Periode,Ydelse,Fuldtidspersoner\n151,2026M03,A,{}\n151,2026M04,A,{}\n"
    with pytest.raises(DataError, match=r"'12.125' may be a thousand or one"):
        read(tmp_path, "persons", "persons.csv", commas.format("12.125", "14"))
    danish_ = read(tmp_path, "persons", "persons.csv", commas.format("12.125", '"1.020,5"'))
    assert danish_["fulltime_persons"].tolist() == [12125, 1020.5]


def test_an_amount_that_no_line_of_a_municipality_comes_to_is_asked_about(tmp_path):
    text = "Linje;År;Beløb (mio. kr.)\nA;2026;{}\n"
    assert read(tmp_path, "budget", "budget.csv", text.format("20000"))["amount_tkr"].item() == 2e7
    for amount in ("76406", "-76406"):  # an income no less than a cost
        with pytest.raises(DataError, match=r"row 2, column 3 .*it comes to 76.406.000.000 kr.; is the unit right"):
            read(tmp_path, "budget", "budget.csv", text.format(amount))


def test_amounts_that_are_not_there_are_told_of_a_budget_with_years_across(tmp_path):
    rows = [["1.000 kr.", 2026, 2027], ["A", 5, None], ["B", "-", 7], ["C", "-", "-"]]
    assert read(tmp_path, "budget", "budget.xlsx", book(rows))["amount_tkr"].to_dict() == {0: 5.0, 1: 7.0}
    assert own.report(tmp_path)["left_out"].item() == "no amount of B B2026, C B2026, A B2027, C B2027"


def test_an_amount_that_looks_like_its_year_is_no_heading(tmp_path):
    rows = [["Linje", "2026 (1.000 kr.)", "2027 (1.000 kr.)"], ["A", 2026, None], ["B", 5, 6]]
    assert read(tmp_path, "budget", "budget.xlsx", book(rows))["amount_tkr"].tolist() == [2026.0, 5.0, 6.0]


@pytest.mark.parametrize(("period", "says"), [
    (2025.1, "write it as text, such as 2025M10"), (dt.date(2026, 1, 25), "a day within a month is no period"),
])  # fmt: skip
def test_a_period_that_a_workbook_has_changed_is_asked_about(tmp_path, period, says):
    def rows(period):
        return book([["Kommune", "Periode", "Ydelse", "Fuldtidspersoner"], ["151", period, "A", 5]])

    with pytest.raises(DataError, match=says):
        read(tmp_path, "persons", "persons.xlsx", rows(period))
    for day in (dt.date(2026, 1, 1), dt.date(2026, 1, 31), "1.1.2026"):
        assert read(tmp_path, "persons", "persons.xlsx", rows(day))["period"].item() == "2026M01"


def test_persons_that_are_the_sum_of_others_are_asked_about(tmp_path):
    text = "Kommune;Periode;Ydelse;Fuldtidspersoner\n" + "".join(
        f"151;2026M03;{name};{n}\n" for name, n in (("Alle", 1200), ("A", 500), ("B", 700))
    )
    with pytest.raises(DataError, match=r"row 2, column 4 .*'Alle' is the sum of others"):
        read(tmp_path, "persons", "persons.csv", text)


@pytest.mark.parametrize("size", [499, 500, 700])
def test_the_sum_of_all_is_looked_for_among_any_number_of_lines_and_one_of_neighbours_among_the_nearest(size):
    lines = [float(79_193 * i % 99_733 + 1) for i in range(size)]

    def asked(at, terms):
        amounts = [*lines[:at], sum(lines[at : at + terms]), *lines[at:]]
        return sums_among(
            pd.Series(amounts), pd.Series(range(size + 1)).astype(str), [pd.Series(["2027"] * (size + 1))]
        )

    assert asked(0, size) == [0]
    for at in (0, 37, 99, 100, 250, size - 100):
        assert asked(at, 99) == [at]
    assert asked(37, 250) == ([37] if size < 500 else [])


def test_a_line_that_is_called_as_a_sum_may_be_is_asked_about_where_it_is_that_of_its_neighbours(tmp_path):
    text = "Linje;B2026 (mio. kr.)\n{};30,1\n{};20,2\n{};50,3\nLøn;3,1\nDrift;4,0\n"
    for called in (
        *(
            ("Sygedagpenge", "Kontanthjælp", name)
            for name in ("Netto", "= Netto", "Resultat", "Udgifter", "Hovedsum", "Σ")
        ),
        ("5.1 Sygedagpenge", "5.2 Kontanthjælp", "5 Forsørgelse"),
        ("55771 Sygedagpenge", "55773 Kontanthjælp", "557 Forsørgelse"),
    ):
        with pytest.raises(
            DataError, match=rf"1 to mend\n.*row 4, .*{re.escape(repr(called[2]))} is the sum of others"
        ):
            read(tmp_path, "budget", "budget.csv", text.format(*called))
        off = text.format(*called).replace("50,3", "50,9")
        if called[2] in ("Netto", "= Netto", "Resultat", "Udgifter"):
            assert len(read(tmp_path, "budget", "budget.csv", off)) == 5
    for called in (
        ("Sygedagpenge", "Kontanthjælp", "Dagpenge"),
        ("5 A", "5 B", "5 C"),
        ("10 A", "11 B", "1 C"),
        ("A", "B", "Driftsudgifter til C"),
        ("A", "B", "Sygedagpenge efter 52 uger"),
    ):
        assert len(read(tmp_path, "budget", "budget.csv", text.format(*called))) == 5  # three digits are chance


def test_a_line_whose_number_begins_those_below_it_is_asked_about_whatever_they_come_to(tmp_path):
    text = "Linje;B2026 (mio. kr.);BO2027 (mio. kr.)\n{};{};{}\n5.57.71.001 Løn;20,1;20,2\n5.57.71.002 Drift;3,0;3,0\n"
    told = r"1 to mend\n.*row 2, .*'5.57.71 Sygedagpenge' may be the total of the lines whose numbers begin as its own"
    with pytest.raises(DataError, match=told):
        read(tmp_path, "budget", "budget.csv", text.format("5.57.71 Sygedagpenge", "76,4", "77,0"))
    two = (
        text.format("5.57.71 Sygedagpenge", "76,4", "77,0")
        + "5.57.73 Kontanthjælp;9,5;9,6\n5.57.73.001 Ydelse;8,1;8,2\n"
    )
    with pytest.raises(DataError, match=r"2 to mend\n.*5\.57\.71 S.*\n.*5\.57\.73 K"):
        read(tmp_path, "budget", "budget.csv", two)
    for line in (
        ("5.57.71 Sygedagpenge", "0", "0"),
        ("5.57.7 Sygedagpenge", "76,4", "77,0"),
        ("5.57.72 Andet", "76,4", "7"),
        ("5.57.71 Puljer", "19,0", "19,0"),  # less than the first below, which is no part of it
    ):
        assert len(read(tmp_path, "budget", "budget.csv", text.format(*line))) == 6


def test_income_below_the_account_it_is_of_is_no_part_of_its_total(tmp_path):
    text = "Linje;B2026 (1.000 kr.)\n5.57.71 Sygedagpenge;84.312\n5.57.71.2 Statsrefusion;-21.334\n5.57.73 Kontanthjælp;55.120\nI alt;118.098\n"
    assert len(read(tmp_path, "budget", "budget.csv", text)) == 3


def test_a_missing_amount_adds_nothing_to_a_sum():
    amounts = pd.Series([90_001.0, 60_001, np.nan, 30_000, 7])
    assert sums_among(amounts, pd.Series([*"ABCDE"]), [pd.Series(["2027"] * 5)]) == [0]


def test_a_sum_is_looked_for_to_the_ten_thousandth(tmp_path):
    thirds = "Linje;År;Beløb (mio. kr.)\nA;2027;{}\nB;2027;20,12345\nC;2027;30,12341\nD;2027;9\n"
    with pytest.raises(DataError, match="'A' is the sum of others"):
        read(tmp_path, "budget", "budget.csv", thirds.format("50,24686"))
    assert len(read(tmp_path, "budget", "budget.csv", thirds.format("50,24786"))) == 4


def test_a_unit_by_row_decides_whether_three_decimals_are_asked_about(tmp_path):
    text = "Linje;År;Beløb;Enhed\nA;2026;98,400;{}\n"
    assert read(tmp_path, "budget", "budget.csv", text.format("mio. kr."))["amount_tkr"].item() == 98_400
    with pytest.raises(DataError, match="'98,400' may be a thousand or one"):
        read(tmp_path, "budget", "budget.csv", text.format("kr."))
    with pytest.raises(DataError, match=r"1 to mend\n.*no unit is told"):  # of a row that ends before it
        read(tmp_path, "budget", "budget.csv", text.replace(";{}", ""))


@pytest.mark.parametrize(("lines", "ends"), [(12, "L11 B2027"), (13, "L11 B2027 and 1 more")])
def test_twelve_amounts_that_are_not_there_are_named_and_the_rest_counted(tmp_path, lines, ends):
    rows = [["1.000 kr.", 2026, 2027], *[[f"L{i}", i + 1, None] for i in range(lines)]]
    assert len(budget_of(tmp_path, rows)[1]) == lines
    assert own.report(tmp_path)["left_out"].item().endswith(ends)


def test_a_line_of_which_only_the_first_cell_is_broken_is_told(tmp_path):
    def change(workbook):
        workbook.active["A3"] = "=1+1"

    with pytest.raises(DataError, match=r"row 3, column A .*: here stands a formula without a value"):
        budget_of(tmp_path, [["Linje", "B2026 (1.000 kr.)"], ["A", 5]], change)


def test_an_area_may_be_told_by_number_and_name_that_agree(tmp_path):
    text = "Kommune;Periode;Ydelse;Fuldtidspersoner\n{};2026M03;A;5\n"
    for told in ("151 Ballerup", "151 - Ballerup Kommune"):
        assert read(tmp_path, "persons", "persons.csv", text.format(told))["area"].item() == "151"
    with pytest.raises(DataError, match="'151 Gladsaxe' stands there; there is no area"):
        read(tmp_path, "persons", "persons.csv", text.format("151 Gladsaxe"))


def test_a_year_and_its_unit_may_stand_side_by_side(tmp_path):
    assert budget_of(tmp_path, [["Linje", "Budget 2026 1.000 kr."], ["A", 5]]) == ({2026: "B"}, [5.0])


def test_commas_in_names_and_numbers_do_not_separate_columns(tmp_path):
    rows = "".join(f"Løn, drift, mv. {i};1,5;2,5;3,5;4,7\n" for i in range(8))
    text = f"1.000 kr.;;;;\nLinje;2026;2027;2028;2029\n{rows}"
    assert len(read(tmp_path, "budget", "budget.csv", text)) == 32


def test_no_area_has_more_persons_on_a_benefit_than_inhabitants(tmp_path):
    people = load("folk1a").query("area == '151'")["persons"].max()
    assert len(read(tmp_path, "accounts", "accounts.csv", accounts(["A", float(people), "-"]))) == 1
    with pytest.raises(DataError, match=r"row 2, column 4 .* the area has at most 5"):
        read(tmp_path, "accounts", "accounts.csv", accounts(["A", float(people + 1), "-"]))
    with pytest.raises(DataError, match="fewer are on a benefit"):
        text = f"Kommune;Periode;Ydelse;Fuldtidspersoner\n151;2026Q1;A;{people + 1}\n"
        read(tmp_path, "persons", "persons.csv", text)


def test_the_price_of_a_budget_line_is_asked_about_in_kr_too(tmp_path):
    budget = "Post;År;Beløb (1.000 kr.);Personer\nA;2027;5000;{}\n"
    assert read(tmp_path, "budget", "budget.csv", budget.format(100))["amount_tkr"].item() == 5000
    report = own.report(tmp_path).iloc[0]
    assert (report["mio_kr"], report["persons"], report["first"], report["last"]) == (5.0, 100, "2027", "2027")
    for persons, price in ((10, "500.000"), (500, "10.000")):
        with pytest.raises(DataError, match=f"{price} kr. a person and year is not between"):
            read(tmp_path, "budget", "budget.csv", budget.format(persons))


def test_sixty_faults_are_told_one_by_one_and_the_rest_counted(tmp_path):
    for faults, more in ((60, []), (61, ["  and 1 more"]), (75, ["  and 15 more"])):
        rows = [[f"x{n}", "abc", 1] for n in range(faults)]
        with pytest.raises(DataError, match=f"{faults} to mend") as error:
            read(tmp_path, "accounts", "accounts.csv", accounts(*rows))
        told = str(error.value).splitlines()
        assert told[1].startswith("  row 2, column 4 'Fuldtidspersoner': 'abc' stands there") and told[61:] == more
        assert len(told) == 61 + len(more)


def test_after_five_hundred_faults_no_more_are_looked_for(tmp_path):
    for faults, told in ((500, ": 500 to mend"), (501, ": at least 501 to mend"), (2000, ": at least 501 to mend")):
        with pytest.raises(DataError, match=told):
            read(tmp_path, "accounts", "accounts.csv", accounts(*[[f"x{n}", "abc", 1] for n in range(faults)]))


def test_the_texts_of_a_sheet_that_differ_have_a_limit_that_no_names_of_lines_reach(tmp_path, monkeypatch):
    assert sheets.MOST_TEXT == 2_000_000
    monkeypatch.setattr(sheets, "MOST_TEXT", 42)
    rows = [["Linje", "B2026 (kr.)"], *[[f"Line {n}", 100 + n * n] for n in (1, 2, 2)]]  # 16 and twice 6
    rows[3][0] = "Line 2 "
    with pytest.raises(DataError, match="the same line"):
        read(tmp_path, "budget", "budget.xlsx", book(rows))
    rows[3][0] = "x" * 14
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 3
    rows[3][0] = "x" * 15
    with pytest.raises(
        DataError, match=r"budget.xlsx has more text in its cells than is read; keep the sheet with the table alone$"
    ):
        read(tmp_path, "budget", "budget.xlsx", book(rows))


def test_the_headings_stand_in_the_first_thirty_rows(tmp_path):
    above = [["x", "", "", "", ""]]
    assert len(read(tmp_path, "accounts", "accounts.csv", danish([*above * 29, HEAD, *ROWS]))) == 2
    with pytest.raises(DataError, match=r"found in it; it needs kommune, år, ydelse, fuldtidspersoner, nettoudgift$"):
        read(tmp_path, "accounts", "accounts.csv", danish([*above * 30, HEAD, *ROWS]))


def test_headings_that_stand_a_second_time_are_no_figures(tmp_path):
    with pytest.raises(DataError, match="row 3, column 1 'Kommune': 'Kommune' stands there; there is no area"):
        read(tmp_path, "accounts", "accounts.csv", danish([HEAD, ROWS[0], HEAD, ROWS[1]]))


def test_a_title_that_names_a_year_is_no_heading(tmp_path):
    rows = [["Budget 2026", "1.000 kr."], [None, "B2026", "BO2027"], ["A", 5, 6], ["Budget 2028"]]
    table = read(tmp_path, "budget", "budget.xlsx", book(rows))
    assert table[["line", "year", "amount_tkr"]].to_numpy().tolist() == [["A", 2026, 5.0], ["A", 2027, 6.0]]
    assert own.report(tmp_path)["left_out"].item() == "row 4 'Budget 2028'"


@pytest.mark.parametrize(
    ("unit", "tkr"),
    [
        *[(unit, 7.406) for unit in ("kr.", "kroner", "DKK", "hele kroner")],
        *[(unit, 7_406) for unit in ("1.000 kr.", "1 000 kr.", "1000 kroner", "tusind kr.", "tusinde kroner", "hele tusinde kr.", "tkr.", "t.kr.", "[t.kr]", "T.DKK", "1.000 (kr.)", "1.000,- kr.", "1.000 danske kroner", "i tusinder kr.", "kr. 1.000", "kr. i 1.000", "DKK 1.000", "Kr. i tusinder", "kroner (1.000)")],
        *[(unit, 7_406_000) for unit in ("mio. kr.", "mio. DKK", "millioner kr.", "mill. kroner", "1.000.000 kr.", "m.kr.", "mkr.", "MDKK", "kr. i mio.", "DKK mio.")],
        *[(unit, None) for unit in ("mia. kr.", "milliarder kroner", "100 kr.", "hundrede kr.", "10 mio. kr.", "tusind mio. kr.", "titusinde kr.", "100 t.kr.")],
    ],
)  # fmt: skip
def test_a_unit_is_understood_whole_or_asked_for_wherever_it_stands(tmp_path, unit, tkr):
    wide = f"Beløb i {unit}\nPost;B2027;BO2028\nA;7406;7406\n"
    heading = f"Post;B2027 ({unit});BO2028 ({unit})\nA;7406;7406\n"
    row = f"Post;År;Beløb;Enhed;Ydelse\nA;2027;7406;{unit};other\n"
    for text in (wide, heading, row):
        if tkr is None:
            with pytest.raises(
                DataError, match=r"no unit is told|has no heading|write kr\., 1\.000 kr\. or mio\. kr\."
            ):
                read(tmp_path, "budget", "budget.csv", text)
        else:
            assert read(tmp_path, "budget", "budget.csv", text)["amount_tkr"].iloc[0] == pytest.approx(tkr)


@pytest.mark.parametrize("heading", ["Beløb (100 kr.)", "Beløbkr", "Beløb (kr. i mia.)"])
def test_a_heading_with_a_unit_that_is_not_understood_is_none_of_those_known(tmp_path, heading):
    with pytest.raises(DataError, match=f"no heading for amount_tkr .*; not understood: {re.escape(repr(heading))}"):
        read(tmp_path, "budget", "budget.csv", f"Post;År;{heading}\nA;2027;5\n")


def test_each_year_of_a_wide_budget_has_its_unit_and_a_line_of_errors_is_no_note(tmp_path):
    for above, unit in (("", "(1.000 kr.)"), ("Beløb i 1.000 kr.;;\n", "")):
        text = f"{above}Linje;B2027 (mio. kr.);BO2028 {unit};Udgift (kr.)\nA;76;76406;5\n"
        assert read(tmp_path, "budget", "budget.csv", text)["amount_tkr"].tolist() == [76_000, 76_406]
        assert own.report(tmp_path)["unread"].item().endswith("»Udgift (kr.): 5« (column 4).")
    with pytest.raises(DataError, match="no unit is told, or more than one"):  # of one year alone
        read(tmp_path, "budget", "budget.csv", "Linje;R2024 (mio. kr.);B2026\nA;76;76406\n")
    with pytest.raises(DataError, match="column 3 '2027': a second column for B2027; keep one"):
        read(tmp_path, "budget", "budget.csv", "1.000 kr.;B2027;2027\nA;76;\nB;;5\n")
    with pytest.raises(DataError, match="'Helårspersoner' are no kroner"):
        read(tmp_path, "budget", "budget.csv", "1.000 kr.;B2027;B2028\nA;76;77\nHelårspersoner;652;660\n")

    def change(workbook):
        for place in ("B3", "C3"):
            workbook.active[place].value, workbook.active[place].data_type = "#REF!", "e"
            workbook.active["B4"] = "=C2*2"

    raw = book([["1.000 kr.", "B2026", "BO2027"], ["A", 100, 150], ["B", None, None], ["C", None, None]], change)
    with pytest.raises(DataError) as error:
        read(tmp_path, "budget", "budget.xlsx", raw)
    assert "row 3, column B" in str(error.value) and "here stands #REF!" in str(error.value)
    assert "row 4, column B" in str(error.value) and "a formula without a value" in str(error.value)


def test_a_cell_holds_one_number_and_a_heading_of_any_length_ends(tmp_path):
    for cell in ('"100\n200"', "<5", ">5", "~450", "5/10", "12.", "* 5", "5-10", "5 10"):
        with pytest.raises(DataError, match="row 2, column 4"):
            read(tmp_path, "accounts", "accounts.csv", accounts(["A", cell, 1]))
    for cell, number in (("1.020,5", 1020.5), ("1 020", 1020.0), ("12,-", 12.0), ("(0)", 0.0)):
        assert (
            read(tmp_path, "accounts", "accounts.csv", accounts(["A", cell, "-"]))["fulltime_persons"].item() == number
        )
    slow = "1 " * 60_000 + "kr"
    assert not forms.tells_unit("x" * 300 + "kr.") and forms.named(slow)[1] == 0
    for heading in (slow, "a" + " " * 100_000 + "b", "B2027" + " " * 100_000 + "x", "B2027 " + "(" * 100_000):
        with pytest.raises(DataError, match="heading"):
            read(tmp_path, "budget", "budget.csv", f'"{heading}";x\nA;5\n')


def test_what_an_own_budget_says_is_kept_as_typed_year_by_year(tmp_path):
    text = "Linje;Ydelse;Netto;B2027 (1.000 kr.);BO2028 (tkr.);K2027 (1000 kr)\nSygedagpenge;sygedagpenge;1;76406;77.111;75,5\n"
    table = read(tmp_path, "budget", "budget.csv", text)
    typed = own.opened("budget", tmp_path).as_typed()
    assert [typed.loc[2, [one]].item() for one in ((2027, "B"), (2028, "BO"), (2027, "K"))] == [
        "76406",
        "77.111",
        "75,5",
    ]
    assert table.set_index(["year", "status"])["amount_tkr"].to_dict() == {
        (2027, "B"): 76406,
        (2028, "BO"): 77111,
        (2027, "K"): 75.5,
    }
    read(tmp_path, "budget", "budget.csv", text + "A;;;5\n")  # a row that ends early
    typed = own.opened("budget", tmp_path).as_typed()
    assert typed.loc[3].to_dict() == {"line": "A", "benefit": "", (2027, "B"): "5", (2028, "BO"): "", (2027, "K"): ""}


def test_numbers_of_a_workbook_are_told_as_its_reader_sees_them_and_years_and_codes_as_they_are(tmp_path):
    head = ["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Nettoudgift (kr.)"]
    rows = [
        head,
        [151, 2013, 2026, 1020.5, 98_400_000],
        ["0", 2013, "A", 0.1 + 0.2, "98.400"],
        ["000", 2014.0, "B", None, -1234.0],
    ]
    read(tmp_path, "accounts", "accounts.xlsx", book(rows))
    typed = own.opened("accounts", tmp_path).as_typed()
    assert typed.to_numpy().tolist() == [
        ["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Nettoudgift (kr.)"],
        ["151", "2013", "2026", "1.020,5", "98.400.000"],
        ["0", "2013", "A", "0,3", "98.400"],
        ["000", "2014", "B", "", "−1.234"],
    ]
    (tmp_path / "accounts.xlsx").unlink()
    read(tmp_path, "budget", "budget.xlsx", book([["mio. kr.", "B2027", "BO2028"], ["Dagpenge", 1098.25, 99]]))
    assert own.opened("budget", tmp_path).as_typed().loc[2].tolist() == ["Dagpenge", "1.098,25", "99"]


def test_a_heading_is_quoted_as_typed_with_its_sheet(tmp_path):
    rows = [["Linje (1.000 kr.)", 2027], ["A", 5]]
    for name, raw, sheet in (("budget.csv", danish(rows), ""), ("budget.xlsx", book(rows), "Sheet: ")):
        read(tmp_path, "budget", name, raw)
        opened = own.opened("budget", tmp_path)
        assert opened.heading("line") == f"{sheet}Linje (1.000 kr.)" and opened.heading((2027, "B")) == f"{sheet}2027"


def test_a_name_that_may_be_a_total_is_asked_about(tmp_path):
    for name in ("Forsørgelse i alt ekskl. førtidspension", "Ydelser samlet", "Udgifter, total netto"):
        with pytest.raises(DataError, match=f"row 2, column 3 .*'{name}' may be a total; if it is, call it I alt"):
            read(tmp_path, "accounts", "accounts.csv", accounts([name, 10.0, 1000.0]))
    assert len(read(tmp_path, "accounts", "accounts.csv", accounts(["Samling", "-", 1.0], ["Halten", "-", 2.0]))) == 2


def test_a_year_is_known_by_what_stands_beside_or_above_it(tmp_path):
    known = {
        (2026, "B"): ("Budget 2026 i 1.000 kr.", "B2026 (2026-pl)", "B-2026", "Budget (2026)", "2026 Budget", "Budget 2026*", "Opr. budget 2026", "Budget 2026, netto"),
        (2025, "K"): ("Korr. budget 2025", "K2025 (1.000 kr., 2025-priser)"), (2027, "BO"): ("BO-2027", "Budgetoverslagsår 2027"), (2024, "R"): ("Regn. 2024", "R2024"),
    }  # fmt: skip
    for year, headings in known.items():
        assert {heading: forms.budget_year(heading, {}) for heading in headings} == dict.fromkeys(headings, year)
    assert forms.budget_year("B2026" + "*" * 75, {}) == (2026, "B")  # of eighty characters
    for heading in ("Budget 2026 2027", "Regnskab 2024 03", "Netto", "Afvigelse 2026", "B2026" + "*" * 76):
        with pytest.raises(ValueError, match="write a year"):
            forms.budget_year(heading, {})
    rows = "1.000 kr.;Regnskab;Budget;Overslag\nPost;2024;2026;2027\nA;90;100;110\n"
    assert read(tmp_path, "budget", "budget.csv", rows)["status"].tolist() == ["R", "B", "BO"]


def test_what_is_not_read_stops_no_file(tmp_path):
    def change(workbook):
        workbook.active.merge_cells("A5:D5")
        workbook.active["E3"].value, workbook.active["E3"].data_type = "#DIV/0!", "e"
        workbook.active["E6"].value, workbook.active["E6"].data_type = "#DIV/0!", "e"
        workbook.active["H9"], workbook.active["H9"].number_format = 5_000_000, "#,##0.0,,"

    rows = [
        ["Beløb i 1.000 kr."],
        ["Bevillinger over 100.000 kr."],
        ["Post", "B2026", "BO2027", None, "Pris"],
        ["A", 5, 6],
    ]
    table = read(tmp_path, "budget", "budget.xlsx", book([*rows, ["Note: se bilag"]], change))
    assert table["amount_tkr"].tolist() == [5, 6]


def test_a_period_is_a_month_only_where_it_is_written_as_one():
    for cell, period in (
        ("202603", "2026M03"),
        ("2026-3", "2026M03"),
        ("marts 2026", "2026M03"),
        ("sept. 2026", "2026M09"),
        ("Q1 2026", "2026Q1"),
        ("juli\u00a02026", "2026M07"),
        ("01-03-2026", "2026M03"),
    ):
        assert forms._period(cell, {}) == period
    for cell in ("20263", "marginal 2026", "202613"):
        with pytest.raises(ValueError, match="write a period such as"):
            forms._period(cell, {})


TKR = "linje;B2026 (1.000 kr.);B2027 (1.000 kr.)\nSygedagpenge;76.406;77.000\n"
LONG_TKR = "linje;år;beløb (1.000 kr.)\nSygedagpenge;2026;76.406\n"
PERSONS = "kommune;periode;ydelse;fuldtidspersoner\n151;2026M03;A;5\n"
ACCOUNTS = "kommune;år;ydelse;fuldtidspersoner;nettoudgift ({})\n151;2014;A;10;1.000.000\n"


@pytest.mark.parametrize(("kind", "name", "raw", "says"), [
    ("budget", "budget.csv", "linje,år,beløb (1.000 kr.)\nA,2027,76,406\n", "row 2, column 4: '406' stands beyond the headings; is a comma in a number"),
    ("persons", "persons.csv", "kommune,periode,ydelse,fuldtidspersoner\n151,2026M03,A,512,5\n", "row 2, column 5: '5' stands beyond the headings"),
    ("budget", "budget.csv", "linje;år;beløb (kr.);\nA;2027;76;;;x\n", "row 2, column 6: 'x' stands beyond the headings"),
    ("budget", "budget.xlsx", book([["linje", "år", "beløb (kr.)"], ["A", 2027, 76, 999]]), "row 2, column D: '999' stands beyond the headings; give the column a heading"),
    ("budget", "budget.xlsx", book([["linje", "år", "beløb (kr.)"], ["A", 2027, 76, None, "-5"]]), "row 2, column E: '-5' stands beyond"),
])  # fmt: skip
def test_no_figure_beyond_the_headings_is_dropped_without_a_word(tmp_path, kind, name, raw, says):
    with pytest.raises(DataError, match=f"1 to mend\n.*{says}"):
        read(tmp_path, kind, name, raw)


def test_what_stands_beyond_the_headings_of_a_row_that_is_not_read_stops_no_file(tmp_path):
    text = "linje;år;beløb (kr.);\nA;2027;76;\nI alt;2027;76;99\nKilde: a;;;b\n"
    assert len(read(tmp_path, "budget", "budget.csv", text)) == 1
    remark = book([["linje", "år", "beløb (kr.)"], ["A", 2027, 76, "se bilag"]])
    assert len(read(tmp_path, "budget", "budget.xlsx", remark)) == 1


@pytest.mark.parametrize(("first", "told"), [
    ("linje", True), ("Beløb i kr.", True), ("År", True), ("Regnskab", True), ("", True), ("Sygehus", False),
])  # fmt: skip
def test_a_second_row_of_headings_is_no_line_of_a_budget(tmp_path, first, told):
    text = f"{TKR};;\n{first};2028;2029\nDagpenge;50.000;51.000\n"
    if told:
        with pytest.raises(
            DataError, match="row 4, column 1 'linje': a second row of headings; keep one table a sheet"
        ):
            read(tmp_path, "budget", "budget.csv", text)
    else:
        assert len(read(tmp_path, "budget", "budget.csv", text)) == 6
    with pytest.raises(DataError, match="row 3, column 1 'linje': a second row of headings"):
        read(tmp_path, "budget", "budget.csv", f"{TKR}År;2028\n")  # a row that ends early
    figures = f"{TKR}År;2028;20.290\n"  # not years alone
    assert len(read(tmp_path, "budget", "budget.csv", figures)) == 4


@pytest.mark.parametrize("name", [
    "Sygedagpenge - personer", "Sygedagpenge: personer", "Sygedagpenge (pers.)", "Sygedagpenge, pers.", "Udgift per person", "Udgift/person",
    "Ledighedspct.", "Helårsværk", "Fuldtid", "Refusionsgrad", "Enhedsudgift", "Stk.", "Normering", "PL-faktor",
    "Antal helårspersoner", "Sygedagpenge, antal helårspersoner", "Sygedagpenge, pris pr. helårsperson", "Fuldtidspersoner sygedagpenge",
    "Gennemsnitspris sygedagpenge", "Ændring i pct.", "Indbyggere", "Ledighed i pct.", "Ledighedsprocent", "Andel i aktivering", "Ledighed",
    "Udgift pr. modtager", "Udgift pr modtager", "Sygedagpenge, personer", "Sygedagpenge (personer)", "Personer", "Årsværk i alt til jobcenter",
    "Ændring i %", "Fuldtidsmodtagere", "Enhedspriser", "Gennemsnitlig varighed", "Helårsledige", "Persons", "Andel",
])  # fmt: skip
def test_a_line_of_a_budget_that_is_no_money_is_asked_about(tmp_path, name):
    with pytest.raises(
        DataError, match=f"row 3, column 1 'linje': {re.escape(repr(name))} are no kroner; leave the row out"
    ):
        read(tmp_path, "budget", "budget.csv", f"{TKR}{name};652;655\n")
    with pytest.raises(DataError, match="are no kroner"):
        read(tmp_path, "budget", "budget.csv", f"{LONG_TKR}{name};2026;652\n")


def test_no_line_that_a_paper_prints_in_money_is_taken_for_anything_else():
    papers = load_papers()
    lines = set(
        papers[papers["unit"].isin(["tkr", "mio_kr", "kr"]) & (papers["table"] != "unit_price")]["row"].dropna()
    )
    lines |= {str(name) for name in load("regk31")["function"].unique()}
    lines |= {
        "Jobcenter, personer under 30 år", "Ydelser per 1. januar", "Sygedagpenge med 50 pct. refusion", "Kontanthjælp med 30 % refusion", "Botilbud for personer med særlige sociale problemer",
        "Pris- og lønregulering", "Prisfremskrivning", "Ledighedsydelse", "Kommunens andel af driften", "Projekter", "Indsats for udsatte personer",
        "Korrigeret budget pr. 22. juni 2020", "Kontaktperson- og ledsageordninger", "Dagpengemodtagere",
    }  # fmt: skip
    assert {"Sygedagpenge", "Forsørgelse andet", "5.57.78", "20.44 Førtidspension"} <= lines
    assert [name for name in lines if names.no_kroner(name)] == []


@pytest.mark.parametrize(("kind", "text", "says"), [
    ("budget", "Beløb i 1.000 kr.\nlinje;B2026 (kr.);B2027 (kr.)\nA;76406;76500\n", "row 1, .*'Beløb i 1.000 kr.' tells another unit than the headings"),
    ("budget", "Alle beløb i 1.000 kr.\nlinje;år;beløb (kr.)\nA;2026;76406\n", "tells another unit than the headings; keep one"),
    ("budget", "Budget 2026 - alle tal er i mio. kr.\nlinje;år;beløb i kr.\nA;2026;76406\n", "tells another unit"),
    ("budget", "Alle tal i kr.\nlinje;år;beløb (1.000 kr.)\nA;2026;76406\n", "tells another unit"),
    ("budget", "Ramme 20.02, 1.000 kr.\nlinje;år;beløb (kr.)\nA;2026;76406\n", "tells another unit"),
    ("budget", "Linje (1.000 kr.);2026 (kr.)\nA;76406\n", "row 1, column 1 .*tells another unit"),
    ("budget", "Budget i kr. pr. indbygger\nlinje;B2026 (kr.)\nA;76\n", "'Budget i kr. pr. indbygger': amounts of the whole municipality"),
    ("accounts", "Beløb i 1.000 kr.\n" + ACCOUNTS.format("kr."), "row 1, .*tells another unit"),
    ("budget", "linje;enhed;B2026 (1.000 kr.)\nA;kr.;76406\n", "row 2, column 2 'enhed': another unit than the headings tell"),
    ("budget", LONG_TKR + "Beløb i kr.;;\nB;2026;50.000\n", "row 3, .*'Beløb i kr.' tells a unit below the headings; use a column 'enhed'"),
    ("budget", LONG_TKR + "Beløb i mio. kr.;;\n", "row 3, .*tells a unit below"),
    ("budget", LONG_TKR + "Dagpenge (kr.);2026;50.000\n", "row 3, .*'Dagpenge .kr..' tells another unit than the heading"),
    ("persons", "Antal i tusinde personer\n" + PERSONS, "row 1, .*'Antal i tusinde personer': persons are read one by one"),
    ("persons", "Fuldtidspersoner i pct. af befolkningen\n" + PERSONS, "persons are read one by one"),
    ("accounts", "Fuldtidspersoner (1.000)\n" + ACCOUNTS.format("kr."), "persons are read one by one"),
    ("accounts", ACCOUNTS.format("2026-priser, kr."), "row 1, column 5 .*prices of another year than the accounts"),
    ("accounts", ACCOUNTS.format("faste priser, kr."), "prices of another year"),
    ("accounts", ACCOUNTS.format("kr.") + ";;;;2026-priser\n", "row 3, column 5 .*prices of another year"),
    ("accounts", "Alle tal i 2025-priser\n" + ACCOUNTS.format("kr."), "row 1, .*prices of another year"),
    ("budget", f"{LONG_TKR}{'x' * 50}, mio. kr.;;\n", f"row 3, .*: '{'x' * 40}' tells a unit below"),
    ("budget", f"{LONG_TKR}A;2026;5;{'1' * 50}\n", f"row 3, column 4: '{'1' * 40}' stands beyond"),
    ("budget", f"{'x' * 50}, mio. kr.\n{LONG_TKR}", f"row 1, .*: '{'x' * 40}' tells another unit"),
    ("budget", f"{'x' * 50}, kr. pr. indbygger\n{LONG_TKR}", f"row 1, .*: '{'x' * 40}': amounts of the whole"),
    ("persons", f"{'x' * 50}, personer, pct.\n{PERSONS}", f"row 1, .*: '{'x' * 40}': persons are read"),
])  # fmt: skip
def test_what_contradicts_the_headings_is_told_wherever_it_stands(tmp_path, kind, text, says):
    with pytest.raises(DataError, match=f"1 to mend\n.*{says}"):
        read(tmp_path, kind, f"{kind}.csv", text)


@pytest.mark.parametrize(("kind", "text"), [
    ("budget", "Beløb i 1.000 kr.\n" + LONG_TKR), ("budget", "Bevillinger over 100.000 kr.\nGaver over 1.000 kr.\nlinje;år;beløb (kr.)\nA;2026;5\n"),
    ("budget", LONG_TKR + "Beløb i 1.000 kr.;;\nB;2026;50.000\n"), ("budget", LONG_TKR + "Satser i kr.;;\n"),
    ("budget", "Budget i 1.000 kr. pr. år\n" + LONG_TKR), ("budget", LONG_TKR + "Gaver over 100 kr.;2026;5\n"),
    ("budget", "linje;Udgift (mio. kr.);B2026 (1.000 kr.)\nA;7;5\n"), ("budget", "linje;Udgift (kr. pr. indbygger);B2026 (kr.)\nA;7;5\n"),
    ("persons", "ledige i pct.;kommune;periode;ydelse;fuldtidspersoner\n4;151;2026M03;A;5\n"),
    ("persons", "Fuldtidspersoner i Ballerup\n" + PERSONS), ("persons", "100 pct. af kilderne\n" + PERSONS),
    ("accounts", "Beløb i kr., antal fuldtidspersoner\n" + ACCOUNTS.format("kr.")),
    ("accounts", ACCOUNTS.format("2014-priser, kr.")), ("accounts", ACCOUNTS.format("løbende priser, kr.")), ("accounts", ACCOUNTS.format("årets priser, kr.")),
    ("accounts", "kommune;år;ydelse;fuldtidspersoner;nettoudgift (kr.);i 2026-priser\n151;2014;A;10;1.000.000;5\n"),  # a column beside
    ("budget", LONG_TKR + "Satser i kr.;;\nKilde: eget system;;\n"), ("budget", LONG_TKR.replace("\n", ";\n") + "Satser i kr.;;;x\n"),
    ("budget", "linje;enhed;B2026;B2027\nA;kr.;76406;5\nB;1.000 kr.;76;5\n"),  # a unit by row for all years
])  # fmt: skip
def test_what_agrees_with_the_headings_stops_no_file(tmp_path, kind, text):
    assert len(read(tmp_path, kind, f"{kind}.csv", text)) >= 1


@pytest.mark.parametrize(("above", "wanted"), [
    ("Regnskab", "R"), ("Regnskab, 1.000 kr.", "R"), ("Forventet regnskab (1.000 kr.)", "F"), ("Budgetforslag", "F"), ("Overslag", "BO"),
    ("Budget for jobcentret", "B"), ("Kilde: regnskabssystemet", "B"), ("R", "R"),
    ("Regnskabsopgørelse, Ballerup", None), ("Vedtaget budget og regnskab 2024", None), ("Budget 2025 og overslag 2026", None),
    ("Budget 2024 og korrigeret budget 2024", None), ("Budget 2024 og overslag 2025 i alt", None), ("2024 og overslag 2025", None),
])  # fmt: skip
def test_a_title_in_the_first_column_tells_the_status_of_years_that_tell_none(tmp_path, above, wanted):
    wide, long = (
        [["linje (1.000 kr.)", 2024, 2025], ["A", 5, 6]],
        [["linje", "år", "beløb (1.000 kr.)"], ["A", 2024, 5]],
    )
    corner = [[above if "kr." in above else f"{above} (1.000 kr.)", 2024], ["A", 5]]
    for rows in ([[above], *wide], [[above], [], *long], [["Regnskab og budget"], [above], *wide], corner):
        if wanted is None:
            with pytest.raises(
                DataError, match=r"no status is told above 2024|a title above tells more than one status"
            ):
                budget_of(tmp_path, rows)
        elif rows[0] != ["Regnskab og budget"] or wanted not in "B":
            assert set(budget_of(tmp_path, rows)[0].values()) == {wanted}
    beside = [["linje (1.000 kr.)", "Regnskab 2024", 2025], ["A", 5, 6]]  # no title: it tells its own year alone
    assert budget_of(tmp_path, beside)[0] == {2024: "R", 2025: "B"}
    told = [["linje (1.000 kr.)", "R2024", "B2025"], ["A", 5, 6]]
    assert budget_of(tmp_path, [[above], *told])[0] == {2024: "R", 2025: "B"}
    rows = [[above], [*long[0], "status"], [*long[1], "K"]]
    assert budget_of(tmp_path, rows)[0] == {2024: "K"}


@pytest.mark.parametrize(("title", "wanted"), [
    ("Budget 2026 og overslagsår 2027–2029", "B BO BO BO"), ("Budget 2026 samt budgetoverslag 2027-29 (1.000 kr.)", "B BO BO BO"),
    ("Ballerup Kommune – forventet regnskab 2026, budget 2027 og 2028 og overslagsårene 2029 - 2029", "F B B BO"), ("Budget 2026-2027 med overslag 2028-29", "B B BO BO"),
    ("Budget 2026 og overslagsår 2027–2028", None),
])  # fmt: skip
def test_a_title_may_tell_the_status_of_each_year_and_one_it_does_not_name_is_asked_about(title, wanted, tmp_path):
    years = [2026, 2027, 2028, 2029]
    wide = [["Linje (1.000 kr.)", *years], ["A", 5, 6, 7, 8]]
    long = [["Linje", "År", "Beløb (1.000 kr.)"], *[["A", year, 5] for year in years]]
    for rows, says in ((wide, "no status is told above 2029"), (long, "a title above tells more than one status")):
        if wanted:
            assert [*budget_of(tmp_path, [[title], *rows])[0].values()] == wanted.split()
        else:
            with pytest.raises(DataError, match=says):
                budget_of(tmp_path, [[title], *rows])


@pytest.mark.parametrize(("year", "status", "wanted"), [
    ("BO2025", "R", None), ("R2024", "B", None), ("B2024", "R", None), ("B2028", "BO", None), ("B2026", "K", "K"), ("Budget 2026", "F", "F"), ("R2025", "F", "F"), ("K2026", "K", "K"),
])  # fmt: skip
def test_a_year_and_a_status_that_contradict_each_other_are_told(tmp_path, year, status, wanted):
    text = f"linje;år;beløb (kr.);status\nA;{year};5;{status}\n"
    if wanted is None:
        with pytest.raises(
            DataError, match=f"1 to mend\n.*row 2, column 4 'status': the year tells .*, the status {status}; keep one"
        ):
            read(tmp_path, "budget", "budget.csv", text)
    else:
        assert read(tmp_path, "budget", "budget.csv", text)["status"].item() == wanted


@pytest.mark.parametrize(("heads", "says"), [
    ("udgift (kr.);indtægt (kr.)", "row 1, column 3 .*are these net of 'indtægt .kr..'. call them 'nettoudgift' then"),
    ("beløb (kr.);refusion", "are these net of 'refusion'"),
    ("budget (kr.);korrigeret budget (kr.)", "row 1, column 4 .*would not be read; write one amount a row"),
    ("beløb (kr.);regnskab", "'regnskab' would not be read"),
    ("nettoudgift (kr.);indtægt (kr.)", None), ("netto (kr.);refusion", None), ("beløb (kr.);bemærkning", None),
])  # fmt: skip
def test_a_second_column_of_amounts_is_not_left_out_in_silence(tmp_path, heads, says):
    text = f"linje;år;{heads}\nA;2026;5;7\n"
    if says:
        with pytest.raises(DataError, match=f"1 to mend\n.*{says}"):
            read(tmp_path, "budget", "budget.csv", text)
    else:
        assert read(tmp_path, "budget", "budget.csv", text)["amount_tkr"].item() == 0.005


def test_a_title_of_another_area_between_two_tables_is_told(tmp_path):
    for title, told in (("Gladsaxe", True), ("Danmark", True), ("Ballerup", False), ("Forsørgelse", False)):
        text = f"{TKR};;\n{title};;\nDagpenge;50.000;51.000\n"
        if told:
            with pytest.raises(
                DataError, match=f"row 4, .*below '{title}' another area's table may begin; keep one table"
            ):
                read(tmp_path, "budget", "budget.csv", text)
        else:
            assert len(read(tmp_path, "budget", "budget.csv", text)) == 4
    assert len(read(tmp_path, "budget", "budget.csv", f"{TKR}Gladsaxe;;\n")) == 2  # nothing stands below


def test_a_total_is_known_however_its_words_are_spaced(tmp_path):
    for total in ("I\u00a0alt", "I  alt", "I\u202falt"):
        assert len(read(tmp_path, "budget", "budget.csv", f"{TKR}{total};76.406;77.000\n")) == 2
    with pytest.raises(DataError, match="'Samlede udgifter' may be a total"):
        read(tmp_path, "budget", "budget.csv", f"{TKR}Samlede\u00a0udgifter;99.000;99.000\n")


def test_year_and_month_belong_in_one_column(tmp_path):
    with pytest.raises(
        DataError, match="row 1, column 2 'år': a second column for period; write all of it in one, as 2026M03"
    ):
        read(tmp_path, "persons", "persons.csv", "kommune;år;måned;ydelse;fuldtidspersoner\n151;2026;1;A;5\n")


def test_each_year_of_a_wide_budget_is_looked_at_for_itself(tmp_path):
    rows = [["1.000 kr.", "B2026", "BO2027"], ["A", 10_001, 15_003], ["B", 20_002, 25_001], ["C", 30_003, 40_004]]
    with pytest.raises(DataError) as error:  # C is the sum of the others in both years
        read(tmp_path, "budget", "budget.xlsx", book(rows))
    assert str(error.value).count("row 4, column") == 2 and "2 to mend" in str(error.value)
    rows[3][2] = 41_004
    with pytest.raises(DataError, match="1 to mend"):
        read(tmp_path, "budget", "budget.xlsx", book(rows))


@pytest.mark.parametrize(("last", "told"), [((30, 31, 33), 0), ((30, 30, 33), 2), ((30, 30, 31), 3)])
def test_what_is_the_sum_of_all_others_in_few_of_its_years_is_so_by_chance(last, told, tmp_path):
    rows = [
        ["mio. kr.", "B2026", "BO2027", "BO2028"],
        ["Vejledning", *last],
        ["Løntilskud", 20, 20, 21],
        ["Mentor", 10, 10, 10],
    ]
    if told:
        with pytest.raises(DataError, match=f"{told} to mend"):
            read(tmp_path, "budget", "budget.xlsx", book(rows))
    else:
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 9


@pytest.mark.parametrize(("sums", "told"), [((30, 30, 31, 32), []), ((30, 30, 30, 32), [0, 3, 6])])
def test_a_sum_of_all_others_in_just_half_of_the_years_is_none(sums, told):
    amounts = pd.Series([one for most in sums for one in (most, 20, 10)], dtype=float)
    years = pd.Series(np.repeat(["2026", "2027", "2028", "2029"], 3))
    assert sums_among(amounts, pd.Series([*"ABC"] * 4), [years]) == told


def test_the_years_of_the_headings_again_are_a_second_heading_whatever_stands_before_them(tmp_path):
    rows = [["Linje (1.000 kr.)", "2026", "2027", "Ydelse"], ["Sygedagpenge", 76_406, 76_519, "sygedagpenge"]]
    rows += [["Aktivering", 2026, "B2027", "aktivering"], ["Kurser", 1_500, 1_600, "activation"]]
    with pytest.raises(DataError, match=r"row 3, column A .*: a second row of headings; keep one table a sheet"):
        read(tmp_path, "budget", "budget.xlsx", book(rows))
    rows[2][1:3] = [2026, 2028]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 6


@pytest.mark.parametrize("title", ["Årsregnskab", "Realiserede udgifter", "Forventede udgifter", "Forbrug", "Ajourført budget",
    "Omplaceret budget", "Direktionens forslag til budget", "Prognose", "Skøn"])  # fmt: skip
def test_a_title_that_tells_of_another_budget_than_the_adopted_is_never_taken_for_that(title, tmp_path):
    rows = [[title], ["Linje (1.000 kr.)", "2026", "2027"], ["A", 5, 6]]
    try:
        assert set(read(tmp_path, "budget", "budget.xlsx", book(rows))["status"]) != {"B"}
    except DataError as error:
        assert "no status is told above 2026" in str(error)


@pytest.mark.parametrize(("title", "status"), [("Regnskab 2025", "R"), ("Korrigeret budget 2025", "K"), ("Budgetforslag 2025", "F"),
    ("Forventet regnskab 2025", "F"), ("Overslagsår 2025", "BO"), ("Budget 2025", "B"), ("Regnskab 2024", None)])  # fmt: skip
def test_a_title_of_one_year_tells_the_status_of_that_year_alone(title, status, tmp_path):
    for years in (["2025"], ["2025", "2026"]):
        raw = book([[title], ["Linje (1.000 kr.)", *years], ["A", *[5] * len(years)]])
        if status == "B" or (status and len(years) == 1):
            assert set(read(tmp_path, "budget", "budget.xlsx", raw)["status"]) == {status}
        else:
            with pytest.raises(
                DataError, match="no status is told above 2025; write it in the heading, as R2025, B2025 or BO2025"
            ):
                read(tmp_path, "budget", "budget.xlsx", raw)


@pytest.mark.parametrize("title", ["Budget 2026 i mio. kr. ekskl. moms", "Alle tal i mio. kr. – løbende priser", "1.000.000 kr. netto",
    "Enhed: mio. kr. netto", "Beløb i kr. (hele kroner) – netto"])  # fmt: skip
def test_a_title_in_another_unit_contradicts_the_headings_whatever_follows(title, tmp_path):
    rows = [[title], ["Linje", "B2026 (1.000 kr.)"], ["A", 76_406], ["B", 5]]
    with pytest.raises(DataError, match=r"row 1, column A .*tells another unit than the headings; keep one"):
        read(tmp_path, "budget", "budget.xlsx", book(rows))
    rows[0] = ["Budget 2026 i 1.000 kr. ekskl. moms"]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2


def test_a_last_note_tells_another_unit_where_it_speaks_of_all_amounts(tmp_path):
    for note, told in (("Alle beløb er i hele kr.", True), ("Beløb i kr.", True), ("Kilde: ØS, kr.", False)):
        raw = book([["Linje (1.000 kr.)", "B2026"], ["A", 5], ["B", 9], [note]])
        if told:
            with pytest.raises(DataError, match=r"row 4, column A .*tells a unit below the headings"):
                read(tmp_path, "budget", "budget.xlsx", raw)
        else:
            assert len(read(tmp_path, "budget", "budget.xlsx", raw)) == 2


def test_three_digits_in_a_column_that_is_not_read_may_be_the_end_of_the_amount_before(tmp_path):
    head = "Linje,År,Ydelse,Beløb (1.000 kr.),Note\n"
    with pytest.raises(DataError, match="row 2, column 5 'Note': '76' and '406' may be one number; is a comma"):
        read(tmp_path, "budget", "budget.csv", (head + "Sygedagpenge,2027,sygedagpenge,76,406\n").encode())
    with pytest.raises(DataError, match="'-76' and '4' may be one number; is a comma"):
        read(tmp_path, "budget", "budget.csv", (head + "Sygedagpenge,2027,sygedagpenge,-76,4\n").encode())
    for note in ("4060", "se 406", ""):
        assert (
            len(read(tmp_path, "budget", "budget.csv", (head + f"Sygedagpenge,2027,sygedagpenge,76,{note}\n").encode()))
            == 1
        )


def test_an_amount_at_the_end_of_a_title_is_of_kroner_whether_it_says_so_or_not(tmp_path):
    for title, kr in (("Budget i millioner", 1e6), ("Alle tal i tusinder", 1e3), ("Budget (mio.)", 1e6), ("Udgifter, 1.000", 1e3),
                      ("Budget 2026 i kr.", 1), ("Budget 2026, kr.", 1), ("Budget 2026 (kr.)", 1), ("Budget i mia.", None),
                      ("Indsatser for miljø i 1.000", 1e3), ("Gaver over 2000 kr.", None), ("Nr. 1.000", None), ("Borgere i 1.000", None)):  # fmt: skip
        bare, told = ([[title], ["Linje", f"B2026{unit}"], ["A", 76], ["B", 5]] for unit in ("", " (1.000 kr.)"))
        if kr is None:
            with pytest.raises(DataError, match="no unit is told"):
                budget_of(tmp_path, bare)
        else:
            assert budget_of(tmp_path, bare)[1] == pytest.approx([76 * kr / 1000, 5 * kr / 1000]), title
        if kr == 1e3 or title.startswith(("Gaver", "Nr", "Borgere")):
            assert budget_of(tmp_path, told)[1] == [76, 5]
        else:
            with pytest.raises(DataError, match=r"row 1, .*tells another unit than the headings"):
                budget_of(tmp_path, told)
    assert budget_of(tmp_path, [["Linje", "B2026 (mio.)"], ["A", 76]])[1] == [76_000]


def test_the_heading_of_the_lines_tells_the_unit_wherever_it_stands(tmp_path):
    rows = [["Nr.", "Linje (1.000 kr.)", "B2026"], [1, "A", 76_406]]
    assert budget_of(tmp_path, rows)[1] == [76_406]
    rows[0][2] = "B2026 (kr.)"
    with pytest.raises(DataError, match=r"row 1, column B .*tells another unit than the headings"):
        budget_of(tmp_path, rows)
    rows[0] = ["Nr.", "Linje (kr.)", "B2026"]
    assert budget_of(tmp_path, rows)[1] == [76.406]


@pytest.mark.parametrize(("name", "beside", "told"), [
    ("Fleksjob, mio. kr. netto", None, True), ("Fleksjob (mio.)", None, True), ("Fleksjob", "mio. kr.", True), ("Fleksjob", "i kr.", True),
    ("Fleksjob", "Alle beløb er angivet i hele millioner kroner", True),
    ("Puljen, 5 mia. kr.", None, True), ("Gaver over 1.000 kr. til borgere", "heraf 7 mio. kr. til drift", False), ("Fleksjob", "t.kr.", False),
])  # fmt: skip
def test_a_unit_of_a_line_is_told_wherever_it_stands_in_its_row(name, beside, told, tmp_path):
    for heads in (["Note"], []):
        raw = book([["Linje", "B2026 (1.000 kr.)", *heads], [name, 7.6, beside], ["B", 500]])
        if told:
            at_fault = re.escape(repr((beside or name)[:40]))
            with pytest.raises(
                DataError, match=rf"1 to mend\n.*row 2, .*{at_fault} tells another unit than the heading"
            ):
                read(tmp_path, "budget", "budget.xlsx", raw)
        else:
            assert len(read(tmp_path, "budget", "budget.xlsx", raw)) == 2


def test_persons_told_in_kroner_are_no_persons(tmp_path):
    with pytest.raises(
        DataError, match=r"no heading for fulltime_persons .*not understood: 'Fuldtidspersoner .1.000 kr..'"
    ):
        read(tmp_path, "persons", "persons.csv", PERSONS.replace("fuldtidspersoner", "Fuldtidspersoner (1.000 kr.)"))


@pytest.mark.parametrize(("rows", "told"), [
    ("Dagpenge,76,406,\nKurser,12,500,\n", "row 2, column 3 'BO2027': '76' and '406' may be one number; is a comma"),
    ("Dagpenge,76,406,\nKurser,1250,500,\n", ""), ("Dagpenge,76,77,\nKurser,100,99,\n", ""), ('"Dagpenge","76,406",406,\n', ""),
    ("Dagpenge,76,4,,\nKurser,12,5,\n", "row 2, column 4 'Note': the row has more cells than the headings; is a comma"), ("Dagpenge,76,4\n", ""),
    ("Dagpenge,7640,406,\nKurser,99,a 500,\n", "'a 500' stands there"), ("Dagpenge,76,406,\nKurser,-1250,500,\n", ""),
])  # fmt: skip
def test_an_amount_may_be_the_end_of_that_of_the_year_before_where_commas_separate_and_no_thousand_is_plain(
    rows, told, tmp_path
):
    text = "mio. kr.,,,\nLinje,B2026,BO2027,Note\n" + rows
    if told:
        with pytest.raises(DataError, match=told.replace("2, column", "3, column")):
            read(tmp_path, "budget", "budget.csv", text)
    else:
        assert len(read(tmp_path, "budget", "budget.csv", text)) >= 2
    if told and '"' not in rows and "a 500" not in rows:
        assert len(read(tmp_path, "budget", "budget.csv", text.replace(",", ";"))) == 4


WIDE = "Linje;B2026 (1.000 kr.);BO2027 (1.000 kr.)\nSygedagpenge;76.406;77.000\nFleksjob;51.111;52.000\n"


@pytest.mark.parametrize("text", [
    "Halvårsregnskab 2026", "Delårsregnskab", "1. halvår 2026", "Budgetopfølgning 1", "Økonomirapport juni", "Periodiseret budget",
    "Tillægsbevillinger", "Merudgifter i forhold til budget", "Ændringer", "Afvigelse", "Akkumuleret", "Pr. 30. juni", "Statsrefusion", "Indtægter",
    "Bruttoudgifter", "Udgifter før refusion", "Negative tal er udgifter", "1.000 kr. (- = udgift)", "Helårspersoner", "Antal borgere", "Antal borgere med ydelse i hele kommunen i året",
])  # fmt: skip
def test_a_title_that_tells_no_net_amounts_of_a_year_is_asked_about(text, tmp_path):
    told = rf"1 to mend\n.*row 1, .*{re.escape(text[:40])}'(: net amounts of whole years| are no kroner)"
    with pytest.raises(DataError, match=told):
        read(tmp_path, "budget", "budget.csv", f"{text}\n{WIDE}")


@pytest.mark.parametrize("text", ["Netto efter refusion", "Budget inkl. refusion", "Udgifter fratrukket refusion", "Indsatser 2026", "Nettoudgifter, brutto er højere"])  # fmt: skip
def test_a_title_of_net_amounts_stops_no_budget(text, tmp_path):
    assert len(read(tmp_path, "budget", "budget.csv", f"{text}\n{WIDE}")) == 4


def test_the_first_column_may_be_one_of_persons(tmp_path):
    rows = [["Helårspersoner", "Linje", "År", "Beløb (1.000 kr.)"], [652, "Sygedagpenge", 2026, 76_406]]
    assert read(tmp_path, "budget", "budget.xlsx", book(rows))["persons"].tolist() == [652]


@pytest.mark.parametrize(("note", "told"), [
    ("Alle tal er uden refusion", True), ("Note: tallene dækker kun 1. halvår", True), ("Alle beløb er pr. måned", True), ("Obs: alle beløb er brutto", True),
    ("Refusion er 50 pct.", False), ("Ændringer siden sidst er aftalt", False), ("Alle tal er netto efter refusion", False),
])  # fmt: skip
def test_a_note_that_all_amounts_are_others_is_asked_about(note, told, tmp_path):
    if told:
        with pytest.raises(DataError, match=r"1 to mend\n.*row 4, .*: net amounts of whole years"):
            read(tmp_path, "budget", "budget.csv", f"{WIDE}{note}\n")
    else:
        assert len(read(tmp_path, "budget", "budget.csv", f"{WIDE}{note}\n")) == 4


@pytest.mark.parametrize(("title", "told"), [
    ("Halvårsregnskab 2014", "net amounts of whole years"), ("Budget 2014", "closed accounts"), ("Forventet regnskab 2014", "closed accounts"),
    ("Bruttoudgifter", "net amounts of whole years"), ("Pr. 30. juni", "net amounts of whole years"), ("Forbrug 2014", "closed accounts"),
    ("Regnskab 2014", ""), ("Nettoudgifter", ""), ("Beskæftigelse", ""),
])  # fmt: skip
def test_a_title_that_accounts_are_not_closed_or_not_net_is_asked_about(title, told, tmp_path):
    text = f"{title}\n{ACCOUNTS.format('kr.')}"
    if told:
        with pytest.raises(DataError, match=rf"1 to mend\n.*row 1, .*: {told}"):
            read(tmp_path, "accounts", "accounts.csv", text)
    else:
        assert len(read(tmp_path, "accounts", "accounts.csv", text)) == 1


@pytest.mark.parametrize("name", ["Heri jobafklaring", "Her af jobafklaring", "inkl. jobafklaring", "(del af sygedagpenge)"])  # fmt: skip
def test_what_is_part_of_the_line_above_is_left_out(name, tmp_path):
    assert len(read(tmp_path, "budget", "budget.csv", f"{WIDE}{name};9.107;9.200\n")) == 4
    assert len(read(tmp_path, "budget", "budget.csv", f"{WIDE}Jobafklaring inkl. tillæg;9.107;9.200\n")) == 6


@pytest.mark.parametrize(("name", "told"), [
    *((name, True) for name in ("Modtagere", "Ydelsesmodtagere", "Ledige", "Kursister", "Volumen", "Mængde", "Satser", "Sygedagpengesats", "Afvigelse",
                                "Budget sidste år", "Sygedagpenge, tidligere budget")),
    *((name, False) for name in ("Indsats", "Aktiviteter for ledige", "Dagpengemodtagere samt ydelse")),
])  # fmt: skip
def test_a_line_of_persons_rates_or_differences_is_no_money(name, told, tmp_path):
    text = f"{WIDE}{name};652;641\n"
    if told:
        with pytest.raises(DataError, match=r"are no kroner; leave the row out"):
            read(tmp_path, "budget", "budget.csv", text)
    else:
        assert len(read(tmp_path, "budget", "budget.csv", text)) == 6


@pytest.mark.parametrize(("head", "told"), [("Refusionsindtægter (1.000 kr.)", True), ("Statens andel", True), ("Refusionsbeløb", True), ("Refusionssats", False)])  # fmt: skip
def test_gross_amounts_beside_what_the_state_pays_are_asked_about_whatever_it_is_called(head, told, tmp_path):
    text = f"linje;år;udgift (1.000 kr.);{head}\nSygedagpenge;2026;90.000;-20.000\n"
    if told:
        with pytest.raises(DataError, match="are these net of"):
            read(tmp_path, "budget", "budget.csv", text)
    else:
        assert len(read(tmp_path, "budget", "budget.csv", text)) == 1


def test_a_subtotal_in_millions_is_asked_about_where_it_holds_in_several_years_unless_the_file_says_it_is_none(
    tmp_path,
):
    heads = ["linje", "år", "beløb (mio. kr.)", "bekræftet"]
    lines = {
        "Sygedagpenge mv.": (90.1, 92.4),
        "Sygedagpenge": (60.0, 61.0),
        "Jobafklaring": (30.1, 31.4),
        "Løn": (51.1, 52.2),
    }
    rows = [[name, 2026 + y, lines[name][y], None] for name in lines for y in (0, 1)]
    with pytest.raises(
        DataError, match=r"2 to mend\n.*row 2, .*'Sygedagpenge mv\.' is the sum of others; .*bekræftet.*\n.*row 3"
    ):
        read(tmp_path, "budget", "budget.xlsx", book([heads, *rows]))
    sure = [[*row[:3], "ja" if row[0].endswith("mv.") else None] for row in rows]
    assert len(read(tmp_path, "budget", "budget.xlsx", book([heads, *sure]))) == 8
    for row in rows:  # the same shares in every year show no more than one year does
        row[2] = lines[row[0]][0] * (1, 2)[row[1] - 2026]
    assert len(read(tmp_path, "budget", "budget.xlsx", book([heads, *rows]))) == 8


def test_figures_between_the_columns_that_are_read_have_a_heading(tmp_path):
    rows = [["Linje", "B2026 (1.000 kr.)", None, "BO2027 (1.000 kr.)"], ["A", 76_406, 30_000, 5]]
    for raw, name, place in ((book(rows), "budget.xlsx", "C"), (danish(rows), "budget.csv", "3")):
        with pytest.raises(
            DataError,
            match=f"1 to mend\n.*row 2, column {place}: '30000' stands between the headings; give the column a heading",
        ):
            read(tmp_path, "budget", name, raw)
    for rows in ([[None, "Linje", "B2026 (1.000 kr.)"], [7, "A", 5]], [["Linje", "B2026 (1.000 kr.)", None, "Note"], ["A", 5, "se bilag"]],
                 [["Linje", "B2026 (1.000 kr.)", None, "BO2027 (1.000 kr.)"], ["A", 5, "", 5], ["I alt", 5, 7, 5]]):  # fmt: skip
        assert read(tmp_path, "budget", "budget.xlsx", book(rows))["amount_tkr"].iloc[0] == 5


@pytest.mark.parametrize(("head", "cells", "told"), [
    ("Kvartal", [dt.date(2026, 1, 1)], True), ("Kvartal", ["2026-1", "2026-2"], True), ("År", [dt.date(2025, 12, 31)], True), ("Year", ["01-2026"], True),
    ("Periode", [dt.date(2026, 1, 1), dt.date(2026, 4, 1)], True), ("Periode", [dt.date(2024, 12, 31), dt.date(2025, 12, 31)], True),
    ("Period", ["01-03-2026", "01-06-2026"], True), ("Periode", [dt.date(2026, 9, 1), dt.date(2026, 12, 1)], True), ("Periode", ["2025-1", "2025-2", "2025-3", "2025-4", "2026-1"], True),
    ("Måned", [dt.date(2026, 1, 1), dt.date(2026, 4, 1)], False), ("Periode", [dt.date(2026, 1, 1), dt.date(2026, 2, 1)], False),
    ("Periode", ["2026M01", "2026M04"], False), ("År", ["marts 2026"], False), ("Kvartal", ["2026Q1", "1. kvartal 2025"], False),
    ("Periode", ["2025-1", "2025-2", "2025-3", "2025-4"], True), ("Periode", ["2025-01", "2025-02", "2025-03", "2025-04"], False), ("Periode", ["2025-1"], True), ("Periode", ["2025-01", "2025-02", "2025-03", "2025-04", "2026-01"], True), ("Periode", ["2025-1", "2025-2", "2025-3", "2025-4", "2025-5"], False),
    ("Periode", [dt.date(2026, 1, 1)], False), ("År", ["2025", "2026"], False), ("Periode", [dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1)], False),
])  # fmt: skip
def test_a_day_that_may_stand_for_a_quarter_or_a_year_is_asked_about(head, cells, told, tmp_path):
    rows = [["Kommune", head, "Ydelse", "Fuldtidspersoner"], *[["151", cell, "A", 5] for cell in cells]]
    if told:
        with pytest.raises(
            DataError, match=r"1 to mend\n.*row 2, column B .*: is it the month 20.*, or a quarter or a year"
        ):
            read(tmp_path, "persons", "persons.xlsx", book(rows))
    else:
        assert len(read(tmp_path, "persons", "persons.xlsx", book(rows))) == len(cells)


@pytest.mark.parametrize(("heads", "told"), [
    (["B2026 (1.000 kr.)", "Refusion"], True), (["B2026 (1.000 kr.)", "Heraf statsrefusion (1.000 kr.)"], True),
    (["Netto 2025 (1.000 kr.)", "BO2026 (1.000 kr.)", "Indtægter 2026"], True),
    (["Nettobudget 2026 (1.000 kr.)", "Refusion"], False), (["B2026, netto (1.000 kr.)", "Refusion"], False), (["B2026 (1.000 kr.)", "Refusionssats"], False),
])  # fmt: skip
def test_income_beside_the_years_of_a_budget_is_asked_about_unless_they_are_net(heads, told, tmp_path):
    rows = [["Linje", *heads], ["A", 5, 7, 9]][:2]
    rows[1] = rows[1][: len(rows[0])]
    if told:
        with pytest.raises(
            DataError, match=r"1 to mend\n.*row 1, .*are these net of '.*'. write netto in their headings then"
        ):
            read(tmp_path, "budget", "budget.xlsx", book(rows))
    else:
        assert read(tmp_path, "budget", "budget.xlsx", book(rows))["amount_tkr"].tolist() == [5]


@pytest.mark.parametrize(("text", "told"), [
    ("Omregnet til 2026-niveau", True), ("Alle tal er i 2026-priser", True), ("Prisniveau 2026", True), ("I 26-pl", True), ("PL 2026", True), ("Fremskrevet til 2026", True),
    ("Faste priser", True), ("2014-niveau", False), ("14-pl", False), ("Prisniveau 2014", False), ("Regnskab 2026", False), ("Løbende priser", False),
])  # fmt: skip
def test_a_price_level_is_told_above_below_and_beside_the_accounts(text, told, tmp_path):
    table = ACCOUNTS.format("kr.")
    beside = table.replace(")\n", ");Note\n").replace("1.000.000", f"1.000.000;{text}")
    for raw in (f"{text}\n{table}", f"{table}{text}\n", beside):
        if told:
            with pytest.raises(DataError, match="prices of another year than the accounts"):
                read(tmp_path, "accounts", "accounts.csv", raw)
        else:
            assert len(read(tmp_path, "accounts", "accounts.csv", raw)) == 1


@pytest.mark.parametrize("text", ["Andele", "Procent", "Pct. af arbejdsstyrken", "Ydelsesmodtagere i procent", "Tal i tusinde", "Indeks (2019=100)", "Tallene er i hele 1.000",
                                  "Procent af arbejdsstyrken i hele kommunen"])  # fmt: skip
def test_a_title_or_note_that_all_figures_are_shares_is_told_where_persons_are(text, tmp_path):
    for raw in (f"{text}\n{PERSONS}", f"{PERSONS}{text}\n"):
        with pytest.raises(DataError, match=f"1 to mend\n.*{re.escape(repr(text[:40]))}: persons are read one by one"):
            read(tmp_path, "persons", "persons.csv", raw)
    if text.startswith(("Tal", "Ydelses")):  # of no persons
        assert len(read(tmp_path, "budget", "budget.csv", f"{LONG_TKR}{text}\n")) == 1


@pytest.mark.parametrize("note", ["Personer med 50 pct. refusion er med", "Beløb i 1.000 kr.", "Udgifter i tusinder kr.", "Opgjort i januar", "Kilde: 100 pct. af Andelskassen"])  # fmt: skip
def test_a_note_of_something_else_below_persons_stops_no_file(note, tmp_path):
    assert len(read(tmp_path, "persons", "persons.csv", f"{PERSONS}{note}\n")) == 1


@pytest.mark.parametrize("head", ["Kommunenr", "Kommunenr.", "Kommune nr.", "Komnr", "Komnr.", "Kom.nr.", "Kom nr", "Komkode", "Kommunekode", "Kommunenavn"])  # fmt: skip
def test_the_number_of_a_municipality_may_stand_alone_or_beside_its_name(head, tmp_path):
    assert read(tmp_path, "persons", "persons.csv", PERSONS.replace("kommune", head))["area"].item() == "151"
    for heads, cells in (((head, "Kommune"), "151;Ballerup"), (("Kommune", head), "Ballerup;151")):
        text = PERSONS.replace("kommune", ";".join(heads)).replace("151", cells)
        assert read(tmp_path, "persons", "persons.csv", text)["area"].item() == "151"


def test_a_subtotal_in_danish_is_a_total_and_money_is_money_whatever_it_is_called(tmp_path):
    for name in ("Delsum", "Mellemsum", "Delsum forsørgelse"):
        assert len(read(tmp_path, "budget", "budget.csv", f"{TKR}{name};76.406;77.000\n")) == 2
    for name in ("Andel af fælles administration", "Andel af driften", "Antal-puljen", "Mellemregning"):
        assert len(read(tmp_path, "budget", "budget.csv", f"{TKR}{name};9;9\n")) == 4


@pytest.mark.parametrize(
    ("head", "kr"), [("Budget 2026 mio. kr.", 1e6), ("Budget 2026, t.kr.", 1e3), ("Budget 2026 tus. kr.", 1e3)]
)
def test_a_unit_may_stand_right_after_a_year(head, kr, tmp_path):
    rows = [["Linje", head], ["A", 50.5], ["B", 1]]
    assert read(tmp_path, "budget", "budget.xlsx", book(rows))["amount_tkr"].tolist() == [50.5 * kr / 1000, kr / 1000]


def test_the_first_column_of_a_wide_budget_is_its_lines_whatever_stands_in_the_corner(tmp_path):
    for corner, other in (("1.000 kr.", None), ("1.000 kr.", "Note"), ("Post (1.000 kr.)", None), (None, "Note")):
        rows = [["Ramme 20.02, 1.000 kr."], [corner, "B2026", "BO2027", other], ["A", 5, 6, "x"]]
        table = read(tmp_path, "budget", "budget.xlsx", book(rows))
        assert table["line"].tolist() == ["A", "A"] and table["amount_tkr"].tolist() == [5.0, 6.0]
        assert ("»Note: x« (column D)" in own.report(tmp_path)["unread"].item()) == bool(other)
    rows = [["B2026 (kr.)", "Ydelse"], [5000, "dagpenge"]]  # a year in the corner: no column is left for the lines
    with pytest.raises(DataError, match=r"row 1 has no heading for line \(line or linje or post\)$"):
        read(tmp_path, "budget", "budget.xlsx", book(rows))


def test_a_unit_is_looked_for_down_to_the_headings_and_must_be_one(tmp_path):
    bare = [*HEAD[:4], "Nettoudgift"]
    for rows in ([bare, ["Ballerup", 2013, "Tilskud, 1.000 kr.", "-", 5]], [["kr.", "mio. kr."], bare, ROWS[0]]):
        with pytest.raises(DataError, match=r"column E 'Nettoudgift': no unit is told"):
            read(tmp_path, "accounts", "accounts.xlsx", book(rows))
    for rows in ([[*bare, "1.000 kr."], ROWS[0]], [["Tusind"], ["1.000 kr.", "(t.kr.)"], bare, ROWS[0]],
                 [[*HEAD, "Enhed"], [*ROWS[0], "1.000 kr."]], [[*HEAD, "Enhed"], [*ROWS[0], None]]):  # fmt: skip
        assert read(tmp_path, "accounts", "accounts.xlsx", book(rows))["net_cost_kr"].item() == 98_400_000


def test_headings_that_lack_one_are_told_of_the_sheet_that_comes_nearest(tmp_path):
    def beside(workbook):
        workbook.active.title = "Næsten"
        workbook.create_sheet("Andet", 0).append(["Kommune", "Note"])

    rows = [[*HEAD[:4], "Note"], ROWS[0]]
    says = r"sheet 'Næsten', row 1 has no heading for net_cost_kr \(net cost or nettoudgift or nettoudgifter\); not understood: 'Note'$"
    with pytest.raises(DataError, match=says):
        read(tmp_path, "accounts", "accounts.xlsx", book(rows, beside))
    with pytest.raises(DataError, match="no row of headings was found in its visible sheets; it needs kommune"):
        read(tmp_path, "accounts", "accounts.xlsx", book([["x", "y"]]))


def test_a_row_that_ends_early_lacks_its_last_cells(tmp_path):
    text = "Post;År;Beløb (kr.);Ydelse\nA;2027;5\nB;2027;6;sygedagpenge\n"
    assert read(tmp_path, "budget", "budget.csv", text)["benefit"].fillna("").tolist() == ["", "sygedagpenge"]


def test_cells_merged_in_the_headings_are_told_and_those_above_are_not(tmp_path):
    rows = [["Regnskab"], [*HEAD, "Note", "Note 2"], *ROWS]
    with pytest.raises(DataError, match="row 2, column F 'Note': the cells F2:G2 are merged; unmerge them"):
        read(tmp_path, "accounts", "accounts.xlsx", book(rows, lambda b: b.active.merge_cells("F2:G2")))
    assert len(read(tmp_path, "accounts", "accounts.xlsx", book(rows, lambda b: b.active.merge_cells("A1:G1")))) == 2
    assert len(read(tmp_path, "accounts", "accounts.xlsx", book(rows, lambda b: b.active.merge_cells("F3:G3")))) == 2
    with pytest.raises(DataError, match=r"1 to mend\n.*row 3, column D .*: the cells D3:E3 are merged"):  # of one row
        read(tmp_path, "accounts", "accounts.xlsx", book(rows, lambda b: b.active.merge_cells("D3:E3")))
    with pytest.raises(
        DataError, match=r"row 2, column D .*: the cells D2:D3 are merged"
    ):  # from a note into the figures
        read(
            tmp_path, "accounts", "accounts.xlsx", book([HEAD, ["x"], ROWS[0]], lambda b: b.active.merge_cells("D2:D3"))
        )
    with pytest.raises(DataError, match="row 2, column H: the cells H2:I2 are merged"):  # beyond the last heading
        read(tmp_path, "accounts", "accounts.xlsx", book(rows, lambda b: b.active.merge_cells("H2:I2")))


@pytest.mark.parametrize("word", ["NULL", "N/A", "nan", "None", "#REF!", "#I/T", "mangler", "?"])
def test_what_programs_write_where_there_is_nothing_is_told_with_its_cell_and_what_to_write(tmp_path, word):
    wanted = "a Danish number such as 1.020,5, or - for missing" if word == "?" else "- where there is no number"
    says = rf"{re.escape(repr(word))} stands there; write {re.escape(wanted)}"
    says = rf"{re.escape(word)}, an error of a formula; mend it" if word[0] == "#" else says
    for name, raw in (
        ("accounts.csv", accounts(["A", word, 5])),
        ("accounts.xlsx", book([HEAD, ["Ballerup", 2013, "A", f" {word}", 5]])),
    ):
        with pytest.raises(DataError, match=rf"row 2, column (4|D) 'Fuldtidspersoner': .*{says}"):
            read(tmp_path, "accounts", name, raw)
        (tmp_path / name).unlink()
    if word not in ("mangler", "?"):
        with pytest.raises(DataError, match=r"row 2, column 3 'Ydelse': .*(write a name|an error of a formula)"):
            read(tmp_path, "accounts", "accounts.csv", accounts([word, 5, 500]))


UNITS = [
    ("mio. kr.", '0.0" mio. kr."', True), ("mio. kr.", '#,##0.0\\ "mio. kr."', True), ("mio. kr.", "#,##0.0 [$mio. kr.-406]", True), ("mio. kr.", '0.0" mio."', True),
    ("mio. kr.", '_-* #,##0.0 "mio. kr."_-;-* #,##0.0 "mio. kr."_-;"-"', True), ("mio. kr.", '0.0" mill. kr.";[Red]-0.0" mill. kr."', True),
    ("1.000 kr.", '0.0" t.kr."', True), ("1.000 kr.", '#,##0" tkr."', True), ("1.000 kr.", '0.0" mio. kr."', False), ("kr.", '0.0" mio. kr."', False),
    ("mio. kr.", '0.0" t.kr."', False), ("mio. kr.", '0.0" mia. kr."', False), ("mio. kr.", '0.0,," mio. kr."', False), ("mio. kr.", '"ca. "0.0" mio. kr."', False),
    ("mio. kr.", '0.0" mio. kr. pr. år"', False), ("mio. kr.", '"mio. kr. "', False), ("mio. kr.", '0.0" mio. kr.";0.0" mio. kr."', False), ("mio. kr.", '0.0" pers."', False),
    *((unit, form, unit == "kr.") for unit in ("kr.", "1.000 kr.", "mio. kr.") for form in (
        '0.0" kr."', "[$DKK] 0.0", 'General" kr"', '#,##0.00 "kr."', '_-* #,##0.00\\ "kr."_-', '"kr. "0.0', "0.0 [$kr.-406]", '0.0" kroner"',
        '_ "kr."\\ * #,##0.00_ ;_ "kr."\\ * \\-#,##0.00_ ;_ "kr."\\ * "-"??_ ;_ @_ ', '0.0" kr.";(0.0" kr.")',
    )),
    ("mio. kr.", '"kr. "0.0" mio."', True), ("1.000 kr.", '"kr. "0.0" mio."', False), ("kr.", '0.0" pers."', False), ("kr.", '"kr. "0.0" pers."', False),
    ("kr.", '[>50]0.0" kr.";0.0', True), ("1.000 kr.", '[>50]0.0" kr.";0.0', False),
    ("mio. kr.", f'0.0" mio. kr.{" " * 200}pr. dag"', False),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "form", "agrees"), UNITS)
def test_the_unit_of_an_amount_may_stand_in_its_format_where_it_is_that_of_its_heading(tmp_path, unit, form, agrees):
    def change(workbook):
        for row in workbook.active["B2:B3"]:
            row[0].number_format = form

    raw = book([["Post", f"Budget 2026 ({unit})"], ["Kontanthjælp", -12.5], ["Dagpenge", 98.4]], change)
    if agrees:
        factor = {"mio. kr.": 1000, "1.000 kr.": 1, "kr.": 0.001}[unit]
        assert read(tmp_path, "budget", "budget.xlsx", raw)["amount_tkr"].tolist() == [-12.5 * factor, 98.4 * factor]
    else:
        with pytest.raises(DataError, match=r"column B .*: here stands a number (that the format|of which the format)"):
            read(tmp_path, "budget", "budget.xlsx", raw)


@pytest.mark.parametrize(("unit", "shown", "agrees"), [
    ("mio. kr.", "98,4 mio. kr.", True), ("mio. kr.", "98,4 mio.", True), ("mio. kr.", "98 MIO. KR.", True), ("1.000 kr.", "98,4 t.kr.", True),
    ("1.000 kr.", "98,4 mio. kr.", False), ("mio. kr.", "98,5 mio. kr.", False), ("mio. kr.", "mio. kr.", False), ("mio. kr.", "98,4 mio. kr. (ca.)", False), ("mio. kr.", f"98,4 mio. kr.{'.' * 200}pr. dag", False), ("mio. kr.", "a" * 400_000 + "1", False),
    *((unit, shown, unit == "kr.") for unit in ("kr.", "1.000 kr.", "mio. kr.") for shown in ("98,4 kr.", "kr. 98,40", "DKK 98,4", "98,4 kroner")),
    ("mio. kr.", "kr. 98,4 mio.", True), ("kr.", "98,4 pers.", False), ("mio. kr.", "98,4 personer", False), ("1.000 kr.", f"98,4{' kr.' * 100_000}", False),
])  # fmt: skip
def test_an_opendocument_amount_may_be_shown_with_the_unit_of_its_heading(tmp_path, unit, shown, agrees):
    raw = ods([["Post", f"Budget 2026 ({unit})"], ["Dagpenge", 98.4]])
    raw = replaced(raw, "content.xml", b"<text:p>98.4</text:p>", f"<text:p>{shown}</text:p>".encode())
    if agrees:
        factor = {"mio. kr.": 1000, "1.000 kr.": 1, "kr.": 0.001}[unit]
        assert read(tmp_path, "budget", "budget.ods", raw)["amount_tkr"].tolist() == [98.4 * factor]
    else:
        with pytest.raises(DataError, match=r"column B .*: here stands the number 98.4 shown as "):
            read(tmp_path, "budget", "budget.ods", raw)


@pytest.mark.parametrize(("shown", "agrees"), [
    (" t.kr.", False), (" kr.", False), (" kr. pers.", False), (" pers.", True), (" personer", True), ("", True),
])  # fmt: skip
def test_persons_may_be_shown_with_their_unit_and_with_no_unit_of_money(tmp_path, shown, agrees):
    def change(workbook):
        workbook.active["D2"].number_format = f'0.0"{shown}"'

    other = ods([HEAD, *ROWS])
    other = replaced(other, "content.xml", b"<text:p>1020.5</text:p>", f"<text:p>1020,5{shown}</text:p>".encode())
    for name, raw in (("accounts.xlsx", book([HEAD, *ROWS], change)), ("accounts.ods", other)):
        if agrees:
            assert len(read(tmp_path, "accounts", name, raw)) == 2
        else:
            says = rf"1 to mend\n.*row 2, column D 'Fuldtidspersoner': here stands .* with the unit '{shown.strip()}', which"
            with pytest.raises(DataError, match=says):
                read(tmp_path, "accounts", name, raw)


def test_comments_of_what_is_read_are_told_and_not_read(tmp_path):
    def commented(*places):
        def change(workbook):
            for place in places:
                workbook.active[place].comment = Comment("Tal i kr.", "AB")

        return change

    rows = [["Regnskab"], [*HEAD, "Note"], *ROWS, ["Kilde: eget system"]]
    for places in (("E2", "D3", "E4"), ("A1", "F3", "A5", "A9"), ()):
        read(tmp_path, "accounts", "accounts.xlsx", book(rows, commented(*places)))
        told = [one.place for one in own.opened("accounts", tmp_path).unread if one.kind == "comment"]
        assert told == [", ".join(places)] * bool(places)
    many = [["Post", "B2026 (1.000 kr.)"], *([f"Post {n}", 1000 + 37 * n * n] for n in range(20))]
    read(tmp_path, "budget", "budget.xlsx", book(many, commented(*(f"B{n}" for n in range(1, 16)))))
    assert own.report(tmp_path)["unread"].item().endswith(": comment on B1, B2, B3, B4, B5, B6, B7, B8, B9, B10 (+5).")
    note = b"<office:annotation><text:p>Tal i kr.</text:p></office:annotation>"
    raw = ods(rows)
    for text in (b"<text:p>98400</text:p>", f"<text:p>{HEAD[4]}</text:p>".encode(), b"<text:p>Note</text:p>"):
        raw = replaced(raw, "content.xml", text, note + text)
    assert len(read(tmp_path, "accounts", "accounts.ods", raw)) == 2
    told = {one.place for one in own.opened("accounts", tmp_path).unread if one.kind == "comment"}
    assert told == {"E2, F2, E3"}


THREE = [97.3, 76.406, 73.7]


@pytest.mark.parametrize(("unit", "values", "forms", "asked"), [
    ("1.000 kr.", THREE, ["0.000"] * 3, True), ("kr.", THREE, ["0.000"] * 3, True), ("mio. kr.", THREE, ["0.000"] * 3, False),
    ("1.000 kr.", THREE, ["#,##0.000"] * 3, True), ("1.000 kr.", THREE, ['0.000" t.kr."'] * 3, True), ("1.000 kr.", THREE, ["0.000;[Red]-0.000"] * 3, True),
    ("1.000 kr.", [97.3, -76.4, 9.2], ["0.000;[Red]-0.000"] * 3, True), ("1.000 kr.", THREE, ["General", "0.000", "General"], False), ("1.000 kr.", [60.125, 76.406, 9.111], ["General"] * 3, True), ("1.000 kr.", [60.125, 76.406, 9.111], ["0.###", "#,##0.0##", "@"], True),
    ("1.000 kr.", [97.313, 76.406, 9.111], ["0.0", "0.000", "0.000"], False), ("mio. kr.", [60.125, 76.406, 9.111], ["General"] * 3, False), ("1.000 kr.", [60.125, 76.406, 9.1111], ["General"] * 3, False), ("1.000 kr.", [60, 76.406, 9], ["General"] * 3, True),
    ("1.000 kr.", THREE, ["0.0", "0.000", "0.000"], False), ("1.000 kr.", THREE, ["#,##0.00", "0.000", "0.000"], False), ("1.000 kr.", THREE, [4, "0.000", "0.000"], False),
    ("1.000 kr.", [1097.3, 76.406, 9.1], ["#,##0.000"] * 3, False), ("1.000 kr.", [1097.3, 76.406, 9.1], ["0.000"] * 3, False),
    ("1.000 kr.", THREE, ["0.0000"] * 3, False), ("1.000 kr.", THREE, ["General"] * 3, False), ("1.000 kr.", THREE, ["0.###"] * 3, False),
    ("1.000 kr.", [999.9996, 9.1, 8.2], ["0.000"] * 3, False),
])  # fmt: skip
def test_a_number_that_is_shown_with_three_decimals_is_asked_about_as_its_text_is(tmp_path, unit, values, forms, asked):
    def change(workbook):
        for row, form in zip(workbook.active["B2:B4"], forms, strict=True):
            row[0].number_format = BUILTIN_FORMATS.get(form, form)

    raw = book([["Post", f"Budget 2026 ({unit})"], *zip("ABC", values, strict=True)], change)
    if not asked:
        assert len(read(tmp_path, "budget", "budget.xlsx", raw)) == 3
        return
    with pytest.raises(DataError, match=r"row 3, column B .*: '-?76,4\d\d' may be a thousand or one; write it without"):
        read(tmp_path, "budget", "budget.xlsx", raw)


@pytest.mark.parametrize(("unit", "texts", "asked"), [
    ("kr.", ["97,300", "76,406"], True), ("mio. kr.", ["97,300", "76,406"], False), ("1.000 kr.", ["97,300 t.kr.", "76,406 t.kr."], True),
    ("1.000 kr.", ["97,3", "76,406"], False), ("1.000 kr.", ["97.3", "76,406"], False), ("1.000 kr.", ["97", "76,406"], True), ("1.000 kr.", ["97,3000", "76,406"], False),
])  # fmt: skip
def test_an_opendocument_number_that_is_shown_with_three_decimals_is_asked_about_as_its_text_is(
    tmp_path, unit, texts, asked
):
    raw = ods([["Post", f"Budget 2026 ({unit})"], ["A", 97.3], ["B", 76.406]])
    for value, text in zip(("97.3", "76.406"), texts, strict=True):
        raw = replaced(raw, "content.xml", f"<text:p>{value}</text:p>".encode(), f"<text:p>{text}</text:p>".encode())
    if not asked:
        assert len(read(tmp_path, "budget", "budget.ods", raw)) == 2
        return
    with pytest.raises(DataError, match=r"row 3, column B .*: '76,406' may be a thousand or one; write it without"):
        read(tmp_path, "budget", "budget.ods", raw)


def test_persons_shown_with_three_decimals_are_asked_about_too(tmp_path):
    def change(workbook):
        workbook.active["D2"].number_format = "0.000"

    raw = book([HEAD, [*ROWS[0][:3], 20.5, 1000]], change)
    with pytest.raises(DataError, match=r"1 to mend\n.*row 2, column D .*: '20,500' may be a thousand or one"):
        read(tmp_path, "accounts", "accounts.xlsx", raw)


@pytest.mark.parametrize("form", [5, 6, 7, 8, 42, 44])
def test_a_format_that_excel_calls_by_number_shows_the_kroner_of_a_danish_one(tmp_path, form):
    def change(workbook):
        workbook.active["B2"].number_format = BUILTIN_FORMATS[form]

    for unit, agrees in (("kr.", True), ("1.000 kr.", False)):
        raw = book([["Post", f"Budget 2026 ({unit})"], ["Dagpenge", 98.4]], change)
        assert b"formatCode" not in parts_of(raw)["xl/styles.xml"]
        if agrees:
            assert len(read(tmp_path, "budget", "budget.xlsx", raw)) == 1
        else:
            with pytest.raises(
                DataError, match=r"column B .*: here stands a number that .* with the unit 'kr.', which"
            ):
                read(tmp_path, "budget", "budget.xlsx", raw)


def test_a_unit_that_stands_in_the_formats_alone_is_asked_for_once(tmp_path):
    def change(workbook):
        for row in workbook.active["B2:B3"]:
            row[0].number_format = '0.0" kr."'

    raw = book([["Post", "Budget 2026"], ["Kontanthjælp", -12.5], ["Dagpenge", 98.4]], change)
    with pytest.raises(DataError, match=r"1 to mend\n.*row 1, column B .*unit"):
        read(tmp_path, "budget", "budget.xlsx", raw)


def test_what_is_to_be_computed_when_opened_is_asked_about_where_figures_that_are_read_are_formulas(tmp_path):
    for rows, says in (
        ([HEAD, *ROWS], None),  # as pandas saves it
        ([["=1+1"], [*HEAD, "Andel"], *[[*row, "=E2/2"] for row in ROWS]], None),
        ([HEAD, *ROWS, ["Ballerup", 2013, "I alt", "=SUM(D2:D3)", "=SUM(E2:E3)"]], r"2 to mend\n.*row 4, column D "),
        ([HEAD, ROWS[0], [*ROWS[1][:4], "=9000000+500000"]], r"1 to mend\n.*row 3, column E .*: here stands a formula"),
    ):
        raw = book(rows, lambda b: b.create_sheet("Andet").append(["=1+1"]))
        assert b'fullCalcOnLoad="1"' in parts_of(raw)["xl/workbook.xml"]
        raw = zipped({n: re.sub(rb"<v ?/>|<v></v>", b"<v>9500000</v>", part) for n, part in parts_of(raw).items()})
        if says is None:
            assert len(read(tmp_path, "accounts", "accounts.xlsx", raw)) == 2
            continue
        with pytest.raises(DataError, match=says):
            read(tmp_path, "accounts", "accounts.xlsx", raw)


def test_what_is_hidden_is_told_where_it_holds_figures_or_may_tell_a_unit(tmp_path):
    rows = [
        ["Regnskab", *[None] * 6, "hele landet"],
        [*HEAD, "Note", None, None, "Beløb i 1.000 kr."],
        *ROWS,
        ["Kilde: eget system"],
        [],
    ]
    for hide, says in (
        (lambda s: s.row_dimensions[2], "row 2: the row is hidden"),
        (lambda s: s.column_dimensions["E"], r"row 2, column E 'Nettoudgift \(1.000 kr.\)': the column is hidden"),
        (lambda s: s.row_dimensions[1], "row 1: the row is hidden"),
        (lambda s: s.column_dimensions["H"], "row 2, column H: the column is hidden"),
        (lambda s: s.column_dimensions["I"], "row 2, column I 'Beløb i 1.000 kr.': the column is hidden"),
        (lambda s: s.row_dimensions[5], None),
        (lambda s: s.row_dimensions[9], None),
        (lambda s: s.column_dimensions["F"], None),
        (lambda s: s.column_dimensions["G"], None),
    ):
        raw = book(rows, lambda b, hide=hide: setattr(hide(b.active), "hidden", True))
        if says is None:
            assert len(read(tmp_path, "accounts", "accounts.xlsx", raw)) == 2
            continue
        with pytest.raises(DataError, match=f"1 to mend\n.*{says}"):
            read(tmp_path, "accounts", "accounts.xlsx", raw)


def test_hidden_columns_are_told_in_the_order_of_the_sheet(tmp_path):
    def hide(workbook):
        for column in "EDCBA":
            workbook.active.column_dimensions[column].hidden = True

    with pytest.raises(DataError) as told:
        read(tmp_path, "accounts", "accounts.xlsx", book([HEAD, *ROWS], hide))
    assert re.findall(r"row 1, column (\w) ", str(told.value)) == [*"ABCDE"]


def test_what_is_named_as_the_folder_of_own_files_and_is_none_is_told(tmp_path):
    (tmp_path / "budget.csv").write_text("x")
    with pytest.raises(DataError, match=r"budget\.csv is no folder; BALLERUP_LOCAL names the folder of own files"):
        own.files(tmp_path / "budget.csv")


def test_what_is_left_out_is_told_in_short(tmp_path):
    note = "Kilde: kommunens økonomisystem, udtrukket den 1. marts 2014"
    read(
        tmp_path,
        "accounts",
        "accounts.csv",
        danish([[*HEAD, "Bemærkning", "B2014"], [*ROWS[0], "x", 1], [note, *[""] * 6]]),
    )
    assert own.report(tmp_path)["left_out"].item() == f"row 3 {note[:40]!r}"
    with pytest.raises(DataError, match=rf"row 2, column 4 'Fuldtidspersoner': '{'x' * 59} stands there; write"):
        read(tmp_path, "accounts", "accounts.csv", accounts(["A", "x" * 100, 5]))


GOOD = book([HEAD, *ROWS])
SHEET = "xl/worksheets/sheet1.xml"


def cells(change):
    """Return a workbook after a change to its sheet."""
    return book([HEAD, *ROWS], lambda b: change(b.active))


def put(place, value):
    return lambda sheet: sheet.__setitem__(place, value)


HOSTILE = {
    "csv named xlsx": ("accounts.xlsx", danish([HEAD, *ROWS]), "is no workbook, whatever its name says"),
    "xlsx named csv": ("accounts.csv", GOOD, "is a workbook, whatever its name says"),
    "old workbook": ("accounts.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old workbook or one with macros"),
    "macros by name": ("accounts.xlsm", GOOD, "old workbook or one with macros"),
    "macros inside": ("accounts.xlsx", zipped(parts_of(GOOD) | {"xl/vbaProject.bin": b"x"}), "holds macros"),
    "password": ("accounts.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "password ods": ("accounts.ods", zipped({"content.xml": "x", "META-INF/manifest.xml": "<encryption-data/>"}), "protected by a password"),
    "links to other files": ("accounts.xlsx", zipped(parts_of(GOOD) | {"xl/externalLinks/externalLink1.xml": "<x/>"}), "links to other workbooks"),
    "formula without a value": ("accounts.xlsx", cells(put("E2", "=1+1")), "column E .*: here stands a formula without a value"),
    "error value": ("accounts.xlsx", cells(put("E2", "#N/A")), "here stands #N/A"),
    "merged headings": ("accounts.xlsx", cells(lambda s: s.merge_cells("D1:E1")), "no heading for net_cost_kr|D1:E1 are merged"),
    "merged data": ("accounts.xlsx", cells(lambda s: s.merge_cells("A2:A3")), "A2:A3 are merged"),
    "hidden row": ("accounts.xlsx", cells(lambda s: setattr(s.row_dimensions[3], "hidden", True)), "row 3: the row is hidden"),
    "hidden column": ("accounts.xlsx", cells(lambda s: setattr(s.column_dimensions["E"], "hidden", True)), "column E .* hidden"),
    "all sheets hidden": ("accounts.xlsx", replaced(GOOD, "xl/workbook.xml", b'state="visible"', b'state="hidden"'), "no row of headings was found"),
    "two sheets that fit": ("accounts.xlsx", book([HEAD, *ROWS], lambda b: b.copy_worksheet(b.active)), "all fit; keep one"),
    "far cell": ("accounts.xlsx", cells(put("XFD1048576", 1)), "has 1048576 rows and"),
    "far cell in ods": ("accounts.ods", ods([HEAD, *ROWS], '<table:table-row table:number-rows-repeated="999999"><table:table-cell table:number-columns-repeated="9000" office:value-type="float" office:value="1"/></table:table-row>'), "rows and"),
    "repeated row in ods": ("accounts.ods", ods([HEAD, *ROWS], '<table:table-row table:number-rows-repeated="999999"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'), "has 1000002 rows"),
    "zip bomb": ("accounts.xlsx", zipped(parts_of(GOOD) | {SHEET: b" " * 70_000_000}), "unpacks to more"),
    "many parts": ("accounts.xlsx", zipped(parts_of(GOOD) | {f"x{n}.xml": b"" for n in range(2001)}), "unpacks to more"),
    "entities": ("accounts.xlsx", replaced(GOOD, SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet'), "declares entities"),
    "an archive": ("accounts.xlsx", zipped({"a.txt": b"x"}), "is an archive, but no workbook"),
    "cut off": ("accounts.xlsx", GOOD[: len(GOOD) // 2], "damaged workbook"),
    "broken xml": ("accounts.xlsx", zipped(parts_of(GOOD) | {SHEET: b"<worksheet><sheetData><row"}), "damaged workbook|no row of headings"),
    "broken ods": ("accounts.ods", zipped({"content.xml": "<x"}), "damaged workbook"),
    "too large": ("accounts.csv", "x" * 1_000_001, "holds 1,0 MB; at most 1,0 MB are read"),
    "too large xlsx": ("accounts.xlsx", b"PK" + b"x" * 5_000_000, "holds 5,0 MB; at most 5,0 MB are read"),
    "many lines": ("accounts.csv", "a\n" * 60_000, "at most 50000 and 200 are read"),
    "wide line": ("accounts.csv", ";" * 5000, "at most 50000 and 200 are read"),
    "empty": ("accounts.csv", "", "no row of headings"),
    "blank lines": ("accounts.csv", "\n\n\n", "no row of headings"),
    "only a byte order mark": ("accounts.csv", b"\xff\xfe", "no row of headings"),
    "zeros": ("accounts.csv", b"\0" * 1000, "no row of headings"),
    "random bytes": ("accounts.csv", bytes(range(256)) * 20, "holds bytes of nothing .NUL., which no text does; save it anew"),
    "open quotation mark": ("accounts.csv", danish([HEAD, *ROWS]) + '"', "is a quotation mark not closed"),
    "missing column": ("accounts.csv", danish([HEAD[:4], *[r[:4] for r in ROWS]]), "row 1 has no heading for net_cost_kr"),
    "persons that may be heads": ("accounts.csv", danish([[*HEAD[:3], "Personer", HEAD[4]], *ROWS]), "no heading for fulltime_persons .*not understood: 'Personer'"),
    "a column twice": ("accounts.csv", danish([[*HEAD, "Helårspersoner"], *[[*r, 1] for r in ROWS]]), "a second column for fulltime_persons"),
    "a row separated otherwise": ("accounts.csv", danish([HEAD, *ROWS]) + "Ballerup,2014,B,500,76406\n", "line . is separated otherwise than the rest: 'Ballerup,2014,B,500,76406'; separate all alike"),
    "letters read byte by byte": ("accounts.csv", danish([HEAD, *ROWS]).encode().decode("cp1252"), "holds 'Ã…r' .row 1.: UTF-8 read as another set; save it anew"),
    "another municipality beside it": ("accounts.csv", danish([["Kommunenr", *HEAD], *[[153, *r] for r in ROWS]]), "column 1 'Kommunenr': '153' is another municipality than"),
    "400 digits": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "A", 1, "9" * 400]]), "99 stands there; write a Danish number"),
    "infinite": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "A", 1, "inf"]]), "'inf' stands there"),
    "not a number": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "A", 1, "nan"]]), "'nan' stands there"),
    "English decimals": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "A", 1, "98400.25"]]), "'98400.25' stands there"),
    "hexadecimal": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "A", 1, "0x10"]]), "'0x10' stands there"),
    "a date for a number": ("accounts.xlsx", cells(put("D2", dt.date(2014, 1, 1))), "'2014-01-01' stands there"),
    "right-to-left": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "A\u202eB", 1, 1]]), r"U\+202E \(RIGHT-TO-LEFT OVERRIDE\)"),
    "zero width": ("accounts.xlsx", cells(put("C2", "Kontant\u200bhjælp")), r"U\+200B \(ZERO WIDTH SPACE\)"),
    "private use": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "\ue000A\ue0019.999\ue002", 1, 1]]), r"U\+E000"),
    "emoji": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "😀", 1, 1]]), r"U\+1F600"),
    "control character": ("accounts.csv", danish([HEAD, ["Ballerup", 2013, "A\x07", 1, 1]]), r"U\+0007"),
    "long text": ("accounts.xlsx", cells(put("C2", "A" * 32_767)), "32767 letters; say it in 5000"),
    "fullwidth digits": ("accounts.csv", danish([HEAD, ["Ballerup", "\uff12\uff10\uff11\uff13", "A", 1, 1]]), r"U\+FF12"),
    "no such area": ("accounts.csv", danish([HEAD, ["999", 2013, "A", 1, 50]]), "there is no area '999'"),
    "two units": ("accounts.csv", danish([[*HEAD, "Enhed"], [*ROWS[0], "kr."]]), "another unit than the heading tells"),
    "unknown unit": ("accounts.csv", danish([[*HEAD[:4], "Nettoudgift", "Enhed"], [*ROWS[0], "EUR"]]), "write kr., 1.000 kr. or mio. kr."),
    "neither yes nor no": ("accounts.csv", danish([[*HEAD, "bekræftet"], [*ROWS[0], "måske"]]), "write ja or nej"),
}  # fmt: skip
OTHERS = {
    "a case that Excel made a date": ("observations", "observations.xlsx", book([["case", "item", "observed"], [dt.date(2026, 10, 5), "x", 1]]), "format the column as Text"),
    "a case that Excel made a number": ("observations", "observations.xlsx", book([["case", "item", "observed"], [5.1, "x", 1]]), "format the column as Text"),
    "an observation that is none": ("observations", "observations.csv", "case;item;observed\n5.10;x;mange\n", "'mange' stands there"),
    "a period that is none": ("persons", "persons.csv", "kommune;periode;ydelse;fuldtidspersoner\n151;2026M13;x;1\n", "write a period such as 2026M03"),
    "negative persons": ("persons", "persons.csv", "kommune;periode;ydelse;fuldtidspersoner\n151;2026M03;x;-1\n", "it must lie between 0"),
    "a month twice": ("persons", "persons.csv", "kommune;periode;ydelse;fuldtidspersoner\n151;2026M03;x;1\n151;marts 2026;X;1\n", "the same area, period, benefit as in row 2"),
    "a budget without unit": ("budget", "budget.csv", "Post;B2027\nA;5\n", "no unit is told"),
    "a budget of no year": ("budget", "budget.csv", "Post;Næste år\nA;5\n", "no heading for year"),
    "a status that is none": ("budget", "budget.csv", "Post;År;Beløb (kr.);Status\nA;2027;5;Z\n", "write B, K, BO, R or F"),
    "a budget year that is none": ("budget", "budget.csv", "Post;År;Beløb (kr.)\nA;27;5\n", "write a year such as 2027"),
    "a row of figures for headings": ("budget", "budget.csv", "Navn;Hvornår;Udgift (1.000 kr.)\nA;2027;76.406\nB;2027;9\n", "column 2 '2027': 2027 stands below it too; write headings above: linje, år, beløb"),
    "a line twice": ("budget", "budget.csv", "Post;B2027 (kr.)\nA;5\na;6\n", "the same line, year, status as in row 2"),
}  # fmt: skip


def test_hostile_and_odd_files_are_one_clear_refusal_each(tmp_path):
    wrong = {}
    cases = {what: ("accounts", *case) for what, case in HOSTILE.items()} | OTHERS
    for what, (kind, name, raw, says) in cases.items():
        try:
            table = read(tmp_path, kind, name, raw)
            wrong[what] = f"accepted: {table}"
        except DataError as error:
            if not pd.Series([str(error)]).str.contains(says).item() or name not in str(error):
                wrong[what] = str(error)
    assert wrong == {}
    assert len(cases) >= 60


def test_damaged_workbooks_are_read_or_refused_never_a_traceback(tmp_path):
    for raw, name in ((GOOD, "accounts.xlsx"), (SAVED["ods"][1], "accounts.ods")):
        for at in range(0, len(raw), max(1, len(raw) // 150)):
            broken = raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :]
            with contextlib.suppress(DataError):
                grids.parse(broken, name)


def test_what_is_no_file_or_not_there_is_refused(tmp_path):
    (tmp_path / "accounts.csv").mkdir()
    with pytest.raises(DataError, match="is no file"):
        own.read("accounts", tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        files.read_bytes(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read"):
        files.read_bytes(tmp_path / "a\0b.csv")
    with pytest.raises(DataError, match="there are no own 'acounts'"):
        own.read("acounts", tmp_path)
    (tmp_path / "regnskab.xlsx").write_bytes(GOOD)
    with pytest.raises(DataError, match="keep one of them"):
        own.read("accounts", tmp_path)


def test_published_figures_alone_when_the_variable_is_empty(tmp_path, monkeypatch):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    assert load_local_accounts() is None
    (tmp_path / "accounts.xlsx").write_bytes(GOOD)
    assert len(load_local_accounts()) == 2
    monkeypatch.setenv("BALLERUP_LOCAL", "")
    monkeypatch.chdir(tmp_path)  # where an empty folder name would lead
    assert load_local_accounts() is None and own.report().empty


def test_a_template_is_empty_explains_itself_and_can_be_filled_in(tmp_path, capsys):
    filled = {
        "accounts": ["Ballerup", 2013, "A", 100, 10_000_000, None, None],
        "persons": ["Ballerup", "2026M03", "A", 100],
        "budget": ["A", "B2027", 5_000, 100, "sygedagpenge", "K", None, None],
        "observations": ["5.10", "saving_2020", "0,4", "ja"],
    }
    for kind, row in filled.items():
        path = tmp_path / f"{kind}.xlsx"
        assert cli.main(["template", kind, str(path)]) == 0
        assert own.read(kind, tmp_path) is None
        workbook = openpyxl.load_workbook(path)
        assert {cell.value for cell in workbook["Vejledning"]["A"]} >= {cell.value for cell in workbook[kind][1]}
        workbook[kind].append(row)
        workbook.save(path)
        assert len(own.read(kind, tmp_path)) == 1, kind
        assert cli.main(["template", kind, str(path)]) == 1
        assert "is there already" in capsys.readouterr().err
    assert own.report(tmp_path)["rows"].tolist() == [1, 1, 1, 1]


def test_every_character_that_is_let_in_can_be_set_in_the_paper(tmp_path):
    import typst

    letters = [chr(code) for code in range(32, 0x2FFF) if not files.foreign(chr(code))]
    assert len(letters) > 400
    (tmp_path / "x.typ").write_text(
        '#set document(title: "x")\n#set text(font: "Libertinus Serif")\n#sys.inputs.at("text")'
    )
    for text, sets in ((" ".join(letters), True), ("😀", False)):
        try:
            typst.compile(
                tmp_path / "x.typ", ignore_system_fonts=True, pdf_standards=["ua-1"], sys_inputs={"text": text}
            )
        except typst.TypstError:
            assert not sets
        else:
            assert sets


def test_a_revised_budget_is_a_corrected_one():
    for told in ("Revideret budget 2026", "Rev. budget 2026"):
        assert forms.budget_year(told, {}) == (2026, "K")


BELOW = {
    "Kilde: Prisme;2026;": "'Kilde: Prisme' may be a note and no line; put it in one cell, in a CSV in quotation marks",
    "Opdateret;2026;": "'Opdateret' may be a note",
    "Kommune nr.;151;": "'Kommune nr.' may be a note",
    "Kilde: Prisme, 3. marts 2026, kl. 12": "",
    "Kontakt: R. Jensen": "",
    "Udarbejdet af: K. L. Nielsen": "",
    "Kontaktforløb;2026;2030": "",
}


@pytest.mark.parametrize("below", BELOW)
def test_a_note_below_a_budget_is_none_of_its_lines_and_the_initials_of_a_person_are_no_status(below, tmp_path):
    budget = (
        f"Linje;B2027 (1.000 kr.);BO2028 (1.000 kr.)\nDagpenge;76.406;77.000\nKontanthjælp;124.417;125.000\n{below}\n"
    )
    if BELOW[below]:
        with pytest.raises(DataError, match=BELOW[below]):
            read(tmp_path, "budget", "budget.csv", budget)
    else:
        assert len(read(tmp_path, "budget", "budget.csv", budget)) == (6 if ";" in below else 4)


@pytest.mark.parametrize(
    "said", ["Regnskab 2014 (foreløbigt)", "Regnskab 2014 - ikke afsluttet", "Tallene er foreløbige"]
)
def test_accounts_that_are_not_closed_are_asked_about_in_whatever_order_it_is_said(said, tmp_path):
    for text in (f"{said}\n{danish([HEAD, *ROWS])}", f"{danish([HEAD, *ROWS])}{said}\n"):
        with pytest.raises(DataError, match="closed accounts are read"):
            read(tmp_path, "accounts", "accounts.csv", text)
    assert len(
        read(tmp_path, "accounts", "accounts.csv", f"{danish([HEAD, *ROWS])}Tallene er ikke foreløbige\n")
    ) == len(ROWS)


def test_persons_that_are_as_many_on_two_benefits_can_be_confirmed(tmp_path):
    counts = (("Sygedagpenge", "512,5"), ("Kontanthjælp", "510,5"), ("Dagpenge", "510,5"))
    for sure, head in (("", ""), (";ja", ";bekræftet")):
        rows = "".join(f"151;2026M01;{benefit};{n}{sure}\n" for benefit, n in counts)
        text = f"kommune;periode;ydelse;fuldtidspersoner{head}\n{rows}"
        if sure:
            assert len(read(tmp_path, "persons", "persons.csv", text)) == 3
        else:
            with pytest.raises(DataError, match="if it is right as it stands, write ja in a column 'bekræftet'"):
                read(tmp_path, "persons", "persons.csv", text)


def test_a_budget_names_the_municipalities_of_a_column_that_is_not_that_of_its_lines_and_of_a_title(tmp_path):
    told = {
        "Linje;B2027 (kr.);Kommune\nA;5000;151\nB;7000\n": {"151"},
        "Linje;Komnr;B2027 (kr.)\nA;159;5000\nB;159;7000\n": {"159"},
        "Kom.nr.;Linje;B2027 (kr.)\n159;A;5000\n159;B;7000\n": {"159"},
        "Område;B2027 (kr.)\nBallerup;5000\nLøn;7000\n": set(),
        "Gladsaxe Kommune, budget 2027\nLinje;B2027 (kr.)\nA;5000\n": {"159"},
        "Københavns Kommune\nLinje;B2027 (kr.)\nA;5000\n": {"101"},
        "Ballerup Kommune mod Gladsaxe Kommune\nLinje;B2027 (kr.)\nA;5000\n": set(),
        "Nr;Linje;B2027 (kr.)\n101;A;5000\n": set(),
        "Horsens Kommune\nLinje;B2027 (kr.)\nA;5000\n": {"615"},
        "Vesthimmerlands Kommune\nLinje;B2027 (kr.)\nA;5000\n": {"820"},
    }
    for text, areas in told.items():
        (tmp_path / "budget.csv").write_text(text, encoding="utf-8")
        assert own.opened("budget", tmp_path).areas() == areas


def test_a_row_of_three_cells_separated_otherwise_is_told_and_a_note_of_two_parts_is_none(tmp_path):
    three = "Linje;B2027 (kr.);BO2028 (kr.)\nA;5000;6000\nB\t7000\t8000\n"
    with pytest.raises(DataError, match="line 3 is separated otherwise than the rest"):
        read(tmp_path, "budget", "budget.csv", three)
    assert len(read(tmp_path, "budget", "budget.csv", "Linje;B2027 (kr.)\nA;5000\nB;7000\nPrisme, 2026\n")) == 2


@pytest.mark.parametrize(("form", "cell", "value"), [
    ("period", 2026.0, "2026"), ("period", "2026.10", "2026M10"), ("truth", " ja ", True), ("number", " 5 ", 5.0),
    ("year", "2026-01-01 00:00:00", "a date is no year"), ("year", dt.datetime(2026, 1, 1, 12), "a date is no year"),
    ("budget_year", "B 1 2026 kr.", "write a year such as 2027"), ("area", "Ballerup (151) i alt", "there is no"),
    ("period", "2026-01-01 kl. 8", "write a period such as"), ("number", "5*7", "'*' is no part of one"),
    ("number", " na ", "write - where there is no number"), ("number", float("inf"), "it must lie between"),
])  # fmt: skip
def test_a_cell_is_read_whole_and_what_surrounds_it_is_no_part_of_it(form, cell, value):
    spec = {"minimum": -10, "maximum": 10}
    if isinstance(value, str) and not value[0].isdigit():
        with pytest.raises(ValueError, match=re.escape(value)):
            forms.FORMS[form](cell, spec)
    else:
        assert forms.FORMS[form](cell, spec) == value


def test_a_unit_and_the_years_of_a_title_are_told_by_all_that_stands_there():
    assert forms.named("Beløb i kr. (2026/27)")[1] == 1 and forms.named("Beløb i hele 10.00 kr.")[1] == 0
    assert forms.money("Budget, personer i 1.000") == "budget, personer i 1.000"
    assert forms.unit_apart("Budget 1 2026, kr.") == 0
    assert forms.years_told("budget 2026 12 budget 2027") == {} and forms.years_told("budget") == {}
    with pytest.raises(ValueError, match=f"^{re.escape(forms.NUMBER)}$"):
        forms.FORMS["number"]("mange", {})


def test_more_spellings_of_a_period_a_status_and_a_heading_are_known(tmp_path):
    assert [forms.FORMS["period"](cell, {}) for cell in ("kv1 2025", "jan/2025")] == ["2025Q1", "2025M01"]
    assert forms.budget_year("Vedt. budget 2026", {}) == (2026, "B")
    for persons in ("Fuldtidspersoner (gns.)", "Gennemsnitligt antal fuldtidspersoner", "Fuldtidspers."):
        for kr in ("Nettoudgift efter refusion (1.000 kr.)", "Nettoforbrug (1.000 kr.)", "Nettoudg. (1.000 kr.)"):
            rows = [["Kommune", "År", "Ydelse", persons, kr], ["Ballerup", 2014, "A", 100, 9_900]]
            assert read(tmp_path, "accounts", "accounts.xlsx", book(rows))["net_cost_kr"].item() == 9.9e6
