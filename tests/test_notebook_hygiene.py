"""What a saved notebook must be, whatever its cells compute: strict nbval compares only what is saved."""

import ast
import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
FREE = re.compile(
    r"COVID-19|`[^`]*`|\[\d\d_\w+\]\([^)]*\)|\bG[1-6]\b|\bB20\d\d\b|\b5\.\d\d(?:\.\d\d?)?\b|\b2[01]\.\d\d\b"
)
DATE = re.compile(
    r"\b\d{1,2} (?=January|March|February|June|July|August|November)|\b(?:19|20)\d\d(?:QMAT\d\d)?\b|\b8th\b"
)


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def sources(notebook, kind):
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind]


def test_there_are_notebooks_to_check():
    assert [p.stem for p in NOTEBOOKS][:4] == ["00_overview", "01_sources", "02_gain_2014", "03_grants"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda p: p.stem)
def notebook(request):
    return load(request.param)


def test_saved_executed_once_from_top_to_bottom(notebook):
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    assert [c["execution_count"] for c in code] == list(range(1, len(code) + 1))
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_no_error_warning_path_or_address_in_outputs(notebook):
    outputs = [o for c in notebook["cells"] for o in c.get("outputs", [])]
    assert not [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]
    assert not re.search(r" at 0x[0-9a-f]+|/home/|/Users/|/tmp/|[A-Z]:\\\\", json.dumps(outputs))


def test_cells_are_small_and_carry_tags_only(notebook):
    assert len(notebook["cells"]) <= 35
    assert all(set(c["metadata"]) <= {"tags"} for c in notebook["cells"])
    for source in sources(notebook, "code"):
        assert len(source.splitlines()) <= 12, source


def test_one_title_that_is_a_question_with_answer_reads_writes_and_caveat(notebook):
    prose = sources(notebook, "markdown")
    titles = [line for cell in prose for line in cell.splitlines() if line.startswith("# ")]
    assert notebook["cells"][0]["cell_type"] == "markdown" and len(titles) == 1 and titles[0].endswith("?")
    assert all(f"**{word}.**" in prose[0] for word in ("Answer", "Reads", "Writes", "Caveat"))
    headings = [line for cell in prose for line in cell.splitlines() if line.startswith("## ")]
    assert {"## Control", "## Answer", "## What we do not know"} <= set(headings)


def test_logic_lives_in_the_library_and_nothing_is_skipped(notebook):
    code = "\n".join(sources(notebook, "code"))
    assert "assert " in code
    assert not re.search(r"^\s*class |pd\.read_|https?://|NBVAL_|;\s*$", code, re.MULTILINE)
    assert not {"nbval-skip", "nbval-ignore-output", "raises-exception"} & {
        tag for c in notebook["cells"] for tag in c["metadata"].get("tags", [])
    }


def test_every_number_in_prose_is_tied_by_an_assertion(notebook):
    tree = ast.parse("\n".join(sources(notebook, "code")))
    asserted = {
        found.lstrip("-")
        for node in ast.walk(tree)
        if isinstance(node, ast.Assert)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
        for found in NUMBER.findall(part.value)
    }
    for cell in sources(notebook, "markdown"):
        loose = set(NUMBER.findall(DATE.sub("", FREE.sub("", cell)))) - asserted
        assert not loose, f"no assertion ties {loose} in: {cell[:80]}"
