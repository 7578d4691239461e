"""Fresh figures are whole, checked and recorded, or the data folder is as it was: against two services on this machine."""

import datetime as dt
import hashlib
import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from loopback import A02, AREAS, GROUPS, QUARTERS, RECORDED, REGIONS, TOKEN, about, contents, info, row

from ballerup_analysis import bands, cli, files, sources
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.upkeep import jobindsats, refresh, service, statbank
from ballerup_analysis.upkeep.whole import COUNTED, against_the_country


def variable(table, id):
    return next(v for v in table["variables"] if v["id"] == id)


def test_a_pull_is_a_new_dated_file_that_takes_over_the_name_and_leaves_the_shipped_file(data, services):
    shipped = load("folk1a")
    done = row(refresh.refresh(["folk1a"], accept=True))
    assert (done["state"], done["rows"]) == ("new", 104 * 74)
    # every shipped cell is revised to the made-up 1,000 or 10, and the rest is new
    assert (done["revised"], done["gone"], done["added"]) == (len(shipped), 0, 104 * 74 - len(shipped))
    country = shipped.query("area == '000'").set_index("quarter")["persons"]
    assert done["largest"] == f"000 {country.idxmax()}, persons: {country.max():,} → 1.000".replace(",", ".").replace(
        ". p", ", p"
    )
    fresh = load("folk1a")
    assert list(fresh) == list(shipped) and set(fresh["area"]) == set(REGIONS) and set(fresh["persons"]) == {10, 1000}
    pd.testing.assert_frame_equal(load("folk1a_2026q1"), shipped)
    recorded = {r["path"]: (r["hash"], r["bytes"]) for r in sources._resources().values()}
    files = {f"raw/{p}": raw for p, raw in contents(data / "raw").items()}
    assert recorded == {p: (f"sha256:{hashlib.sha256(raw).hexdigest()}", len(raw)) for p, raw in files.items()}
    assert (data / "README.md").read_text(encoding="utf-8") == sources.describe()
    asked = len(services.asked)
    assert row(refresh.refresh(["FOLK1A"]))["state"] == "unchanged"
    assert [path for _, path, _ in services.asked[asked:]] == ["/tableinfo"]  # the figures come from the cache


def test_what_a_reader_must_know_is_kept_in_the_record_and_on_the_page_about_the_data(data, services, token):
    services.tables["AUH01"] |= {
        "active": False,
        "footnote": {"text": "Brud\r\n i 2013 | se\x1b[2J", "mandatory": True},
    }
    services.about["y60a02"] = about("y60a02", A02)
    assert refresh.refresh(["AUH01", "Y60A02"])["state"].tolist() == ["new", "new"]
    closed, cash = (sources.record_of(name) for name in ("auh01", "y60a02"))
    for record, address, licence, updated in (
        (closed, "https://www.statistikbanken.dk/AUH01", "CC-BY-4.0", closed["vintage"]),
        (cash, "https://jobindsats.dk", "notspecified", cash["vintage"]),
    ):
        assert record["sources"][0]["path"] == address and record["licenses"][0]["name"] == licence
        assert record["evidence"] == "official" and record["retrieved"] == dt.date.today().isoformat()
        assert record["retrieved_note"].startswith(f"by ballerup refresh; updated at the source {updated}")
    assert [note["kind"] for note in closed["notes"]] == ["closed", "footnote"]
    assert closed["notes"][1] == {"kind": "footnote", "mandatory": True, "text": "Brud i 2013 | se[2J"}
    assert {note["kind"]: note["since"] for note in cash["notes"]} == {"break": "2025-07-01", "preliminary": "2026M07"}
    assert (closed["vintage"], cash["vintage"], cash["benefit"]) == ("2026-11-11", "2026-08-24", "kontanthjaelp")
    page = (data / "README.md").read_text(encoding="utf-8")
    for said in (
        "AUH01 is no longer updated; Brud i 2013 / se\\[2J",
        "2026M07 is preliminary",
        "the reform of 1 July 2025",
    ):
        assert said in page
    for name in ("auh01", "y60a02"):
        assert len(sources.load(name)) > 0  # held to its types, keys and bands


def test_without_a_token_jobindsats_is_left_out_and_told_where_to_get_one(data, services, capsys):
    assert refresh.refresh(["Y07A02", "AUH01"])["table"].tolist() == ["AUH01"]
    assert refresh.tell(["Y07A02"]) == 0
    assert capsys.readouterr().out.count("no token in JOBINDSATS_TOKEN. STAR gives them out") == 2


