"""Number formats of Excel: what a cell shows that is not the number in it, and how a number is printed in Denmark."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

from ballerup_analysis.danish import number
from ballerup_analysis.files import DataError
from ballerup_analysis.grids.grid import FAINT, PERCENTAGE, WithUnit

TEXT = "a text that the format {!r} shows otherwise, or not at all; let the format be General"
OF_DAY = "a day of which the format {!r} shows not both month and year, or more than these, or another calendar's; write the period as text"
CONDITION = re.compile(r"\[[<>=]")
# Of a condition on the sign: its part then shows a number without it.
ABOUT_NOUGHT = re.compile(r"\[(?:[<>]=?|=|<>)(?:-|[0.]*\])")
BESIDE_DAY, DEN = re.compile(r'"([^"]*)"|\\(.)'), re.compile(r"\b[dD]en\b")  # what is written beside the parts of a day
CALENDAR = re.compile(r"\[\$-[\da-fA-F]{5,}\]|(?:^|;)\s*B[12]")  # as of the Hijri year
DIVIDED = re.compile(r"(?<=[#0?]),+(?![#0?,])")  # by a thousand for each comma after the digits
AS_MANY = re.compile(r"^General|^@|\.[0?]*#")  # decimals as the number has them, or no more than that
FORMS, FORM_LENGTH = 5_000, 255  # the last is Excel's own
NO_NUMBER = re.compile(r"[\d‰/]|[.,]\0|\0(?!,-)[.,]")  # beside the number in a format: what may be read as a part of it
MOST_PARTS = 12  # of a format: above nought, below, nought and text, and what quotation marks may hold
# What Excel calls by number alone; in a Danish one the currency is kroner.
BUILT_IN = {"9": "0%", "10": "0.00%", "11": "0.00E+00", "12": "# ?/?", "13": "# ??/??", "48": "##0.0E+0"}
BUILT_IN |= (
    {"1": "0"}
    | dict.fromkeys(("3", "37", "38"), "#,##0")
    | {"41": '#,##0;-#,##0;"-"'}
    | dict.fromkeys(("5", "6", "42"), '#,##0 "kr."')
)
BUILT_IN |= dict.fromkeys(("7", "8", "44"), '#,##0.00 "kr."') | dict.fromkeys(("2", "4", "39", "40", "43"), "#,##0.00")
BUILT_IN |= {"14": "d-m-yyyy", "15": "d-mmm-yy", "16": "d-mmm", "17": "mmm-yy", "22": "d-m-yyyy h:mm"}
BUILT_IN |= dict.fromkeys(("18", "19", "20", "21", "45", "46", "47"), "h:mm:ss")
# Of a number format: what is written out as it stands, what fills, the currency; else its digits.
WRITTEN = re.compile(
    r"""\"([^"]*)"|\\(.)|_.|\*(.)|\[\$([^]-]*)[^]]*\]|\[[^]]*\]
    |(?P<digits>General|@|[#0?](?:[#0?,]*[#0?])?(?:\.[#0?]+)?,*)""",
    re.VERBOSE,
)
UNITS = re.compile(r"kroner|kr\.?|dkk|personer|pers\.?")
BESIDE = re.compile(rf"{UNITS.pattern}|,-|\s|\+")  # what may stand beside the digits
WORDS, LONGEST = "abcdefghijklmnopqrstuvwxyzæøå. ", 20  # of a unit behind a number
# A number of each sign, NUL for its digits: nought may be a dash or nothing, as in accounts.
SHOWN = {"+": "\0+", "-": r"[-–]\0+|\0+[-–]|\(\0+\)", "0": "[-–]?[0\0]*"}


def danish(value, form: str) -> str | None:
    """Return a number as an Excel format shows it in Denmark, with what it writes beside; None where that is no number.

    Examples
    --------
    >>> [danish(value, '0.0" mio. kr.";[Red]"÷"0.0') for value in (98.4, -98.4)], danish(5.0, '"-"#,##0.0')
    (['98,4 mio. kr.', '÷98,4'], '-5,0')
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        return f"{value:%d-%m-%Y}" if isinstance(value, dt.date) else str(value)
    parts = spelled(form).split(";")
    at = 1 if value < 0 and len(parts) > 1 else 2 if value == 0 and len(parts) > 2 else 0
    if value == 0 and parts[at].strip() in ("", "-", "–"):  # as accounts print nought
        return parts[at].strip()
    if parts[at].count("\0") != 1 or CONDITION.search(form) or NO_NUMBER.search(parts[at]):
        return None
    digits = [one["digits"] for one in WRITTEN.finditer(form) if one["digits"]]
    digits = digits["".join(parts[:at]).count("\0")]
    share = "%" in _bare(form).split(";")[at]
    size = abs(value) * 100**share / 1000 ** (len(digits) - len(digits.rstrip(",")))
    text = parts[at].replace("%", " pct." if share else "%").replace("\0", _in_digits(size, digits.rstrip(",")))
    return ("−" * (value < 0 and at == 0) + text).strip()


def _in_digits(size: float, form: str) -> str:
    if form in ("General", "@"):
        return f"{size:.10f}".rstrip("0").rstrip(".").replace(".", ",")
    text = number(size, len(form.partition(".")[2]))
    return text if "," in form else text.replace(".", "")


def spelled(form: str, mark: Callable[[str], str] = lambda digits: "\0") -> str:
    """Return what a format writes, a mark for each number; a semicolon in quotation marks, which ends no part, is a colon.

    Examples
    --------
    >>> spelled('0.0" mio. kr.";[Red]"÷"#,##0_-', lambda digits: f"<{digits}>")
    '<0.0> mio. kr.;÷<#,##0>'
    """

    def written(one: re.Match) -> str:
        return mark(one["digits"]) if one["digits"] else "".join(filter(None, one.groups())).replace(";", ":")

    return WRITTEN.sub(written, form)


def looks_of(parts: dict[str, bytes]) -> dict[str, str]:
    """Return the number format of each look of a cell."""
    if "xl/styles.xml" not in parts:
        return {}
    styles = ElementTree.fromstring(parts["xl/styles.xml"])
    forms = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iterfind("{*}numFmts/*")}
    ids = (n for (n,) in inherited(styles, "numFmtId"))
    looks = {str(n): forms.get(one, BUILT_IN.get(one)) or "General" for n, one in enumerate(ids)}
    longest = max(map(len, forms.values()), default=0)
    if len(forms) > FORMS or longest > FORM_LENGTH:
        raise DataError(
            f"has {len(forms)} number formats of up to {longest} characters; at most {FORMS} and {FORM_LENGTH} are read"
        )
    return looks


def inherited(styles: ElementTree.Element, *names: str) -> Iterator[list[str]]:
    """Yield what each look of a cell says of some things, or the style it builds on where it is silent."""
    above = dict(enumerate(styles.iterfind("{*}cellStyleXfs/*")))
    for one in styles.iterfind("{*}cellXfs/*"):
        parent = above.get(int(one.get("xfId", 0)), one)
        yield [one.get(name, parent.get(name, "0")) for name in names]


def shown_otherwise(looks: dict[str, str]) -> dict[tuple[str, str], str]:
    """Return what a format shows that is not the number in the cell, by the look of a cell that has it and its sign."""
    told = {form: {sign: why for sign in SHOWN if (why := otherwise(form, sign))} for form in {*looks.values()}}
    for form in told:
        told[form] |= {"@": TEXT.format(form)} if not shows_text(form) else {}
    return {(look, sign): why for look, form in looks.items() for sign, why in told[form].items()}


def shows_text(form: str) -> bool:
    """Tell whether a format shows a text as it is.

    Examples
    --------
    >>> [shows_text(form) for form in ("General", "0;-0;0;@", '@" brutto"', ';;;"mio. kr."', ";;;")]
    [True, True, False, False, False]
    """
    shown = spelled(form, lambda digits: "\1" if digits in ("@", "General") else "0")
    parts = shown.split(";")
    part = parts[3] if len(parts) > 3 else next((part for part in parts if "\1" in part), "\1")
    return part.strip() == "\1"


def decimals_by_look(looks: dict[str, str]) -> dict[str, int]:
    """Return how many decimals each look of a cell shows of every number, where it shows any; -1: as many as the number has."""
    told = {form: -1 if AS_MANY.search(_bare(form)) else decimals_of(form) for form in {*looks.values()}}
    return {look: told[form] for look, form in looks.items() if told[form]}


def otherwise(form: str, sign: str) -> str | None:
    """Return what a format shows that is not the number, where its sign is this."""
    if form.count(";") > MOST_PARTS:
        return f"a number of the format {form[:20]!r}, which has more parts than one has; let the format be General"
    bare = [_bare(part) for part in form.split(";")]
    if any(DIVIDED.search(part) for part in bare):
        return f"a number of which the format {form!r} shows a thousandth; let it be General, and write its unit in the heading"
    if any("%" in part for part in bare):
        return PERCENTAGE
    if re.fullmatch(r"[yYåÅ]+|[mM]+", bare[0]):
        return f"a day of which the format {form!r} shows the year or the month alone; write the year, or both"
    if re.search(r"[dmyhsåDMYHSÅ]", bare[0]):
        is_whole = re.search(r"[yYåÅ]", bare[0]) and re.search(r"[mM]", bare[0]) and not CALENDAR.search(form)
        is_whole = is_whole and not re.search(
            r"[^\W_]", DEN.sub("", "".join(itertools.chain(*BESIDE_DAY.findall(form))))
        )
        return None if is_whole else OF_DAY.format(form)
    if sign != "0" and re.search(r"\[(?:white|color ?2)\]", form, re.IGNORECASE):
        return FAINT
    parts = [part.casefold().replace("\N{MINUS SIGN}", "-").strip() for part in spelled(form).split(";")]
    if not CONDITION.search(form):
        of = {"+": 0, "-": 1, "0": 2 if len(parts) > 2 else 0}[sign]
        parts, sign = ([parts[of]], sign) if len(parts) > 1 else (parts, "+")  # here it is written before it
    elif not ABOUT_NOUGHT.search(form):  # any part may show it, with its sign
        sign = "+"
    pairs = [parted(part) for part in parts]
    if not _are_digits([number for number, _ in pairs], sign):
        return f"a number that the format {form!r} shows other than by its digits; let it be General, and write its unit in the heading"
    units = {unit_of(*pair) for pair in pairs} - {""}
    told = f"a number that the format {form!r} shows"
    return WithUnit.of(told, " or ".join(sorted(units))) if units else None


def unit_of(number: str, unit: str) -> str:
    """Return the unit that a number is shown with, behind it or before it; see :func:`parted`.

    Examples
    --------
    >>> unit_of("kr. 98,4", "mio."), unit_of("98.400,-", "")
    ('mio. kr.', '')
    """
    return " ".join([unit, *UNITS.findall(number)]).strip()


def decimals_of(form: str) -> int:
    """Return how many decimals a format shows of every number; 0 where it shows none, or not the same of all.

    Examples
    --------
    >>> (
    ...     decimals_of('0.000" kr.";[Red]-0.000'),
    ...     decimals_of("0.00;0"),
    ...     decimals_of("0.###"),
    ...     decimals_of("0.0;-0.0;0.0;0"),
    ... )
    (3, 0, 0, 1)
    """
    parts = [part for part in _bare(form).split(";")[:3] if re.search("[#0?]", part)]
    found = [re.search(r"\.([0?]+)(?![#0?])", part) for part in parts]
    told = {len(one[1]) if one else 0 for one in found}
    return told.pop() if len(told) == 1 else 0


def parted(shown: str) -> tuple[str, str]:
    """Return a number as it is shown, in small letters, without the unit behind it, and that unit.

    Examples
    --------
    >>> parted("98,4 mio. kr."), parted("98.400,-")
    (('98,4', 'mio. kr.'), ('98.400,-', ''))
    """
    bare = shown.rstrip(WORDS)
    unit = shown[len(bare) :].strip()
    return (bare, unit) if len(unit) <= LONGEST else (shown, "")


def _are_digits(parts: list[str], sign: str) -> bool:
    return all(re.fullmatch(SHOWN[sign], BESIDE.sub("", part)) for part in parts)


def _bare(form: str) -> str:
    """Return a number format without the words, colours and spaces beside its digits."""
    return re.sub(r'"[^"]*"|\\.|\[[^]]*\]|[_*].|\s', "", form)
