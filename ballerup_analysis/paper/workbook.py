"""The workbook: inputs, rates, calculation and results as living formulas, and an edited one read back as a scenario."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import ParseError
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Border, PatternFill, Side
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation

from ballerup_analysis import scenarios
from ballerup_analysis.costing import PARAMETERS, RULES, Change, ScenarioError, base_of, cost, rows_of
from ballerup_analysis.frame import Frame
from ballerup_analysis.paper import formulas, sheets
from ballerup_analysis.paper.sheets import INPUTS, SHEETS, SOURCES
from ballerup_analysis.scenarios import Scenario
from ballerup_analysis.sources import HOME, DataError, area_name, write_aside

NAME, WHY, AREA, TOLD = "C3", "C4", "C5", "B3"  # of the first sheet; the last is of the sources: the scenario as built
RULES_OF = "regler pr. "  # a bare date would be turned into a date by the program that picks it from the list
OLD_RULES = "2015-06-30"  # before the reform of 2016: offered where the scenario names none
MOST = 10  # warnings told one by one for each sheet


def build(path: Path, scenario: Scenario | None = None, area: str = HOME) -> Path:
    """Write the workbook of a scenario, the 2017 budget unless given; whole or untouched.

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
    book, raw = _fill(scenario or Scenario("Budget 2017 som trykt", "", "budget_2017"), area)[0], io.BytesIO()
    book.save(raw)
    write_aside(path, _timeless(raw))
    return path


def _timeless(raw: io.BytesIO) -> bytes:
    """Return the file without the moment it was made, so that the same scenario gives the same bytes."""
    out = io.BytesIO()
    with ZipFile(raw) as made, ZipFile(out, "w", ZIP_DEFLATED) as kept:
        for name in made.namelist():
            text = made.read(name)
            if name == "docProps/core.xml":
                text = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", b"2017-01-01T00:00:00Z", text)
            kept.writestr(ZipInfo(name), text, ZIP_DEFLATED)
    return out.getvalue()


def read_back(path: Path) -> tuple[Scenario, list[str]]:
    """Return the scenario an edited workbook holds, and warnings.

    Warned of: a cell other than an input that is not as built, a value outside its plausible range, and an input that
    no scenario can hold, which is left out.

    Raises
    ------
    DataError
        When the file is no workbook of :func:`build`, or its inputs have been moved.
    """
    try:
        book = openpyxl.load_workbook(path)
    except (OSError, KeyError, ValueError, BadZipFile, InvalidFileException, ParseError) as error:
        raise DataError(f"{path} cannot be read as a workbook: {error}") from None
    if missing := [name for name in SHEETS if name not in book.sheetnames]:
        raise DataError(f"{path} has no sheet {', '.join(missing)}; give a workbook made by this project")
    told, area = book[INPUTS], str(book[INPUTS][AREA].value)[:3]
    original = scenarios.read(str(book[SOURCES][TOLD].value), f"{path}, {SOURCES}!{TOLD}")
    built, inputs, frame = _fill(original, area)
    if moved := [n for n in inputs.values() if told[f"J{n}"].value != built[INPUTS][f"J{n}"].value]:
        raise DataError(f"{path}, {INPUTS}!J{moved[0]}: rows have been moved; build the workbook anew and edit that")
    line_of = {line.benefit: line.row for line in frame.lines if line.benefit}
    warnings, kept = [], {(c.parameter, line_of.get(c.row, c.row)): c for c in original.changes}
    for (parameter, row), n in inputs.items():
        value, start, standard = told[f"C{n}"].value, told[f"D{n}"].value, built[INPUTS][f"E{n}"].value
        if _same(value, built[INPUTS][f"C{n}"].value) and _same(start, built[INPUTS][f"D{n}"].value):
            continue
        kept.pop((parameter, row), None)
        value = 0 if value is None and parameter in PARAMETERS and not row else value  # as the formulas have it
        if value is None or _same(value, standard):
            continue
        try:
            if parameter == RULES and value == RULES_OF + _other_rules(original):
                value = value.removeprefix(RULES_OF)
            elif type(value) not in (int, float):
                raise ScenarioError(
                    f"{parameter} is {value!r}; it must be a typed number, or for {RULES} one on the list"
                )
            change = Change(parameter, value, start, row)
            cost((change,), frame)  # stops here when the frame cannot have it
            kept[parameter, row] = change
            if change.implausible:
                warnings.append(f"{INPUTS}!C{n}: {change.implausible}")
        except ScenarioError as error:
            warnings.append(f"{INPUTS}!{'D' if 'starts in' in str(error) else 'C'}{n}: {error}; left out")
    free = {(INPUTS, f"{c}{n}") for n in inputs.values() for c in "CD"} | {(INPUTS, NAME), (INPUTS, WHY)}
    for page in built:
        now = book[page.title]
        other = [c for row in page for c in row if c.value is not None and (page.title, c.coordinate) not in free
                 and not _same(c.value, now[c.coordinate].value)]  # fmt: skip
        for c in other[:MOST]:
            what, found = "formula" if c.data_type == "f" else "cell", now[c.coordinate].value
            warnings.append(f"{page.title}!{c.coordinate}: the {what} {c.value} now holds {found}; not in the scenario")
        if len(other) > MOST:
            warnings.append(f"{page.title}: {len(other) - MOST} more cells are not as built")
    name, why = (str(told[cell].value or "") for cell in (NAME, WHY))
    return replace(original, name=name, why=why, changes=tuple(kept.values())), warnings


def _same(one, other) -> bool:
    # a program that saves the file writes formulas in its own way
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=1e-12)
    return one is other or re.sub(r"[\s'$]", "", str(one)) == re.sub(r"[\s'$]", "", str(other))


