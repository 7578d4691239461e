"""Open, auditable workbench for a Danish municipality's employment budget: what a notebook asks for first."""

from __future__ import annotations

import ast
import importlib

from ballerup_analysis.danish import number
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

    A :class:`DataError` becomes the one sentence it holds. What the failed cell would have set is taken away, so that no
    later cell answers for an earlier value; a cell that needs it says so.
    """
    running, lost = "", set()

    def begin(info):
        nonlocal running
        running = info.raw_cell

    def tell(shell, kind, error, traceback, tb_offset=None):
        set_here = _names_set(shell.transform_cell(running))
        if isinstance(error, DataError):
            say(f"**Cannot be computed:** {str(error).rstrip('.?')}{'?' if str(error).endswith('?') else '.'}")
        elif needed := next((name for name in lost if f"'{name}'" in str(error)), ""):  # pandas' query names it so too
            say(f"**Not computed:** this needs `{needed}`, which a cell above could not compute.")
        else:
            shell.showtraceback()
            return
        for name in set_here:
            shell.user_ns.pop(name, None)
        lost.update(set_here)
        shell._last_traceback = []

    shell.events.register("pre_run_cell", begin)
    shell.set_custom_exc((DataError, NameError), tell)


def _names_set(source: str) -> set[str]:
    """Return the names a cell sets at its top level."""
    tree = ast.parse(source)
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return stored | {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}
