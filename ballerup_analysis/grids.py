"""Tables as people save them (.xlsx, .ods, .csv) read into grids of cells; nothing in them is ever computed."""

from __future__ import annotations

import collections
import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from ballerup_analysis.danish import number
from ballerup_analysis.files import BOOK_BYTES, TEXT_BYTES, DataError, decode, foreign, read_bytes

UNPACKED_BYTES, PARTS, SHEETS, ROWS, COLUMNS, CELLS, LENGTH = 60_000_000, 2_000, 50, 50_000, 200, 1_000_000, 500
BOOKS = (".xlsx", ".ods")
TOO_MANY = f"has more than {CELLS} cells in its sheets; keep the sheet with the table alone"
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
    """

    file: str
    sheet: str
    rows: list[list]
    lines: list[int]
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: set[tuple[str, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

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
    raw = read_bytes(path, BOOK_BYTES)
    try:
        _refuse_old(raw, path.suffix.lower())
        if raw[:2] != b"PK":
            raise DataError("is no workbook, whatever its name says")
        return _repack(_unpack(raw))
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
    return Grid(name, "", rows, numbers)


def _separator(text: str) -> str:
    """Return what separates the columns: what gives the most lines of one width, the wider the better."""
    lines = [line for line in text[:20_000].splitlines() if line.strip()]

    def cells(separator: str) -> int:
        widths = collections.Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        return max((width * times for width, times in widths.items() if width > 1), default=0)

    return max("\t;|,", key=cells) if any(map(cells, "\t;|,")) else ";"


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
    if any("vbaProject" in name for name in names):
        raise DataError("holds macros; save it as an Excel workbook (.xlsx) without them")
    if any("externalLink" in name for name in names):
        raise DataError("holds links to other workbooks; paste the values instead")
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise DataError("is protected by a password; save it without one")
    if any(b"<!DOCTYPE" in part or b"<!ENTITY" in part for part in parts.values()):
        raise DataError("declares entities, which no workbook does; save it anew in Excel")
    if not {"xl/workbook.xml", "content.xml"} & set(parts):
        raise DataError("is an archive, but no workbook")
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
    scans = {s: _scan(parts[p].decode("utf-8", errors="replace"), s) for s, p in places.items() if p in parts}
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


def _scan(xml: str, sheet: str) -> tuple[int, dict, set, list]:
    """Return the size of a sheet and what is broken, hidden and merged in it."""
    broken, hidden, widest, last = {}, set(), 0, 0
    head, *rows = re.split(r"<(?:\w+:)?row\b", xml)
    for row in rows:
        tag = row[: row.find(">")]
        told = re.search(r'\br="(\d+)"', tag)
        last = int(told[1]) if told else last + 1
        if re.search(r'\bhidden="(1|true)"', tag):
            hidden.add(("row", last))
        column = 0
        for cell in re.split(r"<(?:\w+:)?c\b", row)[1:]:
            tag, _, held = cell.partition(">")
            told = re.search(r'\br="([A-Z]{1,3})\d+"', tag)
            column = _place(told[1]) if told else column + 1
            widest = max(widest, column)
            if 't="e"' in tag:
                broken[last, column] = (re.search(r"<(?:\w+:)?v>([^<]*)", held) or ["", "an error"])[1]
            elif (
                't="str"' not in tag and re.search(r"<(?:\w+:)?f\b", held) and not re.search(r"<(?:\w+:)?v>[^<]", held)
            ):
                broken[last, column] = NO_VALUE
    _limit(max(last, len(rows)), widest, f"sheet {sheet!r}")
    for tag in re.findall(r"<(?:\w+:)?col\b[^>]*>", head):
        if re.search(r'\bhidden="(1|true)"', tag):
            first, end = (int(re.search(rf'\b{key}="(\d+)"', tag)[1]) for key in ("min", "max"))
            hidden |= {("column", place) for place in range(first, min(end, COLUMNS) + 1)}
    corners = re.findall(r'<(?:\w+:)?mergeCell\b[^>]*ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"', xml)
    merged = [(int(top), _place(left), int(low), _place(right)) for left, top, right, low in corners]
    return max(last, len(rows)) * widest, broken, hidden, merged


def _place(letters: str) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place


def _shown(grid: Grid, parts: dict[str, bytes]) -> Grid:
    """Return the grid with numbers as their formats show them."""
    from openpyxl import load_workbook

    sheet = load_workbook(_repack(parts))[grid.sheet]
    rows = [
        [
            cell if cell is None or isinstance(cell, str) else _danish(cell, sheet.cell(line, place).number_format)
            for place, cell in enumerate(row, start=1)
        ]
        for line, row in zip(grid.lines, grid.rows, strict=True)
    ]
    return Grid(grid.file, grid.sheet, rows, grid.lines, grid.broken, grid.hidden, grid.merged)


def _danish(value, shown: str) -> str:
    """Return a number as an Excel format shows it in Denmark; a date as it is written."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"{value:%d-%m-%Y}" if isinstance(value, dt.date) else str(value)
    form = re.sub(r'"[^"]*"|\\.|\[[^]]*\]|_.', "", shown.split(";")[0])
    if "%" in form:
        value *= 100
    decimals = re.search(r"\.([0#?]+)", form)
    if form.strip() in ("General", "", "@"):
        text = f"{value:.10f}".rstrip("0").rstrip(".").replace(".", ",")
    else:
        text = number(value, len(decimals[1]) if decimals else 0)
        text = text if "," in form.split(".")[0] else text.replace(".", "")
    return f"{text} pct." if "%" in form else text


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
    sheets = [s for s in book.iter(f"{table}table") if s.get(f"{table}style-name") not in unseen]
    if len(sheets) > SHEETS:
        raise DataError(f"has {len(sheets)} sheets; at most {SHEETS} are read")
    for sheet in sheets:
        grid = Grid(name, sheet.get(f"{table}name"), [], [])
        line = 0
        for row in sheet.iter(f"{table}table-row"):
            cells, place = [], 0
            for cell in row:
                if not cell.tag.endswith("table-cell"):
                    continue
                times = int(cell.get(f"{table}number-columns-repeated", 1))
                shown = "\n".join("".join(part.itertext()) for part in cell.findall(f"{text}p"))
                kind = cell.get(f"{office}value-type")
                if kind or shown:
                    _limit(line + 1, place + times, f"sheet {grid.sheet!r}")  # before the cells are made
                    cells += [None] * (place - len(cells)) + [_value(cell, kind, shown, office, printed)] * times
                    if shown.startswith(("#", "Err:")):
                        grid.broken[line + 1, place + 1] = shown
                elif cell.get(f"{table}formula"):
                    grid.broken[line + 1, place + 1] = NO_VALUE
                wide, high = (int(cell.get(f"{table}number-{what}-spanned", 1)) for what in ("columns", "rows"))
                if wide > 1 or high > 1:
                    grid.merged.append((line + 1, place + 1, line + high, place + wide))
                place += times
            times = int(row.get(f"{table}number-rows-repeated", 1))
            if cells:
                _limit(line + times, len(cells), f"sheet {grid.sheet!r}")
                if (size := size + times * len(cells)) > CELLS:
                    raise DataError(TOO_MANY)
                grid.rows.extend(list(cells) for _ in range(times))
                grid.lines.extend(range(line + 1, line + times + 1))
                if row.get(f"{table}visibility", "visible") != "visible":
                    grid.hidden.update(("row", n) for n in range(line + 1, line + times + 1))
            line += times
        grids.append(grid)
    return grids


def _value(cell, kind: str | None, shown: str, office: str, printed: bool):
    if printed or kind in (None, "string"):
        return shown
    if kind == "boolean":
        return cell.get(f"{office}boolean-value") == "true"
    if kind == "date":
        return dt.date.fromisoformat(cell.get(f"{office}date-value")[:10])
    return float(cell.get(f"{office}value", "nan"))


def filled(row: list) -> list[int]:
    """Return the places of a row, from 0, that hold something.

    Examples
    --------
    >>> filled([None, "I alt", None, 3.0])
    [1, 3]
    """
    return [place for place, cell in enumerate(row) if cell is not None]
