"""Kernels that start and answer: over files where the system has sockets there, and apart from anybody's settings."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

# What is saved and tested must not depend on anybody's own accounts, and no warning may pass unseen; the pending ones
# are of ipykernel's own shutdown.
# From Python 3.12 on a kernel's own loop warns as it starts, and would end there.
WARNINGS = "error,ignore::PendingDeprecationWarning,ignore::DeprecationWarning:tornado.ioloop"
PUBLISHED_ONLY = {"BALLERUP_LOCAL": "", "PYTHONWARNINGS": WARNINGS}
# No history: its database is opened by every kernel, and locked by the next one. Errors alone are logged.
ARGUMENTS = ["--HistoryManager.enabled=False", "--log-level=40"]
PATIENCE = 120  # seconds for a kernel to answer; a busy machine needs half a minute
LONGEST = 90  # bytes of a path: a socket's may have 103 on macOS, 107 on Linux, and its number follows


def own_style() -> dict[str, str]:
    """Return the settings that keep a user's matplotlibrc and backend out of the figures.

    Examples
    --------
    >>> Path(own_style()["MATPLOTLIBRC"]).name
    'matplotlibrc'
    """
    rc = Path(find_spec("matplotlib").origin).parent / "mpl-data" / "matplotlibrc"
    return {"MATPLOTLIBRC": str(rc), "MPLBACKEND": "agg"}


@contextmanager
def surroundings() -> Iterator[Path]:
    """Set this process up to start kernels: a short private folder, no user's profile, style or history.

    Yields
    ------
    pathlib.Path
        The folder; it goes when the context ends, and the environment comes back as it was.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="nb", ignore_cleanup_errors=True) as folder:
        os.environ |= own_style() | {"JUPYTER_RUNTIME_DIR": folder, "IPYTHONDIR": str(Path(folder) / "ipython")}
        for name in ("MPLBACKEND", "PYTHONSTARTUP"):  # a kernel chooses its own backend, and would run a user's file
            os.environ.pop(name, None)
        if not _writable(Path.home()):
            os.environ["MPLCONFIGDIR"] = folder  # else each kernel looks for fonts anew, and says so
        try:
            yield Path(folder)
        finally:
            os.environ.clear()
            os.environ |= before


def _writable(home: Path) -> bool:
    folders = [home / name for name in (".cache", ".config")]
    return all(os.access(folder if folder.exists() else home, os.W_OK) for folder in folders)


def manager(kind: type, **_):
    """Return a manager, not yet started, of a kernel of this very Python.

    Parameters
    ----------
    kind : type
        ``KernelManager`` or ``AsyncKernelManager`` of ``jupyter_client``.
    **_
        What else a caller asks for, such as nbval its own kernel's name, is what this gives anyway.
    """
    import zmq
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager

    class OwnPython(KernelSpecManager):  # a user's "python3" may be another Python
        def get_kernel_spec(self, kernel_name):
            return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict(extra_arguments=ARGUMENTS))

    file = Path(os.environ["JUPYTER_RUNTIME_DIR"]) / f"{uuid.uuid4().hex[:8]}.json"
    by_file = os.name == "posix" and zmq.has("ipc") and len(os.fsencode(file)) <= LONGEST
    return kind(
        kernel_name="python3",
        kernel_spec_manager=OwnPython(),
        connection_file=str(file),
        transport="ipc" if by_file else "tcp",
        transport_encryption="disabled" if by_file else "required",  # whoever else is on the machine can reach a port
    )


def serve_nbval() -> None:
    """Let nbval start its kernels this way too, once more if one does not answer; it asks for no manager of one's own."""
    from functools import partial

    import nbval.kernel
    from jupyter_client.manager import KernelManager

    def start(startup_timeout=PATIENCE, kernel_name="", **kwargs):
        try:
            return once(max(startup_timeout, PATIENCE), kernel_name, **kwargs)
        except RuntimeError:
            return once(max(startup_timeout, PATIENCE), kernel_name, **kwargs)

    once, nbval.kernel.KernelManager = nbval.kernel.start_new_kernel, partial(manager, KernelManager)
    nbval.kernel.start_new_kernel = start
    nbval.kernel.logger.disabled = True  # a first start that fails is no news


def end_children(patience: float = 3.0) -> None:
    """End every process this one has started, and those they started: asked first, then killed.

    Parameters
    ----------
    patience : float
        Seconds they have to leave by themselves.
    """
    import psutil

    family = psutil.Process().children(recursive=True)
    for child in family:
        _quietly(child.terminate)
    _, left = psutil.wait_procs(family, timeout=patience)
    late = [child for parent in left for child in _quietly(lambda parent=parent: parent.children(recursive=True)) or []]
    for child in [*left, *late]:
        _quietly(child.kill)
    psutil.wait_procs([*left, *late], timeout=patience)


def _quietly(do):
    import psutil

    try:
        return do()
    except psutil.Error:  # it is gone
        return None
