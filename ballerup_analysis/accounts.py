"""Accounts in kroner: what the years after the last will come to, and what they say against a reference.

G1 to G4 are the readings of "besparelse" that work on accounts; no method was printed for the 7,6 mio. kr. of 2014.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis import movement
from ballerup_analysis.frame import ASSUMED
from ballerup_analysis.nowcast import PERSONS, inhabitants, known, nowcast_record, nowcasts, priced, uprating
from ballerup_analysis.sources import DataError, area_code, area_name, load
from ballerup_analysis.trend import at_reference_growth, population_on

TOTAL = "total"
AFTER_REFUND = [function for function, told in ASSUMED["accounts"].items() if not told.get("before_refund")]
NAMED = 5  # benefits told by name where something is missing
ROUNDING = 0.01  # pct. points: two shares, each to 0.005


def g1_cost_growth(before, now, reference_before, reference_now):
    """G1: own cost of the base year at the reference's cost growth, less own cost; kr. by benefit.

    Examples
    --------
    >>> g1_cost_growth(100.0, 95.0, 200.0, 220.0)
    15.0
    """
    return at_reference_growth(before, reference_before, reference_now) - now


def g2_person_growth(before, now, reference_before, reference_now, price_kr):
    """G2: persons fewer than at the reference's growth in persons, times own net cost per person.

    Examples
    --------
    >>> g2_person_growth(100.0, 100.0, 200.0, 220.0, 60_000.0)
    600000.0
    """
    return g1_cost_growth(before, now, reference_before, reference_now) * price_kr


def g3_level(now, population, reference_now, reference_population):
    """G3: the reference's cost per inhabitant at own population, less own cost; no base year.

    Examples
    --------
    >>> g3_level(90.0, 10, 1000.0, 100)
    10.0
    """
    return reference_now / reference_population * population - now


def g4_budget_guarantee(before, now, reference_before, reference_now, share, uprating=1.0):
    """G4: own share of the reference's uprated change in cost, less own uprated change.

    Examples
    --------
    >>> g4_budget_guarantee(100.0, 95.0, 200.0, 220.0, share=0.4)
    13.0
    """
    return share * (reference_now - uprating * reference_before) - (now - uprating * before)


def gains_from_accounts(accounts, area="151", reference="000", base=2013, year=2014, uprating=1.0) -> pd.DataFrame:
    """Apply G1 to G4 to accounts by benefit.

    Parameters
    ----------
    accounts : pandas.DataFrame
        area, year, benefit, fulltime_persons, net_cost_kr (:func:`ballerup_analysis.sources.load_local_accounts`).
    area, reference : str
        Area codes. The population of 1 January is used for G3 and as the share in G4.
    base, year : int
        Base year and year compared.
    uprating : float
        Price and wage factor from base to year, for G4.

    Returns
    -------
    pandas.DataFrame
        method, gain_mio_kr, missing: the gain, or what the accounts lack for it.
    """
    corners = {"before": (area, base), "now": (area, year), "then": (reference, base), "ref": (reference, year)}
    at = {
        k: accounts[(accounts["area"] == a) & (accounts["year"] == y)].set_index("benefit")
        for k, (a, y) in corners.items()
    }
    cost, persons = ({k: t[column] for k, t in at.items()} for column in ("net_cost_kr", "fulltime_persons"))
    population = population_on(f"{year}Q1")
    if absent := [code for code in (area, reference) if code not in population]:
        raise DataError(f"no area {', '.join(absent)}; the areas are {', '.join(population.index)}")
    own, whole = population[area], population[reference]
    found = {
        "G1": g1_cost_growth(cost["before"], cost["now"], cost["then"], cost["ref"]),
        "G2": g2_person_growth(*persons.values(), price_kr=cost["now"] / persons["now"]),
        "G3": g3_level(cost["now"], own, cost["ref"], whole),
        "G4": g4_budget_guarantee(*cost.values(), share=own / whole, uprating=uprating),
    }
    rows = []
    for method, by_benefit in found.items():
        names = by_benefit.index[~np.isfinite(by_benefit)]
        lacking = ", ".join(names[:NAMED]) + f" … ({len(names)})" * (len(names) > NAMED)
        lacking = lacking if len(by_benefit) else "all benefits"
        rows.append((method, np.nan if lacking else by_benefit.sum() / 1e6, lacking))
    return pd.DataFrame(rows, columns=["method", "gain_mio_kr", "missing"])


def gap_to_expected(shares: pd.DataFrame) -> pd.DataFrame:
    """Return how many more are on public support than the ministry's benchmark expects, from shares with two decimals.

    The counts beside are rounded to 10; counts and shares together give the population they are shares of.

    Parameters
    ----------
    shares : pandas.DataFrame
        Some or all rows of ``load("y30r21_shares")``.

    Returns
    -------
    pandas.DataFrame
        area, period, benefit_group, persons (actual - expected, so negative where fewer), low, high: what the rounding
        of both shares allows.

    Examples
    --------
    >>> row = {"area": "151", "period": "2021", "benefit_group": "all", "expected": 2000, "actual": 1900}
    >>> gap_to_expected(pd.DataFrame([row | {"expected_pct": 10.0, "actual_pct": 9.5}]))["persons"].tolist()
    [-100.0]
    """
    both = ["expected", "actual"]
    sums = shares.groupby(["area", "period"])[[*both, *(f"{name}_pct" for name in both)]].sum()
    population = sums[both].sum(axis=1) / sums[[f"{name}_pct" for name in both]].sum(axis=1)
    at = pd.MultiIndex.from_frame(shares[["area", "period"]])
    per_point = population.reindex(at).to_numpy()
    persons = (shares["actual_pct"] - shares["expected_pct"]) * per_point
    table = shares[["area", "period", "benefit_group"]].assign(persons=persons)
    return table.assign(low=persons - ROUNDING * per_point, high=persons + ROUNDING * per_point)


def ahead(area=None, years=None, prices: int | None = None, read=load) -> pd.DataFrame:
    """Forecast the accounts of the years after the last, by function and in all, with intervals.

    Where persons are known an account is persons × price × regulation; after that, and for functions without persons, it
    moves by the method whose record was best at that distance (:mod:`ballerup_analysis.movement`).

    Parameters
    ----------
    area : str or list of str, optional
        Codes or names; all municipalities unless given. "000" is the country.
    years : list of int, optional
        Of the four after the last account; all of them unless given.
    prices : int, optional
        Year whose level of benefits the amounts are told in; current prices unless given.
    read : callable
        Hands out ``regk31``, ``folk1a``, ``jobindsats_monthly``, ``jobindsats_revisions`` and ``satsregulering``.

    Returns
    -------
    pandas.DataFrame
        area, function ("total" for all of them), year, quantile, mio_kr, kr_per_inhabitant, method, n (the years in
        which the method has been graded at that distance).

    Raises
    ------
    DataError
        For an area without accounts, a year that is in the accounts already or more than four years on.

    Examples
    --------
    >>> table = ahead("151", [2025]).query("quantile == 0.5").set_index("function")
    >>> table["method"].loc[["5.57.78", "5.58.81"]].tolist()[0]
    'nowcast'
    """
    there, past = known(read), movement.history(read("regk31"))
    accounts, people = there.accounts, there.inhabitants
    last = accounts.pivot_table("year", "area", "function", aggfunc="max").dropna()[past.functions]
    codes = _known(past.areas if area is None else [area] if isinstance(area, str | int) else area, last)
    years = _later(years, last.loc[codes])
    now, tried = nowcasts(priced(there.persons, accounts), there.persons, there.regulation), nowcast_record(there)
    reach = now.pivot_table("year", "area", "function", aggfunc="max").reindex_like(last).fillna(last)
    if tried["date"].nunique() < movement.ENOUGH:  # a way that has not been graded is not chosen
        reach = last
    persons = people.stack().reindex(pd.MultiIndex.from_frame(now[["year", "area"]])).to_numpy()
    levels = pd.concat([accounts, now.assign(kr_per_inhabitant=now["mio_kr"] * 1e6 / persons)])
    levels = levels.pivot_table("kr_per_inhabitant", ["function", "year"], "area")
    rows, parts = movement.graded(past), []
    alike = pd.concat([last, reach], axis=1).loc[codes].astype(int).set_axis(range(2 * len(past.functions)), axis=1)
    alike["own"] = alike.index != "000"
    for key, members in alike.groupby(alike.columns.tolist()):
        start, to = np.split(np.array(key[:-1]), 2)
        plan = _Plan(past, movement.choose(rows, past.years[-1]), start, to, years, key[-1])
        parts.append(_told(plan, rows, tried, levels[members.index], people.loc[years, members.index]))
    factor = {year: uprating(there.regulation, prices, year) if prices else 1.0 for year in years}
    table = pd.concat(parts)
    for unit in ("mio_kr", "kr_per_inhabitant"):
        table[unit] /= table["year"].map(factor)
    return table.sort_values(["area", "function", "year"], kind="stable", ignore_index=True)  # quantiles in their order


def with_own(own: pd.DataFrame, read=load):
    """Return a reader that hands out an analyst's own accounts and persons in place of the public rows.

    Parameters
    ----------
    own : pandas.DataFrame
        area, year, benefit, fulltime_persons, net_cost_kr (:func:`ballerup_analysis.sources.load_local_accounts`). Rows
        whose benefit is named by its account function, such as 5.57.78, are used, in the months and areas that are public;
        of ``AFTER_REFUND`` alone, as the public amounts of the others are before state refund.
    read : callable
        Hands out the public tables.

    Examples
    --------
    >>> row = {"area": "151", "year": 2025, "benefit": "5.57.78", "fulltime_persons": 650.0, "net_cost_kr": 98e6}
    >>> with_own(pd.DataFrame([row]))("regk31").query("area == '151' and year == 2025")["function"].tolist()
    ['5.57.78']
    """

    def reader(name: str, *args, **kwargs) -> pd.DataFrame:
        table = read(name, *args, **kwargs)
        if name == "regk31":
            people = inhabitants(read("folk1a")).stack()
            rows = own[own["benefit"].isin(AFTER_REFUND) & own["net_cost_kr"].notna()]
            per = rows["net_cost_kr"] / people.reindex(pd.MultiIndex.from_frame(rows[["year", "area"]])).to_numpy()
            rows = rows.rename(columns={"benefit": "function"}).assign(kr_per_inhabitant=per)
            return _in_place(table, rows, ["area", "year", "function"])
        if name == "jobindsats_monthly":
            rows = own[own["benefit"].isin(AFTER_REFUND)]  # a price before refund is that of the public persons
            rows = rows.assign(measure=rows["benefit"].map(PERSONS), value=rows["fulltime_persons"])
            months = pd.DataFrame({"month": table["month"].unique()})
            months["year"] = months["month"].str[:4].astype(int)
            rows = rows.dropna(subset=["measure", "value"]).merge(months, on="year")
            return _in_place(table, rows, ["area", "month", "measure"])
        return table

    return reader


def _in_place(table: pd.DataFrame, rows: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Put rows in the place of those with the same key."""
    kept = ~pd.MultiIndex.from_frame(table[key]).isin(pd.MultiIndex.from_frame(rows[key]))
    return pd.concat([table[kept], rows.reindex(columns=table.columns)], ignore_index=True)


