"""The report is whole or untouched, says what the notebooks say, and stands alone."""

import html
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pdfua
import pikepdf
import pytest

from ballerup_analysis import (
    bilag,
    cli,
    costing,
    danish,
    ledger,
    notebooks,
    processed,
    record,
    report,
    scenarios,
    sources,
)

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def book():
    return ledger.ledger()


@pytest.fixture(scope="module")
def built(tmp_path_factory, book):
    return report.build(tmp_path_factory.mktemp("site") / "reports", book=book)


def test_readme_headline_numbers_are_the_key_numbers(built):
    records = {r["id"]: r for r in json.loads((built.parent / "key_numbers.json").read_text(encoding="utf-8"))}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^\| \*\*(.+?)\*\* \|(.*)\| `(\w+)` \|$", readme, re.MULTILINE)
    assert len(quoted) == 3
    known = {word for r in records.values() for word in re.findall(r"[\d.,]*\d", r["danish"])} | {"2014"}
    for shown, text, key in quoted:
        assert shown == records[key]["danish"], key
        assert set(re.findall(r"[\d.,]*\d", text)) <= known, text


def test_key_numbers_carry_value_unit_evidence_formula_and_known_tables(built):
    known = set(sources.catalogue()["name"])
    for r in json.loads((built.parent / "key_numbers.json").read_text(encoding="utf-8")):
        assert {"id", "value", "unit", "evidence", "formula", "cells", "notebook", "scenario"} <= set(r)
        assert r["formula"] and r["cells"] and r["tables"] and set(r["tables"]) <= known
        assert (ROOT / "notebooks" / f"{r['notebook']}.ipynb").exists()


