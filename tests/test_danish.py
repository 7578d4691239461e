"""A printed Danish number is read with exactly the interval its printing leaves open, or refused by name."""

import math
import operator
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_analysis.danish import Interval, exact, number, parse

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    ("cell", "value", "low", "high"),
    [
        ("76.269", 76269, 76268.5, 76269.5),  # half a unit of the last digit to each side
        ("1.000.000 kr.", 1e6, 999_999.5, 1_000_000.5),
        ("5,7", 5.7, 5.65, 5.75),
        ("1,0", 1, 0.95, 1.05),  # a printed zero is a digit
        ("15,31 pct.", 15.31, 15.305, 15.315),
        ("-1.556", -1556, -1556.5, -1555.5),
        ("nr. 44", 44, 43.5, 44.5),
        ("øvrige 29", 29, 28.5, 29.5),
        ("300-320", NAN, 300, 320),  # a range prints no single figure
        ("ca. 450", 450, 445, 455),  # rounded at the last digit that is not zero
        ("ca. 0,4", 0.4, 0.35, 0.45),
        ("Ca. 60", 60, 55, 65),
        ("knapt 120", 120, 115, 120),
        ("op mod 170", 170, 165, 170),
        ("godt 50.000", 50_000, 50_000, 55_000),
        ("minimum 45%", 45, 45, INF),
        ("over 1", 1, 1, INF),
        ("under 30", 30, -INF, 30),
        ("Minimum to", 2, 2, INF),
        ("op mod halvdelen", 0.5, 0.45, 0.5),
        ("syv", 7, 7, 7),  # a word is not rounded
        ("et halvt", 0.5, 0.5, 0.5),
        ("7/12", 7 / 12, 7 / 12, 7 / 12),
        ("0", 0, -0.5, 0.5),
        ("-", NAN, NAN, NAN),  # missing is not zero
        ("", NAN, NAN, NAN),
    ],
)
def test_a_cell_is_read_with_the_interval_its_printing_leaves_open(cell, value, low, high):
    found = parse(cell)
    assert (found.value, found.low, found.high) == pytest.approx((value, low, high), rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("cell", ["76,269.5", "76.26", "abc", "12.34.567", "1e5", "1-2-3", "ca."])
def test_a_cell_that_is_no_danish_number_is_refused_by_name(cell):
    with pytest.raises(ValueError, match=f"^'{cell}' is not a Danish number; write for example 1.234,5"):
        parse(cell)


@pytest.mark.parametrize(
    ("value", "decimals", "unit", "text"),
    [
        (76269, 0, "", "76.269"),
        (7.6, 1, "mio. kr.", "7,6 mio. kr."),
        (-1556, 0, "", "-1.556"),
        (-0.4, 0, "", "0"),  # no minus zero
    ],
)
def test_a_number_is_written_with_comma_and_point(value, decimals, unit, text):
    assert number(value, decimals, unit) == text


@settings(deadline=None)  # the first call imports Babel
@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_written_number_reads_back_within_its_own_rounding(value, decimals):
    read = parse(number(value, decimals))
    assert read.overlaps(exact(value))
    assert read.high - read.low == pytest.approx(10.0**-decimals, rel=0.01)
    assert number(read.value, decimals) == number(value, decimals)


@st.composite
def interval_and_member(draw):
    """Exact fractions, so that no tolerance is needed."""
    low, one, other, high = map(Fraction, sorted(draw(st.lists(st.integers(-999, 999), min_size=4, max_size=4))))
    value, member = draw(st.permutations([one, other]))
    return Interval(value, low, high), member


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv], ids=lambda o: o.__name__)
@settings(max_examples=50)
@given(left=interval_and_member(), right=interval_and_member())
def test_arithmetic_on_intervals_holds_every_figure_they_hold(op, left, right):
    (a_interval, a), (b_interval, b) = left, right
    if op is operator.truediv and b_interval.low <= 0 <= b_interval.high:
        with pytest.raises(ZeroDivisionError, match="may be zero"):
            op(a_interval, b_interval)
        return
    found = op(a_interval, b_interval)
    assert found.low <= op(a, b) <= found.high
    assert found.value == op(a_interval.value, b_interval.value)
