"""The gap: how many fewer an area has than at a reference's growth, what that could be worth, and how unusual it is.

No formula was printed for the 7,6 mio. kr. of 2014. What is here lays out what public figures allow: gaps against any
reference and base year, prices that suit them, and where an area stands when the same is computed for all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis.danish import Interval
from ballerup_analysis.rates import Rate, full_year_kr, in_force, rate, weakest
from ballerup_analysis.sources import (
    EVIDENCE,
    HOME,
    DataError,
    area_code,
    area_name,
    areas,
    labels,
    load,
    municipalities,
)

WINDOWS = {"year": (1, 2, 3, 4), "H2": (3, 4), "Q4": (4,)}
RATED = {  # what a full year of a benefit costs by its rate
    "dagpenge, highest": {"per": "day"},
    "kontanthjaelp, 30+, provider": {"age": "30+", "family": "provider"},
    "kontanthjaelp, 30+, other": {"age": "30+", "family": "other"},
}


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
        return (wide / (100 - wide) * employed).reindex(index=employed.index)
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
    if not bases.size:
        raise DataError(f"there is no base year to compare with; the series has {', '.join(map(str, wide.index))}")
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


def rounding_ends(wide: pd.DataFrame, area: str, base: int, year: int) -> tuple[float, float]:
    """Return the least and the most of a gap to the country that the rounding of the country's two rates allows.

    Parameters
    ----------
    wide : pandas.DataFrame
        Rates by year and area, from :func:`yearly`.
    area : str
        Area code.
    base, year : int
        Base year and the year compared with it.

    Examples
    --------
    >>> low, high = rounding_ends(yearly("gross_unemployment_pct"), "151", 2013, 2014)
    >>> round(low, 2), round(high, 2)
    (-0.22, -0.02)
    """
    was, now, half = wide.loc[base, "000"], wide.loc[year, "000"], 0.05  # rates have one decimal
    ends = (wide.loc[base, area] * (now + by) / (was - by) - wide.loc[year, area] for by in (-half, half))
    return tuple(map(float, ends))


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
    if lacking := parts.loc[parts["persons"].isna(), "name"].tolist():
        raise DataError(f"folk1a has no persons of {', '.join(lacking[:5])}{' …' * (len(lacking) > 5)} in {quarter}")
    levels = [parts.groupby(level)["persons"].sum() for level in ("country", "region", "landsdel", "code")]
    return pd.concat(levels).astype(int)


def references(area=HOME) -> dict[str, str]:
    """Return what a municipality may be compared with: the country, its region and a landsdel with others, by code.

    Examples
    --------
    >>> references("151"), references("Bornholm")
    ({'000': 'Hele landet', '084': 'Region Hovedstaden', '02': 'Københavns omegn'}, {'000': 'Hele landet', '084': 'Region Hovedstaden'})
    """
    own, landsdele = areas().loc[area_code(area)], areas()["landsdel"]
    compared = ["000", own["region"], own["landsdel"]]
    if (landsdele == own["landsdel"]).sum() == 1:  # alone in it, as Bornholm is
        compared.pop()
    return {code: area_name(code) for code in compared}


def gaps(area=HOME, year: int = 2014, read=load) -> pd.DataFrame:
    """Return every gap in persons that the public series give an area in a year, against four base years before it.

    Parameters
    ----------
    area : str
        The municipality.
    year : int
        The year compared.
    read : callable
        Gives a table by its name.

    Returns
    -------
    pandas.DataFrame
        measure, window, and the columns of :func:`fewer`; a combination the series do not hold is left out.

    Examples
    --------
    >>> len(gaps()), int((gaps()["fewer"] > 0).sum())
    (104, 30)
    """
    area, parts = area_code(area), []
    for name, m in measures().items():
        if not m.suits or m.period == "month":
            continue
        for window in WINDOWS if m.period == "quarter" else ["year"]:
            wide = yearly(name, window, read)
            for reference in references(area):
                if area not in wide or reference not in wide:
                    continue
                there = wide[[area, reference]].reindex(range(year - 4, year + 1)).gt(0).all(axis=1)
                bases = there.index[there][:-1] if there[year] else []
                if len(bases):  # a benefit that began after the base year has no growth to follow
                    gap = fewer(wide, area, reference, bases, np.full(len(bases), year), m.sign)
                    parts.append(gap.assign(measure=name, window=window))
    if not parts:
        raise DataError(f"no series holds persons of {area_name(area)} in {year} and a year before")
    columns = ["measure", "window", *parts[0].columns[:-2]]
    return pd.concat(parts, ignore_index=True)[columns]


def prices(year: int = 2014, area=HOME, read=load) -> pd.DataFrame:
    """Return the prices per full-time person and year that could value a gap of a year.

    Parameters
    ----------
    year : int
        The year valued.
    area : str
        The municipality; what is printed or written of it alone is told for it alone.

    Returns
    -------
    pandas.DataFrame
        price, benefit (all where it is of none alone), group, share_pct (the municipality's), level (of prices, a
        year), price_kr, evidence (the weakest of rate, share and uprating), source, rates (those it rests on). A price
        of a later year comes twice: as printed, and at the level of ``year`` by the rise implied by kontanthjælp.

    Examples
    --------
    >>> table = prices().set_index(["price", "share_pct"])
    >>> float(table.loc[("kontanthjaelp, 30+, other", 100), "price_kr"])
    128268.0
    """
    area, rows = area_code(area), []
    for name, conditions in RATED.items():
        try:
            r = rate(name.split(",")[0].replace("dagpenge", "dagpenge_max"), f"{year}-06-30", **conditions)
        except DataError:
            continue  # no such rate that year
        benefit, source = name.split(",")[0], r.reference
        rows.append((name, benefit, "rates", 100, year, full_year_kr(r), r.evidence, source, (r,)))
        for s in _shares(benefit, year):
            told = f"{source}; share when {' '.join(s.when.values())}: {s.reference}"
            own_kr = full_year_kr(r) * s.value / 100
            rows.append((name, benefit, "rates", s.value, year, own_kr, weakest(r, s), told, (r, s)))
    if area == HOME:
        unit = read("budget_2017.unit_price", corrected=True)
        kept = unit["row"].str.startswith("Forsørgelse") & unit["column"].isin(["R2015", "B2016"])
        for r in unit[kept].itertuples():
            source = f"budget_2017.unit_price, {r.column}, moved back under its heading"
            printed = (r.year, r.value * 1000, "published", source, ())
            rows.append((f"forsørgelse {r.column}", "all", "printed", 100, *printed))
    examples = read("worked_examples").dropna(subset="implied_kr_per_person")
    for r in examples[examples["method"].str.startswith(("B ", "unit cost"))].itertuples():
        group = "press" if r.area == area_name(area) else "press, other municipalities"
        of_year = int(r.period.split()[-1])  # "news of Nov 2018"
        quoted = (of_year, r.implied_kr_per_person, "press", r.source, ())
        rows.append((f"{r.area} {of_year}, {r.method}", "all", group, 100, *quoted))
    mean = read("beskaeftigelsestilskud_figures").set_index("item").loc["mean net cost per unemployed"]
    quoted = (int(mean["year"]), mean["value"], mean["status"], mean["source"], ())
    rows.append(("mean net cost per unemployed", "all", "press", 100, *quoted))
    columns = ["price", "benefit", "group", "share_pct", "level", "price_kr", "evidence", "source", "rates"]
    printed = pd.DataFrame(rows, columns=columns).astype({"share_pct": float})
    rises = {level: _rises(year, level) for level in printed["level"].unique()}  # none unless of a later year
    later = printed[[bool(rises[level]) for level in printed["level"]]]
    factor = {level: np.prod([1 + r.value / 100 for r in some]) for level, some in rises.items()}
    at_level = later.assign(
        price=later["price"] + f", at {year}",
        price_kr=later["price_kr"] / later["level"].map(factor),
        evidence=later["evidence"].map(lambda e: max(e, "derived", key=EVIDENCE.index)),
        rates=later["level"].map(rises),
        level=year,
    )
    return pd.concat([printed, at_level], ignore_index=True)


def _shares(benefit: str, year: int) -> list[Rate]:
    shares = in_force("refusion_municipal_share", f"{year}-06-30", benefit=benefit)
    told = [r for r in shares if r.when.get("activity") in ("active", "passive") or "weeks" in r.when]
    return [r for r in told if r.value]


def _rises(year: int, level: int) -> tuple[Rate, ...]:
    try:
        years = range(year + 1, level + 1)
        return tuple(rate("satsregulering_implied", f"{y}-06-30", benefit="kontanthjaelp") for y in years)
    except DataError:
        return ()  # not known that far


def suited(table: pd.DataFrame, priced: pd.DataFrame) -> np.ndarray:
    """Tell which of some prices may value which of some gaps: gaps × prices.

    Examples
    --------
    >>> suited(gaps(), prices()).sum()
    np.int64(3080)
    """
    known = measures()
    of_benefit = {name: priced["benefit"].isin(m.suits).to_numpy() for name, m in known.items()}
    return np.array([of_benefit[name] for name in table["measure"]])


def search(target: float, area=HOME, year: int = 2014, read=load) -> pd.DataFrame:
    """Tell for every gap the price that gives a target, and whether it lies among the prices that suit its benefit.

    Parameters
    ----------
    target : float
        The gain to explain, mio. kr., above 0.
    area, year, read
        As for :func:`gaps` and :func:`prices`.

    Returns
    -------
    pandas.DataFrame
        The columns of :func:`gaps`; needed_price_kr (NaN where the gap is no gain), lowest_kr and highest_kr (of the
        prices that suit), inside, nearest (the price closest to the needed one), nearest_kr, off_pct (how far it is off).

    Examples
    --------
    >>> found = search(7.6)
    >>> len(found), int(found["needed_price_kr"].notna().sum())
    (104, 30)
    """
    if not 0 < target < np.inf:
        raise DataError(f"the target is {target} mio. kr.; a gain to explain must be above 0")
    table, priced = gaps(area, year, read), prices(year, area, read)
    kr = np.where(suited(table, priced), priced["price_kr"].to_numpy(), np.nan)
    needed = (target * 1e6 / table["fewer"]).where(table["fewer"] > 0)
    lowest, highest = np.nanmin(kr, axis=1), np.nanmax(kr, axis=1)
    off = np.abs(np.log(kr / needed.to_numpy()[:, None]))
    at = np.where(np.isnan(off), np.inf, off).argmin(axis=1)
    nearest_kr = np.where(needed.notna(), priced["price_kr"].to_numpy()[at], np.nan)
    return table.assign(
        needed_price_kr=needed,
        lowest_kr=lowest,
        highest_kr=highest,
        inside=needed.between(lowest, highest),
        nearest=np.where(needed.notna(), priced["price"].to_numpy()[at], ""),
        nearest_kr=nearest_kr,
        off_pct=(nearest_kr / needed - 1) * 100,
    )


def per_1000(panel: pd.DataFrame, year: int, read=load) -> pd.DataFrame:
    """Return persons by period and municipality per 1,000 inhabitants of 1 January of a year."""
    return panel / population_on(f"{year}Q1", read).reindex(panel.columns) * 1000


def placebo_p(effects: pd.Series, area) -> pd.Series:
    """Return how unusual an area's effect is among those of all areas, its own counted.

    Parameters
    ----------
    effects : pandas.Series
        By area, positive where the area did better.

    Returns
    -------
    pandas.Series
        rank (1 is the best), one_sided (share at least as good), two_sided (share at least as far from zero).

    Examples
    --------
    >>> placebo_p(pd.Series({"a": 3.0, "b": -4.0, "c": 1.0, "d": 0.0}), "a").tolist()
    [1.0, 0.25, 0.5]
    """
    own, n = effects[area], len(effects)
    rank = (effects > own).sum() + 1
    return pd.Series(
        {"rank": rank, "one_sided": (effects >= own).sum() / n, "two_sided": (effects.abs() >= abs(own)).sum() / n}
    )


def implied_price(persons: Interval, mio_kr: Interval) -> Interval:
    """Return the kroner per person behind a published gain, with what the rounding leaves open.

    Examples
    --------
    >>> price = implied_price(Interval(200, 190, 210), Interval(12.5, 12.45, 12.55))
    >>> round(price.low), round(price.value), round(price.high)
    (59286, 62500, 66053)
    """
    return mio_kr * Interval(1e6, 1e6, 1e6) / persons
