"""Build ``data/processed`` and ``data/README.md``: the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ballerup_analysis import sources
from ballerup_analysis.reconcile import reconcile
from ballerup_analysis.trend import fewer, search, yearly


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield every processed table with its name."""
    yield "papers", sources.load_papers()
    yield "reconciliation", reconcile()
    published = sources.load("minutes_2015.statements").set_index("row").loc["gain_2014", "value"]
    yield "definitions_2014", search(published)
    net = yearly("net_unemployed_kontanthjaelp")
    years = net.index[1:]
    yield "gaps_kontanthjaelp", fewer(net, None, "000", years - 1, years)


def build() -> None:
    """Write the processed tables and the data README; a failure leaves all of them as they were."""
    texts = {
        sources.DATA / "processed" / f"{name}.csv": table.to_csv(index=False, float_format="%.10g", lineterminator="\n")
        for name, table in tables()
    }
    texts[sources.DATA / "README.md"] = sources.describe()
    (sources.DATA / "processed").mkdir(exist_ok=True)
    for path, text in texts.items():
        sources.write_aside(path, text)
        print(f"wrote {path.relative_to(sources.DATA.parent)}")
