"""The headline numbers of today and of the years ahead: dagpenge against the country, what it costs, and what is expected."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ballerup_analysis import movement
from ballerup_analysis.accounts import ahead, g3_level
from ballerup_analysis.forecast import score
from ballerup_analysis.nowcast import Known, known, nowcasts, priced, uprating
from ballerup_analysis.paper.reading import Reading, Value
from ballerup_analysis.sources import load
from ballerup_analysis.trend import fewer, yearly

DAGPENGE = "gross_unemployed_dagpenge"
DAGPENGE_FUNCTION = "5.57.78"
OUTLOOK = {"dagpenge": DAGPENGE_FUNCTION, "kontanthjaelp": "5.57.73", "foertidspension": "5.48.66", "fleksjob": "5.58.81",
           "drift": "5.68.90", "forsoergelse": "total"}  # fmt: skip
TESTED_YEARS = 3  # ahead of the last account: as far as the intervals have a record
SAME = 0.01  # a change below one per cent is written as no change, in every number of the ledger


def _lately(read: Reading) -> pd.DataFrame:
    """Return the gap of the newest twelve months to the country's growth since each earlier year, the first one first."""
    rows = {"area": ["000", read.area], "measure": [DAGPENGE]}
    wide = yearly(DAGPENGE, read=read.only({"jobindsats_monthly": rows}))
    *bases, year = wide.index
    return fewer(wide, read.area, "000", bases, [year] * len(bases))


def _august_to_july(year: int) -> str:
    return f"august {year - 1}–juli {year}"


def excess(read: Reading) -> Iterator[Value]:
    """Yield how many more are on dagpenge than at the country's growth: since the first year, at least and at most."""
    gaps = _lately(read)
    for end, at in (("", gaps.index[0]), ("_low", gaps["fewer"].idxmax()), ("_high", gaps["fewer"].idxmin())):
        gap = gaps.loc[at]
        period = f"mod {_august_to_july(gap['base'])}"
        period = period if end else f"{_august_to_july(gap['year'])} {period}"
        yield Value(f"excess_dagpenge{end}", -gap["fewer"], period, 0 if end else SAME * gap["expected"])


def excess_cost(read: Reading) -> Iterator[Value]:
    """Yield what they cost at least and at most, by base year and price.

    A price is what one more has cost in the accounts of 98 municipalities, or the municipality's own average.
    """
    gaps, there = _lately(read), known(read)
    table = priced(there.persons, there.accounts).query("function == @DAGPENGE_FUNCTION")
    own = table[table["area"] == read.area].set_index("year")["price_kr"]
    per_head = table[table["area"] != "000"].assign(
        persons=lambda t: t["persons"] * t["kr_per_inhabitant"] / t["mio_kr"]
    )
    moved = per_head.pivot_table(["persons", "kr_per_inhabitant"], "area", "year")
    more, dearer = (moved[name].diff(axis=1).iloc[:, 1:].to_numpy() for name in ("persons", "kr_per_inhabitant"))
    marginal = (more * dearer).sum() / (more**2).sum() * 1e6
    costs = np.outer(-gaps["fewer"], (own[own.index.max()], marginal)) / 1e6
    for end, cost in (("low", costs.min()), ("high", costs.max())):
        yield Value(f"cost_dagpenge_{end}", cost, _august_to_july(gaps["year"].iloc[0]))


def outlook(read: Reading) -> Iterator[Value]:
    """Yield the last account of each function and of all of them, and what the years after will cost."""
    there = known(read)
    accounts = there.accounts.set_index(["area", "function", "year"])["mio_kr"][read.area]
    last = accounts.index.get_level_values("year").max()
    coming = ahead(read.area, read=read).set_index(["function", "year", "quantile"])["mio_kr"]
    for line, function in OUTLOOK.items():
        own = accounts[:, last].sum() if function == "total" else accounts[function, last]
        yield Value("outlook", own, f"{last}", suffix=f"_{last}", line=line)
        for year in coming.index.unique("year"):
            for end, quantile in (("", 0.5), ("_low", 0.1), ("_high", 0.9)):
                yield Value(f"outlook{end}", coming[function, year, quantile], f"{year}", suffix=f"_{year}", line=line)
            if function == "total":
                for end, quantile in (("", 0.5), ("_low", 0.1), ("_high", 0.9)):
                    rise, told = coming[function, year, quantile] / own - 1, {"suffix": f"_rise_{year}", "line": line}
                    yield Value(f"outlook_rise{end}", rise * 100, f"{last}–{year}", 0 if end else SAME * 100, **told)
    yield from _behind(there, read.area)
    past = movement.history(read("regk31"))
    record = score(movement.chosen(movement.graded(past, horizon=TESTED_YEARS)), None).iloc[0]
    yield Value("held_ahead", record["coverage_80"] * 100, f"{int(record['first'])}–{int(record['last'])}")


def _behind(there: Known, area: str) -> Iterator[Value]:
    """Yield the persons behind the last account and the newest year, and how far benefits rise between the two."""
    past = priced(there.persons, there.accounts)
    tables = [table[table["area"] == area] for table in (past, nowcasts(past, there.persons, there.regulation))]
    if any(table.empty for table in tables):
        return
    years = [table["year"].max() for table in tables]
    ends = [table[table["year"] == year].set_index("function") for table, year in zip(tables, years, strict=True)]
    for line, function in OUTLOOK.items():
        if all(function in end.index for end in ends):
            for year, end in zip(years, ends, strict=True):
                persons = end.loc[function, "persons"]
                yield Value("outlook_persons", persons, f"{year}", suffix=f"_persons_{year}", line=line)
    rise = (uprating(there.regulation, *years) - 1) * 100
    yield Value("outlook_uprating", rise, f"{years[0]}–{years[1]}")


def dagpenge_level(read: Reading) -> Iterator[Value]:
    """Yield how far the co-financing of dagpenge is below the country's cost per inhabitant, in the newest accounts."""
    year = load("regk31")["year"].max()
    rows = read("regk31", area=["000", read.area], function=[DAGPENGE_FUNCTION], year=[year])
    cost = rows.set_index("area")["kr_per_inhabitant"]
    persons = read("folk1a", area=[read.area], quarter=[f"{year}Q3"])["persons"].item()
    below = g3_level(cost[read.area] * persons, persons, cost["000"], 1) / 1e6
    yield Value("dagpenge_level", below, f"{year}", SAME * cost["000"] * persons / 1e6)
