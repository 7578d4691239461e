"""Time the scenarios, beside the same sums in a spreadsheet: python benchmarks/scenarios.py."""

import resource
import shutil
import subprocess
import tempfile
import tracemalloc
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from grants import best
from joblib import Parallel, delayed

from ballerup_analysis import costing, frame
from ballerup_analysis.costing import CYCLICAL, YEARS, base, cost
from ballerup_analysis.refusion import FIRST_WEEKS
from ballerup_analysis.scenarios import attack, run, shipped, simulate, sweep, tornado
from ballerup_analysis.trend import municipalities

ONE = shipped()["behind_and_slow"]
DRAWS = 100_000


def sheet(rows):
    """A sheet as XML: numbers, and formulas as text."""
    cell = '<table:table-cell table:formula="of:={}"/>'
    number = '<table:table-cell office:value-type="float" office:value="{!r}"/>'
    filled = (
        "".join(cell.format(escape(v)) if isinstance(v, str) else number.format(float(v)) for v in r) for r in rows
    )
    return "".join(f"<table:table-row>{one}</table:table-row>" for one in filled)


def model():
    """The sums of ONE as rows of a sheet: what each line costs the municipality and the state, then what they rest on.

    Row 30 holds the parameters, 31-44 the lines, 45 on the stock of ressourceforløb week by week.
    """
    b = base()
    gap, faster = (c.amount for c in ONE.changes)
    among = b.persons[b.rows.index(CYCLICAL[0]), 0]
    ladder = costing._ladder("kontanthjaelp", "2017-06-30")
    week = [
        f"(POWER(1-[.$D$30];MIN({s};[.A{{r}}]))-POWER(1-[.$D$30];[.A{{r}}]))*[.$B$30]/[.$D$30]"
        f"+POWER(1-[.$D$30];[.A{{r}}])*POWER(1-[.$B$30];MAX({s}-[.A{{r}}];0))"
        for s in FIRST_WEEKS - 1
    ]
    steps = [np.diff(ladder, prepend=0)[k] for k in range(5)]
    rested = [
        [gap, frame.weekly_exit_hazard(), faster, "[.B30]*(1+[.C30]/100)", b.labour_force, among, b.jobready, *steps],
        *([*b.net_tkr[i], *b.persons[i], b.gross_kr[i], b.share[i]] for i in range(len(b.rows))),
        *(
            [
                max(w - 51, 0),
                *(f.format(r=45 + w) for f in week),
                f"SUMPRODUCT([.B{45 + w}:.F{45 + w}];[.$H$30:.$L$30])",
            ]
            for w in range(52 * len(YEARS))
        ),
    ]
    told = []
    for payer in ("municipality", "state"):
        for i, row in enumerate(b.rows):
            cells = []
            for y in range(len(YEARS)):
                r, first = 31 + i, 45 + 52 * y
                net, persons = f"[.{'ABCDE'[y]}{r}]", f"[.{'FGHIJ'[y]}{r}]"
                slow = row == "Ressourceforløb"
                own = f"AVERAGE([.G{first}:.G{first + 51}])" if slow else f"[.L{r}]"
                heads = f"AVERAGE([.B{first}:.B{first + 51}])" if slow else "1"
                part = {CYCLICAL[0]: "F", CYCLICAL[1]: "G"}.get(row)
                extra = f"[.$A$30]/100*[.$E$30]*[.${part}$30]/([.$F$30]+[.$G$30])" if part and y else "0"
                if payer == "municipality":
                    cells.append(f"{net}*{own}/[.L{r}]+{extra}*[.K{r}]/1000*{own}/{heads}")
                else:
                    cells.append(f"({persons}*({heads}-{own})+{extra}*(1-{own}/{heads}))*[.K{r}]/1000")
            told.append(cells)
    return [*told, [0.0], *rested]


