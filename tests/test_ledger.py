"""A number lists every cell it depends on and no other, and can be followed to the text as printed."""

from dataclasses import replace

import pytest

from ballerup_analysis import rates, sources
from ballerup_analysis.paper import numbers as headlines
from ballerup_analysis.paper import reading as ledger
from ballerup_analysis.paper.reading import CALCULATIONS, trace
from ballerup_analysis.sources import DATA, DataError


@pytest.fixture(scope="module")
def book():
    return ledger.ledger()


@pytest.fixture(scope="module")
def listed(book):
    """The numbers that list a cell, by table, line and text."""
    cells = {}
    for id, entry in book.numbers.items():
        for table, line, printed in trace(entry)[["table", "line", "printed"]].itertuples(index=False, name=None):
            for text in printed.split("; "):
                cells.setdefault((table, line, text), set()).add(id)
    return cells


@pytest.fixture
def edit(monkeypatch):
    """Change text in a raw file, as if it had been recorded so; return the line."""
    read, edits = sources.read_raw, {}

    def edited(name):
        lines = read(name).decode("utf-8").split("\n")
        for line, old, new in edits.get(name, []):
            assert old in lines[line - 1]
            lines[line - 1] = lines[line - 1].replace(old, new)
        return "\n".join(lines).encode()

    def change(name, starts, old, new, below=1):
        lines = edited(name).decode("utf-8").split("\n")
        line = next(i for i, text in enumerate(lines, start=1) if i >= below and text.startswith(starts))
        edits.setdefault(name, []).append((line, old, new))
        return line

    monkeypatch.setattr(sources, "read_raw", edited)
    monkeypatch.setattr(rates, "read_raw", edited)
    return change


def is_steady(entry):
    """A count, a rank or a share of thousands may stay where it is when one of its cells moves."""
    return entry.unit in ("", "pct.") or entry.unit.startswith("of ")


def assert_only_dependents_change(book, dependents):
    after = ledger.ledger().numbers
    changed = {id for id, entry in after.items() if entry.value != book[id].value}
    assert {id for id in dependents if not is_steady(book[id])} <= changed <= dependents
    return changed


@pytest.mark.parametrize(
    ("name", "starts", "old", "new", "also"),
    [
        ("minutes_2015.statements", "gain_2014,", "7,6", "9,9", "needed_price"),
        ("minutes_2020.followup_2021_2024", "De samlede", "66.588", "77.588", "budget_rise_2021"),
        ("auk01", "151,2014Q1,", "369", "999", "rank_kontanthjaelp_2014"),
        (
            "auk01",
            "151,2009Q1,",
            "165",
            "999",
            "placebo_share_per_inhabitant_2014",
        ),  # nothing but the placebo looks at 2009
        ("aup02", "151,2014,", "5.32", "9.32", "rank_gross_2014"),
        ("regk31", "151,2024,5.57.78,", "1524", "9524", "dagpenge_level_2024"),
        ("jobindsats_monthly", "151,2026M05,gross_unemployed_dagpenge,", "698", "998", "cost_dagpenge_2026"),
        ("budget_2017.frame_2002", "Fleksjob,", "36.697", "96.697", "forsoergelse_2020"),
        ("budget_2017.frame_2002", "Fleksjob,", "45.043", "95.043", "figures_wrong"),
        ("worked_examples", "B expected minus actual,Ballerup,2021,", "17.8", "99.9", "implied_price_2021"),
        ("folk1a", "151,2024Q3,", "52103", "92103", "dagpenge_level_2024"),
    ],
)
def test_changing_one_cell_changes_its_dependents_and_no_other(book, listed, edit, name, starts, old, new, also):
    line = edit(name, starts, old, new)
    assert also in assert_only_dependents_change(book, listed[name, line, old])


def test_changing_a_rate_changes_the_numbers_that_use_it(book, edit):
    used = next(r for r in book["kept_dagpenge_active"].rates)
    cell = trace(book["kept_dagpenge_active"]).query("table == 'rates'").iloc[0]
    edit("rates", "value =", f"= {used.value:g}", f"= {used.value + 5:g}", below=cell["line"])
    dependents = {id for id, entry in book.numbers.items() if used in entry.rates}
    assert "kept_dagpenge_active" in assert_only_dependents_change(book, dependents)


