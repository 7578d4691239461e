"""The text of the committee paper: a Danish template without a digit, filled from the ledger and checked.

A number, a year and a word that claims a direction all come from the ledger. The result is a list of blocks, plain data
that the HTML page and the PDF lay out each in its own way.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ballerup_analysis.paper.numbers import SAME, Entry, Ledger
from ballerup_analysis.scenarios import frame_of, summary
from ballerup_analysis.sources import DANISH_EVIDENCE as EVIDENCE
from ballerup_analysis.sources import DataError, record_of, where_from

TEMPLATE = Path(__file__).with_name("text.md.jinja")
CELLS_SHOWN = 18
SENSES = ("up", "same", "down")
FAMILIES = {
    "niveau": ("højere end", "stort set det samme som", "lavere end"),
    "udvikling": ("steg", "var næsten uændret", "faldt"),
    "budget": ("budgettet forhøjes", "budgettet er næsten uændret", "budgettet nedsættes"),
    "pris": ("dyrere end rammen", "næsten uændret", "billigere end rammen"),
}
# What a person might write by hand, and which way it points.
CLAIMS = {
    "up": "flere|højere|steg|stiger|steget|stigning|stigende|voksede|øget|over budget|merforbrug|forhøjes|dyrere",
    "same": "uændret|uændrede|lige så mange",
    "down": "færre|lavere|faldt|falder|faldet|fald|faldende|mindsket|under budget|mindreforbrug|nedsættes|billigere",
}
CLAIM = re.compile(r"\b(?:" + "|".join(f"(?P<{sense}>{words})" for sense, words in CLAIMS.items()) + r")\b", re.IGNORECASE)  # fmt: skip
UNITS = {"persons": "personer", "of ": "af "}
ID = re.compile(r"[a-z_]{3,}[a-z0-9_.]*")
OPEN, SEP, CLOSE = "\ue000", "\ue001", "\ue002"  # private characters: no text of ours or of a source holds them
REF = re.compile(f"{OPEN}([^{SEP}]*){SEP}([^{CLOSE}]*){CLOSE}")


def check_digits(source: str) -> None:
    """Stop at a digit in the template outside a reference to the ledger or to a table.

    Examples
    --------
    >>> check_digits('I alt {{ n.gain_2014 }}, se {{ source("minutes_2015.statements") }}')
    """
    import jinja2

    for line, kind, value in jinja2.Environment().lex(source):
        text = kind in ("data", "integer", "float") or (kind == "string" and not ID.fullmatch(value[1:-1]))
        if text and (found := re.search(r"\S*\d\S*", value)):
            at = line + value.count("\n", 0, found.start())
            raise DataError(
                f"{TEMPLATE.name}, line {at}: {found.group()!r} holds a digit; a number in the paper must come from the ledger, "
                "such as {{ n.needed_price }}"
            )


def danish(entry: Entry) -> str:
    """Write a number as the committee reads it; a weak one says so.

    Examples
    --------
    >>> danish(Entry("a", 56.78, 1, "persons", "", "", "", evidence="unverified"))
    '56,8 personer (ubekræftet)'
    """
    unit = entry.unit
    for english, own in UNITS.items():
        unit = unit.replace(english, own)
    weak = f" ({EVIDENCE[entry.evidence]})" if entry.evidence in ("unverified", "assumed") else ""
    return replace(entry, unit=unit).danish + weak


def word(family: str, entry: Entry) -> str:
    """Return the word of a family that the number's sense calls for."""
    if not entry.sense:
        raise DataError(f"{entry.id} claims no direction; no word of {family!r} suits it")
    return _mark("", FAMILIES[family][SENSES.index(entry.sense)])


def compose(ledger: Ledger, local: bool, source: str | None = None) -> list[dict]:
    """Fill the template and return its blocks.

    Parameters
    ----------
    ledger : Ledger
        The numbers.
    local : bool
        Whether the analyst has accounts of his own.
    source : str, optional
        Another template than the package's own.

    Returns
    -------
    list of dict
        ``kind`` heading (level, id, parts), paragraph (parts), list (items), figure or table (name, parts, alt) or notes;
        ``parts`` are texts, and numbers with the id they link ``to``.

    Raises
    ------
    DataError
        At a digit, an unknown id, or a word of direction that no number in its sentence bears out.
    """
    import jinja2

    source = TEMPLATE.read_text(encoding="utf-8") if source is None else source
    check_digits(source)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, finalize=_finalize)
    environment.filters["size"] = lambda entry: replace(entry, value=abs(entry.value))
    try:
        text = environment.from_string(source).render(
            n=ledger, local=local, word=word, source=where_from,
            assumptions=summary(ledger.scenario, frame_of(ledger.scenario, ledger.area), "da") if ledger.scenario else [],
            cite=lambda table: record_of(table)["sources"][0]["title"], threshold=f"{SAME * 100:g} pct.", notes=lambda: _mark("notes", ""),
            figure=lambda name: _mark("figure", name), table=lambda name: _mark("table", name),
        )  # fmt: skip
    except jinja2.TemplateError as error:
        raise DataError(f"{TEMPLATE.name}: {error.message}") from None
    text = re.sub(r"\n\s*\n(?=- )", "\n", text)  # a loop leaves a blank line between its items
    return [block for part in re.split(r"\n\s*\n", text) if part.strip() for block in _blocks(ledger, part.strip())]


