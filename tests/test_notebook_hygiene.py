"""What a saved notebook must be, whatever its cells compute: strict nbval compares only what is saved, and no picture."""

import ast
import base64
import json
import re
import struct
import zlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CELLS, LINES = 35, 12
SMALLEST = (300, 120)  # px of a picture that can show anything
HEAVIEST = 1_000_000  # bytes
# What may hold a digit in prose, because it is no result: code and table names, links, years and dates, paragraphs of
# laws, accounts, items, weeks and methods by number, per 1.000 and of 100 kr., numbers of a list; and the title, which asks.
FREE = re.compile(
    r"\A# .*|^\|.*\]\(\d\d_.*$|`[^`]*`|\[[^\]]*\]\([^)]*\)|https?://\S+|\$[^$]*\$|"
    r"\b\d{1,2}\.? (?:January|February|March|April|May|June|July|August|September|October|November|December)\b|"
    r"\b(?:R|B|BO)?(?:19|20)\d\d(?:[-–/](?:19|20)?\d\d)?(?:Q\d)?\b|§§? ?\d+[a-z]?|\b\d{1,2}\.\d\d(?:\.\d{1,2})?\b|"
    r"\b(?:[Ii]tem|items|case|step|weeks?|persons over|notebook|notebooks|section|table|question|L) \d+(?:–\d+)?\b|"
    r"^\s*(?:#+ )?\d+[.)] |\b[GB][1-9]\b|COVID-19|\b1\.000\b|\b100 kr\. of\b|\b\d+ (?:pct\.|per cent) (?:interval|level)",
    re.MULTILINE,
)
# A whole number and what is counted: one may be left after a parameter is changed. A name alone holds a text.
COUNTED = re.compile(r"\{(?![a-z_]+\})(?![^{}]*, \d\)\})[^{}]*\} (?:\w+ )?(?:persons|points|years)\b")


