"""Record fresh figures beside the shipped ones, and tell what they change."""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import hashlib
import io
import os
import re
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import track

from ballerup_analysis import sources
from ballerup_analysis.sources import DataError
from ballerup_analysis.upkeep import statbank
from ballerup_analysis.upkeep.statbank import TABLES, NoNetwork

MADE_HERE = re.compile(r".+_h[0-9a-f]{8}\.csv(\.new)?")  # the h: a date is no hash
NO_TOKEN = "jobindsats is left out: no token in JOBINDSATS_TOKEN. STAR gives them out (api.jobindsats.dk); it is never stored here"
CC_BY = {"name": "CC-BY-4.0", "title": "CC BY 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
QUOTED = {"name": "notspecified", "title": "terms not stated at the source; figures quoted"}
KEYS = ("area", "year", "quarter", "month", "period", "benefit", "benefit_group", "function")


def leftovers() -> list[Path]:
    """Return the files of pulls that were killed before the record named them: they are nobody's figures.

    Examples
    --------
    >>> all(path.name.endswith((".csv", ".new")) for path in leftovers())
    True
    """
    named = {resource["path"] for resource in sources._resources().values()}
    files = (sources.DATA / "raw" / "statbank").iterdir()
    return [p for p in files if MADE_HERE.fullmatch(p.name) and p.relative_to(sources.DATA).as_posix() not in named]


def refresh(tables=(), dry_run: bool = False, accept: bool = False) -> pd.DataFrame:
    """Fetch tables, check them, and record each that has changed as a new file.

    Parameters
    ----------
    tables : sequence of str
        Tables of StatBank or jobindsats; all of ``statbank.toml`` when empty.
    dry_run : bool
        Fetch, check and compare, but record nothing.
    accept : bool
        Take as meant that codes of a kept variable are new or gone, and that cells of the present table are gone.

    Returns
    -------
    pandas.DataFrame
        One row a table: table, state (new, unchanged, failed), rows, added, gone and revised against the present
        table of that name, file, problem.

    Raises
    ------
    DataError
        For an unknown table, with the nearest.
    NoNetwork
        When the very first request reaches nobody.
    """
    wanted = [table.upper() for table in tables] or list(TABLES)
    for table in wanted:
        if table not in TABLES:
            near = difflib.get_close_matches(table, TABLES, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise DataError(f"no table {table}: {hint}the tables are {', '.join(TABLES)}")
    if not os.environ.get("JOBINDSATS_TOKEN"):
        if any("value" not in TABLES[table] for table in wanted):
            print(NO_TOKEN)
        wanted = [table for table in wanted if "value" in TABLES[table]]
    if not dry_run:
        for path in leftovers():
            path.unlink()
        # a run that was killed may have left the page about the data behind the record
        sources.write_aside(sources.DATA / "README.md", sources.describe())
    done = []
    for table in track(wanted, description="refresh", console=Console(stderr=True)):
        try:
            done.append({"table": table} | _refresh_one(table, dry_run, accept))
        except (csv.Error, KeyError, TypeError, ValueError) as error:
            # whatever a service sends, it costs its table alone; without any network there is no point in going on
            if isinstance(error, NoNetwork) and not done:
                raise
            problem = str(error) if isinstance(error, DataError) else f"not the known form ({type(error).__name__})"
            done.append({"table": table, "state": "failed", "problem": problem})
    columns = ["table", "state", "rows", "added", "gone", "revised", "file", "problem"]
    return pd.DataFrame(done).reindex(columns=columns).convert_dtypes()


def _refresh_one(table: str, dry_run: bool, accept: bool) -> dict:
    spec = TABLES[table]
    name, kept = spec.get("name", table.lower()), next(iter(spec.get("kept", {}).values()), "")
    cells, texts, updated = statbank.fetch(table, () if accept else sources.labels(name, kept))
    keys = [column for column in cells if column in KEYS]
    text = cells.to_csv(index=False, lineterminator="\n")
    file = f"{name}_{cells[keys[1]].max()}_h{hashlib.sha256(text.encode()).hexdigest()[:8]}.csv"
    counts = {"rows": len(cells)} | _compare(name, text, keys)
    if counts["gone"] and not accept:
        raise DataError(f"{counts['gone']} cells of the present {name} are no longer there (if meant: --accept)")
    if file == Path(sources._resources().get(name, {"path": ""})["path"]).name:
        return {"state": "unchanged", "file": file} | counts
    types = {column: "integer" if pd.api.types.is_integer_dtype(cells[column]) else "number" for column in cells}
    types |= dict.fromkeys(keys, "string") | ({"year": "integer"} if "year" in keys else {})
    fields = [{"name": c, "type": t} | ({"labels": texts} if c == kept else {}) for c, t in types.items()]
    agency = "Statistics Denmark, StatBank table" if "value" in spec else "jobindsats.dk table"
    address = f"https://www.statistikbanken.dk/{table}" if "value" in spec else "https://jobindsats.dk"
    resource = {
        "name": name,
        "title": spec["title"] if "name" in spec else f"{spec['title']}: persons and full-time persons, monthly",
        "path": f"raw/statbank/{file}",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": spec.get("note", ""),
        "sources": [{"title": f"{agency} {table}", "path": address}],
        "licenses": [CC_BY if "value" in spec else QUOTED],
        "evidence": "official",
        "retrieved": dt.date.today().isoformat(),
        "retrieved_note": f"by ballerup refresh; updated at the source {updated}",
        "schema": {"fields": fields, "primaryKey": keys},
    }
    if not dry_run:
        sources.record(resource, text)
    return {"state": "new", "file": file} | counts


def _compare(name: str, text: str, keys: list[str]) -> dict[str, int]:
    new = pd.read_csv(io.StringIO(text), dtype=str).set_index(keys)
    if name not in sources._resources():
        return {"added": len(new), "gone": 0, "revised": 0}
    old = pd.read_csv(io.BytesIO(sources.read_raw(name)), dtype=str).set_index(keys)
    both = new.index.intersection(old.index)
    before, after = (table.loc[both, new.columns].astype(float) for table in (old, new))
    revised = (before.ne(after) & ~(before.isna() & after.isna())).any(axis=1).sum()
    return {"added": len(new) - len(both), "gone": len(old) - len(both), "revised": int(revised)}


def update(tables=(), dry_run: bool = False, accept: bool = False) -> int:
    """Refresh, rebuild ``data/processed`` and print what changed; return 1 when a table failed, else 0."""
    from ballerup_analysis.paper.reading import ledger
    from ballerup_analysis.upkeep import processed

    before = ledger().numbers
    found = refresh(tables, dry_run, accept)
    for row in found.itertuples():
        if row.state == "failed":
            print(f"{row.table}: failed, nothing recorded: {row.problem}")
        else:
            print(
                f"{row.table}: {row.state}, {row.rows} rows ({row.added} added, {row.gone} gone, {row.revised} revised), {row.file}"
            )
    if dry_run:
        print("dry run: nothing was recorded")
    elif (found["state"] == "new").any():
        processed.build()
        after = ledger().numbers
        print("\nheadline number: before → after")
        for key, number in after.items():
            was = before[key].danish if key in before else "–"
            print(f"{'  ' if was == number.danish else '* '}{key}: {was} → {number.danish}")
        print("* changed: what quotes it must be looked at (python3 run.py test names the places)")
    return int((found["state"] == "failed").any())
