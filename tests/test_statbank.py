"""What is asked of StatBank, and how its answers are read: whole, by code, and no zero invented."""

import json

import pandas as pd
import pytest
from loopback import AREAS, QUARTERS, RECORDED, REGIONS, info, send

from ballerup_analysis import sources
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.upkeep import service, statbank

STRAF42 = {
    "id": "STRAF42", "updated": "2025-03-25T08:00:00", "active": True, "suppressedDataValue": "0",
    "variables": [{"id": "HERKOMST1", "values": [{"id": "Total"}]}, {"id": "Tid", "values": [{"id": "2023"}]}],
}  # fmt: skip


def test_each_recorded_exchange_is_answered_again_and_read_and_both_formats_say_the_same(data, services):
    numbers = {}
    for one in RECORDED["statbank"]:
        method, address = one["request"].split(" ", 1)
        services.recorded[method, address] = (one["body"].encode(), one["content_type"], one["status"])
        raw = service.ask(method, services.url + address, data=one["sent"])
        assert raw == one["body"].encode(), address
        if "tableinfo" in address:
            read = service.read_json(raw, statbank.INFO)
            assert read["suppressedDataValue"] == "0" and read["active"]
            assert len(statbank._notes(read, 0)[0]["text"]) > 50, "the mandatory footnote is kept"
        elif '"csv"' in one["sent"]:
            cells = statbank._cells("STRAF42", raw, {"HERKOMST1": ["Total"], "Tid": ["2023"]}, None)
            numbers["csv"] = cells["INDHOLD"].astype(int).tolist()
        elif "HERKOMST1" in one["sent"]:
            numbers["jsonstat"] = service.read_json(raw, dict)["dataset"]["value"]
    assert numbers == {"csv": [233454], "jsonstat": [233454]}


def test_a_question_is_posted_names_the_table_and_every_variable_by_code_and_follows_no_redirect(data, services):
    statbank.fetch("FOLK1A", {})
    (first, path, about), (second, data_path, sent) = services.asked
    assert (first, path, second, data_path) == ("POST", "/tableinfo", "POST", "/data")
    assert json.loads(about) == {"table": "FOLK1A", "lang": "da", "format": "JSON"}
    body = json.loads(sent)
    assert (body["lang"], body["valuePresentation"], body["format"]) == ("da", "Code", "CSV")
    chosen = {v["code"]: v["values"] for v in body["variables"]}
    assert set(chosen) == {v["id"] for v in services.tables["FOLK1A"]["variables"]}
    assert chosen["Tid"] == QUARTERS and chosen["ALDER"] == ["IALT"] and "411" not in chosen["OMRÅDE"]
    services.faults.append(
        lambda handler, *_: send(handler, b"", status=301, Location="https://api.statbank.dk/v1/data")
    )
    with pytest.raises(DataError, match=r"HTTP 301, sent on to https://api.statbank.dk, which is not followed"):
        statbank.pull(statbank.table_info("FOLK1A") | {"updated": "later"}, chosen)


def test_the_limit_counts_rows_times_columns_and_a_streamed_answer_is_read_as_the_other_is(data, services, monkeypatch):
    def cell(at):  # zeros, a cell without a number, and the rest
        number = (int(at["OMRÅDE"]) + int(at["TID"][-1])) % 3
        return "" if at["OMRÅDE"] == "151" and at["TID"] == "2026K2" else number

    services.cells["FOLK1A"] = cell
    rows, columns = 104 * 74, 6
    monkeypatch.setattr(statbank, "LIMIT", rows * columns)
    small = statbank.fetch("FOLK1A", {})
    monkeypatch.setattr(statbank, "LIMIT", rows * columns - 1)
    services.tables["FOLK1A"]["updated"] = "later"
    large = statbank.fetch("FOLK1A", {})
    assert [json.loads(sent)["format"] for _, path, sent in services.asked if path == "/data"] == ["CSV", "BULK"]
    pd.testing.assert_frame_equal(small.cells, large.cells)
    zeros = sum((int(code) + int(quarter[-1])) % 3 == 0 for code in REGIONS for quarter in QUARTERS)
    zeros -= (151 + 2) % 3 == 0  # the cell without a number
    assert large.notes == ({"kind": "filled", "text": f"{zeros} combinations the answer left out stand for 0"},)
    assert small.notes == ()
    ballerup = large.cells.set_index(["area", "quarter"])["persons"]
    assert pd.isna(ballerup["151", "2026Q2"]) and ballerup["151", "2026Q1"] == 2 and ballerup["000", "2025Q3"] == 0


