"""The house style, and the figures of the committee paper: a table in, a Figure out, in Danish or English.

A figure's title is its finding, computed; its alt text, ``fig.get_label()``, states the finding and the numbers behind it.
"""

from __future__ import annotations

import base64
import functools
import html
import io
import textwrap
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ballerup_analysis.danish import by_sign
from ballerup_analysis.sources import area_name
from ballerup_analysis.words import words, written

STYLE = Path(__file__).with_name("ballerup.mplstyle")
# Each readable as text on white (4,5 : 1); the first three and the last told apart without red-green sight.
OWN, REFERENCE, THIRD, FOURTH, CONTEXT = "#0072B2", "#B34700", "#004D40", "#A3487F", "#6B6B6B"
WIDTH = 6.4  # inches: what the paper's column holds, so that 8 points stay 8 points
DRAWN = 4  # lines of the frame
SHOWN_KR = 0.5  # of a payer in any case, to have a column


def house_style():
    """Return a context in which figures look the same whatever the user's matplotlibrc says."""
    return style.context(STYLE, after_reset=True)


def _figure(draw):
    """Draw in the house style, in the words of a language; ``draw`` returns figure, title, source line and alt text."""

    @functools.wraps(draw)
    def wrapper(*args, language: str = "en", **kwargs) -> Figure:
        with house_style():
            fig, title, source, alt = draw(*args, told=words("figures", language), **kwargs)
            return titled(fig, title, source, f"{title.removesuffix('.')}. {alt}", language)

    return wrapper


def danish_axis(axis, decimals: int = 0) -> None:
    """Write an axis's numbers the Danish way."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: written(value, decimals)))


def render(fig: Figure, form: str = "png") -> bytes:
    """Return the figure as PNG or SVG, the same bytes each time."""
    for axis in (axis for ax in fig.axes for axis in (ax.xaxis, ax.yaxis)):
        if not axis.get_label_text():
            axis.set_label_coords(0, 0)  # or a place for it is looked for among the ticks, twice a figure
    with house_style(), io.BytesIO() as buffer:  # the canvas itself: savefig would lay out and draw twice
        if form == "svg":
            dpi = fig.dpi
            FigureCanvasSVG(fig).print_svg(buffer, metadata={"Date": None, "Creator": None})
            fig.dpi = dpi
        else:
            FigureCanvasAgg(fig).print_png(buffer, metadata={"Software": None})
        return buffer.getvalue()


def panels(rows: int = 1, columns: int = 1, size=(9, 4.6), **shared) -> tuple[Figure, np.ndarray]:
    """Return an empty figure in the house style, and its axes as :meth:`matplotlib.figure.Figure.subplots` does.

    Examples
    --------
    >>> fig, ax = panels()
    >>> _ = ax.plot([2013, 2014], [383.0, 301.5])
    """
    with house_style():
        fig = Figure(figsize=size)
        return fig, fig.subplots(rows, columns, **shared)


def titled(fig: Figure, title: str, source: str, alt: str, language: str = "en") -> Figure:
    """Give a figure its finding as title, its source line and its alt text, and return it."""
    with house_style():
        fig.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", wrap=True)
        said = words("figures", language)["source"] + source
        fig.supxlabel(said, x=0.01, ha="left", fontsize=8, color="#595959")
    fig.set_label(alt)
    return fig


def show(fig: Figure, title: str = "", source: str = "", alt: str = "") -> None:
    """Display a figure in a notebook, with its alt text, which is its visible caption too.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        From :func:`panels`, or from a function of this module, which has its title already.
    title, source, alt : str
        The finding; where the figures come from; what a reader who cannot see it must know.
    """
    from IPython.display import display

    fig = titled(fig, title, source, alt) if title else fig
    said, png = html.escape(fig.get_label()), base64.b64encode(render(fig)).decode()
    picture = (
        f'<figure><img alt="{said}" src="data:image/png;base64,{png}"><figcaption><em>{said}</em></figcaption></figure>'
    )
    display({"text/html": picture, "text/plain": fig.get_label()}, raw=True)


@_figure
def unemployment_measures(net, gross, base=2013, year=2014, area="151", shown=(2010, 2016), *, told) -> Figure:
    """Draw two measures of unemployment of an area, each beside what the country's growth since the base year would give.

    Parameters
    ----------
    net : pandas.DataFrame
        ``yearly("net_unemployed_kontanthjaelp")``, full-time persons.
    gross : pandas.DataFrame
        ``yearly("gross_unemployment_pct")``, pct. of the labour force.
    base, year : int
        The years compared.
    area : str
        Area code.
    shown : tuple of int
        First and last year drawn.
    language : str
        ``"da"`` or ``"en"``, here and in every figure below.
    """
    fig, name = Figure(figsize=(WIDTH, 2.7)), area_name(area)
    said = {}
    for ax, wide, decimals, kind, signs in zip(
        fig.subplots(1, 2),
        (net, gross),
        (1, 2),
        ("persons", "pct"),
        (("fewer", "more"), ("lower", "higher")),
        strict=True,
    ):
        lines = wide.loc[shown[0] : shown[1], [area, "000"]].dropna()
        own, expected = lines[area], wide[area][base] * lines["000"] / wide["000"][base]
        ax.plot(expected.loc[base:], color=REFERENCE, ls="--")
        ax.plot(own, color=OWN)
        _end_labels(ax, {name: (own, OWN), told["as_country"]: (expected, REFERENCE)})
        gap = expected[year] - own[year]
        unit = f" {told['points']}" if kind == "pct" else ""
        said[kind] = f"{written(abs(gap), decimals)}{unit} " + by_sign(
            gap, *(told[s] for s in signs), told["same"], decimals
        )
        ax.vlines(year, *sorted((own[year], expected[year])), color="#222222", lw=1.2)
        top = max(own.max(), expected.loc[base:].max()) * 1.25
        ax.annotate(said[kind].replace(f" {told['points']}", ""), (year, max(own[year], expected[year])), (year + 0.3, top),
                    va="top", arrowprops={"arrowstyle": "-", "lw": 0.6, "shrinkB": 2})  # fmt: skip
        said |= {f"actual{'_pct' * (kind == 'pct')}": written(own[year], decimals),
                 f"expected{'_pct' * (kind == 'pct')}": written(expected[year], decimals)}  # fmt: skip
        ax.set_title(told[f"unemployment_{kind}"])
        ax.set_ylim(0, top)
        ax.set_xlim(shown[0] - 0.2, shown[1] + 2.6)
        ax.set_xticks(range(shown[0], shown[1] + 1, 2))
        danish_axis(ax.yaxis)
    title = told["unemployment_title"].format(name=name, base=base, year=year, persons=said["persons"], pct=said["pct"])
    return fig, title, told["unemployment_source"], told["unemployment_alt"].format(**said)


def _end_labels(ax, lines: dict) -> None:
    """Write each line's name where its data end, pushed apart where two would touch."""
    ends = sorted(((line.iloc[-1], name) for name, (line, _) in lines.items()))
    height = max(line.max() for line, _ in lines.values()) * 1.2
    place = -np.inf
    for value, name in ends:
        line, colour = lines[name]
        place = max(value, place + height * 0.085)
        ax.annotate(name, (line.index[-1], value), (line.index[-1] + 0.25, place), color=colour, va="center")


