"""Time the package against what one would otherwise use, and print a markdown table: python benchmarks/run.py"""

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from statistics import median
from time import perf_counter

import pandas as pd
from diff_diff import SyntheticDiD

from ballerup_analysis import counterfactual, reconcile, sources, trend
from ballerup_analysis.paper import build, numbers

ROOT = Path(__file__).resolve().parent.parent
ENV = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "MPLBACKEND")}
ENV |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "BALLERUP_LOCAL": ""}  # as conftest.py has it
PACKAGE = "from ballerup_analysis import load, number, rate, say"
UNUSED = "; import sys; found = {'statsmodels', 'scipy', 'matplotlib'} & set(sys.modules); assert not found, found"
FIRST = "from ballerup_analysis import sources, trend; from time import perf_counter; start = perf_counter(); {}; print(perf_counter() - start)"
KERNELS = """
from jupyter_client.manager import start_new_kernel
for _ in range({}):
    manager, client = start_new_kernel(kernel_name="python3", extra_arguments=["--log-level=40"])
    reply = client.execute_interactive("import pandas, matplotlib.pyplot", timeout=60)
    assert reply["content"]["status"] == "ok"
    client.stop_channels()
    manager.shutdown_kernel(now=True)
"""
REPORT = "from ballerup_analysis.cli import main; raise SystemExit(main(['report']))"
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


def by_diff_diff(panel):
    """Compute what counterfactuals() says by synthetic difference-in-differences with diff-diff, area by area."""
    long, after = panel.stack().rename("y").reset_index(), [q for q in panel.index if q >= "2014Q1"]
    found = {}
    for area in panel:
        long["treated"] = (long["area"] == area).astype(int)
        with warnings.catch_warnings(action="ignore"):
            fitted = SyntheticDiD(variance_method="jackknife").fit(long, "y", "treated", "area", "quarter", after)
        found[area] = -fitted.att
    return pd.Series(found)


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

    mine, other = times(11, lambda: list(map(sources.load, TABLES.index)), lambda: list(map(pd.read_csv, PATHS)))
    row(f"load all {len(TABLES)} tables", mine, "`pandas.read_csv` of the same files", other)
    task = FIRST.format("[sources.load(name) for name in sources.catalogue()['name']]")
    row("the same, first time in a process", [float(process("-c", task)) for _ in range(7)])

    quarters = sources.load("auk01").pivot_table("fulltime_persons", "quarter", "area")[sources.municipalities()]
    panel = trend.per_1000(quarters[:"2014Q4"], 2014)
    mine, other = times(3, lambda: counterfactual.counterfactuals(panel, "2014Q1"), lambda: by_diff_diff(panel))
    ours = counterfactual.counterfactuals(panel, "2014Q1").set_index(["method", "area"])["fewer"]
    gap = (ours["synthetic difference-in-differences"] - by_diff_diff(panel)).abs().max()
    assert gap < 0.05, f"diff-diff gives another result: {gap} per 1,000"
    row("five counterfactuals × 98 municipalities", mine, "one of them with diff-diff", other, "< 10 s", 10)
    row("gaps × prices of one target", *times(11, lambda: trend.search(7.6)))
    row("`reconcile()`", *times(11, reconcile.reconcile))

    n = len(list((ROOT / "notebooks").glob("*.ipynb")))
    two = ("-n2", "--no-loadscope-reorder")  # as `ballerup test` has them
    mine, alone, other = times(
        3,
        lambda: process("-m", "pytest", "-q", "-p", "no:cacheprovider", *two, "notebooks"),
        lambda: process("-m", "pytest", "-q", "-p", "no:cacheprovider", "notebooks"),
        lambda: process("-c", KERNELS.format(n)),
    )
    kernels = f"start {n} kernels, import pandas and pyplot, one after another"
    row(f"strict nbval of {n} notebooks, in two processes", mine, kernels, other, "≤ 1.6 ×", 1.6)
    row("the same in one process", alone, kernels, other)

    with tempfile.TemporaryDirectory() as folder:
        out, book = Path(folder) / "reports", numbers.ledger()
        row("`ledger()`", *times(5, numbers.ledger))
        row(
            "`build()` from a full ledger: all papers",
            *times(3, lambda: build.build(out, book=book)),
            target="< 4 s",
            limit=4,
        )
        row(
            "`ballerup verify`, a process",
            *times(5, lambda: process("-c", VERIFY, str(out))),
            target="< 0.6 s",
            limit=0.6,
        )
    row(
        "`ballerup report`, a process, nothing changed",
        *times(3, lambda: process("-c", REPORT)),
        target="< 6 s",
        limit=6,
    )


if __name__ == "__main__":
    main()
