"""A server where workspaces are made."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import IO, Any

from ._call import ParleyError, call
from ._workspace import Workspace

# In seconds: until a server that was started listens, and until one that was told to stop has done so, which it promises
# in ten seconds.
START_TIMEOUT = 30
STOP_TIMEOUT = 12


class Server:
    """A server, which is stopped at the end of a ``with`` if it was started here."""

    def __init__(
        self, url: str, dev_token: str, workspace: dict[str, Any] | None = None, process: subprocess.Popen[str] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self.dev_token = dev_token
        self._workspace = workspace or {}
        self._process = process

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def workspace(self, **options: Any) -> Workspace:
        """Makes a workspace that shares nothing with any other.

        The options are the members of workspace_request in the contract: ``seed``, ``snapshot``, ``ids``, ``now``,
        ``frozen``, ``name``, ``timezone``, ``region``, ``token`` and ``id``.
        """
        wanted = {**self._workspace, **options}
        try:
            made = call(self.url, self.dev_token, "POST", "/_parley/workspaces", wanted)
        except ParleyError as err:
            if err.status == 404 and not wanted.get("snapshot"):
                err.args = (f"the server at {self.url} makes no workspaces: it has to be started with --dev",)
            raise
        return Workspace(self.url, self.dev_token, made)

    def stop(self) -> None:
        """Ends the server and all that was in it. One that was attached to goes on."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)


def attach(url: str | None = None, dev_token: str | None = None, *, workspace: dict[str, Any] | None = None) -> Server:
    """Attaches to a server that runs already, without a call: by default to what PARLEY_URL and PARLEY_DEV_TOKEN say."""
    url = url or os.environ.get("PARLEY_URL")
    if not url:
        raise ValueError("no server to attach to: give its url, or set PARLEY_URL")
    return Server(url, dev_token or os.environ.get("PARLEY_DEV_TOKEN") or "parley-dev", workspace)


def start(binary: str | None = None, args: Sequence[str] = (), *, workspace: dict[str, Any] | None = None) -> Server:
    """Starts a server for this process, or attaches to the one that PARLEY_URL names where no binary is given.

    ``binary`` is PARLEY_BINARY, or parley on the PATH, if absent; ``args`` are more arguments of ``parley serve``;
    ``workspace`` is what each workspace is made as, unless it says otherwise. The server is on a free port of 127.0.0.1,
    has data that is removed at the end, and ends with this process, even if that is killed: it reads a pipe whose other
    end is here.
    """
    if os.environ.get("PARLEY_URL") and not binary:
        return attach(workspace=workspace)
    binary = binary or os.environ.get("PARLEY_BINARY") or "parley"
    dev_token = secrets.token_hex(16)
    command = [binary, "serve", "--config", os.devnull, "--addr", "127.0.0.1:0", "--dev", "--temporary", "--until-eof"]
    # Settings in the environment are those of another server.
    env = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    with tempfile.TemporaryFile("w+") as said:
        try:
            process = subprocess.Popen(
                [*command, "--log-level", "warn", *args], text=True, env={**env, "PARLEY_DEV_TOKEN": dev_token},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said,
            )
        except FileNotFoundError:
            raise FileNotFoundError(
                f"there is no program {binary}: put parley on the PATH, name it with binary or PARLEY_BINARY, or a server "
                "that runs with PARLEY_URL"
            ) from None
        try:
            url = _listening(process)
        except BaseException:
            process.kill()
            _end(process)
            raise
        if url is None:
            code = _end(process)
            said.seek(0)
            raise RuntimeError(f"{binary} ended with the code {code}: {said.read().strip()}")
    return Server(url, dev_token, workspace, process)


def _listening(process: subprocess.Popen[str]) -> str | None:
    """Returns the URL that a server prints once it can be reached, or nothing if it ends before."""
    late = threading.Timer(START_TIMEOUT, process.kill)
    late.start()
    try:
        # What follows it is short, and stays in the pipe.
        for line in _stream(process.stdout):
            if found := re.match(r"Listening on:\s+(\S+)", line):
                return found[1]
        return None
    finally:
        late.cancel()


def _end(process: subprocess.Popen[str]) -> int:
    """Ends a server, if it has not ended, and returns the code."""
    try:
        _stream(process.stdin).close()
        return process.wait(STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
    finally:
        _stream(process.stdout).close()


def _stream(of: IO[str] | None) -> IO[str]:
    assert of is not None  # since it is a pipe
    return of
