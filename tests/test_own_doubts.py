"""What an own file leaves in doubt, as people write them, is asked about in a sentence that helps; what is sure is read."""

import pytest
from test_own import LONG_TKR, TKR, book, budget_of, read

from ballerup_analysis.files import DataError
from ballerup_analysis.own.signs import is_income


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


@pytest.mark.parametrize("cells", [["I", "II"], ["I", "I"], ["I", "N"], ["U", "x"], ["Udgift", 5]])
def test_a_letter_that_may_number_something_tells_no_income(cells, tmp_path):
    rows = [["Linje", "Gruppe", "B2026 (kr.)"], ["A", cells[0], 5000], ["B", cells[1], 7000]]
    assert len(read(tmp_path, "budget", "budget.xlsx", book(rows))) == 2


@pytest.mark.parametrize("heading", ["Udgift/indtægt", "U/I", "Indtægt"])
def test_a_column_of_income_in_figures_is_asked_about_whatever_its_heading(heading, tmp_path):
    refused(tmp_path, "budget", f"linje;år;beløb (kr.);{heading}\nA;2026;5;7\n", "are these net of")


@pytest.mark.parametrize("name", [
    "Sygedagpenge, refusion", "Sygedagpenge - indtægt", "Sygedagpenge indtægter", "Refusion", "Statsrefusion", "Refusion af sygedagpenge", "Indtægter fra staten",
    "Sygedagpenge (refusion)", "Beskæftigelsestilskud", "Refusionsindtægter",
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
    "Tilbagebetaling af refusion", "Indtægtsdækket virksomhed", "Statstilskud til kommuner", "Tab på refusion",
])  # fmt: skip
def test_a_line_that_may_be_a_cost_is_read_as_it_stands(name, tmp_path):
    assert len(read(tmp_path, "budget", "budget.csv", f"{TKR}{name};20.100;20.200\n")) == 4
    assert not is_income(name)


def test_a_budget_whose_costs_are_all_negative_is_asked_about(tmp_path):
    rows = [["1.000 kr.", "B2026", "BO2027"], ["A", -76_406, -77_000], ["B", -5, -6], ["Refusion", 9, 9]]
    refused(
        tmp_path, "budget", book(rows), "1 to mend\n.*row 2, column B .*: all amounts are negative; a cost is positive"
    )
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
    for name, first in (("Prisniveau", 2025), ("PL", "2025"), ("Bemærkning", "2025-pl")):
        long = [["Linje", "År", "Beløb (1.000 kr.)", name], ["A", "R2025", 5, first], ["A", 2026, 6, 2026]]
        assert len(read(tmp_path, "budget", "budget.xlsx", book(long))) == 2
        long[2][3] = first
        refused(tmp_path, "budget", book(long), "1 to mend\n.*row 3, column D .*: amounts are read")


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
    long = [["Linje", "År", "Beløb", "Personer"], [None, None, "kr.", "antal"], ["A", 2026, 5_000_000, 65]]
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
