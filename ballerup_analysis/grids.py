"""Tables as people save them (.xlsx, .ods, .csv) read into grids of cells; nothing in them is ever computed."""

from __future__ import annotations

import collections
import csv
import datetime as dt
import io
import math
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

from ballerup_analysis.danish import number
from ballerup_analysis.files import BOOK_BYTES, TEXT_BYTES, DataError, decode, foreign, read_bytes

UNPACKED_BYTES, PARTS, SHEETS, ROWS, COLUMNS, CELLS, LENGTH = 60_000_000, 2_000, 50, 50_000, 200, 400_000, 500
OUR_CELLS = 100_000  # of a workbook this project wrote
MARKS = 500_000  # of a part that is no sheet: styles, names, links
BOOKS = (".xlsx", ".ods")
MARKS_PER_CELL = 5  # of an OpenDocument sheet: a cell and its paragraph, begun and ended, and a part of its row
BLANKS = {"s": " ", "tab": "\t", "line-break": "\n"}
DAMAGED = "is a damaged workbook ({}); save it anew in Excel"
NUMBERS = ("float", "currency", "percentage")
KINDS = (None, "string", "boolean", "date", *NUMBERS)  # of an OpenDocument cell that are read
LINKS = (b"table:table-source", b"&apos;file:", b"'file:")  # to other workbooks
TOO_MANY = f"has more than {CELLS} cells in its sheets; keep the sheet with the table alone"
YES, NOTHING = ("1", "true"), ("0", "0.0")
PLAIN = re.compile(r"[#0?][#0?,]*(?:\.[0#?]+)?,*%?")  # digits, thousands, decimals, divided by thousands, pct.
BUILT_IN = {"9": "0%", "10": "0.00%"}
LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.')  # of a number format: what stands beside the digits
BESIDE = re.compile(r"kroner|kr\.?|dkk|,-|personer|pers\.?|[\s()+,–-]|\.(?!\d)")  # and may
PLACES = re.compile(r"General|[@#0?.,%Ee+/-]")
PERCENTAGE = (
    "a percentage, which is kept as a hundredth of what it shows; write the number and let the format be General"
)
NO_VALUE = "a formula without a value; open and save the file in Excel, or paste the values"


