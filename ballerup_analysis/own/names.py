"""What the name of a row of an own file tells: a total, figures that are no money, a second heading."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ballerup_analysis import sources
from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.forms import (
    FORMS,
    attempt,
    named,
    own_year,
    plain,
    status_above,
    tells_unit,
    unit_apart,
    whole,
)
from ballerup_analysis.own.heads import Head
from ballerup_analysis.own.kinds import KINDS

DOUBTFUL = re.compile(r"\b(?:i ?alt|samle(?:t|de)|tilsammen|total(?:t|en)?)\b")
THREE = re.compile(r"\d{3}")  # digits: thousandths, or the end of thousands
NOT_KRONER = re.compile(rf"(?:\b(?:{'|'.join(KINDS['budget']['not_kroner'])})\b)|(?<!\d)(?<!\d )%")


def no_kroner(name: str) -> bool:
    """Tell whether the figures of a budget's line are no money.

    Examples
    --------
    >>> [no_kroner(name) for name in ("Antal helårspersoner", "Ændring i pct.", "Sygedagpenge med 50 pct. refusion")]
    [True, True, False]
    """
    text = plain(name)
    return NOT_KRONER.search(text) is not None or named(name)[0] in KINDS["budget"]["columns"]["persons"]["heads"]


def note_faults(text: str, units: set[float], followed: bool) -> Iterator[str]:
    """Tell of a text in a row of its own whether what stands below it would be read otherwise than it says: unit, area."""
    unit = named(text)[1]
    of_all = plain(text).startswith(("alle ", "beløb i "))
    if unit and unit not in units and (unit != 1 or followed or of_all):  # else "kr." in a last note changes nothing
        yield f"{text[:40]!r} tells a unit below the headings; use a column 'enhed'"
    if followed and text[0].isalpha() and attempt(FORMS["area"], text) not in (None, sources.HOME):
        yield f"below {text!r} another area's table may begin; keep one table a sheet"


def row_faults(
    kind: str, grid: Grid, head: Head, at: int, names: dict[int, str], units: set[float]
) -> Iterator[tuple[int, str]]:
    """Tell what the words of a row say that its figures may not be, and figures that have no heading: place, what is right."""
    cells, line, last = grid.rows[at], head.places.get("line"), filled(grid.rows[head.row])[-1]
    amounts = {head.places.get(one, one) for one in head.amounts(kind)}
    comma = "is a comma in a number taken for a separator? put the number in quotation marks"
    for place in filled(cells):
        beyond = str(whole(cells[place]))
        if place > last and (
            grid.separator or not beyond[0].isalpha()
        ):  # words beside a table in a workbook are a remark
            right = comma if grid.separator else "give the column a heading or take it out"
            yield place, f"{beyond[:40]!r} stands beyond the headings; {right}"
        elif grid.separator == "," and place not in head.used and place - 1 in amounts and THREE.fullmatch(beyond):
            yield place, f"{beyond!r} stands in a column that is not read; {comma}"
        elif units and place not in head.used and attempt(FORMS["unit"], cells[place]) not in {None, *units}:
            yield place, f"{beyond[:40]!r} tells another unit than the heading; use a column 'enhed'"
    if _is_heading(kind, names.get(line), {p: cells[p] for p in head.years if p < len(cells)}, head):
        yield line, "a second row of headings; keep one table a sheet"
        return
    for place, name in names.items():
        if kind == "budget" and place == line and no_kroner(name):
            yield place, f"{name!r} are no kroner; leave the row out (persons have a column), or name it otherwise"
        if units and unit_apart(name, ends=False) not in {0.0, *units}:
            yield place, f"{name!r} tells another unit than the heading; use a column 'enhed'"
        if DOUBTFUL.search(plain(name)):
            yield place, f"{name!r} may be a total; if it is, call it I alt; if it is not, name it otherwise"


def _is_heading(kind: str, name: str | None, figures: dict, head: Head) -> bool:
    """Tell whether a row is the heading of another table: the very years of this one, or years beside a heading's word."""
    years = {place: attempt(own_year, cell) for place, cell in figures.items() if cell is not None}
    if not years or not all(years.values()):
        return False
    if len(years) > 1 and all(head.years[place][0] == year for place, (year, _) in years.items()):
        return True
    words = {head for spec in KINDS[kind]["columns"].values() for head in spec["heads"]}
    return bool(name is None or named(name)[0] in words or tells_unit(name) or status_above(name))
