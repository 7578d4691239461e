"""The baselines: the budget printed for 2017, the accounts carried ahead, and a budget of one's own."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from ballerup_analysis import accounts as ledgers
from ballerup_analysis import danish
from ballerup_analysis import own as files
from ballerup_analysis.benefits import OTHER_KINDS, refunds, with_benefits
from ballerup_analysis.frame import (
    ASSUMED,
    BENEFITS,
    BUDGET_YEAR,
    Frame,
    Line,
    exit_rates,
    in_balance,
    off_ladder,
    paid_on,
    prices_on,
    printed,
    units,
)
from ballerup_analysis.nowcast import known, uprating
from ballerup_analysis.sources import HOME, DataError, area_code, area_name, load, municipalities
from ballerup_analysis.trend import yearly

BY_FAMILY = ("kontanthjaelp", "ressourceforloeb")  # paid at rates that hang on the household, which is not printed
UNEMPLOYED = {"dagpenge": "gross_unemployed_dagpenge", "kontanthjaelp": "gross_unemployed_kontanthjaelp"}
WHOLE_ORE = 5  # decimals of 1.000 kr.: what lies behind them may come out otherwise on another processor
MOST_LINES = 500  # of an own budget
MOST_YEARS = 8  # as far as the spread of accounts is chained
UNITS_TKR = {"kr": 0.001, "tkr": 1.0, "mio_kr": 1000.0}


def budget_2017(read=load, benefits=BENEFITS) -> Frame:
    """Return the frame printed for 2017, in prices of 2017, with 2021 as 2020.

    Persons are those of public counts for dagpenge (:func:`counted`) and sygedagpenge; a line without a rate takes the
    printed unit price; fleksjob and ledighedsydelse cost the rate × the municipality's share. Kontanthjælp and
    ressourceforløb, whose rates hang on the household, cost that × one factor, so that all persons of 2017 are the 3.310
    printed: what it holds beside households (too many counted on dagpenge, another share) is not identified.

    Parameters
    ----------
    benefits : dict
        What is assumed of each benefit: ``BENEFITS`` of ``parameters.toml`` unless another is tried.

    Examples
    --------
    >>> f = budget_2017()
    >>> round(f.persons[:, 0].sum())  # as printed
    3310
    """
    table, on = printed(read).reindex(columns=range(BUDGET_YEAR, BUDGET_YEAR + 5)).ffill(axis=1), f"{BUDGET_YEAR}-06-30"
    lines = tuple(Line(row, **ASSUMED["budget_2017"].get(row, {"kind": "other"})) for row in table.index)
    benefit, net = np.array([line.benefit for line in lines]), table.to_numpy(float)
    everyone, unit_tkr = units(read).loc[BUDGET_YEAR]
    count, active = counted(read), _active(read)
    gross, used = prices_on(lines, on, benefits)
    rated = gross > 0
    off = off_ladder(lines, benefits)
    paid, steps = paid_on(lines, on, active, off)
    exits = exit_rates(lines, benefits)
    share = (in_balance(exits) * paid).sum(axis=1) / 100
    persons = np.select(
        [benefit == "dagpenge", benefit == "sygedagpenge", benefit == "integrationsydelse", rated],
        [count["dagpenge"], count["sygedagpenge"], 0.0, net[:, 0] * 1000 / np.where(rated, gross * share, np.inf)],
        np.where([line.kind == "benefit" for line in lines], net[:, 0] / unit_tkr, 0.0),
    )
    inferred = np.isin(benefit, BY_FAMILY)
    persons[inferred] *= (everyone - persons[~inferred].sum()) / persons[inferred].sum()
    price = _persons_and_price(net[:, 0], np.where(rated, persons, np.nan), gross, share)[1]
    among = {"dagpenge": count["dagpenge"], "kontanthjaelp": count["jobready"]}
    cyclical = np.array([among.get(one, 0.0) for one in benefit])
    return Frame(
        "budget_2017", HOME, tuple(table.columns), ("B", "BO", "BO", "BO", "as before"), lines, net,
        net * (persons / net[:, 0])[:, None], np.repeat(price[:, None], net.shape[1], axis=1), exits, paid, off,
        cyclical / cyclical.sum(), count["labour_force"], _inhabitants(read), _activated(read), active,
        round(pass_through(read).loc[HOME, "slope"], 2), read("minutes_2020.statements").set_index("row")["high"]["sickness_persons_target"],
        str(BUDGET_YEAR), "budget_2017.frame_2002", (*used, *steps),
    )  # fmt: skip


def counted(read=load) -> pd.Series:
    """Return public counts of Ballerup near 2017, persons: labour_force, dagpenge, jobready, sygedagpenge (and low, high).

    Dagpenge is gross unemployment (AUP02 × labour force) less the net unemployed on kontanthjælp (AUK01): a bit too many,
    as activated recipients of kontanthjælp stay in. Sygedagpenge is what a fall of "cirka 90" and 14 pct. in the spring
    of 2020 leaves open.

    Examples
    --------
    >>> counted().round().astype(int).to_dict()["dagpenge"]
    739
    """
    unemployed = yearly("gross_unemployment_pct", read=read)[HOME][BUDGET_YEAR] / 100
    force = yearly("employed", read=read)[HOME][BUDGET_YEAR] / (1 - unemployed)
    jobready = yearly("net_unemployed_kontanthjaelp", read=read)[HOME][BUDGET_YEAR]
    told = read("minutes_2020.covid").set_index("row")[["value", "low", "high"]]
    fall, pct = told.loc["sygedagpenge_fall"], told.loc["sygedagpenge_fall_pct"] / 100
    sick = {"": fall["value"] / pct["value"], "_low": fall["low"] / pct["high"], "_high": fall["high"] / pct["low"]}
    found = {"labour_force": force, "dagpenge": force * unemployed - jobready, "jobready": jobready}
    return pd.Series(found | {f"sygedagpenge{end}": persons for end, persons in sick.items()})


def _inhabitants(read) -> int:
    table = read("folk1a")
    return table.loc[(table["area"] == HOME) & (table["quarter"] == f"{BUDGET_YEAR}Q3"), "persons"].item()


def _activated(read) -> float:
    return read("plan_2018.activation_share").query("status == 'F'")["value"].iloc[0] / 100


def _active(read) -> float:
    # active by the rules before 2016: in ordinary education or at a company
    table = read("plan_2018.activation_share").query("status == 'F'")
    return table[table["row"].str.startswith("Heraf")]["value"].sum() / 100


def pass_through(read=load) -> pd.DataFrame:
    """Return how much of a change in the country's unemployment each area has followed, and its standard error.

    The slope of yearly changes in gross unemployment (AUP02 on AULP01), 2008-2022.

    Returns
    -------
    pandas.DataFrame
        By area: slope, error.

    Examples
    --------
    >>> pass_through().loc["151"].round(2).tolist()
    [0.8, 0.11]
    """
    moved = yearly("gross_unemployment_pct", read=read).dropna(subset="000").diff().iloc[1:].dropna(axis=1)
    moved = moved - moved.mean()
    country = moved["000"]
    slope = moved.mul(country, axis=0).sum() / (country**2).sum()
    left = moved - np.outer(country, slope)
    error = np.sqrt((left**2).sum() / (len(moved) - 2) / (country**2).sum())
    return pd.DataFrame({"slope": slope, "error": error})


def accounts(area=HOME, last: int | None = None, read=load) -> Frame:
    """Return a municipality's last accounts and the four years they are carried ahead, in current prices.

    Examples
    --------
    >>> f = accounts("Gladsaxe")
    >>> f.years, f.status, round(f.persons[0, 0])
    ((2024, 2025, 2026, 2027, 2028), ('R', 'F', 'F', 'F', 'F'), 812)
    """
    return accounts_of([area], last, read)[area_code(area)]


def accounts_of(areas=None, last: int | None = None, read=load) -> dict[str, Frame]:
    """Return the last accounts of municipalities and the four years they are carried ahead, in current prices, by area.

    Amounts before state refund are multiplied by the municipality's share. Persons are public for dagpenge and
    kontanthjælp; a person costs the account ÷ persons, and later what benefits rise by; other benefits cost the rate of
    2017 with the same rises. The years ahead are the medians of :func:`ballerup_analysis.accounts.ahead`, the spread its
    quantiles.

    Parameters
    ----------
    areas : list of str, optional
        Codes or names; all 98 unless given.
    last : int, optional
        An older vintage: the year whose accounts and persons are the last known; inhabitants and the regulation of
        benefits after it are those known today.
    read : callable
        Hands out the public tables.
    """
    codes = municipalities() if areas is None else [area_code(area) for area in areas]
    if lacking := [area_name(code) for code in codes if code not in municipalities()]:
        raise DataError(f"{', '.join(lacking)}: no accounts here; there are those of the 98 municipalities")
    newest = read
    if last:
        years = read("regk31")["year"]
        if last not in set(years):
            raise DataError(f"there are no accounts of {last}; there are those of {years.min()} to {years.max()}")
        read = _until(last, read)
    there, active = known(read), ASSUMED["active"]["pct"][0] / 100
    amounts = there.accounts.pivot_table("mio_kr", ["area", "function"], "year")
    year = int(amounts.columns.max())
    ahead = ledgers.ahead(codes, read=read).pivot_table("mio_kr", ["area", "quantile", "function"], "year")
    lines, before = _account_lines()
    rated, used = prices_on(lines, f"{BUDGET_YEAR}-06-30")
    off = off_ladder(lines)
    paid, steps = paid_on(lines, f"{year}-06-30", active, off)
    exits = exit_rates(lines)
    share = (in_balance(exits) * paid).sum(axis=1) / 100
    years = (year, *ahead.columns)
    rated = rated * uprating(there.regulation, BUDGET_YEAR, year)
    rises = np.array([uprating(there.regulation, year, one) for one in years])
    counts = there.persons[there.persons["year"] == year].pivot_table("persons", "area", "function")
    if lacking := [area_name(code) for code in codes if code not in counts.index]:
        first = known(newest).persons["year"].min()
        raise DataError(
            f"{', '.join(lacking[:3])}: no persons of {year} are counted; those of whole years begin in {first}"
        )
    months = read("jobindsats_monthly")
    job = months[months["month"].str[:4] == str(year)].pivot_table("value", "area", "measure").fillna(0.0)
    slopes, found = pass_through(read)["slope"], {}
    for area in codes:
        forecast = ahead.loc[area]
        quantiles = forecast.index.unique("quantile")
        spread = np.stack([_tkr(forecast.loc[one], lines) for one in quantiles])
        first = _tkr(amounts.loc[area], lines)[:, -1:]
        spread = np.concatenate([np.repeat(first[None], len(spread), axis=0), spread], axis=2)
        spread = (spread * np.where(before, share, 1.0)[:, None]).round(WHOLE_ORE)
        net = spread[quantiles.get_loc(0.5)]
        persons, price = _persons_and_price(net[:, 0], _by_line(counts, area, lines), rated, share)
        price = price[:, None] * rises
        mine = job.loc[area]
        cyclical = np.array([mine.get(UNEMPLOYED.get(line.benefit), 0.0) for line in lines])
        found[area] = Frame(
            f"accounts {last}" if last else "accounts", area, years, ("R", *"F" * len(ahead.columns)), lines, net,
            (net * 1000 / np.where(persons[:, None] > 0, price * share[:, None], np.inf)).round(6), price, exits, paid, off,
            cyclical / cyclical.sum(),
            mine["gross_unemployed"] / mine["gross_unemployed_pct_labour_force"] * 100, there.inhabitants.loc[year, area],
            mine["kontanthjaelp_activated_share_pct"] / 100, active, round(slopes[area], 2), 0.0,
            "current", "StatBank REGK31, jobindsats", (*used, *steps), spread,
        )  # fmt: skip
    return found


def _account_lines() -> tuple[tuple[Line, ...], np.ndarray]:
    """Return the functions of the accounts as lines, and which of them are before state refund."""
    told = ASSUMED["accounts"]
    names = {function: function if function[0] != "+" else "" for function in told}
    lines = tuple(Line(t["row"], t.get("benefit", ""), names[f], t.get("kind", "benefit")) for f, t in told.items())
    return lines, np.array([t.get("before_refund", False) for t in told.values()])


def _persons_and_price(net_tkr, counts, rated_kr, share) -> tuple[np.ndarray, np.ndarray]:
    """Return persons and the gross price of one by line: counted where they are, else what the rate implies."""
    implied = net_tkr * 1000 / np.where(rated_kr > 0, rated_kr * share, np.inf)
    persons = np.where(np.isnan(counts), implied, counts)
    return persons, np.where(persons > 0, net_tkr * 1000 / np.where(persons > 0, persons * share, np.inf), rated_kr)


def _by_line(counts: pd.DataFrame, area: str, lines: tuple[Line, ...]) -> np.ndarray:
    return counts.loc[area].reindex([line.function for line in lines]).to_numpy(float)


def _tkr(mio_kr: pd.DataFrame, lines: tuple[Line, ...]) -> np.ndarray:
    return mio_kr.reindex([line.function for line in lines]).fillna(0.0).to_numpy() * 1000


def _until(last: int, read):
    """Return a reader that knows no accounts and no persons on benefits after a year.

    Inhabitants and the regulation of benefits stay as they are known today: the years ahead are what the accounts and
    counts of then come to at those, not what could have been told then.
    """

    def reader(name: str, *args, **kwargs):
        table = read(name, *args, **kwargs)
        if name == "regk31":
            return table[table["year"] <= last]
        if name == "jobindsats_monthly":
            return table[table["month"] <= f"{last}M12"]
        if name == "jobindsats_revisions":  # of later months
            return table.iloc[:0]
        return table

    return reader


def own(table: pd.DataFrame, area=HOME, read=load) -> Frame:
    """Return a budget of one's own as a baseline, at the prices it is written in.

    Parameters
    ----------
    table : pandas.DataFrame
        line, year, amount, unit (kr, tkr or mio_kr), benefit, and persons where they are known; or amount_tkr instead of
        amount and unit. The amounts are what the
        municipality pays after refund. ``benefit`` is one of ``parameters.toml``, ``forsoergelse`` (a benefit off the
        ladder), ``activation`` or ``other``, by its code or as people write it (:mod:`ballerup_analysis.benefits`).
    area : str
        The municipality, for its labour force and unemployment.

    Raises
    ------
    DataError
        For a total among the lines, two units, a line without a benefit, years out of order, and numbers that are missing.

    Examples
    --------
    >>> rows = [("Dagpenge", 2026, 98.0, "mio_kr", "dagpenge"), ("Dagpenge", 2027, 99.0, "mio_kr", "dagpenge")]
    >>> f = own(pd.DataFrame(rows, columns=["line", "year", "amount", "unit", "benefit"]))
    >>> f.years, f.net_tkr[0].tolist(), f.rows[1]
    ((2026, 2027), [98000.0, 99000.0], 'Sygedagpenge')
    """
    area, table = area_code(area), _checked(table)
    years = tuple(table["year"].unique().tolist())
    rows = table["line"].unique().tolist()
    benefit = table.drop_duplicates("line").set_index("line")["benefit"]
    absent = [one for one in BENEFITS if one not in set(benefit) and one != "fleksjob_ledighedsydelse"]
    lines = tuple(_own_line(row, benefit[row]) for row in rows)
    lines += tuple(_own_line(BENEFITS[one]["words"][0], one) for one in absent)
    there = known(read)
    rated, used = prices_on(lines, f"{BUDGET_YEAR}-06-30")
    rated = rated * uprating(there.regulation, BUDGET_YEAR, years[0])
    active = ASSUMED["active"]["pct"][0] / 100
    off = off_ladder(lines)
    paid, steps = paid_on(lines, f"{years[0]}-06-30", active, off)
    exits = exit_rates(lines)
    share = (in_balance(exits) * paid).sum(axis=1) / 100

    def wide(column):
        return (
            table.pivot_table(column, "line", "year", dropna=False)
            .reindex([line.row for line in lines])
            .to_numpy(float)
        )

    net = np.nan_to_num(wide("tkr"))
    priced = [_persons_and_price(net[:, y], wide("persons")[:, y], rated, share) for y in range(len(years))]
    persons, price = (np.stack(part, axis=1) for part in zip(*priced, strict=True))
    job = read("jobindsats_monthly").query("area == @area")
    job = job[job["month"] >= np.unique(job["month"])[-12]].groupby("measure")["value"].mean()
    cyclical = _jobless(lines, persons, job)
    return Frame(
        "own", area, years, tuple(table.drop_duplicates("year")["status"]), lines, net, persons, price, exits, paid, off, cyclical / cyclical.sum(),
        job["gross_unemployed"] / job["gross_unemployed_pct_labour_force"] * 100, there.inhabitants[area].iloc[-1],
        job["kontanthjaelp_activated_share_pct"] / 100, active, round(pass_through(read).loc[area, "slope"], 2), 0.0,
        "own", f"{files.called()}/budget", (*used, *steps),
    )  # fmt: skip


def _jobless(lines: tuple[Line, ...], persons: np.ndarray, counts: pd.Series) -> np.ndarray:
    """Return the unemployed of each line: those of a benefit once, over the lines that pay it by their persons."""
    measures = pd.Series([UNEMPLOYED.get(line.benefit) for line in lines], dtype=object)
    size = pd.Series(persons.clip(0).sum(axis=1))  # a saving has fewer than none
    size = size.where(size.groupby(measures).transform("sum") > 0, 1.0)  # of a benefit the budget has nothing for
    part = size / size.groupby(measures).transform("sum")
    return (measures.map(counts).astype(float) * part).fillna(0.0).to_numpy()


def own_file():
    """Return the budget among the own files, as :func:`ballerup_analysis.own.opened`; DataError where there is none."""
    file = files.opened("budget")
    if file is None or file.table.empty:
        put = f"put one in {files.called()}/budget.xlsx or budget.csv"
        raise DataError(f"there is no budget of your own with figures in it: {put}")
    return file


TOTALS = ("i alt", "ialt", "total", "sum", "samlet")


def _own_line(row: str, benefit: str) -> Line:
    function = next((f for f, told in ASSUMED["accounts"].items() if told.get("benefit") == benefit), "+")
    function = {"activation": "5.68.90", "fleksjob": "5.58.81", "ledighedsydelse": "5.58.81"}.get(benefit, function)
    kind = OTHER_KINDS.get(benefit, "benefit")
    return Line(row, benefit if benefit in BENEFITS else "", "" if function[0] == "+" else function, kind)


def _checked(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table of an own budget with amounts in tkr, or say what is wrong with it."""
    if "amount_tkr" in table:
        table = table.rename(columns={"amount_tkr": "amount"}).assign(unit="tkr")
    if lacking := [name for name in ("line", "year", "amount", "unit", "benefit") if name not in table]:
        raise DataError(
            f"the budget has no column {', '.join(lacking)}; it must have line, year, amount, unit, benefit"
        )
    if (many := table["line"].nunique()) > MOST_LINES:
        raise DataError(
            f"the budget has {danish.number(many)} lines; it may have {MOST_LINES}: give the lines of the frame"
        )
    table = table.assign(persons=table.get("persons", np.nan), status=table.get("status", "B"))
    units = table["unit"].unique().tolist()
    if len(units) != 1 or units[0] not in UNITS_TKR:
        raise DataError(
            f"the unit is {' and '.join(map(str, units))}; it must be one of {', '.join(UNITS_TKR)} in every row"
        )
    for number in ("amount", "persons"):
        numbers = pd.to_numeric(table[number], errors="coerce")
        if (wrong := table.loc[numbers.isna() & table[number].notna(), number]).any():
            raise DataError(f"{number} is {wrong.iloc[0]!r}; it must be a number")
        table = table.assign(**{number: numbers})
    table = with_benefits(table)
    if income := refunds(table):
        right = "subtract it from the line of the benefit; income that is no refund of one pays 'andet' and is not called so"
        raise DataError(
            f"{', '.join(map(repr, income))}: income of a benefit, whose price is that after refund; {right}"
        )
    for line, rows in table.groupby("line", sort=False):
        if rows["amount"].isna().any() or 0 < rows["persons"].isna().sum() < len(rows):
            raise DataError(
                f"line {line!r} lacks an amount, or persons in some of its years; a missing figure is not zero"
            )
    years = table["year"].unique().tolist()
    for line, rows in table.groupby("line", sort=False):
        if rows["year"].tolist() != list(range(min(years), max(years) + 1)):
            raise DataError(
                f"line {line!r} has the years {', '.join(map(str, rows['year']))}; every line must have "
                f"{min(years)} to {max(years)} once, in that order"
            )
    for year, rows in table.groupby("year"):
        if len(told := rows["status"].unique()) > 1:
            raise DataError(f"{year} has lines of the statuses {' and '.join(told)}; a baseline has one status a year")
    if not 2 <= len(years) <= MOST_YEARS:
        raise DataError(f"the budget has {len(years)} year(s); it must have 2 to {MOST_YEARS}")
    amounts = table.pivot_table("amount", "line", "year")
    sums = (amounts.sum() - 2 * amounts).abs().max(axis=1)
    rounding = len(amounts) / 2 / 10 ** max(_decimals(one) for one in amounts.to_numpy().ravel())
    for line in amounts.index:
        if line.strip().casefold().rstrip(":") in TOTALS or (len(amounts) > 2 and sums[line] <= rounding):
            raise DataError(f"line {line!r} is the total of the others; leave it out, or all is counted twice")
    return table.assign(tkr=table["amount"] * UNITS_TKR[units[0]])


