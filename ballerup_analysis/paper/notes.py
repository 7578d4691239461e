"""The notes behind a paper: A the figures' numbers, B what each number rests on, C every source once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import partial
from itertools import groupby, islice

import pandas as pd
from babel.dates import get_month_names

from ballerup_analysis.own import opened
from ballerup_analysis.own.unread import said
from ballerup_analysis.paper.reading import Entry, Ledger
from ballerup_analysis.paper.text import as_told, cell, cited, parts_of, quoted
from ballerup_analysis.sources import DANISH_EVIDENCE, area_names, catalogue, record_of
from ballerup_analysis.words import words, written

CELLS_SHOWN = 5
TOLD = ("table", "address", "printed")  # of a cell
MONTHS = get_month_names("wide", locale="da")
PERIODS = {"Q": lambda n: f"{n}. kvartal", "M": lambda n: MONTHS[n]}
WHOLE = r"all ([\d.]+) rows"
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
    beside = {cite(name): said(opened(name.removeprefix("local/")).unread, "da")
              for name in numbers if name in words("own_files")}  # fmt: skip
    items = [
        [cell(f"[{at}] " + ". ".join(filter(None, (citation, beside.get(citation)))))]
        for citation, at in _cited(numbers).items()
    ]
    return [*made, {"kind": "list", "items": items, "plain": True}]


def _heading(text: str) -> dict:
    return {"kind": "heading", "level": 2, "parts": [cell(text)], "note": True}


def _numbers_table(ids: list[str], book: Ledger, traces: dict, numbers: dict[str, int]) -> dict:
    told, rows = words("notes"), []
    seen: dict[tuple[str, ...], str] = {}
    bases = {id: book[id].reading.addresses() for id in ids}
    for alike in _alike(ids, book, bases):
        first = alike[0]
        same = seen.setdefault(bases[first.id], as_told(first))
        if same == as_told(first):
            cells = _cells(traces[first.id], numbers, book.area)
        else:
            cells = told["same_cells"].format(same.removesuffix("."))
        when = "–".join(dict.fromkeys([first.period, alike[-1].period]))
        formula = f"{first.formula}. {when[:1].upper()}{when[1:]}; {DANISH_EVIDENCE[first.evidence]}."
        anchors = [
            {
                "text": as_told(one) + f" ({one.period})" * (len(alike) > 1),
                "id": f"kilde-{one.id}",
                "back": f"tal-i-tekst-{one.id}",
            }
            for one in alike
        ]
        rows.append(
            [cell("; ".join(one["text"] for one in anchors)) | {"anchors": anchors}, cell(formula), cell(cells)]
        )
    columns = [{"name": told[name], "numeric": False} for name in ("number", "formula", "cells")]
    return {"kind": "table", "name": "numbers", "parts": [cell(told["b_caption"])], "columns": columns, "rows": rows}


def _alike(ids: list[str], book: Ledger, bases: dict[str, tuple[str, ...]]) -> list[list[Entry]]:
    """Return the numbers that are calculated alike from the same cells together, by period."""
    together: dict[tuple, list[Entry]] = {}
    for id in ids:
        together.setdefault((book[id].formula, book[id].evidence, bases[id]), []).append(book[id])
    return [sorted(some, key=lambda entry: entry.period) for some in together.values()]


def _cells(trace: pd.DataFrame, numbers: dict[str, int], area: str) -> str:
    """Name the first cells, those of the area itself, then files read whole, then others, by source."""
    rows = [row for row in zip(*(trace[name] for name in TOLD), strict=True) if row[0] != "areas"]
    told = map(_told, sorted(rows, key=partial(_turn, area=area)))
    shown = [*islice((one for one in told if one[1]), CELLS_SHOWN)]
    by_table = groupby(shown, key=lambda told: numbers[told[0]])
    told = [f"[{at}] " + "; ".join(text for _, text in some) for at, some in by_table]
    more = len(rows) - len(shown)
    return quoted("a cell", "; ".join(told)).text + (f" {words('notes')['more'].format(written(more))}" if more else "")


def _turn(row: tuple[str, str, str], area: str) -> int:
    table, address, _ = row
    if address.startswith(f"{area}, ") or table.startswith("local/"):
        return 0
    return 1 if re.fullmatch(WHOLE, address) else 2


def _told(row: tuple[str, str, str]) -> tuple[str, str]:
    """Return the table of a cell, and its place and what stands there; nothing where no number does."""
    table, address, printed = row
    if whole := re.fullmatch(WHOLE, address):
        return table, words("notes")["whole"].format(whole[1])
    printed = _printed(table, printed)
    return table, printed and f"{place(address, table)}: {printed}"


def place(address: str, table: str = "") -> str:
    """Write the address of a cell in Danish: a paper's rows as printed, of a series what has a Danish name.

    Examples
    --------
    >>> place("151, 2014Q1"), place("000, 2026M05, gross_unemployed_dagpenge, a note")
    ('Ballerup, 1. kvartal 2014', 'Hele landet, maj 2026, bruttoledige på dagpenge')
    """
    if table.startswith("local/"):  # an own name is left as typed
        return cited("a name of an own file", address).text
    as_printed = "." in table
    names = area_names() | words("codes") | words("measures") | words("functions")
    known = [_part(part, as_printed, names) for part in address.split(", ")]
    return ", ".join(filter(None, known)) or words("notes")["row"]


def _part(part: str, as_printed: bool, names: dict[str, str]) -> str:
    if part in names:
        return names[part]
    if period := re.fullmatch(r"(\d{4})([QM])(\d+)", part):
        return f"{PERIODS[period[2]](int(period[3]))} {period[1]}"
    if days := re.fullmatch(r"(…|\d{4}-\d\d-\d\d) – (…|\d{4}-\d\d-\d\d)", part):
        return " – ".join(_day(day) for day in days.groups())
    name = re.fullmatch(r"[a-z0-9_.]*_[a-z0-9_.]*", part)
    return part if (as_printed and not name) or part in names.values() or re.fullmatch(r"[\d+–-]+", part) else ""


def _day(text: str) -> str:
    if text == "…":
        return text
    day = date.fromisoformat(text)
    return f"{day.day}. {MONTHS[day.month]} {day.year}"


def _printed(table: str, printed: str) -> str:
    """Write what stands in a cell: as printed in a paper, with a decimal comma where a file of a series has a point."""
    for unit, own in words("rate_units").items():
        if table == "rates" and printed.endswith(f" {unit}"):
            return _numeral(printed.removesuffix(unit).strip()) + f" {own}"
    parts = [part for part in printed.split("; ") if part]
    if "." in table or table.startswith("local/"):
        return "; ".join(parts)
    numerals = [part for part in parts if NUMERAL.fullmatch(part)]  # what else stands there is the file's own note
    return "; ".join(map(_numeral, numerals))


def _numeral(text: str) -> str:
    """Write a number of a file, with a decimal point there, as the paper does, with its decimals."""
    return written(float(text), len(text.partition(".")[2]))


def _source_numbers(names: Iterable[str]) -> dict[str, int]:
    """Return a number for each table, by its source in the order they are met; tables of one source share theirs."""
    cited = {name: cite(name) for name in dict.fromkeys(names)}
    order = [*dict.fromkeys(cited.values())]
    return {name: order.index(citation) + 1 for name, citation in cited.items()}


def _cited(numbers: dict[str, int]) -> dict[str, int]:
    return {cite(name): at for name, at in numbers.items()}


def cite(name: str) -> str:
    """Cite the source of a table in Danish, with its licence where one is stated.

    Examples
    --------
    >>> cite("folk1a")
    'Danmarks Statistik, Statistikbanken, tabel FOLK1A (CC BY 4.0)'
    """
    if name in (own := words("own_files")):
        return own[name]
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
