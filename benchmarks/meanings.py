"""Changes of meaning: a guard, a step or a limit left out, two arguments exchanged, a word for its neighbour."""

import ast
import copy
from collections.abc import Callable, Iterator
from functools import partial

MARK = "_ran_"  # what marks a statement, see changes.py: always there, so that a change can rest on it
PAIRS = (
    "all any", "argmax argmin", "bfill ffill", "ceil floor", "cummax cummin", "cumsum cumprod", "endswith startswith",
    "first last", "head tail", "idxmax idxmin", "issubset isdisjoint", "isna notna", "lstrip rstrip", "max min",
    "maximum minimum", "mean median", "nanmax nanmin", "nlargest nsmallest", "partition rpartition",
    "removeprefix removesuffix", "split rsplit", "sum max", "union intersection", "expm1 exp", "log1p log", "std var",
)  # fmt: skip
NEIGHBOUR = {a: b for pair in PAIRS for a, b in (pair.split(), pair.split()[::-1])}
NEIGHBOUR |= {"max": "min", "match": "search", "search": "match", "fullmatch": "match"}
STEPS = (
    "abs", "casefold", "ceil", "clip", "copysign", "cumsum", "drop_duplicates", "dropna", "expm1", "ffill", "fillna",
    "floor", "lower", "lstrip", "mask", "max", "maximum", "min", "minimum", "nan_to_num", "plain", "reversed", "round",
    "rstrip", "set", "shift", "sort", "sort_index", "sort_values", "sorted", "sqrt", "squeeze", "strip", "unique", "upper",
    "where",
)  # fmt: skip
NO_FORMULA = (
    "about", "check_names", "copy", "dtype", "encoding", "errors", "index", "kind", "maxsize", "name", "names", "names_to",
    "right", "strict",
)  # fmt: skip
EITHER_WAY = ("gcd", "isclose", "max", "maximum", "min", "minimum", "union1d")  # of which the order is no matter
LIBRARIES = ("math", "np", "pd")
CODES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
MOST = 12  # elements of one list that are left out, each alone

Change = Callable[[ast.AST], None]


def meanings(tree: ast.Module, inside: set[int]) -> Iterator[tuple[ast.AST, Change]]:
    """Yield every node with a change of it; outside of functions the elements of lists alone.

    A change never takes a piece of code of its own away (a lambda, a comprehension): functions get their codes by place.
    """
    messages = {id(part) for node in ast.walk(tree) for part in _of_message(node)}
    for node in (node for node in ast.walk(tree) if id(node) not in messages):
        if id(node) not in inside:
            yield from ((node, partial(_without, i)) for i in _elements(node))
            continue
        for one in _tests(node):
            yield one, partial(_wrapped, ast.Or)
        if isinstance(node, ast.If | ast.IfExp):
            yield node.test, partial(_wrapped, ast.And)
        match node:
            case ast.BoolOp():
                yield from ((node, partial(_operand_out, i)) for i in range(len(node.values)))
            case ast.Raise() | ast.AugAssign() | ast.Continue() | ast.Expr(ast.Call() | ast.Yield() | ast.YieldFrom()):
                yield node, _skipped
            case ast.Call():
                yield from ((node, one) for one in _of_call(node))
            case ast.Compare():
                words = [i for i, one in enumerate(node.comparators) if _is_word(one)]
                yield from ((node, partial(_other_word, i)) for i in words)
        yield from ((node, partial(_without, i)) for i in _elements(node))