def test_what_is_left_out_of_a_streamed_answer_stands_for_the_suppressed_value_alone(data, services, monkeypatch):
    monkeypatch.setattr(statbank, "LIMIT", 0)
    services.cells["AUH01"] = lambda cell: 0 if (cell["OMRÅDE"], cell["TID"]) == ("151", "2013") else 7
    services.tables["AUH01"]["suppressedDataValue"] = ".."
    cells = statbank.fetch("AUH01", {}).cells.set_index(["area", "year", "benefit"])["fulltime_persons"]
    assert cells["151", "2013"].isna().all() and cells.isna().sum() == 2 and (cells.dropna() == 7).all()
    # a combination nobody asked for, and an area with not one cell, are no zeros left out
    services.cells["AUH01"] = lambda cell: 0 if cell["OMRÅDE"] == "151" else 7
    services.tables["AUH01"]["updated"] = "later"
    with pytest.raises(DataError, match=r"AUH01, OMRÅDE: 1 missing \['151'\]; was the answer cut off"):
        statbank.fetch("AUH01", {})


def test_decimal_commas_become_yearly_means_and_a_year_that_lacks_a_month_has_none(data, services):
    months = [f"{year}M{month:02d}" for year in (2024, 2025) for month in range(1, 13)] + ["2026M01"]
    services.tables["AUP02"] = info("AUP02", [*AREAS["code"], "997"], months)

    def monthly(cell):  # 0,5 1,0 1,5 ... 6,0: the mean is 78 / 2 / 12 = 3.25
        half = int(cell["TID"][-2:])
        return ".." if (cell["OMRÅDE"], cell["TID"]) == ("151", "2025M03") else f"{half // 2},{5 * (half % 2)}"

    services.cells["AUP02"] = monthly
    means = statbank.fetch("AUP02", {}).cells.set_index(["area", "year"])["pct"]
    assert means["101", "2025"] == 3.25 and ("151", "2025") not in means.index and ("151", "2024") in means.index
    assert means.index.get_level_values("year").max() == "2025"


def test_refund_beside_running_costs_gives_net_exactly_and_sickness_comes_in_four_units(data, services):
    functions = {"54871": "Sygedagpenge", "22012": "Skov"}
    services.tables["REGK31"] = info("REGK31_NET", [*REGIONS, "910"], ["2023", "2024"], FUNKTION=functions,
                                     DRANST={"1": "Driftskonti", "2": "Statsrefusion", "3": "Anlæg"})  # fmt: skip
    services.cells["REGK31"] = lambda cell: 1000 if cell["DRANST"] == "1" else -400
    net = statbank.fetch("REGK31_NET", {})
    asked = {v["code"]: v["values"] for v in json.loads(services.asked[-1][2])["variables"]}
    assert (asked["PRISENHED"], asked["DRANST"], asked["ART"]) == (["LOBM"], ["1", "2"], ["TOT"])  # LOBM: 1.000 kr.
    assert list(net.cells) == ["area", "year", "function", "account", "tkr"]
    assert net.cells.query("area == '151' and year == '2024'")["tkr"].sum() == 600
    assert net.texts == {"function": {"5.48.71": "Sygedagpenge"}, "account": {"1": "Driftskonti", "2": "Statsrefusion"}}
    measures = ["0", "5", "10", "15", "99"]
    services.tables["SYGEDP01"] = info("SYGEDP01", REGIONS, ["2023", "2024"], MAENGDE6=measures)
    services.cells["SYGEDP01"] = lambda cell: f"{cell['MAENGDE6']},5" if cell["TID"] == "2024" else ".."
    sick = statbank.fetch("SYGEDP01", {}).cells.set_index(["area", "year"]).loc["151"]
    values = {"persons": 0.5, "days": 10.5, "tkr": 15.5, "fulltime_persons": 5.5}
    assert sick.loc["2024"].to_dict() == values and sick.loc["2023"].isna().all()


