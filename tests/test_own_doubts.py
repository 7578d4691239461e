"""What an own file leaves in doubt, as people write them, is asked about in a sentence that helps; what is sure is read."""

import datetime as dt
import math
import re
import time

import pandas as pd
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Font
from test_own import LONG_TKR, TKR, book, budget_of, read

from ballerup_analysis import benefits, own, sources
from ballerup_analysis.files import DataError
from ballerup_analysis.grids.grid import Grid
from ballerup_analysis.own import amounts, doubts, forms, heads, sheets
from ballerup_analysis.own.heads import head_of
from ballerup_analysis.own.names import has_stars, note_faults, period_faults, sums_by
from ballerup_analysis.own.remarks import remark_fault
from ballerup_analysis.own.signs import is_income
from ballerup_analysis.own.sums import _rarest, is_called_sum, told_again


def refused(folder, kind, raw, says, name=None):
    """Hold a file to be refused with these words."""
    with pytest.raises(DataError, match=says):
        read(folder, kind, name or f"{kind}.{'xlsx' if isinstance(raw, bytes) else 'csv'}", raw)


@pytest.mark.parametrize(("head", "cost", "income"), [
    ("U/I", "U", "I"), ("Udgift/indtægt", "Udgift", "Indtægt"), ("Art", "U", "I"), ("Type", "1 Udgifter", "2 Indtægter"), ("Art", "udgift", "statsrefusion"),
    ("U/I", None, "I"),
])  # fmt: skip
def test_an_amount_that_a_column_beside_tells_to_be_income_is_negative_or_asked_about(head, cost, income, tmp_path):
    wide = [
        ["Linje", head, "B2026 (1.000 kr.)"],
        ["Sygedagpenge", cost, 76_406],
        ["Sygedagpenge, stat", income, 20_100],
    ]
    long = [["Linje", head, "År", "Beløb (1.000 kr.)"], *[[*row[:2], 2026, row[2]] for row in wide[1:]]]
    for rows in (wide, long):
        refused(tmp_path, "budget", book(rows), f"1 to mend\n.*row 3, .*'{income}' tells income, which is negative")
        rows[2][-1] = -20_100
        assert read(tmp_path, "budget", "budget.xlsx", book(rows))["amount_tkr"].tolist() == [76_406, -20_100]
        rows[2][-1], rows[0], rows[2] = 20_100, [*rows[0], "bekræftet"], [*rows[2][:-1], 20_100, "ja"]
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2


def test_sides_are_looked_for_below_the_headings_wherever_these_stand(tmp_path):
    text = "Udvalg 5\nlinje;B2026 (kr.);U/I\nA;0,5;U\nB;301;I\nC;0;I\n"
    refused(tmp_path, "budget", text, "1 to mend\n.*row 4, .*'I' tells income")  # not row 5, of no amount
    refused(
        tmp_path, "budget", text.replace(";U/I", ";X").replace("B;301;I", "Refusion;301;U"), "'Refusion' tells income"
    )


@pytest.mark.parametrize("cells", [["I", "II"], ["I", "I"], ["I", "N"], ["U", "x"], ["Udgift", 5]])
def test_a_letter_that_may_number_something_tells_no_income(cells, tmp_path):
    rows = [["Linje", "Gruppe", "B2026 (kr.)"], ["A", cells[0], 5000], ["B", cells[1], 7000]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2


def test_a_row_that_ends_early_is_on_no_side(tmp_path):
    text = "linje;B2026 (kr.);U/I\nA;5000;U\nB;{};I\nC;700\n"
    refused(tmp_path, "budget", text.format(301), "1 to mend\n.*row 3, .*'I' tells income")
    assert len(read(tmp_path, "budget", "budget.csv", text.format(-301))) == 3


@pytest.mark.parametrize("heading", ["Udgift/indtægt", "U/I", "Indtægt"])
def test_a_column_of_income_in_figures_is_asked_about_whatever_its_heading(heading, tmp_path):
    refused(tmp_path, "budget", f"linje;år;beløb (kr.);{heading}\nA;2026;5;7\n", "are these net of")


@pytest.mark.parametrize("name", [
    "Sygedagpenge, refusion", "Sygedagpenge - indtægt", "Sygedagpenge indtægter", "Refusion", "Statsrefusion", "Refusion af sygedagpenge", "Indtægter fra staten",
    "Statsrefusion sygedagpenge", "Indtægter, sygedagpenge", "Sygedagpenge (refusion)", "Beskæftigelsestilskud", "Refusionsindtægter",
    "Tilskud fra staten", "Projekttilskud fra EU", "Merindtægter",
])  # fmt: skip
def test_a_line_that_is_income_by_its_name_is_negative_beside_costs_or_asked_about(name, tmp_path):
    text = f"{TKR}{name};{{}};{{}}\n"
    refused(
        tmp_path,
        "budget",
        text.format("20.100", "20.200"),
        "1 to mend\n.*row 3, column 2 .*tells income, which is negative",
    )
    assert len(read(tmp_path, "budget", "budget.csv", text.format("-20.100", "-"))) == 3
    assert len(read(tmp_path, "budget", "budget.csv", f"linje;B2026 (kr.)\n{name};20.100\n")) == 1  # of no costs
    accounts = "kommune;år;ydelse;fuldtidspersoner;nettoudgift (kr.)\n151;2014;A;-;90000\n151;2014;{};-;20000\n"
    refused(tmp_path, "accounts", accounts.format(name), "tells income")


@pytest.mark.parametrize("name", [
    "Sygedagpenge med 50 pct. refusion", "Sygedagpenge uden refusion", "Refusion til arbejdsgivere", "Udgifter og indtægter", "Mindreindtægt", "Udgift efter refusion",
    "Tilbagebetaling af refusion", "Indtægtsdækket virksomhed", "Statstilskud til kommuner", "Tab på refusion", "Løntilskud fra første dag",
])  # fmt: skip
def test_a_line_that_may_be_a_cost_is_read_as_it_stands(name, tmp_path):
    assert len(read(tmp_path, "budget", "budget.csv", f"{TKR}{name};20.100;20.200\n")) == 4
    assert not is_income(name)


def test_amounts_below_a_title_of_income_are_negative_or_asked_about(tmp_path):
    rows = [["Linje", "B2026 (kr.)"], ["Udgifter"], ["A", 9000], ["Indtægter"], ["B", 4001], ["C", 2050]]
    refused(
        tmp_path, "budget", book(rows), "2 to mend\n.*row 5, .*'Indtægter' tells income, which is negative.*\n.*row 6"
    )
    for row in rows[4:]:
        row[1] *= -1
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 3
    for end in (["Indtægter i alt", -4001], ["Drift"]):  # which ends what stands below
        more = [*rows[:5], end, ["D", 700]]
        assert len(read(tmp_path, "budget", "budget.xlsx", book(more))) == 3
    refused(tmp_path, "budget", book([rows[0], rows[2], ["Refusion:"], ["B", 4001]]), "'Refusion:' tells income")
    for title in ("Drift", "Drift:", "Udgifter og indtægter", "Refusion"):
        assert len(read(tmp_path, "budget", "budget.xlsx", book([rows[0], rows[2], [title], ["B", 4001]]))) == 2


def test_what_is_called_realised_of_a_year_that_is_not_closed_is_asked_about(tmp_path):
    last = int(sources.load("regk31")["year"].max())
    for year, heading in ((last, "Realiseret {}"), (last + 1, "Regnskab {}"), (last + 1, "R{}")):
        assert budget_of(tmp_path, [["1.000 kr.", heading.format(year)], ["A", 5]]) == ({year: "R"}, [5.0])
    told = f"'Realiseret {last + 1}' may be what is spent so far, as the last accounts known are those of {last}; write R{last + 1}"
    refused(tmp_path, "budget", book([["1.000 kr.", f"Realiseret {last + 1}"], ["A", 5]]), told)
    inside = f"Regnskab (realiseret) {last + 1}"
    refused(
        tmp_path,
        "budget",
        book([["1.000 kr.", inside], ["A", 5]]),
        told.replace(f"Realiseret {last + 1}", re.escape(inside), 1),
    )
    refused(
        tmp_path,
        "budget",
        book([[None, "Realiseret"], ["Linje (1.000 kr.)", last + 1], ["A", 5]]),
        "'Realiseret' may be what is",
    )
    long = "Linje;År;Beløb (1.000 kr.);Status\nA;{};50406;{}\n"
    refused(
        tmp_path,
        "budget",
        long.format(last + 1, "Realiseret"),
        "row 2, column 2 'År': 'Realiseret' may be what is spent so far",
    )
    refused(
        tmp_path,
        "budget",
        long.format(f"Realiseret {last + 1}", ""),
        f"'Realiseret {last + 1}' may be what is spent so far",
    )
    assert len(read(tmp_path, "budget", "budget.csv", long.format(last + 1, "Regnskab"))) == 1


@pytest.mark.parametrize(("name", "told"), [
    ("Sygedagpenge 2026", True), ("Kontanthjælp (2026)", True), ("Sygedagpenge, regnskab", True), ("Dagpenge forventet regnskab 2027", True),
    ("Sygedagpenge", False), ("Sygedagpenge 2027", False), ("Kontanthjælp, budget", False), ("Pulje 2026", False), ("Reform 2014, sygedagpenge", False),
    ("Regnskab og økonomi", False), ("Kontanthjælp R24", True), ("Kontanthjælp R'27", True), ("Sygedagpenge B26", True), ("Sygedagpenge B27", False),
    ("Sygedagpenge B 2027", False), ("Projekt R24", False), ("KONTANTHJÆLP, REGNSKAB", True),
])  # fmt: skip
def test_a_benefit_that_is_called_by_another_year_or_status_than_its_figures_have_is_asked_about(name, told, tmp_path):
    text = f"Linje;År;Beløb (1.000 kr.);bekræftet\n{name};2027;98000;{{}}\nFleksjob;2027;51111;\n"
    if told:
        refused(
            tmp_path,
            "budget",
            text.format(""),
            "1 to mend\n.*row 2, column 1 'Linje': .* may tell another year or status",
        )
    assert len(read(tmp_path, "budget", "budget.csv", text.format("ja"))) == 2


def test_a_line_of_several_years_is_called_by_none_of_them_and_accounts_by_no_budget(tmp_path):
    wide = "1.000 kr.;B2027;BO2028\n{};98000;97000\nFleksjob;51111;52000\n"
    for name in ("Sygedagpenge 2027", "Sygedagpenge, overslag 2028"):
        refused(
            tmp_path, "budget", wide.format(name), "1 to mend\n.*row 2, column 1 '1.000 kr.': .* may tell another year"
        )
    assert len(read(tmp_path, "budget", "budget.csv", wide.format("Sygedagpenge, overslag"))) == 4
    accounts = "Kommune;År;Ydelse;Fuldtidspersoner;Nettoudgift (kr.)\nBallerup;2024;{};500;50000000\n"
    for name in ("Sygedagpenge, korrigeret budget", "Sygedagpenge, budget"):
        refused(
            tmp_path, "accounts", accounts.format(name), "row 2, column 3 'Ydelse': .* may tell another year or status"
        )
    assert len(read(tmp_path, "accounts", "accounts.csv", accounts.format("Sygedagpenge, regnskab 2024"))) == 1


@pytest.mark.parametrize("heading", ["BO2 2028", "Overslag BO2 2028", "2028 BO2"])
def test_an_estimate_that_is_numbered_as_a_follow_up_is_asked_about_wherever_the_number_stands(heading, tmp_path):
    text = f"Linje (1.000 kr.);{heading}\nA;5\n"
    refused(tmp_path, "budget", text, f"'{heading}' may be either; write BO2028 if it is an estimate, F2028 if")


def test_a_letter_that_may_stand_for_forbrug_is_asked_about_of_a_year_that_is_closed(tmp_path):
    last = int(sources.load("regk31")["year"].max())
    for heading in (f"F{last}", f"F {last}", f"F{last % 100}"):
        told = f"'{heading}' may be what was spent, as the accounts of {last} are closed; write R{last} then"
        refused(tmp_path, "budget", book([["1.000 kr.", heading], ["A", 5]]), told)
    for heading in (f"Forventet regnskab {last}", f"F{last + 1}"):
        assert len(budget_of(tmp_path, [["1.000 kr.", heading], ["A", 5]])[1]) == 1


def test_units_may_stand_some_rows_above_their_years_and_what_is_merged_below_is_no_matter(tmp_path):
    rows = [
        [None, "1.000 kr.", "mio. kr."],
        [None, "x", "y"],
        ["Linje", "B2026", "BO2027"],
        ["A", 5000, 6],
        ["Kilde: Prisme"],
    ]
    for merged in ((), ("A5:C5",)):
        raw = book(rows, lambda workbook, merged=merged: [workbook.active.merge_cells(one) for one in merged])
        assert read(tmp_path, "budget", "budget.xlsx", raw)["amount_tkr"].tolist() == [5000, 6000]


def test_a_title_is_looked_at_over_a_column_that_is_not_read_and_a_follow_up_by_what_its_headings_tell(tmp_path):
    text = ";;;{}\nLinje;B2026 (1.000 kr.);BO2027 (1.000 kr.);Note\nA;5000;6001;x\n"
    refused(tmp_path, "budget", text.format("Bruttoudgifter"), "row 1, column 4 .*'Bruttoudgifter': net amounts")
    assert len(read(tmp_path, "budget", "budget.csv", text.format("Fordeling i pct."))) == 2  # of the column below
    for status in "KFB":
        follow_up = f"Budgetopfølgning pr. 30.6\nLinje;{status}2026 (1.000 kr.)\nA;98000\n"
        if status == "B":
            refused(tmp_path, "budget", follow_up, "'Budgetopfølgning pr. 30.6': net amounts of whole years")
        else:
            assert len(read(tmp_path, "budget", "budget.csv", follow_up)) == 1


def test_the_nearest_row_above_the_years_tells_their_status(tmp_path):
    rows = [
        [None, "Regnskab", "Regnskab"],
        [None, "Budget", "Korrigeret"],
        ["Linje (1.000 kr.)", 2026, 2027],
        ["A", 5000, 6001],
    ]
    assert budget_of(tmp_path, rows)[0] == {2026: "B", 2027: "K"}


def test_a_line_s_name_is_told_once_where_it_tells_other_amounts_in_every_year(tmp_path):
    text = "1.000 kr.;B2027;BO2028\nSygedagpenge før refusion;98000;97000\n;;\nFleksjob;51111;52000\n"
    refused(tmp_path, "budget", text, "1 to mend\n.*row 2, column 1 '1.000 kr.': 'Sygedagpenge før refusion': net")


def test_a_heading_without_end_is_asked_about_and_not_cut(tmp_path):
    for letters, told in ((200, False), (201, True)):
        heading = "B2027 (1.000 kr.)"
        text = f"Linje;{heading};{'x' * letters}\nA;5;\n"
        if told:
            refused(
                tmp_path, "budget", text, f"row 1, column 3 .*'{'x' * 40}' has more than 200 letters; say it in fewer"
            )
        else:
            assert len(read(tmp_path, "budget", "budget.csv", text)) == 1


def test_lines_that_are_municipalities_are_no_lines_of_one_budget(tmp_path):
    text = "Kommune;B2027 (1.000 kr.)\n{};98000\n{};99000\nI alt;197000\n"
    refused(
        tmp_path,
        "budget",
        text.format("Gladsaxe", "Herlev"),
        "row 1, column 1 'Kommune': more than one municipality; a budget is of one",
    )
    assert len(read(tmp_path, "budget", "budget.csv", text.format("Sygedagpenge", "Dagpenge"))) == 2


@pytest.mark.parametrize(
    "amounts", ["Budget 2026 (1.000 kr.)", "Sum af 2026 (1.000 kr.)", "R2024 (1.000 kr.);B2025 (1.000 kr.)"]
)
def test_a_column_of_years_beside_amounts_that_tell_theirs_is_asked_about(amounts, tmp_path):
    cells = ";".join(["76406"] * (amounts.count(";") + 1))
    text = f"Linje;År;{amounts}\nA;2026;{cells}\nB;2025;{cells.replace('6', '1')}\n"
    refused(tmp_path, "budget", text, "row 1, column 2 'År': each amount tells its year; leave the column out")


def test_a_column_of_statuses_beside_years_is_left_out_in_one_sentence(tmp_path):
    text = "Linje;B2027 (1.000 kr.);Status\nA;98000;OK\nB;99000;OK\n"
    refused(
        tmp_path,
        "budget",
        text,
        r"1 to mend\n.*row 1, column 3 'Status': each year tells its status; leave the column out$",
    )


def test_a_column_that_may_tell_units_and_does_not_is_to_be_called_otherwise(tmp_path):
    text = "Linje;Enhed;B2027 (1.000 kr.)\nA;Jobcenter;98000\n"
    says = (
        "'Jobcenter' stands there; write kr., 1.000 kr. or mio. kr., or call the column otherwise if it tells no unit"
    )
    refused(tmp_path, "budget", text, says)


@pytest.mark.parametrize("title", ["Beløb i faste 2025-kroner", "Alle beløb i 2025-kr.", "2025-kroner"])
def test_kroner_of_another_year_are_another_price_level(title, tmp_path):
    table = "Linje (1.000 kr.);B2027\nA;98000\n"
    refused(tmp_path, "budget", f"{title}\n{table}", "row 1, .*price")
    assert len(read(tmp_path, "budget", "budget.csv", f"Budget 2027, kr.\n{table.replace('(1.000 kr.)', '')}")) == 1


def test_accounts_of_a_year_that_is_not_over_are_asked_about_whatever_they_are_called(tmp_path):
    month = sources.load("jobindsats_monthly")["month"].max()
    year = int(month[:4])
    told = f"{year} is not over in the newest counts, of {month}; this may be what is spent so far; if it is right"
    wide = f"Rækkeetiketter (kr.);Sum af Oprindeligt budget {year};Sum af Regnskab {year}\nA;{{}};4000\n"
    refused(tmp_path, "budget", wide.format(5000), rf"^.*1 to mend\n.*row 1, column 3 'Sum af Regnskab {year}': {told}")
    long = "Linje;År;Beløb (1.000 kr.);Status;bekræftet\n" + f"A;{year};50406;R;{{}}\nB;{year};40206;R;{{}}\n"
    refused(tmp_path, "budget", long.format("", "ja"), rf"1 to mend\n.*row 2, column 2 'År': {told}")
    assert len(read(tmp_path, "budget", "budget.csv", long.format("ja", "ja"))) == 2
    refused(
        tmp_path,
        "budget",
        f"Linje;År;Beløb (1.000 kr.);Status\nA;R{year};50406\n",
        rf"1 to mend\n.*row 2, column 2 'År': {told}",
    )
    accounts = "Kommune;År;Ydelse;Fuldtidspersoner;Nettoudgift (1.000 kr.)\nBallerup;{};A;700;71400\n"
    refused(tmp_path, "accounts", accounts.format(year), rf"1 to mend\n.*row 2, column 2 'År': {told}")
    assert len(read(tmp_path, "accounts", "accounts.csv", accounts.format(year - 1))) == 1
    assert len(read(tmp_path, "budget", "budget.csv", f"1.000 kr.;F{year}\nA;5000\n")) == 1


def test_a_limit_or_a_rounding_in_a_title_is_no_unit(tmp_path):
    table = "Linje;B2027;BO2028\nSygedagpenge;5.406.000;5.100.000\nKontanthjælp;6.200.000;6.100.000\nI alt;11.606.000;11.200.000\n"
    for title in ("Afrundet til 1.000 kr.", "Bevillinger over 1.000 kr.", "Poster på over 1.000 kr. er med", "Alle poster mindst 1.000 kr.",
                  "Beløb afrundet til hele 1.000 kr.", "Afrundet til tusinde kr."):  # fmt: skip
        refused(tmp_path, "budget", f"{title}\n{table}", rf"no unit is told, or more than one \('{title}")
    for title in (
        "Budget 2027, 1.000 kr.",
        "Beløb i 1.000 kr.",
        "1.000 kr.",
        "Budget (1.000 kr.) for udvalget",
        "Alle tal er i hele 1.000 kr.",
    ):
        assert read(tmp_path, "budget", "budget.csv", f"{title}\n{table}")["amount_tkr"].max() == 6_200_000


def test_a_number_above_the_headings_that_is_shown_as_more_than_its_digits_is_told(tmp_path):
    def shown(form):
        return lambda workbook: setattr(workbook.active["A1"], "number_format", form)

    rows = [[1000], ["Linje", "B2027 (kr.)"], ["A", 5000]]
    refused(
        tmp_path,
        "budget",
        book(rows, shown('"Beløb i "#,##0" kr."')),
        "row 1, column A .*: '1000': here stands a number that the format",
    )
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows, shown("#,##0")))) == 1


@pytest.mark.parametrize(("unit", "factor"), [
    ("2.000 kr.", 0), ("10.00 kr.", 0), ("1.000 kr.", 1), ("1 000 kr.", 1), ("1000 kr.", 1), ("1.000.000 kr.", 1000), ("100 kr.", 0), ("1.0000 kr.", 0),
])  # fmt: skip
def test_a_unit_of_thousands_is_one_number_and_no_year(unit, factor, tmp_path):
    text = f"Linje;Budget 2027 ({unit})\nA;5001\n"
    if factor:
        assert read(tmp_path, "budget", "budget.csv", text)["amount_tkr"].item() == 5001 * factor
    else:
        refused(tmp_path, "budget", text, "no unit is told")


def test_a_column_of_income_that_holds_nothing_and_a_remark_beside_a_total_stop_no_file(tmp_path):
    for text in (
        "Budget\nLinje;B2026 (kr.);Indtægter\nA;5001;\nI alt;5001;\n",
        "Linje;B2026 (kr.);Bemærkning\nA;5001;\nI alt;5001;merudgifter\n",
        "Linje;B2026 (kr.);Bemærkning\nA;5001;\nI alt;5001;Korrigeret budget\n",
    ):
        assert len(read(tmp_path, "budget", "budget.csv", text)) == 1
    refused(tmp_path, "budget", "Linje;B2026 (kr.);Bemærkning\nA;5001;\nx;;merudgifter\n", "'merudgifter': net amounts")


def test_a_unit_beside_the_table_is_another_wherever_it_stands_in_its_text(tmp_path):
    text = "Linje;B2026 (1.000 kr.)\nA;100\n\n;;Beløb, {}, netto\n"
    refused(
        tmp_path,
        "budget",
        text.format("mio. kr."),
        "column 3: 'Beløb, mio. kr., netto': another unit than the headings",
    )
    assert len(read(tmp_path, "budget", "budget.csv", text.format("1.000 kr."))) == 1


