"""What a table is held to: its description, keys, bands, ties and steps, as ``datapackage.json`` records them."""

from __future__ import annotations

import math
import re
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from ballerup_analysis.files import DataError

EVIDENCE = ("statute", "official", "published", "derived", "press", "unreconciled", "unverified", "assumed")
WIDEST = 10  # a move by more bounds nothing
STATUS = {
    "R": "regnskab",
    "B": "vedtaget budget",
    "K": "korrigeret budget",
    "BO": "overslag",
    "F": "forventet",
    "M": "mål",
    "P": "konstateret",
}


def misdescribed(resource: dict) -> str:
    """Return what is wrong with an entry of the record, or nothing; a key that is missing is a KeyError."""
    texts = {key: resource[key] for key in ("name", "title", "path", "format", "evidence")}
    texts |= {f"sources and licenses: {kind}": resource[kind][0]["title"] for kind in ("sources", "licenses")}
    if wrong := [key for key, text in texts.items() if not isinstance(text, str) or not text]:
        return f"{wrong[0]} must be text"
    place = PurePosixPath(resource["path"])
    if place.is_absolute() or ".." in place.parts or "\\" in resource["path"]:
        return f"path {resource['path']!r} leads out of data/"
    if resource["format"] not in ("csv", "toml") or resource["evidence"] not in EVIDENCE:
        return f"format must be csv or toml, evidence one of {', '.join(EVIDENCE)}"
    if resource["format"] == "csv":
        fields = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
        if other := set(fields.values()) - {"string", "integer", "number"}:
            return f"type {other.pop()!r} must be string, integer or number"
        if "papers/" in resource["path"]:
            return _misdescribed_paper(resource)
    return ""


def _misdescribed_paper(resource: dict) -> str:
    label, *columns = resource["schema"]["fields"]
    if any(field["name"] == "printed" for field in columns):
        columns = [resource | {"year": 2000, "unit": "", "name": "the table"}]
    for column in columns:
        if column["status"] not in STATUS or type(column["year"]) is not int or not isinstance(column["unit"], str):
            return f"column {column['name']!r}: status must be one of {', '.join(STATUS)}, year a number, unit text"
    return "" if label["name"] else "the first column has no name"


def series(table: pd.DataFrame, resource: dict, codes: frozenset[str]) -> None:
    """Refuse a public series with a row twice, an area or period that is none, a number out of its band.

    Parameters
    ----------
    table : pandas.DataFrame
        The columns of the resource, and line.
    resource : dict
        Its entry in the record: ``constraints`` of a field (pattern, minimum, maximum), ``foreignKeys`` to areas,
        ``primaryKey``, and ``bands`` of the column value by what another column says it measures.
    codes : frozenset of str
        Codes of the areas.

    Raises
    ------
    DataError
        For the first row that breaks them, with file, row and column.
    """
    file, schema = resource["path"], resource["schema"]

    def refuse(wrong: np.ndarray, column: str, right: str) -> None:
        if wrong.any():
            line, value = (table[name].iloc[wrong.argmax()] for name in ("line", column))  # each in its own type
            raise DataError(f"{file}, row {line}, column {column!r}: {value} {right}")

    def among(column: str, known) -> np.ndarray:
        other = set(table[column].tolist()) - set(known)
        return table[column].isin(other).to_numpy()

    for field in schema["fields"]:
        name, held = field["name"], field.get("constraints", {})
        if "pattern" in held:
            fits = re.compile(held["pattern"], re.ASCII).fullmatch
            known = [value for value in set(table[name].tolist()) if not isinstance(value, str) or fits(value)]
            refuse(among(name, known), name, f"is not of the form {held['pattern']}")
        if "minimum" in held:
            low, high, values = held["minimum"], held["maximum"], table[name].to_numpy(float)
            refuse((values < low) | (values > high), name, f"is not between {low} and {high}")
    for by, bands in resource.get("bands", {}).items():
        refuse(among(by, bands), by, f"is none of {', '.join(bands)}")
        place, names = pd.factorize(table[by])
        low, high = (np.array([bands[name][end] for name in names])[place] for end in (0, 1))
        values = table["value"].to_numpy(float)
        refuse((values < low) | (values > high), "value", f"is out of the band of its {by}")
    for link in schema.get("foreignKeys", []):
        refuse(among(link["fields"], codes), link["fields"], "is no code of an area")
    if key := schema.get("primaryKey"):
        for name in key:
            refuse(table[name].isna().to_numpy(), name, f"is missing; every row has {', '.join(key)}")
        refuse(table.duplicated(key).to_numpy(), key[0], f"stands in a second row of the same {', '.join(key)}")


