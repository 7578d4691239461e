"""What a remark beside a row of an own file says of its figures: that they do not count, are gross, of another status or a part."""

from __future__ import annotations

import functools
import re

from ballerup_analysis.own.doubts import CLOSED, DOUBTS, SOME, START, WITHOUT, YEAR, of_amounts, of_persons
from ballerup_analysis.own.forms import FORMS, area_in, attempt, plain, status_above
from ballerup_analysis.own.kinds import WORDS
from ballerup_analysis.sources import HOME, area_name

KINDS_OF, COUNTS, NO = {*WORDS["doubts"]["kinds"]}, {*WORDS["counts"]}, ("nej", "no", "0", "false", "falsk")
SENTENCE = re.compile(r"(?<=[.!;])\s+(?=[A-ZÆØÅ])")
LEAD = rf"(?:(?:{'|'.join(WORDS['remarks']['lead'])}) )"
ANY = r"(?:[.!]*| ?[.,;:(–-]{}.*)"  # a reason behind, which is another amount where it tells one
REASON = {"apart": ANY.format(""), "none": r"\.?"}
AMOUNT = r"(?!.*\d ?(?:t\.?kr|kr|mio|tkr|pct)\b)"
SAYS = {name: re.compile(rf"{LEAD}*(?:{'|'.join(words)}){REASON.get(name, ANY.format(AMOUNT))}")
        for name, words in WORDS["remarks"].items() if name != "lead"}  # fmt: skip
PART = re.compile(rf"{LEAD}*(?:{DOUBTS['part'].pattern})")
OF_AREA = re.compile(rf"{LEAD}+([\w-]+)(?: kommune)?[.!]*|([\w-]+) kommune[.!]*")
OUT = "does its row count? take the row out, or the remark"
NONE = "is it an amount in kroner? write that, or take the row out"


def as_told(told) -> str:
    """Return what to do where a text tells a status that the figures beside it are not read as."""
    return f"is it {' or '.join(sorted(told))}? write that beside the year, or in a column 'status'"


def remark_fault(kind: str, heading: str, cell: str, read: frozenset[str], area: str = HOME) -> str:
    """Return what is wrong where a cell of a column that is not read tells what its row's figures are not.

    What it says of another year, or of some matter, is shown with the figures, not asked about.

    Parameters
    ----------
    kind : str
        Of the file.
    heading, cell : str
        Of the column, in one spelling, and as it stands.
    read : frozenset of str
        The statuses that the row's amounts are read as, of a budget.
    area : str
        Of the row.

    Examples
    --------
    >>> [
    ...     remark_fault("budget", "note", cell, frozenset("B"))[:19]
    ...     for cell in ("Udgår", "Udgår i 2029", "Korr. budget")
    ... ]
    ['does its row count?', '', 'the amount is read ']
    """
    sentences = (_fault(kind, heading, one, read, area) for one in SENTENCE.split(cell))
    return next(filter(None, sentences), "")


@functools.lru_cache(maxsize=4096)  # most remarks stand in many rows
def _fault(kind: str, heading: str, cell: str, read: frozenset[str], area: str) -> str:
    text, is_kind = plain(cell), heading in KINDS_OF
    bare = START.sub("", text)
    is_sum = kind != "persons" and heading not in WORDS["groups"] and SAYS["sum"].fullmatch(bare)
    is_apart = is_sum or (SAYS["apart"].fullmatch(bare) and not YEAR.search(bare))
    is_out = attempt(FORMS["truth"], cell) if SAYS["apart"].fullmatch(heading) else heading in COUNTS and text in NO
    if is_apart or is_out:
        return OUT
    status = _status(bare) if is_kind or len(text) > 3 else ""  # a letter may number something
    if kind == "budget" and status not in ("", "B", *read):
        return f"the amount is read as {', '.join(sorted(read))}; {as_told({status})}"
    if kind == "accounts" and (status not in ("", "R") or SAYS["unsettled"].fullmatch(bare)):
        return CLOSED
    if kind in ("accounts", "persons"):
        named = OF_AREA.fullmatch(bare)
        code = area_in(named[1] or named[2]) if named else None
        if code not in (None, area):
            return f"is it of {area_name(code)}? its row is of {area_name(area)}; keep one"
        if SAYS["few"].fullmatch(bare):
            return SOME
        if kind == "persons" and is_kind and (right := of_persons(kind, text, note=True)):
            return right
    # a budget may have lines of benefits that are not refunded
    is_gross = SAYS["gross"].fullmatch(WITHOUT.sub("", bare) if kind == "budget" else bare)
    is_none = kind != "persons" and SAYS["none"].fullmatch(bare)
    is_other = is_gross or is_none or (heading not in WORDS["rhythm"] and PART.match(bare))
    return (of_amounts(kind, text, note=not is_other) if is_other or is_kind else "") or NONE * bool(is_none)


def _status(text: str) -> str:
    """Return the status that a text and nothing else tells, beside a year or alone."""
    year = attempt(FORMS["budget_year"], text)
    return year[1] if year else status_above(text)
