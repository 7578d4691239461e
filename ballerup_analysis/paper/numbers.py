"""The headline numbers: what the report, the README, the workbook and notebook 00 quote, each computed here only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from ballerup_analysis import costing, frame
from ballerup_analysis.accounts import g3_level
from ballerup_analysis.danish import Interval
from ballerup_analysis.grants import kept_by_case
from ballerup_analysis.paper.reading import Calculation, Entry, NotAvailable, calculation, narrow
from ballerup_analysis.reconcile import FOUND_WRONG, reconcile
from ballerup_analysis.scenarios import shipped
from ballerup_analysis.sources import load
from ballerup_analysis.trend import (
    BASES,
    MEASURES,
    REFERENCES,
    YEAR,
    benefit_types,
    gain,
    implied_price,
    municipalities,
    placebo,
    search_definitions,
    trend_gap,
)

BASE = YEAR - 1
NET, GROSS, DAGPENGE = "net_unemployed_kontanthjaelp", "gross_unemployment_pct", "gross_unemployed_dagpenge"
PERIOD = f"fra {BASE} til {YEAR}"
SAME = 0.01  # a change below one per cent is written as no change, here and in the report


def _quarters(years: Iterable[int]) -> list[str]:
    return [f"{year}Q{quarter}" for year in years for quarter in range(1, 5)]


def _net_gap(area: str):
    narrow("auk01", area=["000", area], quarter=_quarters([BASE, YEAR]))
    return trend_gap(NET, area, "000", BASE, YEAR).iloc[0]


def _published():
    narrow("minutes_2015.statements", row=["gain_2014"])
    return load("minutes_2015.statements")["value"].item()


@calculation("Den offentliggjorte besparelse", "02_gain_2014")
def published(area: str) -> Iterator[Entry]:
    """Yield the besparelse that the minutes print."""
    yield Entry("published_gain_2014", _published(), 1, "mio. kr.", "published besparelse of 2014, no formula printed",
                "Trykt i referatet uden beregning", f"{YEAR}")  # fmt: skip


@calculation("Nettoledige på kontanthjælp mod landets udvikling", "02_gain_2014")
def net_gap(area: str) -> Iterator[Entry]:
    """Yield the gap in persons."""
    gap = _net_gap(area)
    yield Entry("gap_kontanthjaelp_2014", gap["fewer"], 1, "persons",
                "fewer net unemployed on kontanthjælp in 2014 than at the country's growth since 2013",
                "Kommunens årsgennemsnit i basisåret gange landets vækst, minus kommunens faktiske årsgennemsnit; fuldtidspersoner",
                PERIOD, up=-1, same=SAME * gap["expected"])  # fmt: skip


@calculation("Kommunens nummer på nettoledige", "02_gain_2014")
def net_rank(area: str) -> Iterator[Entry]:
    """Yield the rank of that gap."""
    narrow("auk01", area=["000", *municipalities()], quarter=_quarters([BASE, YEAR]))
    gaps = trend_gap(NET, None, "000", BASE, YEAR).set_index("area")["fewer_pct"]
    rank = gaps.rank(ascending=False, method="min")[area]
    yield Entry("rank_kontanthjaelp_2014", rank, 0, f"of {len(gaps)}",
                f"rank of that gap among the {len(gaps)} municipalities",
                "Kommunernes forskel til landets udvikling i procent, ordnet med den gunstigste først", PERIOD)  # fmt: skip


def _placebo(area: str, population: Iterable[str]) -> tuple:
    narrow("auk01", area=["000", *municipalities()], quarter=_quarters(range(2007, 2025)))
    narrow("folk1a", area=population, quarter=[f"{year}Q1" for year in range(2008, 2025)])
    gaps = placebo()
    return gaps[(gaps["area"] == area) & (gaps["year"] == YEAR)].iloc[0], f"{gaps['year'].min()}–{gaps['year'].max()}"


@calculation("Hvor usædvanlig forskellen er", "02_gain_2014")
def usual(area: str) -> Iterator[Entry]:
    """Yield the share of all municipality-years with a gap as good, in per cent."""
    own, years = _placebo(area, [])
    yield Entry("placebo_share_2014", own["share_as_good"] * 100, 0, "pct.",
                f"share of all municipality-years {years} with a gap as good",
                "Andel af alle kommuner og år, hvis forskel til landet i procent er mindst lige så gunstig", years)  # fmt: skip


@calculation("Hvor usædvanlig forskellen er pr. indbygger", "02_gain_2014")
def usual_per_inhabitant(area: str) -> Iterator[Entry]:
    """Yield the same share, gaps counted per inhabitant."""
    own, years = _placebo(area, municipalities())
    yield Entry("placebo_share_per_inhabitant_2014", own["share_as_good_per_1000"] * 100, 0, "pct.",
                "the same share, gaps counted per inhabitant (as kroner per inhabitant at one price)",
                "Samme andel, når forskellen regnes i personer pr. indbygger", years)  # fmt: skip


@calculation("Bruttoledigheden mod landets udvikling", "02_gain_2014")
def gross_gap(area: str) -> Iterator[Entry]:
    """Yield the gap in gross unemployment."""
    narrow("aup02", area=[area], year=[BASE, YEAR])
    narrow("aulp01", area=["000"], year=[BASE, YEAR])
    gap = trend_gap(GROSS, area, "000", BASE, YEAR).iloc[0]
    yield Entry("gap_gross_2014", gap["fewer"], 2, "procentpoint",
                "lower gross unemployment in 2014 than at the country's growth since 2013, points of the labour force",
                "Kommunens bruttoledighed i basisåret gange landets vækst, minus kommunens faktiske bruttoledighed",
                PERIOD, up=-1, same=SAME * gap["expected"])  # fmt: skip


@calculation("Kommunens nummer på bruttoledighed", "02_gain_2014")
def gross_rank(area: str) -> Iterator[Entry]:
    """Yield the rank on gross unemployment."""
    narrow("aup02", year=[BASE, YEAR])
    narrow("aulp01", area=["000"], year=[BASE, YEAR])
    gaps = trend_gap(GROSS, None, "000", BASE, YEAR).set_index("area")["fewer_pct"]
    yield Entry("rank_gross_2014", gaps.rank(ascending=False)[area], 0, f"of {len(gaps)}",
                "rank on gross unemployment, the same comparison",
                "Som nummeret på nettoledige, med bruttoledighed i pct. af arbejdsstyrken", PERIOD)  # fmt: skip


def _narrow_prices() -> None:
    for table in ("unit_price", "unit_count"):
        narrow(
            f"budget_2017.{table}", row=["Forsørgelse ekskl. integration (helårspersoner)"], column=["R2015", "B2016"]
        )
    narrow("beskaeftigelsestilskud_figures", item=["mean net cost per unemployed"])


@calculation("Afprøvede definitioner af besparelsen", "02_gain_2014")
def definitions(area: str) -> Iterator[Entry]:
    """Yield how many definitions were tried, how many show a gain and how many hit."""
    _narrow_prices()
    years, areas = [*BASES.tolist(), YEAR], [area, *REFERENCES]
    for table in ("auk01", "lbesk69"):
        narrow(table, area=areas, quarter=_quarters(years))
    for table in ("aup02", "aulp01", "neet2", "employed"):
        narrow(table, area=areas, year=years)
    found = search_definitions(among=MEASURES)
    # "derived": a count of candidates does not rest on the weakest of their prices
    for id, value, text, formula in (
        ("definitions_tried", len(found), "definitions of the gain tried",
         "Antal kombinationer af mål, sammenligningsområde, basisår, periode og pris"),
        ("definitions_gain", (found["gain_mio_kr"] > 0).sum(), "of which show a gain at all",
         "Antal af dem, der giver et beløb over nul"),
        ("definitions_hit", found["hit"].sum(), "of which give 7,6 mio. kr.",
         "Antal af dem, der afrundet giver det offentliggjorte beløb"),
    ):  # fmt: skip
        yield Entry(id, int(value), 0, "", text, formula, f"{YEAR}", evidence="derived")


@calculation("Definitioner på de øvrige ydelser i AUK01", "02_gain_2014")
def wider_definitions(area: str) -> Iterator[Entry]:
    """Yield the same counts for the other benefit types, once they have been fetched."""
    types = benefit_types()[0]
    if not types:
        raise NotAvailable("ydelserne er ikke hentet endnu (python3 run.py refresh AUK01)")
    _narrow_prices()
    load("auk01_all")  # read once for all its benefits, so it is entered here
    found = search_definitions(among=types)
    for key, value, text, formula in (
        ("tried", len(found), "definitions tried on the other benefit types of AUK01", "Antal kombinationer på de øvrige ydelser"),
        ("hit", found["hit"].sum(), "of which give 7,6 mio. kr.", "Antal af dem, der afrundet giver det offentliggjorte beløb"),
    ):  # fmt: skip
        yield Entry(f"definitions_{key}_benefits", int(value), 0, "", text, formula, f"{YEAR}", evidence="derived")


@calculation("Den pris, der ville give besparelsen", "02_gain_2014")
def needed_price(area: str) -> Iterator[Entry]:
    """Yield the price per person that turns the gap into the published besparelse."""
    yield Entry("needed_price", _published() * 1e6 / _net_gap(area)["fewer"], 0, "kr.",
                "price per person that turns the gap of 2014 into 7,6 mio. kr.",
                "Den trykte besparelse divideret med forskellen i personer", f"{YEAR}", evidence="derived")  # fmt: skip


def _ministry_price(area: str, period: str) -> float:
    narrow("areas", code=[area])
    narrow("worked_examples", area=load("areas")["name"], unit=["mio_kr"], period=[period])
    rows = load("worked_examples")
    if rows.empty:
        raise NotAvailable("ingen avis i materialet gengiver ministeriets beløb for kommunen")
    persons, stated = rows[["persons", "stated_result"]].to_numpy()[0]
    return implied_price(
        Interval(persons, persons - 10, persons + 10), Interval(stated, stated - 0.05, stated + 0.05)
    ).value


def ministry_price(area: str, period: str) -> Iterator[Entry]:
    """Yield the price per person behind a gain that a newspaper quotes from the ministry."""
    yield Entry(f"implied_price_{period[-4:]}", _ministry_price(area, period), 0, "kr.",
                f"price per person behind the ministry's gain, {period.replace('halvaar', 'half')}",
                "Ministeriets beløb divideret med de personer, det bygger på, begge som avisen gengiver dem",
                period.replace("halvaar", "halvår"))  # fmt: skip


for _period in ("2. halvaar 2018", "2021"):
    calculation(f"Prisen bag ministeriets beløb, {_period.replace('halvaar', 'halvår')}", "02_gain_2014")(
        partial(ministry_price, period=_period)
    )


def _lately(area: str):
    since = [f"{year}M{month:02}" for year in range(2021, 2027) for month in range(1, 13)]
    kept = [m for m in since if "2021M08" <= m <= "2022M07" or "2025M08" <= m <= "2026M07"]
    narrow("jobindsats_monthly", area=["000", area], measure=[DAGPENGE], month=kept)
    gaps = trend_gap(DAGPENGE, area, base=2022, year=2026)
    gaps["fewer"] *= -1
    return gaps


@calculation("Ledige på dagpenge i det seneste år", "02_gain_2014")
def excess(area: str) -> Iterator[Entry]:
    """Yield how many more are on dagpenge than at the country's growth."""
    gap = _lately(area).iloc[0]
    yield Entry("excess_dagpenge_2026", gap["fewer"], 0, "persons",
                "more gross unemployed on dagpenge in August 2025-July 2026 than at the country's growth since 2021-22",
                "Kommunens faktiske gennemsnit minus gennemsnittet i basisåret gange landets vækst; fuldtidspersoner",
                "august 2025–juli 2026 mod august 2021–juli 2022", up=1, same=SAME * gap["expected"])  # fmt: skip


