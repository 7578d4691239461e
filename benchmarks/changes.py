"""The changes that can be made of a module, one at a time: an operator or number of a formula, or what it means."""

import ast
import copy
import random
import tomllib
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType

from meanings import MARK, meanings, told

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, TESTS = ROOT / "ballerup_analysis", ROOT / "tests"
EQUIVALENT = tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8"))
SWAP = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult, ast.FloorDiv: ast.Div,
    ast.Mod: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.USub: ast.UAdd, ast.MatMult: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.And: ast.Or, ast.Or: ast.And, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def sites(tree: ast.Module) -> list[tuple[ast.AST, Callable]]:
    """Return every operator and number, each with what changes it.

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
            told += [(node, partial(change, i)) for i, op in enumerate(node.ops) if type(op) in SWAP]
        elif type(getattr(node, "op", None)) in SWAP or type(getattr(node, "value", None)) in (int, float, bool):
            told.append((node, partial(change, 0)))
    return told


def change(which: int, node: ast.AST) -> None:
    """Exchange one operator or number of a node, in place."""
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


def stands_in(node: ast.AST, line: int | None = None) -> Iterator[tuple[ast.AST, int | None]]:
    """Yield each node and the line of the statement of a function that it is part of, if it is of one."""
    yield node, line
    for field, value in ast.iter_fields(node):
        inside = line or (isinstance(node, ast.FunctionDef) and field == "body")
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, ast.AST):
                yield from stands_in(part, part.lineno if inside and isinstance(part, ast.stmt) else line)


def marked(tree: ast.Module, name: str) -> ast.Module:
    """Put before every statement of a function a call that tells it runs: cheaper than to follow every line."""
    for node in [node for node, line in stands_in(tree) if line or isinstance(node, ast.FunctionDef)]:
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if not isinstance(block, list):
                continue  # of a lambda or a conditional expression
            has_doc = isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None
            marks = [ast.parse(f"{MARK}('{name}:{one.lineno}')").body[0] for one in block]
            both = [part for pair in zip(marks, block, strict=True) for part in pair]
            setattr(node, field, both[has_doc:])
    return ast.fix_missing_locations(tree)


class Module:
    """A module under change: its places and its tests, and what trials have told: which test noticed, and how often."""

    def __init__(self, name: str, tests: list[str], known: dict[str, str] | None = None):
        self.name, self.imported_as = name, f"ballerup_analysis.{name}"
        room = PACKAGE.joinpath(*name.split("."))
        self.path = room / "__init__.py" if room.is_dir() else room.with_suffix(".py")
        self.source = self.path.read_text(encoding="utf-8")
        self.tests = [self.path, *(TESTS / f"test_{test}.py" for test in tests)]
        tree = ast.parse(self.source)
        lines = {id(node): line for node, line in stands_in(tree)}
        self.places = sites(tree)
        self.formulas = len(self.places)  # the first are of formulas, the rest of meanings
        self.places += meanings(tree, {one for one, line in lines.items() if line})
        self.marks = [f"{name}:{line}" if (line := lines[id(node)]) else None for node, _ in self.places]
        self.changes, self.equivalent = self._changes(), EQUIVALENT.get(name, {})
        self.tree = marked(tree, name)
        signs = {self.sign(site) for site in range(len(self.changes))}
        self.known = {sign: test for test, some in (known or {}).items() for sign in some.split() if sign in signs}
        self.alive, self.processor_s, self.noticed = 0, 0.0, Counter()

    def learn(self, site: int, told: dict) -> None:
        """Take in what a trial told: whether the change survived, the processor's time, the test that noticed."""
        self.alive += told["passed"]
        self.processor_s += told["processor_s"]
        if "failed" in told:
            self.noticed[told["failed"]] += 1
            self.known[self.sign(site)] = told["failed"]

    def sign(self, site: int) -> str:
        """Return a few letters that stand for a change, wherever its line is."""
        return f"{zlib.crc32(self.changes[site].encode()):08x}"

    def _changes(self) -> list[str]:
        """Return each change and the line it is made in, as equivalent.toml has them; of like ones in a line, which."""
        found, lines = [], self.source.splitlines()
        for node, make in self.places:
            changed = copy.deepcopy(node)
            make(changed)
            before, after = told(node, make) or (ast.unparse(node), ast.unparse(changed))
            after = after.replace(f"(not {MARK})", "False").replace(f"not {MARK}", "False").replace(MARK, "True")
            before, after = " ".join(before.split()), " ".join(after.split())
            text = f"{before} -> {after} in {lines[node.lineno - 1].strip()}"
            same = sum(one == text or one.startswith(f"{text} (") for one in found)
            found.append(f"{text} ({same + 1})" if same else text)
        return found

    def code(self) -> CodeType:
        """Return the module compiled with its marks."""
        return compile(self.tree, str(self.path), "exec")

    def change(self, site: int) -> None:
        """Make a change for good: in a process of its own."""
        node, make = self.places[site]
        make(node)
        ast.fix_missing_locations(node)

    def chosen(self, sample: int | None, seed: int, of_meaning: bool) -> list[int]:
        """Return the changes to try, of formulas or of meaning: all but those that make no difference, or a sample of them."""
        sites = range(self.formulas, len(self.places)) if of_meaning else range(self.formulas)
        worth = [site for site in sites if self.changes[site] not in self.equivalent]
        return worth if sample is None or sample >= len(worth) else sorted(random.Random(seed).sample(worth, sample))
