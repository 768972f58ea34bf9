import os
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent.parent)


@pytest.fixture
def outer(pytester, monkeypatch):
    """A folder of tests whose runs of pytest are processes of their own."""
    monkeypatch.setenv("PYTHONPATH", HERE)
    # pytester has HOME and the folder for temporary files be elsewhere; the program may be named from here.
    if binary := os.environ.get("PARLEY_BINARY"):
        monkeypatch.setenv("PARLEY_BINARY", os.path.abspath(binary))
    return pytester


def test_a_test_that_fails_shows_its_calls(outer, parley_server, monkeypatch):
    monkeypatch.setenv("PARLEY_URL", parley_server.url)
    monkeypatch.setenv("PARLEY_DEV_TOKEN", parley_server.dev_token)
    outer.makepyfile("""
        import urllib.error, urllib.request
        def test_one(parley):
            try:
                urllib.request.urlopen(parley.url + "/nowhere")
            except urllib.error.HTTPError:
                pass
            urllib.request.urlopen(urllib.request.Request(parley.url + "/me", headers={"Authorization": "Bearer " + parley.token}))
            parley.assert_requests(operation="createContact")
        def test_two(parley):
            parley.delete()
            assert False
    """)
    result = outer.runpytest_subprocess("-p", "parley_test.plugin")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines([
        "*Found 0 matching calls, and not at least 1*",
        "*- calls of the workspace -*",
        "*GET /me 200",
        "*- calls of the workspace -*",
        "not known: *",
    ])
    # The failure is at the line of the test, and not within the kit.
    result.stdout.no_fnmatch_line("*_workspace.py*")


def test_workers_share_a_server(outer):
    pytest.importorskip("xdist")
    outer.makepyfile("""
        import pytest
        @pytest.mark.parametrize("n", range(4))
        def test_one(parley, n, worker_id):
            print("server", parley.url, "worker", worker_id)
    """)
    result = outer.runpytest_subprocess("-p", "parley_test.plugin", "-n", "2", "-rP")
    result.assert_outcomes(passed=4)
    said = [line.split() for line in result.outlines if line.startswith("server ")]
    assert len({words[1] for words in said}) == 1
    assert {words[3] for words in said} == {"gw0", "gw1"}


def test_where_there_is_no_program_only_what_needs_it_fails(outer):
    pytest.importorskip("xdist")
    outer.makepyfile("""
        def test_one(parley):
            pass
        def test_two():
            pass
    """)
    result = outer.runpytest_subprocess("-p", "parley_test.plugin", "--parley-binary", "./not-there", "-n", "1")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*there is no program ./not-there*"])
