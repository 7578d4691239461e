"""StatBank: asked by code, believed only after every check; a notebook never calls this.

Statistics Denmark's api.statbank.dk, as recorded and read in 2025 and 2026; ``STATBANK_URL`` names another address.
"""

from __future__ import annotations

import csv
import difflib
import io
import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis.files import one_line
from ballerup_analysis.sources import HOME, DataError, load
from ballerup_analysis.upkeep import service
from ballerup_analysis.upkeep.service import Fetched, clean, folded, same, same_texts

TABLES = tomllib.loads((Path(__file__).parent / "statbank.toml").read_text(encoding="utf-8"))
LIMIT = 1_000_000  # rows times columns; StatBank answers more than that in a streaming format alone
MOST = 5_000_000  # combinations of codes in one table: AUK01 has 350.000
NO_MUNICIPALITY = re.compile(r"411|9\d\d")  # Christiansø; abroad, not stated, groups of municipalities
YEAR = "[12][0-9]{3}"
PERIODS = {"year": (YEAR, "Y"), "quarter": (f"{YEAR}K[1-4]", "Q"), "month": (f"{YEAR}M(0[1-9]|1[0-2])", "M")}
INFO = {
    "id": str,
    "text": str,
    "unit": str,
    "updated": str,
    "active": bool,
    "suppressedDataValue": str,
    "variables": [{"id": str, "values": [{"id": str, "text": str}]}],
}
FOOTNOTE = {"text": str, "mandatory": bool}


def _address(function: str) -> str:
    return f"{service.address('STATBANK_URL', 'https://api.statbank.dk/v1')}/{function}"


def catalogue() -> dict[str, bool]:
    """Return every table of StatBank and whether it is still updated."""
    question = {"lang": "da", "format": "JSON", "includeInactive": True}
    raw = service.ask("POST", _address("tables"), json=question)
    return {one["id"]: one["active"] for one in service.read_json(raw, [{"id": str, "active": bool}])}


def table_info(table: str) -> dict:
    """Return what StatBank says of a table: its variables with codes and texts, and when it was updated."""
    question = {"table": table, "lang": "da", "format": "JSON"}
    info = service.read_json(service.ask("POST", _address("tableinfo"), json=question), INFO)
    if info.get("footnote") is not None:
        service.fits(info["footnote"], FOOTNOTE, "the answer.footnote")
    return info


def pull(info: dict, selection: dict[str, list[str]], use=lambda cells: cells):
    """Fetch cells of a StatBank table by code, through the cache.

    Parameters
    ----------
    info : dict
        From :func:`table_info`.
    selection : dict
        The codes wanted of every variable of the table.
    use : callable
        Makes the result of the cells, or raises: an answer it refuses is not kept.

    Returns
    -------
    pandas.DataFrame
        One row for each combination asked for, in that order, all text: a column for each variable (its code in
        capitals), the number as printed in INDHOLD, and the ``line`` it came on: 0 where a streamed answer left the
        combination out, which stands for the value the table suppresses.

    Raises
    ------
    DataError
        With the service's code and message, the nearest to an unknown code, or the line of a broken answer.
    """
    question, streamed = _question(info, selection)
    absent = info["suppressedDataValue"] if streamed else None

    def read(raw: bytes):
        return use(_cells(info["id"], raw, selection, absent))

    return service.cached(info["updated"], "POST", _address("data"), read, json=question, measured=streamed)


