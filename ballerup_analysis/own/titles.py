"""What stands above the headings of an own file: a status, a unit, a price level, and what contradicts the headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.doubts import of_all, statuses
from ballerup_analysis.own.forms import (
    ALONE,
    LONG,
    LONGEST,
    PER,
    PRICES,
    QUOTED,
    UNIT,
    area_in,
    in_quotes,
    named,
    plain,
    status_above,
    tells_unit,
    unit_apart,
    year_beside,
    years_told,
)
from ballerup_analysis.sources import municipalities

if TYPE_CHECKING:
    from ballerup_analysis.own.heads import Head

SPEAKS = re.compile(
    r"\b(?:(?:års)?regnskab|realiser|korriger|overslag|forvent|budgetoverslag|budgetforslag|forslag|forbrug|ajourfør|omplacer"
    r"|prognose|skøn|estim|disponer|teknisk|basisbudget|udkast|revider|realiser|foreløbig)\w*|\b(?:1\.|første) behandling|\brev\b|^(?:r|k|bo|f|kb|ob|vb|fr|bf) ?(?:20\d\d)?$"
)
COUNTED = re.compile(r"^(?:i )?(?:antal|helår|fuldtid|årsværk|personer|andel|pct|procent|indeks|%)")
IN_SHARES = re.compile(r"\bi (?:pct|procent|promille)\b")
FOLLOW_UP = re.compile(r"^(?:\d\. )?(?:budgetopfølgning|økonomirapport)(?:en)?\b(?:,? pr\.? ?\d+\.? ?\w+)?")
OF_AREA = re.compile(
    r"(?<!med )(?<!mellem )(?<!til )(?<!fra )(?<!og )(?<!i )(?<!af )(?<!efter )(?<!uden )(?<!ekskl\. )(?<!jf\. )(?<!som )\b([\w-]+) kommune(?:\b|s (?!model|metode|skabelon))"
    r"|\bkommune: ?([\w-]+)"
)
OF_OTHERS = re.compile(
    r"(?:kilde|kontakt|leveret|udarbejdet|beregnet|skabelon|efter|samarbejde|sammenligning\w*)\b|for .* se "
)
# Of the name of a sheet: what tells nothing of whose the figures are.
ELSE = re.compile(
    r"\b(?:budget|regnskab|vedtaget|kopi af|endelig|kommunes?|[br]? ?(?:20)?\d\d|[br]|v(?:er|ersion)? ?\d+|\d+)\b"
)
AMOUNT = re.compile(
    r"[( ]*(?:beløb |tal )?(?:i )?(?:hele )?(?:1[., ]?000|mio|mill|million\w*|tus\w*)[. )]*"
)  # of what?


def title_status(grid: Grid, row: int, years: set[int]) -> dict[int, str]:
    """Return the status of each year that the nearest title above a row, the row's first cell or the sheet's name tells; by 0 of all.

    A title of one year is that of headings of this year alone. What tells more than one status, not which year has which,
    tells none; what tells no status but that of an adopted budget says nothing.
    """
    above = [
        cell
        for cells in (*grid.rows[:row], grid.rows[row][:1])
        for cell in cells
        if isinstance(cell, str) and len(cell) <= LONGEST
    ]
    above = [grid.sheet] * bool(statuses(plain(grid.sheet))) + above
    for text in (PRICES.sub(" ", plain(cell)) for cell in reversed(above)):
        if SPEAKS.search(UNIT.sub(" ", text).strip(" (),:")) and not text.startswith("kilde"):
            by_year = years_told(UNIT.sub(year_beside, text))
            if len({*by_year.values()}) > 1:
                return by_year
            told = {int(year) for year in re.findall(r"(?<!\d)20\d\d\b", text)}
            bare = re.sub(r"(?<!\d)20\d\d\b", " ", text)
            if not years and len(told) == 1:  # of rows that tell theirs
                return {told.pop(): status_above(bare)}
            return {0: status_above(bare if told == years else text)}
    return {}


def areas_above(grid: Grid, row: int) -> Iterator[tuple[int, int | None, str]]:
    """Return the municipalities that the sheet's name (place None) or a title above a row tell: row, place and code."""
    code = area_in(ELSE.sub(" ", plain(grid.sheet).replace("_", " ")).strip(" -,()"))
    if code and code in municipalities():
        yield row, None, code
    for at, cells in enumerate(grid.rows[:row]):
        for place, cell in enumerate(cells):
            text = plain(cell[:LONG]) if isinstance(cell, str) else ""
            for told in () if OF_OTHERS.match(text) else OF_AREA.finditer(text):
                if code := area_in(told[1] or told[2]):
                    yield at, place, code


def across(grid: Grid, at: int, places: Iterable[int]) -> dict[int, int]:
    """Return the place of the cell that stands in a row over each column, its own or one that is merged across it; filled ones."""
    line, cells, over = grid.lines[at], grid.rows[at], {}
    spans = [range(left - 1, right) for top, left, low, right in grid.merged if top <= line <= low]
    for place in places:
        first = next((span[0] for span in spans if place in span), place)
        if first < len(cells) and cells[first] is not None:
            over[place] = first
    return over


