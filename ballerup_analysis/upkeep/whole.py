"""Fresh figures of municipalities held against those of the country: what they make up, and what they lie around."""

from __future__ import annotations

import pandas as pd

from ballerup_analysis import sources
from ballerup_analysis.danish import number

COUNTED = ("persons", "fulltime_persons", "fulltime_employees", "days", "tkr")  # measures whose parts make up a whole
# what the 98 may have more than the country: who moved counts in two, and in each half a person may be rounded up
MOVED, ROUNDED = 0.05, 49


def against_the_country(both: pd.DataFrame, keys: list[str], apart: float | None = None) -> str:
    """Return what is odd about a table's municipalities beside its country; nothing where all agrees.

    Parameters
    ----------
    both : pandas.DataFrame
        The new cells, and in ``there`` which of them are left_only, in the present table alone.
    keys : list of str
        Its key, area first.
    apart : float, optional
        How far, as a share, the municipalities together may be from the country either way, where they make it up.
    """
    cells, towns = both[both["there"] != "left_only"], sources.municipalities()
    country, parts = cells[cells["area"] == "000"].set_index(keys[1:]), cells[cells["area"].isin(towns)]
    for column in (column for column in (*COUNTED, "pct") if column in cells):
        whole, of_towns = country[column].astype(float), parts.groupby(keys[1:])[column]
        found = of_towns.agg(["sum", "min", "max", "count"]).reindex(whole.index).astype(float)
        is_all = found["count"] == len(towns)  # of fewer, the others may hold what lacks
        if column == "pct":
            low, high = found["min"], found["max"]
            odd = is_all & ~whole.between(low, high) & whole.notna()
            told = "the municipalities have {} to {}, the country {}"
        else:
            low = high = found["sum"]
            odd = high.abs() > whole.abs() * (1 + MOVED) + ROUNDED  # a refund is negative
            if apart is not None:
                odd |= is_all & ((high - whole).abs() > whole.abs() * apart + ROUNDED)
            told = "the municipalities have {1} together, the country {2}"
        if odd.any():
            at = odd.idxmax()
            numbers = (number(one[at], 2 if column == "pct" else 0) for one in (low, high, whole))
            return f"{' '.join([at] if isinstance(at, str) else at)}, {column}: {told.format(*numbers)}"
    return ""
