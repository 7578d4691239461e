"""The lines of an own file are held against the totals that stand among them, and what no total covers says so."""

import re
import time

import numpy as np
import pandas as pd
import pytest

from ballerup_analysis import own
from ballerup_analysis.files import DataError
from ballerup_analysis.own.control import _rounding, control, off
from ballerup_analysis.own.names import total_fault

WIDE = "linje;B2026 (1.000 kr.);BO2027 (1.000 kr.)\nDagpenge;97.300;99.000\nSygedagpenge;76.406;77.050\n"
LONG = "linje;år;beløb (1.000 kr.);helårspersoner\nDagpenge;2026;97.300;450\nSygedagpenge;2026;76.406;652\n"
ACCOUNTS = (
    "kommune;år;ydelse;fuldtidspersoner;nettoudgift (mio. kr.);bekræftet\n"
    "Ballerup;2013;Dagpenge;400,5;40,3;\nBallerup;2013;Kontanthjælp;1.000,5;98,4;\n"
    "Ballerup;2014;Dagpenge;410;41,2;\nBallerup;2014;Kontanthjælp;990;97,4;\n"
)
PERSONS = "kommune;periode;ydelse;fuldtidspersoner\n151;2026M03;A;5,5\n151;2026M03;B;7\n151;2026M04;A;6\n"


def opened(folder, kind, text):
    (folder / f"{kind}.csv").write_text(text)
    return own.opened(kind, folder)


def test_an_amount_that_tells_no_unit_of_its_own_has_that_of_its_heading(tmp_path):
    text = "Linje;År;Beløb (1.000 kr.);Enhed\nA;B2026;60;1.000 kr.\nB;B2026;40;\nI alt;B2026;100;1.000 kr.\n"
    assert opened(tmp_path, "budget", text).no_total_of == {}


def test_what_a_file_s_totals_hold_is_said_and_where_own_files_are(tmp_path, monkeypatch):
    covered = "Linje;B2026 (1.000 kr.)\nA;60\nI alt;60\n"
    for text, says in (
        (covered, "the lines come to the file's own total"),
        (covered.replace("I alt;60\n", ""), "no total of the file is of all beløb"),
    ):
        (tmp_path / "budget.csv").write_text(text)
        assert own.held("budget", tmp_path).startswith(says)
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    assert own.called() == "BALLERUP_LOCAL"
    monkeypatch.delenv("BALLERUP_LOCAL")
    assert own.called() == "data/local"


def test_a_total_is_of_something_else_by_its_name():
    assert total_fault("budget", "Refusion i alt", {1000.0})
    names = ("I alt", "I alt, mio. kr., netto", "Personer i alt", "Korrigeret i alt", "I alt (1.000 kr.)")
    assert [total_fault("budget", name, {1000.0}) for name in names] == [False, True, True, True, False]
    assert not total_fault("accounts", "Personer i alt", {1000.0}) and total_fault(
        "accounts", "I alt, mio. kr., netto", {1.0}
    )


def unheld(folder, kind, text):
    """Return what no total of a file covers, as it is told."""
    opened(folder, kind, text)
    return own.report(folder)["no_total_of"].item()


@pytest.mark.parametrize(("kind", "text", "columns"), [
    ("budget", WIDE, "beløb"),
    ("budget", WIDE + "I alt;173.706;176.050\n", ""),
    ("budget", WIDE + "I alt;173.706;\n", "beløb of 2027 BO"),  # one year of two
    ("budget", WIDE.replace("Syge", "Forsørgelse i alt;97.300;99.000\nSyge"), "beløb"),
    ("budget", LONG, "beløb, personer"),
    ("budget", LONG + "I alt;2026;173.706;\n", "personer"),
    ("budget", LONG + "I alt;2026;173.706;1.102\n", ""),
    ("budget", LONG + "I alt;;173.706;1.102\n", ""),
    ("accounts", ACCOUNTS, "fuldtidspersoner, nettoudgift"),
    ("accounts", ACCOUNTS + "Ballerup;2013;I alt;1.401;138,7;\n", "fuldtidspersoner of 151 2014, nettoudgift of 151 2014"),
    ("accounts", ACCOUNTS + "Ballerup;2013;I alt;1.401;138,7;\nBallerup;2014;I alt;1.400;138,6;\n", ""),
    ("accounts", ACCOUNTS + "I alt;;;2.801;277,3;\n", ""),
    ("accounts", ACCOUNTS + "I alt;;;9;277,3;ja\n", "fuldtidspersoner"),
    ("persons", PERSONS, "fuldtidspersoner"),
    ("persons", PERSONS + "151;2026M03;I alt;12,5\n", "fuldtidspersoner of 151 2026M04"),
    ("persons", PERSONS + "151;2026M03;I alt;12,5\n151;2026M04;I alt;6\n", ""),
    ("persons", PERSONS + "151;;I alt;9,25\n", ""),  # the mean of two months
])  # fmt: skip
def test_a_number_is_held_against_a_total_or_its_column_is_told(tmp_path, kind, text, columns):
    assert unheld(tmp_path, kind, text) == columns


