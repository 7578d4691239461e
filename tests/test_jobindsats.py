"""What is asked of jobindsats, version 3, and how its answers are read: missing is missing, odd is refused."""

import json
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest
from loopback import A02, GROUPS, MONTHS, NAMES, RECORDED, about, send, send_json

from ballerup_analysis.sources import DataError
from ballerup_analysis.upkeep import jobindsats


def test_a_question_carries_a_bearer_is_a_get_and_names_a_table_in_small_letters_and_areas_by_hierarchy(
    data, services, token
):
    jobindsats.fetch("Y07A02", {})  # the made-up service answers 401, 405, 404 and 422 to anything else
    (first, path, _), (second, data_path, _) = services.asked
    assert (first, path, second) == ("GET", "/j/table/y07a02?format=json", "GET")
    assert urlsplit(data_path).path == "/j/data/y07a02"
    assert dict(parse_qsl(urlsplit(data_path).query)) == {
        "mgroup.*": "*", "period.M": "latest:7", "hierarchy._nykom": "*", "format": "json",
    }  # fmt: skip


def test_country_and_98_municipalities_come_by_code_with_persons_and_fulltime_persons_by_month(data, services, token):
    services.value = lambda area, period, label: 900 if area == "Ballerup" and "fuldtid" in label else 1000
    fetched = jobindsats.fetch("Y07A02", {})
    assert list(fetched.cells) == ["area", "month", "persons", "fulltime_persons"]
    assert len(fetched.cells) == 99 * len(MONTHS) and fetched.cells["area"].nunique() == 99
    assert fetched.cells.query("area == '151'").iloc[-1].tolist() == ["151", "2026M07", 1000, 900]
    assert fetched.cells.query("area == '000'")["fulltime_persons"].eq(1000).all()
    assert fetched.updated == "2026-08-24"
    (note,) = fetched.notes
    assert (note["kind"], note["since"]) == ("preliminary", "2026M07")


def test_the_reform_of_july_2025_stands_in_the_notes_of_the_series_it_breaks(data, services, token):
    for table, form in (("y60a02", A02), ("y60g01", {"x": "Udgifter"})):
        services.about[table] = about(table, form)
        (broken,) = (note for note in jobindsats.fetch(table.upper(), {}).notes if note["kind"] == "break")
        assert broken["since"] == "2025-07-01" and "uddannelseshjælp" in broken["text"]


def test_only_n_periods_is_asked_again_with_n_and_any_other_refusal_is_told(data, services, token):
    services.about["y07a02"]["limit"] = 7
    services.about["y07a02"]["periods"][0]["values"].insert(0, {"period_id": "2025M12"})
    with pytest.raises(DataError, match=r"month: 1 missing \['2025M12'\]"):
        jobindsats.fetch("Y07A02", {})  # asked for 8, then for 7: what then comes is one month short of the metadata
    assert [q[1].partition("latest:")[2][0] for q in services.asked if "/data/" in q[1]] == ["8", "7"]
    for recorded in (one for one in RECORDED["jobindsats"] if one["status"] == 422):
        said = json.loads(recorded["body"])["cause"]
        services.faults.append(lambda h, *_, one=recorded: send(h, one["body"].encode(), one["content_type"], 422))
        with pytest.raises(DataError) as refused:
            jobindsats.fetch("Y07A02", {})
        assert f"HTTP 422, {said}" in str(refused.value)


def test_a_key_that_has_run_out_is_recognised_though_answered_200_and_a_wrong_one_is_named(data, services, monkeypatch):
    monkeypatch.setenv(jobindsats.TOKEN, "another-token")
    with pytest.raises(DataError, match=r"HTTP 401, Unauthorized \(JOBINDSATS_TOKEN is not accepted\)"):
        jobindsats.fetch("Y07A02", {})
    monkeypatch.setenv(jobindsats.TOKEN, "made-up-secret-4711")
    services.faults.append(lambda handler, *_: send_json(handler, {"message": "Din nøgle er udløbet"}))
    with pytest.raises(DataError, match=r"a message instead of data, as when a token has run out: .*udløbet"):
        jobindsats.fetch("Y07A02", {})
    monkeypatch.setenv(jobindsats.TOKEN, "two words\n")
    with pytest.raises(DataError, match="JOBINDSATS_TOKEN holds no token") as refused:
        jobindsats.fetch("Y07A02", {})
    assert "two words" not in str(refused.value)
    monkeypatch.setenv(jobindsats.TOKEN, "made-up-secret-4711")
    monkeypatch.setenv("JOBINDSATS_URL", "http://example.org/v3")
    with pytest.raises(DataError, match="is not https: the token would go there in the open"):
        jobindsats.fetch("Y07A02", {})