class Page(HTMLParser):
    """What the page shows, and where it points."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.images, self.outside, self.tags, self.text = set(), [], [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.tags.append((tag, a))
        self.ids.add(a.get("id"))
        if a.get("href", "").startswith("#"):
            self.links.append(a["href"][1:])
        if tag == "img":
            self.images.append(a)
        self.outside += [v for k, v in attrs if k in ("src", "href") and not v.startswith(("data:", "#"))]

    def handle_data(self, data):
        self.text += data


def test_page_is_danish_stands_alone_and_has_the_committees_headings(built):
    page = Page(built.read_text(encoding="utf-8"))
    assert ("html", {"lang": "da"}) in page.tags and not page.outside
    assert page.links and set(page.links) <= page.ids
    headings = ["Sammendrag", "Baggrund", "Sagsfremstilling", "Økonomiske konsekvenser og finansiering", "Bilag"]
    at = [page.text.index(f"\n{heading}\n") for heading in headings]
    assert at == sorted(at)
    for finding in ("503.807", "trykt under forkert overskrift", "28 others", "433 persons"):
        assert finding in page.text


def test_every_figure_has_alt_text_and_a_table_behind_it(built):
    page = Page(built.read_text(encoding="utf-8"))
    assert len(page.images) == 6 == page.text.count("Tallene bag figuren")
    assert all(len(i["alt"]) > 60 and i["src"].startswith("data:image/png;base64,") for i in page.images)
    assert (built.parent / "figures" / "placebo.png").read_bytes().startswith(b"\x89PNG")


def test_every_number_in_the_text_is_a_link_to_a_note_with_its_cells(book):
    blocks = bilag.compose(book, local=False)
    text = [b["parts"] for b in blocks if "parts" in b] + [i for b in blocks for i in b.get("items", [])]
    parts = [part for parts in text for part in parts]
    shown = {part["to"] for part in parts if part["to"]}
    assert len(shown) > 20 and shown <= set(book.numbers)
    assert {part["text"] for part in parts if part["to"]} >= {"7,6 mio. kr.", "3.080", "16 pct.", "46 kr. (ubekræftet)"}
    notes = bilag.notes(book, {id: ledger.trace(entry) for id, entry in book.numbers.items()})
    assert {b["id"] for b in notes if b["kind"] == "heading"} == {f"kilde-{id}" for id in book.numbers}
    at = next(i for i, b in enumerate(notes) if b.get("id") == "kilde-published_gain_2014")
    assert notes[at + 2]["rows"] == [["gain_2014", "7,6", "data/raw/papers/minutes_2015/statements.csv, linje 13"]]


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("Det var i 2014.", "line 1: '2014.' holds a digit"),
        ("Tekst.\n\nPrisen er {{ 7.6 }}.", "line 3: '7.6' holds a digit"),
        ('{{ "3 personer" }}', "holds a digit"),
        ("{{ n.needed_prise }}", "no number 'needed_prise' in the ledger of Ballerup; did you mean 'needed_price'"),
        ("{{ ukendt }}", "'ukendt' is undefined"),
        ("Forskellen er {{ n.gap_kontanthjaelp_2014 }} flere.", "'flere' in .* is not borne out .*56,8 personer: down"),
        ("Udgiften faldt. Forskellen er {{ n.gap_kontanthjaelp_2014 }}.", "'faldt' in .*no number in the sentence"),
        (
            "Budgettet er {{ n.budget_rise_2020 }} over budget.",
            r"'over budget' in .*\(budget_rise_2020 is 1,1 mio. kr.: same\)",
        ),
        ('{{ word("niveau", n.definitions_hit) }}', "definitions_hit claims no direction"),
    ],
)
def test_a_digit_an_unknown_id_or_a_false_claim_is_one_error_and_the_report_stays(built, book, sentence, message):
    before = everything(built.parent)
    with pytest.raises(sources.DataError, match=message):
        report.build(built.parent, book=book, template=sentence)
    assert everything(built.parent) == before


def test_a_true_claim_may_be_written_by_hand_and_words_follow_the_threshold(book):
    assert bilag.compose(book, False, "Det er {{ n.gap_kontanthjaelp_2014 }} færre.")
    entry = book["gap_kontanthjaelp_2014"]  # fewer than expected is positive; one per cent of 358 expected is 3,6
    for value, word in (
        (3.7, "lavere end"),
        (3.5, "stort set det samme som"),
        (-3.5, "stort set det samme som"),
        (-3.7, "højere end"),
    ):
        changed = replace(book, numbers=book.numbers | {entry.id: replace(entry, value=value)})
        (block,) = bilag.compose(changed, False, '{{ word("niveau", n.gap_kontanthjaelp_2014) }}')
        assert block["parts"][0]["text"] == word
    assert [book[f"budget_rise_{year}"].sense for year in range(2020, 2025)] == ["same", *["up"] * 4]


def test_pdf_is_tagged_danish_titled_paged_and_passes_the_checker(built):
    path = built.parent / "bilag.pdf"
    with pikepdf.open(path) as pdf:
        root = pdf.Root
        assert root.MarkInfo.Marked and str(root.Lang).startswith("da") and root.ViewerPreferences.DisplayDocTitle
        assert "7,6 mio. kr." in str(pdf.docinfo["/Title"]) and len(pdf.pages) > 5 and "/PageLabels" in root
        with pdf.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
        figures = [e for e in tagged(root.StructTreeRoot) if e.get("/S") == "/Figure"]
        assert len(figures) == 6 and all(len(str(f.Alt)) > 60 for f in figures)
    found = pdfua.validate(path)
    assert not found.findings


def tagged(node):
    """Yield every structure element below a node."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from tagged(kid)


AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.skipif(
    not (shutil.which("chromium") and AXE.exists()), reason="needs chromium and: npm install --no-save axe-core"
)
def test_axe_core_finds_no_violation_in_the_page(built, tmp_path):
    show = "r => { const e = document.createElement('pre'); e.id = 'axe'; e.textContent = JSON.stringify(r); document.body.append(e); }"
    script = f"<script>{AXE.read_text(encoding='utf-8')}</script><script>document.querySelectorAll('details').forEach(d => d.open = true); axe.run().then({show})</script>"
    (tmp_path / "page.html").write_text(
        built.read_text(encoding="utf-8").replace("</body>", script + "</body>"), encoding="utf-8"
    )
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/profile",
        "--virtual-time-budget=60000",
    ]
    done = subprocess.run(
        [*command, "--dump-dom", (tmp_path / "page.html").as_uri()], capture_output=True, text=True, timeout=120
    )
    result = re.search(r'<pre id="axe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert result, done.stderr[-500:]
    result = json.loads(html.unescape(result[1]))
    assert len(result["passes"]) > 20
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in result["violations"]] == []