WRONG = "mend a line that is left out, stands twice or has the wrong sign, or the total"


@pytest.mark.parametrize(("kind", "text", "told"), [
    ("budget", WIDE + "I alt;270.706;176.050\n",
     "row 4, column 2 'B2026 (1.000 kr.)': 'I alt' tells 270.706, the lines come to 173.706, which is 97.000 off; " + WRONG),
    ("budget", WIDE + "Indtægt, leje;500;500\nI alt;173.206;175.550\n",  # the wrong sign
     "row 5, column 2 'B2026 (1.000 kr.)': 'I alt' tells 173.206, the lines come to 174.206, which is 1.000 off, twice what 'Indtægt, leje' tells; "),
    ("budget", WIDE + "Dagpenge i alt;96.000;97.000\n",  # a line of its own that is called a total
     "row 4, column 2 'B2026 (1.000 kr.)': 'Dagpenge i alt' tells 96.000, the lines come to 76.406, which is 19.594 off; "),
    ("budget", LONG + "I alt;2026;173.706;1.104,5\n",
     "row 4, column 4 'helårspersoner': 'I alt' tells 1.104,5, the lines come to 1.102,0, which is 2,5 off; "),
    ("accounts", ACCOUNTS + "Ballerup;2014;I alt;;277,3;\n",  # of both years, in one
     "row 6, column 5 'nettoudgift (mio. kr.)': 'I alt' tells 277,3, the lines come to 138,6, which is 138,7 off; "
     + WRONG + "; if it is right as it stands, write ja in a column 'bekræftet'"),
    ("persons", PERSONS + "151;2026M03;I alt;18,5\n",
     "row 5, column 4 'fuldtidspersoner': 'I alt' tells 18,5, the lines come to 12,5, which is 6,0 off; "),
])  # fmt: skip
def test_lines_that_do_not_come_to_their_total_are_told_with_how_much_is_off(tmp_path, kind, text, told):
    with pytest.raises(DataError) as error:
        opened(tmp_path, kind, text)
    assert told in str(error.value) and "to mend" in str(error.value)


def test_a_total_that_is_right_as_it_stands_is_answered_for_and_covers_nothing(tmp_path):
    text = ACCOUNTS + "Ballerup;2013;I alt;1.401;150;{}\nBallerup;2014;I alt;1.400;138,6;\n"
    with pytest.raises(DataError, match=r"1 to mend\n.*'I alt' tells 150,0, the lines come to 138,7"):
        opened(tmp_path, "accounts", text.format(""))
    assert unheld(tmp_path, "accounts", text.format("ja")) == "nettoudgift of 151 2013"


def test_the_line_that_is_as_much_as_is_off_is_named_where_it_is_one():
    assert "which is 10,1 off;" in off("I alt", 100.0, 110.1, {"A": 10.3})
    for lines, told in (
        ({"A": 10.4}, ", what 'A' tells;"),
        ({"A": 5.2}, ", twice what 'A' tells;"),
        ({"A": 10.5}, "off;"),
        ({"A": 5.25}, "off;"),
        ({"A": 10.0, "B": 10.0}, "off;"),
    ):
        assert f"which is 10 {told}".replace(" ,", " off,") in off("I alt", 100.0, 110.0, lines)


def test_of_a_named_total_the_sum_that_comes_nearest_is_told(tmp_path):
    with pytest.raises(DataError, match="'A og C i alt' tells 66, the lines come to 94, which is 28 off"):
        opened(tmp_path, "budget", "linje;B2026 (mio. kr.)\nA;60\nB;30\nC;4\nA og C i alt;66\n")


