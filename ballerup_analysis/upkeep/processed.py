"""Build ``data/processed`` and ``data/README.md``: the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ballerup_analysis import bands, sources
from ballerup_analysis.danish import number
from ballerup_analysis.paper.numbers import ledger
from ballerup_analysis.paper.reading import Ledger
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
    yield "headline_numbers", headline(ledger())


def headline(book: Ledger) -> pd.DataFrame:
    """Return the headline numbers as a table: id, value, unit, period, evidence, same (as little is no difference), what."""
    rows = [(e.id, e.value, e.unit, e.period, e.evidence, e.same, e.text) for e in book.numbers.values()]
    return pd.DataFrame(rows, columns=["id", "value", "unit", "period", "evidence", "same", "what"])


def jumps() -> Iterator[str]:
    """Name each step of a public series that its record calls implausible: a mistake, or something to write about."""
    names = sources.catalogue()["name"]
    for name in names[~names.str.contains("_h[0-9a-f]{8}$")]:  # such a pull stands aside: nothing reads it
        found = bands.jumps(sources.load(name), sources.record_of(name).get("schema", {"fields": []}))
        for row in found.itertuples():
            before, after = (number(value, 2) for value in (row.before, row.after))
            yield f"{name}, row {row.line}: {row.column} goes from {before} to {after}; is that meant?"


def build() -> None:
    """Write the processed tables and the data README, each whole or as it was, and tell implausible jumps."""
    texts = {
        sources.DATA / "processed" / f"{name}.csv": table.to_csv(index=False, float_format="%.10g", lineterminator="\n")
        for name, table in tables()
    }
    texts[sources.DATA / "README.md"] = sources.describe()
    (sources.DATA / "processed").mkdir(exist_ok=True)
    for path, text in texts.items():
        sources.write_aside(path, text)
        print(f"wrote {path.relative_to(sources.DATA.parent)}")
    print("".join(f"{jump}\n" for jump in jumps()), end="")
