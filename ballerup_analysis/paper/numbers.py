"""The headline numbers: what the paper, the README, the workbook and notebook 00 quote, each computed here only.

A calculation reads through the :class:`~ballerup_analysis.paper.reading.Reading` it is given, so what a number rests on is
what was handed out. What each number is called stands in ``numbers.toml``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ballerup_analysis import costing
from ballerup_analysis.baselines import own_file
from ballerup_analysis.counterfactual import counterfactuals
from ballerup_analysis.danish import Interval
from ballerup_analysis.grants import kept_by_case
from ballerup_analysis.paper.coming import SAME, dagpenge_level, excess, excess_cost, outlook
from ballerup_analysis.paper.reading import Entry, Ledger, NotAvailable, Reading, Value, hashes
from ballerup_analysis.rates import full_year_kr
from ballerup_analysis.reconcile import FOUND_WRONG, reconcile
from ballerup_analysis.refusion import share_in_week
from ballerup_analysis.scenarios import frame_of
from ballerup_analysis.sources import HOME, DataError, area_code, area_name, municipalities
from ballerup_analysis.trend import (
    fewer,
    gaps,
    implied_price,
    per_1000,
    placebo_p,
    population_on,
    prices,
    references,
    rounding_ends,
    suited,
    yearly,
)  # fmt: skip
from ballerup_analysis.words import quote, words

WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
YEAR, BASES = 2014, range(2007, 2014)
BASE = YEAR - 1
NET, GROSS = "net_unemployed_kontanthjaelp", "gross_unemployment_pct"
SYNTHETIC = "synthetic difference-in-differences"
PERIOD = f"fra {BASE} til {YEAR}"
ACTIVITIES, WEEK = ("active", "passive"), 27  # of the spell: the rules of 2014 are those of activity
LINES = {language: words("lines", language) for language in ("da", "en")}
HALF = 0.05  # mio. kr.: as much as a figure of one decimal is rounded by


def _municipalities(read: Reading) -> list[str]:
    return read("areas").query("level == 'kommune'")["code"].tolist()


def _quarters(years: Iterable[int]) -> list[str]:
    return [f"{year}Q{quarter}" for year in years for quarter in range(1, 5)]


def _gap(read: Reading, measure: str, areas: Iterable[str], bases=(BASE,)):
    both = {"area": ["000", *areas], "quarter": _quarters([*bases, YEAR])}
    tables = {
        "auk01": both,
        "aup02": {"area": areas, "year": [BASE, YEAR]},
        "aulp01": {"area": ["000"], "year": [BASE, YEAR]},
    }
    return fewer(yearly(measure, read=read.only(tables)), list(areas), "000", bases, [YEAR] * len(bases)).set_index(
        "area"
    )


def _published(read: Reading) -> float:
    return read("minutes_2015.statements", row=["gain_2014"])["value"].item()


def published(read: Reading) -> Iterator[Value]:
    """Yield the besparelse that the minutes print."""
    yield Value("published_gain_2014", _published(read), f"{YEAR}")


def net_gap(read: Reading) -> Iterator[Value]:
    """Yield the gap in persons."""
    gap = _gap(read, NET, [read.area]).loc[read.area]
    yield Value("gap_kontanthjaelp_2014", gap["fewer"], PERIOD, SAME * gap["expected"])


def base_range(read: Reading) -> Iterator[Value]:
    """Yield the least and the greatest gap over the base years the series allows."""
    by_base = _gap(read, NET, [read.area], BASES).set_index("base")["fewer"]
    for name, base in (("low", by_base.idxmin()), ("high", by_base.idxmax())):
        yield Value(f"gap_kontanthjaelp_{name}", by_base[base], f"fra {base} til {YEAR}")


def _ranks(read: Reading, bases: Iterable[int]) -> pd.Series:
    """Return the rank of the gap among all municipalities of the year, per inhabitant, by base year."""
    everyone = _municipalities(read)
    people = population_on(f"{YEAR}Q1", read.only({"folk1a": {"area": everyone, "quarter": [f"{YEAR}Q1"]}}))
    gaps = _gap(read, NET, everyone, bases).set_index("base", append=True)["fewer"].unstack("area")
    return (gaps / people[everyone]).apply(lambda per_head: placebo_p(per_head, read.area)["rank"], axis=1)


def net_rank(read: Reading) -> Iterator[Value]:
    """Yield the rank of the gap since the year before."""
    yield Value("rank_kontanthjaelp_2014", _ranks(read, [BASE])[BASE], PERIOD)


def net_ranks(read: Reading) -> Iterator[Value]:
    """Yield the best and the worst rank over the base years the series allows."""
    ranks = _ranks(read, BASES)
    for end, base in (("best", ranks.idxmin()), ("worst", ranks.idxmax())):
        yield Value(f"rank_kontanthjaelp_{end}", ranks[base], f"fra {base} til {YEAR}")


def synthetic(read: Reading) -> Iterator[Value]:
    """Yield what synthetic difference-in-differences says, in persons, and how often as much comes by chance."""
    everyone, quarters = _municipalities(read), _quarters([*BASES, YEAR])
    table = read("auk01", area=everyone, quarter=quarters)
    people = read.only({"folk1a": {"area": everyone, "quarter": [f"{YEAR}Q1"]}})
    panel = per_1000(table.pivot_table("fulltime_persons", "quarter", "area"), YEAR, people)
    effects = counterfactuals(panel, f"{YEAR}Q1").set_index(["method", "area"])["fewer"][SYNTHETIC]
    persons, period = (
        effects[read.area] * population_on(f"{YEAR}Q1", people)[read.area] / 1000,
        f"{YEAR} mod {BASES[0]}–{BASE}",
    )
    yield Value("sdid_persons_2014", persons, period)
    yield Value("sdid_p_2014", placebo_p(effects, read.area)["two_sided"] * 100, period)


def gross_gap(read: Reading) -> Iterator[Value]:
    """Yield the gap in gross unemployment."""
    gap = _gap(read, GROSS, [read.area]).loc[read.area]
    yield Value("gap_gross_2014", gap["fewer"], PERIOD, SAME * gap["expected"])
    tables = {"aup02": {"area": [read.area], "year": [BASE, YEAR]}, "aulp01": {"area": ["000"], "year": [BASE, YEAR]}}
    ends = rounding_ends(yearly(GROSS, read=read.only(tables)), read.area, BASE, YEAR)
    for name, end in zip(("low", "high"), ends, strict=True):
        yield Value(f"gap_gross_{name}", end, PERIOD, same=0.005)  # what is shown as nought


def gross_rank(read: Reading) -> Iterator[Value]:
    """Yield the rank on gross unemployment."""
    gaps = _gap(read, GROSS, _municipalities(read))["fewer_pct"]
    yield Value("rank_gross_2014", placebo_p(gaps, read.area)["rank"], PERIOD)


def definitions(read: Reading) -> Iterator[Value]:
    """Yield how many gaps and prices were tried, how many hit, and how many hits any target would get."""
    years, areas = range(YEAR - 4, YEAR + 1), [read.area, *references(read.area)]
    tables = {name: {"area": areas, "year": years} for name in ("aup02", "aulp01", "neet2", "employed")}
    tables |= {name: {"area": areas, "quarter": _quarters(years)} for name in ("auk01", "lbesk69")}
    price = {"row": ["Forsørgelse ekskl. integration (helårspersoner)"], "column": ["R2015", "B2016"]}
    tables["budget_2017.unit_price"] = price
    tables["beskaeftigelsestilskud_figures"] = {"item": ["mean net cost per unemployed"]}
    table, priced = gaps(read.area, YEAR, read.only(tables)), prices(YEAR, read.area, read.only(tables))
    for used in priced["rates"]:
        read.note(*used)
    pairs = suited(table, priced)
    mio_kr = np.outer(table["fewer"], priced["price_kr"] / 1e6)[pairs]
    targets = np.arange(51, 101) / 10
    hits = np.array([((mio_kr >= target - HALF) & (mio_kr < target + HALF)).sum() for target in targets])
    published = _published(read)
    yield Value("gaps_tried", len(table), f"{YEAR}")
    yield Value("gaps_positive", (table["fewer"] > 0).sum(), f"{YEAR}")
    for measure, some in table.groupby("measure", sort=False)["fewer"]:
        yield Value("gaps_tried_by", len(some), f"{YEAR}", suffix=f"_{measure}")
        yield Value("gaps_positive_by", (some > 0).sum(), f"{YEAR}", suffix=f"_{measure}")
    yield Value("definitions_tried", pairs.sum(), f"{YEAR}")
    yield Value("definitions_gain", (mio_kr > 0).sum(), f"{YEAR}")
    yield Value("definitions_hit", hits[np.isclose(targets, published)].sum(), f"{YEAR}")
    yield Value("targets_hit", (hits > 0).sum(), f"{YEAR}")
    yield Value("targets_tried", len(targets), f"{YEAR}")
    yield Value("hits_expected", hits.mean(), f"{YEAR}")


def needed_price(read: Reading) -> Iterator[Value]:
    """Yield the price per person that turns the gap into the published besparelse, and its ends by rounding."""
    gap = _gap(read, NET, [read.area]).loc[read.area, "fewer"]
    for end, by in (("", 0), ("_low", -HALF), ("_high", HALF)):
        yield Value(f"needed_price{end}", (_published(read) + by) * 1e6 / gap, f"{YEAR}")


def year_of_help(read: Reading) -> Iterator[Value]:
    """Yield what kontanthjælp costs in a full year, before refund."""
    yield Value("year_of_help", _year_of_help(read), f"{YEAR}")


def _year_of_help(read: Reading) -> float:
    return full_year_kr(read.rate("kontanthjaelp", f"{YEAR}-06-30", age="30+", family="other"))


def _help_after_refund(read: Reading, activity: str) -> float:
    share = share_in_week("kontanthjaelp", WEEK, f"{YEAR}-06-30", activity)
    read.note(share)
    return _year_of_help(read) * share.value / 100


def gap_before_refund(read: Reading) -> Iterator[Value]:
    """Yield what the gap in persons comes to at that."""
    gap = _gap(read, NET, [read.area]).loc[read.area, "fewer"]
    yield Value("gap_before_refund", gap * _year_of_help(read) / 1e6, f"{YEAR}")


def help_after_refund(read: Reading, activity: str) -> Iterator[Value]:
    """Yield what the municipality pays of a year of kontanthjælp."""
    yield Value("help_after_refund", _help_after_refund(read, activity), f"{YEAR}", suffix=f"_{activity}")


def gap_after_refund(read: Reading, activity: str) -> Iterator[Value]:
    """Yield what the gap in persons comes to at that."""
    gap = _gap(read, NET, [read.area]).loc[read.area, "fewer"]
    yield Value("gap_after_refund", gap * _help_after_refund(read, activity) / 1e6, f"{YEAR}", suffix=f"_{activity}")


QUOTED = {"2018": ["2. halvaar 2018", "news of Nov 2018"], "2021": ["2021"]}  # as the newspapers tell the period


def ministry(read: Reading, year: str) -> Iterator[Value]:
    """Yield what newspapers quote of the ministry's benchmark: persons, the gain, and the price a person they imply."""
    name = read("areas", code=[read.area])["name"]
    rows = read("worked_examples", area=name, unit=["mio_kr"], period=QUOTED[year])
    if rows.empty:
        raise NotAvailable("ingen avis i materialet gengiver ministeriets beløb for kommunen")
    for r in rows.itertuples():
        price = implied_price(
            Interval(r.persons, r.persons - 10, r.persons + 10),
            Interval(r.stated_result, r.stated_result - HALF, r.stated_result + HALF),
        )
        period = r.period.replace("halvaar", "halvår").replace("news of Nov", "avisomtale i november")
        for name, value in (
            ("ministry_persons", r.persons),
            ("ministry_gain", r.stated_result),
            ("implied_price", price.value),
            ("implied_price_low", price.low),
            ("implied_price_high", price.high),
        ):
            yield Value(name, value, period, suffix=f"_{year}")


