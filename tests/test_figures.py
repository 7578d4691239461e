"""Each figure shows its table in either language, readable: nothing clipped, touching, faint or told by red and green alone."""

import itertools
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from ballerup_analysis import figures
from ballerup_analysis.grants import CASES, PAYERS, kept_by_case
from ballerup_analysis.sources import load
from ballerup_analysis.trend import fewer, yearly
from ballerup_analysis.words import written

ACCOUNTS = pd.Series([74.5, 80.1, 79.4], [2022, 2023, 2024])
AHEAD = pd.DataFrame({"low": [88.0, 96.0], "middle": [97.0, 111.0], "high": [105.0, 129.0]}, [2025, 2026])


def draw(area="151", language="da"):
    net, gross = yearly("net_unemployed_kontanthjaelp"), yearly("gross_unemployment_pct")
    kept = kept_by_case(CASES, area)
    weak = set(kept.index[kept["evidence"].isin(["unverified", "assumed"])])
    bases = list(range(2007, 2014))
    return {
        "unemployment": figures.unemployment_measures(net, gross, area=area, language=language),
        "gaps": figures.gaps_by_base_year(fewer(net, area, "000", bases, [2014] * 7), language=language),
        "keeps": figures.who_keeps_bars(kept[PAYERS], weak, area, language=language),
        "costs": figures.cost_per_inhabitant(load("regk31"), area, language=language),
        "frame": figures.frame_slope(load("budget_2017.frame_2002"), language=language),
        "outlook": figures.outlook(ACCOUNTS, AHEAD, "Dagpenge", language=language),
    }


@pytest.fixture(scope="module")
def drawn():
    return {(area, language): draw(area, language) for area, language in (("151", "da"), ("159", "en"), ("825", "da"))}


def texts(fig):
    """Every text of a figure that shows, with its box in pixels."""
    FigureCanvasAgg(fig).draw()
    shown = [*fig.texts, *(text for ax in fig.axes for text in ax.texts)]
    for ax in fig.axes:
        shown += [ax.title, ax._left_title]
        for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            low, high = sorted(limits)
            shown += [t.label1 for t in axis.get_major_ticks() if low <= t.get_loc() <= high and ax.axison]
    kept = [t for t in dict.fromkeys(shown) if t.get_text().strip() and t.get_visible()]
    return [(t, t.get_window_extent()) for t in kept]


def words_of(fig):
    return [t.get_text() for t, _ in texts(fig)]


def test_no_text_is_clipped_touches_another_or_is_smaller_than_eight_points(drawn):
    wrong = []
    for key, figs in drawn.items():
        for name, fig in figs.items():
            title = fig.get_suptitle()
            fig.suptitle("")  # the paper sets the title as caption
            width, height = fig.get_size_inches() * fig.dpi
            boxes = texts(fig)
            wrong += [(*key, name, "small", t.get_text()) for t, _ in boxes if t.get_fontsize() < 8]
            wrong += [(*key, name, "clipped", t.get_text()) for t, b in boxes
                      if b.x0 < -1 or b.y0 < -1 or b.x1 > width + 1 or b.y1 > height + 1]  # fmt: skip
            wrong += [(*key, name, "touch", s.get_text(), t.get_text())
                      for (s, a), (t, b) in itertools.combinations(boxes, 2)
                      if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 1]  # fmt: skip
            fig.suptitle(title)
            assert fig.get_size_inches()[0] == figures.WIDTH
    assert not wrong


def linear(colour):
    value = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab_in_deuteranopia(colour):
    """CIE Lab of a colour as seen without green receptors (Machado, Oliveira and Fernandes 2009, severity 1)."""
    seen = np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]])
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = xyz @ np.clip(seen @ linear(colour), 0, 1) / [0.95047, 1, 1.08883]
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_colours_can_be_read_on_white_and_told_apart_in_deuteranopia():
    used = (figures.OWN, figures.REFERENCE, figures.THIRD, figures.CONTEXT)
    for colour in (*used, figures.FOURTH):
        assert 1.05 / (linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05) >= 4.5, colour
    for one, other in itertools.combinations(used, 2):
        assert np.linalg.norm(lab_in_deuteranopia(one) - lab_in_deuteranopia(other)) > 15, (one, other)
    # the test can fail: the pair of the first version merges
    assert np.linalg.norm(lab_in_deuteranopia("#CC79A7") - lab_in_deuteranopia("#8C8C8C")) < 15


