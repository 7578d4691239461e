"""What a sheet of the workbook is, and the figures on it, each with its source."""

from __future__ import annotations

import numpy as np
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties

from ballerup_analysis import frame
from ballerup_analysis.costing import INTEGRATION, STAND_INS, YEARS
from ballerup_analysis.rates import PERIODS_PER_YEAR, rate
from ballerup_analysis.refusion import FIRST_WEEKS, STEPS, step_rates
from ballerup_analysis.sources import DANISH_EVIDENCE, EVIDENCE, HOME, catalogue, load, where_from
from ballerup_analysis.trend import yearly

SHEETS = ("Forudsætninger", "Satser", "Afgangsrate", "Beregning", "Resultat", "Kilder")
INPUTS, RATES, EXIT, CALCULATION, RESULT, SOURCES = SHEETS
TODAY = "2017-06-30"  # the refund rules of the baseline
COLUMNS = "CDEFG"  # the years
PERIODS = {"kr_per_day": "kr. pr. dag", "kr_per_week": "kr. pr. uge", "kr_per_month": "kr. pr. måned"}
WHOLE = "#,##0"


class Formula(str):
    """Text that is meant as a formula, without its equals sign; ``{n}`` is its own row."""


class Page:
    """A sheet written from the top, row by row."""

    def __init__(self, book, title: str, heading: str, note: str, *widths: int):
        self.sheet, self.row = book.create_sheet(title), 0
        for i, width in enumerate(widths):
            self.sheet.column_dimensions[chr(ord("A") + i)].width = width
        setup = self.sheet.page_setup
        setup.orientation, setup.paperSize, setup.fitToHeight = "landscape", self.sheet.PAPERSIZE_A4, 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        self.sheet.oddFooter.center.text = "&A, side &P af &N"
        self.add(heading)
        self.sheet["A1"].font = Font(bold=True, size=14)
        self.add(note)

    def add(self, *cells, form: str = WHOLE) -> int:
        """Write one row, numbers and formulas in a format; return its number."""
        self.row += 1
        for column, value in enumerate(cells, 1):
            if value is None or value == "":
                continue
            cell = self.sheet.cell(self.row, column)
            if isinstance(value, Formula):
                cell.value, cell.number_format = "=" + value.replace("{n}", str(self.row)), form
            elif isinstance(value, str):  # never a formula, whatever it begins with
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.data_type, cell.quotePrefix = "s", value[0] in "=+-@"
            else:
                cell.value, cell.number_format = float(value) if value % 1 else int(value), form
        return self.row

    def head(self, *cells, freeze: bool = False) -> int:
        """Write a row of column headings."""
        n = self.add(*cells, form="0")
        for cell in self.sheet[n]:
            cell.font, cell.fill = Font(bold=True), PatternFill("solid", "E6EEF5")
            cell.border = Border(bottom=Side(style="thin"))
        if freeze:
            self.sheet.freeze_panes, self.sheet.print_title_rows = f"B{n + 1}", f"{n}:{n}"
        return n


