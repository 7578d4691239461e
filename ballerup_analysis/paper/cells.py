"""The cells of the raw files as they are printed, with file and line."""

from __future__ import annotations

import functools
import io

import pandas as pd

from ballerup_analysis import sources
from ballerup_analysis.rates import Rate, line_of


def printed(name: str, rows: pd.Index) -> pd.DataFrame:
    """Return the cells behind some rows of a loaded table: table, file, line, address and the text as printed.

    Examples
    --------
    >>> printed("minutes_2015.statements", pd.Index([11]))[["line", "address", "printed"]].to_numpy().tolist()
    [[13, 'gain_2014', '7,6']]
    """
    raw, resource = _raw(sources.read_raw(name)), sources.record_of(name)
    kinds = {f["name"]: f["type"] for f in resource["schema"]["fields"]}
    numbers = [c for c, kind in kinds.items() if c == "printed" or (kind != "string" and c != "year")]
    if "." in name and "printed" not in kinds:  # wide: the loaded table is the columns under one another
        at, column = rows % len(raw), rows // len(raw) + 1
        address = raw.iloc[at, 0].to_numpy() + ", " + raw.columns[column].to_numpy()
        printed = raw.to_numpy()[at, column]
    else:
        at, keys = rows, [c for c in kinds if c not in numbers]
        numbers, keys = numbers or keys[1:], keys[: 1 if "printed" in kinds or not numbers else 3]
        address, printed = _joined(raw.loc[rows, keys], ", "), _joined(raw.loc[rows, numbers], "; ")
    return pd.DataFrame(
        {"table": name, "file": f"data/{resource['path']}", "line": at + 2, "address": address, "printed": printed}
    )


def _joined(cells: pd.DataFrame, by: str) -> list[str]:
    return [by.join(row) for row in cells.to_numpy()]


@functools.lru_cache(maxsize=64)
def _raw(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)


def printed_rates(rates: tuple[Rate, ...]) -> pd.DataFrame:
    """Return rates the same way, with the line of the file at which each begins."""
    rows = [
        (line_of(r), ", ".join([r.name, *r.when.values(), f"{r.valid_from or '…'} – {r.valid_to or '…'}"]), f"{r.value:g} {r.unit}")
        for r in rates
    ]  # fmt: skip
    found = pd.DataFrame(rows, columns=["line", "address", "printed"])
    return found.assign(table="rates", file="data/raw/rates.toml")[["table", "file", *found]]
