"""A StatBank and a jobindsats on this machine: made-up figures in the recorded form, and recorded answers byte by byte."""

import contextlib
import itertools
import json
import random
import re
import shutil
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from ballerup_analysis import sources
from ballerup_analysis.sources import load
from ballerup_analysis.upkeep import jobindsats, refresh, service, statbank

RECORDED = {
    name: json.loads((Path(__file__).parent / "recorded" / f"{name}.json").read_text(encoding="utf-8"))["exchanges"]
    for name in ("statbank", "jobindsats")
}
AREAS = load("areas")
REGIONS = AREAS.loc[AREAS["level"] != "landsdel", "code"].tolist()
TOWNS = {*AREAS.loc[AREAS["level"] == "kommune", "code"], *AREAS.loc[AREAS["level"] == "kommune", "name"]}
NAMES = ["Hele landet", *AREAS.loc[AREAS["level"] == "kommune", "name"], "Uoplyst område"]
QUARTERS = [f"{year}K{q}" for year in range(2008, 2026) for q in range(1, 5)] + ["2026K1", "2026K2"]
MONTHS = [f"2026M{month:02d}" for month in range(1, 8)]
TOKEN = "made-up-secret-4711"
GROUPS = ["Ydelsesgrupper i alt", "A-dagpenge", "Kontanthjælp"]
LABELS = {"_nykom": "Område", "_ygrpi09": "Ydelsesgrupper", "_akassebl": "A-kasse", "_ygrp_y30r21": "Ydelsesgrupper"}


def info(table, areas, periods, **kept):
    """What the made-up StatBank says of a table, in the form recorded for STRAF42."""
    spec = statbank.TABLES[table]
    variables = {spec.get("area", "OMRÅDE"): areas} | {v: [c, "other"] for v, c in spec["fixed"].items()} | kept
    texts = dict(zip(AREAS["code"], AREAS["name"], strict=True)) | {
        code: text for texts in kept.values() if isinstance(texts, dict) for code, text in texts.items()
    }
    return {
        "id": spec.get("table", table), "text": table, "unit": "Antal", "suppressedDataValue": "0",
        "updated": "2026-11-11T08:00:00", "active": True, "footnote": None,
        "variables": [
            {"id": v, "text": v.lower(), "elimination": v != "Tid", "time": v == "Tid",
             "values": [{"id": c, "text": texts.get(c, c)} for c in codes]}
            for v, codes in (variables | {"Tid": periods}).items()
        ],
    }  # fmt: skip


def about(table, measures, periods=MONTHS, kind="M", **kept):
    """What the made-up jobindsats says of a table, in the form public clients read."""
    hierarchies = {"_nykom": NAMES, "_kon": ["I alt", "Kvinder"]} | kept
    return {
        "table_id": table, "table_name": table, "update_freq": "m", "update_latest": "2026-08-24", "update_next": "",
        "mgroups": [{"mgroup_id": one, "mgroup_name": label} for one, label in measures.items()],
        "periods": [{"periodtype_id": kind, "values": [{"period_id": p} for p in periods]}],
        "dimensions": [
            {"dimension_id": name, "hierarchies": [{"hierarchy_id": name, "levels": [
                {"level_id": f"{name}{at > 0}", "values": [{"value_id": "/" if not at else f"/{at}/", "value_name": value}]}
                for at, value in enumerate(values)
            ]}]}
            for name, values in hierarchies.items()
        ],
    }  # fmt: skip


A02 = {"mgrpa02_1": "Antal personer", "mgrpa02_3": "Antal fuldtidspersoner", "mgrpa02_4b": "Fuldtidspersoner i pct."}


def send(handler, raw, kind="text/csv; charset=utf-8", status=200, length=None, **headers):
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if length != "none":
        handler.send_header("Content-Length", str(len(raw) if length is None else length))
    handler.end_headers()
    handler.wfile.write(raw)


def send_json(handler, value, status=200, **headers):
    raw = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
    send(handler, raw, "text/json; charset=utf-8", status, **headers)


def usual(*keys):
    """10 of a municipality, 1000 of any larger area: the parts are no more than the whole."""
    return 10 if TOWNS.intersection(keys) else 1000


