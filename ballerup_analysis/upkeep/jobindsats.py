"""jobindsats, version 3: metadata first, then what it names; a notebook never calls this.

STAR's api.jobindsats.dk as public clients recorded it in 2026; ``JOBINDSATS_URL`` names another address, and
``JOBINDSATS_TOKEN`` holds the token, which goes into no message, file or record.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pandas as pd

from ballerup_analysis.files import one_line
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.upkeep import service
from ballerup_analysis.upkeep.service import Fetched, clean, folded, hidden, same, same_texts

_SPECS = tomllib.loads((Path(__file__).parent / "jobindsats.toml").read_text(encoding="utf-8"))
TABLES = {
    table.upper(): _SPECS["form"][spec["form"]]
    | spec
    | {"title": f"{spec['title']}: {_SPECS['form'][spec['form']]['title']}"}
    | {"name": spec.get("name", table)}
    for table, spec in _SPECS["table"].items()
}
TOKEN = "JOBINDSATS_TOKEN"
PERIODS = {
    "M": ("month", "[12][0-9]{3}M(0[1-9]|1[0-2])"),
    "Q": ("quarter", "[12][0-9]{3}Q0[1-4]"),
    "A": ("year", "[12][0-9]{3}(A01|Y01)?"),
    "Y": ("year", "[12][0-9]{3}(A01|Y01)?"),
    "QMAT": ("period", "[12][0-9]{3}QMAT0[1-4]"),
}
AREAS = "_nykom"
LATEST = 14  # periods that a check asks for
MOST = 2_000_000  # combinations in one table: all benefits of all municipalities in 25 years are 90.000
CATALOGUE = [{"table_groups": [{"tables": [{"table_id": str}]}]}]
ABOUT = {
    "periods": [{"periodtype_id": str, "values": [{"period_id": str}]}],
    "mgroups": [{"mgroup_id": str, "mgroup_name": str}],
    "dimensions": [
        {"hierarchies": [{"hierarchy_id": str, "levels": [{"values": [{"value_id": str, "value_name": str}]}]}]}
    ],
}
ANSWER = {"columns": [str], "rows": [list]}
NO_DATA = "answered with a message instead of data, as when a token has run out"


def token() -> str:
    """Return the token of ``JOBINDSATS_TOKEN``; an empty text when there is none.

    Raises
    ------
    DataError
        When what stands there is no token at all.
    """
    given = os.environ.get(TOKEN, "").strip()
    if given and not re.fullmatch(r"[A-Za-z0-9._~+/-]{8,}=*", given):
        raise DataError(f"{TOKEN} holds no token: letters, digits and ._~+/- in one piece, at least eight")
    return given


def _ask(path: str, form, stamp: str = "", use=lambda answer: answer, **query: str):
    # `use` makes the result of an answer of the known form; with a stamp the answer is kept once it has
    base = service.address("JOBINDSATS_URL", "https://api.jobindsats.dk/v3")
    if urlsplit(base).scheme != "https" and urlsplit(base).hostname not in service.LOOPBACK:
        raise DataError(f"{service.shown(base)} is not https: the token would go there in the open")
    url, key = f"{base}/{path}?{urlencode(query | {'format': 'json'}, safe=':,*/')}", token()

    def read(raw: bytes):
        if key.encode() in raw:
            raise DataError("the answer repeats the token: it is neither used nor kept")
        answer = service.read_json(raw, type(form))
        if key in json.dumps(answer, ensure_ascii=False):
            raise DataError("the answer repeats the token: it is neither used nor kept")
        if isinstance(form, dict) and "columns" in form and "columns" not in answer:
            raise DataError(f"{NO_DATA}: {clean(str(answer), 200)}")
        service.fits(answer, form)
        return use(answer)

    try:
        return service.cached(stamp, "GET", url, read, key) if stamp else read(service.ask("GET", url, key))
    except DataError as error:
        kind, said = type(error), hidden(str(error), key)
    if "HTTP 401" in said:
        said += f" ({TOKEN} is not accepted)"
    raise kind(said)  # out here, so that it carries no other error with it


def catalogue() -> dict[str, dict]:
    """Return what jobindsats offers: by table id in capitals, its entry in the catalogue."""
    groups = [group for subject in _ask("tables", CATALOGUE) for group in subject["table_groups"]]
    return {table["table_id"].upper(): table for group in groups for table in group["tables"]}


def fetch(table: str, known: dict[str, dict[str, str]]) -> Fetched:
    """Fetch and check what ``jobindsats.toml`` keeps of a table, for the country and all municipalities.

    Parameters
    ----------
    table : str
        A key of ``TABLES``.
    known : dict of dict
        By kept column, and for the ``names`` of the rest, the texts it must have, no more and no fewer; nothing is known of
        one that is not named.

    Returns
    -------
    Fetched
        Area, month (or quarter, year, period), the kept columns, then the values; a combination that the answer
        leaves out is missing, not nil.

    Raises
    ------
    DataError
        When anything differs from what is known. One cell that cannot be read refuses the whole table, for it may
        tell of a new form; the message names it.
    NoNetwork
        When the service cannot be reached.
    """
    spec, about = TABLES[table], _ask(f"table/{table.lower()}", ABOUT)
    kind, periods = _periods(table, about)
    values = {hierarchy: _values(table, about, hierarchy) for hierarchy in [AREAS, *spec.get("kept", {})]}
    updated, names = _updated(about), _names(table, about)
    same_texts(f"{table}, names", names, known.get("names", {}))

    def tidy(answer: dict) -> tuple[pd.DataFrame, int]:
        return _tidy(table, answer, about, {"": periods} | values)

    asked = {f"hierarchy.{hierarchy}": "*" for hierarchy in values} | _totals(spec)
    stamp = f"{updated} {about}"  # asked anew when the metadata change, too
    cells, absent = _data(table, kind, len(periods), stamp, tidy, asked)
    texts = {}
    for column in [*spec.get("kept", {}).values(), *([] if "measures" in spec else ["measure"])]:
        texts[column] = {text: text for text in sorted(cells[column].unique())}
        same_texts(f"{table}, {column}", texts[column], known.get(column, {}))
    return Fetched(cells, texts, updated, names, _notes(spec, cells, absent))


def check(table: str, offered: dict | None, known: dict[str, dict[str, str]]) -> str:
    """Ask for the country's totals of a table and compare what comes with what is assumed; nothing is kept.

    Parameters
    ----------
    table : str
        A key of ``TABLES``.
    offered : dict or None
        From :func:`catalogue`; None when that could not be had.
    known : dict of dict
        As in :func:`fetch`.

    Returns
    -------
    str
        What was compared, in a few words.

    Raises
    ------
    DataError
        With the first assumption that does not hold.
    """
    service.listed(table, offered)
    spec, about = TABLES[table], _ask(f"table/{table.lower()}", ABOUT)
    kind, periods = _periods(table, about)
    values = {hierarchy: _values(table, about, hierarchy) for hierarchy in [AREAS, *spec.get("kept", {})]}
    _codes(table, values[AREAS])
    same_texts(f"{table}, names", _names(table, about), known.get("names", {}))
    for hierarchy, column in spec.get("kept", {}).items():
        texts = known.get(column, {})  # what the catalogue offers beside them may have no figures
        same_texts(f"{table}, {column}", {text: text for text in values[hierarchy] if text in texts}, texts)

    def columns(answer: dict) -> list[str]:
        cells = _frame(table, answer)
        measures = _measures(table, about, cells, _keys(table, cells, {"": periods} | values))
        for column in measures.values():
            _numbers(table, cells[column], spec)
        return list(measures.values())

    asked = {f"hierarchy.{hierarchy}": "/" for hierarchy in values} | _totals(spec)
    there = _data(table, kind, min(LATEST, len(periods)), "", columns, asked)
    return f"{len(periods)} {kind} to {periods[-1]}, updated {_updated(about)}; {', '.join(there)}"


def _names(table: str, about: dict) -> dict[str, str]:
    patterns = TABLES[table].get("measures", {}).values()
    groups = {one["mgroup_id"]: clean(one["mgroup_name"]) for one in about["mgroups"]}
    kept = {one: name for one, name in groups.items() if any(re.fullmatch(p, t) for p in patterns for t in (one, name))}
    return {"name": clean(str(about.get("table_name", "")), 200)} | kept


def _totals(spec: dict) -> dict[str, str]:
    return {f"hierarchy.{hierarchy}": "/" for hierarchy in spec.get("total", [])}


def _data(table: str, kind: str, count: int, stamp: str, use, asked: dict):
    def ask(number: int):
        query = {"mgroup.*": "*", f"period.{kind}": f"latest:{number}"} | asked
        return _ask(f"data/{table.lower()}", ANSWER, stamp, use, **query)

    try:
        return ask(count)
    except DataError as error:
        fewer = re.search(r"HTTP 422.*only (\d{1,4}) periods are available", str(error))
        if not fewer or not 0 < int(fewer[1]) < count:
            raise
    return ask(int(fewer[1]))


def _periods(table: str, about: dict) -> tuple[str, list[str]]:
    offered = {one["periodtype_id"]: [v["period_id"] for v in one["values"]] for one in about["periods"]}
    wanted = TABLES[table]["periods"]
    kind = next((kind for kind in wanted if offered.get(kind)), "")
    if not kind:
        raise DataError(f"{table} has no periods of type {' or '.join(wanted)}, only of {sorted(offered)}")
    if odd := [period for period in offered[kind] if not re.fullmatch(PERIODS[kind][1], period)]:
        raise DataError(f"{table}: {clean(odd[0], 40)!r} is no {PERIODS[kind][0]}")
    return kind, sorted(set(offered[kind]))


def _values(table: str, about: dict, hierarchy: str) -> list[str]:
    there = {one["hierarchy_id"]: one["levels"] for d in about["dimensions"] for one in d["hierarchies"]}
    if hierarchy not in there:
        raise DataError(f"{table} has no hierarchy {hierarchy}, only {sorted(there)}")
    return [clean(value["value_name"]) for level in there[hierarchy] for value in level["values"]]


def _updated(about: dict) -> str:
    said = about.get("update_latest")
    return clean(said, 30) if isinstance(said, str) else str(pd.Timestamp.now().date())


def _frame(table: str, answer: dict) -> pd.DataFrame:
    columns = [clean(label) for label in answer["columns"]]
    if len(set(columns)) < len(columns):
        raise DataError(f"{table}: a column came twice in {columns}")
    if not answer["rows"]:
        raise DataError(f"{table}: the answer holds no cells")
    for at, row in enumerate(answer["rows"], start=1):
        if len(row) != len(columns):
            raise DataError(f"{table}, row {at}: {len(row)} cells instead of {len(columns)}")
    cells = pd.DataFrame(answer["rows"], columns=columns, dtype=object)
    cells.index += 1
    return cells


def _keys(table: str, cells: pd.DataFrame, values: dict[str, list[str]]) -> dict[str, str]:
    # whose values a column holds, by hierarchy ("" is the period): labels of columns are nowhere typed
    keys = {}
    for hierarchy, known in values.items():
        names = set(known)
        fits = [c for c in cells if c not in keys.values() and _text(cells[c]) and set(cells[c].map(clean)) <= names]
        if not fits:
            what = hierarchy or "the periods"
            raise DataError(f"{table}: no column holds values of {what} alone; the columns are {list(cells)}")
        keys[hierarchy] = fits[0]
    return keys


def _text(cells: pd.Series) -> bool:
    return all(isinstance(cell, str) for cell in cells)


def _measures(table: str, about: dict, cells: pd.DataFrame, keys: dict[str, str]) -> dict[str, str]:
    # the column of each measure, by our name or, where none is named, by its own
    columns = [column for column in cells if column not in keys.values()]
    patterns = TABLES[table].get("measures")
    if patterns is None:
        return {column: column for column in columns}
    groups, measures = {g["mgroup_id"]: clean(g["mgroup_name"]) for g in about["mgroups"]}, {}
    for name, pattern in patterns.items():
        labels = {label for one, label in groups.items() if re.fullmatch(pattern, one)}
        there = [column for column in columns if column in labels or re.fullmatch(pattern, column)]
        if len(there) != 1:
            raise DataError(
                f"{table}: {len(there)} columns for {name}; the columns are {columns}, the measures {groups}"
            )
        measures[name] = there[0]
    return measures


def _tidy(table: str, answer: dict, about: dict, values: dict[str, list[str]]) -> tuple[pd.DataFrame, int]:
    spec, cells = TABLES[table], _frame(table, answer)
    keys = _keys(table, cells, values)
    measures = _measures(table, about, cells, keys)
    period = PERIODS[_periods(table, about)[0]][0]
    names = {AREAS: "area", "": period} | spec.get("kept", {})
    out = pd.DataFrame({names[hierarchy]: cells[keys[hierarchy]].map(clean) for hierarchy in names})
    out["area"] = out["area"].map(_codes(table, values[AREAS]))
    for name, column in measures.items():
        out[name] = _numbers(table, cells[column], spec)
    out = out.dropna(subset="area")
    if (twice := out.duplicated([*names.values()])).any():
        raise DataError(f"{table}, row {twice.idxmax()}: a cell came twice")
    if "measures" not in spec:
        out = out.melt([*names.values()], var_name="measure")
    wanted = {"area": _codes(table, values[AREAS]).unique(), period: values[""]}
    keyed = [*names.values(), *([] if "measures" in spec else ["measure"])]
    full = pd.MultiIndex.from_product([sorted(wanted.get(key, out[key].unique())) for key in keyed], names=keyed)
    return _whole(table, out.set_index(keyed), full)


def _whole(table: str, out: pd.DataFrame, full: pd.MultiIndex) -> tuple[pd.DataFrame, int]:
    if len(full) > MOST:
        raise DataError(f"{table} offers {len(full)} combinations; {MOST} is the most that is taken")
    for level in ("area", full.names[1]):
        came = out.index.get_level_values(level)
        same(f"{table}, {level}", came, full.levels[full.names.index(level)])
    if out.isna().all(axis=0).any():
        raise DataError(f"{table}: no cell of {out.columns[out.isna().all(axis=0)][0]} has a value")
    whole = out.reindex(full).reset_index()
    for column in ("quarter", "year"):
        if column in whole:
            whole[column] = whole[column].str.replace("Q0", "Q").str.replace(r"[AY]01$", "", regex=True)
    return whole, len(full) - len(out)


def _codes(table: str, names: list[str]) -> pd.Series:
    """Return the code of each name that is one of ours; refuse a list that lacks the country or a municipality."""
    areas = load("areas")
    areas = areas[areas["level"].isin(["land", "kommune"])]
    ours = dict(zip(areas["name"].map(folded), areas["code"], strict=True))
    codes = pd.Series({name: ours[folded(name)] for name in names if folded(name) in ours}, dtype=object)
    missing = areas.loc[~areas["code"].isin(codes), "name"].tolist()
    if missing:
        unknown = [name for name in names if name not in codes.index]
        raise DataError(f"{table}, areas: {len(missing)} missing {missing[:5]}; not known are {unknown[:5]}")
    return codes


def _numbers(table: str, cells: pd.Series, spec: dict) -> pd.Series:
    """Return numbers; null and the marks for missing are missing, anything else that is no number is refused."""
    low, high = spec["band"]
    text = cells.map(lambda cell: isinstance(cell, str))
    said = cells.where(~text, cells.astype("str").str.replace(r"\s", "", regex=True))
    missing = said.isna() | said.isin(["", "-", ".", ".."])
    danish = said.where(text & ~missing, "0").astype("str")
    form = danish.str.fullmatch(r"-?(\d+|\d{1,3}(\.\d{3})+)(,(?!\d{3}$)\d+)?")  # 1,000 may be a thousand
    danish = danish.str.replace(".", "").str.replace(",", ".")
    value = pd.to_numeric(said.where(~text, danish).mask(missing), errors="coerce").astype(float)
    form &= value.between(low, high) & ~cells.map(lambda cell: isinstance(cell, bool))
    if whole := "measures" in spec:
        form &= value % 1 == 0
    if (wrong := ~form & ~missing).any():
        at, kind = wrong.idxmax(), "whole number" if whole else "number"
        what = f"{one_line(str(cells[at])[:40])!r} is no {kind} from {low:.0f} to {high:.0f}"
        raise DataError(f"{table}, row {at}, column {cells.name!r}: {what}")
    return value.astype("Int64") if whole else value


def _notes(spec: dict, cells: pd.DataFrame, absent: int) -> tuple[dict, ...]:
    notes = [_SPECS["note"][name] for name in spec.get("notes", [])]
    if spec.get("preliminary"):
        newest = cells[cells.columns[1]].max()
        notes.append(
            {"kind": "preliminary", "since": newest, "text": f"{newest} is preliminary: the next release changes it"}
        )
    if absent:
        notes.append({"kind": "missing", "text": f"{absent} combinations the answer left out are missing, not nil"})
    return tuple(notes)
