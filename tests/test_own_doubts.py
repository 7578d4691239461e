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
