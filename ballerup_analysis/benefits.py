"""What the lines of an own budget pay: benefits by the words people write, and all lines that tell none, at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd

from ballerup_analysis.files import DataError
from ballerup_analysis.frame import BENEFITS

OTHER_KINDS = {"forsoergelse": "benefit", "activation": "activation", "other": "other"}
CODES = (*BENEFITS, *OTHER_KINDS)
DANISH = {code: told["words"][0].lower() for code, told in BENEFITS.items()}
DANISH |= {"forsoergelse": "forsørgelse", "activation": "aktivering", "other": "andet"}
WRITTEN = ", ".join(DANISH[code] for code in BENEFITS)
WRITTEN += "; forsørgelse (another benefit, such as førtidspension), aktivering, or andet (all else)"
SHOWN = 40  # lines told one by one
TOGETHER = ("fleksjob", "ledighedsydelse", "fleksjob_ledighedsydelse")  # booked on one function, and often one line
# What may stand beside the name of a benefit and leaves it as clear; any other word may make it something else.
BESIDE = re.compile(
    r"\d+|mv|m|v|mfl|fl|mm|til|ydelser?|forsørgelse|(?:netto)?udgift(?:er)?|udbetal(?:ing|t)|netto|drift|løbende|efter|med|(?:stats)?refusion"
    r"|pct|procent|kr|mio|ledige|forsikrede|passive?|jobparate|aktivitetsparate|unge|voksne|over|under|år|uger|kommunal|kommunens|egen|andel"
)
LEADS = re.compile(r"^(?:\w*udgift(?:er)?|udbetaling|ydelser?) til ", re.IGNORECASE)
RECEIVERS = re.compile(r"s?(?:modtager(?:e|ne)?|udgift(?:er)?)$")


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "_", text.casefold()).strip("_")


NAMES = {_folded(name): code for code in CODES for name in (code, DANISH[code])}
NAMES |= dict.fromkeys(("førtidspension", "foertidspension"), "forsoergelse")
# What a line is called too; written as what it pays, these may have another rate.
CALLED = NAMES | dict.fromkeys(("arbejdsløshedsdagpenge", "a_dagpenge"), "dagpenge")
CALLED |= dict.fromkeys(
    ("kontant_og_uddannelseshjælp", "kontanthjælp_og_uddannelseshjælp", "uddannelseshjælp"), "kontanthjaelp"
)
CALLED |= dict.fromkeys(("jobafklaring", "jobafklaringsforløb", "ressource_og_jobafklaringsforløb"), "ressourceforloeb")
# What calls a negative line income of a benefit; of people the municipality employs it is none.
REFUND = re.compile(
    r"refusion|refunder|\b(?:stats?)?ref(?:us)?\b|statstilskud|\bstat(?:en|ens|sandel|slig|sbidrag)?\b|medfinansiering|\bindt(?:ægt|\b)",
    re.IGNORECASE,
)
OF_ELSE = re.compile(
    r"egne ansatte|medarbejder|personale|løn\b|moms|barsels?(?:refusion|fond)|ved barsel|salg|(?:pga|følge af|ved)\b.*omlægning|indtægtsgrænse|mindre refusion"
    r"|reduktion|besparelse|færre|pulje|projekt|jobrotation|mellemkommunal",
    re.IGNORECASE,
)
ALONE = re.compile(  # it is the refund of all there is, or of benefits under another name
    r"(?:\b(?:(?:stats?|ydelses|rest|hjemtaget?\w*)?(?:refusions?|refundering)(?:er|en|s?indtægt(?:er)?|strappen|trappen)?|stats?(?:ref|tilskud)|statens?"
    r"|stats(?:lig|andel|bidrag)|medfinansiering|hjemtage\w*|indtægter|dranst|fra|af|på|efter|pct|i|alt|og|mv?|v|samlet|øvrigt?|vedr|for|området|andel"
    r"|kontante|ydelser|udgift\w*|jobcenter\w*|beskæftigelse\w*|forsørgelse\w*|overførs(?:el|ler)\w*|trappe\w*|syge|ledige|fleks|jaf|kth|sdp|dp"
    r"|seniorpension|uddannelseshjælp)\b|[\d\W_])+",
    re.IGNORECASE,
)


def benefit_of(text: str) -> str:
    """Return the code of a benefit as people write it; else the text itself, which may name one and mean another.

    Examples
    --------
    >>> benefit_of("Kontanthjælp"), benefit_of("FØRTIDSPENSION"), benefit_of("andet"), benefit_of("Barselsdagpenge")
    ('kontanthjaelp', 'forsoergelse', 'other', 'Barselsdagpenge')
    """
    return NAMES.get(_folded(text), text)


def suggest(line: str) -> str:
    """Return the benefit whose name is most like that of a line; empty when none is.

    Examples
    --------
    >>> [
    ...     suggest(line)
    ...     for line in ("Udgifter til sygedagpenge", "Dagpengemodtagere", "Aktivering af unge", "Alt andet")
    ... ]
    ['sygedagpenge', 'dagpenge', 'activation', '']
    """
    names = {name: code for name, code in NAMES.items() if code != "other"}
    return next((names[name] for name in sorted(names, key=len, reverse=True) if name in _folded(line)), "")


def named_by(line: str) -> str:
    """Return the benefit that the name of a line is, whatever numbers and plain words stand beside it; empty where it may be another.

    Examples
    --------
    >>> [
    ...     named_by(line)
    ...     for line in (
    ...         "5.57.73 Kontanthjælp m.v.",
    ...         "Udgifter til sygedagpenge",
    ...         "A-dagpenge",
    ...         "Kontanthjælpsmodtagere",
    ...     )
    ... ]
    ['kontanthjaelp', 'sygedagpenge', 'dagpenge', 'kontanthjaelp']
    >>> [named_by(line) for line in ("Tilbagebetaling af kontanthjælp", "Fra dagpenge til fleksjob", "Barselsdagpenge")]
    ['', '', '']
    """
    words = _folded(LEADS.sub("", line.strip())).split("_")
    bare = "_".join(RECEIVERS.sub("", one) for one in words if not BESIDE.fullmatch(one))
    return "" if bare in (*OTHER_KINDS, *map(DANISH.get, OTHER_KINDS)) else CALLED.get(bare, "")


def is_another(line: str, benefit: str) -> bool:
    """Tell whether a line is clearly called by another benefit than the one it tells to pay.

    Examples
    --------
    >>> [
    ...     is_another("Kontanthjælp", told)
    ...     for told in ("dagpenge", "Kontanthjælp", "andet", "aktivering", "forsørgelse")
    ... ]
    [True, False, False, False, False]
    >>> is_another("Fleksjob", "ledighedsydelse"), is_another("Førtidspension", "dagpenge")
    (False, True)
    """
    named, told = named_by(line), benefit_of(benefit)
    return bool(named) and told in BENEFITS and named != told and not {named, told}.issubset(TOGETHER)


def with_benefits(table: pd.DataFrame) -> pd.DataFrame:
    """Return an own budget with the code of the benefit of each line; DataError that tells every line without one."""
    told = table["benefit"].fillna("").astype(str).str.strip()
    table = table.assign(benefit=told.map(benefit_of))
    if wrong := [*_without(table)]:
        file = f"{table['file'].iloc[0]}: " if "file" in table else ""
        more = [f"and {len(wrong) - SHOWN} more"] * (len(wrong) > SHOWN)
        lines = "\n  ".join([*wrong[:SHOWN], *more])
        what = "1 line does" if len(wrong) == 1 else f"{len(wrong)} lines do"
        right = f"write it in a column 'ydelse', one of {WRITTEN}"
        raise DataError(f"{file}{what} not tell what is paid; {right}\n  {lines}")
    return table


def refunds(table: pd.DataFrame) -> list[str]:
    """Return the lines of an own budget, with the code of what each pays, that are called the refund of benefits, or income of one.

    Beside them the amount of the benefit is before refund, and a person's price with it.

    Examples
    --------
    >>> rows = [
    ...     ("Sygedagpenge", "sygedagpenge", 90.0),
    ...     ("Sygedagpengerefusion", "other", -40.0),
    ...     ("Gebyrer", "other", -1.0),
    ... ]
    >>> refunds(pd.DataFrame(rows, columns=["line", "benefit", "amount"]))
    ['Sygedagpengerefusion']
    """
    below = table[table["amount"] < 0].drop_duplicates("line")
    return [
        line
        for line, benefit in zip(below["line"], below["benefit"], strict=True)
        if REFUND.search(line)
        and not OF_ELSE.search(line)
        and (benefit in BENEFITS or suggest(line) in BENEFITS or ALONE.fullmatch(line))
    ]


def _without(table: pd.DataFrame) -> Iterator[str]:
    for line, rows in table.groupby("line", sort=False):
        named = [*dict.fromkeys(rows["benefit"])]
        if len(named) == 1 and named[0] in CODES:
            continue
        stands = " and ".join(repr(DANISH.get(one, one)) if one else "nothing" for one in named)
        stands += " stand there" if len(named) > 1 else " stands there"
        near = next(filter(None, map(suggest, (*named, line))), "")
        hint = f"; it may be {DANISH[near]}" if near else ""
        row = f"row {rows['file_line'].iloc[0]}, " if "file_line" in rows else ""
        yield f"{row}line {line!r}: {stands}{hint}"
