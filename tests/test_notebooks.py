"""Notebooks run, two at once, whatever the user's own settings; a failure is one line; what is saved can be relied on."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from ballerup_analysis import cli
from ballerup_analysis.upkeep import kernels, notebooks

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(notebooks, "FOLDER", tmp_path)
    return tmp_path


def make_notebook(folder, *cells, name="00_tried", tags=("raises-exception",)):
    made = [nbformat.v4.new_code_cell(cell, metadata={"tags": [*tags]}) for cell in cells]
    path = folder / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def test_a_failure_is_one_line_with_notebook_cell_line_cause_and_advice_and_the_others_are_saved(folder, capsys):
    failing = make_notebook(folder, "x = 1", "y = 2\nassert x == y, f'mangler\\n{y - x} kr'")
    refused = "%load_ext ballerup_analysis\nfrom ballerup_analysis.sources import area_code\narea_code('999')"
    make_notebook(folder, "1", refused, name="01_refused")
    dying = make_notebook(folder, "import os; os._exit(1)", name="02_dying")
    good = make_notebook(folder, "1 + 1", name="03_good")
    before = failing.read_bytes(), dying.read_bytes()
    assert cli.main(["notebooks"]) == 1
    told = capsys.readouterr()
    lines = sorted(told.err.splitlines())
    assert lines[0] == (
        "ballerup notebooks: 00_tried.ipynb, cell 2: assert x == y, f'mangler\\n{y - x} kr' → AssertionError: mangler 1 kr; "
        "look at it with: python3 run.py lab"
    )
    assert lines[1].startswith("ballerup notebooks: 01_refused.ipynb, cell 2: ") and "no area '999'" in lines[1]
    assert lines[2].startswith("ballerup notebooks: 02_dying.ipynb, cell 1: Kernel died; close")
    assert len(lines) == 3 and (failing.read_bytes(), dying.read_bytes()) == before
    cell = nbformat.read(good, as_version=4).cells[0]
    assert cell.execution_count == 1 and cell.outputs[0].data["text/plain"] == "2" and set(cell.metadata) == {"tags"}
    assert [line.split(":")[0] for line in told.out.splitlines()] == [f"notebook {i} of 4" for i in (1, 2, 3, 4)]
    assert set(notebooks._record()) == {"03_good"}


SHOWN = """
import json, matplotlib, os
from ipykernel.connect import get_connection_info
print(get_connection_info(unpack=True)["transport"], matplotlib.rcParams["figure.dpi"], get_ipython().history_manager.enabled)
"""


@pytest.mark.parametrize("home", ["with a matplotlibrc", "that cannot be written"])
def test_a_kernel_talks_over_files_and_sees_no_setting_of_the_user(tmp_path, monkeypatch, home):
    at = tmp_path if home == "with a matplotlibrc" else Path("/dev/null/home")
    if at == tmp_path:
        (at / ".config" / "matplotlib").mkdir(parents=True)
        (at / ".config" / "matplotlib" / "matplotlibrc").write_text("figure.dpi: 33\n")
        startup = at / ".ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        (startup / "mine.py").write_text("raise SystemExit('mine')")
        monkeypatch.setenv("PYTHONSTARTUP", str(startup / "mine.py"))
    monkeypatch.setenv("HOME", str(at))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "MPLCONFIGDIR", "IPYTHONDIR", "MATPLOTLIBRC"):
        monkeypatch.delenv(name, raising=False)
    path = make_notebook(tmp_path, SHOWN)
    with kernels.surroundings():
        (output,) = notebooks.execute(path).cells[0].outputs
    transport = "ipc" if os.name == "posix" else "tcp"
    assert output.text == f"{transport} 100.0 False\n"
    assert "JUPYTER_RUNTIME_DIR" in os.environ  # the tests' own comes back


def test_a_kernel_that_talks_over_ports_does_so_encrypted(tmp_path, monkeypatch):
    code = """
