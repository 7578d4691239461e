"""The analyst's own files in ``data/local``: accounts, persons, a budget, observations, as Excel saves them."""

from __future__ import annotations

import math
import os
import re
from pathlib import Path

import pandas as pd

from ballerup_analysis import sources
from ballerup_analysis.files import DataError
from ballerup_analysis.own.kinds import KINDS

UNNAMED = re.compile(r"(?:ark|sheet|tabel|tabelle)[ _]?\d*", re.IGNORECASE)
SUFFIXES = (".xlsx", ".ods", ".csv", ".txt", ".tsv", ".xls", ".xlsm", ".xlsb")  # the last three to say what is wrong


def folder() -> Path | None:
    """Return where own files are: ``data/local``, or what ``BALLERUP_LOCAL`` names; None when that is empty.

    An empty variable means published figures only, as the tests have it.
    """
    named = os.environ.get("BALLERUP_LOCAL", str(sources.DATA / "local"))
    return Path(named) if named else None


def called() -> str:
    """Return what the folder of own files is called where a person reads of it: data/local, or BALLERUP_LOCAL.

    A paper is of no machine, so that it names no folder of one.
    """
    return "data/local" if folder() == sources.DATA / "local" else "BALLERUP_LOCAL"


def files(place: Path | None = None) -> dict[str, Path]:
    """Return the own files there are, by kind.

    Raises
    ------
    DataError
        When there are two of one kind.

    Examples
    --------
    >>> files(Path("no such folder"))
    {}
    """
    place, there = place or folder(), {}
    if place is None or not place.exists():
        return {}
    if not place.is_dir():
        raise DataError(f"{place} is no folder; BALLERUP_LOCAL names the folder of own files")
    for path in sorted(place.iterdir()):
        kinds = [kind for kind, spec in KINDS.items() if path.stem.casefold() in spec["files"]]
        if kinds and path.suffix.lower() in SUFFIXES:
            if kinds[0] in there:
                raise DataError(f"{place} holds {there[kinds[0]].name} and {path.name}; keep one of them")
            there[kinds[0]] = path
    return there


def read(kind: str, place: Path | None = None) -> pd.DataFrame | None:
    """Return one of the analyst's own tables; None when there is none.

    Parameters
    ----------
    kind : str
        accounts, persons, budget or observations.
    place : pathlib.Path, optional
        A folder; :func:`folder` unless given.

    Returns
    -------
    pandas.DataFrame or None
        accounts: area, year, benefit, fulltime_persons, net_cost_kr; persons: area, period (2026, 2026Q1 or 2026M03),
        benefit, fulltime_persons; budget: line, year, amount_tkr, persons, benefit, status (R, B, K, BO or F);
        observations: case, item, observed (number or truth value), still_realistic. Then line (of the file; file_line
        in a budget) and file. Area codes are text, a missing number is NaN.

    Raises
    ------
    DataError
        All that is to be mended: file, sheet, row, column, what stands there and what would be right.

    Examples
    --------
    >>> read("accounts", Path("no such folder")) is None
    True
    """
    own = opened(kind, place)
    return own.table if own is not None and len(own.table) else None


def opened(kind: str, place: Path | None = None):
    """Return what was read of one of the analyst's own files, with the cells it stands in, or None; see :func:`read`.

    Returns
    -------
    ballerup_analysis.own.typed.Own or None

    Examples
    --------
    >>> opened("budget", Path("no such folder")) is None
    True
    """
    path = files(place).get(known(kind))
    return _open(kind, path) if path else None


