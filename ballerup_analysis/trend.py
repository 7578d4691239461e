"""The gap: how many fewer an area has than if it had followed the reference's growth."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis.danish import Interval
from ballerup_analysis.rates import full_year_kr, rate, weakest
from ballerup_analysis.sources import EVIDENCE, HOME, DataError, area_code, area_name, labels, load, municipalities

WINDOWS = {"year": (1, 2, 3, 4), "H2": (3, 4), "Q4": (4,)}


@dataclass(frozen=True)
class Measure:
    """A public series that can be compared with its reference.

    Parameters
    ----------
    table, column, period, unit : str
        Table, value column, column of the period, unit of the value.
    suits : tuple of str
        Benefits whose price may value a gap in it; empty where the gap is not in persons.
    sign : int
        1 where more is worse, -1 where more is better.
    evidence : str
        Evidence status of the series as a count of persons on benefits.
    benefit : str
        Benefit type in AUK01; empty for the shipped series.
    """

    table: str
    column: str
    period: str
    unit: str
    suits: tuple[str, ...] = ()
    sign: int = 1
    evidence: str = "official"
    benefit: str = ""


_KONTANTHJAELP, _ALL = ("all", "kontanthjaelp"), ("all", "kontanthjaelp", "dagpenge")
_MONTHLY = ("jobindsats_monthly", "value", "month", "fuldtidspersoner")
MEASURES = {
    "net_unemployed_kontanthjaelp": Measure("auk01", "fulltime_persons", "quarter", "fuldtidspersoner", _KONTANTHJAELP),
    "gross_unemployment_pct": Measure("aup02", "pct", "year", "pct. of labour force"),
    "gross_unemployed_derived": Measure("aup02", "pct", "year", "persons", _ALL, evidence="derived"),
    "neet_16_24": Measure("neet2", "neet_persons", "year", "persons", _KONTANTHJAELP, evidence="derived"),
    "fulltime_employees": Measure("lbesk69", "fulltime_employees", "quarter", "fuldtidspersoner", _ALL, -1, "derived"),
    "employed": Measure("employed", "persons", "year", "persons", _ALL, -1, "derived"),
    "gross_unemployed": Measure(*_MONTHLY, _ALL),
    "gross_unemployed_dagpenge": Measure(*_MONTHLY, ("all", "dagpenge")),
    "gross_unemployed_kontanthjaelp": Measure(*_MONTHLY, _KONTANTHJAELP),
    "kontanthjaelp_fulltime_persons": Measure(*_MONTHLY, _KONTANTHJAELP),
}


def measures() -> dict[str, Measure]:
    """Return ``MEASURES`` and, once AUK01 has been fetched, a measure for each of its benefit types.

    Net unemployed on kontanthjælp is a measure already and does not come twice.

    Examples
    --------
    >>> set(measures()) >= set(MEASURES)
    True
    """
    return MEASURES | {
        f"auk01_{code}": Measure(
            "auk01_all", "fulltime_persons", "quarter", "fuldtidspersoner", _suits(text), benefit=code
        )
        for code, text in labels("auk01_all", "benefit").items()
        if not text.startswith("Nettoledige kontanthjælp")
    }


def _suits(text: str) -> tuple[str, ...]:
    # whose price may value it: sygedagpenge and barselsdagpenge are other benefits than dagpenge
    return ("all", *(name for name, word in (("kontanthjaelp", "kontanthjælp"), ("dagpenge", "dagpenge"))
                     if re.search(rf"\b{word}", text.lower())))  # fmt: skip


def benefit_types() -> tuple[dict[str, str], str]:
    """Return the measures of AUK01's benefit types with their texts, and a line that says what is there or missing.

    Examples
    --------
    >>> types, line = benefit_types()
    >>> bool(types) == line.startswith("all benefit types")
    True
    """
    texts = labels("auk01_all", "benefit")
    found = {name: texts[m.benefit] for name, m in measures().items() if m.benefit}
    if found:
        return found, f"all benefit types of AUK01: {len(found)} beside the shipped one"
    return (
        found,
        "missing: every benefit but net unemployed on kontanthjælp; with a network, python3 run.py refresh AUK01 fetches them",
    )


def yearly(measure: str, window: str = "year", read=load) -> pd.DataFrame:
    """Return a measure by year (index) and area code (columns), in its own unit.

    Parameters
    ----------
    measure : str
        A key of :func:`measures`.
    window : str
        For quarterly series the quarters averaged: ``year``, ``H2`` or ``Q4``. Monthly series are averaged
        over August to July and carry the year they end in. A year with a missing period is left out.
    read : callable
        Gives a table by its name; all its rows unless the reader hands out fewer.

    Examples
    --------
    >>> float(yearly("net_unemployed_kontanthjaelp").loc[2014, "151"])
    301.5
    """
    known = measures()
    if measure not in known:
        raise DataError(f"no measure {measure!r}; the measures are {', '.join(known)}")
    m = known[measure]
    wide = _wide(measure, m, read)
    if measure == "gross_unemployed_derived":  # labour force = employed / (1 - unemployed share)
        employed = yearly("employed", read=read)
        return (wide / (100 - wide) * employed).reindex(index=employed.index, columns=employed.columns)
    if m.period == "year":
        return wide
    period = wide.index.to_series()
    year, part = period.str[:4].astype(int), period.str[5:].astype(int)
    if m.period == "month":
        year, kept = year + (part > 7), part.notna()
        needed = 12
    else:
        if window not in WINDOWS:
            raise DataError(f"no window {window!r}; the windows are {', '.join(WINDOWS)}")
        kept = part.isin(WINDOWS[window])
        needed = len(WINDOWS[window])
    grouped = wide[kept].groupby(year[kept].to_numpy())
    return grouped.mean()[grouped.size() == needed].rename_axis("year")


def _wide(measure: str, m: Measure, read) -> pd.DataFrame:
    table = read(m.table)
    if m.table == "aup02":  # the country and the region stand in another table, unless fetched anew
        table = pd.concat([table, read("aulp01")]).drop_duplicates(["area", "year"])
    if m.benefit:
        table = table[table["benefit"] == m.benefit]
    if m.period == "month":
        table = table[table["measure"] == measure]
    return table.pivot_table(index=m.period, columns="area", values=m.column)


def fewer(wide: pd.DataFrame, area=None, reference="000", base=2013, year=2014, sign: int = 1) -> pd.DataFrame:
    """Return how many fewer areas have than if they had followed a reference's growth since a base year.

    Parameters
    ----------
    wide : pandas.DataFrame
        Persons (or pct.) by year and area, from :func:`yearly`.
    area : str or int or list of them, optional
        Area(s); every municipality in the table unless given.
    reference : str or list of str
        Area(s) of the reference; ``"000"`` is the country.
    base, year : int or sequence of int
        Base year(s) and the year(s) compared with them, one by one.
    sign : int
        -1 for a measure where more is better: then ``fewer`` is how many more.

    Returns
    -------
    pandas.DataFrame
        One row a reference, year and area: area, reference, base, year, before, actual, expected (before × the
        reference's growth), fewer (expected - actual, positive where the area did better), fewer_pct (of expected).

    Raises
    ------
    DataError
        When an area or a year is not in the table; the message lists what is.

    Examples
    --------
    >>> persons = pd.DataFrame({"151": [100.0, 105.0], "000": [200.0, 220.0]}, index=[2013, 2014])
    >>> fewer(persons, "151")[["expected", "fewer"]].to_numpy().tolist()
    [[110.0, 5.0]]
    """
    references = [area_code(one) for one in ([reference] if isinstance(reference, str | int) else reference)]
    if area is None:
        areas = [code for code in municipalities() if code in wide]
    else:
        areas = [area_code(one) for one in ([area] if isinstance(area, str | int) else area)]
    for code in (*areas, *references):
        if code not in wide or wide[code].isna().all():
            there = [area_name(one) for one in wide.dropna(axis=1, how="all")]
            shown = ", ".join(there[:5]) + (f" and {len(there) - 5} more" if len(there) > 5 else "")
            raise DataError(f"the series has no {area_name(code)} ({code}); it has {shown}")
    bases, years = np.broadcast_arrays(np.atleast_1d(base), np.atleast_1d(year))
    whole = wide[list(dict.fromkeys([*areas, *references]))].dropna()
    if absent := sorted(set(map(int, [*bases, *years])) - set(whole.index)):
        have = ", ".join(map(str, whole.index))
        raise DataError(f"the series has no {', '.join(map(str, absent))} for all of these areas; it has {have}")
    before, actual = whole.loc[bases, areas].to_numpy(), whole.loc[years, areas].to_numpy()
    then, now = (whole.loc[each, references].to_numpy().T[:, :, None] for each in (bases, years))
    expected = at_reference_growth(before, then, now)  # reference × year × area
    better = sign * (expected - actual)
    each = (len(references), len(years), len(areas))
    return pd.DataFrame(
        {
            "area": np.broadcast_to(areas, each).ravel(),
            "reference": np.repeat(references, len(years) * len(areas)),
            "base": np.broadcast_to(bases[:, None], each).ravel(),
            "year": np.broadcast_to(years[:, None], each).ravel(),
            "before": np.broadcast_to(before, each).ravel(),
            "actual": np.broadcast_to(actual, each).ravel(),
            "expected": expected.ravel(),
            "fewer": better.ravel(),
            "fewer_pct": (better / expected * 100).ravel(),
        }
    )


def at_reference_growth(before, reference_before, reference_now):
    """Return what an area would have had at the reference's growth; the same unit as ``before``.

    Examples
    --------
    >>> at_reference_growth(100, 200, 220)
    110.0
    """
    return before * reference_now / reference_before


def population_on(quarter: str, read=load) -> pd.Series:
    """Return the population by area on the first day of a quarter; larger areas are sums of municipalities.

    Examples
    --------
    >>> int(population_on("2014Q1")["151"])
    48514
    """
    table = read("folk1a")
    found = table[table["quarter"] == quarter].set_index("area")["persons"]
    if found.empty:
        raise DataError(f"folk1a has no {quarter}; it has {table['quarter'].min()} to {table['quarter'].max()}")
    parts = read("areas").query("level == 'kommune'").assign(persons=lambda t: t["code"].map(found), country="000")
    levels = [parts.groupby(level)["persons"].sum() for level in ("country", "region", "landsdel", "code")]
    return pd.concat(levels).astype(int)


REFERENCES = {"000": "Hele landet", "084": "Region Hovedstaden", "02": "Københavns omegn"}
BASES, YEAR = np.arange(2010, 2014), 2014


def prices_per_person(read=load) -> pd.DataFrame:
    """Return the prices per full-time person and year that could value the gap of 2014.

    Returns
    -------
    pandas.DataFrame
        price, benefit, share_pct (the municipality's), level (price level, a year), price_kr, evidence (the
        weakest of rate, share and uprating), source, rates (those it rests on). A price of another year comes twice: as printed, and at
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
        rows.append((name, benefit, 100, YEAR, full_year_kr(r), r.evidence, r.reference, (r,)))
        for activity in ("active", "passive"):
            s = rate("refusion_municipal_share", on, benefit=benefit, activity=activity)
            own_kr = full_year_kr(r) * s.value / 100
            source = f"{r.reference}; share when {activity}: {s.reference or s.evidence}"
            rows.append((name, benefit, s.value, YEAR, own_kr, weakest(r, s), source, (r, s)))
    unit = read("budget_2017.unit_price", corrected=True)
    for r in unit[unit["row"].str.startswith("Forsørgelse") & unit["column"].isin(["R2015", "B2016"])].itertuples():
        source = f"budget_2017.unit_price, {r.column}, moved back under its heading"
        rows.append((f"forsørgelse {r.column}", "all", 100, r.year, r.value * 1000, "published", source, ()))
    examples = read("worked_examples").dropna(subset="implied_kr_per_person")
    for r in examples[examples["method"].str.startswith(("B ", "unit cost"))].itertuples():
        year = int(r.period[-4:])
        rows.append((f"{r.area} {year}, {r.method}", "all", 100, year, r.implied_kr_per_person, "press", r.source, ()))
    grants = read("beskaeftigelsestilskud_figures").set_index("item")
    mean = grants.loc["mean net cost per unemployed"]
    known = (int(mean["year"]), mean["value"], mean["status"], mean["source"], ())
    rows.append(("mean net cost per unemployed", "all", 100, *known))
    columns = ["price", "benefit", "share_pct", "level", "price_kr", "evidence", "source", "rates"]
    printed = pd.DataFrame(rows, columns=columns).astype({"share_pct": float, "price_kr": float})
    later = printed[printed["level"] > YEAR]
    rises = {year: _rises(year) for year in later["level"].unique()}
    factor = {year: np.prod([1 + r.value / 100 for r in some]) for year, some in rises.items()}
    at_2014 = later.assign(
        price=later["price"] + f", at {YEAR}",
        price_kr=later["price_kr"] / later["level"].map(factor),
        evidence=later["evidence"].map(lambda e: max(e, "derived", key=EVIDENCE.index)),
        rates=later["level"].map(rises),
        level=YEAR,
    )
    return pd.concat([printed, at_2014], ignore_index=True)


def _rises(year: int) -> tuple:
    years = range(YEAR + 1, year + 1)
    return tuple(rate("satsregulering_implied", f"{y}-06-30", benefit="kontanthjaelp") for y in years)


def search_definitions(target: float = 7.6, half: float = 0.05, among=None, area=HOME, read=load) -> pd.DataFrame:
    """Value every gap of 2014 with every price that suits it, and tell which land on the target.

    The search is over every benefit type of AUK01 too, once they have been fetched (:func:`ballerup_analysis.trend.measures`).

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
                wide = yearly(name, window, read)
                bases = _bases(wide[[area, *references]]) if m.benefit else BASES
                if len(bases):
                    gap = fewer(wide, area, references, bases, np.full(len(bases), YEAR), m.sign)
                    gaps.append(gap.assign(measure=name, window=window))
    gaps = pd.concat(gaps, ignore_index=True)[["measure", "window", "reference", "base", "fewer"]]
    gaps["gap_evidence"] = gaps["measure"].map(lambda name: known[name].evidence)
    grid = gaps.merge(prices_per_person(read).rename(columns={"evidence": "price_evidence"}), how="cross")
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


def placebo(measure="net_unemployed_kontanthjaelp", reference="000", span=1, window="year", read=load) -> pd.DataFrame:
    """Return the same gap for every municipality and every year the series allows from 2008 to 2024.

    Parameters
    ----------
    measure, reference, window : str
        See :func:`ballerup_analysis.trend.trend_gap`.
    span : int
        Years from base year to year.

    Returns
    -------
    pandas.DataFrame
        As :func:`ballerup_analysis.trend.trend_gap`, with fewer_per_1000 inhabitants (1 January; at one price per
        person it ranks the gain per inhabitant), rank (1 is best) of fewer_pct within the year, and the share
        of all rows that are at least as good, by fewer_pct and by fewer_per_1000.

    Examples
    --------
    >>> found = placebo().set_index(["area", "year"])
    >>> int(found.loc[("151", 2014), "rank"])
    14
    """
    wide = yearly(measure, window, read)
    whole = wide[[c for c in (*municipalities(), reference) if c in wide]].dropna().index
    years = np.array([y for y in range(2008, 2025) if y in whole and y - span in whole], dtype=int)
    gaps = fewer(wide, None, reference, years - span, years)
    persons = read("folk1a").set_index(["area", "quarter"])["persons"]
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
