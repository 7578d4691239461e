"""The ledger: every headline number once, with its formula and the very cells and rates it was computed from.

Nobody types what a number rests on. While a calculation runs, every table it loads is handed out through the account
kept here: a narrowed table gives only the rows that the calculation says it needs, so a number cannot depend on a cell
that is not recorded. Rates are collected by :func:`ballerup_analysis.rates.rates_used`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pandas as pd

from ballerup_analysis import sources
from ballerup_analysis.danish import number
from ballerup_analysis.paper import cells
from ballerup_analysis.rates import Rate, rates_used
from ballerup_analysis.sources import EVIDENCE, HOME, DataError


class NotAvailable(DataError):
    """A number that no source here gives for an area."""


@dataclass(frozen=True)
class Entry:
    """One headline number.

    Parameters
    ----------
    id, text : str
        The name it is known by, and what it is, in English.
    value, decimals, unit
        The number, how it is written, and its unit.
    formula, period : str
        How it is computed and what it covers, in Danish, for the committee.
    up, same : int, float
        1 where a positive number is more, -1 where it is less, 0 where it claims no direction; and how far from
        zero it must lie, in its own unit, to count as a difference.
    evidence : str
        The weakest of the tables and rates it rests on, unless a stated reason makes it another.
    cells : tuple of str
        Addresses, ``table[rows]``; :func:`trace` lists every cell.
    rows, rates
        The rows handed out by table, and the rates used.
    notebook, scenario : str
        Where it is explained; no scenario for what is published.
    """

    id: str
    value: float
    decimals: int
    unit: str
    text: str
    formula: str
    period: str
    up: int = 0
    same: float = 0.0
    evidence: str = ""
    cells: tuple[str, ...] = ()
    rows: dict[str, pd.Index] = field(default_factory=dict, compare=False, repr=False)
    rates: tuple[Rate, ...] = field(default=(), repr=False)
    notebook: str = ""
    scenario: str | None = None

    @property
    def danish(self) -> str:
        """The number as it is written, such as ``7,6 mio. kr.``."""
        return number(self.value, self.decimals, self.unit)

    @property
    def sense(self) -> str:
        """``up``, ``down``, ``same``, or nothing where the number claims no direction."""
        if not self.up:
            return ""
        return "same" if abs(self.value) < self.same else "up" if self.value * self.up > 0 else "down"


@dataclass(frozen=True)
class Calculation:
    """A function from an area's code to its entries, what they are about (in Danish) and the notebook."""

    title: str
    notebook: str
    compute: Callable[[str], Iterator[Entry]]


CALCULATIONS: list[Calculation] = []


def calculation(title: str, notebook: str):
    """Enter a generator of entries into the ledger."""
    return lambda compute: CALCULATIONS.append(Calculation(title, notebook, compute)) or compute


class _Account:
    """Hands out rows, and remembers which."""

    def __init__(self, area: str):
        self.area, self.only, self.rows = area, {}, {}

    def narrow(self, name: str, columns: dict) -> None:
        if "." in name and self.area != HOME:  # a municipality's papers say nothing of its neighbour
            raise NotAvailable(f"bygger på {sources.where_from(name)}, som kun gælder Ballerup")
        self.only.setdefault(name, columns)

    def __call__(self, name: str, table: pd.DataFrame) -> pd.DataFrame:
        self.narrow(name, {})
        for column, values in self.only[name].items():
            table = table[table[column].isin(values)]
        self.rows[name] = self.rows.get(name, table.index[:0]).union(table.index)
        return table


def narrow(name: str, **columns) -> None:
    """Let the calculation that runs now read only some rows of a table: those with these values."""
    sources.reader.get().narrow(name, {column: list(values) for column, values in columns.items()})


