"""The environment is described once: pyproject.toml, environment.yml, requirements.lock and run.py agree."""

import argparse
import ast
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import psutil
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ballerup_analysis.cli import build_parser
from ballerup_analysis.explorer import server
from ballerup_analysis.files import BOOK_BYTES, TEXT_BYTES, TOML_BYTES
from ballerup_analysis.upkeep import licences

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = [r for extra in PROJECT["optional-dependencies"].values() for r in extra]
REQUIREMENTS = [Requirement(r) for r in PROJECT["dependencies"] + EXTRAS]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRY = re.compile(r"^([a-z0-9-]+)==(\S+)(?: ; (.+))? \\\n {4}--hash=sha256:[0-9a-f]{64}", re.MULTILINE)
CONDA_NAMES = {"matplotlib": "matplotlib-base"}


def test_conda_environment_has_the_bounds_of_pyproject():
    wanted = {CONDA_NAMES.get(r.name, r.name): r.specifier for r in REQUIREMENTS}
    wanted |= {"python": SpecifierSet(PROJECT["requires-python"]), "pip": SpecifierSet()}

    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *packages, last = environment["dependencies"]
    *from_pip, project = last["pip"]
    found = [Requirement(package) for package in packages + from_pip]

    assert project == "-e ."
    assert environment["channels"] == ["conda-forge", "nodefaults"]
    assert {r.name: r.specifier for r in found} == wanted
    assert len(found) == len(wanted), "a package is listed twice"


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_locked_versions_are_within_bounds(requirement):
    versions = [version for name, version, _ in ENTRY.findall(LOCK) if name == requirement.name]
    assert versions
    assert all(version in requirement.specifier for version in versions)


def test_lock_holds_hashed_entries_and_no_address():
    unindented = [line for line in LOCK.splitlines() if not line.startswith("    ")]
    assert len(ENTRY.findall(LOCK)) == len(unindented), "an option, or an entry without a hash"
    assert "://" not in LOCK


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="made under 3.11; wheels of another Python word it otherwise"
)
def test_the_list_of_licences_is_that_of_the_lock():
    there = licences.FILE.read_text(encoding="utf-8").removeprefix(licences.HEAD).splitlines()
    now = list(licences.rows(LOCK))
    assert len(now) == len(ENTRY.findall(LOCK)) and len(now) == len(there)
    # what is installed on one system alone is told where that is not this one
    assert [(a, b) for a, b in zip(there, now, strict=True) if a != b and licences.ELSEWHERE not in a + b] == []


def test_the_limits_told_are_those_that_hold():
    told = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    limits = (
        f"{TEXT_BYTES / 1e6:g} MB of text, {BOOK_BYTES / 1e6:g} MB of workbook or {TOML_BYTES / 1e3:g} kB of scenario"
    )
    for limit in (limits, f"at most {server.LARGEST / 1024:g} kB", f"on {server.ADDRESS} alone"):
        assert limit in told, limit