def rates(entries: list[dict], resource: dict) -> None:
    """Refuse a rate whose unit or evidence is not among those the record ties its name to."""
    for entry in entries:
        tied = resource["tied"].get(entry["name"], {"unit": [], "evidence": []})
        if wrong := [key for key in ("unit", "evidence") if entry[key] not in tied[key]]:
            told, right = entry[wrong[0]], " or ".join(tied[wrong[0]]) or "nothing, for it knows no such name"
            where = f"{resource['path']}, line {entry['line']}, {entry['name']}"
            raise DataError(f"{where}: {wrong[0]} {told!r}; the record ties the name to {right}")


def held_as(new: dict, old: dict) -> dict:
    """Return a resource with the bands, keys and steps of the one it follows, where it names none."""
    schema = {key: old["schema"][key] for key in ("primaryKey", "foreignKeys") if key in old["schema"]} | new["schema"]
    before = {field["name"]: field for field in old["schema"]["fields"]}
    held = [{k: before.get(f["name"], {}).get(k) for k in ("constraints", "step")} for f in schema["fields"]]
    fields = [{k: v for k, v in h.items() if v} | f for h, f in zip(held, schema["fields"], strict=True)]
    bands = {"bands": old["bands"]} if "bands" in old else {}
    return bands | new | {"schema": schema | {"fields": fields}}


def far(before: pd.Series, after: pd.Series, step: dict) -> pd.Series:
    """Return where a number moves further than a ``step`` calls plausible; one that is missing moves nowhere.

    Examples
    --------
    >>> far(pd.Series([100.0, 100.0, 9.0]), pd.Series([150.0, 151.0, 90.0]), {"factor": 1.5, "from": 100}).tolist()
    [False, True, False]
    """
    higher, lower = np.maximum(before, after), np.minimum(before, after)
    return (higher > lower) & ~(higher / lower).between(1, step["factor"]) & (higher >= step["from"])


def step_of(table: pd.DataFrame, key: list[str], column: str) -> dict:
    """Return the step a series shows itself: in its upper half nothing has moved as far; none where that is no bound.

    Examples
    --------
    >>> table = pd.DataFrame({"area": "151", "year": [2013, 2014, 2015], "persons": [10, 300, 400]})
    >>> step_of(table[1:], ["area", "year"], "persons"), step_of(table, ["area", "year"], "persons")
    ({'factor': 1.4, 'from': 350}, {})
    """
    *others, period = key
    ordered = table.sort_values([*others, period], kind="stable")
    after = ordered[column].astype(float)
    before, level = after.groupby([ordered[other] for other in others]).shift(), math.ceil(after.abs().median())
    moved = (np.maximum(before, after) / np.minimum(before, after))[np.maximum(before, after) >= level]
    factor = (math.floor(moved.max() * 10) + 1) / 10 if math.isfinite(moved.max()) else math.inf
    return {"factor": factor, "from": level} if moved.min() > 0 and factor <= WIDEST else {}


def jumps(table: pd.DataFrame, schema: dict) -> pd.DataFrame:
    """Return where a series moves further from one period to the next than its record calls plausible.

    Parameters
    ----------
    table : pandas.DataFrame
        The series, and line.
    schema : dict
        Of its entry in the record; the last of ``primaryKey`` is the period, and ``step`` of a field holds the greatest
        ``factor`` and the level ``from`` which that is asked (small areas move more).

    Returns
    -------
    pandas.DataFrame
        line, column, before, after.

    Examples
    --------
    >>> table = pd.DataFrame({"area": "151", "year": [2013, 2014], "persons": [36578, 76578], "line": [2, 3]})
    >>> step = {"factor": 1.5, "from": 100}
    >>> jumps(
    ...     table, {"primaryKey": ["area", "year"], "fields": [{"name": "persons", "step": step}]}
    ... ).to_numpy().tolist()
    [[3, 'persons', 36578.0, 76578.0]]
    """
    found = []
    for field in (field for field in schema["fields"] if "step" in field):
        *others, period = schema["primaryKey"]
        ordered, step = table.sort_values([*others, period], kind="stable"), field["step"]
        after = ordered[field["name"]].astype(float)
        before = after.groupby([ordered[other] for other in others]).shift()
        rows = {"line": ordered["line"], "column": field["name"], "before": before, "after": after}
        found.append(pd.DataFrame(rows)[far(before, after, step)])
    return pd.concat(found) if found else pd.DataFrame(columns=["line", "column", "before", "after"])
