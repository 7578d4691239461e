"""The ``ballerup`` command."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ballerup_analysis.files import one_line, printable
from ballerup_analysis.heard import heard
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
NOT_LOOKED_AT = "not looked at: whether the report's own record was changed as well; verify --again makes the report anew and compares every file"


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of ``ballerup``."""
    parser = argparse.ArgumentParser(prog="ballerup", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser("report", help="write the committee paper to reports/; run the notebooks if need be")
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
    refresh.add_argument(
        "--accept",
        action="store_true",
        help="take new or vanished codes and cells, and figures that look implausible, as meant",
    )
    holds = "by its own record: data, code, packages, its files, and the numbers its pages link to their source"
    verify = commands.add_parser(
        "verify",
        help="tell what no longer holds of a report",
        description=f"Tell what no longer holds of a report {holds}. A record changed with the report is found out by --again.",
    )
    verify.add_argument("folder", nargs="?", type=Path, default=ROOT / "reports")
    verify.add_argument(
        "--again", action="store_true", help="make the report again too, aside, and compare every file with it"
    )
    notebooks = commands.add_parser("notebooks", help="run the notebooks on the published figures and save them")
    notebooks.add_argument("names", nargs="*", metavar="NAME", help="such as 02_gain_2014; all when none is named")
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


class Stopped(BaseException):
    """SIGTERM, raised where Ctrl-C would be."""


def main(args: list[str] | None = None) -> int:
    """Run one command; return its exit code, 130 after Ctrl-C and 143 after SIGTERM."""
    try:
        with _listening(), heard():
            return _answer(args)
    except KeyboardInterrupt:
        return _leave(130)
    except Stopped:
        return _leave(143)


@contextmanager
def _listening() -> Iterator[None]:
    """Answer Ctrl-C, which run.py has held back so far, and SIGTERM, each by an exception."""

    def stop(*_):
        raise Stopped

    before = [signal.signal(signal.SIGTERM, stop), signal.signal(signal.SIGINT, signal.default_int_handler)]
    try:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield
    except (KeyboardInterrupt, Stopped):
        before = [signal.SIG_IGN] * 2  # it is ending
        raise
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


def _leave(code: int) -> int:
    """End what was started; return the exit code."""
    from ballerup_analysis.upkeep.kernels import end_children

    end_children()
    return code


def _answer(args: list[str] | None) -> int:
    """Run one command; return its exit code. What a person can mend is told in one line each."""
    asked, rest = build_parser().parse_known_args(args)
    if rest and asked.command not in ("test", "lab"):
        build_parser().error(f"unknown arguments: {' '.join(rest)}")
    try:
        return _run(asked, rest)
    except (DataError, RuntimeError) as error:
        wrong, code = str(error), getattr(error, "exit_code", 1)
    except ModuleNotFoundError as error:
        wrong, code = f"{error.name} is not installed; use python3 run.py {asked.command}, or pip install it", 1
    except OSError as error:
        wrong, code = f"{error.filename or ROOT}: {error.strerror or error}", 1
    told = (f"ballerup {asked.command}: {printable(line.replace(chr(13), chr(32)))}\n" for line in wrong.split("\n"))
    print("".join(told), end="", file=sys.stderr)
    return code


def _call(*command: str, **own) -> int:
    """Run a Python module to its end; return its exit code."""
    child = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, **own)
    try:
        return child.wait()
    except BaseException:
        _leave(0)
        child.wait()
        raise