def spreadsheet(copies):
    """Seconds for LibreOffice to open, calculate and save so many copies of the model; the cells of the first."""
    heads = (
        "office:urn:oasis:names:tc:opendocument:xmlns:office:1.0 table:urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    )
    names = " ".join(f'xmlns:{one.split(":")[0]}="{one.split(":", 1)[1]}"' for one in heads.split())
    names += ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2" office:version="1.2"'
    body = sheet(model())
    sheets = "".join(f'<table:table table:name="s{i}">{body}</table:table>' for i in range(copies))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.fods"
        file.write_text(
            f'<?xml version="1.0" encoding="UTF-8"?><office:document {names} '
            'office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body><office:spreadsheet>'
            f"{sheets}</office:spreadsheet></office:body></office:document>",
            encoding="utf-8",
        )
        command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to"]
        ask = [*command, "csv", "--outdir", folder, str(file)]
        subprocess.run(ask, check=True, capture_output=True)  # the first run makes the profile
        seconds, _ = best(lambda: subprocess.run(ask, check=True, capture_output=True))
        lines = (Path(folder) / "model.csv").read_text(encoding="utf-8").splitlines()[:28]
    return seconds, np.array([line.split(",")[: len(YEARS)] for line in lines], float)


if __name__ == "__main__":
    print("| what | s | target |\n|---|---|---|")
    cost(ONE.changes)
    one, table = best(lambda: run(ONE), 21)
    print(f"| one scenario, warm: the table of `run` | {one:.4f} | 0.005 |")
    print(f"| the same, arrays of `cost` only | {best(lambda: cost(ONE.changes), 21)[0]:.5f} | |")
    print(f"| {DRAWS:,} draws × 14 lines × 5 years | {best(lambda: simulate(ONE, DRAWS), 7)[0]:.3f} | 0.35 |")
    print(f"| 10,000 draws | {best(lambda: simulate(ONE, 10_000), 7)[0]:.3f} | |")
    print(f"| tornado | {best(lambda: tornado(ONE), 7)[0]:.4f} | |")
    names, margin = ("gap_points", "exit_rate_pct", "price_pct"), lambda own: 560_000 - own[:, 2].sum()
    print(f"| attack, three parameters | {best(lambda: attack(ONE, margin, names), 7)[0]:.3f} | |")
    tracemalloc.start()
    simulate(ONE, DRAWS)
    print(f"\n{DRAWS:,} draws hold {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB at most (target 200), ", end="")
    print(f"the process so far {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
    tracemalloc.stop()

    every, areas = shipped().values(), municipalities()
    print(f"\n| {len(every)} shipped scenarios × {len(areas)} municipalities | s | target |\n|---|---|---|")
    first, _ = best(lambda: sweep(every, areas), 1)
    print(
        f"| sweep, all cores, first time | {first:.2f} | 5 |\n| again | {best(lambda: sweep(every, areas))[0]:.2f} | 5 |"
    )

    drawn = shipped()["behind_by_1"]
    ask = lambda: Parallel(n_jobs=-1)(delayed(simulate)(drawn, 10_000, area=area) for area in areas * 2)  # noqa: E731
    ask()
    took = best(ask)[0] / len(areas) / 2
    print(
        f"\n10,000 draws, all local cores: {took * 1000:.1f} ms an area and scenario, 98 × 1,000 in {98_000 * took / 60:.0f} min"
    )

    if shutil.which("soffice"):
        (alone, cells), (many, _) = spreadsheet(1), spreadsheet(51)
        own, state = cost(ONE.changes)
        off = np.abs(cells - np.vstack([own, state])).max()
        print(
            f"\nLibreOffice, the same sums: {alone:.2f} s a file, {(many - alone) / 50 * 1000:.1f} ms each further scenario in it"
        )
        print(f"that is {(many - alone) / 50 / one:.0f} × `run`; largest difference {off:.2g} tkr")
    else:
        print("\nsoffice is not installed: the spreadsheet was not measured")