@dataclass(frozen=True)
class Grid:
    """One sheet: rows of cells (text, number, date, truth value, or None), and what is odd about it.

    Parameters
    ----------
    file, sheet : str
        Names; a text file has no sheet.
    rows : list of list
        The cells.
    lines : list of int
        The row (the line of a text file) each stands in, from 1.
    broken : dict
        What cannot be read of a cell, by (row, column) from 1.
    hidden : set of tuple
        ("row", n) and ("column", n).
    merged : list of tuple
        First row, first column, last row, last column.
    separator : str
        What separates the columns of a text file.
    """

    file: str
    sheet: str
    rows: list[list]
    lines: list[int]
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: set[tuple[str, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    separator: str = ""

    def column(self, place: int) -> str:
        """Return a column's name as the person sees it: C in a workbook, 3 in a text file."""
        return letters(place) if self.sheet else str(place)


def letters(column: int) -> str:
    """Return the letters of a column of a workbook.

    Examples
    --------
    >>> letters(3), letters(28)
    ('C', 'AB')
    """
    text = ""
    while column:
        column, left = divmod(column - 1, 26)
        text = chr(65 + left) + text
    return text


def read(path: Path, printed: bool = False) -> list[Grid]:
    """Return the visible sheets of a table file.

    Parameters
    ----------
    path : pathlib.Path
        .xlsx or .ods of at most 5 MB, or text with tabs, semicolons or commas of at most 1 MB.
    printed : bool
        Numbers as text as the sheet shows them, the Danish way.

    Raises
    ------
    DataError
        One sentence: too large, password, macros, links to other files, an old or damaged workbook, not what its name
        says.
    """
    raw = read_bytes(path, BOOK_BYTES if path.suffix.lower() in BOOKS else TEXT_BYTES)
    try:
        return parse(raw, path.name, printed)
    except DataError as error:
        raise DataError(f"{path} {error}") from None


def measured(path: Path) -> io.BytesIO:
    """Return an Excel workbook as an archive of its sheets alone, after the checks of :func:`read`.

    Raises
    ------
    DataError
        As :func:`read`.
    """
    raw, cells = read_bytes(path, BOOK_BYTES), 0
    try:
        _refuse_old(raw, path.suffix.lower())
        if raw[:2] != b"PK":
            raise DataError("is no workbook, whatever its name says")
        parts = _unpack(raw)
        for name, part in parts.items():
            if b"worksheet" in part and name.endswith(".xml") and not name.startswith(("[", "docProps/")):
                cells += _scan(part, name, {})[0]
        if cells > OUR_CELLS:
            raise DataError(f"has more than {OUR_CELLS} cells; a workbook of this project has fewer")
        return _repack(parts)
    except DataError as error:
        raise DataError(f"{path} {error}") from None


def _refuse_old(raw: bytes, suffix: str) -> None:
    if suffix in (".xls", ".xlsm", ".xlsb", ".xltm") or raw[:4] == b"\xd0\xcf\x11\xe0":
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise DataError("is protected by a password; save it without one")
        raise DataError("is an old workbook or one with macros; save it as an Excel workbook (.xlsx)")


def parse(raw: bytes, name: str, printed: bool = False) -> list[Grid]:
    r"""Return the visible sheets in the bytes of a table file; see :func:`read`.

    Examples
    --------
    >>> parse("område;år\n151;2013\n".encode("cp1252"), "x.csv")[0].rows
    [['område', 'år'], ['151', '2013']]
    """
    suffix = Path(name).suffix.lower()
    _refuse_old(raw, suffix)
    if raw[:2] == b"PK":
        if suffix not in BOOKS:
            raise DataError("is a workbook, whatever its name says; name it .xlsx or .ods")
        parts = _unpack(raw)
        try:  # a damaged workbook may break its reader anywhere: whatever it raises, it is that
            grids = _ods(parts, name, printed) if "content.xml" in parts else _xlsx(parts, name, printed)
        except DataError:
            raise
        except Exception as error:
            raise DataError(f"is a damaged workbook ({type(error).__name__}); save it anew in Excel") from None
    elif suffix in BOOKS:
        raise DataError("is no workbook, whatever its name says; if it is text, name it .csv")
    else:
        grids = [_text(decode(raw), name)]
    for grid in grids:
        _look(grid)
    return grids


def _look(grid: Grid) -> None:
    """Bring texts to one form, and note what no paper could print."""
    for line, row in zip(grid.lines, grid.rows, strict=True):
        for place, cell in enumerate(row, start=1):
            if isinstance(cell, str):
                text = unicodedata.normalize("NFC", cell).strip()
                row[place - 1] = text or None
                if told := foreign(text):
                    grid.broken.setdefault((line, place), f"{told}, which cannot be printed; take it out")
                elif len(text) > LENGTH:
                    grid.broken.setdefault((line, place), f"{len(text)} characters; at most {LENGTH} are read")


def _limit(rows: int, columns: int, sheet: str) -> None:
    if rows > ROWS or columns > COLUMNS:
        raise DataError(f"has {rows} rows and {columns} columns in {sheet}; at most {ROWS} and {COLUMNS} are read")


def _text(text: str, name: str) -> Grid:
    first, _, rest = text.partition("\n")
    told = re.fullmatch(r'"?sep=(.)"?\s*', first)
    skipped, text = (1, rest) if told else (0, text)
    separator = told[1] if told else _separator(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, numbers, before = [], [], 0
    try:
        for row in reader:
            rows.append(row)
            numbers.append(before + 1 + skipped)
            before = reader.line_num
            _limit(len(rows), len(row), f"line {before}")
    except csv.Error as error:
        raise DataError(
            f"cannot be read from line {before + 1 + skipped} on: {error}; is a quotation mark not closed?"
        ) from None
    return Grid(name, "", rows, numbers, separator=separator)


def _separator(text: str) -> str:
    """Return what separates the columns: the first that most lines have alike, else what gives the most lines of one width.

    A comma comes last: it stands in names and Danish numbers too.
    """
    lines = [line for line in text[:20_000].splitlines() if line.strip()]

    def cells(separator: str) -> tuple[bool, int]:
        widths = collections.Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        width, times = max(((w, n) for w, n in widths.items() if w > 1), key=math.prod, default=(0, 0))
        return separator != "," and 2 * times > len(lines), width * times

    return max("\t;|,", key=cells) if any(cells(one)[1] for one in "\t;|,") else ";"


def _unpack(raw: bytes) -> dict[str, bytes]:
    """Return the parts of a workbook that are XML, none longer than its archive says, all within the limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if len(entries) > PARTS or sum(entry.file_size for entry in entries) > UNPACKED_BYTES:
                raise DataError("unpacks to more than a table of figures can hold; save it anew with that sheet alone")
            if any(entry.flag_bits & 1 for entry in entries):
                raise DataError("is protected by a password; save it without one")
            names = {entry.filename for entry in entries}
            parts = {n: archive.read(n) for n in names if n.endswith((".xml", ".rels"))}
    except DataError:
        raise
    except Exception as error:  # as of a damaged workbook
        raise DataError(f"is a damaged workbook ({type(error).__name__}); save it anew in Excel") from None
    if any("vbaProject" in name or name.startswith(("Basic/", "Scripts/")) for name in names):
        raise DataError("holds macros; save it as an Excel workbook (.xlsx) without them")
    book = parts.get("content.xml", b"")
    if any("externalLink" in name for name in names) or any(link in book for link in LINKS):
        raise DataError("holds links to other workbooks; paste the values instead")
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise DataError("is protected by a password; save it without one")
    if any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in parts.values()):
        raise DataError("declares entities, which no workbook does; save it anew in Excel")
    if len({"xl/workbook.xml", "content.xml"} & set(parts)) != 1:
        raise DataError("is an archive, but no workbook")
    if book.count(b"<") > MARKS_PER_CELL * CELLS:
        raise DataError(TOO_MANY)
    for name, part in parts.items():
        if name != "content.xml" and not name.startswith("xl/worksheets/") and part.count(b"<") > MARKS:
            raise DataError(
                f"holds more than {MARKS} marks in {name[:60]!r}; save it anew with the table's sheet alone"
            )
    return parts


def _repack(parts: dict[str, bytes]) -> io.BytesIO:
    """Return the parts as an archive that holds nothing else: what its reader unpacks has been measured."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    packed.seek(0)
    return packed


def _xlsx(parts: dict[str, bytes], name: str, printed: bool) -> list[Grid]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

    targets = {
        link.get("Id"): "xl/" + link.get("Target").removeprefix("/xl/").removeprefix("xl/")
        for link in ElementTree.fromstring(parts["xl/_rels/workbook.xml.rels"])
    }
    places = {}
    for node in ElementTree.fromstring(parts["xl/workbook.xml"]).iter():
        if node.tag.endswith("}sheet"):
            ids = [value for key, value in node.attrib.items() if key.endswith("}id")]
            places[node.get("name")] = targets.get(ids[0])
    if len(places) > SHEETS:
        raise DataError(f"has {len(places)} sheets; at most {SHEETS} are read")
    odd = {} if printed else _shown_otherwise(parts)
    scans = {s: _scan(parts[p], s, odd) for s, p in places.items() if p in parts}
    if sum(size for size, *_ in scans.values()) > CELLS:
        raise DataError(TOO_MANY)
    book = load_workbook(_repack(parts))
    grids = []
    for sheet in book.sheets_metadata:
        if sheet.visible != SheetVisibleEnum.Visible or sheet.typ != SheetTypeEnum.WorkSheet:
            continue
        rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        rows = [[None if cell == "" else cell for cell in row] for row in rows]
        grids.append(Grid(name, sheet.name, rows, list(range(1, len(rows) + 1)), *scans[sheet.name][1:]))
    return [_shown(grid, parts) for grid in grids] if printed else grids


class _Scan:
    """What is broken, hidden and merged in a sheet, met element by element: its text may be long and without end."""

    def __init__(self, sheet: str, odd: dict[str, str]):
        self.sheet, self.odd, self.broken, self.hidden, self.merged = sheet, odd, {}, set(), []
        self.row = self.last = self.column = self.widest = self.rows = self.cells = self.covered = 0
        self.kind, self.look, self.formula, self.value, self.inside = "", "", False, "", False

    def start(self, tag: str, told: dict[str, str]) -> None:
        """Meet the start of an element."""
        match tag.rpartition(":")[2]:
            case "row":
                self.rows, self.row, self.column = self.rows + 1, int(told.get("r", self.row + 1)), 0
                if told.get("hidden") in YES or told.get("ht") in NOTHING:
                    self.hidden.add(("row", self.row))
            case "c":
                place = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", told["r"]) if "r" in told else None
                if "r" in told and (not place or int(place[2]) != self.row):
                    raise DataError(
                        DAMAGED.format(f"cell {told['r'][:20]!r} in row {self.row} of sheet {self.sheet!r}")
                    )
                self.column = _place(place[1]) if place else self.column + 1
                self.cells += 1
                if self.cells > CELLS:
                    raise DataError(TOO_MANY)
                self.widest, self.last = max(self.widest, self.column), max(self.last, self.row)
                _limit(max(self.row, self.rows), self.column, f"sheet {self.sheet!r}")
                self.kind, self.look, self.formula, self.value = told.get("t", ""), told.get("s", "0"), False, ""
            case "f":
                self.formula = True
            case "v":
                self.inside = True
            case "col" if told.get("hidden") in YES or told.get("width") in NOTHING:
                ends = max(1, int(told["min"])), min(int(told["max"]), COLUMNS)
                self.hidden |= {("column", place) for place in range(ends[0], ends[1] + 1)}
            case "mergeCell" | "hyperlink":
                self._cover(tag, told.get("ref", ""))

    def _cover(self, tag: str, cells: str) -> None:
        corners = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})(?::([A-Z]{1,3})(\d{1,7}))?", cells)
        if not corners:
            return
        left, top, right, low = corners.groups()
        rows, columns = sorted((int(top), int(low or top))), sorted((_place(left), _place(right or left)))
        ends = rows[0], columns[0], rows[1], columns[1]
        self.covered += (ends[2] - ends[0] + 1) * (ends[3] - ends[1] + 1)
        if self.covered > ROWS:  # its reader makes a cell of each
            raise DataError(f"merges or links more than {ROWS} cells in sheet {self.sheet!r}; keep the table alone")
        if tag.endswith("mergeCell"):
            self.merged.append(ends)

    def text(self, text: str) -> None:
        """Meet text."""
        if self.inside and len(self.value) < LENGTH:
            self.value += text

    def end(self, tag: str) -> None:
        """Meet the end of an element."""
        name = tag.rpartition(":")[2]
        if name == "v":
            self.inside = False
        elif name == "c" and self.kind == "e":
            self.broken[self.row, self.column] = self.value or "an error"
        elif name == "c" and self.kind != "str" and self.formula and not self.value:
            self.broken[self.row, self.column] = NO_VALUE
        elif name == "c" and self.value and self.kind in ("", "n") and (told := self.odd.get(self.look)):
            self.broken[self.row, self.column] = told


def _scan(xml: bytes, sheet: str, odd: dict[str, str]) -> tuple[int, dict, set, list]:
    """Return the size of a sheet and what is broken, hidden and merged in it."""
    scan, parser = _Scan(sheet, odd), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = scan.start, scan.end
    parser.CharacterDataHandler, parser.buffer_text = scan.text, True
    try:
        parser.Parse(xml, True)
    except DataError:
        raise
    except Exception as error:  # of the parser, or of what stands where a number should
        raise DataError(DAMAGED.format(f"sheet {sheet!r}: {error}")) from None
    last = max(scan.last, scan.row, scan.rows)
    _limit(last, scan.widest, f"sheet {sheet!r}")
    return last * scan.widest, scan.broken, scan.hidden, scan.merged


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place


def _shown(grid: Grid, parts: dict[str, bytes]) -> Grid:
    """Return the grid with numbers as their formats show them; one that is shown otherwise is broken."""
    from openpyxl import load_workbook

    sheet, rows = load_workbook(_repack(parts))[grid.sheet], []
    for line, row in zip(grid.lines, grid.rows, strict=True):
        rows.append([])
        for place, cell in enumerate(row, start=1):
            shown = cell
            if cell is not None and not isinstance(cell, str):
                form = sheet.cell(line, place).number_format
                shown = _danish(cell, form)
                if shown is None:
                    grid.broken[line, place] = f"a number shown by the format {form!r}; show its digits"
            rows[-1].append(shown)
    return Grid(grid.file, grid.sheet, rows, grid.lines, grid.broken, grid.hidden, grid.merged)


def _danish(value, shown: str) -> str | None:
    """Return a number as an Excel format shows it in Denmark, a date as it is written; None for a format that hides digits."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"{value:%d-%m-%Y}" if isinstance(value, dt.date) else str(value)
    form = _bare(shown.split(";")[0])
    if form in ("General", "@"):
        return f"{value:.10f}".rstrip("0").rstrip(".").replace(".", ",")
    if not PLAIN.fullmatch(form) or re.search(r"""[#0?]"[\d.,]|[\d.,]"[#0?]|\\[\d%‰.,]|\[[<>=]""", shown):
        return None
    value = value * 100 ** ("%" in form) / _divided(form)
    decimals = re.search(r"\.([0#?]+)", form)
    text = number(value, len(decimals[1]) if decimals else 0)
    text = text if re.search(r"[#0?],[#0?]", form) else text.replace(".", "")
    return f"{text} pct." if "%" in form else text


def _shown_otherwise(parts: dict[str, bytes]) -> dict[str, str]:
    """Return what a format shows that is not the number in the cell, by the look of a cell that has it."""
    if "xl/styles.xml" not in parts:
        return {}
    forms, looks, told = dict(BUILT_IN), {}, {}
    for node in ElementTree.fromstring(parts["xl/styles.xml"]):
        if node.tag.endswith("}numFmts"):
            forms |= {one.get("numFmtId"): one.get("formatCode", "") for one in node}
        elif node.tag.endswith("}cellXfs"):
            looks = {str(n): forms.get(one.get("numFmtId"), "") for n, one in enumerate(node)}
    for look, form in looks.items():
        bare = [_bare(part) for part in form.split(";")]
        said = "".join(one for pair in LITERAL.findall(form) for one in pair)
        if any(_divided(part) > 1 for part in bare):
            told[look] = f"a number of which the format {form!r} shows a thousandth"
        elif any("%" in part for part in bare):
            told[look] = PERCENTAGE
        elif re.fullmatch(r"[yYåÅ]+", bare[0]):
            told[look] = f"a day of which the format {form!r} shows the year alone; write the year"
        elif not re.search(r"[dmyhsåDMYHSÅ]", bare[0]) and BESIDE.sub("", said.casefold() + PLACES.sub("", bare[0])):
            told[look] = f"a number that the format {form!r} shows with more than its digits; write that in the heading"
    return told


def _bare(form: str) -> str:
    """Return a number format without the words, colours and spaces beside its digits."""
    return re.sub(r'"[^"]*"|\\.|\[[^]]*\]|[_*].|\s', "", form)


def _divided(form: str) -> int:
    """Return what a bare number format divides by: a thousand for every comma after the digits."""
    return 1000 ** max(map(len, re.findall(r"(?<=[#0?]),+(?=\.|%|$)", form)), default=0)


def _ods(parts: dict[str, bytes], name: str, printed: bool) -> list[Grid]:
    space = {
        kind: f"{{urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0}}" for kind in ("table", "office", "text", "style")
    }
    table, office, text, style = space.values()
    book, grids, size = ElementTree.fromstring(parts["content.xml"]), [], 0
    unseen = {
        node.get(f"{style}name")
        for node in book.iter(f"{style}style")
        if any(child.get(f"{table}display") == "false" for child in node)
    }
    sheets = [s for s in _outermost(book, f"{table}table") if s.get(f"{table}style-name") not in unseen]
    if not printed and any(b"number:display-factor" in part for part in parts.values()):
        raise DataError("shows a thousandth of some numbers by their format; choose another format")
    if len(sheets) > SHEETS:
        raise DataError(f"has {len(sheets)} sheets; at most {SHEETS} are read")
    for sheet in sheets:
        grid = Grid(name, sheet.get(f"{table}name"), [], [])
        line, place = 0, 0
        for column in sheet.iter(f"{table}table-column"):
            times = _times(column, f"{table}number-columns-repeated")
            if column.get(f"{table}visibility", "visible") != "visible":
                grid.hidden.update(("column", n) for n in range(place + 1, min(place + times, COLUMNS) + 1))
            place += times
        for row, shown_row in _rows_of(sheet, table):
            cells, place, broken = [], 0, {}
            for cell in row:
                if not cell.tag.endswith("table-cell"):
                    continue
                times = _times(cell, f"{table}number-columns-repeated")
                if cell.tag.endswith("covered-table-cell"):  # by a merged one
                    place += times
                    continue
                shown = "\n".join(_words(part, text) for part in cell.findall(f"{text}p"))
                kind = cell.get(f"{office}value-type")
                if kind or shown:
                    _limit(line + 1, place + times, f"sheet {grid.sheet!r}")  # before the cells are made
                    cells += [None] * (place - len(cells)) + [_value(cell, kind, shown, office, printed)] * times
                    odd = kind not in KINDS or (kind in NUMBERS and not _is_number(cell.get(f"{office}value")))
                    told = (
                        shown if shown.startswith(("#", "Err:")) else f"a value of the kind {kind!r} that is no number"
                    )
                    if odd or told == shown or (kind == "percentage" and not printed):
                        told = told if odd or told == shown else PERCENTAGE
                        broken |= {place + 1 + n: told for n in range(times)}
                elif cell.get(f"{table}formula"):
                    broken[place + 1] = NO_VALUE
                wide, high = (int(cell.get(f"{table}number-{what}-spanned", 1)) for what in ("columns", "rows"))
                if wide > 1 or high > 1:
                    grid.merged.append((line + 1, place + 1, line + high, place + wide))
                place += times
            times = _times(row, f"{table}number-rows-repeated")
            if cells or broken:
                grid.broken.update(
                    {(line + 1 + n, at): told for at, told in broken.items() for n in range(min(times, ROWS))}
                )
            if cells:
                _limit(line + times, len(cells), f"sheet {grid.sheet!r}")
                if (size := size + times * len(cells)) > CELLS:
                    raise DataError(TOO_MANY)
                grid.rows.extend(list(cells) for _ in range(times))
                grid.lines.extend(range(line + 1, line + times + 1))
                if not shown_row or row.get(f"{table}visibility", "visible") != "visible":
                    grid.hidden.update(("row", n) for n in range(line + 1, line + times + 1))
            line += times
        grids.append(grid)
    return grids


def _outermost(root, tag: str) -> Iterator:
    """Yield the elements of a kind that stand in no other of that kind."""
    waiting = [root]
    while waiting:
        for child in reversed(waiting.pop()):
            if child.tag == tag:
                waiting.append([child])
            else:
                waiting.append(child)
        while waiting and isinstance(waiting[-1], list):
            yield waiting.pop()[0]


def _words(node, text: str) -> str:
    """Return the text of a paragraph, with the spaces and line ends that are elements."""
    told = [node.text or ""]
    for child in node:
        told.append(BLANKS.get(child.tag.removeprefix(text)) or _words(child, text))
        told.append(child.tail or "")
    return "".join(told)


def _times(node, name: str) -> int:
    return max(1, int(node.get(name, 1)))


def _rows_of(node, table: str, shown: bool = True) -> Iterator[tuple]:
    """Yield the rows of a sheet, not those of a table in a cell, and whether their group is shown."""
    for child in node:
        if child.tag == f"{table}table-row":
            yield child, shown
        elif child.tag.removeprefix(table) in ("table-rows", "table-header-rows", "table-row-group"):
            yield from _rows_of(child, table, shown and child.get(f"{table}display") != "false")


def _is_number(text: str | None) -> bool:
    try:
        return text is not None and math.isfinite(float(text))
    except ValueError:
        return False


def _value(cell, kind: str | None, shown: str, office: str, printed: bool):
    if printed or kind in (None, "string"):
        return shown
    if kind == "boolean":
        return cell.get(f"{office}boolean-value") == "true"
    if kind == "date":
        return dt.date.fromisoformat(cell.get(f"{office}date-value")[:10])
    return float(cell.get(f"{office}value")) if _is_number(cell.get(f"{office}value")) else None


def filled(row: list) -> list[int]:
    """Return the places of a row, from 0, that hold something.

    Examples
    --------
    >>> filled([None, "I alt", None, 3.0])
    [1, 3]
    """
    return [place for place, cell in enumerate(row) if cell is not None]
