"""Every value in a parameter cell may be changed: the notebook answers for that value, and names the area chosen.

A notebook runs once as saved; then, from there, its changed parameters and the cells that rest on them, as
``variants.toml`` has them. What a cell rests on is read off the names it uses and sets.
"""

import ast
import asyncio
import html
import re
import symtable
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pandas as pd
import pytest
from seen import hold

from ballerup_analysis import frame, nowcast
from ballerup_analysis.baselines import budget_2017
from ballerup_analysis.sources import HOME, area_code, area_name, load
from ballerup_analysis.upkeep import kernels, notebooks

VARIANTS = tomllib.loads((Path(__file__).parent / "variants.toml").read_text(encoding="utf-8"))
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
REFUSED, NEEDS = "Cannot be computed:", "Not computed:"


def tree_of(source):
    return ast.parse("\n".join(line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))))


def imported(source):
    nodes = [node for node in ast.walk(tree_of(source)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {(one.asname or one.name).partition(".")[0] for node in nodes for one in node.names}


def names(source, modules=frozenset()):
    """Return the names a cell takes from others, those it sets, and those it changes in place.

    What a function or a comprehension calls its own is no name of the cell; nor does a cell take what it has surely set before.
    """
    taken, made, changed = set(), set(), set()
    for statement, sure in in_turn(tree_of(source).body, set()):
        takes, sets = scope_of(statement)
        taken |= takes - sure
        made |= sets
        changed |= changed_by(statement) & (takes | sets) - sure - modules
    return taken, made, changed


def in_turn(statements, sure):
    """Yield the simple statements of a cell, each with the names that are surely set before it."""
    for statement in statements:
        match statement:
            case ast.For(target=target, iter=values, body=body, orelse=after):
                each = ast.Assign([target], values, lineno=0)
                yield each, sure
                yield from in_turn(body, sure | scope_of(each)[1])
                yield from in_turn(after, set(sure))
            case ast.If(test=test, body=body, orelse=after) | ast.While(test=test, body=body, orelse=after):
                yield ast.Expr(test), sure
                for branch in (body, after):
                    yield from in_turn(branch, set(sure))
            case _:
                yield statement, sure
                if not isinstance(statement, ast.Try | ast.Match):
                    sure |= scope_of(statement)[1]


def scope_of(node):
    """Return the names of the cell that a piece of it takes and sets; pandas' query names variables in a text."""
    whole = symtable.symtable(ast.unparse(node), "cell", "exec")
    tables = [whole]
    for table in tables:
        tables += table.get_children()
    takes = {s.get_name() for table in tables for s in table.get_symbols() if s.is_global() and s.is_referenced()}
    texts = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    sets = {s.get_name() for s in whole.get_symbols() if s.is_assigned() or s.is_imported()}
    own = of_comprehensions(node)  # from Python 3.12 on the symbols of a comprehension stand among those around it
    return takes - own | {name for text in texts for name in re.findall(r"@(\w+)", text)}, sets - own


def of_comprehensions(node):
    """Return the names that stand nowhere but in comprehensions which call them their own."""

    def others(one, own):
        if isinstance(one, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            own = own | {n.id for part in one.generators for n in ast.walk(part.target) if isinstance(n, ast.Name)}
        if isinstance(one, ast.Name) and one.id not in own:
            yield one.id
        for child in ast.iter_child_nodes(one):
            yield from others(child, own)

    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} - set(others(node, frozenset()))


def changed_by(statement):
    """Return the names whose value a statement changes in place, as ``rows.append(row)`` does."""
    found = set()
    for node in ast.walk(statement):
        match node:
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store() | ast.Del()):
                found.add(base_name(node))
            case ast.Expr(value=ast.Call(func=ast.Attribute() as method)):
                found.add(base_name(method))
            case ast.AugAssign(target=target):
                found.add(base_name(target))
    return found - {None}


def base_name(node):
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def resting_on(parameters, cells):
    """Return which cells (index: names) must run again when the parameters change, and the names they set.

    A cell that changes a name in place runs with those that made it; so does one that uses a name made in several.
    """
    again, moved = set(), set(parameters)
    while True:
        needed = {name for i in again for name in cells[i][0] | cells[i][2]}
        made_in = {name: [i for i, (_, made, changed) in cells.items() if name in made | changed] for name in needed}
        several = {i for where in made_in.values() if len(where) > 1 for i in where}
        grown = {i for i, (used, _, changed) in cells.items() if (used | changed) & moved} | again | several
        if grown == again:
            return sorted(again), moved - set(parameters)
        again = grown
        moved |= {name for i in again for name in cells[i][1] | cells[i][2]}


def answering_for(parameters, sources, modules=frozenset()):
    """Return the cells whose last line, which is what they show, comes from the parameters."""
    touched, found = set(parameters), []
    for i, source in sources.items():
        answers = False
        for statement in tree_of(source).body:
            used, made, changed = names(ast.unparse(statement), modules)
            answers = bool((used | changed) & touched)
            touched = touched | made | changed if answers else touched - made
        if answers:
            found.append(i)
    return found


def text_of(output):
    """Return the sentences of an output: Markdown, printed text, what stands for a figure; no table."""
    if output.output_type == "stream":
        return output.text
    data = output.get("data", {})
    page = data.get("text/html", "")
    alt = " ".join(re.findall(r'alt="([^"]*)"', page))
    return "\n".join(filter(None, [data.get("text/markdown") or ("" if page else data.get("text/plain", "")), alt]))


def sentences(outputs):
    text = "\n".join(text_of(o) for o in outputs if o.output_type != "error")
    return [s.strip() for s in re.split(r"(?<=[.!?])\s+|\n+", text) if s.strip()]


def tables(outputs):
    pages = [o.get("data", {}).get("text/html", "") for o in outputs]
    return [page for page in pages if "<table" in page]


class Kernel:
    """A notebook in its kernel, whose cells can be run again."""

    def __init__(self, path):
        self.notebook = nbformat.read(path, as_version=4)
        self.code = {i: cell for i, cell in enumerate(self.notebook.cells) if cell.cell_type == "code"}
        self.client = notebooks.open_client(self.notebook, path.parent, allow_errors=True)

    def __enter__(self):
        self.loop = asyncio.Runner()
        self.loop.run(notebooks.start(self.client))
        return self

    def __exit__(self, *_):
        self.loop.run(notebooks.stop(self.client))
        self.loop.close()

    def run(self, i, source=None):
        cell = nbformat.v4.new_code_cell(self.code[i].source if source is None else source)
        return self.loop.run(self.client.async_execute_cell(cell, i)).outputs


def rows_of(page):
    """Return the rows of the tables of a page, one line each."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.DOTALL)
    cells = ([*re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)] for row in rows)
    return [" | ".join(html.unescape(" ".join(re.sub(r"<[^>]*>", " ", cell).split())) for cell in row) for row in cells]


def told_by(outputs):
    """Return what a cell shows: its sentences and the rows of its tables."""
    return [*sentences(outputs), *(row for page in tables(outputs) for row in rows_of(page))]


def problems(path, spec, ballerup_alone=(), same_for_all=(), answers=None):
    """Return what is wrong with a notebook's answers for other parameters, one line each; put the answers into ``answers``."""
    found = []
    with Kernel(path) as kernel:
        at = next((i for i, cell in kernel.code.items() if "parameters" in cell.metadata.get("tags", [])), None)
        if at is None:
            return [f"{path.stem}: no cell is tagged parameters"]
        given = names(kernel.code[at].source)[1]
        modules = {name for cell in kernel.code.values() for name in imported(cell.source)}
        cells = {i: names(cell.source, modules) for i, cell in kernel.code.items() if i != at}
        found += shortcomings(path.stem, spec, given)
        typed = re.compile(rf"""["']{HOME}["']|\b{area_name(HOME)}\b""")
        as_saved = {i: kernel.run(i) for i in kernel.code}
        wrong = [(i, line) for i, o in as_saved.items() for line in broken(o)]
        if wrong:
            found += [f"{path.stem} as saved: cell {i + 1}: {line}" for i, line in wrong]
            return [*found, f"{path.stem}: no other value was tried"]
        kernel.run(at, "_as_saved = dict(globals())")
        other_kind = "; ".join(f"{name} = {{}}" for name in sorted(given))  # which no parameter takes
        tried = {kind: spec.get(kind, []) for kind in ("changed", "edges", "bad")}
        for kind, variants in (tried | {"bad": [*tried["bad"], other_kind]}).items():
            for variant in variants:
                again, moved = resting_on(names(variant)[1], cells)
                kernel.run(at, "globals().update(_as_saved)")  # what a cell changes in place it makes anew
                kernel.run(at, f"[globals().pop(name, None) for name in {sorted(moved)}]")
                outputs = {at: kernel.run(at, f"{kernel.code[at].source}\n{variant}")} | {
                    i: kernel.run(i) for i in again
                }
                area = other_area(variant) if kind == "changed" else None
                wrong = [(i, line) for i, o in outputs.items() for line in broken(o, refusals=kind != "changed")]
                if kind == "changed" and answers is not None:
                    told = {i: told_by(o) for i, o in outputs.items()}
                    cells_told = ((f"  cell {i + 1}", [f"    {line}" for line in lines]) for i, lines in told.items())
                    answers += [variant, *(line for head, lines in cells_told if lines for line in (head, *lines))]
                if area:
                    rests = answering_for({"AREA"}, {i: kernel.code[i].source for i in cells}, modules)
                    wrong += [(i, line) for i, o in outputs.items() for line in misnamed(o, ballerup_alone)]
                    for i in rests:
                        if tables(as_saved[i]) and tables(outputs.get(i, as_saved[i])) == tables(as_saved[i]):
                            wrong.append((i, f"the table is {area_name(HOME)}'s"))
                    for i in set(kernel.code) - {at, *rests}:
                        typed_in = typed.search("".join(kernel.code[i].source))
                        if typed_in and not any(s in line for s in ballerup_alone for line in sentences(as_saved[i])):
                            wrong.append((i, f"{typed_in.group()} is typed"))
                    wrong = [(i, line) for i, line in wrong if not exempt(kernel.code[i].source, line, same_for_all)]
                if kind == "bad" and not any(REFUSED in line for o in outputs.values() for line in sentences(o)):
                    wrong.append((at, "nothing refuses this value"))
                found += [f"{path.stem}, {variant}: cell {i + 1}: {line}" for i, line in wrong]
    return found


def exempt(source, line, same_for_all):
    return ("is typed" in line or "the table is" in line) and any(piece in source for piece in same_for_all)


def other_area(variant):
    """Return the code of the area a variant sets, unless that is the home municipality."""
    for node in tree_of(variant).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="AREA")], value=ast.Constant(value=value)):
                code = area_code(value)
                return None if code == HOME else code
    return None


