"""Time the explorer: a key on a slider to the new figure in Chromium, and fifty sessions for a minute: python benchmarks/explorer.py"""

import http.client
import itertools
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median, quantiles

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from chromium import Browser
from selenium.webdriver.common.keys import Keys

SESSIONS, SECONDS, THINKING = 50, 60, 1.0
AREAS = ("151", "159", "253", "101", "751")

# From a key to the frame in which the page has the new figures.
WATCH = """
window.took = [];
document.addEventListener("keydown", () => window.pressed = performance.now(), true);
new MutationObserver(() => requestAnimationFrame(() => window.took.push(performance.now() - window.pressed)))
    .observe(document.getElementById("told"), {childList: true, characterData: true, subtree: true});
"""


def memory_mb(process, what):
    """The memory of a process: VmRSS now, VmHWM at most."""
    return int(Path(f"/proc/{process.pid}/status").read_text().partition(f"{what}:")[2].split()[0]) / 1000


def session(port, which):
    """What one person does: another value each second, on one connection."""
    connection, took, end = http.client.HTTPConnection("127.0.0.1", port, timeout=60), [], time.time() + SECONDS
    for turn in itertools.count():
        if time.time() > end:
            return took
        begun = time.perf_counter()
        connection.request("GET", f"/?area={AREAS[which % len(AREAS)]}&gap_points={(which + turn) % 20 / 10:g}")
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read()
        took.append(time.perf_counter() - begun)
        time.sleep(max(0, THINKING - took[-1]))


def by_keys(address):
    """The seconds of page loads, and from a key on a slider to the new figure."""
    loads = []
    with Browser() as page:
        for _ in range(7):
            begun = time.perf_counter()
            page.get(address)
            loads.append(time.perf_counter() - begun)
        page.run(WATCH)
        page.tab_to("range-gap-points")
        for press in range(15):
            page.keys(Keys.LEFT if press % 2 else Keys.RIGHT)
            page.until(lambda press=press: len(page.run("return window.took")) > press)
        took = [one / 1000 for one in page.run("return window.took")]
    return loads, took


if __name__ == "__main__":
    command, begun = "from ballerup_analysis.cli import main; main(['explore'])", time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", command], stdout=subprocess.PIPE, text=True) as process:
        try:
            address = process.stdout.readline().split()[0]
            print(f"ready to serve: {time.perf_counter() - begun:.1f} s, {memory_mb(process, 'VmRSS'):.0f} MB")
            loads, took = by_keys(address)
            print(f"page load: first {loads[0]:.2f} s, then {median(loads[1:]):.2f} s")
            print(
                f"key to figure: median {median(took) * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms of {len(took)}"
            )
            port = int(re.search(r":(\d+)/", address)[1])
            with ThreadPoolExecutor(SESSIONS) as pool:
                waits = [one for some in pool.map(lambda which: session(port, which), range(SESSIONS)) for one in some]
            at_most, after = (memory_mb(process, what) for what in ("VmHWM", "VmRSS"))
            print(f"{SESSIONS} sessions, {SECONDS} s: {len(waits)} pages, median {median(waits):.2f} s, 95 pct. within "
                  f"{quantiles(waits, n=20)[-1]:.2f} s; at most {at_most:.0f} MB, {after:.0f} MB when they are gone")  # fmt: skip
        finally:
            process.terminate()