@calculation("Hvad de koster", "02_gain_2014")
def excess_cost(area: str) -> Iterator[Entry]:
    """Yield what they cost at the price behind the ministry's figure of 2021."""
    cost = gain(_lately(area), _ministry_price(area, "2021"))["gain_mio_kr"].item()
    yield Entry("cost_dagpenge_2026", cost, 1, "mio. kr.",
                "what they cost at the price behind the ministry's figure of 2021",
                "Forskellen i personer gange prisen bag ministeriets beløb", "august 2025–juli 2026")  # fmt: skip


@calculation("Medfinansiering af dagpenge mod landets niveau", "02_gain_2014")
def dagpenge_level(area: str) -> Iterator[Entry]:
    """Yield how far the co-financing of dagpenge is below the country's cost per inhabitant."""
    narrow("regk31", area=["000", area], function=["5.57.78"], year=[2024])
    narrow("folk1a", area=[area], quarter=["2024Q3"])
    cost = load("regk31").set_index("area")["kr_per_inhabitant"]
    persons = load("folk1a")["persons"].item()
    yield Entry("dagpenge_level_2024", g3_level(cost[area], 1, cost["000"], 1) * persons / 1e6, 1, "mio. kr.",
                "co-financing of dagpenge in 2024 below the country's cost per inhabitant",
                "Landets udgift pr. indbygger minus kommunens, gange kommunens indbyggere den 1. juli", "2024",
                up=-1, same=SAME * cost["000"] * persons / 1e6)  # fmt: skip


