"""The page as HTML: controls and panels in one language, every text escaped, every number the Danish way."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2

from ballerup_analysis.costing import PARAMETERS, Change, base_of, rows_of
from ballerup_analysis.danish import number
from ballerup_analysis.explorer.answer import Answer, rules_of
from ballerup_analysis.explorer.figures import Axis, wrapped
from ballerup_analysis.explorer.state import PAYERS, UNITS, State, changes_of, key_of, written
from ballerup_analysis.frame import BEFORE, Frame
from ballerup_analysis.own.unread import said
from ballerup_analysis.scenarios import Scenario, persons_words, summary
from ballerup_analysis.sources import areas
from ballerup_analysis.words import quote, unit_after
from ballerup_analysis.words import words as labels

TEXT = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
LONGEST = 1000  # characters of an error that Danish words are looked for
DECIMALS = {"mio_kr": 1, "kr_per_inhabitant": 0, "persons": 0}


def words(lang: str) -> dict[str, str]:
    """Return every word of the page in a language."""
    return {key: pair[lang == "en"] for key, pair in TEXT["words"].items()}


def refused(error: str, lang: str, in_file: bool = False, waits: bool = False) -> dict[str, str]:
    """Return what the page tells of an error, in one language: English where there are no Danish words for it.

    ``in_file`` is whether a file is at fault, which no address can mend; ``waits`` whether one may be another in a moment.

    Returns
    -------
    dict
        lang; first_shown, for a page that shows the baseline instead; kept, for one that shows what it did; waits.

    Examples
    --------
    >>> refused("year is 'nu'; it must be a year", "da")["kept"]
    "Det viste er uændret: year er 'nu'; det skal være et årstal"
    """
    if lang == "da":
        tried = TEXT["wrong"].items() if len(error) <= LONGEST else ()
        found = ((danish, re.fullmatch(pattern, error, re.DOTALL)) for pattern, danish in tried)
        lang, error = next((("da", danish.format(*m.groups())) for danish, m in found if m), ("en", error))
    leads = {"first_shown": "file_first" if in_file else "first_shown", "kept": "kept"}
    return {"lang": lang, "waits": "file" if waits else ""} | {
        name: f"{words(lang)[lead]}: {error}" for name, lead in leads.items()
    }


def plain(value: float, decimals: int | None = None, sign: bool = False) -> str:
    """Return a number as a person reads it: Danish, with a minus sign, and a plus where it is a difference.

    Examples
    --------
    >>> plain(-0.25), plain(1234.5, 1, True), plain(0.001, 1, True)
    ('−0,25', '+1.234,5', '0,0')
    """
    if decimals is None:
        decimals = next((d for d in (0, 1, 2) if abs(round(value, d) - value) < 1e-9), 3)
    text = number(value, decimals).replace("-", "−")
    return f"+{text}" if sign and round(value, decimals) > 0 else text


@dataclass(frozen=True)
class Control:
    """One assumption on the page.

    Parameters
    ----------
    key : str
        As in the address.
    words, unit, reason : str
    value, base, low, high, step : float
    start : int
        From when; the second year where it is as in the baseline.
    changed : bool
    effect : float
        What one step up adds.
    """

    key: str
    words: str
    unit: str
    reason: str
    value: float
    base: float
    low: float
    high: float
    step: float
    start: int
    changed: bool
    effect: float

    @property
    def id(self) -> str:
        """A name without blanks, for the page's own use; no other control has it.

        Examples
        --------
        >>> Control("persons@Syge <5 uger", *[""] * 3, *[0] * 6, False, 0).id
        'persons-Syge-_3c_5-uger'
        """
        name, _, row = self.key.partition("@")
        plain_ = "".join(c if c.isalnum() else "-" if c == " " else f"_{ord(c):x}_" for c in row)
        return name.replace("_", "-") + (f"-{plain_}" if row else "")


def controls(state: State, frame: Frame, found: Answer) -> list[Control]:
    """Return the assumptions of the frame, and those of the lines that are changed apart."""
    at, made = int(state.lang == "en"), []
    for (name, row), effect in found.steps.items():
        p, base = PARAMETERS[name], base_of(name, frame)
        change = next((c for c in state.scenario.changes if (c.parameter, c.row) == (name, row)), None)
        told = p.words[at][0].upper() + p.words[at][1:] + (f": {frame.row_of(row)}" if row else "")
        made.append(
            Control(
                key_of(name, row), told, p.unit[at], p.reason[at], change.amount if change else base, base,
                p.low, p.high, p.step, (change.start if change else 0) or frame.start, change is not None, effect,
            )
        )  # fmt: skip
    return made


def choices(frame: Frame) -> list[tuple[str, str]]:
    """Return what may be changed for a line alone, as (parameter, line)."""
    return [(name, row) for name, p in PARAMETERS.items() if p.by != "frame" for row in rows_of(name, frame)]


def baselines(lang: str, vintages, own: bool) -> list[tuple[str, str]]:
    """Return the baselines one may choose, as (name, words)."""
    word = words(lang)
    some = [("accounts", word["accounts"]), *((f"accounts {v}", word["vintage"].format(v)) for v in vintages)]
    return [*some, ("budget_2017", word["budget_2017"]), *([("own", word["own"])] if own else [])]


def examples(shipped: dict[str, Scenario], lang: str) -> list[tuple[str, str, str]]:
    """Return the shipped scenarios as (address, name, baseline)."""
    danish = labels("scenario_names") if lang == "da" else {}
    return [(written(s.changes), danish.get(key, s.name), s.baseline) for key, s in shipped.items()]


@functools.cache  # the template does not change while the program runs
def _template() -> jinja2.Template:
    folder = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(
        loader=folder, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {
        "quote": quote,
        "plain": plain,
        "unit_after": unit_after,
        "Axis": Axis,
        "wrapped": wrapped,
        "BEFORE": BEFORE,
    }
    return environment.get_template("page.html.jinja")


def render(
    state: State, frame: Frame, found: Answer, vintages=(), own=False, shipped=None, message="", alert=None
) -> str:
    """Return the page of a state.

    Parameters
    ----------
    message : str
        Something to tell politely.
    alert : dict
        What went wrong, as :func:`refused` tells it.
    """
    word, decimals = words(state.lang), DECIMALS[state.unit]
    year = state.year or frame.years[-1]
    level = word.get(f"level_{frame.price_level}") or word["level_year"].format(frame.price_level)
    source = frame.source.replace("StatBank", word["statbank"]) + f" ({word['unreconciled']})" * frame.unreconciled
    query, names, lang_at = state.query(), areas()["name"], int(state.lang == "en")
    source += f" ({word['whose'].format(names[frame.area])})" * (frame.name == "own" and not frame.is_named)

    def label(key: tuple[str, str]) -> str:
        return PARAMETERS[key[0]].words[lang_at] + (f", {frame.row_of(key[1])}" if key[1] else "")

    return _template().render(
        state=state, frame=frame, found=found, word=word, year=year, query=query, alert=alert, message=message,
        controls=controls(state, frame, found), choices=choices(frame), parameters=PARAMETERS,
        baselines=baselines(state.lang, vintages, own), examples=examples(shipped or {}, state.lang),
        key_of=key_of, areas=names.sort_values(kind="stable").to_dict(), name=names[frame.area],
        pairs=_pairs(frame, word), rules=rules_of(state), decimals=decimals, unit=word[state.unit], told=told(state, frame, found, names[frame.area]),
        summary=summary(state.scenario, frame, state.lang), lang_at=lang_at,
        label=label, names_of=lambda keys: ", ".join(map(label, keys)),
        pinned_changes=summary(Scenario("", "", frame.name, changes_of(state.pin)), frame, state.lang)[1:],
        pin_query=replace(state, pin=written(state.scenario.changes), pinned=state.scenario.name or word["scenario"]).query(),
        unpin_query=replace(state, pin="", pinned="").query(),
        clear_query=replace(state, scenario=replace(state.scenario, changes=(), name="", why="", seed=0)).query(),
        footer=word["footer"].format(level=level, source=source, hash=frame.hash, persons=persons_words(frame, state.lang)), unread=said(frame.unread, state.lang),
    )  # fmt: skip


def _pairs(frame: Frame, word: dict) -> dict[str, list]:
    choices = {"unit": UNITS, "payer": PAYERS}
    return {"year": [(year, year) for year in frame.years]} | {
        k: [(v, word[v]) for v in some] for k, some in choices.items()
    }


def told(state: State, frame: Frame, found: Answer, place: str) -> str:
    """Return the one sentence that is read aloud when something changes."""
    word, decimals = words(state.lang), DECIMALS[state.unit]
    year = state.year or frame.years[-1]
    row = found.years.loc[year]
    key = "told_persons" if state.unit == "persons" else "told"
    key = key if round(row["difference"], decimals) else "told_same"
    more = plain(row["difference"], decimals, True)
    unit = unit_after(more, word[state.unit])
    sentence = word[key].format(area=place, year=year, payer=word[state.payer].lower(), unit=unit, difference=more)
    if "low" in row:
        ends = {name: plain(row[name], decimals) for name in ("low", "high")}
        ends = {name: f"{shown} {unit_after(shown, word[state.unit])}" for name, shown in ends.items()}
        sentence += " " + word["told_band"].format(**ends)
    return sentence.replace("..", ".")


def opened(scenario: Scenario, state: State) -> State:
    """Return the state that shows a scenario from a file, for the municipality that is shown."""
    return replace(state, scenario=scenario, year=0)


def changed(state: State, *changes: Change) -> State:
    """Return a state with other changes."""
    return replace(state, scenario=replace(state.scenario, changes=changes))
