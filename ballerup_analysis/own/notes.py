"""What stands beside and below the figures of an own file and is not read, held against what is: notes, remarks, the sheet's name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from ballerup_analysis.grids.grid import Grid, filled
from ballerup_analysis.own.doubts import (
    DOUBTS,
    EVERYBODY,
    PART,
    SOME,
    VERB,
    of_all,
    statuses,
)
from ballerup_analysis.own.forms import FORMS, area_in, attempt, in_quotes, named, plain, unit_apart, whole
from ballerup_analysis.own.kinds import KINDS, SURE, WORDS
from ballerup_analysis.own.remarks import as_told, remark_fault
from ballerup_analysis.own.titles import AMOUNT, COUNTED, areas_above
from ballerup_analysis.sources import HOME, area_name

if TYPE_CHECKING:
    from ballerup_analysis.own.heads import Head

OF_SOME = re.compile(r"personer (?!i\b)|andel(?:en)? af (?:fælles|administration|drift)")  # titles of lines in money
WHOLE = re.compile(
    r"0{0,2}[01] ?[-–] ?0?1[2-6]|1[2-6]|jan-dec|31[./-]12(?:[./-](?:20)?\d\d)?|20\d\d(?:-12(?:-31)?)?"
)  # periods of a year, with those that close it
OF_TIME = re.compile(r"(?:^|\b(?:regnskabs|bogførings))periode\b|\bperiode$")
MONTHS = re.compile(r"0?[01]?\d ?(?:[-–]|\.\.) ?0?[01]?\d|[01]?\d|20\d\d ?[-m/]? ?(?:0[1-9]|1[01])")


class Notes:
    """What is told of all figures of a sheet, and of its rows, by words that are not read."""

    def __init__(self, kind: str, grid: Grid, head: Head, rows: list[int], table: pd.DataFrame, units: set[float]):
        self.kind, self.grid, self.head, self.rows, self.units = kind, grid, head, rows, {0.0, *units}
        self.names = [named(cell)[0] if cell is not None else "" for cell in grid.rows[head.row]]
        self.status, self.years = defaultdict(set), frozenset()
        if kind == "budget":
            for at, status in zip(table["at"], table["status"], strict=True):
                self.status[at].add(status)
            self.years = frozenset(map(int, table["year"].dropna()))
        self.area_of = dict(zip(table["at"], table["area"], strict=True)) if "area" in table else {}
        self.areas = {*self.area_of.values()}
        benefits = {plain(one) for one in table["benefit"].dropna()} if "benefit" in table else set()
        longest_first = sorted(map(re.escape, benefits), key=len, reverse=True)
        self.on_benefit = re.compile(rf"(?:{'|'.join(longest_first) or '(?!)'})s?(?=\b|modtagere)")
        self.counted, self.used = {*rows}, head.used
        self.held = {place for at in rows for place in filled(grid.rows[at])}
        self.all = set().union(*self.status.values())

    def faults(self) -> Iterator[tuple[int, int | None, str]]:
        """Tell what contradicts the figures: row, place, None for the sheet's name, and what would be right."""
        head, grid = self.head, self.grid
        sheet = plain(grid.sheet)
        if right := of_all(self.kind, sheet, head.persons) or self._otherwise(sheet) or self._unit(sheet):
            yield head.row, None, f"the sheet is called {grid.sheet!r}: {right}"
        for at in range(head.row, len(grid.rows)):
            there = filled(grid.rows[at])
            has_figures = sum(place in self.used for place in there) > 1
            for place in there:
                if not (has_figures and place in self.used) and (right := self._of_cell(at, place, has_figures)):
                    yield at, place, f"{in_quotes(grid.rows[at][place])}: {right}"
        yield from self._titles()
        yield from self._whose()
        yield from self._columns()

    def _of_cell(self, at: int, place: int, has_figures: bool) -> str:
        """Return what is wrong with a cell that is not read: a remark under a heading beside figures, else a note."""
        cell, is_read = self.grid.rows[at][place], place in self.used
        if at == self.head.row and place in self.held:
            return ""  # the heading of a column
        if has_figures and at > self.head.row and place < len(self.names) and self.names[place]:
            return self._remark(at, place) if at in self.counted else ""
        text = plain(cell) if isinstance(cell, str) else ""
        # what a text in a column that is read tells of all is looked at where that is, and the unit of a row with the row
        beside = "" if is_read else of_all(self.kind, text, self.head.persons, note=True)
        return beside or ("" if is_read or at in self.counted else self._unit(text)) or self._otherwise(text)

    def _unit(self, text: str) -> str:
        text = f"{text.rstrip('. )')} kr." if AMOUNT.fullmatch(text) else text
        is_other = len(self.units) > 1 and unit_apart(text, ends=False) not in self.units
        return "another unit than the headings tell; keep one" if is_other else ""

    def _otherwise(self, text: str) -> str:
        """Return what is wrong where a text tells that a budget's figures are of another status, or no money."""
        if self.kind != "budget":
            return ""
        if right := self._other_status(text):
            return right
        counted = not self.head.persons and COUNTED.search(text) and not VERB.search(text)
        if counted and not OF_SOME.match(text):
            return "are no kroner; keep one table a sheet, with persons in a column"
        return ""

    def _other_status(self, text: str) -> str:
        told = statuses(text, self.years)
        is_other = told - {"B"} and told.isdisjoint(self.all)
        return (
            f"the amounts are read as {', '.join(sorted(self.all))}; {as_told(told)}, or take it out"
            if is_other
            else ""
        )

    def _titles(self) -> Iterator[tuple[int, int, str]]:
        """Tell titles of another status where all amounts are of the one that "budget" alone tells too."""
        for at, cells in enumerate(self.grid.rows[: self.head.row] if self.all == {"B"} else ()):
            for place in filled(cells):
                over = place in self.head.used or not (place < len(self.names) and self.names[place])
                if over and isinstance(cells[place], str) and (right := self._other_status(plain(cells[place]))):
                    yield at, place, f"{in_quotes(cells[place])}: {right}"

    def _whose(self) -> Iterator[tuple[int, int, str]]:
        """Tell titles that name municipalities, none of which has a row."""
        above = areas_above(self.grid, self.head.row)
        named = [one for one in above if one[1:] != (None, HOME)]  # a sheet called so may be of one's own workbook
        if self.areas and self.areas.isdisjoint(code for *_, code in named):
            for at, place, code in named:
                told = (
                    f"the sheet is called {self.grid.sheet!r}"
                    if place is None
                    else in_quotes(self.grid.rows[at][place])
                )
                yield (
                    at,
                    place,
                    f"{told}: no row is of {area_name(code)}; whose are they? take out what tells it if it is not so",
                )

    def _remark(self, at: int, place: int) -> str:
        """Return what is wrong where a cell of a column that is not read tells what its row's figures are not."""
        cells, sure = self.grid.rows[at], self.head.places.get("confirmed")
        area = self.area_of.get(at, HOME)
        right = remark_fault(self.kind, self.names[place], str(whole(cells[place])), frozenset(self.status[at]), area)
        is_sure = sure is not None and sure < len(cells) and attempt(FORMS["truth"], cells[sure])
        return "" if is_sure or not right else right + SURE * ("confirmed" in KINDS[self.kind]["columns"])

    def _columns(self) -> Iterator[tuple[int, int, str]]:
        """Tell columns that are not read but show that the figures are of several areas, parts of a year or tables."""
        area, row = KINDS["accounts"]["columns"]["area"], self.head.row
        areas = {*area["heads"], *area["also"]} - {"område"}
        for place, name in enumerate(self.names):
            is_area = self.kind == "budget" and name in areas
            column = (cells[place] for at in self.rows if place < len(cells := self.grid.rows[at]))
            cells = {plain(str(whole(cell))) for cell in {*column} - {None}}
            if is_area and len({area_in(cell) for cell in cells} - {None}) > 1:
                yield row, place, "more than one municipality; a budget is of one, leave the others out"
            if place in self.used:
                continue
            is_group = name in WORDS["groups"] and any(map(self._is_group, cells))
            is_team = name in WORDS["teams"] and cells and all(map(DOUBTS["some"].search, cells))
            if self.kind != "budget" and (is_group or is_team):
                yield row, place, SOME
            some = {cell for cell in cells if not WHOLE.fullmatch(cell)}
            is_part = OF_TIME.search(name) and any(map(MONTHS.fullmatch, some))
            if is_part or (DOUBTS["months"].search(name) and some):
                yield row, place, PART
            if name in WORDS["units"] and {re.sub(r",0+$", "", cell.strip("(). ")) for cell in cells} - {
                *WORDS["ones"]
            }:
                yield (
                    row,
                    place,
                    f"{', '.join(sorted(cells)[:3])!r} is not read; write the figures as they are, their unit in the heading",
                )
            if self._is_second(place, cells):
                yield row, place, "a second table beside the first; keep one table a sheet"

    def _is_group(self, cell: str) -> bool:
        """Tell whether a cell is a part of the population: not everybody, nor those on a benefit of the table."""
        return not re.fullmatch(EVERYBODY, self.on_benefit.sub("alle ", cell))

    def _is_second(self, place: int, cells: set[str]) -> bool:
        """Tell whether texts stand between years, beyond a column that has neither heading nor figures."""
        years = [*self.head.years]
        gaps = [one for one in range(place) if not self.names[one] and one not in self.held]
        words = any(re.match(r"[^\W\d]", cell) for cell in cells)
        return words and any(min(years, default=place) < gap for gap in gaps) and any(year > place for year in years)
