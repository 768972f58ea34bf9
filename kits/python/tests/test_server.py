import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from parley_test import ParleyError, attach, start

HERE = Path(__file__).parent.parent


def run(program, folder):
    """Runs a program of Python, which has a folder for temporary files."""
    env = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(HERE), "PYTHONWARNINGS": "ignore"}
    return subprocess.Popen([sys.executable, "-c", program], env=env, stdout=subprocess.PIPE, text=True)


def emptied(folder):
    """Waits until a folder is empty."""
    until = time.monotonic() + 10
    while left := list(folder.iterdir()):
        assert time.monotonic() < until, f"{folder} has {left}"
        time.sleep(0.02)


@pytest.mark.parametrize("program", [
    pytest.param("with start() as s: print(s.url, flush=True); s.stop()", id="when it is stopped, more than once"),
    pytest.param("s = start(); print(s.url, flush=True)", id="when nobody stops it"),
    pytest.param("s = start(); print(s.url, flush=True); import time; time.sleep(600)", id="when the run is killed"),
])
def test_a_server_ends_and_leaves_nothing(program, tmp_path):
    process = run("from parley_test import start\n" + program, tmp_path)
    url = process.stdout.readline().strip()
    kill = "sleep" in program
    if kill:
        process.kill()
    assert process.wait() == (-signal.SIGKILL if kill else 0)
    process.stdout.close()
    emptied(tmp_path)
    with pytest.raises(ConnectionError):
        attach(url).workspace()


def test_a_server_has_no_settings_of_another(monkeypatch):
    monkeypatch.setenv("PARLEY_DATABASE", "postgres://nowhere.test/parley")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("PARLEY_URL", raising=False)
    with start(workspace={"name": "As all"}, args=["--rate-limit", "1"]) as server:
        server.workspace(name="Not as all").reset()
        monkeypatch.setenv("PARLEY_URL", server.url + "/")
        monkeypatch.setenv("PARLEY_DEV_TOKEN", server.dev_token)
        with start() as same:  # which is not its own
            assert same.url == server.url
        attach().workspace().reset()
        with pytest.raises(ParleyError) as refused:
            attach(dev_token="another").workspace()
        assert refused.value.status == 401


def test_what_cannot_be_started_or_reached_is_said(monkeypatch):
    monkeypatch.delenv("PARLEY_URL", raising=False)
    with pytest.raises(FileNotFoundError, match=r"there is no program \./not-there: put parley on the PATH"):
        start("./not-there")
    with pytest.raises(RuntimeError, match='ended with the code 1: parley: flag --rate-limit: "none" is not a whole number'):
        start(args=["--rate-limit", "none"])
    with pytest.raises(ValueError, match="no server to attach to"):
        attach()

    with start(args=["--dev=false"]) as plain, pytest.raises(ParleyError, match="makes no workspaces: it has to be started with --dev"):
        plain.workspace()

    class Other(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n<h1>Hello</h1>")

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.handle_request).start()
        url = f"http://127.0.0.1:{other.server_port}"
        with pytest.raises(ConnectionError, match="the answer, 200, is not JSON: is that a Parley?"):
            attach(url).workspace()
    with pytest.raises(ConnectionError, match="POST /_parley/workspaces of Parley at http://127.0.0.1:.*refused"):
        attach(url).workspace()
