"""The notes behind a paper: A the figures' numbers, B what each number rests on, C every source once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pandas as pd
from babel.dates import get_month_names

from ballerup_analysis.paper.reading import Ledger
from ballerup_analysis.paper.text import cell, danish, parts_of, quoted
from ballerup_analysis.sources import DANISH_EVIDENCE, catalogue, load, record_of
from ballerup_analysis.words import words, written

CELLS_SHOWN = 5
MONTHS = get_month_names("wide", locale="da")
PERIODS = {"Q": lambda n: f"{n}. kvartal", "M": lambda n: MONTHS[n]}
NUMERAL = re.compile(r"-?\d+(?:\.\d+)?")


def used(blocks: list[dict], book: Ledger) -> list[str]:
    """Return the ids of the numbers that blocks show, in their order."""
    shown = (part["to"] for block in blocks for part in parts_of(block))
    return [id for id in dict.fromkeys(shown) if id in book]


def notes(blocks, book: Ledger, traces: dict[str, pd.DataFrame], figures: dict[str, dict], aside=()) -> list[dict]:
    """Return the notes of a paper as blocks.

    Parameters
    ----------
    blocks : list of dict
        The paper's own blocks.
    book : Ledger
        The numbers.
    traces : dict of pandas.DataFrame
        The cells behind each number, by id.
    figures : dict of dict
        The table behind each figure of the paper, with its caption.
    aside : sequence of dict
        Blocks of the paper that belong in note A.
    """
    told, ids = words("notes"), used(blocks, book)
    numbers = _source_numbers(name for id in ids for name in dict.fromkeys(traces[id]["table"]))
    made = [_heading(told["a"]), *aside] if figures else []
    for name, one in figures.items():
        made.append(one | {"id": f"tal-{name}", "back": f"figur-{name}"})
    made += [_heading(told["b"]), {"kind": "paragraph", "parts": [cell(told["b_text"])]}]
    made.append(_numbers_table(ids, book, traces, numbers))
    made.append(_heading(told["c"]))
    items = [[cell(f"[{at}] {citation}")] for citation, at in _cited(numbers).items()]
    return [*made, {"kind": "list", "items": items, "plain": True}]


def _heading(text: str) -> dict:
    return {"kind": "heading", "level": 2, "parts": [cell(text)], "note": True}


def _numbers_table(ids: list[str], book: Ledger, traces: dict, numbers: dict[str, int]) -> dict:
    told, rows = words("notes"), []
    seen: dict[int, str] = {}
    for id in ids:
        entry = book[id]
        first = seen.setdefault(hash(entry.reading.addresses()), danish(entry))
        cells = (
            told["same_cells"].format(first.removesuffix("."))
            if first != danish(entry)
            else _cells(traces[id], numbers, book.area)
        )
        formula = f"{entry.formula}. {entry.period[:1].upper()}{entry.period[1:]}; {DANISH_EVIDENCE[entry.evidence]}."
        rows.append(
            [cell(danish(entry)) | {"id": f"kilde-{id}", "back": f"tal-i-tekst-{id}"}, cell(formula), cell(cells)]
        )
    columns = [{"name": told[name], "numeric": False} for name in ("number", "formula", "cells")]
    return {"kind": "table", "name": "numbers", "parts": [cell(told["b_caption"])], "columns": columns, "rows": rows}


def _range(book: Ledger, id: str) -> str:
    """Return the range of a number that has one, as ``(588,0–668,6)``."""
    if f"{id}_low" not in book:
        return ""
    low, high = (danish(replace(book[f"{id}_{end}"], unit="")) for end in ("low", "high"))
    return f" ({low}–{high})"


def _cells(trace: pd.DataFrame, numbers: dict[str, int], area: str) -> str:
    """Name the first cells, those of the area itself before others, by source."""
    rows = trace[trace["table"] != "areas"]
    own = rows["address"].str.startswith(f"{area}, ")
    shown = pd.concat([rows[own], rows[~own]]).head(CELLS_SHOWN)
    told = [f"[{numbers[table]}] " + "; ".join(_told(r) for r in part.itertuples())
            for table, part in shown.groupby("table", sort=False)]  # fmt: skip
    more = len(rows) - len(shown)
    return quoted("a cell", "; ".join(told)).text + (f" {words('notes')['more'].format(more)}" if more else "")


def _told(row) -> str:
    if whole := re.fullmatch(r"all ([\d.]+) rows", row.address):
        return words("notes")["whole"].format(whole[1])
    return f"{place(row.address, row.table)}: {_printed(row)}"


def place(address: str, table: str = "") -> str:
    """Write the address of a cell in Danish: a paper's rows as printed, of a series what has a Danish name.

    Examples
    --------
    >>> place("151, 2014Q1"), place("000, 2026M05, gross_unemployed_dagpenge, a note")
    ('Ballerup, 1. kvartal 2014', 'Hele landet, maj 2026, bruttoledige på dagpenge')
    """
    as_printed = "." in table or table == "local"
    known = [_part(part, as_printed) for part in address.split(", ")]
    return ", ".join(filter(None, known)) or words("notes")["row"]


def _part(part: str, as_printed: bool) -> str:
    areas, codes = load("areas").set_index("code")["name"], words("codes") | words("measures") | words("functions")
    if part in codes:
        return codes[part]
    if part in areas.index:
        return areas[part]
    if period := re.fullmatch(r"(\d{4})([QM])(\d+)", part):
        return f"{PERIODS[period[2]](int(period[3]))} {period[1]}"
    if days := re.fullmatch(r"(…|\d{4}-\d\d-\d\d) – (…|\d{4}-\d\d-\d\d)", part):
        return " – ".join(_day(day) for day in days.groups())
    name = re.fullmatch(r"[a-z0-9_.]*_[a-z0-9_.]*", part)
    return part if (as_printed and not name) or part in set(areas) or re.fullmatch(r"[\d+–-]+", part) else ""


def _day(text: str) -> str:
    if text == "…":
        return text
    day = date.fromisoformat(text)
    return f"{day.day}. {MONTHS[day.month]} {day.year}"


def _printed(row) -> str:
    """Write what stands in a cell: as printed in a paper, with a decimal comma where a file of a series has a point."""
    for unit, own in words("rate_units").items():
        if row.table == "rates" and row.printed.endswith(f" {unit}"):
            return row.printed.removesuffix(unit).strip().replace(".", ",") + f" {own}"
    parts = [part for part in row.printed.split("; ") if part]
    if "." in row.table or row.table == "local":
        return "; ".join(parts)
    numerals = [part for part in parts if NUMERAL.fullmatch(part)]  # what else stands there is the file's own note
    return "; ".join(written(float(part), len(part.partition(".")[2])) for part in numerals)


def _source_numbers(names: Iterable[str]) -> dict[str, int]:
    """Return a number for each table, by its source in the order they are met; tables of one source share theirs."""
    numbers: dict[str, int] = {}
    for name in dict.fromkeys(names):
        same = [numbers[other] for other in numbers if cite(other) == cite(name)]
        numbers[name] = same[0] if same else len(set(numbers.values())) + 1
    return numbers


def _cited(numbers: dict[str, int]) -> dict[str, int]:
    return {cite(name): at for name, at in numbers.items()}


def cite(name: str) -> str:
    """Cite the source of a table in Danish, with its licence where one is stated.

    Examples
    --------
    >>> cite("folk1a")
    'Danmarks Statistik, Statistikbanken, tabel FOLK1A (CC BY 4.0)'
    """
    if name == "local":
        return words("hypotheses")["own"]
    record = record_of(name)
    title, licence = record["sources"][0]["title"], record["licenses"][0]
    known = words("sources")
    if title in known:
        title = known[title]
    else:
        for english, own in words("source_phrases").items():
            title = title.replace(english, own)
    return title + (f" ({licence['title']})" if licence["name"].startswith("CC") else "")


def newest(book: Ledger, among: Iterable[str] = ()) -> date:
    """Return the last day of the newest month or quarter in the names of the files read, all of them unless named."""
    paths = catalogue().set_index("name")["path"]
    names = re.findall(r"_(\d{4})(M\d\d|Q\d)\.csv", " ".join(paths[n] for n in book.data if n in (among or book.data)))
    return max((_end(*found) for found in names), default=date(2020, 8, 18))


def _end(year: str, part: str) -> date:
    month = int(part[1:]) * (1 if part[0] == "M" else 3)
    return (pd.Period(f"{year}-{month:02}", "M").end_time).date()