def imported(*folders):
    """The top names of all that Python files and notebooks import."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".ipynb")]
    for path in files:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            cells = [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
            text = re.sub("^[%!].*", "", "\n".join(map("".join, cells)), flags=re.MULTILINE)
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            yield from (name.partition(".")[0] for name in names)


def test_every_dependency_is_imported_or_called_by_its_name():
    tops = {}
    for top, packages in metadata.packages_distributions().items():
        for name in packages:
            tops.setdefault(canonicalize_name(name), set()).add(top)
    called = {"jupyterlab": '_call("jupyterlab"', "ruff": '_call("ruff"', "pytest-xdist": '"--numprocesses=2"',
              "uv": 'BIN / "uv"', "flit-core": 'build-backend = "flit_core.buildapi"'}  # fmt: skip
    texts = "".join(
        (ROOT / name).read_text(encoding="utf-8") for name in ("ballerup_analysis/cli.py", "run.py", "pyproject.toml")
    )
    used, tested = set(imported("ballerup_analysis", "notebooks")), set(imported("tests", "benchmarks"))
    needed = {Requirement(r).name: used for r in PROJECT["dependencies"]}
    needed |= {Requirement(r).name: used | tested for r in EXTRAS}
    unused = [
        name for name, here in needed.items() if not (tops.get(name, set()) & here or called.get(name, "\0") in texts)
    ]
    assert unused == []


def test_slow_import_stays_out_of_the_lock():
    markers = {name: marker for name, _, marker in ENTRY.findall(LOCK)}
    assert markers["rfc3987-syntax"] == "sys_platform == 'never'"


def test_run_needs_only_the_standard_library():
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    imports = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imports |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imports} <= sys.stdlib_module_names


def run_alone(folder, *args):
    """Run a copy of run.py in an otherwise empty folder, where building anything would fail."""
    shutil.copy(ROOT / "run.py", folder)
    done = subprocess.run([sys.executable, "run.py", *args], cwd=folder, capture_output=True, text=True)
    assert [path.name for path in folder.iterdir()] == ["run.py"]
    return done


def test_bare_run_lists_the_commands_and_builds_nothing(tmp_path):
    done = run_alone(tmp_path)
    subparsers = next(a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert done.returncode == 0
    assert re.findall(r"^  (\w+)", done.stdout, re.MULTILINE) == list(subparsers.choices)


def test_unknown_command_is_one_line_and_exit_2(tmp_path):
    done = run_alone(tmp_path, "rapport")
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"run\.py: unknown command 'rapport', choose from .+\n", done.stderr)


def load_run(folder):
    """Load run.py with everything it writes in ``folder``."""
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    for name, path in [("LOCK", "lock"), ("STAMP", "stamp"), ("BIN", "."), ("VENV", "venv"), ("LOCKED", "locked")]:
        setattr(run, name, Path(folder) / path)
    return run


def test_environment_is_built_once_for_each_lock(tmp_path, monkeypatch):
    run = load_run(tmp_path)
    built = []
    monkeypatch.setattr(run, "build", lambda digest: built.append(digest) or run.STAMP.write_text(digest))
    monkeypatch.setattr(run.os, "name", "posix")
    monkeypatch.setattr(run.os, "execv", lambda *_: None)
    monkeypatch.setattr(run.os, "environ", {})
    monkeypatch.setattr(run.signal, "pthread_sigmask", lambda *_: None)
    (tmp_path / "python").touch(0o755)

    for lock in ["one", "one", "two", "two"]:
        run.LOCK.write_text(lock)
        run.main(["report"])
    assert len(built) == len(set(built)) == 2
    assert run.os.environ == {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    run.STAMP.unlink()  # an interrupted build
    run.main(["report"])
    run.STAMP.write_bytes(b"\xff\x00")  # a damaged stamp
    run.main(["report"])
    assert len(built) == 4


@pytest.mark.skipif(os.name != "posix", reason="links need a right on Windows")
def test_what_a_linked_environment_leads_to_is_never_emptied(tmp_path, capsys):
    run = load_run(tmp_path)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("x")
    run.VENV.symlink_to(tmp_path / "precious")
    with pytest.raises(SystemExit):
        run.build("digest")
    assert (tmp_path / "precious" / "thesis.txt").exists()
    assert "is a link to" in capsys.readouterr().err


DRIVER = """
import os, signal, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_environment import load_run
folder = Path({folder!r})
run = load_run(folder)
run.os.execv = lambda *_: None
"""
TWO = """
def build(digest):
    with open(folder / "log", "a") as log:
        log.write("built")
    time.sleep(1)
    run.STAMP.write_text(digest)
run.build = build
run.main(["report"])
"""
SLOW = """
signal.signal(signal.SIGTERM, run.terminate)
child = "import os, pathlib, time; pathlib.Path({child!r}).write_text(str(os.getpid())); time.sleep(600)"
with run.only_one():
    run.step("packages by uv", sys.executable, "-c", child)