def report(place: Path | None = None) -> pd.DataFrame:
    """Return what was read, one row a file: to be shown wherever own figures are used.

    Returns
    -------
    pandas.DataFrame
        kind, file, sheet, rows, first, last (year or period), persons and mio_kr (sums over all rows, to hold against
        the file), no_total_of (columns with numbers that no total of the file covers, and of which years or areas where
        it is some), left_out (rows that are totals or notes), unread (what else stands in the file). A table file that is
        not used has an empty kind.

    Examples
    --------
    >>> len(report(Path("no such folder")))
    0
    """
    from ballerup_analysis.own.unread import said

    place, used, rows = place or folder(), files(place), []
    for kind, path in used.items():
        own = _open(kind, path)
        table, times = own.table, own.table.get("year", own.table.get("period", pd.Series(dtype=str)))
        persons, kr = table.get("fulltime_persons", table.get("persons")), table.get("net_cost_kr")
        kr = table["amount_tkr"] * 1e3 if "amount_tkr" in table else kr
        sums = [math.nan if one is None else one.sum(min_count=1) for one in (persons, kr)]
        ends = (str(times.min()), str(times.max())) if len(times) else ("", "")
        told = (_no_total(own), "; ".join(own.left_out), said(own.unread, most=len(own.unread)))
        rows.append((kind, path.name, own.grid.sheet, len(table), *ends, sums[0], sums[1] / 1e6, *told))
    there = place.iterdir() if place and place.is_dir() else ()
    for path in sorted(p for p in there if p.suffix.lower() in SUFFIXES and p not in used.values()):
        if not path.name.startswith(("~", ".")):  # locks of a workbook that is open
            told = f"not used: name it after {', '.join(KINDS)}"
            rows.append(("", path.name, "", 0, "", "", math.nan, math.nan, "", told, ""))
    columns = ["kind", "file", "sheet", "rows", "first", "last", "persons", "mio_kr", "no_total_of", "left_out"]
    return pd.DataFrame(rows, columns=[*columns, "unread"])


def held(kind: str, place: Path | None = None) -> str:
    """Say whether the totals of an own file cover what was read of it; nothing where there is no file."""
    from ballerup_analysis.own.amounts import NUMERIC

    own = opened(kind, place)
    if own is None:
        return ""
    if not len(own.table):
        return "no figures are in it"
    if not own.no_total_of and all(own.table[one].isna().all() for one in own.table if one in NUMERIC):
        return "no figures are in it"
    if not own.no_total_of:
        return "the lines come to the file's own total"
    return f"no total of the file is of all {_no_total(own)}, so what rests on it is not reconciled; write a row 'I alt' as your own system shows it"


def _no_total(own) -> str:
    """Return the columns no total covers as they are called in Danish, with the years or areas where it is some."""
    called = ((KINDS[own.kind]["columns"][column]["heads"][1], of) for column, of in own.no_total_of.items())
    return ", ".join(f"{name} of {of}" if of else name for name, of in called)


def known(kind: str) -> str:
    """Return the kind, or raise a DataError that names those there are."""
    if kind not in KINDS:
        raise DataError(f"there are no own {kind!r}; there may be {', '.join(KINDS)}")
    return kind


def _tells(sheet) -> bool:
    """Tell whether a sheet holds something, or has a name that a program does not give."""
    return bool(sheet.beside) or any(map(any, sheet.rows)) or not UNNAMED.fullmatch(sheet.sheet)


def _open(kind: str, path: Path):
    from ballerup_analysis import grids  # what reads a file takes time to load; whether there is one does not
    from ballerup_analysis.own.heads import head_of, lacking, no_head
    from ballerup_analysis.own.sheets import Sheet

    sheets = grids.read(path)
    found = [(grid, head) for grid in sheets if (head := head_of(kind, grid)) and not lacking(kind, head)]
    if len(found) > 1:
        raise DataError(f"{path}: the sheets {', '.join(repr(g.sheet) for g, _ in found)} all fit; keep one of them")
    if not found:
        raise DataError(f"{path}: {no_head(kind, sheets)}")
    grid, head = found[0]
    others = [one.sheet for one in sheets if one is not grid and _tells(one)]
    return Sheet(kind, path, grid, head, others).read()
