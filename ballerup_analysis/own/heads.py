"""The headings of an own file: which column is which, in what unit, and the years of a wide budget."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ballerup_analysis import danish
from ballerup_analysis.grids.grid import Grid, Old, filled
from ballerup_analysis.own.doubts import OTHERWISE, PART
from ballerup_analysis.own.forms import (
    FORMS,
    LONG,
    NUMBERS,
    YEARS,
    attempt,
    in_quotes,
    is_day,
    named,
    own_year,
    plain,
    status_above,
    tells_unit,
)
from ballerup_analysis.own.kinds import KINDS, WORDS
from ballerup_analysis.own.signs import tells_sides
from ballerup_analysis.own.titles import across, contradictions, title_status, units_over

FIRST_ROWS = 30  # in which the headings stand
# Of a share, a change, a part or the other side, where a heading has one apart from its words.
SIGNS = re.compile(r"[%‰∆Δ¼½¾€$£÷±]|^\s*[-−+]|\([-−+]\)|[-−+]\s*$")
UNITS = "write kr., 1.000 kr. or mio. kr."
ACROSS = {
    "persons": "write a row for each period, told in a column 'periode'",
    "accounts": "write a row for each year, told in a column 'år'",
    "budget": "whole years are read, a column or a row for each",
    "observations": "write a row for each",
}
INCOME, PAYERS = re.compile("|".join(KINDS["budget"]["income"])), re.compile(rf"\b(?:{'|'.join(WORDS['payers'])})\b")


@dataclass(frozen=True)
class Head:
    """The headings of a sheet: their row, where each column stands, its factor to kr., the years of a wide budget.

    The factor of an amount below a year stands by the year's place; ``unclear`` are the places of years whose status the row
    above does not tell, though it tells that of others; ``title`` has the status that a title tells of each year, by 0 of all:
    nothing where it does not tell which of several. ``over`` has the cell apart (row, place) that tells the factor of a column,
    which may stand in the row right ``below``.
    """

    row: int
    places: dict[str, int]
    factors: dict[str | int, float] = field(default_factory=dict)
    years: dict[int, tuple[int, str]] = field(default_factory=dict)
    unclear: tuple[int, ...] = ()
    other: tuple[str, ...] = ()
    title: dict[int, str] = field(default_factory=dict)
    over: dict[str | int, tuple[int, int, float]] = field(default_factory=dict)
    below: int = 0

    @property
    def first(self) -> int:
        """The first row that may hold figures."""
        return self.row + 1 + self.below

    @property
    def columns(self) -> list[str]:
        """The columns whose cells are read: where each year tells its status, no column of statuses."""
        return [column for column in self.places if column != "status" or not self.years]

    @property
    def used(self) -> set[int]:
        """The places of all columns that are read."""
        return {*self.places.values(), *self.years}

    @property
    def persons(self) -> bool:
        """Whether there is a column of persons."""
        return not {"persons", "fulltime_persons"}.isdisjoint(self.places)

    @property
    def corners(self) -> set[int]:
        """The places of headings that may tell the unit of the amounts: the first, and that of the lines."""
        return {0, *(place for column, place in self.places.items() if column == "line")}

    def amounts(self, kind: str) -> list[str | int]:
        """Return the columns of money: of a wide budget the places of its years."""
        return [*self.years] or [column for column, spec in KINDS[kind]["columns"].items() if spec.get("unit")]


def head_of(kind: str, grid: Grid) -> Head | None:
    """Return the headings of a sheet, those of the row with most of them; None where no cell is one."""
    best, most = None, (False, 0)
    for row, cells in enumerate(grid.rows[:FIRST_ROWS]):
        places, factors, years, other = {}, {}, {}, []
        for place in filled(cells):
            name, factor = named(cells[place])
            known = (
                one for one in KINDS[kind]["columns"].items() if name in (*one[1]["heads"], *one[1].get("also", ()))
            )
            column = next((c for c, spec in known if not factor or _may_have(spec, factor)), None)
            year = attempt(own_year, cells[place]) if kind == "budget" else None
            if column and (
                column not in places
                or _is_called(kind, column, cells, places[column]) < _is_called(kind, column, cells, place)
            ):
                places[column] = place
                factors |= {column: factor} if factor else {}
            elif year:
                years[place] = year
                factors |= {place: factor} if factor else {}
            else:
                other.append(str(cells[place]))
        if years and "amount_tkr" in places:  # the amounts stand below the years
            factors.pop("amount_tkr", None)
            other.append(str(cells[places.pop("amount_tkr")]))
        corner = bool(years) and "line" not in places and 0 not in {*years, *places.values()}
        if corner:  # it is empty, or holds the unit
            places["line"], other = 0, other[0 in filled(cells) :]
        title = title_status(grid, row, {year for year, _ in years.values()})
        above = _statuses_above(grid, row, years)
        if title and not above:
            above = {place: title.get(year) or title.get(0) for place, (year, _) in years.items()}
        unclear = tuple(place for place in years if above and not (years[place][1] or above[place]))
        years = {place: (year, told or above.get(place) or "B") for place, (year, told) in years.items()}
        head = _with_units(kind, grid, Head(row, places, factors, years, unclear, tuple(other), title))
        # what has all it needs goes before; beside a year any first cell may be the heading of the lines
        may_be = corner and (0 in filled(cells) or not _heads_figures(grid, row, years))
        rank = (not (may_be or lacking(kind, head)), len(places) + len(years) - may_be / 2)
        if rank > most:
            best, most = head, rank
    return best


def _may_have(spec: dict, factor: float) -> bool:
    """Tell whether a unit may stand in a heading: that of money, what is no number, or the one an observation is of."""
    return bool(spec.get("unit")) or spec["form"] not in NUMBERS or factor == spec.get("factor")


def _heads_figures(grid: Grid, row: int, places) -> bool:
    """Tell whether a figure stands in the two rows below some places, the first of which may hold units, but no year."""
    rows = grid.rows[row + 1 : row + 3]
    below = [[cells[at] for at in places if at < len(cells) and cells[at] is not None] for cells in rows]
    told = itertools.chain(*below)
    figures = (not isinstance(one, str) or attempt(lambda text, _: danish.parse(text), one) for one in told)
    return any(figures) and not any(attempt(own_year, one) for one in below[0])


def _is_called(kind: str, column: str, cells: list, place: int) -> bool:
    """Tell whether a heading is one of a column's own, not one that may stand beside it."""
    return named(cells[place])[0] in KINDS[kind]["columns"][column]["heads"]