@_figure
def gaps_by_base_year(gaps: pd.DataFrame, *, told) -> Figure:
    """Draw the gap of one year to the country's growth for every base year.

    Parameters
    ----------
    gaps : pandas.DataFrame
        From :func:`ballerup_analysis.trend.fewer`, one area and year, a row for each base year.
    """
    fig = Figure(figsize=(WIDTH, 2.1))
    ax = fig.subplots()
    said = {base: f"{written(abs(value), 1)} " + by_sign(value, told["fewer"], told["more"], told["same"], 1)
            for base, value in zip(gaps["base"], gaps["fewer"], strict=True)}  # fmt: skip
    ax.bar(gaps["base"], -gaps["fewer"], color=np.where(gaps["fewer"] > 0, OWN, REFERENCE), width=0.6)
    for base, value in zip(gaps["base"], -gaps["fewer"], strict=True):
        ax.annotate(said[base], (base, value), (0, 3 if value > 0 else -3), textcoords="offset points",
                    ha="center", va="bottom" if value > 0 else "top")  # fmt: skip
    ax.axhline(0, color="#444444", lw=0.8)
    ax.set_xticks(gaps["base"])
    ax.margins(y=0.18)
    danish_axis(ax.yaxis)
    year = gaps["year"].iloc[0]
    ax.set_title(told["gaps_axis"].format(year=year))

    best, worst = (int(gaps.loc[at, "base"]) for at in (gaps["fewer"].idxmax(), gaps["fewer"].idxmin()))
    title = told["gaps_title"].format(year=year, best=said[best], best_base=best, worst=said[worst], worst_base=worst)
    each = "; ".join(f"{base} {text}" for base, text in said.items())
    return fig, title, told["gaps_source"], told["gaps_alt"].format(each=each)


