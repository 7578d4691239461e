"""What papers, figures and pages show is what somebody last read: each number beside its word, each mark in its place.

Whether a number is right, other tests say. After a change that is meant, run ``pytest tests/test_shown.py
tests/test_parameters.py --accept`` and read the changed lines of ``tests/shown`` as what a reader is told now.
"""

import itertools

import openpyxl
import pytest
from seen import figure, hold, page
from test_figures import draw

from ballerup_analysis.explorer.answer import as_csv
from ballerup_analysis.explorer.page import render
from ballerup_analysis.explorer.server import Baselines
from ballerup_analysis.explorer.state import parse
from ballerup_analysis.paper import build, layout, workbook
from ballerup_analysis.paper.numbers import ledger
from ballerup_analysis.reconcile import reconcile
from ballerup_analysis.scenarios import shipped
from ballerup_analysis.sources import load
from ballerup_analysis.upkeep import jobindsats, statbank

STATES = (
    "base=budget_2017&gap_points=0.5&persons@sygedagpenge=-20&year=2019&pin=price_pct%3D1&pinned=Pris",
    "lang=en&area=159&gap_points=0.5&unit=persons&payer=state&year=2026",
    "area=825&activation_points=5&gap_points=-0.5&gap_points.from=2027&unit=kr_per_inhabitant",
)


@pytest.fixture(scope="module")
def baselines():
    return Baselines()


@pytest.mark.parametrize("area", ["151", "159"])
def test_the_papers_say_what_was_read_last(area, request):
    book = ledger(area)
    made = build.papers(book, build.traces(book))
    for name, paper in made.items():
        hold(request, f"paper_{area}_{name}", page(layout.html(paper)))


def test_the_services_are_asked_for_what_was_read_last(request):
    """Codes, benefits, titles and notes: what one of them should be, no answer of a service tells."""
    lines = []
    for service in (statbank, jobindsats):
        for name, spec in service.TABLES.items():
            lines += [name, *(f"  {key} = {value!r}" for key, value in spec.items())]
    hold(request, "services", lines)


def test_the_rates_are_those_that_were_read_last(request):
    told = load("rates")[["name", "when", "value", "unit", "valid_from", "valid_to", "evidence"]].astype(str)
    hold(request, "rates", (" | ".join(map(str, row)) for row in told.itertuples(index=False)))


def test_the_checks_of_the_papers_find_what_was_read_last(request):
    told = reconcile()
    numbers = {name: told[name].map("{:.9g}".format) for name in ("expected", "computed", "difference", "tolerance")}
    hold(request, "checks", (" | ".join(row) for row in told.assign(**numbers).itertuples(index=False)))


@pytest.mark.parametrize(("area", "language"), [("151", "da"), ("159", "en")])
def test_the_figures_draw_what_was_read_last(area, language, request):
    lines = []
    for name, fig in draw(area, language).items():
        lines += [name, *(f"  {line}" for line in figure(fig))]
    hold(request, f"figures_{area}_{language}", lines)


@pytest.mark.parametrize("n", range(len(STATES)))
def test_the_explorer_shows_what_was_read_last(n, baselines, request):
    state, frame, found, _ = baselines.shown(parse(STATES[n]))
    lines = [
        STATES[n],
        *page(render(state, frame, found, baselines.vintages)),
        *as_csv(state, frame, found).splitlines(),
    ]
    hold(request, f"explorer_{n + 1}", lines)


@pytest.mark.parametrize("baseline", ["accounts", "budget_2017"])
def test_the_workbook_starts_from_what_was_read_last(baseline, tmp_path, request):
    """Its texts and typed numbers, and how all are shown; what its formulas make of them, test_workbook says."""
    one = next(one for one in shipped().values() if one.baseline == baseline)
    workbook.build(tmp_path / "bilag.xlsx", one, "151")
    lines = []
    for sheet in openpyxl.load_workbook(tmp_path / "bilag.xlsx").worksheets:
        for row in sheet:
            told = [(cell.coordinate, *typed(cell)) for cell in row if cell.value is not None]
            for look, alike in itertools.groupby(told, lambda cell: cell[1:]):
                places = [place for place, *_ in alike]
                lines.append(" ".join((f"{sheet.title}!{':'.join(dict.fromkeys((places[0], places[-1])))}", *look)))
        lines += (f"{sheet.title}!{n} {row.height:g} high" for n, row in sheet.row_dimensions.items() if row.height)
        for chart in sheet._charts:
            colors = " ".join(series.graphicalProperties.solidFill.srgbClr for series in chart.series)
            (title,) = chart.title.tx.rich.p[0].r
            lines.append(f"{sheet.title} {chart.tagname} {title.t!r} {title.rPr.sz} {colors}")
    hold(request, f"workbook_{baseline}", lines)


def typed(cell):
    """What is typed in a cell, "=" for a formula, and the format a number has."""
    is_number = isinstance(cell.value, (int, float))
    value = "=" if cell.data_type == "f" else f"{cell.value:.8g}" if isinstance(cell.value, float) else repr(cell.value)
    return (value, cell.number_format) if cell.data_type == "f" or is_number else (value,)
