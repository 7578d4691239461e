"""A sheet is read cell by cell where it stands, as it shows its numbers where that is asked, and up to the limits."""

import contextlib
import datetime as dt
import io
import re
import time
import tracemalloc
import warnings
import zipfile
import zlib
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from packed import zipped

from ballerup_analysis import grids
from ballerup_analysis.files import DataError
from ballerup_analysis.grids import archive, beside, colours, conditions, excel_sheet, formats
from ballerup_analysis.grids.grid import (
    BY_CONDITION,
    FAINT,
    NO_VALUE,
    OF_ERROR,
    PERCENTAGE,
    RAISED,
    REPEATED,
    SIGNS,
    STRUCK,
    TINY,
    VOLATILE,
    Left,
    WithUnit,
    is_beside_figures,
)
from ballerup_analysis.grids.looks import Looks, Runs, texts_of

SPACES = " ".join(f'xmlns:{k}="urn:oasis:names:tc:opendocument:xmlns:{k}:1.0"' for k in ("office", "table", "text", "style"))  # fmt: skip


def ods(*sheets, styles=""):
    """Return an OpenDocument file of some sheets, each the XML of its rows."""
    tables = "".join(f'<table:table table:name="S{n}">{rows}</table:table>' for n, rows in enumerate(sheets))
    return zipped(
        {"content.xml": f"<office:document-content {SPACES}>{styles}{tables}</office:document-content>".encode()}
    )


def cell(value="", kind="", shown="", told=""):
    kind = f' office:value-type="{kind}" office:{value}' if kind else ""
    return f"<table:table-cell{kind}{told}>{f'<text:p>{shown}</text:p>' if shown else ''}</table:table-cell>"


def line(*cells, told=""):
    return f"<table:table-row{told}>{''.join(cells)}</table:table-row>"


def repeated(what, times):
    return f' table:number-{what}-repeated="{times}"'


ONE = cell('value="1"', "float", "1")


def xlsx(*sheets):
    """Return a workbook of some sheets, each a change to an empty one."""
    book, held = openpyxl.Workbook(), io.BytesIO()
    for n, change in enumerate(sheets):
        change(book.create_sheet(f"S{n}"))
    book.remove(book.worksheets[0])
    book.save(held)
    return held.getvalue()


def put(**cells):
    def change(sheet):
        for place, value in cells.items():
            sheet[place] = value

    return change


# As printed


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (1020.5, "General", "1020,5"),
        (0.1 + 0.2, "General", "0,3"),
        (76406.0, "@", "76406"),
        (1020.5, "#,##0.0", "1.020,5"),
        (1020.5, "0.00", "1020,50"),
        (76406.4, "#,##0", "76.406"),
        (-76406.4, '#,##0;[Red]-#,##0', "-76.406"), (-76406.4, "#,##0", "−76.406"), (-76406.4, "#,##0;[Red]#,##0", "76.406"),
        (0.0, '0.0;-0.0;"–"', "–"), (0.0, ";;;", ""), (0.0, '0;-0;"nul"', None), (0.0, '0.0;-0.0;"ingen "0', "ingen 0"), (0.0, "0.0;-0", "0,0"),
        (7.25, '0.0" mio. kr. 100%"', None), (7.25, '0.0" mio. kr."', "7,3 mio. kr."), (7.25, '"ca. "0.0', "ca. 7,3"),
        (5.0, '"-"0.0', "-5,0"), (5.0, '"÷"0.0', "÷5,0"), (5.0, '"("0.0")"', "(5,0)"), (5.0, '0.0"-"', "5,0-"), (5.0, '"R"0', "R5"),
        (5.0, '#,##0",-"', "5,-"), (5.0, '0","', None), (5.0, '"1"0', None), (5.0, '"1."0', None), (5.0, "0.0;-0.0;;@", "5,0"), (5.0, "0 0", None),
        (5.0, '"a;b "0;-0', "a:b 5"), (5.0, "[>1]0;0.0", None), (5.0, "0/10", None), (5.0, '[$kr.-406] 0', "kr. 5"), (5e6, '0.0,," mio. kr."', "5,0 mio. kr."),
        (98_400_000.0, "#,##0,", "98.400"),
        (98_400_000.0, "0.0,,", "98,4"),
        (1234.5, '_-* #,##0.00\\ "kr."_-', "1.234,50 kr."), (-1234.5, '#,##0.00 "kr.";-#,##0.00 "kr."', "-1.234,50 kr."),
        (0.5, "# ?/?", None),
        (0.5, "0‰", None),
        (12345.0, "0.00E+00", None),
        (5.0, '0"0"', None),
        (7.0, ";;;", None),
        (12.0, "0\\%", "12%"), (0.125, '0.0"%"', "0,1%"),
        (0.125, "0.0%", "12,5 pct."),
        (0.5, "0%", "50 pct."),
        (dt.date(2026, 3, 1), "General", "01-03-2026"),
        (True, "0", "True"),
    ],
)  # fmt: skip
def test_a_number_is_printed_as_its_format_shows_it_in_denmark(value, form, shown):
    assert formats.danish(value, form) == shown


def test_a_workbook_gives_its_numbers_or_where_that_is_asked_what_it_shows():
    def change(sheet):
        put(A1="Post", B2=1020.5)(sheet)
        sheet["B2"].number_format = "#,##0.00"

    raw = xlsx(change)
    assert grids.parse(raw, "x.xlsx")[0].rows == [["Post", None], [None, 1020.5]]
    assert grids.parse(xlsx(put(B3="a")), "x.xlsx")[0].rows == [[None, None], [None, None], [None, "a"]]
    assert grids.parse(raw, "x.xlsx", printed=True)[0].rows == [["Post", None], [None, "1.020,50"]]
    cells = (
        cell('value="1020.5"', "float", "1.020,50"), cell('boolean-value="true"', "boolean", "SAND"),
        cell('boolean-value="false"', "boolean", "FALSK"), cell('date-value="2026-03-01T00:00:00"', "date", "1. mar"),
        cell('value=""', "string", "Post"), cell(shown="a"),
    )  # fmt: skip
    raw = ods(line(*cells))
    assert grids.parse(raw, "x.ods")[0].rows == [[1020.5, True, False, dt.date(2026, 3, 1), "Post", "a"]]
    assert grids.parse(raw, "x.ods", printed=True)[0].rows == [["1.020,50", "SAND", "FALSK", "1. mar", "Post", "a"]]


# Where a cell stands


def test_a_row_of_a_text_keeps_the_line_it_begins_in():
    assert grids.parse(b'a;"b\nb"\nc;d\n', "x.csv")[0].lines == [1, 3]
    for head in ("sep=|", '"sep=|"'):
        grid = grids.parse(f"{head}\na|b;b\n".encode(), "x.csv")[0]
        assert (grid.rows, grid.lines) == ([["a", "b;b"]], [2])
    assert grids.parse(b"sep=;", "x.csv")[0].rows == []
    for text, at in ((b'a;b\nc;"d', 2), (b'sep=;\na;b\nc;"d', 3)):
        with pytest.raises(DataError, match=f"cannot be read from line {at} on: .*; is a quotation mark not closed"):
            grids.parse(text, "x.csv")


def test_the_separator_is_what_gives_most_lines_of_one_width():
    for text, row in (
        ("1;2,5\na;b,c\n", ["a", "b,c"]),
        ("1\t2\na\tb;c\n", ["a", "b;c"]),
        ("a,b\n", ["a", "b"]),
        ("a b\n", ["a b"]),
        ("Regnskab\nBallerup\n2013\n4. kvartal\na;b\n", ["a", "b"]),  # titles above have no columns
        (("x" * 99 + "\n") * 200 + "a;b|c\n", ["a", "b|c"]),  # none in the first 20.000 characters: that of Excel
    ):
        assert grids.parse(text.encode(), "x.csv")[0].rows[-1] == row


def scan(xml):
    return excel_sheet.scan(f"<worksheet>{xml}</worksheet>".encode(), "x", {})


def test_what_is_hidden_is_seen_however_it_is_written_and_a_row_of_no_height_too():
    for row in ("hidden='1'", 'hidden = "true"', 'ht="0" customHeight="1"'):
        assert scan(f"<row {row}><c><v>1</v></c></row>")[2] == {("row", 1)}
    assert scan('<x:cols xmlns:x="y"><x:col width="0" max="2" min="2"/></x:cols>')[2] == {("column", 2)}


def test_a_merged_or_linked_range_is_measured_before_its_cells_are_made_and_a_sheet_without_end_is_read_once():
    for what in ("mergeCell", "hyperlink"):
        with pytest.raises(DataError, match="merges or links more than 50000 cells in sheet 'x'"):
            scan(f'<{what} ref="A1:XFD1048576"/>')
        for fits, over in (("A1:B25000", "A1:B25001"), ("C3:C50002", "C3:C50003"), ("C2:E16667", "C2:E16668")):
            assert scan(f'<{what} ref="{fits}"/>')[0] == 0
            with pytest.raises(DataError, match="merges or links more than"):
                scan(f'<{what} ref="{over}"/>')
    for tag in ("col", "mergeCell", "row", "c"):
        with pytest.raises(DataError, match="is a damaged workbook"):
            scan(f"<{tag} " * 300_000)
    assert len(scan("<row><c><v>" + "1" * 2_000_000 + "</v></c></row>")[1]) == 0


def test_a_sheet_whose_places_do_not_agree_or_are_none_is_damaged_and_the_greatest_row_is_measured():
    for xml in (
        '<row r="4"><c r="A9"><v>1</v></c></row>',
        '<row r="3"><c r="c3"/></row>',
        '<row r="x"/>',
        '<col hidden="1"/>',
    ):
        with pytest.raises(DataError, match="is a damaged workbook"):
            scan(xml)
    with pytest.raises(DataError, match=f"sheet 'x': cell '{'A' * 20}' in row 1"):
        scan(f'<row><c r="{"A" * 30}"/></row>')
    assert scan('<col min="-30000000" max="2" hidden="1"/>')[2] == {("column", 1), ("column", 2)}
    assert scan('<row r="9"><c r="C9"><v>1</v></c></row><row r="1"><c r="A1"><v>1</v></c></row>')[0] == 9 * 3
    with pytest.raises(DataError, match="merges or links"):
        scan('<hyperlink ref="XFD1:A1048576"/>')


@pytest.mark.parametrize(("rows", "says"), [
    ('<row r="2"><c r="B2"><v>1</v></c><c r="B2"><v>2</v></c></row>', "cell B2 stands there twice"),
    ('<row r="2"><c/><c r="C2"/><c r="A2"><v>2</v></c></row>', "cell A2 stands there twice"),
    ('<row r="2"><c r="B2"><v>1</v></c></row><row r="3"/><row r="2"><c r="B2"><v>2</v></c></row>', "row 2 stands there twice"),
    ('<row r="2"><c r="A2"/></row><row r="1"/><row><c r="B2"/></row>', "row 2 stands there twice"),
    ('</sheetData><sheetData><row r="2"><c r="B2"><v>2</v></c></row>', "its cells stand in two places"),
])  # fmt: skip
def test_a_cell_that_stands_in_a_sheet_twice_is_named_and_not_read(rows, says):
    with pytest.raises(DataError, match=rf"is a damaged workbook \(sheet 'x': {says}\); save it anew in Excel"):
        scan(f"<sheetData>{rows}</sheetData>")


CHOICE = "<mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>"


def test_cells_of_which_a_reader_has_the_choice_are_refused_and_what_it_may_choose_beside_them_is_not():
    row = '<row r="7"><c r="B7"><v>{}</v></c></row>'
    cell = CHOICE.format('<c r="B7"><v>1</v></c>', '<c r="B7"><v>2</v></c>')
    for rows, says in (
        (CHOICE.format(row.format(1), row.format(2)), "row 0 may be read in two ways"),
        (f'<row r="7">{cell}</row>', "row 7 may be read in two ways"),
    ):
        with pytest.raises(DataError, match=f"sheet 'x': {says}"):
            scan(f"<sheetData>{rows}</sheetData>")
    with pytest.raises(DataError, match="sheet 'x': its cells stand in two places"):
        scan(CHOICE.format(f"<sheetData>{row}</sheetData>", ""))
    drawn = "<xdr:from><xdr:col>1</xdr:col><xdr:row>2</xdr:row></xdr:from><xdr:c><xdr:v>5</xdr:v></xdr:c>"
    assert scan(f"<sheetData>{row.format(1)}</sheetData>{CHOICE.format(drawn, drawn)}") == (14, {}, set(), [], {})
    assert scan(f"{CHOICE.format('<a/>', '')}<sheetData>{row.format(1)}</sheetData>")[0] == 14


@pytest.mark.parametrize(("part", "old", "new", "says"), [
    ("xl/workbook.xml", r'(<sheet [^>]*>)', r'\1\1', "sheets that cannot be told apart"),
    ("xl/workbook.xml", r'name="S1"', 'name="s0"', "sheets that cannot be told apart"),
    ("xl/workbook.xml", r'(<sheet [^>]*>)', r'<x:Choice xmlns:x="y">\1</x:Choice>', "sheets that cannot be told apart"),
    ("xl/_rels/workbook.xml.rels", r'(<Relationship [^>]*>)', r'\1\1', "sheets that cannot be told apart"),
    ("xl/styles.xml", r"(<cellXfs.*</cellXfs>)", CHOICE.format(r"\1", r"\1").replace("mc:", ""), "'xl/styles.xml' may be read in two ways"),
    ("xl/workbook.xml", r"(<calcPr[^>]*>)", CHOICE.format(r"\1", "").replace("mc:", ""), None),  # as Excel writes its own folder
])  # fmt: skip
def test_a_workbook_of_which_readers_may_take_other_parts_is_damaged(part, old, new, says):
    parts = archive.unpack(xlsx(put(A1=1), put(A1=2)))
    text = parts[part].decode()
    raw = archive.repack(parts | {part: re.sub(old, new, text, count=1)}).getvalue()
    assert re.search(old, text)
    if says is None:
        assert len(grids.parse(raw, "x.xlsx")) == 2
        return
    with pytest.raises(DataError, match=rf"is a damaged workbook \({says}\)"):
        grids.parse(raw, "x.xlsx")


def test_rows_and_columns_of_no_size_by_the_rule_of_the_sheet_are_hidden_and_rows_of_figures_where_unused_ones_are_not():
    cells = "<row><c><v>1</v></c><c/></row><row ht='15'><c/><c/><c/></row>"
    for rule, hidden in (
        ('defaultRowHeight="15" zeroHeight="1"', set()),  # rows that the file has are shown, the rest is hidden
        ('defaultRowHeight="0" customHeight="1"', {("row", 1)}),
        ('defaultRowHeight="0"', set()),
        ('defaultColWidth="0"', {("column", 1), ("column", 3)}),
        ('defaultColWidth="1" defaultRowHeight="3"', set()),
    ):
        assert scan(f"<sheetFormatPr {rule}/><cols><col min='2' max='2' width='9'/></cols>{cells}")[2] == hidden


def test_the_cells_of_a_workbook_that_stand_in_one_row_and_its_neighbours_count_each(monkeypatch):
    assert scan('<row r="1"/><row r="2"/><row r="3"><c r="B3"/></row>')[0] == 3 * 2
    monkeypatch.setattr(excel_sheet, "CELLS", 4)  # as many as are allowed take seconds
    assert scan(f'<row r="1">{"<c/>" * 4}</row>')[0] == 4
    with pytest.raises(DataError, match="has more than 400000 cells"):
        scan(f'<row r="1">{"<c/>" * 5}</row>')


def test_nested_tables_and_long_formulas_are_read_once():
    raw = ods("<table:table>" * 20_000 + "</table:table>" * 20_000)
    assert [grid.sheet for grid in grids.parse(raw, "x.ods")] == ["S0"]


def test_what_is_odd_in_a_sheet_is_told_with_its_place_also_where_the_file_leaves_the_places_out():
    xml = (
        '<cols><col min="2" max="3" hidden="1"/><col min="5" max="5"/></cols>'
        "<sheetData><row><c><v>1</v></c><c><f>A1</f></c></row>"
        '<row r="4" hidden="true"><c r="C4" t="e"><v>#N/A</v></c><c><f>1</f><v>1</v></c><c t="str"><f>1</f><v></v></c></row>'
        '<row><c t="e"/></row></sheetData><mergeCell ref="B2:AA3"/>'
    )
    size, broken, hidden, merged, _ = scan(xml)
    assert size == 5 * 5
    assert broken == {(1, 2): NO_VALUE, (4, 3): OF_ERROR.format("#N/A"), (5, 1): OF_ERROR.format("nothing")}
    assert hidden == {("column", 2), ("column", 3), ("row", 4)} and merged == [(2, 2, 3, 27)]
    assert scan("<row/><row/>")[0] == 0  # rows that hold nothing take no room
    assert scan('<col min="199" max="16384" hidden="1"/>')[2] == {("column", 199), ("column", 200)}


