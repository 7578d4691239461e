"""The agreement on budget 2018 as cases: what it prints, what it leaves open, and how its promises are graded.

Cases and milestones are those of "Udmøntning af Aftale om budget 2018" as corrected on 6 February 2018. What it leaves
open is None with the reason, never zero.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from dataclasses import asdict, replace
from pathlib import Path

import pandas as pd

from ballerup_analysis import danish
from ballerup_analysis.cases import Case, Milestone
from ballerup_analysis.sources import DATA, DataError, load

GROUPS = {"5.08.1": [("kontanthjælp", "uddannelseshjælp"), ("uddannelseshjælp", "kontanthjælp")]}  # own, other
KINDS = {  # by what the rows of agreement_2018.cases measure; the others are goals and counts of options
    "investment": r"wage pool|pool reserved|investment in all|money (?:set aside|per year)",
    "saving": "saving|net effect|proceeds|reduction",
    "persons": "self-supporting|extra fleksjob",
    "share": "^share",
    "participants": "extra fleksjob|citizens in the effort$",
}
LATER = {"5.08.2": {"persons": "fleksjob_pool"}}  # rows of minutes_2020.statements: August 2020
SMILEYS = {  # the paper's words; in the copy read, its second and third smiley are the same sign
    "met": "☺ Milepæl er opfyldt",
    "still realistic": "☹ Milepæl er ikke fuldt opfyldt, men det er fortsat realistisk, at det samlede mål for året opnås",
    "not met": "☹ Milepæl er ikke opfyldt, og det er ikke realistisk at opfylde milepæl indenfor perioden",
    "kept": "☺ Budget er overholdt/Besparelse er opnået",
    "not kept": "☹ Budget ikke overholdt/Den forventede besparelse opnås ikke i indeværende periode",
}


def freeze(case: Case) -> str:
    """Return the hash of what was decided: all fields but our own sentences in ``open`` and ``readings``."""
    decided = json.dumps(asdict(replace(case, open=(), readings=())), sort_keys=True)
    return hashlib.sha256(decided.encode()).hexdigest()


def observations(id: str) -> dict[str, tuple]:
    """Return what was seen of a case: item to (value, whether the goal of the year is still realistic or None).

    From the minutes of August 2020, then ``observations.csv`` beside the local accounts: case;item;observed;
    still_realistic, Danish numbers or ja and nej.

    Examples
    --------
    >>> observations("5.08.2")
    {'persons': (25.0, None)}
    """
    paper, yes = load("minutes_2020.statements").set_index("row")["value"], {"ja": True, "nej": False}
    found = {item: (float(paper[row]), None) for item, row in LATER.get(id, {}).items()}
    path = Path(os.environ.get("BALLERUP_LOCAL", str(DATA / "local")) or os.devnull) / "observations.csv"
    own = pd.read_csv(path, sep=";", dtype=str) if path.exists() else pd.DataFrame({"case": []})
    try:
        for row in own[own["case"] == id].itertuples():
            value = yes[row.observed] if row.observed in yes else danish.parse(row.observed).value
            found[row.item] = value, yes.get(row.still_realistic)
    except (KeyError, AttributeError, ValueError) as error:
        raise DataError(f"{path}, case {id}: {error}; the columns are case;item;observed;still_realistic") from None
    return found


def grade(case: Case, observed: dict[str, tuple], as_frozen: str) -> pd.DataFrame:
    """Grade a decided case by the paper's own definitions, the observed figure beside the promised.

    Parameters
    ----------
    observed : dict
        As from :func:`observations`; items are milestone ids, persons, saving_2019 or investment_2018 (mio. kr.).
    as_frozen : str
        :func:`freeze` of the case when it was decided.

    Returns
    -------
    pandas.DataFrame
        item, deadline, promised, observed, grade, smiley. Grades are the keys of ``SMILEYS``, not observed and not
        promised; persons, which the paper does not grade, are reached or not reached. The paper gives the economy
        one smiley a follow-up; here each year and side has its own.

    Raises
    ------
    DataError
        For a changed case, an unknown item, a value of the wrong kind, or a milestone missed at a follow-up where
        nobody says whether the goal of the year is still realistic.
    """
    if freeze(case) != as_frozen:
        raise DataError(f"case {case.id} is not the one frozen as {as_frozen[:12]}…; grade it as it was decided")
    rows = [("milestone", m.id, m.deadline, m.target) for m in case.milestones]
    rows.append(("persons", "persons", "", case.size))
    for side in ("investment", "saving"):
        years = enumerate(getattr(case, f"{side}_mio_kr"), case.start)
        rows += [(side, f"{side}_{year}", str(year), promised) for year, promised in years]
    table = pd.DataFrame(rows, columns=["kind", "item", "deadline", "promised"], dtype=object)
    if unknown := set(observed) - set(table["item"]):
        raise DataError(f"case {case.id} promises no {', '.join(sorted(unknown))}; it has {', '.join(table['item'])}")
    table["observed"] = [observed.get(item, (None,))[0] for item in table["item"]]
    table["grade"] = [_grade(*row, *observed.get(row[1], (None, None))) for row in rows]
    return table.drop(columns="kind").assign(smiley=table["grade"].map(SMILEYS).fillna(""))


def _grade(kind, item, deadline, promised, value, realistic) -> str:
    if value is None or value != value:
        return "not observed"
    if promised is None and kind != "milestone":
        return "not promised"
    if isinstance(value, bool) != (promised is None):
        raise DataError(f"{item} is observed as {value!r}; give a number, or True or False where no figure is promised")
    met = value if promised is None else value <= promised if kind == "investment" else value >= promised
    if kind != "milestone":
        return ("" if met else "not ") + ("reached" if kind == "persons" else "kept")
    if not met and realistic is None and "budgetopfølgning" in deadline:
        raise DataError(f"{item} is not met; say whether the goal of the year is still realistic (True or False)")
    return "met" if met else "still realistic" if realistic else "not met"


def kill_criterion(case: Case, rate=0.0) -> dict:
    """Return the observation that would make a case lose money, on what is printed.

    Below the threshold it loses; above it where the parameter is the investment, which the paper then leaves open.

    Examples
    --------
    >>> kill_criterion(Case.of([-0.9, 0, 0.4, 0.4], persons=(None, None, 4, 4)))
    {'parameter': 'persons', 'loses': 'below', 'threshold': 4.5, 'promised': 4}
    """
    invests, saves = (any(side) for side in (case.investment_mio_kr, case.saving_mio_kr))
    parameter, promised = ("persons", case.size) if case.size else ("take_up", case.take_up)
    if not (invests and saves):
        parameter, promised = "saving_mio_kr" if invests else "investment_mio_kr", None
    threshold, loses = case.break_even(parameter, rate, only_printed=True), "below" if invests else "above"
    return {"parameter": parameter, "loses": loses, "threshold": threshold, "promised": promised}


def cases(through: int | None = None) -> dict[str, Case]:
    """Return the cases of the agreement by id, 5.08.1 as its two groups.

    Only printed years count, unless ``through`` asks to repeat the last printed saving, and a cost printed per
    year, to that year.

    Examples
    --------
    >>> case = cases()["5.10"]
    >>> case.investment_mio_kr, case.saving_mio_kr, case.price_kr
    ((1.5, 0.0, 0.0, 0.0), (None, None, 0.5, 1.5), 100000.0)
    """
    money, goals = (load(f"agreement_2018.{name}", corrected=True) for name in ("cases", "milestones"))
    words, found = load("agreement_2018.statements").set_index("row")["column"], {}
    for number in goals["case"].unique():
        told = {name: words.get(f"{number}_{name}") for name in ("title", "responsible")}
        for group, other in GROUPS.get(number, [("", "")]):
            of_other = f"^(?!.*{group}).*{other}"
            rows, aims = (t[(t["case"] == number) & ~t["column"].str.contains(of_other)] for t in (money, goals))
            case = _read(f"{number} {group}".strip(), rows, aims, through)
            found[case.id] = replace(case, **told)
    return found


def _read(id: str, money: pd.DataFrame, goals: pd.DataFrame, through: int | None) -> Case:
    span = {r.row: [int(y) for y in re.findall(r"\d{4}", r.period) if int(y) >= r.year] for r in money.itertuples()}
    told = money[money["value"].notna()]
    rows = {kind: list(told[told["column"].str.contains(text)].itertuples()) for kind, text in KINDS.items()}
    start, used = int(goals["year"].min()), {row.row for kind in rows.values() for row in kind}
    years = range(start, max([start, through or 0, *(year for row in used for year in span[row])]) + 1)
    share, persons = ({y: r.value for r in rows[kind] for y in span[r.row]} for kind in ("share", "persons"))
    invested, saved, readings = dict.fromkeys(years), dict.fromkeys(years), []
    if rows["investment"]:
        invested = {year: None if share.get(year) else 0.0 for year in years}  # a scheme that pays has a cost
    for row in sorted(rows["investment"], key=lambda row: len(span[row.row])):
        *apart, at = span[row.row] or [start]
        invested[at] = row.value - sum(invested[year] for year in apart)
        if row.period == "per year":
            invested = dict.fromkeys(years, row.value)
        if apart:
            readings.append(f"{row.row}: what {row.period} has beyond the years printed apart is put in {at}")
    for row in rows["saving"]:
        if row.period.startswith("from"):
            saved |= dict.fromkeys(range(start, row.year), 0.0)
            readings.append(f"{row.row}: printed {row.period}, so no saving before")
        saved |= dict.fromkeys(span[row.row], row.value)
        if row.column.startswith("net effect"):
            saved[row.year] += invested[row.year]
            readings.append(f"{row.row}: {row.printed!r} is a word, read as a saving as large as the investment")
    last = max((year for year in years if saved[year] is not None), default=years[-1])
    if through and through > last:
        saved |= dict.fromkeys(range(last + 1, through + 1), saved[last])
        readings.append(f"saving after {last}: the last printed one, repeated because asked for")
    sides = {"investment": invested, "saving": saved, "persons": {y: persons.get(y) for y in years}}
    gone = {name: [str(year) for year in years if side[year] is None] for name, side in sides.items()}
    left = [f"{name} of {', '.join(missing)} is not printed" for name, missing in gone.items() if missing]
    reasons = [f"{r.row}: {r.not_checkable}" for r in money.itertuples() if re.search(r"\bnot? ", r.not_checkable)]
    milestones = [
        Milestone(g.row, g.column, None if math.isnan(g.value) else g.value, g.deadline)
        for g in goals[goals["column"] != "no milestone printed"].itertuples()
    ]
    return Case(
        id,
        start,
        tuple(invested.values()),
        tuple(saved.values()),
        persons=tuple(sides["persons"].values()) if persons else (),
        participants=max((row.value for row in rows["participants"]), default=None),
        share_pct=tuple(share.get(year) for year in years) if share else (),
        milestones=tuple(milestones),
        open=(*left, *reasons),
        readings=tuple(readings),
    )
