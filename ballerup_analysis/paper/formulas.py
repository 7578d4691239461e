"""The blocks of the workbook, from inputs and given numbers to the result: the formulas of :mod:`ballerup_analysis.costing`."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

import numpy as np
from openpyxl.chart import BarChart, LineChart, Reference, Series
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.text import CharacterProperties, Paragraph, RegularTextRun
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.pagebreak import Break

from ballerup_analysis.costing import PARAMETERS, RULES, Change, base_of, rows_of
from ballerup_analysis.danish import number
from ballerup_analysis.frame import Frame
from ballerup_analysis.paper.givens import Given
from ballerup_analysis.paper.sheets import (
    FIRST,
    FORMS,
    LAYOUT,
    LINE_HEIGHT,
    ON_TOP,
    RIGHT,
    SEP,
    TO_RIGHT,
    Book,
    Page,
    Template,
    letter,
)
from ballerup_analysis.refusion import STEPS

NAME, WHY = "B9", "B10"  # of the inputs
SOURCES_BEFORE = 4  # rows above the first source
CHARTS = {"line": LineChart, "bar": BarChart}


@dataclass(frozen=True)
class Input:
    """Something that may be typed: a parameter, for a line or for all, and what was typed when the workbook was built."""

    parameter: str
    row: str
    change: Change | None

    @property
    def label(self) -> str:
        """What is typed, in Danish."""
        return LAYOUT["rules_label"] if self.parameter == RULES else capital(PARAMETERS[self.parameter].words[0])

    @property
    def key(self) -> str:
        """Its place among the formulas."""
        return f"{self.parameter}{SEP}{self.row}" if self.row else self.parameter


def inputs(frame: Frame, changes: tuple[Change, ...]) -> list[Input]:
    """Return everything that may be typed, in the order of the sheet."""
    line_of = {line.benefit: line.row for line in frame.lines if line.benefit}
    given = {(c.parameter, line_of.get(c.row, c.row)): c for c in changes}
    whole = [name for name, p in PARAMETERS.items() if p.by != "each"]
    keys = [(name, "") for name in whole if frame.promised or not name.startswith("sickness")] + [(RULES, "")]
    keys += [(name, row) for name, p in PARAMETERS.items() if p.by != "frame" for row in rows_of(name, frame)]
    return [Input(*key, given.get(key)) for key in keys]


def sets_of(frame: Frame, asked: list[Input], given: dict[str, list[Given]]) -> dict[str, dict[str, str]]:
    """Return the rows a block may have: their keys and labels, by the name of the set."""
    rows = np.array(frame.rows)
    kinds, benefits = (np.array([getattr(line, what) for line in frame.lines]) for what in ("kind", "benefit"))
    chosen = {
        "lines": rows, "ladder": rows[frame.on_ladder], "benefit": rows[kinds == "benefit"], "activation": rows[kinds == "activation"],
        "cyclical": rows[frame.cyclical > 0], "sickness": rows[(benefits == "sygedagpenge") & bool(frame.promised)],
    }  # fmt: skip
    sets = {name: {row: row for row in some.tolist()} for name, some in chosen.items()}
    for name, of in (("steps", "ladder"), ("cyclical_steps", "cyclical")):
        named = {f"{row}{SEP}{k}": (row, step) for row in sets[of] for k, step in enumerate(STEPS)}
        sets[name] = {key: LAYOUT["step"].format(line=row, step=step) for key, (row, step) in named.items()}
    sets["first"] = {f"{row}{SEP}0": row for row in sets["ladder"]}
    sets["leavers"] = {row: row for row in rows_of("exit_rate_pct", frame)}
    whole = [one.parameter for one in asked if not one.row and one.parameter != RULES]
    sets["whole"] = {name: capital(PARAMETERS[name].words[0]) for name in whole}
    sets["live"] = {"": LAYOUT["live"]}
    sets["scenarios"] = sets["live"] | {one.key: one.label for one in given["other_scenario"]}
    sets["printed"] = {one.key: one.label for one in given.get("printed_total", ())}
    return sets


def capital(text: str) -> str:
    """Return text with a capital first letter."""
    return text[:1].upper() + text[1:]


def write_block(page: Page, block: dict, sets: dict) -> None:
    """Write a block of the layout: its heading, and a row of formulas for each line it is about."""
    book = page.book
    if block.get("new_page"):
        page.sheet.row_breaks.append(Break(id=page.row))
    if "charts" in block:
        return _draw(page, block)
    if "lines" in block:
        told = block["lines"] + (block.get("home", []) if ("gain", "") in book.at else [])
        lines = [(name, label.format(**book.words), *rest, "") for name, label, *rest in told]
    else:
        lines = _lines(block, sets)
    if not lines:
        return None
    if block.get("title"):
        page.head(block["title"], block.get("unit", ""), *([LAYOUT["value"]] if block.get("single") else []))
    first, columns = page.row + 1, 1 if block.get("single") else len(book.years)
    for name, label, unit, template, form, key in lines:
        cells = [Template(template)] * columns + [Template("SUM({row})")] * block.get("total", False)
        page.line(name, key, label, unit, *cells, form=form)
        if "check" in block:
            verdict = f"IF(MAX(MAX({{row}}),-MIN({{row}}))<={block['check']},ok,fejl)"
            page.put(book.status, Template(verdict)).alignment = RIGHT
    if name := block.get("name"):
        _ranges(book, name, f"{page.sheet.title}!§{{}}", [line[-1] for line in lines], first)
    return None


def _lines(block: dict, sets: dict) -> list[tuple]:
    """Return name, label, unit, template, form and key of each row; the first set that holds a row decides its formula."""
    told, rows = block["formula"], sets[block["rows"]] if "rows" in block else {"": block["title"]}
    found = []
    for key, label in rows.items():
        template = told if isinstance(told, str) else next(text for name, text in told.items() if key in sets[name])
        unit = Template("{spells}") if key in sets["steps"] else PARAMETERS[key].unit[0] if key in PARAMETERS else ""
        found.append((block.get("name", ""), label, unit, template, block["form"], key))
    return found


def _ranges(book: Book, name: str, cell: str, keys: list[str], first: int) -> None:
    """Note where all rows of a block are, and the steps of each line."""
    book.at[f"{name}*", ""] = f"{cell.format(first)}:{cell.partition('!')[2].format(first + len(keys) - 1)}"
    of_line: dict[str, list[int]] = {}
    for n, key in enumerate(keys, first):
        if SEP in key:
            of_line.setdefault(key.partition(SEP)[0], []).append(n)
    for line, there in of_line.items():
        book.at[f"{name}1", line] = cell.format(there[0])
        book.at[f"{name}*", line] = f"{cell.format(there[0])}:{cell.partition('!')[2].format(there[-1])}"


def _draw(page: Page, block: dict) -> None:
    sheet, years, shape = page.sheet, len(page.book.years), LAYOUT["charts"]
    page.head(block["title"])
    for at, told in enumerate(block["charts"]):
        chart = CHARTS[told["kind"]]()
        chart.title = Title(tx=Text(rich=_rich(told["title"])))
        chart.width, chart.height = shape["width_cm"], shape["height_cm"]
        chart.x_axis.delete = chart.y_axis.delete = False
        chart.x_axis.tickLblPos, chart.y_axis.numFmt, chart.legend.position = "low", "#,##0", "b"
        for name, color in zip(told["series"], block["colors"], strict=True):
            n = int(page.book.at[name, ""].rpartition("§")[2])
            series = Series(Reference(sheet, FIRST, n, FIRST + years - 1), title=block["names"][name])
            series.graphicalProperties = GraphicalProperties(solidFill=color)
            series.graphicalProperties.line.solidFill, series.smooth = color, False
            series.graphicalProperties.line.dashStyle = "dash" if name in told.get("dashed", ()) else None
            chart.series.append(series)
        head = int(page.book.at["years", sheet.title].rpartition("$")[2])
        chart.set_categories(Reference(sheet, FIRST, head, FIRST + years - 1))
        sheet.add_chart(chart, f"{'AC'[at]}{page.row + 1}")
    page.row += shape["rows"]


def _rich(text: str) -> RichText:
    look = CharacterProperties(**LAYOUT["charts"]["title"])
    return RichText(p=[Paragraph(r=[RegularTextRun(rPr=look, t=text)])])


def write_inputs(page: Page, asked: list[Input], frame: Frame) -> dict[tuple[str, str], int]:
    """Write what may be typed; return the row of each by parameter and line."""
    book, told, found = page.book, page.told, {}
    page.freeze(page.row + 1)
    page.row += 1
    for label, text in (
        (told["name"], book.words["name"]),
        (told["why"], book.words["why"]),
        (told["area"], book.words["code"]),
    ):
        n = page.add(label, text)
        page.sheet.merge_cells(f"B{n}:H{n}")
        page.sheet[f"A{n}"].alignment = page.sheet[f"B{n}"].alignment = ON_TOP
    page.sheet.row_dimensions[page.sheet[WHY].row].height = told["why_height"]
    years = DataValidation("whole", formula1=str(frame.open_years[0]), formula2=str(frame.open_years[-1]))
    years.prompt = LAYOUT["year_prompt"].format(first=frame.open_years[0], last=frame.open_years[-1])
    head, group = page.head(told["label"], LAYOUT["unit"], *told["columns"]), None
    page.put(book.status, told["note_column"]).alignment = RIGHT
    page.sheet.print_title_rows = f"{head}:{head}"
    for one in asked:
        if group != (group := one.parameter if one.row else ""):
            page.head(told["groups"][group])
        found[one.parameter, one.row] = n = _write_input(page, one, frame)
        if not one.row:
            book.name(re.sub(r"\W+", "_", one.label.lower()), f"{page.sheet.title}!$C${n}")
        page.allow(years, f"D{n}")
    for cell in (NAME, WHY, *(f"{c}{n}" for n in found.values() for c in "CD")):
        page.open_cell(page.sheet[cell])
    return found


def _write_input(page: Page, one: Input, frame: Frame) -> int:
    book, title = page.book, page.sheet.title
    start = (one.change.start if one.change else 0) or frame.start
    if one.parameter == RULES:
        options = (book.words["rules_today"], book.words["rules_other"])
        cells = (one.label, LAYOUT["rules_unit"], options[one.change is not None], start)
        allowed = DataValidation("list", formula1=f"={book.at['rules', '']}")
    else:
        p = PARAMETERS[one.parameter]
        base = "" if one.row else base_of(one.parameter, frame)
        label = page.told["all_lines"].format(name=one.label) if p.by == "line" else one.label
        value = one.change.amount if one.change else base
        cells = (one.row or label, p.unit[0], value, start, base, p.low, p.high)
        allowed = DataValidation("decimal", formula1=str(p.least), formula2=str(p.most))
        ends = {end: number(getattr(p, end), 1) for end in ("low", "high")}
        allowed.prompt = LAYOUT["prompt"].format(**ends, reason=p.reason[0])
    n = page.add(*cells, form="plain", wrap=1)
    page.put(book.status, Template(page.told["remark"]), key=one.key).alignment = RIGHT
    page.sheet[f"D{n}"].number_format = FORMS["year"]
    page.allow(allowed, f"C{n}")
    if one.parameter == RULES:  # text in a column of numbers
        page.sheet[f"C{n}"].alignment, page.sheet.row_dimensions[n].height = TO_RIGHT, 2 * LINE_HEIGHT
    for part, column in (("value", "C"), ("from", "D"), ("base", "E"), ("low", "F"), ("high", "G")):
        name = (f"{one.parameter}.{part}", one.row) if one.row else (part, one.parameter)
        book.at[name] = book.at[part, one.key] = f"{title}!${column}${n}"
    return n


def write_checks(page: Page, asked: list[Input], sets: dict) -> None:
    """Write the words of a check and the verdict on all, every block, and whether what is typed is possible."""
    book, told, title = page.book, page.told["judgement"][0], page.sheet.title
    page.head(told["title"])
    for name, label, text in told["lines"] + told["words"]:
        n = page.add(label, "", text if name in ("ok", "fejl", "uden_for") else Template(text))
        if name:
            book.name(name, f"{title}!$C${n}")
    page.years()
    first, column = page.row + 1, letter(book.status)
    for block in page.told["block"]:
        write_block(page, block, sets)
    page.sheet.row_breaks.append(Break(id=page.row))
    page.sheet.print_title_rows = None  # the years are no heads of what follows
    page.head(told["inputs"], "", *told["columns"])
    rows = []
    for one in asked:
        p = PARAMETERS.get(one.parameter)
        label = told["of_line"].format(name=one.label, line=one.row) if one.row else one.label
        ends = (p.least, p.most) if p else ("", "")
        tests = (told["number"], told["plausible"], told["year"]) if p else (told["rules"], "0", told["year"])
        n = page.add(
            label, "", Template(told["value"]), *ends, *map(Template, tests), form="plain", key=one.key, wrap=1
        )
        rows.append(n)
        page.put(book.status, Template(told["verdict"])).alignment = RIGHT
        book.at["verdict", one.key], book.at["beyond", one.key] = f"{title}!${column}${n}", f"{title}!$G${n}"
    book.at["beyond*", ""] = f"$G${rows[0]}:$G${rows[-1]}"
    book.at["checks", ""] = f"${column}${first}:${column}${page.row}"
    page.judge(f"{column}{first}:{column}{page.row}")
    page.judge(book.book.defined_names["kontrol"].attr_text.rpartition("!")[2])


def write_rates(page: Page, sources: Page, given: dict[str, list[Given]]) -> None:
    """Write every number with a link to where it stands, and in ``sources`` that."""
    book, told, title = page.book, page.told, page.sheet.title
    page.head(told["units"])
    for name, (label, unit, value) in LAYOUT["units"].items():
        n = page.add(label, unit, value, form="plain")
        book.name(name, f"{title}!$C${n}")
    page.head(told["rules"][0])
    for name, label in zip(("rules_today", "rules_other"), told["rules"][1:], strict=True):
        n = page.add(label, "", book.words[name])
        book.at[name, ""] = f"{title}!$C${n}"
    book.at["rules", ""] = f"{title}!$C${n - 1}:$C${n}"
    for block in told["figures"]:
        if rows := given.get(block["name"]):
            _write_given(page, sources, block, rows)
    page.head(*told["weeks"])
    first, weeks, wide = page.row + 1, list(range(1, LAYOUT["units"]["uger"][2] + 1)), told["weeks_wide"]
    for at in range(0, len(weeks), wide):
        page.add("", "", *weeks[at : at + wide])
    book.name("uge", f"{title}!$C${first}:${letter(FIRST + wide - 1)}${page.row}")


def _write_given(page: Page, sources: Page, block: dict, rows: list[Given]) -> None:
    """Write a block of numbers; rows of one source share their place among the sources."""
    book, title, name = page.book, page.sheet.title, block["name"]
    columns = [text.format(**book.words) for text in block.get("columns", ())] or book.years
    empty = [""] * (book.status - FIRST - len(columns))
    page.head(block["title"], block.get("unit", ""), *columns, *empty, *page.told["told"])
    first, last = page.row + 1, letter(FIRST + len(columns) - 1)
    for (source, evidence), group in itertools.groupby(rows, lambda one: (one.source, one.evidence)):
        some, top, k = list(group), page.row + 1, sources.row + 1
        for one in some:
            n = page.add(
                one.label, one.unit, *one.values, form=LAYOUT["unit_forms"].get(one.unit, block["form"]), wrap=1
            )
            page.put(book.status, evidence).alignment = RIGHT
            page.link(page.put(book.status + 1, k - SOURCES_BEFORE), f"{sources.sheet.title}!A{k}")
            for cell, column in zip(block.get("cells", [name]), "CDEFG", strict=False):
                there = f"{title}!${column}${n}" if "columns" in block else f"{title}!§{n}"
                book.at[(one.key, "") if name == "single" else (cell, one.key)] = there
        cells, label = f"{title}!C{top}:{last}{n}", block["title"] if len(some) > 1 else some[0].label
        lines = {one.key.partition(SEP)[0] for one in some if SEP in one.key}
        label = f"{label}: {lines.pop()}" if len(lines) == 1 and len(some) > 1 else label
        sources.add(k - SOURCES_BEFORE, label, cells, _place(some), source, evidence, wrap=6)
        sources.link(sources.sheet[f"C{k}"], cells)
        sources.sheet[f"A{k}"].alignment = ON_TOP
    for cell, column in zip(block.get("cells", [name]), "CDEFG", strict=False):
        place = f"{title}!${column}${{}}" if "columns" in block else f"{title}!§{{}}"
        _ranges(book, cell, place, [one.key for one in rows], first)


def _place(some: list[Given]) -> str:
    """Return where rows of one source stand in it: the lines of the file of rates, or the first and last row."""
    if lines := sorted({line for one in some for line in one.lines}):
        return LAYOUT["rate_line"].format(", ".join(map(str, lines)))
    ends = dict.fromkeys((some[0].label, some[-1].label))
    return LAYOUT["span"].join(ends)
