"""What was read of an own file, and the cells as they were typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.amounts import NUMERIC, as_shown
from ballerup_analysis.own.forms import area_in, named, whole
from ballerup_analysis.own.heads import Head
from ballerup_analysis.own.kinds import KINDS
from ballerup_analysis.own.titles import areas_above
from ballerup_analysis.own.unread import Unread, short

BARE = re.compile(r"[-+−–(]?\d[\d., ]*[-−–)]?")  # a number and nothing that tells of what


@dataclass(frozen=True)
class Own:
    """What was read of a file: the tidy table, its sheet and headings, the rows that were left out, what else stands there unread, and the columns that no total covers with the years or areas, where it is some."""

    kind: str
    table: pd.DataFrame
    grid: Grid
    head: Head
    left_out: tuple[str, ...]
    unread: tuple[Unread, ...]
    no_total_of: dict[str, str]

    def as_typed(self) -> pd.DataFrame:
        """Return the cells as they stand in the file, to lead from a number to what was typed.

        Text by line of the file (index) and column: those of :func:`read`, and (year, status) of a budget that has its
        years across. A number of a workbook is written the Danish way; a year or a code stays as it is.
        """
        places = self._places
        shown = [as_shown if one in NUMERIC or one in self.head.years.values() else whole for one in places]
        rows = ([row[at] if at < len(row) else None for at in places.values()] for row in self.grid.rows)
        told = [["" if cell is None else str(by(cell)) for by, cell in zip(shown, row, strict=True)] for row in rows]
        return pd.DataFrame(told, index=self.grid.lines, columns=[*places])

    def beside(self) -> pd.Series:
        """Return the texts in each line of the file that are not read, as a remark, each after its heading; nothing in most."""
        heads, used = self.grid.rows[self.head.row], self.head.used
        headings = {place: str(whole(heads[place])) for place in filled(heads) if place not in used}
        told = []
        for row in self.grid.rows:
            cells = (p for p in filled(row) if p not in used and isinstance(row[p], str) and not BARE.fullmatch(row[p]))
            told.append("; ".join(": ".join(filter(None, (headings.get(p, ""), short(row[p])))) for p in cells))
        return pd.Series(told, index=self.grid.lines, dtype=object)

    def areas(self) -> set[str]:
        """Return the codes of the municipalities that columns name, also where none is read, as of a budget, or titles do, the one."""
        spec, heads = KINDS["accounts"]["columns"]["area"], self.grid.rows[self.head.row]
        columns = [
            p
            for p in filled(heads)
            if named(heads[p])[0] in (*spec["heads"], *spec["also"]) and p not in self.head.used
        ]
        cells = (row[p] for row in self.grid.rows[self.head.first :] for p in columns if p < len(row))
        titled = {code for *_, code in areas_above(self.grid, self.head.row)}
        return {area_in(cell) for cell in cells} - {None} | (titled if len(titled) == 1 else set())

    def heading(self, column) -> str:
        """Return the heading of a column as it stands in the file, with its sheet."""
        sheet = f"{self.grid.sheet}: " if self.grid.sheet else ""
        return sheet + str(whole(self.grid.rows[self.head.row][self._places[column]]))

    @property
    def _places(self) -> dict:
        return self.head.places | {year: place for place, year in self.head.years.items()}
