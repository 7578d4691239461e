"""How a cell of an own file is read: each form takes a cell and returns its value, or says what would be right."""

from __future__ import annotations

import datetime as dt
import math
import re
from calendar import monthrange

from babel.dates import get_month_names

from ballerup_analysis import danish, sources
from ballerup_analysis.bands import STATUS
from ballerup_analysis.own.kinds import WORDS

WORD = r"(?:hele|danske|tus|tusind(?:er?)?|mio|mill?|million(?:er)?|mia|mrd|milliard(?:er)?|hundred\w*|ti|titusind\w*|[tkm])\b[. ]*"
# What may follow kroner: an amount of them, where both stand apart.
MORE = r"[ (]*(?:i )?(?!20\d\d\b)(?:\d[\d. ]*|tus\w*|mi[ol]\w*)"
# Kroner, with every number and word of amount beside them.
UNIT = re.compile(
    rf"(?P<amount>(?:\bhele (?=\d))?(?:(?<![\w.,])\d[\d. ]*+(?:,-?|-)? *)?(?:\b{WORD})*)\(?(?P<short>\b[tkm])?(?:kr|kroner|dkk)\b\.?"
    rf"(?P<more>{MORE})?"
)
GROUPED = re.compile(r"\D*(?:\d+|\d{1,3}(?:[. ]\d{3})+)[. ]*(?!\d)\D*")  # the digits of one number
CUT, TIMES = re.compile(r"(?:,\d+|['’]\d*) *$"), re.compile(r" ?['’/x*×] ?\d")  # of an amount that is not Danish
KRONER = re.compile(r"(?:\b[tkm]|\b|[\d_])(?:kr|kroner|dkk)\b")
FACTORS = {"": 1.0, "1000": 1e3, "1000000": 1e6} | dict.fromkeys(
    ("tus", "tusind", "tusinde", "tusinder", "t", "k"), 1e3
)
FACTORS |= dict.fromkeys(("mio", "mil", "mill", "million", "millioner", "m"), 1e6)
# The end of a text that tells an amount of something, which is kroner unless the text speaks of persons.
BARE = re.compile(
    r"(?:\bi|[(,:–-]) ?(?:hele )?(?:1[. ]?000(?:[. ]000)?|tus|tusind(?:er?)?|mio|mill?|million(?:er)?|mia|mrd|milliard(?:er)?)[. )]*$"
)
AFTER = re.compile(rf"(?:kr|kroner|dkk)\b\.?{MORE}[. )]*$")
PERSONS = re.compile(r"person|antal|fuldtid|helår|ledig|befolkning|modtag|forsørg|indbygger|borger")
# A text that tells a unit alone: whatever else stands beside the word for kroner may change it.
ALONE = re.compile(r"(?:.*\b(?=alle ))?(?:(?:alle|hele) )?(?:beløb|tal|udgifter)?(?: er)?(?: angivet)?(?: ?\bi)?")
BRACKETS = str.maketrans("_[]", " ()")
PER = re.compile(r"(?:\b[tkm]|\b)(?:kr|kroner|dkk)\b[. ]*\)? ?(?:pr|per)\b[. ]*+(?!\d|år\b)")  # a head, a month
MOST_TOLD = 12  # lines, cells, years or areas in a list
QUOTED = 40  # letters of a cell in a message
LONGEST = 5_000  # letters of a cell: what is said of all figures is looked for in each
HEADING, LONG = 80, 200  # characters of a heading that tells a year, and of a text that is looked through for a unit
LEVEL = re.compile(rf"\b(?:{'|'.join(WORDS['level'])})\b")
PRICES = re.compile(f"{LEVEL.pattern}|{WORDS['current']}")
BESIDE = re.compile(
    rf"{PRICES.pattern}|\b(?:{'|'.join(WORDS['beside_year'])})\b|\bi\b|[(),:*]|\b\d\)|[¹²³⁴-⁹]+\)?"
)  # what may stand beside a year and its status
# One number and its sign: no range, bound, fraction, mark or second line.
SPACES, MINUS = "\u00a0\u2007\u2009\u202f ", "\u2010-\u2015\u2212-"
ONE = re.compile(rf"\(?[+{MINUS}]?[{SPACES}]*(?:\d{{1,3}}(?:[.{SPACES}]\d{{3}})+|\d+)(?:,\d+)?(?:,-)? ?[{MINUS}]?\)?")
NOTHING = {*WORDS["null"], *WORDS["unknown"]}
NUMBER = "write a Danish number such as 1.020,5, or - for missing"
MARKED = re.compile(
    rf"(?P<before>\*+\)? ?|\d\) ?|\(\d\) ?)?{ONE.pattern}"
    r"(?P<after> ?(?:\*+\)?|[¹²³⁰⁴-⁹]+\)?|\d{1,2}\)|[a-z]\)|\[\d{1,2}\]|\(\d{1,2}\)|†))?"
)
STRANGE = re.compile(rf"[^a-zæøå\d%.,()+\s{MINUS}]", re.IGNORECASE)  # of no number and no unit
COUNTRY = ("landet", "danmark", "hele danmark", "dk")
QUARTER, YEAR = r"0?(?P<part>[1-4])", r"(?:20)?(?P<year>\d\d)"
PERIODS = (
    (rf"20(?P<year>\d\d)[ /.-]?[qk]{QUARTER}", "Q"),
    (rf"20(?P<year>\d\d),? {QUARTER}\.? ?(?:kvartal|kvt|kv)\.?", "Q"),
    (rf"{QUARTER}\.? ?(?:kvartal|kvt|kv|q)\.?,?[ -]?{YEAR}", "Q"),
    (rf"(?:kvartal |kvt\.? ?|kv\.? ?|[qk]){QUARTER},?[ /-]{YEAR}", "Q"),
    (rf"[qk]{QUARTER}20(?P<year>\d\d)", "Q"),
    (r"20(?P<year>\d\d) ?[m/.-] ?(?P<part>0?[1-9]|1[0-2])", "M"),
    (r"20(?P<year>\d\d)(?P<part>0[1-9]|1[0-2])", "M"),
    (r"(?P<part>0?[1-9]|1[0-2])[-./]20(?P<year>\d\d)", "M"),
)
DAYS = (r"(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)", r"(?P<day>\d\d?)[-.](?P<month>\d\d?)[-.](?P<year>20\d\d)")
NAMES = [one for language in ("da", "en") for one in get_month_names("wide", locale=language).items()]
MONTHS = {name[:n].lower(): at for at, name in NAMES for n in (3, 4, len(name))}
YEARS = "B2027 (adopted), K2027 (corrected), F2027 (proposed or expected), BO2028 (estimate) or R2025 (accounts)"
NO_YEAR = f"write a year such as 2027, {YEARS}"
FOREIGN = ("M", "P")  # a target or a statement is in printed papers, not in a budget
STATUSES = WORDS["status"] | {status.lower(): status for status in STATUS}


