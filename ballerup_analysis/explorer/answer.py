"""What the page tells of a scenario: every panel in one unit, one payer and one year, each against the baseline."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis.costing import PARAMETERS, RULES, Change, Cost, ScenarioError, base_of, cost
from ballerup_analysis.explorer.state import State, changes_of
from ballerup_analysis.files import no_formula
from ballerup_analysis.frame import Frame
from ballerup_analysis.scenarios import QUANTILES, movable, simulate, with_change

DRAWS = 2000


@dataclass(frozen=True)
class Answer:
    """The tables behind the panels, in the unit of the state.

    Parameters
    ----------
    years : pandas.DataFrame
        By year: baseline, scenario, difference, and pinned (its difference) and low, high (80 pct.) where there are any.
    payers : pandas.DataFrame
        By year: what municipality and state pay more.
    lines : pandas.DataFrame
        By line with a difference in the year: baseline, difference.
    ends : pandas.DataFrame
        By parameter: low, high, and the difference from the scenario at either.
    steps : dict
        What one step up of each parameter adds in the year, by (parameter, row); NaN where that cannot be.
    beyond : tuple of tuple
        The parameters of which one end cannot be, as it would leave fewer than no persons.
    """

    years: pd.DataFrame
    payers: pd.DataFrame
    lines: pd.DataFrame
    ends: pd.DataFrame
    steps: dict[tuple[str, str], float]
    beyond: tuple[tuple[str, str], ...] = ()


def measure(paid: Cost, frame: Frame, unit: str, payer: str) -> np.ndarray:
    """Return a cost in a unit, lines × years.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> f = budget_2017()
    >>> float(measure(cost((), f), f, "mio_kr", "municipality")[:, 0].sum().round(1))
    506.7
    """
    if unit == "persons":
        return paid.persons
    tkr = paid.own_tkr if payer == "municipality" else paid.state_tkr
    return tkr / 1000 if unit == "mio_kr" else tkr * 1000 / frame.inhabitants


def answer(state: State, frame: Frame, moves) -> Answer:
    """Return what the page shows of a state.

    Parameters
    ----------
    moves : numpy.ndarray
        :func:`ballerup_analysis.frame.factors` of the frame.

    Examples
    --------
    >>> from ballerup_analysis.baselines import budget_2017
    >>> from ballerup_analysis.frame import factors
    >>> f = budget_2017()
    >>> answer(State(), f, factors(f)).years["difference"].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0]
    """
    scenario, unit, payer = state.scenario, state.unit, state.payer
    at = frame.years.index(state.year) if state.year else len(frame.years) - 1

    def told(changes, payer=payer, unit=unit):
        return measure(cost(changes, frame), frame, unit, payer)

    before, after = told(()), told(scenario.changes)
    years = pd.DataFrame({"baseline": before.sum(axis=0), "scenario": after.sum(axis=0)}, list(frame.years))
    years["difference"] = years["scenario"] - years["baseline"]
    if state.pinned:
        years["pinned"] = told(changes_of(state.pin)).sum(axis=0) - before.sum(axis=0)
    if unit != "persons" and payer == "municipality":
        drawn = simulate(scenario, frame, DRAWS, moves=moves)["tkr"].to_numpy().reshape(len(years), -1, len(QUANTILES))
        drawn = drawn[:, -1, [QUANTILES.index(0.1), QUANTILES.index(0.9)]]  # of all lines
        years[["low", "high"]] = drawn * (0.001 if unit == "mio_kr" else 1000 / frame.inhabitants)
    shown = "mio_kr" if unit == "persons" else unit
    both = {
        one: (told(scenario.changes, one, shown) - told((), one, shown)).sum(axis=0)
        for one in ("municipality", "state")
    }
    lines = pd.DataFrame({"baseline": before[:, at], "difference": (after - before)[:, at]}, frame.rows)
    now, ends, steps = after[:, at].sum(), {}, {}

    def moved(name: str, row: str, value: float) -> float:
        try:  # a value that cannot be leaves the scenario as good as it is
            return told(with_change(scenario, name, value, row).changes)[:, at].sum() - now
        except ScenarioError:
            return np.nan

    for name, row in movable(scenario, frame):
        p = PARAMETERS[name]
        ends[name, row] = (p.low, p.high, *(moved(name, row, x) for x in (p.low, p.high)))
        held = next((c.amount for c in scenario.changes if (c.parameter, c.row) == (name, row)), base_of(name, frame))
        steps[name, row] = moved(name, row, held + p.step)
    keys = pd.MultiIndex.from_tuples(ends, names=["parameter", "row"])
    ends = pd.DataFrame(list(ends.values()), keys, ["low", "high", "at_low", "at_high"])
    beyond = tuple(ends.index[ends.isna().any(axis=1)])
    ends = ends[(ends["at_high"] - ends["at_low"]).abs() > 1e-9]
    order = (ends["at_high"] - ends["at_low"]).abs().sort_values(ascending=False, kind="stable").index
    return Answer(
        years,
        pd.DataFrame(both, list(frame.years)),
        lines[lines["difference"].abs() > 1e-9],
        ends.loc[order],
        steps,
        beyond,
    )


def as_csv(state: State, frame: Frame, found: Answer) -> str:
    """Return the tables of an answer as one CSV file that a Danish spreadsheet opens: table, item, measure, value, unit.

    Its first line says what it is of: baseline, area, hash, prices, payer, the year of lines and ends, the scenario's name
    and that of the one pinned.
    """
    tables = {"years": found.years, "payers": found.payers, "lines": found.lines, "ends": found.ends}
    tidy = {
        name: table.set_axis(map(_plain, table.index)).rename_axis("item").rename_axis(None, axis=1).stack()
        for name, table in tables.items()
    }
    long = pd.concat(tidy, names=["table", "item", "measure"]).rename("value").reset_index()
    long["item"] = long["item"].map(no_formula)
    long["unit"] = np.where((state.unit == "persons") & (long["table"] == "payers"), "mio_kr", state.unit)
    names = (no_formula(name) for name in (state.scenario.name, state.pinned))
    head = [frame.name, frame.area, frame.hash, frame.price_level, state.payer, state.year or frame.years[-1], *names]
    csv.writer(first := io.StringIO(), delimiter=";", lineterminator="\n").writerow(head)
    return "\ufeff" + first.getvalue() + long.to_csv(sep=";", decimal=",", float_format="%.6f", index=False)


def _plain(key) -> str:
    return " ".join(key).strip() if isinstance(key, tuple) else str(key)


def rules_of(state: State) -> Change | None:
    """Return the change of refund rules of a state, if there is one."""
    return next((c for c in state.scenario.changes if c.parameter == RULES), None)
