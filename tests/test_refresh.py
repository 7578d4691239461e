"""Fresh figures are whole, checked and recorded, or the data folder is as it was: against two services on this machine."""

import gzip
import hashlib
import json
import os
import re
import subprocess
import sys

import frictionless
import pandas as pd
import pytest
from loopback import (
    A02,
    AREAS,
    GROUPS,
    QUARTERS,
    RECORDED,
    REGIONS,
    TOKEN,
    Services,
    about,
    contents,
    info,
    row,
    send,  # fmt: skip
    send_json,
)

from ballerup_analysis import cli, sources
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.upkeep import jobindsats, refresh, service, statbank


def variable(table, id):
    return next(v for v in table["variables"] if v["id"] == id)


def test_a_pull_is_a_new_dated_file_that_takes_over_the_name_and_leaves_the_shipped_file(data, services):
    shipped = load("folk1a")
    done = row(refresh.refresh(["folk1a"]))
    assert (done["state"], done["rows"]) == ("new", 104 * 74)
    # every shipped cell is revised to the made-up 1,000, and the rest is new
    assert (done["revised"], done["gone"], done["added"]) == (len(shipped), 0, 104 * 74 - len(shipped))
    country = shipped.query("area == '000'").set_index("quarter")["persons"]
    assert done["largest"] == f"000 {country.idxmax()}, persons: {country.max():,} → 1.000".replace(",", ".").replace(
        ". p", ", p"
    )
    fresh = load("folk1a")
    assert list(fresh) == list(shipped) and set(fresh["area"]) == set(REGIONS) and (fresh["persons"] == 1000).all()
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
    assert [note["kind"] for note in closed["notes"]] == ["closed", "footnote"]
    assert closed["notes"][1] == {"kind": "footnote", "mandatory": True, "text": "Brud i 2013 | se[2J"}
    assert {note["kind"]: note["since"] for note in cash["notes"]} == {"break": "2025-07-01", "preliminary": "2026M07"}
    assert (closed["vintage"], cash["vintage"], cash["benefit"]) == ("2026-11-11", "2026-08-24", "kontanthjaelp")
    page = (data / "README.md").read_text(encoding="utf-8")
    for said in (
        "AUH01 is no longer updated; Brud i 2013 / se[2J",
        "2026M07 is preliminary",
        "the reform of 1 July 2025",
    ):
        assert said in page
    for name in ("auh01", "y60a02"):
        found = frictionless.Resource.from_descriptor(sources.record_of(name), basepath=str(data)).validate()
        assert found.valid, found.flatten(["message"])


def complain(code, message, status=400, **headers):
    return lambda handler, *_: send_json(handler, {"errorTypeCode": code, "message": message}, status, **headers)


def altered(change):  # every made-up cell of AUH01 is 1000
    def fault(handler, services, sent):
        send(handler, change(services.table(json.loads(sent))[0]))

    return fault


def cut_off(handler, services, sent):
    send(handler, b"half of it", length=1000)
    handler.wfile.flush()
    handler.connection.shutdown(2)


def no_answer(handler, services, sent):
    services.held.wait()


def drip(handler, services, sent):  # never silent for long, never done
    send(handler, b"", length=10**6)
    while not services.held.wait(0.01):
        handler.wfile.write(b"1")


def bomb(handler, *_):
    send(handler, gzip.compress(b"0" * 2**21), Content_Encoding="gzip")


def streamed(change):
    def fault(handler, services, sent):
        handler.close_connection = True
        send(handler, change(services.table(json.loads(sent))[0]), length="none")

    return fault