def shortcomings(name, spec, given):
    """Return what the table of variants lacks for a notebook."""
    changed, lines = spec.get("changed", []), []
    values = {line.strip() for variant in changed for line in variant.split(";")}
    if len(values) < (needed := min(4, 2 * len(given))):
        lines.append(f"{name}: {len(values)} changed values in variants.toml instead of at least {needed}")
    areas = {other_area(variant) for variant in changed} - {None} if "AREA" in given else set()
    if "AREA" in given and len(areas) < 2:
        lines.append(f"{name}: {len(areas)} other areas in variants.toml instead of at least two")
    if not spec.get("bad"):
        lines.append(f"{name}: no bad value in variants.toml")
    tried = set().union(*(names(variant)[1] for variant in changed))
    lines += [f"{name}: no variant changes {one}" for one in sorted(given - tried)]
    unknown = {n: v for v in [*changed, *spec.get("bad", [])] for n in names(v)[1] - given}
    return lines + [f"{name}, {variant}: {one} is no parameter of the notebook" for one, variant in unknown.items()]


def broken(outputs, refusals=False):
    """Return errors, and what was not computed; with ``refusals`` that is as it should be, said in one sentence."""
    lines = [f"{o.ename}: {' '.join(o.evalue.split())[:200]}" for o in outputs if o.output_type == "error"]
    lines += [f"on stderr: {o.text.strip()[:200]}" for o in outputs if o.get("name") == "stderr"]
    said = [o for o in outputs if REFUSED in text_of(o) or NEEDS in text_of(o)]
    if not refusals:
        return lines + [text_of(o).strip()[:200] for o in said]
    long = [text_of(o).strip() for o in said if "\n" in text_of(o).strip() or "Traceback" in text_of(o)]
    return lines + [f"not one sentence: {text[:200]}" for text in long]


