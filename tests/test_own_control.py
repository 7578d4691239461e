"""The lines of an own file are held against the totals that stand among them, and what no total covers says so."""

import time

import numpy as np
import pandas as pd
import pytest

from ballerup_analysis import own
from ballerup_analysis.files import DataError
from ballerup_analysis.own.control import _rounding, _runs, control

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


def unheld(folder, kind, text):
    """Return the columns that no total of a file covers."""
    return opened(folder, kind, text).no_total_of


@pytest.mark.parametrize(("kind", "text", "columns"), [
    ("budget", WIDE, ("amount_tkr",)),
    ("budget", WIDE + "I alt;173.706;176.050\n", ()),
    ("budget", WIDE + "I alt;173.706;\n", ("amount_tkr",)),  # one year of two
    ("budget", WIDE + "I alt;173.706;se note\n", ("amount_tkr",)),
    ("budget", WIDE.replace("Syge", "Forsørgelse i alt;97.300;99.000\nSyge"), ("amount_tkr",)),
    ("budget", LONG, ("amount_tkr", "persons")),
    ("budget", LONG + "I alt;2026;173.706;\n", ("persons",)),
    ("budget", LONG + "I alt;2026;173.706;1.102\n", ()),
    ("budget", LONG + "I alt;;173.706;1.102\n", ()),
    ("accounts", ACCOUNTS, ("fulltime_persons", "net_cost_kr")),
    ("accounts", ACCOUNTS + "Ballerup;2013;I alt;1.401;138,7;\n", ("fulltime_persons", "net_cost_kr")),
    ("accounts", ACCOUNTS + "Ballerup;2013;I alt;1.401;138,7;\nBallerup;2014;I alt;1.400;138,6;\n", ()),
    ("accounts", ACCOUNTS + "I alt;;;2.801;277,3;\n", ()),
    ("accounts", ACCOUNTS + "I alt;;;9;277,3;ja\n", ("fulltime_persons",)),
    ("persons", PERSONS, ("fulltime_persons",)),
    ("persons", PERSONS + "151;2026M03;I alt;12,5\n", ("fulltime_persons",)),
    ("persons", PERSONS + "151;2026M03;I alt;12,5\n151;2026M04;I alt;6\n", ()),
])  # fmt: skip
def test_a_number_is_held_against_a_total_or_its_column_is_told(tmp_path, kind, text, columns):
    assert unheld(tmp_path, kind, text) == columns
    assert own.report(tmp_path)["no_total_of"].item() == ", ".join(columns)


WRONG = "mend a line that is left out, stands twice or has the wrong sign, or take the total out"