def kept(read: Reading, benefit: str, activity: str) -> Iterator[Value]:
    """Yield what the municipality keeps of 100 kr. of a benefit not paid."""
    # The keys of the grant are checked for every municipality, so all are listed, though only the landsdel's count here.
    tables = {
        "aup02": {"year": [YEAR - 2]},
        "aulp01": {"area": []},  # loaded with aup02, but only the municipalities count
        "employed": {"area": _municipalities(read), "year": [YEAR - 2]},
        "folk1a": {"area": _municipalities(read), "quarter": [f"{YEAR}Q1"]},
    }
    read.note(share_in_week(benefit, WEEK, f"{YEAR}-06-30", activity))
    shares = kept_by_case({"case": (benefit, YEAR, WEEK, activity)}, read.area, read.only(tables))
    yield Value("kept", shares["municipality"].item(), f"{YEAR}", suffix=f"_{benefit}_{activity}")


def checks(read: Reading) -> Iterator[Value]:
    """Yield how many printed figures were checked and how many are wrong."""
    read.rate("dagpenge_max", "2015-06-30", per="day")
    read.rate("kontanthjaelp", "2018-06-30", age="30+", family="provider")
    checked = reconcile(read=read)
    verdicts = checked.loc[checked["kind"] != "text against text", "verdict"]
    yield Value("figures_checked", (verdicts != "not checkable").sum(), "alle fem sager")
    yield Value("figures_wrong", verdicts.isin(FOUND_WRONG).sum(), "alle fem sager")
    yield Value("figures_uncheckable", (verdicts == "not checkable").sum(), "alle fem sager")