def misnamed(outputs, ballerup_alone):
    home = area_name(HOME)
    return [
        f"names {home}: {line[:200]}"
        for line in sentences(outputs)
        if re.search(rf"\b{home}\b", line) and not any(phrase in line for phrase in ballerup_alone)
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_answers_for_other_parameters(path, request):
    spec, answers = VARIANTS["notebooks"].get(path.stem, {}), []
    found = problems(path, spec, VARIANTS["ballerup_alone"], VARIANTS["same_for_all"], answers)
    assert not found, "\n" + "\n".join(found)
    hold(request, f"notebook_{path.stem}", answers)


def test_every_notebook_of_the_table_is_there():
    assert not set(VARIANTS["notebooks"]) - {path.stem for path in NOTEBOOKS}


GOOD = """
%load_ext ballerup_analysis
import pandas as pd
from ballerup_analysis import say
from ballerup_analysis.sources import area_name
---
AREA, YEAR = "151", 2014
---
table = pd.DataFrame({"area": [AREA], "year": [YEAR]})
table
---
table["name"] = [area_name(AREA)]
say(f"{table['name'].item()} in {YEAR}.", "The paper is printed for Ballerup alone.")
---
pd.DataFrame({"the same": [1]})
"""
SPEC = {"changed": ['AREA = "159"', 'AREA = "101"', "YEAR = 2013", "YEAR = 2012"], "bad": ['AREA = "999"']}


def made_up(folder, text):
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in text.split("---\n")]
    cells[1].metadata["tags"] = ["parameters", "raises-exception"]
    path = folder / "00_made_up.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


