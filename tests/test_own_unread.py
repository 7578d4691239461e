"""What an own file holds and is not read is told where its figures are used: a reader sees what may say that they are something else."""

import re
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from packed import zipped

from ballerup_analysis import own
from ballerup_analysis.files import DataError
from ballerup_analysis.own.unread import Unread, said

ROWS = [
    ["Budget 2027", None, None, None, None],
    [None, None, None, None, None],
    ["Linje (1.000 kr.)", "B2027", "BO2028", "Ydelse", "Ansvarlig"],
    ["Dagpenge", 98_250, 99_111, "dagpenge", "Job"],
    ["Heraf over 52 uger", 20_000, None, None, None],
    ["Førtidspension", 150_100, 151_222, "forsørgelse", "Job"],
    ["Tilbud", 10_000, 10_333, "andet", None],
    ["I alt", 258_350, 260_666, None, None],
    [None, None, None, None, None],
    ["Kilde: økonomisystemet", None, None, None, None],
]
COMMENT = ("B4", "beløbet er i mio.")
SHEETS = [("Noter", "et ark for sig"), ("Skjult", "ses ikke"), ("Ark3", None)]


def saved(folder, rows, suffix="xlsx"):
    """Save the rows as a budget, a workbook with more sheets or a text."""
    path = folder / f"budget.{suffix}"
    if suffix == "csv":
        path.write_text("\n".join(";".join("" if c is None else str(c) for c in row) for row in rows), encoding="utf-8")
        return path
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.active[COMMENT[0]].comment = Comment(COMMENT[1], "x")
    for name, text in SHEETS:
        book.create_sheet(name)["A1"] = text
    book["Skjult"].sheet_state = "hidden"
    book.save(path)
    return path


def test_each_cell_that_is_not_read_is_told_with_its_place(tmp_path):
    above = [("cell", "A1", "Budget 2027"), ("cell", "A10", "Kilde: økonomisystemet")]
    saved(tmp_path, ROWS)
    told = own.opened("budget", tmp_path).unread
    assert told == (
        *(
            Unread(*one)
            for one in [*above, ("column", "E", "Ansvarlig: Job"), ("comment", "B4", ""), ("sheet", "", "Noter")]
        ),
    )
    (tmp_path / "budget.xlsx").unlink()
    saved(tmp_path, ROWS, "csv")
    places = [(one.kind, one.place) for one in own.opened("budget", tmp_path).unread]
    assert places == [("cell", "1:1"), ("cell", "10:1"), ("column", "5")]  # line and column of a text
    assert own.report(tmp_path)["unread"].item() == (
        "The file also holds, unread: »Budget 2027« (cell 1:1); »Kilde: økonomisystemet« (cell 10:1); "
        "»Ansvarlig: Job« (column 5)."
    )


def test_a_title_is_said_before_comments_which_are_told_together_and_the_report_tells_all(tmp_path):
    path = saved(tmp_path, [["Beløbene omfatter også Furesøs andel"], *ROWS[1:], *([f"note {n}"] for n in range(14))])
    book = openpyxl.load_workbook(path)
    for at in ("B5", "C4", "C5", "B6", "C6", "B7", "C7", "B8", "C8", "E4", "E6"):
        book.active[at].comment = Comment("x", "x")
    book.save(path)
    unread = own.opened("budget", tmp_path).unread
    assert "also holds, unread: »Beløbene omfatter også Furesøs andel« (cell A1); »Kilde" in said(unread)
    whole = own.report(tmp_path)["unread"].item()
    assert "»note 13« (cell A24)" in whole and "more" not in whole and "more" in said(unread)
    assert "comment on B4, C4, E4, B5, C5, B6, C6, E6, B7, C7 (+2); " in whole


@pytest.mark.parametrize(("cells", "told"), [("B4 C4 D4 E4 B5 D6 B6 C6 E6", "(+1)"), ("B4 C4 D4 E4 B5 D6 B6 C6", "C7")])
def test_ten_comments_are_told_by_their_places_and_how_many_more_there_are(cells, told, tmp_path):
    path = saved(tmp_path, ROWS)
    book = openpyxl.load_workbook(path)
    for at in [*cells.split(), "B7", "C7"]:
        book.active[at].comment = Comment("x", "x")
    book.save(path)
    (one,) = [one for one in own.opened("budget", tmp_path).unread if one.kind == "comment"]
    assert one.place.startswith("B4, C4, D4, E4, B5, B6, C6, D6, ") and one.place.endswith(told)