def _with_units(kind: str, grid: Grid, head: Head) -> Head:
    """Return headings with the units that stand in a row right below them, or above some of their columns."""
    money = {head.places.get(one, one): one for one in head.amounts(kind) if one in {*head.places, *head.years}}
    below = int(_is_units(grid, head, {*money}))
    rows = [head.row + 1] * below or reversed(range(head.row))
    over = {money[place]: told for place, told in units_over(grid, rows, {*money}, all_of=not below).items()}
    factors = {one: unit for one, (_, _, unit) in over.items()} | head.factors
    return replace(head, factors=factors, over=over, below=below)


def _is_units(grid: Grid, head: Head, money: set[int]) -> bool:
    """Tell whether the row below the headings has a unit under each amount, and otherwise at most a word."""
    cells = grid.rows[head.row + 1] if head.row + 1 < len(grid.rows) else []
    there = {place: cells[place] for place in filled(cells)}
    words = [cell for place, cell in there.items() if place in head.used - money]
    return (
        bool(money)
        and all(attempt(FORMS["unit"], there.get(place)) for place in money)
        and all(isinstance(cell, str) and not re.search(rf"\d|{OTHERWISE.pattern}", plain(cell)) for cell in words)
    )


def _statuses_above(grid: Grid, row: int, places) -> dict[int, str]:
    """Return what the nearest row that tells the status of some of the years tells of each of them."""
    for above in reversed(range(row)):
        over, cells = across(grid, above, places), grid.rows[above]
        told = {place: status_above(cells[over[place]]) if place in over else "" for place in places}
        if any(told.values()):
            return told
    return {}