@_figure
def who_keeps_bars(kept: pd.DataFrame, weak: set[str], area="151", *, told) -> Figure:
    """Draw who has a saving in the end: one row a case, one column a payer, to the right of zero kept and to the left lost.

    Parameters
    ----------
    kept : pandas.DataFrame
        Cases by payer, kr. of every 100 kr. of benefit not paid; each row adds to 100.
    weak : set of str
        Cases that rest on an unverified or assumed rate; marked with a star.
    area : str
        Code of the municipality that saves.
    """
    language = "da" if told == words("figures", "da") else "en"
    names, payers = words("cases", language), words("payers", language)
    payers = {payer: name for payer, name in payers.items() if kept[payer].abs().max() >= SHOWN_KR}
    labels = [names.get(case, case) + " *" * (case in weak) for case in kept.index]
    fig = Figure(figsize=(WIDTH, 0.27 * len(kept) + 1.1))
    rows = np.arange(len(kept))[::-1]
    reach = [(min(kept[payer].min(), 0), max(kept[payer].max(), 0)) for payer in payers]
    room = [(low - 28 * (low < 0), high + 32) for low, high in reach]  # one scale, and room for the numbers
    wide = [high - low for low, high in room]
    columns = fig.subplots(1, len(payers), sharey=True, width_ratios=wide, squeeze=False)[0]  # one payer is a row too
    for ax, payer, ends in zip(columns, payers, room, strict=True):
        values = kept[payer].to_numpy()
        ax.barh(rows, values, color=np.where(values > 0, OWN, REFERENCE), height=0.6)
        for row, value in zip(rows, values, strict=True):
            ax.annotate(written(value), (value, row), (3 if value >= 0 else -3, 0), textcoords="offset points", va="center",
                        ha="left" if value >= 0 else "right")  # fmt: skip
        ax.axvline(0, color="#444444", lw=0.8)
        ax.set(xlim=ends, xticks=[])
        ax.set_title(textwrap.fill(payers[payer], 14))
        ax.spines[["bottom", "left"]].set_visible(False)
        ax.tick_params(length=0)
    ax.set_yticks(rows, labels)
    whole = int((kept["state"] > 99.5).sum())
    title = told["keeps_title"].format(whole=whole, of=len(kept), name=area_name(area))
    each = "; ".join(
        f"{label}: " + ", ".join(f"{payers[p]} {written(kept.loc[case, p])}" for p in payers)
        for case, label in zip(kept.index, labels, strict=True)
    )
    return fig, title, told["keeps_source"], told["keeps_alt"].format(each=each)


@_figure
def cost_per_inhabitant(accounts: pd.DataFrame, area="151", *, told) -> Figure:
    """Draw cost per inhabitant by function, area against country and the spread of the municipalities, widest gap first.

    Parameters
    ----------
    accounts : pandas.DataFrame
        ``load("regk31")``, kr. per inhabitant.
    area : str
        Area code.
    """
    wide = accounts.pivot_table(index=["function", "year"], columns="area", values="kr_per_inhabitant")
    names = words("functions", "da" if told == words("figures", "da") else "en")
    year = wide.index.levels[1][-1]
    last = wide.xs(year, level="year")
    order = [f for f in (last[area] - last["000"]).sort_values(ascending=False, kind="stable").index if f in names]
    fig = Figure(figsize=(WIDTH, 3.9))
    *axes, note = fig.subplots(2, 3).ravel()
    for ax, function in zip(axes, order, strict=True):
        table = wide.loc[function]
        low, high = table.drop(columns="000").quantile([0.1, 0.9], axis=1).to_numpy()
        ax.fill_between(table.index, low, high, color="#E4E4E4", lw=0)
        ax.plot(table["000"], color=REFERENCE, ls="--")
        ax.plot(table[area], color=OWN)
        top = max(high.max(), table[area].max()) * 1.1
        apart = max(0.0, (top * 0.13 - abs(last.loc[function, area] - last.loc[function, "000"])) / 2)
        up = 1 if last.loc[function, area] >= last.loc[function, "000"] else -1
        for code, colour, by in ((area, OWN, up * apart), ("000", REFERENCE, -up * apart)):
            value = last.loc[function, code]
            ax.annotate(written(value), (year, value), (year + 0.3, value + by), color=colour, va="center")
        ax.set_title(names[function].replace(" til ", " til\n").replace(" og ", " og\n").replace(" af ", " af\n"))
        ax.set(xlim=(table.index[0], year + 3.6), ylim=(0, top), xticks=[table.index[0], year])
        danish_axis(ax.yaxis)
    note.axis("off")
    for y, text, colour in (
        (0.95, area_name(area), OWN),
        (0.8, told["country"], REFERENCE),
        (0.65, told["costs_band"], CONTEXT),
    ):
        note.text(0, y, text, color=colour, va="top", fontweight="bold")
    note.text(0, 0.45, told["costs_unit"], color="#444444", va="top")
    over = last.loc[order, area] - last.loc[order, "000"]
    word, count = ("higher", (over > 0).sum()) if (over > 0).sum() >= (over < 0).sum() else ("lower", (over < 0).sum())
    title = told["costs_title"].format(name=area_name(area), word=told[word], count=count, of=len(order), year=year)
    each = "; ".join(
        f"{names[f]} {written(last.loc[f, area])} {told['costs_against']} {written(last.loc[f, '000'])}" for f in order
    )
    return fig, title, told["costs_source"], told["costs_alt"].format(year=year, each=each)


