"""Time the explorer in Chromium, from a key on a slider to the new figure: python benchmarks/explorer.py."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from chromium import Browser

# The time of the last key, and how long after it the page had the new panels painted.
WATCH = """
window.took = [];
document.addEventListener('keydown', () => window.pressed = performance.now(), true);
new MutationObserver(() => requestAnimationFrame(() => window.took.push(performance.now() - window.pressed)))
    .observe(document.querySelector('main'), {childList: true});
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')"
SERVE = "from ballerup_analysis.explorer import serve; serve()"


def memory(process) -> float:
    """Return the resident memory of a process, MB."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1000


if __name__ == "__main__":
    start = time.perf_counter()
    command = [sys.executable, "-c", SERVE]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, contextlib.ExitStack() as ending:
        ending.callback(process.terminate)
        page = ending.enter_context(Browser())
        address = process.stdout.readline().split()[0]
        print(f"ready to serve: {time.perf_counter() - start:.1f} s, {memory(process):.0f} MB")
        for query in ("", "?base=budget_2017"):
            paints = []
            for _ in range(7):
                page.get(address + query)
                page.until(lambda: page.count("#ends"))
                page.until(lambda: page.run(f"return {PAINT}.length"))
                paints.append(page.run(f"return {PAINT}[0].startTime"))
            print(
                f"{query or 'accounts'}: first paint {paints[0]:.0f} ms, then {median(paints[1:]):.0f} ms (target 1500)"
            )
            page.run(WATCH)
            page.run("document.getElementById('range-gap-points').focus()")
            for press in range(20):
                page.keys(page.RIGHT if press % 2 else page.LEFT)
                time.sleep(0.5)
            took = page.run("return window.took")
            print(
                f"  key to figure: median {median(took):.0f} ms, slowest {max(took):.0f} ms of {len(took)} (target 150)"
            )
        before = memory(process)
        for i in range(20):
            page.driver.switch_to.new_window("tab")
            page.get(f"{address}?area={('151', '159', '161', '163')[i % 4]}&gap_points=0.{i}")
        print(f"20 more pages open: {(memory(process) - before) / 20:.2f} MB each (target 5)")
