"""Formats by condition: the cells that one may show otherwise than they are read."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from xml.etree import ElementTree

from ballerup_analysis.files import DataError
from ballerup_analysis.grids.colours import BLACK, WHITE, is_unseen, mixed
from ballerup_analysis.grids.formats import BUILT_IN, FORM_LENGTH, decimals_of, otherwise
from ballerup_analysis.grids.grid import CELLS, TOO_MUCH, Left, place_of
from ballerup_analysis.grids.looks import NO, Looks, unread_part

MOST, EACH = 3 * CELLS, 20  # cells that formats lie over, and how many of these a look held against a format counts for
MOST_FORMATS = 10_000  # which are looked at; each takes a tenth of a millisecond
CORNER = re.compile(r"(?=\$?[A-Z\d])\$?([A-Z]{1,3})?\$?(\d{1,7})?")
WHOLE = (1, 2**20)  # where a range tells no row, or no column
QUOTED = re.compile(r"'(?:[^']|'')*'")  # the name of a sheet
HIDING = ("dataBar", "iconSet")
HIDDEN = (True, None, None)  # what shows no number at all
COLOURED = ("color", "fillColor", "negativeFillColor")  # of a scale, which runs from one to the next, or of bars
BETWEEN = (0, 0.25, 0.5, 0.75)
Drawn = tuple[bool, str | None, tuple[str | None, ...] | None]  # whether it is odd in itself; its ink and fills, if any


class Conditions:
    """The cells of a workbook that formats by condition may show otherwise, as far as they are looked at in all.

    Parameters
    ----------
    is_odd : callable
        Whether a format may show a cell of a look otherwise.
    left : Left
        How many ranges are looked at.
    """

    def __init__(self, is_odd: Callable[[Hashable, str | None], bool], left: Left):
        self._is_odd, self.left, self.verdicts, self.work = is_odd, left, {}, MOST

    def broken(
        self, rules: Collection[tuple[Hashable, str]], looks: dict[int, dict[int, str | None]]
    ) -> list[tuple[int, int]]:
        """Return those of the cells, given with their looks by row and column, that a format over them may show otherwise."""
        formats = {one for one, _ in rules}
        used = set().union(*(row.values() for row in looks.values())) if formats else set()
        self._take(EACH * len(used) * len(formats))
        odd = {one for one in formats if any(self._is_told(one, look) for look in used)}
        if not odd:  # as most
            return []
        low, wide, found = max(looks), max(max(row, default=0) for row in looks.values()), set()
        for one, (top, left, bottom, right) in {*self._within(rules, odd, low, wide)}:
            self._take((bottom - top + 1) * (right - left + 1))
            for line in range(top, bottom + 1):
                row = looks.get(line, {})
                there = (at for at in range(left, right + 1) if at in row)
                found.update((line, at) for at in there if self._is_told(one, row[at]))
        return sorted(found)

    def _within(self, rules: Iterable, odd: set, low: int, wide: int) -> Iterator[tuple]:
        """Yield the ranges of the formats that are odd, as far as there are cells: most of those without end are one."""
        for one, told in rules:
            if one in odd:
                for top, left, bottom, right in ranges(told, self.left):
                    if top <= low and left <= wide:
                        yield one, (top, left, min(bottom, low), min(right, wide))

    def _is_told(self, one: Hashable, look: str | None) -> bool:
        if (one, look) not in self.verdicts:
            self.verdicts[one, look] = self._is_odd(one, look)
        return self.verdicts[one, look]

    def _take(self, work: int) -> None:
        self.work -= work
        if self.work < 0:
            raise DataError(TOO_MUCH)


def ranges(told: str, left: Left) -> Iterator[tuple[int, int, int, int]]:
    """Yield the ranges of a list, each as first row, first column, last row, last column; what is none is passed over.

    Examples
    --------
    >>> [*ranges("C3:A1 B2", Left())], [*ranges("'A1 b'.C1:'A1 b'.C9 D:E", Left())]
    ([(1, 1, 3, 3), (2, 2, 2, 2)], [(1, 3, 9, 3), (1, 4, 1048576, 5)])
    """
    for one in QUOTED.sub("", told).split():
        left.take(beside=1)
        ends = [CORNER.fullmatch(end.rpartition(".")[2]) for end in one.split(":")]
        if all(ends):
            rows = [int(end[2]) for end in ends if end[2]] or WHOLE
            columns = [place_of(end[1]) for end in ends if end[1]] or WHOLE
            yield max(1, min(rows)), min(columns), max(rows), max(columns)


def between(colors: Iterable[str | None]) -> list[str]:
    """Return the colours that are known, and some of those between each and the next.

    Examples
    --------
    >>> between(["000000", None, "ffffff"])
    ['000000', '404040', '808080', 'bfbfbf', 'ffffff']
    """
    known = [one for one in colors if one]
    steps = [mixed(one, other, share) for one, other in itertools.pairwise(known) for share in BETWEEN]
    return steps + known[-1:]


class Formats:
    """The formats by condition of an Excel workbook: what each does to what a cell shows."""

    def __init__(self, looks: Looks, printed: bool):
        self.looks, self.printed, self.forms = looks, printed, {}
        self.named = dict(enumerate(looks.styles.iterfind("{*}dxfs/{*}dxf")))
        self.of_tables = {one.get("name"): one for one in looks.styles.iterfind("{*}tableStyles/{*}tableStyle")}
        self.drawn: dict[str, Drawn] = {}
        self.read = 0

    def rules(self, found: Iterable[ElementTree.Element]) -> set[tuple[Drawn, str]]:
        """Return what the formats of a sheet do, and where."""
        told = ((node, node.get("sqref") or node.findtext("{*}sqref", "")) for node in found)
        return {(one, where) for node, where in told for rule in node for one in self._of(rule) if any(one)}

    def of_styles(self, tables: Iterable[ElementTree.Element]) -> set[tuple[Drawn, str]]:
        """Return what the styles do that a workbook has of its own for tables, and where."""
        places = ((next((node.get("ref") for node in one.iter() if node.get("ref")), ""), one) for one in tables)
        told = ((ref, node.get("name")) for ref, one in places for node in one.iter())
        styles = ((ref, self.of_tables[name]) for ref, name in told if name in self.of_tables)
        return {(one, ref) for ref, style in styles for part in style for one in self._of(part) if any(one)}

    def is_odd(self, one: Drawn, look: str) -> bool:
        """Tell whether a format may show a cell of a look otherwise than it is read."""
        is_odd, ink, fills = one
        own, behind = self.looks.of(look)
        return is_odd or is_unseen(own if ink is None else ink, behind if fills is None else fills)

    def _of(self, rule: ElementTree.Element) -> list[Drawn]:
        if any(node.get("showValue") in NO for node in rule if node.tag in HIDING):
            return [HIDDEN]
        if graded := [self.looks.palette.color(one, None) for one in rule.iterfind("*/*") if one.tag in COLOURED]:
            self._count(len(graded))
            return [(False, None, (color,)) for color in between(graded)]
        named, own = rule.get("dxfId", ""), rule.find("{*}dxf")
        if own is not None:
            return [self._read(own)]
        if named not in self.drawn and named.isdecimal() and int(named) in self.named:
            self.drawn[named] = self._read(self.named[int(named)])
        return [self.drawn[named]] if named in self.drawn else []

    def _read(self, dxf: ElementTree.Element) -> Drawn:
        self._count(1)
        font, fill, form, color = (dxf.find(f"{{*}}{what}") for what in ("font", "fill", "numFmt", "font/{*}color"))
        is_odd = bool(font is not None and unread_part(font)) or (form is not None and self._is_form(form))
        ink = None if color is None else self.looks.palette.color(color, BLACK) or ""
        return is_odd, ink, None if fill is None else self._fills(fill)

    def _count(self, formats: int) -> None:
        self.read += formats
        if self.read > MOST_FORMATS:
            raise DataError(TOO_MUCH)

    def _fills(self, fill: ElementTree.Element) -> tuple[str | None, ...]:
        """Return what a format fills a cell with: where one colour does, it is what in a cell is the colour behind."""
        pattern = fill.find("{*}patternFill")
        if pattern is None or pattern.get("patternType", "solid") not in ("solid", "none"):
            return self.looks.palette.fills(fill)
        if pattern.get("patternType") == "none":
            return (WHITE,)
        back = pattern.find("{*}bgColor")
        return (self.looks.palette.color(pattern.find("{*}fgColor") if back is None else back, None),)

    def _is_form(self, node: ElementTree.Element) -> bool:
        """Tell whether a number format shows other than the digits that are read; of what is printed, any other may."""
        form = node.get("formatCode") or BUILT_IN.get(node.get("numFmtId", ""), "General")
        if form not in self.forms:
            is_plain = len(form) <= FORM_LENGTH and form.count(";") < 3 and decimals_of(form) < 3
            self.forms[form] = not is_plain or any(otherwise(form, sign) for sign in "+-0")
        return self.printed or self.forms[form]
