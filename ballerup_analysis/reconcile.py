"""Check whether the published figures agree with themselves and with each other.

Every check recomputes a printed figure from other printed cells or a public series. Tolerances follow from the printed
rounding by interval arithmetic: a figure ties when one set of true figures could have been printed as all the cells.
Totals of tables are checked by :mod:`ballerup_analysis.totals`; all other checks are data, in ``checks.toml``.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis import sources, totals
from ballerup_analysis.danish import Interval, at_most, exact, number
from ballerup_analysis.rates import full_year_kr, in_force, rate
from ballerup_analysis.totals import compare, decimals_of, shown

VERDICTS = (
    *("ties", "ties within rounding", "does not tie", "mislabelled in print", "texts disagree", "not borne out"),
    "not checkable",
)
FOUND_WRONG = ("does not tie", "mislabelled in print")
IN_WORDS = ("stands_da", "right_da")
WRONG = (
    "Printed is {printed}; from the other cells follows {computed}. Correction: {computed} instead of {printed}, unless a "
    "cell read is wrong. Effect: {effect}.",
    "Trykt er {printed}; af de øvrige celler følger {computed}. Rettelse: {computed} i stedet for {printed}, medmindre en "
    "læst celle er forkert. Virkning: {effect}.",
)
EFFECT = ("the figure changes by {gap}", "tallet ændres med {gap}")
LABEL = (
    "A price of {price} tkr a year is above the highest full-year benefit of {highest} tkr (dagpenge, 2015). Correction: "
    "the rows stand under each other's heading; {count} is the price and {price} the persons. Effect: none on the budget "
    "lines, for the product is the same.",
    "En pris på {price} tkr. om året er over den højeste ydelse for et helt år, {highest} tkr. (dagpenge, 2015). Rettelse: "
    "rækkerne står under hinandens overskrift; {count} er prisen og {price} antal personer. Virkning: ingen for "
    "budgetlinjerne, da pris gange antal er det samme.",
)
SUPPORTED = "Forsørgelse ekskl. integration (helårspersoner)"
PRICE, COUNT = "budget_2017.unit_price", "budget_2017.unit_count"


@functools.lru_cache(maxsize=1)
def _checks(raw: bytes) -> dict:
    return tomllib.loads(raw.decode("utf-8"))


class _Cells:
    """The printed cells; remembers which were read since the last check, as that check's source."""

    def __init__(self, cells: pd.DataFrame):
        names = cells["paper"] + "." + cells["table"]
        numbers = map(Interval, cells["value"], cells["low"], cells["high"])
        self.rows: dict[tuple[str, str], dict[str, Interval]] = {}
        self.tables: dict[str, list[str]] = {}
        for name, row, column, interval in zip(names, cells["row"], cells["column"], numbers, strict=True):
            if (name, row) not in self.rows:
                self.tables.setdefault(name, []).append(row)
            self.rows.setdefault((name, row), {})[column] = interval
        self.units = dict(zip(zip(names, cells["column"], strict=True), cells["unit"], strict=True))
        self.facts: dict[str, tuple[Interval, str, str]] = {}
        self.read: dict[tuple[str, str], None] = {}

    def lines(self, table: str) -> list[str]:
        return [row for row in self.tables[table] if row != "I alt"]

    def columns(self, table: str) -> list[str]:
        first, *_ = self.tables[table]
        return list(self.rows[table, first])

    def get(self, table: str, row: str, column: str = "") -> Interval:
        cells = self.rows[table, row]
        self.read[table, f"{row}, {column}" if column else row] = None
        return cells[column] if column else next(iter(cells.values()))

    def term(self, term: str | float, of: str) -> Interval:
        """Return a figure of a sum: a number, a public figure, a cell, or all lines of a table."""
        if not isinstance(term, str):
            return exact(term)
        if term.startswith("-"):
            return exact(0) - self.term(term[1:], of)
        if term.startswith("@"):
            figure, table, cell = self.facts[term[1:]]
            self.read[table, cell] = None
            return figure
        table, _, cell = term.rpartition(": ")
        row, _, column = cell.partition(" | ")
        rows = self.lines(table) if row == "*" else [row]
        cells = [self.get(table or of, row, column) for row in rows]
        return sum((c for c in cells if not math.isnan(c.low)), exact(0))  # a missing cell adds nothing

    def side(self, side, of: str) -> Interval:
        """Return sum × times ÷ over × scale."""
        side = side if isinstance(side, dict) else {"sum": side}
        add = functools.partial(self._sum, of=of)
        figure = add(side["sum"])
        for factor in side.get("times", ()):
            figure *= add(factor)
        for divisor in side.get("over", ()):
            figure /= add(divisor)
        return figure * exact(side["scale"]) if "scale" in side else figure

    def _sum(self, terms, of: str) -> Interval:
        terms = terms if isinstance(terms, list) else [terms]
        first, *others = (self.term(term, of) for term in terms)
        return sum(others, first)

    def source(self) -> str:
        """Name the cells read since the last check."""
        tables: dict[str, list[str]] = {}
        for table, cell in self.read:
            tables.setdefault(table, []).append(cell)
        self.read = {}
        return "; ".join(f"{table}[{'; '.join(cells)}]" for table, cells in tables.items())