def kept(area: str, activity: str, shown: str) -> Iterator[Entry]:
    """Yield what the municipality keeps of 100 kr. of dagpenge not paid."""
    amount = 100
    # The keys of the grant are checked for every municipality, so all are listed, though only the landsdel's count here.
    narrow("aup02", year=[YEAR - 2])
    narrow("aulp01", area=[])  # loaded with aup02, but only the municipalities count
    narrow("employed", area=municipalities(), year=[YEAR - 2])
    narrow("folk1a", area=municipalities(), quarter=[f"{YEAR}Q1"])
    shares, _ = kept_by_case({"case": ("dagpenge", YEAR, 27, activity)}, area)
    yield Entry(f"kept_dagpenge_{activity}", shares["municipality"].item() * amount / 100, 0, "kr.",
                f"kept by the municipality of {amount} kr. of dagpenge not paid to {activity} unemployed in {YEAR}, lost by its landsdel",
                f"Kommunens andel af {amount} kr. dagpenge, der ikke udbetales til {shown} ledige, fulgt gennem refusion og "
                "tilskud i fire år", f"{YEAR}")  # fmt: skip


for _activity, _shown in (("active", "aktive"), ("passive", "passive")):
    calculation(f"Hvem der beholder en sparet krone, {_shown} ledige", "03_grants")(
        partial(kept, activity=_activity, shown=_shown)
    )


