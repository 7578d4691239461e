"""What a command says, to a reader who may leave before its end, as ``head`` does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class _Stream:
    """An output whose reader may leave: what is left to say is said to nobody, and the work goes on to its exit code."""

    def __init__(self, stream):
        self.stream = stream

    def __getattr__(self, name: str):
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write, or go silent."""
        return self._unless_alone(self.stream.write, text) or len(text)

    def flush(self) -> None:
        """Hand over what was written, or go silent."""
        self._unless_alone(self.stream.flush)

    def _unless_alone(self, do, *args):
        try:
            return do(*args)
        except BrokenPipeError:  # what waits to be handed over goes nowhere too, or Python would complain at its end
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.stream.fileno())
            os.close(nowhere)
        return None


@contextmanager
def heard() -> Iterator[None]:
    """Let the readers of standard output and standard error leave when they like.

    Examples
    --------
    >>> with heard():
    ...     print("said")
    said
    """
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (one and _Stream(one) for one in before)
    try:
        yield
    finally:
        for one in filter(None, (sys.stdout, sys.stderr)):
            one.flush()
        sys.stdout, sys.stderr = before
