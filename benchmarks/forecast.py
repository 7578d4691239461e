"""Time and grade the forecasts on the test field: python benchmarks/forecast.py [--slow]."""

import resource
import sys

from grants import best

from ballerup_analysis.forecast import MODELS, SLOW, backtest, forecast, score
from ballerup_analysis.sources import load
from ballerup_analysis.trend import municipalities

if __name__ == "__main__":
    panel = load("auk01").pivot_table("fulltime_persons", "quarter", "area")[municipalities()]
    print("| model | s | MASE | horizon 1 | 80 pct. holds |\n|---|---|---|---|---|")
    names = ["default", *(m for m in MODELS if m not in SLOW)] + (list(SLOW) if "--slow" in sys.argv else [])
    for name in names:
        took, rows = best(lambda name=name: backtest(panel, name, last=68), 1 if name in SLOW else 3)
        graded, first = score(rows, None).iloc[0], score(rows)["mase"].iloc[0]
        print(f"| {name} | {took:.2f} | {graded['mase']:.3f} | {first:.3f} | {graded['coverage_80'] * 100:.1f} |")
    print("\n| default, municipalities × origins | s |\n|---|---|")
    for areas in (10, 49, 98):
        for every, origins in ((10, 5), (2, 21)):
            took, _ = best(lambda a=areas, e=every: backtest(panel.iloc[:, :a], last=68, every=e))
            print(f"| {areas} × {origins} | {took:.2f} |")
    one, named = panel[["151"]], {"default": "default", "pooled": "pooled"}
    for what, model in named.items():
        print(f"\none series, {what}, warm: {best(lambda m=model: forecast(one, 8, m), 7)[0] * 1000:.0f} ms")
    print(f"98 series, default, warm: {best(lambda: forecast(panel, 8), 7)[0] * 1000:.0f} ms")
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000:.0f} MB")
