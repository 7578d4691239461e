"""The sheets of the workbook: cells with their look and place, and templates that become formulas when all have a place."""

from __future__ import annotations

import functools
import math
import re
import tomllib
from pathlib import Path

import openpyxl
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter as letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties

LAYOUT = tomllib.loads(Path(__file__).with_name("workbook.toml").read_text(encoding="utf-8"))
FORMS, FONT = LAYOUT["forms"], LAYOUT["font"]
TOLD = {sheet["title"]: sheet for sheet in LAYOUT["sheet"]}
START, INPUTS, CALCULATION, RESULT, CHECKS, RATES, SOURCES = TOLD
FIRST = 3  # the column of the first year
SEP = "\x1f"  # between a line and its step, or a parameter and its line
YEAR_WIDTH = 13
FEWEST = 6  # columns that a sheet with years has at least
YELLOW, BLUE, GREEN, RED = (PatternFill("solid", c, c) for c in ("FFF2CC", "DCE6F1", "C6E7CE", "F8C9C4"))
WRAPPED, ON_TOP = (Alignment(wrap_text=True, vertical=where) for where in (None, "top"))
RIGHT, TO_RIGHT = (Alignment(horizontal="right", wrap_text=wrap) for wrap in (None, True))
EDGE, OPEN = Border(*[Side(style="thin", color="7F7F7F")] * 4), Protection(locked=False)
TOP = 4  # rows above the first heading
BROAD, LINE_HEIGHT = 0.88, 13.5  # columns a character takes, points
PLACE = re.compile(r"\{([\w.]+)([*1]?)(?::([^}]*))?\}")


class Template(str):
    """A formula in which ``{name}`` stands for a cell; see ``workbook.toml``."""


@functools.cache
def font(**look) -> Font:
    """Return the one font of the workbook, with a look."""
    return Font(name=FONT, **({"size": LAYOUT["size"]} | look))


class Book:
    """A workbook in the making: where every named cell is, and the templates that wait for it."""

    def __init__(self, words: dict[str, str], years: tuple[int, ...]):
        self.book, self.words, self.years = openpyxl.Workbook(), words, years
        self.book.remove(self.book.active)
        self.at: dict[tuple[str, str], str] = {}
        self.waiting: list[tuple] = []
        self.status = FIRST + max(len(years), FEWEST)
        self.pages = {title: Page(self, told) for title, told in TOLD.items()}

    def name(self, name: str, cells: str) -> None:
        """Name some cells, such as ``Satser!$C$9``, for people and formulas."""
        self.book.defined_names[name] = DefinedName(name, attr_text=cells)

    def resolve(self, template: str, cell, key: str = "") -> str:
        """Return a template as the formula of a cell, for a line or a line's step."""
        here, column = f"{cell.parent.title}!", cell.column_letter
        last = letter(FIRST + len(self.years) - 1)
        own = {
            "before": f"{letter(cell.column - 1)}{cell.row}",
            "spell": f"$B{cell.row}",
            "n": str(cell.row),
            "above": str(cell.row - 1),
            "row": f"${letter(FIRST)}{cell.row}:${last}{cell.row}",
        }

        def found(match):
            name, how, other = match.groups()
            if name in own:
                return own[name]
            keys = (key, key.partition(SEP)[0], "") if other is None else (other,)
            there = [self.at[name + how, one] for one in keys if (name + how, one) in self.at]
            if not there:
                raise KeyError(f"{template} of {key!r} asks for {name + how}")
            return there[0]

        return "=" + PLACE.sub(found, template).replace("§", column).replace(here, "")

    def settle(self) -> None:
        """Turn every template into a formula, and finish every sheet."""
        head = self.at["years", CALCULATION].rpartition("$")[2]
        self.at["year", ""] = f"{CALCULATION}!§${head}"
        for name, column in (("first_year", FIRST), ("last_year", FIRST + len(self.years) - 1)):
            self.at[name, ""] = f"{CALCULATION}!${letter(column)}${head}"
        for cell, template, key in self.waiting:
            cell.value = self.resolve(template, cell, key)
        for page in self.pages.values():
            page.finish()