def test_every_total_that_is_off_is_told_at_once(tmp_path):
    with pytest.raises(
        DataError,
        match=r"2 to mend\n.*173.719, the lines come to 173.706, which is 13 off.*\n.*1.106, the lines come to 1.102, which is 4 off",
    ):
        opened(tmp_path, "budget", LONG + "I alt;2026;173.719;1.106\n")


def test_other_faults_are_told_before_totals_are_held_against_what_is_lacking(tmp_path):
    with pytest.raises(DataError, match=r"1 to mend\n.*row 2, column 2 .*'x' stands there"):
        opened(tmp_path, "budget", WIDE.replace("97.300", "x") + "I alt;173.706;176.050\n")


def test_a_unit_of_each_row_goes_with_the_totals_of_that_unit(tmp_path):
    text = "linje;år;beløb;enhed\nA;2027;5.500;1.000 kr.\nB;2027;4.000;1.000 kr.\nC;2027;7,25;mio. kr.\n"
    assert unheld(tmp_path, "budget", f"{text}I alt;2027;16,75;mio. kr.\n") == ""
    assert unheld(tmp_path, "budget", f"{text}I alt;2027;16.750;1.000 kr.\n") == ""
    with pytest.raises(DataError, match="'I alt' tells 16,760, the lines come to 16,752"):
        unheld(tmp_path, "budget", f"{text}I alt;2027;16,76;mio. kr.\n".replace("7,25", "7,252"))


def held(kr, *totals, breaks=()):
    """Return what totals (place, name, amount) show of rows at the even places."""
    rows = pd.DataFrame({"at": range(0, 2 * len(kr), 2), "name": [*"ABCDEF"[: len(kr)]], "kr": kr})
    told = control(rows, pd.DataFrame(totals, columns=["at", "name", "kr"]), "kr", [], breaks)
    return told.covered == {*rows.index}, [*told.off]


def test_rows_are_covered_by_a_total_of_all_of_them_alone():
    kr, whole = (
        [60.0, 30.0, 4.0, 1.0],
        ("I alt", "ialt:", "Total", "SUM *", "Alt i alt", "Hovedtotal", "Samlet", "Tilsammen"),
    )
    for name in (*whole, "Udvalget i alt"):
        for at in (-1, 3, 7):
            assert held(kr, (at, name, 95.0)) == (True, [])
    assert held(kr, (3, "A og B i alt", 90.0)) == held(kr, (3, "C i alt", 5.0)) == (False, [])  # above it, below it
    assert held(kr, (7, "A og C i alt", 64.0)) == (False, [0])  # which do not stand together
    assert held(kr, (7, "A og C i alt", 64.0), (9, "I alt", 95.0)) == (
        True,
        [],
    )  # the total of all shows that none is lost
    assert held(kr, (7, "Samlet indsats", 5.0)) == (False, [])
    for name in whole:  # what is called after all is not of some, also where these are a section
        assert held(kr, (7, name, 5.0)) == held(kr, (7, name, 5.0), breaks=[3]) == (False, [0])


def test_sections_may_have_a_total_each_where_one_of_all_agrees_and_no_line_stands_outside():
    kr, whole = [60.0, 30.0, 4.0, 1.0], (9, "I alt", 95.0)
    sections = (3, "I alt", 90.0), (7, "I alt", 5.0)
    assert held(kr, *sections, whole, breaks=[3, 7]) == (True, [])
    assert held(kr, *sections, breaks=[3, 7]) == (False, [0, 1])  # a second table below the first
    assert held(kr, sections[0], whole, breaks=[3, 7]) == (False, [0])  # rows after the total
    assert held(kr, *sections, (9, "Udvalget i alt", 95.0), breaks=[3, 7]) == (False, [0, 1])
    assert held([60.0, 30.0, 90.0, 5.0], (3, "A i alt", 90.0), (9, "I alt", 95.0), breaks=[3]) == (False, [1])


def test_a_section_of_noughts_without_a_total_is_in_the_next_one_s():
    kr, sections = [0.0, 60.0, 30.0, 5.0], ((5, "I alt", 90.0), (7, "I alt", 5.0))
    assert held(kr, *sections, (9, "I alt", 95.0), breaks=[1, 5, 7]) == (True, [])
    assert held([7.0, *kr[1:]], *sections, (9, "I alt", 102.0), breaks=[1, 5, 7]) == (False, [0, 1])


