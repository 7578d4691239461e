"""Trials of changed modules against their tests, in processes forked from one that has imported and collected them."""

import contextlib
import gc
import importlib
import importlib.abc
import importlib.util
import json
import math
import os
import resource
import sys
import time
import warnings
from collections import ChainMap, Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType

from changes import Module
from meanings import MARK
from pluggy import HookimplMarker

PLUGIN = "_hypothesis_pytestplugin"
AT_ONCE, MEMORY = 2, 8 * 1024**3


def pairs(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Yield the codes of two of one shape that stand in the same place."""
    yield old, new
    inner = [[one for one in code.co_consts if isinstance(one, CodeType)] for code in (old, new)]
    for pair in zip(*inner, strict=True):
        yield from pairs(*pair)


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads modules from codes of their own, whose marks are gathered in ``ran``."""

    def __init__(self, codes: dict[Module, CodeType]):
        self.codes, self.ran = {module.imported_as: (module, code) for module, code in codes.items()}, set()

    def find_spec(self, name, path=None, target=None):
        """Claim these modules."""
        if name not in self.codes:
            return None
        place = self.codes[name][0].path
        room = [str(place.parent)] if place.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(name, place, loader=self, submodule_search_locations=room)

    def exec_module(self, module):
        """Run the code as the module."""
        setattr(module, MARK, self.ran.add)
        exec(self.codes[module.__name__][1], module.__dict__)

    def functions(self) -> list[FunctionType]:
        """Return the functions of these modules, those within decorators and caches too; none after a freeze."""
        known = {id(one) for _, code in self.codes.values() for one, _ in pairs(code, code)}
        return [one for one in gc.get_objects() if isinstance(one, FunctionType) and id(one.__code__) in known]

    def swap(self, functions: list[FunctionType], module: Module, site: int) -> None:
        """Make a change, and give every function of the module its code with it."""
        module.change(site)
        codes = {id(old): new for old, new in pairs(self.codes[module.imported_as][1], module.code())}
        for one in functions:
            one.__code__ = codes.get(id(one.__code__), one.__code__)


class Work:
    """Does jobs in forked processes, which tell what they found in files of a folder; says what a person is to read."""

    def __init__(self, folder: str):
        self.folder, self.out = Path(folder), os.fdopen(os.dup(1), "w")  # a process that runs tests gives its own away

    def each(self, jobs: Iterable, do: Callable) -> Iterator[tuple[object, dict]]:
        """Do the jobs, two at a time; yield each with what was told of it, when it is done."""
        running, waiting = {}, list(jobs)
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                job = waiting.pop(0)
                running[self._fork(do, job)] = job
            child, status, used = os.wait4(-1, 0)
            path = self.folder / f"{child}.json"
            told = json.loads(path.read_text()) if path.exists() else {}
            path.unlink(missing_ok=True)
            yield running.pop(child), told | {"passed": status == 0, "processor_s": used.ru_utime + used.ru_stime}

    def _fork(self, do: Callable, job: object) -> int:
        if child := os.fork():
            return child
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            do(job)
            os._exit(0)
        finally:  # a change may break the import itself
            os._exit(2)

    def try_each(self, changes: Iterable[tuple[Module, int]], do: Callable) -> None:
        """Try these changes; print each that no test notices."""
        for (module, site), told in self.each(changes, do):
            module.learn(site, told)
            if told["passed"]:
                where = f"{module.path.name}:{module.places[site][0].lineno}"
                print(f"{where}: {module.changes[site]}", file=self.out, flush=True)

    def tell(self, **told) -> None:
        """Write what this process has to tell."""
        (self.folder / f"{os.getpid()}.json").write_text(json.dumps(told))


class Watch:
    """Gives pytest's tests to ``then``, and ends the process at one that fails; notes what each takes and runs.

    A test alone makes every fixture it asks for, so these count for each test that does, whoever made them here.
    """

    def __init__(self, work: Work, ran: set, then: Callable[[list], None]):
        self.work, self.ran, self.then = work, ran, then
        self.parts, self.asked = {}, {}  # seconds and marks of each call and fixture; the fixtures each test asks for

    def pytest_runtestloop(self, session):
        """Hand over the tests, if all can be collected."""
        if session.testsfailed:
            self.work.tell(failed="a test that cannot be collected")
            os._exit(1)
        self.then(session.items)
        return True

    def pytest_runtest_makereport(self, item, call):
        """End here when a test fails: nobody reads why."""
        if call.excinfo and call.excinfo.typename != "Skipped":
            self.work.tell(failed=item.nodeid)
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
        seconds, marks = self.parts.get(name, (0.0, set()))
        before, start = set(self.ran), time.perf_counter()
        self.ran.clear()
        try:
            return (yield)
        finally:
            self.parts[name] = seconds + time.perf_counter() - start, marks | self.ran
            self.ran |= before

    def noted(self) -> dict:
        """Return the seconds and the marks of each test."""
        told = {"seconds": {}, "ran": {}}
        for test, fixtures in self.asked.items():
            parts = [self.parts[name] for name in (test, *fixtures) if name in self.parts]
            told["seconds"][test] = sum(seconds for seconds, _ in parts)
            told["ran"][test] = sorted(set().union(*(marks for _, marks in parts)))
        return told


class Runs:
    """Runs tests on a change, with what is known of them without one: the seconds each takes and the marks it runs."""

    def __init__(self, seconds: dict[str, float], ran: dict[str, list[str]]):
        self.seconds, self.ran = seconds, {test: set(marks) for test, marks in ran.items()}

    def run(self, items: list, module: Module, site: int) -> None:
        """Run a module's tests: first the one that noticed the change before, then the quick ones that run the statement.

        A test may take three times as long as it does, so that work without end is noticed. A change may bring tests that
        are not known.
        """

        def soon(item) -> tuple[bool, bool, float]:
            quick = self.seconds.get(item.nodeid, 0) / (0.1 + module.noticed[item.nodeid])
            return item.nodeid != known, module.marks[site] not in self.ran.get(item.nodeid, ()), quick

        known = module.known.get(module.sign(site))
        items = sorted((item for item in items if item.path in module.tests), key=soon)
        for item, after in zip(items, [*items[1:], None], strict=True):
            until = math.ceil(time.process_time() + 5 + 3 * self.seconds.get(item.nodeid, 60))
            resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)


