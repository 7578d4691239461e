"""Business cases: what an investment costs, saves and hangs on, and how its promises are graded afterwards.

Money is in mio. kr. by year. The cases of the agreement are those of "Udmøntning af Aftale om budget 2018" as corrected
on 6 February 2018; ``cases.toml`` says which printed row is which side of which case. What the paper leaves open is None,
counted as 0 only where ``only_printed`` asks for it.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyxirr

from ballerup_analysis import own
from ballerup_analysis.rates import rate
from ballerup_analysis.sources import DataError, load

ENTRIES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SIDES = ("investment_mio_kr", "saving_mio_kr")
FIRST_YEAR = 2018  # of the agreement
ITEMS = {"personer": "persons", "besparelse": "saving", "investering": "investment"}  # as an own file may call them
DANISH_ITEM = re.compile(f"^({'|'.join(ITEMS)})(?![^_])", re.IGNORECASE)
TIMES = 20  # what is promised: an observation of more may be in thousands of kroner
STEP_YEAR, LAST_YEAR = 35, 70  # where the Danish rate steps down, and where the copy of the note ends
LATER = {"5.08.2": {"persons": "fleksjob_pool"}}  # rows of minutes_2020.statements: August 2020
SMILEYS = {  # the paper's words; in the copy read, its second and third smiley are the same sign
    "met": "☺ Milepæl er opfyldt",
    "still realistic": "☹ Milepæl er ikke fuldt opfyldt, men det er fortsat realistisk, at det samlede mål for året opnås",
    "not met": "☹ Milepæl er ikke opfyldt, og det er ikke realistisk at opfylde milepæl indenfor perioden",
    "kept": "☺ Budget er overholdt/Besparelse er opnået",
    "not kept": "☹ Budget ikke overholdt/Den forventede besparelse opnås ikke i indeværende periode",
}


def discount(rate_a_year: float | str, years) -> np.ndarray:
    """Return what 1 kr. so many years away is worth now.

    ``rate_a_year`` is 0.05 for 5 pct., 0 for the municipal purse, or ``"danish"``: 3.5 pct. to year 35, 2.5 pct. after.

    Examples
    --------
    >>> discount("danish", [35, 36]).round(6).tolist()
    [0.299977, 0.29266]
    """
    years = np.asarray(years, dtype=float)
    if rate_a_year == "danish":
        if years.max() > LAST_YEAR:
            raise DataError(f"the Danish rate is known to year {LAST_YEAR}; year {years.max():g} was asked for")
        first, later = (1 + rate("discount_rate", "2021-06-30", years=step).value / 100 for step in ("0-35", "36-70"))
        return first ** -np.minimum(years, STEP_YEAR) * later ** -np.maximum(years - STEP_YEAR, 0)
    if isinstance(rate_a_year, str) or not -1 < rate_a_year <= 1:
        raise DataError(f"the rate is {rate_a_year!r}; give a share such as 0.035 for 3.5 pct., 0 or 'danish'")
    return (1.0 + rate_a_year) ** -years


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

    ``persons`` are those the effect rests on. ``share_pct`` is what a pool pays of each hired person's cost; where it is
    told, cost and saving both follow the number hired. Of the saving promised the share ``take_up`` comes, ``delay_years``
    late. Years after ``horizon`` are not counted (the last printed year, unless given); until then the sides in
    ``goes_on`` repeat their last figure. ``open`` tells what the paper leaves open, ``readings`` how its words are read.
    Methods refuse open years unless ``only_printed``, and always a side (investment or saving) of which nothing is printed:
    DataError with the reasons.

    Examples
    --------
    >>> case = Case.of([-100, 39, 59, 55, 20])
    >>> round(case.npv(0.281), 10), round(case.irr(), 5)
    (-0.0084785916, 0.28095)
    """

    id: str
    start: int
    investment_mio_kr: tuple[float | None, ...]
    saving_mio_kr: tuple[float | None, ...]
    persons: tuple[float | None, ...] = ()
    participants: float | None = None
    share_pct: tuple[float | None, ...] = ()
    goes_on: tuple[str, ...] = ()
    horizon: int | None = None
    take_up: float = 1.0
    delay_years: float = 0.0
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
        for name in ("take_up", "delay_years"):
            if not 0 <= (value := getattr(self, name)) < math.inf:
                raise DataError(f"case {self.id}: {name} is {value}; it must be 0 or more")
        last = self.start + LAST_YEAR
        if self.horizon is not None and not self.start <= self.horizon <= last:
            raise DataError(f"case {self.id}: horizon is {self.horizon}; it must lie between {self.start} and {last}")

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

    def _printed(self, name: str) -> np.ndarray:
        """Return a side by year to the horizon, NaN where open."""
        side = np.array(getattr(self, name), dtype=float)
        ended = name == "investment_mio_kr" and not np.isnan(side).all()
        after = side[-1] if name in self.goes_on else 0.0 if ended else np.nan
        years = len(side) if self.horizon is None else self.horizon - self.start + 1
        return np.r_[side, np.full(years, after)][:years]

    def cash_flow(self, only_printed: bool = False) -> pd.DataFrame:
        """Return year, investment, saving, net and cumulated in mio. kr.; NaN where open, 0 if ``only_printed``.

        ``cumulated_mio_kr`` is where the case stands at the end of the year.
        """
        investment, saving = (np.nan_to_num(side) if only_printed else side for side in map(self._printed, SIDES))
        flow = pd.DataFrame({"year": self.start + np.arange(len(saving)), "investment_mio_kr": investment})
        flow["saving_mio_kr"] = _effect(saving, self.take_up, self.delay_years)[0]
        flow["net_mio_kr"] = flow["saving_mio_kr"] - flow["investment_mio_kr"]
        return flow.assign(cumulated_mio_kr=flow["net_mio_kr"].cumsum(skipna=False))

    def _side(self, name: str, only_printed: bool) -> np.ndarray:
        flow, told = self.cash_flow(), any(x is not None for x in getattr(self, name))
        gone = flow[name].isna() | (not told)
        if gone.any() and not (told and only_printed):
            hint = "; only_printed=True counts the printed years alone" if told else ""
            years = ", ".join(flow["year"][gone].astype(str))
            raise DataError("; ".join((f"case {self.id}: {name} is open in {years}{hint}", *self.open)))
        return self.cash_flow(only_printed)[name].to_numpy()

    def _net(self, only_printed: bool) -> np.ndarray:
        return self._side("saving_mio_kr", only_printed) - self._side("investment_mio_kr", only_printed)

    def npv(self, rate_a_year=0.0, only_printed: bool = False) -> float:
        """Return the net present value in mio. kr., the first year not discounted; rates as for :func:`discount`."""
        net = self._net(only_printed)
        return float(net @ discount(rate_a_year, np.arange(len(net))))

    def irr(self, only_printed: bool = False) -> float:
        """Return the only rate with a net present value of 0; DataError with all rates unless one sign change."""
        net = self._net(only_printed)
        if (changes := np.count_nonzero(np.diff(np.sign(net[net != 0])))) == 1:
            return pyxirr.irr(net)
        rates = sorted({float(x.real) for x in (np.roots(net) - 1).round(5) if not x.imag and x.real > -1})
        raise DataError(f"case {self.id}: the net flow changes sign {changes} times, not once; the rates are {rates}")

    def payback(self, only_printed: bool = False) -> dt.date | None:
        """Return the day the money is back for good, each year's flow falling evenly over it; None if not by the horizon.

        Examples
        --------
        >>> Case.of([-1.5, 0, 0.5, 1.5], 2018).payback()  # 1.0 is left at the end of 2020: two thirds of 2021
        datetime.date(2021, 9, 1)
        """
        net = self._net(only_printed)
        stands = np.cumsum(net)
        below = np.flatnonzero(stands < -1e-9)
        if not len(below):
            return dt.date(self.start, 1, 1)
        if (last := below[-1]) == len(net) - 1:
            return None
        first = dt.date(self.start + int(last) + 1, 1, 1)
        days = (first.replace(year=first.year + 1) - first).days
        return first + dt.timedelta(days=round(-stands[last] / net[last + 1] * days))

    def break_even(self, parameter: str, only_printed: bool = False) -> float:
        """Return where the case neither gains nor loses by the horizon, undiscounted; inf where no value is enough.

        ``parameter`` is take_up, persons (at full effect), or years (that the saving must last, its last value repeated).
        Where a pool pays a share of each hired person's cost, each person gains or each loses: persons is then 0 or inf.

        Examples
        --------
        >>> Case.of([-0.9, 0, 0.4, 0.4], persons=(None, None, 4, 4)).break_even("persons")
        4.5
        """
        plan = {"take_up": self.take_up, "persons": self.size, "years": LAST_YEAR}
        if plan.get(parameter) is None:
            told = ", ".join(name for name, value in plan.items() if value is not None)
            raise DataError(f"case {self.id}: no break-even for {parameter!r}; there is one for {told}")
        cost = self._side("investment_mio_kr", only_printed).sum()
        saving = self._side("saving_mio_kr", only_printed)
        if parameter == "persons" and self.share_pct:
            return 0.0 if saving.sum() >= cost else math.inf
        if parameter != "years":
            return float(plan[parameter] * cost / gain) if (gain := saving.sum()) else math.inf if cost else 0.0
        lasting = np.append(saving, np.full(LAST_YEAR, saving[-1]))
        i = np.searchsorted(np.cumsum(lasting), cost - 1e-9)  # the year that reaches it
        if i == len(lasting) or not cost:
            return math.inf if cost else 0.0
        return float(i - (lasting > 0).argmax() + (cost - lasting[:i].sum()) / lasting[i])