@pytest.mark.parametrize(("kind", "text", "told"), [
    ("budget", WIDE + "I alt;270.706;176.050\n",
     "row 4, column 2 'B2026 (1.000 kr.)': 'I alt' tells 270.706, the lines come to 173.706, which is 97.000 off; " + WRONG),
    ("budget", WIDE + "Indtægt, leje;500;500\nI alt;173.206;175.550\n",  # the wrong sign
     "row 5, column 2 'B2026 (1.000 kr.)': 'I alt' tells 173.206, the lines come to 174.206, which is 1.000 off; "),
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
    assert unheld(tmp_path, "accounts", text.format("ja")) == ("net_cost_kr",)


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
    assert unheld(tmp_path, "budget", f"{text}I alt;2027;9.500;1.000 kr.\n") == ("amount_tkr",)
    assert unheld(tmp_path, "budget", f"{text}I alt;2027;9.500;1.000 kr.\nI alt;2027;7,25;mio. kr.\n") == ()


def test_a_total_is_of_the_lines_above_or_below_it_or_of_all():
    assert _runs(4, 2, [1]).tolist() == [[0, 2], [0, 4], [1, 2], [2, 4]]
    assert _runs(2, 0, [1]).tolist() == [[0, 1], [0, 2]]
    rows = pd.DataFrame({"at": [1, 2, 4, 5, 7], "kr": [60.0, 30.0, 4.0, 1.0, 0.0]})

    def held(at, total, name="A i alt", breaks=()):
        found = control(rows, pd.DataFrame({"at": [at], "name": [name], "kr": [total]}), "kr", [], breaks)
        return found.covered, found.off

    assert held(3, 90.0) == ({0, 1}, [])  # the section above
    assert held(6, 5.0) == ({2, 3}, [])
    assert held(3, 5.0) == ({2, 3, 4}, [])  # below, and the longest of what agrees
    assert held(0, 95.0) == held(8, 95.0) == held(3, 95.0) == ({0, 1, 2, 3, 4}, [])
    nought = control(
        rows.assign(kr=[0.0, 60, 0, 5, 1]), pd.DataFrame({"at": [3], "name": ["A i alt"], "kr": [60.0]}), "kr", []
    )
    assert nought.covered == {0, 1}
    nothing = control(
        pd.DataFrame({"at": [1], "kr": [0.0]}), pd.DataFrame({"at": [2], "name": ["I alt"], "kr": [0.0]}), "kr", []
    )
    assert nothing.covered == {0}
    assert held(6, 61.0) == (set(), [(0, 61.0, 35.0)])  # lines that do not stand together
    assert held(3, float("nan")) == (set(), [])
    for name in ("I alt", "ialt:", "Total", "SUM *", "Alt i alt", "Hovedtotal", "Samlet", "Tilsammen"):
        assert held(6, 5.0, name) == (set(), [(0, 5.0, 0.0)])  # what is of all is not of some
        assert held(6, 5.0, name, [3]) == ({2, 3}, [])  # but of its section
        assert held(0, 95.0, name) == ({0, 1, 2, 3, 4}, [])


def test_a_subtotal_that_is_not_called_one_is_told_by_the_total_however_few_its_digits(tmp_path):
    text = "linje;B2026 (mio. kr.)\nDagpenge;60\nSygedagpenge;30\nForsørgelse;90\nAktivering;5\n"
    assert unheld(tmp_path, "budget", text) == ("amount_tkr",)
    with pytest.raises(DataError, match="'I alt' tells 95, the lines come to 185, which is 90 off"):
        opened(tmp_path, "budget", text + "I alt;95\n")
    sections = text.replace("Dagpenge", "Forsørgelse:;\nDagpenge").replace("Forsørgelse;", "I alt;")
    assert unheld(tmp_path, "budget", sections + "I alt;95\n") == ()


def test_a_total_that_cannot_be_read_is_no_fault_and_covers_nothing(tmp_path):
    for cell in ("se note", "#N/A", "1)", "300-320"):
        assert unheld(tmp_path, "budget", f"{LONG}I alt;2026;{cell};1.102\n") == ("amount_tkr",)


def test_a_total_of_a_year_or_area_without_a_line_is_held_against_nothing():
    rows, keys = pd.DataFrame({"at": [1, 2], "year": [2026, 2026], "kr": [60.0, 30.0]}), ["year"]
    assert control(rows, pd.DataFrame({"at": [3], "name": "I alt", "year": [2025], "kr": [99.0]}), "kr", keys).off == []
    assert control(rows, pd.DataFrame({"at": [3], "name": "I alt", "year": [None], "kr": [99.0]}), "kr", keys).off == [
        (0, 99.0, 90.0)
    ]
    nothing = control(
        rows.assign(kr=[60.0, None]),
        pd.DataFrame({"at": [3], "name": "I alt", "year": [2026], "kr": [60.0]}),
        "kr",
        keys,
    )
    assert nothing.covered == {0}


@pytest.mark.parametrize(("amounts", "total", "terms", "far"), [
    ([60.4, 30.4], 90.9, 2, 0.15),  # each half a step of 0,1, at most 2 of them, and the total's own
    ([60.4] * 25, 1510.0, 25, 0.5 + 1.51),  # of many, the root of their number; a total in tens, a thousandth of it
    ([60_400.0, 30_400], 90_800.0, 2, 90.8 + 50),  # a thousandth of them, where hundreds are noughts
    ([60_401.0, 30_400], 90_801.0, 2, 1.5 + 1e-4),
    ([60.40, 30.41], 90.81, 2, 0.015),
    ([-60.4, 30.4], -30.0, 2, 0.1 + 0.05),
])  # fmt: skip
def test_rounding_explains_half_a_step_a_line_and_no_more(amounts, total, terms, far):
    assert _rounding(np.array(amounts), total, np.array([terms])).item() == pytest.approx(far, rel=1e-5)


def test_lines_and_totals_of_all_rounded_figures_agree_and_a_step_more_does_not(tmp_path):
    text = "linje;B2026 (mio. kr.)\nA;60,4\nB;30,4\nI alt;{}\n"
    assert unheld(tmp_path, "budget", text.format("90,9")) == ()  # 60,44 + 30,44 = 90,88
    with pytest.raises(DataError, match="'I alt' tells 91,0, the lines come to 90,8, which is 0,2 off"):
        opened(tmp_path, "budget", text.format("91,0"))


def test_figures_so_coarse_that_a_line_may_hide_in_their_rounding_are_covered_by_no_total(tmp_path):
    text = "linje;B2026 (mio. kr.)\nA;{}\nB;30\nI alt;{}\n"
    assert unheld(tmp_path, "budget", text.format("40", "71")) == ("amount_tkr",)  # 1 + 0,5 is 2,1 pct. of 70
    assert unheld(tmp_path, "budget", text.format("50", "81")) == ()  # 1,9 pct. of 80
    assert unheld(tmp_path, "budget", text.format("40", "70")) == ()


def test_a_point_before_three_digits_of_millions_is_asked_about_unless_the_file_is_danish(tmp_path):
    text = "linje;B2026 (mio. kr.)\nA;1.234\nB;{}\n"
    with pytest.raises(DataError, match=r"row 2, column 2 .*'1.234' may be a thousand or one; write it without three"):
        opened(tmp_path, "budget", text.format("76"))
    assert opened(tmp_path, "budget", text.format("76,5")).table["amount_tkr"].tolist() == [1_234_000, 76_500]
    told = opened(tmp_path, "budget", text.format("76").replace("mio.", "1.000")).table["amount_tkr"]
    assert told.tolist() == [1_234, 76]


def test_more_totals_than_are_held_against_rows_cover_nothing_and_take_no_time():
    rows = pd.DataFrame({"at": range(20_000), "kr": 1.0})
    totals = pd.DataFrame({"at": range(20_000, 40_000), "name": "I alt", "kr": 2.0})
    start = time.process_time()
    assert control(rows, totals, "kr", []).covered == set() == control(rows, totals, "kr", []).covered
    assert time.process_time() - start < 5
