"""Change one operator or constant of a formula at a time, and name the changes no test notices.

    python benchmarks/mutants.py trend            # forty changes, chosen by a seed
    python benchmarks/mutants.py trend --all

Each change runs against the module's own examples and tests, in a process forked from one that has imported pandas
already. A survivor is a claim no test makes, or a change that makes no difference.
"""

import argparse
import ast
import contextlib
import doctest
import importlib.abc
import importlib.util
import io
import os
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = {name: [f"tests/test_{name}.py"] for name in ("accounts", "cases", "danish", "forecast", "frame", "grants")}
TESTS |= {name: [f"tests/test_{name}.py"] for name in ("reconcile", "refusion", "rates", "trend")}
TESTS |= {"costing": ["tests/test_scenarios.py", "tests/test_frame.py"], "scenarios": ["tests/test_scenarios.py"]}
TESTS |= {"bands": ["tests/test_sources.py"]} | {
    name: ["tests/test_own.py"] for name in ("files", "forms", "grids", "own")
}
SWAP = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And, ast.USub: ast.UAdd, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


def sites(tree: ast.Module) -> list[tuple[ast.AST, int]]:
    """Return every operator and number that stands in a function, with which of a node's operators it is."""
    found = []
    for function in (n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)):
        for node in ast.walk(function):
            if isinstance(node, ast.Compare):
                found += [(node, i) for i, op in enumerate(node.ops) if type(op) in SWAP]
            elif (isinstance(node, ast.BinOp | ast.BoolOp | ast.UnaryOp) and type(node.op) in SWAP) or (
                isinstance(node, ast.Constant) and type(node.value) in (int, float, bool)
            ):
                found.append((node, 0))
    return found


def change(node: ast.AST, which: int) -> None:
    """Make one change in place."""
    if isinstance(node, ast.Compare):
        node.ops[which] = SWAP[type(node.ops[which])]()
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    else:
        node.op = SWAP[type(node.op)]()


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed tree."""

    def __init__(self, name: str, tree: ast.Module, path: Path):
        self.name, self.code, self.path = name, compile(tree, str(path), "exec"), path

    def find_spec(self, name, path=None, target=None):
        """Claim the one module."""
        return importlib.util.spec_from_loader(name, self, origin=str(self.path)) if name == self.name else None

    def exec_module(self, module):
        """Run the changed code as the module."""
        module.__file__ = str(self.path)
        exec(self.code, module.__dict__)


def survives(name: str, path: Path, site: int | None) -> bool:
    """Tell whether the module's tests pass with one change made (or none); the child process ends here."""
    if child := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if site is not None:
        change(*sites(tree)[site])
    sys.meta_path.insert(0, Changed(f"ballerup_analysis.{name}", ast.fix_missing_locations(tree), path))
    import pytest

    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:nbval", "-o", "addopts="]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:  # the examples apart: pytest would load a module it is given from its file
            wrong = doctest.testmod(importlib.import_module(f"ballerup_analysis.{name}")).failed
        except Exception:  # a change may break the import itself
            wrong = 1
        wrong = wrong or pytest.main([*options, *(str(ROOT / t) for t in TESTS[name])])
    os._exit(1 if wrong else 0)


def main() -> None:
    """Print what survives, and how many of how many were noticed."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("module", choices=sorted(TESTS))
    asked.add_argument("--all", action="store_true")
    asked.add_argument("--sample", type=int, default=40)
    asked.add_argument("--seed", type=int, default=0)
    told = asked.parse_args()
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    import pandas  # noqa: F401 - once, for every process forked from here
    import scipy.optimize  # noqa: F401

    path, start = ROOT / "ballerup_analysis" / f"{told.module}.py", time.perf_counter()
    source = path.read_text(encoding="utf-8")
    places = sites(ast.parse(source))
    chosen = (
        range(len(places))
        if told.all
        else random.Random(told.seed).sample(range(len(places)), min(told.sample, len(places)))
    )
    if not survives(told.module, path, None):
        sys.exit(f"the tests of {told.module} fail as it stands")
    alive = []
    for site in sorted(chosen, key=lambda i: places[i][0].lineno):
        if survives(told.module, path, site):
            node = places[site][0]
            alive.append(site)
            print(f"{path.name}:{node.lineno}: {ast.unparse(node)[:70]!r} may change, nothing notices", flush=True)
    n = len(list(chosen))
    print(f"{told.module}: {n - len(alive)} of {n} changes noticed ({time.perf_counter() - start:.0f} s)")


if __name__ == "__main__":
    main()