def _question(info: dict, selection: dict[str, list[str]]) -> tuple[dict, bool]:
    table, offered = info["id"], {v["id"]: [x["id"] for x in v["values"]] for v in info["variables"]}
    same(f"{table}, variables", offered, selection)
    for variable, codes in selection.items():
        known = offered[variable]
        for code in sorted(set(codes) - set(known)):
            near = difflib.get_close_matches(code, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else ""
            offers = f"only {known[0]} to {known[-1]}" if known else "and no other"
            raise DataError(f"{table} has no {variable} {code!r}, {offers}; {hint}".rstrip("; "))
    rows, columns = math.prod(map(len, selection.values())), len(selection) + 1  # every variable and the value
    if rows > MOST:
        raise DataError(f"{table} offers {rows} combinations of the codes kept; {MOST} is the most that is taken")
    streamed = rows * columns > LIMIT
    question = {
        "table": table,
        "lang": "da",
        "format": "BULK" if streamed else "CSV",
        "valuePresentation": "Code",
        "variables": [{"code": variable, "values": codes} for variable, codes in selection.items()],
    }
    return question, streamed


def _cells(table: str, raw: bytes, selection: dict[str, list[str]], absent: str | None) -> pd.DataFrame:
    cells = _read(table, raw, selection)
    places = []
    for variable, codes in selection.items():
        place = pd.Index(codes).get_indexer(cells[variable.upper()])
        if (place < 0).any():
            at = int((place < 0).argmax())
            odd = clean(cells[variable.upper()][at], 40)
            raise DataError(f"{table}, line {at + 2}: {variable} {odd!r} was not asked for")
        if missing := [codes[at] for at in np.flatnonzero(np.bincount(place, minlength=len(codes)) == 0)]:
            raise DataError(f"{table}, {variable}: {len(missing)} missing {missing[:5]}; was the answer cut off?")
        places.append(place)
    asked = math.prod(map(len, selection.values()))
    place = np.ravel_multi_index(places, [len(codes) for codes in selection.values()])
    if (twice := pd.Series(place).duplicated()).any():
        raise DataError(f"{table}, line {twice.idxmax() + 2}: a cell came twice")
    if absent is None and len(cells) < asked:
        raise DataError(f"{table}: {len(cells)} cells came instead of {asked}; was the answer cut off?")
    printed, line = np.full(asked, absent, dtype=object), np.zeros(asked, dtype=int)
    printed[place], line[place] = cells["INDHOLD"], np.arange(len(cells)) + 2
    names = [variable.upper() for variable in selection]
    grid = pd.MultiIndex.from_product(selection.values(), names=names).to_frame(index=False)
    return grid.assign(INDHOLD=printed, line=line)


def _read(table: str, raw: bytes, selection: dict[str, list[str]]) -> pd.DataFrame:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{table}: the answer is no UTF-8") from None
    head, *rows = text.replace("\r\n", "\n").split("\n")
    columns, wanted = head.split(";"), [*map(str.upper, selection), "INDHOLD"]
    same(f"{table}, columns", columns, wanted)
    if len(columns) != len(wanted):
        raise DataError(f"{table}: a column came twice in {clean(head, 200)}")
    if not any(rows):
        raise DataError(f"{table}: the answer holds no cells")
    last = rows.pop()
    broken = next((at for at, row in enumerate(rows, start=2) if row.count(";") != len(selection)), None)
    if broken or last:
        raise DataError(f"{table}: cut off at line {broken or len(rows) + 2}")
    return pd.read_csv(io.StringIO(text), sep=";", dtype=str, na_filter=False, quoting=csv.QUOTE_NONE)


def fetch(table: str, known: dict[str, dict[str, str]]) -> Fetched:
    """Fetch and check what ``statbank.toml`` keeps of a table.

    Parameters
    ----------
    table : str
        A key of ``TABLES``.
    known : dict of dict
        By kept column, for ``area`` and for the ``names`` of the rest, the text of each code it must have, no more and no
        fewer; nothing is known of one that is not named.

    Returns
    -------
    Fetched
        Area, year, quarter or month, the kept columns, then one or more values.

    Raises
    ------
    DataError
        When anything differs from what is known: variables, areas, codes, an unbroken calendar, whole numbers, bands.
    NoNetwork
        When the service cannot be reached.
    """
    spec = TABLES[table]
    info = table_info(spec.get("table", table))
    selection, texts, period = _selection(table, info, known)
    names = texts.pop("names")

    def tidy(cells: pd.DataFrame) -> tuple[pd.DataFrame, int]:
        return _tidy(table, cells, info, period), int((cells["line"] == 0).sum())

    cells, filled = pull(info, selection, tidy)
    return Fetched(cells, texts, info["updated"], names, _notes(info, filled))


def check(table: str, offered: dict | None, known: dict[str, dict[str, str]]) -> str:
    """Ask for one cell of a table and compare what StatBank says of it with what is assumed; nothing is kept.

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
    spec, name = TABLES[table], TABLES[table].get("table", table)
    service.listed(name, offered)
    info = table_info(name)
    selection, texts, period = _selection(table, info, known)
    area = spec.get("area", "OMRÅDE")
    one = {variable: codes[-1:] for variable, codes in selection.items()} | {area: [HOME]}
    question, _ = _question(info, one)
    cells = _cells(info["id"], service.ask("POST", _address("data"), json=question), one, None)
    _numbers(name, cells, _missing(info), spec)
    counts = ", ".join(f"{len(codes)} {variable}" for variable, codes in selection.items())
    closed = "" if info["active"] else "; no longer updated"
    newest = f"newest {period} {selection['Tid'][-1]}"
    names = ", ".join(": ".join(pair) for pair in texts["names"].items())
    return f"{names}; {counts}; {newest}, updated {info['updated'][:10]}{closed}"


def _selection(table: str, info: dict, known: dict) -> tuple[dict, dict, str]:
    # the codes to ask for, with the last period last; the texts of those kept, and what all is called; the period's column
    spec, name = TABLES[table], info["id"]
    texts = {v["id"]: {x["id"]: clean(x["text"]) for x in v["values"]} for v in info["variables"]}
    area, kept = spec.get("area", "OMRÅDE"), spec.get("kept", {})
    codes = spec.get("codes", {})
    selection = {area: _areas(name, texts.get(area, {})), "Tid": sorted(texts.get("Tid", {}))}
    for variable in [*kept, *spec.get("spread", {})]:
        form = codes.get(variable) or "|".join(spec.get("spread", {}).get(variable, [])) or ".+"
        selection[variable] = sorted(code for code in texts.get(variable, {}) if re.fullmatch(form, code))
    selection |= {variable: [code] for variable, code in spec["fixed"].items()}
    same(f"{name}, variables", texts, selection)
    for variable, columns in spec.get("spread", {}).items():
        same(f"{name}, codes of {variable}", selection[variable], columns)
    labels = {column: {_cell(c): texts[v][c] for c in selection[v]} for v, column in kept.items()}
    labels["names"] = {"name": clean(info["text"], 200), "unit": clean(info["unit"], 40)} | {
        f"{v} {code}": texts[v].get(code, "")
        for v in [*spec["fixed"], *spec.get("spread", {})]
        for code in selection[v]
    }
    for what, there in labels.items():
        same_texts(f"{name}, {what}", there, known.get(what, {}))
    names = {code: folded(text) for code, text in known.get("area", {}).items()}
    same_texts(f"{name}, areas", {code: folded(texts[area][code]) for code in names}, names)
    return selection, labels, _check_calendar(name, selection["Tid"], spec.get("ahead", 0))


def _areas(table: str, offered) -> list[str]:
    """Return the areas to ask for: country and municipalities, and regions and landsdele where all of them are offered."""
    levels = load("areas").set_index("code")["level"]
    left_out = [level for level, codes in levels.groupby(levels).groups.items() if set(codes) - set(offered)]
    levels = levels[~levels.isin(set(left_out) - {"land", "kommune"})]
    new = [code for code in offered if not NO_MUNICIPALITY.fullmatch(code) and code not in levels.index]
    same(f"{table}, areas", [*new, *(set(offered) & set(levels.index))], levels.index)
    return sorted(levels.index)


def _check_calendar(table: str, periods: list[str], ahead: int) -> str:
    column = next((name for name, (form, _) in PERIODS.items() if re.fullmatch(form, [*periods, ""][0])), "")
    if not column:
        raise DataError(f"{table}: {periods[:1]} is no year (2014), quarter (2014K1) or month (2014M01)")
    form, frequency = PERIODS[column]
    if odd := [period for period in periods if not re.fullmatch(form, period)]:
        raise DataError(f"{table}: {odd[0]!r} is no {column} as {periods[0]!r} is")
    days = pd.PeriodIndex([p.replace("K", "Q").replace("M", "-") for p in periods], freq=frequency)
    same(f"{table}, periods", days, pd.period_range(days.min(), days.max(), freq=frequency))
    if days.max().start_time > pd.Timestamp.now() + pd.DateOffset(years=ahead):
        raise DataError(f"{table}: {days.max()} lies in the future")
    return column


def _cell(code: str) -> str:
    return re.sub(r"^(\d)(\d\d)(\d\d)$", r"\1.\2.\3", code)  # functions as the accounts print them


def _tidy(table: str, cells: pd.DataFrame, info: dict, period: str) -> pd.DataFrame:
    spec = TABLES[table]
    out = pd.DataFrame({"area": cells[spec.get("area", "OMRÅDE").upper()], period: cells["TID"].str.replace("K", "Q")})
    for variable, column in spec.get("kept", {}).items():
        codes = cells[variable.upper()]
        out[column] = codes.map({code: _cell(code) for code in codes.unique()})
    value = spec.get("value", "value")
    out[value] = _numbers(info["id"], cells, _missing(info), spec)
    for columns in spec.get("spread", {}).values():  # asked for last, so its codes lie side by side
        names = [columns[code] for code in sorted(columns)]
        numbers = out.pop(value).to_numpy().reshape(-1, len(names))
        out = out.iloc[:: len(names)].reset_index(drop=True)
        out[names] = numbers
    if spec.get("yearly_mean"):
        means = out.groupby(["area", out[period].str[:4].rename("year")])[value].agg(["mean", "count"])
        out = means.loc[means["count"] == 12, "mean"].round(2).rename(value).reset_index()
    return out


def _missing(info: dict) -> set[str]:
    return {"..", info["suppressedDataValue"]} - {"0"}  # a zero may be a suppressed cell or a zero: it stays


def _numbers(table: str, cells: pd.DataFrame, missing: set[str], spec: dict) -> pd.Series:
    printed, whole = cells["INDHOLD"].astype("str"), not spec.get("decimals", False)
    printed = printed.mask(printed.isin(missing), "")
    value = pd.to_numeric(printed.str.replace(",", "."), errors="coerce")
    form = printed.str.fullmatch(r"-?\d+" if whole else r"-?\d+(,\d+)?") & value.between(*spec["band"])
    if (wrong := ~form & (printed != "")).any():
        kind = "whole number" if whole else "number with a decimal comma"
        low, high = spec["band"]
        at = wrong.idxmax()
        shown = one_line(printed[at][:40])
        raise DataError(f"{table}, line {cells['line'][at]}: {shown!r} is no {kind} from {low:.0f} to {high:.0f}")
    if value.isna().all():
        raise DataError(f"{table}: no cell has a value")
    return value.astype("Int64") if whole else value


def _notes(info: dict, filled: int) -> tuple[dict, ...]:
    notes = []
    if not info["active"]:
        notes.append({"kind": "closed", "text": f"{info['id']} is no longer updated"})
    if said := info.get("footnote"):
        notes.append({"kind": "footnote", "mandatory": said["mandatory"], "text": clean(said["text"])})
    if filled:
        stands = info["suppressedDataValue"]
        notes.append({"kind": "filled", "text": f"{filled} combinations the answer left out stand for {stands}"})
    return tuple(notes)