"""


def drive(folder, code):
    text = DRIVER.format(tests=str(ROOT / "tests"), folder=str(folder)) + code.replace(
        "{child!r}", repr(str(folder / "child"))
    )
    return subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_first_builds_at_once_build_once_and_both_go_on(tmp_path):
    (tmp_path / "python").touch(0o755)
    (tmp_path / "lock").touch()
    both = [drive(tmp_path, TWO) for _ in range(2)]
    told = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert (tmp_path / "log").read_text() == "built"


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_command_runs_in_a_folder_of_any_name_whatever_the_locale_and_the_user_s_own_modules(tmp_path, monkeypatch):
    (tmp_path / "colorsys.py").write_text("raise SystemExit('not the one of Python')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    folder = tmp_path / "æ ø%20#'[x] \"(q)\ny"
    package, env = folder / "ballerup_analysis", folder / "venv"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text("import colorsys, sys; print(ascii(__file__), sys.argv[1:])\nsys.exit(7)")
    venv.create(env, symlinks=True)
    next(env.glob("**/site-packages")).joinpath("ballerup_analysis.pth").write_text(
        str(folder), encoding="utf-8"
    )  # pip's
    ready = "import posix; run.os.execv = posix.execv; run.os.environ['LC_ALL'] = 'C'\n"
    ready += "run.ROOT, run.BIN, run.up_to_date = folder, run.VENV / 'bin', lambda digest: True\n"
    process = drive(folder, ready + "run.LOCK.touch(); run.point_here(); run.main(['verify', 'x'])")
    told, failed = process.communicate()
    assert told == f"{str(package / '__main__.py')!a} ['verify', 'x']\n" and process.returncode == 7, failed


def test_a_command_that_fails_ends_with_its_exit_code():
    for args, code in ((["verify", "/no such folder"], 1), (["no such command"], 2)):
        done = subprocess.run([sys.executable, "-P", "-m", "ballerup_analysis", *args], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (code, "") and done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a build killed outright leaves its installer to finish")
@pytest.mark.parametrize("sign, code", [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_a_build_that_is_stopped_leaves_no_installer_and_no_lock(tmp_path, sign, code):
    process = drive(tmp_path, SLOW)
    while not (text := (tmp_path / "child").read_text() if (tmp_path / "child").exists() else ""):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(sign)
    assert (process.communicate(), process.returncode) == (("", ""), code)
    while psutil.pid_exists(int(text)) and psutil.Process(int(text)).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.02)
    with load_run(tmp_path).only_one():  # would wait for ever
        pass


def test_a_build_that_fails_tells_its_own_cause(tmp_path, capsys):
    run = load_run(tmp_path)
    (tmp_path / "venv").touch()  # a file where the folder should be
    with pytest.raises(SystemExit) as left:
        run.build("digest")
    error = capsys.readouterr().err
    assert left.value.code == 2 and error.count("\n") == 1 and "apt-get" not in error
    assert error.startswith("run.py: cannot make a virtual environment: ") and str(tmp_path / "venv") in error
    said = {
        "error: failed\n  Caused by: No space left on device (os error 28)": "the disk is full",
        "because ensurepip is not\navailable. ensurepip is not available.": "apt-get install python3-venv",
        "first\n  the last line  ": "the last line",
    }
    assert not [text for text, advice in said.items() if advice not in run.advise(text)]


def test_no_pattern_holds_a_possessive_group_which_python_before_3_11_5_matches_wrongly():
    possessive = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\}|\{\{[^}]*\}\})\+")
    held = {path.name: found for path in sorted((ROOT / "ballerup_analysis").rglob("*.*")) if path.suffix in (".py", ".toml")
            if (found := possessive.findall(path.read_text(encoding="utf-8")))}  # fmt: skip
    assert held == {}
    assert (
        possessive.search(r"(?:a|b)*+")
        and possessive.search(r"(?:a|b){{20,}}+")
        and not possessive.search(r"\*+\)?|[a-z]++")
    )
