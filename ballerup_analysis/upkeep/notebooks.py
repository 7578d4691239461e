"""Run the notebooks: the same way for the report, for saving, and for whoever adds one."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib import metadata
from pathlib import Path

from ballerup_analysis import own
from ballerup_analysis.sources import DATA, DataError, write_aside
from ballerup_analysis.upkeep import kernels

ROOT = DATA.parent
FOLDER = ROOT / "notebooks"
PACKAGE = Path(__file__).parents[1]
SAVED = "saved.json"  # beside the notebooks: what each was saved from
AT_ONCE = 2
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class NotebookError(RuntimeError):
    """A notebook that failed, in one line: notebook, cell, cause, and what to do."""


def execute(path: Path):
    """Run a notebook in a kernel of its own and return it with fresh outputs, without timestamps.

    Parameters
    ----------
    path : pathlib.Path
        The notebook; it is not changed.

    Returns
    -------
    nbformat.NotebookNode
        Cell metadata holds tags only.

    Raises
    ------
    NotebookError
        At the first failing cell, whatever its tags allow, or when no kernel answers.
    """
    import nbclient
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
    except Exception as error:  # of JSON, of the format, of its schema
        raise NotebookError(f"{path.name} is no notebook ({_first_line(error)}); restore it") from None
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k == "tags"})
    at, failed = [0], {}

    def where():
        return f"{path.name}, cell {at[-1]}"

    client = open_client(
        notebook,
        path.parent,
        force_raise_errors=True,  # raises-exception is for whoever explores
        on_cell_start=lambda cell, cell_index: at.append(cell_index + 1),
        on_cell_error=lambda cell, cell_index, execute_reply: failed.update(execute_reply["content"]),
    )
    with asyncio.Runner() as loop:
        try:
            loop.run(start(client))
            loop.run(client.async_execute())
        except nbclient.exceptions.CellExecutionError as error:
            raise NotebookError(f"{where()}: {_cause(error, failed)}; look at it with: python3 run.py lab") from None
        except (nbclient.exceptions.DeadKernelError, nbclient.exceptions.CellTimeoutError) as error:
            advice = "close what else needs memory or time and run this again"
            raise NotebookError(f"{where()}: {_first_line(error)}; {advice}") from None
        except RuntimeError as error:
            raise NotebookError(
                f"{path.name}: no kernel answers ({_first_line(error)}); run this again, alone"
            ) from None
        finally:
            loop.run(stop(client))
    return notebook


def open_client(notebook, folder: Path, **options):
    """Return a client for a notebook that runs in ``folder``; :func:`start` gives it a kernel."""
    import nbclient

    quiet = logging.getLogger(f"{__name__}.client")
    quiet.disabled = True  # what goes wrong is raised too
    settings = {"timeout": 600, "startup_timeout": kernels.PATIENCE, "record_timing": False}
    resources = {"metadata": {"path": str(folder)}}
    options = settings | {"shutdown_kernel": "immediate"} | options
    return nbclient.NotebookClient(notebook, log=quiet, resources=resources, **options)


async def start(client) -> None:
    """Start the kernel of a client, once more if it does not answer."""
    from jupyter_client.manager import AsyncKernelManager

    async def once():
        client.km = kernels.manager(AsyncKernelManager)
        await client.async_start_new_kernel(stderr=subprocess.DEVNULL)
        await client.async_start_new_kernel_client()

    try:
        await once()
    except RuntimeError:
        await once()


async def stop(client) -> None:
    """End the kernel of a client, if it has one."""
    if client.km is not None:
        await client._async_cleanup_kernel()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _cause(error, reply: dict) -> str:
    """Return the failing line of a cell and what it raised, in one line."""
    trace = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(reply.get("traceback") or []))
    arrows = re.findall(r"^-+> *\d+ (.*)$", trace, re.MULTILINE)
    said = " ".join(f"{error.ename}: {error.evalue}".split())
    return f"{arrows[0].strip()} → {said}" if arrows else said


def run(save: bool = False, names: list[str] | None = None) -> None:
    """Run the notebooks, two at once, telling which of how many is done and its seconds.

    Parameters
    ----------
    save : bool
        Save the outputs; then the notebooks see the published figures only, never ``data/local``.
    names : list of str, optional
        Some of them, such as ``["02_gain_2014"]``; all unless given.

    Raises
    ------
    NotebookError
        After all have run: one line for each that failed. The others are saved.
    DataError
        When there is none, a name is of none, or they cannot be saved.
    """
    import nbformat

    paths = _chosen(names)
    if save and not os.access(FOLDER, os.W_OK):
        raise DataError(f"{FOLDER} may not be written in; give this user the right to, and run this again")
    wrong, saved, began = [], {}, {}

    def timed(path):
        began[path] = time.perf_counter()
        return execute(path)

    with kernels.surroundings(), ThreadPoolExecutor(AT_ONCE) as pool:
        if save:
            os.environ |= kernels.PUBLISHED_ONLY
        rests_on = _rests_on()
        waiting = {pool.submit(timed, path): path for path in paths}
        try:
            for i, done in enumerate(as_completed(waiting), start=1):
                path = waiting[done]
                how = f"{time.perf_counter() - began[path]:.1f} s"
                try:
                    notebook = done.result()
                    if save:
                        write_aside(path, nbformat.writes(notebook) + "\n")
                        saved[path.stem] = {"notebook": _hash([path]), **rests_on}
                except NotebookError as error:
                    wrong.append(str(error))
                    how += ", FAILED"
                print(f"notebook {i} of {len(paths)}: {path.stem}, {how}", flush=True)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(notebook.done() for notebook in waiting):  # a kernel may just be about to start
                kernels.end_children(patience=0.2)
                time.sleep(0.1)
            raise
    if saved:
        write_aside(FOLDER / SAVED, json.dumps(dict(sorted((_record() | saved).items())), indent=1) + "\n")
    if wrong:
        raise NotebookError("\n".join(wrong))


def _chosen(names: list[str] | None) -> list[Path]:
    paths = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise DataError(f"{FOLDER} holds no notebooks; restore it from the repository")
    known = [path.stem for path in paths]
    if unknown := [name for name in names or [] if name not in known]:
        raise DataError(f"no notebook {unknown[0]!r}; the notebooks are {', '.join(known)}")
    return [path for path in paths if not names or path.stem in names]


def why_not_as_saved() -> str | None:
    """Tell why the saved notebooks do not stand for a run of them; None when they do.

    They do when nothing they rest on has changed, the packages installed are the locked ones, and there are no own
    files.
    """
    if files := own.files():
        return f"your own {', '.join(path.name for path in files.values())} are used"
    return changed_since_saved() or _not_locked()


def changed_since_saved() -> str | None:
    """Tell what has changed since the notebooks were saved: one of them, the package, the data, the lock; or None."""
    now, record = _rests_on(), _record()
    for path in _chosen(None):
        if path.stem not in record:
            return f"{path.name} is not among the saved"
        for what, value in ({"notebook": _hash([path])} | now).items():
            if record[path.stem].get(what) != value:
                return f"the {what} has changed since {path.name} was saved"
    return None


def _record() -> dict[str, dict[str, str]]:
    try:
        record = json.loads((FOLDER / SAVED).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {name: told for name, told in record.items() if isinstance(told, dict)} if isinstance(record, dict) else {}


def _rests_on() -> dict[str, str]:
    code = [p for p in PACKAGE.rglob("*") if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".new"]
    data = [DATA / "datapackage.json", *(DATA / "scenarios").glob("*.toml")]
    return {"package": _hash(code), "data": _hash(data), "lock": _hash([ROOT / "requirements.lock"])}


def _hash(paths: list[Path]) -> str:
    """Hash files with their names, line endings left out of account: Git may write them as the system has them."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes().replace(b"\r\n", b"\n") if path.exists() else b""
        name = Path(os.path.relpath(path, ROOT)).as_posix()
        digest.update(f"{name}:{len(content)}:".encode() + content)
    return digest.hexdigest()


def _not_locked() -> str | None:
    """Name a package the project asks for whose version is none of the locked ones."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"^([a-z0-9-]+)==([^\s;]+)", lock, re.MULTILINE))
    asked = [r for r in metadata.requires("ballerup-analysis") or [] if "extra ==" not in r]
    for name in sorted({re.match(r"[\w.-]+", r).group().lower() for r in asked}):
        if (name, version := metadata.version(name)) not in locked:
            return f"{name} {version} is installed, not the locked version"
    return None
