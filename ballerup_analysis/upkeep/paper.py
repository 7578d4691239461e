"""A new paper or year: a printed table taken in from a workbook, CSV or copied text, with its record, and checked."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ballerup_analysis import danish, grids, sources
from ballerup_analysis.bands import STATUS
from ballerup_analysis.files import TEXT_BYTES, DataError, unsound
from ballerup_analysis.grids.grid import Grid, filled, letters
from ballerup_analysis.own.amounts import DANISH, is_two
from ballerup_analysis.own.forms import PERSONS, attempt, budget_year
from ballerup_analysis.own.names import no_kroner
from ballerup_analysis.totals import check_table, may_be_total

NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
ADDRESS = re.compile(r"https?://[^\s<>\"]+")
NOTE = re.compile(r"(?:noter?|kilde|anm|anmærkning|obs)\b", re.IGNORECASE)
QUOTED = {"name": "notspecified", "title": "terms not stated; figures from a public committee paper"}
FORMS = {"year": r"(19|20)\d\d", "status": "|".join(STATUS), "unit": r"[a-z][a-z0-9_]{0,40}"}
YEAR = re.compile(r"(?:19|20)\d\d")
MONEY = ("tkr", "kr", "mio_kr")
UNITS = ("tkr", "kr", "mio_kr", "pct", "persons", "units")
MOST_ROWS, MOST_TOTALS = 2_000, 80  # of a printed table: each total is held against all rows it may be of
MOST_SUMS = 600_000_000  # totals times columns times rows twice, as each row may be the sum of those below
COUNTED = re.compile(r"\b(?:plads|stilling|forløb|sag)(?:er)?\b")
FACTORS = {"kr": 1.0, "mio_kr": 1e6}  # to kr.; what is no money has as many digits as thousands of it


@dataclass(frozen=True)
class Column:
    """A column of a printed table: its heading, and the year, status and unit its figures are of."""

    head: str
    year: int
    status: str
    unit: str


@dataclass(frozen=True)
class Told:
    """What the person tells of a table, by options or when asked; what is empty is asked for, or a fault.

    Parameters
    ----------
    paper, table : str
        Names, as in ``load("budget_2018.frame_2002")``.
    title, source : str
        What the table holds; whose paper it is and of what day.
    address : str
        Where the paper can be read.
    unit, status : str
        Of the columns whose heading, or for a unit the sheet, does not tell them.
    columns : tuple of str
        ``HEADING=YEAR,STATUS,UNIT`` for a column whose heading tells otherwise.
    frame : bool
        The table is a budget: lines × years.
    area : str
        Whose paper it is.
    """

    paper: str = ""
    table: str = ""
    title: str = ""
    source: str = ""
    address: str = ""
    unit: str = ""
    status: str = ""
    columns: tuple[str, ...] = ()
    frame: bool = False
    area: str = sources.HOME


def add(path: Path, told: Told, ask: Callable[[str], str] | None = None) -> tuple[str, pd.DataFrame, list[str]]:
    """Take a printed table in: write its CSV, cells as printed, and its record; check its totals.

    Parameters
    ----------
    path : pathlib.Path
        .xlsx, .ods or .csv; ``-`` for text copied to standard input.
    told : Told
        What is known of it.
    ask : callable, optional
        Answers a question; without it what is not told is a fault.

    Returns
    -------
    tuple
        The name for ``load``; the checks of its totals as :func:`ballerup_analysis.totals.check_table` has them; and what
        else the sheet holds, which is not taken in.

    Raises
    ------
    DataError
        With everything that is to be mended; nothing is written then.
    """
    grid = _grid(path)
    table, aside, faults = _table(grid)
    answers, more = _answers(told, ask)
    columns, others = _columns(table, aside, told, ask)
    cells = [] if table.columns.duplicated().any() else _otherwise(table, grid, columns)
    if faults := faults + more + others + cells:
        raise DataError(f"{path}: {len(faults)} to mend\n  " + "\n  ".join(faults))
    name = f"{answers['paper']}.{answers['table']}"
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([list(table.columns), *table.to_numpy().tolist()])
    checks = check_table(table.reset_index(drop=True), name)
    sources.record(_resource(name, answers, told, str(table.columns[0]), columns), text.getvalue())
    beside = [f"{kind} {text}".strip() for kind, text in grid.beside]
    beside += [f"comment on {grid.column(at)}{line}" for line, at in sorted(grid.comments)]
    return name, checks, [f"{at} {text!r}" for at, text in aside.items()] + beside


def tell(path: Path, options: dict) -> None:
    """Take a table in as the command does: ask for what the options leave open, show what was read and its checks.

    Parameters
    ----------
    path : pathlib.Path
        As :func:`add` has it.
    options : dict
        The fields of :class:`Told`; ``column`` holds those of ``columns``. An empty area is the home municipality.
    """
    from ballerup_analysis.upkeep import processed

    named = {key: value for key, value in options.items() if key != "column" and value}
    asked = sys.stdin.isatty() and str(path) != "-"
    name, checks, aside = add(path, Told(columns=tuple(options["column"]), **named), _question if asked else None)
    table = sources.load(name)
    print(f"{name}: {table['row'].nunique()} rows as printed, data/{sources.record_of(name)['path']}")
    for column, part in table.groupby("column", sort=False):
        year, status, unit = part[["year", "status", "unit"]].iloc[0]
        print(f"  {column}: {year}, {status} ({STATUS[status]}), {unit}, {part['value'].notna().sum()} figures")
    for check in checks.itertuples():
        print(f"  {check.check}: {check.verdict}. {check.note}".rstrip())
    print("".join(f"  not taken in: {one}\n" for one in aside), end="")
    processed.build()


def _question(text: str) -> str:
    try:
        return input(f"{text}: ").strip()
    except EOFError:
        return ""


def _grid(path: Path) -> Grid:
    if str(path) == "-":
        raw = sys.stdin.buffer.read(TEXT_BYTES + 1)
        if len(raw) > TEXT_BYTES:
            raise DataError(f"standard input holds more than {TEXT_BYTES} bytes")
        found = grids.parse(raw, "copied text")
    else:
        found = grids.read(path, printed=True)
    held = [grid for grid in found if any(filled(row) for row in grid.rows)]
    if len(held) != 1:
        sheets = ", ".join(repr(grid.sheet) for grid in held) or "no sheet"
        raise DataError(f"{path}: {sheets} holds cells that can be seen; keep the one sheet with the table")
    return held[0]


def _table(grid: Grid) -> tuple[pd.DataFrame, dict[str, str], list[str]]:
    """Return the table as printed, by line, its first column the labels; the texts around it, by place; and what is wrong."""
    rows = [(line, row) for line, row in zip(grid.lines, grid.rows, strict=True) if filled(row)]
    head = next((place for place, (_, row) in enumerate(rows) if len(filled(row)) > 1), None)
    if head is None:
        return pd.DataFrame({"row": []}), {}, ["no row with headings for two columns or more was found"]
    first, heads = rows[head]
    places = sorted({0, *filled(heads)})
    names = [_text(heads[place]) or "row" for place in places]
    faults = [f"row {first}: two columns are named {n!r}" for n in dict.fromkeys(names) if names.count(n) > 1]
    body, labels, above = {}, {}, rows[:head]
    aside = {_at(grid, line, p + 1): _text(row[p]) for line, row in above for p in filled(row)}
    for line, row in rows[head + 1 :]:
        cells = [_text(row[place] if place < len(row) else None) for place in places]
        if len(filled(row)) == 1 and NOTE.match(cells[0]):
            aside[_at(grid, line, 1)] = cells[0]
            continue
        faults += [
            f"row {line}, column {grid.column(p + 1)}: a figure under no heading"
            for p in filled(row)
            if p not in places
        ]
        faults += _unread(grid, line, places, names, cells)
        if cells[0] in labels:
            again = "tell them apart, as 'Løn (drift)'"
            faults.append(f"row {line}: {cells[0]!r} stands in row {labels[cells[0]]} too; {again}")
        labels.setdefault(cells[0], line)
        if cells[0].casefold() in ("år", "year", "") and all(YEAR.fullmatch(cell) for cell in cells[1:] if cell):
            faults.append(f"row {line}: a second row of headings; write year and status in one, as B2027")
        body[line] = cells
    faults += [] if body else [f"no row stands below the headings of row {first}"]
    for top, left, low, right in grid.merged:
        if low >= first:
            faults.append(f"cells {letters(left)}{top}:{letters(right)}{low} are merged; unmerge them")
    for what, place in sorted(grid.hidden):
        faults.append(f"{what} {grid.column(place) if what == 'column' else place} is hidden; show it or delete it")
    totals = sum(map(may_be_total, labels))
    size = f"{len(body)} rows, {totals} of them totals by their names"
    if len(body) > MOST_ROWS or totals > MOST_TOTALS:
        faults = [f"{size}; at most {MOST_ROWS} and {MOST_TOTALS} are read: divide it"]
    elif len(body) ** 2 * len(places) * totals > MOST_SUMS:
        faults = [f"{size}, in {len(places)} columns, are more sums than are tried; divide it"]
    return pd.DataFrame(list(body.values()), list(body), names), aside, faults


def _at(grid: Grid, line: int, place: int) -> str:
    return f"{letters(place)}{line}" if grid.sheet else f"row {line}, column {place}"


def _text(cell) -> str:
    return "" if cell is None else str(cell).replace("\n", " ")


def _unread(grid: Grid, line: int, places: list[int], names: list[str], cells: list[str]) -> list[str]:
    """Return what is wrong with the cells of a row."""
    faults = [] if cells[0] else [f"row {line}: no label stands in the first column"]
    for place, name, cell in zip(places, names, cells, strict=True):
        where = f"row {line}, column {grid.column(place + 1)} {name!r}"
        if broken := grid.broken.get((line, place + 1)):
            faults.append(f"{where}: {broken}")
        elif place:
            try:
                danish.parse(cell)
            except ValueError as error:
                faults.append(f"{where}: {error}")
    return faults


def _answers(told: Told, ask) -> tuple[dict[str, str], list[str]]:
    questions = {
        "paper": "Name of the paper, such as budget_2018",
        "table": "Name of the table, such as frame_2002",
        "title": "What the table holds",
        "source": "Whose paper, and of what day",
    }
    answers = {
        key: " ".join(getattr(told, key).split()) or (ask(question) if ask else "")
        for key, question in questions.items()
    }
    faults = [f"{questions[key]}: not told; give --{key}" for key, answer in answers.items() if not answer]
    texts = {key: answers[key] for key in ("title", "source")} | {"address": told.address}
    faults += [f"--{key} {wrong}" for key, text in texts.items() if (wrong := unsound(text))]
    if told.address and not ADDRESS.fullmatch(told.address):
        faults.append(f"--address {told.address[:60]!r}: write where the paper can be read, as https://…")
    for key in ("paper", "table"):
        if answers[key] and not NAME.fullmatch(answers[key]):
            faults.append(f"--{key} {answers[key]!r}: write small letters a-z, digits and _, beginning with a letter")
    if f"{answers['paper']}.{answers['table']}" in sources.catalogue()["name"].to_numpy():
        known = f"{answers['paper']}.{answers['table']}"
        faults.append(
            f"{known} is there already; correct its file and record that with: ballerup data --accept {known}"
        )
    return answers | {"area": sources.area_code(told.area)}, faults


def _otherwise(table: pd.DataFrame, grid: Grid, columns: list[Column]) -> list[str]:
    """Return what is wrong with cells and labels that tell another unit than their column, or digits that may be thousands."""
    faults, label, cells = [], str(table.columns[0]), table.iloc[:, 1:].to_numpy().ravel()
    is_danish = any(DANISH.fullmatch(cell) for cell in cells)
    for line, row in table.iterrows():
        units, is_money = {danish.unit_of(row[label])} - {""}, not no_kroner(row[label])
        for column in columns:
            cell = row[column.head]
            where = f"row {line}, column {column.head!r}: {cell!r}"
            unit = attempt(lambda text, _: danish.parse(text).unit, cell)
            if other := ({unit} - {None, "", column.unit}) or (units - {column.unit}):
                faults.append(
                    f"{where} is of {other.pop()}, its column of {column.unit}; keep tables of one unit apart"
                )
            elif column.unit in MONEY and not is_money:
                faults.append(f"{where}: {row[label]!r} is no money; take the row in as a table of its own")
            elif is_two(cell, FACTORS.get(column.unit, 1e3), grid.separator, is_danish):
                faults.append(f"{where} may be a thousand or one; write it without three decimals, as 1.000 or 1,0")
    return faults


def _columns(table: pd.DataFrame, aside: dict[str, str], told: Told, ask) -> tuple[list[Column], list[str]]:
    """Return year, status and unit of each column: as told of it, as its heading says, as told of all, or as answered."""
    parted = (one.rpartition("=") for one in told.columns)  # a heading may hold the sign too
    own = {head.strip() or rest: rest.split(",") for head, _, rest in parted}
    faults = [f"--column {head!r}: there is no such heading" for head in own if head not in table.columns[1:]]
    above = {danish.unit_of(text) for text in (*aside.values(), str(table.columns[0]))} - {""}
    columns = []
    for head in table.columns[1:]:
        year, status = attempt(budget_year, head) or ("", "")
        is_counted = PERSONS.search(head.casefold()) or COUNTED.search(head.casefold()) or no_kroner(head)
        of_all = above.copy().pop() if len(above) == 1 and not is_counted else ""
        unit = danish.unit_of(head) or of_all or told.unit
        parts = {"year": str(year), "status": status or told.status, "unit": unit}
        parts |= {key: part.strip() for key, part in zip(parts, own.get(head, ()), strict=False) if part.strip()}
        for key, choices in (
            ("year", "a year"),
            ("status", ", ".join(STATUS)),
            ("unit", f"such as {', '.join(UNITS)}"),
        ):
            if not parts[key] and ask:
                parts[key] = ask(f"Column {head!r}: {key} ({choices})")
        if told.unit not in ("", unit, parts["unit"]):
            faults.append(
                f"--unit {told.unit}: the sheet tells {unit} of column {head!r}; tell other columns by --column"
            )
        wrong = [key for key, form in FORMS.items() if not re.fullmatch(form, parts[key], re.ASCII)]
        if wrong:
            known = ",".join(parts.values())
            faults.append(
                f"column {head!r}: {', '.join(wrong)} is not told; give --column '{head}=YEAR,STATUS,UNIT' (now {known})"
            )
        else:
            columns.append(Column(head, int(parts["year"]), parts["status"], parts["unit"]))
    return columns, faults


def _resource(name: str, answers: dict, told: Told, label: str, columns: list[Column]) -> dict:
    paper, table = name.split(".")
    source = {"title": answers["source"]} | ({"path": told.address} if told.address else {})
    fields = [{"name": label, "type": "string"}]
    fields += [{"name": c.head, "type": "string", "year": c.year, "status": c.status, "unit": c.unit} for c in columns]
    return {
        "name": name,
        "title": answers["title"],
        "path": f"raw/papers/{paper}/{table}.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": "",
        "sources": [source],
        "licenses": [QUOTED],
        "evidence": "published",
        **({"area": answers["area"]} if answers["area"] != sources.HOME else {}),
        **({"role": "frame"} if told.frame else {}),
        "schema": {"fields": fields, "missingValues": [""]},
    }
