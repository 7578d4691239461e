"""Change one operator or number of a formula at a time, and name the changes no test notices.

    python benchmarks/mutants.py                        # forty changes of every module, chosen by a seed
    python benchmarks/mutants.py trend refusion --all   # every change of two modules

Each change runs against the module's own examples and tests, the quick ones first, in a process forked from one that
has imported what takes time. A test that fails, an import that breaks, or work without end notices a change. A
survivor is a claim no test makes, or a change that makes no difference; one of these has its reason in equivalent.toml,
and is neither tried nor counted. Fewer than 95 pct. noticed: exit code 1.
"""

import argparse
import ast
import contextlib
import copy
import gc
import importlib
import importlib.abc
import importlib.util
import json
import os
import random
import resource
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pluggy import HookimplMarker

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ballerup_analysis"
TESTS = {
    name: [name]
    for name in ("cases", "danish", "forecast", "grants", "rates", "reconcile", "refusion", "totals", "trend")
}
TESTS |= {"accounts": ["accounts", "gains_from_accounts"], "movement": ["accounts", "frame"], "nowcast": ["accounts"]}
TESTS |= {"frame": ["frame"], "baselines": ["frame", "scenarios"], "costing": ["scenarios", "frame"]}
TESTS |= {"scenarios": ["scenarios"], "paper.formulas": ["workbook"], "bands": ["sources"]}
TESTS |= {"counterfactual": ["trend"]}
TESTS |= {name: ["numbers"] for name in ("paper.numbers", "paper.coming")}
TESTS |= {"files": ["files", "own"]} | {name: ["own"] for name in ("own", "own.forms", "own.heads", "own.sheets")}
TESTS |= {name: ["grids", "own"] for name in ("grids", "grids.archive", "grids.excel", "grids.opendocument")}
EQUIVALENT = tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8"))
PLUGIN = "_hypothesis_pytestplugin"
AT_ONCE, ENOUGH_PCT, MEMORY = 2, 95, 8 * 1024**3
SWAP = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.USub: ast.UAdd, ast.MatMult: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def sites(tree: ast.Module) -> list[tuple[ast.AST, int]]:
    """Return every operator and number, each with which of its node's operators it is.

    Annotations, decorators (the size of a cache, whether a class is frozen) and ``strict`` of zip are no formulas.
    """
    apart = set()
    for node in ast.walk(tree):
        notes = [
            getattr(node, "annotation", None),
            getattr(node, "returns", None),
            *getattr(node, "decorator_list", []),
        ]
        notes += [node] if isinstance(node, ast.keyword) and node.arg == "strict" else []
        apart |= {id(part) for note in notes if note for part in ast.walk(note)}
    told = []
    for node in (node for node in ast.walk(tree) if id(node) not in apart):
        if isinstance(node, ast.Compare):
            told += [(node, i) for i, op in enumerate(node.ops) if type(op) in SWAP]
        elif type(getattr(node, "op", None)) in SWAP or type(getattr(node, "value", None)) in (int, float, bool):
            told.append((node, 0))
    return told


def change(node: ast.AST, which: int) -> None:
    """Make one change in place."""
    if isinstance(node, ast.Compare):
        node.ops[which] = SWAP[type(node.ops[which])]()
    elif isinstance(node, ast.Constant):
        node.value = other(node.value)
    else:
        node.op = SWAP[type(node.op)]()