@dataclass(frozen=True)
class _Plan:
    """What is moved, from which year to which, for areas whose accounts and persons end in the same years."""

    past: movement.History
    pick: pd.Series
    start: np.ndarray  # by function: year of the last account
    reach: np.ndarray  # by function: year of the last nowcast; that of the account where there is none
    years: list[int]
    own: bool

    @property
    def moved(self) -> np.ndarray:
        """Years moved after the account or the nowcast, functions × dates."""
        return np.maximum(np.array(self.years) - self.reach[:, None], 0)

    @property
    def nowcast(self) -> np.ndarray:
        """Years from the account to the nowcast that a date stands on, functions × dates; 0 without a nowcast."""
        return np.minimum(self.years, self.reach[:, None]) - self.start[:, None]

    @property
    def methods(self) -> np.ndarray:
        """Method of moving, functions × dates."""
        pairs = zip(self.past.functions, self.moved, strict=True)
        return np.array([[self.pick[f, k] if k else "no change" for k in row] for f, row in pairs])


def _told(plan: _Plan, rows, tried, levels, people) -> pd.DataFrame:
    """Draw the plan's accounts and tell their quantiles, by function and in all."""
    past, moved, methods = plan.past, plan.moved, plan.methods
    chosen = np.array([[movement.CANDIDATES.index(method) for method in row] for row in methods])
    drawn = np.take_along_axis(movement.changes(past, moved, plan.own), chosen[None, None], axis=1)[:, 0]
    missed = _missed(tried, past.functions, plan.nowcast, plan.own)
    change = drawn + missed - np.median(missed, axis=0)  # the nowcast itself is in the middle
    least = past.least[:, -1]
    total, ends = 0.0, []
    for f, function in enumerate(past.functions):
        bases = np.minimum(plan.years, plan.reach[f]).tolist()
        start = levels.loc[[(function, year) for year in bases]].to_numpy()
        low_to_high = np.quantile(change[:, f], movement.QUANTILES, axis=0)[..., None]
        ends.append(movement.apply(start, low_to_high, past.linear[f], least[f]))
        total = total + movement.apply(start, change[:, f, :, None], past.linear[f], least[f])
    values = np.stack([*ends, np.quantile(total, movement.QUANTILES, axis=0)])  # functions, quantiles, years, areas
    graded_years = rows.groupby(["function", "horizon"])["date"].nunique()
    nowcast_years = tried.groupby("horizon")["date"].nunique()
    told, count = [], []
    for f, function in enumerate(past.functions):
        for k, h, method in zip(moved[f], plan.nowcast[f], methods[f], strict=True):
            told.append(method if not h else "nowcast" if not k else f"nowcast, then {method}")
            count.append(graded_years.get((function, k), 0) if k else nowcast_years.get(h, 0))
    shape = (len(past.functions), len(plan.years))
    count = np.vstack([np.reshape(count, shape), np.reshape(count, shape).min(axis=0)])
    told = np.vstack([np.reshape(told, shape), np.full(shape[1], "sum")])
    names = ["function", "quantile", "year", "area"]
    index = pd.MultiIndex.from_product(
        [[*past.functions, TOTAL], movement.QUANTILES, plan.years, people.columns], names=names
    )
    table = pd.DataFrame({"kr_per_inhabitant": values.ravel()}, index).reset_index()
    each = [np.broadcast_to(part[:, None, :, None], values.shape).ravel() for part in (told, count)]
    mio = values * people.to_numpy() / 1e6
    table = table.assign(mio_kr=mio.ravel(), method=each[0], n=each[1])
    return table[["area", "function", "year", "quantile", "mio_kr", "kr_per_inhabitant", "method", "n"]]