def reconcile(cells: pd.DataFrame | None = None, read=sources.load) -> pd.DataFrame:
    """Check every printed figure that follows from others, and the texts that cannot both stand.

    Parameters
    ----------
    cells : pandas.DataFrame, optional
        Tidy cells; those of :func:`ballerup_analysis.sources.load_papers` unless given.
    read : callable, optional
        Loads a table by name.

    Returns
    -------
    pandas.DataFrame
        One row a check: check, kind, source (the cells read), expected (as printed), computed, difference
        (expected - computed), tolerance (what the printed rounding allows), verdict, note and note_da: what stands
        where, what follows, and what a correction changes; stands_da and right_da, what is printed in words and what
        would be right, empty where numbers tell it. The unit is that of the printed figure. A figure that
        follows from nothing printed is ``not checkable``, with the reason; a name, a replaced wording or a sentence
        without a figure is no row.

    Examples
    --------
    >>> checks = reconcile().set_index("check")
    >>> checks.loc["budget_2017.frame_2002: I alt, B2016", "verdict"]
    'does not tie'
    """
    cells = sources.load_papers(read) if cells is None else cells
    told = _checks((Path(__file__).parent / "checks.toml").read_bytes())
    c = _Cells(cells)
    c.facts = _facts(read, c)
    rows = [*_tables(c), *(row for spec in told["check"] for row in _each(c, spec)), _label(c, told)]
    rows += _texts(told["text"], read("wordings"))
    checked = {cell for row in rows for cell in _cells_of(row["source"])}
    figures = cells[cells["low"].notna() & (cells["not_checkable"].fillna("") != "")]
    for r in figures[figures["wording"] != "first"].itertuples():
        table = f"{r.paper}.{r.table}"
        if (table, r.row) not in checked:
            row = compare(f"{table}: {r.row}", "single figure", c.get(table, r.row), NOTHING)
            row |= {"source": c.source(), "verdict": "not checkable", "note": r.not_checkable}
            rows.append(row | {"note_da": told["reasons"].get(r.not_checkable.strip(), "")})
    return pd.DataFrame(rows).fillna(dict.fromkeys(IN_WORDS, ""))


NOTHING = Interval(math.nan, math.nan, math.nan)


def _cells_of(source: str) -> Iterator[tuple[str, str]]:
    for part in source.split("]; "):
        table, _, cells = part.rstrip("]").partition("[")
        yield from ((table, cell) for cell in cells.split("; "))


def _tables(c: _Cells) -> Iterator[dict]:
    """Yield the totals of every table with the same columns in each row."""
    for name, rows in c.tables.items():
        columns = c.columns(name)
        if any(list(c.rows[name, row]) != columns for row in rows):
            continue  # statements
        cells = [[c.rows[name, row][column] for column in columns] for row in rows]
        value, low, high = (np.array([[getattr(x, k) for x in row] for row in cells]) for k in ("value", "low", "high"))
        none = np.zeros_like(low, dtype=bool)
        adds = np.array([c.units[name, column] not in totals.SHARES for column in columns])
        table = totals.Table(name, rows, columns, value, low, high, unread=none, adds=adds, bare=none[:, 0])
        yield from (row for row in totals.check(table) if row["kind"] != "no total")