def other(value):
    """Return a number near enough to be a slip: the next one, half as much again, another fourth digit.

    >>> [other(value) for value in (True, 3, 2014, 62_500, 0.5, 1e-12, 0.0)]
    [False, 4, 2015, 62510, 0.75, 0.001, 1.0]
    """
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 10 ** max(0, len(str(value)) - 4)
    return 1.5 * value if value >= 1e-6 else 1e-3 if value else 1.0


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed tree."""

    def __init__(self, name: str, tree: ast.Module, path: Path):
        self.name, self.code, self.path = name, compile(tree, str(path), "exec"), path

    def find_spec(self, name, path=None, target=None):
        """Claim the one module."""
        if name != self.name:
            return None
        room = [str(self.path.parent)] if self.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, self.path, loader=self, submodule_search_locations=room)

    def exec_module(self, module):
        """Run the changed code as the module."""
        exec(self.code, module.__dict__)


class Watch:
    """Orders the tests and stops at the first that fails; of the unchanged module, notes what each takes and runs.

    A test alone makes every fixture it asks for, so these count for each test that does, whoever made them here.
    """

    def __init__(self, rank, told: Path, follow: str | None):
        self.rank, self.told, self.follow = rank, told, follow
        self.parts, self.asked = {}, {}  # seconds and lines of each call and fixture; the fixtures each test asks for

    def pytest_collection_modifyitems(self, items):
        """Put first what is likely to notice, and soon."""
        items.sort(key=lambda item: self.rank(item.nodeid))

    def pytest_runtest_makereport(self, item, call):
        """End here when a test fails: nobody reads why."""
        if call.excinfo and call.excinfo.typename != "Skipped":
            self.told.write_text(json.dumps({"failed": item.nodeid}))
            os._exit(1)
        self.asked[item.nodeid] = item.fixturenames

    @HookimplMarker("pytest")(wrapper=True)
    def pytest_runtest_call(self, item):
        """Follow a test."""
        return (yield from self._followed(item.nodeid))

    @HookimplMarker("pytest")(wrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        """Follow a fixture, which may be made in the midst of a test."""
        return (yield from self._followed(fixturedef.argname))

    def _followed(self, name: str):
        took, seen = self.parts.setdefault(name, [0.0, set()])

        def line(frame, *_):
            seen.add(frame.f_lineno)
            return line

        before, start = sys.gettrace(), time.perf_counter()
        if self.follow:
            sys.settrace(lambda frame, *_: line if frame.f_code.co_filename == self.follow else None)
        try:
            return (yield)
        finally:
            sys.settrace(before)
            self.parts[name][0] = took + time.perf_counter() - start

    def pytest_sessionfinish(self):
        """Write what was noted."""
        told = {"libraries": list(sys.modules), "seconds": {}, "lines": {}}
        for test, fixtures in self.asked.items():
            parts = [self.parts[name] for name in (test, *fixtures) if name in self.parts]
            told["seconds"][test] = sum(seconds for seconds, _ in parts)
            told["lines"][test] = sorted(set().union(*(lines for _, lines in parts)))
        self.told.write_text(json.dumps(told if self.follow else {}))


class Module:
    """A module under change: its places, its tests, and what they took and noticed."""

    def __init__(self, name: str, folder: Path):
        self.name, self.folder = f"ballerup_analysis.{name}", folder
        room = PACKAGE.joinpath(*name.split("."))
        self.path = room / "__init__.py" if room.is_dir() else room.with_suffix(".py")
        self.source = self.path.read_text(encoding="utf-8")
        self.places = sites(ast.parse(self.source))
        self.changes, self.equivalent = self._changes(), EQUIVALENT.get(name, {})
        self.tests = [str(self.path), *(str(ROOT / "tests" / f"test_{test}.py") for test in TESTS[name])]
        self.seconds, self.lines, self.libraries, self.noticed, self.limit = {}, {}, [], {}, 600

    def _changes(self) -> list[str]:
        """Return each change and the line it is made in, as equivalent.toml has them; of like ones in a line, which."""
        told, lines = [], self.source.splitlines()
        for node, which in self.places:
            changed = copy.deepcopy(node)
            change(changed, which)
            text = f"{ast.unparse(node)} -> {ast.unparse(changed)} in {lines[node.lineno - 1].strip()}"
            same = sum(one == text or one.startswith(f"{text} (") for one in told)
            told.append(f"{text} ({same + 1})" if same else text)
        return told

    def rank(self, line: int):
        """Return how soon a test should run when a line is changed: those that run it first, of these the quick ones."""

        def of(test: str) -> tuple[bool, float]:
            quick = self.seconds.get(test, 0) / (1 + self.noticed.get(test, 0))
            return line not in self.lines.get(test, ()), quick

        return of

    def start(self, site: int | None) -> int:
        """Fork a process that runs the tests with one change made (or none); return its id."""
        if child := os.fork():
            return child
        try:
            os._exit(self._test(site))
        finally:  # a change may break the import itself
            os._exit(2)

    def _test(self, site: int | None) -> int:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (self.limit, self.limit))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        tree = ast.parse(self.source)
        if site is not None:
            change(*sites(tree)[site])
        sys.meta_path.insert(0, Changed(self.name, ast.fix_missing_locations(tree), self.path))
        importlib.import_module(self.name)  # before pytest, which would load a module it is given from its file
        line, follow = (0, str(self.path)) if site is None else (self.places[site][0].lineno, None)
        watch = Watch(self.rank(line), self.folder / f"{os.getpid()}.json", follow)
        options = ["-x", "--doctest-modules", "--noconftest", "--hypothesis-profile=mutants", "-o", "addopts="]
        options += ["-p", "no:cacheprovider", "-p", "no:terminal", "-p", PLUGIN, "-W", "ignore::pytest.PytestWarning"]
        return int(importlib.import_module("pytest").main([*options, *self.tests], plugins=[watch]))

    def end(self, child: int, status: int) -> bool:
        """Tell whether the tests passed, and remember who failed, of the first run also what each took and ran."""
        told = self.folder / f"{child}.json"
        told = json.loads(told.read_text()) if told.exists() else {}
        if "lines" in told:
            self.seconds, self.lines, self.libraries = (told[name] for name in ("seconds", "lines", "libraries"))
        if failed := told.get("failed"):
            self.noticed[failed] = self.noticed.get(failed, 0) + 1
        return status == 0


def warm(module: Module) -> None:
    """Import what takes time: the libraries that the tests use, and the tables' reader unless it needs the module."""
    own = ("ballerup_analysis", "test_", "__")
    for name in (name for name in module.libraries if not name.startswith(own)):
        with contextlib.suppress(ImportError):  # some come into being with another
            importlib.import_module(name)
    sources = importlib.import_module("ballerup_analysis.sources")
    if module.name in sys.modules:
        forget()
        return
    for name in sources.catalogue()["name"]:
        with contextlib.suppress(sources.DataError):  # rates are no table
            sources.load(name)
    gc.freeze()  # what is shared is not looked through in every process


