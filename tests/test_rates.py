"""Every rate is dated, referenced and found on the right days; a wrong question is answered in words."""

import datetime as dt
import re
import tomllib
from itertools import combinations, pairwise

import pytest

from ballerup_analysis.rates import Rate, RateError, change_dates, full_year_kr, known_until, rate, weakest
from ballerup_analysis.sources import DATA, EVIDENCE, load

TEXT = (DATA / "raw" / "rates.toml").read_text(encoding="utf-8")
ENTRIES = tomllib.loads(TEXT)["rate"]
DAY = dt.timedelta(days=1)
LADDER = {"dagpenge", "fleksloentilskud", "foertidspension", "integrationsydelse", "kontanthjaelp", "kontantydelse"}
LADDER |= {"ledighedsydelse", "midlertidig_arbejdsmarkedsydelse", "ressourceforloebsydelse", "revalideringsydelse"}
LADDER |= {"sygedagpenge", "uddannelseshjaelp"}


def label(entry):
    return " ".join([entry["name"], *entry.get("when", {}).values(), str(entry.get("valid_from", "open"))])


def series():
    """Entries of one name and conditions, in order of time."""
    some = {}
    for entry in sorted(ENTRIES, key=lambda e: e.get("valid_from", dt.date.min)):
        some.setdefault((entry["name"], *sorted(entry.get("when", {}).items())), []).append(entry)
    return list(some.values())


def value_on(entry, day):
    return rate(entry["name"], day, **entry.get("when", {})).value


def test_a_change_takes_effect_on_its_day_and_not_the_day_before():
    pairs = [pair for entries in series() for pair in pairwise(entries)]
    wrong = [
        label(later)
        for earlier, later in pairs
        if value_on(later, later["valid_from"]) != later["value"]
        or value_on(earlier, earlier["valid_to"]) != earlier["value"]
    ]
    assert len(pairs) > 50 and wrong == []
    earlier, later = next(pair for pair in pairs if pair[0]["valid_to"] < pair[1]["valid_from"] - DAY)
    with pytest.raises(RateError, match=f"before {earlier['valid_to']}, after {later['valid_from']}"):
        value_on(earlier, later["valid_from"] - DAY)


def test_every_rate_is_found_by_its_own_conditions_on_its_first_and_last_day():
    for entry in ENTRIES:
        first, last = entry.get("valid_from"), entry.get("valid_to")
        for day in {first or last or dt.date(2014, 1, 1), last or first or dt.date(2014, 1, 1)}:
            one = rate(entry["name"], day.isoformat(), **entry.get("when", {}))
            assert entry.items() <= vars(one).items(), label(entry)


def test_no_two_rates_of_one_name_and_conditions_overlap():
    overlaps = [
        (label(a), label(b))
        for entries in series()
        for a, b in combinations(entries, 2)
        if a.get("valid_to", dt.date.max) >= b.get("valid_from", dt.date.min)
    ]
    assert overlaps == []


def test_every_rate_names_its_source_and_how_good_it_is():
    assert [label(e) for e in ENTRIES if not e.get("reference")] == []
    assert [label(e) for e in ENTRIES if e.get("evidence") not in EVIDENCE] == []
    # Background knowledge has no page; it must then say that it is unverified.
    assert [label(e) for e in ENTRIES if not e.get("address") and e["evidence"] != "unverified"] == []
    assert weakest(*(Rate("a", 1, "pct", evidence=e) for e in EVIDENCE)) == EVIDENCE[-1]
    assert len({rate("udligning_example", "2006-06-30", part="local_tax") for _ in range(2)}) == 1  # counted once


def test_a_rate_knows_the_line_it_begins_at():
    lines = TEXT.splitlines()
    for entry in ENTRIES:
        at = rate(entry["name"], entry.get("valid_from", dt.date(2014, 1, 1)), **entry.get("when", {})).line
        assert lines[at - 1 : at + 1] == ["[[rate]]", f'name = "{entry["name"]}"'], label(entry)


def test_the_table_holds_every_rate_of_the_file_and_can_be_changed_without_changing_the_rates():
    table = load("rates")
    assert len(table) == len(ENTRIES)
    assert table["value"].sum() == pytest.approx(sum(e["value"] for e in ENTRIES))
    assert table["valid_to"].isna().sum() == sum("valid_to" not in e for e in ENTRIES)
    table["value"] = 0.0
    assert (load("rates")["value"] > 0).any()


def test_a_full_year_of_the_2012_day_rate_is_twelve_published_months():
    day, month = (rate("dagpenge_max", "2012-06-01", per=per) for per in ("day", "month"))
    assert round(788 * 260 / 12) == round(full_year_kr(day) / 12) == month.value == 17073
    year = [full_year_kr(Rate("x", 1, unit)) for unit in ("kr_per_week", "kr_per_month", "kr_per_year")]
    assert year == [52, 12, 1]
    with pytest.raises(ValueError, match="pl_state_wages is in pct"):
        full_year_kr(Rate("pl_state_wages", 0.3, "pct"))


