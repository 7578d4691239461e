"""Check whether the published figures agree with themselves and with each other.

Every check recomputes a printed figure from other printed cells. Tolerances follow from the printed rounding
by interval arithmetic: a figure ties when one set of true figures could have been printed as all the cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import pandas as pd

from ballerup_analysis import sources
from ballerup_analysis.danish import Interval, exact, number
from ballerup_analysis.rates import full_year_kr, rate

COLUMNS = ["check", "kind", "source", "expected", "computed", "difference", "tolerance", "verdict", "note"]
VERDICTS = ("ties", "ties within rounding", "does not tie", "mislabelled in print", "not checkable")
FOUND_WRONG = ("does not tie", "mislabelled in print")
FORSOERGELSE = (
    "Sygedagpenge", "Kontanthjælp", "Dagpengemodtagere samt midlertidig arbejdsmarkedsydelse", "Revalidering",
    "Fleksjob", "Ressourceforløb", "Ledighedsydelse", "Seniorjob", "Forsørgelse andet",
)  # fmt: skip
SUPPORTED = "Forsørgelse ekskl. integration (helårspersoner)"
JOB_CENTRE = "Jobcenter løn (årsværk)"
PRICE, COUNT, FRAME = "budget_2017.unit_price", "budget_2017.unit_count", "budget_2017.frame_2002"
UUV = "minutes_2020.uuv_settlement"
REPEATED = {
    "5.08.2_saving_2019": "5.08.2_saving_2019_economy",
    "5.08.2_saving_2021": "5.08.2_saving_2021_economy",
    "5.08.3_saving": "5.08.3_saving_text",
    "5.10_pool": "5.10_pool_text",
    "5.13_yearly": "5.13_2018",
}


class _Cells:
    """The printed cells; remembers which were read since the last check, as that check's source."""

    def __init__(self, cells: pd.DataFrame, read):
        names = cells["paper"] + "." + cells["table"]
        numbers = map(Interval, cells["value"], cells["low"], cells["high"])
        self.rows: dict[tuple[str, str], dict[str, Interval]] = {}
        for name, row, column, interval in zip(names, cells["row"], cells["column"], numbers, strict=True):
            self.rows.setdefault((name, row), {})[column] = interval
        self.read: list[tuple[str, str]] = []
        self.load = read

    def table(self, name: str) -> list[str]:
        return [row for table, row in self.rows if table == name]

    def columns(self, name: str) -> list[str]:
        return list(self.rows[name, self.table(name)[0]])

    def get(self, name: str, row: str, column: str | None = None) -> Interval:
        found = self.rows[name, row]
        self.read.append((name, f"{row}, {column}" if column else row))
        return found[column] if column else next(iter(found.values()))

    def sum(self, name: str, rows: Iterable[str], *columns: str | None) -> Interval:
        cells = (self.get(name, row, column) for row in rows for column in columns or (None,))
        return sum((cell for cell in cells if not math.isnan(cell.low)), exact(0))  # a missing cell adds nothing

    def check(self, check, kind, expected, computed, verdict=None, note="", wrong="") -> dict:
        """One row; ``wrong`` is the note if the figures do not tie, ``note`` otherwise."""
        difference = expected.value - computed.value
        if verdict is None and not expected.overlaps(computed):
            amount = f"{computed.value:.10g} instead of {expected.value:.10g}"
            verdict = "does not tie"
            note = (
                wrong
                or f"Correction: {amount}, unless a cell read is wrong. Effect: the figure changes by {difference:.10g}."
            )
        elif verdict is None:
            same_range = math.isnan(difference) and (expected.low, expected.high) == (computed.low, computed.high)
            verdict = "ties" if abs(difference) < 1e-9 or same_range else "ties within rounding"
        tolerance = (expected.high - expected.low + computed.high - computed.low) / 2
        tables: dict[str, list[str]] = {}
        for table, cell in dict.fromkeys(self.read):
            tables.setdefault(table, []).append(cell)
        source, self.read = "; ".join(f"{table}[{'; '.join(found)}]" for table, found in tables.items()), []
        row = (check, kind, source, expected.value, computed.value, difference, tolerance, verdict, note)
        return dict(zip(COLUMNS, row, strict=True))