def head_faults(kind: str, grid: Grid, head: Head) -> Iterator[tuple[int, int, str]]:
    """Tell what is wrong with the headings and what stands above them: row, place and what would be right."""
    there = [named(cell)[0] for cell in grid.rows[head.row]]
    for place in head.unclear:
        year = head.years[place][0]
        yield (
            head.row,
            place,
            f"no status is told above {year}; write it in the heading, as R{year}, B{year} or BO{year}",
        )
    for column, told in (("status", "year tells its status"), ("year", "amount tells its year")):
        if head.years and column in head.places:
            yield head.row, head.places[column], f"each {told}; leave the column out"
    for place, year in head.years.items():
        if [*head.years.values()].index(year) != [*head.years].index(place):
            yield head.row, place, f"a second column for {year[1]}{year[0]}; keep one"
        stand = [row[place] for row in grid.rows[head.first :] if place < len(row) and row[place] is not None]
        if stand and all(attempt(own_year, one) == (year[0], "") for one in stand):  # a long table without its headings
            yield head.row, place, f"{year[0]} stands below it too; write headings above: linje, år, beløb (1.000 kr.)"
    for column, place in head.places.items():
        if sum(name in KINDS[kind]["columns"][column]["heads"] for name in there) > 1:
            right = "write all of it in one, as 2026M03" if column == "period" else "keep one"
            yield head.row, place, f"a second column for {column}; {right}"
    for place in (place for place, cell in enumerate(grid.rows[head.row]) if len(str(cell)) > LONG):
        yield head.row, place, f"{in_quotes(grid.rows[head.row][place])} has more than {LONG} letters; say it in fewer"
    for place in sorted(head.used):
        if SIGNS.search(text := str(grid.rows[head.row][place])):
            yield head.row, place, f"{in_quotes(text)} has a sign that is not read; say in words what the figures are"
    for at, line in enumerate(grid.lines[: head.row]):
        for place, cell in enumerate(grid.rows[at], start=1):
            told = grid.broken.get((line, place), "") if isinstance(cell, int | float) else ""
            if told and not isinstance(told, Old):  # what may be old is told as unread
                yield at, place - 1, f"{in_quotes(cell)}: here stands {told}"
    units = {head.factors.get(one, 0.0) for one in head.amounts(kind)}
    for one, (at, place, unit) in head.over.items():
        if unit != unit:
            yield at, place, f"{in_quotes(grid.rows[at][place])} is no unit that is read; {UNITS}"
        elif unit != head.factors[one] and (head.below or unit in units or 0.0 in units):
            yield at, place, f"{in_quotes(grid.rows[at][place])} tells another unit than the heading; keep one"
    money, told = {head.places.get(one, one) for one in head.amounts(kind)}, units if all(units) else set()
    yield from contradictions(kind, grid, head, money, told)
    if kind in ("budget", "accounts"):
        yield from _parts_of_year(grid, head)
    if kind == "budget":
        yield from _beside(grid, head)
        yield from _payers(grid, head)


def _parts_of_year(grid: Grid, head: Head) -> Iterator[tuple[int, int, str]]:
    """Tell columns that say that the amounts are those of a month or a quarter."""
    told = KINDS["persons"]["columns"]["period"]["told"]
    for place, cell in enumerate(grid.rows[head.row]):
        if told.get(named(cell)[0]):
            yield head.row, place, PART


