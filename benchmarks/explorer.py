"""Time the explorer in Chromium, from a key on a slider to the new figure: python benchmarks/explorer.py"""

import sys
import time
from pathlib import Path
from statistics import median

sys.path.append(str(Path(__file__).parents[1] / "tests"))
from chromium import Browser, served

# The time of the last key, and how long after it the page had the new figure painted.
WATCH = """
window.took = [];
document.addEventListener('keydown', () => window.pressed = performance.now(), true);
const root = arguments[0].getRootNode();
new MutationObserver(() => requestAnimationFrame(() => window.took.push(performance.now() - window.pressed)))
    .observe(root, {childList: true, subtree: true});
"""


if __name__ == "__main__":
    start = time.perf_counter()
    with served() as (address, process), Browser() as page:
        print(f"ready to serve: {time.perf_counter() - start:.1f} s")
        loads = []
        for _ in range(7):
            start = time.perf_counter()
            page.get(address)
            page.until(lambda: page.texts("#tornado td"))
            loads.append(time.perf_counter() - start)
        print(f"page load: first {loads[0]:.2f} s, then {median(loads[1:]):.2f} s")
        page.driver.execute_script(WATCH, page.find("#cost")[0])
        slider = page.slider("Ændring i Ballerups")
        for press in range(15):
            slider.send_keys(page.RIGHT if press % 2 else page.LEFT)
            time.sleep(0.6)
        took = page.driver.execute_script("return window.took")
        print(f"key to figure: median {median(took):.0f} ms, slowest {max(took):.0f} ms of {len(took)}")
        peak = Path(f"/proc/{process.pid}/status").read_text().partition("VmHWM:")[2].split()[0]
        print(f"server peak {int(peak) / 1000:.0f} MB")