def test_the_corner_is_understood_as_the_heading_of_the_lines_and_another_is_not():
    for corner in ("Område x", None):
        grid = Grid("f", "", [[corner, "B2026", "Note"], ["A", 1, "x"]], [1, 2])
        assert head_of("budget", grid).other == ("Note",)


def test_three_cells_down_to_the_headings_that_may_be_a_unit_are_named_where_none_is(tmp_path):
    text = "Beløb i 100 kr.\n{}Linje;B2026\nAnlæg (mio. kr.);5\n"
    for more, named in (
        ("", "'Beløb i 100 kr.'"), ("Tusinde\n", "'Beløb i 100 kr.', 'Tusinde'"),
        ("Tusinde\n1.000 x kr.\nmio. kr. a\n", "'Beløb i 100 kr.', 'Tusinde', '1.000 x kr.'"),
    ):  # fmt: skip
        refused(tmp_path, "budget", text.format(more), rf"no unit is told, or more than one \({re.escape(named)}\)")


def test_an_amount_of_nobody_has_no_price(tmp_path):
    assert len(read(tmp_path, "budget", "budget.csv", "Linje;B2026 (1.000 kr.);Personer\nA;5001;0\nB;5002;50\n")) == 2


def test_a_note_that_begins_as_one_tells_what_stands_after(tmp_path):
    refused(tmp_path, "budget", f"{TKR}\nObs: merudgifter\n", "'Obs: merudgifter': net amounts of whole years")


def test_a_price_level_beside_current_prices_is_that_of_something_else(tmp_path):
    for note in ("Beløb i løbende priser, tidligere i 2024-priser", "Beløb i løbende priser"):
        assert len(read(tmp_path, "budget", "budget.csv", f"{TKR}\n{note}\n")) == 2
    refused(tmp_path, "budget", f"{TKR}\nBeløb i 2024-priser\n", "amounts are read in the prices of their year")


def test_a_budget_across_years_has_at_most_so_many_amounts(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_AMOUNTS", 4)  # as many as are allowed take seconds
    assert len(read(tmp_path, "budget", "budget.csv", TKR)) == 2
    refused(tmp_path, "budget", f"{TKR}A;5;6\n", "has more than 4 amounts")


def test_persons_of_one_year_are_not_taken_for_others_and_a_year_without_a_status_is_of_the_budget(tmp_path):
    read(tmp_path, "budget", "budget.csv", "Linje;B2026 (1.000 kr.);Personer\nA;5001;50\n")
    assert own.opened("budget", tmp_path).left_out == ()
    for text in (
        "Linje;År;Beløb (1.000 kr.)\nA;B2026;5001\nA;2027;5002\n",
        "Linje;År;Status;Beløb (1.000 kr.)\nA;2026;;5001\nA;2027;;5002\n",
    ):
        assert len(read(tmp_path, "budget", "budget.csv", text)) == 2


def test_a_raised_mark_at_a_year_is_a_mark(tmp_path):
    for heading in ("Budget 2026¹", "B2026¹)", "Budget 2026 1)"):
        assert budget_of(tmp_path, [["1.000 kr.", heading], ["A", 5]]) == ({2026: "B"}, [5.0])
    marked = CellRichText("Budget 2026", TextBlock(InlineFont(vertAlign="superscript"), "1"))
    refused(
        tmp_path,
        "budget",
        book([["1.000 kr.", "B2025", marked], ["A", 5, 6]]),
        "row 1, column C .*a raised or lowered figure",
    )


def test_three_of_the_factors_beside_amounts_are_named(tmp_path):
    rows = "".join(f"{name};5001;{factor}\n" for name, factor in zip("ABCD", (1000, 200, 300, 400), strict=True))
    refused(tmp_path, "budget", f"Linje;B2026 (kr.);Faktor\n{rows}", "'1000, 200, 300' is not read")


def test_the_first_year_of_the_century_is_one():
    assert forms.budget_year(2000.0, {}) == (2000, "") and forms.attempt(forms.budget_year, 1999.0) is None


def test_rows_that_end_early_are_read_as_far_as_they_go(tmp_path):
    assert (
        len(read(tmp_path, "budget", "budget.csv", "Linje;B2026 (1.000 kr.)\n* A;5001\nUdgifter\n* B;5002\n")) == 2
    )  # bullets
    refused(
        tmp_path,
        "budget",
        "År;Beløb (1.000 kr.);Linje\n2026;5001;A\n2026;5002\n",
        "row 3, column 3 'Linje': .* write a name",
    )
    text = "Linje;År;Beløb (1.000 kr.);Ydelse\nA;2026;5001;andet\nI alt;2026;5001\n"
    assert len(read(tmp_path, "budget", "budget.csv", text)) == 1


def test_columns_of_statuses_without_a_year_are_told_with_what_would_be_right(tmp_path):
    says = r"'Oprindeligt budget' and 'Korrigeret budget' tell no year: B2027 \(adopted\)"
    for first in ("Linje (1.000 kr.)", "1.000 kr."):
        for more in ("", ";Regnskab"):
            refused(tmp_path, "budget", f"{first};Oprindeligt budget;Korrigeret budget{more}\nA;5;6;7\n", says)
    with pytest.raises(DataError) as told:
        read(tmp_path, "budget", "budget.csv", "1.000 kr.;Korrigeret budget\nA;5\n")
    assert "tell no year" not in str(told.value)


@pytest.mark.parametrize("note", ["Ekskl. refusion til arbejdsgivere", "Beløbene er inkl. merudgifter til løn", "Beløbene er netto, herunder merudgifter"])  # fmt: skip
def test_what_amounts_hold_is_not_what_they_are(note, tmp_path):
    for text in (f"{note}\n{TKR}", f"{TKR}I alt;76.406;77.000\n\n{note}\n")[note.startswith("Ekskl") :]:
        read(tmp_path, "budget", "budget.csv", text)
        assert own.opened("budget", tmp_path).unread[0].text == note
    for other in ("Ekskl. refusion", "Beløbene er merudgifter", "Beløbene er merudgifter inkl. løn"):
        refused(tmp_path, "budget", f"{TKR}\n{other}\n", "take out what is gross, income, a change")


def test_a_budget_whose_costs_are_all_negative_is_asked_about(tmp_path):
    rows = [["1.000 kr.", "B2026", "BO2027"], ["A", -76_406, -77_000], ["B", -5, -6], ["Refusion", 9, 9]]
    refused(
        tmp_path, "budget", book(rows), "1 to mend\n.*row 2, column B .*: all amounts are negative; a cost is positive"
    )
    nought = [["Linje", "B2026 (kr.)"], ["A", -5000], ["B", 0]]
    refused(tmp_path, "budget", book(nought), "1 to mend\n.*row 2, column B .*: all amounts are negative")
    rows[1][1] = 76_406
    refused(tmp_path, "budget", book(rows[:3]), "1 to mend\n.*row 2, column C .*: all amounts of BO2027 are negative")
    rows[1][2] = 77_000
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows[:3]))) == 4
    one = [["1.000 kr.", "B2026", "BO2027"], ["A", 76_406, -77_000], ["B", None, 0]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(one))) == 3
    sure = [["Linje (1.000 kr.)", "B2026", "bekræftet"], ["A", -5, "ja"], ["B", -6, "ja"]]
    assert budget_of(tmp_path, sure)[1] == [-5, -6]


@pytest.mark.parametrize("name", ["Sygedagpengemodtagere", "Kontanthjælpsmodtagere", "Dagpengemodtagere samt ydelse"])
def test_a_budget_may_be_called_after_those_it_is_for(name, tmp_path):
    assert len(read(tmp_path, "budget", "budget.csv", f"{TKR}{name};20.100;20.200\n")) == 4
    for counted in (f"Antal {name.lower()}", f"{name}, personer", f"{name} (helårspersoner)"):
        refused(tmp_path, "budget", f"{TKR}{counted};652;655\n", "are no kroner; leave the row out")
        refused(tmp_path, "budget", f"{LONG_TKR}{counted};2026;652\n", "are no kroner; leave the row out")


@pytest.mark.parametrize("level", ["2020-priser", "i 2025-priser", "Prisniveau 2025", "Budget 2026 (2025-pl)", "25-pl", "P/L-niveau: 2025", "faste priser"])  # fmt: skip
def test_a_budget_in_prices_of_another_year_is_asked_about_wherever_that_is_told(level, tmp_path):
    wide = [["Linje", "B2026", "BO2027"], ["A", 76_406, 77_000]]
    says = r"1 to mend\n.*{}.*: amounts are read in the prices of their year"
    for rows, where in (
        ([[level, "1.000 kr."], *wide], "row 1, column A"),
        ([["1.000 kr."], *wide, [level]], "row 4, column A"),
        ([["Linje", "År", "Beløb (1.000 kr.)", "Note"], ["A", 2026, 5, level]], "row 2, column D 'Note'"),
        ([["Linje", "År", f"Beløb (1.000 kr., {level})"], ["A", 2026, 5]], "row 1, column C"),
        ([[f"Linje (1.000 kr., {level})", "B2026"], ["A", 5]], "row 1, column A"),
        ([["Linje (1.000 kr.)", f"B2026 ({level})"], ["A", 5]], "row 1, column B"),
    ):
        if not (level.startswith("Budget") and where in ("row 1, column B", "row 1, column C")):  # a year twice
            refused(tmp_path, "budget", book(rows), says.format(where))


@pytest.mark.parametrize("level", ["2026-priser", "Budget 2026 og overslagsår 2027 i 2026-pl", "Løbende priser", "Årets priser", "Prisniveau 2026", "Priser og satser"])  # fmt: skip
def test_a_budget_in_prices_of_its_first_year_is_read_with_its_estimates(level, tmp_path):
    rows = [[level, "1.000 kr."], ["Linje", "B2026", "BO2027"], ["A", 76_406, 77_000]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2
    if "2026" in level:  # accounts are told in what was spent, and a later level is nobody's
        rows[1] = ["Linje", "R2025", "B2026"]
        refused(tmp_path, "budget", book(rows), "row 1, .*: amounts are read in the prices of their year")
        rows[1] = ["Linje", "B2025", "BO2026"]
        refused(tmp_path, "budget", book(rows), "row 1, .*: amounts are read in the prices of their year")


def test_a_price_level_of_one_year_or_row_is_that_of_its_amounts(tmp_path):
    rows = [["1.000 kr.", "2025-priser", "2026-priser"], ["Linje", "R2025", "B2026"], ["A", 5, 6]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2
    rows[0][1:] = ["2026-priser", "2026-priser"]
    refused(tmp_path, "budget", book(rows), "1 to mend\n.*row 1, column B .*'2026-priser': amounts are read")
    heads = [["Linje (1.000 kr.)", "R2025 (2025-priser)", "B2026 (2026-pl)"], ["A", 5, 6]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(heads))) == 2
    heads[0][2] = "B2026 (2025-pl)"
    refused(tmp_path, "budget", book(heads), "1 to mend\n.*row 1, column C .*: amounts are read")
    below = [["Linje (1.000 kr.)", "R2025", "B2026"], [None, "1.000 kr. (2025-pl)", "1.000 kr. (2026-pl)"], ["A", 5, 6]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(below))) == 2  # in a row of units
    below[1][2] = "1.000 kr. (2025-pl)"
    refused(tmp_path, "budget", book(below), "1 to mend\n.*row 2, column C .*: amounts are read")
    levels = (("Prisniveau", 2025), ("PL", "2025"), ("Bemærkning", "2025-pl"), ("PL", "2025-pl"), ("Priser", " 2025 "))
    for name, first in levels:
        long = [["Linje", "År", "Beløb (1.000 kr.)", name], ["A", "R2025", 5, first], ["A", 2026, 6, 2026]]
        assert len(read(tmp_path, "budget", "budget.xlsx", book(long))) == 2
        long[2][3] = first
        refused(tmp_path, "budget", book(long), "1 to mend\n.*row 3, column D .*: amounts are read")
    long[0][3], long[2][2:] = "Vedtaget i", [2024, 2025]  # neither an amount nor another column's year is a level
    assert len(read(tmp_path, "budget", "budget.xlsx", book(long))) == 2


def over(*cells, heads=("R2024", "R2025", "B2026", "B2027")):
    """Return a wide budget with these cells over its years."""
    return [[None, *cells], ["Linje", *heads], ["A", 76_406, 77_000, 78, 79]]


@pytest.mark.parametrize(("merged", "cells"), [
    (("B1:C1", "D1:E1"), ("1.000 kr.", None, "mio. kr.", None)), ((), ("1.000 kr.", "t.kr.", "mio. kr.", "mio. kr.")),
    (("D1:E1",), ("Regnskab (1.000 kr.)", "tkr.", "Budget, mio. kr.", None)),
])  # fmt: skip
def test_a_unit_over_some_of_the_years_is_that_of_these_alone(merged, cells, tmp_path):
    def merge(workbook):
        for one in merged:
            workbook.active.merge_cells(one)

    assert budget_of(tmp_path, over(*cells), merge)[1] == [76_406, 77_000, 78_000, 79_000]
    own_unit = over(*cells, heads=("R2024", "R2025", "B2026 (kr.)", "B2027"))
    refused(
        tmp_path, "budget", book(own_unit, merge), "1 to mend\n.*row 1, column D .* tells another unit than the heading"
    )


@pytest.mark.parametrize(("merged", "cells", "says"), [
    ((), ("1.000 kr.", None, "mio. kr.", None), "row 2, column C 'R2025': no unit is told"),
    (("B1:C1",), ("1.000 kr.", None, None, None), "row 2, column D 'B2026': no unit is told"),
    (("B1:C1", "D1:E1"), ("1.000 kr.", None, "mia. kr.", None), "row 1, column D 'B2026': 'mia. kr.' is no unit that is read; write kr."),
    (("B1:C1", "D1:E1"), ("1.000 kr.", None, "i pct.", None), "row 1, column D 'B2026': 'i pct.' are no kroner"),
    (("B1:C1", "D1:E1"), ("1.000 kr.", None, "%", None), "row 1, column D 'B2026': '%' are no kroner"),
])  # fmt: skip
def test_a_year_under_no_unit_beside_years_under_one_is_asked_about(merged, cells, says, tmp_path):
    def merge(workbook):
        for one in merged:
            workbook.active.merge_cells(one)

    refused(tmp_path, "budget", book(over(*cells), merge), says)


@pytest.mark.parametrize(("merged", "cells"), [
    (("B1:E1",), ("1.000 kr.", None, None, None)), ((), ("1.000 kr.", None, None, None)), ((), (None, None, "1.000 kr.", None)),
])  # fmt: skip
def test_a_unit_over_all_years_or_alone_in_its_row_is_that_of_all(merged, cells, tmp_path):
    def merge(workbook):
        for one in merged:
            workbook.active.merge_cells(one)

    assert budget_of(tmp_path, over(*cells), merge)[1] == [76_406, 77_000, 78, 79]


def test_a_row_of_units_right_below_the_headings_is_read_as_units(tmp_path):
    wide = [["Linje", "B2026", "BO2027"], [None, "1.000 kr.", "1.000 kr."], ["A", 5, 6]]
    for first in (None, "Enhed", "Post"):
        wide[1][0] = first
        assert budget_of(tmp_path, wide)[1] == [5, 6]
    wide[1][2] = "mio. kr."  # each year has its own
    assert budget_of(tmp_path, wide)[1] == [5, 6000]
    long = [["Linje", "År", "Beløb", "Personer"], [None, None, "(kr.)", "(antal)"], ["A", 2026, 5_000_000, 65]]
    assert read(tmp_path, "budget", "budget.xlsx", book(long))["amount_tkr"].tolist() == [5000]
    accounts = [
        ["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Nettoudgift"],
        [*[None] * 4, "1.000 kr."],
        [151, 2014, "A", 10, 1000],
    ]
    assert read(tmp_path, "accounts", "accounts.xlsx", book(accounts))["net_cost_kr"].tolist() == [1e6]
    hidden = lambda b: setattr(b.active.row_dimensions[2], "hidden", True)  # noqa: E731
    refused(tmp_path, "budget", book(wide, hidden), "1 to mend\n.*row 2: the row is hidden")


def test_a_row_below_the_headings_that_is_not_all_units_or_contradicts_them_is_told(tmp_path):
    for below, says in (
        ([None, "kr.", None], "row 1, column B .*no unit is told"),
        ([None, "kr.", "mia. kr."], "row 2, column C .*'mia. kr.' stands there"),
        ([None, "kr.", 7], "row 2, column B .*'kr.' stands there"),
    ):
        refused(tmp_path, "budget", book([["Linje", "B2026", "BO2027"], below, ["A", 5, 6]]), says)
    rows = [["Linje", "B2026 (1.000 kr.)", "BO2027"], [None, "kr.", "1.000 kr."], ["A", 5, 6]]
    refused(tmp_path, "budget", book(rows), "1 to mend\n.*row 2, column B .*'kr.' tells another unit than the heading")
    persons = [["Linje", "År", "Beløb", "Personer"], [None, None, "kr.", "i tusinde"], ["A", 2026, 5_000_000, 65]]
    refused(tmp_path, "budget", book(persons), "'i tusinde' stands there")


@pytest.mark.parametrize(("heading", "year"), [
    ("KB 2026", (2026, "K")), ("KB26", (2026, "K")), ("OB 2026", (2026, "B")), ("VB 2026", (2026, "B")), ("FR 2026", (2026, "F")), ("BF 2026", (2026, "F")),
    ("Forv. regnskab 2026", (2026, "F")), ("Forv. regn. 2026", (2026, "F")), ("Oprindelig budget 2026", (2026, "B")), ("2026B", (2026, "B")), ("2026-KB", (2026, "K")),
    ("2027BO", (2027, "BO")), ("BO1 2027", (2027, "BO")), ("Overslagsår 2 2028", (2028, "BO")), ("B2026 (hele 1.000 kr.)", (2026, "B")),
    *((heading, None) for heading in ("Teknisk budget 2026", "Ramme 2026", "Budgetramme 2026", "AB 2026", "B 2026/27", "2026M", "2026 Q1", "Uge 1 2026", "BO 12 2027")),
])  # fmt: skip
def test_the_short_words_of_municipalities_beside_a_year_are_known_and_no_others(heading, year):
    assert forms.attempt(forms.own_year, heading) == year


@pytest.mark.parametrize("heading", ["Teknisk budget 2026 (1.000 kr.)", "Ramme 2026", "B 2026/27"])
def test_a_year_that_is_not_understood_is_told_with_the_forms_that_are(heading, tmp_path):
    says = r"; not understood: .*; a year is told as 2027, B2027 \(adopted\), K2027 \(corrected\), F2027 .*, BO2028 .* or R2025"
    refused(tmp_path, "budget", f"linje;{heading}\nA;5\n", says)
    long = f"linje;år;beløb (kr.)\nA;{heading};5\n"
    refused(tmp_path, "budget", long, r"stands there; write a year such as 2027, B2027 \(adopted\), K2027")


@pytest.mark.parametrize("unit", ["1,000 kr.", "DKK'000", "'000 kr."])
def test_a_heading_whose_unit_is_not_understood_says_so(unit, tmp_path):
    says = "; its unit is not understood: write kr., 1.000 kr. or mio. kr."
    refused(tmp_path, "budget", f"linje;B2026 ({unit})\nA;5\n", says)
    refused(tmp_path, "budget", f"linje;år;beløb ({unit})\nA;2026;5\n", says)
    refused(tmp_path, "accounts", f"kommune;år;ydelse;fuldtidspersoner;netto ({unit})\n151;2014;A;1;5\n", says)


@pytest.mark.parametrize(("kind", "heads", "says"), [
    ("budget", "linje;jan;feb;1. kvt.", "whole years are read, a column or a row for each"), ("budget", "linje;Q1 2026 (kr.);Q2 2026 (kr.)", "whole years are read"),
    ("persons", "kommune;ydelse;jan;feb", "write a row for each period, told in a column 'periode'"), ("persons", "kommune;ydelse;2026M01;2026M02", "write a row for each"),
    ("persons", "kommune;ydelse;2024;2025", "write a row for each period"), ("persons", "kommune;ydelse;1. kvartal;2. kvartal", "write a row for each period"),
    ("accounts", "kommune;ydelse;2024;2025", "write a row for each year, told in a column 'år'"),
])  # fmt: skip
def test_periods_across_are_told_in_one_sentence(kind, heads, says, tmp_path):
    refused(
        tmp_path, kind, f"{heads}\n151;A;5;6\n", f"'(jan|1. kvartal|20..|2026M01|Q1 2026.*)', '.*' stand across; {says}"
    )


@pytest.mark.parametrize("head", ["Måned", "Kvartal", "month"])
def test_amounts_of_a_part_of_the_year_are_asked_about(head, tmp_path):
    refused(
        tmp_path,
        "budget",
        f"linje;år;{head};beløb (kr.)\nA;2026;1;5\n",
        "1 to mend\n.*column 3 .*: amounts of whole years are read",
    )
    accounts = f"kommune;år;ydelse;fuldtidspersoner;nettoudgift (kr.);{head}\n151;2014;A;-;5;1\n"
    refused(tmp_path, "accounts", accounts, "1 to mend\n.*column 6 .*: amounts of whole years are read")


@pytest.mark.parametrize(("period", "wanted"), [
    *((text, "2026Q1") for text in ("1. kvt. 2026", "1. kv. 2026", "2026-Q1", "2026/Q1", "2026.Q1", "2026-K1", "Q1-2026", "Q1/2026", "q1 26", "1. kvt. 26", "1Q26", "1Q2026",
                                    "2026, 1. kvartal", "1. kvartal, 2026", "kvartal 1 2026", "kvt. 1, 2026", "Q12026")),
    *((text, "2026M10") for text in ("Oct 2026", "oct-26", "okt. 2026", "October 2026", "oktober, 2026", "2026 oktober", "2026-okt")),
    ("may 2026", "2026M05"), ("March 2026", "2026M03"), ("okt 20", "2020M10"), ("Q4 20", "2020Q4"),
    *((text, None) for text in ("1. halvår 2026", "jan.-mar. 2026", "Q5 2026", "26-okt", "Q126", "1. kv", "octopus 2026", "5. kvartal 2026", "2026 marginal", "uge 1 2026")),
])  # fmt: skip
def test_a_month_or_quarter_is_read_in_the_usual_spellings(period, wanted):
    assert forms.attempt(forms.FORMS["period"], period) == wanted


