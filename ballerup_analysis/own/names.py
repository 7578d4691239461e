"""What the name of a row of an own file tells: a total, figures that are no money, a second heading."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from ballerup_analysis import danish, sources
from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.doubts import of_all, of_amounts, statuses
from ballerup_analysis.own.forms import (
    FORMS,
    area_in,
    attempt,
    in_quotes,
    named,
    own_year,
    plain,
    status_above,
    tells_unit,
    unit_apart,
    whole,
)
from ballerup_analysis.own.heads import Head
from ballerup_analysis.own.kinds import KINDS, WORDS
from ballerup_analysis.own.sums import number_of
from ballerup_analysis.totals import counts_twice, is_total

DOUBTFUL = re.compile(
    r"\b(?:i[ .-]?alt|samle(?:t|de)|tilsammen|total(?:t|en)?|(?:slut|hoved)sum|sumlinje|samtlige|alle ydelser)\b|\btot\.|\u03c3"
)
INSIDE = re.compile(r"\W*(?:heraf|hvoraf|deraf|herunder|heri|hvori|her af|inkl(?:usive?)?|en del af|del af|indgår i)\b")
BULLET = re.compile(r"([-–—•·→>»+…_#]+\s*(?=[^\W\d_])|o |\(?[a-z][.)]\s|\(?\d{1,2}\)\s|\.\.+)")
KINDS_OF_MARK = {r"\(?\d": "1", r"\(?[a-z][.)]": "a", "[-–]": "-"}  # a number and a letter count on
BELOW = re.compile(rf"\W*(?:{'|'.join(WORDS['below'])})\b.*")
EVERY = re.compile(r"(?:alle |beløb|tal(?:lene)? |udgift)")
COMMA = "is a comma in a number taken for a separator? put the number in quotation marks, or separate by semicolons"
NOT_KRONER = re.compile(rf"(?:\b(?:{'|'.join(KINDS['budget']['not_kroner'])})\b)|(?<!\d)(?<!\d )%")
A_NOTE = re.compile(
    r"\W*(?:kilde|note|anm(?:ærkning)?|bemærkning|opdateret|udskrevet|(?:ud)?trukket|revideret|udarbejdet|kontakt|dato)"
    r" ?(?::|(?:den|af)\b|$)|.*\bnr\.?$"
)  # of what stands below a table; with a number beside it, it looks like a line
ACCOUNTS = re.compile(WORDS["accounts"])
SUM_ALONE = re.compile(
    r"\W*(?:(?:[^\W\d]+ ){0,2}i ?alt|(?:sub|hoved)?total|(?:del|mellem)?sum|samlet)\W*", re.IGNORECASE
)
REMARK = re.compile(r"\W*[^\W\d]")  # it begins with a word


@functools.lru_cache(maxsize=4096)  # most names stand in many rows
def no_kroner(name: str) -> bool:
    """Tell whether the figures of a budget's line are no money.

    Examples
    --------
    >>> [no_kroner(name) for name in ("Antal helårspersoner", "Ændring i pct.", "Sygedagpenge med 50 pct. refusion")]
    [True, True, False]
    """
    text = plain(name)
    return NOT_KRONER.search(text) is not None or named(name)[0] in KINDS["budget"]["columns"]["persons"]["heads"]


@functools.lru_cache(maxsize=4096)
def is_inside(name: str) -> bool:
    """Tell whether a row is part of the line above by the word it begins with.

    Examples
    --------
    >>> [is_inside(name) for name in ("Heraf over 52 uger", "(inkl. mentorer)", "Indsats, herunder mentorer")]
    [True, True, False]
    """
    return INSIDE.match(plain(name)) is not None


@functools.lru_cache(maxsize=4096)
def is_sum(name: str) -> bool:
    """Tell whether a row is a sum of others by its name, or by the stars that accounts systems put before it.

    Examples
    --------
    >>> [is_sum(name) for name in ("Forsørgelse i alt", "** Forsørgelse", "*) foreløbig")]
    [True, True, False]
    """
    return is_total(re.sub(r"(?<=alt)[,;]? netto$", "", name.casefold())) or has_stars(name)


def has_stars(name: str) -> bool:
    """Tell whether stars stand before a name, as before a sum in the reports of accounts systems, or as a bullet.

    Examples
    --------
    >>> [has_stars(name) for name in ("** Forsørgelse", "*) foreløbig")]
    [True, False]
    """
    return re.match(r"\*+ +\w", name) is not None


def is_aside(text: str) -> bool:
    """Tell whether a text in a row of its own is a note or a word on the line above, and no heading of what follows.

    Examples
    --------
    >>> is_aside("Note: efter refusion"), is_aside("*) foreløbig"), is_aside("Forsørgelse")
    (True, True, False)
    """
    return bool(A_NOTE.match(plain(text)) or text.startswith("*") or is_sum(text) or is_inside(text))


def sums_by(names: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells a sum among some names: where all lines have a star before their name it is a bullet.

    Examples
    --------
    >>> [sums_by(names)("* A") for names in (["B", "* A"], ["* A", "* B", "I alt"])]
    [True, False]
    """
    lines = [name for name in names if not is_total(name) and not is_inside(name)]
    return is_total if all(map(has_stars, lines)) else is_sum


