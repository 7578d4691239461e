"""Run the notebooks: the same way for the report, for saving, and for whoever adds one."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from ballerup_analysis.sources import DATA, write_aside

FOLDER = DATA.parent / "notebooks"
# What is saved and tested must not depend on anybody's own accounts, and no warning may pass unseen; the pending ones
# are of ipykernel's own shutdown.
PUBLISHED_ONLY = {"BALLERUP_LOCAL": "", "PYTHONWARNINGS": "error,ignore::PendingDeprecationWarning"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class NotebookError(RuntimeError):
    """A cell that failed: notebook, cell, line and message."""


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
        At the first failing cell.
    """
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({k: v for k, v in cell.metadata.items() if k == "tags"})
    failed = {}
    client = nbclient.NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=40"],  # else every start warns that kernels talk over TCP
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_error=lambda cell, cell_index, execute_reply: failed.update(index=cell_index, reply=execute_reply),
    )
    try:
        client.execute()
    except nbclient.exceptions.CellExecutionError as error:
        trace = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(failed["reply"]["content"]["traceback"]))
        arrows = re.findall(r"^-+> *\d+ (.*)$", trace, re.MULTILINE)
        line = arrows[0].strip() if arrows else ""
        where = f"{path.name}, cell {failed['index'] + 1}"
        raise NotebookError(f"{where}: {line}\n  {error.ename}: {error.evalue}") from None
    return notebook


def run(save: bool = False) -> None:
    """Run every notebook in reading order, telling which of how many and its seconds.

    Parameters
    ----------
    save : bool
        Save the outputs; then the notebooks see the published figures only, never ``data/local``.
    """
    import nbformat

    if save:
        os.environ |= PUBLISHED_ONLY
    paths = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
    for i, path in enumerate(paths, start=1):
        print(f"notebook {i} of {len(paths)}: {path.stem} ... ", end="", flush=True)
        start = time.perf_counter()
        notebook = execute(path)
        if save:
            write_aside(path, nbformat.writes(notebook) + "\n")
        print(f"{time.perf_counter() - start:.1f} s", flush=True)
