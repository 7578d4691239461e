"""What stands in an own file and is not read: it is told wherever the figures are used, as it may say that they are something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ballerup_analysis.files import printable
from ballerup_analysis.words import quote, words

SAID = 12  # places that are said
LONG = 500  # characters of a text that are, as many as a cell may hold


@dataclass(frozen=True)
class Unread:
    """A text that is not read.

    Parameters
    ----------
    kind : str
        What it stands in: cell, column, comment, sheet, or what a sheet has beside its cells, as a text box or a header.
    place : str
        The cell (B3; in a text file 3:2, line and column) or the column; nothing of what has no address.
    text : str
        What stands there, of a column its heading and some of its cells.
    """

    kind: str
    place: str
    text: str


def said(some: Sequence[Unread], language: str = "en", most: int = SAID) -> str:
    """Say what a file holds unread, the first dozen places or as many as asked for; nothing where it holds nothing.

    Examples
    --------
    >>> said([Unread("cell", "A1", "Beløb i mio. kr."), Unread("picture", "", "")])
    'The file also holds, unread: »Beløb i mio. kr.« (cell A1); picture.'
    """
    if not some:
        return ""
    told = words("unread", language)
    where = [told[one.kind].format(one.place) for one in some[:most]]
    texts = [f"{quote(one.text)} ({at})" if one.text else at for one, at in zip(some, where, strict=False)]
    more = [told["more"].format(len(some) - most)] if len(some) > most else []
    return told["lead"].format("; ".join(texts + more))


def short(text: str) -> str:
    r"""Return as much of a text as is told, in one line, every character one that is seen.

    Examples
    --------
    >>> short("en \n note"), len(short("x" * 999))
    ('en note', 500)
    """
    text = " ".join(printable(text).split())
    return text if len(text) <= LONG else text[: LONG - 1] + "…"