@pytest.mark.parametrize(("name", "code"), [
    ("Århus", "751"), ("Aarhus", "751"), ("Århus Kommune", "751"), ("Åbenrå", "580"), ("Åbenraa", "580"), ("Ålborg", "851"), ("Fåborg-Midtfyn", "430"), ("Lyngby-Tårbæk", "173"),
    ("Høje Tåstrup", "169"), ("Høje-Taastrup", "169"), ("Taarnby", "185"), ("751 Århus", "751"), ("Ålborgs", "851"),
])  # fmt: skip
def test_a_municipality_is_known_in_both_spellings_of_its_name(name, code):
    assert forms.FORMS["area"](name, {}) == code


def test_no_two_areas_of_other_names_are_spelled_alike():
    names = {name.casefold() for name in sources.area_names().values()}
    assert len({name.translate(sources.SPELLED) for name in names}) == len(names) > 100


@pytest.mark.parametrize(("cell", "mark"), [
    ("76.406 1)", "1)"), ("76.406*", "*"), ("76.406 *", "*"), ("76.406 **)", "**)"), ("76.406¹", "¹"), ("* 76.406", "*"), ("76.406a)", "a)"), ("(1) 76.406", "(1)"),
    ("76.406 [1]", "[1]"), ("76.406 (2)", "(2)"), ("-5 1)", "1)"), ("76.406†", "†"),
])  # fmt: skip
def test_a_mark_at_a_figure_belongs_in_a_note_and_that_is_said(cell, mark, tmp_path):
    says = f"stands there; write the number alone; the mark '{mark}' belongs in a note or a column of remarks"
    refused(tmp_path, "budget", f"linje;B2026 (1.000 kr.)\nA;{cell}\nB;5\n", f"1 to mend\n.*{re.escape(says)}")


@pytest.mark.parametrize("cell", ["(76,4)", "(76)", "76,5-", "1.020,-"])
def test_a_bracket_that_belongs_to_a_number_is_no_mark(cell):
    assert isinstance(forms.FORMS["number"](cell, {"minimum": -1e9, "maximum": 1e9}), float)
    with pytest.raises(ValueError, match=r"or - for missing$"):
        forms.FORMS["number"]("51)", {})


@pytest.mark.parametrize("cell", ["NULL", "n/a", "NA", "None", "nan", "ikke oplyst"])
def test_what_programs_write_for_nothing_is_told_with_what_to_write(cell, tmp_path):
    text = f"linje;B2026 (1.000 kr.)\nA;{cell}\nB;5\n"
    refused(
        tmp_path, "budget", text, "1 to mend\n.*stands there; write - where there is no number, or leave the cell empty"
    )


def test_a_name_that_programs_write_for_nothing_is_none(tmp_path):
    for name in ("NULL", "n/a"):
        refused(tmp_path, "budget", f"linje;B2026 (1.000 kr.)\n{name};5\n", "stands there; write a name$")
        benefit = f"linje;ydelse;B2026 (1.000 kr.)\nA;{name};5\n"
        refused(tmp_path, "budget", benefit, "stands there; write a name, or leave the cell empty$")


@pytest.mark.parametrize("unit", ["kr. x 1.000", "1,000 kr.", "DKK'000", "Mio.", "tusinder", "Beløb i mia. kr.", "Kr. i hele tusinder", "Gaver over kr. 1.000"])  # fmt: skip
def test_a_unit_that_is_not_understood_is_quoted(unit, tmp_path):
    says = rf"1 to mend\n.*no unit is told, or more than one \(['\"]{re.escape(unit)}['\"]\); write kr\., 1\.000 kr\. or mio\. kr\."
    refused(tmp_path, "budget", f"{unit};\nlinje;B2026\nA;76\n", says)


@pytest.mark.parametrize(("text", "factor"), [
    ("kr. 1.000", 1e3), ("DKK 1.000", 1e3), ("Kr. i tusinder", 1e3), ("Beløb (kr. 1.000)", 1e3), ("kr. mio.", 1e6), ("kr. 1.000.000", 1e6), ("kroner (1.000)", 1e3),
    ("Gaver over kr. 1.000", 0.0), ("kr. 1.000 pr. borger", 0.0), ("kr. 100", 0.0), ("kr. 5.000", 0.0), ("tkr. 1.000", 0.0), ("10 kr. 1.000", 0.0), ("kr., mio.", 0.0),
])  # fmt: skip
def test_an_amount_after_kroner_is_their_unit_where_both_stand_alone(text, factor):
    assert forms.named(text)[1] == factor


def test_a_day_is_no_year_even_the_first_of_january(tmp_path):
    says = "a date is no year; write the year alone, as 2026"
    for day in (dt.date(2026, 1, 1), dt.date(2026, 12, 31), "2026-01-01", "31-12-2026", "01.01.2026"):
        refused(
            tmp_path,
            "budget",
            book([["Linje", "År", "Beløb (kr.)"], ["A", day, 5000]]),
            f"1 to mend\n.*row 2, .*{says}",
        )
        refused(tmp_path, "budget", book([["Linje (kr.)", day], ["A", 5000]]), f"no heading for year.*; {says}$")
        head = ["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Nettoudgift (kr.)"]
        refused(tmp_path, "accounts", book([head, [151, day, "A", 10, 1_000_000]]), f"1 to mend\n.*row 2, .*{says}")


def test_a_long_text_that_tells_a_price_level_is_quoted_in_short(tmp_path):
    text = f"{'x' * 39} 2020-priser;\n{TKR}"
    refused(tmp_path, "budget", text, f"row 1, column 1 .*: '{'x' * 39} ': amounts are read")


def test_estimates_may_be_in_prices_of_the_budget_whose_they_are(tmp_path):
    rows = [["1.000 kr."], [None, "Løbende priser", "Løbende priser", "2026-pl", "2026-pl"]]
    rows += [["Linje", "R2024", "B2025", "B2026", "BO2027"], ["A", 5, 6, 7, 8]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 4
    rows[2][3:] = ["BO2026", "BO2027"]  # those of the budget of 2025
    refused(tmp_path, "budget", book(rows), "row 2, column E .*'2026-pl': amounts are read in the prices")
    bare = [["1.000 kr.", "2026-pl"], ["Linje", 2026, 2027, 2028], ["A", 5, 6, 7]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(bare))) == 3
    early = [["1.000 kr."], [None, "2026-pl", "2026-pl"], ["Linje", "B2026", "BO2027"], ["A", 5, 6]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(early))) == 2
    early[2][1:] = ["BO2025", "B2026"]  # of a year before
    refused(tmp_path, "budget", book(early), "1 to mend\n.*row 2, column B .*'2026-pl': amounts are read in the prices")


def test_a_price_level_or_a_unit_in_a_title_does_not_hide_its_years(tmp_path):
    for title in (
        "Budget 2026 og overslagsår 2027, 1.000 kr., 2026-pl",
        "Budget 2026 og overslagsår 2027 i 1.000 kr. i 2026-priser",
    ):
        assert budget_of(tmp_path, [[title], ["Linje", 2026, 2027], ["A", 5, 6]])[0] == {2026: "B", 2027: "BO"}


@pytest.mark.parametrize(("title", "status"), [
    ("KB 2026", "K"), ("KB", "K"), ("FR 2026", "F"), ("BF2026", "F"), ("OB 2026", "B"), ("R", "R"), ("Teknisk budget 2026", None), ("Basisbudget 2026-2029", None),
    ("Estimat", None), ("Disponeret budget", None), ("Bygherre KB", "B"),
])  # fmt: skip
def test_a_title_in_short_tells_the_status_and_one_of_no_status_is_asked_about(title, status, tmp_path):
    year = 2025 if title == "R" else 2026
    rows = [[title, "1.000 kr."], ["Linje", year], ["A", 5]]
    if status:
        assert budget_of(tmp_path, rows)[0] == {year: status}
    else:
        refused(tmp_path, "budget", book(rows), "no status is told above 2026")


def test_what_is_counted_may_be_told_over_its_own_column_beside_the_unit_of_the_amounts(tmp_path):
    long = [[None, None, "1.000 kr.", "antal"], ["Linje", "År", "Beløb", "Personer"], ["A", 2026, 5000, 65]]
    assert read(tmp_path, "budget", "budget.xlsx", book(long))["persons"].tolist() == [65]
    wide = [[None, "1.000 kr.", "t.kr.", "Antal"], ["Linje", "B2026", "BO2027", "Personer 2026"], ["A", 5, 6, 65]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(wide))) == 2
    wide[0][2:] = ["Antal", None]
    refused(tmp_path, "budget", book(wide), "row 1, column C 'BO2027': 'Antal' are no kroner")
    title = [["Antal borgere"], ["Linje", "B2026 (kr.)"], ["A", 5000]]
    refused(tmp_path, "budget", book(title), "row 1, .*'Antal borgere' are no kroner")


BUDGET = [["Linje", "B2026 (1.000 kr.)"], ["Sygedagpenge", 76_406], ["Ressourceforløb", 12_345]]
COSTS = [["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Nettoudgift (1.000 kr.)"], [151, 2014, "A", 10, 1000]]
COUNTS = [["Kommune", "Periode", "Ydelse", "Fuldtidspersoner"], [151, "2026M03", "A", 10]]
TABLES = {"budget": BUDGET, "accounts": COSTS, "persons": COUNTS}


def with_text(kind, text):
    """Return a table with a text in each place where people write what all figures are: the rows, and the sheet's name."""
    rows = [[*row] for row in TABLES[kind]]
    wide = len(rows[0])
    yield [*rows, [], [text]], None
    yield [rows[0], [text], *rows[1:]], None
    yield [*rows, [None] * (wide + 1) + [text]], None
    yield [[*rows[0], None, text], *rows[1:]], None
    yield [rows[0], [*rows[1], None, text], *rows[2:]], None
    yield rows, text


def in_sheet(name):
    """Return what gives a workbook's sheet a name, where it may have it."""
    return (
        (lambda b: setattr(b.active, "title", name))
        if name and len(name) <= 31 and not re.search(r"[:/=*]|skyldes|fremgår", name)
        else None
    )


OTHERWISE = {
    "budget": [
        "Korrigeret budget 2026", "Regnskab", "* Forventet regnskab", "Kilde: Prisme, korrigeret budget 2026", "NB: Tallene er korrigeret budget", "KB2026", "R2026", "Budgetforslag",
        "1. halvår", "Fordelt pr. måned", "Forbrug til og med maj", "Merudgifter", "Udgifterne er før statsrefusion", "Bruttoudgifter", "Brutto", "1. halvår 2026",
        "Positive tal er indtægter", "Indtægter positive, udgifter negative", "Beløb for 6 måneder", "Kun indtægter", "Teknisk budget", "Forskel til budget 2025", "+ = indtægt, - = udgift", "Alle tal i mio. kr.", "Helårspersoner", "Andel i pct.",
        "Ikke fratrukket statsrefusion", "Udgifter uden fradrag af statens andel", "Alt er før statens medfinansiering", "Januar-juni 2026", "Kun første halvdel af 2026", "Månedsbudget",
        "Pr. indbygger", "Udgift pr. borger", "Besparelser 2026", "Reduktioner i budget 2026", "Effektiviseringer", "Sparekatalog 2026", "Udvidelsesforslag til budget 2026",
        "Mindreforbrug i forhold til budget", "Netto, hvor minus er udgift", "Bevillinger med fortegn omvendt", "1. behandling af budget 2026", "Udkast",
    ],
    "accounts": ["Kun statens andel", "Statens udgifter", "Udgifter samlet (stat og kommune)", "Beløb pr. person", "Budget 2014", "Forventet regnskab", "Bruttoudgifter", "1. halvår"],
    "persons": [
        "Berørte personer", "Akkumuleret", "Antal forløb", "Tallene er i hundreder", "Landsgennemsnit", "Prognose 2026", "Kun kvinder", "Andel i pct.",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in OTHERWISE.items() for text in texts])
def test_what_is_said_of_all_figures_is_asked_about_wherever_it_stands(kind, text, tmp_path):
    for rows, sheet in with_text(kind, text):
        if rows[0][-1] == text in ("Korrigeret budget 2026", "KB2026", "R2026", "Helårspersoner"):
            continue  # the heading of a column without figures
        if sheet is None or in_sheet(sheet):
            refused(tmp_path, kind, book(rows, in_sheet(sheet)), rf"\b[1-3] to mend\n.*{re.escape(text[:20])}")


@pytest.mark.parametrize(("kind", "text"), [
    *(("budget", text) for text in (
        "Kilde: eget system", "Note: afrundet", "Budget 2026", "Vedtaget budget 2026", "Forsørgelse", "Serviceudgifter", "Indtægter er angivet med minus", "- = indtægt",
        "Negative tal er indtægter", "Indtægter er negative", "Udgifter er positive, indtægter er negative", "(+) = udgift, (-) = indtægt", "Minus angiver indtægter", "Korrigeret for DUT", "Andelene fremgår af bilag", "Alle tal i 1.000 kr.", "Regnskab 2024 var lavere", "Behandling af misbrug",
        "Teknisk forvaltning", "Personer med handicap", "Refusion er modregnet", "Merudgiften skyldes flere ledige", "Ark1", "Data", "Tallene er netto",
    )),
    ("accounts", "Kilde: eget system"), ("accounts", "Regnskab 2014"), ("accounts", "Indtægter er negative"), ("accounts", "Note: afrundet"), ("accounts", "Ark1"),
    ("persons", "Kilde: jobindsats"), ("persons", "Note: afrundet"), ("persons", "Fuldtidspersoner"), ("persons", "Kun fuldtidspersoner"), ("persons", "Ark1"),
])  # fmt: skip
def test_what_agrees_with_all_figures_stops_no_file_wherever_it_stands(kind, text, tmp_path):
    title = [[text], *TABLES[kind]]
    for rows, sheet in [
        *with_text(kind, text),
        *([(title, None)] if not re.search("Teknisk|skyldes|fremgår|Personer|var", text) else []),
    ]:
        if rows[0][-1] == text and text.startswith(("Budget", "Vedtaget", "Fuldtids")):
            continue  # a second column of the same
        if sheet is None or (in_sheet(sheet) and "ndtægt" not in sheet):
            read(tmp_path, kind, f"{kind}.xlsx", book(rows, in_sheet(sheet)))


@pytest.mark.parametrize("text", OTHERWISE["budget"])
def test_a_title_of_other_amounts_is_asked_about(text, tmp_path):
    refused(tmp_path, "budget", book([[text], *BUDGET]), "[12] to mend\n.*row 1")


def test_a_title_of_one_status_of_several_or_over_a_column_that_is_not_read_stops_no_budget(tmp_path):
    for title in ("Regnskab og budget", "Vedtaget budget 2026", "Regnskab 2024"):
        assert budget_of(tmp_path, [[title], *BUDGET])[0] == {2026: "B"}
    apart = [[None, None, "Regnskab"], ["Linje", "B2026 (1.000 kr.)", "Sidste år"], ["A", 76_406, 77_000]]
    assert budget_of(tmp_path, apart) == ({2026: "B"}, [76_406])


@pytest.mark.parametrize(("name", "status"), [
    ("KB2026", "K"), ("KB 2026", "K"), ("R2025", "R"), ("Budgetforslag", "F"), ("Korrigeret budget", "K"), ("Ark1", "B"), ("Budget", "B"), ("Teknisk forvaltning", "B"),
])  # fmt: skip
def test_the_name_of_a_sheet_tells_the_status_where_years_and_titles_do_not(name, status, tmp_path):
    year = 2025 if status == "R" else 2026
    for rows in ([["Linje (1.000 kr.)", year], ["A", 5]], [["Linje", "År", "Beløb (kr.)"], ["A", year, 5000]]):
        assert budget_of(tmp_path, rows, in_sheet(name))[0] == {year: status}
        rows.insert(0, [f"Forventet regnskab {year}"])
        if status in ("B", "F"):
            assert budget_of(tmp_path, rows, in_sheet(name))[0] == {year: "F"}
        else:
            refused(
                tmp_path,
                "budget",
                book(rows, in_sheet(name)),
                f"the sheet is called '{name}': the amounts are read as F",
            )


def beside(name, *cells, year="B2026 (1.000 kr.)"):
    """Return a wide budget with a column that is not read."""
    return [["Linje", year, name], *[[f"Linje {i}", 76_406 + 1357 * i**3, cell] for i, cell in enumerate(cells)]]


@pytest.mark.parametrize(("name", "cells", "says"), [
    ("version", ["Korrigeret budget"] * 2, "the amount is read as B; is it K?"), ("Budgettype", ["Regnskab", "Regnskab"], "is it R?"), ("Version", ["KB", "KB"], "is it K?"),
    ("bevillingstype", ["Overslag", "Overslag"], "is it BO?"), ("Bevillingstype", ["Tillægsbevilling", "Drift"], "net amounts of whole"), ("Bemærkning", [None, "Korrigeret budget"], "is it K?"),
    ("brutto/netto", ["brutto", "netto"], "net amounts of whole"), ("Brutto/netto", ["Bruttoudgift"] * 2, "net amounts of whole"), ("mdr", ["1-6", "1-6"], "amounts of whole years are read"),
    ("Måneder", [6, 6], "amounts of whole years are read"), ("Periode", ["jan-jun", "jan-jun"], "net amounts of whole"), ("Periode", ["01-06", "01-06"], "amounts of whole years are read"),
    ("pris- og lønniveau", [2024, 2024], "prices of their year"), ("D/K", ["D", "K"], "'K' tells income"), ("art", ["4 Tjenesteydelser", "7 Indtægter"], "'7 Indtægter' tells income"),
    ("Kommune", ["Ballerup", "Herlev"], "more than one municipality"), ("udgår", [None, "ja"], "does its row count"), ("Udgår", ["nej", "x"], "does its row count"),
    ("Bemærkning", [None, "udgået"], "does its row count"), ("Bemærkning", ["halvårsbeløb", None], "net amounts of whole"), ("Note", [None, "tælles ikke med"], "does its row count"),
    ("Bemærkning", [None, "Beløbet tælles ikke med"], "does its row count"), ("Bemærkning", [None, "Brutto"], "net amounts of whole"),
    ("Bemærkning", ["kun halvårsbeløb", None], "net amounts of whole"), ("Linjen udgår", [None, "ja"], "does its row count"),
    ("Bemærkning", ["Bruttobudget", None], "net amounts of whole"), ("Bemærkning", [None, "OBS: før refusion"], "net amounts of whole"), ("Note", ["Beløbet er ekskl. statsrefusion", None], "net amounts of whole"),
    ("Bemærkning", ["mangler 4. kvartal", None], "net amounts of whole"), ("Bemærkning", [None, "skal ikke medregnes"], "does its row count"), ("Skal ikke medregnes", [None, "ja"], "does its row count"),
])  # fmt: skip
def test_a_column_that_is_not_read_is_looked_at_for_what_changes_the_amounts(name, cells, says, tmp_path):
    rows = beside(name, *cells)
    refused(tmp_path, "budget", book(rows), rf"[12] to mend\n.*{re.escape(says)}")
    long = [["Linje", "År", "Beløb (1.000 kr.)", name], *[[row[0], 2026, *row[1:]] for row in rows[1:]]]
    refused(tmp_path, "budget", book(long), rf"[12] to mend\n.*{re.escape(says)}")


@pytest.mark.parametrize(("name", "cells"), [
    ("Bemærkning", ["Merudgift skyldes flere ledige", "Afrundet"]), ("Bemærkning", ["Stigning i antal ledige", "Ændring af lov"]), ("Ansvarlig", ["HR", "Jobcenter"]), ("Konto", ["5.57.71", "5.57.72"]), ("Center", ["Borger", "Job"]), ("Konto", [55771, 55772]),
    ("version", ["Vedtaget budget", "Budget"]), ("bevillingstype", ["Drift", "Anlæg"]), ("brutto/netto", ["netto", "netto"]), ("mdr", ["1-12", "1-12"]), ("Kommune", ["Ballerup", "151"]),
    ("udgår", ["nej", None]), ("D/K", ["D", "D"]), ("art", ["4 Tjenesteydelser", "5 Tilskud"]), ("Gruppe", ["K", "D"]), ("pris- og lønniveau", [2026, 2026]), ("Type", ["A", "B"]),
    ("Kommunenavn", ["Ballerup Kommune", None]), ("Periode", [2026, 2026]), ("Periode", ["01-12", "1-12"]), ("Fase", ["R", "K"]), ("Køn", ["Kvinder", "Mænd"]),
    ("Bemærkning", ["Uden refusion", "Efter refusion"]), ("Bemærkning", ["Refusion modregnet", "Netto"]), ("Bemærkning", ["Reguleret for takster", "Unge og voksne"]), ("Bemærkning", ["Afrundet", "Efter statsrefusion"]),
    ("Bemærkning", ["Regnskabet for 2024 er ikke afsluttet", "Foreløbig vurdering af ny lov"]), ("Bemærkning", ["Fordelt på 4 kvartaler", "Ekskl. moms"]), ("Bemærkning", ["Uden marginaludgifter", "Før 2025: 76.000"]),
    ("Bemærkning", ["Pris før refusion 200.000 kr. pr. person", "Sager slettes efter 5 år"]), ("Afdeling", ["Unge", "Unge"]), ("Bemærkning", ["Indgår i servicerammen", "Skal ikke indgå i serviceudgifterne"]),
])  # fmt: skip
def test_an_honest_column_that_is_not_read_stops_no_budget(name, cells, tmp_path):
    wide = beside(name, *cells)
    long = [["Linje", "År", "Beløb (1.000 kr.)", name], *[[row[0], 2026, *row[1:]] for row in wide[1:]]]
    for rows in (wide, long, [row[::-1] for row in wide], [row[::-1] for row in long]):
        assert [*read(tmp_path, "budget", "budget.xlsx", book(rows))["line"]] == ["Linje 0", "Linje 1"]


def test_a_row_that_is_confirmed_may_have_any_remark_and_a_status_that_is_told_is_held_against_the_column(tmp_path):
    rows = [
        ["Linje", "B2026 (1.000 kr.)", "Bemærkning", "bekræftet"],
        ["A", 5, "udgår i 2028", "ja"],
        ["B", 9, None, None],
    ]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2
    assert (
        len(read(tmp_path, "budget", "budget.xlsx", book(beside("version", "Korrigeret budget", year="K2026 (kr.)"))))
        == 1
    )


