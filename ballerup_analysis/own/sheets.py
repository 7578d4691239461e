"""The reading of one sheet of an own file: cells to values, and every fault on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis import danish, sources
from ballerup_analysis.files import DataError
from ballerup_analysis.grids.grid import COLUMNS, Grid, filled, letters
from ballerup_analysis.own.forms import ALONE, FORMS, named, tells_unit, whole
from ballerup_analysis.own.heads import Head
from ballerup_analysis.own.kinds import KINDS
from ballerup_analysis.own.sums import sums_among
from ballerup_analysis.totals import counts_twice

PRICE_KR = (20_000, 400_000)  # of a benefit, a person and year: what lies outside is asked about
SHOWN, MOST_TOLD = 60, 12  # faults told one by one, and amounts that are not there
DOUBTFUL = re.compile(r"\b(?:i ?alt|samlet|tilsammen|total(?:t|en)?)\b")
# Three digits behind one mark: thousands in one country, thousandths in the other; and what can only be Danish.
ENGLISH, POINTED = (re.compile(rf"[-+−(]?\d{{1,3}}{mark}\d{{3}}(?:,-|[)-])?") for mark in (",", r"\."))
DANISH = re.compile(r"[-+−(]?(?:\d+,(?:\d{1,2}|\d{4,})|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,})[)-]?")


@dataclass(frozen=True)
class Own:
    """What was read of a file: the tidy table, its sheet and headings, and the rows that were left out."""

    table: pd.DataFrame
    grid: Grid
    head: Head
    left_out: tuple[str, ...]

    def as_typed(self) -> pd.DataFrame:
        """Return the cells as they stand in the file, to lead from a number to what was typed.

        Text by line of the file (index) and column: those of :func:`read`, and (year, status) of a budget that has its
        years across.
        """
        cells = [[row[at] if at < len(row) else None for at in self._places.values()] for row in self.grid.rows]
        told = [["" if cell is None else str(whole(cell)) for cell in row] for row in cells]
        return pd.DataFrame(told, index=self.grid.lines, columns=[*self._places])

    def heading(self, column) -> str:
        """Return the heading of a column as it stands in the file, with its sheet."""
        sheet = f"{self.grid.sheet}: " if self.grid.sheet else ""
        return sheet + str(whole(self.grid.rows[self.head.row][self._places[column]]))

    @property
    def _places(self) -> dict:
        return self.head.places | {year: place for place, year in self.head.years.items()}


class Sheet:
    """The reading of one sheet: cells to values, and every fault on the way."""

    def __init__(self, kind: str, path: Path, grid: Grid, head: Head):
        self.kind, self.path, self.grid, self.head = kind, path, grid, head
        self.columns = KINDS[kind]["columns"]
        self.faults: list[tuple[int, int | None, str]] = []
        self.left_out: list[str] = []
        self.used = {*head.places.values(), *head.years}
        self.broken_lines = {line for line, column in grid.broken if column - 1 in self.used}
        self.values: dict[tuple, tuple] = {}  # what a cell was read as, by column: most stand many times

    def read(self) -> Own:
        """Return the table, or raise a DataError that tells every fault."""
        rows = [place for place in range(self.head.row + 1, len(self.grid.rows)) if self._counts(place)]
        self._look_at_form({self.grid.lines[at] for at in (self.head.row, *rows)})
        taken = {column: [self._value(column, row) for row in rows] for column in self.head.places}
        table = pd.DataFrame({"at": rows} | taken, index=range(len(rows)))
        for column in set(self.columns) - set(taken):
            table[column] = None
        if self.head.years:
            table = self._melted(table)
        elif self.kind == "budget":
            pairs = [pair or (None, None) for pair in table["year"]]
            status = [own or told or None for own, (_, told) in zip(table["status"], pairs, strict=True)]
            table = table.assign(year=[year for year, _ in pairs], status=status)
        self._scale(table)
        self._look_at_rows(table)
        self._tell()
        texts = [c for c, spec in self.columns.items() if spec["form"] == "text" and c in taken]
        for column in texts:  # one spelling of a name: the first
            first = {name.casefold(): name for name in table[column].dropna()[::-1]}
            table[column] = table[column].map(lambda name, first=first: first.get(name.casefold()), na_action="ignore")
        kept = [c for c in self.columns if c not in ("unit", "confirmed")]
        lines = [self.grid.lines[at] for at in table["at"]]
        if self.head.other:
            self.left_out.append(f"columns {', '.join(map(repr, self.head.other))}")
        table = table[kept].assign(**{"file_line" if "line" in kept else "line": lines, "file": self.path.name})
        return Own(table, self.grid, self.head, tuple(self.left_out))

    def _fault(self, at: int, place: int | None, right: str) -> None:
        self.faults.append((self.grid.lines[at], place, right))

    def _tell(self) -> None:
        if not self.faults:
            return
        sheet, names = f"sheet {self.grid.sheet!r}, " if self.grid.sheet else "", self.grid.rows[self.head.row]
        told = []
        for line, place, right in sorted(self.faults, key=lambda fault: fault[0])[:SHOWN]:
            column = "" if place is None else f", column {self.grid.column(place + 1)}"
            column += f" {str(whole(names[place]))!r}" if place is not None and place < len(names) else ""
            told.append(f"{sheet}row {line}{column}: {right}")
        if len(self.faults) > SHOWN:
            told.append(f"and {len(self.faults) - SHOWN} more")
        raise DataError(f"{self.path}: {len(self.faults)} to mend\n  " + "\n  ".join(told))

    def _look_at_form(self, lines: set[int]) -> None:
        """Note merged and hidden cells among those read, and headings that stand twice."""
        first, used = self.grid.lines[self.head.row], self.used
        for top, left, low, right in self.grid.merged:
            met = used & set(range(left - 1, min(right, COLUMNS)))
            if top <= first <= low or (met and any(top <= line <= low for line in lines)):
                corners = f"{letters(left)}{top}:{letters(right)}{low}"
                self.faults.append(
                    (top, left - 1, f"the cells {corners} are merged; unmerge them, one heading a column")
                )
        for what, place in sorted(self.grid.hidden):
            if what == "row" and place in lines:
                self.faults.append((place, None, "the row is hidden; show it or delete it"))
            elif what == "column" and place - 1 in used:
                self.faults.append((first, place - 1, "the column is hidden; show it or delete it"))
        there = [named(cell)[0] for cell in self.grid.rows[self.head.row] if cell is not None]
        for place in sorted(self.used):
            if told := self.grid.broken.get((first, place + 1)):
                self._fault(self.head.row, place, f"here stands {told}")
        for place in self.head.unclear:
            year = self.head.years[place][0]
            self._fault(self.head.row, place, f"no status is told above {year}; write it in the heading, as BO{year}")
        if self.head.years and "status" in self.head.places:
            self._fault(self.head.row, self.head.places["status"], "each year tells its status; leave the column out")
        for place, year in self.head.years.items():
            if [*self.head.years.values()].index(year) != [*self.head.years].index(place):
                self._fault(self.head.row, place, f"a second column for {year[1]}{year[0]}; keep one")
        for column in self.head.places:
            if sum(name in self.columns[column]["heads"] for name in there) > 1:
                self._fault(self.head.row, self.head.places[column], f"a second column for {column}; keep one")

    def _counts(self, at: int) -> bool:
        """Tell whether a row holds figures; a total, a part of the line above or a note is left out and said."""
        cells, line = self.grid.rows[at], self.grid.lines[at]
        there = [place for place in filled(cells) if place in self.used]
        texts = [cells[place] for place in there if isinstance(cells[place], str)]
        texts_at = [p for c, p in self.head.places.items() if self.columns[c]["form"] in ("area", "text")]
        named_at = [p for p in texts_at if p < len(cells) and cells[p] is not None]
        names = [str(cells[p]) for p in named_at]
        why, broken = "", line in self.broken_lines
        if total := [name for name in names if counts_twice(name)]:
            why = f"row {line} {total[0]!r}"
        elif len(there) == 1 and texts and not broken:
            why = f"row {line} {texts[0][:40]!r}"
            if named(texts[0])[1] > 1:  # what stands below it would be read in another
                self._fault(at, there[0], f"{texts[0][:40]!r} tells a unit below the headings; use a column 'enhed'")
        if why:
            self.left_out.append(why)
        for place, name in zip(named_at, [] if why else names, strict=False):
            if self.head.years and named(name)[0] in KINDS["budget"]["columns"]["persons"]["heads"]:
                self._fault(at, place, f"{name!r} are no kroner; leave the row out, persons have a column of their own")
            if DOUBTFUL.search(name.casefold()):
                self._fault(
                    at, place, f"{name!r} may be a total; if it is, call it I alt; if it is not, name it otherwise"
                )
        return bool(there or broken) and not why

    def _value(self, column: str, at: int, place: int | None = None):
        place = self.head.places[column] if place is None else place
        line, spec = self.grid.lines[at], self.columns[column]
        cell = self.grid.rows[at][place] if place < len(self.grid.rows[at]) else None
        if told := self.grid.broken.get((line, place + 1)):
            self._fault(at, place, f"here stands {told}")
            return None
        if spec["form"] == "number" and isinstance(cell, str) and self._is_doubtful(cell, column, at, place):
            self._fault(
                at, place, f"{cell!r} may be a thousand or one; write it without three decimals, as 1.000 or 1,0"
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

    def _is_doubtful(self, cell: str, column: str, at: int, place: int) -> bool:
        """Tell whether a number may be another's thousands, with nothing in the file that shows which."""
        if self.grid.separator == "," and POINTED.fullmatch(cell):
            return not self._is_danish
        if not ENGLISH.fullmatch(cell):
            return False
        factor = self._factor(column, at, place) if self.columns[column].get("unit") else 1e3
        return factor == 1 or (factor == 1e3 and not self._is_danish)

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
        parts = []
        for place, (year, status) in self.head.years.items():
            amounts = [self._value("amount_tkr", at, place) for at in table["at"]]
            told = self.head.factors.get(place)
            parts.append(table.assign(year=year, status=status, amount_tkr=amounts, unit=told or table["unit"]))
        melted = pd.concat(parts, ignore_index=True)
        none = melted[melted["amount_tkr"].isna()]
        if len(none) and not self.faults:
            told = (none["line"] + " " + none["status"] + none["year"].astype(str)).tolist()
            more = f" and {len(told) - MOST_TOLD} more" * (len(told) > MOST_TOLD)
            self.left_out.append(f"no amount of {', '.join(told[:MOST_TOLD])}{more}")
        return melted.drop(none.index).reset_index(drop=True)

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
                place = self.head.places.get(column, min(self.head.years, default=None))
                right = "no unit is told, or more than one; write kr., 1.000 kr. or mio. kr. in the heading, as 'nettoudgift (1.000 kr.)'"
                self._fault(self.head.row, place, right)
            to = 1e3 if column.endswith("_tkr") else 1.0
            table[column] = table[column].astype(float) * by_row / to
            kr = table[column].abs() * to
            for i in table.index[(kr > spec["largest_kr"]).to_numpy()]:
                right = f"it comes to {danish.number(kr[i])} kr.; is the unit right?"
                self._fault(table["at"][i], self._money_at(table, column, i), right)

    @cached_property
    def _unit_above(self) -> float:
        """Return the unit that stands in a cell of its own at or above the headings, as Danish budgets print it."""
        cells = self.grid.rows[self.head.row]
        beside = [c for place, c in enumerate(cells) if place not in self.used]
        above = [c for row in self.grid.rows[: self.head.row] for c in row] + cells[:1]
        told, alone = ([named(cell) for cell in some if tells_unit(cell)] for some in (above, beside))
        factors = {factor for name, factor in (*told, *alone) if ALONE.fullmatch(name)}
        factors = factors or {
            factor for _, factor in told if factor != 1
        }  # "kr." in a sentence may be thousands of them
        return factors.pop() if len(factors) == 1 else 0.0

    def _look_at_rows(self, table: pd.DataFrame) -> None:
        """Note what no row may say: the same twice, a price that cannot be, a sum of the others."""
        if self.kind == "budget":
            table["status"] = table["status"].fillna("B").replace("", "B")
        key = KINDS[self.kind]["key"]
        whole = table[table[key].notna().all(axis=1)]
        same = whole[key].astype("str").apply(lambda texts: texts.str.casefold())
        first = whole.groupby([same[c] for c in key])["at"].transform("first")
        for at, before in zip(whole["at"][same.duplicated()], first[same.duplicated()], strict=True):
            self._fault(at, None, f"the same {', '.join(key)} as in row {self.grid.lines[before]}; keep one of them")
        if "area" in key:
            self._look_for_crowds(table)
        money = next((c for c, spec in self.columns.items() if spec.get("unit")), None)
        if money is None:
            if "fulltime_persons" in self.columns:
                self._look_for_sums(table, "fulltime_persons", [c for c in key if c != "benefit"])
            return
        persons = pd.to_numeric(table["fulltime_persons" if self.kind == "accounts" else "persons"])
        price = table[money] * (1e3 if money.endswith("_tkr") else 1) / persons.where(persons > 0)
        sure = table["confirmed"].eq(True) if "confirmed" in self.head.places else False
        for i in table.index[(price.notna() & ~price.between(*PRICE_KR) & ~sure).to_numpy()]:
            self._fault(table["at"][i], self._money_at(table, money, i), _ask(price[i]))
        self._look_for_sums(table, money, [c for c in key if c not in ("benefit", "line")])

    def _money_at(self, table: pd.DataFrame, money: str, i: int) -> int:
        """Return the column an amount stands in."""
        across = {year: place for place, year in self.head.years.items()}
        return across[table["year"][i], table["status"][i]] if across else self.head.places[money]

    def _look_for_crowds(self, table: pd.DataFrame) -> None:
        """Note where more persons are told than the area has ever had inhabitants."""
        inhabitants = table["area"].map(sources.load("folk1a").groupby("area")["persons"].max())
        for i in table.index[(table["fulltime_persons"].astype(float) > inhabitants.astype(float)).to_numpy()]:
            right = f"the area has at most {danish.number(inhabitants[i])} inhabitants; fewer are on a benefit"
            self._fault(table["at"][i], self.head.places["fulltime_persons"], right)

    def _look_for_sums(self, table: pd.DataFrame, amount: str, by: list[str]) -> None:
        what = "line" if self.kind == "budget" else "benefit"
        for i in sums_among(table[amount].astype(float), table[what], [table[c].astype("str") for c in by]):
            right = f"{table[what][i]!r} is the sum of others; if it is a total, call it I alt or take it out"
            self._fault(table["at"][i], self._money_at(table, amount, i), right)


def _ask(price_kr: float) -> str:
    low, high = PRICE_KR
    told = (
        f"{danish.number(price_kr)} kr. a person and year is not between {danish.number(low)} and {danish.number(high)}"
    )
    for unit, factor in (("1.000 kr.", 1e3), ("kr.", 1e-3)):
        if low <= price_kr * factor <= high:
            told += f"; with the unit {unit} it would be {danish.number(price_kr * factor)} kr."
    return f"{told}; if it is right, write ja in a column 'bekræftet'"
