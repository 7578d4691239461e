"""Time and grade the forecasts on the test field, and the years ahead: python benchmarks/forecast.py."""

import resource

import pandas as pd
from grants import best

from ballerup_analysis import movement
from ballerup_analysis.accounts import ahead
from ballerup_analysis.forecast import MODELS, backtest, forecast, score
from ballerup_analysis.sources import load, municipalities

if __name__ == "__main__":
    panel = load("auk01").pivot_table("fulltime_persons", "quarter", "area")[municipalities()]
    print("| model | s | MASE | horizon 1 | below, above, in the 80 pct. interval |\n|---|---|---|---|---|")
    for name in ("default", *MODELS):
        took, rows = best(lambda name=name: backtest(panel, name, last=68), 3)
        graded, first = score(rows, None).iloc[0], score(rows)["mase"].iloc[0]
        shares = " / ".join(f"{graded[part] * 100:.1f}" for part in ("below_80", "above_80", "coverage_80"))
        print(f"| {name} | {took:.2f} | {graded['mase']:.3f} | {first:.3f} | {shares} |")
    one = panel[["151"]]
    print(f"\none series, default, warm: {best(lambda: forecast(one, 8), 7)[0] * 1000:.0f} ms")
    print(f"98 series, default, warm: {best(lambda: forecast(panel, 8), 7)[0] * 1000:.0f} ms")

    def record():
        rows = movement.graded(movement.history(load("regk31")), (*movement.CANDIDATES, movement.OLD), horizon=3)
        return pd.concat([rows, movement.chosen(rows)])

    took, rows = best(record, 3)
    print(f"\nrecord of the accounts, 98 × 5 functions × 5 origins × 5 methods: {took:.2f} s")
    print(score(rows, "method")[["n", "mase", "below_80", "above_80", "coverage_80", "interval_80"]].round(3))
    print(f"years ahead, one municipality: {best(lambda: ahead('151'), 7)[0]:.2f} s; all: {best(ahead, 5)[0]:.2f} s")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