def test_two_tables_side_by_side_are_asked_about(tmp_path):
    text = "linje;B2026 (1.000 kr.);;formål;R2024 (1.000 kr.)\nA;76.406;;B;5\nC;77;;D;6\n"
    refused(tmp_path, "budget", text, "1 to mend\n.*row 1, column 4 'formål': a second table beside the first")
    for second in (
        text.replace("D;", "12;"),
        text.replace("formål", ""),
    ):  # a line called by a number, lines without a heading
        refused(tmp_path, "budget", second, "1 to mend\n.*row 1, column 4.*: a second table beside the first")
    for one in ("linje;B2026 (1.000 kr.);;nr;R2024 (1.000 kr.)\nA;76.406;;1;5\n", "linje;B2026 (1.000 kr.);formål;R2024 (1.000 kr.)\nA;76.406;B;5\n", "linje;B2026 (1.000 kr.);;formål\nA;76.406;;B\n",
                "nr;linje;;B2026 (1.000 kr.);R2024 (1.000 kr.)\n1;A;;76.406;5\n", "linje;B2026 (1.000 kr.);;R2024 (1.000 kr.)\nA;76.406;;5\n"):  # fmt: skip
        assert len(read(tmp_path, "budget", "budget.csv", one)) >= 1


@pytest.mark.parametrize(("heading", "year"), [
    ("Nettoudgift 2026", (2026, "")), ("Udgift 2026", (2026, "")), ("Årets budget 2026", (2026, "B")), ("Rev. budget 2026", (2026, "K")), ("Regnskab 2024 (foreløbigt)", (2024, "F")),
    ("Sum af B2026 (1.000 kr.)", (2026, "B")), ("Sum af 2026", (2026, "")), ("Nettodriftsudgifter 2026", (2026, "")), ("Bruttoudgift 2026", None), ("Merudgift 2026", None),
])  # fmt: skip
def test_a_heading_that_is_clear_is_read(heading, year):
    assert forms.attempt(forms.own_year, heading) == year


def test_a_pivot_table_and_benefits_in_the_plural_are_read(tmp_path):
    pivot = [["Rækkeetiketter", "Sum af B2026 (1.000 kr.)"], ["A", 5], ["B", 9]]
    assert budget_of(tmp_path, pivot) == ({2026: "B"}, [5, 9])
    assert (
        len(
            read(
                tmp_path, "persons", "persons.csv", "kommune;periode;Ydelsesgrupper;fuldtidspersoner\n151;2026M03;A;5\n"
            )
        )
        == 1
    )


@pytest.mark.parametrize(("kind", "text", "told"), [
    ("budget", "linje;år;beløb (1.000 kr.);status\nA;2026;110;F\nB;2026;79;\nI alt;2026;189;\n", "row 3, column 4 'status': no status stands here, as it does in other rows"),
    ("persons", "kommune;år;kvt.;ydelse;fuldtidspersoner\nBallerup;2026;1;A;1.400\n", "row 1, column 3 'kvt.': amounts of whole years are read"),
    ("accounts", "kommune;år;til og med måned;ydelse;fuldtidspersoner;nettoudgift (1.000 kr.)\nBallerup;2014;8;A;1.400;92.400\n", "row 1, column 3 'til og med måned': amounts of whole years"),
    ("accounts", "kommune;år;status;ydelse;fuldtidspersoner;nettoudgift (1.000 kr.)\nBallerup;2014;Budget;A;1.400;92.400\n", "row 2, column 3 'status': 'Budget': closed accounts are read"),
    ("budget", "1.000 EUR\nlinje;2027 (1.000 kr.)\nA;98\n", "row 1, column 1 'linje': '1.000 EUR': amounts in kroner are read; no other currency"),
    ("budget", "linje;valuta;2027 (1.000 kr.)\nA;EUR;98\n", "row 2, column 2 'valuta': 'EUR': amounts in kroner are read"),
    ("budget", "linje;2027 (1.000 kr.)\nA;98\nSamlet indsats;7\nI alt;105\n", "'I alt' tells 105, the lines come to 98, which is 7 off, what 'Samlet indsats' tells"),
])  # fmt: skip
def test_what_a_column_beside_or_a_title_says_of_status_time_and_currency_is_asked_about(kind, text, told, tmp_path):
    refused(tmp_path, kind, text, re.escape(told))


def remarked(kind, name, *cells):
    """Return accounts or persons of two benefits with a column that is not read."""
    time, money = (2014, [98_400, 83_123]) if kind == "accounts" else ("2024Q1", [None, None])
    heads = [
        "Kommune",
        "År" if kind == "accounts" else "Periode",
        "Ydelse",
        "Fuldtidspersoner",
        "Nettoudgift (1.000 kr.)",
    ]
    counted = [("Kontanthjælp", 1020), ("Dagpenge", 700)]
    rows = [["Ballerup", time, *one, kr, cell] for one, kr, cell in zip(counted, money, cells, strict=True)]
    return [[*heads, name], *rows] if kind == "accounts" else [[*row[:4], row[5]] for row in [[*heads, name], *rows]]


@pytest.mark.parametrize(("kinds", "cells", "told"), [
    (["accounts"], ("Foreløbigt regnskab", "Tallene er foreløbige", "Regnskabet er ikke afsluttet", "ikke endeligt", "Endnu ikke godkendt", "Forventet regnskab"), "closed accounts are read"),
    (["accounts"], ("Før statsrefusion", "Uden refusion", "Brutto", "Nb: bruttobeløb", "mangler december", "Mangler 4. kvartal", "ekskl. 4. kvartal", "december mangler", "3 kvartaler"), "net amounts of whole years"),
    (["accounts", "persons"], ("skal ikke medregnes", "slettes", "Skal ikke tælles med"), "does its row count"),
    (["accounts", "persons"], ("Kun kvinder", "kun unge under 30", "OBS: kun jobparate"), "figures of the whole population are read"),
])  # fmt: skip
def test_a_remark_that_tells_what_its_row_s_figures_are_not_is_asked_about_and_may_be_confirmed(kinds, cells, told, tmp_path):  # fmt: skip
    for kind, cell in ((kind, cell) for kind in kinds for cell in cells):
        rows = remarked(kind, "Bemærkning", None, cell)
        right = f"1 to mend\n.*row 3, .*'Bemærkning': {re.escape(repr(cell))}: {told}.*; if it is right as it stands, write ja"
        refused(tmp_path, kind, book(rows), right)
        rows = [[*rows[0], "bekræftet"], [*rows[1], None], [*rows[2], "ja"]]
        assert len(read(tmp_path, kind, f"{kind}.xlsx", book(rows))) == 2


@pytest.mark.parametrize("cell", [
    "Stigning i antal ledige", "Afrundet", "Refusion modregnet", "Netto", "Reguleret for takster", "Efter refusion", "Unge og voksne", "Kvinder og mænd", "Foreløbig vurdering af lovændring",
    "Regnskabet er afsluttet", "Sagen er ikke afsluttet", "Foreløbigt nummer på kontoen", "Endeligt regnskab", "Ekskl. moms", "Alle fire kvartaler", "Uden julehjælp", "Mangler bilag", "Ikke endeligt afklaret med staten",
    "Kun kvinder er steget", "Tallene er endelige", "Ekskl. decentrale udgifter", "Faldt i december", "Ny konto fra 4. kvartal", "Budgettet blev overholdt", "Sager slettes efter fem år", "Skal drøftes", 5,
    "Slettes ikke", "Ekskl. december-lukning", "Tre kvartaler af stigningen skyldes priser", "Skal ikke medregnes i servicerammen", "Uden refusion fra 1. januar",
])  # fmt: skip
@pytest.mark.parametrize("kind", ["accounts", "persons"])
def test_an_honest_remark_stops_no_accounts_and_no_persons(kind, cell, tmp_path):
    for cells in ((cell, None), (cell, cell)):
        assert len(read(tmp_path, kind, f"{kind}.xlsx", book(remarked(kind, "Bemærkning", *cells)))) == 2


def test_a_column_of_teams_is_one_of_a_part_where_each_cell_tells_that(tmp_path):
    for kind in ("accounts", "persons"):
        rows = remarked(kind, "Afdeling", "Unge", "Unge under 30")
        refused(tmp_path, kind, book(rows), "'Afdeling': figures of the whole population are read")
        for cells in (("Unge", "Voksne"), ("Jobcenter", "Jobcenter"), (None, None), ("Unge og voksne", None)):
            assert len(read(tmp_path, kind, f"{kind}.xlsx", book(remarked(kind, "Afdeling", *cells)))) == 2


WHOLE = "kommune;år;ydelse;fuldtidspersoner;nettoudgift (1.000 kr.)\nBallerup;2014;A;1.400;92.400\nHele landet;2014;A;140.000;9.240.500\n"


@pytest.mark.parametrize(("titles", "told"), [
    (("Køn: Kvinder", "Alder: 30-49 år", "Filter: Målgruppe = Unge under 30", "Kun mænd", "Unge under 30"), "figures of the whole population are read"),
    (("Kontanthjælp 18-29 år", "Personer 30–49-årige", "Jobparate", "Kontanthjælp, aktivitetsparate", "Ikke-vestlige indvandrere", "Afdeling: Unge"), "figures of the whole population are read"),
    (("Regnskab, december mangler", "Regnskab uden 4. kvartal", "Regnskab 2014, 3 kvartaler"), "net amounts of whole years"),
    (("Fast prisniveau", "Nettoudgift, deflateret til 2013", "Deflaterede tal"), "prices of another year than the accounts"),
    (("Gladsaxe Kommune", "Udtræk for Københavns Kommune"), "no row is of (?:Gladsaxe|Copenhagen|København); whose are they"),
    (("Køn: I alt", "Alder: alle", "Målgruppe", "Nettoudgift, deflateret til 2014", "Ballerup Kommune", "Ballerup Kommune mod Gladsaxe Kommune", "Din kommune"), ""),
    (("Jobparate og aktivitetsparate", "Personer 18-66 år", "Alle, herunder 18-29 år", "Unge og voksne", "Afdeling: Jobcenter", "Regnskab 2013-14", "Regnskab, december 2014"), ""),
])  # fmt: skip
def test_a_title_that_tells_a_part_of_the_population_fixed_prices_or_another_municipality_is_asked_about(titles, told, tmp_path):  # fmt: skip
    for title in titles:
        if told:
            refused(tmp_path, "accounts", f"{title}\n{WHOLE}", f"{re.escape(title)}'?: {told}")
        else:
            assert len(read(tmp_path, "accounts", "accounts.csv", f"{title}\n{WHOLE}")) == 2


@pytest.mark.parametrize(("what", "told"), [("Kvinder", True), ("I alt", False), ("begge køn", False)])
def test_a_column_that_tells_a_part_of_the_population_is_asked_about(what, told, tmp_path):
    text = WHOLE.replace("kommune;", "Køn;kommune;").replace("\nB", f"\n{what};B").replace("\nH", f"\n{what};H")
    if told:
        refused(tmp_path, "accounts", text, "row 1, column 1 'Køn': figures of the whole population are read")
    else:
        assert len(read(tmp_path, "accounts", "accounts.csv", text)) == 2


def test_a_total_in_another_currency_covers_nothing(tmp_path):
    read(tmp_path, "budget", "budget.csv", "linje;2027 (1.000 kr.)\nA;98\nB;7\nTotal EUR;105\n")
    assert own.report(tmp_path)["no_total_of"].item() == "beløb"


PAID = "Linje (1.000 kr.);B2026;BO2027\nDagpenge;98.311;97.222\nSygedagpenge;73.706;74.111\nI alt;172.017;171.333\n"


@pytest.mark.parametrize(("over", "told"), [
    (";Kommune;Stat", "row 1, column 2 .*'Kommune' is not read"), (";;Anlæg", "row 1, column 3 .*'Anlæg' is not read"), (";Netto;Udgift", "row 1, column 2 .*'Netto' is not read"),
    (";Netto;Netto", ""), (";Drift;Drift", ""), (";Aftalt;Ventet", ""), (";Kommune;", ""),
])  # fmt: skip
def test_what_stands_over_some_years_and_says_whose_they_are_is_asked_about(over, told, tmp_path):
    if told:
        refused(
            tmp_path, "budget", f"{over}\n{PAID}", f"1 to mend\n.*{told}; keep the municipality's net amounts alone"
        )
    else:
        assert len(read(tmp_path, "budget", "budget.csv", f"{over}\n{PAID}")) == 4


@pytest.mark.parametrize("heading", ["Enhed", "Faktor", "Måleenhed", "Skala"])
@pytest.mark.parametrize(("cell", "told"), [
    ("1.000", True), ("1.000 personer", True), ("tusind", True), ("1", False), ("personer", False), ("", False),
])  # fmt: skip
def test_a_column_that_tells_in_what_persons_are_counted_is_asked_about(heading, cell, told, tmp_path):
    text = f"kommune;periode;ydelse;{heading};fuldtidspersoner\nBallerup;2026M01;Dagpenge;{cell};1,4\n"
    if told:
        refused(
            tmp_path,
            "persons",
            text,
            f"row 1, column 4 '{heading}': '{cell}' is not read; write the figures as they are",
        )
    else:
        assert read(tmp_path, "persons", "persons.csv", text)["fulltime_persons"].tolist() == [1.4]


@pytest.mark.parametrize(
    ("heading", "cell", "told"), [("Faktor", "1.000", True), ("Faktor", "1", False), ("Faktor", "1,0", False)]
)
def test_a_factor_beside_an_amount_is_asked_about(heading, cell, told, tmp_path):
    text = f"Linje;Beløb (1.000 kr.);År;{heading}\nDagpenge;98.311;B2026;{cell}\n"
    if told:
        refused(tmp_path, "budget", text, f"'{cell}' is not read")
    else:
        assert read(tmp_path, "budget", "budget.csv", text)["amount_tkr"].tolist() == [98_311]


@pytest.mark.parametrize("text", [
    f"{PAID}Periodiseret over 12 måneder\n", f"{PAID}Bruttoudgiften er 120 mio. kr.\n", f"Budget 2026 efter ændringsforslag\n{PAID}",
    f"Budget 2026 på baggrund af budgetforslag\n{PAID}", PAID.replace("I alt", "(I alt)"), PAID.replace("I alt", "** Summa summarum"), PAID.replace("I alt", "** Forsørgelse"),
])  # fmt: skip
def test_an_honest_budget_is_read_whatever_its_words(text, tmp_path):
    read_of = read(tmp_path, "budget", "budget.csv", text)
    assert read_of["status"].tolist() == ["B", "B", "BO", "BO"] and read_of["amount_tkr"].sum() == 343_350
    assert own.opened("budget", tmp_path).no_total_of == {}


def test_a_name_that_may_be_a_total_is_asked_about_unless_the_file_s_own_total_counts_it_once(tmp_path):
    text = PAID.replace("Sygedagpenge", "Den samlede indsats")
    assert len(read(tmp_path, "budget", "budget.csv", text)) == 4
    refused(tmp_path, "budget", text.replace("I alt;172.017;171.333\n", ""), "'Den samlede indsats' may be a total")
    refused(tmp_path, "budget", text.replace("I alt;172.017", "I alt;172.117"), "1 to mend|may be a total")


@pytest.mark.parametrize(
    "name", ["Budgetopfølgning pr. 31. august 2026", "2. budgetopfølgning", "Økonomirapport", "Budgetopfølgning"]
)
def test_a_follow_up_whose_headings_tell_what_each_amount_is_may_be_called_one(name, tmp_path):
    head = "Linje (1.000 kr.);Vedtaget budget 2026;Korrigeret budget 2026;Forventet regnskab 2026\n"
    rows = "Dagpenge;98.311;97.222;96.111\nSygedagpenge;73.706;74.111;75.000\n"
    found = read(tmp_path, "budget", "budget.csv", f"{name}\n{head}{rows}")
    assert found["status"].tolist() == [*"BBKKFF"]
    refused(tmp_path, "budget", f"{name}\n{PAID}", "net amounts of whole years are read")
    refused(tmp_path, "budget", f"{name}, merudgift\n{head}{rows}", "net amounts of whole years are read")


def test_the_block_above_a_table_of_an_accounts_system_is_no_heading(tmp_path):
    block = "Rapport\nKommune:;Ballerup\nRegnskabsår:;2026\nUdskrevet:;01-10-2025\nBeløb i:;1.000 kr.\n\n"
    rows = "Kontonr;Kontonavn;Budget 2026\n5.57.78;Dagpenge;98.311\n5.57.71;Sygedagpenge;73.706\nI alt;;172.017\n"
    found = read(tmp_path, "budget", "budget.csv", block + rows)
    assert found[["line", "year", "amount_tkr"]].to_numpy().tolist() == [
        ["Dagpenge", 2026, 98_311],
        ["Sygedagpenge", 2026, 73_706],
    ]


def test_a_first_row_of_years_without_a_word_in_its_corner_is_the_heading(tmp_path):
    text = ";B2026 (kr.);BO2027 (kr.)\nA;5000;6000\nLinje;B2026 (kr.);BO2027 (kr.)\nB;7000;8000\n"
    refused(tmp_path, "budget", text, "row 3, .*a second row of headings")
    below = ";B2026;B2027\nUdgifter;;\nLinje (kr.);B2026;BO2027\nA;5000;6000\n"  # figures in the third row below are not its
    assert read(tmp_path, "budget", "budget.csv", below)["status"].tolist() == ["B", "BO"]


def test_a_title_of_a_year_above_the_headings_is_none_and_its_status_is_asked_about(tmp_path):
    table = "Linje;B2026 (1.000 kr.)\nA;5001\nI alt;5001\n"
    for before, rows in ((";;;", table), (";;", table), (";;;", table.replace("\n", ";;;\n")), (";", table)):
        says = "row 1, .*'Budgetforslag 2026': the amounts are read as B; is it F"
        refused(tmp_path, "budget", f"{before}Budgetforslag 2026\n{rows}", says)
        assert len(read(tmp_path, "budget", "budget.csv", f"{before}Budget 2026\n{rows}")) == 1
    assert len(read(tmp_path, "budget", "budget.csv", ";B2026\n;1.000 kr.\nA;5001\n")) == 1


def test_a_unit_over_a_year_that_contradicts_its_heading_is_told_though_another_year_tells_none(tmp_path):
    text = ";mio. kr.;x\nLinje;B2026 (1.000 kr.);BO2027\nA;5000;6000\n"
    refused(
        tmp_path,
        "budget",
        text,
        "2 to mend\n.*row 1, .*'mio. kr.' tells another unit than the heading(.|\n)*no unit is told",
    )


def test_two_of_the_periods_that_stand_across_are_named_and_one_alone_is_no_row_of_them(tmp_path):
    head = "kommune;ydelse;jan 2026;feb 2026{}\n"
    refused(
        tmp_path,
        "persons",
        head.format(";mar 2026") + "Ballerup;Dagpenge;1;2;3\n",
        "; 'jan 2026', 'feb 2026' stand across; write a row",
    )
    with pytest.raises(DataError, match="has no heading for period") as told:
        read(tmp_path, "persons", "persons.csv", "kommune;ydelse;jan 2026\nBallerup;Dagpenge;1\n")
    assert "across" not in str(told.value)


def test_a_unit_in_a_note_is_another_only_where_the_headings_tell_one(tmp_path):
    text = "Linje;{};Bemærkning;enhed\nDagpenge;98.311;;1.000 kr.\n;;Tal i 1.000 kr.;\n"
    assert read(tmp_path, "budget", "budget.csv", text.format("B2026"))["amount_tkr"].tolist() == [98_311]
    refused(tmp_path, "budget", text.format("B2026 (kr.)"), "'Tal i 1.000 kr.': another unit than the headings tell")
    bare = text.format("B2026 (kr.)").replace("Tal i 1.000 kr.", "Beløb i 1.000")
    refused(tmp_path, "budget", bare, "'Beløb i 1.000': another unit than the headings tell")


def test_a_note_that_speaks_of_persons_stops_no_budget_that_has_them(tmp_path):
    text = "linje;B2026 (kr.);{}\nA;983110;4\nB;764060;5\n\nAntal helårspersoner\n"
    assert len(read(tmp_path, "budget", "budget.csv", text.format("personer"))) == 2
    refused(tmp_path, "budget", text.format("nr"), "'Antal helårspersoner': are no kroner")
    some = text.format("nr").replace("helårspersoner", "personer med handicap")  # which begins as no line in money does
    refused(tmp_path, "budget", some, "'Antal personer med handicap': are no kroner")


def test_a_row_that_ends_before_the_column_that_confirms_it_is_not_confirmed(tmp_path):
    text = "linje;B2026 (kr.);Note;bekræftet\nA;5000;udgår{}\nB;7000;;\n"
    refused(tmp_path, "budget", text.format(""), "row 2, .*'udgår'")
    assert len(read(tmp_path, "budget", "budget.csv", text.format(";ja"))) == 2
    refused(tmp_path, "budget", text.format(";nej"), "row 2, .*'udgår'")


def test_a_remark_is_confirmed_where_a_kind_has_a_column_for_that_and_read_as_the_status_it_has(tmp_path):
    seen = "case;item;observed;Note\n5.10;saving_2020;0,4;udgår\n"
    with pytest.raises(DataError, match="does its row count") as told:
        read(tmp_path, "observations", "observations.csv", seen)
    assert "bekræftet" not in str(told.value)
    budget = "linje;{}2026 (kr.);Note\nA;5000;{}\nB;7000;\n"
    refused(tmp_path, "budget", budget.format("B", "udgår"), "does its row count.*write ja in a column 'bekræftet'")
    refused(tmp_path, "budget", budget.format("K", "forventet"), "'forventet': the amount is read as K; is it F")
    refused(tmp_path, "budget", budget.format("B", "korr"), "the amount is read as B; is it K")
    assert (
        len(read(tmp_path, "budget", "budget.csv", budget.format("B", "rev"))) == 2
    )  # of three letters: it may number something


def test_an_empty_column_with_a_heading_parts_no_tables(tmp_path):
    text = "Linje;B2026 (kr.);Note;Ansvarlig;BO2027 (kr.)\nA;5000;;Jobcenter;6000\n"
    assert len(read(tmp_path, "budget", "budget.csv", text)) == 2
    refused(tmp_path, "budget", text.replace("Note", ""), "a second table beside the first")


