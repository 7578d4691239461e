"""Every table with its source: read, checked against its recorded hash, in tidy form, every row knowing its line."""

from __future__ import annotations

import contextlib
import csv
import difflib
import functools
import hashlib
import io
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis import bands, danish
from ballerup_analysis.bands import EVIDENCE
from ballerup_analysis.files import DataError, locked, make_folder, write_aside

DATA = Path(__file__).parent.parent / "data"
HOME = "151"  # the municipality whose papers these are
TIDY = ["paper", "table", "row", "column", "year", "status", "value", "low", "high", "unit", "printed"]
DANISH_EVIDENCE = dict(
    zip(
        EVIDENCE,
        ("lov", "officiel kilde", "offentliggjort", "udledt", "presse", "ikke afstemt", "ubekræftet", "antaget"),
        strict=True,
    )
)


def _resources() -> dict[str, dict]:
    return _described(_record())


def _record() -> bytes:
    try:
        return (DATA / "datapackage.json").read_bytes()
    except OSError as error:
        raise DataError(f"data/datapackage.json cannot be read ({error.strerror})") from None


@functools.lru_cache(maxsize=2)  # by content, as the tables
def _described(package: bytes) -> dict[str, dict]:
    resources = _package(package)["resources"]
    for place, resource in enumerate(resources, start=1):
        try:
            wrong = bands.misdescribed(resource)
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            wrong = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else "not the form of a resource"
        if wrong:
            name = resource.get("name", "") if isinstance(resource, dict) else ""
            raise DataError(f"datapackage.json, resource {place} {name!r}: {wrong}")
    names = [resource["name"] for resource in resources]
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataError(f"datapackage.json describes {twice[0]!r} twice")
    return dict(zip(names, resources, strict=True))


def _package(raw: bytes) -> dict:
    try:
        package = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DataError(f"datapackage.json is no JSON: {error}") from None
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise DataError("datapackage.json has no list of resources")
    return package


def record_of(name: str) -> dict:
    """Return what ``datapackage.json`` records of a table; an unknown name is an error that lists the known."""
    resources = _resources()
    if name in resources:
        return resources[name]
    near = difflib.get_close_matches(name, resources, cutoff=0.5)
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
    table = _held(resource, raw)
    if corrected and "wording" in table:
        table = table[table["wording"] != "first"].reset_index(drop=True)
    if corrected and (swap := resource.get("swapped_in_print")):
        other = load(swap["with"])
        own, moved = table[table["row"] != swap["row"]], other[other["row"] == swap["row"]]
        moved = moved.assign(unit=table["unit"].iloc[0])
        table = pd.concat([moved, own], ignore_index=True)
    return table


def _held(resource: dict, raw: bytes) -> pd.DataFrame:
    codes = frozenset(cells("areas")["code"] if "foreignKeys" in resource["schema"] else ())
    return _typed(json.dumps(resource), raw, codes).copy()


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
    return _entries(json.dumps(record_of(name)), read_raw(name))


