"""Every table with its source: read, checked against its recorded hash, in tidy form, every row knowing its line."""

from __future__ import annotations

import contextlib
import csv
import difflib
import functools
import hashlib
import io
import json
import os
import threading
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis import danish

DATA = Path(__file__).parent.parent / "data"
HOME = "151"  # the municipality whose papers these are
TIDY = ["paper", "table", "row", "column", "year", "status", "value", "low", "high", "unit", "printed"]
EVIDENCE = ("statute", "official", "published", "derived", "press", "unverified", "assumed")
DANISH_EVIDENCE = dict(
    zip(
        EVIDENCE,
        ("lov", "officiel statistik", "offentliggjort", "udledt", "presse", "ubekræftet", "antaget"),
        strict=True,
    )
)


class DataError(ValueError):
    """A table that is unknown, changed or malformed."""


def _resources() -> dict[str, dict]:
    return _described((DATA / "datapackage.json").read_bytes())


@functools.lru_cache(maxsize=2)  # by content, as the tables
def _described(package: bytes) -> dict[str, dict]:
    return {resource["name"]: resource for resource in json.loads(package)["resources"]}


def record_of(name: str) -> dict:
    """Return what ``datapackage.json`` records of a table; an unknown name is an error that lists the known."""
    resources = _resources()
    if name in resources:
        return resources[name]
    near = difflib.get_close_matches(name, resources, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise DataError(f"no table {name!r}: {hint}the tables are {', '.join(sorted(resources))}")


def catalogue() -> pd.DataFrame:
    """List every table with what it is, where it comes from and what to mind.

    Returns
    -------
    pandas.DataFrame
        One row a table: name, title, source, licence, evidence, notes, path.

    Examples
    --------
    >>> "budget_2017.frame_2002" in set(catalogue().name)
    True
    """
    return pd.DataFrame(
        {
            "name": name,
            "title": r["title"],
            "source": r["sources"][0]["title"],
            "licence": r["licenses"][0]["title"],
            "evidence": r["evidence"],
            "notes": r.get("description", ""),
            "path": r["path"],
        }
        for name, r in _resources().items()
    )


def where_from(name: str) -> str:
    """Cite the source of a table.

    Parameters
    ----------
    name : str
        A table of :func:`catalogue`.

    Examples
    --------
    >>> where_from("folk1a")
    'Statistics Denmark, StatBank table FOLK1A (CC BY 4.0)'
    """
    resource = record_of(name)
    return f"{resource['sources'][0]['title']} ({resource['licenses'][0]['title']})"


def hash_of(name: str) -> str:
    """Return the recorded hash of a table's file."""
    return record_of(name)["hash"]


def labels(name: str, column: str) -> dict[str, str]:
    """Return the text of each code of a column; empty when there is no such table, or its codes need no text.

    Examples
    --------
    >>> labels("folk1a", "area")
    {}
    """
    fields = _resources().get(name, {"schema": {"fields": []}})["schema"]["fields"]
    return next((field.get("labels", {}) for field in fields if field["name"] == column), {})


def load(name: str, corrected: bool = False) -> pd.DataFrame:
    """Return a table in tidy form, after checking that its file is the recorded one.

    Parameters
    ----------
    name : str
        ``paper.table`` for a printed table, the StatBank or jobindsats table for a public series.
    corrected : bool
        Return what stands instead of what is printed: wordings replaced by the correction of 6 February 2018
        are left out, and a row printed under another table's heading is moved back. The default is as printed.

    Returns
    -------
    pandas.DataFrame
        Printed tables have the columns paper, table, row, column, year, status, value, low, high, unit, printed;
        statements also keep what they measure, their item, period and wording. ``low`` and ``high`` hold the
        rounding interval or the printed range; missing is NaN. Public series keep their own columns; area codes
        are text. ``line`` is the row's line in the file, whose head is line 1.

    Raises
    ------
    DataError
        When the table is unknown, its file differs from the record, its columns are not the recorded ones, or a
        cell is no Danish number; the message names file, row and column.

    Examples
    --------
    >>> cells = load("budget_2017.frame_2002").set_index(["row", "column"])
    >>> cells[["printed", "value", "low", "high", "line"]].loc[[("Sygedagpenge", "B2017")]].to_numpy().tolist()
    [['76.406', 76406.0, 76405.5, 76406.5, 2]]
    """
    resource, raw = record_of(name), read_raw(name)
    if resource["format"] == "toml":
        table = pd.DataFrame(entries(name))
        return table.astype({"value": float, "valid_from": "datetime64[s]", "valid_to": "datetime64[s]"})
    table = _typed(json.dumps(resource), raw).copy()
    if corrected and "wording" in table:
        table = table[table["wording"] != "first"].reset_index(drop=True)
    if corrected and (swap := resource.get("swapped_in_print")):
        other = load(swap["with"])
        own, moved = table[table["row"] != swap["row"]], other[other["row"] == swap["row"]]
        moved = moved.assign(unit=table["unit"].iloc[0])
        table = pd.concat([moved, own], ignore_index=True)
    return table


def cells(name: str) -> pd.DataFrame:
    """Return the file of a table as text, as printed, by line; its columns are those of the file.

    Examples
    --------
    >>> cells("minutes_2015.statements").loc[13, "printed"]
    '7,6'
    """
    return _cells(json.dumps(record_of(name)), read_raw(name))


def entries(name: str) -> list[dict]:
    """Return the entries of a TOML file in its order, each with the ``line`` it begins at."""
    return _entries(record_of(name)["path"], read_raw(name))


# The caches below are keyed by content: the hash is checked at every load, the cells are read once.
@functools.lru_cache(maxsize=2)
def _entries(file: str, raw: bytes) -> list[dict]:
    text = raw.decode("utf-8")
    try:
        ((head, told),) = tomllib.loads(text).items()
        lines = [i for i, line in enumerate(text.splitlines(), start=1) if line == f"[[{head}]]"]
        fields = dict.fromkeys(key for entry in told for key in entry)
        return [{key: entry.get(key) for key in fields} | {"line": at} for entry, at in zip(told, lines, strict=True)]
    except (tomllib.TOMLDecodeError, AttributeError, ValueError) as error:
        raise DataError(f"{file} is no list of tables: {error}") from None


@functools.lru_cache(maxsize=128)
def _cells(description: str, raw: bytes) -> pd.DataFrame:
    resource = json.loads(description)
    columns, file = [field["name"] for field in resource["schema"]["fields"]], resource["path"]
    head, *rows = list(csv.reader(io.StringIO(raw.decode("utf-8")))) or [[]]
    if head != columns:
        missing, extra = sorted(set(columns) - set(head)), sorted(set(head) - set(columns))
        raise DataError(f"{file}: the columns must be {columns}; missing {missing}, not expected {extra}")
    if ragged := [(i, len(row)) for i, row in enumerate(rows, start=2) if len(row) != len(columns)]:
        raise DataError(f"{file}, row {ragged[0][0]}: {ragged[0][1]} cells instead of {len(columns)}")
    return pd.DataFrame(rows, columns=columns, dtype=str, index=pd.RangeIndex(2, len(rows) + 2, name="line"))


@functools.lru_cache(maxsize=128)
def _typed(description: str, raw: bytes) -> pd.DataFrame:
    resource, table = json.loads(description), _cells(description, raw).reset_index()
    if "papers/" in resource["path"]:
        return _tidy(table, resource)
    fields, file = resource["schema"]["fields"], resource["path"]
    columns = {field["name"]: _column(table, field, file) for field in fields}
    return pd.DataFrame(columns | {"line": table["line"]})


def _column(table: pd.DataFrame, field: dict, file: str) -> pd.Series:
    texts = table[field["name"]]
    if field["type"] == "string":
        return texts.where(texts != "", np.nan)
    pattern = r"-?\d+" if field["type"] == "integer" else r"-?\d+(\.\d+)?"
    wrong = ~texts.str.fullmatch(pattern) & (texts != "")
    if wrong.any():
        line, text = table.loc[wrong.idxmax(), ["line", field["name"]]]
        raise DataError(f"{file}, row {line}, column {field['name']!r}: {text!r} is no {field['type']}")
    return pd.to_numeric(texts)


def read_raw(name: str) -> bytes:
    """Return the bytes of a table's file, after checking them against the recorded hash."""
    resource = record_of(name)
    path = DATA / resource["path"]
    if not path.exists():
        raise DataError(f"{resource['path']} is recorded in datapackage.json but missing")
    raw = path.read_bytes()
    if f"sha256:{hashlib.sha256(raw).hexdigest()}" != resource.get("hash"):
        what = "is not the recorded file (sha256 differs). Restore it, or" if "hash" in resource else "has no hash yet;"
        raise DataError(
            f"{resource['path']} {what} record an intended change with: ballerup data --accept {resource['name']}"
        )
    return raw


def _tidy(table: pd.DataFrame, resource: dict) -> pd.DataFrame:
    paper, _, name = resource["name"].partition(".")
    label = table.columns[1]  # after the line
    if "printed" in table.columns:
        long = table.rename(columns={label: "row", "measure": "column"})
        long = long.assign(status=resource["status"], year=long["year"].astype(int))
        number_column = "printed"
    else:
        fields = pd.DataFrame(resource["schema"]["fields"]).set_index("name")
        long = table.melt(id_vars=["line", label], var_name="column", value_name="printed").rename(
            columns={label: "row"}
        )
        long = long.join(fields[["year", "status", "unit"]], on="column")
        long["year"] = long["year"].astype(int)
        number_column = None
    parsed = []
    for row, column, cell in zip(long["row"], long["column"], long["printed"], strict=True):
        try:
            parsed.append(danish.parse(cell))
        except ValueError as error:
            where = f"{resource['path']}, row {row!r}, column {number_column or column!r}"
            raise DataError(f"{where}: {error}") from None
    numbers = pd.DataFrame(parsed, columns=["value", "low", "high"], index=long.index)
    long = long.assign(paper=paper, table=name).join(numbers)
    others = [c for c in long if c not in TIDY and c != "line"]
    return long[[*TIDY, *others, "line"]]


def areas() -> pd.DataFrame:
    """Return the 98 municipalities by code, with name, region and landsdel.

    Examples
    --------
    >>> areas().loc["151", "name"], len(areas())
    ('Ballerup', 98)
    """
    return load("areas").query("level == 'kommune'").set_index("code")


def municipalities() -> list[str]:
    """Return the codes of the 98 municipalities.

    Examples
    --------
    >>> municipalities()[:2]
    ['101', '147']
    """
    return areas().index.tolist()


def area_code(area) -> str:
    """Return the code of an area given by code, number or name.

    Parameters
    ----------
    area : str or int
        Such as ``"151"``, ``151``, ``"0151"`` or ``"Ballerup"``; regions and landsdele too.

    Raises
    ------
    DataError
        When there is no such area; with the nearest names.

    Examples
    --------
    >>> area_code(151), area_code("0151"), area_code("gladsaxe"), area_code("000")
    ('151', '151', '159', '000')
    """
    names = _area_names(read_raw("areas"))
    text = str(area).strip()
    if text in names:
        return text
    by_name = {name.casefold(): code for code, name in reversed(names.items())}
    bare = text.casefold().removesuffix(" kommune")
    for known in (text.casefold(), bare, bare.removesuffix("s")):
        if known in by_name:
            return by_name[known]
    if text.isdecimal() and (code := f"{int(text):03}") in names:
        return code
    near = [names[by_name[n]] for n in difflib.get_close_matches(text.casefold(), by_name, n=3)]
    hint = f"; did you mean {' or '.join(near)}?" if near else "; give a code such as 151 or a name such as Ballerup"
    raise DataError(f"there is no area {area!r}{hint}")


@functools.lru_cache(maxsize=2)  # by content
def _area_names(raw: bytes) -> dict[str, str]:
    table = pd.read_csv(io.BytesIO(raw), dtype=str, usecols=["code", "name"])
    return dict(zip(table["code"], table["name"], strict=True))


def area_name(area) -> str:
    """Return the name of an area as it is told in a sentence.

    Examples
    --------
    >>> area_name(159), area_name("02")
    ('Gladsaxe', 'Københavns omegn')
    """
    return _area_names(read_raw("areas"))[area_code(area)].removeprefix("Landsdel ")


def load_papers(read=load) -> pd.DataFrame:
    """Return the cells of all printed tables under one another.

    Examples
    --------
    >>> sorted(load_papers().paper.unique())
    ['agreement_2018', 'budget_2017', 'minutes_2015', 'minutes_2020', 'plan_2018']
    """
    names = [name for name, r in _resources().items() if "papers/" in r["path"]]
    return pd.concat([read(name) for name in names], ignore_index=True)


def local_file() -> Path | None:
    """Return where the analyst's own accounts would be; None for published figures only."""
    folder = os.environ.get("BALLERUP_LOCAL", str(DATA / "local"))
    return Path(folder) / "accounts.csv" if folder else None


def load_local_accounts(path: Path | None = None) -> pd.DataFrame | None:
    """Return the analyst's own accounts, when there are any.

    Parameters
    ----------
    path : pathlib.Path, optional
        The file; ``data/local/accounts.csv`` unless the environment variable ``BALLERUP_LOCAL`` names
        another folder. An empty variable means: published figures only (as the tests do).

    Returns
    -------
    pandas.DataFrame or None
        Columns area, year, benefit, fulltime_persons, net_cost_kr, after ``data/local/schema.json``.

    Raises
    ------
    DataError
        With file, row and column of every cell that breaks the schema.
    """
    path = path or local_file()
    if path is None or not path.exists():
        return None
    import frictionless  # three seconds: only for those who have a file

    schema = json.loads((DATA / "local" / "schema.json").read_text(encoding="utf-8"))
    resource = frictionless.Resource(
        path=path.name,
        basepath=str(path.parent),
        format="csv",
        dialect=frictionless.Dialect.from_descriptor({"csv": {"delimiter": ";"}}),
        schema=frictionless.Schema.from_descriptor(schema),
        encoding="utf-8-sig",
    )
    report = resource.validate()
    if not report.valid:
        raise DataError(f"{path}:\n  " + "\n  ".join(message for (message,) in report.flatten(["message"])))
    rows = pd.DataFrame(resource.read_rows(), columns=[field["name"] for field in schema["fields"]])
    for column in ("fulltime_persons", "net_cost_kr"):
        rows[column] = [danish.parse(cell).value for cell in rows[column].fillna("")]
    return rows


def accept(name: str) -> str:
    """Record the present bytes of a table's file as the intended ones; return the new hash."""
    resource = record_of(name)
    raw = (DATA / resource["path"]).read_bytes()
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    entry = next(r for r in package["resources"] if r["name"] == name)
    entry["hash"], entry["bytes"] = f"sha256:{hashlib.sha256(raw).hexdigest()}", len(raw)
    write_aside(DATA / "datapackage.json", json.dumps(package, ensure_ascii=False, indent=1) + "\n")
    return entry["hash"]


def record(resource: dict, text: str) -> None:
    """Write the file of a new resource, then name it in the record and the data README.

    The file comes first: until the record names it, it is not there. A resource of the same name keeps its file and
    goes on under the name of that file.

    Parameters
    ----------
    resource : dict
        The entry of ``datapackage.json``; hash and bytes are added here.
    text : str
        The content of the file.
    """
    raw = text.encode("utf-8")
    write_aside(DATA / resource["path"], text)
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    others = [r for r in package["resources"] if r["path"] != resource["path"]]
    for old in others:
        if old["name"] == resource["name"]:
            old["name"] = Path(old["path"]).stem.lower()
    package["resources"] = [
        *others,
        resource | {"hash": f"sha256:{hashlib.sha256(raw).hexdigest()}", "bytes": len(raw)},
    ]
    write_aside(DATA / "datapackage.json", json.dumps(package, ensure_ascii=False, indent=1) + "\n")
    write_aside(DATA / "README.md", describe())


def write_aside(path: Path, text: str | bytes) -> None:
    """Write a file beside its place, then swap it in, so that it is whole or untouched; DataError where it cannot be."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.new")  # no two writers share one
    try:
        aside.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        aside.replace(path)
    except OSError as error:
        raise DataError(f"{path} cannot be written ({error.strerror}); what stood there before still does") from None
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def describe() -> str:
    """Return ``data/README.md``, made from the record.

    Examples
    --------
    >>> describe().splitlines()[0]
    '# Data'
    """
    rows = [
        f"| `{r.name}` | {r.title} | {r.source} | {r.licence} | {r.evidence} | {r.notes} |"
        for r in catalogue().itertuples(index=False, name="Row")
    ]
    head = (
        "# Data\n\nMade from `datapackage.json` by `ballerup data`; do not edit. `raw/` is as printed or as published and "
        "never edited, `processed/` is built from it, `local/` is for your own accounts (see `local/README.md`).\n\n"
        "| table | what it is | source | licence | evidence | mind |\n|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"
