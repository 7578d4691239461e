"""Colours of a font and of what it stands on: whether a person can tell the one from the other."""

from __future__ import annotations

import colorsys
import functools
import itertools
import re
from xml.etree import ElementTree

# Fonts of less contrast than this to their cell are not seen, unless their hue tells them apart, as red on grey.
CONTRAST, HUE = 1.3, 100
LIGHTS, HUES = (0.2126, 0.7152, 0.0722), (0.3, 0.59, 0.11)  # of red, green and blue: in light, in a difference of hue
# Of each part of a colour the share of the light that a screen gives (IEC 61966-2-1).
LINEAR = [part / 3294.6 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in range(256)]
HEXADECIMAL = re.compile(r"#?(?:[0-9a-fA-F]{2})?[0-9a-fA-F]{6}")
MOST_STOPS = 9  # of a fill that runs from one colour to another, which are looked at: Excel makes two or three
WHITE, BLACK = "ffffff", "000000"
THEME = [
    "lt1",
    "dk1",
    "lt2",
    "dk2",
    "accent1",
    "accent2",
    "accent3",
    "accent4",
    "accent5",
    "accent6",
    "hlink",
    "folHlink",
]  # as cells number them
# Excel's old list: the first eight, those again, and the rest.
FIRST = "000000 ffffff ff0000 00ff00 0000ff ffff00 ff00ff 00ffff"
INDEXED = f"""{FIRST} {FIRST} 800000 008000 000080 808000 800080 008080 c0c0c0 808080
    9999ff 993366 ffffcc ccffff 660066 ff8080 0066cc ccccff 000080 ff00ff ffff00 00ffff 800080 800000 008080 0000ff
    00ccff ccffff ccffcc ffff99 99ccff ff99cc cc99ff ffcc99 3366ff 33cccc 99cc00 ffcc00 ff9900 ff6600 666699 969696
    003366 339966 003300 333300 993300 993366 333399 333333 {BLACK} {WHITE}""".split()


@functools.lru_cache(maxsize=4096)
def is_unseen(font: str | None, fills: tuple[str | None, ...]) -> bool:
    """Tell whether a font hardly differs from any colour of what it stands on; one that is not known does.

    Examples
    --------
    >>> [is_unseen(font, ("ffffff",)) for font in ("fefefe", "e6e6e6", "808080", "ffff00", None)]
    [True, True, False, True, False]
    >>> is_unseen("ff0000", ("808080",)), is_unseen("ffffff", ("003366",)), is_unseen("000000", ("000000",))
    (False, False, True)
    """
    return bool(font and fills) and all(fill and _alike(font, fill) for fill in fills)


def _alike(one: str, other: str) -> bool:
    dark, light = sorted((_light(one), _light(other)))
    if (light + 0.05) / (dark + 0.05) >= CONTRAST:
        return False
    pairs = zip(HUES, _parts(one), _parts(other), strict=True)
    return sum(weight * (a - b) ** 2 for weight, a, b in pairs) ** 0.5 < HUE


def _parts(color: str) -> bytes:
    """Return red, green and blue, each up to 255."""
    return bytes.fromhex(color)


@functools.lru_cache(maxsize=4096)
def _light(color: str) -> float:
    """Return how much light a screen gives, from 0 to 1."""
    red, green, blue = (weight * LINEAR[part] for weight, part in zip(LIGHTS, _parts(color), strict=True))
    return red + green + blue


class Palette:
    """The colours of an Excel workbook, as its styles name them."""

    def __init__(self, parts: dict[str, bytes], styles: ElementTree.Element):
        names = sorted(name for name in parts if re.fullmatch(r"xl/theme/theme\d*\.xml", name))
        theme = ElementTree.fromstring(parts[names[0]]) if names else ElementTree.Element("none")
        self.theme = dict(enumerate([WHITE, BLACK]))
        for scheme in theme.iterfind(".//{*}clrScheme"):
            for name, color in ((one.tag.rpartition("}")[2], color) for one in scheme for color in one):
                if name in THEME:
                    self.theme[THEME.index(name)] = hexadecimal(color.get("lastClr", color.get("val", "")))
        own = [hexadecimal(one.get("rgb", "")) for one in styles.iterfind("{*}colors/{*}indexedColors/*")]
        self.indexed = [*own, *INDEXED[len(own) :]]

    def color(self, node: ElementTree.Element | None, otherwise: str | None) -> str | None:
        """Return a colour; ``otherwise`` where none is named, None where it is not known."""
        told = {} if node is None else node.attrib
        if "rgb" in told:
            base = hexadecimal(told["rgb"])
        elif "theme" in told:
            base = self.theme.get(int(told["theme"]))
        elif "indexed" in told:
            base = dict(enumerate(self.indexed)).get(int(told["indexed"]))
        else:
            return otherwise
        tint = float(told.get("tint", 0))
        return _tinted(base, tint) if base and tint else base

    def fills(self, fill: ElementTree.Element) -> tuple[str | None, ...]:
        """Return the colours a cell is filled with: one, or those of a pattern or of what runs from one to another."""
        pattern = fill.find("{*}patternFill")
        if pattern is None:
            stops = itertools.islice(fill.iterfind("{*}gradientFill/{*}stop/{*}color"), MOST_STOPS)
            return tuple(self.color(one, None) for one in stops)
        kind, front = pattern.get("patternType", "none"), pattern.find("{*}fgColor")
        if kind in ("none", "solid"):
            return (WHITE if kind == "none" else self.color(front, BLACK),)
        return self.color(front, BLACK), self.color(pattern.find("{*}bgColor"), WHITE)


def mixed(one: str, other: str, share: float) -> str:
    """Return the colour that lies as far on the way from one to another."""
    return "".join(f"{round(a + share * (b - a)):02x}" for a, b in zip(_parts(one), _parts(other), strict=True))


def hexadecimal(told: str) -> str | None:
    """Return six digits of a colour, without how much shines through, which no workbook shows; None if it is none."""
    return told[-6:].lower() if HEXADECIMAL.fullmatch(told) else None


def _tinted(color: str, tint: float) -> str:
    """Return a colour as much darker, or lighter, as Excel makes it (ECMA-376, 18.8.3)."""
    hue, light, strength = colorsys.rgb_to_hls(*(part / 255 for part in _parts(color)))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(255 * min(max(part, 0), 1)):02x}" for part in colorsys.hls_to_rgb(hue, light, strength))
