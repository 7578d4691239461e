"""Years of an own file that may be of another status: what is spent so far is called accounts too, a follow-up BO2 as an estimate is, and the name of a line may tell its own, or another benefit."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import pandas as pd

from ballerup_analysis import sources
from ballerup_analysis.benefits import CODES, DANISH, benefit_of, is_another, named_by
from ballerup_analysis.grids.grid import Grid
from ballerup_analysis.own.doubts import TELLS, YEAR, statuses
from ballerup_analysis.own.forms import FORMS, attempt, in_quotes, plain, whole
from ballerup_analysis.own.heads import Head
from ballerup_analysis.own.kinds import SURE
from ballerup_analysis.own.titles import across

SO_FAR = re.compile(r"\b(?:realiser|forbrug)")
PATTERNS = (YEAR.pattern, *(one.pattern for one in TELLS.values()))
LETTER = re.compile(r"\bf[ '’-]?(?:20)?\d\d\b")  # of a forecast, or of forbrug
DIGITS = re.compile(r"\d\d")
NUMBERED = re.compile(r"\bbo ?([1-4])\b")  # the estimate of one to four years after the budget, or a follow-up on it


def year_faults(
    kind: str, grid: Grid, head: Head, table: pd.DataFrame, unsure: pd.DataFrame
) -> Iterator[tuple[int, int, str]]:
    """Tell years whose status may be another, and lines that may pay another benefit: row, place, what is right.

    ``unsure`` are the rows of the table of which the file does not say that they are right as they stand.
    """
    yield from _closed(kind, grid, head, unsure)
    yield from _named(kind, head, unsure)
    if kind == "budget":
        yield from _spent(grid, head, unsure)
        yield from _estimates(grid, head, table)
        yield from _paid(head, unsure)


def _spent(grid: Grid, head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Tell an F beside a year that is closed: a forecast, or what was spent (forbrug)."""
    last = int(sources.load("regk31")["year"].max())
    for at, place, year in _places(head, table[(table["status"] == "F") & (table["year"] <= last)]):
        if short := [text for text in _called(grid, head, at, place) if LETTER.search(plain(text))]:
            right = f"may be what was spent, as the accounts of {year} are closed; write R{year} then{SURE}"
            yield at, place, f"{in_quotes(short[0])} {right}"


def _closed(kind: str, grid: Grid, head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Tell accounts of a year that is not over, or of one later than any known that is called what is spent."""
    if kind not in ("budget", "accounts"):
        return
    last = int(sources.load("regk31")["year"].max())
    table = table[table["year"] > last]
    closed = table[table["status"] == "R"] if kind == "budget" else table
    month = str(sources.load("jobindsats_monthly")["month"].max()) if len(closed) else ""
    for at, place, year in _places(head, closed):
        so_far = [text for text in _called(grid, head, at, place) if SO_FAR.search(plain(text))]
        if year >= int(month[:4]):
            yield (
                at,
                place,
                f"{year} is not over in the newest counts, of {month}; this may be what is spent so far{SURE}",
            )
        elif so_far:
            right = f"may be what is spent so far, as the last accounts known are those of {last}"
            yield at, place, f"{in_quotes(so_far[0])} {right}; write R{year} if the year is closed"


def _named(kind: str, head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Tell lines called by a benefit and another year than their own, or by the status of other figures."""
    if kind not in ("budget", "accounts"):
        return
    column = "line" if "line" in head.places else "benefit"
    told = {name: one for name in {*table[column].dropna()} if (one := _of_benefit(name))}
    for (at, name), rows in table[table[column].isin(told)].groupby(["at", column]):
        years, others = told[name]
        own = {*rows["status"]} if kind == "budget" else {"R"}
        if (years and years != {*rows["year"]}) or others - own - ({"B"} if own != {"R"} else set()):
            right = f"may tell another year or status than that of its figures{SURE}"
            yield at, head.places[column], f"{in_quotes(name)} {right}"


def _paid(head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Tell lines of a budget that are called by another benefit than the one they tell to pay, each once."""
    told = table.dropna(subset=["line", "benefit"]).drop_duplicates("line")
    for at, line, benefit in zip(told["at"], told["line"], told["benefit"], strict=True):
        if is_another(line, benefit):
            named, pays = DANISH[named_by(line)], DANISH[benefit_of(benefit)]
            right = f"{in_quotes(line)} is called by {named}, but {pays} stands there; mend one of them{SURE}"
            yield at, head.places["benefit"], right


def _of_benefit(name: str) -> tuple[set[int], frozenset[str]] | None:
    """Return the years and the statuses that a name tells beside a benefit; None where it tells none, or is called otherwise."""
    text = plain(name)
    short = [one for word in text.split() if (one := _short(word))]
    years = {*map(int, YEAR.findall(text)), *(year for year, _ in short)}
    others = (statuses(text) | {status for _, status in short}) - {""}
    if not years and not others:  # as of most
        return None
    bare = functools.reduce(lambda rest, one: re.sub(rf"(?:{one})\w*", " ", rest), PATTERNS, text)
    bare = " ".join(word for word in bare.split() if not _short(word))
    return (years, others) if benefit_of(bare) in CODES else None


def _short(word: str) -> tuple[int, str] | None:
    """Return the year and the status that a word such as R24 tells; None where it tells none."""
    return attempt(FORMS["budget_year"], word) if DIGITS.search(word) else None


def _estimates(grid: Grid, head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, str]]:
    """Tell estimates numbered as follow-ups are, unless they follow a budget of the file, or each other, as estimates do."""
    told = []
    for at, place, year in _places(head, table[table["status"] == "BO"]):
        numbers = [(text, one[1]) for text in _called(grid, head, at, place) if (one := NUMBERED.search(plain(text)))]
        told += [(at, place, year, text, year - int(number)) for text, number in numbers]
    budgets = {year for year, status in zip(table["year"], table["status"], strict=True) if status in ("B", "K")}
    base, years = {one[4] for one in told}, {one[2] for one in told}
    if not told or (len(base) == 1 and not years & budgets and (base <= budgets or len(years) > 1)):
        return
    at, place, year, text, _ = told[0]
    right = f"write BO{year} if it is an estimate, F{year} if it is a follow-up on the budget"
    yield at, place, f"{in_quotes(text)} may be either; {right}"


def _places(head: Head, table: pd.DataFrame) -> Iterator[tuple[int, int, int]]:
    """Yield where the years of some rows are told: row, place, year; of years across each once."""
    if head.years:
        there = {*zip(table["year"], table["status"], strict=True)}
        yield from ((head.row, place, told[0]) for place, told in head.years.items() if told in there)
    else:
        yield from zip(table["at"], [head.places["year"]] * len(table), table["year"], strict=True)


def _called(grid: Grid, head: Head, at: int, place: int) -> list[str]:
    """Return what the figures of a year are called: in its heading and above it, or in the row's year and status."""
    if head.years:
        over = ((row, across(grid, row, [place]).get(place)) for row in range(head.row + 1))
        cells = [grid.rows[row][first] for row, first in over if first is not None]
    else:
        places = (head.places[one] for one in ("year", "status") if one in head.places)
        cells = [grid.rows[at][one] for one in places if one < len(grid.rows[at])]
    return [str(whole(cell)) for cell in cells]