def numbered(names: pd.Series, at: pd.Series, grid: Grid, head: Head) -> pd.Series:
    """Return the names of lines, each with the number of its account before it where columns beside it tell that."""
    heads = grid.rows[head.row]
    places = [p for p in filled(heads) if p not in head.used and ACCOUNTS.fullmatch(named(heads[p])[0])]
    told = ([str(whole(cells[p])) for p in places if p < len(cells)] for cells in map(grid.rows.__getitem__, at))
    numbers = ["".join(f"{one} " for one in some if number_of(one)) for some in told]
    return numbers + names


def twice(table: pd.DataFrame, key: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the place of each row whose key, in any letters, is that of one before it, and that one's."""
    first = table.groupby([table[one].astype(str).str.casefold() for one in key], sort=False)["at"].transform("first")
    yield from zip(table["at"][first != table["at"]], first[first != table["at"]], strict=True)


def is_figure(text: str) -> bool:
    """Tell whether a text is a Danish number."""
    return attempt(lambda cell, _: danish.parse(cell), text) is not None


def total_fault(kind: str, name: str, units: set[float]) -> bool:
    """Tell whether a total is by its name of something else than the lines: gross, income, persons, another unit or status."""
    text = plain(name)
    other_unit = unit_apart(text, ends=False) not in {0.0, *units}
    other = kind == "budget" and (no_kroner(text) or statuses(text) - {"B"})
    return bool(of_amounts(kind, text) or other_unit or other)


def note_faults(kind: str, text: str, units: set[float], followed: bool, persons: bool) -> Iterator[str]:
    """Tell of a text in a row of its own whether figures would be read otherwise than it says: unit, area, shares, gross."""
    if right := of_all(kind, plain(text), persons, note=True):
        yield f"{in_quotes(text)}: {right}"
    if followed and BELOW.fullmatch(plain(text)):
        yield f"below {in_quotes(text)} lines may be parts of others, or not count; leave them out, or the words"
    unit = named(text)[1]
    every = EVERY.match(plain(text).lstrip("*•)- ")) and unit_apart(text)
    if (
        unit and units and unit not in units and (unit != 1 or followed or every)
    ):  # else "kr." in a last note changes nothing
        yield f"{in_quotes(text)} tells a unit below the headings; use a column 'enhed'"
    if followed and text[0].isalpha() and area_in(text) not in (None, sources.HOME):
        yield f"below {text!r} another area's table may begin; keep one table a sheet"


def comma_faults(kind: str, grid: Grid, head: Head, rows: list[int]) -> Iterator[tuple[int, int, str]]:
    """Tell figures of a text with commas that may be the end of the figure before: row, place and what is right.

    Such a text is what hands have typed: a program puts a number with a comma in quotation marks.
    """
    if grid.separator != ",":
        return
    columns, wide = KINDS[kind]["columns"], len(grid.rows[head.row])
    numbers = {place for c, place in head.places.items() if columns[c]["form"] == "number"} | {*head.years}
    cells = {
        (at, place): str(cell) for at in rows for place, cell in enumerate(grid.rows[at][:wide]) if cell is not None
    }
    is_plain = any(place in numbers and re.fullmatch(r"-?\d{4,}", cell) for (_, place), cell in cells.items())
    for (at, place), cell in cells.items():
        end = r"\d{1,3}" if place not in head.used else r"\d{3}" if place in numbers and not is_plain else r"(?!)"
        before = cells.get((at, place - 1), "") if place - 1 in numbers else ""
        if re.fullmatch(r"[-+(]?\d{1,3}", before) and re.fullmatch(end, cell):
            yield at, place, f"{before!r} and {cell!r} may be one number; {COMMA}"
    for at in rows:
        if len(grid.rows[at]) > wide and not any(grid.rows[at][wide:]):
            yield at, wide - 1, f"the row has more cells than the headings; {COMMA}"


def period_faults(grid: Grid, head: Head, periods: dict[int, str]) -> Iterator[tuple[int, int, str]]:
    """Tell a month, by row, that may be the first of a quarter or a year, as its heading or all of them show, and what is right."""
    if not periods:
        return
    place = head.places["period"]
    told = KINDS["persons"]["columns"]["period"]["told"].get(named(grid.rows[head.row][place])[0], "P")
    unsure = [
        at for at, period in periods.items() if "M" in period and not re.search(r"[^\W\d_]", str(grid.rows[at][place]))
    ]
    months = {int(periods[at][:4]) * 12 + int(periods[at][5:]) - 1 for at in unsure}
    steps, first = {month % 3 for month in months}, {month % 12 for month in months} <= {0, 1, 2, 3}
    short = any(re.search(r"(?<!\d)[1-4]$", str(grid.rows[at][place])) for at in unsure)  # 2026-1, not 2026-01
    spaced = len(months) > 1 and len(steps) == 1
    if unsure and (told in ("Q", "") or (told == "P" and (spaced or (first and (short or len(months) > 4))))):
        right = f"is it the month {periods[unsure[0]]}, or a quarter or a year? write it as 2026M03, 2026Q1 or 2026"
        yield unsure[0], place, right


def row_faults(
    kind: str, grid: Grid, head: Head, at: int, names: dict[int, str], units: set[float]
) -> Iterator[tuple[int, str]]:
    """Tell what the words of a row say that its figures may not be, and figures that have no heading: place, what is right."""
    cells, heads, line = grid.rows[at], grid.rows[head.row], head.places.get("line")
    used, last = head.used, filled(heads)[-1]
    first = min(used)
    for place in (place for place in filled(cells) if place not in used):
        if (
            (place >= len(heads) or heads[place] is None)
            and isinstance(cells[place], str)
            and SUM_ALONE.fullmatch(cells[place])
        ):
            yield place, f"{in_quotes(cells[place])} says that its row is a sum; take the row out, or that cell"
    for place in (place for place in filled(cells) if place not in used):
        beyond, of = str(whole(cells[place])), "beyond" if place > last else "between"
        is_headed = place < first or (place < len(heads) and heads[place] is not None)
        if not is_headed and ((grid.separator and place > last) or not REMARK.match(beyond)):
            right = COMMA if grid.separator == "," else "give the column a heading or take it out"
            yield place, f"{in_quotes(beyond)} stands {of} the headings; {right}"
        elif units and attempt(FORMS["unit"], cells[place]) not in {None, *units}:
            yield place, f"{in_quotes(beyond)} tells another unit than the heading; use a column 'enhed'"
        elif is_headed and _is_elsewhere(kind, head, heads[place], cells, place):
            yield place, f"{in_quotes(beyond)} is another municipality than {cells[head.places['area']]!r}; keep one"
    if _is_heading(kind, names.get(line), {p: cells[p] for p in head.years if p < len(cells)}, head):
        yield line, "a second row of headings; keep one table a sheet"
        return
    for place, name in names.items():
        if A_NOTE.match(plain(name)):
            yield place, f"{in_quotes(name)} may be a note and no line; put it in one cell, in a CSV in quotation marks"
    for place, name in names.items() if units else ():
        if _unit_of(name) not in {0.0, *units}:
            yield place, f"{name!r} tells another unit than the heading; use a column 'enhed'"


def _is_elsewhere(kind: str, head: Head, heading, cells: list, place: int) -> bool:
    """Tell whether a cell names another municipality than its row does: of a name and a number beside it one is read."""
    if "area" not in head.places or named(heading)[0] not in KINDS[kind]["columns"]["area"]["also"]:
        return False
    areas = {area_in(cells[one]) for one in (place, head.places["area"])}
    return len(areas - {None}) > 1


@functools.lru_cache(maxsize=4096)
def _unit_of(name: str) -> float:
    return unit_apart(name, ends=False)


def doubts_of(names: dict[int, str], line: int | None) -> Iterator[tuple[int, str]]:
    """Tell the names of a row that hold a word of what is no money, or counted in others: place, what to do about it.

    A total of the file that counts each line once shows that it is neither.
    """
    for place, name in names.items():
        if place == line and no_kroner(name):
            right = (
                "leave the row out (persons have a column), name it otherwise, or write a row 'I alt' that counts it"
            )
            yield place, f"{name!r} are no kroner; {right}"
        elif right := double_fault(name):
            yield place, right


def indent_faults(
    kind: str, grid: Grid, head: Head, rows: list[int], parts: set[int]
) -> Iterator[tuple[int, int, str]]:
    """Tell the first line that is set apart, by an indent or a bullet of its own, below one with figures: it may be its part.

    ``parts`` are the rows that say so themselves.
    """
    at_name, counted = head.places.get("line" if kind == "budget" else "benefit", 0), {*rows}
    kinds: dict[str, int] = {}  # of bullets, in the order they are met: a later one is deeper, and more of one too
    above: list[tuple[int, int]] = []  # depth and place of the rows that one stands under
    asked = set()
    for at in range(head.first, len(grid.rows)):
        cells = grid.rows[at]
        if at in parts:
            continue
        if at_name >= len(cells) or not isinstance(cells[at_name], str):
            above = above if at in counted or not filled(cells) else []  # a heading in another column
            continue
        mark = bullet[1].strip() if (bullet := BULLET.match(cells[at_name])) else ""
        kind_of = next((kind for sign, kind in KINDS_OF_MARK.items() if re.match(sign, mark)), mark[:1])
        depth = grid.indented.get((grid.lines[at], at_name + 1), 0)
        depth += kinds.setdefault(kind_of, len(kinds) + 1) + (len(mark) - 1) * (len({*mark}) == 1) if mark else 0
        while above and above[-1][0] >= depth:
            above.pop()
        has_figures = at in counted and any(
            tells_amount(cells[place]) for place in filled(cells) if place in head.used - {at_name}
        )
        if has_figures and above and (over := above[-1][1]) not in asked | {-1}:
            asked.add(over)
            right = "is set apart as a part of the line above; if it is, begin it with heraf, else write it as that"
            yield at, at_name, f"{cells[at_name]!r} {right}"
        above.append((depth, at if has_figures else -1))


def tells_amount(cell) -> bool:
    """Tell whether a cell holds a number that is not nought."""
    if isinstance(cell, str):
        return is_figure(cell) and re.search("[1-9]", cell) is not None
    return isinstance(cell, int | float) and bool(cell)


@functools.lru_cache(maxsize=4096)
def double_fault(name: str) -> str:
    """Return what to do about a line that may be counted in others, by a word within its name; nothing where it may not.

    Examples
    --------
    >>> double_fault("Samlet indsats"), double_fault("Sygedagpenge")
    ("'Samlet indsats' may be part of the line above; if it is, begin it with heraf, else name it otherwise", '')
    """
    if counts_twice(name):
        return f"{name!r} may be part of the line above; if it is, begin it with heraf, else name it otherwise"
    if DOUBTFUL.search(plain(name)):
        return f"{name!r} may be a total; if it is, call it I alt; if it is not, name it otherwise"
    return ""


def _is_heading(kind: str, name: str | None, figures: dict, head: Head) -> bool:
    """Tell whether a row is the heading of another table: the very years of this one, or years beside a heading's word."""
    years = {}
    for place, cell in figures.items():
        if cell is not None and (years.setdefault(place, attempt(own_year, cell))) is None:
            return False  # as of nearly every row
    if not years:
        return False
    if len(years) > 1 and all(head.years[place][0] == year for place, (year, _) in years.items()):
        return True
    words = {head for spec in KINDS[kind]["columns"].values() for head in spec["heads"]}
    return bool(name is None or named(name)[0] in words or tells_unit(name) or status_above(name))
