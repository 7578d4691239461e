"""What a text of an own file says of all its figures: that they are gross, of a part of the year, turned, or of another status."""

from __future__ import annotations

import functools
import re

from ballerup_analysis.own.forms import FORMS, PERSONS, UNIT, attempt
from ballerup_analysis.own.kinds import WORDS

EVERYBODY = rf"(?:[-–]|(?:(?:{'|'.join(WORDS['everybody'])})(?!\w)[ ,.:;/&()]*+){{1,8}})"
DOUBTS = {name: re.compile("|".join(words).replace("EVERYBODY", EVERYBODY))
          for name, words in WORDS["doubts"].items() if name != "kinds"}  # fmt: skip
TELLS = {status: re.compile("|".join(words)) for status, words in WORDS["tells"].items()}
MONEY = ("budget", "accounts")
# What stands before what a note tells, and what shows that it tells of something, not what all figures are.
START = re.compile(r"^(?:(?:note|noter|obs|nb|kilde|bemærk|anm)\b\W*|[*• ]+|[-–] ?(?=\w)|\d\) ?)+")
# What an adopted budget may be called after, and what a text says of some years: it is of them alone.
AFTER = re.compile(
    r"\b(?:efter|på (?:bag)?grund(?:lag)? af|jf\.?|(?:ind|med)regnet) (?:\w+ )?(?:ændrings|budget)forslag\w*"
    r"|\bi (?:budget)?overslagsår(?:ene|et)?\b"
)
VERB = re.compile(
    r"\b(?:er|fremgår|skyldes|var|bliver|kan|vil|kommer|følger|indgår|omfatter|vedrører|fordeles|har|reguleres|forelægges|behandles|drøftes|godkendes)\b"
)
PARTS = re.compile(r"\b(?:inkl\w*|herunder|heraf)\b.*")  # what amounts hold is not what they are
OF_ALL = re.compile(r"^(?:alt|alle|tallene|tal|beløb\w*|udgifterne|bevillinger\w*|negative) ")
OTHERWISE = re.compile(r"\b(?:tusind\w*|1[. ]?000|100|mio|pct|procent|promille|andel|indeks)\b|%")  # than one by one
# Of a text that speaks of no amounts: that all figures are shares, or thousands.
WITHOUT = re.compile(
    r"\buden (?:stats)?refusion\b"
)  # what the municipality pays alone, as in the first weeks of a benefit
BORNE = re.compile(
    r"\b(?:betales|afholdes|bæres) (?:\w+ )?af kommunen\b"
)  # of some weeks or persons, not of all amounts
SOME_WITHOUT = re.compile(  # a section
    r"(?!udgift|beløb|tal|budget|regnskab|all|netto|ramme|bevilling|kroner|opg|oversigt|tabel|vist|de[rt]\b)(?!.*\b(?:er|opgjort|vist|regnet|angivet)\b)"
    r"\w.* uden (?:stats)?refusion:?"
)
DURATION = re.compile(  # of what a line is, not of its amount
    r"\b(?:i|over|under|efter|(?:mere|mindre) end|(?:op|ind)til|op til|inden|før|ud ?over|højst|mindst|\d+ ?[-–]) ?\d+ (?:måneder|mdr)\b"
)
SHARES = re.compile(
    r"^(?!.*(?:beløb|udgift|budget|kroner))(?:.*\bi (?:hele )?(?:tusind\w*|1[. ]?000|mio|pct|procent|promille)|andel\w*|pct|procent\w*|indeks\w*)\b"
)
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
CURRENCY = "amounts in kroner are read; no other currency"
RIGHT = (
    "net amounts of whole years are read, income negative; take out what is gross, income, a change or part of a year"
)
CLOSED = "closed accounts are read, no budget, forecast or what is spent so far; take that out, or the words"
SOME = "figures of the whole population are read, not of a part of it; leave the words out if they are"
PART = "amounts of whole years are read, not of a part; add them up and leave the column out"


