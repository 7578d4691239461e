"""Time the package against what one would otherwise use, and print a markdown table: python benchmarks/run.py"""

import csv
import os
import subprocess
import sys
import tempfile
from bisect import bisect_left, bisect_right
from pathlib import Path
from statistics import median
from time import perf_counter

import pandas as pd

from ballerup_analysis import reconcile, sources
from ballerup_analysis import trend as gain
from ballerup_analysis import trend as gaps
from ballerup_analysis.paper import build as report
from ballerup_analysis.paper import reading as ledger

ROOT = Path(__file__).resolve().parent.parent
ENV = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "MPLBACKEND")}
ENV |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "BALLERUP_LOCAL": ""}  # as conftest.py has it
PACKAGE = "from ballerup_analysis import accounts, danish, gain, gaps, rates, reconcile, sources"
UNUSED = "; import sys; found = {'statsmodels', 'scipy', 'matplotlib'} & set(sys.modules); assert not found, found"
FIRST = PACKAGE + "; from time import perf_counter; start = perf_counter(); {}; print(perf_counter() - start)"
KERNELS = """
from jupyter_client.manager import start_new_kernel
for _ in range({}):
    manager, client = start_new_kernel(kernel_name="python3", extra_arguments=["--log-level=40"])
    reply = client.execute_interactive("import pandas, matplotlib.pyplot", timeout=60)
    assert reply["content"]["status"] == "ok"
    client.stop_channels()
    manager.shutdown_kernel(now=True)
"""
VERIFY = "import sys; from ballerup_analysis.cli import main; sys.exit(main(['verify', *sys.argv[1:]]))"
TABLES = sources.catalogue().set_index("name")["path"]
PATHS = [sources.DATA / path for path in TABLES if path.endswith(".csv")]


