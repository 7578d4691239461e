"""What if: named sets of changes to the 2017 frame, kept as small files, stacked, compared and told in words.

A scenario is data, never code: a TOML file with a name, a reason, a baseline, changes, a data version and a seed.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
import tomllib
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis import frame
from ballerup_analysis.costing import PARAMETERS, RULES, YEARS, Change, ScenarioError, base, cost
from ballerup_analysis.sources import DATA, HOME, read_raw, write_aside

FOLDER = DATA / "scenarios"
TABLES = (
    *("budget_2017.frame_2002", "budget_2017.unit_count", "budget_2017.unit_price", "minutes_2020.statements"),
    *("plan_2018.activation_share", "rates", "regk31", "auk01", "aup02", "aulp01", "employed", "folk1a", "areas"),
)


@dataclass(frozen=True)
class Scenario:
    """A named set of changes; ``data`` is ``"current"`` or the version (:func:`data_version`) it was made on.

    Examples
    --------
    >>> Scenario("behind", "half a point", changes=(Change("gap_points", 0.5),)).changes[0].start
    2018
    """

    name: str
    why: str
    baseline: str = "budget_2017"
    changes: tuple[Change, ...] = ()
    data: str = "current"
    seed: int = 0

    def __post_init__(self):
        texts = (self.name, self.why, self.baseline, self.data)
        if not all(isinstance(text, str) for text in texts) or type(self.seed) is not int or self.seed < 0:
            raise ScenarioError(
                f"name, why, baseline and data must be text and seed a whole number from 0; they are {texts} and {self.seed!r}"
            )
        if self.baseline not in (known := sorted(path.stem for path in _files())):
            raise ScenarioError(
                f"scenario {self.name!r} has baseline {self.baseline!r}; it must be one of {', '.join(known)}"
            )
        keys = [(c.parameter, c.row) for c in self.changes]
        if twice := [k for k in keys if keys.count(k) > 1]:
            raise ScenarioError(f"scenario {self.name!r} changes {' '.join(twice[0]).strip()} twice")
        if self.data not in ("current", data_version()):
            raise ScenarioError(
                f"scenario {self.name!r} was made on data {self.data}, which is no longer here; the data is now "
                f"{data_version()}: set data to that, or to 'current', and compare the results"
            )


def data_version() -> str:
    """Return twelve digits of the hash of the tables scenarios are computed from."""
    return hashlib.sha256(b"".join(hashlib.sha256(read_raw(name)).digest() for name in TABLES)).hexdigest()[:12]


def read(text: str, source: str = "the text") -> Scenario:
    r"""Return the scenario a TOML text holds.

    Examples
    --------
    >>> read("name = 'x'\nwhy = 'y'").baseline
    'budget_2017'
    """
    try:
        told = _only(tomllib.loads(text), ("name", "why"), ("baseline", "data", "seed", "change"))
        if not isinstance(changes := told.pop("change", []), list):
            raise ScenarioError(f"change is {changes!r}; each change must be a table headed [[change]]")
        tables = [_only(change, ("parameter", "value"), ("from", "row")) for change in changes]
        made = [Change(**{"start" if key == "from" else key: v for key, v in one.items()}) for one in tables]
        return Scenario(**told, changes=tuple(made))
    except (ValueError, RecursionError) as e:
        raise ScenarioError(f"{source} is no scenario: {e}") from None


def _only(table, needed: tuple[str, ...], may: tuple[str, ...]) -> dict:
    if not isinstance(table, dict) or not set(needed) <= set(table) <= {*needed, *may}:
        has = ", ".join(table) if isinstance(table, dict) else repr(table)
        raise ScenarioError(f"found {has}; there must be {' and '.join(needed)}, there may be {', '.join(may)}")
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

    told = asdict(scenario)
    told["change"] = [{"from" if k == "start" else k: v for k, v in c.items() if v != ""} for c in told.pop("changes")]
    text = tomli_w.dumps(told)
    if path is not None:
        write_aside(path, text)
    return text


@functools.cache
def shipped() -> dict[str, Scenario]:
    """Return the scenarios that come with the library, by file name.

    Examples
    --------
    >>> shipped()["budget_2017"].changes
    ()
    """
    return {path.stem: load_file(path) for path in _files()}


@functools.cache
def _files() -> list[Path]:
    return sorted(FOLDER.glob("*.toml"))


def load_file(path: Path) -> Scenario:
    """Return the scenario in a file.

    Examples
    --------
    >>> load_file(FOLDER / "behind_by_1.toml").changes[0].value
    1.0
    """
    try:
        return read(path.read_text(encoding="utf-8-sig"), str(path))
    except (OSError, UnicodeDecodeError) as e:
        raise ScenarioError(f"{path} cannot be read: {e}") from None


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
    if first.baseline != second.baseline:
        clash.append(f"baseline is {first.baseline} and {second.baseline}")
    if clash:
        raise ScenarioError(f"{first.name!r} and {second.name!r} both change: {'; '.join(clash)}")
    why = "; ".join(filter(None, (first.why, second.why)))
    return replace(first, name=f"{first.name} + {second.name}", why=why, changes=first.changes + second.changes)


def run(scenario: Scenario, area: str = HOME) -> pd.DataFrame:
    """Return what a scenario costs: area, row, year, payer (municipality, state), tkr at prices of 2017.

    The municipality's rows add up to the frame. The state's are implied by the refund ladder and told only for lines
    that stand on it; of Integration only for persons added, as the frame counts none.

    Examples
    --------
    >>> table = run(shipped()["budget_2017"])
    >>> table[table["payer"] == "municipality"].groupby("year")["tkr"].sum().round().loc[2018]
    np.float64(501648.0)
    """
    rows, parts = base(area).rows, cost(scenario.changes, area)
    on = [one is not None for one in base(area).ladders]
    tables = {"municipality": pd.DataFrame(parts[0], rows, YEARS), "state": pd.DataFrame(parts[1], rows, YEARS)[on]}
    tidy = pd.concat(tables, names=["payer", "row"]).rename_axis("year", axis=1).stack().rename("tkr").reset_index()
    return tidy.assign(area=area)[["area", "row", "year", "payer", "tkr"]]


def diff(first: Scenario, second: Scenario, area: str = HOME) -> pd.DataFrame:
    """Return which change makes which part of the difference, whatever the order: the mean over all orders (Shapley).

    Returns
    -------
    pandas.DataFrame
        change × year, tkr of the municipality; the rows add up to second - first.

    Examples
    --------
    >>> found = diff(shipped()["budget_2017"], Scenario("x", "", changes=(Change("price_pct", 1.0),)))
    >>> found.index.tolist()
    ['price_pct']
    """
    sides = [{(c.parameter, c.row): c for c in one.changes} for one in (first, second)]
    keys = sorted(k for k in sides[0].keys() | sides[1].keys() if sides[0].get(k) != sides[1].get(k))
    if (n := len(keys)) > 10:
        raise ScenarioError(f"{n} changes differ; the exact explanation is for 10 at most")
    same = tuple(c for k, c in sides[0].items() if k not in keys)
    totals = np.empty((2**n, len(YEARS)))
    for mask in range(2**n):
        chosen = (sides[mask >> i & 1].get(k) for i, k in enumerate(keys))
        totals[mask] = cost(same + tuple(c for c in chosen if c), area)[0].sum(axis=0)
    found, masks = {}, np.arange(2**n)
    sizes = np.array([m.bit_count() for m in masks])
    weight = np.array([math.factorial(k) * math.factorial(n - k - 1) / math.factorial(n) for k in range(n)])
    for i, key in enumerate(keys):
        without = masks[masks >> i & 1 == 0]
        found[" ".join(key).strip()] = weight[sizes[without]] @ (totals[without | 1 << i] - totals[without])
    return pd.DataFrame.from_dict(found, "index", columns=list(YEARS))


def with_change(scenario: Scenario, parameter: str, value, row: str = "", start: int = 2018) -> Scenario:
    """Return a scenario with one parameter set, from the year it already starts in if it is changed.

    Examples
    --------
    >>> with_change(shipped()["budget_2017"], "gap_points", 0.5).changes[0].value
    0.5
    """
    old = next((c for c in scenario.changes if (c.parameter, c.row) == (parameter, row)), None)
    new = Change(parameter, value, old.start if old else start, row)
    return replace(scenario, changes=(*(c for c in scenario.changes if c is not old), new))


def summary(scenario: Scenario, language: str = "en") -> list[str]:
    """Return what a scenario assumes, in words, one sentence a change.

    Examples
    --------
    >>> summary(Scenario("x", "", changes=(Change("gap_points", 0.5),)))[1]
    "From 2018 change in Ballerup's unemployment against the country's: +0.5 pct. points (assumed range -1 to +1)."
    """
    english = language == "en"
    told = [
        f"Measured against {scenario.baseline}; prices of 2017; persons by line are inferred."
        if english
        else f"Målt mod {scenario.baseline}; 2017-priser; personer pr. linje er udledt."
    ]
    for c in scenario.changes:
        if c.parameter == RULES:
            told.append(
                f"From {c.start} the refund rules of {c.value} hold, everyone counted as passive."
                if english
                else f"Fra {c.start} gælder refusionsreglerne pr. {c.value}, alle regnet som passive."
            )
            continue
        p, of = PARAMETERS[c.parameter], f", {c.row}" if c.row else ""
        value, low, high = (f"{x:+g}" if p.base == 0 else f"{x:g}" for x in (c.amount, p.low, p.high))
        if english:
            told.append(f"From {c.start} {p.english}{of}: {value} {p.unit} (assumed range {low} to {high}).")
        else:
            value, low, high = (text.replace(".", ",") for text in (value, low, high))
            told.append(f"Fra {c.start} {p.danish}{of}: {value} {p.danish_unit} (antaget spænd {low} til {high}).")
    return told


SPREAD = {"price_pct": (-1.0, 0.0, 1.0), "activation_effect": (0.0, 0.1, 0.3)}  # low, likely, high: assumed
QUANTILES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
CHUNK = 10_000  # draws at a time: what fits in the processor's cache


def simulate(scenario: Scenario, draws: int = 10_000, seed: int | None = None, area: str = HOME) -> pd.DataFrame:
    """Return how widely a scenario may turn out: quantiles by line and for the total, tkr.

    Every draw takes four years of how the accounts of one municipality moved, all lines together, and the first of
    another's after that (:func:`frame.past_paths`); the unit price by ``SPREAD``, and the effect of activation, whose part in the
    cost is taken as straight. The same seed gives the same numbers.

    Returns
    -------
    pandas.DataFrame
        row (with "I alt"), year, quantile, tkr.

    Examples
    --------
    >>> simulate(Scenario("as printed", ""), 100).query("row == 'I alt' and year == 2020").shape
    (7, 4)
    """
    if draws < 1:
        raise ScenarioError(f"draws is {draws}; it must be 1 or more")
    scenario = scenario if seed is None else replace(scenario, seed=seed)
    middle, rows = cost(scenario.changes, area)[0], base(area).rows
    rng, moving = np.random.default_rng(scenario.seed), (*frame.FORSOERGELSE, frame.ACTIVATION)
    paths = np.exp(frame.past_paths())
    factors = np.ones((*paths.shape[:2], len(rows)))
    for i, row in enumerate(rows):
        if row in moving:
            factors[..., i] = paths[..., moving.index(row)]
    slopes = []
    for name, (low, likely, high) in SPREAD.items():
        ends = [cost(with_change(scenario, name, x).changes, area)[0] for x in (low, high)]
        slopes.append(((ends[1] - ends[0]).T / (high - low), rng.triangular(low, likely, high, draws) - likely))
    first, second = rng.integers(len(factors), size=(2, draws))
    out = np.empty((len(YEARS), len(rows) + 1, draws), dtype=np.float32)
    for at in range(0, draws, CHUNK):
        some = slice(at, at + CHUNK)
        for y in range(len(YEARS)):
            moved = factors[first[some], min(y, frame.BLOCK_YEARS - 1)]
            if y >= frame.BLOCK_YEARS:
                moved = moved * factors[second[some], y - frame.BLOCK_YEARS]
            value = moved * middle[:, y]
            for slope, drawn in slopes:
                value += drawn[some, None] * slope[y]
            out[y, :-1, some], out[y, -1, some] = value.T, value.sum(axis=1)
    out.sort(axis=2)
    at = np.array(QUANTILES) * (draws - 1)
    low, part = at.astype(int), at % 1
    values = out[..., low] * (1 - part) + out[..., np.minimum(low + 1, draws - 1)] * part
    index = pd.MultiIndex.from_product([YEARS, [*rows, "I alt"], QUANTILES], names=["year", "row", "quantile"])
    return pd.Series(values.ravel().astype(float), index, name="tkr").reset_index()[["row", "year", "quantile", "tkr"]]


def ranges(scenario: Scenario) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the plausible range (assumed) of every parameter, and of the lines the scenario changes apart."""
    keys = [*((name, "") for name in PARAMETERS), *((c.parameter, c.row) for c in scenario.changes if c.row)]
    return {(name, row): (PARAMETERS[name].low, PARAMETERS[name].high) for name, row in keys}


