"""Whatever a service sends costs its table alone, hurts no machine and carries no secret away."""

import gzip
import json
import re

import pytest
from loopback import TOKEN, Services, contents, row, send, send_json

from ballerup_analysis.sources import DataError
from ballerup_analysis.upkeep import jobindsats, refresh, service, statbank


def test_the_addresses_are_those_of_today_unless_others_are_named(monkeypatch):
    asked = []

    def ask(method, url, *_, **__):
        asked.append(f"{method} {url}")
        raise DataError("nobody is asked")

    monkeypatch.setattr(service, "ask", ask)
    for name, question in (
        ("STATBANK_URL", lambda: statbank.table_info("AUK01")),
        ("JOBINDSATS_URL", jobindsats.catalogue),
    ):
        monkeypatch.delenv(name, raising=False)
        with pytest.raises(DataError, match="nobody is asked"):
            question()
    assert asked == ["POST https://api.statbank.dk/v1/tableinfo", "GET https://api.jobindsats.dk/v3/tables?format=json"]


def complain(code, message, status=400, **headers):
    return lambda handler, *_: send_json(handler, {"errorTypeCode": code, "message": message}, status, **headers)


def altered(change):  # the first made-up cells of AUH01, those of the country, are 1000
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


def sent_on(to):  # the body is shorter than told: whoever waits for it finds the connection broken
    def fault(handler, *_):
        send(handler, b"x", status=302, Location=to, length=10**6)
        handler.connection.shutdown(2)

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
    "sent on": (sent_on("http://elsewhere/x"), "sent on to http://elsewhere, which is not followed", {}),
    "sent on with a password": (sent_on("http://me:pw@elsewhere/x"), "sent on to an address that is not shown", {}),
    "many parts": (lambda h, *_: send(h, b'[{"":0}' + b',{"":0}' * 20 + b"]", "text/json"), "more than 20 lines, lists and", {"MOST_PARTS": 20}),
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
    "all missing": (altered(lambda raw: re.sub(rb";10+\r", b";..\r", raw)), "no cell has a value"),
    "a hidden sign": (altered(lambda raw: raw.replace(b";1000", ";\u202e48".encode(), 1)), "line 2: '‹U+202E›48' is no whole"),
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
        good, other = json.dumps(kept[name]), next(one for one in cases if one != table)
        raws = {"nested too deep": b"[" * 10**5, "it holds the number 10": b'{"id": 1' + b"0" * 400 + b"}",
                "no JSON but": b"\xff", "it holds the number NaN": b'{"id": NaN}',
                "it holds the number 1e999": b'{"id": 1e999}', "of id, text it tells one twice": b'{"id": 1, "text": 2, "id": 1}'}  # fmt: skip
        for says, change in [*ways.items(), *raws.items()]:
            kept[name] = change if isinstance(change, bytes) else json.loads(good)
            if callable(change):
                change(kept[name])
            done = refresh.refresh([table, other], dry_run=True).set_index("table")
            if says not in str(done.loc[table, "problem"]) or done.loc[other, "state"] != "new":
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


def test_the_longest_time_a_service_may_ask_for_is_waited(data, services, monkeypatch):
    slept = []
    monkeypatch.setattr(service.time, "sleep", slept.append)
    services.faults.append(complain("", "", 429, Retry_After="120"))
    assert row(refresh.refresh(["AUH01"]))["state"] == "new" and 120 in slept


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])  # RFC 6585 and 9110: later it may be another answer
def test_a_service_that_is_busy_or_down_is_asked_again(status, data, services, monkeypatch):
    monkeypatch.setattr(service, "WAITS", (0,))
    services.faults += [complain("", "", status)]
    assert row(refresh.refresh(["AUH01"]))["state"] == "new"


def test_a_refusal_is_not_asked_again(data, services, monkeypatch):
    monkeypatch.setattr(service, "WAITS", (0,))
    for status in (400, 401, 403, 404, 501):
        services.faults += [complain("", "no", status)]
        assert f"HTTP {status}" in row(refresh.refresh(["AUH01"]))["problem"]


def test_a_streamed_answer_that_does_not_tell_its_length_is_refused_for_a_cut_would_read_as_zeros(
    data, services, monkeypatch
):
    monkeypatch.setattr(statbank, "LIMIT", 0)
    services.faults += [streamed(lambda raw: raw)]
    assert "it does not tell its length" in row(refresh.refresh(["AUH01"]))["problem"]


def test_no_redirect_reaches_another_address_and_the_body_of_none_is_waited_for(data, services, token, monkeypatch):
    other = Services()
    try:
        to = {"status": 307, "Location": f"{other.url}/x"}
        services.faults += [lambda handler, *_: send(handler, b"", **to)] * 2
        assert refresh.refresh(["AUH01", "Y07A02"])["state"].tolist() == ["failed", "failed"]
        assert other.asked == []
    finally:
        other.server.server_close()


