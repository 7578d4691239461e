"""StatBank and jobindsats: asked by code, believed only after every check; a notebook never calls this.

Statistics Denmark's api.statbank.dk and STAR's api.jobindsats.dk, as recorded in 2025; ``STATBANK_URL`` and ``JOBINDSATS_URL``
name other addresses, ``JOBINDSATS_TOKEN`` holds the token of the second, which is neither stored nor printed.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import hashlib
import io
import json
import math
import os
import re
import time
import tomllib
from pathlib import Path

import pandas as pd
import requests
from urllib3.exceptions import MaxRetryError

from ballerup_analysis import danish, sources
from ballerup_analysis.sources import DataError, load, municipalities

TABLES = tomllib.loads((Path(__file__).parent / "statbank.toml").read_text(encoding="utf-8"))
LIMIT = 1_000_000  # cells; for more StatBank answers in BULK alone
TIMEOUT, WAITS, PAUSE = (10, 60), (2, 8, 30), 0.5  # seconds: connect and read, before each new try, before each request
AGAIN = (429, 500, 502, 503, 504)
NO_MUNICIPALITY = re.compile(r"411|9\d\d")  # Christiansø; abroad, not stated, groups of municipalities
A02 = {"periods": r"\d{4}M\d\d", "labels": {"Antal personer": "persons", "Antal fuldtidspersoner": "fulltime_persons"}}


class NoNetwork(DataError):
    """The service cannot be reached."""

    exit_code = 3


def _ask(method: str, url: str, **given) -> bytes:
    for wait in (*WAITS, None):
        time.sleep(PAUSE)
        try:
            answer = requests.request(method, url, timeout=TIMEOUT, **given)
        except requests.RequestException as error:
            if error.args and isinstance(error.args[0], MaxRetryError):  # no connection was made at all
                why = type(error.args[0].reason).__name__
                raise NoNetwork(
                    f"no connection to {url.split('/')[2]} ({why}); the figures here stay as they are"
                ) from None
            problem = f"broken off ({type(error).__name__})"
        else:
            page = "html" in answer.headers.get("Content-Type", "") or answer.content.lstrip().startswith(b"<")
            if answer.status_code == 200 and not page:
                return answer.content
            problem = f"HTTP {answer.status_code}, {'a web page instead of data' if page else _complaint(answer)}"
            if answer.status_code not in AGAIN:
                break
            later = answer.headers.get("Retry-After", "")
            wait = min(int(later), 120) if wait and later.isdigit() else wait
        time.sleep(wait or 0)
    raise DataError(f"{url}: {problem}")


def _complaint(answer: requests.Response) -> str:
    try:
        return "{errorTypeCode}: {message}".format(**answer.json())
    except (ValueError, TypeError, KeyError):
        return answer.content[:200].decode("utf-8", "replace").strip()


def _json(raw: bytes):
    try:
        return json.loads(raw.decode("utf-8-sig"))
    except ValueError:
        raise DataError(f"no JSON but {raw[:100].decode('utf-8', 'replace')!r}") from None


def _same(what: str, found, wanted) -> None:
    found, wanted = set(found), set(wanted)
    missing, new = sorted(map(str, wanted - found)), sorted(map(str, found - wanted))
    if missing or new:
        raise DataError(f"{what}: {len(missing)} missing {missing[:5]}, {len(new)} not expected {new[:5]}")


def _cached(stamp: str, url: str, body: dict, use, **given):
    # an answer is kept only after `use` has accepted it, and asked for again under another stamp
    key = hashlib.sha256(json.dumps([stamp, url, body]).encode()).hexdigest()
    path = sources.DATA / "cache" / key
    if path.exists():
        return use(path.read_bytes())
    raw = _ask("POST", url, json=body, **given)
    used = use(raw)
    path.parent.mkdir(exist_ok=True)
    sources.write_aside(path, raw.decode("utf-8"))
    return used


def _statbank() -> str:
    return os.environ.get("STATBANK_URL", "https://api.statbank.dk/v1")


def table_info(table: str) -> dict:
    """Return what StatBank says of a table: its variables with codes and texts, and when it was updated."""
    return _json(_ask("GET", f"{_statbank()}/tableinfo", params={"id": table, "format": "JSON", "lang": "da"}))


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
        One row a cell, all text: a column for each variable (its code in capitals), the number as printed in INDHOLD.

    Raises
    ------
    DataError
        With the service's code and message, the nearest to an unknown code, or the line of a broken answer.
    """
    table, offered = info["id"], {v["id"]: [x["id"] for x in v["values"]] for v in info["variables"]}
    _same(f"{table}, variables", offered, selection)
    for variable, codes in selection.items():
        known = offered[variable]
        for code in sorted(set(codes) - set(known)):
            near = difflib.get_close_matches(code, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else ""
            raise DataError(f"{table} has no {variable} {code!r}, only {known[0]} to {known[-1]}; {hint}".rstrip("; "))
    body = {
        "table": table,
        "lang": "da",
        "format": "CSV" if math.prod(map(len, selection.values())) <= LIMIT else "BULK",
        "valuePresentation": "Code",
        "variables": [{"code": variable, "values": codes} for variable, codes in selection.items()],
    }

    def read(raw: bytes):
        text = raw.decode("utf-8-sig")
        head, *rows = csv.reader(io.StringIO(text), delimiter=";") if text else [[]]
        _same(f"{table}, columns", head, [*map(str.upper, selection), "INDHOLD"])
        if not rows:
            raise DataError(f"{table}: the answer holds no cells")
        ragged = [i for i, row in enumerate(rows, start=2) if len(row) != len(head)]
        if ragged or not text.endswith("\n"):
            raise DataError(f"{table}: cut off at line {(ragged or [len(rows) + 1])[0]}")
        return use(pd.DataFrame(rows, columns=head, dtype=str))

    return _cached(info["updated"], f"{_statbank()}/data", body, read)


def fetch(table: str, known_codes=()) -> tuple[pd.DataFrame, dict[str, str], str]:
    """Fetch and check what ``statbank.toml`` keeps of a table.

    Parameters
    ----------
    table : str
        A key of ``TABLES``.
    known_codes : collection of str, optional
        Codes the kept variable must have, no more and no fewer.

    Returns
    -------
    cells : pandas.DataFrame
        Tidy: area, year, quarter or month (jobindsats also period), the kept variable, then one or more values.
    texts : dict
        The text of each code of the kept variable.
    updated : str
        When the service says it updated the table.

    Raises
    ------
    DataError
        When anything differs from what is known: variables, areas, codes, an unbroken calendar, whole numbers, bands.
    NoNetwork
        When the service cannot be reached.
    """
    if "value" not in (spec := TABLES[table]):
        return _fetch_jobindsats(table, A02 | spec)
    info = table_info(table)
    texts = {v["id"]: {x["id"]: x["text"] for x in v["values"]} for v in info["variables"]}
    area, ((kept, column),) = spec.get("area", "OMRÅDE"), spec.get("kept", {"": ""}).items()
    selection = {area: _areas(table, texts.get(area, {}))} | {v: [code] for v, code in spec["fixed"].items()}
    if kept:
        selection[kept] = [code for code in texts.get(kept, {}) if re.fullmatch(spec.get("codes", ".+"), code)]
    selection["Tid"] = list(texts.get("Tid", {}))
    _same(f"{table}, variables", texts, selection)
    if known_codes:
        _same(f"{table}, codes of {kept} (if meant: --accept)", map(_cell, selection[kept]), known_codes)
    period = _check_calendar(table, selection["Tid"], spec.get("ahead", 0))
    missing = {"..", info["suppressedDataValue"]} - {"0"}  # a zero may be a suppressed cell or a zero: it stays

    def tidy(cells: pd.DataFrame) -> pd.DataFrame:
        for variable, codes in selection.items():
            _same(f"{table}, {variable}", cells[variable.upper()], codes)
        if (twice := cells.drop(columns="INDHOLD").duplicated()).any():
            raise DataError(f"{table}, line {twice.idxmax() + 2}: a cell came twice")
        if len(cells) != (asked := math.prod(map(len, selection.values()))):
            raise DataError(f"{table}: {len(cells)} cells came instead of {asked}; was the answer cut off?")
        out = pd.DataFrame({"area": cells[area.upper()], period: cells["TID"].str.replace("K", "Q")})
        if kept:
            out[column] = cells[kept.upper()].map(_cell)
        out[spec["value"]] = _numbers(table, cells["INDHOLD"], missing, spec)
        if spec.get("yearly_mean"):
            means = out.groupby(["area", out["month"].str[:4].rename("year")])[spec["value"]].agg(["mean", "count"])
            out = means.loc[means["count"] == 12, "mean"].round(2).rename(spec["value"]).reset_index()
        return out.sort_values(list(out)[:-1])

    labels = {_cell(code): texts[kept][code] for code in selection[kept]} if kept else {}
    return pull(info, selection, tidy), labels, info["updated"]


def _areas(table: str, offered) -> list[str]:
    levels = load("areas").set_index("code")["level"]
    if not set(levels.index[levels == "landsdel"]) & set(offered):  # accounts and population stop at regions
        levels = levels[levels != "landsdel"]
    _same(f"{table}, areas", [code for code in offered if not NO_MUNICIPALITY.fullmatch(code)], levels.index)
    return list(levels.index)


def _check_calendar(table: str, periods: list[str], ahead: int) -> str:
    letter = periods[0][4:5] if periods else ""  # 2014, 2014K1, 2014M01
    column, frequency = {"": ("year", "Y"), "K": ("quarter", "Q"), "M": ("month", "M")}[letter]
    days = pd.PeriodIndex([p.replace("K", "Q").replace("M", "-") for p in periods], freq=frequency)
    _same(f"{table}, periods", days, pd.period_range(days.min(), days.max(), freq=frequency))
    if days.max().start_time > pd.Timestamp.now() + pd.DateOffset(years=ahead):
        raise DataError(f"{table}: {days.max()} lies in the future")
    return column


def _cell(code: str) -> str:
    return re.sub(r"^(\d)(\d\d)(\d\d)$", r"\1.\2.\3", code)  # functions as the accounts print them


def _numbers(table: str, printed: pd.Series, missing: set[str], spec: dict) -> pd.Series:
    printed, whole = printed.mask(printed.isin(missing), ""), spec["value"] != "pct"
    value = pd.to_numeric(printed.str.replace(",", "."), errors="coerce")
    form = printed.str.fullmatch(r"-?\d+" if whole else r"-?\d+(,\d+)?") & value.between(*spec["band"])
    if (wrong := ~form & (printed != "")).any():
        kind = "whole number" if whole else "number with a decimal comma"
        low, high = spec["band"]
        at = wrong.idxmax()
        raise DataError(f"{table}, line {at + 2}: {printed[at]!r} is no {kind} from {low:.0f} to {high:.0f}")
    if value.isna().all():
        raise DataError(f"{table}: no cell has a value")
    return value.astype("Int64") if whole else value


def _fetch_jobindsats(table: str, spec: dict) -> tuple[pd.DataFrame, dict[str, str], str]:
    token = os.environ["JOBINDSATS_TOKEN"]
    url, head = os.environ.get("JOBINDSATS_URL", "https://api.jobindsats.dk/v2"), {"Authorization": token}
    codes = load("areas").set_index("name")["code"]

    def tidy(raw: bytes) -> pd.DataFrame:
        (answer,) = _json(raw)
        labels = {"Area": "area", "Periode": "period"} | spec["labels"]
        columns = [labels.get(v["Label"].rpartition(": ")[2], "") for v in answer["Variables"]]
        _same(f"{table}, columns", set(columns) - {""}, labels.values())
        cells = pd.DataFrame(answer["Data"], columns=columns)[list(labels.values())]
        cells = cells.assign(area=cells["area"].map(codes)).dropna(subset="area")
        _same(f"{table}, municipalities", set(cells["area"]) & set(municipalities()), municipalities())
        _same(f"{table}, periods", cells["period"], periods)
        keys = [c for c in cells if c in ("area", "period", "benefit_group")]
        for column in cells.columns.difference(keys):
            cells[column] = [danish.parse(x).value if isinstance(x, str) else x for x in cells[column]]
        values = cells[cells.columns.difference(keys)].astype(float).convert_dtypes()
        if cells.duplicated(keys).any() or not values.stack().between(0, 7e6).all():
            raise DataError(f"{table}: a cell came twice or lies outside 0 to 7000000")
        return cells.assign(**values).sort_values(keys)

    try:
        (about,) = _json(_ask("POST", f"{url}/tables/{table.lower()}/json", headers=head))
        periods = [p for p in about["Period"] if re.fullmatch(spec["periods"], p)]
        body = {"area": "*", "period": periods} | spec.get("dimensions", {})
        today = str(dt.date.today())
        return _cached(today, f"{url}/data/{table.lower()}/json", body, tidy, headers=head), {}, today
    except DataError as error:
        raise type(error)(str(error).replace(token, "(token)")) from None