def named(cell) -> tuple[str, float]:
    """Return a heading without its unit, in one spelling, and the factor of the unit to kr. (0: none).

    Examples
    --------
    >>> named("Nettoudgift (1.000 kr.)"), named("net_cost_kr"), named("Beløb i mio. kr."), named("Fuldtids-personer")
    (('nettoudgift', 1000.0), ('net cost', 1.0), ('beløb', 1000000.0), ('fuldtids personer', 0.0))
    """
    text = money(str(cell)[:LONG])
    factors = {_factor(unit) for unit in UNIT.finditer(text)} if KRONER.search(text) else set()
    bare = UNIT.sub(year_beside, text) if factors and 0.0 not in factors else text
    name = re.sub(r"[^0-9a-zæøåé]+", " ", PRICES.sub(" ", bare)).strip()
    return name.removesuffix(" i"), factors.pop() if len(factors) == 1 else 0.0


def plain(text: str) -> str:
    """Return a text in one spelling: small letters, single spaces, brackets as parentheses; as much as is looked through."""
    return " ".join(text.casefold().translate(BRACKETS).split())


def money(text: str) -> str:
    """Return a text in one spelling, with the kroner that an amount at its end is of.

    Examples
    --------
    >>> money("Budget i millioner"), money("Beløb (1.000)"), money("Antal personer i 1.000")
    ('budget i millioner kr.', 'beløb (1.000 kr.', 'antal personer i 1.000')
    """
    text = plain(text)
    is_bare = BARE.search(text) and not PERSONS.search(text) and not AFTER.search(text)
    return f"{text.rstrip('. )')} kr." if is_bare else text