def _other_rules(scenario: Scenario) -> str:
    return next((c.value for c in scenario.changes if c.parameter == RULES), OLD_RULES)


def _fill(scenario: Scenario, area: str) -> tuple[openpyxl.Workbook, dict, Frame]:
    """Return the workbook, the row of each input by parameter and line, and the baseline."""
    frame = scenarios.frame_of(scenario, area)
    cost(scenario.changes, frame)  # stops here when the scenario cannot be run for the area
    book, at, rules = openpyxl.Workbook(), {}, _other_rules(scenario)
    book.remove(book.active)
    told = book.properties
    told.title, told.language = ILLEGAL_CHARACTERS_RE.sub("", f"Bilag: {scenario.name}"), "da-DK"
    told.creator = "ballerup-analysis"
    years = [14] * 5
    page = {name: sheets.Page(book, name, *rest) for name, *rest in (
        (INPUTS, "Forudsætninger", "Kun de indrammede celler er til at rette: navn, begrundelse, værdi og gælder fra. "
         "En tom celle for en linje: som for alle linjer. Lavest og højest er antaget.", 44, 54, 24, 12, 24, 9, 9, 18, 14, 20),
        (sheets.RATES, "Satser og tal, som de er offentliggjort", "Hvert tal står med sin kilde her; tabel, række og fil "
         "står på Kilder.", 50, 18, *years, 16, 80),
        (sheets.EXIT, "Afgangsraten, der giver de trykte personer i 2017", "Én rate for alle linjer er antaget. Den er "
         "fundet ved sekantmetoden fra to prøver.", 60, 16, *[14] * 10),
        (sheets.CALCULATION, "Beregning", "2017-priser, hvor andet ikke står. Alt er formler.", 56, 18, *years),
        (sheets.RESULT, "Resultat", "Alt er formler. + er dyrere for den, der betaler, end budget 2017. "
         "Personer pr. linje er udledt, afgangsraten og de plausible spænd antaget.", 60, 18, *years),
        (SOURCES, "Kilder", "Scenariet, som arket blev bygget af, og hvor hvert tal på Satser står.", 50, 20, 30, 60, 46, 60, 16),
    )}  # fmt: skip
    found = _write_inputs(page[INPUTS], scenario, frame, at)
    page[SOURCES].add("Scenariet (rettes ikke)", scenarios.write(scenario))
    page[SOURCES].head("Tal", "Celler", "Tabel", "Række", "Fil", "Kilde", "Status", freeze=True)
    sheets.write_rates(page[sheets.RATES], page[SOURCES], frame, rules, at)
    formulas.write_exit_rate(book, page[sheets.EXIT], page[SOURCES], frame, at)
    formulas.write_calculation(page[sheets.CALCULATION], frame, rules, at)
    formulas.write_results(page[sheets.RESULT], frame, at)
    return book, found, frame


def _write_inputs(page: sheets.Page, scenario: Scenario, frame: Frame, at: dict) -> dict:
    page.add("Scenariets navn", "", scenario.name)
    page.add("Begrundelse", "", scenario.why)
    page.add("Område", "", f"{frame.area} {area_name(frame.area)}")
    page.head("Forudsætning", "Linje", "Værdi (rettes her)", "Gælder fra", "Budget 2017", "Lavest", "Højest", "Enhed",
              "Bygget med", "Nøgle", freeze=True)  # fmt: skip
    whole = [name for name, p in PARAMETERS.items() if p.by != "each"]
    keys = [(name, "") for name in whole if frame.promised or not name.startswith("sickness")] + [(RULES, "")]
    keys += [(name, row) for name, p in PARAMETERS.items() if p.by != "frame" for row in rows_of(name, frame)]
    line_of = {line.benefit: line.row for line in frame.lines if line.benefit}
    given, found = {(c.parameter, line_of.get(c.row, c.row)): c for c in scenario.changes}, {}
    starts = DataValidation("whole", formula1=str(frame.years[0]), formula2=str(frame.years[-1]))
    for name, row in keys:
        change = given.get((name, row))
        if name == RULES:
            options = (RULES_OF + sheets.TODAY, RULES_OF + _other_rules(scenario))
            words, standard, value = ("Refusionsregler", "", "", "vælg"), options[0], options[change is not None]
            allowed = DataValidation("list", formula1=f'"{",".join(options)}"')
        else:
            p = PARAMETERS[name]
            words, standard = (
                (p.words[0][:1].upper() + p.words[0][1:], p.low, p.high, p.unit[0]),
                "" if row else base_of(name, frame),
            )
            value = change.amount if change else standard
            allowed = DataValidation("decimal", formula1=str(max(p.least, -1e9)), formula2=str(min(p.most, 1e9)))
            allowed.prompt = f"Plausibelt (antaget): {p.low} til {p.high}"
        start, built_with = (change.start or frame.years[1], str(change.value)) if change else (frame.years[1], "")
        line = row or ("alle linjer" if name in PARAMETERS and PARAMETERS[name].by == "line" else "")
        n = page.add(words[0], line, value, start, standard, *words[1:], built_with, name, form="General")
        found[name, row] = n
        for rule, cell in ((allowed, f"C{n}"), (starts, f"D{n}")):
            rule.showErrorMessage = rule.showInputMessage = True
            rule.add(cell)
        page.sheet.add_data_validation(allowed)
        at |= {
            (f"{name}.{part}", row): f"{INPUTS}!${c}${n}"
            for part, c in zip(("value", "start", "base"), "CDE", strict=True)
        }
    page.sheet.add_data_validation(starts)
    for cell in (NAME, WHY, *(f"{c}{n}" for n in found.values() for c in "CD")):
        page.sheet[cell].fill, page.sheet[cell].border = PatternFill("solid", "FFF4CC"), Border(*[Side("medium")] * 4)
    return found