def tornado(scenario: Scenario, year: int | None = None, area: str = HOME) -> pd.DataFrame:
    """Return what the cost would be with one parameter at either end of its plausible range, widest first.

    Returns
    -------
    pandas.DataFrame
        By parameter: low, high, tkr_low, tkr_high (the municipality's cost in ``year``, the sum of all unless given).

    Examples
    --------
    >>> tornado(Scenario("as printed", "")).index[:2].tolist()
    ['country_points', 'gap_points']
    """
    if year not in (None, *YEARS):
        raise ScenarioError(f"year is {year!r}; it must be one of {YEARS[0]}-{YEARS[-1]}")
    kept = slice(None) if year is None else [YEARS.index(year)]
    found = {}
    for (name, row), (low, high) in ranges(scenario).items():
        if name.startswith("sickness") and area != HOME:
            continue
        ends = [cost(with_change(scenario, name, x, row).changes, area)[0][:, kept].sum() for x in (low, high)]
        found[f"{name} {row}".strip()] = {"low": low, "high": high, "tkr_low": ends[0], "tkr_high": ends[1]}
    table = pd.DataFrame.from_dict(found, "index")
    return table.loc[(table["tkr_high"] - table["tkr_low"]).abs().sort_values(ascending=False, kind="stable").index]


