"""Tables as people save them (.xlsx, .ods, .csv) read into grids of cells; nothing in them is ever computed."""

from __future__ import annotations

import collections
import csv
import io
import math
import re
import unicodedata
from pathlib import Path

from ballerup_analysis.files import BOOK_BYTES, TEXT_BYTES, DataError, decode, foreign, read_bytes
from ballerup_analysis.grids import excel, excel_sheet, opendocument
from ballerup_analysis.grids.archive import DAMAGED, EXCEL_MARKS, refuse_old, repack, unpack
from ballerup_analysis.grids.grid import ERROR, LENGTH, OF_ERROR, Grid, Left, limit
from ballerup_analysis.grids.looks import lengths, texts_of

BOOKS = (".xlsx", ".ods")
SEPARATORS = "\t;|,"
MISREAD = re.compile("\xc3[\xa5\xa6\xa9\xb8\u02dc\u2020\u2026\x85\x86\x98]")  # a letter of UTF-8 read byte by byte
# Of a workbook this project wrote, many times what one has: openpyxl takes a tenth of a millisecond for each format.
OUR_CELLS, OUR_CHARACTERS, OUR_MARKS = 100_000, 4_000_000, 20_000


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
        refuse_old(raw, path.suffix.lower())
        if raw[:2] != b"PK":
            raise DataError("is no workbook, whatever its name says")
        parts = unpack(raw)
        sheets = {
            name: part
            for name, part in parts.items()
            if b"worksheet" in part and name.endswith(".xml") and not name.startswith(("[", "docProps/"))
        }
        in_sheets, in_all = (sum(part.count(b"<") for part in some.values()) for some in (sheets, parts))
        left = Left(lengths(texts_of(parts)), OUR_CHARACTERS, OUR_MARKS)
        left.take(beside=in_all - min(in_sheets, EXCEL_MARKS * OUR_CELLS))  # more than cells can have is beside them
        if sum(excel_sheet.scan(part, name, {}, left=left)[0] for name, part in sheets.items()) > OUR_CELLS:
            raise DataError(f"has more than {OUR_CELLS} cells; a workbook of this project has fewer")
        return repack(parts)
    except DataError as error:
        raise DataError(f"{path} {error}") from None


def parse(raw: bytes, name: str, printed: bool = False) -> list[Grid]:
    r"""Return the visible sheets in the bytes of a table file; see :func:`read`.

    Examples
    --------
    >>> parse("område;år\n151;2013\n".encode("cp1252"), "x.csv")[0].rows
    [['område', 'år'], ['151', '2013']]
    """
    suffix = Path(name).suffix.lower()
    refuse_old(raw, suffix)
    if raw[:2] == b"PK":
        if suffix not in BOOKS:
            raise DataError("is a workbook, whatever its name says; name it .xlsx or .ods")
        parts = unpack(raw)
        try:  # a damaged workbook may break its reader anywhere: whatever it raises, it is that
            grids = (
                opendocument.grids_of(parts, name, printed)
                if "content.xml" in parts
                else excel.grids_of(parts, name, printed)
            )
        except DataError:
            raise
        except Exception as error:
            raise DataError(DAMAGED.format(type(error).__name__)) from None
    elif suffix in BOOKS:
        raise DataError("is no workbook, whatever its name says; if it is text, name it .csv")
    else:
        grids = [_text(decode(raw), name)]
    for grid in grids:
        _look(grid)
    return grids


def _look(grid: Grid) -> None:
    """Bring texts to one form, and note errors and what no paper could print."""
    for line, row in zip(grid.lines, grid.rows, strict=True):
        for place, cell in enumerate(row, start=1):
            if isinstance(cell, str):
                text = unicodedata.normalize("NFC", cell).strip()
                if (blanks := len(cell.expandtabs()) - len(cell.expandtabs().lstrip())) > 1:
                    grid.indented[line, place] = blanks
                row[place - 1] = text or None
                if MISREAD.search(text):
                    where = f"sheet {grid.sheet!r}, " * bool(grid.sheet)
                    raise DataError(f"holds {text[:40]!r} ({where}row {line}): UTF-8 read as another set; save it anew")
                if ERROR.fullmatch(text):
                    grid.broken.setdefault((line, place), OF_ERROR.format(text))
                elif told := foreign(text):
                    grid.broken.setdefault((line, place), f"{told}, which cannot be printed; take it out")
                elif len(text) > LENGTH:
                    grid.broken.setdefault((line, place), f"{len(text)} characters; at most {LENGTH} are read")


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
            limit(len(rows), len(row), f"line {before}")
    except csv.Error as error:
        raise DataError(
            f"cannot be read from line {before + 1 + skipped} on: {error}; is a quotation mark not closed?"
        ) from None
    width = max((len(row) for row in rows), default=0)
    for number, row in zip(numbers, rows, strict=True):
        alone = "".join(row) if sum(map(bool, row)) == 1 else ""
        if any(_is_row(alone.split(one), width) for one in SEPARATORS):
            raise DataError(f"line {number} is separated otherwise than the rest: {alone[:60]!r}; separate all alike")
    return Grid(name, "", rows, numbers, separator=separator)


def _is_row(cells: list[str], width: int) -> bool:
    """Tell whether a line that stands in one cell would be a row of the table if it were separated otherwise."""
    return 2 < len(cells) == width and any(re.fullmatch(r"\s*-?\d[\d.]*\s*", cell) for cell in cells[1:])


def _separator(text: str) -> str:
    """Return what separates the columns: the first that most lines have alike, else what gives the most lines of one width.

    A comma comes last: it stands in names and Danish numbers too.
    """
    lines = [line for line in text[:20_000].splitlines() if line.strip()]

    def cells(separator: str) -> tuple[bool, int]:
        widths = collections.Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        width, times = max(((w, n) for w, n in widths.items() if w > 1), key=math.prod, default=(0, 0))
        return separator != "," and 2 * times > len(lines), width * times

    return max(SEPARATORS, key=cells) if any(cells(one)[1] for one in SEPARATORS) else ";"
