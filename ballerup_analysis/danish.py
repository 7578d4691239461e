"""Danish numbers as printed: read with their rounding interval and their unit, written with comma and point.

One rule of rounding for all output: half away from zero, on the fifteen digits a spreadsheet keeps.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import MAX_PREC, ROUND_HALF_UP, Context, Decimal

NUMBER_WORDS = {"nul": 0, "neutral": 0, "én": 1, "et": 1, "en": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6}
NUMBER_WORDS |= {"syv": 7, "otte": 8, "ni": 9, "ti": 10, "elleve": 11, "tolv": 12, "et halvt": 0.5, "halvdelen": 0.5}
MISSING = {"", "-", ".", "..", "...", "…", ":", "i.a.", "ia.", "i/a", "n/a"}
HEDGES = {
    "about": ("ca.", "ca", "cirka", "circa", "omkring", "omtrent", "rundt regnet", "~"),
    "below": ("knap", "knapt", "op mod", "næsten", "lidt under"),
    "above": ("godt", "godt og vel", "lidt over"),
    "at least": ("minimum", "mindst", "min.", "over", "mere end", "flere end", ">", "≥"),
    "at most": ("maksimum", "højst", "maks.", "under", "mindre end", "færre end", "op til", "<", "≤"),
}
_SIDE = {word: side for side, words in HEDGES.items() for word in words}
_COUNTED = "personer|person|borgere|borger|fuldtidspersoner|helårspersoner|årsværk|pladser|plads|stillinger|stilling"
_COUNTED += r"|forløb|kommuner|sager|stk\.|timer|dage|uger|måneder|kvartaler|år"
_MONEY = r"(?:kr\.?|kroner|dkk)"
_UNITS = {
    "tkr": rf"t\.? ?kr\.?|tus(?:\.|ind)? ?{_MONEY}|\(?1[. ]?000 ?{_MONEY}\)?",
    "mio_kr": rf"(?:mio|mill|million(?:er)?)\.? ?{_MONEY}",
    "mia_kr": rf"(?:mia|milliard(?:er)?)\.? ?{_MONEY}",
    "mio": r"(?:mio|mill)\.?|million(?:er)?",
    "mia": r"mia\.?|milliard(?:er)?",
    "pct_point": r"(?:pct\.?|procent|%)[- ]?points?",
    "pct": r"%|pct\.?|procent",
    "promille": r"‰|promille",
    "kr": rf",-|{_MONEY}",
}
_UNIT = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _UNITS.items())
_IN_HEAD = re.compile(rf"(?<![\w.,])(?:{_UNIT})(?!\w)")
_NUMBER = r"(?:[1-9]\d{0,2}(?:\.\d{3}){1,7}|[1-9]\d{0,2}(?: \d{3}){1,7}|0|[1-9]\d{0,23})(?:,\d{1,20})?"
_PART = r"(?:(?P<whole>[1-9]\d{0,5}) ?(?:(?<= )|(?=[¼-⅞])))?(?P<part>[1-9]\d?[/\u2044][1-9]\d?|[¼-¾⅐-⅞])"
_NOTE = r"\*+\)?|[¹²³⁰⁴-⁹]+\)?|\d{1,2}\)|[a-z]\)|\[\d{1,2}\]|†"
_ANY_UNIT = "|".join((*_UNITS.values(), _COUNTED))
_WORDS = "|".join(map(re.escape, _SIDE))
_NAMED = "|".join(NUMBER_WORDS)
_PLAIN = re.compile(rf"(-?)({_NUMBER})")
_CELL = re.compile(
    rf"(?P<mark>\*+\)?)? ?(?:øvrige |yderligere )?(?:(?P<hedge>{_WORDS})(?: |(?<=[<>≥≤~.])|(?=-)))?(?P<open>\()? ?"
    rf"(?:(?P<nr>nr\.)|(?P<kr>kr\.?|dkk))? ?(?:mellem |fra )?(?P<sign>[-+])? ?"
    rf"(?:(?P<first>{_NUMBER})|(?P<word>{_NAMED})|{_PART})"
    rf"(?P<unit1> ?%| ?pct\.)?(?: ?(?:-|(?P<til>til|og)) ?(?P<minus>-)?(?P<second>{_NUMBER}))?(?P<ordinal>\.)?"
    rf" ?(?P<unit>{_ANY_UNIT})?(?P<trailing> ?-)? ?(?P<close>\))?(?: ?(?P<note>{_NOTE}))?"
)
_UNIT_ALONE = re.compile(_UNIT)
_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
_TIDY = str.maketrans(_DASHES | dict.fromkeys("\u00a0\u2007\u2009\u202f", " "))
_SWAP = str.maketrans(",.", ".,")
_YEAR = re.compile("(19|20)[0-9]{2}")
_WIDE = Context(prec=MAX_PREC)


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
        return at_most(self.low, other.high) and at_most(other.low, self.high)


def at_most(low, high):
    """Tell whether one end of an interval lies at or below another, but for what binary arithmetic adds; arrays too.

    Examples
    --------
    >>> at_most(0.1 + 0.2, 0.3), at_most(0.31, 0.3)
    (True, False)
    """
    return low <= high + 1e-9 + 1e-12 * abs(high)


@dataclass(frozen=True)
class Figure(Interval):
    """A figure as it stands in a cell: its interval, the unit and the note mark printed with it.

    Parameters
    ----------
    unit : str
        kr, tkr, mio_kr, mia_kr, mio, mia, pct, pct_point, promille, nr or what is counted; empty where none stands.
    note : str
        The mark that points to a note, as printed.

    Examples
    --------
    >>> parse("7,6 mio. kr.*").unit, parse("7,6 mio. kr.*").note
    ('mio_kr', '*')
    """

    unit: str = ""
    note: str = ""


def exact(value: float) -> Interval:
    """Return a figure that is known without rounding.

    Examples
    --------
    >>> exact(98).low
    98.0
    """
    return Interval(float(value), float(value), float(value))


def parse(cell: str) -> Figure:
    """Read one printed cell.

    The interval is half a unit of the last printed digit to each side. A printed range keeps its ends and has
    no value. Negative are ``-5``, ``−5``, ``5-`` and ``(5)``. ``-``, ``–``, ``..``, ``:``, ``i.a.`` and an empty
    cell are missing, not zero.

    Hedges: "ca." counts as rounded at the last digit that is not zero. "godt" and "knap" speak of the size, so a
    negative figure is mirrored: "godt" lies up to half such a unit further from zero, "knap" and "op mod" nearer;
    never by less than the figure alone leaves open. "mindst", "over" are open above, "højst", "under", "op til" open
    below, whatever the sign. Before a range they open the side they speak of and leave the other end.

    Parameters
    ----------
    cell : str
        The cell as printed.

    Returns
    -------
    Figure
        value, low, high in the unit of the cell; the unit and note mark that stand in it.

    Raises
    ------
    ValueError
        When the cell is no Danish figure: a date, a school year, a code with leading zeros, several figures.

    Examples
    --------
    >>> parse("76.269")
    Figure(value=76269.0, low=76268.5, high=76269.5, unit='', note='')
    >>> parse("ca. 450").low, parse("300-320").high, parse("op til 8").low
    (445.0, 320.0, -inf)
    >>> parse("(1,5 mio. kr.)").value, parse("½").value
    (-1.5, 0.5)
    """
    if plain := _PLAIN.fullmatch(cell):  # nine cells in ten
        value, half = _read(plain[2])
        value = -value if plain[1] else value
        return Figure(value, value - half, value + half)
    return _parse(cell)


@functools.lru_cache(maxsize=4096)  # by content
def _parse(cell: str) -> Figure:
    text = " ".join(cell.translate(_TIDY).lower().split())
    if text in MISSING:
        return Figure(math.nan, math.nan, math.nan)
    match = _CELL.fullmatch(text)
    part = match.groupdict() if match else {}
    if match is None or (part["ordinal"] and (not part["first"] or len(part["first"]) > 3 or part["unit"])):
        raise ValueError(f"{cell!r} is not a Danish number; write for example 1.234,5 or - for missing")
    negative = (part["sign"] == "-") + bool(part["trailing"]) + bool(part["open"])
    if negative > 1 or bool(part["open"]) != bool(part["close"]):
        raise ValueError(f"{cell!r} is not a Danish number: more than one sign, or half a bracket; write -1.234,5")
    side = _SIDE.get(part["hedge"], "")
    if part["second"]:
        value, (low, high) = math.nan, _range(part, side, bool(negative), cell)
    else:
        value, half = _single(part, cell)
        low, high = _spread(side, value, half, part["first"])
        if negative:
            value, low, high = -value, -high, -low
            low, high = (value, math.inf) if side == "at least" else (low, high)
            low, high = (-math.inf, value) if side == "at most" else (low, high)
    unit = "nr" if part["nr"] or part["ordinal"] else part["unit"] or part["unit1"] or part["kr"]
    return Figure(value, low, high, _unit_name(unit) if unit else "", part["mark"] or part["note"] or "")


def _read(digits: str) -> tuple[float, float]:
    """Return the value and half a unit of the last digit."""
    whole, _, decimals = digits.replace(".", "").replace(" ", "").partition(",")
    return float(f"{whole}.{decimals}"), 0.5 * 10.0 ** -len(decimals)


def _coarse(digits: str, half: float) -> float:
    """Return half a unit of the last digit that is not zero; a printed decimal zero is a digit."""
    whole = digits.replace(".", "").replace(" ", "")
    return half * 10.0 ** (0 if "," in whole or whole == "0" else len(whole) - len(whole.rstrip("0")))


def _single(part: dict, cell: str) -> tuple[float, float]:
    if part["first"]:
        return _read(part["first"])
    if part["word"]:  # a word is not rounded
        return float(NUMBER_WORDS[part["word"]]), 0.0
    over, _, under = part["part"].replace("\u2044", "/").partition("/")
    value = int(over) / int(under) if under else unicodedata.numeric(over)
    if value >= 1:
        raise ValueError(f"{cell!r} is no fraction below one but looks like a date; write for example 1,5")
    return int(part["whole"] or 0) + value, 0.0


def _spread(side: str, value: float, half: float, digits: str | None) -> tuple[float, float]:
    if not side:
        return value - half, value + half
    coarse = _coarse(digits, half) if digits else 0.5 if value >= 1 else 0.05  # a hedged word or fraction is rounded
    wide = max(coarse, 2 * half)  # never less than the figure alone leaves open
    ends = {"about": (-coarse, coarse), "below": (-wide, 0.0), "above": (0.0, wide)}
    low, high = (ends | {"at least": (0.0, math.inf), "at most": (-math.inf, 0.0)})[side]
    return value + low, value + high


def _range(part: dict, side: str, negative: bool, cell: str) -> tuple[float, float]:
    """Return the ends of a range; a hedge opens or widens the side it speaks of."""
    if not part["first"] or all(_YEAR.fullmatch(part[end]) for end in ("first", "second")):
        raise ValueError(f"{cell!r} is no range but years or words; write for example 300-320 or 1.950-2.000")
    (low, half_low), (high, half_high) = _read(part["first"]), _read(part["second"])
    low, high = -low if negative else low, -high if part["minus"] or part["open"] else high
    if high < low:
        raise ValueError(f"{cell!r} is no range: the second number is the smaller")
    if low < 0 < high and not part["til"]:
        raise ValueError(f"{cell!r} may be a range of negative figures or cross zero; write -8 til -6 or -6 til 8")
    if high <= 0:  # these two speak of the size
        side = {"below": "above", "above": "below"}.get(side, side)
    coarse = min(_coarse(part["first"], half_low), _coarse(part["second"], half_high))
    low = -math.inf if side == "at most" else low - coarse if side in ("about", "below") else low
    return low, math.inf if side == "at least" else high + coarse if side in ("about", "above") else high


@functools.lru_cache(maxsize=256)  # by content
def _unit_name(text: str) -> str:
    known = _UNIT_ALONE.fullmatch(text.strip())
    return known.lastgroup if known else text


def unit_of(head: str) -> str:
    """Return the unit a heading names; empty when it names none.

    Examples
    --------
    >>> unit_of("Økonomisk driftsramme (1.000 kr.)"), unit_of("Mio. kr., netto"), unit_of("R2015")
    ('tkr', 'mio_kr', '')
    """
    named = _IN_HEAD.search(head.translate(_TIDY).lower())
    return named.lastgroup if named else ""


def rounded(value: float, decimals: int = 0) -> Decimal:
    """Round half away from zero, after dropping what binary arithmetic adds beyond fifteen digits.

    Examples
    --------
    >>> rounded(2.5), rounded(-0.125, 2), rounded(1.005 * 100)
    (Decimal('3'), Decimal('-0.13'), Decimal('101'))
    """
    step = Decimal(f"1e{-decimals}")
    exactly = Decimal(f"{value:.15g}").quantize(step, rounding=ROUND_HALF_UP, context=_WIDE)
    return _WIDE.add(exactly, 0)  # no minus zero


def number(value: float, decimals: int = 0, unit: str = "") -> str:
    """Write a number the Danish way: rounded half away from zero, with U+2212 for minus and – for missing.

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
    >>> number(1234.56, 1, "mio. kr."), number(-0.05, 1), number(-0.04, 1)
    ('1.234,6 mio. kr.', '−0,1', '0,0')
    """
    if not math.isfinite(value):
        text = {math.inf: "∞", -math.inf: "−∞"}.get(value, "–")
    else:
        shown = rounded(value, decimals)
        text = f"{abs(shown):,.{max(decimals, 0)}f}".translate(_SWAP)
        text = f"−{text}" if shown < 0 else text
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
    shown = rounded(value, decimals)
    return positive if shown > 0 else negative if shown < 0 else zero
