"""The environment is described once: pyproject.toml, environment.yml, requirements.lock and run.py agree."""

import argparse
import ast
import importlib.util
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from ballerup_analysis.cli import build_parser

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


def test_environment_is_built_once_for_each_lock(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("run", ROOT / "run.py")
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    for name, path in [("LOCK", "lock"), ("STAMP", "stamp"), ("BIN", ".")]:
        monkeypatch.setattr(run, name, tmp_path / path)
    built = []
    monkeypatch.setattr(run, "build", lambda digest: built.append(digest) or run.STAMP.write_text(digest))
    monkeypatch.setattr(run.os, "name", "posix")
    monkeypatch.setattr(run.os, "execv", lambda *_: None)
    monkeypatch.setattr(run.os, "environ", {})
    (tmp_path / "python").touch()

    for lock in ["one", "one", "two", "two"]:
        run.LOCK.write_text(lock)
        run.main(["report"])
    assert len(built) == len(set(built)) == 2
    assert run.os.environ == {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

    run.STAMP.unlink()  # an interrupted build
    run.main(["report"])
    assert len(built) == 3
