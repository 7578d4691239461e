"""The headings of an own file: which column is which, in what unit, and the years of a wide budget."""

from __future__ import annotations

from dataclasses import dataclass, field

from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.forms import attempt, budget_year, named, status_above
from ballerup_analysis.own.kinds import KINDS

FIRST_ROWS = 30  # in which the headings stand


@dataclass(frozen=True)
class Head:
    """The headings of a sheet: their row, where each column stands, its factor to kr., the years of a wide budget.

    The factor of an amount below a year stands by the year's place; ``unclear`` are the places of years whose status the row
    above does not tell, though it tells that of others.
    """

    row: int
    places: dict[str, int]
    factors: dict[str | int, float] = field(default_factory=dict)
    years: dict[int, tuple[int, str]] = field(default_factory=dict)
    unclear: tuple[int, ...] = ()
    other: tuple[str, ...] = ()


def head_of(kind: str, grid: Grid) -> Head | None:
    """Return the headings of a sheet, those of the row with most of them; None where no cell is one."""
    best = None
    for row, cells in enumerate(grid.rows[:FIRST_ROWS]):
        places, factors, years, other = {}, {}, {}, []
        for place in filled(cells):
            name, factor = named(cells[place])
            column = next((c for c, spec in KINDS[kind]["columns"].items() if name in spec["heads"]), None)
            year = attempt(budget_year, cells[place]) if kind == "budget" and column is None else None
            if column and column not in places:
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
        corner = "line" not in places and 0 not in {*years, *places.values()}
        if years and corner:  # it is empty, or holds the unit
            places["line"], other = 0, other[0 in filled(cells) :]
        above = _statuses_above(grid, row, years)
        unclear = tuple(place for place in years if above and not (years[place][1] or above[place]))
        years = {place: (year, told or above.get(place) or "B") for place, (year, told) in years.items()}
        head = Head(row, places, factors, years, unclear, tuple(other))
        if (places or years) and (best is None or len(places) + len(years) > len(best.places) + len(best.years)):
            best = head
    return best


def _statuses_above(grid: Grid, row: int, places) -> dict[int, str]:
    """Return what the nearest row that tells the status of some of the years tells of each of them."""
    for above in reversed(range(row)):
        told = {place: status_above(_across(grid, above, place)) for place in places}
        if any(told.values()):
            return told
    return {}


def _across(grid: Grid, row: int, place: int):
    """Return a cell, or what is written across it where cells are merged."""
    line, cells = grid.lines[row], grid.rows[row]
    across = (left - 1 for top, left, low, right in grid.merged if top <= line <= low and place in range(left, right))
    place = next(across, place)
    return cells[place] if place < len(cells) else None


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
        return f"no row of headings was found in {'its visible sheets' if any(grid.sheet for grid in sheets) else 'it'}; it needs {needed}"
    grid, head = min(heads, key=lambda pair: len(lacking(kind, pair[1])))
    absent = [f"{c} ({' or '.join(KINDS[kind]['columns'][c]['heads'][:3])})" for c in lacking(kind, head)]
    where = f"sheet {grid.sheet!r}, " if grid.sheet else ""
    other = f"; not understood: {', '.join(map(repr, head.other))}" if head.other else ""
    return f"{where}row {grid.lines[head.row]} has no heading for {', '.join(absent)}{other}"