def reconcile(cells: pd.DataFrame | None = None, read=sources.load) -> pd.DataFrame:
    """Check every printed figure that follows from others.

    Parameters
    ----------
    cells : pandas.DataFrame, optional
        Tidy cells; those of :func:`ballerup_analysis.sources.load_papers` unless given.

    Returns
    -------
    pandas.DataFrame
        One row a check: check, kind, source (the cells read), expected (as printed), computed, difference
        (expected - computed), tolerance (what the printed rounding allows), verdict, note. The unit is that of
        the printed figure. A figure that follows from nothing printed is ``not checkable``, with the reason.

    Examples
    --------
    >>> found = reconcile().set_index("check")
    >>> found.loc["budget_2017.frame_2002: I alt, B2016", "verdict"]
    'does not tie'
    """
    cells = sources.load_papers(read) if cells is None else cells
    c = _Cells(cells, read)
    parts = (_column_totals, _frames_2020, _sums_of_parts, _unit_prices, _labels, _shares, _same_figures, _registers)
    checks = [row for part in parts for row in part(c)]
    reasons = cells[cells["not_checkable"].fillna("") != ""]
    for r in reasons.itertuples():
        figure = c.get(f"{r.paper}.{r.table}", r.row)
        unknown = Interval(math.nan, math.nan, math.nan)
        name = f"{r.paper}.{r.table}: {r.row}"
        checks.append(c.check(name, "single figure", figure, unknown, "not checkable", r.not_checkable))
    return pd.DataFrame(checks, columns=COLUMNS)


def _column_totals(c: _Cells) -> Iterator[dict]:
    for name in dict.fromkeys(table for table, row in c.rows if row == "I alt"):
        lines = [row for row in c.table(name) if row != "I alt"]
        totals = {k: v for k, v in c.rows[name, "I alt"].items() if not math.isnan(v.low)}
        for column, following in zip(totals, [*list(totals.values())[1:], None], strict=True):
            printed, computed = c.get(name, "I alt", column), c.sum(name, lines, column)
            off = computed.value - printed.value
            wrong = (
                f"Correction: {number(computed.value)} instead of {number(printed.value)} if the lines are right; if the "
                f"total is right, lines are {number(abs(off))} too {'high' if off > 0 else 'low'}: the paper does not tell."
            )
            step = following.value - printed.value if following else math.nan
            effect = (
                f"the step to the next column is {number(step - off)}, not {number(step)}"
                if following
                else "none further"
            )
            wrong += f" Effect: {effect}."
            yield c.check(f"{name}: I alt, {column}", "column total", printed, computed, wrong=wrong)


def _frames_2020(c: _Cells) -> Iterator[dict]:
    name, text = "minutes_2020.followup_2020", "minutes_2020.statements"
    _, *addends, proposed = c.columns(name)
    for row in c.table(name):
        computed = c.sum(name, [row], *addends)
        yield c.check(f"{name}: (2)+(3)+(4)=(5), {row[:5]}", "row identity", c.get(name, row, proposed), computed)
    later = "minutes_2020.followup_2021_2024"
    before, change, after, *frames = c.table(later)
    for year in c.columns(later):
        for kind, rows in (("row identity", (before, change)), ("sum over frames", frames)):
            printed = c.get(later, after, year)
            yield c.check(f"{later}: {kind}, {year}", kind, printed, c.sum(later, rows, year))
        printed, computed = c.get(text, f"budget_rise_{year}"), c.get(later, change, year) / exact(1000)
        yield c.check(f"{text}: rise {year}", "change against level", printed, computed)
    for row in frames:
        printed, twin = c.get(later, row, "2020"), c.get(name, row, proposed)
        yield c.check(f"{name}: {row[:5]} in both tables", "same figure twice", printed, twin)


def _sums_of_parts(c: _Cells) -> Iterator[dict]:
    plan, jobs, cases = "plan_2018.company_activation", "minutes_2015.special_terms", "agreement_2018.cases"
    text, covid, kind = "minutes_2020.statements", "minutes_2020.covid", "sum of parts"
    for what in ("Virksomhedspraktik", "Løntilskud"):
        for column in c.columns(plan):
            computed = c.sum(plan, (f"{what} heraf privat", f"{what} heraf offentlig"), column)
            yield c.check(f"{plan}: {what}, {column}", kind, c.get(plan, f"{what} i alt", column), computed)
    total = c.get("minutes_2015.statements", "special_terms_total")
    yield c.check(f"{jobs}: total", kind, total, c.sum(jobs, c.table(jobs)))
    computed = c.sum("agreement_2018.milestones", ("5.08.2_1a", "5.08.2_2a"))
    yield c.check(f"{cases}: 5.08.2 fleksjob", kind, c.get(cases, "5.08.2_persons"), computed)
    computed = c.sum(cases, ("5.08.3_persons_2018", "5.08.3_persons_2019"))
    yield c.check(f"{cases}: 5.08.3 citizens", kind, c.get(cases, "5.08.3_persons"), computed)
    computed = c.sum(text, ("service_frame_rise", "outside_service_frame_rise"))
    yield c.check(f"{text}: rise in and outside servicerammen", kind, c.get(text, "budget_rise_2020"), computed)
    computed = c.get(text, "uuv_holiday_pay") - c.get(text, "uuv_overspend")
    yield c.check(f"{text}: UUV without holiday pay", kind, c.get(text, "uuv_underspend_corrected"), computed)
    computed = c.get(covid, "dagpenge_inflow") - c.get(covid, "dagpenge_outflow")
    yield c.check(f"{covid}: dagpenge", "change against level", c.get(covid, "dagpenge_rise"), computed)