def _of_message(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a text or an error, which are read by a person and not reckoned with."""
    if isinstance(node, ast.JoinedStr | ast.Raise):
        yield from (part for child in ast.iter_child_nodes(node) for part in ast.walk(child))


def told(node: ast.AST, make: Change) -> tuple[str, str] | None:
    """Return what to say of an element that is left out; None of another change, which is told by both texts."""
    if getattr(make, "func", None) is not _without:
        return None
    one = (node.keys if isinstance(node, ast.Dict) else node.elts)[make.args[0]]
    return ast.unparse(one), "nothing"


def _tests(node: ast.AST) -> list[ast.AST]:
    return [node.test] if isinstance(node, ast.If | ast.IfExp) else [*getattr(node, "ifs", ())]


def _of_call(node: ast.Call) -> Iterator[Change]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    args = node.args
    if name in NEIGHBOUR and not (name in ("split", "rsplit") and len(args) < 2):
        yield _neighbour
    if name in STEPS and not any(isinstance(one, ast.Starred) for one in args):
        is_method = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") not in LIBRARIES
        of = [node.func.value] if is_method else args[: 2 if name.startswith(("max", "min")) else 1]
        kept = [i for i, one in enumerate(of) if _codes(one) == _codes(node)]
        yield from (_method_out if is_method else partial(_function_out, i) for i in kept)
    for i, one in enumerate(node.keywords):
        if one.arg and one.arg not in NO_FORMULA and not _codes(one):
            yield partial(_keyword_out, i)
    for i in range(len(args) - 1) if name not in EITHER_WAY else ():
        two = args[i : i + 2]
        is_same = ast.unparse(two[0]) == ast.unparse(two[1])
        if not is_same and not any(isinstance(one, ast.Starred) or _codes(one) for one in two):
            yield partial(_exchanged, i)


def _codes(node: ast.AST) -> int:
    """Count the pieces of code of their own in a node."""
    return sum(isinstance(one, CODES) for one in ast.walk(node))


def _is_word(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def _elements(node: ast.AST) -> list[int]:
    """Return which elements of a list of words and numbers may be left out."""
    if isinstance(node, ast.Dict):
        plain = all(isinstance(one, ast.Constant) for one in node.keys)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        plain = all(_is_plain(one) for one in node.elts)
    else:
        return []
    some = node.keys if isinstance(node, ast.Dict) else node.elts
    return [*range(min(len(some), MOST))] if plain and len(some) > 1 and not _codes(node) else []


def _is_plain(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Tuple) and all(map(_is_plain, node.elts)))


def _become(node: ast.AST, new: ast.AST) -> None:
    """Give a node another's kind and parts, in its place."""
    node.__class__, node.__dict__ = type(new), vars(ast.copy_location(new, node))


def _always() -> ast.AST:
    return ast.Name(MARK, ast.Load())


def _never() -> ast.AST:
    return ast.UnaryOp(ast.Not(), _always())


def _wrapped(how: type, node: ast.AST) -> None:
    old = copy.copy(node)
    _become(node, ast.BoolOp(how(), [old, _always() if how is ast.Or else _never()]))


def _operand_out(i: int, node: ast.BoolOp) -> None:
    no_matter = ast.BoolOp(ast.Or(), [_always()]) if isinstance(node.op, ast.And) else ast.BoolOp(ast.And(), [_never()])
    no_matter.values.append(node.values[i])
    node.values[i] = no_matter


def _skipped(node: ast.AST) -> None:
    old = copy.copy(node)
    _become(node, ast.If(_never(), [old], []))


def _neighbour(node: ast.Call) -> None:
    where = "attr" if isinstance(node.func, ast.Attribute) else "id"
    setattr(node.func, where, NEIGHBOUR[getattr(node.func, where)])


def _method_out(node: ast.Call) -> None:
    _become(node, copy.copy(node.func.value))


def _function_out(i: int, node: ast.Call) -> None:
    _become(node, copy.copy(node.args[i]))


def _keyword_out(i: int, node: ast.Call) -> None:
    del node.keywords[i]


def _exchanged(i: int, node: ast.Call) -> None:
    node.args[i : i + 2] = node.args[i : i + 2][::-1]


def _other_word(i: int, node: ast.Compare) -> None:
    node.comparators[i].value += "_"


def _without(i: int, node: ast.AST) -> None:
    if isinstance(node, ast.Dict):
        del node.keys[i]
        del node.values[i]
    else:
        del node.elts[i]
