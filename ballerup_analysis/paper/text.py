"""The text of a paper: a Danish template without a digit, filled with numbers of the ledger, as blocks of parts.

What the template says, what a number says and what a file says stay apart as objects from the first to the last step: a
part that came from a file can never become a link, a heading or a claim of ours. The result is plain data that HTML, PDF
and Word lay out each in its own way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import jinja2
from jinja2 import pass_context
from jinja2.nativetypes import NativeEnvironment

from ballerup_analysis.danish import rounded
from ballerup_analysis.files import foreign
from ballerup_analysis.paper.reading import Entry, Ledger
from ballerup_analysis.sources import DANISH_EVIDENCE, DataError
from ballerup_analysis.words import WORDS, quote, unit_after, words, written

TEXTS = Path(__file__).with_name("texts")
SENSES = ("up", "same", "down")
FAMILIES = WORDS["families"]
# What a person might write by hand, and which way it points.
CLAIMS = {sense: "|".join(WORDS["claims"][sense]) for sense in SENSES}
CLAIM = re.compile(r"\b(?:" + "|".join(f"(?P<{sense}>{told})" for sense, told in CLAIMS.items()) + r")\b", re.IGNORECASE)  # fmt: skip
ID = re.compile(r"[a-z_]{3,}[a-z0-9_.]*")
MARKS = {"#": "heading", "-": "list", "+": "ordered", "=": "facts", "!": "keys", "@": "place"}
WEAK = ("unreconciled", "unverified", "assumed")  # evidence that is told beside the number
CHANCE_PCT = 5  # above this share of placebos as large, a difference is told as one that chance may make


@dataclass(frozen=True)
class Part:
    """A run of text: a number that links ``to`` its note, our own words, or a text from a file."""

    text: str
    to: str = ""
    ours: bool = False


def quoted(field: str, text: str) -> Part:
    """Return a text from a file as one that stays text; DataError naming the field where it holds what cannot be set.

    Examples
    --------
    >>> quoted("scenariets navn", "Det går dårligt. Flere ledige").text
    'Det går dårligt. Flere ledige'
    """
    if told := foreign(text):
        raise DataError(f"{field} holds {told}, which cannot be printed")
    return Part(" ".join(text.split()))


def cited(field: str, text: str) -> Part:
    """Return a text from a file in quotation marks, which it cannot end.

    Examples
    --------
    >>> cited("the scenario's reason", "Se bilag.« Det er »vist").text
    '»Se bilag.‹ Det er ›vist«'
    """
    return Part(quote(quoted(field, text).text))


def danish(entry: Entry) -> str:
    """Write a number as the committee reads it; a weak one says so.

    Examples
    --------
    >>> (
    ...     danish(Entry("a", -56.78, 1, "persons", "", "", "", evidence="unreconciled")),
    ...     danish(Entry("a", 1.2, 0, "persons", "", "", "")),
    ... )
    ('−56,8 personer (ikke afstemt)', '1 person')
    """
    shown, unit = written(entry.value, entry.decimals), entry.unit
    for english, own in words("units").items():
        unit = unit.replace(english, own)
    weak = f" ({DANISH_EVIDENCE[entry.evidence]})" if entry.evidence in WEAK else ""
    return f"{shown} {unit_after(shown, unit)}".rstrip() + weak


def word(family: str, entry: Entry) -> Part:
    """Return the word of a family that the number's sense calls for."""
    if not entry.sense:
        raise DataError(f"{entry.id} claims no direction; no word of {family!r} suits it")
    return Part(FAMILIES[family][SENSES.index(entry.sense)])


def as_told(entry: Entry) -> str:
    """Write a number as the text does, with a word for its direction instead of a sign.

    Examples
    --------
    >>> as_told(Entry("a", -56.78, 1, "persons", "", "", "", up=-1, family="antal"))
    '56,8 personer flere'
    >>> as_told(Entry("a", -0.004, 2, "points", "", "", "", up=-1, family="niveau"))
    '0,00 points uændret'
    """
    if not entry.family:
        return danish(entry)
    told, shown = danish(replace(entry, value=abs(entry.value), evidence="")), rounded(entry.value, entry.decimals)
    return f"{told} {word(entry.family, replace(entry, value=shown, same=0)).text}" + danish(entry).removeprefix(
        danish(replace(entry, evidence=""))
    )


