"""Check whether the lines of a printed table add up to its totals.

A total is recognised by its name in any usual spelling, or, in bold, without a label or in the last row, by adding up
in most columns. It may sum lines, subtotals, earlier results or the rows below it; rows marked "heraf" or indented lie
inside the line above, and an account line may be followed by the groupings it is made of. A difference is a finding
only when no such nesting ties.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from ballerup_analysis.danish import Figure, Interval, at_most, exact, number, parse, unit_of

COLUMNS = [
    *("check", "kind", "source", "expected", "computed", "difference", "tolerance", "verdict", "note", "note_da"),
]
_TOTAL = re.compile(
    r"(?:i ?alt|alt i alt|total\w*|sub ?total|hoved ?total|sum|summa(?: summarum)?|(?:del|mellem)sum|samlet|tilsammen)\b.*"
)
_SUBTOTAL = re.compile(r".*\b(?:i ?alt|total|totalt|sum)")
_MAYBE = re.compile(r".*\b(?:\w*resultat|samlede|netto\w*|brutto\w*|balance|ekskl|inkl|uden|før|efter)\b.*")
_MARKED = re.compile(r"\s*(\*\*.*\*\*|<b>.*</b>)\s*")
_INSIDE = re.compile(
    r"(?:.*\b)?(?:heraf|hvoraf|deraf|herunder|heri|hvori|her af)\b.*|inkl(?:usive?)?\b.*|.*\((?:en )?(?:del af|indgår)\b.*"
)
_NOTE = re.compile(r"(?:note|noter|kilde|anm|anmærkning|obs|\*+\)?|\d\)|[+-] ?=)(?:\W.*|$)")
SHARES = ("pct", "pct_point", "promille")
_EACH = (
    "person|indbygger|borger|ledig|modtager|helår|fuldtid|årsværk|enhed|stk|time|dag|uge|måned|elev|barn|bruger|plads"
)
_NO_SUM = re.compile(rf"\bpr\.? ?(?:{_EACH})|gennemsnit|\bgns\b|indeks|andel|enhedspris|procent")


@dataclass(frozen=True)
class Table:
    """A table of figures: labels of its rows and columns, and for each cell value, low and high (rows × columns).

    ``unread`` marks cells that hold a figure nobody can read, ``adds`` columns expected to add up, ``bare`` rows
    without any figure (headings, notes), ``bold`` rows that are printed in bold.
    """

    name: str
    rows: list[str]
    columns: list[str]
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    unread: np.ndarray
    adds: np.ndarray
    bare: np.ndarray
    bold: frozenset[int] = frozenset()

    @functools.cached_property
    def addends(self) -> np.ndarray:
        """Value, low and high (3 × rows × columns) where a missing cell adds nothing."""
        return np.where(np.isnan(self.low), 0.0, np.stack([self.value, self.low, self.high]))

    def cell(self, row: int, column: int) -> Interval:
        """Return the figure of a cell."""
        return Interval(*(float(part[row, column]) for part in (self.value, self.low, self.high)))


def read_table(table: pd.DataFrame, name: str = "table", bold: Collection[int] = ()) -> Table:
    """Read a printed table: the first column holds the labels, the others cells as printed.

    A cell that is no figure is kept as such, and a column in pct. or per person is not expected to add up.
    """
    labels, cells = table.iloc[:, 0].fillna("").astype(str), table.iloc[:, 1:].fillna("").astype(str)
    read = [[_figure(cell) for cell in row] for row in cells.itertuples(index=False)]
    parts = {k: [[getattr(f, k) for f in row] for row in read] for k in ("value", "low", "high", "unit")}
    parts = {k: np.array(part).reshape(cells.shape) for k, part in parts.items()}  # though it has no row
    units = parts.pop("unit")
    heads = [str(head) for head in cells.columns]
    adds = ~np.isin(units, SHARES).any(axis=0) & [
        unit_of(h) not in SHARES and not _NO_SUM.search(h.lower()) for h in heads
    ]
    bare = ((cells == "").to_numpy() | (units == "text")).all(axis=1) | _years(labels, parts["value"])
    marked = {i for i, label in enumerate(labels) if _MARKED.fullmatch(label)}
    return Table(
        name, list(labels), heads, **parts, unread=units == "?", adds=adds, bare=bare, bold=frozenset({*bold, *marked})
    )


def _years(labels: pd.Series, value: np.ndarray) -> np.ndarray:
    """Tell which rows only repeat the years of the head."""
    return (labels.str.strip() == "").to_numpy() & np.isin(value, range(1900, 2101)).all(axis=1)


def _figure(cell: str) -> Figure:
    text = re.sub(r"</?b>|\*\*", "", cell)
    try:
        return parse(text)
    except ValueError:
        return Figure(np.nan, np.nan, np.nan, "text" if re.search(r"[^\W\d]", text) else "?")


def counts_twice(label: str) -> bool:
    """Tell whether a row of that name is a sum of other rows, or a part of one.

    Examples
    --------
    >>> [counts_twice(label) for label in ("I alt", "Forsørgelse i alt:", "Heraf over 52 uger", "Summerskole")]
    [True, True, True, False]
    """
    return is_total(label) or _INSIDE.match(label.lower().strip(" :*")) is not None


def is_total(label: str) -> bool:
    """Tell whether a row of that name is a sum of other rows.

    Examples
    --------
    >>> [is_total(label) for label in ("(I alt)", "Forsørgelse i alt:", "Heraf over 52 uger", "Summerskole")]
    [True, True, False, False]
    """
    bare = label.lower().strip(" :*()")
    return any(kind.fullmatch(bare) for kind in (_TOTAL, _SUBTOTAL))


def may_be_total(label: str) -> bool:
    """Tell whether a row of that name is looked at as a sum of others, which it may be.

    Examples
    --------
    >>> [may_be_total(label) for label in ("I alt", "Netto, drift", "**Udvalget**", "---", "Løn")]
    [True, True, True, True, False]
    """
    words = " ".join(re.findall(r"\w+", label.lower()))
    return (
        not words or is_total(label) or any(kind.fullmatch(text) for kind, text in ((_MAYBE, words), (_MARKED, label)))
    )


def check_table(table: pd.DataFrame, name: str = "table", bold: Collection[int] = ()) -> pd.DataFrame:
    """Check the totals of a printed table.

    Parameters
    ----------
    table : pandas.DataFrame
        The first column holds the labels, the others the cells as printed.
    name : str
        Name of the table in the result.
    bold : collection of int
        Positions of rows printed in bold; a label in ``**`` or ``<b>`` is bold too.

    Returns
    -------
    pandas.DataFrame
        One row a total and column: check, kind, source (the cells read), expected (as printed), computed,
        difference, tolerance, verdict, note and note_da. When no total is recognised, one row says so.

    Examples
    --------
    >>> printed = pd.DataFrame({"mio. kr.": ["Løn", "Drift", "I ALT"], "B2026": ["5,0", "5,0", "10,4"]})
    >>> check_table(printed)["note"].item()[:49]
    'Correction: 10,0 instead of 10,4; 0,4 too low if '
    """
    return pd.DataFrame(check(read_table(table, name, bold)), columns=COLUMNS)


def check(table: Table) -> list[dict]:
    """Check the totals of a table that is read; rows as :func:`check_table` returns them."""
    rows = [row for nesting in _nestings(table) for row in _compare(table, *nesting)]
    if rows:
        return rows
    last = table.rows[-1] if table.rows else ""
    note = f"No total is recognised among the {len(table.rows)} rows (the last is {last!r}): nothing was added up."
    note_da = (
        f"Ingen total er genkendt blandt de {len(table.rows)} rækker (den sidste er {last!r}): intet er lagt sammen."
    )
    row = {"check": f"{table.name}: no total", "kind": "no total", "source": table.name, "verdict": "not checkable"}
    return [row | {"note": note, "note_da": note_da}]


def _kinds(table: Table) -> list[str]:
    """Tell for each row what it is: total, subtotal, maybe (a total if it adds up), inside, line, heading or note."""
    kinds: list[str] = []
    last = max(np.flatnonzero(~table.bare), default=None)
    for at, label in enumerate(table.rows):
        bare = re.sub(r"\(.*?\)|\*\*|</?b>", "", label).strip().lower()
        plain = " ".join(re.sub(r"[^\w ]+", " ", bare).split())
        above = next((kind for kind in reversed(kinds) if kind != "note"), "heading")
        indented = re.match(r"(\s{2,}|\t|[-–•·] ?)\S", label) and above in ("line", "inside")
        if table.bare[at]:
            kind = "note" if _NOTE.match(bare) else "heading"
        elif _INSIDE.fullmatch(plain) or indented:
            kind = "inside"
        elif _TOTAL.fullmatch(plain) and not _MAYBE.fullmatch(plain):
            kind = "total"
        elif _SUBTOTAL.fullmatch(plain) and not _MAYBE.fullmatch(plain):
            kind = "total" if at == last else "subtotal"
        elif not plain or at in table.bold or at == last or _MAYBE.fullmatch(plain):
            kind = "maybe"
        else:
            kind = "line"
        kinds.append(kind)
    return kinds


def _nestings(table: Table) -> Iterator[tuple[int, list[list[int]], dict[int, list[int]]]]:
    """Yield each total with the lists of rows that may add up to it, the likeliest first, and the rows of earlier totals."""
    kinds, stack, boundaries = _kinds(table), [], {0}
    parts, below = {}, set()  # total -> its rows; rows of a total above them (or before, where it no longer matters)
    for at, kind in enumerate(kinds):
        if kind == "heading":
            boundaries.add(len(stack))
        elif kind in ("total", "subtotal", "maybe"):
            sums = _plain(kinds, at, stack, boundaries)
            if whole := next((rows for rows in sums if _tied(table, at, rows).all()), None):
                sums = [whole]
            else:
                sums = _ranked(table, at, sums + _nested(table, kinds, at, sums, parts))
            printed = max(boundaries) < len(stack) or kinds[at + 1 : at + 2] == ["inside"]  # lines of its own
            sure = kind == "total" or (kind == "subtotal" and printed)
            if sums and (sure or _adds_up(table, at, sums[0])):
                yield at, sums, parts
                parts[at] = sums[0]
                below |= set(sums[0])
                stack = [row for row in stack if row not in sums[0]]
                boundaries = {min(b, len(stack)) for b in boundaries} | {len(stack), len(stack) + 1}
        if kind not in ("heading", "note", "inside") and at not in below:
            stack.append(at)


def _plain(kinds: list[str], at: int, stack: list[int], boundaries: set[int]) -> list[list[int]]:
    """Return what a total may sum: its section, all above, the totals above, the rows below it."""
    stops = [row for row in range(at + 1, len(kinds)) if kinds[row] not in ("inside", "line", "maybe")]
    below = list(range(at + 1, min(stops, default=len(kinds))))
    heraf = [row for row in below if set(kinds[at + 1 : row + 1]) == {"inside"}]
    above = [stack[start:] for start in sorted(boundaries, reverse=True) if stack[start:]]
    last = {"heading", "note", "inside"}.issuperset(kinds[at + 1 :])
    above = above[::-1] if last else above  # a last total sums all, another one its own section
    totals = [row for row in stack if kinds[row] in ("total", "subtotal")]
    known = [heraf, *above, totals] if above else [heraf, below]
    return [rows for rows in known if rows]


def _nested(table: Table, kinds: list[str], at: int, sums: list[list[int]], parts: dict) -> list[list[int]]:
    """Return what else it may sum: without the groupings of an account line, with the rows inside, without subtotals."""
    others = [_roots(table, rows) for rows in sums]
    inside = [row for row in range(at) if kinds[row] == "inside"]
    others += [sorted({*rows, *(row for row in inside if row > rows[0])}) for rows in sums]
    return others + [[line for row in rows for line in parts.get(row, [row])] for rows in sums]


def _roots(table: Table, rows: list[int]) -> list[int]:
    """Leave out the rows an account line above them is made of: those that add up to it in most columns."""
    roots: list[int] = []
    for row in reversed(rows):
        low, high = np.cumsum(table.addends[1:, roots], axis=1)
        compared = _compared(table, row)
        ties = _overlap(table, row, low, high)[:, compared]
        fits = np.flatnonzero(ties.mean(axis=1) > 0.5) if compared.any() else []
        made_of = next((int(count) + 1 for count in fits if count), 0)
        roots = [row, *roots[made_of:]]
    return roots


def _sum(table: Table, rows: list[int]) -> np.ndarray:
    """Add the cells of some rows: value, low, high by column; a cell nobody can read spoils its column."""
    return np.where(table.unread[rows].any(axis=0), np.nan, table.addends[:, rows].sum(axis=1))


def _overlap(table: Table, at: int, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return at_most(table.low[at], high) & at_most(low, table.high[at])


def _ties(table: Table, at: int, rows: list[int]) -> np.ndarray:
    return _overlap(table, at, *_sum(table, rows)[1:])


def _compared(table: Table, at: int) -> np.ndarray:
    return ~np.isnan(table.low[at]) & table.adds


def _tied(table: Table, at: int, rows: list[int]) -> np.ndarray:
    return _ties(table, at, rows)[_compared(table, at)]


def _adds_up(table: Table, at: int, rows: list[int]) -> bool:
    """Tell whether a row that is not named a total is one: it adds up in most columns, a single one exactly."""
    tied, column = _tied(table, at, rows), _compared(table, at)
    added, printed = _sum(table, rows)[0][column], table.value[at][column]
    to_the_digit = at_most(added, printed) & at_most(printed, added)
    return len(rows) > 1 and tied.size > 0 and bool((tied if tied.size > 1 else to_the_digit).mean() > 0.5)


def _ranked(table: Table, at: int, candidates: list[list[int]]) -> list[list[int]]:
    return sorted(candidates, key=lambda rows: -int(_tied(table, at, rows).sum()))


def _compare(table: Table, at: int, sums: list[list[int]], parts: dict[int, list[int]]) -> Iterator[dict]:
    compared = np.flatnonzero(~np.isnan(table.low[at]))
    tied = np.array([_ties(table, at, rows) for rows in sums])
    some = tied[:, _compared(table, at)]
    if some.shape[1] >= 3 and some[0].mean() > 0.5:  # lines nest the same way in every column
        sums = [sums[0], [line for row in sums[0] for line in parts.get(row, [row])]]
        tied = np.array([_ties(table, at, rows) for rows in sums])
    added = [_sum(table, rows).T for rows in sums]
    off = np.abs(added[0][:, 0] - table.value[at])[_compared(table, at)]
    partial = some.shape[1] >= 3 and bool((off > 0.1 * np.abs(table.value[at])[_compared(table, at)]).all())
    for column, following in [*pairwise(compared), *((c, None) for c in compared[-1:])]:
        which = int(tied[:, column].argmax())
        if not tied[which, column] and not table.adds[column]:
            continue
        rows = sums[which]
        total = table.cell(at, column)
        computed = Interval(*map(float, added[which][column]))
        later = table.cell(at, following) if following is not None else None
        spoiled = [table.rows[row] for row in rows if table.unread[row, column]]
        label = table.rows[at].strip() or f"row {at + 1}"
        label += f" (row {at + 1})" if label == table.rows[at].strip() and table.rows.count(table.rows[at]) > 1 else ""
        cells = [
            f"{name.strip()}, {table.columns[column]}" for name in (table.rows[at], *(table.rows[r] for r in rows))
        ]
        row = compare(f"{table.name}: {label}, {table.columns[column]}", "column total", total, computed)
        row |= {"source": f"{table.name}[{'; '.join(cells)}]"}
        if spoiled:
            row |= {"verdict": "not checkable"} | _both(SPOILED, rows=", ".join(spoiled))
        elif row["verdict"] == "does not tie":
            row |= {"verdict": "not checkable"} | _both(PARTIAL) if partial else _explain(total, computed, later)
        yield row


PARTIAL = (
    "The lines add up to the total in no column: not all lines may be printed.",
    "Linjerne giver ikke totalen i nogen kolonne: der er måske linjer, som ikke er trykt.",
)
SPOILED = ("No figure can be read in: {rows}.", "Der kan ikke læses noget tal i: {rows}.")
WRONG = (
    "Correction: {computed} instead of {total}; {gap} too {low} if the total is right: the paper does not tell. "
    "Effect: {effect}.",
    "Rettelse: {computed} i stedet for {total}; linjerne er {gap} for {low_da}, hvis det er totalen, der er rigtig: "
    "papiret viser det ikke. Virkning: {effect_da}.",
)


def _both(texts: tuple[str, str], **values: str) -> dict[str, str]:
    return {"note": texts[0].format(**values), "note_da": texts[1].format(**values)}


def _explain(total: Interval, computed: Interval, later: Interval | None) -> dict[str, str]:
    """Write what stands there, what follows from the lines, and what a correction changes."""
    off = computed.value - total.value
    places = decimals_of(total)
    effect, effect_da = "none further", "ingen yderligere"
    if later is not None:
        step = later.value - total.value
        steps = (number(step - off, places), number(step, places))
        effect = "the step to the next column is {}, not {}".format(*steps)
        effect_da = "forskellen til næste kolonne er {}, ikke {}".format(*steps)
    low, low_da = ("high", "høje") if off > 0 else ("low", "lave")
    return _both(
        WRONG, computed=shown(computed, places), total=shown(total, places), gap=number(abs(off), places),
        low=low, low_da=low_da, effect=effect, effect_da=effect_da,
    )  # fmt: skip


def decimals_of(figure: Interval) -> int:
    """Return how many decimals a figure is printed with, told by its interval.

    Examples
    --------
    >>> decimals_of(parse("10,40")), decimals_of(parse("1.234")), decimals_of(parse("mindst 5"))
    (2, 0, 0)
    """
    width = figure.high - figure.low
    return max(0, round(-np.log10(width))) if 0 < width < np.inf else 0


def shown(figure: Interval, places: int) -> str:
    """Write a figure, or the ends of a range, with some decimals."""
    if np.isnan(figure.value):
        return f"{number(figure.low, places)}–{number(figure.high, places)}"
    return number(figure.value, places)


def compare(check: str, kind: str, expected: Interval, computed: Interval) -> dict:
    """Compare a printed figure with what follows from others: a row of the result, without source and notes."""
    difference = expected.value - computed.value
    same = exact(expected.value).overlaps(exact(computed.value))
    same |= (expected.low, expected.high) == (computed.low, computed.high)  # of two ranges
    verdict = "ties" if same else "ties within rounding"
    verdict = verdict if expected.overlaps(computed) else "does not tie"
    tolerance = (expected.high - expected.low + computed.high - computed.low) / 2
    figures = (expected.value, computed.value, difference, tolerance, verdict)
    return dict(zip(COLUMNS, (check, kind, "", *figures, "", ""), strict=True))