def _factor(unit: re.Match) -> float:
    """Return what a unit comes to in kroner; 0 where a number or a word beside it is not understood."""
    if CUT.search(unit.string[: unit.start()]) or TIMES.match(unit.string[unit.end() :]):
        return 0.0
    amount = re.sub(r"^\s*20\d\d(?!\d|\.\d)", "", unit["amount"])  # a year
    if re.search(r"\d[\d. ]*", amount) and not GROUPED.fullmatch(amount):
        return 0.0
    words = re.sub(r"\b(?:hele|danske)\b|[., -]", "", amount) + (unit["short"] or "")
    if unit["more"]:
        more = re.sub(r"\bi\b|[(. ]", "", unit["more"])
        return FACTORS.get(more, 0.0) if not words and _is_apart(unit) and _ends(unit) else 0.0
    return FACTORS.get(words, 0.0)


def _is_apart(unit: re.Match) -> bool:
    """Tell whether a unit is set apart from the words before it."""
    before = unit.string[: unit.start()] + "(" * unit[0].startswith("(")
    return re.search(r"(?:^|[,(:–-]|\bi)(?: ?netto)? *$", before) is not None


def _ends(unit: re.Match) -> bool:
    """Tell whether a unit ends its text."""
    return not unit.string[unit.end() :].strip(" ).:").removeprefix("netto")


def tells_unit(cell) -> bool:
    """Tell whether a text speaks of kroner."""
    return isinstance(cell, str) and KRONER.search(money(cell[:LONG])) is not None


def unit_apart(cell, ends: bool = True) -> float:
    """Return the unit that is set apart in a text, and ends it, as factor to kr.; 0 where none does, NaN if not understood.

    Examples
    --------
    >>> [
    ...     unit_apart(cell)
    ...     for cell in ("Budget 2026, 1.000 kr.", "Anlæg (mio.)", "Alle tal i kr.", "Gaver over 1.000 kr.", "mia. kr.")
    ... ]
    [1000.0, 1000000.0, 1.0, 0.0, nan]
    >>> unit_apart("Budget (mio. kr.) og personer"), unit_apart("Budget (mio. kr.) og personer", ends=False)
    (0.0, 1000000.0)
    """
    text = money(cell[:LONG]) if isinstance(cell, str) else ""
    for unit in UNIT.finditer(text) if KRONER.search(text) else ():
        apart = _is_apart(unit) or re.match(r"20\d\d ?[,(]", unit[0])
        if apart and (_ends(unit) or not ends):
            return _factor(unit) or math.nan
    return 0.0


def in_short(told: list[str]) -> str:
    """Return the first of some texts, and how many more there are."""
    return ", ".join(told[:MOST_TOLD]) + f" and {len(told) - MOST_TOLD} more" * (len(told) > MOST_TOLD)


def in_quotes(cell) -> str:
    """Return a cell as a message quotes it, its first letters.

    Examples
    --------
    >>> in_quotes(2026.0), len(in_quotes("x" * 50))
    ("'2026'", 42)
    """
    return repr(str(whole(cell))[:QUOTED])


def whole(cell):
    """Return a cell as a person sees it: 151 for 151.0, a date as text."""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return str(cell) if isinstance(cell, dt.date) else cell


