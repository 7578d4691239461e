"""Every rate is dated, referenced and found on the right days; a wrong question is answered in words."""

import datetime as dt
import tomllib
from itertools import combinations, pairwise

import pytest

from ballerup_analysis.rates import Rate, RateError, full_year_kr, rate, rates
from ballerup_analysis.sources import DATA

EVIDENCE = {"statute", "official", "published", "derived", "press", "unverified", "assumed"}
ENTRIES = tomllib.loads((DATA / "raw" / "rates.toml").read_text(encoding="utf-8"))["rate"]
DAY = dt.timedelta(days=1)
LADDER = {
    "dagpenge",
    "fleksloentilskud",
    "foertidspension",
    "integrationsydelse",
    "kontanthjaelp",
    "kontantydelse",
    "ledighedsydelse",
    "midlertidig_arbejdsmarkedsydelse",
    "ressourceforloebsydelse",
    "revalideringsydelse",
    "sygedagpenge",
    "uddannelseshjaelp",
}


def label(entry):
    return " ".join([entry["name"], *entry.get("when", {}).values(), str(entry.get("valid_from", "open"))])


def series():
    """Entries of one name and conditions, in order of time."""
    found = {}
    for entry in sorted(ENTRIES, key=lambda e: e.get("valid_from", dt.date.min)):
        found.setdefault((entry["name"], *sorted(entry.get("when", {}).items())), []).append(entry)
    return list(found.values())


FOLLOWED = [pair for entries in series() for pair in pairwise(entries)]


def value_on(entry, day):
    return rate(entry["name"], day, **entry.get("when", {})).value


@pytest.mark.parametrize(("earlier", "later"), FOLLOWED, ids=lambda e: label(e))
def test_a_change_takes_effect_on_its_day_and_not_the_day_before(earlier, later):
    change = later["valid_from"]
    assert value_on(later, change) == later["value"]
    assert value_on(earlier, earlier["valid_to"]) == earlier["value"]
    if earlier["valid_to"] < change - DAY:
        with pytest.raises(RateError, match=f"before {earlier['valid_to']}, after {change}"):
            value_on(earlier, change - DAY)


def test_every_rate_is_found_by_its_own_conditions_on_its_first_and_last_day():
    for entry in ENTRIES:
        first, last = entry.get("valid_from"), entry.get("valid_to")
        for day in {first or last or dt.date(2014, 1, 1), last or first or dt.date(2014, 1, 1)}:
            found = rate(entry["name"], day.isoformat(), **entry.get("when", {}))
            assert entry.items() <= vars(found).items(), label(entry)


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


def test_the_table_holds_every_rate_of_the_file():
    table = rates()
    assert len(table) == len(ENTRIES)
    assert table["value"].sum() == pytest.approx(sum(e["value"] for e in ENTRIES))
    assert table["valid_to"].isna().sum() == sum("valid_to" not in e for e in ENTRIES)


def test_the_table_can_be_changed_without_changing_the_rates():
    changed = rates()
    changed["value"] = 0.0
    assert (rates()["value"] > 0).any()


def test_a_full_year_of_the_2012_day_rate_is_twelve_published_months():
    day, month = (rate("dagpenge_max", "2012-06-01", per=per) for per in ("day", "month"))
    assert round(788 * 260 / 12) == round(full_year_kr(day) / 12) == month.value == 17073


def test_the_ladder_is_20_60_70_80_and_the_state_pays_the_rest():
    weeks = ("1-4", "5-26", "27-52", "53+")
    assert {e["when"]["benefit"] for e in ENTRIES if e.get("when", {}).get("weeks") == "5-26"} == LADDER
    for benefit in LADDER:
        given = {"on": "2016-01-04", "benefit": benefit}
        municipal = [rate("refusion_municipal_share", weeks=w, **given).value for w in weeks]
        state = [rate("refusion_state_share", weeks=w, **given).value for w in weeks]
        assert municipal == [20, 60, 70, 80]
        assert [m + s for m, s in zip(municipal, state, strict=True)] == [100] * 4


def test_state_and_municipal_share_add_to_100_in_every_case():
    state, municipal = (
        {(*e["when"].items(), e.get("valid_from"), e.get("valid_to")): e["value"] for e in ENTRIES if e["name"] == name}
        for name in ("refusion_state_share", "refusion_municipal_share")
    )
    assert state.keys() == municipal.keys()
    assert {case: state[case] + municipal[case] for case in state} == dict.fromkeys(state, 100)


@pytest.mark.parametrize(
    "on",
    [dt.date(2015, 12, 27), dt.datetime(2015, 12, 27, 23, 59), "2015-12-27"],
    ids=["date", "datetime", "text"],
)
def test_a_date_may_be_given_as_date_time_or_text(on):
    assert rate("refusion_state_share", on, benefit="sygedagpenge", weeks="1-4").value == 100


@pytest.mark.parametrize(
    ("name", "on", "conditions", "says"),
    [
        ("dagpenge_mx", "2014-06-01", {}, "'dagpenge_mx'; nearest: dagpenge_max"),
        (
            "kontanthjaelp",
            "2014-06-01",
            {"family_type": "other"},
            "no condition 'family_type'; its .*: age, family",
        ),
        ("pl_state_wages", "2014-06-01", {"age": "30+"}, "no condition 'age'; its conditions: none"),
        ("dagpenge_max", "2014-06-01", {"per": "hour"}, "no per 'hour'; valid: day, month, week, year"),
        (
            "kontanthjaelp",
            "2014-06-01",
            {"age": "30+", "family": "living_out"},
            "no rate has all .* age='30\\+', fam",
        ),
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
    ],
)
def test_a_question_without_one_answer_says_what_is_wrong(name, on, conditions, says):
    with pytest.raises(RateError, match=says):
        rate(name, on, **conditions)


def test_a_percentage_has_no_full_year():
    with pytest.raises(ValueError, match="pl_state_wages is in pct"):
        full_year_kr(Rate("pl_state_wages", 0.3, "pct"))