def _missed(tried: pd.DataFrame, functions: list[str], horizons: np.ndarray, own: bool) -> np.ndarray:
    """Draw by how much a nowcast misses, in logs: the price moves for the whole country, and for the area beside it."""
    found = np.zeros((movement.DRAWS, *horizons.shape))
    if not horizons.any():
        return found
    error = tried.assign(missed=np.log(tried["actual"] / tried["forecast"]))
    error = error.pivot_table("missed", ["horizon", "date", "area"], "function")
    error = error.drop("000", level="area", errors="ignore").dropna()
    country = error.groupby(["horizon", "date"]).median()
    beside = error - country.reindex(error.index.droplevel("area")).to_numpy()
    years = len(country.loc[1])
    points = movement.cube_points(movement.DIMENSIONS)[:, -years - 2 :]  # not those of the movement
    shock = movement.shocks(country.loc[1].to_numpy().T, years, points[:, : years + 1])
    for f, function in enumerate(functions):
        for j, h in enumerate(horizons[f]):
            if h:
                block = beside.loc[min(h, 2), function].to_numpy()
                drawn = block[(points[:, -1] * len(block)).astype(int)] if own else 0.0
                found[:, f, j] = shock[:, error.columns.get_loc(function)] * np.sqrt(h) + drawn
    return found


def _known(areas, last: pd.DataFrame) -> list[str]:
    codes = [area_code(area) for area in areas]
    if absent := [area_name(code) for code in codes if code not in last.index]:
        country = " and the country" if "000" in last.index else ""
        count = len(last.index.drop("000", errors="ignore"))
        raise DataError(f"{', '.join(absent)}: no accounts; there are those of {count} municipalities{country}")
    return codes


def _later(years, last: pd.DataFrame) -> list[int]:
    first, end = int(last.to_numpy().max()) + 1, int(last.to_numpy().min()) + movement.HORIZON
    years = list(range(first, end + 1)) if years is None else list(years)
    for year in years:
        if not isinstance(year, int | np.integer) or not first <= year <= end:
            raise DataError(
                f"the year {year} cannot be forecast: the last accounts are of {first - 1}; years are {first} to {end}"
            )
    return years