def _each(c: _Cells, spec: dict) -> Iterator[dict]:
    """Yield a check once, or for each row, line, column or name it is made for."""
    of, over = spec.get("of", ""), spec.get("for", [""])
    names = over if isinstance(over, list) else {"rows": c.tables, "lines": {of: c.lines(of)}}.get(over, {}).get(of)
    for each in names or c.columns(of):
        yield _check(c, _filled(spec, each), of, each)


def _filled(part, each: str):
    if isinstance(part, str):
        return part.replace("{each}", each)
    if isinstance(part, list):
        return [_filled(x, each) for x in part]
    return {k: _filled(v, each) for k, v in part.items()} if isinstance(part, dict) else part


def _check(c: _Cells, spec: dict, of: str, each: str) -> dict:
    expected, computed = c.side(spec["expected"], of), c.side(spec["computed"], of)
    row = compare(spec["name"].format(each=each), spec["kind"], expected, computed)
    row["source"] = c.source()
    wrong = row["verdict"] == "does not tie"
    row["verdict"] = spec.get("verdict_if_wrong", row["verdict"]) if wrong else row["verdict"]
    row["verdict"] = spec.get("verdict", row["verdict"])
    if not wrong and "note" not in spec:
        return row
    places = decimals_of(expected)
    texts = {"printed": shown(expected, places), "computed": shown(computed, places)}
    texts |= {"gap": number(abs(row["difference"]), places), "low": number(computed.low, places)}
    texts |= {"high": number(computed.high, places)}
    for name, side in spec.get("values", {}).items():
        figure = c.side(side, of)
        ends = isinstance(side, dict) and side.get("ends")
        texts[name] = shown(Interval(math.nan, figure.low, figure.high) if ends else figure, decimals_of(figure))
    c.read = {}
    told = "wrong" if wrong and "verdict" not in spec else "note"
    row |= {name: spec[name].format(**texts) for name in IN_WORDS if name in spec}
    for key, template, effect in zip(("", "_da"), WRONG, EFFECT, strict=True):
        texts["effect"] = spec.get(f"effect{key}", effect).format(**texts)
        row[f"note{key}"] = spec.get(f"{told}{key}", template).format(**texts)
    return row


def _label(c: _Cells, told: dict) -> dict:
    # No one costs more than a year of the highest benefit: it tells which of the two rows can be a price.
    first = c.columns(PRICE)[0]
    highest_tkr = full_year_kr(rate("dagpenge_max", "2015-06-30")) / 1000
    price, count = c.get(PRICE, SUPPORTED, first), c.get(COUNT, SUPPORTED, first)
    spec = next(spec for spec in told["check"] if spec["name"] == f"{PRICE}: forsørgelse, {{each}}")
    lines = c.side(_filled(spec, first)["expected"], PRICE)
    swapped = price.low > highest_tkr >= count.high and lines.overlaps(price * count)
    row = compare(f"{PRICE}: {SUPPORTED}", "label", price, lines / (price if swapped else count))
    row["source"] = c.source()
    if swapped:
        values = {"price": number(price.value), "count": number(count.value), "highest": number(highest_tkr)}
        row |= {
            "verdict": "mislabelled in print",
            "note": LABEL[0].format(**values),
            "note_da": LABEL[1].format(**values),
        }
    return row


def _texts(specs: list[dict], wordings: pd.DataFrame) -> Iterator[dict]:
    """Yield a row for each item whose texts do not read the same."""
    told = {row["id"]: row for row in wordings.to_dict("records")}
    for spec in specs:
        texts = [told[id] for id in spec["wordings"]]
        row = compare(spec["name"], "text against text", NOTHING, NOTHING)
        row |= {"source": f"wordings[{'; '.join(spec['wordings'])}]", "verdict": "ties"}
        if len({text["reads"] for text in texts}) > 1:
            quoted = [f"»{text['printed']}« ({text['place']})" for text in texts]
            both, both_da = (f" {word} ".join(quoted) for word in ("against", "over for"))
            row |= {"verdict": "texts disagree", "note": f"{both}: they cannot all stand. Effect: {spec['effect']}."}
            row["note_da"] = f"{both_da}: de kan ikke alle gælde. Virkning: {spec['effect_da']}."
        yield row