def attempt(form, cell):
    """Return what a form makes of a cell, or None."""
    try:
        return form(cell, {})
    except ValueError:
        return None


def _number(cell, spec) -> float:
    if cell is None:
        return math.nan
    if isinstance(cell, str):
        cell = _figure(cell)
    elif isinstance(cell, bool) or not isinstance(cell, int | float):
        raise ValueError(NUMBER)
    if not spec["minimum"] <= cell <= spec["maximum"] and not math.isnan(cell):
        low, high = (danish.number(spec[end]) for end in ("minimum", "maximum"))
        raise ValueError(f"it must lie between {low} and {high}")
    return float(cell)


def _figure(text: str) -> float:
    """Return the one Danish number a text is; a mark beside it may be a digit of it, and is told."""
    bare, sign = text.strip().casefold(), STRANGE.search(text)
    if bare in NOTHING:
        raise ValueError("write - where there is no number, or leave the cell empty")
    if (told := MARKED.fullmatch(bare)) and (mark := told["before"] or told["after"]):
        raise ValueError(f"write the number alone; the mark {mark.strip()!r} belongs in a note or a column of remarks")
    try:
        if re.search(r"[^\W\d_]|%", text) and not bare.startswith("i.a"):
            raise ValueError
        told = danish.parse(text)
    except ValueError:
        unit = "; the unit belongs in the heading" * (re.search(r"[a-zæøå%]", bare) is not None)
        why = (f"; {sign[0]!r} is no part of one" if sign else unit) if any(map(str.isnumeric, text)) else ""
        raise ValueError(NUMBER + why) from None
    if not math.isnan(told.low) and not ONE.fullmatch(text.strip()):
        raise ValueError("write one number, not a range")
    return told.value


def _text(cell, spec) -> str | None:
    if cell is None and spec.get("optional"):
        return None
    if cell is None or isinstance(cell, bool | dt.date):
        raise ValueError("write a name")
    if str(cell).strip().casefold() in WORDS["null"]:
        raise ValueError("write a name" + ", or leave the cell empty" * bool(spec.get("optional")))
    return " ".join(str(whole(cell)).split())


def _code(cell, spec) -> str:
    if not isinstance(cell, str):
        raise ValueError(
            "write it as text: format the column as Text first, or Excel makes 5.10 another number or a date"
        )
    return cell


def area_in(cell) -> str | None:
    """Return the code of the area that a cell names, by name, number or both; None where it names none.

    Examples
    --------
    >>> [area_in(cell) for cell in ("151 Ballerup", "Herlev (163)", "163 Ballerup", "Hele Danmark", "Afsnit", None)]
    ['151', '163', None, '000', None, None]
    """
    text = "" if cell is None or isinstance(cell, bool | dt.date) else " ".join(str(whole(cell)).split())
    if told := re.fullmatch(r"(?P<code>\d{3})[ -]+(?P<name>\D.+)|(?P<called>\D.+?) \((?P<number>\d{3})\)", text):
        codes = {sources.find_area(told["code"] or told["number"]), sources.find_area(told["name"] or told["called"])}
        return codes.pop() or None if len(codes) == 1 else None
    return "000" if text.casefold() in COUNTRY else sources.find_area(text) or None


def _area(cell, spec) -> str:
    if cell is None or isinstance(cell, bool | dt.date):
        raise ValueError("write the municipality's name or number")
    return area_in(cell) or sources.area_code(" ".join(str(whole(cell)).split()))  # which tells the nearest


def _no_day(cell) -> None:
    """Refuse a day where a year is wanted: a cell may show 2026 and hold the first of January."""
    if is_day(cell):
        raise ValueError("a date is no year; write the year alone, as 2026, in a cell with the format General")


def is_day(cell) -> bool:
    """Tell whether a cell is a date, or the text of one."""
    text = str(cell).removesuffix(" 00:00:00")
    return isinstance(cell, dt.date) or any(re.fullmatch(pattern, text, re.ASCII) for pattern in DAYS)


