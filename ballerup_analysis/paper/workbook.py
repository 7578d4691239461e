"""The workbook: inputs, rates, calculation and results as living formulas, and an edited one read back as a scenario."""

from __future__ import annotations

import datetime as dt
import math
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import openpyxl
from babel.dates import format_date
from openpyxl.utils import get_column_letter as letter

from ballerup_analysis import grids, scenarios
from ballerup_analysis.costing import PARAMETERS, RULES, Change, ScenarioError, cost
from ballerup_analysis.danish import number
from ballerup_analysis.frame import Frame
from ballerup_analysis.grids.beside import ADDRESS
from ballerup_analysis.grids.excel_sheet import FROZEN, LOWEST, NARROWEST
from ballerup_analysis.grids.grid import place_of
from ballerup_analysis.paper import calculator, formulas
from ballerup_analysis.paper.formulas import NAME, WHY, Input, capital, write_block
from ballerup_analysis.paper.givens import givens
from ballerup_analysis.paper.looks import conditions, palette_of, unseen
from ballerup_analysis.paper.notes import place
from ballerup_analysis.paper.sheets import (
    CALCULATION,
    CHECKS,
    INPUTS,
    LAYOUT,
    RATES,
    RESULT,
    SOURCES,
    START,
    TOLD,
    Book,
)
from ballerup_analysis.scenarios import Scenario, persons_words
from ballerup_analysis.sources import DANISH_EVIDENCE, HOME, DataError, area_code, area_name, catalogue, write_aside
from ballerup_analysis.words import words

HIDDEN = "Scenarie"  # the sheet that keeps the scenario as built
OLD_RULES = "2015-06-30"  # before the reform of 2016: offered where the scenario names none
# A number that Python reads and no program writes: its digits joined by _, or of another script.
STRANGE = re.compile(rb"<(?:\w+:)?v>(?=[^<]*[_\x80-\xff])[-+\d_.eE\s\x80-\xff]*</")
STANDS = "what counts is what stands in the cells"
LATER_FORMATS = f"formats by condition that are not read may show cells otherwise; {STANDS}"
SHAPES = f"what is drawn on a sheet may cover cells or show other numbers; {STANDS}"
# What the reader of the workbook passes over: formats by condition of later programs, and shapes.
PASSED_OVER = {
    LATER_FORMATS: re.compile(rb"<\w+:conditionalFormatting\b"),
    SHAPES: re.compile(rb"<(?:\w+:)?(?:sp|cxnSp|grpSp|contentPart)\b"),
}
BY_HAND = "the workbook computes by hand, or with the digits shown; what it shows may be of other inputs"
MOST = 10  # warnings told one by one for each sheet
HEAD, TAIL = 700, 300  # characters of a warning that are kept: a cell may hold a text without end


def build(path: Path, scenario: Scenario | None = None, area: str = HOME) -> Path:
    """Write the workbook of a scenario with the value of every formula; whole or untouched.

    Parameters
    ----------
    path : pathlib.Path
    scenario : Scenario, optional
        The accounts, carried forward, unless given.
    area : str
        Code of the municipality.

    Raises
    ------
    DataError
        When the scenario cannot be run for the area, or the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> build(Path(tempfile.mkdtemp()) / "bilag.xlsx").name
    'bilag.xlsx'
    """
    scenario = scenario or Scenario(LAYOUT["unchanged"], "")
    book, _ = _fill(scenario, scenarios.frame_of(scenario, area))
    write_aside(path, calculator.save(book, LAYOUT["font"], LAYOUT["size"]))
    return path