def _decimals(amount: float) -> int:
    # of an amount as it was typed: what has none is rounded to whole units
    return len(f"{amount:.6f}".rstrip("0").split(".")[1])


def baseline(name: str = "accounts", area=HOME, read=load) -> Frame:
    """Return a baseline by the name a scenario gives it: accounts, accounts 2022 (an older vintage), budget_2017 or own.

    Examples
    --------
    >>> baseline("budget_2017").price_level
    '2017'
    """
    area, vintage = area_code(area), re.fullmatch(r"accounts(?: (20[0-9]{2}))?", name)
    if vintage:
        return accounts(area, int(vintage[1]) if vintage[1] else None, read)
    if name == "own":
        file = own_file()
        frame = own(file.table, area, read)
        if (told := file.areas()) - {area}:
            names = " and ".join(sorted(map(area_name, told)))
            raise DataError(
                f"the own budget tells by a column, a title or the name of its sheet that it is of {names}, not of "
                f"{area_name(area)}; choose that municipality, or take out what tells it"
            )
        return replace(frame, unreconciled="amount_tkr" in file.no_total_of, unread=file.unread, is_named=bool(told))
    if name != "budget_2017":
        raise DataError(f"there is no baseline {name!r}; there are accounts, accounts and a year, budget_2017, and own")
    if area != HOME:
        raise DataError(f"budget_2017 is printed for {area_name(HOME)} alone; for {area_name(area)} there are accounts")
    return budget_2017(read)