def anchors(grid: Grid, at: int, places: Iterable[int]) -> dict[int, int]:
    """Return as :func:`across`, but nothing where one cell speaks of all columns: it stands over all, or is alone over one."""
    over = across(grid, at, places)
    return {} if len({*over.values()}) == 1 and len(over) in (1, len(places)) else over


def unit_above(grid: Grid, row: int, used: set[int], corners: set[int], years: set[int]) -> float:
    """Return the unit that stands in a cell of its own at or above the headings, as Danish budgets print it.

    ``corners`` are the headings that may tell it beside the name of their own column. What stands over some of the ``years``
    tells the unit of these alone.
    """
    cells = [*enumerate(grid.rows[row])]
    beside = [c for place, c in cells if place not in used]
    below = next(iter(grid.rows[row + 1 : row + 2]), [])
    beside += [below[place] for place in filled(below)] if {*filled(below)} <= corners else []
    some = [{*anchors(grid, at, years).values()} for at in range(row)]
    above = [c for at in range(row) for place, c in enumerate(grid.rows[at]) if place not in some[at]]
    above += [c for place, c in cells if place in corners]
    told, alone = ([(*named(cell), cell) for cell in some if tells_unit(cell)] for some in (above, beside))
    factors = {factor for name, factor, _ in (*told, *alone) if ALONE.fullmatch(name)}
    # in a sentence a number of kroner may be a limit, or what amounts are rounded to
    factors = factors or {factor for _, factor, cell in told if unit_apart(cell, ends=factor == 1)}
    return factors.pop() if len(factors) == 1 else 0.0


def no_unit(grid: Grid, row: int) -> str:
    """Say that no unit is told, what stands there that may be one, and what would be right."""
    cells = [cell for cells in grid.rows[: row + 1] for cell in cells if isinstance(cell, str)]
    may = [cell for cell in cells if tells_unit(cell) or AMOUNT.fullmatch(plain(cell[:QUOTED]))][:3]
    stand = f" ({', '.join(map(in_quotes, may))})" if may else ""
    right = "write kr., 1.000 kr. or mio. kr. in the heading, as 'nettoudgift (1.000 kr.)'"
    return f"no unit is told, or more than one{stand}; {right}"


def units_over(grid: Grid, rows: Iterable[int], places: set[int], all_of: bool) -> dict[int, tuple[int, int, float]]:
    """Return the cell, its row and place, that tells the unit of some of the columns, and its factor to kr., by column.

    Of the first row that tells any; NaN where a unit is not understood. ``all_of``: a cell may speak of all columns, and then
    tells that of none of them.
    """
    for at in rows:
        over = (anchors if all_of else across)(grid, at, places).items()
        if told := {place: (at, cell, unit) for place, cell in over if (unit := unit_apart(grid.rows[at][cell]))}:
            return told
    return {}


def contradictions(
    kind: str, grid: Grid, head: Head, money: set[int], units: set[float]
) -> Iterator[tuple[int, int, str]]:
    """Tell the cells above that contradict the headings: row, place and what would be right.

    ``money`` are the places of the amounts, ``units`` theirs, all told in their headings. What counts persons beside a unit
    that stands over the amounts speaks of another column; a follow-up may be of amounts whose headings tell what each is.
    """
    row, is_told = head.row, not {"K", "F"}.isdisjoint(status for _, status in head.years.values())
    first = [(place, cell) for place, cell in enumerate(grid.rows[row]) if place in head.corners]
    below = (
        [(place, cell) for place, cell in enumerate(grid.rows[row + 1]) if place in head.used - money]
        if head.below
        else []
    )
    told = [(row, first), *([(row + 1, below)] * head.below)]
    for at, cells in (*enumerate(map(enumerate, grid.rows[:row])), *told):
        over = {*across(grid, at, money).values()}
        beside = any(tells_unit(grid.rows[at][place]) for place in over)
        for place, cell in cells:
            text = plain(cell) if isinstance(cell, str) else ""
            text = FOLLOW_UP.sub("", text) if is_told else text
            if PER.search(text):
                yield at, place, f"{in_quotes(cell)}: amounts of the whole municipality are read, not for each"
                continue
            if units and unit_apart(text, ends=False) not in {0.0, *units}:
                yield at, place, f"{in_quotes(cell)} tells another unit than the headings; keep one"
            if at == row and place not in head.used:  # a column of its own
                continue
            if right := of_all(kind, text, head.persons):
                yield at, place, f"{in_quotes(cell)}: {right}"
            elif kind == "budget" and at == row and IN_SHARES.search(text):
                yield at, place, f"{in_quotes(cell)} are no kroner; write the amounts"
            elif kind == "budget" and COUNTED.search(text) and not (beside and place not in over):
                yield at, place, f"{in_quotes(cell)} are no kroner; keep one table a sheet, with persons in a column"