def test_a_total_may_be_more_than_rows_that_have_no_number_and_covers_them_where_it_is_not():
    assert held([60.0, None, 30.0], (7, "I alt", 95.0)) == (False, [])
    assert held([60.0, None, 30.0], (7, "I alt", 90.0)) == (True, [])


def test_a_total_of_no_year_is_of_all_and_of_persons_may_be_their_mean(tmp_path):
    text = LONG + "Dagpenge;2027;97.300;470\nSygedagpenge;2027;76.406;652\n"
    assert unheld(tmp_path, "budget", f"{text}I alt;;347.412;2.224\n") == ""
    assert unheld(tmp_path, "budget", f"{text}I alt;;347.412;1.112\n") == ""
    with pytest.raises(DataError, match=r"1 to mend\n.*'I alt' tells 173.706, the lines come to 347.412"):
        opened(tmp_path, "budget", f"{text}I alt;;173.706;1.112\n")


def test_a_total_of_a_year_without_a_line_is_told(tmp_path):
    for total, of in (("I alt;2027;173.706;", "2027"), ("I alt i 2027;;173.706;", "2027")):
        with pytest.raises(DataError, match=rf"row 4, .*is of {of}, of which there is no line"):
            opened(tmp_path, "budget", f"{LONG}{total}\n")
    assert unheld(tmp_path, "budget", f"{LONG}I alt, 2026;;173.706;1.102\n") == ""
    assert unheld(tmp_path, "budget", f"{LONG}I alt, 2025;2026;173.706;1.102\n") == "beløb, personer"  # for comparison


def test_persons_of_a_wide_budget_are_said_to_be_those_of_every_year(tmp_path):
    text = "linje;R2020 (1.000 kr.);B2026 (1.000 kr.);personer\nDagpenge;47.300;97.300;450\n"
    assert opened(tmp_path, "budget", text).left_out == ("one number of persons a line, which is taken for every year",)
    assert opened(tmp_path, "budget", text.replace("450", "")).left_out == ()
    assert opened(tmp_path, "budget", LONG).left_out == ()


def test_a_total_that_cannot_be_read_is_told_as_a_line_is(tmp_path):
    for cell in ("se note", "#N/A", "186.040*", "186.040 kr.", "300-320"):
        with pytest.raises(DataError, match="1 to mend\n  row 4, column 3 "):
            opened(tmp_path, "budget", f"{LONG}I alt;2026;{cell};1.102\n")


def test_a_total_of_years_across_that_cannot_be_read_is_told_and_one_that_is_empty_is_no_missing_amount(tmp_path):
    with pytest.raises(DataError, match=r"1 to mend\n  row 4, column 3 .*'se note' stands there"):
        opened(tmp_path, "budget", WIDE + "I alt;173.706;se note\n")
    assert opened(tmp_path, "budget", WIDE + "I alt;173.706;\n").left_out == ("row 4 'I alt'",)


@pytest.mark.parametrize(("months", "ends"), [(13, "2026M12, 151 2027M01"), (14, "2026M12, 151 2027M01 and 1 more")])
def test_twelve_of_what_no_total_covers_are_named_and_the_rest_counted(tmp_path, months, ends):
    periods = [f"{2026 + m // 12}M{m % 12 + 1:02}" for m in range(months)]
    text = PERSONS.partition("\n")[0] + "\n151;2026M01;I alt;5,5\n"
    told = unheld(tmp_path, "persons", text + "".join(f"151;{period};A;5,5\n" for period in periods))
    assert told.startswith("fuldtidspersoner of 151 2026M02, 151 2026M03, ") and told.endswith(ends)
    assert told.count("151") == 12


def test_a_remark_that_speaks_of_a_total_is_asked_about_beside_a_line_that_has_a_name(tmp_path):
    head, dagpenge, sick = WIDE.splitlines()
    text = f"{head};bemærkning;bekræftet\n{dagpenge};I alt\n{sick};\n"
    with pytest.raises(DataError, match="'I alt': does its row count"):
        opened(tmp_path, "budget", text)
    text = f"{head};bemærkning;bekræftet\n{dagpenge};I alt;ja\n{sick};;\n"
    found = opened(tmp_path, "budget", text)
    assert found.table["line"].unique().tolist() == ["Dagpenge", "Sygedagpenge"]
    without = opened(tmp_path, "budget", f"{text};173.706;176.050;I alt\n")  # a name it has not: it is one
    assert (len(without.table), without.no_total_of) == (len(found.table), {})


