"""What if: named sets of changes to the 2017 frame, kept as small files, stacked, compared and told in words.

A scenario is data, never code: a TOML file with a name, a reason, a baseline, changes, a data version and a seed.
"""

from __future__ import annotations

import functools
import hashlib
import math
import tomllib
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

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