def test_the_harness_passes_a_notebook_that_answers(tmp_path):
    assert problems(made_up(tmp_path, GOOD), SPEC, ["for Ballerup alone"]) == []


def test_the_harness_tells_each_thing_that_can_be_wrong(tmp_path):
    text = (
        GOOD
        + """---
pd.DataFrame({"typed": ["151"]})
---
area = AREA
say(f"Ballerup had {YEAR} persons.") if area != "101" else nowhere
---
pd.DataFrame({"area": [area and f"{15}1"]})
---
x = 1 / (YEAR - 2012)
"""
    )
    spec = {"changed": [*SPEC["changed"][:2], "YEAR = 2012"], "bad": ["YEAR = 2099", "BASE = 1"]}
    found = problems(made_up(tmp_path, text), spec, ["for Ballerup alone"])
    for wanted in (
        "3 changed values in variants.toml instead of at least 4",
        "BASE = 1: BASE is no parameter of the notebook",
        """AREA = "159": cell 6: "151" is typed""",
        """AREA = "159": cell 7: names Ballerup: Ballerup had 2014 persons.""",
        """AREA = "101": cell 7: NameError: name 'nowhere' is not defined""",
        """AREA = "159": cell 8: the table is Ballerup's""",
        "YEAR = 2012: cell 9: ZeroDivisionError: division by zero",
        "YEAR = 2099: cell 2: nothing refuses this value",
    ):
        assert any(wanted in line for line in found), (wanted, found)


@pytest.mark.parametrize(("typed", "told"), [
    ("TARGET = 7,6", "TARGET is (7, 6); write a number, with a point before its decimals, such as 7.6."),
    ("HAZARD = 0,02", "this cell is no Python; write texts in quotation marks, and decimals with a point, such as 0.02."),
    ("AREA = Ballerup", "name 'Ballerup' is not defined; write texts in quotation marks."),
    ('AREA = "Ballerup', "this cell is no Python; "),
    ("YEAR = None", "YEAR is None; write a whole number from 1900 to 2100, such as 2014."),
])  # fmt: skip
def test_a_slip_of_the_pen_is_one_sentence_and_no_earlier_value_is_answered_for(typed, told, tmp_path):
    with Kernel(made_up(tmp_path, GOOD)) as kernel:
        kernel.run(0)
        kernel.run(1, "AREA, YEAR, TARGET, HAZARD = '159', 2013, 1, 0.5")
        outputs = kernel.run(1, typed)
        said = " ".join(one["data"]["text/markdown"] for one in outputs if "data" in one)
        assert said.startswith("**Cannot be computed:** ") and told in said
        name = typed.partition(" ")[0]
        needs = sentences(kernel.run(2, f"doubled = {name} * 2"))
        assert needs == [f"**Not computed:** this needs `{name}`, which a cell above could not compute."]
        kernel.run(1, "AREA, YEAR, TARGET, HAZARD = '159', 2013, 1, 0.5")
        assert not kernel.run(2, f"doubled = {name} * 2"), "mended"