PAGE = b"<!DOCTYPE html><title>Sign in</title>"
TRANSPORT = {
    "silent": (no_answer, "broken off (ReadTimeout)", {"TIMEOUT": (5, 0.05)}),
    "drip": (drip, "no whole answer within 0.2 seconds", {"DEADLINE": 0.2}),
    "gzip bomb": (bomb, "more than 1048576 bytes", {"LARGEST": 2**20}),
    "cut off": (cut_off, "broken off (ChunkedEncodingError)", {}),
    "a web page": (lambda h, *_: send(h, PAGE, "text/html"), "a web page instead of data", {}),
    "too many": (complain("", "", 429), "HTTP 429", {}),
    "come back later": (complain("", "busy", 429, Retry_After="99999"), "it asks to wait 99999 seconds, and 120 is the most", {}),
    "no number of seconds": (complain("", "busy", 503, Retry_After="\xb2"), "HTTP 503, : busy", {}),
    "server error": (lambda h, *_: send(h, b"oops", status=500), "HTTP 500, oops", {}),
    "sent on": (lambda h, *_: send(h, b"", status=302, Location="http://me:pw@elsewhere/x"), "sent on to http://elsewhere/x", {}),
    "deep": (lambda h, *_: send(h, b"[" * 10**5, "text/json"), None, {}),
    "too large a number": (lambda h, *_: send(h, b'{"rows": 1' + b"0" * 400 + b"}", "text/json"), None, {}),
}  # fmt: skip
STATBANK = {
    "no format": (complain("REQUEST-MISSING", "Format ikke angivet"), "HTTP 400, REQUEST-MISSING: Format ikke angivet"),
    "too many cells": (complain("REQUEST-LIMIT", "over begrænsningen"), "REQUEST-LIMIT: over begrænsningen"),
    "value not found": (complain("EXTRACT-NOTFOUND", "Can't find value: X (Y)"), "EXTRACT-NOTFOUND: Can't find value: X (Y)"),
    "table not found": (complain("x", "Tabel findes ikke: AUH01", 404), "HTTP 404, x: Tabel findes ikke: AUH01"),
    "cut off, length unknown": (streamed(lambda raw: raw[: len(raw) // 2]), "cut off at line"),
    "no cells": (altered(lambda raw: raw.partition(b"\r\n")[0] + b"\r\n"), "the answer holds no cells"),
    "nothing": (altered(lambda raw: b""), "columns: 6 missing"),
    "a short line": (altered(lambda raw: raw.replace(b";2013;", b";", 1)), "cut off at line 4"),
    "the last two digits": (altered(lambda raw: raw[:-4]), "cut off at line 691"),
    "not utf-8": (altered(lambda raw: raw.replace(b"INDHOLD", b"\xff")), "the answer is no UTF-8"),
    "other column": (altered(lambda raw: raw.replace(b"INDHOLD", b"VALUE", 1)), "columns: 1 missing ['INDHOLD']"),
    "a row less": (altered(lambda raw: raw[: raw[:-2].rindex(b"\r\n") + 2]), "689 cells came instead of 690"),
    "a row twice": (altered(lambda raw: raw + raw[:-2].rpartition(b"\n")[2] + b"\r\n"), "line 692: a cell came twice"),
    "another area": (altered(lambda raw: raw.replace(b"\n000;", b"\n997;", 1)), "line 2: OMRÅDE '997' was not asked for"),
    "decimal comma": (altered(lambda raw: raw.replace(b";1000", b";10,5", 1)), "line 2: '10,5' is no whole number"),
    "out of band": (altered(lambda raw: raw.replace(b";1000", b";-4", 1)), "line 2: '-4' is no whole number from 0 to"),
    "all missing": (altered(lambda raw: raw.replace(b";1000", b";..")), "no cell has a value"),
    "a quote": (altered(lambda raw: raw.replace(b";1000", b';"1', 1)), "line 2: '\"1' is no whole number"),
}  # fmt: skip
ROWS = {
    "short row": ([["2026M07", "Ballerup", 1]], "row 1: 3 cells instead of 4"),
    "a cell": ([["2026M07", "Ballerup", 1, "5-10"]], "row 1, column 'Antal fuldtidspersoner': '5-10' is no whole number"),
    "twice": ([["2026M07", "Ballerup", 1, 1]] * 2, "row 2: a cell came twice"),
    "other months": ([["2026M13", "Ballerup", 1, 1]], "no column holds values of the periods alone"),
    "a number for a name": ([["2026M07", 151, 1, 1]], "no column holds values of _nykom alone"),
    "one area": ([["2026M07", "Ballerup", 1, 1]], "area: 98 missing ['000', '101'"),
    "no rows": ([], "the answer holds no cells"),
}  # fmt: skip


def answered(rows):
    columns = ["Periode", "Område", "Antal personer", "Antal fuldtidspersoner"]
    return lambda handler, *_: send_json(handler, {"columns": columns, "rows": rows})


def test_after_a_fault_the_folder_is_as_before_the_error_is_right_and_the_next_run_works(
    data, services, token, monkeypatch
):
    faults = [(table, name, *fault) for table in ("AUH01", "Y07A02") for name, fault in TRANSPORT.items()]
    faults += [("AUH01", name, fault, says, {}) for name, (fault, says) in STATBANK.items()]
    faults += [("Y07A02", name, answered(rows), says, {}) for name, (rows, says) in ROWS.items()]
    before, wrong = contents(data), []
    for table, name, fault, says, rules in faults:
        services.faults.extend([fault] * 3)
        with monkeypatch.context() as patched:
            for rule, value in rules.items():
                patched.setattr(service, rule, value)
            done = row(refresh.refresh([table]))
        services.faults.clear()
        says = says or ("AUH01, columns" if table == "AUH01" else "the answer is n")
        if (
            done["state"] != "failed"
            or says not in done["problem"]
            or contents(data) != before
            or "pw" in done["problem"]
        ):
            wrong.append((table, name, done["problem"]))
    assert not wrong
    assert refresh.refresh(["AUH01", "Y07A02"], dry_run=True)["state"].tolist() == ["new", "new"]


def test_odd_metadata_is_one_named_error_and_costs_its_table_alone(data, services, token):
    def at(path, value):
        def change(whole):
            *way, last = path
            for step in way:
                whole = whole[step]
            whole[last] = value

        return change

    period = ["periods", 0, "values", 0]
    cases = {
        "AUH01": {
            "the answer.variables[3].values[0].id is 2012, no str": at(["variables", 3, "values", 0, "id"], 2012),
            "the answer.variables[3].values[0].id is None, no str": at(["variables", 3, "values", 0, "id"], None),
            "the answer.variables is {}, no list": at(["variables"], {}),
            "the answer.active is 1, no bool": at(["active"], 1),
            "the answer.footnote is note, no dict": at(["footnote"], "note"),
            "the answer.footnote has no 'mandatory'": at(["footnote"], {"text": ""}),
            "areas: 0 missing [], 1 not expected ['152']": at(["variables", 0, "values", -1, "id"], "152"),
            "areas: 1 missing": at(["variables", 0, "values", 20, "id"], "411"),
            "variables: 1 missing ['KØN'], 1 not expected ['KOEN']": at(["variables", 1, "id"], "KOEN"),
            "has no ALDER 'TOT', only TOTAL to other; did you mean": at(["variables", 2, "values", 0, "id"], "TOTAL"),
        },
        "Y07A02": {
            "values[0].period_id is 2026, no str": at([*period, "period_id"], 2026),
            "values[0].period_id is None, no str": at([*period, "period_id"], None),
            "'2026H1' is no month": at([*period, "period_id"], "2026H1"),
            "has no periods of type M, only of ['D']": at(["periods", 0, "periodtype_id"], "D"),
            "the answer.mgroups is None, no list": at(["mgroups"], None),
            "0 columns for persons": at(["mgroups", 0], {"mgroup_id": "x", "mgroup_name": "Andet"}),
            "no hierarchy _nykom": at(["dimensions", 0, "hierarchies", 0, "hierarchy_id"], "_kom"),
        },
    }
    wrong = []
    for table, ways in cases.items():
        kept, name = (services.tables, table) if table == "AUH01" else (services.about, table.lower())
        good = json.dumps(kept[name])
        raws = {"nested too deep": b"[" * 10**5, "it holds the number 10": b'{"id": 1' + b"0" * 400 + b"}",
                "no JSON but": b"\xff", "it holds the number NaN": b'{"id": NaN}'}  # fmt: skip
        for says, change in [*ways.items(), *raws.items()]:
            kept[name] = change if isinstance(change, bytes) else json.loads(good)
            if callable(change):
                change(kept[name])
            done = refresh.refresh([table, "FOLK1A"], dry_run=True).set_index("table")
            if says not in str(done.loc[table, "problem"]) or done.loc["FOLK1A", "state"] != "new":
                wrong.append((table, says, done.loc[table, "problem"]))
            kept[name] = json.loads(good)
    assert not wrong


def test_what_can_succeed_later_is_asked_again_after_the_time_asked_for(data, services, monkeypatch):
    slept = []
    monkeypatch.setattr(service.time, "sleep", slept.append)
    monkeypatch.setattr(service, "WAITS", (3, 9))
    services.faults += [complain("", "", status, Retry_After=after) for status, after in ((429, "7"), (503, "soon"))]
    assert row(refresh.refresh(["AUH01"]))["state"] == "new"
    assert [seconds for seconds in slept if seconds] == [7, 9]


def test_a_streamed_answer_that_does_not_tell_its_length_is_refused_for_a_cut_would_read_as_zeros(
    data, services, monkeypatch
):
    monkeypatch.setattr(statbank, "LIMIT", 0)
    services.faults += [streamed(lambda raw: raw)]
    assert "it does not tell its length" in row(refresh.refresh(["AUH01"]))["problem"]


def test_no_redirect_reaches_another_address_and_no_password_in_an_address_is_shown(data, services, token, monkeypatch):
    other = Services()
    try:
        to = {"status": 307, "Location": f"{other.url}/x"}
        services.faults += [lambda handler, *_: send(handler, b"", **to)] * 2
        assert refresh.refresh(["AUH01", "Y07A02"])["state"].tolist() == ["failed", "failed"]
        assert other.asked == []
    finally:
        other.server.server_close()
    secret = services.url.replace("//", "//me:hemmelig@")
    monkeypatch.setenv("STATBANK_URL", secret)
    monkeypatch.setenv("JOBINDSATS_URL", f"{secret}/j")
    services.faults += [complain("x", "y")] * 2
    done = refresh.refresh(["AUH01", "Y07A02"])
    assert done["problem"].str.contains("127.0.0.1").all() and not done["problem"].str.contains("hemmelig").any()
    assert row(refresh.refresh(["Y07A02"]))["state"] == "new"  # the token went with it, not the password
    for url in ("http://me:hemmelig@127.0.0.1:9", "me:hemmelig@[", "hemmelig://x"):
        monkeypatch.setenv("STATBANK_URL", url)
        with pytest.raises(DataError) as refused:
            statbank.table_info("AUH01")
        assert "hemmelig@" not in str(refused.value)


def test_the_token_is_nowhere_even_when_the_service_repeats_it(data, services, token, capfd, caplog):
    caplog.set_level(0)

    def echo(handler, *_):
        send(handler, f"Forkert nøgle: {handler.headers['Authorization']}".encode(), "text/plain", 401)

    good = {"columns": ["Periode"], "rows": [[TOKEN]]}
    escaped = json.dumps(good).replace(TOKEN, TOKEN.replace("m", "\\u006d")).encode()
    services.faults += [echo, lambda h, *_: send(h, f"[{TOKEN}".encode()), lambda h, *_: send_json(h, good),
                        lambda h, *_: send_json(h, escaped)]  # fmt: skip
    said = [row(refresh.refresh(["Y07A02"]))["problem"] for _ in range(4)]
    assert "HTTP 401, Forkert nøgle: Bearer (token)" in said[0]
    assert said[1:] == ["the answer repeats the token: it is neither used nor kept"] * 3
    services.faults += [echo]
    with pytest.raises(DataError) as refused:
        jobindsats.fetch("Y07A02")
    assert refused.value.__cause__ is None and refused.value.__context__ is None  # no request hangs on it
    print(refresh._told(row(refresh.refresh(["Y07A02"]))))
    out = capfd.readouterr()
    assert "Y07A02: new, 693 rows (693 added, 0 gone, 0 revised), y07a02_2026M07_h" in out.out
    assert TOKEN not in "".join([out.out, out.err, caplog.text, *said])
    assert not [p for p, raw in contents(data).items() if TOKEN.encode() in raw or TOKEN in p]


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
    assert "codes of benefit (if meant: --accept): 1 missing ['SU'], 1 not expected ['NY']" in problem
    assert problem in row(refresh.check(["AUH01"]).iloc[1:])["problem"]
    assert row(refresh.refresh(["AUH01"], accept=True))["state"] == "new"
    assert "NY" in sources.labels("auh01", "benefit")
    services.tables["FOLK1A"] = info("FOLK1A", REGIONS, QUARTERS[4:])
    gone = (load("folk1a")["quarter"] < "2009Q1").sum()
    assert f"{gone} cells of the present folk1a are no longer there" in row(refresh.refresh(["FOLK1A"]))["problem"]
    assert load("folk1a")["quarter"].min() == "2008Q1"
    assert row(refresh.refresh(["FOLK1A"], accept=True))["gone"] == gone


def test_a_day_picks_the_vintage_that_stood_then_and_the_headline_numbers_are_told(data, services, capsys):
    shipped = load("folk1a")
    for day, persons in (("2026-11-11T08:00:00", 1000), ("2026-12-11T08:00:00", 2000)):
        services.tables["FOLK1A"]["updated"] = day
        services.cells["FOLK1A"] = lambda cell, persons=persons: 10 if cell["OMRÅDE"] == "151" else persons
        assert row(refresh.refresh(["FOLK1A"]))["state"] == "new"
    for day, persons in (("2026-11-30", 1000), ("2026-12-11", 2000), ("2026-11-11", 1000)):
        refresh.pick(day, ["FOLK1A"])
        assert load("folk1a").query("area == '000'")["persons"].eq(persons).all(), day
    assert cli.main(["refresh", "--as-of", "2020-01-01"]) == 0  # before any that is dated: the shipped one
    pd.testing.assert_frame_equal(load("folk1a"), shipped)
    said = capsys.readouterr().out
    assert "FOLK1A: picked, vintage not known, folk1a_2026Q1.csv" in said
    assert "headline number: before → after" in said and "\n* " in said and "\n  " in said
    assert {r["path"] for r in sources._resources().values()} == {f"raw/{p}" for p in contents(data / "raw")}
    assert cli.main(["refresh", "--as-of", "sommer"]) == 1
    assert "wants a day such as 2026-08-19, not 'sommer'" in capsys.readouterr().err


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
    assert "104 OMRÅDE, 74 Tid, 1 KØN" in said and "newest quarter 2026K2, updated 2026-11-11" in said
    # one cell is all that is asked for of StatBank, the country's totals of jobindsats
    asked = [json.loads(sent) for _, path, sent in services.asked if path == "/data"]
    assert all(len(v["values"]) == 1 for body in asked for v in body["variables"])
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
    types, line = trend.benefit_types()
    assert not types and line.startswith("missing: every benefit but net unemployed on kontanthjælp")
    assert row(refresh.refresh(["AUK01"]))["rows"] == 115 * 24 * 5
    types, line = trend.benefit_types()
    assert list(types) == ["auk01_DP", "auk01_JA", "auk01_SY", "auk01_TOT"]  # kontanthjælp is there already
    assert line == "all benefit types of AUK01: 4 beside the shipped one"


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
        return 1000 + services.round

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
    for name in ("folk1a_2025Q4_h0123abcd.csv", "folk1a_2025Q4_h0123abcd.csv.new", "somebody_elses.csv"):
        (folder / name).write_text("area,quarter,persons\n")
    assert {p.name for p in refresh.leftovers()} == {"folk1a_2025Q4_h0123abcd.csv", "folk1a_2025Q4_h0123abcd.csv.new"}
    assert load("folk1a")["quarter"].max() == "2026Q1"
    refresh.refresh(["AUH01"])
    assert refresh.leftovers() == [] and (folder / "somebody_elses.csv").exists()
