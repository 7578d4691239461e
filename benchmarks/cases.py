"""Time the business cases: python benchmarks/cases.py."""

import resource
from itertools import product

import numpy as np
from grants import best

from ballerup_analysis.cases import Case, best_set, cases, portfolio, simulate

YEARS, CASES, LIMIT_MIO_KR = 10, 15, 6.0
RANGES = {"take_up": (0.5, 0.8, 1.0), "price_kr": (60_000, 100_000), "fade_out": (0.0, 0.3), "delay_years": (0, 0.5, 2)}


def made_up(count):
    """Cases of ten years: one to two years of cost, then a saving of up to a million."""
    rng = np.random.default_rng(0)
    flows = np.hstack([-rng.uniform(0.2, 1.0, (count, 2)), rng.uniform(0.0, 1.0, (count, YEARS - 2))])
    return [Case.of(flow, 2018, f"case {i}", persons=(4.0,) * YEARS) for i, flow in enumerate(flows.tolist())]


def loop(some, limit):
    """Try every set one after another, as one would write it."""
    cost = [sum(case.investment_mio_kr) for case in some]
    value = [case.npv(0.035) for case in some]
    sets = (taken for taken in product((0, 1), repeat=len(some)) if sum(np.multiply(taken, cost)) <= limit)
    return max(float(np.dot(taken, value)) for taken in sets)


if __name__ == "__main__":
    some = made_up(CASES)
    overlap = {("case 0", "case 1"): 2.0, ("case 2", "case 3", "case 4"): 1.0}
    tasks = {
        "100,000 draws of a ten-year case, four ranges (target 0.2 s)": lambda: simulate(some[0], rate=0.035, **RANGES),
        "the same at 3.5 pct. then 2.5 pct.": lambda: simulate(some[0], rate="danish", **RANGES),
        "best set of 15, overlap stated (target 1 s)": lambda: best_set(some, LIMIT_MIO_KR, 0.035, overlap),
        "best set of 15, both bounds (target 1 s)": lambda: best_set(some, LIMIT_MIO_KR, 0.035),
        "best set of 15, a plain loop, no overlap": lambda: loop(some, LIMIT_MIO_KR),
        "portfolio of 15, both bounds": lambda: portfolio(some),
        "read the cases of the agreement": cases,
    }
    print("| what | s |\n|---|---|")
    for what, task in tasks.items():
        print(f"| {what} | {best(task)[0]:.3f} |")
    found, by_loop = best_set(some, LIMIT_MIO_KR, 0.035, {})["npv_mio_kr"][0], loop(some, LIMIT_MIO_KR)
    assert np.isclose(found, by_loop), f"{found} is not the {by_loop} of the plain loop"
    print(f"\npeak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
