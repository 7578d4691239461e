"""Fresh figures are whole, checked and recorded, or the data folder is as it was: against a server on this machine."""

import contextlib
import csv
import hashlib
import io
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import frictionless
import nbformat
import numpy as np
import pandas as pd
import pytest

from ballerup_analysis import cli, sources
from ballerup_analysis import trend as gain
from ballerup_analysis import trend as gaps
from ballerup_analysis.paper import reading as ledger
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.upkeep import refresh, statbank

AREAS = load("areas")
REGIONS = AREAS.loc[AREAS["level"] != "landsdel", "code"].tolist()
QUARTERS = [f"{year}K{q}" for year in range(2008, 2026) for q in range(1, 5)] + ["2026K1", "2026K2"]
# Made up: neither the figures nor the length of the list are those of AUK01.
MADE_UP_BENEFITS = {
    "TOT": "I alt", "DP": "Nettoledige dagpengemodtagere", "KT": "Nettoledige kontanthjælpsmodtagere",
    "SY": "Sygedagpenge mv.", "JA": "Jobafklaringsforløb",
}  # fmt: skip
TOKEN = "made-up-secret-4711"


def info(table, areas, periods, kept=None):
    """What the made-up StatBank says of a table, in the form recorded for STRAF42."""
    spec = statbank.TABLES[table]
    variables = {spec.get("area", "OMRÅDE"): areas} | {v: [c, "other"] for v, c in spec["fixed"].items()}
    texts = dict(zip(AREAS["code"], AREAS["name"], strict=True)) | (kept or {})
    if kept:
        variables[next(iter(spec["kept"]))] = list(kept)
    return {
        "id": table, "text": table, "unit": "Antal", "suppressedDataValue": "0", "updated": "2026-11-11T08:00:00", "active": True,
        "variables": [
            {"id": v, "text": v.lower(), "elimination": v != "Tid", "time": v == "Tid",
             "values": [{"id": c, "text": texts.get(c, c)} for c in codes]}
            for v, codes in (variables | {"Tid": periods}).items()
        ],
    }  # fmt: skip


def variable(table, id):
    return next(v for v in table["variables"] if v["id"] == id)


def half_percent(cell):
    return f"{int(cell['TID'][-2:]) // 2},{5 * (int(cell['TID'][-2:]) % 2)}"