def test_what_is_odd_in_an_opendocument_sheet_is_told_with_its_place():
    broken = cell('value="0"', "float", "Err:502")
    rows = (
        line(cell(told=repeated("columns", 2)), ONE, cell(told=' table:formula="of:=1"'), broken),
        line(cell(told=repeated("columns", 9)), told=repeated("rows", 3)),
        line("<table:covered-table-cell/>", cell('value="2"', "float", "2", repeated("columns", 2)),
             told=repeated("rows", 2) + ' table:visibility="collapse"'),
        line(cell('value="3"', "float", "#REF!", ' table:number-columns-spanned="2" table:number-rows-spanned="3"'),
             ONE, cell('value="4"', "float", "4", ' table:number-columns-spanned="2"')),
        line(ONE, cell('value="4"', "float", "4", ' table:number-rows-spanned="2"')),
    )  # fmt: skip
    (grid,) = grids.parse(ods("".join(rows)), "x.ods")
    assert grid.rows == [[None, None, 1.0, None, 0.0], [None, 2.0, 2.0], [None, 2.0, 2.0], [3.0, 1.0, 4.0], [1.0, 4.0]]
    assert grid.lines == [1, 5, 6, 7, 8]
    assert grid.broken == {(1, 4): NO_VALUE, (1, 5): OF_ERROR.format("Err:502"), (7, 1): OF_ERROR.format("#REF!")}
    assert grid.hidden == {("row", 5), ("row", 6)}
    assert grid.merged == [(7, 1, 9, 2), (7, 3, 7, 4), (8, 2, 9, 2)]


def test_an_opendocument_sheet_is_read_as_it_is_shown():
    columns = f'<table:table-column{repeated("columns", 2)}/><table:table-column table:visibility="collapse"/>'
    group = f'<table:table-row-group table:display="false">{line(ONE)}</table:table-row-group>'
    nested = line(
        cell('value="1"', "float", "1").replace(
            "</table:table-cell>", f"<table:table>{line(ONE)}</table:table></table:table-cell>"
        )
    )
    covered = line("<table:covered-table-cell office:value-type='float' office:value='9'/>", ONE)
    backwards = line(ONE, cell('value="5"', "float", "5", repeated("columns", 0)), ONE, told=repeated("rows", -1))
    (grid,) = grids.parse(ods(columns + line(ONE) + group + nested + covered + backwards), "x.ods")
    assert grid.hidden == {("column", 3), ("row", 2)}
    assert grid.rows == [[1.0], [1.0], [1.0], [None, 1.0], [1.0, 5.0, 1.0]] and grid.lines == [1, 2, 3, 4, 5]
    (grid,) = grids.parse(
        ods(line(ONE, cell('value="0"', "float", "Err:502", repeated("columns", 2)), told=repeated("rows", 2))), "x.ods"
    )
    assert set(grid.broken) == {(1, 2), (1, 3), (2, 2), (2, 3)}
    spaced = cell(shown="a<text:s text:c='1'/>b<text:line-break/>c")
    assert grids.parse(ods(line(spaced)), "x.ods")[0].rows == [["a b\nc"]]
    odd = (
        cell('time-value="PT5H"', "time", "5:00"),
        cell('value="x"', "float", "7"),
        cell('value="nan"', "float", "7"),
    )
    (grid,) = grids.parse(ods(line(*odd)), "x.ods")
    assert {place: told[:21] for place, told in grid.broken.items()} == {
        (1, n): "a value of the kind '" for n in (1, 2, 3)
    }


ERRORS = (
    "#N/A",
    "#I/T",
    "#REF!",
    "#REFERENCE!",
    "#VALUE!",
    "#VÆRDI!",
    "#DIV/0!",
    "#NAME?",
    "#NAVN?",
    "#NUM!",
    "#NULL!",
    "Err:502",
)
NAMES = ("#1", "# personer", "#", "N/A", "NULL", "Err", "Err:x", "#Nr!")


def test_an_error_of_a_formula_is_told_in_either_language_however_it_was_saved_and_a_name_with_its_sign_is_read():
    def broken(raw, name):
        return [place for _, place in grids.parse(raw, name)[0].broken]

    texts, errors = [*ERRORS, *NAMES], [*range(1, len(ERRORS) + 1)]
    assert broken((";".join(texts) + "\n").encode(), "x.csv") == errors
    assert broken(xlsx(lambda sheet: sheet.append([f" {text} " for text in texts])), "x.xlsx") == errors
    assert broken(ods(line(*(cell('value=""', "string", text) for text in texts))), "x.ods") == errors
    told = "#N/A, an error of a formula; mend it, write the value, or - where a figure is missing"
    assert grids.parse(b"#N/A;1\n", "x.csv")[0].broken == {(1, 1): told}


@pytest.mark.parametrize(("parts", "says"), [
    ({"Basic/Standard/script-lb.xml": b""}, "holds macros"), ({"Scripts/python/x.py": b""}, "holds macros"),
    *(({"content.xml": f'<x><{link} xlink:href="a.ods"/></x>'.encode()}, "holds links to other workbooks") for link in (
        "table:table-source", "t:table-source", "table:cell-range-source", "table:database-source-table", "office:dde-source")),
    ({"content.xml": b"""<x table:formula="of:=&apos;file:///x.ods&apos;#$S.A1"/>"""}, "holds links to other workbooks"),
    ({"xl/workbook.xml": b"<x/>"}, "is an archive, but no workbook"),
    ({"content.xml": b"<x>" + b"<a/>" * 2_000_001 + b"</x>"}, "more than 400000 cells"),
])  # fmt: skip
def test_an_opendocument_file_is_held_to_what_a_workbook_is(parts, says):
    with pytest.raises(DataError, match=says):
        grids.parse(zipped({"content.xml": b"<x/>"} | parts), "x.ods")


def test_a_format_that_hides_thousands_is_told_where_the_value_is_read():
    def change(sheet):
        sheet["A1"] = 98_400_000
        sheet["A1"].number_format = "#,##0,"

    assert grids.parse(xlsx(change), "x.xlsx")[0].broken == {
        (
            1,
            1,
        ): "a number of which the format '#,##0,' shows a thousandth; let it be General, and write its unit in the heading"
    }
    styles = '<style:style xmlns:number="n" style:name="N"><style:x number:display-factor="1000"/></style:style>'
    with pytest.raises(DataError, match="shows a thousandth of some numbers by their format"):
        grids.parse(ods(line(ONE), styles=styles), "x.ods")
    assert grids.parse(ods(line(ONE), styles=styles), "x.ods", printed=True)[0].rows == [["1"]]
    assert grids.parse(xlsx(change), "x.xlsx", printed=True)[0].rows == [["98.400"]]


def test_a_percentage_is_told_where_the_value_is_read():
    def change(sheet):
        for cell, form in (("A1", "0%"), ("B1", '0.0" %"'), ("C1", "0.0 \\%;[Red]-0.0%")):
            sheet[cell] = 0.5
            sheet[cell].number_format = form

    told = grids.parse(xlsx(change), "x.xlsx")[0].broken
    assert told.keys() == {(1, 1), (1, 2), (1, 3)} and told[1, 1] == told[1, 3] == PERCENTAGE
    share = ods(line(cell('value="0.5"', "percentage", "50 %"), ONE))
    assert grids.parse(share, "x.ods")[0].broken == {(1, 1): PERCENTAGE}
    assert grids.parse(share, "x.ods", printed=True)[0].rows == [["50 %", "1"]]


def shows(form, value):
    """Tell whether a cell of this format and value is read."""

    def change(sheet):
        sheet["A1"], sheet["A1"].number_format = value, form

    return not grids.parse(xlsx(change), "x.xlsx")[0].broken


@pytest.mark.parametrize(("form", "signs"), [
    ("#,##0.0", "+-0"), ("General", "+-0"), ("0.0E+00", ""), ("0E+00", ""), ("##0.0E+0", ""), ("# ?/?", ""), ("0/8", ""), ("@", "+-0"), ("#\\ ##0", "+-0"),
    ("[Red]0", "+-0"), ("[>1000]#,##0;0.0", "+-0"), ("#,##0 [$kr.-406]", ""), ("[$-406]#,##0", "+-0"), ('"DKK "0', ""),
    ('#,##0",-"', "+-0"), ("#,##0_);(#,##0)", "+-0"), ("#,##0;-#,##0", "+-0"), ("0;0-", "+-0"), ('0;"\N{MINUS SIGN}"0', "+-0"), ("0;[Red]\\-0", "+-0"),
    ('_-* #,##0.00_-;\\-* #,##0.00_-;_-* "-"??_-;_-@_-', "+-0"), ("#,##0;-#,##0;", "+-0"), ('+0;–0;"–"', "+-0"), ('0;-0;"0"', "+-0"),
    ("#,##0;#,##0", "+0"), ("0;[Red]0", "+0"), ("0;", "+0"), ('0;-0;"nul"', "+-"), ("-0;-0;0", "-0"), ('"kr";-0;0', "-0"),
    ("#,##0 [$mio. kr.]", ""), ("#,##0 [$mio. kr.-406]", ""), ("[$€-407] #,##0.00", ""), ("[$$-409]#,##0", ""), ("0*0", ""),
    (";;;", "0"), ('"";"";""', "0"), ('"–"', ""), ('"";"";"0;0"', ""), ('0","0', ""), ('0"."000', ""), ("(0)", ""), ("0,-", ""),
    ('[>1000]0.0" mia.";0', ""), ("[h]", ""), ("mmm", ""), ("[$-406]mmmm", ""), ("yyyy", ""), ("mmm-yy", "+-0"), ("d/m", ""), ('"Til og med "mmm yyyy', ""), ('"K"m yyyy', ""), ('yyyy"Q"m', ""), ('mmm yyyy" (foreløbig)"', ""), ('"2025 "mmm yy', ""),
    ("mmm yyyy\\x", ""), ('"den "d\\. mmmm yyyy', "+-0"), ('d"."m"."yyyy', "+-0"), ("mm:ss", ""), ("d/m/yyyy", "+-0"), ("[$-107041E]d/m/yyyy", ""), ("B2yyyy-mm", ""), ("[$-F800]dddd, mmmm dd, yyyy", "+-0"),
    ("[>=0]#,##0;[Red]#,##0", "+0"), ("[<0]0;0", "+0"), ("[>0]0;0;0", "+0"), ("[=0]0;0", "+0"), ("[<-5]0;0", "+0"), ("[>=0.5]0;0.0", "+-0"),
])  # fmt: skip
def test_a_number_is_told_where_its_format_shows_other_than_its_digits_and_sign(form, signs):
    assert "".join(sign for sign, value in (("+", 98.4), ("-", -98.4), ("0", 0)) if shows(form, value)) == signs


def test_a_number_below_one_is_shown_by_the_part_of_a_format_for_its_sign():
    for value in (0.5, -0.5):
        assert shows('0;-0;"nul"', value)
    assert not shows('"kr";-0;0', 0.5)


SHOWN = [
    ("98.4", "98,4 98 98,40 98.40 98.4 98,4000 +98,4 98,4,- (text)"),
    ("-12.5", "-12,5 \N{MINUS SIGN}12,5 –12,5 12,5- (12,5) -12 -13 -12,50,- (text)"),
    ("1234567", "1.234.567 1,234,567 1'234'567 1’234’567 1234567,- 1,234,567.00 (text)"),
    ("1.234", "1.234 1,234 1,23 1 (text)"),
    ("98", "98 98,000 98.0 (text)"),
    ("0", "0 - – 0,0 -0 (text)"),
    ("-0.4", "0 -0 -0,4"),
    ("0.5", "0 1 0,5 0.500000"),
    ("0.5001", "0 1"),  # what binary arithmetic may be off by
]
OTHERWISE = [
    ("98.4", "98,4mio. 98,4mio.kr. kr.98,4 k'r98,4 98,4kr 98,4personer (dkk98,4) 98,4pct. 98,4% 98000 99 98,3 98,5 98.400 9.84 984 -98,4 €98,4 - 0 98,4t.kr. 5/2 98,4m 9,84E+02 9,84E+01 9,8e1"),
    ("-12.5", "12,5 (12,5 -14 -11"),
    ("984", "98,4 9,84"),
    ("98", "98.000 98.000,0"),
    ("2026", "R2026 BO2026 2027"),
    ("1.5", "1.500"),
    ("0.4", "- –"),
    ("0.5002", "0"),
    ("12", "1,2,0 1.2.0 x"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "texts"), SHOWN)
def test_an_opendocument_number_shown_as_its_digits_is_read(value, texts):
    cells = [cell(f'value="{value}"', "float", one if one != "(text)" else "") for one in texts.split()]
    assert grids.parse(ods(line(*cells)), "x.ods")[0].broken == {}


@pytest.mark.parametrize(("value", "texts"), OTHERWISE)
def test_an_opendocument_number_shown_as_another_or_with_more_than_its_digits_is_told(value, texts):
    cells = [cell(f'value="{value}" office:currency="EUR"', "currency", one) for one in texts.split()]
    (grid,) = grids.parse(ods(line(*cells)), "x.ods")
    assert {places for _, places in grid.broken} == {*range(1, len(cells) + 1)}
    assert grid.broken[1, 1].startswith(
        f"the number {value} shown as {texts.split()[0]!r}, {'with the unit' if value == '98.4' else 'not as its digits; write what it is'}"
    )
    assert grids.parse(ods(line(*cells)), "x.ods", printed=True)[0].broken == {}


def test_a_number_below_a_thousand_shown_with_three_decimals_is_kept_as_it_is_shown():
    def unsure(*cells):
        raw = ods(line(*(cell(f'value="{value}"', "float", shown) for value, shown in cells)))
        return [*grids.parse(raw, "x.ods")[0].thousandths.values()]

    shown = (
        "97,300",
        "-97,300",
        "\N{MINUS SIGN}97,300",
        "–97,300",
        "(97,300)",
        "97,300-",
        "kr. 97,300",
        "97,300 mio. kr.",
    )
    kept = ["97,300", "-97,300", "\N{MINUS SIGN}97,300", "–97,300", "(97,300)", "97,300-", "97,300", "97,300"]
    values = ["97.3" if text[0] in "9k" and text[-1] != "-" else "-97.3" for text in shown]
    assert unsure(*zip(values, shown, strict=True)) == kept
    assert unsure(("1234", "1,234"), ("999.5", "999,500"), ("1000", "1,000"), ("97", "97")) == ["999,500"]


def test_an_opendocument_number_shown_as_nothing_is_told_unless_it_is_nought_or_its_writer_leaves_out_what_is_shown():
    blank = '<table:table-cell office:value-type="float" office:value="{}"><text:p></text:p></table:table-cell>'
    cells = (blank.format(0), blank.format(5), cell('value="5"', "float"), cell('value="0.5"', "percentage"))
    assert {*grids.parse(ods(line(*cells)), "x.ods")[0].broken} == {(1, 2), (1, 4)}


def test_an_opendocument_day_shows_its_month_and_its_year():
    def broken(day, *texts):
        cells = (cell(f'date-value="{day}"', "date", text) for text in texts)
        return [place for _, place in grids.parse(ods(line(*cells)), "x.ods")[0].broken]

    seen = (
        "mar-26", "Marts 2026", "01-03-2026", "3/1/26", "2026-03-01T00:00:00.000", "03.2026", "2026M03", "",
        "202603", "20260301", "søndag den 1. marts 2026", "Sun Mar  1 00:00:00 2026",
    )  # fmt: skip
    assert broken("2026-03-01", *seen) == []
    assert broken("2001-01-01", "1", "01") == [1, 2]
    assert broken("2001-01-01", "01-01-2001", "1. januar 2001") == []  # where every number of a day is shown
    told = (
        "2026",
        "3",
        "1. kvt. 2026",
        "2025-03-01",
        "april 2026",
        "1-2026",
        "ma 2026",
        "marts",
        "1. mar",
        "R 3 2026",
        "uge 3 2026",
        "202604",
        "20260302",
        "2603",
    )
    assert broken("2026-03-01", *told) == [*range(1, len(told) + 1)]
    assert broken("2026-01-01T00:00:00", "1. kvt. 2026", "2026", "1", "1-2026") == [1, 2, 3]
    (grid,) = grids.parse(ods(line(cell('date-value="2026-03-01"', "date", "2026"))), "x.ods")
    assert grid.broken == {
        (1, 1): "the day 2026-03-01 shown as '2026'; show its month and year, or write the period as text"
    }


def test_of_what_an_opendocument_cell_shows_instead_forty_characters_are_told_and_of_a_day_no_hour():
    cells = cell('date-value="2026-03-01T12:30:00"', "date", "x" * 50), cell('value="5"', "float", "9" * 50)
    told = grids.parse(ods(line(*cells)), "x.ods")[0].broken
    assert told[1, 1].startswith(f"the day 2026-03-01 shown as {'x' * 40!r}; ")
    assert told[1, 2].startswith(f"the number 5 shown as {'9' * 40!r}, not ")


def test_a_formula_of_a_workbook_that_was_not_computed_when_it_was_saved_has_no_value():
    def book(told):
        raw = archive.unpack(xlsx(put(A1=1, B1="=76000+406", C1='="a"')))
        sheet = raw["xl/worksheets/sheet1.xml"]
        raw["xl/worksheets/sheet1.xml"] = re.sub(rb"<v ?/>|<v></v>", b"<v>0</v>", sheet)
        raw["xl/workbook.xml"] = raw["xl/workbook.xml"].replace(b'fullCalcOnLoad="1"', told)
        return grids.parse(archive.repack(raw).getvalue(), "x.xlsx")[0].broken

    for told in (
        b'fullCalcOnLoad="1"',
        b'fullCalcOnLoad="true"',
        b'forceFullCalc="1"',
        b'calcMode="manual" calcOnSave="0"',
        b'calcMode="manual" calcOnSave="false"',
        b'calcCompleted="0"',
    ):
        assert book(told) == {(1, 2): NO_VALUE, (1, 3): NO_VALUE}
    for told in (
        b"",
        b'fullCalcOnLoad="0"',
        b'calcMode="auto" calcCompleted="1"',
        b'calcMode="manual"',
        b'calcOnSave="0"',
    ):
        assert book(told) == {}
    sheet = '<row><c><f>1</f><v>5</v></c></row><sheetCalcPr fullCalcOnLoad="{}"/>'
    assert [scan(sheet.format(told))[1] for told in ("1", "true", "0")] == [{(1, 1): NO_VALUE}, {(1, 1): NO_VALUE}, {}]
    spaced = sheet.replace('="{}"', ' = "{}"')
    assert scan(spaced.format("1"))[1] == scan(sheet.format("&#49;"))[1] == {(1, 1): NO_VALUE}