def test_a_period_is_named_by_its_form_and_a_calendar_has_no_hole_and_no_future():
    for periods, says in (
        (["2013", "2014"], "year"),
        (["2013K4", "2014K1"], "quarter"),
        (["2013M12", "2014M01"], "month"),
        (["2014H1"], r"\['2014H1'\] is no year \(2014\), quarter \(2014K1\) or month \(2014M01\)"),
        (["2014U01"], "is no year"),
        (["0000"], r"\['0000'\] is no year"),
        (["2024", "٢٠٢٥"], "'٢٠٢٥' is no year as '2024' is"),
        (["2014M13"], "is no year"),
        ([], r"\[\] is no year"),
        (["2013", "2014K1"], "'2014K1' is no year as '2013' is"),
        (["2012", "2014"], r"periods: 1 missing \['2013'\]"),
        ([str(year) for year in range(2015, 2061)], "2060 lies in the future"),
    ):
        try:
            assert statbank._check_calendar("T", periods, 0) == says
        except DataError as error:
            assert pd.Series(str(error)).str.contains(says).item(), (periods, str(error))


def test_an_unknown_area_period_or_variable_is_answered_with_the_nearest_before_anything_is_asked(data, services):
    table = statbank.table_info("FOLK1A")
    whole = {v["id"]: [v["values"][0]["id"]] for v in table["variables"]}
    for choice, says in (
        ({"OMRÅDE": ["1511"]}, "no OMRÅDE '1511', only 000 to .*; did you mean '151'"),
        ({"Tid": ["2050K1"]}, "no Tid '2050K1', only 2008K1 to 2026K2"),
        ({"FARVE": ["1"]}, r"variables: 1 missing \['FARVE'\], 0 not expected"),
    ):
        with pytest.raises(DataError, match=says):
            statbank.pull(table, whole | choice)
    assert len(services.asked) == 1


def test_every_series_is_described_and_one_that_takes_over_a_name_has_its_columns():
    asked = "AUK01 AUH01 AUP02 AUF02 AULP01 AULKP01 LBESK69 RAS200 REGK31 REGK31_NET BUDK32 FOLK1A SYGEDP01"
    assert set(asked.split()) == set(statbank.TABLES)
    for spec in statbank.TABLES.values():
        if spec["name"] in sources._resources():
            head = [field["name"] for field in sources.record_of(spec["name"])["schema"]["fields"]]
            assert [*head[:1], *head[2:]] == ["area", *spec.get("kept", {}).values(), spec["value"]]
    assert load("folk1a").columns.tolist()[:3] == ["area", "quarter", "persons"]


def test_a_year_ahead_is_no_figure_but_of_a_budget():
    year = pd.Timestamp.now().year
    periods = [str(year), str(year + 1)]
    assert statbank._check_calendar("BUDK32", periods, 1) == "year"
    with pytest.raises(DataError):
        statbank._check_calendar("REGK31", periods, 0)


def test_a_check_asks_for_a_table_by_the_name_statbank_lists_it_under_closed_or_not(data, services):
    services.tables["REGK31"] = info("REGK31_NET", REGIONS, ["2023", "2024"], FUNKTION={"54871": "Sygedagpenge"},
                                     DRANST={"1": "Driftskonti", "2": "Statsrefusion"})  # fmt: skip
    offered = statbank.catalogue()
    assert json.loads(services.asked[-1][2])["includeInactive"] is True
    assert "newest year 2024" in statbank.check("REGK31_NET", offered, {})
    services.cells["REGK31"] = lambda cell: "1,5"
    with pytest.raises(DataError, match="'1,5' is no whole number"):
        statbank.check("REGK31_NET", offered, {})


def test_a_new_municipality_is_told_whatever_its_number_and_what_is_none_is_passed_over():
    assert statbank._areas("T", [*REGIONS, "411", "900", "999"]) == sorted(REGIONS)
    for code in ("152", "412", "861"):
        with pytest.raises(DataError, match=rf"areas: 0 missing \[\], 1 not expected \['{code}'\]"):
            statbank._areas("T", [*REGIONS, code])
