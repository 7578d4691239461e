"""Danish numbers as printed: read with their rounding interval, written with comma and point.

Babel does the number work; the machine's locale is never touched.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

NUMBER_WORDS = {"to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "syv": 7, "ti": 10}
NUMBER_WORDS |= {"et halvt": 0.5, "halvdelen": 0.5, "neutral": 0}
_ABOUT = ("ca.", "cirka", "omkring")
_BELOW = ("knap", "knapt", "op mod", "op til")
_ABOVE = ("godt",)
_OPEN_ABOVE = ("minimum", "mindst", "over", "mere end")
_OPEN_BELOW = ("under",)
_WORDS = "|".join(re.escape(w) for w in (*_ABOUT, *_BELOW, *_ABOVE, *_OPEN_ABOVE, *_OPEN_BELOW))
_CELL = re.compile(
    rf"(?:nr\.|øvrige|yderligere)?\s*(?P<word>{_WORDS})?\s*"
    r"(?P<first>-?\d[\d.,]*?)(?:\s*[-–]\s*(?P<second>\d[\d.,]*?))?"
    r"\s*(?P<unit>%|pct\.|kr\.|pladser|plads|\.)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Interval:
    """A figure with the interval its printing leaves open.

    Parameters
    ----------
    value : float
        The figure; NaN where a range is printed, because a range prints no single figure.
    low, high : float
        The ends of the interval, in the unit of the figure.

    Examples
    --------
    >>> Interval(2.0, 1.5, 2.5) + Interval(3.0, 2.5, 3.5)
    Interval(value=5.0, low=4.0, high=6.0)
    """

    value: float
    low: float
    high: float

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.value + other.value, self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return Interval(self.value - other.value, self.low - other.high, self.high - other.low)

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b if a and b else 0.0 for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(self.value * other.value, min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise ZeroDivisionError(f"the divisor {other} may be zero")
        return self * Interval(1 / other.value, 1 / other.high, 1 / other.low)

    def overlaps(self, other: Interval) -> bool:
        """Tell whether one true figure could have been printed as both."""
        slack = 1e-9 * max(1.0, abs(self.high), abs(other.high))
        return self.low <= other.high + slack and other.low <= self.high + slack


def exact(value: float) -> Interval:
    """Return a figure that is known without rounding.

    Examples
    --------
    >>> exact(98).low
    98.0
    """
    return Interval(float(value), float(value), float(value))


def parse(cell: str) -> Interval:
    """Read one printed cell.

    The interval is half a unit of the last printed digit to each side. A printed range keeps its ends and has
    no value. "ca." counts as rounded at the last digit that is not zero; "godt" lies up to half such a unit
    above, "knap" and "op mod" up to half a unit below; "minimum" and "over" are open upwards. ``-`` and an
    empty cell are missing, not zero.

    Parameters
    ----------
    cell : str
        The cell as printed.

    Returns
    -------
    Interval
        In the unit of the cell.

    Raises
    ------
    ValueError
        When the cell is not a Danish number.

    Examples
    --------
    >>> parse("76.269")
    Interval(value=76269.0, low=76268.5, high=76269.5)
    >>> parse("300-320")
    Interval(value=nan, low=300.0, high=320.0)
    >>> parse("ca. 450")
    Interval(value=450.0, low=445.0, high=455.0)
    """
    text = cell.strip().lower()
    if text in ("", "-"):
        return Interval(math.nan, math.nan, math.nan)
    bare = re.sub(rf"^({_WORDS})\s+", "", text)
    if bare in NUMBER_WORDS:
        value = float(NUMBER_WORDS[bare])
        return _spread(text.removesuffix(bare).strip(), value, 0.0, 0.5 if value >= 1 else 0.05)
    if fraction := re.fullmatch(r"(\d+)/([1-9]\d*)", text):
        return exact(int(fraction[1]) / int(fraction[2]))
    match = _CELL.fullmatch(text)
    if match is None:
        raise ValueError(f"{cell!r} is not a Danish number; write for example 1.234,5 or - for missing")
    first = _decimal(match["first"], cell)
    if match["second"] is not None:
        second = _decimal(match["second"], cell)
        if second < first:
            raise ValueError(f"{cell!r} is no range: the second number is the smaller")
        return Interval(math.nan, float(first), float(second))
    half = 0.5 * 10.0 ** first.as_tuple().exponent
    whole = int(abs(first))
    trailing = len(str(whole)) - len(str(whole).rstrip("0")) if first == whole and whole else 0
    return _spread(match["word"] or "", float(first), half, half * 10.0**trailing)


def _spread(word: str, value: float, half: float, coarse: float) -> Interval:
    low, high = {
        _ABOUT: (value - coarse, value + coarse),
        _BELOW: (value - coarse, value),
        _ABOVE: (value, value + coarse),
        _OPEN_ABOVE: (value, math.inf),
        _OPEN_BELOW: (-math.inf, value),
    }.get(
        next((g for g in (_ABOUT, _BELOW, _ABOVE, _OPEN_ABOVE, _OPEN_BELOW) if word in g), ()),
        (value - half, value + half),
    )
    return Interval(value, low, high)


def _decimal(text: str, cell: str) -> Decimal:
    from babel.numbers import NumberFormatError, parse_decimal  # 40 ms: only when a cell is read

    try:
        return parse_decimal(text, locale="da", strict=True)
    except NumberFormatError as error:
        raise ValueError(f"{cell!r} is not a Danish number; write for example 1.234,5") from error


def number(value: float, decimals: int = 0, unit: str = "") -> str:
    """Write a number the Danish way (Babel rounds halves to even).

    Parameters
    ----------
    value : float
        The number.
    decimals : int
        Decimals to show.
    unit : str
        Put after the number.

    Examples
    --------
    >>> number(1234.56, 1, "mio. kr.")
    '1.234,6 mio. kr.'
    """
    from babel.numbers import format_decimal

    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(round(value, decimals) + 0.0, format=pattern, locale="da")
    return f"{text} {unit}".rstrip()


def by_sign(value: float, positive: str, negative: str, zero: str = "as many", decimals: int = 0) -> str:
    """Return the word for a number's direction, as it is shown: what rounds to nothing is neither.

    Parameters
    ----------
    value : float
        The number.
    positive, negative, zero : str
        The words.
    decimals : int
        Decimals it is shown with.

    Examples
    --------
    >>> by_sign(56.8, "fewer", "more"), by_sign(-0.4, "fewer", "more"), by_sign(-0.4, "fewer", "more", decimals=1)
    ('fewer', 'as many', 'more')
    """
    shown = round(value, decimals)
    return positive if shown > 0 else negative if shown < 0 else zero