def test_every_recorded_answer_reads_to_the_numbers_it_holds_and_null_is_missing():
    wrong = []
    for one in RECORDED["jobindsats"]:
        if one["status"] != 200:
            continue
        answer = json.loads(one["body"])
        cells, spec = jobindsats._frame("T", answer), {"band": [0, 1e9]}
        numeric = [c for c in cells if not jobindsats._text(cells[c].dropna())]
        read = pd.DataFrame({c: jobindsats._numbers("T", cells[c], spec) for c in numeric})
        held = [x for row in answer["rows"] for x in row if isinstance(x, (int, float))]
        nulls = sum(x is None for row in answer["rows"] for x in row)
        if abs(read.sum().sum() - sum(held)) > 1e-6 or read.isna().sum().sum() != nulls or not held:
            wrong.append(one["name"])
    assert not wrong


def test_a_cell_is_a_number_or_missing_and_anything_else_refuses_the_table_and_is_named():
    whole = {"band": [0, 7e6], "measures": {}}
    for cell, value in (
        (5, 5), (5.0, 5), ("1.234", 1234), ("1\xa0234", 1234), ("12 345 678".replace("678", "")[:6], 12345), ("7", 7),
        (None, None), ("..", None), (".", None), ("-", None), ("", None), ("\xa0", None),
    ):  # fmt: skip
        read = jobindsats._numbers("T", pd.Series([cell, 1], dtype=object, index=[1, 2]), whole)[1]
        assert (pd.isna(read) and value is None) or read == value, (cell, read)
    share = jobindsats._numbers("T", pd.Series(["9,08", 9.08], dtype=object), {"band": [0, 100]})
    assert share.tolist() == [9.08, 9.08]
    taken = []
    for cell in (
        "5-10",
        "5%",
        "ca. 100",
        True,
        False,
        1.5,
        "1,5",
        -1,
        8e6,
        1e400,
        "1.23",
        "x",
        [],
        {},
        "1e3",
        "1,000",
        "12,345",
    ):
        try:
            jobindsats._numbers("T", pd.Series([1, cell], dtype=object, index=[1, 2], name="Antal"), whole)
            taken.append(cell)
        except DataError as error:
            assert "T, row 2, column 'Antal': " in str(error), cell
    assert not taken


def test_what_an_answer_leaves_out_is_missing_and_one_of_nothing_but_null_is_refused(data, services, token):
    services.about["y25i01"] = about("y25i01", {"a": "Antal ledige personer", "b": "Antal ledige fuldtidspersoner"},
                                     _ygrpi09=GROUPS, _akassebl=["I alt", "FOA"])  # fmt: skip
    services.value = lambda area, period, label: None if area == "Samsø" else 1000
    fetched = jobindsats.fetch("Y25I01", {})
    assert list(fetched.cells) == ["area", "month", "benefit_group", "persons", "fulltime_persons"]
    assert fetched.texts["benefit_group"] == {group: group for group in GROUPS}
    samsoe = fetched.cells.query("area == '741'")
    assert len(samsoe) == 3 * 7 and samsoe["persons"].isna().all()

    def short(handler, services, _):  # a whole group of one area left out
        rows = [["2026M07", name, "A-dagpenge", "I alt", 5, 5] for name in NAMES[:99]] + [
            [month, name, "Kontanthjælp", "I alt", 5, 5] for month in MONTHS for name in NAMES
        ]
        labels = [
            "Periode",
            "Område",
            "Ydelsesgrupper",
            "A-kasse",
            "Antal ledige personer",
            "Antal ledige fuldtidspersoner",
        ]
        send_json(handler, {"columns": labels, "rows": rows})

    services.faults.append(short)
    services.about["y25i01"]["update_latest"] = "2026-09-24"
    fetched = jobindsats.fetch("Y25I01", {})
    assert fetched.cells["persons"].isna().sum() == 6 * 99
    assert fetched.notes[-1]["kind"] == "missing" and fetched.notes[-1]["text"].startswith("594 combinations")
    services.value = lambda area, period, label: None
    services.about["y07a02"]["update_latest"] = "2026-09-24"
    with pytest.raises(DataError, match="Y07A02: no cell of persons has a value"):
        jobindsats.fetch("Y07A02", {})


def test_expenditure_keeps_every_measure_with_its_label_and_other_periods_have_their_own_column(data, services, token):
    measures = {"mgrpg01_1": "Udgifter i alt, 1.000 kr.", "mgrpg01_2": "Udgifter pr. fuldtidsperson"}
    services.about["y07g01"] = about("y07g01", measures, ["2025Q04", "2026Q01"], "Q")
    services.value = lambda area, period, label: 12.5
    fetched = jobindsats.fetch("Y07G01", {})
    assert list(fetched.cells) == ["area", "quarter", "measure", "value"]
    assert set(fetched.cells["quarter"]) == {"2025Q4", "2026Q1"} and fetched.cells["value"].eq(12.5).all()
    assert list(fetched.texts["measure"]) == list(measures.values())