def test_a_slip_in_a_cell_without_parameters_is_shown_as_python_shows_it(tmp_path):
    with Kernel(made_up(tmp_path, GOOD)) as kernel:
        kernel.run(0)
        for source, name in (("x = 0,02", "SyntaxError"), ("x = nowhere", "NameError")):
            (error,) = kernel.run(1, source)
            assert error.ename == name


def test_what_a_cell_rests_on():
    cells = ["a = P", "b = 1", "c = f(b)", "rows = []", "rows.append(a)", "t = 1", "d = t + a", "t = 2", "q('x == @a')"]
    again, moved = resting_on({"P"}, {i: names(source) for i, source in enumerate(cells)})
    assert again == [0, 3, 4, 5, 6, 7, 8]  # t is made twice, so both run again in their order
    assert {"a", "rows", "d"} <= moved and "b" not in moved
    assert answering_for({"P"}, dict(enumerate([*cells, "e = a\nb"]))) == [0, 4, 6, 8]


@pytest.mark.parametrize(
    ("first", "level"), [(2017, 18_403 / 20_359), (2024, 1.0), (2026, 1.036 * 1.045), (2027, 1.036 * 1.045 * 1.0268)]
)
def test_the_accounts_a_point_is_held_against_stand_at_the_level_of_the_baseline_s_first_year(first, level):
    cells = nbformat.read(next(path for path in NOTEBOOKS if path.stem == "09_scenarios"), as_version=4).cells
    source = next(cell.source for cell in cells if cell.cell_type == "code" and "slope = x @ y" in cell.source)
    given = {"load": load, "nowcast": nowcast, "pd": pd, "np": np, "uprating": frame.uprating}
    given |= {"budget": budget_2017(), "frame": SimpleNamespace(years=(first,))}
    exec(source, given)
    assert given["rise"][2024] == pytest.approx(level, rel=0.002)


OWN_ROWS = {
    "5.57.78": "655;98000000",
    "5.57.73": "700;86000000",
}  # persons and kr. of 2025, a year later than is public


@pytest.mark.parametrize(("area", "function"), [("151", "5.57.78"), ("151", "5.57.73"), ("159", "5.57.78")])
def test_the_cost_ahead_is_told_where_own_accounts_reach_further_for_one_area_and_function(
    area, function, tmp_path, monkeypatch
):
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    rows = f"kommune;år;ydelse;fuldtidspersoner;nettoudgift (kr.)\nBallerup;2025;{function};{OWN_ROWS[function]}\n"
    (tmp_path / "accounts.csv").write_text(rows, encoding="utf-8")
    cells = nbformat.read(next(path for path in NOTEBOOKS if path.stem == "06_cost_ahead"), as_version=4).cells
    code, given = [cell for cell in cells if cell.cell_type == "code"], {"show": lambda *_: None}
    upto = next(i for i, cell in enumerate(code) if "def fan(" in cell.source)
    for cell in code[:upto]:
        exec(ast.unparse(tree_of(cell.source)), given)
        given["AREA"] = area
    money = given["accounts"]["mio_kr"].loc[(area, "5.57.78"), given["paid_in"]]
    assert (money == pytest.approx(98)) == ((area, function) == ("151", "5.57.78"))
    before = nowcast.nowcast(area, 2025, given["read"]).set_index("function")["mio_kr"]
    assert given["split"].notna().all(axis=None) and given["before_mio"][before.index].to_numpy() == pytest.approx(
        before
    )


@pytest.fixture(autouse=True, scope="module")
def private():
    with kernels.surroundings():
        yield