def _effect(saving, take_up, delay_years) -> np.ndarray:
    """Return the saving that comes, draw × year; a delay between whole years shares it between two years."""
    saving, n = np.array(saving, dtype=float), len(saving)
    take_up, delay = (x.ravel()[:, None] for x in np.broadcast_arrays(take_up, delay_years))
    come = np.hstack([np.zeros((len(take_up), n + 1)), take_up * saving])
    whole = np.minimum(delay, n).astype(int)
    part, at = np.minimum(delay, n) - whole, np.arange(n) + n + 1 - whole
    late = np.where(part > 0, part * np.take_along_axis(come, at - 1, 1), 0.0)
    return (1 - part) * np.take_along_axis(come, at, 1) + late


def simulate(case: Case, draws: int = 100_000, seed: int = 0, only_printed: bool = False, **ranges):
    """Return the probability that benefits exceed costs, and the net value (mio. kr.) by the horizon of every draw.

    ``ranges`` are (low, high), uniform, or (low, likely, high), triangular, of take_up, persons or delay_years, drawn
    independently; what is not stated stays as in the case.

    Examples
    --------
    >>> round(simulate(Case.of([-1, 1, 1]), take_up=(0, 1))[0], 2)
    0.5
    """
    cost = case._side("investment_mio_kr", only_printed)
    case._side("saving_mio_kr", only_printed)  # refuses what is open
    drawn = {"take_up": case.take_up, "delay_years": case.delay_years, "persons": case.size}
    rng = np.random.default_rng(seed)
    for name, ends in ranges.items():
        if drawn.get(name) is None:
            raise DataError(f"case {case.id} has no {name} that could vary")
        if len(ends) not in (2, 3) or not 0 <= ends[0] < ends[-1] or sorted(ends) != list(ends):
            raise DataError(f"{name} is {ends}; give (low, high) or (low, likely, high), rising from 0 or more")
        drawn[name] = rng.uniform(*ends, draws) if len(ends) == 2 else rng.triangular(*ends, draws)
    hired = drawn["persons"] / case.size if case.size else 1.0
    saving = np.nan_to_num(case._printed("saving_mio_kr"))
    come = _effect(saving, drawn["take_up"] * hired, drawn["delay_years"]).sum(axis=1)
    net = come - (hired if case.share_pct else 1.0) * cost.sum()  # a pool pays a share of each hired person's cost
    return float((net > 0).mean()), net