def collect(work: Work, codes: dict[Module, CodeType], then: Callable[[list, Changed, Watch], None]) -> None:
    """Import the package with these codes, and give the tests that pytest collects for the modules to ``then``."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    sys.meta_path.insert(0, changed := Changed(codes))
    for module in codes:  # before pytest, which would load a module it is given from its file
        importlib.import_module(module.imported_as)
    options = ["--doctest-modules", "--noconftest", "--hypothesis-profile=mutants", "-o", "addopts=", "--assert=plain"]
    options += ["-p", "no:cacheprovider", "-p", "no:terminal", "-p", PLUGIN, "-W", "ignore::pytest.PytestWarning"]
    tests = dict.fromkeys(str(path) for module in codes for path in module.tests)
    watch = Watch(work, changed.ran, lambda items: then(items, changed, watch))
    os._exit(int(importlib.import_module("pytest").main([*options, *tests], plugins=[watch])))


def within(work: Work, modules: dict[Module, list[int]]) -> None:
    """Try changes within functions by a swap of their code when all is imported and collected.

    Told are the changes left, those outside functions or run by the import itself, and what was learned of each module.
    """

    def then(items: list, changed: Changed, watch: Watch) -> None:
        imported, functions = set(changed.ran), changed.functions()

        def first(path: Path) -> None:
            load_tables()
            by_tables = sorted(changed.ran - imported)
            some = [item for item in items if item.path == path]
            for item, after in zip(some, [*some[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            work.tell(by_tables=by_tables, libraries=list(sys.modules), **watch.noted())

        paths = sorted({item.path for item in items}, key=lambda path: -path.stat().st_size)  # the longest first
        parts = [told for _, told in work.each(paths, first)]
        if failed := [told.get("failed", "a test that ends its process") for told in parts if not told["passed"]]:
            work.tell(failed=failed)
            os._exit(1)
        tests = {name: dict(ChainMap(*(told[name] for told in parts))) for name in ("seconds", "ran")}
        runs = Runs(**tests)
        chosen = [(module, site) for module, sites in modules.items() for site in sites]
        inside = [(module, site) for module, site in chosen if {module.marks[site]} - {None} - imported]

        def one(job: tuple[Module, int]) -> None:
            changed.swap(functions, *job)
            runs.run(items, *job)

        by_tables = {mark.partition(":")[0] for told in parts for mark in told["by_tables"]}
        work.try_each([(module, site) for module, site in inside if module.name in by_tables], one)
        import_all(name for told in parts for name in told["libraries"])
        load_tables()
        gc.freeze()  # what is shared is not looked through in every process
        work.try_each([(module, site) for module, site in inside if module.name not in by_tables], one)
        libraries = sorted({name for told in parts for name in told["libraries"]})
        learned = {module.name: (module.alive, module.processor_s, module.noticed, module.known) for module in modules}
        left = sorted((module.name, site) for module, site in set(chosen) - set(inside))
        work.tell(left=left, learned=learned, libraries=libraries, seconds=tests["seconds"])

    collect(work, {module: module.code() for module in modules}, then)


def anew(work: Work, runs: Runs, job: tuple[Module, int]) -> None:
    """Try a change by an import of the whole package."""
    resource.setrlimit(resource.RLIMIT_CPU, (60, resource.RLIM_INFINITY))
    module, site = job
    module.change(site)
    collect(work, {module: module.code()}, lambda items, *_: runs.run(items, module, site))


def import_all(names: Iterable[str]) -> None:
    """Import libraries, once for all who are forked from here."""
    for name in (name for name in names if not name.startswith(("ballerup_analysis", "test_", "__"))):
        with contextlib.suppress(ImportError), warnings.catch_warnings(action="ignore"):
            importlib.import_module(name)  # some come into being with another, and some are on their way out


def load_tables() -> None:
    """Read every table, once for all who are forked from here."""
    sources = importlib.import_module("ballerup_analysis.sources")
    for name in sources.catalogue()["name"]:
        with contextlib.suppress(sources.DataError):  # rates are no table
            sources.load(name)


def try_all(work: Work, modules: dict[Module, list[int]]) -> None:
    """Try these changes of every module, which learns what came of them; print those that no test notices."""
    ((_, told),) = work.each([modules], partial(within, work))
    if not told["passed"]:
        sys.exit(f"tests fail as it stands: {', '.join(told.get('failed', ['it cannot be imported']))}")
    of = {module.name: module for module in modules}
    for module in modules:
        module.alive, module.processor_s, noticed, module.known = told["learned"][module.name]
        module.noticed = Counter(noticed)
    import_all(told["libraries"])
    importlib.import_module("ballerup_analysis.sources")
    by_sources = set(sys.modules)
    for name in [name for name in sys.modules if name.split(".")[0] == "ballerup_analysis"]:
        del sys.modules[name]
    left = [(of[name], site) for name, site in told["left"]]
    do = partial(anew, work, Runs(told["seconds"], {}))  # what an import runs, any test may notice
    for early in (True, False):
        if not early:
            load_tables()
        gc.freeze()
        work.try_each([job for job in left if (job[0].imported_as in by_sources) == early], do)
