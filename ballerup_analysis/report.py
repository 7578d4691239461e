"""The report: the key numbers with their sources, the figures and the findings, in one page that opens from disk."""

from __future__ import annotations

import base64
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from ballerup_analysis import figures
from ballerup_analysis.danish import Interval, number
from ballerup_analysis.gain import (
    REFERENCES,
    accounts_gain,
    gain,
    gains_from_accounts,
    implied_price,
    placebo,
    search_definitions,
    trend_gap,
)
from ballerup_analysis.gaps import MEASURES, benefit_types, yearly
from ballerup_analysis.grants import CASES, kept_by_case
from ballerup_analysis.reconcile import reconcile
from ballerup_analysis.sources import DATA, load, load_local_accounts, where_from

FOLDER = DATA.parent / "reports"
FOUND_WRONG = ("does not tie", "mislabelled in print")


@dataclass(frozen=True)
class KeyNumber:
    """One headline number with its unit, evidence status and the tables it came from."""

    id: str
    text: str
    value: float
    decimals: int
    unit: str
    evidence: str
    sources: tuple[str, ...]

    @property
    def danish(self) -> str:
        """The number as it is written, such as ``7,6 mio. kr.``."""
        return number(self.value, self.decimals, self.unit)


def key_numbers() -> dict[str, KeyNumber]:
    """Compute every headline number, by id.

    Examples
    --------
    >>> key_numbers()["gap_kontanthjaelp_2014"].danish
    '56,8 persons'
    """
    found: list[KeyNumber] = []

    def add(id, text, value, decimals, unit, evidence, *tables):
        found.append(KeyNumber(id, text, float(value), decimals, unit, evidence, tables))

    statements = load("minutes_2015.statements").set_index("row")["value"]
    add("published_gain_2014", "published besparelse of 2014, no formula printed", statements["gain_2014"], 1, "mio. kr.",
        "published", "minutes_2015.statements")  # fmt: skip
    gap = trend_gap("net_unemployed_kontanthjaelp").iloc[0]
    add("gap_kontanthjaelp_2014", "fewer net unemployed on kontanthjælp in 2014 than at the country's growth since 2013",
        gap["fewer"], 1, "persons", "official", "auk01")  # fmt: skip
    spread = placebo()
    own = spread[(spread["area"] == "151") & (spread["year"] == 2014)].iloc[0]
    add(
        "rank_kontanthjaelp_2014",
        "rank of that gap among the 98 municipalities",
        own["rank"],
        0,
        "of 98",
        "official",
        "auk01",
    )
    add("placebo_share_2014", "share of all municipality-years 2008-2024 with a gap as good", own["share_as_good"] * 100, 0,
        "pct.", "official", "auk01")  # fmt: skip
    add("placebo_share_per_inhabitant_2014", "the same share, gaps counted per inhabitant (as kroner per inhabitant at one price)",
        own["share_as_good_per_1000"] * 100, 0, "pct.", "official", "auk01", "folk1a")  # fmt: skip
    gross = trend_gap("gross_unemployment_pct", None)
    rank = gross["fewer_pct"].rank(ascending=False)[gross["area"] == "151"].item()
    add(
        "rank_gross_2014",
        "rank on gross unemployment, the same comparison",
        rank,
        0,
        "of 98",
        "official",
        "aup02",
        "aulp01",
    )
    definitions, types = search_definitions(among=MEASURES), benefit_types()[0]
    tables = sorted({MEASURES[name].table for name in definitions["measure"]})
    add("definitions_tried", "definitions of the gain tried", len(definitions), 0, "", "derived", *tables, "rates")
    add(
        "definitions_gain",
        "of which show a gain at all",
        (definitions["gain_mio_kr"] > 0).sum(),
        0,
        "",
        "derived",
        *tables,
        "rates",
    )
    add("definitions_hit", "of which give 7,6 mio. kr.", definitions["hit"].sum(), 0, "", "derived", *tables, "rates")
    if types:
        wider = search_definitions(among=types)
        for key, text, count in (
            ("tried", "definitions tried on the other benefit types of AUK01", len(wider)),
            ("hit", "of which give 7,6 mio. kr.", wider["hit"].sum()),
        ):
            add(f"definitions_{key}_benefits", text, count, 0, "", "derived", "auk01_all", "rates")
    add("needed_price", "price per person that turns the gap of 2014 into 7,6 mio. kr.",
        statements["gain_2014"] * 1e6 / gap["fewer"], 0, "kr.", "derived", "auk01", "minutes_2015.statements")  # fmt: skip
    prices = {r.period: implied_price(Interval(r.persons, r.persons - 10, r.persons + 10),
                                      Interval(r.stated_result, r.stated_result - 0.05, r.stated_result + 0.05))
              for r in load("worked_examples").query("area == 'Ballerup' and unit == 'mio_kr'").itertuples()}  # fmt: skip
    for period, price in prices.items():
        add(f"implied_price_{period[-4:]}", f"price per person behind the ministry's gain for Ballerup, {period.replace('halvaar', 'half')}",
            price.value, 0, "kr.", "press", "worked_examples")  # fmt: skip
    lately = trend_gap("gross_unemployed_dagpenge", base=2022, year=2026)
    lately["fewer"] *= -1
    add("excess_dagpenge_2026", "more gross unemployed on dagpenge in August 2025-July 2026 than at the country's growth since 2021-22",
        lately["fewer"].item(), 0, "persons", "official", "jobindsats_monthly")  # fmt: skip
    add("cost_dagpenge_2026", "what they cost at the price behind the ministry's figure of 2021",
        gain(lately, prices["2021"].value)["gain_mio_kr"].item(), 1, "mio. kr.", "press", "jobindsats_monthly", "worked_examples")  # fmt: skip
    accounts = accounts_gain().set_index(["area", "function", "method", "base", "year"])["mio_kr"]
    add("dagpenge_level_2024", "co-financing of dagpenge in 2024 below the country's cost per inhabitant",
        accounts["151", "5.57.78", "G3", 0, 2024], 1, "mio. kr.", "official", "regk31", "folk1a")  # fmt: skip
    for activity in ("active", "passive"):
        kept, weak = kept_by_case({"case": ("dagpenge", 2014, 27, activity)})
        text = f"kept by the municipality of 100 kr. of dagpenge not paid to {activity} unemployed in 2014, lost by its landsdel"
        evidence = "unverified" if weak else "derived"
        add(
            f"kept_dagpenge_{activity}",
            text,
            kept["municipality"].item(),
            0,
            "kr.",
            evidence,
            "rates",
            "aup02",
            "employed",
        )
    checks = reconcile()
    add("figures_checked", "checks of printed figures against others", (checks["verdict"] != "not checkable").sum(), 0, "",
        "derived", *sorted(set(load_names(checks))))  # fmt: skip
    add("figures_wrong", "of which do not tie or stand under the wrong heading", checks["verdict"].isin(FOUND_WRONG).sum(), 0,
        "", "derived", *sorted(set(load_names(checks))))  # fmt: skip
    return {n.id: n for n in found}