@_figure
def frame_slope(frame: pd.DataFrame, *, told) -> Figure:
    """Draw the four lines of a frame that change most from the first year that has all lines to the last.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``load("budget_2017.frame_2002")``, tkr.
    """
    wide = frame.pivot_table("value", "year", "row", sort=False) / 1000
    wide = wide.dropna()  # before, some lines were part of others
    change, printed = (wide.iloc[-1] - wide.iloc[0]).drop("I alt"), wide["I alt"].iloc[-1] - wide["I alt"].iloc[0]
    lines = wide[change.abs().nlargest(DRAWN).index]
    fig = Figure(figsize=(WIDTH, 2.6))
    ax = fig.subplots()
    first, last = lines.index[[0, -1]]
    colours = dict(zip(lines, (OWN, REFERENCE, THIRD, CONTEXT), strict=True))
    top, low = lines.max().max(), lines.min().min()
    for year, by, side in ((first, -0.12, "right"), (last, 0.12, "left")):
        place = -np.inf
        for name, value in lines.loc[year].sort_values(kind="stable").items():
            place = max(value, place + top * 0.1)
            label = written(value, 1) + f"  {name.partition(' samt ')[0]}" * (year == last)
            ax.annotate(label, (year, value), (year + by, place), color=colours[name], ha=side, va="center")
    for name in lines:
        ax.plot(lines[name], color=colours[name], marker="o", ms=3)
    status = frame.drop_duplicates("year").set_index("year")["status"]
    ax.set(xlim=(first - 0.6, last + 2.4), ylim=(min(0, low) - top * 0.1 * (low < 0), top * 1.1))
    ax.set_xticks(lines.index, [f"{year}\n{told[f'status_{status[year]}']}" for year in lines.index])
    ax.set_title(told["slope_axis"])
    danish_axis(ax.yaxis)
    most, whole, total = (written(v, 1, signed=True) for v in (change[lines.columns[0]], change.sum(), printed))
    title = told["slope_title"].format(
        first=first, last=last, line=lines.columns[0], change=most, whole=whole, total=total
    )
    each = "; ".join(
        f"{name} {written(lines.loc[first, name], 1)} {told['to']} {written(lines.loc[last, name], 1)}"
        for name in lines
    )
    return fig, title, told["slope_source"], told["slope_alt"].format(first=first, last=last, each=each)


@_figure
def outlook(past: pd.Series, ahead: pd.DataFrame, name: str, *, told) -> Figure:
    """Draw accounts and what is expected after them, with the interval that holds four times in five.

    Parameters
    ----------
    past : pandas.Series
        Accounts by year, mio. kr.
    ahead : pandas.DataFrame
        low, middle and high by year, mio. kr.
    name : str
        What is drawn, as shown.
    """
    fig = Figure(figsize=(WIDTH, 2.2))
    ax = fig.subplots()
    joined = pd.concat([pd.DataFrame({c: past.iloc[[-1]] for c in ahead}), ahead])
    ax.fill_between(joined.index, joined["low"], joined["high"], color="#F3D3BF", lw=0)
    ax.plot(joined["middle"], color=REFERENCE, ls="--")
    ax.plot(past, color=OWN, marker="o", ms=3)
    end, last = ahead.index[-1], ahead.iloc[-1]
    apart = max(last["high"] - last["middle"], joined["high"].max() * 0.075)
    for value, by in ((last["low"], -apart), (last["middle"], 0), (last["high"], apart)):
        ax.annotate(written(value, 1), (end, value), (end + 0.1, last["middle"] + by), color=REFERENCE, va="center")
    ax.annotate(written(past.iloc[-1], 1), (past.index[-1], past.iloc[-1]), (0, 6), textcoords="offset points", color=OWN,
                ha="center")  # fmt: skip
    ax.set(
        xlim=(past.index[0] - 0.3, end + 0.9), xticks=[*past.index, *ahead.index], ylim=(0, joined["high"].max() * 1.15)
    )
    ax.set_title(told["outlook_axis"])
    danish_axis(ax.yaxis)
    title = told["outlook_title"].format(
        name=name,
        year=end,
        last=written(past.iloc[-1], 1),
        last_year=past.index[-1],
        **{at: written(last[at], 1) for at in ("low", "middle", "high")},
    )
    before = ", ".join(f"{year} {written(value, 1)}" for year, value in past.items())
    each = ", ".join(f"{year} {written(row['middle'], 1)} ({written(row['low'], 1)} {told['to']} {written(row['high'], 1)})"
                     for year, row in ahead.iterrows())  # fmt: skip
    return fig, title, told["outlook_source"], told["outlook_alt"].format(past=before, each=each)