def test_a_section_ends_at_its_total_and_begins_at_its_heading(tmp_path):
    head, first, last = "linje;B2026 (1.000 kr.)\n", "A;60.412\nB;30.305\n", "C;4.101\nD;1.002\n"
    assert unheld(tmp_path, "budget", f"{head}{first}I alt;90.717\n{last}I alt;5.103\nI alt;95.820\n") == ""
    for heading, told in (
        ("Drift;\n", "'I alt' comes to 2 of the 4 lines; name it by"),
        ("", "tells 5.103, the lines come to 95.820"),
    ):
        with pytest.raises(DataError, match=f"1 to mend\n.*{told}"):
            opened(tmp_path, "budget", f"{head}{first}{heading}{last}I alt;5.103\n")


def test_a_total_may_be_called_so_in_the_column_of_the_area(tmp_path):
    text = ACCOUNTS + "Ballerup i alt;2013;Alle ydelser;1.401;138,7;\nBallerup i alt;2014;Alle ydelser;1.400;138,6;\n"
    assert unheld(tmp_path, "accounts", text) == ""
    assert len(opened(tmp_path, "accounts", text).table) == 4


def test_a_total_of_the_budget_is_of_the_lines_of_a_year_that_tells_no_status(tmp_path):
    assert unheld(tmp_path, "budget", LONG + "I alt;B2026;173.706;1.102\n") == ""
    with pytest.raises(DataError, match="'I alt' is of 2026, K, of which there is no line"):
        opened(tmp_path, "budget", LONG + "I alt;K2026;173.706;1.102\n")


def test_a_total_by_its_name_of_something_else_is_no_control(tmp_path):
    for name in (
        "Bruttoudgifter i alt",
        "I alt før statsrefusion",
        "Indtægter i alt",
        "Ændringer i alt",
        "Korrigeret budget i alt",
        "I alt (kr.)",
        "Helårspersoner i alt",
    ):
        assert unheld(tmp_path, "budget", f"{WIDE}{name};173.706;176.050\n") == "beløb"
        assert unheld(tmp_path, "budget", f"{WIDE}I alt;173.706;176.050\n{name};9;9\n") == ""


def test_a_total_may_be_called_so_in_another_column_and_a_figure_without_a_name_is_no_note(tmp_path):
    pivot = "politikområde;linje;B2026 (1.000 kr.)\nA;Dagpenge;97.300\nA;Sygedagpenge;76.406\n"
    assert unheld(tmp_path, "budget", f"{pivot}I alt;;173.706\n") == ""
    with pytest.raises(DataError, match="row 4, column 2 'linje': nothing stands there; write a name"):
        opened(tmp_path, "budget", f"{pivot}Kultur;;25.000\n")
    with pytest.raises(DataError, match="row 4, column 1 'linje': nothing stands there; write a name"):
        opened(tmp_path, "budget", "linje;B2026 (1.000 kr.)\nDagpenge;97.300\nA i alt;97.300\n;5.000\n")


def test_a_line_that_holds_a_part_by_a_word_within_its_name_is_asked_about(tmp_path):
    for name in (
        "Indsats, herunder mentorer",
        "Pulje (del af aftale)",
        "Ramme (indgår i pulje)",
        "Revalidering, heraf unge",
    ):
        with pytest.raises(
            DataError, match=f"{re.escape(repr(name))} may be part of the line above; if it is, begin it with heraf"
        ):
            opened(tmp_path, "budget", f"{WIDE}{name};5.000;5.000\n")
    assert len(opened(tmp_path, "budget", f"{WIDE}Heraf unge;5.000;5.000\n").table) == 4