class Page:
    """A sheet written from the top, row by row."""

    def __init__(self, book: Book, told: dict):
        self.book, self.told, self.row, self.rules = book, told, 0, []
        self.sheet = book.book.create_sheet(told["title"])
        self.by_year = len(told["widths"]) == FIRST - 1  # then come the years
        more = book.status - FIRST + 1 + ("told" in told) if self.by_year else 0
        self.widths = [*told["widths"], *[YEAR_WIDTH] * more]
        for column, width in enumerate(self.widths, 1):
            self.sheet.column_dimensions[letter(column)].width = width
        self.add(told["heading"].format(**book.words))
        self.sheet["A1"].font = font(bold=True, size=LAYOUT["size"] + 5)
        self.add(CHECKS, Template("kontrol"))
        self.judge("B2")
        if note := told.get("note"):
            self.add(note.format(**book.words))
        self.row += 1

    def add(self, *cells, form: str = "whole", key: str = "", wrap: int = 0) -> int:
        """Write one row, numbers and formulas in a format, the first ``wrap`` cells broken into lines; return its number."""
        self.row += 1
        for column, value in enumerate(cells, 1):
            if isinstance(value, Template) or value != "":
                cell = self.put(column, value, form if column != FIRST - 1 else "whole", key)
                if isinstance(cell.value, str):
                    self._fit(cell, column <= wrap)
        return self.row

    def _fit(self, cell, wrap: bool) -> None:
        """Put text to the side it belongs, and make its row as high as it needs."""
        lines = math.ceil(len(cell.value) * BROAD / self.widths[cell.column - 1]) if wrap else 1
        if self.by_year and cell.column >= FIRST:
            cell.alignment = TO_RIGHT if lines > 1 else RIGHT
        elif lines > 1 or (wrap and not self.by_year):
            cell.alignment = WRAPPED if self.by_year else ON_TOP
        if lines > 1:
            row = self.sheet.row_dimensions[cell.row]
            row.height = max(row.height or 0, lines * LINE_HEIGHT)

    def put(self, column: int, value, form: str = "whole", key: str = ""):
        """Write one cell of the present row; return it."""
        cell = self.sheet.cell(self.row, column)
        if isinstance(value, Template):
            self.book.waiting.append((cell, value, key))
            cell.number_format = FORMS[form]
        elif isinstance(value, str):
            self.text(cell, value)
        else:
            cell.value, cell.number_format = float(value) if value % 1 else int(value), FORMS[form]
        return cell

    def text(self, cell, value: str) -> None:
        """Write text, which is never a formula, whatever it begins with."""
        cell.value = value
        cell.data_type, cell.quotePrefix = "s", value[:1] in tuple("=+-@")

    def head(self, *cells) -> int:
        """Write a row of column headings, after an empty one."""
        self.row += self.row > TOP
        n = self.add(*cells, form="year", wrap=len(cells))
        for column in range(1, len(self.widths) + 1):
            cell = self.sheet.cell(n, column)
            cell.font, cell.fill = font(bold=True), BLUE
        return n

    def years(self, *ends: str) -> None:
        """Write the row of years, which stays in sight."""
        n = self.head(self.told.get("years", LAYOUT["year"]), LAYOUT["unit"], *self.book.years, *ends)
        self.book.at["years", self.sheet.title] = f"{self.sheet.title}!${letter(FIRST)}${n}"
        self.freeze(n + 1)

    def paragraph(self, text: str) -> None:
        """Write a row of text across the sheet; one that begins with # is a heading."""
        if text[0] == "#":
            self.head(text[1:])
        else:
            self.add(text, wrap=1)

    def freeze(self, row: int, columns: int = 1) -> None:
        """Keep the rows above, and the first columns, in sight and on every printed page."""
        self.sheet.freeze_panes = f"{letter(columns + 1)}{row}"
        self.sheet.print_title_rows = f"{row - 1}:{row - 1}"

    def line(self, name: str, key: str, label: str, unit, *values, form: str) -> int:
        """Write a row of years and note its cells under a name."""
        n = self.add(label, unit, *values, form=form, key=key, wrap=1)
        if name:
            self.book.at[name, key] = f"{self.sheet.title}!§{n}"
        if known := LAYOUT["row_names"].get(name):
            last = letter(FIRST + len(self.book.years) - 1)
            self.book.name(known, f"{self.sheet.title}!${letter(FIRST)}${n}:${last}${n}")
        return n

    def open_cell(self, cell) -> None:
        """Let a cell be changed."""
        cell.fill, cell.border, cell.protection = YELLOW, EDGE, OPEN

    def allow(self, rule, cell: str) -> None:
        """Let a rule say what may be typed into a cell."""
        rule.showErrorMessage = rule.showInputMessage = True
        rule.add(cell)
        if rule not in self.rules:
            self.rules.append(rule)
            self.sheet.add_data_validation(rule)

    def link(self, cell, to: str) -> None:
        """Lead from a cell to others."""
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=to)
        cell.font = font(color="1F4E79", underline="single")

    def judge(self, cells: str) -> None:
        """Colour cells that say whether something holds."""
        for word, fill in ((LAYOUT["ok"], GREEN), (LAYOUT["wrong"], RED)):
            rule = CellIsRule(operator="equal", formula=[f'"{word}"'], fill=fill, font=Font(bold=True))
            self.sheet.conditional_formatting.add(cells, rule)

    def finish(self) -> None:
        """Set how the sheet is printed, and protect it without a password."""
        sheet, setup = self.sheet, self.sheet.page_setup
        setup.orientation, setup.paperSize, setup.fitToHeight = (
            "landscape",
            sheet.PAPERSIZE_A4,
            self.told.get("one_page", 0),
        )
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        sheet.page_margins.left = sheet.page_margins.right = 0.4
        sheet.oddFooter.center.text, sheet.oddFooter.center.font = LAYOUT["footer"], FONT
        sheet.print_area = f"A1:{letter(sheet.max_column)}{sheet.max_row}"
        sheet.sheet_view.showGridLines = False
        sheet.protection.sheet, sheet.protection.formatColumns, sheet.protection.formatRows = True, False, False
