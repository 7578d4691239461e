"""What the papers show beside their text: tables, figures with the numbers behind them, and own accounts as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pandas as pd
from matplotlib.figure import Figure

from ballerup_analysis import figures, own
from ballerup_analysis.accounts import gains_from_accounts
from ballerup_analysis.danish import by_sign
from ballerup_analysis.grants import CASES, PAYERS, kept_by_case
from ballerup_analysis.paper.coming import TESTED_YEARS
from ballerup_analysis.paper.notes import place
from ballerup_analysis.paper.numbers import BASES, YEAR
from ballerup_analysis.paper.reading import Entry, Ledger, Reading
from ballerup_analysis.paper.text import Part, cell, danish, quoted
from ballerup_analysis.reconcile import FOUND_WRONG, reconcile
from ballerup_analysis.sources import load, record_of
from ballerup_analysis.trend import fewer, yearly
from ballerup_analysis.words import words, written

MOST = 6  # printed errors told in the text; the rest stand in the notes
OUTLOOK = "forsoergelse"
ACCOUNTS_SHOWN = 2  # years of accounts beside the years ahead


# What each reading of own accounts rests on: by column, the rows.
BOTH = "area in [@book.area, '000'] and year in [@YEAR - 1, @YEAR]"
RESTS_ON = {
    "G1": {"net_cost_kr": BOTH},
    "G2": {"fulltime_persons": BOTH, "net_cost_kr": "area == @book.area and year == @YEAR"},
    "G3": {"net_cost_kr": "area in [@book.area, '000'] and year == @YEAR"},
    "G4": {"net_cost_kr": BOTH},
}
BY_POPULATION = ("G3", "G4")


def with_own_accounts(book: Ledger) -> Ledger:
    """Return the ledger with what own accounts give by each of the four readings, and why one gives nothing."""
    accounts = own.read("accounts")
    if accounts is None:
        return book
    told, found, missing = words("hypotheses"), {}, {}
    for row in gains_from_accounts(accounts, book.area).itertuples():
        name = row.method.lower()
        if row.gain_mio_kr != row.gain_mio_kr:
            missing[f"{told['own']}: {told[f'{name}_name']}"] = f"{told['lacks']} {row.missing}"
            continue
        read = Reading(book.area)
        for column, rows in RESTS_ON[row.method].items():
            read.note_own("accounts", accounts.query(rows), column, marks=True)
        if row.method in BY_POPULATION:
            read("folk1a", quarter=[f"{YEAR}Q1"])  # the country is the sum of its municipalities
        found[f"own_{name}"] = Entry(
            f"own_{name}", row.gain_mio_kr, 1, "mio. kr.", told[f"{name}_name"], told[name], f"{YEAR}", up=-1,
            same=0.05, evidence=read.evidence, reading=read, notebook="02_gain_2014",
        )  # fmt: skip
    return replace(book, numbers=found | book.numbers, missing=book.missing | missing)


def table(frame: pd.DataFrame, decimals: dict[str, int] | int = 0, ids: dict | None = None) -> dict:
    """Write a table with Danish cells; the numbers of a column share their decimals, the first column names the row.

    Examples
    --------
    >>> table(pd.DataFrame({"år": ["2013"], "kr.": [-1.5]}), 1)["rows"]
    [[{'text': '2013', 'to': ''}, {'text': '−1,5', 'to': ''}]]
    """
    columns, cells = [], []
    for name in frame:
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        columns.append({"name": name, "numeric": numeric})
        places = decimals if isinstance(decimals, int) else decimals.get(name, 0)
        cells.append(
            [written(v, places) if numeric else quoted("a table of the paper", str(v)).text for v in frame[name]]
        )
    rows = [[cell(text) for text in row] for row in zip(*cells, strict=True)]
    return {"kind": "table", "parts": [], "columns": columns, "rows": rows}


def tables(book: Ledger) -> dict[str, dict]:
    """Return the tables a text may ask for, by name, with their captions."""
    told, made = words("tables"), {}
    if "published_gain_2014" in book:
        by = {name: (book.numbers.get(f"gaps_tried_by_{name}"), book.numbers.get(f"gaps_positive_by_{name}"))
              for name in words("measures")}  # fmt: skip
        rows = [(words("measures")[name], tried.value, gain.value) for name, (tried, gain) in by.items() if tried]
        made["definitions"] = table(pd.DataFrame(rows, columns=[told[name] for name in ("measure", "tried", "gain")]))
        made |= _wrong(reconcile(), told)
    if lines := outlook_lines(book):
        made["outlook"] = _outlook_table(book, lines, told)
    for name, one in made.items():
        one["name"], one["parts"] = name, [cell(told[f"{name}_caption"])]
    return made


def _wrong(checks: pd.DataFrame, told: dict) -> dict[str, dict]:
    documents, rows = words("documents"), []
    for one in checks[checks["verdict"].isin(FOUND_WRONG)].itertuples():
        name = re.match(r"[\w.]+", one.source)[0]
        document = documents.get(name.partition(".")[0]) or record_of(name)["sources"][0]["title"]  # of a new paper
        in_numbers = one.expected == round(one.expected, 2) and one.computed == one.computed
        where, unit = _printed_at(one.source)
        numbers = [f"{_short(v)} {unit}".rstrip() if in_numbers else "–" for v in (one.expected, one.computed)]
        stands, right = (one.stands_da, one.right_da) if one.stands_da else numbers
        rows.append((", ".join(filter(None, (document, where))), stands, right, one.note_da))
    shown = pd.DataFrame(rows, columns=["document", "stands", "right", "meaning"]).rename(columns=told)
    parts = {"wrong": shown.head(MOST), "wrong_rest": shown.iloc[MOST:]}
    made = {name: table(part) for name, part in parts.items() if len(part)}
    for one in made.values():
        for column in one["columns"][1:3]:
            column["numeric"] = True
    return made


def _printed_at(source: str) -> tuple[str, str]:
    """Return where the first cell that a check reads is printed, and its unit, both in Danish."""
    name, first = re.match(r"([\w.]+)\[(.*?)(?:[];]|$)", source).groups()
    cells = load(name)
    row, _, column = (first, "", "") if "item" in cells else first.rpartition(", ")
    found = cells[(cells["row"] == row) & (cells["column"] == column if column else True)] if "row" in cells else []
    if not len(found):
        return "", ""
    item = found["item"].iloc[0] if "item" in found else ""
    where = words("notes")["item"].format(item) if item.isdecimal() else item or place(first, name)
    return where, words("printed_units").get(found["unit"].iloc[0], "")


def _short(value: float) -> str:
    return written(value, int(round(value, 1) != round(value)))


def outlook_lines(book: Ledger) -> dict[str, list[Entry]]:
    """Return what is expected, by line: the entries that have a range, in the order of the words, the total last."""
    found = {}
    for name in words("lines"):
        years = [e for id, e in book.numbers.items() if id.rpartition("_")[0] == name and id[-4:].isdigit()]
        if any(f"{e.id}_low" in book for e in years) and any(f"{e.id}_low" not in book for e in years):
            found[name] = sorted(years, key=lambda e: e.id)
    return found


def outlook_of(book: Ledger, name: str, entries: list[Entry], year: str) -> dict:
    """Return of one line the last account, and a year ahead and the last one with their ranges, for the text to tell."""
    known = [e for e in entries if f"{e.id}_low" not in book]
    # the ends of the range lead to the note of the number they belong to
    ends = {
        e.id: {end: replace(book[f"{e.id}_{end}"], id=e.id) for end in ("low", "high")}
        for e in entries
        if e not in known
    }
    ahead = [{"middle": e} | ends[e.id] for e in entries if e not in known]
    told = [one for one in ahead if one["middle"].period == year or one is ahead[-1]]
    found = {"name": words("lines")[name], "total": name == OUTLOOK, "last": known[-1], "ahead": told}
    if rise := book.numbers.get(f"{name}_rise_{year}"):
        found["rise"] = rise
        found |= {f"rise_{end}": replace(book[f"{rise.id}_{end}"], id=rise.id) for end in ("low", "high")}
    return found | {"untested": int(ahead[-1]["middle"].period) - int(known[-1].period) > TESTED_YEARS}


def persons_behind(book: Ledger) -> list[dict]:
    """Return the persons behind the last account and the newest year, by line, for the text to tell."""
    found = {}
    for name, told in words("lines").items():
        years = sorted((e for id, e in book.numbers.items() if id.startswith(f"{name}_persons_")), key=lambda e: e.id)
        if years:
            found[name] = {"name": Part(told[:1].lower() + told[1:]), "then": years[0], "now": years[-1]}
    return [*found.values()]


def _outlook_table(book: Ledger, lines: dict[str, list[Entry]], told: dict) -> dict:
    years = sorted({e.id[-4:] for entries in lines.values() for e in entries})
    ahead = {e.id[-4:] for entries in lines.values() for e in entries if f"{e.id}_low" in book}
    years = [year for year in years if year in ahead or year >= str(int(min(ahead)) - ACCOUNTS_SHOWN)]
    columns = [{"name": told["line"], "numeric": False}, *({"name": year, "numeric": True} for year in years)]
    rows = []
    for name, entries in lines.items():
        at = {e.id[-4:]: e for e in entries}
        row = [cell(words("lines")[name])]
        for year in years:
            if entry := at.get(year):
                low, high = (book.numbers.get(f"{entry.id}_{end}") for end in ("low", "high"))
                row.append(cell(danish(replace(entry, unit="")), entry.id))
                if low and high:
                    row[-1]["text"] += f" ({danish(replace(low, unit=''))}–{danish(replace(high, unit=''))})"
            else:
                row.append(cell("–"))
        rows.append(row)
    return {"kind": "table", "parts": [], "columns": columns, "rows": rows}


def pictures(book: Ledger, names: Iterable[str]) -> dict[str, tuple[Figure, dict]]:
    """Draw the figures asked for, in Danish, each with the table behind it; those the area has no data for are left out."""
    made = {name: DRAW[name](book) for name in dict.fromkeys(names)}
    return {name: one for name, one in made.items() if one}


def _unemployment(book: Ledger):
    net, gross = yearly("net_unemployed_kontanthjaelp"), yearly("gross_unemployment_pct")
    shown, told = slice(2010, 2016), words("tables")
    sides = {book.name: book.area, told["country"]: "000"}
    columns = {f"{told[what]}, {name}": wide.loc[shown, code]
               for what, wide in (("net", net), ("gross", gross)) for name, code in sides.items()}  # fmt: skip
    frame = pd.DataFrame(columns)
    frame.insert(0, told["year"], frame.index.astype(str))
    decimals = {name: 2 if name == f"{told['gross']}, {book.name}" else 1 for name in frame}
    return figures.unemployment_measures(net, gross, area=book.area, language="da"), table(frame, decimals)


def _gaps(book: Ledger):
    bases, told = list(BASES), words("tables")
    found = fewer(yearly("net_unemployed_kontanthjaelp"), book.area, "000", bases, [YEAR] * len(bases))
    shown = found[["base", "before", "actual", "expected", "fewer"]].astype({"base": str})
    shown["word"] = [by_sign(v, "færre", "flere", "uændret", 1) for v in found["fewer"]]
    shown["fewer"] = shown["fewer"].abs()
    return figures.gaps_by_base_year(found, language="da"), table(shown.rename(columns=told), 1)


def _keeps(book: Ledger):
    kept = kept_by_case(CASES, book.area)
    weak = set(kept.index[kept["evidence"].isin(["unverified", "assumed"])])
    cases, payers = words("cases"), words("payers")
    shown = kept[PAYERS].rename(columns=payers)
    shown.insert(0, words("tables")["case"], [cases[name] + " *" * (name in weak) for name in kept.index])
    return figures.who_keeps_bars(kept[PAYERS], weak, book.area, language="da"), table(shown, 1)


def _costs(book: Ledger):
    accounts, told = load("regk31"), words("tables")
    last = accounts[accounts["year"] == accounts["year"].max()]
    wide = last.pivot_table("kr_per_inhabitant", "function", "area").reindex(list(words("functions")))
    shown = pd.DataFrame({
        told["function"]: words("functions").values(), book.name: wide[book.area].to_numpy(),
        told["country"]: wide["000"].to_numpy(), told["tenth"]: wide.drop(columns="000").quantile(0.1, axis=1).to_numpy(),
        told["median"]: wide.drop(columns="000").median(axis=1).to_numpy(),
        told["ninth"]: wide.drop(columns="000").quantile(0.9, axis=1).to_numpy(),
    })  # fmt: skip
    return figures.cost_per_inhabitant(accounts, book.area, language="da"), table(shown)


def _frame(book: Ledger):
    if "budget_rise_2020" not in book:
        return None
    frame, told = load("budget_2017.frame_2002"), words("figures")
    wide = frame.pivot_table("value", "row", ["year", "status"], sort=False) / 1000
    wide.columns = [f"{told[f'status_{status}']} {year}" for year, status in wide.columns]
    wide.insert(0, words("tables")["line"], wide.index)
    return figures.frame_slope(frame, language="da"), table(wide, 1)


def _outlook(book: Ledger):
    entries = outlook_lines(book).get(OUTLOOK)
    if not entries:
        return None
    at = {int(e.id[-4:]): e for e in entries}
    past = pd.concat(
        [_accounts(book.area), pd.Series({y: e.value for y, e in at.items() if f"{e.id}_low" not in book})]
    )
    past = past[~past.index.duplicated(keep="last")].sort_index()
    ahead = pd.DataFrame.from_dict(
        {year: {"low": book[f"{e.id}_low"].value, "middle": e.value, "high": book[f"{e.id}_high"].value}
         for year, e in at.items() if f"{e.id}_low" in book}, orient="index")  # fmt: skip
    told = words("tables")
    shown = pd.concat([past.rename("middle").to_frame(), ahead])[["low", "middle", "high"]]
    shown.insert(0, "year", shown.index.astype(str))
    name = f"{book.name}, {words('lines')[OUTLOOK].lower()}"
    return figures.outlook(past, ahead, name, language="da"), table(shown.rename(columns=told), 1)


def _accounts(area: str) -> pd.Series:
    """Return what the functions of the accounts come to in all, by year, mio. kr., at the inhabitants of 1 July."""
    cost = (
        load("regk31")
        .query("area == @area")
        .pivot_table("kr_per_inhabitant", "year", "function")
        .sum(axis=1, skipna=False)
    )
    people = load("folk1a").query("area == @area").set_index("quarter")["persons"]
    return (cost * people.reindex([f"{year}Q3" for year in cost.index]).to_numpy() / 1e6).dropna()


DRAW = {
    "unemployment": _unemployment,
    "gaps": _gaps,
    "keeps": _keeps,
    "costs": _costs,
    "frame": _frame,
    "outlook": _outlook,
}