def observations(id: str) -> dict[str, tuple]:
    """Return what was seen of a case: item to (value, whether the goal of the year is still realistic or None).

    From the minutes of August 2020, then the analyst's own (:func:`ballerup_analysis.own.read`); a DataError for one of a case
    that there is not.

    Examples
    --------
    >>> observations("5.08.2")
    {'persons': (25.0, None)}
    """
    paper = load("minutes_2020.statements").set_index("row")["value"]
    seen = {item: (float(paper[row]), None) for item, row in LATER.get(id, {}).items()}
    own_rows = own.read("observations")
    for row in () if own_rows is None else own_rows[~own_rows["case"].isin(ENTRIES)].itertuples():
        raise DataError(f"{row.file}, row {row.line}: there is no case {row.case!r}; there are {', '.join(ENTRIES)}")
    for row in () if own_rows is None else own_rows[own_rows["case"] == id].itertuples():
        item = DANISH_ITEM.sub(lambda word: ITEMS[word[0].casefold()], row.item)
        seen[item] = row.observed, row.still_realistic
    return seen


def grade(case: Case, observed: dict[str, tuple]) -> pd.DataFrame:
    """Grade a case by the paper's own definitions, the observed figure beside the promised.

    Parameters
    ----------
    observed : dict
        As from :func:`observations`; items are milestone ids, persons, saving_2019 or investment_2018 (mio. kr.).

    Returns
    -------
    pandas.DataFrame
        item, deadline, promised, observed, grade, smiley. Grades are the keys of ``SMILEYS``, not observed and not
        promised; persons, which the paper does not grade, are reached or not reached. The paper gives the economy
        one smiley a follow-up; here each year and side has its own.

    Raises
    ------
    DataError
        For an unknown item, a value of the wrong kind, or a milestone missed at a follow-up where nobody says whether
        the goal of the year is still realistic.
    """
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
    is_promised = promised is not None or kind == "milestone"
    if is_promised and isinstance(value, bool) != (promised is None):
        raise DataError(f"{item} is observed as {value!r}; give a number, or True or False where no figure is promised")
    unit = " mio. kr." * (kind in ("investment", "saving"))
    most = TIMES * abs(promised or 1) if unit or promised is not None else math.inf
    if abs(value) > most or (value < 0 and not unit):
        told = f", promised as {promised:g}" if promised is not None else ""
        raise DataError(f"{item} is observed as {value:g}{unit}{told}; are number and unit right?")
    if not is_promised:
        return "not promised"
    met = value if promised is None else value <= promised if kind == "investment" else value >= promised
    if kind != "milestone":
        return ("" if met else "not ") + ("reached" if kind == "persons" else "kept")
    if not met and realistic is None and "budgetopfølgning" in deadline:
        raise DataError(f"{item} is not met; say whether the goal of the year is still realistic (True or False)")
    return "met" if met else "still realistic" if realistic else "not met"