def followup(read: Reading, year: str) -> Iterator[Value]:
    """Yield the change of the committee's budget that the second follow-up of 2020 proposed."""
    tkr = read("minutes_2020.followup_2021_2024", row=["De samlede ændringer"], column=[year])["value"].item()
    yield Value("budget_rise", tkr / 1000, year, suffix=f"_{year}")


def scenario_cost(read: Reading, scenario) -> Iterator[Value]:
    """Yield what a scenario costs against its baseline, year by year."""
    baseline = frame_of(scenario, read.area, read)
    read.note(*baseline.rates)
    if scenario.baseline == "own":
        budget = own_file().table
        for column in ("amount_tkr", "persons"):
            rows, is_money = budget.dropna(subset=column), column == "amount_tkr"
            read.note_own("budget", rows, column, marks=is_money)  # persons that no total covers are rarely told by any
    own, before = (costing.cost(changes, baseline).own_tkr for changes in (scenario.changes, ()))
    for year, change in zip(baseline.years, (own - before).sum(axis=0), strict=True):
        yield Value("scenario", change / 1000, str(year), HALF, f"_{year}", scenario.name)


CALCULATIONS = (
    *(published, net_gap, base_range, net_rank, net_ranks, synthetic, gross_gap, gross_rank, definitions),
    needed_price,
    *(year_of_help, gap_before_refund),
    *(
        partial(calculate, activity=activity)
        for calculate in (help_after_refund, gap_after_refund)
        for activity in ACTIVITIES
    ),
    *(partial(ministry, year=year) for year in QUOTED),
    *(
        excess,
        excess_cost,
        outlook,
        dagpenge_level,
        *(
            partial(kept, benefit=benefit, activity=activity)
            for benefit in ("dagpenge", "kontanthjaelp")
            for activity in ACTIVITIES
        ),
        checks,
    ),
    *(partial(followup, year=str(year)) for year in range(2020, 2025)),
)