def test_the_alt_text_states_the_finding_and_the_numbers_and_words_are_of_the_language(drawn):
    for (_, language), figs in drawn.items():
        for name, fig in figs.items():
            alt = fig.get_label()
            assert alt.endswith(".") and ".." not in alt and len(re.findall(r"\d", alt)) > 8, name
            assert fig.get_supxlabel().startswith({"da": "Kilde: ", "en": "Source: "}[language])
    assert "56,8 færre" in draw()["gaps"].get_suptitle() and "125,6 flere med 2007" in draw()["gaps"].get_suptitle()
    assert "41,0 more" in drawn["159", "en"]["unemployment"].get_label()


def test_both_languages_show_the_same_numbers():
    danish, english = draw("159", "da"), draw("159", "en")
    for name, fig in danish.items():
        if name != "costs":  # the English name of førtidspension holds a date more
            numbers = [re.findall(r"\d[\d.,]*\d|\d", f.get_label()) for f in (fig, english[name])]
            assert numbers[0] == numbers[1], name


def test_the_unemployment_figure_ends_where_the_data_end_and_writes_the_gap(drawn):
    left, right = drawn["151", "da"]["unemployment"].axes
    net, gross = yearly("net_unemployed_kontanthjaelp"), yearly("gross_unemployment_pct")
    for ax, table in ((left, net), (right, gross)):
        expected, own = ax.lines
        assert np.allclose(own.get_ydata(), table.loc[2010:2016, "151"]) and own.get_xdata()[-1] == 2016
        assert np.allclose(
            expected.get_ydata(), table.loc[2013, "151"] * table.loc[2013:2016, "000"] / table.loc[2013, "000"]
        )
    assert "56,8 færre" in words_of(left.figure) and "0,12 højere" in words_of(left.figure)
    cut = figures.unemployment_measures(net.loc[:2015], gross)
    assert cut.axes[0].lines[1].get_xdata()[-1] == 2015


def test_the_gaps_bars_are_the_gaps_and_a_tie_is_no_change():
    gaps = pd.DataFrame({"base": [2012, 2013], "year": 2014, "fewer": [0.04, -3.0]})
    fig = figures.gaps_by_base_year(gaps, language="da")
    assert [bar.get_height() for bar in fig.axes[0].patches] == [-0.04, 3.0]  # more upwards, fewer downwards
    assert {text.get_text() for text in fig.axes[0].texts} == {"0,0 uændret", "3,0 flere"}
    assert "fra 0,0 uændret med 2012 til 3,0 flere med 2013" in fig.get_suptitle()


def test_who_keeps_shows_every_part_on_one_scale_and_marks_weak_rows():
    kept = pd.DataFrame([[60.0, -10.0, 0.0, 50.0], [0.0, 0.0, 0.0, 100.0]], ["a", "b"], PAYERS)
    fig = figures.who_keeps_bars(kept, {"b"}, language="da")
    widths = [[bar.get_width() for bar in ax.patches] for ax in fig.axes]
    assert np.array_equal(np.array(widths).T, kept.drop(columns=PAYERS[2]))  # who neither gains nor loses has no column
    FigureCanvasAgg(fig).draw()
    scales = [ax.get_window_extent().width / np.ptp(ax.get_xlim()) for ax in fig.axes]
    assert np.allclose(scales, scales[0], rtol=0.02)
    assert [t.get_text() for t in fig.axes[0].get_yticklabels()] == ["a", "b *"]
    assert fig.get_suptitle().startswith("I 1 af 2 tilfælde") and "−10" in words_of(fig)


