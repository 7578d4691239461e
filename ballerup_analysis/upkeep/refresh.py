"""Record fresh figures beside the shipped ones, tell what they change, and whether the services are as assumed."""

from __future__ import annotations

import datetime as dt
import difflib
import hashlib
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.progress import track

from ballerup_analysis import bands, files, sources
from ballerup_analysis.danish import number
from ballerup_analysis.sources import DataError
from ballerup_analysis.upkeep import jobindsats, statbank
from ballerup_analysis.upkeep.service import Fetched, NoNetwork, clean
from ballerup_analysis.upkeep.whole import against_the_country

TABLES = statbank.TABLES | jobindsats.TABLES
MADE_HERE = re.compile(r".+_h[0-9a-f]{8}\.csv(\.[0-9a-f]{8}\.new)?")  # the h: a date is no hash
VINTAGE = r"_\d{4}((Q|QMAT|M)\d+)?(_h[0-9a-f]{8})?"  # what follows the name of a series in that of its files
NO_TOKEN = f"jobindsats is left out: no token in {jobindsats.TOKEN}. STAR gives them out (api.jobindsats.dk); it is never stored here"
CC_BY = {"name": "CC-BY-4.0", "title": "CC BY 4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}
QUOTED = {"name": "notspecified", "title": "terms not stated at the source; figures quoted"}
KEYS = ("area", "year", "quarter", "month", "period", "benefit", "benefit_group", "function", "account", "measure")
MOST_REVISED = 0.5  # of the cells known before: revisions reach some years back, another definition or period all
# by an odd answer
BROKEN = (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError, ValueError)


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
        Tables of StatBank or jobindsats; all of ``statbank.toml`` and ``jobindsats.toml`` when empty.
    dry_run : bool
        Fetch, check and compare, but record nothing.
    accept : bool
        Take as meant that codes of a kept variable are new or gone, that cells of the present table are gone, that a cell
        moves further than the record calls plausible, that municipalities hold more than the country, or less where they
        make it up, that the country's share is none between theirs, and that the service calls the table, its unit, a
        measure, a code or an area otherwise than before.

    Returns
    -------
    pandas.DataFrame
        One row a table: table, state (new, unchanged, failed), rows, added, gone and revised against the present
        table of that name, the largest revision, file, notes, problem.

    Raises
    ------
    DataError
        For an unknown table, with the nearest.
    NoNetwork
        When the very first request reaches nobody.
    """
    wanted = _with_token(_chosen(tables))
    if not dry_run:
        # under the lock, for what another run has just written is not named yet; it also makes the page about the data
        # anew, which a run that was killed may have left behind the record
        with sources.changing():
            for path in leftovers():
                files.remove(path)
    columns = ["table", "state", "rows", "added", "gone", "revised", "largest", "file", "notes", "problem"]
    done = _each(wanted, lambda table: _refresh_one(table, dry_run, accept))
    return done.reindex(columns=columns).convert_dtypes()


def check(tables=()) -> pd.DataFrame:
    """Ask each service for its catalogue and for one cell of each table, and compare with what is assumed.

    Nothing is written, neither figures nor cache.

    Parameters
    ----------
    tables : sequence of str
        As in :func:`refresh`.

    Returns
    -------
    pandas.DataFrame
        One row a catalogue or table: table, state (holds, failed), what was compared, problem.

    Raises
    ------
    DataError, NoNetwork
        As :func:`refresh`.
    """
    wanted = _with_token(_chosen(tables))
    rooms = {f"catalogue of {room.__name__.rpartition('.')[2]}": room for room in dict.fromkeys(map(_room, wanted))}
    offered = dict.fromkeys(rooms.values())

    def compare(asked: str) -> dict:
        if asked in rooms:
            offered[rooms[asked]] = rooms[asked].catalogue()
            return {"state": "holds", "compared": f"{len(offered[rooms[asked]])} tables"}
        room = _room(asked)
        return {"state": "holds", "compared": clean(room.check(asked, offered[room], _known(asked)), 600)}

    return _each([*rooms, *wanted], compare).reindex(columns=["table", "state", "compared", "problem"])


def pick(as_of: str, tables=()) -> pd.DataFrame:
    """Let each series be read as it stood on a day: in the last vintage the service had given out by then.

    Parameters
    ----------
    as_of : str
        The day, as 2026-08-19.
    tables : sequence of str
        As in :func:`refresh`.

    Returns
    -------
    pandas.DataFrame
        One row for each series that is here: table, state (picked, unchanged, failed), file, vintage, problem. The
        shipped files, whose day is not known, count as older than any other.

    Raises
    ------
    DataError
        When the day is none.
    """
    try:
        day = dt.date.fromisoformat(as_of).isoformat()
    except ValueError:
        raise DataError(f"--as-of wants a day such as 2026-08-19, not {as_of!r}") from None
    with sources.changing() as package:
        here = [table for table in _chosen(tables) if TABLES[table]["name"] in sources._resources()]
        done = [{"table": table} | _pick_one(package["resources"], TABLES[table]["name"], day) for table in here]
    return pd.DataFrame(done, columns=["table", "state", "file", "vintage", "problem"])


def _pick_one(resources: list[dict], name: str, day: str) -> dict:
    family = [r for r in resources if re.fullmatch(re.escape(name) + VINTAGE, Path(r["path"]).stem)]
    dated = [r for r in family if r.get("vintage", "") <= day]
    if not dated:
        first = min(r["vintage"] for r in family)
        return {"state": "failed", "problem": f"the first vintage of {name} here is of {first}"}
    chosen = max(reversed(dated), key=lambda r: r.get("vintage", ""))
    state = "unchanged" if chosen["name"] == name else "picked"
    for resource in family:
        resource["name"] = Path(resource["path"]).stem.lower()
    chosen["name"] = name
    return {"state": state, "file": Path(chosen["path"]).name, "vintage": chosen.get("vintage", "not known")}


def _chosen(tables) -> list[str]:
    wanted = []
    for asked in map(str.upper, tables):
        named = [table for table, spec in TABLES.items() if asked in (table, spec.get("table"))]
        if not named:
            near = difflib.get_close_matches(asked, TABLES, n=1)
            hint = f"did you mean {near[0]}? " if near else ""
            raise DataError(f"no table {asked}: {hint}the tables are {', '.join(TABLES)}")
        wanted += named
    return list(dict.fromkeys(wanted)) or list(TABLES)


def _with_token(wanted: list[str]) -> list[str]:
    if jobindsats.token() or not set(wanted) & set(jobindsats.TABLES):
        return wanted
    print(NO_TOKEN)
    return [table for table in wanted if table in statbank.TABLES]


def _room(table: str):
    return statbank if table in statbank.TABLES else jobindsats


def _known(table: str) -> dict[str, dict[str, str]]:
    spec, areas = TABLES[table], sources.load("areas").query("level in ('land', 'kommune')")
    columns = [*spec.get("kept", {}).values(), *([] if "value" in spec or "measures" in spec else ["measure"])]
    return {column: sources.labels(spec["name"], column) for column in columns} | {
        "area": dict(zip(areas["code"], areas["name"], strict=True)),
        "names": sources._resources().get(spec["name"], {}).get("names", {}),
    }


def _each(wanted: list[str], work) -> pd.DataFrame:
    """Work on one table after another; whatever a service sends costs its table alone."""
    done = []
    for table in track(wanted, description="refresh", console=Console(stderr=True)):
        try:
            done.append({"table": table} | work(table))
        except BROKEN as error:
            if isinstance(error, NoNetwork) and not done:  # without any network there is no point in going on
                raise
            problem = str(error) if isinstance(error, DataError) else f"not the known form ({type(error).__name__})"
            done.append({"table": table, "state": "failed", "problem": clean(problem, 600)})
    return pd.DataFrame(done)


def _refresh_one(table: str, dry_run: bool, accept: bool) -> dict:
    name = TABLES[table]["name"]
    fetched = _room(table).fetch(table, {} if accept else _known(table))
    keys = [column for column in fetched.cells if column in KEYS]
    text = fetched.cells.to_csv(index=False, lineterminator="\n")
    file = f"{name}_{fetched.cells[keys[1]].max()}_h{hashlib.sha256(text.encode()).hexdigest()[:8]}.csv"
    resource = _resource(table, fetched, keys, file)
    schema = sources.follow(resource, text)["schema"]
    both = _beside(name, text, keys)
    told = {"rows": len(fetched.cells), "file": file, "notes": fetched.notes} | _compare(both, keys)
    if resource["path"] == sources._resources().get(name, {}).get("path") and not _renamed(resource):
        return {"state": "unchanged"} | told
    revised, apart = TABLES[table].get("revised"), TABLES[table].get("apart")
    moved, country = _moved(both, schema, revised), against_the_country(both, keys, apart)
    odd = _gone(name, told["gone"]), moved, country, _shifted(told["revised"], both)
    if any(odd) and not accept:
        raise DataError(f"{'; '.join(filter(None, odd))} (if meant: --accept)")
    told["notes"] = [*fetched.notes, *_steps(resource, schema, fetched.cells)]
    if not dry_run:
        sources.record(resource, text)
    return {"state": "new"} | told


def _resource(table: str, fetched: Fetched, keys: list[str], file: str) -> dict:
    spec, cells = TABLES[table], fetched.cells
    types = {column: "integer" if pd.api.types.is_integer_dtype(cells[column]) else "number" for column in cells}
    types |= dict.fromkeys(keys, "string") | ({"year": "integer"} if "year" in keys else {})
    texts, updated, today = fetched.texts, clean(fetched.updated, 30), dt.date.today()
    fields = [{"name": c, "type": t} | ({"labels": texts[c]} if texts.get(c) else {}) for c, t in types.items()]
    named, address, licence = spec.get("table", table), "https://jobindsats.dk", QUOTED
    source = f"jobindsats.dk table {named}, Styrelsen for Arbejdsmarked og Rekruttering"
    if _room(table) is statbank:
        source, address = f"Statistics Denmark, StatBank table {named}", f"https://www.statistikbanken.dk/{named}"
        licence = CC_BY
    # what a reader must know beside the figures stands where `catalogue` and the page about the data show it
    told = [spec.get("note", ""), *(note["text"] for note in fetched.notes if note.get("mandatory", True))]
    return {
        "name": spec["name"],
        "title": spec["title"],
        "path": f"raw/statbank/{file}",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": "; ".join(filter(None, told)).replace("|", "/"),
        "sources": [{"title": source, "path": address}],
        "licenses": [licence],
        "evidence": "official",
        "retrieved": today.isoformat(),
        "retrieved_note": f"by ballerup refresh; updated at the source {updated}",
        "vintage": _vintage(updated, today).isoformat(),
        "notes": list(fetched.notes),
        "schema": {"fields": fields, "primaryKey": keys},
    } | {key: told for key, told in (("benefit", spec.get("benefit")), ("names", fetched.names)) if told}


def _vintage(updated: str, today: dt.date) -> dt.date:
    """Return the day a service says it updated a table; that of the pull when it says none, or one far ahead."""
    try:
        day = dt.date.fromisoformat(updated[:10] if updated.isascii() else "")
    except ValueError:
        return today
    return day if day < today + dt.timedelta(days=366) else today


def _beside(name: str, text: str, keys: list[str]) -> pd.DataFrame:
    """Return every cell of the present table beside that of the new one, which of them is ``there``; by key."""
    kinds = dict.fromkeys(keys, "str")
    new = pd.read_csv(io.StringIO(text), dtype=kinds)
    old = pd.read_csv(io.BytesIO(sources.read_raw(name)), dtype=kinds) if name in sources._resources() else new.iloc[:0]
    if list(old) != list(new):  # no cell is the same as before: all are gone
        old = old.reindex(columns=list(new)).assign(**{keys[0]: [f"gone {row}" for row in range(len(old))]})
    return old.merge(new, on=keys, how="outer", suffixes=(" before", ""), indicator="there")


def _steps(resource: dict, schema: dict, cells: pd.DataFrame) -> Iterator[dict]:
    """Give each number that the record holds to no step the one its own series shows, and tell it."""
    for field, held in zip(resource["schema"]["fields"], schema["fields"], strict=True):
        column, key = field["name"], schema["primaryKey"]
        if field["type"] == "string" or column in key or "step" in held:
            continue
        if step := bands.step_of(cells, key, column):
            field["step"] = step
            text = f"{column} may from now on move {step['factor']} times, from {step['from']} up: more than it has"
        else:
            text = f"{column} is held to no step: it moves too far itself, or has one period"
        yield {"kind": "step", "text": text}


def _renamed(resource: dict) -> bool:
    """Tell whether the same figures are called otherwise than the record has it."""
    before = sources._resources()[resource["name"]]
    texts = [
        [one.get("names"), *(field.get("labels") for field in one["schema"]["fields"])] for one in (before, resource)
    ]
    return texts[0] != texts[1]


def _gone(name: str, cells: int) -> str:
    return f"{cells} cells of the present {name} are no longer there or empty" if cells else ""


def _shifted(revised: int, both: pd.DataFrame) -> str:
    """Say that most of what is known already is revised: of another period, unit or area more often than so much news."""
    known = int((both["there"] == "both").sum())
    return f"{revised} of the {known} cells that were there are revised" if revised > known * MOST_REVISED else ""


def _moved(both: pd.DataFrame, schema: dict, revised: dict | None) -> str:
    """Name the first cell that moves further than the record calls plausible, from what it was or from the period before.

    What was there may move less where releases have shown how far it is ``revised``.
    """
    *others, period = schema["primaryKey"]
    both = both[both["there"] != "left_only"].sort_values([*others, period], kind="stable")
    for field in (field for field in schema["fields"] if "step" in field):
        after = both[field["name"]].astype(float)
        earlier = after.groupby([both[other] for other in others]).shift()
        before = both[f"{field['name']} before"].where(both["there"] == "both", earlier).astype(float)
        far = bands.far(before, after, field["step"])
        if revised:
            far |= bands.far(before, after, revised) & (both["there"] == "both")
        if far.any():
            at = far.idxmax()
            cell = f"{' '.join(both.loc[at, schema['primaryKey']])}, {field['name']}"
            return f"{cell}: {_numbers(before[at], after[at])} is further than the record calls plausible"
    return ""


def _compare(both: pd.DataFrame, keys: list[str]) -> dict:
    here = both["there"] == "both"
    values = [column for column in both if f"{column} before" in both]
    after, before = both[values].astype(float), both[[f"{value} before" for value in values]].astype(float)
    before.columns = values
    emptied = (before.notna() & after.isna()).any(axis=1)
    moved = (before.ne(after) & ~(before.isna() & after.isna())).any(axis=1) & ~emptied
    return {
        "added": int((both["there"] == "right_only").sum()),
        "gone": int((emptied | (both["there"] == "left_only")).sum()),  # a whole row, or a number in it
        "revised": int((moved & here).sum()),
        "largest": _largest(both[keys], before[here], after[here]),
    }


def _largest(keys: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> str:
    change = (after - before).abs().max(axis=1)
    if not change.max() > 0:
        return ""
    at = change.idxmax()
    value = (after - before).loc[at].abs().idxmax()
    return f"{' '.join(keys.loc[at])}, {value}: {_numbers(before.loc[at, value], after.loc[at, value])}"


def _numbers(*values: float) -> str:
    return " → ".join(number(one, 2 if one % 1 else 0) for one in values)


def update(tables=(), dry_run: bool = False, accept: bool = False, as_of: str = "") -> int:
    """Refresh or pick a vintage, rebuild ``data/processed``, print what changed; return 1 when a table failed, else 0."""
    wanted = _chosen(tables)  # a slip of the pen is told before anything is loaded
    from ballerup_analysis.paper.numbers import ledger
    from ballerup_analysis.upkeep import processed

    try:
        before = ledger().numbers
    except DataError as error:  # of a table here: a day that is picked, or fresh figures, may mend it
        print(f"no headline numbers before: {error}")
        before = {}
    done = pick(as_of, wanted) if as_of else refresh(wanted, dry_run, accept)
    for row in done.to_dict("records"):
        print(_told(row))
    if dry_run:
        print("dry run: nothing was recorded")
    elif done["state"].isin(["new", "picked"]).any():
        try:
            processed.build()
        except DataError as error:
            kept = "data/processed stays as it was, for the new figures give no headline numbers"
            raise DataError(f"{kept}: {error}; refresh --as-of DAY takes an earlier vintage") from None
        after = ledger().numbers
        print("\nheadline number: before → after")
        for key, one in after.items():
            was = before[key].danish if key in before else "–"
            print(f"{'  ' if was == one.danish else '* '}{key}: {was} → {one.danish}")
        print("* changed: what quotes it must be looked at (python3 run.py test names the places)")
    return int((done["state"] == "failed").any())


def _told(row: dict) -> str:
    if row["state"] == "failed":
        return f"{row['table']}: failed, nothing recorded: {row['problem']}"
    if "vintage" in row:
        return f"{row['table']}: {row['state']}, vintage {row['vintage']}, {row['file']}"
    counts = f"{row['rows']} rows ({row['added']} added, {row['gone']} gone, {row['revised']} revised)"
    largest = f"; largest revision {row['largest']}" if row["largest"] else ""
    notes = "".join(f"\n  {note['kind']}: {note['text']}" for note in row["notes"])
    return f"{row['table']}: {row['state']}, {counts}, {row['file']}{largest}{notes}"


def tell(tables=()) -> int:
    """Print what :func:`check` finds; return 1 when an assumption does not hold, else 0."""
    done = check(tables)
    wide = max(map(len, done["table"]), default=0)
    for row in done.itertuples():
        print(f"{row.table:<{wide}}  {row.state:<6}  {row.problem if row.state == 'failed' else row.compared}")
    failed = int((done["state"] == "failed").sum())
    print(f"{len(done) - failed} of {len(done)} hold; nothing was written")
    return int(failed > 0)
