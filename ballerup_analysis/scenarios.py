"""What if: named sets of changes to a budget, kept as small files, stacked, compared, stressed and told in words.

A scenario is data, never code: a TOML file with a name, a reason, a baseline and its hash, changes and a seed.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis.baselines import baseline
from ballerup_analysis.costing import PARAMETERS, RULES, Change, ScenarioError, base_of, cost
from ballerup_analysis.danish import number
from ballerup_analysis.files import GREATEST, TOML_BYTES, as_typed, parse_toml, read_text, unsound
from ballerup_analysis.frame import Frame, factors
from ballerup_analysis.sources import DATA, HOME, DataError, load, write_aside
from ballerup_analysis.words import unit_after

FOLDER, LEAST = DATA / "scenarios", 1e-6  # the smallest amount told in figures


@dataclass(frozen=True)
class Scenario:
    """A named set of changes to a baseline; ``hash`` is that of the baseline it was made on, empty for any.

    Examples
    --------
    >>> Scenario("behind", "half a point", changes=(Change("gap_points", 0.5),)).baseline
    'accounts'
    """

    name: str
    why: str
    baseline: str = "accounts"
    changes: tuple[Change, ...] = ()
    hash: str = ""
    seed: int = 0

    def __post_init__(self):
        for name in ("name", "why", "baseline", "hash"):
            text = getattr(self, name)
            if wrong := unsound(text) if isinstance(text, str) else f"is {as_typed(text)}; it must be text":
                raise ScenarioError(f"{name} {wrong}")
        if type(self.seed) is not int or not 0 <= self.seed < GREATEST:  # as a file may hold it
            raise ScenarioError(f"seed is {self.seed!r}; it must be a whole number from 0, below {GREATEST:g}")
        keys = [(c.parameter, c.row) for c in self.changes]
        if twice := [k for k in keys if keys.count(k) > 1]:
            raise ScenarioError(f"scenario {self.name!r} changes {' '.join(twice[0]).strip()} twice")


def frame_of(scenario: Scenario, area=HOME, read=load) -> Frame:
    """Return the baseline of a scenario for a municipality.

    Raises
    ------
    ScenarioError
        When the baseline is not there, or has moved since the scenario was made.

    Examples
    --------
    >>> frame_of(shipped()["sickness_on_time"]).years
    (2017, 2018, 2019, 2020, 2021)
    """
    try:
        frame = baseline(scenario.baseline, area, read)
    except DataError as error:
        raise ScenarioError(f"scenario {scenario.name!r} has no baseline to stand on: {error}") from None
    if scenario.hash not in ("", frame.hash):
        raise ScenarioError(
            f"the baseline {scenario.baseline} has moved since scenario {scenario.name!r} was made: its hash was "
            f"{scenario.hash} and is {frame.hash}; set hash to that, or leave it out, and compare the results"
        )
    return frame


def read(text: str, source: str = "the text") -> Scenario:
    r"""Return the scenario a TOML text holds.

    Examples
    --------
    >>> read("name = 'x'\nwhy = 'y'").baseline
    'accounts'
    """
    try:
        told = _only(parse_toml(text, "it"), ("name", "why"), ("baseline", "hash", "seed", "change"))
        if not isinstance(changes := told.pop("change", []), list):
            raise ScenarioError(f"change is {changes!r}; each change must be a table headed [[change]]")
        tables = [_only(change, ("parameter", "value"), ("from", "row")) for change in changes]
        made = [Change(**{"start" if key == "from" else key: v for key, v in one.items()}) for one in tables]
        if isinstance(told["name"], str) and not told["name"].strip():
            raise ScenarioError("name is empty; say in a few words what is asked")
        return Scenario(**told, changes=tuple(made))
    except (ValueError, RecursionError) as e:
        raise ScenarioError(f"{source} is no scenario: {e}") from None


def _only(table, needed: tuple[str, ...], may: tuple[str, ...]) -> dict:
    if not isinstance(table, dict) or not set(needed) <= set(table) <= {*needed, *may}:
        has = list(table) if isinstance(table, dict) else []
        wrong = [f"found {as_typed(table)[:40]}"] if not isinstance(table, dict) else []
        wrong += [f"there is no {key[:40]!r} in it" for key in has if key not in (*needed, *may)][:3]
        wrong += [f"{key} is not told" for key in needed if key not in has]
        raise ScenarioError(f"{', '.join(wrong)}; there must be {' and '.join(needed)}, there may be {', '.join(may)}")
    return table


def write(scenario: Scenario, path: Path | None = None) -> str:
    """Return a scenario as TOML, and write it to ``path`` when given; :func:`read` gives the same scenario back.

    Examples
    --------
    >>> s = Scenario("x", "y", changes=(Change("exit_rate_pct", -50, row="Ressourceforløb"),))
    >>> read(write(s)) == s
    True
    """
    import tomli_w

    told = {key: getattr(scenario, key) for key in ("name", "why", "baseline", "hash", "seed")}
    changes = [{"parameter": c.parameter, "value": c.value, "from": c.start, "row": c.row} for c in scenario.changes]
    told["change"] = [{key: v for key, v in c.items() if key == "value" or v} for c in changes]
    text = tomli_w.dumps({key: v for key, v in told.items() if key != "hash" or v})
    if path is not None:
        write_aside(path, text)
    return text


def shipped() -> dict[str, Scenario]:
    """Return the scenarios that come with the library, by file name.

    Examples
    --------
    >>> shipped()["as_it_stands"].changes
    ()
    """
    return {path.stem: load_file(path) for path in sorted(FOLDER.glob("*.toml"))}


def load_file(path: Path) -> Scenario:
    """Return the scenario in a file.

    Examples
    --------
    >>> load_file(FOLDER / "behind_by_1.toml").changes[0].value
    1.0
    """
    try:
        text = read_text(path, TOML_BYTES)
    except DataError as e:
        raise ScenarioError(str(e)) from None
    return read(text, str(path))


def stack(first: Scenario, second: Scenario) -> Scenario:
    """Return one scenario with the changes of both; ScenarioError naming everything they disagree on.

    Examples
    --------
    >>> a, b = (Scenario(n, "", changes=(Change(p, 1),)) for n, p in (("a", "gap_points"), ("b", "price_pct")))
    >>> [c.parameter for c in stack(a, b).changes]
    ['gap_points', 'price_pct']
    """
    mine = {(c.parameter, c.row): c for c in first.changes}
    both = [(f"{c.parameter} {c.row}".strip(), mine.get((c.parameter, c.row)), c) for c in second.changes]
    clash = [f"{what} is {old.value} and {new.value}" for what, old, new in both if old]
    if (first.baseline, first.hash) != (second.baseline, second.hash):
        clash.append(
            f"baseline is {f'{first.baseline} {first.hash}'.strip()} and {f'{second.baseline} {second.hash}'.strip()}"
        )
    if clash:
        raise ScenarioError(f"{first.name!r} and {second.name!r} both change: {'; '.join(clash)}")
    why = "; ".join(filter(None, (first.why, second.why)))
    return replace(first, name=f"{first.name} + {second.name}", why=why, changes=first.changes + second.changes)


def run(scenario: Scenario, frame: Frame) -> pd.DataFrame:
    """Return what a scenario costs on a frame: area, row, year, payer (municipality, state), tkr at the frame's prices.

    The municipality's rows add up to the frame. The state's are implied by the refund ladder and told only for lines
    that stand on it; of a line whose persons are not counted only for persons added.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> table = run(Scenario("as printed", ""), budget_2017())
    >>> table[table["payer"] == "municipality"].groupby("year")["tkr"].sum().round().loc[2018]
    np.float64(501648.0)
    """
    paid, rows, years = cost(scenario.changes, frame), np.array(frame.rows, dtype=object), len(frame.years)
    told = {"municipality": (rows, paid.own_tkr), "state": (rows[frame.on_ladder], paid.state_tkr[frame.on_ladder])}
    parts = [(np.repeat(some, years), np.repeat(payer, tkr.size), tkr.ravel()) for payer, (some, tkr) in told.items()]
    row, payer, tkr = (np.concatenate(part) for part in zip(*parts, strict=True))
    year = np.tile(frame.years, len(tkr) // years)
    return pd.DataFrame({"area": frame.area, "row": row, "year": year, "payer": payer, "tkr": tkr})


def diff(first: Scenario, second: Scenario, frame: Frame) -> pd.DataFrame:
    """Return which change makes which part of the difference, whatever the order: the mean over all orders (Shapley).

    Returns
    -------
    pandas.DataFrame
        change × year, tkr of the municipality; the rows add up to second - first.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> diff(Scenario("x", ""), Scenario("y", "", changes=(Change("price_pct", 1.0),)), budget_2017()).index.tolist()
    ['price_pct']
    """
    sides = [{(c.parameter, c.row): c for c in one.changes} for one in (first, second)]
    keys = sorted(k for k in sides[0].keys() | sides[1].keys() if sides[0].get(k) != sides[1].get(k))
    if (n := len(keys)) > 10:
        raise ScenarioError(f"{n} changes differ; the exact explanation is for 10 at most")
    same = tuple(c for k, c in sides[0].items() if k not in keys)

    def total(mask: int) -> np.ndarray:
        chosen = (sides[mask >> i & 1].get(k) for i, k in enumerate(keys))
        return cost(same + tuple(c for c in chosen if c), frame).own_tkr.sum(axis=0)

    parts, masks = {}, np.arange(2**n)
    totals = np.array([total(mask) for mask in masks])
    sizes = np.array([m.bit_count() for m in masks])
    weight = np.array([math.factorial(k) * math.factorial(n - k - 1) / math.factorial(n) for k in range(n)])
    for i, key in enumerate(keys):
        without = masks[masks >> i & 1 == 0]
        parts[" ".join(key).strip()] = weight[sizes[without]] @ (totals[without | 1 << i] - totals[without])
    return pd.DataFrame.from_dict(parts, "index", columns=list(frame.years))


def with_change(scenario: Scenario, parameter: str, value, row: str = "", start: int = 0) -> Scenario:
    """Return a scenario with one parameter set, from the year it already starts in if it is changed.

    Examples
    --------
    >>> with_change(Scenario("x", ""), "gap_points", 0.5).changes[0].value
    0.5
    """
    old = next((c for c in scenario.changes if (c.parameter, c.row) == (parameter, row)), None)
    new = Change(parameter, value, start or (old.start if old else 0), row)
    return replace(scenario, changes=(*(c for c in scenario.changes if c is not old), new))


def summary(scenario: Scenario, frame: Frame, language: str = "en") -> list[str]:
    """Return what a scenario assumes, in words, one sentence a change.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> summary(Scenario("x", "", changes=(Change("gap_points", 0.5),)), budget_2017())[1]
    "From 2018 change in the gap between the municipality's and the country's unemployment: +0,5 pct. points (assumed range −1 to +1)."
    """
    at = int(language == "en")
    sentences = (
        "Fra {start} {words}{of}: {value} {unit} (antaget spænd {low} til {high}).",
        "From {start} {words}{of}: {value} {unit} (assumed range {low} to {high}).",
    )
    rules = ("Fra {start} gælder refusionsreglerne pr. {value}.", "From {start} the refund rules of {value} hold.")
    apart = (
        " Linjen følger ikke ændringen af alle linjer, heller ikke før {start}.",
        " The line does not follow the change of all lines, nor did it before {start}.",
    )
    of_all = {c.parameter: c.start or frame.start for c in scenario.changes if not c.row}
    told = [frame_words(frame, language)]
    for c in scenario.changes:
        start = c.start or frame.start
        if c.parameter == RULES:
            told.append(rules[at].format(start=start, value=c.value))
            continue
        p, of = PARAMETERS[c.parameter], f", {frame.row_of(c.row)}" if c.row else ""
        value, low, high = (_figure(x, signed=p.low < 0) for x in (c.amount, p.low, p.high))
        told.append(
            sentences[at].format(
                start=start,
                words=p.words[at],
                of=of,
                value=value,
                unit=unit_after(value, p.unit[at]),
                low=low,
                high=high,
            )
            + apart[at].format(start=start) * (of_all.get(c.parameter, start) < start)
        )
    return told


def _figure(value: float, signed: bool) -> str:
    """Write an amount with the decimals it has, at most six; a smaller one is not nothing."""
    if 0 < abs(value) <= LEAST / 2:
        return f"under {number(LEAST, 6)}" if value > 0 else f"over {number(-LEAST, 6)}"
    decimals = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return ("+" if signed and value > 0 else "") + number(value, decimals)


BASELINES = {
    "accounts": ("regnskabet, fremskrevet", "the accounts, carried ahead"),
    "own": ("eget budget", "an own budget"),
}
BASELINES["budget_2017"] = ("budget 2017", "the budget of 2017")
UNRECONCILED = ("(ikke afstemt med en total i filen)", "(not reconciled with a total of the file)")
LEVELS = {"current": ("løbende priser", "current prices"), "own": ("budgettets egne priser", "the budget's own prices")}


PERSONS = {
    "own": ("budgettets egne, hvor det har dem, ellers udledt", "the budget's own where it has them, else inferred"),
}
COUNTED = ("talt, hvor der er offentlige tal, ellers udledt", "counted where there are public counts, else inferred")


def persons_words(frame: Frame, language: str = "en") -> str:
    """Return where the persons of a frame come from.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> persons_words(budget_2017())
    'counted where there are public counts, else inferred'
    """
    return PERSONS.get(frame.name, COUNTED)[int(language == "en")]


def frame_words(frame: Frame, language: str = "en") -> str:
    """Return what a scenario is measured against, as one sentence."""
    at, (kind, _, vintage) = int(language == "en"), frame.name.partition(" ")
    name = BASELINES[kind][at] + (f" ({vintage})" if vintage else "")
    name += f" {UNRECONCILED[at]}" * frame.unreconciled
    level = LEVELS.get(frame.price_level, (f"{frame.price_level}-priser", f"prices of {frame.price_level}"))[at]
    years, persons = f"{frame.years[0]}-{frame.years[-1]}", persons_words(frame, language)
    if at:
        return f"Measured against {name}, {years}; {level}; persons by line are {persons}."
    return f"Målt mod {name}, {years}; {level}; personer pr. linje er {persons}."


SPREAD = ("price_pct", "activation_effect")  # drawn between their low and high, most likely as they stand
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
CHUNK = 10_000  # draws at a time: what fits in the processor's cache


def simulate(
    scenario: Scenario, frame: Frame, draws: int = 10_000, seed: int | None = None, moves=None
) -> pd.DataFrame:
    """Return how widely a scenario may turn out: quantiles by line and for the total, tkr.

    Every draw takes one way the lines of the frame may move together (:func:`ballerup_analysis.frame.factors`); unit price
    and effect of activation are drawn too, and their part in the cost is taken as straight. The same seed gives the same
    numbers.

    Parameters
    ----------
    moves : numpy.ndarray, optional
        The answer of ``factors`` for the frame, where it is at hand.

    Returns
    -------
    pandas.DataFrame
        row (with "I alt"), year, quantile, tkr.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> simulate(Scenario("as printed", ""), budget_2017(), 100).query("row == 'I alt' and year == 2020").shape
    (7, 4)
    """
    if draws < 1:
        raise ScenarioError(f"draws is {draws}; it must be 1 or more")
    scenario = scenario if seed is None else replace(scenario, seed=seed)
    rng, middle = np.random.default_rng(scenario.seed), cost(scenario.changes, frame).own_tkr
    moves = factors(frame) if moves is None else moves
    slopes = []
    for name in SPREAD:
        p, likely = PARAMETERS[name], base_of(name, frame)
        ends = [cost(with_change(scenario, name, x).changes, frame).own_tkr for x in (p.low, p.high)]
        drawn = rng.triangular(p.low, likely, p.high, draws) - likely
        slopes.append(((ends[1] - ends[0]).T / (p.high - p.low), drawn))
    chosen = rng.integers(len(moves), size=draws)
    out = np.empty((len(frame.years), len(frame.rows) + 1, draws), dtype=np.float32)
    for at in range(0, draws, CHUNK):
        some = slice(at, at + CHUNK)
        for y in range(len(frame.years)):
            value = moves[chosen[some], y][:, frame.moves_as] * middle[:, y]
            for slope, drawn in slopes:
                value += drawn[some, None] * slope[y]
            out[y, :-1, some], out[y, -1, some] = value.T, value.sum(axis=1)
    out.sort()
    at = np.array(QUANTILES) * (draws - 1)
    low, part = at.astype(int), at % 1
    values = out[..., low] * (1 - part) + out[..., np.minimum(low + 1, draws - 1)] * part
    rows = [*frame.rows, "I alt"]
    index = pd.MultiIndex.from_product([frame.years, rows, QUANTILES], names=["year", "row", "quantile"])
    return pd.Series(values.ravel().astype(float), index, name="tkr").reset_index()[["row", "year", "quantile", "tkr"]]


def movable(scenario: Scenario, frame: Frame) -> list[tuple[str, str]]:
    """Return the parameters of a frame as a whole, and those of the lines the scenario changes apart."""
    whole = [n for n, p in PARAMETERS.items() if p.by != "each" and (frame.promised or not n.startswith("sickness"))]
    return [*((name, "") for name in whole), *((c.parameter, c.row) for c in scenario.changes if c.row)]


def tornado(scenario: Scenario, frame: Frame, year: int | None = None) -> pd.DataFrame:
    """Return what the cost would be with one parameter at either end of its plausible range, widest first.

    Returns
    -------
    pandas.DataFrame
        By parameter: low, high, tkr_low, tkr_high (the municipality's cost in ``year``, the sum of all unless given; NaN
        where an end cannot be, as it would leave fewer than no persons).

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> tornado(Scenario("as printed", ""), budget_2017()).index[:2].tolist()
    ['country_points', 'gap_points']
    """
    if year not in (None, *frame.years):
        raise ScenarioError(f"year is {year!r}; it must be one of {frame.years[0]}-{frame.years[-1]}")
    kept = slice(None) if year is None else [frame.years.index(year)]
    rows = {}
    for name, row in movable(scenario, frame):
        low, high = PARAMETERS[name].low, PARAMETERS[name].high
        ends = []
        for x in (low, high):
            try:
                ends.append(cost(with_change(scenario, name, x, row).changes, frame).own_tkr[:, kept].sum())
            except ScenarioError:
                ends.append(np.nan)
        rows[f"{name} {row}".strip()] = {"low": low, "high": high, "tkr_low": ends[0], "tkr_high": ends[1]}
    table = pd.DataFrame.from_dict(rows, "index")
    return table.loc[(table["tkr_high"] - table["tkr_low"]).abs().sort_values(ascending=False, kind="stable").index]


def attack(scenario: Scenario, frame: Frame, conclusion, names: tuple[str, ...]) -> pd.DataFrame | None:
    """Return the smallest joint change that turns a conclusion, in shares of the plausible ranges; None if none does.

    Parameters
    ----------
    conclusion : callable
        From the municipality's cost (lines × years, tkr) to a margin that is above 0 while the conclusion holds.
    names : tuple of str
        Parameters that may move.

    Returns
    -------
    pandas.DataFrame
        By parameter: was, becomes, share (of its range); the shares are smallest as the root of the sum of their squares.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> margin = lambda own: 1000 * 1000 - own[:, :2].sum() + 10_000
    >>> attack(Scenario("as printed", ""), budget_2017(), margin, ("price_pct",))["share"].abs().round(2).tolist()
    [0.07]
    """
    from scipy.optimize import minimize

    if unknown := [n for n in names if n not in PARAMETERS or PARAMETERS[n].by == "each"]:
        raise ScenarioError(f"no parameter {unknown[0]!r} to move; there are {', '.join(PARAMETERS)}")
    changed = {c.parameter: c.amount for c in scenario.changes if not c.row}
    was = np.array([changed.get(n, base_of(n, frame)) for n in names], float)
    low, high = (np.array([getattr(PARAMETERS[n], end) for n in names], float) for end in ("low", "high"))
    width, low, high = high - low, np.minimum(low, was), np.maximum(high, was)  # a scenario may stand beyond the range
    bounds = list(zip((low - was) / width, (high - was) / width, strict=True))

    def margin(shares):
        values = np.clip(was + shares * width, low, high).tolist()
        moved = reduce(lambda s, pair: with_change(s, *pair), zip(names, values, strict=True), scenario)
        return float(conclusion(cost(moved.changes, frame).own_tkr))

    if (scale := margin(np.zeros(len(names)))) <= 0:
        raise ScenarioError(f"the conclusion does not hold in {scenario.name!r}: its margin is {scale:g}")
    turned = []
    for corner in itertools.product(*bounds):  # one start in each corner, as the margin need not be straight
        tried = minimize(lambda x: x @ x, np.array(corner) / 2, bounds=bounds, method="SLSQP",
                         constraints={"type": "ineq", "fun": lambda x: -margin(x) / scale})  # fmt: skip
        if tried.success and margin(tried.x) <= 1e-6 * scale:
            turned.append(tried.x)
    if not turned:
        return None
    best = min(turned, key=lambda x: x @ x)
    return pd.DataFrame({"was": was, "becomes": was + best * width, "share": best}, names)


def sweep(scenarios, frames) -> pd.DataFrame:
    """Run scenarios on frames, such as those of all municipalities.

    Returns
    -------
    pandas.DataFrame
        scenario, area, year, tkr (the municipality's total), note (why there is none).

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> sweep([Scenario("as printed", "")], [budget_2017()])["tkr"].iloc[0].round()
    np.float64(506692.0)
    """
    rows = []
    for frame, scenario in itertools.product(frames, scenarios):
        try:
            totals, note = cost(scenario.changes, frame).own_tkr.sum(axis=0), ""
        except ScenarioError as e:
            totals, note = np.full(len(frame.years), np.nan), str(e)
        rows += [(scenario.name, frame.area, year, tkr, note) for year, tkr in zip(frame.years, totals, strict=True)]
    return pd.DataFrame(rows, columns=["scenario", "area", "year", "tkr", "note"])
