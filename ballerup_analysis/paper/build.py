"""The papers: an agenda item, a memo and a memo on the years ahead, from one set of numbers, written aside and swapped in."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from babel.dates import format_date

from ballerup_analysis import figures, own, scenarios
from ballerup_analysis.files import keep_rights, locked, no_formula
from ballerup_analysis.paper import agenda, exhibits, layout, workbook
from ballerup_analysis.paper.notes import newest, notes
from ballerup_analysis.paper.numbers import ledger
from ballerup_analysis.paper.reading import OTHER_PAPERS, OWN_PAPERS, Entry, Ledger
from ballerup_analysis.paper.record import NAME, OLD, differing, plain, put_back, read, run_record, text_of
from ballerup_analysis.paper.text import Part, cited, compose, danish, quoted
from ballerup_analysis.scenarios import frame_of, summary
from ballerup_analysis.sources import DATA, HOME, DataError, area_name
from ballerup_analysis.words import quote, words

FOLDER = DATA.parent / "reports"
MOST_LINES = 4  # of the years ahead told in words; the table has all
ASIDE = ("frame", "wrong_rest")  # shown among the notes
MONTHLY = ("jobindsats_monthly",)
AGENDA, MEMO, AHEAD = "dagsordenspunkt", "notat", "forsoergelsesudgifter"


@dataclass(frozen=True)
class Paper:
    """One paper as data: its title, blocks with figures and tables filled in, and the pictures it shows."""

    title: str
    blocks: list[dict]
    pictures: dict[str, bytes]


def told(book: Ledger, tables: dict) -> dict[str, object]:
    """Return what the templates may name beside the numbers; texts from files come as parts that stay texts."""
    home, names = book.area == HOME, words("committee")
    version = hashlib.sha256("".join(book.data.values()).encode()).hexdigest()[:12]
    year = str(newest(book).year)
    ahead = {
        line: exhibits.outlook_of(book, line, entries, year) for line, entries in exhibits.outlook_lines(book).items()
    }
    return {
        "name": quoted("the municipality's name", book.name),
        "kommune": Part(words("municipalities").get(book.area, f"{book.name} Kommune")),
        "committee": Part(names["home" if home else "other"]),
        "doc": {key: Part(text) for key, text in words("citations").items()},
        "date": Part(danish_date(newest(book))),
        "months": Part(format_date(newest(book, MONTHLY), "MMMM y", locale="da")),
        "version": Part(version),
        "own": _own(book),
        "unreconciled": any(e.evidence == "unreconciled" for e in book.numbers.values()),
        "tables": tables,
        "rises": [e for id, e in book.numbers.items() if id.startswith("budget_rise")],
        "joint": lambda left: {1: "", 2: " og "}.get(left, ", "),
        "outlook": sorted(ahead.values(), key=_total_first)[:MOST_LINES],
        "pension": ahead.get("foertidspension"),
        "persons": exhibits.persons_behind(book),
        "missing": _missing(book),
        "scenario": _scenario(book),
    }


def _own(book: Ledger) -> list[Entry]:
    """Return what own accounts give."""
    return [e for id, e in book.numbers.items() if id.startswith("own_")]


def _total_first(line: dict) -> tuple:
    """Sort the total before the lines, and these by how much they change until the first year told."""
    return not line["total"], -abs(line["ahead"][0]["middle"].value - line["last"].value)


def danish_date(day: date) -> str:
    """Write a date, such as ``31. juli 2026``."""
    return format_date(day, "d. MMMM y", locale="da")


def _missing(book: Ledger) -> list[Part]:
    """Say once for each reason what is not available."""
    by_reason: dict[str, dict[str, None]] = {}
    for title, reason in book.missing.items():
        without_year = re.sub(r"(, | for )(\d\. halvår )?\d{4}$", "", title)
        by_reason.setdefault(reason, {})[without_year[:1].lower() + without_year[1:]] = None
    told = [("" if reason == OWN_PAPERS else "; ".join(titles) + ": ") + reason for reason, titles in by_reason.items()]
    if _own(book):  # then the accounts are there
        told = [OTHER_PAPERS if one == OWN_PAPERS else one for one in told]
    return [quoted("what is not available", text[:1].upper() + text[1:]) for text in told]


def _scenario(book: Ledger) -> dict | None:
    one = book.scenario
    return one and {
        "name": cited("the scenario's name", one.name),
        "why": cited("the scenario's reason", one.why) if one.why.strip() else None,
        "assumptions": [
            cited("the scenario's assumptions", line) for line in summary(one, frame_of(one, book.area), "da")
        ],
        "costs": [e for id, e in book.numbers.items() if id.startswith("scenario_")],
    }


def traces(book: Ledger) -> dict[str, pd.DataFrame]:
    """Return the cells behind each number; numbers of one reading share theirs."""
    by_reading = {id(e.reading): e.reading for e in book.numbers.values()}
    cells = {at: reading.trace() for at, reading in by_reading.items()}
    return {name: cells[id(e.reading)] for name, e in book.numbers.items()}


def papers(book: Ledger, cells: dict[str, pd.DataFrame]) -> dict[str, Paper]:
    """Return the papers of a ledger as data, with the cells behind its numbers; texts are checked before figures are drawn.

    Examples
    --------
    >>> book = ledger("159")
    >>> sorted(papers(book, traces(book)))
    ['dagsordenspunkt', 'forsoergelsesudgifter', 'notat']
    """
    tables = exhibits.tables(book)
    context = told(book, tables)
    kinds = [AGENDA, MEMO, *([AHEAD] if "outlook" in tables else [])]
    texts = {kind: compose(book, kind, context) for kind in kinds}
    asked = {kind: [b["name"].split()[1] for b in blocks if b["kind"] == "place" and b["name"].startswith("figure ")]
             for kind, blocks in texts.items()}  # fmt: skip
    drawn = exhibits.pictures(book, [name for names in asked.values() for name in names])
    svg, captions = {}, {}
    for name, (fig, _) in drawn.items():
        captions[name] = fig.get_suptitle()
        fig.suptitle("")  # one title: the caption
        svg[name] = figures.render(fig, "svg")
    made = {}
    for kind, blocks in texts.items():
        shown = {name: drawn[name] for name in asked[kind] if name in drawn}
        placed = [*filter(None, (_placed(block, tables, shown, captions) for block in blocks))]
        behind = {name: one | {"kind": "table", "name": name, "parts": [{"text": captions[name], "to": ""}]}
                  for name, (_, one) in shown.items()}  # fmt: skip
        if kind != AGENDA:
            aside = [block for block in placed if block.get("name") in ASIDE]
            placed = [block for block in placed if block not in aside]
            placed += notes(placed, book, cells, behind, aside)
        title = "".join(part["text"] for part in blocks[0]["parts"])
        made[kind] = Paper(title, placed, {name: svg[name] for name in shown})
    return made


def _placed(block: dict, tables: dict, shown: dict, captions: dict) -> dict | None:
    """Return a block with the figure or table it names; what the area does not have is left out."""
    if block["kind"] != "place":
        return block
    what, name = block["name"].split()
    if what == "table":
        return tables.get(name)
    if name not in shown:
        return None
    parts = [{"text": captions[name], "to": ""}]
    return {
        "kind": "figure",
        "name": name,
        "parts": parts,
        "alt": shown[name][0].get_label(),
        "src": f"figures/{name}.svg",
    }


def build(folder: Path | None = None, area: str = HOME, book: Ledger | None = None, scenario=None) -> Path:
    """Write the papers aside, then swap them in whole; what was there stays as it was if anything fails.

    Parameters
    ----------
    folder : pathlib.Path, optional
        ``reports``, or ``reports_CODE`` for another municipality.
    area : str
        Code of the municipality.
    book : Ledger, optional
        Computed earlier; stale if a table has changed since.
    scenario : ballerup_analysis.scenarios.Scenario, optional
        Told in the memo, with its cost against the baseline.

    Returns
    -------
    pathlib.Path
        ``index.html``, the memo; beside it ``notat.pdf``, ``dagsordenspunkt.docx``, ``bilag.xlsx``, ``figures``,
        ``key_numbers.json``, ``trace.csv``, ``run_record.json``, and ``forsoergelsesudgifter`` as HTML and PDF where the
        years ahead are known.
    """
    book = exhibits.with_own_accounts(book or ledger(area, scenario))
    book.check_fresh()
    folder = place(book.area, folder)
    cells = traces(book)
    made, day = papers(book, cells), newest(book)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked(folder), _aside(folder) as new:
            (new / "figures").mkdir(parents=True)
            _write(made, day, book, cells, new)
            _swap(new, folder)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be written ({error.strerror}); give a folder where files may be made"
        ) from None
    return folder / "index.html"


def place(area: str, folder: Path | None = None) -> Path:
    """Return where a report is written; DataError where none can be, before anything is computed."""
    folder = folder or (FOLDER if area == HOME else FOLDER.with_name(f"reports_{area}"))
    if folder.is_symlink():
        raise DataError(f"{folder} is a link to {folder.resolve()}; give the folder itself")
    if folder.exists() and not (folder.is_dir() and ((folder / NAME).exists() or not any(folder.iterdir()))):
        raise DataError(f"{folder} is there already and holds no report; give a folder that is empty or not there")
    old = [folder, *(p for p in folder.rglob("*") if p.is_dir())] if folder.exists() else []  # it is taken away whole
    for one in (next(p for p in folder.absolute().parents if p.exists()), *old):
        if not os.access(one, os.W_OK):
            raise DataError(f"{one} may not be written in; give this user the right to, and run this again")
    return folder


def unlike_a_new_one(folder: Path) -> tuple[str, list[str]]:
    """Make the report of a folder again from what its record names; tell what that was, and what comes out otherwise."""
    said = read(folder)
    scenario = scenarios.read(str(said["scenario"]), NAME) if said.get("scenario") else None
    with tempfile.TemporaryDirectory() as aside:
        again = build(Path(aside) / "reports", str(said.get("area")), scenario=scenario).parent
        used = [kind for kind in own.KINDS if own.files().get(kind)]
        called = quote(" ".join(scenario.name.split())) if scenario else "none"
        told = f"{area_name(said['area'])}, scenario: {called}, own files: {', '.join(used) or 'none'}"
        return told, differing(folder, again)


def _write(made: dict[str, Paper], day: date, book: Ledger, cells: dict, folder: Path) -> None:
    for kind, paper in made.items():
        for name, svg in paper.pictures.items():
            (folder / "figures" / f"{name}.svg").write_bytes(svg)
        if kind == AGENDA:
            (folder / f"{kind}.docx").write_bytes(agenda.word_file(paper, day))
            continue
        page = "index" if kind == MEMO else kind
        (folder / f"{page}.html").write_text(layout.html(paper), encoding="utf-8", newline="\n")
        (folder / f"{kind}.pdf").write_bytes(layout.pdf(paper, day, folder))
    _write_numbers(book, cells, folder)
    workbook.build(folder / "bilag.xlsx", book.scenario, book.area)
    (folder / NAME).write_text(text_of(run_record(book, folder)), encoding="utf-8", newline="\n")


@contextmanager
def _aside(folder: Path) -> Iterator[Path]:
    """Hand out the place of the new folder, empty; what a build that was killed left is put right before, nothing left after."""
    new, old = folder.with_name(f".{folder.name}.new"), folder.with_name(OLD.format(folder.name))
    put_back(folder, old)
    for left in (new, old):
        if left.is_symlink() or left.is_file():  # whatever it leads to is not ours
            left.unlink()
        shutil.rmtree(left, ignore_errors=True)
    try:
        yield new
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _swap(new: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one, with its rights; the old one comes back if that fails."""
    old = folder.with_name(OLD.format(folder.name))
    for path in (new, *new.rglob("*")):
        keep_rights(folder / path.relative_to(new), path)
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_numbers(book: Ledger, cells: dict, folder: Path) -> None:
    records = [
        {k: v for k, v in vars(e).items() if k != "reading"}
        | {
            "value": plain(e.value),
            "cells": e.reading.addresses(),
            "danish": danish(e),
            "tables": [
                *dict.fromkeys(file for file, *_ in e.reading.own),
                *e.reading.lines,
                *["rates"] * bool(e.reading.rates),
            ],
        }
        for e in book.numbers.values()
    ]
    text = json.dumps(records, ensure_ascii=False, indent=1)
    (folder / "key_numbers.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    rows = pd.concat(cells, names=["id", "at"]).droplevel("at")
    rows["address"] = rows["address"].map(no_formula)
    rows.to_csv(folder / "trace.csv", lineterminator="\n")
