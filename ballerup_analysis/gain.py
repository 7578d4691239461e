"""What a gap is worth, which definitions give the published 7,6 mio. kr., and how unusual such a gap is.

A definition is a measure, a reference area, a base year, a window and a price per person. The grid holds every
combination that public figures allow and a critic could defend; the placebo holds the same gap for everyone else.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ballerup_analysis.accounts import (
    accounts_gain,
    decompose,
    g1_cost_growth,
    g2_person_growth,
    g3_level,
    g4_budget_guarantee,
    gains_from_accounts,
)
from ballerup_analysis.danish import Interval
from ballerup_analysis.gaps import WINDOWS, measures, municipalities, trend_gap, yearly
from ballerup_analysis.rates import full_year_kr, rate
from ballerup_analysis.sources import EVIDENCE, DataError, load

__all__ = [
    "accounts_gain", "benchmark_gain", "decompose", "g1_cost_growth", "g2_person_growth", "g3_level",
    "g4_budget_guarantee", "gain", "gains_from_accounts", "implied_price", "placebo", "prices_per_person",
    "search_definitions", "trend_gap",
]  # fmt: skip
REFERENCES = {"000": "Hele landet", "084": "Region Hovedstaden", "02": "Københavns omegn"}
BASES, YEAR = np.arange(2010, 2014), 2014


def gain(gaps: pd.DataFrame, price_kr: float) -> pd.DataFrame:
    """Value gaps with a price per full-time person and year (kr.), as the column gain_mio_kr.

    Raises
    ------
    DataError
        When a gap is in percentage points: those have no price per person.

    Examples
    --------
    >>> float(gain(trend_gap("net_unemployed_kontanthjaelp"), 100_000).loc[0, "gain_mio_kr"].round(2))
    5.68
    """
    if not all(measures()[name].suits for name in gaps["measure"].unique()):
        raise DataError("a gap in percentage points has no price per person; use a measure in persons")
    return gaps.assign(price_kr=price_kr, gain_mio_kr=gaps["fewer"] * price_kr / 1e6)


def prices_per_person() -> pd.DataFrame:
    """Return the prices per full-time person and year that could value the gap of 2014.

    Returns
    -------
    pandas.DataFrame
        price, benefit, share_pct (the municipality's), level (price level, a year), price_kr, evidence (the
        weakest of rate, share and uprating), source. A price of another year comes twice: as printed, and at
        the level of 2014 by the rise implied by the kontanthjælp rates.

    Examples
    --------
    >>> prices = prices_per_person().set_index(["price", "share_pct"])
    >>> float(prices.loc[("kontanthjaelp, 30+, other", 100), "price_kr"])
    128268.0
    """
    on, rows = f"{YEAR}-06-30", []
    for name, r in (
        ("dagpenge, highest", rate("dagpenge_max", on, per="day")),
        ("kontanthjaelp, 30+, provider", rate("kontanthjaelp", on, age="30+", family="provider")),
        ("kontanthjaelp, 30+, other", rate("kontanthjaelp", on, age="30+", family="other")),
    ):
        benefit = name.split(",")[0]
        rows.append((name, benefit, 100, YEAR, full_year_kr(r), r.evidence, r.reference))
        for activity in ("active", "passive"):
            s = rate("refusion_municipal_share", on, benefit=benefit, activity=activity)
            source = f"{r.reference}; share when {activity}: {s.reference or s.evidence}"
            rows.append((name, benefit, s.value, YEAR, full_year_kr(r) * s.value / 100, _weakest(r, s), source))
    unit = load("budget_2017.unit_price", corrected=True)
    for r in unit[unit["row"].str.startswith("Forsørgelse") & unit["column"].isin(["R2015", "B2016"])].itertuples():
        source = f"budget_2017.unit_price, {r.column}, moved back under its heading"
        rows.append((f"forsørgelse {r.column}", "all", 100, r.year, r.value * 1000, "published", source))
    examples = load("worked_examples").dropna(subset="implied_kr_per_person")
    for r in examples[examples["method"].str.startswith(("B ", "unit cost"))].itertuples():
        year = int(r.period[-4:])
        rows.append((f"{r.area} {year}, {r.method}", "all", 100, year, r.implied_kr_per_person, "press", r.source))
    grants = load("beskaeftigelsestilskud_figures").set_index("item")
    mean = grants.loc["mean net cost per unemployed"]
    rows.append(
        ("mean net cost per unemployed", "all", 100, int(mean["year"]), mean["value"], mean["status"], mean["source"])
    )
    columns = ["price", "benefit", "share_pct", "level", "price_kr", "evidence", "source"]
    printed = pd.DataFrame(rows, columns=columns).astype({"share_pct": float, "price_kr": float})
    later = printed[printed["level"] > YEAR]
    factor = {year: _uprating(year) for year in later["level"].unique()}
    at_2014 = later.assign(
        price=later["price"] + f", at {YEAR}", price_kr=later["price_kr"] / later["level"].map(factor)
    )
    at_2014 = at_2014.assign(
        level=YEAR, evidence=later["evidence"].map(lambda e: max(e, "derived", key=EVIDENCE.index))
    )
    return pd.concat([printed, at_2014], ignore_index=True)


def _weakest(*rates) -> str:
    return max((r.evidence for r in rates), key=EVIDENCE.index)


def _uprating(year: int) -> float:
    rises = [rate("satsregulering_implied", f"{y}-06-30", benefit="kontanthjaelp") for y in range(YEAR + 1, year + 1)]
    return float(np.prod([1 + r.value / 100 for r in rises]))


def search_definitions(target: float = 7.6, half: float = 0.05, among=None) -> pd.DataFrame:
    """Value every gap of 2014 with every price that suits it, and tell which land on the target.

    The search is over every benefit type of AUK01 too, once they have been fetched (:func:`ballerup_analysis.gaps.measures`).

    The minutes compare expenditure with the country's development, seen against state grants, without formula, benefits
    or figures. Expenditure by benefit is not public for 2012-2014, so persons × price stands in for it. The landsdel
    of the grant is no reference here: its members are inferred (see :func:`ballerup_analysis.grants.keys`).

    Parameters
    ----------
    target, half : float
        The published figure and half its rounding, mio. kr.
    among : collection of str, optional
        The measures to search, such as ``MEASURES`` for those shipped here; all there are when not given.

    Returns
    -------
    pandas.DataFrame
        One row a definition: measure, window, reference, base, fewer, gap_evidence, price, benefit, share_pct,
        level, price_kr, price_evidence, source, evidence (the weaker of the two), gain_mio_kr, hit (inside target ± half), described
        (measured against the country, as the minutes have it), rivals (gains on the same measure, at least as
        well evidenced, that miss), needed_price_kr and needed_fewer (what the one
        ingredient would have to be, given the other; NaN where no positive value would do).

    Examples
    --------
    >>> found = search_definitions()
    >>> len(found) > 1000, bool(found.loc[found["hit"], "gain_mio_kr"].between(7.55, 7.65).all())
    (True, True)
    """
    gaps, known = [], measures()
    for name, m in known.items():
        if m.suits and m.period != "month" and (among is None or name in among):
            # no rate is published for the landsdel
            references = [r for r in REFERENCES if (name, r) != ("gross_unemployed_derived", "02")]
            for window in WINDOWS if m.period == "quarter" else ["year"]:
                bases = _bases(yearly(name, window)[["151", *references]]) if m.benefit else BASES
                if len(bases):
                    found = trend_gap(name, "151", references, bases, np.full(len(bases), YEAR), window)
                    gaps.append(found.assign(window=window))
    gaps = pd.concat(gaps, ignore_index=True)[["measure", "window", "reference", "base", "fewer"]]
    gaps["gap_evidence"] = gaps["measure"].map(lambda name: known[name].evidence)
    grid = gaps.merge(prices_per_person().rename(columns={"evidence": "price_evidence"}), how="cross")
    suited = {name: m.suits for name, m in known.items()}
    keep = [benefit in suited[name] for name, benefit in zip(grid["measure"], grid["benefit"], strict=True)]
    grid = grid[keep].reset_index(drop=True)
    order = {name: i for i, name in enumerate(EVIDENCE)}
    weakest = np.maximum(grid["gap_evidence"].map(order), grid["price_evidence"].map(order))
    value = grid["fewer"] * grid["price_kr"] / 1e6
    hit = value.between(target - half, target + half, inclusive="left")
    missing = (value > 0) & ~hit
    misses = pd.crosstab(grid["measure"][missing], weakest[missing]).reindex(columns=range(len(EVIDENCE)), fill_value=0)
    rivals = misses.cumsum(axis=1).stack().reindex(pd.MultiIndex.from_arrays([grid["measure"], weakest]), fill_value=0)
    return grid.assign(
        evidence=np.array(EVIDENCE)[weakest],
        gain_mio_kr=value,
        hit=hit,
        described=grid["reference"] == "000",
        rivals=rivals.to_numpy(),
        needed_price_kr=(target * 1e6 / grid["fewer"]).where(grid["fewer"] > 0),
        needed_fewer=target * 1e6 / grid["price_kr"],
    )


def _bases(wide) -> np.ndarray:
    # a benefit that began after the base year, or that nobody has there, has no growth to follow
    there = wide.reindex([*BASES, YEAR]).gt(0).all(axis=1)
    return BASES[there.loc[BASES] & there.loc[YEAR]]


def placebo(measure="net_unemployed_kontanthjaelp", reference="000", span=1, window="year") -> pd.DataFrame:
    """Return the same gap for every municipality and every year the series allows from 2008 to 2024.

    Parameters
    ----------
    measure, reference, window : str
        See :func:`ballerup_analysis.gaps.trend_gap`.
    span : int
        Years from base year to year.

    Returns
    -------
    pandas.DataFrame
        As :func:`ballerup_analysis.gaps.trend_gap`, with fewer_per_1000 inhabitants (1 January; at one price per
        person it ranks the gain per inhabitant), rank (1 is best) of fewer_pct within the year, and the share
        of all rows that are at least as good, by fewer_pct and by fewer_per_1000.

    Examples
    --------
    >>> found = placebo().set_index(["area", "year"])
    >>> int(found.loc[("151", 2014), "rank"])
    14
    """
    whole = yearly(measure, window)
    whole = whole[[c for c in (*municipalities(), reference) if c in whole]].dropna().index
    years = np.array([y for y in range(2008, 2025) if y in whole and y - span in whole], dtype=int)
    gaps = trend_gap(measure, None, reference, years - span, years, window)
    persons = load("folk1a").set_index(["area", "quarter"])["persons"]
    at = pd.MultiIndex.from_arrays([gaps["area"], gaps["year"].astype(str) + "Q1"])
    gaps["fewer_per_1000"] = gaps["fewer"] / persons.reindex(at).to_numpy() * 1000
    gaps["rank"] = gaps.groupby("year")["fewer_pct"].rank(ascending=False, method="min").astype(int)
    for column, share in (("fewer_pct", "share_as_good"), ("fewer_per_1000", "share_as_good_per_1000")):
        gaps[share] = gaps[column].rank(ascending=False, method="max") / len(gaps)
    return gaps


def implied_price(persons: Interval, mio_kr: Interval) -> Interval:
    """Return the kroner per person behind a published gain, with what the rounding leaves open.

    Examples
    --------
    >>> price = implied_price(Interval(200, 190, 210), Interval(12.5, 12.45, 12.55))
    >>> round(price.low), round(price.value), round(price.high)
    (59286, 62500, 66053)
    """
    return mio_kr * Interval(1e6, 1e6, 1e6) / persons


def benchmark_gain(expected: float, actual: float, price_kr: float) -> Interval:
    """Return the ministry's gain in mio. kr.: expected less actual persons, each rounded to ten, at a price.

    Examples
    --------
    >>> benchmark_gain(2870, 2670, 62_500)
    Interval(value=12.5, low=11.875, high=13.125)
    """
    gap = Interval(expected, expected - 5, expected + 5) - Interval(actual, actual - 5, actual + 5)
    return gap * Interval(price_kr / 1e6, price_kr / 1e6, price_kr / 1e6)
