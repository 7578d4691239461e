"""The scenario explorer, served or in a notebook cell: move what a scenario assumes, see what it costs and who pays.

Numbers are written the Danish way in both languages.
"""

from __future__ import annotations

import base64
import functools
import html
import math
import socket
import tomllib
from dataclasses import replace
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd
import panel as pn
from matplotlib.ticker import MaxNLocator

from ballerup_analysis.costing import PARAMETERS, YEARS, base
from ballerup_analysis.danish import number
from ballerup_analysis.figures import CONTEXT, OWN, REFERENCE
from ballerup_analysis.frame import LINES
from ballerup_analysis.scenarios import Scenario, read, run, shipped, simulate, summary, tornado, with_change, write
from ballerup_analysis.sources import DataError

ADDRESS = "127.0.0.1"
DRAWS = 2_000
TOLD_YEAR = 2020  # the last the budget prints
FILE = "file"  # the key of a scenario loaded from a file
TEXT = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
CSS = "label, input, select, .bk-btn { font-size: 12px !important; } .bk-input { min-height: 26px; padding: 0 6px; }"


def _words(language: str) -> dict[str, str]:
    return {key: pair[language == "en"] for key, pair in TEXT["words"].items()}


def _signed(value: float, decimals: int = 1) -> str:
    return ("+" if round(value, decimals) > 0 else "") + number(value, decimals)


def _plain(value: float, sign: bool = False) -> str:
    decimals = next((d for d in (0, 1) if round(value, d) == value), 2)
    return (_signed if sign else number)(value, decimals)


def _label(key: str, language: str) -> str:
    name, _, row = key.partition(" ")
    text = PARAMETERS[name].english if language == "en" else PARAMETERS[name].danish
    return text[0].upper() + text[1:] + (f", {row}" if row else "")


def _axis(values, first: float, last: float):
    """Return round ticks around some values, and where between two pixels a value lies."""
    ticks = MaxNLocator(4).tick_values(min(values), max(values))
    return ticks.tolist(), lambda value: round(float(np.interp(value, ticks[[0, -1]], (first, last))), 1)


def answer(scenario: Scenario) -> dict[str, pd.DataFrame]:
    """Return what the page shows of a scenario, mio. kr. at prices of 2017.

    Returns
    -------
    dict of pandas.DataFrame
        cost (by year: baseline, scenario, difference, low_95, low_80, high_80, high_95), payers (by year: municipality,
        state, each against the baseline), tornado (by parameter: low, high, and what all years then cost more).

    Examples
    --------
    >>> answer(shipped()["budget_2017"])["cost"].loc[2017, "scenario"].round(3)  # as printed
    np.float64(506.692)
    """
    both = (scenario, shipped()[scenario.baseline])
    paid, was = (run(one).pivot_table("tkr", "year", "payer", aggfunc="sum") / 1000 for one in both)
    drawn = simulate(scenario, DRAWS).query("row == 'I alt'").pivot_table("tkr", "year", "quantile") / 1000
    cost = pd.DataFrame({"baseline": was["municipality"], "scenario": paid["municipality"]})
    cost["difference"] = cost["scenario"] - cost["baseline"]
    cost[["low_95", "low_80", "high_80", "high_95"]] = drawn[[0.025, 0.1, 0.9, 0.975]]
    ends = tornado(scenario)
    ends[["low_mio_kr", "high_mio_kr"]] = ends[["tkr_low", "tkr_high"]] / 1000 - cost["scenario"].sum()
    return {"cost": cost, "payers": paid - was, "tornado": ends.drop(columns=["tkr_low", "tkr_high"])}


def as_csv(found: dict[str, pd.DataFrame]) -> str:
    """Return the tables of :func:`answer` as one CSV file that a Danish spreadsheet opens: figure, item, measure, value."""
    tidy = {name: table.rename_axis("item").rename_axis(None, axis=1).stack() for name, table in found.items()}
    long = pd.concat(tidy, names=["figure", "item", "measure"]).rename("value")
    return long.to_csv(sep=";", decimal=",", float_format="%.3f")


@functools.cache
def _template() -> jinja2.Template:
    folder = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=folder, autoescape=True, undefined=jinja2.StrictUndefined)
    environment.globals |= {
        "number": number, "signed": _signed, "plain": _plain, "label": _label, "axis": _axis, "years": YEARS, "told_year": TOLD_YEAR,
        "own": OWN, "second": REFERENCE, "context": CONTEXT,
    }  # fmt: skip
    return environment.get_template("page.html.jinja")


