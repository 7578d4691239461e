"""The commands: stopped at once and without a word, leaving no process; what a person can mend is one line."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ballerup_analysis import cli, sources

SLEEP = "import os, pathlib, time; pathlib.Path({!r}).write_text(str(os.getpid())); time.sleep(600)"


def started(code, told):
    """Start Python with a command in it; return it when the process it starts in turn has told its number."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys\nfrom ballerup_analysis.cli import main\n{code}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (told.exists() and told.read_text()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return process, psutil.Process(process.pid).children(recursive=True)


def left(family):
    return [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("command, sign, code", [("notebooks", signal.SIGINT, 130), ("test", signal.SIGTERM, 143)])
def test_a_stopped_command_ends_quietly_with_everything_it_started(tmp_path, monkeypatch, command, sign, code):
    told, temporary = tmp_path / "told", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    sleep = SLEEP.format(str(told))
    if command == "notebooks":
        import nbformat

        cells = [nbformat.v4.new_code_cell(sleep)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "00_slow.ipynb")
        run = f"from ballerup_analysis.upkeep import notebooks as n\nfrom pathlib import Path\nn.FOLDER = Path({str(tmp_path)!r})\n"
        run += "sys.exit(main(['notebooks']))"
    else:
        (tmp_path / "test_slow.py").write_text(f"def test_slow():\n    {sleep}\n")
        run = f"sys.exit(main(['test', '-n1', '-q', '-p', 'no:cacheprovider', {str(tmp_path)!r}]))"
    process, family = started(run, told)
    assert len(family) >= 1
    process.send_signal(sign)
    _, error = process.communicate()
    assert (process.returncode, error) == (code, "")
    assert not left(family) and not list(temporary.glob("nb*"))


def test_a_report_uses_the_saved_notebooks_and_says_so_or_runs_them_and_says_why(monkeypatch, capsys):
    from ballerup_analysis.paper import build
    from ballerup_analysis.upkeep import notebooks

    ran = []
    monkeypatch.setattr(notebooks, "run", lambda: ran.append("ran"))
    monkeypatch.setattr(build, "build", lambda **_: "the paper")
    monkeypatch.setenv("MPLBACKEND", "Qt4Agg")  # an old one in somebody's profile
    for reason, first in [
        (None, "notebooks: as saved, nothing they rest on has changed since"),
        (
            "the data has changed since 02 was saved",
            "notebooks: run again, because the data has changed since 02 was saved",
        ),
    ]:
        monkeypatch.setattr(notebooks, "why_not_as_saved", lambda reason=reason: reason)
        assert cli.main(["report"]) == 0
        assert capsys.readouterr().out.splitlines() == [first, "wrote the paper"]
    assert ran == ["ran"] and os.environ["MPLBACKEND"] == "agg"
    ran.clear()
    assert cli.main(["report", "--area", "Ballerup"]) == 0 and capsys.readouterr().out.startswith("notebooks: ")
    assert cli.main(["report", "--area", "159"]) == 0  # the notebooks are not of that area
    assert capsys.readouterr().out == "wrote the paper\n" and ran == ["ran"]


@pytest.mark.parametrize("kind", ["accounts", "persons", "budget", "observations"])
def test_a_template_that_is_not_filled_in_is_told_before_anything_runs(kind, monkeypatch, capsys, tmp_path):
    from ballerup_analysis.paper import build
    from ballerup_analysis.upkeep import notebooks

    for module, name in ((notebooks, "run"), (build, "build")):
        monkeypatch.setattr(module, name, lambda **_: pytest.fail("it ran"))
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    assert cli.main(["template", kind]) == 0 and capsys.readouterr().out
    assert cli.main(["report"]) == 1
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and f"{kind}.xlsx holds no figures; fill it in" in told.err


def test_a_report_says_what_was_read_of_own_files_and_what_no_total_covers(monkeypatch, capsys, tmp_path):
    from ballerup_analysis.paper import build
    from ballerup_analysis.upkeep import notebooks

    monkeypatch.setattr(notebooks, "why_not_as_saved", lambda: "")
    monkeypatch.setattr(build, "build", lambda **_: "the page")
    monkeypatch.setenv("BALLERUP_LOCAL", str(tmp_path))
    (tmp_path / "persons.csv").write_text(
        "kommune;periode;ydelse;fuldtidspersoner\n151;2026M03;A;5,5\n151;2026M04;A;6\n"
    )
    for total, held in (
        ("", "no total of the file is of all beløb, so what rests on it is not reconciled; write a row 'I alt' as"),
        ("I alt;2027;5,5\n", "the lines come to the file's own total\n"),
    ):
        (tmp_path / "budget.csv").write_text(f"linje;år;beløb (mio. kr.)\nA;2027;5,5\n{total}")
        assert cli.main(["report"]) == 0
        told = capsys.readouterr().out
        assert f"budget.csv: 1 numbers, 2027–2027; {held}" in told
        assert "no baseline for a scenario yet: budget.csv: 1 line does not tell what is paid; write it in" in told
        assert "persons.csv: 2 numbers, 2026M03–2026M04; no total of the file is of all fuldtidspersoner" in told


def test_a_report_that_cannot_be_written_is_told_before_anything_runs(monkeypatch, capsys, tmp_path):
    from ballerup_analysis.paper import build
    from ballerup_analysis.upkeep import notebooks

    for module, name in ((notebooks, "run"), (notebooks, "why_not_as_saved"), (build, "build")):
        monkeypatch.setattr(module, name, lambda **_: pytest.fail("it ran"))
    (tmp_path / "reports" / "figures").mkdir(parents=True)
    (tmp_path / "reports" / build.NAME).touch()
    monkeypatch.setattr(build, "FOLDER", tmp_path / "reports")
    for closed in (tmp_path, tmp_path / "reports", tmp_path / "reports" / "figures"):
        monkeypatch.setattr(os, "access", lambda path, mode, closed=closed: path != closed)  # root may write anywhere
        assert cli.main(["report"]) == 1
        told = capsys.readouterr()
        assert (told.out, told.err) == (
            "", f"ballerup report: {closed} may not be written in; give this user the right to, and run this again\n"
        )  # fmt: skip


def test_what_a_person_can_mend_is_one_line(monkeypatch, capsys, tmp_path):
    def paper_without_hash():
        record = dict(sources.record_of("budget_2017.frame_2002"))
        del record["hash"]
        monkeypatch.setattr(sources, "record_of", lambda name: record)
        return ["data"]

    empty = ["template", "budget", str(tmp_path / "x.xlsx")]

    def no_openpyxl():
        monkeypatch.setitem(sys.modules, "openpyxl", None)
        monkeypatch.delitem(sys.modules, "ballerup_analysis.upkeep.template", raising=False)
        monkeypatch.delattr("ballerup_analysis.upkeep.template", raising=False)
        return empty

    def clock_of_1970(*command):
        monkeypatch.setattr(cli.time, "localtime", lambda: time.gmtime(0))
        return command

    for prepare, wanted in [
        (
            paper_without_hash,
            "has no hash in datapackage.json yet; record it with: ballerup data --accept budget_2017.frame_2002",
        ),
        (no_openpyxl, "openpyxl is not installed; use python3 run.py template, or pip install it"),
        (lambda: clock_of_1970("report"), "this machine's clock says 1970, and a workbook cannot be dated so"),
        (lambda: clock_of_1970(*empty), "this machine's clock says 1970, and a workbook cannot be dated so"),
    ]:
        assert cli.main(prepare()) == 1
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and wanted in error, error
        monkeypatch.undo()


def test_the_tests_keep_their_arguments_and_go_to_two_processes(monkeypatch):
    asked = []
    monkeypatch.setattr(cli, "_call", lambda *command, **own: asked.append(command) or 0)
    assert cli.main(["test", "-k", "ladder", "tests/test_refusion.py"]) == 0
    assert cli.main(["lab", "--no-browser"]) == 0
    (test, lab) = asked
    assert (
        test[0] == "pytest" and "--numprocesses=2" in test and test[-3:] == ("-k", "ladder", "tests/test_refusion.py")
    )
    assert f"--ServerApp.root_dir={cli.ROOT}" in lab and lab[-1] == "--no-browser"
    assert {"--KernelManager.transport_encryption=auto", "--LabApp.news_url=None"} <= set(lab)
    assert any("notebooks/00_overview.ipynb" in word for word in lab)
