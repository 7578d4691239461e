"""Labels in both languages, from ``words.toml``, and numbers as a figure or a paper shows them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from ballerup_analysis.danish import number

LANGUAGES = ("da", "en")
INNER = str.maketrans("»«", "›‹")
DOUBLED = re.compile(r"[‹›](?:\s*[‹›])+")  # two inner marks look like an outer one
WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def words(section: str, language: str = "da") -> dict[str, str]:
    """Return the labels of a section by key; a key without its English is the same in both languages.

    Parameters
    ----------
    section : str
        A table of ``words.toml``.
    language : str
        ``"da"`` or ``"en"``.

    Examples
    --------
    >>> words("payers")["state"], words("payers", "en")["state"]
    ('staten', 'state')
    """
    at = LANGUAGES.index(language)
    return {key: told if isinstance(told, str) else told[at] for key, told in WORDS[section].items()}


def quote(text: str) -> str:
    """Return a text in Danish quotation marks; its own become inner ones, so that it cannot end the quotation.

    Examples
    --------
    >>> quote("Se bilag.« Det er »vist")
    '»Se bilag.‹ Det er ›vist«'
    >>> quote("Enig ‹‹ Vedtaget: ››")
    '»Enig ‹ Vedtaget: ›«'
    """
    return f"»{DOUBLED.sub(lambda marks: marks[0][0], text.translate(INNER))}«"


def unit_after(shown: str, unit: str) -> str:
    """Return a unit as it is called after a number that is written: one person, two persons.

    Examples
    --------
    >>> unit_after("−1", "helårspersoner"), unit_after("1,0", "persons"), unit_after("1", "pct. points a year")
    ('helårsperson', 'persons', 'pct. point a year')
    """
    for many, one in WORDS["singular"].items() if shown.lstrip("+−") == "1" else ():
        unit = unit.replace(many, one)
    return unit


def written(value: float, decimals: int = 0, unit: str = "", signed: bool = False) -> str:
    """Write a number as :func:`ballerup_analysis.danish.number` does, one person as one, a plus where its sign is asked for.

    Examples
    --------
    >>> written(-0.12, 2), written(56.78, 1, signed=True), written(float("nan")), written(1, unit="persons")
    ('−0,12', '+56,8', '–', '1 person')
    """
    shown = ("+" if signed and round(value, decimals) > 0 else "") + number(value, decimals)
    return f"{shown} {unit_after(shown, unit)}".rstrip()