def test_a_number_that_leaves_out_a_cell_it_needs_is_found_out(book, monkeypatch):
    """Computed from everything, a number must be what it is when computed from the cells it lists."""
    choosing = ("published", "needed_price", "dagpenge_level", "followup", "ministry", "excess_cost", "wider")
    narrow = headlines.narrow
    monkeypatch.setattr(headlines, "narrow", lambda *_, **__: None)
    whole = {}
    for part in CALCULATIONS:
        name = getattr(part.compute, "func", part.compute).__name__
        if not name.startswith(
            choosing
        ):  # these choose their one cell by narrowing; their values are tested below; wider needs a table not fetched
            whole |= {entry.id: entry.value for entry in part.compute("151")}
    assert whole == {id: book[id].value for id in whole} and len(whole) > 15

    def too_narrow(name, **columns):  # leaves out one municipality
        narrow(name, **columns | ({"area": set(columns["area"]) - {"101"}} if name == "folk1a" else {}))

    monkeypatch.setattr(headlines, "narrow", too_narrow)
    found = ledger.ledger().numbers
    assert [id for id in whole if found[id].value != whole[id]] == ["placebo_share_per_inhabitant_2014"]


def test_chosen_cells_give_what_the_library_gives(book):
    gap, price = book["gap_kontanthjaelp_2014"].value, book["needed_price"].value
    assert gap * price / 1e6 == pytest.approx(book["published_gain_2014"].value)
    # 17,8 mio. kr. / 250 persons = 71.200 kr.; 12,5 / 200 = 62.500
    assert [book[f"implied_price_{year}"].danish for year in (2018, 2021)] == ["62.500 kr.", "71.200 kr."]
    assert book["cost_dagpenge_2026"].value == pytest.approx(book["excess_dagpenge_2026"].value * 71_200 / 1e6)
    printed = ["1,1", "66,6", "55,7", "36,7", "24,4"]  # the minutes' own text
    assert [book[f"budget_rise_{year}"].danish for year in range(2020, 2025)] == [f"{x} mio. kr." for x in printed]


def test_every_traced_cell_is_the_text_that_stands_in_the_file_at_its_line(book):
    files = {}
    for entry in book.numbers.values():
        cells = trace(entry)
        assert len(cells) and entry.evidence in sources.EVIDENCE and entry.scenario is None
        for cell in cells.iloc[:: max(1, len(cells) // 50)].itertuples():
            lines = files.setdefault(cell.file, (DATA.parent / cell.file).read_text(encoding="utf-8").splitlines())
            block = "\n".join(lines[cell.line - 1 : cell.line + 3])  # a rate is a block of lines
            shown = cell.printed.split(" ")[0] if cell.table == "rates" else cell.printed
            assert all(text in (block if cell.table == "rates" else lines[cell.line - 1]) for text in shown.split("; "))


def test_a_weak_rate_makes_its_number_weak(book):
    # the municipal shares of dagpenge before 2016 are press (active) and unverified (passive); the press share's dates are too
    for id in ("kept_dagpenge_active", "kept_dagpenge_passive"):
        weakest = max((r.evidence for r in book[id].rates), key=sources.EVIDENCE.index)
        assert book[id].evidence == weakest == "unverified"
    assert book["cost_dagpenge_2026"].evidence == "press"


def test_a_neighbour_gets_no_number_of_ballerups_papers_and_is_told_which():
    neighbour = ledger.ledger("159")
    assert neighbour["gap_kontanthjaelp_2014"].danish == "−41,0 persons"
    assert not any("." in table for entry in neighbour.numbers.values() for table in entry.rows)
    assert "som kun gælder Ballerup" in neighbour.missing["Afprøvede definitioner af besparelsen"]
    assert {part.title for part in CALCULATIONS} >= set(neighbour.missing) and "published_gain_2014" not in neighbour
    assert "Ledige på dagpenge i det seneste år" in ledger.ledger("101").missing  # jobindsats holds fourteen areas here


def test_an_unknown_id_or_area_is_one_error_that_names_the_nearest(book):
    with pytest.raises(DataError, match="did you mean 'needed_price'"):
        book["need_price"]
    with pytest.raises(DataError, match="no municipality '084'"):
        ledger.ledger("084")


def test_a_ledger_is_stale_once_a_table_it_read_has_changed(book):
    book.check_fresh()
    with pytest.raises(DataError, match="stale: auk01 changed"):
        replace(book, data=book.data | {"auk01": "sha256:other"}).check_fresh()
