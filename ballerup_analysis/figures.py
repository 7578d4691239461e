"""One function per figure: a table in, a Figure out, with the finding as title, a source line and an alt text.

The alt text is the figure's label (``fig.get_label()``); numbers are written the Danish way.
"""

from __future__ import annotations

import base64
import functools
import html
import io
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ballerup_analysis.danish import number
from ballerup_analysis.sources import EVIDENCE, load

STYLE = Path(__file__).with_name("ballerup.mplstyle")
OWN, REFERENCE, THIRD, FOURTH, CONTEXT = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8C8C8C"
FUNCTIONS = {
    "5.48.66": "Førtidspension from 1 July 2014",
    "5.57.73": "Kontant- og uddannelseshjælp",
    "5.57.78": "Dagpenge til forsikrede ledige",
    "5.58.81": "Fleksjob",
    "5.68.90": "Drift af beskæftigelsesindsatsen",
}


def _figure(draw):
    """Draw in the project's style; ``draw`` returns figure, title, source line and alt text."""

    @functools.wraps(draw)
    def wrapper(*args, **kwargs) -> Figure:
        with style.context(STYLE):
            fig, title, source, alt = draw(*args, **kwargs)
            return titled(fig, title, source, alt)

    return wrapper


def _name(area: str) -> str:
    return load("areas").set_index("code")["name"][area].removeprefix("Landsdel ")