def _year(cell, spec) -> int:
    _no_day(cell)
    text = str(whole(cell))
    told = re.fullmatch(r"(?:r|regnskab )?(20\d\d)", text.casefold(), re.ASCII)
    if told is None:
        raise ValueError("write a year such as 2014")
    return int(told[1])


def budget_year(cell, spec) -> tuple[int, str]:
    """Return year and status of a heading or cell such as B2027, "Overslag 2028" or 2027; the status may be empty.

    Examples
    --------
    >>> [budget_year(cell, {}) for cell in ("BO2028", "Korrigeret budget 2026", 2027.0, "B2027 (1.000 kr.)")]
    [(2028, 'BO'), (2026, 'K'), (2027, ''), (2027, 'B')]
    """
    if isinstance(cell, int | float) and not 2000 <= cell < 2100:  # as most figures
        raise ValueError(NO_YEAR)
    _no_day(cell)
    text = money(str(whole(cell)))
    short = re.sub(r"(?<=[a-z])-(?=20\d\d)", "", text) if len(text) <= HEADING else ""
    short = re.sub(r"\b(bo|(?:budget)?overslagsår) ?[1-4]\b", r"\1", short)
    short = re.sub(r"^(20\d\d)-?(?=[a-z]{1,2}\b)", r"\1 ", short)  # 2026B
    short = " ".join(BESIDE.sub(" ", UNIT.sub(year_beside, short)).split())
    short = re.sub(r"^([a-zæøå. ]+?)[ '’-]*([23]\d)(?!\d)", r"\1 20\2", short)  # B26
    told = re.fullmatch(r"(?P<what>[a-zæøå. ]*?) ?(?P<year>20\d\d)(?: (?P<after>[a-zæøå. ]+))?", short)
    if told is None or (status := _status_of(f"{told['what']} {told['after'] or ''}")) is None:
        raise ValueError(NO_YEAR)
    return int(told["year"]), status


def own_year(cell, spec) -> tuple[int, str]:
    """Return year and status of a heading or cell of an own budget, which has no targets; see :func:`budget_year`."""
    year, status = budget_year(cell, spec)
    if status in FOREIGN:
        raise ValueError("write B, K, BO, R or F before the year")
    return year, status


def status_above(cell) -> str:
    """Return the status that a cell above a year tells; nothing where it tells none.

    Examples
    --------
    >>> [status_above(cell) for cell in ("Overslagsår 1 (1.000 kr.)", "Regnskab:", "Kommentar", None)]
    ['BO', 'R', '', '']
    """
    text = UNIT.sub(" ", plain(cell[:LONG])) if isinstance(cell, str) else ""
    return _status_of(re.sub(r"(?<=[a-zæøå])\d\b|\b\d\b|[(),:*]", " ", text)) or ""


def years_told(text: str) -> dict[int, str]:
    """Return the status of each year that a title in one spelling tells; nothing where one of them is not told.

    Examples
    --------
    >>> years_told("budget 2026 og overslagsår 2027–28"), years_told("regnskab og budget 2026")
    ({2026: 'B', 2027: 'BO', 2028: 'BO'}, {})
    """
    told, status, end = {}, "", 0
    for part in re.finditer(r"(?P<words>\D*)(?P<year>20\d\d)\b(?: ?[–-] ?(?:20)?(?P<last>\d\d)\b)?", text):
        words = re.sub(r"^ ?(?:og|samt|med)\b|\.", " ", re.split(r"[,:;(–-]", part["words"])[-1])
        status = _status_of(words) if words.strip() else status
        years = range(int(part["year"]), 2001 + int(part["last"] or part["year"][2:]))
        if not status or part.start() != end or not told.keys().isdisjoint(years):
            return {}
        told |= dict.fromkeys(years, status)
        end = part.end()
    return told if not re.search(r"[^\W_]", re.sub(r"\b(?:i|netto)\b", "", text[end:])) else {}


