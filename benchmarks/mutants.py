"""Change one operator or number of a formula at a time, and name the changes no test notices.

    python benchmarks/mutants.py                        # forty changes of every module, chosen by a seed
    python benchmarks/mutants.py trend refusion --all   # every change of two modules
    python benchmarks/mutants.py --meanings             # guards, steps, limits, arguments and words instead

Each change is tried against the module's own examples and tests: first the one that noticed it before, by noticed.json,
which is written anew; then the quick ones that run its statement; then the rest. A test that fails, an import that breaks,
or work without end notices a change. A survivor is a claim no test makes, or a change that makes no difference; one of
these has its reason in equivalent.toml, and is neither tried nor counted. Fewer than 95 pct. noticed: exit code 1.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from changes import ROOT, Module
from trials import Work, try_all

TESTS = {
    name: [name]
    for name in (
        "cases",
        "danish",
        "forecast",
        "grants",
        "rates",
        "refusion",
        "sources",
        "totals",
        "trend",
    )
}
TESTS |= {"accounts": ["accounts", "gains_from_accounts"], "movement": ["accounts", "frame"], "nowcast": ["accounts"]}
TESTS |= {"frame": ["frame"], "baselines": ["frame", "scenarios"], "costing": ["scenarios", "frame"]}
TESTS |= {"scenarios": ["scenarios"], "paper.formulas": ["workbook", "shown"], "bands": ["sources"]}
TESTS |= {"reconcile": ["reconcile", "shown"]}
TESTS |= {
    "counterfactual": ["trend"],
    "benefits": ["frame", "own_doubts"],
    "notebook_parameters": ["notebook_parameters"],
}
TESTS |= {name: ["numbers", "shown"] for name in ("paper.numbers", "paper.coming")}
OWN = (
    "amounts",
    "doubts",
    "forms",
    "heads",
    "names",
    "notes",
    "prices",
    "remarks",
    "seen",
    "signs",
    "sums",
    "titles",
    "years",
)
TESTS |= {
    "files": ["files", "own", "scenarios"],
    "own.control": ["own_control"],
    "own.sheets": ["own", "own_doubts", "own_control", "own_unread"],
}
TESTS |= {"own.unread": ["own_unread"], "own.rest": ["own_unread"], "own.typed": ["own"]}
TESTS |= {name: ["own", "own_doubts", "own_control", "own_unread"] for name in ("own", *(f"own.{one}" for one in OWN))}
GRIDS = (
    "archive",
    "beside",
    "colours",
    "conditions",
    "excel",
    "excel_sheet",
    "formats",
    "grid",
    "looks",
    "opendocument",
    "styles",
)
TESTS |= {name: ["grids", "own", "own_unread"] for name in ("grids", *(f"grids.{one}" for one in GRIDS))}
TESTS |= {"paper.givens": ["workbook", "shown"]}
TESTS |= {"paper.reading": ["numbers"], "paper.calculator": ["workbook"], "upkeep.paper": ["paper_add"]}
ENOUGH_PCT = 95
NOTICED = Path(__file__).with_name("noticed.json")  # the changes each test noticed when they were last tried


def main() -> None:
    """Print what survives, and how many of how many were noticed."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("modules", nargs="*", help=f"of {', '.join(TESTS)}; all of them unless named")
    asked.add_argument("--all", action="store_true", help="every change")
    asked.add_argument("--sample", type=int, default=40, help="changes of a module (40)")
    asked.add_argument("--meanings", action="store_true", help="what a formula means, not its operators and numbers")
    asked.add_argument("--seed", type=int, default=0)
    told = asked.parse_args()
    if unknown := sorted(set(told.modules) - set(TESTS)):
        asked.error(f"no tests are named for {', '.join(unknown)}; there are some for {', '.join(TESTS)}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ |= {"BALLERUP_LOCAL": "", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    from hypothesis import Phase, settings

    once = {"phases": [Phase.explicit, Phase.generate], "report_multiple_bugs": False}  # the first failure is enough
    settings.register_profile("mutants", derandomize=True, deadline=None, database=None, **once)
    start = time.perf_counter()
    known = json.loads(NOTICED.read_text(encoding="utf-8"))
    modules = [Module(name, TESTS[name], known.get(name)) for name in told.modules or TESTS]
    for module in modules:
        if gone := set(module.equivalent) - set(module.changes):
            sys.exit(f"equivalent.toml, {module.name}: there is no such change any more: {gone.pop()}")
    chosen = {module: module.chosen(None if told.all else told.sample, told.seed, told.meanings) for module in modules}
    with tempfile.TemporaryDirectory() as folder:
        try_all(Work(folder), chosen)
    for module, sites in chosen.items():
        noticed = f"{len(sites) - module.alive} of {len(sites)} changes noticed"
        print(f"{module.name}: {noticed}, {module.processor_s:.0f} s of processor")
        by_test = {test: sorted(s for s, by in module.known.items() if by == test) for test in module.known.values()}
        known[module.name] = {test: " ".join(signs) for test, signs in by_test.items()}
    NOTICED.write_text(json.dumps(known, indent=0, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{time.perf_counter() - start:.0f} s in all")
    sys.exit(int(any(module.alive > (1 - ENOUGH_PCT / 100) * len(sites) for module, sites in chosen.items())))


if __name__ == "__main__":
    main()