@pytest.mark.parametrize(("formulas", "told"), [
    (["B4", "E4"], "B4"), (["C8"], "C8"), (["B5", "C8", "B6"], "B5"), (["B3", "B4"], "B3"),  # of a line, a total, a part, a heading
    (["E4", "E6"], None),  # of what is not read
])  # fmt: skip
def test_formulas_whose_stored_results_are_used_are_told_before_all_else(formulas, told, tmp_path):
    path = saved(tmp_path, ROWS)
    book, raw = openpyxl.load_workbook(path), {}
    book.calculation.fullCalcOnLoad = False
    for at in formulas:
        raw[at] = str(ROWS[int(at[1:]) - 1]["ABCDE".index(at[0])]).replace("Job", "7")
        book.active[at] = f"={raw[at]}"
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    for at, figure in raw.items():  # as a program stores the result
        sheet = re.sub(rf"<f>{figure}</f><v ?/>|<f>{figure}</f><v></v>", f"<f>{figure}</f><v>{figure}</v>", sheet)
        sheet = sheet if figure.isdigit() else sheet.replace(f'r="{at}"', f'r="{at}" t="str"')
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    path.write_bytes(zipped(parts))
    unread = own.opened("budget", tmp_path).unread
    assert [one for one in unread if one.kind == "formula"] == ([Unread("formula", told, "")] if told else [])
    first = "I filen står også, uden at være læst: formler, fx i {}, hvis gemte resultater er brugt;"
    assert said(unread, "da").startswith(first.format(told)) == bool(told)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(0, 11),
    st.integers(0, 6),
    st.sampled_from(["xyzzy", "beløb i 1.000 euro", "xyzzy 2027", "i alt xyzzy", "76406"]),
)
def test_a_text_anywhere_in_a_file_stops_it_or_is_told(tmp_path, row, column, text):
    rows = [[*cells, None, None] for cells in [*ROWS, [None] * 5, [None] * 5]]
    if rows[row][column] is not None:
        return
    rows[row][column] = text
    path = saved(tmp_path, rows, "csv")
    try:
        read = own.opened("budget", tmp_path)
    except DataError as error:
        assert str(path) in str(error)
        return
    told = " ".join([*(one.text for one in read.unread), *read.left_out, *map(str, read.table.to_numpy().ravel())])
    assert text in told or (text == "76406" and "76.406" in told)


def test_texts_beside_the_cells_are_told_before_columns_and_pictures_without_any_last(tmp_path):
    path = saved(tmp_path, ROWS)
    book = openpyxl.load_workbook(path)
    book.active.oddHeader.center.text = "Foreløbige tal"
    book.active.add_chart(BarChart(), "H2")
    book.save(path)
    kinds = [(one.kind, one.place, one.text) for one in own.opened("budget", tmp_path).unread]
    assert kinds[2:4] == [("header", "", "Foreløbige tal"), ("column", "E", "Ansvarlig: Job")]
    assert kinds[-1] == ("chart", "", "") and [kind for kind, *_ in kinds].count("header") == 1


def test_the_texts_of_a_column_are_told_in_the_order_of_the_file(tmp_path):
    rows = [["x"]] * 6 + [ROWS[2], [*ROWS[3][:4], "B"], [*ROWS[5][:4], "A"]]
    saved(tmp_path, rows, "csv")
    assert own.opened("budget", tmp_path).unread[-1].text == "Ansvarlig: B, A"


def test_a_heading_that_is_also_called_so_says_no_more(tmp_path):
    for corner in ("Konto (1.000 kr.)", "1.000 kr."):
        text = f"{corner};B2026;BO2027\nA;98;97\nI alt;98;97\n"
        (tmp_path / "budget.csv").write_text(text, encoding="utf-8")
        assert own.opened("budget", tmp_path).unread == ()