@calculation("Afstemning af de trykte tal", "01_sources")
def checks(area: str) -> Iterator[Entry]:
    """Yield how many printed figures were checked and how many are wrong."""
    verdicts = reconcile()["verdict"]
    found = (
        ("figures_checked", (verdicts != "not checkable").sum(), "checks of printed figures against others",
         "Antal kontroller, hvor et trykt tal kan regnes efter af andre"),
        ("figures_wrong", verdicts.isin(FOUND_WRONG).sum(), "of which do not tie or stand under the wrong heading",
         "Antal af dem, der ikke stemmer, eller hvor tallet står under en forkert overskrift"),
        ("figures_uncheckable", (verdicts == "not checkable").sum(), "printed figures that follow from nothing printed",
         "Antal trykte tal, der ikke kan regnes efter af andre"),
    )  # fmt: skip
    for id, value, text, formula in found:
        yield Entry(id, int(value), 0, "", text, formula, "alle fem sager", evidence="derived")


def followup(area: str, year: str) -> Iterator[Entry]:
    """Yield the change of the committee's budget that the second follow-up of 2020 proposed."""
    table, change = "minutes_2020.followup_2021_2024", "De samlede ændringer"
    before = "Korrigeret budget pr. 22. juni 2020 (inkl. overførsler)"
    narrow(table, row=[before, change], column=[year])
    tkr = load(table).set_index("row")["value"]
    yield Entry(f"budget_rise_{year}", tkr[change] / 1000, 1, "mio. kr.",
                f"change of the committee's budget for {year} proposed in August 2020",
                "De samlede ændringer som trykt; størrelsen vurderes mod det korrigerede budget", year, up=1,
                same=SAME * tkr[before] / 1000)  # fmt: skip