def forget() -> None:
    """Forget what is loaded of the package."""
    for name in [name for name in sys.modules if name.split(".")[0] == "ballerup_analysis"]:
        del sys.modules[name]


def survivors(module: Module, chosen: list[int]) -> Iterator[int]:
    """Yield the changes no test notices as they come, two tried at a time."""
    _, status, took = os.wait4(first := module.start(None), 0)
    if not module.end(first, status):
        sys.exit(f"the tests of {module.name} fail as it stands: {', '.join(module.noticed)}")
    warm(module)
    module.limit = 5 + round(2 * (took.ru_utime + took.ru_stime))
    running, waiting = {}, list(chosen)
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            site = waiting.pop(0)
            running[module.start(site)] = site
        child, status = os.wait()
        site = running.pop(child)
        if module.end(child, status):
            yield site


def main() -> None:
    """Print what survives, and how many of how many were noticed."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("modules", nargs="*", help=f"of {', '.join(TESTS)}; all of them unless named")
    asked.add_argument("--all", action="store_true", help="every change")
    asked.add_argument("--sample", type=int, default=40, help="changes of a module (40)")
    asked.add_argument("--seed", type=int, default=0)
    told = asked.parse_args()
    if unknown := sorted(set(told.modules) - set(TESTS)):
        asked.error(f"no tests are named for {', '.join(unknown)}; there are some for {', '.join(TESTS)}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ |= {"BALLERUP_LOCAL": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    from hypothesis import Phase, settings

    once = {"phases": [Phase.explicit, Phase.generate], "report_multiple_bugs": False}  # the first failure is enough
    settings.register_profile("mutants", derandomize=True, deadline=None, database=None, **once)
    few, before = False, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name in told.modules or TESTS:
            start, module = time.perf_counter(), Module(name, Path(folder))
            if left := set(module.equivalent) - set(module.changes):
                sys.exit(f"equivalent.toml, {name}: there is no such change any more: {left.pop()}")
            places = [site for site, told in enumerate(module.changes) if told not in module.equivalent]
            chosen = places if told.all else random.Random(told.seed).sample(places, min(told.sample, len(places)))
            forget()
            alive = 0
            for alive, site in enumerate(survivors(module, sorted(chosen)), start=1):  # noqa: B007
                print(f"{module.path.name}:{module.places[site][0].lineno}: {module.changes[site]}", flush=True)
            n, took = len(chosen), time.perf_counter() - start
            few |= n - alive < ENOUGH_PCT / 100 * n
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            worked, before = used.ru_utime + used.ru_stime - before, used.ru_utime + used.ru_stime
            print(f"{name}: {n - alive} of {n} changes noticed, {took:.0f} s ({worked:.0f} s of processor)", flush=True)
    sys.exit(int(few))


if __name__ == "__main__":
    main()