def cases(read=load) -> dict[str, Case]:
    """Return the cases of the agreement by id, 5.08.1 as its two groups.

    Examples
    --------
    >>> case = cases()["5.10"]
    >>> case.investment_mio_kr, case.saving_mio_kr, case.price_kr
    ((1.5, 0.0, 0.0, 0.0), (None, None, 0.5, 1.5), 100000.0)
    """
    money, goals = (
        read(f"agreement_2018.{name}", corrected=True).set_index("row", drop=False) for name in ("cases", "milestones")
    )
    words = read("agreement_2018.statements").set_index("row")["column"]
    return {id: _case(id, entry, money, goals[goals["case"] == id.split()[0]], words) for id, entry in ENTRIES.items()}


def _case(id: str, told: dict, money: pd.DataFrame, goals: pd.DataFrame, words: pd.Series) -> Case:
    value = functools.partial(_value, money["value"])
    number, years = id.split()[0], range(FIRST_YEAR, FIRST_YEAR + len(told["saving_mio_kr"]))
    sides = {name: tuple(map(value, told.get(name, ()))) for name in (*SIDES, "persons", "share_pct")}
    shown = {name.removesuffix("_mio_kr"): sides[name] or (None,) * len(years) for name in (*SIDES, "persons")}
    gone = {name: [str(year) for year, x in zip(years, side, strict=True) if x is None] for name, side in shown.items()}
    left = [f"{name} of {', '.join(missing)} is not printed" for name, missing in gone.items() if missing]
    goals = goals.loc[told["milestones"]] if "milestones" in told else goals
    return Case(
        id,
        FIRST_YEAR,
        **sides,
        participants=value(told.get("participants", "")),
        goes_on=tuple(told.get("goes_on", ())),
        title=words.get(f"{number}_title"),
        responsible=words.get(f"{number}_responsible"),
        milestones=tuple(
            Milestone(goal.row, goal.column, None if math.isnan(goal.value) else goal.value, goal.deadline)
            for goal in goals[goals["column"] != "no milestone printed"].itertuples()
        ),
        open=(*left, *(f"{row}: {money['not_checkable'][row]}" for row in told.get("not_told", ()))),
        readings=tuple(told.get("readings", ())),
    )


def _value(printed: pd.Series, told: str | float) -> float | None:
    """Return what an entry of ``cases.toml`` says: a figure, a printed row, or the sum or difference of two."""
    if not isinstance(told, str):
        return float(told)
    if not told:
        return None
    first, *rest = told.split()
    if not rest:
        return float(printed[first])
    sign, second = rest
    return float(printed[first] + {"+": 1, "-": -1}[sign] * printed[second])