def rank_among(change: pd.Series, centres: pd.Series, area: str) -> Interval:
    """Return an area's place by a change, the largest fall first, where some areas share a job centre.

    Parameters
    ----------
    change : pandas.Series
        The change by area code.
    centres : pandas.Series
        Job centre by area code, for the areas that share one; its change lies between those of its areas.
    area : str
        Area code.

    Returns
    -------
    Interval
        The best and the worst place; equal changes may stand in either order.

    Examples
    --------
    >>> change = pd.Series({"151": 0.3, "183": 0.1, "187": 0.4, "159": -0.2})
    >>> place = rank_among(change, pd.Series({"183": "Vallensbæk", "187": "Vallensbæk"}), "151")
    >>> place.low, place.high
    (2.0, 3.0)
    """
    shared = centres.to_dict()
    by_centre = change.groupby([shared.get(code, code) for code in change.index])
    own, low, high = shared.get(area, area), by_centre.min(), by_centre.max()
    best = 1.0 + (~at_most(low[own], high.drop(own))).sum()
    worst = 1.0 + at_most(low.drop(own), high[own]).sum()
    return Interval(float(best) if best == worst else math.nan, float(best), float(worst))


def _facts(read, c: _Cells) -> dict[str, tuple[Interval, str, str]]:
    """Return what public series and countings tell, each with the table and cells it is read from."""
    home, areas = sources.HOME, read("areas")
    region = areas[areas["level"] == "kommune"].set_index("code")["region"]
    centres = read("job_centres").set_index("area")["job_centre"]
    east = region.index[region.isin(["084", "085"])]
    unemployed = {year: part.set_index("area")["pct"] for year, part in read("aup02").groupby("year")}
    change = {year: unemployed[year][east] - unemployed[year - 1][east] for year in (2013, 2014, 2015)}
    place = {year: rank_among(points, centres, home) for year, points in change.items()}
    both = place[2014], place[2015]
    latest = Interval(math.nan, min(one.low for one in both), max(one.high for one in both))
    people, country = read("population_by_age_2014"), read("aulp01")
    persons = people.loc[(people["area"] == home) & (people["age"] == "16-66"), "persons"].item()
    country = country.loc[(country["area"] == "000") & (country["year"] == 2017), "pct"].item()
    deadlines = read("agreement_2018.milestones")["deadline"].drop_duplicates()
    benefit = max(in_force("kontanthjaelp", "2018-06-30"), key=lambda r: r.value)
    settled = len(c.lines("minutes_2020.uuv_settlement"))
    ranked = "job centres of regions 084 and 085, change to "
    return {
        "municipalities_084": (exact((region == "084").sum()), "areas", "region 084"),
        "job_centres_east": (exact(len({centres.get(a, a) for a in east})), "job_centres", "regions 084 and 085"),
        "rank_2013": (place[2013], "aup02", f"{ranked}2013"),
        "rank_2014": (place[2014], "aup02", f"{ranked}2014"),
        "rank_2015": (place[2015], "aup02", f"{ranked}2015"),
        "rank_latest": (latest, "aup02", f"{ranked}2014 and 2015"),
        "persons_16_66": (exact(persons), "population_by_age_2014", f"{home}, 16-66"),
        "unemployment_ballerup": (exact(unemployed[2017][home]), "aup02", f"{home}, 2017"),
        "unemployment_rest_of_country": (exact(country), "aulp01", "000, 2017"),
        "kontanthjaelp_year_tkr": (exact(full_year_kr(benefit) / 1000), "rates", "kontanthjaelp, 2018"),
        "followups": (exact(len(deadlines)), "agreement_2018.milestones", "deadline"),
        "followups_with_budget": (exact(deadlines.str.contains("opf").sum()), "agreement_2018.milestones", "deadline"),
        "uuv_rows": (exact(settled), "minutes_2020.uuv_settlement", "rows"),
    }