def test_a_payer_of_one_krone_of_100_has_a_column_and_one_of_less_than_half_has_none():
    for kr, count in ((1.0, 2), (0.4, 1)):
        kept = pd.DataFrame([[0.0, kr, 0.0, 100 - kr]], ["a"], PAYERS)
        assert len(figures.who_keeps_bars(kept, set(), language="da").axes) == count, kr


def test_the_state_keeps_the_whole_of_a_saving_only_where_it_keeps_all_of_100_kroner():
    kept = pd.DataFrame([[5.0, 0.0, 0.0, 95.0], [0.0, 0.0, 0.0, 100.0]], ["a", "b"], PAYERS)
    assert figures.who_keeps_bars(kept, set(), language="da").get_suptitle().startswith("I 1 af 2 tilfælde")


def test_costs_are_ordered_by_the_gap_and_end_in_the_printed_figures(drawn):
    fig = drawn["151", "da"]["costs"]
    last = load("regk31").query("year == 2024").set_index(["function", "area"])["kr_per_inhabitant"]
    gaps = []
    for ax in fig.axes[:-1]:
        own, country = (int(t.get_text().replace(".", "")) for t in ax.texts)
        gaps.append(own - country)
        assert {own, country} <= set(last[:, "151"]) | set(last[:, "000"])
    assert gaps == sorted(gaps, reverse=True) and sum(gap > 0 for gap in gaps) == 2
    assert "en lavere udgift pr. indbygger end landet på 3 af 5 områder" in fig.get_suptitle()
    lower = load("regk31").query("area in ['000', '159']")
    assert (
        "en lavere udgift pr. indbygger end landet på 5 af 5"
        in figures.cost_per_inhabitant(lower, "159", language="da").get_suptitle()
    )
    turned = lower.assign(kr_per_inhabitant=-lower["kr_per_inhabitant"])
    assert (
        "en højere udgift pr. indbygger end landet på 5 af 5"
        in figures.cost_per_inhabitant(turned, "159", language="da").get_suptitle()
    )


def test_the_slope_draws_the_four_lines_that_change_most_and_names_the_status_of_each_year(drawn):
    fig = drawn["151", "da"]["frame"]
    table = load("budget_2017.frame_2002").pivot_table("value", "row", "year") / 1000
    shown = words_of(fig)
    # from 2016 on, for ledighedsydelse stood with fleksjob before: 35,7 to 47,5; 124,4 to 114,1; 27,9 to 36,7; 7,2 to -0,9
    for row in ("Ressourceforløb", "Kontanthjælp", "Fleksjob", "Forsørgelse andet"):
        assert f"{written(table.loc[row, 2020], 1)}  {row}" in shown and written(table.loc[row, 2016], 1) in shown
    assert "2016\nkorr. budget" in shown and "2020\noverslag" in shown and len(fig.axes[0].lines) == 4
    assert (
        fig.get_suptitle()
        == "Af rammens linjer ændrer Ressourceforløb sig mest fra 2016 til 2020: +11,8 mio. kr.; alle linjer +0,3, trykt total +0,4"
    )


def test_the_outlook_shows_the_interval_and_the_last_account(drawn):
    fig = drawn["151", "da"]["outlook"]
    assert {"79,4", "96,0", "111,0", "129,0"} <= set(words_of(fig))
    assert fig.get_suptitle() == "Dagpenge: 79,4 mio. kr. i 2024, ventet 111,0 i 2026 (96,0 til 129,0)"


def test_a_users_own_settings_change_no_picture():
    import matplotlib

    own = {"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "yellow", "svg.hashsalt": "x"}
    for form in ("png", "svg"):
        before = figures.render(figures.outlook(ACCOUNTS, AHEAD, "Dagpenge"), form)
        with matplotlib.rc_context(own):
            assert figures.render(figures.outlook(ACCOUNTS, AHEAD, "Dagpenge"), form) == before


def test_a_figure_is_rendered_in_the_form_that_is_asked_for():
    fig, _ = figures.panels()
    assert figures.render(fig).startswith(b"\x89PNG") and figures.render(fig, "png").startswith(b"\x89PNG")
    assert b"<svg" in figures.render(fig, "svg")