@pytest.mark.parametrize(("corner", "told"), [
    ("Ændringsforslag (1.000 kr.)", "net amounts"), ("Bruttoudgifter, 1.000 kr.", "net amounts"), ("Indtægter (1.000 kr.)", "net amounts"),
    ("Første halvår, 1.000 kr.", "net amounts"), ("Fordeling i pct. (1.000 kr.)", "are no kroner"), ("Linje (bruttoudgifter, 1.000 kr.)", "net amounts"),
    ("Antal helårspersoner (1.000 kr.)", "are no kroner"), ("Linje (1.000 kr.)", ""), ("Konto, 1.000 kr.", ""),
])  # fmt: skip
def test_the_heading_of_the_lines_is_held_to_what_a_title_is(corner, told, tmp_path):
    text = PAID.replace("Linje (1.000 kr.)", corner)
    if told:
        refused(tmp_path, "budget", text, f"row 1, column 1 .*{told}")
    else:
        assert len(read(tmp_path, "budget", "budget.csv", text)) == 4


@pytest.mark.parametrize("word", ["Bruttoudgifter", "Indtægter", "Halvår", "Merudgift", "minus er udgift"])
def test_the_word_in_the_row_of_units_is_held_to_what_a_title_is(word, tmp_path):
    text = f"Linje;B2026;BO2027\n{word};1.000 kr.;1.000 kr.\nDagpenge;98.311;97.222\nI alt;98.311;97.222\n"
    refused(tmp_path, "budget", text, "row 2, column 1 .*net amounts")


@pytest.mark.parametrize("heading", [
    "Δ Beløb (1.000 kr.)", "Beløb % (1.000 kr.)", "÷ Beløb (1.000 kr.)", "-Beløb (1.000 kr.)", "Beløb (±, 1.000 kr.)", "Beløb, 1.000 kr. (−)", "½ beløb (1.000 kr.)",
])  # fmt: skip
def test_a_sign_in_a_heading_is_asked_about(heading, tmp_path):
    text = "Linje;År;{}\nDagpenge;B2026;98.311\nI alt;B2026;98.311\n"
    refused(tmp_path, "budget", text.format(heading), "row 1, column 3 .*has a sign that is not read")
    assert (
        len(read(tmp_path, "budget", "budget.csv", text.format("Netto-udgift (1.000 kr.)").replace("Netto-", "Netto")))
        == 1
    )


def test_stars_before_every_line_are_bullets_and_before_one_a_sum(tmp_path):
    text = "1.000 kr.;B2026\n* Sygedagpenge;76.406\n* Kontanthjælp;81.230\nI alt;157.636\n"
    assert read(tmp_path, "budget", "budget.csv", text)["amount_tkr"].tolist() == [76_406, 81_230]
    refused(tmp_path, "budget", text.replace("* Syge", "Syge"), "if it is a line, name it otherwise, without a star")
    refused(
        tmp_path,
        "budget",
        text.replace("* Syge", "Samlet syge").replace("* ", ""),
        "if it is a line, name it otherwise",
    )


def test_a_filter_with_a_year_above_a_pivot_table_is_no_heading(tmp_path):
    text = "År;2026\n\nRækkeetiketter;Sum af Budget 2026 (1.000 kr.)\nDagpenge;98.311\nHovedtotal;98.311\n"
    assert read(tmp_path, "budget", "budget.csv", text)["amount_tkr"].tolist() == [98_311]


def test_a_file_without_a_figure_comes_to_no_total_and_a_line_without_a_name_is_called_so(tmp_path):
    read(tmp_path, "budget", "budget.csv", "Linje;År;Beløb (kr.)\nA;2026;-\n")
    assert own.held("budget", tmp_path) == "no figures are in it"
    text = "1.000 kr.;B2026;BO2027\nSygedagpenge;50.000;51.000\nFleksjob;26.406;26.000\nI alt;76.406;\n;;77.000\n"
    with pytest.raises(DataError) as told:
        read(tmp_path, "budget", "budget.csv", text)
    assert "nan" not in str(told.value)


def test_a_budget_adopted_at_its_second_reading_is_adopted(tmp_path):
    text = f"{PAID}Vedtaget på Kommunalbestyrelsens møde den 6. oktober 2025 (2. behandling)\n"
    assert read(tmp_path, "budget", "budget.csv", text)["status"].tolist() == ["B", "B", "BO", "BO"]


@pytest.mark.parametrize(
    "name",
    [
        "Sygedagpenge, varighed over 52 uger",
        "Ledige, aktivering",
        "Ekstern aktør, fast pris",
        "Tilbud til udlændinge, pct. 50",
    ],
)
def test_a_line_that_may_be_no_money_is_one_of_kroner_where_the_file_s_total_counts_it(name, tmp_path):
    text = f"Linje;B2027 (1.000 kr.);BO2028 (1.000 kr.)\n{name};98.123;99.456\nDrift;5.001;5.002\n"
    refused(
        tmp_path,
        "budget",
        text,
        rf"1 to mend\n.*row 2, .*'{name}' are no kroner; leave the row out .*'I alt' that counts it",
    )
    refused(tmp_path, "budget", f"{text}I alt;103.124;\n", "1 to mend\n.*row 2, .* are no kroner")  # of one year alone
    assert len(read(tmp_path, "budget", "budget.csv", f"{text}I alt;103.124;104.458\n")) == 4
    refused(tmp_path, "budget", f"{text}I alt;5.001;5.002\n", "are no kroner")  # which it does not count


@pytest.mark.parametrize(("name", "says"), [
    ("Sygedagpenge, før refusion", "net amounts"), ("Kontanthjælp, bruttoudgift", "net amounts"), ("Sygedagpenge jan-jun", "net amounts"), ("Sygedagpenge 1. halvår", "net amounts"),
    ("Statens andel af kontanthjælp", "net amounts"), ("Projekt (EUR)", "amounts in kroner"), ("Januar", "amounts of whole years"), ("1. kvartal", "amounts of whole years"),
    ("Sygedagpenge efter refusion", ""), ("Sygedagpenge uden refusion", ""), ("Besparelse på administration", ""), ("Ændring af takster", ""), ("Kontanthjælp netto", ""),
])  # fmt: skip
def test_a_line_named_after_what_is_gross_or_part_of_a_year_is_asked_about_though_a_total_counts_it(
    name, says, tmp_path
):
    wide = f"Linje;B2027 (1.000 kr.);bekræftet\n{name};76.406;{{}}\nDrift;5.001;\nI alt;81.407;\n"
    accounts = f"Kommune;År;Ydelse;Fuldtidspersoner;Nettoudgift (1.000 kr.)\nBallerup;2014;{name};700;71400\n"
    if says:
        refused(
            tmp_path,
            "budget",
            wide.format(""),
            f"1 to mend\n.*row 2, column 1 'Linje': .*: {says}.*; if it is right as it stands",
        )
        refused(tmp_path, "accounts", accounts, f"row 2, column 3 'Ydelse': .*: {says}")
    else:
        assert len(read(tmp_path, "accounts", "accounts.csv", accounts)) == 1
    assert len(read(tmp_path, "budget", "budget.csv", wide.format("ja"))) == 2


def test_lines_that_are_all_no_money_are_asked_about_whatever_their_total_is(tmp_path):
    text = "Linje;B2027 (1.000 kr.)\nAntal sygedagpengemodtagere;652\nAntal kontanthjælpsmodtagere;1.020\nI alt;1.672\n"
    refused(tmp_path, "budget", text, "2 to mend\n.*are no kroner")
    share = "Kommune;Periode;Ydelse;Fuldtidspersoner\nBallerup;2025;A-dagpenge i pct. af arbejdsstyrken;2,1\n"
    refused(tmp_path, "persons", share, "row 2, column 3 'Ydelse': .* persons are read one by one")
    long = share.replace(
        "A-dagpenge i pct. af arbejdsstyrken;2,1", "Ledige i mere end 100 uger;21"
    )  # which is no share
    assert len(read(tmp_path, "persons", "persons.csv", long)) == 1


@pytest.mark.parametrize(("heads", "told"), [
    (["KB 2026", "BO2 2026"], "BO2 2026"), (["R2024", "BO2 2026"], "BO2 2026"), (["BO2 2026"], "BO2 2026"), (["B2025", "BO2 2026"], "BO2 2026"),
    (["B2026", "BO1 2027", "BO2 2028"], ""), (["BO1 2027", "BO2 2028", "BO3 2029"], ""), (["B2026", "BO2 2028"], ""), (["K2024", "BO 2 2026"], ""),
    (["B2026", "KB 2028", "BO2 2028"], "BO2 2028"), (["B2026", "BO1 2027", "BO1 2028"], "BO1 2027"), (["B2026", "BO2027"], ""), (["BO 1 2026", "BO 2 2027"], ""),
])  # fmt: skip
def test_an_estimate_numbered_as_a_follow_up_is_asked_about_unless_it_follows_a_budget(heads, told, tmp_path):
    wide = book([["Linje (1.000 kr.)", *heads], ["A", *range(5001, 5001 + len(heads))]])
    long = [["Linje", "År", "Beløb (1.000 kr.)"], *(["A", head, 5000 + n] for n, head in enumerate(heads))]
    for raw in (wide, book(long)):
        if told:
            refused(
                tmp_path,
                "budget",
                raw,
                f"'{told}' may be either; write BO20.. if it is an estimate, F20.. if it is a follow-up",
            )
        else:
            assert len(read(tmp_path, "budget", "budget.xlsx", raw)) == len(heads)


def test_persons_on_all_benefits_are_no_more_than_the_inhabitants(tmp_path):
    text = "Kommune;Periode;Ydelse;Fuldtidspersoner\nBallerup;2025;Ledighedsydelse;{}\nBallerup;2025;Ressourceforløb;33.417\n"
    refused(
        tmp_path,
        "persons",
        text.format("48.125"),
        r"1 to mend\n.*row 2, column 4 .*: 81.542 persons on all benefits together are more than the \d\d.\d{3} inhabitants",
    )
    assert len(read(tmp_path, "persons", "persons.csv", text.format("1.125"))) == 2


def test_persons_on_a_benefit_are_held_to_the_most_inhabitants_their_own_area_has_had(tmp_path):
    text = "Kommune;Periode;Ydelse;Fuldtidspersoner\nLæsø;2026Q1;Ledighedsydelse;{}\n"
    refused(tmp_path, "persons", text.format(5000), "1 to mend\n.*row 2, .*at most 2.009 inhabitants")
    assert len(read(tmp_path, "persons", "persons.csv", text.format(1800))) == 1  # more than the 1.683 of today


@pytest.mark.parametrize(("cell", "factor", "separator", "is_danish", "two"), [
    ("1.234", 1e3, ",", False, True), ("1.234", 1e3, ",", True, False), ("1.234", 1e3, ";", False, False), ("1.234", 1e6, ";", False, True),
    ("1.234", 1e6, ";", True, False), ("1.234.567", 1e6, ";", False, False), ("76,406", 1, ";", True, True), ("76,406", 1, ";", False, True),
    ("76,406", 1e3, ";", False, True), ("76,406", 1e3, ";", True, False), ("76,406", 1e6, ";", False, False), ("76,4065", 1, ";", False, False),
])  # fmt: skip
def test_three_digits_behind_a_mark_are_thousands_or_thousandths_by_unit_and_separator(
    cell, factor, separator, is_danish, two
):
    assert amounts.is_two(cell, factor, separator, is_danish) == two


def test_a_number_of_a_workbook_is_shown_whole_and_what_is_none_as_it_is():
    assert [amounts.as_shown(cell) for cell in (1e16, True, 0)] == ["10.000.000.000.000.000", "True", "0"]


def test_a_row_without_persons_has_no_price_and_hides_none(tmp_path):
    accounts = (
        "Kommune;År;Ydelse;Fuldtidspersoner;Nettoudgift (1.000 kr.)\nBallerup;2023;A;700;{}\nBallerup;2024;A;0;5\n"
    )
    assert len(read(tmp_path, "accounts", "accounts.csv", accounts.format(71_400))) == 2
    refused(tmp_path, "accounts", accounts.format(7_140), "1 to mend\n.*row 2, .*10.200 kr. a person and year is not")


def of_line(line, benefit, *sure):
    """Return a wide and a long budget of one line that pays a benefit, and one of salaries."""
    names = ["bekræftet"] * len(sure)
    wide = [
        ["Linje", "Ydelse", "B2026 (1.000 kr.)", "BO2027 (1.000 kr.)", *names],
        [line, benefit, 76_406, 77_001, *sure],
        ["Løn", "andet", 8312, 8410],
    ]
    long = [["Linje", "Ydelse", "År", "Beløb (1.000 kr.)", *names]]
    long += [[*row[:2], year, row[at], *row[4:]] for row in wide[1:] for at, year in ((2, "B2026"), (3, "BO2027"))]
    return wide, long


@pytest.mark.parametrize(("line", "benefit", "named"), [
    ("Kontanthjælp", "dagpenge", "kontanthjælp"), ("5.57.73 Kontanthjælp m.v.", "Sygedagpenge", "kontanthjælp"), ("Udgifter til dagpenge", "kontanthjaelp", "dagpenge"),
    ("Kontanthjælpsmodtagere", "dagpenge", "kontanthjælp"), ("Ressourceforløb, unge under 30 år", "kontanthjælp", "ressourceforløb"), ("DAGPENGE (netto efter refusion)", "sygedagpenge", "dagpenge"),
    ("Førtidspension", "dagpenge", "forsørgelse"), ("Fleksjob", "dagpenge", "fleksjob"), ("Dagpenge", "fleksjob og ledighedsydelse", "dagpenge"),
])  # fmt: skip
def test_a_line_called_by_one_benefit_that_tells_another_is_asked_about_once(line, benefit, named, tmp_path):
    for rows in of_line(line, benefit):
        refused(tmp_path, "budget", book(rows), f"1 to mend\n.*row 2, .*'Ydelse': .* is called by {named}, but ")
    for rows in of_line(line, benefit, "ja"):
        assert read(tmp_path, "budget", "budget.xlsx", book(rows))["benefit"].iloc[0] == benefit


@pytest.mark.parametrize(("line", "benefit"), [
    ("Kontanthjælp", "KONTANTHJÆLP"), ("Kontanthjælp", "andet"), ("Kontanthjælp", "aktivering"), ("Kontanthjælp", "forsørgelse"), ("Kontanthjælp", "barselsdagpenge"), ("Kontanthjælp", None),
    ("Fleksjob", "ledighedsydelse"), ("Fleksjob", "fleksjob og ledighedsydelse"), ("Ledighedsydelse", "fleksjob"), ("Barselsdagpenge", "sygedagpenge"), ("Sygedagpenge", "sygedagpenge"),
    ("Aktivering", "dagpenge"), ("Forsørgelse", "dagpenge"), ("Andet", "dagpenge"), ("Uddannelseshjælp", "kontanthjælp"), ("A-kasse", "dagpenge"), ("Dagpenge og kontanthjælp", "kontanthjælp"),
    ("Kontanthjælp til integrationsborgere", "integrationsydelse"), ("Kontanthjælpsmodtagere i ressourceforløb", "ressourceforløb"), ("Ressourceforløb (fra kontanthjælp)", "kontanthjælp"),
])  # fmt: skip
def test_a_line_that_may_well_pay_the_benefit_it_tells_stops_no_budget(line, benefit, tmp_path):
    for rows in of_line(line, benefit):
        assert read(tmp_path, "budget", "budget.xlsx", book(rows))["line"].iloc[0] == line


OF_OTHERS = """Udgår i 2029|Bortfalder fra 2030|Nedlagt pr. 1.1.2028|Refusion bortfalder|Tæller ikke med i servicerammen|Indgår ikke i budgetgarantien|Ikke medtaget i LCP
Månedlig opfølgning|Ansættelse 6 måneder|Lønudgift pr. måned 45.000 kr.|Indfaset fra 3. kvartal|Halvårseffekt i 2026|12 måneder|Udgår ikke|Se note 3|Budgetaftale 2026|Overført fra 2025
Tilskud fra STAR ikke medregnet|50 pct. refusion|Hjemtager refusion|Korrigeret for pris- og lønudvikling|Forventet stigning|Prognose fra STAR|Baseret på regnskab 2024|Regnskab 2024: 75 mio.
Kun egne borgere|Unge under 30|Ballerup Kommune|Gladsaxe overtager 2029|Herlev|Se linje 5|Del af budgetgaranti|Indgår i budgetgarantien|Indgår i beregningen|1.-4. kvartal|Sendes til Herlev""".replace(
    "\n", "|"
).split("|")
OF_ROWS = {
    "does its row count": "Udgår|Udgår, se linje 5|Tæller ikke med|Skal ikke med|Ikke medregnet i summen|Indgår i linjen ovenfor|Er indeholdt i linje 3|Dublet|OBS: allerede talt med|Del af posten over",
    "net amounts of whole": "Tallet er brutto|Beløbet er brutto|Bruttobudget 2027|Refusion er ikke fratrukket|1.-3. kvartal|2.-4. kvartal|pr. måned|Halvår|Kun 1. halvår|Beløb for 6 måneder",
    "amounts in kroner are read": "i 1.000 EUR|i euro|Beløb i mio. EUR",
    "is it an amount in kroner": "Andel i pct.|Promille|Indeks",
}
OF_ACCOUNTS = {
    "closed accounts are read": "Budget 2024|Vedtaget budget|KB 2027|Forventet|Forbrug pr. 30.9|Forbrug til og med maj|Udkast|Foreløbige tal|Endnu ikke lukket",
    "is it of Herlev": "Tal for Herlev|Gælder Herlev|Herlev Kommune|Beløb fra Herlev Kommune.",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["budget", "accounts", "persons"])
def test_a_remark_of_another_year_or_matter_is_shown_and_stops_no_file(kind):
    asked = {one: remark_fault(kind, "bemærkning", one, frozenset("B"), "151") for one in OF_OTHERS}
    assert {one: right for one, right in asked.items() if right} == {}


@pytest.mark.parametrize(("kind", "told"), [("budget", OF_ROWS), ("accounts", OF_ROWS | OF_ACCOUNTS)])
def test_a_remark_that_tells_all_of_a_row_to_be_something_else_is_asked_about(kind, told):
    for says, cells in told.items():
        for cell in cells.split("|"):
            assert remark_fault(kind, "bemærkning", cell, frozenset("B"), "151").startswith(says), cell
    assert remark_fault("persons", "bemærkning", "Tal for Herlev", frozenset(), "151").startswith("is it of Herlev")
    assert remark_fault("accounts", "bemærkning", "Tal for Herlev", frozenset(), "163") == ""
    for status in ("KB 2027", "Udkast"):
        assert "the amount is read as B; is it" in remark_fault("budget", "bemærkning", status, frozenset("B"))


