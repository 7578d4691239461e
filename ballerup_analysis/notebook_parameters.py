"""The parameters of the notebooks: what kind of value each takes, so that a slip of the pen is answered with what is right."""

from __future__ import annotations

import tomllib
from numbers import Integral, Real
from pathlib import Path

PARAMETERS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
WRITE = {
    "code": "a code or a name in quotation marks",
    "text": "a text in quotation marks",
    "texts": "texts in quotation marks, in square brackets",
    "whole": "a whole number",
    "number": "a number, with a point before its decimals",
    "numbers": "the lowest, the likely and the highest number in round brackets, each with a point before its decimals",
    "truth": "True or False",
}
LARGEST = 1e12  # more is no amount, share or count
SHOWN = 60  # characters of a wrong value


def fault(name: str, value) -> str:
    """Return what is wrong with the kind or the size of a parameter's value, and what would be right; nothing if it may be tried.

    Examples
    --------
    >>> fault("TARGET", (7, 6))
    'TARGET is (7, 6); write a number, with a point before its decimals, such as 7.6'
    >>> fault("WEEK", 10**9)
    'WEEK is 1000000000; write a whole number from 0 to 520, such as 27'
    >>> fault("TARGET", 7.6)
    ''
    """
    told = PARAMETERS[name]
    fits = _is_of(told["kind"], value) and ("least" not in told or told["least"] <= value <= told["most"])
    if fits or (value is None and told.get("none")):
        return ""
    span = f" from {told['least']} to {told['most']}" if "least" in told else ""
    shown = repr(value)
    shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
    return f"{name} is {shown}; write {WRITE[told['kind']]}{span}, such as {told['example']}"


def _is_of(kind: str, value) -> bool:
    is_number = isinstance(value, Real) and not isinstance(value, bool) and abs(value) <= LARGEST
    is_whole = is_number and isinstance(value, Integral)
    items = value if isinstance(value, list | tuple) else ()
    return {
        "code": isinstance(value, str) or is_whole,
        "text": isinstance(value, str),
        "texts": bool(items) and all(_is_of("text", one) for one in items),
        "whole": is_whole,
        "number": is_number,
        "numbers": len(items) == 3 and all(_is_of("number", one) for one in items),
        "truth": isinstance(value, bool),
    }[kind]
