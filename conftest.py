"""Bind the tests to published figures and to one thread, and tell which notebook of how many is running."""

import os
import time

import pytest
from hypothesis import settings

from ballerup_analysis.upkeep.notebooks import PUBLISHED_ONLY

os.environ |= PUBLISHED_ONLY  # pytest's own warning filter does not reach the kernels
os.environ.pop("MPLBACKEND", None)  # the kernel chooses its own backend
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")


settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


class NotebookProgress:
    """Prints which notebook of how many is done, and its seconds."""

    def __init__(self, terminal):
        self.terminal, self.notebooks, self.now, self.start = terminal, [], "", 0.0

    def pytest_collection_finish(self, session):
        names = (item.nodeid.split("::")[0] for item in session.items)
        self.notebooks = [name for name in dict.fromkeys(names) if name.endswith(".ipynb")]

    def pytest_runtest_logstart(self, nodeid):
        name = nodeid.split("::")[0]
        if name != self.now:
            self._end()
            self.now, self.start = name, time.perf_counter()

    def pytest_sessionfinish(self):
        self._end()

    def _end(self):
        if self.now in self.notebooks:
            which = f"notebook {self.notebooks.index(self.now) + 1} of {len(self.notebooks)}"
            self.terminal.ensure_newline()
            self.terminal.write_line(f"{which}: {self.now}, {time.perf_counter() - self.start:.1f} s")


@pytest.hookimpl(trylast=True)  # after the terminal has its reporter
def pytest_configure(config):
    """Add the progress lines."""
    terminal = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None:
        config.pluginmanager.register(NotebookProgress(terminal))