def danish_axis(axis, decimals: int = 0) -> None:
    """Write the numbers of an axis the Danish way."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: number(value, decimals)))


def render(fig: Figure) -> bytes:
    """Return the figure as PNG."""
    with style.context(STYLE), io.BytesIO() as buffer:
        FigureCanvasAgg(fig).print_png(buffer, metadata={"Software": None})  # savefig would draw twice
        return buffer.getvalue()


def panels(rows: int = 1, columns: int = 1, size=(9, 4.6), **shared) -> tuple[Figure, np.ndarray]:
    """Return an empty figure in the house style, and its axes as :meth:`matplotlib.figure.Figure.subplots` does.

    Examples
    --------
    >>> fig, ax = panels()
    >>> _ = ax.plot([2013, 2014], [383.0, 301.5])
    """
    with style.context(STYLE):
        fig = Figure(figsize=size)
        return fig, fig.subplots(rows, columns, **shared)


def titled(fig: Figure, title: str, source: str, alt: str) -> Figure:
    """Give a figure its finding as title, its source line and its alt text, and return it."""
    with style.context(STYLE):
        fig.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold")
        fig.supxlabel(f"Source: {source}", x=0.01, ha="left", fontsize=8, color="#666666")
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
    told, png = html.escape(fig.get_label()), base64.b64encode(render(fig)).decode()
    picture = (
        f'<figure><img alt="{told}" src="data:image/png;base64,{png}"><figcaption><em>{told}</em></figcaption></figure>'
    )
    display({"text/html": picture, "text/plain": fig.get_label()}, raw=True)


@_figure
def budget_by_line(frame: pd.DataFrame) -> Figure:
    """Draw every line of a frame in every printed year, in mio. kr., on one scale.

    Parameters
    ----------
    frame : pandas.DataFrame
        ``load("budget_2017.frame_2002")``.
    """
    lines = frame[frame["row"] != "I alt"]
    columns = lines["column"].unique()
    order = lines[lines["column"] == "B2017"].sort_values("value")["row"].tolist()
    fig = Figure(figsize=(11, 6))
    axes = fig.subplots(1, len(columns), sharey=True, sharex=True)
    shade = {"R": CONTEXT, "K": "#56B4E9", "B": OWN, "BO": "#A6CEE3"}
    for ax, column in zip(axes, columns, strict=True):
        values = lines[lines["column"] == column].set_index("row")["value"].reindex(order) / 1000
        status = lines.loc[lines["column"] == column, "status"].iloc[0]
        ax.barh(order, values.fillna(0), color=shade[status])
        for y, value in enumerate(values):
            ax.text(max(value, 0) + 2 if value == value else 2, y, number(value, 1) if value == value else "–",
                    va="center", fontsize=7.5)  # fmt: skip
        ax.set_title(
            {"K": f"{column}\ncorrected", "R": f"{column}\naccounts", "B": f"{column}\nadopted"}.get(
                status, f"{column}\nestimate"
            )
        )
        ax.set_xlim(-8, 165)
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
    top = lines[lines["column"] == "B2017"].nlargest(3, "value")
    total = lines.loc[lines["column"] == "B2017", "value"].sum() / 1000
    title = f"Three lines hold {number(top['value'].sum() / 10 / total, 0)} pct. of the {number(total, 1)} mio. kr. adopted for 2017"
    alt = (
        f"Frame 20.02 by line, {columns[0]} to {columns[-1]}, mio. kr.: in B2017 the largest are "
        + ", ".join(f"{r.row} {number(r.value / 1000, 1)}" for r in top.itertuples())
        + "; a dash is a cell printed as missing."
    )
    return fig, title, "budget_2017.frame_2002 (mio. kr., each bar labelled)", alt


@_figure
def unemployment_measures(net: pd.DataFrame, gross: pd.DataFrame, base=2013, year=2014, area="151") -> Figure:
    """Draw the two unemployment measures of an area against their references.

    Parameters
    ----------
    net : pandas.DataFrame
        ``yearly("net_unemployed_kontanthjaelp")``, full-time persons.
    gross : pandas.DataFrame
        ``yearly("gross_unemployment_pct")``, pct. of the labour force.
    base, year : int
        The years compared; shaded.
    area : str
        Area code.
    """
    name = _name(area)
    fig = Figure(figsize=(11, 4.8))
    left, right = fig.subplots(1, 2)
    index = net / net.loc[base] * 100
    for ax, table, areas in (
        (left, index, {code: _name(code) for code in (area, "000", "02")}),
        (right, gross, {code: _name(code) for code in (area, "000", "084")}),
    ):
        ax.axvspan(base, year, color="#EEEEEE", zorder=0)
        for (code, label), colour in zip(areas.items(), (OWN, REFERENCE, CONTEXT), strict=True):
            line = table[code].dropna()
            ax.plot(line.index, line, color=colour, lw=2.5 if code == area else 1.6, label=label)
        ends = sorted(((table[c].dropna().iloc[-1], c) for c in areas), key=lambda pair: pair[0])
        low, high = table[list(areas)].min().min(), table[list(areas)].max().max()
        place = -np.inf
        for value, code in ends:  # labels at the line ends, pushed apart where they would touch
            place = max(value, place + (high - low) * 0.06)
            colour = dict(zip(areas, (OWN, REFERENCE, CONTEXT), strict=True))[code]
            last = table[code].dropna().index[-1]
            ax.annotate(areas[code], (last, value), (table.index[-1] + 0.3, place), color=colour, fontsize=9, va="center",
                        arrowprops={"arrowstyle": "-", "color": colour, "lw": 0.5} if last < table.index[-1] else None)  # fmt: skip
        ax.set_xlim(table.index[0], table.index[-1] + 6)
        ax.set_xticks(range(2008, 2025, 4))
        ax.set_ylim(bottom=0)
    danish_axis(left.yaxis)
    danish_axis(right.yaxis)
    left.set_title(f"Net unemployed on kontanthjælp, index {base} = 100")
    right.set_title("Gross unemployment, pct. of the labour force")
    down = {code: (index.loc[year, code] - 100) for code in (area, "000")}
    move = {code: (gross.loc[year, code] / gross.loc[base, code] - 1) * 100 for code in (area, "000")}
    title = f"From {base} to {year} {name} beat the country on kontanthjælp, but not on gross unemployment"
    if not (down[area] < down["000"] and move[area] > move["000"]):
        title = f"Two measures of unemployment, {name} against the country, {base} to {year}"
    alt = (
        f"Net unemployed on kontanthjælp changed by {number(down[area], 1)} pct. in {name} and {number(down['000'], 1)} in the "
        f"country from {base} to {year}; gross unemployment by {number(move[area], 1)} and {number(move['000'], 1)} pct."
    )
    return fig, title, "StatBank AUK01, AUP02 and AULP01, yearly means; no landsdel is published in the last two", alt


@_figure
def definitions_dots(definitions: pd.DataFrame, target: float = 7.6, half: float = 0.05) -> Figure:
    """Draw the gain of every definition as a dot, with the rounding interval of the target as a band.

    Parameters
    ----------
    definitions : pandas.DataFrame
        From :func:`ballerup_analysis.trend.search_definitions`.
    target, half : float
        The published figure and half its rounding, mio. kr.
    """
    names = {
        "net_unemployed_kontanthjaelp": "net unemployed on kontanthjælp",
        "gross_unemployed_derived": "gross unemployed (derived)",
        "neet_16_24": "youth 16-24 not in work or education",
        "fulltime_employees": "full-time employees",
        "employed": "employed persons",
    }
    fig = Figure(figsize=(10, 5.4))
    ax = fig.subplots()
    rng = np.random.default_rng(7)  # spreads the dots up and down; carries no information
    marks = dict(zip(EVIDENCE, "Pos^DvX", strict=True))
    levels = [e for e in EVIDENCE if (definitions["evidence"] == e).any()]
    row = {name: i for i, name in enumerate(names)}
    spread = definitions["measure"].map(row) + rng.uniform(-0.3, 0.3, len(definitions))
    for evidence, colour in zip(levels, (OWN, THIRD, REFERENCE, CONTEXT, FOURTH), strict=True):
        some = definitions[definitions["evidence"] == evidence]
        look = {"marker": marks[evidence], "color": colour, "alpha": 0.45, "lw": 0.5, "label": evidence}
        ax.scatter(some["gain_mio_kr"], spread[some.index], s=9, **look)
    hits = definitions[definitions["hit"]]
    ax.scatter(hits["gain_mio_kr"], spread[hits.index], s=45, facecolor="none", edgecolor="black", lw=1.2)
    ax.axvspan(target - half, target + half, color="#F0C808", zorder=0)
    ax.annotate(
        f"{number(target, 1)} mio. kr.\n{len(hits)} definitions",
        (target, len(names) - 0.4),
        ha="center",
        va="bottom",
        fontsize=9,
    )
    ax.axvline(0, color="#888888", lw=0.8)
    ax.set_yticks(range(len(names)), names.values())
    ax.set_ylim(-0.6, len(names) - 0.4)
    ax.set_xlim(-30, 30)
    ax.set_xlabel("gain in 2014, mio. kr. (beyond ±30 not shown)")
    danish_axis(ax.xaxis)
    ax.legend(title="weakest ingredient", loc="lower right", frameon=False, fontsize=8, markerscale=2)
    title = f"{len(hits)} of {number(len(definitions))} definitions give {number(target, 1)} mio. kr.; {number((definitions['gain_mio_kr'] > 0).sum())} show a gain at all"
    inner = definitions["gain_mio_kr"].quantile([0.1, 0.9])
    alt = (
        f"{number(len(definitions))} definitions of the gain in 2014; {len(hits)} land between {number(target - half, 2)} and "
        f"{number(target + half, 2)} mio. kr.; eight in ten lie between {number(inner[0.1], 1)} and {number(inner[0.9], 1)} mio. kr."
    )
    return (
        fig,
        title,
        "search_definitions(); StatBank AUK01, AUP02, AULP01, NEET2, LBESK69, RAS; prices in rates.toml and the papers",
        alt,
    )


@_figure
def placebo_distribution(gaps: pd.DataFrame, area: str = "151", year: int = 2014) -> Figure:
    """Draw the same gap for every municipality and year, one of them marked.

    Parameters
    ----------
    gaps : pandas.DataFrame
        From :func:`ballerup_analysis.trend.placebo`.
    area : str
        Area code marked.
    year : int
        Year marked.
    """
    fig = Figure(figsize=(9, 4.6))
    ax = fig.subplots()
    ax.hist(gaps["fewer_pct"].clip(-100, 60), bins=np.arange(-100, 61, 4), color="#D9D9D9")
    own = gaps[gaps["area"] == area]
    mark = own[own["year"] == year].iloc[0]
    ax.plot(own["fewer_pct"].clip(-100, 60), np.full(len(own), -6), "|", color=CONTEXT, ms=9, clip_on=False)
    ax.axvline(mark["fewer_pct"], color=OWN, lw=2)
    top = ax.get_ylim()[1]
    ax.annotate(f"{_name(area)} {year}\n{number(mark['fewer_pct'], 1)} pct.", (mark["fewer_pct"], top * 0.93), (mark["fewer_pct"] + 3, top * 0.93),
                color=OWN, va="top")  # fmt: skip
    ax.axvline(0, color="#888888", lw=0.8)
    ax.set_xlabel(
        "fewer net unemployed on kontanthjælp than at the country's growth, pct.; ticks: the same area in other years"
    )
    ax.set_ylabel("municipality-years")
    danish_axis(ax.xaxis)
    danish_axis(ax.yaxis)
    share = number(mark["share_as_good"] * 100, 0)
    per_inhabitant = number(mark["share_as_good_per_1000"] * 100, 0)
    title = f"{share} pct. of all municipality-years have a gap as good as {_name(area)} {year}; per inhabitant {per_inhabitant} pct. do"
    alt = (
        f"{number(len(gaps))} gaps, {gaps['area'].nunique()} municipalities in {gaps['year'].min()}-{gaps['year'].max()}; {_name(area)} {year} is "
        f"number {mark['rank']} of {gaps['area'].nunique()} in its year, and {share} pct. of all gaps are at least as good in pct., {per_inhabitant} pct. per inhabitant."
    )
    return fig, title, "StatBank AUK01, each year against the year before", alt


@_figure
def cost_per_inhabitant(accounts: pd.DataFrame, area: str = "151") -> Figure:
    """Draw cost per inhabitant by function, area against country and the spread of the municipalities.

    Parameters
    ----------
    accounts : pandas.DataFrame
        ``load("regk31")``, kr. per inhabitant.
    area : str
        Area code.
    """
    wide = accounts.pivot_table(index=["function", "year"], columns="area", values="kr_per_inhabitant")
    fig = Figure(figsize=(11, 5.8))
    axes = fig.subplots(2, 3).ravel()
    above = []
    for ax, (function, name) in zip(axes, FUNCTIONS.items(), strict=False):
        table = wide.loc[function]
        low, high = table.drop(columns="000").quantile([0.1, 0.9], axis=1).to_numpy()
        ax.fill_between(table.index, low, high, color="#EEEEEE", lw=0)
        ax.plot(table.index, table["000"], color=REFERENCE)
        ax.plot(table.index, table[area], color=OWN, lw=2.5)
        ends = {code: table[code].iloc[-1] for code in ("000", area)}
        gap = max(0.0, (high.max() * 0.08 - abs(ends[area] - ends["000"])) / 2) * (
            1 if ends[area] >= ends["000"] else -1
        )
        ax.text(2024.2, ends[area] + gap, number(ends[area]), color=OWN, va="center", fontsize=9)
        ax.text(2024.2, ends["000"] - gap, number(ends["000"]), color=REFERENCE, va="center", fontsize=9)
        ax.set_title(f"{function} {name}")
        ax.set_xlim(2016, 2026)
        ax.set_xticks([2016, 2020, 2024])
        ax.set_ylim(bottom=0)
        danish_axis(ax.yaxis)
        if ends[area] > ends["000"]:
            above.append(name)
    note = axes[-1]
    note.axis("off")
    for y, text, colour in (
        (0.8, _name(area), OWN),
        (0.65, "Hele landet", REFERENCE),
        (0.5, "eight in ten municipalities", CONTEXT),
    ):
        note.text(0, y, text, color=colour, fontsize=11)
    note.text(
        0,
        0.3,
        "kr. per inhabitant, current prices.\n5.57.73 and 5.58.81 before state refund.",
        fontsize=8.5,
        color="#666666",
    )
    title = f"{_name(area)} costs more per inhabitant than the country in {len(above)} of {len(FUNCTIONS)} functions in {wide.index[-1][1]}"
    last = wide.index[-1][1]
    alt = f"Kr. per inhabitant in {last}, {_name(area)} and the country: " + "; ".join(
        f"{name} {number(wide.loc[(f, last), area])} and {number(wide.loc[(f, last), '000'])}"
        for f, name in FUNCTIONS.items()
    )
    return fig, title, "StatBank REGK31, art I alt (netto)", alt + "."


@_figure
def who_keeps_bars(kept: pd.DataFrame, unverified: set[str], area: str = "151") -> Figure:
    """Draw who has a saving in the end, one row a case, parts labelled.

    Parameters
    ----------
    kept : pandas.DataFrame
        Cases by payer, kr. of every 100 kr. of benefit not paid; each row adds to 100.
    unverified : set of str
        Cases that rest on an unverified or assumed rate; marked with a star.
    area : str
        Code of the municipality that saves.
    """
    names = {
        "municipality": _name(area),
        "rest of landsdel": "rest of the landsdel",
        "other municipalities": "other municipalities",
        "state": "state",
    }
    fig = Figure(figsize=(10, 0.7 * len(kept) + 1.8))
    ax = fig.subplots()
    labels = [f"{case} *" if case in unverified else case for case in kept.index]
    for payer, colour in zip(names, (OWN, THIRD, FOURTH, CONTEXT), strict=True):
        before = kept[list(names)[: list(names).index(payer)]]
        value = kept[payer]
        left = before.where(np.sign(before).eq(np.sign(value), axis=0), 0.0).sum(axis=1)
        ax.barh(labels, value, left=left, color=colour, label=names[payer], edgecolor="white")
        for y, (start, width) in enumerate(zip(left, value, strict=True)):
            if abs(width) >= 4:
                ax.text(start + width / 2, y, number(width), ha="center", va="center", color="white", fontsize=9)
    ax.axvline(0, color="#444444", lw=0.8)
    ax.invert_yaxis()
    ax.set_xlabel("kr. of 100 kr. not paid, summed over the four years t to t+3; left of zero: lost")
    danish_axis(ax.xaxis)
    ax.legend(ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False, fontsize=9)
    whole = int((kept["state"] > 99.5).sum())
    title = f"In {whole} of {len(kept)} cases the state ends up with all of it; what {_name(area)} keeps, other municipalities lose"
    star = " * rests on a municipal share that no public text confirms." if unverified else ""
    alt = "Of 100 kr. not paid: " + "; ".join(
        f"{case}: " + ", ".join(f"{names[p]} {number(kept.loc[case, p])}" for p in names) for case in kept.index
    )
    return fig, title, f"who_keeps(); udligningsloven, rates.toml, StatBank AUP02, RAS, FOLK1A.{star}", alt + "."


@_figure
def forecast_fan(
    history: pd.Series, ahead: pd.DataFrame, past: pd.DataFrame, name: str, unit: str, source="StatBank AUK01"
) -> Figure:
    """Draw a series, what was forecast at each past origin, and the fan ahead.

    Parameters
    ----------
    history : pandas.Series
        By period.
    ahead : pandas.DataFrame
        From :func:`ballerup_analysis.forecast.forecast`, one area.
    past : pandas.DataFrame
        From :func:`ballerup_analysis.forecast.backtest`, the same area.
    name, unit, source : str
        The area, the unit and where the series is from, as shown.
    """
    fig = Figure(figsize=(10, 4.8))
    ax = fig.subplots()

    def year(dates):
        dates = pd.PeriodIndex(dates)
        return dates.year + (dates.start_time.day_of_year - 1) / 365.25

    for start, rows in past.groupby("vintage"):
        ax.plot([*year([start]), *year(rows["date"])], [history[start], *rows["forecast"]], color="#BBBBBB", lw=0.9)
    ax.plot(year(history.index), history, color=OWN)
    wide = ahead.pivot_table("value", "date", "quantile")
    for (low, high), shade in (((0.025, 0.975), "#FBE3D2"), ((0.1, 0.9), "#F5B98E"), ((0.25, 0.75), "#E88B4D")):
        ax.fill_between(year(wide.index), wide[low], wide[high], color=shade, lw=0)
    ax.plot(year(wide.index), wide[0.5], color=REFERENCE)
    last = wide.iloc[-1]
    for quantile, colour in ((0.1, "#A0522D"), (0.5, REFERENCE), (0.9, "#A0522D")):
        ax.text(year(wide.index)[-1] + 0.15, last[quantile], number(last[quantile]), color=colour, va="center")
    ax.set_ylim(bottom=0)
    danish_axis(ax.yaxis)
    low, high = (past[f"{side}_80"] for side in ("low", "high"))
    below, above = (past["actual"] < low).mean() * 100, (past["actual"] > high).mean() * 100
    title = (
        f"{name}, {unit}: {number(last[0.5])} in {wide.index[-1]},\nwith four chances in five between "
        f"{number(last[0.1])} and {number(last[0.9])}"
    )
    alt = (
        f"{name}, {unit}, {history.index[0]} to {history.index[-1]}, the forecast to {wide.index[-1]} with 50, 80 and 95 pct. "
        f"intervals, and in grey what was forecast at {past['vintage'].nunique()} earlier dates; {number(below)} pct. of what "
        f"came then fell below the 80 pct. interval and {number(above)} pct. above it."
    )
    return fig, title, source, alt


@_figure
def scenarios_compared(totals: pd.DataFrame, band: pd.Series) -> Figure:
    """Draw what each scenario costs above the baseline in its last year, widest first, beside the baseline's own spread.

    Parameters
    ----------
    totals : pandas.DataFrame
        Scenario × year, the municipality's cost in tkr; the first row is the baseline.
    band : pandas.Series
        Quantiles 0.1 and 0.9 of the baseline's total in the last year, tkr.
    """
    year, above = totals.columns[-1], (totals - totals.iloc[0]).iloc[1:, -1] / 1000
    above = above.loc[above.abs().sort_values().index]
    low, high = (band - totals.iloc[0, -1]) / 1000
    fig = Figure(figsize=(10, 0.42 * len(above) + 1.6))
    ax = fig.subplots()
    ax.axvspan(low, high, color="#E6EEF5", zorder=0)
    ax.text(
        high, len(above) - 0.45, "four outcomes in five of the baseline ", ha="right", fontsize=8.5, color="#33678F"
    )
    ax.barh(above.index, above, color=[REFERENCE if x > 0 else OWN for x in above], height=0.6)
    for y, value in enumerate(above):
        text = f" {'+' if value > 0 else ''}{number(value, 1)} "
        ax.text(value, y, text, va="center", ha="left" if value > 0 else "right", fontsize=9)
    ax.axvline(0, color="#666666", lw=0.8)
    ax.set_xlim(min(low, above.min()) * 1.15, max(high, above.max()) * 1.15)
    ax.set_xlabel(f"mio. kr. in {year} against the baseline, prices of 2017")
    danish_axis(ax.xaxis)
    inside = int(above.between(low, high).sum())
    title = f"{inside} of {len(above)} scenarios change less than four outcomes in five of the baseline spread"
    alt = f"Cost in {year} against the 2017 budget, mio. kr.: " + ", ".join(
        f"{k} {number(v, 1)}" for k, v in above[::-1].items()
    )
    return fig, title, "scenarios.run(), sensitivity.simulate(); budget_2017, StatBank REGK31, rates", f"{alt}."


@_figure
def tornado_bars(ends: pd.DataFrame, middle_tkr: float, words: pd.Series) -> Figure:
    """Draw what the cost would be at either end of each plausible range, widest first.

    Parameters
    ----------
    ends : pandas.DataFrame
        From :func:`ballerup_analysis.scenarios.tornado`.
    middle_tkr : float
        The cost as it stands.
    words : pandas.Series
        What each row of ends is called, with its range.
    """
    shown = ends[(ends["tkr_high"] - ends["tkr_low"]).abs() > 0.5][::-1]
    fig = Figure(figsize=(10, 0.42 * len(shown) + 1.4))
    ax = fig.subplots()
    for y, row in enumerate(shown.itertuples()):
        for end, color in ((row.tkr_low, "#7FB2D8"), (row.tkr_high, REFERENCE)):
            change = (end - middle_tkr) / 1000
            if not change:
                continue
            ax.barh(y, change, color=color, height=0.6)
            ax.text(change, y, f" {'+' if change > 0 else ''}{number(change, 1)} ", va="center",
                    ha="left" if change > 0 else "right", fontsize=8.5)  # fmt: skip
    ax.axvline(0, color="#666666", lw=0.8)
    ax.set_yticks(range(len(shown)), words[shown.index])
    ax.margins(x=0.15)
    ax.set_xlabel("mio. kr. more than the scenario; blue: low end, orange: high end")
    danish_axis(ax.xaxis)
    first = shown.index[-1]
    width = abs(shown.loc[first, "tkr_high"] - shown.loc[first, "tkr_low"]) / 1000
    title = f"The answer hangs most on {words[first].partition(' (')[0]}: {number(width)} mio. kr. from end to end"
    alt = "Cost at the low and the high end of each range, mio. kr. from the scenario: " + "; ".join(
        f"{words[r.Index]} {number((r.tkr_low - middle_tkr) / 1000, 1)} and {number((r.tkr_high - middle_tkr) / 1000, 1)}"
        for r in shown[::-1].itertuples()
    )
    return fig, title, "sensitivity.tornado(); the ranges are assumed", f"{alt}."