class Services:
    """Answers as the two services do; ``faults`` answer the next requests for data in their stead."""

    def __init__(self):
        self.tables = {
            "FOLK1A": info("FOLK1A", [*REGIONS, "411"], QUARTERS),
            "AUH01": info("AUH01", [*AREAS["code"], "997"], ["2012", "2013", "2014"],
                          YDELSESTYPE={"TOT": "I alt", "SU": "SU-modtagere"}),
        }  # fmt: skip
        self.cells = {}  # what a cell of StatBank is, as :func:`usual` unless said otherwise
        self.about = {"y07a02": about("y07a02", A02)}
        self.value = lambda area, period, label: usual(area)
        self.recorded = {}  # whole answers by method and address
        self.faults, self.asked, self.round = deque(), [], 0
        self.held = threading.Event()  # what a fault may wait for: it is set when the test is over
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args):
                pass

            def do_GET(self):
                outer.answer(self)

            def do_POST(self):
                outer.answer(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler):
        sent = handler.rfile.read(int(handler.headers["Content-Length"] or 0)).decode()
        self.asked.append((handler.command, handler.path, sent))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            path = urlsplit(handler.path).path
            if (handler.command, handler.path) in self.recorded:
                return send(handler, *self.recorded[handler.command, handler.path])
            if "/data" in path and self.faults:
                return self.faults.popleft()(handler, self, sent)
            return self.good(handler, path, sent)

    def good(self, handler, path, sent):
        if path.startswith("/j/"):
            return self.jobindsats(handler, path.split("/")[2:])
        if handler.command != "POST":
            return send_json(handler, {"errorTypeCode": "REQUEST-MISSING", "message": "POST"}, 400)
        body = json.loads(sent)
        if path == "/tables":
            tables = [{"id": t, "active": True} for t in self.tables]
            return send_json(handler, tables)
        table = self.tables.get(body["table"])
        if table is None:
            return send_json(handler, {"errorTypeCode": "x", "message": f"Tabel findes ikke: {body['table']}"}, 400)
        if path == "/tableinfo":
            return send_json(
                handler, table if isinstance(table, bytes) or not self.round else table | {"updated": f"{self.round}"}
            )
        return self.statbank(handler, table, body)

    def statbank(self, handler, table, body):
        chosen = {v["code"]: v["values"] for v in body["variables"]}
        for variable in table["variables"]:
            known = {x["id"] for x in variable["values"]}
            if odd := [c for c in chosen.get(variable["id"], []) if c not in known]:
                complaint = {
                    "errorTypeCode": "EXTRACT-NOTFOUND",
                    "message": f"Can't find value: {odd[0]} ({variable['id']})",
                }
                return send_json(handler, complaint, 400)
        raw, rows = self.table(body)
        if body["format"] == "CSV" and rows * (len(chosen) + 1) > statbank.LIMIT:
            return send_json(handler, {"errorTypeCode": "REQUEST-LIMIT", "message": "over begrænsningen"}, 400)
        return send(handler, raw)

    def table(self, body):
        """Every combination asked for; BULK without those that are 0, in any order and without a byte order mark."""
        codes, cell = (
            [v["code"].upper() for v in body["variables"]],
            self.cells.get(body["table"], lambda cell: usual(*cell.values())),
        )
        rows = []
        for combination in itertools.product(*(v["values"] for v in body["variables"])):
            value = str(cell(dict(zip(codes, combination, strict=True))))
            if body["format"] == "CSV" or value != "0":
                rows.append(";".join([*combination, value]))
        if body["format"] == "BULK":
            random.Random(1).shuffle(rows)
        text = "\r\n".join([";".join([*codes, "INDHOLD"]), *rows]) + "\r\n"
        return text.encode("utf-8-sig" if body["format"] == "CSV" else "utf-8"), len(rows)

    def jobindsats(self, handler, path):
        if handler.headers["Authorization"] != f"Bearer {TOKEN}":
            return send_json(handler, {"code": 401, "cause": "Unauthorized"}, 401)
        query = dict(parse_qsl(urlsplit(handler.path).query))
        if handler.command != "GET" or query.get("format") != "json":
            return send_json(handler, {"code": 405, "cause": "GET and format=json"}, 405)
        if path == ["tables"]:
            tables = [{"table_id": table, "table_name": table} for table in self.about]
            return send_json(handler, [{"subject_name": "Ydelser", "table_groups": [{"tables": tables}]}])
        there = self.about.get(path[1])
        if there is None:
            return send_json(handler, {"code": 404, "cause": f"Unknown table: {path[1]}"}, 404)
        return send_json(handler, there) if path[0] == "table" else self.rows(handler, there, query)

    def rows(self, handler, there, query):
        values = {d["dimension_id"]: [v["value_name"] for level in d["hierarchies"][0]["levels"] for v in level["values"]]
                  for d in there["dimensions"]}  # fmt: skip
        asked = {k.partition(".")[2]: v for k, v in query.items() if k.startswith("hierarchy.")}
        if unknown := [name for name in asked if name not in values]:
            return send_json(handler, {"code": 422, "cause": f"Unknown hierarchies: {unknown}"}, 422)
        kind, number = next((k.partition(".")[2], int(v.partition(":")[2])) for k, v in query.items() if "period." in k)
        offered = {p["periodtype_id"]: [v["period_id"] for v in p["values"]] for p in there["periods"]}[kind]
        limit = there.get("limit", len(offered))
        if number > limit:
            return send_json(handler, {"code": 422, "cause": f"only {limit} periods are available"}, 422)
        chosen = [values[name] if which == "*" else values[name][:1] for name, which in asked.items()]
        labels = [one["mgroup_name"] for one in there["mgroups"]]
        rows = [[period, *keys, *(self.value(keys[0], period, label) for label in labels)]
                for period in offered[-number:] for keys in itertools.product(*chosen)]  # fmt: skip
        return send_json(handler, {"columns": ["Periode", *(LABELS.get(n, n) for n in asked), *labels], "rows": rows})


@pytest.fixture
def services():
    """Give the two services, served until the test is over."""
    made = Services()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.held.set()
    made.server.shutdown()
    thread.join()
    made.server.server_close()


@pytest.fixture
def data(tmp_path, monkeypatch, services):
    """Give a copy of the data folder as shipped; the services are asked without waiting, with no token."""
    shutil.copytree(sources.DATA, tmp_path / "data", ignore=shutil.ignore_patterns("accounts.csv", "cache"))
    monkeypatch.setattr(sources, "DATA", tmp_path / "data")
    shipped_only(tmp_path / "data")
    monkeypatch.setenv("STATBANK_URL", services.url)
    monkeypatch.setenv("JOBINDSATS_URL", f"{services.url}/j")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("JOBINDSATS_TOKEN", raising=False)
    monkeypatch.setattr(service, "WAITS", (0, 0))
    monkeypatch.setattr(service, "PAUSE", 0)
    return tmp_path / "data"


@pytest.fixture
def token(monkeypatch):
    """Give the token that the made-up jobindsats takes."""
    monkeypatch.setenv(jobindsats.TOKEN, TOKEN)
    return TOKEN


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


def contents(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".lock")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def row(done):
    """The only row of a refresh or a check."""
    (only,) = done.to_dict("records")
    return only
