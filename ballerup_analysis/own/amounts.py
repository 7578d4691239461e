"""What no number of an own file may say: more persons than inhabitants, a price that cannot be, a sum of others; and which digits may be two numbers."""

from __future__ import annotations

import functools
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from ballerup_analysis import danish, sources
from ballerup_analysis.own.doubts import of_name
from ballerup_analysis.own.forms import FORMS, attempt, in_quotes, plain
from ballerup_analysis.own.kinds import KINDS, SURE
from ballerup_analysis.own.sums import number_of, sums_among, told_again, without_number

PRICE_KR = (20_000, 400_000)  # of a benefit, a person and year: what lies outside is asked about
TIMES = {"a thousand times as much": 1e3, "a million times as much": 1e6, "a thousandth": 1e-3, "a millionth": 1e-6}
NUMERIC = {column for spec in KINDS.values() for column, told in spec["columns"].items() if told["form"] == "number"}
DIGITS = 15  # of a number of a workbook; what is behind them is of its binary form
# Three digits behind one mark: thousands in one country, thousandths in the other; and what can only be Danish.
ENGLISH, POINTED = (re.compile(rf"[-+−(]?\d{{1,3}}{mark}\d{{3}}(?:,-|[)-])?") for mark in (",", r"\."))
LEAST_DIGITS = 3  # of an account's number without dots, as 557 of 55771
LEAST_PART, MOST_PARTS = 0.5, 1.05  # of an account: what the parts of one without dots, and of any, come to
DANISH = re.compile(r"[-+−(]?(?:\d+,(?:\d{1,2}|\d{4,})|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,})[)-]?")


def as_shown(cell) -> str:
    """Write a number of a workbook the Danish way, with the digits a workbook keeps; a text stays as typed.

    Examples
    --------
    >>> as_shown(98400000.0), as_shown(-1020.5), as_shown(4.35 * 100), as_shown("98.40")
    ('98.400.000', '−1.020,5', '435', '98.40')
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return str(cell)
    digits = Decimal(f"{cell:.{DIGITS}g}")
    return danish.number(float(digits), max(0, -digits.as_tuple().exponent))


def money_of(kind: str) -> str | None:
    """Return the column of a kind that holds money; None where none does."""
    return next((column for column, spec in KINDS[kind]["columns"].items() if spec.get("unit")), None)


@functools.lru_cache(maxsize=4096)
def factors_of(unit: str) -> set[float]:
    """Return what a unit that a number is shown with may come to in kroner, which need not be named.

    Examples
    --------
    >>> factors_of("mio."), factors_of("pers.")
    ({1000000.0}, set())
    """
    return {attempt(FORMS["unit"], text) for text in (unit, f"{unit} kr.")} - {None}


def is_two(cell: str, factor: float, separator: str, is_danish: bool) -> bool:
    """Tell whether the digits of a cell may be another's thousands.

    ``factor`` is the unit in kr., ``is_danish`` whether another number of the file can only be Danish.

    Examples
    --------
    >>> is_two("76,406", 1e3, ";", False), is_two("76,406", 1e3, ";", True), is_two("1.234", 1e6, ";", False)
    (True, False, True)
    """
    if POINTED.fullmatch(cell):
        return (separator == "," or factor == 1e6) and not is_danish
    return ENGLISH.fullmatch(cell) is not None and (factor == 1 or (factor == 1e3 and not is_danish))


def number_faults(kind: str, table: pd.DataFrame, unsure: pd.Index) -> Iterator[tuple[int, str, str]]:
    """Tell the numbers that cannot be, or are by their line's name of something else, by index and column, and what is right.

    ``unsure`` are the rows of which the file does not say that they are right as they stand.
    """
    key, money = KINDS[kind]["key"], money_of(kind)
    persons = next((c for c in ("fulltime_persons", "persons") if c in KINDS[kind]["columns"]), None)
    if "area" in key:
        yield from _crowds(table)
    if money:
        yield from _prices(table.loc[unsure], money, persons)
    if amount := money or persons:
        yield from _sums(table, unsure, amount, key)
        column, sure = "line" if "line" in key else "benefit", SURE * ("confirmed" in table)
        for i, name in table.loc[unsure, "name"].dropna().drop_duplicates().items():
            if right := of_name(kind, plain(name)) or of_name(kind, plain(without_number(name))):
                yield i, column, f"{in_quotes(name)}: {right}{sure}"


def _crowds(table: pd.DataFrame) -> Iterator[tuple[int, str, str]]:
    """Tell where there are more persons than the area has ever had inhabitants."""
    inhabitants = table["area"].map(sources.load("folk1a").groupby("area")["persons"].max()).astype(float)
    alone = table.index[(table["fulltime_persons"].astype(float) > inhabitants).to_numpy()]
    for i in alone:
        right = f"the area has at most {danish.number(inhabitants[i])} inhabitants; fewer are on a benefit"
        yield i, "fulltime_persons", right
    key = ["area", "period" if "period" in table else "year"]
    together = table["fulltime_persons"].astype(float).groupby([table[one].astype(str) for one in key]).transform("sum")
    for i in [] if len(alone) else table.index[(together > inhabitants).to_numpy()][:1]:
        told = f"{danish.number(together[i])} persons on all benefits together"
        yield (
            i,
            "fulltime_persons",
            f"{told} are more than the {danish.number(inhabitants[i])} inhabitants there have been at most",
        )


def _prices(table: pd.DataFrame, money: str, persons: str) -> Iterator[tuple[int, str, str]]:
    """Tell where a person and year costs less or more than any benefit does."""
    count = pd.to_numeric(table[persons])
    if not (count > 0).any():
        return
    price_kr = table[money] * (1e3 if money.endswith("_tkr") else 1) / count.where(count > 0)
    wrong = price_kr[price_kr.notna() & ~price_kr.between(*PRICE_KR)]
    alike: dict[str, list[int]] = {}
    for i, kr in wrong.items():
        alike.setdefault(_times(kr)[0] or str(i), []).append(i)  # one wrong heading is one fault
    for first, *more in alike.values():
        yield first, money, _ask(wrong[first], len(more))


def _times(price_kr: float) -> tuple[str, float]:
    """Return the unit's fault that would explain a price, in words, and the price without it; no words where none does."""
    mended = {told: price_kr * factor for told, factor in TIMES.items()}
    return next(((told, kr) for told, kr in mended.items() if PRICE_KR[0] <= kr <= PRICE_KR[1]), ("", price_kr))


