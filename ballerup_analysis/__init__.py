"""Open, auditable workbench for a Danish municipality's employment budget: what a notebook asks for first."""

from __future__ import annotations

import ast
import importlib
import re

from ballerup_analysis.danish import number
from ballerup_analysis.notebook_parameters import PARAMETERS, fault
from ballerup_analysis.rates import rate
from ballerup_analysis.sources import DataError, load
from ballerup_analysis.words import written

__version__ = "0.2.0"
MODULES = (
    *(
        "accounts",
        "baselines",
        "cases",
        "costing",
        "danish",
        "figures",
        "forecast",
        "frame",
        "grants",
        "rates",
        "reconcile",
    ),
    *("refusion", "scenarios", "sources", "trend"),
)
__all__ = ["load", "number", "rate", "say", "show", "written"]
UNREADABLE = "this cell is no Python; write texts in quotation marks, and decimals with a point, such as 0.02"


def __getattr__(name: str):
    if name == "show":  # drawing is imported by those who draw
        return importlib.import_module(f"{__name__}.figures").show
    if name in MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *MODULES})


def say(*sentences: str) -> None:
    """Show sentences made from numbers: one paragraph in a notebook, printed elsewhere.

    Examples
    --------
    >>> say(f"The gap is {number(56.78, 1)} persons.")
    The gap is 56,8 persons.
    """
    text = " ".join(sentences)
    try:
        shell = get_ipython()
    except NameError:
        print(text)
        return
    from IPython.display import Markdown, display

    display(Markdown(text)) if shell.has_trait("kernel") else print(text)


def load_ipython_extension(shell) -> None:
    """Let a notebook go on after a value that cannot be used: ``%load_ext ballerup_analysis``.

    A :class:`DataError` becomes the one sentence it holds, and so does a parameter of another kind than a notebook takes.
    What the failed cell would have set, or the parameter, is taken away, so that no later cell answers for an earlier value;
    a cell that needs it says so.
    """
    running, lost = "", set()

    def begin(info):
        nonlocal running
        running = info.raw_cell

    def end(result):
        if isinstance(result.error_before_exec, SyntaxError):
            faults = dict.fromkeys((name for name in PARAMETERS if re.search(rf"\b{name}\b.*=", running)), UNREADABLE)
        else:
            given = _names_set(shell.transform_cell(running)) & PARAMETERS.keys() & shell.user_ns.keys()
            faults = {name: why for name in sorted(given) if (why := fault(name, shell.user_ns[name]))}
        for name in faults:
            shell.user_ns.pop(name, None)
        lost.update(faults)
        if faults:
            with shell.builtin_trap:  # as in a cell, which has just ended
                say(f"**Cannot be computed:** {'; '.join(dict.fromkeys(faults.values()))}.")

    def tell(shell, kind, error, traceback, tb_offset=None):
        set_here = _names_set(shell.transform_cell(running))
        if isinstance(error, DataError):
            say(f"**Cannot be computed:** {str(error).rstrip('.?')}{'?' if str(error).endswith('?') else '.'}")
        elif needed := next((name for name in lost if f"'{name}'" in str(error)), ""):  # pandas' query names it so too
            say(f"**Not computed:** this needs `{needed}`, which a cell above could not compute.")
        elif isinstance(error, NameError) and set_here & PARAMETERS.keys():
            say(f"**Cannot be computed:** {error}; write texts in quotation marks.")
        else:
            shell.showtraceback()
            return
        for name in set_here:
            shell.user_ns.pop(name, None)
        lost.update(set_here)
        shell._last_traceback = []

    shell.events.register("pre_run_cell", begin)
    shell.events.register("post_run_cell", end)
    shell.set_custom_exc((DataError, NameError), tell)


def _names_set(source: str) -> set[str]:
    """Return the names a cell sets at its top level."""
    tree = ast.parse(source)
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored | {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