def test_own_accounts_show_in_the_report_and_text_from_them_is_escaped(tmp_path, monkeypatch, book):
    (tmp_path / "accounts.csv").write_text(
        "area;year;benefit;fulltime_persons;net_cost_kr\n151;2013;<b>#k</b>;10;100.000.000\n151;2014;<b>#k</b>;9;95.000.000\n"
        "000;2013;<b>#k</b>;-;200.000.000\n000;2014;<b>#k</b>;-;220.000.000\n"
    )
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    made = report.build(tmp_path / "reports", book=book)
    text = made.read_text(encoding="utf-8")
    assert "Egne regnskaber" in text and '<td>G1</td><td class="num">15,0</td>' in text
    assert "<td>&lt;b&gt;#k&lt;/b&gt;</td>" in text and "<b>#k</b>" not in text  # G2 lacks the country's persons
    assert record.verify(made.parent) == []
    (tmp_path / "accounts.csv").write_text("changed")
    assert record.verify(made.parent) == ["data file local/accounts.csv: has changed"]


def test_a_source_cannot_add_a_link_or_a_heading(book):
    sly = replace(book, name="# X\n\n# Y\ue000needed_price\ue0011\ue002")
    (block,) = bilag.compose(sly, False, "Om {{ n.name }}")
    assert block["kind"] == "paragraph" and [part["to"] for part in block["parts"]] == [""]


def test_a_neighbours_report_says_what_is_not_available_and_shows_none_of_it(tmp_path):
    page = Page(report.build(tmp_path / "reports_159", area="159").read_text(encoding="utf-8"))
    assert (
        "Ikke tilgængeligt for Gladsaxe Kommune" in page.text
        and "Den offentliggjorte besparelse: bygger på" in page.text
    )
    assert "7,6 mio. kr." not in page.text and len(page.images) == 4 and set(page.links) <= page.ids