def _beside(grid: Grid, head: Head) -> Iterator[tuple[int, int, str]]:
    """Tell columns that show the amounts of a budget to be gross, or of one status among several."""
    cells, amounts = grid.rows[head.row], [head.places.get(one, one) for one in head.amounts("budget")]
    amount = next((place for place in amounts if "netto" not in plain(str(cells[place]))), None)
    held = {place for row in grid.rows[head.row + 1 :] for place in filled(row)}  # what heads nothing is a note
    for place in (place for place in filled(cells) if place in held - head.used):
        name = named(cells[place])[0]
        is_money = name in WORDS["sides"] or any(INCOME.fullmatch(word) for word in name.split())
        if amount is not None and is_money and not tells_sides(grid, head.row, place):
            net = "write netto in their headings" if head.years else "call them 'nettoudgift'"
            yield head.row, amount, f"are these net of {str(cells[place])!r}? {net} then"
        elif not head.years and status_above(cells[place]):
            right = "would not be read; write one amount a row, and its status in a column"
            yield head.row, place, f"{str(cells[place])!r} {right}"


def _payers(grid: Grid, head: Head) -> Iterator[tuple[int, int, str]]:
    """Tell what stands over some of the years alone and says whose their amounts are, or what part of them."""
    for at in range(head.row) if head.years else ():
        over = across(grid, at, head.years)
        texts = {place: plain(str(grid.rows[at][over[place]])) if place in over else "" for place in head.years}
        is_title = [*over] == [min(head.years)]  # what stands alone over the first may speak of all
        told = [] if is_title or len({*texts.values()}) == 1 else [p for p in over if PAYERS.search(texts[p])]
        for place in told[:1]:
            right = "is not read; keep the municipality's net amounts alone, each year once"
            yield at, over[place], f"{in_quotes(grid.rows[at][over[place]])} {right}"


def lacking(kind: str, head: Head) -> list[str]:
    """Return the columns a kind needs that have no heading."""
    needed = {column for column, spec in KINDS[kind]["columns"].items() if not spec.get("optional")}
    needed -= {"year", "amount_tkr"} if head.years else set()
    return [column for column in KINDS[kind]["columns"] if column in needed and column not in head.places]


def no_head(kind: str, sheets: list[Grid]) -> str:
    """Say what is lacking where no sheet fits, of the one that comes nearest."""
    heads = [(grid, head) for grid in sheets if (head := head_of(kind, grid))]
    needed = ", ".join(spec["heads"][1] for spec in KINDS[kind]["columns"].values() if not spec.get("optional"))
    if not heads:
        where = "its visible sheets" if any(grid.sheet for grid in sheets[:1]) else "it"
        rows = (cells for grid in sheets for cells in grid.rows[:FIRST_ROWS])
        return (
            f"no row of headings was found in {where}; it needs {needed}{next(filter(None, map(_no_years, rows)), '')}"
        )
    grid, head = min(heads, key=lambda pair: len(lacking(kind, pair[1])))
    absent = [f"{c} ({' or '.join(KINDS[kind]['columns'][c]['heads'][:3])})" for c in lacking(kind, head)]
    where = f"sheet {grid.sheet!r}, " if grid.sheet else ""
    other = f"; not understood: {', '.join(map(repr, head.other))}" if head.other else ""
    return f"{where}row {grid.lines[head.row]} has no heading for {', '.join(absent)}{other}{_hint(kind, head.other)}"


def _no_years(cells) -> str:
    """Say that some of a row's cells tell a status and no year, where they do."""
    told = [*filter(status_above, cells)]
    return f"; {' and '.join(map(in_quotes, told[:2]))} tell no year: {YEARS}" if len(told) > 1 else ""


def _hint(kind: str, other: tuple[str, ...]) -> str:
    """Return what would be right where headings that are not understood are days, periods across, or years."""
    if any(map(is_day, other)):
        return "; a date is no year; write the year alone, as 2026"
    periods = [text for text in other if any(attempt(FORMS["period"], named(text)[0] + year) for year in ("", " 2026"))]
    if len(periods) > 1:
        return f"; {', '.join(map(repr, periods[:2]))} stand across; {ACROSS[kind]}"
    if any(tells_unit(text) and not named(text)[1] for text in other):
        return f"; its unit is not understood: {UNITS}"
    if kind == "budget" and (told := _no_years(other)):
        return told
    is_year = kind == "budget" and re.search(r"(?<!\d)20\d\d(?!\d)", " ".join(other))
    return f"; a year is told as 2027, {YEARS}" if is_year else ""
