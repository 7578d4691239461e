"""Bind the tests to published figures and to one thread, and tell which notebook of how many is done."""

import os
import signal
from collections import Counter
from contextlib import ExitStack

import pytest
from hypothesis import settings

from ballerup_analysis.upkeep import kernels

os.environ |= kernels.PUBLISHED_ONLY  # pytest's own warning filter does not reach the kernels
for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")


settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


class NotebookProgress:
    """Prints which notebook of how many is done, and its seconds, wherever its cells run."""

    def __init__(self, terminal):
        self.terminal, self.left, self.seconds, self.done = terminal, {}, Counter(), 0

    def pytest_collection_finish(self, session):
        self._expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        self._expect(ids)

    def pytest_runtest_logreport(self, report):
        name = report.nodeid.split("::")[0]
        if name not in self.left:
            return
        self.seconds[name] += report.duration
        self.left[name] -= report.when == "teardown"
        if not self.left[name]:
            self.done += 1
            self.terminal.ensure_newline()
            which = f"notebook {self.done} of {len(self.left)}"
            self.terminal.write_line(f"{which}: {name}, {self.seconds[name]:.1f} s")

    def _expect(self, ids):
        names = (id.split("::")[0] for id in ids)
        self.left = dict(Counter(name for name in names if name.endswith(".ipynb"))) or self.left


def pytest_addoption(parser):
    parser.addoption(
        "--accept", action="store_true", help="keep what is shown now in tests/shown, to be read as a change"
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Keep a notebook, or a test file, in one process; the notebooks of the parameter tests go each where there is room."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return nodeid if "test_parameters.py" in nodeid else nodeid.split("::")[0]

    return ByFile(config, log)


def pytest_collection_modifyitems(items):
    """Give nbval's cells the time a busy machine takes to hand over an output."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = kernels.PATIENCE


@pytest.hookimpl(trylast=True)  # after the terminal has its reporter
def pytest_configure(config):
    """Add the progress lines; start kernels apart from a user's settings, and leave nothing behind."""
    stack = ExitStack()
    if not hasattr(config, "workerinput"):  # the workers of xdist are in those of the process that started them
        stack.enter_context(kernels.surroundings())
    config.add_cleanup(stack.close)
    kernels.serve_nbval()

    def stop(*_):
        stack.close()
        os._exit(143)

    signal.signal(signal.SIGTERM, stop)
    terminal = config.pluginmanager.getplugin("terminalreporter")
    if terminal is not None:
        config.pluginmanager.register(NotebookProgress(terminal))