def everything(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_building_twice_gives_the_same_bytes(built, book, tmp_path):
    again = report.build(tmp_path / "reports", book=book).parent
    assert everything(again) == everything(built.parent)


@pytest.mark.parametrize("broken", ["draw_all", "_pdf", "run_record", "Path.rename"])
def test_a_build_that_fails_leaves_the_previous_report_whole(built, book, broken, monkeypatch):
    before = everything(built.parent)
    rename = Path.rename
    if broken == "Path.rename":  # the last step of all: the new folder cannot take the place of the old one
        monkeypatch.setattr(Path, "rename", lambda self, to: 1 / 0 if self.name == "new" else rename(self, to))
    else:
        monkeypatch.setattr(report, broken, lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.build(built.parent, book=book)
    assert everything(built.parent) == before
    assert [p.name for p in built.parent.parent.iterdir()] == ["reports"]


def test_a_folder_that_cannot_be_written_is_one_error(tmp_path, book, capsys):
    (tmp_path / "file").touch()
    with pytest.raises(sources.DataError, match="cannot be written"):
        report.build(tmp_path / "file" / "reports", book=book)


def test_a_stale_ledger_is_not_built(built, book):
    with pytest.raises(sources.DataError, match="stale: folk1a"):
        report.build(built.parent, book=replace(book, data=book.data | {"folk1a": "sha256:old"}))


def test_verify_names_what_no_longer_holds(built, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "reports"
    shutil.copytree(built.parent, folder)
    assert cli.main(["verify", str(folder)]) == 0
    saved = json.loads((folder / "run_record.json").read_text(encoding="utf-8"))
    assert saved["scenario"] is None and saved["results"]["definitions_hit"] == {"value": 5, "danish": "5"}
    numbers = (folder / "key_numbers.json").read_text(encoding="utf-8")
    (folder / "key_numbers.json").write_text(numbers.replace('"value": 7.6', '"value": 8.6'), encoding="utf-8")
    (folder / "bilag.pdf").unlink()
    saved["data"]["raw/rates.toml"], saved["environment"]["pandas"] = "0", "0.1"
    del saved["code"]["files"]["gain.py"]
    (folder / "run_record.json").write_text(json.dumps(saved), encoding="utf-8")
    capsys.readouterr()
    assert cli.main(["verify", str(folder)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "data file raw/rates.toml: has changed",
        "code gain.py: is new",
        "package pandas: has changed",
        "report file bilag.pdf: is not there",
        "report file key_numbers.json: has changed",
        "result published_gain_2014: 8.6 instead of 7.6",
    ]
    (folder / "run_record.json").write_text("{}", encoding="utf-8")
    assert cli.main(["verify", str(folder)]) == 1 and "is no run record" in capsys.readouterr().err
    assert cli.main(["verify", str(tmp_path)]) == 1 and "holds no run_record.json" in capsys.readouterr().err


def test_processed_tables_are_what_the_raw_files_give():
    for name, table in processed.tables():
        built = table.to_csv(index=False, float_format="%.10g", lineterminator="\n").splitlines()
        stored = (ROOT / "data" / "processed" / f"{name}.csv").read_text(encoding="utf-8").splitlines()
        changed = [row for row, pair in enumerate(zip(stored, built, strict=False), start=1) if pair[0] != pair[1]]
        if changed or len(stored) != len(built):  # said in short: a diff of the whole file would take minutes
            where = f"row {changed[0]}" if changed else f"{len(stored)} rows instead of {len(built)}"
            pytest.fail(f"{name}.csv is stale ({where}); if the change is intended: python3 run.py data")


def make_notebook(folder, *cells):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    path = folder / "00_tried.ipynb"
    nbformat.write(nb, path)
    return path


def test_a_failing_notebook_is_named_with_cell_and_assertion_and_nothing_is_saved(tmp_path, monkeypatch, capsys):
    path = make_notebook(tmp_path, "x = 1", "y = 2\nassert x == y, f'mangler {y - x} kr'")
    before = path.read_bytes()
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    assert cli.main(["notebooks"]) == 1
    error = capsys.readouterr().err
    assert "00_tried.ipynb, cell 2" in error and "assert x == y" in error and "mangler 1 kr" in error
    assert path.read_bytes() == before


def test_saving_leaves_counts_and_outputs_but_no_timestamps(tmp_path, monkeypatch, capsys):
    path = make_notebook(tmp_path, "1 + 1")
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    assert cli.main(["notebooks"]) == 0
    assert "notebook 1 of 1: 00_tried ... " in capsys.readouterr().out
    cell = nbformat.read(path, as_version=4).cells[0]
    assert cell.execution_count == 1 and cell.outputs[0].data["text/plain"] == "2" and not cell.metadata


def test_one_changed_stored_output_fails_strict_nbval_naming_the_notebook(tmp_path):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    text = (ROOT / "notebooks" / "01_sources.ipynb").read_text(encoding="utf-8")
    changed = text.replace("Ballerup Kommune, referat", "Ballerup Kommune, Referat")
    assert changed != text
    (tmp_path / "01_sources.ipynb").write_text(changed, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--nbval",
        "--nbval-current-env",
        str(tmp_path),
    ]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 1 and "FAILED 01_sources.ipynb::" in run.stdout and "1 failed" in run.stdout


def test_a_scenario_is_told_with_its_cost_and_its_text_stays_text(tmp_path):
    change = costing.Change("gap_points", 0.5)
    told = scenarios.Scenario("<b>half</b>", "{{ 1 }} =1+1 færre", changes=(change,))
    page = report.build(tmp_path / "reports", scenario=told)
    text = html.unescape(page.read_text(encoding="utf-8"))
    extra = (costing.cost((change,))[0] - costing.cost(())[0]).sum(axis=0)[3] / 1000
    assert f">{danish.number(extra, 1, 'mio. kr.')} (antaget)</a>" in text and "<b>half" not in page.read_text(
        encoding="utf-8"
    )
    assert "{{ 1 }} =1+1 færre" in text
    kept = json.loads((page.parent / "run_record.json").read_text(encoding="utf-8"))["scenario"]
    assert scenarios.read(kept) == told


def test_a_scenario_file_that_is_not_there_is_one_error_before_anything_runs(capsys):
    assert cli.main(["report", "--scenario", "nowhere.toml"]) == 1
    assert "nowhere.toml cannot be read" in capsys.readouterr().err
