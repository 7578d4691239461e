"""Each figure shows its table: right data, unit, labels, source and words, whatever the pixels."""

import numpy as np
import pandas as pd
import pytest

from ballerup_analysis import figures
from ballerup_analysis.danish import number
from ballerup_analysis.forecast import backtest, forecast, periods
from ballerup_analysis.grants import CASES, kept_by_case
from ballerup_analysis.paper.build import draw_all
from ballerup_analysis.sources import load
from ballerup_analysis.trend import placebo, search_definitions, yearly


def words(fig):
    return [t.get_text() for t in fig.findobj(lambda a: hasattr(a, "get_text")) if t.get_text()]


@pytest.fixture(scope="module")
def drawn():
    return [fig for fig, _ in draw_all().values()]


def test_every_figure_has_a_finding_a_source_and_a_sentence_as_alt_text(drawn):
    assert len(drawn) == 6
    for fig in drawn:
        assert fig.get_suptitle() and fig.get_supxlabel().startswith("Source: ")
        assert fig.get_label().endswith(".") and any(c.isdigit() for c in fig.get_label())


def test_rendering_twice_gives_the_same_png(drawn):
    assert figures.render(drawn[2]) == figures.render(drawn[2])


def test_every_printed_line_and_year_of_the_frame_is_a_labelled_bar_and_missing_is_a_dash():
    table = load("budget_2017.frame_2002")
    fig = figures.budget_by_line(table)
    lines = table[table["row"] != "I alt"]
    texts = words(fig)
    assert all(number(v / 1000, 1) in texts for v in lines["value"].dropna())
    assert texts.count("–") == lines["value"].isna().sum() == 1
    widths = sorted(bar.get_width() for ax in fig.axes for bar in ax.patches)
    assert np.allclose(widths, sorted(lines["value"].fillna(0) / 1000))


def test_the_unemployment_figure_draws_the_series_and_claims_only_what_they_show():
    net, gross = yearly("net_unemployed_kontanthjaelp"), yearly("gross_unemployment_pct")
    fig = figures.unemployment_measures(net, gross)
    left, right = fig.axes
    assert np.allclose(left.lines[0].get_ydata(), net["151"] / net.loc[2013, "151"] * 100)
    assert np.allclose(right.lines[0].get_ydata(), gross["151"].dropna())
    assert "pct. of the labour force" in right.get_title(loc="left") and "index 2013 = 100" in left.get_title(
        loc="left"
    )
    assert "but not on gross unemployment" in fig.get_suptitle()
    better = gross.assign(**{"151": gross["000"] * 0.99 ** (gross.index - 2007)})
    assert "but not" not in figures.unemployment_measures(net, better).get_suptitle()


def test_the_dot_plot_shows_every_definition_and_the_rounding_band():
    definitions = search_definitions()
    fig = figures.definitions_dots(definitions)
    ax = fig.axes[0]
    *dots, rings = ax.collections
    assert sum(len(d.get_offsets()) for d in dots) == len(definitions)
    assert len(rings.get_offsets()) == definitions["hit"].sum()
    band = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    assert (round(band.x0, 6), round(band.x1, 6)) == (7.55, 7.65)
    assert number(len(definitions)) in fig.get_suptitle()
    assert {t.get_text() for t in ax.get_legend().get_texts()} == set(definitions["evidence"])


def test_the_placebo_histogram_counts_every_municipality_year():
    gaps = placebo()
    ax = figures.placebo_distribution(gaps).axes[0]
    assert sum(bar.get_height() for bar in ax.patches) == len(gaps)
    own = gaps[(gaps["area"] == "151") & (gaps["year"] == 2014)]["fewer_pct"].item()
    assert ax.lines[1].get_xdata()[0] == own and number(own, 1) in " ".join(words(ax))


def test_cost_per_inhabitant_ends_in_the_printed_figure():
    accounts = load("regk31")
    fig = figures.cost_per_inhabitant(accounts)
    last = accounts[accounts["year"] == 2024].set_index(["function", "area"])["kr_per_inhabitant"]
    for ax, function in zip(fig.axes, figures.FUNCTIONS, strict=False):
        assert {number(last[function, "151"]), number(last[function, "000"])} <= set(words(ax))


def test_the_fan_shows_the_series_the_past_forecasts_and_the_quantiles():
    panel = load("auk01").pivot_table("fulltime_persons", "quarter", "area")[["151", "159"]]
    past = backtest(panel, "naive", 4, first=60, last=68, every=4).query("area == '151'")
    ahead = forecast(panel, 4, "naive").query("area == '151'")
    fig = figures.forecast_fan(panel["151"].set_axis(periods(panel.index)), ahead, past, "Ballerup", "persons")
    ax = fig.axes[0]
    *grey, series, middle = ax.lines
    assert len(grey) == past["vintage"].nunique() == 3 and np.allclose(series.get_ydata(), panel["151"])
    assert np.allclose(middle.get_ydata(), panel["151"].iloc[-1]) and len(ax.collections) == 3
    last = ahead.query("horizon == 4").set_index("quantile")["value"]
    assert {number(last[0.1]), number(last[0.5]), number(last[0.9])} <= set(words(fig))
    assert "Ballerup, persons: " in fig.get_suptitle() and "pct. above it" in fig.get_label()


def test_who_keeps_shows_every_part_marks_unverified_rows_and_adds_up():
    kept, unverified = kept_by_case(CASES)
    fig = figures.who_keeps_bars(kept, unverified)
    ax = fig.axes[0]
    assert np.isclose(sum(bar.get_width() for bar in ax.patches), 100 * len(kept))
    rows = [t.get_text() for t in ax.get_yticklabels()]
    assert {r.removesuffix(" *") for r in rows if r.endswith(" *")} == unverified and len(unverified) == 3
    assert "no public text confirms" in fig.get_supxlabel()
    assert all(number(v) in words(fig) for v in kept.to_numpy().ravel() if abs(v) >= 4)


def test_the_scenario_figure_measures_from_the_baseline_and_counts_those_inside_its_spread():
    totals = pd.DataFrame({2020: [500_000.0, 510_000.0, 600_000.0]}, ["baseline", "a", "b"])
    fig = figures.scenarios_compared(totals, pd.Series({0.1: 480_000.0, 0.9: 550_000.0}))
    assert fig.get_suptitle().startswith("1 of 2 scenarios") and {" +10,0 ", " +100,0 "} <= set(words(fig))


def test_the_tornado_puts_the_widest_first_and_both_ends_at_their_cost():
    ends = pd.DataFrame({"tkr_low": [90_000.0, 99_000.0], "tkr_high": [130_000.0, 101_000.0]}, ["wide", "narrow"])
    fig = figures.tornado_bars(ends, 100_000.0, pd.Series({"wide": "the wide one (0 to 1)", "narrow": "the other"}))
    assert sorted(bar.get_width() for bar in fig.axes[0].patches) == [-10, -1, 1, 30]
    assert "the wide one: 40 mio. kr." in fig.get_suptitle()
