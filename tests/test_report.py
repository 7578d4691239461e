"""The report is whole or untouched, says what the notebooks say, and stands alone."""

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from ballerup_analysis import cli, notebooks, processed, report, sources

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return report.build(tmp_path_factory.mktemp("site") / "reports")


def test_readme_headline_numbers_are_the_key_numbers(built):
    records = {r["id"]: r for r in json.loads((built.parent / "key_numbers.json").read_text(encoding="utf-8"))}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^\| \*\*(.+?)\*\* \|(.*)\| `(\w+)` \|$", readme, re.MULTILINE)
    assert len(quoted) == 3
    known = {word for r in records.values() for word in re.findall(r"[\d.,]*\d", r["danish"])} | {"2014"}
    for shown, text, key in quoted:
        assert shown == records[key]["danish"], key
        assert set(re.findall(r"[\d.,]*\d", text)) <= known, text


def test_key_numbers_carry_value_unit_evidence_and_known_sources(built):
    known = set(sources.catalogue()["name"])
    for r in json.loads((built.parent / "key_numbers.json").read_text(encoding="utf-8")):
        assert {"id", "value", "unit", "evidence", "sources"} <= set(r)
        assert r["evidence"] in sources.EVIDENCE and r["sources"] and set(r["sources"]) <= known


def test_page_opens_from_disk_alone_with_findings_figures_and_resolvable_links(built):
    class Page(HTMLParser):
        ids, links, images, outside = set(), set(), [], []

        def handle_starttag(self, tag, attrs):
            a = dict(attrs)
            self.ids.add(a.get("id"))
            if a.get("href", "").startswith("#"):
                self.links.add(a["href"][1:])
            if tag == "img":
                self.images.append(a)
            self.outside += [v for k, v in attrs if k in ("src", "href") and not v.startswith(("data:", "#"))]

    text = built.read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert page.links and page.links <= page.ids and not page.outside
    assert len(page.images) == 6 and all(
        i["alt"] and i["src"].startswith("data:image/png;base64,") for i in page.images
    )
    for finding in ("503.807", "mislabelled in print", "28 others", "433 persons"):
        assert finding in text


def test_own_accounts_show_in_the_report_and_text_from_them_is_escaped(tmp_path, monkeypatch):
    (tmp_path / "accounts.csv").write_text(
        "area;year;benefit;fulltime_persons;net_cost_kr\n151;2013;<b>k</b>;10;100.000.000\n151;2014;<b>k</b>;9;95.000.000\n"
        "000;2013;<b>k</b>;-;200.000.000\n000;2014;<b>k</b>;-;220.000.000\n"
    )
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    text = report.build(tmp_path / "reports").read_text(encoding="utf-8")
    assert "With your own accounts" in text and '<td>G1</td><td class="num">15,0</td>' in text
    assert "<td>&lt;b&gt;k&lt;/b&gt;</td>" in text and "<b>k</b>" not in text  # G2 lacks the country's persons


def test_a_build_that_fails_leaves_the_previous_report_whole(built, monkeypatch):
    before = {p.name: p.read_bytes() for p in built.parent.iterdir()}
    monkeypatch.setattr(report, "draw_all", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.build(built.parent)
    assert {p.name: p.read_bytes() for p in built.parent.iterdir()} == before
    assert [p.name for p in built.parent.parent.iterdir()] == ["reports"]


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
