"""The ``ballerup`` command."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from ballerup_analysis.sources import DATA, HOME, DataError

ROOT = DATA.parent
PAPER = {
    "paper": "such as budget_2018",
    "table": "such as frame_2002",
    "title": "what the table holds",
    "source": "whose paper, and of what day",
    "address": "where it can be read",
    "unit": "of the figures where no heading tells it, such as tkr",
    "status": "of the columns whose heading does not tell it: R, B, K, BO, F, M or P",
    "area": "whose paper it is; Ballerup unless given",
}


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of ``ballerup``."""
    parser = argparse.ArgumentParser(prog="ballerup", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser("report", help="run the notebooks, write the committee paper to reports/")
    report.add_argument("--scenario", metavar="FILE", type=Path, help="a scenario file, whose cost the paper tells too")
    report.add_argument("--area", metavar="CODE", default=HOME, help="another municipality, to reports_CODE/")
    commands.add_parser("test", help="run every test, the notebooks under strict nbval included")
    commands.add_parser("lab", help="open the notebooks in JupyterLab")
    explore = commands.add_parser("explore", help="serve the scenario explorer to this machine's browser")
    explore.add_argument("--port", type=int, default=0, help="chosen by the system unless given")
    data = commands.add_parser("data", help="build data/processed and data/README.md from data/raw")
    data.add_argument("--accept", metavar="TABLE", help="first record the present file of a table as the intended one")
    refresh = commands.add_parser(
        "refresh", help="fetch fresh figures from StatBank and jobindsats (needs the network)"
    )
    refresh.add_argument("tables", nargs="*", metavar="TABLE", help="such as AUK01; all when none is named")
    how = refresh.add_mutually_exclusive_group()
    how.add_argument("--dry-run", action="store_true", help="fetch, check and compare, but record nothing")
    how.add_argument(
        "--check", action="store_true", help="ask for one cell of each table: are the services as assumed?"
    )
    how.add_argument("--as-of", metavar="DATE", default="", help="read the vintage of that day; no network needed")
    refresh.add_argument("--accept", action="store_true", help="take new or vanished codes and cells as meant")
    verify = commands.add_parser("verify", help="tell what no longer holds of a built report")
    verify.add_argument("folder", nargs="?", type=Path, default=ROOT / "reports")
    commands.add_parser("notebooks", help="run all notebooks on the published figures and save them")
    scenario = commands.add_parser("scenario", help="read an edited workbook back as a scenario")
    actions = scenario.add_subparsers(dest="action", required=True)
    reading = actions.add_parser(
        "from-workbook", help="print the scenario a workbook holds; warnings on standard error"
    )
    reading.add_argument("file", type=Path, metavar="FILE")
    template = commands.add_parser("template", help="write an empty workbook for own figures to data/local")
    template.add_argument("kind", choices=("accounts", "persons", "budget", "observations"))
    template.add_argument("file", nargs="?", type=Path, metavar="FILE", help="data/local/KIND.xlsx unless given")
    paper = commands.add_parser("paper", help="take in a printed table of a new paper or year")
    adding = paper.add_subparsers(dest="action", required=True).add_parser("add", help="write it, record it, check it")
    adding.add_argument("file", type=Path, metavar="FILE", help=".xlsx, .ods or .csv; - for copied text")
    for name, what in PAPER.items():
        adding.add_argument(f"--{name}", default="", help=what)
    adding.add_argument("--column", action="append", default=[], metavar="HEADING=YEAR,STATUS,UNIT")
    adding.add_argument("--frame", action="store_true", help="it is a budget: lines × years")
    commands.add_parser("lint", help="check code and notebooks with ruff")
    return parser


def main(args: list[str] | None = None) -> int:
    """Run one command; return its exit code."""
    asked, rest = build_parser().parse_known_args(args)
    if rest and asked.command not in ("test", "lab"):
        build_parser().error(f"unknown arguments: {' '.join(rest)}")
    tool = [sys.executable, "-m"]
    try:
        match asked.command:
            case "test":
                return subprocess.call([*tool, "pytest", *rest], cwd=ROOT)
            case "lab":
                return subprocess.call(
                    [*tool, "jupyterlab", "--notebook-dir", str(ROOT / "notebooks"), *rest], cwd=ROOT
                )
            case "lint":
                checked = subprocess.call([*tool, "ruff", "check", "."], cwd=ROOT)
                return subprocess.call([*tool, "ruff", "format", "--check", "."], cwd=ROOT) or checked
            case "explore":
                from ballerup_analysis import explorer

                explorer.serve(asked.port)
            case "data":
                from ballerup_analysis.upkeep import processed

                if asked.accept:
                    processed.sources.accept(asked.accept)
                processed.build()
            case "refresh":
                from ballerup_analysis.upkeep import refresh

                if asked.check:
                    return refresh.tell(asked.tables)
                return refresh.update(asked.tables, asked.dry_run, asked.accept, asked.as_of)
            case "notebooks":
                from ballerup_analysis.upkeep import notebooks

                notebooks.run(save=True)
            case "scenario":
                from ballerup_analysis import scenarios
                from ballerup_analysis.paper import workbook

                found, warnings = workbook.read_back(asked.file)
                print("".join(f"warning: {one}\n" for one in warnings), end="", file=sys.stderr)
                print(scenarios.write(found), end="")
            case "report":
                from ballerup_analysis import scenarios
                from ballerup_analysis.paper import build as report
                from ballerup_analysis.upkeep import notebooks

                if asked.scenario and asked.area != HOME:
                    raise DataError(
                        f"a scenario is told for Ballerup ({HOME}) alone: it rests on the frame Ballerup prints"
                    )
                scenario = scenarios.load_file(asked.scenario) if asked.scenario else None
                if asked.area == HOME:  # they speak of Ballerup alone
                    notebooks.run()
                print(f"wrote {report.build(area=asked.area, scenario=scenario)}")
            case "template":
                from ballerup_analysis import own

                print(f"wrote {own.template(asked.kind, asked.file)}")
            case "paper":
                from ballerup_analysis.upkeep import paper

                paper.tell(asked.file, {name: getattr(asked, name) for name in (*PAPER, "column", "frame")})
            case "verify":
                from ballerup_analysis.paper.record import verify

                off = verify(asked.folder)
                print("\n".join(off) or f"{asked.folder}: everything holds")
                return 1 if off else 0
    except KeyboardInterrupt:
        return 130
    except (DataError, RuntimeError) as error:
        print(f"ballerup {asked.command}: {error}", file=sys.stderr)
        return getattr(error, "exit_code", 1)
    return 0