from ipykernel.connect import get_connection_info
info = get_connection_info(unpack=True)
print(info["transport"], len(info["curve_secretkey"]), info["ip"])
"""
    monkeypatch.setattr(kernels, "LONGEST", 0)  # as where a path is too long, or files are no sockets
    with kernels.surroundings():
        (output,) = notebooks.execute(make_notebook(tmp_path, code)).cells[0].outputs
    assert output.text == "tcp 40 127.0.0.1\n"


def test_a_kernel_that_does_not_answer_is_started_again_once(folder, monkeypatch):
    path, first, asked = make_notebook(folder, "1"), kernels.manager, []

    def silent(kind):
        manager = first(kind)
        asked.append(manager)
        if len(asked) <= dead:
            manager.kernel_spec.argv[1:] = ["-c", "pass"]
        return manager

    monkeypatch.setattr(kernels, "manager", silent)
    dead = 1
    assert notebooks.execute(path).cells[0].outputs[0].data["text/plain"] == "1" and len(asked) == 2
    asked, dead = [], 9
    with pytest.raises(
        notebooks.NotebookError, match=r"^00_tried\.ipynb: no kernel answers \(.+\); run this again, alone$"
    ):
        notebooks.execute(path)
    assert len(asked) == 2


def test_saved_notebooks_stand_for_a_run_until_something_they_rest_on_changes(folder, monkeypatch, tmp_path_factory):
    path = make_notebook(folder, "1 + 1")
    assert notebooks.changed_since_saved() == "00_tried.ipynb is not among the saved"
    notebooks.run(save=True)
    assert notebooks.changed_since_saved() is None

    saved, record = path.read_bytes(), (folder / "saved.json").read_text()
    path.write_bytes(saved.replace(b"\n", b"\r\n"))  # as Git may write it on Windows
    assert notebooks.changed_since_saved() is None
    path.write_bytes(saved.replace(b"1 + 1", b"1 + 2"))
    assert notebooks.changed_since_saved() == "the notebook has changed since 00_tried.ipynb was saved"
    path.write_bytes(saved)
    for what in ("package", "data", "lock"):
        hashed = notebooks._rests_on()[what]
        (folder / "saved.json").write_text(record.replace(hashed, "0" * 64))
        assert notebooks.changed_since_saved() == f"the {what} has changed since 00_tried.ipynb was saved"
    (folder / "saved.json").write_text('{"00_tried": null}')
    assert notebooks.changed_since_saved() == "00_tried.ipynb is not among the saved"
    (folder / "saved.json").write_text(record)

    monkeypatch.setattr(notebooks.metadata, "version", lambda name: "0.0.1")
    assert "0.0.1 is installed, not the locked version" in notebooks.why_not_as_saved()
    own = tmp_path_factory.mktemp("local")
    (own / "accounts.csv").touch()
    monkeypatch.setenv("BALLERUP_LOCAL", str(own))
    assert notebooks.why_not_as_saved() == "your own accounts.csv are used"


def test_each_part_of_what_notebooks_rest_on_counts(tmp_path, monkeypatch):
    files = [("code/a.py", "package"), ("code/b/c.py", "package"), ("data/scenarios/a.toml", "data")]
    files += [("data/scenarios/b.toml", "data"), ("data/datapackage.json", "data"), ("requirements.lock", "lock")]
    for file, _ in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("one")
    for name in ("PACKAGE", "DATA", "ROOT"):
        monkeypatch.setattr(notebooks, name, tmp_path / {"PACKAGE": "code", "DATA": "data", "ROOT": ""}[name])
    before = notebooks._rests_on()
    for file, what in [*files, ("code/d.py", "package")]:
        if file == "code/d.py":  # a file that has another name is another
            (tmp_path / "code/a.py").rename(tmp_path / file)
        (tmp_path / file).write_text("two")
        now = notebooks._rests_on()
        assert [part for part in now if now[part] != before[part]] == [what]
        before = now


def _without_a_kernel(monkeypatch, does):
    """What runs a notebook is replaced: it calls what it is given, and hands the notebook out as it stands."""

    def execute(path):
        does(path)
        return nbformat.read(path, as_version=4)

    monkeypatch.setattr(notebooks, "execute", execute)


def test_notebooks_are_saved_from_published_figures_alone_and_run_on_one_s_own(folder, monkeypatch, tmp_path_factory):
    own, seen = str(tmp_path_factory.mktemp("local")), []
    monkeypatch.setenv("BALLERUP_LOCAL", own)
    make_notebook(folder, "1")
    _without_a_kernel(monkeypatch, lambda path: seen.append(os.environ["BALLERUP_LOCAL"]))
    notebooks.run(save=True)
    notebooks.run()
    assert seen == ["", own]


def test_those_named_are_run_and_saved_and_what_is_recorded_of_the_others_stays(folder, monkeypatch):
    ran = []
    _without_a_kernel(monkeypatch, lambda path: ran.append(path.stem))
    make_notebook(folder, "1")
    notebooks.run(save=True)
    make_notebook(folder, "2", name="01_new")
    assert notebooks.changed_since_saved() == "01_new.ipynb is not among the saved"
    notebooks.run(save=True, names=["01_new"])
    assert ran == ["00_tried", "01_new"] and notebooks.changed_since_saved() is None


def test_what_changes_while_notebooks_run_has_changed_since_they_were_saved(folder, monkeypatch, tmp_path_factory):
    package = tmp_path_factory.mktemp("package")
    monkeypatch.setattr(notebooks, "PACKAGE", package)
    make_notebook(folder, "1")
    _without_a_kernel(monkeypatch, lambda path: (package / "a.py").write_text("x = 1"))
    notebooks.run(save=True)
    assert notebooks.changed_since_saved() == "the package has changed since 00_tried.ipynb was saved"


def test_the_line_named_of_a_failure_is_that_of_the_cell_wherever_in_the_library_it_came_from(folder):
    path = make_notebook(folder, "import json\n\njson.loads('x')")
    with (
        kernels.surroundings(),
        pytest.raises(notebooks.NotebookError, match=r"cell 1: json\.loads\('x'\) → JSONDecode"),
    ):
        notebooks.execute(path)


def test_the_saved_notebooks_are_of_this_very_project():
    changed = notebooks.changed_since_saved()
    assert changed is None, f"{changed}: run python3 run.py notebooks, look at git diff, and commit notebooks/ with it"


def test_a_folder_that_cannot_be_saved_in_is_told_before_anything_runs(folder, monkeypatch, capsys):
    make_notebook(folder, "raise SystemExit")
    monkeypatch.setattr(notebooks, "execute", lambda _: pytest.fail("it ran"))
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != folder or mode != os.W_OK)
    assert cli.main(["notebooks"]) == 1
    says = f"ballerup notebooks: {folder} may not be written in; give this user the right to, and run this again\n"
    assert capsys.readouterr() == ("", says)


def test_no_notebooks_and_an_unknown_one_are_one_line(folder, capsys):
    assert cli.main(["notebooks"]) == 1
    make_notebook(folder, "1")
    assert cli.main(["notebooks", "02_gains"]) == 1
    (folder / "00_tried.ipynb").write_text("{")
    assert cli.main(["notebooks"]) == 1
    none, unknown, broken = capsys.readouterr().err.splitlines()
    assert none.endswith("holds no notebooks; restore it from the repository")
    assert unknown == "ballerup notebooks: no notebook '02_gains'; the notebooks are 00_tried"
    assert broken.startswith("ballerup notebooks: 00_tried.ipynb is no notebook (")


def test_one_changed_output_fails_strict_nbval_and_the_progress_is_told_across_processes(folder):
    path = make_notebook(folder, "1 + 1", "2 + 2")
    make_notebook(folder, "3", name="01_tried")
    notebooks.run(save=True)
    path.write_text(path.read_text(encoding="utf-8").replace('"4"', '"5"'), encoding="utf-8")
    (folder / "conftest.py").write_bytes((ROOT / "conftest.py").read_bytes())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", "-n1"]
    done = subprocess.run([*command, str(folder)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1 and "FAILED 00_tried.ipynb::Cell 1" in done.stdout, done.stdout + done.stderr
    assert "1 failed, 2 passed" in done.stdout
    assert "notebook 1 of 2: " in done.stdout and "notebook 2 of 2: " in done.stdout
