"""Reading for the paper: rows are handed out and remembered, so that every number leads back to the cells it rests on."""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, field
from itertools import chain

import pandas as pd

from ballerup_analysis import own, rates, sources
from ballerup_analysis.danish import number
from ballerup_analysis.rates import Rate
from ballerup_analysis.sources import EVIDENCE, HOME, DataError
from ballerup_analysis.words import written

MANY = 1000  # rows: a table read whole is one line of a trace from here on
OWN_PAPERS = "kommunens egne regnskaber, budgetopfølgninger og referater er ikke i materialet"
OTHER_PAPERS = "kommunens budgetopfølgninger og referater er ikke i materialet"  # where there are own accounts
CELL = ["table", "file", "line", "address", "printed"]
FEW = 12  # as many cells of a printed table are addressed one by one


class NotAvailable(DataError):
    """A number that no source here gives for an area."""


@dataclass(frozen=True)
class Reading:
    """Hands out rows of tables, and rates, and remembers which.

    Parameters
    ----------
    area : str
        Code of the municipality whose numbers are computed.

    Examples
    --------
    >>> read = Reading("151")
    >>> read("minutes_2015.statements", row=["gain_2014"])["value"].item(), list(read.lines)
    (7.6, ['minutes_2015.statements'])
    """

    area: str
    lines: dict[str, pd.MultiIndex] = field(default_factory=dict)
    kept: dict[str, dict] = field(default_factory=dict)
    rates: dict[int, Rate] = field(default_factory=dict)
    own: list[tuple] = field(default_factory=list)
    unheld: set[str] = field(default_factory=set)  # kinds of own files read in a column that no total covers

    def __call__(self, name: str, corrected: bool = False, **only) -> pd.DataFrame:
        """Return the rows of a table that have one of the given values in each column named."""
        if "." in name and self.area != HOME:  # a municipality's papers say nothing of its neighbour
            raise NotAvailable(OWN_PAPERS)
        table = sources.load(name, corrected)
        for column, values in only.items():
            table = table[table[column].isin(list(values))]
        if "." in name:  # a row moved back stands in another table's file
            for (paper, kind), rows in table.groupby(["paper", "table"]):
                self._remember(f"{paper}.{kind}", pd.MultiIndex.from_frame(rows[["line", "column"]]), only)
        elif len(table):
            self._remember(name, pd.MultiIndex.from_product([table["line"], [""]]), only)
        return table

    def _remember(self, name: str, rows: pd.MultiIndex, only: dict) -> None:
        known, kept = self.lines.get(name), self.kept.get(name, only)
        self.kept[name] = {one: [*dict.fromkeys([*kept[one], *only[one]])] for one in kept if one in only}
        self.lines[name] = rows if known is None else known if rows.equals(known) else known.union(rows)

    def only(self, tables: dict[str, dict]):
        """Return a reader that hands out of each table named the rows with the given values by column, of others all."""
        return lambda name, corrected=False: self(name, corrected, **tables.get(name, {}))

    def note(self, *used: Rate) -> None:
        """Note that a number rests on rates."""
        self.rates.update({one.line: one for one in used})

    def note_own(self, kind: str, rows: pd.DataFrame, column: str, marks: bool) -> None:
        """Note that a number rests on a column of some rows of an own file, accounts or a budget.

        What a row tells that is not read stands with its address, and such rows first: it may say that the number is not what
        it is taken for.

        ``marks`` is whether the number is not reconciled where no total covers the column.
        """
        file, key = own.opened(kind), own.KINDS[kind]["key"]
        self.unheld.update({kind} if marks and column in file.no_total_of else ())
        typed = file.as_typed()
        lines = rows["file_line" if "line" in key else "line"]
        across = column not in typed  # a budget may have its years so
        at = [*zip(rows["year"], rows["status"], strict=True)] if across else [column] * len(rows)
        told = [rows[one].map(sources.area_name) if one == "area" else rows[one].astype(str) for one in key]
        beside = file.beside().reindex(lines).tolist()
        address = map(", ".join, zip(*told, map(file.heading, at), strict=True))
        printed = typed.to_numpy()[typed.index.get_indexer(lines), [[*typed.columns].index(one) for one in at]]
        cells = [
            (f"local/{kind}", f"{own.called()}/{name}", line, where + f" [{more}]" * bool(more), cell)
            for name, line, where, more, cell in zip(rows["file"], lines, address, beside, printed, strict=True)
        ]
        has_more = dict(zip(lines, map(bool, beside), strict=True))
        self.own.extend(sorted(cells, key=lambda one: not has_more[one[2]]))

    def rate(self, name: str, on, **conditions: str) -> Rate:
        """Return a rate as :func:`ballerup_analysis.rates.rate` does, and note it."""
        one = rates.rate(name, on, **conditions)
        self.note(one)
        return one

    @property
    def evidence(self) -> str:
        """The weakest evidence of what was read."""
        read = [sources.record_of(name)["evidence"] for name in self.lines]
        if self.own:
            read.append("unreconciled" if self.unheld else "derived")
        return max((*read, *(one.evidence for one in self.rates.values())), key=EVIDENCE.index)

    def trace(self) -> pd.DataFrame:
        """Return every cell and rate that was read: table, file, line, address, printed (the text in the file).

        Examples
        --------
        >>> read = Reading("151")
        >>> _ = read("minutes_2015.statements", row=["gain_2014"])
        >>> read.trace()[["line", "address", "printed"]].to_numpy().tolist()
        [[13, 'gain_2014', '7,6']]
        """
        order = sorted(self.lines, key=lambda name: (name == "areas", len(self.lines[name])))  # few cells first
        parts = [_printed(name, sorted(self.lines[name])) if not self._whole(name) else _all_of(name) for name in order]
        return pd.DataFrame([*self.own, *map(_printed_rate, self.rates.values()), *chain(*parts)], columns=CELL)

    def _whole(self, name: str) -> bool:
        return len(self.lines[name]) > MANY and len(self.lines[name]) == len(sources.load(name))

    def addresses(self) -> tuple[str, ...]:
        """Return what was read, one address a table; the cells of a printed table one by one where they are few."""
        own = [f"{file}[{number(cells)} cells]" for file, cells in Counter(file for _, file, *_ in self.own).items()]
        used = [f"rates[{one.name}, line {line}]" for line, one in sorted(self.rates.items())]
        return (*own, *(self._address(name) for name in self.lines), *used)

    def _address(self, name: str) -> str:
        lines, only = self.lines[name], self.kept[name]
        if "." in name and only and len(lines) <= FEW:
            return f"{name}[{'; '.join(address for *_, address, _ in _printed(name, sorted(lines)))}]"
        ends = {key: [v[0], "…", v[-1]] if len(v) > 3 else v for key, v in only.items()}
        kept = "; ".join(f"{column} {', '.join(map(str, values))}" for column, values in ends.items())
        return f"{name}[{kept or 'all'}: {number(len(lines))} cells]"


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
    reading : Reading
        What it rests on.
    notebook, scenario : str
        Where it is explained; no scenario for what is published.
    family : str
        The words that tell which way it points (:func:`ballerup_analysis.paper.text.word`).
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
    reading: Reading | None = field(default=None, compare=False, repr=False)
    notebook: str = ""
    scenario: str | None = None
    family: str = ""

    @property
    def danish(self) -> str:
        """The number as it is written, such as ``7,6 mio. kr.``."""
        return written(self.value, self.decimals, self.unit)

    @property
    def is_nearly(self) -> bool:
        """Whether there is a difference, but less than is shown."""
        return self.sense == "same" and abs(self.value) > 1e-9

    @property
    def sense(self) -> str:
        """``up``, ``down``, ``same``, or nothing where the number claims no direction."""
        if not self.up:
            return ""
        if not self.value or abs(self.value) < self.same:
            return "same"
        return "up" if self.value * self.up > 0 else "down"


