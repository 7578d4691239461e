"""The reading of one sheet of an own file: cells to values, and every fault on the way."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis import danish
from ballerup_analysis.files import DataError
from ballerup_analysis.grids.grid import TOO_LONG, Grid, WithUnit, filled
from ballerup_analysis.own import names as called
from ballerup_analysis.own.amounts import DANISH, factors_of, is_two, money_of, number_faults
from ballerup_analysis.own.control import NAMES, held_against, is_whole, of_the_lines, uncovered
from ballerup_analysis.own.forms import FORMS, NUMBERS, in_quotes, in_short, named, whole
from ballerup_analysis.own.heads import Head, head_faults
from ballerup_analysis.own.kinds import KINDS, SURE
from ballerup_analysis.own.notes import Notes
from ballerup_analysis.own.prices import level_faults
from ballerup_analysis.own.rest import is_unclear, unread_of
from ballerup_analysis.own.seen import long_faults, unseen_faults
from ballerup_analysis.own.signs import sign_faults
from ballerup_analysis.own.titles import no_unit, unit_above
from ballerup_analysis.own.typed import Own
from ballerup_analysis.own.years import year_faults

CLOSER = {("B", "K"), ("B", "F"), ("R", "F")}  # what a year tells and what a status may tell beside it
NO_LINE = "is part of a line above, and there is none; name it otherwise, or give that line its figure"
SHOWN = 60  # faults told one by one
OF_PERSONS = ("pers", "pers.", "personer")  # what a number that is no amount may be shown with
MOST_FAULTS = 500  # after which no more are looked for
MOST_AMOUNTS = 150_000  # of a budget with its years across
MOST_TEXT = 2_000_000  # characters of the texts of a sheet that differ: what many lines are called is looked at once


class Sheet:
    """The reading of one sheet: cells to values, and every fault on the way."""

    def __init__(self, kind: str, path: Path, grid: Grid, head: Head, others: Iterable[str] = ()):
        self.kind, self.path, self.grid, self.head, self.others = kind, path, grid, head, others
        self.columns = KINDS[kind]["columns"]
        self.faults: list[tuple[int, int | None, str]] = []
        self.left_out: list[str] = []
        self.totals: dict[int, str] = {}  # what stands in the rows that are left out as sums of others, by place
        self.parts: set[int] = set()  # places of the rows that are left out as parts of the line above
        self.doubts: list[tuple[int, int, str]] = []  # names of what may be no money, or counted twice
        self.is_under = False  # whether the row before has figures, as one that holds parts must
        self.breaks: list[int] = []  # places of the rows that end a section: totals and headings
        self.used, years = head.used, {*head.years}
        self._unit_above = unit_above(grid, head.row, self.used, head.corners, years)
        self._units = {head.factors.get(one) or self._unit_above for one in head.amounts(kind)} - {0.0}
        self.broken_lines = {line for line, column in grid.broken if column - 1 in self.used}
        line = head.places.get("line", head.places.get("benefit", 0))
        rows = (row for row in grid.rows[head.first :] if len(filled(row)) > 1 and line < len(row))
        self.is_sum = called.sums_by(row[line] for row in rows if isinstance(row[line], str))
        self.values: dict[tuple, tuple] = {}  # what a cell was read as, by column: most stand many times

    def read(self) -> Own:
        """Return the table, or raise a DataError that tells every fault."""
        if sum(map(len, {cell for row in self.grid.rows for cell in row if isinstance(cell, str)})) > MOST_TEXT:
            raise DataError(f"{self.path} {TOO_LONG}")
        if len(self.grid.rows) * len(self.head.years) > MOST_AMOUNTS:
            raise DataError(f"{self.path} has more than {MOST_AMOUNTS} amounts; keep the years and lines that are used")
        for at, place, right in long_faults(self.grid):
            self._fault(at, place, right)
        self._tell()
        rows = [place for place in range(self.head.first, len(self.grid.rows)) if self._counts(place)]
        lines = {self.grid.lines[at] for at in (*range(self.head.row, self.head.first), *rows)}
        self.faults += unseen_faults(self.grid, self.head, lines)
        commas = called.comma_faults(self.kind, self.grid, self.head, rows)
        for at, place, right in (*head_faults(self.kind, self.grid, self.head), *commas):
            self._fault(at, place, right)
        table = self._table(rows)
        no_total_of = self._hold_against_totals(table)
        self._scale(table)
        self._look_at_rows(table)
        notes = Notes(self.kind, self.grid, self.head, rows, table, self._units).faults()
        self.doubts += called.indent_faults(self.kind, self.grid, self.head, rows, self.parts)
        doubtful = {at for at, *_ in self.doubts}  # a total of nothing else shows nothing
        is_sure = (money_of(self.kind) or "fulltime_persons") not in no_total_of and len(doubtful) < len(rows)
        told = {line for line, *_ in self.faults}
        doubts = [] if is_sure else [one for one in self.doubts if self.grid.lines[one[0]] not in told]
        for at, place, right in (*notes, *doubts):
            self._fault(at, place, right)
        self._tell()
        texts = [c for c, spec in self.columns.items() if spec["form"] == "text" and c in self.head.places]
        for column in texts:  # one spelling of a name: the first
            first = {name.casefold(): name for name in table[column].dropna()[::-1]}
            table[column] = table[column].map(lambda name, first=first: first.get(name.casefold()), na_action="ignore")
        kept = [c for c in self.columns if c not in ("unit", "confirmed")]
        read = table["at"].tolist()
        lines = [self.grid.lines[at] for at in read]
        table = table[kept].assign(**{"file_line" if "line" in kept else "line": lines, "file": self.path.name})
        unread = unread_of(self.kind, self.grid, self.head, {*read}, {*self.totals, *self.parts}, self.others)
        return Own(self.kind, table, self.grid, self.head, tuple(self.left_out), unread, no_total_of)

    def _table(self, rows: list[int]) -> pd.DataFrame:
        """Return some rows of the file, as typed: a row for each line and year."""
        taken = {column: [self._value(column, row) for row in rows] for column in self.head.columns}
        table = pd.DataFrame({"at": rows} | dict.fromkeys(self.columns) | taken, index=range(len(rows)))
        if self.head.years:
            return self._melted(table)
        return self._dated(table) if self.kind == "budget" else table

    def _fault(self, at: int, place: int | None, right: str) -> None:
        self.faults.append((self.grid.lines[at], place, right))
        if len(self.faults) > MOST_FAULTS:
            self._tell()

    def _tell(self) -> None:
        if not self.faults:
            return
        sheet, names = f"sheet {self.grid.sheet!r}, " if self.grid.sheet else "", self.grid.rows[self.head.row]
        told = []
        for line, place, right in sorted(self.faults, key=lambda fault: fault[0])[:SHOWN]:
            column = "" if place is None else f", column {self.grid.column(place + 1)}"
            headed = place is not None and place < len(names) and names[place] is not None
            column += f" {str(whole(names[place]))!r}" if headed else ""
            told.append(f"{sheet}row {line}{column}: {right}")
        if len(self.faults) > SHOWN:
            told.append(f"and {len(self.faults) - SHOWN} more")
        least = "at least " * (len(self.faults) > MOST_FAULTS)
        raise DataError(f"{self.path}: {least}{len(self.faults)} to mend\n  " + "\n  ".join(told))

    def _counts(self, at: int) -> bool:
        """Tell whether a row holds figures; a total, a part of the line above or a note is left out and said."""
        cells, line = self.grid.rows[at], self.grid.lines[at]
        there = [place for place in filled(cells) if place in self.used]
        texts = [cells[place] for place in there if isinstance(cells[place], str)]
        texts_at = [p for c, p in self.head.places.items() if self.columns[c]["form"] in ("area", "text")]
        names = {p: " ".join(str(cells[p]).split()) for p in texts_at if p < len(cells) and cells[p] is not None}
        why, broken = "", line in self.broken_lines
        beside = () if names else (cell for cell in cells if isinstance(cell, str))
        has_figures = broken or any(not isinstance(cells[p], str) or called.is_figure(cells[p]) for p in there)
        if total := has_figures and [
            name for name in (*names.values(), *beside) if self.is_sum(name) or called.is_inside(name)
        ]:
            why = f"row {line} {total[0]!r}"
            if self.is_sum(total[0]):
                self.totals[at] = total[0]
                self.breaks.append(at)
            else:
                self.parts.add(at)
                if not self.is_under and any(called.tells_amount(cells[place]) for place in there):
                    self._fault(at, there[0], f"{in_quotes(total[0])} {NO_LINE}")
        elif len(there) == 1 and texts and not broken and (names or not called.is_figure(texts[0])):
            why = f"row {line} {in_quotes(texts[0])}"
            self.breaks.append(at)
            for right in called.note_faults(self.kind, texts[0], self._units, at < self._last, self.head.persons):
                self._fault(at, there[0], right)
        if why:
            self.left_out.append(why)
        counts = bool(there or broken) and not why
        if at in self.breaks and at not in self.totals:
            self.is_under &= called.is_aside(texts[0])
        elif counts or at in self.totals:
            self.is_under = broken or any(called.tells_amount(cells[place]) for place in there)
        faults = called.row_faults(self.kind, self.grid, self.head, at, names, self._units) if counts else ()
        for place, right in faults:
            self._fault(at, place, right)
        told = called.doubts_of(names, self.head.places.get("line")) if counts else ()
        self.doubts += [(at, place, right) for place, right in told]
        return counts

    @cached_property
    def _last(self) -> int:
        """Return the last row with more than one cell."""
        return max(at for at, cells in enumerate(self.grid.rows) if len(filled(cells)) > 1)

    def _value(self, column: str, at: int, place: int | None = None):
        place = self.head.places[column] if place is None else place
        line, spec = self.grid.lines[at], self.columns[column]
        cell = self.grid.rows[at][place] if place < len(self.grid.rows[at]) else None
        told = self.grid.broken.get((line, place + 1))
        if told and not self._is_unit(told, column, at, place):
            self._fault(at, place, f"here stands {told}")
            return None
        shown = self.grid.thousandths.get((line, place + 1), cell)
        if spec["form"] in NUMBERS and isinstance(shown, str) and self._is_doubtful(shown, column, at, place):
            self._fault(
                at, place, f"{shown!r} may be a thousand or one; write it without three decimals, as 1.000 or 1,0"
            )
            return None
        same = (column, type(cell), cell)
        if same not in self.values:
            try:
                self.values[same] = FORMS[spec["form"]](cell, spec), ""
            except ValueError as error:
                stands = "nothing" if cell is None else repr(whole(cell))[:60]
                self.values[same] = None, f"{stands} stands there; {error}"
        value, wrong = self.values[same]
        if wrong:
            self._fault(at, place, wrong)
        return value

    def _is_unit(self, told: str, column: str, at: int, place: int) -> bool:
        """Tell whether all that is odd about a number is the unit it is shown with, which is that of its heading."""
        unit = told.unit if isinstance(told, WithUnit) else ""
        if not unit or not self.columns[column].get("unit"):  # what is no amount is of persons
            return self.columns[column]["form"] in NUMBERS and unit in OF_PERSONS
        factor, factors = self._factor(column, at, place), factors_of(unit)
        return factor in factors or bool(factors and not factor)  # where none is told, that is asked about

    def _is_doubtful(self, cell: str, column: str, at: int, place: int) -> bool:
        """Tell whether a number may be another's thousands, with nothing in the file that shows which."""
        factors = [self._factor(column, at, place)] if self.columns[column].get("unit") else [1e3]
        factors += [one["factor"] for one in [self.columns[column]] if "factor" in one]  # persons or mio. kr.
        return any(is_two(cell, factor, self.grid.separator, self._is_danish) for factor in factors)

    @cached_property
    def _is_danish(self) -> bool:
        """Tell whether some number of the file can only be Danish."""
        return any(isinstance(cell, str) and DANISH.fullmatch(cell) for row in self.grid.rows for cell in row)

    def _factor(self, column: str, at: int, place: int) -> float:
        """Return the unit of an amount, by its heading, its row or a cell above."""
        factors, unit = self.head.factors, self.head.places.get("unit")
        factor = factors.get(place) or factors.get(column)
        if not factor and unit is not None and unit < len(self.grid.rows[at]):
            factor = named(self.grid.rows[at][unit])[1]
        return factor or self._unit_above

    def _melted(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a row for each line and year of a wide budget."""
        rows, units, years = table["at"].tolist(), table["unit"].tolist(), self.head.years
        for at, unit in zip(rows, units, strict=True):
            if unit and self._units - {unit}:
                self._fault(at, self.head.places["unit"], "another unit than the headings tell")
        melted = table.iloc[[*range(len(rows))] * len(years)].assign(
            year=[year for year, _ in years.values() for _ in rows],
            status=[status for _, status in years.values() for _ in rows],
            amount_tkr=[self._value("amount_tkr", at, place) for place in years for at in rows],
            unit=[unit or self.head.factors.get(place) for place in years for unit in units],
        )
        if table["persons"].notna().any() and len(years) > 1:
            self.left_out.append("one number of persons a line, which is taken for every year")
        none = melted[melted["amount_tkr"].isna()]
        if len(none) and not self.faults:
            told = (none["line"] + " " + none["status"] + none["year"].astype(str)).tolist()
            self.left_out.append(f"no amount of {in_short(told)}")
        return melted.dropna(subset="amount_tkr", ignore_index=True)

    def _dated(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a long budget with year and status apart, the status as its column, its year or a title tells it."""
        pairs, status, title = [pair or (None, None) for pair in table["year"]], [], self.head.title
        for at, own, (year, told) in zip(table["at"], table["status"], pairs, strict=True):
            if own and told and own != told and (told, own) not in CLOSER:
                self._fault(at, self.head.places["status"], f"the year tells {told}, the status {own}; keep one")
            status.append(own or told or title.get(year) or title.get(0) or None)
        lacking, place = [not one for one in status], self.head.places.get("status")
        if title and any(lacking):
            right = "a title above tells more than one status; write R2024 or BO2028, or use a column 'status'"
            self._fault(self.head.row, self.head.places["year"], right)
        elif place is not None and any(table["status"]):
            for at in table["at"][lacking]:
                self._fault(at, place, "no status stands here, as it does in other rows; write it in each")
        return table.assign(year=[year for year, _ in pairs], status=status)

    def _hold_against_totals(self, table: pd.DataFrame) -> dict[str, str]:
        """Note totals that the rows do not come to; return the columns that hold a number no total covers, and of what."""
        totals, is_clean = self._totals() if self.totals else table[:0], not self.faults
        if self.head.years:  # a total of a year no line has an amount of says nothing of the others
            totals = totals[totals["year"].isin(table["year"])]
        try:
            held = held_against(self.kind, table, totals, self.breaks)
        except ValueError as error:
            raise DataError(f"{self.path} holds {error}") from None
        sure = self._confirmed(totals)  # which does not tell whether what has a name of its own is a line
        for column, one in held.items() if is_clean else ():
            for i in (i for i in one.off if not (sure[i] and is_whole(totals["name"][i]))):
                right = one.off[i] + SURE * ("confirmed" in self.columns and is_whole(totals["name"][i]))
                self._fault(totals["at"][i], self._place_of(totals, column, i), right)
        return uncovered(self.kind, table, held)

    def _totals(self) -> pd.DataFrame:
        """Return what the rows tell that are left out as sums of others; a number that cannot be read is a fault as any."""
        numbers = {place for c, place in self.head.places.items() if self.columns[c]["form"] == "number"}
        faults, left_out = len(self.faults), len(self.left_out)
        totals = self._table([at for at in self.totals if not is_unclear(self.kind, self.grid.rows[at], self.head)])
        numbers |= {*self.head.years}
        self.faults[faults:] = [one for one in self.faults[faults:] if one[1] in numbers]
        del self.left_out[left_out:]
        if self._units:  # what is told in another unit is of something else
            totals = totals[totals["unit"].isna() | totals["unit"].isin(self._units)]
        return of_the_lines(self.kind, totals.assign(name=totals["at"].map(self.totals)), self._units)

    def _scale(self, table: pd.DataFrame) -> None:
        """Bring money to the unit of its column; where no unit is told, that is a fault."""
        for column, spec in self.columns.items():
            if not spec.get("unit"):
                continue
            factor = self.head.factors.get(column) or self._unit_above
            other = table["unit"].notna() & (table["unit"] != factor) & bool(factor) & (not self.head.years)
            for at in table["at"][other.to_numpy(bool)]:
                self._fault(at, self.head.places["unit"], "another unit than the heading tells")
            by_row = table["unit"].astype(float)
            if not (self.head.years and by_row.notna().any() and not self._unit_above):  # of some years alone
                by_row = by_row.fillna(factor or np.nan)
            if len(table) and by_row.isna().any():
                place = self._place_of(table, column, table.index[by_row.isna()][0])
                right = no_unit(self.grid, self.head.row)
                self._fault(self.head.row, place, right)
            to = 1e3 if column.endswith("_tkr") else 1.0
            table[column] = table[column].astype(float) * by_row / to
            kr = table[column].abs() * to
            for i in table.index[(kr > spec["largest_kr"]).to_numpy()]:
                right = f"it comes to {danish.number(kr[i])} kr.; is the unit right?"
                self._fault(table["at"][i], self._place_of(table, column, i), right)

    def _look_at_rows(self, table: pd.DataFrame) -> None:
        """Note what no row may say: the same twice, a price that cannot be, a sum of the others."""
        if self.kind == "budget":
            table["status"] = table["status"].fillna("B").replace("", "B")
        key = KINDS[self.kind]["key"]
        keyed = table.dropna(subset=key)
        for at, first in called.twice(keyed, key):
            again = f"the same {', '.join(key)} as in row {self.grid.lines[first]}"
            self._fault(at, None, f"{again}; keep one of them, or their sum")
        periods = dict(zip(keyed["at"], keyed["period"], strict=True)) if "period" in key else {}
        of_periods = called.period_faults(self.grid, self.head, periods)
        unsure, money = table[~self._confirmed(table)], money_of(self.kind)
        found = []
        for names in (table[one] for one in NAMES if one in key):
            numbered = called.numbered(names, table["at"], self.grid, self.head)
            found += number_faults(self.kind, table.assign(name=names, numbered=numbered), unsure.index)
        of_amounts = [*year_faults(self.kind, self.grid, self.head, table, unsure)]
        if money:
            of_amounts += level_faults(self.kind, self.grid, self.head, table)
            found += ((i, money, right) for i, right in sign_faults(self.kind, self.grid, self.head, unsure, money))
        self.faults += [(self.grid.lines[at], *told) for at, *told in (*of_periods, *of_amounts)]
        for i, column, right in found:
            self._fault(table["at"][i], self._place_of(table, column, i), right)

    def _confirmed(self, table: pd.DataFrame) -> pd.Series:
        """Return of which rows the file says that they are right as they stand."""
        return table["confirmed"].eq(True) if "confirmed" in self.head.places else pd.Series(False, table.index)

    def _place_of(self, table: pd.DataFrame, column: str, i: int) -> int:
        """Return the column a number stands in."""
        across = {year: place for place, year in self.head.years.items()}
        return self.head.places[column] if column in self.head.places else across[table["year"][i], table["status"][i]]
