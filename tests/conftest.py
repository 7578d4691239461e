"""Give the tests the two services on this machine, and what the project showed when somebody last read it."""

import difflib
from pathlib import Path

import pytest
from loopback import data, services, token

__all__ = ["data", "services", "shown", "token"]
SHOWN, MOST = Path(__file__).parent / "shown", 60


@pytest.fixture
def shown(request):
    """Hold what is shown, line by line, against the file of ``tests/shown`` that somebody has read and accepted."""

    def hold(name, lines):
        path, now = SHOWN / f"{name}.txt", [line for text in lines for line in text.splitlines()]
        if request.config.getoption("accept"):
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(now) + "\n", encoding="utf-8")
        kept = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        told = [*difflib.unified_diff(kept, now, "accepted", "now", n=0, lineterm="")][2:]
        more = [f"and {len(told) - MOST} lines more"] * (len(told) > MOST)
        assert not told, "\n".join(
            [f"{path.name}: if each of these lines is right now, run pytest with --accept", *told[:MOST], *more]
        )

    return hold