def _mark(to: str, text: str) -> str:
    return f"{OPEN}{to}{SEP}{text}{CLOSE}"


def _finalize(value):
    if isinstance(value, Entry):
        return _mark(value.id, danish(value))
    if isinstance(value, str) and not REF.fullmatch(value):  # a source's text makes no mark and no block
        value = "".join(c for c in value if c.isprintable() or c.isspace()).translate({171: '"', 187: '"'})
        return " ".join(value.split())
    return value


def _blocks(ledger: Ledger, text: str) -> list[dict]:
    text, *items = re.split(r"(?:^|\n)- ", text)
    listed = [{"kind": "list", "items": [_parts(ledger, item) for item in items]}] if items else []
    return ([_block(ledger, text)] if text else []) + listed


def _block(ledger: Ledger, text: str) -> dict:
    if heading := re.match(r"(#+) ", text):
        level = len(heading[1])
        return {"kind": "heading", "level": level, "id": "", "parts": _parts(ledger, text[level:])}
    mark = REF.match(text)
    if mark and mark[1] in ("figure", "table", "notes"):
        caption, _, alt = text[mark.end() :].partition("\nAlt: ")
        return {"kind": mark[1], "name": mark[2], "parts": _parts(ledger, caption), "alt": " ".join(alt.split())}
    return {"kind": "paragraph", "parts": _parts(ledger, text)}


def _parts(ledger: Ledger, text: str) -> list[dict]:
    """Split a text at its numbers, after checking that its hand-written claims agree with them."""
    text = re.sub(rf"(\.{CLOSE})\.", r"\1", " ".join(text.split()))  # "pct." ends the sentence with its own point
    for sentence in re.split(r"(?<=[.?!])\s+(?=[A-ZÆØÅ])", text):
        numbers = [ledger[to] for to, _ in REF.findall(sentence) if to]
        senses = {entry.id: entry.sense for entry in numbers if entry.sense}
        for claim in CLAIM.finditer(re.sub(r"»[^«]*«", "", REF.sub("", sentence))):
            if claim.lastgroup not in senses.values():
                say = "; ".join(f"{id} is {danish(ledger[id])}: {sense}" for id, sense in senses.items())
                shown = REF.sub(r"\2", sentence)
                raise DataError(
                    f"{TEMPLATE.name}: {claim.group()!r} in {shown!r} is not borne out "
                    f"({say or 'no number in the sentence has a direction'}); use word(family, number)"
                )
    parts, at = [], 0
    for mark in REF.finditer(text):
        parts += [{"text": text[at : mark.start()], "to": ""}, {"text": mark[2], "to": mark[1]}]
        at = mark.end()
    parts.append({"text": text[at:], "to": ""})
    return [part for part in parts if part["text"]]


def notes(ledger: Ledger, traces: dict[str, pd.DataFrame]) -> list[dict]:
    """Return the source note of every number: formula, what was read, and the cells as printed with file and line."""
    blocks = []
    for entry in ledger.numbers.values():
        cells = traces[entry.id]
        heading = [{"text": f"{danish(entry)} · {entry.id}", "to": ""}]
        facts = {
            "Beregning": entry.formula,
            "Periode": entry.period,
            "Grundlag": EVIDENCE[entry.evidence],
            "Læst": "; ".join(entry.reading.addresses()).replace(" cells]", " celler]").replace("[all:", "[alle:")
            + (f"; {len(entry.reading.rates)} satser" if entry.reading.rates else ""),
            "Forklaret i": f"notebooks/{entry.notebook}.ipynb",
        }
        if entry.scenario:
            facts["Scenarie"] = entry.scenario
        caption = f"Celler bag {entry.id}"
        if len(cells) > CELLS_SHOWN:
            caption += f": de første {CELLS_SHOWN} af {len(cells)}; alle står i trace.csv"
        shown = cells.head(CELLS_SHOWN)
        rows = [[r.address, r.printed, f"{r.file}, linje {r.line}"] for r in shown.itertuples()]
        names = (("celle", False), ("som trykt", True), ("fil", False))
        columns = [{"name": name, "numeric": numeric, "lang": "da"} for name, numeric in names]
        table = {"kind": "table", "parts": [{"text": caption, "to": ""}], "columns": columns, "rows": rows}
        blocks += [{"kind": "heading", "level": 4, "id": f"kilde-{entry.id}", "parts": heading}, {"kind": "facts", "facts": facts}, table]  # fmt: skip
    return blocks