def check_digits(source: str, name: str) -> None:
    """Stop at a digit in a template outside a reference to the ledger or to a table.

    Examples
    --------
    >>> check_digits('I alt {{ n.gain_2014 }}, se {{ cite("minutes_2015") }}', "notat.md.jinja")
    """
    for line, kind, value in jinja2.Environment().lex(source):
        text = kind in ("data", "integer", "float") or (kind == "string" and not ID.fullmatch(value[1:-1]))
        if text and (digits := re.search(r"\S*\d\S*", value)):
            at = line + value.count("\n", 0, digits.start())
            raise DataError(
                f"{name}, line {at}: {digits.group()!r} holds a digit; a number in the paper must come from the ledger, "
                "such as {{ n.needed_price }}"
            )


def compose(ledger: Ledger, name: str, told: dict[str, object], source: str | None = None) -> list[dict]:
    """Fill a template and return its blocks.

    Parameters
    ----------
    ledger : Ledger
        The numbers, ``n`` in the template.
    name : str
        A template in ``texts``, without its ending.
    told : dict
        What else the template may name: flags, and texts as :class:`Part`.
    source : str, optional
        Another text than that of the file.

    Returns
    -------
    list of dict
        ``kind`` heading (level, parts), paragraph (parts), list (items), facts (rows of label and parts), keys (items of
        number and parts) or place (name); ``parts`` are texts, and numbers with the id they link ``to``.

    Raises
    ------
    DataError
        At a digit, an unknown id, or a word of direction that no number in its sentence bears out.
    """
    file, environment = f"{name}.md.jinja", _environment()
    try:
        if source is None:
            template = environment.get_template(file)
        else:
            check_digits(source, file)
            template = environment.from_string(source)
        # The pieces as they come: template text as str, every expression as an object. Nothing is ever joined to a string.
        pieces = [
            *template.root_render_func(template.new_context(told | {"n": ledger, "word": word, "chance": _by_chance}))
        ]
    except jinja2.TemplateError as error:
        raise DataError(f"{file}: {error.message}") from None
    return [*_grouped(_block(parts, ledger, file) for parts in _split(pieces))]


@cache
def _environment() -> NativeEnvironment:
    """Return the reader of the templates; each is read and checked once."""
    environment = NativeEnvironment(
        loader=jinja2.FunctionLoader(_template), undefined=jinja2.StrictUndefined, finalize=_object, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "size": lambda entry: replace(entry, value=abs(entry.value)),
        "bare": lambda entry: replace(entry, unit=""),
        "unmarked": lambda entry: replace(entry, evidence=""),  # where the sentence says it of all its numbers
    }
    return environment


def _template(name: str) -> str:
    text = (TEXTS / name).read_text(encoding="utf-8")
    check_digits(text, name)
    return text


def _by_chance(share: Entry) -> bool:
    return share.value > CHANCE_PCT


@pass_context  # so that no expression is evaluated, and joined to text, when the template is compiled
def _object(_context, value):
    """Return what an expression shows as a part; only numbers of the ledger link."""
    if isinstance(value, Entry):
        return Part(danish(value), value.id)
    if isinstance(value, str):  # a text of ours, such as the period of a number
        quoted("the paper's text", value)
        return Part(value, ours=True)
    if isinstance(value, Part):
        return value
    if isinstance(value, jinja2.Undefined):
        str(value)
    raise DataError(f"{value!r} in the paper is neither a number of the ledger nor a text")


def _split(pieces: Iterable[str | Part]) -> Iterator[list[Part]]:
    """Yield the parts of each block; a block ends at an empty line, or before a line with a mark, of the template."""
    text, parts = "", []
    for piece in [*pieces, Part("")]:
        if isinstance(piece, str):
            text += piece
            continue
        first, *rest = re.split(r"\n\s*\n|\n(?=[-+=!@#]+ )", text)
        parts.append(Part(first, ours=True))
        for more in rest:
            yield parts
            parts = [Part(more, ours=True)]
        text = ""
        parts.append(piece)
    yield parts