def test_without_network_one_line_an_exit_code_of_its_own_and_nothing_lost(data, services, capsys, monkeypatch):
    before = contents(data)
    monkeypatch.setenv("STATBANK_URL", "http://127.0.0.1:9")  # nobody listens there
    why = "no connection to 127.0.0.1:9 (NewConnectionError); the figures here stay as they are"
    with pytest.raises(service.NoNetwork, match=re.escape(why)):
        refresh.refresh()
    assert cli.main(["refresh", "--check"]) == 3
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("ballerup")]
    assert line == f"ballerup refresh: {why}"
    assert contents(data) == before
    # the other service, or one that is gone later, costs its own tables alone
    monkeypatch.setenv("STATBANK_URL", services.url)
    monkeypatch.setenv("JOBINDSATS_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("JOBINDSATS_TOKEN", TOKEN)
    assert refresh.refresh(["AUH01", "Y07A02"])["state"].tolist() == ["new", "failed"]


def test_an_unknown_table_is_answered_with_the_nearest_and_one_name_may_stand_for_two_pulls(data, capsys):
    assert cli.main(["refresh", "AUK1"]) == 1
    assert "no table AUK1: did you mean AUK01? the tables are AUK01, AUH01," in capsys.readouterr().err
    assert refresh._chosen(["regk31"]) == ["REGK31", "REGK31_NET"]


def test_new_codes_and_cells_that_are_gone_stop_a_table_until_that_is_accepted(data, services):
    assert row(refresh.refresh(["AUH01"]))["state"] == "new"
    variable(services.tables["AUH01"], "YDELSESTYPE")["values"][-1] = {"id": "NY", "text": "Ny ydelse"}
    problem = row(refresh.refresh(["AUH01"]))["problem"]
    assert (
        "AUH01, benefit (if meant: --accept): 1 missing ['SU: SU-modtagere'], 1 not expected ['NY: Ny ydelse']"
        in problem
    )
    assert problem in row(refresh.check(["AUH01"]).iloc[1:])["problem"]
    assert row(refresh.refresh(["AUH01"], accept=True))["state"] == "new"
    assert "NY" in sources.labels("auh01", "benefit")
    services.tables["FOLK1A"] = info("FOLK1A", REGIONS, QUARTERS[4:])
    gone = (load("folk1a")["quarter"] < "2009Q1").sum()
    assert f"{gone} cells of the present folk1a are no longer there" in row(refresh.refresh(["FOLK1A"]))["problem"]
    assert load("folk1a")["quarter"].min() == "2008Q1"
    assert row(refresh.refresh(["FOLK1A"], accept=True))["gone"] == gone


def call_otherwise(info, name, code, text):
    """Let a code of a variable have another text, or the table another name or unit."""
    if not code:
        info[name] = text
    for one in variable(info, name)["values"] if code else ():
        one["text"] = text if one["id"] == code else one["text"]


@pytest.mark.parametrize(
    "name, code, other, told",
    [
        ("unit", "", "Pct.", "names (if meant: --accept): 1 missing ['unit: Antal'], 1 not expected ['unit: Pct.']"),
        ("text", "", "Forløb", "1 missing ['name: AUH01'], 1 not expected ['name: Forløb']"),
        ("KØN", "TOT", "Kvinder", "1 missing ['KØN TOT: I alt'], 1 not expected ['KØN TOT: Kvinder']"),
        ("YDELSESTYPE", "SU", "I alt", "benefit (if meant: --accept): 1 missing ['SU: SU-modtagere'], 1 not expected ['SU: I alt']"),
        ("OMRÅDE", "151", "Ishøj", "areas (if meant: --accept): 1 missing ['151: ballerup'], 1 not expected ['151: ishøj']"),
    ],
)  # fmt: skip
def test_a_table_unit_code_or_area_that_is_called_otherwise_stops_until_that_is_accepted_and_then_holds(
    data, services, name, code, other, told
):
    table = services.tables["AUH01"]
    assert row(refresh.refresh(["AUH01"]))["state"] == "new"
    assert sources._resources()["auh01"]["names"] == {
        "name": "AUH01", "unit": "Antal", "KØN TOT": "I alt", "ALDER TOT": "I alt"
    }  # fmt: skip
    variable(table, "Tid")["values"].append({"id": "2015", "text": "2015"})
    assert row(refresh.refresh(["AUH01"]))["state"] == "new", "the same words, and a year more"
    call_otherwise(table, name, code, other)
    for asked in (refresh.refresh(["AUH01"]), refresh.check(["AUH01"]).iloc[1:]):
        assert row(asked)["state"] == "failed" and told in row(asked)["problem"]
    assert row(refresh.refresh(["AUH01"], accept=True))["state"] == ("new" if name != "OMRÅDE" else "unchanged")
    assert (row(refresh.refresh(["AUH01"]))["state"] == "unchanged") == (name != "OMRÅDE"), "an area keeps its name"


def test_a_measure_of_jobindsats_that_is_called_otherwise_stops_until_that_is_accepted(data, services, token):
    assert row(refresh.refresh(["Y07A02"]))["state"] == "new"
    services.about["y07a02"] = about("y07a02", A02 | {"mgrpa02_1": "Antal forløb"})
    told = "Y07A02, names (if meant: --accept): 1 missing ['mgrpa02_1: Antal personer'], 1 not expected"
    for asked in (refresh.refresh(["Y07A02"]), refresh.check(["Y07A02"]).iloc[1:]):
        assert told in row(asked)["problem"]
    assert row(refresh.refresh(["Y07A02"], accept=True))["state"] == "new"
    assert row(refresh.refresh(["Y07A02"]))["state"] == "unchanged"


def test_a_day_picks_the_vintage_that_stood_then_and_the_headline_numbers_are_told(data, services, capsys):
    shipped = load("folk1a")
    for day, persons in (("2026-11-11T08:00:00", 1000), ("2026-12-11T08:00:00", 2000)):
        services.tables["FOLK1A"]["updated"] = day
        services.cells["FOLK1A"] = lambda cell, persons=persons: 10 if cell["OMRÅDE"] == "151" else persons
        assert row(refresh.refresh(["FOLK1A"], accept=True))["state"] == "new"
    for day, persons in (("2026-11-30", 1000), ("2026-12-11", 2000), ("2026-11-11", 1000)):
        refresh.pick(day, ["FOLK1A"])
        assert load("folk1a").query("area == '000'")["persons"].eq(persons).all(), day
    assert cli.main(["refresh", "--as-of", "2020-01-01"]) == 0  # before any that is dated: the shipped one
    pd.testing.assert_frame_equal(load("folk1a"), shipped)
    said = capsys.readouterr().out
    assert "FOLK1A: picked, vintage not known, folk1a_2026Q1.csv" in said
    # 1,524 kr. each of the 10 inhabitants of the last pull, and of the 52,103 of the shipped file
    assert "\n* dagpenge_2024: 0,0 mio. kr. → 79,4 mio. kr.\n" in said
    assert "headline number: before → after" in said and "\n* " in said and "\n  " in said
    assert {r["path"] for r in sources._resources().values()} == {f"raw/{p}" for p in contents(data / "raw")}
    assert cli.main(["refresh", "--as-of", "sommer"]) == 1
    assert "wants a day such as 2026-08-19, not 'sommer'" in capsys.readouterr().err


def test_of_two_pulls_of_one_day_the_last_recorded_is_picked(data, services):
    for hour, persons in (("08", 1000), ("15", 2000)):
        services.tables["FOLK1A"]["updated"] = f"2026-11-11T{hour}:00:00"
        services.cells["FOLK1A"] = lambda cell, persons=persons: 10 if cell["OMRÅDE"] == "151" else persons
        assert row(refresh.refresh(["FOLK1A"], accept=True))["state"] == "new"
    for day, last_is_picked in (("2020-01-01", False), ("2026-11-11", True)):
        refresh.pick(day, ["FOLK1A"])
        assert load("folk1a").query("area == '000'")["persons"].eq(2000).all() == last_is_picked, day


def test_the_file_of_a_pull_is_named_by_its_table_and_the_last_period_in_it(data, services):
    for table, name in (("FOLK1A", "folk1a_2026Q2"), ("AUH01", "auh01_2014")):
        done = row(refresh.refresh([table], dry_run=True, accept=True))
        assert re.fullmatch(name + "_h[0-9a-f]{8}[.]csv", done["file"]), done["file"]


def test_what_the_record_would_refuse_is_not_recorded_and_costs_its_table_alone(data, services):
    services.cells["FOLK1A"] = lambda cell: 0 if (cell["OMRÅDE"], cell["TID"]) == ("151", "2026K2") else 1000
    shipped, before = load("folk1a"), contents(data / "raw")
    for dry_run in (True, False):
        done = refresh.refresh(["FOLK1A", "AUH01"], dry_run=dry_run, accept=True).set_index("table")
        assert done["state"].tolist() == ["failed", "new"]
        assert "column 'persons': 0 is not between 1 and 8000000" in done.loc["FOLK1A", "problem"]
    assert set(contents(data / "raw")) - set(before) == {f"statbank/{done.loc['AUH01', 'file']}"}
    pd.testing.assert_frame_equal(load("folk1a"), shipped)


def test_a_day_is_picked_though_a_table_that_is_recorded_is_refused(data, services, capsys):
    shipped = load("folk1a")
    refresh.refresh(["FOLK1A"], accept=True)
    package = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    held = next(r for r in package["resources"] if r["name"] == "folk1a")["schema"]["fields"]
    next(field for field in held if field["name"] == "persons")["constraints"]["minimum"] = 11
    (data / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(DataError, match="10 is not between 11 and"):
        load("folk1a")
    assert cli.main(["refresh", "--as-of", "2020-01-01"]) == 0
    assert "no headline numbers before: " in capsys.readouterr().out
    pd.testing.assert_frame_equal(load("folk1a"), shipped)


@pytest.mark.parametrize(("ballerup", "state"), [(11 + 21, "new"), (11 + 22, "failed")])  # 1000 and 5 pct. and 49
def test_municipalities_that_hold_more_than_the_country_stop_a_table_until_that_is_accepted(
    ballerup, state, data, services
):
    towns = {"151": ballerup} | dict.fromkeys(set(sources.municipalities()) - {"151"}, 11)
    services.cells["AUH01"] = lambda cell: towns.get(cell["OMRÅDE"], 1000)
    done = row(refresh.refresh(["AUH01"]))
    assert done["state"] == state
    if state == "failed":
        says = (
            "2012 SU, fulltime_persons: the municipalities have 1.100 together, the country 1.000 (if meant: --accept)"
        )
        assert done["problem"] == says
        assert row(refresh.refresh(["AUH01"], accept=True))["state"] == "new"
        assert row(refresh.refresh(["AUH01"]))["state"] == "unchanged"


def test_no_shipped_series_of_persons_has_more_in_the_municipalities_than_in_the_country():
    held = {}
    for name in sources.catalogue()["name"]:
        keys = sources.record_of(name).get("schema", {}).get("primaryKey", [])
        if keys[:1] == ["area"] and "000" in set((table := load(name))["area"]):
            held[name] = [column for column in COUNTED if column in table]
            apart = statbank.TABLES.get(name.upper(), {}).get("apart")
            assert against_the_country(table.assign(there="both"), keys, apart) == "", name
    assert {name for name, columns in held.items() if columns} >= {"auk01", "lbesk69", "folk1a", "employed"}


def test_a_cell_that_moves_further_than_its_record_calls_plausible_stops_a_table_until_that_is_accepted(data, services):
    def ballerup(number, quarter="2026K2"):
        services.cells["FOLK1A"] = lambda cell: (
            number if (cell["OMRÅDE"], cell["TID"]) == ("151", quarter) else 10 if int(cell["OMRÅDE"]) > 100 else 1000
        )
        services.tables["FOLK1A"]["updated"] = f"{number} {quarter}"
        return row(refresh.refresh(["FOLK1A"]))

    services.tables["FOLK1A"] = info("FOLK1A", REGIONS, QUARTERS[:-1])
    assert re.search(r"^000 20.*, persons: \d.* → 1.000 is further than the record", ballerup(10)["problem"])
    assert row(refresh.refresh(["FOLK1A"], accept=True))["state"] == "new"
    services.tables["FOLK1A"] = info("FOLK1A", REGIONS, QUARTERS)
    says = "persons: 10 → 12 is further than the record calls plausible (if meant: --accept)"
    assert ballerup(12)["problem"] == f"151 2026Q2, {says}"  # from the quarter before
    assert ballerup(12, "2010K1")["problem"] == f"151 2010Q1, {says}"  # from what it was
    assert ballerup(11)["state"] == "new"  # 1.1 times is what the record allows


def test_a_table_of_which_most_is_revised_stops_until_that_is_accepted(data, services):
    def pulled(later):
        more = {period: 1.098 for period in later}
        known = lambda cell: round(more.get(cell["TID"], 1) * (10 if int(cell["OMRÅDE"]) > 100 else 1000))  # noqa: E731
        services.cells["FOLK1A"] = known
        services.tables["FOLK1A"]["updated"] = f"{len(later)}"
        return refresh.refresh(["FOLK1A"], accept=not later)

    services.tables["FOLK1A"] = info("FOLK1A", REGIONS, four := [f"2025K{q}" for q in (1, 2, 3, 4)])
    cells = row(pulled(()))["rows"]
    assert (
        row(pulled(four[:3]))["problem"]
        == f"{cells * 3 // 4} of the {cells} cells that were there are revised (if meant: --accept)"
    )
    assert row(pulled(four[:2]))["state"] == "new"
    services.cells["FOLK1A"] = lambda cell: ".." if cell["OMRÅDE"] == "151" else 5000
    services.tables["FOLK1A"]["updated"] = "all at once"
    told = row(refresh.refresh(["FOLK1A"]))["problem"].split("; ")  # whoever accepts one of these, accepts all
    assert [one.split()[-1] for one in told[:2]] == ["empty", "plausible"] and "are revised (if meant" in told[-1]


def test_a_number_that_is_empty_now_is_gone_and_what_cannot_be_reckoned_with_leaves_the_processed_tables(
    data, services, capsys
):
    services.cells["FOLK1A"] = lambda cell: 10 if int(cell["OMRÅDE"]) > 100 else 1000
    assert row(refresh.refresh(["FOLK1A"], accept=True))["state"] == "new"
    services.cells["FOLK1A"] = lambda cell: (
        ".." if cell["OMRÅDE"] == "151" else 10 if int(cell["OMRÅDE"]) > 100 else 1000
    )
    services.tables["FOLK1A"]["updated"] = "emptied"
    assert re.search(
        r"^\d\d cells of the present folk1a are no longer there or empty", row(refresh.refresh(["FOLK1A"]))["problem"]
    )
    before = contents(data / "processed")
    assert cli.main(["refresh", "FOLK1A", "--accept"]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "data/processed stays as it was" in said and "no persons of Ballerup in 2014Q1" in said
    assert contents(data / "processed") == before


def test_a_table_pulled_for_the_first_time_is_held_to_the_step_it_shows_itself(data, services):
    def pulled(ballerup):
        towns = {"000": 900_000, "151": ballerup}
        services.cells["AUH01"] = lambda cell: towns.get(cell["OMRÅDE"], 1000) + int(cell["TID"])
        services.tables["AUH01"]["updated"] = f"{ballerup}"
        done = row(refresh.refresh(["AUH01"]))
        return done["state"], refresh._told(done)

    state, said = pulled(1000)
    assert state == "new" and "step: fulltime_persons may from now on move 1.1 times, from 3013 up" in said
    field = next(f for f in sources.record_of("auh01")["schema"]["fields"] if f["name"] == "fulltime_persons")
    assert field["step"] == {"factor": 1.1, "from": 3013}
    state, said = pulled(5000)
    assert state == "failed" and "3.012 → 7.012 is further than the record calls plausible" in said
    state, said = pulled(1001)
    assert state == "new" and "step" not in said


@pytest.mark.parametrize("column", ["persons", "days", "tkr"])
@pytest.mark.parametrize("sign", [1, -1])  # a refund is negative
def test_what_adds_up_is_held_against_the_country(column, sign):
    def exceeded(town):
        both = pd.DataFrame({"area": ["000", "101", "151"], "year": "2024", column: [1000, 500, town]})
        return against_the_country(both.assign(**{column: both[column] * sign, "there": "both"}), ["area", "year"])

    assert exceeded(599) == "" and f"2024, {column}: the municipalities have" in exceeded(600)


def held(column, towns, country, apart=None):
    """Hold numbers of municipalities, in their order, against that of the country."""
    areas = ["000", *sources.municipalities()[: len(towns)]]
    both = pd.DataFrame({"area": areas, "year": "2024", column: [country, *towns], "there": "both"})
    return against_the_country(both, ["area", "year"], apart)


def test_municipalities_that_make_up_the_country_come_to_it_within_two_of_ten_thousand_either_way():
    apart, towns = statbank.TABLES["FOLK1A"]["apart"], [60_000] * 98
    assert apart == 0.0002
    for share, right in ((0.9999, True), (1.0001, True), (0.9997, False), (1.0003, False), (1.08, False)):
        found = held("persons", towns, 98 * 60_000 * share, apart)
        assert (found == "") == right, share
        assert right or found.startswith("2024, persons: the municipalities have 5.880.000 together, the country ")
    assert held("persons", towns, 6_000_000) == ""  # where nobody says that they make it up
    assert held("persons", towns[:97], 5_880_000, apart) == ""  # the one that lacks may have the rest
    assert held("persons", [*towns[:97], float("nan")], 5_880_000, apart) == ""


def test_a_share_of_the_country_lies_between_the_least_and_the_highest_of_its_municipalities():
    towns = [2.0 + n / 50 for n in range(98)]  # to 3,94
    for country, right in ((2.0, True), (3.94, True), (2.5, True), (1.99, False), (3.95, False), (float("nan"), True)):
        assert (held("pct", towns, country) == "") == right, country
    assert held("pct", towns, 1.99) == "2024, pct: the municipalities have 2,00 to 3,94, the country 1,99"
    assert held("pct", towns[:97], 1.99) == ""  # the one that lacks may be lower


def test_a_population_that_does_not_add_up_and_shares_that_lie_elsewhere_stop_a_table_until_that_is_accepted(
    data, services
):
    months = [f"2024M{month:02d}" for month in range(1, 13)]
    for table, periods, whole, town, odd in (
        ("FOLK1A", QUARTERS, 1000, 10, 11),
        ("AUP02", months, "5,0", "5,0", "4,0"),
    ):
        services.tables[table] = info(table, REGIONS, periods)
        for number, state in ((town, "new"), (odd, "failed")):
            services.cells[table] = lambda cell, n=number, w=whole: n if int(cell["OMRÅDE"]) > 100 else w
            services.tables[table]["updated"] = f"{number}"
            done = row(refresh.refresh([table], accept=state == "new"))
            assert done["state"] == state, done["problem"]
        assert "the municipalities have" in done["problem"] and done["problem"].endswith("(if meant: --accept)")
        assert row(refresh.refresh([table], accept=True))["state"] == "new"


def test_what_is_known_already_may_move_as_far_as_releases_have_shown_and_a_new_month_further():
    revised = jobindsats.TABLES["Y25I01"]["revised"]
    seen = load("jobindsats_revisions")
    seen = seen[seen[["value_before", "value_after"]].max(axis=1) >= revised["from"]]
    largest = (seen["value_after"] / seen["value_before"]).max()
    assert 1.03 < largest < revised["factor"] < 1 + 3 * (largest - 1)
    schema = {"primaryKey": ["area", "month"], "fields": [{"name": "persons", "step": {"factor": 2, "from": 200}}]}

    def moved(known, of_newest, there="both", step=revised):
        both = pd.DataFrame({"area": "151", "month": ["2026M06", "2026M07"], "persons before": [1000.0, 1000.0]})
        both = both.assign(persons=[known, of_newest], there=["both", there])
        return refresh._moved(both, schema, step)

    assert moved(1099, 1000) == "" and moved(1101, 1000).startswith("151 2026M06, persons: 1.000 → 1.101 is further")
    assert moved(1000, 1900, "right_only") == "" and moved(1000, 2100, "right_only") != ""
    assert moved(1900, 1000, step=None) == ""  # of a table no two releases of which are recorded


def test_a_series_that_moves_without_bound_or_has_one_period_is_held_to_no_step_and_that_is_told():
    table = pd.DataFrame({"area": "151", "year": ["2013", "2014", "2015"], "persons": [100.0, 0.0, 900.0]})
    table["pct"] = [40.0, 50.0, 45.0]
    fields = [{"name": n, "type": t} for n, t in (("area", "string"), ("year", "integer"), ("persons", "integer"), ("pct", "number"))]  # fmt: skip
    schema = {"fields": fields, "primaryKey": ["area", "year"]}
    told = [note["text"] for note in refresh._steps({"schema": schema}, {**schema, "fields": [dict(f) for f in fields]}, table)]  # fmt: skip
    assert told == [
        "persons is held to no step: it moves too far itself, or has one period",
        "pct may from now on move 1.3 times, from 45 up: more than it has",
    ]
    assert bands.step_of(table[:1], ["area", "year"], "pct") == {}


def test_a_vintage_is_a_day_in_ascii_digits_that_is_not_far_ahead():
    today = date(2026, 8, 19)
    for said, day in (
        ("2026-07-01T08:00:00", date(2026, 7, 1)),
        ("2027-08-19", date(2027, 8, 19)),
        ("2027-08-20", today),
        ("9999-99-99T00", today),
        ("٢٠٢٦-٠٨-٢٢T", today),
        ("", today),
    ):
        assert refresh._vintage(said, today) == day, said


def test_the_contract_holds_against_the_recorded_exchanges_and_what_differs_is_named_and_nothing_is_written(
    data, services, token, capsys
):
    for one in RECORDED["jobindsats"]:
        if one["request"]:
            method, address = one["request"].split(" ", 1)
            services.recorded[method, f"/j{address}"] = (one["body"].encode(), one["content_type"], one["status"])
    months = [f"{2025 + (at + 4) // 12}M{(at + 4) % 12 + 1:02d}" for at in range(14)]  # those of the recordings
    hierarchies = {"_ygrpi09": GROUPS, "_akassebl": ["I alt", "FOA"]}
    for table in ("y25i01", "y25i09"):
        services.about[table] = about(table, {"x": "Antal"}, months, **hierarchies)
    before = contents(data)
    tables = ["FOLK1A", "AUH01", "Y25I01", "Y25I09", "Y07A02"]
    assert cli.main(["refresh", "--check", *tables]) == 0
    said = capsys.readouterr().out
    assert said.endswith("7 of 7 hold; nothing was written\n")
    assert "Antal ledige personer, Antal ledige fuldtidspersoner" in said and "Antal langtidsledige personer" in said
    assert (
        "name: FOLK1A, unit: Antal, KØN TOT: TOT, " in said
        and "; 104 OMRÅDE, 74 Tid, 1 KØN" in said
        and "newest quarter 2026K2, updated 2026-11-11" in said
    )
    # one cell is all that is asked for of StatBank, the country's totals of jobindsats
    asked = [json.loads(sent) for _, path, sent in services.asked if path == "/data"]
    assert all(len(v["values"]) == 1 for body in asked for v in body["variables"])
    newest = [{v["code"]: v["values"][0] for v in body["variables"]} for body in asked]
    assert [(one["OMRÅDE"], one["Tid"]) for one in newest] == [("151", "2026K2"), ("151", "2014")]
    assert all("hierarchy._nykom=/" in path for _, path, _ in services.asked if "/j/data" in path)
    del services.tables["AUH01"], services.about["y25i09"]
    services.about["y07a02"]["mgroups"][0] = {"mgroup_id": "x", "mgroup_name": "Personer"}
    assert cli.main(["refresh", "--check", *tables]) == 1
    said = capsys.readouterr().out
    for line in ("AUH01                    failed  AUH01 is not in the catalogue: withdrawn or renamed",
                 "Y25I09                   failed  Y25I09 is not in the catalogue: withdrawn or renamed; the nearest is Y25I01",
                 "Y07A02                   failed  Y07A02: 0 columns for persons", "4 of 7 hold"):  # fmt: skip
        assert line in said, said
    assert contents(data) == before


def test_with_all_benefit_types_the_search_widens_by_itself(data, services):
    from ballerup_analysis import trend

    benefits = {"TOT": "I alt", "DP": "Nettoledige dagpengemodtagere", "KT": "Nettoledige kontanthjælpsmodtagere",
                "SY": "Sygedagpenge mv.", "JA": "Jobafklaringsforløb"}  # fmt: skip

    def count(cell):  # made up: 1,000 a quarter; dagpenge fall by a tenth in 2014 in Ballerup only
        if cell["YDELSESTYPE"] == "DP":
            return 900 if cell["OMRÅDE"] == "151" and cell["TID"] >= "2014" else 1000
        return 0 if cell["YDELSESTYPE"] == "JA" and cell["TID"] < "2014" else 1000

    quarters = [f"{y}K{q}" for y in range(2010, 2016) for q in range(1, 5)]
    services.tables["AUK01"] = info("AUK01", [*AREAS["code"], "997"], quarters, YDELSESTYPE=benefits)
    services.cells["AUK01"] = count
    before = trend.measures()
    assert before == trend.MEASURES
    assert row(refresh.refresh(["AUK01"], accept=True))["rows"] == 115 * 24 * 5
    more = set(trend.measures()) - set(before)
    assert more == {"auk01_DP", "auk01_JA", "auk01_SY", "auk01_TOT"}  # kontanthjælp is there already
    gaps = trend.gaps().query("window == 'year' and reference == '000' and base == 2013").set_index("measure")["fewer"]
    assert gaps["auk01_DP"] == pytest.approx(100, abs=1) and "auk01_JA" not in gaps  # nobody was there before


KILLED = """
import json, hashlib, os, signal, sys
from pathlib import Path
from ballerup_analysis.upkeep import refresh, service
from ballerup_analysis import sources
sources.DATA, service.PAUSE, service.WAITS = Path(sys.argv[1]), 0, (0,)
write, replace, unlink = Path.write_bytes, Path.replace, Path.unlink

def dies(at):
    left = iter(range(at, -1, -1))
    def step(before=lambda: None):
        if next(left, 1) == 0:
            before()
            os.kill(os.getpid(), signal.SIGKILL)
    def half(self, raw):
        step(lambda: write(self, raw[: len(raw) // 2]))
        return write(self, raw)
    Path.write_bytes = half
    Path.replace = lambda self, to: (step(), replace(self, to))[1]
    Path.unlink = lambda self, **how: (step(), unlink(self, **how))[1]

def check():
    resources = json.loads((sources.DATA / "datapackage.json").read_text(encoding="utf-8"))["resources"]
    for r in resources:
        assert r["hash"] == "sha256:" + hashlib.sha256((sources.DATA / r["path"]).read_bytes()).hexdigest(), r["path"]
    assert len({r["name"] for r in resources}) == len(resources)
    named = {(sources.DATA / r["path"]).name for r in resources}
    here = {p.name for p in (sources.DATA / "raw" / "statbank").iterdir()}
    assert here - named == {p.name for p in refresh.leftovers()}
    if "auh01" in {r["name"] for r in resources}:
        sources.load("auh01")

killed, at = 0, 0
while True:
    child = os.fork()
    if child == 0:
        dies(at)
        try:
            refresh.refresh(["AUH01"])
        finally:
            os._exit(0)
    ended = os.waitpid(child, 0)[1]
    check()
    if not os.WIFSIGNALED(ended):
        break
    killed, at = killed + 1, at + 1
found = refresh.refresh(["AUH01"])
check()
assert found["state"].tolist() == ["new"], found
assert refresh.leftovers() == [] and (sources.DATA / "README.md").read_text(encoding="utf-8") == sources.describe()
print(killed)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
def test_a_run_killed_at_any_step_leaves_the_folder_valid_and_the_next_run_works(data, services):
    def count(cell):
        return (100_000 if cell["OMRÅDE"] == "000" else 1000) + services.round * (int(cell["TID"]) % 2)

    def next_round(handler, services, sent):  # every run finds new figures, so that every run writes
        services.round += 1
        services.faults.append(next_round)
        services.statbank(handler, services.tables["AUH01"], json.loads(sent))

    services.round, services.cells["AUH01"] = 1, count
    services.faults.append(next_round)
    done = subprocess.run([sys.executable, "-c", KILLED, str(data)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    # README, answer, file, record, README: each half written, and before it is swapped in
    assert int(done.stdout.split()[-1]) == 2 * 5


def test_a_leftover_of_a_killed_run_is_no_table_and_is_cleared_but_other_files_stay(data, services):
    folder = data / "raw" / "statbank"
    for name in ("folk1a_2025Q4_h0123abcd.csv", "folk1a_2025Q4_h0123abcd.csv.4567cdef.new", "somebody_elses.csv"):
        (folder / name).write_text("area,quarter,persons\n")
    assert {p.name for p in refresh.leftovers()} == {
        "folk1a_2025Q4_h0123abcd.csv",
        "folk1a_2025Q4_h0123abcd.csv.4567cdef.new",
    }
    assert load("folk1a")["quarter"].max() == "2026Q1"
    refresh.refresh(["AUH01"])
    assert refresh.leftovers() == [] and (folder / "somebody_elses.csv").exists()


def test_all_that_changes_of_the_data_changes_under_one_lock(data, services, monkeypatch):
    (data / "raw" / "statbank" / "folk1a_2025Q4_h0123abcd.csv").write_text("area,quarter,persons\n")
    replace, unlink, changed = Path.replace, Path.unlink, []

    def note(path):
        try:
            with files.locked(data / "datapackage.json", seconds=0):
                changed.append((path.name, False))
        except DataError:
            changed.append((path.name, True))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", lambda self, to: (note(Path(to)), replace(self, to))[1])
        patched.setattr(Path, "unlink", lambda self, **how: (note(self), unlink(self, **how))[1])
        done = row(refresh.refresh(["AUH01"]))
        refresh.pick("2026-11-11", ["AUH01", "FOLK1A"])
    names = {done["file"], "folk1a_2025Q4_h0123abcd.csv", "datapackage.json", "README.md"}
    assert names <= {name for name, _ in changed}
    cached = {path.name for path in (data / "cache").iterdir()}  # named by what was asked: two write the same there
    assert {name for name, held in changed if not held} == cached


def test_nothing_behind_a_link_out_of_the_checkout_is_deleted(data, services, monkeypatch, tmp_path):
    monkeypatch.setattr(files, "ROOT", data.parent)
    elsewhere = tmp_path.parent / f"{tmp_path.name} elsewhere"
    (data / "raw" / "statbank").rename(elsewhere)
    (data / "raw" / "statbank").symlink_to(elsewhere)
    (kept := elsewhere / "folk1a_2025Q4_h0123abcd.csv").write_text("area,quarter,persons\n")
    with pytest.raises(DataError, match=r"behind a link out of the project, to .*; nothing was written or deleted$"):
        refresh.refresh(["AUH01"])
    assert kept.exists()


def test_a_cell_is_revised_where_its_number_differs_or_was_missing_and_the_largest_move_counts_either_way():
    before, after = [5.0, None, 5.0, None, 90.0, 5.0, None], [3.0, 7.0, None, None, 50.0, 5.0, 4.0]
    both = pd.DataFrame({"area": "151", "year": [*"1234567"], "persons before": before, "persons": after})
    both["there"] = pd.Categorical(["both"] * 5 + ["left_only", "right_only"], ["left_only", "right_only", "both"])
    told = {"added": 1, "gone": 2, "revised": 3, "largest": "151 5, persons: 90 → 50"}  # a number emptied is gone
    assert refresh._compare(both, ["area", "year"]) == told


def test_the_newest_vintage_is_the_one_of_the_last_day_whatever_its_file_is_called():
    days = {"folk1a_2026Q2_hffffffff": "2026-11-11", "folk1a_2026Q2_h00000000": "2026-12-11"}
    family = [{"name": one, "path": f"raw/statbank/{one}.csv", "vintage": day} for one, day in days.items()]
    for asked, vintage in (("2026-12-31", "2026-12-11"), ("2026-12-10", "2026-11-11")):
        assert refresh._pick_one(family, "folk1a", asked)["vintage"] == vintage
    assert refresh._pick_one(family, "folk1a", "2026-11-10")["problem"].endswith("here is of 2026-11-11")


def test_a_row_is_revised_once_and_the_largest_move_is_that_of_any_measure_up_or_down():
    both = pd.DataFrame({
        "area": "151", "year": ["1", "2"], "there": pd.Categorical(["both"] * 2, ["left_only", "right_only", "both"]),
        "persons before": [5.0, 5.0], "persons": [8.0, 5.0], "days before": [90.0, 1.0], "days": [50.0, 1.0],
    })  # fmt: skip
    told = refresh._compare(both, ["area", "year"])
    assert (told["revised"], told["largest"]) == (1, "151 1, days: 90 → 50")


def test_what_is_printed_of_a_table_tells_rows_added_gone_and_revised_apart():
    row = {"table": "AUH01", "state": "new", "rows": 9, "added": 4, "gone": 3, "revised": 2, "largest": "", "file": "f", "notes": []}  # fmt: skip
    assert refresh._told(row) == "AUH01: new, 9 rows (4 added, 3 gone, 2 revised), f"


def test_one_table_that_fails_among_good_ones_is_told_in_the_exit_code(data, services, capsys):
    services.tables["FOLK1A"] = b"{"
    assert cli.main(["refresh", "AUH01", "FOLK1A", "--dry-run"]) == 1
    assert cli.main(["refresh", "AUH01", "--dry-run"]) == 0


def test_a_footnote_stands_on_the_page_about_the_data_where_it_is_mandatory_alone(data, services):
    for mandatory in (False, True):
        services.tables["AUH01"]["footnote"] = {"text": "Læs mig.", "mandatory": mandatory}
        services.tables["AUH01"]["updated"] = f"2026-11-1{int(mandatory)}T08:00:00"
        variable(services.tables["AUH01"], "Tid")["values"].append({"id": f"{2015 + mandatory}", "text": ""})
        assert row(refresh.refresh(["AUH01"]))["state"] == "new"
        assert ("Læs mig." in sources._resources()["auh01"]["description"]) == mandatory