@dataclass(frozen=True)
class Ledger:
    """The entries of an area by id, what is not available for it and why, and the hash of every table read."""

    area: str
    name: str
    numbers: dict[str, Entry]
    missing: dict[str, str]
    data: dict[str, str]
    scenario: object = None

    def __getitem__(self, id: str) -> Entry:
        """Return an entry; an unknown id is an error that names the nearest."""
        if id not in self.numbers:
            near = difflib.get_close_matches(id, self.numbers, n=1)
            raise DataError(f"no number {id!r} in the ledger of {self.name}; " + (f"did you mean {near[0]!r}?" if near
                            else f"it has {', '.join(self.numbers)}"))  # fmt: skip
        return self.numbers[id]

    def __contains__(self, id: str) -> bool:
        """Tell whether the area has the number."""
        return id in self.numbers

    def check_fresh(self) -> None:
        """Stop when a table has changed since the numbers were computed."""
        if stale := [name for name, hash in hashes(self.data).items() if hash != self.data[name]]:
            raise DataError(f"the ledger is stale: {', '.join(stale)} changed since it was computed; compute it again")


def hashes(names) -> dict[str, str]:
    """Return the recorded hash of tables, each checked against its file."""
    for name in names:
        sources.read_raw(name)
    return {name: sources.hash_of(name) for name in names}


def ledger(area: str = HOME, scenario=None) -> Ledger:
    """Compute every headline number of a municipality.

    Parameters
    ----------
    area : str
        Code of one of the 98 municipalities.
    scenario : ballerup_analysis.scenarios.Scenario, optional
        Its cost is entered too.

    Examples
    --------
    >>> book = ledger()
    >>> book["gap_kontanthjaelp_2014"].danish, book["published_gain_2014"].cells
    ('56,8 persons', ('minutes_2015.statements[gain_2014]',))
    """
    from ballerup_analysis.paper import numbers as headlines

    areas = sources.load("areas").query("level == 'kommune'").set_index("code")["name"]
    if area not in areas:
        raise DataError(f"no municipality {area!r}; the codes are {', '.join(areas.index)}")
    numbers, missing = {}, {}
    for part in [*CALCULATIONS, *([headlines.of_scenario(scenario)] if scenario else [])]:
        try:
            numbers |= {entry.id: entry for entry in _run(part, area)}
        except NotAvailable as error:
            missing[part.title] = str(error)
        except DataError:
            if area == HOME:
                raise
            missing[part.title] = "datagrundlaget har ingen tal for kommunen"
    read = sorted({name for entry in numbers.values() for name in entry.rows} | {"rates", "areas"})
    return Ledger(area, areas[area], numbers, missing, hashes(read), scenario)


def _run(part: Calculation, area: str) -> list[Entry]:
    account = _Account(area)
    token = sources.reader.set(account)
    try:
        with rates_used() as used:
            found = list(part.compute(area))
    finally:
        sources.reader.reset(token)
    rows = {name: index for name, index in account.rows.items() if len(index)}
    weakest = [sources.record_of(name)["evidence"] for name in rows] + [rate.evidence for rate in used]
    known = {
        "rows": rows,
        "rates": tuple(used),
        "notebook": part.notebook,
        "cells": tuple(_address(name, index, account.only[name]) for name, index in rows.items()),
    }
    evidence = max(weakest, key=EVIDENCE.index)
    return [Entry(**(vars(entry) | known | {"evidence": entry.evidence or evidence})) for entry in found]


def _address(name: str, rows: pd.Index, only: dict) -> str:
    if "." in name and only and len(rows) <= 12:
        return f"{name}[{'; '.join(cells.printed(name, rows)['address'])}]"
    ends = {c: [v[0], "…", v[-1]] if len(v) > 3 else v for c, v in only.items()}
    kept = "; ".join(f"{column} {', '.join(map(str, values))}" for column, values in ends.items())
    return f"{name}[{kept or 'all'}: {number(len(rows))} cells]"


def trace(entry: Entry) -> pd.DataFrame:
    """Walk from a number to the cells it was computed from.

    Returns
    -------
    pandas.DataFrame
        One row a cell or rate: table, file, line, address, printed (the text in the file).

    Examples
    --------
    >>> trace(ledger()["published_gain_2014"])[["line", "address", "printed"]].to_numpy().tolist()
    [[13, 'gain_2014', '7,6']]
    """
    order = sorted(entry.rows, key=lambda name: (name == "areas", len(entry.rows[name])))  # few cells first
    parts = [cells.printed_rates(entry.rates)] if entry.rates else []
    parts += [cells.printed(name, entry.rows[name]) for name in order]
    return pd.concat(parts, ignore_index=True)
