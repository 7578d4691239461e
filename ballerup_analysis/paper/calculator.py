"""The value of every formula of a workbook, computed as a spreadsheet does, and kept in the file beside the formula."""

from __future__ import annotations

import ast
import functools
import io
import re
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
from openpyxl.chart.data_source import NumData, NumVal
from openpyxl.utils import range_boundaries
from openpyxl.utils.escape import escape

TOKEN = re.compile(
    r"""(?P<text>"[^"]*")|(?P<cells>(?:(\w+)!)?\$?([A-Z]{1,2})\$?(\d+)(?::\$?([A-Z]{1,2})\$?(\d+))?)(?![\w(])"""
    r"""|(?P<call>[A-Z]+)\(|(?P<name>[a-zæøå_]\w*)|(?P<other><>|<=|>=|=|\^)"""
)
PYTHON = {"<>": "!=", "=": "==", "^": "**"}
CELL = re.compile(rb'<c r="([A-Z]+\d+)"((?: s="\d+")?)[^>]*><f>(.*?)</f><v ?/?>(?:</v>)?</c>', re.DOTALL)
MADE = datetime(2017, 1, 1)


class Blank(float):
    """An empty cell: zero, and equal to the empty text."""

    def __eq__(self, other):
        return other == "" or float(self) == other

    __hash__ = float.__hash__


class Wrong:
    """What a formula gives that cannot be computed; every formula that uses it gives the same."""


BLANK, WRONG = Blank(), Wrong()


def _numbers(values) -> list:
    flat = (one for value in values for one in np.ravel(np.asarray(value, dtype=object)))
    return [one for one in flat if not isinstance(one, str | Blank)]


def _all(values) -> list:
    return [one for value in values for one in np.ravel(np.asarray(value, dtype=object))]


FUNCTIONS = {
    "ABS": abs,
    "SUM": lambda *values: sum(_numbers(values)),
    "MIN": lambda *values: min(_numbers(values), default=0),
    "MAX": lambda *values: max(_numbers(values), default=0),
    "AVERAGE": lambda *values: sum(_numbers(values)) / len(_numbers(values)),
    "SUMPRODUCT": lambda values: float(np.sum(values)),
    "AND": lambda *values: all(values),
    "OR": lambda *values: any(values),
    "ISNUMBER": lambda value: not isinstance(value, str | Blank),
    "COUNTIF": lambda cells, wanted: sum(one == wanted for one in _all([cells])),
    "COUNTA": lambda *values: sum(not isinstance(one, Blank) for one in _all(values)),
}


class _Lazy(ast.NodeTransformer):
    # IF looks at one of its two sides
    def visit_Call(self, node):
        self.generic_visit(node)
        return ast.IfExp(*node.args) if getattr(node.func, "id", "") == "IF" else node


@functools.cache
def _code(text: str):
    return compile(ast.fix_missing_locations(_Lazy().visit(ast.parse(text, mode="eval"))), text, "eval")


