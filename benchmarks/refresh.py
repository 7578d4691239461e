"""Seconds and memory of a refresh at the full size of AUK01: made-up figures, streamed by a service on this machine."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from loopback import AREAS, Services, info, send

from ballerup_analysis import sources
from ballerup_analysis.upkeep import refresh, statbank

QUARTERS = [f"{year}K{quarter}" for year in range(2007, 2026) for quarter in range(1, 5)][:74]
BENEFITS = {f"Y{at:02d}": f"Made-up benefit {at}" for at in range(41)}


def serve() -> int:
    """Serve AUK01 here, while a child asks for it; return the port."""
    services = Services()
    services.tables = {"AUK01": info("AUK01", [*AREAS["code"]], QUARTERS, YDELSESTYPE=BENEFITS)}
    rng = np.random.default_rng(1)
    rows = [
        f"{area};{quarter};{benefit};TOT;TOT;" for area in AREAS["code"] for quarter in QUARTERS for benefit in BENEFITS
    ]
    lines = [f"{row}{number}" for row, number in zip(rows, rng.integers(1, 10_000, len(rows)), strict=True)]
    head = "OMRÅDE;TID;YDELSESTYPE;KØN;ALDER;INDHOLD"
    raw = "\r\n".join([head, *rng.permutation(lines)]).encode() + b"\r\n"
    services.faults.extend([lambda handler, *_: send(handler, raw)] * 9)
    threading.Thread(target=services.server.serve_forever, daemon=True).start()
    return services.server.server_port


def main() -> None:
    """Print seconds and the highest memory of each step."""
    if len(sys.argv) == 1:
        sys.exit(subprocess.call([sys.executable, __file__, str(serve())]))
    os.environ["STATBANK_URL"] = f"http://127.0.0.1:{sys.argv[1]}"
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(sources.DATA, Path(folder) / "data", ignore=shutil.ignore_patterns("cache"))
        sources.DATA = Path(folder) / "data"
        for name, step in (
            ("fetch and parse", lambda: statbank.fetch("AUK01")),
            ("refresh, new", lambda: refresh.refresh(["AUK01"])),
            ("refresh, compared with the same", lambda: refresh.refresh(["AUK01"])),
        ):
            start, busy = time.perf_counter(), time.process_time()
            step()
            peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
            seconds, busy = time.perf_counter() - start, time.process_time() - busy
            print(f"{name}: {seconds:.1f} s, {busy:.1f} s of the processor, at most {peak:.0f} MB so far")


if __name__ == "__main__":
    main()
