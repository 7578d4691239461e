"""A sheet as rows of cells, and how much of one is read."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ballerup_analysis.files import DataError

ROWS, COLUMNS, CELLS, LENGTH = 50_000, 200, 400_000, 500
TOO_MANY = f"has more than {CELLS} cells in its sheets; keep the sheet with the table alone"
TOO_LONG = "has more text in its cells than is read; keep the sheet with the table alone"
TOO_MUCH = "has more beside its cells than is read, as formats and links; copy the table into a new workbook"
LOOKS = 16_000  # of cells and their text: several times what large workbooks have; each takes a tenth of a millisecond
TOO_MANY_LOOKS = f"has more than {LOOKS} formats of cells; copy the table into a new workbook"
CHARACTERS = 50 * CELLS  # in the cells of a workbook: a text that many share is one in the file, and made for each
YES = ("1", "true")  # in the XML of Excel
TABLE, OFFICE, TEXT, STYLE = (  # of OpenDocument
    f"{{urn:oasis:names:tc:opendocument:xmlns:{kind}:1.0}}" for kind in ("table", "office", "text", "style")
)
BESIDE = 100_000  # elements of the sheets of a workbook that are neither row nor cell
# A number with three decimals, which may be thousands, and one whose decimals can be nothing else.
THREE, DECIMALS = (
    re.compile(r"[-+−–(]?\d{1,3}[.,]\d{3}[-−–)]?"),
    re.compile(r"[.,](?:\d\d?|\d{4,})\D?$|\.\d{3},\d|\d{4},\d"),
)


class Old(str):
    """What is wrong with the value of a formula that may be an old one."""


NO_VALUE = Old(
    "a formula without a value, or with one that may be old; compute and save the file in Excel, or paste the values"
)
PERCENTAGE = (
    "a percentage, which is kept as a hundredth of what it shows; write the number and let the format be General"
)
ERROR = re.compile(r"#(?:N/A|I/T|[A-ZÆØÅ]+(?:/0)?[!?])|Err:\d+")  # of a formula, in English or Danish
OF_ERROR = "{}, an error of a formula; mend it, write the value, or - where a figure is missing"
STRUCK = "what is struck through or crossed out, or a part of it; take it out"
FAINT = "what hardly differs in colour from its cell, as white on white; take it out or give it a colour that is seen"
RAISED = "a raised or lowered figure, as of a footnote, which is read as one of the digits beside it; take it out"
REPEATED = "what is repeated until its cell is full, so that 12 is seen as 121212; align it otherwise"
VOLATILE = "a formula in a workbook that computes with today's date, chance or what is fetched{}, and may show another value when it is opened; write that as it is, or paste the values"
BY_CONDITION = (
    "what a format by condition, or the style of a table, may show otherwise than it is read; take that format away"
)
SMALLEST = 3  # of a font, in points
SIGNS = "what is written in a font of signs, not of letters and digits, or a part of it; choose another font"
SIGNS_FONT = re.compile(r"'?(?:.*ding(?:s|bats).*|symbol|bookshelf symbol.*|marlett|mt extra)'?", re.IGNORECASE)
TINY = "what is too small to be read, or a part of it; take it out or give it a larger font"


class WithUnit(str):
    """What is wrong with a number that is shown with a unit: nothing, where its heading tells the same."""

    unit = ""

    @classmethod
    def of(cls, told: str, unit: str) -> WithUnit:
        """Return what is told of a number with this unit."""
        made = cls(
            f"{told} with the unit {unit[:40]!r}, which its heading does not tell; mend the heading, or show the number without a unit"
        )
        made.unit = unit
        return made


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
    thousandths : dict
        Numbers as they are shown, with three decimals that may be thousands, by (row, column) from 1.
    comments, formulas : set of tuple
        (row, column) of the cells that have one.
    separator : str
        What separates the columns of a text file.
    beside : tuple of tuple
        What a person sees on the sheet or with it that stands in no cell, as ("text box", its text): also "picture",
        "chart" with its titles, "hint", "header" and "footer".
    indented : dict of int
        By how much the text of a cell is, by (row, column): levels, or blanks before it.
    """

    file: str
    sheet: str
    rows: list[list]
    lines: list[int]
    broken: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: set[tuple[str, int]] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    thousandths: dict[tuple[int, int], str] = field(default_factory=dict)
    comments: set[tuple[int, int]] = field(default_factory=set)
    formulas: set[tuple[int, int]] = field(default_factory=set)
    separator: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    indented: dict[tuple[int, int], int] = field(default_factory=dict)

    def column(self, place: int) -> str:
        """Return a column's name as the person sees it: C in a workbook, 3 in a text file."""
        return letters(place) if self.sheet else str(place)


class Thousandths:
    """The numbers of a sheet shown with three decimals, but for columns in which another shows that they are decimals."""

    def __init__(self):
        self.shown, self.sure = {}, set()

    def take(self, at: tuple[int, int], shown: str, value: float) -> None:
        """Meet a number below a thousand that is shown as ``97,300``, or in English as ``97.300``, or another."""
        if abs(value) < 1000 and THREE.fullmatch(shown):
            self.shown[at] = shown.replace(".", ",")
        elif DECIMALS.search(shown):
            self.sure.add(at[1])

    def unsure(self) -> dict[tuple[int, int], str]:
        """Return the numbers that may be thousands, as they are shown."""
        return {at: shown for at, shown in self.shown.items() if at[1] not in self.sure}


@dataclass
class Left:
    """How much more the sheets of a workbook may hold.

    Parameters
    ----------
    texts : list of int
        Characters of each text that cells share.
    characters, beside : int
        Characters in cells; elements that are neither row nor cell.
    """

    texts: list[int] = field(default_factory=list)
    characters: int = CHARACTERS
    beside: int = BESIDE

    def take(self, characters: int = 0, beside: int = 0) -> None:
        """Stop where there is more than is read."""
        self.characters, self.beside = self.characters - characters, self.beside - beside
        if self.characters < 0:
            raise DataError(TOO_LONG)
        if self.beside < 0:
            raise DataError(TOO_MUCH)


@functools.lru_cache(maxsize=1024)
def place_of(letters: str) -> int:
    """Return the column of a workbook with these letters.

    Examples
    --------
    >>> place_of("C"), place_of("AB")
    (3, 28)
    """
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place


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


def filled(row: list) -> list[int]:
    """Return the places of a row, from 0, that hold something.

    Examples
    --------
    >>> filled([None, "I alt", None, 3.0])
    [1, 3]
    """
    return [place for place, cell in enumerate(row) if cell is not None]


def is_beside_figures(parts: Iterable[tuple[str, bool]]) -> bool:
    """Tell whether a part of a text that is raised or lowered, and holds a digit, touches one that is not.

    Examples
    --------
    >>> is_beside_figures([("76.406", False), ("1", True)]), is_beside_figures([("m", False), ("2", True)])
    (True, False)
    """
    groups = itertools.groupby((one for one in parts if one[0]), key=lambda one: one[1])
    there = [("".join(text for text, _ in some), raised) for raised, some in groups]
    texts = [text for text, _ in there]
    around = zip(there, ["", *texts[:-1]], [*texts[1:], ""], strict=True)
    return any(
        raised and re.search(r"\d", text) and (before[-1:].isdigit() or after[:1].isdigit())
        for (text, raised), before, after in around
    )


def limit(rows: int, columns: int, sheet: str) -> None:
    """Stop where a sheet is longer or wider than is read."""
    if rows > ROWS or columns > COLUMNS:
        raise DataError(f"has {rows} rows and {columns} columns in {sheet}; at most {ROWS} and {COLUMNS} are read")
