import hmac
import http.server
import json
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest

from parley_test import ParleyError

ONE_CONTACT = "contacts: [{role: user, email: joe@example.test}]"


def api(parley, method, path, body=None):
    """Makes a call as the code under test would."""
    headers = {"Authorization": f"Bearer {parley.token}", "Content-Type": "application/json"}
    text = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(parley.url + path, text, headers, method=method)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as err:
        with err:
            return err.code, json.load(err)


def create(parley, email):
    return api(parley, "POST", "/contacts", {"role": "user", "email": email})


def count(parley):
    return api(parley, "GET", "/contacts")[1]["total_count"]


def test_workspaces_share_nothing(parley, parley_server):
    with parley_server.workspace() as other:
        create(parley, "joe@example.test")
        assert (count(parley), count(other)) == (1, 0)
        assert api(parley, "GET", "/me")[1]["app"]["id_code"] == parley.app_id
    assert api(other, "GET", "/me")[0] == 401
    other.delete()  # is gone already


class TestOptions:
    @pytest.fixture
    def parley_options(self):
        return {"name": "Ours", "now": 1_800_000_000}

    @pytest.mark.parley(seed=ONE_CONTACT, name="Mine", frozen=True)
    def test_are_those_of_the_fixture_and_the_mark(self, parley):
        assert count(parley) == 1
        assert api(parley, "GET", "/me")[1]["app"]["name"] == "Mine"
        assert parley.clock.now() == 1_800_000_000


def test_what_is_wrong_is_refused_in_the_words_of_parley(parley_server):
    with pytest.raises(ParleyError, match="nonsense") as refused:
        parley_server.workspace(seed="nonsense: 1")
    assert (refused.value.status, refused.value.call) == (400, "POST /_parley/workspaces")


def test_a_reset_a_snapshot_what_has_changed(parley):
    create(parley, "joe@example.test")
    assert parley.snapshot("one-contact") == "one-contact"
    create(parley, "ann@example.test")
    parley.snapshot()
    create(parley, "eve@example.test")
    changes = parley.diff()["data"]
    assert [(c["type"], c["change"], c["fields"]["email"]["after"]) for c in changes] == [("contact", "created", "eve@example.test")]
    assert parley.diff("one-contact", to="snapshot")["total_count"] == 1
    parley.restore()
    assert count(parley) == 2
    parley.restore("one-contact")
    assert count(parley) == 1
    parley.reset()
    assert count(parley) == 0
    with pytest.raises(ParleyError) as refused:
        parley.restore("../other")
    assert refused.value.status == 404


def test_the_clock(parley):
    at = parley.clock.freeze(datetime(2100, 1, 1, microsecond=900_000, tzinfo=UTC))
    assert at == 4102444800
    assert create(parley, "joe@example.test")[1]["created_at"] == at
    assert parley.clock.set(at + 10) == at + 10
    assert parley.clock.advance(5) == (at + 15, 0)
    assert parley.clock.advance(timedelta(days=1, seconds=61)).now == at + 15 + 86461
    assert parley.clock.advance(datetime.fromtimestamp(at + 200_000)).now == at + 200_000
    assert parley.clock.now() == at + 200_000
    assert parley.clock.release() >= at + 200_000
    with pytest.raises(ParleyError) as refused:
        parley.clock.set(at)
    assert (refused.value.status, refused.value.code) == (422, "clock_set_back")


def test_faults(parley):
    with parley.fault(operation="createContact", status=503, from_=2):
        statuses = [create(parley, f"joe{i}@example.test")[0] for i in range(3)]
        assert statuses == [200, 503, 503]
        assert [(f["calls"], f["acted"]) for f in parley.faults()] == [(3, 2)]
    assert create(parley, "joe@example.test")[0] == 200
    with parley.fault(path="/me", rate_limit=True):
        assert api(parley, "GET", "/me")[0] == 429
        parley.clear_faults()
    assert parley.faults() == []
    with pytest.raises(ParleyError):
        parley.fault(status=200)


def test_searches_lag_behind(parley):
    def found():
        return api(parley, "POST", "/contacts/search", {"query": {"field": "role", "operator": "=", "value": "user"}})[1]["total_count"]

    parley.clock.freeze()
    parley.search_lag(10)
    create(parley, "joe@example.test")
    assert found() == 0
    parley.clock.advance(11)
    assert found() == 1


def test_the_calls_that_were_made(parley):
    come = []
    waiting = threading.Thread(target=lambda: come.extend(parley.wait_for_requests(2, operation="createContact")))
    waiting.start()
    create(parley, "joe@example.test")
    create(parley, "joe@example.test")
    waiting.join()
    assert [c["status"] for c in come] == [200, 409]
    assert len(parley.requests(status="4xx")) == 1
    assert len(parley.requests(body=["/email=joe@example.test", "user"], unmatched=False)) == 2
    assert len(parley.requests(since=come[0]["id"])) == 1
    assert parley.assert_requests(operation="createContact", body="/email=joe@example.test", count=2) == 2
    with pytest.raises(AssertionError, match=r'^Found 0 matching calls, and not at least 1\n.*"joe@example.test", not "jo@example'):
        parley.assert_requests(body=["/email=jo@example.test"])
    with pytest.raises(AssertionError, match="^Found 0 matching calls"):
        parley.wait_for_requests(timeout=0.01, operation="listTags", limit=5)
    with pytest.raises(ParleyError, match="nonsense"):
        parley.assert_requests(operation="nonsense")
    parley.forget_requests()
    assert parley.requests() == []


def test_the_outbox(parley):
    me = api(parley, "GET", "/me")[1]["id"]
    to = create(parley, "joe@example.test")[1]["id"]

    def write(subject):
        api(parley, "POST", "/messages", {
            "message_type": "email", "subject": subject, "body": "Hello", "template": "plain",
            "from": {"type": "admin", "id": me}, "to": {"type": "user", "id": to},
        })

    subjects = [str(i) for i in range(151)]  # more than a page
    for subject in subjects:
        write(subject)
    assert parley.wait_for_outbox(kind="email", to="joe@example.test")[0]["subject"] == "0"
    assert [o["subject"] for o in parley.outbox()] == subjects
    with pytest.raises(AssertionError, match=r"^Found 0 in the outbox, and not 1\. In all there is: email to joe"):
        parley.wait_for_outbox(timeout=0.01, kind="sms")


def test_a_webhook(parley):
    told = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            told.append((self.rfile.read(int(self.headers["Content-Length"])), self.headers["X-Hub-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        hook = parley.webhook(f"http://127.0.0.1:{receiver.server_port}/hook", ["contact.user.created"])
        create(parley, "joe@example.test")
        receiver.handle_request()
    [(body, signature)] = told
    assert signature == "sha1=" + hmac.new(hook.secret.encode(), body, "sha1").hexdigest()
    assert json.loads(body)["data"]["item"]["email"] == "joe@example.test"
    assert [c["operation"] for c in parley.requests()] == ["createContact"]


def test_a_report_of_the_calls(parley):
    api(parley, "POST", "/contacts", {"role": "user", "email": "joe@example.test", "shoe": 44})
    api(parley, "GET", "/nowhere?at=1")
    with parley.fault(method="POST", drop=True), pytest.raises(OSError):
        create(parley, "joe@example.test")
    report = parley.report()
    assert "POST /contacts 200\n    sent:     {" in report
    assert "members that the operation does not read: /shoe\n" in report
    assert "GET /nowhere?at=1 404\n    answered: {" in report
    assert "the API has no such route\n" in report
    assert "POST /contacts no answer\n" in report
    assert "met the fault " in report