def test_a_column_tells_three_of_its_cells_and_a_line_twelve_places():
    many = [Unread("cell", f"A{n}", str(n)) for n in range(1, 15)]
    assert said(many[:12]).endswith("»12« (cell A12).") and said(many).endswith("»12« (cell A12); and 2 more.")
    assert said(many[:13], "da").endswith("»12« (celle A12); og 1 til.") and said([], "da") == ""
    assert said([Unread("picture", "", "")], "da") == "I filen står også, uden at være læst: billede."


def test_a_text_is_told_as_long_as_a_cell_may_be_and_a_column_tells_twenty_of_its_cells_of_rows_that_may_end_early(
    tmp_path,
):
    for letters in (7, 500):
        for texts, more in ((20, ""), (22, " (+2)")):
            rows = [[*row] for row in ROWS]
            rows[0][0] = "Budget " + "x" * (letters - 7)
            rows[7:7] = [[f"Løn {n}", 0, 0, "andet", f"t{n}"] for n in range(texts - 1)] + [["Drift", 0, 0, "andet"]]
            saved(tmp_path, rows, "csv")
            title, _, column = own.opened("budget", tmp_path).unread
            assert title.text == rows[0][0].strip()
            told = ", ".join(f"t{n}" for n in range(19))
            assert column.text == f"Ansvarlig: Job, {told}{more}"


def test_what_cannot_be_printed_is_told_by_its_code_point(tmp_path):
    rows = [[*row] for row in ROWS]
    rows[8][4] = "Kilde: \u202ey.« Det er [1] sandt"
    saved(tmp_path, rows, "csv")
    assert "»Kilde: ‹U+202E›y.‹ Det er [1] sandt« (celle 9:5)" in said(own.opened("budget", tmp_path).unread, "da")


@pytest.mark.parametrize(("kind", "text", "told"), [
    ("budget", "Område Nord (1.000 kr.);B2026;BO2027\nA;98;97\nI alt;98;97\n", "Område Nord (1.000 kr.)"),
    ("budget", "Linje;B2026;BO2027\nKorrigeret;1.000 kr.;1.000 kr.\nA;98;97\nI alt;98;97\n", "Korrigeret"),
    ("budget", "Linje;År;Beløb (1.000 kr.);Ydelse\nA;B2026;98;x\nI alt;B2026;98;beløb før jul\n", "beløb før jul"),
    ("budget", "Linje;B2026 (1.000 kr.);Personer\nA;98;1\nHeraf B;8;meget\nI alt;98;1\n", "meget"),
])  # fmt: skip
def test_a_heading_a_unit_or_a_total_that_says_more_than_is_read_is_told(kind, text, told, tmp_path):
    (tmp_path / f"{kind}.csv").write_text(text, encoding="utf-8")
    found = own.opened(kind, tmp_path)
    assert [one.text for one in found.unread] == [told] and "amount_tkr" not in found.no_total_of


@pytest.mark.parametrize(("kind", "text"), [
    ("accounts", "Kommune;År;Ydelse;Fuldtidspersoner;Nettoudgift (1.000 kr.)\nBallerup;2024;A;500;60.000\n{};I alt;500;60.000\n"),
    ("persons", "Kommune;Periode;Ydelse;Fuldtidspersoner\nBallerup;2026M03;A;500\n{};I alt;500\n"),
    ("budget", "Enhed;Status;År;Linje;Beløb\n1.000 kr.;B;2026;A;60.000\n{};I alt;60.000\n"),
])  # fmt: skip
def test_a_total_of_an_area_a_time_a_status_or_a_unit_that_is_not_understood_covers_nothing(kind, text, tmp_path):
    keys = {"accounts": ("Ballerup;2024", "Nordegnen;2024", "Ballerup;1. kvartal 2024"), "persons": ("Ballerup;2026M03", "Ballerup;kun mænd", "Ballerup (kun kvinder);2026M03"),
            "budget": ("1.000 kr.;B;2026", "EUR;B;2026", "1.000 kr.;brutto;2026", "1.000 kr.;B;1. halvår 2026")}  # fmt: skip
    for n, key in enumerate(keys[kind]):
        (tmp_path / f"{kind}.csv").write_text(text.format(key), encoding="utf-8")
        found = own.opened(kind, tmp_path)
        assert bool(found.no_total_of) == bool(n), key
        assert (len(found.unread) == 1) == bool(n), key