@pytest.mark.parametrize(("amounts", "total", "terms", "far"), [
    ([60.4, 30.4], 90.9, 2, 0.15),  # each half a step of 0,1, at most 2 of them, and the total's own
    ([60.4] * 25, 1510.0, 25, 0.5 + 0.5),  # of many, the root of their number; a total without decimals
    ([60_400.0, 30_400], 90_800.0, 2, 90.8 + 50),  # a thousandth of them, where hundreds are noughts
    ([60_401.0, 30_400], 90_801.0, 2, 1.5 + 1e-4),
    ([60.40, 30.41], 90.81, 2, 0.015),
    ([150_000.0, 50_100], 201_000.0, 2, 100 + 50),  # the lines' own step, where the total is rounder than they are
    ([150_000.0, 50_100], 200_110.0, 2, 100 + 5),
    ([60.4, 39.7], 100.0, 2, 0.1 + 0.5),  # fewer decimals, where they are no more than half a per cent
    ([-60.4, 30.4], -30.0, 2, 0.1 + 0.05),
    ([60.4, 39.7], 100.35, 2, 0.1 + 0.05),  # more decimals
    ([-60_400.0, -30_400], -90_800.0, 2, 90.8 + 50),
    ([-60.4, -39.7], -100.0, 2, 0.1 + 0.5),
    ([1e6, -1e6], 0.0, 2, 1.5 + 2e-3),  # as a sum of large numbers may be off by itself
])  # fmt: skip
def test_rounding_explains_half_a_step_a_line_and_no_more(amounts, total, terms, far):
    assert _rounding(np.array(amounts), total, np.array([terms])).item() == pytest.approx(far, rel=1e-5)


def test_lines_and_totals_of_all_rounded_figures_agree_and_a_step_more_does_not(tmp_path):
    text = "linje;B2026 (mio. kr.)\nA;60,4\nB;30,4\nI alt;{}\n"
    assert unheld(tmp_path, "budget", text.format("90,9")) == ""  # 60,44 + 30,44 = 90,88
    with pytest.raises(DataError, match="'I alt' tells 91,0, the lines come to 90,8, which is 0,2 off"):
        opened(tmp_path, "budget", text.format("91,0"))


def test_figures_so_coarse_that_a_line_may_hide_in_their_rounding_are_covered_by_no_total(tmp_path):
    text = "linje;B2026 (mio. kr.)\nA;{}\nB;30\nI alt;{}\n"
    assert unheld(tmp_path, "budget", text.format("40", "71")) == "beløb"  # 1 + 0,5 is 2,1 pct. of 70
    assert unheld(tmp_path, "budget", text.format("50", "81")) == ""  # 1,9 pct. of 80
    assert unheld(tmp_path, "budget", text.format("40", "70")) == ""


def test_a_point_before_three_digits_of_millions_is_asked_about_unless_the_file_is_danish(tmp_path):
    text = "linje;B2026 (mio. kr.)\nA;1.234\nB;{}\n"
    with pytest.raises(DataError, match=r"row 2, column 2 .*'1.234' may be a thousand or one; write it without three"):
        opened(tmp_path, "budget", text.format("76"))
    assert opened(tmp_path, "budget", text.format("76,5")).table["amount_tkr"].tolist() == [1_234_000, 76_500]
    told = opened(tmp_path, "budget", text.format("76").replace("mio.", "1.000")).table["amount_tkr"]
    assert told.tolist() == [1_234, 76]


def test_a_mean_that_would_be_sharp_makes_no_coarse_sum_so(tmp_path):
    text = "linje;år;beløb (1.000 kr.);personer\nA;2026;1.000;30\nA;2027;1.000;40\nI alt;;2.000;{}\n"
    assert unheld(tmp_path, "budget", text.format("71")) == "personer"  # 1,5 of 71 is 2,1 pct., of twice as many 1,1
    assert unheld(tmp_path, "budget", text.format("70")) == unheld(tmp_path, "budget", text.format("35")) == ""


def test_more_totals_than_can_be_held_against_rows_are_told_and_take_no_time(tmp_path):
    lines = "".join(f"Konto {n};1\nI alt;2\n" for n in range(5_000))
    start = time.process_time()
    with pytest.raises(DataError, match=r"budget\.csv holds more totals than can be held against so many lines"):
        opened(tmp_path, "budget", f"Linje;B2026 (1.000 kr.)\n{lines}")
    assert time.process_time() - start < 10


