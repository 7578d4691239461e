"""Reading for the paper: rows are handed out and remembered, so that every number leads back to the cells it rests on."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from ballerup_analysis import rates, sources
from ballerup_analysis.danish import number
from ballerup_analysis.rates import Rate
from ballerup_analysis.sources import EVIDENCE, HOME, DataError

MANY = 1000  # rows: a table read whole is one line of a trace from here on
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

    def __call__(self, name: str, corrected: bool = False, **only) -> pd.DataFrame:
        """Return the rows of a table that have one of the given values in each column named."""
        if "." in name and self.area != HOME:  # a municipality's papers say nothing of its neighbour
            raise NotAvailable("kommunens egne dokumenter er ikke i materialet")
        table = sources.load(name, corrected)
        for column, values in only.items():
            table = table[table[column].isin(list(values))]
        self.kept.setdefault(name, {column: list(values) for column, values in only.items()})
        if "." in name:  # a row moved back stands in another table's file
            for (paper, kind), rows in table.groupby(["paper", "table"]):
                self._remember(f"{paper}.{kind}", pd.MultiIndex.from_frame(rows[["line", "column"]]))
        elif len(table):
            self._remember(name, pd.MultiIndex.from_product([table["line"], [""]]))
        return table

    def _remember(self, name: str, rows: pd.MultiIndex) -> None:
        known = self.lines.get(name)
        self.lines[name] = rows if known is None else known if rows.equals(known) else known.union(rows)

    def only(self, tables: dict[str, dict]):
        """Return a reader that hands out of each table named the rows with the given values by column, of others all."""
        return lambda name, corrected=False: self(name, corrected, **tables.get(name, {}))

    def note(self, *used: Rate) -> None:
        """Note that a number rests on rates."""
        self.rates.update({one.line: one for one in used})

    def rate(self, name: str, on, **conditions: str) -> Rate:
        """Return a rate as :func:`ballerup_analysis.rates.rate` does, and note it."""
        one = rates.rate(name, on, **conditions)
        self.note(one)
        return one

    @property
    def evidence(self) -> str:
        """The weakest evidence of what was read."""
        read = [sources.record_of(name)["evidence"] for name in self.lines]
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
        return pd.concat([_printed_rates(self.rates.values()), *parts], ignore_index=True)

    def _whole(self, name: str) -> bool:
        return len(self.lines[name]) > MANY and len(self.lines[name]) == len(sources.load(name))

    def addresses(self) -> tuple[str, ...]:
        """Return what was read, one address a table; the cells of a printed table one by one where they are few."""
        return tuple(self._address(name) for name in self.lines)

    def _address(self, name: str) -> str:
        lines, only = self.lines[name], self.kept.get(name, {})
        if "." in name and only and len(lines) <= FEW:
            return f"{name}[{'; '.join(_printed(name, sorted(lines))['address'])}]"
        ends = {key: [v[0], "…", v[-1]] if len(v) > 3 else v for key, v in only.items() if v}
        kept = "; ".join(f"{column} {', '.join(map(str, values))}" for column, values in ends.items())
        return f"{name}[{kept or 'all'}: {number(len(lines))} cells]"


def _all_of(name: str) -> pd.DataFrame:
    """Return one row for a long table of which every row was read: the file as a whole, by its hash."""
    resource, rows = sources.record_of(name), len(sources.load(name))
    told = {"table": name, "file": f"data/{resource['path']}", "line": 2, "address": f"all {number(rows)} rows"}
    return pd.DataFrame([told | {"printed": resource["hash"][:19]}])


def _printed(name: str, lines: list[tuple[int, str]]) -> pd.DataFrame:
    """Return the cells behind some lines (and columns, of a wide printed table) as they are printed."""
    raw, resource = sources.cells(name), sources.record_of(name)
    kinds = {f["name"]: f["type"] for f in resource["schema"]["fields"]}
    at = [line for line, _ in lines]
    if "." in name and "printed" not in kinds:
        address = [f"{raw.loc[line, raw.columns[0]]}, {column}" for line, column in lines]
        printed = [raw.loc[line, column] for line, column in lines]
    else:
        numbers = [c for c, kind in kinds.items() if c == "printed" or (kind != "string" and c != "year")]
        keys = [c for c in kinds if c not in numbers]
        numbers, keys = numbers or keys[1:], keys[: 1 if "printed" in kinds or not numbers else 3]
        address, printed = (_joined(raw.loc[at, some], by) for some, by in ((keys, ", "), (numbers, "; ")))
    file = f"data/{resource['path']}"
    return pd.DataFrame({"table": name, "file": file, "line": at, "address": address, "printed": printed})


def _joined(cells: pd.DataFrame, by: str) -> list[str]:
    return [by.join(row) for row in cells.to_numpy()]


def _printed_rates(used) -> pd.DataFrame:
    rows = [
        (r.line, ", ".join([r.name, *r.when.values(), f"{r.valid_from or '…'} – {r.valid_to or '…'}"]), f"{r.value:g} {r.unit}")
        for r in used
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["line", "address", "printed"])
    return table.assign(table="rates", file="data/raw/rates.toml")[["table", "file", *table]]
