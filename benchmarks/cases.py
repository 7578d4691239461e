"""Time the business cases: python benchmarks/cases.py."""

import resource

import numpy as np
from grants import best

from ballerup_analysis.cases import Case, cases, simulate

YEARS = 10
RANGES = {"take_up": (0.5, 0.8, 1.0), "persons": (2.0, 5.0), "delay_years": (0, 0.5, 2)}


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    flow = np.r_[-rng.uniform(0.2, 1.0, 2), rng.uniform(0.0, 1.0, YEARS - 2)]
    made_up = Case.of(flow.tolist(), 2018, persons=(4.0,) * YEARS)
    tasks = {
        "100,000 draws of a ten-year case, three ranges (target 0.2 s)": lambda: simulate(made_up, **RANGES),
        "read the cases of the agreement": cases,
    }
    print("| what | s |\n|---|---|")
    for what, task in tasks.items():
        print(f"| {what} | {best(task)[0]:.3f} |")
    print(f"\npeak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