def _unit_prices(c: _Cells) -> Iterator[dict]:
    kind, cases = "unit price × count", "agreement_2018.cases"
    for column in c.columns(PRICE):
        computed = c.get(PRICE, SUPPORTED, column) * c.get(COUNT, SUPPORTED, column)
        lines = c.sum(FRAME, FORSOERGELSE, column)
        yield c.check(f"{PRICE}: forsørgelse, {column}", kind, lines, computed)
        wages = c.get(PRICE, JOB_CENTRE, column) * c.get(COUNT, JOB_CENTRE, column)
        line = c.get(FRAME, "Jobcenter løn og drift", column)
        note = "the line also holds running cost and income, so it need not equal the wages"
        note += "; here the wages alone are above it" if wages.low > line.high else ""
        yield c.check(f"{PRICE}: job centre wages, {column}", kind, line, wages, "not checkable", note)
    for year in ("2020", "2021"):
        price = c.get(cases, "5.08.3_saving") / c.get(cases, "5.08.3_effect_persons")
        computed, saving = price * c.get(cases, f"5.10_persons_{year}"), c.get(cases, f"5.10_saving_{year}")
        yield c.check(f"{cases}: 5.10 at the price of 5.08.3, {year}", kind, saving, computed)


def _labels(c: _Cells) -> Iterator[dict]:
    # No one costs more than a year of the highest benefit: it tells which of the two rows can be a price.
    first = c.columns(PRICE)[0]
    highest_tkr = full_year_kr(rate("dagpenge_max", "2015-06-30")) / 1000
    price, count, lines = (
        c.get(PRICE, SUPPORTED, first),
        c.get(COUNT, SUPPORTED, first),
        c.sum(FRAME, FORSOERGELSE, first),
    )
    swapped = price.low > highest_tkr >= count.high and lines.overlaps(price * count)
    computed = lines / (price if swapped else count)
    note = (
        f"A price of {number(price.value)} tkr a year is above the highest full-year benefit of {number(highest_tkr)} tkr "
        f"(dagpenge, 2015). Correction: the rows stand under each other's heading; {number(count.value)} is the price and "
        f"{number(price.value)} the persons. Effect: none on the budget lines, for the product is the same."
    )
    if swapped:
        yield c.check(f"{PRICE}: {SUPPORTED}", "label", price, computed, "mislabelled in print", note)
    else:
        yield c.check(f"{PRICE}: {SUPPORTED}", "label", price, computed)


def _shares(c: _Cells) -> Iterator[dict]:
    covid, text, uuv, kind = "minutes_2020.covid", "minutes_2020.statements", UUV, "share or percentage"
    rise = c.get(covid, "dagpenge_rise")
    computed = rise / (c.get(covid, "dagpenge_stock") - rise) * exact(100)
    yield c.check(f"{covid}: dagpenge in pct.", kind, c.get(covid, "dagpenge_rise_pct"), computed)
    share, jobs = c.get(text, "special_terms_share"), c.get(text, "ordinary_jobs")
    listed = c.sum("minutes_2020.special_terms", c.table("minutes_2020.special_terms"))
    wrong = (
        f"The list holds {number(listed.value)} persons, {number(listed.value / jobs.value * 100, 1)} pct. of "
        f"{number(jobs.value)}; {number(share.value, 1)} pct. would be {number(share.value * jobs.value / 100)}. Correction: the "
        "share of the list, unless a list or base that is not printed is meant. Effect: no amount depends on it."
    )
    yield c.check(f"{text}: special terms", kind, share, listed / jobs * exact(100), wrong=wrong)
    rows = [row for row in c.table(uuv) if row != "I alt"]
    for row in rows:
        computed = c.get(uuv, row, "Ejerandel") / exact(100) * c.get(uuv, "I alt", "Beløb")
        yield c.check(f"{uuv}: {row}", "settlement share", c.get(uuv, row, "Beløb"), computed)
    yield c.check(f"{uuv}: shares", "settlement share", exact(100), c.sum(uuv, rows, "Ejerandel"))
    target = c.get(text, "sickness_share_2018") - c.get(text, "sickness_share_target")
    by_target = c.get(text, "sickness_persons_target") / target * exact(100)
    left = c.get(text, "sickness_fall_persons") * (exact(100) / c.get(text, "sickness_fall_pct") - exact(1))
    by_count = left / c.get(text, "sickness_share_april_2020") * exact(100)
    note = (
        f"The target implies a labour force of {number(by_target.low)}-{number(by_target.high)}, the count of April 2020 one of "
        f"{number(by_count.low)}-{number(by_count.high)}; the target counts against an expected level that is not printed."
    )
    yield c.check(f"{text}: labour force of the sickness case", kind, by_target, by_count, "not checkable", note)


