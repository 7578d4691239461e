"""Budgets made at random as people make them are read as they were written, and asked about no more than chance has it."""

import numpy as np
import pytest
from test_own import book, danish, read

from ballerup_analysis.files import DataError
from ballerup_analysis.sources import load

LINES = [*dict.fromkeys([*load("budget_2017.frame_2002")["row"], *load("budget_2017.frame_2004")["row"]])]
LINES.remove("I alt")
UNITS = {"kr.": (1e-3, 1e7, 0), "1.000 kr.": (1, 1e4, 0), "mio. kr.": (1000, 1e2, 1)}  # in 1.000 kr., usual, decimals
TITLES = ["Beskæftigelsesudvalget", "Budget 2027 og overslagsår, nettoudgifter", "Ballerup Kommune", None]
NOTES = ["Kilde: kommunens økonomisystem", "* Beløbene er i løbende priser", "Udskrevet 12. oktober 2026", None]
BUDGETS, ASKED = 100, 1  # made, and wrongly asked about at most, as chance makes sums: see CHANCE in own/sums.py


def made(rng):
    """Return the rows of a budget, and what it says: amounts in 1.000 kr. by line and heading."""
    heads = ["R2025", "B2026", "B2027", "BO2028", "BO2029"][rng.integers(0, 2) : rng.integers(3, 6)]
    names = [LINES[n] for n in rng.permutation(len(LINES))[: rng.integers(2, len(LINES))]]
    if rng.random() < 0.3:
        names = [f"5.{30 + n // 9}.{10 + n % 9} {name}" for n, name in enumerate(names)]
    unit = [*UNITS][rng.integers(0, 3)]
    in_tkr, usual, decimals = UNITS[unit]
    amounts = np.round(rng.lognormal(np.log(usual), 1, (len(names), len(heads))) + 1 / usual, decimals)

    def row(name, figures):
        return [name, *(round(float(one), 1) if decimals else int(one) for one in figures)]

    body = [row(*pair) for pair in zip(names, amounts, strict=True)]
    if rng.random() < 0.3 and len(names) > 3:  # in two sections
        half = len(names) // 2
        body[half:half] = [row("Ydelser i alt", amounts[:half].sum(axis=0)), [], ["Andre udgifter"]]
        body = [["Ydelser"], *body, row("Andre udgifter i alt", amounts[half:].sum(axis=0))]
    elif rng.random() < 0.4:
        body.insert(rng.integers(0, len(body) + 1), [])
    total = row(["I alt", "Total", "Udgifter i alt", "SUM"][rng.integers(0, 4)], amounts.sum(axis=0))
    body = [[*body, total], [total, *body], body][min(rng.integers(0, 5), 2)]
    told = rng.integers(0, 3)  # the unit: in the headings, in a title, or above the last year
    above = [[f"Beløb i {unit}"], [None] * len(heads) + [f"({unit})"]][told - 1 : told] if told else []
    over = [
        [TITLES[rng.integers(0, 4)]],
        *above,
        ["Budgetpost", *(one if told else f"{one} ({unit})" for one in heads)],
    ]
    rows = [*over, *body, [], [NOTES[rng.integers(0, 4)]]]
    says = {
        (n, h): a * in_tkr for n, some in zip(names, amounts, strict=True) for h, a in zip(heads, some, strict=True)
    }
    return [[*cells, *[None] * (len(heads) + 1 - len(cells))] for cells in rows], says


def test_budgets_made_at_random_are_read_as_they_were_written(tmp_path):
    rng, asked = np.random.default_rng(2026), []
    for _ in range(BUDGETS):
        rows, says = made(rng)
        name, raw = ("budget.csv", danish(rows)) if rng.random() < 0.5 else ("budget.xlsx", book(rows))
        try:
            table = read(tmp_path, "budget", name, raw)
        except DataError as error:
            asked.append(f"{error}\n{rows}")
            continue
        keys = zip(table["line"], table["status"] + table["year"].astype(str), strict=True)
        assert dict(zip(keys, table["amount_tkr"], strict=True)) == pytest.approx(says)
    assert len(asked) <= ASKED, "\n".join(asked)