for _year in range(2020, 2025):
    calculation(f"Budgetopfølgningen for {_year}", "05_caseload")(partial(followup, year=str(_year)))


@calculation("Forsørgelse i 2020 set fra budgettet for 2017", "05_caseload")
def expected_frame(area: str) -> Iterator[Entry]:
    """Yield what forsørgelse of 2020 was expected to cost in the budget of 2017."""
    narrow("budget_2017.frame_2002", row=frame.FORSOERGELSE, column=["BO2020"])
    tkr = frame.printed().loc[list(frame.FORSOERGELSE), 2020].sum() * frame.uprating([2020])["benefits"].item()
    yield Entry("forsoergelse_2020", tkr / 1000, 0, "mio. kr.",
                "forsørgelse of 2020 as the budget of 2017 expects it, prices of 2020",
                "Rammens linjer for forsørgelse i overslagsåret, taget for at være i budgetårets priser, gange dagpengesatsens udvikling",
                "2020", evidence="assumed")  # fmt: skip


@calculation("Usikkerheden på forsørgelse i 2020", "05_caseload")
def frame_range(area: str) -> Iterator[Entry]:
    """Yield the range of four chances in five around it."""
    narrow("budget_2017.frame_2002", row=frame.FORSOERGELSE, column=["BO2020"])
    fan = frame.fan("current", frame.FORSOERGELSE).loc[2020]
    for id, tail, text, formula in (
        ("forsoergelse_2020_low", 0.1, "one chance in ten of less than this", "Grænsen, som ét udfald ud af ti ligger under"),
        ("forsoergelse_2020_high", 0.9, "one chance in ten of more than this", "Grænsen, som ét udfald ud af ti ligger over"),
    ):  # fmt: skip
        formula += ", når linjerne bevæger sig som alle kommuners regnskaber har gjort over lige så mange år (regnskaber 2016-2024, kendt bagefter)"
        yield Entry(id, fan[tail] / 1000, 0, "mio. kr.", text, formula, "2020", evidence="assumed")


def of_scenario(scenario) -> Calculation:
    """Return the calculation of what a scenario costs against its baseline, year by year."""

    def compute(area: str) -> Iterator[Entry]:
        costing.forget()  # what is kept in memory would be read unseen
        (own, _), (before, _) = (
            costing.cost(scenario.changes, area),
            costing.cost(shipped()[scenario.baseline].changes, area),
        )
        for year, change, was in zip(costing.YEARS, (own - before).sum(axis=0), before.sum(axis=0), strict=True):
            yield Entry(f"scenario_{year}", change / 1000, 1, "mio. kr.", f"cost of {scenario.name} in {year} against the baseline",
                        f"Rammens linjer under scenariets antagelser minus rammens linjer i {scenario.baseline}, i budgetårets priser",
                        str(year), up=1, same=SAME * was / 1000, evidence="assumed", scenario=scenario.name)  # fmt: skip

    return Calculation(f"Scenariet {scenario.name}", "09_scenarios", compute)
