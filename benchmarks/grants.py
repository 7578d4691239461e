"""Time the refund ladder and the grants: python benchmarks/grants.py. Each size runs in a process of its own."""

import json
import resource
import subprocess
import sys
from time import perf_counter

import numpy as np
import pandas as pd

from ballerup_analysis.grants import STAGES, beskaeftigelsestilskud, keys
from ballerup_analysis.refusion import FIRST_WEEKS, split, step_shares, stock, survival

WEEKS, PRICE_KR = 520, 2500.0
HAZARD = np.linspace(0.05, 0.01, 52)


def best(task, rounds=3):
    """Shortest seconds of some rounds, and the last result."""
    found = []
    for _ in range(rounds):
        start = perf_counter()
        result = task()
        found.append(perf_counter() - start)
    return min(found), result


def ladder(cohorts):
    """Seconds and peak MB of the ladder for so many inflow series."""
    inflow = np.random.default_rng(0).uniform(0, 5, (cohorts, WEEKS))
    rounds = 3 if cohorts <= 10_000 else 1
    shares = step_shares("kontanthjaelp", "2017-01-02")
    seconds, _ = best(lambda: split(stock(inflow, HAZARD), PRICE_KR, shares), rounds)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def loop(cohorts):
    """The same week by week, as a user would write it: age the stock, add the inflow, pay the shares."""
    inflow = np.random.default_rng(0).uniform(0, 5, (cohorts, WEEKS))
    weeks = np.arange(1, WEEKS + 1)
    steps = step_shares("kontanthjaelp", "2017-01-02")
    shares = steps[np.searchsorted(FIRST_WEEKS, weeks, side="right") - 1] / 100
    alive = survival(HAZARD, WEEKS)
    stays = np.r_[alive[1:] / alive[:-1], 0.0]

    def run():
        there, own = np.zeros((cohorts, WEEKS)), np.empty((cohorts, WEEKS))
        for week in range(WEEKS):
            there[:, 1:] = there[:, :-1] * stays[:-1]
            there[:, 0] = inflow[:, week]
            own[:, week] = there @ shares * PRICE_KR
        return own

    seconds, own = best(run, 1)
    exact = split(stock(inflow, HAZARD), PRICE_KR, steps).municipality_ore / 100
    assert np.allclose(own, exact, atol=0.01)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def grant():
    """Seconds of the grant for 98 municipalities, 11 years and 3 stages."""
    year = keys(2014).reset_index(names="area").assign(grant_before=1e8, cost=1.1e8)
    table = pd.concat([year.assign(year=y) for y in range(2010, 2021)])
    return best(lambda: [beskaeftigelsestilskud(table, stage) for stage in STAGES], 7)[0]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(globals()[sys.argv[1]](int(sys.argv[2]))))
        sys.exit()
    print(f"| what | series × {WEEKS} weeks | s | peak MB |\n|---|---|---|---|")
    for what, size in (("ladder", 1_000), ("ladder", 10_000), ("ladder", 100_000), ("loop", 1_000)):
        seconds, mb = json.loads(subprocess.check_output([sys.executable, __file__, what, str(size)]))
        print(f"| {what} | {size} | {seconds:.2f} | {mb:.0f} |")
    print(f"| grant, 98 municipalities × 11 years × 3 stages | | {grant():.3f} | |")
