"""The geometry of the page's figures: round ticks, places on an axis, and the SVG they are drawn in."""

from __future__ import annotations

import math
import textwrap

WIDEST = 54  # letters of a label that fit in a figure


def wrapped(text: str) -> list[str]:
    """Return the lines of a label.

    Examples
    --------
    >>> wrapped("Enhedsprisen, Dagpengemodtagere samt midlertidig arbejdsmarkedsydelse")
    ['Enhedsprisen, Dagpengemodtagere samt midlertidig', 'arbejdsmarkedsydelse']
    """
    return textwrap.wrap(text, WIDEST)


def ticks(low: float, high: float) -> list[float]:
    """Return round values around an interval: steps of 1, 2 or 5 times a power of ten.

    Examples
    --------
    >>> ticks(0.0, 7.3), ticks(-12.0, 3.0)
    ([0.0, 2.0, 4.0, 6.0, 8.0], [-15.0, -10.0, -5.0, 0.0, 5.0])
    """
    if high - low < 1e-9:
        low, high = low - 1, high + 1
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * k for k in (1, 2, 5, 10) if power * k >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, last + 1)]


class Axis:
    """Where values lie between two places.

    Examples
    --------
    >>> Axis([0.0, 7.3], 10, 110).at(4.0)
    60.0
    """

    def __init__(self, values, start: float, end: float, zero: bool = False):
        values = [*values, 0.0] if zero else list(values)
        self.ticks = ticks(min(values), max(values))
        self.start, self.end = start, end

    def at(self, value: float) -> float:
        """Return the place of a value."""
        low, high = self.ticks[0], self.ticks[-1]
        return round(self.start + (value - low) / (high - low) * (self.end - self.start), 1)