def write_rates(page: Page, sources: Page, rules: str, area: str, at: dict) -> None:
    """Write every figure with its source, and in ``sources`` where it is printed."""
    tables = catalogue().set_index("name")

    def figures(name, row, label, values, unit, table, printed, used=()):
        evidence = max((r.evidence for r in used), key=EVIDENCE.index, default=tables["evidence"][table])
        source = "; ".join(dict.fromkeys(f"{r.reference}, {r.address}" for r in used)) or where_from(table)
        rates = (" ".join((r.name, *r.when.values(), f"{r.valid_from} til {r.valid_to or 'nu'}")) for r in used)
        values = [*values, *[""] * (5 - len(values))]
        n = page.add(label, unit, *values, DANISH_EVIDENCE[evidence], source, form="General")
        cells, file = f"{RATES}!C{n}:G{n}", f"data/{tables['path'][table]}"
        k = sources.add(label, cells, table, printed or "; ".join(rates), file, source, DANISH_EVIDENCE[evidence])
        sources.sheet[f"B{k}"].hyperlink = Hyperlink(ref=f"B{k}", location=cells)
        at[name, row] = f"{RATES}!§{n}"
        for i, c in enumerate(COLUMNS):
            at[f"{name}{i}", row] = f"{RATES}!${c}${n}"

    def head(title, *columns):
        page.head(title, "Enhed", *columns, *[""] * (5 - len(columns)), "Status", "Kilde", freeze=page.row < 3)

    head("Ydelser", "Sats", "Gange pr. år", "Pr. helårsperson, kr.")
    lines = {line.row: line for line in frame.LINES if line.ladder}
    paid = {row: rate(line.rate, TODAY, **dict(line.household)) for row, line in lines.items()}
    paid[INTEGRATION] = rate("integrationsydelse", TODAY, family="other")
    paid["2014"] = rate("kontanthjaelp", "2014-06-30", age="30+", family="other")
    for row, r in paid.items():
        label = f"{row} 2017" if row != "2014" else "Kontanthjælp 2014, fyldt 30 år, ikke forsørger"
        per_year = [r.value, PERIODS_PER_YEAR[r.unit], Formula("C{n}*D{n}")]
        figures("gross", row, label, per_year, PERIODS[r.unit], "rates", "", [r])
    ladders = {row: line.ladder for row, line in lines.items()} | {INTEGRATION: "kontanthjaelp"}
    for name, day in (("today", TODAY), ("other", rules)):
        head(f"Kommunens andel, regler pr. {day}", *(f"uge {step}" for step in STEPS))
        for row, ladder in ladders.items():
            used = step_rates(ladder, day)
            shares, used = np.array([r.value for r in used], float), list({r.line: r for r in used}.values())
            figures(name, row, row, shares, "pct.", "rates", "", used)
    figures("spell", "", "Fulde uger før trinnet", FIRST_WEEKS - 1, "uger", "rates", "trinnene ovenfor", used)
    head("Ballerups ramme som trykt; 2021 som 2020 (antaget)", *YEARS)
    for row, values in frame.printed()[list(YEARS[:-1])].iterrows():
        table = "budget_2017.frame_2002"
        figures("frame", row, row, [*values, Formula("F{n}")], "1.000 kr.", table, f"{row}, B2017-BO2020")
    head("Andre tal", "Tal")
    for name, row, label, value, unit, table, printed in _single_figures(area):
        figures(name, row, label, [value], unit, table, printed)
    head("Nettoledige på kontanthjælp", *(f"{q}. kvartal" for q in range(1, 5)), "Gennemsnit")
    quarters = load("auk01").assign(year=lambda t: t["quarter"].str[:4]).set_index(["area", "year"])["fulltime_persons"]
    for code, where, years in ((area, "Området", (2013, 2014, 2016)), ("000", "Hele landet", (2013, 2014))):
        for year in years:
            told, mean = f"{where} {year}", [*quarters[code, str(year)], Formula("AVERAGE(C{n}:F{n})")]
            figures("net_unemployed", told, told, mean, "fuldtidspersoner", "auk01", f"{code} {year}")
    head("Regulering", *YEARS)
    months = [rate("dagpenge_max", f"{year}-06-30", per="month") for year in YEARS]
    rises = [rate("pl_state_general", f"{year}-06-30") for year in YEARS[1:]]
    figures("month", "", "Dagpenge, højeste sats", [r.value for r in months], "kr. pr. måned", "rates", "", months)
    figures("rise", "", "Statens generelle index", ["", *(r.value for r in rises)], "pct.", "rates", "", rises)


def _single_figures(area: str):
    # name, line, label, value, unit, table, where in it
    persons, price_tkr = frame.units().loc[frame.BUDGET_YEAR]
    printed = "Forsørgelse ekskl. integration (helårspersoner), B2017 (trykt under den anden tabels overskrift)"
    yield (
        "counted",
        "",
        "Personer på forsørgelse i Ballerup 2017",
        persons,
        "helårspersoner",
        "budget_2017.unit_price",
        printed,
    )
    yield "unit_price", "", "Enhedspris i Ballerup 2017", price_tkr, "1.000 kr.", "budget_2017.unit_count", printed
    for name, label, unit, table, measure in (
        ("employed", "Beskæftigede 2017", "personer", "employed", "employed"),
        ("unemployed_pct", "Bruttoledighed 2017", "pct.", "aup02", "gross_unemployment_pct"),
    ):
        yield name, "", label, yearly(measure)[area][2017], unit, table, f"{area} 2017"
    share = load("plan_2018.activation_share").query("status == 'F'").iloc[0]
    yield (
        "activated",
        "",
        "Andel aktiverede i Ballerup 2017",
        share["value"],
        "pct.",
        "plan_2018.activation_share",
        share["row"],
    )
    if area == HOME:
        for name, label, unit, table, row, column in (
            ("promised", "Sygedagpengecasen: færre i 2021", "fuldtidspersoner", "minutes_2020.statements",
             "sickness_persons_target", "high"),
            ("gain", "Offentliggjort besparelse 2014", "mio. kr.", "minutes_2015.statements", "gain_2014", "value"),
        ):  # fmt: skip
            yield name, "", label, load(table).set_index("row")[column][row], unit, table, row
        return
    people = load("folk1a").query("area == @area and quarter == '2017Q3'")["persons"].item()
    yield "people", "", "Indbyggere 1. juli 2017", people, "personer", "folk1a", f"{area} 2017Q3"
    accounts = load("regk31").query("area == @area and year == 2017").set_index("function")["kr_per_inhabitant"]
    for row, function in STAND_INS.items():
        label = f"Regnskab 2017, funktion {function}"
        yield "account", row, label, accounts[function], "kr. pr. indbygger", "regk31", f"{area} 2017 {function}"