def attack(scenario: Scenario, conclusion, names: tuple[str, ...], area: str = "151") -> pd.DataFrame | None:
    """Return the smallest joint change that turns a conclusion, in shares of the plausible ranges; None if none does.

    Parameters
    ----------
    conclusion : callable
        From the municipality's cost (rows × years, tkr) to a margin that is above 0 while the conclusion holds.
    names : tuple of str
        Parameters that may move.

    Returns
    -------
    pandas.DataFrame
        By parameter: was, becomes, share (of its range); the shares are smallest as the root of the sum of their squares.

    Examples
    --------
    >>> margin = lambda own: 1000 * 1000 - own[:, :2].sum() + 10_000
    >>> attack(Scenario("as printed", ""), margin, ("price_pct",))["share"].abs().round(2).tolist()
    [0.07]
    """
    from scipy.optimize import minimize

    if unknown := [n for n in names if n not in PARAMETERS]:
        raise ScenarioError(f"no parameter {unknown[0]!r} to move; there are {', '.join(PARAMETERS)}")
    changed = {c.parameter: c.amount for c in scenario.changes if c.parameter in names and not c.row}
    was = np.array([changed.get(n, PARAMETERS[n].base) for n in names], float)
    low, high = (np.array([getattr(PARAMETERS[n], end) for n in names], float) for end in ("low", "high"))
    width, low, high = high - low, np.minimum(low, was), np.maximum(high, was)  # a scenario may stand beyond the range
    bounds = list(zip((low - was) / width, (high - was) / width, strict=True))

    def margin(shares):
        values = np.clip(was + shares * width, low, high)
        moved = functools.reduce(
            lambda s, pair: with_change(s, *pair), zip(names, values.tolist(), strict=True), scenario
        )
        return float(conclusion(cost(moved.changes, area)[0]))

    if (scale := margin(np.zeros(len(names)))) <= 0:
        raise ScenarioError(f"the conclusion does not hold in {scenario.name!r}: its margin is {scale:g}")
    found = []
    for corner in itertools.product(*bounds):  # one start in each corner, as the margin need not be straight
        tried = minimize(lambda x: x @ x, np.array(corner) / 2, bounds=bounds, method="SLSQP",
                         constraints={"type": "ineq", "fun": lambda x: -margin(x) / scale})  # fmt: skip
        if tried.success and margin(tried.x) <= 1e-6 * scale:
            found.append(tried.x)
    if not found:
        return None
    best = min(found, key=lambda x: x @ x)
    return pd.DataFrame({"was": was, "becomes": was + best * width, "share": best}, names)


def sweep(scenarios, areas) -> pd.DataFrame:
    """Run scenarios for areas on all cores joblib has, or on the backend of ``joblib.parallel_config``.

    Returns
    -------
    pandas.DataFrame
        scenario, area, year, tkr (the municipality's total), note (why there is none).

    Examples
    --------
    >>> sweep([Scenario("as printed", "")], ["151"])["tkr"].iloc[0].round()
    np.float64(506692.0)
    """
    from joblib import Parallel, delayed

    scenarios = tuple(scenarios)
    found = Parallel(n_jobs=-1)(delayed(_sweep_one)(scenarios, area) for area in areas)
    return pd.DataFrame(itertools.chain(*found), columns=["scenario", "area", "year", "tkr", "note"])


def _sweep_one(scenarios, area: str) -> list[tuple]:
    rows = []
    for s in scenarios:
        try:
            totals, note = cost(s.changes, area)[0].sum(axis=0), ""
        except ScenarioError as e:
            totals, note = [np.nan] * len(YEARS), str(e)
        rows += [(s.name, area, year, tkr, note) for year, tkr in zip(YEARS, totals, strict=True)]
    return rows
