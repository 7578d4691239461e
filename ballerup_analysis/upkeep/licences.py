"""Which packages are installed and under which licences, as they say themselves: writes LICENSES.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import metadata

from ballerup_analysis.files import ROOT, write_aside

FILE, LOCK = ROOT / "LICENSES.md", ROOT / "requirements.lock"
LOCKED = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.+))? \\$", re.MULTILINE)
ELSEWHERE = "not installed where this list was made, but only where"
HEAD = """# Licences

The project is under the MIT licence (see LICENSE). It is run with the packages of `requirements.lock`, which it does not contain, each under the
licence it states itself. Made by `python -m ballerup_analysis.upkeep.licences`; do not edit.

| package | version | licence |
|---|---|---|
"""


def licence(name: str) -> str:
    """Return the licence an installed package states: an expression, a short text or a classifier; empty when not installed.

    Examples
    --------
    >>> licence("pandas"), licence("no-such-package")
    ('BSD-3-Clause', '')
    """
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    text = told.get("License") or ""
    short = text if text != "UNKNOWN" and len(text) < 60 and "\n" not in text else ""
    classes = [c.split(" :: ")[-1] for c in told.get_all("Classifier") or [] if c.startswith("License")]
    return told.get("License-Expression") or short or " or ".join(classes) or "stated in its files alone"


def rows(lock: str) -> Iterator[str]:
    """Yield a row of the list for each package of a lock."""
    for name, version, where in LOCKED.findall(lock):
        told = licence(name) or f"{ELSEWHERE} `{where}`"
        yield f"| {name} | {version} | {told} |"


if __name__ == "__main__":
    write_aside(FILE, HEAD + "\n".join(rows(LOCK.read_text(encoding="utf-8"))) + "\n")