def process(*args):
    """Run Python in a process of its own; return what it prints."""
    done = subprocess.run([sys.executable, *args], cwd=ROOT, env=ENV, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{args[0]} {args[1]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def times(rounds, *tasks):
    """Seconds of each task; in turn, every other round backwards, so that drift of the machine cancels."""
    found = [[] for _ in tasks]
    for i in range(-1, rounds):  # round -1 warms up and writes the .pyc
        for seconds, task in list(zip(found, tasks, strict=True))[:: 1 if i % 2 else -1]:
            start = perf_counter()
            task()
            if i >= 0:
                seconds.append(perf_counter() - start)
    return found


def series(name, window="year"):
    """Read a measure from its CSV file without the package, as a dictionary by area and year."""
    m, cells = gaps.MEASURES[name], {}
    for table in ("aup02", "aulp01") if m.table == "aup02" else (m.table,):
        with open(sources.DATA / TABLES[table], encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row[m.column] and (m.period == "year" or int(row["quarter"][-1]) in gaps.WINDOWS[window]):
                    cells.setdefault((row["area"], int(row[m.period][:4])), []).append(float(row[m.column]))
    needed = 1 if m.period == "year" else len(gaps.WINDOWS[window])
    found = {at: sum(values) / needed for at, values in cells.items() if len(values) == needed}
    if name == "gross_unemployed_derived":
        employed = series("employed")
        return {at: pct / (100 - pct) * employed[at] for at, pct in found.items() if at in employed}
    return found


def loop_definitions():
    """Do what search_definitions() does with dictionaries and for."""
    prices, level, found = gain.prices_per_person().to_dict("records"), sources.EVIDENCE.index, []
    for name, m in gaps.MEASURES.items():
        if not m.suits or m.period == "month":
            continue
        for window in gaps.WINDOWS if m.period == "quarter" else ["year"]:
            values = series(name, window)
            for ref in gain.REFERENCES:
                if (name, ref) == ("gross_unemployed_derived", "02"):
                    continue
                for base in map(int, gain.BASES):
                    expected = values["151", base] * values[ref, 2014] / values[ref, base]
                    fewer = m.sign * (expected - values["151", 2014])
                    for p in prices:
                        if p["benefit"] in m.suits:
                            kr, weakest = fewer * p["price_kr"], max(level(m.evidence), level(p["evidence"]))
                            needed = 7.6e6 / fewer if fewer > 0 else None
                            mio_kr = kr / 1e6
                            found.append((mio_kr, 7.55 <= mio_kr < 7.65, weakest, needed, 7.6e6 / p["price_kr"], name))
    misses = {}
    for mio_kr, hit, weakest, *_, name in found:
        if mio_kr > 0 and not hit:
            for e in range(weakest, len(sources.EVIDENCE)):
                misses[name, e] = misses.get((name, e), 0) + 1
    return [(*d[:-1], misses.get((d[-1], d[2]), 0)) for d in found]


def loop_placebo():
    """Do what placebo() does with dictionaries and for."""
    net, found = series("net_unemployed_kontanthjaelp"), []
    with open(sources.DATA / TABLES["folk1a"], encoding="utf-8", newline="") as file:
        people = {(r["area"], r["quarter"]): int(r["persons"]) for r in csv.DictReader(file)}
    for year in range(2008, 2025):
        for area in gaps.municipalities():
            expected = net[area, year - 1] * net["000", year] / net["000", year - 1]
            fewer = expected - net[area, year]
            found.append((year, fewer / expected * 100, fewer / people[area, f"{year}Q1"] * 1000))
    n, pct, per_1000 = len(found), sorted(f[1] for f in found), sorted(f[2] for f in found)
    within = {year: sorted(f[1] for f in found if f[0] == year) for year in range(2008, 2025)}
    return [
        (p, k, 1 + 98 - bisect_right(within[y], p), (n - bisect_left(pct, p)) / n, (n - bisect_left(per_1000, k)) / n)
        for y, p, k in found
    ]


def assert_same():
    """Stop unless the loops give the package's results, to the last digit but one."""
    ours, levels = gain.search_definitions(), list(sources.EVIDENCE)
    ours = ours.assign(evidence=ours["evidence"].map(levels.index))
    ours = ours[["gain_mio_kr", "hit", "evidence", "needed_price_kr", "needed_fewer", "rivals"]]
    placebo = gain.placebo()[["fewer_pct", "fewer_per_1000", "rank", "share_as_good", "share_as_good_per_1000"]]
    for frame, loop in ((ours, loop_definitions()), (placebo, loop_placebo())):
        pd.testing.assert_frame_equal(
            frame, pd.DataFrame(loop, columns=frame.columns), check_dtype=False, rtol=1e-14, atol=0
        )
    return len(ours)


def row(what, ours, beside="", other=None, target="", limit=None, scale=1.0):
    """Print one line of the table: medians (lowest–highest), ratio of the medians, target."""

    def shown(values):
        return f"{median(values):.3f} ({min(values):.3f}–{max(values):.3f})" if values else ""

    ratio = median(ours) / median(other) if other else None
    reached = median(ours) * scale if target.endswith(" s") else ratio
    verdict = ("yes" if reached <= limit else "**no**") if limit else ""
    cells = (what, shown([s * scale for s in ours]), beside, shown(other), f"{ratio:.2f}" if other else "")
    print("|", " | ".join((*cells, target, verdict)), "|", flush=True)


def main():
    """Measure and print everything."""
    print("| what | s: median (lowest–highest) | beside it | s | ratio | target | met |\n|---|---|---|---|---|---|---|")
    process("-c", PACKAGE + UNUSED)
    mine, other = times(21, lambda: process("-c", PACKAGE), lambda: process("-c", "import pandas"))
    row("import the package, a process", mine, "`import pandas`, a process", other, "≤ 1.15 ×", 1.15)

    mine, other = times(21, lambda: list(map(sources.load, TABLES.index)), lambda: list(map(pd.read_csv, PATHS)))
    row(f"load all {len(TABLES)} tables", mine, "`pandas.read_csv` of the same files", other, "< 0.3 s", 0.3)
    task = FIRST.format("[sources.load(name) for name in sources.catalogue()['name']]")
    row(
        "the same, first time in a process", [float(process("-c", task)) for _ in range(7)], target="< 0.3 s", limit=0.3
    )

    n = assert_same()
    mine, other, placebo = times(
        21, lambda: (gain.search_definitions(), gain.placebo()), lambda: (loop_definitions(), loop_placebo()), gain.placebo
    )  # fmt: skip
    loop = "plain Python loop, same files and results"
    row(f"search {n} definitions, placebo of 98 × 17", mine, loop, other, "< 0.5 s", 0.5)
    search = [(a - b) * 1000 / n + b for a, b in zip(mine, placebo, strict=True)]
    row("per 1,000 definitions, with the placebo", search, target="< 0.5 s", limit=0.5)
    task = FIRST.format("gain.search_definitions(), gain.placebo()")
    row("both, first time in a process", [float(process("-c", task)) for _ in range(7)], target="< 0.5 s", limit=0.5)

    n = len(list((ROOT / "notebooks").glob("*.ipynb")))
    two = ("-n2", "--no-loadscope-reorder")  # as `ballerup test` has them
    mine, alone, other = times(
        5,
        lambda: process("-m", "pytest", "-q", "-p", "no:cacheprovider", *two, "notebooks"),
        lambda: process("-m", "pytest", "-q", "-p", "no:cacheprovider", "notebooks"),
        lambda: process("-c", KERNELS.format(n)),
    )
    kernels = f"start {n} kernels, import pandas and pyplot, one after another"
    row(f"strict nbval of {n} notebooks, in two processes", mine, kernels, other, "≤ 1.6 ×", 1.6)
    row("the same in one process", alone, kernels, other)

    row("`reconcile()`", *times(21, reconcile.reconcile))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "reports"
        book = ledger.ledger()
        row("`ledger()`", *times(5, ledger.ledger))
        row(
            "`report.build()` from a full ledger: HTML, PDF, traces",
            *times(5, lambda: report.build(out, book=book)),
            target="< 5 s",
            limit=5,
        )
        row(
            "`ballerup verify`, a process",
            *times(5, lambda: process("-c", VERIFY, str(out))),
            target="< 1 s",
            limit=1,
        )


if __name__ == "__main__":
    main()