@pytest.mark.parametrize(("cell", "form", "stops"), [
    ("A3", '@" brutto"', True), ("B3", ';;;"mio. kr."', True), ("A4", ";;;", True), ("A4", '@" (brutto)"', True),
    ("A4", "0;-0;0;@", False), ("A3", '_-* #,##0_-;-* #,##0_-;_-* "-"??_-;_-@_-', False), ("E4", '@" brutto"', False),
])  # fmt: skip
def test_a_text_that_its_format_shows_otherwise_stops_the_file(cell, form, stops, tmp_path):
    path = saved(tmp_path, ROWS)
    book = openpyxl.load_workbook(path)
    book.active[cell].number_format = form
    book.save(path)
    if stops:
        with pytest.raises(DataError, match=r"a text that the format .* shows otherwise, or not at all"):
            own.opened("budget", tmp_path)
    else:
        own.opened("budget", tmp_path)


# what would be a sum, or a part of the line above, if it had figures
NOTES = [
    "* xyzzy",
    "** xyzzy",
    "Inkl. xyzzy",
    "Samlet xyzzy",
    "Sum af xyzzy",
    "I alt",
    "*) xyzzy",
]


@pytest.mark.parametrize("note", NOTES)
def test_a_row_without_figures_is_a_note_whatever_it_begins_with_and_is_told(note, tmp_path):
    for at in (4, 8, 9):
        rows = [[*cells] for cells in ROWS]
        rows[at:at] = [[note, None, None, None, None]]
        saved(tmp_path, rows, "csv")
        assert note in [one.text for one in own.opened("budget", tmp_path).unread], at


@pytest.mark.parametrize("note", ["Heraf xyzzy", "heraf:", "Af disse:", "Indgår ovenfor", "Indgår i ovenstående:", "Fordeler sig således:", "Til orientering (indgår ikke i budgettet)", "Udgår fra 2026:"])  # fmt: skip
def test_a_row_without_figures_that_makes_parts_of_the_lines_below_it_is_asked_about(note, tmp_path):
    for at in (4, 5):
        rows = [[*cells] for cells in ROWS]
        rows[at:at] = [[note, None, None, None, None]]
        saved(tmp_path, rows, "csv")
        with pytest.raises(DataError, match=rf"row {at + 1}, .*below {re.escape(repr(note[:40]))} lines may be parts"):
            own.opened("budget", tmp_path)
    rows[at] = rows[at + 1]
    saved(tmp_path, [*ROWS, [note, None, None, None, None]], "csv")
    assert own.opened("budget", tmp_path).unread[-2].text.endswith(note)


@pytest.mark.parametrize("note", [
    "* Bruttobeløb før refusion", "** Bruttobeløb", "* mio. kr.", "Inkl. moms og før statsrefusion", "Samlet bruttobeløb", "* kun 1. halvår",
    "Beløbene er i hele kr.", "Tallene er i kr.", "*) beløb i kr.", "Alle beløb er i mio. kr.",
])  # fmt: skip
def test_a_note_is_asked_about_whatever_it_begins_with(note, tmp_path):
    saved(tmp_path, [*ROWS, [note, None, None, None, None]], "csv")
    with pytest.raises(DataError, match=r"net amounts of whole years|tells a unit below the headings"):
        own.opened("budget", tmp_path)


def test_a_sheet_that_holds_a_chart_or_a_name_alone_is_told(tmp_path):
    path = saved(tmp_path, ROWS)
    book = openpyxl.load_workbook(path)
    book.create_chartsheet("Brutto i mio.").add_chart(BarChart())
    book.create_sheet("TALLENE ER BRUTTO")
    book.create_chartsheet("Skjult diagram").sheet_state = "hidden"
    book.save(path)
    told = {one.text for one in own.opened("budget", tmp_path).unread if one.kind == "sheet"}
    assert told == {"Noter", "Brutto i mio.", "TALLENE ER BRUTTO"}
