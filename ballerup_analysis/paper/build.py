"""The report: the bilag as an HTML page and a tagged PDF from one list of blocks, with every number's trace."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from ballerup_analysis import figures
from ballerup_analysis.accounts import gains_from_accounts
from ballerup_analysis.danish import number
from ballerup_analysis.grants import CASES, kept_by_case
from ballerup_analysis.grants import PAYERS as PAYERS_
from ballerup_analysis.paper import text as bilag
from ballerup_analysis.paper import workbook
from ballerup_analysis.paper.numbers import Ledger, ledger
from ballerup_analysis.paper.record import NAME, run_record
from ballerup_analysis.reconcile import FOUND_WRONG, reconcile
from ballerup_analysis.sources import DATA, HOME, DataError, load, load_local_accounts
from ballerup_analysis.trend import yearly

FOLDER = DATA.parent / "reports"
HERE = Path(__file__).parent
NAMES = {"net_unemployed_kontanthjaelp": "nettoledige på kontanthjælp", "gross_unemployed_derived": "bruttoledige (udledt)",
            "neet_16_24": "unge 16-24 uden job og uddannelse", "fulltime_employees": "fuldtidslønmodtagere",
            "employed": "beskæftigede"}  # fmt: skip
VERDICTS = {"does not tie": "stemmer ikke", "mislabelled in print": "trykt under forkert overskrift"}
PAYERS = {"municipality": "kommunen", "rest of landsdel": "resten af landsdelen", "other municipalities": "andre kommuner", "state": "staten"}  # fmt: skip


def draw_all(area: str = HOME) -> dict[str, tuple[Figure, pd.DataFrame]]:
    """Draw every figure of the report, each with the table behind it, its columns in Danish.

    Examples
    --------
    >>> list(draw_all("159"))
    ['unemployment', 'keeps', 'costs']
    """
    name = load("areas").set_index("code")["name"][area]
    net, gross = yearly("net_unemployed_kontanthjaelp"), yearly("gross_unemployment_pct")
    sides = {f"{name}, {{}}": area, "landet, {}": "000"}
    both = pd.DataFrame(
        {head.format(what): table[code] for what, table in (("nettoledige", net), ("bruttoledighed pct.", gross)) for head, code in sides.items()}
    )  # fmt: skip
    kept = kept_by_case(CASES, area)
    weak = set(kept.index[kept["evidence"].isin(["unverified", "assumed"])])
    kept = kept[PAYERS_]
    cost = load("regk31").query("area in [@area, '000']").pivot_table("kr_per_inhabitant", "year", ["function", "area"])
    cost.columns = [f"{function} {'landet' if code == '000' else name}" for function, code in cost]
    drawn = {
        "unemployment": (figures.unemployment_measures(net, gross, area=area), both.rename_axis("år").reset_index()),
        "keeps": (figures.who_keeps_bars(kept, weak, area), kept.rename(columns=PAYERS).rename_axis("sag").reset_index()),
        "costs": (figures.cost_per_inhabitant(load("regk31"), area),
                  cost.rename_axis("år").reset_index()),
    }  # fmt: skip
    if area == HOME:
        frame = load("budget_2017.frame_2002")
        lines = frame.pivot_table("value", "row", "column", sort=False).rename_axis("linje, tkr").reset_index()
        drawn["frame"] = (figures.budget_by_line(frame), lines)
    return drawn


def tables(area: str, local: pd.DataFrame | None) -> dict[str, dict]:
    """Return the tables that the text asks for, by name."""
    found = {}
    if local is not None:
        gains = gains_from_accounts(local, area).set_axis(["metode", "mio. kr.", "mangler"], axis=1)
        found["local"] = _table(gains, {"mio. kr.": 1})
    if area == HOME:
        checks = reconcile()
        wrong = checks[checks["verdict"].isin(FOUND_WRONG)]
        shown = pd.DataFrame({
            "tal": wrong["check"], "trykt": wrong["expected"], "beregnet": wrong["computed"], "fund": wrong["verdict"].map(VERDICTS),
            "rettelse og virkning": wrong["note_da"],
        })  # fmt: skip
        found["wrong"] = _table(shown, {"beregnet": 1}, english=("tal",))
    return found


def _table(frame: pd.DataFrame, decimals: dict[str, int] | None = None, english=()) -> dict:
    """Write a table; a column without given decimals shows one where a number is not whole."""
    columns, cells = [], []
    for name in frame:
        numeric = pd.api.types.is_numeric_dtype(frame[name]) and name != "år"
        columns.append({"name": name, "numeric": numeric, "lang": "en" if name in english else "da"})
        places = (decimals or {}).get(name)
        cells.append([_cell(value, places) if numeric else str(value) for value in frame[name]])
    return {"columns": columns, "rows": [list(row) for row in zip(*cells, strict=True)]}


def _cell(value: float, places: int | None) -> str:
    return "–" if value != value else number(value, int(value % 1 != 0) if places is None else places)


def document(
    book: Ledger, traces: dict, drawn: dict, local: pd.DataFrame | None, template: str | None = None
) -> list[dict]:
    """Return the blocks of the paper, figures and tables filled in."""
    known, blocks = tables(book.area, local), []
    for block in bilag.compose(book, local is not None, template):
        match block["kind"]:
            case "notes":
                blocks += bilag.notes(book, traces)
            case "figure":
                blocks.append(block | {"table": _table(drawn[block["name"]][1]), "src": f"figures/{block['name']}.png"})
            case "table":
                blocks.append(block | known[block["name"]])
            case _:
                blocks.append(block)
    return blocks


def build(
    folder: Path | None = None, area: str = HOME, book: Ledger | None = None, template: str | None = None, scenario=None
) -> Path:
    """Write the paper aside, then swap it in whole; what was there stays as it was if anything fails.

    Parameters
    ----------
    folder : pathlib.Path, optional
        ``reports``, or ``reports_CODE`` for another municipality.
    area : str
        Code of the municipality.
    book : Ledger, optional
        Computed earlier; stale if a table has changed since.
    template : str, optional
        Another text than the package's own.
    scenario : ballerup_analysis.scenarios.Scenario, optional
        Told in the paper, with its cost against the baseline.

    Returns
    -------
    pathlib.Path
        ``index.html``; beside it ``bilag.pdf``, ``bilag.xlsx``, ``figures``, ``key_numbers.json``, ``trace.csv``, ``run_record.json``.
    """
    book = book or ledger(area, scenario)
    book.check_fresh()
    folder = folder or (FOLDER if book.area == HOME else FOLDER.with_name(f"reports_{book.area}"))
    if folder.exists() and not (folder.is_dir() and ((folder / NAME).exists() or not any(folder.iterdir()))):
        raise DataError(f"{folder} is there already and holds no report; give a folder that is empty or not there")
    local, drawn = load_local_accounts(), draw_all(book.area)
    traces = {entry.id: entry.reading.trace() for entry in book.numbers.values()}
    blocks = document(book, traces, drawn, local, template)
    pictures = {name: figures.render(fig) for name, (fig, _) in drawn.items()}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as aside:
            new = Path(aside) / "new"
            (new / "figures").mkdir(parents=True)
            for name, png in pictures.items():
                (new / "figures" / f"{name}.png").write_bytes(png)
            (new / "index.html").write_text(_html(blocks, pictures), encoding="utf-8", newline="\n")
            (new / "bilag.pdf").write_bytes(_pdf(blocks, new))
            _write_numbers(book, traces, new)
            workbook.build(new / "bilag.xlsx", book.scenario, book.area)
            record = run_record(book, new)
            (new / "run_record.json").write_text(
                json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
            _swap(new, folder)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be written ({error.strerror}); give a folder where files may be made"
        ) from None
    return folder / "index.html"


def _swap(new: Path, folder: Path) -> None:
    """Put the new folder in the place of the old one, which comes back if that fails."""
    old = folder.with_name(folder.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except BaseException:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_numbers(book: Ledger, traces: dict, folder: Path) -> None:
    records = [
        {k: v for k, v in vars(e).items() if k != "reading"}
        | {"cells": e.reading.addresses(), "danish": e.danish, "tables": [*e.reading.lines]}
        for e in book.numbers.values()
    ]
    text = json.dumps(records, ensure_ascii=False, indent=1)
    (folder / "key_numbers.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    cells = pd.concat(traces, names=["id", "at"]).droplevel("at")
    cells.to_csv(folder / "trace.csv", lineterminator="\n")


def _html(blocks: list[dict], pictures: dict[str, bytes]) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    encoded = {name: base64.b64encode(png).decode() for name, png in pictures.items()}
    return environment.get_template("page.html.jinja").render(blocks=blocks, pictures=encoded, title=_title(blocks))


def _pdf(blocks: list[dict], folder: Path) -> bytes:
    import typst

    (folder / "page.typ").write_bytes((HERE / "page.typ").read_bytes())
    try:
        return typst.compile(
            folder / "page.typ", root=folder, ignore_system_fonts=True, pdf_standards=["ua-1"], timestamp=0,
            sys_inputs={"document": json.dumps({"title": _title(blocks), "blocks": blocks}, ensure_ascii=False)},
        )  # fmt: skip
    except typst.TypstError as error:
        raise DataError(f"the PDF cannot be set: {error}") from None
    finally:
        (folder / "page.typ").unlink()


def _title(blocks: list[dict]) -> str:
    return "".join(part["text"] for part in blocks[0]["parts"])