@functools.lru_cache(maxsize=4096)  # most texts stand in many rows, or are looked at in several ways
def of_amounts(kind: str, text: str, note: bool = False) -> str:
    """Return what is wrong where a text tells that the amounts are not those of a whole year, net of the state's part.

    A note tells that only where it says so of all amounts, or in words that mean nothing else.

    Examples
    --------
    >>> of_amounts("budget", "indtægter er negative"), of_amounts("budget", "budget 2026 efter refusion")
    ('', '')
    >>> (
    ...     of_amounts("budget", "ændringer siden sidst er aftalt", note=True),
    ...     of_amounts("budget", "merudgifter", True)[:20],
    ... )
    ('', 'net amounts of whole')
    """
    if kind not in MONEY:
        return ""
    if DOUBTS["currency"].search(text):
        return CURRENCY
    bare = AFTER.sub("", DOUBTS["signs"].sub(" ", START.sub("", text) or text))
    every = not note or OF_ALL.search(bare)
    borne = not note or every or not (BORNE.search(bare) or SOME_WITHOUT.fullmatch(bare))
    change, whole = DOUBTS["change"], PARTS.sub("", bare)
    changed = re.search(rf"\b(?:{change.pattern})", whole) if every else change.match(whole) and not VERB.search(whole)
    odd = _is_gross(bare, every, borne) or DOUBTS["turned"].search(text) or DOUBTS["part"].search(bare)
    is_open = kind == "accounts" and (statuses(text) - {"R"} or re.search(r"\bforbrug\b", bare))  # accounts are closed
    return RIGHT if odd or changed else CLOSED if is_open else ""


def _is_gross(text: str, every: bool, before: bool = True) -> bool:
    """Tell whether a text calls amounts gross: net ones may be so beside others, but not before refund."""
    if DOUBTS["net"].search(text):
        return False
    is_gross = DOUBTS["brutto"].search(text) or (every and DOUBTS["gross"].search(text))
    return bool((before and DOUBTS["before"].search(text)) or (is_gross and not DOUBTS["netto"].search(text)))


def of_persons(kind: str, text: str, note: bool) -> str:
    """Return what is wrong where a title, or a note below, tells that persons are not all, or not counted one by one."""
    bare = UNIT.sub(" ", text)
    other = SHARES.search(bare) or (not note and PERSONS.search(bare) and OTHERWISE.search(bare))
    if kind == "persons" and not other:
        other = DOUBTS["of_persons"].search(START.sub("", bare))
    return "persons are read one by one; write their number, all of them, not thousands or a share" if other else ""


@functools.lru_cache(maxsize=4096)
def of_name(kind: str, text: str) -> str:
    """Return what is wrong where the name of a line tells that its figures are not net amounts of a year, or no persons one by one.

    Examples
    --------
    >>> (
    ...     of_name("budget", "sygedagpenge, før refusion")[:20],
    ...     of_name("accounts", "1. kvartal")[:20],
    ...     of_name("budget", "kontanthjælp"),
    ... )
    ('net amounts of whole', 'amounts of whole yea', '')
    """
    if kind not in MONEY:
        return of_persons(kind, text, note=True) if kind == "persons" else ""
    if DOUBTS["currency"].search(text):
        return CURRENCY
    if attempt(FORMS["period"], f"{text} 2026"):  # the name of a month or a quarter
        return PART
    bare = WITHOUT.sub("", text)
    return RIGHT if _is_gross(bare, every=False) or DOUBTS["part"].search(DURATION.sub("", text)) else ""


def of_all(kind: str, text: str, persons: bool, note: bool = False) -> str:
    """Return what is wrong where a text tells of all figures what they are not: of persons where there are any, of amounts."""
    is_some = kind in ("accounts", "persons") and DOUBTS["some"].search(START.sub("", text))
    return SOME * bool(is_some) or (of_persons(kind, text, note) if persons else "") or of_amounts(kind, text, note)


@functools.lru_cache(maxsize=4096)
def statuses(text: str, years: frozenset[int] = frozenset()) -> frozenset[str]:
    """Return every status a text in one spelling tells, of ``years`` where it names any.

    Examples
    --------
    >>> sorted(statuses("kilde: prisme, korrigeret budget 2026")), sorted(statuses("forventet regnskab og overslag"))
    (['K'], ['BO', 'F'])
    """
    told = set()
    for part in re.split(r"[,:;/()]| og | samt | eller |(?<!\d)(?<!\b\w)\. ", AFTER.sub("", START.sub("", text))):
        found = {status for status, pattern in TELLS.items() if pattern.search(part.strip())}
        named = {*map(int, YEAR.findall(part))}
        if not (years and named) or named & years:
            told |= {"F"} if "F" in found else found - {"B"} or found
    return frozenset(told)