def test_a_total_of_many_lines_with_many_subtotals_is_held_against_them(tmp_path):
    groups = [
        "".join(f"Konto {g:03}.{i:02};{31 * g + 7 * i}\n" for i in range(26))
        + f"Gruppe {g} i alt;{26 * 31 * g + 7 * 325}\n"
        for g in range(300)
    ]
    whole = sum(26 * 31 * g + 7 * 325 for g in range(300))
    text = "Linje;B2026 (1.000 kr.)\n" + "".join(groups) + "I alt;{}\n"  # 7.800 lines, 2,3 million comparisons
    assert opened(tmp_path, "budget", text.format(whole)).no_total_of == {}
    with pytest.raises(DataError, match=r"which is 50\.000 off"):
        opened(tmp_path, "budget", text.format(whole + 50_000))


def test_a_total_whose_row_alone_tells_the_unit_is_in_that_of_the_heading(tmp_path):
    text = "Linje;B2026 (1.000 kr.);enhed\nA;100;\nB;50;\nI alt;{};1.000 kr.\n"
    (tmp_path / "budget.csv").write_text(text.format(150), encoding="utf-8")
    assert own.opened("budget", tmp_path).no_total_of == {}
    (tmp_path / "budget.csv").write_text(text.format(225), encoding="utf-8")
    with pytest.raises(DataError, match="'I alt' tells 225, the lines come to 150, which is 75 off"):
        own.read("budget", tmp_path)


def test_a_total_is_not_named_as_the_line_that_is_as_much_as_it_is_off():
    rows = pd.DataFrame({"at": [1, 2], "name": [*"AB"], "kr": [60.0, 40.0]})
    totals = pd.DataFrame({"at": [3], "name": ["I alt"], "kr": [50.0]})
    (told,) = control(rows, totals, "kr", []).off.values()
    assert told.startswith("'I alt' tells 50, the lines come to 100, which is 50 off; mend a line")


def test_what_a_total_is_off_by_may_be_another_total_whatever_the_sign():
    def told(kr, *totals):
        rows = pd.DataFrame({"at": range(len(kr)), "name": [*"AB"], "kr": kr})
        totals = pd.DataFrame([(9, *one) for one in totals], columns=["at", "name", "kr"])
        return control(rows, totals, "kr", []).off[len(totals) - 1]

    for sign in (1, -1):
        both = ("A og B i alt", sign * 90.0), ("I alt", sign * 180.0)
        assert "which is 90 off, what 'A og B i alt' tells; mend" in told([sign * 60.0, sign * 30.0], *both)
        assert "which is 60 off, what 'A' tells; mend" in told([sign * 60.0, sign * 25.0], ("I alt", sign * 25.0))


def test_a_total_of_some_lines_that_comes_to_none_may_be_a_line_and_one_of_all_may_not(tmp_path):
    for name, ends in (
        ("Dagpenge i alt", "or the total; if it is a line, name it otherwise"),
        ("* Dagpenge i alt", "or the total; if it is a line, name it otherwise, without a star"),
        ("I alt", "or the total; if it is right as it stands, write ja in a column 'bekræftet'"),
    ):
        with pytest.raises(DataError) as error:
            opened(tmp_path, "budget", f"{WIDE}{name};96.000;97.000\n")
        assert str(error.value).endswith(ends)
        sure = WIDE.replace("\n", ";bekræftet\n", 1) + f"{name};96.000;97.000;ja\n"
        if name == "I alt":
            assert len(opened(tmp_path, "budget", sure).table) == 4
            continue
        with pytest.raises(DataError, match="if it is a line, name it otherwise"):  # else it would be left out unseen
            opened(tmp_path, "budget", sure)


def test_negative_lines_are_covered_by_a_total_within_rounding():
    assert held([-60.4, -30.4], (9, "I alt", -90.9)) == (True, [])


def test_coarse_lines_are_covered_by_the_total_they_come_to_exactly_and_by_none_that_is_near():
    rows = pd.DataFrame({"at": [1, 2, 3], "name": [*"ABC"], "kr": [1.0, 1.0, 1.0]})
    for told, covered in ((3.0, {0, 1, 2}), (3.05, set())):
        totals = pd.DataFrame({"at": [4], "name": ["I alt"], "kr": [told]})
        found = control(rows, totals, "kr", [])
        assert (found.covered, found.off) == (covered, {})
    for kr, told in (([1.1, 1.0, 1.0], 3.1005), ([10.0, 10.0, 10.0], 30.005)):
        assert held(kr, (9, "I alt", told)) == (False, [])