def picture_size(encoded):
    """Return width and height of a PNG, after checking that it is whole; ValueError otherwise."""
    raw = base64.b64decode("".join(encoded))
    if raw[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    at, pixels, size = 8, b"", None
    while at < len(raw):
        length, kind = struct.unpack(">I4s", raw[at : at + 8])
        body = raw[at + 8 : at + 8 + length]
        if struct.unpack(">I", raw[at + 8 + length : at + 12 + length])[0] != zlib.crc32(kind + body):
            raise ValueError("a damaged PNG")
        size = struct.unpack(">II", body[:8]) if kind == b"IHDR" else size
        pixels += body if kind == b"IDAT" else b""
        at += 12 + length
    if size is None or len(set(zlib.decompress(pixels))) < 3:
        raise ValueError("a PNG of one colour")
    return size


def source(cell):
    return "".join(cell["source"])


def tree_of(cell):
    return ast.parse("\n".join(line for line in source(cell).splitlines() if not line.startswith(("%", "!"))))


def published_values(cell):
    """Return assertions on a value typed as text: stored outputs guard those, an assertion is for an identity."""
    for node in ast.walk(tree_of(cell)):
        if isinstance(node, ast.Assert) and holds_value(node.test):
            yield ast.unparse(node)


def holds_value(node):
    """Tell whether an expression compares with a text that holds a digit, or calls number(); a code may be looked up."""
    match node:
        case ast.Call(func=ast.Name(id="number")):
            return True
        case ast.Constant(value=str() as text):
            return bool(re.search(r"\d", text))
        case ast.Subscript(value=value):
            return holds_value(value)
        case ast.Call(func=function, args=args):
            return any(holds_value(part) for part in [function, *args] if not isinstance(part, ast.Constant))
    return any(map(holds_value, ast.iter_child_nodes(node)))


def faults(notebook):
    """Yield what is wrong with a notebook, as rule and place."""
    cells = notebook["cells"]
    code = [(i, cell) for i, cell in enumerate(cells, start=1) if cell["cell_type"] == "code"]
    prose = [(i, source(cell)) for i, cell in enumerate(cells, start=1) if cell["cell_type"] == "markdown"]
    outputs = [(i, output) for i, cell in code for output in cell["outputs"]]
    tags = {i: cell["metadata"].get("tags", []) for i, cell in code}

    if len(cells) > CELLS:
        yield f"at most {CELLS} cells: {len(cells)}"
    if [cell["execution_count"] for _, cell in code] != list(range(1, len(code) + 1)):
        yield "saved as run once from top to bottom: run python3 run.py notebooks"
    if notebook["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is python3"
    for i, cell in enumerate(cells, start=1):
        if not set(cell["metadata"]) <= {"tags"}:
            yield f"cell {i}: no metadata but tags"

    titles = [line for _, text in prose for line in text.splitlines() if line.startswith("# ")]
    if cells[0]["cell_type"] != "markdown" or len(titles) != 1 or not titles[0].endswith("?"):
        yield "cell 1: one title, a question"
    for word in ("**Reads.**", "**Caveat.**"):
        if word not in source(cells[0]):
            yield f"cell 1: says {word}"
    headings = {line for _, text in prose for line in text.splitlines() if line.startswith("## ")}
    for heading in ("## Answer", "## What we do not know"):
        if heading not in headings:
            yield f"has the heading {heading!r}"
    for i, text in prose:
        if loose := re.findall(r"\S*\d\S*", FREE.sub("", text)):
            yield f"cell {i}: no result in prose, make it with say(): {' '.join(loose)}"

    if not code or not source(code[0][1]).startswith("%load_ext ballerup_analysis"):
        yield "the first code cell begins with %load_ext ballerup_analysis"
    if sum("parameters" in found for found in tags.values()) != 1:
        yield "one cell is tagged parameters"
    imported = set()
    for i, cell in code:
        nodes = [*ast.walk(tree_of(cell))]
        brought = {
            (one.asname or one.name) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom) for one in n.names
        }
        made = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if over := sorted(made & (imported := imported | brought)):
            yield f"cell {i}: run again, a cell before it would find another {over[0]} than it imported"
        text = source(cell)
        if "raises-exception" not in tags[i]:
            yield f"cell {i}: tagged raises-exception, so that the others go on"
        if set(tags[i]) - {"raises-exception", "parameters"}:
            yield f"cell {i}: no other tag"
        if len(text.splitlines()) > LINES:
            yield f"cell {i}: at most {LINES} lines: {len(text.splitlines())}"
        if banned := re.search(r"^\s*class |pd\.read_|https?://|NBVAL_|;\s*$", text, re.MULTILINE):
            yield f"cell {i}: no {banned.group().strip()!r}"
        if sum(isinstance(node, ast.Expr) and not is_call_to(node, "say", "show") for node in tree_of(cell).body) > 1:
            yield f"cell {i}: at most one expression shown"
        if plural := COUNTED.search(text):
            yield f"cell {i}: one person, two persons; say it with written(): {plural.group()}"
        for assertion in published_values(cell):
            yield f"cell {i}: an assertion is for an identity, not for a printed value: {assertion}"

    for i, output in outputs:
        if output["output_type"] == "error" or output.get("name") == "stderr":
            yield f"cell {i}: no error and nothing on stderr is saved"
        if path := re.search(r" at 0x[0-9a-f]+|/home/|/Users/|/tmp/|/root/|[A-Z]:\\\\", json.dumps(output)):
            yield f"cell {i}: no path or address is saved: {path.group()}"
        if png := output.get("data", {}).get("image/png"):
            try:
                size = picture_size(png)
            except (ValueError, struct.error, zlib.error) as error:
                yield f"cell {i}: {error} is saved"
                continue
            if size[0] < SMALLEST[0] or size[1] < SMALLEST[1] or len(png) > HEAVIEST:
                yield f"cell {i}: no picture is of {size[0]} × {size[1]} px"


def is_call_to(node, *functions):
    match node.value:
        case ast.Call(func=ast.Name(id=name)):
            return name in functions
        case ast.Call(func=ast.Attribute()):  # rows.append(row), ax.plot(…): nothing is shown unless it stands last
            return True
    return False


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_saved_notebook_keeps_the_rules_of_the_house(path):
    found = list(faults(json.loads(path.read_text(encoding="utf-8"))))
    assert not found, f"{path.name}:\n" + "\n".join(found)


def png(width, height, row):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress((b"\0" + row) * height))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b"")).decode()


def made_up():
    def code(count, text, *tags, outputs=()):
        metadata = {"tags": [*tags, "raises-exception"]}
        return {
            "cell_type": "code",
            "source": text,
            "metadata": metadata,
            "execution_count": count,
            "outputs": [*outputs],
        }

    def prose(text):
        return {"cell_type": "markdown", "source": text, "metadata": {}}

    picture = {"output_type": "display_data", "data": {"image/png": png(640, 400, bytes(range(256)) + bytes(384))}}
    return {
        "metadata": {"kernelspec": {"name": "python3"}},
        "cells": [
            prose(
                "# How many?\n\n**Reads.** `auk01`.\n\n**Caveat.** None of 2014, § 30 or 5.57.78; see [03](03_x.ipynb)."
            ),
            code(1, "%load_ext ballerup_analysis\nimport math"),
            code(2, 'AREA = "151"', "parameters"),
            code(3, 'show(draw(AREA))\nassert math.isclose(1, 1) and net.loc["000"]', outputs=[picture]),
            prose("## Answer"),
            prose("## What we do not know"),
        ],
    }