class Service:
    """A StatBank and a jobindsats on this machine: ``faults`` answer the next requests for data in their stead."""

    def __init__(self):
        self.tables = {
            "FOLK1A": info("FOLK1A", [*REGIONS, "411"], QUARTERS),
            "AUP02": info("AUP02", [*AREAS["code"], "997"], [f"{y}M{m:02d}" for y in range(2007, 2026) for m in range(1, 13)] + ["2026M01"]),
            "AUK01": info("AUK01", [*AREAS["code"], "997"], [f"{y}K{q}" for y in range(2010, 2016) for q in range(1, 5)],
                          MADE_UP_BENEFITS),
            "AUH01": info("AUH01", [*AREAS["code"]], ["2012", "2013", "2014"], {"TOT": "I alt", "SU": "SU-modtagere"}),
        }  # fmt: skip
        self.cells = {
            "AUH01": lambda cell: 1000 + self.round,
            "AUP02": half_percent,
            "AUK01": benefit_count,
            "FOLK1A": lambda cell: "1000",
        }
        self.faults, self.asked, self.round = deque(), [], 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                table = self.path.partition("id=")[2].partition("&")[0]
                found = service.tables[table] | ({"updated": str(service.round)} if service.round else {})
                send(self, json.dumps(found).encode(), "text/json; charset=utf-8")

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)) or "{}")
                service.asked.append((self.path, body))
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    (service.faults.popleft() if service.faults else good)(self, service, body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"


def send(handler, raw, kind="text/csv; charset=utf-8", status=200, length=None, **headers):
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if length != "none":
        handler.send_header("Content-Length", str(length or len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


def table_of(service, body):
    codes = [v["code"] for v in body["variables"]]
    rows = [";".join([*map(str.upper, codes), "INDHOLD"])]
    for combination in itertools.product(*(v["values"] for v in body["variables"])):
        cell = dict(zip(map(str.upper, codes), combination, strict=True))
        rows.append(";".join([*combination, str(service.cells[body["table"]](cell))]))
    text = "\r\n".join(rows) + "\r\n"
    return text.encode("utf-8-sig" if body["format"] == "CSV" else "utf-8")


def benefit_count(cell):
    # TOT is 1,000 a quarter everywhere; dagpenge fall by a tenth in 2014 in Ballerup only; jobafklaring begins in 2014
    if cell["YDELSESTYPE"] == "DP":
        return 900 if cell["OMRÅDE"] == "151" and cell["TID"] >= "2014" else 1000
    return 0 if cell["YDELSESTYPE"] == "JA" and cell["TID"] < "2014" else 1000


def good(handler, service, body):
    if handler.path.startswith("/j/tables"):
        return send(
            handler, json.dumps([{"Period": ["2026QMAT01", "2026QMAT02", "2026M01"]}]).encode(), "application/json"
        )
    if handler.path.startswith("/j/data"):
        groups = body["_ygrp_y30r21"]
        labels = ["Area", "Periode", "Ydelsesgrupper", "Antal: Forventet antal", "Antal: Faktisk antal", "Andel: Faktisk andel (pct.)",
                  "Placering på benchmarkranglisten"]  # fmt: skip
        data = [
            [n, p, g, 110, "1.000", 3.5, 7]
            for n in [*AREAS["name"], "RAR Nord"]
            for p in body["period"]
            for g in groups
        ]
        return send(
            handler,
            json.dumps([{"Variables": [{"Label": x} for x in labels], "Data": data}]).encode(),
            "application/json",
        )
    return send(handler, table_of(service, body))


@pytest.fixture
def service():
    service = Service()
    thread = threading.Thread(target=service.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


def shipped_only(folder):
    """Take out what a refresh has recorded here, and give the shipped files their names back."""
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    made = [r for r in package["resources"] if refresh.MADE_HERE.fullmatch(Path(r["path"]).name)]
    package["resources"] = [r for r in package["resources"] if r not in made]
    for name in {r["name"] for r in made} - {r["name"] for r in package["resources"]}:
        for r in package["resources"]:
            if re.fullmatch(rf"{name}_\d{{4}}(Q\d)?", Path(r["path"]).stem):
                r["name"] = name
    for r in made:
        (folder / r["path"]).unlink()
    (folder / "datapackage.json").write_text(json.dumps(package), encoding="utf-8")
    sources.write_aside(folder / "README.md", sources.describe())


@pytest.fixture
def data(tmp_path, monkeypatch, service):
    """A copy of the data folder, the made-up services, no waiting and no token."""
    ignore = shutil.ignore_patterns("accounts.csv", "cache")
    shutil.copytree(sources.DATA, tmp_path / "data", ignore=ignore)
    monkeypatch.setattr(sources, "DATA", tmp_path / "data")
    shipped_only(tmp_path / "data")
    for name, value in {
        "STATBANK_URL": service.url,
        "JOBINDSATS_URL": f"{service.url}/j",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("JOBINDSATS_TOKEN", raising=False)
    monkeypatch.setattr(statbank, "WAITS", (0, 0))
    monkeypatch.setattr(statbank, "PAUSE", 0)
    monkeypatch.setattr(statbank, "TIMEOUT", (1, 0.2))
    return tmp_path / "data"


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def only(found):
    return found.iloc[0]


def test_a_pull_is_a_new_dated_file_that_takes_over_the_name_and_leaves_the_shipped_file(data, service):
    shipped = load("folk1a")
    row = only(refresh.refresh(["folk1a"]))
    assert (row["state"], row["rows"]) == ("new", 104 * 74)
    # every shipped cell is revised to the made-up 1,000, and the rest is new
    assert (row["revised"], row["gone"], row["added"]) == (len(shipped), 0, 104 * 74 - len(shipped))
    assert row["file"].startswith("folk1a_2026Q2_")
    fresh = load("folk1a")
    assert list(fresh) == list(shipped) and set(fresh["area"]) == set(REGIONS) and (fresh["persons"] == 1000).all()
    pd.testing.assert_frame_equal(load("folk1a_2026q1"), shipped)
    recorded = {r["path"]: (r["hash"], r["bytes"]) for r in sources._resources().values()}
    files = {f"raw/{p}": raw for p, raw in contents(data / "raw").items()}
    assert recorded == {p: (f"sha256:{hashlib.sha256(raw).hexdigest()}", len(raw)) for p, raw in files.items()}
    assert (data / "README.md").read_text(encoding="utf-8") == sources.describe()
    entry = sources._resources()["folk1a"]
    checked = frictionless.Resource.from_descriptor(entry, basepath=str(data)).validate()
    assert checked.valid, checked.flatten(["message"])
    assert only(refresh.refresh(["FOLK1A"]))["state"] == "unchanged"
    assert len(service.asked) == 1  # the second time from the cache


def test_the_request_names_every_variable_by_code_and_goes_by_bulk_beyond_the_limit(data, service, monkeypatch):
    refresh.refresh(["FOLK1A"], dry_run=True)
    small = load("folk1a").to_csv()
    monkeypatch.setattr(statbank, "LIMIT", 104 * 74 - 1)
    refresh.refresh(["FOLK1A"])
    (_, first), (path, second) = service.asked
    assert (path, first["format"], second["format"]) == ("/data", "CSV", "BULK")
    for body in (first, second):
        assert (body["lang"], body["valuePresentation"]) == ("da", "Code")
        chosen = {v["code"]: v["values"] for v in body["variables"]}
        assert set(chosen) == {v["id"] for v in service.tables["FOLK1A"]["variables"]}
        assert chosen["Tid"] == QUARTERS and chosen["ALDER"] == ["IALT"] and "411" not in chosen["OMRÅDE"]
    assert load("folk1a").to_csv() != small  # the dry run recorded nothing, the run without a BOM did


def test_what_was_recorded_of_straf42_reads_the_same_by_csv_and_by_jsonstat(data, service):
    # Answers of 2025 to the same question in both formats
    answer = "\ufeffHERKOMST1;TID;INDHOLD\r\nTotal;2023;233454\r\n"
    jsonstat = '{"dataset":{"dimension":{"id":["HERKOMST1","ContentsCode","Tid"],"size":[1,1,1]},"value":[233454]}}'
    service.faults.append(lambda handler, *_: send(handler, answer.encode()))
    variables = [{"id": "HERKOMST1", "values": [{"id": "00"}]}, {"id": "Tid", "values": [{"id": "2023"}]}]
    straf42 = {"id": "STRAF42", "updated": "2025-03-25T08:00:00", "variables": variables}
    cells = statbank.pull(straf42, {"HERKOMST1": ["00"], "Tid": ["2023"]})
    assert cells["INDHOLD"].astype(int).tolist() == json.loads(jsonstat)["dataset"]["value"]


def test_decimal_commas_and_missing_months_become_yearly_means_and_missing_is_not_zero(data, service):
    def monthly(cell):
        return ".." if (cell["OMRÅDE"], cell["TID"]) == ("151", "2025M03") else half_percent(cell)

    service.cells["AUP02"] = monthly
    refresh.refresh(["AUP02"])
    fresh = load("aup02").set_index(["area", "year"])["pct"]
    # months 1 to 12 as 0,5 1,0 1,5 ... 6,0: the mean is 78 / 2 / 12 = 3.25; 2026 has one month only, Ballerup lacks one
    assert fresh[("101", 2025)] == 3.25 and ("151", 2025) not in fresh.index
    assert fresh.index.get_level_values("year").max() == 2025


def complain(code, message, status=400):
    body = json.dumps({"errorTypeCode": code, "message": message}).encode()
    return lambda handler, *_: send(handler, body, "text/json; charset=utf-8", status)


def altered(change):  # every made-up cell of AUH01 is 1000
    return lambda handler, service, body: send(handler, change(table_of(service, body)))


def slow(handler, service, body):
    time.sleep(0.4)
    good(handler, service, body)


def cut_off(handler, service, body):
    raw = table_of(service, body)
    send(handler, raw[: len(raw) // 2], length=len(raw))
    handler.wfile.flush()
    handler.connection.shutdown(2)


def cut_without_length(handler, service, body):
    raw = table_of(service, body)
    handler.close_connection = True
    send(handler, raw[: len(raw) // 2], length="none")


def page(handler, *_):
    send(handler, b"<!DOCTYPE html><title>Sign in</title>", "text/html")


ANSWERS = {
    "slow": (slow, r"broken off \(ReadTimeout\)"),
    "cut off in the middle": (cut_off, r"broken off \(ChunkedEncodingError\)"),
    "cut off, length unknown": (cut_without_length, r"cut off at line \d+"),
    "a web page": (page, r"a web page instead of data"),
    "no format": (complain("REQUEST-MISSING", "Format ikke angivet"), "HTTP 400, REQUEST-MISSING: Format ikke angivet"),
    "too many cells": (complain("REQUEST-LIMIT", "over begrænsningen"), "REQUEST-LIMIT: over begrænsningen"),
    "variable not chosen": (complain("EXTRACT-NOTALLOWED", "Der skal vælges"), "EXTRACT-NOTALLOWED: Der skal vælges"),
    "value not found": (complain("EXTRACT-NOTFOUND", "Kan ikke finde"), "EXTRACT-NOTFOUND: Kan ikke finde"),
    "table not found": (complain("EXTRACT-NOTFOUND", "Tabellen findes ikke", 404), "HTTP 404, EXTRACT-NOTFOUND"),
    "too many requests": (complain("", "", 429), "HTTP 429"),
    "server error": (lambda handler, *_: send(handler, b"oops", status=500), "HTTP 500, oops"),
    "no cells": (altered(lambda raw: raw.partition(b"\r\n")[0] + b"\r\n"), "the answer holds no cells"),
    "nothing": (altered(lambda raw: b""), "columns: 6 missing"),
    "a short line": (altered(lambda raw: raw.replace(b";2013;", b";", 1)), "cut off at line 3"),
    "the last two digits": (altered(lambda raw: raw[:-4]), "cut off at line 691"),
    "not utf-8": (altered(lambda raw: raw.replace(b"INDHOLD", b"\xff")), r"not the known form \(UnicodeDecodeError\)"),
    "other column": (altered(lambda raw: raw.replace(b"INDHOLD", b"VALUE", 1)), r"columns: 1 missing \['INDHOLD'\]"),
    "a row less": (altered(lambda raw: raw[: raw[:-2].rindex(b"\r\n") + 2]), "689 cells came instead of 690"),
    "a row twice": (altered(lambda raw: raw + raw[:-2].rpartition(b"\n")[2] + b"\r\n"), "a cell came twice"),
    "decimal comma": (altered(lambda raw: raw.replace(b";1000", b";10,5", 1)), "line 2: '10,5' is no whole number"),
    "decimal point": (altered(lambda raw: raw.replace(b";1000", b";10.5", 1)), "line 2: '10.5' is no whole number"),
    "out of band": (altered(lambda raw: raw.replace(b";1000", b";-4", 1)), "line 2: '-4' is no whole number from 0 to"),
    "all missing": (altered(lambda raw: raw.replace(b";1000", b";..")), "no cell has a value"),
}  # fmt: skip


def future(table):
    variable(table, "Tid")["values"] += [{"id": str(year), "text": ""} for year in range(2015, 2061)]


TABLES = {
    "a new municipality": (lambda t: variable(t, "OMRÅDE")["values"].append({"id": "152", "text": "New"}), r"areas: .*\['152'\]"),
    "a municipality gone": (lambda t: variable(t, "OMRÅDE")["values"].pop(5), r"areas: 1 missing \['"),
    "a renamed variable": (lambda t: variable(t, "KØN").update(id="KOEN"), r"variables: 1 missing \['KØN'\], 1 not expected \['KOEN'\]"),
    "a new variable": (lambda t: t["variables"].append({"id": "X", "text": "", "time": False, "values": []}), r"variables: .*\['X'\]"),
    "a code gone": (lambda t: variable(t, "ALDER").update(values=[{"id": "TOTAL", "text": ""}]), "no ALDER 'TOT'.*did you mean 'TOTAL'"),
    "no variables": (lambda t: t.pop("variables"), r"not the known form \(KeyError\)"),
    "a hole in the calendar": (lambda t: variable(t, "Tid")["values"].pop(1), r"periods: 1 missing \['2013'\]"),
    "a period to come": (future, "2060 lies in the future"),
}  # fmt: skip


@pytest.mark.parametrize("name", [*ANSWERS, *TABLES])
def test_after_a_fault_the_folder_is_as_before_the_error_is_right_and_the_next_run_works(name, data, service):
    before, table = contents(data), json.dumps(service.tables["AUH01"])
    if name in ANSWERS:
        fault, says = ANSWERS[name]
        service.faults.extend([fault] * 3)
    else:
        change, says = TABLES[name]
        change(service.tables["AUH01"])
    row = only(refresh.refresh(["AUH01"]))
    assert row["state"] == "failed"
    assert pd.Series(row["problem"]).str.contains(says).item(), row["problem"]
    assert contents(data) == before
    service.faults.clear()
    service.tables["AUH01"] = json.loads(table)
    assert only(refresh.refresh(["AUH01"]))["state"] == "new"


def test_a_request_that_can_succeed_later_is_made_again_after_the_time_asked_for(data, service, monkeypatch):
    slept = []
    monkeypatch.setattr(statbank.time, "sleep", slept.append)
    monkeypatch.setattr(statbank, "WAITS", (3, 9))
    service.faults += [lambda h, *_: send(h, b"", status=429, Retry_After="7"), lambda h, *_: send(h, b"", status=500)]
    assert only(refresh.refresh(["AUH01"]))["state"] == "new"
    assert [s for s in slept if s] == [7, 9] and len(service.asked) == 3


def test_one_table_that_fails_does_not_cost_the_others(data, service):
    service.faults.append(page)
    assert refresh.refresh(["FOLK1A", "AUH01"])["state"].tolist() == ["failed", "new"]
    assert len(load("auh01")) == 115 * 3 * 2 and load("folk1a")["quarter"].max() == "2026Q1"


def test_the_headline_numbers_are_told_before_and_after(data, service, capsys):
    was = ledger.ledger().numbers["placebo_share_per_inhabitant_2014"].danish
    service.cells["FOLK1A"] = lambda cell: 10 if cell["OMRÅDE"] == "151" else 50_000
    assert cli.main(["refresh", "FOLK1A"]) == 0
    now = ledger.ledger().numbers["placebo_share_per_inhabitant_2014"].danish
    said = capsys.readouterr().out
    assert f"* placebo_share_per_inhabitant_2014: {was} → {now}\n" in said and was != now
    assert "  published_gain_2014: 7,6 mio. kr. → 7,6 mio. kr.\n" in said


def test_without_network_one_line_an_exit_code_of_its_own_and_nothing_lost(data, service, capsys, monkeypatch):
    before = contents(data)
    monkeypatch.setenv("STATBANK_URL", "http://127.0.0.1:9")  # nobody listens there
    assert cli.main(["refresh"]) == 3
    said = capsys.readouterr()
    (line,) = [line for line in said.err.splitlines() if line.startswith("ballerup")]
    assert (
        line == "ballerup refresh: no connection to 127.0.0.1:9 (NewConnectionError); the figures here stay as they are"
    )
    assert contents(data) == before
    # a service that is gone later, or the other one, costs its own tables alone
    monkeypatch.setenv("STATBANK_URL", service.url)
    monkeypatch.setenv("JOBINDSATS_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("JOBINDSATS_TOKEN", TOKEN)
    assert refresh.refresh(["AUH01", "Y30R21"])["state"].tolist() == ["new", "failed"]


def test_an_unknown_table_area_or_period_is_answered_with_the_nearest(data, service, capsys):
    assert cli.main(["refresh", "AUK1"]) == 1
    assert "no table AUK1: did you mean AUK01? the tables are AUK01, AUH01," in capsys.readouterr().err
    table = statbank.table_info("FOLK1A")
    whole = {v["id"]: [v["values"][0]["id"]] for v in table["variables"]}
    for choice, says in (
        ({"OMRÅDE": ["1511"]}, "no OMRÅDE '1511', only 000 to .*; did you mean '151'"),
        ({"Tid": ["2050K1"]}, "no Tid '2050K1', only 2008K1 to 2026K2"),
        ({"FARVE": ["1"]}, r"variables: 0 missing \[\], 1 not expected|variables: .*'FARVE'"),
    ):
        with pytest.raises(DataError, match=says):
            statbank.pull(table, whole | choice)
    assert service.asked == []


def test_new_benefit_codes_stop_the_run_until_they_are_accepted(data, service):
    assert only(refresh.refresh(["AUH01"]))["state"] == "new"
    variable(service.tables["AUH01"], "YDELSESTYPE")["values"][-1] = {"id": "NY", "text": "Ny ydelse"}
    row = only(refresh.refresh(["AUH01"]))
    assert "codes of YDELSESTYPE (if meant: --accept): 1 missing ['SU'], 1 not expected ['NY']" in row["problem"]
    assert only(refresh.refresh(["AUH01"], accept=True))["state"] == "new"
    assert "NY" in sources.labels("auh01", "benefit")


def test_cells_that_are_no_longer_there_stop_the_run_until_that_is_accepted(data, service):
    service.tables["FOLK1A"] = info("FOLK1A", REGIONS, QUARTERS[4:])
    gone = (load("folk1a")["quarter"] < "2009Q1").sum()
    assert f"{gone} cells of the present folk1a are no longer there" in only(refresh.refresh(["FOLK1A"]))["problem"]
    assert load("folk1a")["quarter"].min() == "2008Q1"
    assert only(refresh.refresh(["FOLK1A"], accept=True))["gone"] == gone


def test_jobindsats_is_left_out_without_a_token_and_fetched_with_one_that_is_nowhere_to_be_found(
    data, service, capfd, monkeypatch
):
    assert refresh.refresh(["Y30R21", "AUH01"])["table"].tolist() == ["AUH01"]
    assert "no token in JOBINDSATS_TOKEN" in capfd.readouterr().out
    monkeypatch.setenv("JOBINDSATS_TOKEN", TOKEN)

    def echo(handler, *_):
        send(handler, f"Forkert nøgle: {handler.headers['Authorization']}".encode(), "text/plain", 401)

    service.faults += [echo, lambda h, *_: send(h, f"[{TOKEN}".encode(), "application/json")]
    assert "Forkert nøgle: (token)" in only(refresh.refresh(["Y30R21"]))["problem"]
    assert only(refresh.refresh(["Y30R21"]))["problem"] == "no JSON but '[(token)'"
    assert cli.main(["refresh", "Y30R21"]) == 0
    said = capfd.readouterr()
    assert "Y30R21: new, 460 rows" in said.out
    assert TOKEN not in said.out + said.err
    assert not [p for p, raw in contents(data).items() if TOKEN.encode() in raw or TOKEN in p]
    fresh = load("y30r21_all")
    assert list(fresh) == ["area", "period", "benefit_group", "expected", "actual", "rank"]
    assert fresh.query("area == '151'")[["period", "expected", "actual", "rank"]].iloc[0].tolist() == [
        "2026QMAT02",
        110,
        1000,
        7,
    ]


def test_with_the_shipped_series_alone_the_missing_benefits_are_named(data):
    types, line = gaps.benefit_types()
    assert not types and line.startswith("missing: every benefit but net unemployed on kontanthjælp")
    assert gaps.measures() == gaps.MEASURES


def test_with_all_benefit_types_the_search_widens_by_itself_and_notebook_02_answers_for_each(data, service, capsys):
    shipped = gain.search_definitions()
    assert only(refresh.refresh(["AUK01"]))["rows"] == 115 * 24 * 5
    types, line = gaps.benefit_types()
    assert list(types) == ["auk01_TOT", "auk01_DP", "auk01_SY", "auk01_JA"]  # kontanthjælp is there already
    assert line == "all benefit types of AUK01: 4 beside the shipped one"
    # 1,000 in 2013 and 1,000 expected at the country's growth of nil, 900 there: 100 fewer
    assert gaps.trend_gap("auk01_DP").loc[0, ["before", "expected", "actual", "fewer"]].tolist() == [
        1000,
        1000,
        900,
        100,
    ]
    found = gain.search_definitions()
    pd.testing.assert_frame_equal(found[found["measure"].isin(gaps.MEASURES)].reset_index(drop=True), shipped)
    wider = found[~found["measure"].isin(gaps.MEASURES)]
    assert set(wider["measure"]) == {"auk01_TOT", "auk01_DP", "auk01_SY"}  # jobafklaring has no growth to follow
    assert np.isfinite(wider["gain_mio_kr"]).all()
    prices = gain.prices_per_person()["benefit"].value_counts()
    bases, windows, references = 4, 3, 3
    expected = bases * windows * references * (3 * prices["all"] + prices["dagpenge"])
    assert len(wider) == expected
    numbers = ledger.ledger().numbers
    assert numbers["definitions_tried_benefits"].value == expected and numbers["definitions_tried"].value == len(
        shipped
    )

    capsys.readouterr()
    notebook = nbformat.read(Path(__file__).parents[1] / "notebooks" / "02_gain_2014.ipynb", as_version=4)
    names = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    said = capsys.readouterr().out
    assert "all benefit types of AUK01: 4 beside the shipped one" in said
    assert "no growth to follow: Jobafklaringsforløb" in said
    assert "Nettoledige dagpengemodtagere  100.0" in said


KILLED = """
import json, hashlib, os, signal, sys
from pathlib import Path
from ballerup_analysis.upkeep import refresh, statbank
from ballerup_analysis import sources
sources.DATA, statbank.PAUSE, statbank.WAITS = Path(sys.argv[1]), 0, (0,)
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
def test_a_run_killed_at_any_step_leaves_the_folder_valid_and_the_next_run_works(data, service):
    def count(handler, service_, body):
        service.round += 1  # every run finds new figures, so that every run writes
        service.faults.append(count)
        good(handler, service_, body)

    service.round = 1
    service.faults.append(count)
    done = subprocess.run([sys.executable, "-c", KILLED, str(data)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (
        int(done.stdout.split()[-1]) == 2 * 5
    )  # README, answer, file, record, README: each half written, and before it is swapped in


def test_a_leftover_of_a_killed_run_is_no_table_and_is_cleared_but_other_files_stay(data, service):
    folder = data / "raw" / "statbank"
    for name in ("folk1a_2025Q4_h0123abcd.csv", "folk1a_2025Q4_h0123abcd.csv.new", "somebody_elses.csv"):
        (folder / name).write_text("area,quarter,persons\n")
    assert {p.name for p in refresh.leftovers()} == {"folk1a_2025Q4_h0123abcd.csv", "folk1a_2025Q4_h0123abcd.csv.new"}
    assert load("folk1a")["quarter"].max() == "2026Q1"
    refresh.refresh(["AUH01"])
    assert refresh.leftovers() == [] and (folder / "somebody_elses.csv").exists()


def test_every_table_of_the_issue_is_described_and_those_that_take_over_a_name_have_its_columns():
    assert {
        "AUK01",
        "AUH01",
        "AUP02",
        "AUF02",
        "AULP01",
        "LBESK69",
        "RAS200",
        "REGK31",
        "BUDK32",
        "FOLK1A",
        "Y30R21",
    } <= set(statbank.TABLES)
    for spec in statbank.TABLES.values():
        if "value" in spec and spec["name"] in sources._resources():
            with (sources.DATA / sources._resources()[spec["name"]]["path"]).open(encoding="utf-8", newline="") as file:
                head = next(csv.reader(io.StringIO(file.readline())))
            assert [*head[:1], *head[2:]] == ["area", *spec.get("kept", {}).values(), spec["value"]]
