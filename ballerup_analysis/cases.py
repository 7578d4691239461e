"""Business cases: what an investment costs, saves and hangs on, and how its promises are graded afterwards.

Money is in mio. kr. by year; the cases of the agreement are those of "Udmøntning af Aftale om budget 2018" as corrected
on 6 February 2018. What it leaves open is None, counted as 0 only where ``only_printed`` asks for it.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyxirr

from ballerup_analysis import danish, rates
from ballerup_analysis.sources import DATA, DataError, load

SIDES = ("investment_mio_kr", "saving_mio_kr")
TIMINGS = {"start": 0.0, "mid": 0.5, "end": 1.0}
STEP_YEAR, LAST_YEAR = 35, 70  # where the Danish rate steps down, and where the copy of the note ends


def discount(rate: float | str, years) -> np.ndarray:
    """Return what 1 kr. so many years away is worth now.

    ``rate`` is 0.05 for 5 pct., 0 for the municipal purse, or ``"danish"``: 3.5 pct. to year 35, 2.5 pct. after.

    Examples
    --------
    >>> discount("danish", [35, 36]).round(6).tolist()
    [0.299977, 0.29266]
    """
    years = np.asarray(years, dtype=float)
    if rate == "danish":
        if years.max() > LAST_YEAR:
            raise DataError(f"the Danish rate is known to year {LAST_YEAR}; year {years.max():g} was asked for")
        steps = ("0-35", "36-70")
        first, later = (1 + rates.rate("discount_rate", "2021-06-30", years=step).value / 100 for step in steps)
        return first ** -np.minimum(years, STEP_YEAR) * later ** -np.maximum(years - STEP_YEAR, 0)
    if isinstance(rate, str) or not -1 < rate < math.inf:
        raise DataError(f"rate is {rate!r}; it must be above -1 (0.05 for 5 pct., 0 for the purse) or 'danish'")
    return (1.0 + rate) ** -years


@dataclass(frozen=True)
class Milestone:
    """What shall be reached by a day or a budget follow-up; ``target`` is None where no figure is printed."""

    id: str
    text: str
    target: float | None
    deadline: str

    def __post_init__(self):
        day = pd.to_datetime(self.deadline, format="%d.%m.%Y", errors="coerce")
        if pd.isna(day) and not re.fullmatch(r"[1-3]\. budgetopfølgning \d{4}", self.deadline):
            wrong = f"milestone {self.id}: the deadline {self.deadline!r} is not a date"
            raise DataError(f"{wrong}; write 31.12.2018 or 1. budgetopfølgning 2018")


@dataclass(frozen=True)
class Case:
    """One investment: money and persons by year from ``start``, None where open.

    ``persons`` are those the effect rests on, ``share_pct`` what a scheme pays of a cost; empty where none is told.
    Of the saving promised the share ``take_up`` comes, ``delay_years`` late (what falls after the last year is not
    counted), and after its first year it loses the share ``fade_out`` a year. ``open`` tells what the paper leaves
    open, ``readings`` how its words are read. Methods refuse open years unless ``only_printed``, and always a side
    (investment or saving) of which nothing is printed: DataError with the reasons.

    Examples
    --------
    >>> case = Case.of([-100, 39, 59, 55, 20])
    >>> round(case.npv(0.281), 10), round(case.irr(), 5), round(case.payback(), 2)
    (-0.0084785916, 0.28095, 2.04)
    """

    id: str
    start: int
    investment_mio_kr: tuple[float | None, ...]
    saving_mio_kr: tuple[float | None, ...]
    persons: tuple[float | None, ...] = ()
    participants: float | None = None
    share_pct: tuple[float | None, ...] = ()
    take_up: float = 1.0
    delay_years: float = 0.0
    fade_out: float = 0.0
    title: str | None = None
    responsible: str | None = None
    milestones: tuple[Milestone, ...] = ()
    open: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()

    def __post_init__(self):
        if not (years := len(self.investment_mio_kr)):
            raise DataError(f"case {self.id} has no flows; give investment and saving for one year or more")
        for name in (*SIDES, "persons", "share_pct"):
            side = getattr(self, name)
            if len(side) != years and (side or name == "saving_mio_kr"):
                raise DataError(f"case {self.id}: {name} has {len(side)} years, not {years}")
            if wrong := [x for x in side if x is not None and not 0 <= x < math.inf]:
                raise DataError(f"case {self.id}: {name} has {wrong[0]}; it must be 0 or more, None where open")
        for name, most in (("take_up", math.inf), ("delay_years", math.inf), ("fade_out", 1)):
            if not 0 <= (value := getattr(self, name)) <= most:
                raise DataError(f"case {self.id}: {name} is {value}; it must be from 0 to {most}")

    @classmethod
    def of(cls, net, start: int = 0, id: str = "by hand", **known) -> Case:
        """Return a case from its net flow by year: below 0 is investment, above is saving, None is open."""
        investment, saving = (tuple(x if x is None else max(sign * x, 0) for x in net) for sign in (-1, 1))
        return cls(id, start, investment, saving, **known)

    @property
    def size(self) -> float | None:
        """Persons at full effect: the most of any year; None where none are told."""
        return max((x for x in self.persons if x), default=None)

    @property
    def price_kr(self) -> float | None:
        """Saving per person and year in kr., derived from the years that tell both; None where none does."""
        both = [(s, p) for s, p in zip(self.saving_mio_kr, self.persons, strict=False) if None not in (s, p) and p]
        return 1e6 * sum(s for s, _ in both) / sum(p for _, p in both) or None if both else None

    def cash_flow(self, only_printed: bool = False) -> pd.DataFrame:
        """Return year, investment, saving, net and cumulated in mio. kr.; NaN where open, 0 if ``only_printed``."""
        flow = pd.DataFrame({"year": self.start + np.arange(len(self.investment_mio_kr))})
        flow["investment_mio_kr"] = np.array(self.investment_mio_kr, dtype=float)
        flow["saving_mio_kr"] = _effect(self.saving_mio_kr, self.take_up, self.delay_years, self.fade_out)[0]
        flow = flow.fillna(0.0) if only_printed else flow
        flow["net_mio_kr"] = flow["saving_mio_kr"] - flow["investment_mio_kr"]
        return flow.assign(cumulated_mio_kr=flow["net_mio_kr"].cumsum(skipna=False))

    def _side(self, name: str, only_printed: bool) -> np.ndarray:
        flow, told = self.cash_flow(), any(x is not None for x in getattr(self, name))
        gone = flow[name].isna() | (not told)
        if gone.any() and not (told and only_printed):
            hint = "; only_printed=True counts the printed years alone" if told else ""
            years = ", ".join(flow["year"][gone].astype(str))
            raise DataError("; ".join((f"case {self.id}: {name} is open in {years}{hint}", *self.open)))
        return flow[name].fillna(0.0).to_numpy()

    def _net(self, only_printed: bool) -> np.ndarray:
        return self._side("saving_mio_kr", only_printed) - self._side("investment_mio_kr", only_printed)

    def npv(self, rate, timing: str = "start", base_year: int | None = None, only_printed: bool = False) -> float:
        """Return the net present value in mio. kr. at the start of ``base_year`` (the first year unless given).

        ``rate`` as for :func:`discount`; ``timing`` is where in its year a flow falls: start, mid or end.
        """
        if timing not in TIMINGS:
            raise DataError(f"timing is {timing!r}; it is one of {', '.join(TIMINGS)}")
        net, since = self._net(only_printed), 0 if base_year is None else self.start - base_year
        return float(net @ discount(rate, np.arange(len(net)) + since + TIMINGS[timing]))

    def irr(self, only_printed: bool = False) -> float:
        """Return the only rate with a net present value of 0; DataError with all rates unless one sign change."""
        net = self._net(only_printed)
        if (changes := np.count_nonzero(np.diff(np.sign(net[net != 0])))) == 1:
            return pyxirr.irr(net)
        rates = sorted({round(float(x.real) - 1, 5) for x in np.roots(net) if abs(x.imag) < 1e-6 and x.real > 0})
        raise DataError(f"case {self.id}: the net flow changes sign {changes} times, not once; the rates are {rates}")

    def payback(self, only_printed: bool = False) -> float:
        """Return the years from the first flow until the money is back for good; inf if not in the years counted."""
        return self.discounted_payback(0.0, only_printed)

    def discounted_payback(self, rate, only_printed: bool = False) -> float:
        """Return the payback of the discounted flow."""
        net = self._net(only_printed)
        net = net * discount(rate, np.arange(len(net)))
        below = np.flatnonzero(np.cumsum(net) < -1e-9)
        if not len(below) or (last := below[-1]) == len(net) - 1:
            return math.inf if len(below) else 0.0
        return float(last - net[: last + 1].sum() / net[last + 1])

    def break_even(self, parameter: str, rate=0.0, only_printed: bool = False) -> float:
        """Return where the case neither gains nor loses; inf where no value is enough.

        ``parameter`` is persons (at full effect), price_kr (per person and year), take_up, years (that the saving
        must last, its last value repeated), saving_mio_kr or investment_mio_kr (in all, at present value).

        Examples
        --------
        >>> Case.of([-0.9, 0, 0.4, 0.4], persons=(None, None, 4, 4)).break_even("persons")
        4.5
        """
        plan = {"persons": self.size, "price_kr": self.price_kr, "take_up": self.take_up}
        plan |= dict.fromkeys(("years", "saving_mio_kr", "investment_mio_kr"), 1.0)
        if plan.get(parameter) is None:
            told = ", ".join(name for name, value in plan.items() if value is not None)
            raise DataError(f"case {self.id}: no break-even for {parameter!r}; there is one for {told}")
        n, factors = len(self.investment_mio_kr), discount(rate, np.arange(LAST_YEAR))
        if parameter == "investment_mio_kr":
            return float(self._side("saving_mio_kr", only_printed) @ factors[:n])
        cost = float(self._side("investment_mio_kr", only_printed) @ factors[:n])
        if parameter == "saving_mio_kr" or cost == 0:
            return cost
        saving = self._side("saving_mio_kr", only_printed)
        if parameter != "years":
            return plan[parameter] * cost / gain if (gain := float(saving @ factors[:n])) else math.inf
        more = saving[-1] * (1 - self.fade_out) ** np.arange(1, LAST_YEAR - n + 1)
        lasting = np.append(saving, more) * factors
        enough = np.cumsum(lasting) >= cost - 1e-9
        i = enough.argmax()
        return float(i - (lasting > 0).argmax() + (cost - lasting[:i].sum()) / lasting[i]) if enough.any() else math.inf


def _effect(saving, take_up, delay_years, fade_out) -> np.ndarray:
    """Return the saving that comes, draw × year; a delay between whole years shares it between two years."""
    saving, n = np.array(saving, dtype=float), len(saving)
    take_up, delay, fade_out = (np.reshape(x, (-1, 1)) for x in np.broadcast_arrays(take_up, delay_years, fade_out))
    age = np.maximum(np.arange(n) - (saving > 0).argmax(), 0)
    come = np.pad(take_up * saving * (1.0 - fade_out) ** age, ((0, 0), (n + 1, 0)))
    whole = np.minimum(delay, n).astype(int)
    part, at = np.minimum(delay, n) - whole, np.arange(n) + n + 1 - whole
    late = np.where(part > 0, part * np.take_along_axis(come, at - 1, 1), 0.0)
    return (1 - part) * np.take_along_axis(come, at, 1) + late


def simulate(case: Case, draws: int = 100_000, seed: int = 0, rate=0.0, only_printed: bool = False, **ranges):
    """Return the probability that benefits exceed costs, and the net present value (mio. kr.) of every draw.

    ``ranges`` are (low, high), uniform, or (low, likely, high), triangular, of take_up, persons, price_kr,
    delay_years or fade_out, drawn independently; what is not stated stays as in the case.

    Examples
    --------
    >>> round(simulate(Case.of([-1, 1, 1]), take_up=(0, 1))[0], 2)
    0.5
    """
    _, cost = case._side("saving_mio_kr", only_printed), case._side("investment_mio_kr", only_printed)
    plan = {"persons": case.size, "price_kr": case.price_kr}
    drawn = {name: getattr(case, name) for name in ("take_up", "delay_years", "fade_out")}
    rng = np.random.default_rng(seed)
    for name, ends in ranges.items():
        if name not in drawn and plan.get(name) is None:
            raise DataError(f"case {case.id} has no {name} that could vary")
        if len(ends) not in (2, 3) or not 0 <= ends[0] < ends[-1] or sorted(ends) != list(ends):
            raise DataError(f"{name} is {ends}; give (low, high) or (low, likely, high), rising from 0 or more")
        drawn[name] = rng.uniform(*ends, draws) if len(ends) == 2 else rng.triangular(*ends, draws)
    replace(case, fade_out=np.max(drawn["fade_out"]))  # not above 1
    times = math.prod(drawn[name] / plan[name] for name in plan if name in drawn)
    saving = [x or 0.0 for x in case.saving_mio_kr]
    come = _effect(saving, drawn["take_up"] * times, drawn["delay_years"], drawn["fade_out"])
    npv = (come - cost) @ discount(rate, np.arange(len(cost)))
    return float((npv > 0).mean()), npv


def _savings(cases, overlap, chosen, saving) -> dict[str, np.ndarray]:
    """Return the saving of chosen sets of cases, set × year, each citizen counted once, by what is known of the overlap."""
    total, place = chosen @ saving, {case.id: i for i, case in enumerate(cases)}
    if overlap is None:
        largest = np.zeros_like(total)
        for i, one in enumerate(saving):
            np.maximum(largest, chosen[:, i, None] * one, out=largest)
        return {"no overlap": total, "full overlap": largest}
    for ids, persons in overlap.items():
        if len(set(ids) & set(place)) < len(ids) or not persons >= 0:
            raise DataError(f"the overlap of {ids} is {persons}; give 0 or more persons, of {', '.join(place)}")
        for case in (cases[place[id]] for id in ids):
            shared = sum(n for names, n in overlap.items() if case.id in names)
            if shared > (case.size or 0):
                raise DataError(
                    f"case {case.id} has {case.size} persons; an overlap of {shared} is over the smaller group"
                )
        rows = [place[id] for id in ids]
        each = np.array([persons / cases[i].size * saving[i] for i in rows]) * chosen[:, rows, None]
        total = total - each.sum(axis=1) + each.max(axis=1)
    return {"stated overlap": total}


def _by_year(cases, name: str, only_printed: bool) -> pd.DataFrame:
    flows = {case.id: pd.Series(case._side(name, only_printed), case.cash_flow()["year"]) for case in cases}
    return pd.DataFrame(flows).sort_index().fillna(0.0)


def portfolio(cases, overlap: dict[tuple[str, ...], float] | None = None, only_printed: bool = False) -> pd.DataFrame:
    """Return what cases cost and save together by year, a citizen who is in several of them counted once.

    Parameters
    ----------
    cases : list of Case
        All of them are paid.
    overlap : dict, optional
        Ids to the persons (at full effect) who are in exactly these cases; a combination not named is empty. They
        save what the best of their cases promises. Left out: both bounds, nobody in two cases or all who can be.

    Returns
    -------
    pandas.DataFrame
        assumption (stated overlap; or no overlap, the most, and full overlap, the largest saving alone), year,
        persons (at full effect; NaN where a case tells none), investment, saving, net and cumulated in mio. kr.

    Examples
    --------
    >>> pair = [Case.of([-1, 2], id=id, persons=(None, 4)) for id in "ab"]
    >>> portfolio(pair).query("year == 1")[["assumption", "persons", "cumulated_mio_kr"]].to_numpy().tolist()
    [['no overlap', 8.0, 2.0], ['full overlap', 4.0, 0.0]]
    """
    investment, saving = (_by_year(cases, side, only_printed) for side in SIDES)
    sizes, tables = np.array([case.size for case in cases], dtype=float), []
    twice = sum(persons * (len(ids) - 1) for ids, persons in (overlap or {}).items())
    persons = {"no overlap": sizes.sum(), "full overlap": sizes.max(), "stated overlap": sizes.sum() - twice}
    for assumption, (saved,) in _savings(cases, overlap, np.ones((1, len(cases))), saving.T.to_numpy()).items():
        flow = pd.DataFrame({"assumption": assumption, "year": saving.index, "persons": persons[assumption]})
        flow = flow.assign(investment_mio_kr=investment.sum(axis=1).to_numpy(), saving_mio_kr=saved)
        flow["net_mio_kr"] = flow["saving_mio_kr"] - flow["investment_mio_kr"]
        tables.append(flow.assign(cumulated_mio_kr=flow["net_mio_kr"].cumsum()))
    return pd.concat(tables, ignore_index=True)


def best_set(cases, limit_mio_kr: float, rate=0.0, overlap=None, only_printed: bool = False) -> pd.DataFrame:
    """Return the cases with the highest net present value together whose investments keep within a limit.

    Every set is tried. One row an assumption on the overlap, as in :func:`portfolio`: ids, investment_mio_kr
    (undiscounted, what the limit holds against) and npv_mio_kr (at the start of the first year).

    Examples
    --------
    >>> best_set([Case.of([-2, 3], id="a"), Case.of([-2, 5], id="b")], 3, overlap={}).ids.tolist()
    [('b',)]
    """
    if len(cases) > 20:
        raise DataError(f"{len(cases)} cases have too many sets to try; give at most 20")
    frames = [_by_year(cases, side, only_printed) for side in SIDES]
    investment, saving = (frame.T.to_numpy() for frame in frames)
    factors = discount(rate, frames[0].index - frames[0].index[0])
    chosen = (np.arange(2 ** len(cases))[:, None] >> np.arange(len(cases)) & 1).astype(float)
    chosen = chosen[chosen @ investment.sum(axis=1) <= limit_mio_kr + 1e-9]
    found = []
    for assumption, saved in _savings(cases, overlap, chosen, saving).items():
        npv = (saved - chosen @ investment) @ factors
        taken = chosen[npv.argmax()] > 0
        ids = tuple(case.id for case, one in zip(cases, taken, strict=True) if one)
        found.append((assumption, ids, investment[taken].sum(), npv.max()))
    return pd.DataFrame(found, columns=["assumption", "ids", "investment_mio_kr", "npv_mio_kr"])


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