def page(scenario: Scenario, found: dict[str, pd.DataFrame], language: str = "da") -> str:
    """Return a scenario's assumptions, and its figures with a table beside each, as HTML with every text escaped.

    The figures are SVG: three drawn by matplotlib take 130 ms, more than half of what a redraw may.

    Examples
    --------
    >>> "&lt;b&gt;" in page(Scenario("<b>", ""), answer(Scenario("<b>", "")))
    True
    """
    files = {"save": ("scenarie.toml", write(scenario)), "figures": ("scenarie.csv", "\ufeff" + as_csv(found))}
    links = {name: (file, base64.b64encode(text.encode()).decode()) for name, (file, text) in files.items()}
    told, word = summary(scenario, language), _words(language)
    return _template().render(scenario=scenario, told=told, found=found, links=links, word=word, language=language)


def _decimals(name: str) -> int:
    p = PARAMETERS[name]
    return -math.floor(math.log10((p.high - p.low) * p.widest / 20))


def _control(kind, width: int = 310, **options):
    return kind(width=width, stylesheets=[CSS], **{"margin": (2, 5)} | options)


def _slider(name: str):
    p, step = PARAMETERS[name], 10.0 ** -_decimals(name)
    kind, margin = pn.widgets.FloatSlider, (0, 12, 8, 12)
    return _control(
        kind,
        296,
        margin=margin,
        start=p.low * p.widest,
        end=p.high * p.widest,
        step=step,
        show_value=False,
        tooltips=False,
    )