def load_names(checks) -> list[str]:
    """Return the tables read by the checks."""
    return checks["source"].str.findall(r"([a-z_0-9.]+)\[").explode().dropna().tolist()


def draw_all() -> list:
    """Draw every figure of the report."""
    return [
        figures.unemployment_measures(yearly("net_unemployed_kontanthjaelp"), yearly("gross_unemployment_pct")),
        figures.definitions_dots(search_definitions(among=MEASURES)),
        figures.placebo_distribution(placebo()),
        figures.who_keeps_bars(*kept_by_case(CASES)),
        figures.cost_per_inhabitant(load("regk31")),
        figures.budget_by_line(load("budget_2017.frame_2002")),
    ]


def build(folder: Path = FOLDER) -> Path:
    """Write ``index.html`` and ``key_numbers.json``, aside first, then swapped in whole.

    Returns
    -------
    pathlib.Path
        The page.
    """
    import jinja2

    numbers, checks = key_numbers(), reconcile()
    wrong = checks[checks["verdict"].isin(FOUND_WRONG)]
    definitions = search_definitions(among=MEASURES)
    tables = sorted({t for n in numbers.values() for t in n.sources} | set(load_names(wrong)))
    drawn = [(fig.get_label(), base64.b64encode(figures.render(fig)).decode()) for fig in draw_all()]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    page = environment.get_template("report.html.jinja").render(
        n=numbers,
        figures=drawn,
        wrong=wrong.to_dict("records"),
        verdicts=checks["verdict"].value_counts().to_dict(),
        hits=definitions[definitions["hit"]].to_dict("records"),
        sources={name: where_from(name) for name in tables},
        number=number,
        references=REFERENCES,
        local=None if (local := load_local_accounts()) is None else gains_from_accounts(local).to_dict("records"),
    )
    records = [asdict(n) | {"danish": n.danish} for n in numbers.values()]
    aside, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    for left in (aside, old):
        shutil.rmtree(left, ignore_errors=True)
    aside.mkdir(parents=True)
    (aside / "index.html").write_text(page, encoding="utf-8")
    text = json.dumps(records, ensure_ascii=False, indent=1)
    (aside / "key_numbers.json").write_text(text + "\n", encoding="utf-8")
    if folder.exists():
        folder.rename(old)
    aside.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
    return folder / "index.html"
