"""Who keeps a krone saved: beskæftigelsestilskud (grant years 2010-2020), budgetgaranti, and refusion before both.

The rules are those of udligningsloven § 23 a (beskæftigelsestilskud, as amended by L 184 of 2012 and BEK 1497 of
29 June 2021) and § 14 (budgetgaranti), as far as public texts could be read. What is inferred is said where it is used.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ballerup_analysis.rates import rate
from ballerup_analysis.refusion import share_in_week
from ballerup_analysis.sources import HOME, DataError, area_code, load
from ballerup_analysis.trend import population_on, yearly

STAGES = ("foreloebig", "midtvejs", "endelig")
FIRST_YEAR, LAST_YEAR = 2010, 2020  # 2010 and 2011 had transition rules (lov 482/2009, § 15) that are not modelled
# Dagpenge: beskæftigelsestilskud (STAR, konteringsvejledning). The others: § 14 stk. 2 nr. 5; sygedagpenge stand in neither.
SYSTEMS = {
    "dagpenge": "beskaeftigelsestilskud",
    "sygedagpenge": "none",
    "kontanthjaelp": "budgetgaranti",
    "uddannelseshjaelp": "budgetgaranti",
    "integrationsydelse": "budgetgaranti",
    "ledighedsydelse": "budgetgaranti",
    "ressourceforloebsydelse": "budgetgaranti",
    "revalideringsydelse": "budgetgaranti",
    "foertidspension": "budgetgaranti",
}
# The landsdele of BEK 1497/2021 by statistical landsdel; the published list is cut, so the grouping is inferred.
GRANT_LANDSDELE = {"01": "København og Østsjælland", "02": "København og Østsjælland", "05": "København og Østsjælland"}
GRANT_LANDSDELE |= {"04": "Vest- og Sydsjælland og Bornholm", "06": "Vest- og Sydsjælland og Bornholm"}
# Benefit, year, week of the spell, activity. Active is virksomhedspraktik, løntilskud or ordinary education (of sygedagpenge
# gradual return to work too); guidance and courses are not, and the state then pays as for the passive.
CASES = {
    "dagpenge 2014, active": ("dagpenge", 2014, 27, "active"),
    "dagpenge 2014, passive": ("dagpenge", 2014, 27, "passive"),
    "kontanthjælp 2014, active": ("kontanthjaelp", 2014, 27, "active"),
    "kontanthjælp 2014, passive": ("kontanthjaelp", 2014, 27, "passive"),
    "sygedagpenge 2014, active": ("sygedagpenge", 2014, 27, "active"),
    "sygedagpenge 2014, passive": ("sygedagpenge", 2014, 27, "passive"),
    "kontanthjælp 2017, week 10": ("kontanthjaelp", 2017, 10, "passive"),
    "kontanthjælp 2017, week 60": ("kontanthjaelp", 2017, 60, "passive"),
}
PAYERS = ["municipality", "rest of landsdel", "other municipalities", "state"]
TAX = "local tax and equalisation"


def beskaeftigelsestilskud(table: pd.DataFrame, stage: str = "endelig") -> pd.DataFrame:
    """Return the employment grant of every municipality and grant year at one of its three stages.

    Parameters
    ----------
    table : pandas.DataFrame
        One row a municipality and year: year, landsdel, grant_before (in t-2), unemployed_before (gross on
        dagpenge in t-2, full-time persons), cost (net expenditure in t: expected before the final stage, the
        country's sum being what counts; actual at it). Optional: price_factor (t-2 to t, else 1) and
        regulation (the country's law-change amount, on every row, else 0), area (then every municipality of
        the landsdele must be there at the final stage). Any one unit of money.
    stage : str
        foreloebig and midtvejs share the country's need by unemployment; endelig each landsdel's own.

    Returns
    -------
    pandas.DataFrame
        The table with grundtilskud, merudgiftsbehov, tilskud (their sum) and gain (tilskud - cost); at the final
        stage gains add to zero in every landsdel.

    Raises
    ------
    DataError
        For a year outside the scheme, negative persons, or missing figures.

    Examples
    --------
    >>> table = pd.DataFrame({"year": 2014, "landsdel": "L", "grant_before": [100, 60, 40], "cost": [90, 66, 44]})
    >>> beskaeftigelsestilskud(table.assign(unemployed_before=[5, 3, 2]))["gain"].tolist()
    [10.0, -6.0, -4.0]
    """
    needed = ["year", "landsdel", "grant_before", "unemployed_before", "cost"]
    if absent := sorted(set(needed) - set(table)):
        raise DataError(f"table lacks {absent}; it needs {needed}")
    if stage not in STAGES:
        raise DataError(f"no stage {stage!r}; the stages are {', '.join(STAGES)}")
    for year in table["year"].unique():
        _check_year(year)
    given = [c for c in (*needed, "price_factor", "regulation") if c in table]
    if table[given].isna().any(axis=None) or (table["unemployed_before"] < 0).any():
        raise DataError(f"{', '.join(given)} must be given for every row, persons 0 or more")
    uprated = table["grant_before"] * table.get("price_factor", 1.0)
    whole = uprated.groupby(table["year"]).transform("sum")
    regulation = table.get("regulation", pd.Series(0.0, table.index))
    if ((whole == 0) & (regulation != 0)).any():
        raise DataError("regulation cannot be shared: the grants of t-2 add to zero")
    if "area" in table:
        _check_whole(table, stage != "endelig" or bool((regulation != 0).any()))
    basis = uprated + (regulation * uprated / whole).fillna(0.0)  # nothing to share where no grants were
    within = [table["year"], table["landsdel"]] if stage == "endelig" else [table["year"]]
    need = (table["cost"] - basis).groupby(within).transform("sum")
    unemployed = table["unemployed_before"] / table["unemployed_before"].groupby(within).transform("sum")
    if unemployed.isna().any():
        raise DataError("a landsdel has no unemployed in t-2: its need cannot be shared")
    grant = basis + need * unemployed
    return table.assign(
        grundtilskud=basis, merudgiftsbehov=need * unemployed, tilskud=grant, gain=grant - table["cost"]
    )


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        rule = f"it began in {FIRST_YEAR} and was ended by L 196 of 26 May 2020, last grant year {LAST_YEAR}"
        raise DataError(f"no beskæftigelsestilskud for {year}: {rule}")


def _check_whole(table: pd.DataFrame, country: bool) -> None:
    """Every municipality of the country, or of each landsdel given, must be there once."""
    landsdel_of = load("areas").query("level == 'kommune'").set_index("code")["landsdel"]
    group = pd.Series("the country", table.index) if country else "landsdel " + table["landsdel"].astype(str)
    for (landsdel, year), given in table.groupby([group, table["year"]])["area"]:
        home = landsdel_of.reindex(given).dropna()
        if home.empty:
            continue  # a made-up world has its own codes
        needed = landsdel_of if country else landsdel_of[landsdel_of.isin(home)]
        missing, twice = sorted(set(needed.index) - set(given)), sorted(given[given.duplicated()])
        if missing or twice:
            wrong = f"missing {', '.join(missing) or 'none'}, twice {', '.join(twice) or 'none'}"
            raise DataError(f"{landsdel}, {year}: every municipality must be there once; {wrong}")


def budgetgaranti(table: pd.DataFrame, price_factor: float = 1.0, key: str = "population") -> pd.DataFrame:
    """Return each municipality's share of the country's change in guaranteed expenditure, and its gain.

    Parameters
    ----------
    table : pandas.DataFrame
        One row for each of the country's municipalities: population, cost_before (t-1), cost (t), net; area
        (optional; then all municipalities must be there).
    price_factor : float
        Price and wage factor from t-1 to t.
    key : str
        ``population`` (the block grant's main key, inferred) or ``cost`` (the share of the cost in t-1).

    Returns
    -------
    pandas.DataFrame
        The table with share, compensation, gain, and key_difference: what the population key gives beyond the
        cost key, (population share - cost share) × the country's change.

    Examples
    --------
    >>> table = pd.DataFrame({"population": [50, 50], "cost_before": [60.0, 40.0], "cost": [66.0, 44.0]})
    >>> budgetgaranti(table, key="cost")["gain"].round(9).tolist()
    [0.0, 0.0]
    >>> budgetgaranti(table)["gain"].round(9).tolist()
    [-1.0, 1.0]
    """
    needed = ["population", "cost_before", "cost"]
    if absent := sorted(set(needed) - set(table)):
        raise DataError(f"table lacks {absent}; it needs {needed}")
    if table[needed].isna().any(axis=None) or (table["population"] < 0).any():
        raise DataError("population, cost_before and cost must be given for every row, population 0 or more")
    if "area" in table:
        _check_whole(table.assign(year="all years"), country=True)
    shares = {"population": table["population"], "cost": table["cost_before"]}
    if key not in shares:
        raise DataError(f"no key {key!r}; the keys are {', '.join(shares)}")
    shares = {name: column / column.sum() for name, column in shares.items()}
    change = (table["cost"] - price_factor * table["cost_before"]).sum()
    compensation = shares[key] * change
    return table.assign(
        share=shares[key],
        compensation=compensation,
        gain=compensation - (table["cost"] - price_factor * table["cost_before"]),
        key_difference=(shares["population"] - shares["cost"]) * change,
    )


def keys(year: int, grouping: str = "statistical", read=load) -> pd.DataFrame:
    """Return the keys that share the grants of a year, for all municipalities.

    Parameters
    ----------
    year : int
        Grant year; unemployment is that of t-2.
    grouping : str
        ``statistical`` landsdele, or ``order_2021`` for those of BEK 1497/2021 (inferred).
    read : callable
        Gives a table by its name.

    Returns
    -------
    pandas.DataFrame
        By area: landsdel, unemployed_before (derived from AUP02 and RAS; the law counts those on dagpenge,
        from jobindsats, which is not public here), population (1 January).

    Examples
    --------
    >>> keys(2014).loc["151", "landsdel"]
    '02'
    """
    areas = read("areas").query("level == 'kommune'").set_index("code")
    landsdel = areas["landsdel"]
    if grouping == "order_2021":
        landsdel = landsdel.replace(GRANT_LANDSDELE)
    elif grouping != "statistical":
        raise DataError(f"no grouping {grouping!r}; the groupings are statistical, order_2021")
    unemployed = yearly("gross_unemployed_derived", read=read)
    if year - 2 not in unemployed.index:
        have = f"{unemployed.index[0] + 2} to {unemployed.index[-1] + 2}"
        raise DataError(f"no key for grant year {year}: unemployment of t-2 gives {have}")
    found = {
        "landsdel": landsdel,
        "unemployed_before": unemployed.loc[year - 2],
        "population": population_on(f"{year}Q1", read),
    }
    return pd.DataFrame(found).loc[areas.index]


def tax_and_equalisation(net_kr: float) -> pd.Series:
    """Return what a municipality gets in local tax and loses in equalisation when kontanthjælp becomes wages, kr.

    An illustration: the ministry's one example of 2006 (capital area), in proportion to what the municipality saves.
    A person who leaves kontanthjælp without a job pays no such tax.

    Parameters
    ----------
    net_kr : float
        What the municipality saves net of refusion.

    Examples
    --------
    >>> tax_and_equalisation(68_200.0).to_dict()  # the example itself: 48,900 of the 68,200 are kept
    {'local tax': 30000.0, 'equalisation': -49300.0}
    """
    parts = ("benefit_saved", "local_tax", "equalisation")
    saved, tax, equalisation = (rate("udligning_example", "2006-06-30", part=part).value for part in parts)
    return pd.Series({"local tax": tax, "equalisation": equalisation}) * (net_kr / saved)


def who_keeps(
    saving_kr: float,
    benefit: str,
    year: int,
    share_pct: float,
    area=HOME,
    table: pd.DataFrame | None = None,
    into_work: bool = False,
) -> pd.DataFrame:
    """Follow gross kroner saved once, in year t, to t+3, by who has them.

    Parameters
    ----------
    saving_kr : float
        Gross kroner of the benefit that are not paid.
    benefit : str
        A key of ``SYSTEMS``.
    year : int
        Year t.
    share_pct : float
        The municipality's share by refusion, such as that of :func:`ballerup_analysis.refusion.share_in_week`.
    area : str
        The municipality that saves.
    table : pandas.DataFrame, optional
        From :func:`keys`, the default being the statistical landsdele of the year. Its shares hold for t+2 too,
        though the saving itself lowers the unemployment they are counted from.
    into_work : bool
        Whether the persons go from kontanthjælp to a job: then the municipality's ``local tax and equalisation`` of
        :func:`tax_and_equalisation` is one more column, put in year t. It is no part of the benefit saved.

    Returns
    -------
    pandas.DataFrame
        Years t to t+3 by payer: municipality, rest of landsdel, other municipalities, state; kr. The cells of these
        four add to the saving. In a world that is otherwise unchanged: no uprating, expectations that do not react,
        and the budget guarantee settled in the year after.

    Examples
    --------
    >>> round(float(who_keeps(100.0, "dagpenge", 2014, 50.0).to_numpy().sum()), 6)
    100.0
    """
    if benefit not in SYSTEMS:
        raise DataError(f"no system for {benefit!r}; the benefits are {', '.join(SYSTEMS)}")
    if SYSTEMS[benefit] == "beskaeftigelsestilskud":
        _check_year(year)
    table = keys(year) if table is None else table
    area = area if area in table.index else area_code(area)  # a made-up world has its own codes
    if area not in table.index:
        raise DataError(f"no municipality {area!r} in the keys; they have {', '.join(table.index)}")
    if not np.isfinite(saving_kr):
        raise DataError(f"saving_kr is {saving_kr}; it must be a number")
    if not 0 <= share_pct <= 100:
        raise DataError(f"share_pct is {share_pct}; it must be from 0 to 100")
    if into_work and benefit != "kontanthjaelp":
        raise DataError(f"local tax and equalisation are illustrated for kontanthjaelp only, not for {benefit}")
    net = saving_kr * share_pct / 100
    own = (table.index == area).astype(float) * net
    paid = {"beskaeftigelsestilskud": _through_grant, "budgetgaranti": _through_guarantee, "none": _through_nothing}
    grants = paid[SYSTEMS[benefit]](table, own, year)
    kept = grants.copy()
    kept[0] += own
    group = np.select([table.index == area, table["landsdel"] == table.loc[area, "landsdel"]], PAYERS[:2], PAYERS[2])
    flows = (
        pd.DataFrame(kept.T, index=group, columns=range(year, year + 4))
        .groupby(level=0)
        .sum()
        .reindex(PAYERS, fill_value=0.0)
    )
    flows.loc["state"] = -grants.sum(axis=1)
    flows.loc["state", year] += saving_kr - net
    if into_work:
        flows.loc[TAX] = np.array([tax_and_equalisation(net).sum(), 0.0, 0.0, 0.0])
    return flows.T.rename_axis("year")


def kept_by_case(cases: dict[str, tuple], area=HOME, read=load) -> pd.DataFrame:
    """Return who has 100 kr. in the end, case by case, and how sure the municipality's share is.

    Parameters
    ----------
    cases : dict
        Name to benefit, year, week of the spell and activity, as ``CASES`` has them.
    area : str
        Code of the municipality that saves.
    read : callable
        Gives a table by its name.

    Returns
    -------
    pandas.DataFrame
        By case: the payers of :func:`who_keeps`, kr., and evidence (of the share).

    Examples
    --------
    >>> kept = kept_by_case({"dagpenge 2014": ("dagpenge", 2014, 27, "passive")})
    >>> kept[PAYERS].sum(axis=1).round(9).tolist(), kept["evidence"].tolist()
    ([100.0], ['unverified'])
    """
    tables = {year: keys(year, read=read) for year in {year for _, year, *_ in cases.values()}}
    rows = []
    for benefit, year, week, activity in cases.values():
        share = share_in_week(benefit, week, f"{year}-06-30", activity)
        kept = who_keeps(100.0, benefit, year, share.value, area, tables[year]).sum()
        rows.append(kept.to_dict() | {"evidence": share.evidence})
    return pd.DataFrame(rows, index=list(cases))


def _through_grant(table: pd.DataFrame, own: np.ndarray, year: int) -> np.ndarray:
    """Change in the grants paid in t … t+3, by municipality, when cost in t is lower by ``own``."""
    flat = table.reset_index(names="area").assign(
        year=year, grant_before=lambda t: t["unemployed_before"], cost=lambda t: t["unemployed_before"]
    )
    _check_whole(flat, country=year + 2 <= LAST_YEAR)
    flat = flat.drop(columns="area")  # checked once for the four
    changed = flat.assign(cost=flat["cost"] - own)
    final = beskaeftigelsestilskud(changed)["tilskud"] - beskaeftigelsestilskud(flat)["tilskud"]
    none = 0 * final
    if year + 2 > LAST_YEAR:  # the grant of t is the basis of t+2 only while the scheme lasts
        return np.array([none, final, none, none])
    later = flat.assign(year=year + 2, grant_before=flat["grant_before"] + final)
    middle, end = (beskaeftigelsestilskud(later, stage)["tilskud"] - flat["cost"] for stage in ("midtvejs", "endelig"))
    return np.array([none, final, middle, end - middle])


def _through_guarantee(table: pd.DataFrame, own: np.ndarray, year: int) -> np.ndarray:
    cost = table.reset_index(names="area").assign(cost_before=0.0, cost=-own)
    settled = budgetgaranti(cost)["compensation"]  # settled in t+1, inferred
    return np.array([0 * settled, settled, 0 * settled, 0 * settled])


def _through_nothing(table: pd.DataFrame, own: np.ndarray, year: int) -> np.ndarray:
    return np.zeros((4, len(table)))