def ledger(area=HOME, scenario=None) -> Ledger:
    """Compute every headline number of a municipality.

    Parameters
    ----------
    area : str
        Code of one of the 98 municipalities.
    scenario : ballerup_analysis.scenarios.Scenario, optional
        Its cost is entered too.

    Examples
    --------
    >>> book = ledger()
    >>> book["gap_kontanthjaelp_2014"].danish, book["published_gain_2014"].reading.addresses()
    ('56,8 persons', ('minutes_2015.statements[gain_2014]',))
    """
    if (area := area_code(area)) not in municipalities():
        raise DataError(f"{area_name(area)} is no municipality; give the code or name of one of the 98")
    numbers, missing, there = {}, {}, set()
    for calculate in (*CALCULATIONS, *([partial(scenario_cost, scenario=scenario)] if scenario else [])):
        title, entries = _run(calculate, Reading(area))
        kind = getattr(calculate, "func", calculate)
        if isinstance(entries, list):
            numbers |= {entry.id: entry for entry in entries}
            there.add(kind)
        else:
            missing[title] = (kind, entries)
    missing = {title: why for title, (kind, why) in missing.items() if kind not in there}  # of another year it is there
    read = sorted({name for entry in numbers.values() for name in entry.reading.lines} | {"rates"})
    return Ledger(area, area_name(area), numbers, missing, hashes(read), scenario)


def _run(calculate, read: Reading) -> tuple[str, list[Entry] | str]:
    """Return the title of a calculation, and its entries or why there are none for the area."""
    given = getattr(calculate, "keywords", {})
    named = WORDS[getattr(calculate, "func", calculate).__name__]
    told = {name: DANISH.get(text, text) for name, text in given.items()}
    try:
        values = list(calculate(read))
    except NotAvailable as error:
        return named["title"].format(**told), str(error)
    except DataError:
        if read.area == HOME:
            raise
        return named["title"].format(**told), "datagrundlaget har ingen tal for kommunen"
    return named["title"].format(**told), [
        _entry(one, named, told | {"english": given.get("activity", "")}, read) for one in values
    ]


DANISH = {
    "active": "aktive",
    "passive": "passive",
    "kontanthjaelp": "kontanthjælp",
    "2. halvaar 2018": "2. halvår 2018",
    "news of Nov 2018": "november 2018",
}


def _entry(one: Value, named: dict, told: dict, read: Reading) -> Entry:
    known = {"evidence": read.evidence} | named[one.name]
    told |= {"period": one.period, "suffix": one.suffix[1:], "name": quote(one.scenario or "")}
    lines = {"text": "en", "formula": "da"}
    texts = {name: known[name].format(**told, line=LINES[language].get(one.line)) for name, language in lines.items()}
    return Entry(
        one.id, one.value, period=one.period, same=one.same, reading=read, notebook=named["notebook"],
        scenario=one.scenario, **(known | texts),
    )  # fmt: skip