@pytest.mark.parametrize(
    "url",
    [
        "http://me:hemmelig@127.0.0.1:1", "HTTP://me:hemmelig@127.0.0.1:1", " http://me:hemmelig@127.0.0.1:1",
        "http:///me:hemmelig@127.0.0.1:1", "http:/me:hemmelig@127.0.0.1:1", "//me:hemmelig@127.0.0.1:1",
        "s3://me:hemmelig@h", "http://me:hem/melig@127.0.0.1:1", "http://me:17/hemmelig@127.0.0.1:1",
        "http://me:hemmelig%40127.0.0.1:1", "http://me:hemmelig#x@127.0.0.1:1", "http://me:hemmelig?x@127.0.0.1:1",
        "http://me:hemmelig\\@127.0.0.1:1", "me:hemmelig@[", "http://[hemmelig", "hemmelig://x", "",
    ],
)  # fmt: skip
def test_an_address_with_a_user_or_of_no_form_is_refused_and_nothing_of_it_is_shown(url, data, token, monkeypatch):
    for setting, table in (("STATBANK_URL", "AUH01"), ("JOBINDSATS_URL", "Y07A02")):
        monkeypatch.setenv(setting, url)
        right = "must be http or https, a host and a path, without user, password or blank"
        assert row(refresh.refresh([table]))["problem"] == f"the address in {setting} {right}"
    with pytest.raises(DataError, match=r"^what is named is no address without user"):
        service.ask("GET", url)


def test_the_token_goes_past_every_proxy_to_a_service_on_this_machine(data, services, token, monkeypatch):
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert refresh.refresh(["AUH01", "Y07A02"])["state"].tolist() == ["new", "new"]


def test_certificates_that_are_not_there_are_named(data, monkeypatch, tmp_path):
    monkeypatch.setenv("STATBANK_URL", "https://statbank.invalid")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", f"{tmp_path}/none")
    problem = row(refresh.refresh(["AUH01"]))["problem"]
    assert problem.endswith(f"invalid path: {tmp_path}/none (REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE may name it)")


def test_what_a_service_says_is_plain_and_short_wherever_it_is_printed_or_stored(data, services, capsys):
    said = services.tables["AUH01"]
    good = json.dumps(said)
    sex = next(v for v in said["variables"] if v["id"] == "KØN")
    ways = {
        "a code": lambda: sex.update(values=[{"id": "\x1b[2J\x1b[31mEVIL", "text": "x"}]),
        "a long code": lambda: sex.update(values=[{"id": "Z" * 10**6, "text": "x"}]),
        "a variable": lambda: sex.update(id="\x1b[31mZ\n\nballerup refresh: AUH01: new"),
        "a long variable": lambda: said["variables"].append({"id": "Z" * 10**6, "values": []}),
        "a day": lambda: said.update(updated="\x1b[31mEVIL\n2026"),
        "a long day": lambda: said.update(updated="2026-01-01" + "x" * 10**6),
        "a note": lambda: said.update(footnote={"mandatory": True, "text": "\x1b[31m" + "F" * 10**6}),
        "markup": lambda: said.update(footnote={"mandatory": True, "text": "[x](javascript:a) <b> `c` \u202e"}),
    }
    for number, (what, change) in enumerate(ways.items()):  # each with figures of its own, so that all are recorded
        services.cells["AUH01"] = lambda cell, number=number: 1000 + number if cell["OMRÅDE"] == "000" else 10
        said.clear()
        said.update(json.loads(good) | {"updated": f"2026-11-{number + 1:02}"})
        sex = next(v for v in said["variables"] if v["id"] == "KØN")
        change()
        refresh.tell(["AUH01"])
        refresh.refresh(["AUH01"], accept=True)
        shown = capsys.readouterr().out
        page, record = ((data / name).read_text(encoding="utf-8") for name in ("README.md", "datapackage.json"))
        assert "\x1b" not in shown + page and "\\u001b" not in record and len(shown) < 1500, what
        assert len(page) < 30_000 and len(record) < 200_000, (what, len(page), len(record))
    assert r"\[x\](javascript:a) \<b\> \`c\` |" in page and "\u202e" not in page
    # a cell of the figures, too
    services.faults.append(altered(lambda raw: raw.replace(b"\n000;", b"\n" + b"Z" * 10**6 + b";", 1)))
    said["updated"] = "later"
    assert row(refresh.refresh(["AUH01"]))["problem"] == f"AUH01, line 2: OMRÅDE '{'Z' * 40}…' was not asked for"


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
        jobindsats.fetch("Y07A02", {})
    assert refused.value.__cause__ is None and refused.value.__context__ is None  # no request hangs on it
    print(refresh._told(row(refresh.refresh(["Y07A02"]))))
    out = capfd.readouterr()
    assert "Y07A02: new, 693 rows (693 added, 0 gone, 0 revised), y07a02_2026M07_h" in out.out
    assert TOKEN not in "".join([out.out, out.err, caplog.text, *said])
    assert not [p for p, raw in contents(data).items() if TOKEN.encode() in raw or TOKEN in p]


@pytest.mark.parametrize(("one", "other", "alike"), [
    ("Aarhus", "Århus Kommune", True), ("Høje-Taastrup", "Høje Taastrup", True), ("Nordfyns", "Nordfyn", True),
    ("Fredericia", "Frederikshavn", False), ("Rebild", "Rebilde", False), ("Fanø", "Fano", False),
])  # fmt: skip
def test_the_two_ways_to_write_an_area_are_one_and_no_other_letters_are(one, other, alike):
    assert (service.folded(one) == service.folded(other)) == alike
