"""What a sheet of the workbook is, and the figures on it, each with its source."""

from __future__ import annotations

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Border, Font, PatternFill, Side
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties

from ballerup_analysis.frame import BENEFITS, Frame, paid_on
from ballerup_analysis.rates import PERIODS_PER_YEAR, rate
from ballerup_analysis.refusion import FIRST_WEEKS, STEPS
from ballerup_analysis.sources import DANISH_EVIDENCE, EVIDENCE, HOME, catalogue, load, where_from

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


def figure(page: Page, sources: Page, at: dict, name, row, values, unit, table, printed, used=(), label="") -> None:
    """Write a figure with its status and source, note its cells under a name, and tell on the sources where it stands."""
    tables = catalogue().set_index("name")
    if table == "parameters":
        file, evidence, source = "ballerup_analysis/parameters.toml", "assumed", BENEFITS[printed]["reason"][0]
    else:
        file, evidence = f"data/{tables['path'][table]}", tables["evidence"][table]
        evidence = max((r.evidence for r in used), key=EVIDENCE.index, default=evidence)
        source = "; ".join(dict.fromkeys(f"{r.reference}, {r.address}" for r in used)) or where_from(table)
    rates = (" ".join((r.name, *r.when.values(), f"{r.valid_from} til {r.valid_to or 'nu'}")) for r in used)
    values = [*values, *[""] * (5 - len(values))]
    n = page.add(label or row, unit, *values, DANISH_EVIDENCE[evidence], source, form="General")
    cells = f"{page.sheet.title}!C{n}:G{n}"
    k = sources.add(label or row, cells, table, printed or "; ".join(rates), file, source, DANISH_EVIDENCE[evidence])
    sources.sheet[f"B{k}"].hyperlink = Hyperlink(ref=f"B{k}", location=cells)
    at[name, row] = f"{page.sheet.title}!§{n}"
    for i, c in enumerate(COLUMNS):
        at[f"{name}{i}", row] = f"{page.sheet.title}!${c}${n}"


def write_rates(page: Page, sources: Page, frame: Frame, rules: str, at: dict) -> None:
    """Write every figure with its source, and in ``sources`` where it is printed."""

    def figures(*told, label="", used=()):
        figure(page, sources, at, *told, used, label)

    def head(title, *columns):
        page.head(title, "Enhed", *columns, *[""] * (5 - len(columns)), "Status", "Kilde", freeze=page.row < 3)

    table = {"budget_2017": "budget_2017.frame_2002"}.get(frame.name, "regk31")
    head("Kommunens udgift før ændringer", *frame.years)
    for row, values in zip(frame.rows, frame.net_tkr, strict=True):
        figures("net0", row, values, "1.000 kr.", table, f"{frame.name}, {row}")
    at["net0", "*"] = f"{RATES}!§{page.row - len(frame.rows) + 1}:§{page.row}"
    head("Personer før ændringer (talt eller udledt)", *frame.years)
    first = page.row + 1
    for row, values in zip(frame.rows, frame.persons, strict=True):
        if values.any():
            figures("persons0", row, values, "helårspersoner", table, f"{frame.name}, {row}")
    at["persons0", "*"] = f"{RATES}!§{first}:§{page.row}"
    head("Pris pr. helårsperson før refusion", *frame.years)
    for i in (ladder := [i for i, one in enumerate(frame.on_ladder) if one]):
        figures("gross", frame.rows[i], frame.price_kr[i], "kr.", table, f"{frame.name}, {frame.rows[i]}")
    for name, day, shares in (
        ("today", TODAY, frame.paid_pct),
        ("other", rules, paid_on(frame.lines, rules, frame.active, frame.off_ladder)[0]),
    ):
        head(f"Kommunens andel, regler pr. {day}", *(f"uge {step}" for step in STEPS))
        for i in ladder:
            line = (frame.lines[i],)
            used = list({r.line: r for r in paid_on(line, day, frame.active, frame.off_ladder[[i]])[1]}.values())
            figures(name, frame.rows[i], shares[i], "pct.", "rates", "", used=used)
    figures(
        "spell", "", FIRST_WEEKS - 1, "uger", "rates", "trinnene ovenfor", used=used, label="Fulde uger før trinnet"
    )
    head("Andre tal", "Tal")
    job = "employed" if frame.name == "budget_2017" else "jobindsats_monthly"
    for i in frame.cyclical.nonzero()[0]:
        figures(
            "cyclical",
            frame.rows[i],
            [frame.cyclical[i]],
            "andel",
            job,
            f"{frame.area}, ledige",
            label=f"Nye ledige: {frame.rows[i]}",
        )
    figures("force", "", [frame.labour_force], "personer", job, frame.area, label="Arbejdsstyrke")
    share = "plan_2018.activation_share" if frame.name == "budget_2017" else job
    figures("activated", "", [frame.activated], "andel", share, f"{frame.area}, aktiverede", label="Andel aktiverede")
    if frame.promised:
        minutes = "minutes_2020.statements", "sickness_persons_target"
        figures("promised", "", [frame.promised], "fuldtidspersoner", *minutes, label="Sygedagpengecasen: færre i 2021")
    if frame.area == HOME:
        gain = load("minutes_2015.statements").set_index("row")["value"]["gain_2014"]
        minutes = "minutes_2015.statements", "gain_2014"
        figures("gain", "", [gain], "mio. kr.", *minutes, label="Offentliggjort besparelse 2014")
    head("Kontanthjælp 2014", "Sats", "Gange pr. år", "Pr. helårsperson, kr.")
    r = rate("kontanthjaelp", "2014-06-30", age="30+", family="other")
    per_year = [r.value, PERIODS_PER_YEAR[r.unit], Formula("C{n}*D{n}")]
    figures("gross", "2014", per_year, PERIODS[r.unit], "rates", "", used=[r], label="Fyldt 30 år, ikke forsørger")
    head("Nettoledige på kontanthjælp", *(f"{q}. kvartal" for q in range(1, 5)), "Gennemsnit")
    quarters = load("auk01").assign(year=lambda t: t["quarter"].str[:4]).set_index(["area", "year"])["fulltime_persons"]
    for code, where, years in ((frame.area, "Området", (2013, 2014)), ("000", "Hele landet", (2013, 2014))):
        for year in years:
            told, mean = f"{where} {year}", [*quarters[code, str(year)], Formula("AVERAGE(C{n}:F{n})")]
            figures("net_unemployed", told, mean, "fuldtidspersoner", "auk01", f"{code} {year}")