def test_a_duration_in_the_name_of_a_line_and_periods_of_the_whole_year_stop_nothing(tmp_path):
    rows = [["Linje", "B2026 (1.000 kr.)"], ["Sygedagpenge over 6 måneder", 76_406], ["0-6 måneder", 51_234]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2
    rows[2][0] = "Sygedagpenge, 6 måneder"
    refused(tmp_path, "budget", book(rows), "'Sygedagpenge, 6 måneder': net amounts of whole years")
    for name, cell in (("Opdateret måned", "maj"), ("Vægt", "1,00"), *(("Periode", p) for p in ("01 - 12", "00-13", "0-12", "1-16"))):  # fmt: skip
        assert len(read(tmp_path, "budget", "budget.xlsx", book(beside(name, cell, cell)))) == 2, (name, cell)
    for name, cell in (("Vægt", "1,10"), ("Periode", "00-06"), ("Periode", "06-12"), ("Periode", "02-13")):  # fmt: skip
        refused(tmp_path, "budget", book(beside(name, cell, cell)), f"row 1, .*{name}")


def test_the_parts_of_an_account_are_known_by_its_number_however_that_is_written_and_where(tmp_path):
    rows = [("5", "Forsørgelse", 140.0), ("5 57", "Ydelser", 127.6), ("5 57 71", "Sygedagpenge", 76.4), ("5 57 73", "Kontanthjælp", 51.2), ("5 68", "Indsats", 12.3)]  # fmt: skip
    for mark, lead in ((" ", ""), ("-", ""), (".", ""), (" ", "0"), (".", "0")):
        numbers = [lead + number.replace(" ", mark) for number, *_ in rows]
        apart = [["Konto", "Linje", "B2026 (mio. kr.)"], *([n, *row[1:]] for n, row in zip(numbers, rows, strict=True))]
        together = [apart[0][1:], *([f"{n} {row[1]}", row[2]] for n, row in zip(numbers, rows, strict=True))]
        for table in (apart, together):
            refused(tmp_path, "budget", book(table), "Ydelser' is the sum of others")
        assert len(read(tmp_path, "budget", "budget.xlsx", book([apart[0], *apart[3:]]))) == 3


@pytest.mark.parametrize(("note", "followed", "asked"), [
    ("Beløb i kr. fremgår af bilag", False, False), ("Beløb i kr.", False, True), ("Se tal i kr.", False, False),
    ("Anlæg, kr.", True, True), ("Anlæg, kr.", False, False), ("101", True, False), ("Herlev", True, True), ("Herlev", False, False),
])  # fmt: skip
def test_a_text_in_a_row_of_its_own_is_asked_about_where_it_speaks_of_all_or_of_what_follows(note, followed, asked):
    assert bool([*note_faults("budget", note, {1e3}, followed, False)]) == asked


def test_the_account_of_a_row_that_ends_early_is_not_known_and_that_of_accounts_is(tmp_path):
    text = "Linje;B2026 (mio. kr.);Konto\nForsørgelse;140,0\nYdelser;127,6;5 57\nA;76,4;5 57 71\nB;51,2;5 57 73\n"
    refused(tmp_path, "budget", text, "'Ydelser' is the sum of others")
    heads = ["Konto", "Kommune", "År", "Ydelse", "Nettoudgift (mio. kr.)"]
    rows = [[konto, "Ballerup", 2014, *one] for konto, *one in (("5 57", "Ydelser", 127.6), ("5 57 71", "A", 76.4), ("5 57 73", "B", 51.2))]  # fmt: skip
    persons = [[*row, n] for row, n in zip(rows, (1276, 764, 512), strict=True)]
    refused(tmp_path, "accounts", book([[*heads, "Fuldtidspersoner"], *persons]), "'Ydelser' is the sum of others")


def test_a_remark_that_is_a_municipality_is_no_area_and_a_name_may_hold_kroner_and_stars(tmp_path):
    assert (
        len(read(tmp_path, "accounts", "accounts.xlsx", book(remarked("accounts", "Bemærkning", "Herlev", None)))) == 2
    )
    text = "kommune;periode;ydelse;fuldtidspersoner\nBallerup;2026M03;Tilskud (1.000 kr.);5\n"
    assert len(read(tmp_path, "persons", "persons.csv", text)) == 1
    assert not has_stars("Tilbud ** ny")


def test_months_of_which_one_is_written_short_may_be_quarters():
    cells = ["2026-1", "2026-02", "2026-04"]
    grid = Grid("", "", [["Periode"], *([one] for one in cells)], [1, 2, 3, 4])
    head = head_of("persons", grid)
    told = [*period_faults(grid, head, {n: f"2026M0{cell[-1]}" for n, cell in enumerate(cells, 1)})]
    assert told and told[0][2].startswith("is it the month 2026M01")


PERSONS_CSV = "periode,ydelse,fuldtidspersoner,kommune\n2026M03,A,7,151\n"
COMMAS = "kommune,år,ydelse,fuldtidspersoner,nettoudgift (1.000 kr.)\nBallerup,2014,A,1,400\n"


def test_commas_are_asked_about_between_numbers_alone_and_where_none_is_plain(tmp_path):
    assert len(read(tmp_path, "budget", "budget.csv", "linje,B2026 (1.000 kr.)\n12,345\n")) == 1
    assert len(read(tmp_path, "persons", "persons.csv", PERSONS_CSV)) == 1
    asked = "'1' and '400' may be one number"
    refused(tmp_path, "accounts", COMMAS, asked)
    refused(tmp_path, "accounts", COMMAS + 'Ballerup,2013,A,"1400,5","92.400"\n', asked)
    refused(tmp_path, "budget", "linje,B2026 (1.000 kr.)\nA,5000,,x\n", "1 to mend\n.*'x' stands beyond the headings")


def test_a_row_is_a_second_heading_by_its_years_or_a_word_of_one_and_a_line_may_name_its_source(tmp_path):
    two = [["Linje (1.000 kr.)", "B2026", "B2027"], ["A", 5000, 6000], ["Linje", "B2026", None], ["B", 7000, 8000]]
    refused(tmp_path, "budget", book(two), "row 3, .*: a second row of headings")
    one = [["Linje (1.000 kr.)", 2026], ["A", 5000], ["Hele 1.000 kr.", 2026], ["B", 7000]]
    refused(tmp_path, "budget", book(one), "row 3, .*: a second row of headings")
    assert len(read(tmp_path, "budget", "budget.csv", "linje;B2026 (kr.)\nTilskud, kilde: STAR;5000\nB;7000\n")) == 2
    assert not sums_by(["heraf x", "* A"])("* A")


def test_a_line_without_an_account_keeps_its_name_and_the_account_alone_is_a_name(tmp_path):
    lines = "Netto;127,6\nA;76,4;5 57 71\nB;51,2;5 57 73\n"
    refused(tmp_path, "budget", f"Linje;B2026 (mio. kr.);Konto\n{lines}", "'Netto' is the sum of others")
    bare = re.sub(r";5 57 7\d", "", lines)
    refused(tmp_path, "budget", f"Konto;B2026 (mio. kr.)\n{bare}", "'Netto' is the sum of others")


def test_what_stands_beside_persons_or_without_a_heading_is_asked_about_where_it_is_no_remark(tmp_path):
    text = "kommune;periode;ydelse;fuldtidspersoner;Note\nBallerup;2026M03;A;5;kr.\n"
    assert len(read(tmp_path, "persons", "persons.csv", text)) == 1
    rows = [["Linje", "B2026 (1.000 kr.)", None, "Konto"], ["A", 5000, "se note", "x"], ["B", 7000, None, "y"]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2
    rows[1][2] = "12 x"
    refused(tmp_path, "budget", book(rows), "'12 x' stands between the headings")


TWO_LEVELS = [("Borgere", 127.6), ("Sygedagpenge", 76.4), ("Kontanthjælp", 51.2), ("Indsats", 14.6), ("Aktivering", 12.3), ("Mentor", 2.3)]  # fmt: skip


def test_sums_that_chance_may_have_one_by_one_it_has_not_together(tmp_path):
    rows = [["Linje", "B2026 (mio. kr.)"], *map(list, TWO_LEVELS)]
    refused(tmp_path, "budget", book(rows), r"2 to mend\n.*'Borgere' is the sum of others.*\n.*'Indsats' is the sum")
    rows.append(["I alt", 284.4])  # which counts all twice
    refused(tmp_path, "budget", book(rows), "2 to mend")
    rows[4][1] = 14.7
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows[:-1]))) == 6  # one alone is chance
    overlapping = {"A": (0, 3), "B": (3, 5), "C": (6, 8)}
    low, high = math.log(15), math.log(16)
    assert _rarest(overlapping, {"A": high, "B": low, "C": high}) == {"A", "C"}
    assert _rarest(overlapping, {"A": low, "B": low, "C": high}) == set()
    assert _rarest(overlapping, {"B": math.log(250)}) == {"B"}


@pytest.mark.parametrize(("lines", "asked"), [
    ((("5.57.71 Sygedagpenge", 76_406), ("5.57.73 Kontanthjælp", 51_234), ("5.57 Ydelser", 165_851)), "5.57 Ydelser"),
    ((("557 Ydelser", 165_851), ("55771 Sygedagpenge", 76_406), ("55773 Kontanthjælp", 51_234)), "557 Ydelser"),
    ((("5 Sociale opgaver", 165_851), ("5.57 Ydelser", 76_406), ("5.58 Fleksjob", 51_234)), "5 Sociale opgaver"),
    ((("5.57 Ydelser", 165_851), ("5.58.81 Fleksjob", 38_211), ("5.57.71 Sygedagpenge", 76_406)), "5.57 Ydelser"),
    ((("5.57 Netto", 65_851), ("5.57.71 Sygedagpenge", 76_406), ("5.57.73 Refusion", -10_777)), "5.57 Netto"),
    ((("Kontante ydelser (5.57)", 165_851), ("Sygedagpenge (5.57.71)", 76_406)), "Kontante ydelser (5.57)"),
    ((("5.57 Puljer", 9_123), ("5.57.71 Sygedagpenge", 76_406)), ""), ((("5.57 A", 165_851), ("5.571 B", 76_406)), ""),
    ((("52 uger", 165_851), ("52-104 uger", 76_406)), ""), ((("55 A", 165_851), ("5577 B", 76_406)), ""),
])  # fmt: skip
def test_a_line_whose_account_begins_those_of_others_may_be_their_total_wherever_it_stands(lines, asked, tmp_path):
    rows = [["Linje", "B2026 (1.000 kr.)"], *map(list, lines)]
    if asked:
        refused(
            tmp_path, "budget", book(rows), rf"1 to mend\n.*{re.escape(asked)}' may be the total of the lines whose"
        )
    else:
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == len(lines)


@pytest.mark.parametrize("mark", ["- ", "• ", "..", "  ", "→ ", "indent"])
def test_lines_set_apart_below_one_that_is_not_may_be_its_parts(mark, tmp_path):
    names = ("Sygedagpenge", "uge 5-22", "uge 23-52", "Kontanthjælp")
    amounts = (76_406, 40_211, 30_110, 51_234)
    spaced = [name if mark == "indent" or not name.startswith("uge") else mark + name for name in names]
    rows = [["Linje", "B2026 (1.000 kr.)"], *map(list, zip(spaced, amounts, strict=True))]

    def indents(rows):
        def change(workbook):
            for row in rows if mark == "indent" else ():
                workbook.active.cell(row, 1).alignment = Alignment(indent=1)

        return change

    right = f"1 to mend\n.*row 3, column A 'Linje': '{re.escape({'indent': ''}.get(mark, mark.strip()))} ?uge 5-22' is set apart"
    refused(tmp_path, "budget", book(rows, indents([3, 4])), right)
    rows.append(["I alt", sum(amounts)])  # which counts each
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows, indents([3, 4])))) == 4
    under = [rows[0], ["Ydelser", None], *([mark * (mark != "indent") + name, kr] for name, kr in zip(names, amounts, strict=True)), ["Løn", 5_123]]  # fmt: skip
    assert len(read(tmp_path, "budget", "budget.xlsx", book(under, indents([3, 4, 5, 6])))) == 5


@pytest.mark.parametrize(
    "name", ["I-alt", "i.alt", "Tot.", "Slutsum", "Sumlinje", "Σ", "Samtlige ydelser", "Alle ydelser"]
)
def test_what_may_be_a_total_by_its_name_is_asked_about_though_it_does_not_fit(name, tmp_path):
    text = f"Linje;B2026 (1.000 kr.)\nSygedagpenge;76.406\nKontanthjælp;51.234\nFleksjob;38.211\n{name};175.851\n"
    refused(tmp_path, "budget", text, "1 to mend\n.*may be a total; if it is, call it I alt")


@pytest.mark.parametrize(("title", "years"), [
    ("Budget 2026-2029, netto 1.000 kr.", [2026, 2027]), ("Budget 2026 og overslagsår 2027, 1.000 kr. netto", [2026, 2027]),
])  # fmt: skip
def test_a_title_may_call_its_amounts_net_beside_their_unit(title, years, tmp_path):
    rows = [[title, None, None], ["Linje", *years], ["A", 76_406, 77_000]]
    assert read(tmp_path, "budget", "budget.xlsx", book(rows))["amount_tkr"].tolist() == [76_406, 77_000]


def test_the_unit_may_stand_alone_below_the_heading_of_the_lines_and_no_year_s(tmp_path):
    rows = [["Udvalget", "Budget 2026", "BO 2027"], ["1.000 kr.", None, None], ["A", 76_406, 77_000]]
    assert read(tmp_path, "budget", "budget.xlsx", book(rows))["amount_tkr"].tolist() == [76_406, 77_000]


@pytest.mark.parametrize("note", [
    "Sygedagpenge: 0-4 uger betales af kommunen uden refusion", "I overslagsårene er indregnet budgetforslag 5.10", "Budgetopfølgning pr. 30. april og 31. august forelægges udvalget",
])  # fmt: skip
def test_an_honest_note_that_speaks_of_some_stops_no_budget(note, tmp_path):
    rows = [["Linje", "B2026 (1.000 kr.)"], ["Sygedagpenge, uge 1-4 (ingen refusion)", 76_406], ["B", 51_234], ["Driftsudgifter i alt, netto", 127_640], [note, None]]  # fmt: skip
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2
    rows[-1][0] = "Beløbene er uden refusion"
    refused(tmp_path, "budget", book(rows), "net amounts of whole years")


@pytest.mark.parametrize("cell", ["Alder i alt", "16-66 år", "18-64 år", "Køn i alt", "Mænd og kvinder", "Herkomst i alt", "Alle herkomster", "Alle ydelser", "16+ år", "Sygedagpengemodtagere"])  # fmt: skip
def test_everybody_by_whatever_words_is_no_part_of_the_population(cell, tmp_path):
    heads = ["Kommune", "Periode", "Ydelse", "Fuldtidspersoner", "Målgruppe"]
    rows = [heads, ["Ballerup", "2026M03", "Sygedagpenge", 512, cell]]
    assert len(read(tmp_path, "persons", "persons.xlsx", book(rows))) == 1
    rows[1][4] = "16-29 år"
    refused(tmp_path, "persons", book(rows), "'Målgruppe': figures of the whole population are read")
    if cell != "Sygedagpengemodtagere":
        rows = [[f"Målgruppe: {cell}", *[None] * 3], heads[:4], rows[1][:4]]
        assert len(read(tmp_path, "persons", "persons.xlsx", book(rows))) == 1


def test_a_column_that_tells_how_often_something_is_done_is_of_no_amount_and_one_that_a_row_does_not_count_is(tmp_path):
    for name, cell in (("Opfølgning", "Månedlig"), ("Udbetaling", "Pr. måned"), ("Aktiv", "ja"), ("Medtages", None)):
        assert len(read(tmp_path, "budget", "budget.xlsx", book(beside(name, cell, cell)))) == 2
    for name, cell in (("Medtages", "Nej"), ("Aktiv", "nej"), ("Gyldig", 0)):
        refused(tmp_path, "budget", book(beside(name, "ja", cell)), "1 to mend\n.*does its row count")
    refused(tmp_path, "budget", book(beside("Regnskabsperiode", "1-6", "1-6")), "amounts of whole years")


def test_each_sentence_of_a_long_remark_is_looked_at(tmp_path):
    long = f"Budgettet er reduceret i forhold til 2025. {'Se bilag. ' * 20}Beløbet dækker alene 1. halvår 2026."
    refused(
        tmp_path, "budget", book(beside("Bemærkning", None, long)), "1 to mend\n.*row 3, .*net amounts of whole years"
    )


def test_the_sheet_of_another_municipality_tells_whose_a_budget_is(tmp_path):
    (tmp_path / "budget.xlsx").write_bytes(book([["Linje", "B2026 (kr.)"], ["A", 5]], in_sheet("Gladsaxe Kommune")))
    assert own.opened("budget", tmp_path).areas() == {"159"}


def test_a_total_in_another_unit_than_the_headings_covers_no_line(tmp_path):
    text = "linje;B2026 (1.000 kr.);enhed\nA;5;\nB;7;\nI alt;12;{}\n"
    for unit, uncovered in (("", {}), ("1.000 kr.", {}), ("mio. kr.", {"amount_tkr": ""})):
        (tmp_path / "budget.csv").write_text(text.format(unit), encoding="utf-8")
        assert own.opened("budget", tmp_path).no_total_of == uncovered


def test_three_decimals_are_asked_about_by_the_unit_of_the_heading_or_above_it_and_of_no_name(tmp_path):
    for text in ("linje;B2026 (1.000 kr.);enhed\nA;97,300;\n", "1.000 kr.\nlinje;B2026\nA;97,300\n"):
        refused(tmp_path, "budget", text, "'97,300' may be a thousand or one")
    assert len(read(tmp_path, "budget", "budget.csv", "linje,B2026 (1.000 kr.)\n1.000,5001\n")) == 1


def test_a_number_that_is_struck_through_is_none_whatever_its_unit_and_one_without_a_name_is_no_note(tmp_path):
    for unit in ("kr.", "1.000 kr."):
        rows = [["Linje", f"B2026 ({unit})"], ["A", 76_406], ["B", 51_234]]
        refused(
            tmp_path,
            "budget",
            book(rows, lambda b: setattr(b.active["B3"], "font", Font(strike=True))),
            "row 3, .*struck",
        )
    refused(
        tmp_path, "budget", book([["Linje", "B2026 (kr.)"], ["A", 76_406], [None, 51_234]]), "row 3, .*write a name"
    )


def test_what_is_read_has_the_columns_it_is_said_to_have(tmp_path):
    text = "linje;B2026;enhed;bekræftet\nA;5;1.000 kr.;ja\n"
    columns = [*read(tmp_path, "budget", "budget.csv", text)]
    assert columns == ["line", "year", "amount_tkr", "persons", "benefit", "status", "file_line", "file"]


YEARS = ["B2026 (mio. kr.)", "BO2027 (mio. kr.)", "BO2028 (mio. kr.)", "BO2029 (mio. kr.)"]
DEARER = [("Introduktionsydelse", 1.3, 1.3, 1.4, 1.4), ("Frivillighed", 9.7, 9.9, 10.1, 10.4), ("FGU", 0.4, 0.4, 0.4, 0.4), ("Løntilskud", 8.1, 8.3, 8.5, 8.6),
          ("Lægeerklæringer", 0.1, 0.1, 0.1, 0.1), ("Danskuddannelse", 0.6, 0.6, 0.6, 0.6), ("Tolkebistand", 0.7, 0.7, 0.7, 0.7), ("Sygedagpenge", 0.2, 0.2, 0.2, 0.2)]  # fmt: skip
TWICE = [("Sygdom", 108.5), ("A", 76.4), ("B", 14.3), ("C", 17.8), ("Unge og voksne", 97.5), ("D", 51.2), ("E", 12.4), ("F", 33.9), ("Fleks", 50.7), ("G", 38.2), ("H", 12.5),
         ("Pension", 225.6), ("I", 180.3), ("J", 41.6), ("K", 3.7), ("Indsats", 23.0), ("L", 2.3), ("M", 8.1), ("N", 12.6)]  # fmt: skip


