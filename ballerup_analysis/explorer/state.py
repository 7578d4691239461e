"""What the explorer shows, as it stands in the address: area, baseline, changes, units, and a pinned scenario."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from ballerup_analysis.costing import PARAMETERS, RULES, Change, Course, base_of, cost
from ballerup_analysis.files import unsound
from ballerup_analysis.frame import Frame
from ballerup_analysis.scenarios import Scenario
from ballerup_analysis.sources import HOME, DataError, area_code, area_name, municipalities

LONGEST = 8000  # characters of an address
LANGUAGES, UNITS, PAYERS = ("da", "en"), ("mio_kr", "kr_per_inhabitant", "persons"), ("municipality", "state")
NOTHING = Scenario("", "")
FIELDS = ("lang", "area", "base", "unit", "payer", "year", "name", "why", "hash", "seed", "pin", "pinned", "shown")

LIKE_A_YEAR = re.compile(r"\.from\.*$")  # the name of a line, where ".from" stands for the year of a change

# As a Dane or others write a thousand, or one with its decimals.
THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3}|,\d\d0)")
# As it is copied from a workbook: thousands apart, and no doubt about it.
GROUPED = re.compile(r"[-+]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,}|(?: \d{3})+(?:,\d+)?)")


@dataclass(frozen=True)
class State:
    """What the page shows.

    Parameters
    ----------
    lang, area, unit, payer : str
    year : int
        The year the panels tell of; 0 for the last of the baseline.
    scenario : Scenario
        Name, reason, baseline with its hash, and changes.
    pin, pinned : str
        The changes of a pinned scenario, as they stand in an address, and its name.
    shown : str
        The area and the baseline that a whole form shows, from a browser without scripts; what it says as these do is no choice.
    """

    lang: str = "da"
    area: str = HOME
    unit: str = "mio_kr"
    payer: str = "municipality"
    year: int = 0
    scenario: Scenario = NOTHING
    pin: str = ""
    pinned: str = ""
    shown: str = ""

    def query(self) -> str:
        """Return the state as it stands in an address; what is as at first is left out.

        Examples
        --------
        >>> State(area="159", scenario=Scenario("", "", changes=(Change("gap_points", 0.5, 2027),))).query()
        'area=159&gap_points=0.5&gap_points.from=2027'
        """
        first = State()
        told = {name: getattr(self, name) for name in ("lang", "area", "unit", "payer", "year")}
        told = {name: value for name, value in told.items() if value != getattr(first, name)}
        s = self.scenario
        told |= {"base": s.baseline if s.baseline != first.scenario.baseline else ""}
        told |= {"name": s.name, "why": s.why, "hash": s.hash, "seed": s.seed, "pinned": self.pinned, "pin": self.pin}
        return _encoded([*((k, v) for k, v in told.items() if v), *_written(s.changes)])

    def carried(self, was: Frame, frame: Frame) -> State:
        """Return what a form of another baseline says of this one: no change that it had not, and no year that is not here."""
        kept = [c for c in self.scenario.changes if c.row or c.amount != _base(c, was)]
        kept = [c if c.start in frame.open_years and c.start != was.start else replace(c, start=0) for c in kept]
        year = self.year if self.year in frame.years and self.year != was.years[-1] else 0
        return replace(self, year=year, shown="", scenario=replace(self.scenario, changes=tuple(kept)))

    def settled(self, frame: Frame) -> State:
        """Return the state without changes that change nothing, on the hash of its baseline.

        Raises
        ------
        DataError
            When the baseline cannot have the changes, or has moved since the address was made.
        """
        kept = tuple(c for c in self.scenario.changes if c.row or c.amount != _base(c, frame))
        state = replace(self, scenario=replace(self.scenario, changes=kept, hash=frame.hash))
        Course(kept, frame)
        cost(kept, frame)
        cost(changes_of(self.pin), frame)
        if self.year not in (0, *frame.years):
            raise DataError(f"year is {self.year}; it must be one of {frame.years[0]}-{frame.years[-1]}")
        return state


def _base(change: Change, frame: Frame) -> float | None:
    return None if change.parameter == RULES else base_of(change.parameter, frame)


def key_of(parameter: str, row: str) -> str:
    """Return what an amount is called in an address; a line whose own name ends as that of a year has a point more.

    Examples
    --------
    >>> key_of("persons", "Fleksjob"), key_of("persons", "Fleksjob.from")
    ('persons@Fleksjob', 'persons@Fleksjob.from.')
    """
    return f"{parameter}@{row}{'.' * bool(LIKE_A_YEAR.search(row))}" if row else parameter


def _written(changes) -> list[tuple[str, str]]:
    pairs = []
    for c in changes:
        key = key_of(c.parameter, c.row)
        text = str(c.value).removesuffix(".0")
        pairs += [(key, f"{text}0" if THOUSANDS.fullmatch(text) else text)]  # in no doubt, as it is not typed
        pairs += [(f"{key}.from", str(c.start))] if c.start else []
    return pairs


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs).replace("~", "%7E")  # as a browser does: its address is never longer


def written(changes) -> str:
    """Return changes as they stand in an address.

    Examples
    --------
    >>> written((Change("persons", -20, 2027, "sygedagpenge"),))
    'persons%40sygedagpenge=-20&persons%40sygedagpenge.from=2027'
    """
    return _encoded(_written(changes))


def changes_of(query: str) -> tuple[Change, ...]:
    """Return the changes in an address; the reverse of :func:`written`.

    Examples
    --------
    >>> changes_of("gap_points=0,5&gap_points.from=2027")
    (Change(parameter='gap_points', value=0.5, start=2027, row=''),)
    """
    told = {key: value for key, value in _pairs(query) if key not in FIELDS}
    changes = []
    for key, value in told.items():
        name, _, row = key.partition("@")
        if key.endswith(".from"):
            if (of := key.removesuffix(".from")) not in told:
                raise DataError(f"the address holds {key!r} without {of!r}; give both or neither")
            continue
        if name not in (*PARAMETERS, RULES):
            raise DataError(f"the address holds {key!r}, which is none of {', '.join((*FIELDS, *PARAMETERS, RULES))}")
        if not value.strip():  # an empty box of the form
            continue
        row = row[:-1] if row[-1:] == "." and LIKE_A_YEAR.search(row) else row
        changes.append(Change(name, _value(name, value), _whole(f"{key} is from", told.get(f"{key}.from") or "0"), row))
    return tuple(changes)


def _value(name: str, text: str) -> float | str:
    text = text.strip().replace("\u2212", "-")
    text = re.sub("[\u00a0\u202f]", " ", text)  # blanks that do not break, as a workbook has them
    if name == RULES or (name == "country_points" and text[:4].isdecimal() and text[4:5] == "-"):
        return text
    if THOUSANDS.fullmatch(text):
        larger, smaller = re.sub("[.,]", "", text), text.rstrip("0").rstrip(".,").replace(".", ",")
        raise DataError(f"{name} is {text!r}; write {larger}, or {smaller} if the smaller is meant")
    if GROUPED.fullmatch(text):
        raise DataError(f"{name} is {text!r}; write {re.sub('[. ]', '', text)}")
    try:
        # Python would read 1_0 as ten, and digits of every script
        return float(text.replace(",", ".").replace("_", "?").encode("ascii"))
    except ValueError:  # as of a sign that is no ASCII
        raise DataError(f"{name} is {text!r}; it must be a number, such as 0,5") from None


def _whole(what: str, text: str) -> int:
    if not (text.isdecimal() and len(text) < 6):
        raise DataError(f"{what} {text!r}; it must be a year")
    return int(text)


def fits(query: str) -> None:
    """Raise a DataError where an address is too long."""
    if len(query) > LONGEST:
        raise DataError(f"the address has {len(query)} characters; it may have {LONGEST}")


def _pairs(query: str) -> list[tuple[str, str]]:
    fits(query)
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError as error:
        raise DataError(f"the address cannot be read: {error}") from None
    keys = [key for key, _ in pairs]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise DataError(f"the address holds {twice[0]!r} twice")
    return pairs


def _municipality(text: str) -> str:
    if (area := area_code(text)) not in municipalities():  # before anything is computed
        raise DataError(f"{area_name(area)}: no accounts here; there are those of the 98 municipalities")
    return area


def parse(query: str) -> State:
    """Return the state an address holds.

    Raises
    ------
    DataError
        Saying what cannot be read, and what would be right.

    Examples
    --------
    >>> parse("lang=en&area=Gladsaxe&gap_points=0.5").scenario.changes[0].amount
    0.5
    """
    told = {key: value.strip() for key, value in _pairs(query) if key in FIELDS and value.strip()}
    if wrong := [f"{key} {problem}" for key, value in told.items() if (problem := unsound(value))]:
        raise DataError(wrong[0])
    for name, known in (("lang", LANGUAGES), ("unit", UNITS), ("payer", PAYERS)):
        if told.get(name, known[0]) not in known:
            raise DataError(f"{name} is {told[name]!r}; it must be one of {', '.join(known)}")
    text, seed = {name: told.get(name, "") for name in ("name", "why", "hash")}, told.get("seed", "0")
    seed = int(seed) if re.fullmatch("[0-9]{1,18}", seed) else seed  # which no scenario can have
    scenario = Scenario(baseline=told.get("base", "accounts"), changes=changes_of(query), seed=seed, **text)
    changes_of(told.get("pin", ""))
    plain = {name: told[name] for name in ("lang", "unit", "payer", "pin", "pinned") if name in told}
    year = _whole("year is", told["year"]) if "year" in told else 0
    area, shown = _municipality(told.get("area", HOME)), ""
    if "shown" in told:
        of, _, base = told["shown"].partition(" ")
        shown = f"{_municipality(of)} {base}"
    return State(area=area, year=year, scenario=scenario, shown=shown, **plain)