class Explorer(pn.viewable.Viewer):
    """The page: ``scenario`` is what it shows; moving a control replaces it, a file that cannot be read does not.

    Examples
    --------
    >>> explorer = Explorer()
    >>> explorer.sliders["gap_points"].value = 0.5
    >>> explorer.scenario.changes[0].value
    0.5
    """

    def __init__(self):
        super().__init__()
        self.known, self.key = dict(shipped()), "budget_2017"
        w, pane = pn.widgets, functools.partial(pn.pane.HTML, margin=(2, 5), styles={"font-size": "12px"})
        self.language = _control(w.Select, 100, label="Sprog / Language", options={"Dansk": "da", "English": "en"})
        self.chosen, self.reset = _control(w.Select, 220), _control(w.Button, 80, align="end")
        self.called, self.reason, self.line = _control(w.TextInput), _control(w.TextInput), _control(w.Select)
        self.sliders = {name: _slider(name) for name in sorted(PARAMETERS, key=lambda name: PARAMETERS[name].by_row)}
        self.captions = {name: pane(margin=(0, 12)) for name in self.sliders}
        self.file = _control(w.FileInput, accept=".toml")
        self.heading, self.message = pane(width=200), pane(width=310)
        self.file_label, self.result = pane(), pn.pane.HTML(sizing_mode="stretch_width", min_width=360, margin=(6, 12))
        moved = [part for name in self.sliders for part in (self.captions[name], self.sliders[name])]
        moved.insert(moved.index(self.captions["exit_rate_pct"]), self.line)
        told = (self.called, self.reason, *moved, self.file_label, self.file, self.message)
        top = pn.Row(self.heading, self.language), pn.Row(self.chosen, self.reset)
        self._layout = pn.Row(pn.Column(*top, *told, width=330), self.result)
        self._start(self.key)
        self.language.param.watch(self._translate, "value")
        self.chosen.param.watch(lambda event: event.new == self.key or self._start(event.new), "value")
        self.reset.on_click(lambda _: self._start(self.key))
        self.line.param.watch(lambda _: self._fill(), "value")
        self.file.param.watch(self._load, "filename")
        for box in (self.called, self.reason):
            box.param.watch(self._tell, "value")
        for name, slider in self.sliders.items():
            slider.param.watch(functools.partial(self._move, name), "value")
            slider.param.watch(lambda _: self.shown is self.scenario or self._show(), "value_throttled")

    def __panel__(self):
        """Return the layout."""
        return self._layout

    def _start(self, key: str, kept: Scenario | None = None):
        """Show a scenario as it is kept; nothing changes where it cannot be computed."""
        kept = kept or self.known[key]
        self._show(replace(kept, name=self._name(key, kept)))
        self.known[key], self.key = kept, key
        self.line.value = next((c.row for c in kept.changes if c.row), "")
        self._fill()

    def _show(self, scenario: Scenario | None = None):
        scenario = scenario or self.scenario
        found = answer(scenario)
        self.result.object, self.message.object = page(scenario, found, self.language.value), ""
        self.scenario = self.shown = scenario

    def _name(self, key: str, kept: Scenario) -> str:
        return TEXT["names"].get(key, kept.name) if self.language.value == "da" else kept.name

    def _fill(self):
        """Set every control to what the scenario holds, in the language chosen."""
        language, word = self.language.value, _words(self.language.value)
        self.heading.object = f"<h1 lang='{language}' style='font-size:20px;margin:4px 0'>{word['title']}</h1>"
        for control in ("chosen", "called", "reason", "line", "reset"):
            getattr(self, control).label = word[control]
        self.file_label.object = word["load"]
        mark = {FILE: f" ({word['file']})"}  # the name alone may be that of another
        names = {self._name(key, kept) + mark.get(key, ""): key for key, kept in self.known.items()}
        self.chosen.param.update(options=names, value=self.key)
        self.line.options = {word["all"]: ""} | {row: row for row in base().rows}
        self.called.value, self.reason.value = self.scenario.name, self.scenario.why
        for name, slider in self.sliders.items():
            slider.value = self._value(name)
            self._caption(name, slider.value)
        leaving = ("", *(line.row for line in LINES if line.ladder))
        self.sliders["exit_rate_pct"].disabled = self.line.value not in leaving

    def _caption(self, name: str, value: float):
        p, language, decimals = PARAMETERS[name], self.language.value, max(_decimals(name), 0)
        told = (_signed if p.low < 0 else number)(value, decimals)
        unit = p.unit if language == "en" else p.danish_unit
        self.captions[name].object = f"<div class='caption'>{_label(name, language)} ({unit}): <b>{told}</b></div>"

    def _row(self, name: str) -> str:
        return self.line.value if PARAMETERS[name].by_row else ""

    def _value(self, name: str) -> float:
        held = {c.row: c.amount for c in self.scenario.changes if c.parameter == name}
        return held.get(self._row(name), held.get("", PARAMETERS[name].base))

    def _move(self, name: str, event):
        if event.new == self._value(name):  # set by the page itself
            return
        value, row, kept = round(event.new, _decimals(name)), self._row(name), self.known[self.key]
        self._caption(name, value)
        start = next((c.start for c in kept.changes if (c.parameter, c.row) == (name, row)), 2018)
        scenario = with_change(self.scenario, name, value, row, start)
        if value == PARAMETERS[name].base and not row:
            scenario = replace(scenario, changes=scenario.changes[:-1])
        if self._as_kept():
            scenario = replace(scenario, name=f"{scenario.name} ({_words(self.language.value)['changed']})")
        self.scenario, self.called.value = scenario, scenario.name
        if event.new == self.sliders[name].value_throttled:  # the browser will not tell it again
            self._show()

    def _as_kept(self) -> bool:
        return self.scenario.name in (self.known[self.key].name, TEXT["names"].get(self.key))

    def _translate(self, _):
        if self._as_kept():
            self.scenario = replace(self.scenario, name=self._name(self.key, self.known[self.key]))
        self._fill()
        self._show()

    def _tell(self, _):
        told = {"name": self.called.value, "why": self.reason.value}
        if told != {"name": self.scenario.name, "why": self.scenario.why}:
            self._show(replace(self.scenario, **told))

    def _load(self, event):
        if not event.new:  # cleared below
            return
        try:
            self._start(FILE, read((self.file.value or b"").decode("utf-8-sig"), event.new))
        except ValueError as error:  # DataError among them
            text = html.escape(f"{_words(self.language.value)['kept']}: {error}")
            self.message.object = f"<p role='alert' style='color:#A02020;overflow-wrap:anywhere'>{text}</p>"
        self.file.clear()  # or the same file could not be chosen again


def app() -> Explorer:
    """Return the explorer, for a notebook cell.

    Examples
    --------
    >>> app().scenario.changes
    ()
    """
    pn.extension(inline=True)
    return Explorer()


def serve(port: int = 0) -> None:
    """Serve the explorer on this machine alone until interrupted, and print where; the system chooses port 0.

    Raises
    ------
    DataError
        The port cannot be used.
    """
    try:
        with socket.socket() as asked:
            asked.bind((ADDRESS, port))
            port = asked.getsockname()[1]
    except (OSError, OverflowError) as error:
        raise DataError(f"port {port} cannot be used: {error}; without --port one is chosen") from None
    Explorer()  # the tables are read before the first visitor comes
    title, origins = TEXT["words"]["title"][0], [f"{ADDRESS}:{port}", f"localhost:{port}"]
    server = pn.serve(Explorer, port, ADDRESS, origins, title=title, show=False, start=False, verbose=False)
    print(f"http://{server.address}:{server.port}/ (Ctrl+C stops it)", flush=True)
    server.start()
    server.io_loop.start()
