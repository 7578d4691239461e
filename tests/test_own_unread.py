"""What an own file holds and is not read is told where its figures are used: a reader sees what may say that they are something else."""

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

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
SHEETS = [("Noter", "et ark for sig"), ("Skjult", "ses ikke"), ("Tomt", None)]


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


def test_a_column_tells_three_of_its_cells_and_a_line_twelve_places():
    many = [Unread("cell", f"A{n}", str(n)) for n in range(1, 15)]
    assert said(many[:12]).endswith("»12« (cell A12).") and said(many).endswith("»12« (cell A12); and 2 more.")
    assert said(many[:13], "da").endswith("»12« (celle A12); og 1 til.") and said([], "da") == ""
    assert said([Unread("picture", "", "")], "da") == "I filen står også, uden at være læst: billede."


def test_a_text_of_eighty_letters_is_whole_a_column_of_three_texts_tells_them_and_a_row_may_end_early(tmp_path):
    rows = [[*row] for row in ROWS]
    rows[0][0] = "Budget " + "x" * 73
    rows[3][4], rows[5][4] = "aa", "bb"
    rows[6] = [*rows[6][:4], "cc"]
    rows.insert(7, ["Løn", 0, 0, "andet"])  # and no cell below the heading
    saved(tmp_path, rows, "csv")
    title, _, column = own.opened("budget", tmp_path).unread
    assert title.text == rows[0][0] and column.text == "Ansvarlig: aa, bb, cc"


def test_a_text_that_is_long_or_cannot_be_printed_is_cut_and_told_by_its_code_point(tmp_path):
    rows = [[*row] for row in ROWS]
    rows[0][0], rows[8][4] = "Budget " + "x" * 100, "Kilde: \u202ey.« Det er [1] sandt"
    rows[3][4], rows[5][4], rows[6][4] = "aa", "bb", "cc"
    rows.insert(7, ["Løn", 0, 0, "andet", "dd"])
    saved(tmp_path, rows, "csv")
    title, *_, column = own.opened("budget", tmp_path).unread
    assert title.text == "Budget " + "x" * 72 + "…" and column.text == "Ansvarlig: aa, bb, cc (+1)"
    assert "»Kilde: ‹U+202E›y.‹ Det er [1] sandt« (celle 10:5)" in said(own.opened("budget", tmp_path).unread, "da")