def test_a_year_in_which_all_is_as_much_dearer_tells_nothing_new_of_a_sum(tmp_path):
    rows = [["Linje", *YEARS], *map(list, DEARER), ["I alt", 21.1, 21.5, 22.0, 22.4]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 32
    for years in (1, 2, 4):
        rows = [["Linje", *YEARS[:years]], *([name, *[kr] * years] for name, kr in TWICE)]
        refused(tmp_path, "budget", book(rows), rf"{5 * years} to mend\n.*'Sygdom' is the sum of others")


@pytest.mark.parametrize("heading", ["Budget 2026 pl-2025 (1.000 kr.)", "Budget 2026 PL-2025 (1.000 kr.)", "Budget 2026 p/l-2025 (1.000 kr.)"])  # fmt: skip
def test_prices_of_another_year_behind_a_year_are_told(heading, tmp_path):
    refused(tmp_path, "budget", book([["Linje", heading], ["A", 5]]), "prices of their year")
    assert (
        len(read(tmp_path, "budget", "budget.xlsx", book([["Linje", heading.replace("2025", "2026")], ["A", 5]]))) == 1
    )


@pytest.mark.parametrize("name", ["5.57: Ydelser", "5.57, ydelser", "§ 5.57 Ydelser", "Konto 5.57 Ydelser", "Fkt. 557 Ydelser", "Ydelser - 5.57", "Ydelser 5.57", "5_57 Ydelser", "5/57 Ydelser", "[5.57] Ydelser", "Konto nr. 5.57 Ydelser", "Ydelser [5.57]", "5 Ydelser"])  # fmt: skip
def test_the_number_of_an_account_is_known_with_what_stands_beside_it(name, tmp_path):
    parts = ("55771", "55773") if "557 " in name else ("5.57.71", "5.57.73")
    lines = [[f"{parts[0]} Sygedagpenge", 76_406], [f"{parts[1]} Kontanthjælp", 51_234]]
    rows = [["Linje", "B2026 (1.000 kr.)"], [name, 165_851], *lines]
    refused(tmp_path, "budget", book(rows), "may be the total of the lines whose")


def test_a_chapter_of_one_digit_is_the_sum_of_its_accounts_where_it_fits_and_one_line_of_ten_is_not():
    assert is_called_sum("5 A", ["557 B", "558 C"]) and is_called_sum("5 A", ["5.57 B", "558 C"])
    assert not is_called_sum("1 A", ["10 B", "11 C"]) and not is_called_sum("5 A", ["557 B", "658 C"])
    assert not is_called_sum("5 A", ["557 B", "C"])


def test_numbers_of_one_s_own_are_no_account_and_its_parts(tmp_path):
    for two in (
        ("100 A", "10012345 C"),
        ("100 A", "1001 B"),
        ("2026 A", "20261 B"),
        ("470 A", "4701 B"),
        ("557 A", "5578 B"),
    ):
        rows = [["Linje", "B2026 (1.000 kr.)"], [two[0], 165_851], [two[1], 76_406]]
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2


def test_a_line_deeper_than_the_one_before_it_is_set_apart_and_an_empty_row_between_changes_nothing(tmp_path):
    names = ["Ydelser", "  Sygedagpenge", "    uge 5-22", "  Kontanthjælp"]
    rows = [["Linje", "B2026 (1.000 kr.)"], *([name, 76_406 - 1357 * n**2] for n, name in enumerate(names))]
    refused(
        tmp_path, "budget", book(rows), "2 to mend\n.*row 3, .*'Sygedagpenge' is set.*\n.*row 4, .*'uge 5-22' is set"
    )
    rows[2:2] = [[None, None]]
    refused(tmp_path, "budget", book(rows), "2 to mend\n.*row 4, ")
    rows[2] = ["Sygdom", None]
    refused(tmp_path, "budget", book(rows), "1 to mend\n.*row 5, ")
    for names in (["A", "(Fleksjob)", "B"], [" A", "B", " C"], ["a) A", "b. B", "c) C"], ["– A", "- B", "– C"]):
        rows = [["Linje", "B2026 (1.000 kr.)"], *([name, 76_406 - 1357 * n**2] for n, name in enumerate(names))]
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 3


@pytest.mark.parametrize(
    "sheet",
    ["Herlev", "Budget Herlev", "Herlev 2026", "Herlev-budget", "Herlev Kommune", "Herlev v2", "Herlev, version 3"],
)
def test_the_name_of_a_sheet_may_tell_the_municipality_alone(sheet, tmp_path):
    (tmp_path / "budget.xlsx").write_bytes(book([["Linje", "B2026 (kr.)"], ["A", 5]], in_sheet(sheet)))
    assert own.opened("budget", tmp_path).areas() == {"163"}


@pytest.mark.parametrize(("title", "asked"), [
    ("Nettobudget før refusion", True), ("Netto er ikke fratrukket refusion", True), ("Netto, før statsrefusion", True), ("Nettobudget efter refusion", False),
    ("Netto (udgifter minus refusion), 1.000 kr.", False), ("Netto (udgifter minus indtægter), 1.000 kr.", False), ("Nettobudget, brutto fremgår af bilag", False),
])  # fmt: skip
def test_what_is_called_net_before_refund_is_not_net(title, asked, tmp_path):
    rows = [[title, None], ["Linje", "B2026 (1.000 kr.)"], ["A", 76_406]]
    if asked:
        refused(tmp_path, "budget", book(rows), "net amounts of whole years")
    else:
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 1


def test_sections_and_remarks_that_name_what_they_are_of_stop_no_budget(tmp_path):
    for section in ("Ydelser uden refusion", "Fordeling på ydelser", "Til orientering er budgettet vedtaget i oktober"):
        rows = [["Linje", "B2026 (1.000 kr.)"], ["A", 76_406], [section, None], ["B", 51_234]]
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2, section
    for cell in ("I pct. af sidste år: 102.", "Før refusion: 100.000 t.kr."):
        assert remark_fault("budget", "bemærkning", cell, frozenset("B")) == ""


@pytest.mark.parametrize("cell", ["Mænd+kvinder", "M+K", "K/M", "18 år -", "Fra 18 år", "over 18 år", "18 år og opefter", "Samlet", "Uanset herkomst", "Jobparate og aktivitetsparate", "Borgere på sygedagpenge", "Alle 16-66-årige", "18-64-årige", "Alle 16-66 år", "I alt (mænd og kvinder)", "Mænd og kvinder samlet", "Alle, ikke fordelt", "Alle over 16 år", "Begge køn", "Alle aldersgrupper", "Hele befolkningen", "Hele kommunen", "Uanset alder og køn", "Sygedagpenge i alt", "Personer på sygedagpenge", "Alder: alle", "-"])  # fmt: skip
def test_everybody_in_more_words_is_no_part_and_all_of_some_is(cell, tmp_path):
    rows = [
        ["Kommune", "Periode", "Ydelse", "Fuldtidspersoner", "Målgruppe"],
        ["Ballerup", "2026M03", "Sygedagpenge", 512, cell],
    ]
    assert len(read(tmp_path, "persons", "persons.xlsx", book(rows))) == 1
    for some in ("Alle unge", "Begge køn under 30", "Unge i alt"):
        rows[1][4] = some
        refused(tmp_path, "persons", book(rows), "'Målgruppe': figures of the whole population are read")
    title = [["Alder: 16 år og derover", *[None] * 3], rows[0][:4], rows[1][:4]]
    assert len(read(tmp_path, "persons", "persons.xlsx", book(title))) == 1


@pytest.mark.parametrize(("text", "note", "asked"), [
    ("0-4 uger betales af kommunen uden refusion", False, True), ("alle beløb betales af kommunen uden refusion", True, True), ("0-4 uger betales af kommunen uden refusion", True, False),
    ("budget for indtægter", False, True), ("en stigning i ledige", True, False), ("stigning i ledige", True, True), ("sygedagpenge, brutto efter refusion", False, False),
])  # fmt: skip
def test_what_a_text_says_of_all_amounts_depends_on_where_it_stands_and_how_it_begins(text, note, asked):
    assert bool(doubts.of_amounts("budget", text, note)) == asked
    assert doubts.of_amounts("persons", text, note) == ""


def test_doubts_are_of_the_kind_they_are_looked_for_in():
    assert doubts.of_all("budget", "kun kvinder", False) == "" and doubts.of_name("observations", "andel i pct") == ""
    assert (
        doubts.of_all("accounts", "tallene er kun kvinder", False)
        == doubts.of_all("persons", "kun kvinder", True)
        == doubts.SOME
    )
    assert doubts.of_amounts("accounts", "alt forbrug") == doubts.CLOSED
    assert "R" in doubts.statuses("kilde: prisme, r 2025") and doubts.of_name("budget", "brutto efter refusion") == ""


GROWN = [("Forsørgelse", 166.0, 167.6, 169.3, 171.0), ("Sygedagpenge", 76.4, 77.2, 77.9, 78.6), ("Kontanthjælp", 51.2, 51.6, 52.1, 52.7), ("Fleksjob", 38.4, 38.8, 39.3, 39.7),
         ("Mentor", 2.3, 2.3, 2.3, 2.4), ("Vejledning", 8.1, 8.2, 8.3, 8.3), ("Jobcenter", 33.0, 33.4, 33.7, 34.1), ("FGU", 9.9, 10.0, 10.1, 10.2)]  # fmt: skip


def test_lines_that_stand_twice_or_in_a_thousand_groups_are_counted_without_end(tmp_path):
    for lines in (["Syg;76406", *["Andet;500"] * 3], ["Ydelser;127640", "Syg;76406", "Kon;51234"] * 2):
        refused(
            tmp_path, "budget", "Linje;B2026 (1.000 kr.)\n" + "\n".join(lines), "the same line, year, status as in row"
        )
    months = [f"{year}M{month:02}" for year in range(2015, 2024) for month in range(1, 13)]
    areas = ("Ballerup", "Herlev", "Gladsaxe", "Furesø", "Egedal", "Hvidovre", "Rødovre", "Glostrup", "Ishøj", "Greve")
    counts = [(300 + 7 * n % 41, 200 + 11 * n % 37, n % 2) for n in range(len(months) * len(areas))]
    rows = [f"{area};{month};{name};{persons}" for (area, month), (a, b, odd) in zip(((a, m) for a in areas for m in months), counts, strict=True)
            for name, persons in (("K", a + b + odd), ("S", a), ("F", b), ("L", 17))]  # fmt: skip
    refused(
        tmp_path, "persons", "kommune;periode;ydelse;fuldtidspersoner\n" + "\n".join(rows), "'K' is the sum of others"
    )


def test_a_total_that_grows_as_its_parts_do_is_found(tmp_path):
    rows = [["Linje", *YEARS], *map(list, GROWN)]
    refused(tmp_path, "budget", book(rows), "4 to mend\n.*'Forsørgelse' is the sum of others")


@pytest.mark.parametrize("names", [
    ["• Ydelser", "o Sygedagpenge", "o Kontanthjælp", "• Aktivering"], ["a) Ydelser", "- Sygedagpenge", "- Kontanthjælp", "b) Aktivering"], ["- Ydelser", "-- Sygedagpenge", "-- Kontanthjælp", "- Aktivering"],
    ["Ydelser", "heraf Sygedagpenge", "  Kontanthjælp", "Aktivering"], ["  - Ydelser", "    - Sygedagpenge", "    - Kontanthjælp", "  - Aktivering"],
])  # fmt: skip
def test_bullets_of_two_kinds_and_lines_beside_a_part_are_set_apart(names, tmp_path):
    rows = [["Linje", "B2026 (1.000 kr.)"], *map(list, zip(names, (165_851, 76_406, 51_234, 38_001), strict=True))]
    refused(tmp_path, "budget", book(rows), "1 to mend\n.*row [34], .* is set apart as a part")


def test_more_of_a_mark_is_deeper_whichever_comes_first(tmp_path):
    rows = [["Linje", "B2026 (1.000 kr.)"], ["-- A", 5_123], ["- B", 76_406], ["-- C", 51_234]]
    refused(tmp_path, "budget", book(rows), "1 to mend\n.*row 4, .*'-- C' is set apart")


def test_a_heading_in_a_column_of_its_own_ends_what_stands_above(tmp_path):
    rows = [["Område", "Linje", "B2026 (1.000 kr.)"], [None, "Administration", 9_876], ["Forsørgelse", None, None], [None, "  Sygedagpenge", 76_406], [None, "  Kontanthjælp", 51_234]]  # fmt: skip
    rows[0][0] = None
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 3


def test_lines_below_one_without_figures_are_none_of_its_parts(tmp_path):
    for nothing in (None, 0, "-"):
        rows = [
            ["Linje", "B2026 (1.000 kr.)"],
            ["Ydelser", nothing],
            ["  Sygedagpenge", 76_406],
            ["  Kontanthjælp", 51_234],
        ]
        assert {"Sygedagpenge", "Kontanthjælp"} <= {*read(tmp_path, "budget", "budget.xlsx", book(rows))["line"]}


def test_a_grouping_of_three_digits_is_a_part_of_its_function(tmp_path):
    rows = [["Konto", "Linje", "B2026 (1.000 kr.)"], ["55771", "Sygedagpenge", 76_406], ["55771001", "Uge 5-22", 36_406], ["55771002", "Uge 23-52", 30_000], ["55773", "Kontanthjælp", 51_234]]  # fmt: skip
    refused(tmp_path, "budget", book(rows), "1 to mend\n.*'Sygedagpenge' may be the total")


@pytest.mark.parametrize("note", ["Opgjort uden refusion", "Tabellen er uden refusion", "Oversigten er uden refusion", "Ydelserne er opgjort uden refusion", "Det er uden refusion", "Bevillingen uden refusion"])  # fmt: skip
def test_a_note_that_says_all_is_without_refund_is_asked_about(note, tmp_path):
    rows = [["Linje", "B2026 (1.000 kr.)"], ["A", 76_406], [note, None], ["B", 51_234]]
    for table in (rows, [*rows[:2], rows[3], [None, None], rows[2]]):
        refused(tmp_path, "budget", book(table), "net amounts of whole years")


def test_a_reason_with_a_date_or_a_reference_changes_nothing():
    for cell, says in (("Før refusion, jf. bilag 3", "net amounts"), ("Brutto, se note 2", "net amounts"), ("Foreløbigt regnskab, lukkes 15. januar", "closed accounts"), ("Kun kvinder, 18-29 år", "figures of the whole")):  # fmt: skip
        assert remark_fault("accounts", "bemærkning", cell, frozenset()).startswith(says), cell


@pytest.mark.parametrize("cell", ["Alle kvinder", "Kvinder i alt", "Mænd, alle aldre", "Alle 18-29 år", "Alle over 50", "Ikke alle", "Øvrige i alt", "Unge på sygedagpenge", "Sygedagpenge over 26 uger", "Alle 50+", "Alle 60 år og derover", "Alle kvindelige", "Alle drenge", "Drenge på sygedagpenge", "Hele Nordbyen", "Total ekskl. elever", "Begge køn, vest"])  # fmt: skip
def test_all_of_a_part_is_a_part(cell, tmp_path):
    rows = [
        ["Kommune", "Periode", "Ydelse", "Fuldtidspersoner", "Målgruppe"],
        ["Ballerup", "2026M03", "Sygedagpenge", 512, cell],
    ]
    refused(tmp_path, "persons", book(rows), "'Målgruppe': figures of the whole population are read")


@pytest.mark.parametrize(
    "sheet",
    ["Vejen til job", "Landet", "Ledige i hele landet", "Jobcenter Vejen", "Vej til Fredericia", "01", "11", "Fyn"],
)
def test_a_word_in_the_name_of_a_sheet_is_no_municipality(sheet, tmp_path):
    (tmp_path / "budget.xlsx").write_bytes(book([["Linje", "B2026 (kr.)"], ["A", 5]], in_sheet(sheet)))
    assert own.opened("budget", tmp_path).areas() == set()


def test_a_month_beside_an_observation_is_no_part_of_a_year(tmp_path):
    rows = [["Sag", "Milepæl", "Måned", "Resultat"], ["5.10", "saving_2019", "2026M03", 0.4]]
    assert len(read(tmp_path, "observations", "observations.xlsx", book(rows))) == 1


def test_headings_with_a_sign_are_told_from_left_to_right(tmp_path):
    heads = [None, "÷ Antal", *[None] * 5, "Linje", "-Beløb (1.000 kr.)", "År"]
    rows = [heads, [None, 5, *[None] * 5, "A", 76_406, 2026]]
    refused(tmp_path, "budget", book(rows), r"(?s)column B .*has a sign.*column I .*has a sign")


def test_what_no_heading_is_found_for_is_told_of_a_text_file_without_a_sheet_and_of_accounts_without_years_across(
    tmp_path,
):
    with pytest.raises(DataError) as told:
        read(tmp_path, "accounts", "accounts.csv", "Kommune;År;Ydelse;Budget;Korrigeret budget\nBallerup;2024;A;5;6\n")
    assert "accounts.csv: row 1 has no heading for" in str(told.value) and "tell no year" not in str(told.value)


BIG = [["Skoler", 8891], ["Veje", 377], ["Ældre", 7123]]


def test_the_number_of_an_account_beside_a_name_answers_no_question_of_the_name(tmp_path):
    for name, says in (("Januar", "whole years"), ("1. kvartal", "whole years"), ("Kun statens andel", "net amounts")):
        refused(
            tmp_path,
            "budget",
            book([["Konto", "Post", "B2027 (1.000 kr.)"], ["5000", name, 206]]),
            f"'{name}': .*{says}",
        )
        refused(tmp_path, "budget", book([["Post", "B2027 (1.000 kr.)"], [f"5.57 {name}", 206]]), says)
    for name in ("Kvinder", "Andel på sygedagpenge", "Indeks"):
        rows = [
            ["Kommune", "Periode", "Ydelse", "Fuldtidspersoner", "Konto"],
            ["Ballerup", "2026M03", name, 512, "5.57"],
        ]
        refused(tmp_path, "persons", book(rows), "persons are read one by one")
    for name in ("Nettoforsørgelse", "Driftsresultat", "Ydelser"):
        rows = [["5000", name, 206], ["5111", "Syge", 127], ["5222", "Kth", 79], *([None, *row] for row in BIG)]
        refused(
            tmp_path, "budget", book([["Konto", "Post", "B2027 (1.000 kr.)"], *rows]), f"'{name}' is the sum of others"
        )


def test_a_column_of_accounts_beside_an_observation_is_none_of_its_numbers(tmp_path):
    rows = [["Sag", "Milepæl", "Observeret", "Konto"], ["5.10", "1", "ja", "5.57"]]
    assert len(read(tmp_path, "observations", "observations.xlsx", book(rows))) == 1


@pytest.mark.parametrize("heading", [
    "Konto nr.", "Konto-nr.", "Hovedfunktion", "Funktionskode", "Kontostreng", "Fkt.", "Finanskonto", "Kode", "PSP-element", "Nr.", "Kto.",
])  # fmt: skip
def test_the_numbers_of_accounts_are_known_by_whatever_heading(heading, tmp_path):
    rows = [
        ["5.57", "A", 20_654],
        ["5.57.71", "Syge", 12_712],
        ["5.57.73", "Kth", 6_790],
        *([None, *row] for row in BIG),
    ]
    refused(
        tmp_path, "budget", book([[heading, "Post", "B2027 (1.000 kr.)"], *rows]), "'A' may be the total of the lines"
    )


def test_a_grouping_in_a_column_of_its_own_is_a_part_of_its_function(tmp_path):
    some = [(None, "Sygedagpenge", 206), ("001", "Under 26", 127), ("002", "Over 26", 79)]
    rows = [["Funktion", "Gruppering", "Post", "B2027 (1.000 kr.)"], *(["5.57.71", *one] for one in some)]
    refused(tmp_path, "budget", book(rows), "'Sygedagpenge' is the sum of others")
    rows[1][3] = 230  # as a part is left out
    refused(tmp_path, "budget", book(rows), "'Sygedagpenge' may be the total")


SUMMARY = [["Beskæftigelse", 43_211], ["Sundhed", 31_877]]
DETAILS = [
    ["Mentor", 11_876],
    ["Løntilskud", 21_002],
    ["Vejledning", 10_333],
    ["Sygedagpenge", 25_431],
    ["Fleksjob", 6_446],
]
BY_ART = [["Løn", 50_111], ["Ydelser", 20_222], ["Varer", 4_755]]


@pytest.mark.parametrize(("blocks", "first"), [
    ((SUMMARY, DETAILS), "Mentor"), ((DETAILS, SUMMARY), "Beskæftigelse"), ((DETAILS, BY_ART), "Løn"), ((SUMMARY, DETAILS, BY_ART), "Mentor"),
])  # fmt: skip
@pytest.mark.parametrize("years", [1, 2])
def test_a_summary_and_its_details_are_the_same_once_more(blocks, first, years, tmp_path):
    rows = [["Linje", *["B2027 (1.000 kr.)", "BO2028 (1.000 kr.)"][:years]]]
    rows += [[name, *[amount, 2 * amount][:years]] for block in blocks for name, amount in block]
    refused(tmp_path, "budget", book(rows), f"'{first}' and what is below come to as much as what is above")
    rows[1][years] += 1  # in one year: as rounded
    refused(tmp_path, "budget", book(rows), "come to as much as what is above")
    rows[1][years] += 49
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == years * (len(rows) - 1)


def test_two_lines_and_two_that_chance_has_alike_are_no_summary(tmp_path):
    for some in ((500, 500), (200, 300, 100, 400), (0, 0, 0, 0), (5, -5, 5, -5), (50, 50, 50, 50)):
        rows = [["Linje", *(f"BO{year} (1.000 kr.)" for year in range(2027, 2035))]]
        rows += [[name, *[one] * 8] for name, one in zip("ABCD", some, strict=False)]
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 8 * len(some), some


POST = ["Post", "B2027 (1.000 kr.)"]


@pytest.mark.parametrize("rows", [
    [["Skoler", 9_111], ["Forsørgelse", None], ["Heraf sygedagpenge", 61_234]], [["Herunder sygedagpenge", 61_234], ["Skoler", 9_111]],
])  # fmt: skip
def test_a_part_of_no_line_is_asked_about_and_not_left_out(rows, tmp_path):
    refused(tmp_path, "budget", book([POST, *rows]), "is part of a line above, and there is none")


@pytest.mark.parametrize("bullet", ["-", "•", "…", "— ", "» ", "1) ", "(a) ", "_ ", "# "])
def test_a_bullet_is_one_without_a_blank_and_of_any_kind(bullet, tmp_path):
    rows = [POST, ["Sygedagpenge", 61_234], [f"{bullet}over 26 uger", 31_000], [f"{bullet}under 26 uger", 20_000]]
    refused(tmp_path, "budget", book(rows), "is set apart as a part of the line above")
    assert len(read(tmp_path, "budget", "budget.xlsx", book([POST, *rows[2:]]))) == 2  # a list


@pytest.mark.parametrize(("sheet", "code"), [
    ("Herlev B27", "163"), ("Herlev (163)", "163"), ("Herlev B2027-2030", "163"), ("Vedtaget budget Herlev", "163"), ("Kopi af Herlev", "163"),
    ("101", ""), ("320", ""), ("B2027", ""), ("5.57", ""),
])  # fmt: skip
def test_a_sheet_is_called_after_a_municipality_with_what_tells_nothing_of_it(sheet, code, tmp_path):
    (tmp_path / "budget.xlsx").write_bytes(book([["Linje", "B2026 (kr.)"], ["A", 5]], in_sheet(sheet)))
    assert own.opened("budget", tmp_path).areas() == ({code} - {""})


@pytest.mark.parametrize(("title", "code"), [
    ("Kommune: Herlev", "163"), ("Herlev kommunes budget", "163"), ("Aftale med Herlev Kommune om fælles jobcenter", ""), ("Sammenligning med Herlev Kommune", ""),
])  # fmt: skip
def test_a_title_names_the_municipality_whose_figures_they_are_and_not_one_beside_it(title, code, tmp_path):
    (tmp_path / "budget.xlsx").write_bytes(book([[title, None], ["Linje", "B2026 (kr.)"], ["A", 5]]))
    assert own.opened("budget", tmp_path).areas() == ({code} - {""})


@pytest.mark.parametrize(("heading", "cell"), [("Type", "Sum"), ("Rækketype", "Subtotal"), ("Bemærkning", "I alt for området"), (None, "I alt")])  # fmt: skip
def test_a_cell_that_calls_its_row_a_sum_is_asked_about(heading, cell, tmp_path):
    rows = [[heading, *POST], [cell, "Beskæftigelse", 500], [None, "Mentor", 119], [None, "Løntilskud", 211]]
    refused(tmp_path, "budget", book(rows), "does its row count|says that its row is a sum")


@pytest.mark.parametrize("name", ["Mellemtotal", "Beskæftigelse, hele området", "Hele rammen", "Nettoramme", "Beskæftigelse I.A.", "Sammenlagt"])  # fmt: skip
def test_more_names_of_sums_are_known_where_the_figures_fit(name, tmp_path):
    rows = [POST, [name, 433], ["Mentor", 119], ["Løntilskud", 211], ["Vejledning", 103]]
    refused(tmp_path, "budget", book(rows), "is the sum of others")
    rows[1][1] = 440
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 4


@pytest.mark.parametrize(("cell", "shown"), [("Over 52 uger", True), ("30-49 år", True), ("50 pct.", True), ("halvdelen", True), ("1-6", True), ("1.234,5", False), ("-5", False)])  # fmt: skip
def test_a_text_with_figures_in_it_stands_beside_its_row_and_a_number_does_not(cell, shown, tmp_path):
    (tmp_path / "budget.xlsx").write_bytes(book([[*POST, "Bemærkning"], ["A", 433, cell]]))
    assert own.opened("budget", tmp_path).beside().tolist()[1] == (f"Bemærkning: {cell}" if shown else "")


def test_dranst_tells_which_amounts_are_income_and_that_all_are_before_it(tmp_path):
    rows = [["Dranst", *POST], [1, "Sygedagpenge over 26", 120_000], [2, "Sygedagpenge 50 pct.", 58_766]]
    refused(tmp_path, "budget", book(rows), "'2' tells income, which is negative")
    rows[2][2] *= -1
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2
    for heading, cell in (("Dranst", 1), ("Dranst", "1 Drift"), ("U/I", "U")):
        rows = [[heading, *POST], [cell, "Sygedagpenge", 120_000], [cell, "Kontanthjælp", 90_000]]
        refused(tmp_path, "budget", book(rows), f"'{heading}' tells expenditure alone; are the amounts net")
    for title in ("Dranst 1", "Kun dranst 1", "Kun udgifter"):
        refused(tmp_path, "budget", book([[title, None], POST, ["A", 5]]), "net amounts of whole years")
        refused(tmp_path, "budget", book([POST, ["A", 5]], in_sheet(title)), "net amounts of whole years")


KNOWN = ["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Nettoudgift (1.000 kr.)"]


@pytest.mark.parametrize("heading", ["Periode", "Regnskabsperiode", "Til periode", "Bogført til"])
@pytest.mark.parametrize("cell", [6, "6", "2024-06", "202406", "2024M06", "1..6", 12, "2024-12", "1-12"])
def test_accounts_up_to_a_month_are_of_no_whole_year(heading, cell, tmp_path):
    rows = [[*KNOWN, heading], ["Ballerup", 2024, "Sygedagpenge", 500, 60_000, cell]]
    if "12" in str(cell):
        assert len(read(tmp_path, "accounts", "accounts.xlsx", book(rows))) == 1
    else:
        refused(tmp_path, "accounts", book(rows), "amounts of whole years")


@pytest.mark.parametrize(("title", "whole"), [
    ("Periode: 01.01.2024 - 30.06.2024", False), ("Periode: 01.01.2024 - 31.12.2024", True), ("Periode 1-6 2024", False), ("Periode 1-12 2024", True),
    ("1. januar til 31. august", False), ("1. januar til 31. december 2024", True), ("1/1-31/8 2024", False), ("1/1-31/12 2024", True), ("Bogført til 31/8 2024", False),
    ("Bogført til 31/12 2024", True), ("Bogføringsdato 01-01-2024..30-06-2024", False), ("Status ultimo august 2024", False), ("Opdateret ultimo august 2025", True),
    ("Ultimo 2024", True), ("YTD", False), ("H1 2024", False), ("1. tertial", False), ("Data til og med periode 6", False),
])  # fmt: skip
def test_a_title_that_ends_before_the_year_does_is_of_a_part_of_it(title, whole, tmp_path):
    rows = [[title, *[None] * 4], KNOWN, ["Ballerup", 2024, "Sygedagpenge", 500, 60_000]]
    if whole:
        assert len(read(tmp_path, "accounts", "accounts.xlsx", book(rows))) == 1
    else:
        refused(tmp_path, "accounts", book(rows), "whole years")


@pytest.mark.parametrize("level", [
    "{}-priser, ikke løbende priser", "Beløb i {}-priser (ikke i årets priser)", "I {} pris- og lønniveau", "Pris- og lønniveau: {:.2}", "P/L-niveau: {:.2}", "PL {:.2}",
    "Alle tal i {:.2} p/l", "B{:.2}-PL", "Beløb i B{:.2}-niveau", "Prisår: {}", "PL-reguleret til {}",
])  # fmt: skip
def test_a_price_level_is_known_in_more_words_and_as_the_name_of_a_sheet(level, tmp_path):
    def told(year):
        return level.replace("{:.2}", year[2:]).format(year)

    refused(tmp_path, "budget", book([[told("2026"), None], POST, ["A", 5]]), "prices of their year")
    assert len(read(tmp_path, "budget", "budget.xlsx", book([[told("2027"), None], POST, ["A", 5]]))) == 1
    if set(level).isdisjoint("/:"):
        refused(
            tmp_path,
            "budget",
            book([POST, ["A", 5]], in_sheet(told("2026")[:31])),
            "the sheet is called .*prices of their",
        )


def test_a_column_of_price_levels_may_tell_them_in_two_digits(tmp_path):
    for heading, cell in (
        ("PL", 26),
        ("Prisår", 26),
        ("PL-år", 2026),
        ("Pris-/lønniveau", 2026),
        ("P/L-niveau", "B26"),
    ):
        refused(tmp_path, "budget", book([[*POST, heading], ["A", 5, cell]]), "prices of their year")
    assert len(read(tmp_path, "budget", "budget.xlsx", book([[*POST, "P/L-niveau"], ["A", 5, "B27"]]))) == 1


@pytest.mark.parametrize(("above", "parts"), [
    ("Hovedfunktion 5.57 X", ("Funktion 5.57.71 Y", "Funktion 5.57.73 Z")), ("Gruppe 5.57 X", ("Gruppe 5.57.71 Y", "Gruppe 5.57.73 Z")), ("(5.57) X", ("(5.57.71) Y", "(5.57.73) Z")),
    ("X (5.57.)", ("Y (5.57.71.)", "Z (5.57.73.)")), ("HK5.57 X", ("HK5.57.71 Y", "HK5.57.73 Z")), ("5.57.00 X", ("5.57.71 Y", "5.57.73 Z")), ("557000 X", ("557710 Y", "557730 Z")),
])  # fmt: skip
def test_an_account_is_known_by_what_stands_around_its_number_and_in_any_year(above, parts, tmp_path):
    rows = [POST, [above, 20_654], [parts[0], 12_712], [parts[1], 6_790], *BIG]
    refused(tmp_path, "budget", book(rows), "may be the total of the lines whose")
    years = [
        ["Post", "R2024 (1.000 kr.)", "B2025 (1.000 kr.)"],
        [above, 19_000, 20_654],
        [parts[0], 2_000, 12_712],
        [parts[1], 0, 6_790],
    ]
    refused(tmp_path, "budget", book(years), "may be the total of the lines whose")


@pytest.mark.parametrize("remark", [
    "tæller dobbelt med linje 4", "er talt med ovenfor", "Er med i linje 3", "del af ovenstående", "ej med", "erstattet af linje 5", "skal trækkes fra",
    "ex. refusion", "excl. refusion", "inden refusion", "kun udgiftssiden",
])  # fmt: skip
def test_more_remarks_that_take_a_figure_away_are_asked_about(remark, tmp_path):
    refused(tmp_path, "budget", book([[*POST, "Bemærkning"], ["A", 433, remark], ["B", 500, None]]), f"'{remark}': ")


@pytest.mark.parametrize(("heading", "cell", "some"), [
    ("Aldersgrupper", "30-39", True), ("Visitationskategori", "Jobparat", True), ("Varighed", "Over 52 uger", True), ("Varighed", "I alt", False), 
    ("Måling", "Berørte", True), ("Målgruppe", "Alle med over 18 måneders ledighed", True),
])  # fmt: skip
def test_a_part_of_the_persons_is_asked_about_by_whatever_heading(heading, cell, some, tmp_path):
    rows = [
        ["Kommune", "Periode", "Ydelse", "Fuldtidspersoner", heading],
        ["Ballerup", "2026M03", "Sygedagpenge", 512, cell],
    ]
    if some:
        refused(tmp_path, "persons", book(rows), f"'{heading}'")
    else:
        assert len(read(tmp_path, "persons", "persons.xlsx", book(rows))) == 1
    for title in ("Visitationskategori: Jobparat", "Filtre anvendt: Alder: 30-39", "Valgt: Kvinder", "Personer 30+"):
        refused(tmp_path, "persons", book([[title, *[None] * 3], rows[0][:4], rows[1][:4]]), "whole population")


def test_what_is_told_of_headings_is_of_the_row_that_has_them(tmp_path):
    rows = [[None, "Ydelse", *[None] * 3], [None] * 5, ["Kommune", "År", "Ydelse", "Fuldtidspersoner", "Andet"]]
    refused(tmp_path, "accounts", book([*rows, ["Ballerup", 2024, "A", 5, 6]]), "row 3 has no heading for net_cost_kr")
    heads = [*rows[2][:4], "Nettoudgift (kr.)", "Område"]
    refused(
        tmp_path,
        "accounts",
        book([heads, ["Ballerup", 2024, "A", 5, 600_000, "x"]]),
        "a second column for area; keep one",
    )


def test_a_row_that_has_a_year_among_figures_may_be_headings_too():
    rows = [["Linje", "B2026", "B2027"], [None, 2026, 76_406], ["A", 5, 6]]
    assert not heads._heads_figures(Grid("", "", rows, [1, 2, 3]), 0, [1, 2])
    assert heads._heads_figures(Grid("", "", [rows[0], rows[2]], [1, 3]), 0, [1, 2])


def test_a_unit_that_contradicts_the_headings_is_told_once_and_a_status_without_a_year_is_a_column_of_its_own(tmp_path):
    rows = [[None, "mio. kr.", "mio. kr."], ["Linje", "B2026 (1.000 kr.)", "BO2027 (1.000 kr.)"], ["A", 76_406, 77_000]]
    refused(
        tmp_path,
        "budget",
        book(rows),
        "2 to mend\n.*another unit than the headings.*\n.*another unit than the headings[^\n]*$",
    )
    rows = [["Linje", "B2026 (1.000 kr.)", "Korrigeret"], ["A", 76_406, 77_000]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 1


def test_of_two_units_above_the_headings_the_nearer_is_theirs(tmp_path):
    rows = [[None, "mio. kr.", "mio. kr."], [None, "1.000 kr.", "1.000 kr."], ["Linje", "B2026", "BO2027"], ["A", 5, 6]]
    refused(tmp_path, "budget", book(rows), "row 1, column B .*another unit than the headings.*\n.*row 1, column C")


def test_a_title_that_is_struck_through_is_no_figure(tmp_path):
    def struck(workbook):
        workbook.active["A1"].font = Font(strike=True)

    rows = [["Budget 2026", None], ["Linje", "B2026 (1.000 kr.)"], ["A", 76_406]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows, struck))) == 1


