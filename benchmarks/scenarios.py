"""Time the scenarios on both baselines: python benchmarks/scenarios.py."""

import subprocess
import sys

from grants import best

from ballerup_analysis.baselines import accounts_of, budget_2017
from ballerup_analysis.costing import Change, cost
from ballerup_analysis.frame import factors
from ballerup_analysis.scenarios import Scenario, attack, run, shipped, simulate, sweep, tornado

DRAWS = 100_000
CHANGES = (Change("gap_points", 0.5), Change("exit_rate_pct", -10.0, row="kontanthjaelp"))
COLD = """
import time
began = time.perf_counter()
from ballerup_analysis.scenarios import Scenario, frame_of, run
imported = time.perf_counter()
run(Scenario("x", "", "budget_2017"), frame_of(Scenario("x", "", "budget_2017")))
print(imported - began, time.perf_counter() - began)
"""


def table(head):
    print(f"\n| {head} | s | target |\n|---|---|---|")


if __name__ == "__main__":
    one, every = Scenario("x", "", changes=CHANGES), list(shipped().values())
    frames = {"budget_2017": budget_2017()}
    took, of = best(lambda: accounts_of(), 1)
    frames["accounts"] = of["151"]
    table("baseline, warm")
    for name, frame in frames.items():
        moves = factors(frame)
        print(f"| {name}: one scenario, the table of `run` | {best(lambda f=frame: run(one, f), 21)[0]:.4f} | 0.005 |")
        print(f"| {name}: the same, arrays of `cost` only | {best(lambda f=frame: cost(CHANGES, f), 21)[0]:.5f} | |")
        print(f"| {name}: tornado | {best(lambda f=frame: tornado(one, f), 7)[0]:.4f} | |")
        ask = lambda f=frame, m=moves: simulate(one, f, DRAWS, moves=m)  # noqa: E731
        print(f"| {name}: {DRAWS:,} draws | {best(ask, 5)[0]:.3f} | 0.35 |")
    names, frame = ("gap_points", "exit_rate_pct", "price_pct"), frames["budget_2017"]
    ask = lambda: attack(one, frame, lambda own: 560_000 - own[:, 2].sum(), names)  # noqa: E731
    print(f"| attack, three parameters | {best(ask, 5)[0]:.3f} | |")
    table("all")
    print(f"| baselines of {len(of)} municipalities, accounts carried ahead | {took:.2f} | |")
    seconds = best(lambda: sweep(every, of.values()), 3)[0]
    print(f"| {len(every)} shipped scenarios × {len(of)} municipalities | {seconds:.2f} | 5 |")
    cold = [subprocess.run([sys.executable, "-c", COLD], capture_output=True, text=True, check=True) for _ in range(5)]
    imported, whole = zip(*(map(float, told.stdout.split()) for told in cold), strict=True)
    print(f"| import, new process | {min(imported):.2f} | |")
    print(f"| import and one scenario of the printed budget | {min(whole):.2f} | {1.5 * min(imported):.2f} |")