def test_the_benchmark_is_read_by_four_quarter_windows_with_its_groups_and_three_measures(data, services, token):
    labels = {"a": "Antal: Forventet antal", "b": "Antal: Faktisk antal", "c": "Placering på benchmarkranglisten"}
    services.about["y30r21"] = about("y30r21", labels, ["2026QMAT02"], "QMAT", _ygrp_y30r21=["Ydelsesgrupper i alt"])
    cells = jobindsats.fetch("Y30R21", {}).cells
    assert list(cells) == ["area", "period", "benefit_group", "expected", "actual", "rank"]
    assert set(cells["period"]) == {"2026QMAT02"} and len(cells) == 99


def test_names_are_matched_however_they_are_spelt_and_a_municipality_that_is_gone_is_named(data, services, token):
    values = services.about["y07a02"]["dimensions"][0]["hierarchies"][0]["levels"]
    spelt = {"Høje-Taastrup": "Høje Taastrup", "Aarhus": "Århus Kommune", "Nordfyns": "Nordfyn"}
    for level in values:
        level["values"][0]["value_name"] = spelt.get(level["values"][0]["value_name"], level["values"][0]["value_name"])
    assert jobindsats.fetch("Y07A02", {}).cells["area"].nunique() == 99
    values[5]["values"][0]["value_name"] = "Nykommune"
    gone = NAMES[5]
    with pytest.raises(DataError, match=rf"areas: 1 missing \['{gone}'\]; not known are \['Nykommune'"):
        jobindsats.fetch("Y07A02", {})


def test_every_table_the_reform_leaves_is_described_and_those_it_ended_are_not():
    persons = {"Y01A02", "Y07A02", "Y08A02", "Y09A02", "Y11A02", "Y12A02", "Y60A02"}
    money = {"PTVG01", "Y01G01", "Y60G01", "Y07G01", "Y09G01", "Y12G01", "Y10G01"}
    assert set(jobindsats.TABLES) == persons | money | {"Y25I01", "Y25I09", "Y30R21"}
    assert all(jobindsats.TABLES[table]["benefit"] for table in persons)


def test_a_year_is_four_digits_however_the_service_marks_it():
    names = ["area", "year"]
    for marked in ("2024A01", "2024Y01", "2024"):
        full = pd.MultiIndex.from_product([["151"], [marked]], names=names)
        whole, _ = jobindsats._whole("PTVG01", pd.DataFrame({"value": [1.0]}, index=full), full)
        assert whole["year"].tolist() == ["2024"], marked


def test_unemployment_funds_are_asked_for_in_total_and_a_group_that_is_called_otherwise_is_told(data, services, token):
    services.about["y25i01"] = about("y25i01", {"a": "Antal ledige personer", "b": "Antal ledige fuldtidspersoner"},
                                     _ygrpi09=GROUPS, _akassebl=["I alt", "FOA"])  # fmt: skip
    jobindsats.fetch("Y25I01", {})
    asked = dict(parse_qsl(urlsplit(services.asked[-1][1]).query))
    assert {key: asked[f"hierarchy.{key}"] for key in ("_nykom", "_ygrpi09", "_akassebl")} == {
        "_nykom": "*", "_ygrpi09": "*", "_akassebl": "/"
    }  # fmt: skip
    with pytest.raises(DataError, match=r"benefit_group.*1 missing \['Andet"):
        jobindsats.fetch("Y25I01", {"benefit_group": dict(zip(GROUPS, GROUPS, strict=True)) | {"Andet": "Andet"}})


def test_a_check_reads_the_cells_of_fourteen_periods_and_looks_at_the_areas(data, services, token):
    months = [f"{year}M{month:02d}" for year in (2025, 2026) for month in range(1, 13)]
    services.about["y07a02"] = about("y07a02", A02, months)
    assert "24 M to 2026M12" in jobindsats.check("Y07A02", None, {})
    assert "period.M=latest:14&" in services.asked[-1][1]
    services.value = lambda area, period, label: "ca. 100"
    with pytest.raises(DataError, match=r"row 1, column 'Antal personer.*': 'ca. 100' is no whole number"):
        jobindsats.check("Y07A02", None, {})
    level = services.about["y07a02"]["dimensions"][0]["hierarchies"][0]["levels"][5]["values"][0]
    level["value_name"] = "Nykommune"
    with pytest.raises(DataError, match="areas: 1 missing"):
        jobindsats.check("Y07A02", None, {})


def test_a_cell_that_comes_twice_refuses_the_table(data, services, token):
    def twice(handler, services, _):
        send_json(handler, {"columns": ["Periode", "Område", "Antal personer", "Antal fuldtidspersoner"],
                            "rows": [[MONTHS[0], NAMES[5], 5, 5]] * 2})  # fmt: skip

    services.faults.append(twice)
    with pytest.raises(DataError, match="Y07A02, row 2: a cell came twice"):
        jobindsats.fetch("Y07A02", {})
