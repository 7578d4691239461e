"""The readings of "besparelse" that work on accounts, by hand."""

import nbformat
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballerup_analysis import accounts, number
from ballerup_analysis.accounts import gains_from_accounts
from ballerup_analysis.sources import DATA, DataError
from ballerup_analysis.trend import population_on

amounts, sizes = st.floats(1, 1e9), st.floats(0.01, 100)


@given(then=amounts, now=amounts, size=sizes)
def test_an_area_that_follows_the_reference_exactly_gains_nothing(then, now, size):
    nothing = pytest.approx(0, abs=1e-9 * size * now)
    assert accounts.g1_cost_growth(size * then, size * now, then, now) == nothing
    assert accounts.g3_level(size * now, size, now, 1) == nothing


def test_the_candidate_formulas_by_hand():
    # own cost 100 -> 95, reference 200 -> 220: 110 - 95 = 15
    assert accounts.g1_cost_growth(100, 95, 200, 220) == pytest.approx(15)
    # persons 50 -> 40, reference 400 -> 440: 55 - 40 = 15 persons at 1,000 kr.
    assert accounts.g2_person_growth(50, 40, 400, 440, 1000) == pytest.approx(15_000)
    # reference 600 kr. over 100 inhabitants = 6 each; 12 inhabitants: 72 - 70 = 2
    assert accounts.g3_level(70, 12, 600, 100) == pytest.approx(2)
    # uprating 2 pct.: reference 220 - 204 = 16, a tenth is 1.6; own 95 - 102 = -7; 1.6 + 7 = 8.6
    assert accounts.g4_budget_guarantee(100, 95, 200, 220, share=0.1, uprating=1.02) == pytest.approx(8.6)


@given(amounts, amounts, amounts, amounts)
def test_the_budget_guarantee_is_the_cost_growth_when_the_share_is_the_cost_share(before, now, then, later):
    guarantee = accounts.g4_budget_guarantee(before, now, then, later, share=before / then)
    scale = max(before, now, before / then * later)
    assert guarantee == pytest.approx(accounts.g1_cost_growth(before, now, then, later), abs=1e-9 * scale)


W = int(population_on("2014Q1")["000"])
MADE_UP = pd.DataFrame(  # not real accounts: round numbers, the country's as kr. per inhabitant
    [
        ("151", 2013, "k", 500, 50e6), ("151", 2014, "k", 480, 48e6),
        ("000", 2013, "k", 10_000, 1000.0 * W), ("000", 2014, "k", 11_000, 1100.0 * W),
        ("151", 2013, "d", 100, 20e6), ("151", 2014, "d", 100, 20e6),
        ("000", 2013, "d", 8000, 500.0 * W), ("000", 2014, "d", 8000, 500.0 * W),
    ],
    columns=["area", "year", "benefit", "fulltime_persons", "net_cost_kr"],
)  # fmt: skip


def test_made_up_accounts_give_the_gains_worked_by_hand():
    # G1: 50 x 1.1 - 48 = 7; d 0.  G2: (550 - 480) persons x 48 mio / 480 = 7; d 0.
    # G3, 48,514 inhabitants: 1,100 x 48,514 - 48 mio = 5.3654; 500 x 48,514 - 20 mio = 4.257.
    # G4: 100 x 48,514 + 2 mio = 6.8514; d 0.  Uprated 10 pct.: k 0 + 7; d -50 x 48,514 + 2 mio = -0.4257.
    found = gains_from_accounts(MADE_UP).set_index("method")
    assert found["gain_mio_kr"].to_dict() == pytest.approx({"G1": 7, "G2": 7, "G3": 9.6224, "G4": 6.8514})
    assert set(found["missing"]) == {""}
    assert gains_from_accounts(MADE_UP, uprating=1.1)["gain_mio_kr"].iloc[3] == pytest.approx(7 - 0.4257)


@pytest.mark.parametrize(
    ("rows", "persons", "missing"),
    [
        ([], 1, ["all benefits"] * 4),
        ([0, 1, 2, 3, 4, 5, 6], 1, ["d"] * 4),  # without the country's d of 2014
        ([0, 1, 2, 3, 4, 5, 7], 1, ["d", "d", "", "d"]),  # without its d of 2013, which the level does not need
        (range(8), np.nan, ["", "d, k", "", ""]),
    ],
)
def test_what_the_accounts_lack_is_named_and_not_counted_as_zero(rows, persons, missing):
    own = MADE_UP.iloc[rows].assign(fulltime_persons=lambda table: table["fulltime_persons"] * persons)
    found = gains_from_accounts(own)
    assert [", ".join(sorted(names.split(", "))) for names in found["missing"]] == missing
    assert found["gain_mio_kr"].isna().tolist() == [bool(names) for names in missing]


def test_five_benefits_that_lack_figures_are_named_and_more_are_counted():
    for many, told in ((5, "a, b, c, d, e"), (6, "a, b, c, d, e … (6)")):
        more = [
            MADE_UP.query("benefit == 'k'").assign(benefit=name, fulltime_persons=np.nan) for name in "abcdef"[:many]
        ]
        assert gains_from_accounts(pd.concat(more)).set_index("method").loc["G2", "missing"] == told


def test_an_area_that_is_not_there_is_named():
    with pytest.raises(DataError, match="DK"):
        gains_from_accounts(MADE_UP, reference="DK")


@pytest.mark.parametrize(("gains", "asked"), [
    (None, "then net cost by benefit and the final grants, 2012–2014."),
    ([5.0, np.nan], "then the final grants, 2012–2014; net cost by benefit is in your own accounts."),
    ([np.nan, np.nan], "then net cost by benefit and the final grants, 2012–2014."),  # of another area, or year
])  # fmt: skip
def test_the_notebook_asks_for_no_accounts_that_were_read_and_are_of_the_area_and_year(gains, asked):
    cells = nbformat.read(DATA.parent / "notebooks/02_gain_2014.ipynb", as_version=4)["cells"]
    source = next(cell["source"] for cell in cells if "To ask for" in cell["source"])
    said, known = (
        [],
        {"reference": "000", "others": {"000": "the country"}, "methods": {"persons": [1.0]}, "own": [2.0]},
    )
    known |= {"TARGET": 7.6, "BASE": 2013, "YEAR": 2014, "gap": 50.0, "usual": 5.9, "name": "A", "direction": "fewer"}
    known["gains"] = None if gains is None else pd.DataFrame({"gain_mio_kr": gains})
    exec(source, known | {"number": number, "say": lambda *told: said.extend(told)})
    assert said[-1] == f"**To ask for:** the annex to item 6 of 9 June 2015; {asked}"