SHARED = b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
SST = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si>{}</si><si><t>b</t></si></sst>'


def test_a_text_of_which_a_part_is_struck_through_is_told():
    run, told = "<is><r><rPr><strike{}/></rPr><t>100 </t></r><r><t>120</t></r></is>", {(1, 1): STRUCK}
    for value, broken in (("", told), (' val="1"', told), (' val="0"', {}), (' val="false"', {})):
        text = run.format(value)
        assert scan(f'<row><c t="inlineStr">{text}</c><c><v>1</v></c></row>')[1] == broken
        parts = archive.unpack(xlsx(put(A1="a", B1=0)))
        sheet = re.sub(rb'(<c r="A1").*?</c>', rb'\1 t="s"><v>0</v></c>', parts["xl/worksheets/sheet1.xml"])
        parts |= {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": SST.format(text[4:-5]).encode()}
        kinds = parts["[Content_Types].xml"].replace(b"</Types>", SHARED + b"</Types>")
        for printed in (False, True):
            raw = archive.repack(parts | {"[Content_Types].xml": kinds}).getvalue()
            assert grids.parse(raw, "x.xlsx", printed)[0].broken == broken
    styles = "".join(
        f'<style:style style:name="{name}" style:family="text"><style:text-properties style:text-line-through-style="{name}"/></style:style>'
        for name in ("solid", "none")
    )
    cells = (
        cell('value=""', "string", f'<text:span text:style-name="{name}">1</text:span>2') for name in ("solid", "none")
    )
    assert grids.parse(ods(line(*cells), styles=styles), "x.ods")[0].broken == told


def test_what_is_too_small_to_be_seen_is_hidden():
    for size, hidden in (("0", True), ("0.1", True), ("2.99", True), ("3", False), ("15", False)):
        assert scan(f'<row ht="{size}"><c><v>1</v></c></row>')[2] == ({("row", 1)} if hidden else set())
    for size, hidden in (("0", True), ("0.01", True), ("0.99", True), ("1", False), ("9", False)):
        assert scan(f'<col min="2" max="2" width="{size}"/>')[2] == ({("column", 2)} if hidden else set())
    for size, hidden in (
        ("0.0416in", True), ("0.0417in", False), ("0.105cm", True), ("0.106cm", False), ("1.05mm", True), ("1.06mm", False),
        ("2.99pt", True), ("3pt", False), ("0.249pc", True), ("0.25pc", False), ("0cm", True), ("5%", False),
    ):  # fmt: skip
        styles = "".join(
            f'<style:style style:name="{what}"><style:x style:{what}="{size}"/></style:style>'
            for what in ("row-height", "column-width")
        )
        column = '<table:table-column/><table:table-column table:style-name="column-width"/>'
        rows = line(ONE, told=' table:style-name="row-height"') + line(ONE)
        (grid,) = grids.parse(ods(column + rows, styles=styles), "x.ods")
        assert grid.hidden == ({("row", 1), ("column", 2)} if hidden else set()), size


def test_marks_are_counted_in_the_sheets_of_an_opendocument_file_and_in_every_other_part_by_itself():
    sheet, other = b"<x>" + b"<a/>" * 1_999_999, b"<b/>" * 500_000
    assert archive.unpack(zipped({"content.xml": sheet, "styles.xml": other}))["styles.xml"] == other
    with pytest.raises(DataError, match="more than 400000 cells"):
        archive.unpack(zipped({"content.xml": sheet + b"<a/>"}))
    with pytest.raises(DataError, match=r"more than 500000 marks in 'xl/styles.xml'"):
        archive.unpack(zipped({"xl/workbook.xml": b"<x/>", "xl/styles.xml": other + b"<b/>"}))
    with pytest.raises(DataError, match=rf"marks in '{'x' * 60}';"):
        archive.unpack(zipped({"xl/workbook.xml": b"<x/>", f"{'x' * 70}.xml": other + b"<b/>"}))


def test_the_parts_that_are_no_sheets_are_counted_together_and_the_sheets_of_excel_too():
    half, sheet = b"<b/>" * 249_997, "xl/worksheets/sheet{}.xml"
    types = b'<T><O PartName="/xl/workbook.xml" ContentType="x/sheet.main+xml"/></T>'
    book = {"xl/workbook.xml": b"", "[Content_Types].xml": types}
    assert archive.unpack(zipped(book | {"a.xml": half, "xl/worksheets/_rels/b.xml.rels": half}))
    with pytest.raises(DataError, match=r"more than 500000 marks in 'b\.xml'"):
        archive.unpack(zipped(book | {"a.xml": half, "b.xml": half + b"<b/>" * 2}))
    cells = b"<b/>" * 1_450_000
    assert archive.unpack(zipped(book | {sheet.format(n): cells for n in (1, 2)}))
    with pytest.raises(DataError, match="more than 400000 cells"):
        archive.unpack(zipped(book | {sheet.format(1): cells, sheet.format(2): cells + b"<b/>"}))


def test_the_values_of_marks_are_counted_where_each_is_kept():
    styles = b"<x " + b" ".join(b'a%d="1"' % n for n in range(499_999)) + b"/>"
    types = b'<T><O PartName="/xl/workbook.xml" ContentType="x/sheet.main+xml"/></T>'
    for more, told in ((0, ""), (1, "more than 500000 marks in 'xl/styles.xml'")):
        book = {"content.xml": b"<x/>", "styles.xml": styles}
        if told:
            book = {"xl/workbook.xml": b"", "[Content_Types].xml": types, "xl/styles.xml": styles + b"<y/>" * more}
            with pytest.raises(DataError, match=told):
                archive.unpack(zipped(book))
        else:
            assert archive.unpack(zipped(book))


def test_no_more_of_a_part_is_unpacked_than_its_archive_says():
    long, said = b" " * 200_000_000, 1_000
    raw = bytearray(zipped({"xl/workbook.xml": long}))
    start = raw.index(b"PK\x01\x02")
    for head, crc, size in ((0, 14, 22), (start, 16, 24)):
        raw[head + crc : head + crc + 4] = zlib.crc32(long[:said]).to_bytes(4, "little")
        raw[head + size : head + size + 4] = said.to_bytes(4, "little")
    tracemalloc.start()
    with contextlib.suppress(DataError):
        archive.unpack(bytes(raw))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 5_000_000


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_part_packed_as_no_workbook_is_or_there_twice_is_damaged(method):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as packed:
        packed.writestr("xl/workbook.xml", b"<x/>")
    with pytest.raises(DataError, match=r"is a damaged workbook .a part packed otherwise than in workbooks"):
        archive.unpack(held.getvalue())
    with warnings.catch_warnings(), zipfile.ZipFile(held, "w") as packed:
        warnings.simplefilter("ignore")
        packed.writestr("xl/workbook.xml", b"<x/>")
        packed.writestr("xl/workbook.xml", b"<y/>")
    with pytest.raises(DataError, match=r"is a damaged workbook .a part twice"):
        archive.unpack(held.getvalue())


def test_a_mark_that_is_never_closed_is_looked_through_once_and_one_with_a_bracket_in_it_whole():
    sheet = f"<worksheet {MAIN}><sheetData/><!--{'<sheetCalcPr ' * 200_000}--></worksheet>"
    began = time.process_time()
    for part, told in (("docProps/app.xml", "<a " * 300_000), ("xl/worksheets/sheet1.xml", sheet)):
        grids.parse(changed({part: told}), "x.xlsx")
    assert time.process_time() - began < 60  # it was an hour
    with pytest.raises(DataError, match="is refreshed when it is opened"):
        grids.parse(changed({"xl/pivot.xml": '<x a=">" refreshOnLoad="1"/>'}), "x.xlsx")


def test_a_part_in_utf_16_in_which_nothing_would_be_found_is_damaged():
    with pytest.raises(DataError, match=r"is a damaged workbook .a part that is no UTF-8"):
        archive.unpack(zipped({"xl/workbook.xml": "<!DOCTYPE x>".encode("utf-16")}))


def sharing(texts, *cells, runs=1):
    """Return a workbook whose cells share texts, each written in so many runs."""
    told = "".join(f'<c t="s"><v>{n}</v></c>' for n in cells)
    held = "".join(f"<si>{f'<r><t>{text}</t></r>' * runs}</si>" for text in texts)
    return changed({"xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData><row>{told}</row></sheetData></worksheet>",
                    "xl/sharedStrings.xml": f"<sst {MAIN}>{held}</sst>"})  # fmt: skip


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def changed(parts):
    """Return a workbook of which some parts are these."""
    with zipfile.ZipFile(io.BytesIO(xlsx(put(A1=1)))) as book:
        return zipped({name: book.read(name) for name in book.namelist()} | parts)


def test_a_text_that_many_cells_share_counts_in_each_before_it_is_made():
    for last, fits in ((99, True), (100, False)):  # 20 million in all, with the numbers of the texts
        raw = sharing(["a" * last, "c" * 199_998], *[1] * 100, 0)
        if fits:
            assert len(grids.parse(raw, "x.xlsx")[0].rows[0]) == 101
        else:
            with pytest.raises(DataError, match="has more text in its cells than is read"):
                grids.parse(raw, "x.xlsx")
    with pytest.raises(DataError, match="has more text in its cells than is read"):
        grids.parse(sharing(["c" * 100_001], *[0] * 100, runs=2), "x.xlsx")


@pytest.mark.parametrize("cell", ['<c t="inlineStr"><is><t>{}</t></is></c>', '<c t="str"><v>{}</v></c>'])
def test_text_in_a_cell_counts_and_what_stands_beside_the_cells_does_not(cell):
    xml = f"<worksheet><row>{cell.format('abc')}{cell.format('de')}</row><x>long</x></worksheet>".encode()
    assert excel_sheet.scan(xml, "x", {}, left=Left(characters=5))
    with pytest.raises(DataError, match="has more text in its cells than is read"):
        excel_sheet.scan(xml, "x", {}, left=Left(characters=4))


def test_a_formula_counts_in_each_cell_that_shares_it():
    shared = '<c><f t="shared" si="7"/></c>'
    xml = f'<worksheet><row><c><f t="shared" si="7" ref="A1:A3">abcde</f></c>{shared * 2}<c><f>ab</f></c></row></worksheet>'
    assert excel_sheet.scan(xml.encode(), "x", {}, left=Left(characters=17))
    with pytest.raises(DataError, match="has more text in its cells than is read"):
        excel_sheet.scan(xml.encode(), "x", {}, left=Left(characters=16))


def test_a_cell_of_two_values_is_refused_as_one_reader_takes_the_first_and_another_the_last():
    xml = b'<worksheet><row><c t="s"><v>1</v><v>0</v></c></row></worksheet>'
    with pytest.raises(DataError, match="cell A1 has two values"):
        excel_sheet.scan(xml, "x", {}, left=Left([5, 0], characters=7))


@pytest.mark.parametrize(
    "value", ["1&#48;", "1&#x0030;", "1<!-- -->0", "1<x/>0", "<![CDATA[1]]>0", "1<x>0</x>", "a&amp;1&#048;"]
)
@pytest.mark.parametrize("kind", ["n", "s"])
def test_a_value_in_pieces_is_damaged_as_its_readers_do_not_agree_what_it_is(kind, value):
    with pytest.raises(DataError, match="a value in pieces in sheet 'x'"):
        excel_sheet.scan(f'<s:c t="{kind}"><s:v xml:space="preserve">{value}</s:v></s:c>'.encode(), "x", {})


def test_a_value_may_hold_signs_as_references():
    xml = '<worksheet><row><c t="str"><v>a &amp; b&#10;&lt;c&#x41;</v></c><c><v/></c><c><v>12</v></c></row></worksheet>'
    assert excel_sheet.scan(xml.encode(), "x", {}) == (3, {}, set(), [], {})


@pytest.mark.parametrize("texts", ["<sst><si><si/></si></sst>", "<sst><x><si/></x></sst>", "<sst><si></sst>"])
def test_shared_texts_that_readers_could_number_otherwise_are_damaged(texts):
    with pytest.raises(DataError, match="is a damaged workbook"):
        texts_of({"xl/sharedStrings.xml": texts.encode()})
    with pytest.raises(DataError, match="texts in two places"):
        texts_of(dict.fromkeys(("xl/sharedStrings.xml", "xl/SharedStrings.xml"), b"<s:sst xmlns:s='x'/>"))


def test_what_stands_beside_the_cells_of_all_sheets_is_counted_and_what_rows_and_cells_are_made_of_is_not():
    within = "<row><c><f/><v>1</v></c><c><is><t>a</t></is></c></row>"
    cols = '<col min="1" max="200" hidden="1"/>'
    xml = f"<worksheet>{cols * 2}{within}</worksheet>".encode()
    left = Left(beside=6)
    assert excel_sheet.scan(xml, "x", {}, left=left)[2] == excel_sheet.scan(xml, "x", {}, left=left)[2]
    with pytest.raises(DataError, match="has more beside its cells than is read"):
        excel_sheet.scan(xml, "x", {}, left=left)
    assert Left().beside == 100_000


@pytest.mark.parametrize(
    ("parts", "told"),
    [(13, None), (14, "a number of the format '0;\";;;;;;;;;;;\";0', which has more parts than one has")],
)
def test_a_format_has_as_many_parts_as_its_quotation_marks_may_hold(parts, told):
    def change(sheet):
        sheet["A1"], sheet["A1"].number_format = 5, '0;"' + ";" * (parts - 3) + '";0'

    broken = grids.parse(xlsx(change), "x.xlsx")[0].broken
    assert told in broken[1, 1] if told else not broken
    assert "'0;0;0;0;0;0;0;0;0;0;', which" in formats.otherwise("0;" * 13, "-")


def test_a_number_format_is_looked_at_once_and_has_at_most_255_characters(monkeypatch):
    xf = '<xf numFmtId="200"/>'

    def styles(*forms, looks=1):
        told = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{form}"/>' for n, form in enumerate(forms))
        return {"xl/styles.xml": f'<styleSheet {MAIN}><numFmts>{told}</numFmts><cellXfs>{looks * xf}</cellXfs></styleSheet>'}  # fmt: skip

    asked = []
    monkeypatch.setattr(formats, "otherwise", lambda form, sign: asked.append((form, sign)))
    assert grids.parse(changed(styles("0" * 255, looks=9)), "x.xlsx") and len(asked) == 3
    assert formats.looks_of(styles(*"0" * 5_000))["0"] == "0"
    with pytest.raises(DataError, match="has 5001 number formats of up to 1 characters; at most 5000 and 255"):
        formats.looks_of(styles(*"0" * 5_001))
    for printed in (False, True):
        with pytest.raises(DataError, match="has 1 number formats of up to 256 characters; at most 5000 and 255"):
            grids.parse(changed(styles("0" * 256)), "x.xlsx", printed)


def test_a_text_of_an_opendocument_file_counts_in_each_cell_it_is_repeated_in_before_it_is_made():
    for kind in ('value="1"', "float"), ('value=""', "string"):
        held = cell(*kind, "a" * 20_000, repeated("columns", 100))
        with pytest.raises(DataError, match="has more text in its cells than is read"):
            grids.parse(ods(line(held, told=repeated("rows", 10)) + line(cell(shown="a"))), "x.ods")
        assert grids.parse(ods(line(held, told=repeated("rows", 10))), "x.ods")


def test_what_stands_beside_the_cells_of_a_workbook_of_ours_is_counted_in_all_its_parts(tmp_path):
    (tmp_path / "x.xlsx").write_bytes(xlsx(put(A1=1)))
    with zipfile.ZipFile(grids.measured(tmp_path / "x.xlsx")) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    within = sum(node.tag.rpartition("}")[2] in excel_sheet.WITHIN for node in ElementTree.fromstring(sheet).iter())
    beside = len([*ElementTree.fromstring(sheet).iter()]) - within
    beside += sum(part.count(b"<") for part in parts.values()) - sheet.count(b"<")
    for more, fits in ((20_000 - beside, True), (20_001 - beside, False)):
        for part in ("xl/styles.xml", "xl/worksheets/sheet1.xml"):
            (tmp_path / "x.xlsx").write_bytes(zipped(parts | {part: parts[part].replace(b"</styleSheet>", b"<a/>" * more + b"</styleSheet>").replace(b"</worksheet>", b"<a/>" * more + b"</worksheet>")}))  # fmt: skip
            if fits:
                assert grids.measured(tmp_path / "x.xlsx")
            else:
                with pytest.raises(DataError, match="has more beside its cells than is read"):
                    grids.measured(tmp_path / "x.xlsx")
    for more, fits in ((3_999_999, True), (4_000_000, False)):  # and the number of the text
        (tmp_path / "x.xlsx").write_bytes(sharing(["a" * more], 0))
        if fits:
            assert grids.measured(tmp_path / "x.xlsx")
        else:
            with pytest.raises(DataError, match="has more text in its cells"):
                grids.measured(tmp_path / "x.xlsx")


def test_a_workbook_of_ours_has_at_most_100_000_cells_in_all_its_sheets(tmp_path):
    for last, fits in ((250, True), (251, False)):
        (tmp_path / "x.xlsx").write_bytes(xlsx(corner("GR250"), corner(f"GR{last}")))
        if fits:
            assert grids.measured(tmp_path / "x.xlsx")
        else:
            with pytest.raises(DataError, match="has more than 100000 cells; a workbook of this project has fewer"):
                grids.measured(tmp_path / "x.xlsx")


@pytest.mark.parametrize(("text", "width"), [
    ("a,b\n", 2), ("a;b\nc;d\nx,y,z\np,q,r\n", 3), ("a;b\nc;d\nx,y,z\np,q,r\nu,v,w\n", 3), ("a,b,c;d\ne,f,g;h\nx\n", 2),
])  # fmt: skip
def test_a_comma_separates_where_nothing_else_does_in_most_lines(text, width):
    assert len(grids.parse(text.encode(), "x.csv")[0].rows[-1 if width == 3 else 0]) == width


def test_a_sheet_that_ends_early_is_damaged_and_an_empty_one_has_no_rows():
    with pytest.raises(DataError, match=r"damaged workbook .sheet 'x': no element found"):
        excel_sheet.scan(b"<worksheet><sheetData>", "x", {})
    assert grids.parse(xlsx(lambda sheet: None), "x.xlsx")[0].rows == []


def test_a_row_of_which_every_cell_is_broken_is_a_row():
    formula = '<table:table-cell table:formula="of:=1"/>'
    (grid,) = grids.parse(ods(line(formula, told=repeated("rows", 2))), "x.ods")
    assert grid.lines == [1, 2] and grid.broken == {(1, 1): NO_VALUE, (2, 1): NO_VALUE}
    (grid,) = grids.parse(xlsx(put(A1=1, A4="=1+1")), "x.xlsx")
    assert len(grid.rows) == 4 and grid.broken == {(4, 1): NO_VALUE}


def test_a_sheet_that_is_not_displayed_is_not_read():
    styles = '<style:style style:name="s"><style:table-properties table:display="false"/></style:style>'
    hidden = f'</table:table><table:table table:name="h" table:style-name="s">{line(ONE)}'
    assert [grid.sheet for grid in grids.parse(ods(line(ONE) + hidden, styles=styles), "x.ods")] == ["S0"]
    assert [grid.sheet for grid in grids.parse(xlsx(put(A1=1), lambda s: setattr(s, "sheet_state", "hidden")), "x.xlsx")] == ["S0"]  # fmt: skip


# Limits: what lies on one is read


def corner(place):
    return put(**{place: 1})


SHAPES = {
    "lines": (b"a\n" * 50_000, b"a\n" * 50_001, "x.csv"),
    "width": (b";" * 199, b";" * 200, "x.csv"),
    "sheets": (xlsx(*[put(A1=1)] * 50), xlsx(*[put(A1=1)] * 51), "x.xlsx"),
    "sheets of an opendocument file": (ods(*[line(ONE)] * 50), ods(*[line(ONE)] * 51), "x.ods"),
    "cells": (xlsx(corner("GR1500"), corner("GR500")), xlsx(corner("GR1500"), corner("GR501")), "x.xlsx"),
    "cells of an opendocument file": (
        *(
            ods(*(line(cell('value="1"', "float", "1", repeated("columns", 200)), told=repeated("rows", n)) for n in some))
            for some in ((1500, 500), (1500, 501))
        ),
        "x.ods",
    ),
    "rows of an opendocument file": (
        *(ods(line(cell(), told=repeated("rows", n)) + line(ONE)) for n in (49_999, 50_000)),
        "x.ods",
    ),
    "repeated rows": (*(ods(line(ONE, told=repeated("rows", n))) for n in (50_000, 50_001)), "x.ods"),
    "columns of an opendocument file": (
        *(ods(line(cell(told=repeated("columns", n)), ONE)) for n in (199, 200)),
        "x.ods",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SHAPES)
def test_a_table_on_a_limit_is_read_and_one_beyond_it_refused(what):
    within, beyond, name = SHAPES[what]
    assert grids.parse(within, name)
    with pytest.raises(DataError, match=r"at most (50000 and 200|50) are read|has more than 400000 cells"):
        grids.parse(beyond, name)


def test_a_cell_that_is_repeated_beyond_all_measure_is_refused_before_it_is_made():
    with pytest.raises(DataError, match="has 1 rows and 1000000000000 columns in sheet 'S0'; at most 50000 and 200"):
        grids.parse(ods(line(cell('value="1"', "float", "1", repeated("columns", 10**12)))), "x.ods")


def archive_of(parts, size, flag=0):
    """Return an archive of so many parts, the first of which says it unpacks to so many bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for n in range(parts):
            archive.writestr(str(n), b"")
        archive.infolist()[0].file_size, archive.infolist()[0].flag_bits = size, flag
    return held.getvalue()


@pytest.mark.parametrize(
    ("parts", "size", "flag", "says"),
    [
        (2000, 60_000_000, 0, "is an archive, but no workbook"),
        (2001, 0, 0, "unpacks to more"),
        (1, 60_000_001, 0, "unpacks to more"),
        (1, 0, 1, "is protected by a password"),
    ],
)
def test_an_archive_on_a_limit_is_looked_into_and_one_beyond_it_or_encrypted_refused(parts, size, flag, says):
    with pytest.raises(DataError, match=says):
        grids.parse(archive_of(parts, size, flag), "x.xlsx")


def test_a_text_of_500_characters_is_read_and_a_longer_one_told():
    assert grids.parse(b"x" * 500, "x.csv")[0].broken == {}
    assert grids.parse(b"x" * 501, "x.csv")[0].broken == {(1, 1): "501 characters; at most 500 are read"}


def test_entities_and_a_document_type_are_refused_each():
    for part in ("<!DOCTYPE x>", "<!ENTITY x 'y'>"):
        with pytest.raises(DataError, match="declares entities"):
            grids.parse(zipped({"content.xml": part}), "x.ods")


def test_only_a_workbook_is_measured(tmp_path):
    for name, raw in (("x.xlsx", xlsx(put(A1=1))), ("x.csv", b"a;b")):
        (tmp_path / name).write_bytes(raw)
    assert openpyxl.load_workbook(grids.measured(tmp_path / "x.xlsx"))["S0"]["A1"].value == 1
    with pytest.raises(DataError, match="is no workbook, whatever its name says"):
        grids.measured(tmp_path / "x.csv")


def test_a_cell_whose_font_is_struck_through_or_of_the_colour_of_its_cell_is_told():
    def styles(xfs):
        fonts = ("<color theme='1'/>", "<strike/>", "<strike val='0'/>", "<color rgb='FFFFFFFF'/>", "<color theme='0'/>",
                 "<color indexed='9'/>", "<color indexed='1'/>", "<color theme='0' tint='-0.5'/>", "<color rgb='FFFF0000'/>")  # fmt: skip
        fills = ("<patternFill/>", "<patternFill patternType='solid'><fgColor rgb='ff003366'/></patternFill>",
                 "<patternFill patternType='solid'><fgColor rgb='00ffffff'/></patternFill>", "<gradientFill/>")  # fmt: skip
        told = "".join(f"<fonts>{''.join(f'<font>{one}</font>' for one in fonts)}</fonts>")
        told += f"<fills>{''.join(f'<fill>{one}</fill>' for one in fills)}</fills><cellXfs>{xfs}</cellXfs>"
        return {"xl/styles.xml": f"<styleSheet xmlns='x'>{told}</styleSheet>".encode()}

    for font, fill, told in ((0, 0, None), (1, 0, STRUCK), (2, 0, None), (3, 0, FAINT), (4, 0, FAINT), (5, 0, FAINT), (6, 0, FAINT),
                             (7, 0, None), (8, 0, None), (3, 1, None), (3, 2, FAINT), (3, 3, None), (1, 1, STRUCK)):  # fmt: skip
        xf = f"<xf fontId='{font}' fillId='{fill}'/>"
        assert Looks(styles("<xf/>" + xf)).unseen() == ({("1", ""): told} if told else {}), (font, fill)
    assert Looks({}).unseen() == {}

    def drawn(sheet):
        for place, font in (
            ("A1", Font(strike=True)),
            ("B1", Font(color="FFFFFFFF")),
            ("C1", Font(strike=True)),
            ("D1", Font()),
        ):
            sheet[place], sheet[place].font = "x" if place == "A1" else None if place == "C1" else 5, font

    for printed in (False, True):  # a text and a number; C1 holds nothing
        assert grids.parse(xlsx(drawn), "x.xlsx", printed)[0].broken == {(1, 1): STRUCK, (1, 2): FAINT}
    written = '<row><c t="inlineStr" s="1"><is><t>x</t></is></c><c s="1"/><c s="2"><v>1</v></c></row>'
    assert excel_sheet.scan(f"<worksheet>{written}</worksheet>".encode(), "x", {("1", ""): FAINT})[1] == {(1, 1): FAINT}


def test_a_cell_of_an_opendocument_sheet_that_is_struck_through_or_of_the_colour_of_its_cell_is_told():
    looks = {"a": 'style:text-line-through-style="solid"', "b": 'fo:color="#ffffff"', "c": 'fo:color="#000000"',
             "d": 'fo:color="#ffffff" fo:background-color="#003366"', "e": 'fo:color="#ffffff" fo:background-color="transparent"'}  # fmt: skip
    styles = "".join(
        f'<style:style style:name="{name}"><style:x xmlns:fo="f" {told}/></style:style>' for name, told in looks.items()
    )
    cells = [cell('value="5"', "float", "5", f' table:style-name="{name}"') for name in looks]
    rows = line(*cells) + line(ONE, cells[2], told=' table:default-cell-style-name="a"')
    (grid,) = grids.parse(ods(rows, styles=styles), "x.ods")
    assert grid.broken == {(1, 1): STRUCK, (1, 2): FAINT, (1, 5): FAINT, (2, 1): STRUCK}


def test_a_cell_that_is_crossed_out_or_in_a_font_of_signs_is_told_and_one_in_a_frame_is_not():
    thin, crossed = Side("thin"), {"A1": {"diagonalUp": True}, "B1": {"diagonalDown": True}, "C1": {}}
    fonts = {"D1": ("Wingdings 2", SIGNS), "E1": ("Symbol", SIGNS), "F1": ("Segoe UI Symbol", None), "G1": ("Calibri", None)}  # fmt: skip

    def drawn(sheet):
        for place, told in crossed.items():
            sheet[place], sheet[place].border = 5, Border(diagonal=thin, left=thin, **told)
        for place, (font, _) in fonts.items():
            sheet[place], sheet[place].font = "x", Font(name=font)
        sheet["H1"], sheet["H1"].border = 5, Border(diagonalUp=True)
        sheet["I1"] = CellRichText("2", TextBlock(InlineFont(rFont="Webdings"), "3"))

    told = {(1, 1): STRUCK, (1, 2): STRUCK} | {(1, n): why for n, (_, why) in enumerate(fonts.values(), 4) if why}
    assert grids.parse(xlsx(drawn), "x.xlsx")[0].broken == told | {(1, 9): SIGNS}
    inline = '<row><c t="inlineStr"><is><r><rPr><rFont val="Wingdings"/></rPr><t>3</t></r></is></c></row>'
    assert excel_sheet.scan(f"<worksheet>{inline}</worksheet>".encode(), "x", {})[1] == {(1, 1): SIGNS}
    looks = [('style:diagonal-bl-tr="0.06pt solid #000000"', STRUCK), ('style:diagonal-tl-br="none"', ""), ('style:diagonal-tl-br="1pt solid #000000"', STRUCK),
             ('style:font-name="Wingdings"', SIGNS), ("fo:font-family=\"'ZapfDingbats'\"", SIGNS), ('style:font-name="Liberation Sans"', "")]  # fmt: skip
    styles = "".join(of_style(f"s{n}", look) for n, (look, _) in enumerate(looks))
    cells = [cell('value="5"', "float", "5", f' table:style-name="s{n}"') for n in range(len(looks))]
    (grid,) = grids.parse(ods(line(*cells), styles=styles), "x.ods")
    assert grid.broken == {(1, n): why for n, (_, why) in enumerate(looks, 1) if why}


@pytest.mark.parametrize(("part", "old", "new"), [
    ("_rels/.rels", "workbook.xml", "workbook2.xml"), ("xl/_rels/workbook.xml.rels", "styles.xml", "styles2.xml"), ("xl/_rels/workbook.xml.rels", "theme1.xml", "theme2.xml"),
    ("[Content_Types].xml", "</Types>", '<Override PartName="/xl/b.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'),
    ("[Content_Types].xml", "<Types", "<"),
])  # fmt: skip
def test_a_workbook_whose_parts_are_called_otherwise_is_damaged_as_another_may_lie_beside(part, old, new):
    parts = archive.unpack(xlsx(put(A1=1)))
    changed_part = parts[part].replace(old.encode(), new.encode())
    assert changed_part != parts[part]
    with pytest.raises(DataError, match="is a damaged workbook"):
        grids.parse(archive.repack(parts | {part: changed_part}).getvalue(), "x.xlsx")


def test_a_look_that_is_silent_is_that_of_the_style_it_builds_on():
    parts = archive.unpack(xlsx(put(A1=100)))
    above = '<cellStyleXfs><xf numFmtId="164" fontId="1"/></cellStyleXfs><cellXfs><xf{}/></cellXfs>'
    styles = f'<styleSheet {MAIN}><numFmts><numFmt numFmtId="164" formatCode="{{}}"/></numFmts><fonts><font/><font>{{}}</font></fonts>{above}</styleSheet>'
    for form, font, own, told in (
        ("&quot;9&quot;0", "", "", "shows other than by its digits"), ("&quot;9&quot;0", "", ' numFmtId="0"', ""), ("0", "<strike/>", "", "struck through"),
        ("0", "<strike/>", ' fontId="0"', ""), ("0", "<strike/>", ' xfId="7"', ""),
    ):  # fmt: skip
        parts["xl/styles.xml"] = styles.format(form, font, own).encode()
        broken = grids.parse(archive.repack(parts).getvalue(), "x.xlsx")[0].broken
        assert (told in broken[1, 1]) if told else broken == {}, (form, font, own)


def test_formulas_of_a_workbook_that_computes_with_the_day_or_with_chance_are_told():
    parts = archive.unpack(xlsx(put(A1=1)))
    row = "<row><c><f>{}</f><v>2026</v></c><c><f>A1+1</f><v>2027</v></c><c><v>5</v></c></row>"
    names = '<definedNames><definedName name="x">TODAY()</definedName></definedNames></workbook>'
    for formula, name, told in (
        ("YEAR(TODAY())", False, True), ("now()", False, True), ("RANDBETWEEN(1,2)", False, True), ("_xlfn.WEBSERVICE(A9)", False, True), ("RTD(A9,,B9)", False, True),
        ("_xlfn.STOCKHISTORY(A9,1)", False, True), ("CUBEVALUE(A9,B9)", False, True), ("YEAR(x)", True, True), ("SUM(C1:C2)", False, False),
        ("MYTODAY(1)", False, False),
    ):  # fmt: skip
        kept = dict(parts)
        kept["xl/worksheets/sheet1.xml"] = (
            f"<worksheet {MAIN}><sheetData>{row.format(formula)}</sheetData></worksheet>".encode()
        )
        book = kept["xl/workbook.xml"].replace(b' fullCalcOnLoad="1"', b"")
        kept["xl/workbook.xml"] = book.replace(b"</workbook>", names.encode()) if name else book
        broken = grids.parse(archive.repack(kept).getvalue(), "x.xlsx")[0].broken
        at = VOLATILE.format("" if name else " (S0!A1)")
        assert broken == ({(1, 1): at, (1, 2): at} if told else {}), formula
        cells = [cell('value="2026"', "float", "2026", f' table:formula="of:={one}"') for one in (formula, "[.A1]+1")]
        broken = grids.parse(ods(line(*cells, ONE)), "x.ods")[0].broken
        at = VOLATILE.format("")
        assert broken == ({(1, 1): at, (1, 2): at} if told and not name else {}), formula


def test_a_workbook_that_is_refreshed_when_it_is_opened_is_refused():
    parts = archive.unpack(xlsx(put(A1=1)))
    for told, refused in (('refreshOnLoad="1"', True), ("refreshOnLoad='true'", True), ('refreshOnLoad = "1"', True), ('refreshOnLoad="&#49;"', True),
                          ('refreshOnLoad="0"', False)):  # fmt: skip
        raw = archive.repack(
            parts | {"xl/pivotCache/c1.xml": f'<pivotCacheDefinition a="b" {told}/>'.encode()}
        ).getvalue()
        if refused:
            with pytest.raises(DataError, match="is refreshed when it is opened"):
                grids.parse(raw, "x.xlsx")
        else:
            assert grids.parse(raw, "x.xlsx")


def test_what_is_repeated_until_its_cell_is_full_is_told():
    def drawn(sheet):
        for place, how in (("A1", "fill"), ("B1", "right")):
            sheet[place], sheet[place].alignment = 12, Alignment(horizontal=how)

    assert grids.parse(xlsx(drawn), "x.xlsx")[0].broken == {(1, 1): REPEATED}
    styles = "".join(of_style(name, f'style:repeat-content="{told}"') for name, told in (("a", "true"), ("b", "false")))
    cells = [cell('value="5"', "float", "5", f' table:style-name="{name}"') for name in "ab"]
    assert grids.parse(ods(line(*cells), styles=styles), "x.ods")[0].broken == {(1, 1): REPEATED}


def test_what_stands_before_the_first_cell_of_a_frozen_sheet_is_hidden():
    view = "<sheetViews><sheetView{}><pane state='{}' topLeftCell='D4'/></sheetView></sheetViews>"
    cells = "<row><c><v>1</v></c></row>"
    for corner, state, hidden in (
        (" topLeftCell='B3'", "frozen", {("row", 1), ("row", 2), ("column", 1)}), (" topLeftCell='A2'", "frozenSplit", {("row", 1)}),
        (" topLeftCell='B3'", "split", set()), ("", "frozen", set()), (" topLeftCell='A1'", "frozen", set()),
    ):  # fmt: skip
        assert scan(view.format(corner, state) + cells)[2] == hidden


@pytest.mark.parametrize("cells", [
    "<c><v>1</v><is><t>2</t></is></c>", '<x:c xmlns:x="urn:x"><v>1</v></x:c>', '<c xmlns="urn:x"><v>1</v></c>', '<c><x:v xmlns:x="urn:x">1</x:v></c>',
])  # fmt: skip
def test_a_cell_that_readers_may_take_in_two_ways_is_damaged(cells):
    with pytest.raises(DataError, match="is a damaged workbook"):
        scan(f"<row>{cells}</row>")
    with pytest.raises(DataError, match="is a damaged workbook"):
        excel_sheet.scan(b"<x:row xmlns:x='x' xmlns:y='y'><y:c><y:v>1</y:v></y:c></x:row>", "x", {})


def test_the_format_of_texts_is_asked_for_texts_alone():
    cells = '<c t="b" s="1"><v>1</v></c><c t="s" s="1"/><c t="str" s="1"><v>a</v></c><c t="inlineStr" s="1"><is><t>a</t></is></c>'
    assert excel_sheet.scan(f"<worksheet><row>{cells}</row></worksheet>".encode(), "x", {("1", "@"): "odd"})[1] == {
        (1, 3): "odd",
        (1, 4): "odd",
    }


def test_a_fill_that_names_no_colour_is_black_where_it_is_one():
    palette = colours.Palette({}, ElementTree.fromstring("<s/>"))
    for pattern, fills in (("solid", ("000000",)), ("none", ("ffffff",)), ("gray125", ("000000", "ffffff"))):
        assert palette.fills(ElementTree.fromstring(f"<fill><patternFill patternType='{pattern}'/></fill>")) == fills


def test_a_raised_figure_touches_the_text_before_its_run_and_a_unit_has_twenty_letters():
    run = '<r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r>'
    for before, told in (("5", {(1, 1): RAISED}), ("5 kr. ", {}), ("x", {})):
        cells = f'<c t="inlineStr"><is><t xml:space="preserve">{before}</t>{run}</is></c>'
        assert excel_sheet.scan(f"<worksheet><row>{cells}</row></worksheet>".encode(), "x", {})[1] == told, before
    assert formats.parted(f"5 {'a' * 20}") == ("5", "a" * 20) and formats.parted(f"5 {'a' * 21}") == (
        f"5 {'a' * 21}",
        "",
    )


def test_a_hint_before_the_cells_is_told_too():
    link = "<hyperlinks><hyperlink ref='A1' tooltip='x'/><hyperlink ref='B1' tooltip='y'/></hyperlinks>"
    parts = archive.unpack(drawing())
    parts["xl/worksheets/sheet1.xml"] = (
        f"<worksheet {MAIN}>{link}<sheetData><row><c><v>1</v></c></row></sheetData></worksheet>".encode()
    )
    assert beside_of(archive.repack(parts).getvalue()) == (("hint", "x"), ("hint", "y"))


def data_style(kind, inner, map_=""):
    return f'<number:{kind}-style style:name="N1" xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0">{inner}{map_}</number:{kind}-style>'


@pytest.mark.parametrize(("kind", "inner", "shown", "told"), [
    ("number", "<number:number/>", "100", ""), ("number", "<number:text>9</number:text><number:number/>", "100", "other than by its digits"),
    ("number", "", "100", "other than by its digits"), ("percentage", "<number:number/><number:text>%</number:text>", "100", "a percentage"),
    ("date", "<number:year/>", "100", "other than by its digits"), ("number", "<number:number/><number:text> mio.</number:text>", "", "with the unit 'mio.'"),
    ("number", "<number:number/><number:text> mio.</number:text>", "100 mio.", "with the unit 'mio.'"), ("text", "<number:text-content/>", "100", ""),
    ("currency", "<number:number/><number:text> </number:text><number:currency-symbol>kr.</number:currency-symbol>", "100 kr.", "with the unit 'kr.'"),
    ("number", "<number:text>-</number:text><number:number/>", "100", "other than by its digits"),
    ("number", "<number:text>(</number:text><number:number/><number:text>)</number:text>", "100", "other than by its digits"), ("number", "<number:fraction/>", "100", "other than by its digits"), ("number", "<number:scientific-number/>", "100", "other than by its digits"),
])  # fmt: skip
def test_a_number_of_an_opendocument_sheet_is_held_to_its_format_too(kind, inner, shown, told):
    styled = of_style("ce1").replace("><", ' style:data-style-name="N1"><', 1)
    for styles in (
        data_style(kind, inner),
        data_style("number", "<number:number/>", '<style:map style:apply-style-name="N9"/>')
        + data_style(kind, inner).replace("N1", "N9"),
    ):
        styles = f"<office:automatic-styles>{styles}</office:automatic-styles>{styled}"
        number = cell('value="100"', "float", shown, ' table:style-name="ce1"')
        (grid,) = grids.parse(
            ods(line(number, cell('value=""', "string", "x", ' table:style-name="ce1"')), styles=styles), "x.ods"
        )
        assert (told in grid.broken[1, 1] and (1, 2) not in grid.broken) if told else grid.broken == {}, styles
        assert not told or grid.broken.keys() == {(1, 1)}
    default = styled.replace('"ce1"', '"Default"')
    (grid,) = grids.parse(
        ods(
            line(number),
            styles=f"<office:automatic-styles>{data_style(kind, inner)}</office:automatic-styles>{default}",
        ),
        "x.ods",
    )
    assert bool(grid.broken) == bool(told)


def test_a_text_of_an_opendocument_cell_that_is_said_twice_otherwise_is_told():
    texts = [
        cell(f'string-value="{said}"', "string", shown) for said, shown in (("A", "B"), ("A  b", "A b"), ("5", "99"))
    ]
    assert [place for _, place in grids.parse(ods(line(*texts)), "x.ods")[0].broken] == [1, 3]
    (told,) = grids.parse(ods(line(cell(f'string-value="{"a" * 50}"', "string", "b" * 50))), "x.ods")[0].broken.values()
    assert told == f"{'a' * 40!r} shown as {'b' * 40!r}; write it anew"


def test_columns_of_a_folded_group_of_an_opendocument_sheet_are_hidden():
    column = "<table:table-column/>"
    for display, hidden in (("false", {("column", 2)}), ("true", set())):
        columns = (
            f'{column}<table:table-column-group table:display="{display}">{column}</table:table-column-group>{column}'
        )
        assert grids.parse(ods(columns + line(ONE, ONE)), "x.ods")[0].hidden == hidden


def test_labels_objects_and_threads_of_a_sheet_are_told():
    parts, rels = archive.unpack(drawing(saying("x"))), "xl/worksheets/_rels/sheet1.xml.rels"
    for kind, file, part, drawn, comments in (
        ("vmlDrawing", "v.vml", '<x><ClientData ObjectType="Label"/></x>', (("drawing", ""),), set()), ("vmlDrawing", "v.vml", '<x><ClientData ObjectType="Note"/></x>', (), set()),
        ("oleObject", "o.xml", "<x/>", (("drawing", ""),), set()),
        ("threadedComment", "t.xml", '<ThreadedComments xmlns="t"><threadedComment ref="B3"/></ThreadedComments>', (), {(3, 2)}),
    ):  # fmt: skip
        raw = archive.repack(
            parts | {rels: links(**{kind: file}).encode(), f"xl/worksheets/{file}": part.encode()}
        ).getvalue()
        (grid,) = grids.parse(raw, "x.xlsx")
        assert (grid.beside, grid.comments) == (drawn, comments), part


LIGHT = {"a": ("ffffff", "transparent"), "b": ("fefefe", "ffffff"), "c": ("e6e6e6", ""), "d": ("000000", "000000"), "e": ("000000", "0d0d0d"),
         "f": ("ffffff", "dce6f2"), "g": ("ffff00", ""), "h": ("001a50", "000000"), "i": ("808080", "7f7f7f"), "j": ("ff0000", "f50000")}  # fmt: skip
SEEN = {"k": ("808080", ""), "l": ("a6a6a6", ""), "m": ("d9d9d9", ""), "n": ("ffffff", "003366"), "o": ("ffffff", "4f81bd"), "p": ("ff0000", "808080"),
        "q": ("ff0000", ""), "r": ("0563c1", ""), "s": ("9c5700", "ffeb9c"), "t": ("9c0006", "ffc7ce"), "u": ("006100", "c6efce"), "v": ("ffffff", "70ad47"),
        "w": ("000000", "ffff00"), "x": ("000000", "404040"), "y": ("00b050", ""), "z": ("ffffff", "808080")}  # fmt: skip


def test_a_font_that_hardly_differs_from_its_cell_is_told_and_no_style_that_people_use():
    def styled(sheet):
        for name, (font, fill) in (LIGHT | SEEN).items():
            one = sheet[f"{name}1"]
            one.value, one.font = 5, Font(color=f"FF{font.upper()}")
            if len(fill) == 6:
                one.fill = PatternFill("solid", fgColor=f"FF{fill}")

    told = {(1, n): FAINT for n in range(1, len(LIGHT) + 1)}
    assert grids.parse(xlsx(styled), "x.xlsx")[0].broken == told
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table-cell"><style:x xmlns:fo="f" fo:color="#{font}"'
        + (f' fo:background-color="{"#" * (len(fill) == 6)}{fill}"' if fill else "") + "/></style:style>"
        for name, (font, fill) in (LIGHT | SEEN).items()
    )  # fmt: skip
    cells = [cell('value="5"', "float", "5", f' table:style-name="{name}"') for name in LIGHT | SEEN]
    assert grids.parse(ods(line(*cells), styles=styles), "x.ods")[0].broken == told


@pytest.mark.parametrize(("color", "told"), [
    ('theme="0" tint="-0.05"', True), ('theme="0" tint="-0.25"', False), ('theme="1" tint="0.95"', True), ('theme="1" tint="0.5"', False),
    ('theme="2"', True), ('theme="3"', False), ('theme="4" tint="0.8"', True), ('theme="4"', False), ('theme="99"', False), ('theme="99" tint="0.5"', False),
    ('indexed="26"', True), ('indexed="9"', True), ('indexed="65"', True), ('indexed="64"', False), ('indexed="8"', False), ('indexed="99"', False),
    ('rgb="00FFFFFF"', True), ('rgb="fffff0"', True), ('rgb="white"', False), ('auto="1"', False),
])  # fmt: skip
def test_a_colour_of_a_theme_or_a_list_is_looked_up_with_its_tint(color, told):
    parts = archive.unpack(xlsx(lambda sheet: sheet.__setitem__("A1", 5)))
    styles = re.sub(rb"<color [^>]*>", f"<color {color}/>".encode(), parts["xl/styles.xml"], count=1)
    raw = archive.repack(parts | {"xl/styles.xml": styles}).getvalue()
    assert grids.parse(raw, "x.xlsx")[0].broken == ({(1, 1): FAINT} if told else {})


# Excel's names for shades of its accents, as its own menu gives them in red, green and blue
@pytest.mark.parametrize(("color", "tint", "shade"), [
    ("4472c4", 0.8, "d9e1f2"), ("4472c4", 0.6, "b4c6e7"), ("4472c4", 0.4, "8ea9db"), ("4472c4", -0.25, "305496"), ("4472c4", -0.5, "203764"),
    ("70ad47", 0.4, "a9d08e"), ("70ad47", -0.5, "375623"), ("ffffff", -0.5, "808080"), ("000000", 0.5, "808080"),
])  # fmt: skip
def test_a_shade_is_excel_s_to_a_hundredth(color, tint, shade):
    palette = colours.Palette({}, ElementTree.fromstring("<s/>"))
    found = palette.color(ElementTree.Element("color", {"rgb": color, "tint": str(tint)}), None)
    assert max(abs(a - b) for a, b in zip(bytes.fromhex(found), bytes.fromhex(shade), strict=True)) <= 2


# on either side of the limits, by the light of a screen (IEC 61966-2-1) and the weights of red, green and blue
@pytest.mark.parametrize(("font", "fill", "unseen"), [
    ("d458bb", "bf2ce0", True), ("69da1c", "f6ba66", True), ("c19681", "f4a133", True), ("9f9899", "be54ed", False), ("7e940a", "d04fcb", True), ("659155", "e7390e", False),
])  # fmt: skip
def test_a_font_is_unseen_by_its_light_and_hue(font, fill, unseen):
    assert colours.is_unseen(font, (fill,)) == colours.is_unseen(fill, (font,)) == unseen


def test_a_part_of_a_colour_gives_the_light_that_the_standard_says():
    assert [round(colours.LINEAR[part], 6) for part in (0, 10, 11, 128, 255)] == [0, 0.003035, 0.003347, 0.215861, 1]


@pytest.mark.parametrize(("first", "condition", "mapped", "told"), [
    ("-", "value()&gt;=0", "", False), ("-", "value()&gt;=0", "-", True), ("", "value()&lt;0", "-", False), ("", " value() &lt; 0", "(", False),
    ("", "value()&gt;0", "-", True), ("", "", "-", True), ("-", "", "", False),
])  # fmt: skip
def test_a_sign_in_a_number_format_of_opendocument_is_that_of_numbers_below_nought_or_told(
    first, condition, mapped, told
):
    form = '<number:number-style xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" style:name="{}"><number:text>{}</number:text><number:number/>{}</number:number-style>'
    maps = f'<style:map style:condition="{condition}" style:apply-style-name="N1P0"/>'
    styled = of_style("ce1").replace("><", ' style:data-style-name="N1"><', 1)
    styles = form.format("N1", first, maps) + form.format("N1P0", mapped, "") + styled
    number = cell('value="5200"', "float", "5200", ' table:style-name="ce1"')
    (grid,) = grids.parse(
        ods(line(number), styles=f"<office:automatic-styles>{styles}</office:automatic-styles>"), "x.ods"
    )
    assert bool(grid.broken) == told


def test_what_most_cells_build_on_is_looked_at_and_so_many_styles_are(monkeypatch):
    inner = '<style:style-properties style:text-line-through-style="solid"/>'
    default = f'<office:styles><style:default-style style:family="{{}}">{inner}</style:default-style></office:styles>'
    for family, told in (("table-cell", {(1, 1): STRUCK}), ("graphic", {})):
        one = cell('value="5"', "float", "5", ' table:style-name="ce1"')
        parts = archive.unpack(ods(line(one), styles=of_style("ce1")))
        parts["styles.xml"] = f"<x {SPACES}>{default.format(family)}</x>".encode()
        assert grids.parse(zipped(parts), "x.ods")[0].broken == told
    for deep, fits in ((100, True), (101, False)):
        chain = "".join(of_style(f"s{n}", above=f"s{n + 1}") for n in range(deep - 1)) + of_style(f"s{deep - 1}")
        raw = ods(line(cell('value="5"', "float", "5", ' table:style-name="s0"')), styles=chain)
        if fits:
            assert grids.parse(raw, "x.ods")
        else:
            with pytest.raises(DataError, match="styles that build on each other without end"):
                grids.parse(raw, "x.ods")
    maps = [f'<style:map style:apply-style-name="s{n}"/>' for n in range(51)]
    assert grids.parse(
        ods(line(ONE), styles=of_style("a").replace("</style:style>", "".join(maps[:50]) + "</style:style>")), "x.ods"
    )
    with pytest.raises(DataError, match="formats of cells"):
        grids.parse(
            ods(line(ONE), styles=of_style("a").replace("</style:style>", "".join(maps) + "</style:style>")), "x.ods"
        )


def test_a_condition_over_rows_that_are_repeated_is_told_in_each():
    broken = grids.parse(conditioned(by("struck", "S0.A1:S0.C9"), rows=3), "x.ods")[0].broken
    assert {*broken} == {(row, column) for row in (1, 2, 3) for column in (1, 2, 3)}


def test_a_condition_is_held_against_the_look_of_each_row():
    parts = archive.unpack(
        conditioned(by("white", "S0.A1:S0.A2"), looks=("ce2",))
    )  # white on blue, then black on white
    second = line(cell('value="5"', "float", "5", ' table:style-name="ce1"'))
    parts["content.xml"] = parts["content.xml"].replace(
        b"</table:table-row>", f"</table:table-row>{second}".encode(), 1
    )
    assert {*grids.parse(zipped(parts), "x.ods")[0].broken} == {(2, 1)}


def test_formats_by_condition_and_their_ranges_count_one_each(monkeypatch):
    assert len([*conditions.ranges("A1 B2", Left(beside=2))]) == 2
    with pytest.raises(DataError, match="has more beside its cells than is read"):
        [*conditions.ranges("A1 B2", Left(beside=1))]
    monkeypatch.setattr(conditions, "MOST_FORMATS", 1)
    bold, two = "<dxf><font><b/></font></dxf>", over("A1", '<cfRule dxfId="0"/><cfRule dxfId="1"/>')
    assert told_of(ruled(over("A1"), bold)) == []
    with pytest.raises(DataError, match="has more beside its cells than is read"):
        grids.parse(ruled(two, bold * 2), "x.xlsx")


def test_formats_by_condition_are_looked_at_as_far_as_is_allowed():
    cells, rules = {1: {}, 4: {2: "0", 4: "0"}}, [("f", "B2:D4"), ("f", "A9"), ("f", "F1")]
    for is_odd, costs, found in ((False, 20, []), (True, 20 + 9, [(4, 2), (4, 4)])):  # of those beyond the cells none
        for less in (0, 1):
            some = conditions.Conditions(lambda *_, odd=is_odd: odd, Left())
            some.work = costs - less
            if less:
                with pytest.raises(DataError, match="has more beside its cells than is read"):
                    some.broken(rules, cells)
            else:
                assert some.broken(rules, cells) == found and some.work == 0


def test_the_colours_of_a_workbook_are_its_own_and_those_of_excel_where_it_has_none():
    def color(rest="", theme=None, told='theme="0"'):
        parts = {"xl/theme/theme1.xml": theme} if theme else {}
        palette = colours.Palette(parts, ElementTree.fromstring(f"<s>{rest}</s>"))
        return palette.color(ElementTree.fromstring(f"<c {told}/>"), None)

    scheme = (
        b"<t><clrScheme><dk1><x lastClr='111111' val='windowText'/></dk1><lt1><x val='222222'/></lt1></clrScheme></t>"
    )
    assert [color(told=f'theme="{n}"') for n in (0, 1, 2)] == ["ffffff", "000000", None]
    assert [color(theme=scheme, told=f'theme="{n}"') for n in (0, 1)] == ["222222", "111111"]
    own = "<colors><indexedColors><rgbColor rgb='FF333333'/></indexedColors></colors>"
    assert [color(own, told=f'indexed="{n}"') for n in (0, 1)] == ["333333", "ffffff"]


@pytest.mark.parametrize(("fill", "told"), [
    ('<patternFill patternType="gray125"/>', False), ('<patternFill patternType="gray125"><fgColor rgb="FFFFFFFF"/></patternFill>', True),
    ('<patternFill patternType="gray125"><fgColor rgb="FFFFFFFF"/><bgColor rgb="FF003366"/></patternFill>', False),
    ('<gradientFill><stop><color rgb="FFFFFFFF"/></stop><stop><color rgb="FFEEEEEE"/></stop></gradientFill>', True),
    ('<gradientFill><stop><color rgb="FFFFFFFF"/></stop><stop><color rgb="FF003366"/></stop></gradientFill>', False),
    ('<patternFill patternType="solid"/>', False), ("<patternFill><fgColor rgb='FF003366'/></patternFill>", True),
])  # fmt: skip
def test_what_stands_on_several_colours_is_told_where_it_differs_from_none(fill, told):
    styles = f"<s><fonts><font><color rgb='FFFFFFFF'/></font></fonts><fills><fill>{fill}</fill></fills><cellXfs><xf/></cellXfs></s>"
    assert Looks({"xl/styles.xml": styles.encode()}).unseen() == ({("0", ""): FAINT} if told else {})


def test_what_is_too_small_to_be_read_is_told_as_what_is_not_seen():
    def sized(sheet):
        for at, size in enumerate((1, 2.9, 3, 8), start=1):
            sheet.cell(1, at, 5).font = Font(size=size)

    assert grids.parse(xlsx(sized), "x.xlsx")[0].broken == {(1, 1): TINY, (1, 2): TINY}
    sizes = ("1pt", "2.9pt", "3pt", "8pt", "1mm", "2mm", "58%")
    styles = "".join(of_style(f"s{n}", f'fo:font-size="{size}"') for n, size in enumerate(sizes))
    cells = [cell('value="5"', "float", "5", f' table:style-name="s{n}"') for n in range(len(sizes))]
    (grid,) = grids.parse(ods(line(*cells), styles=styles), "x.ods")
    assert grid.broken == dict.fromkeys(((1, 1), (1, 2), (1, 5)), TINY)


def test_a_text_of_which_a_part_is_too_small_to_be_read_is_told():
    run = "<r><rPr><sz val='{}'/></rPr><t>1</t></r><r><t>20</t></r>"
    for size, told in (("1", {(1, 1): TINY}), ("2.9", {(1, 1): TINY}), ("3", {}), ("11", {})):
        assert scan(f'<row><c t="inlineStr"><is>{run.format(size)}</is></c><c><v>1</v></c></row>')[1] == told
        parts = archive.unpack(sharing(["a"], 0))
        parts["xl/sharedStrings.xml"] = f"<sst {MAIN}><si>{run.format(size)}</si></sst>".encode()
        kinds = parts["[Content_Types].xml"].replace(b"</Types>", SHARED + b"</Types>")
        raw = archive.repack(parts | {"[Content_Types].xml": kinds}).getvalue()
        assert grids.parse(raw, "x.xlsx")[0].broken == told
    styles = of_style("T1", 'fo:font-size="1pt"', family="text")
    text = cell('value=""', "string", '1<text:span text:style-name="T1">20</text:span>')
    assert grids.parse(ods(line(text), styles=styles), "x.ods")[0].broken == {(1, 1): TINY}


def test_a_fill_without_end_and_fonts_that_no_cell_has_take_no_time():
    stops = "".join(f"<stop><color rgb='FF{0xFFFFFF - n % 99:06x}'/></stop>" for n in range(20_000))
    fonts = "".join(f"<font><color rgb='FFFFFF{n % 256:02x}'/></font>" for n in range(200))
    looks = "".join(f"<xf fontId='{n}'/>" for n in range(200))
    styles = f"<s><fonts>{fonts}</fonts><fills><fill><gradientFill>{stops}</gradientFill></fill></fills><cellXfs>{looks}</cellXfs></s>"
    began = time.process_time()
    assert Looks({"xl/styles.xml": styles.encode()}).unseen()["199", ""] == FAINT
    assert time.process_time() - began < 2


def test_comments_of_a_sheet_are_found_where_it_names_them():
    def noted(*places):
        def change(sheet):
            for place in places:
                sheet[place].comment = Comment("x", "y")
            sheet["A1"] = 1

        return change

    raw = xlsx(noted("B1", "C7"), noted(), noted("AA3"))
    found = [{(1, 2), (7, 3)}, set(), {(3, 27)}]
    assert [grid.comments for grid in grids.parse(raw, "x.xlsx")] == found
    links = "xl/worksheets/_rels/sheet1.xml.rels"
    parts = archive.unpack(raw)
    assert b'Target="/xl/comments/comment1.xml"' in parts[links]
    for target in ("../comments/comment1.xml", "/xl/worksheets/../comments/comment1.xml"):
        told = parts[links].replace(b"/xl/comments/comment1.xml", target.encode())
        assert grids.parse(archive.repack(parts | {links: told}).getvalue(), "x.xlsx")[0].comments == found[0]
    for gone in (b"/xl/comments/none.xml", b"../../../x.xml"):
        told = parts[links].replace(b"/xl/comments/comment1.xml", gone)
        assert beside.Linked(parts | {links: told}).comments("xl/worksheets/sheet1.xml") == set()
    for at, seen in (
        ("GR1", {(1, 200)}),
        ("GS1", set()),
        ("A50000", {(50_000, 1)}),
        ("A50001", set()),
    ):  # the last that is read
        part = f'<comments xmlns="c"><commentList><comment ref="{at}"/></commentList></comments>'.encode()
        assert beside.Linked(parts | {"xl/comments/comment1.xml": part}).comments("xl/worksheets/sheet1.xml") == seen
    note = "<office:annotation><text:p>x</text:p></office:annotation>"
    noted = cell('value="1"', "float", "1", repeated("columns", 2)).replace("<text:p>", f"{note}<text:p>")
    empty = f"<table:table-cell{repeated('columns', 10**12)}>{note}</table:table-cell>"
    (grid,) = grids.parse(ods(line(ONE, noted, told=repeated("rows", 2)) + line(empty)), "x.ods")
    assert grid.comments == {(1, 2), (1, 3), (2, 2), (2, 3)}


def test_comments_that_many_sheets_share_are_looked_through_once(monkeypatch):
    def noted(sheet):
        sheet["A1"], sheet["A1"].comment = 1, Comment("x", "y")

    parts = archive.unpack(xlsx(*[noted] * 30))
    links = parts["xl/worksheets/_rels/sheet1.xml.rels"]
    many = b"".join(b'<comment ref="B%d"/>' % n for n in range(1, 100_000))
    parts |= {name: links for name in parts if name.startswith("xl/worksheets/_rels/")}
    parts["xl/comments/comment1.xml"] = b"<comments xmlns='x'><commentList>" + many + b"</commentList></comments>"
    began = time.process_time()
    assert len(grids.parse(archive.repack(parts).getvalue(), "x.xlsx")[29].comments) == 50_000
    assert time.process_time() - began < 3


def test_a_number_that_its_format_writes_in_white_is_told():
    for form, signs in (
        ("[White]0", "+-"),
        ("0;[white]-0", "+-"),
        ("[Color2]0;-0", "+-"),
        ("[Red]0", ""),
        ("[Color22]0", ""),
    ):
        assert "".join(sign for sign in "+-0" if formats.otherwise(form, sign) == FAINT) == signs


def of_style(name, told="", above="", family="table-cell"):
    parent = f' style:parent-style-name="{above}"' if above else ""
    return (
        f'<style:style style:name="{name}" style:family="{family}"{parent}><style:x xmlns:fo="f" {told}/></style:style>'
    )


def test_a_style_of_an_opendocument_cell_is_that_of_its_row_its_column_or_the_sheet_with_what_it_builds_on():
    named = (
        of_style("child", above="white")
        + of_style("white", 'fo:color="#ffffff"')
        + of_style("Default", 'style:text-line-through-style="solid"')
    )
    styles = of_style("own", 'fo:background-color="#003366"', "child") + of_style("ce", "", "child") + of_style("plain")
    styles += of_style("auto", 'style:use-window-font-color="true"', "white")
    columns = f'<table:table-column table:default-cell-style-name="ce"{repeated("columns", 2)}/><table:table-column table:default-cell-style-name="plain"/>'
    fives = cell('value="5"', "float", "5", repeated("columns", 4))
    rows = line(fives) + line(fives, told=' table:default-cell-style-name="plain"')
    rows += line(
        *(cell('value="5"', "float", "5", f' table:style-name="{name}"') for name in ("own", "ce", "auto", "none"))
    )
    parts = archive.unpack(ods(columns + rows, styles=styles))
    parts["styles.xml"] = f"<x {SPACES}><office:styles>{named}</office:styles></x>".encode()
    (grid,) = grids.parse(zipped(parts), "x.ods")
    assert grid.broken == {(1, 1): FAINT, (1, 2): FAINT, (1, 4): STRUCK, (3, 2): FAINT, (3, 4): STRUCK}


def test_a_part_of_a_text_that_is_not_seen_is_told_and_a_remark_beside_it_is_not():
    styles = of_style("T1", 'fo:color="#ffffff"', family="text") + of_style(
        "P1", 'fo:color="#ffffff"', family="paragraph"
    )
    styles += of_style("T2", 'fo:color="#ffffff" fo:background-color="#003366"', family="text")
    span = '1<text:span text:style-name="{}">20</text:span>'
    note = '<office:annotation><text:p text:style-name="P1">x</text:p></office:annotation>'
    cells = [cell('value=""', "string", span.format(name)) for name in ("T1", "T2", "T3")]
    cells.append(cell('value=""', "string", "1").replace("<text:p>", f'{note}<text:p text:style-name="P2">'))
    cells.append(cell('value=""', "string", "1").replace("<text:p>", '<text:p text:style-name="P1">'))
    assert grids.parse(ods(line(*cells), styles=styles), "x.ods")[0].broken == {(1, 1): FAINT, (1, 5): FAINT}


def test_styles_that_build_on_each_other_without_end_are_damaged():
    for styles in (
        of_style("a", above="b") + of_style("b", above="a"),
        "".join(of_style(f"s{n}", above=f"s{n + 1}") for n in range(200)),
    ):
        name = "a" if 'name="a"' in styles else "s0"
        with pytest.raises(DataError, match="styles that build on each other without end"):
            grids.parse(
                ods(line(cell('value="5"', "float", "5", f' table:style-name="{name}"')), styles=styles), "x.ods"
            )


def test_a_workbook_has_several_times_the_formats_of_cells_that_a_large_one_has():
    for more, fits in ((0, True), (1, False)):
        styles = f"<styleSheet {MAIN}><cellXfs>{'<xf/>' * (16_000 + more)}</cellXfs></styleSheet>"
        raw = changed({"xl/styles.xml": styles})
        named = "".join(f'<style:style style:name="s{n}"/>' for n in range(16_000 + more))
        for book, name in ((raw, "x.xlsx"), (ods(line(ONE), styles=named), "x.ods")):
            if fits:
                assert grids.parse(book, name)
            else:
                with pytest.raises(DataError, match="has more than 16000 formats of cells; copy the table"):
                    grids.parse(book, name)


# Beside the cells

REL = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
OF_XML = " ".join(f'xmlns:{p}="{p}"' for p in ("a", "c", "r", "xdr", "mc"))


def links(**to):
    """Return the links of a part, by their kind: the target of each."""
    told = "".join(f'<Relationship Id="r{n}" Type="http://x/{kind}" Target="{to[kind]}"/>' for n, kind in enumerate(to))
    return f"<Relationships {REL}>{told}</Relationships>"


def saying(*paragraphs, kind="sp"):
    """Return a shape of Excel with a text."""
    told = "".join(f"<a:p><a:r><a:t>{one}</a:t></a:r></a:p>" for one in paragraphs)
    return f"<xdr:twoCellAnchor><xdr:{kind}><xdr:txBody>{told}</xdr:txBody></xdr:{kind}></xdr:twoCellAnchor>"


CHART = '<xdr:graphicFrame><c:chart r:id="r0"/></xdr:graphicFrame>'


def drawing(*shapes, chart="../charts/chart1.xml", title="", sheet=""):
    """Return a workbook with these shapes on its sheet, a chart among them if they name it, and more in the sheet."""
    return changed({
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData><row><c><v>1</v></c></row></sheetData>{sheet}</worksheet>",
        "xl/worksheets/_rels/sheet1.xml.rels": links(drawing="../drawings/drawing1.xml"),
        "xl/drawings/drawing1.xml": f"<xdr:wsDr {OF_XML}>{''.join(shapes)}</xdr:wsDr>",
        "xl/drawings/_rels/drawing1.xml.rels": links(chart=chart),
        "xl/charts/chart1.xml": f"<c:chartSpace {OF_XML}><c:chart>{title}</c:chart></c:chartSpace>",
    })  # fmt: skip


def beside_of(raw, name="x.xlsx"):
    return grids.parse(raw, name)[0].beside


def test_what_is_drawn_on_a_sheet_of_excel_is_told_with_its_text():
    title = "<c:title><c:tx><c:rich><a:p><a:r><a:t>Udgifter</a:t></a:r><a:r><a:t> i alt</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    cached = "<c:title><c:tx><c:strRef><c:f>A1</c:f><c:strCache><c:pt><c:v>Udgifter</c:v></c:pt></c:strCache></c:strRef></c:tx></c:title>"
    two, group = saying("Alle tal er", "i 1.000 kr."), f"<xdr:grpSp>{saying('a')}<xdr:pic/></xdr:grpSp>"
    assert beside_of(drawing(two, saying(), saying(kind="cxnSp"))) == (
        ("text box", "Alle tal er i 1.000 kr."),
        *[("drawing", "")] * 2,
    )
    assert beside_of(drawing(group, CHOICE.format(saying("b"), ""))) == (("text box", "a"), ("picture", ""), ("text box", "b"))  # fmt: skip
    for held, says in ((title, "Udgifter i alt"), (cached, "Udgifter"), ("", "")):
        assert beside_of(drawing(CHART, title=held)) == (("chart", says),)
    for gone in ("", "../charts/none.xml", "../drawings/_rels/drawing1.xml.rels"):
        assert beside_of(drawing(CHART, chart=gone, title=title)) == (("chart", ""),)
    assert beside_of(drawing("<")) == beside_of(xlsx(put(A1=1))) == ()  # a drawing that is damaged is not shown
    parts = archive.unpack(drawing(saying("x")))
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = links(image="../media/image1.png").encode()
    assert beside_of(archive.repack(parts).getvalue()) == (("picture", ""),)  # behind the cells
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = links(drawing="../drawings/drawing1.xml", comments="none").replace("r1", "r0").encode()  # fmt: skip
    assert beside_of(archive.repack(parts).getvalue()) == (("text box", "x"),)


def test_a_sheet_has_at_most_fifty_texts_beside_it_of_500_characters_and_a_drawing_is_looked_through_once():
    assert beside_of(drawing(*[saying("a" * 600)] * 60)) == (("text box", "a" * 500),) * 50
    assert (
        len(beside_of(drawing(*[saying("a")] * 60, sheet="<headerFooter><oddHeader>b</oddHeader></headerFooter>")))
        == 50
    )
    many = [f"<xdr:sp>{'<a:p/>' * 40_000}</xdr:sp>", "<xdr:sp>" * 40_000 + "</xdr:sp>" * 40_000, *[CHART] * 40]
    parts = archive.unpack(xlsx(*[put(A1=1)] * 50))
    parts |= archive.unpack(drawing(*many, title="<a:p/>" * 40_000)) | {
        f"xl/worksheets/sheet{n}.xml": parts[f"xl/worksheets/sheet{n}.xml"] for n in range(1, 51)}  # fmt: skip
    parts = {name: part for name, part in parts.items() if not name.startswith(("xl/workbook", "xl/_rels", "[C"))}
    parts |= {
        name: part
        for name, part in archive.unpack(xlsx(*[put(A1=1)] * 50)).items()
        if name.startswith(("xl/workbook", "xl/_rels", "[C"))
    }
    told = parts["xl/worksheets/_rels/sheet1.xml.rels"]
    parts |= {f"xl/worksheets/_rels/sheet{n}.xml.rels": told for n in range(1, 51)}
    began = time.process_time()
    assert [len(grid.beside) for grid in grids.parse(archive.repack(parts).getvalue(), "x.xlsx")] == [42] * 50
    assert time.process_time() - began < 2


def test_headers_and_footers_of_excel_are_told_without_what_they_say_of_font_and_page():
    def headed(**told):
        told = "".join(f"<{kind}>{text}</{kind}>" for kind, text in told.items())
        return beside_of(drawing(sheet=f"<headerFooter differentFirst='1'>{told}</headerFooter>"))

    for text, says in (
        ('&amp;L&amp;"Arial,Fed"&amp;12Foreløbige tal&amp;R&amp;D', "Foreløbige tal"), ("&amp;C&amp;KFF0000R&amp;&amp;D", "R&D"),
        ("&amp;C&amp;K01+034Mio. kr.\n&amp;BUdkast", "Mio. kr. Udkast"), ("&amp;LA&amp;CB", "A B"), ("a" * 600, "a" * 500),
    ):  # fmt: skip
        assert headed(oddHeader=text) == (("header", says),)
    for text in ("", "&amp;P", "&amp;CSide &amp;P af &amp;N", "- &amp;P -", "&amp;A", "&amp;", "&amp;&quot;" * 100):
        assert headed(oddFooter=text) == ()
    assert headed(oddHeader="&amp;C&amp;G") == (("picture", ""),) and headed(oddHeader="&amp;&amp;G") == (
        ("header", "&G"),
    )
    assert headed(oddHeader="a", evenHeader="a", firstFooter="b", x="c") == (("header", "a"), ("footer", "b"))
    left = Left(beside=3, characters=1)
    xml = b"<w><sheetData/><headerFooter><oddHeader>a</oddHeader></headerFooter></w>"
    with pytest.raises(DataError, match="has more beside its cells"):
        excel_sheet.scan(xml, "x", {}, left=left)
    with pytest.raises(DataError, match="has more text in its cells"):
        excel_sheet.scan(xml, "x", {}, left=Left(characters=0))


DRAWN = 'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '


def test_what_is_drawn_on_an_opendocument_sheet_or_in_its_cells_is_told_with_its_text():
    p, picture = "<text:p>{}</text:p>", "<draw:frame><draw:image><text:p/></draw:image></draw:frame>"
    box = "<draw:frame><draw:text-box><text:p>Alle tal <text:span>er</text:span></text:p><text:p>i 1.000 kr.</text:p></draw:text-box></draw:frame>"
    shape, empty = f"<draw:custom-shape>{p.format('a')}</draw:custom-shape>", "<draw:line/>"
    chart = '<draw:frame><draw:object xlink:href="./{}"/><draw:image/></draw:frame>'
    note = f"<office:annotation>{p.format('no')}</office:annotation>"
    held = f"<table:table-cell>{note}{shape}</table:table-cell><table:covered-table-cell>{picture}</table:covered-table-cell>"
    rows = f"<table:shapes>{box}<draw:g>{shape}<draw:a>{picture}</draw:a></draw:g>{empty}{chart.format('O')}{chart.format('N')}</table:shapes>"
    rows += line(ONE, held)
    parts = archive.unpack(ods(rows, line(ONE)))
    parts["content.xml"] = parts["content.xml"].replace(
        b"<office:document-content ", b"<office:document-content " + DRAWN.encode()
    )
    parts["O/content.xml"] = (
        f'<x {SPACES} xmlns:chart="c"><chart:chart><chart:title>{p.format("Udgifter")}</chart:title></chart:chart></x>'.encode()
    )
    first, second = grids.parse(zipped(parts), "x.ods")
    assert first.beside == (("text box", "Alle tal er i 1.000 kr."), ("text box", "a"), ("picture", ""), ("drawing", ""), ("chart", "Udgifter"), ("chart", ""),
                            ("text box", "a"), ("picture", ""))  # fmt: skip
    assert second.beside == () and first.rows == [[1.0]]
    parts["content.xml"] = parts["content.xml"].replace(box.encode(), box.replace("Alle tal", "a" * 600).encode() * 60)
    assert grids.parse(zipped(parts), "x.ods")[0].beside == (("text box", "a" * 500),) * 50


def test_hints_of_cells_and_links_are_told_and_those_that_are_not_shown_are_not():
    rules = '<dataValidations><dataValidation {} promptTitle="Beløb" prompt="i mio. kr." sqref="A1"/></dataValidations>'
    link = '<hyperlinks><hyperlink ref="A1" {}/></hyperlinks>'
    for shown, tip, says in (
        ('showInputMessage="1"', "", ["Beløb i mio. kr."]), ("", "", []), ('showInputMessage="0"', 'tooltip=" "', []),
        ("", 'tooltip="Kun mænd"', ["Kun mænd"]), ('showInputMessage="true"', 'tooltip="b"', ["Beløb i mio. kr.", "b"]),
    ):  # fmt: skip
        told = beside_of(drawing(sheet=rules.format(shown) + link.format(tip)))
        assert told == tuple(("hint", one) for one in says), (shown, tip)
    help_ = '<table:content-validations><table:content-validation><table:help-message table:title="Beløb" table:display="{}"><text:p>i mio. kr.</text:p></table:help-message></table:content-validation></table:content-validations>'
    linked = cell('value="5"', "float", '<text:a office:title="Kun mænd">5</text:a>') + cell(
        'value="5"', "float", "<text:a>5</text:a>"
    )
    for display, says in (("true", [("hint", "Beløb i mio. kr.")]), ("false", [])):
        raw = ods(line(linked), styles=help_.format(display))
        assert grids.parse(raw, "x.ods")[0].beside == (*says, ("hint", "Kun mænd"))


def test_the_titles_of_the_axes_of_a_chart_are_told_with_its_own():
    says = "<c:title><c:tx><c:rich><a:p><a:r><a:t>{}</a:t></a:r></a:p></c:rich></c:tx></c:title>"
    axis = f"</c:chart><c:plotArea><c:valAx>{says.format('mio. kr.')}</c:valAx><c:catAx>{says.format('')}</c:catAx></c:plotArea><c:chart>"
    assert beside_of(drawing(CHART, title=says.format("Udgifter") + axis)) == (("chart", "Udgifter; mio. kr."),)
    assert beside_of(drawing(CHART, title=axis)) == (("chart", "mio. kr."),)


def test_headers_and_footers_of_the_page_of_an_opendocument_sheet_are_told_without_fields_and_pages():
    def page(name, header, footer, told=""):
        kinds = f"<style:header>{header}</style:header><style:footer{told}><text:p>{footer}</text:p></style:footer>"
        return f'<style:master-page style:name="{name}">{kinds}</style:master-page>'

    side = "Side <text:page-number>1</text:page-number> af <text:page-count>9<text:x>9</text:x></text:page-count>"
    regions = "<style:region-left><text:p>Foreløbige</text:p><text:p>tal</text:p></style:region-left><style:region-right><text:p>kr.</text:p></style:region-right>"
    told = page("Default", "<text:p><text:sheet-name>???</text:sheet-name></text:p>", side) + page("A", regions, side)
    told += page("B", "<text:p>x</text:p>", "y", ' style:display="false"')
    styles = "".join(
        f'<style:style style:name="t{n}" style:family="table" style:master-page-name="{n}"/>' for n in "ABC"
    )
    parts = archive.unpack(ods(*[line(ONE)] * 4, styles=styles))
    parts["styles.xml"] = f"<x {SPACES}><office:master-styles>{told}</office:master-styles></x>".encode()
    for n, name in enumerate("ABC"):
        parts["content.xml"] = parts["content.xml"].replace(b'"S%d"' % n, f'"S{n}" table:style-name="t{name}"'.encode())
    found = [grid.beside for grid in grids.parse(zipped(parts), "x.ods")]
    assert found == [(("header", "Foreløbige tal kr."),), (("header", "x"),), (), ()]
    parts["styles.xml"] = parts["styles.xml"].replace(b"???</text:sheet-name>", b"</text:sheet-name>Udkast")
    assert grids.parse(zipped(parts), "x.ods")[3].beside == (("header", "Udkast"),)


# Parts of a text


def written(text, look=0, styles=""):
    """Return what is odd about a text written in runs, as one that cells share and as that of one cell."""
    font = '<fonts><font><color rgb="FFFFFFFF"/></font><font/></fonts>'
    fill = '<fills><fill><patternFill/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF003366"/></patternFill></fill></fills>'
    looks = '<cellXfs><xf fontId="1"/><xf fillId="1"/><xf fontId="1" fillId="1"/></cellXfs>'
    found = []
    for held, kind in ((f"<is>{text}</is>", "inlineStr"), ("<v>0</v>", "s")):
        parts = archive.unpack(sharing(["a"], 0))
        row = f'<row><c t="{kind}" s="{look}">{held}</c><c t="inlineStr"><is><t>x</t></is></c></row>'
        parts |= {"xl/sharedStrings.xml": f"<sst {MAIN}><si>{text}</si></sst>".encode(),
                  "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{row}</sheetData></worksheet>".encode(),
                  "xl/styles.xml": f"<styleSheet {MAIN}>{font}{fill}{looks}</styleSheet>".encode(),
                  "[Content_Types].xml": parts["[Content_Types].xml"].replace(b"</Types>", SHARED + b"</Types>")}  # fmt: skip
        found.append(grids.parse(archive.repack(parts).getvalue(), "x.xlsx")[0].broken)
    assert found[0] == found[1] and found[0].keys() <= {(1, 1)}
    return found[0].get((1, 1))


def runs(*told):
    """Return runs, each of a text and what its font tells; one of a text alone has no font."""
    fonts = (one if isinstance(one, tuple) else (one, None) for one in told)
    return "".join(f"<r>{'' if font is None else f'<rPr>{font}</rPr>'}<t>{text}</t></r>" for text, font in fonts)


def test_a_part_of_a_text_of_excel_that_has_the_colour_of_its_cell_is_told():
    white, red, bold = '<color rgb="FFFFFFFF"/>', '<color rgb="FFFF0000"/>', "<b/>"
    for text, look, told in (
        (runs("100", ("0", white)), 0, FAINT), (runs("100", ("0", white)), 1, None), (runs(("100", red), ("0", '<color theme="0"/>')), 0, FAINT),
        (runs("100", ("0", '<color rgb="FF0A3A6A"/>')), 1, FAINT), (runs("100", ("0", red)), 0, None), (runs("100", ("0", bold)), 0, None),
        (runs("100", (" ", white)), 0, None), (runs("100", ("0", '<color auto="1"/>')), 0, None), (runs("100", ("0", '<color rgb="x"/>')), 0, None),
        ("<t>1</t>" + runs(("0", white)), 0, FAINT), (runs(("1", white), ("0", white)), 1, None),
    ):  # fmt: skip
        assert written(text, look) == told, text


def test_a_raised_figure_that_touches_another_is_told_and_one_after_a_word_is_not():
    up, down, flat = (f'<vertAlign val="{what}"/>' for what in ("superscript", "subscript", "baseline"))
    for told in (("76.406", ("1", up)), (("1", down), "76"), ("7", (",", up), ("2", up)), ("76", ("1)", up)), ("Note ", ("1", up), "2"),
                 ("76", ("", None), ("1", up))):  # fmt: skip
        assert written(runs(*told)) == RAISED, told
    for told in (
        ("Udgifter", ("1", up)),
        ("76", (" a", up)),
        ("m", ("2", up), " i alt"),
        (("76", up), ("1", up)),
        ("76", ("1", flat)),
        ("76 ", ("1", up)),
    ):
        assert written(runs(*told)) is None, told
    assert written("<t>76</t>" + runs(("1", up))) == written(runs(("1", up)) + "<t>76</t>") == RAISED
    assert written(runs(("1", up)) + "<t>a</t>" + runs("6")) is None


def test_texts_in_many_colours_on_cells_of_many_looks_are_not_looked_at_without_end():
    inks = frozenset(f"{n:06x}" for n in range(1_000))
    many, left = Looks({}), Left()
    read = Runs(many, (), left)
    read.inks["0"] = inks
    with pytest.raises(DataError, match="has more beside its cells than is read"):
        for n in range(101):
            read.faint("0", str(n))
    assert left.beside < 0 and read.faint("1", "0") == ""
    read.left, read.verdicts = Left(), {}  # each colour is held against each that it may stand on
    many.drawn["0"] = "000000", ("000000", "ffffff", "808080")
    assert read.faint("0", "0") == "" and Left().beside - read.left.beside == 3_000


def test_a_raised_figure_touches_another_that_begins_or_ends_with_a_digit():
    for before, after, told in (
        ("76", "", True),
        ("a7", ",", True),
        ("", "6,5", True),
        ("x", "6 ", True),
        ("7 ", "", False),
        ("", " 6", False),
    ):
        assert is_beside_figures([(before, False), ("1", True), (after, False)]) == told, (before, after)


def test_of_a_unit_without_end_forty_letters_are_told():
    assert f"with the unit {'u' * 40!r}, which" in WithUnit.of("a number shown", "u" * 50)


def test_a_raised_figure_in_a_text_of_an_opendocument_sheet_is_told_where_it_touches_another():
    styles = "".join(
        of_style(f"T{n}", f'style:text-position="{told}"', family="text")
        for n, told in enumerate(("super 58%", "sub 58%", "33% 58%", "-8% 58%", "0% 100%", "0.0% 58%"))
    ) + of_style("T6", above="T0", family="text")  # fmt: skip
    span = '<text:span text:style-name="T{}">{}</text:span>'
    texts = ["76.406" + span.format(n, "1") for n in range(7)]
    texts += ["Udgifter" + span.format(0, "1"), span.format(0, "1<text:s/>") + "76", span.format(0, span.format(4, "1") + "2") + "3",
              span.format(0, "76") + span.format(1, "1"), "76<text:s/>" + span.format(0, "1")]  # fmt: skip
    rows = line(*(cell('value=""', "string", text) for text in texts))
    told = [(1, n) in grids.parse(ods(rows, styles=styles), "x.ods")[0].broken for n in range(1, 13)]
    assert told == [True] * 4 + [False] * 2 + [True] + [False, True, True, False, False]
    assert grids.parse(ods(rows, styles=styles), "x.ods")[0].broken[1, 1] == RAISED


# Formats by condition

X14 = '<extLst><ext><x14:conditionalFormattings xmlns:x14="x14" xmlns:xm="xm">{}</x14:conditionalFormattings></ext></extLst>'


def ruled(rules, dxfs="", cells=8, more=""):
    """Return a workbook with formats by condition over a row of cells: the second is white on blue, the last holds nothing."""
    font = '<fonts><font/><font><color rgb="FFFFFFFF"/></font></fonts>'
    fill = '<fills><fill><patternFill/></fill><fill><patternFill patternType="solid"><fgColor rgb="FF003366"/></patternFill></fill></fills>'
    held = '<c t="inlineStr"><is><t>x</t></is></c><c s="1"><v>5</v></c>' + "<c><v>5</v></c>" * (cells - 3) + "<c/>"
    return changed({
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData><row>{held}</row>{more}</sheetData>{rules}</worksheet>",
        "xl/styles.xml": f"<styleSheet {MAIN}>{font}{fill}<cellXfs><xf/><xf fontId='1' fillId='1'/></cellXfs><dxfs>{dxfs}</dxfs></styleSheet>",
    })  # fmt: skip


def over(where, rule='<cfRule type="expression" dxfId="0"/>'):
    return f'<conditionalFormatting sqref="{where}">{rule}</conditionalFormatting>'


def told_of(raw, name="x.xlsx", printed=False):
    """Return the columns of the first row that a format by condition may show otherwise."""
    broken = grids.parse(raw, name, printed)[0].broken
    assert {*broken.values()} <= {BY_CONDITION} and {row for row, _ in broken} <= {1}
    return [column for _, column in sorted(broken)]


def filled_with(color):
    return f'<fill><patternFill><bgColor rgb="FF{color}"/></patternFill></fill>'


def inked(color):
    return f'<font><color rgb="FF{color}"/></font>'


@pytest.mark.parametrize(("dxf", "told"), [
    ('<font><strike/></font>', [1, 2, 3]), ('<font><strike val="0"/></font>', []), ('<font><b/></font>', []), ("", []), ('<border/>', []),
    (inked("FFFFFF"), [1, 3]), (inked("003366"), [2]), (inked("9C0006") + filled_with("FFC7CE"), []), (inked("FF0000"), []),
    (inked("FFFFFF") + filled_with("70AD47"), []), (inked("70AD47") + filled_with("70AD47"), [1, 2, 3]),
    (filled_with("000000"), [1, 3]), (filled_with("FFFFFF"), [2]), (filled_with("FFFF00"), [2]), (filled_with("70AD47"), []),
    (inked("FFFFFF") + '<fill><patternFill patternType="solid"><fgColor rgb="FF003366"/><bgColor rgb="FFFFFFFF"/></patternFill></fill>', [1, 2, 3]),
    (inked("FFFFFF") + '<fill><patternFill patternType="solid"><fgColor rgb="FF003366"/></patternFill></fill>', []),
    (inked("FFFFFF") + '<fill><patternFill patternType="none"><bgColor rgb="FF003366"/></patternFill></fill>', [1, 2, 3]),
    (inked("FFFFFF") + '<fill><patternFill patternType="gray125"><fgColor rgb="FFFFFFFF"/></patternFill></fill>', [1, 2, 3]),
    (inked("FFFFFF") + '<fill><gradientFill><stop><color rgb="FF003366"/></stop></gradientFill></fill>', []),
    ('<font><color theme="0"/></font>', [1, 3]), ('<font><color auto="1"/></font>', []), ('<font><color rgb="x"/></font>', []),
    ('<numFmt numFmtId="170" formatCode=";;;"/>', [1, 2, 3]), ('<numFmt numFmtId="170" formatCode="0,"/>', [1, 2, 3]),
    ('<numFmt numFmtId="9"/>', [1, 2, 3]), ('<numFmt numFmtId="170" formatCode="0.000"/>', [1, 2, 3]),
    ('<numFmt numFmtId="170" formatCode="0;0;0;x"/>', [1, 2, 3]), ('<numFmt numFmtId="170" formatCode="0;-0;0;x"/>', [1, 2, 3]),
    (f'<numFmt numFmtId="170" formatCode="{"0" * 255}"/>', []), (f'<numFmt numFmtId="170" formatCode="{"0" * 256}"/>', [1, 2, 3]), ('<numFmt numFmtId="170" formatCode="#,##0.0"/>', []), ('<numFmt numFmtId="0"/>', []),
])  # fmt: skip
def test_a_format_by_condition_that_may_show_a_cell_of_excel_otherwise_is_told_and_no_other(dxf, told):
    old, own = (
        ruled(over("A1:C1 H1:H9"), f"<dxf>{dxf}</dxf>"),
        f"<x14:cfRule><xm:f>A1</xm:f><x14:dxf>{dxf}</x14:dxf></x14:cfRule>",
    )
    new = f"<x14:conditionalFormatting>{own.replace('<font>', '<x14:font>').replace('</font>', '</x14:font>')}<xm:sqref>A1:C1 H1:H9</xm:sqref></x14:conditionalFormatting>"
    assert told_of(old) == told_of(ruled(X14.format(new))) == told


def tabled(style, dxfs, part="table", place='ref="A1:C1"'):
    """Return a workbook whose first three cells are a table in a style of its own, or of Excel's."""
    styles = f"<tableStyles><tableStyle name='Egen'>{style}</tableStyle></tableStyles>"
    parts = archive.unpack(ruled("", dxfs))
    link = f"<Relationship Id='rId9' Type='http://x/{part}' Target='../{part}s/one.xml'/>"
    return zipped(parts | {
        "xl/styles.xml": parts["xl/styles.xml"].replace(b"</styleSheet>", f"{styles}</styleSheet>".encode()),
        "xl/worksheets/_rels/sheet1.xml.rels": f"<Relationships>{link}</Relationships>",
        f"xl/{part}s/one.xml": f"<x {place if part == 'table' else ''}><location {place}/><{part}StyleInfo name='Egen'/></x>",
    })  # fmt: skip


def test_the_style_that_a_workbook_has_of_its_own_for_tables_is_a_format_of_their_cells():
    white = f"<dxf>{inked('FFFFFF')}</dxf><dxf>{inked('FF0000')}</dxf>"
    all_of, red = '<tableStyleElement type="wholeTable" dxfId="0"/>', '<tableStyleElement type="headerRow" dxfId="1"/>'
    for part in ("table", "pivotTable"):
        assert told_of(tabled(red + all_of, white, part)) == [1, 3]
        assert told_of(tabled(red + all_of, white, part, 'ref="C1:C1"')) == [3]
        assert told_of(tabled(red, white, part)) == told_of(tabled("", white, part)) == []
        assert told_of(tabled(all_of.replace("0", "7"), white, part)) == []
    assert told_of(zipped(archive.unpack(tabled(all_of, white)) | {"xl/tables/one.xml": "<x>"})) == []


@pytest.mark.parametrize("printed", [False, True])
def test_a_text_that_its_format_shows_as_more_is_told_where_it_is_printed_too(printed):
    def change(sheet):
        put(A1="Udgift", A2=5)(sheet)
        sheet["A1"].number_format, sheet["A2"].number_format = '0;-0;0;@" brutto"', "0.0"

    assert [*grids.parse(xlsx(change), "x.xlsx", printed)[0].broken] == [(1, 1)]


def test_the_cells_of_formulas_are_told():
    rows = "<row><c><v>1</v></c><c><f>A1+1</f><v>2</v></c></row><row><c><f>A1</f><v>1</v></c></row>"
    book = changed({"xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"})
    assert grids.parse(book, "x.xlsx")[0].formulas == {(1, 2), (2, 1)}
    formula = cell('value="2" table:formula="of:=1+1" table:number-columns-repeated="2"', "float", "2")
    assert grids.parse(ods(line(ONE, formula)), "x.ods")[0].formulas == {(1, 2), (1, 3)}


def test_a_format_by_condition_that_hides_the_number_is_told_and_one_that_colours_it_is_not():
    for rule, told in (
        ('<cfRule><dataBar showValue="0"/></cfRule>', True), ('<cfRule><iconSet showValue="false"/></cfRule>', True),
        ('<cfRule><dataBar showValue="1"/></cfRule>', False), ("<cfRule><iconSet/></cfRule>", False), ("<cfRule/>", False),
        ('<cfRule><colorScale><color rgb="FFFFFFFF"/></colorScale></cfRule>', False), ('<cfRule dxfId="7"/>', False), ('<cfRule dxfId="x"/>', False),
    ):  # fmt: skip
        assert told_of(ruled(over("C1", rule))) == [3] * told, rule

    def formatted(sheet):
        look = DifferentialStyle(numFmt=NumberFormat(numFmtId=170, formatCode="0.0"))
        sheet["C1"] = 5.25
        sheet.conditional_formatting.add("C1", Rule(type="expression", dxf=look, formula=["TRUE"]))

    assert [told_of(xlsx(formatted), printed=printed) for printed in (False, True)] == [
        [],
        [3],
    ]  # printed, digits count
    assert told_of(
        ruled(
            over("C1") + over("C1 E1") + over("Z9 x A:B:x 5:5 : $ E:E") + over("G:G"),
            "<dxf><font><strike/></font></dxf>",
        )
    ) == [3, 5, 7]
    faint = ruled(
        over("A1:B1"), "<dxf><font><strike/></font></dxf>", more='<row><c s="2"><v>1</v></c><c><f>A1</f></c></row>'
    )
    assert grids.parse(faint, "x.xlsx")[0].broken == {(1, 1): BY_CONDITION, (1, 2): BY_CONDITION, (2, 2): NO_VALUE}


@pytest.mark.parametrize(("colors", "told"), [
    (["FFFFFF", "000000"], [1, 2, 3]), (["F8696B", "FFEB84", "63BE7B"], [2]), (["5A8AC6", "63BE7B"], []), (["000000"], [1, 3]), ([], []),
    (["003366", "FFFFFF"], [2]), (["FF0000", "00FF00"], []),
])  # fmt: skip
def test_a_scale_of_colours_or_bars_in_which_a_number_is_not_seen_is_told_and_no_other(colors, told):
    own = "".join(f'<color rgb="FF{one}"/>' for one in colors)
    assert told_of(ruled(over("A1:C1", f"<cfRule><colorScale><cfvo/>{own}</colorScale></cfRule>"))) == told
    entries = "".join(f'<calcext:color-scale-entry calcext:color="#{one}"/>' for one in colors)
    scale = f'<calcext:conditional-format calcext:target-range-address="S0.A1:S0.C1"><calcext:color-scale>{entries}</calcext:color-scale></calcext:conditional-format>'
    assert told_of(conditioned(scale), "x.ods") == told
    for color, bars in (("000000", [1, 3]), ("638EC6", [])):
        assert told_of(ruled(over("A1:C1", f'<cfRule><dataBar><color rgb="FF{color}"/></dataBar></cfRule>'))) == bars
        bar = f'<calcext:data-bar calcext:positive-color="#638ec6" calcext:negative-color="#{color}" calcext:axis-color="#000000"/>'
        assert told_of(conditioned(scale.replace("<calcext:color-scale>", f"{bar}<calcext:color-scale>").replace(entries, "")), "x.ods") == bars  # fmt: skip


def test_more_colours_of_scales_than_are_looked_at_are_refused():
    scale = '<cfRule><colorScale><color rgb="FF638EC6"/></colorScale></cfRule>'
    assert told_of(ruled(over("A1", scale * 10_000))) == []
    with pytest.raises(DataError, match="has more beside its cells than is read"):
        grids.parse(ruled(over("A1", scale * 10_001)), "x.xlsx")


def test_formats_by_condition_over_whole_sheets_take_no_time_and_many_over_many_cells_are_not_looked_at():
    rows = "".join(f"<row>{'<c><v>1</v></c>' * 20}</row>" for _ in range(500))
    struck = "<dxf><font><strike/></font></dxf>"
    whole = "".join(over(f"A1:XFD{1_048_576 - n}") for n in range(20_000))
    began = time.process_time()
    assert len(grids.parse(ruled(whole, struck, more=rows), "x.xlsx")[0].broken) == 500 * 20 + 7
    harmless = f"<dxf>{inked('FF0000')}</dxf>"
    assert grids.parse(ruled(over(" ".join(["A1"] * 200_000)), harmless, more=rows), "x.xlsx")[0].broken == {}
    for rules, dxfs in (
        ("".join(over(f"A1:T{501 - n}") for n in range(150)), struck), (over(" ".join(["A1"] * 100_001)), struck),
        (over("A1", "".join(f'<cfRule dxfId="{n}"/>' for n in range(10_001))),
         "".join(f'<dxf><numFmt formatCode="0.{n}"/></dxf>' for n in range(10_001))),
    ):  # fmt: skip
        with pytest.raises(DataError, match="has more beside its cells than is read, as formats and links"):
            grids.parse(ruled(rules, dxfs, more=rows), "x.xlsx")
    assert time.process_time() - began < 8


CALC = 'xmlns:calcext="calcext" xmlns:fo="f"'


def conditioned(rules="", looks=("ce1", "ce2", "ce3"), rows=1):
    """Return an OpenDocument sheet of cells in some looks, with formats by condition over them or in their styles."""
    applied = {"white": 'fo:color="#ffffff"', "struck": 'style:text-line-through-style="solid"', "tiny": 'fo:font-size="1pt"', "pink": 'fo:color="#9c0006" fo:background-color="#ffc7ce"',
               "black": 'fo:background-color="#000000"', "My_20_own": 'fo:color="#fefefe"'}  # fmt: skip
    styles = "".join(of_style(name, told) for name, told in applied.items()).replace(
        '"My_20_own"', '"My_20_own" style:display-name="My own"'
    )
    styles += (
        of_style("form", above="deep")
        + of_style("deep").replace("><", ' style:data-style-name="N2"><', 1)
        + of_style("same", above="Default")
    )
    styles += of_style("Default", 'fo:color="#000000"').replace("><", ' style:data-style-name="N0"><', 1)
    styles += of_style("ce1", above="Default") + of_style(
        "ce2", 'fo:color="#ffffff" fo:background-color="#003366"', "Default"
    )
    styles += of_style("ce3", above="ce1").replace("><", ' style:data-style-name="N2"><', 1)
    maps = '<style:map style:condition="x" style:apply-style-name="{}"/>'
    for name in ("white", "pink", "same"):
        styles += of_style(f"m_{name}", above="Default").replace(
            "</style:style>", maps.format(name) + maps.format("pink") + "</style:style>"
        )
    styles += of_style("m_child", above="m_white")
    cells = [cell('value="5"', "float", "5", f' table:style-name="{name}"') for name in looks]
    told = f"<calcext:conditional-formats {CALC}>{rules}</calcext:conditional-formats>"
    return ods(
        line(*cells, "<table:table-cell/>", told=repeated("rows", rows)) + told,
        styles=styles.replace("xmlns:fo", f"{CALC.split()[0]} xmlns:fo"),
    )


def by(style, where="S0.A1:S0.C1"):
    return f'<calcext:conditional-format calcext:target-range-address="{where}"><calcext:condition calcext:apply-style-name="{style}"/></calcext:conditional-format>'


@pytest.mark.parametrize(("style", "told"), [
    ("white", [1, 3]), ("struck", [1, 2, 3]), ("tiny", [1, 2, 3]), ("pink", []), ("black", [1, 3]), ("My own", [1, 3]), ("form", [1, 2]),
    ("same", []), ("none", []),
])  # fmt: skip
def test_a_style_that_a_condition_applies_to_cells_of_an_opendocument_sheet_is_told_where_it_shows_them_otherwise(
    style, told
):
    assert told_of(conditioned(by(style)), "x.ods") == told


def test_conditions_of_an_opendocument_sheet_are_found_in_its_ranges_and_in_the_styles_of_its_cells():
    for where, told in (
        ("S0.A1", [1]),
        ("'It''s A1.C1'.B1:'It''s A1.C1'.XFD1048576 S0.A9", [2, 3]),
        ("$S0.$A$1:.$B$1", [1, 2]),
        ("x", []),
    ):
        assert told_of(conditioned(by("struck", where)), "x.ods") == told
    shown = '<calcext:conditional-format calcext:target-range-address="S0.A1">{}</calcext:conditional-format>'
    for held, told in (
        ('<calcext:data-bar calcext:show-value="false"/>', [1]), ('<calcext:icon-set><calcext:formatting-entry calcext:show-value="false"/></calcext:icon-set>', [1]),
        ('<calcext:data-bar calcext:show-value="true"/>', []), ('<calcext:date-is calcext:style="struck"/>', [1]), ("<calcext:color-scale/>", []),
    ):  # fmt: skip
        assert told_of(conditioned(shown.format(held)), "x.ods") == told
    assert told_of(conditioned(looks=("m_white", "m_pink", "m_child", "ce1")), "x.ods") == [1, 3]
    many = grids.parse(conditioned(by("struck", "S0.A2:S0.A3"), rows=4), "x.ods")[0].broken
    assert many == dict.fromkeys(((2, 1), (3, 1)), BY_CONDITION)
    maps = "".join(f'<style:map style:apply-style-name="s{n}"/>' for n in range(51))
    with pytest.raises(DataError, match="has more than 16000 formats of cells"):
        grids.parse(ods(line(ONE), styles=f'<style:style style:name="a">{maps}</style:style>'), "x.ods")


def test_a_format_that_sends_to_another_for_ever_is_looked_at_once():
    maps = '<style:map style:condition="value()&gt;0" style:apply-style-name="N1"/>' * 100_000
    styles = data_style("number", '<number:number number:decimal-places="0"/>', maps)
    styled = of_style("ce1").replace("><", ' style:data-style-name="N1"><', 1)
    styles = f"<office:automatic-styles>{styles}</office:automatic-styles>{styled}"
    began = time.process_time()
    grids.parse(ods(line(cell('value="100"', "float", "100", ' table:style-name="ce1"')), styles=styles), "x.ods")
    assert time.process_time() - began < 60  # it was a quarter of an hour


def test_a_percentage_that_excel_calls_by_number_alone_is_told_with_decimals_too():
    assert {formats.otherwise(formats.BUILT_IN[one], "+") for one in ("9", "10")} == {formats.PERCENTAGE}


def test_a_workbook_whose_dates_may_count_from_1904_says_so_as_excel_does_or_is_damaged():
    for written, told in (('date1904="&#49;"', True), ('date1904="1"', False), ("", False)):
        with zipfile.ZipFile(io.BytesIO(xlsx(lambda sheet: sheet.append([1])))) as book:
            parts = {name: book.read(name) for name in book.namelist()}
        parts["xl/workbook.xml"] = re.sub(
            rb"<workbookPr\b", f"<workbookPr {written} ".encode(), parts["xl/workbook.xml"]
        )
        with pytest.raises(DataError, match="not written as Excel writes") if told else contextlib.nullcontext():
            grids.parse(zipped(parts), "x.xlsx")


def test_what_is_no_number_though_a_workbook_calls_it_one_is_a_text():
    for value in ("nan", "inf", "-inf"):
        with zipfile.ZipFile(io.BytesIO(xlsx(lambda sheet: sheet.append([1])))) as book:
            parts = {name: book.read(name) for name in book.namelist()}
        sheet = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = re.sub(rb"<v>1</v>", f"<v>{value}</v>".encode(), sheet)
        assert grids.parse(zipped(parts), "x.xlsx")[0].rows == [[value]]


def test_parts_that_are_stored_and_parts_that_are_deflated_may_stand_in_one_workbook():
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx(lambda sheet: sheet.append([1])))) as book, zipfile.ZipFile(held, "w") as made:
        for n, name in enumerate(book.namelist()):
            made.writestr(name, book.read(name), zipfile.ZIP_DEFLATED if n % 2 else zipfile.ZIP_STORED)
    assert grids.parse(held.getvalue(), "x.xlsx")[0].rows == [[1]]


def test_a_mark_and_the_text_behind_it_are_as_long_as_programs_write_and_a_formula_is_whole_whatever_its_pieces(monkeypatch):  # fmt: skip
    def volatile(sheet):
        sheet["A1"] = "=SUM(B1,TODAY())"

    raw = xlsx(volatile)
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    apart = parts | {sheet: parts[sheet].replace(b"TODAY", b"TO<!-- -->DAY")}
    assert "today's date" in str(grids.parse(zipped(apart), "x.xlsx")[0].broken)
    longest = max(len(mark) for part in parts.values() for mark in part.split(b"<"))
    for most, says in ((longest, ""), (longest - 1, "a mark or text that is longer than any program writes")):
        monkeypatch.setattr(grids.archive, "MARK", most)
        if says:
            with pytest.raises(DataError, match=says):
                grids.parse(raw, "x.xlsx")
        else:
            assert grids.parse(raw, "x.xlsx")