def _block(parts: list[Part], ledger: Ledger, file: str) -> dict | None:
    mark = re.match(r"\s*(#+|[-+=!@]) ", parts[0].text) if parts else None
    if mark:
        parts = [replace(parts[0], text=parts[0].text[mark.end() :]), *parts[1:]]
    parts = _spaced(parts)
    if not parts:
        return None
    _check_claims(parts, ledger, file)
    plain = [{"text": part.text, "to": part.to} for part in parts]
    kind = MARKS[mark[1][0]] if mark else "paragraph"
    match kind:
        case "heading":
            return {"kind": kind, "level": len(mark[1]), "parts": plain}
        case "place":
            return {"kind": kind, "name": parts[0].text}
        case "list":
            return {"kind": kind, "items": [plain]}
        case "ordered":
            return {"kind": "list", "items": [plain], "ordered": True}
        case "facts":
            label, _, rest = parts[0].text.partition(": ")
            rest = [{"text": rest, "to": ""}] if rest else []
            return {"kind": kind, "rows": [{"label": label.removesuffix(":"), "parts": rest + plain[1:]}]}
        case "keys":
            number, *rest = plain[next(at for at, one in enumerate(plain) if one["text"].strip()) :]
            rest[0] |= {"text": rest[0]["text"].lstrip()}
            return {"kind": kind, "items": [{"number": number, "parts": rest}]}
    return {"kind": kind, "parts": plain}


def _spaced(parts: list[Part]) -> list[Part]:
    """Return the parts with single spaces, none at the ends, and no second point after "kr." or "pct."."""
    kept: list[Part] = []
    for part in parts:
        text = re.sub(r"\s+", " ", part.text)
        before = kept[-1].text if kept else " "
        if before.endswith(" "):
            text = text.lstrip(" ")
        if part.ours and before.endswith("."):
            text = text.removeprefix(".")
        if text:
            kept.append(replace(part, text=text))
    if kept:
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip(" "))
    return [part for part in kept if part.text]


def _check_claims(parts: list[Part], ledger: Ledger, file: str) -> None:
    """Stop where a word of ours points a way that no number of its sentence points."""
    owner = [part for part in parts for _ in part.text]
    text = "".join(part.text for part in parts)
    ends = [m.end() for m in re.finditer(r"(?<=[.?!])\s+(?=[A-ZÆØÅ])", text) if owner[m.start()].ours]
    for start, end in zip([0, *ends], [*ends, len(text)], strict=True):
        numbers = dict.fromkeys(part.to for part in owner[start:end] if part.to)
        senses = {id: ledger[id].sense for id in numbers if id in ledger and ledger[id].sense}
        own = "".join(c if owner[start + i].ours else " " for i, c in enumerate(text[start:end]))
        for claim in CLAIM.finditer(own):
            if claim.lastgroup not in senses.values():
                say = "; ".join(f"{id} is {danish(ledger[id])}: {sense}" for id, sense in senses.items())
                raise DataError(
                    f"{file}: {claim.group()!r} in {text[start:end]!r} is not borne out "
                    f"({say or 'no number in the sentence has a direction'}); use word(family, number)"
                )


def _grouped(blocks: Iterable[dict | None]) -> Iterator[dict]:
    """Join list items, facts and key numbers that follow one another."""
    last: dict | None = None
    for block in filter(None, blocks):
        inner = {"list": "items", "facts": "rows", "keys": "items"}.get(block["kind"])
        if inner and last and last["kind"] == block["kind"]:
            last[inner] += block[inner]
            continue
        if last:
            yield last
        last = block
    if last:
        yield last


def parts_of(block: dict) -> Iterator[dict]:
    """Yield every part of a block, of its lists, facts, key numbers and cells too."""
    yield from block.get("parts", [])
    for item in block.get("items", []):
        yield from [item["number"], *item["parts"]] if isinstance(item, dict) else item
    for row in block.get("rows", []):
        yield from row["parts"] if isinstance(row, dict) else row


def cell(text: str, to: str = "") -> dict:
    """Return one cell of a table."""
    return {"text": text, "to": to}
