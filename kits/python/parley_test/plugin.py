"""The plugin of pytest: one server for a run, and a workspace for each test that asks for one.

With pytest-xdist the server is the controller's, and all workers use it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from . import Server, Workspace, attach, start

_server = pytest.StashKey[Server]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("parley").addoption(
        "--parley-binary", metavar="PATH", help="the program to start; default: PARLEY_BINARY, or parley on the PATH"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "parley(**options): what the workspace of a test is made as, seed='demo' say")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tells a worker of pytest-xdist where the server is. Without one, tests that need none must still run."""
    config = node.config
    try:
        if _server not in config.stash:
            config.stash[_server] = start(config.getoption("parley_binary"))
        server = config.stash[_server]
        node.workerinput["parley"] = {"url": server.url, "dev_token": server.dev_token}
    except (OSError, RuntimeError) as err:
        node.workerinput["parley"] = {"failed": str(err)}


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server in config.stash:
        config.stash[_server].stop()


@pytest.fixture(scope="session")
def parley_server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """The server of the run: the one that PARLEY_URL names, or one that ends with the run."""
    given = getattr(request.config, "workerinput", {}).get("parley")
    if given is None:
        with start(request.config.getoption("parley_binary")) as server:
            yield server
    elif "failed" in given:
        raise RuntimeError(given["failed"])
    else:
        yield attach(**given)


@pytest.fixture
def parley_options() -> dict[str, Any]:
    """What workspaces are made as: a fixture to override, for a module or for all."""
    return {}


@pytest.fixture
def parley(request: pytest.FixtureRequest, parley_server: Server, parley_options: dict[str, Any]) -> Iterator[Workspace]:
    """A workspace of the test's own, made as ``parley_options`` and the marks ``parley`` say, the nearest last."""
    options = dict(parley_options)
    for mark in reversed(list(request.node.iter_markers("parley"))):
        options.update(mark.kwargs)
    with parley_server.workspace(**options) as workspace:
        yield workspace


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """Shows, of a test that failed, the calls that it made."""
    outcome = yield
    report = outcome.get_result()
    workspace = getattr(item, "funcargs", {}).get("parley")
    if report.when == "call" and report.failed and isinstance(workspace, Workspace):
        try:
            report.sections.append(("calls of the workspace", workspace.report()))
        except Exception as err:  # what becomes of the workspace must not hide why the test failed
            report.sections.append(("calls of the workspace", f"not known: {err}"))