@dataclass(frozen=True)
class Value:
    """What a calculation yields: a number by its name in ``numbers.toml``, and what tells it from its like."""

    name: str
    value: float
    period: str
    same: float = 0.0
    suffix: str = ""
    scenario: str | None = None
    line: str = ""

    @property
    def id(self) -> str:
        """The name, or the line it tells of, with its suffix, before ``_low`` and ``_high`` where it has one."""
        end = next((end for end in ("_low", "_high") if self.name.endswith(end)), "")
        return (self.line or self.name.removesuffix(end)) + self.suffix + end


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
            near = difflib.get_close_matches(id, self.numbers)
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


def _all_of(name: str) -> list[tuple]:
    """Return one cell for a long table of which every row was read: the file as a whole, by its hash."""
    resource, rows = sources.record_of(name), len(sources.load(name))
    return [(name, f"data/{resource['path']}", 2, f"all {number(rows)} rows", resource["hash"][:19])]


def _printed(name: str, lines: list[tuple[int, str]]) -> list[tuple]:
    """Return the cells behind some lines (and columns, of a wide printed table) as they are printed."""
    raw, resource = sources.cells(name), sources.record_of(name)
    kinds = {f["name"]: f["type"] for f in resource["schema"]["fields"]}
    at = [line for line, _ in lines]
    rows = raw.index.get_indexer(at)
    if "." in name and "printed" not in kinds:
        columns = [column for _, column in lines]
        address = [f"{row}, {column}" for row, column in zip(raw.iloc[rows, 0], columns, strict=True)]
        printed = raw.to_numpy()[rows, raw.columns.get_indexer(columns)]
    else:
        numbers = [c for c, kind in kinds.items() if c == "printed" or (kind != "string" and c != "year")]
        few = 1 if "printed" in kinds or not numbers else 3
        numbers, keys = numbers or [*kinds][1:], resource["schema"].get("primaryKey") or [*kinds][:few]
        cells = raw.take(rows)
        address, printed = (map(by.join, zip(*(cells[c] for c in some), strict=True))
                            for some, by in ((keys, ", "), (numbers, "; ")))  # fmt: skip
    file = f"data/{resource['path']}"
    return [(name, file, *told) for told in zip(at, address, printed, strict=True)]


def _printed_rate(r: Rate) -> tuple:
    address = ", ".join([r.name, *r.when.values(), f"{r.valid_from or '…'} – {r.valid_to or '…'}"])
    return "rates", "data/raw/rates.toml", r.line, address, f"{r.value:g} {r.unit}"