# The caches below are keyed by content: the hash is checked at every load, the cells are read once.
@functools.lru_cache(maxsize=2)
def _entries(description: str, raw: bytes) -> list[dict]:
    resource, text = json.loads(description), raw.decode("utf-8", errors="replace")
    try:
        ((head, told),) = tomllib.loads(text).items()
        lines = [i for i, line in enumerate(text.splitlines(), start=1) if line == f"[[{head}]]"]
        fields = dict.fromkeys(key for entry in told for key in entry)
        rows = [{key: entry.get(key) for key in fields} | {"line": at} for entry, at in zip(told, lines, strict=True)]
    except (AttributeError, TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{resource['path']} is no list of tables: {error}") from None
    if "tied" in resource:
        bands.rates(rows, resource)
    return rows


@functools.lru_cache(maxsize=128)
def _cells(description: str, raw: bytes) -> pd.DataFrame:
    resource = json.loads(description)
    columns, file = [field["name"] for field in resource["schema"]["fields"]], resource["path"]
    try:
        widths, texts = _split(raw.decode("utf-8"))
    except (ValueError, csv.Error) as error:
        raise DataError(f"{file} is no CSV in UTF-8: {error}") from None
    width, head = len(columns), texts[: widths[0]]
    if head != columns:
        missing, extra = sorted(set(columns) - set(head)), sorted(set(head) - set(columns))
        raise DataError(f"{file}: the columns must be {columns}; missing {missing}, not expected {extra}")
    if ragged := [line for line, one in enumerate(widths, start=1) if one != width]:
        raise DataError(f"{file}, row {ragged[0]}: {widths[ragged[0] - 1]} cells instead of {width}")
    lines = pd.RangeIndex(2, len(widths) + 1, name="line")
    each = {name: pd.array(texts[width + place :: width], dtype="str") for place, name in enumerate(columns)}
    return pd.DataFrame(each, index=lines)


def _split(text: str) -> tuple[list[int], list[str]]:
    """Return the width of every row of a CSV file, and all cells one after another."""
    if '"' in text:
        rows = list(csv.reader(io.StringIO(text), strict=True))
        return [len(row) for row in rows], [cell for row in rows for cell in row]
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")  # five times faster where nothing is quoted
    return [line.count(",") + 1 for line in lines], ",".join(lines).split(",")


@functools.lru_cache(maxsize=128)
def _typed(description: str, raw: bytes, codes: frozenset[str]) -> pd.DataFrame:
    resource, table = json.loads(description), _cells(description, raw).reset_index()
    if "papers/" in resource["path"]:
        return _tidy(table, resource)
    fields, file = resource["schema"]["fields"], resource["path"]
    columns = {field["name"]: _column(table, field, file) for field in fields}
    typed = pd.DataFrame(columns | {"line": table["line"]})
    bands.series(typed, resource, codes)
    return typed


def _column(table: pd.DataFrame, field: dict, file: str) -> pd.Series:
    texts = table[field["name"]]
    if field["type"] == "string":
        return texts.where(texts != "", np.nan)
    fits = re.compile(r"-?\d+" if field["type"] == "integer" else r"-?\d+(\.\d+)?", re.ASCII).fullmatch
    cells = texts.tolist()
    if wrong := [text for text in set(cells) if text and not fits(text)]:
        line, text = table.loc[texts.isin(wrong).idxmax(), ["line", field["name"]]]
        raise DataError(f"{file}, row {line}, column {field['name']!r}: {text!r} is no {field['type']}")
    return pd.to_numeric(pd.Series(cells, dtype=object))


def read_raw(name: str) -> bytes:
    """Return the bytes of a table's file, after checking them against the recorded hash."""
    resource = record_of(name)
    raw = _read_file(resource)
    if _hash(raw) != resource.get("hash"):
        raise DataError(f"{resource['path']} {_differs(raw, resource)}")
    return raw


def _read_file(resource: dict) -> bytes:
    path = DATA / resource["path"]
    if not path.exists():
        raise DataError(f"{resource['path']} is recorded in datapackage.json but missing")
    return path.read_bytes()


def _hash(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _differs(raw: bytes, resource: dict) -> str:
    accept = f"ballerup data --accept {resource['name']}"
    if "hash" not in resource:
        return f"has no hash in datapackage.json yet; record it with: {accept}"
    unix = raw.replace(b"\r\n", b"\n")
    if resource["hash"] in (_hash(unix), _hash(unix.replace(b"\n", b"\r\n"))):
        return (
            "is the recorded file but for its line endings, as git or an editor changes them. Nothing is to be accepted; "
            f"fetch it anew: delete data/{resource['path']}, then git checkout -- data/{resource['path']}"
        )
    return f"is not the recorded file (sha256 differs). Restore it, or record an intended change with: {accept}"


def _tidy(table: pd.DataFrame, resource: dict) -> pd.DataFrame:
    paper, _, name = resource["name"].partition(".")
    label, *columns = table.columns[1:]  # after the line
    if "printed" in columns:
        long = table.rename(columns={label: "row", "measure": "column"})
        long = long.assign(status=resource["status"], year=long["year"].astype(int))
    else:
        fields = [field for field in resource["schema"]["fields"] if field["name"] in columns]
        each = {kind: np.repeat([field[kind] for field in fields], len(table)) for kind in ("year", "status", "unit")}
        cells = {"line": "line", "row": label}
        cells = {name: np.tile(table[column].to_numpy(object), len(fields)) for name, column in cells.items()}
        printed = table[columns].to_numpy(object).ravel(order="F")
        long = pd.DataFrame(cells | {"column": np.repeat(columns, len(table)), "printed": printed} | each)
        long = long.astype({"line": int} | dict.fromkeys(("row", "column", "printed", "status", "unit"), "str"))
    parsed = []
    for row, column, cell in zip(*(long[name].tolist() for name in ("row", "column", "printed")), strict=True):
        try:
            parsed.append(danish.parse(cell))
        except ValueError as error:
            at = "printed" if "printed" in columns else column
            raise DataError(f"{resource['path']}, row {row!r}, column {at!r}: {error}") from None
    numbers = {end: np.array([getattr(one, end) for one in parsed], float) for end in ("value", "low", "high")}
    long = long.assign(paper=paper, table=name, **numbers)
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


SPELLED = str.maketrans({"å": "aa", "-": " "})  # Århus is Aarhus, Høje Tåstrup is Høje-Taastrup


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
    >>> area_code(151), area_code("0151"), area_code("gladsaxe"), area_code("000"), area_code("Århus")
    ('151', '151', '159', '000', '751')
    """
    if found := find_area(area):
        return found
    names = {name.casefold().translate(SPELLED): name for name in area_names().values()}
    near = [names[one] for one in difflib.get_close_matches(str(area).strip().casefold().translate(SPELLED), names)]
    hint = f"; did you mean {' or '.join(near)}?" if near else "; give a code such as 151 or a name such as Ballerup"
    raise DataError(f"there is no area {area!r}{hint}")


def find_area(area) -> str:
    """Return the code of an area as :func:`area_code` does; nothing where there is none, without looking for the nearest.

    Examples
    --------
    >>> find_area("Ballerup Kommune"), find_area("Afsnit 1")
    ('151', '')
    """
    text, raw = str(area).strip(), read_raw("areas")
    told, known = text.casefold().translate(SPELLED), _by_name(raw)
    bare, code = told.removesuffix(" kommune"), f"{int(text):03}" if text.isdecimal() else ""
    return next((known[one] for one in (text, told, bare, bare.removesuffix("s"), code) if one in known), "")


@functools.lru_cache(maxsize=2)  # by content
def _by_name(raw: bytes) -> dict[str, str]:
    """Return the codes of all areas by themselves, and by name in one spelling."""
    return {key: code for code, name in _area_names(raw).items() for key in (code, name.casefold().translate(SPELLED))}


@functools.lru_cache(maxsize=2)  # by content
def _area_names(raw: bytes) -> dict[str, str]:
    return pd.read_csv(io.BytesIO(raw), dtype=str).set_index("code")["name"].to_dict()


def area_name(area) -> str:
    """Return the name of an area as it is told in a sentence.

    Examples
    --------
    >>> area_name(159), area_name("02")
    ('Gladsaxe', 'Københavns omegn')
    """
    return area_names()[area_code(area)].removeprefix("Landsdel ")


def area_names() -> dict[str, str]:
    """Return the names of all areas by code, as the table has them.

    Examples
    --------
    >>> area_names()["159"], area_names()["02"]
    ('Gladsaxe', 'Landsdel Københavns omegn')
    """
    return _area_names(read_raw("areas"))


def load_papers(read=load) -> pd.DataFrame:
    """Return the cells of all printed tables under one another.

    Examples
    --------
    >>> sorted(load_papers().paper.unique())
    ['agreement_2018', 'budget_2017', 'minutes_2015', 'minutes_2020', 'plan_2018']
    """
    names = [name for name, r in _resources().items() if "papers/" in r["path"]]
    return pd.concat([read(name) for name in names], ignore_index=True)


def load_local_accounts() -> pd.DataFrame | None:
    """Return the analyst's own accounts, when there are any: :func:`ballerup_analysis.own.read`."""
    from ballerup_analysis import own  # which reads through this module

    return own.read("accounts")


def local_file(kind: str = "accounts") -> Path | None:
    """Return where the analyst's own figures of a kind are; None when there are none, or published ones only are asked for."""
    from ballerup_analysis import own

    return own.files().get(kind)


def frames() -> pd.DataFrame:
    """List the columns of every printed table that is a budget frame: lines × years.

    Returns
    -------
    pandas.DataFrame
        name, area (whose paper it is), column, year, status, unit; one row a column, in the order of the record.

    Examples
    --------
    >>> frames().query("name == 'budget_2017.frame_2002'")["column"].tolist()
    ['R2015', 'B2016', 'B2017', 'BO2018', 'BO2019', 'BO2020']
    """
    columns = ["name", "area", "column", "year", "status", "unit"]
    rows = [
        (name, r.get("area", HOME), *(field[key] for key in ("name", "year", "status", "unit")))
        for name, r in _resources().items()
        if r.get("role") == "frame"
        for field in r["schema"]["fields"][1:]
    ]
    return pd.DataFrame(rows, columns=columns)


def accept(name: str) -> str:
    """Record the present bytes of a table's file as the intended ones; return the new hash."""
    raw = _read_file(record_of(name))
    with changing() as package:
        entry = next(r for r in package["resources"] if r["name"] == name)
        entry["hash"], entry["bytes"] = _hash(raw), len(raw)
    return entry["hash"]


def follow(resource: dict, text: str) -> dict:
    """Return a new resource as the record will have it: held to what the one of its name is, and read as ``load`` does.

    Raises
    ------
    DataError
        As :func:`load`: what the record would then refuse never gets into it.
    """
    raw = text.encode("utf-8")
    new = resource | {"hash": _hash(raw), "bytes": len(raw)}
    if old := _resources().get(resource["name"]):
        new = bands.held_as(new, old)
    _held(new, raw)
    return new


def record(resource: dict, text: str) -> None:
    """Write the file of a new resource, then name it in the record and the data README.

    The file comes first: until the record names it, it is not there. A resource of the same name keeps its file and
    goes on under the name of that file; what it holds its columns to, the new one is held to as well. No other command
    changes the data meanwhile.

    Parameters
    ----------
    resource : dict
        The entry of ``datapackage.json``; hash and bytes are added here.
    text : str
        The content of the file.

    Raises
    ------
    DataError
        As :func:`follow`; nothing is written then.
    """
    path = DATA / resource["path"]
    with changing() as package:
        new = follow(resource, text)
        make_folder(path.parent)  # of a new paper
        write_aside(path, text)
        others = [r for r in package["resources"] if r["path"] != resource["path"]]
        for old in (r for r in package["resources"] if r["name"] == resource["name"]):
            old["name"] = Path(old["path"]).stem.lower()
        package["resources"] = [*others, new]


@contextlib.contextmanager
def changing() -> Iterator[dict]:
    """Hand out the record to be changed, and write it and the page about it: no other command does so meanwhile."""
    path = DATA / "datapackage.json"
    with locked(path):
        package, before = _package(_record()), _package(_record())
        yield package
        if package != before:
            write_aside(path, json.dumps(package, ensure_ascii=False, indent=1) + "\n")
        write_aside(DATA / "README.md", describe())


def describe() -> str:
    """Return ``data/README.md``, made from the record.

    Examples
    --------
    >>> describe().splitlines()[0]
    '# Data'
    """
    marks = {r"\s+": " ", r"([\\`*_~$&<>\[\]|])": r"\\\1"}  # what a record says is text, no markup
    told = catalogue().set_index("name").replace(marks, regex=True)
    rows = [
        f"| `{r.Index}` | {r.title} | {r.source} | {r.licence} | {r.evidence} | {r.notes} |" for r in told.itertuples()
    ]
    head = (
        "# Data\n\nMade from `datapackage.json` by `ballerup data`; do not edit. `raw/` is as printed or as published and "
        "never edited, `processed/` is built from it, `local/` is for your own figures (see `local/README.md`).\n\n"
        "| table | what it is | source | licence | evidence | mind |\n|---|---|---|---|---|---|\n"
    )
    return head + "\n".join(rows) + "\n"
