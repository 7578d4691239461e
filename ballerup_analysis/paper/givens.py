"""The numbers a workbook stands on, each with where it stands and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ballerup_analysis.costing import CASE, cost
from ballerup_analysis.danish import number
from ballerup_analysis.frame import BENEFITS, Frame, paid_on
from ballerup_analysis.paper.notes import cite
from ballerup_analysis.paper.sheets import LAYOUT, SEP, Template
from ballerup_analysis.rates import PERIODS_PER_YEAR, Rate, rate, weakest
from ballerup_analysis.refusion import FIRST_WEEKS, STEPS
from ballerup_analysis.scenarios import Scenario, summary
from ballerup_analysis.sources import DANISH_EVIDENCE, EVIDENCE, HOME, load
from ballerup_analysis.words import words


@dataclass(frozen=True)
class Given:
    """A row of numbers: the line or step it is for, what says so, how sure it is, and the lines of the file of rates."""

    key: str
    label: str
    values: tuple
    source: str
    evidence: str
    unit: str = ""
    lines: tuple[int, ...] = ()


def givens(frame: Frame, rules: tuple[str, str], scenarios: dict[str, tuple], read=load) -> dict[str, list[Given]]:
    """Return every number on the sheet of rates, by the name its formulas use.

    Parameters
    ----------
    rules : tuple of str
        The days of the refund rules of the baseline, and of the others on offer.
    scenarios : dict of tuple of Change
        What other scenarios change, by their name in Danish.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> found = givens(budget_2017(), ("2017-06-30", "2015-06-30"), {})
    >>> found["net0"][0].label, found["printed_total"][0].values[0] == 506_693
    ('Sygedagpenge', np.True_)
    """
    ladder, cyclical = np.flatnonzero(frame.on_ladder), np.flatnonzero(frame.cyclical)
    counted = np.flatnonzero(frame.on_ladder | frame.persons.any(axis=1))
    rows, before = frame.rows, frame.net_tkr.sum(axis=0)

    def told(name, key, label, values, unit=""):
        return Given(key, label, tuple(values), *_from(name, frame), unit)

    def lines(name, at, values):
        return [told(name, rows[i], rows[i], np.atleast_1d(values[i])) for i in at]

    found = {
        "net0": lines("net0", range(len(rows)), frame.net_tkr),
        "persons0": lines("persons0", counted, frame.persons),
        "gross": lines("gross", ladder, frame.price_kr),
        "cyclical": lines("cyclical", cyclical, frame.cyclical),
        "step": _steps(frame, ladder, rules),
        "year_of_help": [_help()],
    }
    reasons = [BENEFITS[frame.lines[i].benefit]["reason"][0] for i in ladder]
    exits = lines("exit", ladder, frame.exit_rate)
    found["exit"] = [replace(one, source=reason) for one, reason in zip(exits, reasons, strict=True)]
    labels = LAYOUT["single"] | LAYOUT["single_of"].get(frame.name.partition(" ")[0], {})
    single = {"force": frame.labour_force, "inhabitants": frame.inhabitants, "activated": frame.activated}
    if frame.promised:
        single |= {"promised": frame.promised, "case_from": CASE[0], "case_to": CASE[1]}
    if frame.name == "budget_2017":
        total = read("budget_2017.frame_2002").query("row == 'I alt'").set_index("year")["value"]
        printed = [total.get(year, "") for year in frame.years]
        found["printed_total"] = [told("printed_total", "", "I alt", printed)]
        single["half_lines"] = len(rows) / 2
    if frame.area == HOME:
        single["gain"] = read("minutes_2015.statements").set_index("row")["value"]["gain_2014"]
    found["single"] = [told(name, name, *labels[name][:1], [value], labels[name][1]) for name, value in single.items()]
    quarters = read("auk01").query("area in [@frame.area, '000']")
    for key, year in (("own", 2013), ("own", 2014), ("country", 2013), ("country", 2014)):
        code = "000" if key == "country" else frame.area
        mine = quarters[(quarters["area"] == code) & (quarters["quarter"].str[:4] == str(year))]
        label = f"{LAYOUT['places'][key]} {year}"
        values = [*mine["fulltime_persons"], Template("AVERAGE(C{n}:F{n})")]
        found.setdefault("quarters", []).append(told("quarters", f"{key} {year}", label, values))
    for name, changes in scenarios.items():
        one = told("other_scenario", name, name, ((cost(changes, frame).own_tkr.sum(axis=0) - before) / 1000).round(8))
        assumed = " ".join(summary(Scenario(name, "", changes=changes), frame, "da")[1:])
        found.setdefault("other_scenario", []).append(replace(one, source=f"{one.source}: {assumed}"))
    return found


def _from(name: str, frame: Frame) -> tuple[str, str]:
    """Return the source of a number of the frame, and how sure it is, by the baseline's kind."""
    told = LAYOUT["origins"][name]
    table, evidence = told.get(frame.name.partition(" ")[0], told.get("any"))
    if frame.unreconciled and (table == "own" or name == "other_scenario"):
        evidence = max(evidence, "unreconciled", key=EVIDENCE.index)
    return LAYOUT["origin_words"].get(table) or cite(table), DANISH_EVIDENCE[evidence]


def _of_rates(used: list[Rate], unit: str = "") -> tuple[str, str, str, tuple]:
    """Return source, evidence, unit and lines of some rates, in Danish."""
    told = "; ".join(dict.fromkeys(", ".join(filter(None, (r.reference, _whole(r.address)))) for r in used))
    for english, danish in LAYOUT["reference_words"].items():
        told = told.replace(english, danish)
    return told, DANISH_EVIDENCE[weakest(*used)], unit, tuple(r.line for r in used)


def _whole(address: str) -> str:
    """Return an address that leads somewhere; one that was shortened in notes does not."""
    bare = address.partition(" (")[0]
    return "" if "…" in bare else bare


def _steps(frame: Frame, ladder, rules: tuple[str, str]) -> list[Given]:
    """Return the municipality's share by line and step, by the rules of two days, and by how much each step raises it."""
    found = []
    for i in ladder:
        (_, today), (other_pct, other) = (
            paid_on((frame.lines[i],), day, frame.active, frame.off_ladder[[i]]) for day in rules
        )
        for k, step in enumerate(STEPS):
            rise = [Template(f"{c}{{n}}" + f"-{c}{{above}}" * (k > 0)) for c in "DF"]
            values = (FIRST_WEEKS[k] - 1, frame.paid_pct[i, k], rise[0], other_pct[0, k], rise[1])
            label = LAYOUT["step"].format(line=frame.rows[i], step=step)
            used = today[k :: len(STEPS)] + other[k :: len(STEPS)]
            one = Given(f"{frame.rows[i]}{SEP}{k}", label, values, *_of_rates(used))
            # how many stand off the ladder, or are active, is assumed, and so is a share that mixes them
            mixed = any("activity" in r.when for r in used)
            if mixed:
                one = replace(one, source=f"{one.source}; {LAYOUT['mixed'].format(pct=number(frame.active * 100))}")
            found.append(replace(one, evidence=DANISH_EVIDENCE["assumed"]) if mixed or frame.off_ladder[i] else one)
    return found


def _help() -> Given:
    one = rate("kontanthjaelp", "2014-06-30", age="30+", family="other")
    values, unit = (one.value, PERIODS_PER_YEAR[one.unit], Template("C{n}*D{n}")), words("rate_units")[one.unit]
    return Given("", LAYOUT["help"], values, *_of_rates([one], unit))