def read_back(path: Path) -> tuple[Scenario, list[str]]:
    """Return the scenario an edited workbook holds, and warnings.

    Warned of: a cell other than an input that is not as built, a formula that has become text, a value outside its
    plausible range, what shows a cell otherwise than it counts, and an input that no scenario can hold, which is left out.

    Raises
    ------
    DataError
        When the file is no workbook of :func:`build`, or its inputs have been moved.
    """
    with _damage(path):
        return _read(path, *_open(path))


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    """Call damage whatever is raised within: a damaged workbook may break its reader anywhere."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:
        raise DataError(f"{path} is a damaged workbook ({type(error).__name__}); save it anew in Excel") from None


def _read(path: Path, book, passed_over: list[str]) -> tuple[Scenario, list[str]]:
    if missing := [name for name in (*TOLD, HIDDEN) if name not in book.sheetnames]:
        raise DataError(f"{path} has no sheet {', '.join(missing)}; give a workbook made by this project")
    told, (text, area) = book[INPUTS], (book[HIDDEN][cell].value for cell in ("A1", "A2"))
    if not (isinstance(text, str) and isinstance(area, str)):
        raise DataError(f"{path}: the sheet {HIDDEN} has been emptied; build the workbook anew and edit that")
    original = scenarios.read(text, f"{path}, {HIDDEN}!A1")
    frame = scenarios.frame_of(original, area)
    built, inputs = _fill(original, frame)
    as_built = built[INPUTS]
    if moved := [n for n in inputs.values() if not _same(told[f"A{n}"], as_built[f"A{n}"])]:
        raise DataError(f"{path}, {INPUTS}!A{moved[0]}: rows have been moved; build the workbook anew and edit that")
    kept, found = {(one.parameter, one.row): one.change for one in formulas.inputs(frame, original.changes)}, []
    for (parameter, row), n in inputs.items():
        if all(_same(told[f"{c}{n}"], as_built[f"{c}{n}"]) for c in "CD"):
            continue
        kept[parameter, row] = None
        try:
            if told[f"D{n}"].value not in frame.open_years:
                raise ScenarioError(
                    f"starts in {told[f'D{n}'].value!r}; it must be one of {', '.join(map(str, frame.open_years))}"
                )
            change = _typed(parameter, row, told[f"C{n}"].value, told[f"D{n}"].value, as_built[f"E{n}"].value, original)
            if change:
                cost((change,), frame)  # stops here when the frame cannot have it
                kept[parameter, row] = change
                found += [f"{INPUTS}!C{n}: {change.implausible}"] * bool(change.implausible)
        except ScenarioError as error:
            found.append(f"{INPUTS}!{'D' if 'starts in' in str(error) else 'C'}{n}: {error}; left out")
    free = {(INPUTS, f"{c}{n}") for n in inputs.values() for c in "CD"} | {(INPUTS, NAME), (INPUTS, WHY)}
    found += (
        _unlike_as_seen(as_built, told, inputs.values()) + _unseen(built, book, free) + _differences(built, book, free)
    )
    found += passed_over
    found += [f"{title}: {what} is hidden" for title in (RESULT, CHECKS) for what in _hidden(built[title], book[title])]
    if (code := area_code(area)) != HOME:
        found.append(f"the workbook is of {area_name(code)}; a scenario names no municipality, so choose {code} again")
    texts = {NAME: original.name, WHY: original.why}
    for cell in (cell for cell in texts if not _same(told[cell], as_built[cell])):
        value, kind = told[cell].value, told[cell].data_type
        if (kind == "s" and value.strip()) or (cell == WHY and value is None):
            texts[cell] = value or ""
        else:
            stands = "a formula" if kind == "f" else "nothing" if value is None else value
            found.append(f"{INPUTS}!{cell}: {stands} is no text; left out")
    name, why = texts.values()
    return replace(original, name=name, why=why, changes=tuple(c for c in kept.values() if c)), [*map(_short, found)]


def _short(warning: str) -> str:
    return warning if len(warning) <= HEAD + TAIL else f"{warning[:HEAD]} … {warning[-TAIL:]}"


def _open(path: Path):
    """Return the workbook, and what is told of the parts that are not read."""
    raw = grids.measured(path)
    with ZipFile(raw) as book:
        parts = [book.read(name) for name in book.namelist()]
        if any(map(STRANGE.search, parts)):
            raise DataError(f"{path} is a damaged workbook (a number as no program writes it); save it anew in Excel")
        if any(b"/relationships/image" in part for part in parts):
            raise DataError(f"{path} holds a picture, which may cover a number or show another; take it out")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(raw), [told for told, one in PASSED_OVER.items() if any(map(one.search, parts))]


def _typed(parameter: str, row: str, value, start, standard, original: Scenario) -> Change | None:
    """Return the change that was typed; nothing where the value is that of the baseline."""
    value = 0 if value is None and parameter in PARAMETERS and not row else value  # as the formulas have it
    if value is None or _equal(value, standard):
        return None
    if parameter != RULES:
        if type(value) not in (int, float):
            raise ScenarioError(f"{parameter} is {value!r}; it must be a typed number")
        return Change(parameter, value, start, row)
    other = _other_rules(original)
    if value == _rules(other):
        return Change(parameter, other, start)
    raise ScenarioError(f"{parameter} is {value!r}; it must be one on the list")


def _unlike_as_seen(as_built, told, inputs: Iterable[int]) -> list[str]:
    """Return what makes an input look like another than the one that counts: a format, or what hides it."""
    cells = [f"{column}{n}" for n in inputs for column in "CD"]
    found = [f"{INPUTS}!{c}: the format is now {told[c].number_format}; what counts is {told[c].value}" for c in cells
             if _form(told[c]) != _form(as_built[c])]  # fmt: skip
    rows = {f"row {n}" for n in range(1, as_built.max_row + 1)} - {f"row {n}" for n in inputs}
    found += [f"{INPUTS}: {what} is hidden, and counts" for what in _hidden(as_built, told) if what not in rows]
    if {str(one) for one in as_built.merged_cells.ranges} != {str(one) for one in told.merged_cells.ranges}:
        found.append(f"{INPUTS}: the merged cells are not as built; what counts is what stands in the cells")
    return found


def _unseen(built, book, free: set) -> list[str]:
    """Return what the letters of a cell, or a format by condition, keep from sight, or show as what it is not."""
    before, now, found = palette_of(built), palette_of(book), []
    for title in TOLD:
        for at, why in list(unseen(book[title], now).items())[:MOST]:
            counts = f"; what counts is {book[title][at].value}" if (title, at) in free else ""
            found.append(f"{title}!{at}: {why}{counts}")
        if conditions(built[title], before) != conditions(book[title], now):
            means = "counts" if title == INPUTS else "holds"
            found.append(
                f"{title}: the formats by condition are not as built; what {means} is what stands in the cells"
            )
    return found


def _hidden(as_built, told) -> list[str]:
    """Return what of a sheet cannot be seen: the sheet, rows and columns, also those that are too small."""
    heights = {n: LOWEST if row.height is None else row.height for n, row in told.row_dimensions.items()}
    rows = [n for n, height in heights.items() if height < LOWEST or told.row_dimensions[n].hidden]
    columns = {n for one in told.column_dimensions.values() if one.hidden or one.width < NARROWEST
               for n in range(one.min, min(one.max, as_built.max_column) + 1)}  # fmt: skip
    view = told.sheet_view
    first = ADDRESS.fullmatch(view.topLeftCell or "")
    if first and view.pane is not None and view.pane.state in FROZEN:  # what stands before cannot be reached
        rows = {*rows, *range(1, min(int(first[2]), as_built.max_row + 1))}
        columns |= {*range(1, min(place_of(first[1]), as_built.max_column + 1))}
    found = ["the sheet"] * (told.sheet_state != "visible")
    found += ["each 0"] * (view.showZeros is False) + ["the value of each formula"] * bool(view.showFormulas)
    found += [f"row {n}" for n in sorted(rows) if n <= as_built.max_row]
    return found + [f"column {letter(n)}" for n in sorted(columns)]


def _differences(built, book, free: set) -> list[str]:
    """Return what is not as built beyond the cells that may be changed: names, sheets, cells."""
    found = [BY_HAND] * (book.calculation.calcMode == "manual" or book.calculation.fullPrecision is False)
    names = {name: [_named(one, name) for one in (built, book)] for name in {*built.defined_names, *book.defined_names}}
    found += [f"the name {name} now means {now or 'nothing'}, not {was or 'anything'}; not in the scenario"
             for name, (was, now) in sorted(names.items()) if was != now]  # fmt: skip
    found += [f"{page.title}: the name {name} is of this sheet alone; not in the scenario" for page in book.worksheets
              for name in page.defined_names if not name.startswith("_xlnm")]  # fmt: skip
    found += [f"{title}: a sheet that was not built; not in the scenario" for title in book.sheetnames
              if title not in built.sheetnames]  # fmt: skip
    for page in built:
        now = book[page.title]
        found += [f"{page.title}: the figures are not as built; {STANDS}"] * (_drawn(page) != _drawn(now))
        other = [c for row in page for c in row if c.value is not None and (page.title, c.coordinate) not in free
                 and not _same(c, now[c.coordinate])]  # fmt: skip
        for c in other[:MOST]:
            what, there = "formula" if c.data_type == "f" else "cell", now[c.coordinate]
            held = f"holds it as text: {there.value}" if str(there.value) == c.value else f"holds {there.value}"
            found.append(f"{page.title}!{c.coordinate}: the {what} {c.value} now {held}; not in the scenario")
        looks = [c.coordinate for row in page for c in row if c.value is not None and page.title != HIDDEN
                 and (page.title, c.coordinate) not in free and _form(c) != _form(now[c.coordinate])]  # fmt: skip
        found += [f"{page.title}!{at}: the format is now {now[at].number_format}; what is shown is not what was computed"
                  for at in looks[:MOST]]  # fmt: skip
        more = [c.coordinate for row in now for c in row if c.value is not None and page[c.coordinate].value is None
                and (page.title, c.coordinate) not in free]  # fmt: skip
        found += [f"{page.title}!{', '.join(more[:MOST])}: not built; not in the scenario"] if more else []
        if len(other) > MOST:
            found.append(f"{page.title}: {number(len(other) - MOST)} more cells are not as built")
    return found


def _drawn(page) -> list[list[str]]:
    """Return the cells that each figure of a sheet draws."""
    return sorted([re.sub("[$']", "", one.val.numRef.f) for one in chart.series] for chart in page._charts)


def _named(book, name: str) -> str:
    there = book.defined_names.get(name)
    return re.sub(r"[\s'$]", "", there.attr_text or "") if there is not None else ""


def _form(cell) -> str:
    """Return a number format in one spelling: a program that saves the file may write signs in quotation marks or escaped."""
    escaped = re.sub('"([^"]*)"', lambda text: re.sub("(.)", r"\\\1", text[1]), cell.number_format)
    return re.sub("\\\\([-+\N{MINUS SIGN}])", r"\1", escaped)


def _same(one, other) -> bool:
    # a program that saves the file writes formulas in its own way
    if (one.data_type == "f") != (other.data_type == "f"):
        return False
    if one.data_type == "f":
        return re.sub(r"[\s'$]", "", str(one.value)) == re.sub(r"[\s'$]", "", str(other.value))
    return _equal(one.value, other.value)


def _equal(one, other) -> bool:
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other)]
    if all(numbers):
        return math.isclose(one, other, rel_tol=1e-12)
    if any(numbers):
        return False
    return one == other


def _other_rules(scenario: Scenario) -> str:
    return next((c.value for c in scenario.changes if c.parameter == RULES), OLD_RULES)


def _rules(day: str) -> str:
    return LAYOUT["rules"].format(day=format_date(dt.date.fromisoformat(day), "d. MMMM y", locale="da"))


def _fill(scenario: Scenario, frame: Frame) -> tuple[openpyxl.Workbook, dict[tuple[str, str], int]]:
    """Return the workbook, and the row of each input by parameter and line."""
    cost(scenario.changes, frame)  # stops here when the scenario cannot be run for the area
    days = (f"{frame.years[0]}-06-30", _other_rules(scenario))
    shipped = scenarios.shipped()
    words = _words(scenario, frame, days) | _in_danish(scenario, shipped)
    asked = formulas.inputs(frame, scenario.changes)
    given = givens(frame, days, _others(scenario, frame, shipped))
    book, sets = Book(words, frame.years), formulas.sets_of(frame, asked, given)
    page = book.pages
    for text in TOLD[START]["text"]:
        page[START].paragraph(text.format(**words))
    _write_sources(page[SOURCES])
    formulas.write_rates(page[RATES], page[SOURCES], given)
    _write_ranges(page[SOURCES], asked)
    page[INPUTS].years()
    for block in TOLD[INPUTS]["block"]:
        write_block(page[INPUTS], block, sets)
    rows = formulas.write_inputs(page[INPUTS], asked, frame)
    for title in (CALCULATION, RESULT):
        page[title].years(*TOLD[title].get("ends", ()))
        for block in TOLD[title]["block"]:
            write_block(page[title], block, sets)
    formulas.write_checks(page[CHECKS], asked, sets)
    book.settle()
    told = book.book.properties
    told.title, told.creator, told.language = LAYOUT["title"].format(name=words["name"]), "ballerup-analysis", "da-DK"
    kept = book.book.create_sheet(HIDDEN)
    kept.sheet_state, kept.protection.sheet = "hidden", True
    for cell, text in (("A1", scenarios.write(scenario)), ("A2", frame.area)):
        page[START].text(kept[cell], text)
    return book.book, rows


def _words(scenario: Scenario, frame: Frame, days: tuple[str, str]) -> dict[str, str]:
    """Return what the texts of the sheets are filled in with."""
    kind = frame.name.partition(" ")[0]
    first, last = frame.years[0], frame.years[-1]
    level = LAYOUT["levels"].get(frame.price_level) or LAYOUT["levels"]["year"].format(level=frame.price_level)
    status = (LAYOUT["status"].get(one, one) for one in frame.status)
    return {
        "area": area_name(frame.area), "code": f"{frame.area} {area_name(frame.area)}", "baseline": LAYOUT["baselines"][kind].format(first=first, last=last), "level": level, "Level": capital(level),
        "years": ", ".join(f"{year} ({one})" for year, one in zip(frame.years, status, strict=True)),
        "inhabitants": number(frame.inhabitants), "hash": frame.hash, "periods": _periods(kind), "persons": persons_words(frame, "da"),
        "bridge": LAYOUT["bridge"][kind].format(first=first), "starts": str(frame.start), "rules_today": _rules(days[0]), "rules_other": _rules(days[1]),
    }  # fmt: skip


def _in_danish(scenario: Scenario, shipped: dict[str, Scenario]) -> dict[str, str]:
    """Return the name and reason of a scenario; of a shipped one in Danish."""
    same = next((key for key, one in shipped.items() if (one.name, one.why) == (scenario.name, scenario.why)), "")
    told = {"name": words("scenario_names"), "why": words("scenario_reasons")}
    return {field: by_key.get(same, getattr(scenario, field)) for field, by_key in told.items()}


def _periods(kind: str) -> str:
    """Return the last period of each public series behind a kind of baseline."""
    tables = {told.get(kind, told.get("any", [""]))[0] for told in LAYOUT["origins"].values()}
    tables = {name for name in tables if "." not in name}  # a paper has no period
    paths = catalogue().set_index("name")["path"]
    ends = {name: re.search(r"_(\d{4}(?:[MQ]\d+)?)\.csv", paths[name]) for name in sorted(tables & set(paths.index))}
    return "; ".join(f"{LAYOUT['series'].get(name, name.upper())} {place(end[1])}" for name, end in ends.items() if end)


def _others(scenario: Scenario, frame: Frame, shipped: dict[str, Scenario]) -> dict[str, tuple[Change, ...]]:
    """Return what the shipped scenarios change, by their Danish names: those the frame can have, but for this one."""
    found = {}
    for key, one in shipped.items():
        try:
            cost(one.changes, frame)
        except ScenarioError:
            continue
        if one.changes and set(one.changes) != set(scenario.changes):
            found[words("scenario_names")[key]] = one.changes
    return found


def _write_sources(page) -> None:
    page.row -= 1
    page.freeze(page.head(*page.told["columns"]) + 1, 2)


def _write_ranges(page, asked: list[Input]) -> None:
    page.head(*page.told["ranges"])
    for name in dict.fromkeys(one.parameter for one in asked if one.parameter != RULES):
        p = PARAMETERS[name]
        between = LAYOUT["between"].format(low=number(p.low, 2), high=number(p.high, 2))
        page.add("", capital(p.words[0]), between, p.unit[0], p.reason[0], DANISH_EVIDENCE["assumed"], wrap=6)
