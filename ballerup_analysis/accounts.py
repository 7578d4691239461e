"""Accounts in kroner against a reference: four hypotheses for the published besparelse, and a change in its parts.

G1 to G4 are the readings of "besparelse" that work on accounts; no method was printed for the 7,6 mio. kr. of 2014.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ballerup_analysis.sources import DataError, load, municipalities
from ballerup_analysis.trend import at_reference_growth, population_on


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
    >>> g4_budget_guarantee(100.0, 95.0, 200.0, 220.0, share=0.5)
    15.0
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
        lacking = ", ".join(by_benefit.index[~np.isfinite(by_benefit)]) or ("" if len(by_benefit) else "all benefits")
        rows.append((method, np.nan if lacking else by_benefit.sum() / 1e6, lacking))
    return pd.DataFrame(rows, columns=["method", "gain_mio_kr", "missing"])


def accounts_gain() -> pd.DataFrame:
    """Return G1 and G3 on the public accounts (regk31) of every municipality, function, year and base year.

    Returns
    -------
    pandas.DataFrame
        area, function, method (G1 or G3), base (0 for G3), year, kr_per_inhabitant, mio_kr (at the population
        of 1 July). Positive where the area cost less. 5.57.73 and 5.58.81 are before state refund.

    Examples
    --------
    >>> sorted(accounts_gain()["method"].unique())
    ['G1', 'G3']
    """
    cost = load("regk31").pivot_table(index="area", columns=["function", "year"], values="kr_per_inhabitant")
    codes, functions, years = municipalities(), *(list(level) for level in cost.columns.levels)
    cube = cost.loc[["000", *codes]].to_numpy(float).reshape(-1, len(functions), len(years))
    then, now = cube[:, :, :, None], cube[:, :, None, :]  # area, function, base year, year
    by_growth = g1_cost_growth(then[1:], now[1:], then[:1], now[:1])
    by_level = g3_level(now[1:], 1, now[:1], 1)
    names = {"area": codes, "function": functions, "base": [*years, 0], "year": years}
    index = pd.MultiIndex.from_product(names.values(), names=names)
    gains = pd.Series(
        np.concatenate([by_growth, by_level], axis=2).ravel(), index, name="kr_per_inhabitant"
    ).reset_index()
    gains = gains[gains["base"] < gains["year"]]
    persons = pd.concat({year: population_on(f"{year}Q3") for year in years}, names=["year", "area"])
    at = pd.MultiIndex.from_frame(gains[["year", "area"]])
    gains = gains.assign(mio_kr=gains["kr_per_inhabitant"] * persons[at].to_numpy() / 1e6)
    gains.insert(2, "method", np.where(gains["base"] == 0, "G3", "G1"))
    return gains.reset_index(drop=True)


def decompose(before: pd.DataFrame, after: pd.DataFrame) -> pd.Series:
    """Split a change in cost into volume, mix and price, which add up to it.

    Parameters
    ----------
    before, after : pandas.DataFrame
        Indexed by line, with columns units (full-time persons) and cost_kr. A line with no units in one
        period takes the price of the other.

    Returns
    -------
    pandas.Series
        volume (more units at the mean price), mix (between lines), price (at the new units), total; kr.

    Examples
    --------
    >>> before = pd.DataFrame({"units": [100, 50], "cost_kr": [1000.0, 1000.0]}, index=["k", "d"])
    >>> after = pd.DataFrame({"units": [90, 60], "cost_kr": [990.0, 1200.0]}, index=["k", "d"])
    >>> decompose(before, after).round(2).tolist()
    [0.0, 100.0, 90.0, 190.0]
    """
    if before[["units", "cost_kr"]].isna().any(axis=None) or after[["units", "cost_kr"]].isna().any(axis=None):
        raise DataError("units or cost_kr is missing in a line; a missing figure is not zero")
    lines = before.index.union(after.index, sort=False)
    units0, cost0, units1, cost1 = (
        table.reindex(lines)[column].fillna(0.0).astype(float)
        for table in (before, after)
        for column in ("units", "cost_kr")
    )
    priceless = lines[((units0 <= 0) & (cost0 != 0)) | ((units1 <= 0) & (cost1 != 0))]
    if len(priceless) or units0.sum() <= 0:
        raise DataError(f"no price can be told: cost without units in {list(priceless) or 'all lines'}")
    price0 = (cost0 / units0.where(units0 > 0)).fillna(cost1 / units1.where(units1 > 0)).fillna(0.0)
    mean = cost0.sum() / units0.sum()
    volume, mix = (units1.sum() - units0.sum()) * mean, (units1 * (price0 - mean)).sum()
    price = (cost1 - units1 * price0).sum()
    return pd.Series({"volume": volume, "mix": mix, "price": price, "total": cost1.sum() - cost0.sum()})


def spread_of_changes(accounts: pd.DataFrame, years: int, known: int, tails=(0.1, 0.5, 0.9)) -> pd.Series:
    """Return how far accounts have moved over some years, as factors of where they began.

    Parameters
    ----------
    accounts : pandas.DataFrame
        Kr. per inhabitant, years × areas; zero and less are left out.
    years : int
        From the first account to the second.
    known : int
        Last year looked at.
    tails : tuple of float
        Quantiles over all areas and years.

    Examples
    --------
    >>> accounts = pd.DataFrame({"a": [100.0, 110.0, 990.0]}, index=[2016, 2017, 2018])
    >>> spread_of_changes(accounts, 1, 2017).round(2).tolist()
    [1.1, 1.1, 1.1]
    """
    logs = np.log(accounts.where(accounts > 0))
    return np.exp(logs.diff(years).loc[:known].stack().quantile(list(tails)))