def test_each_rule_is_seen_to_be_broken():
    """Change one thing of a notebook that keeps the rules; the fault named must be that one."""
    assert list(faults(made_up())) == []
    wide = [{"output_type": "display_data", "data": {"image/png": image}} for image in (png(2, 2, b"ab"), png(640, 400, bytes(640)))]  # fmt: skip
    stderr, trace = {"output_type": "stream", "name": "stderr", "text": "w"}, {"output_type": "error", "ename": "E"}
    path = {"output_type": "stream", "name": "stdout", "text": "/home/me"}
    sources = {
        "no result in prose": (4, "source", "## Answer\n\nThe gap is 56,8 persons."),
        "prose, make it with say(): 2,5": (4, "source", "## Answer\n\n2,5 of it in 2014."),
        "a question": (0, "source", "# So many\n\n**Reads.** **Caveat.**"),
        "says **Reads.**": (0, "source", "# How?\n\n**Caveat.**"),
        "'## Answer'": (4, "source", "## Result"),
        "begins with %load_ext": (1, "source", "import math"),
        "one cell is tagged parameters": (2, "metadata", {"tags": ["raises-exception"]}),
        "tagged raises-exception": (3, "metadata", {"tags": []}),
        "no other tag": (3, "metadata", {"tags": ["raises-exception", "nbval-skip"]}),
        "no metadata but tags": (0, "metadata", {"editable": True}),
        "at most 12 lines": (3, "source", "x = 1\n" * 13),
        "no 'pd.read_'": (3, "source", "pd.read_csv('x')"),
        "another math than it imported": (3, "source", "math = 9"),
        "no ';'": (3, "source", "x = 1;"),
        "NBVAL_": (3, "source", "# NBVAL_SKIP"),
        "at most one expression": (3, "source", "x\ny"),
        "not for a printed value": (3, "source", 'assert text == "56,8 persons"'),
        "printed value: assert number(10)": (3, "source", "assert number(10) == ten"),
        "say it with written(): {number(n)} full years": (3, "source", "say(f'{told} persons, {number(n, 1)} years, {number(n)} full years')"),
        "say it with written(): {} years": (3, "source", "'{} years ahead'.format(n)"),
        "from top to bottom": (3, "execution_count", 9),
        "2 × 2 px": (3, "outputs", wide[:1]),
        "a PNG of one colour": (3, "outputs", wide[1:]),
        "no PNG": (3, "outputs", [{"output_type": "display_data", "data": {"image/png": "AAAA"}}]),
        "nothing on stderr": (3, "outputs", [stderr]),
        "no error and": (3, "outputs", [trace]),
        "no path": (3, "outputs", [path]),
    }  # fmt: skip
    for wanted, (cell, key, value) in sources.items():
        notebook = made_up()
        notebook["cells"][cell][key] = value
        found = list(faults(notebook))
        assert len(found) == 1 and wanted in found[0], (wanted, found)
    notebook = made_up()
    notebook["cells"] += notebook["cells"][-1:] * 30
    assert list(faults(notebook)) == ["at most 35 cells: 36"]


def unstable_sorts(tree):
    """Return the sorts of a tree that leave it to the processor in which order equals stand: numpy's own one is such."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
    sorts = (call for call in calls if call.func.attr in ("sort_values", "argsort"))
    return [call.lineno for call in sorts if "kind='stable'" not in map(ast.unparse, call.keywords)]


def test_equals_are_sorted_alike_on_every_processor():
    assert unstable_sorts(ast.parse("x.sort_values('a')\nnp.argsort(x, kind='stable')\nx.argsort()")) == [1, 3]
    trees = {path.name: [ast.parse(path.read_text("utf-8"))] for path in (ROOT / "ballerup_analysis").rglob("*.py")}
    held = {path.name: json.loads(path.read_text("utf-8"))["cells"] for path in NOTEBOOKS}
    trees |= {name: [tree_of(one) for one in some if one["cell_type"] == "code"] for name, some in held.items()}
    assert {name: told for name, some in trees.items() if (told := [*map(unstable_sorts, some)]) and any(told)} == {}