def _ask(price_kr: float, more: int) -> str:
    ends, (times, right) = [danish.number(end) for end in PRICE_KR], _times(price_kr)
    told = f"{danish.number(price_kr)} kr. a person and year is not between {' and '.join(ends)}"
    if not times:
        return told + SURE
    so = f", and so of {danish.number(more)} more" * (more > 0)
    return f"{told}; {times} would be {danish.number(right)} kr.{so}; is the unit right? {SURE.removeprefix('; ')}"


def _sums(table: pd.DataFrame, unsure: pd.Index, amount: str, key: list[str]) -> Iterator[tuple[int, str, str]]:
    """Tell the lines that are the sum of others."""
    what = next(column for column in ("line", "benefit") if column in key)
    groups = [table[column].astype("str") for column in key if column != what]
    sure = SURE * ("confirmed" in table)
    found = unsure.intersection(sums_among(table[amount].astype(float), table["numbered"], groups))
    for i in found:
        name = "a line without a name" if pd.isna(table[what][i]) else repr(table[what][i])
        right = f"{name} is the sum of others; if it is a total, call it I alt or take it out{sure}"
        yield i, amount, right
    for i in unsure.intersection(told_again(table[amount].astype(float), table["numbered"], groups)):
        right = "and what is below come to as much as what is above; are they the same once more? leave one of them out"
        yield i, amount, f"{in_quotes(str(table[what][i]))} {right}{sure}"
    there = table.loc[unsure.difference(found)]
    every = table[amount].astype(float).groupby(table["numbered"], sort=False)
    above = _above(every.sum().to_dict())
    for i in there[there["numbered"].isin(above) & (there[amount] != 0)].drop_duplicates("numbered").index:
        right = "may be the total of the lines whose numbers begin as its own; take it out, or them"
        yield i, what, f"{in_quotes(table[what][i])} {right}{sure}"


def _above(amounts: dict[str, float]) -> set[str]:
    """Return the names whose account number begins that of others which may be its parts, by their amounts of all years.

    Examples
    --------
    >>> (
    ...     _above({"5.57.71 A": 76.0, "5.57.73 B": 51.0, "5.57 Ydelser": 166.0, "5.58 C": 9.0}),
    ...     _above({"557 A": 9, "55771 B": 8}),
    ... )
    ({'5.57 Ydelser'}, {'557 A'})
    """
    numbers = {name: number_of(name) for name in amounts}
    known, below = {*numbers.values()} - {""}, defaultdict(float)
    for name, number in numbers.items():
        ends = (
            range(LEAST_DIGITS, len(number) - 1)
            if number.isdigit()
            else [n for n, one in enumerate(number) if one == "."]
        )
        nearest = next((above for end in reversed(ends) if (above := number[:end]) in known), "")
        below[nearest] += amounts[name]
    # income below is none of its parts, nor is more than all; digits may begin others by chance
    shares = {name: below[number] / (amounts[name] or math.inf) for name, number in numbers.items() if number}
    undotted = {name for name, number in numbers.items() if number.isdigit() and len(number) >= LEAST_DIGITS}
    return {name for name, share in shares.items() if LEAST_PART * (name in undotted) < share <= MOST_PARTS}