@pytest.mark.parametrize(("kind", "heading", "cell"), [
    ("persons", "bemærkning", "Pct"), ("budget", "bemærkning", "Total ændring følger"), ("budget", "bemærkning", "Udgår, fra 2029"), ("budget", "udgår måske", "ja"),
    ("budget", "bemærkning", "nej"), ("accounts", "bemærkning", "Tal for Herlev og andre"),
])  # fmt: skip
def test_a_remark_that_says_more_than_the_word_it_begins_with_is_shown_and_not_asked_about(kind, heading, cell):
    assert remark_fault(kind, heading, cell, frozenset("B"), "151") == ""


def test_a_share_is_no_amount_and_no_number_of_persons():
    for kind, says in (("accounts", "is it an amount in kroner"), ("persons", "persons are read one by one")):
        assert remark_fault(kind, "type", "Andel", frozenset(), "151").startswith(says)


def test_remarks_that_say_that_alone_are_asked_about():
    for kind, heading, cell in (("budget", "bemærkning", "Pct"), ("budget", "bemærkning", "Total"), ("budget", "bemærkning", "Udgår"),
                                ("budget", "udgår", "ja"), ("budget", "medtages", "nej"), ("accounts", "bemærkning", "Tal for Herlev")):  # fmt: skip
        assert remark_fault(kind, heading, cell, frozenset("B"), "151"), (heading, cell)


@pytest.mark.parametrize("text", ["a-" * 16_000, "budgetforslag efter " * 1_600, "x" * 5_001])
def test_a_text_longer_than_is_looked_through_is_refused_at_once(text, tmp_path):
    start = time.process_time()
    for rows in ([[text, None], POST, ["A", 5]], [POST, ["A", 5], [text, None]], [[*POST, "Bem"], ["A", 5, text]]):
        refused(tmp_path, "budget", book(rows), "has [0-9]+ letters; say it in 5000")
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    "names",
    [
        ("1) {}", "2) {}", "3) {}"),
        ("(1) {}", "(2) {}", "(3) {}"),
        ("a) {}", "b) {}", "c) {}"),
        ("• {}", "• {}", "• {}"),
    ],
)
def test_lines_that_are_counted_are_no_parts_of_each_other(names, tmp_path):
    rows = [POST, *([one.format("xyz"[n] * 3), 76_406 - 9_999 * n] for n, one in enumerate(names))]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 3


def test_dranst_by_any_heading_and_what_answers_its_question(tmp_path):
    rows = [["Dr.anst", *POST], [1, "A", 76_406], [1, "B", 43_017], [2, "C", 35_594]]
    for heading in ("Dr.anst", "Dranst nr", "Dranstkode", "Ejer/dranst"):
        rows[0][0] = heading
        refused(tmp_path, "budget", book(rows), "'2' tells income, which is negative")
    for honest in (
        [["Dranst", *POST], ["1 Drift", "A", 76_406], ["3 Anlæg", "B", 43_017]], [["Dranst", *POST], [1, "A", 76_406], [1, "Refusion", -43_017]],
        [["Dranst", "Post", "B2027 netto (1.000 kr.)"], [1, "A", 76_406], [1, "B", 43_017]],
    ):  # fmt: skip
        assert len(read(tmp_path, "budget", "budget.xlsx", book(honest))) == 2


@pytest.mark.parametrize(
    "title",
    [
        "PL 2026-2027 2,6 pct.",
        "KL PL 2026-27",
        "PL 26 til 27: 2,6 %",
        "Omregnet fra 26-pl til 27-pl",
        "2026-PL fremskrevet til 2027-PL",
    ],
)
def test_prices_brought_to_those_of_the_year_are_those(title, tmp_path):
    assert len(read(tmp_path, "budget", "budget.xlsx", book([[title, None], POST, ["A", 5]]))) == 1
    back = title.replace("27", "x").replace("26", "27").replace("x", "26")
    refused(tmp_path, "budget", book([[back, None], POST, ["A", 5]]), "prices of their year")


@pytest.mark.parametrize("title", [
    "Kilde: Københavns Kommune, budgetbilag", "Leveret af Frederiksberg Kommune", "Kontakt: Hanne, Furesø Kommune", "Lejre Kommunes model", "Beregnet efter Vejle Kommunes metode",
])  # fmt: skip
def test_a_municipality_that_gave_the_figures_is_not_the_one_they_are_of(title, tmp_path):
    rows = [[title, *[None] * 4], KNOWN, ["Ballerup", 2024, "Sygedagpenge", 500, 60_000]]
    assert len(read(tmp_path, "accounts", "accounts.xlsx", book(rows))) == 1
    for sheet in ("Gladsaxe", "Regnskab Gladsaxe", "Gladsaxe 2024"):
        refused(
            tmp_path,
            "accounts",
            book(rows[1:], in_sheet(sheet)),
            f"the sheet is called '{sheet}': no row is of Gladsaxe",
        )


@pytest.mark.parametrize("cell", [
    "16 år til folkepensionsalder", "16 år - folkepensionsalderen", "16-årige og derover", "0-99 år", "Job- og aktivitetsparate", "Alle ydelsesgrupper",
    "Borgere på offentlig forsørgelse", "Forsikrede og ikke-forsikrede", "Jobparate + aktivitetsparate", "00 I alt", "Køn i alt; Alder i alt",
])  # fmt: skip
def test_everybody_as_statistics_call_them_is_no_part(cell, tmp_path):
    rows = [
        ["Kommune", "Periode", "Ydelse", "Fuldtidspersoner", "Målgruppe"],
        ["Ballerup", "2026M03", "Sygedagpenge", 512, cell],
    ]
    assert len(read(tmp_path, "persons", "persons.xlsx", book(rows))) == 1
    for some in ("18 år", "Personer på 18 år", "Jobparate", "Voksne over 30", "25 år til folkepensionsalder"):
        rows[1][4] = some
        refused(tmp_path, "persons", book(rows), "whole population")


@pytest.mark.parametrize("title", [
    "Beløb pr. md.", "Periode: 01.07.2025-31.12.2025", "1/7-31/12", "Periode: 7-12", "Periode 001-006", "Periode 6", "2027Q2", "2027M06", "1.kvt", "Ni måneder", "Månedsrapport juni",
])  # fmt: skip
def test_a_title_of_a_later_part_of_the_year_is_one_too(title, tmp_path):
    refused(
        tmp_path,
        "accounts",
        book([[title, *[None] * 4], KNOWN, ["Ballerup", 2024, "Sygedagpenge", 500, 60_000]]),
        "whole years",
    )


@pytest.mark.parametrize(
    "title", ["Vedtaget budget 2027 pr. 1. januar 2027", "Pr. 1. januar 2027", "Opdateret pr. 30. juni 2026"]
)
def test_a_day_that_a_budget_is_of_is_no_part_of_its_year(title, tmp_path):
    assert len(read(tmp_path, "budget", "budget.xlsx", book([[title, None], POST, ["A", 5]]))) == 1


def test_columns_that_tell_how_long_something_lasts_are_of_no_amount(tmp_path):
    for heading, cell in (("Gns. varighed (mdr.)", 7.4), ("Løbetid (mdr.)", 5)):
        assert len(read(tmp_path, "budget", "budget.xlsx", book([[*POST, heading], ["A", 5, cell]]))) == 1


def test_parts_of_a_line_without_a_figure_are_asked_about_and_a_note_between_changes_nothing(tmp_path):
    for figure in ("-", 0):
        rows = [POST, ["Sygedagpenge", figure], ["heraf over 52 uger", 5_000], ["Fleksjob", 3_000]]
        refused(tmp_path, "budget", book(rows), "is part of a line above, and there is none")
    rows = [POST, ["Sygedagpenge", 100], ["Fleksjob", 50], ["Note: efter refusion", None], ["heraf service", 30]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2


@pytest.mark.parametrize(
    "remark",
    [
        "Sum af ovenstående",
        "Sum nedenfor",
        "Samlet",
        "Samlet for området",
        "Total niveau 2",
        "Hovedtotal",
        "Grand Total",
        "Sumlinie",
        "Delresultat",
        "Σ",
    ],
)
def test_more_remarks_that_call_a_row_a_sum_are_asked_about(remark, tmp_path):
    rows = [
        ["Post", "Note", POST[1]],
        ["Sygedagpenge", None, 1_013],
        ["Fleksjob", None, 2_337],
        ["Forsørgelse", remark, 4_351],
    ]
    refused(tmp_path, "budget", book(rows), "does its row count")


def test_the_shares_of_a_summary_that_do_not_move_are_no_second_proof():
    names, years = pd.Series([*"ABCD"] * 2), [pd.Series([*"1111", *"2222"])]
    once = pd.Series([30.0, 12, 20, 22])  # one chance in ten: too many for a table, and the same in a year like it
    assert told_again(pd.concat([once, once], ignore_index=True), names, years) == []
    large = pd.Series([30_123.0, 12_002, 20_111, 22_014])
    assert told_again(pd.concat([large, large * 2], ignore_index=True), names, years) == [2]
    assert told_again(pd.concat([large, large * 2], ignore_index=True), names, [-years[0].astype(int)]) == [
        2
    ]  # as they stand


@pytest.mark.parametrize("text", [
    "Konto 5.57.71 - 5.57.80", "Politikområde 05.01 - 05.09", "Udskrevet 27.11.2026-14.05.22", "Høring 1/9 - 15/9 2026", "Journalnr. 27.36.00-00-1-26", "Lønskøn 1.1 - 2.2 pct.",
    "Kontrakten gælder 01.03.2026 - 28.02.2028", "01.01.24-31.12.24", "1/1-27 - 31/12-27", "2027-01 - 2027-12", "Bogført til 31. december 2024", "Bogført til og med periode 13",
    "Udarbejdet ultimo oktober 2026", "Ledigheden ultimo august er lagt til grund", "De første seks måneder refunderes 80 pct.", "Månedsrapporter udsendes særskilt", "Afregnes pr. md.",
    "Ledighed 3. kvt. indgår i skønnet", "Tertialrapport er ikke indarbejdet", "Periode: 27-30", "Side 1/2 - 2/2",
])  # fmt: skip
def test_numbers_and_days_that_are_of_something_else_are_no_part_of_a_year(text, tmp_path):
    rows = [KNOWN, ["Ballerup", 2024, "Sygedagpenge", 500, 60_000]]
    assert len(read(tmp_path, "accounts", "accounts.xlsx", book([[text, *[None] * 4], *rows]))) == 1
    assert len(read(tmp_path, "accounts", "accounts.xlsx", book([*rows, [text, *[None] * 4]]))) == 1


@pytest.mark.parametrize(
    "name",
    [
        "5.57.71 - 5.57.73 Sygedagpenge",
        "Sygedagpenge (5.57.71-5.57.72)",
        "Pulje 26/27-27/28",
        "Sygedagpenge efter seks måneder",
        "Seks måneders praktik",
    ],
)
def test_a_line_called_after_several_accounts_or_a_duration_is_of_a_whole_year(name, tmp_path):
    assert len(read(tmp_path, "budget", "budget.xlsx", book([POST, [name, 76_406], ["B", 51_234]]))) == 2


@pytest.mark.parametrize(("text", "right"), [
    ("Fremskrevet til 2027-priser fra 2026-priser", True), ("Beløb i 2026-priser, ikke 2027-priser", False), ("26-pl, satser i 27-pl", False), ("Priser fra 10 leverandører", True),
    ("2026-pl, senere fremskrives til 2027-pl", False),
])  # fmt: skip
def test_of_several_price_levels_all_that_stand_are_looked_at(text, right, tmp_path):
    rows = [[text, None], POST, ["A", 5]]
    if right:
        assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 1
    else:
        refused(tmp_path, "budget", book(rows), "prices of their year")
    older = [["Fremskrevet til 2026-priser fra 2024-priser", *[None] * 4], KNOWN, ["Ballerup", 2024, "A", 500, 60_000]]
    refused(tmp_path, "accounts", book(older), "prices of another year")
    assert len(read(tmp_path, "budget", "budget.xlsx", book([[*POST, "PL"], ["A", 5, 13]]))) == 1


def test_a_table_told_again_is_known_exactly_in_few_digits(tmp_path):
    rows = [
        ["Post", "B2027 (mio. kr.)"],
        ["Forsørgelse", 45.2],
        ["Indsats", 30.1],
        ["Sygedagpenge", 20.1],
        ["Kontanthjælp", 25.1],
        ["Mentor", 30.1],
    ]
    refused(tmp_path, "budget", book(rows), "come to as much as what is above")


@pytest.mark.parametrize(
    ("cost", "income"),
    [("Drift", "Refusion"), ("Driftsudgifter", "Driftsindtægter"), ("01", "02"), ("1 Drift", "2 Statsrefusion")],
)
def test_dranst_in_words_or_numbers_tells_income(cost, income, tmp_path):
    rows = [["Dranst", *POST], [cost, "A", 76_406], [income, "B", 43_017]]
    refused(tmp_path, "budget", book(rows), "tells income, which is negative")
    refused(tmp_path, "budget", book([*rows[:2], [cost, "B", 43_017]]), "tells expenditure alone")


def test_what_is_nought_is_part_of_no_line_and_a_sheet_of_one_s_own_may_hold_others(tmp_path):
    rows = [POST, ["Sygedagpenge", 0], ["Heraf over 52 uger", 0], ["Kontanthjælp", 61_003]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2
    rows = [KNOWN, ["Hele landet", 2024, "Sygedagpenge", 50_000, 6_000_000]]
    assert len(read(tmp_path, "accounts", "accounts.xlsx", book(rows, in_sheet("Ballerup")))) == 1
    for title in ("Uden Herlev Kommune", "Ydelser jf. Herlev Kommune", "Samarbejde: Herlev Kommune"):
        (tmp_path / "accounts.xlsx").unlink(missing_ok=True)
        (tmp_path / "budget.xlsx").write_bytes(book([[title, None], POST, ["A", 5]]))
        assert own.opened("budget", tmp_path).areas() == set(), title


@pytest.mark.parametrize(
    ("pattern", "text"),
    [(doubts.EVERYBODY, "18 år - " * 40 + "x"), (benefits.ALONE.pattern, "Refusion " + "jobcenter" * 60 + "!x")],
)
def test_a_text_of_the_same_words_over_and_over_is_looked_through_at_once(pattern, text):
    start = time.process_time()
    assert not re.fullmatch(pattern, text, re.IGNORECASE)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("name", ["Refusion m.v.", "Øvrig refusion", "Samlet refusion for området", "Statens andel af udgifterne", "Statsref.", "Refusion beskæftigelsesområdet", "Refusion KTH", "Indtægter"])  # fmt: skip
def test_a_refund_of_no_name_but_the_state_s_is_that_of_the_benefits(name):
    rows = [
        ("Sygedagpenge", "sygedagpenge", 90.0),
        (name, "other", -40.0),
        ("AUB-refusion", "other", -1.0),
        ("Lønrefusion", "other", -1.0),
    ]
    assert benefits.refunds(pd.DataFrame(rows, columns=["line", "benefit", "amount"])) == [name]