def test_the_ladder_is_20_60_70_80():
    weeks = ("1-4", "5-26", "27-52", "53+")
    assert {e["when"]["benefit"] for e in ENTRIES if e.get("when", {}).get("weeks") == "5-26"} == LADDER
    for benefit in LADDER:
        municipal = [rate("refusion_municipal_share", "2016-01-04", benefit=benefit, weeks=w).value for w in weeks]
        assert municipal == [20, 60, 70, 80], benefit


def test_state_and_municipal_share_add_to_100_in_every_case():
    state, municipal = (
        {(*e["when"].items(), e.get("valid_from"), e.get("valid_to")): e["value"] for e in ENTRIES if e["name"] == name}
        for name in ("refusion_state_share", "refusion_municipal_share")
    )
    assert state.keys() == municipal.keys()
    assert {case: state[case] + municipal[case] for case in state} == dict.fromkeys(state, 100)


def test_the_example_of_tax_and_equalisation_is_the_ministry_s():
    parts = {part: rate("udligning_example", "2006-06-30", part=part) for part in ("benefit_saved", "local_tax")}
    parts["equalisation"] = rate("udligning_example", "2006-06-30", part="equalisation")
    assert sum(one.value for one in parts.values()) == 48_900  # the answer's own net
    assert {one.evidence for one in parts.values()} == {"unverified"}


def test_a_date_may_be_given_as_date_time_or_text():
    for on in (dt.date(2015, 12, 27), dt.datetime(2015, 12, 27, 23, 59), "2015-12-27"):
        assert rate("refusion_state_share", on, benefit="sygedagpenge", weeks="1-4").value == 100


def test_the_rules_of_a_benefit_change_on_the_day_after_the_last_one_too():
    days = ["2011-01-01", "2015-01-01", "2016-01-04"]  # the old share of dagpenge ends on 3 January 2016
    assert [day.isoformat() for day in change_dates("refusion_municipal_share", benefit="dagpenge")] == days
    one = change_dates("refusion_municipal_share", benefit="kontanthjaelp", weeks="53+")
    assert one == [dt.date(2016, 1, 1)]  # told in full
    assert change_dates("udligning_example") == []  # neither begins nor ends
    ends = change_dates("refusion_state_share", benefit="ressourceforloeb_drift")
    assert ends == [dt.date(2022, 1, 1)]  # was always there


def test_rates_are_known_until_the_last_day_that_any_of_them_ends_on():
    assert known_until() == dt.date(2026, 12, 31), "rates of a later year move this day: write the new one here"


QUESTIONS = [
    ("dagpenge_mx", "2014-06-01", {}, "'dagpenge_mx'; nearest: dagpenge_max"),
    ("kontanthjaelp", "2014-06-01", {"family_type": "other"}, "no condition 'family_type'; its .*: age, family"),
    ("pl_state_wages", "2014-06-01", {"age": "30+"}, "no condition 'age'; its conditions: none"),
    ("dagpenge_max", "2014-06-01", {"per": "hour"}, "no per 'hour'; valid: day, month, week, year"),
    ("kontanthjaelp", "2014-06-01", {"age": "30+", "family": "living_out"}, "no rate has all .* age='30\\+', fam"),
    ("dagpenge_max", "2012-06-01", {}, "4 rates .* tells them apart: per: day, month, week, year"),
    (
        "refusion_state_share",
        "2014-06-01",
        {"benefit": "sygedagpenge", "weeks": "9-52"},
        "2 rates .* apart: activity: active, passive$",
    ),
    ("satsregulering", "2012-06-01", {}, "on 2012-06-01.*: before 2010-12-31, after 2015-01-01"),
    ("satsregulering", "2001-06-01", {}, "before none, after 2008-01-01"),
    ("satsregulering", "2030-06-01", {}, "before 2017-12-31, after none"),
    ("discount_rate", "2020-06-01", {"years": "0-35"}, "before none, after 2021-01-07"),  # goes on
    ("refusion_state_share", "2022-06-01", {"benefit": "ressourceforloeb_drift"}, "before 2021-12-31, after none"),
    ("xyz", "2014-06-01", {}, f"no rate is named 'xyz'; nearest: {', '.join(sorted({e['name'] for e in ENTRIES}))}$"),
]


def test_a_question_without_one_answer_says_what_is_wrong():
    for name, on, conditions, says in QUESTIONS:
        with pytest.raises(RateError, match=says):
            rate(name, on, **conditions)


def test_weeks_of_a_spell_are_from_one_to_another_or_from_one_on():
    told = {e["when"]["weeks"] for e in ENTRIES if "weeks" in e.get("when", {})}
    assert told and all(re.fullmatch(r"\d+-\d+|\d+\+", weeks) for weeks in told)
