"""What the project shows, as lines that a person has read and that are compared: every text, number, link and mark."""

import difflib
from html.parser import HTMLParser
from numbers import Real
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

SHOWN, MOST = Path(__file__).parent / "shown", 60
LINES = {"p", "h1", "h2", "h3", "h4", "li", "tr", "dt", "dd", "figcaption", "caption", "summary", "label", "option", "title", "th", "td", "button", "legend", "output", "text"}  # fmt: skip
CELLS = ("th", "td")
# Marks that show something without a text, and what of them counts.
MARKS = {
    "input": ("type", "name", "value", "min", "max", "step", "checked"), "option": ("value", "selected"), "select": ("name",),
    "polyline": ("class", "points"), "polygon": ("class", "points"), "path": ("class", "d"), "rect": ("class", "x", "y", "width", "height"),
    "line": ("class", "x1", "y1", "x2", "y2"), "circle": ("class", "cx", "cy"), "text": ("class", "x", "y"), "img": ("alt",), "svg": ("aria-label",),
}  # fmt: skip
ALONE = ("br", "img", "input", "meta", "link", "hr")  # elements without an end
PASSED_OVER = ("style", "script")  # and what could be chosen but is not


def hold(request, name, lines):
    """Hold what is shown, line by line, against the file of ``shown`` that somebody has read and accepted."""
    path, now = SHOWN / f"{name}.txt", [line for text in lines for line in text.splitlines()]
    if request.config.getoption("accept", default=False):
        path.write_text("\n".join(now) + "\n", encoding="utf-8")
    kept = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    told = [*difflib.unified_diff(kept, now, "accepted", "now", n=0, lineterm="")][2:]
    more = [f"and {len(told) - MOST} lines more"] * (len(told) > MOST)
    right = f"{path.name}: if each of these lines is right now, run pytest with --accept"
    assert not told, "\n".join([right, *told[:MOST], *more])


class Page(HTMLParser):
    """The lines of a page: its texts in turn, where its links lead, and its marks."""

    def __init__(self, page):
        super().__init__()
        self.lines, self.words, self.links, self.inside = [], [], [], 0
        self.feed(page)
        self.close()
        self.end_line()

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if self.inside or tag in PASSED_OVER or (tag == "option" and "selected" not in told):
            self.inside += tag not in ALONE
            return
        if tag in CELLS:
            self.words.append("| ")
        elif tag in LINES:
            self.end_line()
        if tag == "a":
            self.links.append(told.get("href", ""))
        if tag in MARKS:
            marks = [f"{name}={told[name]}" if told[name] else name for name in MARKS[tag] if name in told]
            self.end_line()
            self.lines.append(f"<{' '.join([tag, *marks])}>")

    def handle_endtag(self, tag):
        if self.inside:
            self.inside -= tag not in ALONE
        elif tag == "a":
            self.words.append(f" [{self.links.pop()}]")
        elif tag in LINES and tag not in CELLS:
            self.end_line()

    def handle_data(self, data):
        if not self.inside:
            self.words.append(data)

    def end_line(self):
        if line := " ".join("".join(self.words).split()):
            self.lines.append(line)
        self.words = []


def page(text):
    """Return the lines of a page."""
    return Page(text).lines


def numbers(values):
    return " ".join(f"{value:.6g}" if isinstance(value, Real) else str(value) for value in values)


def places(points):
    return " ".join(f"({numbers(point)})" for point in points)


def figure(fig):
    """Return the lines of a figure: what each of its axes has, where, and in which colour."""
    FigureCanvasAgg(fig).draw()  # which places what it has
    lines = [
        f"title {fig.get_suptitle()}",
        f"alt {fig.get_label()}",
        *(f"text {text.get_text()}" for text in fig.texts),
    ]
    for ax in fig.axes:
        lines.append(f"axes {places([ax.get_xlim(), ax.get_ylim()])} {ax.get_xlabel()} {ax.get_ylabel()}")
        lines += [f"  title {ax.get_title(loc=loc)}" for loc in ("left", "center")]
        ticks = [tick for axis in (ax.xaxis, ax.yaxis) if ax.axison for tick in axis.get_major_ticks()]
        lines += [f"  {tick.label1.get_text()} at {numbers([tick.get_loc()])}" for tick in ticks]
        lines += [
            f"  line {to_hex(one.get_color())} {one.get_linestyle()} {places(one.get_xydata())}" for one in ax.lines
        ]
        for one in ax.patches:
            box = (*one.get_xy(), one.get_width(), one.get_height()) if isinstance(one, Rectangle) else ()
            lines.append(f"  {type(one).__name__} {to_hex(one.get_facecolor())} {numbers(box)}")
        for one in ax.collections:
            colors = map(to_hex, [*one.get_facecolor(), *one.get_edgecolor()])
            points = [*(point for path in one.get_paths() for point in path.vertices), *one.get_offsets()]
            lines.append(f"  {type(one).__name__} {' '.join(dict.fromkeys(colors))} {places(points)}")
        lines += [
            f"  text {to_hex(one.get_color())} {places([getattr(one, 'xy', ()), one.get_position()])} {one.get_text()!r}"
            for one in ax.texts
        ]
        legend = ax.get_legend()
        lines += [f"  legend {one.get_text()}" for one in legend.get_texts()] if legend else []
    return [line.rstrip() for line in lines]
