"""The gap: how many fewer an area has than if it had followed the reference's growth."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis.sources import DataError, hash_of, labels, load

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


def municipalities() -> list[str]:
    """Return the codes of the 98 municipalities.

    Examples
    --------
    >>> len(municipalities())
    98
    """
    areas = load("areas")
    return areas.loc[areas["level"] == "kommune", "code"].tolist()


def yearly(measure: str, window: str = "year") -> pd.DataFrame:
    """Return a measure by year (index) and area code (columns), in its own unit.

    Parameters
    ----------
    measure : str
        A key of :func:`measures`.
    window : str
        For quarterly series the quarters averaged: ``year``, ``H2`` or ``Q4``. Monthly series are averaged
        over August to July and carry the year they end in. A year with a missing period is left out.

    Examples
    --------
    >>> float(yearly("net_unemployed_kontanthjaelp").loc[2014, "151"])
    301.5
    """
    known = measures()
    if measure not in known:
        raise DataError(f"no measure {measure!r}; the measures are {', '.join(known)}")
    m = known[measure]
    wide = _by_benefit(hash_of(m.table))[m.benefit] if m.benefit else _wide(measure, m)
    if measure == "gross_unemployed_derived":  # labour force = employed / (1 - unemployed share)
        employed = yearly("employed")
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


def _wide(measure: str, m: Measure) -> pd.DataFrame:
    table = load(m.table)
    if m.table == "aup02":  # the country and the region stand in another table, unless fetched anew
        table = pd.concat([table, load("aulp01")]).drop_duplicates(["area", "year"])
    if m.period == "month":
        table = table[table["measure"] == measure]
    return table.pivot_table(index=m.period, columns="area", values=m.column)


@functools.lru_cache(maxsize=2)  # by the hash of its file: some 40 benefit types are read at one go
def _by_benefit(digest: str) -> pd.DataFrame:
    return load("auk01_all").pivot_table(index="quarter", columns=["benefit", "area"], values="fulltime_persons")


def trend_gap(measure, area="151", reference="000", base=2013, year=2014, window="year") -> pd.DataFrame:
    """Return how many fewer an area has than if it had followed the reference's growth since the base year.

    Parameters
    ----------
    measure, window : str
        See :func:`yearly`.
    area : str or list of str or None
        Area code(s); None for the 98 municipalities.
    reference : str or list of str
        Area code(s) of the reference; ``"000"`` is the country.
    base, year : int or sequence of int
        Base year(s) and the year(s) compared with them, one by one.

    Returns
    -------
    pandas.DataFrame
        One row a reference, year and area: measure, area, reference, base, year, before, actual, expected (before × the
        reference's growth), fewer (expected - actual, positive where the area did better), fewer_pct (of
        expected), unit. For a measure in pct., fewer is in percentage points.

    Raises
    ------
    DataError
        When the measure, an area or a year is not in the series; the message lists what is.

    Examples
    --------
    >>> float(trend_gap("net_unemployed_kontanthjaelp").loc[0, "fewer"].round(1))
    56.8
    """
    wide, m = yearly(measure, window), measures()[measure]
    areas = municipalities() if area is None else [area] if isinstance(area, str) else list(area)
    references = [reference] if isinstance(reference, str) else list(reference)
    for code in (*areas, *references):
        if code not in wide or wide[code].isna().all():
            known = ", ".join(sorted(wide.dropna(axis=1, how="all")))
            raise DataError(f"{m.table} has no {m.column} for area {code!r}; it has {known}")
    bases, years = np.broadcast_arrays(np.atleast_1d(base), np.atleast_1d(year))
    whole = wide[list(dict.fromkeys([*areas, *references]))].dropna()
    if absent := sorted(set(map(int, [*bases, *years])) - set(whole.index)):
        have = ", ".join(map(str, whole.index))
        raise DataError(f"{m.table} has no {', '.join(map(str, absent))} for all of these areas; it has {have}")
    before, actual = whole.loc[bases, areas].to_numpy(), whole.loc[years, areas].to_numpy()
    then, now = (whole.loc[each, references].to_numpy().T[:, :, None] for each in (bases, years))
    expected = at_reference_growth(before, then, now)  # reference × year × area
    fewer = m.sign * (expected - actual)
    each = (len(references), len(years), len(areas))
    return pd.DataFrame(
        {
            "measure": measure,
            "area": np.broadcast_to(areas, each).ravel(),
            "reference": np.repeat(references, len(years) * len(areas)),
            "base": np.broadcast_to(bases[:, None], each).ravel(),
            "year": np.broadcast_to(years[:, None], each).ravel(),
            "before": np.broadcast_to(before, each).ravel(),
            "actual": np.broadcast_to(actual, each).ravel(),
            "expected": expected.ravel(),
            "fewer": fewer.ravel(),
            "fewer_pct": (fewer / expected * 100).ravel(),
            "unit": m.unit,
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


def population_on(quarter: str) -> pd.Series:
    """Return the population by area on the first day of a quarter; larger areas are sums of municipalities.

    Examples
    --------
    >>> int(population_on("2014Q1")["151"])
    48514
    """
    table = load("folk1a")
    found = table[table["quarter"] == quarter].set_index("area")["persons"]
    if found.empty:
        raise DataError(f"folk1a has no {quarter}; it has {table['quarter'].min()} to {table['quarter'].max()}")
    parts = load("areas").query("level == 'kommune'").assign(persons=lambda t: t["code"].map(found), country="000")
    levels = [parts.groupby(level)["persons"].sum() for level in ("country", "region", "landsdel", "code")]
    return pd.concat(levels).astype(int)