def _same_figures(c: _Cells) -> Iterator[dict]:
    cases, text, kind = "agreement_2018.cases", "minutes_2020.statements", "same figure twice"
    plan, budget = (c.get(f"{paper}.statements", "mentor_hours") for paper in ("plan_2018", "budget_2017"))
    yield c.check("mentor hours a week", "same figure in two papers", plan, budget)
    for row, twin in REPEATED.items():
        printed, again = c.get(cases, row), c.get(cases, twin)
        yield c.check(f"{cases}: {row}", kind, printed, again)
    equity = c.get(UUV, "I alt", "Beløb") / exact(1e6)
    yield c.check(f"{text}: UUV equity", kind, c.get(text, "uuv_negative_equity"), equity)
    counted = exact(len(c.table(UUV)) - 1)
    yield c.check(f"{text}: UUV municipalities", "count of rows", c.get(text, "uuv_municipalities"), counted)
    deadlines = c.load("agreement_2018.milestones")["deadline"].drop_duplicates()
    for row, counted in (("followups", len(deadlines)), ("followups_with_budget", deadlines.str.contains("opf").sum())):
        printed = c.get("agreement_2018.statements", row)
        yield c.check(f"agreement_2018.statements: {row}", "count of rows", printed, exact(counted))


def _registers(c: _Cells) -> Iterator[dict]:
    text, plan, kind = "minutes_2015.statements", "plan_2018.statements", "figure against public series"
    areas = c.load("areas")
    region = exact(((areas["level"] == "kommune") & (areas["region"] == "084")).sum())
    wrong = (
        f"Region Hovedstaden has {number(region.value)} municipalities, Ballerup among them. Correction: "
        f"{number(region.value - 1)} others. Effect: no amount depends on it."
    )
    others = c.get(text, "other_municipalities_region")
    c.read.append(("areas", "region 084"))
    yield c.check(f"{text}: other municipalities", kind, others, region - exact(1), wrong=wrong)
    for row in ("rank_2013", "rank_latest"):
        place, of = c.get(text, row), c.get(text, f"{row}_of")
        note = (
            f"Ranked {number(place.value)} of {number(of.value)}, but Region Hovedstaden has {number(region.value)} municipalities: "
            "another region is meant, not printed. Notebook 01 ranks the nearest public series."
        )
        c.read.append(("areas", "region 084"))
        yield c.check(f"{text}: {row}", kind, of, region, "not checkable", note)
    persons = c.load("population_by_age_2014").set_index(["area", "age"])["persons"]["151", "16-66"]
    drop = c.get(plan, "forsoergelsestryk_2015") - c.get(plan, "forsoergelsestryk_2017")
    fall = c.get(plan, "forsoergelsestryk_fall")
    c.read.append(("population_by_age_2014", "151, 16-66"))
    yield c.check(f"{plan}: fall in persons", kind, fall, drop / exact(100) * exact(persons))
    note = "the paper's yearly mean covers months it does not name, and the public series has been revised since"
    for row, table, area in (
        ("unemployment_ballerup", "aup02", "151"),
        ("unemployment_rest_of_country", "aulp01", "000"),
    ):
        public = c.load(table).set_index(["area", "year"])["pct"][area, 2017]
        printed = c.get(plan, row)
        c.read.append((table, f"{area}, 2017"))
        yield c.check(f"{plan}: {row}", kind, printed, exact(public), "not checkable", note)