def year_beside(unit: re.Match) -> str:
    """Return the year that stands before a unit, in place of both."""
    year = re.match(r"20\d\d\b", unit["amount"])
    return f" {year[0]} " if year else " "


def _status_of(words: str) -> str | None:
    """Return the status some words tell, nothing where there are none, None where they tell something else."""
    told = {word.strip(".") for word in words.split()} - {""}
    if told - {*STATUSES, *WORDS["of_budget"]}:
        return None
    found = {STATUSES[word] for word in told if word in STATUSES}
    found = {"F"} if "F" in found else found - {"B"} or found  # a forecast of accounts, a correction of a budget
    return found.pop() if len(found) == 1 else "B" if told and not found else None if found else ""


def _status(cell, spec) -> str:
    status = "" if cell is None else _status_of(str(cell).casefold())
    if status is None or status in FOREIGN:
        raise ValueError("write B, K, BO, R or F")
    return status


def _period(cell, spec) -> str:
    if isinstance(cell, dt.date):
        if cell.day not in (1, monthrange(cell.year, cell.month)[1]):
            raise ValueError("a day within a month is no period; write 2026M03")
        return f"{cell.year}M{cell.month:02}"
    if isinstance(cell, float) and not cell.is_integer():
        raise ValueError("write it as text, such as 2025M10: a workbook keeps 2025.10 as 2025.1")
    text = " ".join(str(whole(cell)).casefold().split())
    if re.fullmatch(r"20\d\d", text, re.ASCII):
        return text
    if re.fullmatch(r"20\d\d\.1", text, re.ASCII):
        raise ValueError("it may be January or October; write 2025M01 or 2025M10")
    for pattern in DAYS:
        if told := re.fullmatch(pattern, text, re.ASCII):
            try:
                day = dt.date(*(int(told[part]) for part in ("year", "month", "day")))
            except ValueError:
                raise ValueError("there is no such day; write 2026M03") from None
            return _period(day, spec)
    for pattern, kind in PERIODS:
        if told := re.fullmatch(pattern, text, re.ASCII):
            return f"20{told['year']}{kind}{int(told['part']):0{2 if kind == 'M' else 1}}"
    for pattern in (rf"(?P<name>[a-zæøå]+)\.?,? ?[-/]?{YEAR}", r"20(?P<year>\d\d)[ -](?P<name>[a-zæøå]+)\.?"):
        if (told := re.fullmatch(pattern, text, re.ASCII)) and told["name"] in MONTHS:
            return f"20{told['year']}M{MONTHS[told['name']]:02}"
    raise ValueError("write a period such as 2026M03, 2026Q1, marts 2026 or 2026")


def _truth(cell, spec) -> bool | None:
    told = {"ja": True, "nej": False, "yes": True, "no": False, "x": True, "": None}
    text = "" if cell is None else str(cell).casefold().strip()
    if isinstance(cell, bool) or text in told:
        return cell if isinstance(cell, bool) else told[text]
    raise ValueError("write ja or nej")


def _observed(cell, spec) -> bool | float:
    told = attempt(_truth, cell)
    if told is None:
        number = _number(cell, {"minimum": -1e9, "maximum": 1e9})
        if math.isnan(number):
            raise ValueError("write a number, ja or nej")
        return number
    return told


def _unit(cell, spec) -> float | None:
    name, factor = named(cell) if cell is not None else ("", None)
    if factor == 0 or not ALONE.fullmatch(name):
        raise ValueError("write kr., 1.000 kr. or mio. kr., or call the column otherwise if it tells no unit")
    return factor


NUMBERS = ("number", "observed")
FORMS = {
    "area": _area, "year": _year, "budget_year": own_year, "period": _period, "text": _text, "code": _code,
    "number": _number, "status": _status, "truth": _truth, "observed": _observed, "unit": _unit,
}  # fmt: skip