class Calculator:
    """The values of a workbook.

    Examples
    --------
    >>> import openpyxl
    >>> book = openpyxl.Workbook()
    >>> for row in ((2, "=A1^3"), ("=IF(B1<>8,1/0,SUM(A1:B1))",)):
    ...     book.active.append(row)
    >>> Calculator(book).value("Sheet", "A2")
    10.0
    """

    def __init__(self, book):
        self.cells = {(s.title, c.coordinate): c for s in book for row in s for c in row if c.value is not None}
        self.names = {name: told.attr_text for name, told in book.defined_names.items()}
        self.known = {}

    def value(self, sheet: str, cell: str):
        """Return the value of a cell."""
        if (key := (sheet, cell)) not in self.known:
            there = self.cells.get(key)
            if there is None:
                self.known[key] = BLANK
            else:
                self.known[key] = self._run(there.value, sheet) if there.data_type == "f" else there.value
        return self.known[key]

    def _run(self, formula: str, sheet: str):
        used = []

        def token(match):
            if match["cells"] or match["name"]:
                used.append((match["cells"] or self.names[match["name"]], sheet))
                return f"at({len(used) - 1})"
            return PYTHON.get(match[0], match[0])

        text = TOKEN.sub(token, formula[1:])
        scope = FUNCTIONS | {"at": lambda k: self.area(*used[k]), "__builtins__": {}}
        try:
            found = eval(_code(text), scope)  # our own formula: no text of a file is ever one
        except (TypeError, ArithmeticError):
            return WRONG
        return float(found) if isinstance(found, Blank | np.floating) else found

    def area(self, cells: str, sheet: str):
        """Return the value of a cell, or the values of several as an array, named as in a formula of a sheet."""
        if (key := (cells, sheet)) in self.known:
            return self.known[key]
        own, _, area = cells.rpartition("!")
        if ":" not in area:
            return self.value(own or sheet, area.replace("$", ""))
        left, top, right, low = range_boundaries(area)
        names = [[f"{chr(64 + c)}{r}" for c in range(left, right + 1)] for r in range(top, low + 1)]
        values = [[self.value(own or sheet, name) for name in row] for row in names]
        texts = any(isinstance(one, str | Blank | Wrong) for row in values for one in row)
        self.known[key] = np.array(values, dtype=object if texts else float)
        return self.known[key]

    def formulas(self) -> dict[str, dict[str, float | str]]:
        """Return the value of every formula, by sheet and cell."""
        found: dict[str, dict] = {}
        for (sheet, cell), there in self.cells.items():
            if there.data_type == "f":
                found.setdefault(sheet, {})[cell] = self.value(sheet, cell)
        return found


def save(book, font: str, size: int) -> bytes:
    """Return a workbook as a file: every formula with its value, one font, and the same bytes whenever it is made."""
    calculator, raw, out = Calculator(book), io.BytesIO(), io.BytesIO()
    values = calculator.formulas()
    for sheet in book:
        for reference in (
            r for chart in sheet._charts for one in chart.series for r in (one.val.numRef, one.cat.numRef)
        ):
            shown = calculator.area(reference.f.replace("'", ""), sheet.title).ravel()
            points = [NumVal(idx=i, v=_written(value)) for i, value in enumerate(shown)]
            reference.numCache = NumData(formatCode="General", ptCount=len(points), pt=points)
    book.properties.created = book.properties.modified = MADE
    book.save(raw)
    files = {f"xl/worksheets/sheet{n}.xml": values.get(title, {}) for n, title in enumerate(book.sheetnames, 1)}
    with ZipFile(raw) as made, ZipFile(out, "w", ZIP_DEFLATED) as kept:
        for name in made.namelist():
            text = made.read(name)
            if name in files:
                text = CELL.sub(lambda match, known=files[name]: _with_value(match, known), text)
            elif name in ("xl/styles.xml", "xl/theme/theme1.xml"):
                text = re.sub(rb'"(Calibri|Cambria)"', f'"{font}"'.encode(), text)
                text = text.replace(b'<sz val="11"', f'<sz val="{size}"'.encode())
            elif name == "docProps/core.xml":
                text = re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+Z", f"{MADE:%Y-%m-%dT%H:%M:%SZ}".encode(), text)
            kept.writestr(ZipInfo(name), text, ZIP_DEFLATED)
    return out.getvalue()


def _written(value) -> str:
    """Write a number with the digits that every processor agrees in: powers may differ in the last."""
    return f"{float(value):.12g}"


def _with_value(match, known: dict) -> bytes:
    value = known[match[1].decode()]
    if value is WRONG:
        return b'<c r="%b"%b t="e"><f>%b</f><v>#VALUE!</v></c>' % (match[1], match[2], match[3])
    kind = b' t="str"' if isinstance(value, str) else b""
    text = escape(value).replace("&", "&amp;").replace("<", "&lt;") if kind else _written(value)
    return b'<c r="%b"%b%b><f>%b</f><v>%b</v></c>' % (match[1], match[2], kind, match[3], text.encode())