def _run(asked: argparse.Namespace, rest: list[str]) -> int:
    posix = os.name == "posix"
    match asked.command:
        case "test":
            # Two processes, a file in one of them. Ctrl-C is for this process, which ends the others.
            deaf = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)} if posix else {}
            return _call("pytest", "--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder", *rest, **deaf)
        case "lab":
            from ballerup_analysis.upkeep.kernels import own_style

            os.environ |= {"MATPLOTLIBRC": own_style()["MATPLOTLIBRC"]}
            where = [f"--ServerApp.root_dir={ROOT}", "--LabApp.default_url=/lab/tree/notebooks/00_overview.ipynb"]
            # What a kernel says is for its own page alone, and nobody elsewhere is asked for news or updates.
            alone = [
                "--KernelManager.transport_encryption=auto",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                "--LabApp.news_url=None",
            ]
            return _call("jupyterlab", *where, *alone, *rest, **({"process_group": 0} if posix else {}))
        case "lint":
            checked = _call("ruff", "check", "--no-cache", ".")  # also where nothing can be written
            return _call("ruff", "format", "--no-cache", "--check", ".") or checked
        case "explore":
            from ballerup_analysis import explorer

            explorer.serve(asked.port)
            return 130  # the server takes Ctrl-C itself, and ends by nothing else
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

            notebooks.run(save=True, names=asked.names)
        case "scenario":
            from ballerup_analysis import scenarios
            from ballerup_analysis.paper import workbook

            found, warnings = workbook.read_back(asked.file)
            print("".join(f"warning: {one_line(one)}\n" for one in warnings), end="", file=sys.stderr)
            print(scenarios.write(found), end="")
        case "report":
            _report(asked.area, asked.scenario)
        case "template":
            from ballerup_analysis.upkeep import template

            _check_clock()
            print(f"wrote {template.write(asked.kind, asked.file)}")
        case "paper":
            from ballerup_analysis.upkeep import paper

            paper.tell(asked.file, {name: getattr(asked, name) for name in (*PAPER, "column", "frame")})
        case "verify":
            from ballerup_analysis.paper.record import verify

            off = verify(asked.folder) + (_unlike_a_new_one(asked.folder) if asked.again else [])
            and_new = " and of a new report" * asked.again
            holds = f"data, code, packages, files and linked numbers are those of its record{and_new}"
            print(
                "\n".join(off) or f"{asked.folder}: {holds}", *[NOT_LOOKED_AT] * (not asked.again and not off), sep="\n"
            )
            return 1 if off else 0
    return 0


def _unlike_a_new_one(folder: Path) -> list[str]:
    from ballerup_analysis.upkeep import kernels

    os.environ |= kernels.own_style()
    from ballerup_analysis.paper.build import unlike_a_new_one

    _check_clock()
    told, off = unlike_a_new_one(folder)
    print(f"made again from what its record names: {told}", flush=True)
    return off


def _check_clock() -> None:
    """Refuse a clock that no workbook can be dated by."""
    if not 1980 <= (year := time.localtime().tm_year) <= 2107:
        raise DataError(
            f"this machine's clock says {year}, and a workbook cannot be dated so; set it and run this again"
        )


def _as_read(one) -> str:
    """Return what was read of an own file, as :func:`ballerup_analysis.own.report` has it, in a line."""
    from ballerup_analysis.own import held

    told = ", ".join(filter(None, (f"{one.file}: {one.rows} numbers", f"{one.first}–{one.last}".strip("–"))))
    return f"{told}; {held(one.kind)}{'. ' * bool(one.unread)}{one.unread}"


def _say_unless_baseline(budget) -> None:
    """Say what an own budget lacks to be the baseline of a scenario; the paper may do without."""
    from ballerup_analysis.benefits import with_benefits

    try:
        with_benefits(budget)
    except DataError as lacks:
        print(f"no baseline for a scenario yet: {lacks}", flush=True)


def _report(area: str, file: Path | None) -> None:
    """Write the paper; run the notebooks first, unless the saved ones stand for that."""
    from ballerup_analysis.upkeep import kernels, notebooks

    os.environ |= kernels.own_style()
    from ballerup_analysis import costing, own, scenarios
    from ballerup_analysis.paper import build as report
    from ballerup_analysis.sources import area_code

    for one in own.report().query("kind != ''").itertuples():  # own files are read before anything runs
        if not one.rows:
            raise DataError(f"{own.folder() / one.file} holds no figures; fill it in, or take it out of the folder")
        print(_as_read(one), flush=True)
        if one.kind == "budget":
            _say_unless_baseline(own.read("budget"))
    if (area := area_code(area)) != HOME and file:
        raise DataError(f"a scenario is told for Ballerup ({HOME}) alone: it rests on the frame Ballerup prints")
    _check_clock()
    report.place(area)
    scenario = scenarios.load_file(file) if file else None
    if scenario:
        costing.cost(
            scenario.changes, scenarios.frame_of(scenario, area)
        )  # what it cannot be is told before notebooks run
    if area == HOME:  # they speak of Ballerup alone
        if reason := notebooks.why_not_as_saved():
            print(f"notebooks: run again, because {reason}", flush=True)
            notebooks.run()
        else:
            print("notebooks: as saved, nothing they rest on has changed since", flush=True)
    print(f"wrote {report.build(area=area, scenario=scenario)}")
