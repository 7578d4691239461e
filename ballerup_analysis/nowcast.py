"""What a year costs before its accounts are there: persons known so far × price of the last account × regulation since."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ballerup_analysis.forecast import pooled
from ballerup_analysis.sources import DataError, area_code, area_name, load

PERSONS = {"5.57.73": "kontanthjaelp_fulltime_persons", "5.57.78": "gross_unemployed_dagpenge"}  # behind an account
HOLDS = {
    "5.57.73": "before state refund; the persons are those of the benefit after 1 July 2025, chained back",
    "5.57.78": "the municipality's co-financing; the persons are full-time persons on a-dagpenge",
}
SEASON, ENOUGH_MONTHS = 12, 6  # a year is nowcast from six months of persons
LATELY = 5  # years whose mean regulation stands for a year not yet regulated


@dataclass(frozen=True)
class Known:
    """The public tables as a nowcast needs them.

    Parameters
    ----------
    monthly : dict
        Full-time persons by function, each month × area.
    persons : pandas.DataFrame
        function, area, year, months, persons (:func:`yearly_persons`).
    inhabitants : pandas.DataFrame
        Year × area, 1 July.
    accounts : pandas.DataFrame
        function, area, year, kr_per_inhabitant, mio_kr.
    regulation : pandas.DataFrame
        ``load("satsregulering")``.
    """

    monthly: dict[str, pd.DataFrame]
    persons: pd.DataFrame
    inhabitants: pd.DataFrame
    accounts: pd.DataFrame
    regulation: pd.DataFrame


def known(read=load) -> Known:
    """Arrange ``regk31``, ``folk1a``, ``jobindsats_monthly``, ``jobindsats_revisions`` and ``satsregulering``.

    Parameters
    ----------
    read : callable
        Hands out the tables, whole or the rows of some functions; the municipalities must all be there.

    Examples
    --------
    >>> int(known().persons.set_index(["function", "area", "year"]).loc[("5.57.78", "151", 2024), "persons"].round())
    549
    """
    people, costs, monthly = inhabitants(read("folk1a")), read("regk31"), monthly_persons(read)
    at = pd.MultiIndex.from_frame(costs[["year", "area"]])
    costs = costs.assign(mio_kr=costs["kr_per_inhabitant"] * people.stack().reindex(at).to_numpy() / 1e6)
    accounts = costs[["function", "area", "year", "kr_per_inhabitant", "mio_kr"]]
    return Known(monthly, yearly_persons(monthly), people, accounts, read("satsregulering"))


def inhabitants(population: pd.DataFrame) -> pd.DataFrame:
    """Return the inhabitants of 1 July, year × area; the newest quarter stands for a July not yet known, seven years on.

    Parameters
    ----------
    population : pandas.DataFrame
        area, quarter, persons (``load("folk1a")``); the country is the sum of its municipalities.

    Examples
    --------
    >>> table = pd.DataFrame({"area": "151", "quarter": ["2024Q1", "2024Q3", "2025Q1"], "persons": [10, 20, 30]})
    >>> inhabitants(table)["151"].to_dict()
    {2024: 20, 2025: 30, 2026: 30, 2027: 30, 2028: 30, 2029: 30, 2030: 30, 2031: 30, 2032: 30}
    """
    table = population[~population["area"].str.startswith("0")].sort_values("quarter", kind="stable")  # municipalities
    october = table["quarter"].str.endswith("Q4")  # after the July of its year
    july = table["quarter"].str[:4].astype(int) + october
    wide = table.pivot_table("persons", july, "area", aggfunc="last")  # the last known until each July
    wide["000"] = wide.sum(axis=1)
    return wide.rename_axis("year").reindex(range(wide.index[0], wide.index[-1] + 8), method="ffill")


def monthly_persons(read=load) -> dict[str, pd.DataFrame]:
    """Return full-time persons by function, each month × area; the newest month is raised by the revision to come.

    Examples
    --------
    >>> int(monthly_persons()["5.57.78"].loc["2026M05", "151"])
    698
    """
    table, changed = read("jobindsats_monthly"), read("jobindsats_revisions")
    table = table[table["measure"].isin(PERSONS.values())]
    wide = table.pivot_table("value", "month", ["measure", "area"])
    newest = changed[(changed["month"] == changed["month"].max()) & (changed["area"] != "000")]
    rise = (newest["value_after"] / newest["value_before"]).groupby(newest["measure"]).median()
    found = {}
    for function, measure in PERSONS.items():
        if measure in wide:
            found[function] = wide[measure].dropna(how="all").dropna(axis=1)  # one series may end before another
            found[function].iloc[-1] *= rise.get(measure, 1.0)
    return found


def yearly_persons(monthly: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the mean of each year; the rest of a year that is not over is forecast with the pooled model.

    Parameters
    ----------
    monthly : dict
        From :func:`monthly_persons`.

    Returns
    -------
    pandas.DataFrame
        function, area, year, months (how many are known), persons.
    """
    found = []
    for function, wide in monthly.items():
        last = wide.index[-1]
        months, full = int(last[-2:]), wide
        if ENOUGH_MONTHS <= months < SEASON:
            own = wide.drop(columns="000", errors="ignore")
            rest = pooled(own.to_numpy(float), SEASON - months, SEASON)
            rest = pd.DataFrame(rest, [last] * len(rest), own.columns)  # the year is what counts
            if "000" in wide:
                rest["000"] = rest.sum(axis=1) * (wide["000"].iloc[-1] / own.iloc[-1].sum())
            full = pd.concat([wide, rest])
        years = full.index.str[:4].astype(int)
        means = full.groupby(years).mean()[full.groupby(years).size() == SEASON]
        table = means.rename_axis(index="year", columns="area").stack().rename("persons").reset_index()
        found.append(table.assign(function=function, months=np.where(table["year"] == int(last[:4]), months, SEASON)))
    columns = ["function", "area", "year", "months", "persons"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def uprating(regulation: pd.DataFrame, since: int, to: int) -> float:
    """Return what benefits rose by from one year to another, as a factor.

    Parameters
    ----------
    regulation : pandas.DataFrame
        year, benefit_rise_pct (``load("satsregulering")``). A year beyond it is taken to rise by the mean of the last
        five, which is assumed.
    since, to : int
        Years.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2023, 2024, 2025], "benefit_rise_pct": [2.0, 3.0, 4.0]})
    >>> round(uprating(table, 2023, 2025), 4), round(uprating(table, 2024, 2026), 4), uprating(table, 2025, 2024) < 1
    (1.0712, 1.0712, True)
    """
    rise = regulation.set_index("year")["benefit_rise_pct"].sort_index() / 100
    first, last = sorted((since, to))
    if first + 1 < rise.index[0]:
        raise DataError(f"the regulation of benefits is known from {rise.index[0]}, not for {first + 1}")
    factor = float((1 + rise.reindex(range(first + 1, last + 1), fill_value=rise.iloc[-LATELY:].mean())).prod())
    return factor if to >= since else 1 / factor


def priced(persons: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Divide the accounts by full-time persons, wherever both are there.

    Parameters
    ----------
    persons, accounts : pandas.DataFrame
        As in :class:`Known`.

    Returns
    -------
    pandas.DataFrame
        function, area, year, months, persons, kr_per_inhabitant, mio_kr, price_kr, holds (what the price contains).

    Examples
    --------
    >>> at = {"function": ["5.57.78"], "area": ["151"], "year": [2024]}
    >>> account = pd.DataFrame(at | {"kr_per_inhabitant": [1500], "mio_kr": [79.5]})
    >>> priced(pd.DataFrame(at | {"months": [12], "persons": [530.0]}), account)["price_kr"].tolist()
    [150000.0]
    """
    both = persons[persons["months"] == SEASON].merge(accounts, on=["function", "area", "year"])
    return both.assign(price_kr=both["mio_kr"] * 1e6 / both["persons"], holds=both["function"].map(HOLDS))


def price_per_person(function: str, area, year: int, read=load) -> float:
    """Return what an account comes to a full-time person, kr. a year (see ``HOLDS`` for what it contains).

    Examples
    --------
    >>> round(price_per_person("5.57.78", "Ballerup", 2024))
    144680
    """
    code, there = area_code(area), known(read)
    table = priced(there.persons, there.accounts)
    if function not in set(table["function"]):
        both = ", ".join(np.unique(table["function"])) or "no function"
        raise DataError(f"no price of {function!r}: accounts and persons are both there for {both}")
    own = table[(table["function"] == function) & (table["area"] == code)].set_index("year")["price_kr"]
    if year not in own.index:
        years = ", ".join(map(str, own.index)) or "no year"
        raise DataError(f"no price of {function} in {year} for {area_name(code)}; there is one for {years}")
    return float(own[year])


def nowcasts(prices: pd.DataFrame, persons: pd.DataFrame, regulation: pd.DataFrame) -> pd.DataFrame:
    """Multiply the persons of every year after an account by its price and what benefits have risen since.

    Parameters
    ----------
    prices : pandas.DataFrame
        From :func:`priced`; of each function and area the last year counts.
    persons, regulation : pandas.DataFrame
        As in :class:`Known`.

    Returns
    -------
    pandas.DataFrame
        function, area, year, months, persons, price_year, price_kr, uprating, mio_kr.
    """
    last = prices.sort_values("year", kind="stable").groupby(["function", "area"]).tail(1)
    last = last[["function", "area", "year", "price_kr"]].rename(columns={"year": "price_year"})
    both = persons.merge(last, on=["function", "area"])
    both = both[both["year"] > both["price_year"]]
    pairs = list(zip(both["price_year"], both["year"], strict=True))
    factor = {pair: uprating(regulation, *pair) for pair in set(pairs)}
    both = both.assign(uprating=[factor[pair] for pair in pairs])
    return both.assign(mio_kr=both["persons"] * both["price_kr"] * both["uprating"] / 1e6).reset_index(drop=True)


def nowcast(area, year: int, read=load) -> pd.DataFrame:
    """Return persons known so far × the price of the last account × the regulation of benefits since.

    Parameters
    ----------
    area : str
        Code or name; "000" is the country.
    year : int
        After the last account, with at least six months of persons.
    read : callable
        See :func:`known`.

    Returns
    -------
    pandas.DataFrame
        One row a function with persons: see :func:`nowcasts`.

    Raises
    ------
    DataError
        When the area has no persons or accounts, or the year is in the accounts already or not reached by persons.

    Examples
    --------
    >>> nowcast("151", 2025)[["function", "months"]].to_numpy().tolist()
    [['5.57.73', 12], ['5.57.78', 12]]
    """
    code, there = area_code(area), known(read)
    found = nowcasts(priced(there.persons, there.accounts), there.persons, there.regulation)
    own = found[found["area"] == code]
    if own.empty:
        raise DataError(
            f"{area_name(code)} has no persons and accounts to nowcast from; municipalities and the country have"
        )
    if year not in set(own["year"]):
        years = ", ".join(map(str, np.unique(own["year"])))
        raise DataError(
            f"{year} cannot be nowcast for {area_name(code)}: the accounts end in {own['price_year'].max()}, and "
            f"persons are known for {years}"
        )
    return own[own["year"] == year].reset_index(drop=True)


def nowcast_record(there: Known) -> pd.DataFrame:
    """Nowcast the accounts that are known from those before, with as many months of persons as one would have had.

    One year ahead all months are known, two years ahead those to the month that is the newest today.

    Parameters
    ----------
    there : Known
        From :func:`known`.

    Returns
    -------
    pandas.DataFrame
        function, area, vintage (the account the price is of), date, horizon, months, forecast, actual, naive (the
        account of the vintage), mio. kr.
    """
    prices, found = priced(there.persons, there.accounts), []
    last = there.accounts["year"].max()
    pairs = [(v, v + h, h) for v in np.unique(prices["year"]) for h in (1, 2) if v + h <= last]
    for vintage, date, horizon in pairs:
        persons = there.persons
        if horizon == 2:
            persons = yearly_persons({f: wide[: f"{date}{wide.index[-1][4:]}"] for f, wide in there.monthly.items()})
        persons = persons[persons["year"] == date]
        rows = nowcasts(prices[prices["year"] == vintage], persons, there.regulation)
        found.append(rows.assign(vintage=vintage, date=date, horizon=horizon))
    columns = ["function", "area", "vintage", "date", "horizon", "months", "forecast", "actual", "naive"]
    if not found:
        return pd.DataFrame(columns=columns)
    rows = pd.concat(found).rename(columns={"mio_kr": "forecast"})
    amounts = there.accounts[["function", "area", "year", "mio_kr"]]
    for name, year in (("actual", "date"), ("naive", "vintage")):
        rows = rows.merge(amounts.rename(columns={"year": year, "mio_kr": name}), on=["function", "area", year])
    return rows[columns]
